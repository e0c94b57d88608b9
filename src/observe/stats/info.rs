//! `show info`: facts about the process, in HAProxy 3.4's names and places.
//!
//! What only exists with TLS is left out, as HAProxy built without it does; what HAProxy counts of
//! structures that we do not have says 0.

use super::field::{
    Field, Nature, Origin, Scope, Value, config, gauge, limit, metric, status, write_json_text,
};
use super::lines::Format;
use std::io::Write as _;

/// The process at one moment.
#[derive(Clone, Debug, Default)]
pub struct Process<'a> {
    /// Version of HAProxy that it is compatible with.
    pub version: &'a str,
    /// That version's date.
    pub released: &'a str,
    /// Which build it is.
    pub build: &'a str,
    /// Worker threads.
    pub threads: u32,
    /// Process id.
    pub pid: u32,
    /// Microseconds since the start.
    pub uptime_us: u64,
    /// When that was, microseconds since 1970.
    pub started_us: u64,
    /// Milliseconds until it was ready.
    pub boot_ms: u32,
    /// Most descriptors.
    pub max_fds: u32,
    /// Most client connections.
    pub max_connections: u32,
    /// Most that may be allowed while it runs.
    pub max_connections_ever: u32,
    /// How often `max_connections` was reached.
    pub max_connections_reached: u32,
    /// Client connections now.
    pub connections: u32,
    /// Client connections so far.
    pub connections_total: u64,
    /// Requests so far.
    pub requests_total: u64,
    /// Client connections per second: now, and the most.
    pub connection_rate: u32,
    /// See `connection_rate`.
    pub connection_rate_max: u32,
    /// `maxconnrate`
    pub connection_rate_limit: u32,
    /// Sessions per second: now, and the most.
    pub session_rate: u32,
    /// See `session_rate`.
    pub session_rate_max: u32,
    /// `maxsessrate`
    pub session_rate_limit: u32,
    /// Percent of the time that workers wait.
    pub idle_percent: u32,
    /// `node`
    pub node: &'a str,
    /// `description`
    pub description: Option<&'a str>,
    /// Whether it finishes.
    pub is_stopping: bool,
    /// Connections and listeners.
    pub jobs: u32,
    /// Listening sockets.
    pub listeners: u32,
    /// Log lines that found no room.
    pub dropped_logs: u32,
    /// Sessions with peers: begun, and established.
    pub peers: (u32, u32),
    /// Messages that came to be sent on.
    pub received_logs: u32,
    /// Bytes sent so far.
    pub bytes_out: u64,
    /// Of these, those that never left the kernel.
    pub spliced_out: u64,
    /// Bytes sent in the last second.
    pub bytes_out_rate: u64,
    /// Bytes per second that compression is given, and makes.
    pub compress_rate: (u32, u32),
    /// `maxcomprate`, in bytes per second.
    pub compress_rate_limit: u32,
    /// Warnings of the configuration.
    pub warnings: u32,
    /// Patterns of ACLs and maps: added so far, and removed.
    pub patterns: (u64, u64),
    /// Streams now.
    pub streams: u64,
    /// Streams so far.
    pub streams_total: u64,
}

/// One fact.
pub struct Fact {
    /// Its name.
    pub name: &'static str,
    /// The metric's name, if there is one.
    pub metric: Option<&'static str>,
    /// What it says.
    pub doc: &'static str,
    value: for<'p> fn(&'p Process<'_>, bool) -> Option<Field<'p>>,
}

impl Fact {
    /// The value, if there is one; with fractions of seconds where wanted.
    pub fn value<'p>(&self, process: &'p Process<'_>, float: bool) -> Option<Field<'p>> {
        (self.value)(process, float)
    }
}

impl std::fmt::Debug for Fact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

const fn fact(
    name: &'static str,
    metric: Option<&'static str>,
    doc: &'static str,
    value: for<'p> fn(&'p Process<'_>, bool) -> Option<Field<'p>>,
) -> Fact {
    Fact {
        name,
        metric,
        doc,
        value,
    }
}

