//! Rings, log backends, `log-forward`, and `log` lines that name them.

use super::{check, frontend};

/// Lines of a section, the first of which is line 2.
fn section(opening: &str, lines: &str, expected: &[&str]) {
    check(&format!("{opening}\n {lines}\n"), expected);
}

#[test]
fn rings() {
    let ring = |lines: &str, expected: &[&str]| section("ring r", lines, expected);
    ring("size 64k\n maxlen 100\n description x\n format iso", &[]);
    ring(
        "server s 127.0.0.1:514 log-proto octet-count\n timeout connect 1s\n timeout server 0",
        &[],
    );
    ring(
        "size x",
        &["2:7: error[TG0620]: invalid size 'x' for new sink buffer."],
    );
    ring(
        "size 0",
        &["2:7: error[TG0620]: invalid size '0' for new sink buffer."],
    );
    ring(
        "maxlen 0",
        &["2:9: error[TG0620]: invalid size '0' for new sink buffer."],
    );
    ring("format foo", &["2:9: error[TG0620]: unknown format 'foo'."]);
    ring(
        "description",
        &["2:2: error[TG0620]: missing ring description text."],
    );
    ring(
        "timeout connect",
        &["2:10: error[TG0620]: 'timeout connect' expects <time> as argument."],
    );
    ring(
        "timeout foo 1",
        &["2:10: warning[TG0209]: 'timeout foo' does nothing in a ring"],
    );
    ring(
        "backing-file /f",
        &["2:2: error[TG0210]: 'backing-file' is not supported yet"],
    );
    ring(
        "siz 1",
        &["2:2: error[TG0201]: unknown keyword 'siz' in 'ring' section"],
    );
    ring(
        "server s 127.0.0.1:1 log-proto x",
        &[
            "2:33: error[TG0305]: 'server r/s' : 'log-proto' : expects one of 'legacy' or 'octet-count' but got 'x'",
        ],
    );
    ring(
        "maxlen 20000",
        &[
            "1:1: warning[TG0621]: ring 'r' event max length '20000' exceeds max payload size, forced to '16384'.",
        ],
    );
    check("ring\n", &["1:1: error[TG0204]: missing ring name."]);
    check(
        "ring r\nring r\n",
        &["2:6: error[TG0241]: sink named 'r' already exists."],
    );
    check(
        "ring buf0\n",
        &["1:6: error[TG0241]: sink named 'buf0' already exists."],
    );
}

#[test]
fn log_lines_lead_somewhere() {
    let unknown = "uses unknown";
    frontend(
        "log ring@r local0",
        &[&format!(
            "8:6: error[TG0622]: log directive declared in proxy section 'f' {unknown} ring named 'r'."
        )],
    );
    frontend(
        "log backend@b local0",
        &[&format!(
            "8:6: error[TG0622]: log directive declared in proxy section 'f' {unknown} log backend 'b'."
        )],
    );
    frontend(
        "log ring@stdout local0",
        &[
            "8:6: error[TG0623]: log directive declared in proxy section 'f' uses incompatible ring 'stdout'.",
        ],
    );
    frontend(
        "log backend@b local0\nbackend b",
        &[
            "8:6: error[TG0623]: log directive declared in proxy section 'f' uses incompatible log backend 'b'.",
        ],
    );
    frontend(
        "log ring@buf0 local0\n log tcp@127.0.0.1:5 local0\n log 127.0.0.1 sample 1,3-4:5 local0",
        &[],
    );
    frontend("log ring@r local0\nring r\n size 1k", &[]);
    check(
        "global\n log ring@r local0\n",
        &["2:6: error[TG0622]: global log directive uses unknown ring named 'r'."],
    );
    for range in ["0:1", "1:x", "2-1:4", "5:4", "1,1:4", "1"] {
        let message = format!("8:27: error[TG0601]: log : invalid sample range '{range}'");
        frontend(
            &format!("log 127.0.0.1:514 sample {range} local0"),
            &[&message],
        );
    }
}

