//! What each kind of protection does is seen everywhere: in the log, `show stat` and its JSON, the stats
//! page, metrics and the stats socket.

use crate::support::peer::Peer;
use crate::support::script::play;
use crate::support::tidegate;
use crate::support::topology::Topology;

/// One exchange that ends with this status at the server `s`.
fn served(client: &str, status: &str) -> String {
    format!(
        "{client}> GET / HTTP/1.1|host: a||
         s< GET / HTTP/1.1|host: a||
         s> HTTP/1.1 {status}|content-length: 0||
         {client}< HTTP/1.1 {status}|content-length: 0||\n"
    )
}

/// One request that stays with the server `s`.
const HELD: &str = "c> GET / HTTP/1.1|host: a||
    s< GET / HTTP/1.1|host: a||\n";

/// One request that is refused with an error page.
fn refused(status: u16) -> String {
    format!("c2> GET / HTTP/1.1|host: a||\nc2< {{{status}}}\n")
}

/// Who protects, as pages and metrics call it.
struct Guard {
    kind: &'static str,
    name: &'static str,
    /// Metrics, without `tidegate_guard_`, and their values.
    metrics: &'static [(&'static str, u64)],
    /// A command, and what its answer contains.
    cli: (&'static str, &'static str),
}

/// Plays a script, which looks at the log and at `show stat`, against these lines of the frontend and
/// the backend. Then the guard is looked for in everything else.
#[track_caller]
fn check(front: &str, back: &str, script: &str, guard: &Guard) {
    let config = format!(
        "global\n    nbthread 1\n    log \"${{log}}\" len 8192 local0\n    \
         stats socket \"fd@${{cli}}\" level admin\n\
         defaults\n    mode http\n    timeout connect 6s\n    timeout client 6s\n    timeout server 6s\n\
         frontend fe\n    bind \"fd@${{fe}}\"\n    log global\n    \
         log-format \"%ST %ts %[txn.blocked_by]\"\n    {front}\n    default_backend be\n\
         backend be\n    log global\n    balance roundrobin\n    {back}\n    server s ${{s}}\n\
         frontend watch\n    bind \"fd@${{watch}}\"\n    stats enable\n    stats uri /stats\n    \
         http-request use-service prometheus-exporter if {{ path /metrics }}\n"
    );
    let mut topology = Topology::start(&tidegate(), &config);
    play(&mut topology, script).unwrap_or_else(|why| panic!("{why}"));
    let Guard { kind, name, .. } = guard;
    let metrics = get(&topology, "/metrics");
    for (metric, value) in guard.metrics {
        let line = format!("tidegate_guard_{metric}{{kind=\"{kind}\",name=\"{name}\"}} {value}");
        assert!(metrics.lines().any(|own| own == line), "{line}\n{metrics}");
    }
    let page = get(&topology, "/stats");
    let row = format!("<th scope=row>{name}</th><td>{kind}");
    assert!(page.contains(&row), "{row}\n{page}");
    let (command, expected) = guard.cli;
    let mut peer = Peer::new(topology.connect("cli"));
    peer.send(format!("{command}\n").into_bytes());
    peer.shut();
    let answer = peer.rest().unwrap_or_else(|why| panic!("{why}"));
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.contains(expected), "{expected}\n{answer}");
}

fn get(topology: &Topology, target: &str) -> String {
    let mut client = Peer::new(topology.connect("watch"));
    client.send(format!("GET {target} HTTP/1.0\r\nhost: a\r\n\r\n").into_bytes());
    String::from_utf8(client.rest().expect("an answer")).expect("text")
}

#[test]
fn rate_limits() {
    let script = format!(
        "{}log 200 -- -
         {}log 429 PR rate-limit/rl
         stat fe/FRONTEND rl_passed=1 rl_denied=1 rl_delayed=0 rl_keys=1 dreq=1 il_cur= cb_state=
         stat be/BACKEND rl_denied=\n",
        served("c", "200 OK"),
        refused(429)
    );
    check(
        "http-request rate-limit average 1 period 1h name rl no-retry-hdr",
        "",
        &script,
        &Guard {
            kind: "rate-limit",
            name: "rl",
            metrics: &[("refused_total", 1), ("passed_total", 1), ("keys", 1)],
            cli: (
                "show rate-limit rl",
                "keys=1 allowed=1 delayed=0 denied=1 shadow=0\nkey=127.0.0.1 ",
            ),
        },
    );
}

#[test]
fn rate_limits_in_shadow() {
    let script = format!(
        "{one}log 200 -- -
         {one}log 200 -- shadow:rate-limit/rl
         stat fe/FRONTEND rl_passed=1 rl_denied=1 dreq=0\n",
        one = served("c", "200 OK")
    );
    check(
        "http-request rate-limit average 1 period 1h name rl shadow",
        "",
        &script,
        &Guard {
            kind: "rate-limit",
            name: "rl",
            metrics: &[("refused_total", 1), ("passed_total", 1)],
            cli: ("show rate-limit", "denied=1 shadow=1"),
        },
    );
}

