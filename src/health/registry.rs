//! The state of every server's health, and what follows from a change (SEMANTICS 1.1, 1.6, 1.9).
//!
//! One lock orders all changes, so that servers that track each other across backends and the lines
//! about them come in order; requests never take it but for an error too many. Nothing here waits.

use super::counter::{Bounds, Check, Outcome};
use super::observe::{Event, Says};
use super::report::{self, Cause, Standing};
use super::spec::{BackendSpec, CheckKind, Observe, OnError, Place, ServerSpec};
use super::status::{CheckStatus, Verdict};
use crate::backend::{Admin, BackendState, Change, Operation, ServerState};
use crate::clock::{Clock, Millis};
use crate::growing::Growing;
use crate::observe::log::level;
use parking_lot::Mutex;
use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::Notify;

/// Why the streams of a server are ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shutdown {
    /// `on-marked-down shutdown-sessions` (`D`).
    Down,
    /// `on-marked-up shutdown-backup-sessions` (`U`).
    Up,
}

/// Where consequences go.
pub trait Reports: Send + Sync {
    /// Writes a line to the log of a backend, at a level of syslog.
    fn log(&self, backend: usize, level: u8, line: &str);

    /// Ends the streams of a server.
    fn shut_down(&self, place: Place, why: Shutdown);

    /// What a check that begins remembers, for the texts of scripts.
    fn memory(&self) -> Box<dyn Any>;
}

/// The health of all servers.
pub struct Health {
    clock: Clock,
    backends: Growing<Part>,
    reports: Box<dyn Reports>,
    checks: Mutex<Vec<Vec<Checks>>>,
    /// Servers that were added, whose checks are to begin.
    added: Mutex<Vec<Place>>,
    /// There are such servers.
    pub(super) grown: Notify,
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Health").finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Part {
    spec: BackendSpec,
    state: Arc<BackendState>,
    servers: Growing<ServerHealth>,
}

/// What is known of a server's health without asking for its checks.
#[derive(Debug, Default)]
pub struct ServerHealth {
    spec: ServerSpec,
    /// Errors in a row.
    errors: AtomicU32,
    /// How often there were too many.
    analyzed: AtomicU32,
    /// Failed checks.
    failed: AtomicU32,
    /// Those that track this server.
    trackers: Mutex<Vec<Place>>,
    /// Its next check may be due earlier.
    pub(super) wake: Notify,
    /// A slow start began.
    pub(super) warm: Notify,
}

impl ServerHealth {
    /// How often live traffic failed too often in a row (`hanafail`).
    pub fn analyzed(&self) -> u32 {
        self.analyzed.load(Ordering::Relaxed)
    }

    /// Failed checks (`chkfail`).
    pub fn failed(&self) -> u32 {
        self.failed.load(Ordering::Relaxed)
    }

    /// Errors in a row so far.
    pub fn errors(&self) -> u32 {
        self.errors.load(Ordering::Relaxed)
    }
}

/// The checks of one server.
#[derive(Clone, Debug, Default)]
struct Checks {
    health: Option<Check>,
    agent: Option<Check>,
}

impl Checks {
    fn of(spec: &ServerSpec) -> Self {
        let check = |spec: &super::spec::CheckSpec, kind, start| {
            let bounds = Bounds {
                rise: spec.rise,
                fall: spec.fall,
            };
            Check::new(kind, bounds, start)
        };
        let health = spec.check.as_ref();
        let agent = spec.agent.as_ref();
        Self {
            health: health.map(|spec_of| check(spec_of, CheckKind::Health, spec.init_state)),
            agent: agent.map(|spec_of| check(spec_of, CheckKind::Agent, None)),
        }
    }

    fn get(&self, kind: CheckKind) -> Option<&Check> {
        match kind {
            CheckKind::Health => self.health.as_ref(),
            CheckKind::Agent => self.agent.as_ref(),
        }
    }

