//! Arguments of the wrong kind, number or range.

use super::{backend, check, frontend, global};

#[test]
fn arguments_of_frontends() {
    frontend(
        "maxconn",
        &["8:2: error[TG0204]: 'maxconn' expects an integer argument"],
    );
    frontend(
        "maxconn abc",
        &["8:10: warning[TG0206]: 'abc' is not a number; it is read as 0"],
    );
    frontend(
        "maxconn 5 6",
        &["8:12: error[TG0203]: 'maxconn' cannot handle unexpected argument '6'"],
    );
    frontend(
        "rate-limit",
        &["8:2: error[TG0208]: 'rate-limit' only supports 'sessions' (got '')"],
    );
    frontend(
        "rate-limit sesions 5",
        &["8:13: error[TG0208]: 'rate-limit' only supports 'sessions' (got 'sesions')"],
    );
    frontend(
        "rate-limit sessions",
        &[
            "8:13: error[TG0204]: 'rate-limit sessions' expects an integer value (in sessions/second)",
        ],
    );
    frontend(
        "rate-limit sessions 5/s",
        &[
            "8:22: error[TG0205]: 'rate-limit sessions' : unexpected character '/' in integer value '5/s'",
        ],
    );
    frontend(
        "clitcpka-cnt",
        &["8:2: error[TG0204]: 'clitcpka-cnt' expects an integer value"],
    );
    frontend(
        "clitcpka-cnt 3x",
        &["8:15: error[TG0205]: 'clitcpka-cnt' : unexpected character 'x' in integer value '3x'"],
    );
    frontend(
        "clitcpka-idle 30days",
        &["8:16: warning[TG0207]: unexpected character 'a' after the timer value '30days'"],
    );
    frontend(
        "mode foo",
        &["8:7: error[TG0208]: unknown proxy mode 'foo'"],
    );
    frontend("id 0", &["8:5: error[TG0205]: custom id has to be > 0"]);
    frontend(
        "default_backend",
        &["8:2: error[TG0204]: 'default_backend' expects a backend name"],
    );
    frontend(
        "errorfile 503 /nope",
        &["8:16: error[TG0921]: errorfile : error opening file '/nope': entity not found"],
    );
    frontend(
        "errorfile 999 /nope",
        &["8:12: error[TG0205]: errorfile : status code '999' not handled"],
    );
}

#[test]
fn arguments_of_traces() {
    let check = |words: &str, at: u32, message: &str| {
        let found = format!("8:{at}: error[{message}");
        frontend(&format!("filter trace {words}"), &[&found]);
    };
    frontend(
        "filter trace name a quiet random-parsing random-forwarding max-fwd 20 hexdump\n filter trace",
        &[],
    );
    check(
        "name",
        15,
        "TG0204]: 'filter' : 'trace' : 'name' option without value",
    );
    check(
        "name a name b",
        22,
        "TG0208]: 'filter' : 'trace' : 'name' option already defined",
    );
    check(
        "max-fwd -1",
        23,
        "TG0205]: 'filter' : 'trace' : 'max-fwd' expect unsigned integer (0 to 4294967295 expected)",
    );
    check(
        "loud",
        15,
        "TG0208]: 'filter trace' : unknown keyword 'loud'.",
    );
}

#[test]
fn arguments_of_backends() {
    backend(
        "http-reuse foo",
        &[
            "7:13: error[TG0208]: 'http-reuse' only supports 'never', 'safe', 'aggressive', 'always'",
        ],
    );
    backend(
        "balance uri dept 2",
        &[
            "7:14: error[TG0208]: balance uri only accepts parameters 'len', 'depth', 'path-only', and 'whole' (got 'dept').",
        ],
    );
    backend(
        "hash-type consistent md5",
        &[
            "7:23: error[TG0208]: 'hash-type' only supports 'sdbm', 'djb2', 'crc32', 'wt6' or 'none' hash functions.",
        ],
    );
    backend(
        "hash-balance-factor 50",
        &["7:22: error[TG0205]: 'hash-balance-factor' must be 0 or greater than 100."],
    );
    backend(
        "server s1 1.2.3.4:5\n use-server s2 if TRUE",
        &[
            "8:13: error[TG0715]: backend 'b' : unable to find server 's2' referenced in a 'use-server' rule.",
        ],
    );
    backend(
        "use-server s1",
        &[
            "7:2: error[TG0204]: 'use-server' requires either 'if' or 'unless' followed by a condition",
        ],
    );
    backend(
        "balance random(0)",
        &["7:10: error[TG0205]: balance random : number of draws must be at least 1"],
    );
}

