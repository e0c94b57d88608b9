//! The columns of `show stat`: the one table from which every format is made.
//!
//! Names, order and kinds are HAProxy 3.4's; readers count columns, so new ones only come at the
//! end, after [`DELIMITER`], and ours, of limits and breakers, after those of HAProxy's modules. A value
//! that an object does not have is left out. There is no TLS and no HTTP/2 yet: their columns say 0.

use super::counters::{Count, Rate, Time};
use super::field::{Field, Nature, Scope, Value, config, gauge, key, limit, metric, status};
use super::guard::{self, GuardKind};
use super::object::{Check, Depth, Kind, Object};
use crate::settings::Mode;
use std::borrow::Cow;

/// Which kinds of objects have a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct On(u8);

impl On {
    const F: Self = Self(1 << Kind::Frontend as u8);
    const B: Self = Self(1 << Kind::Backend as u8);
    const S: Self = Self(1 << Kind::Server as u8);
    const L: Self = Self(1 << Kind::Listener as u8);
    const BS: Self = Self(Self::B.0 | Self::S.0);
    const FB: Self = Self(Self::F.0 | Self::B.0);
    const FBS: Self = Self(Self::F.0 | Self::BS.0);
    const LF: Self = Self(Self::L.0 | Self::F.0);
    const LFB: Self = Self(Self::L.0 | Self::FB.0);
    const LFBS: Self = Self(Self::L.0 | Self::FBS.0);
    const LS: Self = Self(Self::L.0 | Self::S.0);
}

/// Where a column's value comes from.
#[derive(Clone, Copy)]
pub(super) enum Source {
    /// A count.
    Count(Count),
    /// A rate now.
    Rate(Rate),
    /// An average time, milliseconds.
    Average(Time),
    /// A longest time, milliseconds.
    Longest(Time),
    /// A count of what does not exist here yet.
    Zero,
    /// A number of the guards of this kind.
    Guard(GuardKind, &'static str),
    /// Anything else, and how much of an object it takes.
    Field(Depth, for<'o> fn(&'o Object<'_>) -> Option<Field<'o>>),
}

/// One column.
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What follows the kind of object in the metric's name, if there is a metric.
    pub metric: Option<&'static str>,
    /// What it says.
    pub doc: &'static str,
    on: On,
    pub(super) source: Source,
    http_only: bool,
    legend: bool,
    shared: bool,
}

const fn col(
    name: &'static str,
    metric: Option<&'static str>,
    on: On,
    doc: &'static str,
    source: Source,
) -> Column {
    Column {
        name,
        metric,
        doc,
        on,
        shared: matches!(source, Source::Count(_) | Source::Rate(_) | Source::Zero),
        source,
        http_only: false,
        legend: false,
    }
}

impl Column {
    /// Only in `mode http`.
    const fn http(mut self) -> Self {
        self.http_only = true;
        self
    }

    /// Only for those who may know addresses and cookies.
    const fn legend(mut self) -> Self {
        self.legend = true;
        self
    }

    const fn shared(mut self) -> Self {
        self.shared = true;
        self
    }

    /// Of a module of HAProxy's: each process has its own.
    const fn of_process(mut self) -> Self {
        self.shared = false;
        self
    }

    /// Whether objects of this kind can have it.
    pub fn is_on(&self, kind: Kind) -> bool {
        self.on.0 & 1 << kind as u8 != 0
    }

    /// How much of an object its metric takes.
    pub fn depth(&self) -> Depth {
        match self.source {
            Source::Field(depth, _) => depth,
            _ => Depth::Counts,
        }
    }

    /// What it counts, if it shows just that.
    pub fn count(&self) -> Option<Count> {
        match self.source {
            Source::Count(count) => Some(count),
            _ => None,
        }
    }

    /// Whether only `mode http` has it.
    pub fn is_http_only(&self) -> bool {
        self.http_only
    }

    /// Whether HAProxy can share it between processes: the fourth letter of typed lines.
    pub fn is_shared(&self) -> bool {
        self.shared
    }

    /// The value that an object has in it; with `legends`, addresses and cookies too.
    pub fn value<'o>(&self, object: &'o Object<'_>, legends: bool) -> Option<Field<'o>> {
        // HAProxy's one exception: frontends of either mode have a count of requests.
        let is_http = object.is_http() || self.name == "req_tot" && object.kind == Kind::Frontend;
        let hidden = self.http_only && !is_http || self.legend && !legends;
        if hidden || !self.is_on(object.kind) {
            return None;
        }
        let counters = object.counters;
        Some(match self.source {
            Source::Count(count) => counter(counters.count(count)),
            Source::Rate(rate) => metric(Nature::Rate, Value::U32(counters.rate(rate, object.now))),
            Source::Average(time) => metric(Nature::Avg, millis(counters.average(time))),
            Source::Longest(time) => most(counters.longest(time)),
            Source::Zero => counter(0),
            Source::Field(_, field) => return field(object),
            Source::Guard(kind, number) => return guard::field(&object.guards, kind, number),
        })
    }
}

