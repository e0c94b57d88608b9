//! Dates: seconds since the epoch to and from the Gregorian calendar, and C's `strftime`.
//!
//! Works for every 64-bit second, far beyond what a time zone library covers, because HAProxy's
//! converters do. Names are those of the C locale. Deliberately absent: time zones; a
//! [`Moment`] says which offset and name its zone has.

use std::io::Write;

/// Short names of the days of the week are the first three letters.
const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The longest text [`strftime`] makes.
const MAX_TEXT: usize = 16_384;

const DAY: i64 = 86_400;

/// A date and a time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    /// The year; 0 is 1 BC.
    pub year: i64,
    /// 1 to 12.
    pub month: i64,
    /// 1 to 31.
    pub day: i64,
    /// 0 to 23.
    pub hour: i64,
    /// 0 to 59.
    pub minute: i64,
    /// 0 to 59.
    pub second: i64,
    /// Sunday is 0.
    pub weekday: i64,
    /// 0 to 365.
    pub yearday: i64,
}

impl Civil {
    /// The date of a second since the epoch.
    pub fn at(seconds: i64) -> Self {
        let (days, rest) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
        // Years are counted from March, so that the leap day is the last; 400 years are an era.
        let since_march = days + 719_468;
        let era = since_march.div_euclid(146_097);
        let of_era = since_march.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let month = if from_march < 10 {
            from_march + 3
        } else {
            from_march - 9
        };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self {
            year,
            month,
            day: of_year - (153 * from_march + 2) / 5 + 1,
            hour: rest / 3600,
            minute: rest / 60 % 60,
            second: rest % 60,
            weekday: (days + 4).rem_euclid(7),
            yearday: days - days_before(year, 1, 1),
        }
    }

    /// The three-letter name of the day of the week.
    pub fn day_name(&self) -> &'static str {
        short(name(&DAYS, self.weekday))
    }

    /// The three-letter name of the month.
    pub fn month_name(&self) -> &'static str {
        short(name(&MONTHS, self.month - 1))
    }

    fn hour_of_12(&self) -> i64 {
        (self.hour + 11) % 12 + 1
    }

    /// The week of the year when weeks start on that day of the week.
    fn week(&self, starts: i64) -> i64 {
        (self.yearday - (self.weekday - starts).rem_euclid(7) + 7) / 7
    }

    /// The year and week of ISO 8601.
    fn iso_week(&self) -> (i64, i64) {
        let monday_based = (self.weekday + 6) % 7;
        // The year that this week's Thursday is in.
        let thursday = self.yearday - monday_based + 3;
        let length = |year: i64| days_before(year + 1, 1, 1) - days_before(year, 1, 1);
        if thursday < 0 {
            let before = self.year - 1;
            return (before, (thursday + length(before)) / 7 + 1);
        }
        match thursday - length(self.year) {
            beyond @ 0.. => (self.year + 1, beyond / 7 + 1),
            _ => (self.year, thursday / 7 + 1),
        }
    }
}

fn name(names: &'static [&'static str], index: i64) -> &'static str {
    let index = usize::try_from(index).ok();
    index
        .and_then(|index| names.get(index))
        .copied()
        .unwrap_or("?")
}

