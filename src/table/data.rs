//! What an entry can store: the data types, and where each lies in the entries of one table.
//!
//! The order of [`DataType`] is the order HAProxy prints them in (SEMANTICS 2.8). A [`Layout`] is
//! computed once per table; a [`Slot`] found in it reads or writes an entry without a search.

/// A data type of `store` (manual, `stick-table`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each is the `store` word of the same name")]
pub enum DataType {
    ServerId,
    Gpt0,
    Gpc0,
    Gpc0Rate,
    ConnCnt,
    ConnRate,
    ConnCur,
    SessCnt,
    SessRate,
    HttpReqCnt,
    HttpReqRate,
    HttpErrCnt,
    HttpErrRate,
    BytesInCnt,
    BytesInRate,
    BytesOutCnt,
    BytesOutRate,
    Gpc1,
    Gpc1Rate,
    ServerKey,
    HttpFailCnt,
    HttpFailRate,
    Gpt,
    Gpc,
    GpcRate,
    GlitchCnt,
    GlitchRate,
}

/// How a data type is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// 32 bits, wrapping.
    Int,
    /// 64 bits.
    Wide,
    /// A [`RateWindow`](super::RateWindow) with a period.
    Rate,
    /// A text, shared between entries.
    Text,
}

/// A data type's row: word, storage, whether it is an array.
struct Row {
    kind: DataType,
    name: &'static str,
    storage: Storage,
    array: bool,
}

const fn row(kind: DataType, name: &'static str, storage: Storage) -> Row {
    Row {
        kind,
        name,
        storage,
        array: false,
    }
}

const fn array(kind: DataType, name: &'static str, storage: Storage) -> Row {
    Row {
        kind,
        name,
        storage,
        array: true,
    }
}

use DataType as D;
use Storage::{Int, Rate, Text, Wide};

const ROWS: [Row; 27] = [
    row(D::ServerId, "server_id", Int),
    row(D::Gpt0, "gpt0", Int),
    row(D::Gpc0, "gpc0", Int),
    row(D::Gpc0Rate, "gpc0_rate", Rate),
    row(D::ConnCnt, "conn_cnt", Int),
    row(D::ConnRate, "conn_rate", Rate),
    row(D::ConnCur, "conn_cur", Int),
    row(D::SessCnt, "sess_cnt", Int),
    row(D::SessRate, "sess_rate", Rate),
    row(D::HttpReqCnt, "http_req_cnt", Int),
    row(D::HttpReqRate, "http_req_rate", Rate),
    row(D::HttpErrCnt, "http_err_cnt", Int),
    row(D::HttpErrRate, "http_err_rate", Rate),
    row(D::BytesInCnt, "bytes_in_cnt", Wide),
    row(D::BytesInRate, "bytes_in_rate", Rate),
    row(D::BytesOutCnt, "bytes_out_cnt", Wide),
    row(D::BytesOutRate, "bytes_out_rate", Rate),
    row(D::Gpc1, "gpc1", Int),
    row(D::Gpc1Rate, "gpc1_rate", Rate),
    row(D::ServerKey, "server_key", Text),
    row(D::HttpFailCnt, "http_fail_cnt", Int),
    row(D::HttpFailRate, "http_fail_rate", Rate),
    array(D::Gpt, "gpt", Int),
    array(D::Gpc, "gpc", Int),
    array(D::GpcRate, "gpc_rate", Rate),
    row(D::GlitchCnt, "glitch_cnt", Int),
    row(D::GlitchRate, "glitch_rate", Rate),
];

impl DataType {
    /// Every data type, in HAProxy's order.
    pub fn all() -> impl Iterator<Item = Self> {
        ROWS.iter().map(|row| row.kind)
    }

    /// The data type of that word; `server_name` is another name of `server_key`.
    pub fn find(name: &str) -> Option<Self> {
        let name = match name {
            "server_name" => "server_key",
            _ => name,
        };
        ROWS.iter().find(|row| row.name == name).map(|row| row.kind)
    }

    /// The data type that HAProxy's peers give this number.
    pub fn of_number(number: u64) -> Option<Self> {
        let row = ROWS.get(usize::try_from(number).ok()?);
        row.map(|row| row.kind)
    }

    /// Its word.
    pub fn name(self) -> &'static str {
        self.row().map_or("", |row| row.name)
    }

    /// How it is kept.
    pub fn storage(self) -> Storage {
        self.row().map_or(Int, |row| row.storage)
    }

    /// Whether it has a number of elements: `gpc(3)`.
    pub fn is_array(self) -> bool {
        self.row().is_some_and(|row| row.array)
    }

    fn row(self) -> Option<&'static Row> {
        ROWS.get(self as usize)
    }
}

/// One data type a table stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Which.
    pub kind: DataType,
    /// How many elements: 1 for all but arrays, whose range is 1 to 100.
    pub elements: u16,
    /// The period of a rate, in milliseconds; 0 for the others.
    pub period: u32,
}

