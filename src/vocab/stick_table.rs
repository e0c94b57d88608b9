//! The arguments of `stick-table`, and of `table` lines in `peers` sections (SEMANTICS 2.1).
//!
//! Reads one line to a [`TableDraft`]. Deliberately absent: the table itself (`table`), and what
//! names in the line refer to, which is resolved when all sections are read.

use super::args::{TimeError, TimeUnit, duration, size};
use super::codes::{
    ALREADY_SPECIFIED, BAD_CHOICE, BAD_NUMBER, BAD_UNIT, MISSING_ARGUMENT, UNEXPECTED_ARGUMENT,
};
use super::expression::did_you_mean;
use super::line::{Line, TIME_HELP, after_time};
use super::suggest::closest;
use crate::syntax::{Code, Diagnostic, Span, Word};
use crate::table::{DataType, KeyType, Spec, Storage, Stored};

/// Most elements of an array.
const LONGEST_ARRAY: u16 = 100;

/// Characters of a `string` key without `len`.
const DEFAULT_STRING: u32 = 31;

/// Bytes of a `binary` key without `len`.
const DEFAULT_BINARY: u32 = 32;

/// The words a line can start an argument with.
const ARGUMENTS: &[&str] = &[
    "brates-factor",
    "expire",
    "nopurge",
    "peers",
    "recv-only",
    "size",
    "srvkey",
    "store",
    "type",
    "write-to",
];

/// A table as one line declares it.
#[derive(Clone, Debug)]
pub struct TableDraft<'d> {
    /// What it is.
    pub spec: Spec,
    /// The line.
    pub span: Span,
    /// `peers`: the section it is shared through.
    pub peers: Option<&'d Word>,
    /// `write-to`: the table that learns what peers send to this one.
    pub write_to: Option<&'d Word>,
    /// `recv-only`: values of peers that are usually local are learned.
    pub recv_only: bool,
}

/// Reads a line whose arguments start at `first`. `None` after an error, which is reported.
pub fn parse<'d>(line: &mut Line<'_, 'd>, first: usize, name: &str) -> Option<TableDraft<'d>> {
    let mut reader = Reader {
        at: first,
        key: None,
        sound: true,
        draft: TableDraft {
            spec: Spec {
                name: name.to_owned(),
                key: KeyType::Integer,
                size: 0,
                expire: None,
                nopurge: false,
                store: Vec::new(),
                bytes_per_unit: 1,
                servers_by_address: false,
            },
            span: line.span(),
            peers: None,
            write_to: None,
            recv_only: false,
        },
        line,
    };
    while let Some(word) = reader.line.arg(reader.at) {
        reader.at += 1;
        reader.argument(word)?;
    }
    reader.finish()
}

struct Reader<'r, 'l, 'd> {
    line: &'r mut Line<'l, 'd>,
    /// The next word.
    at: usize,
    key: Option<KeyType>,
    /// Whether every argument so far could be read.
    sound: bool,
    draft: TableDraft<'d>,
}

