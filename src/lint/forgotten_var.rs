//! TG0812: a variable that is read and never set. TG0813: one that is set, but whose scope is over,
//! or has not begun, whenever it is read.

use super::variables::{self, Use, When};
use super::{FORGOTTEN_VAR, Look, VAR_OUT_OF_SCOPE};
use crate::syntax::{Diagnostic, Diagnostics, closest};
use crate::vocab::fetch;
use std::collections::HashSet;

pub(super) fn lint(look: &Look<'_>, diags: &mut Diagnostics) {
    let Some(uses) = variables::uses(look) else {
        return;
    };
    let names: HashSet<&str> = uses.iter().filter(|u| u.sets).map(|u| u.name).collect();
    let mut told = HashSet::new();
    for read in uses.iter().filter(|one| !one.sets && !one.unsets) {
        if !told.insert(read.name) && !names.contains(read.name) {
            continue;
        }
        if names.contains(read.name) {
            out_of_scope(read, diags);
            continue;
        }
        let message = format!("variable '{}' is read and never set", read.name);
        let help = match closest(read.name, names.iter().copied()) {
            _ if fetch::find(read.name.as_bytes()).is_some() => {
                format!("'{0}' is no variable but a fetch: write '{0}'", read.name)
            }
            Some(near) => format!("did you mean '{near}'?"),
            None => format!("set it before: http-request set-var({}) …", read.name),
        };
        diags.push(
            Diagnostic::lint(FORGOTTEN_VAR, message)
                .at(read.word.span, "never has a value")
                .help(help),
        );
    }
}

fn out_of_scope(read: &Use<'_>, diags: &mut Diagnostics) {
    let help = match (read.name.split('.').next(), read.when) {
        (Some("req"), When::Response | When::Log) => {
            "variables of 'req' end with the request; use 'txn', which lasts to the log line"
        }
        (Some("res"), When::Request) => {
            "variables of 'res' begin with the response; use 'txn' or 'req'"
        }
        _ => return,
    };
    let message = format!("variable '{}' does not exist at this time", read.name);
    diags.push(
        Diagnostic::lint(VAR_OUT_OF_SCOPE, message)
            .at(read.word.span, "never has a value here")
            .help(help),
    );
}
