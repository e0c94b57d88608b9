//! Request lives of every sort, at random, two thousand at a time: no limit is ever exceeded by even one,
//! and every place comes back.
//!
//! `TIDEGATE_LIVES=10000000 TIDEGATE_BINARY=$PWD/target/release/tidegate cargo test --test scenarios
//! protect::lives -- --nocapture` lives ten million of them, in six to eight minutes. Clients and origins are tasks of a thread each; what a life is like
//! stands in its path, so that the origin knows whether its client will stay.

use crate::support::parameter;
use crate::support::peer::Peer;
use crate::support::process::affordable;
use crate::support::tidegate;
use crate::support::topology::Topology;
use std::future::Future;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;
use tidegate::clock::Clock;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{LocalSet, spawn_local, yield_now};

/// Lives unless `TIDEGATE_LIVES` says otherwise.
const LIVES: u64 = 10_000;
/// Clients at the same time, a thousand for each worker, if there are descriptors for so many.
const CLIENTS: usize = 2000;
/// `inflight-limit`, for each of so many users.
const MOST_OF_A_USER: usize = 12;
const USERS: usize = 4;
/// `max-requests`.
const MOST_ACTIVE: usize = 30;
/// A life that takes longer waits for a place that was lost.
const LONG: Duration = Duration::from_secs(60);

const CONFIG: &str = "\
global
    nbthread 2
    maxconn 5000
    stats socket \"fd@${cli}\" level admin
defaults
    mode http
    retries 0
    timeout connect 60s
    timeout client 60s
    timeout server 60s
    timeout queue 60s
frontend fe
    bind \"fd@${fe}\"
    use_backend %[path,field(2,/)]
backend keyed
    http-request inflight-limit 12 key path,field(4,/) name users
    circuit-breaker never expression \"NetworkErrorRatio() > 1.0\"
    server s ${s}
backend limited
    circuit-limits max-requests 30 max-pending-requests 10 max-connections 40
    circuit-breaker never expression \"NetworkErrorRatio() > 1.0\" scope server
    server t ${t}
";

/// What happens in a life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    Plain,
    /// The client leaves while the origin has the request.
    ClientCloses,
    ClientResets,
    /// The same in the middle of its upload.
    UploadReset,
    /// The same when the response begins.
    DownloadReset,
    /// The origin answers with nothing, half of a body, or ends in a fault.
    OriginCloses,
    OriginCuts,
    OriginPanics,
    /// Both go on in a protocol of their own.
    Upgrade,
}

impl Life {
    const ALL: [Self; 9] = [
        Self::Plain,
        Self::ClientCloses,
        Self::ClientResets,
        Self::UploadReset,
        Self::DownloadReset,
        Self::OriginCloses,
        Self::OriginCuts,
        Self::OriginPanics,
        Self::Upgrade,
    ];

    /// Of a hundred lives 88 are plain.
    fn drawn(number: u64) -> Self {
        match number % 100 {
            rare @ 0..12 => Self::ALL[1 + rare as usize % 8],
            _ => Self::Plain,
        }
    }

    /// Whether the client stays to the end: only then does the origin know when the place is free.
    fn client_stays(self) -> bool {
        !matches!(
            self,
            Self::ClientCloses | Self::ClientResets | Self::UploadReset | Self::DownloadReset
        )
    }

    fn request(self, place: &str, user: usize) -> String {
        let number = self as usize;
        let method = if self == Self::UploadReset {
            "POST"
        } else {
            "GET"
        };
        let fields = match self {
            Self::UploadReset => "content-length: 100000\r\n",
            Self::Upgrade => "connection: upgrade\r\nupgrade: echo\r\n",
            _ => "",
        };
        format!("{method} /{place}/{number}/{user} HTTP/1.1\r\nhost: a\r\n{fields}\r\n")
    }
}

/// How many requests of one sort an origin has, and the most it had.
#[derive(Default)]
struct Gauge {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Gauge {
    fn enter(&self) {
        let now = self.now.fetch_add(1, Ordering::Relaxed) + 1;
        self.most.fetch_max(now, Ordering::Relaxed);
    }

    fn leave(&self) {
        self.now.fetch_sub(1, Ordering::Relaxed);
    }

    fn most(&self) -> usize {
        self.most.load(Ordering::Relaxed)
    }
}

/// A connection on which whole heads are read.
struct Wire {
    stream: TcpStream,
    bytes: Vec<u8>,
}

impl Wire {
    fn new(stream: TcpStream) -> Self {
        stream.set_nodelay(true).expect("a TCP socket");
        Self {
            stream,
            bytes: Vec::new(),
        }
    }