impl<'d> Reader<'_, '_, 'd> {
    /// Reads what follows an argument's word. `None` when the rest cannot be made sense of.
    fn argument(&mut self, word: &'d Word) -> Option<()> {
        match &*word.bytes {
            b"size" => {
                let found = self.size("size")?;
                self.draft.spec.size = found;
            }
            b"brates-factor" => {
                let found = self.size("brates-factor")?;
                if !(1..=1024).contains(&found) {
                    let message = "argument 'brates-factor' must be greater than 0 and lower or equal than 1024.";
                    self.wrong(BAD_NUMBER, 1, message, None);
                }
                self.draft.spec.bytes_per_unit = found;
            }
            b"expire" => {
                let found = self.value("expire")?.text();
                let read = duration(&found, TimeUnit::Millis);
                let expire = self.time(read, &found, "expire");
                // `expire 0` is as good as none.
                self.draft.spec.expire = expire.filter(|&expire| expire > 0);
            }
            b"type" => self.key_type()?,
            b"store" => {
                let list = self.value("store")?;
                for item in items(&list.text()) {
                    self.store(item);
                }
                self.exclusive();
            }
            b"nopurge" => self.draft.spec.nopurge = true,
            b"recv-only" => self.draft.recv_only = true,
            b"peers" => self.draft.peers = Some(self.value("peers")?),
            b"write-to" => self.draft.write_to = Some(self.value("write-to")?),
            b"srvkey" => {
                let word = self.value("srvkey")?;
                self.draft.spec.servers_by_address = *word == "addr";
                if *word != "addr" && *word != "name" {
                    let message = format!("unknown server key type '{}'.", word.text());
                    let help = "write 'srvkey name' or 'srvkey addr'".to_owned();
                    self.wrong(BAD_CHOICE, 1, message, Some(help));
                }
            }
            _ => {
                let text = word.text();
                let before = self.line.arg(self.at.saturating_sub(2));
                let help = match closest(&text, ARGUMENTS.iter().copied()) {
                    _ if before.is_some_and(|word| word.bytes.ends_with(b",")) => {
                        "what 'store' lists is one word: commas without blanks".to_owned()
                    }
                    Some(near) => did_you_mean(near),
                    None => format!("the arguments are {}", ARGUMENTS.join(", ")),
                };
                self.wrong(
                    BAD_CHOICE,
                    1,
                    format!("unknown argument '{text}'."),
                    Some(help),
                );
                return None;
            }
        }
        Some(())
    }

    fn key_type(&mut self) -> Option<()> {
        let word = self.value("type")?;
        let has_len = self.line.arg(self.at).is_some_and(|word| *word == "len");
        let found = match &*word.bytes {
            b"ip" | b"ipv4" => KeyType::Ip,
            b"ipv6" => KeyType::Ipv6,
            b"integer" => KeyType::Integer,
            b"string" => KeyType::String(self.key_length(has_len, DEFAULT_STRING)?),
            b"binary" => KeyType::Binary(self.key_length(has_len, DEFAULT_BINARY)?),
            _ => {
                let text = word.text();
                let kinds = ["ip", "ipv6", "integer", "string", "binary"];
                let help = closest(&text, kinds.into_iter()).map_or_else(
                    || format!("the types are {}", kinds.join(", ")),
                    did_you_mean,
                );
                self.wrong(BAD_CHOICE, 1, format!("unknown type '{text}'."), Some(help));
                return None;
            }
        };
        self.key = Some(found);
        Some(())
    }

    fn key_length(&mut self, written: bool, default: u32) -> Option<u32> {
        if !written {
            return Some(default);
        }
        self.at += 2;
        let text = self.line.text(self.at - 1).unwrap_or_default();
        match text.parse() {
            // Longer than any buffer makes no sense.
            Ok(length @ 1..=0x00ff_ffff) => Some(length),
            _ => {
                let message = "'len' expects a positive integer argument.";
                self.wrong(BAD_NUMBER, 1, message, None);
                None
            }
        }
    }

    /// Reads one data type of a `store` list: `gpc0`, `http_req_rate(10s)`, `gpc_rate(3,10s)`.
    fn store(&mut self, item: &str) {
        let (name, inside) = match item.split_once('(') {
            None => (item, None),
            Some((name, rest)) => match rest.split_once(')') {
                Some((inside, _)) => (name, Some(inside)),
                None => {
                    let message =
                        format!("missing closing parenthesis after store option '{name}'.");
                    return self.wrong(BAD_CHOICE, 1, message, None);
                }
            },
        };
        let Some(kind) = DataType::find(name) else {
            let names = DataType::all().map(DataType::name);
            let help = closest(name, names).map(did_you_mean);
            let message = format!("unknown store option '{name}'.");
            return self.wrong(BAD_CHOICE, 1, message, help);
        };
        let earlier = &self.draft.spec.store;
        if earlier.iter().any(|stored| stored.kind == kind) {
            let message = format!("store option '{name}' already enabled, ignored.");
            let message = self.in_line(&message);
            return self.line.warning(ALREADY_SPECIFIED, self.at - 1, message);
        }
        let mut values = inside.into_iter().flat_map(|inside| inside.splitn(2, ','));
        if let Some(elements) = self.elements(kind, name, &mut values)
            && let Some(period) = self.period(kind, name, &mut values)
        {
            self.draft.spec.store.push(Stored {
                kind,
                elements,
                period,
            });
        }
    }

