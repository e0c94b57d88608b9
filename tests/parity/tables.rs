//! Stick tables: what is tracked, what counts, and how long entries stay.

use crate::case::{http, tcp};

/// A frontend whose own table stores most things.
macro_rules! tabled {
    ($rules:literal, $script:literal) => {
        crate::case::http(
            concat!(
                "frontend: stick-table type ip size 10 expire 10s store http_req_cnt,http_req_rate(10s),http_err_cnt,http_fail_cnt,gpc0,gpc0_rate(10s),gpc1,gpt0,conn_cnt,conn_cur,conn_rate(10s),sess_cnt,sess_rate(10s),bytes_in_cnt,bytes_out_cnt\n",
                $rules
            ),
            $script,
        )
    };
}

/// A frontend that answers with the value of an expression, `<>` if there is none.
macro_rules! shows {
    ($table:literal, $rules:literal, $expression:literal, $($head:literal => $value:literal,)*) => {
        crate::case::http(
            concat!(
                "frontend: stick-table ", $table, "\n", $rules, "\n",
                "frontend: http-request return status 200 hdr x \"<%[", $expression, "]>\"",
            ),
            concat!($("c> GET ", $head, "||\nc< HTTP/1.1 200 OK|content-length: 0|x: <", $value, ">||\n",)*),
        )
    };
}

/// A backend that refuses with 429 while more than half of its answers are failures. The path
/// `/later` waits for the inspection delay.
macro_rules! breaker {
    ($expire:literal, $defaults:literal, $script:literal) => {
        crate::case::http(
            concat!(
                $defaults,
                "\nfrontend: tcp-request content accept if !{ path /later }
                frontend: tcp-request content accept if WAIT_END
                backend: stick-table type string len 64 size 1 expire ", $expire, " store http_req_rate(10s),gpc0,gpc0_rate(10s),gpc1
                backend: http-request deny deny_status 429 if { be_name,table_gpc1 gt 0 }
                backend: http-request track-sc0 be_name
                backend: http-response sc-inc-gpc0(0) if { status ge 500 }
                backend: http-response set-var(res.req_rate) sc_http_req_rate(0)
                backend: http-response set-var(res.err_rate) sc_gpc0_rate(0)
                backend: http-response sc-inc-gpc1(0) if { int(100),mul(res.err_rate),div(res.req_rate) gt 50 }"
            ),
            $script,
        )
    };
}