impl std::fmt::Debug for Column {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// How many columns stand before the delimiter `-`.
pub const DELIMITER: usize = 118;

/// All columns in order.
#[rustfmt::skip]
pub static COLUMNS: &[Column] = &[
    col("pxname", None, On::LFBS, "name of the proxy", Source::Field(Depth::Counts, |o| Some(key(Nature::Name, o.proxy.into())))),
    col("svname", None, On::LFBS, "name of the server or listener, or FRONTEND, or BACKEND", Source::Field(Depth::Counts, |o| Some(key(Nature::Name, Value::Text(Cow::Borrowed(&o.name)))))),
    col("qcur", Some("current_queue"), On::BS, "streams that wait", Source::Field(Depth::Numbers, |o| Some(gauge(o.serving.queued)))),
    col("qmax", Some("max_queue"), On::BS, "most streams that waited at once", Source::Field(Depth::Counts, |o| Some(most(o.counters.most_queued())))),
    col("scur", Some("current_sessions"), On::LFBS, "sessions now", Source::Field(Depth::Numbers, |o| Some(gauge(o.sessions)))),
    col("smax", Some("max_sessions"), On::LFBS, "most sessions at once", Source::Field(Depth::Counts, |o| Some(most(o.counters.most_sessions())))),
    col("slim", Some("limit_sessions"), On::LFBS, "most sessions allowed: maxconn, or fullconn of a backend", Source::Field(Depth::Numbers, |o| Some(limit(o.session_limit?)))),
    col("stot", Some("sessions_total"), On::LFBS, "sessions so far", Source::Count(Count::Sessions)),
    col("bin", Some("bytes_in_total"), On::LFBS, "bytes of requests received", Source::Count(Count::RequestIn)),
    col("bout", Some("bytes_out_total"), On::LFBS, "bytes of responses received from servers", Source::Count(Count::ResponseIn)),
    col("dreq", Some("requests_denied_total"), On::LFB, "requests that a rule denied", Source::Count(Count::DeniedRequests)),
    col("dresp", Some("responses_denied_total"), On::LFBS, "responses that a rule denied", Source::Count(Count::DeniedResponses)),
    col("ereq", Some("request_errors_total"), On::LF, "requests that were wrong or did not come in time", Source::Count(Count::FailedRequests)),
    col("econ", Some("connection_errors_total"), On::BS, "streams that got no connection to a server", Source::Count(Count::FailedConnections)),
    col("eresp", Some("response_errors_total"), On::BS, "responses that were wrong or did not come in time", Source::Count(Count::FailedResponses)),
    col("wretr", Some("retry_warnings_total"), On::BS, "further attempts on the same server", Source::Count(Count::Retries)),
    col("wredis", Some("redispatch_warnings_total"), On::BS, "further attempts on another server", Source::Count(Count::Redispatches)),
    col("status", Some("status"), On::LFBS, "OPEN or STOP, UP or DOWN, and of servers what checks and operators say", Source::Field(Depth::Numbers, |o| Some(status(Value::Text(Cow::Borrowed(&o.status)))))),
    col("weight", Some("weight"), On::BS, "effective weight, of a backend that of its servers in use", Source::Field(Depth::Numbers, |o| Some(metric(Nature::Avg, Value::U32(o.serving.weight))))),
    col("act", Some("active_servers"), On::BS, "servers in use that are no backups", Source::Field(Depth::Numbers, |o| Some(in_use(o, o.serving.active)))),
    col("bck", Some("backup_servers"), On::BS, "backup servers in use", Source::Field(Depth::Numbers, |o| Some(in_use(o, o.serving.backup)))),
    col("chkfail", Some("check_failures_total"), On::S, "health checks that failed", Source::Field(Depth::Checks, |o| Some(counter(failed_checks(o)?)))).shared(),
    col("chkdown", Some("check_up_down_total"), On::BS, "times it went down", Source::Field(Depth::Checks, |o| Some(counter(downs(o)?)))).shared(),
    col("lastchg", Some("check_last_change_seconds"), On::BS, "seconds since the state changed", Source::Field(Depth::Numbers, |o| Some(metric(Nature::Age, Value::U32(o.serving.changed_s))))).shared(),
    col("downtime", Some("downtime_seconds_total"), On::BS, "seconds it was down so far", Source::Field(Depth::Numbers, |o| Some(metric(Nature::Counter, Value::U32(o.serving.down_s?))))),
    col("qlimit", Some("queue_limit"), On::S, "most streams that may wait for the server (maxqueue)", Source::Field(Depth::Numbers, |o| Some(config(Nature::Gauge, Value::U32(o.serving.queue_limit?))))),
    col("pid", None, On::LFBS, "number of the process, always 1", Source::Field(Depth::Counts, |_| Some(Field { scope: Scope::Process, ..key(Nature::Gauge, Value::U32(1)) }))),
    col("iid", None, On::LFBS, "id of the proxy", Source::Field(Depth::Counts, |o| Some(key(Nature::Gauge, Value::U32(o.proxy_id))))),
    col("sid", None, On::LFBS, "id of the server or listener", Source::Field(Depth::Counts, |o| Some(key(Nature::Gauge, Value::U32(o.id))))),
    col("throttle", Some("current_throttle"), On::S, "percent of the weight that slowstart allows", Source::Field(Depth::Numbers, |o| Some(metric(Nature::Avg, Value::U32(o.serving.throttle?))))),
    col("lbtot", Some("loadbalanced_total"), On::BS, "streams that balancing gave to it, rather than persistence or the queue", Source::Count(Count::Balanced)),
    col("tracked", None, On::S, "server whose state it follows", Source::Field(Depth::All, |o| Some(config(Nature::Name, text(o.about()?.tracked.as_ref()?))))),
    col("type", None, On::LFBS, "0 frontend, 1 backend, 2 server, 3 listener", Source::Field(Depth::Counts, |o| Some(config(Nature::Gauge, Value::U32(o.kind as u32))))),
    col("rate", Some("current_session_rate"), On::FBS, "sessions in the last second", Source::Rate(Rate::Sessions)),
    col("rate_lim", Some("limit_session_rate"), On::F, "most sessions per second (rate-limit sessions)", Source::Field(Depth::Numbers, |o| Some(limit(o.rate_limit)))),
    col("rate_max", Some("max_session_rate"), On::FBS, "most sessions in one second", Source::Field(Depth::Counts, |o| Some(session_peak(o)))),
    col("check_status", Some("check_status"), On::S, "result of the last health check, after a star while one runs", Source::Field(Depth::Checks, |o| Some(outcome(o.about()?.check.as_ref()?)))),
    col("check_code", Some("check_code"), On::S, "status that the last health check got", Source::Field(Depth::Checks, |o| Some(said(o.about()?.check.as_ref()?.code?)))),
    col("check_duration", Some("check_duration_seconds"), On::S, "milliseconds the last health check took", Source::Field(Depth::Checks, |o| Some(metric(Nature::Duration, Value::U64(o.about()?.check.as_ref()?.duration_ms?))))),
    col("hrsp_1xx", Some("http_responses_total"), On::FBS, "responses with a status of 100 to 199", Source::Count(Count::Responses1xx)).http(),
    col("hrsp_2xx", Some("http_responses_total"), On::FBS, "responses with a status of 200 to 299", Source::Count(Count::Responses2xx)).http(),
    col("hrsp_3xx", Some("http_responses_total"), On::FBS, "responses with a status of 300 to 399", Source::Count(Count::Responses3xx)).http(),
    col("hrsp_4xx", Some("http_responses_total"), On::FBS, "responses with a status of 400 to 499", Source::Count(Count::Responses4xx)).http(),
    col("hrsp_5xx", Some("http_responses_total"), On::FBS, "responses with a status of 500 to 599", Source::Count(Count::Responses5xx)).http(),
    col("hrsp_other", Some("http_responses_total"), On::FBS, "responses with any other status", Source::Count(Count::ResponsesOther)).http(),
    col("hanafail", None, On::S, "failures that observing the traffic found", Source::Field(Depth::Checks, |o| Some(counter(o.about()?.observed_failures?)))).shared(),
    col("req_rate", None, On::F, "HTTP requests in the last second", Source::Rate(Rate::Requests)),
    col("req_rate_max", Some("http_requests_rate_max"), On::F, "most HTTP requests in one second", Source::Field(Depth::Counts, |o| Some(most(o.counters.most_per_second(Rate::Requests))))),
    col("req_tot", Some("http_requests_total"), On::FBS, "HTTP requests so far", Source::Count(Count::Requests)).http(),
    col("cli_abrt", Some("client_aborts_total"), On::BS, "streams that the client broke off", Source::Count(Count::ClientAborts)),
    col("srv_abrt", Some("server_aborts_total"), On::BS, "streams that the server broke off", Source::Count(Count::ServerAborts)),
    col("comp_in", Some("http_comp_bytes_in_total"), On::FB, "bytes given to compression", Source::Count(Count::CompressIn)),
    col("comp_out", Some("http_comp_bytes_out_total"), On::FB, "bytes that compression made of them", Source::Count(Count::CompressOut)),
    col("comp_byp", Some("http_comp_bytes_bypassed_total"), On::FB, "bytes to be compressed that were sent as they are", Source::Count(Count::CompressBypassed)),
    col("comp_rsp", Some("http_comp_responses_total"), On::FB, "responses that were compressed", Source::Count(Count::CompressedResponses)),
    col("lastsess", Some("last_session_seconds"), On::BS, "seconds since a session was last given to it", Source::Field(Depth::Counts, |o| Some(metric(Nature::Age, Value::S32(o.last_session_s().map_or(-1, |s| s.cast_signed())))))).shared(),
    col("last_chk", None, On::S, "what the last health check found", Source::Field(Depth::All, |o| Some(found(o.about()?.check.as_ref()?)))),
    col("last_agt", None, On::S, "what the last agent check found", Source::Field(Depth::All, |o| Some(found(o.about()?.agent.as_ref()?)))),
    col("qtime", Some("queue_time_average_seconds"), On::BS, "milliseconds in the queue, average of the last 1024", Source::Average(Time::Queue)),
    col("ctime", Some("connect_time_average_seconds"), On::BS, "milliseconds to connect, average of the last 1024", Source::Average(Time::Connect)),
    col("rtime", Some("response_time_average_seconds"), On::BS, "milliseconds until the response, average of the last 1024", Source::Average(Time::Response)),
    col("ttime", Some("total_time_average_seconds"), On::BS, "milliseconds in all, average of the last 1024", Source::Average(Time::Total)),
    col("agent_status", Some("agent_status"), On::S, "result of the last agent check, after a star while one runs", Source::Field(Depth::Checks, |o| Some(outcome(o.about()?.agent.as_ref()?)))),
    col("agent_code", Some("agent_code"), On::S, "code of the last agent check", Source::Field(Depth::Checks, |o| Some(said(o.about()?.agent.as_ref()?.code?)))),
    col("agent_duration", Some("agent_duration_seconds"), On::S, "milliseconds the last agent check took", Source::Field(Depth::Checks, |o| Some(metric(Nature::Duration, Value::U64(o.about()?.agent.as_ref()?.duration_ms?))))),
    col("check_desc", None, On::S, "the last health check's result in words", Source::Field(Depth::All, |o| Some(metric(Nature::Output, o.about()?.check.as_ref()?.meaning.into())))),
    col("agent_desc", None, On::S, "the last agent check's result in words", Source::Field(Depth::All, |o| Some(metric(Nature::Output, o.about()?.agent.as_ref()?.meaning.into())))),
    col("check_rise", None, On::S, "health checks in a row that make it up", Source::Field(Depth::All, |o| Some(config(Nature::Gauge, Value::U32(o.about()?.check.as_ref()?.rise))))),
    col("check_fall", None, On::S, "failed health checks in a row that make it down", Source::Field(Depth::All, |o| Some(config(Nature::Gauge, Value::U32(o.about()?.check.as_ref()?.fall))))),
    col("check_health", None, On::S, "health counter: below rise is down", Source::Field(Depth::All, |o| Some(config(Nature::Gauge, Value::U32(o.about()?.check.as_ref()?.health))))),
    col("agent_rise", None, On::S, "agent checks in a row that make it up", Source::Field(Depth::All, |o| Some(config(Nature::Gauge, Value::U32(o.about()?.agent.as_ref()?.rise))))),
    col("agent_fall", None, On::S, "failed agent checks in a row that make it down", Source::Field(Depth::All, |o| Some(config(Nature::Gauge, Value::U32(o.about()?.agent.as_ref()?.fall))))),
    col("agent_health", None, On::S, "agent's health counter: below rise is down", Source::Field(Depth::All, |o| Some(config(Nature::Gauge, Value::U32(o.about()?.agent.as_ref()?.health))))),
    col("addr", None, On::LS, "address and port", Source::Field(Depth::All, |o| Some(config(Nature::Gauge, o.about()?.address.as_deref()?.into())))).legend(),
    col("cookie", None, On::BS, "cookie's name, or the server's value of it", Source::Field(Depth::All, |o| Some(config(Nature::Name, o.about()?.cookie.as_deref()?.into())))).legend(),
    col("mode", None, On::LFBS, "mode of the proxy", Source::Field(Depth::Counts, |o| Some(config(Nature::Gauge, mode(o).into())))),
    col("algo", None, On::B, "balancing algorithm", Source::Field(Depth::All, |o| Some(config(Nature::Gauge, o.about()?.algorithm.into())))).legend(),
    col("conn_rate", None, On::F, "connections in the last second", Source::Rate(Rate::Connections)),
    col("conn_rate_max", Some("connections_rate_max"), On::F, "most connections in one second", Source::Field(Depth::Counts, |o| Some(most(o.counters.most_per_second(Rate::Connections))))),
    col("conn_tot", Some("connections_total"), On::LF, "connections so far", Source::Count(Count::Connections)),
    col("intercepted", Some("intercepted_requests_total"), On::F, "requests that the frontend answered itself", Source::Count(Count::Intercepted)).http(),
    col("dcon", Some("denied_connections_total"), On::LF, "connections that a rule refused", Source::Count(Count::DeniedConnections)),
    col("dses", Some("denied_sessions_total"), On::LF, "sessions that a rule refused", Source::Count(Count::DeniedSessions)),
    col("wrew", Some("failed_header_rewriting_total"), On::LFBS, "edits of messages that failed", Source::Count(Count::FailedRewrites)),
    col("connect", Some("connection_attempts_total"), On::BS, "connections begun to servers", Source::Count(Count::Connects)),
    col("reuse", Some("connection_reuses_total"), On::BS, "idle connections that were used again", Source::Count(Count::Reuses)),
    col("cache_lookups", Some("http_cache_lookups_total"), On::FB, "requests looked up in the cache", Source::Count(Count::CacheLookups)).http(),
    col("cache_hits", Some("http_cache_hits_total"), On::FB, "requests answered from the cache", Source::Count(Count::CacheHits)).http(),
    col("srv_icur", Some("idle_connections_current"), On::S, "idle connections", Source::Field(Depth::Numbers, |o| Some(gauge(idle(o))))),
    col("src_ilim", Some("idle_connections_limit"), On::S, "most idle connections (pool-max-conn)", Source::Field(Depth::Numbers, |o| Some(limit(o.serving.connections.limit?)))),
    col("qtime_max", Some("max_queue_time_seconds"), On::BS, "longest time in the queue, milliseconds", Source::Longest(Time::Queue)),
    col("ctime_max", Some("max_connect_time_seconds"), On::BS, "longest time to connect, milliseconds", Source::Longest(Time::Connect)),
    col("rtime_max", Some("max_response_time_seconds"), On::BS, "longest time until the response, milliseconds", Source::Longest(Time::Response)),
    col("ttime_max", Some("max_total_time_seconds"), On::BS, "longest time in all, milliseconds", Source::Longest(Time::Total)),
    col("eint", Some("internal_errors_total"), On::LFBS, "errors of the proxy itself", Source::Count(Count::InternalErrors)),
    col("idle_conn_cur", Some("unsafe_idle_connections_current"), On::S, "idle connections that were not reused so far", Source::Field(Depth::Numbers, |o| Some(gauge(o.serving.connections.idle)))),
    col("safe_conn_cur", Some("safe_idle_connections_current"), On::S, "idle connections that were reused with success", Source::Field(Depth::Numbers, |o| Some(gauge(o.serving.connections.safe)))),
    col("used_conn_cur", Some("used_connections_current"), On::S, "connections in use", Source::Field(Depth::Numbers, |o| Some(gauge(o.serving.connections.used)))),
    col("need_conn_est", Some("need_connections_current"), On::S, "connections thought to be needed", Source::Field(Depth::Numbers, |o| Some(gauge(o.serving.connections.needed)))),
    col("uweight", Some("uweight"), On::BS, "user's weight, of a backend that of its servers in use", Source::Field(Depth::Numbers, |o| Some(metric(Nature::Avg, Value::U32(o.serving.user_weight))))),
    col("agg_server_status", Some("agg_server_status"), On::B, "servers in each state", Source::Field(Depth::Numbers, |_| Some(gauge(0)))),
    col("agg_server_check_status", Some("agg_server_check_status"), On::B, "servers in each state (older name)", Source::Field(Depth::Numbers, |_| Some(gauge(0)))),
    col("agg_check_status", Some("agg_check_status"), On::B, "servers of each health check result", Source::Field(Depth::Checks, |_| Some(gauge(0)))),
    col("srid", None, On::S, "times the server's id was given away anew", Source::Field(Depth::Counts, |_| Some(metric(Nature::Counter, Value::U32(0))))),
    col("sess_other", None, On::F, "sessions of other protocols than HTTP", Source::Field(Depth::Counts, |o| Some(metric(Nature::Counter, Value::U64(other_sessions(o)))))),
    col("h1sess", None, On::F, "HTTP/1 sessions", Source::Count(Count::HttpSessions)),
    col("h2sess", None, On::F, "HTTP/2 sessions", Source::Zero),
    col("h3sess", None, On::F, "HTTP/3 sessions", Source::Zero),
    col("req_other", None, On::F, "requests of other protocols than HTTP", Source::Zero),
    col("h1req", None, On::F, "HTTP/1 requests", Source::Count(Count::Requests)),
    col("h2req", None, On::F, "HTTP/2 requests", Source::Zero),
    col("h3req", None, On::F, "HTTP/3 requests", Source::Zero),
    col("proto", None, On::L, "what it listens with", Source::Field(Depth::All, |o| Some(status(o.about()?.protocol.into())))),
    col("priv_idle_cur", Some("private_idle_connections_current"), On::S, "idle connections for one client only", Source::Field(Depth::Numbers, |o| Some(gauge(o.serving.connections.private)))),
    col("reqbin", Some("req_bytes_in_total"), On::LFBS, "bytes of requests received", Source::Count(Count::RequestIn)),
    col("reqbout", Some("req_bytes_out_total"), On::LFBS, "bytes of requests sent", Source::Count(Count::RequestOut)),
    col("resbin", Some("res_bytes_in_total"), On::LFBS, "bytes of responses received", Source::Count(Count::ResponseIn)),
    col("resbout", Some("res_bytes_out_total"), On::LFBS, "bytes of responses sent, our own included", Source::Count(Count::ResponseOut)),
    col("ssl_sess", None, On::LFBS, "TLS sessions", Source::Zero).of_process(),
    col("ssl_reused_sess", None, On::LFBS, "TLS sessions that were resumed", Source::Zero).of_process(),
    col("ssl_failed_handshake", None, On::LFBS, "TLS handshakes that failed", Source::Zero).of_process(),
    col("ssl_ocsp_staple", None, On::LFBS, "OCSP responses that were stapled", Source::Zero).of_process(),
    col("ssl_failed_ocsp_staple", None, On::LFBS, "OCSP responses that could not be stapled", Source::Zero).of_process(),
    col("h2_headers_rcvd", None, On::FB, "HEADERS frames received", Source::Zero).of_process(),
    col("h2_data_rcvd", None, On::FB, "DATA frames received", Source::Zero).of_process(),
    col("h2_settings_rcvd", None, On::FB, "SETTINGS frames received", Source::Zero).of_process(),
    col("h2_rst_stream_rcvd", None, On::FB, "RST_STREAM frames received", Source::Zero).of_process(),
    col("h2_goaway_rcvd", None, On::FB, "GOAWAY frames received", Source::Zero).of_process(),
    col("h2_detected_conn_protocol_errors", None, On::FB, "errors of HTTP/2 connections", Source::Zero).of_process(),
    col("h2_detected_strm_protocol_errors", None, On::FB, "errors of HTTP/2 streams", Source::Zero).of_process(),
    col("h2_rst_stream_resp", None, On::FB, "RST_STREAM frames sent", Source::Zero).of_process(),
    col("h2_goaway_resp", None, On::FB, "GOAWAY frames sent", Source::Zero).of_process(),
    col("h2_open_connections", None, On::FB, "HTTP/2 connections now", Source::Field(Depth::Counts, |_| Some(metric(Nature::Gauge, Value::U64(0))))),
    col("h2_backend_open_streams", None, On::FB, "HTTP/2 requests under way", Source::Field(Depth::Counts, |_| Some(metric(Nature::Gauge, Value::U64(0))))),
    col("h2_total_connections", None, On::FB, "HTTP/2 connections so far", Source::Zero).of_process(),
    col("h2_backend_total_streams", None, On::FB, "HTTP/2 requests so far", Source::Zero).of_process(),
    col("h1_open_connections", None, On::F, "HTTP/1 connections now", Source::Field(Depth::Numbers, |o| Some(metric(Nature::Gauge, Value::U64(o.sessions.into()))))),
    col("h1_open_streams", None, On::FB, "HTTP/1 requests under way", Source::Field(Depth::Numbers, |o| Some(metric(Nature::Gauge, Value::U64(o.streams.into()))))),
    col("h1_total_connections", None, On::F, "HTTP/1 connections so far", Source::Field(Depth::Counts, |o| Some(counter(o.counters.count(Count::HttpSessions))))),
    col("h1_total_streams", None, On::FB, "HTTP/1 requests so far", Source::Field(Depth::Counts, |o| Some(counter(o.counters.count(Count::Requests))))),
    col("h1_bytes_in", None, On::FB, "bytes received over HTTP/1", Source::Field(Depth::Counts, |o| Some(counter(received(o))))),
    col("h1_bytes_out", None, On::FB, "bytes sent over HTTP/1", Source::Field(Depth::Counts, |o| Some(counter(sent(o))))),
    col("h1_spliced_bytes_in", None, On::FB, "bytes received over HTTP/1 that never left the kernel", Source::Field(Depth::Counts, |o| Some(counter(o.counters.count(spliced(o)[0]))))),
    col("h1_spliced_bytes_out", None, On::FB, "bytes sent over HTTP/1 that never left the kernel", Source::Field(Depth::Counts, |o| Some(counter(o.counters.count(spliced(o)[1]))))),
    col("cb_state", None, On::FBS, "circuit breakers: 0 closed, 1 one is open, 2 one recovers", Source::Guard(GuardKind::CircuitBreaker, "state")),
    col("cb_trips", None, On::FBS, "times its circuit breakers opened", Source::Guard(GuardKind::CircuitBreaker, "trips")),
    col("cb_denied", None, On::FBS, "requests its circuit breakers refused, or would have", Source::Guard(GuardKind::CircuitBreaker, "refused")),
    col("cb_cur", None, On::FBS, "requests in flight that its circuit breakers let through", Source::Guard(GuardKind::CircuitBreaker, "in_flight")),
    col("cb_samples", None, On::FBS, "requests in the windows of its circuit breakers", Source::Guard(GuardKind::CircuitBreaker, "samples")),
    col("rl_passed", None, On::FB, "requests its rate limits let through", Source::Guard(GuardKind::RateLimit, "passed")),
    col("rl_delayed", None, On::FB, "requests its rate limits held back", Source::Guard(GuardKind::RateLimit, "delayed")),
    col("rl_denied", None, On::FB, "requests its rate limits refused, or would have", Source::Guard(GuardKind::RateLimit, "refused")),
    col("rl_keys", None, On::FB, "keys its rate limits know", Source::Guard(GuardKind::RateLimit, "keys")),
    col("il_passed", None, On::FB, "requests its in-flight limits let through", Source::Guard(GuardKind::InflightLimit, "passed")),
    col("il_denied", None, On::FB, "requests its in-flight limits refused, or would have", Source::Guard(GuardKind::InflightLimit, "refused")),
    col("il_cur", None, On::FB, "requests that hold a place under its in-flight limits", Source::Guard(GuardKind::InflightLimit, "in_flight")),
    col("il_keys", None, On::FB, "keys its in-flight limits know", Source::Guard(GuardKind::InflightLimit, "keys")),
    col("cl_cx_cur", None, On::B, "server connections", Source::Guard(GuardKind::CircuitLimits, "connections")),
    col("cl_rq_cur", None, On::B, "requests active", Source::Guard(GuardKind::CircuitLimits, "in_flight")),
    col("cl_pending_cur", None, On::B, "requests waiting", Source::Guard(GuardKind::CircuitLimits, "waiting")),
    col("cl_retry_cur", None, On::B, "retries under way", Source::Guard(GuardKind::CircuitLimits, "retries")),
    col("cl_cx_open", None, On::B, "1 while there are as many server connections as allowed", Source::Guard(GuardKind::CircuitLimits, "connections_full")),
    col("cl_rq_open", None, On::B, "1 while there are as many active requests as allowed", Source::Guard(GuardKind::CircuitLimits, "requests_full")),
    col("cl_pending_open", None, On::B, "1 while as many requests wait as may", Source::Guard(GuardKind::CircuitLimits, "waiting_full")),
    col("cl_retry_open", None, On::B, "1 while there are as many retries as allowed", Source::Guard(GuardKind::CircuitLimits, "retries_full")),
    col("cl_cx_left", None, On::B, "server connections that may still be made", Source::Guard(GuardKind::CircuitLimits, "connections_left")),
    col("cl_rq_left", None, On::B, "requests that may still become active", Source::Guard(GuardKind::CircuitLimits, "requests_left")),
    col("cl_pending_left", None, On::B, "requests that may still wait", Source::Guard(GuardKind::CircuitLimits, "waiting_left")),
    col("cl_retry_left", None, On::B, "retries that may still be made", Source::Guard(GuardKind::CircuitLimits, "retries_left")),
    col("cl_cx_over", None, On::B, "requests that circuit-limits refused a connection", Source::Guard(GuardKind::CircuitLimits, "connections_overflow")),
    col("cl_rq_over", None, On::B, "requests that circuit-limits refused because enough were active", Source::Guard(GuardKind::CircuitLimits, "requests_overflow")),
    col("cl_pending_over", None, On::B, "requests that circuit-limits refused because enough were waiting", Source::Guard(GuardKind::CircuitLimits, "waiting_overflow")),
    col("cl_retry_over", None, On::B, "retries that circuit-limits did not allow", Source::Guard(GuardKind::CircuitLimits, "retries_overflow")),
    col("clh_cx_cur", None, On::B, "server connections, of high priority", Source::Guard(GuardKind::CircuitLimitsHigh, "connections")),
    col("clh_rq_cur", None, On::B, "requests active, of high priority", Source::Guard(GuardKind::CircuitLimitsHigh, "in_flight")),
    col("clh_pending_cur", None, On::B, "requests waiting, of high priority", Source::Guard(GuardKind::CircuitLimitsHigh, "waiting")),
    col("clh_retry_cur", None, On::B, "retries under way, of high priority", Source::Guard(GuardKind::CircuitLimitsHigh, "retries")),
    col("clh_cx_open", None, On::B, "1 while there are as many server connections as allowed, of high priority", Source::Guard(GuardKind::CircuitLimitsHigh, "connections_full")),
    col("clh_rq_open", None, On::B, "1 while there are as many active requests as allowed, of high priority", Source::Guard(GuardKind::CircuitLimitsHigh, "requests_full")),
    col("clh_pending_open", None, On::B, "1 while as many requests wait as may, of high priority", Source::Guard(GuardKind::CircuitLimitsHigh, "waiting_full")),
    col("clh_retry_open", None, On::B, "1 while there are as many retries as allowed, of high priority", Source::Guard(GuardKind::CircuitLimitsHigh, "retries_full")),
    col("clh_cx_left", None, On::B, "server connections that may still be made, of high priority", Source::Guard(GuardKind::CircuitLimitsHigh, "connections_left")),
    col("clh_rq_left", None, On::B, "requests that may still become active, of high priority", Source::Guard(GuardKind::CircuitLimitsHigh, "requests_left")),
    col("clh_pending_left", None, On::B, "requests that may still wait, of high priority", Source::Guard(GuardKind::CircuitLimitsHigh, "waiting_left")),
    col("clh_retry_left", None, On::B, "retries that may still be made, of high priority", Source::Guard(GuardKind::CircuitLimitsHigh, "retries_left")),
    col("clh_cx_over", None, On::B, "requests that circuit-limits refused a connection, of high priority", Source::Guard(GuardKind::CircuitLimitsHigh, "connections_overflow")),
    col("clh_rq_over", None, On::B, "requests that circuit-limits refused because enough were active, of high priority", Source::Guard(GuardKind::CircuitLimitsHigh, "requests_overflow")),
    col("clh_pending_over", None, On::B, "requests that circuit-limits refused because enough were waiting, of high priority", Source::Guard(GuardKind::CircuitLimitsHigh, "waiting_overflow")),
    col("clh_retry_over", None, On::B, "retries that circuit-limits did not allow, of high priority", Source::Guard(GuardKind::CircuitLimitsHigh, "retries_overflow")),
    col("od_ejected", None, On::B, "servers that outlier detection keeps out now", Source::Guard(GuardKind::OutlierDetection, "ejected")),
    col("od_trips", None, On::B, "times outlier detection found a server bad", Source::Guard(GuardKind::OutlierDetection, "trips")),
    col("od_ejections", None, On::B, "times outlier detection ejected a server", Source::Guard(GuardKind::OutlierDetection, "refused")),
    col("od_spared", None, On::B, "times outlier detection spared a bad server for the sake of the others", Source::Guard(GuardKind::OutlierDetection, "spared")),
];

fn counter<'a>(value: u64) -> Field<'a> {
    metric(Nature::Counter, Value::U64(value))
}

fn most<'a>(value: u32) -> Field<'a> {
    metric(Nature::Max, Value::U32(value))
}

fn millis<'a>(value: u64) -> Value<'a> {
    Value::U32(u32::try_from(value).unwrap_or(u32::MAX))
}

fn text<'a>(text: &'a str) -> Value<'a> {
    Value::Text(Cow::Borrowed(text))
}

