//! Clients that use the proxy well and badly, and know what must come of it.

use crate::ledger::Fate;
use crate::origin::{Kind, body};
use crate::support::message::Message;
use crate::support::peer::Peer;
use crate::support::topology::Topology;
use std::thread;

/// One client; its choices follow from its number.
#[derive(Debug)]
pub(crate) struct Client<'a> {
    topology: &'a Topology,
    number: usize,
    requests: usize,
    dice: u64,
    pub(crate) fates: Vec<(String, Fate)>,
}

/// What an answer must be.
enum Expected {
    /// The origin's own.
    Whole,
    /// The origin's own, or a page of ours with one of these.
    WholeOr(&'static [u16]),
    /// A page of ours.
    Page(u16),
    /// A head of the origin's, whose body never ends well.
    Broken,
}

impl<'a> Client<'a> {
    pub(crate) fn new(topology: &'a Topology, number: usize) -> Self {
        Self {
            topology,
            number,
            requests: 0,
            dice: number as u64 + 1,
            fates: Vec::new(),
        }
    }

    /// Does something.
    pub(crate) fn act(&mut self) {
        match self.roll(22) {
            0..3 => self.keep_alive(),
            3 => self.closing(),
            4 => self.upload(),
            5 => self.upload_in_chunks(),
            6 => self.download(),
            7 => self.read_slowly(),
            8 => self.write_slowly(),
            9 => self.pipeline(),
            10 => self.upgrade(),
            11 => self.answered_early(),
            12 => self.leave_in_the_head(),
            13 => self.leave_in_the_upload(),
            14 => self.leave_in_the_download(),
            15 => self.leave_while_waiting(),
            16 => self.send_garbage(),
            17 | 18 => self.use_a_bad_origin(),
            19 => self.wait_in_the_queue(),
            20 => self.use_bad_servers(),
            _ => self.use_tcp(),
        }
    }

    /// A number below `sides` (splitmix64).
    fn roll(&mut self, sides: usize) -> usize {
        self.dice = self.dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.dice ^ (self.dice >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % sides as u64) as usize
    }

    fn connect(&self) -> Peer {
        Peer::new(self.topology.connect("fe"))
    }

    /// The id of a new request, and its head up to the last field.
    fn request(&mut self, method: &str, place: &str, kind: Kind, len: usize) -> (String, String) {
        let id = format!("{}-{}", self.number, self.requests);
        self.requests += 1;
        let number = Kind::ALL.iter().position(|known| *known == kind);
        let user = self.roll(300);
        let head = format!(
            "{method} /{place}/{}/{len} HTTP/1.1\r\nhost: soak\r\nx-id: {id}\r\nx-user: u{user}\r\n",
            number.expect("every kind is listed")
        );
        (id, head)
    }

    fn get(&mut self, place: &str, kind: Kind, len: usize) -> (String, Vec<u8>) {
        let (id, head) = self.request("GET", place, kind, len);
        (id, format!("{head}\r\n").into_bytes())
    }

    fn note(&mut self, id: &str, fate: Fate) {
        self.fates.push((id.to_owned(), fate));
    }

    /// Reads the answer; whether the connection can be used again.
    #[track_caller]
    fn read(&mut self, peer: &mut Peer, id: &str, len: usize, expected: &Expected) -> bool {
        let head = loop {
            match peer.head() {
                Ok(head) if matches!(head.status(), 100..=199) => {}
                Ok(head) => break head,
                Err(why) => panic!("{id}: no answer: {why}"),
            }
        };
        let status = head.status();
        self.note(id, Fate::Answered(status));
        let got = read_body(peer, &head);
        let is_whole = status == 200 && got.as_ref() == Ok(&body(id, len));
        let holds = match expected {
            Expected::Whole => is_whole,
            Expected::WholeOr(pages) => is_whole || pages.contains(&status),
            Expected::Page(page) => status == *page && got.is_ok(),
            Expected::Broken => status == 200 && got.is_err(),
        };
        let is_origins = head.header("x-id").is_some();
        assert!(
            holds && (!is_origins || head.header("x-id") == Some(id)),
            "{id}: {head} {got:?}"
        );
        got.is_ok() && head.header("connection") != Some("close")
    }

    /// One exchange on a connection of its own.
    #[track_caller]
    fn exchange(&mut self, place: &str, kind: Kind, len: usize, expected: &Expected) {
        let mut peer = self.connect();
        let (id, request) = self.get(place, kind, len);
        peer.send(request);
        self.read(&mut peer, &id, len, expected);
    }

