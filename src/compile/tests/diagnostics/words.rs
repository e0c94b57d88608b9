//! Words nobody knows, words of another section, words that are not there.

use super::{backend, check, frontend, global};
use crate::compile::tests::run;
use crate::vocab::host::fake::Fake;

#[test]
fn unknown_words_get_a_suggestion() {
    frontend(
        "maxcon 5",
        &["8:2: error[TG0201]: unknown keyword 'maxcon' in 'frontend' section"],
    );
    backend(
        "zzz 5",
        &["7:2: error[TG0201]: unknown keyword 'zzz' in 'backend' section"],
    );
    global(
        "maxcon 5",
        &["2:2: error[TG0201]: unknown keyword 'maxcon' in 'global' section"],
    );
    frontend(
        "option httlog",
        &["8:9: error[TG0216]: unknown option 'httlog'"],
    );
    frontend(
        "bind :81 accept_proxy",
        &["8:11: error[TG0302]: 'bind :81' in section 'frontend': unknown keyword 'accept_proxy'"],
    );
    backend(
        "server s 1.2.3.4:5 wait 3",
        &["7:21: error[TG0303]: 'server b/s' : unknown keyword 'wait'"],
    );
    let help = |text: &str, expected: &str| {
        let mut sources = crate::syntax::Sources::default();
        let file = sources.add("t.cfg", text);
        let mut diags = crate::syntax::Diagnostics::default();
        let document = crate::syntax::parse(
            &sources,
            &[file],
            &mut crate::syntax::Environment::default(),
            &crate::syntax::Facts::default(),
            &mut diags,
        );
        let options = crate::compile::CompileOptions {
            allow_unsupported: false,
            host: &Fake::default(),
            sources: &sources,
        };
        crate::compile::compile(&document, &mut diags, &options);
        let helps: Vec<_> = diags.iter().filter_map(|d| d.help.as_deref()).collect();
        assert_eq!(helps, [expected]);
    };
    help(
        "backend b\n balence roundrobin\n",
        "did you mean 'balance'?",
    );
    help("global\n nbthreads 3\n", "did you mean 'nbthread'?");
    help(
        "backend b\n option redispach\n",
        "did you mean 'redispatch'?",
    );
}

#[test]
fn words_of_the_wrong_section() {
    frontend(
        "server s 1.2.3.4:5",
        &[
            "8:2: error[TG0202]: 'server' not allowed because frontend 'f' has no backend capability",
        ],
    );
    frontend(
        "balance roundrobin",
        &["8:2: warning[TG0209]: 'balance' ignored because frontend 'f' has no backend capability"],
    );
    frontend(
        "fullconn 5",
        &[
            "8:2: warning[TG0209]: 'fullconn' ignored because frontend 'f' has no backend capability. Maybe you want 'maxconn' instead ?",
        ],
    );
    frontend(
        "timeout server 3s",
        &[
            "8:10: warning[TG0209]: 'timeout server' will be ignored because frontend 'f' has no backend capability",
        ],
    );
    frontend(
        "option redispatch",
        &[
            "8:2: warning[TG0209]: 'option redispatch' ignored because frontend 'f' has no backend capability",
        ],
    );
    backend(
        "bind :80",
        &["7:2: warning[TG0209]: 'bind' ignored because backend 'b' has no frontend capability"],
    );
    backend(
        "maxconn 5",
        &[
            "7:2: warning[TG0209]: 'maxconn' ignored because backend 'b' has no frontend capability. Maybe you want 'fullconn' instead ?",
        ],
    );
    backend(
        "rate-limit sessions 5",
        &[
            "7:2: warning[TG0209]: rate-limit sessions will be ignored because backend 'b' has no frontend capability",
        ],
    );
    backend(
        "option dontlognull",
        &[
            "7:2: error[TG0202]: 'option dontlognull' not allowed because backend 'b' has no frontend capability",
        ],
    );
    check(
        "defaults\n bind :80\n",
        &["2:2: error[TG0202]: 'bind' not allowed in 'defaults' section"],
    );
    check(
        "defaults\n acl a path /\n",
        &["2:2: error[TG0202]: 'acl' not allowed in anonymous 'defaults' section"],
    );
    check(
        "defaults\n use_backend b\n",
        &["2:2: error[TG0202]: 'use_backend' not allowed in 'defaults' section"],
    );
    frontend(
        "no maxconn 5",
        &[
            "8:5: error[TG0215]: negation/default currently supported only for options, log, busy-polling, set-dumpable, strict-limits, insecure-fork-wanted and numa-cpu-mapping",
        ],
    );
    frontend(
        "no option httplog",
        &["8:12: error[TG0215]: negation/default is not supported for option 'httplog'"],
    );
}

