//! `show rate-limit` and `show inflight-limit`: the limits, or the keys of one.

use super::answer::Answer;
use super::command::{Call, Command, PERMISSION_DENIED, shown};
use crate::protect::{InflightView, RateView};
use crate::settings::AccessLevel;
use std::net::{Ipv4Addr, Ipv6Addr};

pub(super) const COMMANDS: &[Command] = &[
    Command::new(
        "show rate-limit",
        "[<name>]",
        "lists the rate limits, or the keys of one and their tokens",
        AccessLevel::User,
        rate_limits,
    ),
    Command::new(
        "show inflight-limit",
        "[<name>]",
        "lists the in-flight limits, or the keys of one and their requests",
        AccessLevel::User,
        inflight_limits,
    ),
];

fn rate_limits(call: &mut Call<'_>) -> Answer {
    let limits = &call.control.protections().rate_limits;
    if !call.has(2) {
        return Answer::each(limits.clone(), |limit, out| {
            out.extend_from_slice(rate_line(&limit.view()).as_bytes());
        });
    }
    let name = call.text(2);
    let Some(limit) = limits.iter().find(|limit| *limit.spec().name == *name) else {
        return unknown_rate_limit(call);
    };
    // Keys tell who the clients are.
    if call.session.level < AccessLevel::Operator {
        return Answer::error(PERMISSION_DENIED);
    }
    let mut text = rate_line(&limit.view());
    limit.each_key(|key, tokens| {
        let key = shown_key(key, limit.spec().by_address);
        text.push_str(&format!("key={key} tokens={tokens}\n"));
    });
    Answer::text(text)
}

/// That none has the name.
pub(super) fn unknown_rate_limit(call: &Call<'_>) -> Answer {
    let limits = call.control.protections().rate_limits.iter();
    let names = limits.map(|limit| &*limit.spec().name);
    Answer::no_such("rate limit", "show rate-limit", names)
}

fn rate_line(view: &RateView) -> String {
    let RateView { spec, .. } = view;
    format!(
        "limit={} average={} period={} burst={} size={} keys={} allowed={} delayed={} denied={} shadow={}\n",
        spec.name,
        spec.average,
        spec.period,
        spec.burst,
        spec.size,
        view.keys,
        view.passed,
        view.delayed,
        view.refused,
        u8::from(spec.shadow),
    )
}

fn inflight_limits(call: &mut Call<'_>) -> Answer {
    let limits = &call.control.protections().inflight_limits;
    if !call.has(2) {
        return Answer::each(limits.clone(), |limit, out| {
            out.extend_from_slice(inflight_line(&limit.view()).as_bytes());
        });
    }
    let name = call.text(2);
    let Some(limit) = limits.iter().find(|limit| *limit.spec().name == *name) else {
        let names = limits.iter().map(|limit| &*limit.spec().name);
        return Answer::no_such("in-flight limit", "show inflight-limit", names);
    };
    if call.session.level < AccessLevel::Operator {
        return Answer::error(PERMISSION_DENIED);
    }
    let mut text = inflight_line(&limit.view());
    limit.each_key(|key, requests| {
        let key = shown_key(key, limit.spec().by_address);
        text.push_str(&format!("key={key} requests={requests}\n"));
    });
    Answer::text(text)
}

fn inflight_line(view: &InflightView) -> String {
    let InflightView { spec, .. } = view;
    format!(
        "limit={} requests={} most={} size={} keys={} allowed={} denied={} shadow={}\n",
        spec.name,
        view.current,
        spec.most,
        spec.size,
        view.keys,
        view.passed,
        view.refused,
        u8::from(spec.shadow),
    )
}

fn shown_key(key: &[u8], by_address: bool) -> String {
    match by_address {
        false => shown(key),
        true => match (<[u8; 4]>::try_from(key), <[u8; 16]>::try_from(key)) {
            (Ok(octets), _) => Ipv4Addr::from(octets).to_string(),
            (_, Ok(octets)) => Ipv6Addr::from(octets).to_string(),
            _ => String::new(),
        },
    }
}
