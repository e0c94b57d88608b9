//! Names between sections, servers, and proxies as a whole.

use super::{backend, check, frontend, global};

#[test]
fn addresses() {
    frontend(
        "bind 1.2.3.4",
        &["8:7: error[TG0301]: 'bind' : missing port specification in '1.2.3.4'"],
    );
    frontend(
        "bind :100-90",
        &["8:7: error[TG0301]: 'bind' : invalid port range '100-90'"],
    );
    frontend(
        "bind nowhere:80",
        &["8:7: error[TG0301]: 'bind' : invalid address: 'nowhere:80' cannot be resolved"],
    );
    frontend(
        "bind :81 maxconn",
        &["8:11: error[TG0305]: 'bind :81' in section 'frontend' : 'maxconn' : missing value"],
    );
    frontend("bind :81 thread 1-4\n bind :82 thread all", &[]);
    frontend(
        "bind :81 thread 0-1",
        &[
            "8:18: error[TG0305]: 'bind :81' in section 'frontend' : 'thread' : invalid first thread number '0-1', permitted range is 1..1024, or 'all', 'odd', 'even'.",
        ],
    );
    check(
        "global\n nbthread 2\ndefaults\n timeout client 1s\nfrontend f\n bind :80 thread 2-9\n bind :81 thread 9-3\n",
        &[
            "7:18: error[TG0305]: frontend 'f': 'thread' directive only references non-existing threads in 'bind :81'",
        ],
    );
    frontend(
        "bind :81 user nobody-here",
        &[
            "8:16: error[TG0305]: 'bind :81' in section 'frontend' : 'user' : unknown user name 'nobody-here'",
        ],
    );
    frontend(
        "bind :81 id 1\n bind :82 id 1",
        &["9:14: error[TG0706]: custom id 1 already used"],
    );
    backend(
        "server s nowhere:80",
        &["7:11: error[TG0304]: 'server b/s' : could not resolve address 'nowhere'"],
    );
    backend(
        "server s 1.2.3.4:PORT",
        &[
            "7:11: error[TG0301]: 'server b/s' : invalid character 'P' in port number 'PORT' in '1.2.3.4:PORT'",
        ],
    );
    backend("server s 1.2.3.4:5 weight", &[]);
    backend("server s 1.2.3.4:5 maxconn", &[]);
    backend(
        "server s 1.2.3.4:5 weight 300",
        &["7:28: error[TG0305]: 'server b/s' : weight of server s is not within 0 and 256 (300)."],
    );
    backend(
        "server s",
        &["7:9: error[TG0204]: 'server' expects <name> and <addr>[:<port>] as arguments"],
    );
    backend(
        "server s/t 1.2.3.4:5",
        &["7:9: error[TG0212]: character '/' is not permitted in server name 's/t'"],
    );
}

#[test]
fn names_between_sections() {
    frontend(
        "default_backend c",
        &["8:18: error[TG0703]: proxy 'f': unable to find required default_backend: 'c'"],
    );
    frontend(
        "use_backend c if TRUE",
        &["8:14: error[TG0703]: proxy 'f': unable to find required use_backend: 'c'"],
    );
    frontend(
        "default_backend b\nbackend b\n mode tcp",
        &[
            "8:18: error[TG0705]: http frontend 'f' tries to use incompatible tcp backend 'b' as its default backend (see 'mode')",
        ],
    );
    backend(
        "server s 1.1.1.1:1\n server s 1.1.1.1:2",
        &[
            "8:9: error[TG0702]: backend 'b', another server named 's' was already defined, please use distinct names",
        ],
    );
    frontend(
        "backend f",
        &[
            "8:2: error[TG0701]: backend 'f' has the same name as frontend 'f' declared at t.cfg:6. This is no longer supported as of 3.3. Please rename one or the other",
        ],
    );
    frontend(
        "frontend f\n bind :81",
        &["8:2: error[TG0701]: frontend 'f' has the same name as frontend 'f' declared at t.cfg:6"],
    );
    frontend(
        "id 5\nbackend b\n id 5",
        &["10:5: error[TG0706]: custom id 5 already used"],
    );
    check(
        "backend b from x\n",
        &["1:16: error[TG0710]: defaults section 'x' not found for backend 'b'"],
    );
    check(
        "frontend f :80\n",
        &[
            "1:1: warning[TG0708]: frontend 'f' has no 'bind' directive. Please declare it as a backend if this was intended",
            "1:1: warning[TG0707]: missing timeouts for frontend 'f'",
            "1:12: error[TG0214]: please use the 'bind' keyword for listening addresses",
        ],
    );
    check(
        "frontend f\n timeout client 1s\n bind :80 ssl\n",
        &["3:11: error[TG0210]: 'ssl' on a 'bind' line is not supported yet"],
    );
    check(
        "frontend\n",
        &[
            "1:1: error[TG0204]: 'frontend' expects an <id> argument",
            "1:1: warning[TG0708]: frontend '' has no 'bind' directive. Please declare it as a backend if this was intended",
            "1:1: warning[TG0707]: missing timeouts for frontend ''",
        ],
    );
    check(
        "backend a/b\n",
        &["1:9: error[TG0212]: character '/' is not permitted in 'backend' name 'a/b'"],
    );
}

