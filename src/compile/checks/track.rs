//! `track <backend>/<server>`: which server follows which. Chains end at a server with a check or an
//! agent; none leads back to its start.

use super::BAD_TRACK;
use crate::compile::config::Config;
use crate::health;
use crate::syntax::{Diagnostic, Diagnostics, Word};
use crate::vocab::section::proxy::ProxyDraft;

/// Resolves `track` of every server.
pub(in crate::compile) fn tracks<'a, 'd: 'a>(
    drafts: impl Iterator<Item = &'a ProxyDraft<'d>>,
    config: &mut Config,
    diags: &mut Diagnostics,
) {
    let mut found = Vec::new();
    let drafts: Vec<_> = drafts.filter(|draft| draft.kind.has_back()).collect();
    for (backend, draft) in drafts.iter().enumerate() {
        for (server, written) in draft.servers.iter().enumerate() {
            let Some(word) = &written.options.health.track else {
                continue;
            };
            let text = word.text();
            let (proxy, name) = text.rsplit_once('/').unwrap_or((&draft.name, &text));
            let tracked = config.backends.iter().position(|b| *b.name == *proxy);
            let tracked_server = tracked.and_then(|at| {
                let servers = &config.backends.get(at)?.servers;
                servers.iter().position(|server| *server.name == *name)
            });
            let own = health::Place { backend, server };
            match (tracked, tracked_server) {
                (Some(backend), Some(server)) => {
                    found.push((own, health::Place { backend, server }, word));
                }
                (None, _) => bad_track(
                    word,
                    format!("unable to find required proxy '{proxy}' for tracking."),
                    diags,
                ),
                (_, None) => bad_track(
                    word,
                    format!("unable to find required server '{name}' for tracking."),
                    diags,
                ),
            }
        }
    }
    let track_of = |place: health::Place| {
        let tracking = found.iter().find(|(own, ..)| *own == place);
        tracking.map(|(_, tracked, _)| *tracked)
    };
    for (own, tracked, word) in &found {
        let server = |place: health::Place| {
            config
                .backends
                .get(place.backend)?
                .servers
                .get(place.server)
        };
        let is_checked =
            server(*tracked).is_some_and(|s| s.health.check.is_some() || s.health.agent.is_some());
        let mut next = Some(*tracked);
        let mut steps = 0;
        while let Some(at) = next.filter(|at| at != own && steps <= found.len()) {
            next = track_of(at);
            steps += 1;
        }
        let (proxy, name) = word.text().rsplit_once('/').map_or_else(
            || (String::new(), word.text().into_owned()),
            |(proxy, name)| (format!("{proxy}/"), name.to_owned()),
        );
        if next.is_some() {
            let message = format!(
                "unable to track {proxy}{name} as it belongs to a tracking chain looping back to it."
            );
            bad_track(word, message, diags);
        } else if !is_checked && track_of(*tracked).is_none() {
            let message = format!(
                "unable to use {proxy}{name} for tracking as it does not have any check nor agent enabled."
            );
            bad_track(word, message, diags);
        }
    }
    for (own, tracked, _) in &found {
        let backend = config.backends.get_mut(own.backend);
        if let Some(server) = backend.and_then(|b| b.servers.get_mut(own.server)) {
            server.health.track = Some(*tracked);
        }
    }
}

fn bad_track(word: &Word, message: String, diags: &mut Diagnostics) {
    diags.push(Diagnostic::error(BAD_TRACK, message).at(word.span, ""));
}
