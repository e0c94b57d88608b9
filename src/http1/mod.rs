//! HTTP/1.x wire bytes to heads and bodies, and back.
//!
//! What lives here: request and response heads (RFC 9112 §2-5), message framing (§6, §7),
//! status reasons. What must hold: any byte sequence gives the same result whether it is fed at
//! once or in pieces; whatever is ambiguous is an error, never a guess; what is written out is
//! canonical: one spelling of each line, names in lower case, no hop-by-hop header that the
//! caller did not ask for. Deliberately absent: sockets, rules, clocks.

mod body;
mod cacheable;
mod chunked;
mod class;
mod error;
mod framing;
mod fuzz;
mod head;
mod headers;
mod request;
mod response;
mod status;
mod suspect;
mod target;
mod write;

pub use body::Body;
pub use cacheable::is_cacheable;
pub use chunked::{CHUNK_END, ChunkLine, Chunked, LAST_CHUNK, MAX_CHUNK_LINE, MAX_TRAILERS};
pub(crate) use class::is_tchar;
pub use error::{BodyError, EditError, HeadError};
pub use framing::{Framed, Framing};
pub use fuzz::{fuzz_request, fuzz_response};
pub use head::{HeadLimits, Method, Strictness, Version};
pub use headers::{Header, Headers};
pub use request::RequestHead;
pub use response::{ResponseHead, allows_body};
pub use status::reason;
pub use suspect::suspect;
pub use write::{Connection, WriteOptions};

#[cfg(test)]
mod tests;