    fn keep_alive(&mut self) {
        let mut peer = self.connect();
        for turn in 0..1 + self.roll(20) {
            let len = self.roll(2000);
            let kinds = [Kind::Length, Kind::Chunked, Kind::Interim, Kind::UntilClose];
            let kind = kinds[self.roll(4)];
            let (id, request) = self.get("plain", kind, len);
            peer.send(request);
            // Between two requests the proxy may close, as it does when it is reloaded.
            if turn > 0 && !peer.has_bytes() {
                return self.note(&id, Fate::Left);
            }
            if !self.read(&mut peer, &id, len, &Expected::Whole) {
                return;
            }
        }
    }

    fn closing(&mut self) {
        let mut peer = self.connect();
        let (id, head) = self.request("GET", "plain", Kind::Length, 100);
        peer.send(format!("{head}connection: close\r\n\r\n").into_bytes());
        assert!(!self.read(&mut peer, &id, 100, &Expected::Whole));
        assert!(peer.end().is_ok(), "{id}: the connection goes on");
    }

    fn upload(&mut self) {
        let len = self.roll(300_000);
        let mut peer = self.connect();
        let (id, head) = self.request("POST", "plain", Kind::Echo, len);
        let mut all = format!("{head}content-length: {len}\r\n\r\n").into_bytes();
        all.extend(body(&id, len));
        peer.send(all);
        self.read(&mut peer, &id, len, &Expected::Whole);
    }

    fn upload_in_chunks(&mut self) {
        let len = self.roll(50_000);
        let mut peer = self.connect();
        let (id, head) = self.request("PUT", "plain", Kind::Echo, len);
        let mut all = format!("{head}transfer-encoding: chunked\r\n\r\n").into_bytes();
        for chunk in body(&id, len).chunks(1 + self.roll(5000)) {
            all.extend(format!("{:X};e=1\r\n", chunk.len()).into_bytes());
            all.extend(chunk);
            all.extend(b"\r\n");
        }
        all.extend(b"0\r\n\r\n");
        peer.send(all);
        self.read(&mut peer, &id, len, &Expected::Whole);
    }

    fn download(&mut self) {
        let len = self.roll(2_000_000);
        let kind = [Kind::Length, Kind::Chunked, Kind::UntilClose][self.roll(3)];
        self.exchange("plain", kind, len, &Expected::Whole);
    }

    fn read_slowly(&mut self) {
        let len = self.roll(200_000);
        let stream = self.topology.connect("fe");
        let socket = socket2::SockRef::from(&stream);
        socket.set_recv_buffer_size(4096).expect("a small buffer");
        let mut peer = Peer::new(stream);
        let (id, request) = self.get("plain", Kind::Length, len);
        peer.send(request);
        let head = peer.head().unwrap_or_else(|why| panic!("{id}: {why}"));
        let mut got = Vec::new();
        while got.len() < len {
            let piece = peer.raw(1000.min(len - got.len()));
            got.extend(piece.unwrap_or_else(|why| panic!("{id}: {why}")));
            thread::yield_now();
        }
        assert!(got == body(&id, len), "{id}: another body");
        self.note(&id, Fate::Answered(head.status()));
    }

    fn write_slowly(&mut self) {
        let mut peer = self.connect();
        let (id, request) = self.get("plain", Kind::Drip, 50);
        for byte in request {
            peer.send(vec![byte]);
            thread::yield_now();
        }
        self.read(&mut peer, &id, 50, &Expected::Whole);
    }

    fn pipeline(&mut self) {
        let mut peer = self.connect();
        let mut sent = Vec::new();
        let mut all = Vec::new();
        for _ in 0..20 {
            let len = self.roll(500);
            let (id, request) = self.get("plain", Kind::Length, len);
            all.extend(request);
            sent.push((id, len));
        }
        peer.send(all);
        let mut goes_on = true;
        for (turn, (id, len)) in sent.iter().enumerate() {
            goes_on = goes_on && (turn == 0 || peer.has_bytes());
            match goes_on {
                true => goes_on = self.read(&mut peer, id, *len, &Expected::Whole),
                false => self.note(id, Fate::Left),
            }
        }
    }

    fn upgrade(&mut self) {
        let mut peer = self.connect();
        let (id, head) = self.request("GET", "plain", Kind::Upgrade, 0);
        peer.send(format!("{head}connection: upgrade\r\nupgrade: echo\r\n\r\n").into_bytes());
        let head = peer.head().unwrap_or_else(|why| panic!("{id}: {why}"));
        assert_eq!(head.status(), 101, "{id}: {head}");
        self.note(&id, Fate::Answered(101));
        for _ in 0..self.roll(10) {
            peer.send(b"to and fro".to_vec());
            let back = peer.raw(10).unwrap_or_else(|why| panic!("{id}: {why}"));
            assert_eq!(back, b"to and fro", "{id}");
        }
        if self.roll(2) == 0 {
            peer.abort();
        }
    }

