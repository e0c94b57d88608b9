//! `use-service <service>`: the request is answered by a part of this program.

use super::{HttpAction, Keyword, Line, REQUESTS};
use crate::observe::stats::metrics::Query;
use crate::vocab::context::{ActionContext, Verdict};

pub(super) const KEYWORD: Keyword = Keyword {
    name: "use-service",
    sets: REQUESTS,
    usage: "use-service <service> [ { if | unless } <condition> ]",
    doc: "Answers with a service: `prometheus-exporter` gives metrics in Prometheus' text format.",
    build,
};

const SERVICES: [&str; 1] = ["prometheus-exporter"];

#[derive(Debug)]
struct Metrics;

fn build(line: &mut Line<'_, '_, '_>) -> Option<Box<dyn HttpAction>> {
    let name = line.required("a service name")?;
    if SERVICES.contains(&&*name.text()) {
        return Some(Box::new(Metrics));
    }
    let message = format!("unknown service name '{}'", name.text());
    line.error_near(name, message, SERVICES);
    None
}

impl HttpAction for Metrics {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        let target = cx.request.target();
        let query = memchr::memchr(b'?', target).and_then(|at| target.get(at + 1..));
        match Query::parse(query.unwrap_or_default()) {
            Some(query) => Verdict::Metrics(Box::new(query)),
            None => Verdict::ReplyPage(400),
        }
    }
}
