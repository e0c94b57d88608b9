//! The words of `log-profile`: `log-tag` and `on`.

use super::report_unknown;
use crate::syntax::Word;
use crate::vocab::codes::{BAD_CHOICE, MISSING_ARGUMENT};
use crate::vocab::format::{Format, FormatUse};
use crate::vocab::keyword::{Entry, Keyword, Sections, Vocabulary};
use crate::vocab::line::Line;
use crate::vocab::log_profile::{LogProfile, On};
use crate::vocab::scope::Scope;

/// Reads the arguments of a word.
pub type Build = for<'d> fn(&mut Line<'_, 'd>, &mut ProfileDraft<'d>);

/// The words of a `log-profile` section.
pub static VOCABULARY: Vocabulary<Build> = Vocabulary::new(&[WORDS], &[]);

const WORDS: &[Keyword<Build>] = &[
    Keyword {
        name: "log-tag",
        args: "<text>",
        sections: Sections::LOG_PROFILE,
        doc: "Program name in syslog headers, instead of the proxy's.",
        build: |line, draft| draft.tag = line.expect(1, "a tag for use in syslog").or(draft.tag),
    },
    Keyword {
        name: "on",
        args: "<step> [drop] [format <format>] [sd <format>]",
        sections: Sections::LOG_PROFILE,
        doc: "What lines of a step say instead: `accept`, `request`, `connect`, `response`, `close`, `error`, those of \
              `do-log` (`tcp-req-conn`, `tcp-req-sess`, `tcp-req-cont`, `tcp-res-cont`, `http-req`, `http-res`, \
              `http-after-res`), or `any` for all that no other line is about. With `drop` there is none.",
        build: on,
    },
];

/// One `log-profile` section as it is written.
#[derive(Debug)]
pub struct ProfileDraft<'d> {
    /// Its name.
    pub name: String,
    tag: Option<&'d Word>,
    lines: Vec<OnLine<'d>>,
}

#[derive(Debug)]
struct OnLine<'d> {
    on: On,
    drop: bool,
    format: Option<&'d Word>,
    structured: Option<&'d Word>,
}

impl<'d> ProfileDraft<'d> {
    /// An empty one.
    pub fn new(name: String) -> Self {
        Self {
            name,
            tag: None,
            lines: Vec::new(),
        }
    }

    /// Reads one statement.
    pub fn read(&mut self, line: &mut Line<'_, 'd>) {
        match VOCABULARY.find(&line.name()) {
            Some(Entry::Works(word)) => (word.build)(line, self),
            _ => {
                let near = VOCABULARY.suggest(&line.name());
                report_unknown(line, "log-profile", near);
            }
        }
    }

    /// The profile, its formats read in this scope.
    pub fn finish(&self, scope: &mut Scope<'_>) -> LogProfile {
        let mut profile = LogProfile::default();
        profile.tag = self.tag.map(|word| word.bytes.clone());
        for line in &self.lines {
            let mut read = |word: Option<&Word>| Format::parse(word?, scope, FormatUse::Log);
            let (format, structured) = (read(line.format), read(line.structured));
            let entry = profile.entry(line.on);
            // What comes later counts, `drop` included.
            entry.drop = line.drop;
            entry.format = format.or(entry.format.take());
            entry.structured = structured.or(entry.structured.take());
        }
        profile
    }
}

fn on<'d>(line: &mut Line<'_, 'd>, draft: &mut ProfileDraft<'d>) {
    let name = line.text(1).unwrap_or_default().into_owned();
    let Some((_, on)) = On::named().find(|(known, _)| *known == name) else {
        let message = "'on' expects a log step.";
        return line.error_near(BAD_CHOICE, 1, message, On::named().map(|(name, _)| name));
    };
    let mut read = OnLine {
        on,
        drop: false,
        format: None,
        structured: None,
    };
    let mut at = 2;
    while let Some(word) = line.text(at) {
        let target = match &*word {
            "drop" if at == 2 => {
                read.drop = true;
                at += 1;
                continue;
            }
            "format" => &mut read.format,
            "sd" => &mut read.structured,
            _ => break,
        };
        let what = format!("'on {name} {word}' expects a logformat string.");
        let Some(format) = line.arg(at + 1).filter(|word| !word.bytes.is_empty()) else {
            return line.error(MISSING_ARGUMENT, at, what);
        };
        *target = Some(format);
        read.drop = false;
        at += 2;
    }
    if at == 2 || line.arg(at).is_some() {
        let message = format!("'on {name}' expects 'drop', 'format' or 'sd'.");
        return line.error_near(BAD_CHOICE, at, message, ["drop", "format", "sd"]);
    }
    draft.lines.push(read);
}
