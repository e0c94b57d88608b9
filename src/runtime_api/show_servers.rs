//! `show servers state`, `show servers conn`: every server, in lines for programs.

use super::anon::Anon;
use super::answer::Answer;
use super::command::{Call, Command};
use super::servers;
use crate::health::{Check, CheckAddr, CheckKind, CheckSpec, CheckStatus, Place, Verdict};
use crate::net::ServerAddr;
use crate::proxy::Control;
use crate::settings::AccessLevel;
use std::io::Write;
use std::net::SocketAddr;

pub(super) const COMMANDS: &[Command] = &[
    Command::new(
        "show servers state",
        "[<backend>]",
        "shows the state of servers",
        AccessLevel::User,
        |call| {
            let heading = format!("1\n# {STATE_COLUMNS}\n");
            each(call, heading, state_line)
        },
    ),
    Command::new(
        "show servers conn",
        "[<backend>]",
        "shows the connections of servers",
        AccessLevel::User,
        |call| {
            let heading = format!("# {CONN_COLUMNS}[{}]\n", call.control.threads());
            each(call, heading, conn_line)
        },
    ),
];

const STATE_COLUMNS: &str = "be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port";
const CONN_COLUMNS: &str = "bkname/svname bkid/svid addr port - purge_delay served used_cur used_max need_est idle_sess unsafe_nb safe_nb idle_lim idle_cur idle_per_thr";

/// Writes the line of a server.
type Show = fn(&Control, Place, Anon, &mut Vec<u8>) -> Option<()>;

fn each(call: &mut Call<'_>, heading: String, show: Show) -> Answer {
    let (control, anon) = (call.control.clone(), call.session.anon);
    let only = match call.has(3).then(|| servers::backend(call, 3)) {
        Some(Err(_)) => return Answer::error("Can't find backend."),
        Some(Ok(backend)) => Some(backend),
        None => None,
    };
    let places: Vec<Place> = control.health().places().collect();
    let mut places = places
        .into_iter()
        .filter(move |place| only.is_none_or(|only| place.backend == only));
    let mut heading = heading.into_bytes();
    Answer::pieces(move |out| {
        out.append(&mut heading);
        match places.next() {
            Some(place) => {
                // Every place has a server.
                let _ = show(&control, place, anon, out);
                true
            }
            None => false,
        }
    })
}

fn state_line(control: &Control, place: Place, anon: Anon, out: &mut Vec<u8>) -> Option<()> {
    let backend = control.config().backends.get(place.backend)?;
    let server = backend.servers.get(place.server)?;
    let state = control.backends().get(place.backend)?;
    let state = state.servers().get(place.server)?;
    let health = control.health();
    let (check, agent) = (
        health.check(place, CheckKind::Health),
        health.check(place, CheckKind::Agent),
    );
    let status = state.status();
    let addr = state.addr();
    let (ip, port) = shown(addr.as_deref());
    let ip = anon.address(&ip);
    // A server that is not checked shows what checks would start with.
    let (code, result, level) = match &check {
        Some(check) => (
            check.last.status.number(),
            result(check.last.status),
            check.level,
        ),
        None => (1, 0, health.server(place)?.unchecked_level()),
    };
    let flags = |check: &Option<Check>| match check {
        Some(check) => 2 | u8::from(check.enabled) << 2 | u8::from(check.paused) << 3,
        None => 0,
    };
    let agent_flags = match flags(&agent) {
        0 => 0,
        flags => flags | 16,
    };
    let spec_of = |kind| health.check_spec(place, kind);
    let (check_addr, check_port) = target(spec_of(CheckKind::Health).as_ref());
    let (agent_addr, agent_port) = target(spec_of(CheckKind::Agent).as_ref());
    // A vector takes everything.
    let _ = writeln!(
        out,
        "{} {} {} {} {ip} {} {} {} {} {} {code} {result} {level} {} {agent_flags} 0 0 - {port} - 0 {check_port} {check_addr} {agent_addr} {agent_port}",
        backend.uuid,
        anon.text(&backend.name),
        server.id,
        anon.text(&server.name),
        status.operation as u8,
        // Those of HAProxy's flags.
        status.admin.0 & 0xff,
        state.user_weight(),
        state.initial_weight(),
        state.unchanged_s(),
        match check {
            // Written 'disabled', it stays paused for ever.
            None if server.disabled => 8,
            check => flags(&check),
        },
    );
    Some(())
}

/// What HAProxy calls the result of a check.
fn result(status: CheckStatus) -> u8 {
    match (status, status.verdict()) {
        (CheckStatus::Unknown | CheckStatus::Initializing, _) => 0,
        (_, Verdict::Neutral) => 1,
        (_, Verdict::Failed) => 2,
        (_, Verdict::Passed) => 3,
        (_, Verdict::PassedConditionally) => 4,
    }
}

/// A server's address and port; a name of a file is neither.
fn shown(addr: Option<&ServerAddr>) -> (String, u16) {
    match addr {
        Some(ServerAddr::Tcp(addr)) => (addr.ip().to_string(), addr.port()),
        _ => ("-".to_owned(), 0),
    }
}

/// Where a check goes, if not to the server itself.
fn target(spec: Option<&CheckSpec>) -> (String, u16) {
    let Some(spec) = spec else {
        return ("-".to_owned(), 0);
    };
    match &spec.addr {
        Some(CheckAddr::Ip(ip, port)) => {
            let addr = SocketAddr::new(*ip, *port);
            (
                addr.ip().to_string(),
                if spec.port == 0 {
                    addr.port()
                } else {
                    spec.port
                },
            )
        }
        _ => ("-".to_owned(), spec.port),
    }
}

fn conn_line(control: &Control, place: Place, anon: Anon, out: &mut Vec<u8>) -> Option<()> {
    let backend = control.config().backends.get(place.backend)?;
    let server = backend.servers.get(place.server)?;
    let state = control.backends().get(place.backend)?;
    let state = state.servers().get(place.server)?;
    let addr = state.addr();
    let (ip, port) = shown(addr.as_deref());
    let ip = anon.address(&ip);
    let served = state.served();
    let limit = server.pool_max_conn.map_or(-1, i64::from);
    let counters = control.server_counters(place)?;
    let (fresh, safe, needed) = counters.idle();
    let most = counters.most_sessions().max(served);
    // Whoever is served uses one connection, and clients' own idle ones are not counted. A vector takes
    // everything.
    let _ = write!(
        out,
        "{}/{} {}/{} {ip} {port} - {} {served} {served} {most} {needed} 0 {fresh} {safe} {limit} {}",
        anon.text(&backend.name),
        anon.text(&server.name),
        backend.uuid,
        server.id,
        server.pool_purge_delay,
        fresh + safe,
    );
    for idle in counters.idle_by_writer() {
        let _ = write!(out, " {idle}");
    }
    out.push(b'\n');
    Some(())
}
