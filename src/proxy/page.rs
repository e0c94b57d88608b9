//! `stats`: requests for the statistics page, and what its forms change.
//!
//! The proxy's own rules have run; a page has accounts or rules besides. Accounts are compared in a
//! time that does not tell how much of one was right. Deliberately absent: what the page looks like
//! (`observe::stats`), and the state it changes (`backend`).

use super::client::Client;
use super::end::{Answer, End, Ruled};
use super::place::Place;
use super::service::Service;
use super::shared::Shared;
use super::statistics::{StatQuery, Wanted};
use super::transaction::Transaction;
use super::{rules, wait};
use crate::backend::{Admin, Operation};
use crate::compile::config::{Backend, StatsPage};
use crate::health::{self, Cause, CheckKind};
use crate::http1::{Method, RequestHead, ResponseHead};
use crate::observe::stats::metrics::decode;
use crate::observe::stats::{Format, Outcome, PageView};
use crate::random;
use crate::settings::Reply;
use crate::version::TIDEGATE;
use crate::vocab::fetch::basic_credentials;
use bytes::Bytes;
use memchr::memmem;
use std::hint::black_box;
use std::sync::Arc;

/// Longest text that proxies are looked for with.
const SCOPE_MAX: usize = 20;

/// The page, if there is one and it is what the request is for.
pub(super) fn asked_for<'p>(
    page: Option<&'p Arc<StatsPage>>,
    tx: &Transaction,
) -> Option<&'p Arc<StatsPage>> {
    page.filter(|page| is_asked_for(page, tx))
}

/// Answers a request for the page, which is an `Err`: the request goes no further.
pub(super) async fn serve(
    at: Place<'_>,
    page: &Arc<StatsPage>,
    backend: Option<&Backend>,
    client: &mut Client,
    tx: &mut Transaction,
) -> Result<(), End> {
    if !page.accounts.is_empty() && !is_known(page, tx) {
        return Err(answered(Answer::Challenge(Arc::clone(&page.realm))));
    }
    rules::request(&page.rules, at, backend, client, tx).await?;
    let asked = Asked::of(page, tx);
    let names = at.names(backend, None);
    let view = rules::view(at, names, client, tx);
    let admin = page.admin.iter().any(|condition| condition.holds(&view));
    if tx.request.known_method() == Method::Post {
        let outcome = match admin && !is_foreign(&tx.request) {
            true => {
                let timeout = at.frontend.timeouts.http_request;
                let due = at.worker.clock.now().saturating_add(timeout);
                wait::body(at, client, tx, due, 0).await?;
                change(at, tx)
            }
            false => Outcome::Denied,
        };
        return Err(answered(Answer::Own(Box::new(see_other(
            page, &asked, outcome,
        )))));
    }
    Err(answered(Answer::Service(asked.service(page, admin))))
}

fn answered(answer: Answer) -> End {
    End::ByRule(Ruled {
        on_response: false,
        denied: false,
        timed: true,
        tarpitted: false,
        overflowed: false,
        answer,
    })
}

fn is_asked_for(page: &StatsPage, tx: &Transaction) -> bool {
    let method = tx.request.known_method();
    let target = match page.uri.first() {
        Some(b'/') => tx.request.path_and_query(),
        _ => tx.request.target(),
    };
    matches!(method, Method::Get | Method::Head | Method::Post) && target.starts_with(&page.uri)
}

/// Whether the request has the name and password of an account.
fn is_known(page: &StatsPage, tx: &Transaction) -> bool {
    let mut room = Vec::new();
    let Some((user, pass)) = basic_credentials(&tx.request, &mut room) else {
        return false;
    };
    let given = [user, b":", pass].concat();
    // All accounts are looked at, all bytes of each.
    page.accounts
        .iter()
        .fold(false, |known, account| same(account, &given) | known)
}

/// Whether two texts are the same, in a time that depends on their lengths alone.
fn same(account: &[u8], given: &[u8]) -> bool {
    let differing = account
        .iter()
        .zip(given)
        .fold(0, |all, (a, b)| black_box(all | (a ^ b)));
    account.len() == given.len() && differing == 0
}

