//! AST and vocabulary to a resolved configuration.
//!
//! The only place where names become indices and types are checked. The result,
//! [`config::Config`], cannot hold an unresolved name. Three steps: `sections` reads every
//! statement into drafts and applies `defaults`; `rules` reads conditions, rules and formats
//! with their section's ACLs; `resolve` connects proxies by name, numbers them and fills
//! defaults in. Each goes on after errors. Deliberately absent: opening sockets.

pub mod checks;
pub mod config;
mod cookies;
pub mod dynamic;
pub mod findings;
mod guids;
mod numbering;
mod references;
mod resolve;
mod rules;
mod sections;
mod stats;
mod tables;
pub mod variables;

use crate::syntax::{
    Code, Diagnostic, Diagnostics, Document, Section, SectionKind, Severity, Sources, Span,
};
use crate::vocab::host::Host;
use crate::vocab::outer::Outer;
use crate::vocab::{codes, rule_codes};
use config::Config;

/// What a compilation may do and ask.
#[derive(Clone, Copy)]
pub struct CompileOptions<'a> {
    /// Report words that are not supported yet as warnings and go on without them.
    pub allow_unsupported: bool,
    /// The machine: names, users, files.
    pub host: &'a dyn Host,
    /// The texts, for messages that name a place.
    pub sources: &'a Sources,
}

/// Compiles a document. `None` when an error was found, here or before.
pub fn compile(
    document: &Document,
    diags: &mut Diagnostics,
    options: &CompileOptions<'_>,
) -> Option<Config> {
    let mut found = Diagnostics::default();
    let outer = Outer::default();
    let drafts = sections::read(document, &mut found, options, &outer);
    if drafts.global.exposes_deprecated {
        found.retain(|finding| finding.code != codes::DEPRECATED);
    }
    outer.set_stick_counters(drafts.global.config.stick_counters);
    let work = Work {
        options,
        outer: &outer,
    };
    let mut config = resolve::resolve(drafts, &mut found, work);
    config.patterns = outer.patterns.finish();
    config.defaults = named_defaults(document);
    for list in &config.patterns {
        list.describe(
            |span| {
                let (file, line) = (
                    options.sources.name(span.file),
                    options.sources.position(span).line,
                );
                format!("file '{file}' line {line}")
            },
            |span| {
                let text = options.sources.slice(span);
                let is_end = |byte: &u8| b"(, \t".contains(byte);
                let end = text.iter().position(is_end).unwrap_or(text.len());
                String::from_utf8_lossy(text.get(..end).unwrap_or_default()).into_owned()
            },
        );
    }
    warn_of_unread_lists(&outer, &mut found);
    report(found, diags, options);
    (!diags.has_errors()).then_some(config)
}

/// The `defaults` sections that backends may be added from.
fn named_defaults(document: &Document) -> Vec<Section> {
    let defaults = document
        .sections
        .iter()
        .filter(|section| section.kind == SectionKind::Defaults && section.words.len() > 1);
    defaults.cloned().collect()
}

fn warn_of_unread_lists(outer: &Outer, diags: &mut Diagnostics) {
    for (list, span) in outer.patterns.unread() {
        let name = list.name().unwrap_or_default();
        let message =
            format!("no map and no ACL reads the list '{name}', so that changing it does nothing");
        let help = "write the name as where it is read: map(file) or -f file";
        let finding = Diagnostic::warning(rule_codes::UNREAD_LIST, message);
        diags.push(finding.at(span, "").help(help));
    }
}

/// One compilation: its options, and the names its parts share.
#[derive(Clone, Copy)]
struct Work<'o> {
    options: &'o CompileOptions<'o>,
    outer: &'o Outer,
}

/// Words, samples and actions that HAProxy has and Tidegate does not have yet.
const NOT_SUPPORTED_YET: [Code; 3] = [
    codes::NOT_SUPPORTED_YET,
    rule_codes::SAMPLE_NOT_SUPPORTED,
    rule_codes::ACTION_NOT_SUPPORTED,
];

/// Hands findings over in the order of the text, those without a place last.
fn report(found: Diagnostics, diags: &mut Diagnostics, options: &CompileOptions<'_>) {
    let mut list: Vec<Diagnostic> = found.iter().cloned().collect();
    list.sort_by_key(|finding| match finding.labels.first() {
        Some(label) => (label.span.file.0, label.span.start),
        None => (u32::MAX, u32::MAX),
    });
    for mut finding in list {
        name_unset_variable(&mut finding, options);
        if options.allow_unsupported && NOT_SUPPORTED_YET.contains(&finding.code) {
            finding.severity = Severity::Warning;
        }
        diags.push(finding);
    }
}

/// Says so where an address is wrong because an environment variable does not exist.
fn name_unset_variable(finding: &mut Diagnostic, options: &CompileOptions<'_>) {
    let (Some(label), None) = (finding.labels.first_mut(), &finding.help) else {
        return;
    };
    if finding.code != codes::BAD_ADDRESS || !label.text.is_empty() {
        return;
    }
    let written = options.sources.slice(label.span);
    if let Some(name) = options.host.environment().missing_in(written) {
        label.text = format!("'{name}' is not set");
        let help = format!("set it, or give a default as in \"${{{name}-value}}\"");
        finding.help = Some(help);
    }
}

impl CompileOptions<'_> {
    /// `file:line` of a place.
    fn location(&self, span: Span) -> String {
        let line = self.sources.position(span).line;
        format!("{}:{line}", self.sources.name(span.file))
    }
}

#[cfg(test)]
mod tests;
