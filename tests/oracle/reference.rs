//! A second reader of HTTP/1 messages, written from RFC 9112 for clarity only: it sees a whole
//! stream at once and copies everything.
//!
//! What we forward is read with [`Strictness::Forwarded`], which takes the one canonical form. What we
//! receive is read with [`Strictness::Received`], which also takes what a recipient should tolerate.
//! Reading stops at the first message that can turn the connection into a tunnel.

/// How a message must be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// Empty lines may precede a request (section 2.2), chunks may have extensions (7.1.1).
    Received,
    /// Neither.
    Forwarded,
}

/// One message.
#[derive(Debug)]
pub(crate) struct Message {
    /// The head, empty line included.
    pub(crate) head: Vec<u8>,
    /// The three parts of the first line.
    pub(crate) start: [Vec<u8>; 3],
    pub(crate) headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// Without chunk framing and trailers.
    pub(crate) body: Vec<u8>,
    /// The body has its end.
    pub(crate) is_whole: bool,
}

/// What follows the messages of a stream.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    Nothing,
    /// A tunnel may begin here.
    Opaque,
    /// What no strict recipient accepts.
    Fault(&'static str),
}

/// How long a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Length {
    Bytes(usize),
    Chunked,
    UntilClose,
}

type Read<T> = Result<T, &'static str>;

impl Message {
    /// The values of the header `name`, which is in lower case.
    pub(crate) fn values<'m>(&'m self, name: &'m str) -> impl Iterator<Item = &'m [u8]> {
        let fields = self.headers.iter();
        let fields = fields.filter(move |(known, _)| known.eq_ignore_ascii_case(name.as_bytes()));
        fields.map(|(_, value)| value.as_slice())
    }

    /// RFC 9112 section 6.3, with everything refused that has two readings. A recipient may take a
    /// length that is told several times for one.
    fn declared_length(&self, how: Strictness) -> Read<Option<Length>> {
        let mut lengths = self.values("content-length");
        let mut codings = self.values("transfer-encoding");
        match (lengths.next(), codings.next()) {
            (None, None) => Ok(None),
            (Some(_), Some(_)) => Err("both a length and a coding"),
            (Some(length), None) => match lengths.next() {
                Some(_) if how == Strictness::Forwarded => Err("two lengths"),
                Some(other) if other != length || lengths.any(|other| other != length) => {
                    Err("two lengths")
                }
                _ => decimal(length).map(|length| Some(Length::Bytes(length))),
            },
            (None, Some(coding)) => match codings.next() {
                None if coding.eq_ignore_ascii_case(b"chunked") => Ok(Some(Length::Chunked)),
                _ => Err("a coding that is not chunked"),
            },
        }
    }
}

/// Reads what a client sends.
pub(crate) fn requests(mut stream: &[u8], how: Strictness) -> (Vec<Message>, Rest) {
    let mut messages = Vec::new();
    loop {
        while how == Strictness::Received && stream.starts_with(b"\r\n") {
            stream = &stream[2..];
        }
        match request(stream, how) {
            Ok(None) if how == Strictness::Received || stream.is_empty() => {
                return (messages, Rest::Nothing);
            }
            Ok(None) => return (messages, Rest::Fault("half a head")),
            Ok(Some((message, used, fault))) => {
                let is_whole = message.is_whole;
                let may_switch =
                    message.start[0] == b"CONNECT" || message.values("upgrade").next().is_some();
                messages.push(message);
                match fault {
                    Some(fault) => return (messages, Rest::Fault(fault)),
                    None if may_switch => return (messages, Rest::Opaque),
                    None if !is_whole => return (messages, Rest::Nothing),
                    None => stream = &stream[used..],
                }
            }
            Err(fault) => return (messages, Rest::Fault(fault)),
        }
    }
}