/// Whether a browser says that another site's page made it send this: it would have added what it
/// knows of accounts by itself. Programs say neither (Fetch Metadata §2.2, RFC 6454 §7).
fn is_foreign(request: &RequestHead) -> bool {
    if let Some(site) = request.header(b"sec-fetch-site") {
        return !matches!(site, b"same-origin" | b"none");
    }
    let Some(origin) = request.header(b"origin") else {
        return false;
    };
    let host = memmem::find(origin, b"://").and_then(|at| origin.get(at + 3..));
    host.is_none_or(|host| !host.eq_ignore_ascii_case(request.authority()))
}

/// What the address asks for.
#[derive(Debug, Default)]
struct Asked {
    format: Option<Format>,
    schema: bool,
    up: bool,
    no_maint: bool,
    no_refresh: bool,
    scope: String,
    outcome: Option<Outcome>,
}

impl Asked {
    fn of(page: &StatsPage, tx: &Transaction) -> Self {
        let target = match page.uri.first() {
            Some(b'/') => tx.request.path_and_query(),
            _ => tx.request.target(),
        };
        let rest = target.get(page.uri.len()..).unwrap_or_default();
        let has = |word: &[u8]| memmem::find(rest, word).is_some();
        let format = [
            (&b";json"[..], Format::Json),
            (b";typed", Format::Typed),
            (b";csv", Format::Csv),
        ];
        let after = |word: &[u8]| {
            let at = memmem::find(rest, word)?;
            rest.get(at + word.len()..)
        };
        let scope = after(b"scope=").map(|text| {
            let end = text.iter().position(|byte| b";& ".contains(byte));
            let text = text.get(..end.unwrap_or(text.len())).unwrap_or(text);
            text.get(..SCOPE_MAX).unwrap_or(text)
        });
        // Names have no other characters, so that others find nothing.
        let usual = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.:".contains(byte);
        let scope = scope.filter(|text| text.iter().all(usual));
        Self {
            format: format
                .into_iter()
                .find_map(|(word, format)| has(word).then_some(format)),
            schema: has(b";json-schema"),
            up: has(b";up"),
            no_maint: has(b";no-maint"),
            no_refresh: page.refresh_s > 0 && has(b";norefresh"),
            scope: String::from_utf8_lossy(scope.unwrap_or_default()).into_owned(),
            outcome: after(b";st=").and_then(|code| Some(Outcome::of(code.get(..4)?))),
        }
    }

    fn service(self, page: &StatsPage, admin: bool) -> Service {
        if self.schema {
            return Service::Schema;
        }
        let wanted = Wanted {
            names: Arc::clone(&page.scope),
            containing: self.scope.as_str().into(),
            no_maint: self.no_maint,
            up: self.up,
            legends: page.legends,
            ..Wanted::default()
        };
        if let Some(format) = self.format {
            return Service::Lines(StatQuery {
                wanted,
                format,
                docs: false,
            });
        }
        let view = PageView {
            uri: String::from_utf8_lossy(&page.uri).into_owned(),
            version: page.version.then(|| TIDEGATE.to_owned()),
            node: page.node.as_deref().map(str::to_owned),
            description: page.description.as_deref().map(str::to_owned),
            refresh_s: page.refresh_s,
            no_refresh: self.no_refresh,
            up: self.up,
            scope: self.scope,
            admin,
            legends: page.legends,
            modules: page.modules,
            outcome: self.outcome,
            nonce: format!("{:016x}{:016x}", random::next(), random::next()),
        };
        Service::Page(wanted, Box::new(view))
    }
}

/// Sends the browser to the page again, so that loading it once more changes nothing.
fn see_other(page: &StatsPage, asked: &Asked, outcome: Outcome) -> Reply {
    let mut location = page.uri.to_vec();
    location.extend_from_slice(b";st=");
    location.extend_from_slice(outcome.code().as_bytes());
    if asked.up {
        location.extend_from_slice(b";up");
    }
    if asked.no_refresh {
        location.extend_from_slice(b";norefresh");
    }
    if !asked.scope.is_empty() {
        location.extend_from_slice(b";scope=");
        location.extend_from_slice(asked.scope.as_bytes());
    }
    let mut head = ResponseHead::new(303);
    // A URI that no header can hold leaves the answer without one.
    let _ = head.add_header(b"cache-control", b"no-cache");
    let _ = head.add_header(b"content-type", b"text/plain");
    let _ = head.add_header(b"location", &location);
    Reply {
        head,
        body: Bytes::new(),
    }
}

