//! One round: wrk against one proxy, with the proxy's own accounts around it.

use crate::peer::Running;
use crate::scenario::{Load, Scenario};
use crate::system::{Cores, find_program};
use anyhow::{Context, Result, bail};
use std::process::{Command, Stdio};

/// What a round showed.
#[derive(Clone, Copy)]
pub(crate) struct Sample {
    /// Requests answered per second.
    pub(crate) per_second: f64,
    /// User CPU per request, microseconds.
    pub(crate) user_us: f64,
    /// Kernel CPU per request, microseconds.
    pub(crate) system_us: f64,
    /// 99th percentile of the time to the end of the response, milliseconds.
    pub(crate) p99_ms: f64,
    /// Share of its core the proxy used, 0 to 1.
    pub(crate) busy: f64,
    /// Failed connects, reads, writes, timeouts and statuses other than 2xx and 3xx.
    pub(crate) errors: u64,
}

impl Sample {
    /// User and kernel CPU per request, microseconds.
    pub(crate) fn cpu_us(&self) -> f64 {
        self.user_us + self.system_us
    }
}

/// Makes wrk print its figures in one line that needs no units.
const SUMMARY: &str = r#"
function done(summary, latency, requests)
   local e = summary.errors
   io.write(string.format("figures %d %d %d %d\n", summary.requests, summary.duration,
      latency:percentile(99), e.connect + e.read + e.write + e.timeout + e.status))
end
"#;

/// Runs wrk for some seconds.
pub(crate) fn round(
    proxy: &Running<'_>,
    scenario: &Scenario,
    cores: &Cores,
    seconds: u32,
) -> Result<Sample> {
    let Load::Requests {
        path,
        connections,
        headers,
    } = scenario.load
    else {
        bail!("'{}' is not a scenario of requests", scenario.name);
    };
    let script = tempfile::NamedTempFile::new()?;
    std::fs::write(script.path(), SUMMARY)?;
    let mut wrk = Command::new(find_program("wrk").context("wrk is not on PATH")?);
    wrk.args(["--latency", "--threads", "1", "--timeout", "10s"])
        .args(["--connections", &connections.to_string()])
        .args(["--duration", &format!("{seconds}s")])
        .arg("--script")
        .arg(script.path());
    for header in headers {
        wrk.args(["--header", header]);
    }
    wrk.arg(format!("http://{}{path}", proxy.addr))
        .stdin(Stdio::null())
        .stdout(Stdio::piped());

    let before = proxy.cpu_time()?;
    let output = cores.spawn_on(cores.load, &mut wrk)?.output()?;
    let after = proxy.cpu_time()?;

    let [requests, duration_us, p99_us, errors] = figures(&output)
        .with_context(|| format!("wrk against {} said:\n{output}", proxy.name()))?;
    if requests == 0 {
        bail!("{} answered no request:\n{output}", proxy.name());
    }
    let (requests, seconds) = (requests as f64, duration_us as f64 / 1e6);
    let (user, system) = (after.user - before.user, after.system - before.system);
    Ok(Sample {
        per_second: requests / seconds,
        user_us: user * 1e6 / requests,
        system_us: system * 1e6 / requests,
        p99_ms: p99_us as f64 / 1e3,
        busy: (user + system) / seconds,
        errors,
    })
}

/// Reads the line that [`SUMMARY`] printed: requests, microseconds, p99 in microseconds, errors.
fn figures(output: &str) -> Option<[u64; 4]> {
    let line = output.lines().find_map(|l| l.strip_prefix("figures "))?;
    let numbers: Vec<u64> = line
        .split_ascii_whitespace()
        .map_while(|word| word.parse().ok())
        .collect();
    numbers.try_into().ok()
}