#[test]
fn times_and_options() {
    frontend(
        "timeout client 10x",
        &["8:17: error[TG0207]: unexpected character 'x' in 'timeout client'"],
    );
    frontend(
        "timeout client 30d",
        &[
            "8:17: error[TG0207]: timer overflow in argument '30d' to 'timeout client' (maximum value is 2147483647 ms or ~24.8 days)",
        ],
    );
    frontend(
        "timeout client 50",
        &[
            "8:17: warning[TG0219]: 'timeout client 50' is suspiciously small for a value in milliseconds. Please use an explicit unit ('50ms') if that was the intent",
        ],
    );
    frontend(
        "timeout client 3s\n timeout client 4s",
        &["9:10: warning[TG0217]: overwriting 'timeout client' which was already specified"],
    );
    frontend(
        "timeout client",
        &["8:10: error[TG0204]: 'timeout client' expects an integer value (in milliseconds)"],
    );
    frontend(
        "option httplog x",
        &["8:17: error[TG0208]: keyword 'httplog' only supports option 'clf'"],
    );
}

#[test]
fn arguments_of_global() {
    global(
        "nbthread 0",
        &["2:11: error[TG0205]: 'nbthread' value must be between 1 and 1024 (was 0)"],
    );
    global(
        "maxconn x",
        &["2:10: error[TG0205]: cannot parse 'maxconn' value 'x', an integer is expected"],
    );
    global("anonkey", &["2:2: error[TG0204]: 'anonkey' expects a key"]);
    global(
        "anonkey 4294967296",
        &[
            "2:10: error[TG0205]: 'anonkey' value must be within range 0-4294967295 (was '4294967296')",
        ],
    );
    global(
        "maxconnrate",
        &["2:2: error[TG0204]: 'maxconnrate' expects an integer argument"],
    );
    global(
        "maxsessrate 5\n maxsessrate 6",
        &["3:2: warning[TG0213]: 'maxsessrate' already specified. Continuing"],
    );
    global(
        "maxconn 5\n maxconn 6",
        &["3:2: warning[TG0213]: 'maxconn' already specified. Continuing"],
    );
    global(
        "tune.bufsize x",
        &["2:15: error[TG0207]: unexpected 'x' after size passed to 'tune.bufsize'"],
    );
    global(
        "tune.bufsize 2147483632",
        &["2:15: error[TG0205]: 'tune.bufsize' expects a size in bytes from 0 to 2147483631"],
    );
    global(
        "tune.bufsize 10",
        &["2:15: warning[TG0205]: 'tune.bufsize' of 10 bytes is too small; buffers have 1024"],
    );
    global("maxconn -5", &[]);
    global(
        "daemon x",
        &["2:9: error[TG0203]: 'daemon' cannot handle unexpected argument 'x'"],
    );
    global(
        "user nobody-here",
        &["2:7: error[TG0306]: cannot find user id for 'nobody-here'"],
    );
}

#[test]
fn arguments_of_what_has_no_effect() {
    global("set-dumpable off", &[]);
    global("ulimit-n 100", &[]);
    global(
        "set-dumpable foo",
        &[
            "2:15: error[TG0208]: 'set-dumpable' only supports 'on' and 'off' as an argument, found 'foo'.",
        ],
    );
    global(
        "ulimit-n",
        &["2:2: error[TG0204]: 'ulimit-n' expects an integer argument"],
    );
    global(
        "ca-base",
        &["2:2: error[TG0204]: 'ca-base' expects a directory path as an argument"],
    );
    let range = "'tune.idletimer' expects a timer value between 0 and 65535 ms";
    global("tune.idletimer", &[&format!("2:2: error[TG0204]: {range}")]);
    global(
        "tune.idletimer 70s",
        &[&format!("2:17: error[TG0205]: {range}")],
    );
    frontend(
        "option contstats x",
        &["8:19: error[TG0203]: 'option contstats' cannot handle unexpected argument 'x'"],
    );
}

