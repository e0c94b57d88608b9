//! `replace-header` and `replace-value`: a value that matches becomes the replacement.

use super::{EVERYWHERE, HttpAction, Keyword, Line, RuleSet, with_text};
use crate::vocab::context::{ActionContext, Verdict};
use crate::vocab::format::Format;
use crate::vocab::regex::{self, Groups};
use crate::vocab::rule_codes;

pub(super) const REPLACE_HEADER: Keyword = Keyword {
    name: "replace-header",
    sets: EVERYWHERE,
    usage: "replace-header <name> <match-regex> <replace-fmt> [ { if | unless } <condition> ]",
    doc: "Gives every header <name> that matches the regex the new value <replace-fmt>, in which \
          \\1 to \\9 are the groups.",
    build: |line| build(line, false),
};

pub(super) const REPLACE_VALUE: Keyword = Keyword {
    name: "replace-value",
    sets: EVERYWHERE,
    usage: "replace-value <name> <match-regex> <replace-fmt> [ { if | unless } <condition> ]",
    doc: "As \"replace-header\", for each comma-separated value on its own.",
    build: |line| build(line, true),
};

#[derive(Debug)]
struct ReplaceHeader {
    set: RuleSet,
    name: Box<[u8]>,
    replacement: Replacement,
    each_value: bool,
}

/// A regular expression and what takes the place of what it matched.
#[derive(Debug)]
pub(super) struct Replacement {
    regex: Groups,
    format: Format,
}

impl Replacement {
    /// Reads the two words.
    pub(super) fn parse(line: &mut Line<'_, '_, '_>, arguments: &str) -> Option<Self> {
        let pattern = line.required(arguments)?;
        let format = line.required(arguments)?;
        let regex = match regex::compile(&pattern.bytes, false) {
            Ok(regex) => regex,
            Err(error) => {
                let message = format!("regex '{}' is invalid: {}", pattern.text(), error.message);
                let help = error.help.unwrap_or_default();
                line.report(rule_codes::BAD_REGEX, pattern.span, message, help);
                return None;
            }
        };
        Some(Self {
            regex: Groups::new(regex),
            format: line.format(format)?,
        })
    }

    /// Gives the template in force for this stream, and room for the outcome, to `edit`.
    pub(super) fn with_template<R>(
        &self,
        cx: &mut ActionContext<'_>,
        edit: impl FnOnce(&mut ActionContext<'_>, &[u8], &mut Vec<u8>) -> R,
    ) -> R {
        with_text(&self.format, cx, |cx, template| {
            let mut room = cx.scratch.take_text();
            let result = edit(cx, template, &mut room);
            cx.scratch.give_text(room);
            result
        })
    }

    /// Appends what takes the place of the whole of `text`; false if it does not match.
    pub(super) fn apply(&self, template: &[u8], text: &[u8], out: &mut Vec<u8>) -> bool {
        self.regex.substitute(template, text, out)
    }
}

fn build(line: &mut Line<'_, '_, '_>, each_value: bool) -> Option<Box<dyn HttpAction>> {
    let name = line.required("exactly 3 arguments")?;
    Some(Box::new(ReplaceHeader {
        set: line.set,
        name: line.header_name(name)?,
        replacement: Replacement::parse(line, "exactly 3 arguments")?,
        each_value,
    }))
}

impl ReplaceHeader {
    /// Appends the new value; false if nothing matched.
    fn new_value(&self, template: &[u8], value: &[u8], out: &mut Vec<u8>) -> bool {
        if !self.each_value {
            return self.replacement.apply(template, value, out);
        }
        let mut changed = false;
        // Blanks around a replaced part go with it; the others stay as they are.
        let (mut end, mut replaced) = (0, true);
        for part in crate::vocab::fetch::comma_separated(value) {
            let start = part.as_ptr().addr() - value.as_ptr().addr();
            let before = value.get(end..start).unwrap_or_default();
            let mark = out.len();
            let matched = self.replacement.apply(template, part, out);
            let (after_last, before_this) = match before.iter().position(|&b| b == b',') {
                Some(comma) => before.split_at(comma),
                None => (&[][..], before),
            };
            let kept = if matched {
                before_this.get(..1).unwrap_or_default()
            } else {
                before_this
            };
            let after_last = if replaced { &[] } else { after_last };
            out.splice(mark..mark, after_last.iter().chain(kept).copied());
            if !matched {
                out.extend_from_slice(part);
            }
            (end, replaced) = (start + part.len(), matched);
            changed |= matched;
        }
        if !replaced {
            out.extend_from_slice(value.get(end..).unwrap_or_default());
        }
        changed
    }
}

impl HttpAction for ReplaceHeader {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        self.replacement.with_template(cx, |cx, template, value| {
            let Some(headers) = self.set.headers(cx) else {
                return Verdict::Continue;
            };
            for index in 0..headers.header_count() {
                let named = headers
                    .header_at(index)
                    .filter(|header| header.name.eq_ignore_ascii_case(&self.name));
                value.clear();
                if !named.is_some_and(|old| self.new_value(template, old.value, value)) {
                    continue;
                }
                if headers.set_value(index, value).is_err() {
                    return Verdict::Failed;
                }
            }
            Verdict::Continue
        })
    }
}
