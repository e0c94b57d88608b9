//! Configurations that are refused: every error is shown at its place, and nothing is opened.

use crate::support::process::run;
use crate::support::tidegate;
use crate::support::topology::Surroundings;

/// Runs `text` as a configuration; the output must hold all `parts`, in this order.
#[track_caller]
fn check(text: &str, parts: &[&str]) {
    for mode in [&["-c", "-f", "cfg"][..], &["-f", "cfg"]] {
        let place = Surroundings::of(text);
        let output = run(&tidegate(), mode, place.dir.path());
        let shown = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{mode:?}: {shown}");
        let mut rest = &*shown;
        for part in parts {
            let at = rest.find(part);
            let at = at.unwrap_or_else(|| panic!("{mode:?}: no {part:?} (in order) in {shown}"));
            rest = &rest[at + part.len()..];
        }
        assert!(
            !place.dir.path().join("socket").exists(),
            "{mode:?}: a socket was opened"
        );
    }
}

/// `line` in an otherwise good frontend.
fn in_frontend(line: &str) -> String {
    format!(
        "defaults\n    mode http\n    timeout connect 5s\n    timeout client 5s\n    timeout server 5s\n\
         frontend web\n    bind unix@${{dir}}/socket\n    {line}\n    default_backend app\n\
         backend app\n    server one 127.0.0.1:8080\n"
    )
}

#[test]
fn the_place_is_marked_with_a_caret() {
    check(
        &in_frontend("option httplogg"),
        &["cfg:8:12", "option httplogg", "^^^^^^^^"],
    );
}

#[test]
fn an_unknown_keyword_is_named_with_its_section() {
    check(
        &in_frontend("defualt_backend app"),
        &["unknown keyword 'defualt_backend' in 'frontend' section"],
    );
}

#[test]
fn a_likely_word_is_suggested() {
    check(&in_frontend("defualt_backend app"), &["default_backend"]);
}

#[test]
fn all_errors_are_reported_in_one_run() {
    check(
        "global\n    nbthreads 4\ndefaults\n    mode htttp\n    timeout client 5x\n\
         frontend web\n    bind unix@${dir}/socket\n    use_backend app if { pth /x }\n    default_backend none\n\
         backend app\n    server one 127.0.0.1:99999\n    balance fair\n",
        &["nbthreads", "htttp", "5x", "pth", "99999", "fair"],
    );
}

#[test]
fn names_are_resolved_between_sections() {
    check(&in_frontend("use_backend other if TRUE"), &["other"]);
    check(&in_frontend("http-request deny if unknown"), &["unknown"]);
    check(&in_frontend("errorfile 503 ${dir}/none"), &["none"]);
}

#[test]
fn an_unfinished_quote_does_not_hide_the_next_lines() {
    check(
        &in_frontend("log-format \"%ci\n    option nonsense"),
        &["cfg:8", "cfg:9", "nonsense"],
    );
}

#[test]
fn two_proxies_of_one_name_are_refused() {
    let text = in_frontend("") + "backend app\n    server two 127.0.0.1:8081\n";
    check(&text, &["app"]);
}

#[test]
fn the_last_line_must_end() {
    check(in_frontend("").trim_end(), &["cfg:"]);
}