    /// Reads more; `None` at the end, whatever ended it.
    async fn more(&mut self) -> Option<()> {
        loop {
            self.stream.readable().await.ok()?;
            let mut buffer = [0; 4096];
            match self.stream.try_read(&mut buffer) {
                Ok(0) => return None,
                Ok(count) => {
                    self.bytes.extend_from_slice(&buffer[..count]);
                    return Some(());
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => return None,
            }
        }
    }

    /// The next head.
    async fn head(&mut self) -> Option<String> {
        loop {
            let end = self.bytes.windows(4).position(|four| four == b"\r\n\r\n");
            if let Some(end) = end {
                let head: Vec<u8> = self.bytes.drain(..end + 4).collect();
                return String::from_utf8(head).ok();
            }
            self.more().await?;
        }
    }

    /// Takes so many bytes of a body.
    async fn body(&mut self, count: usize) -> Option<()> {
        while self.bytes.len() < count {
            self.more().await?;
        }
        self.bytes.drain(..count);
        Some(())
    }

    /// All messages are short enough for a socket's buffer.
    async fn send(&self, text: &str) -> Option<()> {
        self.stream.writable().await.ok()?;
        let sent = self.stream.try_write(text.as_bytes()).ok()?;
        assert_eq!(sent, text.len());
        Some(())
    }

    fn reset(self) {
        let socket = socket2::SockRef::from(&self.stream);
        socket
            .set_linger(Some(Duration::ZERO))
            .expect("a TCP socket");
    }
}

/// Runs tasks on a thread of their own.
fn on_a_thread<F: Future>(tasks: impl FnOnce() -> F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build().expect("a runtime");
    LocalSet::new().block_on(&runtime, tasks())
}

/// Serves for as long as the test lasts. A request counts in the gauge of its user.
fn serve(listener: StdListener, gauges: Arc<[Gauge]>) {
    listener.set_nonblocking(true).expect("a socket");
    thread::spawn(move || {
        on_a_thread(async || {
            let listener = TcpListener::from_std(listener).expect("a socket");
            while let Ok((stream, _)) = listener.accept().await {
                let gauges = Arc::clone(&gauges);
                spawn_local(async move { converse(Wire::new(stream), &gauges).await });
            }
        });
    });
}

async fn converse(mut wire: Wire, gauges: &[Gauge]) -> Option<()> {
    loop {
        let head = wire.head().await?;
        let mut parts = head.split(['/', ' ']).skip(3).map(str::parse::<usize>);
        let mut number = || parts.next()?.ok();
        let life = Life::ALL[number()?];
        let gauge = gauges.get(number()? % gauges.len())?;
        let counts = life.client_stays();
        if counts {
            gauge.enter();
        }
        // Others come meanwhile.
        for _ in 0..10 {
            yield_now().await;
        }
        if life == Life::Upgrade {
            wire.send("HTTP/1.1 101 Go\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n")
                .await;
            wire.body(4).await;
        }
        if counts {
            gauge.leave();
        }
        match life {
            Life::Plain | Life::ClientCloses | Life::ClientResets => {
                wire.send("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nwell")
                    .await?;
            }
            Life::OriginCuts | Life::DownloadReset => {
                wire.send("HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\nhalf")
                    .await?;
                if life == Life::DownloadReset {
                    wire.more().await;
                }
                return None;
            }
            Life::OriginPanics => std::panic::resume_unwind(Box::new("the origin fails")),
            Life::UploadReset => return wire.body(100_000).await,
            Life::OriginCloses | Life::Upgrade => return None,
        }
    }
}

/// What came of all lives: how many answers there were of each status.
#[derive(Default)]
struct Outcome {
    answers: [AtomicU64; 6],
    refused: AtomicU64,
    left: AtomicU64,
}

/// One client: lives until there are none left.
async fn live(to: SocketAddr, seed: u64, left: Rc<AtomicU64>, outcome: Rc<Outcome>) {
    let mut dice = seed;
    let mut wire = None;
    while left
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1))
        .is_ok()
    {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        let life = Life::drawn(dice >> 8);
        let place = ["keyed", "limited"][dice as usize & 1];
        let user = (dice >> 40) as usize % USERS;
        let own = match wire.take() {
            Some(wire) => wire,
            None => Wire::new(TcpStream::connect(to).await.expect("a connection")),
        };
        let request = life.request(place, user);
        let one = one_life(own, life, &request, &outcome);
        wire = tokio::time::timeout(LONG, one)
            .await
            .expect("no life is that long");
    }
}

