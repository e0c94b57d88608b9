//! `inflight-limit <n> …`: refuses requests of a key of which enough are under way
//! (SEMANTICS 8.3).

use super::limit_key::{self, LimitKey};
use super::refusal::{Blocker, BlockerReader};
use super::{HttpAction, Keyword, Line, REQUESTS};
use crate::protect::InflightSpec;
use crate::vocab::context::{ActionContext, Verdict};
use std::sync::Arc;

pub(super) const KEYWORD: Keyword = Keyword {
    name: "inflight-limit",
    sets: REQUESTS,
    usage: "inflight-limit <requests> [ key <expression> ] [ name <id> ] [ size <keys> ] [ shadow ] \
            [ { status | deny_status } <code> ] [ content-type <type> ] \
            [ { default-errorfiles | errorfile <file> | errorfiles <name> | file <file> | \
            lf-file <file> | string <str> | lf-string <fmt> } ] [ hdr <name> <fmt> ]* \
            [ { if | unless } <condition> ]",
    doc: "Lets at most <requests> of a key (the request's host) be under way at a time, from this \
          rule to the last byte of the response; others are refused with 429. Not in HAProxy.",
    build,
};

#[derive(Debug)]
struct InflightLimit {
    /// Its number.
    limit: usize,
    key: LimitKey,
    blocker: Blocker,
}

fn build(line: &mut Line<'_, '_, '_>) -> Option<Box<dyn HttpAction>> {
    let most = most(line)?;
    let (mut key, mut name, mut size): (_, Option<Arc<str>>, _) = (None, None, None);
    let mut blocker = BlockerReader::new(line, 429);
    while let Some(word) = line.next() {
        match &*word.bytes {
            b"key" => key = Some(LimitKey::read(line, word, &key)?),
            b"name" => {
                let text = line.required("a name after 'name'")?.text();
                limit_key::once(line, word, &mut name, text.as_ref().into())?;
            }
            b"size" => {
                let value = limit_key::size(line, word)?;
                limit_key::once(line, word, &mut size, value)?;
            }
            _ if blocker.word(line, word)? => {}
            _ => {
                let message = format!(
                    "'inflight-limit' expects 'key', 'name', 'size' or a response argument but got '{}'",
                    word.text()
                );
                line.error_near(word, message, KEYWORD.words());
                return None;
            }
        }
    }
    let key = match key {
        Some(key) => key,
        None => LimitKey::default(line, "req.hdr(host),lower")?,
    };
    let site = line.scope.site;
    let mut protections = site.outer.protections();
    let name = name.unwrap_or_else(|| protections.own_name(site.proxy));
    let spec = InflightSpec {
        name: Arc::clone(&name),
        most,
        size: size.unwrap_or(limit_key::SIZE),
        key: key.text.clone(),
        by_address: key.is_address(),
        shadow: blocker.is_shadow(),
    };
    let limit = protections.inflight_limit(spec, line.name);
    drop(protections);
    Some(Box::new(InflightLimit {
        limit,
        key,
        blocker: blocker.finish(line, "inflight-limit", &name)?,
    }))
}

fn most(line: &mut Line<'_, '_, '_>) -> Option<u32> {
    let value = line.next();
    let text = value.map(|value| value.text()).unwrap_or_default();
    let most = text.parse().ok().filter(|most| *most > 0);
    if most.is_none() {
        let message = format!(
            "'inflight-limit' expects an integer greater than 0 as first argument but got '{text}'"
        );
        line.error(value.map_or(line.name, |value| value.span), message);
    }
    most
}

impl HttpAction for InflightLimit {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        let view = cx.view();
        let limits = view.state.protections();
        let Some(limit) = limits.and_then(|all| all.inflight_limits.get(self.limit)) else {
            return Verdict::Continue;
        };
        if self.key.with(&view, |key| cx.holds.take(limit, key)) {
            return Verdict::Continue;
        }
        self.blocker.refuse(cx, Vec::new())
    }
}
