//! `log-forward`: receiving log messages, as datagrams and over connections (RFC 6587).
//!
//! It runs on the control thread, a bounded number of messages at a time; each message is copied
//! to the logger thread's queue as it came, and what finds no room there is lost and counted. A
//! connection that sends what is no message is closed. Deliberately absent: what messages say
//! (`observe::log`).

use super::control::{ForwardSockets, InForce};
use super::env::Stop;
use crate::clock::{Clock, NEVER};
use crate::net::{Acceptor, Buffer, DatagramSocket, Endpoint, ReadOutcome, Stream, Wheel};
use crate::observe::log::{LogChannel, LogQueue};
use crate::settings::LogForward;
use std::cell::RefCell;
use std::future::{pending, poll_fn};
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::sync::{Arc, Weak};
use std::task::Poll;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

/// The longest datagram of UDP.
const DATAGRAM: usize = 65_536;
/// Messages of one sender before others have their turn.
const TURN: usize = 64;

/// What receives messages has.
#[derive(Clone)]
pub(super) struct Desk {
    pub(super) clock: Clock,
    pub(super) wheel: Wheel,
    pub(super) queue: Rc<RefCell<LogQueue>>,
}

/// One section being served.
struct Section {
    desk: Desk,
    config: LogForward,
    channel: LogChannel,
    /// Bytes of a message on a connection.
    room: usize,
    slots: Arc<Semaphore>,
}

impl Desk {
    /// Receives for the generation in force, until the process is to end. Connections keep the
    /// generation they came under.
    pub(super) async fn keep(
        self,
        mut in_force: watch::Receiver<Option<InForce>>,
        mut stop: watch::Receiver<Stop>,
    ) {
        loop {
            let now = in_force.borrow_and_update().clone();
            let doors = now.map_or_else(Vec::new, |now| self.open(&now));
            let goes_on = tokio::select! {
                changed = in_force.changed() => changed.is_ok(),
                stopped = stop.wait_for(|stop| *stop != Stop::Not) => match stopped {
                    Ok(_) => false,
                    // Nobody can ask for an end.
                    Err(_) => pending().await,
                },
            };
            doors.iter().for_each(JoinHandle::abort);
            if !goes_on {
                return;
            }
        }
    }

    fn open(&self, now: &InForce) -> Vec<JoinHandle<()>> {
        let (config, Some(log)) = (&now.shared.config, now.shared.log()) else {
            return Vec::new();
        };
        let mut doors = Vec::new();
        for (forward, sockets) in config.log_forwards.iter().zip(&*now.forwards) {
            let section = Rc::new(Section {
                desk: self.clone(),
                channel: log.forward_channel(&forward.targets, forward.rules),
                room: config.global.bufsize,
                slots: Arc::new(Semaphore::new(match forward.maxconn {
                    0 => Semaphore::MAX_PERMITS,
                    most => most as usize,
                })),
                config: forward.clone(),
            });
            section.open(sockets, &mut doors);
        }
        doors
    }
}

impl Section {
    fn open(self: Rc<Self>, sockets: &ForwardSockets, doors: &mut Vec<JoinHandle<()>>) {
        for socket in sockets.datagrams.iter().filter_map(Weak::upgrade) {
            let task = Rc::clone(&self).datagrams(socket);
            doors.push(tokio::task::spawn_local(task));
        }
        for socket in sockets.streams.iter().filter_map(Weak::upgrade) {
            let task = Rc::clone(&self).accept(socket);
            doors.push(tokio::task::spawn_local(task));
        }
    }

    fn pass_on(&self, sender: Endpoint, message: &[u8]) {
        let now_us = self.desk.clock.now_us();
        let sender = sender.ip().map(|ip| ip.to_canonical().to_string());
        let sender = sender.unwrap_or_default();
        let mut queue = self.desk.queue.borrow_mut();
        queue.pass_on(self.channel, now_us, sender.as_bytes(), message);
    }

    async fn datagrams(self: Rc<Self>, socket: Arc<OwnedFd>) {
        let Ok(mut socket) = DatagramSocket::new(socket) else {
            return;
        };
        let mut room = vec![0; DATAGRAM];
        let mut turn = 0;
        // Nothing can go wrong with a socket that only receives, and nothing could be done then.
        while let Ok((length, sender)) = poll_fn(|cx| socket.poll_receive(cx, &mut room)).await {
            self.pass_on(sender, room.get(..length).unwrap_or_default());
            turn += 1;
            if turn % TURN == 0 {
                tokio::task::yield_now().await;
            }
        }
    }

    async fn accept(self: Rc<Self>, socket: Arc<OwnedFd>) {
        let desk = &self.desk;
        let Ok(mut acceptor) = Acceptor::new(socket, &desk.wheel, desk.clock.clone()) else {
            return;
        };
        loop {
            // Never closed.
            let Ok(slot) = Arc::clone(&self.slots).acquire_owned().await else {
                return;
            };
            // After an error the acceptor pauses by itself.
            let Ok(accepted) = poll_fn(|cx| acceptor.poll_accept(cx)).await else {
                continue;
            };
            let section = Rc::clone(&self);
            tokio::task::spawn_local(async move {
                let sender = accepted.peer;
                section.serve(accepted.into_stream(), sender).await;
                drop(slot);
            });
        }
    }

