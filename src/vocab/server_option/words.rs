//! The options of `server` lines that work.

use super::checks::of_server;
use super::{Build, InitAddr, ServerOptions, socks4, source};
use crate::settings::{LogFraming, ProxyOptions, ServerKey};
use crate::vocab::args::{TimeUnit, size};
use crate::vocab::bind_option::OptionArg;
use crate::vocab::codes::BAD_CHOICE;
use crate::vocab::guid::fault;
use crate::vocab::keyword::{Keyword, Sections};
use crate::vocab::line::clamp_u32;
use crate::vocab::suggest::closest;

/// The words; those with arguments take exactly one value.
pub(super) const WORDS: &[Keyword<Build>] = &[
    option(
        "backup",
        "",
        "Used only when no other server is usable; the first such server takes everything unless \
         `option allbackups` is set.",
        |_, o| o.backup = true,
    ),
    option(
        "no-backup",
        "",
        "Reverts 'backup' of default-server.",
        |_, o| o.backup = false,
    ),
    option(
        "cookie",
        "<value>",
        "The value of the backend's `cookie` that means this server. Servers may share one: the \
         first that is up is taken.",
        |arg, o| {
            if let Some(value) = arg.value() {
                o.cookie = Some(value.bytes.clone());
            }
        },
    ),
    option(
        "disabled",
        "",
        "Starts in maintenance: gets no traffic until it is enabled.",
        |_, o| o.disabled = true,
    ),
    option(
        "enabled",
        "",
        "Reverts 'disabled' of default-server.",
        |_, o| o.disabled = false,
    ),
    option(
        "guid",
        "<text>",
        "Identifier of the server in files of statistics (`stats-file`).",
        |arg, o| {
            let Some(word) = arg.value() else { return };
            match fault(&word.text()) {
                Some(why) => arg.error(&why),
                None => o.guid = Some((word.text().into_owned(), word.span)),
            }
        },
    ),
    option(
        "hash-key",
        "{id | id32 | guid | addr | addr-port}",
        "What the server's places on the ring of `hash-type consistent` are made of: its `id`, the \
         default; `id32`, all bits of it; its address; or address and port, so that proxies whose \
         lists differ in order still agree. `guid` stands for `id`, for servers have none yet, and \
         so do the last two where there is no IP address.",
        hash_key,
    ),
    option(
        "id",
        "<number>",
        "Numeric id of the server, above 0 and unique in its backend; `balance first` goes by it. \
         Default: the first free number.",
        id,
    ),
    option(
        "init-addr",
        "<method>[,...]",
        "How the address is found at start, tried in order: `last`, `libc`, `none`, or an IP \
         address. Default `last,libc`.",
        init_addr,
    ),
    option(
        "log-bufsize",
        "<size>",
        "Bytes of lines that wait for a server of a log backend that is connected to. Default 16k.",
        log_bufsize,
    ),
    option(
        "log-proto",
        "{legacy | octet-count}",
        "How log lines are told apart on a connection: each ends with a line feed (`legacy`, the \
         default), or begins with its length (RFC 6587).",
        log_proto,
    ),
    option(
        "max-reuse",
        "<number>",
        "Most times an idle connection is used again after its first request; -1 is no limit, the \
         default.",
        |arg, o| {
            o.max_reuse = limit(arg, o.max_reuse);
        },
    ),
    option(
        "maxconn",
        "<number>",
        "Most concurrent requests, or connections in TCP mode; further ones wait in a queue. 0, \
         the default, is no limit.",
        |arg, o| {
            o.maxconn = count(arg, o.maxconn);
        },
    ),
    option(
        "maxqueue",
        "<number>",
        "Most requests waiting for this very server; further ones go to another. 0, the default, \
         is no limit.",
        |arg, o| {
            o.maxqueue = count(arg, o.maxqueue);
        },
    ),
    option(
        "minconn",
        "<number>",
        "Makes `maxconn` follow the load of the backend, from this value up to `maxconn` at \
         `fullconn`. Default: `maxconn` always.",
        |arg, o| {
            o.minconn = count(arg, o.minconn);
        },
    ),
    option(
        "pool-low-conn",
        "<number>",
        "How many idle connections are kept beyond those that are needed. Default 0.",
        |arg, o| {
            if let Some(number) = arg.number() {
                o.pool_low_conn = clamp_u32(number);
            }
        },
    ),
    option(
        "pool-max-conn",
        "<number>",
        "Most idle connections kept to this server; -1 is no limit, the default, and 0 keeps \
         none. When there are as many, the next one is closed instead of kept.",
        |arg, o| {
            o.pool_max_conn = limit(arg, o.pool_max_conn);
        },
    ),
    option(
        "pool-purge-delay",
        "<time>",
        "How often half of the idle connections that were not needed are closed; 0 keeps none. Default 5s.",
        |arg, o| {
            if arg.value().is_some() {
                let at = arg.at + 1;
                if let Some(delay) = arg.line.duration(at, "pool-purge-delay", TimeUnit::Millis) {
                    o.pool_purge_delay = delay;
                }
            }
        },
    ),
    option(
        "shard",
        "<number>",
        "In `peers` sections: the share of the entries that this peer gets, from 1 to `shards`. Default: all \
         of them. Elsewhere it has no effect.",
        |arg, o| {
            o.shard = count(arg, o.shard);
        },
    ),
    option(
        "proto",
        "{h1 | none}",
        "What connections to the server speak: `h1` in HTTP mode, `none` in TCP mode, as they do anyway.",
        |arg, o| o.proto = arg.mux_proto().or(o.proto),
    ),
    option(
        "send-proxy",
        "",
        "Starts every connection with a PROXY header of version 1 that tells the client's \
         address.",
        |_, o| o.send_proxy = 1,
    ),
    option(
        "proxy-v2-options",
        "<option>[,...]",
        "What a PROXY header of version 2 tells too: `crc32c`, a checksum; `unique-id`, the \
         frontend's unique id; `authority`, of which nothing is known without TLS.",
        proxy_options,
    ),
    option(
        "no-send-proxy",
        "",
        "Reverts 'send-proxy' of default-server.",
        |_, o| {
            o.send_proxy = 0;
        },
    ),
    option(
        "send-proxy-v2",
        "",
        "Starts every connection with a PROXY header of version 2 that tells the client's \
         address.",
        |_, o| o.send_proxy = 2,
    ),
    option(
        "no-send-proxy-v2",
        "",
        "Reverts 'send-proxy-v2' of default-server.",
        |_, o| {
            o.send_proxy = 0;
        },
    ),
    option(
        "socks4",
        "<address>:<port>",
        "Connections to this server go through the SOCKS4 proxy there. Checks do only with \
         'check-via-socks4'.",
        |arg, o| {
            if arg.value().is_some() {
                match socks4(arg.line, arg.at + 1) {
                    Ok(addr) => o.socks4 = Some(addr),
                    Err(message) => arg.error(&message),
                }
            }
        },
    ),
    option(
        "source",
        "<address>[:<port>]",
        "Local address that connections to this server come from. Overrides the proxy's `source`.",
        |arg, o| {
            if arg.value().is_some() {
                match source(arg.line, arg.at + 1) {
                    Ok(addr) => o.source = addr,
                    Err(message) => arg.error(&message),
                }
            }
        },
    ),
    option(
        "weight",
        "<number>",
        "Share of the load in proportion to the other servers', 0 to 256; 0 gets only what \
         belongs to it already. Default 1.",
        weight,
    ),
];

