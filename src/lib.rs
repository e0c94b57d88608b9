//! Tidegate: a reverse proxy and load balancer configured in HAProxy's language.
//!
//! The library is everything; the binary only calls [`cli::main`]. Fuzz targets, benches and
//! tests therefore run the same code as the daemon. `ARCHITECTURE.md` draws the map; the
//! direction of dependencies is `syntax ← vocab ← compile ← proxy`, with `http1`, `net`,
//! `backend` and `observe` below, knowing nothing of configuration text.

#![forbid(unsafe_code)]

pub mod backend;
pub mod cache;
pub mod cli;
pub mod clock;
pub mod compile;
pub mod diagnostics;
pub mod growing;
pub mod health;
pub mod http1;
pub mod lint;
mod memory;
pub mod net;
pub mod observe;
pub mod peers;
pub mod protect;
pub mod proxy;
pub mod random;
pub mod registry;
pub mod runtime_api;
pub mod settings;
pub mod syntax;
pub mod table;
pub mod version;
pub mod vocab;
