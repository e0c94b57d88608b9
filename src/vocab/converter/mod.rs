//! Converters: one value to another. One word is one file plus one line of [`ALL`].
//!
//! What must hold: a converter gets a value of the type it takes, borrows from it or writes to
//! the buffer it is given, and answers `None` where there is no result.

use super::arguments::{Arg, Args, BadArg};
use super::context::Context;
use super::outer::Files;
use super::sample::{Sample, Type};
use std::collections::HashMap;
use std::sync::LazyLock;

mod aes;
mod arithmetic;
mod base2;
mod base64;
mod bits;
mod bool;
mod bytes;
mod capture;
mod chunk;
mod compare;
mod concat;
mod cut_crlf;
mod debug;
mod decimal;
mod digest;
mod eth;
mod field;
mod fix;
mod hash32;
mod hex;
mod host_only;
mod htonl;
mod http_date;
mod iif;
mod ip;
mod ipmask;
mod json;
mod json_query;
mod jwe;
mod jwe_key;
#[cfg(test)]
pub(super) mod jwe_tokens;
mod jwt;
#[cfg(any(test, fuzzing))]
#[cfg_attr(not(test), allow(dead_code, reason = "fuzzing uses a part of it"))]
pub(super) mod jwt_keys;
mod jwt_query;
mod language;
mod length;
mod lower;
mod ltime;
mod map;
mod mqtt;
mod operand;
mod param;
mod parity;
mod protobuf;
mod regsub;
mod reverse;
mod rfc7239;
mod state;
mod stick_table;
mod tcp;
mod trim;
mod url_dec;
mod url_enc;
mod variable;
mod when;
mod word;
mod x509_v_err_str;
mod xxh;

/// The longest text a converter may give, in bytes; a longer one is no value. Some give many times
/// what they take, and they can follow each other.
const LONGEST: usize = 1 << 20;

pub(super) use hash32::full_avalanche;

/// Every converter but those that are rows of a table: see [`all`].
pub const ALL: &[&Keyword] = &[
    &capture::REQ,
    &capture::RES,
    &aes::CBC_DEC,
    &aes::CBC_ENC,
    &aes::GCM_DEC,
    &aes::GCM_ENC,
    &arithmetic::ADD,
    &arithmetic::DIV,
    &arithmetic::MOD,
    &arithmetic::MUL,
    &arithmetic::NEG,
    &arithmetic::SUB,
    &base2::KEYWORD,
    &base64::B64DEC,
    &base64::BASE64,
    &base64::UB64DEC,
    &base64::UB64ENC,
    &bits::AND,
    &bits::CPL,
    &bits::OR,
    &bits::XOR,
    &bool::BOOL,
    &bool::NOT,
    &bytes::KEYWORD,
    &compare::SECURE_MEMCMP,
    &compare::STRCMP,
    &concat::ADD_ITEM,
    &concat::CONCAT,
    &cut_crlf::KEYWORD,
    &debug::KEYWORD,
    &decimal::BE2DEC,
    &decimal::LE2DEC,
    &digest::DIGEST,
    &digest::HMAC,
    &digest::SHA1,
    &digest::SHA2,
    &eth::DATA,
    &eth::DST,
    &eth::HDR,
    &eth::PROTO,
    &eth::SRC,
    &eth::VLAN_ID,
    &field::KEYWORD,
    &fix::IS_VALID,
    &fix::TAG_VALUE,
    &hash32::CRC32,
    &hash32::CRC32C,
    &hash32::DJB2,
    &hash32::SDBM,
    &hash32::WT6,
    &hex::BE2HEX,
    &hex::HEX,
    &hex::HEX2I,
    &host_only::HOST_ONLY,
    &host_only::PORT_ONLY,
    &htonl::KEYWORD,
    &http_date::DATE,
    &http_date::HTTP_DATE,
    &iif::KEYWORD,
    &ip::DATA,
    &ip::DF,
    &ip::DST,
    &ip::FP,
    &ip::HDR,
    &ip::PROTO,
    &ip::SRC,
    &ip::TOS,
    &ip::TTL,
    &ip::VER,
    &ipmask::KEYWORD,
    &json::KEYWORD,
    &json_query::KEYWORD,
    &jwe::CERT,
    &jwe::JWK,
    &jwe::SECRET,
    &jwt::VERIFY,
    &jwt::VERIFY_CERT,
    &jwt_query::HEADER,
    &jwt_query::PAYLOAD,
    &language::KEYWORD,
    &length::KEYWORD,
    &lower::LOWER,
    &lower::UPPER,
    &ltime::LTIME,
    &ltime::MS_LTIME,
    &ltime::MS_UTIME,
    &ltime::US_LTIME,
    &ltime::US_UTIME,
    &ltime::UTIME,
    &map::BEG::INT,
    &map::BEG::IP,
    &map::BEG::KEY,
    &map::BEG::TEXT,
    &map::DIR::INT,
    &map::DIR::IP,
    &map::DIR::KEY,
    &map::DIR::TEXT,
    &map::DOM::INT,
    &map::DOM::IP,
    &map::DOM::KEY,
    &map::DOM::TEXT,
    &map::END::INT,
    &map::END::IP,
    &map::END::KEY,
    &map::END::TEXT,
    &map::INTS::INT,
    &map::INTS::IP,
    &map::INTS::KEY,
    &map::INTS::TEXT,
    &map::IPS::INT,
    &map::IPS::IP,
    &map::IPS::KEY,
    &map::IPS::TEXT,
    &map::REG::INT,
    &map::REG::IP,
    &map::REG::KEY,
    &map::REG::TEXT,
    &map::REGM,
    &map::STR::INT,
    &map::STR::IP,
    &map::STR::KEY,
    &map::STR::TEXT,
    &map::SUB::INT,
    &map::SUB::IP,
    &map::SUB::KEY,
    &map::SUB::TEXT,
    &mqtt::FIELD_VALUE,
    &mqtt::IS_VALID,
    &param::KEYWORD,
    &parity::EVEN,
    &parity::ODD,
    &protobuf::PROTOBUF,
    &protobuf::UNGRPC,
    &regsub::KEYWORD,
    &reverse::REVERSE,
    &reverse::REVERSE_DOM,
    &rfc7239::FIELD,
    &rfc7239::IS_VALID,
    &rfc7239::MAKE_NAME,
    &rfc7239::MAKE_PORT,
    &rfc7239::NODE_NAME,
    &rfc7239::NODE_PORT,
    &state::FE_EXISTS,
    &state::NBSRV,
    &state::SRV_IS_UP,
    &state::SRV_QUEUE,
    &tcp::DST,
    &tcp::FLAGS,
    &tcp::OPTIONS_LIST,
    &tcp::OPTIONS_MSS,
    &tcp::OPTIONS_SACK,
    &tcp::OPTIONS_TSOPT,
    &tcp::OPTIONS_TSVAL,
    &tcp::OPTIONS_WSCALE,
    &tcp::OPTIONS_WSOPT,
    &tcp::SEQ,
    &tcp::SRC,
    &tcp::WIN,
    &trim::LTRIM,
    &trim::RTRIM,
    &url_dec::KEYWORD,
    &url_enc::KEYWORD,
    &variable::SET_VAR,
    &variable::UNSET_VAR,
    &when::KEYWORD,
    &word::KEYWORD,
    &x509_v_err_str::KEYWORD,
    &xxh::XXH3,
    &xxh::XXH32,
    &xxh::XXH64,
];

