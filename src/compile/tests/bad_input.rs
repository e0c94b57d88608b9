//! What bad input of protection is told, word for word: each row of SEMANTICS 8.10.

use super::run;
use crate::vocab::host::fake::Fake;

/// Lines of a backend in HTTP mode, the first of which is the seventh of the file; where the finding points,
/// and what it says.
type Row = (&'static str, &'static str, &'static str);

#[track_caller]
fn check(rows: &[Row]) {
    for (lines, place, message) in rows {
        let text = format!(
            "defaults\n timeout client 5s\n timeout server 5s\n timeout connect 5s\n mode http\n\
             backend b\n {lines}\n"
        );
        let (config, found) = run(&text, &Fake::default(), false);
        let place = format!("t.cfg:{place}: error[");
        let said = found
            .strip_prefix(&place)
            .and_then(|rest| rest.split_once("]: "));
        let said = said.map(|(_, said)| said.trim_end());
        assert_eq!(said, Some(*message), "{lines}: {found}");
        assert!(config.is_none(), "{lines}");
    }
}

#[test]
fn items_43_45_82_and_156_words_of_our_own() {
    check(OURS);
}

/// HAProxy's own words, in its own text; findings here end without a full stop.
#[test]
fn item_157_words_of_haproxy() {
    check(HAPROXYS);
}

#[rustfmt::skip]
const OURS: &[Row] = &[
    ("http-request lua.a", "7:15", "'http-request lua.a' of a Lua script is not supported"),
    ("http-request deny if { lua.a }", "7:25", "fetch method 'lua.a' of a Lua script is not supported in ACL expression 'lua.a'"),
    ("http-request set-header X %[lua.a]", "7:30", "fetch method 'lua.a' of a Lua script is not supported"),
    ("http-request set-header X %[src,lua.a]", "7:34", "converter 'lua.a' of a Lua script is not supported"),
    ("http-request deny if { src,lua.a }", "7:29", "converter 'lua.a' of a Lua script is not supported in ACL expression 'src,lua.a'"),
    ("http-request rate-limit average 1 string x", "7:36", "a content type must be defined when non-empty payload is configured"),
    ("http-request rate-limit average 1 lf-string %ci", "7:36", "a content type must be defined with a log-format payload"),
    ("http-request rate-limit", "7:15", "'rate-limit' expects 'average <requests>'"),
    ("http-request rate-limit burst 5", "7:15", "'rate-limit' expects 'average <requests>'"),
    ("http-request rate-limit average 0", "7:34", "'average' expects an integer greater than 0 but got '0'"),
    ("http-request rate-limit average x", "7:34", "'average' expects an integer greater than 0 but got 'x'"),
    ("http-request rate-limit average 1 period 0", "7:43", "'period' expects a positive time but got '0'"),
    ("http-request rate-limit average 1 period 5y", "7:43", "unexpected character 'y' in 'period'"),
    ("http-request rate-limit average 1 burst 0", "7:42", "'burst' expects an integer greater than 0 but got '0'"),
    ("http-request rate-limit average 1 max-delay 1y", "7:46", "unexpected character 'y' in 'max-delay'"),
    ("http-request rate-limit average 1 key src key dst", "7:44", "'key' already set, only one source criterion is permitted"),
    ("http-request rate-limit average 1 key", "7:36", "missing fetch method"),
    ("http-request rate-limit average 1 key foo", "7:40", "unknown fetch method 'foo'"),
    ("http-request rate-limit average 1 key src,ipmask(32,200)", "7:54", "invalid args in converter 'ipmask' : failed to parse '200' as type 'IPv6 mask' at position 2"),
    ("http-request rate-limit average 1 average 2", "7:36", "'average' already set"),
    ("http-request rate-limit average 1 size 0", "7:41", "'size' expects a size greater than 0 but got '0'"),
    ("http-request rate-limit average 1 name x\n http-request rate-limit average 2 name x", "8:15", "'rate-limit' name 'x' already used at t.cfg:7 with different parameters"),
    ("http-request rate-limit average 1 foo", "7:36", "'rate-limit' expects 'average', 'period', 'burst', 'key', 'name', 'max-delay', 'size', 'no-retry-hdr' or a response argument but got 'foo'"),
    ("http-request rate-limit average 1 status 99", "7:43", "Unexpected status code '99'"),
    ("http-request inflight-limit", "7:15", "'inflight-limit' expects an integer greater than 0 as first argument but got ''"),
    ("http-request inflight-limit 0", "7:30", "'inflight-limit' expects an integer greater than 0 as first argument but got '0'"),
    ("http-request inflight-limit key src", "7:30", "'inflight-limit' expects an integer greater than 0 as first argument but got 'key'"),
    ("http-request inflight-limit 1 burst 2", "7:32", "'inflight-limit' expects 'key', 'name', 'size' or a response argument but got 'burst'"),
    ("http-request inflight-limit 1 status 99", "7:39", "Unexpected status code '99'"),
    ("http-request inflight-limit 1 key req.hdr_ip_excl(h)", "7:52", "invalid args in fetch method 'req.hdr_ip_excl' : req.hdr_ip_excl expects a header name and at least one network"),
    ("http-request inflight-limit 1 key req.hdr_ip_excl(h,12.0.0.300)", "7:54", "invalid args in fetch method 'req.hdr_ip_excl' : '12.0.0.300' is not a valid address or network"),
    ("http-request inflight-limit 1 key req.hdr_ip_excl(h,12.0.0.0/33)", "7:54", "invalid args in fetch method 'req.hdr_ip_excl' : '12.0.0.0/33' is not a valid address or network"),
    ("http-request inflight-limit 1 key req.hdr_ip_excl(h,::1/)", "7:54", "invalid args in fetch method 'req.hdr_ip_excl' : '::1/' is not a valid address or network"),
    ("circuit-breaker", "7:2", "'circuit-breaker' expects <name> as first argument"),
    ("circuit-breaker x", "7:2", "circuit-breaker 'x': missing 'expression'"),
    ("circuit-breaker x expression \"NetworkErrorRatio() > 0.5\"\n circuit-breaker x expression \"NetworkErrorRatio() > 0.5\"", "8:18", "circuit-breaker 'x' already declared in backend 'b' at t.cfg:7"),
    ("circuit-breaker x expression \"NetworkErrorRatio() > 0.5\" check-period 0", "7:72", "circuit-breaker 'x': 'check-period' expects a positive time but got '0'"),
    ("circuit-breaker x expression \"NetworkErrorRatio() > 0.5\" window 1y", "7:66", "unexpected character 'y' in 'window'"),
    ("circuit-breaker x expression \"NetworkErrorRatio() > 0.5\" min-requests 0", "7:72", "'min-requests' expects an integer greater than 0 but got '0'"),
    ("circuit-breaker x expression \"NetworkErrorRatio() > 0.5\" latency last", "7:67", "'latency' expects 'total' or 'first-byte' but got 'last'"),
    ("circuit-breaker x expression \"NetworkErrorRatio() > 0.5\" foo", "7:59", "circuit-breaker 'x': unknown argument 'foo'"),
    ("circuit-breaker x expression \"NetworkErrorRatio() > 0.5\" fallback-backend c", "7:76", "unable to find backend 'c' referenced in circuit-breaker 'x' in proxy 'b'"),
    ("circuit-breaker x expression \"LatencyAtQuantileMS(50) > 100\"", "7:52", "circuit-breaker 'x': expression, column 21: LatencyAtQuantileMS() expects a floating point quantile such as '50.0' but got '50'"),
    ("circuit-breaker x expression \"LatencyAtQuantileMS(500.0) > 1\"", "7:52", "circuit-breaker 'x': expression, column 21: quantile must be between 0.0 and 100.0 but got '500.0'"),
    ("circuit-breaker x expression \"LatencyAtQuantileMS(50.0) > 100.5\"", "7:60", "circuit-breaker 'x': expression, column 29: LatencyAtQuantileMS() must be compared with an integer number of milliseconds but got '100.5'"),
    ("circuit-breaker x expression \"NetworkErrorRatio() > 1\"", "7:54", "circuit-breaker 'x': expression, column 23: NetworkErrorRatio() must be compared with a floating point number such as '1.0' but got '1'"),
    ("circuit-breaker x expression \"ResponseCodeRatio(400,600) > 0.5\"", "7:32", "circuit-breaker 'x': expression, column 1: ResponseCodeRatio() expects 4 arguments but got 2"),
    ("circuit-breaker x expression \"ResponseCodeRatio(400.0,600,0,600) > 0.5\"", "7:50", "circuit-breaker 'x': expression, column 19: ResponseCodeRatio() expects integer status codes but got '400.0'"),
    ("circuit-breaker x expression \"Foo() > 1\"", "7:32", "circuit-breaker 'x': expression, column 1: unknown metric 'Foo', expects 'LatencyAtQuantileMS', 'NetworkErrorRatio', 'RequestThreshold' or 'ResponseCodeRatio'"),
    ("circuit-breaker x expression \"NetworkErrorRatio()\"", "7:32", "circuit-breaker 'x': expression, column 1: 'NetworkErrorRatio()' is not a condition, a comparison is expected"),
    ("circuit-breaker x expression \"0.5 < NetworkErrorRatio()\"", "7:32", "circuit-breaker 'x': expression, column 1: the metric must be on the left side of '<'"),
    ("circuit-breaker x expression \"!(NetworkErrorRatio() > 0.5)\"", "7:32", "circuit-breaker 'x': expression, column 1: operator '!' is not supported"),
    ("circuit-breaker x expression \"NetworkErrorRatio() > 0.5 & NetworkErrorRatio() > 0.5\"", "7:58", "circuit-breaker 'x': expression, column 27: unexpected '&', did you mean '&&' ?"),
    ("circuit-breaker x expression \"NetworkErrorRatio() > 0.5 and NetworkErrorRatio() > 0.5\"", "7:58", "circuit-breaker 'x': expression, column 27: unexpected 'and', did you mean '&&' ?"),
    ("circuit-breaker x expression \"(NetworkErrorRatio() > 0.5\"", "7:58", "circuit-breaker 'x': expression, column 27: expected ')'"),
    ("circuit-breaker x expression \" \"", "7:33", "circuit-breaker 'x': expression, column 2: expression is empty"),
    ("circuit-breaker x expression \"NetworkErrorRatio() > 0.5 x\"", "7:58", "circuit-breaker 'x': expression, column 27: unexpected 'x' after the end of the expression"),
    ("retry-backoff", "7:2", "'retry-backoff' expects <time>"),
    ("retry-backoff 10y", "7:16", "unexpected character 'y' in 'retry-backoff'"),
    ("retry-backoff 10ms max 5ms", "7:16", "'max' (5ms) is lower than the initial interval (10ms)"),
    ("retry-backoff 10ms jitter 150%", "7:28", "'jitter' expects a percentage between 0% and 100% but got '150%'"),
    ("retry-backoff 10ms jitter 5% jitter 5%", "7:31", "'jitter' already set"),
    ("retry-backoff 10ms foo", "7:21", "'retry-backoff' expects 'max' or 'jitter' but got 'foo'"),
    ("retry-timeout", "7:2", "'retry-timeout' expects <time>"),
    ("retry-body-max 1x", "7:17", "'retry-body-max' expects a size such as '16k' but got '1x'"),
    ("conn-failure-status", "7:2", "'conn-failure-status' expects '502', '503' or '504'"),
    ("conn-failure-status 500", "7:22", "'conn-failure-status' expects '502', '503' or '504' but got '500'"),
    ("circuit-limits", "7:2", "'circuit-limits' expects at least one limit"),
    ("circuit-limits max-requests x", "7:30", "'max-requests' expects an integer between 0 and 4294967295 but got 'x'"),
    ("circuit-limits max-requests 4294967296", "7:30", "'max-requests' expects an integer between 0 and 4294967295 but got '4294967296'"),
    ("circuit-limits max-requests", "7:17", "'max-requests' expects an integer between 0 and 4294967295"),
    ("circuit-limits min-retry-concurrency 3", "7:2", "'min-retry-concurrency' requires 'retry-budget'"),
    ("circuit-limits on-overflow drop", "7:29", "'on-overflow' expects 'queue' or 'reject' but got 'drop'"),
    ("circuit-limits retry-budget 20", "7:30", "'retry-budget' expects a percentage such as '20%' but got '20'"),
    ("circuit-limits max-requests 1\n circuit-limits max-requests 2", "8:2", "'circuit-limits' already set for priority 'default' at t.cfg:7"),
    ("circuit-limits max-requests-per-server 0", "7:41", "'max-requests-per-server' expects an integer greater than 0 but got '0'"),
    ("circuit-limits priority high max-requests-per-server 1", "7:2", "limits per server hold for all requests and stand on the line of 'priority default'"),
    ("circuit-limits foo", "7:17", "'circuit-limits' expects 'priority', 'max-connections', 'max-pending-requests', 'max-requests', 'on-overflow', 'max-retries', 'retry-budget', 'min-retry-concurrency', 'max-connections-per-server', 'max-requests-per-server', 'shadow' or a response argument but got 'foo'"),
    ("outlier-detection max-ejection-percent 120%", "7:41", "'max-ejection-percent' expects a percentage between 0% and 100% but got '120%'"),
    ("outlier-detection consecutive-5xx 0", "7:36", "'consecutive-5xx' expects an integer greater than 0 but got '0'"),
    ("outlier-detection interval 0", "7:29", "'interval' expects a positive time but got '0'"),
    ("outlier-detection success-rate-stdev -1", "7:39", "'success-rate-stdev' expects a number such as '1.9' but got '-1'"),
    ("outlier-detection success-rate-volume 5 success-rate-volume 6", "7:42", "'success-rate-volume' already set"),
];

#[rustfmt::skip]
const HAPROXYS: &[Row] = &[
    ("stick-table type ip size 1k store foo", "7:36", "stick-table: unknown store option 'foo'."),
    ("stick-table type ip", "7:2", "stick-table: missing size."),
    ("stick-table size 1k", "7:2", "stick-table: missing type."),
    ("stick-table type strng size 1k", "7:19", "stick-table: unknown type 'strng'."),
    ("stick-table type ip size 1k store http_req_rate", "7:36", "stick-table: missing argument to store option 'http_req_rate'."),
    ("stick-table type ip size 1k store gpc0(1)", "7:36", "stick-table: unexpected argument to store option 'gpc0'."),
    ("stick-table type ip size 1k store gpc(101)", "7:36", "stick-table: array size is out of allowed range (1-100) for store option 'gpc'."),
    ("stick-table type ip size 1k expire 5x", "7:37", "stick-table: unexpected character 'x' in argument of 'expire'."),
    ("http-request track-sc3 src", "7:15", "3 track-sc number exceeding 2 (tune.stick-counters-1) value"),
    ("http-request track-sc0 src", "7:15", "Proxy 'b': unable to find table 'b' referenced by track-sc0."),
    ("http-request deny if circuit_open", "7:23", "no such ACL : 'circuit_open'"),
    ("acl x int(1),mul(foo) gt 0", "7:19", "invalid args in converter 'mul' : expects an integer or a variable name in ACL expression 'int(1),mul(foo)'"),
    ("server s1 1.2.3.4:80 observe layer9", "7:31", "'server b/s1' : 'observe' expects one of 'none', 'layer4', 'layer7' but got 'layer9'"),
    ("server s1 1.2.3.4:80 error-limit 0", "7:35", "'server b/s1' : error-limit has to be > 0"),
    ("server s1 1.2.3.4:80 on-error explode", "7:32", "'server b/s1' : 'on-error' expects one of 'fastinter', 'fail-check', 'sudden-death' or 'mark-down' but got 'explode'"),
    ("server s1 1.2.3.4:80 slowstart 5x", "7:33", "unexpected character 'x' in 'slowstart' argument of server s1"),
    ("server s1", "7:9", "'server' expects <name> and <addr>[:<port>] as arguments"),
    ("http-request deny status 99", "7:27", "Unexpected status code '99'"),
    ("retry-on 418", "7:11", "'retry-on': unknown keyword '418'"),
];
