//! `normalize-uri <normalizer>`: one way of writing the path and query where there are several
//! (RFC 3986 §6.2.2).

use super::{HttpAction, Keyword, Line, REQUESTS, verdict};
use crate::vocab::context::{ActionContext, Verdict};
use crate::vocab::fetch::path_and_query_of;
use memchr::memchr;

pub(super) const KEYWORD: Keyword = Keyword {
    name: "normalize-uri",
    sets: REQUESTS,
    usage: "normalize-uri { fragment-encode | fragment-strip | path-merge-slashes | path-strip-dot | \
            path-strip-dotdot [ full ] | percent-decode-unreserved [ strict ] | \
            percent-to-uppercase [ strict ] | query-sort-by-name } [ { if | unless } <condition> ]",
    doc: "Normalizes the target in one respect; a \"strict\" one answers invalid percent sequences \
          with 400.",
    build,
};

/// What is made uniform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Normalizer {
    FragmentEncode,
    FragmentStrip,
    MergeSlashes,
    StripDot,
    StripDotDot { full: bool },
    DecodeUnreserved { strict: bool },
    Uppercase { strict: bool },
    SortQuery,
}

const NAMES: [&str; 8] = [
    "fragment-encode",
    "fragment-strip",
    "path-merge-slashes",
    "path-strip-dot",
    "path-strip-dotdot",
    "percent-decode-unreserved",
    "percent-to-uppercase",
    "query-sort-by-name",
];

fn build(line: &mut Line<'_, '_, '_>) -> Option<Box<dyn HttpAction>> {
    let word = line.required("a normalizer")?;
    let mut option = |name: &str| {
        let given = line.rest.first().is_some_and(|word| *word == name);
        if given {
            line.next();
        }
        given
    };
    let normalizer = match &*word.bytes {
        b"fragment-encode" => Normalizer::FragmentEncode,
        b"fragment-strip" => Normalizer::FragmentStrip,
        b"path-merge-slashes" => Normalizer::MergeSlashes,
        b"path-strip-dot" => Normalizer::StripDot,
        b"path-strip-dotdot" => Normalizer::StripDotDot {
            full: option("full"),
        },
        b"percent-decode-unreserved" => Normalizer::DecodeUnreserved {
            strict: option("strict"),
        },
        b"percent-to-uppercase" => Normalizer::Uppercase {
            strict: option("strict"),
        },
        b"query-sort-by-name" => Normalizer::SortQuery,
        _ => {
            let message = format!("unknown normalizer '{}'", word.text());
            line.error_near(word, message, NAMES);
            return None;
        }
    };
    Some(Box::new(normalizer))
}

impl HttpAction for Normalizer {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        let mut out = cx.scratch.take_text();
        let verdict = match path_and_query_of(cx.request.target()) {
            None => Verdict::Continue,
            Some(text) => match self.apply(text, &mut out) {
                None => Verdict::Invalid,
                Some(()) if out == text => Verdict::Continue,
                Some(()) => verdict(cx.request.set_path_and_query(&out)),
            },
        };
        cx.scratch.give_text(out);
        verdict
    }
}

impl Normalizer {
    /// Appends the normalized path and query; `None` if it is refused.
    fn apply(self, text: &[u8], out: &mut Vec<u8>) -> Option<()> {
        let (path, query) = text.split_at(memchr(b'?', text).unwrap_or(text.len()));
        match self {
            Self::FragmentEncode => {
                for &byte in text {
                    match byte {
                        b'#' => out.extend_from_slice(b"%23"),
                        _ => out.push(byte),
                    }
                }
                return Some(());
            }
            Self::FragmentStrip => {
                let end = memchr(b'#', text).unwrap_or(text.len());
                out.extend_from_slice(text.get(..end).unwrap_or_default());
                return Some(());
            }
            Self::DecodeUnreserved { strict } => return percent(text, strict, out, decoded),
            Self::Uppercase { strict } => {
                return percent(text, strict, out, |digits| {
                    Sequence::Encoded(digits.map(upper))
                });
            }
            Self::MergeSlashes => {
                for &byte in path {
                    if byte != b'/' || out.last() != Some(&b'/') {
                        out.push(byte);
                    }
                }
            }
            Self::StripDot => join(segments(path, |_, segment| segment == b"."), out),
            Self::StripDotDot { full } => join(without_dotdot(path, full), out),
            Self::SortQuery => {
                out.extend_from_slice(path);
                sorted(query, out);
                return Some(());
            }
        }
        out.extend_from_slice(query);
        Some(())
    }
}

/// The segments of a path but those to `leave_out`; one that was last leaves an empty one.
fn segments<'p>(
    path: &'p [u8],
    mut leave_out: impl FnMut(&mut Vec<&'p [u8]>, &'p [u8]) -> bool,
) -> Vec<&'p [u8]> {
    let mut kept = Vec::new();
    let mut parts = path.split(|&byte| byte == b'/').skip(1).peekable();
    while let Some(segment) = parts.next() {
        if !leave_out(&mut kept, segment) {
            kept.push(segment);
        } else if parts.peek().is_none() {
            kept.push(b"");
        }
    }
    kept
}

