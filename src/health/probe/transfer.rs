//! Connecting and moving bytes, none of it past the deadline.

use super::{Probe, Stop};
use crate::health::counter::Outcome;
use crate::health::http;
use crate::health::script::{Connect, HttpRequest};
use crate::health::spec::CheckAddr;
use crate::health::status::CheckStatus;
use crate::net::socks4::Socks4;
use crate::net::timer::sleep;
use crate::net::{
    Buffer, ConnectOptions, Endpoint, ReadOutcome, ServerAddr, Stream, proxy_protocol,
};
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::Poll;

/// Most that is read of an answer, `tune.bufsize` by default.
const ANSWER_MAX: usize = 16_384;

impl Probe<'_> {
    pub(super) async fn connect(&mut self, rule: &Connect) -> Result<(), Stop> {
        if let Some(before) = self.stream.take() {
            before.abort();
        }
        self.received = Buffer::empty();
        self.answer = None;
        self.ended = false;
        self.linger = rule.linger;
        let now = self.health.clock().now();
        let bound = match self.spec.timeout {
            Some(_) => self.spec.intervals.inter.min(self.spec.connect_timeout),
            None => self.spec.intervals.inter,
        };
        self.deadline = now.saturating_add(bound);
        if self.spec.reuse_pool && rule.is_plain() {
            self.stream = self.health.borrow(self.place).await;
        }
        if self.stream.is_some() {
            self.begin_timeout();
            return Ok(());
        }
        let Some(addr) = self.address(rule) else {
            return Err(Stop::Over(Outcome::of(CheckStatus::SocketError)));
        };
        let options = ConnectOptions {
            source: self.spec.source,
            sends_first: false,
        };
        let via = self.spec.socks4.filter(|_| match rule.default {
            true => self.spec.via_socks4,
            false => rule.via_socks4,
        });
        let next = via.map_or_else(|| addr.clone(), ServerAddr::Tcp);
        let stream = Stream::connect(&next, options).map_err(Stop::Unconnected)?;
        if let Some(keep_alive) = &self.spec.keep_alive {
            keep_alive.start(&stream);
        }
        self.stream = Some(stream);
        self.in_time(|stream, cx| stream.poll_connected(cx)).await?;
        if let (Some(_), ServerAddr::Tcp(to)) = (via, addr) {
            let mut asked = Socks4::new(to).map_err(Stop::Broken)?;
            self.in_time(|stream, cx| asked.poll(stream, cx)).await?;
        }
        self.begin_timeout();
        self.greet(rule).await
    }

    /// `timeout check` begins once connected.
    fn begin_timeout(&mut self) {
        if let Some(timeout) = self.spec.timeout {
            self.deadline = self.health.clock().now().saturating_add(timeout);
        }
    }

    /// Sends the PROXY header that rules ask for.
    async fn greet(&mut self, rule: &Connect) -> Result<(), Stop> {
        let version = match (rule.send_proxy, rule.default) {
            (true, _) => 1,
            (false, true) => self.spec.send_proxy,
            (false, false) => 0,
        };
        let local = self
            .stream
            .as_ref()
            .map_or(Endpoint::Unknown, Stream::local);
        let peer = self.stream.as_ref().map_or(Endpoint::Unknown, Stream::peer);
        let mut header = Vec::new();
        match version {
            0 => return Ok(()),
            1 => proxy_protocol::write_v1(local, peer, &mut header),
            _ => {
                let extra = proxy_protocol::Extra::default();
                proxy_protocol::write_v2(local, peer, extra, &mut header);
            }
        }
        self.send(&header).await
    }

    /// Where to connect: as the rule says, else the check, else the server.
    fn address(&self, rule: &Connect) -> Option<ServerAddr> {
        let server = self.health.state(self.place)?.addr();
        let server = server.as_deref();
        let written = rule.addr.as_ref().or(self.spec.addr.as_ref());
        let port = rule.port.as_ref().map(|port| self.text(port));
        let port = port
            .and_then(|port| port.trim().parse().ok())
            .filter(|&port: &u16| port > 0);
        let own_port = match server {
            Some(ServerAddr::Tcp(addr)) => addr.port(),
            _ => 0,
        };
        let with_port = |ip, of_addr: u16| {
            let checked = Some(self.spec.port).filter(|&port| port > 0);
            let of_addr = Some(of_addr).filter(|&port| port > 0);
            let of_rule = rule.addr.as_ref().and(of_addr);
            let port = port.or(of_rule).or(checked).or(of_addr).unwrap_or(own_port);
            ServerAddr::Tcp(SocketAddr::new(ip, port))
        };
        match (written, server) {
            (Some(CheckAddr::Ip(ip, port)), _) => Some(with_port(*ip, *port)),
            (Some(CheckAddr::Local(addr)), _) => Some(addr.clone()),
            (None, Some(ServerAddr::Tcp(addr))) => Some(with_port(addr.ip(), 0)),
            (None, server) => server.cloned(),
        }
    }

    pub(super) async fn send(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        self.received.clear();
        self.answer = None;
        let mut rest = bytes;
        while !rest.is_empty() {
            let sent = self
                .in_time(|stream, cx| stream.poll_write(cx, rest))
                .await?;
            rest = rest.get(sent..).unwrap_or_default();
        }
        Ok(())
    }

    /// Reads once; nothing after the end or when the buffer is full.
    pub(super) async fn read(&mut self) -> Result<(), Stop> {
        if self.received.capacity() == 0 {
            self.received = Buffer::new(ANSWER_MAX);
        }
        let mut buffer = std::mem::replace(&mut self.received, Buffer::empty());
        let read = self
            .in_time(|stream, cx| stream.poll_read(cx, &mut buffer))
            .await;
        self.received = buffer;
        match read {
            Ok(ReadOutcome::Data(_)) => {}
            Ok(ReadOutcome::Eof | ReadOutcome::Full) => self.ended = true,
            // What came before a reset is looked at first.
            Err(Stop::Broken(_)) if !self.received.is_empty() => self.ended = true,
            Err(stop) => return Err(stop),
        }
        Ok(())
    }

    /// Waits for an operation on the connection, no longer than the check may take.
    async fn in_time<T>(
        &mut self,
        mut operation: impl FnMut(&mut Stream, &mut std::task::Context<'_>) -> Poll<io::Result<T>>,
    ) -> Result<T, Stop> {
        let mut late = std::pin::pin!(sleep(self.wheel, self.deadline));
        let stream = &mut self.stream;
        poll_fn(|cx| {
            let Some(stream) = stream else {
                return Poll::Ready(Err(Stop::Broken(io::ErrorKind::NotConnected.into())));
            };
            match operation(stream, cx) {
                Poll::Ready(Ok(value)) => Poll::Ready(Ok(value)),
                Poll::Ready(Err(error)) => Poll::Ready(Err(Stop::Broken(error))),
                Poll::Pending => late.as_mut().poll(cx).map(|()| Err(Stop::Late)),
            }
        })
        .await
    }

    /// A request in wire form.
    pub(super) fn request(&self, request: &HttpRequest) -> Arc<[u8]> {
        let node = self.spec.script.send_state.as_deref();
        let state = node.map(|node| http::server_state(self.health, self.place, node));
        http::request(request, &self.as_run(), state.as_deref()).into()
    }
}
