//! `hostname`: the machine's name, read once.

use super::{Build, Keyword, example};
use crate::vocab::sample::Sample;
use std::sync::LazyLock;

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["hostname"],
    doc: "The system's host name.",
    examples: &[example("", "hostname,length,div(256)", "0")],
    build: Build::Plain(|_, _| Some(Sample::Str(hostname()))),
    ..Keyword::DEFAULT
};

/// The machine's name.
pub(in crate::vocab) fn hostname() -> &'static [u8] {
    static NAME: LazyLock<Vec<u8>> =
        LazyLock::new(|| rustix::system::uname().nodename().to_bytes().to_vec());
    &NAME
}
