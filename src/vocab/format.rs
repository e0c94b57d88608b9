//! Log-format strings: text, `%aliases` and `%[expressions]`.

use super::context::Context;

/// A compiled format.
#[derive(Debug)]
pub struct Format {}

impl Format {
    /// Appends the text for this stream.
    pub fn render(&self, _cx: &Context<'_>, _out: &mut Vec<u8>) {
        unimplemented!()
    }

    /// Whether it prints the request line or URI, so that one must be kept.
    pub fn wants_request_line(&self) -> bool {
        unimplemented!()
    }
}
