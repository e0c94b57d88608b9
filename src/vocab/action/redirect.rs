//! `redirect`: the client is sent elsewhere.

use super::{ANSWERS, HttpAction, Keyword, Line};
use crate::http1::ResponseHead;
use crate::settings::Reply;
use crate::syntax::Word;
use crate::vocab::context::{ActionContext, Verdict};
use crate::vocab::fetch::path_and_query_of;
use crate::vocab::format::Format;
use bytes::Bytes;
use memchr::memchr;

pub(super) const KEYWORD: Keyword = Keyword {
    name: "redirect",
    sets: ANSWERS,
    usage: "redirect { location <fmt> | prefix <fmt> | scheme <fmt> } [ code <code> ] \
            [ drop-query ] [ keep-query ] [ append-slash ] [ ignore-empty ] \
            [ set-cookie <name>[=<value>] ] [ set-cookie-fmt <fmt> ] [ clear-cookie <name> ] \
            [ { if | unless } <condition> ]",
    doc: "Answers with a 301, 302 (the default), 303, 307 or 308 to a location, to the same \
          path under a prefix, or to the same place under a scheme.",
    build: |line| read(line, |line, word| line.format(word)),
};

/// The line `redirect` of a proxy: the place is text, not a format.
pub(super) const OF_PROXY: Keyword = Keyword {
    build: |line| read(line, |_, word| Some(Format::literal(&word.bytes))),
    ..KEYWORD
};