/// Reads what a server sends: interim responses are not among the messages. `methods` are those of
/// the requests, in order; a response without one answers a request that could not be read.
pub(crate) fn responses<'a>(
    mut stream: &[u8],
    mut methods: impl Iterator<Item = &'a [u8]>,
) -> (Vec<Message>, Rest) {
    let mut messages = Vec::new();
    let mut method = None;
    while !stream.is_empty() {
        let asked: &[u8] = method.get_or_insert_with(|| methods.next().unwrap_or(b"GET"));
        let (message, used) = match response(stream, asked) {
            Ok(read) => read,
            Err(fault) => return (messages, Rest::Fault(fault)),
        };
        let status = message.start[1].as_slice();
        if status == b"101" || asked == b"CONNECT" && status.starts_with(b"2") {
            return (messages, Rest::Opaque);
        }
        // What can't be read is refused with a body, although it may look like HEAD; then we close.
        let may_be_unread = status == b"400" && asked == b"HEAD";
        stream = &stream[used..];
        if may_be_unread {
            messages.push(message);
            return (messages, Rest::Opaque);
        }
        if !status.starts_with(b"1") {
            messages.push(message);
            method = None;
        }
    }
    (messages, Rest::Nothing)
}

type OneRequest = (Message, usize, Option<&'static str>);

/// A request, its length, and what is wrong with its body.
fn request(stream: &[u8], how: Strictness) -> Read<Option<OneRequest>> {
    let Some(mut message) = head(stream)? else {
        return Ok(None);
    };
    let [method, target, version] = &message.start;
    if method.is_empty() || !method.iter().all(|byte| is_token(*byte)) {
        return Err("a method that is no token");
    }
    if target.is_empty() || !target.iter().all(u8::is_ascii_graphic) && how == Strictness::Forwarded
    {
        return Err("a bad target");
    }
    if version != b"HTTP/1.1" && version != b"HTTP/1.0" {
        return Err("a bad version");
    }
    let hosts = message.values("host").count();
    if hosts > 1 || hosts == 0 && version == b"HTTP/1.1" {
        return Err("not one Host");
    }
    let length = message.declared_length(how)?.unwrap_or(Length::Bytes(0));
    let body = &stream[message.head.len()..];
    let (used, fault) = match read_body(&mut message, body, length, how) {
        Ok(used) => (used, None),
        Err(fault) => (0, Some(fault)),
    };
    let used = message.head.len() + used;
    Ok(Some((message, used, fault)))
}

/// A response to a request with that method, and its length.
fn response(stream: &[u8], method: &[u8]) -> Read<(Message, usize)> {
    let mut message = head(stream)?.ok_or("half a head")?;
    let [version, status, _] = &message.start;
    if version != b"HTTP/1.1" && version != b"HTTP/1.0" {
        return Err("a bad version");
    }
    if status.len() != 3 || !status.iter().all(u8::is_ascii_digit) {
        return Err("a bad status");
    }
    let is_bodiless = status.starts_with(b"1") || status == b"204";
    let declared = message.declared_length(Strictness::Forwarded)?;
    if is_bodiless && declared.is_some() {
        return Err("a body where none can be");
    }
    let length = match declared {
        _ if is_bodiless || status == b"304" || method == b"HEAD" => Length::Bytes(0),
        None => Length::UntilClose,
        Some(length) => length,
    };
    let body = &stream[message.head.len()..];
    let used = read_body(&mut message, body, length, Strictness::Forwarded)?;
    let used = message.head.len() + used;
    Ok((message, used))
}

/// The head at the front, without a look at its meaning; `None` while its end is missing.
fn head(stream: &[u8]) -> Read<Option<Message>> {
    let Some(end) = memchr::memmem::find(stream, b"\r\n\r\n") else {
        return Ok(None);
    };
    let bytes = &stream[..end + 4];
    let mut lines = Vec::new();
    let mut rest = &stream[..end];
    while let Some(at) = memchr::memmem::find(rest, b"\r\n") {
        lines.push(&rest[..at]);
        rest = &rest[at + 2..];
    }
    lines.push(rest);
    let is_bad = |byte: &u8| *byte == 0x7f || *byte < b' ' && *byte != b'\t';
    if lines.iter().any(|line| line.iter().any(is_bad)) {
        return Err("a control byte in a head");
    }
    let mut start = lines[0].splitn(3, |byte| *byte == b' ').map(<[u8]>::to_vec);
    let mut part = || start.next().ok_or("a first line without three parts");
    let start = [part()?, part()?, part()?];
    let headers = lines[1..].iter().map(|line| field(line));
    Ok(Some(Message {
        head: bytes.to_vec(),
        start,
        headers: headers.collect::<Read<_>>()?,
        body: Vec::new(),
        is_whole: false,
    }))
}

fn field(line: &[u8]) -> Read<(Vec<u8>, Vec<u8>)> {
    let colon = memchr::memchr(b':', line).ok_or("a header without a colon")?;
    let (name, value) = (&line[..colon], &line[colon + 1..]);
    if name.is_empty() || !name.iter().all(|byte| is_token(*byte)) {
        return Err("a header name that is no token");
    }
    Ok((name.to_vec(), value.trim_ascii().to_vec()))
}

/// Reads the body from the front of `stream`; how long it is with its framing.
fn read_body(message: &mut Message, stream: &[u8], length: Length, how: Strictness) -> Read<usize> {
    match length {
        Length::Bytes(wanted) => {
            let len = wanted.min(stream.len());
            message.body = stream[..len].to_vec();
            message.is_whole = len == wanted;
            Ok(len)
        }
        Length::UntilClose => {
            message.body = stream.to_vec();
            message.is_whole = true;
            Ok(stream.len())
        }
        Length::Chunked => read_chunks(message, stream, how),
    }
}

fn read_chunks(message: &mut Message, stream: &[u8], how: Strictness) -> Read<usize> {
    let mut at = 0;
    loop {
        let Some(line) = line(&stream[at..])? else {
            return Ok(stream.len());
        };
        let size = match memchr::memchr(b';', line) {
            Some(end) if how == Strictness::Received => line[..end].trim_ascii_end(),
            _ => line,
        };
        let size = hexadecimal(size)?;
        at += line.len() + 2;
        if size == 0 {
            break;
        }
        let chunk = &stream[at..];
        message.body.extend(&chunk[..size.min(chunk.len())]);
        match chunk.get(size..) {
            None | Some([] | [b'\r']) => return Ok(stream.len()),
            Some([b'\r', b'\n', ..]) => at += size + 2,
            Some(_) => return Err("no line end after a chunk"),
        }
    }
    loop {
        match line(&stream[at..])? {
            None => return Ok(stream.len()),
            Some([]) => {
                message.is_whole = true;
                return Ok(at + 2);
            }
            Some(trailer) => {
                field(trailer)?;
                at += trailer.len() + 2;
            }
        }
    }
}

/// The line at the front, without its end; `None` while that is missing.
fn line(stream: &[u8]) -> Read<Option<&[u8]>> {
    let Some(end) = memchr::memchr2(b'\r', b'\n', stream) else {
        return Ok(None);
    };
    match &stream[end..] {
        [b'\r', b'\n', ..] => Ok(Some(&stream[..end])),
        [b'\r'] => Ok(None),
        _ => Err("half a line end"),
    }
}

fn decimal(digits: &[u8]) -> Read<usize> {
    let text = std::str::from_utf8(digits).unwrap_or_default();
    match digits.iter().all(u8::is_ascii_digit) {
        true => text.parse().map_err(|_| "a bad length"),
        false => Err("a bad length"),
    }
}

fn hexadecimal(digits: &[u8]) -> Read<usize> {
    let text = std::str::from_utf8(digits).unwrap_or_default();
    match digits.iter().all(u8::is_ascii_hexdigit) {
        true => usize::from_str_radix(text, 16).map_err(|_| "a bad chunk size"),
        false => Err("a bad chunk size"),
    }
}

/// RFC 9110 section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
