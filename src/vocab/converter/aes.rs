//! `aes_gcm_enc`, `aes_gcm_dec`, `aes_cbc_enc`, `aes_cbc_dec`: AES with keys of 128, 192 and 256
//! bits.
//!
//! Nonce, key, tag and additional data are in base64. A nonce of GCM may have any length, which
//! the crates for whole GCM fix at compile time; so GCM is put together here from counter mode
//! and GHASH (NIST SP 800-38D, 7.1 and 7.2). A tag shorter than 12 bytes is refused where HAProxy
//! takes it: each byte less makes a forgery 256 times as likely.

use super::base64::{Alphabet, encode};
use super::compare::same;
use super::operand::Encoded;
use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Arg, Args, BadArg, Kind, optional, required};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};
use crate::vocab::variable::{Conditions, Var, VarScope};
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit, StreamCipher};
use aes::{Aes128, Aes192, Aes256};
use ctr::Ctr32BE;
use ghash::GHash;
use ghash::universal_hash::{KeyInit, UniversalHash};

/// What every cipher works on, bytes.
const BLOCK: usize = 16;
/// The shortest tag that is believed, bytes (NIST SP 800-38D, 5.2.1.2).
const SHORTEST_TAG: usize = 12;

const BITS: Arg = required("bits", Kind::Int);
const NONCE: Arg = required("nonce", Kind::TextOrVar);
const KEY: Arg = required("key", Kind::TextOrVar);
const AAD: Arg = optional("aad", Kind::TextOrVar);

const BYTES: Keyword = Keyword {
    takes: Type::Bin,
    gives: Type::Bin,
    ..Keyword::DEFAULT
};

pub(super) const CBC_ENC: Keyword = Keyword {
    names: &["aes_cbc_enc"],
    args: &[BITS, NONCE, KEY, AAD],
    doc: "The bytes encrypted with AES in CBC mode and PKCS #7 padding. <nonce> is the \
          initialization vector, filled up with zeros. <aad> is read and has no effect.",
    examples: &[
        (
            "str(abc),aes_cbc_enc(128,MTIzNDU2Nzg5MDEyMzQ1Ng==,MTIzNDU2Nzg5MDEyMzQ1Ng==),hex",
            Some("F479EFAE2D41D23227F61E675FCED95C"),
        ),
        (
            "str(abc),aes_cbc_enc(128,MTIz,MTIzNDU2Nzg5MDEyMzQ1Ng==),hex",
            Some("8CE0FDDED1D5539D62067E5F3C8A9976"),
        ),
        (
            "str(),aes_cbc_enc(128,MTIzNDU2Nzg5MDEyMzQ1Ng==,MTIzNDU2Nzg5MDEyMzQ1Ng==),hex",
            Some("06C57C9E8E9AF722D8513EAB6EED8F74"),
        ),
    ],
    build: Build::With(|args| cbc(args, Direction::Encrypt)),
    ..BYTES
};

pub(super) const CBC_DEC: Keyword = Keyword {
    names: &["aes_cbc_dec"],
    args: &[BITS, NONCE, KEY, AAD],
    doc: "The bytes decrypted with AES in CBC mode; no value if the padding is wrong.",
    examples: &[
        (
            "str(9Hnvri1B0jIn9h5nX87ZXA==),b64dec,\
             aes_cbc_dec(128,MTIzNDU2Nzg5MDEyMzQ1Ng==,MTIzNDU2Nzg5MDEyMzQ1Ng==)",
            Some("abc"),
        ),
        (
            "str(abcdefghijklmnop),\
             aes_cbc_dec(128,MTIzNDU2Nzg5MDEyMzQ1Ng==,MTIzNDU2Nzg5MDEyMzQ1Ng==)",
            None,
        ),
        (
            "str(abc),aes_cbc_dec(128,MTIzNDU2Nzg5MDEyMzQ1Ng==,MTIzNDU2Nzg5MDEyMzQ1Ng==)",
            None,
        ),
    ],
    build: Build::With(|args| cbc(args, Direction::Decrypt)),
    ..BYTES
};

pub(super) const GCM_ENC: Keyword = Keyword {
    names: &["aes_gcm_enc"],
    args: &[BITS, NONCE, KEY, required("aead_tag", Kind::VarSet), AAD],
    doc: "The bytes encrypted with AES in GCM mode. The variable <aead_tag> gets the tag, in \
          base64, that proves them and <aad>.",
    examples: &[
        (
            "str(abc),\
             aes_gcm_enc(128,MTIzNDU2Nzg5MDEy,MTIzNDU2Nzg5MDEyMzQ1Ng==,txn.tag),hex",
            Some("D0130D"),
        ),
        (
            "str(abc),\
             aes_gcm_enc(192,MTIz,MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0,txn.tag,YWFk),\
             hex,concat(-,txn.tag)",
            Some("04E366-jFVCK2f3fNhj89uCOQzJtg=="),
        ),
        (
            "str(abc),aes_gcm_enc(128,,MTIzNDU2Nzg5MDEyMzQ1Ng==,txn.tag)",
            None,
        ),
    ],
    build: Build::With(gcm_enc),
    ..BYTES
};

