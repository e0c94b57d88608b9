//! Converters that look the value up in a stick table: `in_table` and `table_*`.
//!
//! A key without entry gives 0, so that conditions can compare; what the table does not store gives
//! no value. Looking does not keep the entry, counting and clearing do, and they make one.

use super::{Build, Built, Converting, Keyword};
use crate::table::{DataType as D, Entry, Table};
use crate::vocab::arguments::{Args, Kind, optional, required};
use crate::vocab::context::Context;
use crate::vocab::entry_value::{self, Field};
use crate::vocab::outer::Link;
use crate::vocab::sample::{Sample, Type};

/// A number of the entry.
const NUMBER: Keyword = Keyword {
    args: &[required("table", Kind::Table)],
    takes: Type::Any,
    gives: Type::Sint,
    ..Keyword::DEFAULT
};

macro_rules! families {
    ($($name:literal $field:expr, $gives:literal, $doc:literal;)*) => {
        const SIMPLE: &[Keyword] = &[$(
            Keyword {
                names: &[$name],
                doc: $doc,
                examples: &[
                    (concat!("ipv4(192.0.2.1),", $name, "(t)"), Some($gives)),
                ],
                build: Build::With(|args| Ok(Box::new(LookUp {
                    table: args.table(0).unwrap_or_default(),
                    field: $field,
                    index: 0,
                }))),
                ..NUMBER
            },
        )*];
    };
}

macro_rules! arrays {
    ($($name:literal $field:expr, $gives:literal, $doc:literal;)*) => {
        const ARRAYS: &[Keyword] = &[$(
            Keyword {
                names: &[$name],
                args: &[required("idx", Kind::Int), required("table", Kind::Table)],
                doc: $doc,
                examples: &[
                    (concat!("ipv4(192.0.2.1),", $name, "(1,t)"), Some($gives)),
                    (concat!("ipv4(192.0.2.1),", $name, "(9,t)"), None),
                ],
                build: Build::With(|args| Ok(Box::new(LookUp {
                    table: args.table(1).unwrap_or_default(),
                    field: $field,
                    index: entry_value::index(args.int(0)),
                }))),
                ..NUMBER
            },
        )*];
    };
}

families! {
    "table_bytes_in_rate" Field::ByteRate(D::BytesInRate), "7", "Bytes from the client in the period of the table's \"bytes_in_rate\".";
    "table_bytes_out_rate" Field::ByteRate(D::BytesOutRate), "7", "Bytes from the server in the period of the table's \"bytes_out_rate\".";
    "table_clr_gpc0" Field::Clear(D::Gpc0), "7", "Sets the first general counter to 0; its value before.";
    "table_clr_gpc1" Field::Clear(D::Gpc1), "7", "Sets the second general counter to 0; its value before.";
    "table_conn_cnt" Field::Value(D::ConnCnt), "7", "How often tracking began.";
    "table_conn_cur" Field::Value(D::ConnCur), "7", "Streams and connections that track the entry now.";
    "table_conn_rate" Field::Value(D::ConnRate), "7", "How often tracking began in the period of the table's \"conn_rate\".";
    "table_glitch_cnt" Field::Value(D::GlitchCnt), "7", "Oddities in the client's protocol.";
    "table_glitch_rate" Field::Value(D::GlitchRate), "7", "Oddities in the client's protocol in the period of the table's \"glitch_rate\".";
    "table_gpc0" Field::Value(D::Gpc0), "7", "The first general counter.";
    "table_gpc0_rate" Field::Value(D::Gpc0Rate), "7", "Increments of the first general counter in the period of the table's \"gpc0_rate\".";
    "table_gpc1" Field::Value(D::Gpc1), "7", "The second general counter.";
    "table_gpc1_rate" Field::Value(D::Gpc1Rate), "7", "Increments of the second general counter in the period of the table's \"gpc1_rate\".";
    "table_gpt0" Field::Value(D::Gpt0), "7", "The first tag.";
    "table_http_err_cnt" Field::Value(D::HttpErrCnt), "7", "Requests the client did wrong.";
    "table_http_err_rate" Field::Value(D::HttpErrRate), "7", "Requests the client did wrong in the period of the table's \"http_err_rate\".";
    "table_http_fail_cnt" Field::Value(D::HttpFailCnt), "7", "Failures of servers.";
    "table_http_fail_rate" Field::Value(D::HttpFailRate), "7", "Failures of servers in the period of the table's \"http_fail_rate\".";
    "table_http_req_cnt" Field::Value(D::HttpReqCnt), "7", "HTTP requests.";
    "table_http_req_rate" Field::Value(D::HttpReqRate), "7", "HTTP requests in the period of the table's \"http_req_rate\".";
    "table_inc_gpc0" Field::Increment { counter: D::Gpc0, rate: D::Gpc0Rate }, "8", "Adds one to the first general counter; its new value.";
    "table_inc_gpc1" Field::Increment { counter: D::Gpc1, rate: D::Gpc1Rate }, "8", "Adds one to the second general counter; its new value.";
    "table_kbytes_in" Field::Kilobytes(D::BytesInCnt), "7", "Kilobytes from the client.";
    "table_kbytes_out" Field::Kilobytes(D::BytesOutCnt), "7", "Kilobytes from the server.";
    "table_server_id" Field::Value(D::ServerId), "7", "The id of the server that the entry is stuck to.";
    "table_sess_cnt" Field::Value(D::SessCnt), "7", "Connections that were let in.";
    "table_sess_rate" Field::Value(D::SessRate), "7", "Connections that were let in, in the period of the table's \"sess_rate\".";
    "table_trackers" Field::Trackers, "3", "How many streams and connections track the entry.";
}

