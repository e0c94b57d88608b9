//! The stable codes of findings about samples, conditions, formats and rules.

use crate::syntax::Code;

/// A fetch that does not exist.
pub const UNKNOWN_FETCH: Code = Code("TG0401");
/// A converter that does not exist.
pub const UNKNOWN_CONVERTER: Code = Code("TG0402");
/// An argument that is missing, superfluous or unreadable.
pub const BAD_ARGUMENT: Code = Code("TG0403");
/// A converter that cannot take what comes before it.
pub const CANNOT_CONVERT: Code = Code("TG0404");
/// An expression that is not `fetch(args),converter(args),…`.
pub const BAD_EXPRESSION: Code = Code("TG0405");
/// Something that is not known at the time the line runs.
pub const NOT_AVAILABLE_HERE: Code = Code("TG0406");
/// A fetch, converter or matcher of HAProxy 3.4 that Tidegate does not have yet.
pub const SAMPLE_NOT_SUPPORTED: Code = Code("TG0410");
/// An ACL that is not defined.
pub const UNKNOWN_ACL: Code = Code("TG0420");
/// An ACL name with a character it must not have.
pub const BAD_ACL_NAME: Code = Code("TG0421");
/// A flag that ACLs do not have.
pub const BAD_ACL_FLAG: Code = Code("TG0422");
/// A matching method that does not exist, or does not fit.
pub const BAD_MATCHER: Code = Code("TG0423");
/// A pattern that the matching method cannot read.
pub const BAD_PATTERN: Code = Code("TG0424");
/// A pattern file that cannot be read.
pub const BAD_PATTERN_FILE: Code = Code("TG0425");
/// An ACL without patterns.
pub const NO_PATTERNS: Code = Code("TG0426");
/// A condition that cannot be read.
pub const BAD_CONDITION: Code = Code("TG0427");
/// A regular expression that cannot be compiled.
pub const BAD_REGEX: Code = Code("TG0428");
/// A variable's name, or a condition of `set-var`, that cannot be read.
pub const BAD_VARIABLE: Code = Code("TG0430");
/// A `%alias` that does not exist.
pub const UNKNOWN_ALIAS: Code = Code("TG0440");
/// A format that cannot be read.
pub const BAD_FORMAT: Code = Code("TG0441");
/// An alias that prints nothing in this mode.
pub const ALIAS_NEEDS_HTTP: Code = Code("TG0442");
/// A flag in `%{…}` that does not exist.
pub const UNKNOWN_FLAG: Code = Code("TG0443");
/// An action that does not exist.
pub const UNKNOWN_ACTION: Code = Code("TG0501");
/// An action's argument that is missing, superfluous or unreadable.
pub const BAD_ACTION_ARGUMENT: Code = Code("TG0502");
/// An action's file that cannot be read.
pub const BAD_ACTION_FILE: Code = Code("TG0503");
/// An action that changes a list nothing reads.
pub const UNREAD_LIST: Code = Code("TG0520");
/// A header name that ends with a colon.
pub const COLON_IN_NAME: Code = Code("TG0504");
/// An action's `cache` that does not exist.
pub const UNKNOWN_CACHE: Code = Code("TG0760");
/// An action's `log-profile` that does not exist.
pub const UNKNOWN_LOG_PROFILE: Code = Code("TG0660");
/// A breaker's expression that cannot be read.
pub const BAD_TRIGGER: Code = Code("TG0540");
/// Two breakers of one proxy with one name.
pub const DUPLICATE_BREAKER: Code = Code("TG0541");
/// Two limits of one name that differ.
pub const DIFFERENT_LIMITS: Code = Code("TG0542");
/// A `filter bwlim-…` line that cannot be read.
pub const BAD_BANDWIDTH: Code = Code("TG0560");
/// Two bandwidth filters of one proxy with one name.
pub const DUPLICATE_BANDWIDTH: Code = Code("TG0561");
/// A bandwidth filter that does not exist.
pub const UNKNOWN_BANDWIDTH: Code = Code("TG0562");
/// An action of HAProxy 3.4 that Tidegate does not have yet.
pub const ACTION_NOT_SUPPORTED: Code = Code("TG0510");
