//! What rules cost: a condition, a header edit, a log line, the choice of a backend.
//!
//! The bar for the condition is 60 ns without allocation. Among 10,000 backends that a map names the choice
//! may take 160 ns, a hundredth of a request, longer than among ten: what their keys cost in cold memory.

#![allow(missing_docs, reason = "criterion's macros make undocumented items")]
#![allow(clippy::unwrap_used, reason = "a bench may stop at once")]

#[path = "support/verdict.rs"]
mod verdict;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use std::fmt::Write;
use std::hint::black_box;
use tidegate::clock::Clock;
use tidegate::compile::config::{BackendId, Config, Mode, SwitchTarget};
use tidegate::compile::{CompileOptions, compile};
use tidegate::http1::{HeadLimits, RequestHead};
use tidegate::net::{ConnFacts, Endpoint};
use tidegate::observe::Record;
use tidegate::protect::Holds;
use tidegate::syntax::{Diagnostics, Environment, Facts, FileId, Sources, Span, Word, parse};
use tidegate::table::Tracks;
use tidegate::vocab::action;
use tidegate::vocab::condition::{self, AclSet};
use tidegate::vocab::context::{ActionContext, Context, Names, Payload, Scratch};
use tidegate::vocab::format;
use tidegate::vocab::host::System;
use tidegate::vocab::outer::{Outer, Site};
use tidegate::vocab::scope::{Phase, Scope};
use tidegate::vocab::state::NoState;
use tidegate::vocab::variable::{ProcessVars, Store, StreamVars, Vars};

const NAMES: Names<'static> = Names {
    unique_id: None,
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
};

const HEAD: &[u8] = b"GET /api/v1/users?id=7 HTTP/1.1\r\nHost: www.example.com\r\n\
    User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: text/html,application/xml;q=0.9\r\n\
    Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br\r\n\
    Cookie: session=0123456789abcdef\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n";

struct Stream {
    conn: ConnFacts,
    request: RequestHead,
    record: Record,
    clock: Clock,
    scratch: Scratch,
    process: ProcessVars,
    session: Store,
    stream: StreamVars,
    holds: Holds,
}

impl Stream {
    fn new() -> Self {
        let mut request = RequestHead::default();
        request.parse(HEAD, LIMITS).unwrap();
        let record = Record {
            accepted_us: 1_000_000,
            handshake_us: 1_000_000,
            request_start_us: 1_003_000,
            request_end_us: 1_003_000,
            queued_us: 1_003_000,
            connected_us: 1_003_000,
            response_us: 1_005_000,
            end_us: 1_005_000,
            status: 200,
            bytes_out: 1234,
            conns: [4, 3, 2, 1].into(),
            request_line: b"GET /api/v1/users?id=7 HTTP/1.1".to_vec(),
            ..Record::default()
        };
        Self {
            conn: ConnFacts::new(
                Endpoint::Inet("192.0.2.1:40000".parse().unwrap()),
                Endpoint::Inet("198.51.100.2:80".parse().unwrap()),
                1_000_000,
            ),
            request,
            record,
            clock: Clock::manual(1_006),
            scratch: Scratch::new(),
            process: ProcessVars::default(),
            session: Store::default(),
            stream: StreamVars::default(),
            holds: Holds::default(),
        }
    }

    fn context(&self) -> Context<'_> {
        Context {
            conn: &self.conn,
            request: Some(&self.request),
            response: None,
            content: None,
            request_body: Payload::default(),
            response_body: Payload::default(),
            record: &self.record,
            names: NAMES,
            clock: &self.clock,
            vars: Vars {
                process: &self.process,
                session: &self.session,
                stream: Some(&self.stream),
            },
            tracks: Tracks::default(),
            state: &NoState,
            scratch: &self.scratch,
        }
    }

    fn action_context(&mut self) -> ActionContext<'_> {
        ActionContext {
            conn: &mut self.conn,
            socket: None,
            request: &mut self.request,
            has_request: true,
            response: None,
            content: None,
            request_body: Payload::default(),
            response_body: Payload::default(),
            record: &self.record,
            names: NAMES,
            clock: &self.clock,
            vars: Vars {
                process: &self.process,
                session: &self.session,
                stream: Some(&self.stream),
            },
            tracks: Tracks::default(),
            holds: &self.holds,
            state: &NoState,
            scratch: &self.scratch,
        }
    }
}

const LIMITS: HeadLimits = HeadLimits {
    max_size: 15_360,
    max_headers: 101,
};

fn words(text: &str) -> Vec<Word> {
    let span = Span {
        file: FileId(0),
        start: 0,
        end: 0,
    };
    let word = |text: &str| Word {
        bytes: text.as_bytes().into(),
        span,
    };
    text.split(' ').map(word).collect()
}

