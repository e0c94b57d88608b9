//! Captures, credentials, bodies, waiting, and what else rules see and do of a message.

use crate::case::http;

cases! {
    captured_headers_and_cookies_are_logged: http("frontend: capture request header x-a len 4
        frontend: capture request header x-none len 10
        frontend: capture response header server len 20
        frontend: capture cookie SID len 10
        frontend: http-request capture path len 8", r#"
        c> GET /long/path HTTP/1.1|host: a|x-a: abcdef|cookie: x=1; SID=0123456789||
        s< GET /long/path HTTP/1.1|host: a|x-a: abcdef|cookie: x=1; SID=0123456789||
        s> HTTP/1.1 204 No Content|server: {a*3}\{\|\x22#|set-cookie: SIDX=1; path=/||
        c< HTTP/1.1 204 No Content|server: {a*3}\{\|\x22#|set-cookie: SIDX=1; path=/||
        log fe be/s #/#/#/#/# 204 # SID=012345 SIDX=1 ---- 1/1/0/0/0 0/0 \{abcd\|\|/long/pa} \{aaa#7B#7C#22#23} "GET /long/path HTTP/1.1"
    "#),
    captures_declared_and_filled_by_rules: http("frontend: declare capture request len 5
        frontend: declare capture response len 5
        frontend: http-request capture req.hdr(host) id 0
        frontend: http-response capture status id 0
        frontend: http-response set-header x-cap \"%[capture.req.hdr(0)]-%[capture.res.hdr(0)]-%[capture.req.method]-%[capture.req.uri]-%[capture.req.ver]\"", r#"
        c> GET /p HTTP/1.1|host: example||
        s< GET /p HTTP/1.1|host: example||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content|x-cap: examp-204-GET-/p-HTTP/1.1||
        log fe be/s #/#/#/#/# 204 # - - ---- 1/1/0/0/0 0/0 \{examp} \{204} "GET /p HTTP/1.1"
    "#),
    log_format_with_captures: http("frontend: capture request header a len 9
        frontend: capture request header b len 9
        frontend: log-format \"%hr %hrl %{+Q}hrl %CC %ID %tsc %sslc\"", r#"
        c> GET / HTTP/1.1|host: h|b: 1||
        s< GET / HTTP/1.1|host: h|b: 1||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        log \{\|1} - 1 "" "1" - - ---- -
    "#),
    unique_ids: http("frontend: unique-id-format %{+X}o-%[path]-%HM
        frontend: unique-id-header x-id
        frontend: http-request set-header x-seen %[unique-id]
        frontend: log-format \"%ID %[unique-id]\"", r#"
        c> GET /a HTTP/1.1|host: h||
        s< GET /a HTTP/1.1|host: h|x-id: -/a-GET|x-seen: -/a-GET||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        log -/a-GET -/a-GET
    "#),
    json_lines: http("frontend: log-format \"%{+json}o %(a)HM %(b)ST %(c:str)ST %(d)[capture.req.uri] %(e)[int(-5)] %(f)[bool(true)] %(g)hr %(h)s ignored %ci\"", r#"
        c> GET /x"y HTTP/1.1|host: h||
        s< GET /x"y HTTP/1.1|host: h||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        log \{"a": "GET", "b": 204, "c": "204", "d": "/x\\"y", "e": -5, "f": true, "g": null, "h": "s"}
    "#).since(3, 0),
    cbor_lines: http("frontend: log-format \"%{+cbor}o %(a)HM %(b)ST %(d)[capture.req.uri] %(e)[int(-500)] %(f)[bool(true)] %(g)hr %(h)s\"", r#"
        c> GET /x HTTP/1.1|host: h||
        s< GET /x HTTP/1.1|host: h||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        log BF61617F63474554FF616218CC6164622F7861653901F36166F56167F661686173FF
    "#).since(3, 0),
    log_levels_by_rules: http("frontend: http-request set-log-level silent if { path /quiet }", r#"
        c> GET /quiet HTTP/1.1|host: h||
        s< GET /quiet HTTP/1.1|host: h||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        c> GET /loud HTTP/1.1|host: h||
        s< GET /loud HTTP/1.1|host: h||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        log fe be/s #/#/#/#/# 204 # - - ---- 1/1/0/0/0 0/0 "GET /loud HTTP/1.1"
    "#),
    error_log_format: http("frontend: error-log-format \"oops %ci %ST %r\"", r#"
        c> GET /a b c||
        c< {400}
        log oops 127.0.0.1 400 <BADREQ>
    "#).since(2, 5),
    bodies_are_seen_without_chunks: http("option http-buffer-request
        frontend: http-request return status 200 content-type text/plain lf-string \"%[req.body] %[req.body_len] %[req.body_size] %[req.body_param(b)]\"", r#"
        c> POST / HTTP/1.1|host: h|content-length: 7||a=1&b=2
        c< HTTP/1.1 200 OK|content-length: 13|content-type: text/plain||a=1&b=2 7 7 2
        c> POST / HTTP/1.1|host: h|transfer-encoding: chunked||4|a=1&|3|b=2|0||
        c< HTTP/1.1 200 OK|content-length: 13|content-type: text/plain||a=1&b=2 7 7 2
        c open
    "#).since(3, 4),
    waiting_for_a_body: http("frontend: http-request wait-for-body time 3s at-least 4
        frontend: http-request set-header x-len %[req.body_len]", r#"
        c> POST / HTTP/1.1|host: h|content-length: 8||abcd
        s^ POST / HTTP/1.1|host: h|content-length: 8|x-len: 4||
        s~ abcd
        c> efgh
        s~ efgh
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
    "#),
    a_body_that_does_not_come_in_time: http("frontend: http-request wait-for-body time 50ms", r#"
        c> POST / HTTP/1.1|host: h|content-length: 8||abcd
        c< {408}
        log fe fe/<NOSRV> -1/-1/-1/-1/# 408 # - - cR-- 1/1/0/0/0 0/0 "POST / HTTP/1.1"
        c eof
    "#),
    waiting_says_continue: http("frontend: http-request wait-for-body time 3s", r#"
        c> POST / HTTP/1.1|host: h|content-length: 2|expect: 100-continue||
        c< HTTP/1.1 100 Continue||
        c> ok
        s< POST / HTTP/1.1|host: h|content-length: 2||ok
    "#),
    waiting_for_a_response_body: http("frontend: http-response wait-for-body time 3s
        frontend: http-response set-header x-body %[res.body]", r#"
        c> GET / HTTP/1.1|host: h||
        s< GET / HTTP/1.1|host: h||
        s> HTTP/1.1 200 OK|content-length: 4||ab
        s> cd
        c< HTTP/1.1 200 OK|content-length: 4|x-body: abcd||abcd
        c open
    "#),
    // HAProxy 2.6 logs sR and no time of response, as if the head had not come.
    a_response_body_that_does_not_come_in_time: http("frontend: http-response wait-for-body time 50ms", r#"
        c> GET / HTTP/1.1|host: h||
        s< GET / HTTP/1.1|host: h||
        s> HTTP/1.1 200 OK|content-length: 4||ab
        c< {504}
        log fe be/s #/#/#/#/# 504 # - - sH-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#).since(3, 4),
    pauses: http("frontend: http-request pause 20ms
        frontend: http-response pause int(20)", r#"
        c> GET / HTTP/1.1|host: h||
        s< GET / HTTP/1.1|host: h||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        c open
    "#).since(3, 2),
    tarpit: http("timeout tarpit 30ms; frontend: http-request tarpit if { path /t }
        frontend: http-request tarpit deny_status 429", r#"
        c> GET /t HTTP/1.1|host: h||
        c< {500}
        log fe fe/<NOSRV> -1/#/-1/-1/# 500 # - - PT-- 1/1/0/0/0 0/0 "GET /t HTTP/1.1"
        c2> GET / HTTP/1.1|host: h||
        c2< {429}
        log fe fe/<NOSRV> -1/#/-1/-1/# 429 # - - PT-- 2/2/0/0/0 0/0 "GET / HTTP/1.1"
    "#).since(3, 4),
    reject: http("frontend: http-request reject", r#"
        c> GET / HTTP/1.1|host: h||
        c end
        log fe fe/<NOSRV> -1/-1/-1/-1/# -1 # - - PR-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    early_hints: http("frontend: http-request early-hint link </a>
        frontend: http-request early-hint link </b>
        frontend: http-request early-hint link </c> if { path /c }", r#"
        c> GET /c HTTP/1.1|host: h||
        c< HTTP/1.1 103 Early Hints|link: </a>|link: </b>||
        c< HTTP/1.1 103 Early Hints|link: </c>||
        s< GET /c HTTP/1.1|host: h||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
    "#),
    strict_mode: http("global: tune.bufsize 4096; global: tune.maxrewrite 1024
        frontend: http-request strict-mode off if { path /off }
        frontend: http-request set-header x-a %[req.hdr(x)]%[req.hdr(x)]
        frontend: http-request set-header x-b yes", r#"
        c> GET /off HTTP/1.1|host: h|x: {a*2000}||
        s< GET /off HTTP/1.1|host: h|x: {a*2000}|x-b: yes||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        log fe be/s #/#/#/#/# 204 # - - ---- 1/1/0/0/0 0/0 "GET /off HTTP/1.1"
        c> GET /on HTTP/1.1|host: h|x: {a*2000}||
        c< {500}
        log fe fe/<NOSRV> -1/-1/-1/-1/# 500 # - - PR-- 1/1/0/0/0 0/0 "GET /on HTTP/1.1"
    "#),
    strict_mode_of_responses: http("global: tune.bufsize 4096; global: tune.maxrewrite 1024
        frontend: http-response set-header x-a %[res.hdr(x)]%[res.hdr(x)]", r#"
        c> GET / HTTP/1.1|host: h||
        s< GET / HTTP/1.1|host: h||
        s> HTTP/1.1 200 OK|content-length: 0|x: {a*2000}||
        c< {500}
        log fe be/s #/#/#/#/# 500 # - - PH-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#).since(3, 4),
    credentials: http("frontend: http-request return status 200 content-type text/plain lf-string \"%[http_auth_type] %[http_auth_user] %[http_auth_pass] %[http_auth_bearer]\"", r#"
        c> GET / HTTP/1.1|host: h|authorization: Basic YWxpY2U6c2VjcmV0||
        c< HTTP/1.1 200 OK|content-length: 19|content-type: text/plain||Basic alice secret\s
        c> GET / HTTP/1.1|host: h|authorization: Bearer   tok||
        c< HTTP/1.1 200 OK|content-length: 12|content-type: text/plain||Bearer\s\s\stok
    "#),
    userlists: http("defaults
        mode http
        log \"${log}\" len 8192 local0
        option httplog
        timeout client 6s
        userlist staff
        group admins users alice
        group others
        user alice password $5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5
        user bob insecure-password secret groups others
        frontend fe
        bind fd@${fe}
        http-request auth realm Staff unless { http_auth(staff) }
        http-request return status 202 if { http_auth_group(staff) admins }
        http-request return status 203", r#"
        c> GET / HTTP/1.1|host: h||
        c< HTTP/1.1 401 Unauthorized|cache-control: no-cache|content-length: 112|content-type: text/html|www-authenticate: Basic realm="Staff"||<html><body><h1>401 Unauthorized</h1>\nYou need a valid user and password to access this content.\n</body></html>\n
        log fe fe/<NOSRV> #/-1/-1/-1/# 401 # - - LR-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
        c> GET / HTTP/1.1|host: h|authorization: Basic YWxpY2U6SGVsbG8gd29ybGQh||
        c< HTTP/1.1 202 Accepted|content-length: 0||
        log fe fe/<NOSRV> #/-1/-1/-1/# 202 # - - LR-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
        c> GET / HTTP/1.1|host: h|authorization: Basic Ym9iOnNlY3JldA==||
        c< HTTP/1.1 203 Non-Authoritative Information|content-length: 0||
        log fe fe/<NOSRV> #/-1/-1/-1/# 203 # - - LR-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
        c> GET / HTTP/1.1|host: h|authorization: Basic Ym9iOndyb25n||
        c< HTTP/1.1 401 Unauthorized|cache-control: no-cache|content-length: 112|content-type: text/html|www-authenticate: Basic realm="Staff"||<html><body><h1>401 Unauthorized</h1>\nYou need a valid user and password to access this content.\n</body></html>\n
        log fe fe/<NOSRV> #/-1/-1/-1/# 401 # - - LR-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    cookies: http("frontend: http-request return status 200 content-type text/plain lf-string \"%[req.cook(a)] %[cook()] %[req.cook_cnt(a)] %[cook_val(b)] %[req.cook_names] %[cookie(b)]\"", r#"
        c> GET / HTTP/1.1|host: h|cookie: a=1; b=2; a = "x;y"; $c=1; d||
        c< HTTP/1.1 200 OK|content-length: 19|content-type: text/plain||"x;y" 1 2 2 a,b,a 2
    "#).since(3, 4),
    response_cookies_and_heads: http("frontend: http-response set-header x-seen \"%[res.cook(a)] %[scook_cnt] %[res.cook_names] %[res.hdr_names] %[cookie(b)] %[server_status]\"", r#"
        c> GET / HTTP/1.1|host: h||
        s< GET / HTTP/1.1|host: h||
        s> HTTP/1.1 201 Created|content-length: 0|set-cookie: a=1; path=/|set-cookie: b=2||
        c< HTTP/1.1 201 Created|content-length: 0|set-cookie: a=1; path=/|set-cookie: b=2|x-seen: 1 3 a,b content-length,set-cookie,set-cookie 2 201||
    "#).since(3, 4),
    hashes_of_targets: http("frontend: http-request return status 200 content-type text/plain lf-string \"%[base] %[baseq] %[base32] %[url32] %[base32+src,hex] %[url_ip]:%[url_port]\"", r#"
        c> GET /a?b HTTP/1.1|host: h||
        c< HTTP/1.1 200 OK|content-length: 50|content-type: text/plain||h/a h/a?b 4103165788 1969143322 F491575C7F000001 :
        c> GET http://192.0.2.7:81/ HTTP/1.1|host: 192.0.2.7:81||
        c^ HTTP/1.1 200 OK|content-length: 79|content-type: text/plain||
    "#),
    normalized_targets: http("global: expose-experimental-directives
        frontend: http-request normalize-uri path-merge-slashes
        frontend: http-request normalize-uri path-strip-dotdot full
        frontend: http-request normalize-uri percent-decode-unreserved strict
        frontend: http-request normalize-uri query-sort-by-name", r#"
        c> GET //a/../%61//b?c=1&b=2&a HTTP/1.1|host: h||
        s< GET /a/b?a&b=2&c=1 HTTP/1.1|host: h||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        log fe be/s #/#/#/#/# 204 # - - ---- 1/1/0/0/0 0/0 "GET //a/../%61//b?c=1&b=2&a HTTP/1.1"
        c> GET /%zz HTTP/1.1|host: h||
        c< {400}
        log fe fe/<NOSRV> -1/-1/-1/-1/# 400 # - - PR-- 1/1/0/0/0 0/0 "GET /%zz HTTP/1.1"
    "#),
    a_frontends_page_serves_where_the_backend_has_none: http("frontend: errorloc 503 /busy; retries 0", r#"
        s refuse
        c> GET / HTTP/1.1|host: h||
        c< HTTP/1.1 302 Found|cache-control: no-cache|content-length: 0|location: /busy||
    "#),
    error_answers: http("frontend: http-error status 403 content-type text/plain lf-string \"no %[fe_name]\" hdr x-e yes
        frontend: http-request deny", r#"
        c> GET / HTTP/1.1|host: h||
        c< HTTP/1.1 403 Forbidden|content-length: 5|content-type: text/plain|x-e: yes||no fe
        log fe fe/<NOSRV> #/-1/-1/-1/# 403 # - - PR-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    forwarded_tells_protocol_and_client: http("option forwarded", r#"
        c> GET / HTTP/1.1|host: h||
        s< GET / HTTP/1.1|host: h|forwarded: proto=http;for=127.0.0.1||
    "#).since(2, 8),
    forwarded_follows_what_is_valid: http("backend: option forwarded host by
        backend: option forwardfor", r#"
        c> GET / HTTP/1.1|host: a.example:80|forwarded: for=192.0.2.1|forwarded: by=\"[::1]:1\", proto=https||
        s< GET / HTTP/1.1|host: a.example:80|forwarded: for=192.0.2.1|forwarded: by=\"[::1]:1\", proto=https,host=\"a.example:80\";by=127.0.0.1|x-forwarded-for: 127.0.0.1||
    "#).since(2, 8),
    forwarded_stands_alone_beside_what_is_not: http("backend: option forwarded host for for_port-expr int(0)", r#"
        c> GET / HTTP/1.1|host: a_b|forwarded: for=192.0.2.1|forwarded: For=192.0.2.1||
        s< GET / HTTP/1.1|host: a_b|forwarded: for=192.0.2.1|forwarded: For=192.0.2.1|forwarded: host=\"\";for=\"127.0.0.1:_0\"||
    "#).since(2, 8),
    forwarded_from_expressions: http("backend: option forwarded host-expr req.hdr(x-h) by-expr req.hdr(x-b) by_port-expr req.hdr(x-p) for-expr req.hdr(x-f)", r#"
        c> GET / HTTP/1.1|host: h|x-h: [::1]:8|x-b: id|x-p: http|x-f: [2001:DB8::1]||
        s< GET / HTTP/1.1|host: h|x-h: [::1]:8|x-b: id|x-p: http|x-f: [2001:DB8::1]|forwarded: host=\"[::1]:8\";by=\"_id:_http\";for=\"[2001:db8::1]\"||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        log fe be/s #/#/#/#/# 204 # - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
        c> GET / HTTP/1.1|host: h|x-h: a b|x-p: 70000|x-f: 192.0.2.1:80||
        s< GET / HTTP/1.1|host: h|x-h: a b|x-p: 70000|x-f: 192.0.2.1:80|forwarded: host=\"\";by=\"unknown:_70000\";for=unknown||
    "#).since(2, 8),
    forwarded_is_inherited_or_not: http("option forwarded
        backend: no option forwarded", r#"
        c> GET / HTTP/1.1|host: h||
        s< GET / HTTP/1.1|host: h||
    "#).since(2, 8),
    original_destination: http("option originalto header x-to", r#"
        c> GET / HTTP/1.1|host: h||
        s< GET / HTTP/1.1|host: h|x-to: 127.0.0.1||
    "#),
    restricted_header_names: http("backend: option http-restrict-req-hdr-names delete", r#"
        c> GET / HTTP/1.1|host: h|x_a: 1|x-b: 2||
        s< GET / HTTP/1.1|host: h|x-b: 2||
    "#),
    blanks_that_rules_write_are_sent: http("backend: http-response set-header x-a \" %[str( b)] \"
        backend: http-response set-header x-b %[res.fhdr(x-a)]", r#"
        c> GET / HTTP/1.1|host: h||
        s< GET / HTTP/1.1|host: h||
        s> HTTP/1.1 204 No Content||
        c= HTTP/1.1 204 No Content|x-a:   b\s|x-b: b||
    "#),
    // HAProxy 2.6 encodes bodies like header values.
    made_bodies_are_not_encoded: http("frontend: http-request return status 200 content-type text/plain lf-string \"%[bin(41015e42)]\" hdr x-b \"%[bin(41015e42)]\"", r#"
        c> GET / HTTP/1.1|host: h||
        c< HTTP/1.1 200 OK|content-length: 4|content-type: text/plain|x-b: A%01^B||A\x01^B
    "#).since(3, 4),
    timeouts_of_the_stream: http("backend: timeout tunnel 7s
        backend: http-request set-timeout server 3s if { path /s }
        frontend: http-request set-timeout client int(2),mul(1000) if { path /s }
        backend: http-request set-timeout tunnel 5s if { path /s }
        backend: http-response set-header x-cur \"%[cur_server_timeout] %[cur_client_timeout] %[cur_tunnel_timeout] %[cur_connect_timeout]\"", r#"
        c> GET /s HTTP/1.1|host: h||
        s< GET /s HTTP/1.1|host: h||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content|x-cur: 3000 2000 5000 6000||
        c> GET / HTTP/1.1|host: h||
        s< GET / HTTP/1.1|host: h||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content|x-cur: 6000 6000 7000 6000||
    "#).since(3, 4),
    timeouts_by_rules: http("backend: http-request set-timeout server 40ms", r#"
        c> GET / HTTP/1.1|host: h||
        s< GET / HTTP/1.1|host: h||
        c< {504}
    "#),
}
