//! The proxies under test: which are installed, how each is configured, started and asked.
//!
//! Settings are equal: one worker, no log, no health checks, keep-alive on both sides, defaults
//! otherwise. Tidegate and HAProxy read the very same file.

use crate::options::Options;
use crate::origin::{Origin, nginx_temp_paths};
use crate::scenario::{Reuse, Scenario};
use crate::system::{Cores, CpuTime, Memory, Process, find_program, free_port, pause};
use anyhow::{Context, Result, bail};
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// A proxy program.
pub(crate) struct Peer {
    kind: Kind,
    program: PathBuf,
    /// Its kind, and the version where one kind is there twice.
    name: String,
    /// What it says it is.
    pub(crate) version: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Tidegate,
    Haproxy,
    Nginx,
}

/// The proxies asked for, Tidegate first.
pub(crate) fn installed(options: &Options) -> Result<Vec<Peer>> {
    let tidegate = PathBuf::from(env!("CARGO_BIN_EXE_tidegate"));
    let mut peers = vec![Peer::new(Kind::Tidegate, tidegate, "tidegate".to_owned())?];
    if let Some(haproxy) = find_program("haproxy") {
        peers.push(Peer::new(Kind::Haproxy, haproxy, "haproxy".to_owned())?);
    }
    if let Some(haproxy) = std::env::var_os("TIDEGATE_HAPROXY") {
        let mut peer = Peer::new(Kind::Haproxy, haproxy.into(), "haproxy".to_owned())?;
        if peers.iter().any(|other| other.name == peer.name) {
            peer.name = format!("haproxy-{}", peer.short_version());
        }
        peers.push(peer);
    }
    if let Some(nginx) = find_program("nginx") {
        peers.push(Peer::new(Kind::Nginx, nginx, "nginx".to_owned())?);
    }
    peers.retain(|peer| options.wants(peer.kind.name(), &peer.name));
    if peers.is_empty() {
        bail!("none of the proxies asked for with --only is installed");
    }
    Ok(peers)
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Tidegate => "tidegate",
            Self::Haproxy => "haproxy",
            Self::Nginx => "nginx",
        }
    }
}

impl Peer {
    fn new(kind: Kind, program: PathBuf, name: String) -> Result<Self> {
        let output = Command::new(&program)
            .arg("-v")
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("run {} -v", program.display()))?;
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        Ok(Self {
            kind,
            program,
            name,
            version: said.lines().next().unwrap_or("unknown").to_owned(),
        })
    }

    /// The name shown.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The first word of the version that starts with a digit, up to its build suffix.
    fn short_version(&self) -> &str {
        self.version
            .split_ascii_whitespace()
            .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))
            .and_then(|word| word.split('-').next())
            .unwrap_or("other")
    }

    /// Whether the scenario can be said in its language.
    pub(crate) fn can_run(&self, scenario: &Scenario) -> bool {
        scenario.rules.is_empty() || self.kind != Kind::Nginx
    }

    fn config(
        &self,
        scenario: &Scenario,
        listen: SocketAddr,
        servers: &[SocketAddr],
        dir: &Path,
    ) -> String {
        match self.kind {
            Kind::Tidegate | Kind::Haproxy => haproxy_config(scenario, listen, servers),
            Kind::Nginx => nginx_config(scenario, listen, servers, dir),
        }
    }

    fn command(&self, config: &Path, dir: &Path) -> Command {
        let mut command = Command::new(&self.program);
        match self.kind {
            Kind::Tidegate | Kind::Haproxy => command.arg("-db").arg("-f").arg(config),
            Kind::Nginx => command
                .arg("-e")
                .arg(dir.join("error.log"))
                .arg("-p")
                .arg(dir)
                .arg("-c")
                .arg(config),
        };
        command.stdin(Stdio::null());
        command
    }
}

fn haproxy_config(scenario: &Scenario, listen: SocketAddr, servers: &[SocketAddr]) -> String {
    let reuse = match scenario.reuse {
        Reuse::Default | Reuse::None => "safe",
        Reuse::Always => "always",
    };
    let rules: String = scenario
        .rules
        .iter()
        .map(|rule| format!("    {rule}\n"))
        .collect();
    let sections = scenario.sections;
    let servers: String = servers
        .iter()
        .enumerate()
        .map(|(at, server)| format!("    server origin{at} {server}\n"))
        .collect();
    format!(
        "global
    nbthread 1
    maxconn 6000

defaults
    mode http
    timeout connect 10s
    timeout client 300s
    timeout server 300s

{sections}listen bench
    bind {listen}
    balance roundrobin
    http-reuse {reuse}
{rules}{servers}"
    )
}

