//! `tidegate check --plan`: what a reload from one configuration to another would change.
//!
//! Compares what outlives a configuration (sockets, stick tables, servers) by the same identities as a
//! reload does, and names what only a restart changes. Rules are not compared: they are simply the
//! new ones.

use crate::compile::config::{Bind, Config, Server};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Debug, Write};

/// The changes as text, one per line, in the order of names; empty if there is none.
pub(super) fn text(old: &Config, new: &Config) -> String {
    let mut text = String::new();
    compare(&mut text, "socket", &sockets(old), &sockets(new), |_, _| {
        Some("reopened: its options change")
    });
    compare(&mut text, "table", &tables(old), &tables(new), |_, _| {
        Some("emptied: its type, size or data change")
    });
    compare(
        &mut text,
        "frontend",
        &frontends(old),
        &frontends(new),
        |_, _| None,
    );
    compare(
        &mut text,
        "backend",
        &backends(old),
        &backends(new),
        |_, _| None,
    );
    compare(
        &mut text,
        "server",
        &servers(old),
        &servers(new),
        |old, new| match (old.addr == new.addr, old.weight == new.weight) {
            (false, _) => Some("starts anew: its address changes"),
            (true, false) => Some("gets the weight of the new file"),
            (true, true) => None,
        },
    );
    for word in needs_restart(old, new) {
        let _ = writeln!(text, "{word}: only a restart changes it");
    }
    text
}

/// Things of one kind by name, each with what makes it the same thing.
type Named<T> = BTreeMap<String, T>;

fn compare<T: Debug>(
    text: &mut String,
    kind: &str,
    old: &Named<T>,
    new: &Named<T>,
    changed: impl Fn(&T, &T) -> Option<&'static str>,
) {
    let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    for name in names {
        let what = match (old.get(name), new.get(name)) {
            (Some(before), Some(after)) if format!("{before:?}") != format!("{after:?}") => {
                changed(before, after)
            }
            (Some(_), Some(_)) | (None, None) => None,
            (Some(_), None) => Some("goes"),
            (None, Some(_)) => Some("comes"),
        };
        if let Some(what) = what {
            let _ = writeln!(text, "{kind} {name}: {what}");
        }
    }
}

fn sockets(config: &Config) -> Named<impl Debug> {
    let enabled = config
        .frontends
        .iter()
        .filter(|frontend| !frontend.disabled);
    let traffic = enabled.flat_map(|frontend| &frontend.binds);
    let stats = config.global.stats_sockets.iter().map(|stats| &stats.bind);
    let options = |bind: &Bind| {
        let of_unix = (bind.unix_mode, bind.unix_uid, bind.unix_gid);
        let of_tcp = (bind.interface.clone(), bind.v6only, bind.transparent);
        (bind.backlog, of_tcp, of_unix)
    };
    let sockets = traffic.chain(stats);
    sockets
        .map(|bind| (bind.addr.to_string(), options(bind)))
        .collect()
}

fn tables(config: &Config) -> Named<impl Debug> {
    let tables = config.tables.iter();
    tables.map(|spec| (spec.name.clone(), spec)).collect()
}

fn frontends(config: &Config) -> Named<()> {
    let frontends = config.frontends.iter();
    frontends
        .map(|frontend| (frontend.name.to_string(), ()))
        .collect()
}

fn backends(config: &Config) -> Named<()> {
    let backends = config.backends.iter();
    backends
        .map(|backend| (backend.name.to_string(), ()))
        .collect()
}

fn servers(config: &Config) -> Named<&Server> {
    let backends = config.backends.iter();
    let servers = backends.flat_map(|backend| {
        let servers = backend.servers.iter();
        servers.map(move |server| (format!("{}/{}", backend.name, server.name), server))
    });
    servers.collect()
}

/// What is done once, when a process starts.
fn needs_restart(old: &Config, new: &Config) -> Vec<&'static str> {
    let (old, new) = (&old.global, &new.global);
    let words = [
        ("nbthread", old.nbthread != new.nbthread),
        ("daemon", old.daemon != new.daemon),
        ("pidfile", old.pidfile != new.pidfile),
        ("chroot", old.chroot != new.chroot),
        ("user", old.uid != new.uid),
        ("group", old.gid != new.gid),
        ("log-tag", old.log_tag != new.log_tag),
        ("log-send-hostname", old.log_hostname != new.log_hostname),
    ];
    let changed = words.iter().filter(|(_, changed)| *changed);
    changed.map(|(word, _)| *word).collect()
}

#[cfg(test)]
mod tests {
    use super::super::load::{LoadOptions, Loaded};
    use super::*;

    fn config(text: &str) -> Config {
        let mut loaded = Loaded::default();
        loaded.add("t.cfg", format!("{text}\n"));
        loaded.build(&LoadOptions::default());
        loaded.config.unwrap()
    }

    #[track_caller]
    fn check(old: &str, new: &str, expected: &[&str]) {
        let seen = text(&config(old), &config(new));
        assert_eq!(seen.lines().collect::<Vec<_>>(), expected, "{old} => {new}");
    }

    #[test]
    fn what_a_reload_changes() {
        const FE: &str = "frontend fe\n bind 127.0.0.1:80\n default_backend be\nbackend be\n";
        let with = |more: &str| format!("{FE}{more}");
        check(FE, FE, &[]);
        check(
            &with(" server s 10.0.0.1:80"),
            &with(" server s 10.0.0.1:80 check"),
            &[],
        );
        check(
            &with(" server s 10.0.0.1:80"),
            &with(" server s 10.0.0.2:80"),
            &["server be/s: starts anew: its address changes"],
        );
        check(
            &with(" server s 10.0.0.1:80\n server t 10.0.0.1:81"),
            &with(" server s 10.0.0.1:80 weight 5\n server u 10.0.0.1:81"),
            &[
                "server be/s: gets the weight of the new file",
                "server be/t: goes",
                "server be/u: comes",
            ],
        );
        check(
            &with(" stick-table type ip size 10"),
            &with(" stick-table type ip size 20"),
            &["table be: emptied: its type, size or data change"],
        );
        check(
            "global\n nbthread 1\nfrontend a\n bind 127.0.0.1:80\n bind 127.0.0.1:81",
            "global\n nbthread 2\nfrontend b\n bind 127.0.0.1:80 v4v6\n bind 127.0.0.1:82",
            &[
                "socket 127.0.0.1:80: reopened: its options change",
                "socket 127.0.0.1:81: goes",
                "socket 127.0.0.1:82: comes",
                "frontend a: goes",
                "frontend b: comes",
                "nbthread: only a restart changes it",
            ],
        );
    }
}
