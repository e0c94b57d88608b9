//! TG0824: `use_backend %[…,map(file)]` with names in the file that are no backends. Requests for
//! those go to the default backend, without a word.

use super::sample::{of_format, text};
use super::{Look, MAP_TARGET};
use crate::syntax::{Diagnostic, Diagnostics};
use std::collections::HashSet;
use std::path::Path;

pub(super) fn lint(look: &Look<'_>, diags: &mut Diagnostics) {
    let backends: HashSet<&str> = look.model.backends().map(|proxy| proxy.name).collect();
    for proxy in &look.model.proxies {
        for statement in proxy.lines("use_backend") {
            let Some(target) = statement.words.get(1) else {
                continue;
            };
            let whole = text(target).starts_with("%[") && text(target).ends_with(']');
            let samples = of_format(target);
            let [sample] = samples.as_slice() else {
                continue;
            };
            let map = sample
                .converters
                .last()
                .filter(|call| whole && (call.name == "map" || call.name.starts_with("map_")));
            let Some(map) = map else {
                continue;
            };
            let Some(Ok(content)) = map.arg(0).map(|file| look.host.read(Path::new(file))) else {
                continue;
            };
            let content = String::from_utf8_lossy(&content);
            let values = content.lines().filter_map(|line| {
                let line = line.trim();
                let (_, value) = line.split_once([' ', '\t'])?;
                (!line.starts_with('#')).then_some(value.trim())
            });
            let wrong: Vec<&str> = values
                .chain(map.arg(1))
                .filter(|name| !backends.contains(name))
                .collect();
            if let Some(first) = wrong.first() {
                let message = match wrong.len() {
                    1 => format!("the map gives '{first}', which is no backend"),
                    many => {
                        format!("the map gives {many} names that are no backends, first '{first}'")
                    }
                };
                diags.push(
                    Diagnostic::lint(MAP_TARGET, message)
                        .at(target.span, "")
                        .help("requests for it go to the default backend; correct the map or add the backend"),
                );
            }
        }
    }
}
