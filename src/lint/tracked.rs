//! What tracked counters are read and written: by samples, by actions, of which table.

use super::model::{Model, Proxy, Table};
use super::sample::{Call, text};
use crate::syntax::{Statement, Word};
use crate::table::DataType;

/// The table that a slot's tracking rule of this proxy names, or else of any.
pub(super) fn table_of_slot<'m, 'a>(
    model: &'m Model<'a>,
    proxy: &Proxy<'a>,
    slot: u32,
) -> Option<&'m Table<'a>> {
    let of = |proxy: &Proxy<'a>| {
        let rule = proxy.tracks.iter().find(|rule| rule.slot == slot)?;
        Some(rule.table.unwrap_or(proxy.name).to_owned())
    };
    let name = of(proxy).or_else(|| model.proxies.iter().find_map(of))?;
    model.tables.get(&name)
}

/// What a fetch or converter reads of a table.
pub(super) struct Read<'a> {
    /// The tracked slot, or `None` for a look-up by key.
    pub(super) slot: Option<u32>,
    /// The table named, if one is.
    pub(super) table: Option<&'a str>,
    /// One of these must be stored; nothing for what is always there.
    pub(super) kinds: &'static [DataType],
    /// The element of an array.
    pub(super) index: u16,
}

/// What a call reads of a table, if it is about tables.
pub(super) fn read<'a>(call: &Call<'a>) -> Option<Read<'a>> {
    let name = call.name;
    let (slot, field, mut args) = if let Some(field) = name.strip_prefix("sc_") {
        let slot = call.args.iter().find_map(|arg| arg.parse().ok());
        (slot, field, call.args.get(1..).unwrap_or_default())
    } else if let Some((number, field)) = name.strip_prefix("sc").and_then(|s| s.split_once('_')) {
        (number.parse().ok(), field, call.args.as_slice())
    } else if let Some(field) = name.strip_prefix("src_") {
        (None, field, call.args.as_slice())
    } else if let Some(field) = name.strip_prefix("table_") {
        (None, field, call.args.as_slice())
    } else {
        return None;
    };
    let (kinds, is_array) = kinds(field)?;
    let mut index = 0;
    if is_array {
        // `sc_get_gpc(index,slot,table)`, `table_gpc(index,table)`.
        index = call.args.first().and_then(|arg| arg.parse().ok())?;
        args = match name.starts_with("sc_") {
            true => call.args.get(2..).unwrap_or_default(),
            false => call.args.get(1..).unwrap_or_default(),
        };
    }
    let slot = match (is_array, name.starts_with("sc_")) {
        (true, true) => call.args.get(1).and_then(|arg| arg.parse().ok()),
        _ => slot,
    };
    if name.starts_with("sc") && !name.starts_with("src_") && slot.is_none() {
        return None;
    }
    Some(Read {
        slot,
        table: args.first().copied().filter(|name| !name.is_empty()),
        kinds,
        index,
    })
}

/// The data types behind a field's name, and whether its first argument is an index.
fn kinds(field: &str) -> Option<(&'static [DataType], bool)> {
    use DataType as D;
    let found: (&[DataType], bool) = match field {
        "conn_cnt" | "updt_conn_cnt" => (&[D::ConnCnt], false),
        "conn_cur" => (&[D::ConnCur], false),
        "conn_rate" => (&[D::ConnRate], false),
        "sess_cnt" => (&[D::SessCnt], false),
        "sess_rate" => (&[D::SessRate], false),
        "http_req_cnt" => (&[D::HttpReqCnt], false),
        "http_req_rate" => (&[D::HttpReqRate], false),
        "http_err_cnt" => (&[D::HttpErrCnt], false),
        "http_err_rate" => (&[D::HttpErrRate], false),
        "http_fail_cnt" => (&[D::HttpFailCnt], false),
        "http_fail_rate" => (&[D::HttpFailRate], false),
        "bytes_in_rate" => (&[D::BytesInRate], false),
        "bytes_out_rate" => (&[D::BytesOutRate], false),
        "kbytes_in" => (&[D::BytesInCnt], false),
        "kbytes_out" => (&[D::BytesOutCnt], false),
        "glitch_cnt" => (&[D::GlitchCnt], false),
        "glitch_rate" => (&[D::GlitchRate], false),
        "get_gpc0" | "gpc0" => (&[D::Gpc0], false),
        "get_gpc1" | "gpc1" => (&[D::Gpc1], false),
        "get_gpt0" | "gpt0" => (&[D::Gpt0], false),
        "gpc0_rate" => (&[D::Gpc0Rate], false),
        "gpc1_rate" => (&[D::Gpc1Rate], false),
        "inc_gpc0" | "clr_gpc0" => (&[D::Gpc0, D::Gpc0Rate], false),
        "inc_gpc1" | "clr_gpc1" => (&[D::Gpc1, D::Gpc1Rate], false),
        "get_gpc" | "gpc" => (&[D::Gpc], true),
        "get_gpt" | "gpt" => (&[D::Gpt], true),
        "gpc_rate" => (&[D::GpcRate], true),
        "inc_gpc" | "clr_gpc" => (&[D::Gpc, D::GpcRate], true),
        "server_id" => (&[D::ServerId], false),
        "tracked" | "trackers" | "key" => (&[], false),
        _ => return None,
    };
    Some(found)
}

/// The action of a statement that writes a tracked counter: its word, what it reads.
pub(super) fn written(statement: &Statement) -> Option<(&Word, Read<'static>)> {
    let word = statement
        .words
        .iter()
        .find(|w| w.bytes.starts_with(b"sc-"))?;
    let (name, args) = match text(word).split_once('(') {
        Some((name, args)) => (name, args.trim_end_matches(')')),
        None => (text(word), ""),
    };
    let mut args = args.split(',').map(|arg| arg.trim().parse().ok());
    let kinds: &[DataType] = match name {
        "sc-inc-gpc0" => &[DataType::Gpc0, DataType::Gpc0Rate],
        "sc-inc-gpc1" => &[DataType::Gpc1, DataType::Gpc1Rate],
        "sc-set-gpt0" => &[DataType::Gpt0],
        "sc-inc-gpc" | "sc-add-gpc" => &[DataType::Gpc, DataType::GpcRate],
        "sc-set-gpt" => &[DataType::Gpt],
        _ => return None,
    };
    let index = match name.ends_with(['0', '1']) {
        true => 0,
        false => args.next().flatten()?,
    };
    let slot = args.next().flatten().unwrap_or(0);
    let read = Read {
        slot: Some(slot),
        table: None,
        kinds,
        index: u16::try_from(index).ok()?,
    };
    Some((word, read))
}