/// All facts in order.
#[rustfmt::skip]
pub static FACTS: &[Fact] = &[
    fact("Name", None, "product", |_, _| Some(product("HAProxy".into()))),
    fact("Version", None, "version whose behaviour this is", |p, _| Some(product(p.version.into()))),
    fact("Release_date", None, "date of that version", |p, _| Some(product(p.released.into()))),
    fact("Nbthread", Some("nbthread"), "worker threads", |p, _| Some(config(Nature::Gauge, Value::U32(p.threads)))),
    fact("Nbproc", Some("nbproc"), "worker processes, always 1", |_, _| Some(config(Nature::Gauge, Value::U32(1)))),
    fact("Process_num", Some("relative_process_id"), "number of the process, always 1", |_, _| Some(own_key(1))),
    fact("Pid", None, "process id", |p, _| Some(status(Value::U32(p.pid)))),
    fact("Uptime", None, "time since the start, as text", |p, _| Some(metric(Nature::Duration, Value::Text(duration(p.uptime_us).into())))),
    fact("Uptime_sec", Some("uptime_seconds"), "seconds since the start", |p, float| Some(metric(Nature::Duration, seconds(p.uptime_us, float)))),
    fact("Memmax_MB", None, "limit of memory in MB, 0 is none", |_, _| Some(limit(0))),
    fact("PoolAlloc_MB", None, "MB in memory pools, which do not exist here", |_, _| Some(gauge(0))),
    fact("PoolUsed_MB", None, "MB of them in use", |_, _| Some(gauge(0))),
    fact("PoolFailed", Some("pool_failures_total"), "allocations from pools that failed", |_, _| Some(metric(Nature::Counter, Value::U32(0)))),
    fact("Ulimit-n", Some("max_fds"), "most descriptors", |p, _| Some(limit(p.max_fds))),
    fact("Maxsock", Some("max_sockets"), "most sockets", |p, _| Some(limit(p.max_fds))),
    fact("Maxconn", Some("max_connections"), "most client connections", |p, _| Some(limit(p.max_connections))),
    fact("Hard_maxconn", Some("hard_max_connections"), "most client connections that could be allowed", |p, _| Some(limit(p.max_connections_ever))),
    fact("CurrConns", Some("current_connections"), "client connections now", |p, _| Some(gauge(p.connections))),
    fact("CumConns", Some("connections_total"), "client connections so far", |p, _| Some(total(p.connections_total))),
    fact("CumReq", Some("requests_total"), "requests so far", |p, _| Some(total(p.requests_total))),
    fact("MaxSslConns", Some("max_ssl_connections"), "most TLS connections", |_, _| Some(metric(Nature::Max, Value::U32(0)))),
    fact("CurrSslConns", Some("current_ssl_connections"), "TLS connections now", |_, _| Some(gauge(0))),
    fact("CumSslConns", Some("ssl_connections_total"), "TLS connections so far", |_, _| Some(metric(Nature::Counter, Value::U32(0)))),
    fact("Maxpipes", Some("max_pipes"), "most pipes, 0 is no limit", |_, _| Some(limit(0))),
    fact("PipesUsed", Some("pipes_used_total"), "pipes in use", |_, _| Some(gauge(0))),
    fact("PipesFree", Some("pipes_free_total"), "pipes kept for use", |_, _| Some(gauge(0))),
    fact("ConnRate", Some("current_connection_rate"), "client connections in the last second", |p, _| Some(metric(Nature::Rate, Value::U32(p.connection_rate)))),
    fact("ConnRateLimit", Some("limit_connection_rate"), "most client connections per second, 0 is no limit", |p, _| Some(limit(p.connection_rate_limit))),
    fact("MaxConnRate", Some("max_connection_rate"), "most client connections in one second", |p, _| Some(metric(Nature::Max, Value::U32(p.connection_rate_max)))),
    fact("SessRate", Some("current_session_rate"), "sessions in the last second", |p, _| Some(metric(Nature::Rate, Value::U32(p.session_rate)))),
    fact("SessRateLimit", Some("limit_session_rate"), "most sessions per second, 0 is no limit", |p, _| Some(limit(p.session_rate_limit))),
    fact("MaxSessRate", Some("max_session_rate"), "most sessions in one second", |p, _| Some(metric(Nature::Rate, Value::U32(p.session_rate_max)))),
    fact("SslRate", Some("current_ssl_rate"), "TLS connections in the last second", |_, _| Some(metric(Nature::Rate, Value::U32(0)))),
    fact("SslRateLimit", Some("limit_ssl_rate"), "most TLS connections per second", |_, _| Some(limit(0))),
    fact("MaxSslRate", Some("max_ssl_rate"), "most TLS connections in one second", |_, _| Some(metric(Nature::Max, Value::U32(0)))),
    fact("SslFrontendKeyRate", Some("current_frontend_ssl_key_rate"), "TLS keys of frontends in the last second", |_, _| Some(gauge(0))),
    fact("SslFrontendMaxKeyRate", Some("max_frontend_ssl_key_rate"), "most TLS keys of frontends in one second", |_, _| Some(metric(Nature::Max, Value::U32(0)))),
    fact("SslFrontendSessionReuse_pct", Some("frontend_ssl_reuse"), "percent of TLS sessions that were resumed", |_, _| Some(gauge(0))),
    fact("SslBackendKeyRate", Some("current_backend_ssl_key_rate"), "TLS keys of backends in the last second", |_, _| Some(metric(Nature::Rate, Value::U32(0)))),
    fact("SslBackendMaxKeyRate", Some("max_backend_ssl_key_rate"), "most TLS keys of backends in one second", |_, _| Some(metric(Nature::Max, Value::U32(0)))),
    fact("SslCacheLookups", Some("ssl_cache_lookups_total"), "look-ups of TLS sessions", |_, _| Some(metric(Nature::Counter, Value::U32(0)))),
    fact("SslCacheMisses", Some("ssl_cache_misses_total"), "look-ups of TLS sessions that found none", |_, _| Some(metric(Nature::Counter, Value::U32(0)))),
    fact("CompressBpsIn", Some("http_comp_bytes_in_total"), "bytes given to compression in the last second", |p, _| Some(metric(Nature::Rate, Value::U32(p.compress_rate.0)))),
    fact("CompressBpsOut", Some("http_comp_bytes_out_total"), "bytes that compression made in the last second", |p, _| Some(metric(Nature::Rate, Value::U32(p.compress_rate.1)))),
    fact("CompressBpsRateLim", Some("limit_http_comp"), "most bytes per second that compression may be given, 0 is no limit", |p, _| Some(limit(p.compress_rate_limit))),
    fact("ZlibMemUsage", Some("current_zlib_memory"), "bytes that compression holds", |_, _| None),
    fact("MaxZlibMemUsage", Some("max_zlib_memory"), "most bytes that compression may hold", |_, _| None),
    fact("Tasks", Some("current_tasks"), "connections, listeners and other work that is alive", |p, _| Some(gauge(p.jobs))),
    fact("Run_queue", Some("current_run_queue"), "tasks that could run now, which is not known here", |_, _| Some(gauge(0))),
    fact("Idle_pct", Some("idle_time_percent"), "percent of the last second in which workers had nothing to do", |p, _| Some(metric(Nature::Avg, Value::U32(p.idle_percent)))),
    fact("node", Some("node"), "name of this machine", |p, _| Some(Field { origin: Origin::Config, ..product(p.node.into()) })),
    fact("description", Some("description"), "description of this instance", |p, _| Some(Field { origin: Origin::Config, ..product(p.description?.into()) })),
    fact("Stopping", Some("stopping"), "1 while the process finishes", |p, _| Some(gauge(p.is_stopping.into()))),
    fact("Jobs", Some("jobs"), "connections and listeners", |p, _| Some(gauge(p.jobs))),
    fact("Unstoppable Jobs", Some("unstoppable_jobs"), "jobs that a soft stop does not wait for", |_, _| Some(gauge(0))),
    fact("Listeners", Some("listeners"), "listening sockets", |p, _| Some(gauge(p.listeners))),
    fact("ActivePeers", Some("active_peers"), "connections with peers, those being made among them", |p, _| Some(gauge(p.peers.0))),
    fact("ConnectedPeers", Some("connected_peers"), "connections with peers whose handshake is over", |p, _| Some(gauge(p.peers.1))),
    fact("DroppedLogs", Some("dropped_logs_total"), "log lines that found no room", |p, _| Some(gauge(p.dropped_logs))),
    fact("BusyPolling", Some("busy_polling_enabled"), "1 if workers never sleep", |_, _| Some(gauge(0))),
    fact("FailedResolutions", Some("failed_resolutions"), "names that could not be resolved", |_, _| Some(gauge(0))),
    fact("TotalBytesOut", Some("bytes_out_total"), "bytes sent so far", |p, _| Some(metric(Nature::Gauge, Value::U64(p.bytes_out)))),
    fact("TotalSplicedBytesOut", Some("spliced_bytes_out_total"), "bytes sent so far that never left the kernel", |p, _| Some(metric(Nature::Gauge, Value::U64(p.spliced_out)))),
    fact("BytesOutRate", Some("bytes_out_rate"), "bytes sent in the last second", |p, _| Some(metric(Nature::Rate, Value::U64(p.bytes_out_rate)))),
    fact("DebugCommandsIssued", None, "debug commands that were given", |_, _| Some(gauge(0))),
    fact("CumRecvLogs", Some("recv_logs_total"), "log lines that were received", |p, _| Some(metric(Nature::Counter, Value::U32(p.received_logs)))),
    fact("Build info", Some("build_info"), "which build this is", |p, _| Some(product(p.build.into()))),
    fact("Memmax_bytes", Some("max_memory_bytes"), "limit of memory in bytes, 0 is none", |_, _| Some(limit(0))),
    fact("PoolAlloc_bytes", Some("pool_allocated_bytes"), "bytes in memory pools, which do not exist here", |_, _| Some(metric(Nature::Gauge, Value::U64(0)))),
    fact("PoolUsed_bytes", Some("pool_used_bytes"), "bytes of them in use", |_, _| Some(metric(Nature::Gauge, Value::U64(0)))),
    fact("Start_time_sec", Some("start_time_seconds"), "when the process started, seconds since 1970", |p, float| Some(metric(Nature::Duration, seconds(p.started_us, float)))),
    fact("Tainted", None, "what makes this process a special case", |_, _| Some(status("0".into()))),
    fact("TotalWarnings", Some("total_warnings"), "warnings of the configuration, and of changes of servers since", |p, _| Some(total(p.warnings.into()))),
    fact("MaxconnReached", None, "connections after which at most one more had room", |p, _| Some(total(p.max_connections_reached.into()))),
    fact("BootTime_ms", None, "milliseconds from the start until ready", |p, _| Some(metric(Nature::Duration, Value::U32(p.boot_ms)))),
    fact("Niced_tasks", None, "tasks with another priority", |_, _| Some(gauge(0))),
    fact("CurrStreams", None, "requests and TCP sessions under way", |p, _| Some(metric(Nature::Gauge, Value::U64(p.streams)))),
    fact("CumStreams", None, "requests and TCP sessions so far", |p, _| Some(metric(Nature::Gauge, Value::U64(p.streams_total)))),
    fact("BlockedTrafficWarnings", None, "warnings about work that took too long", |_, _| Some(gauge(0))),
    fact("PatternsAdded", Some("patterns_added_total"), "patterns that were added to ACLs and maps", |p, _| Some(metric(Nature::Gauge, Value::U64(p.patterns.0)))),
    fact("PatternsFreed", Some("patterns_freed_total"), "patterns that were removed from ACLs and maps", |p, _| Some(metric(Nature::Gauge, Value::U64(p.patterns.1)))),
    fact("NbThreadGroups", Some("nb_thread_groups"), "groups of threads, always 1", |_, _| Some(config(Nature::Gauge, Value::U32(1)))),
];

