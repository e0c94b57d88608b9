//! Codes and pages belong together, and the examples do what the pages say.

use super::policy::{self, Policy};
use super::{Example, explain, find, list, nearest, pages, wrapped};
use crate::compile::{CompileOptions, compile};
use crate::lint;
use crate::syntax::{Diagnostic, Diagnostics, Environment, Facts, Severity, Sources, parse};
use crate::vocab::host::fake::Fake;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What is found in a text, and its sources.
fn read(text: &str, policy: &Policy) -> (Diagnostics, Sources) {
    let mut sources = Sources::default();
    let file = sources.add("t.cfg", text);
    let mut diags = Diagnostics::default();
    let mut environment = Environment::default();
    let facts = Facts::default();
    let document = parse(&sources, &[file], &mut environment, &facts, &mut diags);
    let options = CompileOptions {
        // Lints look at words that do not work yet as well.
        allow_unsupported: true,
        host: &Fake::default(),
        sources: &sources,
    };
    compile(&document, &mut diags, &options);
    let view = lint::View {
        sources: &sources,
        document: &document,
        host: &Fake::default(),
    };
    lint::run(&view, &mut diags);
    policy::apply(&mut diags, &sources, &[file], policy);
    (diags, sources)
}

/// All that is found in a text.
pub(super) fn diagnose(text: &str) -> Vec<Diagnostic> {
    let (diags, _) = read(text, &Policy::default());
    diags.iter().cloned().collect()
}

/// What `check` finds in a text, as `line severity code`.
pub(super) fn findings(text: &str, policy: &Policy) -> Vec<String> {
    let (diags, sources) = read(text, policy);
    diags
        .iter()
        .map(|found| {
            let label = found.labels.first();
            let line = label.map_or(0, |label| sources.position(label.span).line);
            format!("{line} {} {}", found.severity.name(), found.code.0)
        })
        .collect()
}

#[test]
fn examples_do_what_their_pages_say() {
    let policy = Policy {
        linted: true,
        ..Policy::default()
    };
    let mut wrong = Vec::new();
    for page in pages() {
        let Example::Config { wrong: bad, right } = page.example else {
            continue;
        };
        let code = page.code.0;
        let found = findings(bad, &policy);
        let others = |line: &&String| line.contains("error") && !line.ends_with(code);
        if !found.iter().any(|line| line.ends_with(code)) || found.iter().any(|l| others(&l)) {
            wrong.push(format!("{code} wrong example: {found:?}"));
        }
        let found = findings(right, &policy);
        if found
            .iter()
            .any(|line| line.ends_with(code) || line.contains("error"))
        {
            wrong.push(format!("{code} right example: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// The codes declared anywhere in the sources, and how often.
fn declared() -> BTreeMap<String, usize> {
    let mut files = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    sources(&root.join("src"), &mut files);
    let mut codes = BTreeMap::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for after in text.split(concat!("Code = ", "Code(\"")).skip(1) {
            let code: String = after.chars().take_while(|&c| c != '"').collect();
            // What tests of `render` use.
            if code != "TG0100" {
                *codes.entry(code).or_default() += 1;
            }
        }
    }
    codes
}

#[test]
fn each_code_is_declared_once_and_has_one_page() {
    let declared = declared();
    assert!(declared.len() > 90, "only {}", declared.len());
    let twice: Vec<_> = declared.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "declared several times: {twice:?}");
    let mut explained: BTreeMap<&str, usize> = BTreeMap::new();
    for page in pages() {
        *explained.entry(page.code.0).or_default() += 1;
        let form = page.code.0.strip_prefix("TG").map(str::len);
        assert_eq!(form, Some(4), "{page:?}");
        assert!(
            !page.title.is_empty() && !page.title.ends_with('.'),
            "{page:?}"
        );
        assert!(page.why.ends_with('.'), "{page:?}");
    }
    let pages = |code: &str| explained.get(code).copied();
    let without: Vec<_> = declared
        .keys()
        .filter(|code| pages(code) != Some(1))
        .collect();
    assert!(
        without.is_empty(),
        "add one page each in src/diagnostics/: {without:?}"
    );
    for code in explained.keys() {
        assert!(declared.contains_key(*code), "{code} is not declared");
    }
}

#[test]
fn codes_are_reported_by_their_constants() {
    let order: Vec<_> = pages().map(|page| page.code.0).collect();
    let lints = order.iter().filter(|code| code.starts_with("TG08")).count();
    assert!(lints >= 4 && order.len() > lints);
    assert_eq!(find("tg0101").unwrap().code.0, "TG0101");
    assert!(find("TG9999").is_none());
    assert_eq!(nearest("TG01011"), Some("TG0101"));
    assert_eq!(list().lines().count(), order.len());
    assert!(list().lines().is_sorted());
    assert!(explain(find("TG0101").unwrap()).contains("Wrong:\n\n    global\n"));
    assert_eq!(Severity::Lint.name(), "lint");
}

#[test]
fn paragraphs_are_wrapped() {
    assert_eq!(wrapped("a bc def", 4), "a bc\ndef");
    assert_eq!(wrapped("abcdef g", 4), "abcdef\ng");
    assert_eq!(wrapped("", 4), "");
}
