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
}
