//! `sha1`, `sha2([<bits>])`, `digest(<algorithm>)`, `hmac(<algorithm>,<key>)`.
//!
//! Algorithms have OpenSSL's names, in either case. Of OpenSSL's we have MD5, SHA-1 and SHA-2;
//! for others a configuration is refused. They are computed by the RustCrypto crates.

use super::operand::Encoded;
use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Args, BadArg, Kind, optional, required};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};
use hmac::{EagerHash, Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};

const BYTES: Keyword = Keyword {
    takes: Type::Bin,
    gives: Type::Bin,
    ..Keyword::DEFAULT
};

pub(super) const SHA1: Keyword = Keyword {
    names: &["sha1"],
    doc: "The SHA-1 digest, 20 bytes.",
    examples: &[
        (
            "str(abc),sha1,hex",
            Some("A9993E364706816ABA3E25717850C26C9CD0D89D"),
        ),
        (
            "str(),sha1,hex",
            Some("DA39A3EE5E6B4B0D3255BFEF95601890AFD80709"),
        ),
    ],
    build: Build::With(|_| Ok(Box::new(Digesting(algorithm::<Sha1>())))),
    ..BYTES
};

pub(super) const SHA2: Keyword = Keyword {
    names: &["sha2"],
    args: &[optional("bits", Kind::Int)],
    doc: "The SHA-2 digest of 224, 256 (the default), 384 or 512 bits.",
    examples: &[
        (
            "str(abc),sha2,hex",
            Some("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"),
        ),
        (
            "str(abc),sha2(224),hex",
            Some("23097D223405D8228642A477BDA255B32AADBCE4BDA0B3F7E36C9DA7"),
        ),
        (
            "str(abc),sha2(384),hex,bytes(0,16)",
            Some("CB00753F45A35E8B"),
        ),
        (
            "str(abc),sha2(512),hex,bytes(0,16)",
            Some("DDAF35A193617ABA"),
        ),
    ],
    build: Build::With(sha2),
    ..BYTES
};

pub(super) const DIGEST: Keyword = Keyword {
    names: &["digest"],
    args: &[required("algorithm", Kind::Str)],
    doc: "The digest by an algorithm of OpenSSL's name: md5, sha1, sha224, sha256, sha384, \
          sha512, sha512-224 or sha512-256.",
    examples: &[
        (
            "str(abc),digest(SHA256),hex",
            Some("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"),
        ),
        (
            "str(abc),digest(md5),hex",
            Some("900150983CD24FB0D6963F7D28E17F72"),
        ),
        (
            "str(abc),digest(sha512-224),hex",
            Some("4634270F707B6A54DAAE7530460842E20E37ED265CEEE9A43E8924AA"),
        ),
        (
            "str(abc),digest(RSA-SHA1),hex",
            Some("A9993E364706816ABA3E25717850C26C9CD0D89D"),
        ),
    ],
    build: Build::With(|args| Ok(Box::new(Digesting(named(args)?)))),
    ..BYTES
};

pub(super) const HMAC: Keyword = Keyword {
    names: &["hmac"],
    args: &[required("algorithm", Kind::Str), required("key", Kind::Str)],
    doc: "The message authentication code by a digest algorithm, as of the converter digest, and \
          a <key> in base64.",
    examples: &[
        (
            "str(abc),hmac(sha256,a2V5),hex",
            Some("9C196E32DC0175F86F4B1CB89289D6619DE6BEE699E4C378E68309ED97A1A6AB"),
        ),
        (
            "str(abc),hmac(sha1,a2V5),hex",
            Some("4FD0B215276EF12F2B3E4C8ECAC2811498B656FC"),
        ),
        (
            "str(abc),hmac(md5,a2V5),hex",
            Some("D2FE98063F876B03193AFB49B4979591"),
        ),
        (
            "str(abc),hmac(sha256,),hex",
            Some("FD7ADB152C05EF80DCCF50A1FA4C05D5A3EC6DA95575FC312AE7C5D091836351"),
        ),
    ],
    build: Build::With(|args| {
        Ok(Box::new(Authenticating {
            algorithm: named(args)?,
            key: Encoded::read(args, 1, "key")?,
        }))
    }),
    ..BYTES
};

/// A digest algorithm.
#[derive(Clone, Copy, Debug)]
struct Algorithm {
    digest: fn(&[u8], &mut Vec<u8>),
    authenticate: fn(&[u8], &[u8], &mut Vec<u8>),
}

fn algorithm<D: Digest + EagerHash>() -> Algorithm {
    Algorithm {
        digest: |bytes, out| out.extend_from_slice(&D::digest(bytes)),
        authenticate: |key, bytes, out| {
            let mut mac = Hmac::<D>::new_from_slice(key).expect("a key of any length");
            mac.update(bytes);
            out.extend_from_slice(&mac.finalize().into_bytes());
        },
    }
}

