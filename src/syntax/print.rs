//! A document as text.
//!
//! What must hold: reading what is printed gives the same words again, and printing those the
//! same text, for any document that [`parse`](super::parse()) made. Unknown sections are left out:
//! they are reported, and nothing tells them from statements. Deliberately absent: comments,
//! blank lines and directives, which a document does not hold.

use super::ast::{Document, Word};
use std::fmt::Write;

/// Sections flush left, statements indented by four blanks, one empty line between sections.
/// Words are quoted only where they must be; bytes that are no UTF-8 become `\xHH`.
pub fn print(document: &Document) -> String {
    let mut out = String::new();
    for section in &document.sections {
        if section.kind == super::SectionKind::Unknown {
            continue;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        line(&mut out, &section.words);
        for statement in &section.statements {
            out.push_str("    ");
            line(&mut out, &statement.words);
        }
    }
    out
}

fn line(out: &mut String, words: &[Word]) {
    for (index, word) in words.iter().enumerate() {
        if index > 0 {
            out.push(' ');
        }
        self::word(out, &word.bytes);
    }
    out.push('\n');
}

/// Writes a word so that it is read as itself: bare, in single quotes, or in double quotes with
/// escapes.
fn word(out: &mut String, bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).ok();
    match text.filter(|text| !text.chars().any(char::is_control)) {
        Some(text) if is_bare(text) => out.push_str(text),
        Some(text) if !text.contains('\'') => {
            out.push('\'');
            out.push_str(text);
            out.push('\'');
        }
        _ => escaped(out, bytes),
    }
}

fn is_bare(text: &str) -> bool {
    let special = |byte: u8| matches!(byte, b' ' | b'"' | b'\'' | b'\\' | b'#');
    !text.is_empty() && !text.starts_with('[') && !text.bytes().any(special)
}

fn escaped(out: &mut String, bytes: &[u8]) {
    out.push('"');
    for chunk in bytes.utf8_chunks() {
        for letter in chunk.valid().chars() {
            match letter {
                '"' | '\\' | '$' => out.extend(['\\', letter]),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                letter if letter.is_control() => hex(out, letter.encode_utf8(&mut [0; 4])),
                letter => out.push(letter),
            }
        }
        hex(out, chunk.invalid());
    }
    out.push('"');
}

fn hex(out: &mut String, bytes: impl AsRef<[u8]>) {
    for byte in bytes.as_ref() {
        write!(out, "\\x{byte:02x}").expect("a string takes everything");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &str) {
        let mut out = String::new();
        word(&mut out, bytes);
        assert_eq!(out, expected, "{bytes:?}");
    }

    #[test]
    fn words_are_quoted_only_where_needed() {
        check(b"maxconn", "maxconn");
        check(b"%[src]", "%[src]");
        check(b"${FD}", "${FD}");
        check("é".as_bytes(), "é");
        check(b"", "''");
        check(b"a b", "'a b'");
        check(b"a\\b", r"'a\b'");
        check(b"a#b", "'a#b'");
        check(b"say \"$x\"", "'say \"$x\"'");
        check(b"[x]", "'[x]'");
        check(b"it's $5", r#""it's \$5""#);
        check(b"a\tb\r\nc\\", r#""a\tb\r\nc\\""#);
        check(b"\x01\xff'\"", r#""\x01\xff'\"""#);
        check("\u{85}".as_bytes(), r#""\xc2\x85""#);
    }
}
