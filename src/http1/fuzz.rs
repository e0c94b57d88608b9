//! Entries for fuzzing; unit tests and proptest call them too.
//!
//! Each panics when one of the module's promises does not hold for the given bytes: that the
//! outcome does not depend on how input is cut up, and that what would be forwarded is one
//! message, with the same meaning to every parser.

use super::{
    Body, BodyError, Connection, Framing, HeadError, HeadLimits, RequestHead, ResponseHead,
    Version, WriteOptions,
};

/// Small, so that the bounds are met as well.
const LIMITS: HeadLimits = HeadLimits {
    max_size: 1024,
    max_headers: 16,
};

/// Longest input looked at: the work grows with its square.
const MAX_INPUT: usize = 2048;

/// Checks a request head and the body after it.
///
/// # Panics
/// When a promise is broken.
pub fn fuzz_request(data: &[u8]) {
    let data = data.get(..MAX_INPUT).unwrap_or(data);
    let mut head = RequestHead::default();
    let whole = head.parse(data, LIMITS);
    check_prefixes(data, whole, |part| {
        RequestHead::default().parse(part, LIMITS)
    });
    let Ok(Some(len)) = whole else { return };
    check_body(&head.body(), data.get(len..).unwrap_or(&[]));

    for connection in [Connection::Absent, Connection::Close, Connection::Upgrade] {
        if connection == Connection::Upgrade && head.upgrade().is_none() {
            continue;
        }
        let options = WriteOptions {
            connection,
            ..WriteOptions::default()
        };
        let written = written_by(|out| head.write_to(out, &options));
        let mut again = RequestHead::default();
        let read = again.parse(&written, ROOMY);
        assert_eq!(read, Ok(Some(written.len())), "{}", written.escape_ascii());
        assert_eq!(again.framing(), head.framing());
        assert_eq!(again.method(), head.method());
        assert_eq!(again.path_and_query(), head.path_and_query());
        assert_eq!(again.authority(), head.authority());
        let persists = again.version() == Version::Http11 && connection != Connection::Close;
        assert_eq!(again.keep_alive(), persists);
        let mut room = [httparse::EMPTY_HEADER; 64];
        let mut other = httparse::Request::new(&mut room);
        assert_eq!(
            other.parse(&written),
            Ok(httparse::Status::Complete(written.len()))
        );
        assert_eq!(written_by(|out| again.write_to(out, &options)), written);
    }
}

/// Checks a response head, as the answer to each kind of request, and the body after it.
///
/// # Panics
/// When a promise is broken.
pub fn fuzz_response(data: &[u8]) {
    let data = data.get(..MAX_INPUT).unwrap_or(data);
    let mut head = ResponseHead::default();
    let whole = head.parse(data, LIMITS);
    check_prefixes(data, whole, |part| {
        ResponseHead::default().parse(part, LIMITS)
    });
    let Ok(Some(len)) = whole else { return };
    let rest = data.get(len..).unwrap_or(&[]);
    for (is_head, is_connect) in [(false, false), (true, false), (false, true)] {
        check_body(&head.body_for(is_head, is_connect), rest);
    }

    for framing in [None, Some(Framing::Chunked), Some(Framing::Nothing)] {
        let options = WriteOptions {
            framing,
            ..WriteOptions::default()
        };
        let written = written_by(|out| head.write_to(out, &options));
        let mut again = ResponseHead::default();
        let read = again.parse(&written, ROOMY);
        assert_eq!(read, Ok(Some(written.len())), "{}", written.escape_ascii());
        assert_eq!(again.status(), head.status());
        assert_eq!(again.reason(), head.reason());
        let expected = framing.unwrap_or(head.framing());
        if matches!(head.status(), 100..=199 | 204) {
            assert_eq!(again.framing(), Framing::Nothing);
        } else {
            assert_eq!(again.framing(), expected);
        }
        let mut room = [httparse::EMPTY_HEADER; 64];
        let mut other = httparse::Response::new(&mut room);
        assert_eq!(
            other.parse(&written),
            Ok(httparse::Status::Complete(written.len()))
        );
        assert_eq!(written_by(|out| again.write_to(out, &options)), written);
    }
}

const ROOMY: HeadLimits = HeadLimits {
    max_size: 1 << 16,
    max_headers: 64,
};

fn written_by(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out);
    out
}

type Parsed = Result<Option<usize>, HeadError>;

/// Each shorter input must be undecided or decided alike.
fn check_prefixes(data: &[u8], whole: Parsed, mut parse: impl FnMut(&[u8]) -> Parsed) {
    for end in 0..data.len() {
        let early = parse(data.get(..end).unwrap_or(data));
        if early != Ok(None) {
            assert_eq!(early, whole, "after {end} of {}", data.escape_ascii());
        }
    }
}

/// What a body comes to.
#[derive(Debug, PartialEq, Eq)]
struct Relayed {
    out: Vec<u8>,
    /// Input bytes used.
    used: usize,
    done: bool,
}

/// Relays a body received in these pieces.
fn relay<'a>(
    mut body: Body,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Relayed, BodyError> {
    let mut buffer = Vec::new();
    let mut relayed = Relayed {
        out: Vec::new(),
        used: 0,
        done: body.is_done(),
    };
    for piece in pieces {
        buffer.extend_from_slice(piece);
        let framed = body.advance(&mut buffer)?;
        let used = framed.skip + framed.ready;
        relayed
            .out
            .extend_from_slice(buffer.get(framed.skip..used).unwrap_or(&[]));
        buffer.drain(..used);
        relayed.used += used;
        relayed.done = framed.done;
        assert_eq!(framed.done, body.is_done());
    }
    Ok(relayed)
}

fn check_body(body: &Body, input: &[u8]) {
    let plain = body.clone().unframed();
    for body in [body, &plain] {
        let whole = relay(body.clone(), [input]);
        for middle in 0..input.len() {
            let (first, second) = input.split_at(middle);
            assert_eq!(
                relay(body.clone(), [first, second]),
                whole,
                "cut at {middle}"
            );
        }
        assert_eq!(relay(body.clone(), input.chunks(1)), whole, "byte by byte");
    }
    let (Ok(framed), Ok(data)) = (relay(body.clone(), [input]), relay(plain.clone(), [input]))
    else {
        return;
    };
    assert_eq!((framed.used, framed.done), (data.used, data.done));
    let again = relay(body.clone(), [framed.out.as_slice()]).map(|relayed| relayed.out);
    assert_eq!(
        again.as_ref(),
        Ok(&framed.out),
        "forwarded chunks are canonical"
    );
    if framed.done {
        let unframed = relay(plain, [framed.out.as_slice()]).map(|relayed| relayed.out);
        assert_eq!(
            unframed,
            Ok(data.out),
            "forwarded chunks hold the same data"
        );
    }
}