    fn get_mut(&mut self, kind: CheckKind) -> Option<&mut Check> {
        match kind {
            CheckKind::Health => self.health.as_mut(),
            CheckKind::Agent => self.agent.as_mut(),
        }
    }

    /// Whether all that is checked holds the server up.
    fn hold_up(&self) -> bool {
        let both = [&self.health, &self.agent];
        both.into_iter()
            .flatten()
            .all(|check| !check.enabled || check.is_up())
    }
}

type Table = Vec<Vec<Checks>>;

fn checks_of(table: &Table, place: Place) -> Option<&Checks> {
    table.get(place.backend)?.get(place.server)
}

fn checks_mut(table: &mut Table, place: Place) -> Option<&mut Checks> {
    table.get_mut(place.backend)?.get_mut(place.server)
}

/// Asking.
impl Health {
    /// The health of these backends. Servers in maintenance pass that on to those that track them.
    pub fn new(
        specs: Vec<BackendSpec>,
        states: &Growing<Arc<BackendState>>,
        clock: &Clock,
        reports: Box<dyn Reports>,
    ) -> Arc<Self> {
        let checks = specs
            .iter()
            .map(|backend| backend.servers.iter().map(Checks::of).collect())
            .collect();
        let mut trackers: Vec<Vec<Vec<Place>>> = specs
            .iter()
            .map(|backend| vec![Vec::new(); backend.servers.len()])
            .collect();
        for (backend, spec) in specs.iter().enumerate() {
            for (server, spec) in spec.servers.iter().enumerate() {
                let tracked = spec
                    .track
                    .and_then(|tracked| trackers.get_mut(tracked.backend)?.get_mut(tracked.server));
                if let Some(tracked) = tracked {
                    // The one written last is told first.
                    tracked.insert(0, Place { backend, server });
                }
            }
        }
        let parts = specs.into_iter().zip(states).zip(trackers);
        let backends = parts.map(|((mut spec, state), trackers)| Part {
            state: Arc::clone(state),
            servers: std::mem::take(&mut spec.servers)
                .into_iter()
                .zip(trackers)
                .map(|(spec, trackers)| ServerHealth {
                    spec,
                    trackers: Mutex::new(trackers),
                    ..ServerHealth::default()
                })
                .collect(),
            spec,
        });
        let health = Arc::new(Self {
            clock: clock.clone(),
            backends: backends.collect(),
            reports,
            checks: Mutex::new(checks),
            added: Mutex::default(),
            grown: Notify::new(),
        });
        health.begin();
        health
    }

    /// Passes maintenance and drain on at start, without a line.
    fn begin(&self) {
        let mut table = self.checks.lock();
        for place in self.places() {
            let Some((_, state)) = self.server_at(place) else {
                continue;
            };
            let admin = state.status().admin;
            if let Some(check) = checks_mut(&mut table, place).and_then(|c| c.health.as_mut()) {
                check.paused = admin.has(Admin::MAINT);
                // A server may go on from an earlier configuration.
                if check.paused || check.is_up() && !state.is_up() {
                    check.level = 0;
                }
            }
            let is_tracking = self.spec(place).is_some_and(|spec| spec.track.is_some());
            if !is_tracking && admin.has(Admin::MAINT | Admin::CONFIGURED_MAINT) {
                self.inherit(place, Admin::INHERITED_MAINT);
            }
        }
    }

    fn inherit(&self, place: Place, flag: Admin) {
        for tracker in self.trackers(place) {
            if let Some((part, _)) = self.server_at(tracker) {
                part.state.set_admin(tracker.server, flag);
            }
            self.inherit(tracker, flag);
        }
    }

