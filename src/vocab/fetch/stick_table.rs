//! Fetches of stick tables: `sc_*` of a tracked entry, `src_*` of the client's, `table_cnt`.
//!
//! Every family is a row of one table and has up to five names: `sc_<x>(<ctr>)`, `sc0_<x>` to
//! `sc2_<x>`, `src_<x>`. A tracked entry is read through its handle without a look-up.

use super::{Build, Fetching, Keyword, Needs, example};
use crate::table::{DataType as D, KeyType, Table, Tracked};
use crate::vocab::arguments::{Arg, Args, BadArg, Kind, optional, required};
use crate::vocab::context::Context;
use crate::vocab::entry_value::{self, Field};
use crate::vocab::outer::Link;
use crate::vocab::sample::{Sample, Type};
use std::net::IpAddr;

const CTR: Arg = required("ctr", Kind::Int);
const INDEX: Arg = required("idx", Kind::Int);
const OTHER_TABLE: Arg = optional("table", Kind::Table);
const OWN_TABLE: Arg = required("table", Kind::Table);

/// A number of a tracked entry.
const TRACKED: Keyword = Keyword {
    yields: Type::Sint,
    needs: Needs::Internal,
    ..Keyword::DEFAULT
};

/// A number of the client's entry.
const OF_SRC: Keyword = Keyword {
    args: &[OWN_TABLE],
    yields: Type::Sint,
    needs: Needs::Connection,
    ..Keyword::DEFAULT
};

/// The families: name, what it does, what the manual says, the examples' value.
macro_rules! families {
    ($($name:literal $field:expr, $gives:literal, $doc:literal;)*) => {
        const SIMPLE: &[Keyword] = &[$(
            Keyword {
                names: &[concat!("sc_", $name)],
                args: &[CTR, OTHER_TABLE],
                doc: $doc,
                examples: &[example("", concat!("sc_", $name, "(0)"), $gives)],
                build: Build::With(|args| tracked(args, None, $field)),
                ..TRACKED
            },
            families!(@numbered "sc0_", 0, $name, $field, $gives, $doc),
            families!(@numbered "sc1_", 1, $name, $field, $gives, $doc),
            families!(@numbered "sc2_", 2, $name, $field, $gives, $doc),
        )*];
    };
    (@numbered $prefix:literal, $slot:literal, $name:literal, $field:expr, $gives:literal, $doc:literal) => {
        Keyword {
            names: &[concat!($prefix, $name)],
            args: &[OTHER_TABLE],
            doc: $doc,
            examples: &[example("", concat!($prefix, $name), $gives)],
            build: Build::With(|args| tracked(args, Some($slot), $field)),
            ..TRACKED
        }
    };
}

/// The families of the client's entry.
macro_rules! of_src {
    ($($name:literal $field:expr, $gives:literal, $doc:literal;)*) => {
        const SRC: &[Keyword] = &[$(
            Keyword {
                names: &[concat!("src_", $name)],
                doc: $doc,
                examples: &[example("", concat!("src_", $name, "(t)"), $gives)],
                build: Build::With(|args| Ok(Box::new(OfSrc {
                    table: args.table(0).unwrap_or_default(),
                    field: $field,
                    index: 0,
                }))),
                ..OF_SRC
            },
        )*];
    };
}

/// The families of arrays: `sc_<x>(<idx>,<ctr>)` and `src_<x>(<idx>)`.
macro_rules! arrays {
    ($($name:literal $field:expr, $gives:literal, $doc:literal;)*) => {
        const ARRAYS: &[Keyword] = &[$(
            Keyword {
                names: &[concat!("sc_", $name)],
                args: &[INDEX, CTR, OTHER_TABLE],
                doc: $doc,
                examples: &[example("", concat!("sc_", $name, "(1,0)"), $gives)],
                build: Build::With(|args| Ok(Box::new(Of {
                    slot: slot(args.int(1)),
                    table: args.table(2),
                    field: $field,
                    index: entry_value::index(args.int(0)),
                }))),
                ..TRACKED
            },
            Keyword {
                names: &[concat!("src_", $name)],
                args: &[INDEX, OWN_TABLE],
                doc: $doc,
                examples: &[example("", concat!("src_", $name, "(1,t)"), $gives)],
                build: Build::With(|args| Ok(Box::new(OfSrc {
                    table: args.table(1).unwrap_or_default(),
                    field: $field,
                    index: entry_value::index(args.int(0)),
                }))),
                ..OF_SRC
            },
        )*];
    };
}

