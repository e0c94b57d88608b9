//! `tidegate demo`: the first thing to try, without a file or another service.
//!
//! The configuration `examples/demo.cfg`, three small origins of our own of which one follows a
//! script (`origin`), a small load (`load`), and a look at the log and the protections every second
//! (`view`), which reads what the stats socket tells anybody. Deliberately absent: anything that the
//! configuration alone would not do.

mod load;
mod origin;
mod view;

use super::args::Flags;
use super::console::{self, Console, cause};
use super::load::{LoadOptions, Loaded};
use super::run;
use crate::clock::{Clock, Millis};
use std::fmt::Display;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::process::ExitCode;
use std::sync::Arc;

/// The configuration that is served.
const CONFIG: &str = include_str!("../../examples/demo.cfg");

/// What the command line said.
#[derive(Clone, Copy, Debug)]
pub(super) struct DemoOptions {
    /// Port to listen on; 0 takes a free one.
    pub(super) port: u16,
    /// How long it runs, in milliseconds; `None` until it is stopped.
    pub(super) lasts: Option<Millis>,
    /// Only shows the configuration.
    pub(super) print_config: bool,
}

/// Where everything is.
#[derive(Clone, Copy, Debug)]
struct Ports {
    proxy: u16,
    admin: u16,
    one: u16,
    two: u16,
    moody: u16,
}

/// Serves until stopped by a signal, or for a while.
pub(super) fn run(options: DemoOptions) -> ExitCode {
    if options.print_config {
        console::print(CONFIG);
        return ExitCode::SUCCESS;
    }
    let clock = Clock::system();
    let (ports, log) = match open(options.port, &clock) {
        Ok(opened) => opened,
        Err(error) => {
            let console = Console { quiet: false };
            console.alert(&format!("the demo cannot start: {}", cause(&error)));
            return ExitCode::FAILURE;
        }
    };
    let variable = |name: &str, value: &dyn Display| (name.into(), value.to_string().into());
    let settings = LoadOptions {
        variables: vec![
            variable("DEMO_PORT", &ports.proxy),
            variable("DEMO_ADMIN", &ports.admin),
            variable("DEMO_LOG", &log.address()),
            variable("DEMO_ORIGIN_ONE", &ports.one),
            variable("DEMO_ORIGIN_TWO", &ports.two),
            variable("DEMO_ORIGIN_MOODY", &ports.moody),
        ],
        ..LoadOptions::default()
    };
    let mut loaded = Loaded::default();
    loaded.add("examples/demo.cfg", CONFIG);
    loaded.build(&settings);
    let flags = Flags {
        foreground: true,
        ..Flags::default()
    };
    let tally = Arc::new(load::Tally::default());
    load::start(ports.proxy, &tally);
    view::start(ports.admin, log, clock, tally, options.lasts);
    run::start(loaded, &flags, &[], &introduction(ports.proxy))
}

fn open(port: u16, clock: &Clock) -> io::Result<(Ports, view::Log)> {
    let ports = Ports {
        proxy: free_port(port)?,
        admin: free_port(0)?,
        one: origin::start("one", origin::Script::Steady, clock)?,
        two: origin::start("two", origin::Script::Steady, clock)?,
        moody: origin::start("moody", origin::Script::Moody, clock)?,
    };
    Ok((ports, view::Log::open()?))
}

fn introduction(port: u16) -> String {
    format!(
        "Tidegate serves examples/demo.cfg on 127.0.0.1:{port} in front of three small origins.
Two share the load; the third is slow, then fails, then recovers, every 20 seconds. Statistics: http://127.0.0.1:{port}/stats
In another terminal, and watch the log here:

    curl -i http://127.0.0.1:{port}/          # one steady origin, then the other
    curl -i http://127.0.0.1:{port}/flaky     # the third one, behind a circuit breaker
    curl -i http://127.0.0.1:{port}/limited   # ten requests a second for each address
    curl -i http://127.0.0.1:{port}/reports   # two at a time
    curl -i http://127.0.0.1:{port}/private   # refused by a rule

`tidegate demo --print-config` shows the configuration. Ctrl-C stops.

"
    )
}

/// `port`, or one that nobody uses now.
fn free_port(port: u16) -> io::Result<u16> {
    match port {
        0 => {
            let probe = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
            Ok(probe.local_addr()?.port())
        }
        port => Ok(port),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn port_zero_is_replaced() {
        assert_ne!(free_port(0).unwrap(), 0);
        assert_eq!(free_port(8080).unwrap(), 8080);
    }
}
