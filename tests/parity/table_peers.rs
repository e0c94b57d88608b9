//! What peers say to each other, byte by byte: the script is the peer `B` of the proxy, `A`.

use crate::case::{Case, http};

/// A case with a section `mesh`; the script's clients `c\x2026` are peers, `d\x2026` send requests.
const fn mesh(script: &'static str) -> Case {
    http(
        "global: localpeer A
        global: stats socket \"fd@${cli}\" level admin
        frontend other
        bind \"fd@${fe2}\"
        http-request return status 200
        peers mesh
        bind \"fd@${fe}\"
        server A
        server B ${closed}
        table t type string size 10 expire 1h store gpc0",
        script,
    )
    .since(3, 4)
}

cases! {
    who_is_greeted: mesh(r#"
        c> GET / HTTP/1.1||
        c= 501\n
        c end
        c2> HAProxyS 1.0\n
        c2= 502\n
        c2 end
        c3> HAProxyS 2.1\nC\nB 1 1\n
        c3= 503\n
        c3 end
        c4> HAProxyS 2.1\nA\nC 1 1\n
        c4= 504\n
        c4 end
        c5> HAProxyS 2.1\nA\nB 1 1\n
        c5= 200\n\0\0
        c6> HAProxyS 2.0\nA\nB 1 1\n
        c5 end
        c6= 200\n\0\0
    "#),
    changes_are_told_and_acknowledged: mesh(r#"
        c> HAProxyS 2.1\nA\nB 1 1\n
        c= 200\n\0\0
        c> \0\x01
        c= \0\x03
        cli set table mesh/t key one data.gpc0 5 =>
        c= \x0a\x82\x0b\x01\x02/t\x06\x20\x04\xf0\xd9\xdc\x0c\x0a\x80\x09\x00\x00\x00\x01\x03one\x05
        c> \x0a\x84\x05\x01\x00\x00\x00\x01
        cli set table mesh/t key two data.gpc0 500 =>
        c= \x0a\x80\x0a\x00\x00\x00\x02\x03two\xf4\x10
        cli set table mesh/t key one data.gpc0 6 =>
        c= \x0a\x80\x09\x00\x00\x00\x03\x03one\x06
    "#),
    changes_of_peers_are_learned: mesh(r#"
        c> HAProxyS 2.1\nA\nB 1 1\n
        c= 200\n\0\0
        c> \x0a\x82\x0b\x05\x02/t\x06\x20\x04\xf0\xd9\xdc\x0c\x0a\x85\x0f\x00\x00\x00\x01\x00\x00\xea\x60\x05early\x03\0\x01
        c= \0\x03
        c> \x0a\x81\x06\x03two\xfc\x03\x0a\x80\x09\x00\x00\x00\x07\x03one\x09\x0a\x82\x0e\x06\x05/none\x06\x20\x04\xf0\xd9\xdc\x0c\x0a\x80\x0b\x00\x00\x00\x03\x05three\x01
        c= \x0a\x84\x05\x05\x00\x00\x00\x07
        cli show table mesh/t key early => # table: mesh/t, type: string, size:10, used:3|0x#: key=early use=0 exp=# shard=0 gpc0=3|
        cli show table mesh/t key one => # table: mesh/t, type: string, size:10, used:3|0x#: key=one use=0 exp=# shard=0 gpc0=9|
        cli show table mesh/t key two => # table: mesh/t, type: string, size:10, used:3|0x#: key=two use=0 exp=# shard=0 gpc0=300|
    "#),
    who_asks_is_taught: mesh(r#"
        cli set table mesh/t key one data.gpc0 5 =>
        c> HAProxyS 2.0\nA\nB 1 1\n
        c= 200\n\0\0
        c> \0\x01
        c= \x0a\x82\x0b\x01\x02/t\x06\x20\x04\xf0\xd9\xdc\x0c\x0a\x80\x09\x00\x00\x00\x01\x03one\x05\0\x03
        c> \0\0
        c= \x0a\x80\x09\x00\x00\x00\x01\x03one\x05\0\x01
        c> \0\x03
    "#),
    nonsense_ends_a_session: mesh(r#"
        c> HAProxyS 2.1\nA\nB 1 1\n
        c= 200\n\0\0
        c> \xff\0
        c= \x01\0
        c end
        c2> HAProxyS 2.1\nA\nB 1 1\n
        c2= 200\n\0\0
        c2> \x0a\x80\xff\xff\xff\x7f
        c2= \x01\x01
        c2 end
        c3> HAProxyS 2.1\nA\nB 1 1\n
        c3= 200\n\0\0
        c3> \x0a\x82\x0b\x05\x02/t\x06\x20\x04\xf0\xd9\xdc\x0c\x0a\x80\x05\x00\x00\x00\x01\x09
        c3= \x01\0
        c3 end
    "#),
    keys_fall_into_shares: http("
        global: localpeer A
        global: stats socket \"fd@${cli}\" level admin
        frontend other
        bind \"fd@${fe2}\"
        http-request return status 200
        peers mesh
        default-bind backlog 100
        bind \"fd@${fe}\"
        server A
        server B ${closed} shard 2
        shards 3
        table t type string size 10 expire 1h store gpc0
        backend numbers
        stick-table type integer size 10 store gpc0 peers mesh
        backend alone
        stick-table type integer size 10 store gpc0", r#"
        cli set table mesh/t key a data.gpc0 1 =>
        cli show table mesh/t key a => # table: mesh/t, type: string, size:10, used:1|0x#: key=a use=0 exp=# shard=3 gpc0=1|
        cli set table numbers key 70000 data.gpc0 1 =>
        cli show table numbers key 70000 => # table: numbers, type: integer, size:10, used:1|0x#: key=70000 use=0 exp=0 shard=1 gpc0=1|
        cli set table alone key 70000 data.gpc0 1 =>
        cli show table alone key 70000 => # table: alone, type: integer, size:10, used:1|0x#: key=70000 use=0 exp=0 shard=0 gpc0=1|
    "#).since(3, 4),
    which_peers_there_are: mesh(r#"
        c> HAProxyS 2.1\nA\nB 1 1\n
        c= 200\n\0\0
        cli show peers nope => No such peers|
    "#),
    servers_are_told_by_name_once: http("
        global: localpeer A
        global: stats socket \"fd@${cli}\" level admin
        frontend other
        bind \"fd@${fe2}\"
        default_backend be
        backend be
        stick on req.hdr(user) table mesh/t
        server s ${s}
        peers mesh
        bind \"fd@${fe}\"
        server A
        server B ${closed}
        table t type string size 10 expire 1h", r#"
        c> HAProxyS 2.1\nA\nB 1 1\n
        c= 200\n\0\0
        c> \0\x01
        c= \0\x03
        d> GET / HTTP/1.1|host: a|user: one||
        s< GET / HTTP/1.1|host: a|user: one||
        s> HTTP/1.1 200 OK|content-length: 0||
        d< HTTP/1.1 200 OK|content-length: 0||
        c= \x0a\x82\x0e\x01\x02/t\x06\x20\xf1\xf1\xfe\x00\xf0\xd9\xdc\x0c\x0a\x80\x0d\x00\x00\x00\x01\x03one\x01\x03\x01\x01s
        d> GET / HTTP/1.1|host: a|user: two||
        s< GET / HTTP/1.1|host: a|user: two||
        s> HTTP/1.1 200 OK|content-length: 0||
        d< HTTP/1.1 200 OK|content-length: 0||
        c= \x0a\x80\x0b\x00\x00\x00\x02\x03two\x01\x01\x01
    "#).since(3, 4),
}
