//! The stable codes of findings about keywords and arguments.

use crate::syntax::Code;

/// A keyword no section of this kind has.
pub const UNKNOWN_KEYWORD: Code = Code("TG0201");
/// A keyword that exists but not in this section.
pub const NOT_ALLOWED_HERE: Code = Code("TG0202");
/// An argument too many.
pub const UNEXPECTED_ARGUMENT: Code = Code("TG0203");
/// An argument too few.
pub const MISSING_ARGUMENT: Code = Code("TG0204");
/// A number out of range or not a number.
pub const BAD_NUMBER: Code = Code("TG0205");
/// Text where HAProxy reads a number and takes its leading digits.
pub const LENIENT_NUMBER: Code = Code("TG0206");
/// A duration or size that cannot be read.
pub const BAD_UNIT: Code = Code("TG0207");
/// A value that is not among those the word takes.
pub const BAD_CHOICE: Code = Code("TG0208");
/// A keyword without effect in this kind of proxy.
pub const IGNORED_HERE: Code = Code("TG0209");
/// A word of HAProxy 3.4 that Tidegate does not have yet.
pub const NOT_SUPPORTED_YET: Code = Code("TG0210");
/// A word HAProxy itself has removed.
pub const REMOVED: Code = Code("TG0211");
/// A character that names must not contain.
pub const BAD_NAME: Code = Code("TG0212");
/// A setting given twice; the first stays.
pub const ALREADY_SPECIFIED: Code = Code("TG0213");
/// A section's opening line that cannot be read.
pub const BAD_SECTION_LINE: Code = Code("TG0214");
/// `no` or `default` before a keyword that takes neither.
pub const NEGATION: Code = Code("TG0215");
/// An `option` that does not exist.
pub const UNKNOWN_OPTION: Code = Code("TG0216");
/// A setting that replaces an earlier one.
pub const OVERWRITES: Code = Code("TG0217");
/// A word accepted without effect; told to those who ask.
pub const NO_EFFECT: Code = Code("TG0218");
/// A timeout so small that a unit was probably forgotten.
pub const SUSPICIOUSLY_SMALL: Code = Code("TG0219");
/// A word that HAProxy is going to remove.
pub const DEPRECATED: Code = Code("TG0220");
/// Two stick tables of one name.
pub const DUPLICATE_TABLE: Code = Code("TG0221");
/// A cookie's domain without a dot.
pub const SUSPICIOUS_DOMAIN: Code = Code("TG0230");
/// Two servers with one dynamic cookie.
pub const DUPLICATE_COOKIE: Code = Code("TG0231");
/// A password hash of a kind that cannot be checked.
pub const BAD_PASSWORD: Code = Code("TG0240");
/// A user or group of a list defined twice; the first stays.
pub const DUPLICATE_NAME: Code = Code("TG0241");
/// A password hash that takes long to check.
pub const SLOW_PASSWORD: Code = Code("TG0242");
/// An address that cannot be read or is not acceptable here.
pub const BAD_ADDRESS: Code = Code("TG0301");
/// An unknown word on a `bind` line.
pub const UNKNOWN_BIND_OPTION: Code = Code("TG0302");
/// An unknown word on a `server` line.
pub const UNKNOWN_SERVER_OPTION: Code = Code("TG0303");
/// A name without an address.
pub const UNRESOLVABLE: Code = Code("TG0304");
/// A bad value of a `bind` or `server` option.
pub const BAD_OPTION_VALUE: Code = Code("TG0305");
/// A user or group that does not exist.
pub const UNKNOWN_USER: Code = Code("TG0306");
/// A `server-template` line that cannot be read.
pub const BAD_TEMPLATE: Code = Code("TG0360");
/// A `log` line that cannot be read.
pub const BAD_LOG: Code = Code("TG0601");
/// A userlist that does not exist.
pub const UNKNOWN_USERLIST: Code = Code("TG0740");
/// A group that the userlist does not have.
pub const UNKNOWN_GROUP: Code = Code("TG0741");
/// A user that the userlist does not have.
pub const UNKNOWN_LIST_USER: Code = Code("TG0742");
/// An `http-errors` section that does not exist.
pub const UNKNOWN_ERRORS: Code = Code("TG0743");
/// `peer` lines beside a `bind` line.
pub const MIXED_PEERS: Code = Code("TG0761");
/// More than one listener of a `peers` section.
pub const ONE_LISTENER: Code = Code("TG0762");
/// Two peers, or two `peers` sections, of one name.
pub const DUPLICATE_PEER: Code = Code("TG0763");
/// A `peers` section that does not say which peer this process is.
pub const INCOMPLETE_PEERS: Code = Code("TG0764");
/// A table shared through a section that does not say which peer this process is.
pub const NO_LOCAL_PEER: Code = Code("TG0765");
/// A `shard` that no share belongs to.
pub const BAD_SHARD: Code = Code("TG0766");
/// A peer that nothing can be connected to.
pub const IGNORED_PEER: Code = Code("TG0767");
/// A file that cannot be read.
pub const UNREADABLE_FILE: Code = Code("TG0921");
/// A file whose content cannot be used.
pub const BAD_FILE: Code = Code("TG0922");
