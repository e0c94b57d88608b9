//! Limits, retries, breakers and outlier detection.

mod circuit_breaker;
mod commands;
mod crowd;
mod inflight_limit;
mod limits;
mod lives;
mod outlier;
mod rate_limit;
mod retry;
mod seeds;
mod server_breakers;
mod table_breaker;
mod visible;

use crate::proxy;
use crate::support::message::Message;
use crate::support::peer::Peer;
use crate::support::tidegate;
use crate::support::topology::Topology;

/// An HTTP proxy that answers every request itself once the lines of its frontend have passed,
/// and logs who blocked them.
fn asking(lines: &str) -> String {
    logging(&proxy("")).replace(
        "    default_backend be\n",
        &format!("    {lines}\n    http-request return status 200\n    default_backend be\n"),
    )
}

/// The same proxy with a log line of status, termination state and who blocked the request.
fn logging(config: &str) -> String {
    let format = "log-format \"%ST %ts %[txn.blocked_by]\"";
    config.replace("option httplog", format)
}

/// A proxy and a connection to it.
struct Client {
    topology: Topology,
    peer: Peer,
}

impl Client {
    fn of(config: &str) -> Self {
        let topology = Topology::start(&tidegate(), config);
        let peer = Peer::new(topology.connect("fe"));
        Self { topology, peer }
    }

    /// The answer to a request with these header lines.
    #[track_caller]
    fn message(&mut self, headers: &str) -> Message {
        self.request("/", headers)
    }

    /// The status of the answer.
    #[track_caller]
    fn ask(&mut self, headers: &str) -> String {
        self.get("/", headers)
    }

    /// The status of the answer for a path.
    #[track_caller]
    fn get(&mut self, path: &str, headers: &str) -> String {
        let start = self.request(path, headers).start;
        start.split(' ').nth(1).unwrap_or_default().to_owned()
    }

    #[track_caller]
    fn request(&mut self, path: &str, headers: &str) -> Message {
        let host = match headers.contains("host:") {
            true => "",
            false => "host: a\r\n",
        };
        let end = if headers.is_empty() { "" } else { "\r\n" };
        let head = format!("GET {path} HTTP/1.1\r\n{host}{headers}{end}\r\n");
        self.peer.send(head.into_bytes());
        let read = |peer: &mut Peer| {
            let mut message = peer.head()?;
            let length = header(&message, "content-length").and_then(|text| text.parse().ok());
            message.body = peer.body(length.unwrap_or(0))?;
            Ok::<_, String>(message)
        };
        let answer = read(&mut self.peer);
        answer.unwrap_or_else(|why| panic!("{why}: {}", self.topology.process.output()))
    }

    /// The next log line.
    #[track_caller]
    fn logs(&self, expected: &str) {
        assert_eq!(self.topology.log.line().as_deref(), Some(expected));
    }
}

/// The value of a header.
fn header<'m>(message: &'m Message, name: &str) -> Option<&'m str> {
    let mut headers = message.headers.iter();
    headers
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
}
