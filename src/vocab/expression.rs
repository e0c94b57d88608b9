//! Sample expressions: `fetch(args),converter(args),…`.
//!
//! Read with exact places, compiled to a typed chain: every cast between two links is known to
//! be possible. Evaluation compares no names and, once the scratch has grown, allocates nothing.
//! Each link reads the value before it and may write its own buffer, so values of earlier links
//! stay borrowed as long as later ones need them.

use super::arguments::{self, Args, Fault, part_of};
use super::context::Context;
use super::converter::{self, Convert};
use super::fetch::{self, Fetch};
use super::matcher::Method;
use super::outer::Site;
use super::sample::{ROOM, Sample, Type};
use super::scope::{Phase, Scope};
use super::userlist::UserList;
use super::{known, rule_codes, suggest};
use crate::syntax::{Diagnostic, Span, Word};

/// A compiled expression.
#[derive(Debug)]
pub struct Expression {
    keyword: &'static fetch::Keyword,
    fetch: Fetch,
    links: Vec<Link>,
    gives: Type,
    span: Span,
}

#[derive(Debug)]
struct Link {
    takes: Type,
    convert: Convert,
}

impl Expression {
    /// The type of its values.
    pub fn gives(&self) -> Type {
        self.gives
    }

    /// Whether it is a fetch alone, all of whose values are of the type it gives.
    pub(super) fn is_plain(&self) -> bool {
        self.links.is_empty()
    }

    /// The userlist whose groups conditions on it name.
    pub(super) fn groups_of(&self) -> Option<&UserList> {
        self.fetch.groups_of()
    }

    /// Its fetch's name, for messages.
    pub fn name(&self) -> &'static str {
        self.keyword.name()
    }

    /// Where it was written.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Whether what it fetches is there at that time.
    pub fn available(&self, phase: Phase) -> bool {
        self.keyword.needs.met_at(phase)
    }

    /// Whether patterns for it are versions such as `3.1`.
    pub(super) fn has_dotted_patterns(&self) -> bool {
        self.links.is_empty() && self.keyword.dotted_patterns
    }

    /// Whether it fetches from an HTTP request.
    pub fn reads_request(&self) -> bool {
        self.keyword.needs.is_request()
    }

    /// What it fetches from, in the manual's words, for messages.
    pub fn source_name(&self) -> &'static str {
        self.keyword.needs.name()
    }

    /// Whether its value changes until the stream ends.
    pub fn grows(&self) -> bool {
        self.keyword.grows
    }

    /// Shows the value an expression stands for to `visit`; whether there is one.
    pub fn one(&self, cx: &Context<'_>, visit: &mut dyn FnMut(Sample<'_>)) -> bool {
        if self.borrows() {
            return self.fetch.one(cx, &mut Vec::new()).map(visit).is_some();
        }
        let mut visit = |value: Sample<'_>| {
            visit(value);
            true
        };
        let mut buffers = self.buffers(cx);
        let found = match buffers.split_first_mut() {
            Some((first, others)) => match self.fetch.one(cx, first) {
                Some(value) => chain(&self.links, cx, value, others, &mut visit),
                None => false,
            },
            None => false,
        };
        cx.scratch.give(buffers);
        found
    }

    /// Shows one value after the other to `visit` until it answers true; whether it did.
    pub fn any(&self, cx: &Context<'_>, visit: &mut dyn FnMut(Sample<'_>) -> bool) -> bool {
        if self.borrows() {
            return self.fetch.any(cx, &mut Vec::new(), visit);
        }
        let mut buffers = self.buffers(cx);
        let found = match buffers.split_first_mut() {
            Some((first, others)) => self.fetch.any(cx, first, &mut |value| {
                chain(&self.links, cx, value, others, visit)
            }),
            None => false,
        };
        cx.scratch.give(buffers);
        found
    }

    /// Shows what the converters make of a value that stands for the fetched one; whether there is
    /// something.
    pub fn convert(
        &self,
        cx: &Context<'_>,
        value: Sample<'_>,
        visit: &mut dyn FnMut(Sample<'_>),
    ) -> bool {
        let mut visit = |value: Sample<'_>| {
            visit(value);
            true
        };
        let mut buffers = self.buffers(cx);
        let found = chain(&self.links, cx, value, &mut buffers, &mut visit);
        cx.scratch.give(buffers);
        found
    }

    /// Whether its values need no buffer.
    fn borrows(&self) -> bool {
        self.links.is_empty() && !self.keyword.writes
    }

    /// One empty buffer for the fetch and one for each converter.
    fn buffers(&self, cx: &Context<'_>) -> Vec<Vec<u8>> {
        let mut buffers = cx.scratch.take();
        let wanted = self.links.len() + 1;
        if buffers.len() < wanted {
            buffers.resize_with(wanted, Vec::new);
        }
        buffers.iter_mut().take(wanted).for_each(Vec::clear);
        buffers
    }
}

