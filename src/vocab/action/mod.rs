//! Rule actions: what an `http-request` or `http-response` line does.

use super::condition::Condition;
use super::context::{ActionContext, Verdict};

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