    fn elements<'v>(
        &mut self,
        kind: DataType,
        name: &str,
        values: &mut impl Iterator<Item = &'v str>,
    ) -> Option<u16> {
        if !kind.is_array() {
            return Some(1);
        }
        let Some(text) = values.next() else {
            let message = format!("missing argument to store option '{name}'.");
            let help = format!("write how many elements it has: {name}(2)");
            self.wrong(MISSING_ARGUMENT, 1, message, Some(help));
            return None;
        };
        match text.parse() {
            Ok(elements @ 1..=LONGEST_ARRAY) => Some(elements),
            _ => {
                let message = format!(
                    "array size is out of allowed range (1-{LONGEST_ARRAY}) for store option '{name}'."
                );
                self.wrong(BAD_NUMBER, 1, message, None);
                None
            }
        }
    }

    fn period<'v>(
        &mut self,
        kind: DataType,
        name: &str,
        values: &mut impl Iterator<Item = &'v str>,
    ) -> Option<u32> {
        let text = values.next();
        let is_rate = kind.storage() == Storage::Rate;
        match (is_rate, text) {
            (false, None) => Some(0),
            (false, Some(_)) => {
                let message = format!("unexpected argument to store option '{name}'.");
                self.wrong(UNEXPECTED_ARGUMENT, 1, message, None);
                None
            }
            (true, None) => {
                let message = format!("missing argument to store option '{name}'.");
                let help = format!("write the period it counts over: {name}(10s)");
                self.wrong(MISSING_ARGUMENT, 1, message, Some(help));
                None
            }
            (true, Some(text)) => match duration(text, TimeUnit::Millis) {
                Ok(0) | Err(_) => {
                    let message = format!("error when processing store option '{name}'.");
                    let help = "the period is a duration of at least 1ms, such as 10s".to_owned();
                    self.wrong(BAD_UNIT, 1, message, Some(help));
                    None
                }
                Ok(period) => u32::try_from(period).ok(),
            },
        }
    }

    /// Arrays replace the numbered names.
    fn exclusive(&mut self) {
        use DataType::{Gpc, Gpc0, Gpc0Rate, Gpc1, Gpc1Rate, GpcRate, Gpt, Gpt0};
        let has = |kind| {
            let stored = &self.draft.spec.store;
            stored.iter().any(|stored| stored.kind == kind)
        };
        let clash = match () {
            () if has(Gpt) && has(Gpt0) => ("gpt", "gpt0"),
            () if has(Gpc) && (has(Gpc0) || has(Gpc1)) => ("gpc", "gpc[0/1]"),
            () if has(GpcRate) && (has(Gpc0Rate) || has(Gpc1Rate)) => ("gpc_rate", "gpc[0/1]_rate"),
            () => return,
        };
        let (array, single) = clash;
        let message = format!(
            "simultaneous usage of '{array}' and '{single}' in a same table is not permitted as '{array}' overrides '{single}'."
        );
        let help = format!("store '{array}' alone: its elements 0 and 1 have the other names too");
        self.wrong(BAD_CHOICE, 1, message, Some(help));
    }

    fn finish(self) -> Option<TableDraft<'d>> {
        let mut draft = self.draft;
        let missing = match (draft.spec.size, self.key) {
            (0, _) => "missing size.",
            (_, None) => "missing type.",
            (_, Some(key)) => {
                draft.spec.key = key;
                return self.sound.then_some(draft);
            }
        };
        if self.sound {
            let message = format!("{}: {missing}", self.line.name());
            let place = self.line.span();
            self.line.diags.push(
                Diagnostic::error(MISSING_ARGUMENT, message)
                    .at(place, "")
                    .help("write at least a type and a size: stick-table type ip size 100k"),
            );
        }
        None
    }

    /// The word after an argument's own.
    fn value(&mut self, what: &str) -> Option<&'d Word> {
        self.at += 1;
        let found = self.line.arg(self.at - 1);
        if found.is_none() {
            let message = format!("missing argument after '{what}'.");
            self.wrong(MISSING_ARGUMENT, 2, message, None);
        }
        found
    }

    fn size(&mut self, what: &str) -> Option<u32> {
        let text = self.value(what)?.text();
        match size(&text) {
            Ok(found) => u32::try_from(found).ok(),
            Err(bad) => {
                let bad = bad.unwrap_or('\0');
                let message = format!("unexpected character '{bad}' in argument of '{what}'.");
                let help = "write a number, and 'k', 'm' or 'g' for powers of 1024, such as '100k'";
                self.wrong(BAD_UNIT, 1, message, Some(help.to_owned()));
                None
            }
        }
    }

    fn time(&mut self, read: Result<u64, TimeError>, text: &str, what: &str) -> Option<u64> {
        let message = match read {
            Ok(value) => return Some(value),
            Err(TimeError::Overflow) => format!(
                "timer overflow in argument <{text}> to <{what}>, maximum value is 2147483647 ms (~24.8 days)."
            ),
            Err(TimeError::After(c, value)) => {
                let message = self.in_line(&after_time(c, text));
                let place = self.line.place(self.at - 1);
                let found = Diagnostic::warning(BAD_UNIT, message).at(place, "");
                self.line.diags.push(found.help(TIME_HELP));
                return Some(value);
            }
            Err(TimeError::Unexpected(bad)) => {
                let bad = bad.unwrap_or('\0');
                format!("unexpected character '{bad}' in argument of '{what}'.")
            }
        };
        self.wrong(BAD_UNIT, 1, message, Some(TIME_HELP.to_owned()));
        None
    }

    /// Reports what is wrong with the word `back` words before the next.
    fn wrong(&mut self, code: Code, back: usize, message: impl AsRef<str>, help: Option<String>) {
        self.sound = false;
        let place = self.line.place(self.at - back);
        let mut diagnostic = Diagnostic::error(code, self.in_line(message.as_ref())).at(place, "");
        diagnostic.help = help;
        self.line.diags.push(diagnostic);
    }

    fn in_line(&self, message: &str) -> String {
        format!("{}: {message}", self.line.name())
    }
}

