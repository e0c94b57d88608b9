//! A stream to run examples on, for the tests of this module and for fuzzing.

#![cfg_attr(not(test), allow(dead_code, reason = "fuzzing uses a part of it"))]

use super::condition::AclSet;
use super::content::Content;
use super::context::{ActionContext, Context, Names, Payload, Scratch};
use super::converter::{jwe_tokens, jwt_keys};
use super::outer::{Files, Outer, Resolve, ServerIndex, Site, Target};
use super::scope::{Phase, Scope};
use super::state::{BackendFact, FrontendFact, ProcessFact, ServerFact, State};
use super::userlist::{Password, User, UserList};
use super::variable::{ProcessVars, Store, StreamVars, Vars};
use crate::clock::Clock;
use crate::http1::{HeadLimits, RequestHead, ResponseHead};
use crate::net::{ConnFacts, Endpoint};
use crate::observe::Record;
use crate::protect::trigger::Trigger;
use crate::protect::{Breaker, BreakerSpec, Holds, Protections};
use crate::settings::Mode;
use crate::syntax::{Diagnostics, FileId, Span, Word};
use crate::table::{DataType, KeyType, Slots, Spec, Storage, Stored, Table, Tracks};
use std::sync::Arc;

/// One stream: 192.0.2.1:40000 to 198.51.100.2:8080, `front` to `back/s1`, five seconds after
/// the clock's origin.
pub(super) struct Stage {
    pub(super) conn: ConnFacts,
    pub(super) request: Option<RequestHead>,
    pub(super) response: Option<ResponseHead>,
    pub(super) record: Record,
    pub(super) clock: Clock,
    pub(super) scratch: Scratch,
    pub(super) server: Option<&'static str>,
    pub(super) content: Option<Content<'static>>,
    process: ProcessVars,
    session: Store,
    stream: StreamVars,
    tracks: Slots,
    holds: Holds,
    facts: Facts,
    /// The body of the response, or without one of the request.
    pub(super) body: Vec<u8>,
}

const LIMITS: HeadLimits = HeadLimits {
    max_size: 16_000,
    max_headers: 100,
};

const NAMES: Names<'static> = Names {
    frontend: "front",
    mode: Mode::Http,
    frontend_id: 2,
    frontend_index: 0,
    listener: "sock",
    listener_id: 1,
    listener_conns: 3,
    backend: "back",
    backend_id: 3,
    backend_index: Some(0),
    server: Some("s1"),
    server_id: 1,
    unique_id: None,
};

impl Stage {
    /// With a head as examples write it: lines end with `\n`; a `Host` is added if there is none;
    /// what follows an empty line is the message's body. `raw:` and bytes stand for what content
    /// rules in TCP mode see.
    pub(super) fn new(head: &str) -> Self {
        let clock = Clock::manual(5_000);
        let (facts, tracks) = Facts::tracked(&clock);
        let mut stage = Self {
            conn: ConnFacts::new(
                Endpoint::Inet(([192, 0, 2, 1], 40_000).into()),
                Endpoint::Inet(([198, 51, 100, 2], 8080).into()),
                1_000_000,
            ),
            request: None,
            response: None,
            record: Record::default(),
            clock,
            scratch: Scratch::new(),
            server: NAMES.server,
            content: None,
            process: ProcessVars::with_room(4),
            session: Store::default(),
            stream: StreamVars::default(),
            tracks,
            holds: Holds::default(),
            facts,
            body: Vec::new(),
        };
        if let Some(bytes) = head.strip_prefix("raw:") {
            let bytes: &'static [u8] = bytes.to_owned().leak().as_bytes();
            stage.content = Some(Content::raw(bytes, 16_384, false));
            return stage;
        }
        let (head, body) = head.split_once("\n\n").unwrap_or((head, ""));
        stage.body = body.into();
        if head.starts_with("HTTP/") {
            let mut response = ResponseHead::default();
            let raw = format!("{}\r\n\r\n", head.replace('\n', "\r\n"));
            response
                .parse(raw.as_bytes(), LIMITS)
                .expect(head)
                .expect(head);
            stage.response = Some(response);
        }
        let request_text = match head.starts_with("HTTP/") || head.is_empty() {
            true => "GET / HTTP/1.1",
            false => head,
        };
        let host = match request_text.to_ascii_lowercase().contains("\nhost:") {
            true => "",
            false => "\nHost: h",
        };
        let mut request = RequestHead::default();
        let raw = format!("{request_text}{host}\n\n").replace('\n', "\r\n");
        request
            .parse(raw.as_bytes(), LIMITS)
            .expect(head)
            .expect(head);
        stage.request = Some(request);
        stage
    }

