//! Persistence by a cookie (`cookie`): the server that the client's cookie names, and what the
//! client gets to come back to it.
//!
//! A cookie is `NAME=SERVER`, with `|LAST|FIRST` after it where it ages: dates in units of four
//! seconds, as five base64 digits; in `prefix` mode `NAME=SERVER~VALUE`. Letters are those of `%tsc`.
//! Deliberately absent: connecting to the server, and giving it up (`connect`).

use super::client::Client;
use super::place::Place;
use super::rules;
use super::transaction::Transaction;
use crate::backend::{BackendState, ServerState, Slot};
use crate::compile::config::{Backend, BackendId, Cookie, CookieMode, Server};
use crate::growing::Growing;
use crate::http1::{EditError, Method, RequestHead, ResponseHead, is_cacheable};
use memchr::memchr;
use std::io::Write as _;
use std::ops::Range;

/// How far in the future a cookie's date may be, seconds: clocks are set wrong by time zones.
const MAX_AHEAD_S: i64 = 86_400;

/// Whether, and to which server, a request belongs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Affinity {
    /// The server that the client is to stay with.
    pub(super) server: Option<usize>,
    /// `force-persist`: even if it is down, and never elsewhere.
    pub(super) force: bool,
    /// `ignore-persist`.
    ignore: bool,
    /// When the cookie says that the client was last, and first, seen; UNIX seconds, 0 if it doesn't.
    last_seen_s: u32,
    first_seen_s: u32,
}

/// Decides about `force-persist` and `ignore-persist` once the backend is known.
pub(super) fn enter(at: Place<'_>, backend: &Backend, client: &Client, tx: &mut Transaction) {
    tx.record.persistence = letters(backend);
    if backend.persist_rules.is_empty() {
        return;
    }
    let first = rules::in_backend(at, backend, client, tx, |cx| {
        let mut rules = backend.persist_rules.iter();
        rules.find(|rule| rule.condition.holds(cx))
    });
    match first {
        Some(rule) if rule.force => tx.affinity.force = true,
        Some(_) => tx.affinity.ignore = true,
        None => {}
    }
}

/// What logs show before anything is known of cookies.
pub(super) fn letters(backend: &Backend) -> [u8; 2] {
    match &backend.cookie {
        Some(cookie) if cookie.is_logged() => *b"NN",
        _ => *b"--",
    }
}

/// Reads the cookies of a request that was denied, for the log: it names the server that the client
/// would have gone to.
pub(super) fn of_denied(at: Place<'_>, chosen: Option<BackendId>, tx: &mut Transaction) {
    let backend = chosen.and_then(|id| at.worker.backend(id));
    let state = chosen.and_then(|id| at.worker.backend_state(id));
    if let (Some(backend), Some(state)) = (backend, state) {
        // The request goes nowhere: what cannot be edited does not matter.
        let _ = request(at, backend, state, tx);
        tx.record.server = tx.affinity.server;
    }
}

/// The client was sent to another server than its cookie named.
pub(super) fn moved(tx: &mut Transaction) {
    if let [client @ b'V', _] = &mut tx.record.persistence {
        *client = b'D';
    }
}

/// Reads the client's cookies and takes from them what servers must not see.
pub(super) fn request(
    at: Place<'_>,
    backend: &Backend,
    state: &BackendState,
    tx: &mut Transaction,
) -> Result<(), EditError> {
    let Some(cookie) = &backend.cookie else {
        return Ok(());
    };
    let mut reader = Reader {
        cookie,
        servers: &backend.servers,
        states: state.servers(),
        stays: backend.persist || tx.affinity.force,
        now_s: now_s(at),
        affinity: tx.affinity,
        letter: b'N',
    };
    let mut out = std::mem::take(&mut tx.text);
    let edited = reader.head(&mut tx.request, &mut out);
    tx.text = out;
    tx.affinity = reader.affinity;
    note(&mut tx.record.persistence[0], reader.letter);
    edited
}

fn note(place: &mut u8, letter: u8) {
    if *place != b'-' {
        *place = letter;
    }
}

fn now_s(at: Place<'_>) -> i64 {
    let clock = &at.worker.clock;
    i64::try_from(clock.wall_us(clock.now_us()) / 1_000_000).unwrap_or(0)
}

/// The cookies of a request being read.
struct Reader<'a> {
    cookie: &'a Cookie,
    servers: &'a Growing<Server>,
    states: &'a Growing<ServerState>,
    /// A server that is down is as good as any.
    stays: bool,
    now_s: i64,
    affinity: Affinity,
    letter: u8,
}

