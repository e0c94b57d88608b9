//! What `return` and `deny` answer with: a status, headers and a body.

use super::{Line, with_text};
use crate::http1::{ResponseHead, allows_body};
use crate::settings::{ErrorPage, ErrorPages, Reply};
use crate::syntax::{Span, Word};
use crate::vocab::codes::UNKNOWN_ERRORS;
use crate::vocab::context::ActionContext;
use crate::vocab::error_pages;
use crate::vocab::format::{Format, FormatUse};
use crate::vocab::rule_codes::BAD_ACTION_ARGUMENT;
use bytes::Bytes;
use std::sync::Arc;

/// The parsed `status … content-type … string …` part of a line.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content: Content,
    /// `status` was written, rather than `deny_status` or nothing.
    pub(super) own_status: bool,
    content_type: Option<Box<[u8]>>,
    pub(super) headers: Vec<(Box<[u8]>, Format)>,
}

/// Where the body comes from.
#[derive(Debug)]
pub(super) enum Content {
    /// Nothing was said.
    None,
    /// The proxy's page for the status.
    Page,
    /// `errorfile`: a whole answer; `None` closes without a byte.
    File(Option<Arc<Reply>>),
    /// `errorfiles`, until the status is known.
    Set(ErrorPages),
    /// `string`, `file`.
    Fixed(Bytes),
    /// `lf-string`, `lf-file`.
    Made(Format),
}

/// How a line is read: the words that differ between `return` and `deny`.
pub(super) struct Dialect {
    pub(super) status_words: &'static [&'static str],
    pub(super) default_status: u16,
}

/// Reads an answer whose words may stand among others.
pub(super) struct Reader {
    dialect: Dialect,
    answer: Answer,
    status_span: Span,
    /// The words that say where the body comes from.
    content_span: Span,
}

impl Reader {
    pub(super) fn new(line: &Line<'_, '_, '_>, dialect: Dialect) -> Self {
        Self {
            answer: Answer {
                status: dialect.default_status,
                content: Content::None,
                own_status: false,
                content_type: None,
                headers: Vec::new(),
            },
            dialect,
            status_span: line.name,
            content_span: line.name,
        }
    }

    /// Reads a word, with what belongs to it, if it is one of an answer; whether it was.
    pub(super) fn word(&mut self, line: &mut Line<'_, '_, '_>, word: &Word) -> Option<bool> {
        let answer = &mut self.answer;
        match &*word.bytes {
            _ if self.dialect.status_words.iter().any(|known| word == known) => {
                let value = line.required("a status")?;
                answer.status = status(line, value)?;
                answer.own_status = *word == "status";
                self.status_span = value.span;
            }
            b"content-type" => {
                let value = line.required("a content type")?;
                answer.content_type = Some(value.bytes.clone());
            }
            b"hdr" => {
                let name = line.required("a header name and its value after 'hdr'")?;
                let value = line.required("a header name and its value after 'hdr'")?;
                let header = (line.header_name(name)?, line.format(value)?);
                answer.headers.push(header);
            }
            _ if CONTENTS.iter().any(|known| word == known) => {
                let content = content(line, word)?;
                if !matches!(answer.content, Content::None) {
                    let message = format!("'{}': the content was already given", word.text());
                    line.error(word.span, message);
                    return None;
                }
                answer.content = content;
                self.content_span = word.span;
            }
            _ => return Some(false),
        }
        Some(true)
    }

    /// All words were read.
    pub(super) fn finish(self, line: &mut Line<'_, '_, '_>) -> Option<Answer> {
        let mut answer = self.answer;
        if let Content::Set(pages) = &answer.content {
            answer.content = match pages.get(&answer.status) {
                Some(ErrorPage::Reply(reply)) => Content::File(Some(reply.clone())),
                Some(ErrorPage::Silent) => Content::File(None),
                None => Content::Page,
            };
        }
        answer.check(line, self.status_span, self.content_span)?;
        Some(answer)
    }
}

pub(super) fn parse(line: &mut Line<'_, '_, '_>, dialect: Dialect) -> Option<Answer> {
    let mut reader = Reader::new(line, dialect);
    while let Some(word) = line.next() {
        if !reader.word(line, word)? {
            unknown_argument(line, word);
            return None;
        }
    }
    reader.finish(line)
}

/// Reports a body that no `content-type` describes.
fn untyped(line: &mut Line<'_, '_, '_>, body: Span, message: &str) {
    let help = "say what the body is before it: content-type text/plain";
    line.report(
        BAD_ACTION_ARGUMENT,
        body,
        message.to_owned(),
        help.to_owned(),
    );
}

/// Reports a word that no answer has.
pub(super) fn unknown_argument(line: &mut Line<'_, '_, '_>, word: &Word) {
    let message = format!("unknown argument '{}'", word.text());
    line.error_near(word, message, WORDS);
}

fn status(line: &mut Line<'_, '_, '_>, word: &Word) -> Option<u16> {
    let status = word.text().parse().ok().filter(|s| (200..=599).contains(s));
    if status.is_none() {
        let message = format!("Unexpected status code '{}'", word.text());
        line.error(word.span, message);
    }
    status
}