fn product<'a>(value: Value<'a>) -> Field<'a> {
    Field {
        origin: Origin::Product,
        scope: Scope::Service,
        ..metric(Nature::Output, value)
    }
}

fn own_key<'a>(number: u32) -> Field<'a> {
    Field {
        origin: Origin::Key,
        ..gauge(number)
    }
}

/// HAProxy's counters of this kind have 32 bits, and wrap.
fn total<'a>(count: u64) -> Field<'a> {
    metric(Nature::Counter, Value::U32(count as u32))
}

fn seconds<'a>(micros: u64, float: bool) -> Value<'a> {
    match float {
        true => Value::Float(micros as f64 / 1e6),
        false => Value::U32(u32::try_from(micros / 1_000_000).unwrap_or(u32::MAX)),
    }
}

/// `0d 0h00m29s`
pub(super) fn duration(micros: u64) -> String {
    let seconds = micros / 1_000_000;
    let (days, hours) = (seconds / 86_400, seconds % 86_400 / 3600);
    format!(
        "{days}d {hours}h{:02}m{:02}s",
        seconds % 3600 / 60,
        seconds % 60
    )
}

/// How `show info` is written.
#[derive(Clone, Copy, Debug)]
pub struct InfoOptions {
    /// `Csv` is `name: value`.
    pub format: Format,
    /// Lines end with what the fact says.
    pub docs: bool,
    /// Seconds have fractions.
    pub float: bool,
}

