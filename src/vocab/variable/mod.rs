//! Variables: values under names of the configuration, kept for as long as their scope lasts.
//!
//! Names exist while a configuration is compiled only: [`Names`] gives each a [`Var`], a scope and
//! an index, and evaluation compares no text. The values are in `store`. A variable keeps the
//! type of what was put into it. Deliberately absent: who clears a scope, which is whoever owns
//! the connection or the stream.

mod store;

pub use store::{Limits, ProcessVars, Store, StreamVars, Vars};

use super::suggest::closest;
use crate::syntax::Span;
use std::collections::HashMap;
use std::sync::Arc;

/// How long a variable lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VarScope {
    /// `proc`: the process.
    Process,
    /// `sess`: the client connection.
    Session,
    /// `txn`: one request and its response.
    Transaction,
    /// `req`: the request, until the response comes.
    Request,
    /// `res`: the response.
    Response,
    /// `check`: one health check.
    Check,
}

/// Every scope, with the prefix of its names. The order of `dump_all_vars`.
pub const SCOPES: [(VarScope, &str); 6] = [
    (VarScope::Session, "sess"),
    (VarScope::Transaction, "txn"),
    (VarScope::Request, "req"),
    (VarScope::Response, "res"),
    (VarScope::Process, "proc"),
    (VarScope::Check, "check"),
];

impl VarScope {
    /// The scope of that name.
    pub fn named(name: &[u8]) -> Option<Self> {
        let mut scopes = SCOPES.iter();
        let found = scopes.find(|(_, known)| known.as_bytes() == name)?;
        Some(found.0)
    }

    fn position(self) -> usize {
        SCOPES
            .iter()
            .position(|(scope, _)| *scope == self)
            .unwrap_or(0)
    }
}

/// A variable, as evaluation knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Var {
    /// Where its value is.
    pub scope: VarScope,
    index: u32,
    /// `psess`, `ptxn`, `preq`, `pres`: that of a parent stream. There are none here, so that
    /// such a variable never has a value.
    parent: bool,
}

/// What an expression or a rule does with a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reads it.
    Read,
    /// Puts a value into it.
    Set,
    /// Takes its value away.
    Unset,
}

/// One mention of a variable in the configuration.
#[derive(Clone, Copy, Debug)]
pub struct Mention {
    /// Which.
    pub var: Var,
    /// For what.
    pub access: Access,
    /// Where.
    pub span: Span,
}

/// Why a text names no variable.
#[derive(Clone, Debug)]
pub struct BadName {
    /// In HAProxy's words.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

/// The names of a configuration's variables, by scope and index.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    names: [Vec<Arc<str>>; SCOPES.len()],
}

impl Directory {
    /// The names of a scope's variables, without the scope, in the order of their indices.
    pub fn names(&self, scope: VarScope) -> &[Arc<str>] {
        self.names
            .get(scope.position())
            .map_or(&[], |names| names.as_slice())
    }

    /// Whether there are any.
    pub fn has_names(&self) -> bool {
        self.names.iter().any(|names| !names.is_empty())
    }

    /// A variable's name with its scope.
    pub fn name(&self, var: Var) -> String {
        let prefix = SCOPES
            .get(var.scope.position())
            .map_or("", |(_, name)| name);
        let parent = if var.parent { "p" } else { "" };
        let name = self.names(var.scope).get(var.index as usize);
        format!("{parent}{prefix}.{}", name.map_or("", |name| name))
    }
}

/// The variables a configuration mentions.
#[derive(Debug, Default)]
pub struct Names {
    known: HashMap<(VarScope, Box<str>), u32>,
    directory: Directory,
    mentions: Vec<Mention>,
}