const fn option(
    name: &'static str,
    args: &'static str,
    doc: &'static str,
    build: Build,
) -> Keyword<Build> {
    Keyword {
        name,
        args,
        sections: Sections::BACKEND,
        doc,
        build,
    }
}

/// A count; without one, as the last word of the line, it is 0.
fn count(arg: &mut OptionArg<'_, '_, '_>, before: u32) -> u32 {
    if arg.is_last() {
        return 0;
    }
    arg.number().map_or(before, clamp_u32)
}

/// A count where -1 stands for no limit.
fn limit(arg: &mut OptionArg<'_, '_, '_>, before: Option<u32>) -> Option<u32> {
    match arg.number() {
        Some(-1) => None,
        Some(number) if number < 0 => {
            arg.error("must be >= -1");
            before
        }
        Some(number) => Some(clamp_u32(number)),
        None => before,
    }
}

fn id(arg: &mut OptionArg<'_, '_, '_>, options: &mut ServerOptions) {
    if *arg.line.name() == *"default-server" {
        return arg.error("is not accepted in default-server sections");
    }
    match arg.number() {
        Some(number) if !(1..=u32::MAX.into()).contains(&number) => {
            arg.error("custom id has to be between 1 and 4294967295");
        }
        Some(number) => options.id = Some((clamp_u32(number), arg.line.place(arg.at + 1))),
        None => {}
    }
}

