//! Stick tables: one number for each name, and what their lines name.

use super::Work;
use super::findings::{UNKNOWN_PEERS, UNSUITABLE_TABLE};
use super::sections::Drafts;
use crate::settings::{PeerAddress, PeersSection, SharedTable};
use crate::syntax::{Diagnostic, Diagnostics, Word};
use crate::table::{DataType, KeyType, Spec, Stored};
use crate::vocab::codes::{DUPLICATE_TABLE, INCOMPLETE_PEERS, NO_LOCAL_PEER};
use crate::vocab::outer::{Outer, Target};
use crate::vocab::section::peers::{PeerDraft, PeersDraft};
use crate::vocab::stick_table::TableDraft;
use crate::vocab::suggest::closest;
use std::collections::{HashMap, VecDeque};

/// The tables of a configuration in the order of their numbers.
pub(super) struct Tables<'a, 'd> {
    list: Vec<&'a TableDraft<'d>>,
    by_name: HashMap<&'a str, u32>,
}

impl<'a, 'd> Tables<'a, 'd> {
    /// Those of proxies, then those of `peers` sections. The first of a name stays.
    pub(super) fn of(drafts: &'a Drafts<'d>, diags: &mut Diagnostics) -> Self {
        let of_proxies = drafts.proxies.iter().filter_map(|p| p.draft.table.as_ref());
        let mut tables = Self {
            list: Vec::new(),
            by_name: HashMap::new(),
        };
        let of_peers = drafts.peers.iter().flat_map(|section| &section.tables);
        for draft in of_proxies.chain(of_peers) {
            let name = draft.spec.name.as_str();
            match tables.find(name) {
                Some((_, earlier)) => {
                    let message =
                        format!("stick-table name '{name}' conflicts with a table declared before");
                    let found = Diagnostic::error(DUPLICATE_TABLE, message);
                    diags.push(found.at(draft.span, "").at(earlier.span, "declared here"));
                }
                None => {
                    let number = u32::try_from(tables.list.len()).unwrap_or(u32::MAX);
                    tables.by_name.insert(name, number);
                    tables.list.push(draft);
                }
            }
        }
        for draft in &tables.list {
            tables.check(draft, drafts, diags);
        }
        tables
    }

    /// What each is. Those of `stick` rules store the server.
    pub(super) fn specs(&self, outer: &Outer) -> Vec<Spec> {
        let mut specs: Vec<Spec> = self.list.iter().map(|draft| draft.spec.clone()).collect();
        for reference in outer.references().iter() {
            let name = match &*reference.name {
                "" => &*reference.proxy,
                name => name,
            };
            if matches!(reference.target, Target::Stuck(..))
                && let Some((number, _)) = self.number(name)
                && let Some(spec) = specs.get_mut(number as usize)
            {
                for kind in [DataType::ServerId, DataType::ServerKey] {
                    if spec.store.iter().all(|stored| stored.kind != kind) {
                        spec.store.push(Stored {
                            kind,
                            elements: 1,
                            period: 0,
                        });
                    }
                }
            }
        }
        specs
    }

    /// A table's number, and the type of its keys.
    pub(super) fn number(&self, name: &str) -> Option<(u32, KeyType)> {
        self.find(name)
            .map(|(number, draft)| (number, draft.spec.key))
    }

    /// Whether the entries of a table store this.
    pub(super) fn stores(&self, name: &str, kind: DataType) -> bool {
        let store = |draft: &TableDraft<'_>| draft.spec.store.iter().any(|s| s.kind == kind);
        self.find(name).is_some_and(|(_, draft)| store(draft))
    }

    /// The name that was probably meant.
    pub(super) fn near(&self, name: &str) -> Option<&str> {
        closest(name, self.by_name.keys().copied())
    }

    fn find(&self, name: &str) -> Option<(u32, &'a TableDraft<'d>)> {
        let &number = self.by_name.get(name)?;
        Some((number, self.list.get(number as usize)?))
    }

    fn check(&self, draft: &TableDraft<'d>, drafts: &Drafts<'d>, diags: &mut Diagnostics) {
        let name = &draft.spec.name;
        if let Some(peers) = draft.peers {
            self.check_peers(name, peers, drafts, diags);
        }
        if let Some(target) = draft.write_to
            && let Err(why) = self.check_target(draft, target)
        {
            let message =
                format!("Proxy '{name}': failed to initialize stick-table: write-to: {why}.");
            diags.push(Diagnostic::error(UNSUITABLE_TABLE, message).at(target.span, ""));
        }
    }

