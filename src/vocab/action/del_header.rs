//! `del-header <name> [-m <method>]`.

use super::{EVERYWHERE, HttpAction, Keyword, Line, RuleSet};
use crate::vocab::context::{ActionContext, Verdict};
use crate::vocab::matcher::{Matcher, Method};
use crate::vocab::pattern::Pattern;
use crate::vocab::sample::Sample;

pub(super) const KEYWORD: Keyword = Keyword {
    name: "del-header",
    sets: EVERYWHERE,
    usage: "del-header <name> [ -m { str | beg | end | sub | reg } ] [ { if | unless } <condition> ]",
    doc: "Removes every header whose name is <name>, or matches it by the method of \"-m\".",
    build,
};

#[derive(Debug)]
struct DelHeader {
    set: RuleSet,
    names: Names,
}

#[derive(Debug)]
enum Names {
    One(Box<[u8]>),
    Matching(Box<dyn Matcher>),
}

fn build(line: &mut Line<'_, '_, '_>) -> Option<Box<dyn HttpAction>> {
    let name = line.required("at least 1 argument")?;
    let names = match line.rest.first().is_some_and(|word| *word == "-m") {
        false => Names::One(name.bytes.clone()),
        true => {
            line.next();
            let word = line.required("a matching method after '-m'")?;
            let method = Method::find(&word.bytes).filter(|method| {
                matches!(
                    method,
                    Method::Str | Method::Beg | Method::End | Method::Sub | Method::Reg
                )
            });
            let Some(method) = method else {
                let message = format!("unsupported matching method '{}'", word.text());
                line.error_near(word, message, ["str", "beg", "end", "sub", "reg"]);
                return None;
            };
            let pattern = Pattern {
                text: name.bytes.clone(),
                ignore_case: true,
                span: name.span,
                origin: None,
            };
            match method.build(&[pattern]) {
                Ok(matcher) => Names::Matching(matcher),
                Err(bad) => {
                    line.error(name.span, bad.message);
                    return None;
                }
            }
        }
    };
    let set = line.set;
    Some(Box::new(DelHeader { set, names }))
}

impl HttpAction for DelHeader {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        if let Some(headers) = self.set.headers(cx) {
            match &self.names {
                Names::One(name) => headers.remove_header(name),
                Names::Matching(matcher) => {
                    headers.remove_headers_where(|header| matcher.matches(Sample::Str(header.name)))
                }
            };
        }
        Verdict::Continue
    }
}
