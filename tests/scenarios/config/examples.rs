//! The configurations in `examples/`: each loads without a warning, and those of protection do what
//! they say.

use crate::support::process::run;
use crate::support::script::play;
use crate::support::tidegate;
use crate::support::topology::Topology;
use std::path::Path;

fn examples() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

#[test]
fn item_158_all_load_without_a_warning() {
    let files = std::fs::read_dir(examples()).expect("the examples");
    let mut seen = 0;
    for file in files.map_while(Result::ok) {
        let path = file.path();
        if path.extension().is_some_and(|end| end == "cfg") {
            let name = path.to_str().expect("a plain name");
            let output = run(
                &tidegate(),
                &["-c", "-f", name],
                Path::new(env!("CARGO_MANIFEST_DIR")),
            );
            let shown = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(0), "{name}: {shown}");
            assert!(!shown.contains("warning"), "{name}: {shown}");
            seen += 1;
        }
    }
    assert!(seen > 10);
}

/// An example between sockets of the test's own, and a script.
#[track_caller]
fn check(name: &str, script: &str) {
    let text = std::fs::read_to_string(examples().join(name)).expect("an example");
    let text = text
        .replace("127.0.0.1:8080", "\"fd@${fe}\"")
        .replace("127.0.0.1:9001", "${s}")
        .replace("127.0.0.1:9002", "${t}");
    let text = format!("global\n    nbthread 1\n{text}");
    let mut topology = Topology::start(&tidegate(), &text);
    play(&mut topology, script).unwrap_or_else(|why| panic!("{name}: {why}"));
}

#[test]
fn envoys_limits() {
    let asking: String = (1..=10)
        .map(|n| format!("c{n}> GET /{n} HTTP/1.1|host: a||\ns{n}< GET /{n} HTTP/1.1|host: a||\n"))
        .collect();
    check(
        "envoy-circuit-limits.cfg",
        &format!("{asking}c11> GET / HTTP/1.1|host: a||\nc11< {{503}}\ns11 unused"),
    );
}

#[test]
fn envoys_thresholds() {
    check(
        "envoy-thresholds.cfg",
        "c> GET /api/ HTTP/1.1|host: a||
         t< GET /api/ HTTP/1.1|host: a||
         t> HTTP/1.1 204 No Content||
         c< HTTP/1.1 204 No Content||
         c> GET / HTTP/1.1|host: a||
         s< GET / HTTP/1.1|host: a||
         s> HTTP/1.1 503 Busy|content-length: 0||
         s2< GET / HTTP/1.1|host: a||
         s2> HTTP/1.1 204 No Content||
         c< HTTP/1.1 204 No Content||",
    );
}

#[test]
fn envoys_outliers() {
    let one = |path: &str, origin: &str, status: &str| {
        format!(
            "c> GET /{path} HTTP/1.1|host: a||
             {origin}< GET /{path} HTTP/1.1|host: a||
             {origin}> HTTP/1.1 {status}|content-length: 0||
             c< HTTP/1.1 {status}|content-length: 0||\n"
        )
    };
    let failing: String = (1..=5)
        .map(|_| one("bad", "s", "500 Broken") + &one("good", "t", "200 OK"))
        .collect();
    let alone: String = (0..3).map(|_| one("more", "t", "200 OK")).collect();
    check("envoy-outlier-detection.cfg", &(failing + &alone));
}

#[test]
fn the_stick_table_breaker() {
    check(
        "haproxy-circuit-breaker.cfg",
        "c> GET / HTTP/1.1|host: a||
         s< GET / HTTP/1.1|host: a||
         s> HTTP/1.1 500 Broken|content-length: 0||
         c< HTTP/1.1 500 Broken|content-length: 0||
         c> GET / HTTP/1.1|host: a||
         c< {503}",
    );
}
