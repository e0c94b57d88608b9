//! Findings for programs: a JSON object per line, or one SARIF 2.1.0 log.
//!
//! Lines and columns count from 1 and columns count characters (code points); invalid UTF-8
//! counts as the replacement characters it is shown with.

use super::find;
use crate::syntax::{Diagnostic, Label, Severity, Sources, Span};
use serde_json::{Value, json};

/// One JSON object per line and finding.
///
/// `code`, `severity` (`error warning lint notice note`), `title` (the code's), `message`, `help`
/// (or null), and `labels`, the place at fault first: `file`, `text`, `start` and `end`, each with
/// `line`, `column` and `offset` in bytes. `end` is exclusive.
pub fn json_lines<'a>(
    findings: impl IntoIterator<Item = &'a Diagnostic>,
    sources: &Sources,
) -> String {
    let mut out = String::new();
    for found in findings {
        out.push_str(&object(found, sources).to_string());
        out.push('\n');
    }
    out
}

fn object(found: &Diagnostic, sources: &Sources) -> Value {
    let labels: Vec<Value> = found
        .labels
        .iter()
        .map(|label| {
            let (start, end) = ends(label.span, sources);
            json!({
                "file": sources.name(label.span.file),
                "start": place(start, label.span.start),
                "end": place(end, label.span.end),
                "text": label.text,
            })
        })
        .collect();
    json!({
        "code": found.code.0,
        "severity": found.severity.name(),
        "title": title(found),
        "message": found.message,
        "labels": labels,
        "help": found.help,
    })
}

fn title(found: &Diagnostic) -> &'static str {
    find(found.code.0).map_or("", |page| page.title)
}

fn place((line, column): (u32, u32), offset: u32) -> Value {
    json!({ "line": line, "column": column, "offset": offset })
}

/// Line and column of both ends of a span.
fn ends(span: Span, sources: &Sources) -> ((u32, u32), (u32, u32)) {
    let at = |offset| {
        let position = sources.character_position(Span {
            start: offset,
            ..span
        });
        (position.line, position.column)
    };
    (at(span.start), at(span.end.max(span.start)))
}

/// One log with one run; its rules are the codes found.
pub fn sarif<'a>(findings: impl IntoIterator<Item = &'a Diagnostic>, sources: &Sources) -> String {
    let mut codes: Vec<&'static str> = Vec::new();
    let results: Vec<Value> = findings
        .into_iter()
        .map(|found| {
            let known = codes.iter().position(|&code| code == found.code.0);
            let index = known.unwrap_or_else(|| {
                codes.push(found.code.0);
                codes.len() - 1
            });
            result(found, index, sources)
        })
        .collect();
    let rules: Vec<Value> = codes.into_iter().map(rule).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "tidegate",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn rule(code: &'static str) -> Value {
    let (title, why) = find(code).map_or((code, code), |page| (page.title, page.why));
    json!({
        "id": code,
        "shortDescription": { "text": title },
        "fullDescription": { "text": why },
    })
}

fn result(found: &Diagnostic, rule: usize, sources: &Sources) -> Value {
    let text = match &found.help {
        Some(help) => format!("{}\n{help}", found.message),
        None => found.message.clone(),
    };
    let mut labels = found.labels.iter();
    let locations: Vec<Value> = labels
        .next()
        .map(|label| json!({ "physicalLocation": physical(label, sources) }))
        .into_iter()
        .collect();
    let related: Vec<Value> = labels
        .map(|label| {
            json!({
                "physicalLocation": physical(label, sources),
                "message": { "text": label.text },
            })
        })
        .collect();
    json!({
        "ruleId": found.code.0,
        "ruleIndex": rule,
        "level": match found.severity {
            Severity::Error => "error",
            Severity::Warning | Severity::Lint => "warning",
            Severity::Notice | Severity::Note => "note",
        },
        "message": { "text": text },
        "locations": locations,
        "relatedLocations": related,
    })
}

fn physical(label: &Label, sources: &Sources) -> Value {
    let ((line, column), (end_line, end_column)) = ends(label.span, sources);
    json!({
        "artifactLocation": { "uri": uri(sources.name(label.span.file)) },
        "region": {
            "startLine": line,
            "startColumn": column,
            "endLine": end_line,
            "endColumn": end_column,
        },
    })
}

/// A path as a URI reference (RFC 3986): other bytes than unreserved ones and `/` in percent.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint;

    fn sample() -> (Sources, Diagnostic) {
        let mut sources = Sources::default();
        let file = sources.add("a b.cfg", "é b\n\"c\n");
        let span = |start, end| Span { file, start, end };
        let found = Diagnostic::error(lint::UNUSED_ACL, "bad \"b\"")
            .at(span(3, 4), "here")
            .at(span(5, 7), "and here")
            .help("remove it");
        (sources, found)
    }

    #[test]
    fn json_has_all_of_a_finding() {
        let (sources, found) = sample();
        let text = json_lines([&found, &found], &sources);
        assert_eq!(text.lines().count(), 2);
        let value: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        let expected = json!({
            "code": "TG0801",
            "severity": "error",
            "title": "an ACL that nothing uses",
            "message": "bad \"b\"",
            "help": "remove it",
            "labels": [
                {
                    "file": "a b.cfg",
                    "text": "here",
                    "start": { "line": 1, "column": 3, "offset": 3 },
                    "end": { "line": 1, "column": 4, "offset": 4 },
                },
                {
                    "file": "a b.cfg",
                    "text": "and here",
                    "start": { "line": 2, "column": 1, "offset": 5 },
                    "end": { "line": 2, "column": 3, "offset": 7 },
                },
            ],
        });
        assert_eq!(value, expected);
    }

    #[test]
    fn sarif_has_what_its_schema_requires() {
        let (sources, found) = sample();
        let log: Value = serde_json::from_str(&sarif([&found, &found], &sources)).unwrap();
        assert_eq!(log["version"], "2.1.0");
        let run = &log["runs"][0];
        assert_eq!(run["tool"]["driver"]["name"], "tidegate");
        assert_eq!(run["tool"]["driver"]["rules"].as_array().unwrap().len(), 1);
        assert_eq!(run["tool"]["driver"]["rules"][0]["id"], "TG0801");
        let result = &run["results"][1];
        assert_eq!(result["ruleIndex"], 0);
        assert_eq!(result["level"], "error");
        assert_eq!(result["message"]["text"], "bad \"b\"\nremove it");
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "a%20b.cfg");
        assert_eq!(place["region"]["startColumn"], 3);
        assert_eq!(result["relatedLocations"][0]["message"]["text"], "and here");
        let empty: Value = serde_json::from_str(&sarif([], &sources)).unwrap();
        assert_eq!(empty["runs"][0]["results"], json!([]));
    }
}
