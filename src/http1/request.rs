//! Request heads: parsed once, edited in place, written canonically.

use super::body::Body;
use super::class::{self, Authority};
use super::error::{EditError, HeadError};
use super::framing::{Framing, offers_upgrade, read_connection, read_framing};
use super::head::{
    HeadLimits, Method, Strictness, Version, skip_empty_lines, version_of, with_room,
};
use super::headers::{Headers, Kind, Kinds, Piece, Slice};
use super::target::{Parts, default_port, is_default_port};
use super::write::{Fields, WriteOptions, write_line};
use std::mem::MaybeUninit;
use std::ops::{Deref, DerefMut};

/// A request head. It dereferences to its [`Headers`].
///
/// Everything about framing and the connection is what the client sent, whatever rules do to the
/// headers later.
#[derive(Clone, Debug, Default)]
pub struct RequestHead {
    headers: Headers,
    method_text: Slice,
    method: Method,
    /// The method before any rule replaced it: what the response must suit.
    strictness: Strictness,
    received_method: Method,
    target: Slice,
    /// Method and target of the received line, which stays in the text.
    received: (Slice, Slice),
    /// The target's own authority, empty in origin-form.
    authority: Slice,
    path: Slice,
    version: Version,
    framing: Framing,
    keep_alive: bool,
    upgrade: bool,
    expect_continue: bool,
}

impl Deref for RequestHead {
    type Target = Headers;
    fn deref(&self) -> &Headers {
        &self.headers
    }
}

impl DerefMut for RequestHead {
    fn deref_mut(&mut self) -> &mut Headers {
        &mut self.headers
    }
}

impl RequestHead {
    /// Parses a head at the front of `input`, replacing what `self` held.
    ///
    /// `Ok(None)` means more bytes are needed; `Ok(Some(n))` that the head took `n` bytes, a few
    /// empty lines before it included. After any other outcome `self` is empty.
    ///
    /// # Errors
    /// Any deviation from RFC 9112 §2-6 that could be read in two ways. What is an error for a
    /// part of the input is the same error for all of it.
    pub fn parse(&mut self, input: &[u8], limits: HeadLimits) -> Result<Option<usize>, HeadError> {
        self.parse_by(input, limits, Strictness::Full)
    }

    /// As [`Self::parse`], as strict as is said.
    pub fn parse_by(
        &mut self,
        input: &[u8],
        limits: HeadLimits,
        strictness: Strictness,
    ) -> Result<Option<usize>, HeadError> {
        self.strictness = strictness;
        let outcome = self.parse_bounded(input, limits);
        if !matches!(outcome, Ok(Some(_))) {
            self.clear();
        }
        outcome
    }

    /// Forgets everything; capacity stays.
    pub fn clear(&mut self) {
        let mut headers = std::mem::take(&mut self.headers);
        headers.clear();
        *self = Self {
            headers,
            ..Self::default()
        };
    }

    fn parse_bounded(
        &mut self,
        input: &[u8],
        limits: HeadLimits,
    ) -> Result<Option<usize>, HeadError> {
        let window = limits.window(input);
        let Some(skipped) = skip_empty_lines(window)? else {
            return limits.incomplete(window);
        };
        let head = window.get(skipped..).unwrap_or(&[]);
        match with_room(limits.max_headers, |room| self.parse_in(head, room))? {
            Some(len) => Ok(Some(skipped + len)),
            None if memchr::memchr(b'\n', head).is_none() => limits
                .incomplete(window)
                .map_err(|_| HeadError::TargetTooLong),
            None => limits.incomplete(window),
        }
    }

    fn parse_in<'b>(
        &mut self,
        input: &'b [u8],
        room: &mut [MaybeUninit<httparse::Header<'b>>],
    ) -> Result<Option<usize>, HeadError> {
        let mut parsed = httparse::Request::new(&mut []);
        let httparse::Status::Complete(len) = parsed.parse_with_uninit_headers(input, room)? else {
            return Ok(None);
        };
        let head = input.get(..len).unwrap_or(input);
        let (method, target) = (
            parsed.method.unwrap_or_default().as_bytes(),
            parsed.path.unwrap_or_default().as_bytes(),
        );
        self.method_text = Slice::within(head, method);
        self.method = Method::of(method);
        self.received_method = self.method;
        self.target = Slice::within(head, target);
        self.received = (self.method_text, self.target);
        self.version = version_of(parsed.version);
        let line_end = self.target.end() + b" HTTP/1.1".len();
        if head.get(line_end..line_end + 2) != Some(b"\r\n") {
            return Err(HeadError::Syntax);
        }
        let kinds = self.headers.load(head, parsed.headers)?;
        let parts = Parts::of(target, self.method, self.strictness).ok_or(HeadError::Syntax)?;
        self.set_parts(&parts);
        self.interpret(kinds)?;
        Ok(Some(len))
    }

