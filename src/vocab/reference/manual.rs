//! The reference manual: one page for each thing a reader looks for.

use super::generated::NOTICE;
use super::{Class, KeywordInfo};
use crate::vocab::keyword::Status;
use std::fmt::Write;

/// A page: its file's name, its title, what it is about, and its classes.
struct Page {
    file: &'static str,
    title: &'static str,
    about: &'static str,
    classes: &'static [Class],
}

#[rustfmt::skip]
const PAGES: &[Page] = &[
    Page {
        file: "files", title: "Files, sections, directives",
        about: "A configuration is one or more files of sections. A section starts with its keyword; the lines \
                under it belong to it. Words are separated by blanks, `\"…\"` and `'…'` protect blanks, `\\` the \
                next character, `#` starts a comment, and `\"${NAME}\"` is an environment variable inside double \
                quotes. `grammar/lexical.ebnf` has the details.",
        classes: &[Class::Section, Class::Directive, Class::Predicate],
    },
    Page {
        file: "global", title: "The process: `global`",
        about: "What concerns the process as a whole.",
        classes: &[Class::Global, Class::Stats],
    },
    Page {
        file: "proxies", title: "Proxies",
        about: "Words of `defaults`, `frontend`, `listen` and `backend`. A proxy inherits what its `defaults` say. \
                `no` before an option turns it off, `default` before it forgets what was inherited. Times are in \
                milliseconds unless they carry a unit (`us ms s m h d`), sizes are bytes (`k m g` are powers of 1024).",
        classes: &[Class::Proxy, Class::Option, Class::Timeout, Class::Balance, Class::HashType, Class::RetryOn, Class::ProxyStats],
    },
    Page {
        file: "bind", title: "Options of `bind`",
        about: "`bind <address>[,<address>…] [<option>…]`: where a frontend listens. An address is `[<ip>]:<port>[-<last>]`, \
                `/path` or `unix@/path`, `abns@name`, or `fd@<number>`.",
        classes: &[Class::Bind],
    },
    Page {
        file: "server", title: "Options of `server`",
        about: "`server <name> <address>[:<port>] [<option>…]`; `default-server` gives options to the servers below it.",
        classes: &[Class::Server],
    },
    Page {
        file: "rules", title: "Rules and actions",
        about: "`<rule set> <action> [<argument>…] [{if | unless} <condition>]`. Rules run in the order written, those of \
                the named `defaults` before a proxy's own, until one ends the evaluation.",
        classes: &[
            Class::HttpRequest, Class::HttpResponse, Class::HttpAfterResponse, Class::TcpRequestConnection,
            Class::TcpRequestSession, Class::TcpRequestContent, Class::TcpResponseContent, Class::QuicInitial,
            Class::HttpCheck, Class::TcpCheck, Class::Service, Class::Filter,
        ],
    },
    Page {
        file: "conditions", title: "Conditions",
        about: "`{if | unless} [!]<test> [<test>…] [or <test>…]`: tests side by side must all hold, `or` and `||` separate \
                alternatives and bind less, `!` negates one test. A test is an ACL's name or, between braces that are words \
                of their own, `{ <expression> [<flag>…] [--] <pattern>… }`; one matching pattern is enough.",
        classes: &[Class::Matcher, Class::AclFlag, Class::PredefinedAcl, Class::AclWord],
    },
    Page {
        file: "fetches", title: "Fetches",
        about: "`<fetch>[(<argument>,…)]` is where an expression starts: a value of the stream or of the process.",
        classes: &[Class::Fetch],
    },
    Page {
        file: "converters", title: "Converters",
        about: "`<expression>,<converter>[(<argument>,…)]` makes another value of one. A value that cannot be converted is \
                no value, and the expression then has none.",
        classes: &[Class::Converter],
    },
    Page {
        file: "log-formats", title: "Log formats",
        about: "A format is text with `%<alias>`, `%{<flags>}<alias>`, `%(<name>)<alias>` and `%[<expression>]` in it; `%%` is \
                a percent sign. Flags: `+Q` quotes texts, `+X` writes numbers and addresses in hexadecimal, `+E` escapes \
                `\"`, `\\` and `]`; a minus turns one off.",
        classes: &[Class::LogAlias],
    },
    Page {
        file: "tables", title: "Stick tables",
        about: "`stick-table type <type> size <n> [<option>…] [store <data>,…]`.",
        classes: &[Class::TableType, Class::TableOption, Class::TableData],
    },
    Page {
        file: "other-sections", title: "Other sections",
        about: "Sections beside `global` and proxies.",
        classes: &[
            Class::Acme, Class::Cache, Class::CrtList, Class::CrtStore, Class::CrtLoad, Class::FcgiApp,
            Class::Healthcheck, Class::HttpErrors, Class::LogForward, Class::LogProfile, Class::Mailers,
            Class::NamespaceList, Class::Peers, Class::Program, Class::Resolvers, Class::Ring, Class::Traces,
            Class::Userlist,
        ],
    },
    Page {
        file: "command-line", title: "Command line and stats socket",
        about: "HAProxy's own flags. `tidegate help` lists our subcommands.\n\n\
            Signals: SIGUSR1 stops softly, what is under way ends first; SIGTERM and SIGINT stop at once. SIGUSR2 and SIGHUP load the \
            configuration again, in the same process or, under `-W`, in a new worker; what does not load changes nothing. SIGTTOU stops \
            accepting, SIGTTIN goes on.",
        classes: &[Class::Flag, Class::Command],
    },
];

