//! What is said about wrong configurations.

use super::run;
use crate::vocab::host::fake::Fake;

const BASE: &str =
    "defaults\n timeout client 5s\n timeout server 5s\n timeout connect 5s\n mode http\n";

/// Checks all findings of a text; the expected lines leave `t.cfg:` out.
fn check(text: &str, expected: &[&str]) {
    let (config, findings) = run(text, &Fake::default(), false);
    let lines: Vec<_> = findings
        .lines()
        .map(|l| l.trim_start_matches("t.cfg:"))
        .collect();
    assert_eq!(lines, expected, "{text}");
    let refused = findings.contains(": error[");
    assert_eq!(config.is_none(), refused, "{text}");
}

fn global(line: &str, expected: &[&str]) {
    check(&format!("global\n {line}\n"), expected);
}

/// Lines of a frontend, the first of which is line 8.
fn frontend(lines: &str, expected: &[&str]) {
    check(
        &format!("{BASE}frontend f\n bind :80\n {lines}\n"),
        expected,
    );
}

/// Lines of a backend, the first of which is line 7.
fn backend(lines: &str, expected: &[&str]) {
    check(&format!("{BASE}backend b\n {lines}\n"), expected);
}

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

#[test]
fn servers_by_template_and_dispatch() {
    backend(
        "server-template x 3-2 :80",
        &["7:20: error[TG0360]: 'server-template' : invalid server count or range '3-2'"],
    );
    backend(
        "server-template x 3",
        &[
            "7:18: error[TG0360]: 'server-template' expects <prefix> <nb | range> <addr>[:<port>] as arguments",
        ],
    );
    backend(
        "dispatch 127.0.0.1:80",
        &["7:2: warning[TG0220]: 'dispatch' is deprecated in 3.3 and will be removed in 3.5"],
    );
    backend(
        "server s :80 send-proxy-v2 proxy-v2-options crc32",
        &["7:46: error[TG0208]: 'proxy-v2-options' : unknown proxy v2 option 'crc32'"],
    );
}

#[test]
fn unknown_words_get_a_suggestion() {
    frontend(
        "maxcon 5",
        &["8:2: error[TG0201]: unknown keyword 'maxcon' in 'frontend' section"],
    );
    backend(
        "zzz 5",
        &["7:2: error[TG0201]: unknown keyword 'zzz' in 'backend' section"],
    );
    global(
        "maxcon 5",
        &["2:2: error[TG0201]: unknown keyword 'maxcon' in 'global' section"],
    );
    frontend(
        "option httlog",
        &["8:9: error[TG0216]: unknown option 'httlog'"],
    );
    frontend(
        "bind :81 accept_proxy",
        &["8:11: error[TG0302]: 'bind :81' in section 'frontend': unknown keyword 'accept_proxy'"],
    );
    backend(
        "server s 1.2.3.4:5 wait 3",
        &["7:21: error[TG0303]: 'server b/s' : unknown keyword 'wait'"],
    );
    let help = |text: &str, expected: &str| {
        let mut sources = crate::syntax::Sources::default();
        let file = sources.add("t.cfg", text);
        let mut diags = crate::syntax::Diagnostics::default();
        let document = crate::syntax::parse(
            &sources,
            &[file],
            &mut crate::syntax::Environment::default(),
            &crate::syntax::Facts::default(),
            &mut diags,
        );
        let options = crate::compile::CompileOptions {
            allow_unsupported: false,
            host: &Fake::default(),
            sources: &sources,
        };
        crate::compile::compile(&document, &mut diags, &options);
        let helps: Vec<_> = diags.iter().filter_map(|d| d.help.as_deref()).collect();
        assert_eq!(helps, [expected]);
    };
    help(
        "backend b\n balence roundrobin\n",
        "did you mean 'balance'?",
    );
    help("global\n nbthreads 3\n", "did you mean 'nbthread'?");
    help(
        "backend b\n option redispach\n",
        "did you mean 'redispatch'?",
    );
}

