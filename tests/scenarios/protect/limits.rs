//! `circuit-limits` over real sockets (ACCEPTANCE F).

use super::crowd::{Held, Origin, ask, config, statuses};
use crate::support::peer::Peer;
use crate::support::script::play;
use crate::support::tidegate;
use crate::support::topology::Topology;

const SERVER: &str = "server s ${s}";

/// A crowd of 100 meets these limits: how many wait for an answer until the origin gives it, and
/// what is logged of those who are refused at once.
#[track_caller]
fn check(limits: &str, served: usize, waiting: usize, refused: &str) {
    let topology = Topology::start(&tidegate(), &config(1, &format!("{limits}\n{SERVER}")));
    let mut clients = ask(&topology, 100);
    let mut held = Held::accept(&topology, served);
    let at_once = 100 - served - waiting;
    for number in 0..at_once {
        let line = topology.log.datagram().expect("a log line");
        assert!(line.ends_with(refused), "{number}: {line}");
    }
    assert!(!topology.has_pending("s"), "more connections than allowed");
    held.answer();
    let origin = Origin::go_on(held, &topology);
    let found = statuses(&mut clients);
    assert!(origin.peak() <= served, "{} at once", origin.peak());
    assert_eq!(origin.total(), waiting);
    println!("{limits}: {found:?}, {at_once} of them at once");
    assert_eq!(found.get("200"), Some(&(served + waiting)));
    assert_eq!(found.get("503").copied().unwrap_or(0), at_once);
}

#[test]
fn item_104_105_110_ten_are_served_and_ninety_refused() {
    check(
        "circuit-limits max-pending-requests 0 max-requests 10",
        10,
        0,
        " 503 PQ circuit-limits/pending",
    );
}

/// The same with connections that are there already.
#[test]
fn item_104_warm() {
    let limits = "circuit-limits max-pending-requests 0 max-requests 10";
    let topology = Topology::start(&tidegate(), &config(1, &format!("{limits}\n{SERVER}")));
    let mut held = None;
    for _ in 0..2 {
        let mut clients = ask(&topology, 100);
        let mut held_now = match held.take() {
            None => Held::accept(&topology, 10),
            Some(mut warm) => {
                Held::take_next(&mut warm);
                warm
            }
        };
        (0..90).for_each(|_| drop(topology.log.datagram().expect("a log line")));
        held_now.answer();
        let found = statuses(&mut clients);
        assert_eq!((found["200"], found["503"]), (10, 90));
        (0..10).for_each(|_| drop(topology.log.datagram().expect("a log line")));
        held = Some(held_now);
    }
}

#[test]
fn item_107_connections_are_shared_by_those_who_wait() {
    check("circuit-limits max-connections 10", 10, 90, "");
}

#[test]
fn item_108_beyond_requests_they_wait() {
    check(
        "circuit-limits max-requests 10 max-pending-requests 1024",
        10,
        90,
        "",
    );
}

#[test]
fn item_108_or_are_rejected() {
    check(
        "circuit-limits max-requests 10 max-pending-requests 1024 on-overflow reject",
        10,
        0,
        " 503 PQ circuit-limits/requests",
    );
}

#[test]
fn item_109_the_queue_is_limited() {
    check(
        "circuit-limits max-requests 10 max-pending-requests 20",
        10,
        20,
        " 503 PQ circuit-limits/pending",
    );
}

#[test]
fn a_limit_of_each_server() {
    check("circuit-limits max-requests-per-server 10", 10, 90, "");
    check(
        "circuit-limits max-connections-per-server 10 max-pending-requests 0",
        10,
        0,
        " 503 PQ circuit-limits/pending",
    );
}

#[test]
fn item_117_without_the_keyword() {
    let lines = "timeout queue 10ms\nserver s ${s} maxconn 10";
    let topology = Topology::start(&tidegate(), &config(1, lines));
    let mut clients = ask(&topology, 100);
    let mut held = Held::accept(&topology, 10);
    for _ in 0..90 {
        let line = topology.log.datagram().expect("a log line");
        assert!(line.ends_with(" 503 sQ -"), "{line}");
    }
    held.answer();
    let found = statuses(&mut clients);
    assert_eq!((found["200"], found["503"]), (10, 90));
}

