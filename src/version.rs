//! Which program this is, and which version of HAProxy it is compatible with.

/// Our own version.
pub const TIDEGATE: &str = env!("CARGO_PKG_VERSION");
/// The version of HAProxy whose language and commands these are.
pub const HAPROXY: &str = "3.4.0";
/// Its branch.
pub const HAPROXY_BRANCH: &str = "3.4";
/// When it was released.
pub const HAPROXY_DATE: &str = "2026/06/03";
