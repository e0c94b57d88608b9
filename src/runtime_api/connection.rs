//! One connection to a stats socket: lines in, answers out.
//!
//! What is read ahead is one buffer, what waits for the client is about one piece of an answer.
//! A client that is silent, or reads nothing, for longer than the session's timeout is dropped. An
//! unfinished line at the end of what the client sends is not carried out.

use super::answer::{Answer, Feed, Pieces, Severity};
use super::command::{self, Session};
use super::line::{LineReader, TooBig};
use crate::clock::Millis;
use crate::net::handover::{ASK, ASK_TABLES};
use crate::net::timer::sleep;
use crate::net::{Buffer, ReadOutcome, Stream, Timer, Wheel};
use crate::proxy::Control;
use crate::settings::SeverityOutput;
use crate::table::dump::Dump;
use std::fmt::Write;
use std::future::poll_fn;
use std::task::{Context, Poll};

/// Bytes of an answer that are made before they are written.
const PIECE: usize = 16 * 1024;

/// How often it is looked whether a client is still there that waits for something, milliseconds.
const LOOK_MS: Millis = 100;

/// Bytes that are read of a command that is too big before its client is cut off.
const DRAIN_MAX: usize = 1024 * 1024;

/// The client went away, or is too slow.
#[derive(Debug)]
pub(super) struct Gone;

pub(super) struct Connection {
    stream: Stream,
    control: Control,
    wheel: Wheel,
    timer: Timer,
    session: Session,
    input: Buffer,
    lines: LineReader,
    out: Vec<u8>,
}

impl Connection {
    pub(super) fn new(stream: Stream, control: Control, wheel: Wheel, session: Session) -> Self {
        let global = &control.config().global;
        Self {
            input: Buffer::new(global.bufsize),
            lines: LineReader::new(global.bufsize, global.max_payload.max(global.bufsize)),
            out: Vec::new(),
            stream,
            control,
            timer: wheel.timer(),
            wheel,
            session,
        }
    }

    /// Answers until the client has no more to ask.
    pub(super) async fn serve(mut self) -> Result<(), Gone> {
        loop {
            match self.line().await? {
                Ok(None) => break,
                Ok(Some(line)) => {
                    self.answer_line(line.commands, line.payload).await?;
                    if self.session.quits || !self.session.interactive {
                        break;
                    }
                }
                Err(too_big) => {
                    self.message(Severity::Error, too_big.message());
                    self.flush().await?;
                    return self.drain().await;
                }
            }
        }
        self.finish();
        Ok(())
    }

    async fn answer_line(
        &mut self,
        commands: Vec<Vec<u8>>,
        mut payload: Option<Vec<u8>>,
    ) -> Result<(), Gone> {
        let last = commands.len().saturating_sub(1);
        for (at, command) in commands.iter().enumerate() {
            let is_last = at == last;
            let payload = if is_last { payload.take() } else { None };
            self.session.no_line_end = false;
            self.control.renew();
            if command.as_slice() == ASK {
                return self.give_listeners();
            }
            if command.as_slice() == ASK_TABLES {
                return self.give_tables().await;
            }
            self.control.settle_log(&self.wheel).await;
            let answer = command::execute(
                command,
                payload,
                &self.control,
                &self.wheel,
                &mut self.session,
            );
            self.deliver(answer).await?;
            if self.session.quits {
                break;
            }
            self.prompt(is_last);
            // Other connections, and checks, have their turn between commands.
            tokio::task::yield_now().await;
        }
        self.flush().await
    }

    /// Gives the listening sockets to another process, which waits for them and nothing else.
    fn give_listeners(&mut self) -> Result<(), Gone> {
        self.session.quits = true;
        if !self.session.exposes_listeners {
            return Ok(());
        }
        let listeners = self.control.listeners();
        let offered = listeners.iter().map(|listener| listener.offered());
        let offered: Vec<_> = offered.flatten().collect();
        self.stream.give_sockets(&offered).map_err(|_| Gone)
    }

    /// Gives what is in the tables to another process, and ends.
    async fn give_tables(&mut self) -> Result<(), Gone> {
        self.session.quits = true;
        if self.session.exposes_listeners {
            for table in self.control.tables().to_vec() {
                let mut dump = Dump::new(table);
                let piece = Answer::pieces(move |out| dump.next(out));
                self.deliver(piece).await?;
            }
        }
        self.flush().await
    }

    async fn deliver(&mut self, mut answer: Answer) -> Result<(), Gone> {
        while let Answer::Later(later) = answer {
            self.flush().await?;
            answer = tokio::select! {
                answer = later => answer,
                gone = self.left() => return Err(gone),
            };
        }
        match answer {
            Answer::Done | Answer::Later(_) => {}
            Answer::Message(severity, text) => self.message(severity, &text),
            Answer::Pieces(mut next) => self.pieces(&mut next).await?,
            Answer::Feed(feed) => self.feed(feed).await?,
        }
        Ok(())
    }

    /// Waits for the client to go. One that only sends nothing more still wants its answer.
    async fn left(&self) -> Gone {
        while !self.stream.is_over() {
            sleep(&self.wheel, self.control.clock().now() + LOOK_MS).await;
        }
        Gone
    }

