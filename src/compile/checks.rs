//! How the servers of a backend are checked: `option httpchk` and its like, `http-check` and
//! `tcp-check` rules, as steps that [`crate::health`] follows.
//!
//! A proxy's own rules replace those of its `defaults`, which were checked where they stand.

use super::Work;
use super::config::{Config, Mode};
use super::findings::NEEDS_HTTP;
use super::rules;
use crate::clock::{Clock, NEVER};
use crate::health::script::{
    Action, BytesKind, Connect, Effect, Expect, HeaderWanted, HttpRequest, Language, Make, Match,
    Pattern, Run, Script, Step, Text, Wanted,
};
use crate::health::{
    self, CheckAddr, CheckSpec, CheckStatus, Intervals, MysqlVersion, Observe, ServerSpec,
};
use crate::http1::is_tchar;
use crate::net::{ConnFacts, Endpoint};
use crate::observe::Record;
use crate::syntax::{Code, Diagnostic, Diagnostics, Word};
use crate::vocab::action::set_var::{self, Assignment};
use crate::vocab::address::Target;
use crate::vocab::codes::{BAD_CHOICE, MISSING_ARGUMENT, UNEXPECTED_ARGUMENT};
use crate::vocab::context::{Context, Names, Payload, Scratch};
use crate::vocab::expression::{self, Expression};
use crate::vocab::format::{Format, FormatUse};
use crate::vocab::line::{Line, Sense};
use crate::vocab::sample::ROOM;
use crate::vocab::scope::{Phase, Scope};
use crate::vocab::section::proxy::{CheckOption, ProxyDraft};
use crate::vocab::server_option::{CheckOptions, Place, ServerDraft, read_addr};
use crate::vocab::state::NoState;
use crate::vocab::variable::{ProcessVars, Store, StreamVars, Vars};
use std::sync::Arc;

/// A rule of `http-check` or `tcp-check` is wrong.
pub const BAD_CHECK_RULE: Code = Code("TG0570");

/// `track` names no server that can be followed.
pub const BAD_TRACK: Code = Code("TG0770");
/// A check has no port to connect to.
pub const NO_CHECK_PORT: Code = Code("TG0370");

/// What one check remembers: its variables, and those of the process.
#[derive(Debug)]
pub struct CheckMemory {
    process: Arc<ProcessVars>,
    session: Store,
    stream: StreamVars,
    clock: Clock,
}

impl CheckMemory {
    /// The memory of a check that begins.
    pub fn new(process: Arc<ProcessVars>, clock: Clock) -> Self {
        Self {
            process,
            session: Store::default(),
            stream: StreamVars::of_check(),
            clock,
        }
    }
}

/// A text made by a format.
#[derive(Debug)]
struct Rendered(Format);

impl Make for Rendered {
    fn make(&self, run: &Run<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        with_context(run, |cx| self.0.render(cx, &mut out));
        out
    }
}

/// The text of an expression.
#[derive(Debug)]
struct Evaluated(Expression);

impl Make for Evaluated {
    fn make(&self, run: &Run<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        with_context(run, |cx| {
            self.0.one(cx, &mut |sample| {
                out.extend_from_slice(sample.text(&mut ROOM.clone()));
            });
        });
        out
    }
}

impl Effect for Assignment {
    fn apply(&self, run: &Run<'_>) {
        with_context(run, |cx| self.run(cx));
    }
}

/// Shows a running check to formats and expressions.
fn with_context(run: &Run<'_>, look: impl FnOnce(&Context<'_>)) {
    let Some(memory) = run.memory.downcast_ref::<CheckMemory>() else {
        return;
    };
    let nobody = Endpoint::Unix;
    let names = Names {
        unique_id: None,
        frontend: run.backend,
        mode: Mode::Tcp,
        frontend_id: 0,
        frontend_index: u32::MAX,
        listener: "",
        listener_id: 0,
        listener_conns: 0,
        backend: run.backend,
        backend_id: 0,
        backend_index: None,
        server: Some(run.server),
        server_id: 0,
    };
    look(&Context {
        conn: &ConnFacts::new(nobody, nobody, 0),
        content: None,
        request: None,
        response: run.head,
        request_body: Payload::default(),
        response_body: Payload {
            bytes: run.received,
            chunked: false,
            announced: None,
        },
        record: &Record::default(),
        names,
        clock: &memory.clock,
        vars: Vars {
            process: &memory.process,
            session: &memory.session,
            stream: Some(&memory.stream),
        },
        tracks: crate::table::Tracks::default(),
        state: &NoState,
        scratch: &Scratch::new(),
    });
}