    /// Every server.
    pub fn places(&self) -> impl Iterator<Item = Place> + use<'_> {
        let backends = self.backends.present();
        backends.flat_map(|(backend, part)| {
            let servers = part.servers.present();
            servers.map(move |(server, _)| Place { backend, server })
        })
    }

    /// What is known of a server.
    pub fn server(&self, place: Place) -> Option<&ServerHealth> {
        self.backends.get(place.backend)?.servers.get(place.server)
    }

    /// How a server is checked.
    pub fn spec(&self, place: Place) -> Option<&ServerSpec> {
        self.server(place).map(|server| &server.spec)
    }

    /// A copy of one check's state.
    pub fn check(&self, place: Place, kind: CheckKind) -> Option<Check> {
        checks_of(&self.checks.lock(), place)?.get(kind).cloned()
    }

    /// The backend of a place.
    pub fn backend(&self, place: Place) -> Option<&BackendSpec> {
        Some(&self.backends.get(place.backend)?.spec)
    }

    /// The state of a server.
    pub fn state(&self, place: Place) -> Option<&ServerState> {
        self.server_at(place).map(|(_, state)| state)
    }

    /// The state of a server's backend.
    pub fn backend_state(&self, place: Place) -> Option<&Arc<BackendState>> {
        Some(&self.backends.get(place.backend)?.state)
    }

    pub(super) fn memory(&self) -> Box<dyn Any> {
        self.reports.memory()
    }

    /// The clock that everything here goes by.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    fn trackers(&self, place: Place) -> Vec<Place> {
        let trackers = self.server(place).map(|server| server.trackers.lock());
        trackers.map_or_else(Vec::new, |trackers| trackers.clone())
    }

    fn server_at(&self, place: Place) -> Option<(&Part, &ServerState)> {
        let part = self.backends.get(place.backend)?;
        Some((part, part.state.servers().get(place.server)?))
    }
}

/// What checks and traffic say.
impl Health {
    /// When the next check is due after one that ended at `now`; a hurried one is hurried once.
    pub(super) fn next_due(&self, place: Place, kind: CheckKind, now: Millis) -> Option<Millis> {
        let due = self.would_be_due(place, kind, now);
        let mut table = self.checks.lock();
        if let Some(check) = checks_mut(&mut table, place).and_then(|c| c.get_mut(kind)) {
            check.hurried = false;
        }
        due
    }

    /// When the next check would be due if it were planned now.
    pub(super) fn would_be_due(
        &self,
        place: Place,
        kind: CheckKind,
        now: Millis,
    ) -> Option<Millis> {
        let spec = self.spec(place)?;
        let of_kind = match kind {
            CheckKind::Health => spec.check.as_ref()?,
            CheckKind::Agent => spec.agent.as_ref()?,
        };
        let table = self.checks.lock();
        let check = checks_of(&table, place)?.get(kind)?;
        let is_up = self.state(place)?.is_up();
        Some(now + check.interval(of_kind.intervals, is_up))
    }

    /// Notes that a check begins.
    pub(super) fn started(&self, place: Place, kind: CheckKind) {
        let mut table = self.checks.lock();
        if let Some(check) = checks_mut(&mut table, place).and_then(|c| c.get_mut(kind)) {
            check.running = true;
        }
    }

    /// Takes in how a check ended.
    pub fn finish(
        &self,
        place: Place,
        kind: CheckKind,
        outcome: Outcome,
        duration: Option<Millis>,
    ) {
        let mut table = self.checks.lock();
        let runs = checks_of(&table, place)
            .and_then(|checks| checks.get(kind))
            .is_some_and(|check| check.enabled);
        if runs {
            self.settle(&mut table, place, kind, outcome, duration);
        }
    }

    /// Takes in what happened on a connection to a server.
    pub fn observe(&self, place: Place, event: Event) {
        let (Some(spec), Some(server)) = (self.spec(place), self.server(place)) else {
            return;
        };
        if spec.observe == Observe::Nothing || spec.check.is_none() {
            return;
        }
        match event.says(spec.observe) {
            Says::Nothing => {}
            Says::Success => {
                // Reading first keeps the line of a healthy server shared between workers.
                if server.errors() != 0 {
                    server.errors.store(0, Ordering::Relaxed);
                }
            }
            Says::Error => {
                let errors = server.errors.fetch_add(1, Ordering::AcqRel) + 1;
                if errors >= spec.error_limit {
                    self.too_many_errors(place, spec, server, event);
                }
            }
        }
    }

