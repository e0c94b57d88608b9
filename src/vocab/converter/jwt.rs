//! `jwt_verify` and `jwt_verify_cert(<algorithm>,<key>)`: whether a JSON Web Token is signed
//! (RFC 7515, compact form; RFC 7518, section 3).
//!
//! Keys are files in PEM format, read with the configuration: a public key, or a certificate that
//! holds one. RSA keys have at least 2048 bits and an ECDSA key is of the algorithm's curve, as
//! RFC 7518 wants and HAProxy does not check. Deliberately absent: whether a token is meant for
//! us or expired, which is in its claims.

use super::base64::{Alphabet, decode};
use super::compare::same;
use super::digest::{self, algorithm};
use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Arg, Args, BadArg, Kind, Operand, required};
use crate::vocab::context::Context;
use crate::vocab::outer::Files;
use crate::vocab::sample::{Sample, Type};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    UnparsedPublicKey, VerificationAlgorithm,
};
use sha2::{Sha256, Sha384, Sha512};

const ARGS: &[Arg] = &[
    required("algorithm", Kind::TextOrVar),
    required("key", Kind::TextOrVar),
];

pub(super) const VERIFY: Keyword = Keyword {
    names: &["jwt_verify"],
    args: ARGS,
    takes: Type::Bin,
    gives: Type::Sint,
    doc: "1 if the signature of a token holds, 0 if not. <algorithm> is HS256, RS256, ES256, \
          PS256, the same with 384 or 512, or none; <key> is the secret of HS algorithms, or the \
          file of a public key in PEM format. -1: the algorithm is unknown; -2: it cannot be used \
          with a certificate; -3: this is no token; -5: there is no such key.",
    examples: &[
        (
            "str(e30.e30.lzH8MMSlAlHQX8jW_3rth8-W4HfvFo8cGBk9GrmJv-0),jwt_verify(HS256,key)",
            Some("1"),
        ),
        ("str(e30.e30.c2ln),jwt_verify(HS256,key)", Some("0")),
        (
            "str(e30.e30.CPkawpNElc30-rkYKpqrf_-TAv677QDR216NUSQwLxbVBml1eJWpj5qK65KH\
             ZxzeGpKZBP0VyRpN5FH_Vkp8ng),jwt_verify(ES256,es256.pem)",
            Some("1"),
        ),
        ("str(e30.e30.),jwt_verify(HS256,key)", Some("-3")),
        ("str(e30.e30),jwt_verify(HS256,key)", Some("-3")),
        ("str(e30.e30.a.b),jwt_verify(HS256,key)", Some("-3")),
        ("str(e30.e30.a),jwt_verify(HS256,key)", Some("-3")),
        ("str(e30.e30.c2ln),jwt_verify(HS256,)", None),
        ("str(e30.e30.c2ln),jwt_verify(txn.unset,key)", None),
        (
            "str(HS256),set-var(txn.alg),jwt_verify(txn.alg,key)",
            Some("-3"),
        ),
        (
            "str(x),set-var(txn.alg),jwt_verify(txn.alg,key)",
            Some("-1"),
        ),
        (
            "str(e30.e30.c2ln),set-var(txn.key),jwt_verify(RS256,txn.key)",
            Some("-5"),
        ),
    ],
    build: Build::Reading(|args, files| build(args, files, PUBLIC_KEY)),
};

pub(super) const VERIFY_CERT: Keyword = Keyword {
    names: &["jwt_verify_cert"],
    doc: "As jwt_verify, with <key> the file of a certificate in PEM format; HS algorithms cannot \
          be used.",
    examples: &[
        (
            "str(e30.e30.CPkawpNElc30-rkYKpqrf_-TAv677QDR216NUSQwLxbVBml1eJWpj5qK65KH\
             ZxzeGpKZBP0VyRpN5FH_Vkp8ng),jwt_verify_cert(ES256,cert.pem)",
            Some("1"),
        ),
        (
            "str(e30.e31.CPkawpNElc30-rkYKpqrf_-TAv677QDR216NUSQwLxbVBml1eJWpj5qK65KH\
             ZxzeGpKZBP0VyRpN5FH_Vkp8ng),jwt_verify_cert(ES256,cert.pem)",
            Some("0"),
        ),
    ],
    build: Build::Reading(|args, files| build(args, files, CERTIFICATE)),
    ..VERIFY
};

