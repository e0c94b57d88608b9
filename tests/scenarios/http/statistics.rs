//! Statistics of many servers: the page, the formats for programs, and metrics that a strict reader takes.

use crate::support::peer::Peer;
use crate::support::script::MONITOR;
use crate::support::tidegate;
use crate::support::topology::Topology;
use regex::Regex;
use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use tidegate::clock::Clock;

const SERVERS: usize = 2_000;

fn topology() -> Topology {
    topology_of(SERVERS, "")
}

fn topology_of(servers: usize, global: &str) -> Topology {
    let servers: String = (0..servers)
        .map(|n| format!("    server s{n} 192.0.2.{}:80\n", n % 250))
        .collect();
    let config = format!(
        "global\n    nbthread 1\n{global}\
         defaults\n    mode http\n    timeout client 8s\n    timeout server 8s\n    timeout connect 8s\n    \
         option socket-stats\n\
         frontend fe\n    bind \"fd@${{fe}}\" name front\n    description \"a \\\"b\\\" \\\\ c\"\n    \
         stats enable\n    stats uri /stats\n    stats show-legends\n    stats show-modules\n    \
         stats admin if {{ src 192.0.2.1 }}\n    \
         http-request use-service prometheus-exporter if {{ path /metrics }}\n    \
         monitor-uri {MONITOR}\n    \
         http-request rate-limit average 100000 key src name all\n    \
         default_backend many\n\
         backend many\n{servers}"
    );
    Topology::start(&tidegate(), &config)
}

/// Everything up to the last byte.
fn answer(topology: &Topology, target: &str) -> Vec<u8> {
    let mut client = Peer::new(topology.connect("fe"));
    let request = format!("GET {target} HTTP/1.0\r\nhost: a\r\n\r\n");
    client.send(request.into_bytes());
    client.rest().expect("an answer")
}

fn get(topology: &Topology, target: &str) -> String {
    let answer = String::from_utf8(answer(topology, target)).expect("text");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    assert!(head.contains(" 200 "), "{head}");
    body.to_owned()
}

#[test]
fn every_server_has_its_row() {
    let topology = topology();
    let csv = get(&topology, "/stats;csv");
    assert_eq!(csv.lines().count(), 1 + 2 + SERVERS + 1);
    let columns = csv.lines().next().unwrap().matches(',').count();
    assert!(csv.lines().all(|line| line.matches(',').count() == columns));
    let page = get(&topology, "/stats");
    assert_eq!(
        page.matches("<tr class=\"server unchecked\">").count(),
        SERVERS
    );
    assert_eq!(page.matches("192.0.2.").count(), SERVERS);
    assert!(page.ends_with("</html>\n") && page.contains("a &quot;b&quot; \\ c"));
    assert!(page.contains("rate-limit") && !page.contains("<select"));
    let found = get(&topology, "/stats;csv;scope=FE");
    assert_eq!(found.lines().count(), 1 + 2, "{found}");
    let json = get(&topology, "/stats;json");
    assert!(json.starts_with("[[{") && json.ends_with("}]]\n"));
    assert_eq!(json.matches("\"name\":\"svname\"").count(), 2 + SERVERS + 1);
}

/// One sample: the metric's name, its labels as written, its value.
fn sample(line: &str) -> (&str, &str, &str) {
    let (name, rest) = match line.find(['{', ' ']) {
        Some(at) => line.split_at(at),
        None => panic!("no value: {line}"),
    };
    let (labels, value) = match rest.strip_prefix('{') {
        Some(_) => rest.rsplit_once("} ").unwrap_or_else(|| panic!("{line}")),
        None => ("", rest.trim_start()),
    };
    let is_name = |text: &str| {
        let mut bytes = text.bytes();
        bytes
            .next()
            .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
            && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    assert!(is_name(name), "{line}");
    let mut rest = labels.trim_start_matches('{');
    while !rest.is_empty() {
        let (label, after) = rest.split_once("=\"").unwrap_or_else(|| panic!("{line}"));
        assert!(is_name(label), "{line}");
        let mut end = None;
        let mut bytes = after.bytes().enumerate();
        while let Some((at, byte)) = bytes.next() {
            match byte {
                b'\\' => {
                    let escaped = bytes.next().map(|(_, byte)| byte);
                    assert!(matches!(escaped, Some(b'\\' | b'"' | b'n')), "{line}");
                }
                b'"' => {
                    end = Some(at);
                    break;
                }
                _ => {}
            }
        }
        rest = &after[end.unwrap_or_else(|| panic!("{line}")) + 1..];
        rest = rest.strip_prefix(',').unwrap_or(rest);
    }
    assert!(value.parse::<f64>().is_ok(), "{line}");
    (name, labels, value)
}

/// The metric that a sample belongs to: those of histograms have more than one name.
fn family_of<'t>(name: &'t str, kinds: &HashMap<&str, &str>) -> &'t str {
    let parts = ["_bucket", "_sum", "_count"];
    let of = parts.iter().find_map(|part| name.strip_suffix(part));
    of.filter(|family| kinds.get(family) == Some(&"histogram"))
        .unwrap_or(name)
}

