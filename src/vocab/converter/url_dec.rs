//! `url_dec([<in_form>])`: percent-decoding.

use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Args, BadArg, Kind, optional};
use crate::vocab::context::Context;
use crate::vocab::sample::Sample;

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["url_dec"],
    args: &[optional("in_form", Kind::Int)],
    doc: "The text with %XX decoded; after a question mark, or everywhere with <in_form> 1, a \
          plus becomes a space. No value if a percent sign is not followed by two digits; a NUL \
          byte ends the text.",
    examples: &[
        ("str(a%20b%2Fc),url_dec", Some("a b/c")),
        ("str(a+b?c+d),url_dec", Some("a+b?c d")),
        ("str(a+b),url_dec(1)", Some("a b")),
        ("str(a+b?c+d),url_dec(0)", Some("a+b?c d")),
        ("str(%41%00%42),url_dec,hex", Some("410042")),
        ("bin(61006225),url_dec", Some("a")),
        ("str(%3F+),url_dec", Some("?+")),
        ("str(a%2),url_dec", None),
        ("str(a%zz),url_dec", None),
    ],
    build: Build::With(|args: &Args| -> Result<Box<dyn Converting>, BadArg> {
        let in_form = args.int(0).is_some_and(|form| form != 0);
        Ok(Box::new(UrlDec { in_form }))
    }),
    ..Keyword::DEFAULT
};

#[derive(Debug)]
struct UrlDec {
    in_form: bool,
}

impl Converting for UrlDec {
    fn apply<'s>(
        &'s self,
        _: &Context<'s>,
        input: Sample<'s>,
        out: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let Sample::Str(text) = input else {
            return None;
        };
        let mut in_form = self.in_form;
        let mut rest = text.iter();
        while let Some(&byte) = rest.next().filter(|&&byte| byte != 0) {
            out.push(match byte {
                b'+' if in_form => b' ',
                b'%' => digit(rest.next()?)? << 4 | digit(rest.next()?)?,
                _ => byte,
            });
            in_form |= byte == b'?';
        }
        Some(Sample::Str(out))
    }
}

fn digit(byte: &u8) -> Option<u8> {
    char::from(*byte).to_digit(16).map(|value| value as u8)
}
