//! `observe`: what live traffic does to a server's health (SEMANTICS 1.3 to 1.6).

use crate::case::http;

/// One request that the origin answers with 500, and how the connection goes on.
macro_rules! failing {
    ($config:expr, $script:expr) => {
        http($config, $script).since(3, 4)
    };
}

cases! {
    item_123_observe_marks_down: failing!("backend: default-server inter 10s error-limit 2 on-error mark-down; backend: option log-health-checks
        server: check addr ${t} observe layer7", r#"
        event 5 Health check for server be/s succeeded, reason: Layer4 check passed, check duration: #ms, status: 3/3 UP.
        c> GET /1 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        s> HTTP/1.1 500 No|content-length: 0||
        c< HTTP/1.1 500 No|content-length: 0||
        c> GET /2 HTTP/1.1|host: a||
        s< GET /2 HTTP/1.1|host: a||
        s> HTTP/1.1 502 No|content-length: 0||
        c< HTTP/1.1 502 No|content-length: 0||
        event 5 Health check for server be/s failed, reason: Health analyze, info: "Detected 2 consecutive errors, last one was: Wrong http response", status: 0/2 DOWN.
        event 1 Server be/s is DOWN. 0 active and 0 backup servers left. 1 sessions active, 0 requeued, 0 remaining in queue.
        event 0 backend be has no server available!
        c> GET /3 HTTP/1.1|host: a||
        c< {503}
    "#),
    observe_starts_again_after_a_success: failing!("global: stats socket \"fd@${cli}\" level admin; backend: default-server inter 10s error-limit 2 on-error mark-down
        server: check addr ${t} observe layer7", r#"
        stat be/s check_status=L4OK
        c> GET /1 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        s> HTTP/1.1 500 No|content-length: 0||
        c< HTTP/1.1 500 No|content-length: 0||
        c> GET /2 HTTP/1.1|host: a||
        s< GET /2 HTTP/1.1|host: a||
        s> HTTP/1.1 501 No|content-length: 0||
        c< HTTP/1.1 501 No|content-length: 0||
        c> GET /3 HTTP/1.1|host: a||
        s< GET /3 HTTP/1.1|host: a||
        s> HTTP/1.1 500 No|content-length: 0||
        c< HTTP/1.1 500 No|content-length: 0||
        c> GET /4 HTTP/1.1|host: a||
        s< GET /4 HTTP/1.1|host: a||
        s> HTTP/1.1 200 Yes|content-length: 0||
        c< HTTP/1.1 200 Yes|content-length: 0||
    stat be/s hanafail=0
    "#),
    item_130_observe_of_connections_ignores_statuses: failing!("global: stats socket \"fd@${cli}\" level admin; backend: default-server inter 10s error-limit 1 on-error mark-down
        server: check addr ${t} observe layer4", r#"
        stat be/s check_status=L4OK
        c> GET /1 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        s> HTTP/1.1 500 No|content-length: 0||
        c< HTTP/1.1 500 No|content-length: 0||
        c> GET /2 HTTP/1.1|host: a||
        s< GET /2 HTTP/1.1|host: a||
        s> HTTP/1.1 200 Yes|content-length: 0||
        c< HTTP/1.1 200 Yes|content-length: 0||
    stat be/s hanafail=0
    "#),
    items_130_and_131_observe_counts_refused_connections: failing!("retries 0; backend: default-server inter 10s error-limit 1 on-error mark-down
        server: check addr ${t} observe layer4", r#"
        s refuse
        c> GET /1 HTTP/1.1|host: a||
        c< {503}
        event 1 Server be/s is DOWN, reason: Health analyze, info: "Detected 1 consecutive errors, last one was: L4 unsuccessful connection". 0 active and 0 backup servers left. 1 sessions active, 0 requeued, 0 remaining in queue.
    "#),
    observe_counts_a_head_that_cannot_be_read: failing!("backend: default-server inter 10s error-limit 1 on-error mark-down
        server: check addr ${t} observe layer7", r#"
        c> GET /1 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: x||
        c< {502}
        event 1 Server be/s is DOWN, reason: Health analyze, info: "Detected 1 consecutive errors, last one was: Invalid http response (headers)". 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.
    "#),
    // SEMANTICS 1.3 says twice; 3.4.0 counts one error for each, as these statistics show.
    observe_counts_a_bad_head_once: failing!("global: stats socket \"fd@${cli}\" level admin; backend: default-server inter 10s error-limit 2 on-error fastinter
        server: check addr ${t} observe layer7", r#"
        stat be/s check_status=L4OK
        c> GET /1 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: x||
        c< {502}
        stat be/s eresp=1 hanafail=0
        c2> GET /2 HTTP/1.1|host: a||
        s2< GET /2 HTTP/1.1|host: a||
        s2> HTTP/1.1 200 OK|content-length: x||
        c2< {502}
        stat be/s eresp=2 hanafail=1
        c3> GET /3 HTTP/1.1|host: a||
        s3< GET /3 HTTP/1.1|host: a||
        s3> HTTP/1.1 200 OK|content-length: x||
        c3< {502}
        stat be/s eresp=3 hanafail=1
    "#),
    observe_counts_an_upgrade_nobody_asked_for_once: failing!("global: stats socket \"fd@${cli}\" level admin; backend: default-server inter 10s error-limit 1 on-error fastinter
        server: check addr ${t} observe layer7", r#"
        stat be/s check_status=L4OK
        c> GET /1 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        s> HTTP/1.1 101 Up||
        c< {502}
        stat be/s eresp=1 hanafail=1
    "#),
    observe_counts_a_close_without_an_answer: failing!("retries 0; backend: default-server inter 10s error-limit 1 on-error mark-down
        server: check addr ${t} observe layer7", r#"
        c> GET /1 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        s close
        c< {502}
        event 1 Server be/s is DOWN, reason: Health analyze, info: "Detected 1 consecutive errors, last one was: Read error (http)". 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.
    "#),
    observe_counts_a_timeout: failing!("timeout server 100ms; backend: default-server inter 10s error-limit 1 on-error mark-down
        server: check addr ${t} observe layer7", r#"
        c> GET /1 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        c< {504}
        event 1 Server be/s is DOWN, reason: Health analyze, info: "Detected 1 consecutive errors, last one was: Read timeout (http)". 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.
    "#),
    observe_without_check_does_nothing: failing!("global: stats socket \"fd@${cli}\" level admin; backend: default-server inter 10s error-limit 1 on-error mark-down
        server: observe layer7", r#"
        c> GET /1 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        s> HTTP/1.1 500 No|content-length: 0||
        c< HTTP/1.1 500 No|content-length: 0||
        c> GET /2 HTTP/1.1|host: a||
        s< GET /2 HTTP/1.1|host: a||
        s> HTTP/1.1 200 Yes|content-length: 0||
        c< HTTP/1.1 200 Yes|content-length: 0||
    stat be/s hanafail=0
    "#),
    observe_is_sudden_death: failing!("backend: default-server inter 10s error-limit 1 on-error sudden-death; backend: option log-health-checks
        server: check addr ${t} observe layer7", r#"
        event 5 Health check for server be/s succeeded, reason: Layer4 check passed, check duration: #ms, status: 3/3 UP.
        c> GET /1 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        s> HTTP/1.1 500 No|content-length: 0||
        c< HTTP/1.1 500 No|content-length: 0||
        event 5 Health check for server be/s failed, reason: Health analyze, info: "Detected 1 consecutive errors, last one was: Wrong http response", status: 1/3 UP.
        c> GET /2 HTTP/1.1|host: a||
        s< GET /2 HTTP/1.1|host: a||
        s> HTTP/1.1 500 No|content-length: 0||
        c< HTTP/1.1 500 No|content-length: 0||
        event 5 Health check for server be/s failed, reason: Health analyze, info: "Detected 1 consecutive errors, last one was: Wrong http response", status: 0/2 DOWN.
        event 1 Server be/s is DOWN. 0 active and 0 backup servers left. 1 sessions active, 0 requeued, 0 remaining in queue.
    "#),
    observe_fails_checks: failing!("backend: default-server inter 10s error-limit 1; backend: option log-health-checks
        server: check addr ${t} observe layer7", r#"
        event 5 Health check for server be/s succeeded, reason: Layer4 check passed, check duration: #ms, status: 3/3 UP.
        c> GET /1 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        s> HTTP/1.1 500 No|content-length: 0||
        c< HTTP/1.1 500 No|content-length: 0||
        event 5 Health check for server be/s failed, reason: Health analyze, info: "Detected 1 consecutive errors, last one was: Wrong http response", status: 2/3 UP.
        c> GET /2 HTTP/1.1|host: a||
        s< GET /2 HTTP/1.1|host: a||
        s> HTTP/1.1 500 No|content-length: 0||
        c< HTTP/1.1 500 No|content-length: 0||
        event 5 Health check for server be/s failed, reason: Health analyze, info: "Detected 1 consecutive errors, last one was: Wrong http response", status: 1/3 UP.
    "#),
    observe_makes_checks_faster: failing!("backend: default-server inter 10s fastinter 20ms error-limit 1 on-error fastinter; backend: option httpchk
        server: check addr ${t} observe layer7", r#"
        t< OPTIONS / HTTP/1.0||
        t> HTTP/1.0 200 OK||
        c> GET /1 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        s> HTTP/1.1 500 No|content-length: 0||
        c< HTTP/1.1 500 No|content-length: 0||
        t2< OPTIONS / HTTP/1.0||
    "#),
    item_134_streams_go_on_when_their_server_is_marked_down: failing!("backend: default-server inter 10s error-limit 1 on-error mark-down
        server: check addr ${t} observe layer7", r#"
        c> GET /1 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        c2> GET /2 HTTP/1.1|host: a||
        s2< GET /2 HTTP/1.1|host: a||
        s2> HTTP/1.1 500 No|content-length: 0||
        c2< HTTP/1.1 500 No|content-length: 0||
        event 1 Server be/s is DOWN, reason: Health analyze, info: "Detected 1 consecutive errors, last one was: Wrong http response". 0 active and 0 backup servers left. 2 sessions active, 0 requeued, 0 remaining in queue.
        s> HTTP/1.1 200 Yes|content-length: 0||
        c< HTTP/1.1 200 Yes|content-length: 0||
    "#),
    item_134_streams_end_with_their_server: failing!("backend: default-server inter 10s error-limit 1 on-error mark-down on-marked-down shutdown-sessions
        server: check addr ${t} observe layer7", r#"
        c> GET /1 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        s> HTTP/1.1 200 Yes|content-length: 10||half
        c^ HTTP/1.1 200 Yes|content-length: 10||
        c~ half
        c2> GET /2 HTTP/1.1|host: a||
        s2< GET /2 HTTP/1.1|host: a||
        s2> HTTP/1.1 500 No|content-length: 0||
        event 1 Server be/s is DOWN, reason: Health analyze, info: "Detected 1 consecutive errors, last one was: Wrong http response". 0 active and 0 backup servers left. 2 sessions active, 0 requeued, 0 remaining in queue.
        c end
    "#),
}
