//! `auth [realm <realm>]`: the client is asked for a name and a password.

use super::{HttpAction, Keyword, Line, REQUESTS};
use crate::vocab::context::{ActionContext, Verdict};
use std::sync::Arc;

pub(super) const KEYWORD: Keyword = Keyword {
    name: "auth",
    sets: REQUESTS,
    usage: "auth [ realm <realm> ] [ { if | unless } <condition> ]",
    doc: "Answers with 401 and asks for credentials of the realm, by default the proxy's name.",
    build,
};

#[derive(Debug)]
struct Auth {
    realm: Option<Arc<[u8]>>,
}

fn build(line: &mut Line<'_, '_, '_>) -> Option<Box<dyn HttpAction>> {
    let mut realm = None;
    if line.rest.first().is_some_and(|word| *word == "realm") {
        line.next();
        realm = Some(
            line.required("a realm after 'realm'")?
                .bytes
                .as_ref()
                .into(),
        );
    }
    Some(Box::new(Auth { realm }))
}

impl HttpAction for Auth {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        let realm = self.realm.clone();
        Verdict::Challenge(realm.unwrap_or_else(|| cx.names.backend.as_bytes().into()))
    }
}
