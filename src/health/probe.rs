//! One check: connects and follows a script until it fails or ends.
//!
//! Bounded by a deadline and by one buffer for what is received; a peer that sends more than fits is
//! read no further. Nothing of a check is kept for the next.

use super::counter::Outcome;
use super::http::unhex;
use super::http::{self, Answer};
use super::protocol::Progress;
use super::registry::Health;
use super::script::{
    Action, BytesKind, Connect, Expect, HttpRequest, Language, Run, Script, Text, Wanted,
};
use super::spec::{CheckAddr, CheckSpec, Place};
use super::status::CheckStatus;
use crate::backend::Operation;
use crate::clock::Millis;
use crate::net::timer::sleep;
use crate::net::{
    Buffer, ConnectOptions, Endpoint, ReadOutcome, ServerAddr, Stream, Wheel, proxy_protocol,
};
use memchr::memmem;
use std::any::Any;
use std::fmt::Write;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::Poll;

/// Most that is read of an answer, `tune.bufsize` by default.
const ANSWER_MAX: usize = 16_384;

/// What one check has in hand.
pub(super) struct Probe<'a> {
    health: &'a Health,
    place: Place,
    spec: &'a CheckSpec,
    wheel: &'a Wheel,
    stream: Option<Stream>,
    linger: bool,
    received: Buffer,
    /// The peer ended its direction, or the connection broke after something was received.
    ended: bool,
    /// The answer's head and body, of HTTP.
    answer: Option<Answer>,
    memory: Box<dyn Any>,
    deadline: Millis,
    number: u32,
}

/// Why a step did not go on.
enum Stop {
    /// The check is over.
    Over(Outcome),
    /// The connection broke.
    Broken(io::Error),
    /// Time ran out.
    Late,
}

/// What an `expect` says of what was received so far.
enum Seen {
    Right,
    /// More may make it right.
    Undecided,
    Over(Outcome),
}

impl<'a> Probe<'a> {
    pub(super) fn new(
        health: &'a Health,
        place: Place,
        spec: &'a CheckSpec,
        wheel: &'a Wheel,
    ) -> Self {
        Self {
            health,
            place,
            spec,
            wheel,
            stream: None,
            linger: false,
            received: Buffer::empty(),
            ended: false,
            answer: None,
            memory: health.memory(),
            deadline: 0,
            number: 0,
        }
    }

    /// Makes the check.
    pub(super) async fn run(mut self) -> Outcome {
        let script: &'a Script = &self.spec.script;
        let outcome = self.follow(script).await;
        if let Some(stream) = self.stream.take()
            && !self.linger
        {
            stream.abort();
        }
        outcome
    }

    /// Asks an agent for its line: what it sent until the end of the line, or of its answer.
    pub(super) async fn ask_agent(mut self) -> Result<Vec<u8>, Outcome> {
        let script: &Script = &self.spec.script;
        let rule = Connect {
            default: true,
            ..Connect::default()
        };
        let asked = async {
            self.connect(&rule).await?;
            for step in &script.steps {
                if let Action::Send(text) = &step.action {
                    let bytes = text.bytes(&self.as_run());
                    self.send(&bytes).await?;
                }
            }
            while !self.ended && memchr::memchr3(b'\r', b'\n', 0, self.received.data()).is_none() {
                self.read().await?;
            }
            Ok(())
        };
        let asked: Result<(), Stop> = asked.await;
        match asked {
            Ok(()) => Ok(self.received.data().to_vec()),
            Err(stop) => Err(self.failed(stop, None)),
        }
    }

