//! Fetches of internal state.

use crate::case::http;

cases! {
    state_of_proxies: http("frontend: http-request return status 200 hdr x-fe \"%[fe_conn] %[fe_conn(fe)] %[fe_defbe] %[fe_client_timeout]\" hdr x-be \"%[be_conn(be)] %[be_conn_free(be)] %[nbsrv(be)] %[queue(be)] %[avg_queue(be)] %[connslots(be)]\" hdr x-srv \"%[srv_conn(be/s)] %[srv_conn_free(be/s)] %[srv_is_up(be/s)] %[srv_queue(be/s)] %[srv_weight(be/s)] %[srv_iweight(be/s)] %[srv_uweight(be/s)]\"
        server: maxconn 10 maxqueue 5 weight 30", r#"
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x-fe: 1 1 be 6000|x-be: 0 10 1 0 0 15|x-srv: 0 10 1 0 30 30 30||
    "#),
    state_of_the_own_backend: http("backend: http-request return status 200 hdr x-be \"%[be_conn] %[nbsrv] %[be_name] %[be_connect_timeout] %[be_server_timeout] %[be_queue_timeout] %[be_tunnel_timeout]\" hdr x-cur \"%[cur_client_timeout] %[cur_server_timeout] %[cur_tunnel_timeout]\" hdr x-srv \"%[srv_is_up(s)] %[str(s),srv_is_up] %[str(be/x),srv_queue]\"", r#"
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x-be: 1 1 be 6000 6000 6000 0|x-cur: 6000 0 0|x-srv: 1 1 ||
    "#).since(3, 4),
    state_by_name: http("frontend: http-request return status 200 hdr x \"%[req.hdr(b),nbsrv] %[req.hdr(f),fe_exists]\"", r#"
        c> GET / HTTP/1.1|host: a|b: be|f: fe||
        c< HTTP/1.1 200 OK|content-length: 0|x: 1 1||
        c> GET / HTTP/1.1|host: a|b: x|f: x||
        c< HTTP/1.1 200 OK|content-length: 0|x:  0||
    "#).since(3, 4),
    rates: http("frontend: http-request return status 200 hdr x \"%[fe_sess_rate] %[fe_req_rate] %[be_sess_rate(be)]\" if { path /rates }", r#"
        c> GET /rates HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x: 1 1 0||
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        c> GET /rates HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x: 1 3 1||
        c2> GET /rates HTTP/1.1|host: a||
        c2< HTTP/1.1 200 OK|content-length: 0|x: 2 4 1||
    "#),
    constants: http("frontend: http-request return status 200 hdr x \"%[bin(4869)] %[bool(TRUE)] %[ipv6(2001:db8::1)] %[meth(PUT)] %[meth(X)] %[nbproc] %[proc] %[stopping] %[tgroup] %[prio_class] %[prio_offset] %[uuid,length] %[uuid(7),field(3,-),length] <%[env(NOT_SET_AT_ALL)]> %[rand(1)]\"", r#"
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x: Hi 1 2001:db8::1 PUT X 1 1 0 0 0 0 36 4 <> 0||
    "#).since(3, 4),
    what_the_stream_met: http("frontend: http-response set-header x-t \"%[txn.status] %[txn.conn_retries] %[txn.redispatched] %[txn.sess_term_state] %[bs.id] %[fs.id] %[bs.aborted] %[fs.aborted] <%[bs.rst_code]> %[bc_be_queue] %[bc_srv_queue]\"", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 404 Not Found|content-length: 0||
        c< HTTP/1.1 404 Not Found|content-length: 0|x-t: 404 0 0 -- 0 0 0 0 <> 0 0||
    "#).since(3, 4),
    last_rule: http("frontend: log-format \"%[last_rule_line,bool] <%[last_entity,field(2,:),bool]> <%[waiting_entity]>\"
        frontend: http-request deny if { path /no }", r#"
        c> GET /no HTTP/1.1|host: a||
        c< {403}
        log 1 <1> <->
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        log - <-> <->
    "#).since(3, 4),
    acl_as_a_value: http("frontend: acl get method GET; frontend: acl api path_beg /api
        frontend: http-request return status 200 hdr x \"%[acl(get)] %[acl(get,api)] %[acl(get,!api)] %[acl(METH_GET,TRUE)]\" if !{ acl(api,!get) }", r#"
        c> GET /api HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x: 1 1 0 1||
        c> POST / HTTP/1.1|host: a|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0|x: 0 0 0 0||
    "#).since(3, 4),
}
