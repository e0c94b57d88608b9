//! Answers and changes made by the configuration.

use crate::case::http;

/// Two backends that answer themselves, for routing cases.
macro_rules! routing {
    ($rules:literal) => {
        concat!(
            "frontend fe\n bind \"fd@${fe}\"\n", $rules, "\n",
            "backend one\n http-request return status 200 content-type text/plain string one\n",
            "backend two\n http-request return status 200 content-type text/plain string two\n",
        )
    };
}

cases! {
    monitor_uri: http("", r#"
        c> GET /_open HTTP/1.1|host: a||
        c< {200}
        c> GET /_open HTTP/1.0||
        c< {200 close}
        c eof
    "#),
    monitor_uri_with_a_query_is_another: http("", r#"
        c> GET /_open?x HTTP/1.1|host: a||
        s< GET /_open?x HTTP/1.1|host: a||
    "#),
    monitor_fail: http("frontend: monitor fail if TRUE", r#"
        c> GET /_open HTTP/1.1|host: a||
        c< {503}
    "#),
    deny: http("frontend: http-request deny if { path /no }", r#"
        c> GET /no HTTP/1.1|host: a||
        c< {403}
        log fe fe/<NOSRV> #/-1/-1/-1/# 403 # - - PR-- 1/1/0/0/0 0/0 "GET /no HTTP/1.1"
        c> GET /yes HTTP/1.1|host: a||
        s< GET /yes HTTP/1.1|host: a||
    "#),
    deny_with_a_status: http("frontend: http-request deny deny_status 429", r#"
        c> GET / HTTP/1.1|host: a||
        c< {429}
        log fe fe/<NOSRV> #/-1/-1/-1/# 429 # - - PR-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
        c open
    "#),
    deny_in_the_backend: http("backend: http-request deny", r#"
        c> GET / HTTP/1.1|host: a||
        c< {403}
        log fe be/<NOSRV> #/-1/-1/-1/# 403 # - - PR-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    deny_while_the_body_is_coming: http("frontend: http-request deny", r#"
        c> POST / HTTP/1.1|host: a|content-length: 10||hello
        c< {403}
        c> world
        c open
    "#).since(3, 4),
    response_deny: http("frontend: http-response deny if { status 200 }", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< {502}
        log fe be/s #/#/#/#/# 502 # - - PH-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#).since(3, 4),
    return_with_headers: http("frontend: http-request return status 418 content-type text/plain string tea hdr x-pot \"%[path]\"", r#"
        c> GET /green HTTP/1.1|host: a||
        c< HTTP/1.1 418 I'm a teapot|content-length: 3|content-type: text/plain|x-pot: /green||tea
        log fe fe/<NOSRV> #/-1/-1/-1/# 418 # - - LR-- 1/1/0/0/0 0/0 "GET /green HTTP/1.1"
        c open
    "#),
    return_without_content: http("frontend: http-request return status 200", r#"
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0||
        c open
    "#),
    return_a_log_format: http("frontend: http-request return status 200 content-type text/plain lf-string \"%[method] %[path]\"", r#"
        c> PUT /x HTTP/1.1|host: a|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 6|content-type: text/plain||PUT /x
    "#),
    what_a_client_decodes_stays_in_its_header: http("frontend: http-request set-header x-a %{+bin}[url_param(q),url_dec]
        frontend: http-request set-header x-b %{+Q}[url_param(q),url_dec]
        frontend: http-request return status 200 content-type text/plain hdr x-c %[url_param(q),url_dec] lf-string %[url_param(q),url_dec] if { path /r }
        frontend: http-request redirect location %[url_param(q),url_dec] if { path /l }", r#"
        c> GET /?q=%0d%0aevil:1 HTTP/1.1|host: a||
        s< GET /?q=%0d%0aevil:1 HTTP/1.1|host: a|x-a: %0D%0Aevil:1|x-b: %0D%0Aevil:1||
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        c> GET /r?q=%0d%0aevil:1 HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 8|content-type: text/plain|x-c: %0D%0Aevil:1|||evil:1
        c> GET /l?q=%0d%0aevil:1 HTTP/1.1|host: a||
        c< HTTP/1.1 302 Found|content-length: 0|location: %0D%0Aevil:1|cache-control: no-cache||
    "#).since(3, 4),
    redirect_of_a_proxy_is_no_format: http("frontend: redirect location /%[path]%% code 301", r#"
        c> GET /a HTTP/1.1|host: a||
        c< HTTP/1.1 301 Moved Permanently|content-length: 0|location: /%[path]%%||
    "#),
    redirect_with_a_cookie_made: http("frontend: http-request redirect location /x set-cookie-fmt a=%[path]", r#"
        c> GET /p HTTP/1.1|host: a||
        c< HTTP/1.1 302 Found|content-length: 0|location: /x|cache-control: no-cache|set-cookie: a=/p; path=/;||
    "#).since(3, 4),
    an_answer_that_cannot_be_made_lets_nobody_through: http("frontend: http-request strict-mode off
        frontend: http-request return status 200 hdr x-a \"%[req.hdr(x)]%[req.hdr(x)]%[req.hdr(x)]%[req.hdr(x)]%[req.hdr(x)]%[req.hdr(x)]%[req.hdr(x)]%[req.hdr(x)]%[req.hdr(x)]%[req.hdr(x)]%[req.hdr(x)]%[req.hdr(x)]\" if { path /r }
        frontend: http-request redirect location \"%[req.hdr(x)]%[req.hdr(x)]%[req.hdr(x)]%[req.hdr(x)]%[req.hdr(x)]%[req.hdr(x)]%[req.hdr(x)]%[req.hdr(x)]%[req.hdr(x)]%[req.hdr(x)]%[req.hdr(x)]%[req.hdr(x)]\"", r#"
        c> GET /r HTTP/1.1|host: a|x: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx||
        c< {500}
        c> GET /l HTTP/1.1|host: a|x: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx||
        c< {500}
    "#).since(3, 4),
    return_and_deny_leave_out_empty_headers: http("frontend: http-request deny deny_status 403 hdr x-a \"%[req.hdr(a)]\" hdr x-b \"%[req.hdr(b)]\" if { method POST }
        frontend: http-request return status 200 hdr x-a \"%[req.hdr(a)]\" hdr x-b \"%[req.hdr(b)]\"", r#"
        c> GET / HTTP/1.1|host: a|b: 1||
        c< HTTP/1.1 200 OK|content-length: 0|x-b: 1||
        c> POST / HTTP/1.1|host: a|b: 1|content-length: 0||
        c< HTTP/1.1 403 Forbidden|content-length: 0|x-b: 1||
    "#),
    return_to_head: http("frontend: http-request return status 200 content-type text/plain string yes", r#"
        c> HEAD / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 3|content-type: text/plain||
        c open
    "#),
    head_made_another_method_is_returned_no_body: http("frontend: http-request set-method GET; frontend: http-request return status 200 content-type text/plain string yes", r#"
        c> HEAD / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 3|content-type: text/plain||
        c open
    "#),
    redirect_location: http("frontend: http-request redirect location /new if { path /old }", r#"
        c> GET /old HTTP/1.1|host: a||
        c< HTTP/1.1 302 Found|content-length: 0|location: /new|cache-control: no-cache||
        log fe fe/<NOSRV> #/-1/-1/-1/# 302 # - - LR-- 1/1/0/0/0 0/0 "GET /old HTTP/1.1"
        c open
    "#),
    redirect_scheme: http("frontend: http-request redirect scheme https code 301", r#"
        c> GET /a?b=c HTTP/1.1|host: example.org||
        c< HTTP/1.1 301 Moved Permanently|content-length: 0|location: https://example.org/a?b=c||
        c open
    "#),
    redirect_prefix_drops_the_query: http("frontend: http-request redirect prefix /p drop-query code 307", r#"
        c> GET /a?b=c HTTP/1.1|host: a||
        c< HTTP/1.1 307 Temporary Redirect|cache-control: no-cache|content-length: 0|location: /p/a||
    "#),
    redirect_with_a_cookie: http("frontend: http-request redirect location / set-cookie seen=1 code 303", r#"
        c> GET /a HTTP/1.1|host: a||
        c< HTTP/1.1 303 See Other|cache-control: no-cache|content-length: 0|location: /|set-cookie: seen=1; path=/;||
    "#),
    redirect_keyword_of_the_section: http("frontend: redirect code 308 location /new if { path_beg /o }", r#"
        c> GET /old HTTP/1.1|host: a||
        c< HTTP/1.1 308 Permanent Redirect|content-length: 0|location: /new||
    "#),
    after_response_rules_see_own_answers: http("frontend: http-after-response set-header x-after yes
        frontend: http-request deny if { path /no }
        frontend: http-request redirect location /x if { path /re }", r#"
        c> GET /no HTTP/1.1|host: a||
        c< HTTP/1.1 403 Forbidden|cache-control: no-cache|content-length: 93|content-type: text/html|x-after: yes||<html><body><h1>403 Forbidden</h1>\nRequest forbidden by administrative rules.\n</body></html>\n
        c> GET /re HTTP/1.1|host: a||
        c< HTTP/1.1 302 Found|cache-control: no-cache|content-length: 0|location: /x|x-after: yes||
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content|x-after: yes||
        c> GET / HTTP/1.1|host: a|bad header||
        c< {400}
    "#),
    rules_of_a_listen_run_once: http("listen fe
        bind fd@${fe}
        http-request add-header x-rule listen
        http-response add-header x-rule listen
        server s ${s}", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a|x-rule: listen||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content|x-rule: listen||
        log fe fe/s #/#/#/#/# 204 # - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    rules_of_a_listen_run_behind_another_frontend: http("frontend fe
        bind fd@${fe}
        http-request add-header x-rule front
        http-response add-header x-rule front
        default_backend other
        listen other
        bind fd@${fe2}
        http-request add-header x-rule listen
        http-response add-header x-rule listen
        server s ${s}", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a|x-rule: front|x-rule: listen||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content|x-rule: listen|x-rule: front||
        log fe other/s #/#/#/#/# 204 # - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
        d> GET / HTTP/1.1|host: a||
        s2< GET / HTTP/1.1|host: a|x-rule: listen||
    "#),
    request_headers: http("frontend: http-request set-header x-set new
        frontend: http-request add-header x-add two
        frontend: http-request del-header x-del
        frontend: http-request replace-header x-re ^(.*)-(.*)$ \\2-\\1
        frontend: http-request replace-value x-list b c", r#"
        c> GET / HTTP/1.1|host: a|X-Set: old|x-set: old|x-add: one|x-del: 1|X-Del: 2|x-re: a-b|x-list: a, b||
        s< GET / HTTP/1.1|host: a|x-add: one|x-add: two|x-list: a,c|x-re: b-a|x-set: new||
        s> HTTP/1.1 204 No Content||
    "#),
    response_headers: http("frontend: http-response set-header x-set new
        frontend: http-response add-header x-add two
        frontend: http-response del-header server
        frontend: http-response replace-header x-re ^(.*)-(.*)$ \\2-\\1", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content|server: x|x-set: old|x-add: one|x-re: a-b||
        c< HTTP/1.1 204 No Content|x-add: one|x-add: two|x-re: b-a|x-set: new||
    "#),
    set_path_and_query: http("frontend: http-request set-path /v1%[path]; frontend: http-request set-query q=%[path]", r#"
        c> GET /a?b HTTP/1.1|host: a||
        s< GET /v1/a?q=/v1/a HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        log fe be/s #/#/#/#/# 204 # - - ---- 1/1/0/0/0 0/0 "GET /a?b HTTP/1.1"
    "#),
    of_an_empty_query_the_mark_stays: http("frontend: http-request set-query %[url_param(none)]", r#"
        c> GET /a?b HTTP/1.1|host: a||
        s< GET /a? HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        c> GET /a HTTP/1.1|host: a||
        s< GET /a HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
    "#),
    set_uri: http("frontend: http-request set-uri /other?x=1", r#"
        c> GET /a?b HTTP/1.1|host: a||
        s< GET /other?x=1 HTTP/1.1|host: a||
    "#),
    forwardfor: http("option forwardfor", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a|x-forwarded-for: 127.0.0.1||
    "#),
    forwardfor_adds_to_a_list: http("option forwardfor", r#"
        c> GET / HTTP/1.1|host: a|x-forwarded-for: 192.0.2.1||
        s< GET / HTTP/1.1|host: a|x-forwarded-for: 192.0.2.1|x-forwarded-for: 127.0.0.1||
    "#),
    forwardfor_except_and_if_none: http("option forwardfor if-none header x-client", r#"
        c> GET / HTTP/1.1|host: a|x-client: 192.0.2.1||
        s< GET / HTTP/1.1|host: a|x-client: 192.0.2.1||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a|x-client: 127.0.0.1||
    "#),
    forwardfor_except_a_network: http("option forwardfor except 127.0.0.0/8", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
    "#),
    route_by_path_and_host: http(routing!("acl is_one path_beg /1
        acl is_two hdr(host) -i two.example
        use_backend one if is_one
        use_backend two if is_two !is_one
        default_backend one"), r#"
        c> GET /1 HTTP/1.1|host: TWO.example||
        c< HTTP/1.1 200 OK|content-length: 3|content-type: text/plain||one
        c> GET /2 HTTP/1.1|host: TWO.example||
        c< HTTP/1.1 200 OK|content-length: 3|content-type: text/plain||two
        c> GET /2 HTTP/1.1|host: other||
        c< HTTP/1.1 200 OK|content-length: 3|content-type: text/plain||one
    "#),
    route_by_method_or_regex: http(routing!("use_backend two if { method POST } || { path_reg ^/[0-9]+$ }
        default_backend one"), r#"
        c> POST / HTTP/1.1|host: a|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 3|content-type: text/plain||two
        c> GET /123 HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 3|content-type: text/plain||two
        c> GET /123x HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 3|content-type: text/plain||one
    "#),
    route_by_a_computed_name: http(routing!("use_backend %[req.hdr(x-backend),lower]
        default_backend one"), r#"
        c> GET / HTTP/1.1|host: a|x-backend: TWO||
        c< HTTP/1.1 200 OK|content-length: 3|content-type: text/plain||two
        c> GET / HTTP/1.1|host: a|x-backend: none||
        c< HTTP/1.1 200 OK|content-length: 3|content-type: text/plain||one
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 3|content-type: text/plain||one
    "#),
    an_unknown_computed_name_ends_routing: http(routing!("use_backend %[req.hdr(x-backend)] if { req.hdr(x-backend) -m found }
        use_backend one
        default_backend two"), r#"
        c> GET / HTTP/1.1|host: a|x-backend: none||
        c< HTTP/1.1 200 OK|content-length: 3|content-type: text/plain||two
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 3|content-type: text/plain||one
    "#),
    disabled_backends_are_passed_over: http(routing!("use_backend %[req.hdr(x-backend)] if { req.hdr(x-backend) -m found }
        use_backend off
        use_backend two
        default_backend one
        backend off
        disabled"), r#"
        c> GET / HTTP/1.1|host: a|x-backend: off||
        c< HTTP/1.1 200 OK|content-length: 3|content-type: text/plain||two
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 3|content-type: text/plain||two
    "#).since(3, 4),
    a_disabled_default_backend_is_none: http(routing!("default_backend off
        backend off
        disabled"), r#"
        c> GET / HTTP/1.1|host: a||
        c< {503}
        log fe fe/<NOSRV> -1/-1/-1/-1/# 503 # - - SC-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#).since(3, 4),
    route_by_address: http(routing!("use_backend two if { src 127.0.0.0/8 } !{ src 127.0.0.2 }
        default_backend one"), r#"
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 3|content-type: text/plain||two
    "#),
    no_backend: http("frontend fe\n bind \"fd@${fe}\"", r#"
        c> GET / HTTP/1.1|host: a||
        c< {503}
        log fe fe/<NOSRV> -1/-1/-1/-1/# 503 # - - SC-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    errorfile: http("errorfile 403 ${dir}/403
        frontend: http-request deny
        #file 403: HTTP/1.1 403 No|content-length: 3|x-own: 1||no!", r#"
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 403 No|content-length: 3|x-own: 1||no!
    "#),
    empty_errorfile: http("errorfile 400 /dev/null", r#"
        c> junk||
        c eof
        log fe fe/<NOSRV> -1/-1/-1/-1/# 400 # - - PR-- 1/1/0/0/0 0/0 "<BADREQ>"
    "#),
    rules_apply_in_order: http("frontend: http-request set-header x-n 1
        frontend: http-request return status 200 content-type text/plain lf-string \"%[req.hdr(x-n)]\" if { req.hdr(x-n) 2 }
        frontend: http-request set-header x-n 2
        frontend: http-request return status 200 content-type text/plain lf-string \"%[req.hdr(x-n)]\" if { req.hdr(x-n) 2 }", r#"
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 1|content-type: text/plain||2
    "#),
    allow_ends_the_rules_of_its_section: http("frontend: http-request allow if { path /in }; frontend: http-request deny", r#"
        c> GET /in HTTP/1.1|host: a||
        s< GET /in HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        c> GET /out HTTP/1.1|host: a||
        c< {403}
    "#),
    own_log_format: http("frontend: log-format \"%ci %ft %b %s %ST %HM %HU %{+Q}r %rt %{-Q}[src]\"", r#"
        c> GET /a?b HTTP/1.1|host: a||
        s< GET /a?b HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        log 127.0.0.1 fe be s 204 GET /a?b "GET /a?b HTTP/1.1" 0 127.0.0.1
    "#),
    responses_dropped_silently: http("backend: http-response silent-drop if { status 200 }", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        log fe be/s #/#/#/#/# 200 # - - PR-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#).since(3, 4),
    a_status_without_a_body_drops_it: http("backend: http-response set-status 204 if { status 201 }
        backend: http-response set-status 304 if { status 202 }", r#"
        c> GET /1 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        s> HTTP/1.1 201 Created|content-length: 2||ok
        c< HTTP/1.1 204 No Content||
        c> GET /2 HTTP/1.1|host: a||
        s< GET /2 HTTP/1.1|host: a||
        s> HTTP/1.1 202 Accepted|content-length: 2||ok
        c< HTTP/1.1 304 Not Modified|content-length: 2||
        c> GET /3 HTTP/1.1|host: a||
        s< GET /3 HTTP/1.1|host: a||
        s> HTTP/1.1 201 Created|transfer-encoding: chunked||2|ok|0||
        c< HTTP/1.1 204 No Content||
        c open
    "#).since(3, 4).differs("HAProxy announces a length with 204 (RFC 9110 §8.6)", r#"
        c> GET /1 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        s> HTTP/1.1 201 Created|content-length: 2||ok
        c< HTTP/1.1 204 No Content|content-length: 2||
        c> GET /2 HTTP/1.1|host: a||
    "#),
    a_status_with_a_body_has_an_empty_one: http("backend: http-response set-status 200", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 200 OK|content-length: 0||
        c open
    "#).since(3, 4).differs("HAProxy sends no framing, though the connection goes on", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c= HTTP/1.1 200 OK||
    "#),
    an_empty_port_of_the_host: http("", r#"
        c> GET / HTTP/1.1|host: a:||
        s< GET / HTTP/1.1|host: a:||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        c> GET http://a:/x HTTP/1.1|host: a||
        s< GET http://a/x HTTP/1.1|host: a||
    "#).since(3, 4),
}
