//! The stable codes of what `syntax` reports, `TG01xx`.

use super::diagnostic::Code;

/// A quote is opened and not closed on its line.
pub const UNMATCHED_QUOTE: Code = Code("TG0101");
/// `${` without its `}`.
pub const UNMATCHED_BRACE: Code = Code("TG0102");
/// `$` inside weak quotes not followed by a variable's name.
pub const VARIABLE_NAME: Code = Code("TG0103");
/// `\x` not followed by two hexadecimal digits.
pub const HEX_ESCAPE: Code = Code("TG0104");
/// `${NAME[` not followed by `*]`.
pub const WORD_EXPANSION: Code = Code("TG0105");
/// More words on a line than HAProxy takes.
pub const TOO_MANY_WORDS: Code = Code("TG0106");
/// A word that expands to nothing, which would hide the words after it.
pub const EMPTY_ARGUMENT: Code = Code("TG0107");
/// A NUL byte, or `\x00`.
pub const NUL_BYTE: Code = Code("TG0108");
/// The last line of a file does not end.
pub const MISSING_LF: Code = Code("TG0109");
/// A line, written or expanded, beyond what is read.
pub const LINE_TOO_LONG: Code = Code("TG0110");
/// A file, or the whole configuration, beyond what is read.
pub const TOO_LARGE: Code = Code("TG0111");
/// Text after a carriage return in the middle of a line, which nobody reads.
pub const TEXT_AFTER_CR: Code = Code("TG0112");
/// So many errors that the rest is not read.
pub const TOO_MANY_ERRORS: Code = Code("TG0113");

/// A word that starts with a dot and is no directive.
pub const UNKNOWN_DIRECTIVE: Code = Code("TG0120");
/// `.elif`, `.else` or `.endif` without its `.if`.
pub const LONE_DIRECTIVE: Code = Code("TG0121");
/// `.elif` or `.else` after `.else`.
pub const AFTER_ELSE: Code = Code("TG0122");
/// A directive with more arguments than it takes.
pub const DIRECTIVE_ARGUMENT: Code = Code("TG0123");
/// `.if` without its `.endif` in the same file.
pub const UNTERMINATED_IF: Code = Code("TG0124");
/// More `.if` inside each other than HAProxy takes.
pub const TOO_MANY_NESTED: Code = Code("TG0125");
/// A condition that can't be read or evaluated.
pub const CONDITION: Code = Code("TG0126");
/// What `.alert` says.
pub const ALERT: Code = Code("TG0127");
/// What `.warning` says.
pub const WARNING: Code = Code("TG0128");
/// What `.notice` says.
pub const NOTICE: Code = Code("TG0129");
/// What `.diag` says.
pub const DIAG: Code = Code("TG0130");

/// A `[scope]` line that is not one name in brackets.
pub const SCOPE: Code = Code("TG0140");
/// A statement before the first section of its file.
pub const OUT_OF_SECTION: Code = Code("TG0141");
/// A line that looks like a section and is none.
pub const UNKNOWN_SECTION: Code = Code("TG0142");
/// `setenv`, `presetenv` or `unsetenv` with wrong arguments.
pub const ENVIRONMENT: Code = Code("TG0143");
