//! TG08xx: what is allowed and probably not meant.

use super::{Page, page};
use crate::lint;

pub(super) const PAGES: &[Page] = &[
    page(
        lint::UNUSED_ACL,
        "an ACL that nothing uses",
        "No condition of the section names it. It was probably forgotten where it should decide, or is left over.",
        "frontend web\n    bind 127.0.0.1:80\n    mode http\n    acl is_api path_beg /api\n",
        "frontend web\n    bind 127.0.0.1:80\n    mode http\n    acl is_api path_beg /api\n    http-request deny if is_api\n",
    ),
    page(
        lint::UNUSED_BACKEND,
        "a backend that nothing uses",
        "No `use_backend` or `default_backend` names it, and none makes its name from the request.",
        "backend app\n    server s1 127.0.0.1:8080\n",
        "frontend web\n    bind 127.0.0.1:80\n    default_backend app\nbackend app\n    server s1 127.0.0.1:8080\n",
    ),
    page(
        lint::UNKNOWN_ALLOWED,
        "a `tidegate:allow` comment with an unknown code",
        "The comment silences nothing, most likely because its code is mistyped.",
        "global\n    log-tag a # tidegate:allow(TG9999)\n",
        "global\n    log-tag a\n",
    ),
    page(
        lint::NOTHING_ALLOWED,
        "a `tidegate:allow` comment that silences nothing",
        "What it was written for is gone. Left in place, it would hide the next finding of its kind. Errors cannot be allowed.",
        "global\n    log-tag a # tidegate:allow(TG0220)\n",
        "global\n    master-worker # tidegate:allow(TG0220)\n",
    ),
];
