//! The configuration that a process serves: files as the flags override them, read at first and again.

use super::args::Flags;
use super::console::Console;
use super::load::{LoadOptions, Loaded};
use super::report::{self, Format};
use super::{files, privileges};
use crate::compile::config::{Config, LogForward};
use crate::syntax::Severity;

/// Reads the configuration again for a reload. What it is refused for is the error.
pub(super) fn load_again(flags: &Flags) -> Result<Config, String> {
    if flags.files.is_empty() {
        return Err("there is no file to load again".to_owned());
    }
    let mut loaded = Loaded::default();
    files::read_all(&flags.files, &mut loaded);
    loaded.build(&LoadOptions::from(flags));
    let warnings = loaded.count(Severity::Warning);
    let refused = loaded.diags.has_errors() || flags.zero_warning && warnings > 0;
    let findings = report::text(&loaded, Severity::Warning, Format::Human, false);
    match loaded.config.take() {
        Some(config) if !refused && !listens(&config) => Err(format!("{findings}nothing listens")),
        Some(config) if !refused => {
            Console { quiet: flags.quiet }.err(&findings);
            let mut config = overridden(config, flags);
            config.global.maxconn = most_connections(&config, Console { quiet: flags.quiet });
            Ok(config)
        }
        _ => Err(findings),
    }
}

/// `-n` and `-N`.
pub(super) fn overridden(mut config: Config, flags: &Flags) -> Config {
    if let Some(maxconn) = flags.maxconn {
        config.global.maxconn = maxconn;
        config.global.is_maxconn_set = true;
    }
    if let Some(maxconn) = flags.proxy_maxconn {
        let unset = config.frontends.iter_mut().filter(|f| f.maxconn == 0);
        unset.for_each(|frontend| frontend.maxconn = maxconn);
    }
    config
}

/// Whether there is anything to serve.
pub(super) fn listens(config: &Config) -> bool {
    let receives =
        |forward: &LogForward| !forward.binds.is_empty() || !forward.datagram_binds.is_empty();
    !config.global.stats_sockets.is_empty()
        || config.log_forwards.iter().any(receives)
        || config
            .frontends
            .iter()
            .any(|frontend| !frontend.disabled && !frontend.binds.is_empty())
}

/// `maxconn` of the process, as far as the limit on open files allows it; says so if that is less
/// than was asked for.
pub(super) fn most_connections(config: &Config, console: Console) -> u32 {
    let possible = privileges::raise_descriptor_limit();
    let wanted = config.global.maxconn;
    if wanted > possible && config.global.is_maxconn_set {
        console.warning(&format!(
            "Cannot raise FD limit as far as 'maxconn {wanted}' needs: {possible} connections are served at once, further ones wait. Raise the hard limit, or drop 'maxconn'"
        ));
    }
    wanted.min(possible)
}
