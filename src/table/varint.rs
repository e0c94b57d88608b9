//! Integers of one to ten bytes, as HAProxy's peers write them, and bytes read with bounds.
//!
//! Below 240 a number is its own byte. From there the first byte has its upper four bits set and
//! holds four bits; each further byte holds seven, and its highest bit says that one more follows.
//! What is carried from byte to byte is the number less what shorter encodings can say, so that each
//! number has one encoding only.

/// The first number of two bytes.
const TWO_BYTES: u64 = 0xf0;
/// The bit that says that another byte follows.
const MORE: u64 = 0x80;

/// Appends a number.
pub fn put(out: &mut Vec<u8>, value: u64) {
    if value < TWO_BYTES {
        return out.push(value as u8);
    }
    out.push((value | TWO_BYTES) as u8);
    let mut rest = (value - TWO_BYTES) >> 4;
    while rest >= MORE {
        out.push((rest | MORE) as u8);
        rest = (rest - MORE) >> 7;
    }
    out.push(rest as u8);
}

/// Appends bytes after their length.
pub fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Bytes of somebody else, taken from the front. What is not there is `None`.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    /// Reads these.
    pub fn new(bytes: &'b [u8]) -> Self {
        Self(bytes)
    }

    /// What was not taken yet.
    pub fn rest(&self) -> &'b [u8] {
        self.0
    }

    /// So many bytes.
    pub fn take(&mut self, count: u64) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(count).ok()?)?;
        self.0 = rest;
        Some(taken)
    }

    /// One byte.
    pub fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(byte)
    }

    /// Four bytes, the highest first.
    pub fn u32(&mut self) -> Option<u32> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*bytes))
    }

    /// A number as [`put`] writes it, of ten bytes at most; too large ones wrap.
    pub fn varint(&mut self) -> Option<u64> {
        let first = u64::from(self.byte()?);
        if first < TWO_BYTES {
            return Some(first);
        }
        let (mut value, mut shift) = (first, 4);
        while shift < u64::BITS {
            let byte = u64::from(self.byte()?);
            value = value.wrapping_add(byte << shift);
            shift += 7;
            if byte < MORE {
                return Some(value);
            }
        }
        None
    }

    /// Bytes after their length.
    pub fn bytes(&mut self) -> Option<&'b [u8]> {
        let length = self.varint()?;
        self.take(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(value: u64, bytes: &[u8]) {
        let mut out = Vec::new();
        put(&mut out, value);
        assert_eq!(out, bytes, "{value}");
        let mut reader = Reader::new(bytes);
        assert_eq!(reader.varint(), Some(value));
        assert!(reader.rest().is_empty());
        let cut = bytes.get(..bytes.len() - 1).unwrap_or_default();
        assert_eq!(Reader::new(cut).varint(), None, "cut off");
    }

    #[test]
    fn numbers() {
        check(0, &[0]);
        check(239, &[239]);
        check(240, &[240, 0]);
        check(2_287, &[255, 127]);
        check(2_288, &[240, 128, 0]);
        check(0x1234, &[0xf4, 0x94, 0x01]);
        check(u64::MAX, &[255, 240, 254, 254, 254, 254, 254, 254, 254, 14]);
    }

    #[test]
    fn a_number_has_ten_bytes_at_most() {
        assert_eq!(Reader::new(&[0xff; 100]).varint(), None);
        let mut long = vec![0xff; 100];
        long.push(0);
        assert_eq!(Reader::new(&long).varint(), None);
    }

    #[test]
    fn lengths_beyond_the_end() {
        assert_eq!(Reader::new(&[3, 1, 2]).bytes(), None);
        assert_eq!(Reader::new(&[2, 1, 2, 9]).bytes(), Some(&[1, 2][..]));
        assert_eq!(Reader::new(&[1, 2]).take(u64::MAX), None);
        assert_eq!(Reader::new(&[1, 2, 3]).u32(), None);
    }

    proptest! {
        #[test]
        fn round_trip(value: u64, shift in 0..64_u32) {
            let value = value >> shift;
            let mut out = Vec::new();
            put(&mut out, value);
            prop_assert_eq!(Reader::new(&out).varint(), Some(value));
        }
    }
}
