//! The fuzz target on configuration text, also run by unit tests.

use super::{
    Diagnostics, Document, Environment, Facts, SectionKind, Sources, codes, fmt, parse, print,
    render,
};

/// Reads any bytes, renders what is wrong with them,
/// and asserts that parse → print → parse is a fixed point and that formatting changes no word.
pub fn fuzz_entry(bytes: &[u8]) {
    let (document, before, sources) = read(bytes);
    render::human(&before, &sources, false);
    render::short(&before, &sources);
    let printed = print(&document);
    let (again, diagnostics, _) = read(printed.as_bytes());
    let lexical = |code| ("TG0101".."TG0111").contains(&code);
    let fault = diagnostics.iter().find(|found| lexical(found.code.0));
    assert!(fault.is_none(), "{fault:?} in {printed:?}");
    assert_eq!(printed, print(&again), "printing is not a fixed point");
    assert_eq!(
        words(&document),
        words(&again),
        "words changed: {printed:?}"
    );
    formatted(bytes, &document, &before);
}

/// Asserts that canonical layout has the same words, and stays as it is.
///
/// Only where every section is known: what tells an unknown one from a statement is its column.
fn formatted(bytes: &[u8], document: &Document, before: &Diagnostics) {
    let text = fmt(bytes);
    assert_eq!(
        text.escape_ascii().to_string(),
        fmt(&text).escape_ascii().to_string(),
        "formatting twice"
    );
    let (again, after, _) = read(&text);
    let unclear = |found: &super::Diagnostic| {
        [codes::UNKNOWN_SECTION, codes::OUT_OF_SECTION].contains(&found.code)
    };
    if !before.iter().chain(after.iter()).any(unclear) {
        let text = String::from_utf8_lossy(&text);
        assert_eq!(words(document), words(&again), "words changed: {text:?}");
    }
}

fn read(bytes: &[u8]) -> (Document, Diagnostics, Sources) {
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let mut environment = Environment::new([("A", "a b"), ("E", "")]);
    let file = sources.add("fuzz.cfg", bytes);
    let facts = Facts::default();
    let document = parse(
        &sources,
        &[file],
        &mut environment,
        &facts,
        &mut diagnostics,
    );
    (document, diagnostics, sources)
}

/// All words without their places, by line.
fn words(document: &Document) -> Vec<Vec<&[u8]>> {
    document
        .sections
        .iter()
        .filter(|section| section.kind != SectionKind::Unknown)
        .flat_map(|section| {
            let header = std::iter::once(&section.words);
            header.chain(section.statements.iter().map(|statement| &statement.words))
        })
        .map(|words| words.iter().map(|word| &*word.bytes).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Pieces that reach more of the language than random bytes do.
    fn piece() -> impl Strategy<Value = Vec<u8>> {
        let pieces = [
            "global\n",
            "frontend f\n",
            "fronted f\n",
            "program p\n",
            "listen",
            "default",
            " ",
            "\t",
            "\n",
            "\n    ",
            "\r\n",
            "\r",
            "\"",
            "'",
            "\\",
            "#",
            "$A",
            "\"$A\"",
            "\"${A[*]}\"",
            "\"${E}\"",
            "\"${E[*]}\"",
            "${",
            "}",
            "\"${.LINE}\"",
            "\\x41",
            "\\xff",
            "\\x00",
            "\\n",
            "\\$",
            ".if ",
            ".elif ",
            ".else\n",
            ".endif\n",
            ".alert x\n",
            "1",
            "0\n",
            "defined(A)",
            "(",
            ")",
            "&&",
            "!",
            "[x]",
            "[",
            "]",
            "setenv A b\n",
            "setenv X '\"${A}\"'\n",
            "unsetenv A\n",
            "resetenv\n",
            "x",
            "# c\n",
            "\\\t",
            "bind :80\n",
        ];
        prop_oneof![
            8 => prop::sample::select(pieces.to_vec()).prop_map(|text| text.as_bytes().to_vec()),
            1 => prop::collection::vec(any::<u8>(), 0..4),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn parse_print_parse_is_a_fixed_point(
            pieces in prop::collection::vec(piece(), 0..60)
        ) {
            fuzz_entry(&pieces.concat());
        }
    }

    #[test]
    fn named_cases() {
        for text in [
            "",
            "\n",
            "global",
            "a\0b\n",
            "global\n \"\\xff\" '[x'\n",
            "\"",
            "${",
        ] {
            fuzz_entry(text.as_bytes());
        }
    }
}
