//! What the log says when a server's state changes, in HAProxy's words.

use super::counter::Check;
use super::spec::CheckKind;
use super::status::Verdict;
use std::fmt::Write;

/// Why an operational state changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Said elsewhere already, or that of a tracked server.
    Silent,
    /// Its health check.
    Health,
    /// Its agent.
    Agent,
    /// Somebody.
    Other(&'static str),
}

/// Where a server stands among those of its backend when its line is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    pub(super) active: usize,
    pub(super) backup: usize,
    pub(super) sessions: u32,
    pub(super) requeued: usize,
    pub(super) queued: u32,
}

impl Standing {
    /// What follows when a server went.
    pub(super) fn left(&self, out: &mut String) {
        let Self {
            active,
            backup,
            sessions,
            requeued,
            queued,
        } = self;
        let _ = write!(
            out,
            ". {active} active and {backup} backup servers left.{} {sessions} sessions active, {requeued} requeued, {queued} remaining in queue",
            self.on_backup()
        );
    }

    /// What follows when a server came.
    pub(super) fn online(&self, out: &mut String) {
        let Self {
            active,
            backup,
            requeued,
            queued,
            ..
        } = self;
        let _ = write!(
            out,
            ". {active} active and {backup} backup servers online.{} {requeued} sessions requeued, {queued} total in queue",
            self.on_backup()
        );
    }

    fn on_backup(&self) -> &'static str {
        match (self.active, self.backup) {
            (0, 1..) => " Running on backup.",
            _ => "",
        }
    }
}

/// `, reason: …`: how a check ended.
pub(super) fn reason(check: &Check, out: &mut String) {
    let status = check.last.status;
    let _ = write!(out, ", reason: {}", status.description());
    if status.has_number() {
        let _ = write!(out, ", code: {}", check.last.number);
    }
    if !check.last.info.is_empty() {
        out.push_str(", info: \"");
        escape(check.last.shown_info(), out);
        out.push('"');
    }
    if let Some(duration) = check.duration {
        let _ = write!(out, ", check duration: {duration}ms");
    }
}

/// The line of `option log-health-checks`. `server` is its backend's and its own name.
pub(super) fn check_line(check: &Check, is_backup: bool, server: &str, weight: u32) -> String {
    let mut line = String::new();
    let who = match check.kind {
        CheckKind::Health => "Health",
        CheckKind::Agent => "Agent",
    };
    let backup = if is_backup { "backup " } else { "" };
    let how = match check.last.status.verdict() {
        Verdict::PassedConditionally => "conditionally succeeded",
        Verdict::Passed => "succeeded",
        Verdict::Failed | Verdict::Neutral => "failed",
    };
    let _ = write!(line, "{who} check for {backup}server {server} {how}");
    reason(check, &mut line);
    let (at, of, state) = match (check.is_up(), weight) {
        (true, 0) => (
            check.level - check.bounds.rise + 1,
            check.bounds.fall,
            "DRAIN",
        ),
        (true, _) => (check.level - check.bounds.rise + 1, check.bounds.fall, "UP"),
        (false, _) => (check.level, check.bounds.rise, "DOWN"),
    };
    let _ = write!(line, ", status: {at}/{of} {state}.");
    line
}

/// Text from elsewhere, without what could be taken for another line or the end of the quotes.
fn escape(text: &str, out: &mut String) {
    for &byte in text.as_bytes() {
        match byte {
            b'<' | b'>' | b'"' => {}
            b' '..=b'~' => {
                out.push(char::from(byte));
                continue;
            }
            _ => {}
        }
        let _ = write!(out, "<{byte:02X}>");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_peer_says_cannot_break_a_line() {
        let mut out = String::new();
        escape("a\"b<c>\n\u{e9}", &mut out);
        assert_eq!(out, "a<22>b<3C>c<3E><0A><C3><A9>");
    }
}
