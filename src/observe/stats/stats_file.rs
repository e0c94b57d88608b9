//! Files of statistics: what was counted, by identifiers that outlive names (management guide, 4.1).
//!
//! A line that begins with `#` names a side and columns, those after it have an identifier and the
//! counts of these. What must hold: whatever cannot be read is passed over, as HAProxy does.
//! Deliberately absent: what the identifiers stand for.

use super::columns::{COLUMNS, Column};
use super::counters::{Count, Counters};
use super::object::Kind;
use std::io::Write as _;

/// Which of an identifier's counts a line has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Those of frontends and their sockets.
    Front,
    /// Those of backends and servers.
    Back,
}

impl Side {
    fn name(self) -> &'static str {
        match self {
            Self::Front => "fe",
            Self::Back => "be",
        }
    }

    fn columns(self) -> impl Iterator<Item = (&'static Column, Count)> {
        let kinds = match self {
            Self::Front => [Kind::Frontend, Kind::Listener],
            Self::Back => [Kind::Backend, Kind::Server],
        };
        let is_own = move |column: &Column| kinds.iter().any(|kind| column.is_on(*kind));
        let own = COLUMNS.iter().filter(move |column| is_own(column));
        own.filter_map(|column| Some((column, column.count()?)))
    }
}

/// Reads a file: for each identifier the counts that it names.
pub fn read(text: &[u8], mut found: impl FnMut(Side, &str, Count, u64)) {
    let text = String::from_utf8_lossy(text);
    let mut side = None;
    let mut columns: Vec<Option<Count>> = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with("//") {
            continue;
        }
        if let Some(heading) = line.strip_prefix('#') {
            let (name, rest) = heading.split_once(' ').unwrap_or((heading, ""));
            let sides = [Side::Front, Side::Back];
            side = sides.into_iter().find(|side| side.name() == name);
            let names = rest.split(',').skip(1);
            columns = names
                .map(|name| side.and_then(|side| named(side, name)))
                .collect();
            if !rest.starts_with("guid,") {
                side = None;
            }
            continue;
        }
        let Some(side) = side else { continue };
        let mut values = line.split(',');
        let guid = values.next().unwrap_or_default();
        for (count, value) in columns.iter().zip(values) {
            if let (Some(count), Ok(value)) = (count, value.parse()) {
                found(side, guid, *count, value);
            }
        }
    }
}

fn named(side: Side, name: &str) -> Option<Count> {
    let mut columns = side.columns();
    columns
        .find(|(column, _)| column.name == name)
        .map(|(_, count)| count)
}

/// Writes the heading of a side.
pub fn write_heading(side: Side, out: &mut Vec<u8>) {
    // A vector takes everything.
    let _ = write!(out, "#{} guid,", side.name());
    for (column, _) in side.columns() {
        let _ = write!(out, "{},", column.name);
    }
    out.push(b'\n');
}

/// Writes what an identifier stands for has counted.
pub fn write_line(side: Side, guid: &str, counters: &Counters, out: &mut Vec<u8>) {
    let _ = write!(out, "{guid},");
    for (_, count) in side.columns() {
        let _ = write!(out, "{},", counters.count(count));
    }
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(Side, &str, Count, u64)]) {
        let mut seen = Vec::new();
        read(text.as_bytes(), |side, guid, count, value| {
            seen.push((side, guid.to_owned(), count, value));
        });
        let seen: Vec<_> = seen
            .iter()
            .map(|(s, g, c, v)| (*s, g.as_str(), *c, *v))
            .collect();
        assert_eq!(seen, expected, "{text}");
    }

    #[test]
    fn what_cannot_be_read_is_passed_over() {
        use Side::{Back, Front};
        check("", &[]);
        check("a,1\n", &[]);
        check(
            "#fe guid,stot,\n\n// x\na,5,\nb,x\nc\n",
            &[(Front, "a", Count::Sessions, 5)],
        );
        check("#fe stot,guid,\na,5\n", &[]);
        check(
            "#no guid,stot,\na,5\n#be guid,huh,stot\nb,1,2\n",
            &[(Back, "b", Count::Sessions, 2)],
        );
        check(
            "#fe guid,econ,dreq\na,1,2,3\n",
            &[(Front, "a", Count::DeniedRequests, 2)],
        );
        check("#\n#fe\n\u{0},\n", &[]);
    }

    #[test]
    fn what_is_written_can_be_read() {
        let counters = Counters::new(1);
        counters.preload(Count::Sessions, 7);
        counters.preload(Count::RequestIn, 90);
        let mut text = Vec::new();
        write_heading(Side::Front, &mut text);
        write_line(Side::Front, "g", &counters, &mut text);
        let again = Counters::new(1);
        read(&text, |_, _, count, value| again.preload(count, value));
        assert_eq!(
            (again.count(Count::Sessions), again.count(Count::RequestIn)),
            (7, 90)
        );
    }
}
