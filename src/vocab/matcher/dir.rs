//! `dir`: a pattern stands in the value between slashes.

use super::text::Delimited;
use super::{Keyword, Method};
use crate::vocab::pattern::Delimiters;
use crate::vocab::sample::Type;

pub(super) const KEYWORD: Keyword = Keyword {
    name: "dir",
    method: Method::Dir,
    takes: Some(Type::Str),
    doc: "A pattern, without slashes around it, stands in the value between delimiters: slash, \
          question mark, or an end.",
    examples: &[
        ("/images/png/logo/32x32.png", &["/images"], true),
        ("/images/png/logo/32x32.png", &["images/png"], true),
        ("/images/png/logo/32x32.png", &["logo/32x32.png"], true),
        ("/images/png/logo/32x32.png", &["32x32"], false),
        ("/images/png/logo/32x32.png", &["-i", "PNG"], true),
        ("/images/xpng/logo", &["png"], false),
    ],
    build: |spec| Box::new(Delimited::new(&DELIMITERS, spec)),
};

static DELIMITERS: Delimiters = Delimiters::new(b"/?");
