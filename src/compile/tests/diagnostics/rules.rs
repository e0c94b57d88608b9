//! Rules, tables, cookies and retries.

use super::{backend, check, frontend};

#[test]
fn bandwidth_limits() {
    let filter = |line: &str, expected: &str| {
        frontend(&format!("filter {line}"), &[expected]);
    };
    filter(
        "bwlim-out",
        "8:9: error[TG0560]: 'bwlim-out' : a name is expected as first argument",
    );
    filter(
        "bwlim-out a limit 1k",
        "8:19: error[TG0560]: 'bwlim-out' : <key> option is missing",
    );
    filter(
        "bwlim-in a key src",
        "8:18: error[TG0560]: 'bwlim-in' : <limit> option is missing",
    );
    filter(
        "bwlim-out a default-limit 1k",
        "8:19: error[TG0560]: 'bwlim-out' : <default-period> option is missing",
    );
    filter(
        "bwlim-out a default-limit 1k limit 2k",
        "8:38: error[TG0560]: 'bwlim-out' : cannot mix per-stream and shared parameter",
    );
    filter(
        "bwlim-out a default-limit 1x",
        "8:35: error[TG0560]: 'bwlim-out' : invalid value for option 'default-limit' (unexpected character 'x')",
    );
    filter(
        "bwlim-out a default-limit",
        "8:21: error[TG0560]: 'bwlim-out' : the value is missing for 'default-limit' option",
    );
    filter(
        "bwlim-out a default-limmit 1k",
        "8:21: error[TG0560]: 'filter bwlim-out' : unknown keyword 'default-limmit'",
    );
    filter(
        "bwlim-out a limit 1k key src",
        "8:19: error[TG0715]: Proxy f : unable to find table 'f' referenced by bwlim filter 'a'",
    );
    let a = "filter bwlim-out a default-limit 1k default-period 1s";
    frontend(
        &format!("{a}\n {a}"),
        &["9:19: error[TG0561]: bwlim filter 'a' already declared for proxy 'f'"],
    );
    let table = |stored: &str, key: &str, expected: &str| {
        frontend(
            &format!(
                "stick-table type ip size 9 store {stored}\n filter bwlim-out a limit 1k key {key}"
            ),
            &[expected],
        );
    };
    table(
        "gpc0",
        "src",
        "9:19: error[TG0716]: Proxy f : stick-table 'f' uses a data type incompatible with bwlim filter 'a'. It must be 'bytes_out_rate'",
    );
    table(
        "bytes_out_rate(1s)",
        "bool(1)",
        "9:19: error[TG0716]: Proxy f : stick-table 'f' uses a key type incompatible with bwlim filter 'a'",
    );
    let rule = |rest: &str, expected: &str| {
        let line = format!("{a}\n http-request set-bandwidth-limit{rest}");
        frontend(&line, &[expected]);
    };
    rule("", "9:15: error[TG0502]: missing bwlim filter name");
    rule(
        " b",
        "9:35: error[TG0562]: unable to find bwlim filter 'b' referenced by set-bandwidth-limit rule",
    );
    rule(
        " a limit",
        "9:37: error[TG0502]: missing limit value or expression",
    );
    check(
        "defaults\n filter cache c\n",
        &["2:2: error[TG0202]: filter is not allowed in a 'default' section"],
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
        "peers p\n peer here 127.0.0.1:1000\n table t type ip size 1\n table t type ip size 1\n",
        &["6:2: error[TG0221]: stick-table name 'p/t' conflicts with a table declared before"],
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
}

#[test]
fn peers() {
    let section = |lines: &str, expected: &[&str]| check(&format!("peers p\n{lines}"), expected);
    section(
        " bind :1000\n server here\n server b 10.0.0.1:1000 shard 1\n shards 2\n",
        &[],
    );
    section(
        " peer here :1000\n disabled\n enabled\n default-server shard 1\n",
        &[],
    );
    section(
        " default-bind backlog 10\n bind :1000\n default-bind v4v6 maxcon 5\n server here\n",
        &["4:20: error[TG0302]: 'default-bind v4v6' in section 'p': unknown keyword 'maxcon'"],
    );
    section(
        " peer a 127.0.0.1:1000\n",
        &["1:1: warning[TG0764]: Removing incomplete section 'peers p' (no peer named 'here')."],
    );
    section(
        " bind :1000\n peer here :1000\n server here\n",
        &["3:2: error[TG0761]: mixing \"peer\" and \"bind\" line is forbidden"],
    );
    section(
        " bind :1000-1001\n bind :1\n bind :2\n server here\n",
        &[
            "2:7: error[TG0762]: Only one listener per \"peers\" section is authorized. Multiple listening addresses or port range are not supported.",
            "4:2: error[TG0762]: One listener per \"peers\" section is authorized but another is already configured.",
        ],
    );
    section(
        " peer here :1000\n peer a 10.0.0.1:1\n peer a 10.0.0.2:1\n",
        &[
            "4:7: error[TG0763]: Peer section 'p': another peer named 'a' was already defined, please use distinct names.",
        ],
    );
    section(
        " peer here :1000\npeers p\n peer here :1001\n",
        &["3:7: error[TG0763]: peers section 'p' has the same name as another peers section"],
    );
    section(
        " peer here :1000\n peer a\n peer b 10.0.0.1\n peer\n",
        &[
            "3:7: warning[TG0767]: 'peer a' : ignoring invalid peer definition (missing address:port)",
            "4:9: error[TG0301]: 'peer b' : missing port specification in '10.0.0.1'",
            "5:2: error[TG0204]: 'peer' expects a name",
        ],
    );
    section(
        " peer here :1000\n peer a 10.0.0.1:1 shard 3\n shards 2\n",
        &[
            "3:2: warning[TG0766]: Peers section 'p': shard ignored for 'a' remote peer because 3 shard value is greater than the section number of shards (2)",
        ],
    );
    section(
        " peer here :1000\n shards 0\n shards x\n tabel t\n",
        &[
            "3:9: error[TG0205]: 'shards' : expects a strictly positive integer argument",
            "4:9: error[TG0205]: 'shards' : expects an integer argument, found 'x'",
            "5:2: error[TG0201]: unknown keyword 'tabel' in 'peers' section",
        ],
    );
    section(
        "backend b\n stick-table type ip size 1 peers p\n",
        &[
            "1:1: warning[TG0764]: Removing incomplete section 'peers p' (no peer named 'here').",
            "3:35: error[TG0765]: Proxy 'b': unable to find local peer 'here' in peers section 'p'.",
        ],
    );
    section(
        " peer other :1000\nbackend b\n stick-table type ip size 1 peers p\n",
        &["1:1: warning[TG0764]: Removing incomplete section 'peers p' (no peer named 'here')."],
    );
    section(
        " disabled\nbackend b\n stick-table type ip size 1 peers p\n",
        &[],
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
