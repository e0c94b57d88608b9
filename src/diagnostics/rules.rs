//! TG05xx: rules and actions; TG06xx: logging.

use super::{Page, page};
use crate::compile::checks;
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
        rule_codes::BAD_TRIGGER,
        "a circuit breaker's expression that cannot be read",
        "A trigger compares metrics with numbers and joins comparisons by && and ||. Ratios are compared with floating point numbers (0.30, not 30), latencies and counts with integers, and the metric stands on the left.",
        "backend app\n    mode http\n    circuit-breaker errors expression \"NetworkErrorRatio() > 1\"\n",
        "backend app\n    mode http\n    circuit-breaker errors expression \"NetworkErrorRatio() > 0.30\"\n",
    ),
    page(
        rule_codes::DUPLICATE_BREAKER,
        "two circuit breakers of one name",
        "Commands, logs and `cb_state` know a breaker by its proxy and its name. A line that a proxy inherits from `defaults` may be written anew.",
        "backend app\n    mode http\n    circuit-breaker a expression \"NetworkErrorRatio() > 0.30\"\n    circuit-breaker a expression \"LatencyAtQuantileMS(50.0) > 500\"\n",
        "backend app\n    mode http\n    circuit-breaker a expression \"NetworkErrorRatio() > 0.30\"\n    circuit-breaker b expression \"LatencyAtQuantileMS(50.0) > 500\"\n",
    ),
    page(
        rule_codes::DIFFERENT_LIMITS,
        "two limits of one name that differ",
        "Rules that name the same limit count together, so that they must ask for the same.",
        "frontend web\n    bind 127.0.0.1:80\n    mode http\n    http-request rate-limit average 10 name api\n    http-request rate-limit average 20 name api\n",
        "frontend web\n    bind 127.0.0.1:80\n    mode http\n    http-request rate-limit average 10 name api\n    http-request rate-limit average 20 name other\n",
    ),
    page(
        rule_codes::BAD_BANDWIDTH,
        "a bandwidth filter that cannot be read",
        "A filter has a name and either `default-limit` and `default-period`, for each stream by itself, or `limit` and `key`, for all streams of a key together; these are counted in a stick table that stores `bytes_in_rate` or `bytes_out_rate`.",
        "frontend web\n    bind 127.0.0.1:80\n    mode http\n    filter bwlim-out slow default-limit 100k\n",
        "frontend web\n    bind 127.0.0.1:80\n    mode http\n    filter bwlim-out slow default-limit 100k default-period 1s\n    http-request set-bandwidth-limit slow\n",
    ),
    page(
        rule_codes::DUPLICATE_BANDWIDTH,
        "two bandwidth filters of one name",
        "`set-bandwidth-limit` knows a filter of its proxy by its name.",
        "frontend web\n    bind 127.0.0.1:80\n    mode http\n    filter bwlim-out slow default-limit 100k default-period 1s\n    filter bwlim-in slow default-limit 100k default-period 1s\n    http-request set-bandwidth-limit slow\n",
        "frontend web\n    bind 127.0.0.1:80\n    mode http\n    filter bwlim-out slow default-limit 100k default-period 1s\n    filter bwlim-in slow-in default-limit 100k default-period 1s\n    http-request set-bandwidth-limit slow\n    http-request set-bandwidth-limit slow-in\n",
    ),
    page(
        rule_codes::UNKNOWN_BANDWIDTH,
        "a bandwidth filter that does not exist",
        "`set-bandwidth-limit` names a `filter bwlim-in` or `filter bwlim-out` of the same proxy.",
        "frontend web\n    bind 127.0.0.1:80\n    mode http\n    http-request set-bandwidth-limit slow\n",
        "frontend web\n    bind 127.0.0.1:80\n    mode http\n    filter bwlim-out slow default-limit 100k default-period 1s\n    http-request set-bandwidth-limit slow\n",
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
        "frontend web\n    bind 127.0.0.1:80\n    mode http\n    http-request do-resolve(txn.ip,dns) hdr(host)\n",
        "frontend web\n    bind 127.0.0.1:80\n    mode http\n    http-request set-dst hdr(x-ip)\n",
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
        checks::BAD_CHECK_RULE,
        "a rule of `http-check` or `tcp-check` that cannot be read",
        "A rule connects, sends, expects, comments or sets a variable. `tcp-check` looks for bytes, `http-check` at a status, headers and the body.",
        "backend app\n    mode http\n    option httpchk\n    http-check expect code 200\n",
        "backend app\n    mode http\n    option httpchk\n    http-check expect status 200\n",
    ),
    page(
        rule_codes::UNKNOWN_LOG_PROFILE,
        "a `log-profile` that does not exist",
        "`profile` on a `log` line, or after `do-log`, names a `log-profile` section, which may stand anywhere in the configuration.",
        "frontend web\n    bind 127.0.0.1:80\n    log 127.0.0.1:514 profile short local0\n",
        "log-profile short\n    on any format %ci\nfrontend web\n    bind 127.0.0.1:80\n    log 127.0.0.1:514 profile short local0\n",
    ),
    page(
        rule_codes::UNKNOWN_CACHE,
        "a `cache` that does not exist",
        "`cache-use` and `cache-store` name a `cache` section, which may stand anywhere in the configuration.",
        "frontend web\n    bind 127.0.0.1:80\n    mode http\n    http-request cache-use pages\n",
        "cache pages\n    total-max-size 4\nfrontend web\n    bind 127.0.0.1:80\n    mode http\n    http-request cache-use pages\n",
    ),
];