/// Does what a form says.
fn change(at: Place<'_>, tx: &Transaction) -> Outcome {
    if !tx.upload.is_done() {
        return Outcome::TooLong;
    }
    let body: Vec<u8> = tx.upload.payload().data().flatten().copied().collect();
    let Some(form) = Form::of(&body) else {
        return Outcome::Wrong;
    };
    let shared = &at.worker.shared;
    let mut backends = shared.config.backends.present().map(|(_, backend)| backend);
    let backend = backends.find(|config| form.is_backend(config));
    let (Some(config), Some(action)) = (backend, form.action) else {
        return if form.backend.is_none() || form.action.is_none() {
            Outcome::Nothing
        } else {
            Outcome::Wrong
        };
    };
    let mut changed = 0;
    for name in &form.servers {
        let server = config.server_named(name);
        let done = server.is_some_and(|server| {
            let place = health::Place {
                backend: config.index as usize,
                server,
            };
            action.apply(shared, place)
        });
        changed += usize::from(done);
    }
    match (form.servers.len(), changed) {
        (0, _) => Outcome::Nothing,
        (_, 0) => Outcome::Wrong,
        (all, changed) if all == changed => Outcome::Done,
        _ => Outcome::Partly,
    }
}

/// A form that was filled in; the last of several actions or backends counts.
#[derive(Debug, Default)]
struct Form {
    backend: Option<Vec<u8>>,
    action: Option<Action>,
    servers: Vec<Vec<u8>>,
}

impl Form {
    /// `None` if it can't be read or asks for what does not exist.
    fn of(body: &[u8]) -> Option<Self> {
        let mut form = Self::default();
        for pair in body.split(|&byte| byte == b'&') {
            let at = memchr::memchr(b'=', pair).unwrap_or(pair.len());
            let (key, value) = pair.split_at_checked(at)?;
            let value = decode(value.get(1..).unwrap_or_default())?;
            match &*decode(key)? {
                b"b" => form.backend = Some(value),
                b"action" if value.is_empty() => {}
                b"action" => form.action = Some(Action::of(&value)?),
                b"s" => form.servers.push(value),
                _ => {}
            }
        }
        Some(form)
    }

    /// Whether this is the backend: by name, or by `#` and its id.
    fn is_backend(&self, config: &Backend) -> bool {
        let Some(wanted) = &self.backend else {
            return false;
        };
        match wanted.strip_prefix(b"#") {
            Some(id) => str::from_utf8(id).is_ok_and(|id| id.parse() == Ok(config.uuid)),
            None => config.name.as_bytes() == wanted,
        }
    }
}

/// What is done with servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Ready,
    Drain,
    Maint,
    Disable,
    Enable,
    Stop,
    Start,
    ForceUp,
    ForceNoLb,
    ForceDown,
    AgentUp,
    AgentDown,
    /// Turns checks of a kind on or off.
    Checks(CheckKind, bool),
    /// Closes the connections of all streams on it.
    Sessions,
}

