//! What each word puts into the configuration.

use super::config as compiled;
use crate::clock::NEVER;
use crate::compile::config::{
    AccessLevel, Backend, Balance, ConnectionMode, Frontend, Global, HashFunction, HashKey,
    HashType, LogDestination, LogEnvelope, Mode, Reuse, UriPart,
};
use crate::net::{ListenAddr, ServerAddr};

const TIMEOUTS: &str =
    "defaults\n timeout client 5s\n timeout server 6s\n timeout connect 7s\n mode http\n";

fn global(line: &str) -> Global {
    compiled(&format!("global\n {line}\n")).global
}

/// A frontend with these lines.
fn frontend(lines: &str) -> Frontend {
    let text = format!("{TIMEOUTS}frontend f\n bind :80\n {lines}\nbackend b\n");
    compiled(&text).frontends.remove(0)
}

/// A backend with these lines.
fn backend(lines: &str) -> Backend {
    compiled(&format!("{TIMEOUTS}backend b\n {lines}\n"))
        .backends
        .take_original()
        .remove(0)
}

#[test]
fn tcp_keep_alive() {
    use crate::net::KeepAlive;
    let check = |lines: &str, client: Option<KeepAlive>, server: Option<KeepAlive>| {
        assert_eq!(frontend(lines).keep_alive, client, "{lines}");
        let lines = lines.replace("cli", "srv");
        assert_eq!(backend(&lines).keep_alive, server, "{lines}");
    };
    let usual = Some(KeepAlive::default());
    let chosen = Some(KeepAlive {
        idle_s: 120,
        interval_s: 1,
        count: 3,
    });
    check("clitcpka-cnt 3", None, None);
    check("option clitcpka", usual, usual);
    check("option tcpka", usual, usual);
    check("option tcpka\n no option clitcpka", None, None);
    let all = "clitcpka-idle 2m\n clitcpka-intvl 300ms\n clitcpka-cnt 3\n option clitcpka";
    check(all, chosen, chosen);
}

#[test]
fn global_words() {
    assert_eq!(global("nbthread 3").nbthread, Some(3));
    assert_eq!(global("maxconn 500").maxconn, 500);
    assert_eq!(global("maxconn 0").maxconn, 100_000);
    assert_eq!(global("maxconnrate 7").maxconnrate, 7);
    assert_eq!(global("maxsessrate 8").maxsessrate, 8);
    assert_eq!(frontend("rate-limit sessions 9").rate_limit, 9);
    assert_eq!(global("tune.bufsize 32k").bufsize, 32_768);
    assert_eq!(global("tune.maxrewrite 2048").maxrewrite, 2048);
    assert_eq!(global("tune.http.maxhdr 64").maxhdr, 64);
    assert_eq!(global("tune.http.logurilen 4096").logurilen, 4096);
    assert_eq!(global("hard-stop-after 30s").hard_stop_after, 30_000);
    assert_eq!(global("hard-stop-after 0").hard_stop_after, NEVER);
    assert!(global("daemon").daemon);
    assert!(global("zero-warning").zero_warning);
    assert_eq!(global("user www").uid, Some(33));
    assert_eq!(global("group www").gid, Some(34));
    assert_eq!(global("uid 5").uid, Some(5));
    assert_eq!(global("gid 6").gid, Some(6));
    assert_eq!(global("pidfile /p").pidfile, Some("/p".into()));
    assert_eq!(global("chroot /c").chroot, Some("/c".into()));
    assert_eq!(global("node n1").node.as_deref(), Some("n1"));
    assert_eq!(
        global("description a b").description.as_deref(),
        Some("a b")
    );
    assert_eq!(*global("log-tag t").log_tag, *b"t");
    assert_eq!(*global("").log_tag, *b"haproxy");
    assert_eq!(
        global("log-send-hostname").log_hostname.as_deref(),
        Some(&b"here"[..])
    );
    assert_eq!(
        global("log-send-hostname x").log_hostname.as_deref(),
        Some(&b"x"[..])
    );
    global("setenv A b\n presetenv C d\n unsetenv A\n resetenv C");
    global("stats timeout 2m\n stats maxconn 10\n thread-groups 1\n tune.idle-pool.shared off");
    global(
        "no busy-polling\n no strict-limits\n cpu-map auto:1/1-4 0-3\n ssl-default-bind-options x",
    );
}

