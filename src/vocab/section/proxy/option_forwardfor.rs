//! `option forwardfor [except <net>] [header <name>] [if-none]` and `option originalto`.

use super::ProxyDraft;
use crate::settings::{ForwardFor, IpNet};
use crate::vocab::codes::{BAD_ADDRESS, BAD_CHOICE, MISSING_ARGUMENT};
use crate::vocab::line::Line;
use std::net::IpAddr;

/// Reads `forwardfor`.
pub(super) fn build(line: &mut Line<'_, '_>, draft: &mut ProxyDraft<'_>) {
    let option = read(line, b"X-Forwarded-For");
    draft.settings.forward_for = option.or(draft.settings.forward_for.take());
}

/// Reads `originalto`.
pub(super) fn build_originalto(line: &mut Line<'_, '_>, draft: &mut ProxyDraft<'_>) {
    let option = read(line, b"X-Original-To");
    draft.settings.original_to = option.or(draft.settings.original_to.take());
}

fn read(line: &mut Line<'_, '_>, header: &[u8]) -> Option<ForwardFor> {
    let name = line.text(1).unwrap_or_default();
    let mut option = ForwardFor {
        header: header.into(),
        except: None,
        if_none: false,
    };
    let mut at = 2;
    while let Some(word) = line.text(at) {
        let value = line.arg(at + 1);
        match (&*word, value) {
            ("if-none", _) if name == "forwardfor" => {
                option.if_none = true;
                at += 1;
                continue;
            }
            ("except", Some(net)) => match net.text().parse_net() {
                Some(net) => option.except = Some(net),
                None => {
                    line.error(
                        BAD_ADDRESS,
                        at + 1,
                        format!("option '{name} except' : invalid address '{}'", net.text()),
                    );
                    return None;
                }
            },
            ("header", Some(name)) => option.header = name.bytes.clone(),
            ("except" | "header", None) => {
                let what = if &*word == "except" {
                    "<address>[/mask]"
                } else {
                    "<header_name>"
                };
                let message = format!("option '{name}' : '{word}' expects {what} as argument");
                line.error(MISSING_ARGUMENT, at, message);
                return None;
            }
            _ => {
                let (values, known): (_, &[&str]) = match &*name {
                    "forwardfor" => (
                        "'except', 'header' and 'if-none'",
                        &["except", "header", "if-none"],
                    ),
                    _ => ("'except' and 'header'", &["except", "header"]),
                };
                let message = format!("option '{name}' only supports optional values: {values}");
                line.error_near(BAD_CHOICE, at, message, known.iter().copied());
                return None;
            }
        }
        at += 2;
    }
    Some(option)
}

trait ParseNet {
    fn parse_net(&self) -> Option<IpNet>;
}

impl ParseNet for str {
    /// `addr`, `addr/bits` or, for IPv4, `addr/mask`.
    fn parse_net(&self) -> Option<IpNet> {
        let (addr, mask) = match self.split_once('/') {
            Some((addr, mask)) => (addr, Some(mask)),
            None => (self, None),
        };
        let addr: IpAddr = addr.parse().ok()?;
        let most = if addr.is_ipv4() { 32 } else { 128 };
        let prefix = match mask {
            None => most,
            Some(mask) => mask.parse().ok().or_else(|| mask_bits(mask))?,
        };
        (prefix <= most).then_some(IpNet { addr, prefix })
    }
}

fn mask_bits(mask: &str) -> Option<u8> {
    let bits = u32::from(mask.parse::<std::net::Ipv4Addr>().ok()?);
    let ones = bits.leading_ones();
    (bits.count_ones() == ones).then_some(ones)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks() {
        let check = |text: &str, expected: Option<u8>| {
            assert_eq!(text.parse_net().map(|net| net.prefix), expected, "{text}");
        };
        check("127.0.0.0/8", Some(8));
        check("127.0.0.1", Some(32));
        check("10.0.0.0/255.0.0.0", Some(8));
        check("10.0.0.0/255.0.255.0", None);
        check("::1/64", Some(64));
        check("10.0.0.0/33", None);
        check("x/8", None);
    }
}
