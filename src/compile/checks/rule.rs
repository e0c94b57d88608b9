//! Reads one `http-check` or `tcp-check` rule. What `expect` waits for is in [`super::expect`].

use super::memory::{Evaluated, FromHex, Rendered};
use super::request::fixed;
use super::{BAD_CHECK_RULE, Made};
use crate::compile::{Work, rules};
use crate::health::script::{Action, Connect, HttpRequest, Language, Pattern, Step, Text};
use crate::http1::is_tchar;
use crate::settings::Mode;
use crate::syntax::{Diagnostic, Diagnostics, Word};
use crate::vocab::action::set_var;
use crate::vocab::codes::{MISSING_ARGUMENT, NOT_SUPPORTED_YET, UNEXPECTED_ARGUMENT};
use crate::vocab::expression;
use crate::vocab::format::{Format, FormatUse};
use crate::vocab::line::{Line, Sense};
use crate::vocab::mux_proto::{MuxProto, NoProto};
use crate::vocab::scope::{Phase, Scope};
use crate::vocab::section::proxy::ProxyDraft;
use crate::vocab::server_option::read_addr;
use std::sync::Arc;

/// Whether a `connect` may follow these: not where another step came before the first one.
fn may_connect(made: &Made) -> bool {
    let mut steps = made.steps.iter().map(|step| &step.action);
    let first = steps.find(|action| !matches!(action, Action::Variable(_)));
    first.is_none_or(|action| matches!(action, Action::Connect(_)))
}

/// Reads one rule.
pub(super) struct Reader<'a, 'd, 'o> {
    /// Which of its kind the line is, from 1.
    pub(super) number: usize,
    pub(super) words: &'d [Word],
    pub(super) at: usize,
    pub(super) draft: &'a ProxyDraft<'d>,
    pub(super) diags: &'a mut Diagnostics,
    pub(super) work: Work<'o>,
    pub(super) language: Language,
    /// The proxy's `unique-id-format`.
    pub(super) unique_id: Option<&'a Arc<Format>>,
}

impl<'d> Reader<'_, 'd, '_> {
    pub(super) fn rule(&mut self, made: &mut Made) {
        let Some(word) = self.words.get(1) else {
            return;
        };
        let is_http = self.language == Language::Http;
        let action = match &*word.text() {
            "comment" => {
                made.comment = self.value("a comment").map(|word| (*word.text()).into());
                return self.end();
            }
            "disable-on-404" if is_http => {
                made.disable_on_404 = true;
                return self.end();
            }
            "send-state" if is_http => {
                made.send_state = true;
                return self.end();
            }
            "connect" if !may_connect(made) => {
                self.error(1, "first step MUST also be a 'connect', optionally preceded by a 'set-var', an 'unset-var' or a 'comment', when there is a 'connect' step in the tcp-check ruleset.");
                None
            }
            "connect" => self.connect(),
            "send" if is_http => self.send_http(),
            "send" | "send-lf" | "send-binary" | "send-binary-lf" if !is_http => self.send(),
            "expect" => self.expect(),
            _ if set_var::is_assignment(word) => self.assignment(word),
            _ => {
                let (name, others) = match is_http {
                    true => (
                        "http-check",
                        "'disable-on-404', 'send-state', 'comment', 'connect', 'send', 'expect'",
                    ),
                    false => (
                        "tcp-check",
                        "'comment', 'connect', 'send', 'send-binary', 'expect'",
                    ),
                };
                let message = format!(
                    "'{name}' only supports {others}, 'set-var-fmt(*)', 'set-var(*)', 'unset-var(*)'. but got '{}'",
                    word.text()
                );
                let names = [
                    "comment",
                    "connect",
                    "send",
                    "send-binary",
                    "send-lf",
                    "expect",
                    "disable-on-404",
                    "send-state",
                    "set-var",
                    "unset-var",
                ];
                let found = Diagnostic::error(BAD_CHECK_RULE, message).at(word.span, "");
                self.diags.push(found.near(&word.text(), names));
                return;
            }
        };
        if let Some((action, comment)) = action {
            // A comment belongs to what follows, until another kind of rule.
            let of_variable = matches!(action, Action::Variable(_));
            let inherited = made.comment.clone().filter(|_| !of_variable);
            if of_variable || matches!(action, Action::Connect(_)) {
                made.comment = None;
            }
            made.steps.push(Step {
                action,
                number: self.number,
                comment: comment.or(inherited),
            });
        }
    }

    pub(super) fn error(&mut self, at: usize, message: impl Into<String>) {
        let name = self.words.first().map(Word::text).unwrap_or_default();
        let what = self.words.get(1).map(Word::text).unwrap_or_default();
        let message = format!("'{name} {what}' : {}", message.into());
        let place = self
            .words
            .get(at)
            .or(self.words.last())
            .map(|word| word.span);
        let found = Diagnostic::error(BAD_CHECK_RULE, message);
        self.diags.push(match place {
            Some(span) => found.at(span, ""),
            None => found,
        });
    }

