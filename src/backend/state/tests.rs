//! Slots, the queue, and changes of a server's state.

use super::super::hash::id_key;
use super::super::queue::{Standing, Turn, Waiting};
use super::*;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

fn server(id: u32) -> ServerSpec {
    ServerSpec {
        id,
        ring_key: id_key(id),
        weight: 1,
        addr: Some(ServerAddr::Unix("/s".into())),
        ..ServerSpec::default()
    }
}

fn backend(algorithm: Algorithm, servers: Vec<ServerSpec>) -> Arc<BackendState> {
    on_clock(algorithm, servers, &Clock::manual(0))
}

fn on_clock(algorithm: Algorithm, servers: Vec<ServerSpec>, clock: &Clock) -> Arc<BackendState> {
    let spec = BackendSpec {
        algorithm,
        servers,
        redispatch: true,
        ..BackendSpec::default()
    };
    BackendState::new(&spec, clock)
}

fn one_slot() -> Arc<BackendState> {
    let only = ServerSpec {
        maxconn: 1,
        ..server(1)
    };
    backend(Algorithm::RoundRobin, vec![only])
}

fn take(backend: &Arc<BackendState>) -> Option<Slot> {
    match backend.choose(Wish::default()) {
        Choice::Server(slot) => Some(slot),
        Choice::Full | Choice::Busy(_) | Choice::NoServer => None,
    }
}

#[test]
fn slots_are_counted_and_given_back() {
    let backend = one_slot();
    let slot = take(&backend).unwrap();
    assert_eq!(backend.servers()[0].served(), 1);
    assert!(matches!(backend.choose(Wish::default()), Choice::Full));
    drop(slot);
    assert_eq!(backend.servers()[0].served(), 0);
    assert!(take(&backend).is_some());
}

#[test]
fn a_freed_slot_goes_to_the_longest_waiting() {
    let backend = one_slot();
    let slot = take(&backend).unwrap();
    let mut first = backend.wait(None, Standing::default()).unwrap();
    let mut second = backend.wait(None, Standing::default()).unwrap();
    let mut cx = Context::from_waker(Waker::noop());
    assert_eq!((first.position(), second.position()), (1, 2));
    assert!(Pin::new(&mut first).poll(&mut cx).is_pending());
    drop(slot);
    assert!(Pin::new(&mut second).poll(&mut cx).is_pending());
    let Poll::Ready(Turn::Served(slot)) = Pin::new(&mut first).poll(&mut cx) else {
        panic!("not served")
    };
    drop(slot);
    assert!(Pin::new(&mut second).poll(&mut cx).is_ready());
}

#[test]
fn leaving_the_queue_passes_an_unused_slot_on() {
    let backend = one_slot();
    let slot = take(&backend).unwrap();
    let first = backend.wait(None, Standing::default()).unwrap();
    let mut second = backend.wait(None, Standing::default()).unwrap();
    drop(slot);
    drop(first);
    let mut cx = Context::from_waker(Waker::noop());
    assert!(Pin::new(&mut second).poll(&mut cx).is_ready());
    drop(second);
    assert_eq!((backend.queue_len(), backend.servers()[0].served()), (0, 0));
}

#[test]
fn backups_serve_only_when_nothing_else_can() {
    let down = ServerSpec {
        admin: Admin::FORCED_MAINT,
        ..server(1)
    };
    let spare = ServerSpec {
        backup: true,
        ..server(2)
    };
    let check = |servers: &[&ServerSpec], expected: Option<usize>| {
        let servers = servers.iter().copied().cloned().collect();
        let backend = backend(Algorithm::RoundRobin, servers);
        assert_eq!(take(&backend).map(|s| s.server()), expected);
    };
    check(&[&spare, &server(1)], Some(1));
    check(&[&down, &spare], Some(1));
    check(&[&down], None);
}

#[test]
fn the_other_algorithms_prefer_the_less_loaded() {
    let backend = backend(
        Algorithm::LeastConn,
        vec![
            server(1),
            ServerSpec {
                weight: 2,
                ..server(2)
            },
        ],
    );
    let taken: Vec<_> = (0..6).filter_map(|_| take(&backend)).collect();
    let on_second = taken.iter().filter(|s| s.server() == 1).count();
    assert_eq!(on_second, 4);
}

