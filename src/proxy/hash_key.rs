//! The part of a request that `balance` hashes, and its hash.
//!
//! The head is seen as rules left it. `None` is a request without such a part: it takes turns with
//! the others.

use super::client::Client;
use super::place::Place;
use super::transaction::Transaction;
use super::{content, rules};
use crate::backend::hash::{crc32, djb2, full_avalanche, sdbm, source, wt6};
use crate::compile::config::{Backend, Balance, HashFunction, HashKey, HashType, Mode, UriPart};
use crate::http1::{RequestHead, is_tchar};
use crate::vocab::context::Context;
use crate::vocab::fetch::comma_separated;
use crate::vocab::sample::{ROOM, Sample, Type, leading_int};

/// The hash that decides on the server, if the backend goes by one.
pub(super) fn of(
    at: Place<'_>,
    backend: &Backend,
    client: &Client,
    tx: &Transaction,
) -> Option<u32> {
    let Balance::Hash(key) = &backend.balance else {
        return None;
    };
    let kind = backend.hash_type;
    let is_http = backend.mode == Mode::Http;
    let hash = |bytes| Some(hashed(bytes, kind));
    match key {
        HashKey::Source => {
            let folded = source(client.facts.src.ip()?);
            Some(match kind.avalanche {
                true => full_avalanche(folded),
                false => folded,
            })
        }
        HashKey::Sample => sample(at, backend, client, tx),
        HashKey::Uri(part) if is_http => hash(uri(&tx.request, *part)),
        HashKey::UrlParam(name) if is_http => hash(parameter(tx, name)?),
        HashKey::Header { name, domain_only } if is_http => {
            let value = comma_separated(tx.request.header(name)?).next()?;
            hash(match domain_only {
                true => domain(value),
                false => value,
            })
            .filter(|_| !value.is_empty())
        }
        HashKey::Uri(_) | HashKey::UrlParam(_) | HashKey::Header { .. } | HashKey::LogLine => None,
    }
}

fn hashed(key: &[u8], kind: HashType) -> u32 {
    let hash = match kind.function {
        HashFunction::Sdbm => sdbm(key),
        HashFunction::Djb2 => djb2(key),
        HashFunction::Wt6 => wt6(key),
        HashFunction::Crc32 => crc32(key),
        HashFunction::None => leading_int(key) as u32,
    };
    match kind.avalanche {
        true => full_avalanche(hash),
        false => hash,
    }
}

fn sample(at: Place<'_>, backend: &Backend, client: &Client, tx: &Transaction) -> Option<u32> {
    let expression = backend.hash_sample.as_ref()?;
    let tcp = backend.mode == Mode::Tcp;
    let seen = tcp.then(|| content::raw(at, tx.upload.buffer.data(), true));
    let view = rules::view(at, at.names(Some(backend), None), client, tx);
    let cx = Context {
        request: view.request.filter(|_| !tcp),
        content: seen.as_ref(),
        ..view
    };
    let mut found = None;
    expression.one(&cx, &mut |value| found = of_value(value, backend.hash_type));
    found
}

/// The hash of an expression's value.
pub(super) fn of_value(value: Sample<'_>, kind: HashType) -> Option<u32> {
    // Numbers are hashed as eight bytes, but must be readable where they are the hash.
    let wanted = match kind.function {
        HashFunction::None => Type::Str,
        _ => Type::Bin,
    };
    let mut room = ROOM;
    let cast = value.cast(wanted, &mut room)?;
    let mut room = ROOM;
    let bytes = cast.cast(Type::Bin, &mut room)?.bytes()?;
    Some(hashed(bytes, kind))
}

/// The start of a URI, up to its query unless that is wanted too.
fn uri(request: &RequestHead, part: UriPart) -> &[u8] {
    let uri = match part.path_only {
        true => request.path_and_query(),
        false => request.target(),
    };
    let uri = match part.len {
        0 => uri,
        len => uri.get(..len).unwrap_or(uri),
    };
    let mut slashes = 0;
    let end = uri.iter().position(|&byte| {
        slashes += usize::from(byte == b'/');
        byte == b'/' && part.depth > 0 && slashes > part.depth || byte == b'?' && !part.whole
    });
    end.and_then(|end| uri.get(..end)).unwrap_or(uri)
}

