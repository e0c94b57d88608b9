//! The statistics page: one document that loads nothing else, light or dark as the reader prefers.
//!
//! Everything is there without a script; a small one sorts tables and filters names. What must hold:
//! whatever comes from outside (names, addresses, what checks found, the query) is escaped where it
//! is written. Deliberately absent: who may see it, and what its forms do.

use super::columns::{COLUMNS, Column};
use super::field::Value;
use super::guard::Guard;
use super::info::{Process, duration};
use super::object::{Kind, Object, State};
use std::io::Write as _;

/// How the page is shown.
#[derive(Clone, Debug, Default)]
pub struct PageView {
    /// What its own addresses begin with.
    pub uri: String,
    /// Which version this is, if that is shown.
    pub version: Option<String>,
    /// This machine's name, if that is shown.
    pub node: Option<String>,
    /// A description, if that is shown.
    pub description: Option<String>,
    /// How often it is loaded again, in seconds; 0 is never.
    pub refresh_s: u64,
    /// It is not loaded again.
    pub no_refresh: bool,
    /// Servers that are down are left out.
    pub up: bool,
    /// What proxies' names must contain.
    pub scope: String,
    /// Whether servers can be changed.
    pub admin: bool,
    /// With addresses, cookies and algorithms.
    pub legends: bool,
    /// With counters of modules.
    pub modules: bool,
    /// What became of the last change.
    pub outcome: Option<Outcome>,
    /// What style and script are allowed by: new for each page, in digits.
    pub nonce: String,
}

/// What became of a change: the `;st=` of the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "`text` says what each means")]
pub enum Outcome {
    Denied,
    Done,
    Wrong,
    TooLong,
    Nothing,
    Partly,
    Invalid,
    Unknown,
}

impl Outcome {
    /// All of them, and their codes.
    const ALL: [(Self, &'static str, &'static str); 8] = [
        (Self::Denied, "DENY", "Action denied."),
        (Self::Done, "DONE", "Action processed successfully."),
        (
            Self::Wrong,
            "ERRP",
            "Nothing changed: no such backend, server or action.",
        ),
        (
            Self::TooLong,
            "EXCD",
            "Nothing changed: the list of servers is too long for a buffer.",
        ),
        (Self::Nothing, "NONE", "Nothing changed."),
        (
            Self::Partly,
            "PART",
            "Action partially processed: some servers could not be changed.",
        ),
        (Self::Invalid, "IVAL", "Nothing changed: invalid request."),
        (Self::Unknown, "UNKN", "Unexpected result."),
    ];

    /// The one with this code.
    pub fn of(code: &[u8]) -> Self {
        let found = Self::ALL.iter().find(|(_, own, _)| own.as_bytes() == code);
        found.map_or(Self::Unknown, |(outcome, ..)| *outcome)
    }

    /// Its code.
    pub fn code(self) -> &'static str {
        self.entry().1
    }

    fn entry(self) -> &'static (Self, &'static str, &'static str) {
        let found = Self::ALL.iter().find(|(own, ..)| *own == self);
        found.unwrap_or(&(Self::Unknown, "UNKN", ""))
    }
}

/// A cell: its heading, what it holds, and the columns it is made of.
struct Cell {
    title: &'static str,
    doc: &'static str,
    columns: &'static [&'static str],
    is_bytes: bool,
    /// With a line of the last minutes.
    is_rate: bool,
}

const fn cell(title: &'static str, doc: &'static str, columns: &'static [&'static str]) -> Cell {
    Cell {
        title,
        doc,
        columns,
        is_bytes: false,
        is_rate: false,
    }
}

