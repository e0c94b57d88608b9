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

/// The HAProxy to compare with: `TIDEGATE_HAPROXY`, or the one on `PATH`.
pub(crate) fn haproxy() -> Option<PathBuf> {
    let on_path = || {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path)
            .map(|dir| dir.join("haproxy"))
            .find(|binary| binary.is_file())
    };
    std::env::var_os("TIDEGATE_HAPROXY")
        .map(PathBuf::from)
        .or_else(on_path)
}

/// A number from the environment, for tests that may be made longer.
pub(crate) fn parameter(name: &str, otherwise: u64) -> u64 {
    std::env::var_os(name).map_or(otherwise, |text| {
        let number = text.to_str().and_then(|text| text.parse().ok());
        number.unwrap_or_else(|| panic!("{name} is a number"))
    })
}
