//! Variables: scopes, types, conditions, limits.

use crate::case::http;

cases! {
    var_lifetimes: http("frontend: http-request set-var(sess.n,ifnotexists) int(0)
        frontend: http-request set-var(sess.n) var(sess.n),add(1)
        frontend: http-request set-var(txn.t) str(t) if { path /set }
        frontend: http-request set-var(req.r) str(r) if { path /set }
        frontend: http-request set-header x-vars \"%[var(sess.n)] %[var(txn.t)] %[var(req.r)]\"
        frontend: http-response set-header x-vars \"%[var(sess.n)] %[var(txn.t)] %[var(req.r)] %[var(res.s)]\"
        backend: http-response set-var(res.s) str(s) if { var(txn.t) -m found }
        backend: http-response set-var(req.r) str(no)", r#"
        c> GET /set HTTP/1.1|host: a||
        s< GET /set HTTP/1.1|host: a|x-vars: 1 t r||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content|x-vars: 1 t  s||
        c> GET /not HTTP/1.1|host: a||
        s< GET /not HTTP/1.1|host: a|x-vars: 2  ||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content|x-vars: 2   ||
        c2> GET /not HTTP/1.1|host: a||
        s2< GET /not HTTP/1.1|host: a|x-vars: 1  ||
    "#),
    var_types_and_defaults: http("frontend: http-request set-var(txn.i) str(42),add(0)
        frontend: http-request set-var(txn.s) str(42)
        frontend: http-request set-var(txn.a) src
        frontend: http-request set-var(txn.b) path,length,bool
        frontend: http-request set-var(txn.m) method
        frontend: http-request return status 200 hdr x-vars \"%[var(txn.i),add(txn.s)] %[var(txn.a)] %[var(txn.b)] %[var(txn.m),lower] %[var(txn.none,def)] %[var(txn.none,60),div(txn.i)] <%[var(txn.none)]>\" if { var(txn.i) -m int 42 } { var(txn.s) -m str 42 }", r#"
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x-vars: 84 127.0.0.1 1 get def 1 <>||
    "#),
    var_of_the_process: http("global: set-var proc.start int(12)
        global: set-var proc.half var(proc.none,24),div(proc.start)
        global: set-var-fmt proc.text \"<%[var(proc.start)]> %[var(proc.none)]\"
        global: set-var proc.id uuid
        frontend: http-request set-var(proc.count) var(proc.count,0),add(1)
        frontend: http-request return status 200 hdr x-vars \"%[var(proc.start)] %[var(proc.half)] %[var(proc.text)] %[var(proc.count)] %[var(proc.id),length]\"", r#"
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x-vars: 12 2 <12>  1 36||
        c2> GET / HTTP/1.1|host: a||
        c2< HTTP/1.1 200 OK|content-length: 0|x-vars: 12 2 <12>  2 36||
    "#),
    var_unset: http("frontend: http-request set-var(txn.a) str(x)
        frontend: http-request set-var(proc.b) str(y)
        frontend: http-request unset-var(txn.a) if { path /u }
        frontend: http-request unset-var(proc.b) if { path /u }
        frontend: http-request set-var(txn.a,ifexists) str(again)
        frontend: http-request set-var(proc.b,ifexists) str(again)
        frontend: http-request return status 200 hdr x-vars \"<%[var(txn.a)]> <%[var(proc.b)]>\"", r#"
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x-vars: <again> <again>||
        c> GET /u HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x-vars: <> <again>||
    "#),
    var_conditions: http("frontend: http-request set-var(txn.n) int(5)
        frontend: http-request set-var(txn.n,ifgt) int(9)
        frontend: http-request set-var(txn.g) var(txn.n)
        frontend: http-request set-var(txn.n,iflt) int(9)
        frontend: http-request set-var(txn.e,ifnotempty) str()
        frontend: http-request set-var(txn.e,ifnotexists) str(late)
        frontend: http-request set-var(txn.f,ifempty) str()
        frontend: http-request set-var(txn.s,ifset) str(x)
        frontend: http-request set-var(txn.s,ifnotset) str(y)
        frontend: http-request set-var-fmt(txn.h,ifset,ifexists) %[path]
        frontend: http-request return status 200 hdr x-vars \"%[var(txn.g)] %[var(txn.n)] <%[var(txn.e)]> <%[var(txn.f,none)]> %[var(txn.s)] <%[var(txn.h)]>\"", r#"
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x-vars: 5 9 <> <> y <>||
    "#),
    var_converters: http("frontend: http-request deny if { req.hdr(a),set-var(txn.a),length gt 5 }
        frontend: http-request set-header b %[req.hdr(b),set-var(txn.b,ifnotempty),unset-var(txn.a)]
        frontend: http-request return status 200 hdr x-vars \"<%[var(txn.a)]> <%[var(txn.b)]> %[path,set-var(txn.c)]%[var(txn.c),upper]\"", r#"
        c> GET /p HTTP/1.1|host: a|a: one|b: two||
        c< HTTP/1.1 200 OK|content-length: 0|x-vars: <> <two> /p/P||
        c> GET /p HTTP/1.1|host: a|a: one||
        c< HTTP/1.1 200 OK|content-length: 0|x-vars: <one> <> /p/P||
        c> GET /p HTTP/1.1|host: a|a: longer||
        c< {403}
    "#),
    var_arithmetic: http("frontend: http-request set-var(txn.x) int(7)
        frontend: http-request set-var(txn.z) int(0)
        frontend: http-request set-var(txn.w) str(word)
        frontend: http-request return status 200 hdr x-vars \"%[int(9),add(txn.x)] %[int(9),sub(txn.x)] %[int(9),mul(txn.x)] %[int(9),div(txn.x)] %[int(9),mod(txn.x)] %[int(9),mod(txn.z)] <%[int(9),add(txn.none)]> %[int(9),add(txn.w)]\"", r#"
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x-vars: 16 2 63 1 2 0 <> 9||
    "#),
    var_limits: http("global: tune.vars.txn-max-size 200
        frontend: http-request set-var(txn.a) str(0123456789)
        frontend: http-request set-var(txn.b) str(0123456789)
        frontend: http-request set-var(txn.c) str(0123456789)
        frontend: http-request unset-var(txn.a)
        frontend: http-request set-var(txn.d) str(0123456789)
        frontend: http-request return status 200 hdr x-vars \"<%[var(txn.a)]> <%[var(txn.b)]> <%[var(txn.c)]> <%[var(txn.d)]>\"", r#"
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x-vars: <> <0123456789> <> <0123456789>||
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x-vars: <> <0123456789> <> <0123456789>||
    "#).since(3, 4),
    var_dump: http("frontend: http-request set-var(txn.only) req.hdr(v)
        frontend: http-request set-var(sess.n) int(5)
        frontend: http-request return status 200 hdr x-txn \"%[dump_all_vars(txn)]\" hdr x-all \"%[dump_all_vars(,n)]\" hdr x-none \"<%[dump_all_vars(res)]>\"", r#"
        c> GET / HTTP/1.1|host: a|v: a\\b||
        c< HTTP/1.1 200 OK|content-length: 0|x-txn: txn.only="a\\\\b"|x-all: sess.n=5|x-none: <>||
    "#).since(3, 4),
    var_in_the_log: http("frontend: log-format \"%[var(sess.a)] %[var(txn.a)] %[var(req.a)] %[var(res.a)]\"
        frontend: http-request set-var(sess.a) str(1)
        frontend: http-request set-var(txn.a) str(2)
        frontend: http-request set-var(req.a) str(3)
        frontend: http-response set-var(res.a) str(4)
        frontend: http-request deny if { path /no }", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        log 1 2 - 4
        c> GET /no HTTP/1.1|host: a||
        c< {403}
        log 1 2 - -
    "#),
}