#[test]
fn words_that_are_not_there_yet_or_not_anymore() {
    frontend(
        "bind :81 ssl crt x",
        &[
            "8:11: error[TG0210]: 'ssl' on a 'bind' line is not supported yet",
            "8:15: error[TG0210]: 'crt' on a 'bind' line is not supported yet",
        ],
    );
    backend(
        "server s 1.2.3.4:5 check-ssl",
        &["7:21: error[TG0210]: 'check-ssl' on a 'server' line is not supported yet"],
    );
    backend(
        "option transparent",
        &["7:9: error[TG0210]: 'option transparent' is not supported yet"],
    );
    global(
        "lua-load x",
        &["2:2: error[TG0210]: 'lua-load' is not supported yet"],
    );
    global(
        "nbproc 2",
        &["2:2: error[TG0211]: 'nbproc' is not supported anymore"],
    );
    frontend(
        "reqrep a b",
        &["8:2: error[TG0211]: 'reqrep' is not supported anymore"],
    );
    frontend(
        "bind :81 process 1",
        &["8:11: error[TG0211]: 'process' on a 'bind' line is not supported anymore"],
    );
    check(
        "cache c\n max-age 4\n",
        &["1:1: error[TG0204]: Size not specified for cache 'c'"],
    );
    let (config, findings) = run("backend b\n use-fcgi-app php\n", &Fake::default(), true);
    assert!(config.is_some());
    assert_eq!(
        findings,
        "t.cfg:2:2: warning[TG0210]: 'use-fcgi-app' is not supported yet\n"
    );
}

#[test]
fn lists_that_nothing_reads() {
    frontend(
        "http-request add-acl(virt@a) %[src]",
        &[
            "8:23: warning[TG0520]: no map and no ACL reads the list 'virt@a', so that changing it does nothing",
        ],
    );
    frontend(
        "http-request add-acl(virt@a) %[src]\n http-request deny if { src -f virt@a }",
        &[],
    );
    frontend(
        "http-request set-map() a b",
        &["8:15: error[TG0502]: 'set-map' expects a file between parentheses"],
    );
    frontend(
        "http-request del-map(x)",
        &["8:15: error[TG0502]: 'del-map' expects exactly 1 argument"],
    );
}

#[test]
fn protocols_go_with_the_mode() {
    frontend("bind :81 proto h1", &[]);
    frontend("mode tcp\n bind :81 proto none", &[]);
    frontend(
        "bind :81 proto none",
        &["8:17: error[TG0305]: frontend 'f' : MUX protocol 'none' is not usable for 'bind :81'"],
    );
    frontend(
        "bind :81 proto h3",
        &[
            "8:17: error[TG0305]: 'bind :81' in section 'frontend' : 'proto' :  unknown MUX protocol 'h3'",
        ],
    );
    frontend(
        "bind :81 proto h2",
        &["8:17: error[TG0210]: 'proto h2' is not supported yet"],
    );
    frontend(
        "bind :81 proto",
        &["8:11: error[TG0305]: 'bind :81' in section 'frontend' : 'proto' : missing value"],
    );
    backend("server s 1.2.3.4:5 proto h1 check check-proto none", &[]);
    backend(
        "server s 1.2.3.4:5 proto none",
        &["7:27: error[TG0305]: backend 'b' : MUX protocol 'none' is not usable for server 's'"],
    );
    backend(
        "server s 1.2.3.4:5 check check-proto h1",
        &[
            "7:39: error[TG0305]: backend 'b': server 's' uses an incompatible MUX protocol for the selected check type",
        ],
    );
    backend(
        "option tcp-check\n tcp-check connect proto h1",
        &[
            "8:26: error[TG0570]: 'tcp-check connect' : 'proto' : invalid MUX protocol 'h1' for tcp-check",
        ],
    );
    backend(
        "option httpchk\n http-check connect proto h1\n http-check send",
        &[],
    );
}
