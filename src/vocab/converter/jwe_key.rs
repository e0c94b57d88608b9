//! Keys that open encrypted JSON Web Tokens: JSON Web Keys (RFC 7517; RFC 7518, section 6), private
//! keys in PEM format, and how they open the key that a token carries (RFC 7518, section 4).
//!
//! RSA keys have 2048 to 8192 bits (HAProxy takes shorter ones); elliptic curves are P-256, P-384 and
//! P-521. A secret may be longer than its algorithm wants: the first bytes count, as in HAProxy.
//! Deliberately absent: `RSA1_5`, which RFC 8725 advises against and HAProxy has off by default.

use super::aes::open_gcm;
use super::base64::{Alphabet, decode};
use super::compare::same;
use super::jwt::pem;
use crate::vocab::json;
use aes::cipher::consts::U16;
use aes::cipher::{BlockCipherDecrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256};
use aws_lc_rs::agreement::{self, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rsa::{OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256};
use aws_lc_rs::rsa::{OaepAlgorithm, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use sha2::{Digest, Sha256};

/// A key that opens tokens.
#[derive(Debug)]
pub(super) enum Key {
    Secret(Box<[u8]>),
    Rsa(OaepPrivateDecryptingKey),
    Ec(&'static Curve, PrivateKey),
}

#[derive(Debug)]
pub(super) struct Curve {
    name: &'static [u8],
    /// Bytes of a coordinate, and of a private key.
    length: usize,
    algorithm: &'static agreement::Algorithm,
}

static CURVES: [Curve; 3] = [
    Curve {
        name: b"P-256",
        length: 32,
        algorithm: &agreement::ECDH_P256,
    },
    Curve {
        name: b"P-384",
        length: 48,
        algorithm: &agreement::ECDH_P384,
    },
    Curve {
        name: b"P-521",
        length: 66,
        algorithm: &agreement::ECDH_P521,
    },
];

impl Key {
    /// From a JSON Web Key, or what is wrong with it.
    pub(super) fn from_jwk(jwk: &[u8]) -> Result<Self, &'static str> {
        let mut kind = Vec::new();
        json::text(jwk, b"$.kty", &mut kind)
            .ok_or("Missing key type (expected 'oct', 'RSA' or 'EC')")?;
        match kind.as_slice() {
            b"oct" => {
                let mut digits = Vec::new();
                json::text(jwk, b"$.k", &mut digits).ok_or("Missing 'k' field in JWK")?;
                let secret = bytes(&digits).ok_or("'k' field in JWK is not base64url encoded")?;
                Ok(Self::Secret(secret.into()))
            }
            b"RSA" => rsa_of_jwk(jwk).ok_or("Failed to parse RSA JWK"),
            b"EC" => ec_of_jwk(jwk).ok_or("Failed to parse EC JWK"),
            _ => Err("Unmanaged key type (expected 'oct', 'RSA' or 'EC')"),
        }
    }

    /// From the first private key in a text in PEM format.
    pub(super) fn from_pem(text: &[u8]) -> Option<Self> {
        if let Some(der) = pem(text, "PRIVATE KEY") {
            return rsa(&der).or_else(|| ec(&der));
        }
        if let Some(der) = pem(text, "RSA PRIVATE KEY") {
            return rsa(&pkcs8(&der));
        }
        ec(&pem(text, "EC PRIVATE KEY")?)
    }
}

fn rsa(pkcs8: &[u8]) -> Option<Key> {
    let key = PrivateDecryptingKey::from_pkcs8(pkcs8).ok()?;
    OaepPrivateDecryptingKey::new(key).ok().map(Key::Rsa)
}

fn ec(der: &[u8]) -> Option<Key> {
    CURVES.iter().find_map(|curve| {
        let key = PrivateKey::from_private_key_der(curve.algorithm, der).ok()?;
        Some(Key::Ec(curve, key))
    })
}

fn rsa_of_jwk(jwk: &[u8]) -> Option<Key> {
    let mut numbers = Vec::new();
    element(INTEGER, &[0], &mut numbers);
    let names: [&[u8]; 8] = [
        b"$.n", b"$.e", b"$.d", b"$.p", b"$.q", b"$.dp", b"$.dq", b"$.qi",
    ];
    for name in names {
        // In DER, a first bit of 1 says negative, and a first byte of 0 is there for that only.
        let digits = field(jwk, name)?;
        let zeros = digits.iter().take_while(|&&digit| digit == 0).count();
        let mut number = vec![0];
        number.extend_from_slice(digits.get(zeros..)?);
        let spare = usize::from(number.get(1).is_some_and(|&first| first < 0x80));
        element(INTEGER, number.get(spare..)?, &mut numbers);
    }
    let mut key = Vec::new();
    element(SEQUENCE, &numbers, &mut key);
    rsa(&pkcs8(&key))
}

fn ec_of_jwk(jwk: &[u8]) -> Option<Key> {
    let curve = curve(jwk, b"$.crv")?;
    let public = point(curve, &field(jwk, b"$.x")?, &field(jwk, b"$.y")?)?;
    let mut private = Vec::new();
    fixed(&field(jwk, b"$.d")?, curve.length, &mut private)?;
    let private = PrivateKey::from_private_key(curve.algorithm, &private).ok()?;
    let computed = private.compute_public_key().ok()?;
    (computed.as_ref() == public).then_some(Key::Ec(curve, private))
}

const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const SEQUENCE: u8 = 0x30;

/// A `PrivateKeyInfo` (RFC 5208, section 5) around an `RSAPrivateKey`.
fn pkcs8(key: &[u8]) -> Vec<u8> {
    /// `rsaEncryption` without parameters.
    const RSA: [u8; 13] = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 1, 5, 0];
    let mut fields = Vec::new();
    element(INTEGER, &[0], &mut fields);
    element(SEQUENCE, &RSA, &mut fields);
    element(OCTET_STRING, key, &mut fields);
    let mut info = Vec::new();
    element(SEQUENCE, &fields, &mut info);
    info
}

/// Appends a value in DER.
fn element(tag: u8, content: &[u8], out: &mut Vec<u8>) {
    out.push(tag);
    let length = content.len().to_be_bytes();
    let zeros = length.iter().take_while(|&&byte| byte == 0).count();
    match (length.get(zeros..).unwrap_or_default(), content.len()) {
        (_, short @ 0..0x80) => out.push(short as u8),
        (digits, _) => {
            out.push(0x80 | digits.len() as u8);
            out.extend_from_slice(digits);
        }
    }
    out.extend_from_slice(content);
}

/// The bytes of a text in base64 for URLs.
pub(super) fn bytes(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    decode(Alphabet::Url, text, &mut bytes)?;
    Some(bytes)
}

/// The bytes of a text in a JSON document.
fn field(document: &[u8], path: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    json::text(document, path, &mut text)?;
    bytes(&text)
}

fn curve(document: &[u8], path: &[u8]) -> Option<&'static Curve> {
    let mut name = Vec::new();
    json::text(document, path, &mut name)?;
    CURVES.iter().find(|curve| curve.name == name)
}

