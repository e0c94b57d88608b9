//! Rule actions: what an `http-request` or `http-response` line does.

use super::condition::Condition;
use super::context::{ActionContext, Verdict};
use super::scope::Scope;
use crate::syntax::Word;

/// The run-time form of one action. One implementation per file of this folder.
pub trait HttpAction: Send + Sync + std::fmt::Debug {
    /// Does it.
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict;
}

/// One line of a rule set: an action and the condition it depends on.
#[derive(Debug)]
pub struct Rule {
    /// What to do.
    pub action: Box<dyn HttpAction>,
    /// When; `None` is always.
    pub condition: Option<Condition>,
}

/// Parses an `http-request` line; `words` are those after the keyword.
pub fn parse_http_request(_words: &[Word], _scope: &mut Scope<'_>) -> Option<Rule> {
    None
}

/// Parses an `http-response` line; `words` are those after the keyword.
pub fn parse_http_response(_words: &[Word], _scope: &mut Scope<'_>) -> Option<Rule> {
    None
}

/// Parses an `http-after-response` line; `words` are those after the keyword.
pub fn parse_http_after_response(_words: &[Word], _scope: &mut Scope<'_>) -> Option<Rule> {
    None
}

/// Parses a `redirect` line of a proxy; `words` are those after the keyword.
pub fn parse_redirect(_words: &[Word], _scope: &mut Scope<'_>) -> Option<Rule> {
    None
}
