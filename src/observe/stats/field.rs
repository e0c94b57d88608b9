//! One value of a statistic, and what kind of thing it says (management guide, `show info typed`).

use std::borrow::Cow;
use std::io::Write as _;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// 32 bits, signed.
    S32(i32),
    /// 32 bits.
    U32(u32),
    /// 64 bits.
    U64(u64),
    /// With a fraction.
    Float(f64),
    /// Text.
    Text(Cow<'a, str>),
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Origin {
    Metric,
    Status,
    Key,
    Config,
    Product,
}

/// How values of several processes go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Nature {
    Gauge,
    Limit,
    Max,
    Rate,
    Counter,
    Duration,
    Age,
    Name,
    Output,
    Avg,
}

/// What else shares a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Scope {
    Process,
    Service,
}

/// A value and its kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Field<'a> {
    /// Where from.
    pub origin: Origin,
    /// What it is.
    pub nature: Nature,
    /// Whose.
    pub scope: Scope,
    /// How much.
    pub value: Value<'a>,
}

/// A measurement of this process.
pub fn metric<'a>(nature: Nature, value: Value<'a>) -> Field<'a> {
    Field {
        origin: Origin::Metric,
        nature,
        scope: Scope::Process,
        value,
    }
}

/// A number as it is now.
pub fn gauge<'a>(value: u32) -> Field<'a> {
    metric(Nature::Gauge, Value::U32(value))
}

/// A configured limit.
pub fn limit<'a>(value: u32) -> Field<'a> {
    Field {
        origin: Origin::Config,
        ..metric(Nature::Limit, Value::U32(value))
    }
}

/// A setting that all processes share.
pub fn config<'a>(nature: Nature, value: Value<'a>) -> Field<'a> {
    Field {
        origin: Origin::Config,
        scope: Scope::Service,
        ..metric(nature, value)
    }
}

/// A part of the object's name.
pub fn key<'a>(nature: Nature, value: Value<'a>) -> Field<'a> {
    Field {
        origin: Origin::Key,
        scope: Scope::Service,
        ..metric(nature, value)
    }
}

/// A state that can't be added up.
pub fn status<'a>(value: Value<'a>) -> Field<'a> {
    Field {
        origin: Origin::Status,
        ..metric(Nature::Gauge, value)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text.into())
    }
}

impl Value<'_> {
    /// The name of its type.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::S32(_) => "s32",
            Self::U32(_) => "u32",
            Self::U64(_) => "u64",
            Self::Float(_) => "flt",
            Self::Text(_) => "str",
        }
    }

    /// The bare value.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::S32(number) => {
                if *number < 0 {
                    out.push(b'-');
                }
                write_number(number.unsigned_abs().into(), out);
            }
            Self::U32(number) => write_number((*number).into(), out),
            Self::U64(number) => write_number(*number, out),
            Self::Float(number) => write_float(*number, out),
            Self::Text(text) => out.extend_from_slice(text.as_bytes()),
        }
    }

    /// As a cell of a CSV table (RFC 4180): quoted where needed.
    pub fn write_csv(&self, out: &mut Vec<u8>) {
        match self {
            Self::Text(text) if text.contains(['"', ',', '\r', '\n']) => {
                let text = text.replace(['\r', '\n'], " ").replace('"', "\"\"");
                let _ = write!(out, "\"{text}\"");
            }
            _ => self.write(out),
        }
    }

    /// As JSON. Numbers beyond what JSON readers take exactly are cut to that (RFC 8259 §6).
    pub fn write_json(&self, out: &mut Vec<u8>) {
        match self {
            Self::Text(text) => write_json_text(text, out),
            Self::U64(number) => Value::U64((*number).min((1 << 53) - 1)).write(out),
            _ => self.write(out),
        }
    }
}

/// Decimal digits. Tables of 10,000 servers have half a million numbers: formatting each would
/// take as long as everything else together.
fn write_number(mut number: u64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut first = digits.len();
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
        first -= 1;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(first..).unwrap_or_default());
}

/// At most six decimals, and none that say nothing.
fn write_float(number: f64, out: &mut Vec<u8>) {
    const MILLION: u64 = 1_000_000;
    if !(0.0..9e9).contains(&number) {
        let text = format!("{number:.6}");
        let text = text.trim_end_matches('0').trim_end_matches('.');
        return out.extend_from_slice(text.as_bytes());
    }
    let micros = (number * 1e6).round() as u64;
    write_number(micros / MILLION, out);
    let (mut rest, mut unit) = (micros % MILLION, MILLION / 10);
    if rest > 0 {
        out.push(b'.');
    }
    while rest > 0 {
        out.push(b'0' + (rest / unit) as u8);
        rest %= unit;
        unit /= 10;
    }
}

