//! Words of protection: what lines come to.

use super::{config, run};
use crate::compile::config::Config;
use crate::protect::circuit_limits::{LimitsSpec, OnOverflow, RetryBudget};
use crate::protect::outlier::{OutlierSpec, SuccessRate};
use crate::settings::Backoff;
use crate::vocab::host::fake::Fake;

const BASE: &str =
    "defaults\n timeout client 5s\n timeout server 5s\n timeout connect 5s\n mode http\n";

#[test]
fn http_words_are_ignored_in_tcp_mode() {
    let text = BASE.replace("mode http", "mode tcp");
    let words = [
        ("circuit-limits", "max-requests 1"),
        ("outlier-detection", ""),
        ("retry-backoff", "10ms"),
        ("retry-timeout", "1s"),
        ("retry-body-max", "1m"),
        ("conn-failure-status", "502"),
    ];
    for (word, args) in words {
        let text = format!("{text}backend b\n {word} {args}\n");
        let (config, findings) = run(&text, &Fake::default(), false);
        let expected = format!("'{word}' ignored for backend 'b' as it requires HTTP mode");
        assert!(findings.trim_end().ends_with(&expected), "{findings}");
        let config = config.expect("a warning only");
        let backend = &config.backends[0];
        assert!(backend.retry.backoff.is_none() && backend.outlier.is_none());
        assert!(backend.circuit_limits.iter().all(Option::is_none));
    }
}

fn backend(lines: &str) -> Config {
    config(&format!("{BASE}backend b\n {lines}\n"))
}

#[test]
fn limits_have_defaults() {
    let spec = |line: &str| {
        let config = backend(line);
        config.backends[0]
            .circuit_limits
            .each_ref()
            .map(|l| l.as_ref().map(|l| l.spec))
    };
    let default = LimitsSpec {
        pending: 0,
        ..LimitsSpec::default()
    };
    assert_eq!(
        spec("circuit-limits max-pending-requests 0"),
        [Some(default), None]
    );
    let high = LimitsSpec {
        requests: 5,
        retry_budget: Some(RetryBudget {
            percent: 20,
            least: 3,
        }),
        on_overflow: OnOverflow::Reject,
        shadow: true,
        ..LimitsSpec::default()
    };
    assert_eq!(
        spec(
            "circuit-limits shadow priority high retry-budget 20% on-overflow reject max-requests 5"
        ),
        [None, Some(high)]
    );
}

#[test]
fn lines_are_inherited_replaced_and_cancelled() {
    let text = format!(
        "{BASE} circuit-limits max-requests 1\n retry-backoff 10ms\n outlier-detection\n\
         backend a\nbackend b\n circuit-limits max-requests 2\n retry-backoff 1s max 3s jitter 0%\n\
         backend c\n no circuit-limits\n no retry-backoff\n no outlier-detection\n"
    );
    let config = config(&text);
    let seen: Vec<_> = config
        .backends
        .iter()
        .map(|backend| {
            let limits = backend.circuit_limits[0].as_ref();
            let backoff = backend.retry.backoff;
            (
                limits.map(|limits| limits.spec.requests),
                backoff.map(
                    |Backoff {
                         initial,
                         max,
                         jitter,
                     }| (initial, max, jitter),
                ),
                backend.outlier.is_some(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            (Some(1), Some((10, 20, 50)), true),
            (Some(2), Some((1000, 3000, 0)), true),
            (None, None, false),
        ]
    );
}

#[test]
fn detectors_are_active_when_named() {
    let spec = |words: &str| backend(&format!("outlier-detection {words}")).backends[0].outlier;
    let bare = OutlierSpec {
        consecutive_5xx: Some(5),
        ..OutlierSpec::default()
    };
    assert_eq!(spec(""), Some(bare));
    let paced = OutlierSpec {
        interval: 1_000,
        ..bare
    };
    assert_eq!(spec("interval 1s"), Some(paced));
    let rate = OutlierSpec {
        success_rate: Some(SuccessRate {
            volume: 10,
            ..SuccessRate::default()
        }),
        ..OutlierSpec::default()
    };
    assert_eq!(spec("success-rate-volume 10"), Some(rate));
    let gateway = OutlierSpec {
        consecutive_gateway: Some(3),
        uneject_on_check: false,
        ..OutlierSpec::default()
    };
    assert_eq!(
        spec("consecutive-gateway-failure 3 no-uneject-on-check"),
        Some(gateway)
    );
}
