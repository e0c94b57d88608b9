//! Health: what has no twin in HAProxy, or takes more than an exchange to show.

mod bad_replies;
mod chaos;
mod external;
mod figures;
mod timeline;

use crate::support::script::play;
use crate::support::tidegate;
use crate::support::topology::Topology;

/// HAProxy 3.4.0 crashes on `healthcheck` in `default-server`.
#[test]
fn servers_inherit_a_healthcheck_section() {
    let config = "global\n    nbthread 1\n    log \"${log}\" local0\n\
         defaults\n    mode http\n    timeout connect 6s\n    timeout client 6s\n    timeout server 6s\n\
         frontend fe\n    bind \"fd@${fe}\"\n    default_backend be\n\
         healthcheck cache\n    type redis-check\nhealthcheck web\n    type httpchk\n\
         backend be\n    default-server check healthcheck cache\n    server s ${s}\n    \
         server t ${t} healthcheck web\n";
    let mut topology = Topology::start(&tidegate(), config);
    let script = "s= *1|$4|PING|\nt< OPTIONS / HTTP/1.0||";
    play(&mut topology, script).unwrap_or_else(|why| panic!("{why}"));
}
