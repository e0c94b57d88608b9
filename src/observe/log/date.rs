//! Local time as log envelopes write it, computed once per second.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::fmt::Write;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// The texts of the last second asked for.
pub(super) struct TimeText {
    zone: TimeZone,
    second: Option<i64>,
    /// `Nov 22 17:30:10`, RFC 3164 section 4.1.2.
    legacy: String,
    /// `2026-11-22T17:30:10`.
    iso: String,
    /// `+01:00`, never `Z`.
    offset: String,
    year: i16,
    /// From 1.
    month: usize,
}

impl TimeText {
    pub(super) fn new(zone: TimeZone) -> Self {
        Self {
            zone,
            second: None,
            legacy: String::new(),
            iso: String::new(),
            offset: String::new(),
            year: 1970,
            month: 1,
        }
    }

    /// Appends `Nov 22 17:30:10 ` for a wall-clock time in microseconds.
    pub(super) fn push_legacy(&mut self, wall_us: u64, out: &mut Vec<u8>) {
        self.refresh(wall_us);
        out.extend_from_slice(self.legacy.as_bytes());
        out.push(b' ');
    }

    /// Appends `2026-11-22T17:30:10.966767+00:00 ` for a wall-clock time in microseconds.
    pub(super) fn push_iso(&mut self, wall_us: u64, out: &mut Vec<u8>) {
        self.refresh(wall_us);
        out.extend_from_slice(self.iso.as_bytes());
        let mut fraction = *b".000000";
        let mut rest = wall_us % 1_000_000;
        for digit in fraction.iter_mut().skip(1).rev() {
            *digit += (rest % 10) as u8;
            rest /= 10;
        }
        out.extend_from_slice(&fraction);
        out.extend_from_slice(self.offset.as_bytes());
        out.push(b' ');
    }

    /// Appends an ISO 8601 time in the other form, without its offset; `false` if it has no month.
    pub(super) fn push_legacy_of(&self, iso: &[u8], out: &mut Vec<u8>) -> bool {
        let month = iso
            .get(5..7)
            .and_then(|text| std::str::from_utf8(text).ok());
        let month = month.and_then(|text| text.parse::<usize>().ok());
        let month = month.and_then(|month| MONTHS.get(month.max(1) - 1));
        let (Some(month), Some(&[ten, one]), Some(clock)) =
            (month, iso.get(8..10), iso.get(11..19))
        else {
            return false;
        };
        out.extend_from_slice(month.as_bytes());
        out.extend_from_slice(&[b' ', if ten == b'0' { b' ' } else { ten }, one, b' ']);
        out.extend_from_slice(clock);
        out.push(b' ');
        true
    }

    /// Appends an RFC 3164 time in the other form: of this year, or of the one before if that month is
    /// still to come. Its offset is not known, which `-00:00` means.
    pub(super) fn push_iso_of(&mut self, legacy: &[u8], came_us: u64, out: &mut Vec<u8>) -> bool {
        let month = MONTHS
            .iter()
            .position(|name| legacy.starts_with(name.as_bytes()));
        let (Some(month), Some(&[ten, one]), Some(clock)) =
            (month, legacy.get(4..6), legacy.get(7..15))
        else {
            return false;
        };
        self.refresh(came_us);
        let year = match month + 1 > self.month {
            true => self.year - 1,
            false => self.year,
        };
        out.extend_from_slice(format!("{year:04}-{:02}-", month + 1).as_bytes());
        out.extend_from_slice(&[if ten == b' ' { b'0' } else { ten }, one, b'T']);
        out.extend_from_slice(clock);
        out.extend_from_slice(b"-00:00 ");
        true
    }

