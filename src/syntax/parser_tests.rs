//! Sections and statements, recovery, limits.

use super::*;
use crate::syntax::conditional::MAX_NESTED;
use crate::syntax::render;

fn parse_files(texts: &[&str]) -> (Document, Diagnostics, Sources) {
    let mut sources = Sources::default();
    let files: Vec<_> = (b'a'..)
        .zip(texts)
        .map(|(name, text)| sources.add(format!("{}.cfg", char::from(name)), *text))
        .collect();
    let mut environment = Environment::new([("HOST", "h"), ("EMPTY", "")]);
    let mut diagnostics = Diagnostics::default();
    let facts = Facts::default();
    let document = parse(&sources, &files, &mut environment, &facts, &mut diagnostics);
    (document, diagnostics, sources)
}

/// A document as its words, sections by their kind.
fn outline(document: &Document) -> String {
    let join = |words: &[Word]| words.iter().map(Word::text).collect::<Vec<_>>().join("|");
    let mut out = String::new();
    for section in &document.sections {
        let kind = section.kind;
        out.push_str(&format!("{kind:?}({})", join(&section.words)));
        for statement in &section.statements {
            out.push_str(&format!(" {}", join(&statement.words)));
        }
        out.push('\n');
    }
    out
}

fn check(text: &str, expected: &str) {
    let (document, diagnostics, sources) = parse_files(&[text]);
    let found = render::short(&diagnostics, &sources);
    assert!(diagnostics.is_empty(), "{text}: {found}");
    assert_eq!(outline(&document).trim_end(), expected, "{text}");
}

#[test]
fn sections_and_statements() {
    check("", "");
    check("\n# nothing\n\r\n", "");
    check("global\n", "Global(global)");
    check(
        "  global\n\tmaxconn 10\nfrontend web\nbind :80\r\n",
        "Global(global) maxconn|10\nFrontend(frontend|web) bind|:80",
    );
    check("'global'\nno option x\n", "Global(global) no|option|x");
    check("defaults a from b\n", "Defaults(defaults|a|from|b)");
    check("\r global\n", "Global(global)");
    check(
        "[scope]\nglobal\n [a.b:c-d_1]  # x\n x\n",
        "Global(global) x",
    );
    check(
        "frontend f\n    bind :80\nmode http\n log global\n",
        "Frontend(frontend|f) bind|:80 mode|http log|global",
    );
    check(
        "frontend f\n  x\npeer a b\ndefault option x\n",
        "Frontend(frontend|f) x peer|a|b default|option|x",
    );
}

#[test]
fn every_section_is_known() {
    for (keyword, kind) in SectionKind::ALL {
        let (document, diagnostics, _) = parse_files(&[&format!("{keyword} name\n")]);
        assert!(diagnostics.is_empty());
        assert_eq!(document.sections[0].kind, kind);
        assert_eq!(kind.keyword(), keyword);
        assert_eq!(SectionKind::from_keyword(keyword.as_bytes()), Some(kind));
    }
    assert_eq!(SectionKind::Unknown.keyword(), "");
}

#[test]
fn empty_first_words_drop_their_line() {
    check(
        "global\n \"$EMPTY\" a\n \"\" b\n \"${NONE}\"\n x\n",
        "Global(global) x",
    );
    check("global\n \"${EMPTY[*]}\" a\n", "Global(global) a");
}

#[test]
fn environment_words_reach_later_lines() {
    check(
        "global\n x \"${V-none}\"\n setenv V 1\n x \"$V\"\n presetenv V 2\n x \"$V\"\n unsetenv V\n x \"${V-gone}\"\n",
        "Global(global) x|none setenv|V|1 x|1 presetenv|V|2 x|1 unsetenv|V x|gone",
    );
    check(
        "listen l\n setenv HOST 2\n x \"$HOST\"\n",
        "Listen(listen|l) setenv|HOST|2 x|h",
    );
    check(
        "global\n resetenv\n x \"${HOST-no}\"\n",
        "Global(global) resetenv x|no",
    );
    check(
        "global\nx \"${.SECTION}\" \"${.LINE}\"\nbackend b\nx \"$.SECTION${.FILE}\"\n",
        "Global(global) x|global|2\nBackend(backend|b) x|ba.cfg",
    );
    check("global\n x \"$HAPROXY_BRANCH\"\n", "Global(global) x|3.4");
}

#[test]
fn blocks() {
    let block = |first: &str, second: &str| {
        format!("global\n.if {first}\n a\n.elif {second} # c\n b\n.else\n c\n.endif\n d\n")
    };
    check(&block("1", "1"), "Global(global) a d");
    check(&block("0", "1"), "Global(global) b d");
    check(&block("0", "0"), "Global(global) c d");
    check(&block("1", "junk("), "Global(global) a d");
    check(&block("defined(HOST)", "0"), "Global(global) a d");
    check(
        &block("streq(\"$HOST\",  h)", "streq(\"$HOST\",h)"),
        "Global(global) b d",
    );
    check(
        &block("version_before(3.4-dev1) ||  !version_atleast(3.4)", "1"),
        "Global(global) b d",
    );
    check(&block("", "\"\""), "Global(global) c d");
    check(
        "global\n.if 0\n.if junk(\n a\n.else\n b\n.endif\n .foo\n \"\"x ''\n.else\n.if 1\n c\n.endif\n.endif\n",
        "Global(global) c",
    );
    check(
        "global\n.if 0\nfrontend f\n.endif\n x\n",
        "Global(global) x",
    );
}

