//! Arguments as text: types, ranges, and what is said of bad ones.

use super::*;
use crate::vocab::stage::{SITE, word};

#[track_caller]
fn check(text: &str, declared: &[Arg], expected: Result<&[&str], &str>) {
    let word = word(text);
    match (parse(&word, 1, declared, "f", SITE.site()), expected) {
        (Ok((args, end)), Ok(values)) => {
            let shown: Vec<String> = args.values.iter().map(|(value, _)| show(value)).collect();
            assert_eq!(
                (shown.as_slice(), end),
                (
                    &*values.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>(),
                    text.len()
                ),
                "{text}"
            );
        }
        (Err(fault), Err(message)) => {
            assert_eq!(
                fault.message,
                format!("invalid args in f : {message}"),
                "{text}"
            )
        }
        (got, _) => panic!("{text}: {got:?}"),
    }
}

fn show(value: &Value) -> String {
    match value {
        Value::Text(text) => String::from_utf8_lossy(text).into_owned(),
        Value::Int(value) => value.to_string(),
        Value::Addr(addr) => addr.to_string(),
        Value::Var(_) => "variable".to_owned(),
        Value::Link(_) => "link".to_owned(),
        Value::Acl(_) => "acl".to_owned(),
        Value::Nothing => "nothing".to_owned(),
        Value::Map(list) => list.name().unwrap_or_default().to_owned(),
        Value::Userlist(_) => String::new(),
    }
}

#[test]
fn lists() {
    const NAME_OCC: &[Arg] = &[required("name", Kind::Str), optional("occ", Kind::Int)];
    const MAYBE: &[Arg] = &[optional("name", Kind::Str)];
    const MASKS: &[Arg] = &[required("v4", Kind::Mask4), optional("v6", Kind::Mask6)];
    check("f", &[], Ok(&[]));
    check("f()", &[], Ok(&[]));
    check("f", MAYBE, Ok(&[]));
    check("f()", MAYBE, Ok(&[]));
    check("f", NAME_OCC, Ok(&[""]));
    check("f(a)", NAME_OCC, Ok(&["a"]));
    check("f(a,+1)", NAME_OCC, Ok(&["a", "1"]));
    check(
        "f(a,99999999999999999999)",
        NAME_OCC,
        Ok(&["a", "9223372036854775807"]),
    );
    check("f(a,-1)", NAME_OCC, Ok(&["a", "-1"]));
    check("f(a,)", NAME_OCC, Ok(&["a"]));
    check("f", NAME_OCC, Ok(&[""]));
    check(r#"f("a,b)")"#, MAYBE, Ok(&["a,b)"]));
    check(r"f('a\,b')", MAYBE, Ok(&[r"a\,b"]));
    check(r#"f(\"\n)"#, MAYBE, Ok(&["\"\n"]));
    check(
        "f(24,64)",
        MASKS,
        Ok(&["255.255.255.0", "ffff:ffff:ffff:ffff::"]),
    );
    check("f(255.0.0.0)", MASKS, Ok(&["255.0.0.0"]));
    const VARS: &[Arg] = &[
        required("value", Kind::IntOrVar),
        optional("name", Kind::Var),
        optional("text", Kind::TextOrVar),
    ];
    check("f(-7)", VARS, Ok(&["-7"]));
    check("f(txn.a,,b)", VARS, Ok(&["variable", "nothing", "b"]));
    check("f(1,req.a,req.b)", VARS, Ok(&["1", "variable", "variable"]));
    check("f", &[required("backend", Kind::Backend)], Ok(&["link"]));
    check("f(b)", &[required("backend", Kind::Backend)], Ok(&["link"]));
}

#[test]
fn faults() {
    const NAME_OCC: &[Arg] = &[required("name", Kind::Str), optional("occ", Kind::Int)];
    let check = |text, message| check(text, NAME_OCC, Err(message));
    check("f(a", "expected ')'");
    check("f(a,1,2)", "expected ')' before ',2)'");
    check(
        "f(a,x)",
        "failed to parse 'x' as type 'integer' at position 2",
    );
    check("f('a)", "unterminated quote or escape");
    const TWO: &[Arg] = &[required("a", Kind::Str), required("b", Kind::Str)];
    let missing = "missing arguments (got 1/2), type 'string' expected";
    tests::check("f", TWO, Err(missing));
    tests::check("f(a)", TWO, Err(missing));
    let check = |text, kind, message| {
        tests::check(text, &[required("a", kind)], Err(message));
    };
    check(
        "f(a.b)",
        Kind::IntOrVar,
        "expects an integer or a variable name",
    );
    check("f()", Kind::Var, "empty variable name cannot be accepted");
    check("f()", Kind::Server, "missing server name");
}

#[test]
fn spans_are_exact_inside_plain_words() {
    let word = word("f(abc,x)");
    let fault = parse(
        &word,
        1,
        &[required("a", Kind::Str), optional("b", Kind::Int)],
        "f",
        SITE.site(),
    );
    let span = fault.unwrap_err().span;
    assert_eq!((span.start, span.end), (6, 7));
}
