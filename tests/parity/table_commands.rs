//! The stats socket's commands about stick tables.

use crate::case::{Case, http};

/// A case with tables of every type, and one that tracks clients by a header.
const fn tables(script: &'static str) -> Case {
    http(
        "global: stats socket \"fd@${cli}\" level admin
        frontend: stick-table type string size 100 expire 1h store conn_cnt,conn_rate(10s),http_req_cnt,gpt(2),gpc(3),gpc_rate(3,10s),bytes_in_rate(10s)
        frontend: http-request track-sc0 hdr(k)
        frontend: http-request set-header x y
        frontend: http-request return status 200 if { path /now }
        backend: stick-table type ip size 1k store conn_cnt,server_id,server_key",
        script,
    )
    .since(3, 4)
}

cases! {
    item_155_what_there_is: tables(r#"
        cli show table => # table: be, type: ip, size:1024, used:0|# table: fe, type: string, size:100, used:0|
        cli show table fe => # table: fe, type: string, size:100, used:0|
        cli show table nope => No such table|
        cli show table fe nope => Optional argument only supports "data.<store_data_type>" <operator> <value> or key <key> or ptr <ptr>|
        cli user;show table fe key a => |Permission denied|
        cli user;clear table fe => |Permission denied|
    "#),
    item_155_setting: tables(r#"
        cli set table fe key a =>
        cli set table fe key b\\ c= data.conn_cnt 7 data.gpt[1] 5 data.gpc[2] 9 data.gpc_rate[0] 4 =>
        cli set table be key 10.0.0.1 data.conn_cnt 3 data.server_id -1 =>
        cli show table fe => # table: fe, type: string, size:100, used:2
            |0x#: key=b\\ c\\= use=0 exp=# shard=0 conn_cnt=7 conn_rate(10000)=0 http_req_cnt=0 bytes_in_rate(10000)=0 gpt0=0 gpt1=5 gpc0=0 gpc1=0 gpc2=9 gpc0_rate(10000)=4 gpc1_rate(10000)=0 gpc2_rate(10000)=0
            |0x#: key=a use=0 exp=# shard=0 conn_cnt=0 conn_rate(10000)=0 http_req_cnt=0 bytes_in_rate(10000)=0 gpt0=0 gpt1=0 gpc0=0 gpc1=0 gpc2=0 gpc0_rate(10000)=0 gpc1_rate(10000)=0 gpc2_rate(10000)=0|
        cli show table fe key a => # table: fe, type: string, size:100, used:2|0x#: key=a use=0 exp=# shard=0 conn_cnt=0 conn_rate(10000)=0 http_req_cnt=0 bytes_in_rate(10000)=0 gpt0=0 gpt1=0 gpc0=0 gpc1=0 gpc2=0 gpc0_rate(10000)=0 gpc1_rate(10000)=0 gpc2_rate(10000)=0|
        cli show table fe key nope =>
        cli show table be => # table: be, type: ip, size:1024, used:1|0x#: key=10.0.0.1 use=0 exp=0 shard=0 server_id=-1 conn_cnt=3 server_key=-|
    "#),
    filters: tables(r#"
        cli set table be key 10.0.0.1 data.conn_cnt 3 =>
        cli set table be key 10.0.0.2 data.conn_cnt 5 =>
        cli show table be data.conn_cnt gt 3 => # table: be, type: ip, size:1024, used:2|0x#: key=10.0.0.2 use=0 exp=0 shard=0 server_id=0 conn_cnt=5 server_key=-|
        cli show table be data.conn_cnt ge 3 data.conn_cnt lt 5 => # table: be, type: ip, size:1024, used:2|0x#: key=10.0.0.1 use=0 exp=0 shard=0 server_id=0 conn_cnt=3 server_key=-|
        cli show table be data.conn_cnt eq 4 => # table: be, type: ip, size:1024, used:2|
        cli show table be data.nope eq 4 => Filter entry #1: Unknown data type|
        cli show table be data.gpc0 eq 4 => Filter entry #1: Data type not stored in this table|
        cli show table be data.conn_cnt is 4 => Filter entry #1: Require and operator among "eq", "ne", "le", "ge", "lt", "gt"|
        cli show table be data.conn_cnt eq x => Filter entry #1: Require a valid integer value to compare against|
        cli show table be data.conn_cnt eq 1 data.conn_cnt => Filter entry #2: Require and operator among "eq", "ne", "le", "ge", "lt", "gt"|
        cli show table be data.conn_cnt ne 1 data.conn_cnt ne 1 data.conn_cnt ne 1 data.conn_cnt ne 1 x => Detected extra data in filter, 16th word of input, after '1'|
        cli clear table be data.conn_cnt le 3 =>
        cli show table be => # table: be, type: ip, size:1024, used:1|0x#: key=10.0.0.2 use=0 exp=0 shard=0 server_id=0 conn_cnt=5 server_key=-|
        cli clear table be key 10.0.0.2 =>
        cli show table be => # table: be, type: ip, size:1024, used:0|
    "#),
    item_155_in_use: tables(r#"
        c> GET / HTTP/1.1|host: a|k: busy||
        s< GET / HTTP/1.1|host: a|k: busy|x: y||
        cli show table fe => # table: fe, type: string, size:100, used:1|0x#: key=busy use=1 exp=# shard=0 conn_cnt=1 conn_rate(10000)=1 http_req_cnt=1 bytes_in_rate(10000)=0 gpt0=0 gpt1=0 gpc0=0 gpc1=0 gpc2=0 gpc0_rate(10000)=0 gpc1_rate(10000)=0 gpc2_rate(10000)=0|
        cli clear table fe key busy => Entry currently in use, cannot remove|
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        c open
        cli clear table fe key busy =>
        cli show table fe => # table: fe, type: string, size:100, used:0|
    "#),
    item_155_refusing: tables(r#"
        cli set table => Required arguments: <table> key <key> [data.<store_data_type> <value>]* or <table> ptr <ptr> [data.<store_data_type> <value>]*|
        cli set table fe x => Required arguments: <table> key <key> [data.<store_data_type> <value>]* or <table> ptr <ptr> [data.<store_data_type> <value>]*|
        cli set table fe data.gpc0 eq 1 => content-based lookup is only supported with the "show" and "clear" actions|
        cli set table fe key => Key value expected|
        cli set table be key nope => Invalid key|
        cli set table fe key a conn_cnt 1 => "data.<type>" followed by a value expected|
        cli set table fe key a data.nope 1 => Unknown data type|
        cli set table fe key a data.gpt0 1 => Data type not stored in this table|
        cli set table fe key a data.conn_cnt x => Require a valid integer value to store|
        cli set table fe key a data.conn_cnt => Require a valid integer value to store|
        cli set table fe key a data.gpc[3] 1 => index out of range in this data array|
        cli clear table => Required arguments: <table> "data.<store_data_type>" <operator> <value> or <table> key <key> or <table> ptr <ptr>|
        cli clear table fe x => Required arguments: <table> "data.<store_data_type>" <operator> <value> or <table> key <key> or <table> ptr <ptr>|
        cli clear table fe ptr 1 => Pointer expected (0xffff notation)|
        cli clear table fe ptr 0xz => Malformed ptr.|
        cli clear table fe ptr 0x1 => No entry can be found matching ptr.|
    "#),
    order: tables(r#"
        cli set table be key 10.0.0.1;set table be key 10.0.0.2;set table be key 10.0.0.3;set table be key 9.255.0.1;set table be key 192.168.7.9 => ||||
        cli show table be => # table: be, type: ip, size:1024, used:5
            |0x#: key=9.255.0.1 use=0 exp=0 shard=0 server_id=0 conn_cnt=0 server_key=-
            |0x#: key=10.0.0.2 use=0 exp=0 shard=0 server_id=0 conn_cnt=0 server_key=-
            |0x#: key=192.168.7.9 use=0 exp=0 shard=0 server_id=0 conn_cnt=0 server_key=-
            |0x#: key=10.0.0.3 use=0 exp=0 shard=0 server_id=0 conn_cnt=0 server_key=-
            |0x#: key=10.0.0.1 use=0 exp=0 shard=0 server_id=0 conn_cnt=0 server_key=-|
    "#),
}
