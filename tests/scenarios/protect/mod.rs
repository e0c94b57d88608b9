//! Limits, retries and breakers.

mod crowd;
mod limits;
mod retry;
