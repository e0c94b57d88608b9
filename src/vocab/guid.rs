//! `guid`, `guid-prefix`: identifiers in files of statistics.

use crate::syntax::Code;

/// An identifier is no such thing, or another object's.
pub const BAD_GUID: Code = Code("TG0970");

/// Longest one, in bytes.
const LENGTH_MAX: usize = 127;

/// What is wrong with an identifier.
pub fn fault(text: &str) -> Option<String> {
    let is_usual = |c: &char| c.is_ascii_alphanumeric() || "_:-.".contains(*c);
    if text.len() > LENGTH_MAX {
        return Some("invalid length".to_owned());
    }
    let bad = text.chars().find(|c| !is_usual(c));
    bad.map(|bad| format!("invalid character '{bad}'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_short_words() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(fault(text).as_deref(), expected, "{text}");
        };
        check("a-b_c:d.9", None);
        check("a b", Some("invalid character ' '"));
        check(&"a".repeat(127), None);
        check(&"a".repeat(128), Some("invalid length"));
    }
}