#[test]
fn stats_sockets() {
    let sockets =
        global("stats socket /run/a level operator mode 600\n stats socket fd@${fd}").stats_sockets;
    let shown: Vec<_> = sockets
        .iter()
        .map(|s| (s.bind.addr.clone(), s.bind.unix_mode, s.level))
        .collect();
    assert_eq!(
        shown,
        [
            (
                ListenAddr::Unix("/run/a".into()),
                Some(0o600),
                AccessLevel::Operator
            ),
            (ListenAddr::Fd(7), None, AccessLevel::Operator)
        ]
    );
}

#[test]
fn log_targets() {
    let check = |line: &str, to: LogDestination, rest: (LogEnvelope, usize, u8, u8, u8)| {
        let target = global(&format!("log {line}")).logs.remove(0);
        assert_eq!(target.to, to, "{line}");
        assert_eq!(
            (
                target.format,
                target.max_len,
                target.facility,
                target.max_level,
                target.min_level
            ),
            rest,
            "{line}"
        );
    };
    use LogDestination::{Fd, Udp, Unix};
    use LogEnvelope::{Default, Raw, Rfc5424};
    let local = Udp("127.0.0.1:514".parse().unwrap());
    check("127.0.0.1 local0", local.clone(), (Default, 1024, 16, 7, 0));
    check(
        "127.0.0.1 local0 notice err",
        local,
        (Default, 1024, 16, 5, 3),
    );
    check(
        "[::1]:600 daemon",
        Udp("[::1]:600".parse().unwrap()),
        (Default, 1024, 3, 7, 0),
    );
    check(
        "/dev/log user info",
        Unix("/dev/log".into()),
        (Default, 1024, 1, 6, 0),
    );
    check("stdout format raw kern", Fd(1), (Raw, 1024, 0, 7, 0));
    check(
        "stderr len 80 format rfc5424 local7",
        Fd(2),
        (Rfc5424, 80, 23, 7, 0),
    );
    check("fd@5 local1", Fd(5), (Default, 1024, 17, 7, 0));
    check(
        "stdout sample 1-2,4:5 local1",
        Fd(1),
        (Default, 1024, 17, 7, 0),
    );
}

#[test]
fn binds() {
    let check = |line: &str, expected: &[&str]| {
        let binds = frontend(&format!("bind {line}")).binds;
        let shown: Vec<_> = binds
            .iter()
            .skip(1)
            .map(|b| format!("{} {}", b.id, b.name))
            .collect();
        assert_eq!(shown, expected, "{line}");
    };
    check("127.0.0.1:81", &["2 127.0.0.1:81"]);
    check(
        ":81-82,[::1]:83",
        &["2 0.0.0.0:81", "3 0.0.0.0:82", "4 [::1]:83"],
    );
    check("/s name n", &["2 n"]);
    check("abns@x id 9", &["9 abns@x"]);
    check("fd@3", &["2 fd@3"]);
    check("localhost:81", &["2 [::1]:81"]);
    check("ipv4@localhost:81", &["2 127.0.0.1:81"]);
    let lines = "bind /s accept-proxy backlog 5 maxconn 6 interface eth0 v4v6 tfo defer-accept transparent mode 660 user www group www";
    let bind = frontend(lines).binds.remove(1);
    assert!(bind.accept_proxy && bind.tfo && bind.defer_accept && bind.transparent);
    assert_eq!(
        (bind.backlog, bind.maxconn, bind.v6only),
        (Some(5), 6, Some(false))
    );
    assert_eq!(
        (bind.unix_mode, bind.unix_uid, bind.unix_gid),
        (Some(0o660), Some(33), Some(34))
    );
    assert_eq!(bind.interface.as_deref(), Some("eth0"));
    assert_eq!(bind.location, "t.cfg:8");
    assert_eq!(frontend("backlog 99").binds[0].backlog, Some(99));
}