#[test]
fn item_112_each_process_has_its_own() {
    let lines = format!("circuit-limits max-requests 10 max-pending-requests 0\n{SERVER}");
    let both = [1, 2].map(|_| Topology::start(&tidegate(), &config(1, &lines)));
    let mut clients = both.each_ref().map(|one| ask(one, 20));
    for (topology, clients) in both.iter().zip(&mut clients) {
        Held::accept(topology, 10).answer();
        let found = statuses(clients);
        assert_eq!((found["200"], found["503"]), (10, 10));
    }
}

#[test]
fn item_128_a_server_has_no_more_than_its_maxconn() {
    let topology = Topology::start(&tidegate(), &config(2, "server s ${s} maxconn 30"));
    let mut clients = ask(&topology, 100);
    let mut held = Held::accept(&topology, 30);
    assert!(!topology.has_pending("s"));
    held.answer();
    let origin = Origin::go_on(held, &topology);
    assert_eq!(statuses(&mut clients)["200"], 100);
    assert!(origin.peak() <= 30, "{} at once", origin.peak());
}

/// Items 111 and 113: a line in `defaults` limits each backend by itself.
#[test]
fn item_111_113_backends_have_limits_of_their_own() {
    let text = config(1, "server s ${s}")
        .replace(
            "    http-reuse always\n",
            "    circuit-limits max-requests 1 max-pending-requests 0\n",
        )
        .replace(
            "    default_backend be\n",
            "    use_backend other if { path /other }\n    default_backend be\n",
        );
    let text = format!("{text}backend other\n    server t ${{t}}\n");
    let mut topology = Topology::start(&tidegate(), &text);
    play(
        &mut topology,
        "c> GET / HTTP/1.1|host: a||
         s< GET / HTTP/1.1|host: a||
         c2> GET / HTTP/1.1|host: a||
         c2< {503}
         c3> GET /other HTTP/1.1|host: a||
         t< GET /other HTTP/1.1|host: a||
         t> HTTP/1.1 204 No Content||
         c3< HTTP/1.1 204 No Content||
         s> HTTP/1.1 204 No Content||
         c< HTTP/1.1 204 No Content||",
    )
    .unwrap_or_else(|why| panic!("{why}"));
}

#[track_caller]
fn script(lines: &str, script: &str) {
    let mut topology = Topology::start(&tidegate(), &config(1, lines));
    play(&mut topology, script).unwrap_or_else(|why| panic!("{why}"));
}

#[test]
fn item_114_the_answer_may_be_envoys() {
    script(
        &format!(
            "circuit-limits max-requests 0 max-pending-requests 0 hdr x-envoy-overloaded true \
             content-type text/plain string overflow\n{SERVER}"
        ),
        "c> GET / HTTP/1.1|host: a||
         c< HTTP/1.1 503 Service Unavailable|content-length: 8|content-type: text/plain|x-envoy-overloaded: true||overflow
         s unused",
    );
}

#[test]
fn item_115_gauges_tell_what_is_used() {
    let gauges = |active: [u32; 4], open: [u32; 4], remaining: [u32; 4], overflow: [u32; 4]| {
        let [cx, rq, pending, retry] = active;
        let [cx_open, rq_open, pending_open, retry_open] = open;
        let [left_cx, left_rq, left_pending, left_retries] = remaining;
        let [over_cx, over_rq, over_pending, over_retry] = overflow;
        format!(
            "cli show circuit-limits be => backend=be priority=default cx_active={cx} \
             rq_active={rq} rq_pending_active={pending} rq_retry_active={retry} \
             cx_open={cx_open} rq_open={rq_open} rq_pending_open={pending_open} \
             rq_retry_open={retry_open} remaining_cx={left_cx} remaining_rq={left_rq} \
             remaining_pending={left_pending} remaining_retries={left_retries} \
             overflow_cx={over_cx} overflow_rq={over_rq} overflow_pending={over_pending} \
             overflow_retry={over_retry}|\n"
        )
    };
    let before = gauges([0; 4], [0; 4], [9, 2, 1, 3], [0; 4]);
    let busy = gauges([2, 2, 1, 0], [0, 1, 1, 0], [7, 0, 0, 3], [0, 0, 1, 0]);
    // Whoever asks again has given the place before back.
    let after = gauges([2, 1, 0, 0], [0; 4], [7, 1, 1, 3], [0, 0, 1, 0]);
    script(
        &format!(
            "circuit-limits max-connections 9 max-requests 2 max-pending-requests 1\n{SERVER}"
        ),
        &format!(
            "{before}
             c> GET /1 HTTP/1.1|host: a||
             s< GET /1 HTTP/1.1|host: a||
             c2> GET /2 HTTP/1.1|host: a||
             s2< GET /2 HTTP/1.1|host: a||
             c3> GET /3 HTTP/1.1|host: a||
             c4> GET /4 HTTP/1.1|host: a||
             c4< {{503}}
             {busy}
             s> HTTP/1.1 204 No Content||
             c< HTTP/1.1 204 No Content||
             s< GET /3 HTTP/1.1|host: a||
             s2> HTTP/1.1 204 No Content||
             c2< HTTP/1.1 204 No Content||
             s> HTTP/1.1 204 No Content||
             c3< HTTP/1.1 204 No Content||
             c3> GET /5 HTTP/1.1|host: a||
             s< GET /5 HTTP/1.1|host: a||
             {after}
             cli show circuit-limits none => Can't find backend.|"
        ),
    );
}