    fn interpret(&mut self, kinds: Kinds) -> Result<(), HeadError> {
        self.check_host(kinds)?;
        let options = read_connection(&mut self.headers, kinds)?;
        self.framing = read_framing(&mut self.headers, kinds, self.version)?;
        if self.is_connect() && !matches!(self.framing, Framing::Nothing | Framing::Length(0)) {
            return Err(HeadError::Framing);
        }
        let is_11 = self.version == Version::Http11;
        self.keep_alive = options.persists(self.version);
        self.upgrade = is_11 && options.upgrade && offers_upgrade(&self.headers);
        self.expect_continue =
            is_11 && kinds.has(Kind::Expect) && self.headers.has_token(b"expect", b"100-continue");
        if self.upgrade
            && self.headers.has_token(b"upgrade", b"websocket")
            && self.headers.header(b"sec-websocket-key").is_none()
        {
            return Err(HeadError::Syntax);
        }
        if self.is_absolute() {
            self.normalize_absolute();
        } else if self.is_connect() {
            self.normalize_connect();
        }
        Ok(())
    }

    /// RFC 9112 §3.2: one Host, and one that does not contradict the target.
    fn check_host(&self, kinds: Kinds) -> Result<(), HeadError> {
        if !kinds.has(Kind::Host) {
            return match self.version {
                Version::Http10 => Ok(()),
                Version::Http11 => Err(HeadError::Syntax),
            };
        }
        let mut hosts = self.headers.values_of(Kind::Host);
        let (Some(host), None) = (hosts.next(), hosts.next()) else {
            return Err(HeadError::Syntax);
        };
        let authority = self.authority.of(&self.headers.text);
        let good = if authority.is_empty() {
            host.is_empty() || Authority::parse(host).is_some()
        } else {
            self.strictness == Strictness::Relaxed || self.host_agrees(host, authority)
        };
        if good { Ok(()) } else { Err(HeadError::Syntax) }
    }

    fn host_agrees(&self, host: &[u8], authority: &[u8]) -> bool {
        let (Some(host), Some(authority)) = (Authority::parse(host), Authority::parse(authority))
        else {
            return false;
        };
        let default = if self.is_connect() {
            authority.port.filter(|port| is_default_port(*port))
        } else {
            default_port(self.target())
        };
        authority.agrees(host, default)
    }

    /// CONNECT has no scheme: either default port goes from Host, and stays in the target.
    fn normalize_connect(&mut self) {
        if let Some(host) = self.host() {
            let host = without_default_port(host).to_vec();
            self.headers.unify(Kind::Host, &host);
        }
    }

    /// A port that the scheme implies goes, from target and Host; an empty path becomes `/`.
    fn normalize_absolute(&mut self) {
        let text = &mut self.headers.text;
        let authority = Authority::parse(self.authority.of(text));
        let implied = default_port(self.target.of(text));
        let port_len = match authority {
            // An empty port goes as well (RFC 3986 §6.2.3).
            Some(Authority { host, port }) if port.is_none() || port == implied => {
                self.authority.len() - host.len()
            }
            _ => 0,
        };
        if port_len == 0 && self.path.len() > 0 {
            return;
        }
        let start = text.len();
        text.extend_from_within(self.target.start()..self.authority.end() - port_len);
        let authority = Slice::new(
            start + self.authority.start() - self.target.start(),
            self.authority.len() - port_len,
        );
        let path_start = text.len();
        if self.path.len() == 0 {
            text.push(b'/');
        }
        text.extend_from_within(self.authority.end()..self.target.end());
        let path_len = self.path.len().max(1);
        self.target = Slice::new(start, text.len() - start);
        self.authority = authority;
        self.path = Slice::new(path_start, path_len);
        if port_len > 0 && self.headers.values_of(Kind::Host).next().is_some() {
            let host = self.authority.of(&self.headers.text).to_vec();
            self.headers.unify(Kind::Host, &host);
        }
    }

    fn set_parts(&mut self, parts: &Parts) {
        let at = self.target.start();
        self.authority = Slice::new(at + parts.authority.start, parts.authority.len());
        self.path = Slice::new(at + parts.path.start, parts.path.len());
    }
}

/// `authority` as the Host of a CONNECT request.
fn without_default_port(authority: &[u8]) -> &[u8] {
    match Authority::parse(authority) {
        Some(Authority { host, port }) if port.is_some_and(is_default_port) => host,
        _ => authority,
    }
}

/// What it says.
impl RequestHead {
    /// The method as it stands.
    pub fn method(&self) -> &[u8] {
        self.method_text.of(&self.headers.text)
    }

