//! What must hold in every order.

use crate::mark::Mark;
use crate::rate::RateWindow;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicU32, Ordering};
use loom::thread;

const PERIOD: u32 = 10;

/// Runs two threads and gives what is left.
fn both<T: Send + Sync + 'static>(
    shared: T,
    one: impl FnOnce(&T) + Send + 'static,
    other: impl FnOnce(&T),
) -> Arc<T> {
    let shared = Arc::new(shared);
    let thread = thread::spawn({
        let shared = Arc::clone(&shared);
        move || one(&shared)
    });
    other(&shared);
    thread.join().unwrap();
    shared
}

/// Two threads find the bucket over at once: it is turned once, and both events count.
#[test]
fn a_bucket_is_turned_once() {
    loom::model(|| {
        let window = RateWindow::default();
        window.add(100, PERIOD, 5);
        let window = both(
            window,
            |window| _ = window.add(112, PERIOD, 1),
            |window| _ = window.add(112, PERIOD, 1),
        );
        assert_eq!(window.load(), (110, 5, 2));
    });
}

/// An event of the running bucket meets the turn: it counts in one of both.
#[test]
fn no_event_is_lost_in_a_turn() {
    loom::model(|| {
        let window = RateWindow::default();
        window.add(100, PERIOD, 5);
        let window = both(
            window,
            |window| _ = window.add(109, PERIOD, 1),
            |window| _ = window.add(111, PERIOD, 1),
        );
        let (start, previous, current) = window.load();
        assert_eq!((start, previous + current), (110, 7));
    });
}

/// A reader never sees words of two moments, so never more events than there were.
#[test]
fn a_reader_sees_one_moment() {
    loom::model(|| {
        let window = RateWindow::default();
        window.add(100, PERIOD, 5);
        both(
            window,
            |window| _ = window.add(112, PERIOD, 1),
            |window| {
                let seen = window.load();
                let turned = seen == (110, 5, 1);
                assert!(seen == (100, 0, 5) || turned, "{seen:?}");
            },
        );
    });
}

/// What is set is not mixed with what it replaces.
#[test]
fn setting_meets_counting() {
    loom::model(|| {
        let window = RateWindow::default();
        window.add(100, PERIOD, 5);
        let window = both(
            window,
            |window| window.set(104, 40),
            |window| _ = window.add(105, PERIOD, 1),
        );
        let (start, previous, current) = window.load();
        assert_eq!((start, previous), (104, 0));
        assert!(current == 40 || current == 41, "{current}");
    });
}

/// A value changes while it is told: what is told is the last value, or it waits to be told again.
#[test]
fn no_change_stays_untold() {
    loom::model(|| {
        let entry = (AtomicU32::new(0), Mark::default());
        // It waits already for an earlier change.
        assert!(entry.1.raise());
        let told = Arc::new(AtomicU32::new(0));
        let heard = Arc::clone(&told);
        let waits = Arc::new(AtomicU32::new(0));
        let queued = Arc::clone(&waits);
        both(
            entry,
            move |(value, mark)| {
                value.store(7, Ordering::Relaxed);
                queued.store(mark.raise().into(), Ordering::Relaxed);
            },
            |(value, mark)| {
                mark.number(1);
                heard.store(value.load(Ordering::Relaxed), Ordering::Relaxed);
            },
        );
        let (told, waits) = (told.load(Ordering::Relaxed), waits.load(Ordering::Relaxed));
        assert!(told == 7 || waits == 1, "the change is lost");
    });
}

/// Of two that change an entry at once, one says so.
#[test]
fn an_entry_waits_once() {
    loom::model(|| {
        let state = (Mark::default(), AtomicU32::new(0));
        let say = |(mark, said): &(Mark, AtomicU32)| {
            said.fetch_add(mark.raise().into(), Ordering::Relaxed);
        };
        let state = both(state, say, say);
        assert_eq!(state.1.load(Ordering::Relaxed), 1);
    });
}
