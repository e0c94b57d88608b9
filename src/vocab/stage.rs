//! A stream to run examples on, for the tests of this module.

use super::context::{ActionContext, Context, Names, Payload, Scratch};
use super::outer::{Files, Outer, Site};
use super::scope::{Phase, Scope};
use super::userlist::{Password, User, UserList};
use super::{arguments, condition::AclSet};
use crate::clock::Clock;
use crate::http1::{HeadLimits, RequestHead, ResponseHead};
use crate::net::{ConnFacts, Endpoint};
use crate::observe::Record;
use crate::settings::Mode;
use crate::syntax::{Diagnostics, Word};

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
    /// The request's body.
    pub(super) body: Vec<u8>,
}

const LIMITS: HeadLimits = HeadLimits {
    max_size: 16_000,
    max_headers: 100,
};

const NAMES: Names<'static> = Names {
    frontend: "front",
    frontend_id: 2,
    listener: "sock",
    listener_id: 1,
    backend: "back",
    backend_id: 3,
    server: Some("s1"),
    server_id: 1,
    unique_id: None,
};

impl Stage {
    /// With a head as examples write it: lines end with `\n`; a `Host` is added if there is none;
    /// what follows an empty line is the request's body.
    pub(super) fn new(head: &str) -> Self {
        let mut stage = Self {
            conn: ConnFacts {
                src: Endpoint::Inet("192.0.2.1:40000".parse().unwrap()),
                dst: Endpoint::Inet("198.51.100.2:8080".parse().unwrap()),
                accepted_us: 1_000_000,
            },
            request: None,
            response: None,
            record: Record::default(),
            clock: Clock::manual(5_000),
            scratch: Scratch::new(),
            server: NAMES.server,
            body: Vec::new(),
        };
        if head.starts_with("HTTP/") {
            let mut response = ResponseHead::default();
            let raw = format!("{}\r\n\r\n", head.replace('\n', "\r\n"));
            response
                .parse(raw.as_bytes(), LIMITS)
                .expect(head)
                .expect(head);
            stage.response = Some(response);
        }
        let (head, body) = head.split_once("\n\n").unwrap_or((head, ""));
        stage.body = body.into();
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

    fn payload(&self) -> Payload<'_> {
        Payload {
            bytes: &self.body,
            ..Payload::default()
        }
    }

    pub(super) fn phase(&self) -> Phase {
        match self.response {
            Some(_) => Phase::Response,
            None => Phase::Request,
        }
    }

    pub(super) fn context(&self) -> Context<'_> {
        Context {
            conn: &self.conn,
            request: self.request.as_ref(),
            response: self.response.as_ref(),
            request_body: self.payload(),
            response_body: Payload::default(),
            record: &self.record,
            names: Names {
                server: self.server,
                ..NAMES
            },
            clock: &self.clock,
            scratch: &self.scratch,
        }
    }

    pub(super) fn action_context(&mut self) -> ActionContext<'_> {
        ActionContext {
            conn: &self.conn,
            request: self.request.as_mut().expect("every stage has one"),
            response: self.response.as_mut(),
            request_body: Payload {
                bytes: &self.body,
                ..Payload::default()
            },
            response_body: Payload::default(),
            record: &self.record,
            names: NAMES,
            clock: &self.clock,
            scratch: &self.scratch,
        }
    }
}

/// Words split at blanks, as the lexer gives them; no quotes.
pub(super) fn words(text: &str) -> Vec<Word> {
    let whole = arguments::tests::word(text);
    let mut at = 0;
    let mut list = Vec::new();
    for part in text.split(' ') {
        if !part.is_empty() {
            list.push(Word {
                bytes: part.as_bytes().into(),
                span: crate::syntax::Span {
                    file: whole.span.file,
                    start: at as u32,
                    end: (at + part.len()) as u32,
                },
            });
        }
        at += part.len() + 1;
    }
    list
}

/// A file loader that knows two files.
pub(super) const FILES: Files<'static> = &|name| match name {
    "paths.lst" => Ok(b"# comment\n/one\n/two\n".to_vec()),
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
            outer: Box::leak(Box::new(outer())),
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
    outer.add_userlist(b"users", UserList { users });
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
        site: SITE.site(),
    });
    let messages = diags
        .iter()
        .map(|d| format!("{} {}", d.code.0, d.message))
        .collect();
    (parsed, messages)
}
