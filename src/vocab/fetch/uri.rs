//! The parts of a request target that fetches name (RFC 9112 §3.2).

use memchr::{memchr, memmem};

/// Path and query of an origin-form or absolute-form target; `*` and authorities have none.
pub(in crate::vocab) fn path_and_query(target: &[u8]) -> Option<&[u8]> {
    if target.first() == Some(&b'/') {
        return Some(target);
    }
    let authority = memmem::find(target, b"://")? + 3;
    let rest = target.get(authority..)?;
    rest.get(memchr(b'/', rest)?..)
}

/// The path alone.
pub(in crate::vocab) fn path(target: &[u8]) -> Option<&[u8]> {
    let whole = path_and_query(target)?;
    whole.get(..memchr(b'?', whole).unwrap_or(whole.len()))
}
