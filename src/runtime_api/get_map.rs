//! `get map`, `get acl`: what a list gives for a value.

use super::answer::Answer;
use super::command::{Call, Command, shown};
use super::patterns::{self, Kind};
use crate::settings::AccessLevel;
use crate::vocab::matcher::Method;
use crate::vocab::pattern::{Entry, Spec};
use std::fmt::Write;
use std::net::IpAddr;

pub(super) const COMMANDS: &[Command] = &[
    Command::new(
        "get map",
        "<map> <value>",
        "shows which entry of a map is found for a value",
        AccessLevel::Admin,
        |call| run(call, Kind::Map),
    ),
    Command::new(
        "get acl",
        "<acl> <value>",
        "shows which pattern of an ACL matches a value",
        AccessLevel::Admin,
        |call| run(call, Kind::Acl),
    ),
];

fn run(call: &mut Call<'_>, kind: Kind) -> Answer {
    if !call.has(2) || !call.has(3) {
        let noun = kind.noun();
        return Answer::error(format!("Missing {noun} identifier and/or key."));
    }
    let Some(list) = patterns::any_list(call, 2) else {
        return kind.unknown();
    };
    let mut text = String::new();
    list.look_up(call.bytes(3), |spec, found| {
        show(&mut text, kind, spec, found, list.has_values());
    });
    Answer::text(text)
}

fn show(text: &mut String, kind: Kind, spec: Spec, found: Option<Entry<'_>>, has_values: bool) {
    let case = if spec.ignore_case {
        "insensitive"
    } else {
        "sensitive"
    };
    let verb = if kind == Kind::Map { "found" } else { "match" };
    let answer = if found.is_some() { "yes" } else { "no" };
    let _ = write!(
        text,
        "type={}, case={case}, {verb}={answer}",
        spec.method.name()
    );
    if let Some(entry) = found {
        let is_tree = match spec.method {
            Method::Str | Method::Beg => !spec.ignore_case,
            method => method == Method::Ip,
        };
        let index = if is_tree { "tree" } else { "list" };
        let what = if kind == Kind::Map { "key" } else { "pattern" };
        let _ = write!(text, ", idx={index}, {what}=\"{}\"", shown(entry.key));
        match kind {
            Kind::Map if has_values => {
                let (value, gives) = (shown(entry.value), type_name(spec, entry.value));
                let _ = write!(text, ", value=\"{value}\", type=\"{gives}\"");
            }
            Kind::Map => text.push_str(", value=none"),
            Kind::Acl => {}
        }
    }
    text.push('\n');
}

/// HAProxy's name of the type that a value is read as.
fn type_name(spec: Spec, value: &[u8]) -> &'static str {
    match spec
        .values
        .read(value)
        .map(|value| (value.addr(), value.int()))
    {
        Some((Some(IpAddr::V4(_)), _)) => "ipv4",
        Some((Some(IpAddr::V6(_)), _)) => "ipv6",
        Some((None, Some(_))) if spec.values == crate::vocab::pattern::Values::Int => "sint",
        _ => "str",
    }
}
