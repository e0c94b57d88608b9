//! `jwt_decrypt_secret(<secret>)`, `jwt_decrypt_jwk(<jwk>)`, `jwt_decrypt_cert(<cert>)`: what an
//! encrypted JSON Web Token says (RFC 7516, compact form; RFC 7518, section 5).
//!
//! Nothing comes out that the token's tag does not prove, and every fault has the same answer: no
//! value. Names of algorithms are compared whole, the vector of CBC has 16 bytes, and a token whose
//! algorithm has no encrypted key carries none; HAProxy is not that strict. Compressed content
//! (`zip`) comes out compressed and `crit` is not looked at, as in HAProxy. Deliberately absent:
//! `RSA1_5` and the choice of algorithms (`jwt.decrypt_alg_list`).

use super::aes::{open_cbc, open_gcm};
use super::compare::same;
use super::digest::{self, algorithm};
use super::jwe_key::{Algorithm, Carried, Key, bytes};
use super::operand::Encoded;
use super::{Build, Built, Converting, Keyword};
use crate::vocab::arguments::{Args, BadArg, Kind, Operand, required};
use crate::vocab::context::Context;
use crate::vocab::json;
use crate::vocab::outer::Files;
use crate::vocab::sample::{Sample, Type};
use sha2::{Sha256, Sha384, Sha512};

pub(super) const SECRET: Keyword = Keyword {
    names: &["jwt_decrypt_secret"],
    args: &[required("secret", Kind::TextOrVar)],
    takes: Type::Bin,
    gives: Type::Bin,
    doc: "The content of an encrypted token in its compact form; no value if the token does not \
          hold. <secret> is in base64. The token's algorithm is dir, A128KW, A128GCMKW, or the \
          same with 192 or 256 bits; its content is in A128GCM, A192GCM, A256GCM, A128CBC-HS256, \
          A192CBC-HS384 or A256CBC-HS512.",
    examples: &[
        (
            "str(\
             eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AV_u0hm2ALZQ_Vgy.8VSl-uY.K9C6s_kfiOp0Aq\
             dZDyqNkA),\
             jwt_decrypt_secret(AQIDBAUGBwgJCgsMDQ4PEA==)",
            Some("hello"),
        ),
        (
            "str(\
             eyJhbGciOiJBMTI4S1ciLCJlbmMiOiJBMTI4R0NNIn0.YYb4LRPUItzJLzTIlXAW1NNMcwe-3O7N.mlE\
             ZoCY7RsvvAEZH.MfUwjk8.OqjRKykiabBWAOixNHKUFw),\
             jwt_decrypt_secret(AQIDBAUGBwgJCgsMDQ4PEA==)",
            Some("hello"),
        ),
        (
            "str(AQIDBAUGBwgJCgsMDQ4PEA==),set-var(txn.key),length,iif(\
             eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AV_u0hm2ALZQ_Vgy.8VSl-uY.K9C6s_kfiOp0Aq\
             dZDyqNkA,),\
             jwt_decrypt_secret(txn.key)",
            Some("hello"),
        ),
        (
            "str(\
             eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AV_u0hm2ALZQ_Vgy.8VSl-uY.K9C6s_kfiOp0Aq\
             dZDyqAkA),\
             jwt_decrypt_secret(AQIDBAUGBwgJCgsMDQ4PEA==)",
            None,
        ),
        (
            "str(e30.e30.c2ln),jwt_decrypt_secret(AQIDBAUGBwgJCgsMDQ4PEA==)",
            None,
        ),
    ],
    build: Build::With(secret),
};

