//! The server behind the proxies: nginx when it is installed, else a small one of ours.
//!
//! Both answer the same paths with the same bodies and the same number of headers: `/small` 12 bytes, `/page`
//! 1 kB and ten headers, `/64k`, `/1m`. Nothing is logged, nothing is read from a slow disk.

use crate::system::{Cores, Process, find_program, free_port};
use anyhow::{Context, Result};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};

/// A running origin.
pub(crate) struct Origin {
    /// What it is, for the report.
    pub(crate) name: &'static str,
    /// Where it listens.
    pub(crate) addr: SocketAddr,
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
    /// Starts it on its core.
    pub(crate) fn start(dir: &Path, cores: &Cores) -> Result<Self> {
        match find_program("nginx") {
            Some(nginx) => Self::start_nginx(&nginx, dir, cores),
            None => Self::start_own(cores),
        }
    }

    fn start_nginx(nginx: &Path, dir: &Path, cores: &Cores) -> Result<Self> {
        let root = dir.join("origin");
        std::fs::create_dir(&root)?;
        for (name, size) in [("64k", 65_536), ("1m", 1_048_576)] {
            std::fs::write(root.join(name), vec![b'x'; size])?;
        }
        let addr = SocketAddr::from(([127, 0, 0, 1], free_port()?));
        let config = root.join("nginx.conf");
        std::fs::write(&config, nginx_config(&root, addr))?;
        let process = cores.spawn_on(
            cores.origin,
            Command::new(nginx)
                .arg("-e")
                .arg(root.join("error.log"))
                .arg("-p")
                .arg(&root)
                .arg("-c")
                .arg(&config)
                .stdin(Stdio::null()),
        )?;
        Ok(Self {
            name: "nginx",
            addr,
            _process: Some(process),
        })
    }

    fn start_own(cores: &Cores) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let addr = listener.local_addr()?;
        let core = cores.origin;
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
        Ok(Self {
            name: "the runner's own",
            addr,
            _process: None,
        })
    }
}

fn nginx_config(root: &Path, addr: SocketAddr) -> String {
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
        listen {addr} backlog=4096;
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
