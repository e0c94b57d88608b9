//! `do-log`: a line now, whatever is logged later.

use super::{ALL_SETS, HttpAction, Keyword, Line, RuleSet, rule_codes};
use crate::observe::LogStep;
use crate::vocab::context::{ActionContext, Verdict};
use crate::vocab::log_profile::LogProfile;
use std::sync::Arc;

pub(super) const KEYWORD: Keyword = Keyword {
    name: "do-log",
    sets: ALL_SETS,
    usage: "do-log [ profile <log-profile> ] [ { if | unless } <condition> ]",
    doc: "Writes a log line of the frontend now, as its \"log\" lines or a profile say; it changes nothing about \
          the lines written otherwise.",
    build,
};

#[derive(Debug)]
struct DoLog {
    step: LogStep,
    profile: Option<Arc<LogProfile>>,
}

fn build(line: &mut Line<'_, '_, '_>) -> Option<Box<dyn HttpAction>> {
    let mut profile = None;
    while line.rest.first().is_some_and(|word| *word == "profile") {
        line.next();
        let Some(word) = line.next() else {
            let message = "action 'do-log': 'profile' expects argument.".to_owned();
            line.error(line.name, message);
            return None;
        };
        let outer = line.scope.site.outer;
        profile = outer.log_profile(&word.bytes);
        if profile.is_none() {
            let message = format!("do-log action: profile '{}' is invalid", word.text());
            let help = "the name of a 'log-profile' section is needed".to_owned();
            line.report(rule_codes::UNKNOWN_LOG_PROFILE, word.span, message, help);
            return None;
        }
    }
    let step = match line.set {
        RuleSet::Connection => LogStep::TcpReqConn,
        RuleSet::Session => LogStep::TcpReqSess,
        RuleSet::Content => LogStep::TcpReqCont,
        RuleSet::ResponseContent => LogStep::TcpResCont,
        RuleSet::Request => LogStep::HttpReq,
        RuleSet::Response => LogStep::HttpRes,
        RuleSet::AfterResponse => LogStep::HttpAfterRes,
    };
    Some(Box::new(DoLog { step, profile }))
}

impl HttpAction for DoLog {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        let before = cx.record.step.replace(self.step);
        cx.state.log(&cx.view(), self.profile.as_deref());
        cx.record.step.set(before);
        Verdict::Continue
    }
}
