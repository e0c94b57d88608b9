//! What quiet connections cost.

use crate::peer::{Running, get_small};
use crate::system::pause;
use anyhow::{Context, Result};
use std::time::Duration;

/// Memory of idle connections.
#[derive(Clone, Copy)]
pub(crate) struct Idle {
    /// How many there were.
    pub(crate) connections: u32,
    /// Growth of resident memory, KiB.
    pub(crate) grown_kib: u64,
}

/// Opens connections one after another, makes one request on each and looks at what they hold
/// once it has been quiet for a while.
pub(crate) fn measure(proxy: &Running<'_>, connections: u32) -> Result<Idle> {
    let before = proxy.memory()?.now_kib;
    let mut open = Vec::new();
    for _ in 0..connections {
        let stream = get_small(proxy.addr);
        open.push(stream.with_context(|| format!("connection through {}", proxy.name()))?);
    }
    pause(Duration::from_secs(2));
    Ok(Idle {
        connections,
        grown_kib: proxy.memory()?.now_kib.saturating_sub(before),
    })
}