fn without_dotdot(path: &[u8], full: bool) -> Vec<&[u8]> {
    segments(path, |kept, segment| {
        if segment != b".." {
            return false;
        }
        match kept.last() {
            Some(&last) if last != b".." => {
                kept.pop();
                true
            }
            _ => full,
        }
    })
}

fn join(segments: Vec<&[u8]>, out: &mut Vec<u8>) {
    for segment in segments {
        out.push(b'/');
        out.extend_from_slice(segment);
    }
}

/// Appends the query with its question mark, parameters in the order of their names.
fn sorted(query: &[u8], out: &mut Vec<u8>) {
    let Some((mark, list)) = query.split_first() else {
        return;
    };
    let mut parameters: Vec<&[u8]> = list.split(|&byte| byte == b'&').collect();
    parameters.sort_by_key(|&parameter| parameter.split(|&byte| byte == b'=').next());
    out.push(*mark);
    for (index, parameter) in parameters.into_iter().enumerate() {
        if index > 0 {
            out.push(b'&');
        }
        out.extend_from_slice(parameter);
    }
}

/// What becomes of a percent sequence.
enum Sequence {
    Encoded([u8; 2]),
    Decoded(u8),
}

fn percent(
    text: &[u8],
    strict: bool,
    out: &mut Vec<u8>,
    change: fn([u8; 2]) -> Sequence,
) -> Option<()> {
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let digits = match (byte, after) {
            (b'%', &[high, low, ..]) => {
                Some([high, low]).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            }
            _ => None,
        };
        match digits {
            Some(digits) => {
                rest = after.get(2..).unwrap_or_default();
                match change(digits) {
                    Sequence::Encoded([high, low]) => out.extend_from_slice(&[b'%', high, low]),
                    Sequence::Decoded(byte) => out.push(byte),
                }
            }
            None if byte == b'%' && strict => return None,
            None => out.push(byte),
        }
    }
    Some(())
}

fn upper(digit: u8) -> u8 {
    digit.to_ascii_uppercase()
}

fn decoded(digits: [u8; 2]) -> Sequence {
    let value = digits.iter().fold(0, |value, &digit| {
        value << 4 | (digit as char).to_digit(16).unwrap_or(0) as u8
    });
    match value {
        b'-' | b'.' | b'_' | b'~' => Sequence::Decoded(value),
        _ if value.is_ascii_alphanumeric() => Sequence::Decoded(value),
        _ => Sequence::Encoded(digits),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(normalizer: Normalizer, text: &str, expected: Option<&str>) {
        let mut out = Vec::new();
        let applied = normalizer.apply(text.as_bytes(), &mut out);
        let got = applied.map(|()| String::from_utf8(out).unwrap());
        assert_eq!(got.as_deref(), expected, "{normalizer:?} {text}");
    }

    #[test]
    fn normalizers() {
        use Normalizer as N;
        check(N::FragmentEncode, "/#foo", Some("/%23foo"));
        check(N::FragmentStrip, "/#foo", Some("/"));
        check(N::MergeSlashes, "//foo//bar?a=//", Some("/foo/bar?a=//"));
        for (text, expected) in [
            ("/.", "/"),
            ("/./bar/", "/bar/"),
            ("/a/./a", "/a/a"),
            ("/a/.", "/a/"),
            ("/.well-known/?./", "/.well-known/?./"),
        ] {
            check(N::StripDot, text, Some(expected));
        }
        for (text, expected, full) in [
            ("/foo/../", "/", "/"),
            ("/foo/..", "/", "/"),
            ("/foo/../bar/", "/bar/", "/bar/"),
            ("/foo/bar/../", "/foo/", "/foo/"),
            ("/../bar/", "/../bar/", "/bar/"),
            ("/bar/../../", "/../", "/"),
            ("/foo//../", "/foo/", "/foo/"),
            ("/foo/%2E%2E/?/..", "/foo/%2E%2E/?/..", "/foo/%2E%2E/?/.."),
        ] {
            check(N::StripDotDot { full: false }, text, Some(expected));
            check(N::StripDotDot { full: true }, text, Some(full));
        }
        for (text, lenient, strict) in [
            ("/%61dmin", "/admin", Some("/admin")),
            ("/foo%3Fbar=baz", "/foo%3Fbar=baz", Some("/foo%3Fbar=baz")),
            ("/%%36%36", "/%66", None),
            ("/%ZZ", "/%ZZ", None),
        ] {
            check(N::DecodeUnreserved { strict: false }, text, Some(lenient));
            check(N::DecodeUnreserved { strict: true }, text, strict);
        }
        check(N::Uppercase { strict: false }, "/%6f%zz", Some("/%6F%zz"));
        check(N::Uppercase { strict: true }, "/%zz", None);
        check(N::SortQuery, "/?aaa=3&a=1&aa=2", Some("/?a=1&aa=2&aaa=3"));
        check(
            N::SortQuery,
            "/?a=3&b=4&a=1&b=5&a=2",
            Some("/?a=3&a=1&a=2&b=4&b=5"),
        );
        check(N::SortQuery, "/", Some("/"));
    }
}
