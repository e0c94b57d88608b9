//! Numeric ids: those written are kept, the others are counted upwards around them.

use super::findings::DUPLICATE_ID;
use crate::syntax::{Diagnostic, Diagnostics, Span};
use std::collections::HashMap;

/// Gives each item its written id or the next free one from `first`; reports ids used twice.
pub(super) fn number(
    written: &[Option<(u32, Span)>],
    first: u32,
    diags: &mut Diagnostics,
) -> Vec<u32> {
    let mut used: HashMap<u32, Span> = HashMap::new();
    for &(id, place) in written.iter().flatten() {
        if let Some(&earlier) = used.get(&id) {
            diags.push(
                Diagnostic::error(DUPLICATE_ID, format!("custom id {id} already used"))
                    .at(place, "")
                    .at(earlier, "used here"),
            );
        }
        used.insert(id, place);
    }
    let mut next = first;
    let mut free = || {
        while used.contains_key(&next) {
            next = next.saturating_add(1);
        }
        next = next.saturating_add(1);
        next - 1
    };
    written
        .iter()
        .map(|id| id.map_or_else(&mut free, |(id, _)| id))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::FileId;

    fn check(written: &[u32], first: u32, expected: &[u32], errors: usize) {
        let place = Span {
            file: FileId(0),
            start: 0,
            end: 1,
        };
        let written: Vec<_> = written
            .iter()
            .map(|&id| (id != 0).then_some((id, place)))
            .collect();
        let mut diags = Diagnostics::default();
        assert_eq!(number(&written, first, &mut diags), expected);
        assert_eq!(diags.len(), errors);
    }

    #[test]
    fn written_ids_are_kept_and_skipped() {
        check(&[0, 0, 0], 2, &[2, 3, 4], 0);
        check(&[3, 0, 0], 2, &[3, 2, 4], 0);
        check(&[0, 2, 0], 2, &[3, 2, 4], 0);
        check(&[5, 5], 1, &[5, 5], 1);
        check(&[u32::MAX, 0], 1, &[u32::MAX, 1], 0);
    }
}
