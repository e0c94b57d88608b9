//! Words of `global` about the process: identity, privileges, background.

use super::{Build, Environment, GlobalDraft, word};
use crate::vocab::args;
use crate::vocab::codes::{BAD_CHOICE, BAD_NAME, BAD_NUMBER, DEPRECATED, UNKNOWN_USER};
use crate::vocab::keyword::Keyword;
use crate::vocab::line::{Line, Sense};
use std::path::PathBuf;

/// The words.
pub(super) const WORDS: &[Keyword<Build>] = &[
    word(
        "expose-deprecated-directives",
        "",
        "Does not warn of words that will be removed, such as `dispatch`.",
        |line, draft| draft.exposes_deprecated |= line.at_most(0),
    ),
    word(
        "external-check",
        "[preserve-env]",
        "Allows checks by programs ('option external-check'). Their environment holds nothing but what \
         they are told, or with `preserve-env` also what ours does.",
        |line, draft| {
            draft.external_checks.wanted = match line.text(1).as_deref() {
                None => Some(Environment::Clean),
                Some("preserve-env") if line.at_most(1) => Some(Environment::Kept),
                Some("preserve-env") => None,
                Some(other) => {
                    let message = format!(
                        "'external-check' only supports 'preserve-env' as an argument, found '{other}'."
                    );
                    return line.error_near(BAD_CHOICE, 1, message, ["preserve-env"]);
                }
            };
        },
    ),
    word(
        "insecure-fork-wanted",
        "",
        "Lets the process start programs: without it every external check fails.",
        |line, draft| {
            if line.at_most(0) {
                draft.external_checks.may_fork = line.sense == Sense::Set;
            }
        },
    ),
    word(
        "daemon",
        "",
        "Runs in the background: the process that was started ends once the configuration is in \
         force, or fails with its errors. `-D` does the same, `-db` overrides both.",
        |line, draft| {
            draft.config.daemon = line.at_most(0);
        },
    ),
    word(
        "pidfile",
        "<path>",
        "Writes the process id to <path> before privileges are dropped; `-p` overrides it. \
         Without it no file is written.",
        |line, draft| {
            if draft.once(line) {
                draft.config.pidfile = path(line);
            }
        },
    ),
    word(
        "localpeer",
        "<name>",
        "The name of this process among its peers, for the `peers` sections after it; `-L` overrides it. \
         Default: the machine's name.",
        |line, draft| {
            if line.at_most(1)
                && let Some(name) = line.expect(1, "a name as an argument.")
            {
                draft.config.local_peer = Some(name.text().into_owned());
            }
        },
    ),
    word(
        "server-state-base",
        "<directory>",
        "Where state files are that are not named by an absolute path.",
        |line, draft| {
            if draft.once(line) {
                draft.config.server_state_base = path(line);
            }
        },
    ),
    word(
        "server-state-file",
        "<file>",
        "What `load-server-state-from-file global` reads: what `show servers state` printed.",
        |line, draft| {
            if draft.once(line) {
                draft.config.server_state_file = path(line);
            }
        },
    ),
    word(
        "stats-file",
        "<file>",
        "Counters go on where this file says, which `dump stats-file` printed: those of objects that have \
         a `guid`, once at start.",
        |line, draft| {
            if draft.once(line) {
                draft.config.stats_file = path(line);
            }
        },
    ),
    word(
        "chroot",
        "<path>",
        "Changes the root directory to <path> once everything is bound and read. Needs the rights \
         of root.",
        |line, draft| {
            if draft.once(line) {
                draft.config.chroot = path(line);
            }
        },
    ),
    word(
        "user",
        "<name>",
        "User to become, by name, once everything is bound. Excludes `uid`. Default: none, the \
         process keeps its user.",
        |line, draft| {
            if draft.once(line) {
                draft.config.uid = account(line, |line, name| line.host.user_id(name), "user");
            }
        },
    ),
    word(
        "group",
        "<name>",
        "Group to become, by name, once everything is bound. Excludes `gid`. Default: none.",
        |line, draft| {
            if draft.once(line) {
                draft.config.gid = account(line, |line, name| line.host.group_id(name), "group");
            }
        },
    ),
    word(
        "uid",
        "<number>",
        "User to become, by number, once everything is bound. Excludes `user`.",
        |line, draft| {
            if draft.once(line) {
                draft.config.uid = number(line, "user");
            }
        },
    ),
    word(
        "gid",
        "<number>",
        "Group to become, by number, once everything is bound. Excludes `group`.",
        |line, draft| {
            if draft.once(line) {
                draft.config.gid = number(line, "group");
            }
        },
    ),
    word(
        "node",
        "<name>",
        "This machine's name on the statistics page: letters, digits, `.`, `_` and `-`.",
        node,
    ),
    word(
        "master-worker",
        "[exit-on-failure]",
        "Deprecated: `-W` or `-Ws` start workers under a master process.",
        |line, _| {
            line.warning(
                DEPRECATED,
                0,
                "the 'master-worker' keyword is deprecated in 3.3 and will be removed in 3.5. Use -W or -Ws in the startup script instead",
            );
        },
    ),
    word(
        "description",
        "<text>...",
        "Text shown on the statistics page.",
        |line, draft| {
            let words: Vec<_> = line.rest(1).iter().map(|word| word.text()).collect();
            if line.expect(1, "a string argument").is_some() {
                draft.config.description = Some(words.join(" "));
            }
        },
    ),
    word(
        "zero-warning",
        "",
        "Refuses to start after any warning, like `-dW`.",
        |line, draft| {
            draft.config.zero_warning = line.at_most(0);
        },
    ),
    word(
        "nosplice",
        "",
        "Never moves data between sockets within the kernel, whatever `option splice-…` says; \
         like `-dS`.",
        |line, draft| {
            draft.no_splice = line.at_most(0);
        },
    ),
    word(
        "setenv",
        "<name> <value>",
        "Sets the environment variable <name> for the lines below and for what the process \
         starts.",
        known_already,
    ),
    word(
        "presetenv",
        "<name> <value>",
        "Sets the environment variable <name> unless it is set already.",
        known_already,
    ),
    word(
        "unsetenv",
        "<name>...",
        "Removes environment variables; the lines below see them no more.",
        known_already,
    ),
    word(
        "resetenv",
        "[<name>...]",
        "Removes every environment variable but those listed.",
        known_already,
    ),
];

