//! The circuit breaker that stick tables and rules make up (ACCEPTANCE H), as compiled, on the
//! virtual clock: `examples/haproxy-circuit-breaker.cfg`.

use super::config;
use crate::clock::Clock;
use crate::compile::config::Config;
use crate::http1::{HeadLimits, RequestHead, ResponseHead};
use crate::net::{ConnFacts, Endpoint};
use crate::observe::Record;
use crate::protect::Holds;
use crate::settings::Mode;
use crate::table::{DataType, Entry, Slots, Table, Tracks};
use crate::vocab::action::Rule;
use crate::vocab::context::{ActionContext, Names, Payload, Scratch, Verdict};
use crate::vocab::outer::ServerIndex;
use crate::vocab::state::{BackendFact, FrontendFact, NoState, ProcessFact, ServerFact, State};
use crate::vocab::variable::{Store, StreamVars, Vars};
use std::sync::Arc;

const EXAMPLE: &str = include_str!("../../../examples/haproxy-circuit-breaker.cfg");

/// A process of which only the tables exist.
#[derive(Debug)]
struct Tables(Vec<Arc<Table>>);

impl State for Tables {
    fn process(&self, fact: ProcessFact) -> Option<i64> {
        NoState.process(fact)
    }

    fn frontend(&self, index: u32, fact: FrontendFact) -> Option<i64> {
        NoState.frontend(index, fact)
    }

    fn backend(&self, index: u32, fact: BackendFact) -> Option<i64> {
        NoState.backend(index, fact)
    }

    fn server(&self, at: ServerIndex, fact: ServerFact) -> Option<i64> {
        NoState.server(at, fact)
    }

    fn default_backend(&self, frontend: u32) -> Option<&str> {
        NoState.default_backend(frontend)
    }

    fn frontend_named(&self, name: &[u8]) -> Option<u32> {
        NoState.frontend_named(name)
    }

    fn backend_named(&self, name: &[u8]) -> Option<u32> {
        NoState.backend_named(name)
    }

    fn server_named(&self, backend: u32, name: &[u8]) -> Option<ServerIndex> {
        NoState.server_named(backend, name)
    }

    fn table(&self, index: u32) -> Option<&Arc<Table>> {
        self.0.get(index as usize)
    }
}

/// The backend of the example.
struct Bench {
    config: Config,
    clock: Clock,
    tables: Tables,
}

/// A request that was let through.
struct Admitted {
    slots: Slots,
    stream: StreamVars,
}

impl Bench {
    fn new(change: impl Fn(&str) -> String) -> Self {
        let config = config(&change(EXAMPLE));
        let clock = Clock::manual(1_000_000);
        let tables = config.tables.iter();
        let tables = tables.map(|spec| Table::new(spec.clone(), clock.clone()));
        Self {
            tables: Tables(tables.collect()),
            config,
            clock,
        }
    }

    fn seed() -> Self {
        Self::new(str::to_owned)
    }

    /// A request; `None` if it is refused, which must be with 503 or 429.
    fn begin(&self) -> Option<Admitted> {
        let admitted = Admitted {
            slots: Slots::default(),
            stream: StreamVars::default(),
        };
        let rules = Arc::clone(&self.config.backends[0].request_rules);
        match self.run(&rules, &admitted, None) {
            Verdict::Continue => Some(admitted),
            Verdict::Deny(503 | 429) => None,
            other => panic!("{other:?}"),
        }
    }

    /// A server's answer to it.
    fn answer(&self, admitted: Admitted, status: u16) {
        let rules = Arc::clone(&self.config.backends[0].response_rules);
        let mut response = ResponseHead::new(status);
        let verdict = self.run(&rules, &admitted, Some(&mut response));
        assert!(matches!(verdict, Verdict::Continue), "{verdict:?}");
    }

    /// Requests one after the other that a server answers with this status; how many it gets.
    fn requests(&self, status: u16, count: usize) -> usize {
        let admitted = (0..count).filter_map(|_| self.begin());
        admitted
            .map(|admitted| self.answer(admitted, status))
            .count()
    }

    fn is_open(&self) -> bool {
        let entry = self.entry();
        entry.is_some_and(|entry| self.read(&entry, DataType::Gpc1) > 0)
    }

    fn entry(&self) -> Option<Arc<Entry>> {
        self.tables.0[0].find(b"serviceA")
    }

    fn read(&self, entry: &Entry, kind: DataType) -> u64 {
        let slot = self.tables.0[0].layout().slot(kind, 0);
        entry.read(slot.expect("it is stored"), self.clock.now())
    }

