//! Fetches that no other case asks: what they give of a request, of a response, of tracked clients, and without TLS.

use crate::case::http;

/// The values of expressions of one request, in the proxy's own answer. `<>` is an empty value and no value.
macro_rules! of_request {
    ($($expression:literal => $value:literal,)*) => {
        asked!("", $($expression => $value,)*)
    };
}

/// The same for a client that three counters track.
macro_rules! of_tracked {
    ($($expression:literal => $value:literal,)*) => {
        asked!(
            "frontend: stick-table type ip size 1k expire 1h store conn_cnt,conn_cur,conn_rate(10s),sess_cnt,sess_rate(10s),http_req_cnt,http_req_rate(10s),http_err_cnt,http_err_rate(10s),http_fail_cnt,http_fail_rate(10s),bytes_in_cnt,bytes_in_rate(10s),bytes_out_cnt,bytes_out_rate(10s),glitch_cnt,glitch_rate(10s),gpc0,gpc0_rate(10s),gpc1,gpc1_rate(10s),gpt0
            frontend: http-request track-sc0 src
            frontend: http-request track-sc1 src
            frontend: http-request track-sc2 src
            frontend: http-request sc-inc-gpc0(0)
            frontend: http-request sc-set-gpt0(0) 4\n",
            $($expression => $value,)*
        )
    };
}

macro_rules! asked {
    ($config:literal, $($expression:literal => $value:literal,)*) => {
        crate::case::http(
            concat!($config, "frontend: http-request return status 200", $(" hdr x \"<%[", $expression, "]>\"",)*),
            concat!(
                "c> POST /a/b.c?x=1;y=2&z=3 HTTP/1.1|host: Www.Example.com:81|cookie: k=v; l=w; k=u|x-ip: 1.2.3.4, 10.0.0.1|n: 5,7|content-length: 3||abc\n",
                "c< HTTP/1.1 200 OK|content-length: 0|", $("x: <", $value, ">|",)* "|",
            ),
        )
        .since(3, 4)
    };
}

/// The values of expressions of one response, in a header of it.
macro_rules! of_response {
    ($($expression:literal => $value:literal,)*) => {
        crate::case::http(
            concat!("backend: http-response set-header x \"", $("<%[", $expression, "]> ",)* ".\""),
            concat!(
                "c> PUT / HTTP/1.1|host: a|content-length: 3||abc\ns< PUT / HTTP/1.1|host: a|content-length: 3||abc\n",
                "s> HTTP/1.1 203 Odd|set-cookie: k=v; path=/|set-cookie: n=7|x-ip: 1.2.3.4, 10.0.0.1|n: 5,7|content-length: 3||abc\n",
                "c< HTTP/1.1 203 Odd|set-cookie: k=v; path=/|set-cookie: n=7|x-ip: 1.2.3.4, 10.0.0.1|n: 5,7|content-length: 3|x: ", $("<", $value, "> ",)* ".||abc",
            ),
        )
        .since(3, 4)
    };
}