/// The checks of a proxy's servers. Inherited rules are reported where they were written.
pub(super) fn script(draft: &ProxyDraft<'_>, diags: &mut Diagnostics, work: Work<'_>) -> Script {
    let unheard = &mut Diagnostics::default();
    let checks = &draft.settings.checks;
    let mut steps = |lines: &[&[Word]], inherited: bool, language| {
        let diags = if inherited {
            &mut *unheard
        } else {
            &mut *diags
        };
        let mut made = Made::default();
        for (number, words) in (1..).zip(lines) {
            let mut reader = Reader {
                number,
                words,
                at: 2,
                draft,
                diags,
                work,
                language,
            };
            reader.rule(&mut made);
        }
        made
    };
    let http = steps(&checks.http, checks.http_inherited, Language::Http);
    let tcp = steps(&checks.tcp, checks.tcp_inherited, Language::Tcp);
    match checks.option {
        CheckOption::Connection => Script::default(),
        CheckOption::Tcp => Script {
            language: Language::Tcp,
            steps: tcp.steps,
            ..Script::default()
        },
        CheckOption::Http => http_script(http, checks.request, work),
        CheckOption::Redis => health::redis(),
        CheckOption::Ldap => health::ldap(),
        CheckOption::SslHello => health::ssl_hello(),
        CheckOption::Smtp => health::smtp(&hello(checks.request)),
        CheckOption::Pgsql => health::pgsql(user(checks.request).unwrap_or_default()),
        CheckOption::Mysql => {
            let version = match checks.request.and_then(|words| words.get(4)) {
                Some(word) if *word == *"pre-41" => MysqlVersion::Before41,
                Some(word) if *word == *"post-80" => MysqlVersion::Since80,
                _ => MysqlVersion::Since41,
            };
            health::mysql(user(checks.request).map(|user| (user, version)))
        }
    }
}

/// How one server is checked, and what follows. `track` is resolved later.
pub(super) fn server(
    draft: &ProxyDraft<'_>,
    server: &ServerDraft,
    script: &Arc<Script>,
    diags: &mut Diagnostics,
) -> ServerSpec {
    let o = &server.options.health;
    if o.check && o.track.is_some() {
        let message = format!(
            "'server {}/{}' : unable to enable checks and tracking at the same time!",
            draft.name, server.name
        );
        diags.push(Diagnostic::error(BAD_TRACK, message).at(server.name_span, ""));
    }
    if let (Observe::Layer7, Some(span)) = (o.observe, o.observe_at)
        && draft.settings.mode != Mode::Http
    {
        let message = "'layer7' can only be used in http proxies.";
        diags.push(
            Diagnostic::error(NEEDS_HTTP, message)
                .at(span, "")
                .help("write 'observe layer4', or 'mode http' in this section"),
        );
    }
    let timeouts = &draft.settings.timeouts;
    let forms_default = o.port == 0 && o.addr.is_none();
    let check = o.check.then(|| CheckSpec {
        intervals: Intervals {
            inter: o.inter,
            fast: o.fastinter,
            down: o.downinter,
        },
        rise: o.rise,
        fall: o.fall,
        addr: o.addr.clone(),
        port: o.port,
        send_proxy: match (server.options.send_proxy, o.send_proxy) {
            // Checks that go where requests go start as those do.
            (version, _) if forms_default && version > 0 => version,
            (version, true) => version.max(1),
            (_, false) => 0,
        },
        script: Arc::clone(script),
        timeout: (timeouts.check != NEVER).then_some(timeouts.check),
        connect_timeout: timeouts.connect,
        source: server.options.source.or(draft.settings.source),
    });
    check_port(draft, server, check.as_ref(), diags);
    let agent = o.agent_check.then(|| CheckSpec {
        intervals: Intervals {
            inter: o.agent_inter.unwrap_or(o.inter),
            ..Intervals::default()
        },
        rise: 1,
        fall: 1,
        addr: o.agent_addr.clone(),
        port: o.agent_port.unwrap_or(0),
        send_proxy: 0,
        script: Arc::new(agent_script(o.agent_send.as_deref())),
        timeout: (timeouts.check != NEVER).then_some(timeouts.check),
        connect_timeout: timeouts.connect,
        source: server.options.source.or(draft.settings.source),
    });
    ServerSpec {
        name: server.name.as_str().into(),
        check,
        agent,
        track: None,
        observe: o.observe,
        error_limit: o.error_limit,
        on_error: o.on_error,
        shutdown_sessions: o.shutdown_sessions,
        shutdown_backup_sessions: o.shutdown_backup_sessions,
        init_state: o.init_state,
        unchecked_level: match o.rise == CheckOptions::default().rise {
            true => 0,
            false => o.rise,
        },
    }
}