/// Every converter.
pub fn all() -> impl Iterator<Item = &'static Keyword> {
    ALL.iter().copied().chain(stick_table::all())
}

/// One converter of the language.
#[derive(Debug)]
pub struct Keyword {
    /// Its name, then older spellings.
    pub names: &'static [&'static str],
    /// What goes between its parentheses.
    pub args: &'static [Arg],
    /// The type it works on.
    pub takes: Type,
    /// The type of its values.
    pub gives: Type,
    /// One or two sentences for the reference manual.
    pub doc: &'static str,
    /// Cases that are run as tests: an expression without a message, and its value as text.
    pub examples: &'static [Example],
    /// How it is made.
    pub build: Build,
}

/// An expression and what it gives; `None` is no value.
pub type Example = (&'static str, Option<&'static str>);

/// A converter without arguments.
pub type Plain = for<'s> fn(Sample<'s>, &'s mut Vec<u8>) -> Option<Sample<'s>>;

/// A converter made from its arguments, or which of them is wrong.
pub type Built = Result<Box<dyn Converting>, BadArg>;

/// How a converter is made from its arguments.
#[derive(Clone, Copy, Debug)]
pub enum Build {
    /// It has none: the function itself.
    Plain(Plain),
    /// They are checked and kept.
    With(fn(&Args) -> Built),
    /// The same, and one may name a file.
    Reading(fn(&Args, Files<'_>) -> Built),
}

/// A converter with arguments.
pub trait Converting: std::fmt::Debug + Send + Sync {
    /// The new value.
    fn apply<'s>(
        &'s self,
        cx: &Context<'s>,
        input: Sample<'s>,
        out: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>>;
}

/// A converter ready to run.
#[derive(Debug)]
pub(super) enum Convert {
    Plain(Plain),
    Boxed(Box<dyn Converting>),
}

impl Convert {
    pub(super) fn apply<'s>(
        &'s self,
        cx: &Context<'s>,
        input: Sample<'s>,
        out: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let output = match self {
            Self::Plain(convert) => convert(input, out),
            Self::Boxed(convert) => convert.apply(cx, input, out),
        };
        output.filter(|output| match output {
            Sample::Str(bytes) | Sample::Bin(bytes) => bytes.len() <= LONGEST,
            _ => true,
        })
    }
}

impl Keyword {
    /// What most converters are: text to text without arguments.
    const DEFAULT: Self = Self {
        names: &[],
        args: &[],
        takes: Type::Str,
        gives: Type::Str,
        doc: "",
        examples: &[],
        build: Build::Plain(|_, _| None),
    };

