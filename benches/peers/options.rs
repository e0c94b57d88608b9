//! The runner's own command line.

use crate::scenario::{SCENARIOS, Scenario};
use anyhow::{Result, bail};
use clap::{Arg, ArgAction, Command, value_parser};

/// What to run and how long.
pub(crate) struct Options {
    /// Measured rounds per scenario and proxy.
    pub(crate) rounds: usize,
    /// Length of a round.
    pub(crate) seconds: u32,
    /// Only this scenario.
    scenario: Option<String>,
    /// Only these proxies; empty means all.
    only: Vec<String>,
}

impl Options {
    /// Reads the process's arguments; `--help` prints and exits.
    pub(crate) fn from_args() -> Result<Self> {
        let matches = command().get_matches();
        let scenario = matches.get_one::<String>("scenario").cloned();
        if let Some(name) = &scenario
            && !SCENARIOS.iter().any(|s| s.name == name)
        {
            bail!("no scenario '{name}'; there are: {}", names());
        }
        Ok(Self {
            rounds: matches.get_one("rounds").copied().unwrap_or(5),
            seconds: matches.get_one("seconds").copied().unwrap_or(3),
            scenario,
            only: matches
                .get_many::<String>("only")
                .map(|names| names.cloned().collect())
                .unwrap_or_default(),
        })
    }

    /// The scenarios asked for.
    pub(crate) fn scenarios(&self) -> impl Iterator<Item = &'static Scenario> {
        SCENARIOS
            .iter()
            .filter(|s| self.scenario.as_ref().is_none_or(|name| s.name == name))
    }

    /// Whether a proxy was asked for, by its name (`haproxy-3.4.0`) or its kind (`haproxy`).
    pub(crate) fn wants(&self, kind: &str, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == kind || only == name)
    }
}

fn command() -> Command {
    Command::new("cargo bench --bench peers --")
        .about("Compares Tidegate with the proxies on PATH. TIDEGATE_HAPROXY=FILE adds one more haproxy.")
        .arg(
            Arg::new("rounds")
                .long("rounds")
                .value_name("N")
                .help("Measured rounds per scenario and proxy [default: 5]")
                .value_parser(value_parser!(usize)),
        )
        .arg(
            Arg::new("seconds")
                .long("seconds")
                .value_name("S")
                .help("Length of a round [default: 3]")
                .value_parser(value_parser!(u32).range(1..)),
        )
        .arg(
            Arg::new("scenario")
                .long("scenario")
                .value_name("NAME")
                .help(format!("Run only this one of: {}", names())),
        )
        .arg(
            Arg::new("only")
                .long("only")
                .value_name("PROXIES")
                .help("Run only these, e.g. tidegate,haproxy")
                .value_delimiter(','),
        )
        // cargo passes it to every bench target.
        .arg(
            Arg::new("bench")
                .long("bench")
                .hide(true)
                .action(ArgAction::SetTrue),
        )
}

fn names() -> String {
    let names: Vec<_> = SCENARIOS.iter().map(|s| s.name).collect();
    names.join(", ")
}
