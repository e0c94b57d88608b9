//! Response heads: parsed from a server, or made by the proxy itself.

use super::body::Body;
use super::class;
use super::error::{EditError, HeadError};
use super::framing::{Framing, offers_upgrade, read_connection, read_framing};
use super::head::{HeadLimits, Version, skip_empty_lines, version_of, with_room};
use super::headers::{Headers, Kind, Kinds, Piece, Slice};
use super::status;
use super::write::{Fields, WriteOptions};
use std::mem::MaybeUninit;
use std::ops::{Deref, DerefMut};

/// A response head. It dereferences to its [`Headers`].
#[derive(Clone, Debug)]
pub struct ResponseHead {
    headers: Headers,
    status: u16,
    reason: Slice,
    version: Version,
    framing: Framing,
    keep_alive: bool,
    upgrade: bool,
}

impl Default for ResponseHead {
    fn default() -> Self {
        Self::new(200)
    }
}

impl Deref for ResponseHead {
    type Target = Headers;
    fn deref(&self) -> &Headers {
        &self.headers
    }
}

impl DerefMut for ResponseHead {
    fn deref_mut(&mut self) -> &mut Headers {
        &mut self.headers
    }
}

/// Making and parsing.
impl ResponseHead {
    /// An HTTP/1.1 head without headers and with the usual reason phrase. A status out of
    /// 100..=999 becomes 500.
    pub fn new(status: u16) -> Self {
        Self {
            headers: Headers::default(),
            status: if is_status(status) { status } else { 500 },
            reason: Slice::default(),
            version: Version::Http11,
            framing: Framing::Nothing,
            keep_alive: true,
            upgrade: false,
        }
    }

    /// The same with a reason phrase of one's own.
    ///
    /// # Errors
    /// When the phrase has control bytes.
    pub fn with_reason(status: u16, reason: &[u8]) -> Result<Self, EditError> {
        let mut head = Self::new(status);
        head.put_reason(reason)?;
        Ok(head)
    }

    /// Reads a complete response from a file, as `errorfile` wants it, and says where its body
    /// starts. Lines of the head may end in LF alone: people write these files in editors.
    ///
    /// # Errors
    /// As [`Self::parse`]; an unfinished head is [`HeadError::Syntax`].
    pub fn from_file(text: &[u8]) -> Result<(Self, usize), HeadError> {
        let mut head = Vec::with_capacity(text.len().min(4096));
        let mut body_start = 0;
        for line in text.split_inclusive(|b| *b == b'\n') {
            body_start += line.len();
            let line = line.strip_suffix(b"\n").ok_or(HeadError::Syntax)?;
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            head.extend_from_slice(line);
            head.extend_from_slice(b"\r\n");
            if line.is_empty() {
                break;
            }
        }
        let limits = HeadLimits {
            max_size: head.len() + 1,
            max_headers: head.len(),
        };
        let mut parsed = Self::default();
        match parsed.parse(&head, limits)? {
            Some(_) => Ok((parsed, body_start)),
            None => Err(HeadError::Syntax),
        }
    }

    /// Parses a head at the front of `input`, replacing what `self` held; outcomes are those of
    /// [`super::RequestHead::parse`].
    ///
    /// # Errors
    /// As for requests.
    pub fn parse(&mut self, input: &[u8], limits: HeadLimits) -> Result<Option<usize>, HeadError> {
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
            None => limits.incomplete(window),
        }
    }

    fn parse_in<'b>(
        &mut self,
        input: &'b [u8],
        room: &mut [MaybeUninit<httparse::Header<'b>>],
    ) -> Result<Option<usize>, HeadError> {
        let mut parsed = httparse::Response::new(&mut []);
        let config = httparse::ParserConfig::default();
        let httparse::Status::Complete(len) =
            config.parse_response_with_uninit_headers(&mut parsed, input, room)?
        else {
            return Ok(None);
        };
        let head = input.get(..len).unwrap_or(input);
        self.version = version_of(parsed.version);
        self.status = parsed
            .code
            .filter(|status| is_status(*status))
            .ok_or(HeadError::Syntax)?;
        self.reason = find_reason(head).ok_or(HeadError::Syntax)?;
        let kinds = self.headers.load(head, parsed.headers)?;
        self.interpret(kinds)?;
        Ok(Some(len))
    }

    fn interpret(&mut self, kinds: Kinds) -> Result<(), HeadError> {
        let options = read_connection(&mut self.headers, kinds)?;
        self.framing = read_framing(&mut self.headers, kinds, self.version)?;
        self.keep_alive = options.persists(self.version);
        self.upgrade =
            self.version == Version::Http11 && options.upgrade && offers_upgrade(&self.headers);
        Ok(())
    }
}

