//! Metrics in Prometheus' text format, with the names and labels of HAProxy's exporter.
//!
//! One metric's samples stand together, so objects are gone through once for each metric, and only
//! what one sample needs is read: nothing is collected. What samples of one proxy begin with is
//! written once. Query options choose metrics and scopes.
//! Deliberately absent: going through the objects, sending the text.

use super::columns::Column;
use super::counters::DURATIONS_US;
use super::field::{Field, Nature, Value};
use super::info::{FACTS, Process};
use super::object::{About, Kind, Object, State};
use std::io::Write as _;

/// Results of checks that a state label can have.
pub const CHECK_RESULTS: [&str; 16] = [
    "HANA", "SOCKERR", "L4OK", "L4TOUT", "L4CON", "L6OK", "L6TOUT", "L6RSP", "L7TOUT", "L7RSP",
    "L7OK", "L7OKC", "L7STS", "PROCERR", "PROCTOUT", "PROCOK",
];

/// What metrics are asked for (`?scope=`, `?metrics=`, …).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    scopes: u16,
    /// Names with whether they are left out.
    filters: Vec<(Vec<u8>, bool)>,
    /// Not servers in maintenance.
    pub no_maint: bool,
    /// Counters of modules too.
    pub extra_counters: bool,
    /// Descriptions as labels.
    pub descriptions: bool,
}

/// Groups of metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the scope of the same name")]
pub enum Scope {
    Global,
    Frontend,
    Listener,
    Backend,
    Server,
    Sticktable,
    Resolver,
    Tidegate,
}

const SCOPES: [(&[u8], Scope); 8] = [
    (b"global", Scope::Global),
    (b"frontend", Scope::Frontend),
    (b"listener", Scope::Listener),
    (b"backend", Scope::Backend),
    (b"server", Scope::Server),
    (b"sticktable", Scope::Sticktable),
    (b"resolver", Scope::Resolver),
    (b"tidegate", Scope::Tidegate),
];

impl Default for Query {
    fn default() -> Self {
        Self {
            scopes: u16::MAX,
            filters: Vec::new(),
            no_maint: false,
            extra_counters: false,
            descriptions: false,
        }
    }
}

impl Query {
    /// Reads what stands after the `?`; `None` if it can't be understood.
    pub fn parse(query: &[u8]) -> Option<Self> {
        let mut own = Self::default();
        let mut scoped = false;
        let query = query.split(|&byte| byte == b'#').next()?;
        for pair in query.split(|&byte| byte == b'&') {
            let mut parts = pair.split(|&byte| byte == b'=');
            let key = decode(parts.next()?)?;
            let value = parts.next().map(decode).transpose_option()?;
            if parts.next().is_some() {
                return None;
            }
            match (&*key, value) {
                (b"scope", value) => {
                    if !std::mem::replace(&mut scoped, true) {
                        own.scopes = 0;
                    }
                    own.scope(&value?)?;
                }
                (b"metrics", value) => own.filter(&value?),
                (b"no-maint", _) => own.no_maint = true,
                (b"extra-counters", _) => own.extra_counters = true,
                (b"desc-labels", _) => own.descriptions = true,
                _ => {}
            }
        }
        Some(own)
    }

    fn scope(&mut self, name: &[u8]) -> Option<()> {
        match name {
            b"" => self.scopes = 0,
            b"*" => self.scopes = u16::MAX,
            _ => {
                let (_, scope) = SCOPES.iter().find(|(own, _)| *own == name)?;
                self.scopes |= 1 << *scope as u16;
            }
        }
        Some(())
    }

    fn filter(&mut self, names: &[u8]) {
        for name in names.split(|&byte| byte == b',') {
            let (name, is_out) = match name.strip_prefix(b"-") {
                Some(name) => (name, true),
                None => (name, false),
            };
            if !name.is_empty() {
                self.filters.retain(|(own, _)| own != name);
                self.filters.push((name.to_vec(), is_out));
            }
        }
    }

    /// Whether a group is wanted.
    pub fn has(&self, scope: Scope) -> bool {
        self.scopes & 1 << scope as u16 != 0
    }

    fn has_metric(&self, name: &str) -> bool {
        let named = self.filters.iter().find(|(own, _)| own == name.as_bytes());
        match named {
            Some((_, is_out)) => !is_out,
            None => self.filters.iter().all(|(_, is_out)| *is_out),
        }
    }
}

