//! `cache-use` and `cache-store`: answers from a `cache` section, and what is put there.
//!
//! Which requests and responses caches may touch is decided here, as HAProxy does. Sending what was
//! found, and keeping the body as it passes, is the proxy's.

use super::{HttpAction, Keyword, Line, REQUESTS, RuleSet, rule_codes};
use crate::cache::{Accepted, Entry, Key, Varying};
use crate::http1::{Headers, Method, RequestHead, ResponseHead, Version, is_cacheable};
use crate::vocab::calendar::http_date;
use crate::vocab::context::{ActionContext, Verdict};

pub(super) const CACHE_USE: Keyword = Keyword {
    name: "cache-use",
    sets: REQUESTS,
    usage: "cache-use <name> [ { if | unless } <condition> ]",
    doc: "Answers from a cache, if it has a fresh response; the rules after it run all the same.",
    build: |line| Some(Box::new(CacheUse(index(line)?))),
};

pub(super) const CACHE_STORE: Keyword = Keyword {
    name: "cache-store",
    sets: &[RuleSet::Response],
    usage: "cache-store <name> [ { if | unless } <condition> ]",
    doc: "Keeps the response in a cache as it is now, if caches may and a \"cache-use\" asked. A \
          response to an unsafe request makes the cache forget what it has of that URI.",
    build: |line| Some(Box::new(CacheStore(index(line)?))),
};

/// Longest time a response can be told to be fresh, in seconds.
const LONGEST_S: i64 = i32::MAX as i64;

fn index(line: &mut Line<'_, '_, '_>) -> Option<u32> {
    let word = line.required("exactly 1 argument (a cache's name)")?;
    let found = line.scope.site.outer.cache(&word.bytes);
    if found.is_none() {
        let message = format!("unable to find the cache '{}'", word.text());
        let help = "the name of a 'cache' section is needed".to_owned();
        line.report(rule_codes::UNKNOWN_CACHE, word.span, message, help);
    }
    found
}

/// UNIX seconds.
fn now_s(cx: &ActionContext<'_>) -> i64 {
    let wall_us = cx.clock.wall_us(cx.clock.now_us());
    i64::try_from(wall_us / 1_000_000).unwrap_or(i64::MAX)
}

/// Host and URI.
fn key_of(request: &RequestHead) -> Option<Key> {
    let (host, path) = (request.authority(), request.path_and_query());
    (!host.is_empty() && !path.is_empty()).then(|| [host, path].concat().into())
}

fn directives(head: &Headers) -> impl Iterator<Item = &[u8]> {
    head.header_values(b"cache-control")
        .flat_map(|line| line.split(|&byte| byte == b','))
        .map(<[u8]>::trim_ascii)
}

fn starts(text: &[u8], with: &[u8]) -> bool {
    let start = text.get(..with.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(with))
}

/// Whether a request takes an answer that was made before.
fn takes_kept(request: &RequestHead) -> bool {
    let refuses = |directive: &[u8]| {
        [&b"max-age"[..], b"no-cache", b"max-stale", b"min-fresh"]
            .iter()
            .any(|word| starts(directive, word))
    };
    let is_old_refusal = || {
        let pragma = request.header(b"pragma");
        directives(request).next().is_none()
            && pragma.is_some_and(|value| value.eq_ignore_ascii_case(b"no-cache"))
    };
    request.version() == Version::Http11
        && matches!(request.known_method(), Method::Get | Method::Head)
        && request.header(b"authorization").is_none()
        && !directives(request).any(refuses)
        && !is_old_refusal()
}

#[derive(Debug)]
struct CacheUse(u32);

impl HttpAction for CacheUse {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        let Some((cache, key)) = cx.state.cache(self.0).zip(key_of(cx.request)) else {
            return Verdict::Continue;
        };
        let now_s = now_s(cx);
        let mut uses = cx.record.cache.borrow_mut();
        uses.accepted = Accepted::of(cx.request);
        if uses.hit.is_none() && takes_kept(cx.request) {
            let found = cache.find(&key, &uses.accepted, now_s);
            uses.looked(cx.names.backend_index.is_some(), found.is_some());
            uses.hit = found.map(|entry| (cache.clone(), entry));
        }
        uses.key = Some(key);
        Verdict::Continue
    }
}

#[derive(Debug)]
struct CacheStore(u32);

