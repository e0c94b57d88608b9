//! Commands that look into the process: what was refused, who is busy, what is open.

use crate::proxy;
use crate::support::peer::Peer;
use crate::support::script::play;
use crate::support::tidegate;
use crate::support::topology::Topology;

fn start() -> Topology {
    let global = "global\n    stats socket \"fd@${cli}\" level admin\n";
    Topology::start(&tidegate(), &format!("{global}{}", proxy("")))
}

fn ask(topology: &Topology, line: &str) -> String {
    let mut peer = Peer::new(topology.connect("cli"));
    peer.send(format!("{line}\n").into_bytes());
    peer.shut();
    let answer = peer.rest().unwrap_or_else(|why| panic!("{why}"));
    String::from_utf8(answer).expect("text")
}

#[track_caller]
fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
}

#[test]
fn warnings_of_the_start_are_kept() {
    let config = format!(
        "global\n    stats socket \"fd@${{cli}}\" level operator\n{}",
        proxy("").replace("    timeout client 6s\n", "")
    );
    let topology = Topology::start(&tidegate(), &config);
    let shown = ask(&topology, "show startup-logs");
    assert!(shown.starts_with("warning["), "{shown}");
    let printed = topology.process.output();
    assert!(printed.contains(shown.trim_end()), "{printed}");
    let refused = ask(&topology, "user;show startup-logs");
    assert!(refused.contains("Permission denied\n"), "{refused}");
}

#[test]
fn the_last_bad_messages_are_shown_whole() {
    let mut topology = start();
    has(
        &ask(&topology, "show errors"),
        &["Total events captured on [", "] : 0\n"],
    );
    let script = "
        c> GET / HTTP/1.1|ho st: a||
        c< {400}
        c2> GET / HTTP/1.1|host: a||
        s2< GET / HTTP/1.1|host: a||
        s2> HTTP/1.1 200 OK|x y: z||
        c2< {502}
    ";
    play(&mut topology, script).unwrap_or_else(|why| panic!("{why}"));
    let shown = ask(&topology, "show errors");
    has(
        &shown,
        &[
            "] : 2\n",
            "frontend fe (#2): invalid request\n  backend <NONE> (#-1), server <NONE> (#-1), event #0, src 127.0.0.1:",
            "error at position 18 :\n  \n  00000  GET / HTTP/1.1\\r\\n\n  00016  ho st: a\\r\\n\n",
            "backend be (#3): invalid response\n  frontend fe (#2), server s (#1), event #1, src 127.0.0.1:",
            "  00017  x y: z\\r\\n\n",
        ],
    );
    assert!(!ask(&topology, "show errors fe response").contains("invalid"));
    assert!(!ask(&topology, "show errors be request").contains("invalid"));
    has(
        &ask(&topology, "show errors -1 request"),
        &["invalid request"],
    );
    assert_eq!(ask(&topology, "show errors nope"), "No such proxy.\n\n");
    has(&ask(&topology, "user;show errors"), &["Permission denied"]);
}

#[test]
fn the_process_tells_what_it_does() {
    let topology = start();
    let _idle = topology.connect("fe");
    let check = |command: &str, parts: &[&str]| has(&ask(&topology, command), parts);
    check("show threads", &["  Thread 1 : connections=", " cpu="]);
    check(
        "show activity",
        &["thread_count: 1\n", "requests: 0\n", "uptime_now: "],
    );
    check(
        "show pools",
        &[
            "  - connections : ",
            "  - idle server connections : 0 used",
            " kB resident.",
        ],
    );
    check("show fd", &["      0 : ", "socket:["]);
    check("show fd x", &["Invalid FD type"]);
    check("show fd 0", &["      0 : "]);
    check("show tasks", &["  health checks                0\n"]);
    check("show libs", &["tidegate"]);
    check(
        "show dev",
        &[
            "HAProxy version 3.4.0\n",
            "Features:\n  -51DEGREES +ACCEPT4 ",
            "Platform info:\n",
            "  OS name: Linux\n",
            "Process info:\n  pid: ",
            "    fd limit (soft):",
        ],
    );
    check("show resolvers", &["No resolvers found\n"]);
    check(
        "trace",
        &[" [.] 0          : not a source, will immediately stop all traces\n"],
    );
    check(
        "show trace",
        &["Supported trace sources and states (.=stopped, w=waiting, R=running) :\n"],
    );
    check(
        "show profiling",
        &["Per-task CPU profiling              : off"],
    );
    check(
        "show profiling foo",
        &["Expects either 'all', 'status', 'tasks', 'memory', 'byaddr', "],
    );
    check("set profiling", &["Expects either 'tasks' or 'memory'."]);
    check(
        "set profiling tasks",
        &["Expects a combination of either 'on', 'auto', 'off', "],
    );
    check(
        "set profiling memory on",
        &["Memory profiling not compiled in."],
    );
    assert_eq!(ask(&topology, "set profiling tasks off"), "\n");
}

#[test]
fn streams_of_a_server_are_closed() {
    let mut topology = start();
    let script = "
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        cli shutdown sessions server be/s =>
        c end
        s end
    ";
    play(&mut topology, script).unwrap_or_else(|why| panic!("{why}"));
}
