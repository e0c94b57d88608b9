//! The classes of words.

/// What kind of word something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the table below says what each is")]
pub enum Class {
    Section,
    Global,
    Stats,
    Proxy,
    Option,
    Timeout,
    Balance,
    HashType,
    RetryOn,
    ProxyStats,
    Bind,
    Server,
    HttpRequest,
    HttpResponse,
    HttpAfterResponse,
    TcpRequestConnection,
    TcpRequestSession,
    TcpRequestContent,
    TcpResponseContent,
    QuicInitial,
    HttpCheck,
    TcpCheck,
    Matcher,
    AclFlag,
    PredefinedAcl,
    AclWord,
    Fetch,
    Converter,
    LogAlias,
    TableType,
    TableOption,
    TableData,
    Filter,
    Service,
    Acme,
    Cache,
    CrtList,
    CrtStore,
    CrtLoad,
    FcgiApp,
    Healthcheck,
    HttpErrors,
    LogForward,
    LogProfile,
    Mailers,
    NamespaceList,
    Peers,
    Program,
    Resolvers,
    Ring,
    Traces,
    Userlist,
    Directive,
    Predicate,
    Flag,
    Command,
}

/// One class: what it is called, its title, what precedes its words, where they stand.
struct Entry {
    class: Class,
    name: &'static str,
    title: &'static str,
    prefix: &'static str,
    allowed: &'static str,
}

const fn entry(
    class: Class,
    name: &'static str,
    title: &'static str,
    prefix: &'static str,
    allowed: &'static str,
) -> Entry {
    Entry {
        class,
        name,
        title,
        prefix,
        allowed,
    }
}