    async fn pieces(&mut self, next: &mut Pieces) -> Result<(), Gone> {
        while next(&mut self.out) {
            if self.out.len() >= PIECE {
                self.flush().await?;
                tokio::task::yield_now().await;
                // Where cores are few, a worker may wait for this one.
                std::thread::yield_now();
            }
        }
        Ok(())
    }

    /// Shows what comes until the client says something, which is thrown away, or goes.
    async fn feed(&mut self, mut feed: Feed) -> Result<(), Gone> {
        loop {
            feed.news.borrow_and_update();
            self.pieces(&mut feed.next).await?;
            self.flush().await?;
            if !self.input.is_empty() {
                break;
            }
            let (stream, input) = (&mut self.stream, &mut self.input);
            let heard = poll_fn(|cx| stream.poll_read(cx, input));
            let is_over = tokio::select! {
                heard = heard => !matches!(heard.map_err(|_| Gone)?, ReadOutcome::Data(_)),
                changed = feed.news.changed() => changed.is_err(),
            };
            if is_over {
                break;
            }
        }
        self.input.clear();
        Ok(())
    }

    /// Appends a message: its severity if asked for, and one line end.
    fn message(&mut self, severity: Severity, text: &str) {
        let before = match self.session.severity {
            SeverityOutput::None => String::new(),
            SeverityOutput::Number => format!("[{}]: ", severity.number()),
            SeverityOutput::String => format!("[{}]: ", severity.name()),
        };
        self.out.extend_from_slice(before.as_bytes());
        self.out
            .extend_from_slice(text.trim_end_matches('\n').as_bytes());
        self.out.push(b'\n');
    }

    /// What ends an answer: an empty line, and the prompt after the last of a line.
    fn prompt(&mut self, is_last: bool) {
        if !self.session.prompt {
            if !self.session.no_line_end {
                self.out.push(b'\n');
            }
            return;
        }
        let mut prompt = String::from("\n");
        if is_last && self.session.timed {
            let up = self.control.uptime() / 1000;
            let (days, hours, minutes) = (up / 86_400, up / 3600 % 24, up / 60 % 60);
            let _ = write!(prompt, "[{days}:{hours:02}:{minutes:02}:{:02}]> ", up % 60);
        } else if is_last {
            prompt.push_str("> ");
        }
        self.out.extend_from_slice(prompt.as_bytes());
    }

    /// The next line; `None` at the end of what the client sends.
    async fn line(&mut self) -> Result<Result<Option<super::line::Line>, TooBig>, Gone> {
        loop {
            match self.lines.read(self.input.data()) {
                Ok((used, line)) => {
                    self.input.consume(used);
                    if line.is_some() {
                        return Ok(Ok(line));
                    }
                }
                Err(too_big) => return Ok(Err(too_big)),
            }
            if self.session.prompt && self.lines.wants_payload() {
                self.out.extend_from_slice(b"+ ");
                self.flush().await?;
            }
            if !self.fill().await? {
                return Ok(Ok(None));
            }
        }
    }

    /// Waits for more input; `false` at its end.
    async fn fill(&mut self) -> Result<bool, Gone> {
        self.set_timer();
        let (stream, input, timer) = (&mut self.stream, &mut self.input, &self.timer);
        let outcome = poll_fn(|cx| match stream.poll_read(cx, input) {
            Poll::Pending => poll_late(timer, cx),
            Poll::Ready(read) => Poll::Ready(read.map_err(|_| Gone)),
        });
        Ok(matches!(outcome.await?, ReadOutcome::Data(_)))
    }

    /// Writes all that waits.
    async fn flush(&mut self) -> Result<(), Gone> {
        let mut written = 0;
        while written < self.out.len() {
            self.set_timer();
            let rest = self.out.get(written..).unwrap_or_default();
            let (stream, timer) = (&mut self.stream, &self.timer);
            let more = poll_fn(|cx| match stream.poll_write(cx, rest) {
                Poll::Pending => poll_late(timer, cx),
                Poll::Ready(wrote) => Poll::Ready(wrote.map_err(|_| Gone)),
            });
            written += more.await?;
        }
        self.out.clear();
        self.out.shrink_to(2 * PIECE);
        Ok(())
    }

    fn set_timer(&self) {
        let now = self.control.clock().now();
        self.timer.set(now.saturating_add(self.session.timeout));
    }

    /// Ends the answer while the client still sends, and reads on for as long as that is likely to end: a
    /// client that is cut off within its command might never see the answer.
    async fn drain(&mut self) -> Result<(), Gone> {
        let _ = self.stream.shutdown_write();
        let mut left = DRAIN_MAX;
        while left > 0 {
            self.input.clear();
            if !self.fill().await? {
                break;
            }
            left = left.saturating_sub(self.input.len());
        }
        Ok(())
    }

    /// Ends the answer. What the client sent in vain is taken from the socket first: closing with
    /// unread bytes would reset the connection and might take the answer with it.
    fn finish(&mut self) {
        let _ = self.stream.shutdown_write();
        let mut cx = Context::from_waker(std::task::Waker::noop());
        for _ in 0..16 {
            self.input.clear();
            match self.stream.poll_read(&mut cx, &mut self.input) {
                Poll::Ready(Ok(ReadOutcome::Data(_))) => {}
                _ => return,
            }
        }
    }
}

fn poll_late<T>(timer: &Timer, cx: &mut Context<'_>) -> Poll<Result<T, Gone>> {
    timer.poll_fired(cx).map(|()| Err(Gone))
}
