//! One check: connects and follows a script until it fails or ends.
//!
//! Bounded by a deadline and by one buffer for what is received; a peer that sends more than fits is
//! read no further. Nothing of a check is kept for the next. `transfer` connects and moves bytes,
//! `expect` compares, `words` has the texts.

mod expect;
mod transfer;
mod words;

use self::expect::Step;
use super::counter::Outcome;
use super::http::Answer;
use super::registry::Health;
use super::script::{Action, Connect, Expect, Language, Run, Script, Text};
use super::spec::{CheckSpec, Place};
use super::status::CheckStatus;
use crate::backend::Operation;
use crate::clock::Millis;
use crate::net::{Buffer, Stream, Wheel};
use std::any::Any;
use std::io;

/// What one check has in hand.
pub(super) struct Probe<'a> {
    health: &'a Health,
    place: Place,
    spec: &'a CheckSpec,
    wheel: &'a Wheel,
    stream: Option<Stream>,
    linger: bool,
    received: Buffer,
    /// The peer ended its direction, or the connection broke after something was received.
    ended: bool,
    /// The answer's head and body, of HTTP.
    answer: Option<Answer>,
    memory: Box<dyn Any>,
    deadline: Millis,
    number: u32,
}

/// Why a step did not go on.
enum Stop {
    /// The check is over.
    Over(Outcome),
    /// There is no connection: the system refused to begin one.
    Unconnected(io::Error),
    /// The connection broke.
    Broken(io::Error),
    /// Time ran out.
    Late,
}

impl<'a> Probe<'a> {
    pub(super) fn new(
        health: &'a Health,
        place: Place,
        spec: &'a CheckSpec,
        wheel: &'a Wheel,
    ) -> Self {
        Self {
            health,
            place,
            spec,
            wheel,
            stream: None,
            linger: false,
            received: Buffer::empty(),
            ended: false,
            answer: None,
            memory: health.memory(),
            deadline: 0,
            number: 0,
        }
    }

    /// Makes the check.
    pub(super) async fn run(mut self) -> Outcome {
        let script: &'a Script = &self.spec.script;
        let outcome = self.follow(script).await;
        if let Some(stream) = self.stream.take()
            && !self.linger
        {
            stream.abort();
        }
        outcome
    }

    /// Asks an agent for its line: what it sent until the end of the line, or of its answer.
    pub(super) async fn ask_agent(mut self) -> Result<Vec<u8>, Outcome> {
        let script: &Script = &self.spec.script;
        let rule = Connect {
            default: true,
            ..Connect::default()
        };
        let asked = async {
            self.connect(&rule).await?;
            for step in &script.steps {
                if let Action::Send(text) = &step.action {
                    let bytes = text.bytes(&self.as_run());
                    self.send(&bytes).await?;
                }
            }
            while !self.ended && memchr::memchr3(b'\r', b'\n', 0, self.received.data()).is_none() {
                self.read().await?;
            }
            Ok(())
        };
        let asked: Result<(), Stop> = asked.await;
        match asked {
            Ok(()) => Ok(self.received.data().to_vec()),
            Err(stop) => Err(self.failed(stop, None)),
        }
    }

    async fn follow(&mut self, script: &'a Script) -> Outcome {
        let implicit = Connect {
            implicit: true,
            default: true,
            ..Connect::default()
        };
        let connects_first = matches!(
            script
                .steps
                .iter()
                .map(|step| &step.action)
                .find(|action| !matches!(action, Action::Variable(_))),
            Some(Action::Connect(_))
        );
        if !connects_first && let Err(stop) = self.connect(&implicit).await {
            return self.failed(stop, None);
        }
        let mut last = None;
        for step in &script.steps {
            self.number = 0;
            let done = match &step.action {
                Action::Connect(connect) => self.connect(connect).await,
                Action::Send(text) => {
                    let bytes = text.bytes(&self.as_run());
                    self.send(&bytes).await
                }
                Action::SendHttp(request) => {
                    let bytes = self.request(request);
                    self.send(&bytes).await
                }
                Action::Expect(expect) => {
                    let step = Step {
                        expect,
                        comment: step.comment.as_deref(),
                        number: step.number,
                    };
                    self.expect(script, &step).await
                }
                Action::Variable(effect) => {
                    effect.apply(&self.as_run());
                    continue;
                }
            };
            if let Err(stop) = done {
                return self.failed(stop, Some(step));
            }
            last = Some(&step.action);
        }
        self.passed(script, last)
    }