impl Reader<'_> {
    fn head(&mut self, head: &mut RequestHead, out: &mut Vec<u8>) -> Result<(), EditError> {
        let mut emptied = false;
        for index in 0..head.header_count() {
            let Some(header) = head.header_at(index) else {
                break;
            };
            if !header.name.eq_ignore_ascii_case(b"cookie") {
                continue;
            }
            out.clear();
            self.line(header.value, out);
            if out.as_slice() != header.value {
                emptied |= out.is_empty();
                head.set_value(index, out)?;
            }
        }
        if emptied {
            head.remove_headers_where(|header| {
                header.value.is_empty() && header.name.eq_ignore_ascii_case(b"cookie")
            });
        }
        Ok(())
    }

    /// Reads one line and writes what the server gets of it.
    fn line(&mut self, line: &[u8], out: &mut Vec<u8>) {
        let mut dropping = false;
        let mut gap = false;
        for part in parts(line) {
            let text = |range: &Range<usize>| line.get(range.clone()).unwrap_or_default();
            let name = text(&part.name);
            let mut cut = 0;
            // What starts with a dollar sign belongs to the cookie before it.
            if name.first() != Some(&b'$') {
                let value = part.value.as_ref().filter(|_| name == &*self.cookie.name);
                dropping = match value {
                    Some(value) => {
                        let named = self.judge(text(value));
                        if self.cookie.mode == Some(CookieMode::Prefix) && named < value.len() {
                            cut = named + 1;
                        }
                        self.cookie.mode == Some(CookieMode::Insert) && self.cookie.indirect
                    }
                    None => false,
                };
            }
            if dropping {
                gap = true;
                continue;
            }
            if gap {
                // Between what is left on both sides of a gap there is one blank.
                out.truncate(out.trim_ascii_end().len());
                if !out.is_empty() {
                    out.extend_from_slice(text(&(part.whole.start..part.whole.start + 1)));
                    out.push(b' ');
                }
            }
            let start = if gap {
                part.name.start
            } else {
                part.whole.start
            };
            gap = false;
            let Some(value) = part.value.filter(|_| name.first() != Some(&b'$')) else {
                out.extend_from_slice(text(&(start..part.whole.end)));
                continue;
            };
            out.extend_from_slice(text(&(start..part.name.end)));
            out.push(b'=');
            out.extend_from_slice(text(&(value.start + cut..part.whole.end)));
        }
        if gap {
            out.truncate(out.trim_ascii_end().len());
        }
    }

    /// Looks for the server that the cookie's value names; how many bytes of it do that.
    fn judge(&mut self, value: &[u8]) -> usize {
        let mut named = value;
        let delimiter = match self.cookie.mode {
            Some(CookieMode::Prefix) => b'~',
            _ => b'|',
        };
        if let Some((name, dates)) = split(value, delimiter) {
            named = name;
            if delimiter == b'|' {
                self.read_dates(dates);
            }
        }
        let length = named.len();
        if let Some(letter) = self.expired() {
            self.letter = letter;
            (self.affinity.last_seen_s, self.affinity.first_seen_s) = (0, 0);
            named = b"";
        }
        let free = !self.affinity.ignore && self.affinity.server.is_none();
        // An empty cookie never means a server without one.
        let assigned = free && !named.is_empty() && self.assign(named);
        if !assigned && self.letter == b'N' {
            self.letter = if free { b'I' } else { b'U' };
        }
        length
    }

    fn assign(&mut self, named: &[u8]) -> bool {
        for (index, server) in self.servers.present() {
            if server.cookie.value().as_deref() != Some(named) {
                continue;
            }
            let is_up = self.states.get(index).is_some_and(ServerState::is_up);
            self.letter = if is_up { b'V' } else { b'D' };
            if is_up || self.stays {
                self.affinity.server = Some(index);
                return true;
            }
        }
        false
    }

    fn read_dates(&mut self, dates: &[u8]) {
        if let Some(date) = dates.get(..5).and_then(read_date) {
            self.affinity.last_seen_s = date;
        }
        let first = split(dates, b'|').and_then(|(_, first)| first.get(..5));
        if let Some(date) = first.and_then(read_date) {
            self.affinity.first_seen_s = date;
        }
    }

    /// The letter of a cookie that is too old, or from too far in the future.
    fn expired(&self) -> Option<u8> {
        let over = |date: u32, most: u32| {
            let age = self.now_s - i64::from(date);
            date != 0 && most != 0 && (age > i64::from(most) || -age > MAX_AHEAD_S)
        };
        if over(self.affinity.first_seen_s, self.cookie.max_life_s) {
            Some(b'O')
        } else if over(self.affinity.last_seen_s, self.cookie.max_idle_s) {
            Some(b'E')
        } else {
            None
        }
    }
}