/// A parameter of the query or, of a `POST`, the body.
fn parameter<'a>(tx: &'a Transaction, name: &[u8]) -> Option<&'a [u8]> {
    let target = tx.request.target();
    let query = target.iter().position(|&byte| byte == b'?');
    let query = query.and_then(|at| target.get(at + 1..));
    query
        .and_then(|query| value_of(query, name))
        .or_else(|| match tx.request.method() {
            b"POST" => posted(tx.upload.payload().data().next()?, name),
            _ => None,
        })
}

fn value_of<'a>(list: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    list.split(|&byte| byte == b'&')
        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix(b"="))
}

/// A parameter of a form; a value that no form could have is none.
fn posted<'a>(body: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let value = value_of(body, name)?;
    match value.iter().position(|&byte| !is_tchar(byte)) {
        None => Some(value),
        Some(end) if value.get(end).is_some_and(u8::is_ascii_whitespace) => value.get(..end),
        Some(_) => None,
    }
}

/// What stands before the last dot of a name, without what stands before that.
fn domain(name: &[u8]) -> &[u8] {
    let last = name.iter().rposition(|&byte| byte == b'.');
    let Some(end) = last.filter(|&at| at > 0) else {
        return name;
    };
    let rest = name.get(..end - 1).unwrap_or_default();
    let start = rest.iter().rposition(|&byte| byte == b'.');
    name.get(start.map_or(0, |dot| dot + 1)..end)
        .unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http1::HeadLimits;

    #[test]
    fn domains() {
        let check = |name: &str, expected: &str| {
            assert_eq!(domain(name.as_bytes()), expected.as_bytes(), "{name}");
        };
        check("www.example.com", "example");
        check("example.com", "example");
        check("localhost", "localhost");
        check(".com", ".com");
        check("a.b.c.d:80", "c");
        check("", "");
    }

    #[test]
    fn starts_of_uris() {
        let limits = HeadLimits {
            max_size: 1000,
            max_headers: 10,
        };
        let check = |target: &str, part: UriPart, expected: &str| {
            let mut request = RequestHead::default();
            let head = format!("GET {target} HTTP/1.1\r\nhost: h\r\n\r\n");
            let parsed = request.parse(head.as_bytes(), limits);
            assert!(matches!(parsed, Ok(Some(_))), "{target}");
            assert_eq!(
                uri(&request, part),
                expected.as_bytes(),
                "{target} {part:?}"
            );
        };
        let all = UriPart::default();
        check("/a/b?c=/d", all, "/a/b");
        check("/a/b?c", UriPart { whole: true, ..all }, "/a/b?c");
        check("/a/b?c", UriPart { len: 2, ..all }, "/a");
        check("/a/b?c", UriPart { len: 99, ..all }, "/a/b");
        check("/a/b/c", UriPart { depth: 1, ..all }, "/a");
        check("/a/b/c", UriPart { depth: 2, ..all }, "/a/b");
        check("http://h/a", all, "http://h/a");
        check(
            "http://h/a?b",
            UriPart {
                path_only: true,
                ..all
            },
            "/a",
        );
    }

    #[test]
    fn parameters() {
        let check = |list: &str, expected: Option<&str>, form: Option<&str>| {
            let found = value_of(list.as_bytes(), b"id");
            assert_eq!(found, expected.map(str::as_bytes), "{list}");
            let found = posted(list.as_bytes(), b"id");
            assert_eq!(found, form.map(str::as_bytes), "{list} posted");
        };
        check("id=7", Some("7"), Some("7"));
        check("a=1&id=7&b", Some("7"), Some("7"));
        check("xid=7&id", None, None);
        check("id=", Some(""), Some(""));
        check("id=7\r\n", Some("7\r\n"), Some("7"));
        check("id={7}", Some("{7}"), None);
    }
}
