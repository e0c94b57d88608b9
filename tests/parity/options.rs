//! Options of proxies that change how messages and connections are handled.

use crate::case::{http, tcp};

cases! {
    http_pretend_keepalive: http("option http-server-close; backend: option http-pretend-keepalive", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        s end
    "#),
    http_send_name_header: http("backend: http-send-name-header X-Server", r#"
        c> GET / HTTP/1.1|host: a|x-server: forged||
        s< GET / HTTP/1.1|host: a|x-server: s||
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
    "#),
    the_name_in_a_header_follows_a_redispatch: http("retries 1
        option redispatch
        backend: http-send-name-header x-server
        backend: balance first
        backend: server t ${t}
        backend: server s ${s}", r#"
        t refuse
        c> POST / HTTP/1.1|host: a|content-length: 2||hi
        s< POST / HTTP/1.1|host: a|content-length: 2|x-server: s||hi
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
    "#),
    checkcache: http("backend: option checkcache", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 0|set-cookie: a=b|cache-control: max-age=9||
        c< {502}
        log fe be/s #/#/#/#/# 502 # - - PH-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#).differs("the page is that of the status, not of the one the server sent", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 0|set-cookie: a=b|cache-control: max-age=9||
        c^ HTTP/1.1 200 OK|content-length: 58|cache-control: no-cache|content-type: text/html||
    "#),
    checkcache_of_what_is_private: http("backend: option checkcache", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 0|set-cookie: a=b|cache-control: private||
        c< HTTP/1.1 200 OK|content-length: 0|set-cookie: a=b|cache-control: private||
        c> POST / HTTP/1.1|host: a|content-length: 0||
        s< POST / HTTP/1.1|host: a|content-length: 0||
        s> HTTP/1.1 200 OK|content-length: 0|set-cookie: a=b||
        c< HTTP/1.1 200 OK|content-length: 0|set-cookie: a=b||
    "#),
    unsafe_targets: http("frontend: option accept-unsafe-violations-in-http-request", r#"
        c> GET /a#b HTTP/1.1|host: a||
        s< GET /a#b HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
    "#).since(3, 4),
    unsafe_targets_without_the_option: http("", r#"
        c> GET /a#b HTTP/1.1|host: a||
        c< {400}
    "#).since(3, 4),
    dispatch: tcp("backend: dispatch ${s}; backend: server t ${t}", r#"
        c> hello
        s= hello
        s close
        c eof
    "#),
    force_be_switch: http("frontend: force-be-switch if { path /forced }; backend: disabled", r#"
        c> GET /forced HTTP/1.1|host: a||
        c< {503}
    "#).since(3, 4),
    server_template: http("balance roundrobin; backend: server-template x 2-3 ${s}; backend: http-send-name-header n", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a|n: x2||
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        c> GET / HTTP/1.1|host: a||
        s2< GET / HTTP/1.1|host: a|n: x3||
        s2> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
    "#),
    prefer_last_server: http("balance roundrobin
        http-reuse never
        backend: option prefer-last-server
        backend: server s ${s}
        backend: server t ${t}", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
    "#),
    nolinger: tcp("frontend: option nolinger", r#"
        c> hello
        s= hello
        s close
        c end
    "#),
    content_rules_set_the_log_level: tcp("frontend: tcp-request content set-log-level silent", r#"
        c> hello
        s= hello
        s close
        c eof
    "#),
}