    async fn follow(&mut self, script: &'a Script) -> Outcome {
        let implicit = Connect {
            implicit: true,
            default: true,
            ..Connect::default()
        };
        let connects_first = matches!(
            script
                .steps
                .iter()
                .map(|step| &step.action)
                .find(|action| !matches!(action, Action::Variable(_))),
            Some(Action::Connect(_))
        );
        if !connects_first && let Err(stop) = self.connect(&implicit).await {
            return self.failed(stop, None);
        }
        let mut last = None;
        for step in &script.steps {
            self.number = 0;
            let done = match &step.action {
                Action::Connect(connect) => self.connect(connect).await,
                Action::Send(text) => {
                    let bytes = text.bytes(&self.as_run());
                    self.send(&bytes).await
                }
                Action::SendHttp(request) => {
                    let bytes = self.request(request);
                    self.send(&bytes).await
                }
                Action::Expect(expect) => {
                    let step = Step {
                        expect,
                        comment: step.comment.as_deref(),
                        number: step.number,
                    };
                    self.expect(script, &step).await
                }
                Action::Variable(effect) => {
                    effect.apply(&self.as_run());
                    continue;
                }
            };
            if let Err(stop) = done {
                return self.failed(stop, Some(step));
            }
            last = Some(&step.action);
        }
        self.passed(script, last)
    }

    fn passed(&mut self, script: &Script, last: Option<&Action>) -> Outcome {
        let info = match script.language {
            Language::Tcp => "(tcp-check)",
            _ => "",
        };
        let mut outcome = match last {
            None => Outcome::of(CheckStatus::L4Ok),
            Some(Action::Connect(_)) => Outcome::with(CheckStatus::L4Ok, info),
            Some(Action::Expect(_)) if self.retires(script) => {
                Outcome::of(CheckStatus::L7OkConditional)
            }
            Some(Action::Expect(expect)) => {
                let status = expect.ok_status.unwrap_or(CheckStatus::L7Ok);
                match &expect.on_success {
                    Some(text) => Outcome::with(status, self.text(text)),
                    None => Outcome::with(status, info),
                }
            }
            Some(_) => Outcome::with(CheckStatus::L7Ok, "(tcp-check)"),
        };
        if let Some(Action::Expect(expect)) = last {
            self.number_by_rule(expect);
        }
        outcome.number = self.number;
        outcome
    }

    fn text(&self, text: &Text) -> String {
        String::from_utf8_lossy(&text.bytes(&self.as_run())).into_owned()
    }

    fn number_by_rule(&mut self, expect: &Expect) {
        if let Some(code) = &expect.status_code
            && let Ok(number) = self.text(code).trim().parse()
        {
            self.number = number;
        }
    }

    /// `disable-on-404`: whether the server asks for no new clients.
    fn retires(&self, script: &Script) -> bool {
        let was_up = self
            .health
            .state(self.place)
            .is_some_and(|state| state.status().operation != Operation::Stopped);
        script.disable_on_404 && self.number == 404 && was_up
    }

    fn as_run(&self) -> Run<'_> {
        let body = self.answer.as_ref().map(|answer| &*answer.body);
        Run {
            received: body.unwrap_or(self.received.data()),
            head: self.answer.as_ref().map(|answer| &answer.head),
            memory: &*self.memory,
            backend: self.health.backend(self.place).map_or("", |b| &b.name),
            server: self.health.spec(self.place).map_or("", |s| &s.name),
        }
    }

    /// What a check that stopped at a step came to.
    fn failed(&self, stop: Stop, step: Option<&super::script::Step>) -> Outcome {
        let (error, late) = match stop {
            Stop::Over(outcome) => return outcome,
            Stop::Broken(error) => (Some(error), false),
            Stop::Late => (None, true),
        };
        let connecting = self.stream.as_ref().is_none_or(Stream::is_connecting);
        let expect = match step.map(|step| &step.action) {
            Some(Action::Expect(expect)) => Some(expect),
            _ => None,
        };
        let status = match (connecting, late) {
            (true, true) => CheckStatus::L4Timeout,
            (true, false) => CheckStatus::L4Connection,
            (false, true) => expect
                .and_then(|expect| expect.timeout_status)
                .unwrap_or(CheckStatus::L7Timeout),
            (false, false) => CheckStatus::SocketError,
        };
        let mut info = error.as_ref().map(describe).unwrap_or_default();
        if self.spec.script.language == Language::Tcp {
            where_it_stopped(step, &mut info);
        }
        Outcome {
            status,
            number: self.number,
            info,
        }
    }
}

/// A rule that is evaluated.
struct Step<'s> {
    expect: &'s Expect,
    comment: Option<&'s str>,
    number: usize,
}