#[test]
fn servers_by_template_and_dispatch() {
    backend(
        "server-template x 3-2 :80",
        &["7:20: error[TG0360]: 'server-template' : invalid server count or range '3-2'"],
    );
    backend(
        "server-template x 3",
        &[
            "7:18: error[TG0360]: 'server-template' expects <prefix> <nb | range> <addr>[:<port>] as arguments",
        ],
    );
    backend(
        "dispatch 127.0.0.1:80",
        &["7:2: warning[TG0220]: 'dispatch' is deprecated in 3.3 and will be removed in 3.5"],
    );
    backend(
        "server s :80 send-proxy-v2 proxy-v2-options crc32",
        &["7:46: error[TG0208]: 'proxy-v2-options' : unknown proxy v2 option 'crc32'"],
    );
}

#[test]
fn warnings_about_proxies_as_a_whole() {
    check(
        "backend b\n server s 1.1.1.1:1\n",
        &["1:1: warning[TG0707]: missing timeouts for backend 'b'"],
    );
    check("backend b\n", &[]);
    frontend(
        "option httplog",
        &["6:1: warning[TG0712]: log format ignored for frontend 'f' since it has no log address"],
    );
    frontend(
        "mode tcp\n monitor-uri /x",
        &[
            "6:1: warning[TG0709]: 'monitor-uri' statement ignored for frontend 'f' as it requires HTTP mode",
        ],
    );
    backend(
        "option httplog",
        &["7:2: warning[TG0209]: backend 'b' : 'option httplog' directive is ignored in backends"],
    );
    check(
        "backend b\n disabled\n server s nowhere:1\n server s 1.1.1.1:1\nfrontend f\n disabled\n default_backend x\n",
        &[],
    );
    backend(
        "mode tcp\n option forwarded\n option forwardfor\n option http-buffer-request",
        &[
            "6:1: warning[TG0709]: 'option forwarded' ignored for backend 'b' as it requires HTTP mode",
            "6:1: warning[TG0709]: 'option forwardfor' ignored for backend 'b' as it requires HTTP mode",
            "6:1: warning[TG0709]: 'option http-buffer-request' ignored for backend 'b' as it requires HTTP mode",
        ],
    );
    backend(
        "mode tcp\n http-request deny",
        &[
            "8:2: warning[TG0709]: 'http-request' rules ignored for backend 'b' as they require HTTP mode",
        ],
    );
    check(
        "backend b extra\n",
        &["1:11: error[TG0214]: 'backend' cannot handle unexpected argument 'extra'"],
    );
    check(
        "defaults x\nbackend b from x y\n",
        &["2:18: error[TG0214]: 'backend' cannot handle unexpected argument 'y'"],
    );
    check(
        "defaults d\n http-request deny\nfrontend f from d\n disabled\nbackend b from d\n",
        &[
            "5:1: error[TG0714]: frontends and backends cannot inherit from the same defaults section if it defines TCP/HTTP rules",
        ],
    );
    check(
        "defaults d\n http-request deny\nlisten f from d\n disabled\n",
        &[
            "3:1: error[TG0714]: a listen section cannot inherit from a defaults section defining TCP/HTTP rules",
        ],
    );
    check(
        "defaults d\n http-request deny\ndefaults e from d\n",
        &[
            "3:1: error[TG0714]: a defaults section cannot inherit from a defaults section defining TCP/HTTP rules",
        ],
    );
    global(
        "node a/b",
        &[
            "2:7: error[TG0212]: 'node' requires valid node name - non-empty string with digits(0-9), letters(A-Z, a-z), dot(.), hyphen(-) or underscore(_)",
        ],
    );
    global(
        "tune.bufsize 0",
        &["2:15: error[TG0205]: 'tune.bufsize' expects a positive integer argument"],
    );
    global(
        "stats maxconn 0",
        &["2:16: error[TG0205]: 'stats maxconn' expects a positive value"],
    );
    check(
        "defaults d\nbackend a from d\nbackend b\n",
        &[
            "3:1: warning[TG0711]: defaults section 'd' is explicitly referenced by another proxy and implicitly used here. To avoid any ambiguity don't mix both usage. Add a last defaults section not explicitly used or always use explicit references",
        ],
    );
}