/// Calls a macro with the families that `sc_*` and `src_*` have in common.
macro_rules! with_families {
    ($then:ident) => {
        $then! {
            "bytes_in_rate" Field::ByteRate(D::BytesInRate), "7", "Bytes from the client in the period of the table's \"bytes_in_rate\".";
            "bytes_out_rate" Field::ByteRate(D::BytesOutRate), "7", "Bytes from the server in the period of the table's \"bytes_out_rate\".";
            "clr_gpc0" Field::Clear(D::Gpc0), "7", "Sets the first general counter to 0; its value before.";
            "clr_gpc1" Field::Clear(D::Gpc1), "7", "Sets the second general counter to 0; its value before.";
            "conn_cnt" Field::Value(D::ConnCnt), "7", "How often tracking began.";
            "conn_cur" Field::Value(D::ConnCur), "7", "Streams and connections that track the entry now.";
            "conn_rate" Field::Value(D::ConnRate), "7", "How often tracking began in the period of the table's \"conn_rate\".";
            "get_gpc0" Field::Value(D::Gpc0), "7", "The first general counter.";
            "get_gpc1" Field::Value(D::Gpc1), "7", "The second general counter.";
            "get_gpt0" Field::Value(D::Gpt0), "7", "The first tag.";
            "glitch_cnt" Field::Value(D::GlitchCnt), "7", "Oddities in the client's protocol.";
            "glitch_rate" Field::Value(D::GlitchRate), "7", "Oddities in the client's protocol in the period of the table's \"glitch_rate\".";
            "gpc0_rate" Field::Value(D::Gpc0Rate), "7", "Increments of the first general counter in the period of the table's \"gpc0_rate\".";
            "gpc1_rate" Field::Value(D::Gpc1Rate), "7", "Increments of the second general counter in the period of the table's \"gpc1_rate\".";
            "http_err_cnt" Field::Value(D::HttpErrCnt), "7", "Requests the client did wrong: malformed, denied, answered with one of \"http-err-codes\".";
            "http_err_rate" Field::Value(D::HttpErrRate), "7", "Requests the client did wrong in the period of the table's \"http_err_rate\".";
            "http_fail_cnt" Field::Value(D::HttpFailCnt), "7", "Failures of servers: no valid response, or one of \"http-fail-codes\".";
            "http_fail_rate" Field::Value(D::HttpFailRate), "7", "Failures of servers in the period of the table's \"http_fail_rate\".";
            "http_req_cnt" Field::Value(D::HttpReqCnt), "7", "HTTP requests.";
            "http_req_rate" Field::Value(D::HttpReqRate), "7", "HTTP requests in the period of the table's \"http_req_rate\".";
            "inc_gpc0" Field::Increment { counter: D::Gpc0, rate: D::Gpc0Rate }, "8", "Adds one to the first general counter; its new value.";
            "inc_gpc1" Field::Increment { counter: D::Gpc1, rate: D::Gpc1Rate }, "8", "Adds one to the second general counter; its new value.";
            "kbytes_in" Field::Kilobytes(D::BytesInCnt), "7", "Kilobytes from the client.";
            "kbytes_out" Field::Kilobytes(D::BytesOutCnt), "7", "Kilobytes from the server.";
            "sess_cnt" Field::Value(D::SessCnt), "7", "Connections that the rules on connections and sessions let in.";
            "sess_rate" Field::Value(D::SessRate), "7", "Connections that were let in, in the period of the table's \"sess_rate\".";
        }
    };
}

with_families!(families);
with_families!(of_src);

arrays! {
    "clr_gpc" Field::Clear(D::Gpc), "7", "Sets an element of the general counters to 0; its value before.";
    "get_gpc" Field::Value(D::Gpc), "7", "An element of the general counters.";
    "get_gpt" Field::Value(D::Gpt), "7", "An element of the tags.";
    "gpc_rate" Field::Value(D::GpcRate), "7", "Increments of an element of the general counters in the period of the table's \"gpc_rate\".";
    "inc_gpc" Field::Increment { counter: D::Gpc, rate: D::GpcRate }, "8", "Adds one to an element of the general counters; its new value.";
}

