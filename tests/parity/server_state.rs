//! `load-server-state-from-file`: servers go on as a file says that `show servers state` printed.

use crate::case::http;

/// A step: what there is to be seen of a server `a`.
macro_rules! shown {
    ($shown:literal) => {
        concat!("cli show servers state be => 1|# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port|3 be 1 a ", $shown, "|")
    };
}

/// A server `a` with options, the file it starts from, and what it comes to after `$script`.
macro_rules! restored {
    ($options:literal, $file:literal, $script:literal, $shown:literal) => {
        restored!("state", "global", $options, $file, $script, $shown)
    };
    ($name:literal, $from:literal, $options:literal, $file:literal, $script:literal, $shown:literal) => {
        http(
            concat!(
                "global: stats socket \"fd@${cli}\" level admin; global: server-state-file state; global: server-state-base ${dir}\n",
                "backend: load-server-state-from-file ", $from, "\n",
                "backend: server a 127.0.0.1:9 weight 10 ", $options, "\n",
                "#file ", $name, ": ", $file
            ),
            concat!(
                $script, "\n", shown!($shown)
            ),
        )
        .since(3, 4)
    };
}

cases! {
    server_that_was_down: restored!("", r"1\n# names\n3 be 1 a 127.0.0.1 0 0 10 10 77 1 0 0 0 0 0 0 - 9 - 0 0 - - 0\n\n",
        "stat be/a status=DOWN",
        "127.0.0.1 0 0 10 10 # 1 0 0 0 0 0 0 - 9 - 0 0 - - 0"),
    checked_server_that_was_down: restored!("check inter 1h", r"1\n3 be 1 a 127.0.0.1 0 0 10 10 77 8 2 0 6 0 0 0 - 9 - 0 0 - - 0\n",
        "stat be/a status=DOWN check_status=L4CON lastchg=77",
        "127.0.0.1 0 0 10 10 # 8 2 0 6 0 0 0 - 9 - 0 0 - - 0"),
    server_whose_weight_was_set: restored!("", r"1\n3 be 1 a 127.0.0.1 2 0 3 10 77 1 0 0 0 0 0 0 - 9 - 0 0 - - 0\n",
        "", "127.0.0.1 2 0 3 10 # 1 0 4 0 0 0 0 - 9 - 0 0 - - 0"),
    server_whose_weight_is_another_now: restored!("", r"1\n3 be 1 a 127.0.0.1 2 0 3 11 77 1 0 0 0 0 0 0 - 9 - 0 0 - - 0\n",
        "", "127.0.0.1 2 0 10 10 # 1 0 4 0 0 0 0 - 9 - 0 0 - - 0"),
    server_whose_port_was_moved: restored!("", r"1\n3 be 1 a 10.1.1.1 2 0 10 10 77 1 0 0 0 0 0 0 - 10 - 0 0 - - 0\n",
        "", "127.0.0.1 2 0 10 10 # 1 0 4 0 0 0 0 - 10 - 0 0 - - 0"),
    server_in_maintenance: restored!("", r"1\n3 be 1 a 127.0.0.1 0 1 10 10 77 1 0 0 0 0 0 0 - 9 - 0 0 - - 0\n",
        "", "127.0.0.1 0 1 10 10 # 1 0 0 0 0 0 0 - 9 - 0 0 - - 0"),
    server_that_drained: restored!("", r"1\n3 be 1 a 127.0.0.1 2 8 10 10 77 1 0 0 0 0 0 0 - 9 - 0 0 - - 0\n",
        "", "127.0.0.1 2 8 10 10 # 1 0 4 0 0 0 0 - 9 - 0 0 - - 0"),
    server_that_was_enabled: restored!("disabled", r"1\n3 be 1 a 127.0.0.1 2 4 10 10 77 1 0 0 0 0 0 0 - 9 - 0 0 - - 0\n",
        "", "127.0.0.1 2 4 10 10 # 1 0 4 8 0 0 0 - 9 - 0 0 - - 0"),
    server_that_is_disabled_now: restored!("disabled", r"1\n3 be 1 a 127.0.0.1 2 0 10 10 77 1 0 0 0 0 0 0 - 9 - 0 0 - - 0\n",
        "", "127.0.0.1 0 5 10 10 # 1 0 4 8 0 0 0 - 9 - 0 0 - - 0"),
    server_whose_checks_were_off: restored!("check inter 1h", r"1\n3 be 1 a 127.0.0.1 2 0 10 10 77 15 3 4 2 0 0 0 - 9 - 0 0 - - 0\n",
        "", "127.0.0.1 2 0 10 10 # 15 3 4 2 0 0 0 - 9 - 0 0 - - 0"),
    server_whose_checks_went_to_another_port: restored!("check inter 1h disabled", r"1\n3 be 1 a 127.0.0.1 0 5 10 10 77 1 0 4 14 0 0 0 - 9 - 0 81 - - 0\n",
        "", "127.0.0.1 0 5 10 10 # 1 0 0 14 0 0 0 - 9 - 0 81 - - 0"),
    server_whose_checks_went_to_another_address: restored!("check inter 1h disabled", r"1\n3 be 1 a 127.0.0.1 0 5 10 10 77 1 0 4 14 0 0 0 - 9 - 0 81 127.0.0.2 - 0\n",
        "", "127.0.0.1 0 5 10 10 # 1 0 0 14 0 0 0 - 9 - 0 81 127.0.0.2 - 0")
    .differs(
        "3.4.0 cannot read the addresses of checks that it wrote",
        shown!("127.0.0.1 0 5 10 10 # 1 0 0 14 0 0 0 - 9 - 0 0 - - 0"),
    ),
    server_without_the_check_that_went_elsewhere: restored!("", r"1\n3 be 1 a 127.0.0.1 2 0 3 10 77 1 0 0 0 0 0 0 - 9 - 0 81 - - 0\n",
        "", "127.0.0.1 2 0 3 10 # 1 0 4 0 0 0 0 - 9 - 0 0 - - 0"),
    server_whose_checks_went_nowhere: restored!("check inter 1h disabled", r"1\n3 be 1 a 127.0.0.1 0 5 10 10 77 1 0 4 14 0 0 0 - 9 - 0 x - 127.0.0.3 0\n",
        "", "127.0.0.1 0 5 10 10 # 1 0 0 14 0 0 0 - 9 - 0 0 - - 0"),
    file_of_its_own: restored!("be", "local", "", r"1\n3 be 1 a 127.0.0.1 2 0 3 10 77 1 0 0 0 0 0 0 - 9 - 0 0 - - 0\n",
        "", "127.0.0.1 2 0 3 10 # 1 0 4 0 0 0 0 - 9 - 0 0 - - 0"),
    file_by_name: restored!("own", "local; backend: server-state-file-name own", "", r"1\n7 be 1 a 127.0.0.1 2 0 3 10 77 1 0 0 0 0 0 0 - 9 - 0 0 - - 0\n",
        "", "127.0.0.1 2 0 3 10 # 1 0 4 0 0 0 0 - 9 - 0 0 - - 0"),
    file_by_the_backends_name: restored!("be", "local; backend: server-state-file-name use-backend-name", "", r"1\n3 be 1 a 127.0.0.1 2 0 3 10 77 1 0 0 0 0 0 0 - 9 - 0 0 - - 0\n",
        "", "127.0.0.1 2 0 3 10 # 1 0 4 0 0 0 0 - 9 - 0 0 - - 0"),
    file_of_another_backend: restored!("be", "local", "", r"1\n7 eb 1 a 127.0.0.1 2 0 3 10 77 1 0 0 0 0 0 0 - 9 - 0 0 - - 0\n",
        "", "127.0.0.1 2 0 10 10 # 1 0 0 0 0 0 0 - 9 - 0 0 - - 0"),
    file_that_is_not_there: restored!("other", "global", "", r"1\n",
        "", "127.0.0.1 2 0 10 10 # 1 0 0 0 0 0 0 - 9 - 0 0 - - 0"),
    file_that_is_cut: restored!("", r"1\n3 be 1 a 127.0.0.1 2 0 3 10 77 1 0 0 0 0 0 0 - 9 - 0 0 - - 0\n3 be 1 b 127.0",
        "", "127.0.0.1 2 0 10 10 # 1 0 0 0 0 0 0 - 9 - 0 0 - - 0"),
    file_with_a_wrong_field: restored!("", r"1\n3 be 1 a 127.0.0.1 9 0 3 10 77 1 0 0 0 0 0 0 - 9 - 0 0 - - 0\n",
        "", "127.0.0.1 2 0 10 10 # 1 0 0 0 0 0 0 - 9 - 0 0 - - 0"),
    file_that_is_ignored: restored!("state", "none", "", r"1\n3 be 1 a 127.0.0.1 2 0 3 10 77 1 0 0 0 0 0 0 - 9 - 0 0 - - 0\n",
        "", "127.0.0.1 2 0 10 10 # 1 0 0 0 0 0 0 - 9 - 0 0 - - 0"),
}
