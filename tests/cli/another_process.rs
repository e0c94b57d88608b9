//! Another process takes over under load, and no request fails: through `-x` and `-sf`, and as a new worker under
//! `-W` after SIGUSR2. `TIDEGATE_HANDOVERS` says how many times, a few unless it is set; `--nocapture` shows figures.
//!
//! Idle clients are let ask once more (`option idle-close-on-response`); without it a client may find its idle
//! connection closed, as with HAProxy.

use super::{Place, command, send};
use rustix::process::Signal;
use std::fs;
use std::io::{Read, Write};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// Clients of either kind: those that stay, and those that come anew for each request.
const CLIENTS: usize = 2;

fn handovers() -> u32 {
    let asked = std::env::var_os("TIDEGATE_HANDOVERS");
    let asked = asked.and_then(|text| text.to_str()?.parse().ok());
    asked.unwrap_or(4)
}

fn configure(place: &Place, name: &str) {
    let text = format!(
        "global\n    stats socket {} level admin expose-fd listeners\n    nbthread 2\n\
         frontend fe\n    mode http\n    timeout client 5s\n    bind abns@{name}\n    \
         option idle-close-on-response\n    http-request return status 204\n",
        place.path("stats.sock").display()
    );
    fs::write(place.path("cfg"), text).unwrap();
}

fn connect(name: &str) -> UnixStream {
    let mut padded = name.as_bytes().to_vec();
    padded.resize(107, 0);
    UnixStream::connect_addr(&SocketAddr::from_abstract_name(padded).unwrap()).unwrap()
}

/// Asks until it is told to stop; how often.
fn ask(name: &str, stays: bool, stop: &AtomicBool) -> u64 {
    let request: &[u8] = match stays {
        true => b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        false => b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    };
    let mut stream = connect(name);
    let mut asked = 0;
    while !stop.load(Ordering::Relaxed) {
        stream.write_all(request).unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut piece = [0; 1024];
            let count = stream.read(&mut piece).unwrap();
            assert!(count > 0, "closed after {asked} requests, {stays}");
            head.extend_from_slice(&piece[..count]);
        }
        asked += 1;
        let head = String::from_utf8(head).unwrap();
        assert!(head.starts_with("HTTP/1.1 204 "), "{head}");
        if head.contains("connection: close") {
            stream = connect(name);
        }
    }
    asked
}

/// How many requests were answered while others took over.
fn under_load(name: &str, meanwhile: impl FnOnce()) -> u64 {
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let client = |stays| {
            scope.spawn({
                let stop = &stop;
                move || ask(name, stays, stop)
            })
        };
        let clients: Vec<_> = [true, false]
            .into_iter()
            .flat_map(|stays| (0..CLIENTS).map(move |_| stays))
            .map(client)
            .collect();
        meanwhile();
        stop.store(true, Ordering::Relaxed);
        clients.into_iter().map(|one| one.join().unwrap()).sum()
    })
}

#[test]
fn nobody_notices_a_process_that_takes_over() {
    let place = Place::new();
    let name = format!("tidegate-under-load-{}", std::process::id());
    configure(&place, &name);
    let socket = place.path("stats.sock");
    let mut serving = Some(place.start(&[]));
    let asked = under_load(&name, || {
        for _ in 0..handovers() {
            let mut old = serving.take().unwrap();
            let pid = old.pid.to_string();
            serving = Some(place.start(&["-x", socket.to_str().unwrap(), "-sf", &pid]));
            assert_eq!(old.child.wait().unwrap().code(), Some(0));
        }
    });
    println!("{} times -x -sf, {asked} requests, 0 failed", handovers());
    assert_eq!(serving.unwrap().stop(Signal::TERM).0, Some(0));
}

/// The line of the worker that takes connections, once it is the only one.
fn worker(socket: &Path) -> Option<String> {
    let shown = command(socket, "show proc");
    if shown.contains("# old workers") {
        return None;
    }
    let line = shown
        .lines()
        .skip_while(|line| *line != "# workers")
        .nth(1)?;
    line.split_whitespace().next().map(str::to_owned)
}

#[test]
fn nobody_notices_a_new_worker() {
    let place = Place::new();
    let name = format!("tidegate-workers-{}", std::process::id());
    configure(&place, &name);
    let socket = place.path("master.sock");
    let master = place.start(&["-W", "-S", socket.to_str().unwrap()]);
    let asked = under_load(&name, || {
        for _ in 0..handovers() {
            let before = worker(&socket);
            assert!(before.is_some());
            send(master.pid, Signal::USR2);
            while worker(&socket).is_none_or(|now| Some(now) == before) {}
        }
    });
    println!(
        "{} times SIGUSR2 under -W, {asked} requests, 0 failed",
        handovers()
    );
    assert_eq!(master.stop(Signal::TERM).0, Some(143));
}
