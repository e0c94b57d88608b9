//! Whether others may keep a response, as far as the two heads say.

use super::{Headers, Method, RequestHead, ResponseHead};

/// Statuses whose responses caches may keep unasked (RFC 9110 §15.1, as HAProxy has it).
const CACHEABLE: [u16; 11] = [200, 203, 204, 206, 300, 301, 404, 405, 410, 414, 501];

/// Whether a shared cache may keep the response (RFC 9111 §3, as HAProxy has it).
pub fn is_cacheable(request: &RequestHead, response: &ResponseHead) -> bool {
    use Method::{Get, Head, Options, Trace};
    let has = |name: &[u8], value: &[u8]| response.has_token(name, value);
    if has(b"pragma", b"no-cache") {
        return false;
    }
    let safe = matches!(request.known_method(), Get | Head | Options | Trace);
    let mut cacheable = safe && CACHEABLE.contains(&response.status());
    let mut fresh = response.header(b"expires").is_some();
    let mut no_age = false;
    for token in directives(response) {
        let starts = |with: &[u8]| {
            token
                .get(..with.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(with))
        };
        if token.eq_ignore_ascii_case(b"public") {
            cacheable = true;
        } else if token.eq_ignore_ascii_case(b"max-age=0") {
            no_age = true;
        } else if token.eq_ignore_ascii_case(b"no-cache=\"set-cookie\"") {
        } else if [&b"private"[..], b"no-cache", b"no-store"]
            .iter()
            .any(|&word| starts(word) && matches!(token.get(word.len()), None | Some(b'=')))
            || token.eq_ignore_ascii_case(b"s-maxage=0")
        {
            cacheable = false;
        } else if starts(b"s-maxage") {
            (fresh, no_age) = (true, false);
        } else if starts(b"max-age") {
            fresh = true;
        }
    }
    let validator = || {
        let has = |name: &[u8]| response.header(name).is_some();
        has(b"etag") || has(b"last-modified")
    };
    cacheable && !no_age && (fresh || validator())
}

fn directives(head: &Headers) -> impl Iterator<Item = &[u8]> {
    head.header_values(b"cache-control")
        .flat_map(|line| line.split(|&byte| byte == b','))
        .map(<[u8]>::trim_ascii)
}