#[test]
fn metrics_are_what_prometheus_reads() {
    let topology = topology();
    let text = get(&topology, "/metrics?desc-labels&extra-counters");
    let (mut kinds, mut helped) = (HashMap::new(), HashSet::new());
    let (mut seen, mut finished) = (HashSet::new(), HashSet::new());
    let mut current = "";
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# ") {
            let mut words = rest.splitn(3, ' ');
            let (what, name) = (words.next().unwrap(), words.next().unwrap());
            let said = words.next().unwrap();
            match what {
                "HELP" => assert!(helped.insert(name) && !said.is_empty(), "{line}"),
                "TYPE" => {
                    assert!(["counter", "gauge", "histogram"].contains(&said), "{line}");
                    assert!(kinds.insert(name, said).is_none(), "{line}");
                }
                _ => panic!("{line}"),
            }
            continue;
        }
        let (whole, labels, value) = sample(line);
        let name = family_of(whole, &kinds);
        assert!(helped.contains(name) && kinds.contains_key(name), "{line}");
        if name != current {
            assert!(finished.insert(current), "{name} stands in two places");
            current = name;
        }
        assert!(seen.insert((whole, labels)), "twice: {line}");
        assert!(
            kinds[name] == "gauge" || value == "NaN" || !value.starts_with('-'),
            "{line}"
        );
    }
    for expected in [
        "haproxy_process_build_info{version=\"3.4.0\"} 1",
        "haproxy_frontend_status{proxy=\"fe\",desc=\"a \\\"b\\\" \\\\ c\",state=\"UP\"} 1",
        "haproxy_listener_status{proxy=\"fe\",desc=\"a \\\"b\\\" \\\\ c\",listener=\"front\",state=\"OPEN\"} 1",
        "haproxy_backend_active_servers{proxy=\"many\"} 2000",
        "haproxy_backend_agg_server_status{proxy=\"many\",state=\"UP\"} 2000",
        "haproxy_server_status{proxy=\"many\",server=\"s1999\",state=\"UP\"} 1",
        "haproxy_server_http_responses_total{proxy=\"many\",server=\"s7\",code=\"5xx\"} 0",
        "tidegate_guard_refused_total{kind=\"rate-limit\",name=\"all\"} 0",
        "tidegate_backend_request_duration_seconds_bucket{proxy=\"many\",le=\"0.0025\"} 0",
        "tidegate_server_request_duration_seconds_count{proxy=\"many\",server=\"s7\"} 0",
    ] {
        assert!(text.lines().any(|line| line == expected), "{expected}");
    }
    let few = get(
        &topology,
        "/metrics?scope=server&metrics=haproxy_server_status",
    );
    assert_eq!(few.lines().count(), 2 + 5 * SERVERS);
}

#[test]
fn durations_are_counted() {
    let topology = topology_of(2, "");
    assert!(get(&topology, "/stats;csv").starts_with("# pxname,"));
    let text = get(&topology, "/metrics?scope=tidegate");
    for expected in [
        "# TYPE tidegate_frontend_request_duration_seconds histogram",
        "tidegate_frontend_request_duration_seconds_bucket{proxy=\"fe\",le=\"10\"} 1",
        "tidegate_frontend_request_duration_seconds_bucket{proxy=\"fe\",le=\"+Inf\"} 1",
        "tidegate_frontend_request_duration_seconds_count{proxy=\"fe\"} 1",
        "tidegate_backend_request_duration_seconds_count{proxy=\"many\"} 0",
    ] {
        assert!(
            text.lines().any(|line| line == expected),
            "{expected}: {text}"
        );
    }
    assert!(!text.contains("tidegate_server_"));
}

