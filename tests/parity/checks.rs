//! Health checks: what they send, what becomes of servers, and what the log says about it.

use crate::case::http;

/// A case about lines whose words are those of 3.4.
macro_rules! lines {
    ($config:expr, $script:expr) => {
        http($config, $script).since(3, 4)
    };
}

cases! {
    check_that_is_refused: lines!("backend: default-server inter 2s
        backend: server x ${closed} check", r#"
        event 1 Server be/x is DOWN, reason: Layer4 connection problem, info: "ECONNREFUSED returned by OS (Connection refused)", check duration: #ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.
        event 0 backend be has no server available!
        c> GET / HTTP/1.1|host: a||
        c< {503}
    "#),
    check_that_is_refused_leaves_the_others: lines!("backend: default-server inter 2s
        backend: server x ${closed} check
        backend: server y ${s}", r#"
        event 1 Server be/x is DOWN, reason: Layer4 connection problem, info: "ECONNREFUSED returned by OS (Connection refused)", check duration: #ms. 1 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
    "#),
    backup_serves_when_checks_fail: lines!("backend: default-server inter 2s
        backend: server x ${closed} check
        backend: server y ${s} backup", r#"
        event 1 Server be/x is DOWN, reason: Layer4 connection problem, info: "ECONNREFUSED returned by OS (Connection refused)", check duration: #ms. 0 active and 1 backup servers left. Running on backup. 0 sessions active, 0 requeued, 0 remaining in queue.
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
    "#),
    check_of_a_backup: lines!("backend: default-server inter 2s
        backend: server x ${closed} check backup
        backend: server y ${s}", r#"
        event 1 Backup Server be/x is DOWN, reason: Layer4 connection problem, info: "ECONNREFUSED returned by OS (Connection refused)", check duration: #ms. 1 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.
    "#),
    tracking_server_follows: lines!("backend: default-server inter 2s
        backend: server x ${closed} check
        backend: server y ${s} track x", r#"
        event 1 Server be/x is DOWN, reason: Layer4 connection problem, info: "ECONNREFUSED returned by OS (Connection refused)", check duration: #ms. 1 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.
        event 1 Server be/y is DOWN via be/x. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.
        event 0 backend be has no server available!
    "#),
    logged_checks: lines!("backend: default-server inter 2s; backend: option log-health-checks
        backend: server x ${closed} check
        backend: server y ${s} check", r#"
        event 5 Health check for server be/x failed, reason: Layer4 connection problem, info: "ECONNREFUSED returned by OS (Connection refused)", check duration: #ms, status: 0/2 DOWN.
        event 1 Server be/x is DOWN. 1 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.
        event 5 Health check for server be/y succeeded, reason: Layer4 check passed, check duration: #ms, status: 3/3 UP.
    "#),
    http_check: http("backend: default-server inter 2s fastinter 20ms; backend: option httpchk
        server: check", r#"
        s< OPTIONS / HTTP/1.0||
        s> HTTP/1.0 200 OK||
        s close
        c> GET / HTTP/1.1|host: a||
        s2< GET / HTTP/1.1|host: a||
        s2> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
    "#),
    http_check_on_an_idle_connection: http("backend: default-server inter 1s fastinter 20ms; backend: option httpchk
        backend: http-reuse always
        server: check check-reuse-pool", r#"
        s< OPTIONS / HTTP/1.0||
        s> HTTP/1.0 200 OK||
        s close
        c> GET / HTTP/1.1|host: a||
        s2< GET / HTTP/1.1|host: a||
        s2> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        s2< OPTIONS / HTTP/1.0||
        s2> HTTP/1.0 200 OK||
        s2 end
        c> GET /again HTTP/1.1|host: a||
        s3< GET /again HTTP/1.1|host: a||
        s3> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
    "#).since(3, 4),
    a_client_that_may_not_reuse_lends_nothing: http("backend: default-server inter 1s fastinter 20ms; backend: option httpchk
        backend: http-reuse safe
        server: check check-reuse-pool", r#"
        s< OPTIONS / HTTP/1.0||
        s> HTTP/1.0 200 OK||
        s close
        c> GET / HTTP/1.1|host: a||
        s2< GET / HTTP/1.1|host: a||
        s2> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        s3< OPTIONS / HTTP/1.0||
        s3> HTTP/1.0 200 OK||
    "#).since(3, 4),
    http_check_of_a_uri: http("backend: default-server inter 2s; backend: option httpchk /up
        server: check", r#"
        s< OPTIONS /up HTTP/1.0||
    "#),
    http_check_of_a_host: http("backend: default-server inter 2s; backend: option httpchk GET /up HTTP/1.1 example.com
        server: check", r#"
        s< GET /up HTTP/1.1|host: example.com|connection: close||
    "#).since(3, 4),
    http_check_that_sends_more: http("backend: default-server inter 2s; backend: option httpchk
        backend: http-check send meth PUT uri /x ver HTTP/1.1 hdr Host h hdr X-Y \"%[str(a)]b\" body 123
        server: check", r#"
        s< PUT /x HTTP/1.1|host: h|x-y: ab|connection: close|content-length: 3||123
    "#).since(2, 4),
    http_check_that_completes_the_option: http("backend: default-server inter 2s; backend: option httpchk HEAD /y
        backend: http-check send hdr X-Y z
        server: check", r#"
        s< HEAD /y HTTP/1.0|x-y: z||
    "#).since(2, 4),
    http_check_whose_requests_leave_something_out: lines!("backend: default-server inter 2s; backend: option httpchk HEAD /y HTTP/1.1
        backend: http-check connect; backend: http-check send hdr host a; backend: http-check expect status 200
        backend: http-check connect; backend: http-check send hdr host b
        server: check", r#"
        s< HEAD /y HTTP/1.1|host: a|connection: close||
        s> HTTP/1.1 200 OK|content-length: 0||
        s2< OPTIONS / HTTP/1.0|host: b||
    "#),
    http_check_with_a_unique_id: lines!("backend: default-server inter 2s; backend: option httpchk
        backend: unique-id-format T-%[be_name]=%[srv_is_up(s),iif(up,down)]
        backend: http-check send hdr a %[unique-id] hdr b %[unique-id]
        server: check", r#"
        s< OPTIONS / HTTP/1.0|a: T-be=up|b: T-be=up||
    "#),
    http_check_with_a_wrong_status: lines!("backend: default-server inter 2s; backend: option httpchk
        server: check", r#"
        s< OPTIONS / HTTP/1.0||
        s> HTTP/1.0 503 Too Busy||
        event 1 Server be/s is DOWN, reason: Layer7 wrong status, code: 503, info: "Too Busy", check duration: #ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.
        event 0 backend be has no server available!
        c> GET / HTTP/1.1|host: a||
        c< {503}
    "#),
    http_check_expects_a_status: lines!("backend: default-server inter 2s; backend: option httpchk; backend: http-check expect status 200,404-405
        server: check", r#"
        s< OPTIONS / HTTP/1.0||
        s> HTTP/1.0 301 Elsewhere||
        event 1 Server be/s is DOWN, reason: Layer7 wrong status, code: 301, info: "Elsewhere", check duration: #ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.
    "#),
    http_check_does_not_expect_a_status: lines!("backend: default-server inter 2s; backend: option httpchk; backend: http-check expect ! rstatus ^5
        backend: option log-health-checks; server: check", r#"
        s< OPTIONS / HTTP/1.0||
        s> HTTP/1.0 404 None||
        event 5 Health check for server be/s succeeded, reason: Layer7 check passed, code: 404, check duration: #ms, status: 3/3 UP.
    "#),
    http_check_expects_a_body: lines!("backend: default-server inter 2s; backend: option httpchk; backend: http-check expect string alive
        server: check", r#"
        s< OPTIONS / HTTP/1.0||
        s> HTTP/1.0 200 OK|content-length: 4||dead
        event 1 Server be/s is DOWN, reason: Layer7 invalid response, info: "HTTP content check did not match", check duration: #ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.
    "#),
    http_check_without_the_body_it_expects: lines!("backend: default-server inter 2s; backend: option httpchk; backend: http-check expect rstring a.*e
        server: check", r#"
        s< OPTIONS / HTTP/1.0||
        s> HTTP/1.0 200 OK|content-length: 0||
        event 1 Server be/s is DOWN, reason: Layer7 invalid response, info: "HTTP content check could not find a response body", check duration: #ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.
    "#),
    http_check_finds_what_it_must_not: lines!("backend: default-server inter 2s; backend: option httpchk; backend: http-check expect ! string dead comment \"no zombies\"
        server: check", r#"
        s< OPTIONS / HTTP/1.0||
        s> HTTP/1.0 200 OK|content-length: 4||dead
        event 1 Server be/s is DOWN, reason: Layer7 invalid response, info: "HTTP check matched unwanted content comment: no zombies", check duration: #ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.
    "#),
    http_check_expects_a_header: lines!("backend: default-server inter 2s; backend: option httpchk; backend: http-check expect hdr name -m beg x-st value -m sub go
        backend: option log-health-checks; server: check", r#"
        s< OPTIONS / HTTP/1.0||
        s> HTTP/1.0 200 OK|X-State: no, good||
        event 5 Health check for server be/s succeeded, reason: Layer7 check passed, code: 200, check duration: #ms, status: 3/3 UP.
    "#),
    http_check_misses_a_header: lines!("backend: default-server inter 2s; backend: option httpchk; backend: http-check expect fhdr name x-state value good on-error \"it said %[res.hdr(x-state)]\"
        server: check", r#"
        s< OPTIONS / HTTP/1.0||
        s> HTTP/1.0 200 OK|x-state: bad||
        event 1 Server be/s is DOWN, reason: Layer7 wrong status, code: 200, info: "it said bad", check duration: #ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.
    "#),
    http_check_that_is_not_answered_in_http: lines!("backend: default-server inter 2s; backend: option httpchk
        server: check", r#"
        s< OPTIONS / HTTP/1.0||
        s close
        event 1 Server be/s is DOWN, reason: Socket error, check duration: #ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.
    "#),
    http_check_that_is_answered_late: lines!("backend: default-server inter 200ms; backend: option httpchk
        server: check", r#"
        s< OPTIONS / HTTP/1.0||
        event 1 Server be/s is DOWN, reason: Layer7 timeout, check duration: #ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.
    "#),
    timeout_check: lines!("timeout check 100ms; backend: default-server inter 2s; backend: option httpchk
        server: check", r#"
        s< OPTIONS / HTTP/1.0||
        event 1 Server be/s is DOWN, reason: Layer7 timeout, check duration: #ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.
    "#),
    server_comes_back: lines!("backend: default-server inter 2s fastinter 20ms downinter 20ms rise 2; backend: option httpchk
        server: check", r#"
        s< OPTIONS / HTTP/1.0||
        s> HTTP/1.0 500 Oops||
        event 1 Server be/s is DOWN, reason: Layer7 wrong status, code: 500, info: "Oops", check duration: #ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.
        event 0 backend be has no server available!
        s2< OPTIONS / HTTP/1.0||
        s2> HTTP/1.0 200 OK||
        s3< OPTIONS / HTTP/1.0||
        s3> HTTP/1.0 200 OK||
        event 5 Server be/s is UP, reason: Layer7 check passed, code: 200, check duration: #ms. 1 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.
        c> GET / HTTP/1.1|host: a||
        s4< GET / HTTP/1.1|host: a||
        s4> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
    "#),
    server_goes_down_after_as_many_failures_as_fall_says: lines!("timeout check 4s; backend: default-server inter 20ms fall 2; backend: option httpchk; backend: option log-health-checks
        server: check", r#"
        s< OPTIONS / HTTP/1.0||
        s> HTTP/1.0 200 OK||
        event 5 Health check for server be/s succeeded, reason: Layer7 check passed, code: 200, check duration: #ms, status: 2/2 UP.
        s2< OPTIONS / HTTP/1.0||
        s2> HTTP/1.0 500 A||
        event 5 Health check for server be/s failed, reason: Layer7 wrong status, code: 500, info: "A", check duration: #ms, status: 1/2 UP.
        s3< OPTIONS / HTTP/1.0||
        s3> HTTP/1.0 500 B||
        event 5 Health check for server be/s failed, reason: Layer7 wrong status, code: 500, info: "B", check duration: #ms, status: 0/2 DOWN.
        event 1 Server be/s is DOWN. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.
    "#),
    server_that_answers_404_stops: lines!("backend: default-server inter 2s fastinter 20ms; backend: option httpchk; backend: http-check disable-on-404
        server: check", r#"
        s< OPTIONS / HTTP/1.0||
        s> HTTP/1.0 404 Leaving||
        event 5 Server be/s is stopping, reason: Layer7 check conditionally passed, code: 404, check duration: #ms. 0 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.
        event 0 backend be has no server available!
        c> GET / HTTP/1.1|host: a||
        c< {503}
    "#),
    init_state_down: lines!("backend: default-server inter 2s; backend: option httpchk
        server: check init-state down", r#"
        s< OPTIONS / HTTP/1.0||
        c> GET / HTTP/1.1|host: a||
        c< {503}
        s> HTTP/1.0 200 OK||
        event 5 Server be/s is UP, reason: Layer7 check passed, code: 200, check duration: #ms. 1 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.
    "#),
    init_state_fully_up: lines!("timeout check 4s; backend: default-server inter 20ms fall 2; backend: option httpchk; backend: option log-health-checks
        server: check init-state fully-up", r#"
        s< OPTIONS / HTTP/1.0||
        s> HTTP/1.0 500 A||
        event 5 Health check for server be/s failed, reason: Layer7 wrong status, code: 500, info: "A", check duration: #ms, status: 1/2 UP.
    "#),
    tcp_check: lines!("backend: default-server inter 2s; backend: option log-health-checks; backend: option tcp-check
        backend: tcp-check send PING\\r\\n; backend: tcp-check expect string +PONG
        backend: tcp-check send-binary 515549540d0a; backend: tcp-check expect rstring ^BYE
        server: check", r#"
        s= PING\r\n
        s> +PONG\r\n
        s= QUIT\r\n
        s> BYE
        event 5 Health check for server be/s succeeded, reason: Layer7 check passed, code: 0, info: "(tcp-check)", check duration: #ms, status: 3/3 UP.
    "#),
    tcp_check_that_finds_something_else: lines!("backend: default-server inter 2s; backend: option tcp-check
        backend: tcp-check connect; backend: tcp-check send PING; backend: tcp-check expect string PONG
        server: check", r#"
        s= PING
        s> NOPE
        s close
        event 1 Server be/s is DOWN, reason: Layer7 invalid response, info: "TCPCHK did not match content 'PONG' at step 3", check duration: #ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.
    "#),
    tcp_check_that_ends_empty: lines!("backend: default-server inter 2s; backend: option tcp-check
        backend: tcp-check comment \"say something\"; backend: tcp-check expect string PONG
        server: check", r#"
        s connect
        s close
        event 1 Server be/s is DOWN, reason: Layer7 invalid response, info: "TCPCHK got an empty response at step 2 comment: say something", check duration: #ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.
    "#),
    tcp_check_on_another_port: lines!("backend: default-server inter 2s; backend: option tcp-check
        backend: tcp-check connect addr ${t}; backend: tcp-check expect string up
        backend: option log-health-checks; server: check", r#"
        t> up
        event 5 Health check for server be/s succeeded, reason: Layer7 check passed, code: 0, info: "(tcp-check)", check duration: #ms, status: 3/3 UP.
    "#),
    tcp_check_with_a_variable: lines!("backend: default-server inter 2s; backend: option tcp-check
        backend: tcp-check set-var(check.who) str(me); backend: tcp-check send-lf \"I am %[var(check.who)]\"; backend: tcp-check expect string-lf \"%[var(check.who)]!\"
        backend: option log-health-checks; server: check", r#"
        s= I am me
        s> hello me!
        event 5 Health check for server be/s succeeded, reason: Layer7 check passed, code: 0, info: "(tcp-check)", check duration: #ms, status: 3/3 UP.
    "#),
    tcp_check_with_statuses_of_its_own: lines!("backend: default-server inter 2s; backend: option tcp-check
        backend: tcp-check expect binary 4f4b error-status L7STS on-error \"not OK\" comment here
        server: check", r#"
        s> KO
        s close
        event 1 Server be/s is DOWN, reason: Layer7 wrong status, code: 0, info: "not OK comment: here", check duration: #ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.
    "#),
    check_at_another_address: lines!("backend: default-server inter 2s; backend: option httpchk; backend: option log-health-checks
        server: check addr ${t}", r#"
        t< OPTIONS / HTTP/1.0||
        t> HTTP/1.0 200 OK||
        event 5 Health check for server be/s succeeded, reason: Layer7 check passed, code: 200, check duration: #ms, status: 3/3 UP.
    "#),
    redis_check: lines!("backend: default-server inter 2s; backend: option redis-check; backend: option log-health-checks
        server: check", r#"
        s= *1\r\n$4\r\nPING\r\n
        s> +PONG\r\n
        event 5 Health check for server be/s succeeded, reason: Layer7 check passed, code: 0, info: "Redis server is ok", check duration: #ms, status: 3/3 UP.
    "#),
    redis_check_that_fails: lines!("backend: default-server inter 2s; backend: option redis-check
        server: check", r#"
        s= *1\r\n$4\r\nPING\r\n
        s> -LOADING wait\r\n
        s close
        event 1 Server be/s is DOWN, reason: Layer7 wrong status, code: 0, info: "-LOADING wait", check duration: #ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.
    "#),
    smtp_check: lines!("backend: default-server inter 2s; backend: option smtpchk EHLO me; backend: option log-health-checks
        server: check", r#"
        s> 220 mail\r\n
        s= EHLO me\r\n
        s> 250-mail\r\n250 fine\r\n
        s= QUIT\r\n
        s> 221 bye\r\n
        event 5 Health check for server be/s succeeded, reason: Layer7 check passed, code: 221, info: "bye", check duration: #ms, status: 3/3 UP.
    "#),
    pgsql_check: lines!("backend: default-server inter 2s; backend: option pgsql-check user joe; backend: option log-health-checks
        server: check", r#"
        s= \x00\x00\x00\x12\x00\x03\x00\x00user\x00joe\x00\x00
        s> R\x00\x00\x00\x08\x00\x00\x00\x00
        event 5 Health check for server be/s succeeded, reason: Layer7 check passed, code: 0, info: "PostgreSQL server is ok", check duration: #ms, status: 3/3 UP.
    "#),
    mysql_check: lines!("backend: default-server inter 2s; backend: option mysql-check; backend: option log-health-checks
        server: check", r#"
        s> \x08\x00\x00\x00\n8.0.1\x00x
        event 5 Health check for server be/s succeeded, reason: Layer7 check passed, code: 0, info: "8.0.1", check duration: #ms, status: 3/3 UP.
    "#),
    agent_says_down: lines!("backend: default-server inter 2s
        server: agent-check agent-port ${t_port} agent-inter 2s agent-send hello\\n", r#"
        t= hello\n
        t> down # on strike\n
        event 1 Server be/s is DOWN, reason: Layer7 wrong status, code: 0, info: "via agent : down (on strike)", check duration: #ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.
        event 0 backend be has no server available!
    "#),
    agent_says_nothing: lines!("global: stats socket \"fd@${cli}\"; backend: default-server inter 2s
        server: agent-check agent-port ${t_port} agent-inter 5s", r#"
        t shut
        stat be/s agent_status=L7RSP
    "#),
    agent_says_drain: lines!("backend: default-server inter 2s
        server: agent-check agent-port ${t_port} agent-inter 2s", r#"
        t> drain\n
        event 5 Server be/s enters drain state. 0 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.
        event 0 backend be has no server available!
    "#),
    agent_says_maint_and_ready: lines!("backend: default-server inter 2s
        server: agent-check agent-port ${t_port} agent-inter 20ms", r#"
        t> maint\n
        event 1 Server be/s is going DOWN for maintenance. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.
        event 0 backend be has no server available!
        t2> ready\n
        event 5 Server be/s is UP/READY (leaving forced maintenance).
    "#),
    disabled_server: http("backend: server x ${s} disabled; backend: server y ${t}", r#"
        c> GET / HTTP/1.1|host: a||
        t< GET / HTTP/1.1|host: a||
        t> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
    "#),
}
