//! `balance`, `hash-type` and its kin, and `http-reuse`.

use super::{Build, ProxyDraft, word};
use crate::backend::Affinity;
use crate::settings::{Balance, HashFunction, HashKey, HashType, Reuse, UriPart};
use crate::syntax::{Diagnostic, Word};
use crate::vocab::args::leading_integer;
use crate::vocab::codes::{BAD_CHOICE, BAD_NUMBER, MISSING_ARGUMENT, UNEXPECTED_ARGUMENT};
use crate::vocab::keyword::{Keyword, Sections};
use crate::vocab::line::{Line, clamp_u32};
use crate::vocab::reference::{Class, KeywordInfo};

/// The words.
pub(super) const WORDS: &[Keyword<Build>] = &[
    word(
        "balance",
        "[<algorithm> [<argument>...]]",
        Sections::BACK,
        "How a server is chosen for each request, or each connection in TCP mode; see the \
         algorithms below. Default `random`.",
        balance,
    ),
    word(
        "hash-type",
        "{map-based | consistent} [<function> [avalanche]]",
        Sections::BACK,
        "How the hash of a key becomes a server: `map-based`, the default, by a table, where most \
         keys change servers when one comes or goes; `consistent` on a ring, where few do. \
         Functions: `sdbm` (the default), `djb2`, `wt6`, `crc32`, and `none` for keys that are \
         numbers already. `avalanche` mixes the result, as `consistent` alone does.",
        hash_type,
    ),
    word(
        "hash-balance-factor",
        "<percent>",
        Sections::BACK,
        "With `hash-type consistent`, the most a server may be loaded in relation to the average, \
         above 100; further requests go to the next one on the ring. 0, the default, is no bound.",
        |line, draft| match line.integer(1) {
            Some(0 | 101..) => {
                draft.settings.hash_balance_factor = line.integer(1).map_or(0, clamp_u32);
            }
            Some(_) => {
                let message = "'hash-balance-factor' must be 0 or greater than 100.";
                line.error(BAD_NUMBER, 1, message);
            }
            None => {}
        },
    ),
    word(
        "hash-preserve-affinity",
        "{always | maxconn | maxqueue}",
        Sections::BACK,
        "With `hash-type consistent`, whether a key waits for its server (`always`, the default), \
         or goes to the next one while that has no slot left (`maxconn`), or no room in its queue \
         either (`maxqueue`).",
        |line, draft| {
            const AFFINITY: [Affinity; 3] =
                [Affinity::Always, Affinity::MaxConn, Affinity::MaxQueue];
            let choice = line.choice(1, &["always", "maxconn", "maxqueue"]);
            if let Some(&affinity) = choice.and_then(|at| AFFINITY.get(at)) {
                draft.settings.hash_affinity = affinity;
            }
        },
    ),
    word(
        "http-reuse",
        "{never | safe | aggressive | always}",
        Sections::BACK,
        "Which idle server connections the requests of other clients may use: `never`; `safe`, \
         the first request of a client goes to a new connection; `aggressive`, also to one that \
         was reused before; `always`. Default `safe`.",
        |line, draft| {
            const REUSE: [Reuse; 4] = [Reuse::Never, Reuse::Safe, Reuse::Aggressive, Reuse::Always];
            if line.at_most(1) {
                let choice = line.choice(1, &["never", "safe", "aggressive", "always"]);
                if let Some(&reuse) = choice.and_then(|at| REUSE.get(at)) {
                    draft.settings.reuse = reuse;
                }
            }
        },
    ),
];

/// The algorithms that work, for the reference.
const ALGORITHMS: [(&str, &str, &str); 13] = [
    (
        "first",
        "",
        "The first server, in the order of their ids, that has a connection slot left (`maxconn`): \
         the others stay unused and can be switched off.",
    ),
    (
        "hash",
        "<expression>",
        "The server that the value of <expression> belongs to, such as `req.cook(id)`. Requests \
         without one take turns.",
    ),
    (
        "hdr",
        "(<name>) [use_domain_only]",
        "The server that the first value of the header <name> belongs to; `use_domain_only` takes \
         only `example` of `www.example.com`. Requests without it take turns.",
    ),
    (
        "leastconn",
        "",
        "The server with the fewest connections for its weight; equals take turns. For long sessions.",
    ),
    (
        "log-hash",
        "<converter>[,...]",
        "In `mode log`: the server that what the converters make of a line belongs to.",
    ),
    (
        "random",
        "[(<draws>)]",
        "Draws <draws> servers at random, by weight, and takes the least loaded. Default: 2 draws.",
    ),
    (
        "rdp-cookie",
        "[(<name>)]",
        "The server that the cookie <name> of a Remote Desktop request belongs to; `mstshash` \
         without a name. The request must have been read, by `tcp-request content` rules.",
    ),
    (
        "roundrobin",
        "",
        "Each server in turn, as often as its weight says.",
    ),
    (
        "source",
        "",
        "The server that the client's address belongs to.",
    ),
    (
        "static-rr",
        "",
        "As `roundrobin`, by a table that is made once.",
    ),
    (
        "sticky",
        "",
        "The first server takes everything until it fails, then the next one.",
    ),
    (
        "uri",
        "[len <bytes>] [depth <directories>] [whole] [path-only]",
        "The server that the URI up to its `?` belongs to, for caches; `len` and `depth` take only \
         its start, `whole` the query too, `path-only` leaves out scheme and authority.",
    ),
    (
        "url_param",
        "<name> [check_post]",
        "The server that the parameter <name> of the query, or of the body of a `POST`, belongs to. \
         Requests without it take turns.",
    ),
];