/// Groups of one class: a title, and how names of the group begin. The first that fits counts.
type Groups = &'static [(&'static str, &'static [&'static str])];

const LAYERS: Groups = &[
    (
        "Layer 6: bytes that were not parsed",
        &[
            "distcc_",
            "payload",
            "rdp_cookie",
            "rep_ssl",
            "req.len",
            "req.payload",
            "req.proto_http",
            "req.rdp",
            "req.ssl_",
            "req_len",
            "req_proto",
            "req_ssl",
            "res.len",
            "res.payload",
            "res.ssl_",
        ],
    ),
    ("Layer 5: TLS and streams", &["bs.", "fs.", "ssl_"]),
    (
        "Layer 7: HTTP",
        &[
            "base",
            "capture.",
            "cook",
            "hdr",
            "http_",
            "method",
            "path",
            "query",
            "req.body",
            "req.cook",
            "req.fhdr",
            "req.hdr",
            "req.timer",
            "req.ver",
            "req_ver",
            "request_date",
            "res.body",
            "res.c",
            "res.fhdr",
            "res.hdr",
            "res.timer.hdr",
            "res.ver",
            "resp_ver",
            "scook",
            "server_status",
            "shdr",
            "status",
            "txn.status",
            "txn.timer",
            "unique-id",
            "uri",
            "url",
        ],
    ),
    (
        "Layer 4: connections, proxies, tracked counters",
        &[
            "accept_date",
            "bc.",
            "bc_",
            "be_id",
            "be_name",
            "bytes_",
            "cur_",
            "dst",
            "fc.",
            "fc_",
            "fe_d",
            "fe_i",
            "fe_n",
            "req.bytes",
            "res.bytes",
            "sc",
            "so_",
            "src",
            "srv_id",
            "srv_name",
            "txn.conn_retries",
            "txn.redispatched",
        ],
    ),
    ("Made for developers", &["internal."]),
    ("Internal states and constants", &[""]),
];

const FAMILIES: Groups = &[
    ("Maps and tables", &["in_table", "map", "table_"]),
    (
        "Variables and captures",
        &["capture", "set-var", "unset-var"],
    ),
    (
        "Networks and packets",
        &[
            "eth.",
            "host_only",
            "ip.",
            "ipmask",
            "port_only",
            "rfc7239",
            "tcp.",
        ],
    ),
    (
        "Hashes and digests",
        &["crc", "digest", "djb2", "hmac", "sdbm", "sha", "wt6", "xxh"],
    ),
    ("Ciphers", &["aes_"]),
    (
        "Structured data",
        &[
            "fix_",
            "json_query",
            "jwt",
            "mqtt",
            "param",
            "protobuf",
            "ungrpc",
            "x509",
        ],
    ),
    (
        "Encodings",
        &[
            "b64", "base", "be2", "hex", "htonl", "json", "le2", "ub64", "url_",
        ],
    ),
    (
        "Times",
        &["date", "http_date", "ltime", "ms_", "us_", "utime"],
    ),
    ("Proxies and servers", &["fe_exists", "nbsrv", "srv_"]),
    (
        "Numbers and bits",
        &[
            "add_item", "bool", "cpl", "div", "even", "mod", "mul", "neg", "not", "odd", "or",
            "sub", "xor", "and", "add",
        ],
    ),
    ("Text and the rest", &[""]),
];

/// The pages and their index: path and content.
pub(super) fn pages(words: &[KeywordInfo]) -> Vec<(String, String)> {
    let page = |page: &Page| {
        let path = format!("docs/manual/{}.md", page.file);
        (path, render(page, words))
    };
    let mut pages: Vec<_> = PAGES.iter().map(page).collect();
    pages.push(("docs/manual/README.md".to_owned(), index()));
    pages
}