/// Sends the request and does what belongs to its life; the connection, if it can be used again.
async fn one_life(mut wire: Wire, life: Life, request: &str, outcome: &Outcome) -> Option<Wire> {
    if wire.send(request).await.is_none() {
        outcome.left.fetch_add(1, Ordering::Relaxed);
        return None;
    }
    if matches!(
        life,
        Life::ClientCloses | Life::ClientResets | Life::UploadReset
    ) {
        yield_now().await;
        outcome.left.fetch_add(1, Ordering::Relaxed);
        if life != Life::ClientCloses {
            wire.reset();
        }
        return None;
    }
    let Some(head) = wire.head().await else {
        outcome.left.fetch_add(1, Ordering::Relaxed);
        return None;
    };
    let status = head.get(9..12).unwrap_or_default();
    match status {
        "429" | "503" => {
            // Others have their turn before this client asks again.
            for _ in 0..40 {
                yield_now().await;
            }
            outcome.refused.fetch_add(1, Ordering::Relaxed)
        }
        "101" | "200" | "502" => {
            let class = usize::from(status.as_bytes()[0] - b'0');
            outcome.answers[class].fetch_add(1, Ordering::Relaxed)
        }
        _ => panic!("{life:?}: {head}"),
    };
    if status == "101" {
        wire.send("ping").await?;
        while wire.more().await.is_some() {}
        return None;
    }
    if life == Life::DownloadReset {
        // Closed without a reset it would last until `timeout server`: the origin may still send.
        wire.reset();
        return None;
    }
    let length = head.split("content-length: ").nth(1)?;
    let length = length.split('\r').next()?.parse().ok()?;
    wire.body(length).await?;
    (!head.contains("connection: close")).then_some(wire)
}

/// What a command answers.
fn ask(topology: &Topology, line: &str) -> String {
    let mut peer = Peer::new(topology.connect("cli"));
    peer.send(format!("{line}\n").into_bytes());
    let answer = peer.rest().unwrap_or_else(|why| panic!("{why}"));
    String::from_utf8(answer).expect("text")
}

/// Asks until an answer has all of this; a place that was lost never comes back.
fn comes_to(topology: &Topology, line: &str, expected: &[&str]) -> String {
    let mut answer = String::new();
    for _ in 0..400 {
        answer = ask(topology, line);
        if expected.iter().all(|word| answer.contains(word)) {
            return answer;
        }
        assert!(!topology.process.ends_within(Duration::from_millis(10)));
    }
    panic!("{line}: {expected:?} never came: {answer}");
}

#[test]
fn no_place_is_lost_and_none_is_given_twice() {
    let lives = parameter("TIDEGATE_LIVES", LIVES);
    // Before the proxy starts, which inherits the limit.
    let clients = affordable(CLIENTS);
    let topology = Topology::start(&tidegate(), CONFIG);
    let gauges = |count| -> Arc<[Gauge]> { (0..count).map(|_| Gauge::default()).collect() };
    let (users, active) = (gauges(USERS), gauges(1));
    serve(topology.origin("s"), Arc::clone(&users));
    serve(topology.origin("t"), Arc::clone(&active));
    let to = SocketAddr::from(([127, 0, 0, 1], topology.port("fe")));
    let clock = Clock::system();
    let begun = clock.now();
    let outcome = on_a_thread(async || {
        let (left, outcome) = (Rc::new(AtomicU64::new(lives)), Rc::<Outcome>::default());
        let running: Vec<_> = (1..=clients as u64)
            .map(|seed| seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
            .map(|seed| spawn_local(live(to, seed, Rc::clone(&left), Rc::clone(&outcome))))
            .collect();
        for client in running {
            client.await.expect("a client's expectations hold");
        }
        outcome
    });
    let took_ms = (clock.now() - begun).max(1);
    let of_a_user = users.iter().map(Gauge::most).max().unwrap_or(0);
    let [_, upgrades, well, _, _, failed] = outcome.answers.each_ref();
    println!(
        "{lives} lives in {took_ms} ms ({} a second): {} answered 200, {} upgraded, {} failed by the origin, {} refused, {} left by a side; \
         at most {of_a_user} of {MOST_OF_A_USER} at once of a user, {} of {MOST_ACTIVE} active",
        lives * 1000 / took_ms,
        well.load(Ordering::Relaxed),
        upgrades.load(Ordering::Relaxed),
        failed.load(Ordering::Relaxed),
        outcome.refused.load(Ordering::Relaxed),
        outcome.left.load(Ordering::Relaxed),
        active[0].most(),
    );
    assert!(of_a_user <= MOST_OF_A_USER && active[0].most() <= MOST_ACTIVE);
    let inflight = comes_to(&topology, "show inflight-limit", &[" requests=0 "]);
    let limits = ["rq_active=0 ", "rq_pending_active=0 ", "rq_retry_active=0 "];
    let limits = comes_to(&topology, "show circuit-limits", &limits);
    let breakers = comes_to(&topology, "show circuit-breaker keyed", &[" in_flight=0 "]);
    let of_server = comes_to(
        &topology,
        "show circuit-breaker limited",
        &[" in_flight=0 "],
    );
    print!("{inflight}{limits}{breakers}{of_server}");
    // The limits had work to do.
    assert!(!inflight.contains(" denied=0 "), "{inflight}");
    assert!(!limits.contains("overflow_pending=0 "), "{limits}");
}
