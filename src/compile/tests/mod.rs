//! Whole configurations through parser and compiler.

mod bad_input;
mod breaker;
mod corpus;
mod diagnostics;
mod health;
mod limits;
mod protect;
mod words;

use super::config::Config;
use super::{CompileOptions, compile};
use crate::syntax::{Diagnostics, Environment, Facts, Severity, Sources, parse, render};
use crate::vocab::host::Host;
use crate::vocab::host::fake::Fake;

/// Compiles a text. The findings are `t.cfg:line:column: severity[code]: message` lines, notes
/// left out.
fn run(text: &str, host: &dyn Host, allow_unsupported: bool) -> (Option<Config>, String) {
    let mut sources = Sources::default();
    let file = sources.add("t.cfg", text);
    let mut diags = Diagnostics::default();
    let document = parse(
        &sources,
        &[file],
        &mut Environment::default(),
        &Facts::default(),
        &mut diags,
    );
    let options = CompileOptions {
        allow_unsupported,
        host,
        sources: &sources,
    };
    let config = compile(&document, &mut diags, &options);
    let told = diags
        .iter()
        .filter(|found| found.severity != Severity::Note);
    (config, render::short(told, &sources))
}

/// Compiles a text that must be accepted without warnings.
fn config(text: &str) -> Config {
    let (config, findings) = run(text, &Fake::default(), false);
    assert_eq!(findings, "", "{text}");
    config.expect("no errors")
}