cases! {
    request_heads: of_request! {
        "cook_cnt(k)" => "2",
        "http_first_req" => "1",
        "pathq" => "/a/b.c?x=1;y=2&z=3",
        "req.cook_val(k)" => "0",
        "req.fhdr_cnt(n)" => "1",
        "req.hdr_cnt(n)" => "2",
        "req.hdr_names" => "host,cookie,x-ip,n,content-length",
        "req.hdr_val(n)" => "7",
        "req.hdrs" => "host: Www.Example.com:81%0D%0Acookie: k=v; l=w; k=u%0D%0Ax-ip: 1.2.3.4, 10.0.0.1%0D%0An: 5,7%0D%0Acontent-length: 3%0D%0A%0D%0A",
        "req.hdrs_bin" => "%04host%12Www.Example.com:81%06cookie%0Dk=v; l=w; k=u%04x-ip%111.2.3.4, 10.0.0.1%01n%035,7%0Econtent-length%013",
        "req.proto_http" => "1",
        "req.ver" => "1.1",
        "url" => "/a/b.c?x=1;y=2&z=3",
        "urlp_val(z)" => "3",
    },
    other_facts_of_requests_1: of_request! {
        "always_false" => "0",
        "always_true" => "1",
        "distcc_body(TOTO)" => "",
        "distcc_param(TOTO)" => "",
        "dst_conn" => "1",
        "dst_is_local" => "1",
        "fc_dst_is_local" => "1",
        "fc_src_is_local" => "1",
        "fe_id" => "2",
        "fs.rst_code" => "",
        "payload_lv(0,1)" => "",
        "req.payload_lv(0,1)" => "",
        "req.rdp_cookie" => "",
        "req.ssl_cipherlist" => "",
        "req.ssl_ec_ext" => "",
        "req.ssl_keyshare_groups" => "",
        "req.ssl_sigalgs" => "",
    },
    other_facts_of_requests_2: of_request! {
        "req.ssl_st_ext" => "",
        "req.ssl_supported_groups" => "",
        "req_proto_http" => "1",
        "req_ssl_hello_type" => "",
        "req_ssl_ver" => "",
        "req_ver" => "1.1",
        "so_id" => "1",
        "src_is_local" => "1",
        "srv_sess_rate(be/s)" => "0",
        "wait_end" => "1",
    },
    response_heads_1: of_response! {
        "bc_glitches" => "0",
        "bc_settings_streams_limit" => "1",
        "capture.res.ver" => "HTTP/1.1",
        "rep_ssl_hello_type" => "",
        "res.body_len" => "3",
        "res.body_size" => "3",
        "res.cook_cnt(k)" => "1",
        "res.cook_val(n)" => "7",
        "res.fhdr_cnt(n)" => "1",
        "res.hdr_cnt(n)" => "2",
        "res.hdr_ip(x-ip)" => "10.0.0.1",
        "res.hdr_val(n)" => "7",
        "res.hdrs" => "set-cookie: k=v; path=/%0D%0Aset-cookie: n=7%0D%0Ax-ip: 1.2.3.4, 10.0.0.1%0D%0An: 5,7%0D%0Acontent-length: 3%0D%0A%0D%0A",
        "res.hdrs_bin" => "%0Aset-cookie%0Bk=v; path=/%0Aset-cookie%03n=7%04x-ip%111.2.3.4, 10.0.0.1%01n%035,7%0Econtent-length%013",
        "res.payload_lv(0,1)" => "",
        "res.ssl_hello_type" => "",
        "res.ver" => "1.1",
    },
    response_heads_2: of_response! {
        "resp_ver" => "1.1",
        "scook(k)" => "v",
        "scook_val(n)" => "7",
        "shdr(n)" => "7",
        "shdr_cnt(n)" => "2",
        "shdr_ip(x-ip)" => "10.0.0.1",
        "shdr_val(n)" => "7",
    },
    counters_of_sc_1: of_tracked! {
        "sc_bytes_in_rate(0)" => "0",
        "sc_bytes_out_rate(0)" => "0",
        "sc_clr_gpc0(0)" => "1",
        "sc_clr_gpc1(0)" => "0",
        "sc_conn_cnt(0)" => "3",
        "sc_conn_cur(0)" => "3",
        "sc_conn_rate(0)" => "3",
        "sc_get_gpc0(0)" => "0",
        "sc_get_gpc1(0)" => "0",
        "sc_get_gpt0(0)" => "4",
        "sc_glitch_cnt(0)" => "0",
        "sc_glitch_rate(0)" => "0",
        "sc_gpc1_rate(0)" => "0",
        "sc_http_err_cnt(0)" => "0",
        "sc_http_err_rate(0)" => "0",
        "sc_http_fail_cnt(0)" => "0",
        "sc_http_fail_rate(0)" => "0",
    },
    counters_of_sc_2: of_tracked! {
        "sc_inc_gpc0(0)" => "2",
        "sc_inc_gpc1(0)" => "1",
        "sc_kbytes_in(0)" => "0",
        "sc_kbytes_out(0)" => "0",
        "sc_sess_cnt(0)" => "0",
        "sc_sess_rate(0)" => "0",
        "sc_trackers(0)" => "3",
    },
    counters_of_sc0: of_tracked! {
        "sc0_bytes_out_rate" => "0",
        "sc0_conn_rate" => "3",
        "sc0_glitch_cnt" => "0",
        "sc0_glitch_rate" => "0",
        "sc0_gpc1_rate" => "0",
        "sc0_http_err_rate" => "0",
        "sc0_http_fail_rate" => "0",
        "sc0_key" => "127.0.0.1",
        "sc0_sess_rate" => "0",
        "sc0_tracked" => "1",
    },
    counters_of_sc1_1: of_tracked! {
        "sc1_bytes_in_rate" => "0",
        "sc1_bytes_out_rate" => "0",
        "sc1_clr_gpc0" => "1",
        "sc1_clr_gpc1" => "0",
        "sc1_conn_rate" => "3",
        "sc1_get_gpc0" => "0",
        "sc1_get_gpt0" => "4",
        "sc1_glitch_cnt" => "0",
        "sc1_glitch_rate" => "0",
        "sc1_gpc0_rate" => "1",
        "sc1_gpc1_rate" => "0",
        "sc1_http_err_cnt" => "0",
        "sc1_http_err_rate" => "0",
        "sc1_http_fail_cnt" => "0",
        "sc1_http_fail_rate" => "0",
        "sc1_http_req_rate" => "3",
        "sc1_inc_gpc0" => "1",
    },
    counters_of_sc1_2: of_tracked! {
        "sc1_inc_gpc1" => "1",
        "sc1_kbytes_in" => "0",
        "sc1_kbytes_out" => "0",
        "sc1_key" => "127.0.0.1",
        "sc1_sess_rate" => "0",
        "sc1_tracked" => "1",
        "sc1_trackers" => "3",
    },
    counters_of_sc2_1: of_tracked! {
        "sc2_bytes_in_rate" => "0",
        "sc2_bytes_out_rate" => "0",
        "sc2_clr_gpc0" => "1",
        "sc2_clr_gpc1" => "0",
        "sc2_conn_rate" => "3",
        "sc2_get_gpc0" => "0",
        "sc2_get_gpc1" => "0",
        "sc2_get_gpt0" => "4",
        "sc2_glitch_cnt" => "0",
        "sc2_glitch_rate" => "0",
        "sc2_gpc0_rate" => "1",
        "sc2_gpc1_rate" => "0",
        "sc2_http_err_cnt" => "0",
        "sc2_http_err_rate" => "0",
        "sc2_http_fail_cnt" => "0",
        "sc2_http_fail_rate" => "0",
        "sc2_http_req_rate" => "3",
    },
    counters_of_sc2_2: of_tracked! {
        "sc2_inc_gpc0" => "2",
        "sc2_inc_gpc1" => "1",
        "sc2_kbytes_in" => "0",
        "sc2_kbytes_out" => "0",
        "sc2_key" => "127.0.0.1",
        "sc2_sess_rate" => "0",
        "sc2_tracked" => "1",
        "sc2_trackers" => "3",
    },
    counters_of_src_1: of_tracked! {
        "src_bytes_in_rate" => "0",
        "src_bytes_out_rate" => "0",
        "src_clr_gpc0" => "1",
        "src_clr_gpc1" => "0",
        "src_conn_cnt" => "3",
        "src_conn_cur" => "3",
        "src_conn_rate" => "3",
        "src_get_gpc1" => "0",
        "src_get_gpt0" => "4",
        "src_glitch_cnt" => "0",
        "src_glitch_rate" => "0",
        "src_gpc0_rate" => "1",
        "src_gpc1_rate" => "0",
        "src_http_err_cnt" => "0",
        "src_http_err_rate" => "0",
        "src_http_fail_cnt" => "0",
        "src_http_fail_rate" => "0",
    },
    counters_of_src_2: of_tracked! {
        "src_http_req_rate" => "3",
        "src_inc_gpc1" => "1",
        "src_kbytes_in" => "0",
        "src_kbytes_out" => "0",
        "src_sess_rate" => "0",
    },
    tls_of_a_clear_client_1: of_request! {
        "ssl_c_ca_err" => "",
        "ssl_c_ca_err_depth" => "",
        "ssl_c_chain_der" => "",
        "ssl_c_der" => "",
        "ssl_c_err" => "",
        "ssl_c_i_dn" => "",
        "ssl_c_key_alg" => "",
        "ssl_c_notafter" => "",
        "ssl_c_notbefore" => "",
        "ssl_c_r_dn" => "",
        "ssl_c_san" => "",
        "ssl_c_serial" => "",
        "ssl_c_sha1" => "",
        "ssl_c_sig_alg" => "",
        "ssl_c_verify" => "",
        "ssl_c_version" => "",
        "ssl_f_der" => "",
    },
    tls_of_a_clear_client_2: of_request! {
        "ssl_f_i_dn" => "",
        "ssl_f_key_alg" => "",
        "ssl_f_notafter" => "",
        "ssl_f_notbefore" => "",
        "ssl_f_s_dn" => "",
        "ssl_f_serial" => "",
        "ssl_f_sha1" => "",
        "ssl_f_sig_alg" => "",
        "ssl_f_version" => "",
        "ssl_fc_alg_keysize" => "",
        "ssl_fc_alpn" => "",
        "ssl_fc_cipher" => "",
        "ssl_fc_cipherlist_bin" => "",
        "ssl_fc_cipherlist_hex" => "",
        "ssl_fc_cipherlist_str" => "",
        "ssl_fc_cipherlist_xxh" => "",
        "ssl_fc_client_early_traffic_secret" => "",
    },
    tls_of_a_clear_client_3: of_request! {
        "ssl_fc_client_handshake_traffic_secret" => "",
        "ssl_fc_client_random" => "",
        "ssl_fc_client_traffic_secret_0" => "",
        "ssl_fc_crtname" => "",
        "ssl_fc_curve" => "",
        "ssl_fc_early_exporter_secret" => "",
        "ssl_fc_early_rcvd" => "",
        "ssl_fc_ecformats_bin" => "",
        "ssl_fc_eclist_bin" => "",
        "ssl_fc_err" => "",
        "ssl_fc_err_str" => "",
        "ssl_fc_exporter_secret" => "",
        "ssl_fc_extlist_bin" => "",
        "ssl_fc_has_crt" => "",
        "ssl_fc_has_early" => "",
        "ssl_fc_is_resumed" => "0",
        "ssl_fc_npn" => "",
    },
    tls_of_a_clear_client_4: of_request! {
        "ssl_fc_protocol" => "",
        "ssl_fc_protocol_hello_id" => "",
        "ssl_fc_server_handshake_traffic_secret" => "",
        "ssl_fc_server_random" => "",
        "ssl_fc_server_traffic_secret_0" => "",
        "ssl_fc_session_id" => "",
        "ssl_fc_session_key" => "",
        "ssl_fc_sigalgs_bin" => "",
        "ssl_fc_supported_versions_bin" => "",
        "ssl_fc_unique_id" => "",
        "ssl_fc_use_keysize" => "",
        "ssl_s_chain_der" => "",
        "ssl_s_der" => "",
        "ssl_s_i_dn" => "",
        "ssl_s_key_alg" => "",
        "ssl_s_notafter" => "",
        "ssl_s_notbefore" => "",
    },
    tls_of_a_clear_client_5: of_request! {
        "ssl_s_s_dn" => "",
        "ssl_s_serial" => "",
        "ssl_s_sha1" => "",
        "ssl_s_sig_alg" => "",
        "ssl_s_version" => "",
    },
    tls_to_a_clear_server_1: of_response! {
        "ssl_bc" => "0",
        "ssl_bc_alg_keysize" => "",
        "ssl_bc_alpn" => "",
        "ssl_bc_cipher" => "",
        "ssl_bc_client_early_traffic_secret" => "",
        "ssl_bc_client_handshake_traffic_secret" => "",
        "ssl_bc_client_random" => "",
        "ssl_bc_client_traffic_secret_0" => "",
        "ssl_bc_curve" => "",
        "ssl_bc_early_exporter_secret" => "",
        "ssl_bc_err" => "",
        "ssl_bc_err_str" => "",
        "ssl_bc_exporter_secret" => "",
        "ssl_bc_is_resumed" => "0",
        "ssl_bc_npn" => "",
        "ssl_bc_protocol" => "",
        "ssl_bc_server_handshake_traffic_secret" => "",
    },
    tls_to_a_clear_server_2: of_response! {
        "ssl_bc_server_random" => "",
        "ssl_bc_server_traffic_secret_0" => "",
        "ssl_bc_session_id" => "",
        "ssl_bc_session_key" => "",
        "ssl_bc_sni" => "",
        "ssl_bc_unique_id" => "",
        "ssl_bc_use_keysize" => "",
    },
    counters_by_converters: of_tracked! {
        "src,table_bytes_out_rate(fe)" => "0",
        "src,table_conn_cnt(fe)" => "3",
        "src,table_conn_cur(fe)" => "3",
        "src,table_conn_rate(fe)" => "3",
        "src,table_glitch_cnt(fe)" => "0",
        "src,table_glitch_rate(fe)" => "0",
        "src,table_gpc0_rate(fe)" => "1",
        "src,table_gpc1_rate(fe)" => "0",
        "src,table_gpt0(fe)" => "4",
        "src,table_http_err_cnt(fe)" => "0",
        "src,table_http_err_rate(fe)" => "0",
        "src,table_http_fail_cnt(fe)" => "0",
        "src,table_http_fail_rate(fe)" => "0",
        "src,table_http_req_rate(fe)" => "3",
        "src,table_kbytes_in(fe)" => "0",
        "src,table_kbytes_out(fe)" => "0",
        "src,table_clr_gpc1(fe)" => "0",
    },
    counters_of_arrays: asked!(
        "frontend: stick-table type ip size 1k expire 1h store gpc(3),gpc_rate(3,10s),gpt(3)
        frontend: http-request track-sc0 src
        frontend: http-request sc-inc-gpc(1,0)
        frontend: http-request sc-set-gpt(2,0) 9\n",
        "src,table_gpc(1,fe)" => "1",
        "src,table_gpc_rate(1,fe)" => "1",
        "src,table_gpt(2,fe)" => "9",
        "src,table_inc_gpc(1,fe)" => "2",
        "src,table_clr_gpc(1,fe)" => "2",
        "src_get_gpc(1,fe)" => "0",
        "src_inc_gpc(1,fe)" => "1",
        "src_gpc_rate(1,fe)" => "3",
        "src_get_gpt(2,fe)" => "9",
        "src_clr_gpc(1,fe)" => "1",
    ),
    words_of_conditions_on_requests: http("frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]0,\" if { base_beg -i www.exam }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]1,\" if { base_beg exam }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]2,\" if { base_dir a }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]3,\" if { base_dir -i www.example.com:81 }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]4,\" if { base_dom -i example.com }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]5,\" if { base_dom com }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]6,\" if { base_end b.c }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]7,\" if { base_len 22:30 }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]8,\" if { base_reg -i ^www.*c$ }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]9,\" if { cook_beg(l) w }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]10,\" if { cook_dir(k) v }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]11,\" if { cook_dom(k) u }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]12,\" if { cook_end(k) u }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]13,\" if { cook_len(k) 1 }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]14,\" if { cook_reg(k) [uv] }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]15,\" if { cook_sub(zz) w }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]16,\" if { cook_sub(l) w }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]17,\" if { hdr_beg(x-ip) 10. }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]18,\" if { hdr_dir(x-ip) 0.0 }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]19,\" if { hdr_end(x-ip) .4 }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]20,\" if { path_dom b }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]21,\" if { path_dom c }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]22,\" if { url_dir a }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]23,\" if { url_dom b }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]24,\" if { url_len 18 }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]25,\" if { url_reg z=3$ }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]26,\" if { url_sub b.c }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]27,\" if { urlp_dir(x) 1 }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]28,\" if { urlp_dom(z) 3 }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]29,\" if { urlp_end(z) 3 }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]30,\" if { urlp_len(z) 1 }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]31,\" if { urlp_reg(z) [0-9] }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]32,\" if { urlp_sub(x) 2 }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]33,\" if { ssl_fc_sni_end a }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]34,\" if { ssl_fc_sni_reg .* }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]35,\" if { req_rdp_cookie x }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]36,\" if { req_rdp_cookie_cnt 0 }
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]37,\" if { hdr(n) -m dom 5 }
        frontend: http-request return status 200 hdr x %[var(txn.r)]", r#"
        c> POST /a/b.c?x=1;y=2&z=3 HTTP/1.1|host: Www.Example.com:81|cookie: k=v; l=w; k=u|x-ip: 1.2.3.4, 10.0.0.1|n: 5,7|content-length: 3||abc
        c< HTTP/1.1 200 OK|content-length: 0|x: 0,2,3,4,5,6,7,8,9,10,11,12,13,14,16,17,19,20,21,22,23,24,25,26,27,28,29,30,31,36,37,||
    "#).since(3, 4),
    words_of_conditions_on_responses: http("backend: http-response set-var-fmt(txn.r) \"%[var(txn.r)]0,\" if { scook_beg(k) v }
        backend: http-response set-var-fmt(txn.r) \"%[var(txn.r)]1,\" if { scook_dir(n) 7 }
        backend: http-response set-var-fmt(txn.r) \"%[var(txn.r)]2,\" if { scook_dom(n) 7 }
        backend: http-response set-var-fmt(txn.r) \"%[var(txn.r)]3,\" if { scook_end(k) v }
        backend: http-response set-var-fmt(txn.r) \"%[var(txn.r)]4,\" if { scook_len(k) 1 }
        backend: http-response set-var-fmt(txn.r) \"%[var(txn.r)]5,\" if { scook_reg(k) ^v$ }
        backend: http-response set-var-fmt(txn.r) \"%[var(txn.r)]6,\" if { scook_sub(k) x }
        backend: http-response set-var-fmt(txn.r) \"%[var(txn.r)]7,\" if { shdr_beg(x-ip) 1.2 }
        backend: http-response set-var-fmt(txn.r) \"%[var(txn.r)]8,\" if { shdr_dir(x-ip) 4 }
        backend: http-response set-var-fmt(txn.r) \"%[var(txn.r)]9,\" if { shdr_dom(x-ip) 0.0 }
        backend: http-response set-var-fmt(txn.r) \"%[var(txn.r)]10,\" if { shdr_end(x-ip) .1 }
        backend: http-response set-var-fmt(txn.r) \"%[var(txn.r)]11,\" if { shdr_len(n) 1 }
        backend: http-response set-var-fmt(txn.r) \"%[var(txn.r)]12,\" if { shdr_reg(n) ^7 }
        backend: http-response set-var-fmt(txn.r) \"%[var(txn.r)]13,\" if { shdr_sub(n) 9 }
        backend: http-response set-header x %[var(txn.r)]", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 204 No|set-cookie: k=v; path=/|set-cookie: n=7|x-ip: 1.2.3.4, 10.0.0.1|n: 5,7||
        c< HTTP/1.1 204 No|set-cookie: k=v; path=/|set-cookie: n=7|x-ip: 1.2.3.4, 10.0.0.1|n: 5,7|x: 0,1,2,3,4,5,7,9,10,11,12,||
    "#).since(3, 4),
    predefined_conditions: http("frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]0,\" if FALSE
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]1,\" if HTTP
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]2,\" if HTTP_1.0
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]3,\" if HTTP_1.1
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]4,\" if HTTP_2.0
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]5,\" if HTTP_3.0
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]6,\" if HTTP_CONTENT
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]7,\" if HTTP_URL_ABS
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]8,\" if HTTP_URL_SLASH
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]9,\" if HTTP_URL_STAR
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]10,\" if LOCALHOST
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]11,\" if METH_CONNECT
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]12,\" if METH_DELETE
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]13,\" if METH_GET
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]14,\" if METH_HEAD
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]15,\" if METH_OPTIONS
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]16,\" if METH_POST
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]17,\" if METH_PUT
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]18,\" if METH_TRACE
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]19,\" if RDP_COOKIE
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]20,\" if REQ_CONTENT
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]21,\" if TRUE
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]22,\" if WAIT_END
        frontend: http-request return status 200 hdr x %[var(txn.r)]", r#"
        c> POST /a/b.c?x=1;y=2&z=3 HTTP/1.1|host: Www.Example.com:81|cookie: k=v; l=w; k=u|x-ip: 1.2.3.4, 10.0.0.1|n: 5,7|content-length: 3||abc
        c< HTTP/1.1 200 OK|content-length: 0|x: 1,3,6,8,10,16,20,21,22,||
    "#).since(3, 4),
}
