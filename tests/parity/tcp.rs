//! TCP mode: bytes, ends and log lines.

use crate::case::tcp;

cases! {
    relay: tcp("", r#"
        c> hello
        s= hello
        s> world!
        c= world!
        c shut
        s eof
        s close
        c eof
        log fe be/s #/#/# 6 -- 1/1/0/0/0 0/0
    "#),
    server_speaks_first: tcp("", r#"
        c connect
        s> 220 ready|
        c= 220 ready|
        c> QUIT|
        s= QUIT|
        s close
        c eof
        c close
        log fe be/s #/#/# 11 -- 1/1/0/0/0 0/0
    "#),
    client_half_closes_and_reads_on: tcp("", r#"
        c> question
        c shut
        s= question
        s eof
        s> long
        s> answer
        s close
        c= longanswer
        c eof
        log fe be/s #/#/# 10 -- 1/1/0/0/0 0/0
    "#),
    server_half_closes_and_reads_on: tcp("", r#"
        c connect
        s> hello
        c= hello
        s shut
        c eof
        c> more
        s= more
        c close
        s eof
        log fe be/s #/#/# 5 -- 1/1/0/0/0 0/0
    "#),
    large_both_ways: tcp("", r#"
        c> {0123456789*100000}
        s> {abcdefghij*100000}
        s= {0123456789*100000}
        c= {abcdefghij*100000}
        c shut
        s eof
        s close
        c eof
        log fe be/s #/#/# 1000000 -- 1/1/0/0/0 0/0
    "#),
    client_timeout: tcp("timeout client 60ms; timeout server 250ms", r#"
        c> hello
        s= hello
        c end
        s end
        log fe be/s #/#/# 0 cD 1/1/0/0/0 0/0
    "#),
    server_timeout: tcp("timeout server 60ms; timeout client 250ms", r#"
        c> hello
        s= hello
        c end
        s end
        log fe be/s #/#/# 0 sD 1/1/0/0/0 0/0
    "#),
    timeout_after_a_half_close: tcp("timeout client-fin 60ms; timeout server-fin 60ms", r#"
        c> hello
        c shut
        s= hello
        s eof
        s end
        log fe be/s #/#/# 0 sD 1/1/0/0/0 0/0
    "#),
    timeout_tunnel_wins: tcp("timeout tunnel 60ms", r#"
        c> hello
        s= hello
        s> world
        c= world
        c end
        s end
        log fe be/s #/#/# 5 cD 1/1/0/0/0 0/0
    "#),
    server_refuses: tcp("retries 0; backend: server s ${closed}", r#"
        c connect
        c end
        log fe be/s #/-1/# 0 SC 1/1/0/0/0 0/0
    "#),
    no_server: tcp("server: disabled", r#"
        c connect
        c end
        log fe be/<NOSRV> -1/-1/# 0 SC 1/1/0/0/0 0/0
    "#),
    connect_timeout: tcp("timeout connect 60ms; retries 0; backend: server s ${full}", r#"
        c connect
        c end
        log fe be/s #/-1/# 0 sC 1/1/0/0/0 0/0
    "#),
    client_resets: tcp("", r#"
        c> hello
        s= hello
        c abort
        s end
        log fe be/s #/#/# 0 CD 1/1/0/0/0 0/0
    "#),
    server_resets: tcp("", r#"
        c> hello
        s= hello
        s abort
        c end
        log fe be/s #/#/# 0 SD 1/1/0/0/0 0/0
    "#),
    queue_timeout: tcp("timeout queue 60ms; server: maxconn 1", r#"
        c> hello
        s= hello
        c2 connect
        c2 end
        log fe be/<NOSRV> #/-1/# 0 sQ 2/2/1/0/0 0/1
    "#),
    round_robin: tcp("balance roundrobin; backend: server s ${s}; backend: server t ${t}", r#"
        c connect
        s> s
        c= s
        c2 connect
        t> t
        c2= t
        c3 connect
        s2> s
        c3= s
    "#),
    short_log_line: tcp("defaults
        mode tcp
        log global
        timeout connect 6s
        timeout client 6s
        timeout server 6s
        listen fe
        bind \"fd@${fe}\"
        server s ${s}", r#"
        c> hello
        s= hello
        log Connect from # to # (fe/TCP)
    "#),
    http_mode_log_is_not_needed_for_http_bytes: tcp("", r#"
        c> GET / HTTP/1.1||
        s= GET / HTTP/1.1||
        s> HTTP/1.1 200 OK||
        s close
        c= HTTP/1.1 200 OK||
        c eof
        c close
        log fe be/s #/#/# 19 -- 1/1/0/0/0 0/0
    "#),
    bulk_both_ways: tcp("", r#"
        c> ask
        s~ ask
        s> {y*300000}
        c= {y*300000}
        c> {x*300000}
        s= {x*300000}
        c shut
        s eof
        s> bye
        s close
        c= bye
        c eof
        log fe be/s #/#/# 300003 -- 1/1/0/0/0 0/0
    "#),
    client_that_does_not_read_is_not_the_servers_fault: tcp("timeout server 300ms", r#"
        c> ask
        s= ask
        s> {y*20000000}
        c2> ask
        s2= ask
        c2 end
        c= {y*5000000}
    "#).since(3, 4),
}
