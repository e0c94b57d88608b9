//! The options of `bind` lines that work.

use super::{BindOptions, Build, OptionArg};
use crate::settings::{AccessLevel, SeverityOutput};
use crate::vocab::args::leading_integer;
use crate::vocab::guid::fault;
use crate::vocab::keyword::{Keyword, Sections};
use crate::vocab::line::clamp_u32;

/// The words; those with arguments take exactly one value.
pub(super) const WORDS: &[Keyword<Build>] = &[
    option(
        "accept-proxy",
        "",
        "Expects a PROXY header, version 1 or 2, at the start of every connection, and takes the \
         addresses from it; a connection without one is closed.",
        |_, o| {
            o.accept_proxy = true;
        },
    ),
    option(
        "thread",
        "[<group>/]{<first>[-<last>] | all | odd | even}",
        "The threads that accept connections. Some of them must exist.",
        thread,
    ),
    option(
        "backlog",
        "<number>",
        "Length of the kernel's queue for this listener. Default: the frontend's `backlog`.",
        |arg, o| {
            o.backlog = count(arg);
        },
    ),
    option(
        "defer-accept",
        "",
        "Accepts only once data have arrived.",
        |_, o| {
            o.defer_accept = true;
        },
    ),
    option(
        "expose-fd",
        "listeners",
        "On a stats socket: another process may ask for the listening sockets and for what is in stick tables (`-x`).",
        expose_fd,
    ),
    option(
        "gid",
        "<number>",
        "Group of a UNIX socket's file, by number. Default: the process's.",
        |arg, o| {
            o.unix_gid = count(arg);
        },
    ),
    option(
        "group",
        "<name>",
        "Group of a UNIX socket's file, by name. Default: the process's.",
        group,
    ),
    option(
        "guid-prefix",
        "<text>",
        "Identifiers of the line's sockets in files of statistics: this, and a number from 0.",
        |arg, o| {
            let Some(text) = arg.text() else { return };
            match fault(&text) {
                Some(why) => arg.error(&why),
                None => o.guid_prefix = Some(text),
            }
        },
    ),
    option(
        "id",
        "<number>",
        "Numeric id of the listener, above 0 and unique in its proxy.",
        id,
    ),
    option(
        "interface",
        "<name>",
        "Only packets that come through this network interface. Needs the rights of root.",
        |arg, o| {
            o.interface = arg.text();
        },
    ),
    option(
        "level",
        "<level>",
        "Rights on an administration socket: `user` sees statistics, `operator` everything that \
         changes nothing, `admin` all. Default `operator`.",
        level,
    ),
    option(
        "maxconn",
        "<number>",
        "Most concurrent connections of this listener. Default: only the frontend's limit.",
        maxconn,
    ),
    option(
        "mode",
        "<mode>",
        "File mode of a UNIX socket, in octal such as `660`. Default: what the umask leaves.",
        mode,
    ),
    option(
        "name",
        "<name>",
        "Name of the listener, for `so_name` and statistics.",
        |arg, o| {
            o.name = arg.text();
        },
    ),
    option(
        "proto",
        "{h1 | none}",
        "What the line's connections speak: `h1` in HTTP mode, `none` in TCP mode. It is what they speak \
         anyway, but that nothing turns a connection of `proto none` into HTTP later: it is closed.",
        |arg, o| o.proto = arg.mux_proto().or(o.proto),
    ),
    option(
        "severity-output",
        "<format>",
        "On a stats socket: messages start with their syslog level as a `number` or a `string`, \
         or not (`none`, the default).",
        severity,
    ),
    option("tfo", "", "Accepts TCP Fast Open.", |_, o| o.tfo = true),
    option(
        "transparent",
        "",
        "Binds to addresses that are not this machine's, for transparent proxying. Needs the \
         rights of root.",
        |_, o| {
            o.transparent = true;
        },
    ),
    option(
        "uid",
        "<number>",
        "Owner of a UNIX socket's file, by number. Default: the process's.",
        |arg, o| {
            o.unix_uid = count(arg);
        },
    ),
    option(
        "user",
        "<name>",
        "Owner of a UNIX socket's file, by name. Default: the process's.",
        user,
    ),
    option(
        "v4v6",
        "",
        "A socket bound to `::` takes IPv4 connections too. Default: as the system says.",
        |_, o| {
            o.v6only = Some(false);
        },
    ),
    option(
        "v6only",
        "",
        "A socket bound to `::` takes IPv6 connections only.",
        |_, o| {
            o.v6only = Some(true);
        },
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
        sections: Sections::FRONTEND,
        doc,
        build,
    }
}