#[test]
fn words_of_the_wrong_section() {
    frontend(
        "server s 1.2.3.4:5",
        &[
            "8:2: error[TG0202]: 'server' not allowed because frontend 'f' has no backend capability",
        ],
    );
    frontend(
        "balance roundrobin",
        &["8:2: warning[TG0209]: 'balance' ignored because frontend 'f' has no backend capability"],
    );
    frontend(
        "fullconn 5",
        &[
            "8:2: warning[TG0209]: 'fullconn' ignored because frontend 'f' has no backend capability. Maybe you want 'maxconn' instead ?",
        ],
    );
    frontend(
        "timeout server 3s",
        &[
            "8:10: warning[TG0209]: 'timeout server' will be ignored because frontend 'f' has no backend capability",
        ],
    );
    frontend(
        "option redispatch",
        &[
            "8:2: warning[TG0209]: 'option redispatch' ignored because frontend 'f' has no backend capability",
        ],
    );
    backend(
        "bind :80",
        &["7:2: warning[TG0209]: 'bind' ignored because backend 'b' has no frontend capability"],
    );
    backend(
        "maxconn 5",
        &[
            "7:2: warning[TG0209]: 'maxconn' ignored because backend 'b' has no frontend capability. Maybe you want 'fullconn' instead ?",
        ],
    );
    backend(
        "rate-limit sessions 5",
        &[
            "7:2: warning[TG0209]: rate-limit sessions will be ignored because backend 'b' has no frontend capability",
        ],
    );
    backend(
        "option dontlognull",
        &[
            "7:2: error[TG0202]: 'option dontlognull' not allowed because backend 'b' has no frontend capability",
        ],
    );
    check(
        "defaults\n bind :80\n",
        &["2:2: error[TG0202]: 'bind' not allowed in 'defaults' section"],
    );
    check(
        "defaults\n acl a path /\n",
        &["2:2: error[TG0202]: 'acl' not allowed in anonymous 'defaults' section"],
    );
    check(
        "defaults\n use_backend b\n",
        &["2:2: error[TG0202]: 'use_backend' not allowed in 'defaults' section"],
    );
    frontend(
        "no maxconn 5",
        &[
            "8:5: error[TG0215]: negation/default currently supported only for options, log, busy-polling, set-dumpable, strict-limits, insecure-fork-wanted and numa-cpu-mapping",
        ],
    );
    frontend(
        "no option httplog",
        &["8:12: error[TG0215]: negation/default is not supported for option 'httplog'"],
    );
}

#[test]
fn words_that_are_not_there_yet_or_not_anymore() {
    frontend(
        "bind :81 ssl crt x",
        &[
            "8:11: error[TG0210]: 'ssl' on a 'bind' line is not supported yet",
            "8:15: error[TG0210]: 'crt' on a 'bind' line is not supported yet",
        ],
    );
    backend(
        "server s 1.2.3.4:5 check-ssl",
        &["7:21: error[TG0210]: 'check-ssl' on a 'server' line is not supported yet"],
    );
    backend(
        "option spop-check",
        &["7:9: error[TG0210]: 'option spop-check' is not supported yet"],
    );
    backend(
        "balance log-hash",
        &["7:10: error[TG0210]: 'balance log-hash' is not supported yet"],
    );
    global(
        "lua-load x",
        &["2:2: error[TG0210]: 'lua-load' is not supported yet"],
    );
    global(
        "nbproc 2",
        &["2:2: error[TG0211]: 'nbproc' is not supported anymore"],
    );
    frontend(
        "reqrep a b",
        &["8:2: error[TG0211]: 'reqrep' is not supported anymore"],
    );
    frontend(
        "bind :81 process 1",
        &["8:11: error[TG0211]: 'process' on a 'bind' line is not supported anymore"],
    );
    check(
        "cache c\n max-age 4\n",
        &["1:1: error[TG0204]: Size not specified for cache 'c'"],
    );
    let (config, findings) = run("backend b\n use-fcgi-app php\n", &Fake::default(), true);
    assert!(config.is_some());
    assert_eq!(
        findings,
        "t.cfg:2:2: warning[TG0210]: 'use-fcgi-app' is not supported yet\n"
    );
}