const CELLS: &[Cell] = &[
    cell("Sessions", "now / most / limit", &["scur", "smax", "slim"]),
    Cell {
        is_rate: true,
        ..cell("Per second", "sessions now / most", &["rate", "rate_max"])
    },
    cell("Total", "sessions so far", &["stot"]),
    cell("Requests", "HTTP requests so far", &["req_tot"]),
    cell(
        "Queue",
        "waiting now / most / limit",
        &["qcur", "qmax", "qlimit"],
    ),
    Cell {
        is_bytes: true,
        ..cell("Traffic", "bytes in / out", &["bin", "bout"])
    },
    cell("2xx", "responses", &["hrsp_2xx"]),
    cell("3xx", "responses", &["hrsp_3xx"]),
    cell("4xx", "responses", &["hrsp_4xx"]),
    cell("5xx", "responses", &["hrsp_5xx"]),
    cell("Denied", "requests / responses", &["dreq", "dresp"]),
    cell(
        "Errors",
        "requests / connections / responses",
        &["ereq", "econ", "eresp"],
    ),
    cell(
        "Retries",
        "same server / other server",
        &["wretr", "wredis"],
    ),
    cell(
        "Aborts",
        "by clients / by servers",
        &["cli_abrt", "srv_abrt"],
    ),
    cell(
        "Milliseconds",
        "average of queue / connect / response / all",
        &["qtime", "ctime", "rtime", "ttime"],
    ),
    cell(
        "Connections",
        "new / reused / idle",
        &["connect", "reuse", "srv_icur"],
    ),
    cell("Weight", "effective / user's", &["weight", "uweight"]),
    cell("In use", "servers / backups", &["act", "bck"]),
    cell(
        "Check",
        "last result / milliseconds / failed / times down",
        &["check_status", "check_duration", "chkfail", "chkdown"],
    ),
];

const LEGENDS: &[Cell] = &[cell(
    "Details",
    "address / cookie / algorithm",
    &["addr", "cookie", "algo"],
)];

const MODULES: &[Cell] = &[Cell {
    is_bytes: true,
    ..cell(
        "HTTP/1",
        "bytes in / out / not copied",
        &["h1_bytes_in", "h1_bytes_out", "h1_spliced_bytes_out"],
    )
}];

/// Writes the page, object by object.
pub struct PageWriter {
    view: PageView,
    cells: Vec<(&'static Cell, Vec<&'static Column>)>,
    /// Id of the proxy whose table is open, and whether it has servers.
    open: Option<(u32, bool)>,
}

impl std::fmt::Debug for PageWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PageWriter").finish_non_exhaustive()
    }
}

impl PageWriter {
    /// Nothing was written yet.
    pub fn new(view: PageView) -> Self {
        let legends = if view.legends { LEGENDS } else { &[] };
        let modules = if view.modules { MODULES } else { &[] };
        let cells = CELLS.iter().chain(legends).chain(modules);
        let column = |name: &&str| COLUMNS.iter().find(|column| column.name == *name);
        let cells = cells.map(|cell| (cell, cell.columns.iter().filter_map(column).collect()));
        Self {
            cells: cells.collect(),
            view,
            open: None,
        }
    }

    /// What comes before the first proxy.
    pub fn head(&self, process: &Process<'_>, out: &mut Vec<u8>) {
        let view = &self.view;
        out.extend_from_slice(
            b"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
              <meta name=\"viewport\" content=\"width=device-width\">\
              <link rel=\"icon\" href=\"data:,\"><title>Statistics Report for Tidegate",
        );
        if let Some(node) = &view.node {
            out.extend_from_slice(b" on ");
            escape(node, out);
        }
        out.extend_from_slice(b"</title><style nonce=\"");
        out.extend_from_slice(view.nonce.as_bytes());
        out.extend_from_slice(b"\">");
        out.extend_from_slice(STYLE.as_bytes());
        out.extend_from_slice(b"</style></head><body><header><h1>Tidegate");
        if let Some(version) = &view.version {
            out.extend_from_slice(b" <small>");
            escape(version, out);
            out.extend_from_slice(b"</small>");
        }
        out.extend_from_slice(b"</h1>");
        if let Some(node) = &view.node {
            out.extend_from_slice(b"<p class=node>");
            escape(node, out);
            out.extend_from_slice(b"</p>");
        }
        if let Some(text) = &view.description {
            out.extend_from_slice(b"<p>");
            escape(text, out);
            out.extend_from_slice(b"</p>");
        }
        self.facts(process, out);
        self.links(out);
        out.extend_from_slice(b"</header>\n");
        if let Some(outcome) = view.outcome {
            let (_, code, text) = outcome.entry();
            let kind = if outcome == Outcome::Done {
                "done"
            } else {
                "wrong"
            };
            // Writing to memory cannot fail.
            let _ = write!(
                out,
                "<p role=status class=\"outcome {kind}\" data-code={code}>{text} <a href=\""
            );
            self.address("", out);
            out.extend_from_slice(b"\">Dismiss</a></p>\n");
        }
    }