    fn too_many_errors(&self, place: Place, spec: &ServerSpec, server: &ServerHealth, last: Event) {
        let mut table = self.checks.lock();
        // Of several workers that get here together one acts.
        let errors = server.errors.load(Ordering::Acquire);
        if errors < spec.error_limit {
            return;
        }
        let Some(check) = checks_mut(&mut table, place).and_then(|c| c.health.as_mut()) else {
            return;
        };
        check.hurried = true;
        let rise = check.bounds.rise;
        match spec.on_error {
            OnError::SuddenDeath if check.level > rise => check.level = rise + 1,
            OnError::MarkDown => check.level = rise,
            _ => {}
        }
        if spec.on_error != OnError::FastInter {
            let info = format!(
                "Detected {errors} consecutive errors, last one was: {}",
                last.text()
            );
            let outcome = Outcome::with(CheckStatus::Analyzed, info);
            self.settle(&mut table, place, CheckKind::Health, outcome, None);
        }
        server.errors.store(0, Ordering::Release);
        server.analyzed.fetch_add(1, Ordering::Relaxed);
        drop(table);
        let is_fast = |check: &super::spec::CheckSpec| check.intervals.fast.is_some();
        if spec.check.as_ref().is_some_and(is_fast) {
            server.wake.notify_one();
        }
    }

    fn settle(
        &self,
        table: &mut Table,
        place: Place,
        kind: CheckKind,
        outcome: Outcome,
        duration: Option<Millis>,
    ) {
        let (Some((part, state)), Some(server)) = (self.server_at(place), self.server(place))
        else {
            return;
        };
        let Some(checks) = checks_mut(table, place) else {
            return;
        };
        let Some(check) = checks.get_mut(kind) else {
            return;
        };
        let status = outcome.status;
        let verdict = status.verdict();
        let counts = check.may_fail(status);
        let is_news = check.settle(outcome, duration);
        match verdict {
            Verdict::Neutral => return,
            Verdict::Failed if counts => {
                server.failed.fetch_add(1, Ordering::Relaxed);
            }
            Verdict::Failed => {}
            Verdict::Passed | Verdict::PassedConditionally => {
                server.errors.store(0, Ordering::Relaxed);
            }
        }
        if part.spec.logs_checks && is_news {
            let line = report::check_line(
                check,
                state.is_backup(),
                &self.name(place),
                state.user_weight(),
            );
            self.reports.log(place.backend, level::NOTICE, &line);
        }
        let (fell, holds) = (check.level == 0, checks.hold_up());
        let tracks = self.spec(place).is_some_and(|spec| spec.track.is_some());
        let cause = match kind {
            _ if tracks || part.spec.logs_checks => Cause::Silent,
            CheckKind::Health => Cause::Health,
            CheckKind::Agent => Cause::Agent,
        };
        match verdict {
            Verdict::Failed => {
                let counts = kind == CheckKind::Health || status == CheckStatus::L7Status;
                if fell && counts {
                    self.stop(table, place, cause);
                }
            }
            Verdict::Passed if holds && self.may_rise(place) => {
                let stopping = state.status().operation == Operation::Stopping;
                if kind == CheckKind::Health || !stopping {
                    self.start(table, place, cause);
                }
            }
            Verdict::PassedConditionally
                if holds && self.may_rise(place) && kind == CheckKind::Health =>
            {
                self.retire(table, place, cause);
            }
            _ => {}
        }
    }

    /// Whether neither maintenance nor a tracked server keeps a server down.
    fn may_rise(&self, place: Place) -> bool {
        let in_maintenance = self
            .state(place)
            .is_none_or(|state| state.status().admin.has(Admin::MAINT));
        let tracked = self.spec(place).and_then(|spec| spec.track);
        let tracked_is_down = tracked
            .and_then(|tracked| self.state(tracked))
            .is_some_and(|state| !state.is_up());
        !in_maintenance && !tracked_is_down
    }
}

