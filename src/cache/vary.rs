//! What responses vary on: `Accept-Encoding`, `Referer` and `Origin`, as far as caches keep such responses.

use crate::http1::Headers;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::LazyLock;

/// Most codings a request may name.
const MOST_CODINGS: usize = 16;

const IDENTITY: u32 = 1;
const ANY: u32 = 2;
const OTHER: u32 = 4;

/// Codings that are known (IANA's registry), from the bit after [`OTHER`].
const CODINGS: [&[u8]; 8] = [
    b"gzip",
    b"deflate",
    b"compress",
    b"br",
    b"zstd",
    b"exi",
    b"aes128gcm",
    b"pack200-gzip",
];

fn coding(name: &[u8]) -> Option<u32> {
    let name = match name.split_at_checked(2) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case(b"x-") => rest,
        _ => name,
    };
    let is = |known: &&[u8]| known.eq_ignore_ascii_case(name);
    match name {
        b"*" => Some(ANY),
        _ if name.eq_ignore_ascii_case(b"identity") => Some(IDENTITY),
        _ => CODINGS.iter().position(is).map(|at| OTHER << (at + 1)),
    }
}

fn hash(value: Option<&[u8]>) -> u64 {
    static SEED: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    value.map_or(0, |value| {
        let mut hasher = SEED.build_hasher();
        hasher.write(value);
        hasher.finish()
    })
}

/// What a request says of what a response may vary on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The codings it takes; `None` if it names too many.
    codings: Option<u32>,
    referer: u64,
    origin: u64,
}

impl Default for Accepted {
    fn default() -> Self {
        Self {
            codings: Some(u32::MAX),
            referer: 0,
            origin: 0,
        }
    }
}

impl Accepted {
    /// Of a request.
    pub fn of(request: &Headers) -> Self {
        Self {
            codings: codings(request),
            referer: hash(request.header(b"referer")),
            origin: hash(request.header(b"origin")),
        }
    }
}

/// The codings a request takes: all without the header, none but `identity` if that is empty.
fn codings(request: &Headers) -> Option<u32> {
    let (mut taken, mut refused) = (IDENTITY, 0);
    let lines = request.header_values(b"accept-encoding");
    let mut count = 0;
    for element in lines.flat_map(|line| line.split(|&byte| byte == b',')) {
        count += 1;
        let mut parts = element.split(|&byte| byte == b';').map(<[u8]>::trim_ascii);
        let name = parts.next().unwrap_or_default();
        if name.is_empty() {
            continue;
        }
        let is_null = |part: &[u8]| {
            let weight = part.strip_prefix(b"q=");
            weight.is_some_and(|weight| weight.iter().all(|byte| b"0.".contains(byte)))
        };
        match coding(name) {
            Some(bit) if parts.any(is_null) => refused |= bit,
            Some(bit) => taken |= bit,
            None => taken |= OTHER,
        }
    }
    if count == 0 || taken & ANY != 0 {
        taken = u32::MAX;
    }
    (count < MOST_CODINGS).then_some(taken & !refused)
}

/// What a response varies on, and which requests it is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Varying {
    /// The coding it has.
    pub codings: Option<u32>,
    /// The hash of the referer it was made for.
    pub referer: Option<u64>,
    /// The hash of the origin.
    pub origin: Option<u64>,
}

impl Varying {
    /// Of a response to such a request; `None` if it varies on something else, has a coding that is
    /// not known, or one that was not asked for.
    pub fn of(response: &Headers, accepted: &Accepted) -> Option<Self> {
        let mut varying = Self::default();
        let names = response
            .header_values(b"vary")
            .flat_map(|line| line.split(|&byte| byte == b','));
        for name in names
            .map(<[u8]>::trim_ascii)
            .filter(|name| !name.is_empty())
        {
            if name.eq_ignore_ascii_case(b"accept-encoding") {
                let taken = accepted.codings?;
                let made = made_with(response)?;
                (taken & made == made).then_some(())?;
                varying.codings = Some(made);
            } else if name.eq_ignore_ascii_case(b"referer") {
                varying.referer = Some(accepted.referer);
            } else if name.eq_ignore_ascii_case(b"origin") {
                varying.origin = Some(accepted.origin);
            } else {
                return None;
            }
        }
        Some(varying)
    }

