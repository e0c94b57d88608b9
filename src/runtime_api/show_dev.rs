//! `show dev`: the program, the machine and the process, as somebody who looks for a cause wants to know
//! first.
//!
//! Sections and names are HAProxy's; what the machine does not say is left out. Deliberately absent:
//! what held when the process began, which is not kept.

use super::anon::Anon;
use super::answer::Answer;
use super::command::{Call, Command, shown};
use crate::settings::AccessLevel;
use crate::version::{self, HAPROXY, TIDEGATE};
use rustix::process::{Resource, getegid, geteuid, getrlimit};
use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "show dev",
    "",
    "shows the program, the machine and the process",
    AccessLevel::User,
    run,
)];

/// What the firmware says, and where the system shows it.
const MACHINE: [(&str, &str); 5] = [
    ("machine vendor", "sys_vendor"),
    ("machine family", "product_family"),
    ("machine model", "product_name"),
    ("board vendor", "board_vendor"),
    ("board model", "board_name"),
];

fn run(call: &mut Call<'_>) -> Answer {
    if call.has(2) {
        return Answer::error("This command takes no argument.");
    }
    let mut text = format!(
        "HAProxy version {HAPROXY}\nTidegate version {TIDEGATE}\nFeatures:\n  {}\n",
        version::features()
    );
    platform(&mut text, call.session.anon);
    process(&mut text);
    Answer::info(text)
}

// Writing to memory cannot fail, below.

fn platform(text: &mut String, anon: Anon) {
    text.push_str("Platform info:\n");
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            let _ = writeln!(text, "  {name}: {}", shown(value.as_bytes()));
        }
    };
    for (name, file) in MACHINE {
        let said = std::fs::read_to_string(format!("/sys/class/dmi/id/{file}"));
        line(name, said.unwrap_or_default().trim());
    }
    line("cpu model", &entry("/proc/cpuinfo", "model name", ':'));
    let system = rustix::system::uname();
    line("OS name", &system.sysname().to_string_lossy());
    line("OS release", &system.release().to_string_lossy());
    line("OS version", &system.version().to_string_lossy());
    line("OS architecture", &system.machine().to_string_lossy());
    line(
        "node name",
        &anon.text(&system.nodename().to_string_lossy()),
    );
    let distro = entry("/etc/os-release", "PRETTY_NAME", '=');
    line("distro pretty name", &anon.text(distro.trim_matches('"')));
}

/// The value of the first line of a file with this name.
fn entry(file: &str, name: &str, separator: char) -> String {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let mut pairs = text.lines().filter_map(|line| line.split_once(separator));
    let found = pairs.find(|(known, _)| known.trim() == name);
    found.map_or(String::new(), |(_, value)| value.trim().to_owned())
}

fn process(text: &mut String) {
    let arguments: Vec<_> = std::env::args_os()
        .map(|argument| shown(argument.as_bytes()))
        .collect();
    let _ = writeln!(
        text,
        "Process info:\n  pid: {}\n  cmdline: {}\n  {:22}  -runtime-\n  {:22}  {}\n  {:22}  {}\n  {:22}  -runtime-",
        std::process::id(),
        arguments.join(" "),
        "identity:",
        "    uid:",
        geteuid().as_raw(),
        "    gid:",
        getegid().as_raw(),
        "limits:",
    );
    for (name, resource) in [("fd", Resource::Nofile), ("ram", Resource::As)] {
        let limit = getrlimit(resource);
        for (kind, limit) in [("soft", limit.current), ("hard", limit.maximum)] {
            let name = format!("    {name} limit ({kind}):");
            let limit = limit.map_or("unlimited".to_owned(), |limit| limit.to_string());
            let _ = writeln!(text, "  {name:22}  {limit}");
        }
    }
}
