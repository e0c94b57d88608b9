//! Lines kept for later: ACLs, rules and backends' names.

use super::{Build, ProxyDraft, Rule, RuleKind, word};
use crate::vocab::codes::{BAD_CHOICE, MISSING_ARGUMENT};
use crate::vocab::keyword::{Keyword, Sections};
use crate::vocab::line::{Line, Sense};

/// Rules are kept in named `defaults` and in every proxy.
pub(super) const RULES: Sections = Sections::NAMED_DEFAULTS.or(Sections::LISTEN);

/// The words.
pub(super) const WORDS: &[Keyword<Build>] = &[
    word(
        "acl",
        "<name> <criterion> [<flag>...] [<pattern>...]",
        RULES,
        "Gives a condition a name for the lines below. Several lines of one name are \
         alternatives: any of them is enough.",
        acl,
    ),
    word(
        "http-request",
        "<action> [<argument>...] [{if | unless} <condition>]",
        RULES,
        "Does something with a request.",
        |line, draft| {
            keep(line, draft, RuleKind::HttpRequest);
        },
    ),
    word(
        "http-response",
        "<action> [<argument>...] [{if | unless} <condition>]",
        RULES,
        "Does something with a response.",
        |line, draft| {
            keep(line, draft, RuleKind::HttpResponse);
        },
    ),
    word(
        "http-after-response",
        "<action> [<argument>...] [{if | unless} <condition>]",
        RULES,
        "Does something with any response, generated ones included.",
        |line, draft| keep(line, draft, RuleKind::HttpAfterResponse),
    ),
    word(
        "redirect",
        "{location | prefix | scheme} <to> [<option>...] [{if | unless} <condition>]",
        Sections::LISTEN,
        "Redirects requests.",
        |line, draft| {
            keep(line, draft, RuleKind::Redirect);
        },
    ),
    word(
        "use_backend",
        "<backend> [{if | unless} <condition>]",
        Sections::FRONTEND,
        "Sends requests for which the condition holds to <backend>; the first line that fits \
         decides. The name may be a format, such as `%[req.hdr(host),lower]`.",
        |line, draft| {
            if line.expect(1, "a backend name").is_some() {
                keep(line, draft, RuleKind::UseBackend);
            }
        },
    ),
    word(
        "stick",
        "{on | match | store-request | store-response} <key> [table <table>] [{if | unless} <condition>]",
        Sections::BACKEND,
        "Sends requests of one key to one server: 'match' looks for it in a stick table, 'store-request' \
         and 'store-response' put the server that answers there, 'on' does both.",
        |line, draft| {
            keep(line, draft, RuleKind::Stick);
        },
    ),
    word(
        "use-server",
        "<server> {if | unless} <condition>",
        Sections::BACKEND,
        "Gives requests for which the condition holds to <server> whatever the balancing says; the \
         first line that fits decides, and lines whose server is down are passed over. The name \
         may be a format.",
        |line, draft| {
            if line.expect(1, "a server name").is_some() && has_condition(line, 2) {
                keep(line, draft, RuleKind::UseServer);
            }
        },
    ),
    word(
        "force-be-switch",
        "{if | unless} <condition>",
        Sections::FRONTEND,
        "Requests for which the condition holds are also given to backends that are disabled; to \
         try one before it is put to work.",
        |line, draft| {
            if has_condition(line, 1) {
                keep(line, draft, RuleKind::ForceBackendSwitch);
            }
        },
    ),
    word(
        "circuit-breaker",
        "<name> expression <trigger> [check-period <time>] [fallback-duration <time>] [fallback-max <time>] [recovery-duration <time>] [min-requests <n>] [window <time>] [latency-window <time>] [latency {total | first-byte}] [probe-max <n>] [scope {proxy | server}] [fallback-backend <backend>] [retry-after] [shadow] [{status | deny_status} <code>] [content-type <type>] [{default-errorfiles | errorfile <file> | errorfiles <name> | file <file> | lf-file <file> | string <str> | lf-string <fmt>}] [hdr <name> <fmt>]* [{if | unless} <condition>]",
        Sections::PROXIES,
        "Refuses requests for a while after too many went wrong, with 503, and then lets more and more \
         through. <trigger> compares `NetworkErrorRatio()` (502, 504, and servers that could not be \
         connected to), `ResponseCodeRatio(from,to,of-from,of-to)` (`to` is not included) with a \
         number that has a point, `LatencyAtQuantileMS(50.0)` and `RequestThreshold()` (requests in the window) with one \
         that has none; `&&`, `||` and parentheses join comparisons: \"NetworkErrorRatio() > 0.30 \
         && RequestThreshold() >= 20\". It is looked at every `check-period` (100ms) over the answers of the \
         `window` (10s), latencies of the `latency-window` (60s), `total` or until the `first-byte`; `min-requests` \
         (0) is as `RequestThreshold()`. An open breaker refuses for `fallback-duration` (10s), or up to `fallback-max` if it \
         opens again and again; the first request after that begins the recovery, which lets a share through that grows to all in \
         `recovery-duration` (10s), and no more than `probe-max` at a time. Instead of being refused \
         requests may go to the `fallback-backend`. `retry-after` tells clients when to come again, \
         `shadow` counts and refuses nothing. With `scope server` each server has a breaker, called \
         <proxy>/<name>/<server>, that takes just it out of rotation: without conditions and words about \
         answers. Each proxy that inherits a line has its own breaker; `no circuit-breaker <name>` \
         goes without it. Not in HAProxy.",
        circuit_breaker,
    ),
    word(
        "default_backend",
        "<backend>",
        Sections::FRONT,
        "Backend of requests that no `use_backend` took. Without one they get a 503.",
        |line, draft| {
            if line.at_most(1) {
                let name = line.expect(1, "a backend name");
                draft.settings.default_backend = name.or(draft.settings.default_backend);
            }
        },
    ),
    word(
        "monitor-uri",
        "<uri>",
        Sections::FRONT,
        "Answers requests for exactly this URI itself, with 200, or 503 as `monitor fail` says; \
         for load balancers in front.",
        |line, draft| {
            if line.at_most(1) {
                let uri = line.expect(1, "an URI");
                draft.settings.monitor_uri = uri.or(draft.settings.monitor_uri);
            }
        },
    ),
    word(
        "capture",
        "{cookie <name> | {request | response} header <name>} len <length>",
        Sections::FRONTEND,
        "Keeps a cookie or a header for logs.",
        |line, draft| keep(line, draft, RuleKind::Capture),
    ),
    word(
        "http-error",
        "status <status> [content-type <type>] [{default-errorfiles | errorfile <file> | errorfiles <name> | file <file> | lf-file <file> | string <text> | lf-string <format>}] [hdr <name> <format>]...",
        Sections::PROXIES,
        "Sends something else instead of an error page.",
        |line, draft| keep(line, draft, RuleKind::HttpError),
    ),
    word(
        "declare",
        "capture {request | response} len <length>",
        Sections::FRONTEND,
        "Makes room for what rules capture.",
        |line, draft| keep(line, draft, RuleKind::Declare),
    ),
    word(
        "force-persist",
        "{if | unless} <condition>",
        Sections::BACKEND,
        "Clients for which the condition holds stay with the server they belong to \
         (`use-server`, `cookie`, `stick`) even if it is down or in maintenance, and are never sent to another one: to try \
         a server out.",
        |line, draft| {
            if has_condition(line, 1) {
                keep(line, draft, RuleKind::ForcePersist);
            }
        },
    ),
    word(
        "ignore-persist",
        "{if | unless} <condition>",
        Sections::BACKEND,
        "Requests for which the condition holds go to any server, whatever their `cookie` says, and \
         get no new one: for what is the same on all servers.",
        |line, draft| {
            if has_condition(line, 1) {
                keep(line, draft, RuleKind::IgnorePersist);
            }
        },
    ),
    word(
        "monitor",
        "fail {if | unless} <condition>",
        Sections::FRONTEND,
        "`monitor fail`: when 'monitor-uri' reports failure.",
        monitor,
    ),
];