/// A server says whether it is of this sort, a backend how many are.
fn in_use<'a>(object: &Object<'_>, servers: u32) -> Field<'a> {
    match object.kind {
        Kind::Server => status(Value::U32(servers)),
        _ => gauge(servers),
    }
}

/// Only servers with checks have it.
fn failed_checks(object: &Object<'_>) -> Option<u64> {
    let about = object.about().filter(|about| about.check.is_some())?;
    Some(about.failed_checks)
}

/// Backends have it always, servers only with checks.
fn downs(object: &Object<'_>) -> Option<u64> {
    let has_checks = || object.about().is_some_and(|about| about.check.is_some());
    (object.kind == Kind::Backend || has_checks()).then_some(object.serving.downs)
}

fn session_peak<'a>(object: &Object<'_>) -> Field<'a> {
    let peak = object.counters.most_per_second(Rate::Sessions);
    match object.kind {
        Kind::Backend => gauge(peak),
        _ => most(peak),
    }
}

fn said<'a>(code: u32) -> Field<'a> {
    metric(Nature::Output, Value::U32(code))
}

fn outcome<'a>(check: &'a Check<'_>) -> Field<'a> {
    let shown = match check.is_running {
        true => Cow::Owned(format!("* {}", check.status)),
        false => Cow::Borrowed(check.status),
    };
    metric(Nature::Output, Value::Text(shown))
}

