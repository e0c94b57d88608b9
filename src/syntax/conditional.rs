//! Which lines count: the open `.if` blocks of one file.
//!
//! Pure bookkeeping; the parser reads the directives and reports what is wrong.

use super::source::Span;

/// `.if` inside each other, as HAProxy's `MAXNESTEDCONDS` allows.
pub(super) const MAX_NESTED: usize = 99;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Branch {
    /// Its lines count.
    Taken,
    /// Its lines don't count, a later branch of the block may.
    Waiting,
    /// Neither its lines nor a later branch's count.
    Over,
}

#[derive(Debug)]
struct Block {
    branch: Branch,
    /// `.else` was seen.
    last: bool,
    opened: Span,
}

/// The open blocks, outermost first.
#[derive(Debug, Default)]
pub(super) struct Conditionals {
    blocks: Vec<Block>,
    /// How many blocks beyond [`MAX_NESTED`] are open; none of their lines counts.
    beyond: usize,
}

/// A directive in the wrong place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misplaced {
    /// No `.if` is open.
    Lone,
    /// The block's `.else` came before; the block's `.if` is there.
    AfterElse(Span),
}

impl Conditionals {
    /// Whether lines count here.
    pub(super) fn counts(&self) -> bool {
        self.beyond == 0
            && self
                .blocks
                .last()
                .is_none_or(|block| block.branch == Branch::Taken)
    }

    /// Opens a block where lines count: the condition's value, or `None` for an unreadable one,
    /// none of whose branches counts.
    pub(super) fn open(&mut self, value: Option<bool>, opened: Span) {
        let branch = match value {
            Some(true) => Branch::Taken,
            Some(false) => Branch::Waiting,
            None => Branch::Over,
        };
        self.blocks.push(Block {
            branch,
            last: false,
            opened,
        });
    }

    /// Whether no more block can be opened.
    pub(super) fn full(&self) -> bool {
        self.blocks.len() >= MAX_NESTED
    }

    /// Opens a block beyond the limit; true for the first.
    pub(super) fn open_beyond(&mut self) -> bool {
        self.beyond += 1;
        self.beyond == 1
    }

    /// `.elif`: whether its condition decides.
    pub(super) fn next(&mut self) -> Result<bool, Misplaced> {
        let Some(block) = self.continued(false)? else {
            return Ok(false);
        };
        if block.branch == Branch::Taken {
            block.branch = Branch::Over;
        }
        Ok(block.branch == Branch::Waiting)
    }

    /// The value of the condition that decides; `None` if it can't be read.
    pub(super) fn decide(&mut self, value: Option<bool>) {
        if let Some(block) = self.blocks.last_mut() {
            block.branch = match value {
                Some(true) => Branch::Taken,
                Some(false) => Branch::Waiting,
                None => Branch::Over,
            };
        }
    }

    /// `.else`.
    pub(super) fn otherwise(&mut self) -> Result<(), Misplaced> {
        if let Some(block) = self.continued(true)? {
            block.branch = match block.branch {
                Branch::Waiting => Branch::Taken,
                Branch::Taken | Branch::Over => Branch::Over,
            };
        }
        Ok(())
    }

    /// `.endif`.
    pub(super) fn close(&mut self) -> Result<(), Misplaced> {
        if self.beyond > 0 {
            self.beyond -= 1;
            return Ok(());
        }
        self.blocks.pop().map(|_| ()).ok_or(Misplaced::Lone)
    }

    /// The `.if` of every block still open.
    pub(super) fn unterminated(&self) -> impl Iterator<Item = Span> {
        self.blocks.iter().map(|block| block.opened)
    }

    /// The block a further branch belongs to, `None` beyond the limit.
    fn continued(&mut self, last: bool) -> Result<Option<&mut Block>, Misplaced> {
        if self.beyond > 0 {
            return Ok(None);
        }
        let block = self.blocks.last_mut().ok_or(Misplaced::Lone)?;
        if block.last {
            return Err(Misplaced::AfterElse(block.opened));
        }
        block.last = last;
        Ok(Some(block))
    }
}
