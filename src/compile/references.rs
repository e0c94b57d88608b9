//! Arguments that name a proxy or a server: looked up once everything was read.

use super::config::Referenced;
use super::findings::{UNKNOWN_REFERENCE, UNSUITABLE_TABLE};
use super::sections::Drafts;
use super::tables::Tables;
use crate::syntax::{Code, Diagnostic, Diagnostics};
use crate::table::DataType;
use crate::vocab::entry_value::key_sample;
use crate::vocab::outer::{Outer, Reference, ServerIndex, Target};
use crate::vocab::sample::Type;
use crate::vocab::section::proxy::ProxyDraft;
use crate::vocab::suggest::closest;
use std::collections::{HashMap, HashSet};

/// The proxies by name, with their indices in the resolved configuration.
struct Places<'a, 'd> {
    outer: &'a Outer,
    tables: &'a Tables<'a, 'd>,
    frontends: HashMap<&'a str, u32>,
    backends: HashMap<&'a str, (u32, &'a ProxyDraft<'d>)>,
    disabled: HashSet<&'a str>,
}

/// Fills in every reference of `outer`; reports those that lead nowhere. Lines of a `defaults`
/// section are read once for each proxy that inherits them: a place is reported once.
pub(super) fn resolve<'d>(
    outer: &Outer,
    drafts: &Drafts<'d>,
    tables: &Tables<'_, 'd>,
    diags: &mut Diagnostics,
) {
    let places = Places::of(outer, drafts, tables);
    let mut reported = HashSet::new();
    for reference in outer.references().iter() {
        let Err(wrong) = places.fill(reference) else {
            continue;
        };
        let span = reference.span;
        let section = reference.name.split('/').next().unwrap_or_default();
        let is_silent = drafts.unread.contains(section.as_bytes())
            || places.disabled.contains(&*reference.proxy)
            || reference.proxy.is_empty() && reference.name.is_empty();
        if !is_silent && reported.insert((span.file, span.start, span.end)) {
            let mut found = Diagnostic::error(wrong.code, wrong.message).at(span, "");
            found.help = wrong.help;
            diags.push(found);
        }
    }
}

/// The backends and servers that something in the configuration refers to.
pub(super) fn named(outer: &Outer) -> Referenced {
    let mut named = Referenced::default();
    for reference in outer.references().iter() {
        match &reference.target {
            Target::Backend(link) => named.backends.extend(link.get()),
            Target::Server(link) => {
                let place = link.get().map(|at| (at.backend, at.server));
                named.backends.extend(place.map(|(backend, _)| backend));
                named.servers.extend(place);
            }
            _ => {}
        }
    }
    named
}

/// Why a reference leads nowhere.
struct Wrong {
    code: Code,
    message: String,
    help: Option<String>,
}

fn did_you_mean(near: &str) -> String {
    format!("did you mean '{near}'?")
}

/// What to write instead of the name of a table that is not there.
fn table_help(near: Option<&str>) -> String {
    let none = "a table is the 'stick-table' line of the proxy it is named after";
    near.map_or_else(|| none.to_owned(), did_you_mean)
}

impl<'a, 'd> Places<'a, 'd> {
    fn of(outer: &'a Outer, drafts: &'a Drafts<'d>, tables: &'a Tables<'a, 'd>) -> Self {
        let proxies = || drafts.proxies.iter().map(|proxy| &proxy.draft);
        let mut frontends = HashMap::new();
        for (index, draft) in (0..).zip(proxies().filter(|draft| draft.kind.has_front())) {
            frontends.entry(draft.name.as_str()).or_insert(index);
        }
        let mut backends = HashMap::new();
        for (index, draft) in (0..).zip(proxies().filter(|draft| draft.kind.has_back())) {
            let entry = backends.entry(draft.name.as_str());
            entry.or_insert((index, draft));
        }
        let disabled = proxies().filter(|draft| draft.settings.disabled);
        Self {
            outer,
            tables,
            frontends,
            backends,
            disabled: disabled.map(|draft| draft.name.as_str()).collect(),
        }
    }

    fn fill(&self, reference: &Reference) -> Result<(), Wrong> {
        let name = match &*reference.name {
            "" => &*reference.proxy,
            name => name,
        };
        match &reference.target {
            Target::Frontend(link) => match self.frontends.get(name) {
                Some(index) => link.fill(*index),
                None => return Err(self.no_proxy(reference, "frontend")),
            },
            Target::Backend(link) => match self.backends.get(name) {
                Some((index, _)) => link.fill(*index),
                None => return Err(self.no_proxy(reference, "backend")),
            },
            Target::Breaker(link) => link.fill(self.breaker(reference)?),
            Target::Server(link) => link.fill(self.server(reference)?),
            Target::Table(link) => match self.tables.number(name) {
                Some((number, _)) => link.fill(number),
                None => return Err(self.unknown(reference, "table", self.tables.near(name))),
            },
            Target::Tracked(link, key) => link.fill(self.tracked(reference, name, *key)?),
            Target::Throttled(link, key, rate) => {
                link.fill(self.throttled(reference, name, *key, *rate)?);
            }
            Target::Stuck(link, key) => link.fill(self.stuck(reference, name, *key)?),
        }
        Ok(())
    }

    /// The table of a `track-sc` rule, whose keys must be able to have its type.
    fn tracked(&self, reference: &Reference, name: &str, key: Type) -> Result<u32, Wrong> {
        let Reference { what, proxy, .. } = reference;
        match self.tables.number(name) {
            Some((number, kind)) if key.becomes(key_sample(kind)) => Ok(number),
            Some(_) => Err(Wrong {
                code: UNSUITABLE_TABLE,
                message: format!(
                    "Proxy '{proxy}': stick-table '{name}' uses a type incompatible with the '{what}' rule."
                ),
                help: None,
            }),
            None => Err(Wrong {
                code: UNKNOWN_REFERENCE,
                message: format!(
                    "Proxy '{proxy}': unable to find table '{name}' referenced by {what}."
                ),
                help: Some(table_help(self.tables.near(name))),
            }),
        }
    }