const fn is_status(status: u16) -> bool {
    matches!(status, 100..=999)
}

/// The reason phrase of a status line that httparse took, which shows none with obs-text.
fn find_reason(head: &[u8]) -> Option<Slice> {
    let start = b"HTTP/1.1 200 ".len();
    let line = head.get(..memchr::memchr(b'\n', head)?)?;
    let end = line.strip_suffix(b"\r")?.len();
    Some(Slice::new(start.min(end), end.saturating_sub(start)))
}

/// What it says.
impl ResponseHead {
    /// The status, 100 to 999.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The reason phrase; the usual one when the server sent none.
    pub fn reason(&self) -> &[u8] {
        match self.reason.of(&self.headers.text) {
            [] => status::reason(self.status).as_bytes(),
            reason => reason,
        }
    }

    /// The server's version.
    pub fn version(&self) -> Version {
        self.version
    }

    /// How the server says the body is delimited; whether there is one depends on the request.
    pub fn framing(&self) -> Framing {
        self.framing
    }

    /// Whether another response to the same request follows (RFC 9110 §15.2). 101 is the last.
    pub fn is_interim(&self) -> bool {
        matches!(self.status, 100 | 102..=199)
    }

    /// The body that follows in answer to a request of that kind (RFC 9112 §6.3).
    pub fn body_for(&self, request_is_head: bool, request_is_connect: bool) -> Body {
        if request_is_head || matches!(self.status, 100..=199 | 204 | 304) {
            Body::Done
        } else if request_is_connect && matches!(self.status, 200..=299) {
            Body::UntilClose
        } else {
            Body::of(self.framing, Body::UntilClose)
        }
    }

    /// Whether the server lets its connection live on after the body. One that ends with
    /// the connection can't; see [`Body::UntilClose`].
    pub fn keep_alive(&self) -> bool {
        self.keep_alive
    }

    /// The protocol switched to (status 101) or offered (any other).
    pub fn upgrade(&self) -> Option<&[u8]> {
        self.upgrade
            .then(|| self.headers.values_of(Kind::Upgrade).next())
            .flatten()
    }
}

/// Whether responses of a status may have a body (RFC 9110 §6.4.1).
pub fn allows_body(status: u16) -> bool {
    body_rule(status) == BodyRule::Allowed
}

impl ResponseHead {
    /// Replaces status and reason phrase; `None` takes the usual one.
    ///
    /// # Errors
    /// When the status is out of range, or a final response would become an interim one or an interim
    /// one final; when the reason has control bytes.
    pub fn set_status(&mut self, status: u16, reason: Option<&[u8]>) -> Result<(), EditError> {
        let is_interim = |status| body_rule(status) == BodyRule::Interim;
        if !is_status(status) || is_interim(status) != is_interim(self.status) {
            return Err(EditError::Status);
        }
        self.put_reason(reason.unwrap_or(&[]))?;
        self.status = status;
        Ok(())
    }

    fn put_reason(&mut self, reason: &[u8]) -> Result<(), EditError> {
        if !class::is_value(reason) {
            return Err(EditError::Value);
        }
        self.reason = self
            .headers
            .replace_part(self.reason, &[Piece::New(reason)])?;
        Ok(())
    }

    /// Appends the head as it is sent to a client. Interim and 204 responses get no framing
    /// headers (RFC 9112 §6.1, RFC 9110 §8.6).
    pub fn write_to(&self, out: &mut Vec<u8>, options: &WriteOptions) {
        out.reserve(self.headers.text.len() + 64);
        out.extend_from_slice(options.version.as_bytes());
        let digit = |unit: u16| b'0' + (self.status / unit % 10) as u8;
        out.extend_from_slice(&[b' ', digit(100), digit(10), digit(1), b' ']);
        out.extend_from_slice(self.reason());
        out.extend_from_slice(b"\r\n");
        let framing = match body_rule(self.status) {
            BodyRule::Interim => Framing::Nothing,
            BodyRule::Never if self.status == 204 => Framing::Nothing,
            _ => options.framing.unwrap_or(self.framing),
        };
        let fields = Fields {
            framing,
            received: self.framing,
            connection: options.connection,
            host: None,
        };
        self.headers.write_fields(out, &fields);
    }
}

#[derive(PartialEq, Eq)]
enum BodyRule {
    Interim,
    Never,
    Allowed,
}

const fn body_rule(status: u16) -> BodyRule {
    match status {
        100..=199 => BodyRule::Interim,
        204 | 304 => BodyRule::Never,
        _ => BodyRule::Allowed,
    }
}
