//! Which server a request goes to: every algorithm and hash, key by key.
//!
//! The servers refuse connections; the log names the one that was tried.

use crate::case::{http, tcp};

/// Requests, one line and further headers each, and the servers they go to.
macro_rules! to {
    ($config:expr, $($line:literal $headers:literal $server:literal)*) => {
        http(
            concat!("retries 0\nfrontend: log-format %b/%s\n", $config),
            concat!($(
                "c> ", $line, "|host: a|", $headers, "|\nc< {503}\nlog be/", $server, "\n",
            )*),
        )
    };
}

cases! {
    uri_in_a_table: to!(
        concat!(
            "backend: balance uri\n",
            "backend: server a ${closed}\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed}\n",
            "backend: server d ${closed}\n",
        ),
        "GET /k0 HTTP/1.1" "" "a"
        "GET /k1 HTTP/1.1" "" "b"
        "GET /k2 HTTP/1.1" "" "c"
        "GET /k3 HTTP/1.1" "" "d"
        "GET /k4 HTTP/1.1" "" "a"
        "GET /k5 HTTP/1.1" "" "b"
        "GET /k6 HTTP/1.1" "" "c"
        "GET /k7 HTTP/1.1" "" "d"
        "GET /k8 HTTP/1.1" "" "a"
        "GET /k9 HTTP/1.1" "" "b"
    ),
    uri_in_a_table_by_weight: to!(
        concat!(
            "backend: balance uri\n",
            "backend: server a ${closed} weight 10\n",
            "backend: server b ${closed} weight 30\n",
            "backend: server c ${closed} weight 20\n",
        ),
        "GET /k0 HTTP/1.1" "" "c"
        "GET /k1 HTTP/1.1" "" "b"
        "GET /k2 HTTP/1.1" "" "b"
        "GET /k3 HTTP/1.1" "" "c"
        "GET /k4 HTTP/1.1" "" "a"
        "GET /k5 HTTP/1.1" "" "b"
        "GET /k6 HTTP/1.1" "" "c"
        "GET /k7 HTTP/1.1" "" "b"
        "GET /k8 HTTP/1.1" "" "b"
        "GET /k9 HTTP/1.1" "" "c"
    ),
    uri_stops_at_the_query: to!(
        concat!(
            "backend: balance uri\n",
            "backend: server a ${closed}\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed}\n",
            "backend: server d ${closed}\n",
        ),
        "GET /a?x=1 HTTP/1.1" "" "c"
        "GET /a?x=2 HTTP/1.1" "" "c"
        "GET /a HTTP/1.1" "" "c"
        "GET /b?y HTTP/1.1" "" "d"
        "GET /b HTTP/1.1" "" "d"
    ),
    uri_whole: to!(
        concat!(
            "backend: balance uri whole\n",
            "backend: server a ${closed}\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed}\n",
            "backend: server d ${closed}\n",
        ),
        "GET /a?x=1 HTTP/1.1" "" "d"
        "GET /a?x=2 HTTP/1.1" "" "a"
        "GET /a HTTP/1.1" "" "c"
        "GET /b?y HTTP/1.1" "" "b"
        "GET /b HTTP/1.1" "" "d"
    ),
    uri_len: to!(
        concat!(
            "backend: balance uri len 3\n",
            "backend: server a ${closed}\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed}\n",
            "backend: server d ${closed}\n",
        ),
        "GET /ab HTTP/1.1" "" "a"
        "GET /abc HTTP/1.1" "" "a"
        "GET /abd?e HTTP/1.1" "" "a"
        "GET /b HTTP/1.1" "" "d"
        "GET /bcde HTTP/1.1" "" "a"
    ),
    uri_depth: to!(
        concat!(
            "backend: balance uri depth 2\n",
            "backend: server a ${closed}\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed}\n",
            "backend: server d ${closed}\n",
        ),
        "GET /a/b/c HTTP/1.1" "" "b"
        "GET /a/b HTTP/1.1" "" "b"
        "GET /a/b/d/e HTTP/1.1" "" "b"
        "GET /a/c/d HTTP/1.1" "" "c"
        "GET /b HTTP/1.1" "" "d"
    ),
    uri_path_only: to!(
        concat!(
            "backend: balance uri path-only\n",
            "backend: server a ${closed}\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed}\n",
            "backend: server d ${closed}\n",
        ),
        "GET /k1 HTTP/1.1" "" "b"
        "GET http://a/k1 HTTP/1.1" "" "b"
        "GET /k2 HTTP/1.1" "" "c"
        "GET http://a/k2?x HTTP/1.1" "" "c"
    ),
    uri_with_authority: to!(
        concat!(
            "backend: balance uri\n",
            "backend: server a ${closed}\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed}\n",
            "backend: server d ${closed}\n",
        ),
        "GET /k1 HTTP/1.1" "" "b"
        "GET http://a/k1 HTTP/1.1" "" "c"
        "GET /k2 HTTP/1.1" "" "c"
        "GET http://a/k2?x HTTP/1.1" "" "d"
    ),
    uri_djb2: to!(
        concat!(
            "backend: balance uri\n",
            "backend: hash-type map-based djb2\n",
            "backend: server a ${closed}\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed}\n",
            "backend: server d ${closed}\n",
        ),
        "GET /k0 HTTP/1.1" "" "d"
        "GET /k1 HTTP/1.1" "" "a"
        "GET /k2 HTTP/1.1" "" "b"
        "GET /k3 HTTP/1.1" "" "c"
        "GET /k4 HTTP/1.1" "" "d"
        "GET /k5 HTTP/1.1" "" "a"
        "GET /k6 HTTP/1.1" "" "b"
        "GET /k7 HTTP/1.1" "" "c"
        "GET /k8 HTTP/1.1" "" "d"
        "GET /k9 HTTP/1.1" "" "a"
    ),
    uri_wt6: to!(
        concat!(
            "backend: balance uri\n",
            "backend: hash-type map-based wt6\n",
            "backend: server a ${closed}\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed}\n",
            "backend: server d ${closed}\n",
        ),
        "GET /k0 HTTP/1.1" "" "b"
        "GET /k1 HTTP/1.1" "" "d"
        "GET /k2 HTTP/1.1" "" "b"
        "GET /k3 HTTP/1.1" "" "d"
        "GET /k4 HTTP/1.1" "" "b"
        "GET /k5 HTTP/1.1" "" "d"
        "GET /k6 HTTP/1.1" "" "b"
        "GET /k7 HTTP/1.1" "" "d"
        "GET /k8 HTTP/1.1" "" "b"
        "GET /k9 HTTP/1.1" "" "d"
    ),
    uri_crc32: to!(
        concat!(
            "backend: balance uri\n",
            "backend: hash-type map-based crc32\n",
            "backend: server a ${closed}\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed}\n",
            "backend: server d ${closed}\n",
        ),
        "GET /k0 HTTP/1.1" "" "d"
        "GET /k1 HTTP/1.1" "" "b"
        "GET /k2 HTTP/1.1" "" "d"
        "GET /k3 HTTP/1.1" "" "b"
        "GET /k4 HTTP/1.1" "" "c"
        "GET /k5 HTTP/1.1" "" "a"
        "GET /k6 HTTP/1.1" "" "c"
        "GET /k7 HTTP/1.1" "" "a"
        "GET /k8 HTTP/1.1" "" "b"
        "GET /k9 HTTP/1.1" "" "d"
    ),
    uri_avalanche: to!(
        concat!(
            "backend: balance uri\n",
            "backend: hash-type map-based sdbm avalanche\n",
            "backend: server a ${closed}\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed}\n",
            "backend: server d ${closed}\n",
        ),
        "GET /k0 HTTP/1.1" "" "c"
        "GET /k1 HTTP/1.1" "" "d"
        "GET /k2 HTTP/1.1" "" "d"
        "GET /k3 HTTP/1.1" "" "c"
        "GET /k4 HTTP/1.1" "" "b"
        "GET /k5 HTTP/1.1" "" "d"
        "GET /k6 HTTP/1.1" "" "c"
        "GET /k7 HTTP/1.1" "" "b"
        "GET /k8 HTTP/1.1" "" "d"
        "GET /k9 HTTP/1.1" "" "b"
    ),
    uri_on_a_ring: to!(
        concat!(
            "backend: balance uri\n",
            "backend: hash-type consistent\n",
            "backend: server a ${closed}\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed}\n",
            "backend: server d ${closed}\n",
        ),
        "GET /k0 HTTP/1.1" "" "a"
        "GET /k1 HTTP/1.1" "" "c"
        "GET /k2 HTTP/1.1" "" "d"
        "GET /k3 HTTP/1.1" "" "c"
        "GET /k4 HTTP/1.1" "" "c"
        "GET /k5 HTTP/1.1" "" "b"
        "GET /k6 HTTP/1.1" "" "b"
        "GET /k7 HTTP/1.1" "" "c"
        "GET /k8 HTTP/1.1" "" "c"
        "GET /k9 HTTP/1.1" "" "c"
    ),
    uri_on_a_ring_by_weight: to!(
        concat!(
            "backend: balance uri\n",
            "backend: hash-type consistent\n",
            "backend: server a ${closed} weight 40\n",
            "backend: server b ${closed} weight 50\n",
            "backend: server c ${closed} weight 60\n",
        ),
        "GET /k0 HTTP/1.1" "" "a"
        "GET /k1 HTTP/1.1" "" "b"
        "GET /k2 HTTP/1.1" "" "c"
        "GET /k3 HTTP/1.1" "" "c"
        "GET /k4 HTTP/1.1" "" "c"
        "GET /k5 HTTP/1.1" "" "c"
        "GET /k6 HTTP/1.1" "" "a"
        "GET /k7 HTTP/1.1" "" "b"
        "GET /k8 HTTP/1.1" "" "a"
        "GET /k9 HTTP/1.1" "" "c"
    ),
    uri_on_a_ring_by_id: to!(
        concat!(
            "backend: balance uri\n",
            "backend: hash-type consistent\n",
            "backend: server a ${closed} id 77\n",
            "backend: server b ${closed} id 5\n",
            "backend: server c ${closed} id 1000000\n",
        ),
        "GET /k0 HTTP/1.1" "" "a"
        "GET /k1 HTTP/1.1" "" "c"
        "GET /k2 HTTP/1.1" "" "a"
        "GET /k3 HTTP/1.1" "" "b"
        "GET /k4 HTTP/1.1" "" "a"
        "GET /k5 HTTP/1.1" "" "c"
        "GET /k6 HTTP/1.1" "" "b"
        "GET /k7 HTTP/1.1" "" "a"
        "GET /k8 HTTP/1.1" "" "c"
        "GET /k9 HTTP/1.1" "" "a"
    ),
    uri_on_a_ring_by_all_of_the_id: to!(
        concat!(
            "backend: balance uri\n",
            "backend: hash-type consistent\n",
            "backend: default-server hash-key id32\n",
            "backend: server a ${closed} id 77\n",
            "backend: server b ${closed} id 5\n",
            "backend: server c ${closed} id 1000000\n",
        ),
        "GET /k0 HTTP/1.1" "" "c"
        "GET /k1 HTTP/1.1" "" "c"
        "GET /k2 HTTP/1.1" "" "b"
        "GET /k3 HTTP/1.1" "" "b"
        "GET /k4 HTTP/1.1" "" "b"
        "GET /k5 HTTP/1.1" "" "c"
        "GET /k6 HTTP/1.1" "" "b"
        "GET /k7 HTTP/1.1" "" "a"
        "GET /k8 HTTP/1.1" "" "a"
        "GET /k9 HTTP/1.1" "" "a"
    ).since(3, 4),
    uri_on_a_ring_by_address: to!(
        concat!(
            "backend: balance uri\n",
            "backend: hash-type consistent\n",
            "backend: default-server hash-key addr\n",
            "backend: server a 127.0.0.1:1\n",
            "backend: server b 127.0.0.2:1\n",
            "backend: server c [::1]:1\n",
        ),
        "GET /k0 HTTP/1.1" "" "c"
        "GET /k1 HTTP/1.1" "" "b"
        "GET /k2 HTTP/1.1" "" "b"
        "GET /k3 HTTP/1.1" "" "c"
        "GET /k4 HTTP/1.1" "" "b"
        "GET /k5 HTTP/1.1" "" "c"
        "GET /k6 HTTP/1.1" "" "c"
        "GET /k7 HTTP/1.1" "" "b"
        "GET /k8 HTTP/1.1" "" "a"
        "GET /k9 HTTP/1.1" "" "a"
    ).since(3, 4),
    uri_on_a_ring_by_address_and_port: to!(
        concat!(
            "backend: balance uri\n",
            "backend: hash-type consistent\n",
            "backend: default-server hash-key addr-port\n",
            "backend: server a 127.0.0.1:1\n",
            "backend: server b 127.0.0.1:2\n",
            "backend: server c [::1]:3\n",
        ),
        "GET /k0 HTTP/1.1" "" "b"
        "GET /k1 HTTP/1.1" "" "a"
        "GET /k2 HTTP/1.1" "" "a"
        "GET /k3 HTTP/1.1" "" "b"
        "GET /k4 HTTP/1.1" "" "b"
        "GET /k5 HTTP/1.1" "" "b"
        "GET /k6 HTTP/1.1" "" "c"
        "GET /k7 HTTP/1.1" "" "b"
        "GET /k8 HTTP/1.1" "" "b"
        "GET /k9 HTTP/1.1" "" "a"
    ).since(3, 4),
    uri_on_a_ring_djb2: to!(
        concat!(
            "backend: balance uri\n",
            "backend: hash-type consistent djb2\n",
            "backend: server a ${closed}\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed}\n",
            "backend: server d ${closed}\n",
        ),
        "GET /k0 HTTP/1.1" "" "d"
        "GET /k1 HTTP/1.1" "" "d"
        "GET /k2 HTTP/1.1" "" "d"
        "GET /k3 HTTP/1.1" "" "d"
        "GET /k4 HTTP/1.1" "" "d"
        "GET /k5 HTTP/1.1" "" "d"
        "GET /k6 HTTP/1.1" "" "d"
        "GET /k7 HTTP/1.1" "" "d"
        "GET /k8 HTTP/1.1" "" "d"
        "GET /k9 HTTP/1.1" "" "d"
    ),
    uri_on_a_ring_wt6_avalanche: to!(
        concat!(
            "backend: balance uri\n",
            "backend: hash-type consistent wt6 avalanche\n",
            "backend: server a ${closed}\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed}\n",
            "backend: server d ${closed}\n",
        ),
        "GET /k0 HTTP/1.1" "" "b"
        "GET /k1 HTTP/1.1" "" "c"
        "GET /k2 HTTP/1.1" "" "d"
        "GET /k3 HTTP/1.1" "" "d"
        "GET /k4 HTTP/1.1" "" "c"
        "GET /k5 HTTP/1.1" "" "a"
        "GET /k6 HTTP/1.1" "" "b"
        "GET /k7 HTTP/1.1" "" "a"
        "GET /k8 HTTP/1.1" "" "a"
        "GET /k9 HTTP/1.1" "" "d"
    ),
    uri_on_a_ring_crc32: to!(
        concat!(
            "backend: balance uri\n",
            "backend: hash-type consistent crc32\n",
            "backend: server a ${closed}\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed}\n",
            "backend: server d ${closed}\n",
        ),
        "GET /k0 HTTP/1.1" "" "c"
        "GET /k1 HTTP/1.1" "" "d"
        "GET /k2 HTTP/1.1" "" "a"
        "GET /k3 HTTP/1.1" "" "d"
        "GET /k4 HTTP/1.1" "" "c"
        "GET /k5 HTTP/1.1" "" "d"
        "GET /k6 HTTP/1.1" "" "c"
        "GET /k7 HTTP/1.1" "" "d"
        "GET /k8 HTTP/1.1" "" "a"
        "GET /k9 HTTP/1.1" "" "c"
    ),
    uri_on_a_ring_with_bounded_loads: to!(
        concat!(
            "backend: balance uri\n",
            "backend: hash-type consistent\n",
            "backend: hash-balance-factor 125\n",
            "backend: server a ${closed}\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed}\n",
            "backend: server d ${closed}\n",
        ),
        "GET /k0 HTTP/1.1" "" "a"
        "GET /k1 HTTP/1.1" "" "c"
        "GET /k2 HTTP/1.1" "" "d"
        "GET /k3 HTTP/1.1" "" "c"
        "GET /k4 HTTP/1.1" "" "c"
        "GET /k5 HTTP/1.1" "" "b"
        "GET /k6 HTTP/1.1" "" "b"
        "GET /k7 HTTP/1.1" "" "c"
        "GET /k8 HTTP/1.1" "" "c"
        "GET /k9 HTTP/1.1" "" "c"
    ),
    uri_as_rules_left_it: to!(
        concat!(
            "backend: balance uri\n",
            "backend: http-request set-path /k3\n",
            "backend: server a ${closed}\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed}\n",
            "backend: server d ${closed}\n",
        ),
        "GET /k1 HTTP/1.1" "" "d"
        "GET /k2 HTTP/1.1" "" "d"
    ),
    numbers_as_hashes: to!(
        concat!(
            "backend: balance hash req.hdr(n)\n",
            "backend: hash-type map-based none\n",
            "backend: server a ${closed}\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed}\n",
            "backend: server d ${closed}\n",
        ),
        "GET / HTTP/1.1" "n: 0|" "a"
        "GET / HTTP/1.1" "n: 1|" "b"
        "GET / HTTP/1.1" "n: 2|" "c"
        "GET / HTTP/1.1" "n: 3|" "d"
        "GET / HTTP/1.1" "n: 7|" "d"
        "GET / HTTP/1.1" "n: -1|" "d"
        "GET / HTTP/1.1" "n: 4294967297|" "b"
        "GET / HTTP/1.1" "n: x|" "a"
    ).since(3, 4),
    numbers_as_hashes_on_a_ring: to!(
        concat!(
            "backend: balance hash req.hdr(n)\n",
            "backend: hash-type consistent none\n",
            "backend: server a ${closed}\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed}\n",
            "backend: server d ${closed}\n",
        ),
        "GET / HTTP/1.1" "n: 0|" "d"
        "GET / HTTP/1.1" "n: 700000001|" "d"
        "GET / HTTP/1.1" "n: 1400000002|" "c"
        "GET / HTTP/1.1" "n: 2100000003|" "b"
        "GET / HTTP/1.1" "n: 2800000004|" "a"
        "GET / HTTP/1.1" "n: 3500000005|" "c"
        "GET / HTTP/1.1" "n: 4200000006|" "d"
    ).since(3, 4),
    expressions: to!(
        concat!(
            "backend: balance hash req.cook(id)\n",
            "backend: server a ${closed}\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed}\n",
            "backend: server d ${closed}\n",
        ),
        "GET / HTTP/1.1" "cookie: id=0|" "a"
        "GET / HTTP/1.1" "cookie: id=1|" "b"
        "GET / HTTP/1.1" "cookie: id=2|" "c"
        "GET / HTTP/1.1" "cookie: id=3|" "d"
        "GET / HTTP/1.1" "cookie: id=4|" "a"
        "GET / HTTP/1.1" "cookie: id=5|" "b"
        "GET / HTTP/1.1" "cookie: id=6|" "c"
        "GET / HTTP/1.1" "cookie: id=7|" "d"
    ),
    expressions_that_are_numbers: to!(
        concat!(
            "backend: balance hash req.hdr(n),length\n",
            "backend: server a ${closed}\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed}\n",
            "backend: server d ${closed}\n",
        ),
        "GET / HTTP/1.1" "n: x|" "b"
        "GET / HTTP/1.1" "n: xx|" "c"
        "GET / HTTP/1.1" "n: xxx|" "d"
        "GET / HTTP/1.1" "n: xxxx|" "a"
        "GET / HTTP/1.1" "n: xxxxx|" "b"
    ),
    expressions_that_are_addresses: to!(
        concat!(
            "backend: balance hash req.hdr_ip(n)\n",
            "backend: server a ${closed}\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed}\n",
            "backend: server d ${closed}\n",
        ),
        "GET / HTTP/1.1" "n: 192.0.2.1|" "d"
        "GET / HTTP/1.1" "n: 192.0.2.2|" "a"
        "GET / HTTP/1.1" "n: 192.0.2.3|" "b"
        "GET / HTTP/1.1" "n: 2001:db8::7|" "d"
    ),
    headers: to!(
        concat!(
            "backend: balance hdr(x-id)\n",
            "backend: server a ${closed}\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed}\n",
            "backend: server d ${closed}\n",
        ),
        "GET / HTTP/1.1" "x-id: a|" "b"
        "GET / HTTP/1.1" "x-id: b|" "c"
        "GET / HTTP/1.1" "x-id: c|" "d"
        "GET / HTTP/1.1" "x-id: d|" "a"
        "GET / HTTP/1.1" "x-id: e|" "b"
        "GET / HTTP/1.1" "x-id: f|" "c"
        "GET / HTTP/1.1" "x-id: g|" "d"
        "GET / HTTP/1.1" "x-id: h|" "a"
        "GET / HTTP/1.1" "x-id: a, b|" "b"
    ),
    headers_on_a_ring: to!(
        concat!(
            "backend: balance hdr(x-id)\n",
            "backend: hash-type consistent\n",
            "backend: server a ${closed}\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed}\n",
            "backend: server d ${closed}\n",
        ),
        "GET / HTTP/1.1" "x-id: usera|" "d"
        "GET / HTTP/1.1" "x-id: userb|" "c"
        "GET / HTTP/1.1" "x-id: userc|" "a"
        "GET / HTTP/1.1" "x-id: userd|" "a"
        "GET / HTTP/1.1" "x-id: usere|" "b"
        "GET / HTTP/1.1" "x-id: userf|" "a"
        "GET / HTTP/1.1" "x-id: userg|" "c"
        "GET / HTTP/1.1" "x-id: userh|" "c"
    ),
    header_use_domain_only: to!(
        concat!(
            "backend: balance hdr(x-host) use_domain_only\n",
            "backend: server a ${closed}\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed}\n",
            "backend: server d ${closed}\n",
        ),
        "GET / HTTP/1.1" "x-host: www.one.example|" "c"
        "GET / HTTP/1.1" "x-host: one.example|" "c"
        "GET / HTTP/1.1" "x-host: a.b.one.net|" "c"
        "GET / HTTP/1.1" "x-host: two.example|" "a"
        "GET / HTTP/1.1" "x-host: three|" "c"
        "GET / HTTP/1.1" "x-host: four.example:80|" "c"
    ),
    without_the_header_in_turn: to!(
        concat!(
            "backend: balance hdr(x-id)\n",
            "backend: server a ${closed}\n",
            "backend: server b ${closed} weight 2\n",
            "backend: server c ${closed}\n",
        ),
        "GET / HTTP/1.1" "y: 1|" "a"
        "GET / HTTP/1.1" "y: 1|" "b"
        "GET / HTTP/1.1" "y: 1|" "b"
        "GET / HTTP/1.1" "y: 1|" "c"
        "GET / HTTP/1.1" "y: 1|" "a"
        "GET / HTTP/1.1" "y: 1|" "b"
    ),
    without_the_header_in_turn_on_a_ring: to!(
        concat!(
            "backend: balance hdr(x-id)\n",
            "backend: hash-type consistent\n",
            "backend: server a ${closed}\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed}\n",
        ),
        "GET / HTTP/1.1" "y: 1|" "c"
        "GET / HTTP/1.1" "y: 1|" "c"
        "GET / HTTP/1.1" "y: 1|" "b"
        "GET / HTTP/1.1" "y: 1|" "a"
        "GET / HTTP/1.1" "y: 1|" "c"
        "GET / HTTP/1.1" "y: 1|" "a"
        "GET / HTTP/1.1" "y: 1|" "a"
        "GET / HTTP/1.1" "y: 1|" "b"
        "GET / HTTP/1.1" "y: 1|" "c"
        "GET / HTTP/1.1" "y: 1|" "a"
        "GET / HTTP/1.1" "y: 1|" "a"
        "GET / HTTP/1.1" "y: 1|" "a"
    ),
    parameters: to!(
        concat!(
            "backend: balance url_param id\n",
            "backend: server a ${closed}\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed}\n",
            "backend: server d ${closed}\n",
        ),
        "GET /?id=a HTTP/1.1" "" "b"
        "GET /?id=b HTTP/1.1" "" "c"
        "GET /?id=c HTTP/1.1" "" "d"
        "GET /?id=d HTTP/1.1" "" "a"
        "GET /?id=e HTTP/1.1" "" "b"
        "GET /?id=f HTTP/1.1" "" "c"
        "GET /?x=1&id=a HTTP/1.1" "" "b"
        "GET /?xid=a HTTP/1.1" "" "a"
        "GET /?id= HTTP/1.1" "" "a"
        "GET / HTTP/1.1" "" "b"
    ),
    the_source: to!(
        concat!(
            "backend: balance source\n",
            "backend: server a ${closed}\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed}\n",
            "backend: server d ${closed}\n",
        ),
        "GET /1 HTTP/1.1" "" "b"
        "GET /2 HTTP/1.1" "" "b"
    ),
    the_source_as_rules_set_it: to!(
        concat!(
            "backend: balance source\n",
            "backend: http-request set-src req.hdr(n)\n",
            "backend: server a ${closed}\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed}\n",
            "backend: server d ${closed}\n",
        ),
        "GET / HTTP/1.1" "n: 192.0.2.1|" "b"
        "GET / HTTP/1.1" "n: 192.0.2.2|" "c"
        "GET / HTTP/1.1" "n: 192.0.2.3|" "d"
        "GET / HTTP/1.1" "n: 192.0.2.4|" "a"
        "GET / HTTP/1.1" "n: 192.0.2.5|" "b"
        "GET / HTTP/1.1" "n: 2001:db8::7:8|" "a"
    ),
    the_source_avalanche: to!(
        concat!(
            "backend: balance source\n",
            "backend: hash-type map-based sdbm avalanche\n",
            "backend: http-request set-src req.hdr(n)\n",
            "backend: server a ${closed}\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed}\n",
            "backend: server d ${closed}\n",
        ),
        "GET / HTTP/1.1" "n: 192.0.2.1|" "b"
        "GET / HTTP/1.1" "n: 192.0.2.2|" "b"
        "GET / HTTP/1.1" "n: 192.0.2.3|" "c"
        "GET / HTTP/1.1" "n: 192.0.2.4|" "b"
        "GET / HTTP/1.1" "n: 192.0.2.5|" "d"
        "GET / HTTP/1.1" "n: 2001:db8::7:8|" "d"
    ),
    the_source_on_a_ring: to!(
        concat!(
            "backend: balance source\n",
            "backend: hash-type consistent\n",
            "backend: http-request set-src req.hdr(n)\n",
            "backend: server a ${closed}\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed}\n",
            "backend: server d ${closed}\n",
        ),
        "GET / HTTP/1.1" "n: 192.0.2.1|" "a"
        "GET / HTTP/1.1" "n: 192.0.2.2|" "a"
        "GET / HTTP/1.1" "n: 192.0.2.3|" "a"
        "GET / HTTP/1.1" "n: 192.0.2.4|" "a"
        "GET / HTTP/1.1" "n: 192.0.2.5|" "a"
        "GET / HTTP/1.1" "n: 2001:db8::7:8|" "b"
    ),
    static_round_robin: to!(
        concat!(
            "backend: balance static-rr\n",
            "backend: server a ${closed} weight 1\n",
            "backend: server b ${closed} weight 2\n",
            "backend: server c ${closed} weight 3\n",
        ),
        "GET / HTTP/1.1" "" "a"
        "GET / HTTP/1.1" "" "c"
        "GET / HTTP/1.1" "" "b"
        "GET / HTTP/1.1" "" "c"
        "GET / HTTP/1.1" "" "b"
        "GET / HTTP/1.1" "" "c"
        "GET / HTTP/1.1" "" "a"
        "GET / HTTP/1.1" "" "c"
        "GET / HTTP/1.1" "" "b"
        "GET / HTTP/1.1" "" "c"
        "GET / HTTP/1.1" "" "b"
        "GET / HTTP/1.1" "" "c"
    ),
    static_round_robin_shares: to!(
        concat!(
            "backend: balance static-rr\n",
            "backend: server a ${closed} weight 100\n",
            "backend: server b ${closed} weight 50\n",
            "backend: server c ${closed} weight 10\n",
        ),
        "GET / HTTP/1.1" "" "a"
        "GET / HTTP/1.1" "" "a"
        "GET / HTTP/1.1" "" "b"
        "GET / HTTP/1.1" "" "a"
        "GET / HTTP/1.1" "" "a"
        "GET / HTTP/1.1" "" "b"
        "GET / HTTP/1.1" "" "a"
        "GET / HTTP/1.1" "" "a"
        "GET / HTTP/1.1" "" "b"
        "GET / HTTP/1.1" "" "a"
        "GET / HTTP/1.1" "" "b"
        "GET / HTTP/1.1" "" "a"
        "GET / HTTP/1.1" "" "a"
        "GET / HTTP/1.1" "" "b"
        "GET / HTTP/1.1" "" "a"
        "GET / HTTP/1.1" "" "c"
    ),
    sticky_to_the_first: to!(
        concat!(
            "backend: balance sticky\n",
            "backend: server a ${closed} disabled\n",
            "backend: server b ${closed} weight 5\n",
            "backend: server c ${closed} weight 9\n",
        ),
        "GET / HTTP/1.1" "" "b"
        "GET / HTTP/1.1" "" "b"
        "GET / HTTP/1.1" "" "b"
    ).since(3, 4),
    first_by_id: to!(
        concat!(
            "backend: balance first\n",
            "backend: server a ${closed} id 30\n",
            "backend: server b ${closed} id 10\n",
            "backend: server c ${closed} id 20\n",
        ),
        "GET / HTTP/1.1" "" "b"
        "GET / HTTP/1.1" "" "b"
        "GET / HTTP/1.1" "" "b"
    ),
    only_the_first_backup: to!(
        concat!(
            "backend: balance roundrobin\n",
            "backend: server a ${closed} disabled\n",
            "backend: server b ${closed} backup\n",
            "backend: server c ${closed} backup\n",
        ),
        "GET / HTTP/1.1" "" "b"
        "GET / HTTP/1.1" "" "b"
        "GET / HTTP/1.1" "" "b"
        "GET / HTTP/1.1" "" "b"
    ),
    all_backups: to!(
        concat!(
            "backend: balance roundrobin\n",
            "backend: option allbackups\n",
            "backend: server a ${closed} disabled\n",
            "backend: server b ${closed} backup\n",
            "backend: server c ${closed} backup weight 2\n",
        ),
        "GET / HTTP/1.1" "" "c"
        "GET / HTTP/1.1" "" "c"
        "GET / HTTP/1.1" "" "b"
        "GET / HTTP/1.1" "" "c"
        "GET / HTTP/1.1" "" "c"
        "GET / HTTP/1.1" "" "b"
    ),
    all_backups_by_hash: to!(
        concat!(
            "backend: balance uri\n",
            "backend: option allbackups\n",
            "backend: server a ${closed} disabled\n",
            "backend: server b ${closed} backup\n",
            "backend: server c ${closed} backup\n",
        ),
        "GET /k0 HTTP/1.1" "" "b"
        "GET /k1 HTTP/1.1" "" "c"
        "GET /k2 HTTP/1.1" "" "b"
        "GET /k3 HTTP/1.1" "" "c"
        "GET /k4 HTTP/1.1" "" "b"
        "GET /k5 HTTP/1.1" "" "c"
        "GET /k6 HTTP/1.1" "" "b"
        "GET /k7 HTTP/1.1" "" "c"
        "GET /k8 HTTP/1.1" "" "b"
        "GET /k9 HTTP/1.1" "" "c"
    ),
    all_backups_on_a_ring: to!(
        concat!(
            "backend: balance uri\n",
            "backend: hash-type consistent\n",
            "backend: option allbackups\n",
            "backend: server a ${closed} disabled\n",
            "backend: server b ${closed} backup\n",
            "backend: server c ${closed} backup\n",
        ),
        "GET /k0 HTTP/1.1" "" "c"
        "GET /k1 HTTP/1.1" "" "c"
        "GET /k2 HTTP/1.1" "" "b"
        "GET /k3 HTTP/1.1" "" "c"
        "GET /k4 HTTP/1.1" "" "c"
        "GET /k5 HTTP/1.1" "" "b"
        "GET /k6 HTTP/1.1" "" "b"
        "GET /k7 HTTP/1.1" "" "c"
        "GET /k8 HTTP/1.1" "" "c"
        "GET /k9 HTTP/1.1" "" "c"
    ),
    hashes_leave_out_weight_0: to!(
        concat!(
            "backend: balance uri\n",
            "backend: server a ${closed} weight 0\n",
            "backend: server b ${closed} weight 4\n",
            "backend: server c ${closed} weight 4\n",
        ),
        "GET /k0 HTTP/1.1" "" "b"
        "GET /k1 HTTP/1.1" "" "c"
        "GET /k2 HTTP/1.1" "" "b"
        "GET /k3 HTTP/1.1" "" "c"
        "GET /k4 HTTP/1.1" "" "b"
        "GET /k5 HTTP/1.1" "" "c"
        "GET /k6 HTTP/1.1" "" "b"
        "GET /k7 HTTP/1.1" "" "c"
        "GET /k8 HTTP/1.1" "" "b"
        "GET /k9 HTTP/1.1" "" "c"
    ),
    ring_leaves_out_weight_0: to!(
        concat!(
            "backend: balance uri\n",
            "backend: hash-type consistent\n",
            "backend: server a ${closed} weight 0\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed} disabled\n",
            "backend: server d ${closed}\n",
        ),
        "GET /k0 HTTP/1.1" "" "b"
        "GET /k1 HTTP/1.1" "" "b"
        "GET /k2 HTTP/1.1" "" "d"
        "GET /k3 HTTP/1.1" "" "b"
        "GET /k4 HTTP/1.1" "" "b"
        "GET /k5 HTTP/1.1" "" "b"
        "GET /k6 HTTP/1.1" "" "b"
        "GET /k7 HTTP/1.1" "" "b"
        "GET /k8 HTTP/1.1" "" "b"
        "GET /k9 HTTP/1.1" "" "d"
    ),
    use_server: to!(
        concat!(
            "backend: balance roundrobin\n",
            "backend: use-server c if { path /c }\n",
            "backend: use-server %[path,word(2,/)] unless { path / }\n",
            "backend: server a ${closed}\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed}\n",
            "backend: server d ${closed}\n",
        ),
        "GET / HTTP/1.1" "" "a"
        "GET /c HTTP/1.1" "" "c"
        "GET / HTTP/1.1" "" "b"
        "GET /b/x HTTP/1.1" "" "c"
        "GET /zz HTTP/1.1" "" "d"
        "GET /d HTTP/1.1" "" "a"
    ),
    use_server_passes_over_one_that_is_down: to!(
        concat!(
            "backend: balance roundrobin\n",
            "backend: use-server a if TRUE\n",
            "backend: use-server c if TRUE\n",
            "backend: server a ${closed} disabled\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed}\n",
        ),
        "GET / HTTP/1.1" "" "c"
        "GET / HTTP/1.1" "" "c"
    ),
    use_server_takes_weight_0_and_backups: to!(
        concat!(
            "backend: balance roundrobin\n",
            "backend: use-server a if { path /a }\n",
            "backend: use-server c if { path /c }\n",
            "backend: server a ${closed} weight 0\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed} backup\n",
        ),
        "GET /a HTTP/1.1" "" "a"
        "GET / HTTP/1.1" "" "b"
        "GET /c HTTP/1.1" "" "c"
    ),
    use_server_forced_to_one_that_is_down: to!(
        concat!(
            "backend: balance roundrobin\n",
            "backend: force-persist if { path /f }\n",
            "backend: use-server a if TRUE\n",
            "backend: server a ${closed} disabled\n",
            "backend: server b ${closed}\n",
            "backend: server c ${closed}\n",
        ),
        "GET / HTTP/1.1" "" "b"
        "GET /f HTTP/1.1" "" "a"
    ),
    a_form_is_looked_at_too: http("retries 0; frontend: log-format %b/%s; option http-buffer-request; backend: balance url_param id check_post
        backend: server a ${closed}; backend: server b ${closed}; backend: server c ${closed}; backend: server d ${closed}", r#"
        c1> POST / HTTP/1.1|host: a|content-length: 8||x=1&id=a
        c1< {503}
        log be/b
        c2> POST / HTTP/1.1|host: a|content-length: 8||x=1&id=b
        c2< {503}
        log be/c
        c3> POST / HTTP/1.1|host: a|content-length: 8||x=1&id=c
        c3< {503}
        log be/d
        c4> POST / HTTP/1.1|host: a|content-length: 8||x=1&id=d
        c4< {503}
        log be/a
        c5> POST / HTTP/1.1|host: a|content-length: 8||x=1&id=e
        c5< {503}
        log be/b
        c6> POST / HTTP/1.1|host: a|content-length: 8||x=1&id=f
        c6< {503}
        log be/c
    "#),
    a_request_waits_for_its_server: http("backend: balance uri; backend: server s ${s} maxconn 1; backend: server t ${t} maxconn 1", r#"
        c1> GET /k0 HTTP/1.1|host: a||
        s< GET /k0 HTTP/1.1|host: a||
        c2> GET /k0 HTTP/1.1|host: a||
        c3> GET /k1 HTTP/1.1|host: a||
        t< GET /k1 HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c1< HTTP/1.1 204 No Content||
        s2< GET /k0 HTTP/1.1|host: a||
        s2> HTTP/1.1 204 No Content||
        c2< HTTP/1.1 204 No Content||
    "#),
    or_goes_to_the_next_one: http("backend: balance uri; backend: hash-type consistent; backend: hash-preserve-affinity maxconn
        backend: server s ${s} maxconn 1; backend: server t ${t} maxconn 1", r#"
        c1> GET /k0 HTTP/1.1|host: a||
        s< GET /k0 HTTP/1.1|host: a||
        c2> GET /k0 HTTP/1.1|host: a||
        t< GET /k0 HTTP/1.1|host: a||
    "#).since(3, 4),
    a_chosen_server_is_waited_for: http("backend: balance roundrobin; backend: use-server t if { path /t }
        backend: server s ${s} maxconn 1; backend: server t ${t} maxconn 1", r#"
        c1> GET /t HTTP/1.1|host: a||
        t< GET /t HTTP/1.1|host: a||
        c2> GET /t HTTP/1.1|host: a||
        c3> GET /3 HTTP/1.1|host: a||
        s< GET /3 HTTP/1.1|host: a||
        t> HTTP/1.1 204 No Content||
        c1< HTTP/1.1 204 No Content||
        t2< GET /t HTTP/1.1|host: a||
    "#),
    a_key_stays_with_its_server_until_the_last_retry: http("timeout connect 20ms; retries 2; option redispatch; hash-type consistent
        backend: balance uri; backend: server s ${closed}; backend: server t ${t}", r#"
        c> GET /k0 HTTP/1.1|host: a||
        t< GET /k0 HTTP/1.1|host: a||
        t> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        log fe be/t #/#/#/#/# 200 # - - ---- 1/1/0/0/+2 0/0 "GET /k0 HTTP/1.1"
    "#),
    remote_desktop_cookies: tcp("frontend: tcp-request inspect-delay 5s; frontend: tcp-request content accept if { req.rdp_cookie_cnt gt 0 }
        backend: balance rdp-cookie; backend: server s ${s}; backend: server t ${t}", r#"
        c1> 12345678901Cookie: mstshash=a|
        t= 12345678901Cookie: mstshash=a|
        c2> 12345678901Cookie: mstshash=b|
        s= 12345678901Cookie: mstshash=b|
    "#),
}