const VALID: i64 = 1;
const INVALID: i64 = 0;
const UNKNOWN_ALGORITHM: i64 = -1;
const UNUSABLE_ALGORITHM: i64 = -2;
const NO_TOKEN: i64 = -3;
const UNKNOWN_KEY: i64 = -5;

/// What a key file holds, as PEM calls it.
pub(super) type Label = &'static str;
const PUBLIC_KEY: Label = "PUBLIC KEY";
const CERTIFICATE: Label = "CERTIFICATE";

/// How a token is signed.
enum Algorithm {
    None,
    Hmac(digest::Algorithm),
    Rsa(&'static dyn VerificationAlgorithm),
    /// The two halves of a signature have the same length.
    Ecdsa(&'static dyn VerificationAlgorithm),
}

impl Algorithm {
    fn named(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"none" => Self::None,
            b"HS256" => Self::Hmac(algorithm::<Sha256>()),
            b"HS384" => Self::Hmac(algorithm::<Sha384>()),
            b"HS512" => Self::Hmac(algorithm::<Sha512>()),
            b"RS256" => Self::Rsa(&RSA_PKCS1_2048_8192_SHA256),
            b"RS384" => Self::Rsa(&RSA_PKCS1_2048_8192_SHA384),
            b"RS512" => Self::Rsa(&RSA_PKCS1_2048_8192_SHA512),
            b"ES256" => Self::Ecdsa(&ECDSA_P256_SHA256_FIXED),
            b"ES384" => Self::Ecdsa(&ECDSA_P384_SHA384_FIXED),
            b"ES512" => Self::Ecdsa(&ECDSA_P521_SHA512_FIXED),
            b"PS256" => Self::Rsa(&RSA_PSS_2048_8192_SHA256),
            b"PS384" => Self::Rsa(&RSA_PSS_2048_8192_SHA384),
            b"PS512" => Self::Rsa(&RSA_PSS_2048_8192_SHA512),
            _ => return None,
        })
    }
}

#[derive(Debug)]
struct JwtVerify {
    algorithm: Operand,
    /// The secret, or the name of the key's file.
    key: Operand,
    /// The `SubjectPublicKeyInfo` of that file, if it was read.
    public: Option<Box<[u8]>>,
    label: Label,
}

fn build(args: &Args, files: Files<'_>, label: Label) -> Result<Box<dyn Converting>, BadArg> {
    let algorithm = args.operand(0).unwrap_or(Operand::Int(0));
    let key = args.operand(1).unwrap_or(Operand::Int(0));
    let named = match &algorithm {
        Operand::Text(name) => Some(Algorithm::named(name).ok_or_else(|| {
            let shown = String::from_utf8_lossy(name);
            BadArg::new(0, format!("unknown JWT algorithm: {shown}"))
        })?),
        _ => None,
    };
    let public = match (named, &key) {
        (Some(Algorithm::Hmac(_)), _) if label == CERTIFICATE => {
            let message = "HMAC-signed tokens can't be processed by this converter";
            return Err(BadArg::new(0, message));
        }
        (Some(Algorithm::Hmac(_)), _) => None,
        (Some(_), Operand::Text(path)) => {
            let read = public_key(path, files, label).map_err(|message| BadArg {
                help: Some(format!(
                    "write the name of a file with a {label} in PEM format"
                )),
                ..BadArg::new(1, message)
            });
            Some(read?)
        }
        // A secret, if the algorithm turns out to be of that kind.
        (None, Operand::Text(path)) => public_key(path, files, label).ok(),
        _ if label == CERTIFICATE => {
            let message = "certificates named by a variable are not supported yet";
            return Err(BadArg::new(1, message));
        }
        _ => None,
    };
    Ok(Box::new(JwtVerify {
        algorithm,
        key,
        public,
        label,
    }))
}

