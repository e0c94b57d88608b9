//! Rule actions: what an `http-request`, `http-response` or `tcp-request` line does.
//!
//! One action is one file plus one line of [`ALL`]. What must hold: everything that can be known
//! from the text is checked when it is read; at run time an action only renders and edits.
//! Deliberately absent: deciding what a failed edit means to the client (that is the proxy's).

use super::args::{TimeUnit, duration};
use super::arguments::part_of;
use super::condition::{self, Condition};
use super::context::{ActionContext, Verdict};
use super::expression::{self, Expression, did_you_mean};
use super::format::{Format, FormatUse};
use super::scope::{Phase, Scope};
use super::{known, rule_codes, suggest};
pub(crate) use circuit_breaker::is_of_servers;

use crate::http1::Headers;
use crate::observe::Location;
use crate::protect::BreakerSpec;
use crate::settings::Reply;
use crate::syntax::{Code, Diagnostic, Span, Word};
use std::collections::BTreeMap;

mod accept;
mod allow;
mod auth;
mod cache;
mod capture;
mod circuit_breaker;
mod close;
mod del_header;
mod deny;
mod do_log;
mod early_hint;
mod expect_proxy;
mod headers_bin;
mod inflight_limit;
mod limit_key;
mod map;
mod normalize_uri;
mod pause;
mod rate_limit;
mod redirect;
mod refusal;
mod reject;
mod replace_header;
mod replace_path;
mod reply;
mod return_;
mod sc_counter;
mod set_address;
mod set_bandwidth_limit;
mod set_fc_tos;
mod set_header;
mod set_method;
mod set_path;
mod set_status;
pub mod set_var;
mod silent_drop;
mod stream;
mod switch_mode;
mod track_sc;
mod use_service;

pub use refusal::Refusal;

/// Every action.
pub const ALL: &[&Keyword] = &[
    &accept::KEYWORD,
    &allow::KEYWORD,
    &auth::KEYWORD,
    &cache::CACHE_STORE,
    &cache::CACHE_USE,
    &capture::KEYWORD,
    &close::KEYWORD,
    &del_header::KEYWORD,
    &deny::KEYWORD,
    &deny::TARPIT,
    &do_log::KEYWORD,
    &early_hint::KEYWORD,
    &expect_proxy::KEYWORD,
    &headers_bin::ADD,
    &headers_bin::DEL,
    &headers_bin::SET,
    &inflight_limit::KEYWORD,
    &map::ADD_ACL,
    &map::DEL_ACL,
    &map::DEL_MAP,
    &map::SET_MAP,
    &normalize_uri::KEYWORD,
    &pause::PAUSE,
    &pause::WAIT_FOR_BODY,
    &rate_limit::KEYWORD,
    &redirect::KEYWORD,
    &reject::KEYWORD,
    &replace_header::REPLACE_HEADER,
    &replace_header::REPLACE_VALUE,
    &replace_path::REPLACE_PATH,
    &replace_path::REPLACE_PATHQ,
    &replace_path::REPLACE_URI,
    &return_::KEYWORD,
    &sc_counter::ADD_GPC,
    &sc_counter::INC_GPC,
    &sc_counter::INC_GPC0,
    &sc_counter::INC_GPC1,
    &sc_counter::SET_GPT,
    &sc_counter::SET_GPT0,
    &set_address::SET_DST,
    &set_address::SET_DST_PORT,
    &set_address::SET_SRC,
    &set_address::SET_SRC_PORT,
    &set_bandwidth_limit::KEYWORD,
    &set_fc_tos::SET_FC_MARK,
    &set_fc_tos::SET_FC_TOS,
    &set_fc_tos::SET_MARK,
    &set_fc_tos::SET_TOS,
    &set_header::ADD_HEADER,
    &set_header::SET_HEADER,
    &set_method::KEYWORD,
    &set_path::SET_PATH,
    &set_path::SET_PATHQ,
    &set_path::SET_QUERY,
    &set_path::SET_URI,
    &set_status::KEYWORD,
    &set_var::SET_VAR,
    &set_var::SET_VAR_FMT,
    &set_var::UNSET_VAR,
    &silent_drop::KEYWORD,
    &stream::DISABLE_L7_RETRY,
    &stream::SET_LOG_LEVEL,
    &stream::SET_NICE,
    &stream::SET_PRIORITY_CLASS,
    &stream::SET_PRIORITY_OFFSET,
    &stream::SET_RETRIES,
    &stream::SET_TIMEOUT,
    &stream::STRICT_MODE,
    &stream::WAIT_FOR_HANDSHAKE,
    &switch_mode::KEYWORD,
    &track_sc::KEYWORD,
    &use_service::KEYWORD,
];

