//! What a proxy logs, and where to: `log` lines with `log global` replaced, formats and profiles.

use super::Resolver;
use crate::compile::config::{LogConfig, LogTarget, Profiled};
use crate::compile::findings::FORMAT_WITHOUT_LOG;
use crate::compile::rules;
use crate::syntax::Diagnostic;
use crate::vocab::format::{Format, FormatUse};
use crate::vocab::rule_codes::UNKNOWN_LOG_PROFILE;
use crate::vocab::section::log_line::Logger;
use crate::vocab::section::proxy::{LogFormat, LogLine, ProxyDraft, Switch};
use std::sync::Arc;

/// What `log` lines name, `log global` replaced.
pub(super) fn written<'l>(
    global: &'l [Logger],
    lines: &'l [LogLine],
) -> impl Iterator<Item = &'l Logger> {
    lines.iter().flat_map(move |line| match line {
        LogLine::Global => global,
        LogLine::Target(logger) => std::slice::from_ref(logger),
    })
}

impl Resolver<'_, '_> {
    /// `log` lines, `log global` replaced.
    pub(super) fn log_targets(&self, draft: &ProxyDraft<'_>) -> Arc<[LogTarget]> {
        let loggers = written(&self.global_logs, &draft.settings.logs);
        loggers.map(|logger| logger.target.clone()).collect()
    }

    pub(super) fn log(&mut self, draft: &ProxyDraft<'_>) -> LogConfig {
        let settings = &draft.settings;
        let (targets, profiled) = self.loggers(settings.logs.as_slice());
        if settings.logs.is_empty() && !matches!(settings.log_format, LogFormat::Unset) {
            let message = format!(
                "log format ignored for {} '{}' since it has no log address",
                draft.kind.noun(),
                draft.name
            );
            self.warn(FORMAT_WITHOUT_LOG, draft.opening, message);
        }
        let format = rules::log_format(draft, self.diags, self.work);
        let profiles = profiled.iter().map(|group| &group.profile);
        let wants_request_line = format.as_ref().is_some_and(Format::wants_request_line)
            || profiles
                .into_iter()
                .any(|profile| profile.wants_request_line());
        LogConfig {
            targets: targets.into(),
            profiled,
            steps: settings.log_steps,
            ready: format.as_ref().map(Format::ready),
            wants_request_line,
            format,
            error_format: rules::format(
                draft,
                settings.error_log_format,
                FormatUse::Log,
                self.diags,
                self.work,
            ),
            structured: rules::format(
                draft,
                settings.log_format_sd,
                FormatUse::Log,
                self.diags,
                self.work,
            ),
            tag: settings.log_tag.map(|word| word.bytes.clone()),
            dont_log_null: settings.switches.is_on(Switch::DontLogNull),
            log_asap: settings.switches.is_on(Switch::LogAsap),
            dont_log_normal: settings.switches.is_on(Switch::DontLogNormal),
            separate_errors: settings.switches.is_on(Switch::LogSeparateErrors),
        }
    }

    /// The targets of `log` lines, and by profile those that have one.
    pub(super) fn loggers(&mut self, lines: &[LogLine]) -> (Vec<LogTarget>, Vec<Profiled>) {
        let mut plain = Vec::new();
        let mut profiled: Vec<Profiled> = Vec::new();
        for Logger {
            target, profile, ..
        } in written(&self.global_logs, lines)
        {
            let target = target.clone();
            let Some(name) = profile else {
                plain.push(target);
                continue;
            };
            let Some(profile) = self.work.outer.log_profile(&name.bytes) else {
                let message = format!("log : unknown log profile '{}'", name.text());
                let found = Diagnostic::error(UNKNOWN_LOG_PROFILE, message).at(name.span, "");
                self.diags.push(found);
                continue;
            };
            match profiled
                .iter_mut()
                .find(|group| Arc::ptr_eq(&group.profile, &profile))
            {
                Some(group) => group.targets.push(target),
                None => profiled.push(Profiled {
                    profile,
                    targets: vec![target],
                }),
            }
        }
        (plain, profiled)
    }
}
