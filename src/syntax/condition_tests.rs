//! Conditions of `.if` and `-cc`.

use super::*;

const FACTS: Facts = Facts {
    features: &["EPOLL", "THREAD", "OPENSSL"],
    enabled: &["SPLICE"],
    tls_library: Some(("OpenSSL 3.0.22 25 Aug 2026", "3.0.22")),
    awslc_api: Some(30),
    version: "3.4.0",
};

fn evaluate(text: &str, facts: &Facts) -> Result<bool, ConditionError> {
    let env = Environment::new([("TESTVAR", "1"), ("EMPTY", ""), ("WORDS", "a b")]);
    evaluate_condition(text, &env, facts)
}

fn check(text: &str, expected: bool) {
    assert_eq!(evaluate(text, &FACTS), Ok(expected), "{text}");
}

#[test]
fn integers() {
    check("", false);
    check("   ", false);
    check("0", false);
    check("1", true);
    check("-1000", true);
    check("+0", false);
    check("0x0", false);
    check("0x10", true);
    check("010", true);
    check("00", false);
    check("99999999999999999999999999", true);
}

#[test]
fn operators() {
    check("!0", true);
    check("! ! 1", true);
    check("!!1", true);
    check("-1000 && 200", true);
    check("1 && 0", false);
    check("0 || 1", true);
    check("0||0||0", false);
    check("0 && 1 || 1", true);
    check("1 || 0 && 0", true);
    check("(1 || 0) && 0", false);
    check("( ( 1 ) )", true);
    check("!(0)", true);
    check("1&&!0&&!((streq(a,b)||!streq(a,a)&&1)||strneq(a,a))", true);
    check(
        "1   &&!   0&&    !((streq(a,b)||!streq(a,a)&&1)||strneq(a,a))",
        true,
    );
    check(
        "1 && !0 && !((streq(a,b) || !streq(a,a) && 1) || strneq(a,b))",
        false,
    );
    check(
        "1 && !0 && !((streq(a,a) || !streq(a,a) && 1) || strneq(a,a))",
        false,
    );
}

#[test]
fn predicates() {
    check("defined(TESTVAR)", true);
    check("defined(EMPTY)", true);
    check("defined(NONE)", false);
    check("defined", false);
    check("defined( TESTVAR)", false);
    check("feature(OPENSSL)", true);
    check("feature(SSL)", false);
    check("feature(QUIC) || !feature(QUIC)", true);
    check("enabled(SPLICE)", true);
    check("enabled(KQUEUE)", false);
    check("streq(foo,'foo')", true);
    check("streq(\"foo bar\",'foo bar')", true);
    check("streq(foo,bar)", false);
    check("streq(a, a)", false);
    check("streq(\\'a,b\\',\\\"a,b\\\")", true);
    check("streq(,)", true);
    check("strneq(a,b)", true);
    check("strstr(abcd,bc)", true);
    check("strstr(abcd,)", true);
    check("strstr(abcd,ca)", false);
    check("version_atleast(2.4)", true);
    check("version_atleast(3.4-dev2)", true);
    check("version_atleast(1024)", false);
    check("version_atleast(junk)", true);
    check("version_before(3.4.1)", true);
    check("version_before(3.4.0)", false);
    check("openssl_version_atleast(1.1.1)", true);
    check("openssl_version_before(3.0.0)", false);
    check("ssllib_name_startswith(OpenSSL)", true);
    check("ssllib_name_startswith(wolfSSL)", false);
    check("awslc_api_atleast(30)", true);
    check("awslc_api_before(30)", false);
}

#[test]
fn words_and_variables_come_first() {
    check(r#"streq("$TESTVAR","1")"#, true);
    check(r#"streq("$EMPTY",)"#, true);
    check(r#"streq("${NONE-x}",x)"#, true);
    check(r#""$TESTVAR""#, true);
    check(r#""${NONE}""#, false);
    check(r#"strstr("${WORDS[*]}",a\ b)"#, true);
    check("streq('$TESTVAR',1)", false);
    check("streq(a,a)   &&   1", true);
    check("streq(#,#)", true);
}

#[test]
fn what_is_not_reached_is_not_an_error() {
    let none = Facts::default();
    assert_eq!(
        evaluate("0 && openssl_version_atleast(1.1.1)", &none),
        Ok(false)
    );
    assert_eq!(evaluate("1 || awslc_api_before(3)", &none), Ok(true));
    assert_eq!(
        evaluate("ssllib_name_startswith(OpenSSL)", &none),
        Ok(false)
    );
    assert!(evaluate("1 && openssl_version_atleast(1.1.1)", &none).is_err());
    assert!(evaluate("0 || !openssl_version_before(1.1.1)", &none).is_err());
}

fn check_error(text: &str, offset: usize, message: &str) {
    let error = evaluate(text, &FACTS).expect_err(text);
    assert_eq!(
        (error.offset, error.message.as_str()),
        (offset, message),
        "{text}"
    );
}

#[test]
fn errors_say_where() {
    let end = "at the end of conditional expression";
    check_error(
        "200rrr",
        3,
        &format!("unexpected character 'r' {end} '200rrr'"),
    );
    check_error(
        "!(0))",
        4,
        &format!("unexpected character ')' {end} '!(0))'"),
    );
    check_error("08", 1, &format!("unexpected character '8' {end} '08'"));
    check_error(
        "defined (A)",
        8,
        &format!("unexpected character '(' {end} 'defined (A)'"),
    );
    check_error("streq(a,\"a)", 8, "unmatched quote in condition");
    check_error("\"$1\"", 2, "invalid environment variable in condition");
    check_error(
        "1 && foo(1)",
        5,
        "unparsable conditional expression 'foo(1)'",
    );
    check_error("1 &&", 4, "unparsable conditional expression ''");
    check_error(
        "1 | 1",
        2,
        &format!("unexpected character '|' {end} '1 | 1'"),
    );
    check_error("(1", 2, "expected ')' after conditional expression '(1'");
    let used = "used in conditional expression";
    check_error(
        "streq(a)",
        7,
        &format!(
            "missing arguments (got 1/2), type 'string' expected in argument 1 of predicate 'streq' {used}"
        ),
    );
    check_error(
        "defined(a,b)",
        9,
        &format!("expected ')' before ',b)' in argument 1 of predicate 'defined' {used}"),
    );
    check_error(
        "defined(a",
        9,
        &format!("expected ')' in argument 1 of predicate 'defined' {used}"),
    );
    check_error(
        "awslc_api_before(x)",
        0,
        "invalid argument to conditional expression predicate 'awslc_api_before': 'x'",
    );
}

#[test]
fn nesting_is_bounded() {
    let nested = |depth| format!("{}1{}", "(".repeat(depth), ")".repeat(depth));
    check(&nested(300), true);
    assert!(evaluate(&nested(10_000), &FACTS).is_err());
    assert!(evaluate(&nested(100_000), &FACTS).is_err());
    check(&format!("{}1", "!".repeat(100_000)), true);
    check(&vec!["1"; 500].join("&&"), true);
    assert!(evaluate(&vec!["0"; 50_000].join("||"), &FACTS).is_err());
}
