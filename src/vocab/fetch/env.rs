//! `env(<name>)`: an environment variable, as the configuration left it.

use super::{Build, Fetching, Keyword, nothing};
use crate::vocab::arguments::{Kind, required};
use crate::vocab::context::Context;
use crate::vocab::sample::Sample;
use std::ffi::OsStr;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["env"],
    args: &[required("name", Kind::Str)],
    doc: "The value of an environment variable as the configuration left it, by \"setenv\" and its kind; nothing if it \
          is not set.",
    examples: &[nothing("", "env(TIDEGATE_NEVER_SET)")],
    build: Build::With(|args| {
        let name = args.text(0).unwrap_or_default();
        // A name with one of these never exists, and the system call refuses it.
        let is_name = !name.is_empty() && !name.contains(&b'=') && !name.contains(&0);
        let value = is_name.then(|| std::env::var_os(OsStr::from_bytes(name)));
        let value = value.flatten().map(|value| value.into_vec().into());
        let name = name.into();
        Ok(Box::new(Env { name, value }))
    }),
    ..Keyword::DEFAULT
};

#[derive(Debug)]
struct Env {
    name: Box<[u8]>,
    /// What it was when the process started, for expressions outside of a configuration in force.
    value: Option<Box<[u8]>>,
}

impl Fetching for Env {
    fn one<'s>(&'s self, cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        let value = match cx.state.environment() {
            Some(environment) => environment.get(&self.name),
            None => self.value.as_deref(),
        };
        value.map(Sample::Str)
    }
}