    /// The bodies of request and response.
    fn bodies(&self) -> [Payload<'_>; 2] {
        let body = Payload {
            bytes: &self.body,
            ..Payload::default()
        };
        match self.response {
            Some(_) => [Payload::default(), body],
            None => [body, Payload::default()],
        }
    }

    pub(super) fn phase(&self) -> Phase {
        match (&self.response, &self.content) {
            (Some(_), _) => Phase::Response,
            (None, Some(_)) => Phase::Content,
            (None, None) => Phase::Request,
        }
    }

    pub(super) fn context(&self) -> Context<'_> {
        let [request_body, response_body] = self.bodies();
        Context {
            conn: &self.conn,
            request: self.request.as_ref(),
            response: self.response.as_ref(),
            content: self.content.as_ref(),
            request_body,
            response_body,
            record: &self.record,
            names: Names {
                server: self.server,
                ..NAMES
            },
            clock: &self.clock,
            vars: Vars {
                process: &self.process,
                session: &self.session,
                stream: Some(&self.stream),
            },
            tracks: Tracks {
                connection: Some(&self.tracks),
                stream: None,
            },
            state: &self.facts,
            scratch: &self.scratch,
        }
    }

    pub(super) fn action_context(&mut self) -> ActionContext<'_> {
        ActionContext {
            conn: &mut self.conn,
            socket: None,
            request: self.request.as_mut().expect("every stage has one"),
            has_request: true,
            response: self.response.as_mut(),
            content: None,
            request_body: Payload {
                bytes: &self.body,
                ..Payload::default()
            },
            response_body: Payload::default(),
            record: &self.record,
            names: NAMES,
            clock: &self.clock,
            vars: Vars {
                process: &self.process,
                session: &self.session,
                stream: Some(&self.stream),
            },
            tracks: Tracks {
                connection: Some(&self.tracks),
                stream: None,
            },
            holds: &self.holds,
            state: &self.facts,
            scratch: &self.scratch,
        }
    }
}

/// A process with one frontend, `front`, one backend, `back`, with one server, `s1`, and a table.
#[derive(Debug)]
struct Facts {
    table: Arc<Table>,
    protections: Protections,
}

impl Facts {
    /// With an entry for the client, tracked three times, whose every value is 7: 7 kilobytes
    /// where it counts bytes.
    fn tracked(clock: &Clock) -> (Self, Slots) {
        let stored = |kind: DataType| Stored {
            kind,
            elements: if kind.is_array() { 3 } else { 1 },
            period: 10_000,
        };
        let spec = Spec {
            name: "t".to_owned(),
            key: KeyType::Ip,
            size: 10,
            expire: Some(30_000),
            nopurge: false,
            store: DataType::all().map(stored).collect(),
            bytes_per_unit: 1,
            servers_by_address: false,
        };
        let table = Table::new(spec, clock.clone());
        let slots = Slots::default();
        let tracks = Tracks {
            connection: Some(&slots),
            stream: None,
        };
        for slot in 0..3 {
            tracks.fill(
                slot,
                table
                    .track(&[192, 0, 2, 1], table.now())
                    .expect("there is room"),
            );
        }
        let entry = Arc::clone(tracks.get(0).expect("it was just filled").entry());
        for stored in table.layout().stored() {
            for index in 0..stored.elements {
                let slot = table.layout().slot(stored.kind, index);
                let value = match stored.kind.storage() {
                    Storage::Wide => 7 << 10,
                    _ => 7,
                };
                table.set(&entry, slot.expect("it is stored"), value, table.now());
            }
        }
        let protections = Protections {
            breakers: [breaker(clock)].into(),
            ..Protections::default()
        };
        let facts = Self { table, protections };
        (facts, slots)
    }
}

