//! HTTP/1.x wire bytes to heads and bodies, and back.
//!
//! What lives here: request and response heads (RFC 9112 §2-5), message framing (§6, §7),
//! status reasons. What must hold: any byte sequence gives the same result whether it is fed at
//! once or in pieces; whatever is ambiguous is an error, never a guess; what is written out is
//! canonical. Deliberately absent: sockets, rules, clocks.

mod body;
mod error;
mod head;
mod status;

pub use body::{Body, Framed};
pub use error::{BodyError, HeadError};
pub use head::{HeadLimits, Header, RequestHead, ResponseHead, Version};
pub use status::reason;