arrays! {
    "table_clr_gpc" Field::Clear(D::Gpc), "7", "Sets an element of the general counters to 0; its value before.";
    "table_gpc" Field::Value(D::Gpc), "7", "An element of the general counters.";
    "table_gpc_rate" Field::Value(D::GpcRate), "7", "Increments of an element of the general counters in the period of the table's \"gpc_rate\".";
    "table_gpt" Field::Value(D::Gpt), "7", "An element of the tags.";
    "table_inc_gpc" Field::Increment { counter: D::Gpc, rate: D::GpcRate }, "8", "Adds one to an element of the general counters; its new value.";
}

const OTHERS: &[Keyword] = &[
    Keyword {
        names: &["in_table"],
        gives: Type::Bool,
        doc: "Whether the table has an entry of this key.",
        examples: &[
            ("ipv4(192.0.2.1),in_table(t)", Some("1")),
            ("ipv4(192.0.2.9),in_table(t)", Some("0")),
        ],
        build: Build::With(|args| Ok(Box::new(InTable(args.table(0).unwrap_or_default())))),
        ..NUMBER
    },
    Keyword {
        names: &["table_expire"],
        args: TIMES,
        doc: "Milliseconds until the entry expires; of a key without entry, the second argument.",
        examples: &[
            ("ipv4(192.0.2.1),table_expire(t)", Some("30000")),
            ("ipv4(192.0.2.9),table_expire(t)", None),
            ("ipv4(192.0.2.9),table_expire(t,5)", Some("5")),
        ],
        build: Build::With(|args| times(args, |table, entry| table.expires_in(entry))),
        ..NUMBER
    },
    Keyword {
        names: &["table_idle"],
        args: TIMES,
        doc: "Milliseconds since the entry was last refreshed; of a key without entry, the second argument.",
        examples: &[
            ("ipv4(192.0.2.1),table_idle(t)", Some("0")),
            ("ipv4(192.0.2.9),table_idle(t,5)", Some("5")),
        ],
        build: Build::With(|args| times(args, |table, entry| table.idle(entry))),
        ..NUMBER
    },
];

const TIMES: &[crate::vocab::arguments::Arg] = &[
    required("table", Kind::Table),
    optional("default", Kind::Int),
];

/// Every converter of stick tables.
pub(super) fn all() -> impl Iterator<Item = &'static Keyword> {
    [SIMPLE, ARRAYS, OTHERS].into_iter().flatten()
}

#[derive(Debug)]
struct LookUp {
    table: Link<u32>,
    field: Field,
    index: u16,
}

impl Converting for LookUp {
    fn apply<'s>(
        &'s self,
        cx: &Context<'s>,
        input: Sample<'s>,
        _: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let table = entry_value::table(cx, &self.table)?;
        entry_value::look_up(cx, table, input, self.field, self.index)
    }
}

#[derive(Debug)]
struct InTable(Link<u32>);

impl Converting for InTable {
    fn apply<'s>(
        &'s self,
        cx: &Context<'s>,
        input: Sample<'s>,
        _: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let table = entry_value::table(cx, &self.0)?;
        let find = |key: &[u8]| table.look(key, cx.now(), |_| ());
        let found = entry_value::with_key(table.spec().key, input, find);
        Some(Sample::Bool(found.flatten().is_some()))
    }
}

/// A time of the entry.
struct Times {
    table: Link<u32>,
    default: Option<i64>,
    of: fn(&Table, &Entry) -> u64,
}

fn times(args: &Args, of: fn(&Table, &Entry) -> u64) -> Built {
    Ok(Box::new(Times {
        table: args.table(0).unwrap_or_default(),
        default: args.int(1),
        of,
    }))
}

impl std::fmt::Debug for Times {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Times")
    }
}

impl Converting for Times {
    fn apply<'s>(
        &'s self,
        cx: &Context<'s>,
        input: Sample<'s>,
        _: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let table = entry_value::table(cx, &self.table)?;
        let find = |key: &[u8]| table.look(key, cx.now(), |entry| (self.of)(table, entry));
        match entry_value::with_key(table.spec().key, input, find).flatten() {
            Some(time) => i64::try_from(time).ok().map(Sample::Sint),
            None => self.default.map(Sample::Sint),
        }
    }
}
