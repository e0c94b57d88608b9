//! What the commands about stick tables have in common: filters, keys, and how an entry is shown.

use super::answer::Answer;
use super::command::{Call, PERMISSION_DENIED};
use crate::peers;
use crate::settings::AccessLevel;
use crate::table::{DataType, Entry, KeyType, Slot, Storage, Table};
use std::io::Write;
use std::sync::Arc;
use twox_hash::{XxHash32, XxHash64};

/// Most filters of one command.
const MAX_FILTERS: usize = 4;
/// HAProxy keeps entries in so many trees, one after the other when they are shown.
const BUCKETS: usize = 64;

/// The table that a command names.
pub(super) fn table<'c>(call: &'c Call<'_>) -> Result<&'c Arc<Table>, Answer> {
    let name = call.text(2);
    let mut tables = call.control.tables().iter();
    let found = tables.find(|table| table.spec().name == name);
    found.ok_or_else(|| Answer::error("No such table"))
}

/// Which entries of a table a command is about.
pub(super) enum Choice {
    /// All that the filters leave.
    Filtered(Vec<Filter>),
    /// The one of a key, or at an address; if it is there.
    One(Option<Arc<Entry>>),
}

/// Reads which entries are meant; `usage` is for words that cannot be that. `verb` is what HAProxy
/// cannot do with binary keys.
pub(super) fn choice(
    call: &Call<'_>,
    table: &Table,
    usage: &'static str,
    verb: &str,
) -> Result<Choice, Answer> {
    let word = call.bytes(3);
    match word {
        b"key" => {
            let key = key(call, table, verb)?;
            may_see(call)?;
            Ok(Choice::One(table.find(key.bytes())))
        }
        b"ptr" => {
            let entry = at_address(call, table)?;
            refuse_binary(table, verb)?;
            may_see(call)?;
            Ok(Choice::One(Some(entry)))
        }
        _ if word.starts_with(b"data.") => filters(call, table).map(Choice::Filtered),
        b"" => Ok(Choice::Filtered(Vec::new())),
        _ => Err(Answer::error(usage)),
    }
}

/// The key of `key <key>`.
pub(super) fn key(call: &Call<'_>, table: &Table, verb: &str) -> Result<crate::table::Key, Answer> {
    if !call.has(4) {
        return Err(Answer::error("Key value expected"));
    }
    refuse_binary(table, verb)?;
    let kind = table.spec().key;
    let key = match kind {
        KeyType::String(_) => kind.of_bytes(call.bytes(4)),
        _ => kind.parse(&call.text(4)),
    };
    key.ok_or_else(|| Answer::error("Invalid key"))
}

/// The entry of `ptr <address>`.
pub(super) fn at_address(call: &Call<'_>, table: &Table) -> Result<Arc<Entry>, Answer> {
    let word = call.text(4);
    let Some(digits) = word.strip_prefix("0x") else {
        return Err(Answer::error("Pointer expected (0xffff notation)"));
    };
    let Ok(wanted) = usize::from_str_radix(digits, 16) else {
        return Err(Answer::error("Malformed ptr."));
    };
    let mut entries = table.entries().into_iter();
    let found = entries.find(|entry| Arc::as_ptr(entry).addr() == wanted);
    found.ok_or_else(|| Answer::error("No entry can be found matching ptr."))
}

fn refuse_binary(table: &Table, verb: &str) -> Result<(), Answer> {
    match table.spec().key {
        KeyType::Binary(_) => Err(Answer::error(format!(
            "{verb} tables of type other than ip, ipv6, string and integer is not supported"
        ))),
        _ => Ok(()),
    }
}

fn may_see(call: &Call<'_>) -> Result<(), Answer> {
    match call.session.level >= AccessLevel::Operator {
        true => Ok(()),
        false => Err(Answer::error(PERMISSION_DENIED)),
    }
}

/// `data.<type> <operator> <value>`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Filter {
    kind: DataType,
    index: u16,
    operator: Operator,
    value: i64,
}

type Operator = fn(&i64, &i64) -> bool;

const OPERATORS: [(&str, Operator); 6] = [
    ("eq", i64::eq),
    ("ne", i64::ne),
    ("le", i64::le),
    ("ge", i64::ge),
    ("lt", i64::lt),
    ("gt", i64::gt),
];