    fn answered_early(&mut self) {
        let mut peer = self.connect();
        let (id, head) = self.request("POST", "plain", Kind::Early, 100);
        let mut all = format!("{head}content-length: 400000\r\n\r\n").into_bytes();
        all.extend(vec![b'x'; 400_000]);
        peer.send(all);
        self.read(&mut peer, &id, 100, &Expected::Whole);
    }

    /// Half a head, then no more.
    fn leave_in_the_head(&mut self) {
        let mut peer = self.connect();
        let (_, request) = self.get("plain", Kind::Length, 10);
        let cut = self.roll(request.len());
        peer.send(request[..cut].to_vec());
        self.leave(peer);
    }

    fn leave_in_the_upload(&mut self) {
        let mut peer = self.connect();
        let (id, head) = self.request("POST", "plain", Kind::Echo, 100_000);
        let mut all = format!("{head}content-length: 100000\r\n\r\n").into_bytes();
        all.extend(vec![b'x'; self.roll(50_000)]);
        peer.send(all);
        self.leave(peer);
        self.note(&id, Fate::Left);
    }

    fn leave_in_the_download(&mut self) {
        let mut peer = self.connect();
        let (id, request) = self.get("plain", Kind::Length, 3_000_000);
        peer.send(request);
        let head = peer.head().unwrap_or_else(|why| panic!("{id}: {why}"));
        assert_eq!(head.status(), 200, "{id}: {head}");
        self.leave(peer);
        self.note(&id, Fate::Answered(200));
    }

    fn leave_while_waiting(&mut self) {
        let mut peer = self.connect();
        let (id, request) = self.get("plain", Kind::Silent, 0);
        peer.send(request);
        self.leave(peer);
        self.note(&id, Fate::Left);
    }

    fn leave(&mut self, peer: Peer) {
        match self.roll(2) {
            0 => peer.abort(),
            _ => drop(peer),
        }
    }

    fn send_garbage(&mut self) {
        let garbage: [&[u8]; 4] = [
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
            b"GET / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
            b"GET / HTTP/1.1\r\n\r\n",
            b"GET /\r\nhost: a\r\n\r\n",
        ];
        let mut peer = self.connect();
        peer.send(garbage[self.roll(4)].to_vec());
        let head = peer.head().unwrap_or_else(|why| panic!("no answer: {why}"));
        assert_eq!(head.status(), 400, "{head}");
    }

    fn use_a_bad_origin(&mut self) {
        let (kind, expected) = match self.roll(9) {
            0 => (Kind::Eof, Expected::Page(502)),
            1 => (Kind::Reset, Expected::Page(502)),
            2 => (Kind::HalfHead, Expected::Page(502)),
            3 => (Kind::Garbage, Expected::Page(502)),
            4 => (Kind::HugeHead, Expected::Page(502)),
            5 => (Kind::Flood, Expected::Page(502)),
            6 => (Kind::Cut, Expected::Broken),
            7 => (Kind::BadChunk, Expected::Broken),
            _ => return self.exchange("hasty", Kind::Silent, 0, &Expected::Page(504)),
        };
        self.exchange("plain", kind, 20_000, &expected);
    }

    fn wait_in_the_queue(&mut self) {
        self.exchange("narrow", Kind::Length, 30_000, &Expected::WholeOr(&[503]));
    }

    fn use_bad_servers(&mut self) {
        match self.roll(3) {
            0 => self.exchange("refused", Kind::Length, 0, &Expected::Page(503)),
            1 => self.exchange("full", Kind::Length, 0, &Expected::Page(503)),
            _ => self.exchange("other", Kind::Length, 500, &Expected::Whole),
        }
    }

    fn use_tcp(&mut self) {
        let len = self.roll(100_000);
        let mut peer = Peer::new(self.topology.connect("raw"));
        let (id, request) = self.get("raw", Kind::Length, len);
        peer.send(request);
        let head = peer.head().unwrap_or_else(|why| panic!("{id}: {why}"));
        assert_eq!(read_body(&mut peer, &head), Ok(body(&id, len)), "{id}");
        let (_, request) = self.get("raw", Kind::Length, 500_000);
        peer.send(request);
        self.leave(peer);
    }
}

/// The body as the head frames it, without chunk sizes.
fn read_body(peer: &mut Peer, head: &Message) -> Result<Vec<u8>, String> {
    match head.header("content-length") {
        Some(len) => peer.raw(len.parse().map_err(|_| format!("a bad length: {len}"))?),
        None if head.is_chunked() => peer.rest_of_chunks(),
        None => peer.rest(),
    }
}