/// Prometheus' own reader of this format, where python3 has it.
#[test]
fn a_real_reader_takes_metrics() {
    const SCRIPT: &str = "\
import sys
try:
    from prometheus_client.parser import text_string_to_metric_families as families
except ImportError:
    sys.exit(42)
for family in families(sys.stdin.read()):
    print(family.name, family.type, len(family.samples))
";
    let topology = topology();
    let text = get(&topology, "/metrics?desc-labels");
    // Debian's package belongs to Debian's python, whichever comes first on the path.
    for python in ["python3", "/usr/bin/python3"] {
        let Some((status, families)) = read_by(python, SCRIPT, &text) else {
            continue;
        };
        if status == Some(42) {
            continue;
        }
        assert_eq!(status, Some(0), "{families}");
        let samples = |line: &str| {
            line.rsplit(' ')
                .next()
                .and_then(|n| n.parse::<usize>().ok())
        };
        let read: usize = families.lines().filter_map(samples).sum();
        assert_eq!(
            read,
            text.lines().filter(|line| !line.starts_with('#')).count()
        );
        assert!(families.contains("haproxy_server_http_responses counter 12000\n"));
        return;
    }
    println!("python3 has no prometheus_client here: only our own reader looked at metrics");
}

/// What a script prints of a text, and its exit status; `None` without the program.
fn read_by(program: &str, script: &str, text: &str) -> Option<(Option<i32>, String)> {
    let mut child = Command::new(program)
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    // A script that ends early reads nothing.
    let _ = child.stdin.take()?.write_all(text.as_bytes());
    let output = child.wait_with_output().expect("its output");
    Some((
        output.status.code(),
        String::from_utf8(output.stdout).expect("text"),
    ))
}

/// Every metric that `contrib/grafana` draws is there.
#[test]
fn the_dashboard_draws_what_there_is() {
    let topology = topology();
    let text = get(&topology, "/metrics");
    let kinds = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let kinds: HashMap<_, _> = kinds.filter_map(|rest| rest.split_once(' ')).collect();
    let dashboard = include_str!("../../../contrib/grafana/tidegate.json");
    let json: serde_json::Value = serde_json::from_str(dashboard).expect("JSON");
    let metric = Regex::new(r"\b(haproxy|tidegate)_\w+").expect("a pattern");
    let mut drawn = 0;
    for panel in json["panels"].as_array().expect("panels") {
        for target in panel["targets"].as_array().into_iter().flatten() {
            let expression = target["expr"].as_str().expect("an expression");
            for name in metric.find_iter(expression) {
                let family = family_of(name.as_str(), &kinds);
                assert!(kinds.contains_key(family), "{family}");
                drawn += 1;
            }
        }
    }
    assert!(drawn > 10, "{drawn} metrics");
}

/// A configuration is loaded while metrics are read: what is being read goes on.
#[test]
fn metrics_outlast_a_reload() {
    let topology = topology_of(SERVERS, "    stats socket \"fd@${cli}\" level admin\n");
    let whole = get(&topology, "/metrics").lines().count();
    let mut reader = Peer::new(topology.connect("fe"));
    reader.send(b"GET /metrics HTTP/1.0\r\nhost: a\r\n\r\n".to_vec());
    assert!(reader.has_bytes());
    for generation in 2..5 {
        let mut operator = Peer::new(topology.connect("cli"));
        operator.send(b"reload\n".to_vec());
        let answer = operator.rest().expect("an answer");
        let expected = format!("Success=1\n--\nconfiguration {generation} is in force");
        assert!(answer.starts_with(expected.as_bytes()));
    }
    let answer = String::from_utf8(reader.rest().expect("all of it")).expect("text");
    let (_, body) = answer.split_once("\r\n\r\n").expect("a head");
    assert_eq!(body.lines().count(), whole);
    assert!(body.ends_with('\n'));
}

