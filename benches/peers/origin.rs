//! The server behind the proxies: nginx when it is installed, else a small one of ours.
//!
//! Both answer the same paths with the same bodies and the same number of headers: `/small` 12
//! bytes, `/page` 1 kB and ten headers, `/64k`, `/1m`. Nothing is logged, nothing is read from a slow
//! disk. Every proxy has an origin of its own, and an origin has several addresses: connections that
//! linger in TIME_WAIT make the kernel search long for a free local port, which must neither be one
//! proxy's bill for another's connections nor hide what the proxies do.

use crate::scenario::{Reuse, Scenario};
use crate::system::{Cores, Process, find_program, free_port};
use anyhow::{Context, Result};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};

/// A running origin.
pub(crate) struct Origin {
    /// Where it listens: the same port of several loopback addresses.
    addrs: Vec<SocketAddr>,
    /// Kept for its drop.
    _process: Option<Process>,
}

/// The body of `/small`.
const SMALL: &str = "Hello world!";

/// Headers of `/page` besides nginx's own five (server, date, type, length, connection).
const PAGE_HEADERS: &[(&str, &str)] = &[
    ("Cache-Control", "private, max-age=60"),
    ("ETag", "\"5f2d9c1e-400\""),
    ("Vary", "Accept-Encoding, Cookie"),
    ("X-Content-Type-Options", "nosniff"),
    ("Set-Cookie", "seen=20260502; Path=/; HttpOnly"),
];

impl Origin {
    /// What will be started, for the report.
    pub(crate) fn name() -> &'static str {
        match find_program("nginx") {
            Some(_) => "nginx",
            None => "the runner's own",
        }
    }

    /// Starts it on its core.
    pub(crate) fn start(dir: &Path, cores: &Cores) -> Result<Self> {
        let port = free_port()?;
        let addrs: Vec<_> = (1..=8)
            .map(|host| SocketAddr::from(([127, 0, 0, host], port)))
            .collect();
        let _process = match find_program("nginx") {
            Some(nginx) => Some(start_nginx(&nginx, &addrs, dir, cores)?),
            None => {
                start_own(&addrs, cores.origin)?;
                None
            }
        };
        Ok(Self { addrs, _process })
    }

    /// The addresses to use as servers: all where every request connects anew, else one.
    pub(crate) fn servers(&self, scenario: &Scenario) -> &[SocketAddr] {
        match scenario.reuse {
            Reuse::None => &self.addrs,
            Reuse::Default | Reuse::Always => self.addrs.get(..1).unwrap_or_default(),
        }
    }
}

fn start_nginx(nginx: &Path, addrs: &[SocketAddr], dir: &Path, cores: &Cores) -> Result<Process> {
    let root = dir.join("origin");
    std::fs::create_dir(&root)?;
    for (name, size) in [("64k", 65_536), ("1m", 1_048_576)] {
        std::fs::write(root.join(name), vec![b'x'; size])?;
    }
    let config = root.join("nginx.conf");
    std::fs::write(&config, nginx_config(&root, addrs))?;
    cores.spawn_on(
        cores.origin,
        Command::new(nginx)
            .arg("-e")
            .arg(root.join("error.log"))
            .arg("-p")
            .arg(&root)
            .arg("-c")
            .arg(&config)
            .stdin(Stdio::null()),
    )
}

fn start_own(addrs: &[SocketAddr], core: usize) -> Result<()> {
    for addr in addrs {
        let listener = TcpListener::bind(addr)?;
        std::thread::spawn(move || -> Result<()> {
            Cores::pin_to(core)?;
            for stream in listener.incoming() {
                let stream = stream?;
                // What goes wrong with one connection shows in wrk's errors.
                std::thread::Builder::new()
                    .stack_size(64 * 1024)
                    .spawn(|| serve(stream).ok())?;
            }
            Ok(())
        });
    }
    Ok(())
}

fn nginx_config(root: &Path, addrs: &[SocketAddr]) -> String {
    let listens: String = addrs
        .iter()
        .map(|addr| format!("listen {addr} backlog=4096;\n"))
        .collect();
    let headers: String = PAGE_HEADERS
        .iter()
        .map(|(name, value)| format!("add_header {name} '{value}';\n"))
        .collect();
    format!(
        "daemon off;
master_process off;
pid {root}/nginx.pid;
worker_rlimit_nofile 20000;
events {{ worker_connections 16000; }}
http {{
    access_log off;
    default_type text/plain;
    sendfile on;
    tcp_nopush on;
    open_file_cache max=10;
    keepalive_requests 1000000000;
    keepalive_timeout 300s;
    {temp}
    server {{
        {listens}
        root {root};
        location = /small {{ return 200 '{SMALL}'; }}
        location = /page {{
            {headers}
            return 200 '{page}';
        }}
    }}
}}
",
        root = root.display(),
        temp = nginx_temp_paths(root),
        page = "x".repeat(1024),
    )
}

/// Keeps nginx's scratch files out of the system's directories.
pub(crate) fn nginx_temp_paths(root: &Path) -> String {
    ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|kind| format!("{kind}_temp_path {}/{kind};\n", root.display()))
        .collect()
}

/// Answers requests without a body until the client closes or asks to.
fn serve(stream: TcpStream) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut lines = BufReader::new(&stream).lines();
    while let Some(request_line) = lines.next() {
        let request_line = request_line?;
        let mut closes = false;
        for header in lines.by_ref() {
            let header = header?;
            if header.is_empty() {
                break;
            }
            closes |= header.eq_ignore_ascii_case("connection: close");
        }
        let path = request_line.split(' ').nth(1).context("a request line")?;
        (&stream).write_all(answer(path).as_bytes())?;
        if closes {
            break;
        }
    }
    Ok(())
}

fn answer(path: &str) -> String {
    let (status, size) = match path {
        "/small" => ("200 OK", SMALL.len()),
        "/page" => ("200 OK", 1024),
        "/64k" => ("200 OK", 65_536),
        "/1m" => ("200 OK", 1_048_576),
        _ => ("404 Not Found", 0),
    };
    let mut text = format!(
        "HTTP/1.1 {status}\r\nServer: origin\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n\
         Content-Type: text/plain\r\nContent-Length: {size}\r\nConnection: keep-alive\r\n"
    );
    if path == "/page" {
        for (name, value) in PAGE_HEADERS {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    text.push_str("\r\n");
    match path {
        "/small" => text.push_str(SMALL),
        _ => text.push_str(&"x".repeat(size)),
    }
    text
}
