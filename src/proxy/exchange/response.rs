//! The response of an exchange: interim heads, the final head through its rules and out to the
//! client, and what happens to its body on the way. Where a body ends is decided by [`crate::http1`].

use super::{After, Exchange, Facts, Held, HeldBy, JOIN_MAX, MAX_INTERIM, Phase};
use crate::clock::Millis;
use crate::compile::config::RetryReason;
use crate::health::Event;
use crate::http1::{Body, Connection, Framing, WriteOptions, allows_body};
use crate::observe::LogStep;
use crate::protect::bandwidth::Direction;
use crate::protect::outlier::Outcome;
use crate::proxy::caching::Storing;
use crate::proxy::compress::{self, Recoder};
use crate::proxy::content::{self, Passed, Sight};
use crate::proxy::end::End;
use crate::proxy::transaction::{Throttled, is_http11};
use crate::proxy::{connect, count, log, outlier, persistence, retry, rules, stick, tracking};
use crate::settings::Coding;
use crate::vocab::context::Wait;

impl Exchange<'_> {
    /// Reads interim heads and the final one from what has arrived.
    pub(super) fn read_response_head(&mut self, now_us: u64) -> Result<(), End> {
        loop {
            let limits = self.at.worker.shared.head_limits;
            let tx = &mut *self.tx;
            let parsed = tx.response.parse(tx.download.buffer.data(), limits);
            let Some(length) = parsed.map_err(|_| End::BadResponse)? else {
                return Ok(());
            };
            tx.download.buffer.consume(length);
            let status = tx.response.status();
            let is_final = !(100..200).contains(&status) || status == 101;
            if is_final {
                outlier::record(self.at, self.slot, Outcome::Answered(status));
            }
            let event = Event::Status(status);
            connect::observe(self.at, self.id, self.slot.server(), event);
            let unwanted = self.retry_on.has(RetryReason::Status(status));
            if unwanted && retry::allow(self.at, self.backend, self.tx) {
                return Err(End::UnwantedStatus(status));
            }
            if is_final {
                return self.accept_response(now_us);
            }
            self.forward_interim()?;
        }
    }

    fn forward_interim(&mut self) -> Result<(), End> {
        self.interim += 1;
        if self.interim > MAX_INTERIM {
            return Err(End::BadResponse);
        }
        let tx = &mut *self.tx;
        if is_http11(&tx.request) {
            tx.response
                .write_to(tx.to_client.append(), &WriteOptions::default());
        }
        Ok(())
    }

    /// The final head is there: apply the rules, decide about both connections, write it out.
    fn accept_response(&mut self, now_us: u64) -> Result<(), End> {
        let has_request = self.has_sent_request();
        let tx = &mut *self.tx;
        let status = tx.response.status();
        tx.record.server_status = status;
        let tunnel = match status {
            // No switch before the server has the whole request (RFC 9110 §7.8).
            101 if tx.request.upgrade().is_some()
                && tx.response.upgrade().is_some()
                && has_request =>
            {
                true
            }
            101 => return Err(End::BadResponse),
            _ => tx.request.is_connect() && (200..300).contains(&status),
        };
        let body = tx
            .response
            .body_for(tx.request.asks_head(), tx.request.is_connect());
        // A rule made HEAD of it: the client won't get the body that the head announces.
        let withheld =
            !tx.request.is_head() && body != tx.response.body_for(false, tx.request.is_connect());
        let delimited = body != Body::UntilClose;
        let server_keeps = tx.response.keep_alive() && delimited && !tunnel;
        // Who reads no chunks gets the data alone, and the close as its end.
        let is_chunked = matches!(body, Body::Chunked(_));
        let unframe = !is_http11(&tx.request) && is_chunked;
        tx.download.expect(match unframe {
            true => body.unframed(),
            false => body,
        });
        // What came with the head is part of it to the client, who has seen nothing yet.
        self.decode_body().map_err(|_| End::BadResponse)?;
        let tx = &mut *self.tx;
        tx.traces.response(&tx.response, now_us / 1000);
        tx.record.response_us = now_us;
        tx.record.bytes_out += log::response_size(&tx.response);
        count::server_response(self.at, self.id, self.slot.server(), status);
        if let Some(captures) = &self.at.frontend.captures {
            captures.take_response(&tx.response, &tx.record);
        }
        tracking::response(self.at, self.client, tx, status);
        stick::response(self.at, self.backend, self.slot, self.client, tx);
        self.at
            .vars(&self.client.vars, &self.tx.vars)
            .begin_response();
        let delay = self.backend.response_content.delay;
        let due = (self.tx.record.connected_us / 1000).saturating_add(delay);
        let facts = Facts {
            tunnel,
            withheld,
            delimited,
            server_keeps,
            unframe,
        };
        match now_us / 1000 >= due {
            true => self.inspect(Sight::Nothing, due, facts),
            false => self.inspect(self.sight(facts), due, facts),
        }
    }

    /// What rules on content see of the response before their time is over.
    fn sight(&self, facts: Facts) -> Sight {
        let download = &self.tx.download;
        match download.is_full() || download.is_done() && !facts.delimited {
            true => Sight::All,
            false => Sight::Some,
        }
    }

    /// Runs the rules on content, and goes on once they have seen enough.
    fn inspect(&mut self, sight: Sight, due: Millis, facts: Facts) -> Result<(), End> {
        let (at, backend) = (self.at, self.backend);
        let passed =
            content::of_response_head(at, backend, self.slot, self.client, self.tx, sight)?;
        let Some(passed) = passed else {
            let by = HeldBy::Content;
            self.phase = Phase::Rules;
            self.held = Some(Held { by, due, facts });
            return Ok(());
        };
        let facts = Facts {
            server_keeps: facts.server_keeps && passed == Passed::On,
            ..facts
        };
        self.go_through_rules(rules::Progress::default(), facts)
    }

    /// Runs the rules from where they have come to, and goes on once they are through.
    pub(super) fn go_through_rules(
        &mut self,
        mut progress: rules::Progress,
        facts: Facts,
    ) -> Result<(), End> {
        let outcome = rules::response(
            self.at,
            self.backend,
            Some(self.slot),
            self.client,
            self.tx,
            &mut progress,
        );
        let Some(wait) = outcome? else {
            return self.answer(facts);
        };
        let now = self.at.worker.clock.now();
        let (Wait::Pause(time)
        | Wait::Body {
            timeout_ms: time, ..
        }) = wait;
        self.phase = Phase::Rules;
        self.held = Some(Held {
            by: HeldBy::Rules(progress, wait),
            due: now.saturating_add(time),
            facts,
        });
        Ok(())
    }

    /// Goes on with the rules if what they wait for is over; whether it is.
    pub(super) fn resume_rules(&mut self, now: Millis) -> Result<bool, End> {
        let Some(Held { by, due, facts }) = self.held.take() else {
            return Ok(false);
        };
        let is_late = now >= due;
        match by {
            HeldBy::Content => {
                let sight = if is_late {
                    Sight::All
                } else {
                    self.sight(facts)
                };
                self.inspect(sight, due, facts)?;
                let still = matches!(&self.held, Some(held) if matches!(held.by, HeldBy::Content));
                Ok(!still)
            }
            HeldBy::Rules(progress, wait) if self.is_over(wait, is_late) => {
                self.go_through_rules(progress, facts).map(|()| true)
            }
            HeldBy::Rules(..) if is_late => Err(End::ResponseTimeout),
            by => {
                self.held = Some(Held { by, due, facts });
                Ok(false)
            }
        }
    }

    fn is_over(&self, wait: Wait, is_late: bool) -> bool {
        match wait {
            Wait::Pause(_) => is_late,
            Wait::Body { at_least, .. } => {
                let download = &self.tx.download;
                let enough = at_least > 0 && download.payload().len() >= at_least;
                download.is_done() || download.is_full() || enough
            }
        }
    }

    /// The rules are through: decide about both connections, write the head out.
    fn answer(&mut self, facts: Facts) -> Result<(), End> {
        let client_goes_on = self.client_goes_on();
        let tx = &mut *self.tx;
        let Facts {
            tunnel,
            withheld,
            delimited,
            server_keeps,
            unframe,
        } = facts;
        let may_have_body = [tx.record.server_status, tx.response.status()].map(allows_body);
        let loses_body = may_have_body == [true, false] && !tunnel;
        self.drops_body = loses_body || tx.request.is_head();
        let client_keeps = tx.request.keep_alive()
            && (delimited && !unframe || loses_body)
            && !withheld
            && client_goes_on
            && persistence::of_client(self.at);
        self.after = After {
            client_keeps: client_keeps && !tunnel,
            server_keeps: server_keeps && persistence::of_server(self.at, self.backend),
            tunnel,
        };
        let connection = match tunnel {
            true if tx.record.server_status == 101 => Connection::Upgrade,
            true => Connection::Absent,
            false => persistence::to_client(client_keeps, tx.request.version()),
        };
        if !tunnel && !withheld && !loses_body {
            if delimited {
                self.storing = Storing::begun(tx);
            }
            self.recoder = self.coding(delimited)?;
        }
        let tx = &mut *self.tx;
        let framing = match self.recoder {
            Some(_) => Some(Framing::Chunked),
            None if may_have_body == [false, true] => Some(Framing::Length(0)),
            // What follows CONNECT's 2xx is no body, whatever the head says (RFC 9110 §9.3.6).
            None => (unframe || tunnel).then_some(Framing::Nothing),
        };
        let options = WriteOptions {
            connection,
            framing,
            ..WriteOptions::default()
        };
        tx.response.write_to(tx.to_client.append(), &options);
        tx.record.status = tx.response.status();
        let chosen = Some(self.id);
        log::step(self.at, LogStep::Response, chosen, self.client, self.tx);
        self.phase = Phase::Body;
        self.withhold_body();
        self.store(0);
        if self.recoder.is_some() {
            self.recode();
        } else {
            self.join_small_body();
        }
        Ok(())
    }

    /// What the body goes through, if it may not go on as it is: it is compressed, or its chunks are taken apart for
    /// what is kept of it, or what bandwidth limits count.
    fn coding(&mut self, delimited: bool) -> Result<Option<Recoder>, End> {
        let tx = &mut *self.tx;
        let mut coding = None;
        // Who can't be told a truncated body from a whole one would be told that it is whole.
        if tx.coding.is_some() && delimited {
            let whole = tx.download.is_finished().then_some(0);
            let length = tx.download.announced().or(whole);
            coding = compress::response(self.at, self.backend, tx, length);
            tx.record.coding = coding.map(Coding::token);
        }
        if tx.download.is_chunked() {
            let is_counted = tx.is_metered(Direction::Down);
            if coding.is_none() && (is_counted || self.storing.is_some()) {
                coding = Some(Coding::Identity);
            }
            if coding.is_some() {
                tx.download.unframe().map_err(|_| End::BadResponse)?;
            }
        }
        let mut shelf = self.at.worker.compressors.borrow_mut();
        Ok(coding.map(|coding| Recoder::new(coding, &mut shelf)))
    }

    /// Puts a small body behind its head: one plain write costs less than a vectored one.
    fn join_small_body(&mut self) {
        let tx = &mut *self.tx;
        let is_metered = tx.is_metered(Direction::Down);
        let ready = tx.download.ready();
        if ready.len() <= JOIN_MAX && !is_metered {
            tx.to_client.append().extend_from_slice(ready);
            tx.record.bytes_out += ready.len() as u64;
            tx.download.discard();
        }
    }

    pub(super) fn decode_body(&mut self) -> Result<(), End> {
        let tx = &mut *self.tx;
        let before = tx.download.ready().len();
        tx.download.decode().map_err(|_| End::BadResponseBody)?;
        if self.phase == Phase::Body {
            self.withhold_body();
            self.store(before);
            self.recode();
        }
        Ok(())
    }

    /// Keeps what has arrived of the body after the first `before` bytes at hand.
    fn store(&mut self, before: usize) {
        let Some(storing) = self.storing.take() else {
            return;
        };
        let data = self.tx.download.ready().get(before..).unwrap_or_default();
        let storing = storing.add(data);
        match storing {
            Some(whole) if self.tx.download.is_done() => {
                let clock = &self.at.worker.clock;
                let now_s = clock.wall_us(clock.now_us()) / 1_000_000;
                whole.finish(i64::try_from(now_s).unwrap_or(i64::MAX));
            }
            part => self.storing = part,
        }
    }

    /// Asks bandwidth limits what may go on of the body, which may then be coded; whether more may than
    /// before.
    pub(super) fn let_body_pass(&mut self, now: Millis) -> bool {
        let passes = self.tx.throttle(Direction::Down, now) == Throttled::Passing;
        if passes {
            self.code();
        }
        passes
    }

    /// Puts what has arrived of the body behind the head, in its coding.
    fn recode(&mut self) {
        if self.recoder.is_some() {
            let now = self.at.worker.clock.now();
            self.tx.throttle(Direction::Down, now);
            self.code();
        }
    }

    fn code(&mut self) {
        if let Some(recoder) = &mut self.recoder {
            let tx = &mut *self.tx;
            let (taken, made) = recoder.pump(&mut tx.download, tx.to_client.append());
            tx.record.bytes_out += taken;
            if tx.record.coding.is_some() {
                count::coded(self.at, &mut tx.record, (taken, made));
            }
        }
    }

    pub(super) fn withhold_body(&mut self) {
        if self.drops_body {
            self.tx.download.discard();
        }
    }
}
