//! What the test binaries share: a proxy process, scripted peers and the script that drives them.
//!
//! Everything waits for an event of the network and fails after [`PATIENCE`]; nothing sleeps and no
//! port is chosen by hand. A script runs in lockstep on the test's own thread, so the order of its
//! lines is the order of events.

#![allow(
    dead_code,
    reason = "each test binary uses its own part of the harness"
)]

pub(crate) mod log;
pub(crate) mod message;
pub(crate) mod peer;
pub(crate) mod process;
pub(crate) mod script;
pub(crate) mod text;
pub(crate) mod topology;

use std::path::PathBuf;
use std::time::Duration;

/// How long an event may take before the test fails. Only a failure ever waits this long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(8);

/// The proxy under test: the one just built, or `TIDEGATE_BINARY`.
pub(crate) fn tidegate() -> PathBuf {
    std::env::var_os("TIDEGATE_BINARY").map_or_else(
        || PathBuf::from(env!("CARGO_BIN_EXE_tidegate")),
        PathBuf::from,
    )
}