/// Writes all facts.
pub fn write_info(process: &Process<'_>, options: InfoOptions, out: &mut Vec<u8>) {
    let facts = FACTS.iter().enumerate().filter_map(|(index, fact)| {
        let field = fact.value(process, options.float)?;
        Some((index, fact, field))
    });
    if options.format == Format::Json {
        out.push(b'[');
        for (nth, (index, fact, field)) in facts.enumerate() {
            if nth > 0 {
                out.push(b',');
            }
            let _ = write!(out, "{{\"field\":{{\"pos\":{index},\"name\":");
            write_json_text(fact.name, out);
            out.extend_from_slice(b"},\"processNum\":1,");
            field.write_json(out);
            out.push(b'}');
        }
        out.extend_from_slice(b"]\n");
        return;
    }
    for (index, fact, field) in facts {
        // Writing to memory cannot fail.
        let _ = match options.format {
            Format::Typed => {
                let _ = write!(out, "{index}.{}.1", fact.name);
                field.write_typed(false, out);
                Ok(())
            }
            _ => {
                let begun = write!(out, "{}: ", fact.name);
                field.value.write_csv(out);
                begun
            }
        };
        if options.docs {
            let _ = write!(out, ":\"{}\"", fact.doc);
        }
        out.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(format: Format, docs: bool, float: bool) -> String {
        let process = Process {
            version: "3.4.0",
            threads: 2,
            pid: 77,
            uptime_us: 90_061_500_000,
            node: "a\nb",
            ..Process::default()
        };
        let mut out = Vec::new();
        write_info(
            &process,
            InfoOptions {
                format,
                docs,
                float,
            },
            &mut out,
        );
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn facts_have_haproxys_names_and_places() {
        let check = |text: String, expected: &[&str]| {
            for line in expected {
                assert!(text.lines().any(|own| own == *line), "{line}\n{text}");
            }
        };
        check(
            written(Format::Csv, false, false),
            &[
                "Version: 3.4.0",
                "Nbthread: 2",
                "Pid: 77",
                "Uptime: 1d 1h01m01s",
                "Uptime_sec: 90061",
                "node: \"a b\"",
                "Unstoppable Jobs: 0",
            ],
        );
        check(
            written(Format::Csv, true, true),
            &["Uptime_sec: 90061.5:\"seconds since the start\""],
        );
        check(
            written(Format::Typed, false, false),
            &[
                "1.Version.1:POSV:str:3.4.0",
                "3.Nbthread.1:CGSV:u32:2",
                "5.Process_num.1:KGPV:u32:1",
                "6.Pid.1:SGPV:u32:77",
                "8.Uptime_sec.1:MDPV:u32:90061",
                "15.Maxconn.1:CLPV:u32:0",
                "49.Idle_pct.1:MaPV:u32:0",
                "50.node.1:COSV:str:a b",
            ],
        );
        assert!(written(Format::Json, false, false).starts_with(
            "[{\"field\":{\"pos\":0,\"name\":\"Name\"},\"processNum\":1,\"tags\":{\"origin\":\"Product\","
        ));
    }
}
