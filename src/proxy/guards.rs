//! What protects services, for whoever shows statistics: limits, breakers and ejections, with what
//! they refused and why.

use super::shared::Shared;
use crate::backend::BackendState;
use crate::clock::Millis;
use crate::compile::config::Backend;
use crate::observe::stats::{Guard, GuardKind};
use crate::protect::circuit_limits::{CircuitLimits, LimitsSnapshot, Priority};
use crate::protect::outlier::Outlier;
use crate::protect::{Breaker, BreakerState, InflightLimit, ProxyProtections, RateLimit};

/// All of them.
pub(super) fn all(shared: &Shared, now: Millis) -> Vec<Guard> {
    let own = &shared.protections;
    let rates = own.rate_limits.iter().map(|limit| rate_limit(limit));
    let inflight = own
        .inflight_limits
        .iter()
        .map(|limit| inflight_limit(limit));
    let breakers = own.breakers.present().map(|(_, one)| breaker(one));
    let backends = shared.config.backends.present();
    let backends = backends.filter_map(|(at, backend)| Some((backend, shared.backends.get(at)?)));
    let of_backends = backends.flat_map(|(backend, state)| of_servers(backend, state, now));
    (rates.chain(inflight).chain(breakers).chain(of_backends)).collect()
}

/// Those that the rules of a proxy use. A limit that several proxies share is each one's.
pub(super) fn of_rules(shared: &Shared, used: &ProxyProtections) -> Vec<Guard> {
    let own = &shared.protections;
    let rates = used.rate_limits.iter();
    let rates = rates.filter_map(|&number| Some(rate_limit(own.rate_limits.get(number)?)));
    let inflight = used.inflight_limits.iter();
    let inflight = inflight.filter_map(|&at| Some(inflight_limit(own.inflight_limits.get(at)?)));
    let breakers = breakers(shared, &used.breakers);
    rates.chain(inflight).chain(breakers).collect()
}

/// Those of a backend: its rules', and what watches over its servers.
pub(super) fn of_backend(
    shared: &Shared,
    backend: &Backend,
    state: &BackendState,
    now: Millis,
) -> Vec<Guard> {
    let mut own = of_rules(shared, &backend.protections);
    own.extend(of_servers(backend, state, now));
    own
}

/// Those of a server.
pub(super) fn of_server(shared: &Shared, backend: &Backend, server: usize) -> Vec<Guard> {
    let own = backend.server_breakers.of.get(server);
    own.map_or_else(Vec::new, |own| breakers(shared, own).collect())
}

fn breakers<'a>(shared: &'a Shared, numbers: &'a [usize]) -> impl Iterator<Item = Guard> + 'a {
    let all = &shared.protections.breakers;
    let found = numbers.iter().filter_map(|&number| all.get(number));
    found.map(|one| breaker(one))
}

fn rate_limit(limit: &RateLimit) -> Guard {
    let view = limit.view();
    let state = format!("{} per {} ms", view.spec.average, view.spec.period);
    let last = view.refused_ago.map(|ago| format!(", last {}", since(ago)));
    Guard {
        kind: GuardKind::RateLimit,
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
        kind: GuardKind::InflightLimit,
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
        kind: GuardKind::CircuitBreaker,
        name: view.spec.name.to_string(),
        state: format!("{}{left}", view.state.name()),
        reason: view.because.as_deref().unwrap_or_default().to_owned(),
        is_open_for_traffic: view.state != BreakerState::Open,
        shadow: view.spec.shadow,
        refused: view.denied,
        numbers: vec![
            ("trips", view.trips),
            ("in_flight", view.in_flight.into()),
            ("state", view.state as u64),
            ("samples", view.samples),
            ("latency_p50_ms", view.latency_p50),
            ("latency_p99_ms", view.latency_p99),
        ],
    }
}

fn of_servers(backend: &Backend, state: &BackendState, now: Millis) -> impl Iterator<Item = Guard> {
    let limits = state.each_limits();
    let limits = limits.map(|(priority, limits)| circuit_limits(backend, priority, limits));
    let outlier = state.outlier().map(|own| outlier(backend, own, now));
    limits.chain(outlier)
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
        kind: match priority {
            Priority::Default => GuardKind::CircuitLimits,
            Priority::High => GuardKind::CircuitLimitsHigh,
        },
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
        numbers: numbers_of(&seen).into(),
    }
}

fn numbers_of(seen: &LimitsSnapshot) -> [(&'static str, u64); 16] {
    let uses = [seen.connections, seen.requests, seen.pending, seen.retries];
    let [connections, requests, waiting, retries] = uses.map(|of| of.active.into());
    let [no_connection, no_request, no_waiting, no_retry] = uses.map(|of| of.is_open().into());
    let [more_connections, more_requests, more_waiting, more_retries] =
        uses.map(|of| of.remaining().into());
    [
        ("connections", connections),
        ("in_flight", requests),
        ("waiting", waiting),
        ("retries", retries),
        ("connections_full", no_connection),
        ("requests_full", no_request),
        ("waiting_full", no_waiting),
        ("retries_full", no_retry),
        ("connections_left", more_connections),
        ("requests_left", more_requests),
        ("waiting_left", more_waiting),
        ("retries_left", more_retries),
        ("connections_overflow", seen.overflow_connections),
        ("requests_overflow", seen.overflow_requests),
        ("waiting_overflow", seen.overflow_pending),
        ("retries_overflow", seen.overflow_retries),
    ]
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
        kind: GuardKind::OutlierDetection,
        name: backend.name.to_string(),
        state: format!("{} ejected", ejected.len()),
        reason: ejected.join(", "),
        is_open_for_traffic: ejected.is_empty(),
        shadow: false,
        refused: seen.enforced,
        numbers: vec![
            ("trips", seen.detected),
            ("ejected", ejected.len() as u64),
            ("spared", seen.overflow),
        ],
    }
}

/// `3 s ago`.
fn since(ago: Millis) -> String {
    format!("{} s ago", ago / 1000)
}