/// Adapts the cookie that the server sets, and adds ours if the client needs it.
pub(super) fn response(
    at: Place<'_>,
    backend: &Backend,
    slot: &Slot,
    tx: &mut Transaction,
) -> Result<(), EditError> {
    let Some(cookie) = backend.cookie.as_ref().filter(|_| !tx.affinity.ignore) else {
        return Ok(());
    };
    let value = backend.servers.get(slot.server());
    let value = value.and_then(|server| server.cookie.value());
    let value = value.as_deref();
    let mut out = std::mem::take(&mut tx.text);
    let is_direct = tx.affinity.server.is_some();
    let done = adapt(cookie, value, is_direct, &mut tx.response, &mut out).and_then(|letter| {
        note(&mut tx.record.persistence[1], letter);
        let kept = letter == b'P' && cookie.preserve;
        let now_s = now_s(at);
        let wanted = cookie.mode == Some(CookieMode::Insert)
            && !kept
            && needs_cookie(cookie, tx.affinity, now_s)
            && (!cookie.postonly || tx.request.known_method() == Method::Post);
        if wanted {
            write(cookie, value, tx.affinity, now_s, &mut out);
            tx.response.add_header(b"Set-Cookie", &out)?;
            let letter = if value.is_some() && is_direct {
                b'U'
            } else {
                b'I'
            };
            note(&mut tx.record.persistence[1], letter);
            if cookie.nocache && is_cacheable(&tx.request, &tx.response) {
                tx.response.add_header(b"Cache-control", b"private")?;
            }
        }
        Ok(())
    });
    tx.text = out;
    done
}

/// Adapts what the server sets to what the client must send; the letter for it.
fn adapt(
    cookie: &Cookie,
    value: Option<&[u8]>,
    is_direct: bool,
    head: &mut ResponseHead,
    out: &mut Vec<u8>,
) -> Result<u8, EditError> {
    let hidden = !cookie.preserve
        && (cookie.mode == Some(CookieMode::Insert) || is_direct && cookie.indirect);
    if hidden {
        let ours = |header: crate::http1::Header<'_>| {
            header.name.eq_ignore_ascii_case(b"set-cookie")
                && set_by(cookie, header.value).is_some()
        };
        let removed = head.remove_headers_where(ours);
        return Ok(if removed > 0 { b'D' } else { b'N' });
    }
    let mut letter = b'N';
    for index in 0..head.header_count() {
        let Some(header) = head.header_at(index) else {
            break;
        };
        if !header.name.eq_ignore_ascii_case(b"set-cookie") {
            continue;
        }
        let Some((name, old)) = set_by(cookie, header.value) else {
            continue;
        };
        let (new, end, between): (_, _, &[u8]) = match (cookie.mode, value) {
            (Some(CookieMode::Rewrite), Some(value)) if !cookie.preserve => (value, old.end, b""),
            (Some(CookieMode::Prefix), Some(value)) if !cookie.preserve => (value, old.start, b"~"),
            _ => {
                letter = b'P';
                continue;
            }
        };
        out.clear();
        out.extend_from_slice(header.value.get(..name.end).unwrap_or_default());
        out.push(b'=');
        out.extend_from_slice(new);
        out.extend_from_slice(between);
        out.extend_from_slice(header.value.get(end..).unwrap_or_default());
        head.set_value(index, out)?;
        letter = b'R';
    }
    Ok(letter)
}

/// Where name and value are if a `Set-Cookie` line sets our cookie.
fn set_by(cookie: &Cookie, line: &[u8]) -> Option<(Range<usize>, Range<usize>)> {
    let first = parts(line).next()?;
    let value = first.value?;
    let ours = line.get(first.name.clone())? == &*cookie.name;
    ours.then_some((first.name, value))
}

/// Whether the client has no cookie of this server, or one whose dates are to be renewed.
fn needs_cookie(cookie: &Cookie, affinity: Affinity, now_s: i64) -> bool {
    let Affinity {
        last_seen_s: last,
        first_seen_s: first,
        ..
    } = affinity;
    affinity.server.is_none()
        || (cookie.max_idle_s != 0 || last != 0) && (last == 0 || i64::from(last) < now_s)
        || cookie.max_life_s != 0 && first == 0
        || cookie.max_life_s == 0 && first != 0
}

/// Writes the value of a `Set-Cookie` header. A server without a cookie ends the client's.
fn write(cookie: &Cookie, value: Option<&[u8]>, affinity: Affinity, now_s: i64, out: &mut Vec<u8>) {
    out.clear();
    out.extend_from_slice(&cookie.name);
    out.push(b'=');
    if let Some(value) = value {
        out.extend_from_slice(value);
        let now = u32::try_from(now_s + 3).unwrap_or(0) >> 2;
        if cookie.max_idle_s != 0 || cookie.max_life_s != 0 {
            write_date(now, out);
        }
        if cookie.max_life_s != 0 {
            let first = affinity.first_seen_s >> 2;
            write_date(if first == 0 { now } else { first }, out);
        }
    } else {
        // Writing to memory cannot fail.
        let _ = out.write_all(b"; Expires=Thu, 01-Jan-1970 00:00:01 GMT");
    }
    out.extend_from_slice(b"; path=/");
    out.extend_from_slice(&cookie.attributes);
}

