//! Real configurations, with HAProxy's verdicts. `TIDEGATE_CORPUS` names their directory; it has
//! a `VERDICTS.tsv` (file, verdict, …). Without it there is nothing to do.

use super::run;
use crate::syntax::Environment;
use crate::vocab::host::Host;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

/// Verdicts of `haproxy -c` that are accidents. The first is refused because HAProxy makes a TCP proxy
/// called `default` of its own, which then stands for the backend of that name in the file. The second
/// is accepted though HAProxy does not start with it: it names a ring that is not there.
const ACCIDENTS: &[&str] = &[
    "frobware__haproxy-hacks__headers__haproxy.cfg",
    "haproxytech__dataplaneapi__e2e__tests__dgram_binds__data__haproxy.cfg",
];

/// A machine on which every name, user and file exists, as where the verdicts were made.
struct Obliging {
    root: PathBuf,
    environment: Environment,
}

impl Host for Obliging {
    fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        Ok(vec![Ipv4Addr::LOCALHOST.into()])
    }

    fn user_id(&self, _: &str) -> Option<u32> {
        Some(65_534)
    }

    fn group_id(&self, _: &str) -> Option<u32> {
        Some(65_534)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(self.root.join(path)).or_else(|_| Ok(b"HTTP/1.0 503 No\r\n\r\n".to_vec()))
    }

    fn environment(&self) -> &Environment {
        &self.environment
    }

    fn name(&self) -> String {
        "here".into()
    }
}

#[test]
fn verdicts_are_haproxys() {
    // Tests of one machine only: the directory is not part of the project.
    let Some(root) = corpus() else { return };
    let verdicts = std::fs::read_to_string(root.join("VERDICTS.tsv")).unwrap();
    let host = Obliging {
        root: root.clone(),
        environment: Environment::default(),
    };
    let mut wrong = Vec::new();
    let (mut files, mut supported, mut relaxed) = (0, 0, 0);
    for row in verdicts.lines().skip(1) {
        let fields: Vec<&str> = row.split('\t').collect();
        let Ok(text) = std::fs::read(root.join(fields[0])) else {
            continue;
        };
        let text = String::from_utf8_lossy(&text);
        files += 1;
        let expected = match fields[1] {
            _ if ACCIDENTS.contains(&fields[0]) => continue,
            "accept" => true,
            "reject" => false,
            _ => continue,
        };
        let (config, findings) = run(&text, &host, false);
        let unsupported = ["[TG0210]", "[TG0410]", "[TG0510]"];
        if !unsupported.iter().any(|code| findings.contains(code)) {
            supported += 1;
            if config.is_some() != expected {
                wrong.push(format!("{} expected {}\n{findings}", fields[0], fields[1]));
            }
        }
        let (config, findings) = run(&text, &host, true);
        relaxed += usize::from(config.is_some() == expected);
        if config.is_some() != expected {
            println!("~ {} expected {}\n{findings}", fields[0], fields[1]);
        }
    }
    println!(
        "{files} files, {supported} of supported words only, {relaxed} verdicts equal with unsupported words allowed"
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[allow(
    clippy::disallowed_methods,
    reason = "names a directory outside of the project"
)]
fn corpus() -> Option<PathBuf> {
    std::env::var("TIDEGATE_CORPUS").ok().map(PathBuf::from)
}
