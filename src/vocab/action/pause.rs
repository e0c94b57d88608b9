//! `pause <time>` and `wait-for-body time <time> [ at-least <bytes> ]`.

use super::{ANSWERS, HttpAction, Keyword, Line};
use crate::vocab::args::size;
use crate::vocab::context::{ActionContext, Verdict, Wait};
use crate::vocab::expression::Expression;

pub(super) const PAUSE: Keyword = Keyword {
    name: "pause",
    sets: ANSWERS,
    usage: "pause { <time> | <expression> } [ { if | unless } <condition> ]",
    doc: "Holds the message back for a while; an expression gives milliseconds.",
    build: pause,
};

pub(super) const WAIT_FOR_BODY: Keyword = Keyword {
    name: "wait-for-body",
    sets: ANSWERS,
    usage: "wait-for-body time <time> [ at-least <bytes> ] [ use-large-buffer ] \
            [ { if | unless } <condition> ]",
    doc: "Waits for the message's body, for as much of it as the buffer holds, or for so many \
          bytes. After <time>, requests are answered with 408 and responses with 504.",
    build: wait_for_body,
};

#[derive(Debug)]
enum Pause {
    Fixed(u64),
    Made(Expression),
}

fn pause(line: &mut Line<'_, '_, '_>) -> Option<Box<dyn HttpAction>> {
    let fixed = line.rest.first().and_then(|word| line.duration(word));
    let pause = match fixed {
        Some(0) => {
            let message = "null value is not valid for a 'pause' rule".to_owned();
            line.error(line.name, message);
            return None;
        }
        Some(time) => {
            line.next();
            Pause::Fixed(time)
        }
        None => Pause::Made(line.expression()?),
    };
    Some(Box::new(pause))
}

impl HttpAction for Pause {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        let mut time = None;
        match self {
            Self::Fixed(fixed) => time = Some(*fixed),
            Self::Made(expression) => {
                expression.one(&cx.view(), &mut |value| {
                    time = value.int().and_then(|time| u64::try_from(time).ok());
                });
            }
        }
        time.map_or(Verdict::Continue, |time| Verdict::Wait(Wait::Pause(time)))
    }
}

#[derive(Debug)]
struct WaitForBody(Wait);

fn wait_for_body(line: &mut Line<'_, '_, '_>) -> Option<Box<dyn HttpAction>> {
    let (mut time, mut at_least) = (None, 0);
    while let Some(word) = line.next() {
        match &*word.bytes {
            b"use-large-buffer" => {}
            b"time" => {
                let value = line.required("a time after 'time'")?;
                time = line.duration(value);
                if time.is_none() {
                    line.error(value.span, format!("invalid time '{}'", value.text()));
                    return None;
                }
            }
            b"at-least" => {
                let value = line.required("a size after 'at-least'")?;
                match size(&value.text())
                    .ok()
                    .and_then(|size| usize::try_from(size).ok())
                {
                    Some(size) => at_least = size,
                    None => {
                        line.error(value.span, format!("invalid size '{}'", value.text()));
                        return None;
                    }
                }
            }
            _ => {
                let message = "expects time <time> [ at-least <bytes> ]".to_owned();
                line.error(word.span, message);
                return None;
            }
        }
    }
    let Some(timeout_ms) = time else {
        let message = "expects time <time> [ at-least <bytes> ]".to_owned();
        line.error(line.name, message);
        return None;
    };
    Some(Box::new(WaitForBody(Wait::Body {
        timeout_ms,
        at_least,
    })))
}

impl HttpAction for WaitForBody {
    fn run(&self, _: &mut ActionContext<'_>) -> Verdict {
        Verdict::Wait(self.0)
    }
}
