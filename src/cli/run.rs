//! Loading, then checking or serving: what HAProxy's own flags ask for.

use super::args::Flags;
use super::channel::{Channel, ToWorker};
use super::codes;
use super::config;
use super::console::{self, Console, cause};
use super::daemon::{self, Detached};
use super::files;
use super::load::{LoadOptions, Loaded};
use super::master;
use super::privileges::{self, PidFile};
use super::report::{self, Format};
use super::signals::{self, Effects};
use crate::clock::Clock;
use crate::compile::config::{Config, Global};
use crate::net;
use crate::observe::log::{LogIdentity, Logger};
use crate::proxy::{self, Legacy, RunEnvironment, StartError, Stop, Visitor};
use crate::runtime_api;
use crate::syntax::Severity;
use std::ffi::OsString;
use std::io;
use std::os::fd::AsFd;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;

/// Does what the flags say; `args` are the arguments they were read from.
pub(super) fn load(flags: &Flags, args: &[OsString]) -> ExitCode {
    let console = Console { quiet: flags.quiet };
    if flags.verbose {
        for (flag, reason) in &flags.ignored {
            console.notice(&format!("'{flag}' has no effect: {reason}"));
        }
    }
    for (flag, instead) in &flags.unanswered {
        console.notice(&format!("'{flag}' prints nothing here: {instead}"));
    }
    if let Some(directory) = &flags.directory
        && let Err(error) = std::env::set_current_dir(directory)
    {
        let directory = directory.display();
        let cause = cause(&error);
        console.alert(&format!(
            "Could not change to directory {directory} : {cause}"
        ));
        return ExitCode::FAILURE;
    }
    let mut loaded = Loaded::default();
    files::read_all(&flags.files, &mut loaded);
    loaded.build(&LoadOptions::from(flags));
    start(loaded, flags, args, "")
}

/// Shows the findings, then checks or serves; `announcement` is printed once connections are
/// accepted.
pub(super) fn start(
    mut loaded: Loaded,
    flags: &Flags,
    args: &[OsString],
    announcement: &str,
) -> ExitCode {
    let console = Console { quiet: flags.quiet };
    let least = if flags.diagnose {
        Severity::Note
    } else {
        Severity::Warning
    };
    let findings = |color| report::text(&loaded, least, Format::Human, color);
    if !flags.detached && !flags.worker {
        // The process that started the detached copy, or the master, has shown them.
        console.err(&findings(console::colored(&io::stderr())));
    }
    let findings = findings(false);
    let config = match loaded.config.take() {
        Some(config) if !loaded.diags.has_errors() => config::overridden(config, flags),
        _ => {
            report::summary(&loaded, console);
            return ExitCode::FAILURE;
        }
    };
    let warnings = loaded.count(Severity::Warning);
    if flags.zero_warning && warnings > 0 {
        console.alert("Some warnings were found and 'zero-warning' is set. Aborting.");
        return ExitCode::FAILURE;
    }
    if flags.check {
        return verdict(&config, flags, warnings);
    }
    let daemon = (flags.daemon || config.global.daemon) && !flags.foreground;
    // Texts and findings have been shown; a process may serve for years.
    drop(loaded);
    let result = if !config::listens(&config) {
        let error = StartError::new(codes::NO_LISTENER, "nothing listens")
            .help("add a 'bind' line to a 'frontend' or 'listen' section");
        Err(vec![error])
    } else if daemon && !flags.detached {
        daemon::detach(args).map_err(|error| vec![error])
    } else {
        let warnings = u32::try_from(warnings).unwrap_or(u32::MAX);
        serve(config, (findings, warnings), flags, args, announcement)
    };
    result.unwrap_or_else(|errors| {
        for error in errors {
            console.err(&report::start_error(
                &error,
                console::colored(&io::stderr()),
            ));
        }
        ExitCode::FAILURE
    })
}

fn verdict(config: &Config, flags: &Flags, warnings: usize) -> ExitCode {
    if !config::listens(config) {
        Console { quiet: flags.quiet }
            .out("Configuration file has no error but will not start (no listener) => exit(2).\n");
        return ExitCode::from(2);
    }
    if flags.verbose {
        if warnings > 0 {
            console::print("Warnings were found.\n");
        }
        console::print("Configuration file is valid\n");
    }
    ExitCode::SUCCESS
}

