//! The lock-free parts of stick tables under loom, which tries every order in which threads can meet
//! and everything that the memory model lets them see.
//!
//! `tests/loom/run.sh` runs it.
//!
//! The files are the proxy's own; under `cfg(loom)` they take their atomics from loom.

#![cfg(loom)]
#![forbid(unsafe_code)]
#![allow(dead_code, reason = "models use a part of each file")]

#[path = "../../../src/table/mark.rs"]
mod mark;
#[path = "../../../src/table/rate.rs"]
mod rate;

#[cfg(test)]
mod tests;