pub(super) const JWK: Keyword = Keyword {
    names: &["jwt_decrypt_jwk"],
    args: &[required("jwk", Kind::TextOrVar)],
    doc: "The content of an encrypted token, as jwt_decrypt_secret gives it. <jwk> is a JSON Web \
          Key: of the type oct for the algorithms of jwt_decrypt_secret, RSA for RSA-OAEP and \
          RSA-OAEP-256, EC for ECDH-ES, alone or with +A128KW, +A192KW or +A256KW. RSA1_5 is not \
          supported.",
    examples: &[
        (
            "str(\
             eyJhbGciOiJBMTI4S1ciLCJlbmMiOiJBMTI4R0NNIn0.YYb4LRPUItzJLzTIlXAW1NNMcwe-3O7N.mlE\
             ZoCY7RsvvAEZH.MfUwjk8.OqjRKykiabBWAOixNHKUFw),\
             jwt_decrypt_jwk('{\"kty\":\"oct\",\"k\":\"AQIDBAUGBwgJCgsMDQ4PEA\"}')",
            Some("hello"),
        ),
        (
            "str(\
             eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTEyOEdDTSIsImVwayI6eyJrdHkiOiJFQyIsImNydiI6IlAt\
             MjU2IiwieCI6IjdQN3ZORmRSTWlhTWNqOWI3dl9LbUd5YVNMeG9PX2J0Qk94LXZWZHM4STQiLCJ5Ijoi\
             VVNQek5tYndjbTJ1LTVVSjIxRC1YNlNPUEtITDRoR2dkUllZZ195WEhITSJ9fQ..qkcryeTfOPz0kXyW\
             .gLh5k8s.Lqr9a9jSfZ1vjhm-iIHUpA),\
             jwt_decrypt_jwk('{\"kty\":\"oct\",\"k\":\"AQIDBAUGBwgJCgsMDQ4PEA\"}')",
            None,
        ),
        ("str(e30),jwt_decrypt_jwk(txn.unset)", None),
    ],
    build: Build::With(jwk),
    ..SECRET
};

pub(super) const CERT: Keyword = Keyword {
    names: &["jwt_decrypt_cert"],
    args: &[required("cert", Kind::TextOrVar)],
    doc: "The content of an encrypted token, as jwt_decrypt_jwk gives it. <cert> is a file in PEM \
          format with the private key of a certificate, RSA or EC; if it has none, the file of \
          that name with .key added.",
    examples: &[
        (
            "str(\
             eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTEyOEdDTSIsImVwayI6eyJrdHkiOiJFQyIsImNydiI6IlAt\
             MjU2IiwieCI6IjdQN3ZORmRSTWlhTWNqOWI3dl9LbUd5YVNMeG9PX2J0Qk94LXZWZHM4STQiLCJ5Ijoi\
             VVNQek5tYndjbTJ1LTVVSjIxRC1YNlNPUEtITDRoR2dkUllZZ195WEhITSJ9fQ..qkcryeTfOPz0kXyW\
             .gLh5k8s.Lqr9a9jSfZ1vjhm-iIHUpA),\
             jwt_decrypt_cert(private.pem)",
            Some("hello"),
        ),
        (
            "str(\
             eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTEyOEdDTSIsImVwayI6eyJrdHkiOiJFQyIsImNydiI6IlAt\
             MjU2IiwieCI6IjdQN3ZORmRSTWlhTWNqOWI3dl9LbUd5YVNMeG9PX2J0Qk94LXZWZHM4STQiLCJ5Ijoi\
             VVNQek5tYndjbTJ1LTVVSjIxRC1YNlNPUEtITDRoR2dkUllZZ195WEhITSJ9fQ..qkcryeTfOPz0kXyW\
             .gLh5k8s.Lqr9a9jSfZ1vjhm-iIHUpA),\
             jwt_decrypt_cert(split.pem)",
            Some("hello"),
        ),
        (
            "str(\
             eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AV_u0hm2ALZQ_Vgy.8VSl-uY.K9C6s_kfiOp0Aq\
             dZDyqNkA),\
             jwt_decrypt_cert(private.pem)",
            None,
        ),
    ],
    build: Build::Reading(cert),
    ..SECRET
};

#[derive(Debug)]
enum Decrypt {
    With(Key),
    /// With a secret that a variable has.
    Secret(Encoded),
    /// With a JSON Web Key that a variable has.
    Jwk(Operand),
}

fn secret(args: &Args) -> Built {
    let decrypt = match Encoded::read(args, 0, "secret")? {
        Encoded::Literal(secret) => Decrypt::With(Key::Secret(secret)),
        variable => Decrypt::Secret(variable),
    };
    Ok(Box::new(decrypt))
}

