//! Trigger expressions as text, what they decide, and what is said of bad ones.

use super::*;

/// 120 ms at every quantile from 50 on, 20 below; 30 % network errors; 1 of 4 responses is
/// a 5xx; 40 requests.
struct Sample;

impl Metrics for Sample {
    fn latency_at_quantile_ms(&self, quantile: f64) -> u64 {
        if quantile < 50.0 { 20 } else { 120 }
    }

    fn network_error_ratio(&self) -> f64 {
        0.3
    }

    fn response_code_ratio(&self, of: (u32, u32), to: (u32, u32)) -> f64 {
        match (of, to) {
            ((500, 600), (0, 600)) => 0.25,
            _ => 0.0,
        }
    }

    fn requests(&self) -> u64 {
        40
    }
}

#[track_caller]
fn check(text: &str, expected: bool) {
    match Trigger::parse(text) {
        Ok(trigger) => assert_eq!(trigger.holds(&Sample), expected, "{text}"),
        Err(fault) => panic!("{text}: {fault:?}"),
    }
}

#[test]
fn metrics_and_relations() {
    check("LatencyAtQuantileMS(50.0) > 100", true);
    check("LatencyAtQuantileMS(.5)>100", false);
    check("LatencyAtQuantileMS(5e1) >= 120", true);
    check("LatencyAtQuantileMS( 50. ) < 120", false);
    check("NetworkErrorRatio() <= 0.3", true);
    check("NetworkErrorRatio() == 3e-1", true);
    check("NetworkErrorRatio() != 0.3", false);
    check("ResponseCodeRatio(500, 600, 0, 600) > 0.2", true);
    check("ResponseCodeRatio(400,500,0,600) > 0.0", false);
    check("RequestThreshold() >= 40", true);
}

#[test]
fn item_81_relations_below_at_and_above() {
    for (relation, expected) in [
        (">", [false, false, true]),
        (">=", [false, true, true]),
        ("<", [true, false, false]),
        ("<=", [true, true, false]),
        ("==", [false, true, false]),
        ("!=", [true, false, true]),
    ] {
        // There are 40 requests: below, at and above these.
        for (bound, expected) in [41, 40, 39].into_iter().zip(expected) {
            check(&format!("RequestThreshold() {relation} {bound}"), expected);
        }
    }
}

#[test]
fn precedence() {
    let (yes, no) = ("RequestThreshold() > 1", "RequestThreshold() > 99");
    check(&format!("{yes} || {yes} && {no}"), true);
    check(&format!("({yes} || {yes}) && {no}"), false);
    check(&format!("{no} && {yes} || {yes}"), true);
    check(&format!("{no} && ({yes} || {yes})"), false);
    check(&format!(" ( ( {yes} ) ) "), true);
}

#[track_caller]
fn refused(text: &str, at: usize, why: &str) {
    let expected = Fault {
        at,
        why: why.to_owned(),
    };
    assert_eq!(Trigger::parse(text), Err(expected), "{text}");
}

/// SEMANTICS 8.10.
#[test]
fn faults_of_metrics() {
    refused(
        "LatencyAtQuantileMS(50) > 100",
        20,
        "LatencyAtQuantileMS() expects a floating point quantile such as '50.0' but got '50'",
    );
    refused(
        "LatencyAtQuantileMS(500.0) > 1",
        20,
        "quantile must be between 0.0 and 100.0 but got '500.0'",
    );
    refused(
        "LatencyAtQuantileMS(50.0) > 100.5",
        28,
        "LatencyAtQuantileMS() must be compared with an integer number of milliseconds but got '100.5'",
    );
    refused(
        "NetworkErrorRatio() > 1",
        22,
        "NetworkErrorRatio() must be compared with a floating point number such as '1.0' but got '1'",
    );
    refused(
        "ResponseCodeRatio(400,600) > 0.5",
        0,
        "ResponseCodeRatio() expects 4 arguments but got 2",
    );
    refused(
        "ResponseCodeRatio(400.0,500,0,600) > 0.5",
        18,
        "ResponseCodeRatio() expects integer status codes but got '400.0'",
    );
    refused(
        "Foo() > 1",
        0,
        "unknown metric 'Foo', expects 'LatencyAtQuantileMS', 'NetworkErrorRatio', 'RequestThreshold' or 'ResponseCodeRatio'",
    );
    refused(
        "NetworkErrorRatio()",
        0,
        "'NetworkErrorRatio()' is not a condition, a comparison is expected",
    );
    refused(
        "RequestThreshold() > -1",
        21,
        "RequestThreshold() must be compared with an integer number of requests but got '-1'",
    );
}

#[test]
fn faults_of_conditions() {
    refused(
        "0.5 < NetworkErrorRatio()",
        0,
        "the metric must be on the left side of '<'",
    );
    refused(
        "!(NetworkErrorRatio() > 0.5)",
        0,
        "operator '!' is not supported",
    );
    let one = "RequestThreshold() > 1";
    refused(
        &format!("{one} & {one}"),
        23,
        "unexpected '&', did you mean '&&' ?",
    );
    refused(
        &format!("{one} and {one}"),
        23,
        "unexpected 'and', did you mean '&&' ?",
    );
    refused(
        &format!("{one} or {one}"),
        23,
        "unexpected 'or', did you mean '||' ?",
    );
    refused(&format!("({one}"), 23, "expected ')'");
    refused("", 0, "expression is empty");
    refused(" ", 1, "expression is empty");
    refused(
        &format!("{one} )"),
        23,
        "unexpected ')' after the end of the expression",
    );
    refused(
        &format!("{one} x"),
        23,
        "unexpected 'x' after the end of the expression",
    );
    refused(&format!("{one} &&"), 25, "a condition is expected");
    refused(
        "RequestThreshold",
        16,
        "expected '(' after 'RequestThreshold'",
    );
    refused(
        &"(".repeat(100_000),
        65,
        "parentheses are nested too deeply",
    );
}