/// Passes a value through the links, each writing into its own buffer, to `visit`.
fn chain(
    links: &[Link],
    cx: &Context<'_>,
    value: Sample<'_>,
    buffers: &mut [Vec<u8>],
    visit: &mut dyn FnMut(Sample<'_>) -> bool,
) -> bool {
    let Some((link, later)) = links.split_first() else {
        return visit(value);
    };
    let Some((own, others)) = buffers.split_first_mut() else {
        return false;
    };
    own.clear();
    let mut room = ROOM;
    let Some(input) = value.cast(link.takes, &mut room) else {
        return false;
    };
    match link.convert.apply(cx, input, own) {
        Some(output) => chain(later, cx, output, others, visit),
        None => false,
    }
}

/// An expression at the start of an ACL line: how it was read.
#[derive(Debug)]
pub(super) struct AclHead {
    pub(super) expression: Expression,
    /// The method that the ACL word implies, such as `beg` of `path_beg`.
    pub(super) method: Option<Method>,
    /// How many words it took.
    pub(super) words: usize,
}

/// Reads the first words of an ACL: an ACL word such as `path_beg`, or any fetch.
pub(super) fn parse_acl(words: &[Word], site: Site<'_>) -> Result<Option<AclHead>, Fault> {
    let Some((word, mut following)) = words.split_first() else {
        return Ok(None);
    };
    let end = name_end(word, 0);
    let name = word.bytes.get(..end).unwrap_or_default();
    let acl_word = fetch::find_acl_word(name);
    let keyword = match acl_word {
        Some((keyword, _)) => keyword,
        None => find_fetch(word, 0, end, true)?,
    };
    let mut reader = Reader::open(word, keyword, 0, end, site)?;
    reader.converters(word)?;
    let span = part_of(word, 0, reader.at);
    // After a plain fetch, HAProxy lets converters follow as words of their own.
    if acl_word.is_none() {
        following = reader.following(following)?;
    }
    let method = acl_word.map(|(_, method)| method);
    Ok(Some(AclHead {
        method: method.filter(|_| reader.links.is_empty()),
        expression: reader.finish(span),
        words: words.len() - following.len(),
    }))
}

/// Reads an expression that is the argument of an action or a keyword, at the start of `words`;
/// converters may follow as words of their own. Returns it and how many words it took; `None`
/// after an error, which is reported at `before` if there are no words.
pub fn parse_words(
    before: &Word,
    words: &[Word],
    scope: &mut Scope<'_>,
) -> Option<(Expression, usize)> {
    let read = match words.split_first() {
        Some((word, following)) => read_words(word, following, scope.site),
        None => Err(Fault::new(
            rule_codes::BAD_EXPRESSION,
            before.span,
            "missing sample expression",
        )),
    };
    let read = read.and_then(|(expression, taken)| {
        if expression.available(scope.phase) {
            return Ok((expression, taken));
        }
        let message = format!(
            "fetch method '{}' extracts information from '{}', none of which is available here",
            expression.name(),
            expression.source_name()
        );
        let code = rule_codes::NOT_AVAILABLE_HERE;
        Err(Fault::new(code, expression.span(), message))
    });
    read.map_err(|fault| {
        let mut found = Diagnostic::error(fault.code, fault.message).at(fault.span, "");
        found.help = fault.help;
        scope.diags.push(found);
    })
    .ok()
}

/// Reads an expression that is one word.
pub(super) fn parse_word(word: &Word, site: Site<'_>) -> Result<Expression, Fault> {
    read_words(word, &[], site).map(|(expression, _)| expression)
}

fn read_words(
    word: &Word,
    following: &[Word],
    site: Site<'_>,
) -> Result<(Expression, usize), Fault> {
    let end = name_end(word, 0);
    let keyword = find_fetch(word, 0, end, false)?;
    let mut reader = Reader::open(word, keyword, 0, end, site)?;
    reader.converters(word)?;
    let span = part_of(word, 0, reader.at);
    let left = reader.following(following)?;
    Ok((reader.finish(span), 1 + following.len() - left.len()))
}

/// Reads an expression inside a word, as in `%[…]`, from `at`; returns where it ends.
pub(super) fn parse_inside(
    word: &Word,
    at: usize,
    site: Site<'_>,
) -> Result<(Expression, usize), Fault> {
    let end = name_end(word, at);
    let keyword = find_fetch(word, at, end, false)?;
    let mut reader = Reader::open(word, keyword, at, end, site)?;
    while word.bytes.get(reader.at) == Some(&b',') {
        reader.skip_comma_and_convert(word)?;
    }
    let stop = reader.at;
    Ok((reader.finish(part_of(word, at, stop)), stop))
}

struct Reader<'t> {
    site: Site<'t>,
    keyword: &'static fetch::Keyword,
    fetch: Fetch,
    links: Vec<Link>,
    gives: Type,
    /// Where reading stands in the current word.
    at: usize,
}