fn node(line: &mut Line<'_, '_>, draft: &mut GlobalDraft) {
    if !line.at_most(1) {
        return;
    }
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    match line.text(1) {
        Some(name) if !name.is_empty() && name.chars().all(good) => {
            draft.config.node = Some(name.into_owned());
        }
        _ => line.error(
            BAD_NAME,
            1,
            "'node' requires valid node name - non-empty string with digits(0-9), letters(A-Z, a-z), dot(.), hyphen(-) or underscore(_)",
        ),
    }
}

fn known_already(_: &mut Line<'_, '_>, _: &mut GlobalDraft) {}

fn path(line: &mut Line<'_, '_>) -> Option<PathBuf> {
    if !line.at_most(1) {
        return None;
    }
    string(line).map(PathBuf::from)
}

fn string(line: &mut Line<'_, '_>) -> Option<String> {
    line.expect(1, "an argument")
        .map(|word| word.text().into_owned())
}

fn account(
    line: &mut Line<'_, '_>,
    find: fn(&Line<'_, '_>, &str) -> Option<u32>,
    kind: &str,
) -> Option<u32> {
    if !line.at_most(1) {
        return None;
    }
    let name = string(line)?;
    let id = find(line, &name);
    if id.is_none() {
        line.error(
            UNKNOWN_USER,
            1,
            format!("cannot find {kind} id for '{name}'"),
        );
    }
    id
}

fn number(line: &mut Line<'_, '_>, word: &str) -> Option<u32> {
    if !line.at_most(1) {
        return None;
    }
    line.expect(1, "an integer argument")?;
    let text = line.text(1).unwrap_or_default();
    match args::leading_integer(&text) {
        (id, true) => u32::try_from(id).ok(),
        _ => {
            let name = line.name();
            let message = format!(
                "{name}: string '{text}' is not a number. You might want to use the '{word}' parameter to use a system {word} name"
            );
            line.warning(BAD_NUMBER, 1, message);
            None
        }
    }
}
