//! Findings as text, and the lines HAProxy ends with.

use super::console::Console;
use super::load::Loaded;
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
}

/// The findings that are at least this bad.
pub(super) fn text(loaded: &Loaded, least: Severity, format: Format, color: bool) -> String {
    let shown = loaded.diags.iter().filter(|d| d.severity >= least);
    match format {
        Format::Human => render::human(shown, &loaded.sources, color),
        Format::Short => render::short(shown, &loaded.sources),
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