impl<'t> Reader<'t> {
    fn open(
        word: &Word,
        keyword: &'static fetch::Keyword,
        start: usize,
        end: usize,
        site: Site<'t>,
    ) -> Result<Self, Fault> {
        let name = keyword.name();
        let what = format!("fetch method '{name}'");
        let (args, at) = arguments::parse(word, end, keyword.args, &what, site)?;
        let fetch = keyword
            .build(&args)
            .map_err(|bad| bad_args(bad, &args, part_of(word, start, at), &what))?;
        if keyword.needs == fetch::Needs::ServerAddress {
            site.outer.want_server_address();
        }
        Ok(Self {
            site,
            keyword,
            fetch,
            links: Vec::new(),
            gives: keyword.yields,
            at,
        })
    }

    fn skip_comma_and_convert(&mut self, word: &Word) -> Result<(), Fault> {
        while word.bytes.get(self.at) == Some(&b',') {
            self.at += 1;
        }
        match word.bytes.get(self.at) {
            None => Ok(()),
            Some(_) => self.converter(word),
        }
    }

    /// Reads one converter at the current place.
    fn converter(&mut self, word: &Word) -> Result<(), Fault> {
        let start = self.at;
        let end = name_end(word, start);
        let keyword = find_converter(word, start, end)?;
        let name = keyword.name();
        if !self.gives.becomes(keyword.takes) {
            let message = format!("converter '{name}' cannot be applied");
            let help = format!(
                "it takes a value of type {}, but what comes before it is of type {}",
                keyword.takes.name(),
                self.gives.name()
            );
            let span = part_of(word, start, end);
            return Err(Fault::new(rule_codes::CANNOT_CONVERT, span, message).help(Some(help)));
        }
        let what = format!("converter '{name}'");
        let (args, at) = arguments::parse(word, end, keyword.args, &what, self.site)?;
        let convert = keyword
            .build(&args, self.site.files)
            .map_err(|bad| bad_args(bad, &args, part_of(word, start, at), &what))?;
        self.gives = match (keyword.takes, keyword.gives) {
            // It gives what it got.
            (Type::Any, Type::Any) => self.gives,
            (_, gives) => gives,
        };
        self.links.push(Link {
            takes: keyword.takes,
            convert,
        });
        self.at = at;
        Ok(())
    }

    /// Reads the converters up to the end of the word.
    fn converters(&mut self, word: &Word) -> Result<(), Fault> {
        while word.bytes.get(self.at) == Some(&b',') {
            self.skip_comma_and_convert(word)?;
        }
        match word.bytes.get(self.at) {
            None => Ok(()),
            Some(_) => Err(missing_comma(word, self)),
        }
    }

    /// Reads the converters that follow as words of their own; what is left of the words.
    fn following<'w>(&mut self, mut words: &'w [Word]) -> Result<&'w [Word], Fault> {
        while let Some((next, rest)) = words.split_first()
            && is_converter(next)
        {
            self.at = 0;
            self.converter(next)?;
            self.converters(next)?;
            words = rest;
        }
        Ok(words)
    }

    fn finish(self, span: Span) -> Expression {
        Expression {
            keyword: self.keyword,
            fetch: self.fetch,
            links: self.links,
            gives: self.gives,
            span,
        }
    }
}

fn bad_args(bad: arguments::BadArg, args: &Args, whole: Span, what: &str) -> Fault {
    let span = args.span(bad.index).unwrap_or(whole);
    let message = format!("invalid args in {what} : {}", bad.message);
    Fault::new(rule_codes::BAD_ARGUMENT, span, message).help(bad.help)
}

