//! Actions of every rule set, conditions, balancing, stick tables, filters: what has no registry
//! of its own.

use super::{Class, KeywordInfo, Row, Words, action_works, not_working, not_yet, row, why};
use crate::vocab::known;

/// The rule sets: class, keyword, the names HAProxy has.
const SETS: &[(Class, &[&str])] = &[
    (Class::HttpRequest, known::HTTP_REQUEST),
    (Class::HttpResponse, known::HTTP_RESPONSE),
    (Class::HttpAfterResponse, known::HTTP_AFTER_RESPONSE),
    (Class::TcpRequestConnection, known::TCP_REQUEST_CONNECTION),
    (Class::TcpRequestSession, known::TCP_REQUEST_SESSION),
    (Class::TcpRequestContent, known::TCP_REQUEST_CONTENT),
    (Class::TcpResponseContent, known::TCP_RESPONSE_CONTENT),
];

/// What rules of QUIC handshakes do, none of which works yet.
const LATER: &[(Class, &[&str], why::Why)] =
    &[(Class::QuicInitial, known::QUIC_INITIAL, |_| "QUIC")];

/// The actions of every rule set.
pub(super) fn actions() -> impl Iterator<Item = KeywordInfo> {
    let known = SETS.iter().flat_map(|&(class, names)| {
        let set = class.prefix();
        let working = names.iter().filter_map(move |name| {
            let keyword = action_works(set, name)?;
            let args = keyword.usage.strip_prefix(name).unwrap_or(keyword.usage);
            Some(KeywordInfo::working(
                class,
                name,
                args.trim_start(),
                keyword.doc,
            ))
        });
        let found = move |name: &str| action_works(set, name).is_some();
        working.chain(not_working(class, names, found, why::action))
    });
    let later = LATER
        .iter()
        .flat_map(|&(class, names, why)| not_working(class, names, |_| false, why));
    known.chain(later)
}