/// A JSON string.
pub fn write_json_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for char in text.chars() {
        let _ = match char {
            '"' => write!(out, "\\\""),
            '\\' => write!(out, "\\\\"),
            '\u{0}'..='\u{1f}' => write!(out, "\\u{:04x}", u32::from(char)),
            _ => write!(out, "{char}"),
        };
    }
    out.push(b'"');
}

impl Field<'_> {
    /// The letters of origin, nature and scope.
    pub fn tags(&self) -> [u8; 3] {
        [
            match self.origin {
                Origin::Metric => b'M',
                Origin::Status => b'S',
                Origin::Key => b'K',
                Origin::Config => b'C',
                Origin::Product => b'P',
            },
            match self.nature {
                Nature::Gauge => b'G',
                Nature::Limit => b'L',
                Nature::Max => b'M',
                Nature::Rate => b'R',
                Nature::Counter => b'C',
                Nature::Duration => b'D',
                Nature::Age => b'A',
                Nature::Name => b'N',
                Nature::Output => b'O',
                Nature::Avg => b'a',
            },
            match self.scope {
                Scope::Process => b'P',
                Scope::Service => b'S',
            },
        ]
    }

    /// `:MGPV:u32:7`, the part of a typed line that is the same everywhere.
    pub fn write_typed(&self, is_shared: bool, out: &mut Vec<u8>) {
        out.push(b':');
        out.extend_from_slice(&self.tags());
        out.push(if is_shared { b'P' } else { b'V' });
        let _ = write!(out, ":{}:", self.value.type_name());
        match &self.value {
            // A line stays a line.
            Value::Text(text) => out.extend_from_slice(text.replace(['\r', '\n'], " ").as_bytes()),
            value => value.write(out),
        }
    }

    /// `"tags":{…},"value":{…}`.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        let _ = write!(
            out,
            "\"tags\":{{\"origin\":\"{:?}\",\"nature\":\"{:?}\",\"scope\":\"{:?}\"}},\
             \"value\":{{\"type\":\"{}\",\"value\":",
            self.origin,
            self.nature,
            self.scope,
            self.value.type_name()
        );
        self.value.write_json(out);
        out.push(b'}');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_as_text_csv_and_json() {
        let check = |value: Value<'_>, expected: [&str; 3]| {
            let writers = [Value::write, Value::write_csv, Value::write_json];
            for (write, expected) in writers.into_iter().zip(expected) {
                let mut out = Vec::new();
                write(&value, &mut out);
                assert_eq!(String::from_utf8(out).unwrap(), expected, "{value:?}");
            }
        };
        check(Value::S32(-1), ["-1"; 3]);
        check(
            Value::U64(u64::MAX),
            [
                "18446744073709551615",
                "18446744073709551615",
                "9007199254740991",
            ],
        );
        check(Value::Float(1.5), ["1.5"; 3]);
        check(Value::Float(20.0), ["20"; 3]);
        check(Value::Float(0.015), ["0.015"; 3]);
        check(Value::Float(12.000_001), ["12.000001"; 3]);
        check(Value::Float(0.000_000_4), ["0"; 3]);
        check(Value::Float(-0.5), ["-0.5"; 3]);
        check(Value::Float(0.0), ["0"; 3]);
        check("web".into(), ["web", "web", "\"web\""]);
        check("a,b".into(), ["a,b", "\"a,b\"", "\"a,b\""]);
        check(
            "say \"x\"\n".into(),
            [
                "say \"x\"\n",
                "\"say \"\"x\"\" \"",
                "\"say \\\"x\\\"\\u000a\"",
            ],
        );
    }

    #[test]
    fn typed_lines_and_json_name_the_kind() {
        let check = |field: Field<'_>, typed: &str, json: &str| {
            let (mut line, mut object) = (Vec::new(), Vec::new());
            field.write_typed(false, &mut line);
            field.write_json(&mut object);
            assert_eq!(String::from_utf8(line).unwrap(), typed);
            assert_eq!(String::from_utf8(object).unwrap(), json);
        };
        check(
            limit(7),
            ":CLPV:u32:7",
            "\"tags\":{\"origin\":\"Config\",\"nature\":\"Limit\",\"scope\":\"Process\"},\
             \"value\":{\"type\":\"u32\",\"value\":7}",
        );
        check(
            key(Nature::Name, "a\nb".into()),
            ":KNSV:str:a b",
            "\"tags\":{\"origin\":\"Key\",\"nature\":\"Name\",\"scope\":\"Service\"},\
             \"value\":{\"type\":\"str\",\"value\":\"a\\u000ab\"}",
        );
    }
}