    /// Takes the messages of a connection until it ends, is silent for too long, or sends
    /// something else.
    async fn serve(&self, mut stream: Stream, sender: Endpoint) {
        let mut buffer = Buffer::new(self.room);
        let timer = self.desk.wheel.timer();
        let mut turn = 0;
        loop {
            match frame(buffer.data(), self.config.only_lines, self.room) {
                Frame::Message { start, end, next } => {
                    let message = buffer.data().get(start..end).unwrap_or_default();
                    self.pass_on(sender, message);
                    buffer.consume(next);
                    turn += 1;
                    if turn % TURN == 0 {
                        tokio::task::yield_now().await;
                    }
                }
                Frame::Wrong => return,
                Frame::More => {
                    let now = self.desk.clock.now();
                    timer.set(match self.config.client_ms {
                        NEVER => NEVER,
                        timeout => now.saturating_add(timeout),
                    });
                    let read = poll_fn(|cx| match stream.poll_read(cx, &mut buffer) {
                        Poll::Ready(read) => Poll::Ready(read.ok()),
                        Poll::Pending => timer.poll_fired(cx).map(|()| None),
                    });
                    if !matches!(read.await, Some(ReadOutcome::Data(_))) {
                        return;
                    }
                }
            }
        }
    }
}

/// What the first bytes on a connection are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frame {
    /// A message, and where the next one begins.
    Message {
        start: usize,
        end: usize,
        next: usize,
    },
    /// Part of one.
    More,
    /// No message, or one longer than `room`.
    Wrong,
}

/// Finds the first message: up to a line feed if it begins with `<`, as long as its number says if
/// with that.
fn frame(data: &[u8], only_lines: bool, room: usize) -> Frame {
    match data.first() {
        None => Frame::More,
        Some(&first) if first == b'<' || only_lines => match memchr::memchr(b'\n', data) {
            Some(end) => {
                let is_cr = end.checked_sub(1).and_then(|at| data.get(at)) == Some(&b'\r');
                Frame::Message {
                    start: 0,
                    end: end - usize::from(is_cr),
                    next: end + 1,
                }
            }
            None if data.len() >= room => Frame::Wrong,
            None => Frame::More,
        },
        Some(b'1'..=b'9') => counted(data, room),
        Some(_) => Frame::Wrong,
    }
}

/// A message with its length before it.
fn counted(data: &[u8], room: usize) -> Frame {
    let digits = data.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let length = data
        .get(..digits)
        .and_then(|text| std::str::from_utf8(text).ok());
    let length = length.and_then(|text| text.parse::<usize>().ok());
    let start = digits + 1;
    let end = length.and_then(|length| length.checked_add(start));
    match (data.get(digits), end) {
        (_, Some(end)) if end > room => Frame::Wrong,
        (_, None) => Frame::Wrong,
        (None, _) => Frame::More,
        (Some(b' '), Some(end)) if end <= data.len() => Frame::Message {
            start,
            end,
            next: end,
        },
        (Some(b' '), Some(_)) => Frame::More,
        (Some(_), _) => Frame::Wrong,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The messages at the start of these bytes, and what comes after them.
    #[track_caller]
    fn check(data: &str, only_lines: bool, expected: &[&str], rest: Frame) {
        let mut data = data.as_bytes();
        let mut seen = Vec::new();
        let end = loop {
            match frame(data, only_lines, 40) {
                Frame::Message { start, end, next } => {
                    seen.push(String::from_utf8_lossy(&data[start..end]).into_owned());
                    data = &data[next..];
                }
                other => break other,
            }
        };
        assert_eq!(seen, expected);
        assert_eq!(end, rest);
    }

    #[test]
    fn frames() {
        use Frame::{More, Wrong};
        check("", false, &[], More);
        check("<1>a\n<2>b\r\n", false, &["<1>a", "<2>b"], More);
        check("<1>a", false, &[], More);
        check(
            "4 <1>a5 <2>bc<3>d\n",
            false,
            &["<1>a", "<2>bc", "<3>d"],
            More,
        );
        check("10 <1>a", false, &[], More);
        check("10", false, &[], More);
        check("39 x", false, &[], Wrong);
        check("99999999999999999999999 x", false, &[], Wrong);
        check("4x<1>a", false, &[], Wrong);
        check("hello\n", false, &[], Wrong);
        check("\n", false, &[], Wrong);
        check("hello\n4 <1>\n", true, &["hello", "4 <1>"], More);
        check("\n", true, &[""], More);
        check(&"<".repeat(40), false, &[], Wrong);
        check(&"<".repeat(39), false, &[], More);
    }
}
