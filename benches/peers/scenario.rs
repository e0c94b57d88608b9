//! What is measured: one entry per row group of the report.

/// One kind of traffic.
pub(crate) struct Scenario {
    /// Its name on the command line.
    pub(crate) name: &'static str,
    /// Its heading in the report.
    pub(crate) what: &'static str,
    /// The traffic.
    pub(crate) load: Load,
    /// How server connections are kept.
    pub(crate) reuse: Reuse,
    /// Lines added to the proxy section, in the language Tidegate and HAProxy share. Proxies that
    /// speak another language sit out.
    pub(crate) rules: &'static [&'static str],
    /// Sections before the proxy's, in the same language.
    pub(crate) sections: &'static str,
}

/// What clients do.
#[derive(Clone, Copy)]
pub(crate) enum Load {
    /// As many requests as go through.
    Requests {
        /// Path at the origin, see `origin`.
        path: &'static str,
        /// Clients at once.
        connections: u32,
        /// Header lines of each request besides `Host`.
        headers: &'static [&'static str],
    },
    /// One request each, then silence: what a quiet connection costs in memory.
    Idle {
        /// Clients at once.
        connections: u32,
    },
}

/// `http-reuse`, and nginx's nearest setting.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reuse {
    /// `http-reuse safe`, the default: a client connection's first request opens its own server
    /// connection. nginx: `keepalive`, which has no such mode, except where every request is a first one.
    Default,
    /// `http-reuse always`; nginx: `keepalive`.
    Always,
    /// The default where every client connection carries one request, so that every request
    /// connects twice; nginx: no `keepalive`.
    None,
}

const SMALL: &str = "/small";
const CLOSE: &[&str] = &["Connection: close"];

/// What a current browser sends for a page, besides `Host`.
const BROWSER: &[&str] = &[
    "Connection: keep-alive",
    "Cache-Control: max-age=0",
    "Upgrade-Insecure-Requests: 1",
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "Sec-Fetch-Site: same-origin",
    "Sec-Fetch-Mode: navigate",
    "Sec-Fetch-Dest: document",
    "Referer: http://www.example.com/catalogue/index.html",
    "Accept-Encoding: gzip, deflate, br",
    "Accept-Language: en-GB,en;q=0.9,fr;q=0.6",
    "Cookie: session=5f2d9c1e8a7b4036; theme=dark; consent=1; seen=20260501",
];

/// Six ACLs, two of them deciding, and four header edits: what a small real policy does.
const RULES: &[&str] = &[
    "acl is_api path_beg /api/",
    "acl is_static path_end .css .js .png .jpg",
    "acl is_page path /small /page /index.html",
    "acl is_get method GET HEAD",
    "acl is_local src 127.0.0.0/8 10.0.0.0/8",
    "acl is_bot req.hdr(user-agent) -m sub -i bot crawler spider",
    "http-request deny if is_api !is_get",
    "http-request deny if is_bot !is_local",
    "http-request set-header X-Class page if is_page is_get !is_static",
    "http-request del-header Sec-Fetch-Mode",
    "http-request set-header X-Forwarded-Proto http",
    "http-response del-header Server",
];

/// What a protected site does: two tables are tracked, by address and by path, requests above their
/// rates are refused, and answers are counted.
const POLICY: &[&str] = &[
    "stick-table type ip size 100k expire 60s store gpc0,http_req_rate(10s),http_err_rate(10s)",
    "acl is_api path_beg /api/",
    "acl is_page path /small /page /index.html",
    "acl is_get method GET HEAD",
    "acl is_bot req.hdr(user-agent) -m sub -i bot crawler spider",
    "acl too_fast sc_http_req_rate(0) gt 1000000000",
    "acl is_abuser sc_get_gpc0(0) gt 1000000000",
    "http-request track-sc0 src",
    "http-request track-sc1 path table paths",
    "http-request deny deny_status 429 if too_fast",
    "http-request deny if is_abuser || is_api !is_get",
    "http-request set-header X-Class page if is_page is_get !is_bot",
    "http-request del-header Sec-Fetch-Mode",
    "http-request set-header X-Forwarded-Proto http",
    "http-response del-header Server",
    "http-response sc-inc-gpc0(0) if { status ge 500 }",
    "http-response sc-inc-gpc0(1) if { status lt 400 }",
];

/// The table of [`POLICY`] that is not its proxy's own.
const PATHS: &str = "backend paths
    stick-table type string len 64 size 100k expire 60s store gpc0,http_req_rate(10s)

";

/// Every scenario, in the order of the report.
pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "keep-alive",
        what: "GET of 12 bytes, 50 keep-alive connections",
        load: Load::Requests {
            path: SMALL,
            connections: 50,
            headers: &[],
        },
        reuse: Reuse::Default,
        rules: &[],
        sections: "",
    },
    Scenario {
        name: "browser",
        what: "browser-like headers (12 of them), 1 kB body with 10 headers, 50 connections",
        load: Load::Requests {
            path: "/page",
            connections: 50,
            headers: BROWSER,
        },
        reuse: Reuse::Default,
        rules: &[],
        sections: "",
    },
    Scenario {
        name: "close",
        what: "one request per connection on both sides, 50 at once",
        load: Load::Requests {
            path: SMALL,
            connections: 50,
            headers: CLOSE,
        },
        reuse: Reuse::None,
        rules: &[],
        sections: "",
    },
    Scenario {
        name: "close-reuse",
        what: "one request per client connection, server connections reused, 50 at once",
        load: Load::Requests {
            path: SMALL,
            connections: 50,
            headers: CLOSE,
        },
        reuse: Reuse::Always,
        rules: &[],
        sections: "",
    },
    Scenario {
        name: "64k",
        what: "64 kB body, 50 keep-alive connections",
        load: Load::Requests {
            path: "/64k",
            connections: 50,
            headers: &[],
        },
        reuse: Reuse::Default,
        rules: &[],
        sections: "",
    },
    Scenario {
        name: "1m",
        what: "1 MB body, 50 keep-alive connections",
        load: Load::Requests {
            path: "/1m",
            connections: 50,
            headers: &[],
        },
        reuse: Reuse::Default,
        rules: &[],
        sections: "",
    },
    Scenario {
        name: "1000",
        what: "GET of 12 bytes, 1,000 keep-alive connections",
        load: Load::Requests {
            path: SMALL,
            connections: 1000,
            headers: &[],
        },
        reuse: Reuse::Default,
        rules: &[],
        sections: "",
    },
    Scenario {
        name: "rules",
        what: "six ACLs and four header edits on browser-like requests, 50 connections",
        load: Load::Requests {
            path: SMALL,
            connections: 50,
            headers: BROWSER,
        },
        reuse: Reuse::Default,
        rules: RULES,
        sections: "",
    },
    Scenario {
        name: "policy",
        what: "two tables tracked, six ACLs, header edits and answers counted, browser-like requests, 50 connections",
        load: Load::Requests {
            path: SMALL,
            connections: 50,
            headers: BROWSER,
        },
        reuse: Reuse::Default,
        rules: POLICY,
        sections: PATHS,
    },
    Scenario {
        name: "idle",
        what: "5,000 idle keep-alive connections after one request each",
        load: Load::Idle { connections: 5000 },
        reuse: Reuse::Always,
        rules: &[],
        sections: "",
    },
];