#[test]
fn section_typos_take_their_statements_along() {
    let (document, diagnostics, _) =
        parse_files(&["global\n  x\nfronted web\n  mode http\nbackend b\n  y\n"]);
    assert_eq!(
        outline(&document),
        "Global(global) x\nUnknown(fronted|web) mode|http\nBackend(backend|b) y\n"
    );
    assert_eq!(diagnostics.len(), 1);
    let (document, diagnostics, _) = parse_files(&["mode http\n x\nlisten l\n x\n"]);
    assert_eq!(
        outline(&document),
        "Unknown(mode|http) x\nListen(listen|l) x\n"
    );
    assert_eq!(diagnostics.len(), 1);
}

#[test]
fn files_start_outside_of_sections_and_end_their_blocks() {
    let (document, diagnostics, _) = parse_files(&["global\n x\n.if 0\n", "y\nlisten l\n", "\n"]);
    assert_eq!(
        outline(&document),
        "Global(global) x\nUnknown(y)\nListen(listen|l)\n"
    );
    let codes: Vec<_> = diagnostics.iter().map(|found| found.code).collect();
    assert_eq!(codes, [codes::UNTERMINATED_IF, codes::OUT_OF_SECTION]);
}

fn check_found(text: &str, expected: &[&str]) {
    let (_, diagnostics, sources) = parse_files(&[text]);
    let found = render::short(&diagnostics, &sources);
    let found: Vec<_> = found.lines().collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn one_run_finds_every_error() {
    check_found(
        "global\n a \"b\n c \\x1\n d \"$1\"\n e \"${A\"\n f \"${A[}\"\n g \"\" h\n i",
        &[
            "a.cfg:2:4: error[TG0101]: unmatched quote",
            "a.cfg:3:4: error[TG0104]: truncated or invalid hexadecimal sequence",
            "a.cfg:4:6: error[TG0103]: forbidden first char in environment variable name",
            "a.cfg:5:6: error[TG0102]: unmatched brace in environment variable name",
            "a.cfg:6:8: error[TG0105]: truncated or invalid word expansion sequence",
            "a.cfg:7:4: error[TG0107]: argument is empty and marks the end of the argument list",
            "a.cfg:8:3: error[TG0109]: missing LF on last line, file might have been truncated",
        ],
    );
    check_found(
        "global\n a\0b\n c\\x00\n d\re f\n [b$r]\n []\n [x] y\n [\n",
        &[
            "a.cfg:2:3: error[TG0108]: stray NUL character",
            "a.cfg:3:3: error[TG0108]: a word can't hold a NUL character",
            "a.cfg:4:3: warning[TG0112]: text after a carriage return is ignored",
            "a.cfg:5:4: error[TG0140]: this character is not permitted in a scope name",
            "a.cfg:6:2: error[TG0140]: empty scope name is forbidden",
            "a.cfg:7:6: error[TG0140]: this character is not permitted after scope declaration",
            "a.cfg:8:2: error[TG0140]: empty scope name is forbidden",
        ],
    );
    check_found(
        "global\n setenv A\n unsetenv\n setenv A=B c\n",
        &[
            "a.cfg:2:9: error[TG0143]: 'setenv' expects environment variable value for 'A'",
            "a.cfg:3:2: error[TG0143]: 'unsetenv' expects at least one variable name",
            "a.cfg:4:9: error[TG0143]: 'setenv' failed on variable 'A=B': a name has no '='",
        ],
    );
}

#[test]
fn directives_out_of_place() {
    check_found(
        ".elif 1\n.else\n.endif\n.if 1\n.else x\n.else\n.elif 1\n.endif y\n.foo\n.nodice x\n.if 1",
        &[
            "a.cfg:1:1: error[TG0121]: lone '.elif' with no matching '.if'",
            "a.cfg:2:1: error[TG0121]: lone '.else' with no matching '.if'",
            "a.cfg:3:1: error[TG0121]: lone '.endif' with no matching '.if'",
            "a.cfg:5:7: error[TG0123]: unexpected argument 'x' for '.else'",
            "a.cfg:6:1: error[TG0122]: '.else' after '.else' is not permitted",
            "a.cfg:7:1: error[TG0122]: '.elif' after '.else' is not permitted",
            "a.cfg:8:8: error[TG0123]: unexpected argument 'y' for '.endif'",
            "a.cfg:9:1: error[TG0120]: unknown directive '.foo'",
            "a.cfg:10:1: error[TG0120]: unknown directive '.nodice'",
            "a.cfg:11:6: error[TG0109]: missing LF on last line, file might have been truncated",
            "a.cfg:11:1: error[TG0124]: non-terminated '.if' block",
        ],
    );
    check_found(
        ".if 1 && foo(1)\n.endif\n.if \"1\" 'x'\n.endif\n.if streq(a,\n.endif\n",
        &[
            "a.cfg:1:10: error[TG0126]: unparsable conditional expression 'foo(1)' in '.if'",
            "a.cfg:3:9: error[TG0126]: unexpected character 'x' at the end of conditional expression '1 x' in '.if'",
            "a.cfg:5:5: error[TG0126]: expected ')' in argument 2 of predicate 'streq' used in conditional expression in '.if'",
        ],
    );
}

#[test]
fn messages() {
    check_found(
        ".alert \"a b\"\n.warning w\n.notice\n.diag d # c\n.alert a b\n.if 0\n.alert no\n.endif\n",
        &[
            "a.cfg:1:1: error[TG0127]: 'a b'",
            "a.cfg:2:1: warning[TG0128]: 'w'",
            "a.cfg:3:1: notice[TG0129]: ''",
            "a.cfg:4:1: note[TG0130]: 'd'",
            "a.cfg:5:10: error[TG0123]: unexpected argument 'b' for '.alert'",
        ],
    );
}

fn check_golden(text: &str, expected: &str) {
    let (_, diagnostics, sources) = parse_files(&[text]);
    let rendered = render::human(&diagnostics, &sources, false);
    assert_eq!(rendered, expected.trim_start_matches('\n'), "\n{rendered}");
}

#[test]
fn rendered_diagnostics() {
    check_golden(
        "global\n    log-tag \"a b\nfronted web\n",
        r#"
error[TG0101]: unmatched quote
 --> a.cfg:2:13
  |
2 |     log-tag "a b
  |             ^^^^ opened here, not closed on this line
  |
  = help: close it, or write a backslash before a quote that is part of the word

error[TG0142]: unknown section 'fronted'
 --> a.cfg:3:1
  |
3 | fronted web
  | ^^^^^^^ the lines under it are not read
  |
  = help: did you mean 'frontend'?
"#,
    );
    check_golden(
        "global\n    log-tag \"$HOTS\" \"$EMPTY\"\n    bind \"$EMPTY\"\n    x ''\n",
        r#"
error[TG0107]: argument is empty and marks the end of the argument list
 --> a.cfg:2:13
  |
2 |     log-tag "$HOTS" "$EMPTY"
  |             ^^^^^^^ 'HOTS' is not set
  |
  = help: did you mean 'HOST'?

error[TG0107]: argument is empty and marks the end of the argument list
 --> a.cfg:3:10
  |
3 |     bind "$EMPTY"
  |          ^^^^^^^^ 'EMPTY' is set to nothing
  |
  = help: write "${EMPTY[*]}" where no word is wanted then

error[TG0107]: argument is empty and marks the end of the argument list
 --> a.cfg:4:7
  |
4 |     x ''
  |       ^^
  |
  = help: remove it, or everything after it would be ignored
"#,
    );
    check_golden(
        ".if 1\n.else\n.else\n.endif\n",
        "
error[TG0122]: '.else' after '.else' is not permitted
 --> a.cfg:3:1
  |
3 | .else
  | ^^^^^
  |
 ::: a.cfg:1:1
  |
1 | .if 1
  | --- the block starts here
",
    );
}

fn codes_of(text: &str) -> Vec<&'static str> {
    let (_, diagnostics, sources) = parse_files(&[text]);
    render::short(&diagnostics, &sources);
    diagnostics.iter().map(|found| found.code.0).collect()
}

