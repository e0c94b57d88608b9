//! `balance` and `http-reuse`.

use super::{Build, ProxyDraft, word};
use crate::settings::{Balance, Reuse};
use crate::syntax::Diagnostic;
use crate::vocab::args::leading_integer;
use crate::vocab::codes::{BAD_CHOICE, BAD_NUMBER};
use crate::vocab::keyword::{Keyword, Sections, Status};
use crate::vocab::line::{Line, clamp_u32};
use crate::vocab::reference::{Class, KeywordInfo};

/// The words.
pub(super) const WORDS: &[Keyword<Build>] = &[
    word(
        "balance",
        "[roundrobin | static-rr | leastconn | first | random[(<draws>)] | source]",
        Sections::BACK,
        "How a server is chosen.",
        balance,
    ),
    word(
        "http-reuse",
        "{never | safe | aggressive | always}",
        Sections::BACK,
        "Which server connections several clients may share.",
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
const ALGORITHMS: [(&str, &str, &str); 4] = [
    (
        "first",
        "",
        "The first server, in the order of their ids, that has a connection slot left (`maxconn`): \
         the others stay unused and can be switched off.",
    ),
    (
        "leastconn",
        "",
        "The server with the fewest connections for its weight; equals take turns. For long sessions.",
    ),
    (
        "random",
        "[(<draws>)]",
        "Draws <draws> servers at random, by weight, and takes the least loaded. Default: 2 draws.",
    ),
    (
        "roundrobin",
        "",
        "Each server in turn, as often as its weight says.",
    ),
];

/// Algorithms that come with hash balancing.
const LATER: [&str; 9] = [
    "hash",
    "hdr",
    "log-hash",
    "rdp-cookie",
    "source",
    "static-rr",
    "sticky",
    "uri",
    "url_param",
];

/// Every algorithm, for the reference.
pub fn words() -> impl Iterator<Item = KeywordInfo> {
    let works = |(name, args, doc)| KeywordInfo::working(Class::Balance, name, args, doc);
    let later = |name| KeywordInfo::other(Class::Balance, name, Status::NotYet, "hash balancing");
    ALGORITHMS
        .into_iter()
        .map(works)
        .chain(LATER.into_iter().map(later))
}

fn balance(line: &mut Line<'_, '_>, draft: &mut ProxyDraft<'_>) {
    let Some(text) = line.text(1) else {
        draft.settings.balance = Balance::Random(2);
        return;
    };
    let found = match &*text {
        "roundrobin" => Balance::RoundRobin,
        "leastconn" => Balance::LeastConn,
        "first" => Balance::First,
        random if random.starts_with("random") => match draws(line, random) {
            Some(draws) => Balance::Random(draws),
            None => return,
        },
        other => return not_an_algorithm(line, other),
    };
    draft.settings.balance = found;
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

fn not_an_algorithm(line: &mut Line<'_, '_>, text: &str) {
    let name = text.split('(').next().unwrap_or("");
    if LATER.contains(&name) {
        line.not_yet(1, &format!("'balance {name}'"), "hash balancing");
    } else {
        let known = ["roundrobin", "leastconn", "first", "random"];
        let message = "balance only supports 'roundrobin', 'static-rr', 'leastconn', 'source', 'first', 'random', 'uri', 'url_param', 'hash', 'hdr(name)', 'rdp-cookie(name)', 'log-hash' and 'sticky' options";
        let place = line.place(1);
        let found = Diagnostic::error(BAD_CHOICE, message).at(place, "");
        line.diags
            .push(found.near(name, known.into_iter().chain(LATER)));
    }
}