impl Names {
    /// Those of a directory, with the same indices.
    pub fn of(directory: &Directory) -> Self {
        let scopes = SCOPES.iter().map(|(scope, _)| *scope);
        let known = scopes.flat_map(|scope| {
            let names = (0..).zip(directory.names(scope));
            names.map(move |(index, name)| ((scope, Box::from(&**name)), index))
        });
        Self {
            known: known.collect(),
            directory: directory.clone(),
            mentions: Vec::new(),
        }
    }

    /// The variable of this name, registered if it is new.
    pub fn mention(&mut self, text: &[u8], span: Span, access: Access) -> Result<Var, BadName> {
        let (scope, parent, name) = split(text)?;
        let known = &mut self.known;
        let list = self.directory.names.get_mut(scope.position());
        let index = match (known.get(&(scope, name.into())), list) {
            (Some(&index), _) => index,
            (None, Some(list)) => {
                let index = u32::try_from(list.len()).unwrap_or(u32::MAX);
                list.push(name.into());
                known.insert((scope, name.into()), index);
                index
            }
            (None, None) => 0,
        };
        let var = Var {
            scope,
            index,
            parent,
        };
        self.mentions.push(Mention { var, access, span });
        Ok(var)
    }

    /// Every mention so far, in the order they were read; a place may come twice.
    pub fn mentions(&self) -> &[Mention] {
        &self.mentions
    }

    /// The names.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }
}

/// Scope, whether it is a parent's, and the name behind it.
fn split(text: &[u8]) -> Result<(VarScope, bool, &str), BadName> {
    let bad = |message: String, help: Option<String>| Err(BadName { message, help });
    let Ok(shown) = std::str::from_utf8(text) else {
        let shown = String::from_utf8_lossy(text);
        return bad(format!("invalid variable name '{shown}'"), None);
    };
    if shown.is_empty() {
        return bad("empty variable name cannot be accepted".to_owned(), None);
    }
    let (prefix, name) = shown.split_once('.').unwrap_or(("", shown));
    let of_parent = matches!(prefix, "psess" | "ptxn" | "preq" | "pres");
    let own = if of_parent { prefix.get(1..) } else { None };
    let scope = VarScope::named(own.unwrap_or(prefix).as_bytes());
    let Some(scope) = scope.filter(|_| !name.is_empty()) else {
        let scopes = || SCOPES.iter().map(|(_, name)| *name);
        let near = closest(prefix, scopes())
            .or_else(|| scopes().find(|name| prefix.starts_with(name)))
            .filter(|_| !prefix.is_empty());
        let help = match near {
            Some(near) if !name.is_empty() => format!("did you mean '{near}.{name}'?"),
            _ => format!(
                "write the scope before the name, as in 'txn.{}'",
                bare(shown)
            ),
        };
        let message = format!(
            "invalid variable name '{shown}'. A variable name must start with its scope. The scope can be 'proc', '(p)sess', '(p)txn', '(p)req', '(p)res' or 'check'"
        );
        return bad(message, Some(help));
    };
    let allowed = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    match name.chars().find(|c| !allowed(c)) {
        Some(wrong) => bad(
            format!("invalid syntax at char '{wrong}'"),
            Some("variable names are made of letters, digits, '_' and '.'".to_owned()),
        ),
        None => Ok((scope, of_parent, name)),
    }
}

/// A name to show in advice.
fn bare(shown: &str) -> &str {
    let name = shown.trim_matches('.');
    if name.is_empty() { "name" } else { name }
}

/// When an assignment takes place: all that were named must hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Conditions(u8);

/// The conditions of `set-var`, as users write them.
pub const CONDITIONS: [&str; 8] = [
    "ifexists",
    "ifnotexists",
    "ifempty",
    "ifnotempty",
    "ifset",
    "ifnotset",
    "ifgt",
    "iflt",
];

impl Conditions {
    const IF_EXISTS: u8 = 1;
    const IF_NOT_EXISTS: u8 = 2;
    const IF_EMPTY: u8 = 4;
    const IF_NOT_EMPTY: u8 = 8;
    const IF_SET: u8 = 16;
    const IF_NOT_SET: u8 = 32;
    const IF_GREATER: u8 = 64;
    const IF_LESS: u8 = 128;