/// The run-time form of one action. One implementation per file of this folder.
pub trait HttpAction: Send + Sync + std::fmt::Debug {
    /// Does it.
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict;

    /// Whether it adds to an interim response that the rule before it began.
    fn is_early_hint(&self) -> bool {
        false
    }
}

/// One line of a rule set: an action and the condition it depends on.
#[derive(Debug)]
pub struct Rule {
    /// What to do.
    pub action: Box<dyn HttpAction>,
    /// When; `None` is always.
    pub condition: Option<Condition>,
    /// Its name in the text.
    pub span: Span,
    /// Where that is, for `last_rule_line`; `compile` knows.
    pub location: Option<Location>,
}

/// The rule sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleSet {
    /// `tcp-request connection`
    Connection,
    /// `tcp-request session`
    Session,
    /// `tcp-request content`
    Content,
    /// `tcp-response content`
    ResponseContent,
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
            Self::Connection => "tcp-request connection",
            Self::Session => "tcp-request session",
            Self::Content => "tcp-request content",
            Self::ResponseContent => "tcp-response content",
            Self::Request => "http-request",
            Self::Response => "http-response",
            Self::AfterResponse => "http-after-response",
        }
    }

    fn phase(self) -> Phase {
        match self {
            Self::Connection => Phase::Connection,
            Self::Session => Phase::Session,
            Self::Content => Phase::Content,
            Self::ResponseContent => Phase::ResponseContent,
            Self::Request => Phase::Request,
            Self::Response | Self::AfterResponse => Phase::Response,
        }
    }

    fn known_names(self) -> &'static [&'static str] {
        match self {
            Self::Connection => known::TCP_REQUEST_CONNECTION,
            Self::Session => known::TCP_REQUEST_SESSION,
            Self::Content => known::TCP_REQUEST_CONTENT,
            Self::ResponseContent => known::TCP_RESPONSE_CONTENT,
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
            Self::Connection | Self::Session | Self::Content | Self::ResponseContent => None,
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

impl Keyword {
    /// Whether `word` is its name, with an argument between parentheses or a number behind it
    /// if it has one.
    fn is_called(&self, word: &Word) -> bool {
        let after = self.usage.strip_prefix(self.name);
        if after.is_some_and(|after| after.starts_with('<')) {
            return word.bytes.starts_with(self.name.as_bytes());
        }
        let takes_argument = after.is_some_and(|after| after.starts_with(['(', '[']));
        *word == self.name || takes_argument && split_argument(word).0 == self.name.as_bytes()
    }

    /// The words its usage shows, without placeholders.
    fn words(&self) -> impl Iterator<Item = &'static str> {
        self.usage
            .split(|c: char| !(c.is_ascii_alphanumeric() || "-<>".contains(c)))
            .filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase()) && word.len() > 1)
    }
}

const EVERYWHERE: &[RuleSet] = &[RuleSet::Request, RuleSet::Response, RuleSet::AfterResponse];
const CONTENTS: &[RuleSet] = &[
    RuleSet::Connection,
    RuleSet::Session,
    RuleSet::Content,
    RuleSet::ResponseContent,
];
/// Every rule set of all.
const ALL_SETS: &[RuleSet] = &[
    RuleSet::Connection,
    RuleSet::Session,
    RuleSet::Content,
    RuleSet::ResponseContent,
    RuleSet::Request,
    RuleSet::Response,
    RuleSet::AfterResponse,
];
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

/// Parses a line of any rule set; `words` are those after its keyword.
pub fn parse_rule(words: &[Word], set: RuleSet, scope: &mut Scope<'_>) -> Option<Rule> {
    parse(words, set, scope)
}

/// Parses a `redirect` line of a proxy; `words` are those after the keyword.
pub fn parse_redirect(words: &[Word], scope: &mut Scope<'_>) -> Option<Rule> {
    let name = words.first()?;
    parse_action(&redirect::OF_PROXY, name, words, RuleSet::Request, scope)
}

