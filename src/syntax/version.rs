//! Version numbers as conditions compare them.

use std::cmp::Ordering;

/// How a HAProxy version such as `2.4-dev18-f6818d-20` compares with `current`; `None` if it is
/// no version. Missing numbers are zero; `dev` comes before `rc` and `pre`, those before a
/// release.
pub(super) fn compare(version: &[u8], current: &str) -> Option<Ordering> {
    Some(numbers(version)?.cmp(&numbers(current.as_bytes())?))
}

/// How a TLS library version such as `1.1.1w` or `3.0.0-beta2` compares with `current`.
pub(super) fn compare_tls(version: &[u8], current: &str) -> Option<Ordering> {
    Some(tls_number(version)?.cmp(&tls_number(current.as_bytes())?))
}

const DEVELOPMENT: i64 = 1;
const CANDIDATE: i64 = 2;
const RELEASE: i64 = 3;

/// Four numbers, the stage, its number, the commits since.
fn numbers(version: &[u8]) -> Option<[i64; 7]> {
    if version.is_empty() {
        return None;
    }
    let mut parts = [0; 4];
    let mut rest = version;
    let last = parts.len() - 1;
    for (index, part) in parts.iter_mut().enumerate() {
        (*part, rest) = number(rest);
        match rest.split_first() {
            None => break,
            Some((b'-', _)) => break,
            Some((b'.', after)) if index < last => rest = after,
            Some(_) => return None,
        }
    }
    let [a, b, c, d] = parts;
    let Some(tag) = rest.strip_prefix(b"-") else {
        return Some([a, b, c, d, RELEASE, 0, 0]);
    };
    let stages: [(&[u8], i64); 3] = [
        (b"dev", DEVELOPMENT),
        (b"rc", CANDIDATE),
        (b"pre", CANDIDATE),
    ];
    let staged = stages
        .iter()
        .find_map(|&(name, stage)| Some((tag.strip_prefix(name)?, stage)));
    let Some((after_name, stage)) = staged else {
        return Some([a, b, c, d, RELEASE, 0, commits(tag)?]);
    };
    let (stage_number, rest) = number(after_name);
    match rest.split_first() {
        None => Some([a, b, c, d, stage, stage_number, 0]),
        Some((b'-', tag)) => Some([a, b, c, d, stage, stage_number, commits(tag)?]),
        Some(_) => None,
    }
}

/// The number after the last hyphen, or the whole; zero if it is a commit's name.
fn commits(tag: &[u8]) -> Option<i64> {
    let (text, hyphen) = match memchr::memrchr(b'-', tag) {
        Some(at) => (tag.get(at + 1..).unwrap_or_default(), true),
        None => (tag, false),
    };
    if hyphen && text.is_empty() {
        return None;
    }
    match number(text) {
        (commits, []) => Some(commits),
        _ => Some(0),
    }
}

/// Leading decimal digits, zero if there are none; saturates.
fn number(text: &[u8]) -> (i64, &[u8]) {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at(digits);
    let value = digits.iter().fold(0_i64, |value, &digit| {
        value
            .saturating_mul(10)
            .saturating_add(i64::from(digit.saturating_sub(b'0')))
    });
    (value, rest)
}

/// Major, minor, fix, patch letters, status (0 development, 1 to 14 beta, 15 release).
fn tls_number(version: &[u8]) -> Option<[i64; 5]> {
    let (major, rest) = number(version);
    let (minor, rest) = number(rest.strip_prefix(b".")?);
    let (fix, rest) = number(rest.strip_prefix(b".")?);
    if version.is_empty() || major > 0xf || minor > 0xff || fix > 0xff {
        return None;
    }
    let (patch, status) = match rest.strip_prefix(b"-") {
        None => (letters(rest), 0xf),
        Some(tag) => (
            0,
            tag.strip_prefix(b"beta").map_or(0, |beta| number(beta).0),
        ),
    };
    (status <= 0xf).then_some([major, minor, fix, patch, status])
}

/// `a` is 1, `z` 26, `za` 27…
fn letters(text: &[u8]) -> i64 {
    let each = text
        .iter()
        .map(|letter| i64::from(letter.to_ascii_uppercase()) - i64::from(b'A'));
    if text.is_empty() {
        0
    } else {
        1 + each.sum::<i64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_numbers(version: &str, expected: Option<[i64; 7]>) {
        assert_eq!(numbers(version.as_bytes()), expected, "{version}");
    }

    #[test]
    fn versions() {
        check_numbers("1.2.1-pre2", Some([1, 2, 1, 0, 2, 2, 0]));
        check_numbers("1.2.1", Some([1, 2, 1, 0, 3, 0, 0]));
        check_numbers("1.2.10.1", Some([1, 2, 10, 1, 3, 0, 0]));
        check_numbers("1.3.16-rc1", Some([1, 3, 16, 0, 2, 1, 0]));
        check_numbers("1.5-dev18", Some([1, 5, 0, 0, 1, 18, 0]));
        check_numbers("1.5-dev18-43", Some([1, 5, 0, 0, 1, 18, 43]));
        check_numbers("2.4-dev18-f6818d-20", Some([2, 4, 0, 0, 1, 18, 20]));
        check_numbers("3.4.0-64a335366", Some([3, 4, 0, 0, 3, 0, 0]));
        check_numbers("3", Some([3, 0, 0, 0, 3, 0, 0]));
        check_numbers("3.", Some([3, 0, 0, 0, 3, 0, 0]));
        check_numbers("", None);
        check_numbers("x", None);
        check_numbers("1.2.3.4.5", None);
        check_numbers("1.5-dev18x", None);
        check_numbers("1.5-dev18-", Some([1, 5, 0, 0, 1, 18, 0]));
        check_numbers("1.5-a-", None);
        check_numbers("99999999999999999999", Some([i64::MAX, 0, 0, 0, 3, 0, 0]));
    }

    fn check_tls(version: &str, expected: Option<Ordering>) {
        assert_eq!(
            compare_tls(version.as_bytes(), "3.0.22"),
            expected,
            "{version}"
        );
    }

    #[test]
    fn tls_versions() {
        check_tls("3.0.22", Some(Ordering::Equal));
        check_tls("3.0.22-alpha1", Some(Ordering::Less));
        check_tls("3.0.22-beta2", Some(Ordering::Less));
        check_tls("1.1.1w", Some(Ordering::Less));
        check_tls("0.9.8zh", Some(Ordering::Less));
        check_tls("3.5.0", Some(Ordering::Greater));
        check_tls("3.0.22a", Some(Ordering::Greater));
        check_tls("3", None);
        check_tls("3.0", None);
        check_tls("99.0.0", None);
        check_tls("", None);
    }
}