#[rustfmt::skip]
const ENTRIES: &[Entry] = &[
    entry(Class::Section, "section", "Sections", "", "first column"),
    entry(Class::Global, "global", "Words of `global`", "", "global"),
    entry(Class::Stats, "stats", "`stats` in `global`", "stats", "global"),
    entry(Class::Proxy, "proxy", "Words of proxies", "", "defaults, frontend, listen, backend"),
    entry(Class::Option, "option", "Options", "option", "defaults, frontend, listen, backend"),
    entry(Class::Timeout, "timeout", "Timeouts", "timeout", "defaults, frontend, listen, backend"),
    entry(Class::Balance, "balance", "Balancing algorithms", "balance", "defaults, listen, backend"),
    entry(Class::HashType, "hash-type", "Hash types and functions", "hash-type", "defaults, listen, backend"),
    entry(Class::RetryOn, "retry-on", "Reasons to retry", "retry-on", "defaults, listen, backend"),
    entry(Class::ProxyStats, "proxy-stats", "`stats` in proxies", "stats", "defaults, frontend, listen, backend"),
    entry(Class::Bind, "bind", "Options of `bind` lines", "", "bind, stats socket"),
    entry(Class::Server, "server", "Options of `server` lines", "", "server, default-server"),
    entry(Class::HttpRequest, "http-request", "Actions of `http-request`", "http-request", "named defaults, frontend, listen, backend"),
    entry(Class::HttpResponse, "http-response", "Actions of `http-response`", "http-response", "named defaults, frontend, listen, backend"),
    entry(Class::HttpAfterResponse, "http-after-response", "Actions of `http-after-response`", "http-after-response", "named defaults, frontend, listen, backend"),
    entry(Class::TcpRequestConnection, "tcp-request-connection", "Actions of `tcp-request connection`", "tcp-request connection", "named defaults, frontend, listen"),
    entry(Class::TcpRequestSession, "tcp-request-session", "Actions of `tcp-request session`", "tcp-request session", "named defaults, frontend, listen"),
    entry(Class::TcpRequestContent, "tcp-request-content", "Actions of `tcp-request content`", "tcp-request content", "named defaults, frontend, listen, backend"),
    entry(Class::TcpResponseContent, "tcp-response-content", "Actions of `tcp-response content`", "tcp-response content", "named defaults, listen, backend"),
    entry(Class::QuicInitial, "quic-initial", "Actions of `quic-initial`", "quic-initial", "named defaults, frontend, listen"),
    entry(Class::HttpCheck, "http-check", "Steps of `http-check`", "http-check", "defaults, listen, backend, healthcheck"),
    entry(Class::TcpCheck, "tcp-check", "Steps of `tcp-check`", "tcp-check", "defaults, listen, backend, healthcheck"),
    entry(Class::Matcher, "matcher", "Matching methods", "-m", "conditions"),
    entry(Class::AclFlag, "acl-flag", "Flags of conditions", "", "conditions"),
    entry(Class::PredefinedAcl, "predefined-acl", "Predefined ACLs", "", "conditions"),
    entry(Class::AclWord, "acl-word", "Fetches with a method in their name", "", "conditions"),
    entry(Class::Fetch, "fetch", "Fetches", "", "expressions, conditions, formats"),
    entry(Class::Converter, "converter", "Converters", "", "after a fetch and a comma"),
    entry(Class::LogAlias, "log-alias", "Log aliases", "", "formats, after `%`"),
    entry(Class::TableType, "table-type", "Key types of stick tables", "type", "stick-table"),
    entry(Class::TableOption, "table-option", "Words of `stick-table`", "", "stick-table"),
    entry(Class::TableData, "table-data", "Data stored in stick tables", "store", "stick-table"),
    entry(Class::Filter, "filter", "Filters", "filter", "frontend, listen, backend"),
    entry(Class::Service, "service", "Services", "use-service", "http-request, tcp-request content"),
    entry(Class::Acme, "acme", "Words of `acme`", "", "acme"),
    entry(Class::Cache, "cache", "Words of `cache`", "", "cache"),
    entry(Class::CrtList, "crt-list", "Options in a `crt-list` file", "", "crt-list files"),
    entry(Class::CrtStore, "crt-store", "Words of `crt-store`", "", "crt-store"),
    entry(Class::CrtLoad, "crt-load", "Options of `load`", "", "crt-store, after `load`"),
    entry(Class::FcgiApp, "fcgi-app", "Words of `fcgi-app`", "", "fcgi-app"),
    entry(Class::Healthcheck, "healthcheck", "Words of `healthcheck`", "", "healthcheck"),
    entry(Class::HttpErrors, "http-errors", "Words of `http-errors`", "", "http-errors"),
    entry(Class::LogForward, "log-forward", "Words of `log-forward`", "", "log-forward"),
    entry(Class::LogProfile, "log-profile", "Words of `log-profile`", "", "log-profile"),
    entry(Class::Mailers, "mailers", "Words of `mailers`", "", "mailers"),
    entry(Class::NamespaceList, "namespace-list", "Words of `namespace_list`", "", "namespace_list"),
    entry(Class::Peers, "peers", "Words of `peers`", "", "peers"),
    entry(Class::Program, "program", "Words of `program`", "", "program"),
    entry(Class::Resolvers, "resolvers", "Words of `resolvers`", "", "resolvers"),
    entry(Class::Ring, "ring", "Words of `ring`", "", "ring"),
    entry(Class::Traces, "traces", "Words of `traces`", "", "traces"),
    entry(Class::Userlist, "userlist", "Words of `userlist`", "", "userlist"),
    entry(Class::Directive, "directive", "Directives", "", "any line"),
    entry(Class::Predicate, "predicate", "Predicates of `.if` and `-cc`", "", "`.if`, `.elif`, `-cc`"),
    entry(Class::Flag, "flag", "Flags of the command line", "", "command line"),
    entry(Class::Command, "command", "Commands of the stats socket", "", "stats socket"),
];

impl Class {
    /// Every class, in the order of the reference.
    pub fn all() -> impl Iterator<Item = Self> {
        ENTRIES.iter().map(|entry| entry.class)
    }

    /// Its name on the command line and in `keywords.json`.
    pub fn name(self) -> &'static str {
        self.entry().map_or("", |entry| entry.name)
    }

    /// Its title in the manual.
    pub fn title(self) -> &'static str {
        self.entry().map_or("", |entry| entry.title)
    }

    /// What is written before its words on the same line.
    pub fn prefix(self) -> &'static str {
        self.entry().map_or("", |entry| entry.prefix)
    }

    /// Where its words stand, unless one says more.
    pub fn allowed(self) -> &'static str {
        self.entry().map_or("", |entry| entry.allowed)
    }

    /// The class of that name.
    pub fn find(name: &str) -> Option<Self> {
        let named = |entry: &&Entry| entry.name == name;
        ENTRIES.iter().find(named).map(|entry| entry.class)
    }

    fn entry(self) -> Option<&'static Entry> {
        ENTRIES.iter().find(|entry| entry.class == self)
    }
}