fn missing_comma(word: &Word, reader: &Reader<'_>) -> Fault {
    let after = match reader.links.is_empty() {
        true => "fetch keyword",
        false => "converter",
    };
    let message = format!("missing comma after {after}");
    let span = part_of(word, reader.at, word.bytes.len());
    let rest = word.bytes.get(reader.at..).unwrap_or_default();
    let help = rest
        .starts_with(b"[")
        .then(|| "arguments stand between parentheses, as in 'req.hdr(host)'".to_owned());
    Fault::new(rule_codes::BAD_EXPRESSION, span, message).help(help)
}

fn missing_fetch(word: &Word, at: usize, acl: bool) -> Fault {
    let rest = word.bytes.get(at..).unwrap_or_default();
    let help = match rest {
        [b'%', b'[', ..] => Some("an expression stands here without '%[' and ']'"),
        _ if acl => Some(
            "write what is compared, and then with what: path_beg /api; an 'acl' has a name before that",
        ),
        _ => None,
    };
    let span = part_of(word, at, if acl { word.bytes.len() } else { at });
    let message = "missing fetch method";
    Fault::new(rule_codes::BAD_EXPRESSION, span, message).help(help.map(str::to_owned))
}

/// The end of the name at `at`: letters, digits and `.:_-+`.
fn name_end(word: &Word, at: usize) -> usize {
    let rest = word.bytes.get(at..).unwrap_or_default();
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b".:_-+".contains(byte);
    at + rest.iter().take_while(|byte| is_name(byte)).count()
}

fn is_converter(word: &Word) -> bool {
    let name = word.bytes.get(..name_end(word, 0)).unwrap_or_default();
    converter::find(name).is_some()
        || known::CONVERTERS
            .iter()
            .any(|known| known.as_bytes() == name)
}

fn find_fetch(
    word: &Word,
    start: usize,
    end: usize,
    acl: bool,
) -> Result<&'static fetch::Keyword, Fault> {
    let name = word.bytes.get(start..end).unwrap_or_default();
    if let Some(keyword) = fetch::find(name) {
        return Ok(keyword);
    }
    if name.is_empty() {
        return Err(missing_fetch(word, start, acl));
    }
    let span = part_of(word, start, end);
    let shown = String::from_utf8_lossy(name);
    if known::is_of_lua(&shown) {
        let message = format!("fetch method '{shown}' of a Lua script is not supported");
        let fault = Fault::new(rule_codes::SAMPLE_NOT_SUPPORTED, span, message);
        return Err(fault.help(Some(known::NO_LUA.to_owned())));
    }
    let is_known = |list: &[&str]| list.contains(&&*shown);
    if is_known(known::FETCHES) || (acl && is_known(known::ACL_WORDS)) {
        let message = format!("fetch method '{shown}' is not supported yet");
        return Err(Fault::new(rule_codes::SAMPLE_NOT_SUPPORTED, span, message));
    }
    if let Some((keyword, method)) = fetch::find_acl_word(name) {
        let message = format!("unknown fetch method '{shown}'");
        let help = format!(
            "'{shown}' works in conditions only: it is '{}' with '-m {}'",
            keyword.name(),
            method.name()
        );
        return Err(Fault::new(rule_codes::UNKNOWN_FETCH, span, message).help(Some(help)));
    }
    let words = fetch::names().chain(known::FETCHES.iter().copied());
    let acl_words = known::ACL_WORDS.iter().copied().filter(|_| acl);
    let help = suggest::closest(&shown, words.chain(acl_words));
    let message = format!("unknown fetch method '{shown}'");
    Err(Fault::new(rule_codes::UNKNOWN_FETCH, span, message).help(help.map(did_you_mean)))
}

fn find_converter(
    word: &Word,
    start: usize,
    end: usize,
) -> Result<&'static converter::Keyword, Fault> {
    let name = word.bytes.get(start..end).unwrap_or_default();
    if let Some(keyword) = converter::find(name) {
        return Ok(keyword);
    }
    let span = part_of(word, start, end);
    let shown = String::from_utf8_lossy(name);
    if known::is_of_lua(&shown) {
        let message = format!("converter '{shown}' of a Lua script is not supported");
        let fault = Fault::new(rule_codes::SAMPLE_NOT_SUPPORTED, span, message);
        return Err(fault.help(Some(known::NO_LUA.to_owned())));
    }
    if known::CONVERTERS.contains(&&*shown) {
        let message = format!("converter '{shown}' is not supported yet");
        return Err(Fault::new(rule_codes::SAMPLE_NOT_SUPPORTED, span, message));
    }
    let words = converter::names().chain(known::CONVERTERS.iter().copied());
    let help = suggest::closest(&shown, words).map(did_you_mean);
    let message = format!("unknown converter '{shown}'");
    Err(Fault::new(rule_codes::UNKNOWN_CONVERTER, span, message).help(help))
}