/// Moving bytes.
impl Probe<'_> {
    async fn connect(&mut self, rule: &Connect) -> Result<(), Stop> {
        if let Some(before) = self.stream.take() {
            before.abort();
        }
        self.received = Buffer::empty();
        self.answer = None;
        self.ended = false;
        self.linger = rule.linger;
        let now = self.health.clock().now();
        let bound = match self.spec.timeout {
            Some(_) => self.spec.intervals.inter.min(self.spec.connect_timeout),
            None => self.spec.intervals.inter,
        };
        self.deadline = now.saturating_add(bound);
        let Some(addr) = self.address(rule) else {
            return Err(Stop::Over(Outcome::of(CheckStatus::SocketError)));
        };
        let options = ConnectOptions {
            source: self.spec.source,
        };
        let stream = Stream::connect(&addr, options).map_err(Stop::Broken)?;
        self.stream = Some(stream);
        self.in_time(|stream, cx| stream.poll_connected(cx)).await?;
        if let Some(timeout) = self.spec.timeout {
            self.deadline = self.health.clock().now().saturating_add(timeout);
        }
        self.greet(rule).await
    }

    /// Sends the PROXY header that rules ask for.
    async fn greet(&mut self, rule: &Connect) -> Result<(), Stop> {
        let version = match (rule.send_proxy, rule.default) {
            (true, _) => 1,
            (false, true) => self.spec.send_proxy,
            (false, false) => 0,
        };
        let local = self
            .stream
            .as_ref()
            .map_or(Endpoint::Unknown, Stream::local);
        let peer = self.stream.as_ref().map_or(Endpoint::Unknown, Stream::peer);
        let mut header = Vec::new();
        match version {
            0 => return Ok(()),
            1 => proxy_protocol::write_v1(local, peer, &mut header),
            _ => {
                let extra = proxy_protocol::Extra::default();
                proxy_protocol::write_v2(local, peer, extra, &mut header);
            }
        }
        self.send(&header).await
    }

    /// Where to connect: as the rule says, else the check, else the server.
    fn address(&self, rule: &Connect) -> Option<ServerAddr> {
        let server = self.health.state(self.place)?.addr();
        let server = server.as_deref();
        let written = rule.addr.as_ref().or(self.spec.addr.as_ref());
        let port = rule.port.as_ref().map(|port| self.text(port));
        let port = port
            .and_then(|port| port.trim().parse().ok())
            .filter(|&port: &u16| port > 0);
        let own_port = match server {
            Some(ServerAddr::Tcp(addr)) => addr.port(),
            _ => 0,
        };
        let with_port = |ip, of_addr: u16| {
            let checked = Some(self.spec.port).filter(|&port| port > 0);
            let of_addr = Some(of_addr).filter(|&port| port > 0);
            let of_rule = rule.addr.as_ref().and(of_addr);
            let port = port.or(of_rule).or(checked).or(of_addr).unwrap_or(own_port);
            ServerAddr::Tcp(SocketAddr::new(ip, port))
        };
        match (written, server) {
            (Some(CheckAddr::Ip(ip, port)), _) => Some(with_port(*ip, *port)),
            (Some(CheckAddr::Local(addr)), _) => Some(addr.clone()),
            (None, Some(ServerAddr::Tcp(addr))) => Some(with_port(addr.ip(), 0)),
            (None, server) => server.cloned(),
        }
    }

    async fn send(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        self.received.clear();
        self.answer = None;
        let mut rest = bytes;
        while !rest.is_empty() {
            let sent = self
                .in_time(|stream, cx| stream.poll_write(cx, rest))
                .await?;
            rest = rest.get(sent..).unwrap_or_default();
        }
        Ok(())
    }

    /// Reads once; nothing after the end or when the buffer is full.
    async fn read(&mut self) -> Result<(), Stop> {
        if self.received.capacity() == 0 {
            self.received = Buffer::new(ANSWER_MAX);
        }
        let mut buffer = std::mem::replace(&mut self.received, Buffer::empty());
        let read = self
            .in_time(|stream, cx| stream.poll_read(cx, &mut buffer))
            .await;
        self.received = buffer;
        match read {
            Ok(ReadOutcome::Data(_)) => {}
            Ok(ReadOutcome::Eof | ReadOutcome::Full) => self.ended = true,
            // What came before a reset is looked at first.
            Err(Stop::Broken(_)) if !self.received.is_empty() => self.ended = true,
            Err(stop) => return Err(stop),
        }
        Ok(())
    }

    /// Waits for an operation on the connection, no longer than the check may take.
    async fn in_time<T>(
        &mut self,
        mut operation: impl FnMut(&mut Stream, &mut std::task::Context<'_>) -> Poll<io::Result<T>>,
    ) -> Result<T, Stop> {
        let mut late = std::pin::pin!(sleep(self.wheel, self.deadline));
        let stream = &mut self.stream;
        poll_fn(|cx| {
            let Some(stream) = stream else {
                return Poll::Ready(Err(Stop::Broken(io::ErrorKind::NotConnected.into())));
            };
            match operation(stream, cx) {
                Poll::Ready(Ok(value)) => Poll::Ready(Ok(value)),
                Poll::Ready(Err(error)) => Poll::Ready(Err(Stop::Broken(error))),
                Poll::Pending => late.as_mut().poll(cx).map(|()| Err(Stop::Late)),
            }
        })
        .await
    }

    /// A request in wire form.
    fn request(&self, request: &HttpRequest) -> Arc<[u8]> {
        let node = self.spec.script.send_state.as_deref();
        let state = node.map(|node| http::server_state(self.health, self.place, node));
        http::request(request, &self.as_run(), state.as_deref()).into()
    }
}

