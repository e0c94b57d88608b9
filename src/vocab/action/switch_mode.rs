//! `switch-mode http [proto h1]`: the TCP stream goes on as HTTP.

use super::{HttpAction, Keyword, Line, RuleSet};
use crate::settings::Mode;
use crate::syntax::Diagnostic;
use crate::vocab::codes::NOT_SUPPORTED_YET;
use crate::vocab::context::{ActionContext, Verdict};
use crate::vocab::mux_proto::{MuxProto, NoProto};

pub(super) const KEYWORD: Keyword = Keyword {
    name: "switch-mode",
    sets: &[RuleSet::Content],
    usage: "switch-mode http [ proto h1 ] [ { if | unless } <condition> ]",
    doc: "The connection goes on as HTTP: what has arrived begins its first request. The rules after it are \
          passed over for that one; the frontend's HTTP rules and options apply, and it needs an \
          HTTP backend. Only in frontends in TCP mode.",
    build,
};

#[derive(Debug)]
struct SwitchMode;

fn build(line: &mut Line<'_, '_, '_>) -> Option<Box<dyn HttpAction>> {
    if !line.scope.site.outer.captures().is_front {
        let message = format!(
            "'tcp-request content switch-mode' not allowed because backend '{}' has no frontend capability",
            line.scope.site.proxy
        );
        line.error(line.name, message);
        return None;
    }
    let mode = line.required("a mode as argument")?;
    if *mode != "http" {
        let message = format!(
            "'tcp-request content switch-mode' expects a valid mode (got '{}')",
            mode.text()
        );
        line.error_near(mode, message, ["http"]);
        return None;
    }
    if line.rest.first().is_some_and(|word| *word == "proto") {
        line.next();
        let proto = line.required("a protocol as argument")?;
        match MuxProto::find(&proto.bytes) {
            Ok(proto) if proto.serves(Mode::Http) => {}
            Ok(_) => {
                let message = format!(
                    "MUX protocol '{}' is not compatible with the selected mode",
                    proto.text()
                );
                line.error_near(proto, message, ["h1"]);
                return None;
            }
            Err(NoProto::NotYet) => {
                let message = format!(
                    "'switch-mode http proto {}' is not supported yet",
                    proto.text()
                );
                let found = Diagnostic::error(NOT_SUPPORTED_YET, message);
                line.scope.diags.push(found.at(proto.span, ""));
                return None;
            }
            Err(NoProto::Unknown) => {
                let message = format!(
                    "'tcp-request content switch-mode': 'proto' expects a valid MUX protocol, if specified (got '{}')",
                    proto.text()
                );
                line.error_near(proto, message, ["h1"]);
                return None;
            }
        }
    }
    Some(Box::new(SwitchMode))
}

impl HttpAction for SwitchMode {
    fn run(&self, _: &mut ActionContext<'_>) -> Verdict {
        Verdict::SwitchToHttp
    }
}