    fn passed(&mut self, script: &Script, last: Option<&Action>) -> Outcome {
        let info = match script.language {
            Language::Tcp => "(tcp-check)",
            _ => "",
        };
        let mut outcome = match last {
            None => Outcome::of(CheckStatus::L4Ok),
            Some(Action::Connect(_)) => Outcome::with(CheckStatus::L4Ok, info),
            Some(Action::Expect(_)) if self.retires(script) => {
                Outcome::of(CheckStatus::L7OkConditional)
            }
            Some(Action::Expect(expect)) => {
                let status = expect.ok_status.unwrap_or(CheckStatus::L7Ok);
                match &expect.on_success {
                    Some(text) => Outcome::with(status, self.text(text)),
                    None => Outcome::with(status, info),
                }
            }
            Some(_) => Outcome::with(CheckStatus::L7Ok, "(tcp-check)"),
        };
        if let Some(Action::Expect(expect)) = last {
            self.number_by_rule(expect);
        }
        outcome.number = self.number;
        outcome
    }

    fn text(&self, text: &Text) -> String {
        String::from_utf8_lossy(&text.bytes(&self.as_run())).into_owned()
    }

    fn number_by_rule(&mut self, expect: &Expect) {
        if let Some(code) = &expect.status_code
            && let Ok(number) = self.text(code).trim().parse()
        {
            self.number = number;
        }
    }

    /// `disable-on-404`: whether the server asks for no new clients.
    fn retires(&self, script: &Script) -> bool {
        let was_up = self
            .health
            .state(self.place)
            .is_some_and(|state| state.status().operation != Operation::Stopped);
        script.disable_on_404 && self.number == 404 && was_up
    }

    fn as_run(&self) -> Run<'_> {
        let body = self.answer.as_ref().map(|answer| &*answer.body);
        Run {
            received: body.unwrap_or(self.received.data()),
            head: self.answer.as_ref().map(|answer| &answer.head),
            memory: &*self.memory,
            backend: self.health.backend(self.place).map_or("", |b| &b.name),
            server: self.health.spec(self.place).map_or("", |s| &s.name),
        }
    }

    /// What a check that stopped at a step came to.
    fn failed(&self, stop: Stop, step: Option<&super::script::Step>) -> Outcome {
        let (mut info, late) = match stop {
            Stop::Over(outcome) => return outcome,
            Stop::Unconnected(error) => (words::unconnected(&error), false),
            Stop::Broken(error) => (words::broken(&error), false),
            Stop::Late => (String::new(), true),
        };
        let connecting = self.stream.as_ref().is_none_or(Stream::is_connecting);
        let expect = match step.map(|step| &step.action) {
            Some(Action::Expect(expect)) => Some(expect),
            _ => None,
        };
        let status = match (connecting, late) {
            (true, true) => CheckStatus::L4Timeout,
            (true, false) => CheckStatus::L4Connection,
            (false, true) => expect
                .and_then(|expect| expect.timeout_status)
                .unwrap_or(CheckStatus::L7Timeout),
            (false, false) => CheckStatus::SocketError,
        };
        if self.spec.script.language == Language::Tcp {
            words::where_it_stopped(step, &mut info);
        }
        Outcome {
            status,
            number: self.number,
            info,
        }
    }
}
