//! Did you mean.

/// Longest word compared; a longer one gets no suggestion.
const LONGEST: usize = 64;

/// The candidate fewest edits away from `word`, if that is at most a third of its length; the
/// first of equals. An edit adds, drops or replaces a character or swaps two neighbours; case
/// counts as equal.
pub fn closest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let limit = word.chars().take(LONGEST).count().max(3) / 3;
    closest_within(word, limit, candidates)
}

/// The candidate at most `limit` edits away, the first of equals.
pub(super) fn closest_within<'a>(
    word: &str,
    limit: usize,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    let word = lower(word)?;
    candidates
        .filter_map(|candidate| {
            let letters = lower(candidate)?;
            let far = letters.len().abs_diff(word.len()) > limit;
            let edits = if far {
                limit + 1
            } else {
                distance(&word, &letters)
            };
            (edits <= limit).then_some((edits, candidate))
        })
        .min_by_key(|&(edits, _)| edits)
        .map(|(_, candidate)| candidate)
}

fn lower(word: &str) -> Option<Vec<char>> {
    let letters: Vec<char> = word
        .chars()
        .take(LONGEST + 1)
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    (letters.len() <= LONGEST).then_some(letters)
}

/// Edits between two words where no part is edited twice (optimal string alignment).
fn distance(from: &[char], to: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    let mut previous = None;
    for (row, &a) in from.iter().enumerate() {
        let mut current = Vec::with_capacity(last.len());
        current.push(row + 1);
        for (column, &b) in to.iter().enumerate() {
            let at = |line: &[usize], index: usize| line.get(index).copied().unwrap_or(usize::MAX);
            let replaced = at(&last, column) + usize::from(a != b);
            let dropped = at(&last, column + 1) + 1;
            let added = at(&current, column) + 1;
            let mut edits = replaced.min(dropped).min(added);
            let swapped = column > 0 && previous == Some(b) && to.get(column - 1) == Some(&a);
            if swapped {
                edits = edits.min(at(&before_last, column - 1).saturating_add(1));
            }
            current.push(edits);
        }
        before_last = std::mem::replace(&mut last, current);
        previous = Some(a);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(word: &str, expected: Option<&str>) {
        let candidates = ["frontend", "backend", "bind", "listen", "mode", "maxconn"];
        assert_eq!(closest(word, candidates.into_iter()), expected, "{word}");
    }

    #[test]
    fn suggests_the_nearest_within_a_third() {
        check("frontend", Some("frontend"));
        check("fronted", Some("frontend"));
        check("Frontend", Some("frontend"));
        check("fornt-end", Some("frontend"));
        check("bnid", Some("bind"));
        check("maxcon", Some("maxconn"));
        check("mdoe", Some("mode"));
        check("mo", None);
        check("x", None);
        check("", None);
        check("balance", None);
        check("frontendfrontend", None);
        check(&"b".repeat(100_000), None);
    }

    fn check_distance(from: &str, to: &str, expected: usize) {
        let letters = |word: &str| word.chars().collect::<Vec<_>>();
        assert_eq!(distance(&letters(from), &letters(to)), expected);
    }

    #[test]
    fn counts_edits() {
        check_distance("", "", 0);
        check_distance("", "abc", 3);
        check_distance("abc", "", 3);
        check_distance("abc", "acb", 1);
        check_distance("abc", "abcd", 1);
        check_distance("kitten", "sitting", 3);
        check_distance("é", "e", 1);
    }
}