/// The items of a `store` list: commas inside parentheses do not separate.
fn items(list: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    list.split(move |c| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    })
    .filter(|item| !item.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::Diagnostics;
    use crate::vocab::host::fake::Fake;
    use crate::vocab::line::Sense;
    use crate::vocab::stage::words;

    /// The line's table, shown, and what is said about it.
    fn read(text: &str) -> (Option<String>, Vec<String>) {
        let words = words(format!("stick-table {text}"));
        let mut diags = Diagnostics::default();
        let mut line = Line {
            words: &words,
            sense: Sense::Set,
            diags: &mut diags,
            host: &Fake::default(),
        };
        let draft = parse(&mut line, 1, "t");
        let shown = draft.map(|draft| {
            let spec = draft.spec;
            let store: Vec<_> = spec
                .store
                .iter()
                .map(|s| format!("{}[{}]/{}", s.kind.name(), s.elements, s.period))
                .collect();
            format!(
                "{:?} {} {:?} {}",
                spec.key,
                spec.size,
                spec.expire,
                store.join(" ")
            )
        });
        (shown, diags.iter().map(|d| d.message.clone()).collect())
    }

    #[track_caller]
    fn good(text: &str, expected: &str) {
        assert_eq!(read(text), (Some(expected.to_owned()), vec![]), "{text}");
    }

    #[test]
    fn tables() {
        good("type ip size 1m", "Ip 1048576 None ");
        good("type ipv4 size 1 expire 0", "Ip 1 None ");
        good("size 2k expire 30s type ipv6", "Ipv6 2048 Some(30000) ");
        good("type string size 1", "String(31) 1 None ");
        good("type string len 64 size 1 nopurge", "String(64) 1 None ");
        good("type binary len 20 size 1", "Binary(20) 1 None ");
        good(
            "type integer size 1 store gpc0,http_req_rate(10s) store conn_cur,",
            "Integer 1 None gpc0[1]/0 http_req_rate[1]/10000 conn_cur[1]/0",
        );
        good(
            "type ip size 1 store gpc(100),gpc_rate(3,500ms),server_name",
            "Ip 1 None gpc[100]/0 gpc_rate[3]/500 server_key[1]/0",
        );
        good(
            "type ip size 1 srvkey name peers mine write-to other recv-only brates-factor 8",
            "Ip 1 None ",
        );
    }

    #[track_caller]
    fn bad(text: &str, message: &str) {
        let expected = vec![format!("stick-table: {message}")];
        assert_eq!(read(text), (None, expected), "{text}");
    }

    #[test]
    fn faults() {
        bad("type ip", "missing size.");
        bad("size 1", "missing type.");
        bad("type adress size 1", "unknown type 'adress'.");
        bad("type ip sise 1", "unknown argument 'sise'.");
        bad(
            "type ip size 1x",
            "unexpected character 'x' in argument of 'size'.",
        );
        bad("type ip size", "missing argument after 'size'.");
        bad(
            "type string len 0 size 1",
            "'len' expects a positive integer argument.",
        );
        bad(
            "type ip size 1 expire 25d",
            "timer overflow in argument <25d> to <expire>, maximum value is 2147483647 ms (~24.8 days).",
        );
        bad(
            "type ip size 1 expire 5x",
            "unexpected character 'x' in argument of 'expire'.",
        );
        bad("type ip size 1 store gpc9", "unknown store option 'gpc9'.");
        bad(
            "type ip size 1 store http_req_rate",
            "missing argument to store option 'http_req_rate'.",
        );
        bad(
            "type ip size 1 store http_req_rate(x)",
            "error when processing store option 'http_req_rate'.",
        );
        bad(
            "type ip size 1 store gpc0(1)",
            "unexpected argument to store option 'gpc0'.",
        );
        bad(
            "type ip size 1 store gpc(101)",
            "array size is out of allowed range (1-100) for store option 'gpc'.",
        );
        bad(
            "type ip size 1 store gpc_rate(3",
            "missing closing parenthesis after store option 'gpc_rate'.",
        );
        bad(
            "type ip size 1 store gpt0,gpt(1)",
            "simultaneous usage of 'gpt' and 'gpt0' in a same table is not permitted as 'gpt' overrides 'gpt0'.",
        );
        bad(
            "type ip size 1 brates-factor 1025",
            "argument 'brates-factor' must be greater than 0 and lower or equal than 1024.",
        );
        bad("type ip size 1 srvkey id", "unknown server key type 'id'.");
    }

    #[test]
    fn a_type_stored_twice_is_left_out_with_a_warning() {
        let (shown, messages) = read("type ip size 1 store gpc0,gpc0");
        assert_eq!(shown.as_deref(), Some("Ip 1 None gpc0[1]/0"));
        assert_eq!(
            messages,
            ["stick-table: store option 'gpc0' already enabled, ignored."]
        );
    }
}