/// What an agent is asked.
pub fn agent_script(text: Option<&[u8]>) -> Script {
    let send = text.map(|text| Step {
        action: Action::Send(fixed(text)),
        number: 1,
        comment: None,
    });
    Script {
        language: Language::Agent,
        steps: send.into_iter().collect(),
        ..Script::default()
    }
}

/// Reports a check that knows no port to connect to.
fn check_port(
    draft: &ProxyDraft<'_>,
    server: &ServerDraft,
    check: Option<&CheckSpec>,
    diags: &mut Diagnostics,
) {
    let Some(check) = check else { return };
    let has_port = match (&check.addr, &server.place) {
        (Some(CheckAddr::Ip(_, port)), _) if *port > 0 => true,
        (Some(CheckAddr::Local(_)), _) | (None, Place::Fixed(_)) => true,
        // Nowhere to connect to either, which a check will find.
        (None, Place::Named(Target::Any(_), _)) => true,
        (_, Place::Named(..)) => !server.port_from_client || check.port > 0,
        _ => check.port > 0,
    };
    let says = |step: &Step| match &step.action {
        Action::Connect(connect) => Some(connect.port.is_some() || connect.addr.is_some()),
        Action::Variable(_) => None,
        _ => Some(false),
    };
    if !has_port && !check.script.steps.iter().find_map(says).unwrap_or(false) {
        let message = format!(
            "{} '{}': server '{}' has neither service port nor check port.",
            draft.kind.noun(),
            draft.name,
            server.name
        );
        diags.push(
            Diagnostic::error(NO_CHECK_PORT, message)
                .at(server.place_span, "")
                .help("write the port of the checks with 'port'"),
        );
    }
}

/// Resolves `track` of every server.
pub(super) fn tracks<'a, 'd: 'a>(
    drafts: impl Iterator<Item = &'a ProxyDraft<'d>>,
    config: &mut Config,
    diags: &mut Diagnostics,
) {
    let mut found = Vec::new();
    let drafts: Vec<_> = drafts.filter(|draft| draft.kind.has_back()).collect();
    for (backend, draft) in drafts.iter().enumerate() {
        for (server, written) in draft.servers.iter().enumerate() {
            let Some(word) = &written.options.health.track else {
                continue;
            };
            let text = word.text();
            let (proxy, name) = text.rsplit_once('/').unwrap_or((&draft.name, &text));
            let tracked = config.backends.iter().position(|b| *b.name == *proxy);
            let tracked_server = tracked.and_then(|at| {
                let servers = &config.backends.get(at)?.servers;
                servers.iter().position(|server| *server.name == *name)
            });
            let own = health::Place { backend, server };
            match (tracked, tracked_server) {
                (Some(backend), Some(server)) => {
                    found.push((own, health::Place { backend, server }, word));
                }
                (None, _) => bad_track(
                    word,
                    format!("unable to find required proxy '{proxy}' for tracking."),
                    diags,
                ),
                (_, None) => bad_track(
                    word,
                    format!("unable to find required server '{name}' for tracking."),
                    diags,
                ),
            }
        }
    }
    let track_of = |place: health::Place| {
        let tracking = found.iter().find(|(own, ..)| *own == place);
        tracking.map(|(_, tracked, _)| *tracked)
    };
    for (own, tracked, word) in &found {
        let server = |place: health::Place| {
            config
                .backends
                .get(place.backend)?
                .servers
                .get(place.server)
        };
        let is_checked =
            server(*tracked).is_some_and(|s| s.health.check.is_some() || s.health.agent.is_some());
        let mut next = Some(*tracked);
        let mut steps = 0;
        while let Some(at) = next.filter(|at| at != own && steps <= found.len()) {
            next = track_of(at);
            steps += 1;
        }
        let (proxy, name) = word.text().rsplit_once('/').map_or_else(
            || (String::new(), word.text().into_owned()),
            |(proxy, name)| (format!("{proxy}/"), name.to_owned()),
        );
        if next.is_some() {
            let message = format!(
                "unable to track {proxy}{name} as it belongs to a tracking chain looping back to it."
            );
            bad_track(word, message, diags);
        } else if !is_checked && track_of(*tracked).is_none() {
            let message = format!(
                "unable to use {proxy}{name} for tracking as it does not have any check nor agent enabled."
            );
            bad_track(word, message, diags);
        }
    }
    for (own, tracked, _) in &found {
        let backend = config.backends.get_mut(own.backend);
        if let Some(server) = backend.and_then(|b| b.servers.get_mut(own.server)) {
            server.health.track = Some(*tracked);
        }
    }
}

