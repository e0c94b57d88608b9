//! Numbers, durations and sizes as configurations write them (manual section 2.7).

/// Why a duration cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeError {
    /// Larger than 2147483647 of the target unit.
    Overflow,
    /// Not a digit or a unit; `None` is the end of the text.
    Unexpected(Option<char>),
    /// This character follows a duration of that many units. HAProxy warns and takes the duration.
    After(char, u64),
}

/// What a duration is counted in, and what it means without a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeUnit {
    /// Milliseconds.
    Millis,
    /// Seconds.
    Seconds,
}

/// Reads `10s`, `500ms`, `5` … rounding up to whole units. Units: `us ms s m h d`.
pub fn duration(text: &str, unit: TimeUnit) -> Result<u64, TimeError> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, suffix) = text.split_at(digits);
    if number.is_empty() {
        return Err(TimeError::Unexpected(text.chars().next()));
    }
    let number: u128 = number.parse().map_err(|_| TimeError::Overflow)?;
    let default = match unit {
        TimeUnit::Millis => 1_000,
        TimeUnit::Seconds => 1_000_000,
    };
    let found = UNITS
        .iter()
        .find_map(|&(unit, micros)| Some((micros, suffix.strip_prefix(unit)?)));
    let (micros, after) = match found {
        Some(found) => found,
        None if suffix.is_empty() => (default, ""),
        None => return Err(TimeError::Unexpected(suffix.chars().next())),
    };
    let scaled = number.checked_mul(micros).ok_or(TimeError::Overflow)?;
    match (
        u64::try_from(scaled.div_ceil(default)),
        after.chars().next(),
    ) {
        (Ok(value @ 0..0x8000_0000), None) => Ok(value),
        (Ok(value @ 0..0x8000_0000), Some(c)) => Err(TimeError::After(c, value)),
        _ => Err(TimeError::Overflow),
    }
}

/// Units and their microseconds; no unit before a longer one that begins like it.
const UNITS: [(&str, u128); 6] = [
    ("us", 1),
    ("ms", 1_000),
    ("s", 1_000_000),
    ("m", 60_000_000),
    ("h", 3_600_000_000),
    ("d", 86_400_000_000),
];

/// Reads `16384`, `16k`, `4m`, `1g`: powers of 1024. The error is the character in the way.
pub fn size(text: &str) -> Result<u64, Option<char>> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, suffix) = text.split_at(digits);
    let shift = match suffix {
        "" => 0,
        "k" | "K" => 10,
        "m" | "M" => 20,
        "g" | "G" => 30,
        _ => {
            let after = suffix.strip_prefix(['k', 'K', 'm', 'M', 'g', 'G']);
            return Err(after.unwrap_or(suffix).chars().next());
        }
    };
    let number: u64 = number.parse().map_err(|_| text.chars().next())?;
    number
        .checked_shl(shift)
        .filter(|shifted| shifted >> shift == number && *shifted <= u64::from(u32::MAX))
        .ok_or(text.chars().next())
}

/// Reads what C's `atol` reads: a sign and leading digits, and whether nothing else was there.
pub fn leading_integer(text: &str) -> (i64, bool) {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits = unsigned.len()
        - unsigned
            .trim_start_matches(|c: char| c.is_ascii_digit())
            .len();
    let end = text.len() - unsigned.len() + digits;
    let number = text.get(..end).unwrap_or("");
    let value = number
        .parse()
        .unwrap_or(match (digits, text.starts_with('-')) {
            (0, _) => 0,
            (_, true) => i64::MIN,
            (_, false) => i64::MAX,
        });
    (value, digits > 0 && end == text.len())
}

/// The first character that proxy, server and ACL names must not contain; the outer `None` is a
/// good name, the inner one an empty name.
pub fn bad_name_character(name: &str) -> Option<Option<char>> {
    if name.is_empty() {
        return Some(None);
    }
    name.chars()
        .find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '_' | '-')))
        .map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        use TimeError::{After, Overflow, Unexpected};
        let check = |text: &str, expected| {
            assert_eq!(duration(text, TimeUnit::Millis), expected, "{text}");
        };
        check("0", Ok(0));
        check("5", Ok(5));
        check("10s", Ok(10_000));
        check("1m", Ok(60_000));
        check("2h", Ok(7_200_000));
        check("1d", Ok(86_400_000));
        check("1us", Ok(1));
        check("1500us", Ok(2));
        check("25d", Err(Overflow));
        check("2147483647", Ok(2_147_483_647));
        check("2147483648", Err(Overflow));
        check(
            "99999999999999999999999999999999999999999999d",
            Err(Overflow),
        );
        check("", Err(Unexpected(None)));
        check("x", Err(Unexpected(Some('x'))));
        check("10x", Err(Unexpected(Some('x'))));
        check("10sx", Err(After('x', 10_000)));
        check("5msec", Err(After('e', 5)));
        check("5min", Err(After('i', 300_000)));
        check("25days", Err(Overflow));
        check("-1", Err(Unexpected(Some('-'))));
        assert_eq!(duration("1500ms", TimeUnit::Seconds), Ok(2));
        assert_eq!(duration("7", TimeUnit::Seconds), Ok(7));
    }

    #[test]
    fn sizes() {
        let check = |text: &str, expected| assert_eq!(size(text), expected, "{text}");
        check("16384", Ok(16384));
        check("16k", Ok(16384));
        check("1m", Ok(1 << 20));
        check("3G", Ok(3 << 30));
        check("4g", Err(Some('4')));
        check("1kb", Err(Some('b')));
        check("x", Err(Some('x')));
        check("", Err(None));
        check("18446744073709551615g", Err(Some('1')));
    }

    #[test]
    fn integers_as_c_reads_them() {
        let check = |text: &str, expected| assert_eq!(leading_integer(text), expected, "{text}");
        check("12", (12, true));
        check("-5", (-5, true));
        check("12abc", (12, false));
        check("abc", (0, false));
        check("", (0, false));
        check("-", (0, false));
        check("99999999999999999999", (i64::MAX, true));
    }

    #[test]
    fn names() {
        let check = |text: &str, expected| assert_eq!(bad_name_character(text), expected, "{text}");
        check("a.b:c_d-9", None);
        check("", Some(None));
        check("a b", Some(Some(' ')));
        check("é", Some(Some('é')));
    }
}