#[test]
fn servers() {
    let one = |line: &str| {
        backend(&format!("server s {line}"))
            .servers
            .take_original()
            .remove(0)
    };
    let tcp = |text: &str| Some(ServerAddr::Tcp(text.parse().unwrap()));
    assert_eq!(one("127.0.0.1:80").addr, tcp("127.0.0.1:80"));
    assert_eq!(one("[::1]:80").addr, tcp("[::1]:80"));
    assert_eq!(one("ipv4@localhost:80").addr, tcp("127.0.0.1:80"));
    assert_eq!(one("/s").addr, Some(ServerAddr::Unix("/s".into())));
    assert_eq!(
        one("abns@x").addr,
        Some(ServerAddr::Abstract(b"x".to_vec()))
    );
    assert_eq!(one("nowhere:80 init-addr none").addr, None);
    assert_eq!(one("nowhere:80 init-addr last,libc,none").addr, None);
    assert_eq!(one("nowhere:80 init-addr 1.2.3.4").addr, tcp("1.2.3.4:80"));
    let port = |line: &str| (one(line).port_from_client, one(line).port_offset);
    assert_eq!(port("1.2.3.4:80"), (false, 0));
    assert_eq!(port("1.2.3.4"), (true, 0));
    assert_eq!(port("1.2.3.4:+10"), (true, 10));
    assert_eq!(port("1.2.3.4:-10"), (true, -10));
    let s = one(
        "1.2.3.4:80 weight 5 maxconn 6 minconn 2 maxqueue 7 backup disabled send-proxy-v2 source 9.8.7.6 id 12 pool-max-conn 3 pool-low-conn 2 pool-purge-delay 9s max-reuse 4",
    );
    assert_eq!(
        (s.weight, s.maxconn, s.minconn, s.maxqueue, s.id),
        (5, 6, 2, 7, 12)
    );
    assert_eq!((s.backup, s.disabled, s.send_proxy), (true, true, 2));
    assert_eq!(s.source, Some("9.8.7.6:0".parse().unwrap()));
    assert_eq!(
        (
            s.pool_max_conn,
            s.pool_low_conn,
            s.pool_purge_delay,
            s.max_reuse
        ),
        (Some(3), 2, 9_000, Some(4))
    );
    let s = one("1.2.3.4:80 pool-max-conn -1 send-proxy");
    assert_eq!((s.pool_max_conn, s.send_proxy, s.weight), (None, 1, 1));
}

#[test]
fn default_servers() {
    let lines = "default-server weight 7 backup\n server a 1.2.3.4:1\n default-server maxconn 3 no-backup\n server b 1.2.3.4:2 weight 8";
    let shown: Vec<_> = backend(lines)
        .servers
        .iter()
        .map(|s| (s.id, s.weight, s.maxconn, s.backup))
        .collect();
    assert_eq!(shown, [(1, 7, 0, true), (2, 8, 3, false)]);
    assert_eq!(
        backend("source 1.1.1.1:5\n server a 1.2.3.4:1").servers[0].source,
        Some("1.1.1.1:5".parse().unwrap())
    );
}

