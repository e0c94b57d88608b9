//! What the formatter writes, and that it changes no meaning.

use super::super::{Diagnostics, Document, Environment, Facts, Sources, parse};
use super::fmt;
use std::path::Path;

#[track_caller]
fn check(text: &str, expected: &str) {
    let once = String::from_utf8(fmt(text.as_bytes())).expect("text stays text");
    assert_eq!(once, expected, "{text}");
    assert_eq!(fmt(once.as_bytes()), once.as_bytes(), "twice: {text}");
}

#[test]
fn indentation_and_blanks() {
    check("global\nmaxconn  10\n", "global\n    maxconn 10\n");
    check(
        "  global\n\tlog\tx  local0\t \n",
        "global\n    log x local0\n",
    );
    check("global\r\n  daemon\r\n", "global\n    daemon\n");
    check("global\n    daemon", "global\n    daemon\n");
    check("", "");
    check("\n\n", "");
}

#[test]
fn quotes_stay_as_written() {
    check("global\n log-tag  'a  b'\n", "global\n    log-tag 'a  b'\n");
    check(
        "global\n setenv A  \"x  ${B-y \"  z}\"\\ q\n",
        "global\n    setenv A \"x  ${B-y \"  z}\"\\ q\n",
    );
    check("global\n a\\\tb\n", "global\n a\\\tb\n");
    check(
        "global\n  \"open\n  daemon\n",
        "global\n  \"open\n    daemon\n",
    );
    check("\"global\"\ndaemon\n", "\"global\"\n    daemon\n");
}

#[test]
fn empty_lines() {
    check(
        "global\n\n\n daemon\n\n\n nosplice\nfrontend f\nbind :1\n\n\n\nbackend b\n\n",
        "global\n    daemon\n\n    nosplice\n\nfrontend f\n    bind :1\n\nbackend b\n",
    );
    check(
        "global\n\n\n setenv A \"${.LINE}\"\nfrontend f\n",
        "global\n\n\n    setenv A \"${.LINE}\"\nfrontend f\n",
    );
}

#[test]
fn comments_stay_with_what_follows() {
    check(
        "# one\nglobal # two\n# three\n daemon   #four\n",
        "# one\nglobal # two\n    # three\n    daemon #four\n",
    );
    check(
        "global\n daemon\n # last\n# next\nbackend b\n",
        "global\n    daemon\n    # last\n\n# next\nbackend b\n",
    );
    check(
        "global\n daemon\n\n# apart\n\nbackend b\n  # end  \n",
        "global\n    daemon\n\n# apart\n\nbackend b\n    # end\n",
    );
    check("global\n daemon#x\n", "global\n    daemon #x\n");
}

#[test]
fn blocks() {
    check(
        "global\n.if 1\nnbthread 1\n.if 0\n# c\ndaemon\n.endif\n.else\nnbthread 2\n# d\n.endif\n",
        "global\n    .if 1\n        nbthread 1\n        .if 0\n            # c\n            daemon\n        .endif\n    .else\n        nbthread 2\n        # d\n    .endif\n",
    );
    check(
        "global\n daemon\n .if 1\nfrontend f\nbind :1\n .else\nbackend b\n .endif\n",
        "global\n    daemon\n.if 1\nfrontend f\n    bind :1\n.else\nbackend b\n.endif\n",
    );
    check(".endif\n", ".endif\n");
}

#[test]
fn what_the_first_column_decides_stays_there() {
    check(
        "global\nfronted f\n bind :1\n",
        "global\nfronted f\n    bind :1\n",
    );
    check("[a]  # b \nglobal\n", "[a]  # b\n\nglobal\n");
    check("global\n program x\n", "global\n\nprogram x\n");
}

/// A text and what it is read as, quotes resolved, without places.
fn read(text: &[u8]) -> Vec<Vec<Vec<u8>>> {
    let mut sources = Sources::default();
    let file = sources.add("x.cfg", text);
    let mut environment = Environment::new([("A", "a b")]);
    let mut diags = Diagnostics::default();
    let document: Document = parse(
        &sources,
        &[file],
        &mut environment,
        &Facts::default(),
        &mut diags,
    );
    let mut lines = Vec::new();
    for section in &document.sections {
        let statements = section.statements.iter().map(|line| &line.words);
        for words in std::iter::once(&section.words).chain(statements) {
            lines.push(words.iter().map(|word| word.bytes.to_vec()).collect());
        }
    }
    lines
}

fn same_words(path: &Path) {
    let text = std::fs::read(path).unwrap_or_default();
    let once = fmt(&text);
    assert_eq!(read(&text), read(&once), "{}", path.display());
    assert!(once == fmt(&once), "twice: {}", path.display());
}

#[test]
fn examples_are_in_canonical_layout() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    for entry in std::fs::read_dir(examples).unwrap().flatten() {
        let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
        if entry
            .path()
            .extension()
            .is_some_and(|ending| ending == "cfg")
        {
            check(&text, &text);
        }
    }
}

/// The examples, and every file of the folder that `TIDEGATE_CORPUS` names.
#[test]
fn real_files_keep_their_words() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let corpus = std::env::var_os("TIDEGATE_CORPUS").map(Into::into);
    let mut files = 0;
    for folder in [Some(examples), corpus].into_iter().flatten() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.extension().is_some_and(|ending| ending == "cfg") {
                same_words(&path);
                files += 1;
            }
        }
    }
    assert!(files >= 6, "only {files} files");
    println!("{files} files keep their words");
}
