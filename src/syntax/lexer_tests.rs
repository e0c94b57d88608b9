//! Words, quotes, escapes, comments and expansion.

use super::*;

fn split_line(text: &[u8]) -> Result<Vec<Word>, Fault> {
    let environment = Environment::new([
        ("A", "alpha"),
        ("E", ""),
        ("V", "a b"),
        ("S", " x  y "),
        ("Q", "\"q\\n$A"),
    ]);
    let around = Surroundings {
        environment: &environment,
        file_name: "dir/a.cfg",
        line: 7,
        section: Some(b"web"),
        comments: true,
    };
    let line = Line {
        file: FileId(3),
        start: 100,
        text,
    };
    let mut words = Vec::new();
    split(line, &around, &mut words).map(|_| words)
}

fn check(text: &str, expected: &[&str]) {
    let words = split_line(text.as_bytes()).unwrap_or_else(|fault| panic!("{text}: {fault:?}"));
    let words: Vec<_> = words.iter().map(|word| word.text()).collect();
    assert_eq!(words, expected, "{text}");
}

#[test]
fn words_and_comments() {
    check("", &[]);
    check("   \t ", &[]);
    check("a b", &["a", "b"]);
    check(" a\t\tb\x0b\x0cc ", &["a", "b", "c"]);
    check("# a", &[]);
    check("a #b", &["a"]);
    check("a#b", &["a"]);
    check("a '#' \"#\" b#c", &["a", "#", "#", "b"]);
    check("a\r", &["a"]);
    check("a\rb c", &["a"]);
    check("a \rb c \r", &["a", "b", "c"]);
    check("é %[src] {x}", &["é", "%[src]", "{x}"]);
}

#[test]
fn quotes() {
    check("\"a b\"", &["a b"]);
    check("'a b'", &["a b"]);
    check("a'b c'\"d e\"f", &["ab cd ef"]);
    check("'' \"\" a", &["", "", "a"]);
    check("''a \"\"'' ", &["a", ""]);
    check("'\"' \"'\"", &["\"", "'"]);
    check("'a\\n\\' b", &["a\\n\\", "b"]);
    check("'$A ${A}'", &["$A ${A}"]);
}

