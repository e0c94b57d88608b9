//! `show stat`: what counts as what. Columns are HAProxy's, so that both must count alike.

use crate::case::{Case, http, tcp};

const SOCKET: &str = "global: stats socket \"fd@${cli}\" level admin";

const fn counted(script: &'static str) -> Case {
    http(SOCKET, script).since(3, 4)
}

cases! {
    nothing_yet: counted(r#"
        stat fe/FRONTEND scur=0 smax=0 stot=0 bin=0 bout=0 dreq=0 ereq=0 status=OPEN rate=0 req_tot=0 conn_tot=0 mode=http type=0 pid=1 iid=2 sid=0 qcur= act= hrsp_2xx=0 intercepted=0 h1sess=0
        stat be/s qcur=0 qmax=0 scur=0 smax=0 slim= stot=0 weight=1 act=1 bck=0 lbtot=0 type=2 sid=1 lastsess=-1 chkfail= uweight=1 srv_icur=0 dreq= ereq= econ=0 throttle= downtime=
        stat be/BACKEND status=UP act=1 bck=0 weight=1 stot=0 chkdown=0 downtime=0 lastsess=-1
    "#),
    a_request: counted(r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        stat fe/FRONTEND scur=1 smax=1 stot=1 conn_tot=1 req_tot=1 hrsp_2xx=0 h1sess=1 h1req=1
        stat be/s scur=1 smax=1 stot=1 lbtot=1 connect=1 reuse=0 hrsp_2xx=0
        stat be/BACKEND scur=1 smax=1 stot=1 lbtot=1
        s> HTTP/1.1 200 OK|content-length: 3||abc
        c< HTTP/1.1 200 OK|content-length: 3||abc
        stat fe/FRONTEND hrsp_2xx=1 hrsp_other=0 bin=38 bout=52 reqbin=38 reqbout=38 resbin=52 resbout=52
        stat be/s hrsp_2xx=1 req_tot=1 bin=38 bout=52 srv_icur=1 idle_conn_cur=1 safe_conn_cur=0
        stat be/BACKEND hrsp_2xx=1 req_tot=1 bin=38 bout=52 scur=0 econ=0 eresp=0 wretr=0
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 404 Not Found|content-length: 0||
        c< HTTP/1.1 404 Not Found|content-length: 0||
        stat fe/FRONTEND stot=1 conn_tot=1 req_tot=2 hrsp_4xx=1
        stat be/s stot=2 reuse=1 connect=1 hrsp_4xx=1 srv_icur=1 safe_conn_cur=1 idle_conn_cur=0
    "#),
    large_bodies_stay_in_the_kernel: http("option splice-request; option splice-response
        global: stats socket \"fd@${cli}\" level admin", r#"
        c> POST / HTTP/1.1|host: a|content-length: 2000000||{y*2000000}
        s< POST / HTTP/1.1|host: a|content-length: 2000000||{y*2000000}
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        stat fe/FRONTEND h1_spliced_bytes_in=+ h1_spliced_bytes_out=0 reqbin=2000060 reqbout=2000060
        stat be/BACKEND h1_spliced_bytes_in=0 h1_spliced_bytes_out=+
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 2000000||{y*2000000}
        c< HTTP/1.1 200 OK|content-length: 2000000||{y*2000000}
        stat fe/FRONTEND h1_spliced_bytes_in=+ h1_spliced_bytes_out=+
        stat be/BACKEND h1_spliced_bytes_in=+ h1_spliced_bytes_out=+
    "#).since(3, 4),
    uploads_are_copied_where_they_may_not_be_spliced: http("option splice-response; no option splice-request
        global: stats socket \"fd@${cli}\" level admin", r#"
        c> POST / HTTP/1.1|host: a|content-length: 2000000||{y*2000000}
        s< POST / HTTP/1.1|host: a|content-length: 2000000||{y*2000000}
        s> HTTP/1.1 200 OK|content-length: 2000000||{y*2000000}
        c< HTTP/1.1 200 OK|content-length: 2000000||{y*2000000}
        stat fe/FRONTEND h1_spliced_bytes_in=0 h1_spliced_bytes_out=+
        stat be/BACKEND h1_spliced_bytes_in=+ h1_spliced_bytes_out=0
    "#).since(3, 4),
    refusals: http("frontend: http-request deny if { path /no }; frontend: http-request return status 200 if { path /own }
        global: stats socket \"fd@${cli}\" level admin", r#"
        c> GET /no HTTP/1.1|host: a||
        c< {403}
        stat fe/FRONTEND dreq=1 hrsp_4xx=1 intercepted=0 ereq=0 req_tot=1 bout=0
        c2> GET /own HTTP/1.1|host: a||
        c2< HTTP/1.1 200 OK|content-length: 0||
        stat fe/FRONTEND dreq=1 hrsp_2xx=1 intercepted=1
        c3> bad||
        c3< {400}
        stat fe/FRONTEND ereq=1 req_tot=3 hrsp_4xx=2
        stat be/BACKEND stot=0 dreq=0 hrsp_4xx=0
    "#).since(3, 4),
    responses_denied: http("backend: http-response deny if { status 418 }
        global: stats socket \"fd@${cli}\" level admin", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 418 No|content-length: 0||
        c< {502}
        stat fe/FRONTEND dresp=1 hrsp_5xx=1
        stat be/BACKEND dresp=1 hrsp_5xx=1 eresp=0
        stat be/s dresp=1 hrsp_4xx=1 hrsp_5xx=0
    "#).since(3, 4),
    connections_that_fail: http("retries 2; timeout connect 100ms
        global: stats socket \"fd@${cli}\" level admin", r#"
        s refuse
        c> GET / HTTP/1.1|host: a||
        c< {503}
        stat fe/FRONTEND hrsp_5xx=1 ereq=0
        stat be/BACKEND econ=1 wretr=2 wredis=0 hrsp_5xx=1 stot=1 connect=3
        stat be/s econ=1 wretr=2 stot=3 hrsp_5xx=0 lbtot=1 req_tot=0
    "#).since(3, 4),
    responses_that_fail: counted(r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s close
        c< {502}
        stat be/s eresp=1 hrsp_5xx=0 req_tot=0
        stat be/BACKEND eresp=1 hrsp_5xx=1
    "#).differs("it counts a server that closes twice: as a broken connection and as a bad response", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s close
        c< {502}
        stat be/s eresp=2 hrsp_5xx=0 req_tot=0
        stat be/BACKEND eresp=2 hrsp_5xx=1
    "#),
    clients_that_leave: counted(r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 10||abc
        c^ HTTP/1.1 200 OK|content-length: 10||
        c~ abc
        s close
        c end
        stat be/s srv_abrt=1 cli_abrt=0 hrsp_2xx=1
        stat be/BACKEND srv_abrt=1
    "#),
    tcp_sessions: tcp(SOCKET, r#"
        c> hello
        s= hello
        s> hi
        c= hi
        c shut
        s eof
        s close
        c eof
        stat fe/FRONTEND stot=1 bin=5 bout=2 hrsp_2xx= req_tot=0 h1sess=0 sess_other=1 mode=tcp
        stat be/s stot=1 bin=5 bout=2 connect=1 hrsp_2xx=
        stat be/BACKEND stot=1 lbtot=1
    "#).since(3, 4),
    listeners: http("option socket-stats; global: stats socket \"fd@${cli}\" level admin", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        stat fe/sock-1 scur=1 smax=1 slim=0 stot=1 conn_tot=1 type=3 sid=1 proto=tcpv4 status=OPEN hrsp_2xx= bin=38
    "#).since(3, 4),
    cleared: counted(r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        c close
        stat fe/FRONTEND scur=0 smax=1 stot=1 rate_max=1
        cli clear counters =>
        stat fe/FRONTEND smax=0 stot=1 rate_max=0 conn_rate_max=0 req_rate_max=0
        stat be/s smax=0 stot=1
        cli clear counters all =>
        stat fe/FRONTEND stot=0 bin=0 bout=0 req_tot=0 hrsp_2xx=0 conn_tot=0
        stat be/s stot=0 lastsess=-1 connect=0
    "#),
    lines_chosen: counted(r#"
        cli show stat domain resolver => Invalid statistics domain.|
        cli show stat nobody 1 1 => No such proxy.|
        cli clear counters all =>
    "#),
    on_the_page: http("frontend: stats enable; frontend: stats uri /stats; frontend: stats admin if { path_beg /stats }
        global: stats socket \"fd@${cli}\" level admin", r#"
        c> POST /stats HTTP/1.1|host: a|content-length: 21||s=s&action=drain&b=be
        c< HTTP/1.1 303 See Other|cache-control: no-cache|content-type: text/plain|content-length: 0|location: /stats;st=DONE||
        stat be/s status=DRAIN
        c> POST /stats;up HTTP/1.1|host: a|content-length: 25||b=be&s=s&s=t&action=maint
        c< HTTP/1.1 303 See Other|cache-control: no-cache|content-type: text/plain|content-length: 0|location: /stats;st=PART;up||
        stat be/s status=MAINT
        stat be/BACKEND status=DOWN
        c> POST /stats HTTP/1.1|host: a|content-length: 24||b=be&s=s&action=ready&x=
        c< HTTP/1.1 303 See Other|cache-control: no-cache|content-type: text/plain|content-length: 0|location: /stats;st=DONE||
        stat be/BACKEND status=UP
        c> POST /stats HTTP/1.1|host: a|content-length: 24||b=no&s=s&action=ready&x=
        c< HTTP/1.1 303 See Other|cache-control: no-cache|content-type: text/plain|content-length: 0|location: /stats;st=ERRP||
        c> POST /stats HTTP/1.1|host: a|content-length: 9||action=fl
        c< HTTP/1.1 303 See Other|cache-control: no-cache|content-type: text/plain|content-length: 0|location: /stats;st=ERRP||
        c> POST /stats HTTP/1.1|host: a|content-length: 0||
        c< HTTP/1.1 303 See Other|cache-control: no-cache|content-type: text/plain|content-length: 0|location: /stats;st=NONE||
        stat fe/FRONTEND intercepted=6 hrsp_3xx=6
    "#).since(3, 4),
    forms_of_other_sites: http("frontend: stats enable; frontend: stats uri /stats; frontend: stats admin if TRUE", r#"
        c> POST /stats HTTP/1.1|host: a|origin: http://b|content-length: 21||s=s&action=drain&b=be
        c< HTTP/1.1 303 See Other|cache-control: no-cache|content-type: text/plain|content-length: 0|location: /stats;st=DENY||
        c2> POST /stats HTTP/1.1|host: a|origin: http://a|content-length: 21||s=s&action=drain&b=be
        c2< HTTP/1.1 303 See Other|cache-control: no-cache|content-type: text/plain|content-length: 0|location: /stats;st=DONE||
    "#).differs("it takes forms that any site makes a browser send", r#"
        c> POST /stats HTTP/1.1|host: a|origin: http://b|content-length: 21||s=s&action=drain&b=be
        c< HTTP/1.1 303 See Other|cache-control: no-cache|content-type: text/plain|content-length: 0|location: /stats;st=DONE||
    "#).since(3, 4),
    without_permission: http("frontend: stats enable; frontend: stats uri /stats; frontend: stats auth ann:secret", r#"
        c> GET /stats HTTP/1.1|host: a||
        c^ HTTP/1.1 401 Unauthorized|cache-control: no-cache|content-type: text/html|content-length: 112|www-authenticate: Basic realm="HAProxy Statistics"||
        c2> POST /stats HTTP/1.1|host: a|authorization: Basic YW5uOnNlY3JldA==|content-length: 21||s=s&action=drain&b=be
        c2< HTTP/1.1 303 See Other|cache-control: no-cache|content-type: text/plain|content-length: 0|location: /stats;st=DENY||
        c3> GET /stats HTTP/1.1|host: a|authorization: Basic YW5uOndyb25n||
        c3^ HTTP/1.1 401 Unauthorized|cache-control: no-cache|content-type: text/html|content-length: 112|www-authenticate: Basic realm="HAProxy Statistics"||
    "#).since(3, 4),
    metrics_refused: http("frontend: http-request use-service prometheus-exporter if { path /metrics }", r#"
        c> GET /metrics?scope= HTTP/1.1|host: a||
        c^ HTTP/1.1 200 OK|cache-control: no-cache|content-type: text/plain; version=0.0.4|transfer-encoding: chunked||
        c= 0||
        c> HEAD /metrics HTTP/1.1|host: a||
        c^ HTTP/1.1 200 OK|cache-control: no-cache|content-type: text/plain; version=0.0.4|transfer-encoding: chunked||
    "#).since(3, 4),
}