/// The `SubjectPublicKeyInfo` in a file.
fn public_key(path: &[u8], files: Files<'_>, label: Label) -> Result<Box<[u8]>, String> {
    let path = String::from_utf8_lossy(path);
    let text = files(&path).map_err(|error| format!("cannot read '{path}': {error}"))?;
    let key = pem(&text, label).and_then(|der| match label {
        CERTIFICATE => subject_public_key(&der).map(Box::from),
        _ => Some(der.into()),
    });
    key.ok_or_else(|| format!("no {label} in '{path}'"))
}

impl Converting for JwtVerify {
    fn apply<'s>(
        &'s self,
        cx: &Context<'s>,
        input: Sample<'s>,
        out: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let Sample::Bin(token) = input else {
            return None;
        };
        let mut rooms = [(); 2].map(|()| cx.scratch.take_text());
        let [name, key] = &mut rooms;
        self.algorithm.append(cx, name);
        self.key.append(cx, key);
        let complete = !name.is_empty() && !key.is_empty();
        let result = complete.then(|| match Algorithm::named(name) {
            Some(algorithm) => self.verify(token, &algorithm, key, out),
            None => UNKNOWN_ALGORITHM,
        });
        rooms
            .into_iter()
            .for_each(|room| cx.scratch.give_text(room));
        result.map(Sample::Sint)
    }
}

impl JwtVerify {
    fn verify(
        &self,
        token: &[u8],
        algorithm: &Algorithm,
        secret: &[u8],
        room: &mut Vec<u8>,
    ) -> i64 {
        let Some((signed, signature)) = parts(token) else {
            return NO_TOKEN;
        };
        match (algorithm, signature) {
            (Algorithm::None, b"") => return VALID,
            (Algorithm::None, _) => return INVALID,
            (_, b"") => return NO_TOKEN,
            _ => {}
        }
        if decode(Alphabet::Url, signature, room).is_none() {
            return NO_TOKEN;
        }
        match (algorithm, &self.public) {
            (Algorithm::Hmac(_), _) if self.label == CERTIFICATE => UNUSABLE_ALGORITHM,
            (Algorithm::Hmac(hmac), _) => {
                let length = room.len();
                (hmac.authenticate)(secret, signed, room);
                let (signature, expected) = room.split_at_checked(length).unwrap_or_default();
                i64::from(same(signature, expected))
            }
            (Algorithm::Ecdsa(_), Some(_)) if !room.len().is_multiple_of(2) => NO_TOKEN,
            (Algorithm::Rsa(algorithm) | Algorithm::Ecdsa(algorithm), Some(key)) => {
                let key = UnparsedPublicKey::new(*algorithm, key);
                i64::from(key.verify(signed, room).is_ok())
            }
            _ => UNKNOWN_KEY,
        }
    }
}

/// What is signed, and the signature, of a token with exactly three parts.
fn parts(token: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut dots = (0..token.len()).filter(|&at| token.get(at) == Some(&b'.'));
    let last = dots.nth(1)?;
    let (signed, signature) = token.split_at_checked(last)?;
    dots.next()
        .is_none()
        .then_some((signed, signature.get(1..)?))
}

/// The first block of that label in a text in PEM format (RFC 7468).
pub(super) fn pem(text: &[u8], label: Label) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(text).ok()?;
    let (_, block) = text.split_once(&format!("-----BEGIN {label}-----"))?;
    let (block, _) = block.split_once(&format!("-----END {label}-----"))?;
    let digits: Vec<u8> = block
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    let mut der = Vec::new();
    decode(Alphabet::Standard, &digits, &mut der)?;
    Some(der)
}

