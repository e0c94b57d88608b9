//! TG03xx: addresses, `bind` and `server` lines.

use super::{Page, page};
use crate::compile::checks;
use crate::vocab::codes;
use crate::vocab::section::healthcheck::CHECK_TYPES_DIFFER;

pub(super) const PAGES: &[Page] = &[
    page(
        codes::BAD_ADDRESS,
        "an address that cannot be used",
        "An address is `<ip or name>:<port>`, `:<port>` or `*:<port>` for all of the machine's, or the path of a UNIX socket. Listening needs a port.",
        "frontend web\n    bind 127.0.0.1\n",
        "frontend web\n    bind 127.0.0.1:80\n",
    ),
    page(
        codes::UNKNOWN_BIND_OPTION,
        "an unknown word on a `bind` line",
        "After the addresses, a `bind` line has options and their values. Words after an unknown one are not read, as nobody knows how many of them belong to it.",
        "frontend web\n    bind 127.0.0.1:80 acept-proxy\n",
        "frontend web\n    bind 127.0.0.1:80 accept-proxy\n",
    ),
    page(
        codes::UNKNOWN_SERVER_OPTION,
        "an unknown word on a `server` line",
        "After name and address, a `server` line has options and their values. Words after an unknown one are not read, as nobody knows how many of them belong to it.",
        "backend app\n    server s1 127.0.0.1:8080 wieght 10\n",
        "backend app\n    server s1 127.0.0.1:8080 weight 10\n",
    ),
    page(
        codes::UNRESOLVABLE,
        "a host name without an address",
        "Names of servers are looked up when the configuration is loaded. `init-addr none` starts without an address; `check --offline` looks nothing up.",
        "backend app\n    server s1 app.invalid:8080\n",
        "backend app\n    server s1 app.invalid:8080 init-addr none\n",
    ),
    page(
        codes::BAD_OPTION_VALUE,
        "a value that a `bind` or `server` option cannot take",
        "The option exists and its value cannot be used.",
        "frontend web\n    bind 127.0.0.1:80 id 0\n",
        "frontend web\n    bind 127.0.0.1:80 id 7\n",
    ),
    page(
        codes::BAD_TEMPLATE,
        "a `server-template` line that cannot be read",
        "It takes the names' prefix, how many servers there are or a range of numbers from 1, an address, and options. One line makes at most 10000.",
        "backend app\n    server-template app 0 10.0.0.1:80\n",
        "backend app\n    server-template app 1-3 10.0.0.1:80\n",
    ),
    page(
        codes::UNKNOWN_USER,
        "a user or group that does not exist",
        "The process would go on as a user that this machine does not have.",
        "global\n    user nobody-here\n",
        "global\n    user www\n",
    ),
    page(
        checks::NO_CHECK_PORT,
        "a check without a port",
        "The server's address has no port, because connections go to the client's own destination port. Checks have no client: `port`, or the port of a first `connect` rule, says where they go.",
        "backend app\n    server s1 127.0.0.1 check\n",
        "backend app\n    server s1 127.0.0.1 check port 8080\n",
    ),
    page(
        checks::UNKNOWN_HEALTHCHECK,
        "a `healthcheck` section that does not exist",
        "`healthcheck <name>` on a `server` line names a section of that kind, which may stand anywhere in the configuration.",
        "backend app\n    server s1 127.0.0.1:8080 check healthcheck web\n",
        "healthcheck web\n    type httpchk GET /up\nbackend app\n    server s1 127.0.0.1:8080 check healthcheck web\n",
    ),
    page(
        checks::NO_STATE_FILE,
        "`load-server-state-from-file global` without a file",
        "`global` there means the file that `server-state-file` names in the section of that name. The servers start as configured.",
        "backend app\n    load-server-state-from-file global\n    server s1 127.0.0.1:8080\n",
        "global\n    server-state-file /var/lib/tidegate/servers\nbackend app\n    load-server-state-from-file global\n    server s1 127.0.0.1:8080\n",
    ),
    page(
        CHECK_TYPES_DIFFER,
        "a `healthcheck` section whose rules are not of its type",
        "A section has one `type`. `http-check` rules go with `httpchk`, `tcp-check` rules with `tcp-check`, and no rules with the others.",
        "healthcheck web\n    type httpchk\n    tcp-check send PING\n",
        "healthcheck web\n    type tcp-check\n    tcp-check send PING\n",
    ),
    page(
        checks::BAD_EXTERNAL_CHECK,
        "a check by a program that lacks something",
        "`option external-check` needs `external-check command` in its section and `external-check` in `global`, and nothing is started without `insecure-fork-wanted`: a program that the proxy starts has the proxy's rights.",
        "backend app\n    option external-check\n    external-check command /bin/true\n    server s1 127.0.0.1:8080 check\n",
        "global\n    external-check\n    insecure-fork-wanted\nbackend app\n    option external-check\n    external-check command /bin/true\n    server s1 127.0.0.1:8080 check\n",
    ),
];
