//! What the documentation shows is true: configurations are valid, commands run and print what is
//! shown, links lead somewhere.
//!
//! A block marked `haproxy` is a configuration, or lines of a backend when they are indented. The `sh`
//! blocks of `docs/GETTING_STARTED.md` are one session: a `text` block after one is what it prints.

#![forbid(unsafe_code)]
#![allow(
    clippy::indexing_slicing,
    reason = "a wrong index here fails the test, as it should"
)]

use regex::Regex;
use std::fmt::Write;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every document written by hand.
fn documents() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for dir in [
        ".",
        "docs",
        "fuzz",
        "tests",
        "grammar",
        "contrib",
        "contrib/grafana",
        "contrib/syslog",
        "contrib/systemd",
    ] {
        for entry in fs::read_dir(root().join(dir)).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    found
}

struct Block {
    language: String,
    text: String,
}

/// The fenced blocks of a document.
fn blocks(path: &Path) -> Vec<Block> {
    let text = fs::read_to_string(path).expect("a document");
    let fence = Regex::new(r"(?ms)^```(\w*)\n(.*?)^```").expect("a pattern");
    let block = |found: regex::Captures<'_>| Block {
        language: found[1].to_owned(),
        text: found[2].to_owned(),
    };
    fence.captures_iter(&text).map(block).collect()
}

/// A block as a whole configuration.
fn configuration(block: &str) -> String {
    let around = "defaults\n    timeout connect 5s\n    timeout client 5s\n    timeout server 5s\n";
    match block.starts_with(' ') {
        true => format!(
            "{around}listen shown\n    mode http\n    bind 127.0.0.1:8080\n{block}    server s 127.0.0.1:9001\n"
        ),
        false => format!("{around}{block}"),
    }
}

#[test]
fn configurations_are_valid() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("shown.cfg");
    let mut count = 0;
    for path in documents() {
        let shown = blocks(&path)
            .into_iter()
            .filter(|block| block.language == "haproxy");
        for block in shown {
            fs::write(&file, configuration(&block.text)).expect("a file");
            let output = Command::new(env!("CARGO_BIN_EXE_tidegate"))
                .args(["check", "-f"])
                .arg(&file)
                .output()
                .expect("the program runs");
            let said = String::from_utf8_lossy(&output.stdout);
            let said = said.into_owned() + &String::from_utf8_lossy(&output.stderr);
            assert!(
                output.status.success(),
                "{}:\n{}\n{said}",
                path.display(),
                block.text
            );
            count += 1;
        }
    }
    assert!(count > 0, "no document shows a configuration");
}

#[test]
fn links_lead_somewhere() {
    let link = Regex::new(r"\]\(([^)#:]+)(#[^)]*)?\)").expect("a pattern");
    for path in documents() {
        let text = fs::read_to_string(&path).expect("a document");
        for found in link.captures_iter(&text) {
            let target = path.parent().expect("a directory").join(&found[1]);
            assert!(target.exists(), "{}: {}", path.display(), &found[1]);
        }
    }
}

/// Has a program look at a file of `contrib`: it must succeed and say nothing of it.
fn judged(program: &str, args: &[&str], file: &Path) {
    let output = Command::new(program)
        .args(args)
        .arg(file)
        .stdin(Stdio::null())
        .output();
    let Ok(output) = output else {
        return println!(
            "no {program} on this machine: nobody looked at {}",
            file.display()
        );
    };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let own = file.file_name().unwrap_or_default().to_string_lossy();
    assert!(!said.contains(&format!("{own}:")), "{said}");
}

#[test]
fn systemd_takes_the_unit() {
    let unit = fs::read_to_string(root().join("contrib/systemd/tidegate.service")).expect("a unit");
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("tidegate.service");
    let unit = unit.replace("/usr/bin/tidegate", env!("CARGO_BIN_EXE_tidegate"));
    fs::write(&file, unit).expect("a file");
    judged("systemd-analyze", &["verify", "--man=no"], &file);
}

#[test]
fn rsyslog_takes_its_file() {
    let own = root().join("contrib/syslog/rsyslog.conf");
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("tried.conf");
    // What distributions' files do before they include ours.
    let whole = format!(
        "module(load=\"imuxsock\")\n{}",
        fs::read_to_string(own).expect("a file")
    );
    fs::write(&file, whole).expect("a file");
    judged("/usr/sbin/rsyslogd", &["-N1", "-f"], &file);
}

