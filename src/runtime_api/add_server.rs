//! `add server`: a server that the configuration does not have.
//!
//! It starts in maintenance and its checks are turned off; `enable server`, `enable health` and
//! `enable agent` change that. A reload forgets it unless the file has it by then.

use super::answer::{Answer, Severity};
use super::command::{Call, Command};
use super::servers::{backend_named, split};
use crate::backend::Algorithm;
use crate::compile::dynamic;
use crate::settings::AccessLevel;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "add server",
    "{help | <backend>/<server> <address>[:<port>] [<option>...]}",
    "adds a server, in maintenance",
    AccessLevel::Admin,
    run,
)];

fn run(call: &mut Call<'_>) -> Answer {
    if call.bytes(2) == b"help" {
        return help();
    }
    let word = call.text(2);
    let Some((backend, name)) = split(&word) else {
        return Answer::error("Require 'backend/server'.");
    };
    let control = call.control;
    let Some(at) = backend_named(call, backend) else {
        return Answer::error("No such backend.");
    };
    let (Some(config), Some(state)) = (
        control.config().backends.get(at),
        control.backends().get(at),
    ) else {
        return Answer::error("No such backend.");
    };
    if !takes_servers(state.algorithm()) {
        let backend = super::shown(backend.as_bytes());
        return Answer::error(format!(
            "Backend does not support dynamic servers : backend '{backend}' uses a non dynamic load balancing method."
        ));
    }
    if config.server_named(name.as_bytes()).is_some() {
        return Answer::error("Already exists a server with the same name in backend.");
    }
    let mut words = vec![name.as_bytes().to_vec()];
    words.extend(call.words.iter().skip(3).cloned());
    let (server, warnings) = match dynamic::server(control.config(), config, &words) {
        Ok(made) => made,
        Err(why) => return Answer::error(super::shown_lines(&why)),
    };
    if !control.add_server(at, server) {
        return Answer::error("Cannot attach server : no place left in proxy.");
    }
    let mut text = warnings.join("\n");
    if !text.is_empty() {
        text.push('\n');
    }
    Answer::message(Severity::Info, text + "New server registered.")
}

/// Whether servers may come to an algorithm: not to tables that are made once.
pub(super) fn takes_servers(algorithm: Algorithm) -> bool {
    algorithm.is_dynamic() && algorithm != Algorithm::Sticky
}

fn help() -> Answer {
    let mut text = "List of keywords supported for dynamic server:\n".to_owned();
    for name in dynamic::server_options() {
        text.push_str(name);
        text.push('\n');
    }
    Answer::info(text)
}
