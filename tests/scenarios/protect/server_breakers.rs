//! `circuit-breaker … scope server` over real sockets.

use super::crowd::{Origin, ask, config};
use crate::support::script::play;
use crate::support::tidegate;
use crate::support::topology::Topology;

const BREAKER: &str = "circuit-breaker bad expression \"ResponseCodeRatio(500, 600, 0, 600) > 0.5\" \
     scope server check-period 1ms min-requests 3 ";

/// One request after the other: how many were answered 500 and 503, and what the log said of
/// breakers meanwhile.
fn requests(topology: &Topology, count: usize) -> (usize, usize, Vec<String>) {
    let statuses: Vec<_> = (0..count)
        .map(|_| {
            ask(topology, 1)
                .remove(0)
                .head()
                .expect("an answer")
                .status()
        })
        .collect();
    let of = |wanted| statuses.iter().filter(|&&status| status == wanted).count();
    let (mut events, mut lines) = (Vec::new(), 0);
    while lines < count {
        let line = topology.log.datagram().expect("a line");
        match line.find("Circuit breaker") {
            Some(at) => events.push(line[at..].to_owned()),
            None => lines += usize::from(!line.contains("Server be/")),
        }
    }
    (of(500), of(503), events)
}

/// Its checks pass and its traffic fails: it gets a few of 300 requests, and nobody is refused.
#[test]
fn a_server_that_lies_gets_few_requests() {
    let lines = format!(
        "{BREAKER} fallback-duration 10s\nbalance roundrobin\nserver s ${{s}} check\nserver t ${{t}}"
    );
    let topology = Topology::start(&tidegate(), &config(1, &lines));
    let bad = Origin::start(&topology, "s", "500 Broken");
    let good = Origin::start(&topology, "t", "200 OK");
    // The log's socket has room for the lines of a few requests only.
    let (mut failed, mut refused, mut events) = (0, 0, Vec::new());
    for _ in 0..6 {
        let (more_failed, more_refused, more) = requests(&topology, 50);
        failed += more_failed;
        refused += more_refused;
        events.extend(more);
    }
    println!(
        "{} of 300 requests went to the server that lies",
        bad.total()
    );
    assert!(failed <= 15 && bad.total() == failed, "{failed}");
    assert_eq!((refused, good.total()), (0, 300 - failed));
    let expected =
        "Circuit breaker be/bad/s is OPEN for 10s (ResponseCodeRatio(500, 600, 0, 600)=1.00).";
    assert_eq!(events, [expected]);
}

/// A server whose breaker recovers gets its share little by little, the others the rest.
#[test]
fn a_server_recovers_little_by_little() {
    let lines = format!(
        "{BREAKER} fallback-duration 50ms recovery-duration 400ms\nbalance roundrobin\nserver s ${{s}}\nserver t ${{t}}"
    );
    let topology = Topology::start(&tidegate(), &config(1, &lines));
    let bad = Origin::start(&topology, "s", "500 Broken");
    let _good = Origin::start(&topology, "t", "200 OK");
    let (mut failed, mut events) = (0, Vec::new());
    while events.is_empty() {
        let (more_failed, _, more) = requests(&topology, 2);
        failed += more_failed;
        events.extend(more);
    }
    bad.answer_with("200 OK");
    let before = bad.total();
    assert_eq!(before, failed);
    while !events.iter().any(|event| event.ends_with("CLOSED.")) {
        let (failed, refused, more) = requests(&topology, 20);
        assert_eq!((failed, refused), (0, 0));
        events.extend(more);
    }
    let expected = [
        "Circuit breaker be/bad/s is OPEN for 50ms (ResponseCodeRatio(500, 600, 0, 600)=1.00).",
        "Circuit breaker be/bad/s is RECOVERING for 400ms.",
        "Circuit breaker be/bad/s is CLOSED.",
    ];
    assert_eq!(events, expected);
    assert!(bad.total() > before);
}

