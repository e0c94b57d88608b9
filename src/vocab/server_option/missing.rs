//! What is said where an option of a `server` line lacks its argument: HAProxy has its own words for each.

/// The message for an option whose words differ from the common ones.
pub(super) fn message(option: &str) -> Option<String> {
    let wanted = match option {
        "inter" | "fastinter" | "downinter" | "agent-inter" => "a delay as argument",
        "rise" | "fall" | "error-limit" => "an integer argument",
        "port" | "agent-port" => "a port number as argument",
        "addr" => "<ipv4|ipv6> as argument",
        "agent-addr" => "an address as argument",
        "agent-send" => "a string as argument",
        "observe" => "<mode> as argument",
        "on-error" => "one of 'fastinter', 'fail-check', 'sudden-death' or 'mark-down' but got ''",
        "on-marked-down" => "'shutdown-sessions' but got ''",
        "on-marked-up" => "'shutdown-backup-sessions' but got ''",
        "init-state" => "one of 'none', 'fully-up', 'up', 'down', or 'fully-down' but got ''",
        "track" => "[<proxy>/]<server> as argument",
        "healthcheck" => "a healthcheck name as argument",
        "cookie" => "<value> as argument",
        "source" => {
            "<addr>[:<port>[-<port>]], and optionally 'usesrc' <addr>, and 'interface' <name> as argument"
        }
        "id" => return Some("'id' : expects an integer argument".to_owned()),
        _ => return None,
    };
    Some(format!("'{option}' expects {wanted}."))
}
