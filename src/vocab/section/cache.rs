//! The words of `cache`: how much is kept, for how long, and whether responses that vary are.

use super::report_unknown;
use crate::cache::CacheSpec;
use crate::syntax::{Diagnostic, Span};
use crate::vocab::codes::{BAD_CHOICE, BAD_NUMBER, MISSING_ARGUMENT};
use crate::vocab::keyword::{Entry, Keyword, Sections, Vocabulary};
use crate::vocab::line::Line;

/// Reads the arguments of a word.
pub type Build = fn(&mut Line<'_, '_>, &mut CacheDraft);

/// The words of a `cache` section.
pub static VOCABULARY: Vocabulary<Build> = Vocabulary::new(&[WORDS], &[]);

const MEGABYTE: u64 = 1 << 20;
/// Most megabytes of one cache.
const MOST_MEGABYTES: u64 = 4095;

const WORDS: &[Keyword<Build>] = &[
    word(
        "total-max-size",
        "<megabytes>",
        "Room for all responses, up to 4095. Mandatory.",
        |line, draft| {
            let size = number(line).filter(|size| (1..=MOST_MEGABYTES).contains(size));
            match size {
                Some(size) => draft.total = Some(size * MEGABYTE),
                None => {
                    let text = line.text(1).unwrap_or_default();
                    let message = format!("total-max-size wrong value '{text}'");
                    line.error(BAD_NUMBER, 1, message);
                }
            }
        },
    ),
    word(
        "max-object-size",
        "<bytes>",
        "Largest response that is kept, at most half of the room. Default: a 256th of it.",
        |line, draft| match number(line) {
            Some(size) => draft.most = Some(size),
            None => {
                let text = line.text(1).unwrap_or_default();
                let message = format!("max-object-size wrong value '{text}'");
                line.error(BAD_NUMBER, 1, message);
            }
        },
    ),
    word(
        "max-age",
        "<seconds>",
        "For how long responses are kept, unless they say less. Default 60.",
        |line, draft| match number(line).and_then(|age| u32::try_from(age).ok()) {
            Some(age) => draft.max_age_s = age,
            None => {
                line.error(
                    BAD_NUMBER,
                    1,
                    "'max-age' expects an age parameter in seconds.",
                );
            }
        },
    ),
    word(
        "max-secondary-entries",
        "<number>",
        "How many responses of one URI are kept that vary. Default 10.",
        |line, draft| match number(line).filter(|&number| number > 0) {
            Some(number) => draft.most_varying = usize::try_from(number).unwrap_or(usize::MAX),
            None => {
                let message = "'max-secondary-entries' expects a strictly positive number.";
                line.error(BAD_NUMBER, 1, message);
            }
        },
    ),
    word(
        "process-vary",
        "{on | off}",
        "Whether responses that vary on `Accept-Encoding`, `Referer` or `Origin` are kept, each for its requests. \
         Default off: they are not.",
        |line, draft| match line.text(1).as_deref() {
            Some("on") => draft.varies = true,
            Some("off") => draft.varies = false,
            _ => {
                let message =
                    "'process-vary' expects \"on\" or \"off\" (enable or disable vary processing).";
                line.error_near(BAD_CHOICE, 1, message, ["on", "off"]);
            }
        },
    ),
];

const fn word(
    name: &'static str,
    args: &'static str,
    doc: &'static str,
    build: Build,
) -> Keyword<Build> {
    Keyword {
        name,
        args,
        sections: Sections::CACHE,
        doc,
        build,
    }
}

fn number(line: &mut Line<'_, '_>) -> Option<u64> {
    line.text(1)?.parse().ok()
}

/// One `cache` section as it is written.
#[derive(Debug)]
pub struct CacheDraft {
    name: String,
    opening: Span,
    total: Option<u64>,
    most: Option<u64>,
    max_age_s: u32,
    varies: bool,
    most_varying: usize,
}

impl CacheDraft {
    /// An empty one.
    pub fn new(name: String, opening: Span) -> Self {
        Self {
            name,
            opening,
            total: None,
            most: None,
            max_age_s: 60,
            varies: false,
            most_varying: 10,
        }
    }

    /// Reads one statement.
    pub fn read(&mut self, line: &mut Line<'_, '_>) {
        match VOCABULARY.find(&line.name()) {
            Some(Entry::Works(word)) => {
                if line.at_most(1) {
                    (word.build)(line, self);
                }
            }
            _ => {
                let near = VOCABULARY.suggest(&line.name());
                report_unknown(line, "cache", near);
            }
        }
    }

    /// The section, defaults filled in.
    pub fn finish(self, report: &mut dyn FnMut(Diagnostic)) -> Option<CacheSpec> {
        let Some(total) = self.total else {
            let message = format!("Size not specified for cache '{}'", self.name);
            report(Diagnostic::error(MISSING_ARGUMENT, message).at(self.opening, ""));
            return None;
        };
        let most = self.most.filter(|&most| most > 0).unwrap_or(total / 256);
        if most > total / 2 {
            let message = format!(
                "\"max-object-size\" is limited to an half of \"total-max-size\" => {}",
                total / 2
            );
            report(Diagnostic::error(BAD_NUMBER, message).at(self.opening, ""));
            return None;
        }
        Some(CacheSpec {
            name: self.name.into(),
            total: usize::try_from(total).unwrap_or(usize::MAX),
            most: usize::try_from(most).unwrap_or(usize::MAX),
            max_age_s: self.max_age_s,
            varies: self.varies,
            most_varying: self.most_varying,
        })
    }
}
