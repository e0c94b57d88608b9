//! The logger thread and the handle to it.

use super::date::TimeText;
use super::envelope::{Header, Time};
use super::outlet::{Outputs, Route};
use super::places::{LogBackend, Places};
use super::queue::{Batch, Entry, LogChannel, LogQueue, Shared, Slot};
use super::ring::Ring;
use super::syslog;
use crate::clock::Clock;
use crate::net::ServerAddr;
use crate::settings::{ForwardRules, LogEnvelope, LogTarget, RingSpec};
use jiff::tz::TimeZone;
use parking_lot::{Condvar, Mutex};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use tokio::sync::watch;

/// How long lines gather while there is traffic: 250 wake-ups per second at most.
const GATHER: Duration = Duration::from_millis(4);
/// How long [`LogHandle::shutdown`] waits for receivers that don't read.
const SHUTDOWN: Duration = Duration::from_millis(500);

/// Who logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogIdentity {
    /// `log-tag` of the process.
    pub tag: Box<[u8]>,
    /// `log-send-hostname`.
    pub hostname: Option<Box<[u8]>>,
    /// The process id shown in brackets.
    pub pid: u32,
}

/// Collects lines until [`Logger::start`] gives it a thread.
///
/// Two steps, because privileges are dropped per thread: queues are made while sockets are
/// bound, the thread only afterwards.
#[derive(Debug)]
pub struct Logger {
    shared: Arc<LoggerShared>,
    clock: Clock,
    zone: TimeZone,
}

/// Makes queues and channels; ends the logger. Cheap to clone.
#[derive(Clone, Debug)]
pub struct LogHandle {
    shared: Arc<LoggerShared>,
}

#[derive(Debug)]
struct LoggerShared {
    identity: LogIdentity,
    queues: Arc<Shared>,
    places: Places,
    /// How often the queues were emptied.
    rounds: watch::Sender<u64>,
    channels: Mutex<Vec<Arc<Channel>>>,
    stopping: AtomicBool,
    stopped: Mutex<bool>,
    stop_signal: Condvar,
}

#[derive(Debug, PartialEq, Eq)]
struct Channel {
    source: Source,
    targets: Vec<LogTarget>,
}

/// Where the lines of a channel come from.
#[derive(Debug, PartialEq, Eq)]
enum Source {
    /// From this process.
    Own(Origin),
    /// From others, through a `log-forward` section.
    Others(ForwardRules),
}

/// The parts of a header that are the same for all of this process's lines of a channel.
#[derive(Debug, PartialEq, Eq)]
struct Origin {
    /// `log-tag`; empty leaves the tag and the process id out.
    tag: Box<[u8]>,
    /// `log-send-hostname`.
    hostname: Option<Box<[u8]>>,
    /// The process id in decimal.
    pid: Box<[u8]>,
}

impl Logger {
    /// Reads the local time zone; opens and starts nothing yet.
    pub fn new(clock: Clock, identity: LogIdentity) -> Self {
        let queues = Arc::<Shared>::default();
        Self {
            shared: Arc::new(LoggerShared {
                identity,
                places: Places::new(&queues),
                queues,
                rounds: watch::Sender::new(0),
                channels: Mutex::default(),
                stopping: AtomicBool::new(false),
                stopped: Mutex::new(true),
                stop_signal: Condvar::new(),
            }),
            clock,
            zone: TimeZone::system(),
        }
    }

    /// A handle to this logger.
    pub fn handle(&self) -> LogHandle {
        LogHandle {
            shared: Arc::clone(&self.shared),
        }
    }

    /// Starts the thread, which sends what was queued before and everything after.
    pub fn start(self) -> std::io::Result<LogHandle> {
        let handle = self.handle();
        *self.shared.stopped.lock() = false;
        let running = LoggerThread {
            shared: self.shared,
            clock: self.clock,
            outputs: Outputs::new(TimeText::new(self.zone)),
            channels: Vec::new(),
            places_version: 0,
            slots: Vec::new(),
            batch: Batch::new(),
        };
        thread::Builder::new()
            .name("logger".into())
            .spawn(move || running.run())
            .inspect_err(|_| *handle.shared.stopped.lock() = true)?;
        Ok(handle)
    }
}

impl LogHandle {
    /// A queue for one worker.
    pub fn queue(&self) -> LogQueue {
        LogQueue::new(&self.shared.queues)
    }

    /// The channel for these targets under this `log-tag` (`None`: the process's).
    ///
    /// Asking again for the same gives the same channel.
    pub fn channel(&self, targets: &[LogTarget], tag: Option<&[u8]>) -> LogChannel {
        let identity = &self.shared.identity;
        let source = Source::Own(Origin {
            tag: tag.unwrap_or(&identity.tag).into(),
            hostname: identity.hostname.clone(),
            pid: identity.pid.to_string().into_bytes().into(),
        });
        let max_len = targets.iter().map(|t| t.max_len).max().unwrap_or(0);
        LogChannel {
            max_len,
            ..self.open(source, targets)
        }
    }