/// Where one value lies in an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// A 32-bit counter.
    Int(u16),
    /// A 64-bit counter.
    Wide(u16),
    /// A rate window and its period in milliseconds.
    Rate(u16, u32),
    /// The text.
    Text,
}

/// Where the values lie in the entries of a table.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    places: Vec<(Stored, u16)>,
    /// What [`Layout::slot`] gives for the first element of each data type.
    firsts: [Option<Slot>; ROWS.len()],
    pub(super) ints: u16,
    pub(super) wides: u16,
    pub(super) rates: u16,
    pub(super) text: bool,
}

impl Layout {
    /// For these data types, each given once.
    pub fn new(stored: &[Stored]) -> Self {
        let mut sorted = stored.to_vec();
        sorted.sort_by_key(|stored| stored.kind);
        let mut layout = Self::default();
        for stored in sorted {
            let next = match stored.kind.storage() {
                Int => &mut layout.ints,
                Wide => &mut layout.wides,
                Rate => &mut layout.rates,
                Text => {
                    layout.text = true;
                    &mut 0
                }
            };
            let at = *next;
            *next += stored.elements;
            layout.places.push((stored, at));
        }
        for kind in DataType::all() {
            let first = layout.element(kind, 0);
            if let Some(place) = layout.firsts.get_mut(kind as usize) {
                *place = first;
            }
        }
        layout
    }

    /// What is stored, in HAProxy's order.
    pub fn stored(&self) -> impl Iterator<Item = Stored> {
        self.places.iter().map(|&(stored, _)| stored)
    }

    /// What is stored under a data type's own name.
    pub fn find(&self, kind: DataType) -> Option<Stored> {
        self.stored().find(|stored| stored.kind == kind)
    }

    /// The place of a value; `index` counts the elements of an array. The old names `gpc0 gpc1
    /// gpt0` and their rates also mean elements 0 and 1 of the arrays.
    #[inline]
    pub fn slot(&self, kind: DataType, index: u16) -> Option<Slot> {
        match index {
            0 => self.firsts.get(kind as usize).copied().flatten(),
            _ => self.element(kind, index),
        }
    }

    fn element(&self, kind: DataType, index: u16) -> Option<Slot> {
        let own = |kind, index| {
            let &(stored, at) = self.places.iter().find(|(s, _)| s.kind == kind)?;
            (index < stored.elements).then(|| match kind.storage() {
                Int => Slot::Int(at + index),
                Wide => Slot::Wide(at + index),
                Rate => Slot::Rate(at + index, stored.period),
                Text => Slot::Text,
            })
        };
        own(kind, index).or_else(|| match kind {
            D::Gpc0 => own(D::Gpc, 0),
            D::Gpc1 => own(D::Gpc, 1),
            D::Gpt0 => own(D::Gpt, 0),
            D::Gpc0Rate => own(D::GpcRate, 0),
            D::Gpc1Rate => own(D::GpcRate, 1),
            D::Gpc if index == 0 => own(D::Gpc0, 0),
            D::Gpc if index == 1 => own(D::Gpc1, 0),
            D::Gpt if index == 0 => own(D::Gpt0, 0),
            D::GpcRate if index == 0 => own(D::Gpc0Rate, 0),
            D::GpcRate if index == 1 => own(D::Gpc1Rate, 0),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_in_the_order_of_the_type() {
        for (at, kind) in DataType::all().enumerate() {
            assert_eq!(at, kind as usize);
            assert_eq!(DataType::find(kind.name()), Some(kind));
        }
        assert_eq!(DataType::find("server_name"), Some(D::ServerKey));
        assert_eq!(DataType::find("gpc9"), None);
    }

    fn one(kind: DataType) -> Stored {
        Stored {
            kind,
            elements: 1,
            period: 0,
        }
    }

    #[test]
    fn slots() {
        let rate = Stored {
            kind: D::GpcRate,
            elements: 3,
            period: 500,
        };
        let layout = Layout::new(&[rate, one(D::Gpc1), one(D::BytesInCnt), one(D::Gpc0)]);
        let check = |kind, index, expected| assert_eq!(layout.slot(kind, index), expected);
        check(D::Gpc0, 0, Some(Slot::Int(0)));
        check(D::Gpc1, 0, Some(Slot::Int(1)));
        check(D::Gpc, 1, Some(Slot::Int(1)));
        check(D::Gpc, 2, None);
        check(D::BytesInCnt, 0, Some(Slot::Wide(0)));
        check(D::GpcRate, 2, Some(Slot::Rate(2, 500)));
        check(D::GpcRate, 3, None);
        check(D::Gpc1Rate, 0, Some(Slot::Rate(1, 500)));
        check(D::ConnCur, 0, None);
        let names: Vec<_> = layout.stored().map(|s| s.kind.name()).collect();
        assert_eq!(names, ["gpc0", "bytes_in_cnt", "gpc1", "gpc_rate"]);
    }
}
