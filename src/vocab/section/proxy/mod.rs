//! The words of `defaults`, `frontend`, `backend` and `listen`.
//!
//! Reading a statement fills a [`ProxyDraft`]. What refers to other lines (ACLs, rules, backends'
//! names, formats) is kept as words for `compile`, which knows the whole section.

mod balance;
mod bind;
pub mod checks;
mod circuit_limits;
mod compression;
mod cookie;
mod draft;
pub mod errorfile;
mod families;
mod identity;
mod keep_alive;
mod limits;
mod logging;
mod mode;
pub mod option;
mod option_forwarded;
mod option_forwardfor;
mod outlier_detection;
mod retry;
mod retry_on;
mod rules;
mod server;
mod state_file;
mod stats;
mod stick_table;
mod tcp_rules;
pub mod timeout;
mod trace;

pub use balance::words as balance_words;
pub use circuit_limits::LimitsDraft;
pub use draft::{
    CheckOption, Checks, ErrorSource, ExternalCheck, LogFormat, LogLine, ProxyDraft, ProxyKind,
    Rule, RuleKind, Settings, StateFrom, Switch,
};
pub use retry_on::words as retry_words;
pub use stats::{StatsDraft, TWO_WAYS_IN};

use super::{check_negation, report_family, report_unknown, section_keywords};
use crate::vocab::codes;
use crate::vocab::keyword::{Entry, Keyword, Sections, Vocabulary};
use crate::vocab::line::Line;
use crate::vocab::reference::{Class, not_applied};

/// Reads the arguments of a word of a proxy section.
pub type Build = for<'d> fn(&mut Line<'_, 'd>, &mut ProxyDraft<'d>);

/// The words of proxy sections.
pub static VOCABULARY: Vocabulary<Build> = Vocabulary::new(
    &[
        balance::WORDS,
        bind::WORDS,
        checks::WORDS,
        circuit_limits::WORD,
        compression::WORDS,
        cookie::WORDS,
        errorfile::WORDS,
        identity::WORDS,
        keep_alive::WORDS,
        limits::WORDS,
        logging::WORDS,
        mode::WORDS,
        option::WORD,
        outlier_detection::WORD,
        retry::WORDS,
        retry_on::WORD,
        rules::WORDS,
        server::WORDS,
        state_file::WORDS,
        stats::WORDS,
        stick_table::WORD,
        tcp_rules::WORDS,
        timeout::WORD,
    ],
    families::FAMILIES,
);

/// A row of a table of words of proxy sections.
const fn word(
    name: &'static str,
    args: &'static str,
    sections: Sections,
    doc: &'static str,
    build: Build,
) -> Keyword<Build> {
    Keyword {
        name,
        args,
        sections,
        doc,
        build,
    }
}

/// Whether proxies have a keyword.
pub(super) fn has(name: &str) -> bool {
    VOCABULARY.find(name).is_some()
}

impl<'d> ProxyDraft<'d> {
    /// Reads one statement.
    pub fn read(&mut self, line: &mut Line<'_, 'd>) {
        let name = line.name();
        let Some(entry) = VOCABULARY.find(&name) else {
            let near = VOCABULARY.suggest_in(&name, self.sections(), section_keywords());
            return report_unknown(line, self.kind.keyword(), near);
        };
        if !check_negation(line, &entry) {
            return;
        }
        match entry {
            Entry::Works(word) => {
                if allowed(line, self, word.sections, &name, is_strict(word.name)) {
                    (word.build)(line, self);
                    if let Some(why) = not_applied(Class::Proxy, word.name) {
                        line.no_effect(0, &format!("'{name}'"), why);
                    }
                }
            }
            Entry::Other(family, _) => {
                report_family(line, 0, family, &format!("'{name}'"));
            }
        }
    }
}

/// Words that HAProxy refuses on the wrong side; it ignores the others with a warning.
fn is_strict(name: &str) -> bool {
    matches!(name, "server" | "default-server" | "retry-on")
}

/// Whether a word may be read here: reports those refused in `defaults`, refuses or warns of
/// those that the proxy's side ignores. Ignored words are still read, so that they are checked.
pub(super) fn allowed(
    line: &mut Line<'_, '_>,
    draft: &ProxyDraft<'_>,
    sections: Sections,
    name: &str,
    strict: bool,
) -> bool {
    if sections.allows(draft.sections()) {
        return true;
    }
    let Some(missing) = draft.kind.missing_side() else {
        let which = match sections.allows(Sections::NAMED_DEFAULTS) {
            true => "anonymous 'defaults'",
            false => "'defaults'",
        };
        line.error(
            codes::NOT_ALLOWED_HERE,
            0,
            format!("'{name}' not allowed in {which} section"),
        );
        return false;
    };
    let kind = draft.kind.keyword();
    let owner = format!(
        "because {kind} '{}' has no {missing} capability",
        draft.name
    );
    if strict {
        line.error(
            codes::NOT_ALLOWED_HERE,
            0,
            format!("'{name}' not allowed {owner}"),
        );
    } else {
        let hint = match name {
            "maxconn" => ". Maybe you want 'fullconn' instead ?",
            "fullconn" => ". Maybe you want 'maxconn' instead ?",
            _ => "",
        };
        line.warning(
            codes::IGNORED_HERE,
            0,
            format!("'{name}' ignored {owner}{hint}"),
        );
    }
    !strict
}