    fn refresh(&mut self, wall_us: u64) {
        let second = i64::try_from(wall_us / 1_000_000).unwrap_or(i64::MAX);
        if self.second == Some(second) {
            return;
        }
        self.second = Some(second);
        let at = Timestamp::from_second(second)
            .unwrap_or(Timestamp::MAX)
            .to_zoned(self.zone.clone());
        (self.year, self.month) = (at.year(), usize::from(at.month().unsigned_abs()));
        let month = MONTHS
            .get(self.month.wrapping_sub(1))
            .copied()
            .unwrap_or("Jan");
        let (h, m, s) = (at.hour(), at.minute(), at.second());
        let (y, mon, day) = (at.year(), at.month(), at.day());
        self.legacy.clear();
        self.iso.clear();
        self.offset.clear();
        let _ = write!(self.legacy, "{month} {day:2} {h:02}:{m:02}:{s:02}");
        let _ = write!(self.iso, "{y:04}-{mon:02}-{day:02}T{h:02}:{m:02}:{s:02}");
        let offset_min = at.offset().seconds() / 60;
        let sign = if offset_min < 0 { '-' } else { '+' };
        let offset_min = offset_min.unsigned_abs();
        let _ = write!(
            self.offset,
            "{sign}{:02}:{:02}",
            offset_min / 60,
            offset_min % 60
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::offset;

    #[track_caller]
    fn check(zone: TimeZone, wall_us: u64, legacy: &str, iso: &str) {
        let mut text = TimeText::new(zone);
        let mut out = Vec::new();
        text.push_legacy(wall_us, &mut out);
        text.push_iso(wall_us, &mut out);
        let seen = String::from_utf8(out).unwrap();
        assert_eq!(seen, format!("{legacy} {iso} "));
    }

    #[test]
    fn both_forms_in_local_time() {
        let west = TimeZone::fixed(offset(-3).saturating_sub(jiff::Span::new().minutes(30)));
        check(
            TimeZone::UTC,
            1_795_368_610_966_767,
            "Nov 22 17:30:10",
            "2026-11-22T17:30:10.966767+00:00",
        );
        check(
            TimeZone::fixed(offset(2)),
            1_795_368_610_000_001,
            "Nov 22 19:30:10",
            "2026-11-22T19:30:10.000001+02:00",
        );
        check(
            west,
            1_704_067_199_999_999,
            "Dec 31 20:29:59",
            "2023-12-31T20:29:59.999999-03:30",
        );
        check(
            TimeZone::UTC,
            0,
            "Jan  1 00:00:00",
            "1970-01-01T00:00:00.000000+00:00",
        );
    }

    #[test]
    fn either_form_of_the_other() {
        let check = |text: &str, expected: &str| {
            let mut time = TimeText::new(TimeZone::UTC);
            let mut out = Vec::new();
            let is_legacy = !text.starts_with(|c: char| c.is_ascii_digit());
            let found = match is_legacy {
                true => time.push_iso_of(text.as_bytes(), 1_771_000_000_000_000, &mut out),
                false => time.push_legacy_of(text.as_bytes(), &mut out),
            };
            assert_eq!(String::from_utf8(out).unwrap(), expected, "{text}");
            assert_eq!(found, !expected.is_empty());
        };
        check("2026-11-02T17:30:10.9Z", "Nov  2 17:30:10 ");
        check("2026-00-12T17:30:10+01:00", "Jan 12 17:30:10 ");
        check("2026-13-12T17:30:10Z", "");
        check("2026", "");
        // It is February 2026.
        check("Feb  3 01:02:03", "2026-02-03T01:02:03-00:00 ");
        check("Dec 31 01:02:03", "2025-12-31T01:02:03-00:00 ");
        check("Foo 31 01:02:03", "");
        check("Dec", "");
    }

    #[test]
    fn a_new_second_is_noticed() {
        let mut text = TimeText::new(TimeZone::UTC);
        let mut out = Vec::new();
        text.push_legacy(999_999, &mut out);
        text.push_legacy(1_000_000, &mut out);
        assert_eq!(out, b"Jan  1 00:00:00 Jan  1 00:00:01 ");
    }
}