fn found<'a>(check: &'a Check<'_>) -> Field<'a> {
    metric(Nature::Output, text(&check.found))
}

fn mode(object: &Object<'_>) -> &'static str {
    match object.mode {
        Mode::Tcp if object.is_log => "syslog",
        Mode::Tcp => "tcp",
        Mode::Http => "http",
    }
}

/// What it received, and sent, within the kernel.
fn spliced(object: &Object<'_>) -> [Count; 2] {
    match object.kind {
        Kind::Backend => [Count::SplicedResponses, Count::SplicedRequests],
        _ => [Count::SplicedRequests, Count::SplicedResponses],
    }
}

fn idle(object: &Object<'_>) -> u32 {
    let connections = object.serving.connections;
    connections.idle.saturating_add(connections.safe)
}

fn other_sessions(object: &Object<'_>) -> u64 {
    let counters = object.counters;
    counters
        .count(Count::Sessions)
        .saturating_sub(counters.count(Count::HttpSessions))
}

/// What came in on the connections of this side.
fn received(object: &Object<'_>) -> u64 {
    object.counters.count(match object.kind {
        Kind::Frontend => Count::RequestIn,
        _ => Count::ResponseIn,
    })
}

/// What went out on the connections of this side.
fn sent(object: &Object<'_>) -> u64 {
    object.counters.count(match object.kind {
        Kind::Frontend => Count::ResponseOut,
        _ => Count::RequestOut,
    })
}