#[test]
fn groups_and_host_names_of_conditions() {
    let list = |rest: &str, expected: &[&str]| {
        let text = format!(
            "userlist u\n group g\ndefaults\n mode http\n timeout client 1s\nfrontend f\n bind :80\n {rest}\n"
        );
        check(&text, expected);
    };
    list("acl a http_auth_group(u) g", &[]);
    list(
        "acl a http_auth_group(u) g nope",
        &["8:29: error[TG0741]: http_auth_group(): invalid group 'nope'."],
    );
    list(
        "acl a http_auth_group(u) -m found",
        &["8:8: error[TG0741]: http_auth_group(): no groups specified."],
    );
    frontend("acl a src localhost localhost/8 10.0.0.1", &[]);
    frontend(
        "acl a src nowhere",
        &["8:12: error[TG0424]: 'nowhere' is not a valid IPv4 or IPv6 address"],
    );
    frontend(
        "acl a src -n localhost",
        &["8:15: error[TG0424]: 'localhost' is not a valid IPv4 or IPv6 address"],
    );
}

#[test]
fn places_of_logs_and_sockets() {
    global(
        "log global",
        &["2:6: error[TG0601]: log : 'global' is not supported for a global syslog server"],
    );
    global(
        "log 127.0.0.1",
        &["2:6: error[TG0601]: log : expects <address> and <facility> as arguments"],
    );
    global(
        "log 127.0.0.1:1-2 local0",
        &["2:6: error[TG0601]: log : port range not permitted here in '127.0.0.1:1-2'"],
    );
    global(
        "log 127.0.0.1 foo",
        &["2:16: error[TG0601]: log : unknown log facility 'foo'"],
    );
    global(
        "log 127.0.0.1 format raw len 200 local0",
        &["2:27: error[TG0601]: log : unknown log facility 'len'"],
    );
    global(
        "stats socket",
        &[
            "2:2: error[TG0204]: 'stats socket' in global section expects an address or a path to a UNIX socket",
        ],
    );
    global(
        "stats socket /a level x",
        &[
            "2:24: error[TG0305]: 'stats socket' : 'level' : only supports 'user', 'operator', and 'admin' (got 'x')",
        ],
    );
    global(
        "stats socket /a severity-output x",
        &[
            "2:34: error[TG0305]: 'stats socket' : 'severity-output' : only supports 'none', 'number', and 'string' (got 'x')",
        ],
    );
    global(
        "stats socket /a expose-fd x",
        &[
            "2:28: error[TG0305]: 'stats socket' : 'expose-fd' : only supports 'listeners' (got 'x')",
        ],
    );
    global(
        "stats timeout 0",
        &["2:16: error[TG0205]: 'stats timeout' expects a positive value"],
    );
    check(
        "frontend f\n bind :1\nglobal\n nbthread 2\n",
        &[
            "1:1: warning[TG0707]: missing timeouts for frontend 'f'",
            "4:2: error[TG0202]: 'nbthread' not allowed if a non-global section was previously defined. This parameter must be declared in the first global section",
        ],
    );
}