/// A point of a curve, uncompressed (SEC 1, section 2.3.3). Whether it is on the curve is for its
/// user to check.
fn point(curve: &Curve, x: &[u8], y: &[u8]) -> Option<Vec<u8>> {
    let mut point = vec![4];
    fixed(x, curve.length, &mut point)?;
    fixed(y, curve.length, &mut point)?;
    Some(point)
}

/// Appends a number with exactly `length` digits.
fn fixed(digits: &[u8], length: usize, out: &mut Vec<u8>) -> Option<()> {
    let zeros = digits.iter().take_while(|&&digit| digit == 0).count();
    let digits = digits.get(zeros..)?;
    out.resize(out.len() + length.checked_sub(digits.len())?, 0);
    out.extend_from_slice(digits);
    Some(())
}

/// How a token's content key is found: the `alg` of its header.
#[derive(Clone, Copy)]
pub(super) enum Algorithm {
    /// It is the secret.
    Direct,
    /// AES key wrap with a key of that many bytes.
    Wrap(usize),
    /// AES in GCM mode with a key of that many bytes.
    Gcm(usize),
    Rsa(&'static OaepAlgorithm),
    /// Agreed on.
    Ecdh,
    /// AES key wrap with an agreed key of that many bytes.
    EcdhWrap(usize),
}

impl Algorithm {
    pub(super) fn named(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"dir" => Self::Direct,
            b"A128KW" => Self::Wrap(16),
            b"A192KW" => Self::Wrap(24),
            b"A256KW" => Self::Wrap(32),
            b"A128GCMKW" => Self::Gcm(16),
            b"A192GCMKW" => Self::Gcm(24),
            b"A256GCMKW" => Self::Gcm(32),
            b"RSA-OAEP" => Self::Rsa(&OAEP_SHA1_MGF1SHA1),
            b"RSA-OAEP-256" => Self::Rsa(&OAEP_SHA256_MGF1SHA256),
            b"ECDH-ES" => Self::Ecdh,
            b"ECDH-ES+A128KW" => Self::EcdhWrap(16),
            b"ECDH-ES+A192KW" => Self::EcdhWrap(24),
            b"ECDH-ES+A256KW" => Self::EcdhWrap(32),
            _ => return None,
        })
    }
}

/// What of a token its content key is found with.
pub(super) struct Carried<'t> {
    pub(super) algorithm: Algorithm,
    /// As the header says them.
    pub(super) alg: &'t [u8],
    pub(super) enc: &'t [u8],
    /// The header, a JSON document.
    pub(super) header: &'t [u8],
    /// The token's second part, decoded.
    pub(super) encrypted: &'t [u8],
    /// Of the content key, bytes.
    pub(super) length: usize,
}

