//! `req.hdr_ip_excl(<header>,<net>[,<net>]…)`: the last address of a header that is not one of our
//! own proxies' (SEMANTICS 8.4).

use super::header::{address, comma_separated};
use super::{Build, Fetching, Keyword, Needs, example, nothing};
use crate::settings::IpNet;
use crate::vocab::arguments::{Arg, Args, BadArg, Kind, optional};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};
use std::net::IpAddr;

/// A header and up to fifteen networks.
const ARGS: &[Arg] = &{
    let mut args = [optional("net", Kind::Str); 16];
    args[0] = optional("header", Kind::Str);
    args
};

const CHAIN: &str = "GET / HTTP/1.1\nX: 10.0.0.1, 11.0.0.1\nX: 12.0.0.1, ::ffff:13.0.0.1";

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["req.hdr_ip_excl"],
    args: ARGS,
    yields: Type::Addr,
    needs: Needs::RequestHead,
    doc: "The last address in all headers of that name that is in none of the networks. Nothing if \
          there is none, or what stands there is no address. Not in HAProxy.",
    examples: &[
        example(CHAIN, "req.hdr_ip_excl(x,12.0.0.1,13.0.0.0/8)", "11.0.0.1"),
        example(CHAIN, "req.hdr_ip_excl(x,12.0.0.1)", "13.0.0.1"),
        nothing(CHAIN, "req.hdr_ip_excl(x,0.0.0.0/0)"),
        nothing(
            "GET / HTTP/1.1\nX: 10.0.0.1, unknown",
            "req.hdr_ip_excl(x,12.0.0.1)",
        ),
    ],
    build: Build::With(build),
    ..Keyword::DEFAULT
};

#[derive(Debug)]
struct HdrIpExcl {
    name: Box<[u8]>,
    nets: Vec<IpNet>,
}

fn build(args: &Args) -> Result<Box<dyn Fetching>, BadArg> {
    let texts = (1..ARGS.len()).map_while(|index| Some((index, args.text(index)?)));
    let nets = texts
        .map(|(index, text)| net(index, text))
        .collect::<Result<Vec<_>, _>>()?;
    match args.text(0) {
        Some(name) if !name.is_empty() && !nets.is_empty() => Ok(Box::new(HdrIpExcl {
            name: name.into(),
            nets,
        })),
        _ => {
            let message = "req.hdr_ip_excl expects a header name and at least one network";
            Err(BadArg::new(0, message))
        }
    }
}

/// An address or a network.
fn net(index: usize, text: &[u8]) -> Result<IpNet, BadArg> {
    let text = String::from_utf8_lossy(text);
    let read = || {
        let (addr, prefix) = text.split_once('/').unwrap_or((&*text, ""));
        let addr: IpAddr = addr.parse().ok()?;
        let bits = if addr.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            "" if !text.contains('/') => bits,
            prefix => prefix.parse().ok().filter(|prefix| *prefix <= bits)?,
        };
        Some(IpNet { addr, prefix })
    };
    let message = || format!("'{text}' is not a valid address or network");
    read().ok_or_else(|| BadArg::new(index, message()))
}

impl Fetching for HdrIpExcl {
    fn one<'s>(&'s self, cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        let lines = cx.request?.headers();
        let lines = lines.filter(|line| line.name.eq_ignore_ascii_case(&self.name));
        let values = lines.flat_map(|line| comma_separated(line.value));
        let is_own = |addr: IpAddr| self.nets.iter().any(|net| net.contains(addr));
        // The last value that counts; `None` where it is no address.
        let mut found = None;
        for value in values.filter(|value| !value.is_empty()) {
            match address(value) {
                Some(addr) if is_own(addr.to_canonical()) => {}
                addr => found = addr,
            }
        }
        found.map(|addr: IpAddr| Sample::Addr(addr.to_canonical()))
    }
}
