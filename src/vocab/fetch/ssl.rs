//! `ssl_fc`, `ssl_c_s_dn`…: what TLS tells, which is nothing on connections without TLS.
//!
//! There is no TLS here yet, so that every connection gives what a clear one gives in HAProxy:
//! `ssl_fc` is false, and most others have no value.

use super::{Build, Fetching, Keyword, Needs, example, nothing};
use crate::vocab::arguments::{Arg, Args, BadArg, Kind, optional};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};
use Type::{Bin, Bool, Sint, Str};

/// The words.
pub(super) const ALL: &[Keyword] = &[
    Keyword {
        examples: &[example("", "ssl_bc", "0")],
        doc: "Whether the server connection is encrypted: never, yet.",
        ..never(&["ssl_bc"], Needs::ServerConn, BACK)
    },
    row(&["ssl_bc_alg_keysize"], Sint, Needs::ServerConn, BACK),
    row(&["ssl_bc_alpn"], Str, Needs::ServerConn, BACK),
    row(&["ssl_bc_cipher"], Str, Needs::ServerConn, BACK),
    row(
        &["ssl_bc_client_early_traffic_secret"],
        Str,
        Needs::Session,
        BACK,
    ),
    row(
        &["ssl_bc_client_handshake_traffic_secret"],
        Str,
        Needs::Session,
        BACK,
    ),
    row(&["ssl_bc_client_random"], Bin, Needs::ServerConn, BACK),
    row(
        &["ssl_bc_client_traffic_secret_0"],
        Str,
        Needs::Session,
        BACK,
    ),
    row(&["ssl_bc_curve"], Str, Needs::ServerConn, BACK),
    row(&["ssl_bc_early_exporter_secret"], Str, Needs::Session, BACK),
    row(&["ssl_bc_err"], Sint, Needs::ServerConn, BACK),
    row(&["ssl_bc_err_str"], Str, Needs::ServerConn, BACK),
    row(&["ssl_bc_exporter_secret"], Str, Needs::Session, BACK),
    never(&["ssl_bc_is_resumed"], Needs::ServerConn, BACK),
    row(&["ssl_bc_npn"], Str, Needs::ServerConn, BACK),
    row(&["ssl_bc_protocol"], Str, Needs::ServerConn, BACK),
    row(
        &["ssl_bc_server_handshake_traffic_secret"],
        Str,
        Needs::Session,
        BACK,
    ),
    row(&["ssl_bc_server_random"], Bin, Needs::ServerConn, BACK),
    row(
        &["ssl_bc_server_traffic_secret_0"],
        Str,
        Needs::Session,
        BACK,
    ),
    row(&["ssl_bc_session_id"], Bin, Needs::ServerConn, BACK),
    row(&["ssl_bc_session_key"], Bin, Needs::ServerConn, BACK),
    row(&["ssl_bc_sni"], Str, Needs::ServerConn, BACK),
    row(&["ssl_bc_unique_id"], Bin, Needs::ServerConn, BACK),
    row(&["ssl_bc_use_keysize"], Sint, Needs::ServerConn, BACK),
    row(&["ssl_c_ca_err"], Sint, Needs::Session, CLIENT),
    row(&["ssl_c_ca_err_depth"], Sint, Needs::Session, CLIENT),
    row(&["ssl_c_chain_der"], Bin, Needs::Session, CLIENT),
    row(&["ssl_c_der"], Bin, Needs::Session, CLIENT),
    row(&["ssl_c_err"], Sint, Needs::Session, CLIENT),
    name(&["ssl_c_i_dn"], CLIENT),
    row(&["ssl_c_key_alg"], Str, Needs::Session, CLIENT),
    row(&["ssl_c_notafter"], Str, Needs::Session, CLIENT),
    row(&["ssl_c_notbefore"], Str, Needs::Session, CLIENT),
    name(&["ssl_c_r_dn"], CLIENT),
    name(&["ssl_c_s_dn"], CLIENT),
    row(&["ssl_c_san"], Str, Needs::Session, CLIENT),
    row(&["ssl_c_serial"], Bin, Needs::Session, CLIENT),
    row(&["ssl_c_sha1"], Bin, Needs::Session, CLIENT),
    row(&["ssl_c_sig_alg"], Str, Needs::Session, CLIENT),
    row(&["ssl_c_used"], Bool, Needs::Session, CLIENT),
    row(&["ssl_c_verify"], Sint, Needs::Session, CLIENT),
    row(&["ssl_c_version"], Sint, Needs::Session, CLIENT),
    row(&["ssl_f_der"], Bin, Needs::Session, OWN),
    name(&["ssl_f_i_dn"], OWN),
    row(&["ssl_f_key_alg"], Str, Needs::Session, OWN),
    row(&["ssl_f_notafter"], Str, Needs::Session, OWN),
    row(&["ssl_f_notbefore"], Str, Needs::Session, OWN),
    name(&["ssl_f_s_dn"], OWN),
    row(&["ssl_f_serial"], Bin, Needs::Session, OWN),
    row(&["ssl_f_sha1"], Bin, Needs::Session, OWN),
    row(&["ssl_f_sig_alg"], Str, Needs::Session, OWN),
    row(&["ssl_f_version"], Sint, Needs::Session, OWN),
    Keyword {
        examples: &[example("", "ssl_fc", "0")],
        doc: "Whether the client connection is encrypted: never, yet.",
        ..never(&["ssl_fc"], Needs::Session, FRONT)
    },
    row(&["ssl_fc_alg_keysize"], Sint, Needs::Session, FRONT),
    row(&["ssl_fc_alpn"], Str, Needs::Session, FRONT),
    row(&["ssl_fc_cipher"], Str, Needs::Session, FRONT),
    filtered(&["ssl_fc_cipherlist_bin"], Str, FRONT),
    filtered(&["ssl_fc_cipherlist_hex"], Bin, FRONT),
    filtered(&["ssl_fc_cipherlist_str"], Str, FRONT),
    row(&["ssl_fc_cipherlist_xxh"], Sint, Needs::Session, FRONT),
    row(
        &["ssl_fc_client_early_traffic_secret"],
        Str,
        Needs::Session,
        FRONT,
    ),
    row(
        &["ssl_fc_client_handshake_traffic_secret"],
        Str,
        Needs::Session,
        FRONT,
    ),
    row(&["ssl_fc_client_random"], Bin, Needs::Session, FRONT),
    row(
        &["ssl_fc_client_traffic_secret_0"],
        Str,
        Needs::Session,
        FRONT,
    ),
    row(&["ssl_fc_crtname"], Str, Needs::Session, FRONT),
    row(&["ssl_fc_curve"], Str, Needs::Session, FRONT),
    row(
        &["ssl_fc_early_exporter_secret"],
        Str,
        Needs::Session,
        FRONT,
    ),
    row(&["ssl_fc_early_rcvd"], Bool, Needs::Session, FRONT),
    row(&["ssl_fc_ecformats_bin"], Str, Needs::Session, FRONT),
    filtered(&["ssl_fc_eclist_bin"], Str, FRONT),
    row(&["ssl_fc_err"], Sint, Needs::Session, FRONT),
    row(&["ssl_fc_err_str"], Str, Needs::Session, FRONT),
    row(&["ssl_fc_exporter_secret"], Str, Needs::Session, FRONT),
    filtered(&["ssl_fc_extlist_bin"], Str, FRONT),
    row(&["ssl_fc_has_crt"], Bool, Needs::Session, FRONT),
    row(&["ssl_fc_has_early"], Bool, Needs::Session, FRONT),
    never(&["ssl_fc_has_sni"], Needs::Session, FRONT),
    never(&["ssl_fc_is_resumed"], Needs::Session, FRONT),
    row(&["ssl_fc_npn"], Str, Needs::Session, FRONT),
    row(&["ssl_fc_protocol"], Str, Needs::Session, FRONT),
    row(&["ssl_fc_protocol_hello_id"], Sint, Needs::Session, FRONT),
    row(
        &["ssl_fc_server_handshake_traffic_secret"],
        Str,
        Needs::Session,
        FRONT,
    ),
    row(&["ssl_fc_server_random"], Bin, Needs::Session, FRONT),
    row(
        &["ssl_fc_server_traffic_secret_0"],
        Str,
        Needs::Session,
        FRONT,
    ),
    row(&["ssl_fc_session_id"], Bin, Needs::Session, FRONT),
    row(&["ssl_fc_session_key"], Bin, Needs::Session, FRONT),
    filtered(&["ssl_fc_sigalgs_bin"], Bin, FRONT),
    Keyword {
        acl_stems: &["ssl_fc_sni"],
        examples: &[nothing("", "ssl_fc_sni")],
        ..row(&["ssl_fc_sni"], Str, Needs::Session, FRONT)
    },
    filtered(&["ssl_fc_supported_versions_bin"], Bin, FRONT),
    row(&["ssl_fc_unique_id"], Bin, Needs::Session, FRONT),
    row(&["ssl_fc_use_keysize"], Sint, Needs::Session, FRONT),
    row(&["ssl_s_chain_der"], Bin, Needs::Session, SERVER),
    row(&["ssl_s_der"], Bin, Needs::Session, SERVER),
    name(&["ssl_s_i_dn"], SERVER),
    row(&["ssl_s_key_alg"], Str, Needs::Session, SERVER),
    row(&["ssl_s_notafter"], Str, Needs::Session, SERVER),
    row(&["ssl_s_notbefore"], Str, Needs::Session, SERVER),
    name(&["ssl_s_s_dn"], SERVER),
    row(&["ssl_s_serial"], Bin, Needs::Session, SERVER),
    row(&["ssl_s_sha1"], Bin, Needs::Session, SERVER),
    row(&["ssl_s_sig_alg"], Str, Needs::Session, SERVER),
    row(&["ssl_s_version"], Sint, Needs::Session, SERVER),
];

