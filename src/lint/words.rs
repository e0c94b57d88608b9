//! Names in words, wherever they stand: in conditions, arguments and formats.

use crate::syntax::Word;

/// The longest runs of characters that names have: `!is_api` and `acl(is_api)` hold `is_api`.
pub fn tokens(word: &[u8]) -> impl Iterator<Item = &[u8]> {
    word.split(|byte| !(byte.is_ascii_alphanumeric() || b".:_-".contains(byte)))
        .filter(|token| !token.is_empty())
}

/// The word after `name`.
pub(super) fn option<'a>(words: &'a [Word], name: &[u8]) -> Option<&'a Word> {
    let at = words.iter().position(|word| *word.bytes == *name)?;
    words.get(at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_words() {
        let check = |word: &str, expected: &[&str]| {
            let found: Vec<_> = tokens(word.as_bytes())
                .map(|token| std::str::from_utf8(token).unwrap())
                .collect();
            assert_eq!(found, expected, "{word}");
        };
        check("", &[]);
        check("is_api", &["is_api"]);
        check("!is_api", &["is_api"]);
        check("%[acl(a.b,c),lower]", &["acl", "a.b", "c", "lower"]);
    }
}