/// `Option<Option<T>>` of a part that may be absent, but must be right.
trait TransposeOption<T> {
    fn transpose_option(self) -> Option<Option<T>>;
}

impl<T> TransposeOption<T> for Option<Option<T>> {
    fn transpose_option(self) -> Option<Option<T>> {
        match self {
            None => Some(None),
            Some(inner) => inner.map(Some),
        }
    }
}

/// `%XX` and `+` to the bytes they mean.
pub fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'%' => {
                let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
                out.push(u8::from_str_radix(digits, 16).ok()?);
                rest = rest.get(2..)?;
            }
            b'+' => out.push(b' '),
            byte => out.push(byte),
        }
    }
    Some(out)
}

/// One metric, its samples following each other.
#[derive(Debug)]
pub struct Family<'q> {
    query: &'q Query,
    /// Its whole name; empty if it is not wanted.
    name: String,
    doc: &'static str,
    /// Whether its first lines were written.
    begun: bool,
    /// What the samples of the proxy of this id have behind the name, up to the object's own.
    start: (Option<u32>, Vec<u8>),
}

impl<'q> Family<'q> {
    /// The metric of a column for a kind of objects; `None` if there is none, or nobody wants it.
    pub fn of(column: &'static Column, kind: Kind, query: &'q Query) -> Option<Self> {
        let metric = match (column.metric?, kind) {
            ("active_servers", Kind::Server) => "active",
            ("backup_servers", Kind::Server) => "backup",
            (metric, _) => metric,
        };
        if !column.is_on(kind) {
            return None;
        }
        let kind = kind.name().to_ascii_lowercase();
        Self::named(format!("haproxy_{kind}_{metric}"), column.doc, query)
    }

    /// A metric of this name.
    pub fn named(name: String, doc: &'static str, query: &'q Query) -> Option<Self> {
        query.has_metric(&name).then_some(Self {
            query,
            name,
            doc,
            begun: false,
            start: (None, Vec::new()),
        })
    }

    /// Writes its first lines, if that was not done.
    fn begin(&mut self, is_counter: bool, out: &mut Vec<u8>) {
        self.begin_as(if is_counter { "counter" } else { "gauge" }, out);
    }

    fn begin_as(&mut self, sort: &str, out: &mut Vec<u8>) {
        if !std::mem::replace(&mut self.begun, true) {
            let (name, doc) = (&self.name, self.doc);
            // Writing to memory cannot fail.
            let _ = write!(out, "# HELP {name} {doc}\n# TYPE {name} {sort}\n");
        }
    }

    /// Whether its first lines were written.
    pub fn has_begun(&self) -> bool {
        self.begun
    }

    /// Its first lines were written before.
    pub fn continues(&mut self) {
        self.begun = true;
    }

    /// One sample of a number that only rises.
    pub fn count(&mut self, labels: &[(&str, &str)], value: u64, out: &mut Vec<u8>) {
        self.sample(true, labels, &Value::U64(value), out);
    }

    /// One sample of a number that may rise and fall.
    pub fn number(&mut self, labels: &[(&str, &str)], value: u64, out: &mut Vec<u8>) {
        self.sample(false, labels, &Value::U64(value), out);
    }

