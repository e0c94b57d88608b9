//! What reads logs elsewhere reads ours: the shapes that Logstash (`HAPROXYHTTP`, `HAPROXYTCP`), Datadog and Filebeat
//! look for, written anew as regular expressions, match the default lines of varied traffic.

use crate::support::peer::Peer;
use crate::support::tidegate;
use crate::support::topology::Topology;
use regex::Regex;

/// Requests that are sent.
const REQUESTS: usize = 1000;
/// TCP connections that are made.
const CONNECTIONS: usize = 60;

/// Replaces the names of parts, longest first, by what they stand for.
fn pattern(shape: &str) -> Regex {
    const PARTS: [(&str, &str); 12] = [
        ("SYSLOGTIME", r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d"),
        ("SYSLOGHOST", r"[0-9A-Za-z][0-9A-Za-z.-]*"),
        ("PROGRAM", r"[\x21-\x5a\x5c\x5e-\x7e]+(?:\[[1-9]\d*\])?"),
        ("DATE", r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d\.\d{3}"),
        ("NOTSPACE", r"\S+"),
        ("NUMBER", r"[+-]?\d+(?:\.\d+)?"),
        ("INT", r"[+-]?\d+"),
        ("DATA", r".*?"),
        ("WORD", r"\b\w+\b"),
        (
            "PATH",
            r"/[A-Za-z0-9$.+!*'(){},~:;=@#%&_/<>|-]*(?:\?[A-Za-z0-9$.+!*'|(){},~@#%&/=:;_?\[\]<>-]*)?",
        ),
        ("HOST", r"[0-9A-Za-z.-]+(?::\d+)?"),
        ("IP", r"(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:.]*:[0-9a-f:.]*)"),
    ];
    // What stands for a part holds names of others, so marks come first.
    let mut text = shape.to_owned();
    for (at, (name, _)) in PARTS.iter().enumerate() {
        text = text.replace(name, &format!("\u{1}{at}\u{2}"));
    }
    for (at, (_, part)) in PARTS.iter().enumerate() {
        text = text.replace(&format!("\u{1}{at}\u{2}"), &format!("(?:{part})"));
    }
    Regex::new(&format!("^{text}$")).expect("a valid pattern")
}

fn for_http() -> [(&'static str, Regex); 3] {
    let start = r"SYSLOGTIME SYSLOGHOST PROGRAM: IP:INT \[DATE\] NOTSPACE NOTSPACE/NOTSPACE";
    let logstash = format!(
        r#"{start} INT/INT/INT/INT/NOTSPACE INT NOTSPACE DATA DATA NOTSPACE INT/INT/INT/INT/NOTSPACE INT/INT (?:\{{DATA\}}(?: )?)?(?:\{{DATA\}}(?: )?)?"(?:<BADREQ>|WORD (?:[A-Za-z][A-Za-z0-9+.-]+://)?(?:HOST)?(?:PATH|\*)?(?: HTTP/NUMBER)?)?"?"#
    );
    let datadog = format!(
        r#"{start} INT/INT/INT/INT/\+?INT INT \+?INT NOTSPACE NOTSPACE [A-Za-z-]{{4}} INT/INT/INT/INT/\+?INT INT/INT (?:\{{[^}}]*\}} )?(?:\{{[^}}]*\}} )?"(?:<BADREQ>|WORD NOTSPACE HTTP/\d\.\d)""#
    );
    let filebeat = format!(
        r#"{start} INT/NUMBER/NUMBER/NUMBER/NUMBER NUMBER NUMBER NOTSPACE NOTSPACE NOTSPACE NUMBER/NUMBER/NUMBER/NUMBER/NUMBER NUMBER/NUMBER (?:\{{DATA\}} \{{DATA\}} |\{{DATA\}} )?"DATA""#
    );
    [
        ("Logstash", pattern(&logstash)),
        ("Datadog", pattern(&datadog)),
        ("Filebeat", pattern(&filebeat)),
    ]
}

fn for_tcp() -> [(&'static str, Regex); 3] {
    let start = r"SYSLOGTIME SYSLOGHOST PROGRAM: IP:INT \[DATE\] NOTSPACE NOTSPACE/NOTSPACE";
    let logstash =
        format!("{start} INT/INT/NOTSPACE NOTSPACE NOTSPACE INT/INT/INT/INT/NOTSPACE INT/INT");
    let datadog =
        format!(r"{start} INT/INT/\+?INT \+?INT [A-Za-z-]{{2}} INT/INT/INT/INT/\+?INT INT/INT");
    let filebeat = format!(
        "{start} NUMBER/NUMBER/NUMBER NUMBER NOTSPACE NUMBER/NUMBER/NUMBER/NUMBER/NUMBER NUMBER/NUMBER"
    );
    [
        ("Logstash", pattern(&logstash)),
        ("Datadog", pattern(&datadog)),
        ("Filebeat", pattern(&filebeat)),
    ]
}

fn start() -> Topology {
    let config = "
        global
            nbthread 1
            log-send-hostname edge-1.example
            log \"${log}\" len 8192 local0
        defaults
            mode http
            log global
            timeout connect 6s
            timeout client 6s
            timeout server 6s
            retries 0
        frontend fe
            bind \"fd@${fe}\"
            option httplog
            capture cookie id len 20
            capture request header host len 30
            capture request header user-agent len 60
            capture response header server len 20
            http-request deny if { path_beg /deny }
            http-request tarpit deny_status 429 if { path_beg /tarpit }
            timeout tarpit 1ms
            http-request redirect prefix /there if { path_beg /moved }
            use_backend gone if { path_beg /gone }
            default_backend be
        frontend bare
            bind \"fd@${bare}\"
            option httplog
            option logasap
            default_backend be
        backend be
            server s \"${dir}/origin\"
        backend gone
            server s ${closed}
        frontend origin
            bind \"${dir}/origin\"
            no log
            http-request return status 500 content-type text/plain string oh if { path_beg /500 }
            http-request return status 304 if { path_beg /304 }
            http-request return status 200 hdr server nginx hdr set-cookie id=a content-type text/plain string hello
        frontend tcp
            mode tcp
            bind \"fd@${tcp}\"
            option tcplog
            default_backend relay
        frontend shut
            mode tcp
            bind \"fd@${shut}\"
            option tcplog
            default_backend closed
        backend relay
            mode tcp
            server s \"${dir}/origin\"
        backend closed
            mode tcp
            server s ${closed}
";
    Topology::start(&tidegate(), config)
}

/// The request of that number.
fn request(n: usize) -> String {
    let method = ["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"][n % 7];
    let place = [
        "/",
        "/index.html",
        "/deny",
        "/moved/a",
        "/500",
        "/304",
        "/gone",
        "/tarpit",
        "/a%20b/c",
        "/~user/(x)",
    ][n % 10];
    let query = match n % 6 {
        0 => String::new(),
        1 => format!("?q={n}"),
        2 => format!("?a=b&c[]=%C3%A9&n={n}"),
        3 => format!("?{}", "x".repeat(n % 300)),
        4 => "?".to_owned(),
        _ => format!(";v={n}"),
    };
    let version = ["1.1", "1.1", "1.0"][n % 3];
    let agent = [
        "curl/8.5.0",
        "Mozilla/5.0 (X11; Linux) {odd} \"quoted\"",
        "",
        "b\u{e9}t\u{1f}e",
    ][n % 4];
    let cookie = match n % 5 {
        0 => "cookie: id=0123456789abcdefXYZ; x=y\r\n",
        1 => "cookie: other=1\r\n",
        _ => "",
    };
    format!(
        "{method} {place}{query} HTTP/{version}\r\nhost: h{n}.example\r\nuser-agent: {agent}\r\n\
         {cookie}content-length: 0\r\nconnection: close\r\n\r\n"
    )
}

/// Sends a request of its own connection and waits for the end.
fn send(topology: &Topology, door: &str, bytes: &[u8]) {
    let mut client = Peer::new(topology.connect(door));
    client.send(bytes.to_vec());
    client.shut();
    // Any answer will do, none as well.
    let _ = client.rest();
}

#[track_caller]
fn check(line: &str, patterns: &[(&str, Regex)]) {
    let line = line.split_once('>').map_or(line, |(_, line)| line);
    for (reader, pattern) in patterns {
        assert!(pattern.is_match(line), "{reader} does not read {line}");
    }
}

#[test]
fn patterns_do_not_match_everything() {
    let line = r#"Nov 23 03:15:14 edge haproxy[2]: 10.0.0.1:5 [23/Nov/2026:03:15:14.099] fe be/s 0/0/0/0/0 200 90 - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1""#;
    check(line, &for_http());
    for wrong in [
        line.replace(" 200", ""),
        line.replace("10.0.0.1:5", "-"),
        line.replace("be/s", "be"),
    ] {
        assert!(
            for_http()
                .iter()
                .all(|(_, pattern)| !pattern.is_match(&wrong)),
            "{wrong}"
        );
    }
}

#[test]
fn http_lines() {
    let (topology, patterns) = (start(), for_http());
    for n in 0..REQUESTS {
        let door = if n % 4 == 3 { "bare" } else { "fe" };
        match n % 25 {
            24 => send(&topology, door, b"\x00nonsense\r\n\r\n"),
            23 => send(&topology, door, b"GET / HT"),
            _ => send(&topology, door, request(n).as_bytes()),
        }
        let line = topology
            .log
            .datagram()
            .unwrap_or_else(|| panic!("no line {n}"));
        check(&line, &patterns);
    }
}

#[test]
fn tcp_lines() {
    let (topology, patterns) = (start(), for_tcp());
    for n in 0..CONNECTIONS {
        match n % 3 {
            0 => send(&topology, "tcp", request(n).as_bytes()),
            1 => drop(topology.connect("tcp")),
            _ => send(&topology, "shut", b"hello"),
        }
        let line = topology
            .log
            .datagram()
            .unwrap_or_else(|| panic!("no line {n}"));
        check(&line, &patterns);
    }
}
