//! What checks and traffic do to servers, on a manual clock.

use super::script::Script;
use super::*;
use crate::backend::{
    BackendSpec as StateSpec, BackendState, Choice, Operation, ServerSpec as StateOf, Wish,
};
use crate::clock::Clock;
use crate::net::ServerAddr;
use crate::protect::outlier::{Outcome as Did, OutlierSpec};
use parking_lot::Mutex;
use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl Reports for Lines {
    fn log(&self, _backend: usize, level: u8, line: &str) {
        self.0.lock().push(format!("{level} {line}"));
    }

    fn shut_down(&self, place: Place, why: Shutdown) {
        let line = format!("shut {}/{} {why:?}", place.backend, place.server);
        self.0.lock().push(line);
    }

    fn memory(&self) -> Box<dyn Any> {
        Box::new(())
    }
}

const FIRST: Place = Place {
    backend: 0,
    server: 0,
};
const SECOND: Place = Place {
    backend: 0,
    server: 1,
};

fn checked(change: impl FnOnce(&mut ServerSpec)) -> ServerSpec {
    let mut spec = ServerSpec {
        name: "s".into(),
        check: Some(CheckSpec {
            intervals: Intervals::default(),
            rise: 2,
            fall: 3,
            addr: None,
            port: 0,
            send_proxy: 0,
            script: Arc::new(Script::default()),
            timeout: None,
            connect_timeout: 1000,
            source: None,
            socks4: None,
            keep_alive: None,
            via_socks4: false,
            reuse_pool: false,
            program: None,
        }),
        observe: Observe::Layer7,
        error_limit: 5,
        ..ServerSpec::default()
    };
    change(&mut spec);
    spec
}

struct Bench {
    health: Arc<Health>,
    lines: Lines,
}

impl Bench {
    fn new(servers: Vec<ServerSpec>) -> Self {
        Self::with_outlier(servers, None)
    }

    fn with_outlier(servers: Vec<ServerSpec>, outlier: Option<OutlierSpec>) -> Self {
        let clock = Clock::manual(1000);
        let state = |_: &ServerSpec| StateOf {
            weight: 1,
            addr: Some(ServerAddr::Unix("/s".into())),
            ..StateOf::default()
        };
        let states = StateSpec {
            servers: servers.iter().map(state).collect(),
            outlier,
            ..StateSpec::default()
        };
        let lines = Lines::default();
        let spec = BackendSpec {
            name: "be".into(),
            noun: "backend",
            servers,
            ..BackendSpec::default()
        };
        let states = [BackendState::new(&states, &clock)];
        let health = Health::new(vec![spec], &states.into(), &clock, Box::new(lines.clone()));
        let bench = Self { health, lines };
        bench.checks(FIRST, "+");
        bench
    }

    /// Ends checks: `+` passed, `-` failed.
    fn checks(&self, place: Place, outcomes: &str) {
        for outcome in outcomes.bytes() {
            let status = match outcome {
                b'+' => CheckStatus::L7Ok,
                _ => CheckStatus::L7Status,
            };
            let outcome = Outcome::of(status);
            self.health
                .finish(place, CheckKind::Health, outcome, Some(1));
        }
    }

    fn errors(&self, place: Place, count: usize) {
        for _ in 0..count {
            self.health.observe(place, Event::Status(500));
        }
    }

    fn is_up(&self, place: Place) -> bool {
        self.health.state(place).is_some_and(|state| state.is_up())
    }
}

#[test]
fn items_118_and_119_errors_in_a_row_mark_down() {
    let mark_down = |spec: &mut ServerSpec| {
        spec.error_limit = 50;
        spec.on_error = OnError::MarkDown;
    };
    let bench = Bench::new(vec![checked(mark_down)]);
    bench.errors(FIRST, 49);
    bench.health.observe(FIRST, Event::Status(200));
    bench.errors(FIRST, 49);
    assert!(bench.is_up(FIRST));
    bench.errors(FIRST, 1);
    assert!(!bench.is_up(FIRST));
    assert_eq!(bench.health.server(FIRST).unwrap().analyzed(), 1);
    let check = bench.health.check(FIRST, CheckKind::Health).unwrap();
    assert_eq!(check.last.status.code(), "HANA");
}

#[test]
fn item_120_each_server_has_its_own_count() {
    let mark_down = |spec: &mut ServerSpec| {
        spec.error_limit = 50;
        spec.on_error = OnError::MarkDown;
    };
    let bench = Bench::new(vec![checked(mark_down), checked(mark_down)]);
    for _ in 0..49 {
        bench.errors(FIRST, 1);
        bench.errors(SECOND, 1);
    }
    assert!(bench.is_up(FIRST) && bench.is_up(SECOND));
}