    /// One sample.
    fn sample(
        &mut self,
        is_counter: bool,
        labels: &[(&str, &str)],
        value: &Value<'_>,
        out: &mut Vec<u8>,
    ) {
        self.begin(is_counter, out);
        out.extend_from_slice(self.name.as_bytes());
        for (nth, (name, text)) in labels.iter().enumerate() {
            out.push(if nth == 0 { b'{' } else { b',' });
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b"=\"");
            escape(text, out);
            out.push(b'"');
        }
        if !labels.is_empty() {
            out.push(b'}');
        }
        end(value, out);
    }

    /// One sample of an object, with a further label if there is one.
    fn of_object(
        &mut self,
        is_counter: bool,
        object: &Object<'_>,
        label: Option<(&str, &str)>,
        value: &Value<'_>,
        out: &mut Vec<u8>,
    ) {
        self.begin(is_counter, out);
        self.part("", object, label, value, out);
    }

    /// The same of a name that goes on.
    fn part(
        &mut self,
        suffix: &str,
        object: &Object<'_>,
        label: Option<(&str, &str)>,
        value: &Value<'_>,
        out: &mut Vec<u8>,
    ) {
        if self.start.0 != Some(object.proxy_id) {
            self.start(object);
        }
        out.extend_from_slice(self.name.as_bytes());
        out.extend_from_slice(suffix.as_bytes());
        out.extend_from_slice(&self.start.1);
        if matches!(object.kind, Kind::Listener | Kind::Server) {
            escape(&object.name, out);
            out.push(b'"');
        }
        if let Some((name, text)) = label {
            out.push(b',');
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b"=\"");
            escape(text, out);
            out.push(b'"');
        }
        out.push(b'}');
        end(value, out);
    }

    /// Prepares what the samples of an object's proxy begin with.
    fn start(&mut self, object: &Object<'_>) {
        let (proxy, start) = &mut self.start;
        *proxy = Some(object.proxy_id);
        start.clear();
        start.extend_from_slice(b"{proxy=\"");
        escape(object.proxy, start);
        start.push(b'"');
        if let Some(text) = object.description.filter(|_| self.query.descriptions) {
            start.extend_from_slice(b",desc=\"");
            escape(text, start);
            start.push(b'"');
        }
        start.extend_from_slice(match object.kind {
            Kind::Listener => b",listener=\"",
            Kind::Server => b",server=\"",
            Kind::Frontend | Kind::Backend => b"",
        });
    }

    /// How long the requests of a kind of objects took; `None` if nobody wants that. There are many lines
    /// for each object, so those of servers are for who asks for more counters.
    pub fn durations(kind: Kind, query: &'q Query) -> Option<Self> {
        let is_wanted = match kind {
            Kind::Frontend | Kind::Backend => true,
            Kind::Server => query.extra_counters,
            Kind::Listener => false,
        };
        let name = || {
            let kind = kind.name().to_ascii_lowercase();
            format!("tidegate_{kind}_request_duration_seconds")
        };
        let doc = "how long requests took, from their first byte to the end of the response";
        is_wanted.then(|| Self::named(name(), doc, query)).flatten()
    }

    /// The samples of an object's durations.
    pub fn histogram(&mut self, object: &Object<'_>, out: &mut Vec<u8>) {
        self.begin_as("histogram", out);
        let (classes, sum_us) = object.counters.durations();
        let bounds = DURATIONS_US.iter().map(|us| Some(*us)).chain([None]);
        let mut count = 0_u64;
        for (class, bound) in classes.into_iter().zip(bounds) {
            count = count.saturating_add(class);
            let mut text = Vec::new();
            match bound {
                Some(us) => Value::Float(us as f64 / 1e6).write(&mut text),
                None => text.extend_from_slice(b"+Inf"),
            }
            let label = Some(("le", str::from_utf8(&text).unwrap_or_default()));
            self.part("_bucket", object, label, &Value::U64(count), out);
        }
        self.part(
            "_sum",
            object,
            None,
            &Value::Float(sum_us as f64 / 1e6),
            out,
        );
        self.part("_count", object, None, &Value::U64(count), out);
    }

    fn is_counter(&self, field: Option<&Field<'_>>) -> bool {
        match field {
            Some(field) => field.nature == Nature::Counter || self.name.ends_with("_total"),
            None => self.name.ends_with("_total"),
        }
    }

    /// The samples of an object for a column.
    pub fn object(&mut self, column: &Column, object: &Object<'_>, out: &mut Vec<u8>) {
        if column.is_http_only() && !object.is_http() || self.states(column, object, out) {
            return;
        }
        let field = column.value(object, false);
        let is_counter = self.is_counter(field.as_ref());
        let code = column.name.strip_prefix("hrsp_");
        let value = value_of(column, field);
        self.of_object(
            is_counter,
            object,
            code.map(|code| ("code", code)),
            &value,
            out,
        );
    }

    /// The samples of a column that says one of several words; whether it is one.
    fn states(&mut self, column: &Column, object: &Object<'_>, out: &mut Vec<u8>) -> bool {
        let mut each = |state: &'static str, count: u32| {
            let label = Some(("state", state));
            self.of_object(false, object, label, &Value::U32(count), out);
        };
        let states = &object.serving.states;
        let has_servers = || states.iter().any(|count| *count > 0);
        let check = |of: fn(&About<'_>) -> bool| object.about().is_some_and(of);
        match (column.name, object.kind) {
            ("status", Kind::Listener) => {
                for state in ["WAITING", "OPEN", "FULL"] {
                    each(state, (object.status == state).into());
                }
            }
            ("status", Kind::Frontend | Kind::Backend) => {
                let is_up = object.state == State::Up;
                each("DOWN", (!is_up).into());
                each("UP", is_up.into());
            }
            ("status", Kind::Server) => {
                for (state, name) in State::NAMES {
                    each(name, (object.state == state).into());
                }
            }
            ("agg_server_status" | "agg_server_check_status", _) if has_servers() => {
                for ((_, name), count) in State::NAMES.iter().zip(states) {
                    each(name, *count);
                }
            }
            ("agg_check_status", _) if has_servers() => {
                let counts = object.about().map(|about| about.check_results);
                for (result, count) in CHECK_RESULTS.iter().zip(counts.unwrap_or_default()) {
                    each(result, count);
                }
            }
            ("agg_server_status" | "agg_server_check_status" | "agg_check_status", _) => {}
            ("check_status" | "agent_status", _) => {
                let check = object.about().and_then(|about| match column.name {
                    "check_status" => about.check.as_ref(),
                    _ => about.agent.as_ref(),
                });
                if let Some(check) = check {
                    for result in CHECK_RESULTS {
                        each(result, (check.status == result).into());
                    }
                }
            }
            // Servers without checks have no samples at all.
            ("check_code" | "check_duration", _) => return !check(|about| about.check.is_some()),
            ("agent_code" | "agent_duration", _) => return !check(|about| about.agent.is_some()),
            _ => return false,
        }
        true
    }
}