/// `tracked`, `trackers` and `key` of a slot that has its number in its name.
macro_rules! numbered {
    ($($slot:literal $tracked:literal $trackers:literal $key:literal)*) => {
        const NUMBERED: &[Keyword] = &[$(
            Keyword {
                names: &[$tracked],
                args: &[OTHER_TABLE],
                examples: &[example("", $tracked, "1")],
                build: Build::With(|args| Ok(Box::new(IsTracked(Of::new(args, Some($slot), Field::Trackers))))),
                ..SC_TRACKED
            },
            Keyword {
                names: &[$trackers],
                args: &[OTHER_TABLE],
                examples: &[example("", $trackers, "3")],
                build: Build::With(|args| tracked(args, Some($slot), Field::Trackers)),
                ..SC_TRACKERS
            },
            Keyword {
                names: &[$key],
                args: &[],
                examples: &[example("", $key, "192.0.2.1")],
                build: Build::Plain(|cx, _| key(cx.tracks.get($slot)?)),
                ..SC_KEY
            },
        )*];
    };
}

numbered! {
    0 "sc0_tracked" "sc0_trackers" "sc0_key"
    1 "sc1_tracked" "sc1_trackers" "sc1_key"
    2 "sc2_tracked" "sc2_trackers" "sc2_key"
}

const SC_TRACKED: Keyword = Keyword {
    names: &["sc_tracked"],
    args: &[CTR, OTHER_TABLE],
    yields: Type::Bool,
    doc: "Whether the counter tracks an entry.",
    examples: &[
        example("", "sc_tracked(0)", "1"),
        example("", "sc_tracked(9)", "0"),
    ],
    build: Build::With(|args| Ok(Box::new(IsTracked(Of::new(args, None, Field::Trackers))))),
    ..TRACKED
};

const SC_TRACKERS: Keyword = Keyword {
    names: &["sc_trackers"],
    args: &[CTR, OTHER_TABLE],
    doc: "How many streams and connections track the entry.",
    examples: &[example("", "sc_trackers(0)", "3")],
    build: Build::With(|args| tracked(args, None, Field::Trackers)),
    ..TRACKED
};

const SC_KEY: Keyword = Keyword {
    names: &["sc_key"],
    args: &[CTR],
    yields: Type::Any,
    doc: "The key that the counter tracks, of the type of its table.",
    examples: &[example("", "sc_key(0)", "192.0.2.1")],
    build: Build::With(|args| Ok(Box::new(KeyOf(slot(args.int(0)))))),
    ..TRACKED
};

const SC1_CLR_GPC: Keyword = Keyword {
    names: &["sc1_clr_gpc"],
    args: &[INDEX, OTHER_TABLE],
    doc: "Sets an element of the general counters to 0; its value before.",
    examples: &[example("", "sc1_clr_gpc(1)", "7")],
    build: Build::With(|args| {
        Ok(Box::new(Of {
            slot: 1,
            table: args.table(1),
            field: Field::Clear(D::Gpc),
            index: entry_value::index(args.int(0)),
        }))
    }),
    ..TRACKED
};

const SRC_UPDT_CONN_CNT: Keyword = Keyword {
    names: &["src_updt_conn_cnt"],
    doc: "Adds one to \"conn_cnt\" of the client's entry; its new value.",
    examples: &[example("", "src_updt_conn_cnt(t)", "8")],
    build: Build::With(|args| {
        Ok(Box::new(OfSrc {
            table: args.table(0).unwrap_or_default(),
            field: Field::Count(D::ConnCnt),
            index: 0,
        }))
    }),
    ..OF_SRC
};

const TABLE_CNT: Keyword = Keyword {
    names: &["table_cnt"],
    args: &[OWN_TABLE],
    doc: "Entries of the table.",
    examples: &[example("", "table_cnt(t)", "1")],
    build: Build::With(|args| size(args, |table| table.used())),
    ..TRACKED
};

const TABLE_AVL: Keyword = Keyword {
    names: &["table_avl"],
    args: &[OWN_TABLE],
    doc: "How many more entries the table takes.",
    examples: &[example("", "table_avl(t)", "9")],
    build: Build::With(|args| size(args, |table| table.spec().size.saturating_sub(table.used()))),
    ..TRACKED
};

