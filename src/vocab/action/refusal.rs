//! How limits and breakers refuse: the words of `deny`, and what they note of it.
//!
//! Without words it is the proxy's page of the status, with headers if there are any; a status
//! that has no page is answered with an empty body.

use super::Line;
use super::reply::{Answer, Content, Dialect, Reader};
use crate::observe::Record;
use crate::syntax::Word;
use crate::vocab::context::{ActionContext, ExtraHeaders, Verdict};
use crate::vocab::error_pages::is_page_status;
use std::sync::Arc;

/// Reads the answer's words among others.
pub(super) struct RefusalReader {
    reader: Reader,
    is_shadow: bool,
}

/// The answer to who is refused.
#[derive(Debug)]
pub(super) struct Refusal {
    answer: Answer,
    /// `txn.blocked_by`.
    blocked_by: Arc<str>,
    /// Whether nobody is refused.
    pub(super) is_shadow: bool,
}

impl RefusalReader {
    pub(super) fn new(line: &Line<'_, '_, '_>, default_status: u16) -> Self {
        let dialect = Dialect {
            status_words: &["status", "deny_status"],
            default_status,
        };
        Self {
            reader: Reader::new(line, dialect),
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
    ) -> Option<Refusal> {
        let mut answer = self.reader.finish(line)?;
        if matches!(answer.content, Content::None) && is_page_status(answer.status) {
            answer.content = Content::Page;
        }
        let shadow = if self.is_shadow { "shadow:" } else { "" };
        Some(Refusal {
            answer,
            blocked_by: format!("{shadow}{kind}/{name}").into(),
            is_shadow: self.is_shadow,
        })
    }
}

impl Refusal {
    /// Notes who refused.
    pub(super) fn note(&self, record: &Record) {
        let blocked_by = Arc::clone(&self.blocked_by);
        record.by_rules.blocked_by.replace(Some(blocked_by));
    }

    /// Refuses, with these headers besides those of the line.
    pub(super) fn refuse(&self, cx: &mut ActionContext<'_>, extra: ExtraHeaders) -> Verdict {
        self.note(cx.record);
        match &self.answer.content {
            Content::Page => {
                let own = self.answer.rendered_headers(cx);
                match own.chain(extra).collect::<ExtraHeaders>() {
                    headers if headers.is_empty() => Verdict::Deny(self.answer.status),
                    headers => Verdict::DenyPage(self.answer.status, headers),
                }
            }
            Content::File(None) => Verdict::DenySilently,
            _ => {
                let reply = self.answer.make(cx).and_then(|mut reply| {
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