/// Operational states.
impl Health {
    fn stop(&self, table: &mut Table, place: Place, cause: Cause) {
        let Some((part, state)) = self.server_at(place) else {
            return;
        };
        let before = state.status();
        if before.admin.has(Admin::MAINT) || before.operation == Operation::Stopped {
            return;
        }
        let Some(change) = part.state.mark_down(place.server) else {
            return;
        };
        let requeued = change.requeued + self.shut_sessions(place);
        let was_leaving = before.operation == Operation::Stopping || before.admin.has(Admin::DRAIN);
        let level = if was_leaving {
            level::NOTICE
        } else {
            level::ALERT
        };
        let line = self.line(table, place, "is DOWN", cause, requeued);
        self.reports.log(place.backend, level, &line);
        self.note_backend(place, change);
        for tracker in self.trackers(place) {
            self.stop(table, tracker, Cause::Silent);
        }
    }

    fn start(&self, table: &mut Table, place: Place, cause: Cause) {
        let Some((part, state)) = self.server_at(place) else {
            return;
        };
        let before = state.status();
        let is_up = matches!(before.operation, Operation::Starting | Operation::Running);
        if before.admin.has(Admin::MAINT) || is_up {
            return;
        }
        let Some(change) = part.state.mark_up(place.server) else {
            return;
        };
        self.came_up(place, change);
        let line = self.line(table, place, "is UP", cause, change.requeued);
        self.reports.log(place.backend, level::NOTICE, &line);
        for tracker in self.trackers(place) {
            self.start(table, tracker, Cause::Silent);
        }
    }

    fn retire(&self, table: &mut Table, place: Place, cause: Cause) {
        let Some((part, state)) = self.server_at(place) else {
            return;
        };
        let before = state.status();
        if before.admin.has(Admin::MAINT) || before.operation == Operation::Stopping {
            return;
        }
        let Some(change) = part.state.mark_stopping(place.server) else {
            return;
        };
        let line = self.line(table, place, "is stopping", cause, change.requeued);
        self.reports.log(place.backend, level::NOTICE, &line);
        self.note_backend(place, change);
        for tracker in self.trackers(place) {
            self.retire(table, tracker, Cause::Silent);
        }
    }

    /// Brings a slow start up to the time. Whether it goes on.
    pub(super) fn warm_up(&self, place: Place) -> bool {
        let table = self.checks.lock();
        let Some((part, state)) = self.server_at(place) else {
            return false;
        };
        if state.status().operation != Operation::Starting {
            return false;
        }
        let Some(change) = part.state.warm_up(place.server) else {
            return false;
        };
        if change.after.operation == Operation::Running {
            let line = self.line(&table, place, "is UP", Cause::Silent, change.requeued);
            self.reports.log(place.backend, level::NOTICE, &line);
        }
        change.after.operation == Operation::Starting
    }

    /// What follows when a server may be chosen again.
    fn came_up(&self, place: Place, change: Change) {
        let (Some(spec), Some((part, state))) = (self.spec(place), self.server_at(place)) else {
            return;
        };
        if change.after.operation == Operation::Starting
            && let Some(server) = self.server(place)
        {
            server.warm.notify_one();
        }
        if spec.shutdown_backup_sessions && !state.is_backup() && change.after.share() > 0 {
            for (server, other) in part.state.servers().present() {
                if other.is_backup() {
                    let place = Place { server, ..place };
                    self.reports.shut_down(place, Shutdown::Up);
                    part.state.redistribute(server);
                }
            }
        }
    }

    /// `on-marked-down shutdown-sessions`; how many left the queue.
    fn shut_sessions(&self, place: Place) -> usize {
        let (Some(spec), Some((part, _))) = (self.spec(place), self.server_at(place)) else {
            return 0;
        };
        if !spec.shutdown_sessions {
            return 0;
        }
        self.reports.shut_down(place, Shutdown::Down);
        part.state.redistribute(place.server)
    }

