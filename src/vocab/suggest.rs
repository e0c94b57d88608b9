//! Did-you-mean: the known word closest to a mistyped one.

/// The candidate that needs the fewest edits to become `typed`, if that is few enough: at most
/// one edit per three letters, and never all of them.
pub fn closest<'c>(typed: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let most = (typed.len() / 3).max(1);
    candidates
        .filter(|candidate| candidate.len().abs_diff(typed.len()) <= most)
        .map(|candidate| (distance(typed.as_bytes(), candidate.as_bytes()), candidate))
        .filter(|&(edits, candidate)| edits <= most && edits < candidate.len())
        .min_by_key(|&(edits, _)| edits)
        .map(|(_, candidate)| candidate)
}

/// Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`.
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, &x) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        for (j, &y) in b.iter().enumerate() {
            let at = |list: &[usize], index: usize| list.get(index).copied().unwrap_or(usize::MAX);
            let mut cost = (at(&above, j) + usize::from(x != y))
                .min(at(&above, j + 1) + 1)
                .min(at(&row, j) + 1);
            let swapped = i > 0
                && j > 0
                && a.get(i - 1).copied() == Some(y)
                && b.get(j - 1).copied() == Some(x);
            if swapped {
                cost = cost.min(at(&before, j - 1) + 1);
            }
            row.push(cost);
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(typed: &str, expected: Option<&str>) {
        let known = [
            "maxconn",
            "mode",
            "bind",
            "option",
            "default_backend",
            "log",
        ];
        assert_eq!(closest(typed, known.into_iter()), expected, "{typed}");
    }

    #[test]
    fn only_a_near_word_is_proposed() {
        check("maxcon", Some("maxconn"));
        check("mdoe", Some("mode"));
        check("bin", Some("bind"));
        check("default-backend", Some("default_backend"));
        check("lgo", Some("log"));
        check("zzzz", None);
        check("", None);
    }
}
