//! `cookie` and `dynamic-cookie-key`: persistence by a cookie that names the server.

use super::{Build, ProxyDraft, word};
use crate::settings::{Cookie, CookieMode};
use crate::vocab::args::TimeUnit;
use crate::vocab::codes::{BAD_CHOICE, BAD_NAME, MISSING_ARGUMENT, SUSPICIOUS_DOMAIN};
use crate::vocab::keyword::{Keyword, Sections};
use crate::vocab::line::{Line, clamp_u32};

/// The words.
pub(super) const WORDS: &[Keyword<Build>] = &[
    word(
        "cookie",
        "<name> [rewrite | insert | prefix] [indirect] [nocache] [postonly] [preserve] [httponly] \
         [secure] [domain <domain>]... [maxidle <time>] [maxlife <time>] [dynamic] [attr <text>]...",
        Sections::BACK,
        "Clients stay with the server that the cookie <name> says, by the `cookie` value of its \
         `server` line. `insert` adds the cookie to responses that need it, `rewrite` replaces the \
         value of one that the server sets, `prefix` puts the server before it with a `~`; without any \
         it is only read. `indirect` hides the cookie from servers and theirs from clients that are in \
         the right place, `nocache` forbids shared caches what comes with it, `postonly` adds it to \
         answers to POST only, `preserve` leaves what the server sets. `maxidle` and `maxlife`, in \
         seconds without a unit, end it. `dynamic` makes the value of servers that have none of their \
         address and `dynamic-cookie-key`. The others are attributes of the cookie.",
        cookie,
    ),
    word(
        "dynamic-cookie-key",
        "<key>",
        Sections::BACK,
        "The secret that goes into the values of `cookie … dynamic`. Proxies with the same key and \
         servers make the same values.",
        |line, draft| {
            let key = line.expect(1, "<secret_key> as argument");
            draft.settings.dynamic_cookie_key = key.or(draft.settings.dynamic_cookie_key);
        },
    ),
];

const WORDS_AFTER: [&str; 14] = [
    "attr", "domain", "dynamic", "httponly", "indirect", "insert", "maxidle", "maxlife", "nocache",
    "postonly", "prefix", "preserve", "rewrite", "secure",
];

/// The modes and attributes seen on a line. Attributes are written in this order.
#[derive(Default)]
struct Seen {
    modes: Vec<CookieMode>,
    domains: Vec<u8>,
    http_only: bool,
    secure: bool,
    others: Vec<u8>,
}

impl Seen {
    fn attributes(&self) -> Box<[u8]> {
        let flag = |on, text: &'static [u8]| if on { text } else { b"" };
        let parts = [
            &*self.domains,
            flag(self.http_only, b"; HttpOnly"),
            flag(self.secure, b"; Secure"),
            &self.others,
        ];
        parts.concat().into()
    }

    /// The one mode, or `None` if there are several.
    fn mode(&self) -> Option<Option<CookieMode>> {
        let first = self.modes.first().copied();
        let same = self.modes.iter().all(|&mode| Some(mode) == first);
        same.then_some(first)
    }
}