    fn note_backend(&self, place: Place, change: Change) {
        let Some(part) = self.backends.get(place.backend) else {
            return;
        };
        if change.usable_before > 0 && part.state.usable_servers() == 0 {
            let spec = &part.spec;
            let line = format!("{} {} has no server available!", spec.noun, spec.name);
            self.reports.log(place.backend, level::EMERG, &line);
        }
    }

    /// `be/s`.
    pub fn name(&self, place: Place) -> String {
        let backend = self.backend(place).map_or("", |backend| &*backend.name);
        let server = self.spec(place).map_or("", |spec| &*spec.name);
        format!("{backend}/{server}")
    }

    /// `Backup server be/s`, as lines start.
    fn subject(&self, place: Place) -> String {
        let is_backup = self.state(place).is_some_and(ServerState::is_backup);
        let backup = if is_backup { "Backup " } else { "" };
        format!("{backup}Server {}", self.name(place))
    }

    /// The line about an operational state that was entered.
    fn line(
        &self,
        table: &Table,
        place: Place,
        what: &str,
        cause: Cause,
        requeued: usize,
    ) -> String {
        let mut line = format!("{} {what}", self.subject(place));
        let kind = match cause {
            Cause::Silent => None,
            Cause::Health => Some(CheckKind::Health),
            Cause::Agent => Some(CheckKind::Agent),
            Cause::Other(why) => {
                line.push_str(", ");
                line.push_str(why);
                None
            }
        };
        let check = kind.and_then(|kind| checks_of(table, place)?.get(kind));
        if let Some(check) = check {
            report::reason(check, &mut line);
        }
        self.via(place, &mut line);
        self.standing(place, requeued, &mut line);
        line.push('.');
        line
    }

    /// ` via be/s`, of a server that tracks another.
    fn via(&self, place: Place, line: &mut String) {
        if let Some(tracked) = self.spec(place).and_then(|spec| spec.track) {
            line.push_str(" via ");
            line.push_str(&self.name(tracked));
        }
    }

    fn standing(&self, place: Place, requeued: usize, line: &mut String) {
        let Some((part, state)) = self.server_at(place) else {
            return;
        };
        let (active, backup) = part.state.in_service();
        let standing = Standing {
            active,
            backup,
            sessions: state.served(),
            requeued,
            queued: state.queued(),
        };
        match state.is_up() {
            true => standing.online(line),
            false => standing.left(line),
        }
    }
}

/// Administrative states and commands.
impl Health {
    /// `set server … state maint`; `why` is shown in brackets.
    pub fn set_maint(&self, place: Place, why: &str) {
        let mut table = self.checks.lock();
        self.add_flag(&mut table, place, Admin::FORCED_MAINT, why);
        self.remove_flag(&mut table, place, Admin::FORCED_DRAIN);
    }

    /// `set server … state drain`.
    pub fn set_drain(&self, place: Place, why: &str) {
        let mut table = self.checks.lock();
        self.add_flag(&mut table, place, Admin::FORCED_DRAIN, why);
        self.remove_flag(&mut table, place, Admin::FORCED_MAINT);
    }

    /// `set server … state ready`.
    pub fn set_ready(&self, place: Place) {
        let mut table = self.checks.lock();
        self.remove_flag(&mut table, place, Admin::FORCED_DRAIN);
        self.remove_flag(&mut table, place, Admin::FORCED_MAINT);
    }

    /// Adds an administrative flag; `why` is shown in brackets.
    pub fn add(&self, place: Place, flag: Admin, why: &str) {
        self.add_flag(&mut self.checks.lock(), place, flag, why);
    }

    /// Takes an administrative flag away.
    pub fn remove(&self, place: Place, flag: Admin) {
        self.remove_flag(&mut self.checks.lock(), place, flag);
    }

