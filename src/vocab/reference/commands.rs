//! The command line, directives and predicates, and the commands of the stats socket.

use super::{Class, KeywordInfo, Row, Words, not_working, row};
use crate::runtime_api;
use crate::vocab::keyword::Status;

/// Words that work.
#[rustfmt::skip]
pub(super) const WORKING: &[Row] = &[
    row(Class::Directive, ".if", "<condition>", "Reads the lines up to `.elif`, `.else` or `.endif` only if the condition holds."),
    row(Class::Directive, ".elif", "<condition>", "Another branch of an `.if` block."),
    row(Class::Directive, ".else", "", "The branch read if no other was."),
    row(Class::Directive, ".endif", "", "Ends an `.if` block."),
    row(Class::Directive, ".alert", "[<message>]", "Reports an error."),
    row(Class::Directive, ".warning", "[<message>]", "Reports a warning."),
    row(Class::Directive, ".notice", "[<message>]", "Reports a notice."),
    row(Class::Directive, ".diag", "[<message>]", "Reports a note, shown with `-dD` or `check -v`."),
    row(Class::Predicate, "defined", "(<name>)", "Whether an environment variable is set."),
    row(Class::Predicate, "feature", "(<name>)", "Whether a feature of the list that `-vv` prints is built in."),
    row(Class::Predicate, "enabled", "(<option>)", "Whether an option such as `SPLICE` is in force."),
    row(Class::Predicate, "streq", "(<a>,<b>)", "Whether two texts are equal."),
    row(Class::Predicate, "strneq", "(<a>,<b>)", "Whether two texts differ."),
    row(Class::Predicate, "strstr", "(<a>,<b>)", "Whether the first text contains the second."),
    row(Class::Predicate, "version_atleast", "(<version>)", "Whether the HAProxy version we are compatible with is that one or a later one."),
    row(Class::Predicate, "version_before", "(<version>)", "Whether it is an earlier one."),
    row(Class::Predicate, "openssl_version_atleast", "(<version>)", "Whether the TLS library is OpenSSL of that version or later: never yet, there is no TLS."),
    row(Class::Predicate, "openssl_version_before", "(<version>)", "Whether it is OpenSSL of an earlier version: never yet."),
    row(Class::Predicate, "ssllib_name_startswith", "(<name>)", "Whether the TLS library's name starts so: never yet."),
    row(Class::Predicate, "awslc_api_atleast", "(<number>)", "Whether the AWS-LC API is that one or later: never yet."),
    row(Class::Predicate, "awslc_api_before", "(<number>)", "Whether the AWS-LC API is an earlier one: never yet."),
    row(Class::Flag, "--", "<file>...", "Everything that follows is a configuration file."),
    row(Class::Flag, "-C", "<directory>", "Changes to this directory first."),
    row(Class::Flag, "-D", "", "Runs in the background."),
    row(Class::Flag, "-L", "<name>", "Name of this peer; default the machine's."),
    row(Class::Flag, "-N", "<number>", "`maxconn` of proxies that set none."),
    row(Class::Flag, "-V", "", "Says that a configuration is valid."),
    row(Class::Flag, "-S", "<address>[,<option>...]", "With `-W`: where the master takes commands."),
    row(Class::Flag, "-W", "", "Starts a master process, and workers under it: a reload starts a new one."),
    row(Class::Flag, "-Ws", "", "The same in the foreground, and tells systemd when ready."),
    row(Class::Flag, "-c", "", "Checks the configuration and ends."),
    row(Class::Flag, "-cc", "<condition>", "Evaluates a condition of `.if`: exit status 0, 1, or 2 if it cannot be read."),
    row(Class::Flag, "-d", "", "In the foreground, with messages."),
    row(Class::Flag, "-dD", "", "Shows notes too."),
    row(Class::Flag, "-dR", "", "Without `SO_REUSEPORT`."),
    row(Class::Flag, "-dS", "", "Without splice."),
    row(Class::Flag, "-dW", "", "A warning is an error."),
    row(Class::Flag, "-db", "", "In the foreground."),
    row(Class::Flag, "-dr", "", "Goes on if a server's name does not resolve."),
    row(Class::Flag, "-f", "<file or directory>", "A configuration file, or a directory of `*.cfg` files; repeatable."),
    row(Class::Flag, "-h", "", "Lists the flags."),
    row(Class::Flag, "-n", "<number>", "Overrides the global `maxconn`."),
    row(Class::Flag, "-p", "<file>", "Writes the process id there."),
    row(Class::Flag, "-q", "", "Prints nothing."),
    row(
        Class::Flag,
        "-sf",
        "<pid>...",
        "Ends these processes softly once listening. Each then teaches this one the stick tables that local peers share.",
    ),
    row(Class::Flag, "-st", "<pid>...", "Ends these processes at once when listening."),
    row(Class::Flag, "-v", "", "Shows the version."),
    row(Class::Flag, "-vq", "", "The version alone."),
    row(Class::Flag, "-vqb", "", "The branch alone."),
    row(Class::Flag, "-vqs", "", "The short version alone."),
    row(Class::Flag, "-vv", "", "The version and what is built in."),
    row(Class::Flag, "-x", "<socket>", "Takes the listening sockets of the process behind that stats socket."),
];

