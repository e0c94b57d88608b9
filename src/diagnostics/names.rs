//! TG07xx: names between sections, and proxies as a whole.

use super::{Page, page};
use crate::compile::findings;
use crate::vocab::codes;

pub(super) const PAGES: &[Page] = &[
    page(
        findings::DUPLICATE_PROXY,
        "two proxies of one name",
        "Names are how rules, logs and counters tell proxies apart.",
        "backend app\nbackend app\n",
        "backend app1\nbackend app2\n",
    ),
    page(
        findings::DUPLICATE_SERVER,
        "two servers of one name",
        "Within a backend, names are how logs, counters and persistence tell servers apart.",
        "backend app\n    server s1 127.0.0.1:8080\n    server s1 127.0.0.1:8081\n",
        "backend app\n    server s1 127.0.0.1:8080\n    server s2 127.0.0.1:8081\n",
    ),
    page(
        codes::UNKNOWN_USERLIST,
        "a userlist that does not exist",
        "No `userlist` section has this name.",
        "userlist staff\nfrontend web\n    mode http\n    bind 127.0.0.1:80\n    timeout client 30s\n    http-request deny unless { http_auth(stuff) }\n",
        "userlist staff\nfrontend web\n    mode http\n    bind 127.0.0.1:80\n    timeout client 30s\n    http-request deny unless { http_auth(staff) }\n",
    ),
    page(
        codes::UNKNOWN_GROUP,
        "a group that the userlist does not have",
        "A user can only be in groups that the same `userlist` section defines.",
        "userlist staff\n    group admins\n    user ann groups admin\n",
        "userlist staff\n    group admins\n    user ann groups admins\n",
    ),
    page(
        codes::UNKNOWN_LIST_USER,
        "a user that the userlist does not have",
        "A group can only have users that the same `userlist` section defines.",
        "userlist staff\n    group admins users ann\n    user anne\n",
        "userlist staff\n    group admins users anne\n    user anne\n",
    ),
    page(
        codes::UNKNOWN_ERRORS,
        "an http-errors section that does not exist",
        "No `http-errors` section has this name.",
        "http-errors site\nfrontend web\n    mode http\n    bind 127.0.0.1:80\n    timeout client 30s\n    errorfiles sitte\n",
        "http-errors site\nfrontend web\n    mode http\n    bind 127.0.0.1:80\n    timeout client 30s\n    errorfiles site\n",
    ),
    page(
        findings::UNKNOWN_BACKEND,
        "a backend that does not exist",
        "No `backend` or `listen` section has this name.",
        "frontend web\n    bind 127.0.0.1:80\n    default_backend ap\nbackend app\n",
        "frontend web\n    bind 127.0.0.1:80\n    default_backend app\nbackend app\n",
    ),
    page(
        findings::LOOP,
        "a proxy that sends to itself",
        "A `listen` section has its own servers and cannot choose itself as its backend.",
        "listen web\n    bind 127.0.0.1:80\n    default_backend web\n",
        "frontend web\n    bind 127.0.0.1:80\n    default_backend app\nbackend app\n",
    ),
    page(
        findings::MODE_MISMATCH,
        "a frontend and a backend of different modes",
        "An HTTP frontend cannot hand its requests to a backend that only moves bytes.",
        "frontend web\n    mode http\n    bind 127.0.0.1:80\n    default_backend app\nbackend app\n    mode tcp\n",
        "frontend web\n    mode http\n    bind 127.0.0.1:80\n    default_backend app\nbackend app\n    mode http\n",
    ),
    page(
        findings::DUPLICATE_ID,
        "a numeric id used twice",
        "Ids given with `id` are unique among proxies, and among the servers and listeners of one.",
        "backend app\n    id 7\nbackend img\n    id 7\n",
        "backend app\n    id 7\nbackend img\n    id 8\n",
    ),
    page(
        findings::MISSING_TIMEOUTS,
        "a proxy without timeouts",
        "Without timeouts a peer that vanishes holds its connection for ever, until none is left.",
        "frontend web\n    bind 127.0.0.1:80\n",
        "frontend web\n    bind 127.0.0.1:80\n    timeout client 30s\n",
    ),
    page(
        findings::NO_BIND,
        "a frontend that listens nowhere",
        "Without a `bind` line nobody can reach it. If it was meant to be chosen by others, it is a `backend`.",
        "frontend web\n    timeout client 30s\n",
        "frontend web\n    timeout client 30s\n    bind 127.0.0.1:80\n",
    ),
    page(
        findings::NEEDS_HTTP,
        "a word that needs HTTP mode",
        "In TCP mode there are no requests, so that the setting or the rules do nothing. Say `mode http`, in the section or its `defaults`.",
        "frontend web\n    bind 127.0.0.1:80\n    mode tcp\n    option forwardfor\n",
        "frontend web\n    bind 127.0.0.1:80\n    mode http\n    option forwardfor\n",
    ),
    page(
        findings::UNKNOWN_DEFAULTS,
        "a `defaults` that does not exist",
        "`from` names a `defaults` section that stands before the section that uses it.",
        "defaults base\nbackend app from bas\n",
        "defaults base\nbackend app from base\n",
    ),
    page(
        findings::AMBIGUOUS_DEFAULTS,
        "a `defaults` name that could mean several, or is used in both ways",
        "A `defaults` section is used either by name or by the sections that follow it. Mixing both makes it easy to inherit the wrong one.",
        "defaults base\nbackend app from base\nbackend img\n",
        "defaults base\nbackend app from base\nbackend img from base\n",
    ),
    page(
        findings::FORMAT_WITHOUT_LOG,
        "a log format without a log",
        "The section says how log lines look and not where they go. Add `log global` or a target.",
        "frontend web\n    bind 127.0.0.1:80\n    log-format %ci\n",
        "frontend web\n    bind 127.0.0.1:80\n    log stdout local0\n    log-format %ci\n",
    ),
    page(
        findings::UNUSED_SERVERS,
        "servers that are never used",
        "`default_backend` takes every request, so that the section's own servers get none.",
        "listen web\n    bind 127.0.0.1:80\n    server s1 127.0.0.1:8080\n    default_backend app\nbackend app\n",
        "frontend web\n    bind 127.0.0.1:80\n    default_backend app\nbackend app\n    server s1 127.0.0.1:8080\n",
    ),
    page(
        findings::RULES_NOT_INHERITABLE,
        "rules in a `defaults` that cannot be inherited",
        "Rules of a named `defaults` run before those of the section that inherits them. Either frontends or backends can inherit them, never `listen` sections or other `defaults`.",
        "defaults base\n    mode http\n    http-request set-header a b\nlisten web from base\n    bind 127.0.0.1:80\n",
        "defaults base\n    mode http\n    http-request set-header a b\nfrontend web from base\n    bind 127.0.0.1:80\n",
    ),
];