/// Parses a `circuit-breaker` line of a proxy; `words` are those after the keyword, which `keyword`
/// is.
pub fn parse_circuit_breaker(
    keyword: &Word,
    words: &[Word],
    scope: &mut Scope<'_>,
) -> Option<Rule> {
    let of_proxy = &circuit_breaker::OF_PROXY;
    parse_action(of_proxy, keyword, words, RuleSet::Request, scope)
}

/// Parses a `circuit-breaker` line with `scope server`.
pub fn parse_server_breaker(
    keyword: &Word,
    words: &[Word],
    scope: &mut Scope<'_>,
) -> Option<BreakerSpec> {
    circuit_breaker::of_servers(&mut Line {
        keyword: &circuit_breaker::OF_PROXY,
        word: keyword,
        name: keyword.span,
        argument: None,
        set: RuleSet::Request,
        rest: words,
        scope,
    })
}

fn parse(words: &[Word], set: RuleSet, scope: &mut Scope<'_>) -> Option<Rule> {
    let (name, rest) = words.split_first()?;
    let named = |keyword: &&&Keyword| keyword.is_called(name);
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

/// An action's name, and what it has between parentheses.
fn split_argument(word: &Word) -> (&[u8], Option<(&str, Span)>) {
    let bytes = &*word.bytes;
    let open = memchr::memchr(b'(', bytes);
    let inside = open.and_then(|open| {
        let text = bytes.get(open + 1..)?.strip_suffix(b")")?;
        let span = part_of(word, open + 1, open + 1 + text.len());
        Some((std::str::from_utf8(text).ok()?, span))
    });
    let name = open.and_then(|open| bytes.get(..open));
    (name.unwrap_or(bytes), inside)
}

fn parse_action<'w>(
    keyword: &'static Keyword,
    name: &'w Word,
    words: &'w [Word],
    set: RuleSet,
    scope: &mut Scope<'_>,
) -> Option<Rule> {
    let mut own = Scope {
        acls: scope.acls,
        mode: scope.mode,
        phase: set.phase(),
        diags: scope.diags,
        site: scope.site,
    };
    let mut line = Line {
        keyword,
        word: name,
        name: name.span,
        argument: split_argument(name).1,
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
                "'{} {}' expects either 'if' or 'unless' followed by a condition but found '{}'",
                set.keyword(),
                keyword.name,
                word.text()
            );
            let help = format!(
                "its arguments are: {}; what has blanks in it stands between \"quotes\"",
                keyword.usage
            );
            own.diags.push(
                Diagnostic::error(rule_codes::BAD_ACTION_ARGUMENT, message)
                    .at(word.span, "")
                    .help(help)
                    .near(
                        &word.text(),
                        ["if", "unless"].into_iter().chain(keyword.words()),
                    ),
            );
            return None;
        }
    };
    Some(Rule {
        action,
        condition,
        span: name.span,
        location: None,
    })
}

/// Error answers by status.
pub type ErrorAnswers = BTreeMap<u16, ErrorAnswer>;

/// An `http-error` line: what is sent instead of an error page.
#[derive(Debug)]
pub struct ErrorAnswer(reply::Answer);

const HTTP_ERROR: Keyword = Keyword {
    name: "http-error",
    sets: &[],
    usage: "http-error status <status> [ content-type <type> ] [ { default-errorfiles | \
            errorfile <file> | errorfiles <name> | file <file> | lf-file <file> | string <str> | \
            lf-string <fmt> } ] [ hdr <name> <fmt> ]*",
    doc: "Sends something else instead of an error page.",
    build: |_| None,
};

/// Parses an `http-error` line of a proxy; `words` are those after the keyword.
pub fn parse_http_error(words: &[Word], scope: &mut Scope<'_>) -> Option<(u16, ErrorAnswer)> {
    let name = words.first()?.span;
    let mut line = Line {
        keyword: &HTTP_ERROR,
        word: words.first()?,
        name,
        argument: None,
        set: RuleSet::Response,
        rest: words,
        scope,
    };
    let dialect = reply::Dialect {
        status_words: &["status"],
        default_status: 0,
    };
    let answer = reply::parse(&mut line, dialect)?;
    let status = answer.status;
    if !super::error_pages::is_page_status(status) {
        line.error(
            name,
            format!("http-error: status code '{status}' not handled."),
        );
        return None;
    }
    Some((status, ErrorAnswer(answer)))
}

impl ErrorAnswer {
    /// The answer for this stream. `None` sends the usual page.
    pub fn make(&self, cx: &mut ActionContext<'_>) -> Option<Reply> {
        match self.0.content {
            reply::Content::Page | reply::Content::File(None) => None,
            _ => self.0.make(cx),
        }
    }
}

