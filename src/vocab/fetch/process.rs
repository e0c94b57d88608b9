//! Facts of the process: `act_conn`, `nbproc`, `pid`, `proc`, `thread`, `tgroup`, `stopping`,
//! `uptime`, `quic_enabled`, and the costs of a stream that HAProxy measures.

use super::{Build, Keyword, Needs, example, nothing};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};
use crate::vocab::state::ProcessFact;

const INTEGER: Keyword = Keyword {
    yields: Type::Sint,
    ..Keyword::DEFAULT
};

fn fact<'s>(cx: &Context<'_>, fact: ProcessFact) -> Option<Sample<'s>> {
    cx.state.process(fact).map(Sample::Sint)
}

pub(super) const ACT_CONN: Keyword = Keyword {
    names: &["act_conn"],
    doc: "Client connections of the process that are open now.",
    examples: &[example("", "act_conn", "7")],
    build: Build::Plain(|cx, _| fact(cx, ProcessFact::Connections)),
    ..INTEGER
};

pub(super) const NBPROC: Keyword = Keyword {
    names: &["nbproc"],
    doc: "Always 1: there is one process.",
    examples: &[example("", "nbproc", "1")],
    build: Build::Plain(|_, _| Some(Sample::Sint(1))),
    ..INTEGER
};

pub(super) const PID: Keyword = Keyword {
    names: &["pid"],
    doc: "The id of the process.",
    examples: &[example("", "pid,bool", "1")],
    build: Build::Plain(|_, _| Some(Sample::Sint(std::process::id().into()))),
    ..INTEGER
};

pub(super) const PROC: Keyword = Keyword {
    names: &["proc"],
    doc: "Always 1: the number of the process.",
    examples: &[example("", "proc", "1")],
    build: Build::Plain(|_, _| Some(Sample::Sint(1))),
    ..INTEGER
};

pub(super) const THREAD: Keyword = Keyword {
    names: &["thread"],
    doc: "The number of the worker thread, from 0.",
    examples: &[example("", "thread", "1")],
    build: Build::Plain(|cx, _| {
        let thread = cx.state.process(ProcessFact::Thread);
        Some(Sample::Sint(thread.unwrap_or(0)))
    }),
    ..INTEGER
};

pub(super) const TGROUP: Keyword = Keyword {
    names: &["tgroup"],
    doc: "Always 0: there is one group of threads.",
    examples: &[example("", "tgroup", "0")],
    build: Build::Plain(|_, _| Some(Sample::Sint(0))),
    ..INTEGER
};

pub(super) const STOPPING: Keyword = Keyword {
    names: &["stopping"],
    yields: Type::Bool,
    needs: Needs::Internal,
    doc: "Whether the process finishes: it accepts no further connections.",
    examples: &[example("", "stopping", "0")],
    build: Build::Plain(|cx, _| {
        let stopping = cx.state.process(ProcessFact::Stopping)?;
        Some(Sample::Bool(stopping != 0))
    }),
    ..Keyword::DEFAULT
};

pub(super) const UPTIME: Keyword = Keyword {
    names: &["uptime"],
    doc: "Seconds since the process started.",
    examples: &[example("", "uptime", "60")],
    build: Build::Plain(|cx, _| {
        let uptime = cx.state.process(ProcessFact::UptimeSeconds);
        Some(Sample::Sint(uptime.unwrap_or(0)))
    }),
    ..INTEGER
};

pub(super) const QUIC_ENABLED: Keyword = Keyword {
    names: &["quic_enabled"],
    yields: Type::Bool,
    doc: "Whether QUIC can be used; never, so that there is no value.",
    examples: &[nothing("", "quic_enabled")],
    ..Keyword::DEFAULT
};

/// A share of a core.
const USAGE: Keyword = Keyword {
    needs: Needs::Internal,
    ..INTEGER
};

pub(super) const CPU_USAGE_THR: Keyword = Keyword {
    names: &["cpu_usage_thr"],
    doc: "Percent of a core that this worker thread used in the last second.",
    examples: &[example("", "cpu_usage_thr", "40")],
    build: Build::Plain(|cx, _| fact(cx, ProcessFact::ThreadCpu)),
    ..USAGE
};

pub(super) const CPU_USAGE: Keyword = Keyword {
    names: &["cpu_usage_proc", "cpu_usage_grp"],
    doc: "Percent of a core that each worker thread used in the last second, on average.",
    examples: &[example("", "cpu_usage_proc", "30")],
    build: Build::Plain(|cx, _| fact(cx, ProcessFact::ProcessCpu)),
    ..USAGE
};

/// What HAProxy counts only with `profiling.tasks` on, which is off there by default and absent
/// here.
const UNMEASURED: Keyword = Keyword {
    needs: Needs::Internal,
    build: Build::Plain(|_, _| Some(Sample::Sint(0))),
    ..INTEGER
};

pub(super) const CPU_CALLS: Keyword = Keyword {
    names: &["cpu_calls"],
    doc: "How often the stream's task ran; 0, as it is not counted.",
    examples: &[example("", "cpu_calls", "0")],
    ..UNMEASURED
};

pub(super) const CPU_NS_AVG: Keyword = Keyword {
    names: &["cpu_ns_avg"],
    doc: "Nanoseconds per run of the stream's task; 0, as without profiling.",
    examples: &[example("", "cpu_ns_avg", "0")],
    ..UNMEASURED
};

pub(super) const CPU_NS_TOT: Keyword = Keyword {
    names: &["cpu_ns_tot"],
    doc: "Nanoseconds spent in the stream's task; 0, as without profiling.",
    examples: &[example("", "cpu_ns_tot", "0")],
    ..UNMEASURED
};

pub(super) const LAT_NS_AVG: Keyword = Keyword {
    names: &["lat_ns_avg"],
    doc: "Nanoseconds the stream's task waited before each run; 0, as without profiling.",
    examples: &[example("", "lat_ns_avg", "0")],
    ..UNMEASURED
};

pub(super) const LAT_NS_TOT: Keyword = Keyword {
    names: &["lat_ns_tot"],
    doc: "Nanoseconds the stream's task waited for runs; 0, as without profiling.",
    examples: &[example("", "lat_ns_tot", "0")],
    ..UNMEASURED
};
