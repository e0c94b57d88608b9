//! The stats socket: how commands are read, and what those about the connection itself answer.

use crate::case::{Case, http};

/// A case with a stats socket.
const fn admin(script: &'static str) -> Case {
    http("global: stats socket \"fd@${cli}\" level admin", script).since(3, 4)
}

cases! {
    one_line: admin(r#"
        cli echo v => v|
        cli echo v;echo v => v||v|
        cli echo v; => v||
        cli \secho\t v\r => v||
        cli echo v|echo v => v|
        cli => 
        a> quit;echo v\n
        a eof
    "#),
    words: admin(r#"
        cli echo a\\ b  c\\;d \\\\ => a b c;d \\|
        cli set severity-output string;echo a => |[info]: a|
        cli set severity-output number;show env NOT_THERE => |[3]: Variable not found|
        cli set severity-output none -;echo a => a|
        cli set severity-output => one of 'none', 'number', 'string' is a required argument|
        cli echo{ x*64} => Too many arguments. Commands must have at most 64 arguments.|
    "#),
    levels: admin(r#"
        cli show cli level => admin|
        cli operator;show cli level;expert-mode => |operator||Permission denied|
        cli user;show cli level;operator => |user||Permission denied|
        cli user;show env HOME => |Permission denied|
        cli expert-mode on;expert-mode;operator;expert-mode => |expert-mode is ON|||Permission denied|
        cli experimental-mode => experimental-mode is OFF|
    "#),
    events: admin(r#"
        cli show events none => No such event sink|
        cli show events stdout => Nothing to report for this sink|
        cli show events buf0 -x => unknown option|
        cli user;show events;show events buf0 => |Supported events sinks are listed below. Add -0(zero), -w(wait), -n(new). Any key to stop.|    stdout     : type=fd, 0 dropped, standard output (fd#1)|    stderr     : type=fd, 0 dropped, standard output (fd#2)|    buf0       : type=buffer, 0 dropped, in-memory ring buffer|    dpapi      : type=buffer, 0 dropped, DPAPI ring buffer||Permission denied|
    "#),
    timeouts: admin(r#"
        cli set timeout cli 20 =>
        cli set timeout cli => Expects an integer value.|
        cli set timeout cli 1x => Invalid timeout value.|
        cli set timeout cli 0 => Invalid timeout value.|
        cli set timeout => 'set timeout' only supports 'cli'.|
    "#),
    interactive: admin(r#"
        a> prompt\n
        a= \n>\s
        a> echo v\n
        a= v\n\n>\s
        a> echo a;echo b\n
        a= a\n\nb\n\n>\s
        a> \n
        a= \n>\s
        a> echo <<\n
        a= +\s
        a> x\n\n
        a= \n\n>\s
        a> prompt i\n
        a= \n
        a> echo a\necho b\n
        a= a\n\nb\n\n
        a> quit\n
        a eof
    "#),
    half_a_command: admin(r#"
        a> show vers
        a shut
        a eof
    "#),
    too_big: admin(r#"
        a> {x*20000}
        a= The command line is too big for the buffer size. Please change 'tune.bufsize' in the configuration to use a bigger command.\n
        a end
    "#),
    reads_environment: admin(r#"
        cli show env HAPROXY_BRANCH => HAPROXY_BRANCH=3.4|
        cli show env NOT_THERE => Variable not found|
    "#),
    variables: http(r#"global: stats socket "fd@${cli}" level admin
        global: set-var proc.n int(5)
        global: set-var proc.s str(a\ text)
        frontend: http-request return status 200 hdr n %[var(proc.n)] hdr s %[var(proc.s)] hdr ip %[var(proc.ip)]
    "#, r#"
        cli get var proc.n => proc.n: type=sint value=<5>|
        cli get var proc.s => proc.s: type=str value=<a text>|
        cli get var proc.nope => Variable not found.|
        cli get var txn.n => Variable not found.|
        cli get var => Missing process-wide variable identifier.|
        cli set var proc.n int(6) => This command is restricted to experimental mode only.|
        cli experimental-mode on;set var proc.n int(6),add(1);set var proc.s fmt <%[var(proc.n)]>;set var proc.ip expr ipv4(192.0.2.1) => |||
        cli get var proc.n;get var proc.s;get var proc.ip => proc.n: type=sint value=<7>||proc.s: type=str value=<<7>>||proc.ip: type=ipv4 value=<192.0.2.1>|
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|n: 7|s: <7>|ip: 192.0.2.1||
        cli experimental-mode on;set var => |Missing process-wide variable identifier.|
        cli experimental-mode on;set var proc.n => |Missing either 'expr', 'fmt' or expression.|
        cli experimental-mode on;set var proc.n exp int(1) => |'set var': arg type must be either 'expr' or 'fmt' but got 'exp'.|
        cli experimental-mode on;set var txn.n int(1) => |'set var': cannot set variable 'txn.n', only scope 'proc' is permitted here.|
    "#).since(3, 4),
    commands_that_are_not_here: admin(r#"
        cli set ssl cert x => 'set ssl' is not supported: there is no TLS yet.|
    "#).differs("it has them", r#"
        cli set ssl cert x => 'set ssl cert' expects a filename and a certificate as a payload|
    "#),
    hidden_names: http("global: stats socket \"fd@${cli}\" level admin
        backend: server s 127.0.0.1:81 disabled
        backend: server far 192.0.2.1:80 disabled", r#"
        cli show anon => Anonymized mode disabled|
        cli set anon on 7;show anon;user;show anon => |Anonymized mode enabled|Key : 7|||Anonymized mode enabled|
        cli set anon on 7;set anon off;show anon => ||Anonymized mode disabled|
        cli set anon on 7;debug dev hash be;debug dev hash => |b6a8c5|||
        cli debug dev hash be => be|
        cli set anon on 0 => Value out of range (1 to 4294967295 expected).|
        cli set anon on x => Value out of range (1 to 4294967295 expected).|
        cli set anon on 4294967296 => Value out of range (1 to 4294967295 expected).|
        cli set anon off 7 => Key can't be added while disabling anonymized mode|
        cli user;set anon global-key 7 => |Permission denied|
        cli set anon on 7;show servers conn be => |# bkname/svname bkid/svid addr port - purge_delay served used_cur used_max need_est idle_sess unsafe_nb safe_nb idle_lim idle_cur idle_per_thr[1]|b6a8c5/8abf89 3/1 127.0.0.1 81 - 5000 0 0 0 0 0 0 0 -1 0 0|b6a8c5/89d4f7 3/2 IPV4(656399) 80 - 5000 0 0 0 0 0 0 0 -1 0 0|
    "#).since(3, 4),
    key_of_hidden_names: http("global: stats socket \"fd@${cli}\" level admin
        global: anonkey 7", r#"
        cli set anon on;show anon => |Anonymized mode enabled|Key : 7|
        cli set anon global-key => Expects an integer value.|
        cli set anon global-key 4294967296 => Value out of range (0 to 4294967295 expected).|
        cli set anon global-key 8;set anon on;show anon => ||Anonymized mode enabled|Key : 8|
    "#).differs("whatever key it is given, it sets none", r#"
        cli set anon on;show anon => |Anonymized mode enabled|Key : 7|
        cli set anon global-key =>
        cli set anon global-key 4294967296 =>
    "#).since(3, 4),
    for_developers: admin(r#"
        cli debug dev panic => This command is restricted to expert mode only.|
        cli debug dev write 4 => This command is restricted to expert mode only.|
        cli expert-mode on;debug dev write => |Missing output size.|
        cli expert-mode on;debug dev write 16384 => |Output too large, must be <tune.bufsize.|
        cli expert-mode on;debug dev write 4 => |....|
        cli show dev 1 => This command takes no argument.|
        cli show resolvers nope => Can't find that resolvers section|
        cli trace 0 => All traces now stopped|
        cli trace nope => No such trace source 'nope'|
        cli show trace nope => No such trace source|
        cli user;trace 0;show trace h1 => |Permission denied||Permission denied|
    "#),
    streams: admin(r#"
        cli show sess nope => Unsupported option 'nope', try 'help' for more info.|
        cli show sess older => Expects a minimum age (in seconds by default).|
        cli show sess older x => Invalid age.|
        cli show sess 0x1 => Session not found.|
        cli show sess server => Missing server name (<backend>/<server>).|
        cli show sess server be => Require 'backend/server'.|
        cli show sess server be/nope => No such server.|
        cli show sess server nope/s => No such backend.|
        cli show sess backend => Missing backend name.|
        cli show sess backend nope => No such backend.|
        cli show sess frontend => Missing frontend name.|
        cli show sess frontend nope => No such frontend.|
        cli show sess frontend fe backend be => Only one of backend, frontend or server may be set.|
        cli shutdown session => Session pointer expected (use 'show sess').|
        cli shutdown session 0x1 => No such session (use 'show sess').|
        cli show backend => # name|be|
    "#),
}