#[test]
fn backend_words() {
    let balance = |text: &str| backend(&format!("balance {text}")).balance;
    assert_eq!(balance("roundrobin"), Balance::RoundRobin);
    assert_eq!(balance("leastconn"), Balance::LeastConn);
    assert_eq!(balance("first"), Balance::First);
    assert_eq!(balance("static-rr"), Balance::StaticRr);
    assert_eq!(balance("sticky"), Balance::Sticky);
    assert_eq!(balance("source"), Balance::Hash(HashKey::Source));
    assert_eq!(balance("hash src"), Balance::Hash(HashKey::Sample));
    assert_eq!(balance("rdp-cookie"), Balance::Hash(HashKey::Sample));
    assert_eq!(
        balance("uri depth 2 whole"),
        Balance::Hash(HashKey::Uri(UriPart {
            depth: 2,
            whole: true,
            ..UriPart::default()
        }))
    );
    assert_eq!(
        balance("url_param id check_post"),
        Balance::Hash(HashKey::UrlParam(b"id".as_slice().into()))
    );
    assert_eq!(
        balance("hdr(host) use_domain_only"),
        Balance::Hash(HashKey::Header {
            name: b"host".as_slice().into(),
            domain_only: true
        })
    );
    assert_eq!(balance("random"), Balance::Random(2));
    assert_eq!(balance("random(5)"), Balance::Random(5));
    assert_eq!(balance(""), Balance::Random(2));
    assert_eq!(backend("").balance, Balance::Default);
    let hash_type = |text: &str| backend(&format!("hash-type {text}")).hash_type;
    let check = |text: &str, consistent, function, avalanche| {
        let expected = HashType {
            consistent,
            function,
            avalanche,
        };
        assert_eq!(hash_type(text), expected, "{text}");
    };
    check("consistent", true, HashFunction::Sdbm, true);
    check("consistent djb2", true, HashFunction::Djb2, false);
    check("map-based", false, HashFunction::Sdbm, false);
    check("map-based wt6 avalanche", false, HashFunction::Wt6, true);
    assert_eq!(backend("http-reuse always").reuse, Reuse::Always);
    assert_eq!(backend("http-reuse never").reuse, Reuse::Never);
    assert_eq!(backend("retries 5").retries, 5);
    assert_eq!(backend("").retries, 3);
    assert_eq!(backend("fullconn 9").fullconn, 9);
    assert_eq!(backend("option redispatch").redispatch, Some(-1));
    assert_eq!(backend("option redispatch 3").redispatch, Some(3));
    assert_eq!(
        backend("option redispatch\n no option redispatch").redispatch,
        None
    );
    assert!(backend("").abort_on_close);
    assert!(!backend("mode tcp").abort_on_close);
    assert!(!backend("no option abortonclose").abort_on_close);
    assert!(backend("disabled").disabled);
    assert!(!backend("disabled\n enabled").disabled);
}

#[test]
fn timeouts() {
    let t = frontend("timeout http-request 1s\n timeout client-fin 2s").timeouts;
    assert_eq!((t.client, t.client_fin), (5_000, 2_000));
    assert_eq!((t.http_request, t.http_keep_alive), (1_000, 1_000));
    let t = frontend("").timeouts;
    assert_eq!(
        (t.http_request, t.http_keep_alive, t.tunnel),
        (5_000, 5_000, NEVER)
    );
    let t = backend("timeout tunnel 1h\n timeout server-fin 1m\n timeout check 200").timeouts;
    assert_eq!((t.tunnel, t.server_fin, t.check), (3_600_000, 60_000, 200));
    assert_eq!(
        (t.server, t.connect, t.queue, t.tarpit),
        (6_000, 7_000, 7_000, 7_000)
    );
    let t = backend("timeout queue 1s\n timeout tarpit 2s").timeouts;
    assert_eq!((t.queue, t.tarpit), (1_000, 2_000));
}

#[test]
fn frontend_options() {
    let log = frontend(
        "log stdout local0\n option dontlognull\n option logasap\n option dontlog-normal\n option log-separate-errors\n option httplog\n log-tag x",
    )
    .log;
    assert!(log.dont_log_null && log.log_asap && log.dont_log_normal && log.separate_errors);
    assert!(log.format.is_some());
    assert_eq!(log.tag.as_deref(), Some(&b"x"[..]));
    let f = frontend("option http-ignore-probes\n option http-buffer-request\n maxconn 4\n id 77");
    assert!(f.ignore_probes && f.buffer_request);
    assert_eq!((f.maxconn, f.uuid), (4, 77));
    assert_eq!(frontend("").abort_on_close, None);
    assert_eq!(
        frontend("no option abortonclose").abort_on_close,
        Some(false)
    );
    assert_eq!(frontend("").splice, [true, true]);
    assert_eq!(frontend("no option splice-auto").splice, [false, false]);
    assert_eq!(frontend("no option splice-request").splice, [false, true]);
    assert_eq!(frontend("no option splice-response").splice, [true, false]);
    assert_eq!(
        frontend("monitor-uri /m").monitor_uri.as_deref(),
        Some(&b"/m"[..])
    );
    let kept = |lines: &str| frontend(lines).connection_mode;
    assert_eq!(kept(""), ConnectionMode::KeepAlive);
    assert_eq!(
        kept("option http-server-close"),
        ConnectionMode::ServerClose
    );
    assert_eq!(
        kept("option http-server-close\n option httpclose"),
        ConnectionMode::Close
    );
    assert_eq!(
        kept("option httpclose\n no option httpclose"),
        ConnectionMode::KeepAlive
    );
    assert_eq!(
        kept("option httpclose\n no option http-server-close"),
        ConnectionMode::Close
    );
    let forward = frontend("option forwardfor except 10.0.0.0/8 header X-A if-none").forward_for;
    let forward = forward.unwrap();
    assert_eq!((&*forward.header, forward.if_none), (&b"X-A"[..], true));
    assert_eq!(forward.except.unwrap().prefix, 8);
}