/// Comparing.
impl Probe<'_> {
    async fn expect(&mut self, script: &Script, step: &Step<'_>) -> Result<(), Stop> {
        if self.received.is_empty() && !self.ended {
            self.read().await?;
        }
        loop {
            let seen = match script.language {
                Language::Http => self.look_at_answer(script, step),
                _ => self.look_at_bytes(script, step),
            };
            match seen {
                Seen::Right => return Ok(()),
                Seen::Over(outcome) => return Err(Stop::Over(outcome)),
                Seen::Undecided if self.ended => {
                    return Err(Stop::Over(self.wrong(script, step, false, None)));
                }
                Seen::Undecided => self.read().await?,
            }
        }
    }

    fn look_at_bytes(&mut self, script: &Script, step: &Step<'_>) -> Seen {
        let expect = step.expect;
        let data = self.received.data();
        let enough = expect.min_recv.is_none_or(|least| data.len() >= least);
        if !enough && !self.ended {
            return Seen::Undecided;
        }
        let found = match &expect.what {
            Wanted::Bytes(text, kind) => {
                let wanted = text.bytes(&self.as_run());
                let wanted = match kind {
                    BytesKind::BinaryFormat => match unhex(&wanted) {
                        Some(bytes) => bytes,
                        None => {
                            let why = "Failed to parse hexastring resulting of eval of a log-format string";
                            return Seen::Over(self.wrong(script, step, false, Some(why)));
                        }
                    },
                    _ => wanted.to_vec(),
                };
                if matches!(kind, BytesKind::StringFormat | BytesKind::BinaryFormat)
                    && wanted.is_empty()
                {
                    let why = "log-format string evaluated to an empty string";
                    return Seen::Over(self.wrong(script, step, false, Some(why)));
                }
                if data.len() < wanted.len() && !self.ended {
                    return Seen::Undecided;
                }
                memmem::find(data, &wanted).is_some()
            }
            Wanted::Regex(pattern, false) => pattern.is_match(data),
            Wanted::Regex(pattern, true) => pattern.is_match(http::hex(data).as_bytes()),
            Wanted::Protocol(reply) => {
                return match reply.read(data, self.ended) {
                    Progress::NeedsMore => Seen::Undecided,
                    Progress::Continue => Seen::Right,
                    Progress::Over(mut outcome) => {
                        if outcome.status == CheckStatus::L7Ok && expect.ok_status.is_some() {
                            outcome.status = expect.ok_status.unwrap_or(outcome.status);
                        }
                        Seen::Over(outcome)
                    }
                };
            }
            _ => false,
        };
        if !found && !self.ended && expect.min_recv.is_none() {
            return Seen::Undecided;
        }
        match found != expect.negated {
            true => Seen::Right,
            false => Seen::Over(self.wrong(script, step, found, None)),
        }
    }

    fn look_at_answer(&mut self, script: &Script, step: &Step<'_>) -> Seen {
        let wants_body = matches!(step.expect.what, Wanted::Body(_) | Wanted::BodyRegex(_));
        let mut answer = match Answer::read(self.received.data(), self.ended) {
            Ok(Some(answer)) => answer,
            Ok(None) if self.ended => {
                return Seen::Over(self.wrong(script, step, false, None));
            }
            Ok(None) => return Seen::Undecided,
            Err(()) if self.received.is_empty() => {
                return Seen::Over(Outcome::of(CheckStatus::SocketError));
            }
            Err(()) => return Seen::Over(Outcome::of(CheckStatus::L7Response)),
        };
        self.number = answer.head.status().into();
        answer.complete |= self.ended;
        let complete = answer.complete;
        self.answer = Some(answer);
        if self.retires(script) {
            return Seen::Right;
        }
        let Some(answer) = &self.answer else {
            return Seen::Undecided;
        };
        if wants_body && answer.body.is_empty() {
            if !complete {
                return Seen::Undecided;
            }
            let why = "HTTP content check could not find a response body";
            return Seen::Over(self.wrong(script, step, false, Some(why)));
        }
        let run = self.as_run();
        let enough = step
            .expect
            .min_recv
            .is_none_or(|least| answer.body.len() >= least);
        let found = match &step.expect.what {
            Wanted::Status(ranges) => {
                let status = answer.head.status();
                ranges
                    .iter()
                    .any(|&(low, high)| (low..=high).contains(&status))
            }
            Wanted::StatusRegex(pattern) => {
                pattern.is_match(answer.head.status().to_string().as_bytes())
            }
            Wanted::Header(wanted) => http::has_header(&answer.head, wanted, &run),
            Wanted::Body(_) | Wanted::BodyRegex(_) if !enough && !complete => {
                return Seen::Undecided;
            }
            Wanted::Body(text) => memmem::find(&answer.body, &text.bytes(&run)).is_some(),
            Wanted::BodyRegex(pattern) => pattern.is_match(&answer.body),
            _ => false,
        };
        if wants_body && !found && !complete && step.expect.min_recv.is_none() {
            return Seen::Undecided;
        }
        match found != step.expect.negated {
            true => Seen::Right,
            false => Seen::Over(self.wrong(script, step, found, None)),
        }
    }

    /// What an expectation that failed comes to. `why` is known better than by the rule.
    fn wrong(
        &mut self,
        script: &Script,
        step: &Step<'_>,
        found: bool,
        why: Option<&str>,
    ) -> Outcome {
        let expect = step.expect;
        let by_status = matches!(
            expect.what,
            Wanted::Status(_) | Wanted::StatusRegex(_) | Wanted::Header(_)
        ) && self.answer.is_some();
        let default = match by_status {
            true => CheckStatus::L7Status,
            false => CheckStatus::L7Response,
        };
        let status = match &why {
            Some(_) if script.language != Language::Http => CheckStatus::L7Response,
            _ => expect.error_status.unwrap_or(default),
        };
        let known = why
            .map(str::to_owned)
            .or_else(|| self.known_reason(step, found));
        let mut info = match (known, &expect.on_error) {
            (_, Some(text)) => self.text(text),
            (Some(known), None) => known,
            (None, None) if self.received.is_empty() => {
                format!("TCPCHK got an empty response at step {}", step.number)
            }
            (None, None) if script.language != Language::Tcp => String::new(),
            (None, None) => mismatch(step, found, &self.as_run()),
        };
        if let Some(comment) = step.comment {
            info.push_str(" comment: ");
            info.push_str(comment);
        }
        self.number_by_rule(expect);
        Outcome {
            status,
            number: self.number,
            info,
        }
    }

    /// What answers say themselves.
    fn known_reason(&self, step: &Step<'_>, found: bool) -> Option<String> {
        let answer = self.answer.as_ref()?;
        Some(match step.expect.what {
            Wanted::Body(_) | Wanted::BodyRegex(_) if found => {
                "HTTP check matched unwanted content".to_owned()
            }
            Wanted::Body(_) | Wanted::BodyRegex(_) => "HTTP content check did not match".to_owned(),
            _ => {
                let reason = String::from_utf8_lossy(answer.head.reason()).into_owned();
                return (!reason.is_empty()).then_some(reason);
            }
        })
    }
}

