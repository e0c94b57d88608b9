//! Did you mean.
//!
//! Thousands of unknown names among thousands of known ones must not take minutes: what all
//! suggestions for one configuration may cost is bounded, and the findings after that have none.

use std::cell::Cell;

/// Longest word compared; a longer one gets no suggestion.
const LONGEST: usize = 64;

/// Pairs of words compared letter by letter for one configuration: about 0.3 s.
const COMPARISONS: usize = 1_000_000;

thread_local! {
    /// What is left of [`COMPARISONS`].
    static LEFT: Cell<usize> = const { Cell::new(COMPARISONS) };
}

/// Says that another configuration is read.
pub fn start_over() {
    LEFT.set(COMPARISONS);
}

/// The candidate fewest edits away from `word`, if that is at most a third of its length (one is
/// always allowed). An edit adds, drops or replaces a character or swaps two neighbours; case
/// counts as equal.
///
/// Of equals, the one with the same letters, then the one that agrees longest at its beginning and
/// end, then the first. A candidate more than one edit away gives way to one that the word is short
/// for (`set-hdr`), or begins with (`lowercase`).
pub fn closest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let limit = word.chars().take(LONGEST).count().max(3) / 3;
    closest_within(word, limit, candidates)
}

/// The candidate at most `limit` edits away.
pub(super) fn closest_within<'a>(
    word: &str,
    limit: usize,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    if LEFT.get() == 0 {
        return None;
    }
    let (mask, bytes) = (mask(word), word.len());
    let word = lower(word)?;
    let mut letters = Vec::with_capacity(LONGEST + 1);
    let mut best: Option<(Rank, &str)> = None;
    let mut kin: Option<&str> = None;
    for candidate in candidates {
        if kin.is_none_or(|known| candidate.len() < known.len()) && is_kin(&word, candidate) {
            kin = Some(candidate);
        }
        // Letters are bytes in nearly all words, so that lengths in bytes tell.
        if candidate.len().abs_diff(bytes) > limit && mask.is_some() && candidate.is_ascii() {
            continue;
        }
        // Each edit brings at most one letter that the candidate has not.
        if let (Some(mask), Some(other)) = (mask, self::mask(candidate))
            && (mask & !other).count_ones() as usize > limit
        {
            continue;
        }
        letters.clear();
        letters.extend(lowered(candidate));
        if letters.len().abs_diff(word.len()) > limit {
            continue;
        }
        LEFT.set(LEFT.get().checked_sub(1)?);
        let most = best.as_ref().map_or(limit, |(rank, _)| rank.edits);
        let Some(edits) = distance(&word, &letters, most) else {
            continue;
        };
        let rank = Rank::new(edits, &word, &letters);
        if best.as_ref().is_none_or(|(other, _)| rank < *other) {
            best = Some((rank, candidate));
        }
    }
    let (best, edits) = best.map_or((None, usize::MAX), |(rank, near)| (Some(near), rank.edits));
    match edits {
        0 | 1 => best,
        _ => kin.or(best),
    }
}

/// Whether a word leaves out letters of a candidate, or goes on after its end.
fn is_kin(word: &[char], candidate: &str) -> bool {
    const LEAST: usize = 3;
    let length = candidate.len();
    let mut letters = lowered(candidate).peekable();
    if letters.peek() != word.first() || word.len().min(length) < LEAST {
        return false;
    }
    match length > word.len() {
        true => length <= 2 * word.len() && word.iter().all(|a| letters.any(|b| *a == b)),
        false => 2 * length > word.len() && word.iter().zip(letters).all(|(a, b)| *a == b),
    }
}

/// How good a candidate is; the least is the best.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    edits: usize,
    other_letters: bool,
    /// Letters between the common beginning and the common end.
    differing: usize,
}

impl Rank {
    fn new(edits: usize, word: &[char], letters: &[char]) -> Self {
        let sorted = |letters: &[char]| {
            let mut letters = letters.to_vec();
            letters.sort_unstable();
            letters
        };
        let same = |(a, b): &(&char, &char)| a == b;
        let start = word.iter().zip(letters).take_while(same).count();
        let ends = word.iter().rev().zip(letters.iter().rev());
        let end = ends.take_while(same).count();
        Self {
            edits,
            other_letters: word.len() != letters.len() || sorted(word) != sorted(letters),
            differing: word.len().max(letters.len()).saturating_sub(start + end),
        }
    }
}

/// Which letters a word has, by their lowest bits; `None` unless it is ASCII.
fn mask(word: &str) -> Option<u64> {
    word.bytes().try_fold(0, |mask, byte| {
        let bit = byte.to_ascii_lowercase() & 63;
        byte.is_ascii().then_some(mask | 1 << bit)
    })
}

fn lower(word: &str) -> Option<Vec<char>> {
    let letters: Vec<char> = lowered(word).collect();
    (letters.len() <= LONGEST).then_some(letters)
}

fn lowered(word: &str) -> impl Iterator<Item = char> {
    let letters = word.chars().take(LONGEST + 1);
    letters.map(|letter| letter.to_ascii_lowercase())
}

/// Edits between two words where no part is edited twice (optimal string alignment); `None` when
/// they are more than `most`.
fn distance(from: &[char], to: &[char], most: usize) -> Option<usize> {
    let mut before_last: Vec<usize> = vec![usize::MAX; to.len() + 1];
    let mut last: Vec<usize> = (0..=to.len()).collect();
    let mut current = vec![0; to.len() + 1];
    let mut previous = None;
    for (row, &a) in from.iter().enumerate() {
        let mut left = row + 1;
        let mut diagonal = row;
        let mut least = left;
        let mut swapped_from = usize::MAX;
        let mut before = None;
        let cells = last.iter().skip(1).zip(before_last.iter());
        if let Some(first) = current.first_mut() {
            *first = left;
        }
        let columns = to.iter().zip(cells).zip(current.iter_mut().skip(1));
        for ((&b, (&above, &corner)), cell) in columns {
            let replaced = diagonal + usize::from(a != b);
            let mut edits = replaced.min(above + 1).min(left + 1);
            // `corner` is two rows up; one column back from it is where a swap starts.
            if before == Some(a) && previous == Some(b) {
                edits = edits.min(swapped_from.saturating_add(1));
            }
            swapped_from = corner;
            before = Some(b);
            diagonal = above;
            left = edits;
            least = least.min(edits);
            *cell = edits;
        }
        if least > most {
            return None;
        }
        previous = Some(a);
        std::mem::swap(&mut before_last, &mut last);
        std::mem::swap(&mut last, &mut current);
    }
    last.last().copied().filter(|edits| *edits <= most)
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
        check("frend", Some("frontend"));
        check("backending", Some("backend"));
        check("mo", None);
        check("x", None);
        check("", None);
        check("balance", None);
        check("frontendfrontend", None);
        check(&"b".repeat(100_000), None);
    }

    #[test]
    fn what_suggestions_cost_is_bounded() {
        let known: Vec<String> = (0..2000).map(|n| format!("server{n:05}")).collect();
        let near = || closest("server0000x", known.iter().map(String::as_str));
        start_over();
        assert_eq!(near(), Some("server00000"));
        assert_eq!(
            (0..1000).filter_map(|_| near()).count(),
            COMPARISONS / 2000 - 1
        );
        start_over();
        assert_eq!(near(), Some("server00000"));
    }

    fn check_distance(from: &str, to: &str, expected: usize) {
        let letters = |word: &str| word.chars().collect::<Vec<_>>();
        assert_eq!(distance(&letters(from), &letters(to), 9), Some(expected));
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