    fn facts(&self, process: &Process<'_>, out: &mut Vec<u8>) {
        let facts = [
            ("pid", process.pid.to_string()),
            ("up for", duration(process.uptime_us)),
            ("threads", process.threads.to_string()),
            ("idle", format!("{} %", process.idle_percent)),
            (
                "connections",
                format!("{} of {}", process.connections, process.max_connections),
            ),
            (
                "connections per second",
                format!(
                    "{}, most {}",
                    process.connection_rate, process.connection_rate_max
                ),
            ),
            ("connections so far", process.connections_total.to_string()),
            ("requests so far", process.requests_total.to_string()),
            ("sent per second", bytes(process.bytes_out_rate)),
        ];
        out.extend_from_slice(b"<dl>");
        for (name, value) in facts {
            let _ = write!(out, "<div><dt>{name}</dt><dd>{value}</dd></div>");
        }
        out.extend_from_slice(b"</dl>");
    }

    /// The page's address with something more behind it.
    fn address(&self, more: &str, out: &mut Vec<u8>) {
        escape(&self.view.uri, out);
        if self.view.up && !more.contains(";up") && more != "all" {
            out.extend_from_slice(b";up");
        }
        if self.view.no_refresh {
            out.extend_from_slice(b";norefresh");
        }
        if more != "all" {
            out.extend_from_slice(more.as_bytes());
        }
        if !self.view.scope.is_empty() {
            out.extend_from_slice(b";scope=");
            escape(&self.view.scope, out);
        }
    }

    fn links(&self, out: &mut Vec<u8>) {
        let hide = match self.view.up {
            true => ("all", "Show servers that are down"),
            false => (";up", "Hide servers that are down"),
        };
        out.extend_from_slice(b"<nav>");
        let links = [
            hide,
            ("", "Refresh now"),
            (";csv", "CSV"),
            (";json", "JSON"),
            (";typed", "Typed"),
        ];
        for (more, text) in links {
            out.extend_from_slice(b"<a href=\"");
            self.address(more, out);
            let _ = write!(out, "\">{text}</a> ");
        }
        out.extend_from_slice(
            b"<form method=get><label>Proxies and servers with <input name=scope maxlength=20 size=10 value=\"",
        );
        escape(&self.view.scope, out);
        out.extend_from_slice(b"\"></label></form></nav>");
    }

    /// One object.
    pub fn object(&mut self, object: &Object<'_>, out: &mut Vec<u8>) {
        if self
            .open
            .as_ref()
            .is_none_or(|(id, _)| *id != object.proxy_id)
        {
            self.end_proxy(out);
            self.begin_proxy(object, out);
        }
        if let Some((_, has_servers)) = &mut self.open {
            *has_servers |= object.kind == Kind::Server;
        }
        let row = match object.kind {
            Kind::Frontend => "front",
            Kind::Backend => "back",
            Kind::Listener => "socket",
            Kind::Server => "server",
        };
        let state = match object.state {
            State::Up if object.status.starts_with("no check") => "unchecked",
            State::Up => "up",
            State::Down => "down",
            State::Maint => "maint",
            State::Drain | State::NoLb => "drain",
        };
        let _ = write!(out, "<tr class=\"{row} {state}\">");
        if self.view.admin {
            out.extend_from_slice(b"<td>");
            if object.kind == Kind::Server {
                out.extend_from_slice(
                    b"<input type=checkbox name=s aria-label=\"select\" value=\"",
                );
                escape(&object.name, out);
                out.extend_from_slice(b"\">");
            }
            out.extend_from_slice(b"</td>");
        }
        out.extend_from_slice(b"<th scope=row>");
        escape(&object.name, out);
        out.extend_from_slice(b"</th><td class=state>");
        escape(&object.status, out);
        if matches!(object.kind, Kind::Server | Kind::Backend) {
            let since = duration(u64::from(object.serving.changed_s) * 1_000_000);
            let _ = write!(out, " <small>{since}</small>");
        }
        out.extend_from_slice(b"</td>");
        for (cell, columns) in &self.cells {
            self.cell(cell, columns, object, out);
        }
        out.extend_from_slice(b"</tr>\n");
    }

