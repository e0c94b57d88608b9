//! Comparing what was received with what a script expects.
//!
//! What is received grows: nothing is wrong as long as more may make it right.

use super::words::mismatch;
use super::{Probe, Stop};
use crate::health::counter::Outcome;
use crate::health::http::{self, Answer, unhex};
use crate::health::protocol::Progress;
use crate::health::script::{BytesKind, Expect, Language, Script, Wanted};
use crate::health::status::CheckStatus;
use memchr::memmem;

/// What an `expect` says of what was received so far.
enum Seen {
    Right,
    /// More may make it right.
    Undecided,
    Over(Outcome),
}

/// A rule that is evaluated.
pub(super) struct Step<'s> {
    pub(super) expect: &'s Expect,
    pub(super) comment: Option<&'s str>,
    pub(super) number: usize,
}

impl Probe<'_> {
    pub(super) async fn expect(&mut self, script: &Script, step: &Step<'_>) -> Result<(), Stop> {
        if self.received.is_empty() && !self.ended {
            self.read().await?;
        }
        loop {
            let seen = match script.language {
                Language::Http => self.look_at_answer(script, step),
                _ => self.look_at_bytes(script, step),
            };
            match seen {
                Seen::Right => return Ok(()),
                Seen::Over(outcome) => return Err(Stop::Over(outcome)),
                Seen::Undecided if self.ended => {
                    return Err(Stop::Over(self.wrong(script, step, false, None)));
                }
                Seen::Undecided => self.read().await?,
            }
        }
    }

    fn look_at_bytes(&mut self, script: &Script, step: &Step<'_>) -> Seen {
        let expect = step.expect;
        let data = self.received.data();
        let enough = expect.min_recv.is_none_or(|least| data.len() >= least);
        if !enough && !self.ended {
            return Seen::Undecided;
        }
        let found = match &expect.what {
            Wanted::Bytes(text, kind) => {
                let wanted = text.bytes(&self.as_run());
                let wanted = match kind {
                    BytesKind::BinaryFormat => match unhex(&wanted) {
                        Some(bytes) => bytes,
                        None => {
                            let why = "Failed to parse hexastring resulting of eval of a log-format string";
                            return Seen::Over(self.wrong(script, step, false, Some(why)));
                        }
                    },
                    _ => wanted.to_vec(),
                };
                if matches!(kind, BytesKind::StringFormat | BytesKind::BinaryFormat)
                    && wanted.is_empty()
                {
                    let why = "log-format string evaluated to an empty string";
                    return Seen::Over(self.wrong(script, step, false, Some(why)));
                }
                if data.len() < wanted.len() && !self.ended {
                    return Seen::Undecided;
                }
                memmem::find(data, &wanted).is_some()
            }
            Wanted::Regex(pattern, false) => pattern.is_match(data),
            Wanted::Regex(pattern, true) => pattern.is_match(http::hex(data).as_bytes()),
            Wanted::Protocol(reply) => {
                return match reply.read(data, self.ended) {
                    Progress::NeedsMore => Seen::Undecided,
                    Progress::Continue => Seen::Right,
                    Progress::Over(mut outcome) => {
                        if outcome.status == CheckStatus::L7Ok && expect.ok_status.is_some() {
                            outcome.status = expect.ok_status.unwrap_or(outcome.status);
                        }
                        Seen::Over(outcome)
                    }
                };
            }
            _ => false,
        };
        if !found && !self.ended && expect.min_recv.is_none() {
            return Seen::Undecided;
        }
        match found != expect.negated {
            true => Seen::Right,
            false => Seen::Over(self.wrong(script, step, found, None)),
        }
    }

    fn look_at_answer(&mut self, script: &Script, step: &Step<'_>) -> Seen {
        let wants_body = matches!(step.expect.what, Wanted::Body(_) | Wanted::BodyRegex(_));
        let mut answer = match Answer::read(self.received.data(), self.ended) {
            Ok(Some(answer)) => answer,
            Ok(None) if self.ended => {
                return Seen::Over(self.wrong(script, step, false, None));
            }
            Ok(None) => return Seen::Undecided,
            Err(()) if self.received.is_empty() => {
                return Seen::Over(Outcome::of(CheckStatus::SocketError));
            }
            Err(()) => return Seen::Over(Outcome::of(CheckStatus::L7Response)),
        };
        self.number = answer.head.status().into();
        answer.complete |= self.ended;
        let complete = answer.complete;
        self.answer = Some(answer);
        if self.retires(script) {
            return Seen::Right;
        }
        let Some(answer) = &self.answer else {
            return Seen::Undecided;
        };
        if wants_body && answer.body.is_empty() {
            if !complete {
                return Seen::Undecided;
            }
            let why = "HTTP content check could not find a response body";
            return Seen::Over(self.wrong(script, step, false, Some(why)));
        }
        let run = self.as_run();
        let enough = step
            .expect
            .min_recv
            .is_none_or(|least| answer.body.len() >= least);
        let found = match &step.expect.what {
            Wanted::Status(ranges) => {
                let status = answer.head.status();
                ranges
                    .iter()
                    .any(|&(low, high)| (low..=high).contains(&status))
            }
            Wanted::StatusRegex(pattern) => {
                pattern.is_match(answer.head.status().to_string().as_bytes())
            }
            Wanted::Header(wanted) => http::has_header(&answer.head, wanted, &run),
            Wanted::Body(_) | Wanted::BodyRegex(_) if !enough && !complete => {
                return Seen::Undecided;
            }
            Wanted::Body(text) => memmem::find(&answer.body, &text.bytes(&run)).is_some(),
            Wanted::BodyRegex(pattern) => pattern.is_match(&answer.body),
            _ => false,
        };
        if wants_body && !found && !complete && step.expect.min_recv.is_none() {
            return Seen::Undecided;
        }
        match found != step.expect.negated {
            true => Seen::Right,
            false => Seen::Over(self.wrong(script, step, found, None)),
        }
    }

    /// What an expectation that failed comes to. `why` is known better than by the rule.
    fn wrong(
        &mut self,
        script: &Script,
        step: &Step<'_>,
        found: bool,
        why: Option<&str>,
    ) -> Outcome {
        let expect = step.expect;
        let by_status = matches!(
            expect.what,
            Wanted::Status(_) | Wanted::StatusRegex(_) | Wanted::Header(_)
        ) && self.answer.is_some();
        let default = match by_status {
            true => CheckStatus::L7Status,
            false => CheckStatus::L7Response,
        };
        let status = match &why {
            Some(_) if script.language != Language::Http => CheckStatus::L7Response,
            _ => expect.error_status.unwrap_or(default),
        };
        let known = why
            .map(str::to_owned)
            .or_else(|| self.known_reason(step, found));
        let mut info = match (known, &expect.on_error) {
            (_, Some(text)) => self.text(text),
            (Some(known), None) => known,
            (None, None) if self.received.is_empty() => {
                format!("TCPCHK got an empty response at step {}", step.number)
            }
            (None, None) if script.language != Language::Tcp => String::new(),
            (None, None) => mismatch(&step.expect.what, step.number, found, &self.as_run()),
        };
        if let Some(comment) = step.comment {
            info.push_str(" comment: ");
            info.push_str(comment);
        }
        self.number_by_rule(expect);
        Outcome {
            status,
            number: self.number,
            info,
        }
    }

    /// What answers say themselves.
    fn known_reason(&self, step: &Step<'_>, found: bool) -> Option<String> {
        let answer = self.answer.as_ref()?;
        Some(match step.expect.what {
            Wanted::Body(_) | Wanted::BodyRegex(_) if found => {
                "HTTP check matched unwanted content".to_owned()
            }
            Wanted::Body(_) | Wanted::BodyRegex(_) => "HTTP content check did not match".to_owned(),
            _ => {
                let reason = String::from_utf8_lossy(answer.head.reason()).into_owned();
                return (!reason.is_empty()).then_some(reason);
            }
        })
    }
}