#[test]
fn escapes() {
    check(r"a\ b", &["a b"]);
    check(r"\# \' \q", &["#", "'", r"\q"]);
    check(r#"\" "\"" "\'""#, &["\"", "\"", "'"]);
    check(r#"\\ "\\" \\\\"#, &["\\", "\\", "\\\\"]);
    check(r#"\n\r\t "\n\r\t""#, &["\n\r\t", "\n\r\t"]);
    check(r#"\x41 "\x4a\x4A" \x7e"#, &["A", "JJ", "~"]);
    check(r#"\$A "\$A" "\#" "\ ""#, &[r"\$A", "$A", "#", " "]);
    check(r#"\1 "\1" \"#, &[r"\1", r"\1", "\\"]);
    check("a\\\tb", &["a\\", "b"]);
    check("a\\\r", &["a\\"]);
    assert_eq!(*split_line(br"\xff\x80").unwrap()[0].bytes, [0xff, 0x80]);
}

#[test]
fn variables() {
    check("$A ${A} x$", &["$A", "${A}", "x$"]);
    check(r#""$A" "${A}" "x${A}y""#, &["alpha", "alpha", "xalphay"]);
    check(r#""$A-b" "$Ab""#, &["alpha-b", ""]);
    check(r#""$V" "${V}""#, &["a b", "a b"]);
    check(r#""$Q""#, &["\"q\\n$A"]);
    check(r#""$E" x"$E""#, &["", "x"]);
    check(r#""$NONE" "$NONE"x"#, &["", "x"]);
    check(r#""${A-d}" "${E-d}" "${NONE-d}""#, &["alpha", "", "d"]);
    check(r#""${NONE-}" "${NONE-a"b\n c}""#, &["", "a\"b\\n c"]);
    check(r#""${.LINE}:$.FILE:${.SECTION}""#, &["7:dir/a.cfg:web"]);
    check(r#""$A[*]""#, &["alpha[*]"]);
}

#[test]
fn variables_of_several_words() {
    check(r#"k "${V[*]}""#, &["k", "a", "b"]);
    check(r#"x"${V[*]}"y"#, &["xa", "by"]);
    check(r#"x"${S[*]}"y z"#, &["x", "x", "y", "y", "z"]);
    check(r#""${E[*]}" "${NONE[*]}" z"#, &["z"]);
    check(r#""${E[*]}""#, &[]);
    check(r#""${E[*]}"'' z"#, &["", "z"]);
    check(r#"x"${E[*]}" z"#, &["x", "z"]);
    check(r#""${NONE[*]-a b}""#, &["a", "b"]);
    check(r#""${.LINE[*]}""#, &["7"]);
}

fn check_fault(text: &str, kind: FaultKind, start: usize, end: usize) {
    let fault = Fault { kind, start, end };
    assert_eq!(split_line(text.as_bytes()), Err(fault), "{text}");
}

#[test]
fn faults() {
    check_fault("a 'b c", FaultKind::Quote, 2, 6);
    check_fault("a \"b c", FaultKind::Quote, 2, 6);
    check_fault("a \"b'\\\" c", FaultKind::Quote, 2, 9);
    check_fault("a 'b\r'", FaultKind::Quote, 2, 6);
    check_fault("\"", FaultKind::Quote, 0, 1);
    check_fault("x \"$1\"", FaultKind::VariableName, 4, 5);
    check_fault("x \"$\"", FaultKind::VariableName, 4, 5);
    check_fault("x \"${}\"", FaultKind::VariableName, 5, 6);
    check_fault("x \"$.foo\"", FaultKind::VariableName, 4, 5);
    check_fault("x \"$.\"", FaultKind::VariableName, 4, 5);
    check_fault("x \"${A\"", FaultKind::Brace, 4, 7);
    check_fault("x \"${A b}\"", FaultKind::Brace, 4, 10);
    check_fault("x \"${A-b\"", FaultKind::Brace, 4, 9);
    check_fault("x \"${A[1]}\"", FaultKind::WordExpansion, 6, 9);
    check_fault("x \"${A[\"", FaultKind::WordExpansion, 6, 8);
    check_fault("x \\x4", FaultKind::Hex, 2, 5);
    check_fault("x \"\\xgg\"", FaultKind::Hex, 3, 7);
    check_fault("x a\\x00b", FaultKind::Nul, 3, 7);
}

#[test]
fn bounds() {
    let words = |count| vec!["w"; count].join(" ");
    assert_eq!(split_line(words(MAX_WORDS).as_bytes()).unwrap().len(), 64);
    check_fault(&words(65), FaultKind::TooManyWords, 128, 129);
    check_fault(&words(100_000), FaultKind::TooManyWords, 128, 199_999);
    let long = "x".repeat(MAX_STATEMENT_BYTES);
    assert_eq!(
        split_line(long.as_bytes()).unwrap()[0].bytes.len(),
        long.len()
    );
    check_fault(
        &format!("{long} y"),
        FaultKind::TooLong,
        long.len() + 1,
        long.len() + 2,
    );
    let expanding = format!("\"{}\"", "$A".repeat(100_000));
    assert_eq!(
        split_line(expanding.as_bytes()).unwrap_err().kind,
        FaultKind::TooLong
    );
}

fn check_spans(text: &str, expected: &[&str]) {
    let words = split_line(text.as_bytes()).unwrap();
    let written: Vec<_> = words
        .iter()
        .map(|word| &text[word.span.start as usize - 100..word.span.end as usize - 100])
        .collect();
    assert_eq!(written, expected, "{text}");
    assert!(words.iter().all(|word| word.span.file == FileId(3)));
}

#[test]
fn spans_cover_what_is_written() {
    check_spans("  a  bc # d", &["a", "bc"]);
    check_spans("'a b'\\ \"c\" d", &["'a b'\\ \"c\"", "d"]);
    check_spans("a \"${A}\" b", &["a", "\"${A}\"", "b"]);
    check_spans("''\r", &["''"]);
    check_spans("k \"${V[*]}\"", &["k", "\"${V[*]}", "${V[*]}\""]);
    check_spans("x\"${S[*]}\"y", &["x\"${S[*]}", "${S[*]}", "${S[*]}", "y"]);
}