    /// The name it is documented under.
    pub fn name(&self) -> &'static str {
        self.names.first().copied().unwrap_or("")
    }

    pub(super) fn build(&self, args: &Args, files: Files<'_>) -> Result<Convert, BadArg> {
        match self.build {
            Build::Plain(convert) => Ok(Convert::Plain(convert)),
            Build::With(build) => build(args).map(Convert::Boxed),
            Build::Reading(build) => build(args, files).map(Convert::Boxed),
        }
    }
}

/// All names of all converters.
pub fn names() -> impl Iterator<Item = &'static str> {
    all().flat_map(|keyword| keyword.names).copied()
}

/// The converter of that name.
pub fn find(name: &[u8]) -> Option<&'static Keyword> {
    static BY_NAME: LazyLock<HashMap<&'static [u8], &'static Keyword>> = LazyLock::new(|| {
        let names = |keyword: &'static Keyword| {
            keyword
                .names
                .iter()
                .map(move |name| (name.as_bytes(), keyword))
        };
        all().flat_map(names).collect()
    });
    BY_NAME.get(name).copied()
}

#[cfg(test)]
mod tests {
    use crate::vocab::expression::parse_inside;
    use crate::vocab::stage::{SITE, word};

    #[track_caller]
    fn refused(text: &str, message: &str) {
        let fault = parse_inside(&word(text), 0, SITE.site()).expect_err(text);
        assert!(
            fault.message.ends_with(message),
            "{text}: {}",
            fault.message
        );
    }

    #[test]
    fn arguments_are_checked() {
        refused("int(1),and(x)", "expects an integer or a variable name");
        refused("int(1),and(3x)", "expects an integer or a variable name");
        refused("int(1),add(foo.x)", "expects an integer or a variable name");
        refused("str(a),bytes(-1)", "expects a non-negative integer");
        refused("str(a),bytes(0,0)", "expects a positive integer");
        refused("str(a),bytes(1,)", "expects a positive integer");
        refused("str(a),be2hex(:)", "chunk_size needs to be positive (0)");
        refused("str(a),be2hex(,0,1)", "chunk_size needs to be positive (0)");
        refused("str(a),be2hex(:,2,2)", "Unsupported truncate value (2)");
        refused("str(a),be2dec(:)", "chunk_size out of [1..8] range (0)");
        refused("str(a),le2dec(:,9)", "chunk_size out of [1..8] range (9)");
        refused("str(a),le2dec(:,8,-1)", "Unsupported truncate value (-1)");
        refused("str(a),sha2(1)", "Unsupported number of bits: '1'");
        let no_digest = "algorithm must be a valid OpenSSL message digest name";
        refused("str(a),digest(x)", no_digest);
        refused("str(a),hmac(,a2V5)", no_digest);
        refused("str(a),digest(SM3)", "algorithm 'sm3' is not supported yet");
        let no_base64 = "failed to parse key : argument needs to be base64 encoded, and can \
                         either be a string or a variable";
        refused("str(a),hmac(sha256,a2V)", no_base64);
        refused("str(a),hmac(sha256,!2V5)", no_base64);
        refused(
            "str(a),concat(a,b,c)",
            "The scope can be 'proc', '(p)sess', '(p)txn', '(p)req', '(p)res' or 'check'",
        );
        let no_item = "one of the optional arguments has to be nonempty";
        refused("str(a),add_item(a,,)", no_item);
        let no_bits = "key size must be 128, 192 or 256 (bits)";
        refused("str(a),aes_cbc_enc(100,,)", no_bits);
        let short = "failed to parse key : 3 bytes, expects 16";
        refused("str(a),aes_cbc_enc(128,,MTIz)", short);
        let no_base64 = no_base64.replace("key", "nonce");
        refused(
            "str(a),aes_cbc_enc(128,MTIz!,MTIzNDU2Nzg5MDEyMzQ1Ng==)",
            &no_base64,
        );
        refused("str(a),jwt_verify(HS25,k)", "unknown JWT algorithm: HS25");
        refused(
            "str(a),jwt_verify(RS256,nowhere)",
            "cannot read 'nowhere': entity not found",
        );
        refused(
            "str(a),jwt_verify(RS256,page.html)",
            "no PUBLIC KEY in 'page.html'",
        );
        refused(
            "str(a),jwt_verify_cert(HS256,k)",
            "HMAC-signed tokens can't be processed by this converter",
        );
        let no_base64 = no_base64.replace("nonce", "secret");
        refused(
            "str(a),jwt_decrypt_secret(GawgguFyGrWKav7AX4VKUg)",
            &no_base64,
        );
        let no_type = "Missing key type (expected 'oct', 'RSA' or 'EC')";
        refused("str(a),jwt_decrypt_jwk(x)", no_type);
        refused(
            "str(a),jwt_decrypt_cert(cert.pem)",
            "no private key in 'cert.pem'",
        );
        refused(
            "str(a),jwt_decrypt_cert(txn.cert)",
            "certificates named by a variable are not supported yet",
        );
        refused(
            "str(a),jwt_header_query('$.a',str)",
            "output_type only supports \"int\" as argument",
        );
    }
}
