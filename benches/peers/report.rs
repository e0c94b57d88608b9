//! Samples to Markdown.

use crate::idle::Idle;
use crate::measure::Sample;
use crate::options::Options;
use crate::origin::Origin;
use crate::peer::Peer;
use crate::scenario::Scenario;
use crate::system::Cores;
use anyhow::Result;
use std::fmt::Write;

/// One proxy in one scenario.
pub(crate) struct Row {
    name: String,
    samples: Vec<Sample>,
    /// For scenarios of idle connections.
    pub(crate) idle: Option<Idle>,
    /// `VmHWM` at the end.
    pub(crate) peak_rss_kib: u64,
}

impl Row {
    /// An empty one.
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            samples: Vec::new(),
            idle: None,
            peak_rss_kib: 0,
        }
    }

    /// Adds a round.
    pub(crate) fn add(&mut self, sample: Sample) {
        self.samples.push(sample);
    }

    /// Whether it failed requests.
    pub(crate) fn is_invalid(&self) -> bool {
        self.samples.iter().any(|sample| sample.errors > 0)
    }

    fn median(&self, of: impl Fn(&Sample) -> f64) -> f64 {
        median(self.samples.iter().map(of).collect())
    }

    /// The median over rounds of this row's figure divided by the other's of the same round.
    fn ratio(&self, other: &Self, of: impl Fn(&Sample) -> f64) -> f64 {
        let rounds = self.samples.iter().zip(&other.samples);
        median(rounds.map(|(mine, its)| of(mine) / of(its)).collect())
    }
}

/// The middle value, or the mean of the two middle ones.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    let upper = values.get(half).copied().unwrap_or(f64::NAN);
    if values.len() % 2 == 1 {
        return upper;
    }
    let lower = half.checked_sub(1).and_then(|at| values.get(at)).copied();
    (lower.unwrap_or(f64::NAN) + upper) / 2.0
}

/// Who was measured, where and how.
pub(crate) fn preamble(
    peers: &[Peer],
    origin: &Origin,
    cores: &Cores,
    options: &Options,
) -> Result<String> {
    let mut text = String::new();
    for peer in peers {
        writeln!(text, "- {}", peer.version)?;
    }
    writeln!(text, "- {}; origin: {}", cpu_model(), origin.name)?;
    let shared = if cores.load == cores.origin {
        "load and origin share another"
    } else {
        "load and origin have one each"
    };
    writeln!(
        text,
        "- the proxy has one core, {shared}; {} interleaved rounds of {} s, medians; \
         ratios are medians of the rounds' ratios to {}",
        options.rounds,
        options.seconds,
        reference_name(peers),
    )?;
    Ok(text)
}

fn reference_name(peers: &[Peer]) -> &str {
    let names = peers.iter().map(Peer::name);
    names
        .into_iter()
        .find(|name| is_reference(name))
        .unwrap_or("the first row")
}

fn is_reference(name: &str) -> bool {
    name.starts_with("haproxy")
}

fn cpu_model() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    model.and_then(|rest| rest.split_once(": ")).map_or_else(
        || "unknown processor".to_owned(),
        |(_, name)| name.to_owned(),
    )
}

/// One line per scenario: CPU per request of every proxy, and its ratio to the reference.
pub(crate) fn summary(peers: &[Peer], results: &[(&Scenario, Vec<Row>)]) -> String {
    let mut text = "### CPU µs per request (ratio)\n\n| scenario |".to_owned();
    for peer in peers {
        text += &format!(" {} |", peer.name());
    }
    text += &format!("\n|---|{}\n", "--:|".repeat(peers.len()));
    for (scenario, rows) in results {
        if rows.iter().any(|row| row.idle.is_some()) {
            continue;
        }
        text += &format!("| {} |", scenario.what);
        for peer in peers {
            let row = rows.iter().find(|row| row.name == peer.name());
            text += &match (row, reference(rows)) {
                (Some(row), Some(reference)) => format!(
                    " {:.1} ({:.2}) |",
                    row.median(Sample::cpu_us),
                    row.ratio(reference, Sample::cpu_us)
                ),
                _ => " |".to_owned(),
            };
        }
        text.push('\n');
    }
    text
}

/// The row the others are compared with: haproxy from PATH, or else the first.
fn reference(rows: &[Row]) -> Option<&Row> {
    let haproxy = rows.iter().find(|row| is_reference(&row.name));
    haproxy.or(rows.first())
}

/// The table of one scenario.
pub(crate) fn table(scenario: &Scenario, rows: &[Row]) -> String {
    let mut text = format!("### {}: {}\n\n", scenario.name, scenario.what);
    if rows.iter().any(|row| row.idle.is_some()) {
        idle_rows(&mut text, rows);
    } else {
        request_rows(&mut text, rows);
    }
    for row in rows.iter().filter(|row| row.is_invalid()) {
        let errors: u64 = row.samples.iter().map(|sample| sample.errors).sum();
        text += &format!(
            "\n{} failed {errors} requests: its figures do not count.\n",
            row.name
        );
    }
    text
}

fn request_rows(text: &mut String, rows: &[Row]) {
    *text += "| proxy | requests/s | CPU µs/request (user + kernel) | CPU ratio | p99 ms | p99 ratio | peak RSS MiB | core used |\n";
    *text += "|---|--:|--:|--:|--:|--:|--:|--:|\n";
    let Some(reference) = reference(rows) else {
        return;
    };
    for row in rows {
        *text += &format!(
            "| {} | {:.0} | {:.1} ({:.1} + {:.1}) | {:.2} | {:.2} | {:.2} | {:.1} | {:.0} % |\n",
            row.name,
            row.median(|s| s.per_second),
            row.median(Sample::cpu_us),
            row.median(|s| s.user_us),
            row.median(|s| s.system_us),
            row.ratio(reference, Sample::cpu_us),
            row.median(|s| s.p99_ms),
            row.ratio(reference, |s| s.p99_ms),
            row.peak_rss_kib as f64 / 1024.0,
            row.median(|s| s.busy) * 100.0,
        );
    }
}

fn idle_rows(text: &mut String, rows: &[Row]) {
    *text += "| proxy | RSS grown MiB | bytes per connection | peak RSS MiB |\n|---|--:|--:|--:|\n";
    for row in rows {
        let Some(idle) = row.idle else { continue };
        *text += &format!(
            "| {} | {:.1} | {} | {:.1} |\n",
            row.name,
            idle.grown_kib as f64 / 1024.0,
            idle.grown_kib * 1024 / u64::from(idle.connections.max(1)),
            row.peak_rss_kib as f64 / 1024.0,
        );
    }
}
