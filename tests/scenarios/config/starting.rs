//! Good configurations that can't be served, and files that aren't there: what to do is said.

use crate::support::process::run;
use crate::support::tidegate;
use crate::support::topology::Surroundings;
use std::net::TcpListener;

const PROXY: &str = "defaults\n    mode http\n    timeout connect 5s\n    timeout client 5s\n    timeout server 5s\n";

#[track_caller]
fn check(text: &str, args: &[&str], part: &str) {
    let place = Surroundings::of(text);
    std::fs::create_dir(place.dir.path().join("empty")).expect("a directory");
    let output = run(&tidegate(), args, place.dir.path());
    let shown = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{shown}");
    assert!(shown.contains(part), "no {part:?} in {shown}");
}

#[test]
fn an_address_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("a local address").to_string();
    let text = format!("{PROXY}frontend web\n    bind {address}\n    http-request deny\n");
    check(&text, &["-f", "cfg"], &address);
    check(&text, &["-f", "cfg"], "in use");
}

#[test]
fn missing_files_are_named() {
    check("", &["-c", "-f", "none.cfg"], "none.cfg");
    check("", &["-c", "-f", "empty"], "empty");
}

#[test]
fn an_unresolvable_server_is_named() {
    let text = format!(
        "{PROXY}listen web\n    bind unix@${{dir}}/socket\n    server s nowhere.invalid:80\n"
    );
    check(&text, &["-c", "-f", "cfg"], "nowhere.invalid");
}

#[test]
fn a_descriptor_that_is_no_socket_is_refused() {
    let text = format!("{PROXY}frontend web\n    bind fd@999\n    http-request deny\n");
    check(&text, &["-f", "cfg"], "999");
}
