//! `server`, `default-server` and the proxy's `source`.

use super::{Build, ProxyDraft, word};
use crate::syntax::{Diagnostic, Word};
use crate::vocab::codes::{BAD_ADDRESS, BAD_TEMPLATE, DEPRECATED};
use crate::vocab::keyword::{Keyword, Sections};
use crate::vocab::line::Line;
use crate::vocab::server_option::{self, ServerDraft, ServerOptions};

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
        "server-template",
        "<prefix> <number | range> <address>[:<port>] [<option>...]",
        Sections::BACKEND,
        "Adds several servers at once, alike but for the number behind <prefix>: 1 to <number>, or \
         the <range>, such as `5-9`.",
        template,
    ),
    word(
        "dispatch",
        "<address>:<port>",
        Sections::BACK,
        "Sends everything to this address: a server named `dispatch`, beside which others get \
         nothing. Deprecated: write that server.",
        dispatch,
    ),
    word(
        "http-send-name-header",
        "<name>",
        Sections::BACK,
        "Adds a header with the server's name to requests, instead of any of that name.",
        |line, draft| {
            if line.at_most(1) {
                let name = line.expect(1, "the header string");
                draft.settings.send_name_header = name.or(draft.settings.send_name_header);
            }
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

/// Most servers of one template.
const MOST_TEMPLATES: u32 = 10_000;

fn template(line: &mut Line<'_, '_>, draft: &mut ProxyDraft<'_>) {
    if line.arg(3).is_none() {
        let message =
            "'server-template' expects <prefix> <nb | range> <addr>[:<port>] as arguments";
        return line.error(BAD_TEMPLATE, 1, message);
    }
    let range = line.text(2).unwrap_or_default().into_owned();
    let Some((low, high)) = numbers(&range) else {
        let message = format!("'server-template' : invalid server count or range '{range}'");
        return line.error(BAD_TEMPLATE, 2, message);
    };
    // As a `server` line with the prefix for its name.
    let words: Vec<Word> = (line.words.iter().take(2))
        .chain(line.words.iter().skip(3))
        .cloned()
        .collect();
    let mut one = Line {
        words: &words,
        sense: line.sense,
        diags: &mut *line.diags,
        host: line.host,
    };
    let Some(server) = server_option::read(&mut one, &draft.settings.server, &draft.name) else {
        return;
    };
    draft.servers.extend((low..=high).map(|number| ServerDraft {
        name: format!("{}{number}", server.name),
        ..server.clone()
    }));
}

/// `5` is 1 to 5, `5-9` that.
fn numbers(text: &str) -> Option<(u32, u32)> {
    let (low, high) = text.split_once('-').unwrap_or(("1", text));
    let (low, high) = (low.parse().ok()?, high.parse().ok()?);
    (0 < low && low <= high && high - low < MOST_TEMPLATES).then_some((low, high))
}

fn dispatch(line: &mut Line<'_, '_>, draft: &mut ProxyDraft<'_>) {
    let Some(address) = line.expect(1, "<addr>:<port>") else {
        return;
    };
    if !line.at_most(1) {
        return;
    }
    let message = "'dispatch' is deprecated in 3.3 and will be removed in 3.5";
    let found = Diagnostic::warning(DEPRECATED, message).at(line.place(0), "");
    line.diags
        .push(found.help(format!("write 'server dispatch {}'", address.text())));
    let named = |name: &str| Word {
        bytes: name.as_bytes().into(),
        span: line.place(0),
    };
    let words = [named("server"), named("dispatch"), address.clone()];
    let mut one = Line {
        words: &words,
        sense: line.sense,
        diags: &mut *line.diags,
        host: line.host,
    };
    let server = server_option::read(&mut one, &ServerOptions::default(), &draft.name);
    draft.settings.dispatch = server.or(draft.settings.dispatch.take());
}
