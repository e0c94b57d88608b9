//! `early-hint <name> <fmt>`: a header of an interim response 103 (RFC 8297).

use super::{HttpAction, Keyword, Line, REQUESTS, with_text};
use crate::http1::{Headers, Version};
use crate::vocab::context::{ActionContext, Verdict};
use crate::vocab::format::Format;

pub(super) const KEYWORD: Keyword = Keyword {
    name: "early-hint",
    sets: REQUESTS,
    usage: "early-hint <name> <fmt> [ { if | unless } <condition> ]",
    doc: "Sends a header to the client before the response, in an interim response 103; rules \
          that follow each other without conditions share one.",
    build,
};

#[derive(Debug)]
struct EarlyHint {
    name: Box<[u8]>,
    value: Format,
}

fn build(line: &mut Line<'_, '_, '_>) -> Option<Box<dyn HttpAction>> {
    let name = line.required("exactly 2 arguments")?;
    let value = line.required("exactly 2 arguments")?;
    Some(Box::new(EarlyHint {
        name: line.header_name(name)?,
        value: line.format(value)?,
    }))
}

impl HttpAction for EarlyHint {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        if cx.request.version() != Version::Http11 {
            return Verdict::Continue;
        }
        with_text(&self.value, cx, |cx, value| {
            // Names and values that cannot be written never reach the client.
            let mut checked = Headers::default();
            if checked.add_header(&self.name, value).is_err() {
                return Verdict::Failed;
            }
            let mut hints = cx.record.by_rules.hints.borrow_mut();
            for header in checked.headers() {
                for part in [header.name, b": ", header.value, b"\r\n"] {
                    hints.extend_from_slice(part);
                }
            }
            Verdict::Hint
        })
    }

    fn is_early_hint(&self) -> bool {
        true
    }
}