pub(super) const GCM_DEC: Keyword = Keyword {
    names: &["aes_gcm_dec"],
    args: &[BITS, NONCE, KEY, required("aead_tag", Kind::TextOrVar), AAD],
    doc: "The bytes decrypted with AES in GCM mode; no value if <aead_tag> does not prove them \
          and <aad>.",
    examples: &[
        (
            "str(abc),aes_gcm_enc(128,MTIz,MTIzNDU2Nzg5MDEyMzQ1Ng==,txn.tag,YWFk),\
             aes_gcm_dec(128,MTIz,MTIzNDU2Nzg5MDEyMzQ1Ng==,txn.tag,YWFk)",
            Some("abc"),
        ),
        (
            "str(abc),aes_gcm_enc(128,MTIz,MTIzNDU2Nzg5MDEyMzQ1Ng==,txn.tag,YWFk),\
             aes_gcm_dec(128,MTIz,MTIzNDU2Nzg5MDEyMzQ1Ng==,txn.tag,YWFl)",
            None,
        ),
        (
            "str(0BMN),b64dec,aes_gcm_dec(128,MTIzNDU2Nzg5MDEy,MTIzNDU2Nzg5MDEyMzQ1Ng==,\
             AAAAAAAAAAAAAAAAAAAAAA==)",
            None,
        ),
    ],
    build: Build::With(gcm_dec),
    ..BYTES
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Encrypt,
    Decrypt,
}

/// The key sizes.
#[derive(Clone, Copy, Debug)]
enum Bits {
    B128,
    B192,
    B256,
}

impl Bits {
    fn of(key: &[u8]) -> Option<Self> {
        [Self::B128, Self::B192, Self::B256]
            .into_iter()
            .find(|bits| bits.key_len() == key.len())
    }

    fn key_len(self) -> usize {
        match self {
            Self::B128 => 16,
            Self::B192 => 24,
            Self::B256 => 32,
        }
    }
}

/// What all four have: the first three arguments.
#[derive(Debug)]
struct Cipher {
    bits: Bits,
    nonce: Encoded,
    key: Encoded,
}

impl Cipher {
    fn read(args: &Args) -> Result<Self, BadArg> {
        let bits = match args.int(0) {
            Some(128) => Bits::B128,
            Some(192) => Bits::B192,
            Some(256) => Bits::B256,
            _ => return Err(BadArg::new(0, "key size must be 128, 192 or 256 (bits)")),
        };
        let key = Encoded::read(args, 2, "key")?;
        match key.literal_len() {
            Some(length) if length < bits.key_len() => {
                let wanted = bits.key_len();
                let message = format!("failed to parse key : {length} bytes, expects {wanted}");
                Err(BadArg::new(2, message))
            }
            _ => Ok(Self {
                bits,
                nonce: Encoded::read(args, 1, "nonce")?,
                key,
            }),
        }
    }
}

fn aad(args: &Args, index: usize) -> Result<Option<Encoded>, BadArg> {
    let written = args
        .operand(index)
        .map(|_| Encoded::read(args, index, "aad"));
    written.transpose()
}

#[derive(Debug)]
struct Cbc {
    cipher: Cipher,
    aad: Option<Encoded>,
    direction: Direction,
}

fn cbc(args: &Args, direction: Direction) -> Result<Box<dyn Converting>, BadArg> {
    Ok(Box::new(Cbc {
        cipher: Cipher::read(args)?,
        aad: aad(args, 3)?,
        direction,
    }))
}

#[derive(Debug)]
struct GcmEnc {
    cipher: Cipher,
    tag: Var,
    when: Conditions,
    aad: Option<Encoded>,
}

fn gcm_enc(args: &Args) -> Result<Box<dyn Converting>, BadArg> {
    let tag = args
        .var(3)
        .ok_or_else(|| BadArg::new(3, "expects a variable name"))?;
    // As HAProxy, a variable of the process is not made, only changed.
    let mut when = Conditions::default();
    if tag.scope == VarScope::Process {
        when.add(b"ifexists")
            .map_err(|bad| BadArg::new(3, bad.message))?;
    }
    Ok(Box::new(GcmEnc {
        cipher: Cipher::read(args)?,
        tag,
        when,
        aad: aad(args, 4)?,
    }))
}

#[derive(Debug)]
struct GcmDec {
    cipher: Cipher,
    tag: Encoded,
    aad: Option<Encoded>,
}