/// `back/errors`, which is closed.
fn breaker(clock: &Clock) -> Arc<Breaker> {
    let spec = BreakerSpec {
        name: "back/errors".into(),
        trigger: Trigger::parse("NetworkErrorRatio() > 0.5").expect("it is one"),
        check_period: 100,
        fallback: 10_000,
        fallback_max: None,
        recovery: 10_000,
        min_requests: 0,
        window: 10_000,
        latency_window: 60_000,
        first_byte: false,
        probe_max: None,
        shadow: false,
        server: None,
    };
    Breaker::new(spec, clock.clone())
}

impl State for Facts {
    fn process(&self, fact: ProcessFact) -> Option<i64> {
        Some(match fact {
            ProcessFact::Connections => 7,
            ProcessFact::Threads => 2,
            ProcessFact::Thread => 1,
            ProcessFact::UptimeSeconds => 60,
            ProcessFact::ThreadCpu => 40,
            ProcessFact::ProcessCpu => 30,
            ProcessFact::Stopping => 0,
        })
    }

    fn frontend(&self, _: u32, fact: FrontendFact) -> Option<i64> {
        Some(match fact {
            FrontendFact::Connections => 6,
            FrontendFact::RequestRate => 50,
            FrontendFact::SessionRate => 40,
            FrontendFact::ClientTimeout => 5_000,
            FrontendFact::TarpitTimeout => 8_000,
        })
    }

    fn backend(&self, _: u32, fact: BackendFact) -> Option<i64> {
        Some(match fact {
            BackendFact::Connections => 5,
            BackendFact::ConnectionsFree => 20,
            BackendFact::Slots => 30,
            BackendFact::Queue => 3,
            BackendFact::AverageQueue => 2,
            BackendFact::SessionRate => 25,
            BackendFact::UsableServers => 2,
            BackendFact::ConnectTimeout => 1_000,
            BackendFact::QueueTimeout => 2_000,
            BackendFact::ServerTimeout => 3_000,
            BackendFact::TarpitTimeout => 4_000,
            BackendFact::TunnelTimeout => 0,
        })
    }

    fn server(&self, _: ServerIndex, fact: ServerFact) -> Option<i64> {
        Some(match fact {
            ServerFact::Connections => 4,
            ServerFact::ConnectionsFree => 6,
            ServerFact::Queue => 1,
            ServerFact::SessionRate => 12,
            ServerFact::Up => 1,
            ServerFact::Weight => 16,
            ServerFact::InitialWeight => 8,
            ServerFact::UserWeight => 10,
        })
    }

    fn table(&self, index: u32) -> Option<&Arc<Table>> {
        (index == 0).then_some(&self.table)
    }

    fn protections(&self) -> Option<&Protections> {
        Some(&self.protections)
    }

    fn default_backend(&self, _: u32) -> Option<&str> {
        Some("back")
    }

    fn frontend_named(&self, name: &[u8]) -> Option<u32> {
        (name == b"front").then_some(0)
    }

    fn backend_named(&self, name: &[u8]) -> Option<u32> {
        (name == b"back").then_some(0)
    }

    fn server_named(&self, backend: u32, name: &[u8]) -> Option<ServerIndex> {
        (name == b"s1").then_some(ServerIndex { backend, server: 0 })
    }
}

/// Lets every reference lead to the only frontend, backend or server.
pub(super) fn resolve(outer: &Outer) {
    for reference in outer.references().iter() {
        match &reference.target {
            Target::Frontend(link)
            | Target::Backend(link)
            | Target::Table(link)
            | Target::Breaker(link)
            | Target::Tracked(link, _)
            | Target::Throttled(link, ..)
            | Target::Stuck(link, _) => link.fill(0),
            Target::Server(link) => link.fill(ServerIndex {
                backend: 0,
                server: 0,
            }),
        }
    }
}

/// A word written plainly, as the only text of a file.
pub(super) fn word(text: impl AsRef<[u8]>) -> Word {
    word_at(0, text.as_ref())
}

fn word_at(at: usize, bytes: &[u8]) -> Word {
    Word {
        bytes: bytes.into(),
        span: Span {
            file: FileId(0),
            start: at as u32,
            end: (at + bytes.len()) as u32,
        },
    }
}

/// Words split at blanks, as the lexer gives them; no quotes.
pub(crate) fn words(text: impl AsRef<[u8]>) -> Vec<Word> {
    let mut at = 0;
    let mut list = Vec::new();
    for part in text.as_ref().split(|&byte| byte == b' ') {
        if !part.is_empty() {
            list.push(word_at(at, part));
        }
        at += part.len() + 1;
    }
    list
}