    fn run(
        &self,
        rules: &[Rule],
        admitted: &Admitted,
        mut response: Option<&mut ResponseHead>,
    ) -> Verdict {
        let limits = HeadLimits {
            max_size: 1_000,
            max_headers: 10,
        };
        let mut request = RequestHead::default();
        let parsed = request.parse(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n", limits);
        assert!(matches!(parsed, Ok(Some(_))));
        let end = Endpoint::Inet(([192, 0, 2, 1], 40_000).into());
        let mut conn = ConnFacts::new(end, end, 0);
        let (session, scratch, holds) = (Store::default(), Scratch::new(), Holds::default());
        let record = Record::default();
        let vars = || Vars {
            process: &self.config.variables,
            session: &session,
            stream: Some(&admitted.stream),
        };
        if response.is_some() {
            vars().begin_response();
        }
        for rule in rules {
            let mut cx = ActionContext {
                conn: &mut conn,
                socket: None,
                request: &mut request,
                has_request: true,
                response: response.as_deref_mut(),
                content: None,
                request_body: Payload::default(),
                response_body: Payload::default(),
                record: &record,
                names: NAMES,
                clock: &self.clock,
                vars: vars(),
                tracks: Tracks {
                    connection: None,
                    stream: Some(&admitted.slots),
                },
                holds: &holds,
                state: &self.tables,
                scratch: &scratch,
            };
            let condition = rule.condition.as_ref();
            if condition.is_none_or(|condition| condition.holds(&cx.view())) {
                match rule.action.run(&mut cx) {
                    Verdict::Continue => {}
                    verdict => return verdict,
                }
            }
        }
        Verdict::Continue
    }
}

const NAMES: Names<'static> = Names {
    frontend: "web",
    mode: Mode::Http,
    frontend_id: 2,
    frontend_index: 0,
    listener: "sock",
    listener_id: 1,
    listener_conns: 1,
    backend: "serviceA",
    backend_id: 3,
    backend_index: Some(0),
    server: None,
    server_id: 0,
    unique_id: None,
};

#[test]
fn item_136_the_example_loads_without_a_warning() {
    assert_eq!(Bench::seed().config.backends[0].servers.len(), 2);
}

#[test]
fn item_137_it_opens_on_the_51st() {
    let bench = Bench::seed();
    assert_eq!(bench.requests(200, 49), 49);
    assert_eq!(bench.requests(500, 50), 50);
    assert!(!bench.is_open());
    assert_eq!(bench.requests(500, 1), 1);
    assert!(bench.is_open());
    let half = Bench::seed();
    half.requests(200, 50);
    half.requests(500, 50);
    assert!(!half.is_open(), "50 of 100");
}

#[test]
fn item_138_139_closed_it_lets_all_through_and_open_nothing() {
    let bench = Bench::seed();
    assert_eq!(bench.requests(200, 100), 100);
    assert_eq!(bench.requests(500, 1_000), 105, "105 of 205 are 51 %");
    assert_eq!(bench.requests(200, 100), 0);
}

#[test]
fn item_140_it_closes_30_seconds_after_the_last_touch() {
    let probe_after = |time: u64| {
        let bench = Bench::seed();
        bench.requests(500, 1);
        assert!(bench.is_open());
        bench.clock.advance(time);
        bench.begin().is_some()
    };
    assert!(!probe_after(29_000));
    assert!(probe_after(31_000));
}

#[test]
fn item_141_refusals_do_not_refresh() {
    let bench = Bench::seed();
    bench.requests(500, 1);
    let refused = (0..).take_while(|_| {
        bench.clock.advance(1_000);
        bench.begin().is_none()
    });
    assert_eq!(refused.count(), 29);
}

#[test]
fn item_142_closed_again_everything_is_new() {
    let bench = Bench::seed();
    bench.requests(500, 5);
    bench.clock.advance(30_000);
    bench.requests(200, 1);
    let entry = bench.entry().expect("a new entry");
    let counts = [
        DataType::HttpReqRate,
        DataType::Gpc0,
        DataType::Gpc0Rate,
        DataType::Gpc1,
    ];
    assert_eq!(counts.map(|kind| bench.read(&entry, kind)), [1, 0, 0, 0]);
}

/// The key is the backend: which server it was makes no difference.
#[test]
fn item_143_one_bad_server_cuts_off_both() {
    let bench = Bench::seed();
    let reached = (0..100).filter_map(|number| {
        let status = if number % 5 < 3 { 500 } else { 200 };
        bench.begin().map(|admitted| bench.answer(admitted, status))
    });
    assert_eq!(reached.count(), 1, "the very first one is one of one");
    let fair = Bench::seed();
    fair.requests(200, 20);
    for number in 0..200 {
        let status = if number % 5 < 3 { 500 } else { 200 };
        fair.requests(status, 1);
    }
    assert!(fair.is_open() && fair.begin().is_none());
}