const FRONT: &str = "About TLS on the client connection; nothing on a clear one.";
const BACK: &str = "About TLS on the server connection; nothing on a clear one.";
const CLIENT: &str = "About the client's certificate; nothing on a clear connection.";
const OWN: &str = "About the certificate shown to the client; nothing on a clear connection.";
const SERVER: &str = "About the server's certificate; nothing on a clear connection.";

const DN: &[Arg] = &[
    optional("entry", Kind::Str),
    optional("occ", Kind::Int),
    optional("format", Kind::Str),
];

const FILTER: &[Arg] = &[optional("filter_option", Kind::Int)];

const fn row(
    names: &'static [&'static str],
    yields: Type,
    needs: Needs,
    doc: &'static str,
) -> Keyword {
    Keyword {
        names,
        yields,
        needs,
        doc,
        ..Keyword::DEFAULT
    }
}

const fn never(names: &'static [&'static str], needs: Needs, doc: &'static str) -> Keyword {
    Keyword {
        build: Build::Plain(|_, _| Some(Sample::Bool(false))),
        ..row(names, Bool, needs, doc)
    }
}

const fn filtered(names: &'static [&'static str], yields: Type, doc: &'static str) -> Keyword {
    Keyword {
        args: FILTER,
        build: Build::With(|_| Ok(Box::new(Absent))),
        ..row(names, yields, Needs::Session, doc)
    }
}

/// The distinguished name of a certificate's subject or issuer.
const fn name(names: &'static [&'static str], doc: &'static str) -> Keyword {
    Keyword {
        args: DN,
        build: Build::With(check_format),
        ..row(names, Str, Needs::Session, doc)
    }
}

fn check_format(args: &Args) -> Result<Box<dyn Fetching>, BadArg> {
    match args.text(2) {
        None | Some(b"" | b"rfc2253") => Ok(Box::new(Absent)),
        Some(_) => Err(BadArg::new(
            2,
            "only rfc2253 or a blank value are currently supported",
        )),
    }
}

#[derive(Debug)]
struct Absent;

impl Fetching for Absent {
    fn one<'s>(&'s self, _: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        None
    }
}