#[test]
fn arguments() {
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
            "8:2: error[TG0204]: 'rate-limit sessions' expects an integer value (in sessions/second)",
        ],
    );
    frontend(
        "rate-limit sessions 5/s",
        &[
            "8:22: error[TG0205]: 'rate-limit sessions' : unexpected character '/' in integer value '5/s'",
        ],
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
    global(
        "nbthread 0",
        &["2:11: error[TG0205]: 'nbthread' value must be between 1 and 1024 (was 0)"],
    );
    global(
        "maxconn x",
        &["2:10: error[TG0205]: cannot parse 'maxconn' value 'x', an integer is expected"],
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
        "daemon x",
        &["2:9: error[TG0203]: 'daemon' cannot handle unexpected argument 'x'"],
    );
    global(
        "user nobody-here",
        &["2:7: error[TG0306]: cannot find user id for 'nobody-here'"],
    );
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
fn addresses() {
    frontend(
        "bind 1.2.3.4",
        &["8:7: error[TG0301]: 'bind' : missing port specification in '1.2.3.4'"],
    );
    frontend(
        "bind :100-90",
        &["8:7: error[TG0301]: 'bind' : invalid port range '100-90'"],
    );
    frontend(
        "bind nowhere:80",
        &["8:7: error[TG0301]: 'bind' : invalid address: 'nowhere:80' cannot be resolved"],
    );
    frontend(
        "bind :81 maxconn",
        &["8:11: error[TG0305]: 'bind :81' in section 'frontend' : 'maxconn' : missing value"],
    );
    frontend(
        "bind :81 user nobody-here",
        &[
            "8:16: error[TG0305]: 'bind :81' in section 'frontend' : 'user' : unknown user name 'nobody-here'",
        ],
    );
    frontend(
        "bind :81 id 1\n bind :82 id 1",
        &["9:14: error[TG0706]: custom id 1 already used"],
    );
    backend(
        "server s nowhere:80",
        &["7:11: error[TG0304]: 'server b/s' : could not resolve address 'nowhere'"],
    );
    backend(
        "server s 1.2.3.4:PORT",
        &[
            "7:11: error[TG0301]: 'server b/s' : invalid character 'P' in port number 'PORT' in '1.2.3.4:PORT'",
        ],
    );
    backend(
        "server s 1.2.3.4:5 weight 300",
        &["7:28: error[TG0305]: 'server b/s' : 'weight' : is not within 0 and 256 (300)"],
    );
    backend(
        "server s",
        &["7:9: error[TG0204]: 'server' expects <name> and <addr>[:<port>] as arguments"],
    );
    backend(
        "server s/t 1.2.3.4:5",
        &["7:9: error[TG0212]: character '/' is not permitted in server name 's/t'"],
    );
}

#[test]
fn names_between_sections() {
    frontend(
        "default_backend c",
        &["8:18: error[TG0703]: proxy 'f': unable to find required default_backend: 'c'"],
    );
    frontend(
        "use_backend c if TRUE",
        &["8:14: error[TG0703]: proxy 'f': unable to find required use_backend: 'c'"],
    );
    frontend(
        "default_backend b\nbackend b\n mode tcp",
        &[
            "8:18: error[TG0705]: http frontend 'f' tries to use incompatible tcp backend 'b' as its default backend (see 'mode')",
        ],
    );
    backend(
        "server s 1.1.1.1:1\n server s 1.1.1.1:2",
        &[
            "8:9: error[TG0702]: backend 'b', another server named 's' was already defined, please use distinct names",
        ],
    );
    frontend(
        "backend f",
        &[
            "8:2: error[TG0701]: backend 'f' has the same name as frontend 'f' declared at t.cfg:6. This is no longer supported as of 3.3. Please rename one or the other",
        ],
    );
    frontend(
        "frontend f\n bind :81",
        &["8:2: error[TG0701]: frontend 'f' has the same name as frontend 'f' declared at t.cfg:6"],
    );
    frontend(
        "id 5\nbackend b\n id 5",
        &["10:5: error[TG0706]: custom id 5 already used"],
    );
    check(
        "backend b from x\n",
        &["1:16: error[TG0710]: defaults section 'x' not found for backend 'b'"],
    );
    check(
        "frontend f :80\n",
        &[
            "1:1: warning[TG0708]: frontend 'f' has no 'bind' directive. Please declare it as a backend if this was intended",
            "1:1: warning[TG0707]: missing timeouts for frontend 'f'",
            "1:12: error[TG0214]: please use the 'bind' keyword for listening addresses",
        ],
    );
    check(
        "frontend f\n timeout client 1s\n bind :80 ssl\n",
        &["3:11: error[TG0210]: 'ssl' on a 'bind' line is not supported yet"],
    );
    check(
        "frontend\n",
        &[
            "1:1: error[TG0204]: 'frontend' expects an <id> argument",
            "1:1: warning[TG0708]: frontend '' has no 'bind' directive. Please declare it as a backend if this was intended",
            "1:1: warning[TG0707]: missing timeouts for frontend ''",
        ],
    );
    check(
        "backend a/b\n",
        &["1:9: error[TG0212]: character '/' is not permitted in 'backend' name 'a/b'"],
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
fn warnings_about_proxies_as_a_whole() {
    check(
        "backend b\n server s 1.1.1.1:1\n",
        &["1:1: warning[TG0707]: missing timeouts for backend 'b'"],
    );
    check("backend b\n", &[]);
    frontend(
        "option httplog",
        &["6:1: warning[TG0712]: log format ignored for frontend 'f' since it has no log address"],
    );
    frontend(
        "mode tcp\n monitor-uri /x",
        &[
            "6:1: warning[TG0709]: 'monitor-uri' statement ignored for frontend 'f' as it requires HTTP mode",
        ],
    );
    backend(
        "option httplog",
        &["7:2: warning[TG0209]: backend 'b' : 'option httplog' directive is ignored in backends"],
    );
    check(
        "backend b\n disabled\n server s nowhere:1\n server s 1.1.1.1:1\nfrontend f\n disabled\n default_backend x\n",
        &[],
    );
    backend(
        "mode tcp\n option forwarded\n option forwardfor\n option http-buffer-request",
        &[
            "6:1: warning[TG0709]: 'option forwarded' ignored for backend 'b' as it requires HTTP mode",
            "6:1: warning[TG0709]: 'option forwardfor' ignored for backend 'b' as it requires HTTP mode",
            "6:1: warning[TG0709]: 'option http-buffer-request' ignored for backend 'b' as it requires HTTP mode",
        ],
    );
    backend(
        "mode tcp\n http-request deny",
        &[
            "8:2: warning[TG0709]: 'http-request' rules ignored for backend 'b' as they require HTTP mode",
        ],
    );
    check(
        "backend b extra\n",
        &["1:11: warning[TG0214]: 'backend' cannot handle unexpected argument 'extra'"],
    );
    check(
        "defaults x\nbackend b from x y\n",
        &["2:18: error[TG0214]: 'backend' cannot handle unexpected argument 'y'"],
    );
    check(
        "defaults d\n http-request deny\nfrontend f from d\n disabled\nbackend b from d\n",
        &[
            "5:1: error[TG0714]: frontends and backends cannot inherit from the same defaults section if it defines TCP/HTTP rules",
        ],
    );
    check(
        "defaults d\n http-request deny\nlisten f from d\n disabled\n",
        &[
            "3:1: error[TG0714]: a listen section cannot inherit from a defaults section defining TCP/HTTP rules",
        ],
    );
    check(
        "defaults d\n http-request deny\ndefaults e from d\n",
        &[
            "3:1: error[TG0714]: a defaults section cannot inherit from a defaults section defining TCP/HTTP rules",
        ],
    );
    global(
        "node a/b",
        &[
            "2:7: error[TG0212]: 'node' requires valid node name - non-empty string with digits(0-9), letters(A-Z, a-z), dot(.), hyphen(-) or underscore(_)",
        ],
    );
    global(
        "tune.bufsize 0",
        &["2:15: error[TG0205]: 'tune.bufsize' expects a positive integer argument"],
    );
    global(
        "stats maxconn 0",
        &["2:16: error[TG0205]: 'stats maxconn' expects a positive value"],
    );
    check(
        "defaults d\nbackend a from d\nbackend b\n",
        &[
            "3:1: warning[TG0711]: defaults section 'd' is explicitly referenced by another proxy and implicitly used here. To avoid any ambiguity don't mix both usage. Add a last defaults section not explicitly used or always use explicit references",
        ],
    );
}

#[test]
fn lists_that_nothing_reads() {
    frontend(
        "http-request add-acl(virt@a) %[src]",
        &[
            "8:23: warning[TG0520]: no map and no ACL reads the list 'virt@a', so that changing it does nothing",
        ],
    );
    frontend(
        "http-request add-acl(virt@a) %[src]\n http-request deny if { src -f virt@a }",
        &[],
    );
    frontend(
        "http-request set-map() a b",
        &["8:15: error[TG0502]: 'set-map' expects a file between parentheses"],
    );
    frontend(
        "http-request del-map(x)",
        &["8:15: error[TG0502]: 'del-map' expects exactly 1 argument"],
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
            "8:69: error[TG0403]: fetch method 'srv_is_up': missing server name in ACL expression 'srv_is_up()'",
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

#[test]
fn stick_tables() {
    let table = "backend t\n stick-table type ip size 1k store gpc0\n";
    let backend = |text: &str, expected: &[&str]| check(&format!("{table}{text}"), expected);
    backend(
        "backend b\n tcp-request content track-sc0 src table t\n",
        &[],
    );
    backend(
        "backend b\n stick-table type ip size 1\n stick-table type ip size 2\n",
        &["5:2: error[TG0221]: stick-table name 'b' conflicts with table declared in backend 'b'"],
    );
    backend(
        "peers p\n table t type ip size 1\n table t type ip size 1\n",
        &["5:2: error[TG0221]: stick-table name 'p/t' conflicts with a table declared before"],
    );
    backend(
        "backend b\n tcp-request content track-sc0 src table tt\n",
        &["4:42: error[TG0715]: Proxy 'b': unable to find table 'tt' referenced by track-sc0."],
    );
    backend(
        "backend b\n tcp-request content reject if { src_get_gpc0 gt 1 }\n",
        &[
            "4:34: error[TG0715]: unable to find table 'b' referenced in arg 1 of fetch method 'src_get_gpc0' in proxy 'b'",
        ],
    );
    backend(
        "backend b\n tcp-request content track-sc0 bool(1) table t\n",
        &[
            "4:46: error[TG0716]: Proxy 'b': stick-table 't' uses a type incompatible with the 'track-sc0' rule.",
        ],
    );
    backend(
        "backend b\n stick-table type ip size 1 peers p\n",
        &["4:35: error[TG0717]: Proxy 'b': unable to find sync peers 'p'."],
    );
    backend(
        "backend b\n stick-table type ip size 1 write-to x\n",
        &[
            "4:38: error[TG0716]: Proxy 'b': failed to initialize stick-table: write-to: table 'x' doesn't exist.",
        ],
    );
    backend(
        "backend b\n stick-table type ipv6 size 1 write-to t\n",
        &[
            "4:40: error[TG0716]: Proxy 'b': failed to initialize stick-table: write-to: cannot mix table types ('t' has 'ip' type and 'b' has 'ipv6' type).",
        ],
    );
    backend(
        "backend b\n stick onn src\n",
        &["4:8: error[TG0502]: 'stick' expects 'on', 'match', or 'store'."],
    );
    backend(
        "backend b\n stick on src\n stick on bool(1) table t\n",
        &[
            "4:2: error[TG0715]: Proxy 'b': unable to find stick-table 'b'.",
            "5:25: error[TG0716]: Proxy 'b': type of fetch not usable with type of stick-table 't'.",
        ],
    );
    backend(
        "backend b\n stick on src tble t\n",
        &["4:15: error[TG0502]: 'stick': unknown keyword 'tble'."],
    );
    check(
        "peers p\n peer a 127.0.0.1:1000\n",
        &["2:2: error[TG0210]: 'peer' is not supported yet"],
    );
}

#[test]
fn tcp_rules() {
    frontend(
        "tcp-request inspect-delay 5s\n tcp-request content accept if WAIT_END\n tcp-request session accept if { src 10.0.0.0/8 }",
        &[],
    );
    frontend(
        "tcp-request inspect-delay 5s\n tcp-request inspect-delay 6s",
        &["9:28: warning[TG0217]: ignoring tcp-request inspect-delay (was already defined)"],
    );
    frontend(
        "tcp-request inspect-delay 5x",
        &["8:28: error[TG0207]: unexpected character 'x' in 'tcp-request inspect-delay'"],
    );
    frontend(
        "tcp-request contnt accept",
        &[
            "8:14: error[TG0208]: 'tcp-request' expects 'connection', 'session', 'content', 'inspect-delay' in frontend 'f' (got 'contnt'). Did you mean 'content' maybe ?",
        ],
    );
    frontend(
        "tcp-request content acept",
        &["8:22: error[TG0501]: unknown tcp-request content action 'acept'"],
    );
    frontend(
        "tcp-request session close",
        &["8:22: error[TG0501]: unknown tcp-request session action 'close'"],
    );
    frontend(
        "tcp-request connection track-sc0 src",
        &["8:25: error[TG0715]: Proxy 'f': unable to find table 'f' referenced by track-sc0."],
    );
    frontend(
        "tcp-request connection expect-proxy layer5",
        &["8:38: error[TG0502]: only supports 'layer4' (got 'layer5')"],
    );
    frontend(
        "tcp-request connection silent-drop rst-ttl 256",
        &["8:45: error[TG0502]: valid rst-ttl values are [1-255]"],
    );
    frontend(
        "tcp-request connection set-src hdr(x)",
        &[
            "8:33: error[TG0406]: fetch method 'hdr' extracts information from 'HTTP request headers,HTTP response headers', none of which is available here",
        ],
    );
    frontend(
        "tcp-request connection reject if { ssl_fc }",
        &[
            "8:35: warning[TG0406]: anonymous acl will never match because it uses keyword 'ssl_fc' which needs client-side connection, not available here",
        ],
    );
    frontend(
        "tcp-response content accept",
        &[
            "8:15: error[TG0202]: tcp-response content is only allowed in 'backend' sections or 'defaults' section with a name",
        ],
    );
    backend(
        "tcp-request connection reject",
        &[
            "7:14: error[TG0202]: tcp-request connection is not allowed because backend b is not a frontend",
        ],
    );
    backend(
        "tcp-response content reject if { req.len gt 0 }",
        &[
            "7:33: warning[TG0406]: anonymous acl will never match because it uses keyword 'req.len' which needs request buffer, not available here",
        ],
    );
    check(
        "defaults\n tcp-request content accept\n",
        &["2:2: error[TG0202]: 'tcp-request' not allowed in anonymous 'defaults' section"],
    );
}

#[test]
fn cookies_and_retries() {
    let cookie = |rest: &str, expected: &[&str]| backend(&format!("cookie {rest}"), expected);
    backend(
        "cookie",
        &["7:2: error[TG0204]: 'cookie' expects <cookie_name> as argument"],
    );
    cookie("S insert indirect nocache preserve", &[]);
    cookie(
        "S insert prefix",
        &["7:9: error[TG0208]: cookie 'rewrite', 'insert' and 'prefix' modes are incompatible"],
    );
    cookie(
        "S rewrite indirect",
        &["7:9: error[TG0208]: cookie 'rewrite' and 'indirect' modes are incompatible"],
    );
    cookie(
        "S prefix preserve",
        &["7:9: error[TG0208]: cookie 'preserve' requires at least 'insert' or 'indirect'"],
    );
    cookie(
        "S domain",
        &["7:11: error[TG0204]: 'domain' expects <domain> as argument"],
    );
    cookie(
        "S domain a/b.c",
        &["7:18: error[TG0212]: character '/' is not permitted in domain name 'a/b.c'"],
    );
    cookie(
        "S attr a;b",
        &["7:16: error[TG0212]: character '%x3B' is not permitted in attribute value"],
    );
    backend("dynamic-cookie-key k", &[]);
    backend("retry-on 503 all-retryable-errors", &[]);
    backend(
        "retry-on",
        &["7:2: error[TG0204]: 'retry-on' needs at least one keyword to specify when to retry"],
    );
    backend(
        "retry-on 503 none",
        &["7:15: error[TG0208]: 'retry-on' 'none' keyword only usable alone"],
    );
    backend(
        "retry-on 505",
        &["7:11: error[TG0208]: 'retry-on': unknown keyword '505'"],
    );
    backend(
        "force-persist src 1.2.3.4",
        &[
            "7:16: error[TG0204]: 'force-persist' requires either 'if' or 'unless' followed by a condition",
        ],
    );
}
