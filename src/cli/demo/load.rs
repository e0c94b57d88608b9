//! The demo's load: a few clients that ask ten times a second each.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

/// What each client asks for.
const PATHS: [&str; 9] = [
    "/", "/flaky", "/flaky", "/flaky", "/limited", "/limited", "/reports", "/reports", "/reports",
];
/// Time between a client's requests.
const PAUSE: Duration = Duration::from_millis(100);

/// Answers by what became of the request.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Answers 2xx.
    pub(super) served: AtomicU64,
    /// Answers 429: a limit was reached.
    pub(super) limited: AtomicU64,
    /// Answers 503: a circuit breaker was open.
    pub(super) refused: AtomicU64,
    /// Other answers.
    pub(super) failed: AtomicU64,
}

/// Starts the clients; they begin when the proxy listens.
pub(super) fn start(port: u16, tally: &Arc<Tally>) {
    for path in PATHS {
        let tally = Arc::clone(tally);
        // Without a thread there is less load.
        let _ = thread::Builder::new()
            .name("load".to_owned())
            .spawn(move || {
                loop {
                    // A connection that ends is made again, until the process ends.
                    let _ = ask_on(port, path, &tally);
                    thread::park_timeout(PAUSE);
                }
            });
    }
}

/// Asks again and again on one connection.
fn ask_on(port: u16, path: &str, tally: &Tally) -> io::Result<()> {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    let mut reader = BufReader::new(&stream);
    loop {
        write!(
            &stream,
            "GET {path} HTTP/1.1\r\nHost: demo\r\nUser-Agent: tidegate-demo\r\n\r\n"
        )?;
        let counter = match answer(&mut reader)? {
            200..300 => &tally.served,
            429 => &tally.limited,
            503 => &tally.refused,
            _ => &tally.failed,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        thread::park_timeout(PAUSE);
    }
}

/// Reads an answer; its status.
fn answer(reader: &mut impl BufRead) -> io::Result<u16> {
    let (mut status, mut length) = (0, 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = line.trim_end();
        match line.split_once(':') {
            _ if line.is_empty() => break,
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().unwrap_or(0);
            }
            _ if status == 0 => {
                let word = line.split(' ').nth(1).unwrap_or_default();
                status = word.parse().unwrap_or(0);
            }
            _ => {}
        }
    }
    io::copy(&mut reader.take(length), &mut io::sink())?;
    Ok(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_to_their_end() {
        let mut two: &[u8] =
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 429 Slow down\r\n\r\n";
        assert_eq!(answer(&mut two).unwrap(), 200);
        assert_eq!(answer(&mut two).unwrap(), 429);
        assert!(answer(&mut two).is_err());
    }
}