#[test]
fn random_spreads_over_all_servers() {
    let backend = backend(Algorithm::Random(2), (1..=4).map(server).collect());
    let taken: Vec<_> = (0..400).filter_map(|_| take(&backend)).collect();
    for index in 0..4 {
        let share = taken.iter().filter(|s| s.server() == index).count();
        assert!((60..140).contains(&share), "{index}: {share}");
    }
}

/// The servers chosen one after the other, as letters; each request ends at once.
fn order(backend: &Arc<BackendState>, count: usize) -> String {
    let letter = |slot: Slot| char::from(b'a' + slot.server() as u8);
    (0..count)
        .map(|_| take(backend).map_or('-', letter))
        .collect()
}

#[test]
fn changes_hold_for_the_next_choice_of_every_algorithm() {
    let consistent = Algorithm::Hash { consistent: true };
    let table = Algorithm::Hash { consistent: false };
    for algorithm in [
        Algorithm::RoundRobin,
        Algorithm::StaticRr,
        Algorithm::LeastConn,
        Algorithm::First,
        Algorithm::Random(2),
        Algorithm::Sticky,
        consistent,
        table,
    ] {
        let backend = backend(algorithm, vec![server(1), server(2)]);
        let check = |expected: &str| {
            assert_eq!(order(&backend, expected.len()), expected, "{algorithm:?}");
        };
        backend.mark_down(0);
        check("bbb");
        backend.set_admin(1, Admin::FORCED_DRAIN);
        check("-");
        backend.mark_up(0);
        check("aaa");
        backend.set_weight(0, 0);
        check("-");
        backend.clear_admin(1, Admin::FORCED_DRAIN, Operation::Running);
        check("bbb");
        backend.set_weight(0, 1);
        assert_eq!(backend.usable_servers(), 2);
    }
}

#[test]
fn sticky_stays_where_it_is() {
    let backend = backend(Algorithm::Sticky, vec![server(1), server(2), server(3)]);
    let check = |expected: &str| assert_eq!(order(&backend, 2), expected);
    check("aa");
    backend.mark_down(0);
    check("bb");
    backend.mark_up(0);
    check("bb");
    backend.mark_down(1);
    check("aa");
    backend.mark_up(1);
    check("aa");
}

#[test]
fn maintenance_wins_over_checks_and_ends_as_they_say() {
    let backend = backend(Algorithm::RoundRobin, vec![server(1)]);
    let change = backend.set_admin(0, Admin::FORCED_MAINT).unwrap();
    assert_eq!(change.before.operation, Operation::Running);
    assert_eq!(change.after.operation, Operation::Stopped);
    let state = &backend.servers()[0];
    assert_eq!((change.usable_before, backend.usable_servers()), (1, 0));
    assert_eq!(
        (state.is_up(), state.downs(), backend.downs()),
        (false, 1, 1)
    );
    backend.mark_up(0);
    assert!(!state.is_up());
    backend.clear_admin(0, Admin::FORCED_MAINT, Operation::Running);
    assert!(state.is_up());
}

#[test]
fn waiters_of_a_server_that_goes_down_choose_again() {
    let check = |redispatch: bool, insists: bool, flags: Admin, expected: bool| {
        let full = ServerSpec {
            maxconn: 1,
            ..server(1)
        };
        let spec = BackendSpec {
            servers: vec![full, server(2)],
            redispatch,
            ..BackendSpec::default()
        };
        let backend = BackendState::new(&spec, &Clock::manual(0));
        let _slot = backend.choose_server(0, false, Priority::Default);
        let standing = Standing {
            insists,
            ..Standing::default()
        };
        let mut waiting = backend.wait(Some(0), standing).unwrap();
        let change = match flags {
            Admin::READY => backend.mark_down(0),
            flags => backend.set_admin(0, flags),
        };
        let again = matches!(
            Pin::new(&mut waiting).poll(&mut Context::from_waker(Waker::noop())),
            Poll::Ready(Turn::ChooseAgain)
        );
        assert_eq!(again, expected, "{redispatch} {insists} {flags:?}");
        assert_eq!(change.unwrap().requeued, usize::from(expected));
    };
    check(true, false, Admin::READY, true);
    check(false, false, Admin::READY, false);
    check(false, false, Admin::FORCED_MAINT, true);
    check(true, true, Admin::READY, false);
}