    /// The method, if it is a known one.
    pub fn known_method(&self) -> Method {
        self.method
    }

    /// Whether the method is CONNECT.
    pub fn is_connect(&self) -> bool {
        self.method == Method::Connect
    }

    /// Whether the client sent HEAD, so that what it gets has no body whatever rules made of the
    /// method.
    pub fn is_head(&self) -> bool {
        self.received_method == Method::Head
    }

    /// Whether the server is sent HEAD, so that its response has no body.
    pub fn asks_head(&self) -> bool {
        self.method == Method::Head
    }

    /// The request target in the form it was sent in.
    pub fn target(&self) -> &[u8] {
        self.target.of(&self.headers.text)
    }

    /// Method and target as they were received, whatever rules made of them.
    pub fn received(&self) -> (&[u8], &[u8]) {
        let (method, target) = self.received;
        (method.of(&self.headers.text), target.of(&self.headers.text))
    }

    /// The path, from its first `/` to before `?`; empty for CONNECT and `*`.
    pub fn path(&self) -> &[u8] {
        self.path.of(&self.headers.text)
    }

    /// What follows the first `?`.
    pub fn query(&self) -> Option<&[u8]> {
        let rest = self.after_path().of(&self.headers.text);
        rest.split_first().map(|(_, query)| query)
    }

    /// Path and query as sent; empty for CONNECT and `*`.
    pub fn path_and_query(&self) -> &[u8] {
        let start = self.path.start();
        let len = if self.path.len() == 0 {
            0
        } else {
            self.target.end() - start
        };
        Slice::new(start, len).of(&self.headers.text)
    }

    /// The Host header as it stands.
    pub fn host(&self) -> Option<&[u8]> {
        self.headers.values_of(Kind::Host).next()
    }

    /// Where the request is for: the target's own authority or else the Host header.
    pub fn authority(&self) -> &[u8] {
        match self.authority.of(&self.headers.text) {
            [] => self.host().unwrap_or(&[]),
            authority => authority,
        }
    }

    /// The client's version.
    pub fn version(&self) -> Version {
        self.version
    }

    /// How the client delimits the body.
    pub fn framing(&self) -> Framing {
        self.framing
    }

    /// The body that follows. Chunks are relayed as chunks; see [`Body::unframed`].
    pub fn body(&self) -> Body {
        Body::of(self.framing, Body::Done)
    }

    /// Whether the client lets its connection live on after the response (RFC 9112 §9.3).
    pub fn keep_alive(&self) -> bool {
        self.keep_alive
    }

    /// Whether the client waits for a 100 before it sends the body (RFC 9110 §10.1.1).
    pub fn expect_continue(&self) -> bool {
        self.expect_continue
    }

    /// The protocols offered, when the client asks to switch (RFC 9110 §7.8); never HTTP/2.
    pub fn upgrade(&self) -> Option<&[u8]> {
        self.upgrade
            .then(|| self.headers.values_of(Kind::Upgrade).next())
            .flatten()
    }

    fn is_absolute(&self) -> bool {
        self.authority.len() > 0 && !self.is_connect()
    }

    fn after_path(&self) -> Slice {
        Slice::new(
            self.path.end(),
            self.target.end().saturating_sub(self.path.end()),
        )
    }
}

/// Edits.
impl RequestHead {
    /// Replaces the method. CONNECT stays what it is, and nothing becomes CONNECT.
    ///
    /// # Errors
    /// When it is not a token, does not suit the target, or the bound is reached.
    pub fn set_method(&mut self, method: &[u8]) -> Result<(), EditError> {
        let known = Method::of(method);
        if !class::is_token(method) {
            return Err(EditError::Name);
        }
        if (known == Method::Connect) != self.is_connect()
            || Parts::of(self.target(), known, self.strictness).is_none()
        {
            return Err(EditError::Target);
        }
        self.method_text = self
            .headers
            .replace_part(self.method_text, &[Piece::New(method)])?;
        self.method = known;
        Ok(())
    }

    /// Replaces the whole target. One with an authority changes the Host header too.
    ///
    /// # Errors
    /// When the method cannot have such a target, or the bound is reached.
    pub fn set_target(&mut self, target: &[u8]) -> Result<(), EditError> {
        let before = (self.target, self.authority, self.path);
        self.put_target(&[Piece::New(target)], None)?;
        if !self.is_absolute() {
            return Ok(());
        }
        self.normalize_absolute();
        let host = self.authority.of(&self.headers.text).to_vec();
        let outcome = self.headers.set_header(b"host", &host);
        if outcome.is_err() {
            (self.target, self.authority, self.path) = before;
        }
        outcome
    }