/// One cookie of a line.
struct Part {
    /// With the delimiter before it and the blanks around.
    whole: Range<usize>,
    name: Range<usize>,
    /// `None` without an equal sign.
    value: Option<Range<usize>>,
}

/// The cookies of a line, divided at semicolons and commas outside of quotes.
fn parts(line: &[u8]) -> impl Iterator<Item = Part> {
    let mut at = 0;
    std::iter::from_fn(move || {
        if at >= line.len() {
            return None;
        }
        let whole = at;
        let mut start = whole + usize::from(whole > 0);
        start = skip_blanks(line, start);
        let ends_name = |byte: &u8| matches!(byte, b'=' | b';' | b',');
        let rest = line.get(start..).unwrap_or_default();
        let stop = start + rest.iter().position(ends_name).unwrap_or(rest.len());
        let name = start..trimmed_end(line, start, stop);
        let mut value = None;
        at = stop;
        if line.get(stop) == Some(&b'=') {
            let start = skip_blanks(line, stop + 1);
            at = start + value_end(line.get(start..).unwrap_or_default());
            value = Some(start..trimmed_end(line, start, at));
        }
        Some(Part {
            whole: whole..at,
            name,
            value,
        })
    })
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn skip_blanks(line: &[u8], from: usize) -> usize {
    let rest = line.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|&&byte| is_blank(byte)).count()
}

fn trimmed_end(line: &[u8], start: usize, end: usize) -> usize {
    let text = line.get(start..end).unwrap_or_default();
    let blanks = text.iter().rev().take_while(|&&byte| is_blank(byte));
    start + text.len() - blanks.count()
}

fn value_end(text: &[u8]) -> usize {
    let mut quoted = false;
    let mut escaped = false;
    let is_end = |&byte: &u8| {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b';' | b',' => return !quoted,
            _ => {}
        }
        false
    };
    text.iter().position(is_end).unwrap_or(text.len())
}

fn split(text: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let (left, right) = text.split_at_checked(memchr(at, text)?)?;
    Some((left, right.get(1..)?))
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A date of five digits, in UNIX seconds; `None` if it is none, or the beginning of time.
fn read_date(digits: &[u8]) -> Option<u32> {
    let quarter = digits.iter().try_fold(0u32, |sum, &digit| {
        Some(sum << 6 | memchr(digit, DIGITS)? as u32)
    })?;
    (quarter > 0).then_some(quarter << 2)
}

/// Writes a bar and the five digits of a date in units of four seconds.
fn write_date(quarter: u32, out: &mut Vec<u8>) {
    out.push(b'|');
    for shift in [24, 18, 12, 6, 0] {
        let digit = quarter >> shift & 63;
        out.extend(DIGITS.get(digit as usize));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_lose_our_cookie_and_nothing_else() {
        let check = |mode, line: &str, expected: &str| {
            let cookie = Cookie {
                name: b"S".as_slice().into(),
                mode: Some(mode),
                indirect: true,
                ..Cookie::default()
            };
            let mut reader = Reader {
                cookie: &cookie,
                servers: &Growing::default(),
                states: &Growing::default(),
                stays: false,
                now_s: 0,
                affinity: Affinity::default(),
                letter: b'N',
            };
            let mut out = Vec::new();
            reader.line(line.as_bytes(), &mut out);
            assert_eq!(String::from_utf8_lossy(&out), expected, "{line}");
        };
        let insert = CookieMode::Insert;
        check(insert, "S=a", "");
        check(insert, "S=a; b=c", "b=c");
        check(insert, "b=c; S=a", "b=c");
        check(insert, "b=c ;  S=a ;  d=e", "b=c; d=e");
        check(insert, "S=a; $Path=/; b=c; S=d", "b=c");
        check(insert, "b=\"S=a;\"; c", "b=\"S=a;\"; c");
        check(insert, "s=a; SS=b", "s=a; SS=b");
        check(insert, "s = a ; SS= b", "s=a ; SS=b");
        check(CookieMode::Prefix, "S=a~b; c=d", "S=b; c=d");
        check(CookieMode::Prefix, "c=d; S=a", "c=d; S=a");
        check(CookieMode::Prefix, "S=~", "S=");
    }

    #[test]
    fn dates_are_five_digits() {
        let mut out = Vec::new();
        write_date(1_700_000_000 >> 2, &mut out);
        assert_eq!(read_date(&out[1..]), Some(1_700_000_000));
        assert_eq!(read_date(b"AAAAA"), None);
        assert_eq!(read_date(b"AAA-A"), None);
    }
}