fn filters(call: &Call<'_>, table: &Table) -> Result<Vec<Filter>, Answer> {
    let mut filters = Vec::new();
    let mut at = 3;
    while filters.len() < MAX_FILTERS && call.has(at) {
        let number = filters.len() + 1;
        let filter = filter(call, table, at);
        filters
            .push(filter.map_err(|why| Answer::error(format!("Filter entry #{number}: {why}")))?);
        at += 3;
    }
    if call.has(at) {
        let (place, before) = (at + 1, call.shown(at - 1));
        return Err(Answer::error(format!(
            "Detected extra data in filter, {place}th word of input, after '{before}'"
        )));
    }
    Ok(filters)
}

fn filter(call: &Call<'_>, table: &Table, at: usize) -> Result<Filter, &'static str> {
    let word = call.text(at);
    let (kind, index) = data_type(&word).ok_or("Unknown data type")?;
    if table.layout().find(kind).is_none() {
        return Err("Data type not stored in this table");
    }
    let name = call.text(at + 1);
    let (_, operator) = OPERATORS
        .into_iter()
        .find(|(known, _)| *known == name)
        .ok_or("Require and operator among \"eq\", \"ne\", \"le\", \"ge\", \"lt\", \"gt\"")?;
    let value =
        integer(&call.text(at + 2)).ok_or("Require a valid integer value to compare against")?;
    Ok(Filter {
        kind,
        index,
        operator,
        value,
    })
}

/// `data.<type>`, `data.<type>[<index>]`.
pub(super) fn data_type(word: &str) -> Option<(DataType, u16)> {
    let name = word.get("data.".len()..)?;
    match name.split_once('[') {
        None => DataType::find(name).map(|kind| (kind, 0)),
        Some((name, index)) => {
            let kind = DataType::find(name).filter(|kind| kind.is_array())?;
            let index: u32 = index.strip_suffix(']')?.parse().ok()?;
            Some((kind, u16::try_from(index).unwrap_or(u16::MAX)))
        }
    }
}

/// A whole decimal number, with a `-` or not.
pub(super) fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

impl Filter {
    /// Whether an entry has such a value.
    pub(super) fn admits(&self, table: &Table, entry: &Entry) -> bool {
        let Some(slot) = table.layout().slot(self.kind, self.index) else {
            return false;
        };
        let value = number(table, entry, self.kind, slot);
        (self.operator)(&i64::try_from(value).unwrap_or(i64::MAX), &self.value)
    }
}

/// A value as a number; byte rates are counted in units of several bytes.
fn number(table: &Table, entry: &Entry, kind: DataType, slot: Slot) -> u64 {
    let value = entry.read(slot, table.now());
    match kind {
        DataType::BytesInRate | DataType::BytesOutRate => {
            value.saturating_mul(table.spec().bytes_per_unit.into())
        }
        _ => value,
    }
}

/// The line before the entries.
pub(super) fn show_heading(table: &Table, out: &mut Vec<u8>) {
    let spec = table.spec();
    // A vector takes everything.
    let _ = writeln!(
        out,
        "# table: {}, type: {}, size:{}, used:{}",
        spec.name,
        spec.key.name(),
        spec.size,
        table.used()
    );
}

/// The line of an entry (SEMANTICS 2.8), whose table's peers may have `shards`.
pub(super) fn show_entry(table: &Table, shards: u32, entry: &Arc<Entry>, out: &mut Vec<u8>) {
    let kind = table.spec().key;
    let key = match kind {
        KeyType::String(_) => text(entry.key()),
        _ => kind.show(entry.key()),
    };
    let (address, uses) = (Arc::as_ptr(entry).addr(), entry.references());
    let expiry = table.expires_in(entry);
    let shard = peers::shard(shards, table.spec(), entry.key());
    // A vector takes everything.
    let _ = write!(
        out,
        "0x{address:x}: key={key} use={uses} exp={expiry} shard={shard}"
    );
    for stored in table.layout().stored() {
        let kind = stored.kind;
        for index in 0..stored.elements {
            let Some(slot) = table.layout().slot(kind, index) else {
                continue;
            };
            let name = match kind.is_array() {
                true => element(kind.name(), index),
                false => kind.name().to_owned(),
            };
            let _ = match kind.storage() {
                Storage::Rate => {
                    let rate = number(table, entry, kind, slot);
                    write!(out, " {name}({})={rate}", stored.period)
                }
                Storage::Text => {
                    let text = entry.text();
                    write!(out, " {name}={}", text.as_deref().unwrap_or("-"))
                }
                // Written as a signed number by HAProxy.
                Storage::Int if kind == DataType::ServerId => {
                    write!(out, " {name}={}", number(table, entry, kind, slot) as i32)
                }
                Storage::Int | Storage::Wide => {
                    write!(out, " {name}={}", number(table, entry, kind, slot))
                }
            };
        }
    }
    out.push(b'\n');
}

/// The name of an element of an array: `gpc3`, `gpc3_rate`.
fn element(name: &str, index: u16) -> String {
    match name.split_once('_') {
        Some((start, end)) => format!("{start}{index}_{end}"),
        None => format!("{name}{index}"),
    }
}

/// A text in one word, as HAProxy writes it.
fn text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for &byte in bytes.iter().take_while(|byte| **byte != 0) {
        match byte {
            b'\\' | b' ' | b'=' => text.extend(['\\', char::from(byte)]),
            b'\t' => text.push_str("\\t"),
            b'\n' => text.push_str("\\n"),
            b'\r' => text.push_str("\\r"),
            0x1b => text.push_str("\\e"),
            b'!'..=b'~' => text.push(char::from(byte)),
            other => text.push_str(&format!("\\x{other:02X}")),
        }
    }
    text
}