fn gcm_dec(args: &Args) -> Result<Box<dyn Converting>, BadArg> {
    Ok(Box::new(GcmDec {
        cipher: Cipher::read(args)?,
        tag: Encoded::read(args, 3, "aead_tag")?,
        aad: aad(args, 4)?,
    }))
}

/// Rooms for decoded arguments, borrowed from the scratch while `with` runs.
fn with_rooms<R>(cx: &Context<'_>, with: impl FnOnce(&mut [Vec<u8>; 4]) -> R) -> R {
    let mut rooms = [(); 4].map(|()| cx.scratch.take_text());
    let result = with(&mut rooms);
    rooms
        .into_iter()
        .for_each(|room| cx.scratch.give_text(room));
    result
}

impl Converting for Cbc {
    fn apply<'s>(
        &'s self,
        cx: &Context<'s>,
        input: Sample<'s>,
        out: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let Sample::Bin(bytes) = input else {
            return None;
        };
        with_rooms(cx, |[nonce, key, unused, _]| {
            optional_bytes(&self.aad, cx, unused)?;
            let key = self.cipher.key.bytes(cx, key)?;
            let key = key.get(..self.cipher.bits.key_len())?;
            let given = self.cipher.nonce.bytes(cx, nonce)?;
            let mut nonce = [0; BLOCK];
            for (to, from) in nonce.iter_mut().zip(given) {
                *to = *from;
            }
            out.extend_from_slice(bytes);
            chain(self.cipher.bits, self.direction, key, nonce, out)
        })?;
        Some(Sample::Bin(out))
    }
}

/// Cipher block chaining, in place.
fn chain(
    bits: Bits,
    direction: Direction,
    key: &[u8],
    nonce: [u8; BLOCK],
    bytes: &mut Vec<u8>,
) -> Option<()> {
    match (direction, bits) {
        (Direction::Encrypt, Bits::B128) => encrypt::<cbc::Encryptor<Aes128>>(key, nonce, bytes),
        (Direction::Encrypt, Bits::B192) => encrypt::<cbc::Encryptor<Aes192>>(key, nonce, bytes),
        (Direction::Encrypt, Bits::B256) => encrypt::<cbc::Encryptor<Aes256>>(key, nonce, bytes),
        (Direction::Decrypt, Bits::B128) => decrypt::<cbc::Decryptor<Aes128>>(key, nonce, bytes),
        (Direction::Decrypt, Bits::B192) => decrypt::<cbc::Decryptor<Aes192>>(key, nonce, bytes),
        (Direction::Decrypt, Bits::B256) => decrypt::<cbc::Decryptor<Aes256>>(key, nonce, bytes),
    }
}

/// Undoes CBC and its padding in place; `None` if the padding is wrong. The key has 16, 24 or 32
/// bytes.
pub(super) fn open_cbc(key: &[u8], nonce: [u8; BLOCK], bytes: &mut Vec<u8>) -> Option<()> {
    chain(Bits::of(key)?, Direction::Decrypt, key, nonce, bytes)
}

/// Undoes GCM in place; `None`, and bytes to throw away, if the whole tag does not prove them. The
/// key has 16, 24 or 32 bytes.
pub(super) fn open_gcm(
    key: &[u8],
    nonce: &[u8],
    aad: &[u8],
    tag: &[u8],
    bytes: &mut [u8],
) -> Option<()> {
    let computed = galois(Bits::of(key)?, key, nonce, aad, bytes, Direction::Decrypt)?;
    same(&computed, tag).then_some(())
}

fn encrypt<M: KeyIvInit + BlockModeEncrypt>(
    key: &[u8],
    nonce: [u8; BLOCK],
    bytes: &mut Vec<u8>,
) -> Option<()> {
    let length = bytes.len();
    bytes.resize((length / BLOCK + 1) * BLOCK, 0);
    let mode = M::new_from_slices(key, &nonce).ok()?;
    mode.encrypt_padded::<Pkcs7>(bytes, length).ok()?;
    Some(())
}

fn decrypt<M: KeyIvInit + BlockModeDecrypt>(
    key: &[u8],
    nonce: [u8; BLOCK],
    bytes: &mut Vec<u8>,
) -> Option<()> {
    let mode = M::new_from_slices(key, &nonce).ok()?;
    let length = mode.decrypt_padded::<Pkcs7>(bytes).ok()?.len();
    bytes.truncate(length);
    Some(())
}

