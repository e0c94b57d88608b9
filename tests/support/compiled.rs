//! Configuration text, compiled in this process.

use tidegate::compile::config::Config;
use tidegate::compile::{CompileOptions, compile};
use tidegate::syntax::{Diagnostics, Environment, Facts, Sources, parse};
use tidegate::vocab::host::System;

/// What `text` means; a finding that is an error fails the test.
pub(crate) fn compiled(text: String) -> Config {
    let mut sources = Sources::default();
    let file = sources.add("test.cfg", text);
    let mut environment = Environment::default();
    let mut diags = Diagnostics::default();
    let facts = Facts::default();
    let document = parse(&sources, &[file], &mut environment, &facts, &mut diags);
    let host = System {
        environment: &environment,
        ignore_resolution: false,
        offline: false,
    };
    let options = CompileOptions {
        allow_unsupported: false,
        host: &host,
        sources: &sources,
    };
    compile(&document, &mut diags, &options).unwrap_or_else(|| panic!("{diags:?}"))
}