/// Requests join one millisecond after the other, each for any server or for the only one, of a
/// class and with an offset; in which order slots reach them.
#[track_caller]
fn check_order(joining: &[(bool, i32, i32)], expected: &[usize]) {
    let clock = Clock::manual(1000);
    let only = ServerSpec {
        maxconn: 1,
        ..server(1)
    };
    let backend = on_clock(Algorithm::RoundRobin, vec![only], &clock);
    let mut held = take(&backend);
    let mut waiting: Vec<Option<Waiting>> = joining
        .iter()
        .map(|&(any, class, offset_ms)| {
            clock.advance(1);
            let standing = Standing {
                class,
                offset_ms,
                ..Standing::default()
            };
            backend.wait((!any).then_some(0), standing).ok()
        })
        .collect();
    let mut cx = Context::from_waker(Waker::noop());
    let mut order = Vec::new();
    for _ in joining {
        drop(held.take());
        for (at, place) in waiting.iter_mut().enumerate() {
            let Some(waiter) = place else { continue };
            if let Poll::Ready(Turn::Served(slot)) = Pin::new(waiter).poll(&mut cx) {
                held = Some(slot);
                order.push(at);
                *place = None;
            }
        }
    }
    assert_eq!(order, expected, "{joining:?}");
}

#[test]
fn classes_go_first_then_arrival_with_its_offset() {
    check_order(&[(true, 0, 0), (true, 0, 0), (true, 0, 0)], &[0, 1, 2]);
    check_order(&[(true, 5, 0), (true, -5, 0), (true, 0, 0)], &[1, 2, 0]);
    check_order(&[(true, 0, 0), (false, 0, 0), (true, -1, 0)], &[2, 0, 1]);
    check_order(&[(true, 0, 10), (true, 0, 0), (true, 0, -10)], &[2, 1, 0]);
    check_order(&[(true, 1, -900), (true, 0, 0), (true, 1, 0)], &[1, 0, 2]);
    check_order(&[(false, 0, 1), (true, 0, 0), (true, 0, 0)], &[0, 1, 2]);
}

#[test]
fn turns_are_counted_while_waiting() {
    let backend = one_slot();
    let slot = take(&backend);
    let low = Standing {
        class: 1,
        ..Standing::default()
    };
    let [last, second] = [low, Standing::default()].map(|s| backend.wait(None, s).unwrap());
    assert_eq!((last.turns(), second.turns()), (1, 1));
    drop(slot);
    assert_eq!((last.turns(), second.turns()), (2, 1));
    drop(second);
    assert_eq!(last.turns(), 2);
}

#[test]
fn nobody_waits_for_a_backend_without_servers() {
    let backend = one_slot();
    let _slot = take(&backend);
    let mut cx = Context::from_waker(Waker::noop());
    let mut early = backend.wait(None, Standing::default()).unwrap();
    backend.mark_down(0);
    let mut late = backend.wait(None, Standing::default()).unwrap();
    for waiting in [&mut early, &mut late] {
        let turn = Pin::new(waiting).poll(&mut cx);
        assert!(matches!(turn, Poll::Ready(Turn::ChooseAgain)));
    }
}

#[test]
fn a_larger_maxconn_serves_the_queue() {
    let backend = one_slot();
    let _slot = take(&backend);
    let mut waiting = backend.wait(None, Standing::default()).unwrap();
    backend.set_maxconn(0, 2);
    let mut cx = Context::from_waker(Waker::noop());
    assert!(Pin::new(&mut waiting).poll(&mut cx).is_ready());
}

