//! The table of columns, through the formats made from it.

use super::*;
use crate::settings::Mode;

pub(super) fn object<'a>(kind: Kind, counters: &'a Counters) -> Object<'a> {
    Object {
        kind,
        proxy: "web",
        description: None,
        name: match kind {
            Kind::Frontend => "FRONTEND".into(),
            Kind::Backend => "BACKEND".into(),
            Kind::Server => "s1".into(),
            Kind::Listener => "sock-1".into(),
        },
        proxy_id: 2,
        id: match kind {
            Kind::Frontend | Kind::Backend => 0,
            Kind::Server | Kind::Listener => 1,
        },
        mode: Mode::Http,
        is_log: false,
        counters,
        now: 10_000,
        sessions: 3,
        session_limit: Some(100),
        rate_limit: 0,
        status: "UP".into(),
        state: State::Up,
        streams: 0,
        serving: Serving::default(),
        about: Some(Box::new(About {
            address: Some("192.0.2.1:80".to_owned()),
            protocol: "tcpv4",
            ..About::default()
        })),
        guards: Vec::new(),
    }
}

fn written(kind: Kind, format: Format, legends: bool) -> String {
    let counters = Counters::new(1);
    let tally = counters.tally(0).unwrap();
    tally.add(Count::RequestIn, 500);
    tally.session(9_000);
    tally.last_session(9_000);
    counters.saw_sessions(7);
    let mut lines = Lines::new(format, legends, false);
    let mut out = Vec::new();
    lines.object(&object(kind, &counters), &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn csv_has_haproxys_places() {
    let check = |kind, expected: &str| {
        let line = written(kind, Format::Csv, false);
        assert!(line.starts_with(expected), "{line}");
        assert_eq!(line.matches(',').count(), COLUMNS.len() + 1, "{line}");
        let delimiter = line.split(',').position(|cell| cell == "-");
        assert_eq!(delimiter, Some(DELIMITER));
    };
    check(
        Kind::Frontend,
        "web,FRONTEND,,,3,7,100,1,500,0,0,0,0,,,,,UP,,,,,,,,,1,2,0,,,,0,1,0,1,,,,0,0,0,0,0,0,,0,0,0,,,0,0,0,0,,",
    );
    check(
        Kind::Listener,
        "web,sock-1,,,3,7,100,1,500,0,0,0,0,,,,,UP,,,,,,,,,1,2,1,,,,3,,,,,",
    );
    check(
        Kind::Server,
        "web,s1,0,0,3,7,100,1,500,0,,0,,0,0,0,0,UP,0,0,0,,,0,,,1,2,1,,0,,2,1,,1,,,,0,0,0,0,0,0,,,,0,0,0,,,,,1,,,0,0,0,0,",
    );
    check(
        Kind::Backend,
        "web,BACKEND,0,0,3,7,100,1,500,0,0,0,,0,0,0,0,UP,0,0,0,,0,0,,,1,2,0,,0,,1,1,,1,,,,0,0,0,0,0,0,,,,0,0,0,0,0,0,0,1,",
    );
}

#[test]
fn addresses_are_for_those_who_may_know() {
    assert!(!written(Kind::Server, Format::Csv, false).contains("192.0.2.1"));
    assert!(written(Kind::Server, Format::Csv, true).contains("192.0.2.1:80"));
}

#[test]
fn typed_lines_have_haproxys_kinds() {
    let lines = written(Kind::Server, Format::Typed, false);
    for expected in [
        "S.2.1.0.pxname.1:KNSV:str:web",
        "S.2.1.4.scur.1:MGPV:u32:3",
        "S.2.1.5.smax.1:MMPV:u32:7",
        "S.2.1.6.slim.1:CLPV:u32:100",
        "S.2.1.7.stot.1:MCPP:u64:1",
        "S.2.1.17.status.1:SGPV:str:UP",
        "S.2.1.19.act.1:SGPV:u32:0",
        "S.2.1.26.pid.1:KGPV:u32:1",
        "S.2.1.33.rate.1:MRPP:u32:1",
        "S.2.1.55.lastsess.1:MAPP:s32:1",
        "S.2.1.75.mode.1:CGSV:str:http",
    ] {
        assert!(
            lines.lines().any(|line| line == expected),
            "{expected}\n{lines}"
        );
    }
}

#[test]
fn json_is_json() {
    let (counters, mut out) = (Counters::new(1), Vec::new());
    let mut lines = Lines::new(Format::Json, true, false);
    lines.head(&mut out);
    for kind in [Kind::Frontend, Kind::Server] {
        lines.object(&object(kind, &counters), &mut out);
    }
    lines.tail(&mut out);
    let text = String::from_utf8(out).unwrap();
    assert!(text.starts_with(
        "[[{\"objType\":\"Frontend\",\"proxyId\":2,\"id\":0,\"field\":{\"pos\":0,\"name\":\"pxname\"},\
         \"processNum\":1,\"tags\":{\"origin\":\"Key\",\"nature\":\"Name\",\"scope\":\"Service\"},\
         \"value\":{\"type\":\"str\",\"value\":\"web\"}},"
    ));
    assert!(text.ends_with("}}]]\n"), "{text}");
    assert_eq!(
        text.matches("\"objType\":\"Server\",\"proxyId\":2,\"id\":1")
            .count(),
        text.matches("Server\"").count()
    );
}

#[test]
fn names_are_unique_and_said() {
    let mut names: Vec<_> = COLUMNS.iter().map(|column| column.name).collect();
    assert!(COLUMNS.iter().all(|column| !column.doc.is_empty()));
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), COLUMNS.len());
    assert_eq!(COLUMNS.get(DELIMITER).unwrap().name, "ssl_sess");
}