#[test]
fn item_144_one_entry_with_its_data() {
    let bench = Bench::seed();
    bench.requests(200, 3);
    bench.requests(500, 1);
    let table = &bench.tables.0[0];
    assert_eq!(table.used(), 1);
    let entry = bench.entry().expect("the backend's entry");
    assert!(table.expires_in(&entry) <= 30_000);
    let stored: Vec<_> = table
        .layout()
        .stored()
        .map(|s| (s.kind, s.period))
        .collect();
    for (kind, period) in [
        (DataType::HttpReqRate, 10_000),
        (DataType::Gpc0Rate, 10_000),
    ] {
        assert!(stored.contains(&(kind, period)), "{kind:?}");
    }
    let counts = [
        DataType::HttpReqRate,
        DataType::Gpc0,
        DataType::Gpc0Rate,
        DataType::Gpc1,
    ];
    assert_eq!(counts.map(|kind| bench.read(&entry, kind)), [4, 1, 1, 0]);
}

#[test]
fn item_145_another_share_and_another_time() {
    let share = Bench::new(|text| text.replace("gt 50 }", "gt 20 }"));
    share.requests(200, 79);
    share.requests(500, 20);
    assert!(!share.is_open());
    share.requests(500, 1);
    assert!(share.is_open());
    let time = Bench::new(|text| text.replace("expire 30s", "expire 5s"));
    time.requests(500, 1);
    time.clock.advance(4_999);
    assert!(time.begin().is_none());
    time.clock.advance(1);
    assert!(time.begin().is_some());
}

#[test]
fn item_146_one_error_is_enough_on_an_empty_table() {
    let bench = Bench::seed();
    bench.requests(500, 1);
    assert!(bench.is_open());
}

/// A request of 12 s that was let through before: the entry lives on by whole lifetimes.
#[test]
fn item_147_work_in_flight_keeps_it_open() {
    let bench = Bench::new(|text| text.replace("expire 30s", "expire 5s"));
    let slow = bench.begin().expect("it is closed");
    bench.requests(500, 2);
    assert!(bench.is_open());
    bench.clock.advance(12_000);
    assert!(bench.begin().is_none());
    drop(slow);
    let mut left = 0;
    while bench.begin().is_none() {
        bench.clock.advance(100);
        left += 100;
    }
    assert!((2_900..=3_100).contains(&left), "{left}: about 15 s in all");
}

#[test]
fn item_149_how_often_it_was_opened_makes_no_difference() {
    let bench = Bench::seed();
    let both = [bench.begin(), bench.begin()];
    for admitted in both.into_iter().flatten() {
        bench.answer(admitted, 500);
    }
    let entry = bench.entry().expect("the backend's entry");
    assert!(bench.read(&entry, DataType::Gpc1) >= 1);
    assert!(bench.begin().is_none());
    bench.clock.advance(30_000);
    assert!(bench.begin().is_some());
}

/// How many of 50 requests each second get through rules that count clients in a table.
fn of_each_second(lines: &str, seconds: u64) -> Vec<usize> {
    let text = format!(
        "defaults\n mode http\n timeout client 1s\n timeout server 1s\n timeout connect 1s\n\
         backend serviceA\n \
         stick-table type ipv6 size 100k expire 30s store gpc0,gpc0_rate(1s),http_req_rate(1s)\n \
         http-request track-sc0 src\n {lines}\n server s1 192.0.2.1:80\n"
    );
    let bench = Bench::new(|_| text.clone());
    let second = |_| {
        let passed = (0..50).filter(|_| {
            bench.clock.advance(20);
            bench.begin().is_some()
        });
        passed.count()
    };
    (0..seconds).map(second).collect()
}

#[test]
fn item_22_counting_those_let_through_gives_ten_each_second() {
    let lines = "http-request deny deny_status 429 if { sc_gpc0_rate(0) ge 10 }\n \
                 http-request sc-inc-gpc0(0)";
    assert_eq!(of_each_second(lines, 15), [10; 15]);
}

#[test]
fn item_23_counting_all_ends_with_none() {
    let lines = "http-request deny deny_status 429 if { sc_http_req_rate(0) gt 10 }";
    assert_eq!(of_each_second(lines, 15).iter().sum::<usize>(), 10);
}
