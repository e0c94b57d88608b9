//! Warnings about a proxy as a whole: nothing listens, timeouts lack, words that do nothing in its
//! mode. Deliberately absent: what a single line can be blamed for,
//! but for threads, whose number another section says.

use super::Resolver;
use crate::clock::NEVER;
use crate::compile::config::{Mode, RetryPlan};
use crate::compile::findings::{MISSING_TIMEOUTS, NEEDS_HTTP, NO_BIND};
use crate::compile::rules;
use crate::syntax::{Diagnostic, Diagnostics, Span};
use crate::vocab::codes::BAD_OPTION_VALUE;
use crate::vocab::mux_proto::MuxProto;
use crate::vocab::section::proxy::{LogFormat, ProxyDraft, Switch};

impl Resolver<'_, '_> {
    /// Some of the threads that a line names must be there.
    pub(super) fn check_threads(&mut self, draft: &ProxyDraft<'_>) {
        let count = self.threads.unwrap_or(usize::MAX);
        for bind in &draft.binds {
            if let Some((lowest, place)) = bind.options.lowest_thread
                && lowest as usize > count
            {
                let message = format!(
                    "{} '{}': 'thread' directive only references non-existing threads in 'bind {}'",
                    draft.kind.noun(),
                    draft.name,
                    bind.text
                );
                let help = format!("'nbthread' says that there are {count}");
                self.diags.push(
                    Diagnostic::error(BAD_OPTION_VALUE, message)
                        .at(place, "")
                        .help(help),
                );
            }
        }
    }

    /// What the connections of a line are made to speak, the proxy's mode must be able to.
    pub(super) fn check_protos(&mut self, draft: &ProxyDraft<'_>) {
        for bind in &draft.binds {
            let what = format!("'bind {}'", bind.text);
            check_proto(draft, bind.options.proto, &what, self.diags);
        }
    }

    /// Warnings about a proxy as a whole, as HAProxy gives them.
    pub(super) fn check(&mut self, draft: &ProxyDraft<'_>) {
        let (noun, name) = (draft.kind.noun(), &draft.name);
        if draft.kind.has_front() && !draft.has_bind {
            let message = format!(
                "{noun} '{name}' has no 'bind' directive. Please declare it as a backend if this was intended"
            );
            self.warn(NO_BIND, draft.opening, message);
        }
        if lacks_timeouts(draft) {
            let message = format!("missing timeouts for {noun} '{name}'");
            self.diags.push(
                Diagnostic::warning(MISSING_TIMEOUTS, message)
                    .at(draft.opening, "")
                    .help("while not properly invalid, you will certainly encounter various problems with such a configuration. To fix this, please ensure that all following timeouts are set to a non-zero value: 'client', 'connect', 'server'"),
            );
        }
        if draft.settings.mode == Mode::Tcp && !rules::switches(draft) {
            self.check_http_words(draft);
        }
    }

    /// Warns of settings, inherited ones too, that do nothing in TCP mode.
    fn check_http_words(&mut self, draft: &ProxyDraft<'_>) {
        let settings = &draft.settings;
        let front = draft.kind.has_front();
        if settings.cookie.is_some() {
            let message = format!(
                "cookie will be ignored for {} '{}' (needs 'mode http')",
                draft.kind.noun(),
                draft.name
            );
            self.warn(NEEDS_HTTP, draft.opening, message);
        }
        let (option, instead) = match settings.log_format {
            LogFormat::Http => ("httplog", "tcplog"),
            LogFormat::HttpClf => ("httplog clf", "tcplog clf"),
            LogFormat::Https => ("httpslog", "tcplog"),
            _ => ("", ""),
        };
        if front && !option.is_empty() {
            let message = format!(
                "'option {option}' not usable with {} '{}' (needs 'mode http'). Falling back to 'option {instead}'",
                draft.kind.noun(),
                draft.name
            );
            self.warn(NEEDS_HTTP, draft.opening, message);
        }
        let back = draft.kind.has_back();
        let retry = settings.retry;
        let words = [
            (
                "'monitor-uri' statement",
                front && settings.monitor_uri.is_some(),
            ),
            ("'option forwarded'", settings.forwarded.is_some()),
            ("'option forwardfor'", settings.forward_for.is_some()),
            (
                "'option http-buffer-request'",
                settings.switches.is_on(Switch::BufferRequest),
            ),
            (
                "'option http-ignore-probes'",
                front && settings.switches.is_on(Switch::IgnoreProbes),
            ),
            (
                "'circuit-limits'",
                back && !settings.circuit_limits.is_empty(),
            ),
            ("'outlier-detection'", back && settings.outlier.is_some()),
            ("'retry-backoff'", back && retry.backoff.is_some()),
            ("'retry-timeout'", back && retry.timeout != NEVER),
            ("'retry-body-max'", back && retry.body_max.is_some()),
            (
                "'conn-failure-status'",
                back && retry.failure_status != RetryPlan::default().failure_status,
            ),
        ];
        for (what, _) in words.into_iter().filter(|(_, ignored)| *ignored) {
            let message = format!(
                "{what} ignored for {} '{}' as it requires HTTP mode",
                draft.kind.noun(),
                draft.name
            );
            self.warn(NEEDS_HTTP, draft.opening, message);
        }
    }

    pub(super) fn warn(&mut self, code: crate::syntax::Code, place: Span, message: String) {
        self.diags
            .push(Diagnostic::warning(code, message).at(place, ""));
    }
}

/// Whether a proxy can speak what `what` of it, a `bind` or `server` line, says.
pub(super) fn check_proto(
    draft: &ProxyDraft<'_>,
    proto: Option<(MuxProto, Span)>,
    what: &str,
    diags: &mut Diagnostics,
) {
    let Some((proto, place)) = proto.filter(|(proto, _)| !proto.serves(draft.settings.mode)) else {
        return;
    };
    let message = format!(
        "{} '{}' : MUX protocol '{}' is not usable for {what}",
        draft.kind.noun(),
        draft.name,
        proto.name()
    );
    let help = "'h1' goes with 'mode http', 'none' with 'mode tcp'; without the word it is as the mode says";
    diags.push(
        Diagnostic::error(BAD_OPTION_VALUE, message)
            .at(place, "")
            .help(help),
    );
}

fn lacks_timeouts(draft: &ProxyDraft<'_>) -> bool {
    if draft.settings.unsound_timeouts || draft.settings.is_log {
        return false;
    }
    let t = &draft.settings.timeouts;
    let server = t.server == NEVER && (draft.settings.mode == Mode::Http || t.tunnel == NEVER);
    draft.kind.has_front() && t.client == NEVER
        || draft.kind.has_back() && !draft.servers.is_empty() && (t.connect == NEVER || server)
}