fn proxy_options(arg: &mut OptionArg<'_, '_, '_>, o: &mut ServerOptions) {
    const KNOWN: [&str; 8] = [
        "ssl",
        "cert-cn",
        "ssl-cipher",
        "cert-sig",
        "cert-key",
        "authority",
        "crc32c",
        "unique-id",
    ];
    let Some(list) = arg.text() else {
        return;
    };
    let (at, mut options) = (arg.at + 1, ProxyOptions::default());
    for name in list.split(',') {
        match name {
            "crc32c" => options.checksum = true,
            "unique-id" => options.unique_id = true,
            "authority" => {}
            name if KNOWN.contains(&name) => {
                let what = format!("'proxy-v2-options {name}'");
                return arg.line.not_yet(at, &what, "TLS");
            }
            name => {
                let message = format!("'proxy-v2-options' : unknown proxy v2 option '{name}'");
                return arg.line.error_near(BAD_CHOICE, at, message, KNOWN);
            }
        }
    }
    o.proxy_options = options;
}

fn hash_key(arg: &mut OptionArg<'_, '_, '_>, options: &mut ServerOptions) {
    let Some(text) = arg.text() else { return };
    options.hash_key = match &*text {
        "id" | "guid" => ServerKey::Id,
        "id32" => ServerKey::Id32,
        "addr" => ServerKey::Addr,
        "addr-port" => ServerKey::AddrPort,
        other => {
            let near = closest(
                other,
                ["id", "id32", "guid", "addr", "addr-port"].into_iter(),
            );
            let near = near.map_or(String::new(), |near| format!(", did you mean '{near}'?"));
            return arg.error(&format!(
                "has to be 'id', 'id32', 'guid', 'addr', or 'addr-port'{near}"
            ));
        }
    };
}

fn log_proto(arg: &mut OptionArg<'_, '_, '_>, options: &mut ServerOptions) {
    options.log_proto = match arg.text().as_deref() {
        Some("legacy") => LogFraming::Lines,
        Some("octet-count") => LogFraming::Counted,
        Some(other) => {
            let message = format!("expects one of 'legacy' or 'octet-count' but got '{other}'");
            return arg.error(&message);
        }
        None => return,
    };
}

fn log_bufsize(arg: &mut OptionArg<'_, '_, '_>, options: &mut ServerOptions) {
    let Some(text) = arg.text() else { return };
    match size(&text).ok().and_then(|size| usize::try_from(size).ok()) {
        Some(size @ 1..) => options.log_bufsize = Some(size),
        _ => arg.error(&format!("invalid size '{text}'")),
    }
}

fn weight(arg: &mut OptionArg<'_, '_, '_>, options: &mut ServerOptions) {
    if arg.is_last() {
        options.weight = 0;
        return;
    }
    match arg.number() {
        Some(number @ 0..=256) => options.weight = clamp_u32(number),
        Some(number) => {
            let of = of_server(arg);
            arg.complain(&format!("weight{of} is not within 0 and 256 ({number})."));
        }
        None => {}
    }
}

fn init_addr(arg: &mut OptionArg<'_, '_, '_>, options: &mut ServerOptions) {
    let Some(text) = arg.text() else { return };
    options.init_addr.clear();
    for method in text.split(',') {
        let known = match method {
            "last" => Some(InitAddr::Last),
            "libc" => Some(InitAddr::Libc),
            "none" => Some(InitAddr::None),
            ip => ip.parse().ok().map(InitAddr::Ip),
        };
        match known {
            Some(known) => options.init_addr.push(known),
            None => arg.error(&format!(
                "unknown init-addr address or method '{method}', expects 'last', 'libc', 'none' or an IP address"
            )),
        }
    }
}