/// Every algorithm, for the reference.
pub fn words() -> impl Iterator<Item = KeywordInfo> {
    let works = |(name, args, doc)| KeywordInfo::working(Class::Balance, name, args, doc);
    ALGORITHMS.into_iter().map(works)
}

fn balance<'d>(line: &mut Line<'_, 'd>, draft: &mut ProxyDraft<'d>) {
    let Some(text) = line.text(1) else {
        draft.settings.balance = Balance::Random(2);
        return;
    };
    let found = match &*text {
        "roundrobin" => Some(Balance::RoundRobin),
        "static-rr" => Some(Balance::StaticRr),
        "leastconn" => Some(Balance::LeastConn),
        "first" => Some(Balance::First),
        "sticky" => Some(Balance::Sticky),
        "source" => Some(Balance::Hash(HashKey::Source)),
        "uri" => uri(line).map(Balance::Hash),
        "url_param" => url_param(line).map(Balance::Hash),
        "hash" => hash(line, draft).map(Balance::Hash),
        "log-hash" => log_hash(line, draft).map(Balance::Hash),
        hdr if hdr.starts_with("hdr(") => header(line, hdr).map(Balance::Hash),
        rdp if rdp.starts_with("rdp-cookie") => rdp_cookie(line, draft).map(Balance::Hash),
        random if random.starts_with("random") => draws(line, random).map(Balance::Random),
        other => {
            not_an_algorithm(line, other);
            None
        }
    };
    if let Some(found) = found {
        draft.settings.balance = found;
    }
}

fn draws(line: &mut Line<'_, '_>, text: &str) -> Option<u32> {
    let inside = text.strip_prefix("random").unwrap_or("");
    let message = match inside.strip_prefix('(').map(|rest| rest.split_once(')')) {
        None | Some(Some(("", _))) => return Some(2),
        Some(None) => "balance random : missing closing parenthesis",
        Some(Some((number, _))) => match leading_integer(number) {
            (draws, true) if draws >= 1 => return Some(clamp_u32(draws)),
            (_, true) => "balance random : number of draws must be at least 1",
            (_, false) => "balance random : unexpected character after argument",
        },
    };
    line.error(BAD_NUMBER, 1, message);
    None
}

fn uri(line: &mut Line<'_, '_>) -> Option<HashKey> {
    let mut part = UriPart::default();
    let mut at = 2;
    while let Some(word) = line.text(at) {
        at += 1;
        match &*word {
            "whole" => part.whole = true,
            "path-only" => part.path_only = true,
            "len" | "depth" => {
                let value = line.text(at).unwrap_or_default();
                let (number, _) = leading_integer(&value);
                let Some(number) = usize::try_from(number).ok().filter(|&number| number > 0) else {
                    let message = format!(
                        "balance uri : '{word}' expects a positive integer (got '{value}')."
                    );
                    line.error(BAD_NUMBER, at, message);
                    return None;
                };
                match &*word {
                    "len" => part.len = number,
                    _ => part.depth = number,
                }
                at += 1;
            }
            _ => {
                let message = format!(
                    "balance uri only accepts parameters 'len', 'depth', 'path-only', and 'whole' (got '{word}')."
                );
                let known = ["len", "depth", "path-only", "whole"];
                line.error_near(BAD_CHOICE, at - 1, message, known);
                return None;
            }
        }
    }
    Some(HashKey::Uri(part))
}

fn url_param(line: &mut Line<'_, '_>) -> Option<HashKey> {
    let Some(name) = line.arg(2) else {
        let message = "balance url_param requires an URL parameter name.";
        line.error(MISSING_ARGUMENT, 2, message);
        return None;
    };
    modifier(line, "url_param", 3, "check_post")?;
    Some(HashKey::UrlParam(name.bytes.clone()))
}

/// Reads the one word that may follow; whether it does. `None` after an error.
fn modifier(line: &mut Line<'_, '_>, what: &str, at: usize, known: &str) -> Option<bool> {
    let Some(word) = line.text(at) else {
        return Some(false);
    };
    if word != known {
        let message = format!("balance {what} only accepts '{known}' modifier (got '{word}').");
        line.error_near(BAD_CHOICE, at, message, [known]);
        return None;
    }
    Some(true)
}

fn hash<'d>(line: &mut Line<'_, 'd>, draft: &mut ProxyDraft<'d>) -> Option<HashKey> {
    let (Some(before), Some(expression)) = (line.arg(1), line.arg(2)) else {
        let message = "balance hash requires a sample expression.";
        line.error(MISSING_ARGUMENT, 2, message);
        return None;
    };
    if let Some(extra) = line.text(3) {
        let message = format!("balance hash takes no other argument (got '{extra}').");
        line.error(UNEXPECTED_ARGUMENT, 3, message);
        return None;
    }
    draft.settings.hash_sample = Some((before, expression.clone()));
    Some(HashKey::Sample)
}

