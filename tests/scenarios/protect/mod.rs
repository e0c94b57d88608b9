//! Limits, retries and breakers.

mod crowd;
mod limits;
mod outlier;
mod retry;