/// Words that do not.
#[rustfmt::skip]
pub(super) const OTHERS: &[Words] = &[
    Words { class: Class::Flag, status: Status::NoEffect, why: "names are resolved once, at start", words: &[
        "-4", "-dG",
    ] },
    Words { class: Class::Flag, status: Status::NoEffect, why: "memory is managed by the allocator", words: &[
        "-dM", "-m",
    ] },
    Words { class: Class::Flag, status: Status::NoEffect, why: "epoll is the only poller", words: &[
        "-de", "-dk", "-dp", "-dv",
    ] },
    Words { class: Class::Flag, status: Status::NoEffect, why: "programs are started for checks alone, as 'insecure-fork-wanted' says", words: &[
        "-dI",
    ] },
    Words { class: Class::Flag, status: Status::NoEffect, why: "forwarding has no such switch yet", words: &[
        "-dF", "-dZ",
    ] },
    Words { class: Class::Flag, status: Status::NoEffect, why: "TLS is not supported yet", words: &[
        "-dT", "-dV",
    ] },
    Words { class: Class::Flag, status: Status::NoEffect, why: "libraries are linked in", words: &[
        "-dA", "-dL",
    ] },
    Words { class: Class::Flag, status: Status::NoEffect, why: "threads are not bound to CPUs", words: &[
        "-dc",
    ] },
    Words { class: Class::Flag, status: Status::NoEffect, why: "printing the configuration is not supported yet", words: &[
        "-dC",
    ] },
    Words { class: Class::Flag, status: Status::NoEffect, why: "'tidegate keywords' prints them", words: &[
        "-dK",
    ] },
    Words { class: Class::Flag, status: Status::NoEffect, why: "traces are not supported yet", words: &[
        "-dt",
    ] },
];

