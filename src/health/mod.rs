//! Health: whether servers are fit to serve, by checks, agents, and live traffic.
//!
//! `counter` and `interval` decide what a check means, `registry` turns that into states of servers
//! (and of those that track them) and says so in the log, `probe` makes one check over a real
//! connection by a `script`, and `run` makes them all in time, on the control thread. Workers call
//! [`Health::observe`] only. What must hold: a state that changed holds for the next request on
//! every worker; a check is bounded in time and memory, whatever the peer sends. Deliberately absent:
//! configuration text, where log lines go, and what ends a stream.

mod agent;
mod counter;
mod external;
mod http;
mod observe;
mod probe;
mod protocol;
mod registry;
mod report;
mod run;
mod saved;
pub mod script;
mod shown;
mod spec;
mod spop;
mod status;
mod weight;

#[cfg(any(test, fuzzing))]
pub use agent::fuzz_agent;
pub use agent::{set_maxconn, set_weight};
pub use counter::{Bounds, Check, Outcome};
pub use external::{NOT_USED, Program};
pub use observe::Event;
pub use protocol::{MysqlVersion, Reply, ldap, mysql, pgsql, redis, smtp, spop, ssl_hello};
pub use registry::{Borrowing, Health, Reports, Retarget, ServerHealth, Shutdown};
pub use report::Cause;
pub use run::{Spread, run};
pub use saved::{BadFile, Saved, SavedLine, SavedTarget, read_saved};
pub use spec::{
    BackendSpec, CheckAddr, CheckKind, CheckSpec, InitState, Intervals, Observe, OnError, Place,
    ServerSpec,
};
pub use status::{CheckStatus, Verdict};
pub use weight::{leading_number, weight_of};

#[cfg(test)]
mod tests;