fn count(arg: &mut OptionArg<'_, '_, '_>) -> Option<u32> {
    arg.number().map(clamp_u32)
}

fn maxconn(arg: &mut OptionArg<'_, '_, '_>, options: &mut BindOptions) {
    match arg.number() {
        Some(number) if number < 0 => {
            arg.error("invalid value, must be >= 0");
        }
        Some(number) => options.maxconn = clamp_u32(number),
        None => {}
    }
}

fn id(arg: &mut OptionArg<'_, '_, '_>, options: &mut BindOptions) {
    match arg.number() {
        Some(number) if number <= 0 => arg.error("custom id has to be > 0"),
        Some(number) => options.id = Some((clamp_u32(number), arg.line.place(arg.at + 1))),
        None => {}
    }
}

/// Most threads, and most of one group.
const THREADS: (i64, i64) = (1024, 64);

fn thread(arg: &mut OptionArg<'_, '_, '_>, options: &mut BindOptions) {
    let Some(text) = arg.text() else { return };
    let (most, set) = match text.split_once('/') {
        Some((_, set)) => (THREADS.1, set),
        None => (THREADS.0, &*text),
    };
    if matches!(set, "all" | "odd" | "even") {
        return;
    }
    let first = leading_integer(set).0;
    if !(1..=most).contains(&first) {
        return arg.error(&format!(
            "invalid first thread number '{set}', permitted range is 1..{most}, or 'all', 'odd', 'even'."
        ));
    }
    let last = set
        .split_once('-')
        .map_or(first, |(_, last)| leading_integer(last).0);
    let lowest = if last > 0 { first.min(last) } else { first };
    options.lowest_thread = Some((clamp_u32(lowest), arg.line.place(arg.at + 1)));
}

fn mode(arg: &mut OptionArg<'_, '_, '_>, options: &mut BindOptions) {
    let Some(text) = arg.text() else { return };
    match u32::from_str_radix(&text, 8) {
        Ok(mode) if mode <= 0o7777 => options.unix_mode = Some(mode),
        _ => arg.error("expects a file mode in octal"),
    }
}

fn user(arg: &mut OptionArg<'_, '_, '_>, options: &mut BindOptions) {
    let Some(name) = arg.text() else { return };
    options.unix_uid = arg.line.host.user_id(&name);
    if options.unix_uid.is_none() {
        arg.error(&format!("unknown user name '{name}'"));
    }
}

fn group(arg: &mut OptionArg<'_, '_, '_>, options: &mut BindOptions) {
    let Some(name) = arg.text() else { return };
    options.unix_gid = arg.line.host.group_id(&name);
    if options.unix_gid.is_none() {
        arg.error(&format!("unknown group name '{name}'"));
    }
}

fn level(arg: &mut OptionArg<'_, '_, '_>, options: &mut BindOptions) {
    let Some(name) = arg.text() else { return };
    options.level = AccessLevel::ALL
        .into_iter()
        .find(|level| level.name() == name);
    if options.level.is_none() {
        arg.error(&format!(
            "only supports 'user', 'operator', and 'admin' (got '{name}')"
        ));
    }
}

fn severity(arg: &mut OptionArg<'_, '_, '_>, options: &mut BindOptions) {
    let Some(name) = arg.text() else { return };
    match SeverityOutput::find(&name) {
        Some(output) => options.severity = output,
        None => arg.error(&format!(
            "only supports 'none', 'number', and 'string' (got '{name}')"
        )),
    }
}

fn expose_fd(arg: &mut OptionArg<'_, '_, '_>, options: &mut BindOptions) {
    match arg.text().as_deref() {
        Some("listeners") => options.exposes_listeners = true,
        Some(name) => arg.error(&format!("only supports 'listeners' (got '{name}')")),
        None => {}
    }
}