#[test]
fn log_backends() {
    let backend = |lines: &str, expected: &[&str]| section("backend b", lines, expected);
    let server = "server s udp@127.0.0.1:514";
    backend(&format!("mode log\n {server}"), &[]);
    backend(
        &format!("mode log\n balance log-hash field(1,:),lower\n {server}"),
        &[],
    );
    backend(
        "mode log\n server s 127.0.0.1:514 log-proto octet-count log-bufsize 64k",
        &[],
    );
    backend(
        &format!("mode log\n balance leastconn\n {server}"),
        &[
            "1:1: error[TG0627]: in backend 'b': \"balance\" only supports 'roundrobin', 'random', 'sticky' and 'log-hash'.",
        ],
    );
    backend(
        &format!("mode log\n balance log-hash\n {server}"),
        &["3:2: error[TG0204]: balance log-hash requires a converter list."],
    );
    backend(
        &format!("mode log\n hash-type consistent\n balance log-hash field(1,:)\n {server}"),
        &[
            "1:1: error[TG0627]: log backend 'b': failed to initialize: unsupported hash method (from \"hash-type\").",
        ],
    );
    backend(
        "mode tcp\n balance log-hash field(1,:)",
        &[
            "1:1: warning[TG0627]: Unusable balance algorithm for backend 'b' (needs 'mode log'). Falling back to round robin.",
        ],
    );
    backend(
        &format!("mode log\n {server}\n server t tcp@127.0.0.1:514"),
        &[
            "4:11: error[TG0625]: log backend 'b': failed to initialize: cannot mix server types within a log backend, 't' srv's network type differs from previous server.",
        ],
    );
    backend(
        "mode log\n server s /run/s",
        &["3:11: error[TG0624]: log server address family not supported for log backend server."],
    );
    backend(
        &format!("mode tcp\n timeout connect 1s\n timeout server 1s\n {server}"),
        &["5:11: error[TG0624]: unsupported transport for server address in 'tcp' backend."],
    );
    backend(
        &format!("mode log\n {server}\n tcp-request content accept"),
        &[
            "1:1: warning[TG0626]: Cannot use tcp-request rules with 'mode log' in backend 'b'. It will be ignored.",
        ],
    );
    check(
        "frontend f\n mode log\n bind :80\n timeout client 1s\n",
        &["2:7: error[TG0208]: mode syslog is only applicable on proxies with backend capability."],
    );
    check(
        "frontend f\n bind :80\n timeout client 1s\n default_backend b\nbackend b\n mode log\n",
        &[
            "4:18: error[TG0705]: tcp frontend 'f' tries to use incompatible syslog backend 'b' as its default backend (see 'mode')",
        ],
    );
}

#[test]
fn log_forward() {
    let forward = |lines: &str, expected: &[&str]| section("log-forward l", lines, expected);
    forward(
        "bind :514\n dgram-bind :514\n log global\n log 127.0.0.1 local0\n maxconn 5\n backlog 6\n timeout client 1s\n \
         option assume-rfc6587-ntf\n no option dont-parse-log\n option host append",
        &[],
    );
    forward(
        "bind udp@:514",
        &["2:7: error[TG0301]: 'bind' : dgram-type address not acceptable in 'udp@:514'"],
    );
    forward(
        "dgram-bind tcp@:514",
        &["2:13: error[TG0301]: 'dgram-bind' : stream-type address not acceptable in 'tcp@:514'"],
    );
    forward(
        "dgram-bind :514 foo",
        &["2:18: error[TG0302]: 'bind :514' in section 'log-forward': unknown keyword 'foo'"],
    );
    forward(
        "dgram-bind",
        &["2:2: error[TG0204]: 'dgram-bind' expects an address"],
    );
    forward(
        "option host foo",
        &["2:14: error[TG0629]: option 'host' expects {replace|fill|keep|append}."],
    );
    forward(
        "maxconn",
        &["2:2: error[TG0629]: 'maxconn' expects an integer argument."],
    );
    forward(
        "timeout client",
        &["2:10: error[TG0629]: missing timeout client value."],
    );
    forward(
        "mode tcp",
        &["2:2: error[TG0201]: unknown keyword 'mode' in 'log-forward' section"],
    );
    forward(
        "option foo",
        &["2:2: error[TG0201]: unknown keyword 'option' in 'log-forward' section"],
    );
    check(
        "log-forward\n",
        &["1:1: error[TG0204]: missing name for log-forward section."],
    );
    check(
        "log-forward l\nlog-forward l\n",
        &[
            "2:1: error[TG0701]: log-forward section 'l' has the same name as another log-forward section",
        ],
    );
    check(
        "backend l\nlog-forward l\n",
        &["2:1: error[TG0701]: log forward section 'l' has the same name as backend 'l'"],
    );
    check(
        "log-forward l\nbackend l\n",
        &["2:1: error[TG0701]: backend 'l' has the same name as log forward section 'l'"],
    );
}