fn cookie(line: &mut Line<'_, '_>, draft: &mut ProxyDraft<'_>) {
    let Some(name) = line.expect(1, "<cookie_name> as argument") else {
        return;
    };
    let mut cookie = Cookie {
        name: name.bytes.clone(),
        ..Cookie::default()
    };
    let mut seen = Seen::default();
    let mut at = 2;
    while let Some(word) = line.text(at) {
        match &*word {
            "rewrite" => seen.modes.push(CookieMode::Rewrite),
            "insert" => seen.modes.push(CookieMode::Insert),
            "prefix" => seen.modes.push(CookieMode::Prefix),
            "indirect" => cookie.indirect = true,
            "nocache" => cookie.nocache = true,
            "postonly" => cookie.postonly = true,
            "preserve" => cookie.preserve = true,
            "dynamic" => cookie.dynamic = true,
            "httponly" => seen.http_only = true,
            "secure" => seen.secure = true,
            "domain" | "attr" | "maxidle" | "maxlife" => {
                if value(line, at, &word, &mut cookie, &mut seen).is_none() {
                    return;
                }
                at += 1;
            }
            _ => {
                let message = "'cookie' supports 'rewrite', 'insert', 'prefix', 'indirect', 'nocache', 'postonly', 'domain', 'maxidle', 'dynamic', 'maxlife' and 'attr' options";
                return line.error_near(BAD_CHOICE, at, message, WORDS_AFTER);
            }
        }
        at += 1;
    }
    let conflict = |line: &mut Line<'_, '_>, message| line.error(BAD_CHOICE, 1, message);
    let Some(mode) = seen.mode() else {
        let message = "cookie 'rewrite', 'insert' and 'prefix' modes are incompatible";
        return conflict(line, message);
    };
    if mode == Some(CookieMode::Rewrite) && cookie.indirect {
        return conflict(
            line,
            "cookie 'rewrite' and 'indirect' modes are incompatible",
        );
    }
    if cookie.preserve && mode != Some(CookieMode::Insert) && !cookie.indirect {
        let message = "cookie 'preserve' requires at least 'insert' or 'indirect'";
        return conflict(line, message);
    }
    cookie.mode = mode;
    cookie.attributes = seen.attributes();
    draft.settings.cookie = Some(cookie);
}

/// Reads the value of the word at `at`; `None` after an error.
fn value(
    line: &mut Line<'_, '_>,
    at: usize,
    word: &str,
    cookie: &mut Cookie,
    seen: &mut Seen,
) -> Option<()> {
    let what = match word {
        "domain" => "<domain>",
        "attr" => "<value>",
        "maxidle" => "<idletime> in seconds",
        _ => "<lifetime> in seconds",
    };
    let Some(text) = line.arg(at + 1).filter(|text| !text.bytes.is_empty()) else {
        let message = format!("'{word}' expects {what} as argument");
        line.error(MISSING_ARGUMENT, at, message);
        return None;
    };
    match word {
        "domain" => {
            check_domain(line, at + 1)?;
            seen.domains.extend_from_slice(b"; domain=");
            seen.domains.extend_from_slice(&text.bytes);
        }
        "attr" => {
            check_attribute(line, at + 1)?;
            seen.others.extend_from_slice(b"; ");
            seen.others.extend_from_slice(&text.bytes);
        }
        _ => {
            let time = line.duration(at + 1, word, TimeUnit::Seconds)?;
            let seconds = clamp_u32(i64::try_from(time).unwrap_or(i64::MAX));
            match word {
                "maxidle" => cookie.max_idle_s = seconds,
                _ => cookie.max_life_s = seconds,
            }
        }
    }
    Some(())
}

fn check_domain(line: &mut Line<'_, '_>, at: usize) -> Option<()> {
    let text = line.text(at).unwrap_or_default();
    if !text.contains('.') {
        let message = format!(
            "domain '{text}' contains no embedded dot, this configuration may not work properly (see RFC6265#5.2.3)"
        );
        line.warning(SUSPICIOUS_DOMAIN, at, message);
    }
    let permitted = |c: char| c.is_ascii_alphanumeric() || "_-.:".contains(c);
    if let Some(bad) = text.chars().find(|&c| !permitted(c)) {
        let message = format!("character '{bad}' is not permitted in domain name '{text}'");
        line.error(BAD_NAME, at, message);
        return None;
    }
    Some(())
}

fn check_attribute(line: &mut Line<'_, '_>, at: usize) -> Option<()> {
    let word = line.arg(at)?;
    let bad = |byte: &&u8| byte.is_ascii_control() || **byte == b';';
    if let Some(bad) = word.bytes.iter().find(bad) {
        let message = format!("character '%x{bad:02X}' is not permitted in attribute value");
        line.error(BAD_NAME, at, message);
        return None;
    }
    Some(())
}