/// The words that say where the body comes from.
const CONTENTS: [&str; 7] = [
    "default-errorfiles",
    "errorfile",
    "errorfiles",
    "file",
    "lf-file",
    "lf-string",
    "string",
];

const WORDS: [&str; 14] = [
    "status",
    "deny_status",
    "code",
    "content-type",
    "hdr",
    "default-errorfiles",
    "errorfile",
    "errorfiles",
    "file",
    "string",
    "lf-string",
    "lf-file",
    "if",
    "unless",
];

fn content(line: &mut Line<'_, '_, '_>, word: &Word) -> Option<Content> {
    match &*word.bytes {
        b"errorfile" => {
            let name = line.required("a file name after 'errorfile'")?;
            let raw = line.file(name)?;
            match error_pages::from_errorfile(&raw) {
                Ok(ErrorPage::Reply(reply)) => Some(Content::File(Some(reply))),
                Ok(ErrorPage::Silent) => Some(Content::File(None)),
                Err(error) => {
                    let message = format!("error file '{}': {error}", name.text());
                    line.error(name.span, message);
                    None
                }
            }
        }
        b"errorfiles" => {
            let name = line.required("a section's name after 'errorfiles'")?;
            let Some(pages) = line.scope.site.outer.error_set(&name.bytes) else {
                let message = format!("unknown http-errors section '{}'", name.text());
                let help = "the section is defined by a line 'http-errors <name>'".to_owned();
                line.report(UNKNOWN_ERRORS, name.span, message, help);
                return None;
            };
            Some(Content::Set(pages))
        }
        b"file" => {
            let name = line.required("a file name after 'file'")?;
            Some(Content::Fixed(line.file(name)?.into()))
        }
        b"string" => {
            let text = line.required("a text after 'string'")?;
            Some(Content::Fixed(Bytes::copy_from_slice(&text.bytes)))
        }
        b"lf-string" => {
            let text = line.required("a format after 'lf-string'")?;
            Format::parse(text, line.scope, FormatUse::Text).map(Content::Made)
        }
        b"lf-file" => {
            let name = line.required("a file name after 'lf-file'")?;
            let text = Word {
                bytes: line.file(name)?.into(),
                span: name.span,
            };
            Format::parse(&text, line.scope, FormatUse::Text).map(Content::Made)
        }
        _ => Some(Content::Page),
    }
}

impl Answer {
    pub(super) fn check(
        &self,
        line: &mut Line<'_, '_, '_>,
        status_span: Span,
        content_span: Span,
    ) -> Option<()> {
        let message = match &self.content {
            Content::Page if !error_pages::is_page_status(self.status) => format!(
                "status code '{}' not handled by default with 'default-errorfiles' argument.",
                self.status
            ),
            Content::Fixed(body) if !body.is_empty() && !allows_body(self.status) => {
                format!("No body expected for {} responses", self.status)
            }
            Content::Made(_) if !allows_body(self.status) => {
                format!("No body expected for {} responses", self.status)
            }
            Content::Fixed(body) if !body.is_empty() && self.content_type.is_none() => {
                let message = "a content type must be defined when non-empty payload is configured";
                untyped(line, content_span, message);
                return None;
            }
            Content::Made(_) if self.content_type.is_none() => {
                let message = "a content type must be defined with a log-format payload";
                untyped(line, content_span, message);
                return None;
            }
            _ => return Some(()),
        };
        line.error(status_span, message);
        None
    }

    /// The headers that are not empty, for this stream.
    pub(super) fn rendered_headers(
        &self,
        cx: &mut ActionContext<'_>,
    ) -> impl Iterator<Item = (Box<[u8]>, Box<[u8]>)> {
        self.headers.iter().filter_map(|(name, value)| {
            let text: Box<[u8]> = with_text(value, cx, |_, text| text.into());
            (!text.is_empty()).then(|| (name.clone(), text))
        })
    }

    /// The reply for this stream, for all contents but the proxy's page and silence; a header
    /// whose value turns out empty is left out. `None` if a header cannot be written.
    pub(super) fn make(&self, cx: &mut ActionContext<'_>) -> Option<Reply> {
        let mut head = ResponseHead::new(self.status);
        for (name, value) in &self.headers {
            with_text(value, cx, |_, text| match text {
                b"" => Ok(()),
                text => head.add_header(name, text),
            })
            .ok()?;
        }
        let body = match &self.content {
            Content::None | Content::Page | Content::Set(_) | Content::File(None) => Bytes::new(),
            Content::File(Some(reply)) => return Some(Reply::clone(reply)),
            Content::Fixed(body) => body.clone(),
            Content::Made(format) => with_text(format, cx, |_, text| Bytes::copy_from_slice(text)),
        };
        if let (Some(content_type), false) = (&self.content_type, body.is_empty()) {
            head.add_header(b"content-type", content_type).ok()?;
        }
        Some(Reply { head, body })
    }
}