    fn check_peers(&self, name: &str, peers: &Word, drafts: &Drafts<'d>, diags: &mut Diagnostics) {
        let written = peers.text();
        let mut sections = drafts.peers.iter();
        let Some(section) = sections.find(|section| section.name == written) else {
            let message = format!("Proxy '{name}': unable to find sync peers '{written}'.");
            let found = Diagnostic::error(UNKNOWN_PEERS, message).at(peers.span, "");
            let known = drafts.peers.iter().map(|section| &*section.name);
            return diags.push(found.near(&written, known));
        };
        // One with peers, but not the local one, is left out with a warning.
        if !section.disabled && section.is_empty() {
            let local = &section.local;
            let message = format!(
                "Proxy '{name}': unable to find local peer '{local}' in peers section '{written}'."
            );
            let found = Diagnostic::error(NO_LOCAL_PEER, message).at(peers.span, "");
            diags.push(found.at(section.opening, "this section").help(format!(
                "add 'peer {local} <address>' to the section, or name this process with 'localpeer'"
            )));
        }
    }

    /// The sections through which tables are shared.
    pub(super) fn peers(
        &self,
        drafts: &Drafts<'d>,
        diags: &mut Diagnostics,
        work: Work<'_>,
    ) -> Vec<PeersSection> {
        let mut sections = Vec::new();
        for draft in drafts.peers.iter().filter(|draft| !draft.disabled) {
            if !draft.is_complete() {
                let message = format!(
                    "Removing incomplete section 'peers {}' (no peer named '{}').",
                    draft.name, draft.local
                );
                diags.push(Diagnostic::warning(INCOMPLETE_PEERS, message).at(draft.opening, ""));
                continue;
            }
            sections.push(PeersSection {
                name: draft.name.as_str().into(),
                local: draft.local.as_str().into(),
                bind: draft.bind.as_ref().and_then(|line| {
                    let location = work.options.location(line.span);
                    Some(line.socket(line.addrs.first()?, 1, None, location))
                }),
                peers: draft
                    .peers
                    .iter()
                    .map(|peer| peer_of(peer, draft))
                    .collect(),
                shards: draft.shards,
                tables: self.shared_by(draft),
            });
        }
        sections
    }

    /// The tables that a section shares, in the order HAProxy numbers them: its own, the last one
    /// first, then those of proxies.
    fn shared_by(&self, section: &PeersDraft<'d>) -> Vec<SharedTable> {
        let (mut own_tables, mut of_proxies) = (VecDeque::new(), Vec::new());
        for (number, table) in (0..).zip(&self.list) {
            let own = table.spec.name.strip_prefix(&*section.name);
            let is_own = section.tables.iter().any(|own| own.span == table.span);
            let wire_name = match table.peers {
                Some(peers) if *peers == *section.name => &*table.spec.name,
                None if is_own => own.unwrap_or_default(),
                _ => continue,
            };
            let shared = SharedTable {
                table: number,
                wire_name: wire_name.into(),
                recv_only: table.recv_only,
                write_to: table
                    .write_to
                    .and_then(|target| Some(self.find(&target.text())?.0)),
            };
            match is_own {
                true => own_tables.push_front(shared),
                false => of_proxies.push(shared),
            }
        }
        own_tables.into_iter().chain(of_proxies).collect()
    }

    /// `write-to`: a table of the same type and length that has no target itself.
    fn check_target(&self, draft: &TableDraft<'d>, target: &Word) -> Result<(), String> {
        let name = target.text();
        let Some((_, target)) = self.find(&name) else {
            return Err(format!("table '{name}' doesn't exist"));
        };
        if target.write_to.is_some() {
            return Err(format!("table '{name}' is already used as a source table"));
        }
        let (theirs, ours) = (target.spec.key, draft.spec.key);
        if theirs.name() != ours.name() {
            return Err(format!(
                "cannot mix table types ('{name}' has '{}' type and '{}' has '{}' type)",
                theirs.name(),
                draft.spec.name,
                ours.name()
            ));
        }
        if !theirs.matches(ours) {
            return Err(format!(
                "cannot mix key sizes of '{name}' and '{}'",
                draft.spec.name
            ));
        }
        Ok(())
    }
}

fn peer_of(peer: &PeerDraft, section: &PeersDraft<'_>) -> PeerAddress {
    PeerAddress {
        name: peer.name.as_str().into(),
        addr: peer.addr.clone(),
        shard: peer.shard,
        is_local: peer.name == section.local,
    }
}
