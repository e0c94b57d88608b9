//! `add backend`: a backend that the configuration does not have.
//!
//! It has what a named `defaults` section says, no servers, and gets no requests until it is
//! published. A reload forgets it unless the file has it by then.

use super::add_server::takes_servers;
use super::answer::Answer;
use super::command::{Call, Command, shown};
use crate::compile::config::{Config, Mode};
use crate::compile::dynamic;
use crate::settings::AccessLevel;
use crate::vocab::args::bad_name_character;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "add backend",
    "<name> from <defaults> [mode {tcp|http}] [guid <guid>]",
    "adds a backend that is not published yet",
    AccessLevel::Admin,
    run,
)];

const USAGE: &str = "Usage: add backend <name> from <defproxy>.";
const FULL_USAGE: &str = "Usage: add backend <name> from <defproxy> [mode <px_mode>] [guid <val>].";

fn run(call: &mut Call<'_>) -> Answer {
    if !call.has(2) {
        return Answer::error("Require backend name.");
    }
    let name = call.text(2);
    if let Some(Some(bad)) = bad_name_character(&name) {
        let bad = shown(bad.to_string().as_bytes());
        return Answer::error(format!("Invalid character '{bad}' in backend name."));
    }
    if call.bytes(3) != b"from" || !call.has(4) {
        return Answer::error(USAGE);
    }
    let mode = match options(call) {
        Ok(mode) => mode,
        Err(why) => return Answer::error(why),
    };
    let (config, from) = (call.control.config(), call.text(4));
    let written = match dynamic::written_mode(config, &from) {
        Some(written) => written,
        None => {
            let from = call.shown(4);
            return Answer::error(format!("Cannot find default proxy '{from}'."));
        }
    };
    if mode.is_none() && written.is_none() {
        let from = call.shown(4);
        return Answer::error(format!(
            "Mode is required as '{from}' default proxy does not explicitly defines it."
        ));
    }
    match make(call, &name, &from, mode) {
        Ok(text) => Answer::info(text),
        Err(why) => Answer::error(format!(
            "Error during backend creation : {}.",
            super::shown_lines(&why)
        )),
    }
}

/// What `mode` and `guid` say.
fn options(call: &Call<'_>) -> Result<Option<Mode>, &'static str> {
    let (mut mode, mut guid) = (None, false);
    for at in (5..call.words.len()).step_by(2) {
        let is_whole = call.has(at + 1);
        match call.bytes(at) {
            b"mode" if is_whole && mode.is_none() => {
                mode = Some(match call.bytes(at + 1) {
                    b"tcp" => Mode::Tcp,
                    b"http" => Mode::Http,
                    b"log" | b"spop" | b"haterm" => {
                        return Err("Dynamic backends are compatible with only TCP or HTTP mode.");
                    }
                    _ => return Err("Unknown proxy mode."),
                });
            }
            // Names for statistics only, which nothing here has.
            b"guid" if is_whole && !guid => guid = true,
            _ => return Err(FULL_USAGE),
        }
    }
    Ok(mode)
}

fn make(call: &Call<'_>, name: &str, from: &str, mode: Option<Mode>) -> Result<String, String> {
    let config = call.control.config();
    if let Some(kind) = owner(config, name) {
        return Err(format!(
            "name is already used by other proxy '{kind} {name}'"
        ));
    }
    let mut backend = dynamic::backend(config, name, from, mode)?;
    backend.uuid = call.control.next_proxy_id();
    if !call.control.add_backend(backend) {
        return Err("no spare proxy ID available".to_owned());
    }
    let added = call.control.config().backend_named(name.as_bytes());
    let state = added.and_then(|id| call.control.backends().get(id.0 as usize));
    Ok(
        match state.is_none_or(|state| takes_servers(state.algorithm())) {
            true => "New backend registered.".to_owned(),
            false => format!(
                "New backend registered (no support for dynamic servers: backend '{name}' uses a non dynamic load balancing method)."
            ),
        },
    )
}

/// What a proxy of this name is, if there is one.
fn owner(config: &Config, name: &str) -> Option<&'static str> {
    let front = config.frontends.iter().find(|own| &*own.name == name);
    if let Some(front) = front {
        return Some(if front.own_backend.is_some() {
            "proxy"
        } else {
            "frontend"
        });
    }
    if config.backend_named(name.as_bytes()).is_some() {
        return Some("backend");
    }
    let is_it =
        |section: &crate::syntax::Section| section.words.get(1).is_some_and(|own| own == name);
    config.defaults.iter().any(is_it).then_some("defaults")
}