fn keep<'d>(line: &mut Line<'_, 'd>, draft: &mut ProxyDraft<'d>, kind: RuleKind) {
    if line.expect(1, "an argument").is_none() {
        return;
    }
    push(line, draft, kind);
}

/// Keeps a line as it is.
pub(super) fn push<'d>(line: &Line<'_, 'd>, draft: &mut ProxyDraft<'d>, kind: RuleKind) {
    draft.rules.push(Rule {
        kind,
        words: line.words,
    });
}

/// Whether a condition stands at `at`; reports that none does.
fn has_condition(line: &mut Line<'_, '_>, at: usize) -> bool {
    let found = matches!(line.text(at).as_deref(), Some("if" | "unless"));
    if !found {
        let name = line.name();
        let message = format!("'{name}' requires either 'if' or 'unless' followed by a condition");
        line.error_near(MISSING_ARGUMENT, at, message, ["if", "unless"]);
    }
    found
}

fn acl<'d>(line: &mut Line<'_, 'd>, draft: &mut ProxyDraft<'d>) {
    match line.arg(1) {
        Some(_) => keep(line, draft, RuleKind::Acl),
        None => line.error(MISSING_ARGUMENT, 1, "'acl' expects a name and a criterion"),
    }
}

fn circuit_breaker<'d>(line: &mut Line<'_, 'd>, draft: &mut ProxyDraft<'d>) {
    let kind = match line.sense {
        Sense::Set => RuleKind::CircuitBreaker,
        Sense::No | Sense::Default => RuleKind::NoCircuitBreaker,
    };
    if line.expect(1, "<name> as first argument").is_some() {
        keep(line, draft, kind);
    }
}

fn monitor<'d>(line: &mut Line<'_, 'd>, draft: &mut ProxyDraft<'d>) {
    if line.text(1).as_deref() != Some("fail") {
        let message = "'monitor' only supports 'fail'";
        return line.error_near(BAD_CHOICE, 1, message, ["fail"]);
    }
    match line.text(2).as_deref() {
        Some("if" | "unless") => keep(line, draft, RuleKind::MonitorFail),
        _ => line.error(
            MISSING_ARGUMENT,
            2,
            "'monitor fail' requires either 'if' or 'unless' followed by a condition",
        ),
    }
}