/// Readers that do not read hold one piece each, and nobody else up.
#[test]
fn slow_readers_hold_a_piece_each() {
    let topology = topology();
    let resident = || topology.process.vitals().resident_kb;
    let first = get(&topology, "/metrics").lines().count();
    let before = resident();
    let slow: Vec<Peer> = ["/metrics", "/stats", "/stats;json", "/stats;csv"]
        .iter()
        .cycle()
        .take(20)
        .map(|target| {
            let mut peer = Peer::new(topology.connect("fe"));
            peer.send(format!("GET {target} HTTP/1.0\r\nhost: a\r\n\r\n").into_bytes());
            assert!(peer.has_bytes());
            peer
        })
        .collect();
    assert_eq!(get(&topology, "/metrics").lines().count(), first);
    let grown = resident().saturating_sub(before);
    assert!(grown < 10_000, "{grown} kB more for {} readers", slow.len());
}

/// Ten thousand servers: how long statistics take, and what others wait meanwhile. The bounds hold for
/// release builds; others are measured only.
#[test]
fn figures_of_ten_thousand_servers() {
    let topology = topology_of(10_000, "    stats socket \"fd@${cli}\" level admin\n");
    let clock = Clock::system();
    let timed = |what: &str, bound_ms: u64, ask: &dyn Fn() -> usize| {
        let mut best = u64::MAX;
        let mut size = 0;
        for _ in 0..5 {
            let begun = clock.now_us();
            size = ask();
            best = best.min(clock.now_us() - begun);
        }
        println!("{what}: {:.1} ms, {size} bytes", best as f64 / 1000.0);
        let is_measured = cfg!(debug_assertions);
        assert!(is_measured || best <= bound_ms * 1000, "{what}: {best} us");
    };
    let show_stat = || {
        let mut peer = Peer::new(topology.connect("cli"));
        peer.send(b"show stat\n".to_vec());
        peer.rest().expect("an answer").len()
    };
    let metrics = || answer(&topology, "/metrics").len();
    timed("show stat", 50, &show_stat);
    timed("metrics", 150, &metrics);
    // The one worker answers others meanwhile.
    let nothing = || 0;
    let kinds: [(&str, &(dyn Fn() -> usize + Sync)); 3] = [
        ("nothing", &nothing),
        ("show stat", &show_stat),
        ("metrics", &metrics),
    ];
    for (what, work) in kinds {
        let mut best = u64::MAX;
        let mut all = Vec::new();
        for _ in 0..ROUNDS {
            let mut waits = waits_us(&topology, &clock, work);
            waits.sort_unstable();
            best = best.min(waits[waits.len() * 99 / 100]);
            all.append(&mut waits);
        }
        all.sort_unstable();
        let [median, p99, longest] =
            [all.len() / 2, all.len() * 99 / 100, all.len() - 1].map(|at| all[at]);
        println!("others wait {median} us, p99 {p99} us, at most {longest} us beside {what}");
        // Not the longest: where tests share processors that is a turn of the scheduler.
        assert!(
            cfg!(debug_assertions) || best <= 2000,
            "{best} us beside {what}"
        );
    }
}

/// How often requests are measured beside each kind of work.
const ROUNDS: usize = 10;
/// At least so many requests are measured in each.
const LEAST_WAITS: usize = 500;

/// How long others wait for answers beside some work, in microseconds.
fn waits_us(topology: &Topology, clock: &Clock, work: &(dyn Fn() -> usize + Sync)) -> Vec<u64> {
    let mut other = Peer::new(topology.connect("fe"));
    let request = format!("GET {MONITOR} HTTP/1.1\r\nhost: a\r\n\r\n").into_bytes();
    let mut ask = || {
        let begun = clock.now_us();
        other.send(request.clone());
        other.head().expect("an answer");
        clock.now_us() - begun
    };
    let mut waits = vec![ask()];
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            loop {
                if ended.load(Ordering::Relaxed) || work() == 0 {
                    break;
                }
            }
        });
        while waits.len() < LEAST_WAITS {
            waits.push(ask());
        }
        ended.store(true, Ordering::Relaxed);
    });
    waits
}
