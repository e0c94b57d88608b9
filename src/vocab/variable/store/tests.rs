//! Variables of every scope: what they hold, how long, and how many bytes.

use super::super::{Access, Names, SCOPES};
use super::*;
use crate::syntax::{FileId, Span};

/// Everything a stream has, and a way to name variables.
struct World {
    names: Names,
    process: ProcessVars,
    session: Store,
    stream: StreamVars,
}

impl World {
    fn new(limits: Limits) -> Self {
        Self {
            names: Names::default(),
            process: ProcessVars {
                limits,
                ..ProcessVars::with_room(4)
            },
            session: Store::default(),
            stream: StreamVars::default(),
        }
    }

    fn var(&mut self, name: &str) -> Var {
        let span = Span {
            file: FileId(0),
            start: 0,
            end: 0,
        };
        self.names
            .mention(name.as_bytes(), span, Access::Read)
            .expect(name)
    }

    fn vars(&self) -> Vars<'_> {
        Vars {
            process: &self.process,
            session: &self.session,
            stream: Some(&self.stream),
        }
    }

    fn set(&mut self, name: &str, value: Sample<'_>, when: &[&str]) -> bool {
        let mut conditions = Conditions::default();
        when.iter()
            .for_each(|c| conditions.add(c.as_bytes()).unwrap());
        let var = self.var(name);
        self.vars().set(var, value, conditions)
    }

    fn get(&mut self, name: &str) -> String {
        let var = self.var(name);
        let mut out = Vec::new();
        match self.vars().read(var, &mut out) {
            Some(value) => format!("{value:?}"),
            None => "-".to_owned(),
        }
    }
}

#[test]
fn scopes_end() {
    let mut world = World::new(Limits::default());
    for name in ["proc.a", "sess.a", "txn.a", "req.a"] {
        assert!(world.set(name, Sample::Sint(1), &[]), "{name}");
    }
    for name in ["res.a", "check.a", "ptxn.a"] {
        assert!(!world.set(name, Sample::Sint(1), &[]), "{name}");
    }
    let left = |world: &mut World| {
        let names = ["proc.a", "sess.a", "txn.a", "req.a", "res.a"];
        names.map(|name| world.get(name) != "-")
    };
    assert_eq!(left(&mut world), [true, true, true, true, false]);
    world.vars().begin_response();
    assert_eq!(left(&mut world), [true, true, true, false, false]);
    assert!(world.set("res.a", Sample::Sint(1), &[]));
    world.vars().begin_response();
    assert_eq!(left(&mut world), [true, true, true, false, true]);
    world.vars().end_stream();
    assert_eq!(left(&mut world), [true, true, false, false, false]);
    assert!(world.set("req.a", Sample::Sint(1), &[]));
    world.vars().end_session();
    assert_eq!(left(&mut world), [true, false, false, true, false]);
}

#[test]
fn values_keep_their_type() {
    let mut world = World::new(Limits::default());
    let values = [
        Sample::Str(b"ab"),
        Sample::Bin(b"\0x"),
        Sample::Bool(true),
        Sample::Meth(b"GET"),
        Sample::Addr("::1".parse().unwrap()),
    ];
    for (value, name) in values
        .into_iter()
        .zip(["txn.a", "sess.a", "proc.a", "req.a", "txn.a"])
    {
        assert!(world.set(name, value, &[]));
        assert_eq!(world.get(name), format!("{value:?}"));
    }
}

#[test]
fn conditions() {
    #[track_caller]
    fn check(before: Option<Sample<'_>>, new: Sample<'_>, when: &[&str], expected: bool) {
        let mut world = World::new(Limits::default());
        if let Some(before) = before {
            world.set("txn.a", before, &[]);
        }
        assert_eq!(
            world.set("txn.a", new, when),
            expected,
            "{before:?} {new:?} {when:?}"
        );
    }
    let (one, two) = (Sample::Sint(1), Sample::Sint(2));
    let (empty, text) = (Sample::Str(b""), Sample::Str(b"x"));
    check(None, one, &["ifexists"], false);
    check(Some(one), two, &["ifexists"], true);
    check(None, one, &["ifnotexists"], true);
    check(Some(one), two, &["ifnotexists"], false);
    check(Some(one), one, &["ifempty"], false);
    check(Some(one), text, &["ifempty"], false);
    check(Some(one), empty, &["ifempty"], true);
    check(Some(one), empty, &["ifnotempty"], false);
    check(Some(one), text, &["ifnotempty"], true);
    check(Some(one), two, &["ifnotempty"], true);
    check(None, one, &["ifset"], false);
    check(Some(one), two, &["ifset"], true);
    check(None, one, &["ifnotset"], true);
    check(Some(one), two, &["ifnotset"], false);
    check(Some(one), two, &["ifgt"], false);
    check(Some(two), one, &["ifgt"], true);
    check(Some(one), two, &["iflt"], true);
    check(Some(two), one, &["iflt"], false);
    check(Some(text), one, &["iflt"], true);
    check(Some(one), text, &["ifgt"], true);
    check(Some(one), two, &["ifset", "iflt"], true);
}

#[test]
fn process_variables_exist_from_the_start() {
    let mut world = World::new(Limits::default());
    assert!(world.set("proc.a", Sample::Sint(1), &["ifexists"]));
    let var = world.var("proc.a");
    assert!(world.vars().unset(var));
    assert_eq!(world.get("proc.a"), "-");
    assert!(!world.set("proc.a", Sample::Sint(1), &["ifnotexists"]));
    assert!(world.set("txn.a", Sample::Sint(1), &["ifnotexists"]));
    let var = world.var("txn.a");
    assert!(world.vars().unset(var));
    assert!(world.set("txn.a", Sample::Sint(1), &["ifnotexists"]));
}

#[test]
fn limits_count_what_is_within_and_give_back_what_ends() {
    let mut world = World::new(Limits {
        session: 200,
        ..Limits::default()
    });
    assert!(world.set("sess.a", Sample::Sint(1), &[]));
    assert!(world.set("txn.a", Sample::Str(b"0123456789"), &[]));
    assert!(!world.set("req.a", Sample::Sint(1), &[]));
    assert!(!world.set("txn.a", Sample::Str(&[b'x'; 30]), &[]));
    assert_eq!(world.get("txn.a"), "Bool(false)");
    world.vars().end_stream();
    assert_eq!(world.session.used.get(), OVERHEAD);
    assert!(world.set("req.a", Sample::Sint(1), &[]));
    world.vars().end_stream();
    world.vars().end_session();
    assert_eq!(world.process.used.load(Ordering::Relaxed), 0);
}

#[test]
fn the_scopes_are_all_there() {
    assert_eq!(SCOPES.len(), 6);
    SCOPES.iter().for_each(|(scope, name)| {
        assert_eq!(VarScope::named(name.as_bytes()), Some(*scope));
    });
}