/// The commands of HAProxy's stats and master sockets.
#[rustfmt::skip]
const COMMANDS: &[&str] = &[
    "@!<pid>", "@<relative pid>", "@master", "_getsocks", "_loadstatus", "_send_status",
    "abort ssl ca-file", "abort ssl cert", "abort ssl crl-file", "acme challenge_ready",
    "acme renew", "acme status", "add acl", "add backend", "add map", "add server",
    "add ssl ca-file", "add ssl crt-list", "add ssl jwt", "clear acl",
    "clear map", "clear table", "commit acl", "commit map", "commit ssl ca-file",
    "commit ssl cert", "commit ssl crl-file", "debug counters", "debug dev bug",
    "debug dev check", "debug dev close", "debug dev deadlock", "debug dev delay",
    "debug dev exit", "debug dev fd", "debug dev hash", "debug dev hex", "debug dev log",
    "debug dev loop", "debug dev panic", "debug dev sched", "debug dev stream", "debug dev sym",
    "debug dev task", "debug dev tkill", "debug dev warn", "debug dev write", "del acl",
    "del backend", "del map", "del server", "del ssl ca-file", "del ssl cert",
    "del ssl crl-file", "del ssl crt-list", "del ssl jwt", "disable agent",
    "disable dynamic-cookie backend", "disable frontend", "disable health", "disable server",
    "dump ssl cert", "dump stats-file", "echo", "enable agent", "enable dynamic-cookie backend",
    "enable frontend", "enable health", "enable server", "experimental-mode", "expert-mode",
    "get acl", "get map", "get var", "get weight", "hard-reload", "help", "httpclient",
    "mcli-debug-mode", "new ssl ca-file", "new ssl cert", "new ssl crl-file", "operator",
    "prepare acl", "prepare map", "prompt", "publish backend", "quit", "reload",
    "set anon global-key", "set anon off", "set anon on", "set dynamic-cookie-key backend",
    "set map", "set maxconn frontend", "set maxconn global", "set maxconn server",
    "set profiling", "set rate-limit", "set server", "set severity-output", "set ssl ca-file",
    "set ssl cert", "set ssl crl-file", "set ssl ocsp-response", "set ssl tls-key", "set table",
    "set timeout", "set var", "set weight", "show acl", "show activity", "show anon",
    "show backend", "show cache", "show cli level", "show cli sockets", "show dev", "show env",
    "show errors", "show events", "show fd", "show libs", "show map",
    "show pools", "show proc", "show profiling", "show resolvers",
    "show servers conn", "show servers state", "show sess", "show ssl ca-file", "show ssl cert",
    "show ssl crl-file", "show ssl crt-list", "show ssl jwt", "show ssl ocsp-response",
    "show ssl ocsp-updates", "show ssl providers", "show ssl sni", "show startup-logs",
     "show table", "show tasks", "show threads", "show tls-keys", "show trace",
    "show version", "shutdown frontend", "shutdown session", "shutdown sessions server",
    "trace", "unpublish backend", "update ssl ocsp-response", "user", "wait",
];

/// Commands that are answered before the others are looked up: name, arguments, socket, what it does.
#[rustfmt::skip]
const OF_CONNECTIONS: [(&str, &str, &str, &str); 6] = [
    ("@!<pid>", "[<command>]", MASTER, "goes to the worker with that process id"),
    ("@<relative pid>", "[<command>]", MASTER, "goes to that worker, counted from 1"),
    ("@master", "[<command>]", MASTER, "goes to the master"),
    ("_getsocks", "", "expose-fd listeners", "gives the listening sockets to the process that asks, as -x does"),
    ("hard-reload", "", MASTER, "starts a new worker and ends the one before at once"),
    ("show proc", "", MASTER, "shows the master and its workers"),
];

/// Where `-S` takes commands.
const MASTER: &str = "master socket";

/// The commands: those that work as their own registry says, and the others.
pub(super) fn commands() -> impl Iterator<Item = KeywordInfo> {
    let working = runtime_api::commands().map(|command| {
        KeywordInfo::working(Class::Command, command.name, command.args, command.doc)
            .allowed_in(command.level.name())
    });
    let of_connections = OF_CONNECTIONS.iter().map(|&(name, args, socket, doc)| {
        KeywordInfo::working(Class::Command, name, args, doc).allowed_in(socket)
    });
    let works = |name: &str| {
        let mut own = OF_CONNECTIONS.iter();
        own.any(|(known, ..)| *known == name)
            || runtime_api::commands().any(|command| command.name == name)
    };
    let reason = |name: &str| {
        runtime_api::unsupported::why(name).unwrap_or("more of the administration commands")
    };
    let working = working.chain(of_connections);
    working.chain(not_working(Class::Command, COMMANDS, works, reason))
}