fn index() -> String {
    let mut text = format!(
        "{NOTICE}# Reference manual\n\nEvery word that works, what it takes, where it may stand, what it does. \
         `docs/COMPATIBILITY.md` lists the words that do not work, and why.\n\n"
    );
    for page in PAGES {
        let _ = writeln!(text, "- [{}]({}.md)", page.title, page.file);
    }
    text.push_str(
        "\nNotation: `<value>` stands for what you write, `[…]` may be left out, `{a | b}` is one of several, `…` may be \
         repeated.\n",
    );
    text
}

fn render(page: &Page, words: &[KeywordInfo]) -> String {
    let mut text = format!("{NOTICE}# {}\n\n{}\n", page.title, page.about);
    for &class in page.classes {
        let all: Vec<&KeywordInfo> = words.iter().filter(|word| word.class == class).collect();
        if page.classes.len() > 1 {
            let _ = write!(text, "\n## {}\n", class.title());
        }
        match class {
            Class::Fetch => grouped(&mut text, &all, LAYERS),
            Class::Converter => grouped(&mut text, &all, FAMILIES),
            Class::LogAlias
            | Class::PredefinedAcl
            | Class::AclWord
            | Class::AclFlag
            | Class::Predicate
            | Class::Directive
            | Class::Flag => table(&mut text, &all),
            _ => entries(&mut text, &all),
        }
        missing(&mut text, &all);
    }
    text
}

fn grouped(text: &mut String, words: &[&KeywordInfo], groups: Groups) {
    let group_of = |word: &KeywordInfo| {
        let fits = |(_, starts): &(&str, &[&str])| starts.iter().any(|s| word.name.starts_with(s));
        groups.iter().position(fits)
    };
    let mut titles: Vec<(usize, &str)> = groups.iter().map(|group| group.0).enumerate().collect();
    titles.sort_by_key(|(_, title)| *title);
    for (index, title) in titles {
        let members: Vec<&KeywordInfo> = words
            .iter()
            .filter(|word| group_of(word) == Some(index))
            .copied()
            .collect();
        if members.iter().any(|word| word.status == Status::Works) {
            let _ = write!(text, "\n## {title}\n");
            entries(text, &members);
        }
    }
}

fn entries(text: &mut String, words: &[&KeywordInfo]) {
    for word in working(words) {
        let _ = write!(text, "\n### {}\n\n", word.full_name());
        if !word.same_as.is_empty() {
            let _ = writeln!(text, "Another name of `{}`.", word.same_as);
            continue;
        }
        let _ = write!(text, "    {}\n\n{}\n\n", word.syntax(), prose(word.doc));
        let _ = writeln!(text, "{}: {}.", place(word), word.allowed);
        examples(text, word);
    }
}

/// Text with `<` escaped outside of code, where it would start a tag.
pub(super) fn prose(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let escaped = parts.map(|(index, part)| match index % 2 {
        0 => part.replace('<', "\\<"),
        _ => part.to_owned(),
    });
    escaped.collect::<Vec<_>>().join("`")
}

/// What the place of a word is called.
fn place(word: &KeywordInfo) -> &'static str {
    match word.class {
        Class::Fetch => "Reads",
        _ => "Allowed in",
    }
}

fn examples(text: &mut String, word: &KeywordInfo) {
    if word.examples.is_empty() {
        return;
    }
    text.push_str("\nExamples:\n\n");
    for example in &word.examples {
        let _ = writeln!(text, "    {example}");
    }
}

fn table(text: &mut String, words: &[&KeywordInfo]) {
    let cell = |text: &str| text.replace('|', "\\|");
    let has_examples = working(words).any(|word| !word.examples.is_empty());
    text.push_str(match has_examples {
        true => "\n| word | means | the same as |\n|---|---|---|\n",
        false => "\n| word | means |\n|---|---|\n",
    });
    for word in working(words) {
        let _ = write!(
            text,
            "| `{}` | {} |",
            cell(&word.syntax()),
            cell(&prose(word.doc))
        );
        if has_examples {
            let _ = write!(text, " `{}` |", cell(&word.examples.join(", ")));
        }
        text.push('\n');
    }
}

/// The words that are in HAProxy and not here, by what happens to them.
fn missing(text: &mut String, words: &[&KeywordInfo]) {
    for status in [Status::NoEffect, Status::NotYet, Status::Removed] {
        let names: Vec<String> = words
            .iter()
            .filter(|word| word.status == status)
            .map(|word| format!("`{}`", word.name))
            .collect();
        if !names.is_empty() {
            let _ = write!(text, "\n{}: {}\n", status.title(), names.join(" "));
        }
    }
}

fn working<'w>(words: &'w [&'w KeywordInfo]) -> impl Iterator<Item = &'w KeywordInfo> {
    words
        .iter()
        .filter(|word| word.status == Status::Works)
        .copied()
}