#[test]
fn bounds_are_errors() {
    let nested = |depth| format!("{}{}", ".if 1\n".repeat(depth), ".endif\n".repeat(depth));
    assert!(codes_of(&nested(MAX_NESTED)).is_empty());
    assert_eq!(codes_of(&nested(10_000)), ["TG0125"]);
    assert_eq!(
        codes_of(&format!("global\n{}\n", "x".repeat(60 << 20))),
        ["TG0110"]
    );
    assert_eq!(codes_of(&" ".repeat(100 << 20)), ["TG0111"]);
    let doubling = format!("global\nsetenv A xx\n{}", "setenv A \"$A$A\"\n".repeat(30));
    assert_eq!(codes_of(&doubling)[0], "TG0110");
    let filling = format!(
        "global\nsetenv A {}\n{}",
        "x".repeat(100_000),
        "x \"$A\"\n".repeat(4_000)
    );
    assert_eq!(codes_of(&filling), ["TG0111"]);
    let errors = codes_of(&format!("global\n{}", "x \"\n".repeat(5_000)));
    assert_eq!(
        (errors.len(), errors[MAX_ERRORS]),
        (MAX_ERRORS + 1, "TG0113")
    );
}

#[test]
fn a_million_statements_are_read_and_no_more() {
    let text = format!("global\n{}", "x\n".repeat(MAX_STATEMENTS - 1));
    assert!(codes_of(&text).is_empty());
    assert_eq!(codes_of(&format!("{text}x\n")), ["TG0111"]);
}
