//! Reason phrases.

/// The registered reason phrase of a status, or `""` (RFC 9110 §15).
pub fn reason(_status: u16) -> &'static str {
    unimplemented!()
}