impl HttpAction for CacheStore {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        let now_s = now_s(cx);
        let mut uses = cx.record.cache.borrow_mut();
        let (Some(cache), Some(key), None) = (cx.state.cache(self.0), &uses.key, &uses.hit) else {
            return Verdict::Continue;
        };
        let Some(response) = cx.response.as_deref() else {
            return Verdict::Continue;
        };
        let status = response.status();
        match cx.request.known_method() {
            Method::Get => {}
            Method::Options | Method::Head | Method::Trace => return Verdict::Continue,
            _ => {
                if (200..400).contains(&status) {
                    cache.forget(key);
                }
                return Verdict::Continue;
            }
        }
        let spec = cache.spec();
        let announced = cx.response_body.announced.unwrap_or(0);
        let is_small = usize::try_from(announced).is_ok_and(|length| length <= spec.most);
        let varying = match spec.varies {
            true => Varying::of(response, &uses.accepted),
            false => response.header(b"vary").is_none().then(Varying::default),
        };
        let Some(varying) = varying else {
            return Verdict::Continue;
        };
        if status == 200 && is_small && may_be_kept(cx.request, response) {
            let entry = Entry {
                varying,
                ..Entry::new(key.clone())
            };
            let entry = describe(entry, response, i64::from(spec.max_age_s), now_s);
            uses.storing = entry.map(|entry| (cache.clone(), entry));
        }
        Verdict::Continue
    }
}

fn may_be_kept(request: &RequestHead, response: &ResponseHead) -> bool {
    request.version() == Version::Http11
        && request.header(b"authorization").is_none()
        && !directives(request).any(|directive| starts(directive, b"no-store"))
        && is_cacheable(request, response)
}

/// What is known of a response from its head; `None` if it is already too old.
fn describe(entry: Entry, head: &ResponseHead, most_s: i64, now_s: i64) -> Option<Entry> {
    let lifetime_s = lifetime(head, now_s)?;
    let age_s = match head.header(b"age") {
        Some(value) => number(value).filter(|&age| age > 0)?,
        None => 0,
    };
    if age_s > 0 && age_s > lifetime_s.unwrap_or(0) {
        return None;
    }
    let mut headers = Vec::new();
    for header in head.headers() {
        let is_own = [
            &b"age"[..],
            b"content-length",
            b"transfer-encoding",
            b"connection",
        ]
        .iter()
        .any(|name| header.name.eq_ignore_ascii_case(name));
        if !is_own {
            for part in [header.name, b": ", header.value, b"\r\n"] {
                headers.extend_from_slice(part);
            }
        }
    }
    let date = |name: &[u8]| head.header(name).and_then(http_date);
    Some(Entry {
        headers,
        reason: head.reason().into(),
        age_s: u32::try_from(age_s).unwrap_or(u32::MAX),
        stored_s: now_s,
        fresh_until_s: now_s + lifetime_s.unwrap_or(most_s).min(most_s),
        last_modified_s: date(b"last-modified")
            .or_else(|| date(b"date"))
            .unwrap_or(now_s),
        etag: head.header(b"etag").unwrap_or_default().into(),
        ..entry
    })
}

/// For how many seconds a response says it is fresh; `Some(None)` if it does not say, `None` if that
/// cannot be read.
fn lifetime(head: &ResponseHead, now_s: i64) -> Option<Option<i64>> {
    let (mut shared, mut own) = (None, None);
    for directive in directives(head) {
        let value = |name: &[u8]| {
            let rest = starts(directive, name).then(|| directive.get(name.len()..))?;
            rest.map(|text| number(text.trim_ascii_start().strip_prefix(b"\"").unwrap_or(text)))
        };
        if let Some(age) = value(b"s-maxage=") {
            shared = Some(age?);
        } else if let Some(age) = value(b"max-age=") {
            own = Some(age?);
        }
    }
    if shared.is_none() && own.is_none() {
        let expires = head.header(b"expires");
        let left = |text| http_date(text).map_or(0, |date| (date - now_s).max(0));
        return Some(expires.map(left));
    }
    let positive = |age: &i64| *age > 0;
    Some(shared.filter(positive).or(own.filter(positive)))
}

/// The digits a text begins with.
fn number(text: &[u8]) -> Option<i64> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let text = std::str::from_utf8(text.get(..digits)?).ok()?;
    let value: i64 = text.parse().ok()?;
    Some(value.min(LONGEST_S))
}