impl Action {
    fn of(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"ready" => Self::Ready,
            b"drain" => Self::Drain,
            b"maint" => Self::Maint,
            b"disable" => Self::Disable,
            b"enable" => Self::Enable,
            b"stop" => Self::Stop,
            b"start" => Self::Start,
            b"hrunn" => Self::ForceUp,
            b"hnolb" => Self::ForceNoLb,
            b"hdown" => Self::ForceDown,
            b"arunn" => Self::AgentUp,
            b"adown" => Self::AgentDown,
            b"dhlth" => Self::Checks(CheckKind::Health, false),
            b"ehlth" => Self::Checks(CheckKind::Health, true),
            b"dagent" => Self::Checks(CheckKind::Agent, false),
            b"eagent" => Self::Checks(CheckKind::Agent, true),
            b"shutdown" => Self::Sessions,
            _ => return None,
        })
    }

    /// Whether it was done.
    fn apply(self, shared: &Arc<Shared>, place: health::Place) -> bool {
        let health = &shared.health;
        let Some(state) = health.state(place) else {
            return false;
        };
        let has = |flag| state.status().admin.has(flag);
        let by_page = Cause::Other("changed from Web interface");
        let force = |kind, operation| {
            let checked = health.check(place, kind).is_some_and(|check| check.enabled);
            if checked {
                health.set_health(place, kind, operation, by_page);
            }
            checked
        };
        match self {
            Self::Ready => health.set_ready(place),
            Self::Drain => health.set_drain(place, ""),
            Self::Maint => health.set_maint(place, ""),
            Self::Disable | Self::Enable if has(Admin::FORCED_MAINT) == (self == Self::Disable) => {
                return false;
            }
            Self::Disable => health.add(place, Admin::FORCED_MAINT, "'disable' on stats page"),
            Self::Enable => health.remove(place, Admin::FORCED_MAINT),
            Self::Stop | Self::Start if has(Admin::FORCED_DRAIN) == (self == Self::Stop) => {
                return false;
            }
            Self::Stop => health.add(place, Admin::FORCED_DRAIN, "'stop' on stats page"),
            Self::Start => health.remove(place, Admin::FORCED_DRAIN),
            Self::ForceUp => return force(CheckKind::Health, Operation::Running),
            Self::ForceNoLb => return force(CheckKind::Health, Operation::Stopping),
            Self::ForceDown => return force(CheckKind::Health, Operation::Stopped),
            Self::AgentUp => return force(CheckKind::Agent, Operation::Running),
            Self::AgentDown => return force(CheckKind::Agent, Operation::Stopped),
            Self::Checks(kind, enabled) => {
                let before = health.check(place, kind);
                return before.is_some_and(|check| check.enabled != enabled)
                    && health.enable(place, kind, enabled);
            }
            Self::Sessions => shared.shut_down_streams(place),
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http1::HeadLimits;

    #[test]
    fn accounts_are_compared_whole() {
        let check = |given: &str, expected| {
            assert_eq!(same(b"admin:secret", given.as_bytes()), expected, "{given}");
        };
        check("admin:secret", true);
        check("admin:secre", false);
        check("admin:secret1", false);
        check("bdmin:secret", false);
        check("", false);
    }

    #[test]
    fn forms_of_other_sites_change_nothing() {
        let check = |headers: &str, expected| {
            let text = format!("POST /s HTTP/1.1\r\nhost: a:80\r\n{headers}\r\n");
            let limits = HeadLimits {
                max_size: 1000,
                max_headers: 10,
            };
            let mut head = RequestHead::default();
            head.parse(text.as_bytes(), limits).unwrap();
            assert_eq!(is_foreign(&head), expected, "{headers}");
        };
        check("", false);
        check("sec-fetch-site: same-origin\r\norigin: http://b\r\n", false);
        check("sec-fetch-site: none\r\n", false);
        check("sec-fetch-site: cross-site\r\n", true);
        check("sec-fetch-site: same-site\r\n", true);
        check("origin: http://A:80\r\n", false);
        check("origin: https://b\r\n", true);
        check("origin: null\r\n", true);
    }

    #[test]
    fn forms_are_read() {
        let form = Form::of(b"s=a&s=b%201&action=maint&b=%233").unwrap();
        assert_eq!(form.servers, [b"a".to_vec(), b"b 1".to_vec()]);
        assert_eq!(form.action, Some(Action::Maint));
        let backend = Backend {
            uuid: 3,
            name: "web".into(),
            ..Backend::default()
        };
        assert!(form.is_backend(&backend));
        assert!(Form::of(b"b=web").unwrap().is_backend(&backend));
        assert!(!Form::of(b"b=%234").unwrap().is_backend(&backend));
        assert!(Form::of(b"action=fly").is_none());
        assert!(Form::of(b"s=%zz").is_none());
    }
}