    /// The table of a bandwidth limit, which must count its bytes.
    fn throttled(
        &self,
        reference: &Reference,
        name: &str,
        key: Type,
        rate: DataType,
    ) -> Result<u32, Wrong> {
        let Reference { what, proxy, .. } = reference;
        let unsuitable = |why: String| Wrong {
            code: UNSUITABLE_TABLE,
            message: format!("Proxy {proxy} : stick-table '{name}' uses a {why}"),
            help: None,
        };
        match self.tables.number(name) {
            Some(_) if !self.tables.stores(name, rate) => Err(unsuitable(format!(
                "data type incompatible with {what}. It must be '{}'",
                rate.name()
            ))),
            Some((_, kind)) if !key.becomes(key_sample(kind)) => {
                Err(unsuitable(format!("key type incompatible with {what}")))
            }
            Some((number, _)) => Ok(number),
            None => Err(Wrong {
                code: UNKNOWN_REFERENCE,
                message: format!(
                    "Proxy {proxy} : unable to find table '{name}' referenced by {what}"
                ),
                help: Some(table_help(self.tables.near(name))),
            }),
        }
    }

    /// The table of a `stick` rule.
    fn stuck(&self, reference: &Reference, name: &str, key: Type) -> Result<u32, Wrong> {
        let proxy = &reference.proxy;
        match self.tables.number(name) {
            Some((number, kind)) if key.becomes(key_sample(kind)) => Ok(number),
            Some(_) => Err(Wrong {
                code: UNSUITABLE_TABLE,
                message: format!(
                    "Proxy '{proxy}': type of fetch not usable with type of stick-table '{name}'."
                ),
                help: None,
            }),
            None => Err(Wrong {
                code: UNKNOWN_REFERENCE,
                message: format!("Proxy '{proxy}': unable to find stick-table '{name}'."),
                help: Some(table_help(self.tables.near(name))),
            }),
        }
    }

    fn breaker(&self, reference: &Reference) -> Result<u32, Wrong> {
        let full = match reference.name.contains('/') {
            true => reference.name.to_string(),
            false => format!("{}/{}", reference.proxy, reference.name),
        };
        let known = self.outer.protections();
        match known.breaker_named(&full) {
            Some(index) => Ok(u32::try_from(index).unwrap_or(u32::MAX)),
            None => {
                let near = closest(&full, known.breaker_names());
                Err(self.unknown(reference, "circuit breaker", near))
            }
        }
    }

    fn server(&self, reference: &Reference) -> Result<ServerIndex, Wrong> {
        let (proxy, name) = match reference.name.rsplit_once('/') {
            Some(parts) => parts,
            None => (&*reference.proxy, &*reference.name),
        };
        let Some(&(backend, draft)) = self.backends.get(proxy) else {
            if reference.name.contains('/') {
                let near = closest(proxy, self.backends.keys().copied());
                let (what, place) = (&reference.what, place(reference));
                return Err(Wrong {
                    code: UNKNOWN_REFERENCE,
                    message: format!(
                        "unable to find proxy '{proxy}' referenced in {what} in {place}"
                    ),
                    help: near.map(did_you_mean),
                });
            }
            return Err(no_server(reference, proxy, name, None));
        };
        let names = || draft.servers.iter().map(|server| server.name.as_str());
        match (0..).zip(names()).find(|(_, known)| *known == name) {
            Some((server, _)) => Ok(ServerIndex { backend, server }),
            None => Err(no_server(reference, proxy, name, closest(name, names()))),
        }
    }

    /// The proxy does not exist, or has not got the side that is asked for.
    fn no_proxy(&self, reference: &Reference, side: &str) -> Wrong {
        let name = match &*reference.name {
            "" => &*reference.proxy,
            name => name,
        };
        let known = self.frontends.contains_key(name) || self.backends.contains_key(name);
        if known && reference.name.is_empty() {
            return Wrong {
                code: UNKNOWN_REFERENCE,
                message: format!(
                    "proxy '{name}', referenced in {} in {}, has not {side} capability",
                    reference.what,
                    place(reference)
                ),
                help: None,
            };
        }
        let near = match side {
            "frontend" => closest(name, self.frontends.keys().copied()),
            _ => closest(name, self.backends.keys().copied()),
        };
        self.unknown(reference, side, near)
    }

    fn unknown(&self, reference: &Reference, kind: &str, near: Option<&str>) -> Wrong {
        let Reference { what, proxy, .. } = reference;
        let name = match &*reference.name {
            "" => proxy,
            name => name,
        };
        let place = place(reference);
        Wrong {
            code: UNKNOWN_REFERENCE,
            message: format!("unable to find {kind} '{name}' referenced in {what} in {place}"),
            help: match kind {
                "table" => Some(table_help(near)),
                _ => near.map(did_you_mean),
            },
        }
    }
}

fn no_server(reference: &Reference, backend: &str, name: &str, near: Option<&str>) -> Wrong {
    let (what, place) = (&reference.what, place(reference));
    Wrong {
        code: UNKNOWN_REFERENCE,
        message: format!(
            "unable to find server '{name}' in proxy '{backend}', referenced in {what} in {place}"
        ),
        help: near.map(did_you_mean),
    }
}

/// The section a reference stands in.
fn place(reference: &Reference) -> String {
    match &*reference.proxy {
        "" => "a section that is no proxy".to_owned(),
        proxy => format!("proxy '{proxy}'"),
    }
}