// 20 errors between two checks that pass, 60 times.
#[test]
fn item_121_checks_that_pass_start_the_count_again() {
    let bench = Bench::new(vec![checked(|spec| {
        spec.error_limit = 50;
        spec.on_error = OnError::MarkDown;
    })]);
    for _ in 0..60 {
        bench.errors(FIRST, 20);
        bench.checks(FIRST, "+");
    }
    assert!(bench.is_up(FIRST));
}

/// States after each trip of five errors, as levels; 0 is down.
fn trips(on_error: OnError, count: usize) -> Vec<u32> {
    let bench = Bench::new(vec![checked(|spec| spec.on_error = on_error)]);
    let after = |_| {
        bench.errors(FIRST, 5);
        let check = bench.health.check(FIRST, CheckKind::Health).unwrap();
        assert_eq!(bench.is_up(FIRST), check.level > 0);
        check.level
    };
    (0..count).map(after).collect()
}

// SEMANTICS 1.5: rise 2, fall 3, error-limit 5.
#[test]
fn item_133_on_error_decides_what_a_trip_does() {
    assert_eq!(trips(OnError::FastInter, 3), [4, 4, 4]);
    assert_eq!(trips(OnError::FailCheck, 3), [3, 2, 0]);
    assert_eq!(trips(OnError::SuddenDeath, 2), [2, 0]);
    assert_eq!(trips(OnError::MarkDown, 1), [0]);
}

#[test]
fn item_124_a_server_marked_down_comes_back_after_rise_checks() {
    let bench = Bench::new(vec![checked(|spec| {
        spec.on_error = OnError::MarkDown;
        spec.check.as_mut().unwrap().rise = 30;
    })]);
    bench.errors(FIRST, 5);
    bench.checks(FIRST, &"+".repeat(29));
    assert!(!bench.is_up(FIRST));
    bench.checks(FIRST, "+");
    assert!(bench.is_up(FIRST));
}

#[test]
fn item_125_a_failed_check_starts_the_climb_again() {
    let bench = Bench::new(vec![checked(|spec| {
        spec.on_error = OnError::MarkDown;
        spec.check.as_mut().unwrap().rise = 30;
    })]);
    bench.errors(FIRST, 5);
    bench.checks(FIRST, &("+".repeat(20) + "-" + &"+".repeat(29)));
    assert!(!bench.is_up(FIRST));
    bench.checks(FIRST, "+");
    assert!(bench.is_up(FIRST));
}

#[test]
fn concurrent_errors_trip_once() {
    let bench = Bench::new(vec![checked(|spec| {
        spec.error_limit = 4000;
        spec.on_error = OnError::MarkDown;
    })]);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| bench.errors(FIRST, 1000));
        }
    });
    assert!(!bench.is_up(FIRST));
    assert_eq!(bench.health.server(FIRST).unwrap().analyzed(), 1);
    assert_eq!(bench.health.server(FIRST).unwrap().errors(), 0);
}

#[test]
fn maintenance_stops_checks_and_starts_them_again() {
    let bench = Bench::new(vec![checked(|_| {})]);
    bench.health.set_maint(FIRST, "");
    bench.checks(FIRST, "++");
    assert!(!bench.is_up(FIRST));
    assert_eq!(bench.health.status_text(FIRST), "MAINT");
    bench.health.set_ready(FIRST);
    assert!(bench.is_up(FIRST));
    assert_eq!(bench.health.status_text(FIRST), "UP 1/3");
    let expected = [
        "1 Server be/s is going DOWN for maintenance. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.",
        "0 backend be has no server available!",
        "5 Server be/s is UP/READY (leaving forced maintenance).",
    ];
    assert_eq!(*bench.lines.0.lock(), expected);
}

#[test]
fn those_that_track_follow() {
    let tracking = ServerSpec {
        name: "t".into(),
        track: Some(FIRST),
        ..ServerSpec::default()
    };
    let bench = Bench::new(vec![checked(|_| {}), tracking]);
    bench.checks(FIRST, "---");
    assert!(!bench.is_up(SECOND));
    bench.checks(FIRST, "++");
    assert!(bench.is_up(SECOND));
    bench.health.set_maint(FIRST, "");
    assert_eq!(bench.health.status_text(SECOND), "MAINT (via be/s)");
    bench.health.set_ready(FIRST);
    assert!(bench.is_up(SECOND));
    bench.health.set_drain(FIRST, "");
    assert_eq!(bench.health.status_text(SECOND), "DRAIN 1/3");
}