/// What we say we do in the comparison with others, a test shows.
#[test]
fn every_protection_cites_a_test() {
    let text = fs::read_to_string(root().join("docs/PROTECTION.md")).expect("a document");
    let mut sources = String::new();
    read_sources(&root().join("src"), &mut sources);
    read_sources(&root().join("tests"), &mut sources);
    let name = Regex::new(r"`(?:\w+::)*(\w+)`").expect("a pattern");
    let mut cited = 0;
    for table in text
        .split("\n\n")
        .filter(|part| part.contains("| shown by |"))
    {
        for row in table.lines().skip(2) {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            let (ours, tests) = (cells[2], cells[cells.len() - 2]);
            let names: Vec<_> = name
                .captures_iter(tests)
                .map(|found| found[1].to_owned())
                .collect();
            assert_eq!(names.is_empty(), ours.starts_with("**no**"), "{row}");
            for name in names {
                let (test, case) = (format!("fn {name}("), format!("    {name}: "));
                assert!(sources.contains(&test) || sources.contains(&case), "{name}");
                cited += 1;
            }
        }
    }
    assert!(cited > 40, "{cited}");
}

/// Every Rust file below a directory, one after the other.
fn read_sources(dir: &Path, all: &mut String) {
    for entry in fs::read_dir(dir).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read_sources(&path, all);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            all.push_str(&fs::read_to_string(&path).expect("a source"));
        }
    }
}

/// The commands of the README's second block, on a configuration of ours.
#[test]
fn the_readme_runs() {
    let readme = root().join("README.md");
    let shown = blocks(&readme)
        .into_iter()
        .filter(|block| block.language == "sh");
    let uses = shown
        .map(|block| block.text)
        .find(|text| text.contains("tidegate check"));
    let dir = tempfile::tempdir().expect("a directory");
    fs::copy(
        root().join("examples/basic.cfg"),
        dir.path().join("haproxy.cfg"),
    )
    .expect("a copy");
    for line in uses.expect("the README shows commands").lines() {
        let command = line.split(" #").next().unwrap_or_default().trim_end();
        let command = match command.strip_prefix("tidegate -f") {
            Some(rest) => format!("tidegate -c -f{rest}"),
            None => command.to_owned(),
        };
        run(dir.path(), &command);
    }
}

#[test]
fn getting_started_works_as_it_stands() {
    let needed = ["curl", "socat"];
    let is_there = |program: &&str| {
        Command::new(program)
            .arg("-h")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok()
    };
    if !needed.iter().all(is_there) {
        return println!("not run: it needs {needed:?}");
    }
    let dir = tempfile::tempdir().expect("a directory");
    // What was built is on the path already.
    let mut script = String::from("cargo() { :; }\n");
    let mut expected = String::new();
    let all = blocks(&root().join("docs/GETTING_STARTED.md"));
    for (n, block) in all.iter().enumerate() {
        match block.language.as_str() {
            "sh" => {
                let shown = all.get(n + 1).filter(|next| next.language == "text");
                let to = if shown.is_some() { "" } else { " >/dev/null" };
                writeln!(script, "{{\n{}}}{to}", block.text).expect("room");
                expected += shown.map_or("", |next| &next.text);
            }
            "text" => {}
            other => panic!("a block of {other:?}"),
        }
    }
    for port in ["8080", "9001"] {
        script = script.replace(port, &free_port());
    }
    let printed = run(dir.path(), &script);
    assert_eq!(printed, expected);
}

/// A port that nobody has at this moment.
fn free_port() -> String {
    let socket = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = socket.local_addr().expect("its address").port();
    port.to_string()
}

/// What `script` prints; it must succeed. What it left behind in the background is ended.
fn run(dir: &Path, script: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_tidegate"));
    let programs = program.parent().expect("a directory").display();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", script])
        .current_dir(dir)
        .env("PATH", format!("{programs}:{}", path.to_string_lossy()))
        .stdin(Stdio::null())
        .output()
        .expect("bash runs");
    for entry in fs::read_dir(dir).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "pid") {
            let pid = fs::read_to_string(&path).unwrap_or_default();
            // It has usually ended.
            let _ = Command::new("kill")
                .arg(pid.trim())
                .stderr(Stdio::null())
                .status();
        }
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{script}\n{errors}{}",
        String::from_utf8_lossy(&output.stdout)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}
