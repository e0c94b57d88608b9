//! The statistics page of a proxy: what its lines say, with what `global` says filled in.

use super::config::{Global, Mode, StatsPage};
use super::findings::NEEDS_HTTP;
use super::rules::Rules;
use crate::syntax::{Diagnostic, Diagnostics};
use crate::vocab::section::proxy::{ProxyDraft, TWO_WAYS_IN};
use std::sync::Arc;

/// What clients are told if no `stats realm` says otherwise.
const DEFAULT_REALM: &[u8] = b"HAProxy Statistics";

/// The page, if there is one.
pub(super) fn page(
    draft: &ProxyDraft<'_>,
    rules: &mut Rules<'_>,
    global: &Global,
    diags: &mut Diagnostics,
) -> Option<Arc<StatsPage>> {
    let page = draft.settings.stats.as_ref()?;
    let (noun, name) = (draft.kind.noun(), &draft.name);
    if draft.settings.mode != Mode::Http {
        if draft.has_own_stats {
            let message =
                format!("'stats' statement ignored for {noun} '{name}' as it requires HTTP mode");
            diags.push(Diagnostic::warning(NEEDS_HTTP, message).at(draft.opening, ""));
        }
        return None;
    }
    let request = std::mem::take(&mut rules.stats_request);
    if !request.is_empty() && (!page.accounts.is_empty() || page.realm.is_some()) {
        let message = format!(
            "{noun} '{name}': stats 'auth'/'realm' and 'http-request' can't be used at the same time"
        );
        let place = request.first().map_or(draft.opening, |rule| rule.span);
        let found = Diagnostic::error(TWO_WAYS_IN, message).at(place, "");
        diags.push(
            found.help("use 'stats http-request auth' rules with a 'userlist' for all of it"),
        );
    }
    Some(Arc::new(StatsPage {
        uri: page.uri.clone(),
        accounts: page.accounts.clone(),
        realm: page.realm.as_deref().unwrap_or(DEFAULT_REALM).into(),
        rules: request.into(),
        admin: std::mem::take(&mut rules.stats_admin),
        scope: page
            .scope
            .iter()
            .map(|own| match &**own {
                "." => name.as_str().into(),
                _ => own.clone(),
            })
            .collect(),
        refresh_s: page.refresh_s,
        version: page.version,
        legends: page.legends,
        modules: page.modules,
        node: page
            .node
            .clone()
            .and_then(|own| own.or_else(|| global.node.as_deref().map(Into::into))),
        description: page
            .description
            .clone()
            .and_then(|own| own.or_else(|| global.description.as_deref().map(Into::into))),
    }))
}
