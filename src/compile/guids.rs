//! Identifiers for files of statistics: each belongs to one object.

use super::sections::Drafts;
use crate::syntax::{Diagnostic, Diagnostics, Span};
use crate::vocab::guid::BAD_GUID;
use std::collections::HashMap;

/// Reports identifiers that two objects have.
pub(super) fn check(drafts: &Drafts<'_>, diags: &mut Diagnostics) {
    let mut owners: HashMap<String, String> = HashMap::new();
    let mut claim = |guid: &str, place: Span, owner: String, context: String| {
        if let Some(other) = owners.get(guid) {
            let message = format!("{context}'guid': duplicate entry with {other}.");
            let found = Diagnostic::error(BAD_GUID, message).at(place, "");
            return diags.push(found.help("give each object an identifier of its own"));
        }
        owners.insert(guid.to_owned(), owner);
    };
    for draft in drafts.proxies.iter().map(|proxy| &proxy.draft) {
        let (noun, name) = (draft.kind.noun(), &draft.name);
        if let Some((guid, place)) = &draft.guid {
            claim(guid, *place, format!("{noun} {name}"), String::new());
        }
        for server in &draft.servers {
            if let Some((guid, place)) = &server.options.guid {
                let server = format!("{name}/{}", server.name);
                let context = format!("'server {server}' : ");
                claim(guid, *place, format!("server {server}"), context);
            }
        }
    }
}