#[test]
fn maxconn_follows_the_load_between_minconn_and_fullconn() {
    let spec = BackendSpec {
        servers: vec![ServerSpec {
            minconn: 2,
            maxconn: 10,
            ..server(1)
        }],
        fullconn: 20,
        ..BackendSpec::default()
    };
    let check = |load: usize, expected: u32| {
        let backend = BackendState::new(&spec, &Clock::manual(0));
        let _requests: Vec<_> = (0..load).map(|_| backend.enter()).collect();
        assert_eq!(backend.servers()[0].limit(), expected, "{load}");
    };
    check(0, 2);
    check(4, 2);
    check(10, 5);
    check(19, 9);
    check(20, 10);
}

/// A backend whose first server has just come back, slowly.
fn starting(slowstart_s: u64, maxconn: u32, clock: &Clock) -> Arc<BackendState> {
    let slow = ServerSpec {
        slowstart_s,
        maxconn,
        ..server(1)
    };
    let backend = on_clock(Algorithm::RoundRobin, vec![slow, server(2)], clock);
    backend.mark_down(0);
    backend.mark_up(0);
    backend
}

// The vectors are those of SEMANTICS 1.7.
#[test]
fn items_126_127_and_151_slow_start_raises_weight_and_maxconn_by_the_second() {
    let check = |whole: u64, maxconn: u32, factors: &[u32], limits: &[u32], shown: &[u32]| {
        let clock = Clock::manual(5000);
        let backend = starting(whole, maxconn, &clock);
        let state = &backend.servers()[0];
        let (mut weights, mut most, mut throttle) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..whole {
            backend.warm_up(0);
            weights.push(state.status().weight);
            most.push(state.limit());
            throttle.extend(state.throttle());
            clock.advance(1000);
        }
        assert_eq!(weights, factors);
        assert_eq!(most, limits);
        if !shown.is_empty() {
            assert_eq!(throttle, shown);
        }
        backend.warm_up(0);
        assert_eq!(state.status().operation, Operation::Running);
        assert_eq!((state.limit(), state.throttle()), (maxconn, None));
    };
    check(
        20,
        30,
        &[
            1, 1, 2, 3, 4, 5, 5, 6, 7, 8, 9, 9, 10, 11, 12, 13, 13, 14, 15, 16,
        ],
        &[
            1, 1, 3, 4, 6, 7, 9, 10, 12, 13, 15, 16, 18, 19, 21, 22, 24, 25, 27, 28,
        ],
        &[],
    );
    check(
        10,
        10,
        &[1, 2, 4, 5, 7, 9, 10, 12, 13, 15],
        &[1, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        &[7, 13, 25, 32, 44, 57, 63, 75, 82, 94],
    );
}

#[test]
fn item_129_nothing_starts_slowly_with_the_process() {
    let slow = ServerSpec {
        slowstart_s: 20,
        maxconn: 30,
        ..server(1)
    };
    let backend = backend(Algorithm::RoundRobin, vec![slow]);
    let state = &backend.servers()[0];
    assert_eq!((state.limit(), state.status().weight), (30, 16));
}

#[test]
fn static_algorithms_keep_their_weights_in_a_slow_start() {
    let slow = ServerSpec {
        slowstart_s: 20,
        ..server(1)
    };
    let backend = backend(Algorithm::StaticRr, vec![slow]);
    backend.mark_down(0);
    backend.mark_up(0);
    let status = backend.servers()[0].status();
    assert_eq!((status.operation, status.weight), (Operation::Starting, 16));
}

#[test]
fn downtime_is_counted_in_whole_seconds() {
    let clock = Clock::manual(1000);
    let backend = on_clock(Algorithm::RoundRobin, vec![server(1)], &clock);
    clock.advance(3000);
    backend.mark_down(0);
    clock.advance(2500);
    let state = &backend.servers()[0];
    assert_eq!((state.downtime_s(), backend.downtime_s()), (2, 2));
    backend.mark_up(0);
    clock.advance(1500);
    assert_eq!((state.downtime_s(), state.unchanged_s()), (2, 2));
}
