//! What protects services, for whoever shows statistics: limits, breakers and ejections, with what
//! they refused and why.

use super::shared::Shared;
use crate::backend::BackendState;
use crate::clock::Millis;
use crate::compile::config::Backend;
use crate::observe::stats::Guard;
use crate::protect::circuit_limits::{CircuitLimits, Priority};
use crate::protect::outlier::Outlier;
use crate::protect::{Breaker, BreakerState, InflightLimit, RateLimit};

/// All of them.
pub(super) fn all(shared: &Shared, now: Millis) -> Vec<Guard> {
    let protections = &shared.protections;
    let rates = protections
        .rate_limits
        .iter()
        .map(|limit| rate_limit(limit));
    let inflight = protections.inflight_limits.iter();
    let inflight = inflight.map(|limit| inflight_limit(limit));
    let breakers = protections.breakers.iter().map(|one| breaker(one));
    let backends = shared.config.backends.present();
    let backends = backends.filter_map(|(at, backend)| Some((backend, shared.backends.get(at)?)));
    let of_backends = backends.flat_map(|(backend, state)| of_backend(backend, state, now));
    (rates.chain(inflight).chain(breakers).chain(of_backends)).collect()
}

fn rate_limit(limit: &RateLimit) -> Guard {
    let view = limit.view();
    let state = format!("{} per {} ms", view.spec.average, view.spec.period);
    let last = view.refused_ago.map(|ago| format!(", last {}", since(ago)));
    Guard {
        kind: "rate-limit",
        name: view.spec.name.to_string(),
        reason: last.map_or_else(String::new, |last| format!("more than {state}{last}")),
        state,
        is_open_for_traffic: true,
        shadow: view.spec.shadow,
        refused: view.refused,
        numbers: vec![
            ("passed", view.passed),
            ("delayed", view.delayed),
            ("keys", view.keys.into()),
        ],
    }
}

fn inflight_limit(limit: &InflightLimit) -> Guard {
    let view = limit.view();
    let state = format!("{} at a time", view.spec.most);
    Guard {
        kind: "inflight-limit",
        name: view.spec.name.to_string(),
        reason: match view.refused {
            0 => String::new(),
            _ => format!("more than {state}"),
        },
        state,
        is_open_for_traffic: true,
        shadow: view.spec.shadow,
        refused: view.refused,
        numbers: vec![
            ("passed", view.passed),
            ("in_flight", view.current.into()),
            ("keys", view.keys.into()),
        ],
    }
}

fn breaker(breaker: &Breaker) -> Guard {
    let view = breaker.view();
    let left = match view.left {
        0 => String::new(),
        left => format!(", {} s left", left.div_ceil(1000)),
    };
    Guard {
        kind: "circuit-breaker",
        name: view.spec.name.to_string(),
        state: format!("{}{left}", view.state.name()),
        reason: view.because.as_deref().unwrap_or_default().to_owned(),
        is_open_for_traffic: view.state != BreakerState::Open,
        shadow: view.spec.shadow,
        refused: view.denied,
        numbers: vec![
            ("trips", view.trips),
            ("in_flight", view.in_flight.into()),
            ("samples", view.samples),
        ],
    }
}

fn of_backend(backend: &Backend, state: &BackendState, now: Millis) -> Vec<Guard> {
    let limits = state.each_limits();
    let limits = limits.map(|(priority, limits)| circuit_limits(backend, priority, limits));
    let outlier = state.outlier().map(|own| outlier(backend, own, now));
    limits.chain(outlier).collect()
}

fn circuit_limits(backend: &Backend, priority: Priority, limits: &CircuitLimits) -> Guard {
    let seen = limits.snapshot();
    let refusals = [
        (seen.overflow_requests, "too many active requests"),
        (seen.overflow_pending, "too many waiting requests"),
        (seen.overflow_connections, "no connection left"),
        (seen.overflow_retries, "too many retries"),
    ];
    let reasons = refusals.iter().filter(|(count, _)| *count > 0);
    let reasons: Vec<_> = reasons
        .map(|(count, why)| format!("{why} ({count})"))
        .collect();
    Guard {
        kind: "circuit-limits",
        name: match priority {
            Priority::Default => backend.name.to_string(),
            Priority::High => format!("{} (high)", backend.name),
        },
        state: format!(
            "{} active, {} waiting",
            seen.requests.active, seen.pending.active
        ),
        reason: reasons.join(", "),
        is_open_for_traffic: limits.has_room(),
        shadow: limits.spec().shadow,
        refused: refusals.iter().map(|(count, _)| *count).sum(),
        numbers: vec![("in_flight", seen.requests.active.into())],
    }
}

fn outlier(backend: &Backend, outlier: &Outlier, now: Millis) -> Guard {
    let seen = outlier.snapshot(now);
    let ejected = seen.servers.iter().zip(&backend.servers);
    let ejected = ejected.filter_map(|(seen, server)| {
        let left = seen.left?.div_ceil(1000);
        Some(format!("{} for {left} s more", server.name))
    });
    let ejected: Vec<_> = ejected.collect();
    Guard {
        kind: "outlier-detection",
        name: backend.name.to_string(),
        state: format!("{} ejected", ejected.len()),
        reason: ejected.join(", "),
        is_open_for_traffic: ejected.is_empty(),
        shadow: false,
        refused: seen.enforced,
        numbers: vec![("trips", seen.detected)],
    }
}

/// `3 s ago`.
fn since(ago: Millis) -> String {
    format!("{} s ago", ago / 1000)
}
