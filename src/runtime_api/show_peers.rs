//! `show peers`: the `peers` sections, and how far the exchange with each peer is.
//!
//! The lines are HAProxy's. What the flags of its peers and tables and its counters of tasks stand for does
//! not exist here: they are 0.

use super::answer::Answer;
use super::command::{Call, Command};
use crate::clock::Millis;
use crate::net::{Endpoint, ServerAddr};
use crate::peers::{Peer, Resync, Section, Side, Status};
use crate::settings::{AccessLevel, PeerAddress};
use std::fmt::Write;
use std::rc::Rc;
use std::sync::Arc;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "show peers",
    "[dict|-] [<section>]",
    "shows the peers of all sections, or of one",
    AccessLevel::User,
    run,
)];

fn run(call: &mut Call<'_>) -> Answer {
    let mut at = 2;
    let with_texts = call.bytes(at) == b"dict";
    if with_texts || call.bytes(at) == b"-" {
        at += 1;
    }
    let mut sections = call.control.peers();
    if call.has(at) {
        let name = call.text(at);
        sections.retain(|section| *section.config.name == *name);
        if sections.is_empty() {
            return Answer::error("No such peers");
        }
    }
    let clock = call.control.clock().clone();
    let mut is_first = true;
    Answer::each(sections, move |section, out| {
        let mut text = String::new();
        if !std::mem::take(&mut is_first) {
            text.push('\n');
        }
        // A string takes everything.
        let _ = show_section(
            &section,
            clock.wall_us(section.since_us),
            with_texts,
            &mut text,
        );
        out.extend_from_slice(text.as_bytes());
    })
}

fn show_section(
    section: &Rc<Section>,
    since_wall_us: u64,
    with_texts: bool,
    out: &mut String,
) -> std::fmt::Result {
    let now = section.now();
    let until = match section.resync() {
        Resync::FromLocal(until) | Resync::Wanted(until) => left(Some(until), now),
        Resync::Asked => "<NEVER>".to_owned(),
        Resync::Done => "<PAST>".to_owned(),
    };
    writeln!(
        out,
        "{:p}: [{}] id={} disabled=0 flags={:#x} resync_timeout={until} task_calls=0",
        Rc::as_ptr(section),
        date(since_wall_us),
        section.config.name,
        section.flags()
    )?;
    let peers = section.config.peers.iter().zip(&section.peers);
    for (config, peer) in peers.rev() {
        show_peer(section, config, peer, now, out)?;
        show_tables(section, peer, with_texts, out)?;
    }
    Ok(())
}

fn show_peer(
    section: &Section,
    config: &PeerAddress,
    peer: &Peer,
    now: Millis,
    out: &mut String,
) -> std::fmt::Result {
    let state = peer.state.borrow();
    let is_running = peer.is_active() && state.status == Status::Established;
    let handshake = state
        .last_handshake
        .map(|at| seconds(now.saturating_sub(at)));
    let addr = match (&config.addr, &section.config.bind) {
        (Some(ServerAddr::Tcp(addr)), _) => format!("{}:{}", addr.ip(), addr.port()),
        (Some(addr), _) => addr.to_string(),
        (None, Some(bind)) => bind.name.to_string(),
        (None, None) => "-".to_owned(),
    };
    writeln!(
        out,
        "  {:p}: id={}({},{}) addr={addr} app_state={} learn_state={} last_status={} last_hdshk={}",
        peer,
        config.name,
        if config.is_local { "local" } else { "remote" },
        if peer.is_active() {
            "active"
        } else {
            "inactive"
        },
        if is_running { "RUNNING" } else { "STOPPED" },
        if state.is_teaching {
            "PROCESSING"
        } else {
            "NOTASSIGNED"
        },
        state.status.word(),
        handshake.as_deref().unwrap_or("<NEVER>"),
    )?;
    writeln!(
        out,
        "        reconnect={} heartbeat={} confirm={} tx_hbt={} rx_hbt={} no_hbt={} new_conn={} proto_err={} coll={}",
        left(state.reconnect_at, now),
        left(state.heartbeat_at, now),
        state.confirms,
        state.sent_heartbeats,
        state.received_heartbeats,
        state.silences,
        state.connections,
        state.faults,
        state.collisions
    )?;
    write!(out, "        flags=0x0")?;
    if let Some((from, to)) = state.ends {
        write!(
            out,
            " state=EST\n        xprt=RAW src={} addr={}",
            end(from),
            end(to)
        )?;
    }
    for (label, table) in [
        ("remote_table", state.current_tables.1),
        ("last_local_table", state.current_tables.0),
    ] {
        let sides = peer.sides.borrow();
        if let Some(table) = table
            && let (Some((shared, _)), Some(side)) = (section.tables().nth(table), sides.get(table))
        {
            let (own, name) = (table + 1, &shared.table.spec().name);
            write!(
                out,
                "\n        {label}:{:p} id={name} local_id={own} remote_id={}",
                shared, side.remote_id
            )?;
        }
    }
    Ok(())
}