fn jwk(args: &Args) -> Built {
    let decrypt = match args.operand(0).unwrap_or(Operand::Int(0)) {
        Operand::Text(jwk) => {
            let key = Key::from_jwk(&jwk).map_err(|message| BadArg::new(0, message))?;
            Decrypt::With(key)
        }
        variable => Decrypt::Jwk(variable),
    };
    Ok(Box::new(decrypt))
}

fn cert(args: &Args, files: Files<'_>) -> Built {
    let Some(path) = args.text(0) else {
        let message = "certificates named by a variable are not supported yet";
        return Err(BadArg::new(0, message));
    };
    let path = String::from_utf8_lossy(path);
    let refused = |message| BadArg {
        help: Some("write the name of a file with a private key in PEM format".to_owned()),
        ..BadArg::new(0, message)
    };
    let text = files(&path).map_err(|error| refused(format!("cannot read '{path}': {error}")))?;
    let beside = || Key::from_pem(&files(&format!("{path}.key")).ok()?);
    let key = Key::from_pem(&text)
        .or_else(beside)
        .ok_or_else(|| refused(format!("no private key in '{path}'")))?;
    Ok(Box::new(Decrypt::With(key)))
}

impl Converting for Decrypt {
    fn apply<'s>(
        &'s self,
        cx: &Context<'s>,
        input: Sample<'s>,
        out: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let Sample::Bin(token) = input else {
            return None;
        };
        let content = match self {
            Self::With(key) => open(token, key),
            Self::Secret(secret) => {
                let secret = secret.bytes(cx, out)?;
                open(token, &Key::Secret(secret.into()))
            }
            Self::Jwk(jwk) => {
                jwk.append(cx, out);
                open(token, &Key::from_jwk(out).ok()?)
            }
        };
        *out = content?;
        Some(Sample::Bin(out))
    }
}

/// How the content is encrypted: the `enc` of the header.
enum Encryption {
    /// With a key of that many bytes.
    Gcm(usize),
    /// With two keys of that many bytes, the first for the tag.
    Cbc(usize, digest::Algorithm),
}

impl Encryption {
    fn named(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"A128GCM" => Self::Gcm(16),
            b"A192GCM" => Self::Gcm(24),
            b"A256GCM" => Self::Gcm(32),
            b"A128CBC-HS256" => Self::Cbc(16, algorithm::<Sha256>()),
            b"A192CBC-HS384" => Self::Cbc(24, algorithm::<Sha384>()),
            b"A256CBC-HS512" => Self::Cbc(32, algorithm::<Sha512>()),
            _ => return None,
        })
    }

    /// Of the whole key, bytes.
    fn key_len(&self) -> usize {
        match self {
            Self::Gcm(length) => *length,
            Self::Cbc(length, _) => 2 * length,
        }
    }

    /// The content; `aad` is the token's first part.
    fn open(
        &self,
        key: &[u8],
        nonce: &[u8],
        aad: &[u8],
        tag: &[u8],
        mut content: Vec<u8>,
    ) -> Option<Vec<u8>> {
        let key = key.get(..self.key_len())?;
        match self {
            Self::Gcm(_) => open_gcm(key, nonce, aad, tag, &mut content)?,
            Self::Cbc(length, hmac) => {
                let (proof, key) = key.split_at_checked(*length)?;
                let bits = (aad.len() as u64 * 8).to_be_bytes();
                let signed = [aad, nonce, &content, &bits].concat();
                let mut computed = Vec::new();
                (hmac.authenticate)(proof, &signed, &mut computed);
                if !same(computed.get(..*length)?, tag) {
                    return None;
                }
                open_cbc(key, nonce.try_into().ok()?, &mut content)?;
            }
        }
        Some(content)
    }
}

/// What a token with exactly five parts says.
fn open(token: &[u8], key: &Key) -> Option<Vec<u8>> {
    let mut parts = token.split(|&byte| byte == b'.');
    let mut next = || parts.next();
    let (aad, encrypted, nonce, content, tag) = (next()?, next()?, next()?, next()?, next()?);
    if parts.next().is_some() {
        return None;
    }
    let header = bytes(aad)?;
    let (mut alg, mut enc) = (Vec::new(), Vec::new());
    json::text(&header, b"$.alg", &mut alg)?;
    json::text(&header, b"$.enc", &mut enc)?;
    let encryption = Encryption::named(&enc)?;
    let carried = Carried {
        algorithm: Algorithm::named(&alg)?,
        alg: &alg,
        enc: &enc,
        header: &header,
        encrypted: &bytes(encrypted)?,
        length: encryption.key_len(),
    };
    let key = carried.content_key(key)?;
    encryption.open(&key, &bytes(nonce)?, aad, &bytes(tag)?, bytes(content)?)
}

