//! `option forwarded [proto] [host | host-expr <expr>] [by | by-expr <expr>] …`.

use super::ProxyDraft;
use crate::syntax::Word;
use crate::vocab::codes::{BAD_CHOICE, IGNORED_HERE, MISSING_ARGUMENT};
use crate::vocab::forwarded_option::{ForwardedOption, NodeOption, Source};
use crate::vocab::line::{Line, Sense};

const WORDS: [&str; 11] = [
    "proto",
    "host",
    "host-expr",
    "by",
    "by-expr",
    "by_port",
    "by_port-expr",
    "for",
    "for-expr",
    "for_port",
    "for_port-expr",
];

/// Reads it.
pub(super) fn build<'d>(line: &mut Line<'_, 'd>, draft: &mut ProxyDraft<'d>) {
    match line.sense {
        Sense::Set => {
            if let Some(option) = read(line) {
                draft.settings.forwarded = Some(option);
            }
        }
        Sense::No | Sense::Default => draft.settings.forwarded = None,
    }
}

fn read<'d>(line: &mut Line<'_, 'd>) -> Option<ForwardedOption<&'d Word>> {
    let mut option = ForwardedOption::default();
    if line.arg(2).is_none() {
        option.proto = true;
        option.for_node.name = Some(Source::Own);
        return Some(option);
    }
    let mut at = 2;
    while let Some(word) = line.text(at) {
        let (name, source) = match word.strip_suffix("-expr") {
            Some(name) => {
                let Some(value) = line.arg(at + 1) else {
                    let message = format!("'{word}' expects <expr> as argument");
                    line.error(MISSING_ARGUMENT, at, message);
                    return None;
                };
                (name, Source::Made(value))
            }
            None => (&*word, Source::Own),
        };
        let place = match name {
            "host" => &mut option.host,
            "by" => &mut option.by_node.name,
            "by_port" => &mut option.by_node.port,
            "for" => &mut option.for_node.name,
            "for_port" => &mut option.for_node.port,
            "proto" if matches!(source, Source::Own) => {
                option.proto = true;
                at += 1;
                continue;
            }
            _ => {
                let message = "'option forwarded' only supports optional values: 'proto', 'host', \
                     'host-expr', 'by', 'by-expr', 'by_port', 'by_port-expr', 'for', 'for-expr', \
                     'for_port' and 'for_port-expr'";
                line.error_near(BAD_CHOICE, at, message, WORDS);
                return None;
            }
        };
        at += match source {
            Source::Own => 1,
            Source::Made(_) => 2,
        };
        *place = Some(source);
    }
    check_port(line, "by", &mut option.by_node);
    check_port(line, "for", &mut option.for_node);
    Some(option)
}

/// Warns of a port without a node.
fn check_port(line: &mut Line<'_, '_>, name: &str, node: &mut NodeOption<&Word>) {
    if node.name.is_some() {
        return;
    }
    let word = match node.port.take() {
        None => return,
        Some(Source::Own) => format!("{name}_port"),
        Some(Source::Made(_)) => format!("{name}_port-expr"),
    };
    let at = line.words.iter().position(|written| written.text() == word);
    let message = format!(
        "'option forwarded' : '{word}' will be ignored because both '{name}' and '{name}-expr' \
         are unset"
    );
    line.warning(IGNORED_HERE, at.unwrap_or(1), message);
}
