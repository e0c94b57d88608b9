//! Sections about log lines: `ring`, `log-forward`, `log-profile`.

use super::{Reader, line, text};
use crate::compile::findings::DUPLICATE_PROXY;
use crate::settings::RING_NAMES;
use crate::syntax::Section;
use crate::vocab::args::bad_name_character;
use crate::vocab::codes::{BAD_NAME, DUPLICATE_NAME, MISSING_ARGUMENT};
use crate::vocab::line::span_of;
use crate::vocab::section::log_forward::ForwardDraft;
use crate::vocab::section::log_profile::ProfileDraft;
use crate::vocab::section::ring::RingDraft;

impl<'d> Reader<'d, '_> {
    pub(super) fn ring(&mut self, section: &'d Section) {
        let words = &section.words;
        let name = text(words, 1);
        let at_name = words.get(1..2).unwrap_or(&[]);
        match bad_name_character(&name) {
            None => {}
            Some(None) => return self.error(MISSING_ARGUMENT, words, "missing ring name."),
            Some(Some(c)) => {
                let message =
                    format!("invalid ring name '{name}' (character '{c}' is not permitted).");
                return self.error(BAD_NAME, at_name, message);
            }
        }
        let is_taken = ["stdout", "stderr"].contains(&&*name) || RING_NAMES.contains(&&*name);
        if is_taken || self.drafts.rings.iter().any(|ring| ring.name == name) {
            let message = format!("sink named '{name}' already exists.");
            self.error(DUPLICATE_NAME, at_name, message);
        }
        let mut draft = RingDraft::new(name, span_of(words));
        for statement in &section.statements {
            draft.read(&mut line(&statement.words, self.diags, self.options));
        }
        self.drafts.rings.push(draft);
    }

    pub(super) fn log_forward(&mut self, section: &'d Section) {
        let words = &section.words;
        let Some(name) = self.named(words, "log-forward") else {
            return;
        };
        let same = self.drafts.log_forwards.iter().find(|f| f.name == name);
        let proxy = self
            .names
            .get(&name)
            .and_then(|&at| self.drafts.proxies.get(at));
        if let Some(earlier) = same.map(|same| same.opening) {
            let message = format!(
                "log-forward section '{name}' has the same name as another log-forward section"
            );
            self.clash(DUPLICATE_PROXY, words, message, earlier);
        } else if let Some(proxy) = proxy.map(|proxy| &proxy.draft) {
            let (noun, earlier) = (proxy.kind.noun(), proxy.opening);
            let message =
                format!("log forward section '{name}' has the same name as {noun} '{name}'");
            self.clash(DUPLICATE_PROXY, words, message, earlier);
        }
        let mut draft = ForwardDraft::new(name, span_of(words));
        for statement in &section.statements {
            draft.read(&mut line(&statement.words, self.diags, self.options));
        }
        self.drafts.log_forwards.push(draft);
    }

    pub(super) fn log_profile(&mut self, section: &'d Section) {
        let words = &section.words;
        let Some(name) = self.named(words, "log-profile") else {
            return;
        };
        let mut draft = ProfileDraft::new(name);
        for statement in &section.statements {
            draft.read(&mut line(&statement.words, self.diags, self.options));
        }
        self.drafts.log_profiles.push(draft);
    }
}
