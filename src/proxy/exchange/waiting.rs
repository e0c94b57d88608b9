//! Whom an exchange waits for, until when, and how it ends when nobody comes.

use super::{Exchange, Phase};
use crate::clock::{Millis, NEVER};
use crate::observe::StreamTimeout;
use crate::proxy::end::End;

impl Exchange<'_> {
    /// Whether the client is expected to send or to take something.
    pub(super) fn waits_for_client(&self) -> bool {
        let is_coding = self.tx.recoder.is_some() && !self.tx.to_server.is_sent();
        let uploading = !self.upload_broken && !self.tx.upload.is_done() && !is_coding;
        uploading && self.tx.upload.ready().is_empty() && self.owed_to_server() == 0
            || !self.tx.to_client.is_sent()
            || self.phase == Phase::Body && self.owes_client()
    }

    /// Whether the server is expected to send or to take something.
    pub(super) fn waits_for_server(&self) -> bool {
        let sending = !self.tx.to_server.is_sent()
            || !self.tx.upload.sendable().is_empty()
            || self.owed_to_server() > 0;
        let read =
            self.phase == Phase::Head || !self.tx.download.is_done() && !self.holds_response();
        !self.upload_broken && sending || self.upload_is_over() && read
    }

    /// Whether bytes of the body could go to the client now.
    fn owes_client(&self) -> bool {
        !self.tx.download.sendable().is_empty() || self.in_pipe() > 0
    }

    /// Whether bytes of the response wait for the client to take them, or for a bandwidth limit.
    pub(super) fn holds_response(&self) -> bool {
        let head = self.phase == Phase::Body && !self.tx.to_client.is_sent();
        head || !self.tx.download.ready().is_empty() || self.in_pipe() > 0
    }

    pub(super) fn deadline(&self, now: Millis) -> Millis {
        let watch = if now < self.watch_from && !self.client_closed {
            self.watch_from
        } else {
            NEVER
        };
        let held = self.held.as_ref().map_or(NEVER, |held| held.due);
        self.client_due()
            .min(self.server_due())
            .min(watch)
            .min(held)
            .min(self.tx.throttled_until())
    }

    fn client_due(&self) -> Millis {
        let configured = self.at.frontend.timeouts.client;
        let by_rules = &self.tx.record.by_rules;
        let timeout = by_rules.timeout(StreamTimeout::Client, configured);
        if self.waits_for_client() {
            self.client_active.saturating_add(timeout)
        } else {
            NEVER
        }
    }

    fn server_due(&self) -> Millis {
        let configured = self.backend.timeouts.server;
        let by_rules = &self.tx.record.by_rules;
        let timeout = by_rules.timeout(StreamTimeout::Server, configured);
        if self.waits_for_server() {
            self.server_active.saturating_add(timeout)
        } else {
            NEVER
        }
    }

    /// The client broke off a response that had begun.
    pub(super) fn broken_off(&self) -> End {
        match self.has_whole_response() && self.in_pipe() == 0 {
            true => End::LastClientClosed,
            false => End::DataClientClosed,
        }
    }

    /// Whether all of the response has come, and is known to be all by more than the server's close.
    fn has_whole_response(&self) -> bool {
        self.tx.download.is_done() && !self.tx.download.ends_at_close()
    }

    /// The server took no more of the request, and its response is through.
    pub(super) fn refused(&self) -> End {
        End::UploadRefused {
            last: self.tx.upload.is_done() || self.tx.download.ends_at_close(),
        }
    }

    pub(super) fn timed_out(&self, now: Millis) -> Option<End> {
        match (
            now >= self.client_due(),
            now >= self.server_due(),
            self.phase,
        ) {
            (true, _, Phase::Head | Phase::Rules) => Some(End::UploadTimeout),
            (true, _, Phase::Body) if self.has_whole_response() => Some(End::LastClientTimeout),
            (true, _, Phase::Body) => Some(End::DataClientTimeout),
            (false, true, Phase::Head | Phase::Rules) => Some(End::ResponseTimeout),
            (false, true, Phase::Body) => Some(End::DataServerTimeout),
            (false, false, _) => None,
        }
    }
}
