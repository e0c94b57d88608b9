//! `cb_state([<proxy>/]<name>)`: whether a circuit breaker lets requests through.

use super::{Build, Fetching, Keyword, Needs, example};
use crate::vocab::arguments::{Args, BadArg, Kind, required};
use crate::vocab::context::Context;
use crate::vocab::outer::Link;
use crate::vocab::sample::{Sample, Type};

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["cb_state"],
    args: &[required("breaker", Kind::Breaker)],
    yields: Type::Sint,
    needs: Needs::Internal,
    doc: "The state a request would find the circuit breaker in: 0 closed, 1 open, 2 recovering. \
          Without a proxy before its name it is the section's own. Not in HAProxy.",
    examples: &[example("", "cb_state(back/errors)", "0")],
    build: Build::With(build),
    ..Keyword::DEFAULT
};

#[derive(Debug)]
struct CbState(Link<u32>);

fn build(args: &Args) -> Result<Box<dyn Fetching>, BadArg> {
    Ok(Box::new(CbState(args.breaker(0).unwrap_or_default())))
}

impl Fetching for CbState {
    fn one<'s>(&'s self, cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        let index = *self.0.get()? as usize;
        let breaker = cx.state.protections()?.breakers.get(index)?;
        Some(Sample::Sint(breaker.state().number()))
    }
}