/// The `SubjectPublicKeyInfo` of a certificate (RFC 5280, section 4.1).
fn subject_public_key(certificate: &[u8]) -> Option<&[u8]> {
    const VERSION: u8 = 0xa0;
    let outer = Element::first(certificate)?;
    let signed = Element::first(outer.content)?;
    let first = Element::first(signed.content)?;
    let mut rest = match first.tag {
        VERSION => first.rest,
        _ => signed.content,
    };
    // Serial number, signature algorithm, issuer, validity, subject.
    for _ in 0..5 {
        rest = Element::first(rest)?.rest;
    }
    Some(Element::first(rest)?.whole)
}

/// A value in DER.
struct Element<'d> {
    tag: u8,
    content: &'d [u8],
    /// With tag and length.
    whole: &'d [u8],
    /// What follows.
    rest: &'d [u8],
}

impl<'d> Element<'d> {
    fn first(der: &'d [u8]) -> Option<Self> {
        let (&tag, after_tag) = der.split_first()?;
        let (&length, after_length) = after_tag.split_first()?;
        let (length, body) = match length {
            0..0x80 => (usize::from(length), after_length),
            _ => {
                let (digits, body) = after_length.split_at_checked(usize::from(length & 0x7f))?;
                let length = digits.iter().try_fold(0_usize, |length, &digit| {
                    length.checked_mul(256)?.checked_add(digit.into())
                })?;
                (length, body)
            }
        };
        let (content, rest) = body.split_at_checked(length)?;
        let whole = der.get(..der.len() - rest.len())?;
        Some(Self {
            tag,
            content,
            whole,
            rest,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::jwt_keys::{CERTIFICATE as CERTIFICATE_PEM, P256, RSA, SIGNED};
    use super::*;

    fn check(name: &str, key: &str, token: &str, expected: i64) {
        let verify = JwtVerify {
            algorithm: Operand::Text(name.as_bytes().into()),
            key: Operand::Text((*b"file").into()),
            public: pem(key.as_bytes(), PUBLIC_KEY).map(Box::from),
            label: PUBLIC_KEY,
        };
        let algorithm = Algorithm::named(name.as_bytes()).expect(name);
        let got = verify.verify(token.as_bytes(), &algorithm, b"file", &mut Vec::new());
        assert_eq!(got, expected, "{name} {token}");
    }

    #[test]
    fn signatures_of_public_keys() {
        for (name, key, signature) in SIGNED {
            check(name, key, &format!("e30.e30.{signature}"), VALID);
            check(name, key, &format!("e31.e30.{signature}"), INVALID);
            check(name, key, &format!("e30.e30.{}", &signature[8..]), INVALID);
            check(name, "", &format!("e30.e30.{signature}"), UNKNOWN_KEY);
        }
        check("ES256", RSA, &format!("e30.e30.{}", SIGNED[0].2), INVALID);
        check("RS256", P256, &format!("e30.e30.{}", SIGNED[0].2), INVALID);
        check("ES256", P256, "e30.e30.c2ln", NO_TOKEN);
        check("ES256", P256, "e30.e30.c2lnbg", INVALID);
        check("none", "", "e30.e30.", VALID);
        check("none", "", "e30.e30.c2ln", INVALID);
    }

    #[test]
    fn keys_in_certificates() {
        let der = pem(CERTIFICATE_PEM.as_bytes(), CERTIFICATE).expect("PEM");
        let key = pem(P256.as_bytes(), PUBLIC_KEY).expect("PEM");
        assert_eq!(subject_public_key(&der), Some(key.as_slice()));
        // Whatever is cut off, the answer is none or a part of what is there.
        for end in 0..der.len() {
            assert_eq!(subject_public_key(&der[..end]), None);
        }
    }
}
