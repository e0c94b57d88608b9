//! Every code with its page: what it means, why it matters, a wrong and a right example.
//!
//! `tidegate explain-code` and `docs/DIAGNOSTICS.md` are made from these tables. What must hold:
//! each declared code has exactly one page and each page's examples do what it says, both of
//! which are tests. Also here: [`policy`], which decides what is shown and how bad it is.
//! Deliberately absent: the codes' declarations, which stand with the modules that report them.

mod addresses;
pub mod export;
mod lints;
mod names;
pub mod policy;
mod rules;
mod samples;
mod startup;
mod syntax;
mod words;

use crate::syntax::{Code, closest};
use std::fmt::Write;

/// What is to be known about a code.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// The code.
    pub code: Code,
    /// What was found, in a few words.
    pub title: &'static str,
    /// Why it is a problem and what to do about it.
    pub why: &'static str,
    /// A wrong and a right example.
    pub example: Example,
}

/// A wrong example, which yields the code, and a right one, which does not.
#[derive(Clone, Copy, Debug)]
pub enum Example {
    /// Configurations, run as tests.
    Config {
        /// Yields the code.
        wrong: &'static str,
        /// Does not.
        right: &'static str,
    },
    /// A situation that no configuration alone makes.
    Told {
        /// Yields the code.
        wrong: &'static str,
        /// Does not.
        right: &'static str,
    },
}

/// The pages by topic.
const TOPICS: [(&str, &[Page]); 8] = [
    ("Syntax", syntax::PAGES),
    ("Keywords and arguments", words::PAGES),
    ("Addresses, `bind` and `server`", addresses::PAGES),
    ("Samples, conditions and formats", samples::PAGES),
    ("Rules and logging", rules::PAGES),
    ("Names between sections", names::PAGES),
    ("Lints", lints::PAGES),
    ("Files and start", startup::PAGES),
];

const fn page(
    code: Code,
    title: &'static str,
    why: &'static str,
    wrong: &'static str,
    right: &'static str,
) -> Page {
    Page {
        code,
        title,
        why,
        example: Example::Config { wrong, right },
    }
}

const fn told(
    code: Code,
    title: &'static str,
    why: &'static str,
    wrong: &'static str,
    right: &'static str,
) -> Page {
    Page {
        code,
        title,
        why,
        example: Example::Told { wrong, right },
    }
}

/// Every page.
pub fn pages() -> impl Iterator<Item = &'static Page> {
    TOPICS.iter().flat_map(|(_, pages)| pages.iter())
}

/// The page of a code, written in any case.
pub fn find(code: &str) -> Option<&'static Page> {
    pages().find(|page| page.code.0.eq_ignore_ascii_case(code))
}

/// The code most like one that does not exist.
pub fn nearest(code: &str) -> Option<&'static str> {
    closest(code, pages().map(|page| page.code.0))
}

/// One line per code, in their order.
pub fn list() -> String {
    let mut out = String::new();
    let mut sorted: Vec<_> = pages().collect();
    sorted.sort_by_key(|page| page.code.0);
    for page in sorted {
        writeln!(out, "{}  {}", page.code.0, page.title).expect("a string takes everything");
    }
    out
}

/// A page for the terminal.
pub fn explain(page: &Page) -> String {
    let (wrong, right) = match page.example {
        Example::Config { wrong, right } => (indented(wrong), indented(right)),
        Example::Told { wrong, right } => (format!("    {wrong}\n"), format!("    {right}\n")),
    };
    format!(
        "{}: {}\n\n{}\n\nWrong:\n\n{wrong}\nRight:\n\n{right}",
        page.code.0,
        page.title,
        wrapped(page.why, 79)
    )
}

/// How findings are shown and silenced, for `docs/DIAGNOSTICS.md`.
const FORMATS: &str = "
`tidegate check -f FILE` shows all findings of all files and exits with 1 if one is an error.

- `--format human` (with the lines at fault, in colour on a terminal unless `NO_COLOR` is set), `short` (a line each,
  `file:line:column: severity[code]: message`), `json` (an object per line with `code`, `severity`, `title`, `message`,
  `help` and `labels`; a label has `file`, `text`, `start` and `end`, and those have `line`, `column` and `offset`) or
  `sarif` (a SARIF 2.1.0 log).
- Severities: `error`, `warning` (HAProxy warns of it too), `lint` (it does not), `notice`, `note` (shown with `-v`).
- `--deny-warnings` (`-dW`) makes warnings and lints errors, `--deny CODE` one of them; `--allow CODE` silences one.
- `# tidegate:allow(CODE[,CODE])` silences findings on its line, or on the next statement when it stands alone. Errors
  cannot be silenced.
- `--offline` looks no host name up. `--allow-unsupported` makes warnings of what Tidegate does not have yet.
";

/// All pages as `docs/DIAGNOSTICS.md`.
pub fn markdown() -> String {
    let mut out = String::from(
        "# Diagnostics\n\nWhat Tidegate says about configurations, by code. Generated from `src/diagnostics/`; \
         `tidegate explain-code` shows the same.\n",
    );
    out.push_str(FORMATS);
    for (topic, pages) in TOPICS {
        write!(out, "\n## {topic}\n").expect("a string takes everything");
        for page in pages {
            let (wrong, right) = match page.example {
                Example::Config { wrong, right } => (fenced(wrong), fenced(right)),
                Example::Told { wrong, right } => (format!("{wrong}\n"), format!("{right}\n")),
            };
            write!(
                out,
                "\n### {}: {}\n\n{}\n\nWrong:\n\n{wrong}\nRight:\n\n{right}",
                page.code.0, page.title, page.why
            )
            .expect("a string takes everything");
        }
    }
    out
}

fn visible(text: &str) -> String {
    text.replace("\r\n", "<CR>\n").replace('\r', "<CR>")
}

fn fenced(config: &str) -> String {
    let config = visible(config);
    format!("```\n{}\n```\n", config.trim_end_matches('\n'))
}

fn indented(config: &str) -> String {
    visible(config)
        .lines()
        .map(|line| format!("    {line}\n"))
        .collect()
}

/// Breaks a paragraph into lines of at most `width` characters where blanks allow it.
fn wrapped(text: &str, width: usize) -> String {
    let mut out = String::new();
    let mut column = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
            out.push('\n');
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out
}

#[cfg(test)]
mod cascades;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod mistakes;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod typos;
