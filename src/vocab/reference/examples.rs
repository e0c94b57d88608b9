//! Lines that show how words of sections are used.
//!
//! Each is read by a test in the section it belongs to. Words without a line here are shown by
//! their syntax alone.

use super::Class;

/// The line that shows a word.
pub(super) fn of(class: Class, name: &str) -> Option<&'static str> {
    let same = |(other, word, _): &&(Class, &str, &str)| (*other, *word) == (class, name);
    ALL.iter().find(same).map(|(_, _, line)| *line)
}

/// Class, word, line.
#[rustfmt::skip]
pub(super) const ALL: &[(Class, &str, &str)] = &[
    (Class::Global, "description", "description front door of the shop"),
    (Class::Global, "hard-stop-after", "hard-stop-after 30s"),
    (Class::Global, "log", "log 127.0.0.1:514 local0 info"),
    (Class::Global, "log-send-hostname", "log-send-hostname lb1"),
    (Class::Global, "log-tag", "log-tag shop"),
    (Class::Global, "maxconn", "maxconn 20000"),
    (Class::Global, "nbthread", "nbthread 4"),
    (Class::Global, "node", "node lb1.example.com"),
    (Class::Global, "pidfile", "pidfile /run/tidegate.pid"),
    (Class::Global, "presetenv", "presetenv STAGE production"),
    (Class::Global, "resetenv", "resetenv PATH LANG"),
    (Class::Global, "setenv", "setenv STAGE test"),
    (Class::Global, "stats", "stats socket /run/tidegate.sock mode 660 level admin"),
    (Class::Global, "tune.bufsize", "tune.bufsize 32k"),
    (Class::Global, "tune.http.logurilen", "tune.http.logurilen 2048"),
    (Class::Global, "tune.http.maxhdr", "tune.http.maxhdr 200"),
    (Class::Global, "tune.maxrewrite", "tune.maxrewrite 2048"),
    (Class::Global, "unsetenv", "unsetenv STAGE"),
    (Class::Proxy, "acl", "acl is_api path_beg /api/"),
    (Class::Proxy, "backlog", "backlog 4096"),
    (Class::Proxy, "balance", "balance leastconn"),
    (Class::Proxy, "bind", "bind 127.0.0.1:8080,[::1]:8080 maxconn 1000"),
    (Class::Proxy, "default-server", "default-server maxconn 100 weight 10"),
    (Class::Proxy, "default_backend", "default_backend example"),
    (Class::Proxy, "description", "description static files"),
    (Class::Proxy, "http-after-response", "http-after-response set-header x-served-by lb1"),
    (Class::Proxy, "http-request", "http-request set-header x-client %[src] if { path_beg /api/ }"),
    (Class::Proxy, "http-response", "http-response del-header server"),
    (Class::Proxy, "http-reuse", "http-reuse always"),
    (Class::Proxy, "id", "id 12"),
    (Class::Proxy, "log", "log 127.0.0.1:514 local0 info"),
    (Class::Proxy, "log-format", "log-format \"%ci:%cp [%tr] %ST %{+Q}r\""),
    (Class::Proxy, "log-tag", "log-tag shop"),
    (Class::Proxy, "maxconn", "maxconn 2000"),
    (Class::Proxy, "mode", "mode http"),
    (Class::Proxy, "monitor-uri", "monitor-uri /alive"),
    (Class::Proxy, "redirect", "redirect scheme https code 301 if { path_beg /account }"),
    (Class::Proxy, "retries", "retries 2"),
    (Class::Proxy, "server", "server app1 192.0.2.10:8080 maxconn 50"),
    (Class::Proxy, "use_backend", "use_backend example if { path_beg /api/ }"),
    (Class::Option, "forwarded", "option forwarded proto host for for_port"),
    (Class::Option, "forwardfor", "option forwardfor except 127.0.0.0/8 if-none"),
    (Class::Option, "redispatch", "option redispatch 1"),
    (Class::Timeout, "client", "timeout client 30s"),
    (Class::Timeout, "connect", "timeout connect 5s"),
    (Class::Timeout, "http-keep-alive", "timeout http-keep-alive 10s"),
    (Class::Timeout, "http-request", "timeout http-request 10s"),
    (Class::Timeout, "queue", "timeout queue 5s"),
    (Class::Timeout, "server", "timeout server 30s"),
    (Class::Timeout, "tunnel", "timeout tunnel 1h"),
    (Class::Bind, "accept-proxy", "bind :8080 accept-proxy"),
    (Class::Bind, "backlog", "bind :8080 backlog 4096"),
    (Class::Bind, "interface", "bind :8080 interface lo"),
    (Class::Bind, "maxconn", "bind :8080 maxconn 1000"),
    (Class::Bind, "mode", "bind /run/shop.sock mode 660"),
    (Class::Bind, "name", "bind :8080 name public"),
    (Class::Bind, "v6only", "bind [::]:8080 v6only"),
    (Class::Server, "backup", "server spare 192.0.2.20:8080 backup"),
    (Class::Server, "disabled", "server app2 192.0.2.11:8080 disabled"),
    (Class::Server, "init-addr", "server app1 192.0.2.10:8080 init-addr libc,none"),
    (Class::Server, "max-reuse", "server app1 192.0.2.10:8080 max-reuse 100"),
    (Class::Server, "maxconn", "server app1 192.0.2.10:8080 maxconn 50"),
    (Class::Server, "maxqueue", "server app1 192.0.2.10:8080 maxconn 50 maxqueue 20"),
    (Class::Server, "pool-max-conn", "server app1 192.0.2.10:8080 pool-max-conn 20"),
    (Class::Server, "pool-purge-delay", "server app1 192.0.2.10:8080 pool-purge-delay 30s"),
    (Class::Server, "send-proxy", "server app1 192.0.2.10:8080 send-proxy"),
    (Class::Server, "send-proxy-v2", "server app1 192.0.2.10:8080 send-proxy-v2"),
    (Class::Server, "source", "server app1 192.0.2.10:8080 source 192.0.2.1"),
    (Class::Server, "weight", "server app1 192.0.2.10:8080 weight 20"),
];