fn bad_track(word: &Word, message: String, diags: &mut Diagnostics) {
    diags.push(Diagnostic::error(BAD_TRACK, message).at(word.span, ""));
}

/// What the rules of one kind come to.
#[derive(Default)]
struct Made {
    steps: Vec<Step>,
    disable_on_404: bool,
    send_state: bool,
    comment: Option<Arc<str>>,
}

fn http_script(mut made: Made, request: Option<&[Word]>, work: Work<'_>) -> Script {
    let of_option = of_option(request);
    let sends = |step: &Step| matches!(step.action, Action::SendHttp(_));
    match made.steps.iter_mut().find(|step| sends(step)) {
        // What the first request leaves open is as the option says.
        Some(first) => {
            if let Action::SendHttp(explicit) = &mut first.action {
                *explicit = Arc::new(merged(explicit, &of_option));
            }
        }
        None => {
            let connects = |step: &Step| matches!(step.action, Action::Connect(_));
            let at = usize::from(made.steps.first().is_some_and(connects));
            made.steps.insert(
                at,
                Step {
                    action: Action::SendHttp(Arc::new(of_option)),
                    number: at + 1,
                    comment: None,
                },
            );
        }
    }
    let last = made
        .steps
        .iter()
        .rfind(|step| !matches!(step.action, Action::Variable(_)));
    if last.is_some_and(sends) {
        made.steps.push(Step {
            action: Action::Expect(Arc::new(Expect::of(Wanted::Status(vec![(200, 399)])))),
            number: made.steps.len() + 1,
            comment: None,
        });
    }
    Script {
        language: Language::Http,
        steps: made.steps,
        disable_on_404: made.disable_on_404,
        send_state: made.send_state.then(|| node(work)),
    }
}

/// The name of this node, as `node` or the system says.
fn node(work: Work<'_>) -> Arc<str> {
    work.options.host.name().into()
}

/// `user <name>` of an option.
fn user(words: Option<&[Word]>) -> Option<&[u8]> {
    words?.get(3).map(|word| &*word.bytes)
}

/// `option smtpchk [HELO | EHLO <domain>]`.
fn hello(words: Option<&[Word]>) -> String {
    match words.and_then(|words| words.get(2..4)) {
        Some([verb, domain]) if *verb == *"HELO" || *verb == *"EHLO" => {
            format!("{} {}", verb.text(), domain.text())
        }
        _ => "HELO localhost".to_owned(),
    }
}

/// The request of `option httpchk [<method>] [<uri> [<version> [<host>]]]`.
fn of_option(words: Option<&[Word]>) -> HttpRequest {
    let word = |at: usize| {
        words
            .and_then(|words| words.get(at))
            .map(|word| &word.bytes)
    };
    // One argument alone is the target.
    let (method, uri) = match (word(2), word(3)) {
        (Some(uri), None) => (None, Some(uri)),
        (method, uri) => (method, uri),
    };
    let host = word(5).map(|host| (Box::from(&b"host"[..]), fixed(host)));
    HttpRequest {
        method: method.cloned().unwrap_or_else(|| (*b"OPTIONS").into()),
        uri: fixed(uri.map_or(b"/", |uri| uri)),
        version: word(4).cloned().unwrap_or_else(|| (*b"HTTP/1.0").into()),
        headers: host.into_iter().collect(),
        body: None,
    }
}

