//! What a word of the rule language is parsed with: the section's ACLs, its mode, where to report.

use super::condition::AclSet;
use super::outer::Site;
use crate::settings::Mode;
use crate::syntax::Diagnostics;

/// When what is being parsed will run, which decides what it can see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// The configuration is being read: `set-var` in `global`.
    Config,
    /// The connection is accepted, nothing was read.
    Connection,
    /// The handshakes are done, nothing of the protocol was read.
    Session,
    /// The first bytes of the request are there, perhaps not all that rules want.
    Content,
    /// The request head is complete: `http-request`, `use_backend`, `redirect`.
    Request,
    /// The first bytes of the response are there.
    ResponseContent,
    /// The response head is complete: `http-response`, `http-after-response`.
    Response,
    /// The stream has ended: `log-format`.
    Log,
}

/// What the words of one section are parsed with.
pub struct Scope<'a> {
    /// The section's ACLs. Define them all before parsing the section's other lines.
    pub acls: &'a AclSet,
    /// The section's `mode`.
    pub mode: Mode,
    /// When the line runs. The action parsers and formats set their own.
    pub phase: Phase,
    /// Where to report.
    pub diags: &'a mut Diagnostics,
    /// Files and shared names.
    pub site: Site<'a>,
}