    /// `set server … health`, and that of its agent: as if all checks had ended so.
    pub fn set_health(&self, place: Place, kind: CheckKind, operation: Operation, cause: Cause) {
        let mut table = self.checks.lock();
        if let Some(check) = checks_mut(&mut table, place).and_then(|c| c.get_mut(kind)) {
            check.level = match operation {
                Operation::Stopped => 0,
                _ => check.top(),
            };
        }
        match operation {
            Operation::Stopped => self.stop(&mut table, place, cause),
            Operation::Stopping => self.retire(&mut table, place, cause),
            Operation::Starting | Operation::Running => self.start(&mut table, place, cause),
        }
    }

    /// Turns a check on or off. Whether the server has such a check.
    pub fn enable(&self, place: Place, kind: CheckKind, enabled: bool) -> bool {
        let mut table = self.checks.lock();
        let Some(check) = checks_mut(&mut table, place).and_then(|c| c.get_mut(kind)) else {
            return false;
        };
        check.enabled = enabled;
        if enabled && kind == CheckKind::Agent {
            check.level = check.bounds.rise;
        }
        true
    }

    fn add_flag(&self, table: &mut Table, place: Place, flag: Admin, why: &str) {
        let Some((part, state)) = self.server_at(place) else {
            return;
        };
        let before = state.status();
        if before.admin.has(flag) {
            return;
        }
        let Some(change) = part.state.set_admin(place.server, flag) else {
            return;
        };
        let entered = |group: Admin| change.after.admin.has(group) && !before.admin.has(group);
        if entered(Admin::MAINT) {
            self.entered_maintenance(table, place, change, why);
        } else if !change.after.admin.has(Admin::MAINT) && entered(Admin::DRAIN) {
            let forced = change.after.admin.has(Admin::FORCED_DRAIN);
            let mut line = format!(
                "{} enters drain state{}",
                self.subject(place),
                brackets(why)
            );
            if !forced {
                self.via(place, &mut line);
            }
            self.standing(place, change.requeued, &mut line);
            line.push('.');
            self.reports.log(place.backend, level::NOTICE, &line);
        }
        self.note_backend(place, change);
        let (group, inherited) = inherited(flag);
        if before.admin.has(group) {
            return;
        }
        for tracker in self.trackers(place) {
            self.add_flag(table, tracker, inherited, why);
        }
    }

    fn entered_maintenance(&self, table: &mut Table, place: Place, change: Change, why: &str) {
        if let Some(check) = checks_mut(table, place).and_then(|c| c.health.as_mut()) {
            check.paused = true;
            check.level = 0;
        }
        let forced = change.after.admin.has(Admin::FORCED_MAINT);
        let was_down = change.before.operation == Operation::Stopped;
        let what = match was_down {
            true => "was DOWN and now enters maintenance",
            false => "is going DOWN for maintenance",
        };
        let mut line = format!("{} {what}{}", self.subject(place), brackets(why));
        if !forced {
            self.via(place, &mut line);
        }
        let was_leaving =
            change.before.operation == Operation::Stopping || change.before.admin.has(Admin::DRAIN);
        let mut level = level::NOTICE;
        if !was_down {
            let requeued = change.requeued + self.shut_sessions(place);
            self.standing(place, requeued, &mut line);
            if !was_leaving {
                level = level::ALERT;
            }
        }
        line.push('.');
        self.reports.log(place.backend, level, &line);
    }

    fn remove_flag(&self, table: &mut Table, place: Place, flag: Admin) {
        let Some((part, state)) = self.server_at(place) else {
            return;
        };
        let before = state.status();
        if !before.admin.has(flag) {
            return;
        }
        let leaves = !(before.admin & !flag).has(Admin::MAINT) && before.admin.has(Admin::MAINT);
        let operation = match leaves {
            true => self.after_maintenance(table, place),
            false => before.operation,
        };
        let Some(change) = part.state.clear_admin(place.server, flag, operation) else {
            return;
        };
        self.report_removed(place, flag, change);
        if change.after.share() > 0 && change.before.share() == 0 {
            self.came_up(place, change);
        }
        let (group, inherited) = inherited(flag);
        if change.after.admin.has(group) {
            return;
        }
        for tracker in self.trackers(place) {
            self.remove_flag(table, tracker, inherited);
        }
    }

