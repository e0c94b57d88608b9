//! `stats`: the statistics page of a proxy.
//!
//! Lines of one section make one page. A page inherited from `defaults` is replaced as a whole by
//! the first line of a proxy, as in HAProxy.

use super::{Build, ProxyDraft, ProxyKind, RuleKind, rules, word};
use crate::syntax::Code;
use crate::vocab::args::TimeUnit;
use crate::vocab::codes::{BAD_CHOICE, BAD_NAME, MISSING_ARGUMENT, NOT_ALLOWED_HERE};
use crate::vocab::keyword::{Keyword, Sections};
use crate::vocab::line::Line;

/// `stats auth` or `stats realm` beside `stats http-request`.
pub const TWO_WAYS_IN: Code = Code("TG0290");

/// Where the page is unless said otherwise.
const DEFAULT_URI: &[u8] = b"/haproxy?stats";

/// The word.
pub(super) const WORDS: &[Keyword<Build>] = &[word(
    "stats",
    "{enable | uri <prefix> | realm <realm> | auth <user>:<password> | refresh <time> | scope {<proxy> | .} | \
     admin {if | unless} <condition> | http-request <action> [{if | unless} <condition>] | hide-version | \
     show-version | show-legends | show-modules | show-node [<name>] | show-desc [<text>...]}",
    Sections::PROXIES,
    "The statistics page, which answers requests whose path begins with its URI.",
    build,
)];

/// What the lines of a section say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatsDraft {
    /// `uri`
    pub uri: Box<[u8]>,
    /// `realm`
    pub realm: Option<Box<[u8]>>,
    /// `auth`: names and passwords with the colon between them.
    pub accounts: Vec<Box<[u8]>>,
    /// `refresh`, in seconds.
    pub refresh_s: u64,
    /// `scope`
    pub scope: Vec<Box<str>>,
    /// `show-version`
    pub version: bool,
    /// `show-legends`
    pub legends: bool,
    /// `show-modules`
    pub modules: bool,
    /// `show-node`, with another name than that of `global`.
    pub node: Option<Option<Box<str>>>,
    /// `show-desc`, with another text than that of `global`.
    pub description: Option<Option<Box<str>>>,
}

impl Default for StatsDraft {
    fn default() -> Self {
        Self {
            uri: DEFAULT_URI.into(),
            realm: None,
            accounts: Vec::new(),
            refresh_s: 0,
            scope: Vec::new(),
            version: false,
            legends: false,
            modules: false,
            node: None,
            description: None,
        }
    }
}

const PARAMETERS: [&str; 14] = [
    "admin",
    "uri",
    "realm",
    "auth",
    "scope",
    "enable",
    "hide-version",
    "show-node",
    "show-desc",
    "show-legends",
    "show-version",
    "show-modules",
    "refresh",
    "http-request",
];

fn build<'d>(line: &mut Line<'_, 'd>, draft: &mut ProxyDraft<'d>) {
    if draft.kind != ProxyKind::Defaults && !std::mem::replace(&mut draft.has_own_stats, true) {
        draft.settings.stats = None;
    }
    let Some(what) = line.text(1) else {
        return unknown(line, "missing keyword in 'stats'");
    };
    if what == "hide-version" {
        if let Some(page) = &mut draft.settings.stats {
            page.version = false;
        }
        return;
    }
    let argument = match &*what {
        "uri" => needed(line, "'uri' needs an URI prefix"),
        "realm" => needed(line, "'realm' needs a realm name"),
        "auth" => needed(line, "'auth' needs a user:password account"),
        "scope" => needed(line, "'scope' needs a proxy name"),
        _ => Some(Box::default()),
    };
    let Some(argument) = argument else { return };
    match &*what {
        "admin" | "http-request" => return rule(line, draft, what == "admin"),
        _ if !PARAMETERS.contains(&&*what) => {
            return unknown(line, &format!("unknown stats parameter '{what}'"));
        }
        _ => {}
    }
    let refresh = match &*what {
        "refresh" => line.duration(2, "stats refresh", TimeUnit::Seconds),
        _ => None,
    };
    let node = what == "show-node";
    let node = if node { named(line) } else { None };
    let words: Vec<_> = line.rest(2).iter().map(|word| word.text()).collect();
    let page = draft.settings.stats.get_or_insert_default();
    match &*what {
        "uri" => page.uri = argument,
        "realm" => page.realm = Some(argument),
        "auth" => page.accounts.push(argument),
        "scope" => page.scope.push(String::from_utf8_lossy(&argument).into()),
        "refresh" => page.refresh_s = refresh.unwrap_or(0),
        "show-version" => page.version = true,
        "show-legends" => page.legends = true,
        "show-modules" => page.modules = true,
        "show-node" => page.node = Some(node),
        "show-desc" => {
            let text = words.join(" ");
            page.description = Some((!text.is_empty()).then(|| text.into()));
        }
        _ => {}
    }
}

fn unknown(line: &mut Line<'_, '_>, message: &str) {
    let message = format!(
        "{message}, expects 'admin', 'uri', 'realm', 'auth', 'scope', 'enable', 'hide-version', \
         'show-node', 'show-desc', 'show-legends' or 'show-version'"
    );
    line.error_near(BAD_CHOICE, 1, message, PARAMETERS);
}

fn needed(line: &mut Line<'_, '_>, message: &str) -> Option<Box<[u8]>> {
    let found = line.arg(2).filter(|word| !word.bytes.is_empty());
    if found.is_none() {
        line.error(MISSING_ARGUMENT, 2, message);
    }
    found.map(|word| word.bytes.clone())
}

/// The name that `show-node` gives the machine, if it gives any.
fn named(line: &mut Line<'_, '_>) -> Option<Box<str>> {
    let name = line.text(2)?;
    let usual = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if name.chars().all(usual) {
        return Some((*name).into());
    }
    let message = "'stats show-node' invalid node name - should be a string with digits(0-9), \
                   letters(A-Z, a-z), hyphen(-) or underscore(_)";
    line.error(BAD_NAME, 2, message);
    None
}

/// Lines with a condition are read when the section's ACLs are known.
fn rule<'d>(line: &mut Line<'_, 'd>, draft: &mut ProxyDraft<'d>, admin: bool) {
    if draft.kind == ProxyKind::Defaults {
        let message = match admin {
            true => "'stats admin' not allowed in 'defaults' section",
            false => "'stats' not allowed in 'defaults' section",
        };
        return line.error(NOT_ALLOWED_HERE, 0, message);
    }
    let complete = match admin {
        true => {
            let found = matches!(line.text(2).as_deref(), Some("if" | "unless"));
            if !found {
                let message =
                    "'stats admin' requires either 'if' or 'unless' followed by a condition";
                line.error_near(MISSING_ARGUMENT, 2, message, ["if", "unless"]);
            }
            found
        }
        false => line.expect(2, "an action after 'http-request'").is_some(),
    };
    if complete {
        draft.settings.stats.get_or_insert_default();
        rules::push(
            line,
            draft,
            match admin {
                true => RuleKind::StatsAdmin,
                false => RuleKind::StatsRequest,
            },
        );
    }
}