fn log_hash<'d>(line: &mut Line<'_, 'd>, draft: &mut ProxyDraft<'d>) -> Option<HashKey> {
    let (Some(before), Some(converters)) = (line.arg(1), line.arg(2)) else {
        let message = "balance log-hash requires a converter list.";
        line.error(MISSING_ARGUMENT, 2, message);
        return None;
    };
    // Converters follow a fetch; the line takes the place of its value.
    let expression = Word {
        bytes: [b"str(),", &*converters.bytes].concat().into(),
        ..converters.clone()
    };
    draft.settings.hash_sample = Some((before, expression));
    Some(HashKey::LogLine)
}

fn header(line: &mut Line<'_, '_>, text: &str) -> Option<HashKey> {
    let inside = text
        .strip_prefix("hdr(")
        .and_then(|rest| rest.split_once(')'));
    let Some((name, _)) = inside.filter(|(name, _)| !name.is_empty()) else {
        let message = "balance hdr requires an http header field name.";
        line.error(MISSING_ARGUMENT, 1, message);
        return None;
    };
    let domain_only = modifier(line, "hdr", 2, "use_domain_only")?;
    Some(HashKey::Header {
        name: name.as_bytes().into(),
        domain_only,
    })
}

fn rdp_cookie<'d>(line: &mut Line<'_, 'd>, draft: &mut ProxyDraft<'d>) -> Option<HashKey> {
    let word = line.arg(1)?;
    let text = word.text();
    let inside = match text.strip_prefix("rdp-cookie")? {
        "" => Some("mstshash"),
        rest => rest
            .strip_prefix('(')
            .and_then(|rest| rest.split_once(')'))
            .map(|(name, _)| name)
            .filter(|name| !name.is_empty()),
    };
    let Some(name) = inside else {
        line.error(
            MISSING_ARGUMENT,
            1,
            "balance rdp-cookie : missing cookie name.",
        );
        return None;
    };
    let expression = Word {
        bytes: format!("req.rdp_cookie({name})").into_bytes().into(),
        ..word.clone()
    };
    draft.settings.hash_sample = Some((word, expression));
    Some(HashKey::Sample)
}

fn not_an_algorithm(line: &mut Line<'_, '_>, text: &str) {
    let name = text.split('(').next().unwrap_or("");
    let known = ALGORITHMS.into_iter().map(|(name, ..)| name);
    let message = "balance only supports 'roundrobin', 'static-rr', 'leastconn', 'source', 'first', 'random', 'uri', 'url_param', 'hash', 'hdr(name)', 'rdp-cookie(name)', 'log-hash' and 'sticky' options";
    let place = line.place(1);
    let found = Diagnostic::error(BAD_CHOICE, message).at(place, "");
    line.diags.push(match text {
        "hdr" | "rdp-cookie" => found.help(format!("write '{text}(<name>)'")),
        _ => found.near(name, known),
    });
}

fn hash_type(line: &mut Line<'_, '_>, draft: &mut ProxyDraft<'_>) {
    const FUNCTIONS: [(&str, HashFunction); 5] = [
        ("sdbm", HashFunction::Sdbm),
        ("djb2", HashFunction::Djb2),
        ("wt6", HashFunction::Wt6),
        ("crc32", HashFunction::Crc32),
        ("none", HashFunction::None),
    ];
    let consistent = match line.text(1).as_deref() {
        Some("consistent") => true,
        Some("map-based") => false,
        Some("avalanche") => {
            let message = "experimental feature 'hash-type avalanche' is not supported anymore, please use 'hash-type map-based sdbm avalanche' instead.";
            return line.error(BAD_CHOICE, 1, message);
        }
        _ => {
            let message = "'hash-type' only supports 'consistent' and 'map-based'.";
            return line.error_near(BAD_CHOICE, 1, message, ["consistent", "map-based"]);
        }
    };
    let Some(name) = line.text(2) else {
        draft.settings.hash_type = HashType {
            consistent,
            avalanche: consistent,
            ..HashType::default()
        };
        return;
    };
    let Some(&(_, function)) = FUNCTIONS.iter().find(|(known, _)| name == *known) else {
        let message =
            "'hash-type' only supports 'sdbm', 'djb2', 'crc32', 'wt6' or 'none' hash functions.";
        let names = FUNCTIONS.iter().map(|(name, _)| *name);
        return line.error_near(BAD_CHOICE, 2, message, names);
    };
    let avalanche = match line.text(3).as_deref() {
        None => false,
        Some("avalanche") => true,
        Some(_) => {
            let message = "'hash-type' only supports 'avalanche' as a modifier for hash functions.";
            return line.error_near(BAD_CHOICE, 3, message, ["avalanche"]);
        }
    };
    draft.settings.hash_type = HashType {
        consistent,
        function,
        avalanche,
    };
}
