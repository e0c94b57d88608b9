//! Mixed traffic with every fault a peer can make, through the real binary; afterwards nothing is left.
//!
//! What must hold when the traffic has stopped: connections, queues and sockets are back where they
//! were, memory is within 10 %, the process ends when asked, and the log has one line for each
//! request that was answered, with the status its client saw. `tests/README.md` says how to run it for
//! longer. Deliberately absent: what each exchange looks like in detail (`tests/parity`).

#![forbid(unsafe_code)]
#![allow(
    clippy::indexing_slicing,
    reason = "a wrong index here fails the test, as it should"
)]

mod support;

#[path = "soak/clients.rs"]
mod clients;
#[path = "soak/ledger.rs"]
mod ledger;
#[path = "soak/operator.rs"]
mod operator;
#[path = "soak/origin.rs"]
mod origin;

use clients::Client;
use ledger::Ledger;
use rustix::process::Signal;
use std::time::Duration;
use support::peer::Peer;
use support::process::Vitals;
use support::topology::Topology;
use support::{parameter, tidegate};
use tidegate::clock::{Clock, Millis};

/// Clients at the same time.
const CLIENTS: usize = 12;

/// How long traffic runs unless `TIDEGATE_SOAK_SECONDS` says otherwise.
const SECONDS: Millis = 4;

/// How often the proxy is asked whether all is over, and how long it has.
const LOOK: Duration = Duration::from_millis(50);
const LOOKS: usize = 400;

const CONFIG: &str = "
global
    nbthread 2
    maxconn 2000
    log stdout format raw local0
    stats socket \"fd@${cli}\" level admin

defaults
    mode http
    timeout connect 6s
    timeout client 6s
    timeout server 6s
    timeout tunnel 6s
    timeout queue 20ms
    retries 0
    default-server pool-purge-delay 200ms

frontend fe
    bind \"fd@${fe}\"
    log global
    log-format \"soak %[var(txn.id)] %ST %ts %b/%s\"
    http-request set-var(txn.id) req.hdr(x-id)
    http-request track-sc0 req.hdr(x-user) table users
    http-request deny deny_status 429 if { sc_http_err_rate(0) gt 1000000 }
    http-request set-map(virt@last) %[req.hdr(x-user)] %[path]
    acl large req.hdr(x-user),map_str(virt@last) -m beg /none
    http-request deny if large
    use_backend %[path,field(2,/)]

# Everything that must be zero once the traffic has stopped, but for the connection that asks.
frontend state
    bind \"fd@${state}\"
    http-request return status 200 content-type text/plain lf-string \"%[act_conn] %[fe_conn(fe)] %[fe_conn(raw)] %[be_conn(plain)] %[srv_conn(plain/s)] %[queue(plain)] %[be_conn(narrow)] %[srv_conn(narrow/s)] %[queue(narrow)] %[be_conn(hasty)] %[be_conn(other)] %[be_conn(refused)] %[be_conn(full)] %[str(u1),table_conn_cur(users)] %[str(u2),table_conn_cur(users)]\"

listen raw
    bind \"fd@${raw}\"
    mode tcp
    server s ${s}

backend plain
    server s ${s}

backend narrow
    server s ${s} maxconn 1

backend hasty
    timeout server 30ms
    server s ${s}

backend other
    balance roundrobin
    retries 2
    option redispatch 1
    server gone ${closed}
    server s ${s}

backend refused
    server s ${closed}

backend full
    timeout connect 30ms
    server s ${full}

backend users
    stick-table type string len 16 size 100 expire 200ms store conn_cur,http_req_rate(1s),http_err_rate(1s),gpc0
";

const IDLE: &str = "1 0 0 0 0 0 0 0 0 0 0 0 0 0 0";

#[test]
fn everything_is_back_to_where_it_was() {
    let seconds = parameter("TIDEGATE_SOAK_SECONDS", SECONDS);
    let mut topology = Topology::start(&tidegate(), CONFIG);
    origin::serve(topology.origin("s"));
    settle(&topology, None);
    let fresh = topology.process.vitals();
    let mut ledger = Ledger::default();
    run(&topology, seconds * 500, &mut ledger);
    let warm = settle(&topology, Some(fresh));
    run(&topology, seconds * 500, &mut ledger);
    let end = settle(&topology, Some(fresh));
    println!(
        "{seconds} s: {ledger}; {fresh:?} at the start, {warm:?} half-way, {end:?} at the end"
    );
    assert!(
        end.resident_kb <= warm.resident_kb + warm.resident_kb / 10,
        "{} kB after {} kB",
        end.resident_kb,
        warm.resident_kb
    );
    nothing_is_counted_as_going_on(&operator::ask(&topology, "show stat"));
    topology.process.signal(Signal::USR1);
    let status = topology.process.wait();
    assert!(status.success(), "{status}: {}", topology.process.output());
    ledger.compare(&topology.process.output());
}

/// Traffic for `millis`.
fn run(topology: &Topology, millis: Millis, ledger: &mut Ledger) {
    let clock = Clock::system();
    let end = clock.now() + millis;
    std::thread::scope(|scope| {
        let operator = scope.spawn(|| operator::run(topology, || clock.now() < end));
        let first = ledger.clients(CLIENTS);
        let clients: Vec<_> = (first..first + CLIENTS)
            .map(|number| {
                let mut client = Client::new(topology, number);
                let clock = &clock;
                scope.spawn(move || {
                    while clock.now() < end {
                        client.act();
                    }
                    client.fates
                })
            })
            .collect();
        for client in clients {
            ledger.add(client.join().expect("a client's expectations hold"));
        }
        operator.join().expect("an operator's expectations hold");
    });
}

/// Waits until the proxy is idle again, with the sockets it had when it was `fresh`.
fn settle(topology: &Topology, fresh: Option<Vitals>) -> Vitals {
    let mut seen = String::new();
    for _ in 0..LOOKS {
        let state = state(topology);
        // The connection that asked closes meanwhile.
        assert!(
            !topology.process.ends_within(LOOK),
            "the proxy ended: {}",
            topology.process.output()
        );
        let vitals = topology.process.vitals();
        if state == IDLE && fresh.is_none_or(|fresh| vitals.sockets <= fresh.sockets) {
            return vitals;
        }
        seen = format!("{state}, {vitals:?}");
    }
    let sockets = topology.process.sockets();
    panic!("not idle again: {seen}, {fresh:?}\n{sockets}");
}

/// Every proxy and server has no session and an empty queue, by `show stat`.
fn nothing_is_counted_as_going_on(stat: &str) {
    let mut lines = stat.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let names = lines.next().expect("a line of names");
    let columns = ["qcur", "scur"].map(|name| {
        let found = names.iter().position(|known| *known == name);
        found.expect("a column of that name")
    });
    for line in lines.filter(|line| line.len() > 1) {
        for column in columns {
            assert!(matches!(line[column], "" | "0"), "{line:?}");
        }
    }
}

fn state(topology: &Topology) -> String {
    let mut peer = Peer::new(topology.connect("state"));
    peer.send(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n".to_vec());
    let answer = peer.rest().unwrap_or_else(|why| panic!("{why}"));
    let text = String::from_utf8_lossy(&answer);
    text.rsplit("\r\n").next().unwrap_or_default().to_owned()
}