fn in_scope<T>(parse: impl FnOnce(&mut Scope<'_>) -> Option<T>) -> T {
    let mut diags = Diagnostics::default();
    let outer = Outer::default();
    let parsed = parse(&mut Scope {
        acls: &AclSet::default(),
        mode: Mode::Http,
        phase: Phase::Request,
        diags: &mut diags,
        site: Site {
            files: &|_| Err(std::io::ErrorKind::NotFound.into()),
            resolve: &|_| Err(std::io::ErrorKind::NotFound.into()),
            outer: &outer,
            proxy: "front",
            acls: &AclSet::default(),
        },
    });
    outer.patterns.finish();
    parsed.unwrap()
}

fn rules(c: &mut Criterion) {
    let mut stream = Stream::new();
    for text in [
        "if { path_beg /api } !{ src 10.0.0.0/8 }",
        "if { hdr(host) -i www.example.com } { path_reg ^/api/v[0-9]+/ }",
        "if { path,lower,field(2,/) api }",
    ] {
        let condition = in_scope(|scope| condition::parse(&words(text), scope));
        c.bench_function(&format!("condition {text}"), |b| {
            b.iter(|| black_box(&condition).holds(&stream.context()));
        });
    }
    let rule =
        in_scope(|scope| action::parse_http_request(&words("set-header X-Real-IP %[src]"), scope));
    let fresh = stream.request.clone();
    let mut edits = 0;
    c.bench_function("set-header X-Real-IP %[src]", |b| {
        b.iter(|| {
            // A head grows with each edit; start over before it reaches its bound.
            edits += 1;
            if edits % 100 == 0 {
                stream.request.clone_from(&fresh);
            }
            rule.action.run(&mut stream.action_context())
        });
    });
    let line = format::httplog();
    let mut out = Vec::new();
    c.bench_function("httplog line", |b| {
        b.iter(|| {
            out.clear();
            line.render(&stream.context(), &mut out);
            out.len()
        });
    });
}

/// Backends that a map of hosts names.
const BACKENDS: [usize; 2] = [10, 10_000];
/// Different requests, one after the other.
const REQUESTS: usize = 1000;
/// How much longer the choice may take among many.
const MOST_MORE_NS: f64 = 160.0;

fn routed(backends: usize) -> Config {
    let map = tempfile::NamedTempFile::new().unwrap();
    let (mut hosts, mut text) = (
        String::new(),
        String::from("frontend f\n bind 127.0.0.1:80\n"),
    );
    let (path, timeouts) = (
        map.path().display(),
        "timeout connect 1s\n timeout server 1s\n timeout client 1s",
    );
    writeln!(
        text,
        " mode http\n {timeouts}\n use_backend %[req.hdr(host),map({path})]"
    )
    .unwrap();
    for n in 0..backends {
        writeln!(hosts, "h{n}.example.com tenant_{n}").unwrap();
        writeln!(
            text,
            "backend tenant_{n}\n mode http\n {timeouts}\n server s 127.0.0.1:81"
        )
        .unwrap();
    }
    std::fs::write(map.path(), hosts).unwrap();
    let mut sources = Sources::default();
    let file = sources.add("routed.cfg", text);
    let (mut environment, mut diags) = (Environment::default(), Diagnostics::default());
    let document = parse(
        &sources,
        &[file],
        &mut environment,
        &Facts::default(),
        &mut diags,
    );
    let options = CompileOptions {
        allow_unsupported: false,
        host: &System {
            environment: &environment,
            ignore_resolution: true,
            offline: false,
        },
        sources: &sources,
    };
    compile(&document, &mut diags, &options).unwrap()
}

/// Chooses a backend for one request after the other.
fn chooser(backends: usize) -> impl FnMut() -> BackendId {
    let (stream, config) = (Stream::new(), routed(backends));
    let requests: Vec<RequestHead> = (0..REQUESTS)
        .map(|n| {
            let host = n * 7919 % backends;
            let mut head = RequestHead::default();
            let text = format!("GET / HTTP/1.1\r\nHost: h{host}.example.com\r\n\r\n");
            head.parse(text.as_bytes(), LIMITS).unwrap();
            head
        })
        .collect();
    let (mut at, mut name) = (0, Vec::new());
    move || {
        let rule = config
            .frontends
            .first()
            .and_then(|front| front.switching.first());
        let Some(SwitchTarget::Format(format)) = rule.map(|rule| &rule.target) else {
            panic!("the map is asked for each request")
        };
        at = (at + 1) % requests.len();
        name.clear();
        let request = requests.get(at);
        format.render(
            &Context {
                request,
                ..stream.context()
            },
            &mut name,
        );
        config.backend_named(&name).unwrap()
    }
}

fn routing(c: &mut Criterion) {
    let mut group = c.benchmark_group("choose_backend_by_map");
    let took = BACKENDS.map(|backends| {
        let mut choose = chooser(backends);
        group.bench_function(BenchmarkId::from_parameter(backends), |b| {
            b.iter(&mut choose)
        });
        verdict::nanoseconds(choose)
    });
    group.finish();
    let what = format!(
        "a backend among {} by map, among {} {:.0} ns",
        BACKENDS[1], BACKENDS[0], took[0]
    );
    verdict::judge(&what, took[1], took[0] + MOST_MORE_NS);
}

criterion_group!(benches, rules, routing);
criterion_main!(benches);