    /// The next word.
    pub(super) fn next(&mut self) -> Option<&'d Word> {
        let word = self.words.get(self.at)?;
        self.at += 1;
        Some(word)
    }

    /// The word after an option, which must be there.
    pub(super) fn value(&mut self, what: &str) -> Option<&'d Word> {
        let found = self.next();
        if found.is_none() {
            let option = self.words.get(self.at.saturating_sub(1));
            let option = option
                .map(|word| word.text().into_owned())
                .unwrap_or_default();
            let place = self.words.last().map(|word| word.span);
            let [name, rule] = [0, 1].map(|at| self.words.get(at).map(Word::text));
            let message = format!(
                "'{} {}' : '{option}' expects {what} as argument.",
                name.unwrap_or_default(),
                rule.unwrap_or_default()
            );
            let found = Diagnostic::error(MISSING_ARGUMENT, message);
            self.diags.push(match place {
                Some(span) => found.at(span, ""),
                None => found,
            });
        }
        found
    }

    /// Nothing may follow.
    fn end(&mut self) {
        if let Some(extra) = self.words.get(self.at) {
            let message = format!("cannot handle unexpected argument '{}'", extra.text());
            self.diags
                .push(Diagnostic::error(UNEXPECTED_ARGUMENT, message).at(extra.span, ""));
        }
    }

    fn scoped<T>(&mut self, read: impl FnOnce(&mut Scope<'_>) -> Option<T>) -> Option<T> {
        rules::in_proxy(self.draft, Phase::Response, self.diags, self.work, read)
    }

    pub(super) fn format(&mut self, word: &Word) -> Option<Text> {
        let format = self.scoped(|scope| Format::parse(word, scope, FormatUse::Text))?;
        Some(match format.as_text() {
            Some(text) => fixed(text),
            None => Text::Made(Arc::new(Rendered {
                format,
                unique_id: self.unique_id.cloned(),
            })),
        })
    }

    pub(super) fn regex(&mut self, word: &Word, ignore_case: bool) -> Option<Arc<dyn Pattern>> {
        match crate::vocab::regex::compile(&word.bytes, ignore_case) {
            Ok(regex) => Some(Arc::new(regex)),
            Err(error) => {
                let message = format!("regex '{}' is invalid: {}", word.text(), error.message);
                let found = Diagnostic::error(BAD_CHECK_RULE, message).at(word.span, "");
                self.diags.push(match error.help {
                    Some(help) => found.help(help),
                    None => found,
                });
                None
            }
        }
    }

    pub(super) fn binary(&mut self, word: &Word) -> Option<Text> {
        let digits = word.bytes.chunks(2);
        let bytes: Option<Vec<u8>> = digits
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect();
        if bytes.is_none() || !word.bytes.len().is_multiple_of(2) {
            let at = self.at.saturating_sub(1);
            self.error(
                at,
                format!(
                    "'{}' invalid binary string (an even number of hexadecimal digits is expected)",
                    word.text()
                ),
            );
            return None;
        }
        bytes.map(|bytes| fixed(&bytes))
    }

    fn assignment(&mut self, word: &Word) -> Option<(Action, Option<Arc<str>>)> {
        let rest = self.words.get(2..).unwrap_or_default();
        let (assignment, _) = self.scoped(|scope| set_var::parse(word, rest, scope))?;
        Some((Action::Variable(Arc::new(assignment)), None))
    }

    fn connect(&mut self) -> Option<(Action, Option<Arc<str>>)> {
        let mut connect = Connect::default();
        let mut comment = None;
        while let Some(word) = self.next() {
            match &*word.text() {
                "default" => connect.default = true,
                "send-proxy" => connect.send_proxy = true,
                "via-socks4" => connect.via_socks4 = true,
                "linger" => connect.linger = true,
                "comment" => comment = self.value("a string").map(|word| (*word.text()).into()),
                "addr" => {
                    self.value("<ipv4|ipv6>")?;
                    let mut line = Line {
                        words: self.words,
                        sense: Sense::Set,
                        diags: self.diags,
                        host: self.work.options.host,
                    };
                    match read_addr(&mut line, self.at - 1) {
                        Ok(addr) => connect.addr = Some(addr),
                        Err(message) => {
                            self.error(self.at - 1, format!("'addr' : {message}."));
                            return None;
                        }
                    }
                }
                "port" => {
                    let word = self.value("a port number or a sample expression")?;
                    connect.port = Some(self.port(word)?);
                }
                "proto" => self.proto()?,
                "ssl" | "sni" | "alpn" => {
                    let message =
                        format!("'{}' in a 'connect' rule is not supported yet", word.text());
                    self.diags
                        .push(Diagnostic::error(NOT_SUPPORTED_YET, message).at(word.span, ""));
                    if *word != *"ssl" {
                        self.next();
                    }
                }
                other => {
                    let message = format!(
                        "expects 'comment', 'port', 'addr', 'send-proxy', 'ssl', 'sni', 'alpn' or 'via-socks4', 'linger', 'default' but got '{other}' as argument."
                    );
                    self.error(self.at - 1, message);
                    return None;
                }
            }
        }
        Some((Action::Connect(connect), comment))
    }

    /// The value of `proto`, which says what the connection speaks anyway.
    fn proto(&mut self) -> Option<()> {
        let word = self.value("a MUX protocol")?;
        let name = word.text();
        let (mode, rules) = match self.language {
            Language::Http => (Mode::Http, "http-check"),
            _ => (Mode::Tcp, "tcp-check"),
        };
        let message = match MuxProto::find(&word.bytes) {
            Ok(proto) if proto.serves(mode) => return Some(()),
            Ok(_) => format!("'proto' : invalid MUX protocol '{name}' for {rules}"),
            Err(NoProto::Unknown) => format!("'proto' : unknown MUX protocol '{name}'."),
            Err(NoProto::NotYet) => {
                let message = format!("'proto {name}' in a 'connect' rule is not supported yet");
                let found = Diagnostic::error(NOT_SUPPORTED_YET, message);
                self.diags.push(found.at(word.span, ""));
                return Some(());
            }
        };
        self.error(self.at - 1, message);
        None
    }

    fn port(&mut self, word: &Word) -> Option<Text> {
        let text = word.text();
        if text.bytes().all(|b| b.is_ascii_digit()) {
            if !text.parse().is_ok_and(|port: u16| port > 0) {
                let message = format!(
                    "expects a valid TCP port (from range 1 to 65535) or a sample expression, got {text}."
                );
                self.error(self.at - 1, message);
                return None;
            }
            return Some(fixed(&word.bytes));
        }
        self.expression(word)
    }

    pub(super) fn expression(&mut self, word: &Word) -> Option<Text> {
        let before = self.words.first()?;
        let words = std::slice::from_ref(word);
        let (expression, _) = self.scoped(|scope| expression::parse_words(before, words, scope))?;
        Some(Text::Made(Arc::new(Evaluated {
            expression,
            unique_id: self.unique_id.cloned(),
        })))
    }

    fn send(&mut self) -> Option<(Action, Option<Arc<str>>)> {
        let how = self.words.get(1)?.text();
        let word = self.value("a string")?;
        let text = match &*how {
            "send" => fixed(&word.bytes),
            "send-binary" => self.binary(word)?,
            "send-lf" => self.format(word)?,
            _ => match self.format(word)? {
                Text::Fixed(digits) => {
                    let bytes = digits
                        .chunks(2)
                        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
                    fixed(&bytes.collect::<Option<Vec<u8>>>().unwrap_or_default())
                }
                Text::Made(made) => Text::Made(Arc::new(FromHex(made))),
            },
        };
        let mut comment = None;
        while let Some(word) = self.next() {
            if *word == *"comment" {
                comment = self.value("a string").map(|word| (*word.text()).into());
            } else {
                let message = format!("expects 'comment' but got '{}' as argument.", word.text());
                self.error(self.at - 1, message);
            }
        }
        Some((Action::Send(text), comment))
    }

    fn send_http(&mut self) -> Option<(Action, Option<Arc<str>>)> {
        let mut request = HttpRequest {
            method: Box::default(),
            uri: fixed(b""),
            version: Box::default(),
            headers: Vec::new(),
            body: None,
        };
        let mut comment = None;
        while let Some(word) = self.next() {
            match &*word.text() {
                "meth" => request.method = self.value("a string")?.bytes.clone(),
                "uri" => request.uri = fixed(&self.value("a string")?.bytes),
                "uri-lf" => {
                    let word = self.value("a string")?;
                    request.uri = self.format(word)?;
                }
                "ver" => request.version = self.value("a string")?.bytes.clone(),
                "body" => request.body = Some(fixed(&self.value("a string")?.bytes)),
                "body-lf" => {
                    let word = self.value("a string")?;
                    request.body = Some(self.format(word)?);
                }
                "hdr" => {
                    let name = self.value("<name> and <value>")?;
                    let value = self.value("<name> and <value>")?;
                    if !name.bytes.iter().all(|&byte| is_tchar(byte)) {
                        self.error(
                            self.at - 2,
                            format!("'{}' is not a header name", name.text()),
                        );
                    }
                    let value = self.format(value)?;
                    let is_framing = name.bytes.eq_ignore_ascii_case(b"content-length")
                        || name.bytes.eq_ignore_ascii_case(b"transfer-encoding");
                    if !is_framing {
                        request.headers.push((name.bytes.clone(), value));
                    }
                }
                "comment" => comment = self.value("a string").map(|word| (*word.text()).into()),
                other => {
                    let message = format!(
                        "expects 'comment', 'meth', 'uri', 'uri-lf', 'ver', 'hdr', 'body' or 'body-lf' but got '{other}' as argument."
                    );
                    self.error(self.at - 1, message);
                    return None;
                }
            }
        }
        Some((Action::SendHttp(Arc::new(request)), comment))
    }
}