const OTHERS: &[Keyword] = &[
    SC1_CLR_GPC,
    SC_KEY,
    SC_TRACKED,
    SC_TRACKERS,
    SRC_UPDT_CONN_CNT,
    TABLE_AVL,
    TABLE_CNT,
];

/// Every fetch of stick tables.
pub(super) fn all() -> impl Iterator<Item = &'static Keyword> {
    [SIMPLE, SRC, ARRAYS, NUMBERED, OTHERS]
        .into_iter()
        .flatten()
}

/// The slot an argument names; a wrong one is never filled.
fn slot(written: Option<i64>) -> u8 {
    written.map_or(u8::MAX, |slot| u8::try_from(slot).unwrap_or(u8::MAX))
}

type Built = Result<Box<dyn Fetching>, BadArg>;

fn tracked(args: &Args, slot: Option<u8>, field: Field) -> Built {
    Ok(Box::new(Of::new(args, slot, field)))
}

/// A field of a tracked entry, or of the entry of the same key in another table.
#[derive(Debug)]
struct Of {
    slot: u8,
    table: Option<Link<u32>>,
    field: Field,
    index: u16,
}

impl Of {
    /// With the slot in the name, or as the first argument.
    fn new(args: &Args, number: Option<u8>, field: Field) -> Self {
        Self {
            slot: number.unwrap_or_else(|| slot(args.int(0))),
            table: args.table(usize::from(number.is_none())),
            field,
            index: 0,
        }
    }
}

impl Fetching for Of {
    fn one<'s>(&'s self, cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        let tracked = cx.tracks.get(self.slot)?;
        let Some(link) = &self.table else {
            return self
                .field
                .of(cx, (tracked.table(), tracked.entry()), self.index);
        };
        let table = entry_value::table(cx, link)?;
        if !table.spec().key.matches(tracked.table().spec().key) {
            return None;
        }
        let found = table.look(tracked.entry().key(), cx.now(), |entry| {
            self.field.of(cx, (table, entry), self.index)
        });
        found.unwrap_or(Some(Sample::Sint(0)))
    }
}

#[derive(Debug)]
struct IsTracked(Of);

impl Fetching for IsTracked {
    fn one<'s>(&'s self, cx: &Context<'s>, out: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        Some(Sample::Bool(self.0.one(cx, out).is_some()))
    }
}

#[derive(Debug)]
struct KeyOf(u8);

impl Fetching for KeyOf {
    fn one<'s>(&'s self, cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        key(cx.tracks.get(self.0)?)
    }
}

/// The key of an entry as a sample.
fn key(tracked: &Tracked) -> Option<Sample<'_>> {
    let bytes = tracked.entry().key();
    Some(match tracked.table().spec().key {
        KeyType::Ip => Sample::Addr(IpAddr::V4(<[u8; 4]>::try_from(bytes).ok()?.into())),
        KeyType::Ipv6 => Sample::Addr(IpAddr::V6(<[u8; 16]>::try_from(bytes).ok()?.into())),
        KeyType::Integer => {
            Sample::Sint(u32::from_be_bytes(<[u8; 4]>::try_from(bytes).ok()?).into())
        }
        KeyType::String(_) => Sample::Str(bytes),
        KeyType::Binary(_) => Sample::Bin(bytes),
    })
}

/// A field of the entry of the client's address.
#[derive(Debug)]
struct OfSrc {
    table: Link<u32>,
    field: Field,
    index: u16,
}

impl Fetching for OfSrc {
    fn one<'s>(&'s self, cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        let table = entry_value::table(cx, &self.table)?;
        let src = Sample::Addr(cx.conn.src.ip()?);
        entry_value::look_up(cx, table, src, self.field, self.index)
    }
}

/// A number of a table as a whole.
struct Size {
    table: Link<u32>,
    of: fn(&Table) -> u32,
}

fn size(args: &Args, of: fn(&Table) -> u32) -> Built {
    let table = args.table(0).unwrap_or_default();
    Ok(Box::new(Size { table, of }))
}

impl std::fmt::Debug for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Size")
    }
}

impl Fetching for Size {
    fn one<'s>(&'s self, cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        let table = entry_value::table(cx, &self.table)?;
        Some(Sample::Sint((self.of)(table).into()))
    }
}
