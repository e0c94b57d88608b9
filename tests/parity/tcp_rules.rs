//! `tcp-request` and `tcp-response`: who is let in, and what the first bytes decide.

use crate::case::{http, tcp};

/// A TLS client hello for `a.example`.
macro_rules! hello {
    () => {
        r"\x16\x03\x01\0\x4c\x01\0\0\x48\x03\x03{x*32}\0\0\x04\x13\x01\x13\x02\x01\0\0\x1b\0\0\0\x0e\0\x0c\0\0\x09a.example\0\x10\0\x05\0\x03\x02h2"
    };
}

cases! {
    connection_reject: tcp("frontend: tcp-request connection reject", r#"
        c connect
        c reset
    "#),
    connection_accept_ends_the_set: tcp("
        frontend: tcp-request connection accept if { src 127.0.0.0/8 }
        frontend: tcp-request connection reject", r#"
        c> hello
        s= hello
    "#),
    session_reject: tcp("frontend: tcp-request session reject if !{ fc_rcvd_proxy }", r#"
        c connect
        c end
    "#),
    session_rules_see_the_announced_address: tcp("
        frontend: tcp-request connection expect-proxy layer4
        frontend: tcp-request session reject unless { src 192.0.2.1 }", r#"
        c> PROXY TCP4 192.0.2.1 198.51.100.2 1234 80|hello
        s= hello
        s close
        c eof
        c close
        log 192.0.2.1:1234 fe be/s #/#/# 0 -- 1/1/0/0/0 0/0
    "#),
    set_src_and_port: tcp("
        frontend: tcp-request connection set-src ipv4(192.0.2.7)
        frontend: tcp-request connection set-src-port int(77)
        frontend: tcp-request session set-dst ipv4(198.51.100.9)
        frontend: tcp-request session set-dst-port int(99)
        server: send-proxy", r#"
        c> hello
        s= PROXY TCP4 192.0.2.7 198.51.100.9 77 99|hello
    "#),
    content_reject: tcp("
        frontend: tcp-request inspect-delay 3s
        frontend: tcp-request content reject if { req.payload(0,3) -m str bad }", r#"
        c> ba
        c> d
        c end
        log fe fe/<NOSRV> -1/-1/# 0 PR 1/1/0/0/0 0/0
    "#),
    wrong_messages_are_known_at_once: tcp("
        frontend: tcp-request inspect-delay 1h
        frontend: tcp-request content reject unless { req.payload(0,0),fix_is_valid }", r#"
        c> 8=FIX.4.4\x019=20\x0135
        c> =0\x0149=A\x0156=B\x0134=1\x0110=126\x01
        c end
        log fe fe/<NOSRV> -1/-1/# 0 PR 1/1/0/0/0 0/0
    "#),
    fields_of_messages_as_they_come: tcp("
        frontend: tcp-request inspect-delay 1h
        frontend: tcp-request content reject if { req.payload(0,0),fix_tag_value(49) -m str A }
        frontend: tcp-request content accept if { req.payload(0,0),fix_tag_value(10) -m found }", r#"
        c> 8=FIX.4.4\x019=20\x0135=0\x0149=B\x0110=1
        c> 26\x01
        s= 8=FIX.4.4\x019=20\x0135=0\x0149=B\x0110=126\x01
    "#),
    content_accept_as_bytes_come: tcp("
        frontend: tcp-request inspect-delay 3s
        frontend: tcp-request content accept if { req.payload(0,3) -m str yes }
        frontend: tcp-request content reject", r#"
        c> y
        c> es!
        s= yes!
    "#),
    content_waits_for_a_length: tcp("
        frontend: tcp-request inspect-delay 3s
        frontend: tcp-request content accept if { req.len ge 5 }
        frontend: tcp-request content reject", r#"
        c> 1234
        c> 5
        s= 12345
    "#),
    content_delay_expires: tcp("
        frontend: tcp-request inspect-delay 100ms
        frontend: tcp-request content accept if { req.len ge 5 }
        frontend: tcp-request content reject if WAIT_END", r#"
        c> 1234
        c end
        log fe fe/<NOSRV> -1/-1/# 0 PR 1/1/0/0/0 0/0
    "#),
    content_wait_end_accepts: tcp("
        frontend: tcp-request inspect-delay 100ms
        frontend: tcp-request content accept if WAIT_END
        frontend: tcp-request content reject", r#"
        c connect
        s> 220 hi
        c= 220 hi
    "#),
    content_without_delay_decides_at_once: tcp("
        frontend: tcp-request content accept if { req.len eq 0 }
        frontend: tcp-request content reject", r#"
        c connect
        s> 220 hi
        c= 220 hi
    "#),
    content_client_closes_while_rules_wait: tcp("
        frontend: tcp-request inspect-delay 3s
        frontend: tcp-request content accept if { req.len ge 5 }
        frontend: tcp-request content reject", r#"
        c> 1234
        c shut
        c end
        log fe fe/<NOSRV> -1/-1/# 0 PR 1/1/0/0/0 0/0
    "#),
    content_negated_test_waits_too: tcp("
        frontend: tcp-request inspect-delay 3s
        frontend: tcp-request content reject if !{ req.payload(0,3) -m str yes }", r#"
        c> y
        c> es
        s= yes
    "#),
    backend_content: tcp("
        backend: tcp-request inspect-delay 3s
        backend: tcp-request content reject if { req.payload(0,3) -m str bad }", r#"
        c> b
        c> ad
        c end
        log fe be/<NOSRV> -1/-1/# 0 PR 1/1/0/0/0 0/0
    "#),
    sni_routes: tcp("
        frontend fe
        bind \"fd@${fe}\"
        tcp-request inspect-delay 3s
        tcp-request content accept if { req.ssl_hello_type 1 }
        use_backend a if { req.ssl_sni -i A.EXAMPLE }
        use_backend b
        backend a
        server s ${s}
        backend b
        server t ${t}", concat!("
        c> ", hello!(), "
        s= ", hello!(), "
    ")),
    sni_in_pieces: tcp("
        frontend fe
        bind \"fd@${fe}\"
        tcp-request inspect-delay 3s
        tcp-request content accept if { req.ssl_sni -m found }
        use_backend a if { req_ssl_sni a.example } { req.ssl_alpn h2 } { req.ssl_ver 3.3 }
        use_backend b
        backend a
        server s ${s}
        backend b
        server t ${t}", concat!(r"
        c> \x16\x03\x01
        c> \0\x4c\x01\0\0\x48\x03\x03{x*32}\0\0\x04\x13\x01\x13\x02\x01\0\0\x1b\0\0\0\x0e
        c> \0\x0c\0\0\x09a.example\0\x10\0\x05\0\x03\x02h2
        s= ", hello!(), "
    ")),
    no_hello_at_all: tcp("
        frontend fe
        bind \"fd@${fe}\"
        tcp-request inspect-delay 3s
        tcp-request content reject if { req.ssl_hello_type 1 }
        use_backend a if { req.ssl_sni -m found }
        default_backend b
        backend a
        server s ${s}
        backend b
        server t ${t}", "
        c> SSH-2.0-x
        t= SSH-2.0-x
    "),
    http_in_tcp_mode: tcp("
        frontend: tcp-request inspect-delay 3s
        frontend: tcp-request content reject if !HTTP
        frontend: tcp-request content reject if { path /no }", r#"
        c> GET /yes HTTP/1.1|
        c> host: a||
        s= GET /yes HTTP/1.1|host: a||
    "#),
    no_http_in_tcp_mode: tcp("
        frontend: tcp-request inspect-delay 3s
        frontend: tcp-request content reject if !HTTP", r#"
        c> \x01\x02\x03
        c end
        log fe fe/<NOSRV> -1/-1/# 0 PR 1/1/0/0/0 0/0
    "#),
    rdp_cookie: tcp("
        frontend: tcp-request inspect-delay 3s
        frontend: tcp-request content accept if RDP_COOKIE
        frontend: tcp-request content reject", r#"
        c> \x03\0\0\x13\x0e\xe0\0\0\0\0\0Cookie: msts=1|
        s= \x03\0\0\x13\x0e\xe0\0\0\0\0\0Cookie: msts=1|
    "#),
    response_reject: tcp("
        backend: tcp-response inspect-delay 3s
        backend: tcp-response content reject if { res.payload(0,3) -m str bad }", r#"
        c> hello
        s= hello
        s> ba
        s> d
        c end
        log fe be/s #/#/# 3 PD 1/1/0/0/0 0/0
    "#),
    response_accept_as_bytes_come: tcp("
        backend: tcp-response inspect-delay 3s
        backend: tcp-response content accept if { res.len ge 3 }
        backend: tcp-response content reject", r#"
        c> hello
        s= hello
        s> o
        s> ok!
        c= ook!
        c> more
        s= more
    "#),
    // HAProxy 2.6 closes neither side here.
    response_close: tcp("
        backend: tcp-response inspect-delay 3s
        backend: tcp-response content close if { res.len ge 3 }", r#"
        c> hello
        s= hello
        s> bye
        c end
        s end
        log fe be/s #/#/# 3 -- 1/1/0/0/0 0/0
    "#).since(3, 4),
    response_delay_expires: tcp("
        backend: tcp-response inspect-delay 100ms
        backend: tcp-response content reject if { res.len lt 3 } WAIT_END", r#"
        c> hello
        s= hello
        s> ok
        c end
        log fe be/s #/#/# 2 PD 1/1/0/0/0 0/0
    "#),
    defaults_rules_come_first: tcp("
        defaults back
        mode tcp
        timeout connect 5s
        timeout server 5s
        defaults front
        mode tcp
        timeout client 5s
        tcp-request session set-src-port int(6)
        frontend fe from front
        bind \"fd@${fe}\"
        tcp-request session set-src-port src_port,add(1)
        default_backend be
        backend be from back
        server s ${s} send-proxy", r#"
        c> hello
        s= PROXY TCP4 127.0.0.1 127.0.0.1 7 ${fe.port}|hello
    "#),
    bc_src_in_logs: tcp("
        frontend: log-format \"%bi %[bc_src] %[bc_dst] %[fc_src] %[ssl_fc] %[fc_rcvd_proxy] %[bc_reused]\"", r#"
        c> hello
        s= hello
        s close
        c eof
        c close
        log 127.0.0.1 127.0.0.1 127.0.0.1 127.0.0.1 0 0 0
    "#).since(3, 4),
    pp2_values: tcp("
        frontend fe
        bind \"fd@${fe}\" accept-proxy
        log-format \"%[fc_pp_authority] %[fc_pp_tlv(0xE1)] %[fc_pp_tlv(5)] %[fc_pp_unique_id] %[fc_rcvd_proxy]\"
        default_backend be
        backend be
        server s ${s}", r#"
        c> ||\0|QUIT\n\x21\x11\0\x1f\xc0\0\x02\x01\xc6\x33\x64\x02\x04\xd2\0\x50\x02\0\x05a.org\xe1\0\x02xy\x05\0\x03u-1hello
        s= hello
        s close
        c eof
        c close
        log a.org xy u-1 u-1 1
    "#).since(3, 4),
    http_connection_and_session: http("
        frontend: tcp-request connection set-src ipv4(192.0.2.7)
        frontend: tcp-request session reject unless { src 192.0.2.7 }
        frontend: http-request set-src hdr(x-src) if { hdr(x-src) -m found }
        frontend: http-request set-header x-is %[src],%[fc_src]", r#"
        c> GET /1 HTTP/1.1|host: a|x-src: 198.51.100.1||
        s< GET /1 HTTP/1.1|host: a|x-src: 198.51.100.1|x-is: 198.51.100.1,192.0.2.7||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        c> GET /2 HTTP/1.1|host: a||
        s< GET /2 HTTP/1.1|host: a|x-is: 192.0.2.7,192.0.2.7||
    "#),
    http_content_reject: http("
        frontend: tcp-request inspect-delay 3s
        frontend: tcp-request content reject if { path /no }", r#"
        c> GET /yes HTTP/1.1|host: a||
        s< GET /yes HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        log fe be/s #/#/#/#/# 204 # - - ---- 1/1/0/0/0 0/0 "GET /yes HTTP/1.1"
        c> GET /no HTTP/1.1|host: a||
        c end
        log fe fe/<NOSRV> -1/-1/-1/-1/# -1 # - - PR-- 1/1/0/0/0 0/0 "<BADREQ>"
    "#),
    http_content_wait_end: http("
        frontend: tcp-request inspect-delay 100ms
        frontend: tcp-request content accept if WAIT_END
        frontend: tcp-request content reject", r#"
        c> GET /yes HTTP/1.1|host: a||
        s< GET /yes HTTP/1.1|host: a||
    "#),
    http_reject: http("frontend: http-request reject if { path /no }", r#"
        c> GET /no HTTP/1.1|host: a||
        c end
        log fe fe/<NOSRV> -1/-1/-1/-1/# -1 # - - PR-- 1/1/0/0/0 0/0 "GET /no HTTP/1.1"
    "#),
    http_response_content_reject: http("
        backend: tcp-response inspect-delay 3s
        backend: tcp-response content reject if { status 403 }", r#"
        c> GET /no HTTP/1.1|host: a||
        s< GET /no HTTP/1.1|host: a||
        s> HTTP/1.1 403 No|content-length: 0||
        c end
        log fe be/s #/#/#/-1/# 403 # - - PD-- 1/1/0/0/0 0/0 "GET /no HTTP/1.1"
    "#),
    ssl_words_on_clear_connections: http("
        frontend: http-request set-header x %[ssl_fc],%[ssl_fc_sni],%[ssl_fc_has_sni],%[ssl_c_used],%[ssl_c_s_dn(CN)]
        frontend: http-request deny if { ssl_fc } || { ssl_fc_sni -m found }", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a|x: 0,,0,,||
    "#),
    connection_facts: http("
        frontend: http-request set-header x %[fc_http_major],%[fc_nb_streams],%[fc_err],%[fc_err_name],%[fc_err_str],%[fc_glitches],%[fc_settings_streams_limit]
        backend: http-response set-header y %[bc_http_major],%[bc_nb_streams],%[bc_err],%[bc_err_name],%[bc_err_str],%[bc_reused],%[bc_be_queue],%[bc_srv_queue],%[bc_dst]", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a|x: 1,1,0,,Success,0,1||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content|y: 1,1,0,,Success,0,0,0,127.0.0.1||
    "#).since(3, 4),
    refused_proxy_header: tcp("
        frontend fe
        bind \"fd@${fe}\" accept-proxy name in
        default_backend be
        backend be
        server s ${s}", r#"
        c> hello world, this is no header at all|
        c end
        log fe/in: Received something which does not look like a PROXY protocol header
    "#),
    response_rules_wait_for_their_time_in_http_mode: http("
        backend: tcp-response inspect-delay 60ms
        backend: tcp-response content set-var(txn.late) int(1) if WAIT_END
        backend: http-response set-header x %[var(txn.late)]", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2|x: 1||ok
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content|x: 1||
    "#),
    response_rules_wait_for_the_end_of_what_comes: http("
        backend: tcp-response inspect-delay 1h
        backend: tcp-response content reject if { res.len gt 1000 } WAIT_END
        backend: tcp-response content set-var(txn.late) int(1) if WAIT_END
        backend: http-response set-header x %[var(txn.late)]", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK||ok
        s close
        c^ HTTP/1.1 200 OK|connection: close|x: 1||
        c~ ok
        c eof
    "#),
    a_rule_that_need_not_wait_decides_at_once: http("
        backend: tcp-response inspect-delay 1h
        backend: tcp-response content accept if { status 200 }
        backend: tcp-response content reject if WAIT_END", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        c open
    "#),
    a_rule_that_waited_rejects: http("
        backend: tcp-response inspect-delay 60ms
        backend: tcp-response content reject if { status 200 } WAIT_END", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c end
        log fe be/s #/#/#/-1/# 200 # - - PD-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
}
