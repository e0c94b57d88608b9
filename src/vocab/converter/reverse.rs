//! `reverse` and `reverse_dom`: a text, or the labels of a domain name, from the end.

use super::{Build, Keyword};
use crate::vocab::sample::Sample;

pub(super) const REVERSE: Keyword = Keyword {
    names: &["reverse"],
    doc: "The bytes of the text from last to first.",
    examples: &[
        ("str(abc),reverse", Some("cba")),
        ("str(),reverse", Some("")),
    ],
    build: Build::Plain(|input, out| {
        let Sample::Str(text) = input else {
            return None;
        };
        out.extend(text.iter().rev());
        Some(Sample::Str(out))
    }),
    ..Keyword::DEFAULT
};

pub(super) const REVERSE_DOM: Keyword = Keyword {
    names: &["reverse_dom"],
    doc: "The labels of a domain name from last to first; a dot at the end is ignored. No value \
          if a label is empty.",
    examples: &[
        ("str(www.example.org),reverse_dom", Some("org.example.www")),
        ("str(www.example.org.),reverse_dom", Some("org.example.www")),
        ("str(a),reverse_dom", Some("a")),
        ("str(.example.org),reverse_dom", None),
        ("str(a..b),reverse_dom", None),
        ("str(a..),reverse_dom", None),
        ("str(.),reverse_dom", None),
        ("str(),reverse_dom", None),
    ],
    build: Build::Plain(|input, out| {
        let Sample::Str(text) = input else {
            return None;
        };
        let name = text.strip_suffix(b".").unwrap_or(text);
        for label in name.rsplit(|&byte| byte == b'.') {
            if label.is_empty() {
                return None;
            }
            if !out.is_empty() {
                out.push(b'.');
            }
            out.extend_from_slice(label);
        }
        Some(Sample::Str(out))
    }),
    ..Keyword::DEFAULT
};