impl Carried<'_> {
    /// The content key. That it is the right one only the content shows.
    pub(super) fn content_key(&self, key: &Key) -> Option<Vec<u8>> {
        match (self.algorithm, key) {
            (Algorithm::Direct, Key::Secret(secret)) if self.encrypted.is_empty() => {
                Some(secret.to_vec())
            }
            (Algorithm::Wrap(length), Key::Secret(secret)) => {
                unwrap(secret.get(..length)?, self.encrypted)
            }
            (Algorithm::Gcm(length), Key::Secret(secret)) => {
                let nonce = field(self.header, b"$.iv")?;
                let tag = field(self.header, b"$.tag")?;
                let mut key = self.encrypted.to_vec();
                open_gcm(secret.get(..length)?, &nonce, &[], &tag, &mut key)?;
                Some(key)
            }
            (Algorithm::Rsa(algorithm), Key::Rsa(key)) => {
                let mut room = vec![0; key.min_output_size()];
                let opened = key.decrypt(algorithm, self.encrypted, &mut room, None);
                Some(opened.ok()?.to_vec())
            }
            (Algorithm::Ecdh, Key::Ec(curve, key)) if self.encrypted.is_empty() => {
                self.agreed(curve, key, self.enc, self.length)
            }
            (Algorithm::EcdhWrap(length), Key::Ec(curve, key)) => {
                unwrap(&self.agreed(curve, key, self.alg, length)?, self.encrypted)
            }
            _ => None,
        }
    }

    /// The key that both sides compute, for the algorithm of that name (RFC 7518, section 4.6.2).
    fn agreed(&self, own: &Curve, key: &PrivateKey, name: &[u8], length: usize) -> Option<Vec<u8>> {
        let peer = curve(self.header, b"$.epk.crv")?;
        if peer.name != own.name {
            return None;
        }
        let x = field(self.header, b"$.epk.x")?;
        let y = field(self.header, b"$.epk.y")?;
        let peer = UnparsedPublicKey::new(own.algorithm, point(own, &x, &y)?);
        let producer = self.party(b"$.apu")?;
        let recipient = self.party(b"$.apv")?;
        let mut about = Vec::new();
        for part in [name, &producer, &recipient] {
            about.extend(u32::try_from(part.len()).ok()?.to_be_bytes());
            about.extend_from_slice(part);
        }
        about.extend(u32::try_from(length * 8).ok()?.to_be_bytes());
        let derive = |shared: &[u8]| {
            let mut derived = Vec::new();
            for counter in 1_u32.. {
                if derived.len() >= length {
                    break;
                }
                let hash = Sha256::new()
                    .chain_update(counter.to_be_bytes())
                    .chain_update(shared)
                    .chain_update(&about);
                derived.extend(hash.finalize());
            }
            derived.truncate(length);
            Ok(derived)
        };
        agree(key, peer, Unspecified, derive).ok()
    }

    /// A text that may be absent, but not wrong.
    fn party(&self, path: &[u8]) -> Option<Vec<u8>> {
        let mut text = Vec::new();
        match json::text(self.header, path, &mut text) {
            Some(()) => bytes(&text),
            None => Some(Vec::new()),
        }
    }
}

/// Undoes AES key wrap (RFC 3394, section 2.2.2). The key has 16, 24 or 32 bytes.
fn unwrap(key: &[u8], wrapped: &[u8]) -> Option<Vec<u8>> {
    match key.len() {
        16 => unwrap_with(&Aes128::new_from_slice(key).ok()?, wrapped),
        24 => unwrap_with(&Aes192::new_from_slice(key).ok()?, wrapped),
        _ => unwrap_with(&Aes256::new_from_slice(key).ok()?, wrapped),
    }
}

fn unwrap_with<C: BlockCipherDecrypt<BlockSize = U16>>(
    cipher: &C,
    wrapped: &[u8],
) -> Option<Vec<u8>> {
    const INITIAL: [u8; 8] = [0xa6; 8];
    const ROUNDS: u64 = 6;
    let (halves, []) = wrapped.as_chunks::<8>() else {
        return None;
    };
    let (&first, rest) = halves.split_first()?;
    if rest.len() < 2 {
        return None;
    }
    let mut check = u64::from_be_bytes(first);
    let mut registers: Vec<u64> = rest.iter().map(|&half| u64::from_be_bytes(half)).collect();
    let mut step = ROUNDS * rest.len() as u64;
    for _ in 0..ROUNDS {
        for register in registers.iter_mut().rev() {
            let block = u128::from(check ^ step) << 64 | u128::from(*register);
            let mut block = block.to_be_bytes().into();
            cipher.decrypt_block(&mut block);
            let block = u128::from_be_bytes(block.into());
            check = (block >> 64) as u64;
            *register = block as u64;
            step -= 1;
        }
    }
    let key = registers.iter().flat_map(|half| half.to_be_bytes());
    same(&check.to_be_bytes(), &INITIAL).then(|| key.collect())
}