#[test]
fn forwarded() {
    backend("option forwarded", &[]);
    backend(
        "option forwarded proto host-expr str(a) by for_port for",
        &[],
    );
    backend(
        "option forwarded proto by_port",
        &[
            "7:25: warning[TG0209]: 'option forwarded' : 'by_port' will be ignored because both 'by' and 'by-expr' are unset",
        ],
    );
    backend(
        "option forwarded prot",
        &[
            "7:19: error[TG0208]: 'option forwarded' only supports optional values: 'proto', 'host', 'host-expr', 'by', 'by-expr', 'by_port', 'by_port-expr', 'for', 'for-expr', 'for_port' and 'for_port-expr'",
        ],
    );
    backend(
        "option forwarded for-expr",
        &["7:19: error[TG0204]: 'for-expr' expects <expr> as argument"],
    );
    backend("option forwarded for-expr src,", &[]);
    backend(
        "option forwarded for-expr srcx",
        &[
            "7:28: error[TG0405]: failed to parse 'option forwarded' expression 'srcx': unknown fetch method 'srcx'",
        ],
    );
    backend(
        "option forwarded for-expr res.hdr(a)",
        &[
            "7:28: warning[TG0406]: in 'option forwarded' sample expression 'res.hdr(a)': some args extract information from 'HTTP response headers', none of which is available here",
        ],
    );
    frontend(
        "option forwarded",
        &[
            "8:2: warning[TG0209]: 'option forwarded' ignored because frontend 'f' has no backend capability",
        ],
    );
}

#[test]
fn arguments_that_name_proxies_and_servers() {
    frontend(
        "use_backend b if { nbsrv(c) 0 }\nbackend b",
        &[
            "8:27: error[TG0715]: unable to find backend 'c' referenced in arg 1 of fetch method 'nbsrv' in proxy 'f'",
        ],
    );
    frontend(
        "use_backend b if { be_conn gt 5 }\nbackend b",
        &[
            "8:21: error[TG0715]: proxy 'f', referenced in arg 1 of fetch method 'be_conn' in proxy 'f', has not backend capability",
        ],
    );
    frontend(
        "use_backend b if { srv_is_up(b/t) } { srv_is_up(x/t) } { srv_is_up() }\nbackend b\n server s 1.1.1.1:1",
        &[
            "8:31: error[TG0715]: unable to find server 't' in proxy 'b', referenced in arg 1 of fetch method 'srv_is_up' in proxy 'f'",
            "8:50: error[TG0715]: unable to find proxy 'x' referenced in arg 1 of fetch method 'srv_is_up' in proxy 'f'",
            "8:69: error[TG0403]: invalid args in fetch method 'srv_is_up' : missing server name in ACL expression 'srv_is_up()'",
        ],
    );
    backend(
        "server s 1.1.1.1:1\n http-request deny if { be_conn gt 5 } { srv_conn(s) gt 5 } { nbsrv 0 } { fe_conn(b) gt 1 }",
        &[
            "8:83: error[TG0715]: unable to find frontend 'b' referenced in arg 1 of fetch method 'fe_conn' in proxy 'b'",
        ],
    );
}

#[test]
fn inherited_arguments_are_resolved_once_for_each_proxy_and_reported_once() {
    let check_defaults = |condition: &str, expected: &[&str]| {
        check(
            &format!(
                "defaults d\n mode http\n timeout client 1s\n timeout server 1s\n timeout connect 1s\n http-request deny if {condition}\nbackend a from d\nbackend b from d\n"
            ),
            expected,
        );
    };
    check_defaults("{ be_conn gt 5 }", &[]);
    check_defaults(
        "{ be_conn(c) gt 5 }",
        &[
            "6:33: error[TG0715]: unable to find backend 'c' referenced in arg 1 of fetch method 'be_conn' in a section that is no proxy",
        ],
    );
}

#[test]
fn process_variables() {
    global("set-var proc.a int(1)", &[]);
    global(
        "set-var txn.a int(1)",
        &[
            "2:10: error[TG0430]: 'set-var': cannot set variable 'txn.a', only scope 'proc' is permitted in the global section.",
        ],
    );
    global(
        "set-var proc.a src",
        &[
            "2:17: error[TG0406]: fetch method 'src' extracts information from 'client-side connection', none of which is available here",
        ],
    );
    global(
        "set-var proc.a",
        &[
            "2:2: error[TG0204]: 'set-var' requires a process-wide variable name ('proc.<name>') and a sample expression.",
        ],
    );
    global(
        "tune.vars.txn-max-size 5k",
        &["2:25: error[TG0205]: tune.vars.txn-max-size: '5k' is an invalid size"],
    );
}
