//! Who keeps which connection: client and server versions, connection headers, the three options.

use crate::case::http;

cases! {
    both_1_1_stay_open: http("", r#"
        c> GET /a HTTP/1.1|host: a||
        s< GET /a HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        log fe be/s #/#/#/#/# 200 # - - ---- 1/1/0/0/0 0/0 "GET /a HTTP/1.1"
        c> GET /b HTTP/1.1|host: a||
        s< GET /b HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        log fe be/s #/#/#/#/# 200 # - - ---- 1/1/0/0/0 0/0 "GET /b HTTP/1.1"
        c open
    "#),
    client_asks_to_close: http("", r#"
        c> GET / HTTP/1.1|host: a|connection: close||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2|connection: close||ok
        c eof
        log fe be/s #/#/#/#/# 200 # - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    a_closing_client_leaves_the_server_connection_to_the_next: http("http-reuse always", r#"
        c> GET / HTTP/1.1|host: a|connection: close||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2|connection: close||ok
        c eof
        c2> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c2< HTTP/1.1 200 OK|content-length: 2||ok
    "#),
    server_asks_to_close: http("", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 2|connection: close||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        s end
        c> GET / HTTP/1.1|host: a||
        s2< GET / HTTP/1.1|host: a||
        s2> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        c open
    "#),
    client_1_0_closes: http("", r#"
        c> GET / HTTP/1.0||
        s< GET / HTTP/1.0|connection: keep-alive||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2|connection: close||ok
        c eof
        log fe be/s #/#/#/#/# 200 # - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.0"
    "#),
    client_1_0_keep_alive: http("", r#"
        c> GET / HTTP/1.0|connection: keep-alive||
        s< GET / HTTP/1.0|connection: keep-alive||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2|connection: keep-alive||ok
        c open
    "#),
    client_1_0_keep_alive_in_capitals_and_a_list: http("", r#"
        c> GET / HTTP/1.0|Connection: x-other, Keep-Alive||
        s< GET / HTTP/1.0|connection: keep-alive||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2|connection: keep-alive||ok
        c open
    "#).differs("RFC 9110 7.6.1: what Connection names, and Keep-Alive, are for one hop", r#"
        c> GET / HTTP/1.0|Connection: x-other, Keep-Alive||
        s< GET / HTTP/1.0|connection: x-other|connection: keep-alive||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2|connection: keep-alive||ok
        c open
    "#),
    client_1_1_says_both: http("", r#"
        c> GET / HTTP/1.1|host: a|connection: keep-alive, close||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2|connection: close||ok
        c eof
    "#),
    server_1_0_closes: http("", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.0 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        s end
        c open
    "#).differs("RFC 9110 2.5: an intermediary sends its own version", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.0 200 OK|content-length: 2||ok
        c< HTTP/1.0 200 OK|connection: keep-alive|content-length: 2||ok
        s end
        c open
    "#),
    server_1_0_keep_alive: http("", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.0 200 OK|content-length: 2|connection: keep-alive||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.0 200 OK|content-length: 2|connection: keep-alive||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        c open
    "#).differs("RFC 9110 2.5: an intermediary sends its own version", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.0 200 OK|content-length: 2|connection: keep-alive||ok
        c< HTTP/1.0 200 OK|connection: keep-alive|content-length: 2||ok
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.0 200 OK|content-length: 2|connection: keep-alive||ok
        c< HTTP/1.0 200 OK|connection: keep-alive|content-length: 2||ok
        c open
    "#),
    both_1_0_keep_alive: http("", r#"
        c> GET / HTTP/1.0|connection: keep-alive||
        s< GET / HTTP/1.0|connection: keep-alive||
        s> HTTP/1.0 200 OK|content-length: 2|connection: keep-alive||ok
        c< HTTP/1.1 200 OK|connection: keep-alive|content-length: 2||ok
        c open
    "#).differs("RFC 9110 2.5: an intermediary sends its own version", r#"
        c> GET / HTTP/1.0|connection: keep-alive||
        s< GET / HTTP/1.0|connection: keep-alive||
        s> HTTP/1.0 200 OK|content-length: 2|connection: keep-alive||ok
        c< HTTP/1.0 200 OK|connection: keep-alive|content-length: 2||ok
        c open
    "#),
    keep_alive_header_is_hop_by_hop: http("", r#"
        c> GET / HTTP/1.1|host: a|keep-alive: timeout=5|connection: keep-alive||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 2|keep-alive: timeout=5|connection: keep-alive||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        c open
    "#).differs("RFC 9110 7.6.1: what Connection names, and Keep-Alive, are for one hop", r#"
        c> GET / HTTP/1.1|host: a|keep-alive: timeout=5|connection: keep-alive||
        s< GET / HTTP/1.1|host: a|keep-alive: timeout=5||
        s> HTTP/1.1 200 OK|content-length: 2|keep-alive: timeout=5|connection: keep-alive||ok
        c< HTTP/1.1 200 OK|content-length: 2|keep-alive: timeout=5||ok
        c open
    "#),
    proxy_connection_is_no_connection_header: http("", r#"
        c> GET / HTTP/1.1|host: a|proxy-connection: close||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        c open
    "#).differs("RFC 9110 7.6.1: what Connection names, and Proxy-Connection, are for one hop", r#"
        c> GET / HTTP/1.1|host: a|proxy-connection: close||
        s< GET / HTTP/1.1|host: a|proxy-connection: close||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        c open
    "#),
    http_server_close_with_1_1: http("option http-server-close", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a|connection: close||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        s end
        c> GET / HTTP/1.1|host: a||
        s2< GET / HTTP/1.1|host: a|connection: close||
        s2> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        c open
        log fe be/s #/#/#/#/# 200 # - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
        log fe be/s #/#/#/#/# 200 # - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    http_server_close_with_a_keeping_server: http("option http-server-close", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a|connection: close||
        s> HTTP/1.1 200 OK|content-length: 2|connection: keep-alive||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        s end
        c open
    "#),
    http_server_close_with_1_0_keep_alive: http("option http-server-close", r#"
        c> GET / HTTP/1.0|connection: keep-alive||
        s< GET / HTTP/1.0||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2|connection: keep-alive||ok
        s end
        c open
    "#),
    httpclose_with_1_1: http("option httpclose", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a|connection: close||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2|connection: close||ok
        c eof
        s end
        log fe be/s #/#/#/#/# 200 # - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    httpclose_with_1_0_keep_alive: http("option httpclose", r#"
        c> GET / HTTP/1.0|connection: keep-alive||
        s< GET / HTTP/1.0||
        s> HTTP/1.1 200 OK|content-length: 2|connection: keep-alive||ok
        c< HTTP/1.1 200 OK|content-length: 2|connection: close||ok
        c eof
        s end
    "#),
    httpclose_in_the_backend_only: http("backend: option httpclose", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a|connection: close||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        c open
    "#),
    httpclose_in_the_frontend_only: http("frontend: option httpclose", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2|connection: close||ok
        c eof
    "#).since(3, 4),
    http_server_close_loses_to_httpclose: http("frontend: option httpclose; backend: option http-server-close", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a|connection: close||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2|connection: close||ok
        c eof
    "#),
    no_option_httpclose_returns_to_keep_alive: http("option httpclose; frontend: no option httpclose; backend: no option httpclose", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        c open
    "#),
    close_delimited_response_closes_a_1_0_client: http("", r#"
        c> GET / HTTP/1.0|connection: keep-alive||
        s< GET / HTTP/1.0|connection: keep-alive||
        s> HTTP/1.0 200 OK||until the end
        s close
        c< HTTP/1.1 200 OK|connection: close||until the end
        c eof
        log fe be/s #/#/#/#/# 200 # - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.0"
    "#).differs("RFC 9110 2.5: an intermediary sends its own version", r#"
        c> GET / HTTP/1.0|connection: keep-alive||
        s< GET / HTTP/1.0|connection: keep-alive||
        s> HTTP/1.0 200 OK||until the end
        s close
        c< HTTP/1.0 200 OK||until the end
        c eof
        log fe be/s #/#/#/#/# 200 # - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.0"
    "#),
    close_delimited_response_closes_a_1_1_client: http("", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK||until the end
        s close
        c< HTTP/1.1 200 OK|connection: close||until the end
        c eof
    "#),
    chunked_response_to_a_1_0_client: http("", r#"
        c> GET / HTTP/1.0|connection: keep-alive||
        s< GET / HTTP/1.0|connection: keep-alive||
        s> HTTP/1.1 200 OK|transfer-encoding: chunked||5|hello|0||
        c< HTTP/1.1 200 OK|connection: close||hello
        c eof
    "#).differs("RFC 9112 7: a 1.0 client can't read chunks, so the end of the connection ends the body", r#"
        c> GET / HTTP/1.0|connection: keep-alive||
        s< GET / HTTP/1.0|connection: keep-alive||
        s> HTTP/1.1 200 OK|transfer-encoding: chunked||5|hello|0||
        c< HTTP/1.1 200 OK|connection: keep-alive|transfer-encoding: chunked||hello
        c open
    "#),
    idle_client_connection_is_closed_silently: http("timeout http-keep-alive 50ms", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        c eof
        log fe be/s #/#/#/#/# 200 # - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    server_connection_belongs_to_its_client_with_reuse_never: http("http-reuse never", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        c2> GET / HTTP/1.1|host: a||
        s2< GET / HTTP/1.1|host: a||
        s2> HTTP/1.1 200 OK|content-length: 2||ok
        c2< HTTP/1.1 200 OK|content-length: 2||ok
        c> GET /again HTTP/1.1|host: a||
        s< GET /again HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
    "#),
    first_request_of_a_client_takes_a_fresh_connection_with_reuse_safe: http("http-reuse safe", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        c2> GET / HTTP/1.1|host: a||
        s2< GET / HTTP/1.1|host: a||
        s2> HTTP/1.1 200 OK|content-length: 2||ok
        c2< HTTP/1.1 200 OK|content-length: 2||ok
    "#),
    a_full_pool_refuses_the_newest_connection: http("http-reuse safe; server: pool-max-conn 1", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        c2> GET / HTTP/1.1|host: a||
        s2< GET / HTTP/1.1|host: a||
        s2> HTTP/1.1 204 No Content||
        c2< HTTP/1.1 204 No Content||
        s2 end
        c2> GET /again HTTP/1.1|host: a||
        s< GET /again HTTP/1.1|host: a||
    "#),
    connections_beyond_those_needed_at_once_are_closed: http("http-reuse safe", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        c2> GET / HTTP/1.1|host: a||
        s2< GET / HTTP/1.1|host: a||
        s2> HTTP/1.1 204 No Content||
        c2< HTTP/1.1 204 No Content||
        s2 end
    "#),
    a_few_more_are_kept_with_pool_low_conn: http("http-reuse safe; server: pool-low-conn 1
        global: stats socket \"fd@${cli}\" level admin", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        c2> GET / HTTP/1.1|host: a||
        s2< GET / HTTP/1.1|host: a||
        s2> HTTP/1.1 204 No Content||
        c2< HTTP/1.1 204 No Content||
        stat be/s srv_icur=2
        c3> GET / HTTP/1.1|host: a||
        s3< GET / HTTP/1.1|host: a||
        s3> HTTP/1.1 204 No Content||
        c3< HTTP/1.1 204 No Content||
        s3 end
        stat be/s srv_icur=2
    "#).since(3, 4),
    no_connection_is_kept_without_a_purge_delay: http("http-reuse always; server: pool-purge-delay 0", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        s end
    "#),
    leading_empty_lines_are_skipped: http("", r#"
        c> ||GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        c> |GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        c open
    "#),
}
