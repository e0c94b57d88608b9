//! `outlier-detection` over real sockets.

use super::crowd::{Origin, ask, config};
use crate::support::script::play;
use crate::support::tidegate;
use crate::support::topology::Topology;

const SERVERS: &str = "balance roundrobin\nserver s ${s}\nserver t ${t}";

/// One request after the other; their statuses.
fn requests(topology: &Topology, count: usize) -> Vec<String> {
    let one = |_| {
        let mut client = ask(topology, 1).remove(0);
        let head = client.head().expect("an answer");
        head.start.split(' ').nth(1).unwrap_or_default().to_owned()
    };
    (0..count).map(one).collect()
}

/// The next line that is not about a request.
fn event(topology: &Topology) -> String {
    loop {
        let line = topology.log.datagram().expect("a line");
        if let Some(at) = line.find("Server be/") {
            return line[at..].to_owned();
        }
    }
}

/// One of two servers answers 500 to everything: it gets next to nothing of 300 requests.
#[test]
fn a_server_that_fails_gets_few_requests() {
    let lines = format!("outlier-detection consecutive-5xx 3\n{SERVERS}");
    let topology = Topology::start(&tidegate(), &config(1, &lines));
    let bad = Origin::start(&topology, "s", "500 Broken");
    let good = Origin::start(&topology, "t", "200 OK");
    let statuses = requests(&topology, 300);
    let failed = statuses.iter().filter(|status| *status == "500").count();
    println!("{} of 300 requests went to the failing server", bad.total());
    assert_eq!((failed, bad.total(), good.total()), (3, 3, 297));
    let expected = "Server be/s is EJECTED for 30s (consecutive-5xx).";
    assert_eq!(event(&topology), expected);
}

#[test]
fn the_last_server_stays() {
    let lines = format!("outlier-detection consecutive-5xx 1 max-ejection-percent 100%\n{SERVERS}");
    let topology = Topology::start(&tidegate(), &config(1, &lines));
    let _bad = Origin::start(&topology, "s", "500 Broken");
    let worse = Origin::start(&topology, "t", "503 Busy");
    requests(&topology, 10);
    assert_eq!(worse.total(), 9);
    let ejected = "Server be/s is EJECTED for 30s (consecutive-5xx).";
    assert_eq!(event(&topology), ejected);
    let spared = "Server be/t is not ejected (consecutive-5xx): too few others are left.";
    assert_eq!(event(&topology), spared);
}

#[test]
fn who_is_ejected_comes_back() {
    let lines = format!(
        "outlier-detection consecutive-5xx 1 interval 20ms base-ejection-time 30ms\n{SERVERS}"
    );
    let topology = Topology::start(&tidegate(), &config(1, &lines));
    let _bad = Origin::start(&topology, "s", "500 Broken");
    let _good = Origin::start(&topology, "t", "200 OK");
    requests(&topology, 2);
    assert_eq!(
        event(&topology),
        "Server be/s is EJECTED for 0.03s (consecutive-5xx)."
    );
    assert_eq!(event(&topology), "Server be/s is no longer ejected.");
    assert!(requests(&topology, 2).contains(&"500".to_owned()));
}

#[test]
fn a_server_that_refuses_connections_is_one_that_answers_503() {
    let lines = "retries 0\noutlier-detection consecutive-gateway-failure 2\n\
         balance roundrobin\nserver s ${closed}\nserver t ${t}";
    let topology = Topology::start(&tidegate(), &config(1, lines));
    let _good = Origin::start(&topology, "t", "200 OK");
    let statuses = requests(&topology, 10);
    let failed = statuses.iter().filter(|status| *status == "503").count();
    assert_eq!(failed, 2);
}

#[test]
fn commands_eject_and_return() {
    let one = |origin: &str| {
        format!(
            "c> GET / HTTP/1.1|host: a||
             {origin}< GET / HTTP/1.1|host: a||
             {origin}> HTTP/1.1 204 No Content||
             c< HTTP/1.1 204 No Content||\n"
        )
    };
    let script = format!(
        "cli set server be/s eject 30s =>
         {}{}{}cli set server be/s uneject =>
         {}",
        one("t"),
        one("t"),
        one("t"),
        one("s"),
    );
    let lines = format!("outlier-detection\n{SERVERS}");
    let mut topology = Topology::start(&tidegate(), &config(1, &lines));
    play(&mut topology, &script).unwrap_or_else(|why| panic!("{why}"));
}