cases! {
    requests_are_counted_by_http_request_track: shows!(
        "type ip size 10 expire 10s store http_req_cnt", "frontend: http-request track-sc0 src",
        "sc_http_req_cnt(0)", "/ HTTP/1.1|host: a" => "1", "/ HTTP/1.1|host: a" => "2",
        "/ HTTP/1.1|host: a" => "3",
    ),
    rates_of_requests: shows!(
        "type ip size 10 expire 10s store http_req_rate(10s)", "frontend: http-request track-sc0 src",
        "sc0_http_req_rate", "/ HTTP/1.1|host: a" => "1", "/ HTTP/1.1|host: a" => "2",
    ),
    connection_tracking_counts_connections_and_requests: shows!(
        "type ip size 10 expire 10s store conn_cnt,conn_cur,sess_cnt,http_req_cnt",
        "frontend: tcp-request connection track-sc0 src",
        "sc0_conn_cnt]/%[sc0_conn_cur]/%[sc0_sess_cnt]/%[sc0_http_req_cnt",
        "/ HTTP/1.1|host: a" => "1/1/1/1", "/ HTTP/1.1|host: a" => "1/1/1/2",
    ),
    session_tracking: shows!(
        "type ip size 10 expire 10s store conn_cnt,conn_cur,sess_cnt,http_req_cnt",
        "frontend: tcp-request session track-sc1 src",
        "sc1_conn_cnt]/%[sc1_conn_cur]/%[sc1_sess_cnt]/%[sc1_http_req_cnt",
        "/ HTTP/1.1|host: a" => "1/1/1/1", "/ HTTP/1.1|host: a" => "1/1/1/2",
    ),
    content_tracking_lasts_for_a_request: shows!(
        "type ip size 10 expire 10s store conn_cnt,conn_cur,sess_cnt,http_req_cnt",
        "frontend: tcp-request content track-sc2 src",
        "sc2_conn_cnt]/%[sc2_conn_cur]/%[sc2_sess_cnt]/%[sc2_http_req_cnt",
        "/ HTTP/1.1|host: a" => "1/1/0/1", "/ HTTP/1.1|host: a" => "2/1/0/2",
    ),
    http_tracking_lasts_for_a_request: shows!(
        "type ip size 10 expire 10s store conn_cnt,conn_cur,sess_cnt,http_req_cnt",
        "frontend: http-request track-sc0 src",
        "sc0_conn_cnt]/%[sc0_conn_cur]/%[sc0_sess_cnt]/%[sc0_http_req_cnt",
        "/ HTTP/1.1|host: a" => "1/1/0/1", "/ HTTP/1.1|host: a" => "2/1/0/2",
    ),
    the_first_key_stays: shows!(
        "type string size 10 expire 10s store http_req_cnt",
        "frontend: http-request track-sc0 req.hdr(a)\nfrontend: http-request track-sc0 req.hdr(b)",
        "sc_key(0)", "/ HTTP/1.1|host: a|a: one|b: two" => "one",
        "/ HTTP/1.1|host: a|b: two" => "two", "/ HTTP/1.1|host: a" => "",
    ).since(3, 4),
    the_connections_key_stays: shows!(
        "type string size 10 expire 10s store http_req_cnt",
        "frontend: tcp-request connection track-sc0 str(conn)\nfrontend: http-request track-sc0 req.hdr(a)",
        "sc_key(0)", "/ HTTP/1.1|host: a|a: one" => "conn", "/ HTTP/1.1|host: a" => "conn",
    ).since(3, 4),
    nothing_is_tracked_without_a_key: shows!(
        "type string size 10 expire 10s store http_req_cnt",
        "frontend: http-request track-sc0 req.hdr(a)",
        "sc_tracked(0)]/%[sc0_http_req_cnt]/%[table_cnt", "/ HTTP/1.1|host: a" => "0//0",
        "/ HTTP/1.1|host: a|a: one" => "1/1/1", "/ HTTP/1.1|host: a" => "0//1",
    ),
    strings_of_31_characters: shows!(
        "type string size 10 expire 10s store http_req_cnt",
        "frontend: http-request track-sc0 req.hdr(a)",
        "sc_key(0)]/%[sc0_http_req_cnt",
        "/ HTTP/1.1|host: a|a: 0123456789012345678901234567890123" => "0123456789012345678901234567890/1",
        "/ HTTP/1.1|host: a|a: 0123456789012345678901234567890" => "0123456789012345678901234567890/2",
        "/ HTTP/1.1|host: a|a: 0123456789012345678901234567890xxxx" => "0123456789012345678901234567890/3",
    ).since(3, 4),
    strings_with_a_length: shows!(
        "type string len 4 size 10 expire 10s store http_req_cnt",
        "frontend: http-request track-sc0 req.hdr(a)",
        "sc_key(0)]/%[sc0_http_req_cnt", "/ HTTP/1.1|host: a|a: abcdef" => "abcd/1",
        "/ HTTP/1.1|host: a|a: abcdxx" => "abcd/2", "/ HTTP/1.1|host: a|a: abc" => "abc/1",
    ).since(3, 4),
    integers: shows!(
        "type integer size 10 expire 10s store http_req_cnt",
        "frontend: http-request track-sc0 req.hdr(a)",
        "sc_key(0)]/%[sc0_http_req_cnt", "/ HTTP/1.1|host: a|a: 12" => "12/1",
        "/ HTTP/1.1|host: a|a: 4294967308" => "12/2", "/ HTTP/1.1|host: a|a: x" => "0/1",
    ).since(3, 4),
    binaries: shows!(
        "type binary len 4 size 10 expire 10s store http_req_cnt",
        "frontend: http-request track-sc0 req.hdr(a)",
        "sc_key(0),hex]/%[sc0_http_req_cnt", "/ HTTP/1.1|host: a|a: ab" => "61620000/1",
        "/ HTTP/1.1|host: a|a: abcdef" => "61626364/1", "/ HTTP/1.1|host: a|a: abcd" => "61626364/2",
    ).since(3, 4),
    addresses: shows!(
        "type ipv6 size 10 expire 10s store http_req_cnt",
        "frontend: http-request track-sc0 req.hdr_ip(a)",
        "sc_key(0)]/%[sc0_http_req_cnt", "/ HTTP/1.1|host: a|a: 2001:db8::1" => "2001:db8::1/1",
        "/ HTTP/1.1|host: a|a: 192.0.2.1" => "::ffff:192.0.2.1/1", "/ HTTP/1.1|host: a|a: x" => "/",
    ).since(3, 4),
    an_ipv4_table_takes_no_ipv6: shows!(
        "type ip size 10 expire 10s store http_req_cnt",
        "frontend: http-request track-sc0 req.hdr_ip(a)",
        "sc_key(0)]/%[sc0_http_req_cnt", "/ HTTP/1.1|host: a|a: 2001:db8::1" => "/",
        "/ HTTP/1.1|host: a|a: ::ffff:192.0.2.1" => "192.0.2.1/1",
    ).since(3, 4),
    a_name_in_an_ip_table_tracks_nothing: shows!(
        "type ip size 10 expire 10s store http_req_cnt",
        "frontend: http-request track-sc0 fe_name", "sc_tracked(0)]/%[table_cnt",
        "/ HTTP/1.1|host: a" => "0/0",
    ),
    counters_and_tags_are_written: shows!(
        "type ip size 10 expire 10s store gpc0,gpc0_rate(10s),gpc1,gpt0",
        "frontend: http-request track-sc0 src
         frontend: http-request sc-inc-gpc0(0)
         frontend: http-request sc-inc-gpc1 if { path /two }
         frontend: http-request sc-set-gpt0(0) req.hdr(tag),length",
        "sc0_get_gpc0]/%[sc0_gpc0_rate]/%[sc0_get_gpc1]/%[sc0_get_gpt0",
        "/ HTTP/1.1|host: a" => "1/1/0/0", "/two HTTP/1.1|host: a|tag: abc" => "2/2/1/3",
    ),
    arrays: shows!(
        "type ip size 10 expire 10s store gpc(3),gpc_rate(3,10s),gpt(2)",
        "frontend: http-request track-sc0 src
         frontend: http-request sc-inc-gpc(2,0)
         frontend: http-request sc-add-gpc(1,0) 5
         frontend: http-request sc-add-gpc(1,0) req.hdr(n)
         frontend: http-request sc-inc-gpc(3,0)
         frontend: http-request sc-set-gpt(1,0) 9",
        "sc_get_gpc(2,0)]/%[sc_get_gpc(1,0)]/%[sc_gpc_rate(1,0)]/%[sc_get_gpc(3,0)]/%[sc_get_gpt(1,0)]/%[sc0_get_gpc0]/%[sc0_get_gpc1]/%[sc0_get_gpt0",
        "/ HTTP/1.1|host: a" => "1/5/5//9/0/5/0", "/ HTTP/1.1|host: a|n: 10" => "2/20/20//9/0/20/0",
    ).since(3, 4),
    counting_fetches: shows!(
        "type ip size 10 expire 10s store gpc0,gpc1_rate(10s)",
        "frontend: http-request track-sc0 src",
        "sc0_inc_gpc0]/%[sc0_inc_gpc0]/%[sc0_clr_gpc0]/%[sc0_get_gpc0]/%[sc0_inc_gpc1]/%[sc0_clr_gpc1",
        "/ HTTP/1.1|host: a" => "1/2/2/0/1/", "/ HTTP/1.1|host: a" => "1/2/2/0/2/",
    ),
    every_form_of_gpc0: shows!(
        "type ip size 10 expire 10s store gpc0,gpc0_rate(10s)", "frontend: http-request track-sc0 src",
        "sc_inc_gpc0(0)]/%[sc_inc_gpc0(0)]/%[sc_get_gpc0(0)]/%[sc_gpc0_rate(0)]/%[sc_clr_gpc0(0)]/%[sc_get_gpc0(0)]/%[sc0_inc_gpc0]/%[sc0_inc_gpc0]/%[sc0_get_gpc0]/%[sc0_gpc0_rate]/%[sc0_clr_gpc0]/%[sc0_get_gpc0]/%[src_inc_gpc0]/%[src_inc_gpc0]/%[src_get_gpc0]/%[src_gpc0_rate]/%[src_clr_gpc0]/%[src_get_gpc0",
        "/ HTTP/1.1|host: a" => "1/2/2/2/2/0/1/2/2/4/2/0/1/2/2/6/2/0",
    ),
    every_form_of_gpc1: shows!(
        "type ip size 10 expire 10s store gpc1,gpc1_rate(10s)", "frontend: http-request track-sc0 src",
        "sc_inc_gpc1(0)]/%[sc_inc_gpc1(0)]/%[sc_get_gpc1(0)]/%[sc_gpc1_rate(0)]/%[sc_clr_gpc1(0)]/%[sc_get_gpc1(0)]/%[sc0_inc_gpc1]/%[sc0_inc_gpc1]/%[sc0_get_gpc1]/%[sc0_gpc1_rate]/%[sc0_clr_gpc1]/%[sc0_get_gpc1]/%[src_inc_gpc1]/%[src_inc_gpc1]/%[src_get_gpc1]/%[src_gpc1_rate]/%[src_clr_gpc1]/%[src_get_gpc1",
        "/ HTTP/1.1|host: a" => "1/2/2/2/2/0/1/2/2/4/2/0/1/2/2/6/2/0",
    ),
    every_form_of_arrays: shows!(
        "type ip size 10 expire 10s store gpc(2),gpc_rate(2,10s),gpt(2)",
        "frontend: http-request track-sc0 src
         frontend: http-request sc-set-gpt(1,0) 7",
        "sc_inc_gpc(1,0)]/%[sc_inc_gpc(1,0)]/%[sc_get_gpc(1,0)]/%[sc_gpc_rate(1,0)]/%[sc_clr_gpc(1,0)]/%[sc_get_gpc(1,0)]/%[sc_get_gpt(1,0)]/%[src_inc_gpc(1,fe)]/%[src_inc_gpc(1,fe)]/%[src_get_gpc(1,fe)]/%[src_gpc_rate(1,fe)]/%[src_clr_gpc(1,fe)]/%[src_get_gpc(1,fe)]/%[src_get_gpt(1,fe)",
        "/ HTTP/1.1|host: a" => "1/2/2/2/2/0/7/1/2/2/4/2/0/7",
    ).since(3, 4),
    every_form_of_arrays_by_key: shows!(
        "type ip size 10 expire 10s store gpc(2),gpc_rate(2,10s),gpt(2)",
        "frontend: http-request track-sc0 src
         frontend: http-request sc-set-gpt(0,0) 7",
        "src,table_inc_gpc(1,fe)]/%[src,table_gpc(1,fe)]/%[src,table_gpc_rate(1,fe)]/%[src,table_clr_gpc(1,fe)]/%[src,table_gpc(1,fe)]/%[src,table_gpt(0,fe)",
        "/ HTTP/1.1|host: a" => "1/1/1/1/0/7",
    ).since(3, 4),
    every_value_of_a_number: shows!(
        "type ip size 10 expire 10s store conn_cnt,conn_cur,conn_rate(10s),sess_cnt,sess_rate(10s),http_req_cnt,http_req_rate(10s),http_err_cnt,http_err_rate(10s),http_fail_cnt,http_fail_rate(10s),bytes_in_cnt,bytes_out_cnt,bytes_in_rate(10s),bytes_out_rate(10s),glitch_cnt,glitch_rate(10s),gpc0,gpc0_rate(10s),gpc1,gpc1_rate(10s),gpt0",
        "frontend: tcp-request connection track-sc0 src
         frontend: http-request sc-set-gpt0(0) 5",
        "sc_conn_cnt(0)]/%[sc_conn_cur(0)]/%[sc_conn_rate(0)]/%[sc_sess_cnt(0)]/%[sc_sess_rate(0)]/%[sc_http_req_cnt(0)]/%[sc_http_req_rate(0)]/%[sc_http_err_cnt(0)]/%[sc_http_err_rate(0)]/%[sc_http_fail_cnt(0)]/%[sc_http_fail_rate(0)]/%[sc_kbytes_in(0)]/%[sc_kbytes_out(0)]/%[sc_bytes_in_rate(0)]/%[sc_bytes_out_rate(0)]/%[sc_glitch_cnt(0)]/%[sc_glitch_rate(0)]/%[sc_gpc0_rate(0)]/%[sc_gpc1_rate(0)]/%[sc_get_gpc0(0)]/%[sc_get_gpc1(0)]/%[sc_get_gpt0(0)",
        "/ HTTP/1.1|host: a" => "1/1/1/1/1/1/1/0/0/0/0/0/0/0/0/0/0/0/0/0/0/5", "/ HTTP/1.1|host: a" => "1/1/1/1/1/2/2/0/0/0/0/0/0/38/0/0/0/0/0/0/0/5",
    ).since(3, 4),
    every_value_of_the_first: shows!(
        "type ip size 10 expire 10s store conn_cnt,conn_cur,conn_rate(10s),sess_cnt,sess_rate(10s),http_req_cnt,http_req_rate(10s),http_err_cnt,http_err_rate(10s),http_fail_cnt,http_fail_rate(10s),bytes_in_cnt,bytes_out_cnt,bytes_in_rate(10s),bytes_out_rate(10s),glitch_cnt,glitch_rate(10s),gpc0,gpc0_rate(10s),gpc1,gpc1_rate(10s),gpt0",
        "frontend: tcp-request connection track-sc0 src
         frontend: http-request sc-set-gpt0(0) 5",
        "sc0_conn_cnt]/%[sc0_conn_cur]/%[sc0_conn_rate]/%[sc0_sess_cnt]/%[sc0_sess_rate]/%[sc0_http_req_cnt]/%[sc0_http_req_rate]/%[sc0_http_err_cnt]/%[sc0_http_err_rate]/%[sc0_http_fail_cnt]/%[sc0_http_fail_rate]/%[sc0_kbytes_in]/%[sc0_kbytes_out]/%[sc0_bytes_in_rate]/%[sc0_bytes_out_rate]/%[sc0_glitch_cnt]/%[sc0_glitch_rate]/%[sc0_gpc0_rate]/%[sc0_gpc1_rate]/%[sc0_get_gpc0]/%[sc0_get_gpc1]/%[sc0_get_gpt0",
        "/ HTTP/1.1|host: a" => "1/1/1/1/1/1/1/0/0/0/0/0/0/0/0/0/0/0/0/0/0/5", "/ HTTP/1.1|host: a" => "1/1/1/1/1/2/2/0/0/0/0/0/0/38/0/0/0/0/0/0/0/5",
    ).since(3, 4),
    every_value_of_the_address: shows!(
        "type ip size 10 expire 10s store conn_cnt,conn_cur,conn_rate(10s),sess_cnt,sess_rate(10s),http_req_cnt,http_req_rate(10s),http_err_cnt,http_err_rate(10s),http_fail_cnt,http_fail_rate(10s),bytes_in_cnt,bytes_out_cnt,bytes_in_rate(10s),bytes_out_rate(10s),glitch_cnt,glitch_rate(10s),gpc0,gpc0_rate(10s),gpc1,gpc1_rate(10s),gpt0",
        "frontend: tcp-request connection track-sc0 src
         frontend: http-request sc-set-gpt0(0) 5",
        "src_conn_cnt]/%[src_conn_cur]/%[src_conn_rate]/%[src_sess_cnt]/%[src_sess_rate]/%[src_http_req_cnt]/%[src_http_req_rate]/%[src_http_err_cnt]/%[src_http_err_rate]/%[src_http_fail_cnt]/%[src_http_fail_rate]/%[src_kbytes_in]/%[src_kbytes_out]/%[src_bytes_in_rate]/%[src_bytes_out_rate]/%[src_glitch_cnt]/%[src_glitch_rate]/%[src_gpc0_rate]/%[src_gpc1_rate]/%[src_get_gpc0]/%[src_get_gpc1]/%[src_get_gpt0",
        "/ HTTP/1.1|host: a" => "1/1/1/1/1/1/1/0/0/0/0/0/0/0/0/0/0/0/0/0/0/5", "/ HTTP/1.1|host: a" => "1/1/1/1/1/2/2/0/0/0/0/0/0/38/0/0/0/0/0/0/0/5",
    ).since(3, 4),
    every_value_by_key: shows!(
        "type ip size 10 expire 10s store conn_cnt,conn_cur,conn_rate(10s),sess_cnt,sess_rate(10s),http_req_cnt,http_req_rate(10s),http_err_cnt,http_err_rate(10s),http_fail_cnt,http_fail_rate(10s),bytes_in_cnt,bytes_out_cnt,bytes_in_rate(10s),bytes_out_rate(10s),glitch_cnt,glitch_rate(10s),gpc0,gpc0_rate(10s),gpc1,gpc1_rate(10s),gpt0,server_id",
        "frontend: tcp-request connection track-sc0 src
         frontend: http-request sc-set-gpt0(0) 5",
        "src,table_conn_cnt]/%[src,table_conn_cur]/%[src,table_conn_rate]/%[src,table_sess_cnt]/%[src,table_sess_rate]/%[src,table_http_req_cnt]/%[src,table_http_req_rate]/%[src,table_http_err_cnt]/%[src,table_http_err_rate]/%[src,table_http_fail_cnt]/%[src,table_http_fail_rate]/%[src,table_kbytes_in]/%[src,table_kbytes_out]/%[src,table_bytes_in_rate]/%[src,table_bytes_out_rate]/%[src,table_glitch_cnt]/%[src,table_glitch_rate]/%[src,table_gpc0]/%[src,table_gpc0_rate]/%[src,table_gpc1]/%[src,table_gpc1_rate]/%[src,table_gpt0]/%[src,table_server_id",
        "/ HTTP/1.1|host: a" => "1/1/1/1/1/1/1/0/0/0/0/0/0/0/0/0/0/0/0/0/0/5/0", "/ HTTP/1.1|host: a" => "1/1/1/1/1/2/2/0/0/0/0/0/0/38/0/0/0/0/0/0/0/5/0",
    ).since(3, 4),
    the_clients_entry: shows!(
        "type ip size 10 expire 10s store gpc0,conn_cnt,http_req_cnt", "",
        "src_get_gpc0]/%[table_cnt]/%[src_inc_gpc0]/%[src_inc_gpc0(fe)]/%[src_updt_conn_cnt]/%[table_cnt]/%[table_avl]/%[src_sess_cnt",
        "/ HTTP/1.1|host: a" => "0/0/1/2/1/1/9/", "/ HTTP/1.1|host: a" => "2/1/3/4/2/1/9/",
    ),
    look_ups: shows!(
        "type string size 10 expire 10s store gpc0,http_req_cnt",
        "frontend: http-request track-sc0 req.hdr(a)
         frontend: http-request sc-inc-gpc0(0)",
        "req.hdr(b),table_gpc0]/%[req.hdr(b),in_table]/%[req.hdr(b),table_http_req_cnt(fe)]/%[req.hdr(b),table_gpc1",
        "/ HTTP/1.1|host: a|a: one|b: one" => "1/1/1/", "/ HTTP/1.1|host: a|a: two|b: one" => "1/1/1/",
        "/ HTTP/1.1|host: a|b: none" => "0/0/0/0",
    ),
    looking_up_trackers: shows!(
        "type string size 10 expire 10s store gpc0",
        "frontend: http-request track-sc0 req.hdr(a)",
        "req.hdr(b),table_trackers", "/ HTTP/1.1|host: a|a: one|b: one" => "1",
        "/ HTTP/1.1|host: a|a: two|b: one" => "0", "/ HTTP/1.1|host: a|b: none" => "0",
    ).differs("the manual's number is that of trackers, HAProxy counts the look-up itself", "
        c> GET / HTTP/1.1|host: a|a: one|b: one||
        c< HTTP/1.1 200 OK|content-length: 0|x: <2>||
        c> GET / HTTP/1.1|host: a|a: two|b: one||
        c< HTTP/1.1 200 OK|content-length: 0|x: <1>||
        c> GET / HTTP/1.1|host: a|b: none||
        c< HTTP/1.1 200 OK|content-length: 0|x: <0>||
    "),
    counting_look_ups: shows!(
        "type string size 10 expire 10s store gpc0,gpc1", "",
        "req.hdr(a),table_inc_gpc0]/%[req.hdr(a),table_inc_gpc0]/%[req.hdr(a),table_clr_gpc0]/%[req.hdr(a),table_gpc0]/%[table_cnt",
        "/ HTTP/1.1|host: a|a: one" => "1/2/2/0/1", "/ HTTP/1.1|host: a|a: two" => "1/2/2/0/2",
    ).since(3, 4),
    times_of_absent_entries: shows!(
        "type string size 10 expire 10s store gpc0", "",
        "req.hdr(a),table_expire]/%[req.hdr(a),table_expire(fe,7)]/%[req.hdr(a),table_idle(fe,8)",
        "/ HTTP/1.1|host: a|a: one" => "/7/8",
    ),
    what_is_not_stored_has_no_value: shows!(
        "type ip size 10 expire 10s store gpc1",
        "frontend: http-request track-sc0 src", "sc0_get_gpc0]/%[sc0_get_gpc1]/%[sc0_http_req_cnt]/%[sc1_get_gpc1]/%[sc0_trackers",
        "/ HTTP/1.1|host: a" => "/0///1",
    ),
    a_full_table_gives_up_its_oldest: shows!(
        "type string size 1 expire 10s store http_req_cnt",
        "frontend: http-request track-sc0 req.hdr(a)", "sc_key(0)]/%[sc0_http_req_cnt]/%[table_cnt",
        "/ HTTP/1.1|host: a|a: one" => "one/1/1", "/ HTTP/1.1|host: a|a: two" => "two/1/1",
        "/ HTTP/1.1|host: a|a: one" => "one/1/1",
    ).since(3, 4),
    nopurge_takes_no_more: shows!(
        "type string size 1 expire 10s nopurge store http_req_cnt",
        "frontend: http-request track-sc0 req.hdr(a)", "sc_key(0)]/%[sc0_http_req_cnt]/%[table_cnt",
        "/ HTTP/1.1|host: a|a: one" => "one/1/1", "/ HTTP/1.1|host: a|a: two" => "//1",
        "/ HTTP/1.1|host: a|a: one" => "one/2/1",
    ).since(3, 4),
    // HAProxy 2.6 shows an entry past its date until its purge has come by; 3.4 finds nothing.
    entries_expire: shows!(
        "type string size 10 expire 300ms store http_req_cnt",
        "frontend: tcp-request inspect-delay 700ms
         frontend: tcp-request content accept if !{ path /later }
         frontend: tcp-request content accept if WAIT_END
         frontend: http-request track-sc0 path if { path /one }",
        "str(/one),table_http_req_cnt", "/one HTTP/1.1|host: a" => "1", "/one HTTP/1.1|host: a" => "2",
        "/later HTTP/1.1|host: a" => "0", "/one HTTP/1.1|host: a" => "1",
    ).since(3, 4),
    // HAProxy 2.6 shows an entry past its date until its purge has come by; 3.4 finds nothing.
    looking_does_not_keep_an_entry: shows!(
        "type string size 10 expire 900ms store http_req_cnt",
        "frontend: tcp-request inspect-delay 600ms
         frontend: tcp-request content accept if !{ path /later }
         frontend: tcp-request content accept if WAIT_END
         frontend: http-request track-sc0 path if { path /one }",
        "str(/one),table_http_req_cnt", "/one HTTP/1.1|host: a" => "1", "/later HTTP/1.1|host: a" => "1",
        "/later HTTP/1.1|host: a" => "0",
    ).since(3, 4),
    // In a table with keys of another type HAProxy 2.6 counts 0; 3.4 has no value.
    another_table_by_the_tracked_key: http("
        frontend fe
        bind \"fd@${fe}\"
        http-request track-sc0 src table one
        http-request track-sc1 src table two if { path /two }
        http-request return status 200 hdr x \"<%[sc0_http_req_cnt]/%[sc0_http_req_cnt(two)]/%[sc_http_req_cnt(0,three)]>\"
        backend one
        stick-table type ip size 10 store http_req_cnt
        backend two
        stick-table type ip size 10 store http_req_cnt
        backend three
        stick-table type string size 10 store http_req_cnt", r#"
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x: <1/0/>||
        c> GET /two HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x: <2/1/>||
    "#).since(3, 4),
    tables_of_peers_sections: http("
        frontend fe
        bind \"fd@${fe}\"
        http-request track-sc0 src table group/one
        http-request return status 200 hdr x \"<%[sc0_http_req_cnt]/%[src_http_req_cnt(group/one)]>\"
        peers group
        table one type ip size 10 store http_req_cnt", r#"
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x: <1/1>||
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x: <2/2>||
    "#),
    more_counters: http("
        global: tune.stick-counters 12
        frontend: stick-table type ip size 10 store http_req_cnt
        frontend: http-request track-sc11 src
        frontend: http-request return status 200 hdr x \"<%[sc_http_req_cnt(11)]/%[sc_tracked(12)]>\"", r#"
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x: <1/0>||
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x: <2/0>||
    "#).since(3, 4),
    errors_of_denied_requests: tabled!("
        frontend: http-request track-sc0 src
        frontend: http-request deny if { path /no }
        frontend: http-request return status 200 hdr x \"<%[sc0_http_req_cnt]/%[sc0_http_err_cnt]/%[sc0_http_fail_cnt]>\"", r#"
        c> GET /no HTTP/1.1|host: a||
        c< {403}
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x: <2/1/0>||
    "#),
    a_denial_before_tracking_is_no_error: tabled!("
        frontend: http-request deny if { path /no }
        frontend: http-request track-sc0 src
        frontend: http-request return status 200 hdr x \"<%[sc0_http_req_cnt]/%[sc0_http_err_cnt]>\"", r#"
        c> GET /no HTTP/1.1|host: a||
        c< {403}
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x: <1/0>||
    "#),
    malformed_requests_are_errors_of_the_connection: tabled!("
        frontend: tcp-request connection track-sc0 src
        frontend: http-request return status 200 hdr x \"<%[sc0_http_req_cnt]/%[sc0_http_err_cnt]>\"", r#"
        c> GET /|| HTTP/1.1|host: a||
        c< {400 close}
        c close
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x: <2/1>||
    "#),
    errors_and_failures_of_servers: tabled!("
        frontend: http-request track-sc0 src
        frontend: http-request return status 200 hdr x \"<%[sc0_http_req_cnt]/%[sc0_http_err_cnt]/%[sc0_http_fail_cnt]>\" if { path /show }", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 404 no|content-length: 0||
        c< HTTP/1.1 404 no|content-length: 0||
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 500 no|content-length: 0||
        c< HTTP/1.1 500 no|content-length: 0||
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 501 no|content-length: 0||
        c< HTTP/1.1 501 no|content-length: 0||
        c> GET /show HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x: <4/1/1>||
    "#),
    classes_of_statuses: tabled!("
        global: http-err-codes 404,410 -410 +200
        global: http-fail-codes +501 -500-503
        frontend: http-request track-sc0 src
        frontend: http-request return status 200 hdr x \"<%[sc0_http_err_cnt]/%[sc0_http_fail_cnt]>\" if { path /show }", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 404 no|content-length: 0||
        c< HTTP/1.1 404 no|content-length: 0||
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 500 no|content-length: 0||
        c< HTTP/1.1 500 no|content-length: 0||
        c> GET /show HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x: <1/0>||
    "#).since(3, 4),
    failures_made_here: tabled!("
        timeout server 300ms
        retries 0
        frontend: http-request track-sc0 src
        frontend: http-request return status 200 hdr x \"<%[sc0_http_req_cnt]/%[sc0_http_err_cnt]/%[sc0_http_fail_cnt]>\" if { path /show }", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s close
        c< {502}
        c> GET / HTTP/1.1|host: a||
        s2< GET / HTTP/1.1|host: a||
        c< {504}
        c> GET /show HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x: <3/0/2>||
    "#),
    a_refused_connection_is_no_failure: tabled!("
        retries 0
        backend: server s ${closed}
        frontend: http-request track-sc0 src
        frontend: http-request return status 200 hdr x \"<%[sc0_http_req_cnt]/%[sc0_http_err_cnt]/%[sc0_http_fail_cnt]>\" if { path /show }", r#"
        c> GET / HTTP/1.1|host: a||
        c< {503}
        c> GET /show HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x: <2/0/0>||
    "#),
    response_rules_track_and_count: tabled!("
        frontend: http-response track-sc0 src
        frontend: http-response sc-inc-gpc0(0) if { status ge 500 }
        frontend: http-response set-header x \"<%[sc0_http_req_cnt]/%[sc0_http_err_cnt]/%[sc0_http_fail_cnt]/%[sc0_get_gpc0]>\"", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 404 no|content-length: 0||
        c< HTTP/1.1 404 no|content-length: 0|x: <1/1/0/0>||
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 500 no|content-length: 0||
        c< HTTP/1.1 500 no|content-length: 0|x: <2/1/1/1>||
    "#),
    the_backends_content_rules_count_too: http("
        backend: stick-table type ip size 10 store http_req_cnt,conn_cnt
        backend: tcp-request content track-sc0 src
        backend: http-request return status 200 hdr x \"<%[sc0_http_req_cnt]/%[sc0_conn_cnt]>\"", r#"
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x: <1/1>||
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x: <2/2>||
    "#),
    after_response_rules_write_counters: tabled!("
        frontend: http-request track-sc0 src
        frontend: http-after-response sc-inc-gpc0(0)
        frontend: http-after-response set-header x \"<%[sc0_get_gpc0]>\"
        frontend: http-request return status 200", r#"
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x: <1>||
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x: <2>||
    "#).since(3, 4),
    denied_by_a_rate: tabled!("
        frontend: http-request track-sc0 src
        frontend: http-request deny deny_status 429 if { sc_http_req_rate(0) gt 2 }
        frontend: http-request return status 200", r#"
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0||
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0||
        c> GET / HTTP/1.1|host: a||
        c< {429}
    "#),
    connections_are_limited: tcp("
        frontend: stick-table type ip size 10 store conn_cur
        frontend: tcp-request connection track-sc0 src
        frontend: tcp-request connection reject if { sc0_conn_cur gt 1 }", r#"
        c> hello
        s= hello
        c2 connect
        c2 reset
        c close
        s eof
    "#),
    content_waits_for_the_key: tcp("
        frontend: stick-table type string len 8 size 10 store conn_cnt
        frontend: tcp-request inspect-delay 3s
        frontend: tcp-request content track-sc0 req.payload(0,3)
        frontend: tcp-request content reject if { sc0_conn_cnt gt 1 }", r#"
        c> a
        c> bc
        s= abc
        c2> ab
        c2> c
        c2 end
        c3> xyz
        s2= xyz
    "#),
    // HAProxy 2.6 shows an entry past its date until its purge has come by; 3.4 finds nothing.
    the_breaker_opens_and_closes: http("
        backend: stick-table type string len 64 size 1 expire 700ms store http_req_rate(10s),gpc0,gpc0_rate(10s),gpc1
        backend: tcp-request inspect-delay 900ms
        backend: tcp-request content accept if !{ path /later }
        backend: tcp-request content accept if WAIT_END
        backend: acl circuit_open be_name,table_gpc1 gt 0
        backend: http-request deny deny_status 503 if circuit_open
        backend: http-request track-sc0 be_name
        backend: http-response sc-inc-gpc0(0) if { status ge 500 }
        backend: http-response set-var(res.req_rate) sc_http_req_rate(0)
        backend: http-response set-var(res.err_rate) sc_gpc0_rate(0)
        backend: http-response sc-inc-gpc1(0) if { int(100),mul(res.err_rate),div(res.req_rate) gt 50 }", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 500 no|content-length: 0||
        c< HTTP/1.1 500 no|content-length: 0||
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 500 no|content-length: 0||
        c< HTTP/1.1 500 no|content-length: 0||
        c> GET / HTTP/1.1|host: a||
        c< {503}
        c> GET /later HTTP/1.1|host: a||
        s< GET /later HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
    "#).since(3, 4),
    one_failure_opens_an_empty_breaker: http("
        backend: stick-table type string len 64 size 1 expire 30s store http_req_rate(10s),gpc0,gpc0_rate(10s),gpc1
        backend: http-request deny deny_status 503 if { be_name,table_gpc1 gt 0 }
        backend: http-request track-sc0 be_name
        backend: http-response sc-inc-gpc0(0) if { status ge 500 }
        backend: http-response set-var(res.req_rate) sc_http_req_rate(0)
        backend: http-response set-var(res.err_rate) sc_gpc0_rate(0)
        backend: http-response sc-inc-gpc1(0) if { int(100),mul(res.err_rate),div(res.req_rate) gt 50 }", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 500 no|content-length: 0||
        c< HTTP/1.1 500 no|content-length: 0||
        c> GET / HTTP/1.1|host: a||
        c< {503}
        c> GET / HTTP/1.1|host: a||
        c< {503}
    "#),
    // HAProxy 2.6 shows an entry past its date until its purge has come by; 3.4 finds nothing.
    refusals_do_not_keep_the_breaker_open: breaker!("700ms", "frontend: tcp-request inspect-delay 450ms", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 500 no|content-length: 0||
        c< HTTP/1.1 500 no|content-length: 0||
        c> GET / HTTP/1.1|host: a||
        c< {429}
        c> GET /later HTTP/1.1|host: a||
        c< {429}
        c> GET /later HTTP/1.1|host: a||
        s< GET /later HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
    "#).since(3, 4),
    // HAProxy 2.6 shows an entry past its date until its purge has come by; 3.4 finds nothing.
    a_request_under_way_keeps_the_breaker_open: breaker!("700ms", "frontend: tcp-request inspect-delay 450ms", r#"
        c2> GET /slow HTTP/1.1|host: a||
        s< GET /slow HTTP/1.1|host: a||
        c> GET / HTTP/1.1|host: a||
        s2< GET / HTTP/1.1|host: a||
        s2> HTTP/1.1 500 no|content-length: 0||
        c< HTTP/1.1 500 no|content-length: 0||
        c> GET / HTTP/1.1|host: a||
        s2< GET / HTTP/1.1|host: a||
        s2> HTTP/1.1 500 no|content-length: 0||
        c< HTTP/1.1 500 no|content-length: 0||
        c> GET /later HTTP/1.1|host: a||
        c< {429}
        c> GET /later HTTP/1.1|host: a||
        c< {429}
        s> HTTP/1.1 200 OK|content-length: 0|connection: close||
        c2< HTTP/1.1 200 OK|content-length: 0||
        c> GET /later HTTP/1.1|host: a||
        c< {429}
        c> GET /later HTTP/1.1|host: a||
        s2< GET /later HTTP/1.1|host: a||
        s2> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
    "#).since(3, 4),
    answers_made_here_do_not_open_the_breaker: breaker!("30s", "retries 0; timeout server 300ms", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s close
        c< {502}
        c> GET / HTTP/1.1|host: a||
        s2< GET / HTTP/1.1|host: a||
        c< {504}
        c> GET / HTTP/1.1|host: a||
        s3< GET / HTTP/1.1|host: a||
        s3> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        c> GET / HTTP/1.1|host: a||
        s3< GET / HTTP/1.1|host: a||
    "#),
    half_of_the_requests_do_not_open_the_breaker: breaker!("30s", "", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 500 no|content-length: 0||
        c< HTTP/1.1 500 no|content-length: 0||
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 501 no|content-length: 0||
        c< HTTP/1.1 501 no|content-length: 0||
        c> GET / HTTP/1.1|host: a||
        c< {429}
    "#),
    tarpitted_and_challenged_requests_are_errors: tabled!("
        timeout tarpit 100ms
        frontend: http-request track-sc0 src
        frontend: http-request tarpit if { path /tar }
        frontend: http-request auth if { path /auth }
        frontend: http-request return status 200 hdr x \"<%[sc0_http_req_cnt]/%[sc0_http_err_cnt]>\"", r#"
        c> GET /tar HTTP/1.1|host: a||
        c< {500}
        c> GET /auth HTTP/1.1|host: a||
        c< HTTP/1.1 401 Unauthorized|cache-control: no-cache|content-length: 112|content-type: text/html|www-authenticate: Basic realm="fe"||<html><body><h1>401 Unauthorized</h1>\nYou need a valid user and password to access this content.\n</body></html>\n
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x: <3/2>||
    "#),
    bytes_are_counted_at_the_end: http("
        frontend: stick-table type ip size 10 store bytes_in_cnt,bytes_out_cnt,bytes_in_rate(10s),bytes_out_rate(10s)
        frontend: http-request track-sc0 src
        frontend: http-request return status 200 hdr x \"<%[sc0_kbytes_in]/%[sc0_kbytes_out]/%[sc0_bytes_in_rate]>\" if { path /show }", r#"
        c> POST / HTTP/1.1|host: a|content-length: 3000||{x*3000}
        s< POST / HTTP/1.1|host: a|content-length: 3000||{x*3000}
        s> HTTP/1.1 200 OK|content-length: 5000||{y*5000}
        c< HTTP/1.1 200 OK|content-length: 5000||{y*5000}
        c> GET /show HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x: <2/4/3057>||
    "#),
    byte_rates_in_blocks: http("
        frontend: stick-table type ip size 10 brates-factor 1000 store bytes_in_rate(10s)
        frontend: http-request track-sc0 src
        frontend: http-request return status 200 hdr x \"<%[sc0_bytes_in_rate]/%[src,table_bytes_in_rate]>\"", r#"
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x: <0/0>||
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x: <1000/1000>||
    "#).since(3, 4),
    stick_on: http("
        backend: balance roundrobin
        backend: server s ${s}
        backend: server t ${t}
        backend: stick-table type string size 10 expire 10s
        backend: stick on req.hdr(user)
        backend: http-response set-header x \"<%[str(one),table_server_id]/%[str(two),table_server_id]>\"", r#"
        c> GET / HTTP/1.1|host: a|user: one||
        s< GET / HTTP/1.1|host: a|user: one||
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0|x: <1/0>||
        c2> GET / HTTP/1.1|host: a|user: two||
        t< GET / HTTP/1.1|host: a|user: two||
        t> HTTP/1.1 200 OK|content-length: 0||
        c2< HTTP/1.1 200 OK|content-length: 0|x: <1/2>||
        c2> GET / HTTP/1.1|host: a|user: two||
        t< GET / HTTP/1.1|host: a|user: two||
        t> HTTP/1.1 200 OK|content-length: 0||
        c2< HTTP/1.1 200 OK|content-length: 0|x: <1/2>||
        c> GET / HTTP/1.1|host: a|user: one||
        s< GET / HTTP/1.1|host: a|user: one||
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0|x: <1/2>||
        c> GET / HTTP/1.1|host: a|user: one||
        s< GET / HTTP/1.1|host: a|user: one||
    "#),
    stick_store_response_and_match: http("
        backend: balance roundrobin
        backend: server s ${s}
        backend: server t ${t}
        backend: stick-table type string size 10 expire 10s
        backend: stick store-response res.hdr(session)
        backend: stick match req.hdr(session) if !{ path /else }", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 0|session: abc||
        c< HTTP/1.1 200 OK|content-length: 0|session: abc||
        c> GET / HTTP/1.1|host: a|session: abc||
        s< GET / HTTP/1.1|host: a|session: abc||
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        c> GET /else HTTP/1.1|host: a|session: abc||
        t< GET /else HTTP/1.1|host: a|session: abc||
        t> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
    "#),
    stick_by_address_finds_the_server_under_another_name: http("
        global: stats socket \"fd@${cli}\" level admin
        frontend: use_backend other if { path_beg /other }
        backend: balance roundrobin
        backend: server s ${s}
        backend: server t ${t}
        backend: stick on req.hdr(user) table by
        backend by
        stick-table type string size 10 expire 10s srvkey addr
        backend other
        balance roundrobin
        stick on req.hdr(user) table by
        server nobody ${closed}
        server first ${s}", r#"
        c> GET / HTTP/1.1|host: a|user: one||
        s< GET / HTTP/1.1|host: a|user: one||
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        c> GET /other HTTP/1.1|host: a|user: one||
        s2< GET /other HTTP/1.1|host: a|user: one||
        s2> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
    "#).since(3, 0),
    stick_in_tcp_mode: tcp("
        backend: balance roundrobin
        backend: server s ${s}
        backend: server t ${t}
        backend: stick-table type ip size 10 expire 10s
        backend: stick on src", r#"
        c> one
        s= one
        c2> two
        s2= two
    "#),
    a_server_that_fails_is_not_stored: http("
        retries 0
        backend: balance roundrobin
        backend: server s ${closed}
        backend: server t ${t}
        backend: stick-table type string size 10 expire 10s
        backend: stick on req.hdr(user)", r#"
        c> GET / HTTP/1.1|host: a|user: one||
        c< {503}
        c> GET / HTTP/1.1|host: a|user: one||
        t< GET / HTTP/1.1|host: a|user: one||
        t> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        c> GET / HTTP/1.1|host: a|user: one||
        t< GET / HTTP/1.1|host: a|user: one||
    "#),
}
