//! Where the servers of a backend get their states at start from.

use super::Resolver;
use crate::compile::checks::NO_STATE_FILE;
use crate::settings::StateFile;
use crate::syntax::Diagnostic;
use crate::vocab::section::proxy::{ProxyDraft, StateFrom};

impl Resolver<'_, '_> {
    /// The file that `load-server-state-from-file` means.
    pub(super) fn state_file(&mut self, draft: &ProxyDraft<'_>) -> StateFile {
        match draft.settings.state_from {
            StateFrom::None => StateFile::None,
            StateFrom::Local => {
                let name = draft.settings.state_file_name.map(|word| word.text());
                StateFile::Local(name.as_deref().unwrap_or(&draft.name).into())
            }
            StateFrom::Global => {
                if !self.has_state_file {
                    let message = format!(
                        "backend '{}' configured to load server state file from global section 'server-state-file' directive. Unfortunately, 'server-state-file' is not set!",
                        draft.name
                    );
                    let found = Diagnostic::warning(NO_STATE_FILE, message);
                    let help = "write 'server-state-file <file>' in 'global'";
                    self.diags.push(found.at(draft.opening, "").help(help));
                }
                StateFile::Global
            }
        }
    }
}
