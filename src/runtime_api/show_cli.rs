//! `show cli level`, `show cli sockets`: this connection's rights, and where commands are taken.

use super::answer::Answer;
use super::command::{Call, Command};
use crate::net::{Endpoint, ListenAddr};
use crate::settings::AccessLevel;
use std::fmt::Write;

pub(super) const COMMANDS: &[Command] = &[
    Command::new(
        "show cli level",
        "",
        "shows the level of this connection",
        AccessLevel::User,
        |call| Answer::info(call.session.level.name()),
    ),
    Command::new(
        "show cli sockets",
        "",
        "shows the sockets that take commands",
        AccessLevel::User,
        sockets,
    ),
];

fn sockets(call: &mut Call<'_>) -> Answer {
    let mut text = String::from("# socket lvl processes\n");
    let sockets = &call.control.config().global.stats_sockets;
    for (socket, listener) in sockets.iter().zip(call.control.stats_listeners()) {
        let address = match (&socket.bind.addr, listener.local) {
            (ListenAddr::Unix(path), _) => format!("unix@{}", path.display()),
            (_, Endpoint::Inet(local)) if local.is_ipv4() => format!("ipv4@{local}"),
            (_, Endpoint::Inet(local)) => format!("ipv6@{local}"),
            (address, _) => address.to_string(),
        };
        let _ = writeln!(text, "{address} {} all", socket.level.name());
    }
    Answer::text(text)
}