    fn cell(&self, cell: &Cell, columns: &[&Column], object: &Object<'_>, out: &mut Vec<u8>) {
        out.extend_from_slice(b"<td>");
        let mut first = true;
        for column in columns {
            let Some(field) = column.value(object, self.view.legends) else {
                continue;
            };
            if !std::mem::replace(&mut first, false) {
                out.extend_from_slice(b"<i>/</i>");
            }
            match &field.value {
                Value::U64(count) if cell.is_bytes => {
                    out.extend_from_slice(bytes(*count).as_bytes())
                }
                Value::Text(text) => escape(text, out),
                value => value.write(out),
            }
        }
        if cell.is_rate && object.kind != Kind::Listener {
            sparkline(&object.counters.history(), out);
        }
        out.extend_from_slice(b"</td>");
    }

    fn begin_proxy(&mut self, object: &Object<'_>, out: &mut Vec<u8>) {
        out.extend_from_slice(b"<section><h2 id=\"");
        escape(object.proxy, out);
        out.extend_from_slice(b"\">");
        escape(object.proxy, out);
        if let Some(text) = object.description {
            out.extend_from_slice(b" <small>");
            escape(text, out);
            out.extend_from_slice(b"</small>");
        }
        out.extend_from_slice(b"</h2>");
        if self.view.admin {
            out.extend_from_slice(b"<form method=post>");
        }
        out.extend_from_slice(b"<div class=wide><table><thead><tr>");
        if self.view.admin {
            out.extend_from_slice(b"<th></th>");
        }
        out.extend_from_slice(b"<th class=name>Name</th><th class=state>State</th>");
        for (cell, _) in &self.cells {
            let _ = write!(out, "<th title=\"{}\">{}</th>", cell.doc, cell.title);
        }
        out.extend_from_slice(b"</tr></thead><tbody>\n");
        self.open = Some((object.proxy_id, false));
    }

    fn end_proxy(&mut self, out: &mut Vec<u8>) {
        let Some((id, has_servers)) = self.open.take() else {
            return;
        };
        out.extend_from_slice(b"</tbody></table></div>");
        if self.view.admin && has_servers {
            out.extend_from_slice(b"<p class=act><label>Selected servers: <select name=action><option value=\"\"></option>");
            for (action, text) in ACTIONS {
                let _ = write!(out, "<option value={action}>{text}</option>");
            }
            let _ = write!(
                out,
                "</select></label> <input type=hidden name=b value=\"#{id}\"><button>Apply</button></p>"
            );
        }
        if self.view.admin {
            out.extend_from_slice(b"</form>");
        }
        out.extend_from_slice(b"</section>\n");
    }

    /// Limits and breakers.
    pub fn guards(&mut self, guards: &[Guard], out: &mut Vec<u8>) {
        self.end_proxy(out);
        if guards.is_empty() {
            return;
        }
        out.extend_from_slice(
            b"<section><h2>Protection</h2><div class=wide><table><thead><tr><th>Name</th><th>Kind</th>\
              <th>State</th><th>Refuses because of</th><th>Refused</th><th>Passed</th><th>Delayed</th><th>Trips</th><th>In flight</th><th>Keys</th>\
              </tr></thead><tbody>\n",
        );
        for guard in guards {
            let state = if guard.is_open_for_traffic {
                "up"
            } else {
                "down"
            };
            let _ = write!(out, "<tr class=\"server {state}\"><th scope=row>");
            escape(&guard.name, out);
            let shadow = if guard.shadow { " (shadow)" } else { "" };
            let word = guard.kind.word();
            let _ = write!(out, "</th><td>{word}{shadow}</td><td class=state>");
            escape(&guard.state, out);
            out.extend_from_slice(b"</td><td class=why>");
            escape(&guard.reason, out);
            let _ = write!(out, "</td><td>{}</td>", guard.refused);
            for number in ["passed", "delayed", "trips", "in_flight", "keys"] {
                let found = guard.numbers.iter().find(|(own, _)| *own == number);
                let shown = found.map(|(_, value)| value.to_string());
                let _ = write!(out, "<td>{}</td>", shown.unwrap_or_default());
            }
            out.extend_from_slice(b"</tr>\n");
        }
        out.extend_from_slice(b"</tbody></table></div></section>\n");
    }

    /// What comes after the last proxy.
    pub fn tail(&mut self, out: &mut Vec<u8>) {
        self.end_proxy(out);
        out.extend_from_slice(b"<script nonce=\"");
        out.extend_from_slice(self.view.nonce.as_bytes());
        out.extend_from_slice(b"\">");
        out.extend_from_slice(SCRIPT.as_bytes());
        out.extend_from_slice(b"</script></body></html>\n");
    }
}

