//! Findings as text, and the lines HAProxy ends with.

use super::console::Console;
use super::load::Loaded;
use crate::diagnostics::export;
use crate::proxy::StartError;
use crate::syntax::{Diagnostic, FileId, Severity, Sources, render};
use std::collections::BTreeSet;

/// How findings are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Format {
    /// With the lines at fault.
    #[default]
    Human,
    /// One line each: `file:line:column: severity[code]: message`.
    Short,
    /// A JSON object per line and finding.
    Json,
    /// A SARIF 2.1.0 log.
    Sarif,
}

/// Findings shown to people; programs get all.
const MOST_SHOWN: usize = 200;

/// The findings that are at least this bad.
pub(super) fn text(loaded: &Loaded, least: Severity, format: Format, color: bool) -> String {
    let shown = || loaded.diags.iter().filter(|d| d.severity >= least);
    let sources = &loaded.sources;
    match format {
        Format::Human => {
            // Errors come first where not all fit: they are what must be corrected.
            let errors = shown().filter(|d| d.severity == Severity::Error).count();
            let all = shown().count();
            if all <= MOST_SHOWN {
                return render::human(shown(), sources, color);
            }
            let only_errors = errors >= MOST_SHOWN;
            let kept = shown()
                .filter(|d| !only_errors || d.severity == Severity::Error)
                .take(MOST_SHOWN);
            let text = render::human(kept, sources, color);
            let more = all - MOST_SHOWN;
            format!("{text}\n... and {more} more; '--format short' shows all of them\n")
        }
        Format::Short => render::short(shown(), sources),
        Format::Json => export::json_lines(shown(), sources),
        Format::Sarif => export::sarif(shown(), sources),
    }
}

/// An error that belongs to no place in a text.
pub(super) fn start_error(error: &StartError, color: bool) -> String {
    let mut diagnostic = Diagnostic::error(error.code, error.message.clone());
    diagnostic.help = error.help.clone();
    render::human([&diagnostic], &Sources::default(), color)
}

/// What scripts written for HAProxy look for after a failed load.
pub(super) fn summary(loaded: &Loaded, console: Console) {
    let errors = loaded
        .diags
        .iter()
        .filter(|d| d.severity == Severity::Error);
    let files: BTreeSet<FileId> = errors
        .filter_map(|d| d.labels.first())
        .map(|label| label.span.file)
        .collect();
    for file in files {
        let name = loaded.sources.name(file);
        let text = format!("config : Error(s) found in configuration file : {name}");
        console.alert(&text);
    }
    if loaded.is_empty() {
        return;
    }
    console.alert("config : Fatal errors found in configuration.");
}
