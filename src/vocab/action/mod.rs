//! Rule actions: what an `http-request` or `http-response` line does.
//!
//! One action is one file plus one line of [`ALL`]. What must hold: everything that can be known
//! from the text is checked when it is read; at run time an action only renders and edits.
//! Deliberately absent: deciding what a failed edit means to the client (that is the proxy's).

use super::arguments::part_of;
use super::condition::{self, Condition};
use super::context::{ActionContext, Verdict};
use super::expression::did_you_mean;
use super::format::{Format, FormatUse};
use super::scope::{Phase, Scope};
use super::{known, rule_codes, suggest};
use crate::http1::Headers;
use crate::syntax::{Code, Diagnostic, Span, Word};

mod allow;
mod del_header;
mod deny;
mod redirect;
mod replace_header;
mod replace_path;
mod reply;
mod return_;
mod set_header;
mod set_method;
mod set_path;
mod set_status;

/// Every action.
pub const ALL: &[&Keyword] = &[
    &allow::KEYWORD,
    &del_header::KEYWORD,
    &deny::KEYWORD,
    &redirect::KEYWORD,
    &replace_header::REPLACE_HEADER,
    &replace_header::REPLACE_VALUE,
    &replace_path::REPLACE_PATH,
    &replace_path::REPLACE_PATHQ,
    &replace_path::REPLACE_URI,
    &return_::KEYWORD,
    &set_header::ADD_HEADER,
    &set_header::SET_HEADER,
    &set_method::KEYWORD,
    &set_path::SET_PATH,
    &set_path::SET_PATHQ,
    &set_path::SET_QUERY,
    &set_path::SET_URI,
    &set_status::KEYWORD,
];

/// The run-time form of one action. One implementation per file of this folder.
pub trait HttpAction: Send + Sync + std::fmt::Debug {
    /// Does it.
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict;
}

/// One line of a rule set: an action and the condition it depends on.
#[derive(Debug)]
pub struct Rule {
    /// What to do.
    pub action: Box<dyn HttpAction>,
    /// When; `None` is always.
    pub condition: Option<Condition>,
}

/// The rule sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleSet {
    /// `http-request`
    Request,
    /// `http-response`
    Response,
    /// `http-after-response`
    AfterResponse,
}

impl RuleSet {
    /// Its keyword.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Request => "http-request",
            Self::Response => "http-response",
            Self::AfterResponse => "http-after-response",
        }
    }

    fn phase(self) -> Phase {
        match self {
            Self::Request => Phase::Request,
            Self::Response | Self::AfterResponse => Phase::Response,
        }
    }

    fn known_names(self) -> &'static [&'static str] {
        match self {
            Self::Request => known::HTTP_REQUEST,
            Self::Response => known::HTTP_RESPONSE,
            Self::AfterResponse => known::HTTP_AFTER_RESPONSE,
        }
    }

    /// The headers of the message being worked on.
    fn headers<'c>(self, cx: &'c mut ActionContext<'_>) -> Option<&'c mut Headers> {
        match self {
            Self::Request => Some(&mut **cx.request),
            Self::Response | Self::AfterResponse => {
                cx.response.as_deref_mut().map(|head| &mut **head)
            }
        }
    }
}