#[test]
fn inflight_limits() {
    let script = format!(
        "{HELD}{}log 429 PR inflight-limit/be#1
         stat be/BACKEND il_passed=1 il_denied=1 il_cur=1 il_keys=1
         stat fe/FRONTEND il_cur=
         s> HTTP/1.1 200 OK|content-length: 0||
         c< HTTP/1.1 200 OK|content-length: 0||
         log 200 -- -
         stat be/BACKEND il_cur=0\n",
        refused(429)
    );
    check(
        "",
        "http-request inflight-limit 1",
        &script,
        &Guard {
            kind: "inflight-limit",
            name: "be#1",
            metrics: &[("refused_total", 1), ("passed_total", 1), ("in_flight", 0)],
            cli: ("show inflight-limit", "limit=be#1 requests=0 most=1 "),
        },
    );
}

const BREAKER: &str = "circuit-breaker cb expression \"ResponseCodeRatio(500, 600, 0, 600) > 0.5\" fallback-duration 1h";

#[test]
fn circuit_breakers() {
    let script = format!(
        "stat be/BACKEND cb_state=0 cb_trips=0 cb_denied=0
         {}told Circuit breaker be/cb is OPEN for 1h (ResponseCodeRatio(500, 600, 0, 600)=1.00).
         log 500 -- -
         {}log 503 PR circuit-breaker/cb
         stat be/BACKEND cb_state=1 cb_trips=1 cb_denied=1 cb_cur=0 cb_samples=0\n",
        served("c", "500 Broken"),
        refused(503)
    );
    check(
        "",
        BREAKER,
        &script,
        &Guard {
            kind: "circuit-breaker",
            name: "be/cb",
            metrics: &[
                ("refused_total", 1),
                ("trips_total", 1),
                ("state", 1),
                ("open", 1),
                ("samples", 0),
                ("latency_p99_ms", 0),
            ],
            cli: ("show circuit-breaker", "breaker=be/cb state=open "),
        },
    );
}

#[test]
fn circuit_breakers_of_servers() {
    let script = format!(
        "stat be/s cb_state=0
         {}log 500 -- -
         stat be/s cb_state=1 cb_trips=1 status=EJECT
         stat be/BACKEND cb_state=
         {}log 503 SC circuit-breaker/cb/s\n",
        served("c", "500 Broken"),
        refused(503)
    );
    check(
        "",
        &format!("{BREAKER} scope server"),
        &script,
        &Guard {
            kind: "circuit-breaker",
            name: "be/cb/s",
            metrics: &[("trips_total", 1), ("state", 1)],
            cli: ("show circuit-breaker be", "breaker=be/cb/s state=open "),
        },
    );
}

#[test]
fn circuit_limits() {
    let script = format!(
        "{HELD}{}log 503 PQ circuit-limits/pending
         stat be/BACKEND cl_cx_cur=1 cl_rq_cur=1 cl_pending_cur=0 cl_rq_open=1 cl_cx_open=0 cl_rq_left=0 cl_cx_left=8 cl_pending_over=1 clh_rq_cur=
         s> HTTP/1.1 200 OK|content-length: 0||
         c< HTTP/1.1 200 OK|content-length: 0||
         log 200 -- -\n",
        refused(503)
    );
    check(
        "",
        "circuit-limits max-requests 1 max-connections 9 max-pending-requests 0",
        &script,
        &Guard {
            kind: "circuit-limits",
            name: "be",
            metrics: &[
                ("refused_total", 1),
                ("waiting_overflow_total", 1),
                ("requests_overflow_total", 0),
                ("requests_left", 1),
                ("requests_full", 0),
            ],
            cli: ("show circuit-limits", " overflow_pending=1 "),
        },
    );
}

#[test]
fn circuit_limits_of_high_priority() {
    let script = format!(
        "{}log 503 PQ circuit-limits/pending
         stat be/BACKEND clh_pending_over=1 cl_pending_over=\n",
        refused(503)
    );
    check(
        "http-request set-priority-class int(-1)",
        "circuit-limits priority high max-requests 0 max-pending-requests 0",
        &script,
        &Guard {
            kind: "circuit-limits",
            name: "be (high)",
            metrics: &[("waiting_overflow_total", 1)],
            cli: ("show circuit-limits", "backend=be priority=high "),
        },
    );
}

#[test]
fn outlier_detection() {
    let script = "stat be/BACKEND od_ejected=0
         c> GET / HTTP/1.1|host: a||
         s< GET / HTTP/1.1|host: a||
         s> HTTP/1.1 500 Broken|content-length: 0||
         c< HTTP/1.1 500 Broken|content-length: 0||
         told Server be/s is EJECTED for 30s (consecutive-5xx).
         stat be/BACKEND od_ejected=1 od_ejections=1 od_trips=1 od_spared=0
         stat be/s status=EJECT";
    check(
        "",
        "outlier-detection consecutive-5xx 1\n    use-server s if TRUE\n    server t ${t}",
        script,
        &Guard {
            kind: "outlier-detection",
            name: "be",
            metrics: &[("refused_total", 1), ("ejected", 1), ("trips_total", 1)],
            cli: ("show outlier", "server=s state=EJECT "),
        },
    );
}

/// Retries that are not allowed are counted where the others are.
#[test]
fn retries_beyond_the_limit() {
    let script = format!(
        "{}stat be/BACKEND cl_retry_over=1 cl_retry_cur=0 wretr=0\n",
        served("c", "503 Busy")
    );
    check(
        "",
        "retries 3\n    retry-on 503\n    circuit-limits max-retries 0",
        &script,
        &Guard {
            kind: "circuit-limits",
            name: "be",
            metrics: &[("retries_overflow_total", 1)],
            cli: ("show circuit-limits", " overflow_retry=1\n"),
        },
    );
}