fn serve(
    mut config: Config,
    (findings, warnings): (String, u32),
    flags: &Flags,
    args: &[OsString],
    announcement: &str,
) -> Result<ExitCode, Vec<StartError>> {
    let console = Console { quiet: flags.quiet };
    let detached = if flags.detached {
        let begun = Detached::begin().map_err(|error| {
            let message = format!("cannot detach: {}", cause(&error));
            vec![StartError::new(codes::DETACH, message)]
        });
        Some(begun?)
    } else {
        None
    };
    if flags.master.is_some() {
        return master::run(config, flags, args, detached);
    }
    config.global.maxconn = config::most_connections(&config, console);
    let clock = Clock::system();
    let logger = Logger::new(
        clock.clone(),
        LogIdentity {
            tag: config.global.log_tag.clone(),
            hostname: config.global.log_hostname.clone(),
            pid: std::process::id(),
        },
    );
    let log = logger.handle();
    let stop = Arc::new(watch::channel(Stop::Not).0);
    let (asks, orders) = proxy::orders();
    let (visits, visitors) = tokio::sync::mpsc::unbounded_channel();
    let (channel, legacy) = match flags.worker {
        true => follow_master(&stop, visits).map(|(channel, legacy)| (Some(channel), legacy)),
        false => inherited(flags, console).map(|legacy| (None, legacy)),
    }
    .map_err(|error| vec![error])?;
    let bound = BoundStep {
        flags: flags.clone(),
        logger,
        effects: Effects {
            stop: Arc::clone(&stop),
            orders: asks,
            log: log.clone(),
            console,
        },
    };
    let announcement = announcement.to_owned();
    let again = flags.clone();
    let environment = RunEnvironment {
        clock,
        log: log.clone(),
        stop,
        orders,
        load: Box::new(move || config::load_again(&again)),
        tell: Box::new(move |level, text| console.told(level, text)),
        legacy,
        findings,
        warnings,
        visitors,
        no_splice: flags.no_splice,
        no_reuse_port: flags.no_reuse_port,
        control: runtime_api::serve,
        bound: Box::new(move |global| bound.take(global)),
        ready: Box::new(move || {
            console::print(&announcement);
            if let Some(detached) = detached {
                detached.ready();
            }
            if let Some(channel) = channel {
                channel.say_ready();
            }
        }),
    };
    let result = proxy::run(config, environment);
    log.shutdown();
    result.map(|()| ExitCode::SUCCESS)
}

/// What the process that `-x` names leaves.
fn inherited(flags: &Flags, console: Console) -> Result<Legacy, StartError> {
    let replace = flags.replace.as_ref();
    let mut legacy = Legacy {
        has_lessons: replace.is_some_and(|replace| !replace.pids.is_empty()),
        ..Legacy::default()
    };
    let path = flags.take_from.as_deref();
    let Some(path) = path.filter(|path| *path != Path::new("/dev/null")) else {
        return Ok(legacy);
    };
    legacy.sockets = net::take_from(path).map_err(|error| {
        let (path, cause) = (path.display(), cause(&error));
        console.warning(&format!(
            "Failed to take the sockets of the old process from '{path}': {cause}"
        ));
        let message = "Failed to get the sockets from the old process!";
        StartError::new(codes::NO_TAKE_OVER, message).help(
            "the path must be that of a 'stats socket' of the old process, with 'level admin' and \
             'expose-fd listeners'",
        )
    })?;
    // One that falls silent keeps us from nothing.
    legacy.tables = net::take_tables_from(path).unwrap_or_default();
    Ok(legacy)
}

/// Waits until our master lets us begin, then does what it says, and ends when it has ended.
/// Returns the way to it, and what the worker before us leaves.
fn follow_master(
    stop: &Arc<watch::Sender<Stop>>,
    visits: UnboundedSender<Visitor>,
) -> Result<(Channel, Legacy), StartError> {
    let failed = |why: String| StartError::new(codes::WORKER_PROCESS, why);
    let no_channel = |error: io::Error| failed(format!("no way to the master: {}", cause(&error)));
    let channel = Channel::of_worker().map_err(no_channel)?;
    let Ok(ToWorker::Start(before)) = channel.told() else {
        return Err(failed("the master has ended".to_owned()));
    };
    let mut legacy = Legacy {
        has_lessons: !before.is_empty(),
        ..Legacy::default()
    };
    if let [sockets, tables] = &*before {
        legacy.sockets = net::take(sockets.as_fd()).map_err(|error| {
            let cause = cause(&error);
            failed(format!("the worker before gives no sockets: {cause}"))
        })?;
        legacy.tables = net::take_tables(tables.as_fd()).unwrap_or_default();
    }
    let own = channel.try_clone().map_err(no_channel)?;
    let stop = Arc::clone(stop);
    let follow = move || {
        while let Ok(told) = own.told() {
            if let ToWorker::Visit(visitor) = told {
                // A worker that is about to end takes no commands.
                let _ = visits.send(visitor);
            }
        }
        stop.send_replace(Stop::Now);
    };
    std::thread::Builder::new()
        .name("master".to_owned())
        .spawn(follow)
        .map_err(no_channel)?;
    Ok((channel, legacy))
}

/// What happens between binding and serving, in this order.
struct BoundStep {
    flags: Flags,
    logger: Logger,
    effects: Effects,
}

impl BoundStep {
    fn take(self, global: &Global) -> Result<(), StartError> {
        let pid_file = self.flags.pidfile.as_ref().or(global.pidfile.as_ref());
        let pid_file = pid_file.filter(|_| !self.flags.worker);
        let pid_file = pid_file.map(|path| PidFile::create(path)).transpose()?;
        if let Some(replace) = &self.flags.replace {
            privileges::end_old_processes(replace, self.effects.console);
        }
        privileges::give_up(global)?;
        self.logger.start().map_err(|error| {
            let cause = cause(&error);
            StartError::new(codes::THREADS, format!("cannot start a thread: {cause}"))
        })?;
        signals::start(self.effects)?;
        pid_file.map_or(Ok(()), PidFile::fill)
    }
}