/// Opened by hand a server is shown as ejected, until it is closed.
#[test]
fn commands_open_and_close_the_breaker_of_a_server() {
    let lines = format!("{BREAKER}\nbalance first\nserver s ${{s}}\nserver t ${{t}}");
    let mut topology = Topology::start(&tidegate(), &config(1, &lines));
    let one = "c> GET / HTTP/1.1|host: a||
         t< GET / HTTP/1.1|host: a||
         t> HTTP/1.1 204 No Content||
         c< HTTP/1.1 204 No Content||\n";
    let unknown = "No such circuit breaker; there is be/bad/s, be/bad/t.";
    let script = format!(
        "cli set circuit-breaker be/bad open =>
         stat be/s status=EJECT
         stat be/t status=EJECT
         cli set circuit-breaker be/bad auto =>
         cli set circuit-breaker be/bad close =>
         stat be/t cb_state=0
         cli set circuit-breaker be/ba open => {unknown}|
         cli set circuit-breaker be open => {unknown}|
         cli set circuit-breaker be/bad/s open =>
         stat be/s status=EJECT
         {one}{one}cli set circuit-breaker be/bad/s close =>
         c> GET / HTTP/1.1|host: a||
         s< GET / HTTP/1.1|host: a||
         s> HTTP/1.1 204 No Content||
         c< HTTP/1.1 204 No Content||"
    );
    play(&mut topology, &script).unwrap_or_else(|why| panic!("{why}"));
}

/// A server that is added has breakers like the others; they go with it, and come anew.
#[test]
fn servers_that_come_and_go_have_breakers() {
    let breaker = BREAKER.replace("min-requests 3", "");
    let lines = format!("{breaker}\nbalance roundrobin\nserver s ${{s}} disabled");
    let mut topology = Topology::start(&tidegate(), &config(1, &format!("{lines}\n#${{t}}")));
    let one = |status: &str| {
        format!(
            "c> GET / HTTP/1.1|host: a||
             t< GET / HTTP/1.1|host: a||
             t> HTTP/1.1 {status}|content-length: 0||
             c< HTTP/1.1 {status}|content-length: 0||\n"
        )
    };
    let round = format!(
        "cli add server be/new 127.0.0.1:${{t.port}} => New server registered.|
         cli enable server be/new =>
         told Server be/new is UP/READY
         {}told Circuit breaker be/bad/new is OPEN for 10s (ResponseCodeRatio(500, 600, 0, 600)=1.00).
         stat be/new status=EJECT cb_state=1 cb_trips=1
         cli set circuit-breaker be/bad/new close =>
         told Circuit breaker be/bad/new is CLOSED.
         {}cli set circuit-breaker be/bad/new auto =>
         told Circuit breaker be/bad/new is CLOSED.
         cli disable server be/new =>
         told Server be/new is going DOWN for maintenance.
         told backend be has no server available!
         t close
         cli wait 2s srv-removable be/new => Done.|
         cli del server be/new => Server deleted.|
         cli show circuit-breaker be/bad/new => No such circuit breaker; there is be/bad/s.|\n",
        one("500 Broken"),
        one("200 OK")
    );
    let script = format!(
        "{round}{}",
        round
            .replace("t<", "t2<")
            .replace("t>", "t2>")
            .replace("t close", "t2 close")
    );
    play(&mut topology, &script).unwrap_or_else(|why| panic!("{why}"));
}

/// A reload: a server goes on being out if its breaker is still there, whatever else changes, and comes
/// back if it is not.
#[test]
fn a_reload_follows_the_breakers_of_servers() {
    let lines = format!("{BREAKER}\nbalance first\nserver s ${{s}}\nserver t ${{t}} weight 1");
    let mut topology = Topology::start(&tidegate(), &config(1, &lines));
    let ask = |client: &str, origin: &str| {
        format!(
            "{client}> GET / HTTP/1.1|host: a||
             {origin}< GET / HTTP/1.1|host: a||
             {origin}> HTTP/1.1 204 No Content||
             {client}< HTTP/1.1 204 No Content||
             {client} close\n"
        )
    };
    let script = format!(
        "cli set circuit-breaker be/bad/s open =>
         told Circuit breaker be/bad/s is OPEN (by hand).
         {}edit weight 1 => weight 2
         signal USR2
         told Reloaded: configuration 2 is in force
         stat be/s status=EJECT cb_state=1
         {}edit circuit-breaker bad => #circuit-breaker bad
         signal USR2
         told Reloaded: configuration 3 is in force
         {}",
        ask("c", "t"),
        ask("c2", "t"),
        ask("c3", "s"),
    );
    play(&mut topology, &script).unwrap_or_else(|why| panic!("{why}"));
}