/// `TCPCHK did not match content …`.
fn mismatch(step: &Step<'_>, found: bool, run: &Run<'_>) -> String {
    let mut info = match found {
        true => "TCPCHK matched unwanted content".to_owned(),
        false => "TCPCHK did not match content".to_owned(),
    };
    match &step.expect.what {
        Wanted::Bytes(text, BytesKind::String) => {
            let _ = write!(info, " '{}'", String::from_utf8_lossy(&text.bytes(run)));
        }
        Wanted::Bytes(_, BytesKind::Binary) => info.push_str(" (binary)"),
        Wanted::Bytes(_, BytesKind::StringFormat) => info.push_str(" (log-format string)"),
        Wanted::Bytes(_, BytesKind::BinaryFormat) => info.push_str(" (log-format binary)"),
        Wanted::Regex(_, false) => info.push_str(" (regex)"),
        Wanted::Regex(_, true) => info.push_str(" (binary regex)"),
        _ => {}
    }
    let _ = write!(info, " at step {}", step.number);
    info
}

/// ` at step 2 of tcp-check (…)`, after a connection failed or time ran out.
fn where_it_stopped(step: Option<&super::script::Step>, info: &mut String) {
    let Some(step) = step else {
        info.push_str(" at initial connection step of tcp-check");
        return;
    };
    let _ = write!(info, " at step {} of tcp-check", step.number);
    match &step.action {
        Action::Connect(Connect {
            port: Some(Text::Fixed(port)),
            ..
        }) => {
            let _ = write!(info, " (connect port {})", String::from_utf8_lossy(port));
        }
        Action::Connect(_) => info.push_str(" (connect)"),
        Action::Send(_) | Action::SendHttp(_) => info.push_str(" (send)"),
        Action::Expect(expect) => match &expect.what {
            Wanted::Bytes(Text::Fixed(text), BytesKind::String) => {
                let _ = write!(info, " (expect string '{}')", String::from_utf8_lossy(text));
            }
            Wanted::Bytes(Text::Fixed(text), BytesKind::Binary) => {
                let _ = write!(info, " (expect binary '{}')", http::hex(text));
            }
            Wanted::Bytes(_, BytesKind::BinaryFormat) => {
                info.push_str(" (expect log-format binary)");
            }
            Wanted::Bytes(..) => info.push_str(" (expect log-format string)"),
            Wanted::Regex(_, false) => info.push_str(" (expect regex)"),
            Wanted::Regex(_, true) => info.push_str(" (expect binary regex)"),
            _ => {}
        },
        Action::Variable(_) => {}
    }
    if let Some(comment) = &step.comment {
        let _ = write!(info, " comment: '{comment}'");
    }
}

/// An error of the system in HAProxy's words.
fn describe(error: &io::Error) -> String {
    let Some(number) = error.raw_os_error() else {
        return error.to_string();
    };
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    use rustix::io::Errno as E;
    let name = match E::from_raw_os_error(number) {
        E::CONNREFUSED => "ECONNREFUSED",
        E::CONNRESET => "ECONNRESET",
        E::HOSTUNREACH | E::NETUNREACH => "ENETUNREACH",
        E::NOMEM => "ENOMEM",
        E::NOBUFS => "ENOBUFS",
        E::PIPE => "EPIPE",
        E::INVAL => "EINVAL",
        _ => return text.to_owned(),
    };
    format!("{name} returned by OS ({text})")
}