    /// The channel of a `log-forward` section.
    pub fn forward_channel(&self, targets: &[LogTarget], rules: ForwardRules) -> LogChannel {
        self.open(Source::Others(rules), targets)
    }

    fn open(&self, source: Source, targets: &[LogTarget]) -> LogChannel {
        if targets.is_empty() {
            return LogChannel::NONE;
        }
        let (places, targets) = (&self.shared.places, targets.to_vec());
        targets.iter().for_each(|target| places.prepare(&target.to));
        let max_level = targets.iter().map(|t| t.max_level).max();
        let channel = Channel { source, targets };
        let mut channels = self.shared.channels.lock();
        let id = channels
            .iter()
            .position(|known| **known == channel)
            .unwrap_or_else(|| {
                channels.push(Arc::new(channel));
                channels.len() - 1
            });
        LogChannel {
            id: u32::try_from(id).unwrap_or(u32::MAX),
            max_level,
            max_len: usize::MAX,
        }
    }

    /// Sets the rings and the log backends there are. Rings that were there stay as they are.
    pub fn set_places(&self, rings: &[RingSpec], backends: Vec<LogBackend>) {
        self.shared.places.set(rings, backends);
    }

    /// All rings.
    pub fn rings(&self) -> Vec<Arc<Ring>> {
        self.shared.places.rings()
    }

    /// The ring of a log backend's server sends to this address once it connects again.
    pub fn move_server(&self, ring: &str, addr: ServerAddr) {
        if let Some(ring) = self.shared.places.ring(ring) {
            ring.move_server(0, addr);
        }
    }

    /// Waits until every line queued before is on its way, with servers chosen for those of log
    /// backends.
    pub async fn settle(&self) {
        let mut rounds = self.shared.rounds.subscribe();
        // The first may have begun before; the second has seen everything.
        for _ in 0..2 {
            rounds.mark_unchanged();
            self.shared.queues.wake();
            if rounds.changed().await.is_err() {
                return;
            }
        }
    }

    /// Messages that came to be sent on since start.
    pub fn received(&self) -> u64 {
        self.shared.queues.received.load(Ordering::Relaxed)
    }

    /// Lines lost since start: queue or ring full, receiver full or failing, no server.
    pub fn dropped(&self) -> u64 {
        self.shared.queues.dropped.load(Ordering::Relaxed)
    }

    /// Sends everything queued and ends the thread; waits half a second at most. Whether
    /// everything was sent.
    pub fn shutdown(&self) -> bool {
        self.shared.stopping.store(true, Ordering::Release);
        self.shared.queues.wake();
        let mut stopped = self.shared.stopped.lock();
        let waiting = |stopped: &mut bool| !*stopped;
        let signal = &self.shared.stop_signal;
        let result = signal.wait_while_for(&mut stopped, waiting, SHUTDOWN);
        drop(stopped);
        self.shared.places.end(SHUTDOWN);
        !result.timed_out()
    }
}

struct LoggerThread {
    shared: Arc<LoggerShared>,
    clock: Clock,
    /// Each with the way to every target.
    channels: Vec<(Arc<Channel>, Vec<Route>)>,
    /// What the ways to rings and backends were found in.
    places_version: u64,
    outputs: Outputs,
    /// The queues, copied so that they can be emptied while another one is made.
    slots: Vec<Arc<Slot>>,
    /// The spare batch exchanged with the queues.
    batch: Batch,
}

impl LoggerThread {
    fn run(mut self) {
        // Known before the first sleep, so that whoever must wake us can.
        let _ = self.shared.queues.thread.set(thread::current());
        loop {
            // Read before draining, so that the last round sees all that was sent before it.
            let stopping = self.shared.stopping.load(Ordering::Acquire);
            let busy = self.drain();
            self.shared.rounds.send_modify(|rounds| *rounds += 1);
            if stopping {
                break;
            }
            if busy {
                thread::park_timeout(GATHER);
            } else if self.sleep() {
                thread::park();
            }
        }
        *self.shared.stopped.lock() = true;
        self.shared.stop_signal.notify_all();
    }

    /// Sends everything queued; whether there was anything.
    fn drain(&mut self) -> bool {
        let mut slots = std::mem::take(&mut self.slots);
        slots.clone_from(&self.shared.queues.slots());
        let mut batch = std::mem::take(&mut self.batch);
        let mut busy = false;
        for slot in &slots {
            if slot.take(&mut batch) {
                busy = true;
                self.deliver(&batch);
                batch.clear();
            }
        }
        slots.clear();
        (self.slots, self.batch) = (slots, batch);
        self.outputs.flush();
        busy
    }

