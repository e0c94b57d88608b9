//! What a running proxy takes from the allocator: nothing per request, little per idle connection.
//!
//! The proxy runs in this process on a counting allocator, between a client and an origin that
//! allocate nothing themselves while it is measured. One test at a time, since the counts are the
//! process's.

#![forbid(unsafe_code)]
#![allow(
    clippy::indexing_slicing,
    reason = "a wrong index here fails the test, as it should"
)]

#[path = "support/compiled.rs"]
mod compiled;
#[path = "steady/peers.rs"]
mod peers;
#[path = "steady/proxy.rs"]
mod proxy;

use peers::{Peer, Traffic};
use proxy::Proxy;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, Stats, StatsAlloc};
use std::alloc::System;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Held by the test that measures.
static MEASURING: Mutex<()> = Mutex::new(());

/// Connections that are in use at the same time.
const CONNECTIONS: usize = 8;
/// Requests before measuring: every buffer has found its size by then.
const WARM_UP: usize = 800;
const REQUESTS: usize = 10_000;
/// What two threads cost that meet at a lock for the first time in their lives: `parking_lot`
/// makes each its place in a table.
const FIRST_CONTENTION: usize = 8;

/// What a further server connection costs, the thread of the origin that serves it included. One
/// is opened when more requests than ever before happen to meet.
const PER_SERVER_CONNECTION: usize = 24;

const GET: Traffic = Traffic {
    request: "GET /static/logo.png?v=1 HTTP/1.1\r\nHost: www.example.com\r\n\
              User-Agent: steady\r\nAccept: */*\r\nCookie: session=0123456789\r\n\r\n",
    request_end: "\r\n\r\n",
    response: "HTTP/1.1 200 OK\r\nServer: origin\r\nContent-Length: 12\r\n\r\nHello world!",
    response_end: "Hello world!",
};

const POST: Traffic = Traffic {
    request: "POST /form HTTP/1.1\r\nHost: www.example.com\r\nContent-Length: 26\r\n\r\n\
              abcdefghijklmnopqrstuvwxyz",
    request_end: "xyz",
    ..GET
};

const CHUNKED: Traffic = Traffic {
    request: "POST /form HTTP/1.1\r\nHost: www.example.com\r\nTransfer-Encoding: chunked\r\n\r\n\
              a\r\nabcdefghij\r\n10\r\nklmnopqrstuvwxyz\r\n0\r\n\r\n",
    request_end: "\r\n0\r\n\r\n",
    response: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
               6\r\nHello \r\n6\r\nworld!\r\n0\r\n\r\n",
    response_end: "\r\n0\r\n\r\n",
};

/// Answered by a rule.
const DENIED: Traffic = Traffic {
    request: "GET /private/key HTTP/1.1\r\nHost: www.example.com\r\n\r\n",
    response_end: "</html>\n",
    ..GET
};

/// A frontend with rules and backends that keep their connections; `lines` go to its defaults.
/// Numbers that grow are cut to a digit: a head that gets longer needs more room, rightly.
fn config(traffic: Traffic, lines: &str) -> String {
    let origin = peers::origin(traffic);
    format!(
        "global
    nbthread 1
    maxconn 20000

defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    timeout http-request 60s
    timeout http-keep-alive 60s
    option httplog
    {lines}

frontend fe
    bind fd@${{fe}}
    option forwardfor
    acl static path_beg /static/ /images/
    acl www req.hdr(host) -i www.example.com
    stick-table type ip size 1k expire 1m store http_req_rate(10s),http_err_cnt,bytes_out_rate(10s),gpc0,conn_cur
    tcp-request connection track-sc2 src
    http-request track-sc0 req.hdr(host),concat(-and-more-than-a-key-holds-in-place) table hosts
    http-request track-sc1 src table addresses
    http-request sc-inc-gpc0(1)
    http-request rate-limit average 1000000 burst 1000000 key req.hdr(host),lower
    http-request inflight-limit 100000
    circuit-breaker slow expression \"LatencyAtQuantileMS(50.0) > 5000\" check-period 1ms
    http-request deny deny_status 429 if {{ sc_http_req_rate(0) gt 10000000 }} || {{ src,table_gpc0 lt 0 }}
    http-request set-header X-Rate %[sc_http_req_rate(2),mod(10)]/%[src_get_gpc0(addresses),mod(10)]/%[sc_key(0)]
    http-request deny if {{ path_reg ^/private/ }} !{{ src 10.0.0.0/8 }}
    http-request set-var(txn.host) req.hdr(host)
    http-request set-var(sess.count) var(sess.count,0),add(1),mod(10)
    http-request set-var(proc.last) path
    http-request set-var-fmt(req.text) \"%[method] %[path]\" if www
    http-request set-header X-Forwarded-Proto http
    http-request set-header X-Client %[src]:%[dst_port] if www
    http-request replace-header Cookie (.*)session=([^;]*)(.*) \\1s=\\2\\3
    http-request del-header User-Agent
    http-response set-header X-Origin %s:%[status]
    http-response set-header X-Vars \"%[var(txn.host)] %[var(sess.count)] %[fe_req_rate,mod(10)] %[be_conn(be)]\"
    http-response set-var(res.status) status
    http-response del-header Server
    use_backend static if static
    default_backend be

backend hosts
    stick-table type string len 64 size 1k expire 1m store http_req_rate(10s),conn_rate(10s)

backend addresses
    stick-table type ipv6 size 1k expire 1m store gpc0,http_req_cnt

backend static
    server s1 {origin} pool-purge-delay 1h

backend be
    server s1 {origin} pool-purge-delay 1h
    server s2 {origin} pool-purge-delay 1h weight 2
"
    )
}

