//! Lists of `name=value` parameters, as in queries and forms.

use crate::vocab::arguments::{Args, BadArg};
use memchr::memchr;

/// The values of the parameters of one name, in order; without a name those of all.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parameters<'p> {
    /// Empty means any.
    pub(super) name: &'p [u8],
    /// Separates parameters besides `&` and `;`, unless it is the usual question mark.
    pub(super) delimiter: u8,
    pub(super) ignore_case: bool,
    /// What is left of the list.
    pub(super) rest: &'p [u8],
}

impl<'p> Iterator for Parameters<'p> {
    type Item = &'p [u8];

    fn next(&mut self) -> Option<&'p [u8]> {
        while !self.rest.is_empty() {
            let end = self.rest.iter().position(|&byte| self.is_end(byte));
            let end = end.unwrap_or(self.rest.len());
            let parameter = self.rest.get(..end).unwrap_or_default();
            self.rest = self.rest.get(end + 1..).unwrap_or_default();
            let named = memchr(b'=', parameter)
                .and_then(|equals| parameter.split_at_checked(equals))
                .filter(|(name, _)| self.is_name(name));
            if let Some((_, value)) = named {
                return value.get(1..);
            }
        }
        None
    }
}

impl Parameters<'_> {
    fn is_end(&self, byte: u8) -> bool {
        byte == b'&' || byte == b';' || byte == self.delimiter
    }

    fn is_name(&self, name: &[u8]) -> bool {
        match self.ignore_case {
            _ if self.name.is_empty() => true,
            true => name.eq_ignore_ascii_case(self.name),
            false => name == self.name,
        }
    }
}

/// Whether the argument at `index` is `i`; nothing else is known there.
pub(super) fn ignores_case(args: &Args, index: usize) -> Result<bool, BadArg> {
    match args.text(index) {
        None | Some([]) => Ok(false),
        Some(b"i") => Ok(true),
        Some(_) => {
            let message = "only 'i' is known here, for case-insensitive";
            Err(BadArg::new(index, message))
        }
    }
}