#[cfg(test)]
mod tests {
    use super::super::jwe_tokens::{
        P256_PEM, P256_SEC1, RSA, RSA_PEM, RSA_PKCS1, RSA1_5, SECRET, TOKENS,
    };
    use super::*;

    fn opened(token: &str, key: &str) -> Option<Vec<u8>> {
        open(token.as_bytes(), &Key::from_jwk(key.as_bytes()).expect(key))
    }

    #[test]
    fn every_algorithm_opens() {
        for (name, key, token) in TOKENS {
            assert_eq!(opened(token, key).as_deref(), Some(&b"hello"[..]), "{name}");
            for (_, other, _) in TOKENS.iter().filter(|(_, other, _)| other != key) {
                assert_eq!(opened(token, other), None, "{name}");
            }
        }
        assert_eq!(opened(RSA1_5, RSA), None);
    }

    #[test]
    fn changed_tokens_do_not_open() {
        for (name, key, token) in TOKENS {
            let key = Key::from_jwk(key.as_bytes()).expect(name);
            let mut changed = token.as_bytes().to_vec();
            for at in (0..token.len()).step_by(7) {
                // Of a part's last digit, bits may be left over.
                if matches!(changed.get(at + 1), None | Some(b'.')) {
                    continue;
                }
                let before = changed[at];
                changed[at] = if before == b'Q' { b'R' } else { b'Q' };
                assert_eq!(open(&changed, &key), None, "{name} at {at}");
                changed[at] = before;
                assert_eq!(open(&changed[..at], &key), None, "{name} up to {at}");
            }
            changed.push(b'.');
            assert_eq!(open(&changed, &key), None, "{name}");
        }
    }

    #[test]
    fn an_encrypted_key_that_nothing_needs_is_refused() {
        for (name, key, token) in TOKENS {
            let filled = token.replacen("..", ".AAAA.", 1);
            if *token != filled {
                assert_eq!(opened(&filled, key), None, "{name}");
            }
        }
    }

    #[test]
    fn private_keys_in_pem_format() {
        for (pem, algorithm) in [
            (P256_PEM, "ECDH-ES A128GCM P-256"),
            (P256_SEC1, "ECDH-ES+A128KW A128GCM P-256"),
            (RSA_PEM, "RSA-OAEP"),
            (RSA_PKCS1, "RSA-OAEP-256"),
        ] {
            let key = Key::from_pem(pem.as_bytes()).expect(algorithm);
            let (_, _, token) = TOKENS
                .iter()
                .find(|(name, _, _)| *name == algorithm)
                .expect(algorithm);
            assert!(open(token.as_bytes(), &key).is_some(), "{algorithm}");
        }
    }

    #[test]
    fn broken_keys_are_refused() {
        for (_, key, _) in TOKENS {
            for end in 0..key.len() - 1 {
                let _ = Key::from_jwk(&key.as_bytes()[..end]);
            }
        }
        for (jwk, message) in [
            ("", "Missing key type (expected 'oct', 'RSA' or 'EC')"),
            (r#"{"kty":"oct"}"#, "Missing 'k' field in JWK"),
            (
                r#"{"kty":"oct","k":"!"}"#,
                "'k' field in JWK is not base64url encoded",
            ),
            (r#"{"kty":"RSA","n":"AQAB"}"#, "Failed to parse RSA JWK"),
            (
                r#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA","d":"AQ"}"#,
                "Failed to parse EC JWK",
            ),
            (
                r#"{"kty":"OKP"}"#,
                "Unmanaged key type (expected 'oct', 'RSA' or 'EC')",
            ),
        ] {
            assert_eq!(Key::from_jwk(jwk.as_bytes()).err(), Some(message), "{jwk}");
        }
        assert!(Key::from_jwk(SECRET.as_bytes()).is_ok());
    }
}