/// The entries of a table in HAProxy's order: by tree, and by key within one. A tree is sorted when
/// it is reached, so that no step takes long.
pub(super) struct Walk {
    table: Arc<Table>,
    buckets: std::vec::IntoIter<Vec<Arc<Entry>>>,
    current: std::vec::IntoIter<Arc<Entry>>,
}

impl Walk {
    pub(super) fn new(table: &Arc<Table>) -> Self {
        let seed = XxHash64::oneshot(0, table.spec().name.as_bytes()) as u32;
        let mut buckets = vec![Vec::new(); BUCKETS];
        for entry in table.entries() {
            let bucket = XxHash32::oneshot(seed, &in_memory(table, entry.key())) as usize % BUCKETS;
            if let Some(bucket) = buckets.get_mut(bucket) {
                bucket.push(entry);
            }
        }
        Self {
            table: Arc::clone(table),
            buckets: buckets.into_iter(),
            current: Vec::new().into_iter(),
        }
    }
}

impl Iterator for Walk {
    type Item = Arc<Entry>;

    fn next(&mut self) -> Option<Arc<Entry>> {
        loop {
            if let Some(entry) = self.current.next() {
                return Some(entry);
            }
            let mut bucket = self.buckets.next()?;
            bucket.sort_by_cached_key(|entry| in_memory(&self.table, entry.key()));
            self.current = bucket.into_iter();
        }
    }
}

/// A key as HAProxy keeps it: integers in the machine's order.
fn in_memory(table: &Table, key: &[u8]) -> Vec<u8> {
    match (table.spec().key, <[u8; 4]>::try_from(key)) {
        (KeyType::Integer, Ok(bytes)) => u32::from_be_bytes(bytes).to_ne_bytes().to_vec(),
        _ => key.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_types() {
        let check = |word: &str, expected| assert_eq!(data_type(word), expected, "{word}");
        check("data.gpc0", Some((DataType::Gpc0, 0)));
        check("data.gpc[3]", Some((DataType::Gpc, 3)));
        check("data.gpc", Some((DataType::Gpc, 0)));
        check("data.gpc[3", None);
        check("data.gpc[]", None);
        check("data.gpc0[0]", None);
        check("data.x", None);
        check("data.", None);
    }

    #[test]
    fn integers() {
        let check = |text: &str, expected| assert_eq!(integer(text), expected, "{text}");
        check("12", Some(12));
        check("-12", Some(-12));
        check("", None);
        check("-", None);
        check("+1", None);
        check("1x", None);
        check("99999999999999999999", None);
    }

    #[test]
    fn texts() {
        assert_eq!(text(b"a b=c\\\t\x01\xff\0z"), "a\\ b\\=c\\\\\\t\\x01\\xFF");
        assert_eq!(element("gpc_rate", 3), "gpc3_rate");
        assert_eq!(element("gpt", 0), "gpt0");
    }
}
