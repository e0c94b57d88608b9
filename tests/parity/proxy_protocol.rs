//! The PROXY protocol, received and sent.

use crate::case::{http, tcp};

/// A TCP frontend that expects the header.
macro_rules! accepting {
    ($lines:literal) => {
        concat!(
            "frontend fe\n bind \"fd@${fe}\" accept-proxy\n default_backend be\n",
            "backend be\n server s ${s} ", $lines
        )
    };
}

cases! {
    ends_of_the_connection_itself: http("frontend: tcp-request connection set-src ipv4(192.0.2.9)
        frontend: tcp-request connection expect-proxy layer4
        frontend: http-request return status 200 hdr x \"%[src] %[fc_src] %[dst] %[fc_dst]\"", r#"
        c> PROXY TCP4 192.0.2.1 198.51.100.2 1234 80|GET / HTTP/1.1|host: h||
        c< HTTP/1.1 200 OK|content-length: 0|x: 192.0.2.1 192.0.2.9 198.51.100.2 127.0.0.1||
    "#).since(3, 4),
    v1: tcp(accepting!(""), r#"
        c> PROXY TCP4 192.0.2.1 198.51.100.2 1234 80|hello
        s= hello
        s close
        c eof
        c close
        log 192.0.2.1:1234 fe be/s #/#/# 0 -- 1/1/0/0/0 0/0
    "#),
    v1_in_two_pieces: tcp(accepting!(""), r#"
        c> PROXY TCP4 192.0.2.1 198
        c> .51.100.2 1234 80|hello
        s= hello
    "#),
    v1_ipv6: tcp(accepting!(""), r#"
        c> PROXY TCP6 2001:db8::1 2001:db8::2 1234 80|hello
        s= hello
        s close
        c eof
        c close
        log 2001:db8::1:1234 fe be/s #/#/# 0 -- 1/1/0/0/0 0/0
    "#),
    v1_unknown: tcp(accepting!(""), r#"
        c> PROXY UNKNOWN|hello
        s= hello
        s close
        c eof
        c close
        log fe be/s #/#/# 0 -- 1/1/0/0/0 0/0
    "#),
    v2: tcp(accepting!(""), r#"
        c> ||\0|QUIT\n\x21\x11\0\x0c\xc0\0\x02\x01\xc6\x33\x64\x02\x04\xd2\0\x50hello
        s= hello
        s close
        c eof
        c close
        log 192.0.2.1:1234 fe be/s #/#/# 0 -- 1/1/0/0/0 0/0
    "#),
    v2_local: tcp(accepting!(""), r#"
        c> ||\0|QUIT\n\x20\0\0\0hello
        s= hello
    "#),
    v2_with_a_tlv: tcp(accepting!(""), r#"
        c> ||\0|QUIT\n\x21\x11\0\x11\xc0\0\x02\x01\xc6\x33\x64\x02\x04\xd2\0\x50\xea\0\x02abhello
        s= hello
    "#),
    no_header: tcp(accepting!(""), r#"
        c> hello world, this is no header at all|
        c end
        s unused
    "#),
    v1_with_a_bad_address: tcp(accepting!(""), r#"
        c> PROXY TCP4 192.0.2.256 198.51.100.2 1234 80|hello
        c end
        s unused
    "#).differs("192.0.2.256 is no address", r#"
        c> PROXY TCP4 192.0.2.256 198.51.100.2 1234 80|hello
        s= hello
    "#),
    v1_too_long: tcp(accepting!(""), r#"
        c> PROXY TCP4 {1*200}|
        c end
        s unused
    "#),
    v2_with_a_bad_version: tcp(accepting!(""), r#"
        c> ||\0|QUIT\n\x31\x11\0\x0c\xc0\0\x02\x01\xc6\x33\x64\x02\x04\xd2\0\x50hello
        c end
        s unused
    "#),
    send_v1: tcp("server: send-proxy", r#"
        c> hello
        s= PROXY TCP4 127.0.0.1 127.0.0.1 ${c.port} ${fe.port}|hello
    "#),
    send_v2: tcp("server: send-proxy-v2", r#"
        c> hello
        s= ||\0|QUIT\n\x21\x11\0\x0c\x7f\0\0\x01\x7f\0\0\x01${c.port16}${fe.port16}hello
    "#),
    send_v2_with_a_unique_id: tcp("frontend: unique-id-format id-%ft; server: send-proxy-v2 proxy-v2-options unique-id", r#"
        c> hello
        s= ||\0|QUIT\n\x21\x11\0\x14\x7f\0\0\x01\x7f\0\0\x01${c.port16}${fe.port16}\x05\0\x05id-fehello
    "#),
    v1_in_v2_out: tcp(accepting!("send-proxy-v2"), r#"
        c> PROXY TCP4 192.0.2.1 198.51.100.2 1234 80|hello
        s= ||\0|QUIT\n\x21\x11\0\x0c\xc0\0\x02\x01\xc6\x33\x64\x02\x04\xd2\0\x50hello
    "#),
    ipv6_in_v1_out: tcp(accepting!("send-proxy"), r#"
        c> PROXY TCP6 2001:db8::1 2001:db8::2 1234 80|hello
        s= PROXY TCP6 2001:db8::1 2001:db8::2 1234 80|hello
    "#),
    http_uses_the_announced_address: http("frontend fe
        bind \"fd@${fe}\" accept-proxy
        option forwardfor
        http-request set-header x-port %[dst_port]
        default_backend be
        backend be
        server s ${s}", r#"
        c> PROXY TCP4 192.0.2.1 198.51.100.2 1234 8080|GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a|x-forwarded-for: 192.0.2.1|x-port: 8080||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        log 192.0.2.1:1234 fe be/s #/#/#/#/# 204 # - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    http_sends_v1_once_per_connection: http("server: send-proxy", r#"
        c> GET /1 HTTP/1.1|host: a||
        s= PROXY TCP4 127.0.0.1 127.0.0.1 ${c.port} ${fe.port}|
        s< GET /1 HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        c> GET /2 HTTP/1.1|host: a||
        s< GET /2 HTTP/1.1|host: a||
    "#),
}
