//! How limits and breakers refuse: the words of `deny`, and what they note of it.
//!
//! Without words it is the proxy's page of the status, with headers if there are any; a status
//! that has no page is answered with an empty body.

use super::reply::{Answer, Content, Dialect, Reader, unknown_argument};
use super::{Line, RuleSet, deny};
use crate::observe::Record;
use crate::syntax::Word;
use crate::vocab::context::{ActionContext, ExtraHeaders, Verdict};
use crate::vocab::error_pages::is_page_status;
use crate::vocab::scope::Scope;
use std::sync::Arc;

/// The answer to a request that is refused.
#[derive(Debug)]
pub struct Refusal(Answer);

impl Refusal {
    /// Reads it from those words of the line of `keyword`; without any it is the error page of
    /// `status`.
    pub fn parse(
        keyword: &Word,
        words: &[Word],
        status: u16,
        scope: &mut Scope<'_>,
    ) -> Option<Self> {
        let mut line = Line {
            keyword: &deny::KEYWORD,
            word: keyword,
            name: keyword.span,
            argument: None,
            set: RuleSet::Request,
            rest: words,
            scope,
        };
        let mut reader = Reader::new(&line, dialect(status));
        while let Some(word) = line.next() {
            if !reader.word(&mut line, word)? {
                unknown_argument(&mut line, word);
                return None;
            }
        }
        Self::of(reader, &mut line)
    }

    fn of(reader: Reader, line: &mut Line<'_, '_, '_>) -> Option<Self> {
        let mut answer = reader.finish(line)?;
        if matches!(answer.content, Content::None) && is_page_status(answer.status) {
            answer.content = Content::Page;
        }
        Some(Self(answer))
    }

    /// The answer to this stream, with these headers besides those of the line.
    pub fn verdict(&self, cx: &mut ActionContext<'_>, extra: ExtraHeaders) -> Verdict {
        let Self(answer) = self;
        match &answer.content {
            Content::Page => {
                let own = answer.rendered_headers(cx);
                match own.chain(extra).collect::<ExtraHeaders>() {
                    headers if headers.is_empty() => Verdict::Deny(answer.status),
                    headers => Verdict::DenyPage(answer.status, headers),
                }
            }
            Content::File(None) => Verdict::DenySilently,
            _ => {
                let reply = answer.make(cx).and_then(|mut reply| {
                    for (name, value) in extra {
                        reply.head.add_header(&name, &value).ok()?;
                    }
                    Some(reply)
                });
                reply.map_or(Verdict::Unanswerable, |reply| {
                    Verdict::DenyWith(Box::new(reply))
                })
            }
        }
    }
}

fn dialect(default_status: u16) -> Dialect {
    Dialect {
        status_words: &["status", "deny_status"],
        default_status,
    }
}

/// Who refuses requests, and how.
#[derive(Debug)]
pub(super) struct Blocker {
    refusal: Refusal,
    /// `txn.blocked_by`.
    label: Arc<str>,
    /// Whether nobody is refused.
    pub(super) is_shadow: bool,
}

/// Reads a blocker's words among others.
pub(super) struct BlockerReader {
    reader: Reader,
    is_shadow: bool,
}

impl BlockerReader {
    pub(super) fn new(line: &Line<'_, '_, '_>, default_status: u16) -> Self {
        Self {
            reader: Reader::new(line, dialect(default_status)),
            is_shadow: false,
        }
    }

    /// Reads a word, with what belongs to it, if it is one of the answer; whether it was.
    pub(super) fn word(&mut self, line: &mut Line<'_, '_, '_>, word: &Word) -> Option<bool> {
        if *word == "shadow" {
            self.is_shadow = true;
            return Some(true);
        }
        self.reader.word(line, word)
    }

    /// Whether `shadow` was read.
    pub(super) fn is_shadow(&self) -> bool {
        self.is_shadow
    }

    /// All words were read; `kind` and `name` say who refuses.
    pub(super) fn finish(
        self,
        line: &mut Line<'_, '_, '_>,
        kind: &str,
        name: &str,
    ) -> Option<Blocker> {
        let shadow = if self.is_shadow { "shadow:" } else { "" };
        Some(Blocker {
            refusal: Refusal::of(self.reader, line)?,
            label: format!("{shadow}{kind}/{name}").into(),
            is_shadow: self.is_shadow,
        })
    }
}

impl Blocker {
    /// Notes who refused, or would have.
    pub(super) fn note(&self, record: &Record) {
        let label = Arc::clone(&self.label);
        record.by_rules.blocked_by.replace(Some(label));
    }

    /// Refuses, with these headers besides those of the line; in shadow it only notes that.
    pub(super) fn refuse(&self, cx: &mut ActionContext<'_>, extra: ExtraHeaders) -> Verdict {
        self.note(cx.record);
        match self.is_shadow {
            true => Verdict::Continue,
            false => self.refusal.verdict(cx, extra),
        }
    }
}
