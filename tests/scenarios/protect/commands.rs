//! The stats socket's commands about limits and circuit breakers.

use super::logging;
use crate::proxy;
use crate::support::script::play;
use crate::support::tidegate;
use crate::support::topology::Topology;

#[track_caller]
fn check(config: &str, script: &str) {
    let socket = "global\n    stats socket \"fd@${cli}\" level admin\n";
    let mut topology = Topology::start(
        &tidegate(),
        &config.replace("global\n    nb", &format!("{socket}    nb")),
    );
    play(&mut topology, script).unwrap_or_else(|why| panic!("{why}"));
}

#[test]
fn circuit_breakers() {
    let line = "    circuit-breaker errors expression \"NetworkErrorRatio() > 0.5\"\n    server s ";
    let config = logging(&proxy("")).replace("    server s ", line);
    check(
        &config,
        "cli set circuit-breaker be/errors open =>
         told Circuit breaker be/errors is OPEN (by hand).
         c> GET / HTTP/1.1|host: a||
         c^ HTTP/1.1 503 Service Unavailable|cache-control: no-cache|content-length: *|content-type: text/html||
         log 503 PR circuit-breaker/errors
         cli set circuit-breaker be/errors close =>
         told Circuit breaker be/errors is CLOSED.
         cli show circuit-breaker nope => No such circuit breaker; there is be/errors.|
         cli set circuit-breaker errors open => No such circuit breaker; there is be/errors.|
         cli set circuit-breaker be/errors => 'set circuit-breaker' expects 'open', 'close' or 'auto'.|
         cli set circuit-breaker be/errors wide => 'set circuit-breaker' expects 'open', 'close' or 'auto'.|
         cli user;set circuit-breaker be/errors open => |Permission denied|
         c2> GET / HTTP/1.1|host: a||
         s< GET / HTTP/1.1|host: a||
         s> HTTP/1.1 204 No Content||
         c2< HTTP/1.1 204 No Content||
         log 204 -- -",
    );
}

#[test]
fn limits() {
    let lines = "    http-request rate-limit average 1 period 1h burst 2\n    \
                 http-request inflight-limit 1 name one\n    http-request return status 200\n    \
                 default_backend be\n";
    let config = logging(&proxy("")).replace("    default_backend be\n", lines);
    check(
        &config,
        "c> GET / HTTP/1.1|host: a||
         c< HTTP/1.1 200 OK|content-length: 0||
         log 200 LR -
         cli show rate-limit => limit=fe#1 average=1 period=3600000 burst=2 size=65536 keys=1 allowed=1 delayed=0 denied=0 shadow=0|
         cli show rate-limit fe#1 => limit=fe#1 average=1 period=3600000 burst=2 size=65536 keys=1 allowed=1 delayed=0 denied=0 shadow=0
         |key=127.0.0.1 tokens=1|
         cli show inflight-limit => limit=one requests=0 most=1 size=65536 keys=1 allowed=1 denied=0 shadow=0|
         cli show inflight-limit one => limit=one requests=0 most=1 size=65536 keys=1 allowed=1 denied=0 shadow=0
         |key=a requests=0|
         cli user;show rate-limit fe#1 => |Permission denied|
         cli clear rate-limit nope => No such rate limit; there is fe#1.|
         cli clear rate-limit => 'clear rate-limit' expects the name of a rate limit.|
         cli clear rate-limit fe#1 key => 'key' expects a key.|
         cli clear rate-limit fe#1 all => Optional argument only supports key <key>|
         cli user;clear rate-limit fe#1 => |Permission denied|
         cli show rate-limit nope => No such rate limit; there is fe#1.|
         cli show inflight-limit nope => No such in-flight limit; there is one.|
         cli show outlier nope => Can't find backend.|
         cli show outlier be => The backend has no 'outlier-detection'.|
         cli show circuit-limits be => The backend has no 'circuit-limits'.|
         cli set server be/s eject 10s => The server's backend has no 'outlier-detection'.|
         cli user;show outlier => |Permission denied|
         cli clear rate-limit fe#1 key 192.0.2.1 =>
         cli clear rate-limit fe#1 key x => Invalid key|
         cli clear rate-limit fe#1 =>
         cli show rate-limit => limit=fe#1 average=1 period=3600000 burst=2 size=65536 keys=0 allowed=1 delayed=0 denied=0 shadow=0|",
    );
}