/// The help line that names the word probably meant.
pub(super) fn did_you_mean(word: &str) -> String {
    format!("did you mean '{word}'?")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocab::fuzz::is_of_the_type_told;
    use crate::vocab::stage::{SITE, Stage, resolve, word};
    use std::collections::HashSet;

    fn value(head: &str, text: &str) -> Option<String> {
        let stage = Stage::new(head);
        let site = SITE.site();
        let (expression, end) = parse_inside(&word(text), 0, site).expect(text);
        resolve(site.outer);
        assert_eq!(end, text.len(), "{text}");
        let mut result = None;
        expression.one(&stage.context(), &mut |value| {
            is_of_the_type_told(&expression, value);
            result = Some(String::from_utf8_lossy(value.text(&mut ROOM.clone())).into_owned());
        });
        result
    }

    #[test]
    fn fetch_examples_hold() {
        for keyword in fetch::all() {
            let name = keyword.name();
            assert!(!keyword.doc.is_empty(), "{name}");
            if keyword.examples.is_empty() {
                // Rows of what there is nothing to tell about.
                let is_without = |row: &fetch::Keyword| row.name() == name;
                let is_row =
                    name.starts_with("ssl_") || fetch::WITHOUT_VALUE.iter().any(is_without);
                assert!(is_row, "{name} has no example");
                let got = value("", name);
                assert!(got.is_none_or(|value| value == "0"), "{name}");
            }
            for example in keyword.examples {
                let got = value(example.head, example.expression);
                assert_eq!(got.as_deref(), example.gives, "{example:?}");
            }
        }
    }

    #[test]
    fn converter_examples_hold() {
        for keyword in converter::all() {
            assert!(
                !keyword.doc.is_empty() && !keyword.examples.is_empty(),
                "{}",
                keyword.name()
            );
            for (text, gives) in keyword.examples {
                assert_eq!(value("", text).as_deref(), *gives, "{text}");
            }
        }
    }

    #[test]
    fn names_are_unique_and_known_to_haproxy() {
        let mut seen = HashSet::new();
        for name in fetch::names() {
            assert!(seen.insert(name), "{name} twice");
            assert!(known::FETCHES.contains(&name), "{name}");
        }
        seen.clear();
        for name in converter::names() {
            assert!(seen.insert(name), "{name} twice");
            assert!(known::CONVERTERS.contains(&name), "{name}");
        }
    }

    #[track_caller]
    fn refused(text: &str, message: &str, part: &str) {
        let fault = parse_inside(&word(text), 0, SITE.site()).expect_err(text);
        assert_eq!(fault.message, message);
        let at = fault.span.start as usize..fault.span.end as usize;
        assert_eq!(text.get(at), Some(part));
    }

    #[test]
    fn faults_point_at_what_is_wrong() {
        refused("pth", "unknown fetch method 'pth'", "pth");
        refused("path,lowr", "unknown converter 'lowr'", "lowr");
        refused("path_beg", "unknown fetch method 'path_beg'", "path_beg");
        refused(
            "fcgi.index",
            "fetch method 'fcgi.index' is not supported yet",
            "fcgi.index",
        );
        refused(
            "src,lower,mod(x)",
            "invalid args in converter 'mod' : expects an integer or a variable name",
            "x",
        );
        refused(
            "method,ipmask(24)",
            "converter 'ipmask' cannot be applied",
            "ipmask",
        );
        refused("", "missing fetch method", "");
        refused(
            "path,field(1",
            "invalid args in converter 'field' : missing arguments (got 1/2), type 'string' expected",
            "",
        );
    }

    #[test]
    fn several_converters_share_the_scratch() {
        assert_eq!(
            value(
                "GET /A/B/C HTTP/1.1",
                "path,lower,field(3,/),upper,hex,lower"
            )
            .as_deref(),
            Some("42")
        );
    }
}