    /// The operational state of a server that leaves maintenance.
    fn after_maintenance(&self, table: &mut Table, place: Place) -> Operation {
        let (Some(spec), Some(state)) = (self.spec(place), self.state(place)) else {
            return Operation::Stopped;
        };
        let Some(checks) = checks_mut(table, place) else {
            return Operation::Stopped;
        };
        if let (Some(check), Some(check_spec)) = (&mut checks.health, &spec.check) {
            let bounds = Bounds {
                rise: check_spec.rise,
                fall: check_spec.fall,
            };
            check.paused = false;
            check.level = Check::new(CheckKind::Health, bounds, spec.init_state).level;
        }
        let up = match state.slowstart_s() {
            0 => Operation::Running,
            _ => Operation::Starting,
        };
        if let Some(start) = spec.init_state {
            return if start.is_down() {
                Operation::Stopped
            } else {
                up
            };
        }
        let tracked = spec.track.and_then(|tracked| self.state(tracked));
        match tracked.map(|tracked| tracked.status().operation) {
            Some(Operation::Stopped) => Operation::Stopped,
            _ if !checks.hold_up() => Operation::Stopped,
            Some(Operation::Stopping) => Operation::Stopping,
            _ => up,
        }
    }

    fn report_removed(&self, place: Place, flag: Admin, change: Change) {
        let (before, after) = (change.before.admin, change.after.admin);
        let subject = self.subject(place);
        let up = match change.after.operation {
            Operation::Stopped => "DOWN",
            _ => "UP",
        };
        let ready = if after.has(Admin::DRAIN) {
            "DRAIN"
        } else {
            "READY"
        };
        let mut lines = Vec::new();
        if before.has(Admin::MAINT) && !after.has(Admin::MAINT) {
            let why = match flag {
                Admin::FORCED_MAINT => "leaving forced maintenance",
                Admin::UNRESOLVED => "resolves again",
                _ => "leaving maintenance",
            };
            lines.push(format!("{subject} is {up}/{ready} ({why})"));
        } else if after.has(Admin::MAINT) && flag == Admin::FORCED_MAINT {
            let mut line =
                format!("{subject} is leaving forced maintenance but remains in maintenance");
            self.via(place, &mut line);
            lines.push(line);
        } else if after.has(Admin::MAINT) && flag == Admin::INHERITED_MAINT {
            lines.push(format!("{subject} remains in forced maintenance"));
        }
        if !after.has(Admin::MAINT) && flag.has(Admin::DRAIN) {
            lines.push(match (after.has(Admin::DRAIN), flag) {
                (false, Admin::FORCED_DRAIN) => format!("{subject} is {up} (leaving forced drain)"),
                (false, _) => {
                    let mut line = format!("{subject} is {up} (leaving drain)");
                    self.via(place, &mut line);
                    line
                }
                (true, Admin::FORCED_DRAIN) => {
                    let mut line = format!("{subject} remains in drain mode");
                    self.via(place, &mut line);
                    line
                }
                (true, _) => format!("{subject} remains in forced drain mode"),
            });
        }
        for line in lines {
            self.reports
                .log(place.backend, level::NOTICE, &format!("{line}."));
        }
    }
}

/// The group a flag belongs to, and the flag that servers which track this one get for it.
fn inherited(flag: Admin) -> (Admin, Admin) {
    match flag.has(Admin::MAINT) {
        true => (Admin::MAINT, Admin::INHERITED_MAINT),
        false => (Admin::DRAIN, Admin::INHERITED_DRAIN),
    }
}

fn brackets(why: &str) -> String {
    match why {
        "" => String::new(),
        why => format!(" ({why})"),
    }
}