/// A sample's value and the end of its line.
fn end(value: &Value<'_>, out: &mut Vec<u8>) {
    out.push(b' ');
    match value {
        Value::Text(_) => out.extend_from_slice(b"NaN"),
        value => value.write(out),
    }
    out.push(b'\n');
}

/// Metrics are in seconds where columns are in milliseconds.
fn value_of<'a>(column: &Column, field: Option<Field<'a>>) -> Value<'a> {
    let is_time = column.metric.is_some_and(|name| name.ends_with("_seconds"));
    let in_millis = is_time && !matches!(column.name, "lastchg" | "lastsess");
    match field.map(|field| field.value) {
        Some(Value::U32(millis)) if in_millis => Value::Float(f64::from(millis) / 1000.0),
        Some(Value::U64(millis)) if in_millis => Value::Float(millis as f64 / 1000.0),
        Some(value) => value,
        None => Value::Text("".into()),
    }
}

fn escape(text: &str, out: &mut Vec<u8>) {
    if memchr::memchr3(b'\\', b'"', b'\n', text.as_bytes()).is_none() {
        return out.extend_from_slice(text.as_bytes());
    }
    for byte in text.bytes() {
        match byte {
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'"' => out.extend_from_slice(b"\\\""),
            b'\n' => out.extend_from_slice(b"\\n"),
            byte => out.push(byte),
        }
    }
}

/// The metrics of the process.
pub fn write_process(process: &Process<'_>, query: &Query, out: &mut Vec<u8>) {
    for fact in FACTS {
        let Some(metric) = fact.metric else { continue };
        let name = format!("haproxy_process_{metric}");
        let Some(field) = fact.value(process, false) else {
            continue;
        };
        let Some(mut family) = Family::named(name, fact.doc, query) else {
            continue;
        };
        let is_counter = family.is_counter(Some(&field)) || metric == "failed_resolutions";
        let mut labels = Vec::new();
        let (label, text) = match metric {
            "node" => ("node", process.node),
            "build_info" => ("version", process.version),
            _ => ("", ""),
        };
        if !label.is_empty() {
            labels.push((label, text));
        }
        let described = metric == "description" || query.descriptions;
        if let Some(text) = process.description.filter(|_| described) {
            labels.push(("desc", text));
        }
        let value = match field.value {
            Value::Text(_) => Value::U32(1),
            value => value,
        };
        family.sample(is_counter, &labels, &value, out);
    }
}

/// The metrics of name servers: there are none to ask, which their first lines say alone.
pub fn begin_resolvers(query: &Query, out: &mut Vec<u8>) {
    let (name, doc) = ("haproxy_resolver_sent", "queries sent to the name server");
    if let Some(mut family) = Family::named(name.to_owned(), doc, query) {
        family.begin(true, out);
    }
}

