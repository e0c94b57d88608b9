//! `filter trace`: what is told of streams, and in which pieces their bytes go on.

/// A `filter trace` line (manual section 9.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceSpec {
    /// `name`, `TRACE` by default, and the proxy's: what lines begin with.
    pub name: Box<str>,
    /// `quiet`: nothing is told.
    pub quiet: bool,
    /// `hexdump`: bytes of bodies are shown.
    pub hexdump: bool,
    /// `random-forwarding`: only a random part of what has arrived goes on at once.
    pub random: bool,
    /// `max-fwd`: the most that goes on at once, in bytes; 0 = all.
    pub max_forward: u32,
}
