//! Sample expressions as lints see them: names and arguments, without types.

use crate::syntax::Word;

/// A fetch or a converter: `name(arg,arg)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call<'a> {
    pub(super) name: &'a str,
    pub(super) args: Vec<&'a str>,
}

/// An expression and the word it stands in.
#[derive(Clone, Debug)]
pub(super) struct Sample<'a> {
    pub(super) fetch: Call<'a>,
    pub(super) converters: Vec<Call<'a>>,
    pub(super) word: &'a Word,
}

impl<'a> Sample<'a> {
    /// The fetch, then the converters.
    pub(super) fn calls(&self) -> impl Iterator<Item = &Call<'a>> {
        std::iter::once(&self.fetch).chain(&self.converters)
    }

    /// Whether a converter of that name is applied.
    pub(super) fn converts(&self, name: &str) -> bool {
        self.converters.iter().any(|call| call.name == name)
    }
}

impl<'a> Call<'a> {
    /// An argument that is there and not empty.
    pub(super) fn arg(&self, index: usize) -> Option<&'a str> {
        self.args.get(index).copied().filter(|arg| !arg.is_empty())
    }
}

/// A word's value if it is text.
pub(super) fn text(word: &Word) -> &str {
    std::str::from_utf8(&word.bytes).unwrap_or("")
}

/// The expression a word is.
pub(super) fn of_word(word: &Word) -> Option<Sample<'_>> {
    let mut calls = calls(text(word)).into_iter();
    let fetch = calls.next().filter(|call| !call.name.is_empty())?;
    Some(Sample {
        fetch,
        converters: calls.collect(),
        word,
    })
}

/// The expressions of a format: what stands in `%[…]`.
pub(super) fn of_format(word: &Word) -> Vec<Sample<'_>> {
    let mut found = Vec::new();
    let mut rest = text(word);
    while let Some((_, after)) = rest.split_once("%[") {
        let end = closing_bracket(after);
        let (inside, behind) = after.split_at(end);
        rest = behind;
        let mut calls = calls(inside).into_iter();
        if let Some(fetch) = calls.next().filter(|call| !call.name.is_empty()) {
            found.push(Sample {
                fetch,
                converters: calls.collect(),
                word,
            });
        }
    }
    found
}

/// Every expression of a statement, wherever it stands.
pub(super) fn of_statement(words: &[Word]) -> Vec<Sample<'_>> {
    let mut found = Vec::new();
    let mut before: &[u8] = b"";
    for (at, word) in words.iter().enumerate() {
        let is_acl_test = at == 2 && words.first().is_some_and(|first| *first == "acl");
        if is_acl_test || takes_expression(before) {
            found.extend(of_word(word));
        } else {
            found.extend(of_format(word));
        }
        before = &word.bytes;
    }
    found
}

/// Whether an expression follows such a word: an opening brace, a tracking action, `set-var(x)`.
fn takes_expression(word: &[u8]) -> bool {
    let name = word.split(|&byte| byte == b'(').next().unwrap_or_default();
    match name {
        b"{"
        | b"!{"
        | b"capture"
        | b"set-src"
        | b"set-dst"
        | b"set-src-port"
        | b"set-dst-port"
        | b"sc-set-gpt"
        | b"sc-set-gpt0"
        | b"sc-add-gpc"
        | b"set-priority-class"
        | b"set-priority-offset"
        | b"on"
        | b"match"
        | b"store-request"
        | b"store-response"
        | b"hash" => true,
        b"set-var" => word.contains(&b'('),
        _ => name.starts_with(b"track-sc"),
    }
}

/// The links of `fetch(args),converter(args)`.
fn calls(expression: &str) -> Vec<Call<'_>> {
    split(expression)
        .into_iter()
        .map(|part| match part.split_once('(') {
            None => Call {
                name: part,
                args: Vec::new(),
            },
            Some((name, args)) => Call {
                name,
                args: split(args.strip_suffix(')').unwrap_or(args)),
            },
        })
        .collect()
}

/// Splits at commas outside parentheses and quotes.
fn split(list: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    let mut quote = None;
    list.split(move |c| {
        match (c, quote) {
            ('"' | '\'', None) => quote = Some(c),
            (_, Some(open)) if c == open => quote = None,
            ('(', None) => depth += 1,
            (')', None) => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0 && quote.is_none()
    })
    .collect()
}

fn closing_bracket(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ']' if depth == 0 => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocab::stage::words;

    fn shown(samples: &[Sample<'_>]) -> Vec<String> {
        let show = |call: &Call<'_>| format!("{}{:?}", call.name, call.args);
        samples
            .iter()
            .map(|sample| sample.calls().map(show).collect::<Vec<_>>().join(" "))
            .collect()
    }

    #[track_caller]
    fn check(line: &str, expected: &[&str]) {
        assert_eq!(shown(&of_statement(&words(line))), expected, "{line}");
    }

    #[test]
    fn expressions_are_found_where_they_stand() {
        check("acl a src 10.0.0.0/8", &["src[]"]);
        check(
            "acl a req.hdr(host,1),lower a b",
            &["req.hdr[\"host\", \"1\"] lower[]"],
        );
        check(
            "http-request deny if { src } !{ path_beg /a }",
            &["src[]", "path_beg[]"],
        );
        check(
            "http-request track-sc0 hdr(x),concat(\",\",txn.a) table t",
            &["hdr[\"x\"] concat[\"\\\",\\\"\", \"txn.a\"]"],
        );
        check(
            "http-request set-header A %[src]-%[var(txn.x),field(1,])]",
            &["src[]", "var[\"txn.x\"] field[\"1\", \"]\"]"],
        );
        check("http-request set-var(txn.a) path", &["path[]"]);
        check("use_backend b if a", &[]);
        check("http-request set-header A %[", &[]);
    }
}
