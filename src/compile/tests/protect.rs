//! Words of protection: what bad input is told (SEMANTICS 8.10), and what lines come to.

use super::{config, run};
use crate::compile::config::Config;
use crate::protect::circuit_limits::{LimitsSpec, OnOverflow, RetryBudget};
use crate::protect::outlier::{OutlierSpec, SuccessRate};
use crate::settings::Backoff;
use crate::vocab::host::fake::Fake;

const BASE: &str =
    "defaults\n timeout client 5s\n timeout server 5s\n timeout connect 5s\n mode http\n";

/// The one finding about a line of a backend: its column, and the message.
#[track_caller]
pub(super) fn refused(line: &str, column: usize, message: &str) {
    let text = format!("{BASE}backend b\n {line}\n");
    let (config, findings) = run(&text, &Fake::default(), false);
    let shown = findings
        .split_once("]: ")
        .map_or("", |(_, message)| message);
    assert_eq!(shown.trim_end(), message, "{line}: {findings}");
    assert!(
        findings.starts_with(&format!("t.cfg:7:{column}: error[")),
        "{findings}"
    );
    assert!(config.is_none());
}

#[test]
fn item_156_retries() {
    refused("retry-backoff", 2, "'retry-backoff' expects <time>");
    refused(
        "retry-backoff 10y",
        16,
        "unexpected character 'y' in 'retry-backoff'",
    );
    refused(
        "retry-backoff 10ms max 5ms",
        16,
        "'max' (5ms) is lower than the initial interval (10ms)",
    );
    refused(
        "retry-backoff 10ms jitter 150%",
        28,
        "'jitter' expects a percentage between 0% and 100% but got '150%'",
    );
    refused(
        "retry-backoff 10ms jitter 5% jitter 5%",
        31,
        "'jitter' already set",
    );
    refused(
        "retry-backoff 10ms foo",
        21,
        "'retry-backoff' expects 'max' or 'jitter' but got 'foo'",
    );
    refused("retry-timeout", 2, "'retry-timeout' expects <time>");
    refused(
        "retry-body-max 1x",
        17,
        "'retry-body-max' expects a size such as '16k' but got '1x'",
    );
    refused(
        "conn-failure-status",
        2,
        "'conn-failure-status' expects '502', '503' or '504'",
    );
    refused(
        "conn-failure-status 500",
        22,
        "'conn-failure-status' expects '502', '503' or '504' but got '500'",
    );
}

#[test]
fn item_156_circuit_limits() {
    refused(
        "circuit-limits",
        2,
        "'circuit-limits' expects at least one limit",
    );
    let out_of_range = |value: &str| {
        format!("'max-requests' expects an integer between 0 and 4294967295 but got '{value}'")
    };
    refused("circuit-limits max-requests x", 30, &out_of_range("x"));
    refused(
        "circuit-limits max-requests 4294967296",
        30,
        &out_of_range("4294967296"),
    );
    refused(
        "circuit-limits max-requests",
        17,
        "'max-requests' expects an integer between 0 and 4294967295",
    );
    refused(
        "circuit-limits min-retry-concurrency 3",
        2,
        "'min-retry-concurrency' requires 'retry-budget'",
    );
    refused(
        "circuit-limits on-overflow drop",
        29,
        "'on-overflow' expects 'queue' or 'reject' but got 'drop'",
    );
    refused(
        "circuit-limits retry-budget 20",
        30,
        "'retry-budget' expects a percentage such as '20%' but got '20'",
    );
    refused(
        "circuit-limits max-requests-per-server 0",
        41,
        "'max-requests-per-server' expects an integer greater than 0 but got '0'",
    );
    refused(
        "circuit-limits priority high max-requests-per-server 1",
        2,
        "limits per server hold for all requests and stand on the line of 'priority default'",
    );
    refused(
        "circuit-limits foo",
        17,
        "'circuit-limits' expects 'priority', 'max-connections', 'max-pending-requests', \
         'max-requests', 'on-overflow', 'max-retries', 'retry-budget', 'min-retry-concurrency', \
         'max-connections-per-server', 'max-requests-per-server', 'shadow' or a response argument \
         but got 'foo'",
    );
    let twice = format!(
        "{BASE}backend b\n circuit-limits max-requests 1\n circuit-limits max-requests 2\n"
    );
    let (_, findings) = run(&twice, &Fake::default(), false);
    let expected = "t.cfg:8:2: error[TG0213]: 'circuit-limits' already set for priority 'default' \
                    at t.cfg:7\n";
    assert!(findings.starts_with(expected), "{findings}");
}

#[test]
fn item_156_outlier_detection() {
    refused(
        "outlier-detection max-ejection-percent 120%",
        41,
        "'max-ejection-percent' expects a percentage between 0% and 100% but got '120%'",
    );
    refused(
        "outlier-detection consecutive-5xx 0",
        36,
        "'consecutive-5xx' expects an integer greater than 0 but got '0'",
    );
    refused(
        "outlier-detection interval 0",
        29,
        "'interval' expects a positive time but got '0'",
    );
    refused(
        "outlier-detection success-rate-stdev -1",
        39,
        "'success-rate-stdev' expects a number such as '1.9' but got '-1'",
    );
    refused(
        "outlier-detection success-rate-volume 5 success-rate-volume 6",
        42,
        "'success-rate-volume' already set",
    );
}

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
