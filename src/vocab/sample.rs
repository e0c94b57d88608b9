//! Typed values that fetches produce and matchers, converters and formats consume.

use std::net::IpAddr;

/// The type of a [`Sample`], known when the configuration is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// True or false.
    Bool,
    /// Signed 64-bit.
    Sint,
    /// IPv4 or IPv6 address.
    Addr,
    /// Text.
    Str,
    /// Bytes.
    Bin,
    /// An HTTP method.
    Meth,
}

/// A value. Borrows from the stream's heads where it can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sample<'a> {
    /// True or false.
    Bool(bool),
    /// Signed 64-bit.
    Sint(i64),
    /// IPv4 or IPv6 address.
    Addr(IpAddr),
    /// Text: bytes that are meant to be read.
    Str(&'a [u8]),
    /// Bytes.
    Bin(&'a [u8]),
    /// An HTTP method, by name.
    Meth(&'a [u8]),
}
