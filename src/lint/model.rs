//! The configuration as lints look at it: proxies with their ACLs and modes, and tables.
//!
//! Made from the statements as written, not from what they compile to, so that findings stand
//! under the words at fault and words that Tidegate does not have yet are seen as well.

use super::sample::text;
use super::track::{self, Track};
use super::words::option;
use crate::syntax::{Diagnostics, Document, Section, SectionKind, Statement, Word};
use crate::table::Spec;
use crate::vocab::host::Host;
use crate::vocab::line::{Line, Sense, span_of};
use crate::vocab::stick_table;
use std::collections::HashMap;

/// What lints ask for more than once.
#[derive(Debug)]
pub(super) struct Model<'a> {
    /// Every `defaults`, `frontend`, `backend` and `listen`, in order.
    pub(super) proxies: Vec<Proxy<'a>>,
    /// Stick tables by the name others use.
    pub(super) tables: HashMap<String, Table<'a>>,
}

/// A proxy section.
#[derive(Debug)]
pub(super) struct Proxy<'a> {
    pub(super) section: &'a Section,
    /// Its name; empty for `defaults` without one.
    pub(super) name: &'a str,
    /// The `defaults` it inherits from, by index.
    pub(super) defaults: Option<usize>,
    /// Whether its mode is `http`.
    pub(super) http: bool,
    /// Its ACLs: the words after each name.
    pub(super) acls: HashMap<&'a [u8], Vec<&'a [Word]>>,
    /// Its tracking rules, in order.
    pub(super) tracks: Vec<Track<'a>>,
}

/// A stick table.
#[derive(Debug)]
pub(super) struct Table<'a> {
    pub(super) spec: Spec,
    pub(super) line: &'a Statement,
    pub(super) shared: bool,
}

impl<'a> Model<'a> {
    pub(super) fn new(document: &'a Document, host: &dyn Host) -> Self {
        let mut model = Self {
            proxies: Vec::new(),
            tables: HashMap::new(),
        };
        let mut last_defaults = None;
        let mut named: HashMap<&str, usize> = HashMap::new();
        for section in &document.sections {
            match section.kind {
                SectionKind::Peers => model.peers(section, host),
                SectionKind::Defaults
                | SectionKind::Frontend
                | SectionKind::Backend
                | SectionKind::Listen => {
                    let from = option(&section.words, b"from").map(text);
                    let defaults = match from {
                        Some(name) => named.get(name).copied(),
                        None if section.kind == SectionKind::Defaults => None,
                        None => last_defaults,
                    };
                    model.proxy(section, defaults, host);
                    if section.kind == SectionKind::Defaults {
                        let index = model.proxies.len() - 1;
                        last_defaults = Some(index);
                        if let Some(proxy) = model.proxies.last() {
                            named.insert(proxy.name, index);
                        }
                    }
                }
                _ => {}
            }
        }
        model
    }

    fn proxy(&mut self, section: &'a Section, defaults: Option<usize>, host: &dyn Host) {
        let name = section.words.get(1).map_or("", text);
        let inherited = defaults.and_then(|at| self.proxies.get(at));
        let mode = lines(section, "mode").last().and_then(|s| s.words.get(1));
        let http = match mode {
            Some(mode) => *mode == "http",
            None => inherited.is_some_and(|proxy| proxy.http),
        };
        let mut acls: HashMap<&[u8], Vec<&[Word]>> = HashMap::new();
        for statement in lines(section, "acl") {
            if let [_, name, rest @ ..] = statement.words.as_slice() {
                acls.entry(&name.bytes).or_default().push(rest);
            }
        }
        for line in lines(section, "stick-table") {
            self.table(line, 1, name.to_owned(), host);
        }
        self.proxies.push(Proxy {
            section,
            name,
            defaults,
            http,
            acls,
            tracks: track::rules(section),
        });
    }

    fn peers(&mut self, section: &'a Section, host: &dyn Host) {
        let name = section.words.get(1).map_or("", text);
        for line in lines(section, "table") {
            let own = line.words.get(1).map_or("", text);
            self.table(line, 2, format!("{name}/{own}"), host);
        }
    }

    fn table(&mut self, line: &'a Statement, first: usize, name: String, host: &dyn Host) {
        let mut reader = Line {
            words: &line.words,
            sense: Sense::Set,
            // `compile` has reported what is wrong with it.
            diags: &mut Diagnostics::default(),
            host,
        };
        if let Some(draft) = stick_table::parse(&mut reader, first, &name) {
            let shared = draft.peers.is_some() || first == 2;
            let table = Table {
                spec: draft.spec,
                line,
                shared,
            };
            self.tables.insert(name, table);
        }
    }

    /// The table that a name means, or a proxy's own.
    pub(super) fn table_of(&self, name: Option<&str>, proxy: &Proxy<'_>) -> Option<&Table<'a>> {
        self.tables.get(name.unwrap_or(proxy.name))
    }

    /// The tables in the order of their lines.
    pub(super) fn tables_in_order(&self) -> Vec<&Table<'a>> {
        let mut tables: Vec<_> = self.tables.values().collect();
        tables.sort_by_key(|table| {
            let place = span_of(&table.line.words);
            (place.file.0, place.start)
        });
        tables
    }

    /// The backends and `listen`s.
    pub(super) fn backends(&self) -> impl Iterator<Item = &Proxy<'a>> {
        self.proxies.iter().filter(|proxy| {
            matches!(
                proxy.section.kind,
                SectionKind::Backend | SectionKind::Listen
            )
        })
    }

    /// A proxy and those it inherits from, nearest first.
    pub(super) fn lineage<'m>(
        &'m self,
        proxy: &'m Proxy<'a>,
    ) -> impl Iterator<Item = &'m Proxy<'a>> {
        // A `defaults` only inherits from earlier ones, so that this ends.
        std::iter::successors(Some(proxy), |proxy| {
            proxy.defaults.and_then(|at| self.proxies.get(at))
        })
    }
}

impl<'a> Proxy<'a> {
    /// Its statements.
    pub(super) fn statements(&self) -> impl Iterator<Item = &'a Statement> + use<'a> {
        self.section.statements.iter()
    }

    /// Its statements with that keyword.
    pub(super) fn lines(&self, keyword: &'static str) -> impl Iterator<Item = &'a Statement> {
        lines(self.section, keyword)
    }
}

/// The statements of a section with that keyword.
fn lines<'a>(
    section: &'a Section,
    keyword: &'static str,
) -> impl Iterator<Item = &'a Statement> + use<'a> {
    let is_it = move |statement: &&Statement| {
        let first = statement.words.first();
        first.is_some_and(|word| *word == keyword)
    };
    section.statements.iter().filter(is_it)
}