impl Converting for GcmEnc {
    fn apply<'s>(
        &'s self,
        cx: &Context<'s>,
        input: Sample<'s>,
        out: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let Sample::Bin(bytes) = input else {
            return None;
        };
        out.extend_from_slice(bytes);
        with_rooms(cx, |[nonce, key, aad, text]| {
            let aad = optional_bytes(&self.aad, cx, aad)?;
            let tag = gcm(&self.cipher, cx, (nonce, key), aad, out, Direction::Encrypt)?;
            encode(Alphabet::Standard, &tag, text);
            let set = cx.vars.set(self.tag, Sample::Str(text), self.when);
            set.then_some(())
        })?;
        Some(Sample::Bin(out))
    }
}

impl Converting for GcmDec {
    fn apply<'s>(
        &'s self,
        cx: &Context<'s>,
        input: Sample<'s>,
        out: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let Sample::Bin(bytes) = input else {
            return None;
        };
        out.extend_from_slice(bytes);
        with_rooms(cx, |[nonce, key, aad, tag]| {
            let aad = optional_bytes(&self.aad, cx, aad)?;
            let given = self.tag.bytes(cx, tag)?;
            let tag = gcm(&self.cipher, cx, (nonce, key), aad, out, Direction::Decrypt)?;
            let tag = tag.get(..given.len())?;
            (given.len() >= SHORTEST_TAG && same(tag, given)).then_some(())
        })?;
        Some(Sample::Bin(out))
    }
}

/// No bytes if the argument was left out; nothing if its variable has none.
fn optional_bytes<'s>(
    argument: &'s Option<Encoded>,
    cx: &Context<'_>,
    room: &'s mut Vec<u8>,
) -> Option<&'s [u8]> {
    match argument {
        Some(encoded) => encoded.bytes(cx, room),
        None => Some(&[]),
    }
}

/// Encrypts or decrypts `bytes` in place; gives the tag.
fn gcm(
    cipher: &Cipher,
    cx: &Context<'_>,
    (nonce_room, key_room): (&mut Vec<u8>, &mut Vec<u8>),
    aad: &[u8],
    bytes: &mut [u8],
    direction: Direction,
) -> Option<[u8; BLOCK]> {
    let key = cipher.key.bytes(cx, key_room)?;
    let key = key.get(..cipher.bits.key_len())?;
    let nonce = cipher.nonce.bytes(cx, nonce_room)?;
    galois(cipher.bits, key, nonce, aad, bytes, direction)
}

fn galois(
    bits: Bits,
    key: &[u8],
    nonce: &[u8],
    aad: &[u8],
    bytes: &mut [u8],
    direction: Direction,
) -> Option<[u8; BLOCK]> {
    match bits {
        Bits::B128 => galois_counter::<Ctr32BE<Aes128>>(key, nonce, aad, bytes, direction),
        Bits::B192 => galois_counter::<Ctr32BE<Aes192>>(key, nonce, aad, bytes, direction),
        Bits::B256 => galois_counter::<Ctr32BE<Aes256>>(key, nonce, aad, bytes, direction),
    }
}

fn galois_counter<S: KeyIvInit + StreamCipher>(
    key: &[u8],
    nonce: &[u8],
    aad: &[u8],
    bytes: &mut [u8],
    direction: Direction,
) -> Option<[u8; BLOCK]> {
    // The encrypted zero block, and later the one that hides the tag: the first of a key stream.
    let mut hash_key = [0; BLOCK];
    let mut zeros = S::new_from_slices(key, &hash_key).ok()?;
    zeros.try_apply_keystream(&mut hash_key).ok()?;
    let hash = |aad: &[u8], bytes: &[u8]| -> Option<[u8; BLOCK]> {
        let mut hash = GHash::new_from_slice(&hash_key).ok()?;
        hash.update_padded(aad);
        hash.update_padded(bytes);
        hash.update_padded(&lengths(aad, bytes));
        Some(hash.finalize().into())
    };
    let mut start = [0; BLOCK];
    match nonce.len() {
        0 => return None,
        12 => {
            let [first @ .., _, _, _, one] = &mut start;
            first.copy_from_slice(nonce);
            *one = 1;
        }
        _ => start = hash(&[], nonce)?,
    }
    let mut stream = S::new_from_slices(key, &start).ok()?;
    let mut mask = [0; BLOCK];
    stream.try_apply_keystream(&mut mask).ok()?;
    if direction == Direction::Encrypt {
        stream.try_apply_keystream(bytes).ok()?;
    }
    let mut tag = hash(aad, bytes)?;
    if direction == Direction::Decrypt {
        stream.try_apply_keystream(bytes).ok()?;
    }
    tag.iter_mut()
        .zip(mask)
        .for_each(|(tag, mask)| *tag ^= mask);
    Some(tag)
}

/// Both lengths in bits, as GHASH ends with them.
fn lengths(aad: &[u8], bytes: &[u8]) -> [u8; BLOCK] {
    let bits = |part: &[u8]| (part.len() as u128) * 8;
    (bits(aad) << 64 | bits(bytes)).to_be_bytes()
}