#[test]
fn a_retry_beyond_the_limit_is_not_made() {
    script(
        &format!("retries 3\nretry-on 503\ncircuit-limits max-retries 0\n{SERVER}"),
        "c> GET / HTTP/1.1|host: a||
         s< GET / HTTP/1.1|host: a||
         s> HTTP/1.1 503 Busy|content-length: 4||last
         c< HTTP/1.1 503 Busy|content-length: 4||last
         s unused",
    );
}

#[test]
fn who_leaves_the_queue_makes_room_in_it() {
    script(
        &format!("circuit-limits max-requests 1 max-pending-requests 1\n{SERVER}"),
        "c> GET /1 HTTP/1.1|host: a||
         s< GET /1 HTTP/1.1|host: a||
         c2> GET /2 HTTP/1.1|host: a||
         c3> GET /3 HTTP/1.1|host: a||
         c3< {503}
         log 503 PQ circuit-limits/pending
         c2 abort
         log -1 CQ -
         c3> GET /4 HTTP/1.1|host: a||
         s> HTTP/1.1 204 No Content||
         c< HTTP/1.1 204 No Content||
         s< GET /4 HTTP/1.1|host: a||
         s> HTTP/1.1 204 No Content||
         c3< HTTP/1.1 204 No Content||
         log 204 -- -
         log 204 -- -",
    );
}

#[test]
fn a_shadow_refuses_nobody() {
    let limits = "circuit-limits max-requests 1 max-pending-requests 0 shadow";
    let topology = Topology::start(&tidegate(), &config(1, &format!("{limits}\n{SERVER}")));
    let mut clients = ask(&topology, 3);
    let mut held = Held::accept(&topology, 3);
    held.answer();
    assert_eq!(statuses(&mut clients)["200"], 3);
    let lines: Vec<_> = (0..3).filter_map(|_| topology.log.datagram()).collect();
    let shadowed = |line: &&String| line.ends_with(" 200 -- shadow:circuit-limits/pending");
    assert_eq!(lines.iter().filter(shadowed).count(), 2, "{lines:?}");
}

/// Two workers and many clients that come and go: the origin never sees more than the limit, and
/// in the end nothing is held.
#[test]
fn two_workers_never_exceed_a_limit() {
    for limit in [
        "max-requests 5",
        "max-connections 5",
        "max-connections-per-server 5",
    ] {
        let lines = format!("circuit-limits {limit}\n{SERVER}");
        let topology = Topology::start(&tidegate(), &config(2, &lines));
        let origin = Origin::start(&topology, "s", "200 OK");
        for _ in 0..4 {
            let mut clients = ask(&topology, 50);
            let leaving: Vec<Peer> = clients.drain(40..).collect();
            leaving.into_iter().for_each(Peer::abort);
            assert_eq!(statuses(&mut clients)["200"], 40);
        }
        let peak = origin.peak();
        println!("{limit}: at most {peak} at once");
        assert!((1..=5).contains(&peak), "{limit}: {peak}");
    }
}
