//! The stats socket's commands about servers and frontends.

use crate::case::{Case, http};

/// Two servers that are not checked.
const fn servers(script: &'static str) -> Case {
    http(
        "global: stats socket \"fd@${cli}\" level admin
        backend: balance roundrobin
        backend: server s ${s} weight 10
        backend: server t ${t} weight 10 maxconn 5",
        script,
    )
    .since(3, 4)
}

cases! {
    changes_of_servers_are_warnings: servers(r#"
        info TotalWarnings=0
        cli set server be/s state maint =>
        info TotalWarnings=1
        cli set server be/s state ready =>
        info TotalWarnings=2
    "#).differs("HAProxy warns of our test configuration", r#"
        info TotalWarnings=2
        cli set server be/s state maint =>
        info TotalWarnings=3
        cli set server be/s state ready =>
        info TotalWarnings=4
    "#),
    naming: servers(r#"
        cli enable server => Require 'backend/server'.|
        cli enable server be => Require 'backend/server'.|
        cli enable server nope/s => No such backend.|
        cli disable server be/nope => No such server.|
        cli get weight be => Require 'backend/server'.|
        cli set weight be/nope 1 => No such server.|
        cli operator;disable server be/s => |Permission denied|
        cli enable health be/s => Health check was not configured on this server, cannot enable.|
        cli enable agent be/s => Agent was not configured on this server, cannot enable.|
        cli disable health be/s =>
        cli disable agent be/s =>
    "#),
    maintenance: servers(r#"
        cli disable server be/s =>
        c> GET / HTTP/1.1|host: a||
        t< GET / HTTP/1.1|host: a||
        t> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        cli disable server be/t =>
        c> GET / HTTP/1.1|host: a||
        c< {503}
        cli set server be/s state ready =>
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        cli set server be/s state x => 'set server <srv> state' expects 'ready', 'drain' and 'maint'.|
        cli set server be/s health down =>
        c> GET / HTTP/1.1|host: a||
        c< {503}
        cli set server be/s health up =>
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        cli set server be/s health x => 'set server <srv> health' expects 'up', 'stopping', or 'down'.|
        cli set server be/s agent up => agent checks are not enabled on this server.|
    "#),
    weights: servers(r#"
        cli get weight be/s => 10 (initial 10)|
        cli set weight be/s 20 =>
        cli get weight be/s => 20 (initial 10)|
        cli set server be/s weight 50% =>
        cli get weight be/s => 5 (initial 10)|
        cli set weight be/s => Require <weight> or <weight%>.|
        cli set weight be/s x => Empty weight string empty or preceded by garbage|
        cli set weight be/s 257 => Absolute weight can only be between 0 and 256 inclusive.|
        cli set weight be/s 1x => Trailing garbage in weight string|
        cli set weight be/s -1% => Relative weight must be positive.|
        cli set server be/s weight 0 =>
        c> GET / HTTP/1.1|host: a||
        t< GET / HTTP/1.1|host: a||
        t> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        c> GET / HTTP/1.1|host: a||
        t< GET / HTTP/1.1|host: a||
        t> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
    "#),
    limits: servers(r#"
        cli set maxconn server be/s 1 =>
        cli set maxconn server be/s => Require <maxconn>.|
        cli set maxconn server be/s x => maxconn string empty or preceded by garbage|
        cli set maxconn server be/s 1x => Trailing garbage in maxconn string|
        cli set maxconn server be => Require 'backend/server'.|
        cli set maxconn frontend fe 100 =>
        cli set maxconn frontend => A frontend name is expected.|
        cli set maxconn frontend nope 1 => No such frontend.|
        cli set maxconn frontend fe => Integer value expected.|
        cli set maxconn frontend fe -1 => Value out of range.|
        cli set maxconn global 100 =>
        cli set maxconn global => Expects an integer value.|
        cli set maxconn global 100000000 => Value out of range.|
        c open
    "#),
    addresses: servers(r#"
        cli set server be/s addr => set server <b>/<s> addr requires an address and optionally a port.|
        cli set server be/s addr nope => Invalid addr 'nope'|
        cli set server be/s addr 127.0.0.1 port x => problem converting port 'x' to an int|
        cli set server be/s addr 127.0.0.1 => nothing changed|
        cli set server be/s addr 127.0.0.1 port ${t.port} => port changed from '${s.port}' to '${t.port}' by 'stats socket command'|
        c> GET / HTTP/1.1|host: a||
        t< GET / HTTP/1.1|host: a||
        t> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        cli set server be/s addr ::1 port 1 => IP changed from '127.0.0.1' to '::1', port changed from '${t.port}' to '1' by 'stats socket command'|
        cli set server be/s fqdn => set server <b>/<s> fqdn requires a FQDN.|
        cli set server be/s fqdn a.b => set server <b>/<s> fqdn failed because no resolution is configured.|
        cli set server be/s check-port 1 => health checks are not enabled on this server|
        cli set server be/s agent-addr 1 => agent checks are not enabled on this server|
        cli set server be/s check-addr => set server <b>/<s> check-addr requires an address and optionally a port.|
        cli set server be/s check-addr 1 => health checks are not enabled on this server|
        cli set server be/s check-port => set server <b>/<s> check-port requires a port.|
        cli set server be/s agent-send x => agent checks are not enabled on this server.|
        cli set server be/s nope => usage: set server <backend>/<server> addr \| agent \| agent-addr \| agent-port \| agent-send \| check-addr \| check-port \| fqdn \| health \| ssl \| state \| weight|
    "#),
    states: servers(r#"
        cli disable server be/t;set weight be/s 7 => |
        cli show servers state => 1|# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port
            |3 be 1 s 127.0.0.1 2 0 7 10 # 1 0 0 0 0 0 0 - ${s.port} - 0 0 - - 0
            |3 be 2 t 127.0.0.1 0 1 10 10 # 1 0 0 0 0 0 0 - ${t.port} - 0 0 - - 0|
        cli show servers state nope => Can't find backend.|
    "#),
    frontend_of_a_socket_that_others_gave: servers(r#"
        cli disable frontend fe =>
        c> GET / HTTP/1.1|host: a||
        stat fe/FRONTEND conn_tot=0 status=PAUSED
        cli enable frontend fe =>
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        stat fe/FRONTEND conn_tot=1 status=OPEN
    "#),
    frontends: servers(r#"
        cli enable frontend => A frontend name is expected.|
        cli enable frontend nope => No such frontend.|
        cli enable frontend fe => All sockets are already enabled.|
        cli disable frontend fe =>
        cli disable frontend fe => All sockets are already disabled.|
        cli enable frontend fe =>
        c open
        c close
        cli shutdown frontend => A frontend name is expected.|
        cli shutdown frontend nope => No such frontend.|
        cli shutdown sessions server => Require 'backend/server'.|
        cli shutdown sessions server nope/s => No such backend.|
        cli shutdown sessions server be/nope => No such server.|
        cli shutdown sessions server be/s =>
        cli shutdown frontend fe =>
        cli shutdown frontend fe => Frontend was already shut down.|
        cli enable frontend fe => Frontend was previously shut down, cannot enable.|
        cli disable frontend fe => Frontend was previously shut down, cannot disable.|
    "#),
    waiting: servers(r#"
        cli wait => Expects a duration in milliseconds.|
        cli wait x => Invalid duration.|
        cli wait 0 => Invalid duration.|
        a> wait 20ms;echo v\n
        a= Done.\n\nv\n\n
        a eof
        cli wait 1s srv-removable => Missing server name (<backend>/<server>).|
        cli wait 1s srv-removable be => Require 'backend/server'.|
        cli wait 1s srv-removable be/s => Failed. Only servers in maintenance mode can be deleted.|
        cli wait 1s srv-removable nope/s => Failed. No such backend.|
        cli disable server be/s;wait 1s srv-removable be/s => |Done.|
    "#),
    targets_of_checks: http(r#"
        global: stats socket "fd@${cli}" level admin
        backend: server s ${closed} check inter 1h agent-check agent-port 1 agent-inter 1h
    "#, r#"
        cli set server be/s check-addr nowhere.invalid => invalid addr 'nowhere.invalid'|
        cli set server be/s check-port x => provided port is not an integer|
        cli set server be/s check-port 65536 => provided port is invalid|
        cli set server be/s agent-port -1 => provided port is invalid|
        cli set server be/s agent-addr x => invalid addr 'x'|
        cli set server be/s agent-addr 127.0.0.9 port 9 =>
        cli set server be/s check-port 8 =>
        cli set server be/s agent-send hello =>
    "#).since(3, 4),
    address_of_checks: http(r#"
        global: stats socket "fd@${cli}" level admin
        backend: server s ${closed} check inter 1h
    "#, r#"
        cli set server be/s check-addr 127.0.0.8 port 8 =>
    "#).differs("it refuses every address here, against its own manual", r#"
        cli set server be/s check-addr 127.0.0.8 port 8 => invalid addr '127.0.0.8'|
    "#).since(3, 4),
    connections: servers(r#"
        cli set server be/t state maint =>
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        cli show servers conn nope => Can't find backend.|
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        c2 open
        cli show servers conn be => # bkname/svname bkid/svid addr port - purge_delay served used_cur used_max need_est idle_sess unsafe_nb safe_nb idle_lim idle_cur idle_per_thr[1]|be/s 3/1 127.0.0.1 ${s.port} - 5000 0 0 1 1 0 1 0 -1 1 1|be/t 3/2 127.0.0.1 ${t.port} - 5000 0 0 0 0 0 0 0 -1 0 0|
    "#),
    rate_limits: servers(r#"
        cli set rate-limit connections global => Expects an integer value.|
        cli set rate-limit connections global -1 => Value out of range.|
        cli set rate-limit connections global 1000 =>
        cli set rate-limit sessions global 1000 =>
        cli operator;set rate-limit sessions global 5 => |Permission denied|
        c open
    "#),
    counted_before: http(r#"
        #file stats: #fe guid,stot,dreq,\n\nfront,1024,3,\nfront,abc\nnope,5\n\n#be guid,stot,lbtot,\nback,7\nserver,9,8\n
        global: stats socket "fd@${cli}" level admin
        global: stats-file ${dir}/stats
        frontend: guid front
        backend: guid back
        backend: server s ${s} guid server
    "#, r#"
        stat fe/FRONTEND stot=1024 dreq=3
        stat be/BACKEND stot=7
        stat be/s stot=9 lbtot=8
    "#).since(3, 4),
}
