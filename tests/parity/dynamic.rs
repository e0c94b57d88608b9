//! Servers and backends that the stats socket adds and removes.

use crate::case::{Case, http};

/// A backend whose server is named elsewhere, and others for newcomers.
const fn growing(script: &'static str) -> Case {
    http(
        "global: stats socket \"fd@${cli}\" level admin
        defaults bare
        defaults web
            mode http
            timeout connect 6s
            timeout server 6s
        defaults
            mode http
            timeout connect 6s
            timeout client 6s
            timeout server 6s
        frontend fe
            bind \"fd@${fe}\"
            monitor-uri /m
            force-be-switch if { req.hdr(admin) 1 }
            use_backend %[req.hdr(be)] if { req.hdr(be) -m found }
            default_backend be
        backend be
            balance roundrobin
            server s \"${s}\"
        backend checked
            server s \"${closed}\" check inter 1h
            server n \"${t}\"
            server f \"${s}\" track s
        backend fixed
            balance static-rr
        backend tcp
            mode tcp
            balance roundrobin
        backend empty",
        script,
    )
    .since(3, 4)
}

cases! {
    naming: growing(r#"
        cli add server => Require 'backend/server'.|
        cli add server be => Require 'backend/server'.|
        cli add server be/ => Require 'backend/server'.|
        cli add server nope/a 127.0.0.1:1 => No such backend.|
        cli add server be/a => 'server' expects <name> and <addr>[:<port>] as arguments.|
        cli add server be/s 127.0.0.1:1 => Already exists a server with the same name in backend.|
        cli add server fixed/a 127.0.0.1:1 => Backend does not support dynamic servers : backend 'fixed' uses a non dynamic load balancing method.|
        cli add server be/a(b 127.0.0.1:1 => character '(' is not permitted in server name 'a(b'.|
        cli add server be/a 127.0.0.1:1 agent-check => server a does not have agent port. Agent check has been disabled.|
        cli operator;add server be/a 127.0.0.1:1 => |Permission denied|
        cli operator;del server be/s => |Permission denied|
    "#),
    options: growing(r#"
        cli add server be/a 127.0.0.1:1 init-addr none => 'init-addr' option is not accepted for dynamic server|
        cli add server be/a 127.0.0.1:1 resolvers r => 'resolvers' option is not accepted for dynamic server|
        cli add server checked/a 127.0.0.1:1 track nope => unable to find required server 'nope' for tracking.|
        cli add server checked/a 127.0.0.1:1 track nope/s => unable to find required proxy 'nope' for tracking.|
        cli add server checked/a 127.0.0.1:1 track n => unable to use checked/n for tracking as it does not have any check nor agent enabled.|
        cli add server checked/a 127.0.0.1:1 track checked/s check => unable to enable checks and tracking at the same time!|
        cli add server checked/a 127.0.0.1:1 track checked/s => New server registered.|
        cli add server checked/b 127.0.0.1:1 track checked/a => unable to use checked/a for tracking as it is a dynamic server.|
        cli add server tcp/a 127.0.0.1:1 cookie a => Ignoring cookie as HTTP mode is disabled.|New server registered.|
        cli add server be/b 127.0.0.1:1 weight 7 maxconn 9 => New server registered.|
        cli get weight be/b => 7 (initial 7)|
    "#),
    serves_once_enabled: growing(r#"
        cli disable server be/s =>
        cli add server be/a 127.0.0.1:${t.port} => New server registered.|
        c> GET / HTTP/1.1|host: a||
        c< {503}
        cli enable server be/a =>
        c> GET / HTTP/1.1|host: a||
        t< GET / HTTP/1.1|host: a||
        t> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        cli del server be/a => Only servers in maintenance mode can be deleted.|
        cli disable server be/a =>
        a> wait 5s srv-removable be/a\n
        a= Done.\n
        cli del server be/a => Server deleted.|
        cli del server be/a => No such server.|
        cli enable server be/s =>
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        cli add server be/a 127.0.0.1:${t.port} => New server registered.|
    "#),
    in_use: growing(r#"
        cli disable server be/s =>
        cli add server be/a 127.0.0.1:${t.port} => New server registered.|
        cli enable server be/a =>
        c> GET / HTTP/1.1|host: a||
        t< GET / HTTP/1.1|host: a||
        cli disable server be/a =>
        cli del server be/a => Server still has connections attached to it, cannot remove it.|
        a> wait 1 srv-removable be/a\n
        a= Wait delay expired. Server still has connections attached to it, cannot remove it.\n
        t> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        a2> wait 5s srv-removable be/a\n
        a2= Done.\n
        cli del server be/a => Server deleted.|
    "#),
    what_is_named_stays: growing(r#"
        cli del server checked => Require 'backend/server'.|
        cli del server nope/s => No such backend.|
        cli del server checked/nope => No such server.|
        cli disable server checked/s;del server checked/s => |This server cannot be removed at runtime due to other configuration elements pointing to it.|
        cli disable server checked/n;del server checked/n => |Server deleted.|
        cli wait 1 srv-removable checked/s => Failed. This server cannot be removed at runtime due to other configuration elements pointing to it.|
        cli wait 1 srv-removable checked/n => Failed. No such server.|
    "#),
    backend_naming: growing(r#"
        cli add backend => Require backend name.|
        cli add backend x => Usage: add backend <name> from <defproxy>.|
        cli add backend x from nope => Cannot find default proxy 'nope'.|
        cli add backend x from bare => Mode is required as 'bare' default proxy does not explicitly defines it.|
        cli add backend x( from web => Invalid character '(' in backend name.|
        cli add backend be from web => Error during backend creation : name is already used by other proxy 'backend be'.|
        cli add backend fe from web => Error during backend creation : name is already used by other proxy 'frontend fe'.|
        cli add backend web from web => Error during backend creation : name is already used by other proxy 'defaults web'.|
        cli add backend x from web mode log => Dynamic backends are compatible with only TCP or HTTP mode.|
        cli add backend x from web mode nope => Unknown proxy mode.|
        cli add backend x from web mode http y => Usage: add backend <name> from <defproxy> [mode <px_mode>] [guid <val>].|
        cli publish backend nope => No such backend.|
        cli unpublish backend nope => No such backend.|
    "#),
    backend_serves_once_published: growing(r#"
        cli add backend x from bare mode http => New backend registered.|
        cli add server x/a 127.0.0.1:${t.port} => New server registered.|
        cli enable server x/a =>
        c> GET / HTTP/1.1|host: a|be: x|admin: 1||
        t< GET / HTTP/1.1|host: a|be: x|admin: 1||
        t> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        c> GET / HTTP/1.1|host: a|be: x||
        s< GET / HTTP/1.1|host: a|be: x||
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        cli publish backend x => Backend published.|
        c> GET / HTTP/1.1|host: a|be: x||
        t< GET / HTTP/1.1|host: a|be: x||
        t> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        cli show backend => # name|be|checked|fixed|tcp|empty|x|
        cli del backend x => Backend must be unpublished prior to its deletion.|
        cli unpublish backend x => Backend unpublished.|
        cli del backend x => Only a backend without server can be deleted.|
        cli disable server x/a =>
        a> wait 5s srv-removable x/a\n
        a= Done.\n
        cli del server x/a => Server deleted.|
        cli wait 5s be-removable x => Done.|
    "#),
    backends_that_stay: growing(r#"
        cli del backend be => This proxy cannot be removed at runtime due to other configuration elements pointing to it.|
        cli del backend nope => No such backend.|
        cli unpublish backend empty;del backend empty => Backend unpublished.||Backend deleted.|
        cli del backend empty => No such backend.|
        cli show backend => # name|be|checked|fixed|tcp|
        cli wait 1 be-removable be => Failed. This proxy cannot be removed at runtime due to other configuration elements pointing to it.|
    "#),
}
