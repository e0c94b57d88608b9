//! The same traffic through Tidegate and through the proxies installed on this machine.
//!
//! Every proxy runs on one core of its own, the load generator (wrk) and the origin on another.
//! Rounds are interleaved, so that what disturbs the machine disturbs everybody, and each
//! figure is a median over rounds; ratios are medians of the ratios within a round. The proxies'
//! CPU time is the kernel's account of their processes. Prints Markdown. Deliberately absent:
//! pass or fail. It measures; `README.md` says what is claimed.
//!
//! `cargo bench --bench peers -- --help` lists the options.

mod idle;
mod measure;
mod options;
mod origin;
mod peer;
mod report;
mod scenario;
mod system;

use anyhow::{Context, Result, bail};
use options::Options;
use peer::{Peer, Running};
use report::Row;
use scenario::{Load, Scenario};
use std::process::ExitCode;

fn main() -> ExitCode {
    // Without `--bench` this is `cargo test --benches`: building it was the test.
    if !std::env::args().any(|arg| arg == "--bench") {
        println!("peers: run with `cargo bench --bench peers`");
        return ExitCode::SUCCESS;
    }
    match compare() {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("peers: {e:#}");
            ExitCode::FAILURE
        }
    }
}

fn compare() -> Result<()> {
    let options = Options::from_args()?;
    if system::find_program("wrk").is_none() {
        bail!("the load generator `wrk` is not on PATH; on Debian: apt-get install wrk");
    }
    let peers = peer::installed(&options)?;
    let cores = system::Cores::split()?;
    system::raise_descriptor_limit()?;
    let dir = tempfile::tempdir().context("a directory for configurations")?;
    let origin = origin::Origin::start(dir.path(), &cores)?;

    println!("{}", report::preamble(&peers, &origin, &cores, &options)?);
    let mut results = Vec::new();
    for scenario in options.scenarios() {
        eprintln!("{}: {}", scenario.name, scenario.what);
        let rows = run(scenario, &peers, &origin, &cores, &options, dir.path())?;
        println!("{}", report::table(scenario, &rows));
        results.push((scenario, rows));
    }
    println!("{}", report::summary(&peers, &results));
    if results
        .iter()
        .flat_map(|(_, rows)| rows)
        .any(Row::is_invalid)
    {
        bail!("some rounds had errors, see the notes under the tables");
    }
    Ok(())
}

fn run(
    scenario: &Scenario,
    peers: &[Peer],
    origin: &origin::Origin,
    cores: &system::Cores,
    options: &Options,
    dir: &std::path::Path,
) -> Result<Vec<Row>> {
    let running = peers
        .iter()
        .filter(|peer| peer.can_run(scenario))
        .map(|peer| Running::start(peer, scenario, origin, cores, dir))
        .collect::<Result<Vec<_>>>()?;
    let mut rows: Vec<Row> = running.iter().map(|proxy| Row::new(proxy.name())).collect();
    match scenario.load {
        Load::Idle { connections } => {
            for (row, proxy) in rows.iter_mut().zip(&running) {
                row.idle = Some(idle::measure(proxy, connections)?);
            }
        }
        Load::Requests { .. } => {
            for proxy in &running {
                measure::round(proxy, scenario, cores, 1)?;
            }
            for round in 0..options.rounds {
                // Nobody always runs right after the same neighbour.
                for at in 0..running.len() {
                    let turn = (round + at) % running.len();
                    if let (Some(proxy), Some(row)) = (running.get(turn), rows.get_mut(turn)) {
                        row.add(measure::round(proxy, scenario, cores, options.seconds)?);
                    }
                }
            }
        }
    }
    for (row, proxy) in rows.iter_mut().zip(&running) {
        row.peak_rss_kib = proxy.memory()?.peak_kib;
    }
    Ok(rows)
}