#[test]
fn streams_are_ended_where_it_is_said() {
    let bench = Bench::new(vec![checked(|spec| spec.shutdown_sessions = true)]);
    bench.checks(FIRST, "---");
    assert_eq!(bench.lines.0.lock()[0], "shut 0/0 Down");
}

#[test]
fn a_hurried_check_is_hurried_once() {
    let bench = Bench::new(vec![checked(|spec| {
        spec.on_error = OnError::FastInter;
        spec.check.as_mut().unwrap().intervals.fast = Some(10);
    })]);
    let due = || bench.health.next_due(FIRST, CheckKind::Health, 0);
    assert_eq!(due(), Some(2000));
    bench.errors(FIRST, 5);
    assert_eq!((due(), due()), (Some(10), Some(2000)));
}

#[test]
fn states_are_shown_in_haproxys_words() {
    let bench = Bench::new(vec![checked(|_| {})]);
    let shown = || bench.health.status_text(FIRST);
    let operation = || bench.health.state(FIRST).unwrap().status().operation;
    assert_eq!(shown(), "UP");
    bench.checks(FIRST, "-");
    assert_eq!(shown(), "UP 2/3");
    bench.checks(FIRST, "--");
    assert_eq!(
        (shown().as_str(), operation()),
        ("DOWN", Operation::Stopped)
    );
    bench.checks(FIRST, "+");
    assert_eq!(shown(), "DOWN 1/2");
    bench.health.set_drain(FIRST, "");
    bench.checks(FIRST, "+");
    assert_eq!(shown(), "DRAIN");
}

#[test]
fn a_passed_check_ends_an_ejection() {
    let check = |outcomes, uneject_on_check, line: Option<&str>| {
        let outlier = OutlierSpec {
            consecutive_5xx: Some(1),
            uneject_on_check,
            ..OutlierSpec::default()
        };
        let servers = vec![checked(|_| {}), checked(|_| {})];
        let bench = Bench::with_outlier(servers, Some(outlier));
        let state = bench.health.backend_state(FIRST).unwrap();
        let outlier = state.outlier().unwrap();
        outlier.record(FIRST.server, Did::Answered(500), 0, state);
        assert_eq!(bench.health.status_text(FIRST), "EJECT");
        bench.checks(FIRST, outcomes);
        assert_eq!(outlier.is_ejected(FIRST.server), line.is_none());
        assert_eq!(bench.lines.0.lock().first().map(|l| &**l), line);
    };
    check("+", true, Some("5 Server be/s is no longer ejected."));
    check("+", false, None);
    check("-", true, None);
}

/// A mark-down holds for every choice that begins once it was done: measured in choices, not in
/// time, since threads may be suspended for any time.
#[test]
fn a_mark_down_holds_for_the_next_choice_on_every_worker() {
    let bench = Bench::new(vec![
        checked(|spec| {
            spec.error_limit = 1;
            spec.on_error = OnError::MarkDown;
        }),
        checked(|_| {}),
    ]);
    let state = bench.health.backend_state(FIRST).unwrap();
    let [is_down, stop] = [const { AtomicBool::new(false) }; 2];
    let [before, late, after] = [const { AtomicUsize::new(0) }; 3];
    let work = || {
        while !stop.load(Ordering::SeqCst) {
            let began_later = is_down.load(Ordering::SeqCst);
            let Choice::Server(slot) = state.choose(Wish::default()) else {
                continue;
            };
            let count = match (began_later, slot.server() == FIRST.server) {
                (false, _) => &before,
                (true, true) => &late,
                (true, false) => &after,
            };
            count.fetch_add(1, Ordering::SeqCst);
        }
    };
    let until = |count: &AtomicUsize, least| {
        while count.load(Ordering::SeqCst) < least {
            std::thread::yield_now();
        }
    };
    std::thread::scope(|scope| {
        (0..2).for_each(|_| drop(scope.spawn(work)));
        until(&before, 1000);
        let clock = Clock::system();
        let begun = clock.now_us();
        bench.errors(FIRST, 1);
        println!("marked down in {} us", clock.now_us() - begun);
        is_down.store(true, Ordering::SeqCst);
        until(&after, 1000);
        stop.store(true, Ordering::SeqCst);
    });
    assert_eq!(late.into_inner(), 0);
}