/// What can be done with servers, in HAProxy's words.
const ACTIONS: [(&str, &str); 14] = [
    ("ready", "Set state to READY"),
    ("drain", "Set state to DRAIN"),
    ("maint", "Set state to MAINT"),
    ("dhlth", "Health: disable checks"),
    ("ehlth", "Health: enable checks"),
    ("hrunn", "Health: force UP"),
    ("hnolb", "Health: force NOLB"),
    ("hdown", "Health: force DOWN"),
    ("dagent", "Agent: disable checks"),
    ("eagent", "Agent: enable checks"),
    ("arunn", "Agent: force UP"),
    ("adown", "Agent: force DOWN"),
    ("shutdown", "Kill sessions"),
    ("enable", "Leave maintenance"),
];

/// A line of samples, the newest at the right; nothing while all are zero.
fn sparkline(samples: &[u32], out: &mut Vec<u8>) {
    const HEIGHT: u64 = 16;
    let most = samples.iter().copied().max().unwrap_or(0);
    if most == 0 {
        return;
    }
    // Writing to memory cannot fail.
    let _ = write!(
        out,
        "<svg class=spark viewBox=\"0 0 {} {HEIGHT}\" role=img aria-label=\"last 5 minutes, most {most} per second\"><polyline points=\"",
        samples.len().saturating_sub(1)
    );
    for (at, sample) in samples.iter().enumerate() {
        let height = HEIGHT - u64::from(*sample) * HEIGHT / u64::from(most);
        let blank = if at == 0 { "" } else { " " };
        let _ = write!(out, "{blank}{at},{height}");
    }
    out.extend_from_slice(b"\"/></svg>");
}

/// Bytes in the unit that leaves few digits.
fn bytes(count: u64) -> String {
    const UNITS: [&str; 6] = ["B", "kB", "MB", "GB", "TB", "PB"];
    let mut value = count as f64;
    let mut unit = "B";
    for next in UNITS {
        unit = next;
        if value < 1000.0 {
            break;
        }
        value /= if next == "PB" { 1.0 } else { 1000.0 };
    }
    match unit {
        "B" => format!("{count} B"),
        _ if value < 10.0 => format!("{value:.1} {unit}"),
        _ => format!("{value:.0} {unit}"),
    }
}

/// Text as it stands between tags and in quoted attributes.
fn escape(text: &str, out: &mut Vec<u8>) {
    for byte in text.bytes() {
        match byte {
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            b'"' => out.extend_from_slice(b"&quot;"),
            b'\'' => out.extend_from_slice(b"&#39;"),
            byte => out.push(byte),
        }
    }
}

const STYLE: &str = "\
:root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--dim:#667;--line:#d8dce2;--head:#f3f5f8;\
--up:#1a7f37;--down:#c62828;--maint:#9a6700;--drain:#0969da}\
@media(prefers-color-scheme:dark){:root{--bg:#14171c;--fg:#e3e7ec;--dim:#93a0af;--line:#2c333d;--head:#1d222a;\
--up:#4ac26b;--down:#ff7b72;--maint:#d4a72c;--drain:#6cb6ff}}\
body{font:14px/1.4 system-ui,sans-serif;background:var(--bg);color:var(--fg);margin:1rem auto;max-width:110rem;padding:0 1rem}\
h1{font-size:1.3rem;margin:0}h2{font-size:1.05rem;margin:1.5rem 0 .3rem}small{color:var(--dim);font-weight:400}\
a{color:var(--drain)}nav{margin:.6rem 0}nav form{display:inline}\
dl{display:flex;flex-wrap:wrap;gap:.3rem 1.5rem;margin:.6rem 0}dt{color:var(--dim);font-size:.8rem}dd{margin:0;font-variant-numeric:tabular-nums}\
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}\
svg.spark{width:6rem;height:1.1rem;vertical-align:middle;margin-left:.4em}svg.spark polyline{fill:none;stroke:var(--drain);vector-effect:non-scaling-stroke}\
th,td{border-bottom:1px solid var(--line);padding:.2rem .5rem;text-align:right;white-space:nowrap}\
thead th{background:var(--head);font-weight:600;font-size:.8rem;cursor:default}th[scope=row],.state,.name,thead th:first-child{text-align:left}\
td i{color:var(--dim);font-style:normal;padding:0 .2em}tr.front,tr.back{font-weight:600}tr.socket{color:var(--dim)}\
.up .state,.done{color:var(--up)}.down .state,.wrong{color:var(--down)}.maint .state{color:var(--maint)}.drain .state{color:var(--drain)}\
.unchecked .state{color:var(--dim)}.outcome{border:1px solid;padding:.4rem .8rem;border-radius:4px}";

