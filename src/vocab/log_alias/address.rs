//! Addresses and ports: `%ci %cp %fi %fp %bi %bp %si %sp`.

use super::{Alias, Field};
use crate::net::Endpoint;
use crate::vocab::context::Context;
use std::net::{IpAddr, SocketAddr};

pub(super) const ALL: &[Alias] = &[
    Alias::new("ci", "client IP address", |cx, out| ip(&cx.conn.src, out)),
    Alias::new(
        "cp",
        "client port; the socket's id on UNIX sockets",
        |cx, out| {
            port(cx, &cx.conn.src, out);
        },
    ),
    Alias::new("fi", "frontend IP address", |cx, out| ip(&cx.conn.dst, out)),
    Alias::new(
        "fp",
        "frontend port; the socket's id on UNIX sockets",
        |cx, out| {
            port(cx, &cx.conn.dst, out);
        },
    ),
    Alias {
        reads_server_address: true,
        ..Alias::new("bi", "address used to connect to the server", |cx, out| {
            server_ip(cx.record.server_local, out);
        })
    },
    Alias {
        reads_server_address: true,
        ..Alias::new("bp", "port used to connect to the server", |cx, out| {
            server_port(cx.record.server_local, out);
        })
    },
    Alias::new("si", "server IP address", |cx, out| {
        server_ip(cx.record.server_peer, out)
    }),
    Alias::new("sp", "server port", |cx, out| {
        server_port(cx.record.server_peer, out)
    }),
];

fn ip(end: &Endpoint, out: &mut Field<'_>) {
    match end {
        Endpoint::Inet(addr) => address(addr.ip(), out),
        Endpoint::Unix => out.text(Some(b"unix")),
        Endpoint::Unknown => out.text(None),
    }
}

fn address(addr: IpAddr, out: &mut Field<'_>) {
    match (addr, out.hex()) {
        (IpAddr::V4(addr), true) => out.raw(format_args!("{:08X}", u32::from(addr))),
        (IpAddr::V6(addr), true) => out.raw(format_args!("{:032X}", u128::from(addr))),
        (addr, false) => {
            let mut room = crate::vocab::sample::ROOM;
            out.text(Some(
                crate::vocab::sample::Sample::Addr(addr).text(&mut room),
            ));
        }
    }
}

fn port(cx: &Context<'_>, end: &Endpoint, out: &mut Field<'_>) {
    match end {
        Endpoint::Inet(addr) => out.number_or_hex(addr.port().into(), 4),
        Endpoint::Unix => out.number(cx.names.listener_id.into()),
        Endpoint::Unknown => out.text(None),
    }
}

fn server_ip(addr: Option<SocketAddr>, out: &mut Field<'_>) {
    match addr {
        Some(addr) => address(addr.ip(), out),
        None => out.text(None),
    }
}

fn server_port(addr: Option<SocketAddr>, out: &mut Field<'_>) {
    match addr {
        Some(addr) => out.number_or_hex(addr.port().into(), 4),
        None => out.text(None),
    }
}
