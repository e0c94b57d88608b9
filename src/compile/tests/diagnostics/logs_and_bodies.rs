//! Logs, compression and caches.

use super::{backend, check, frontend};

#[test]
fn steps_and_profiles_of_logs() {
    frontend(
        "log-steps accept,foo",
        &[
            "8:12: error[TG0208]: invalid log step name (foo). Expected values are: accept, request, connect, response, close, tcp-req-conn, tcp-req-sess, tcp-req-cont, tcp-res-cont, http-req, http-res, http-after-res",
        ],
    );
    frontend(
        "log stderr profile p local0",
        &["8:21: error[TG0660]: log : unknown log profile 'p'"],
    );
    frontend(
        "mode http\n http-request do-log profile p",
        &["9:30: error[TG0660]: do-log action: profile 'p' is invalid"],
    );
    let profile =
        |line: &str, expected: &[&str]| check(&format!("log-profile p\n {line}\n"), expected);
    profile(
        "on foo drop",
        &["2:5: error[TG0208]: 'on' expects a log step."],
    );
    profile(
        "on close",
        &["2:2: error[TG0208]: 'on close' expects 'drop', 'format' or 'sd'."],
    );
    profile(
        "on close format",
        &["2:11: error[TG0204]: 'on close format' expects a logformat string."],
    );
}

#[test]
fn compression_and_caches() {
    backend(
        "compression algo gzp",
        &["7:19: error[TG0208]: 'compression' : 'gzp' is not a supported algorithm."],
    );
    backend(
        "compression algo",
        &["7:14: error[TG0204]: 'compression' : 'algo' expects at least one algorithm"],
    );
    backend(
        "compression foo",
        &["7:14: error[TG0208]: 'compression' expects 'algo', 'type' 'direction' or 'offload'"],
    );
    backend(
        "filter foo",
        &["7:9: error[TG0208]: 'filter' : unknown filter 'foo'"],
    );
    backend(
        "mode http\n http-request cache-use c",
        &["8:25: error[TG0760]: unable to find the cache 'c'"],
    );
    let cache = |lines: &str, expected: &[&str]| check(&format!("cache c\n {lines}\n"), expected);
    cache(
        "total-max-size 5000",
        &[
            "1:1: error[TG0204]: Size not specified for cache 'c'",
            "2:17: error[TG0205]: total-max-size wrong value '5000'",
        ],
    );
    cache(
        "total-max-size 1\n max-object-size 600000",
        &[
            "1:1: error[TG0205]: \"max-object-size\" is limited to an half of \"total-max-size\" => 524288",
        ],
    );
    cache(
        "total-max-size 1\n process-vary maybe",
        &[
            "3:15: error[TG0208]: 'process-vary' expects \"on\" or \"off\" (enable or disable vary processing).",
        ],
    );
}
