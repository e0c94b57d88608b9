//! `http-check expect` and `tcp-check expect`: what is looked for in an answer.

use super::request::fixed;
use super::rule::Reader;
use crate::health::CheckStatus;
use crate::health::script::{Action, BytesKind, Expect, HeaderWanted, Language, Match, Wanted};
use crate::syntax::{Diagnostic, Word};
use crate::vocab::codes::BAD_CHOICE;
use std::sync::Arc;

impl Reader<'_, '_, '_> {
    pub(super) fn expect(&mut self) -> Option<(Action, Option<Arc<str>>)> {
        if self.words.get(2).is_none() {
            self.error(1, "expects at least a matching pattern as arguments");
            return None;
        }
        let mut what = None;
        let mut expect = Expect::of(Wanted::Status(Vec::new()));
        let mut comment = None;
        while let Some(word) = self.next() {
            let mut text = &*word.text().into_owned();
            while let Some(rest) = text.strip_prefix('!') {
                expect.negated = !expect.negated;
                text = rest;
            }
            if text.is_empty() {
                continue;
            }
            match text {
                "min-recv" => {
                    let word = self.value("a integer")?;
                    let number: i64 = word.text().parse().unwrap_or(-2);
                    expect.min_recv = match usize::try_from(number) {
                        Ok(least) => Some(least),
                        Err(_) if number == -1 => None,
                        Err(_) => {
                            self.error(
                                self.at - 1,
                                "'min-recv' expects -1 or an integer from 0 to INT_MAX",
                            );
                            return None;
                        }
                    };
                }
                "comment" => comment = self.value("a string").map(|word| (*word.text()).into()),
                "on-success" | "on-error" => {
                    let word = self.value("a string")?;
                    let made = self.format(word);
                    match text {
                        "on-success" => expect.on_success = made,
                        _ => expect.on_error = made,
                    }
                }
                "ok-status" => {
                    let allowed = ["L4OK", "L6OK", "L7OK", "L7OKC"];
                    expect.ok_status = Some(self.status(text, &allowed)?);
                }
                "error-status" => {
                    let allowed = ["L4CON", "L6RSP", "L7RSP", "L7STS", "L7OKC"];
                    expect.error_status = Some(self.status(text, &allowed)?);
                }
                "tout-status" => {
                    let allowed = ["L4TOUT", "L6TOUT", "L7TOUT"];
                    expect.timeout_status = Some(self.status(text, &allowed)?);
                }
                "status-code" => {
                    let word = self.value("an expression")?;
                    expect.status_code = Some(self.expression(word)?);
                }
                pattern => {
                    let wanted = self.pattern(pattern)?;
                    if what.replace(wanted).is_some() {
                        self.error(self.at - 1, "only one pattern expected");
                        return None;
                    }
                }
            }
        }
        let Some(what) = what else {
            self.error(1, "pattern not found");
            return None;
        };
        expect.what = what;
        Some((Action::Expect(Arc::new(expect)), comment))
    }

    fn status(&mut self, option: &str, allowed: &[&str]) -> Option<CheckStatus> {
        let word = self.value("a string")?;
        let text = word.text().to_ascii_uppercase();
        let found = allowed.iter().find(|name| **name == text);
        if found.is_none() {
            let list: Vec<_> = allowed.iter().map(|name| format!("'{name}'")).collect();
            let (last, others) = list.split_last()?;
            let message = format!(
                "'{} expect' : '{option}' only supports {} or {last} status (got '{}').",
                self.words.first().map(Word::text).unwrap_or_default(),
                others.join(", "),
                word.text()
            );
            let found = Diagnostic::error(BAD_CHOICE, message).at(word.span, "");
            self.diags.push(found);
        }
        CheckStatus::named(found?)
    }

    /// What is looked for, by its keyword, which was read.
    fn pattern(&mut self, keyword: &str) -> Option<Wanted> {
        let is_http = self.language == Language::Http;
        let pattern = "a <pattern>";
        Some(match (keyword, is_http) {
            ("string", false) => {
                Wanted::Bytes(fixed(&self.value(pattern)?.bytes), BytesKind::String)
            }
            ("binary", false) => {
                let word = self.value(pattern)?;
                Wanted::Bytes(self.binary(word)?, BytesKind::Binary)
            }
            ("string-lf", false) => {
                let word = self.value(pattern)?;
                Wanted::Bytes(self.format(word)?, BytesKind::StringFormat)
            }
            ("binary-lf", false) => {
                let word = self.value(pattern)?;
                Wanted::Bytes(self.format(word)?, BytesKind::BinaryFormat)
            }
            ("rstring", false) => {
                let word = self.value(pattern)?;
                Wanted::Regex(self.regex(word, false)?, false)
            }
            ("rbinary", false) => {
                let word = self.value(pattern)?;
                Wanted::Regex(self.regex(word, false)?, true)
            }
            ("string", true) => Wanted::Body(fixed(&self.value(pattern)?.bytes)),
            ("string-lf", true) => {
                let word = self.value(pattern)?;
                Wanted::Body(self.format(word)?)
            }
            ("rstring", true) => {
                let word = self.value(pattern)?;
                Wanted::BodyRegex(self.regex(word, false)?)
            }
            ("status", true) => {
                let word = self.value(pattern)?;
                Wanted::Status(self.statuses(word)?)
            }
            ("rstatus", true) => {
                let word = self.value(pattern)?;
                Wanted::StatusRegex(self.regex(word, false)?)
            }
            ("hdr" | "fhdr", true) => Wanted::Header(self.header(keyword)?),
            _ => {
                let supported = match is_http {
                    true => {
                        "min-recv, '[!]string', '[!]rstring', '[!]string-lf', '[!]status', '[!]rstatus', [!]hdr, [!]fhdr"
                    }
                    false => {
                        "min-recv, '[!]binary', '[!]string', '[!]rstring', '[!]string-lf', '[!]rbinary', '[!]binary-lf'"
                    }
                };
                let message = format!(
                    "only supports {supported} or comment but got '{keyword}' as argument."
                );
                self.error(self.at - 1, message);
                return None;
            }
        })
    }

    fn statuses(&mut self, word: &Word) -> Option<Vec<(u16, u16)>> {
        let text = word.text();
        let range = |part: &str| {
            let (low, high) = part.split_once('-').unwrap_or((part, part));
            let (low, high) = (low.parse().ok()?, high.parse().ok()?);
            (low <= high).then_some((low, high))
        };
        let ranges: Option<Vec<_>> = text.split(',').map(range).collect();
        if ranges.is_none() {
            self.error(
                self.at - 1,
                format!("invalid range of status codes '{text}'"),
            );
        }
        ranges
    }

    fn header(&mut self, keyword: &str) -> Option<HeaderWanted> {
        let named = self.words.get(self.at).map(Word::text);
        let is_format = match named.as_deref() {
            Some("name") => false,
            Some("name-lf") => true,
            _ => {
                let message = format!(
                    "'{keyword}' expects at the name keyword as first argument followed by a pattern"
                );
                self.error(self.at, message);
                return None;
            }
        };
        self.at += 1;
        let name = self.matching(is_format, true)?;
        let valued = self.words.get(self.at).map(Word::text);
        let value = match valued.as_deref() {
            Some(how @ ("value" | "value-lf")) => {
                self.at += 1;
                Some(self.matching(how == "value-lf", false)?)
            }
            _ => None,
        };
        Some(HeaderWanted {
            name,
            // Without a value the whole line is what there is.
            whole: keyword == "fhdr" || value.is_none(),
            value,
        })
    }

    /// `[-m <method>] <pattern>`.
    fn matching(&mut self, is_format: bool, is_name: bool) -> Option<Match> {
        let mut how = "str".to_owned();
        if self.words.get(self.at).is_some_and(|word| *word == *"-m") {
            self.at += 1;
            let word = self.value("at a matching pattern ('str', 'beg', 'end', 'sub' or 'reg')")?;
            how = word.text().into_owned();
        }
        let word = self.value("a pattern")?;
        if how == "reg" {
            if is_format {
                self.error(
                    self.at - 1,
                    "log-format string is not supported with a regex matching method",
                );
                return None;
            }
            return self.regex(word, is_name).map(Match::Regex);
        }
        let text = match is_format {
            true => self.format(word)?,
            false => fixed(&word.bytes),
        };
        Some(match &*how {
            "str" => Match::Equal(text),
            "beg" => Match::Begins(text),
            "end" => Match::Ends(text),
            "sub" => Match::Contains(text),
            other => {
                let message = format!(
                    "'-m' only supports 'str', 'beg', 'end', 'sub' or 'reg' (got '{other}')"
                );
                self.error(self.at - 2, message);
                return None;
            }
        })
    }
}
