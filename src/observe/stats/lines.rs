//! `show stat` as CSV, typed lines and JSON, one object at a time.

use super::columns::{COLUMNS, Column, DELIMITER};
use super::field::{Field, write_json_text};
use super::object::Object;
use std::io::Write as _;

/// How lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A table, its first line the columns' names.
    Csv,
    /// A line for each value, with its kind.
    Typed,
    /// An array of arrays.
    Json,
}

/// Writes objects one after the other, so that as much memory is needed for many as for one.
#[derive(Clone, Copy, Debug)]
pub struct Lines {
    format: Format,
    /// Addresses and cookies are shown.
    legends: bool,
    /// Typed lines end with what the column says.
    docs: bool,
    begun: bool,
}

impl Lines {
    /// Nothing was written yet.
    pub fn new(format: Format, legends: bool, docs: bool) -> Self {
        Self {
            format,
            legends,
            docs,
            begun: false,
        }
    }

    /// What comes before the first object.
    pub fn head(&self, out: &mut Vec<u8>) {
        match self.format {
            Format::Csv => {
                out.extend_from_slice(b"# ");
                for (index, column) in COLUMNS.iter().enumerate() {
                    cell(index, out, |out| {
                        out.extend_from_slice(column.name.as_bytes())
                    });
                }
                out.push(b'\n');
            }
            Format::Typed => {}
            Format::Json => out.push(b'['),
        }
    }

    /// One object.
    pub fn object(&mut self, object: &Object<'_>, out: &mut Vec<u8>) {
        match self.format {
            Format::Csv => {
                for (index, column) in COLUMNS.iter().enumerate() {
                    cell(index, out, |out| {
                        if let Some(field) = column.value(object, self.legends) {
                            field.value.write_csv(out);
                        }
                    });
                }
                out.push(b'\n');
            }
            Format::Typed => {
                for (index, column, field) in self.fields(object) {
                    typed(object, index, column, &field, self.docs, out);
                }
            }
            Format::Json => {
                out.extend_from_slice(if self.begun { b",[" } else { b"[" });
                for (nth, (index, column, field)) in self.fields(object).enumerate() {
                    if nth > 0 {
                        out.push(b',');
                    }
                    json(object, index, column, &field, out);
                }
                out.push(b']');
            }
        }
        self.begun = true;
    }

    /// What comes after the last object.
    pub fn tail(&self, out: &mut Vec<u8>) {
        if self.format == Format::Json {
            out.extend_from_slice(b"]\n");
        }
    }

    fn fields<'o>(
        &self,
        object: &'o Object<'_>,
    ) -> impl Iterator<Item = (usize, &'static Column, Field<'o>)> {
        let legends = self.legends;
        COLUMNS
            .iter()
            .enumerate()
            .filter_map(move |(index, column)| {
                let field = column.value(object, legends)?;
                Some((index, column, field))
            })
    }
}

fn cell(index: usize, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    if index == DELIMITER {
        out.extend_from_slice(b"-,");
    }
    write(out);
    out.push(b',');
}

fn typed(
    object: &Object<'_>,
    index: usize,
    column: &Column,
    field: &Field<'_>,
    docs: bool,
    out: &mut Vec<u8>,
) {
    // Writing to memory cannot fail.
    let _ = write!(
        out,
        "{}.{}.{}.{index}.{}.1",
        object.kind.letter(),
        object.proxy_id,
        object.id,
        column.name
    );
    field.write_typed(column.is_shared(), out);
    if docs {
        let _ = write!(out, ":\"{}\"", column.doc);
    }
    out.push(b'\n');
}

fn json(object: &Object<'_>, index: usize, column: &Column, field: &Field<'_>, out: &mut Vec<u8>) {
    let _ = write!(
        out,
        "{{\"objType\":\"{}\",\"proxyId\":{},\"id\":{},\"field\":{{\"pos\":{index},\"name\":",
        object.kind.name(),
        object.proxy_id,
        object.id,
    );
    write_json_text(column.name, out);
    out.extend_from_slice(b"},\"processNum\":1,");
    field.write_json(out);
    out.push(b'}');
}

/// The JSON schema (draft 4) of what `show info json` and `show stat json` give.
pub fn write_json_schema(out: &mut Vec<u8>) {
    let enumeration = |words: &[&str]| format!("{{\"type\":\"string\",\"enum\":{words:?}}}");
    let values = [
        (
            "s32",
            "{\"type\":\"integer\",\"minimum\":-2147483648,\"maximum\":2147483647}",
        ),
        (
            "u32",
            "{\"type\":\"integer\",\"minimum\":0,\"maximum\":4294967295}",
        ),
        (
            "u64",
            "{\"type\":\"integer\",\"minimum\":0,\"maximum\":9007199254740991}",
        ),
        ("flt", "{\"type\":\"number\"}"),
        ("str", "{\"type\":\"string\"}"),
    ];
    let values = values.map(|(kind, value)| {
        let kind = enumeration(&[kind]);
        format!(
            "{{\"properties\":{{\"type\":{kind},\"value\":{value}}},\"required\":[\"type\",\"value\"]}}"
        )
    });
    let field = "\"field\":{\"$ref\":\"#/definitions/field\"},\
                 \"processNum\":{\"$ref\":\"#/definitions/processNum\"},\
                 \"tags\":{\"$ref\":\"#/definitions/tags\"},\
                 \"value\":{\"$ref\":\"#/definitions/typedValue\"}";
    let count = "{\"type\":\"integer\",\"minimum\":0}";
    // Writing to memory cannot fail.
    let _ = writeln!(
        out,
        "{{\"$schema\":\"http://json-schema.org/draft-04/schema#\",\"oneOf\":[\
         {{\"title\":\"Info\",\"type\":\"array\",\"items\":{{\"title\":\"InfoItem\",\"type\":\"object\",\
         \"properties\":{{{field}}},\"required\":[\"field\",\"processNum\",\"tags\",\"value\"]}}}},\
         {{\"title\":\"Stat\",\"type\":\"array\",\"items\":{{\"type\":\"array\",\"items\":{{\
         \"title\":\"StatItem\",\"type\":\"object\",\"properties\":{{\"objType\":{objects},\
         \"proxyId\":{count},\"id\":{count},{field}}},\
         \"required\":[\"objType\",\"proxyId\",\"id\",\"field\",\"processNum\",\"tags\",\"value\"]}}}}}}],\
         \"definitions\":{{\"field\":{{\"type\":\"object\",\"properties\":{{\"pos\":{count},\
         \"name\":{{\"type\":\"string\"}}}},\"required\":[\"pos\",\"name\"]}},\
         \"processNum\":{{\"type\":\"integer\",\"minimum\":1}},\
         \"tags\":{{\"type\":\"object\",\"properties\":{{\"origin\":{origins},\"nature\":{natures},\
         \"scope\":{scopes}}},\"required\":[\"origin\",\"nature\",\"scope\"]}},\
         \"typedValue\":{{\"type\":\"object\",\"oneOf\":[{values}]}}}}}}",
        objects = enumeration(&["Frontend", "Backend", "Listener", "Server"]),
        origins = enumeration(&["Metric", "Status", "Key", "Config", "Product"]),
        natures = enumeration(&[
            "Gauge", "Limit", "Max", "Rate", "Counter", "Duration", "Age", "Name", "Output", "Avg"
        ]),
        scopes = enumeration(&["Process", "Service"]),
        values = values.join(","),
    );
}
