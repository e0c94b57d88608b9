//! Persistence by cookies.

use crate::case::http;

/// Two servers in turn, with cookies; `$cookie` follows the word, `$more` are further lines.
macro_rules! two {
    ($cookie:literal) => {
        two!($cookie, "", "")
    };
    ($cookie:literal, $t:literal, $more:literal) => {
        concat!(
            "balance roundrobin\n",
            "backend: cookie S ", $cookie, "\n",
            "backend: server s ${s} cookie one\n",
            "backend: server t ${t} cookie two ", $t, "\n",
            $more, "\n"
        )
    };
}

cases! {
    insert_for_a_new_client: http(two!("insert"), r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content|set-cookie: S=one; path=/||
        log fe be/s #/#/#/#/# 204 # - - --NI 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    insert_leaves_a_client_that_has_it: http(two!("insert"), r#"
        c> GET / HTTP/1.1|host: a|cookie: x=y; S=two||
        t< GET / HTTP/1.1|host: a|cookie: x=y; S=two||
        t> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        log fe be/t #/#/#/#/# 204 # - - --VN 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    insert_replaces_what_the_server_sets: http(two!("insert"), r#"
        c> GET / HTTP/1.1|host: a|cookie: S=two||
        t< GET / HTTP/1.1|host: a|cookie: S=two||
        t> HTTP/1.1 204 No Content|set-cookie: S=x; path=/|set-cookie: b=c||
        c< HTTP/1.1 204 No Content|set-cookie: b=c||
        log fe be/t #/#/#/#/# 204 # - - --VD 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    insert_preserves: http(two!("insert preserve"), r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content|set-cookie: S=two; path=/||
        c< HTTP/1.1 204 No Content|set-cookie: S=two; path=/||
        log fe be/s #/#/#/#/# 204 # - - --NP 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    indirect_hides_the_cookie: http(two!("insert indirect"), r#"
        c> GET / HTTP/1.1|host: a|cookie: S=two||
        t< GET / HTTP/1.1|host: a||
        c2> GET / HTTP/1.1|host: a|cookie: a=b; S=two; c=d||
        t2< GET / HTTP/1.1|host: a|cookie: a=b; c=d||
        c3> GET / HTTP/1.1|host: a|cookie: S=two ;  c=d|cookie: e=f;  S=one||
        t3< GET / HTTP/1.1|host: a|cookie: c=d|cookie: e=f||
        c4> GET / HTTP/1.1|host: a|cookie: a=b ; S=two; $Path=/; S=x,  g; h="S=1;"||
        t4< GET / HTTP/1.1|host: a|cookie: a=b, g; h="S=1;"||
        c5> GET / HTTP/1.1|host: a|cookie: $Version=1; s=two; S=||
        s< GET / HTTP/1.1|host: a|cookie: $Version=1; s=two||
    "#),
    an_unknown_cookie: http(two!("insert indirect"), r#"
        c> GET / HTTP/1.1|host: a|cookie: S=three||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content|set-cookie: S=one; path=/||
        log fe be/s #/#/#/#/# 204 # - - --II 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    a_server_that_is_disabled: http(two!("insert", "disabled", ""), r#"
        c> GET / HTTP/1.1|host: a|cookie: S=two||
        s< GET / HTTP/1.1|host: a|cookie: S=two||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content|set-cookie: S=one; path=/||
        log fe be/s #/#/#/#/# 204 # - - --DI 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    option_persist_goes_to_a_disabled_server: http(two!("insert", "disabled", "option persist"), r#"
        c> GET / HTTP/1.1|host: a|cookie: S=two||
        t< GET / HTTP/1.1|host: a|cookie: S=two||
        t> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        log fe be/t #/#/#/#/# 204 # - - --DN 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    force_persist: http(two!("insert", "disabled", "backend: force-persist if { hdr(x) 1 }"), r#"
        c> GET / HTTP/1.1|host: a|cookie: S=two|x: 1||
        t< GET / HTTP/1.1|host: a|cookie: S=two|x: 1||
        c2> GET / HTTP/1.1|host: a|cookie: S=two||
        s< GET / HTTP/1.1|host: a|cookie: S=two||
    "#),
    ignore_persist: http(two!("insert indirect", "", "backend: ignore-persist if { path_beg /static }"), r#"
        c> GET /static HTTP/1.1|host: a|cookie: S=two||
        s< GET /static HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        log fe be/s #/#/#/#/# 204 # - - --UN 1/1/0/0/0 0/0 "GET /static HTTP/1.1"
    "#),
    the_first_persist_rule_decides: http(two!("insert", "disabled", "backend: ignore-persist if { hdr(x) 1 }\nbackend: force-persist unless { hdr(x) 2 }"), r#"
        c> GET / HTTP/1.1|host: a|cookie: S=two|x: 1||
        s< GET / HTTP/1.1|host: a|cookie: S=two|x: 1||
        c2> GET / HTTP/1.1|host: a|cookie: S=two|x: 2||
        s2< GET / HTTP/1.1|host: a|cookie: S=two|x: 2||
        c3> GET / HTTP/1.1|host: a|cookie: S=two|x: 3||
        t< GET / HTTP/1.1|host: a|cookie: S=two|x: 3||
    "#),
    postonly: http(two!("insert postonly"), r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        log fe be/s #/#/#/#/# 204 # - - --NN 1/1/0/0/0 0/0 "GET / HTTP/1.1"
        c> POST / HTTP/1.1|host: a|content-length: 0||
        t< POST / HTTP/1.1|host: a|content-length: 0||
        t> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content|set-cookie: S=two; path=/||
        log fe be/t #/#/#/#/# 204 # - - --NI 1/1/0/0/0 0/0 "POST / HTTP/1.1"
    "#),
    attributes: http(two!("insert httponly secure domain a.example domain b.example attr SameSite=Lax attr x"), r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content|set-cookie: S=one; path=/; domain=a.example; domain=b.example; HttpOnly; Secure; SameSite=Lax; x||
    "#),
    nocache: http(two!("insert nocache"), r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 0|etag: "1"||
        c< HTTP/1.1 200 OK|content-length: 0|etag: "1"|set-cookie: S=one; path=/|cache-control: private||
        c> GET / HTTP/1.1|host: a||
        t< GET / HTTP/1.1|host: a||
        t> HTTP/1.1 200 OK|content-length: 0|cache-control: no-store|etag: "1"||
        c< HTTP/1.1 200 OK|content-length: 0|cache-control: no-store|etag: "1"|set-cookie: S=two; path=/||
    "#),
    nocache_of_what_nobody_keeps: http(two!("insert nocache"), r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0|set-cookie: S=one; path=/||
        c> POST / HTTP/1.1|host: a|content-length: 0||
        t< POST / HTTP/1.1|host: a|content-length: 0||
        t> HTTP/1.1 200 OK|content-length: 0|cache-control: public, max-age=9||
        c< HTTP/1.1 200 OK|content-length: 0|cache-control: public, max-age=9|set-cookie: S=two; path=/|cache-control: private||
    "#),
    a_server_without_a_cookie_ends_it: http("balance roundrobin; backend: cookie S insert; backend: server s ${s}", r#"
        c> GET / HTTP/1.1|host: a|cookie: S=one||
        s< GET / HTTP/1.1|host: a|cookie: S=one||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content|set-cookie: S=; Expires=Thu, 01-Jan-1970 00:00:01 GMT; path=/||
        log fe be/s #/#/#/#/# 204 # - - --II 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    rewrite: http(two!("rewrite"), r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content|set-cookie: S=x; path=/a||
        c< HTTP/1.1 204 No Content|set-cookie: S=one; path=/a||
        log fe be/s #/#/#/#/# 204 # - - --NR 1/1/0/0/0 0/0 "GET / HTTP/1.1"
        c> GET / HTTP/1.1|host: a|cookie: S=two||
        t< GET / HTTP/1.1|host: a|cookie: S=two||
        t> HTTP/1.1 204 No Content|set-cookie: a=S||
        c< HTTP/1.1 204 No Content|set-cookie: a=S||
        log fe be/t #/#/#/#/# 204 # - - --VN 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    prefix: http(two!("prefix"), r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content|set-cookie: S = "x y" ; path=/a||
        c< HTTP/1.1 204 No Content|set-cookie: S=one~"x y" ; path=/a||
        log fe be/s #/#/#/#/# 204 # - - --NR 1/1/0/0/0 0/0 "GET / HTTP/1.1"
        c> GET / HTTP/1.1|host: a|cookie: a=b; S=two~x~y; c=d||
        t< GET / HTTP/1.1|host: a|cookie: a=b; S=x~y; c=d||
        t> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        log fe be/t #/#/#/#/# 204 # - - --VN 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    prefix_indirect: http(two!("prefix indirect"), r#"
        c> GET / HTTP/1.1|host: a|cookie: S=two~x||
        t< GET / HTTP/1.1|host: a|cookie: S=x||
        t> HTTP/1.1 204 No Content|set-cookie: S=z||
        c< HTTP/1.1 204 No Content||
        log fe be/t #/#/#/#/# 204 # - - --VD 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    a_cookie_that_is_only_read: http(two!(""), r#"
        c> GET / HTTP/1.1|host: a|cookie: S=two||
        t< GET / HTTP/1.1|host: a|cookie: S=two||
        t> HTTP/1.1 204 No Content|set-cookie: S=one||
        c< HTTP/1.1 204 No Content|set-cookie: S=one||
        log fe be/t #/#/#/#/# 204 # - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    too_long_idle: http(two!("insert postonly maxidle 10"), r#"
        c> GET / HTTP/1.1|host: a|cookie: S=two\|AAAAB||
        s< GET / HTTP/1.1|host: a|cookie: S=two\|AAAAB||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        log fe be/s #/#/#/#/# 204 # - - --EN 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    too_old: http(two!("insert postonly maxidle 10 maxlife 20"), r#"
        c> GET / HTTP/1.1|host: a|cookie: S=two\|ZVLxO\|AAAAB||
        s< GET / HTTP/1.1|host: a|cookie: S=two\|ZVLxO\|AAAAB||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        log fe be/s #/#/#/#/# 204 # - - --ON 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    dates_that_nothing_limits: http(two!("insert"), r#"
        c> GET / HTTP/1.1|host: a|cookie: S=two\|AAAAB||
        t< GET / HTTP/1.1|host: a|cookie: S=two\|AAAAB||
        t> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content|set-cookie: S=two; path=/||
        log fe be/t #/#/#/#/# 204 # - - --VU 1/1/0/0/0 0/0 "GET / HTTP/1.1"
        c> GET / HTTP/1.1|host: a|cookie: S=two\|bad\|AAAA-||
        t< GET / HTTP/1.1|host: a|cookie: S=two\|bad\|AAAA-||
        t> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        log fe be/t #/#/#/#/# 204 # - - --VN 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    dynamic: http("balance roundrobin; backend: cookie S insert dynamic; backend: dynamic-cookie-key k
        backend: server d 192.0.2.1:80 weight 0; backend: server s ${s} cookie one", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content|set-cookie: S=one; path=/||
    "#),
    dynamic_by_command: http("balance roundrobin; backend: cookie S insert
        backend: server d 192.0.2.1:80 weight 0; backend: server s ${s} cookie one
        global: stats socket \"fd@${cli}\" level admin", r#"
        cli enable dynamic-cookie backend be =>
        stat be/d cookie=
        cli set dynamic-cookie-key backend be k =>
        stat be/d cookie=f620f7739a57ab00
        stat be/s cookie=one
        cli set dynamic-cookie-key backend be other =>
        stat be/d cookie=532a36a300ddaa2f
        cli set server be/d addr 192.0.2.2 => IP changed from '192.0.2.1' to '192.0.2.2' by 'stats socket command'|
        stat be/d cookie=0a701bb6f93ecfd2
        cli disable dynamic-cookie backend be =>
        stat be/d cookie=
        stat be/s cookie=one
        cli set dynamic-cookie-key backend be => String value expected.|
        cli set dynamic-cookie-key backend => A backend name is expected.|
        cli enable dynamic-cookie backend nope => No such backend.|
        cli operator;disable dynamic-cookie backend be => |Permission denied|
    "#).since(3, 4),
    a_made_cookie_leads_to_its_server: http("balance roundrobin; backend: cookie S insert dynamic
        global: stats socket \"fd@${cli}\" level admin", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content|set-cookie: S=; Expires=Thu, 01-Jan-1970 00:00:01 GMT; path=/||
        cli set dynamic-cookie-key backend be k =>
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content|set-cookie: *||
    "#).since(3, 4),
    a_full_server_is_waited_for: http(two!("insert", "maxconn 1", ""), r#"
        c1> GET /1 HTTP/1.1|host: a|cookie: S=two||
        t< GET /1 HTTP/1.1|host: a|cookie: S=two||
        c2> GET /2 HTTP/1.1|host: a|cookie: S=two||
        c3> GET /3 HTTP/1.1|host: a||
        s< GET /3 HTTP/1.1|host: a||
        t> HTTP/1.1 204 No Content|connection: close||
        c1< HTTP/1.1 204 No Content||
        t2< GET /2 HTTP/1.1|host: a|cookie: S=two||
    "#),
    weight_zero_keeps_its_clients: http(two!("insert", "weight 0", ""), r#"
        c> GET / HTTP/1.1|host: a|cookie: S=two||
        t< GET / HTTP/1.1|host: a|cookie: S=two||
        c2> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
    "#),
    redispatch_moves_the_client: http("balance roundrobin; retries 1; timeout connect 20ms; option redispatch
        backend: cookie S insert
        backend: server s ${s} cookie one
        backend: server t ${closed} cookie two", r#"
        c> GET / HTTP/1.1|host: a|cookie: S=two||
        s< GET / HTTP/1.1|host: a|cookie: S=two||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content|set-cookie: S=one; path=/||
        log fe be/s #/#/#/#/# 204 # - - --DI 1/1/0/0/+1 0/0 "GET / HTTP/1.1"
    "#),
    force_persist_is_never_redispatched: http("balance roundrobin; retries 1; timeout connect 20ms; option redispatch
        backend: cookie S insert
        backend: force-persist unless { hdr(x) 1 }
        backend: server s ${s} cookie one
        backend: server t ${closed} cookie two", r#"
        c> GET / HTTP/1.1|host: a|cookie: S=two||
        c< {503}
        log fe be/t #/#/-1/-1/# 503 # - - SCVN 1/1/0/0/1 0/0 "GET / HTTP/1.1"
        s unused
    "#),
    a_redirect_in_a_backend: http(two!("insert", "", "backend: http-request redirect location /b"), r#"
        c> GET / HTTP/1.1|host: a|cookie: S=two||
        c< HTTP/1.1 302 Found|cache-control: no-cache|content-length: 0|location: /b||
        log fe be/<NOSRV> #/-1/-1/-1/# 302 # - - LRNN 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    a_denial_in_a_backend: http(two!("insert", "", "backend: http-request deny"), r#"
        c> GET / HTTP/1.1|host: a|cookie: S=two||
        c< {403}
        log fe be/t #/-1/-1/-1/# 403 # - - PRVN 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    our_own_answer_in_a_listen: http("listen fe
        bind \"fd@${fe}\"
        cookie S insert
        http-request deny
        server s ${s} cookie one", r#"
        c> GET / HTTP/1.1|host: a|cookie: S=one||
        c< {403}
        log fe fe/s #/-1/-1/-1/# 403 # - - PRVN 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
}
