//! What `-v`, `-vv` and the usage print.
//!
//! Scripts read `-vv` by line: `HAProxy version`, `TARGET =`, `Feature list :` and `Available
//! services :` keep the shape they have in HAProxy, and no other line may look like one of them.

use super::args::VersionForm;
use crate::version::{HAPROXY, HAPROXY_BRANCH, HAPROXY_DATE, TIDEGATE, features};

/// The text of a version flag.
pub(super) fn text(form: VersionForm) -> String {
    match form {
        VersionForm::Plain => format!("{HAPROXY}\n"),
        VersionForm::Branch => format!("{HAPROXY_BRANCH}\n"),
        VersionForm::Banner => banner(),
        VersionForm::Full => banner() + &build_options(),
    }
}

/// The first line of every version text.
pub(super) fn banner() -> String {
    format!(
        "HAProxy version {HAPROXY} {HAPROXY_DATE} - Tidegate {TIDEGATE}, \
         compatible with HAProxy {HAPROXY}\n"
    )
}

fn build_options() -> String {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    format!(
        "Build options : 
  TARGET  = linux-glibc
  CPU     = {arch}

Feature list : {features}

Default settings :
  bufsize = 16384, maxrewrite = 1024

Built with multi-threading support (default={threads}).

Available polling systems :
      epoll : pref=300,  test result OK
Total: 1 (1 usable), will use epoll.

Available services : prometheus-exporter
",
        arch = std::env::consts::ARCH,
        features = features(),
    )
}

/// How to call us, in HAProxy's flags.
pub(super) const USAGE: &str = "\
Usage : tidegate [-f <file|directory>]... [flags] [-- <file>...]
        tidegate <command>      demo, check, fmt, explain-code, keywords …: see 'tidegate help'

  Configuration
    -f <file|dir>   read this file, or every *.cfg of this directory in order
    -c              check the configuration and exit; -V prints the verdict
    -cc <condition> evaluate a condition: exit 0 true, 1 false, 2 not understood
    -C <dir>        change to this directory first
    -dW             refuse to start if there is any warning
    -dD             show notes as well
    -dr             ignore server names that do not resolve
    -n <number>     most connections of the process
    -N <number>     most connections of a proxy that does not set its own
    -L <name>       local peer name (default: the host's name)

  Process
    -D              run in the background
    -d, -db         stay in the foreground
    -W, -Ws         as under a service manager; -Ws tells systemd when ready
    -p <file>       write the process id here
    -sf <pid>...    once listening, let these processes finish
    -st <pid>...    once listening, end these processes
    -x <socket>     take sockets and tables over from the process of this stats socket
    -S <address>    the master's own stats socket, with -W
    -dS             no splice
    -dR             no SO_REUSEPORT

  Messages
    -V              more of them
    -q              none
    -v, -vv         version, and how this was built

  Accepted without effect (-V says why):
    -4 -dA -dC -dF -dG -dI -dK -dL -dM -dT -dV -dZ -dc -de -dp -dt -m
";

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines HAProxy's test runner looks for, in the order it reads them.
    fn found_by_scripts() -> Vec<String> {
        let full = text(VersionForm::Full);
        let matching = full.lines().filter(|line| {
            line.contains("HAProxy version")
                || (line.contains("TARGET") && line.contains('='))
                || line.starts_with("Feature")
                || line.starts_with("Available services")
        });
        matching.map(str::to_owned).collect()
    }

    #[test]
    fn scripts_find_exactly_four_lines() {
        let lines = found_by_scripts();
        assert_eq!(lines.len(), 4, "{lines:?}");
        assert_eq!(lines[0].split(' ').nth(2), Some("3.4.0"));
        assert_eq!(lines[1], "  TARGET  = linux-glibc");
        assert!(lines[2].starts_with("Feature list : -51DEGREES +ACCEPT4 "));
        assert_eq!(lines[3], "Available services : prometheus-exporter");
    }

    #[test]
    fn the_version_names_both_programs() {
        let banner = text(VersionForm::Banner);
        assert!(banner.contains(&format!("Tidegate {TIDEGATE}")));
        assert!(banner.contains("compatible with HAProxy 3.4.0"));
        assert_eq!(text(VersionForm::Plain), "3.4.0\n");
        assert_eq!(text(VersionForm::Branch), "3.4\n");
    }
}