const SCRIPT: &str = "{\
document.querySelectorAll('table').forEach(t=>{t.querySelectorAll('thead th').forEach((h,i)=>{\
h.style.cursor='pointer';let d=1;h.addEventListener('click',()=>{const b=t.tBodies[0];\
const k=r=>{const s=r.cells[i].textContent.trim();const n=parseFloat(s);return isNaN(n)?s:n};\
const r=[...b.querySelectorAll('tr.server')];const e=b.querySelector('tr.back');\
r.sort((x,y)=>{const a=k(x),c=k(y);return d*(typeof a==typeof c?(a<c?-1:a>c?1:0):typeof a=='number'?-1:1)});\
d=-d;r.forEach(x=>b.insertBefore(x,e))})})});\
const q=document.querySelector('input[name=scope]');\
const f=()=>{const w=q.value.toLowerCase();document.querySelectorAll('section').forEach(s=>{\
const n=s.querySelector('h2').textContent.toLowerCase().includes(w);let some=n;\
s.querySelectorAll('tr.server').forEach(r=>{const k=n||r.querySelector('th').textContent.toLowerCase().includes(w);\
r.hidden=!k;some=some||k});s.hidden=!some})};\
q.addEventListener('input',f)}";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::stats::Counters;
    use crate::observe::stats::tests::object;

    fn page(view: PageView, change: impl FnOnce(&mut Object<'_>)) -> String {
        let counters = Counters::new(1);
        let mut server = object(Kind::Server, &counters);
        change(&mut server);
        let mut writer = PageWriter::new(view);
        let mut out = Vec::new();
        writer.head(&Process::default(), &mut out);
        writer.object(&object(Kind::Frontend, &counters), &mut out);
        writer.object(&server, &mut out);
        writer.tail(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_cell_has_its_columns() {
        for cell in CELLS.iter().chain(LEGENDS).chain(MODULES) {
            for name in cell.columns {
                assert!(COLUMNS.iter().any(|column| column.name == *name), "{name}");
            }
        }
    }

    #[test]
    fn tags_are_closed_in_order() {
        let view = PageView {
            admin: true,
            outcome: Some(Outcome::Done),
            ..PageView::default()
        };
        let text = page(view, |_| {});
        let void = ["meta", "link", "input", "br", "!DOCTYPE"];
        let mut open: Vec<&str> = Vec::new();
        let body = text.split("<script").next().unwrap();
        for tag in body.split('<').skip(1) {
            let name = tag.split(['>', ' ']).next().unwrap();
            match name.strip_prefix('/') {
                Some(name) => assert_eq!(open.pop(), Some(name), "{tag}"),
                None if void.contains(&name) => {}
                None => open.push(name),
            }
        }
        assert_eq!(open, ["html", "body"]);
    }

    #[test]
    fn what_comes_from_outside_is_escaped() {
        const BAD: &str = "\"><script>alert(1)</script>&'";
        let view = PageView {
            uri: BAD.to_owned(),
            node: Some(BAD.to_owned()),
            description: Some(BAD.to_owned()),
            scope: BAD.to_owned(),
            admin: true,
            ..PageView::default()
        };
        let text = page(view, |server| {
            server.name = BAD.into();
            server.status = BAD.into();
        });
        assert!(!text.contains("<script>alert"), "{text}");
        assert!(text.contains("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;&#39;"));
    }

    #[test]
    fn outcomes_have_codes() {
        for (outcome, code, _) in Outcome::ALL {
            assert_eq!(
                (Outcome::of(code.as_bytes()), outcome.code()),
                (outcome, code)
            );
        }
        assert_eq!(Outcome::of(b"nope"), Outcome::Unknown);
    }

    #[test]
    fn bytes_have_few_digits() {
        let check = |count, expected| assert_eq!(bytes(count), expected);
        check(0, "0 B");
        check(999, "999 B");
        check(1500, "1.5 kB");
        check(25_000_000, "25 MB");
        check(u64::MAX, "18447 PB");
    }
}
