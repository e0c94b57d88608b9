//! `server`, `default-server` and the proxy's `source`.

use super::{Build, word};
use crate::vocab::codes::BAD_ADDRESS;
use crate::vocab::keyword::{Keyword, Sections};
use crate::vocab::server_option;

/// The words.
pub(super) const WORDS: &[Keyword<Build>] = &[
    word(
        "server",
        "<name> <address>[:[<port>]] [<option>...]",
        Sections::BACKEND,
        "Adds a server. Without a port connections go to the client's own destination port; \
         `+<n>` and `-<n>` add to it.",
        |line, draft| {
            let server = server_option::read(line, &draft.settings.server, &draft.name);
            draft.servers.extend(server);
        },
    ),
    word(
        "default-server",
        "<option>...",
        Sections::BACK,
        "Options that the servers below start with; each can be overridden on its own line. A \
         `default-server` in `defaults` is inherited.",
        |line, draft| {
            server_option::read_options(line, 1, &mut draft.settings.server, "'default-server'");
        },
    ),
    word(
        "source",
        "<address>[:<port>]",
        Sections::BACK,
        "Local address that connections to the servers come from; a server's own `source` \
         overrides it. Default: what the kernel chooses.",
        |line, draft| {
            if line
                .expect(
                    1,
                    "<addr>[:<port>], and optionally 'usesrc' <addr>, and 'interface' <name>",
                )
                .is_none()
            {
                return;
            }
            match server_option::source(line, 1) {
                Ok(addr) => draft.settings.source = addr,
                Err(message) => line.error(BAD_ADDRESS, 1, format!("'source' : {message}")),
            }
            if line.arg(2).is_some() {
                line.not_yet(2, "'source' with 'usesrc' or 'interface'", "");
            }
        },
    ),
];