#[test]
fn error_files() {
    let f = frontend("errorfile 503 /503.http\n errorfile 504 /empty");
    assert!(f.error_pages.contains_key(&503) && f.error_pages.contains_key(&504));
}

#[test]
fn proxies_inherit_from_the_last_or_the_named_defaults() {
    let text = "\
defaults one
 mode http
 timeout client 1s
 timeout server 1s
 timeout connect 1s
 log stdout local0
 option httplog
 maxconn 11
 option dontlognull
 default_backend b
defaults two from one
 timeout client 2s
 retries 9
 no option dontlognull
 no log
 log stderr local1
frontend f from one
 bind :1
frontend g from two
 bind :2
 log stdout local2
backend b from two
backend c from one
 mode tcp
 timeout server 3s
";
    let config = compiled(text);
    let [f, g] = config.frontends.as_slice() else {
        panic!()
    };
    assert_eq!(
        (f.timeouts.client, f.maxconn, f.mode),
        (1_000, 11, Mode::Http)
    );
    assert_eq!(
        (g.timeouts.client, g.maxconn, g.mode),
        (2_000, 11, Mode::Http)
    );
    assert!(f.log.dont_log_null && !g.log.dont_log_null);
    assert_eq!((f.log.targets.len(), g.log.targets.len()), (1, 2));
    assert_eq!(f.default_backend.unwrap().0, 0);
    let backends: Vec<_> = config.backends.iter().collect();
    let [b, c] = backends[..] else { panic!() };
    assert_eq!((b.retries, c.retries), (9, 3));
    assert_eq!((c.mode, c.timeouts.server), (Mode::Tcp, 3_000));
}

#[test]
fn anonymous_defaults_replace_each_other() {
    let text = format!("{TIMEOUTS} maxconn 5\n{TIMEOUTS}frontend f\n bind :1\n");
    assert_eq!(compiled(&text).frontends[0].maxconn, 0);
}

#[test]
fn log_global_is_the_global_targets() {
    let text = format!(
        "global\n log stdout local0\n log stderr local1\n{TIMEOUTS} log global\nfrontend f\n bind :1\n"
    );
    let config = compiled(&text);
    assert_eq!(*config.frontends[0].log.targets, *config.global.logs);
}

#[test]
fn a_listen_is_both_halves_and_ids_count_from_two() {
    let text = format!(
        "{TIMEOUTS}frontend f\n bind :1\n default_backend b\nlisten l\n bind :2\n server s 1.2.3.4:5\nbackend b\n id 3\nbackend c\n"
    );
    let config = compiled(&text);
    let ids = |list: Vec<(String, u32)>| list;
    assert_eq!(
        ids(config
            .frontends
            .iter()
            .map(|f| (f.name.to_string(), f.uuid))
            .collect()),
        [("f".to_owned(), 2), ("l".to_owned(), 4)]
    );
    assert_eq!(
        ids(config
            .backends
            .iter()
            .map(|b| (b.name.to_string(), b.uuid))
            .collect()),
        [
            ("l".to_owned(), 4),
            ("b".to_owned(), 3),
            ("c".to_owned(), 5)
        ]
    );
    assert_eq!(config.frontends[0].default_backend.unwrap().0, 1);
    assert_eq!(config.frontends[1].default_backend.unwrap().0, 0);
}

#[test]
fn process_variables_are_assigned_in_order() {
    let config = compiled(
        "global\n set-var proc.a int(12)\n set-var-fmt proc.b \"<%[var(proc.a)]>\"\n set-var proc.c var(proc.none,7),add(proc.a)\n",
    );
    let shown: Vec<String> = (0..3)
        .filter_map(|at| {
            config
                .variables
                .with_value(at, |value| format!("{value:?}"))
        })
        .collect();
    assert_eq!(shown, ["Sint(12)", "Str([60, 49, 50, 62])", "Sint(19)"]);
}