fn measuring() -> MutexGuard<'static, ()> {
    MEASURING
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Lets the proxy open more server connections than it will need: the first request of a client
/// takes none that another client has used (`http-reuse safe`), and all are kept.
fn open_server_connections(proxy: &Proxy, traffic: &Traffic) {
    for _ in 0..4 * CONNECTIONS {
        Peer::connect(proxy.address).exchange(traffic);
    }
}

/// `count` requests, some at a time on each of the connections.
fn exchange(clients: &mut [Peer], traffic: &Traffic, count: usize) {
    for _ in 0..count / clients.len() {
        for client in &mut *clients {
            client.send(traffic.request);
        }
        for client in &mut *clients {
            assert!(client.received(traffic.response_end), "closed too early");
        }
    }
}

fn clients(proxy: &Proxy) -> Vec<Peer> {
    (0..CONNECTIONS)
        .map(|_| Peer::connect(proxy.address))
        .collect()
}

#[track_caller]
fn allocates_nothing(traffic: Traffic) {
    let _alone = measuring();
    let (log, lines) = peers::log_receiver();
    let proxy = Proxy::start(&config(traffic, &format!("log {log} local0")));
    open_server_connections(&proxy, &traffic);
    let mut clients = clients(&proxy);
    exchange(&mut clients, &traffic, WARM_UP);
    let before = lines.load(Ordering::Relaxed);
    let opened = peers::ACCEPTED.load(Ordering::Relaxed);
    let region = Region::new(ALLOCATOR);
    exchange(&mut clients, &traffic, REQUESTS);
    let allocations = allocations(&region);
    let opened = (peers::ACCEPTED.load(Ordering::Relaxed) - opened) as usize;
    assert!(opened <= CONNECTIONS, "{opened} server connections");
    let most = FIRST_CONTENTION + opened * PER_SERVER_CONNECTION;
    assert!(
        allocations <= most,
        "{allocations} allocations, {opened} server connections"
    );
    assert!(lines.load(Ordering::Relaxed) > before, "nothing was logged");
}

/// How often memory was asked for.
fn allocations(region: &Region<'_, System>) -> usize {
    let Stats {
        allocations,
        reallocations,
        ..
    } = region.change();
    allocations + reallocations
}

#[test]
fn a_get_allocates_nothing() {
    allocates_nothing(GET);
}

#[test]
fn a_post_allocates_nothing() {
    allocates_nothing(POST);
}

#[test]
fn chunked_messages_allocate_nothing() {
    allocates_nothing(CHUNKED);
}

#[test]
fn a_denied_request_allocates_nothing() {
    allocates_nothing(DENIED);
}

/// Memory of this process that is in use, kB.
fn resident_kb() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|text| text.trim().strip_suffix(" kB"));
    number.expect("a size").trim().parse().expect("a number")
}

#[test]
fn memory_does_not_grow_with_requests() {
    let _alone = measuring();
    let proxy = Proxy::start(&config(GET, ""));
    open_server_connections(&proxy, &GET);
    let mut clients = clients(&proxy);
    exchange(&mut clients, &GET, 20_000);
    let resident = resident_kb();
    let region = Region::new(ALLOCATOR);
    exchange(&mut clients, &GET, 80_000);
    assert_eq!(allocations(&region), 0);
    let grown = resident_kb() - resident;
    assert!(grown < 64, "{grown} kB more in use");
}

/// Bytes in use.
fn allocated(stats: Stats) -> i64 {
    stats.bytes_allocated as i64 - stats.bytes_deallocated as i64
}

/// The most one idle connection may cost, bytes.
const IDLE: i64 = 4096;

#[track_caller]
fn idle_connections_are_small(requests: usize) {
    let _alone = measuring();
    let count = affordable(5_000);
    let proxy = Proxy::start(&config(GET, "http-reuse always"));
    exchange(&mut clients(&proxy), &GET, WARM_UP);
    let mut idle = Vec::with_capacity(count);
    let (region, resident) = (Region::new(ALLOCATOR), resident_kb());
    for n in 1..=count {
        let mut client = Peer::connect(proxy.address);
        for _ in 0..requests {
            client.exchange(&GET);
        }
        idle.push(client.into_stream());
        if n % 100 == 0 || n == count {
            // An answer to a later connection proves that those before it were accepted.
            Peer::connect(proxy.address).exchange(&GET);
        }
    }
    let each = allocated(region.change()) / count as i64;
    let resident_each = (resident_kb() - resident) * 1024 / count as i64;
    println!("{count} connections: {each} bytes allocated, {resident_each} resident, each");
    assert!(each <= IDLE, "{each} bytes allocated for each");
    assert!(
        resident_each <= IDLE,
        "{resident_each} bytes resident for each"
    );
}

/// As many connections as descriptors allow, both ends being in this process.
fn affordable(wanted: usize) -> usize {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: maximum,
        maximum,
    };
    setrlimit(Resource::Nofile, raised).expect("a limit that is allowed");
    let allowed = maximum.map_or(wanted, |n| (n as usize).saturating_sub(200) / 2);
    wanted.min(allowed)
}

#[test]
fn a_connection_that_was_served_is_small_while_idle() {
    idle_connections_are_small(1);
}

#[test]
fn a_connection_that_sent_nothing_is_small() {
    idle_connections_are_small(0);
}