fn sha2(args: &Args) -> Result<Box<dyn Converting>, BadArg> {
    let algorithm = match args.int(0) {
        Some(224) => algorithm::<Sha224>(),
        None | Some(256) => algorithm::<Sha256>(),
        Some(384) => algorithm::<Sha384>(),
        Some(512) => algorithm::<Sha512>(),
        Some(bits) => {
            let message = format!("Unsupported number of bits: '{bits}'");
            return Err(BadArg {
                help: Some("write 224, 256, 384 or 512".to_owned()),
                ..BadArg::new(0, message)
            });
        }
    };
    Ok(Box::new(Digesting(algorithm)))
}

/// OpenSSL's message digests that we do not have.
const OTHERS: &[&str] = &[
    "blake2b512",
    "blake2s256",
    "id-rsassa-pkcs1-v1_5-with-sha3-224",
    "id-rsassa-pkcs1-v1_5-with-sha3-256",
    "id-rsassa-pkcs1-v1_5-with-sha3-384",
    "id-rsassa-pkcs1-v1_5-with-sha3-512",
    "md4",
    "md4withrsaencryption",
    "md5-sha1",
    "mdc2",
    "mdc2withrsa",
    "ripemd",
    "ripemd160",
    "ripemd160withrsa",
    "rmd160",
    "rsa-md4",
    "rsa-mdc2",
    "rsa-ripemd160",
    "rsa-sha3-224",
    "rsa-sha3-256",
    "rsa-sha3-384",
    "rsa-sha3-512",
    "rsa-sm3",
    "sha3-224",
    "sha3-256",
    "sha3-384",
    "sha3-512",
    "shake128",
    "shake256",
    "sm3",
    "sm3withrsaencryption",
    "whirlpool",
];

/// The algorithm of the first argument's name.
fn named(args: &Args) -> Result<Algorithm, BadArg> {
    let name = String::from_utf8_lossy(args.text(0).unwrap_or_default()).to_ascii_lowercase();
    Ok(match &*name {
        "md5" | "ssl3-md5" | "rsa-md5" | "md5withrsaencryption" => algorithm::<Md5>(),
        "sha1"
        | "sha-1"
        | "ssl3-sha1"
        | "rsa-sha1"
        | "rsa-sha1-2"
        | "sha1withrsa"
        | "sha1withrsaencryption" => algorithm::<Sha1>(),
        "sha224" | "sha-224" | "sha2-224" | "rsa-sha224" | "sha224withrsaencryption" => {
            algorithm::<Sha224>()
        }
        "sha256" | "sha-256" | "sha2-256" | "rsa-sha256" | "sha256withrsaencryption" => {
            algorithm::<Sha256>()
        }
        "sha384" | "sha-384" | "sha2-384" | "rsa-sha384" | "sha384withrsaencryption" => {
            algorithm::<Sha384>()
        }
        "sha512" | "sha-512" | "sha2-512" | "rsa-sha512" | "sha512withrsaencryption" => {
            algorithm::<Sha512>()
        }
        "sha512-224"
        | "sha-512/224"
        | "sha2-512/224"
        | "rsa-sha512/224"
        | "sha512-224withrsaencryption" => algorithm::<Sha512_224>(),
        "sha512-256"
        | "sha-512/256"
        | "sha2-512/256"
        | "rsa-sha512/256"
        | "sha512-256withrsaencryption" => algorithm::<Sha512_256>(),
        other if OTHERS.contains(&other) => {
            return Err(BadArg {
                help: Some("md5, sha1 and the sha2 family are".to_owned()),
                ..BadArg::new(0, format!("algorithm '{other}' is not supported yet"))
            });
        }
        _ => {
            return Err(BadArg {
                help: Some("write for example sha256".to_owned()),
                ..BadArg::new(0, "algorithm must be a valid OpenSSL message digest name")
            });
        }
    })
}

#[derive(Debug)]
struct Digesting(Algorithm);

impl Converting for Digesting {
    fn apply<'s>(
        &'s self,
        _: &Context<'s>,
        input: Sample<'s>,
        out: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let Sample::Bin(bytes) = input else {
            return None;
        };
        (self.0.digest)(bytes, out);
        Some(Sample::Bin(out))
    }
}

#[derive(Debug)]
struct Authenticating {
    algorithm: Algorithm,
    key: Encoded,
}

impl Converting for Authenticating {
    fn apply<'s>(
        &'s self,
        cx: &Context<'s>,
        input: Sample<'s>,
        out: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let Sample::Bin(bytes) = input else {
            return None;
        };
        let mut room = cx.scratch.take_text();
        let key = self.key.bytes(cx, &mut room);
        key.inspect(|key| (self.algorithm.authenticate)(key, bytes, out))?;
        cx.scratch.give_text(room);
        Some(Sample::Bin(out))
    }
}