    /// Asks every queue for a wake-up; `false` if one of them has a line already.
    fn sleep(&self) -> bool {
        let slots = self.shared.queues.slots();
        slots.iter().all(|slot| slot.sleep())
    }

    fn deliver(&mut self, batch: &Batch) {
        let version = self.shared.places.version();
        if version != self.places_version {
            self.places_version = version;
            self.channels.clear();
        }
        let mut room = Vec::new();
        for (entry, text) in batch.lines() {
            let id = entry.channel as usize;
            if id >= self.channels.len() {
                self.open_channels();
            }
            let Some((channel, routes)) = self.channels.get_mut(id) else {
                continue;
            };
            let wall_us = self.clock.wall_us(entry.at_us);
            let (header, text) = channel.source.read(entry, text, wall_us, &mut room);
            for (target, route) in channel.targets.iter().zip(routes) {
                let is_sent = header.level <= target.max_level && route.is_due();
                let outputs = &mut self.outputs;
                if is_sent && !outputs.send(&route.outlet, target.into(), &header, text) {
                    self.shared.queues.count_dropped(1);
                }
            }
        }
    }

    /// Catches up with the channels made since the last time.
    fn open_channels(&mut self) {
        let known = self.channels.len();
        let channels = self.shared.channels.lock();
        let new: Vec<_> = channels.iter().skip(known).cloned().collect();
        drop(channels);
        for channel in new {
            let (places, queues) = (&self.shared.places, &self.shared.queues);
            let targets = channel.targets.iter();
            let routes = targets.map(|target| self.outputs.route(target, places, queues));
            let routes = routes.collect();
            self.channels.push((channel, routes));
        }
    }
}

impl Source {
    /// What a queued text says, and under which header.
    fn read<'a>(
        &'a self,
        entry: Entry,
        text: &'a [u8],
        wall_us: u64,
        room: &'a mut Vec<u8>,
    ) -> (Header<'a>, &'a [u8]) {
        let (before, text) = text
            .split_at_checked(entry.structured)
            .unwrap_or((b"", text));
        match self {
            Self::Own(origin) => (origin.header(entry.level, wall_us, before), text),
            Self::Others(rules) if !rules.parses => (syslog::unparsed(wall_us), text),
            Self::Others(rules) => {
                let (mut header, text) = syslog::parse(text, wall_us);
                syslog::name_host(&mut header, rules.host, before, room);
                header.usual = syslog::usual(&header);
                (header, text)
            }
        }
    }
}