fn short(name: &'static str) -> &'static str {
    name.get(..3).unwrap_or(name)
}

/// Days from the epoch to that day; a day or month beyond its end counts on.
fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let from_march = (month + 9) % 12;
    let of_year = (153 * from_march + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year - 719_468
}

/// The second since the epoch of an HTTP date (RFC 9110 section 5.6.7) in any of its three forms.
/// What follows it is not read, and its numbers are not compared with the calendar.
pub fn http_date(text: &[u8]) -> Option<i64> {
    fixed(text)
        .or_else(|| rfc850(text))
        .or_else(|| asctime(text))
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`
fn fixed(text: &[u8]) -> Option<i64> {
    let (_, rest) = named(text, &DAYS, short)?;
    let (day, rest) = digits(rest.strip_prefix(b", ")?, 2)?;
    let (month, rest) = named(rest.strip_prefix(b" ")?, &MONTHS, short)?;
    let (year, rest) = digits(rest.strip_prefix(b" ")?, 4)?;
    let (time, rest) = time_of_day(rest.strip_prefix(b" ")?)?;
    rest.strip_prefix(b" GMT")?;
    Some(days_before(year, month + 1, day) * DAY + time)
}

/// `Sunday, 06-Nov-94 08:49:37 GMT`; years up to 60 are of this century, four digits are taken.
fn rfc850(text: &[u8]) -> Option<i64> {
    let (_, rest) = named(text, &DAYS, |name| name)?;
    let (day, rest) = digits(rest.strip_prefix(b", ")?, 2)?;
    let (month, rest) = named(rest.strip_prefix(b"-")?, &MONTHS, short)?;
    let (year, rest) = digits(rest.strip_prefix(b"-")?, 2)?;
    let (year, rest) = match rest.strip_prefix(b" ") {
        Some(rest) if year <= 60 => (year + 2000, rest),
        Some(rest) => (year + 1900, rest),
        None => {
            let (low, rest) = digits(rest, 2)?;
            (year * 100 + low, rest.strip_prefix(b" ")?)
        }
    };
    let (time, rest) = time_of_day(rest)?;
    rest.strip_prefix(b" GMT")?;
    Some(days_before(year, month + 1, day) * DAY + time)
}

/// `Sun Nov  6 08:49:37 1994`
fn asctime(text: &[u8]) -> Option<i64> {
    let (_, rest) = named(text, &DAYS, short)?;
    let (month, rest) = named(rest.strip_prefix(b" ")?, &MONTHS, short)?;
    let rest = rest.strip_prefix(b" ")?;
    let (day, rest) = match rest.strip_prefix(b" ") {
        Some(rest) => digits(rest, 1)?,
        None => digits(rest, 2)?,
    };
    let (time, rest) = time_of_day(rest.strip_prefix(b" ")?)?;
    let (year, _) = digits(rest.strip_prefix(b" ")?, 4)?;
    Some(days_before(year, month + 1, day) * DAY + time)
}

fn named<'t>(
    text: &'t [u8],
    names: &[&'static str],
    form: fn(&'static str) -> &'static str,
) -> Option<(i64, &'t [u8])> {
    (0..).zip(names).find_map(|(index, name)| {
        let rest = text.strip_prefix(form(name).as_bytes())?;
        Some((index, rest))
    })
}

/// `08:49:37` in seconds.
fn time_of_day(text: &[u8]) -> Option<(i64, &[u8])> {
    let (hour, rest) = digits(text, 2)?;
    let (minute, rest) = digits(rest.strip_prefix(b":")?, 2)?;
    let (second, rest) = digits(rest.strip_prefix(b":")?, 2)?;
    Some((hour * 3600 + minute * 60 + second, rest))
}

fn digits(text: &[u8], count: usize) -> Option<(i64, &[u8])> {
    let (digits, rest) = text.split_at_checked(count)?;
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value = digits
        .iter()
        .fold(0, |sum, byte| sum * 10 + i64::from(byte - b'0'));
    Some((value, rest))
}

/// A second as seen in a time zone.
#[derive(Clone, Debug)]
pub struct Moment<'a> {
    /// The local date.
    pub civil: Civil,
    /// What `%s` prints.
    pub unix: i64,
    /// Seconds the zone is ahead of UTC.
    pub offset: i64,
    /// The zone's abbreviation.
    pub zone: &'a str,
}

/// Appends a date as C's `strftime` of the GNU library prints it, with its flags `_-0^#` and
/// widths. A text that gets too long is dropped.
pub fn strftime(format: &[u8], moment: &Moment<'_>, out: &mut Vec<u8>) {
    let start = out.len();
    let mut rest = format;
    while let Some(at) = memchr::memchr(b'%', rest) {
        let (literal, after) = rest.split_at_checked(at).unwrap_or_default();
        out.extend_from_slice(literal);
        let directive = Directive::read(after);
        directive.print(moment, out);
        if out.len() - start >= MAX_TEXT {
            out.truncate(start);
            return;
        }
        rest = after.get(directive.written.len()..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
}

/// `%`, flags, a width, `E` or `O`, and a letter.
struct Directive<'f> {
    written: &'f [u8],
    pad: Option<u8>,
    upper: bool,
    swap: bool,
    width: usize,
    letter: u8,
}

impl<'f> Directive<'f> {
    /// Reads the one at the start of `text`, which is a percent sign.
    fn read(text: &'f [u8]) -> Self {
        let mut directive = Self {
            written: text,
            pad: None,
            upper: false,
            swap: false,
            width: 0,
            letter: 0,
        };
        let mut at = 1;
        while let Some(&flag) = text.get(at) {
            match flag {
                b'_' | b'-' | b'0' => directive.pad = Some(flag),
                b'^' => directive.upper = true,
                b'#' => directive.swap = true,
                _ => break,
            }
            at += 1;
        }
        while let Some(digit @ b'0'..=b'9') = text.get(at) {
            let digit = usize::from(digit - b'0');
            directive.width = directive.width.saturating_mul(10).saturating_add(digit);
            at += 1;
        }
        directive.width = directive.width.min(MAX_TEXT);
        let modifier = text.get(at).filter(|byte| matches!(byte, b'E' | b'O'));
        at += usize::from(modifier.is_some());
        if let Some(&letter) = text.get(at) {
            directive.written = text.get(..=at).unwrap_or(text);
            let modified: &[u8] = match modifier {
                Some(b'E') => b"cCxXyY",
                Some(_) => b"bBdegGhHIjklmMSuUVwWy",
                None => {
                    return Self {
                        letter,
                        ..directive
                    };
                }
            };
            directive.letter = if modified.contains(&letter) {
                letter
            } else {
                0
            };
        }
        directive
    }

    fn print(&self, moment: &Moment<'_>, out: &mut Vec<u8>) {
        let date = &moment.civil;
        match self.letter {
            b'a' => self.name(date.day_name(), out),
            b'A' => self.name(name(&DAYS, date.weekday), out),
            b'b' | b'h' => self.name(date.month_name(), out),
            b'B' => self.name(name(&MONTHS, date.month - 1), out),
            b'c' => self.parts(b"%a %b %e %H:%M:%S %Y", moment, out),
            b'C' => self.number(date.year.div_euclid(100), 1, out),
            b'd' => self.number(date.day, 2, out),
            b'D' | b'x' => self.parts(b"%m/%d/%y", moment, out),
            b'e' => self.spaced(date.day, out),
            b'F' => self.parts(b"%Y-%m-%d", moment, out),
            b'g' => self.number(date.iso_week().0.rem_euclid(100), 2, out),
            b'G' => self.number(date.iso_week().0, 1, out),
            b'H' => self.number(date.hour, 2, out),
            b'I' => self.number(date.hour_of_12(), 2, out),
            b'j' => self.number(date.yearday + 1, 3, out),
            b'k' => self.spaced(date.hour, out),
            b'l' => self.spaced(date.hour_of_12(), out),
            b'm' => self.number(date.month, 2, out),
            b'M' => self.number(date.minute, 2, out),
            b'n' => self.text(b"\n", out),
            b'p' if !self.swap => self.text(half(b"AM", b"PM", date), out),
            b'p' | b'P' => self.lower(half(b"am", b"pm", date), out),
            b'r' => self.parts(b"%I:%M:%S %p", moment, out),
            b'R' => self.parts(b"%H:%M", moment, out),
            b's' => self.number(moment.unix, 1, out),
            b'S' => self.number(date.second, 2, out),
            b't' => self.text(b"\t", out),
            b'T' | b'X' => self.parts(b"%H:%M:%S", moment, out),
            b'u' => self.number((date.weekday + 6) % 7 + 1, 1, out),
            b'U' => self.number(date.week(0), 2, out),
            b'V' => self.number(date.iso_week().1, 2, out),
            b'w' => self.number(date.weekday, 1, out),
            b'W' => self.number(date.week(1), 2, out),
            b'y' => self.number(date.year.rem_euclid(100), 2, out),
            b'Y' => self.number(date.year, 1, out),
            b'z' => self.offset(moment.offset, out),
            b'Z' if self.swap => self.lower(moment.zone.as_bytes(), out),
            b'Z' => self.text(moment.zone.as_bytes(), out),
            b'%' => self.text(b"%", out),
            _ => self.text(self.written, out),
        }
    }

    /// A text, at least as wide as asked.
    fn text(&self, text: &[u8], out: &mut Vec<u8>) {
        let filler = if self.pad == Some(b'0') { b'0' } else { b' ' };
        let missing = self.width.saturating_sub(text.len());
        out.extend(std::iter::repeat_n(filler, missing));
        let start = out.len();
        out.extend_from_slice(text);
        if self.upper {
            out.get_mut(start..)
                .unwrap_or_default()
                .make_ascii_uppercase();
        }
    }

    /// A text in lower case, whatever the flags say.
    fn lower(&self, text: &[u8], out: &mut Vec<u8>) {
        let start = out.len();
        self.text(text, out);
        let written = out.get_mut(start..).unwrap_or_default();
        written.make_ascii_lowercase();
    }

    fn name(&self, text: &str, out: &mut Vec<u8>) {
        let upper = self.upper || self.swap;
        Self { upper, ..*self }.text(text.as_bytes(), out);
    }

    /// A number of at least that many digits.
    fn number(&self, value: i64, digits: usize, out: &mut Vec<u8>) {
        let digits = digits.max(self.width);
        // Writing to a vector cannot fail.
        let _ = match self.pad {
            Some(b'-') => write!(out, "{value:>0$}", self.width),
            Some(b'_') => write!(out, "{value:>digits$}"),
            _ => write!(out, "{value:0digits$}"),
        };
    }

    /// A number of two characters, filled with a space.
    fn spaced(&self, value: i64, out: &mut Vec<u8>) {
        let pad = self.pad.or(Some(b'_'));
        Self { pad, ..*self }.number(value, 2, out);
    }

    fn offset(&self, seconds: i64, out: &mut Vec<u8>) {
        let sign = if seconds < 0 { b'-' } else { b'+' };
        self.text(&[sign], out);
        let minutes = seconds.abs() / 60;
        self.number(minutes / 60 * 100 + minutes % 60, 4, out);
    }

    /// Several directives, together at least as wide as asked.
    fn parts(&self, format: &[u8], moment: &Moment<'_>, out: &mut Vec<u8>) {
        let start = out.len();
        strftime(format, moment, out);
        let written = out.len() - start;
        let missing = self.width.saturating_sub(written);
        let filler = if self.pad == Some(b'0') { b'0' } else { b' ' };
        out.extend(std::iter::repeat_n(filler, missing));
        let text = out.get_mut(start..).unwrap_or_default();
        text.rotate_right(missing);
        if self.upper {
            text.make_ascii_uppercase();
        }
    }
}

fn half(am: &'static [u8], pm: &'static [u8], date: &Civil) -> &'static [u8] {
    if date.hour < 12 { am } else { pm }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_there_and_back() {
        for seconds in [
            0,
            -1,
            951_782_400,
            1_700_000_005,
            -62_167_219_200,
            1 << 40,
            -(1 << 55),
        ] {
            let date = Civil::at(seconds);
            let days = days_before(date.year, date.month, date.day);
            let time = date.hour * 3600 + date.minute * 60 + date.second;
            assert_eq!(days * DAY + time, seconds);
        }
        // The ends of the range do not overflow.
        assert!(Civil::at(i64::MAX).year > 0 && Civil::at(i64::MIN).year < 0);
    }

    #[track_caller]
    fn check_http(text: &str, expected: Option<i64>) {
        assert_eq!(http_date(text.as_bytes()), expected, "{text}");
    }

    #[test]
    fn http_dates() {
        let same = Some(784_111_777);
        check_http("Sun, 06 Nov 1994 08:49:37 GMT", same);
        check_http("Sunday, 06-Nov-94 08:49:37 GMT", same);
        check_http("Sunday, 06-Nov-1994 08:49:37 GMT", same);
        check_http("Sun Nov  6 08:49:37 1994", same);
        check_http("Sun Nov 06 08:49:37 1994", same);
        check_http("Mon, 06 Nov 1994 08:49:37 GMT, and more", same);
        check_http("Sunday, 06-Nov-60 08:49:37 GMT", Some(2_866_956_577));
        check_http("Sunday, 06-Nov-61 08:49:37 GMT", Some(-257_267_423));
        check_http("sun, 06 Nov 1994 08:49:37 GMT", None);
        check_http("Sun, 6 Nov 1994 08:49:37 GMT", None);
        check_http("Sun, 06 Nov 1994 08:49:37 CET", None);
        check_http("Sun, 06 Nov 1994 08:49", None);
        check_http(
            "Sun, 99 Nov 1994 99:99:99 GMT",
            Some(784_080_000 - 5 * DAY + 98 * DAY + 362_439),
        );
        check_http("", None);
    }

    #[track_caller]
    fn check(seconds: i64, format: &str, expected: &str) {
        let moment = Moment {
            civil: Civil::at(seconds),
            unix: seconds,
            offset: -12_600,
            zone: "XST",
        };
        let mut out = Vec::new();
        strftime(format.as_bytes(), &moment, &mut out);
        assert_eq!(String::from_utf8_lossy(&out), expected, "{format}");
    }

    #[test]
    fn directives() {
        let check = |format, expected| check(1_700_000_005, format, expected);
        check("%a %A %b %B %h", "Tue Tuesday Nov November Nov");
        check(
            "%c|%x|%X|%r",
            "Tue Nov 14 22:13:25 2023|11/14/23|22:13:25|10:13:25 PM",
        );
        check("%C %y %Y %g %G %j %V", "20 23 2023 23 2023 318 46");
        check("%D %F %R %T", "11/14/23 2023-11-14 22:13 22:13:25");
        check("%d %e %H %I %k %l %m %M %S", "14 14 22 10 22 10 11 13 25");
        check("%u %U %w %W", "2 46 2 46");
        check(
            "%p %P %#p %s %z %Z %#Z",
            "PM pm pm 1700000005 -0330 XST xst",
        );
        check("%%%n%t", "%\n\t");
        check("%", "%");
        check("%5", "   %5");
        check("%q %Ey %OH %Ea %Oc %:z", "%q 23 22 %Ea %Oc %:z");
    }

    #[test]
    fn flags_and_widths() {
        let check = |format, expected| check(1_699_000_005, format, expected);
        check("%-d %_d %5d %_5d %-5d", "3  3 00003     3     3");
        check("%0e %3k %03k", "03   8 008");
        check("%10a|%-10a|%010a", "       Fri|       Fri|0000000Fri");
        check("%^a %#B %^c", "FRI NOVEMBER FRI NOV  3 08:26:45 2023");
        check("%^P %^#p %^p", "am am AM");
        check("%12F|%012D", "  2023-11-03|000011/03/23");
        check("%99999d", "");
    }

    #[test]
    fn weeks_at_the_turn_of_the_year() {
        check(1_104_537_600, "%G-%V %U %W", "2004-53 00 00");
        check(1_230_768_000, "%G-%V %U %W", "2009-01 00 00");
        check(1_230_595_200, "%G-%V %U %W", "2009-01 52 52");
    }
}