fn show_tables(
    section: &Section,
    peer: &Peer,
    with_texts: bool,
    out: &mut String,
) -> std::fmt::Result {
    if section.config.tables.is_empty() {
        return out.write_char('\n');
    }
    write!(out, "\n        shared tables:")?;
    let sides = peer.sides.borrow();
    let tables: Vec<_> = (1..).zip(section.tables().zip(&*sides)).collect();
    for (own, ((shared, last), side)) in tables.into_iter().rev() {
        show_side(side, own, &format!("{shared:p}"), out)?;
        let name = &shared.table.spec().name;
        write!(
            out,
            "\n              table:{:p} id={name} update={last} localupdate={last} refcnt={}",
            Arc::as_ptr(&shared.table),
            Arc::strong_count(&shared.table)
        )?;
        match with_texts {
            true => show_texts(peer, out)?,
            false => write!(
                out,
                "\n        Dictionary cache not dumped (use \"show peers dict\")"
            )?,
        }
    }
    out.write_char('\n')
}

fn show_side(side: &Side, own: usize, address: &str, out: &mut String) -> std::fmt::Result {
    write!(
        out,
        "\n          {address} local_id={own} remote_id={} flags=0x0 remote_data=0x{:x}\
         \n              last_acked={} last_pushed={} last_get={} teaching_origin={} update={}",
        side.remote_id,
        side.remote_types,
        side.confirmed,
        side.pushed,
        side.received,
        side.origin,
        side.acknowledged
    )
}

fn show_texts(peer: &Peer, out: &mut String) -> std::fmt::Result {
    let (said, told) = peer.texts();
    let said = said.into_iter().map(Some).collect();
    for (label, texts) in [("TX", said), ("RX", told)] {
        write!(out, "\n        {label} dictionary cache:")?;
        for (at, text) in texts.iter().enumerate() {
            if at % 4 == 0 {
                write!(out, "\n        ")?;
            }
            write!(out, "  {at:3} -> {}", text.as_deref().unwrap_or("-"))?;
        }
    }
    Ok(())
}

fn end(end: Endpoint) -> String {
    match end {
        Endpoint::Inet(addr) => format!("{}:{}", addr.ip(), addr.port()),
        _ => "unix".to_owned(),
    }
}

/// The local time that HAProxy's log lines show.
fn date(wall_us: u64) -> String {
    let second = i64::try_from(wall_us / 1_000_000).unwrap_or(i64::MAX);
    let at = jiff::Timestamp::from_second(second).unwrap_or(jiff::Timestamp::MAX);
    let local = at.to_zoned(jiff::tz::TimeZone::system());
    local.strftime("%d/%b/%Y:%H:%M:%S").to_string()
}

/// How long until a moment.
fn left(at: Option<Millis>, now: Millis) -> String {
    match Peer::left(at, now) {
        None => "<NEVER>".to_owned(),
        Some(0) => "<PAST>".to_owned(),
        Some(left) => seconds(left),
    }
}

/// A time in its two largest units.
fn seconds(ms: Millis) -> String {
    let (mut rest, mut shown, mut text) = (ms / 1000, 0, String::new());
    for (unit, name) in [(86_400, 'd'), (3_600, 'h'), (60, 'm'), (1, 's')] {
        let count = rest / unit;
        rest %= unit;
        if shown < 2 && (count > 0 || (name == 's' && text.is_empty())) {
            text.push_str(&format!("{count}{name}"));
            shown += 1;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        let check = |s: Millis, expected: &str| assert_eq!(seconds(s * 1000), expected);
        check(0, "0s");
        check(59, "59s");
        check(60, "1m");
        check(3_661, "1h1m");
        check(86_400 + 61, "1d1m");
        assert_eq!(left(None, 5), "<NEVER>");
        assert_eq!(left(Some(5), 5), "<PAST>");
        assert_eq!(left(Some(2_005), 5), "2s");
    }
}
