//! Did-you-mean for words of the vocabulary: the same distance as for sections.

pub use crate::syntax::closest;