impl Origin {
    fn header<'a>(&'a self, level: u8, wall_us: u64, structured: &'a [u8]) -> Header<'a> {
        Header {
            usual: match self.hostname {
                Some(_) => LogEnvelope::Rfc3164,
                None => LogEnvelope::Local,
            },
            facility: None,
            level,
            time: Time::Us(wall_us),
            host: self.hostname.as_deref().unwrap_or_default(),
            tag: &self.tag,
            pid: &self.pid,
            id: b"",
            structured,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::level::{DEBUG, INFO, NOTICE};
    use super::super::queue::MAX_LINES;
    use super::*;
    use crate::settings::LogDestination;
    use std::io::Read;
    use std::net::UdpSocket;
    use std::os::fd::{AsRawFd, OwnedFd};
    use std::os::unix::net::UnixDatagram;

    fn logger(clock: &Clock) -> Logger {
        let identity = LogIdentity {
            tag: b"haproxy".as_slice().into(),
            hostname: None,
            pid: 42,
        };
        let mut logger = Logger::new(clock.clone(), identity);
        logger.zone = TimeZone::UTC;
        logger
    }

    fn target(to: LogDestination, format: LogEnvelope) -> LogTarget {
        LogTarget {
            to,
            format,
            max_len: 1024,
            facility: 16,
            max_level: DEBUG,
            min_level: 0,
            sample: None,
        }
    }

    fn udp() -> (UdpSocket, LogDestination) {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket
            .set_read_timeout(Some(Duration::from_secs(5)))
            .unwrap();
        let to = LogDestination::Udp(socket.local_addr().unwrap());
        (socket, to)
    }

    fn received(socket: &UdpSocket) -> String {
        let mut buf = [0; 2048];
        let len = socket.recv(&mut buf).unwrap();
        String::from_utf8_lossy(&buf[..len]).into_owned()
    }

    /// A pipe: the text that arrived once the logger is gone, and the number to write to.
    fn pipe() -> (std::fs::File, OwnedFd) {
        let (read, write) = rustix::pipe::pipe().unwrap();
        (read.into(), write)
    }

    #[test]
    fn lines_reach_each_target_in_its_envelope() {
        let (local, to_local) = udp();
        let (modern, to_modern) = udp();
        let clock = Clock::manual(10_000);
        let log = logger(&clock).start().unwrap();
        let mut notices = target(to_modern, LogEnvelope::Rfc5424);
        notices.max_level = NOTICE;
        let targets = [target(to_local, LogEnvelope::Local), notices];
        let channel = log.channel(&targets, Some(b"edge"));
        let mut queue = log.queue();
        queue.send(channel, INFO, 1_000_000, b"first");
        assert_eq!(received(&local), "<134>Nov 14 22:13:21 edge[42]: first\n");
        queue.send(channel, NOTICE, 2_500_000, b"second");
        assert_eq!(received(&local), "<133>Nov 14 22:13:22 edge[42]: second\n");
        let expected = "<133>1 2023-11-14T22:13:22.500000+00:00 - edge 42 - - second\n";
        assert_eq!(received(&modern), expected);
        assert!(log.shutdown());
        assert_eq!(log.dropped(), 0);
    }

    #[test]
    fn shutdown_sends_what_was_queued_before_the_start() {
        let clock = Clock::manual(10_000);
        let pending = logger(&clock);
        let log = pending.handle();
        let (mut read, write) = pipe();
        let to = LogDestination::Fd(write.as_raw_fd());
        let channel = log.channel(&[target(to, LogEnvelope::Raw)], None);
        let mut queue = log.queue();
        let mut expected = String::new();
        for n in 0..1000 {
            let line = format!("line {n}");
            queue.send(channel, INFO, 0, line.as_bytes());
            expected.push_str(&line);
            expected.push('\n');
        }
        pending.start().unwrap();
        assert!(log.shutdown());
        drop(write);
        let mut seen = String::new();
        read.read_to_string(&mut seen).unwrap();
        assert_eq!(seen, expected);
    }

    #[test]
    fn a_unix_socket_gets_datagrams() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let socket = UnixDatagram::bind(&path).unwrap();
        let log = logger(&Clock::manual(0)).start().unwrap();
        let to = LogDestination::Unix(path);
        let channel = log.channel(&[target(to, LogEnvelope::Short)], None);
        log.queue().send(channel, INFO, 0, b"hello");
        let mut buf = [0; 64];
        let len = socket.recv(&mut buf).unwrap();
        assert_eq!(&buf[..len], b"<6>hello\n");
    }

    #[test]
    fn a_failing_destination_costs_its_lines_only() {
        let (socket, to) = udp();
        let log = logger(&Clock::manual(0)).start().unwrap();
        let missing = LogDestination::Unix("/nonexistent/log".into());
        let targets = [missing, LogDestination::Fd(-1), to].map(|to| target(to, LogEnvelope::Raw));
        let channel = log.channel(&targets, None);
        log.queue().send(channel, INFO, 0, b"hello");
        assert_eq!(received(&socket), "hello\n");
        assert!(log.shutdown());
        assert_eq!(log.dropped(), 2);
    }

    #[test]
    fn a_reader_that_stops_holds_up_nobody_else() {
        let (read, write) = pipe();
        let log = logger(&Clock::manual(0)).start().unwrap();
        let to = LogDestination::Fd(write.as_raw_fd());
        let channel = log.channel(&[target(to, LogEnvelope::Raw)], None);
        let mut queue = log.queue();
        let line = [b'x'; 1000];
        while log.dropped() == 0 {
            queue.send(channel, INFO, 0, &line);
        }
        assert!(!log.shutdown(), "the logger thread is stuck in a write");
        drop(read);
    }

    #[test]
    fn a_full_queue_is_bounded_before_the_start_too() {
        let pending = logger(&Clock::manual(0));
        let log = pending.handle();
        let (_socket, to) = udp();
        let channel = log.channel(&[target(to, LogEnvelope::Raw)], None);
        let mut queue = log.queue();
        for _ in 0..=MAX_LINES {
            queue.send(channel, INFO, 0, b"x");
        }
        assert_eq!(log.dropped(), 1);
        assert!(log.shutdown(), "nothing to wait for without a thread");
    }

    #[test]
    fn the_same_targets_and_tag_share_a_channel() {
        let log = logger(&Clock::manual(0)).handle();
        let targets = [target(LogDestination::Fd(1), LogEnvelope::Raw)];
        let first = log.channel(&targets, None);
        assert_eq!(log.channel(&targets, Some(b"haproxy")), first);
        assert_ne!(log.channel(&targets, Some(b"other")), first);
        assert_eq!(log.channel(&[], None), LogChannel::NONE);
    }
}
