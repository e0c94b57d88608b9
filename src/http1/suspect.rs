//! Where a refused head goes wrong, for people who look at it.
//!
//! Parsing says only that a head is bad. This looks for the first byte that a simple reading of RFC
//! 9112 does not expect; where it finds none, what is wrong is not a byte (a missing host, say).

use super::class::is_tchar;

/// The position of that byte, or where the head begins.
pub fn suspect(head: &[u8]) -> usize {
    let mut at = 0;
    for (number, line) in head.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let bad = match number {
            0 => in_start_line(line),
            _ if line == b"\r\n" || line == b"\n" => return 0,
            _ => in_header(line),
        };
        if let Some(bad) = bad {
            return at + bad;
        }
        at += line.len();
    }
    0
}

fn in_start_line(line: &[u8]) -> Option<usize> {
    control(line, 0)
}

fn in_header(line: &[u8]) -> Option<usize> {
    let name = line.iter().take_while(|byte| is_tchar(**byte)).count();
    match line.get(name) {
        Some(b':') if name > 0 => control(line, name + 1),
        _ => Some(name),
    }
}

/// The first control character from a place on, but for tabs and the end of the line.
fn control(line: &[u8], from: usize) -> Option<usize> {
    let text = line.strip_suffix(b"\n").unwrap_or(line);
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    let is_bad = |byte: &u8| (*byte < b' ' && *byte != b'\t') || *byte == 0x7f;
    let mut rest = text.iter().skip(from);
    rest.position(is_bad).map(|at| from + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_byte_that_does_not_belong() {
        let check = |head: &str, expected| assert_eq!(suspect(head.as_bytes()), expected, "{head}");
        check("GET / HTTP/1.1\r\nho st: x\r\n\r\n", 18);
        check("GET / HTTP/1.1\r\n: x\r\n\r\n", 16);
        check("GET / HTTP/1.1\r\nhost\r\n\r\n", 20);
        check("GET /\u{1} HTTP/1.1\r\n", 5);
        check("GET / HTTP/1.1\r\na: \u{7f}\r\n", 19);
        check("GET / HTTP/1.1\r\n\r\n\u{1}", 0);
        check("", 0);
    }
}
