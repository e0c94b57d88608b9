//! `rate-limit average <n> …`: refuses requests of a key that come too fast (SEMANTICS 8.2).

use super::limit_key::{self, LimitKey};
use super::refusal::{Blocker, BlockerReader};
use super::{HttpAction, Keyword, Line, REQUESTS};
use crate::protect::{RateDecision, RateSpec};
use crate::vocab::context::{ActionContext, ExtraHeaders, Verdict, Wait};
use std::sync::Arc;

pub(super) const KEYWORD: Keyword = Keyword {
    name: "rate-limit",
    sets: REQUESTS,
    usage: "rate-limit average <requests> [ period <time> ] [ burst <requests> ] [ key <expression> ] \
            [ name <id> ] [ max-delay <time> ] [ size <keys> ] [ no-retry-hdr ] [ shadow ] \
            [ { status | deny_status } <code> ] [ content-type <type> ] \
            [ { default-errorfiles | errorfile <file> | errorfiles <name> | file <file> | \
            lf-file <file> | string <str> | lf-string <fmt> } ] [ hdr <name> <fmt> ]* \
            [ { if | unless } <condition> ]",
    doc: "Lets through <average> requests in each <period> (1s) for each key (the client's address), \
          and <burst> more at once after a rest. A request that is a little early waits, others \
          are refused with 429 and told when to come again. Not in HAProxy.",
    build,
};

#[derive(Debug)]
struct RateLimit {
    /// Its number.
    limit: usize,
    key: LimitKey,
    blocker: Blocker,
    tells_when: bool,
}

#[derive(Default)]
struct Draft {
    average: Option<u32>,
    period: Option<u64>,
    burst: Option<u32>,
    key: Option<LimitKey>,
    name: Option<Arc<str>>,
    max_delay: Option<u64>,
    size: Option<u32>,
    is_silent: bool,
}

fn build(line: &mut Line<'_, '_, '_>) -> Option<Box<dyn HttpAction>> {
    let mut draft = Draft::default();
    let mut blocker = BlockerReader::new(line, 429);
    while let Some(word) = line.next() {
        match &*word.bytes {
            b"average" => {
                let average = limit_key::positive(line, word)?;
                limit_key::once(line, word, &mut draft.average, average)?;
            }
            b"period" => {
                let period = limit_key::positive_time(line, word, "")?;
                limit_key::once(line, word, &mut draft.period, period)?;
            }
            b"burst" => {
                let burst = limit_key::positive(line, word)?;
                limit_key::once(line, word, &mut draft.burst, burst)?;
            }
            b"key" => draft.key = Some(LimitKey::read(line, word, &draft.key)?),
            b"name" => {
                let name = line.required("a name after 'name'")?.text();
                limit_key::once(line, word, &mut draft.name, name.as_ref().into())?;
            }
            b"max-delay" => {
                let delay = limit_key::time(line, word)?;
                limit_key::once(line, word, &mut draft.max_delay, delay)?;
            }
            b"size" => {
                let size = limit_key::size(line, word)?;
                limit_key::once(line, word, &mut draft.size, size)?;
            }
            b"no-retry-hdr" => draft.is_silent = true,
            _ if blocker.word(line, word)? => {}
            _ => {
                let message = format!(
                    "'rate-limit' expects 'average', 'period', 'burst', 'key', 'name', 'max-delay', 'size', 'no-retry-hdr' or a response argument but got '{}'",
                    word.text()
                );
                line.error_near(word, message, KEYWORD.words());
                return None;
            }
        }
    }
    draft.finish(line, blocker)
}

impl Draft {
    fn finish(
        self,
        line: &mut Line<'_, '_, '_>,
        blocker: BlockerReader,
    ) -> Option<Box<dyn HttpAction>> {
        let Some(average) = self.average else {
            let message = "'rate-limit' expects 'average <requests>'".to_owned();
            line.error(line.name, message);
            return None;
        };
        let key = match self.key {
            Some(key) => key,
            None => LimitKey::default(line, "src")?,
        };
        let site = line.scope.site;
        let mut protections = site.outer.protections();
        let name = self
            .name
            .unwrap_or_else(|| protections.own_name(site.proxy));
        let spec = RateSpec {
            name: Arc::clone(&name),
            average,
            period: self.period.unwrap_or(1000),
            burst: self.burst.unwrap_or(1),
            max_delay: self.max_delay,
            size: self.size.unwrap_or(limit_key::SIZE),
            key: key.text.clone(),
            by_address: key.is_address(),
            shadow: blocker.is_shadow(),
        };
        let limit = protections.rate_limit(spec, line.name);
        drop(protections);
        Some(Box::new(RateLimit {
            limit,
            key,
            blocker: blocker.finish(line, "rate-limit", &name)?,
            tells_when: !self.is_silent,
        }))
    }
}

impl HttpAction for RateLimit {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        let view = cx.view();
        let limits = view.state.protections();
        let Some(limit) = limits.and_then(|all| all.rate_limits.get(self.limit)) else {
            return Verdict::Continue;
        };
        match self.key.with(&view, |key| limit.take(key)) {
            RateDecision::Pass => Verdict::Continue,
            RateDecision::Delay(_) if self.blocker.is_shadow => Verdict::Continue,
            RateDecision::Delay(time) => Verdict::Wait(Wait::Pause(time)),
            RateDecision::Refuse(wait_us) => {
                let extra = if self.tells_when {
                    retry_headers(wait_us)
                } else {
                    Vec::new()
                };
                self.blocker.refuse(cx, extra)
            }
        }
    }
}

/// When to come again: in seconds, and more exactly.
fn retry_headers(wait_us: u64) -> ExtraHeaders {
    let header = |name: &[u8], value: String| (name.into(), value.into_bytes().into());
    vec![
        header(b"retry-after", wait_us.div_ceil(1_000_000).to_string()),
        header(b"x-retry-in", format!("{}ms", wait_us.div_ceil(1000))),
    ]
}
