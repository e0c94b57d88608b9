//! AST and vocabulary to a resolved configuration.
//!
//! The only place where names become indices and types are checked. The result,
//! [`config::Config`], cannot hold an unresolved name. Deliberately absent: opening sockets.

pub mod config;
