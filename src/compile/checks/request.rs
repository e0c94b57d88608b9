//! What `option httpchk`, `smtpchk` and the database checks say on their own line.

use super::Made;
use crate::compile::Work;
use crate::health::script::{Action, Expect, HttpRequest, Language, Script, Step, Text, Wanted};
use crate::syntax::Word;
use std::sync::Arc;

pub(super) fn http_script(mut made: Made, request: Option<&[Word]>, work: Work<'_>) -> Script {
    let of_option = of_option(request);
    let sends = |step: &Step| matches!(step.action, Action::SendHttp(_));
    if made.steps.iter().any(sends) {
        // What the first request leaves open is as the option says, others as if it said nothing.
        let mut gaps = of_option;
        for step in &mut made.steps {
            if let Action::SendHttp(explicit) = &mut step.action {
                *explicit = Arc::new(merged(explicit, &gaps));
                gaps = self::of_option(None);
            }
        }
    } else {
        let connects = |step: &Step| matches!(step.action, Action::Connect(_));
        let at = usize::from(made.steps.first().is_some_and(connects));
        made.steps.insert(
            at,
            Step {
                action: Action::SendHttp(Arc::new(of_option)),
                number: at + 1,
                comment: None,
            },
        );
    }
    let last = made
        .steps
        .iter()
        .rfind(|step| !matches!(step.action, Action::Variable(_)));
    if last.is_some_and(sends) {
        made.steps.push(Step {
            action: Action::Expect(Arc::new(Expect::of(Wanted::Status(vec![(200, 399)])))),
            number: made.steps.len() + 1,
            comment: None,
        });
    }
    Script {
        language: Language::Http,
        steps: made.steps,
        disable_on_404: made.disable_on_404,
        send_state: made.send_state.then(|| node(work)),
    }
}

/// The name of this node, as `node` or the system says.
fn node(work: Work<'_>) -> Arc<str> {
    work.options.host.name().into()
}

/// `user <name>` of an option.
pub(super) fn user(words: Option<&[Word]>) -> Option<&[u8]> {
    words?.get(3).map(|word| &*word.bytes)
}

/// `option smtpchk [HELO | EHLO <domain>]`.
pub(super) fn hello(words: Option<&[Word]>) -> String {
    match words.and_then(|words| words.get(2..4)) {
        Some([verb, domain]) if *verb == *"HELO" || *verb == *"EHLO" => {
            format!("{} {}", verb.text(), domain.text())
        }
        _ => "HELO localhost".to_owned(),
    }
}

/// The request of `option httpchk [<method>] [<uri> [<version> [<host>]]]`.
fn of_option(words: Option<&[Word]>) -> HttpRequest {
    let word = |at: usize| {
        words
            .and_then(|words| words.get(at))
            .map(|word| &word.bytes)
    };
    // One argument alone is the target.
    let (method, uri) = match (word(2), word(3)) {
        (Some(uri), None) => (None, Some(uri)),
        (method, uri) => (method, uri),
    };
    let host = word(5).map(|host| (Box::from(&b"host"[..]), fixed(host)));
    HttpRequest {
        method: method.cloned().unwrap_or_else(|| (*b"OPTIONS").into()),
        uri: fixed(uri.map_or(b"/", |uri| uri)),
        version: word(4).cloned().unwrap_or_else(|| (*b"HTTP/1.0").into()),
        headers: host.into_iter().collect(),
        body: None,
    }
}

/// An explicit request with the gaps filled: an empty part was not written.
fn merged(explicit: &HttpRequest, option: &HttpRequest) -> HttpRequest {
    let pick = |own: &[u8], other: &[u8]| Box::from(if own.is_empty() { other } else { own });
    let has_uri = !matches!(&explicit.uri, Text::Fixed(uri) if uri.is_empty());
    let own_host = explicit
        .headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case(b"host"));
    let inherited = option.headers.iter().filter(|_| !own_host).cloned();
    HttpRequest {
        method: pick(&explicit.method, &option.method),
        uri: if has_uri {
            explicit.uri.clone()
        } else {
            option.uri.clone()
        },
        version: pick(&explicit.version, &option.version),
        headers: inherited.chain(explicit.headers.iter().cloned()).collect(),
        body: explicit.body.clone(),
    }
}

pub(super) fn fixed(bytes: &[u8]) -> Text {
    Text::Fixed(bytes.into())
}
