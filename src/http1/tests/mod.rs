//! Tables of what is accepted and refused, and in what form it goes on.

mod bodies;
mod edits;
mod requests;
mod responses;
mod splits;

use super::*;

/// HAProxy's defaults.
const LIMITS: HeadLimits = HeadLimits {
    max_size: 15_360,
    max_headers: 101,
};

fn request(input: &str) -> Result<RequestHead, HeadError> {
    request_bytes(input.as_bytes())
}

fn request_bytes(input: &[u8]) -> Result<RequestHead, HeadError> {
    let mut head = RequestHead::default();
    let len = head.parse(input, LIMITS)?.expect("a complete head");
    assert_eq!(len, input.len());
    Ok(head)
}

fn response(input: &str) -> Result<ResponseHead, HeadError> {
    let mut head = ResponseHead::default();
    let len = head
        .parse(input.as_bytes(), LIMITS)?
        .expect("a complete head");
    assert_eq!(len, input.len());
    Ok(head)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("tests write text")
}

fn written(head: &RequestHead, options: &WriteOptions) -> String {
    let mut out = Vec::new();
    head.write_to(&mut out, options);
    text(&out)
}

fn response_written(head: &ResponseHead, options: &WriteOptions) -> String {
    let mut out = Vec::new();
    head.write_to(&mut out, options);
    text(&out)
}

fn connection(connection: Connection) -> WriteOptions {
    WriteOptions {
        connection,
        ..WriteOptions::default()
    }
}

fn framing(framing: Framing) -> WriteOptions {
    WriteOptions {
        framing: Some(framing),
        ..WriteOptions::default()
    }
}
