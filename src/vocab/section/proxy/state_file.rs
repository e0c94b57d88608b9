//! `load-server-state-from-file` and `server-state-file-name`.

use super::draft::StateFrom;
use super::{Build, word};
use crate::vocab::codes::BAD_CHOICE;
use crate::vocab::keyword::{Keyword, Sections};

/// The words.
pub(super) const WORDS: &[Keyword<Build>] = &[
    word(
        "load-server-state-from-file",
        "{global | local | none}",
        Sections::BACK,
        "At start, servers go on as an earlier process left them: states, weights, maintenance, from what `show \
         servers state` printed into `server-state-file`, or into a file of this backend's own. A reload \
         without `-W` needs none.",
        |line, draft| {
            draft.settings.state_from = match line.text(1).as_deref() {
                Some("global") => StateFrom::Global,
                Some("local") => StateFrom::Local,
                Some("none") => StateFrom::None,
                other => {
                    let got = other.unwrap_or_default();
                    let message = format!(
                        "'load-server-state-from-file' expects 'global', 'local' or 'none'. Got '{got}'"
                    );
                    return line.error_near(BAD_CHOICE, 1, message, ["global", "local", "none"]);
                }
            };
        },
    ),
    word(
        "server-state-file-name",
        "[<file> | use-backend-name]",
        Sections::BACK,
        "What `load-server-state-from-file local` reads; the default is a file called as the backend.",
        |line, draft| {
            if line.at_most(1) {
                let name = line.arg(1).filter(|word| **word != *"use-backend-name");
                draft.settings.state_file_name = name;
            }
        },
    ),
];
