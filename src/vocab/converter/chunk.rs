//! The arguments `<separator>[,<chunk_size>[,<truncate>]]` of `be2hex`, `be2dec` and `le2dec`.

use crate::vocab::arguments::{Arg, Args, BadArg, Kind, optional, required};
use crate::vocab::sample::Sample;

/// What goes between the parentheses.
pub(super) const SEPARATED: &[Arg] = &[
    required("separator", Kind::Str),
    optional("chunk_size", Kind::Int),
    optional("truncate", Kind::Int),
];

/// How bytes are cut and what stands between the pieces.
#[derive(Debug)]
pub(super) struct Chunks {
    separator: Box<[u8]>,
    size: usize,
    truncate: bool,
}

impl Chunks {
    /// Chunks of `size` bytes, at least one; separator and truncation as written.
    pub(super) fn new(args: &Args, size: i64) -> Result<Self, BadArg> {
        let truncate = match args.int(2).unwrap_or(0) {
            flag @ (0 | 1) => flag == 1,
            other => {
                let message = format!("Unsupported truncate value ({other})");
                return Err(BadArg::new(2, message));
            }
        };
        Ok(Self {
            separator: args.text(0).unwrap_or_default().into(),
            size: usize::try_from(size).unwrap_or(usize::MAX).max(1),
            truncate,
        })
    }

    /// Writes each chunk with `write`, separated.
    pub(super) fn write<'s>(
        &self,
        input: Sample<'s>,
        out: &'s mut Vec<u8>,
        write: fn(&[u8], &mut Vec<u8>),
    ) -> Option<Sample<'s>> {
        let Sample::Bin(bytes) = input else {
            return None;
        };
        let wanted = |chunk: &&[u8]| !self.truncate || chunk.len() == self.size;
        for (index, chunk) in bytes.chunks(self.size).filter(wanted).enumerate() {
            if index > 0 {
                out.extend_from_slice(&self.separator);
            }
            write(chunk, out);
        }
        Some(Sample::Str(out))
    }
}