/// One action of the language.
#[derive(Debug)]
pub struct Keyword {
    /// Its name.
    pub name: &'static str,
    /// Where it can be used.
    pub sets: &'static [RuleSet],
    /// Its arguments, as the manual writes them.
    pub usage: &'static str,
    /// One or two sentences for the reference manual.
    pub doc: &'static str,
    /// Reads its arguments. `None` after an error, which is reported.
    build: fn(&mut Line<'_, '_, '_>) -> Option<Box<dyn HttpAction>>,
}

const EVERYWHERE: &[RuleSet] = &[RuleSet::Request, RuleSet::Response, RuleSet::AfterResponse];
const ANSWERS: &[RuleSet] = &[RuleSet::Request, RuleSet::Response];
const REQUESTS: &[RuleSet] = &[RuleSet::Request];
const RESPONSES: &[RuleSet] = &[RuleSet::Response, RuleSet::AfterResponse];

/// Parses an `http-request` line; `words` are those after the keyword.
pub fn parse_http_request(words: &[Word], scope: &mut Scope<'_>) -> Option<Rule> {
    parse(words, RuleSet::Request, scope)
}

/// Parses an `http-response` line; `words` are those after the keyword.
pub fn parse_http_response(words: &[Word], scope: &mut Scope<'_>) -> Option<Rule> {
    parse(words, RuleSet::Response, scope)
}

/// Parses an `http-after-response` line; `words` are those after the keyword.
pub fn parse_http_after_response(words: &[Word], scope: &mut Scope<'_>) -> Option<Rule> {
    parse(words, RuleSet::AfterResponse, scope)
}

/// Parses a `redirect` line of a proxy; `words` are those after the keyword.
pub fn parse_redirect(words: &[Word], scope: &mut Scope<'_>) -> Option<Rule> {
    let name = words.first()?;
    parse_action(&redirect::KEYWORD, name, words, RuleSet::Request, scope)
}

fn parse(words: &[Word], set: RuleSet, scope: &mut Scope<'_>) -> Option<Rule> {
    let (name, rest) = words.split_first()?;
    let named = |keyword: &&&Keyword| *name == keyword.name;
    match ALL
        .iter()
        .find(named)
        .filter(|keyword| keyword.sets.contains(&set))
    {
        Some(keyword) => parse_action(keyword, name, rest, set, scope),
        None => {
            unknown(name, set, scope);
            None
        }
    }
}

fn parse_action(
    keyword: &'static Keyword,
    name: &Word,
    words: &[Word],
    set: RuleSet,
    scope: &mut Scope<'_>,
) -> Option<Rule> {
    let mut own = Scope {
        acls: scope.acls,
        mode: scope.mode,
        phase: set.phase(),
        diags: scope.diags,
        files: scope.files,
    };
    let mut line = Line {
        keyword,
        name: name.span,
        set,
        rest: words,
        scope: &mut own,
    };
    let action = (keyword.build)(&mut line)?;
    let rest = line.rest;
    let condition = match rest.first() {
        None => None,
        Some(word) if is_condition(word) => Some(condition::parse(rest, &mut own)?),
        Some(word) => {
            let message = format!(
                "expects 'if' or 'unless' after '{}', but found '{}'",
                keyword.name,
                word.text()
            );
            let help = format!("its arguments are: {}", keyword.usage);
            own.diags.push(
                Diagnostic::error(rule_codes::BAD_ACTION_ARGUMENT, message)
                    .at(word.span, "")
                    .help(help),
            );
            return None;
        }
    };
    Some(Rule { action, condition })
}

fn unknown(name: &Word, set: RuleSet, scope: &mut Scope<'_>) {
    let text = name.text();
    let base = text.split('(').next().unwrap_or_default();
    let stem = base.trim_end_matches(|c: char| c.is_ascii_digit());
    let names = set.known_names();
    let span = part_of(name, 0, base.len());
    if names.contains(&base) || names.contains(&stem) || base.starts_with("lua.") {
        let message = format!("'{} {base}' is not supported yet", set.keyword());
        scope
            .diags
            .push(Diagnostic::error(rule_codes::ACTION_NOT_SUPPORTED, message).at(span, ""));
        return;
    }
    let message = format!("unknown {} action '{text}'", set.keyword());
    let mut diagnostic = Diagnostic::error(rule_codes::UNKNOWN_ACTION, message).at(span, "");
    diagnostic.help = suggest::closest(base, names.iter().copied()).map(did_you_mean);
    scope.diags.push(diagnostic);
}

fn is_condition(word: &Word) -> bool {
    *word == "if" || *word == "unless"
}

/// The words of an action being read.
struct Line<'l, 'w, 's> {
    keyword: &'static Keyword,
    name: Span,
    set: RuleSet,
    rest: &'w [Word],
    scope: &'l mut Scope<'s>,
}

impl<'w> Line<'_, 'w, '_> {
    /// The next argument, if the condition does not start there.
    fn next(&mut self) -> Option<&'w Word> {
        let (word, rest) = self.rest.split_first()?;
        if is_condition(word) {
            return None;
        }
        self.rest = rest;
        Some(word)
    }

    /// The next argument, which must be there even if it looks like a condition.
    fn required(&mut self, what: &str) -> Option<&'w Word> {
        if let Some((word, rest)) = self.rest.split_first() {
            self.rest = rest;
            return Some(word);
        }
        let message = format!("'{}' expects {what}", self.keyword.name);
        self.error(self.name, message);
        None
    }

    fn error(&mut self, span: Span, message: String) {
        let help = format!("its arguments are: {}", self.keyword.usage);
        self.report(rule_codes::BAD_ACTION_ARGUMENT, span, message, help);
    }

    fn report(&mut self, code: Code, span: Span, message: String, help: String) {
        let diagnostic = Diagnostic::error(code, message).at(span, "").help(help);
        self.scope.diags.push(diagnostic);
    }

    fn format(&mut self, word: &Word) -> Option<Format> {
        Format::parse(word, self.scope, FormatUse::HttpValue)
    }

    /// A header name that can be written.
    fn header_name(&mut self, word: &Word) -> Option<Box<[u8]>> {
        let probe = Headers::default().add_header(&word.bytes, b"");
        if matches!(probe, Err(crate::http1::EditError::Name)) {
            let message = format!("'{}' is not a valid header name", word.text());
            self.error(word.span, message);
            return None;
        }
        Some(word.bytes.clone())
    }

    /// A file's content.
    fn file(&mut self, word: &Word) -> Option<Vec<u8>> {
        let name = word.text();
        match (self.scope.files)(&name) {
            Ok(content) => Some(content),
            Err(error) => {
                let message = format!("failed to open file '{name}': {error}");
                let help = "the file must be readable when the configuration is loaded".to_owned();
                self.report(rule_codes::BAD_ACTION_FILE, word.span, message, help);
                None
            }
        }
    }
}

/// Renders a format and gives the text to `edit`, which may change the messages.
fn with_text<R>(
    format: &Format,
    cx: &mut ActionContext<'_>,
    edit: impl FnOnce(&mut ActionContext<'_>, &[u8]) -> R,
) -> R {
    let mut text = cx.scratch.take_text();
    format.render(&cx.view(), &mut text);
    let result = edit(cx, &text);
    cx.scratch.give_text(text);
    result
}

/// What an edit's outcome means for the rule set.
fn verdict<E>(outcome: Result<(), E>) -> Verdict {
    match outcome {
        Ok(()) => Verdict::Continue,
        Err(_) => Verdict::Failed,
    }
}
