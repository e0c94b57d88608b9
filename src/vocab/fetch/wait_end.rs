//! `wait_end`: true once content rules wait no longer.

use super::{Build, Keyword, Needs, example};
use crate::vocab::sample::{Sample, Type};

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["wait_end"],
    yields: Type::Bool,
    needs: Needs::Internal,
    doc: "True when the inspection delay is over, the buffer is full or nothing more can come. Until \
          then content rules wait here.",
    examples: &[example("", "wait_end", "1")],
    build: Build::Plain(|cx, _| match cx.content {
        Some(content) if !content.is_settled() => content.wait(),
        _ => Some(Sample::Bool(true)),
    }),
    ..Keyword::DEFAULT
};
