//! The stable codes of findings between sections.

use crate::syntax::Code;

/// An argument that names a proxy, server, table or list that does not exist.
pub const UNKNOWN_REFERENCE: Code = Code("TG0715");
/// Two proxies with one name.
pub const DUPLICATE_PROXY: Code = Code("TG0701");
/// Two servers of one proxy with one name.
pub const DUPLICATE_SERVER: Code = Code("TG0702");
/// A backend that does not exist.
pub const UNKNOWN_BACKEND: Code = Code("TG0703");
/// A proxy that sends to itself.
pub const LOOP: Code = Code("TG0704");
/// A frontend and a backend of different modes.
pub const MODE_MISMATCH: Code = Code("TG0705");
/// One numeric id used twice.
pub const DUPLICATE_ID: Code = Code("TG0706");
/// Timeouts that every proxy should have.
pub const MISSING_TIMEOUTS: Code = Code("TG0707");
/// A frontend that listens nowhere.
pub const NO_BIND: Code = Code("TG0708");
/// Words that need HTTP mode.
pub const NEEDS_HTTP: Code = Code("TG0709");
/// A `from` without such a `defaults`.
pub const UNKNOWN_DEFAULTS: Code = Code("TG0710");
/// A `defaults` name that could mean several sections, or is used in both ways.
pub const AMBIGUOUS_DEFAULTS: Code = Code("TG0711");
/// A `defaults` with rules, inherited where that is not possible.
pub const RULES_NOT_INHERITABLE: Code = Code("TG0714");
/// A log format without a log target.
pub const FORMAT_WITHOUT_LOG: Code = Code("TG0712");
/// Servers that are never used.
pub const UNUSED_SERVERS: Code = Code("TG0713");
/// `peers` names no section.
pub const UNKNOWN_PEERS: Code = Code("TG0717");
/// A stick table that cannot be used as the line that names it wants.
pub const UNSUITABLE_TABLE: Code = Code("TG0716");
/// A `log` line names a ring or a backend that does not exist.
pub const UNKNOWN_LOG_PLACE: Code = Code("TG0622");
/// A `log` line names something that takes no lines.
pub const NO_LOG_PLACE: Code = Code("TG0623");
/// A server's address is not of the kind that the mode of its backend needs.
pub const WRONG_TRANSPORT: Code = Code("TG0624");
/// The servers of a log backend are of different kinds.
pub const MIXED_LOG_SERVERS: Code = Code("TG0625");
/// Words that do nothing in `mode log`.
pub const IGNORED_IN_LOG_MODE: Code = Code("TG0626");
/// `balance` and `mode` do not go together.
pub const WRONG_BALANCE: Code = Code("TG0627");
