//! What a limit answers with: the response words of `deny`, on a line of its own.

use super::reply::Answer;
use super::{Line, RuleSet, deny};
use crate::syntax::Word;
use crate::vocab::context::{ActionContext, Verdict};
use crate::vocab::scope::Scope;

/// The answer to a request that a limit refuses.
#[derive(Debug)]
pub struct Refusal(Answer);

impl Refusal {
    /// Reads it from those words of the line of `keyword`; without any it is the error page of
    /// `status`.
    pub fn parse(
        keyword: &Word,
        words: &[Word],
        status: u16,
        scope: &mut Scope<'_>,
    ) -> Option<Self> {
        let mut line = Line {
            keyword: &deny::KEYWORD,
            word: keyword,
            name: keyword.span,
            argument: None,
            set: RuleSet::Request,
            rest: words,
            scope,
        };
        deny::read(&mut line, status).map(Self)
    }

    /// The answer to this stream.
    pub fn verdict(&self, cx: &mut ActionContext<'_>) -> Verdict {
        deny::refuse(&self.0, cx)
    }
}
