//! TG05xx: rules and actions; TG06xx: logging.

use super::{Page, page};
use crate::vocab::{codes, rule_codes};

pub(super) const PAGES: &[Page] = &[
    page(
        rule_codes::UNKNOWN_ACTION,
        "an unknown action",
        "The first word of a rule is its action. Not every rule set has every action.",
        "frontend web\n    bind 127.0.0.1:80\n    mode http\n    http-request dney\n",
        "frontend web\n    bind 127.0.0.1:80\n    mode http\n    http-request deny\n",
    ),
    page(
        rule_codes::BAD_ACTION_ARGUMENT,
        "an argument of an action that cannot be used",
        "The action exists, and what follows is not what it takes. The help shows its arguments. Formats with blanks need quotes, and conditions begin with `if` or `unless`.",
        "frontend web\n    bind 127.0.0.1:80\n    mode http\n    http-request set-header x-name my proxy\n",
        "frontend web\n    bind 127.0.0.1:80\n    mode http\n    http-request set-header x-name \"my proxy\"\n",
    ),
    page(
        rule_codes::BAD_ACTION_FILE,
        "an action's file that cannot be read",
        "Files that rules send are read when the configuration is loaded.",
        "frontend web\n    bind 127.0.0.1:80\n    mode http\n    http-request return content-type text/plain file /none\n",
        "frontend web\n    bind 127.0.0.1:80\n    mode http\n    http-request return content-type text/plain string no\n",
    ),
    page(
        rule_codes::COLON_IN_NAME,
        "a header name that ends with a colon",
        "The colon is what separates a name from its value and is written by itself. HAProxy would send it twice; here it is left out.",
        "frontend web\n    bind 127.0.0.1:80\n    mode http\n    http-request set-header x-name: web\n",
        "frontend web\n    bind 127.0.0.1:80\n    mode http\n    http-request set-header x-name web\n",
    ),
    page(
        rule_codes::ACTION_NOT_SUPPORTED,
        "an action that is not supported yet",
        "HAProxy 3.4 has this action and Tidegate does not have it yet. `--allow-unsupported` checks the rest of the configuration.",
        "frontend web\n    bind 127.0.0.1:80\n    mode http\n    http-request cache-use pages\n",
        "frontend web\n    bind 127.0.0.1:80\n    mode http\n    http-request set-header x-cache off\n",
    ),
    page(
        rule_codes::UNREAD_LIST,
        "an action that changes a list nothing reads",
        "`set-map`, `del-map`, `add-acl` and `del-acl` change a list that a map converter or an ACL with `-f` reads. If none does, under the same name, the action does nothing. `virt@` before a name stands for a list without a file.",
        "frontend web\n    bind 127.0.0.1:80\n    mode http\n    http-request add-acl(virt@banned) %[src]\n",
        "frontend web\n    bind 127.0.0.1:80\n    mode http\n    http-request deny if { src -f virt@banned }\n    http-request add-acl(virt@banned) %[src]\n",
    ),
    page(
        codes::BAD_LOG,
        "a `log` line that cannot be read",
        "A `log` line is an address, `stdout`, `stderr` or `global`, then `len`, `format`, `sample` and `profile` with their values, the facility, and the most and least important level.",
        "global\n    log 127.0.0.1:514 locall0\n",
        "global\n    log 127.0.0.1:514 local0 info\n",
    ),
    page(
        rule_codes::UNKNOWN_LOG_PROFILE,
        "a `log-profile` that does not exist",
        "`profile` on a `log` line, or after `do-log`, names a `log-profile` section, which may stand anywhere in the configuration.",
        "frontend web\n    bind 127.0.0.1:80\n    log 127.0.0.1:514 profile short local0\n",
        "log-profile short\n    on any format %ci\nfrontend web\n    bind 127.0.0.1:80\n    log 127.0.0.1:514 profile short local0\n",
    ),
];
