//! What is logged, when, and in which words.

use crate::case::{http, tcp};

/// One request and its answer.
macro_rules! one {
    ($after:literal) => {
        concat!(
            "c> GET / HTTP/1.1|host: a||\ns< GET / HTTP/1.1|host: a||\n",
            "s> HTTP/1.1 200 OK|content-length: 0||\nc< HTTP/1.1 200 OK|content-length: 0||\n",
            $after
        )
    };
}

/// A frontend that says itself where lines go.
macro_rules! own {
    ($lines:literal) => {
        concat!(
            "frontend fe\n bind \"fd@${fe}\"\n default_backend be\n",
            "monitor-uri /monitor\n", $lines, "\nbackend be\n server s ${s}\n"
        )
    };
}

cases! {
    httpslog: http("option httpslog", one!(r#"
        log fe be/s #/#/#/#/# 200 49 - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1" 0/-/-/-/0 -/-/-
    "#)).since(3, 4),
    logasap: http("option logasap", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 5||
        c^ HTTP/1.1 200 OK|content-length: 5||
        log fe be/s #/#/#/#/+# 200 +# - - ---- 1/1/1/1/0 0/0 "GET / HTTP/1.1"
        s> 12345
        c~ 12345
        c open
    "#),
    answers_of_our_own: http("stats uri /stats
        frontend: log-format \"%HU %b/%s %Tw/%Tc/%Tr %ST %B %[bytes_out,bool]%[res.bytes_in,bool]%[res.bytes_out,bool] %[req.bytes_in] %[req.bytes_out]\"
        frontend: http-request return status 200 content-type text/plain string 12345 if { path /own }
        frontend: http-request deny if { path /no }
        frontend: http-request redirect location /x if { path /away }
        frontend: http-request use-service prometheus-exporter if { path /metrics }
        backend: http-response return status 201 if { status 404 }", r#"
        c> GET /own HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 5|content-type: text/plain||12345
        log /own fe/<NOSRV> -1/-1/-1 200 0 001 41 0
        c> POST /own HTTP/1.1|host: a|content-length: 3||abc
        c< HTTP/1.1 200 OK|content-length: 5|content-type: text/plain||12345
        log /own fe/<NOSRV> -1/-1/-1 200 0 001 60 0
        c> GET /no HTTP/1.1|host: a||
        c< {403}
        log /no fe/<NOSRV> -1/-1/-1 403 0 001 40 0
        c> GET /away HTTP/1.1|host: a||
        c< HTTP/1.1 302 Found|content-length: 0|location: /x|cache-control: no-cache||
        log /away fe/<NOSRV> -1/-1/-1 302 0 001 42 0
        c2> GET /replaced HTTP/1.1|host: a||
        s< GET /replaced HTTP/1.1|host: a||
        s> HTTP/1.1 404 Not Found|content-length: 0||
        c2< HTTP/1.1 201 Created|content-length: 0||
        log /replaced be/s #/#/# 201 56 111 46 46
    "#).since(3, 4),
    services: http("frontend: stats uri /stats
        frontend: log-format \"%HU %b/%s %Tw/%Tc/%Tr %ST %[bytes_out,bool]%[res.bytes_in,bool]%[res.bytes_out,bool] %[req.bytes_in] %[req.bytes_out] %tsc\"
        frontend: http-request use-service prometheus-exporter if { path /metrics }
        frontend: http-after-response set-status 299 reason Fine if { capture.req.uri /metrics }
        global: stats socket \"fd@${cli}\" level admin", r#"
        c> HEAD /stats;csv HTTP/1.0||
        c^ HTTP/1.1 200 OK|cache-control: no-cache|connection: close|content-type: text/plain||
        log /stats;csv fe/<STATS> #/#/# 200 111 43 43 LR--
        stat fe/FRONTEND bin=43 reqbin=43 reqbout=43 intercepted=1 hrsp_2xx=1
        c2> HEAD /metrics HTTP/1.1|host: a||
        c2^ HTTP/1.1 299 Fine|cache-control: no-cache|content-type: text/plain; version=0.0.4|transfer-encoding: chunked||
        log /metrics fe/<PROMEX> #/#/# 299 111 46 46 LR--
        stat fe/FRONTEND bin=89 reqbin=89 reqbout=89 intercepted=2 hrsp_2xx=2
    "#).since(3, 4),
    after_response_status: http("global: stats socket \"fd@${cli}\" level admin
        frontend fe
        bind \"fd@${fe}\"
        monitor-uri /_open
        http-request return status 200 if { path /own }
        http-request deny if { path /no }
        http-request redirect location /x if { path /away }
        http-after-response set-status 299 reason Fine", r#"
        c> GET /own HTTP/1.1|host: a||
        c< HTTP/1.1 299 Fine|content-length: 0||
        log fe fe/<NOSRV> #/-1/-1/-1/# 299 # - - LR-- 1/1/0/0/0 0/0 "GET /own HTTP/1.1"
        c> GET /no HTTP/1.1|host: a||
        c^ HTTP/1.1 299 Fine|content-length: *|cache-control: no-cache|content-type: text/html||
        log fe fe/<NOSRV> #/-1/-1/-1/# 299 # - - PR-- 1/1/0/0/0 0/0 "GET /no HTTP/1.1"
        c2> GET /away HTTP/1.1|host: a||
        c2< HTTP/1.1 299 Fine|content-length: 0|location: /x|cache-control: no-cache||
        log fe fe/<NOSRV> #/-1/-1/-1/# 299 # - - LR-- 2/2/0/0/0 0/0 "GET /away HTTP/1.1"
        c3> GET /nobody HTTP/1.1|host: a||
        c3^ HTTP/1.1 299 Fine|content-length: *|cache-control: no-cache|content-type: text/html||
        log fe fe/<NOSRV> -1/-1/-1/-1/# 299 # - - SC-- 3/3/0/0/0 0/0 "GET /nobody HTTP/1.1"
        stat fe/FRONTEND hrsp_2xx=4 hrsp_4xx=0 hrsp_5xx=0 dreq=1 intercepted=2
    "#).since(3, 4),
    logasap_of_a_refused_request: http("option logasap; frontend: http-request deny", r#"
        c> GET / HTTP/1.1|host: a||
        c< {403}
        log fe fe/<NOSRV> #/-1/-1/-1/+# 403 +# - - PR-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    logasap_in_tcp_mode: tcp("option logasap", r#"
        c> hello
        s= hello
        log fe be/s #/#/+# +0 -- 1/1/1/1/0 0/0
        s> bye
        c= bye
        s close
        c eof
    "#),
    what_shows_no_end_is_logged_with_the_response: http("frontend: log-format %ci_%ST_%s", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 5||
        c^ HTTP/1.1 200 OK|content-length: 5||
        log 127.0.0.1_200_s
        s> 12345
        c~ 12345
        c open
    "#),
    what_shows_only_the_request_is_logged_at_once: http("frontend: log-format %HM_%HU", r#"
        c> GET /a HTTP/1.1|host: a||
        s< GET /a HTTP/1.1|host: a||
        log GET_/a
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        log GET_/a
        c open
    "#),
    what_shows_no_end_is_logged_with_the_server: tcp("frontend: log-format %b_%s", r#"
        c> hello
        s= hello
        log be_s
        s close
        c eof
    "#),
    without_a_format_connections_are_logged: http("frontend fe
        bind \"fd@${fe}\"
        default_backend be
        backend be
        server s ${s}
        defaults
        mode http
        log global
        timeout client 6s
        timeout server 6s
        timeout connect 6s
        frontend fe2
        bind \"fd@${fe2}\"
        monitor-uri /monitor
        default_backend be", r#"
        d> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        log Connect from # to # (fe2/HTTP)
        s> HTTP/1.1 200 OK|content-length: 0||
        d< HTTP/1.1 200 OK|content-length: 0||
        d> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        log Connect from # to # (fe2/HTTP)
    "#),
    log_steps: http("frontend: log-steps accept,request,connect,response,close; frontend: log-format %OG_%ST_%s", one!("
        log txn_accept_0_<NOSRV>
        log txn_request_-1_<NOSRV>
        log txn_connect_-1_s
        log txn_response_200_s
        log txn_close_200_s
    ")).since(3, 4),
    log_steps_in_tcp_mode: tcp("frontend: log-steps all; frontend: log-format %OG_%B", r#"
        c> hello
        s= hello
        log txn_accept_0
        log txn_connect_0
        s> bye
        c= bye
        s close
        c eof
        log txn_close_3
    "#).since(3, 4),
    one_step_only: http("frontend: log-steps connect; frontend: log-format %OG", one!("
        log txn_connect
        c open
    ")).since(3, 4),
    a_profile: http(own!("
        no log
        log \"${log}\" len 8192 profile p local0
        log-profile p
        on close format closed_%ST
        on error format wrong"), one!("
        log closed_200
        c2> GET /|host: a||
        c2< {400}
        log wrong
    ")).since(3, 4),
    aliases_of_a_request: http("frontend: log-format \"CS=%CS HP=%HP HPO=%HPO HQ=%HQ HV=%HV bq=%bq fc=%fc hs=%hs hsl=%hsl lc=%lc rc=%rc sc=%sc sq=%sq sslv=%sslv sslc=%sslc ST=%ST CC=%CC hr=%hr hrl=%hrl HM=%HM HU=%HU OG=%OG ac=%ac b=%b bc=%bc ci=%ci f=%f ft=%ft r=%r s=%s ts=%ts tsc=%tsc\"
        frontend: capture request header host len 10
        frontend: capture cookie k len 10
        frontend: capture response header content-length len 10", r#"
        c> GET /p?q=1 HTTP/1.1|host: a|cookie: k=v||
        s< GET /p?q=1 HTTP/1.1|host: a|cookie: k=v||
        s> HTTP/1.1 200 OK|set-cookie: k=w|content-length: 2||ok
        c< HTTP/1.1 200 OK|set-cookie: k=w|content-length: 2||ok
        log CS=k=w HP=/p HPO=/p HQ=?q=1 HV=HTTP/1.1 bq=0 fc=1 hs=\{2} hsl=2 lc=0 rc=0 sc=0 sq=0 sslv=- sslc=- ST=200 CC=k=v hr=\{a} hrl=a HM=GET HU=/p?q=1 OG=txn_close ac=1 b=be bc=0 ci=127.0.0.1 f=fe ft=fe r=GET /p?q=1 HTTP/1.1 s=s ts=-- tsc=----
    "#).since(3, 4),
    aliases_of_absent_things_in_quotes: http("frontend: log-format \"CS=%{+Q}CS hr=%{+Q}hr hs=%{+Q}hs hrl=%{+Q}hrl hsl=%{+Q}hsl r=%{+Q}r b=%{+Q}b HPO=%{+Q}HPO\"
        frontend: capture request header host len 10", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        log CS="" hr="\{a}" hs= hrl="a" hsl= r="GET / HTTP/1.1" b="be" HPO="/"
    "#).since(3, 4),
}