    /// Whether it is for such a request.
    pub fn suits(&self, accepted: &Accepted) -> bool {
        let takes = |made: u32| accepted.codings.is_some_and(|taken| taken & made == made);
        self.codings.is_none_or(takes)
            && self
                .referer
                .is_none_or(|referer| referer == accepted.referer)
            && self.origin.is_none_or(|origin| origin == accepted.origin)
    }
}

/// The codings a response was made with.
fn made_with(response: &Headers) -> Option<u32> {
    let mut made = 0;
    let names = response
        .header_values(b"content-encoding")
        .flat_map(|line| line.split(|&byte| byte == b','));
    for name in names {
        made |= coding(name.trim_ascii())?;
    }
    Some(if made == 0 { IDENTITY } else { made })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http1::{HeadLimits, RequestHead, ResponseHead};

    const LIMITS: HeadLimits = HeadLimits {
        max_size: 16_000,
        max_headers: 100,
    };

    fn accepted(headers: &str) -> Accepted {
        let mut head = RequestHead::default();
        let text = format!("GET / HTTP/1.1\r\nhost: a\r\n{headers}\r\n");
        head.parse(text.as_bytes(), LIMITS).unwrap().unwrap();
        Accepted::of(&head)
    }

    fn varying(headers: &str, asked: &str) -> Option<Varying> {
        let mut head = ResponseHead::default();
        let text = format!("HTTP/1.1 200 OK\r\n{headers}\r\n");
        head.parse(text.as_bytes(), LIMITS).unwrap().unwrap();
        Varying::of(&head, &accepted(asked))
    }

    #[test]
    fn a_response_is_for_who_takes_its_coding() {
        let gzip = "vary: Accept-Encoding\r\ncontent-encoding: gzip\r\n";
        let stored = varying(gzip, "accept-encoding: br, gzip\r\n").unwrap();
        let check = |asked: &str, expected| {
            assert_eq!(stored.suits(&accepted(asked)), expected, "{asked}");
        };
        check("accept-encoding: gzip\r\n", true);
        check(
            "accept-encoding: deflate\r\naccept-encoding: X-GZIP;q=0.5\r\n",
            true,
        );
        check("", true);
        check("accept-encoding: *\r\n", true);
        check("accept-encoding:\r\n", false);
        check("accept-encoding: br\r\n", false);
        check("accept-encoding: *, gzip;q=0\r\n", false);
        assert_eq!(
            varying(gzip, "accept-encoding: first\r\n"),
            None,
            "not asked for"
        );
    }

    #[test]
    fn what_has_no_coding_is_for_all_but_who_refuses() {
        let stored = varying("vary: accept-encoding\r\n", "accept-encoding: x\r\n").unwrap();
        assert!(stored.suits(&accepted("accept-encoding: y\r\n")));
        assert!(!stored.suits(&accepted("accept-encoding: y, identity;q=0\r\n")));
    }

    #[test]
    fn referers_and_origins_must_be_the_same() {
        let asked = "referer: r\r\norigin: o\r\n";
        let stored = varying("vary: referer, Origin\r\n", asked).unwrap();
        assert!(stored.suits(&accepted(asked)));
        assert!(!stored.suits(&accepted("referer: r\r\norigin: other\r\n")));
        assert!(!stored.suits(&accepted("")));
    }

    #[test]
    fn anything_else_is_not_kept() {
        assert_eq!(varying("vary: accept-encoding,unmanaged\r\n", ""), None);
        assert_eq!(varying("vary: *\r\n", ""), None);
        let many: Vec<String> = (0..17).map(|n| format!("a{n}")).collect();
        let many = format!("accept-encoding: {}\r\n", many.join(","));
        assert_eq!(varying("vary: accept-encoding\r\n", &many), None);
        assert_eq!(varying("x: y\r\n", &many), Some(Varying::default()));
    }
}
