//! Where requests go: `default_backend`, `use_backend` and `use-server`, names to indices.

use super::{Resolver, Target};
use crate::compile::config::{BackendId, Mode, ServerRule, ServerTarget, SwitchRule, SwitchTarget};
use crate::compile::findings::{
    LOOP, MODE_MISMATCH, UNKNOWN_BACKEND, UNKNOWN_REFERENCE, UNUSED_SERVERS,
};
use crate::compile::rules::Switching;
use crate::syntax::{Diagnostic, Word};
use crate::vocab::section::proxy::ProxyDraft;
use crate::vocab::suggest::closest;

impl<'d> Resolver<'d, '_> {
    pub(super) fn default_backend(&mut self, draft: &ProxyDraft<'d>) -> Option<BackendId> {
        let word = draft.settings.default_backend?;
        let target = self.target(draft, word, "default_backend")?;
        self.compatible(draft, target, word, "as its default backend")
            .then_some(())?;
        if !draft.servers.is_empty() {
            let message = format!(
                "in proxy '{}', the 'default_backend' rule always has precedence over the servers, which will never be used",
                draft.name
            );
            self.diags.push(
                Diagnostic::warning(UNUSED_SERVERS, message)
                    .at(draft.opening, "")
                    .at(word.span, "every request goes here"),
            );
        }
        Some(target.id)
    }

    pub(super) fn switch(
        &mut self,
        draft: &ProxyDraft<'d>,
        rule: Switching<'d>,
    ) -> Option<SwitchRule> {
        let target = match (rule.is_format, rule.format) {
            (true, format) => SwitchTarget::Format(format?),
            (false, _) => {
                let target = self.target(draft, rule.target, "use_backend")?;
                self.compatible(draft, target, rule.target, "in a 'use_backend' rule")
                    .then_some(SwitchTarget::Backend(target.id))?
            }
        };
        rule.sound.then_some(())?;
        Some(SwitchRule {
            target,
            condition: rule.condition,
        })
    }

    pub(super) fn use_server(
        &mut self,
        draft: &ProxyDraft<'_>,
        rule: Switching<'d>,
    ) -> Option<ServerRule> {
        let target = match (rule.is_format, rule.format) {
            (true, format) => ServerTarget::Format(format?),
            (false, _) => ServerTarget::Server(self.server(draft, rule.target)?),
        };
        rule.sound.then_some(())?;
        Some(ServerRule {
            target,
            condition: rule.condition?,
        })
    }

    /// The server of this proxy that a word names.
    fn server(&mut self, draft: &ProxyDraft<'_>, word: &Word) -> Option<usize> {
        let name = word.text();
        let found = draft.servers.iter().position(|server| server.name == *name);
        if found.is_none() && draft.kind.has_back() {
            let message = format!(
                "{} '{}' : unable to find server '{name}' referenced in a 'use-server' rule.",
                draft.kind.noun(),
                draft.name
            );
            let names = draft.servers.iter().map(|server| server.name.as_str());
            let found = Diagnostic::error(UNKNOWN_REFERENCE, message).at(word.span, "");
            self.diags.push(found.near(&name, names));
        }
        found
    }

    /// The backend a word names.
    fn target(&mut self, draft: &ProxyDraft<'_>, word: &Word, keyword: &str) -> Option<Target> {
        let name = word.text();
        let Some(&target) = self.backends.get(&word.bytes) else {
            let message = format!(
                "proxy '{}': unable to find required {keyword}: '{name}'",
                draft.name
            );
            if self.unread.contains(&*word.bytes) {
                return None;
            }
            let names = self
                .backends
                .keys()
                .filter_map(|name| std::str::from_utf8(name).ok());
            let mut found = Diagnostic::error(UNKNOWN_BACKEND, message).at(word.span, "");
            if let Some(near) = closest(&name, names)
                && let Some(meant) = self.backends.get(near.as_bytes())
            {
                found = found
                    .at(meant.opening, "a similar name")
                    .help(format!("did you mean '{near}'?"));
            }
            self.diags.push(found);
            return None;
        };
        if draft.kind.has_back() && *name == *draft.name {
            let message = format!(
                "proxy '{}': loop detected for {keyword}: '{name}'",
                draft.name
            );
            self.diags
                .push(Diagnostic::error(LOOP, message).at(word.span, ""));
            return None;
        }
        Some(target)
    }

    /// Whether a frontend can send to this backend; reports why not.
    fn compatible(
        &mut self,
        draft: &ProxyDraft<'_>,
        target: Target,
        word: &Word,
        how: &str,
    ) -> bool {
        let name = |mode| match mode {
            Mode::Tcp => "tcp",
            Mode::Http => "http",
        };
        match (draft.settings.mode, target.mode) {
            // A TCP stream becomes HTTP on its way there.
            (Mode::Tcp, _) | (Mode::Http, Mode::Http) if !target.is_log => true,
            (from, to) => {
                let message = format!(
                    "{} {} '{}' tries to use incompatible {} backend '{}' {how} (see 'mode')",
                    name(from),
                    draft.kind.noun(),
                    draft.name,
                    if target.is_log { "syslog" } else { name(to) },
                    word.text()
                );
                self.diags.push(
                    Diagnostic::error(MODE_MISMATCH, message)
                        .at(word.span, "")
                        .at(target.opening, "declared here"),
                );
                false
            }
        }
    }
}