/// Words that work.
#[rustfmt::skip]
pub(super) const WORKING: &[Row] = &[
    row(Class::AclFlag, "-M", "", "Files are read as maps: only the first word of a line counts."),
    row(Class::AclFlag, "-n", "", "Names are not resolved; they never are here."),
    row(Class::AclFlag, "-u", "<id>", "Numbers the ACL for the stats socket."),
    row(Class::AclFlag, "-f", "<file>", "Reads patterns from a file, one per line."),
    row(Class::AclFlag, "-i", "", "Ignores the case of letters."),
    row(Class::AclFlag, "-m", "<method>", "Compares with the method named next."),
    row(Class::AclFlag, "--", "", "Ends the flags: what follows is a pattern even if it starts with `-`."),
    row(Class::HttpCheck, "comment", "<text>", "What failures of the steps below are reported with."),
    row(Class::HttpCheck, "connect", "[default] [port <port>] [addr <address>] [send-proxy] [via-socks4] [linger] [comment <text>]", "Connects, to somewhere else if it says so."),
    row(Class::HttpCheck, "disable-on-404", "", "A 404 keeps new clients away from a server that is up."),
    row(Class::HttpCheck, "expect", "[<option>...] [!] {status <codes> | rstatus <regex> | hdr name [-m <method>] <name> [value [-m <method>] <value>] | fhdr ... | string <text> | rstring <regex> | string-lf <format>}", "What the answer must be like. Options: `min-recv`, `ok-status`, `error-status`, `tout-status`, `on-success`, `on-error`, `status-code`, `comment`."),
    row(Class::HttpCheck, "send", "[meth <method>] [uri <uri> | uri-lf <format>] [ver <version>] [hdr <name> <format>]... [body <text> | body-lf <format>] [comment <text>]", "Sends a request; what it leaves open is as `option httpchk` says."),
    row(Class::HttpCheck, "send-state", "", "Tells servers how they stand, in the header `X-Haproxy-Server-State`."),
    row(Class::HttpCheck, "set-var", "(<name>[,<condition>...]) <expression>", "Sets a variable, for instance of scope `check`."),
    row(Class::HttpCheck, "set-var-fmt", "(<name>[,<condition>...]) <format>", "Sets a variable to a text made by a format."),
    row(Class::HttpCheck, "unset-var", "(<name>)", "Forgets a variable."),
    row(Class::TcpCheck, "comment", "<text>", "What failures of the steps below are reported with."),
    row(Class::TcpCheck, "connect", "[default] [port <port>] [addr <address>] [send-proxy] [via-socks4] [linger] [comment <text>]", "Connects, to somewhere else if it says so."),
    row(Class::TcpCheck, "expect", "[<option>...] [!] {string <text> | rstring <regex> | binary <hex> | rbinary <regex> | string-lf <format> | binary-lf <format>}", "What must be among the bytes received. Options: `min-recv`, `ok-status`, `error-status`, `tout-status`, `on-success`, `on-error`, `status-code`, `comment`."),
    row(Class::TcpCheck, "send", "<text> [comment <text>]", "Sends a text."),
    row(Class::TcpCheck, "send-binary", "<hex> [comment <text>]", "Sends bytes."),
    row(Class::TcpCheck, "send-binary-lf", "<format> [comment <text>]", "Sends bytes whose hexadecimal digits a format makes."),
    row(Class::TcpCheck, "send-lf", "<format> [comment <text>]", "Sends a text made by a format."),
    row(Class::TcpCheck, "set-var", "(<name>[,<condition>...]) <expression>", "Sets a variable, for instance of scope `check`."),
    row(Class::TcpCheck, "set-var-fmt", "(<name>[,<condition>...]) <format>", "Sets a variable to a text made by a format."),
    row(Class::TcpCheck, "unset-var", "(<name>)", "Forgets a variable."),
    row(Class::TableType, "binary", "[len <length>]", "Bytes of one length: shorter keys are filled with zeros, longer ones cut."),
    row(Class::TableType, "integer", "", "Unsigned, 32 bits."),
    row(Class::TableType, "ip", "", "IPv4 addresses."),
    row(Class::TableType, "ipv6", "", "IPv6 addresses; IPv4 ones are mapped."),
    row(Class::TableType, "string", "[len <length>]", "Texts; longer ones are cut."),
    row(Class::TableOption, "brates-factor", "<factor>", "Byte rates are kept in blocks of that many bytes, 1 to 1024."),
    row(Class::TableOption, "expire", "<time>", "How long an entry lives after its last use. Without it, until the table is full."),
    row(Class::TableOption, "len", "<length>", "Longest key of `string` (31 without it), length of `binary` (32)."),
    row(Class::TableOption, "nopurge", "", "A full table takes no new entries, instead of giving up the oldest."),
    row(Class::TableOption, "peers", "<section>", "The `peers` section through which it is shared."),
    row(Class::TableOption, "recv-only", "", "What peers send is learned of values that are usually local."),
    row(Class::TableOption, "size", "<size>", "Most entries; `k`, `m` and `g` multiply by 1024."),
    row(Class::TableOption, "srvkey", "{name | addr}", "Whether servers are stored by name or by address and port. Default `name`."),
    row(Class::TableOption, "store", "<data>[,...]", "What entries count, with periods and numbers of elements between parentheses."),
    row(Class::TableOption, "type", "<type>", "What keys are."),
    row(Class::TableOption, "write-to", "<table>", "The table that learns what peers send to this one."),
    row(Class::TableData, "bytes_in_cnt", "", "Bytes from the client."),
    row(Class::TableData, "bytes_in_rate", "(<period>)", "Bytes from the client in a period."),
    row(Class::TableData, "bytes_out_cnt", "", "Bytes from the server."),
    row(Class::TableData, "bytes_out_rate", "(<period>)", "Bytes from the server in a period."),
    row(Class::TableData, "conn_cnt", "", "How often tracking began."),
    row(Class::TableData, "conn_cur", "", "Streams and connections that track the entry now."),
    row(Class::TableData, "conn_rate", "(<period>)", "How often tracking began in a period."),
    row(Class::TableData, "glitch_cnt", "", "Oddities in the client's protocol. Nothing counts them yet."),
    row(Class::TableData, "glitch_rate", "(<period>)", "Oddities in the client's protocol in a period. Nothing counts them yet."),
    row(Class::TableData, "gpc", "(<number>)", "General counters, up to 100."),
    row(Class::TableData, "gpc0", "", "The first general counter."),
    row(Class::TableData, "gpc0_rate", "(<period>)", "Increments of the first general counter in a period."),
    row(Class::TableData, "gpc1", "", "The second general counter."),
    row(Class::TableData, "gpc1_rate", "(<period>)", "Increments of the second general counter in a period."),
    row(Class::TableData, "gpc_rate", "(<number>,<period>)", "Increments of general counters in a period."),
    row(Class::TableData, "gpt", "(<number>)", "Tags, up to 100."),
    row(Class::TableData, "gpt0", "", "The first tag."),
    row(Class::TableData, "http_err_cnt", "", "Requests the client did wrong."),
    row(Class::TableData, "http_err_rate", "(<period>)", "Requests the client did wrong in a period."),
    row(Class::TableData, "http_fail_cnt", "", "Failures of servers."),
    row(Class::TableData, "http_fail_rate", "(<period>)", "Failures of servers in a period."),
    row(Class::TableData, "http_req_cnt", "", "HTTP requests."),
    row(Class::TableData, "http_req_rate", "(<period>)", "HTTP requests in a period."),
    row(Class::TableData, "server_id", "", "The server that a client is stuck to, by id. `stick` rules store it."),
    row(Class::TableData, "server_key", "", "The name of the server that a client is stuck to. `stick` rules store it."),
    row(Class::TableData, "sess_cnt", "", "Connections that the rules let in."),
    row(Class::TableData, "sess_rate", "(<period>)", "Connections that the rules let in, in a period."),
    row(Class::Filter, "bwlim-in", "<name> {default-limit <size> default-period <time> | limit <size> key <expression> [table <table>]} [min-size <size>]", "A limit of bytes per time from clients."),
    row(Class::Filter, "bwlim-out", "<name> {default-limit <size> default-period <time> | limit <size> key <expression> [table <table>]} [min-size <size>]", "A limit of bytes per time to clients."),
    row(Class::Filter, "cache", "<name>", "Says where among other filters responses are kept."),
    row(Class::Filter, "comp-res", "", "Compresses responses, as `compression` says."),
    row(Class::Filter, "compression", "", "The same."),
    row(Class::Filter, "trace", "[name <name>] [quiet] [random-forwarding] [max-fwd <bytes>] [hexdump]", "For debugging: tells the standard error stream what passes, and passes it on in random pieces, or in pieces of at most so many bytes."),
    row(Class::HashType, "avalanche", "", "After a function: its result is mixed once more."),
    row(Class::HashType, "consistent", "[<function> [avalanche]]", "Keys and servers on a ring; `sdbm avalanche` without a function."),
    row(Class::HashType, "crc32", "", "The CRC of zip and gzip."),
    row(Class::HashType, "djb2", "", "Good for short texts in which letters differ."),
    row(Class::HashType, "map-based", "[<function> [avalanche]]", "A table by weight; `sdbm` without a function."),
    row(Class::HashType, "none", "", "The key is a decimal number and its own hash."),
    row(Class::HashType, "sdbm", "", "The default."),
    row(Class::HashType, "wt6", "", "HAProxy's own; even on short keys that differ little."),
    row(Class::ProxyStats, "admin", "{if | unless} <condition>", "Who may change servers from the page; several lines are alternatives. Without one nobody may."),
    row(Class::ProxyStats, "auth", "<user>:<password>", "Only who has this name and password, or those of another such line, sees the page."),
    row(Class::ProxyStats, "enable", "", "There is a page, at `/haproxy?stats` unless `uri` says otherwise."),
    row(Class::ProxyStats, "hide-version", "", "The page does not say which version this is; reverts `show-version`."),
    row(Class::ProxyStats, "http-request", "<action> [{if | unless} <condition>]", "A rule on requests for the page alone: `allow`, `deny`, `auth`."),
    row(Class::ProxyStats, "realm", "<realm>", "What the name and password are for, as browsers show it."),
    row(Class::ProxyStats, "refresh", "<time>", "How often browsers load the page again; in seconds without a unit."),
    row(Class::ProxyStats, "scope", "{<proxy> | .}", "The page shows only this proxy and those of other such lines; `.` is the one that has the page."),
    row(Class::ProxyStats, "show-desc", "[<text>...]", "The page shows this text, or the `description` of `global`."),
    row(Class::ProxyStats, "show-legends", "", "The page shows addresses, cookies and algorithms."),
    row(Class::ProxyStats, "show-modules", "", "The page shows counters of protocols."),
    row(Class::ProxyStats, "show-node", "[<name>]", "The page shows this name of the machine, or the `node` of `global`."),
    row(Class::ProxyStats, "show-version", "", "The page says which version this is."),
    row(Class::ProxyStats, "uri", "<prefix>", "The page answers requests whose path begins so."),
    row(Class::Service, "prometheus-exporter", "", "Metrics in Prometheus' text format; `?scope=`, `?metrics=`, `?no-maint`, `?desc-labels` choose among them."),
];

/// Words that do not.
#[rustfmt::skip]
pub(super) const OTHERS: &[Words] = &[
    not_yet(Class::Filter, "filters", &[
        "comp-req", "fcgi-app", "opentracing", "otel", "spoe",
    ]),
];
