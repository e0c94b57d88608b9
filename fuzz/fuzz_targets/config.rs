//! Configuration text: never panics, however far it gets, lints included; parse, print, parse is a
//! fixed point.

#![no_main]

use std::io;
use std::net::IpAddr;
use std::path::Path;
use tidegate::compile::{CompileOptions, compile};
use tidegate::lint;
use tidegate::syntax::{self, Diagnostics, Environment, Facts, Sources};
use tidegate::vocab::host::Host;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    syntax::fuzz_entry(data);
    compile_only(data);
});

fn compile_only(data: &[u8]) {
    let mut sources = Sources::default();
    let file = sources.add("fuzz.cfg", data);
    let mut host = Nowhere::default();
    let mut diags = Diagnostics::default();
    let facts = Facts::default();
    let document = syntax::parse(&sources, &[file], &mut host.environment, &facts, &mut diags);
    let options = CompileOptions {
        allow_unsupported: true,
        host: &host,
        sources: &sources,
    };
    compile(&document, &mut diags, &options);
    let view = lint::View {
        sources: &sources,
        document: &document,
        host: &host,
    };
    lint::run(&view, &mut diags);
    syntax::render::human(&diags, &sources, false);
}

/// A machine with one name, one user, one group and one file: no input reaches the real one.
#[derive(Default)]
struct Nowhere {
    environment: Environment,
}

impl Host for Nowhere {
    fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        match name {
            "localhost" => Ok(vec![IpAddr::from([127, 0, 0, 1])]),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn user_id(&self, name: &str) -> Option<u32> {
        (name == "root").then_some(0)
    }

    fn group_id(&self, name: &str) -> Option<u32> {
        (name == "root").then_some(0)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match path.to_str() {
            Some("f") => Ok(b"HTTP/1.0 503 No\r\nA: b\r\n\r\nbody\n".to_vec()),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn environment(&self) -> &Environment {
        &self.environment
    }

    fn name(&self) -> String {
        "here".to_owned()
    }
}