    /// Replaces the path and keeps the query.
    ///
    /// # Errors
    /// As [`Self::set_target`], and when there is no path to replace.
    pub fn set_path(&mut self, path: &[u8]) -> Result<(), EditError> {
        let (before, after) = (self.before_path()?, self.after_path());
        let pieces = [Piece::Old(before), Piece::New(path), Piece::Old(after)];
        self.put_target(&pieces, Some(self.authority.len()))
    }

    /// Replaces path and query.
    ///
    /// # Errors
    /// As [`Self::set_path`].
    pub fn set_path_and_query(&mut self, path: &[u8]) -> Result<(), EditError> {
        let before = self.before_path()?;
        let pieces = [Piece::Old(before), Piece::New(path)];
        self.put_target(&pieces, Some(self.authority.len()))
    }

    /// Replaces the query and keeps the path. Of an empty one only a `?` that was there stays.
    ///
    /// # Errors
    /// As [`Self::set_path`].
    pub fn set_query(&mut self, query: &[u8]) -> Result<(), EditError> {
        let path = Slice::new(
            self.before_path()?.start(),
            self.path.end() - self.target.start(),
        );
        let had_query = self.path.end() < self.target.end();
        let mark: &[u8] = match query.is_empty() && !had_query {
            true => b"",
            false => b"?",
        };
        let pieces = [Piece::Old(path), Piece::New(mark), Piece::New(query)];
        self.put_target(&pieces, Some(self.authority.len()))
    }

    /// What stands before the path: nothing, or scheme and authority.
    fn before_path(&self) -> Result<Slice, EditError> {
        if self.path.len() == 0 {
            return Err(EditError::Target);
        }
        let start = self.target.start();
        Ok(Slice::new(start, self.path.start() - start))
    }

    /// `authority_len` is given when only what follows the authority may change: a path that
    /// lacks its `/` would run on from the host.
    fn put_target(
        &mut self,
        pieces: &[Piece<'_>],
        authority_len: Option<usize>,
    ) -> Result<(), EditError> {
        let target = self.headers.replace_part(self.target, pieces)?;
        let text = target.of(&self.headers.text);
        let parts = Parts::of(text, self.method, self.strictness).filter(|parts| {
            authority_len.is_none_or(|len| parts.authority.len() == len && !parts.path.is_empty())
        });
        let Some(parts) = parts else {
            self.headers.undo_part(target, self.target);
            return Err(EditError::Target);
        };
        self.target = target;
        self.set_parts(&parts);
        Ok(())
    }
}

/// Writing.
impl RequestHead {
    /// Appends the head as it is sent to a server: lines of which each can be read in one way
    /// only, without hop-by-hop headers (RFC 9110 §7.6.1) but those of `options`.
    ///
    /// Target and Host always agree: in absolute-form a Host that a rule changed becomes the
    /// target's authority; CONNECT's target, or one whose Host a rule emptied, is the Host. Without
    /// any host, HTTP/1.1 would be wrong and the line says HTTP/1.0, unless the body is chunked.
    pub fn write_to(&self, out: &mut Vec<u8>, options: &WriteOptions) {
        let framing = options.framing.unwrap_or(self.framing);
        let authority = self.authority.of(&self.headers.text);
        let host = self.host();
        let agrees =
            authority.is_empty() || host.is_some_and(|host| self.host_agrees(host, authority));
        let retarget = host.filter(|host| !agrees && self.is_absolute() && !host.is_empty());
        let version = if host.is_none() && authority.is_empty() && framing != Framing::Chunked {
            Version::Http10
        } else {
            options.version
        };
        out.reserve(self.headers.text.len() + 64);
        out.extend_from_slice(self.method());
        out.push(b' ');
        self.write_target(out, retarget);
        out.push(b' ');
        out.extend_from_slice(version.as_bytes());
        out.extend_from_slice(b"\r\n");
        if host.is_none() && version == Version::Http11 {
            let host = if self.is_connect() {
                without_default_port(authority)
            } else {
                authority
            };
            write_line(out, b"host", host);
        }
        let fields = Fields {
            framing,
            received: self.framing,
            connection: options.connection,
            host: (!agrees && retarget.is_none()).then_some(authority),
        };
        self.headers.write_fields(out, &fields);
    }

    fn write_target(&self, out: &mut Vec<u8>, authority: Option<&[u8]>) {
        let Some(authority) = authority else {
            return out.extend_from_slice(self.target());
        };
        let (text, target, old) = (&self.headers.text, self.target, self.authority);
        let before = Slice::new(target.start(), old.start() - target.start());
        let after = Slice::new(old.end(), target.end() - old.end());
        out.extend_from_slice(before.of(text));
        out.extend_from_slice(authority);
        out.extend_from_slice(after.of(text));
    }
}
