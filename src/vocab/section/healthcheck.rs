//! The words of `healthcheck`: how servers that name the section are checked, whatever their backend
//! says.

use super::proxy::checks::TYPES;
use super::proxy::{ProxyDraft, ProxyKind, Settings};
use super::report_unknown;
use crate::syntax::{Code, Diagnostic, Span};
use crate::vocab::codes::{BAD_CHOICE, MISSING_ARGUMENT};
use crate::vocab::keyword::{Entry, Keyword, Sections, Vocabulary};
use crate::vocab::line::Line;

/// The rules of a `healthcheck` section are not of its type.
pub const CHECK_TYPES_DIFFER: Code = Code("TG0372");

/// Reads the arguments of a word.
pub type Build = for<'d> fn(&mut Line<'_, 'd>, &mut HealthcheckDraft<'d>);

/// The words of a `healthcheck` section.
pub static VOCABULARY: Vocabulary<Build> = Vocabulary::new(&[WORDS], &[]);

const WORDS: &[Keyword<Build>] = &[
    word(
        "type",
        "{tcp-check | httpchk | ssl-hello-chk | smtpchk | pgsql-check | redis-check | mysql-check | ldap-check | spop-check} [<argument>...]",
        "What is checked; arguments are those of the `option` of the same name.",
        kind,
    ),
    word(
        "http-check",
        "<step> [<argument>...]",
        "A step of a check of type `httpchk`, as in backends.",
        |line, draft| {
            if draft.may_have(line, "httpchk", !draft.checks().tcp.is_empty()) {
                draft.proxy.settings.checks.add_http(line.words);
            }
        },
    ),
    word(
        "tcp-check",
        "<step> [<argument>...]",
        "A step of a check of type `tcp-check`, as in backends.",
        |line, draft| {
            if draft.may_have(line, "tcp-check", !draft.checks().http.is_empty()) {
                draft.proxy.settings.checks.add_tcp(line.words);
            }
        },
    ),
];

const fn word(
    name: &'static str,
    args: &'static str,
    doc: &'static str,
    build: Build,
) -> Keyword<Build> {
    Keyword {
        name,
        args,
        sections: Sections::HEALTHCHECK,
        doc,
        build,
    }
}

fn kind<'d>(line: &mut Line<'_, 'd>, draft: &mut HealthcheckDraft<'d>) {
    let Some(name) = line.text(1) else {
        return line.error(MISSING_ARGUMENT, 0, "'type' expects a healthcheck type.");
    };
    if draft.kind.is_some() {
        return line.error(CHECK_TYPES_DIFFER, 0, "healthcheck type already defined.");
    }
    let Some((name, choose)) = TYPES.iter().find(|(known, _)| *known == name) else {
        let names: Vec<_> = TYPES.iter().map(|(name, _)| format!("'{name}'")).collect();
        let message = format!(
            "unknown healthcheck type '{name}' (expects {}).",
            names.join(", ")
        );
        return line.error_near(BAD_CHOICE, 1, message, TYPES.map(|(name, _)| name));
    };
    let checks = draft.checks();
    let wrong = [
        ("tcp-check", "tcp-check", checks.tcp.is_empty()),
        ("httpchk", "http-check", checks.http.is_empty()),
    ];
    let wrong = wrong
        .iter()
        .find(|(of, _, is_empty)| of != name && !is_empty);
    draft.kind = Some(name);
    if let Some((_, rules, _)) = wrong {
        let message = format!("cannot set '{name}' type with '{rules}' rules");
        return line.error(CHECK_TYPES_DIFFER, 1, message);
    }
    choose(line, &mut draft.proxy.settings.checks);
}

/// One `healthcheck` section as it is written.
#[derive(Debug)]
pub struct HealthcheckDraft<'d> {
    /// Its name.
    pub name: String,
    /// The line that opens it.
    pub opening: Span,
    /// A backend of no servers that has its checks: expressions are read as in one.
    pub proxy: ProxyDraft<'d>,
    /// `type`.
    kind: Option<&'static str>,
}

impl<'d> HealthcheckDraft<'d> {
    /// An empty one.
    pub fn new(name: String, opening: Span) -> Self {
        let proxy = ProxyDraft::new(
            ProxyKind::Backend,
            name.clone(),
            opening,
            Settings::default(),
        );
        Self {
            name,
            opening,
            proxy,
            kind: None,
        }
    }

    /// Reads one statement.
    pub fn read(&mut self, line: &mut Line<'_, 'd>) {
        match VOCABULARY.find(&line.name()) {
            Some(Entry::Works(word)) => (word.build)(line, self),
            _ => {
                let near = VOCABULARY.suggest(&line.name());
                report_unknown(line, "healthcheck", near);
            }
        }
    }

    /// Warns of rules that no type goes with.
    pub fn finish(&self, report: &mut dyn FnMut(Diagnostic)) {
        let checks = self.checks();
        let of = [
            ("tcp-check", "tcp-check", &checks.tcp),
            ("http-check", "httpchk", &checks.http),
        ];
        for (rules, kind, lines) in of {
            if self.kind.is_none() && !lines.is_empty() {
                let message = format!(
                    "healthcheck section '{}' : {rules} rules without 'type {kind}', so the rules are ignored.",
                    self.name
                );
                let found = Diagnostic::warning(CHECK_TYPES_DIFFER, message).at(self.opening, "");
                report(found.help(format!("write 'type {kind}' in this section")));
            }
        }
    }

    fn checks(&self) -> &super::proxy::Checks<'d> {
        &self.proxy.settings.checks
    }

    /// Whether rules for checks of `kind` may stand here; `mixed` if there are others.
    fn may_have(&self, line: &mut Line<'_, '_>, kind: &str, mixed: bool) -> bool {
        let message = match self.kind {
            Some(own) if own != kind => {
                let rules = line.name();
                format!("unable to configure '{rules}' rule for '{own}' healthcheck")
            }
            _ if mixed => "cannot mix 'tcp-check' and 'http-check' rules".to_owned(),
            _ => return line.expect(1, "an argument").is_some(),
        };
        line.error(CHECK_TYPES_DIFFER, 0, message);
        false
    }
}