#[derive(Debug)]
struct Redirect {
    to: To,
    value: Format,
    code: u16,
    drop_query: bool,
    keep_query: bool,
    append_slash: bool,
    ignore_empty: bool,
    /// A cookie's name and value, and the attributes after it.
    cookie: Option<(Format, &'static [u8])>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum To {
    Location,
    Prefix,
    Scheme,
}

const SET: &[u8] = b"; path=/;";
const CLEAR: &[u8] = b"; path=/; Max-Age=0;";

const WORDS: [&str; 13] = [
    "location",
    "prefix",
    "scheme",
    "code",
    "drop-query",
    "keep-query",
    "append-slash",
    "ignore-empty",
    "set-cookie",
    "set-cookie-fmt",
    "clear-cookie",
    "if",
    "unless",
];

/// How the place is read.
type ReadPlace = fn(&mut Line<'_, '_, '_>, &Word) -> Option<Format>;

fn read(line: &mut Line<'_, '_, '_>, place: ReadPlace) -> Option<Box<dyn HttpAction>> {
    let mut to = None;
    let mut flags = (false, false, false, false);
    let mut code = 302;
    let mut cookie = None;
    while let Some(word) = line.next() {
        let kind = match &*word.bytes {
            b"location" => To::Location,
            b"prefix" => To::Prefix,
            b"scheme" => To::Scheme,
            b"code" => {
                code = read_code(line)?;
                continue;
            }
            b"set-cookie" => {
                let value = line.required("a cookie after 'set-cookie'")?;
                cookie = Some((Format::literal(&value.bytes), SET));
                continue;
            }
            b"set-cookie-fmt" => {
                let value = line.required("a cookie after 'set-cookie-fmt'")?;
                cookie = Some((line.format(value)?, SET));
                continue;
            }
            b"clear-cookie" => {
                let value = line.required("a cookie's name after 'clear-cookie'")?;
                cookie = Some((Format::literal(&value.bytes), CLEAR));
                continue;
            }
            b"drop-query" => {
                flags.0 = true;
                continue;
            }
            b"keep-query" => {
                flags.1 = true;
                continue;
            }
            b"append-slash" => {
                flags.2 = true;
                continue;
            }
            b"ignore-empty" => {
                flags.3 = true;
                continue;
            }
            _ => {
                let message = format!(
                    "expects 'code', 'prefix', 'location', 'scheme', 'set-cookie', 'set-cookie-fmt', 'clear-cookie', 'drop-query', 'keep-query', 'ignore-empty' or 'append-slash' (was '{}')",
                    word.text()
                );
                line.error_near(word, message, WORDS);
                return None;
            }
        };
        let value = line.required("a value after 'location', 'prefix' or 'scheme'")?;
        to = Some((kind, place(line, value)?));
    }
    let Some((to, value)) = to else {
        let message = "redirection type expected ('prefix', 'location', or 'scheme')".to_owned();
        line.error(line.name, message);
        return None;
    };
    let (drop_query, keep_query, append_slash, ignore_empty) = flags;
    Some(Box::new(Redirect {
        to,
        value,
        code,
        drop_query,
        keep_query,
        append_slash,
        ignore_empty,
        cookie,
    }))
}

fn read_code(line: &mut Line<'_, '_, '_>) -> Option<u16> {
    let word = line.required("a status after 'code'")?;
    let code = match &*word.bytes {
        b"301" => 301,
        b"302" => 302,
        b"303" => 303,
        b"307" => 307,
        b"308" => 308,
        _ => {
            let message = format!(
                "unsupported HTTP code '{}' (not one of 301, 302, 303, 307 or 308)",
                word.text()
            );
            line.error_near(word, message, ["301", "302", "303", "307", "308"]);
            return None;
        }
    };
    Some(code)
}

impl Redirect {
    fn location(&self, cx: &ActionContext<'_>, out: &mut Vec<u8>) {
        // A prefix of "/" adds nothing, so that a site can redirect to itself.
        if self.to != To::Prefix || self.value.as_text() != Some(b"/") {
            self.value.render(&cx.view(), out);
        }
        if self.to == To::Location {
            if self.keep_query {
                self.add_query(cx, out);
            }
            return;
        }
        if self.to == To::Scheme {
            out.extend_from_slice(b"://");
            out.extend_from_slice(cx.request.header(b"host").unwrap_or_default());
        }
        let path = path_and_query_of(cx.request.target()).unwrap_or(b"/");
        let end = match self.drop_query {
            true => memchr(b'?', path).unwrap_or(path.len()),
            false => path.len(),
        };
        out.extend_from_slice(path.get(..end).unwrap_or_default());
        if self.append_slash && out.last().is_some_and(|&last| last != b'/') {
            out.push(b'/');
        }
    }

    fn add_query(&self, cx: &ActionContext<'_>, out: &mut Vec<u8>) {
        let target = cx.request.target();
        let query = memchr(b'?', target).and_then(|at| target.get(at + 1..));
        let Some(query) = query.filter(|query| !query.is_empty()) else {
            return;
        };
        match memchr(b'?', out) {
            None => out.push(b'?'),
            Some(at) if at + 1 < out.len() => out.push(b'&'),
            Some(_) => {}
        }
        out.extend_from_slice(query);
    }

    fn reply(&self, cx: &mut ActionContext<'_>, location: &[u8]) -> Option<Reply> {
        let mut head = ResponseHead::new(self.code);
        head.add_header(b"location", location).ok()?;
        if matches!(self.code, 302 | 303 | 307) {
            head.add_header(b"cache-control", b"no-cache").ok()?;
        }
        if let Some((cookie, attributes)) = &self.cookie {
            let mut value = cx.scratch.take_text();
            cookie.render(&cx.view(), &mut value);
            value.extend_from_slice(attributes);
            let added = head.add_header(b"set-cookie", &value);
            cx.scratch.give_text(value);
            added.ok()?;
        }
        let body = Bytes::new();
        Some(Reply { head, body })
    }
}

impl HttpAction for Redirect {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        let mut location = cx.scratch.take_text();
        self.location(cx, &mut location);
        let skipped = self.ignore_empty && self.to == To::Location && location.is_empty();
        let verdict = match skipped {
            true => Verdict::Continue,
            false => match self.reply(cx, &location) {
                Some(reply) => Verdict::Reply(Box::new(reply)),
                None => Verdict::Failed,
            },
        };
        cx.scratch.give_text(location);
        verdict
    }
}