fn unknown(name: &Word, set: RuleSet, scope: &mut Scope<'_>) {
    let text = name.text();
    let base = text.split('(').next().unwrap_or_default();
    let stem = base.trim_end_matches(|c: char| c.is_ascii_digit());
    let names = set.known_names();
    let span = part_of(name, 0, base.len());
    if known::is_of_lua(base) {
        let message = format!(
            "'{} {base}' of a Lua script is not supported",
            set.keyword()
        );
        scope.diags.push(
            Diagnostic::error(rule_codes::ACTION_NOT_SUPPORTED, message)
                .at(span, "")
                .help(known::NO_LUA),
        );
        return;
    }
    if names.contains(&base) || names.contains(&stem) {
        let message = format!("'{} {base}' is not supported yet", set.keyword());
        scope
            .diags
            .push(Diagnostic::error(rule_codes::ACTION_NOT_SUPPORTED, message).at(span, ""));
        return;
    }
    let message = format!("unknown {} action '{text}'", set.keyword());
    let mut diagnostic = Diagnostic::error(rule_codes::UNKNOWN_ACTION, message).at(span, "");
    let elsewhere = ALL_SETS.iter().find(|set| {
        let own = ALL.iter().filter(|action| action.sets.contains(set));
        set.known_names().contains(&base) || own.map(|action| action.name).any(|name| name == base)
    });
    diagnostic.help = match elsewhere {
        Some(set) => Some(format!("'{base}' is an action of '{}'", set.keyword())),
        None => suggest::closest(base, names.iter().copied()).map(did_you_mean),
    };
    scope.diags.push(diagnostic);
}

fn is_condition(word: &Word) -> bool {
    *word == "if" || *word == "unless"
}

/// The words of an action being read.
struct Line<'l, 'w, 's> {
    keyword: &'static Keyword,
    /// The action's name, with what follows in parentheses.
    word: &'w Word,
    name: Span,
    /// What stands between parentheses after its name.
    argument: Option<(&'w str, Span)>,
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

    /// Reports a word that is none of `known`, with the nearest of them.
    fn error_near<'k>(
        &mut self,
        word: &Word,
        message: String,
        known: impl IntoIterator<Item = &'k str>,
    ) {
        let help = format!("its arguments are: {}", self.keyword.usage);
        let found = Diagnostic::error(rule_codes::BAD_ACTION_ARGUMENT, message)
            .at(word.span, "")
            .help(help)
            .near(&word.text(), known);
        self.scope.diags.push(found);
    }

    fn report(&mut self, code: Code, span: Span, message: String, help: String) {
        let diagnostic = Diagnostic::error(code, message).at(span, "").help(help);
        self.scope.diags.push(diagnostic);
    }

    fn format(&mut self, word: &Word) -> Option<Format> {
        Format::parse(word, self.scope, FormatUse::HttpValue)
    }

    /// An expression of what can be known when the line runs; its converters may be words of
    /// their own.
    fn expression(&mut self) -> Option<Expression> {
        let before = Word {
            bytes: self.keyword.name.as_bytes().into(),
            span: self.name,
        };
        let (expression, taken) = expression::parse_words(&before, self.rest, self.scope)?;
        self.rest = self.rest.get(taken..).unwrap_or_default();
        Some(expression)
    }

    /// A duration in milliseconds; `None` if the word is none, which is not reported.
    fn duration(&mut self, word: &Word) -> Option<u64> {
        duration(&word.text(), TimeUnit::Millis).ok()
    }

    /// A header name that can be written.
    ///
    /// HAProxy takes any name and would write one that ends with a colon as it is, colon and all.
    fn header_name(&mut self, word: &Word) -> Option<Box<[u8]>> {
        if let Some(name) = word
            .bytes
            .strip_suffix(b":")
            .filter(|name| !name.is_empty())
        {
            let message = format!(
                "the colon of '{}' is not part of a header name",
                word.text()
            );
            let named = Word {
                bytes: name.into(),
                span: word.span,
            };
            let found = Diagnostic::warning(rule_codes::COLON_IN_NAME, message).at(word.span, "");
            self.scope
                .diags
                .push(found.help(format!("write '{}'", named.text())));
            return self.header_name(&named);
        }
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
        match (self.scope.site.files)(&name) {
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

#[cfg(test)]
mod tests;