/// No host has an address.
pub(super) const NO_NAMES: Resolve<'static> = &|_| Err(std::io::ErrorKind::NotFound.into());

/// A file loader that knows a few files.
pub(super) const FILES: Files<'static> = &|name| match name {
    "paths.lst" => Ok(b"# comment\n/one\n/two\n".to_vec()),
    "texts.map" => Ok(b"# a map\none the first\ntwo  2\none again\n".to_vec()),
    "ints.map" => Ok(b"a 1\nbc 22\nb 2\n".to_vec()),
    "addrs.map" => Ok(b"a 192.0.2.1\nb ::1\n".to_vec()),
    "paths.map" => Ok(b"/api api\n/api/v1 v1\n".to_vec()),
    "hosts.map" => Ok(b"com any\nexample.com ex\nexample.org org\n".to_vec()),
    "regs.map" => Ok(b"^b([0-9]*) got \\1\n12 late\n".to_vec()),
    "ranges.map" => Ok(b"5 1\n1:9 2\n10:99 3\n".to_vec()),
    "ranges_addrs.map" => Ok(b"1:9 192.0.2.1\n".to_vec()),
    "nets.map" => Ok(b"10.0.0.0/8 1\n192.0.0.0/8 2\n192.0.2.0/24 3\n".to_vec()),
    "nets_addrs.map" => Ok(b"10.0.0.0/8 192.0.2.1\n".to_vec()),
    "bad.lst" => Ok(b"10.0.0.1\n# no\nnowhere\n1.2.3.4/33\n".to_vec()),
    "bad.map" => Ok(b"a 1\nb x\nc 3\nd y\ne z\n".to_vec()),
    "bad_regs.map" => Ok(b"a 1\n(b 2\n".to_vec()),
    "junk.lst" => Ok(b"a\n\x7fELF\x02\x00\x01\n".to_vec()),
    "es256.pem" => Ok(jwt_keys::P256.into()),
    "cert.pem" => Ok(jwt_keys::CERTIFICATE.into()),
    "private.pem" => Ok(jwe_tokens::P256_PEM.into()),
    "split.pem" => Ok(jwt_keys::CERTIFICATE.into()),
    "split.pem.key" => Ok(jwe_tokens::P256_SEC1.into()),
    "page.html" => Ok(b"<p>hello</p>\n".to_vec()),
    _ => Err(std::io::ErrorKind::NotFound.into()),
};

/// Those files and names of its own, each time.
pub(super) struct TestSite;

/// The only one.
pub(super) const SITE: TestSite = TestSite;

impl TestSite {
    /// A site whose names live as long as the process.
    pub(super) fn site(&self) -> Site<'static> {
        Site {
            files: FILES,
            resolve: NO_NAMES,
            outer: Box::leak(Box::new(outer())),
            proxy: "front",
            acls: Box::leak(Box::<AclSet>::default()),
        }
    }
}

/// Knows the list `users` with alice, password secret, of the group admins.
fn outer() -> Outer {
    let alice = User {
        password: Some(Password::Plain(b"secret".as_slice().into())),
        groups: vec![b"admins".as_slice().into()],
    };
    let users = [(b"alice".as_slice().into(), alice)].into();
    let outer = Outer::default();
    outer.captures().is_front = true;
    outer.set_stick_counters(3);
    let groups = [b"admins".as_slice().into()].into();
    outer.add_userlist(b"users", UserList { users, groups });
    outer
}

/// Runs `parse` in a scope and gives its result and the findings' codes and messages.
pub(super) fn scoped<T>(
    acls: &AclSet,
    phase: Phase,
    parse: impl FnOnce(&mut Scope<'_>) -> T,
) -> (T, Vec<String>) {
    let mut diags = Diagnostics::default();
    let parsed = parse(&mut Scope {
        acls,
        mode: Mode::Http,
        phase,
        diags: &mut diags,
        site: Site {
            files: FILES,
            resolve: NO_NAMES,
            outer: &outer(),
            proxy: "front",
            acls,
        },
    });
    let messages = diags
        .iter()
        .map(|d| format!("{} {}", d.code.0, d.message))
        .collect();
    (parsed, messages)
}