/// Which build this is.
pub fn write_build(version: &str, query: &Query, out: &mut Vec<u8>) {
    let (name, doc) = ("tidegate_build_info", "which build this is");
    if let Some(mut family) = Family::named(name.to_owned(), doc, query) {
        family.number(&[("version", version)], 1, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::stats::tests::object;
    use crate::observe::stats::{COLUMNS, Count, Counters};

    #[test]
    fn queries() {
        let parse = |query: &str| Query::parse(query.as_bytes());
        let all = [
            Scope::Global,
            Scope::Frontend,
            Scope::Listener,
            Scope::Backend,
            Scope::Server,
            Scope::Sticktable,
            Scope::Resolver,
        ];
        let check = |query: &str, expected: &[Scope]| {
            let found = parse(query).unwrap();
            let found: Vec<_> = all.into_iter().filter(|scope| found.has(*scope)).collect();
            assert_eq!(found, expected, "{query}");
        };
        check("", &all);
        check("no-maint", &all);
        check("scope=", &[]);
        check("scope=*", &all);
        check("scope=server", &[Scope::Server]);
        check(
            "scope=server&scope=backend",
            &[Scope::Backend, Scope::Server],
        );
        check("%73cope=%73erver#scope=backend", &[Scope::Server]);
        for wrong in [
            "scope",
            "scope=x",
            "scope=a=b",
            "scope=%zz",
            "metrics",
            "a=%1",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn metrics_are_chosen_by_name() {
        let check = |query: &str, expected: [bool; 2]| {
            let query = Query::parse(query.as_bytes()).unwrap();
            let found = ["haproxy_server_status", "haproxy_server_weight"];
            assert_eq!(found.map(|name| query.has_metric(name)), expected);
        };
        check("", [true, true]);
        check("metrics=haproxy_server_status", [true, false]);
        check("metrics=-haproxy_server_status", [false, true]);
        check(
            "metrics=haproxy_server_status,haproxy_server_weight,-haproxy_server_status",
            [false, true],
        );
    }

    fn written(kind: Kind, column: &str, change: impl FnOnce(&mut Object<'_>)) -> String {
        let counters = Counters::new(1);
        counters.tally(0).unwrap().add(Count::RequestIn, 5);
        let mut object = object(kind, &counters);
        change(&mut object);
        let column = COLUMNS.iter().find(|own| own.name == column).unwrap();
        let query = Query::default();
        let mut out = Vec::new();
        let mut family = Family::of(column, kind, &query).unwrap();
        family.object(column, &object, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn samples_have_haproxys_names_and_labels() {
        let check = |kind, column: &str, expected: &[&str]| {
            let text = written(kind, column, |_| {});
            let samples: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
            assert_eq!(samples, expected, "{text}");
        };
        use Kind::{Backend, Frontend, Listener, Server};
        check(
            Frontend,
            "bin",
            &["haproxy_frontend_bytes_in_total{proxy=\"web\"} 5"],
        );
        check(
            Server,
            "act",
            &["haproxy_server_active{proxy=\"web\",server=\"s1\"} 0"],
        );
        check(
            Backend,
            "act",
            &["haproxy_backend_active_servers{proxy=\"web\"} 0"],
        );
        check(
            Server,
            "qlimit",
            &["haproxy_server_queue_limit{proxy=\"web\",server=\"s1\"} NaN"],
        );
        check(
            Backend,
            "qtime",
            &["haproxy_backend_queue_time_average_seconds{proxy=\"web\"} 0"],
        );
        check(
            Frontend,
            "hrsp_4xx",
            &["haproxy_frontend_http_responses_total{proxy=\"web\",code=\"4xx\"} 0"],
        );
        check(
            Frontend,
            "status",
            &[
                "haproxy_frontend_status{proxy=\"web\",state=\"DOWN\"} 0",
                "haproxy_frontend_status{proxy=\"web\",state=\"UP\"} 1",
            ],
        );
        check(
            Listener,
            "status",
            &[
                "haproxy_listener_status{proxy=\"web\",listener=\"sock-1\",state=\"WAITING\"} 0",
                "haproxy_listener_status{proxy=\"web\",listener=\"sock-1\",state=\"OPEN\"} 0",
                "haproxy_listener_status{proxy=\"web\",listener=\"sock-1\",state=\"FULL\"} 0",
            ],
        );
        check(Server, "check_status", &[]);
    }

    #[test]
    fn labels_are_escaped() {
        let text = written(Kind::Server, "bin", |object| object.name = "a\"\\\n".into());
        assert!(text.contains("server=\"a\\\"\\\\\\n\"} 5"), "{text}");
    }
}