fn nginx_config(
    scenario: &Scenario,
    listen: SocketAddr,
    servers: &[SocketAddr],
    dir: &Path,
) -> String {
    let keepalive = match scenario.reuse {
        Reuse::Default | Reuse::Always => {
            "keepalive 1000; keepalive_requests 1000000000; keepalive_timeout 300s;"
        }
        Reuse::None => "",
    };
    let servers: String = servers
        .iter()
        .map(|server| format!("server {server}; "))
        .collect();
    format!(
        "daemon off;
master_process off;
pid {dir}/nginx.pid;
worker_rlimit_nofile 20000;
events {{ worker_connections 12000; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    keepalive_timeout 300s;
    proxy_max_temp_file_size 0;
    {temp}
    upstream origin {{ {servers}{keepalive} }}
    server {{
        listen {listen} backlog=4096;
        location / {{
            proxy_pass http://origin;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Connection '';
        }}
    }}
}}
",
        dir = dir.display(),
        temp = nginx_temp_paths(dir),
    )
}

/// A proxy that answers.
pub(crate) struct Running<'a> {
    peer: &'a Peer,
    process: Process,
    /// Kept for its drop.
    _origin: Origin,
    /// Where it listens.
    pub(crate) addr: SocketAddr,
}

impl<'a> Running<'a> {
    /// Starts it and an origin, each on its core, and waits until it answers.
    pub(crate) fn start(
        peer: &'a Peer,
        scenario: &Scenario,
        cores: &Cores,
        dir: &Path,
    ) -> Result<Self> {
        let dir = dir.join(format!("{}-{}", scenario.name, peer.name));
        std::fs::create_dir(&dir)?;
        let addr = SocketAddr::from(([127, 0, 0, 1], free_port()?));
        let origin = Origin::start(&dir, cores)?;
        let config = dir.join("proxy.cfg");
        let servers = origin.servers(scenario);
        std::fs::write(&config, peer.config(scenario, addr, servers, &dir))?;
        let messages = dir.join("messages");
        let process = cores.spawn_on(
            cores.proxy,
            peer.command(&config, &dir)
                .stdout(Stdio::null())
                .stderr(File::create(&messages)?),
        )?;
        let mut running = Self {
            peer,
            process,
            _origin: origin,
            addr,
        };
        running.wait_until_it_answers().with_context(|| {
            let said = std::fs::read_to_string(&messages).unwrap_or_default();
            format!("{} with {}:\n{said}", peer.name, config.display())
        })?;
        Ok(running)
    }

    /// The name shown.
    pub(crate) fn name(&self) -> &'a str {
        &self.peer.name
    }

    /// CPU time of all its threads.
    pub(crate) fn cpu_time(&self) -> Result<CpuTime> {
        self.process.cpu_time()
    }

    /// Its memory.
    pub(crate) fn memory(&self) -> Result<Memory> {
        self.process.memory()
    }

    fn wait_until_it_answers(&mut self) -> Result<()> {
        for _ in 0..100 {
            if self.process.has_exited()? {
                bail!("it ended at once");
            }
            match get_small(self.addr) {
                Ok(_) => return Ok(()),
                Err(e) if e.kind() == ErrorKind::InvalidData => {
                    return Err(e).context("its first answer");
                }
                Err(_) => pause(Duration::from_millis(50)),
            }
        }
        bail!("it did not answer within 5 s")
    }
}

/// Opens a connection, gets `/small` through it and hands the connection back.
///
/// # Errors
/// `InvalidData` when there is an answer and it is not the one expected.
pub(crate) fn get_small(addr: SocketAddr) -> std::io::Result<TcpStream> {
    let mut stream = TcpStream::connect(addr)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.write_all(b"GET /small HTTP/1.1\r\nHost: bench\r\n\r\n")?;
    let mut answer = Vec::with_capacity(1024);
    let mut piece = [0; 1024];
    while !answer.ends_with(b"Hello world!") {
        let count = stream.read(&mut piece)?;
        answer.extend(piece.iter().take(count));
        if count == 0 || !answer.starts_with(b"HTTP/1.1 200 ") {
            let text = String::from_utf8_lossy(&answer).into_owned();
            return Err(std::io::Error::new(ErrorKind::InvalidData, text));
        }
    }
    Ok(stream)
}