    /// Adds the condition of that name.
    pub fn add(&mut self, name: &[u8]) -> Result<(), BadName> {
        let mut bits = (0..).zip(CONDITIONS);
        match bits.find(|(_, known)| known.as_bytes() == name) {
            Some((bit, _)) => {
                self.0 |= 1 << bit;
                Ok(())
            }
            None => {
                let shown = String::from_utf8_lossy(name);
                Err(BadName {
                    message: format!("unknown condition \"{shown}\""),
                    help: Some(match closest(&shown, CONDITIONS.into_iter()) {
                        Some(near) => format!("did you mean '{near}'?"),
                        None => format!("the conditions are {}", CONDITIONS.join(", ")),
                    }),
                })
            }
        }
    }

    fn has(self, condition: u8) -> bool {
        self.0 & condition != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::FileId;

    const PLACE: Span = Span {
        file: FileId(0),
        start: 0,
        end: 1,
    };

    #[track_caller]
    fn check(text: &str, expected: Result<(VarScope, &str), &str>) {
        let mut names = Names::default();
        match (
            names.mention(text.as_bytes(), PLACE, Access::Read),
            expected,
        ) {
            (Ok(var), Ok((scope, name))) => {
                assert_eq!(
                    (var.scope, &*names.directory.names(scope)[0]),
                    (scope, name)
                );
            }
            (Err(bad), Err(message)) => {
                let help = bad.help.unwrap_or_default();
                assert_eq!(format!("{} {help}", bad.message), message, "{text}");
            }
            (got, _) => panic!("{text}: {got:?}"),
        }
    }

    #[test]
    fn names() {
        check("txn.a_b.c", Ok((VarScope::Transaction, "a_b.c")));
        check("proc.x", Ok((VarScope::Process, "x")));
        check("ptxn.x", Ok((VarScope::Transaction, "x")));
        check("check.x", Ok((VarScope::Check, "x")));
        check("", Err("empty variable name cannot be accepted "));
        let rule = "A variable name must start with its scope. The scope can be 'proc', '(p)sess', '(p)txn', '(p)req', '(p)res' or 'check'";
        let check_scope = |text: &str, help: &str| {
            let message = format!("invalid variable name '{text}'. {rule} {help}");
            check(text, Err(&message));
        };
        check_scope("tnx.a", "did you mean 'txn.a'?");
        check_scope("session.a", "did you mean 'sess.a'?");
        check_scope("host", "write the scope before the name, as in 'txn.host'");
        check_scope("txn.", "write the scope before the name, as in 'txn.txn'");
        check(
            "txn.a-b",
            Err(
                "invalid syntax at char '-' variable names are made of letters, digits, '_' and '.'",
            ),
        );
    }

    #[test]
    fn one_name_is_one_variable_in_its_scope() {
        let mut names = Names::default();
        let mut var = |text: &str| names.mention(text.as_bytes(), PLACE, Access::Read).unwrap();
        assert_eq!(var("txn.a"), var("txn.a"));
        assert_ne!(var("txn.a"), var("txn.b"));
        assert_ne!(var("txn.a"), var("req.a"));
        let b = var("txn.b");
        assert_eq!(names.directory().name(b), "txn.b");
    }

    #[test]
    fn conditions() {
        let mut conditions = Conditions::default();
        conditions.add(b"iflt").unwrap();
        conditions.add(b"ifexists").unwrap();
        assert_eq!(conditions.0, Conditions::IF_LESS | Conditions::IF_EXISTS);
        let bad = conditions.add(b"ifexist").unwrap_err();
        assert_eq!(bad.message, "unknown condition \"ifexist\"");
        assert_eq!(bad.help.as_deref(), Some("did you mean 'ifexists'?"));
    }
}