/// An explicit request with the gaps filled: an empty part was not written.
fn merged(explicit: &HttpRequest, option: &HttpRequest) -> HttpRequest {
    let pick = |own: &[u8], other: &[u8]| Box::from(if own.is_empty() { other } else { own });
    let has_uri = !matches!(&explicit.uri, Text::Fixed(uri) if uri.is_empty());
    let own_host = explicit
        .headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case(b"host"));
    let inherited = option.headers.iter().filter(|_| !own_host).cloned();
    HttpRequest {
        method: pick(&explicit.method, &option.method),
        uri: if has_uri {
            explicit.uri.clone()
        } else {
            option.uri.clone()
        },
        version: pick(&explicit.version, &option.version),
        headers: inherited.chain(explicit.headers.iter().cloned()).collect(),
        body: explicit.body.clone(),
    }
}

fn fixed(bytes: &[u8]) -> Text {
    Text::Fixed(bytes.into())
}

/// Reads one rule.
struct Reader<'a, 'd, 'o> {
    /// Which of its kind the line is, from 1.
    number: usize,
    words: &'d [Word],
    at: usize,
    draft: &'a ProxyDraft<'d>,
    diags: &'a mut Diagnostics,
    work: Work<'o>,
    language: Language,
}

impl<'d> Reader<'_, 'd, '_> {
    fn rule(&mut self, made: &mut Made) {
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
                    "'{name}' only supports {others}, 'set-var', 'set-var-fmt', 'unset-var'. but got '{}'",
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

    fn error(&mut self, at: usize, message: impl Into<String>) {
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
    fn next(&mut self) -> Option<&'d Word> {
        let word = self.words.get(self.at)?;
        self.at += 1;
        Some(word)
    }

    /// The word after an option, which must be there.
    fn value(&mut self, what: &str) -> Option<&'d Word> {
        let found = self.next();
        if found.is_none() {
            let option = self.words.get(self.at.saturating_sub(1));
            let option = option
                .map(|word| word.text().into_owned())
                .unwrap_or_default();
            let place = self.words.last().map(|word| word.span);
            let message = format!("'{option}' expects {what} as argument.");
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

    fn format(&mut self, word: &Word) -> Option<Text> {
        let format = self.scoped(|scope| Format::parse(word, scope, FormatUse::Text))?;
        Some(match format.as_text() {
            Some(text) => fixed(text),
            None => Text::Made(Arc::new(Rendered(format))),
        })
    }

    fn regex(&mut self, word: &Word, ignore_case: bool) -> Option<Arc<dyn Pattern>> {
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

    fn binary(&mut self, word: &Word) -> Option<Text> {
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
                "ssl" | "sni" | "alpn" | "proto" | "via-socks4" => {
                    let message =
                        format!("'{}' in a 'connect' rule is not supported yet", word.text());
                    let code = crate::vocab::codes::NOT_SUPPORTED_YET;
                    self.diags
                        .push(Diagnostic::error(code, message).at(word.span, ""));
                    if !matches!(&*word.text(), "ssl" | "via-socks4") {
                        self.next();
                    }
                }
                other => {
                    let message = format!(
                        "expects 'comment', 'port', 'addr', 'send-proxy', 'via-socks4', 'linger', 'default', 'ssl', 'sni' or 'alpn' but got '{other}' as argument."
                    );
                    self.error(self.at - 1, message);
                    return None;
                }
            }
        }
        Some((Action::Connect(connect), comment))
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

    fn expression(&mut self, word: &Word) -> Option<Text> {
        let before = self.words.first()?;
        let words = std::slice::from_ref(word);
        let (expression, _) = self.scoped(|scope| expression::parse_words(before, words, scope))?;
        Some(Text::Made(Arc::new(Evaluated(expression))))
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

    fn expect(&mut self) -> Option<(Action, Option<Arc<str>>)> {
        if self.words.get(2).is_none() {
            self.error(1, "expects at least a matching pattern as arguments");
            return None;
        }
        let mut what = None;
        let mut expect = Expect::of(Wanted::Status(Vec::new()));
        let mut comment = None;
        while let Some(word) = self.next() {
            let mut text = &*word.text().into_owned();
            while let Some(rest) = text.strip_prefix('!') {
                expect.negated = !expect.negated;
                text = rest;
            }
            if text.is_empty() {
                continue;
            }
            match text {
                "min-recv" => {
                    let word = self.value("a integer")?;
                    let number: i64 = word.text().parse().unwrap_or(-2);
                    expect.min_recv = match usize::try_from(number) {
                        Ok(least) => Some(least),
                        Err(_) if number == -1 => None,
                        Err(_) => {
                            self.error(
                                self.at - 1,
                                "'min-recv' expects -1 or an integer from 0 to INT_MAX",
                            );
                            return None;
                        }
                    };
                }
                "comment" => comment = self.value("a string").map(|word| (*word.text()).into()),
                "on-success" | "on-error" => {
                    let word = self.value("a string")?;
                    let made = self.format(word);
                    match text {
                        "on-success" => expect.on_success = made,
                        _ => expect.on_error = made,
                    }
                }
                "ok-status" => {
                    let allowed = ["L4OK", "L6OK", "L7OK", "L7OKC"];
                    expect.ok_status = Some(self.status(text, &allowed)?);
                }
                "error-status" => {
                    let allowed = ["L4CON", "L6RSP", "L7RSP", "L7STS", "L7OKC"];
                    expect.error_status = Some(self.status(text, &allowed)?);
                }
                "tout-status" => {
                    let allowed = ["L4TOUT", "L6TOUT", "L7TOUT"];
                    expect.timeout_status = Some(self.status(text, &allowed)?);
                }
                "status-code" => {
                    let word = self.value("an expression")?;
                    expect.status_code = Some(self.expression(word)?);
                }
                pattern => {
                    let wanted = self.pattern(pattern)?;
                    if what.replace(wanted).is_some() {
                        self.error(self.at - 1, "only one pattern expected");
                        return None;
                    }
                }
            }
        }
        let Some(what) = what else {
            self.error(1, "pattern not found");
            return None;
        };
        expect.what = what;
        Some((Action::Expect(Arc::new(expect)), comment))
    }

    fn status(&mut self, option: &str, allowed: &[&str]) -> Option<CheckStatus> {
        let word = self.value("a string")?;
        let text = word.text().to_ascii_uppercase();
        let found = allowed.iter().find(|name| **name == text);
        if found.is_none() {
            let list: Vec<_> = allowed.iter().map(|name| format!("'{name}'")).collect();
            let message = format!(
                "'{option}' only supports {} status (got '{}').",
                list.join(", "),
                word.text()
            );
            let found = Diagnostic::error(BAD_CHOICE, message).at(word.span, "");
            self.diags.push(found);
        }
        CheckStatus::named(found?)
    }

    /// What is looked for, by its keyword, which was read.
    fn pattern(&mut self, keyword: &str) -> Option<Wanted> {
        let is_http = self.language == Language::Http;
        let pattern = "a <pattern>";
        Some(match (keyword, is_http) {
            ("string", false) => {
                Wanted::Bytes(fixed(&self.value(pattern)?.bytes), BytesKind::String)
            }
            ("binary", false) => {
                let word = self.value(pattern)?;
                Wanted::Bytes(self.binary(word)?, BytesKind::Binary)
            }
            ("string-lf", false) => {
                let word = self.value(pattern)?;
                Wanted::Bytes(self.format(word)?, BytesKind::StringFormat)
            }
            ("binary-lf", false) => {
                let word = self.value(pattern)?;
                Wanted::Bytes(self.format(word)?, BytesKind::BinaryFormat)
            }
            ("rstring", false) => {
                let word = self.value(pattern)?;
                Wanted::Regex(self.regex(word, false)?, false)
            }
            ("rbinary", false) => {
                let word = self.value(pattern)?;
                Wanted::Regex(self.regex(word, false)?, true)
            }
            ("string", true) => Wanted::Body(fixed(&self.value(pattern)?.bytes)),
            ("string-lf", true) => {
                let word = self.value(pattern)?;
                Wanted::Body(self.format(word)?)
            }
            ("rstring", true) => {
                let word = self.value(pattern)?;
                Wanted::BodyRegex(self.regex(word, false)?)
            }
            ("status", true) => {
                let word = self.value(pattern)?;
                Wanted::Status(self.statuses(word)?)
            }
            ("rstatus", true) => {
                let word = self.value(pattern)?;
                Wanted::StatusRegex(self.regex(word, false)?)
            }
            ("hdr" | "fhdr", true) => Wanted::Header(self.header(keyword)?),
            _ => {
                let supported = match is_http {
                    true => {
                        "min-recv, '[!]string', '[!]rstring', '[!]string-lf', '[!]status', '[!]rstatus', [!]hdr, [!]fhdr"
                    }
                    false => {
                        "min-recv, '[!]binary', '[!]string', '[!]rstring', '[!]string-lf', '[!]rbinary', '[!]binary-lf'"
                    }
                };
                let message = format!(
                    "only supports {supported} or comment but got '{keyword}' as argument."
                );
                self.error(self.at - 1, message);
                return None;
            }
        })
    }

    fn statuses(&mut self, word: &Word) -> Option<Vec<(u16, u16)>> {
        let text = word.text();
        let range = |part: &str| {
            let (low, high) = part.split_once('-').unwrap_or((part, part));
            let (low, high) = (low.parse().ok()?, high.parse().ok()?);
            (low <= high).then_some((low, high))
        };
        let ranges: Option<Vec<_>> = text.split(',').map(range).collect();
        if ranges.is_none() {
            self.error(
                self.at - 1,
                format!("invalid range of status codes '{text}'"),
            );
        }
        ranges
    }

    fn header(&mut self, keyword: &str) -> Option<HeaderWanted> {
        let named = self.words.get(self.at).map(Word::text);
        let is_format = match named.as_deref() {
            Some("name") => false,
            Some("name-lf") => true,
            _ => {
                let message = format!(
                    "'{keyword}' expects at the name keyword as first argument followed by a pattern"
                );
                self.error(self.at, message);
                return None;
            }
        };
        self.at += 1;
        let name = self.matching(is_format, true)?;
        let valued = self.words.get(self.at).map(Word::text);
        let value = match valued.as_deref() {
            Some(how @ ("value" | "value-lf")) => {
                self.at += 1;
                Some(self.matching(how == "value-lf", false)?)
            }
            _ => None,
        };
        Some(HeaderWanted {
            name,
            // Without a value the whole line is what there is.
            whole: keyword == "fhdr" || value.is_none(),
            value,
        })
    }

    /// `[-m <method>] <pattern>`.
    fn matching(&mut self, is_format: bool, is_name: bool) -> Option<Match> {
        let mut how = "str".to_owned();
        if self.words.get(self.at).is_some_and(|word| *word == *"-m") {
            self.at += 1;
            let word = self.value("at a matching pattern ('str', 'beg', 'end', 'sub' or 'reg')")?;
            how = word.text().into_owned();
        }
        let word = self.value("a pattern")?;
        if how == "reg" {
            if is_format {
                self.error(
                    self.at - 1,
                    "log-format string is not supported with a regex matching method",
                );
                return None;
            }
            return self.regex(word, is_name).map(Match::Regex);
        }
        let text = match is_format {
            true => self.format(word)?,
            false => fixed(&word.bytes),
        };
        Some(match &*how {
            "str" => Match::Equal(text),
            "beg" => Match::Begins(text),
            "end" => Match::Ends(text),
            "sub" => Match::Contains(text),
            other => {
                let message = format!(
                    "'-m' only supports 'str', 'beg', 'end', 'sub' or 'reg' (got '{other}')"
                );
                self.error(self.at - 2, message);
                return None;
            }
        })
    }
}

/// Bytes whose hexadecimal digits a format makes.
struct FromHex(Arc<dyn Make>);

impl Make for FromHex {
    fn make(&self, run: &Run<'_>) -> Vec<u8> {
        let digits = self.0.make(run);
        let pairs = digits.chunks(2);
        pairs
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect::<Option<Vec<u8>>>()
            .unwrap_or_default()
    }
}
