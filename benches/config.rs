//! How long a large configuration takes: 10,000 lines, parsed and resolved.
//!
//! The text is made here and resembles what a hosting provider generates: one frontend choosing among
//! hundreds of backends by host and path, each with rules and four servers. HAProxy accepts it.
//! Target: 100 ms for both steps together, 150 ms with lints. Deliberately absent: names to resolve and files to read,
//! which measure the machine.

use criterion::{Criterion, Throughput};
use std::fmt::Write;
use tidegate::compile::config::Config;
use tidegate::compile::{CompileOptions, compile};
use tidegate::diagnostics::policy::{self, Policy};
use tidegate::lint;
use tidegate::syntax::{Diagnostics, Document, Environment, Facts, FileId, Sources, parse};
use tidegate::vocab::host::System;

const LINES: usize = 10_000;
const TENANT_LINES: usize = 20;

const HEAD: &str = "\
global
    nbthread 2
    maxconn 20000
    log 127.0.0.1:514 local0 info

defaults
    mode http
    log global
    option httplog
    option dontlognull
    option forwardfor
    timeout connect 5s
    timeout client 30s
    timeout server 30s
    timeout http-request 10s

frontend web
    bind 127.0.0.1:8080 name plain
    http-request set-header X-Forwarded-Port %[dst_port]
    default_backend app_0
";

fn main() {
    let text = configuration();
    assert_eq!(text.lines().count(), LINES);
    let mut sources = Sources::default();
    let file = sources.add("large.cfg", text);
    assert!(compiled(&sources, file).is_some(), "the text holds errors");

    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("config, 10,000 lines");
    group.throughput(Throughput::Elements(LINES as u64));
    group.bench_function("parse", |b| b.iter(|| parsed(&sources, file).0));
    group.bench_function("parse and compile", |b| {
        b.iter(|| compiled(&sources, file));
    });
    group.bench_function("check with lints", |b| {
        b.iter(|| checked(&sources, file, true));
    });
    group.finish();
    criterion.final_summary();
}

fn parsed(sources: &Sources, file: FileId) -> (Document, Environment, Diagnostics) {
    let mut environment = Environment::default();
    let mut diags = Diagnostics::default();
    let facts = Facts::default();
    let document = parse(sources, &[file], &mut environment, &facts, &mut diags);
    (document, environment, diags)
}

fn compiled(sources: &Sources, file: FileId) -> Option<Config> {
    checked(sources, file, false)
}

/// All that `tidegate check` does but showing what it found.
fn checked(sources: &Sources, file: FileId, lints: bool) -> Option<Config> {
    let (document, environment, mut diags) = parsed(sources, file);
    let host = System {
        environment: &environment,
        ignore_resolution: true,
        offline: false,
    };
    let options = CompileOptions {
        allow_unsupported: false,
        host: &host,
        sources,
    };
    let config = compile(&document, &mut diags, &options)?;
    if lints {
        let view = lint::View {
            sources,
            document: &document,
            host: &host,
        };
        lint::run(&view, &mut diags);
        policy::apply(&mut diags, sources, &[file], &Policy::default());
    }
    Some(config)
}

fn configuration() -> String {
    let mut text = HEAD.to_owned();
    let tenants = (LINES - HEAD.lines().count()) / TENANT_LINES;
    for tenant in 0..tenants {
        route(&mut text, tenant).expect("writing to a string cannot fail");
    }
    for tenant in 0..tenants {
        backend(&mut text, tenant).expect("writing to a string cannot fail");
    }
    text
}

fn route(text: &mut String, t: usize) -> std::fmt::Result {
    writeln!(
        text,
        "    acl host_{t} req.hdr(host) -i t{t}.example.com www.t{t}.example.com"
    )?;
    writeln!(text, "    acl api_{t} path_beg /t{t}/api/")?;
    writeln!(text, "    use_backend app_{t} if host_{t} || api_{t}")
}

fn backend(text: &mut String, t: usize) -> std::fmt::Result {
    writeln!(
        text,
        "# Tenant {t}
backend app_{t}
    balance roundrobin
    http-reuse always
    timeout server 20s
    timeout queue 3s
    retries 2
    option redispatch
    http-request deny deny_status 403 if {{ path_beg /t{t}/admin }} !{{ src 10.0.0.0/8 192.168.0.0/16 }}
    http-request set-header X-Tenant t{t}
    http-request set-header X-Client \"%[src]:%[src_port]\"
    http-request replace-header Cookie (.*)tracking=[^;]*(.*) \\1\\2
    http-response del-header Server"
    )?;
    for server in 1..=4 {
        let backup = if server == 4 { " backup" } else { "" };
        let (high, low) = (t / 256, t % 256);
        writeln!(
            text,
            "    server s{server} 10.{high}.{low}.{server}:8080 weight {} maxconn 200{backup}",
            server * 10
        )?;
    }
    Ok(())
}
