//! A thousand mistyped words: the right one is suggested first.
//!
//! A class is a kind of names, its words, and small configurations in which one of them stands at
//! `@`. A typo is one edit of one word: a letter more, less, another, or two swapped.

use super::tests::diagnose;
use crate::syntax::{SectionKind, Severity};
use crate::vocab::reference::Class as Of;
use crate::vocab::{KeywordInfo, Status, action, converter, fetch, keywords, log_alias, matcher};

/// Typos made in all.
const TYPOS: usize = 1000;
/// How many of them must be understood, per hundred.
const UNDERSTOOD: usize = 95;

struct Class {
    name: &'static str,
    text: String,
    words: Vec<String>,
}

fn class<'a>(name: &'static str, text: &str, words: impl IntoIterator<Item = &'a str>) -> Class {
    Class {
        name,
        text: text.to_owned(),
        words: words.into_iter().map(str::to_owned).collect(),
    }
}

/// Words of a class of the vocabulary.
fn table(name: &'static str, text: &'static str, of: Of) -> Class {
    let kept = |word: &KeywordInfo| word.class == of && word.status != Status::Removed;
    let words = keywords().into_iter().filter(kept);
    class(
        name,
        text,
        words
            .map(|word| word.name)
            .filter(|name| !name.contains(' ')),
    )
}

/// A class that stands in a line of an HTTP proxy.
fn http<'a>(name: &'static str, line: &str, words: impl IntoIterator<Item = &'a str>) -> Class {
    let words = words.into_iter().map(str::to_owned).collect();
    let text = format!("listen web\n mode http\n {line}\n");
    Class { name, text, words }
}

fn classes() -> Vec<Class> {
    let listed = LISTED
        .iter()
        .map(|&(name, text, words)| class(name, text, words.split(' ')));
    listed.chain(registered()).chain(of_rules()).collect()
}

/// Classes whose words the vocabulary lists.
fn registered() -> Vec<Class> {
    let sections = SectionKind::ALL.iter().map(|(keyword, _)| *keyword);
    let tests = matcher::ALL.iter().map(|word| word.name);
    vec![
        class(
            "section",
            "global\n    nbthread 2\n@ web\n",
            sections.clone(),
        ),
        class("flat section", "global\nnbthread 2\n@ web\n", sections),
        table("global", "global\n @ 1\n", Of::Global),
        table("proxy keyword", "listen web\n @ 1\n", Of::Proxy),
        table("option", "listen web\n option @\n", Of::Option),
        table("timeout", "listen web\n timeout @ 5s\n", Of::Timeout),
        table(
            "bind option",
            "listen web\n bind 127.0.0.1:80 @ 1\n",
            Of::Bind,
        ),
        table(
            "server option",
            "listen web\n server s 127.0.0.1:80 @ 1\n",
            Of::Server,
        ),
        http("fetch", "log-format %[@]", fetch::names()),
        http("fetch of an acl", "acl a @ 1", fetch::names()),
        http("converter", "log-format %[path,@]", converter::names()),
        http("matcher", "acl a path -m @ x", tests),
        http("log alias", "log-format %@", log_alias::names()),
    ]
}

/// Actions, by the rule set they stand in.
fn of_rules() -> Vec<Class> {
    let actions = |set| {
        let usable = action::ALL
            .iter()
            .filter(move |word| word.sets.contains(&set));
        usable.map(|word| word.name)
    };
    vec![
        http(
            "request action",
            "http-request @",
            actions(action::RuleSet::Request),
        ),
        http(
            "response action",
            "http-response @",
            actions(action::RuleSet::Response),
        ),
        http(
            "after-response action",
            "http-after-response @",
            actions(action::RuleSet::AfterResponse),
        ),
    ]
}

/// Classes whose words no registry lists: name, configuration, words.
#[rustfmt::skip]
const LISTED: &[(&str, &str, &str)] = &[
    ("mode", "listen web\n mode @\n",
     "tcp http haterm spop"),
    ("balance", "backend b\n balance @\n",
     "roundrobin static-rr leastconn source first random url_param hash rdp-cookie log-hash sticky"),
    ("http-reuse", "backend b\n http-reuse @\n",
     "never safe aggressive always"),
    ("log facility", "global\n log 127.0.0.1:514 @ info\n",
     "daemon syslog cron mail news uucp audit kern user"),
    ("log level", "global\n log 127.0.0.1:514 local0 @\n",
     "emerg alert crit warning notice info debug"),
    ("log option", "global\n log 127.0.0.1:514 @ x local0\n",
     "format sample profile"),
    ("log format", "global\n log 127.0.0.1:514 format @ local0\n",
     "local rfc3164 rfc5424 priority short timed iso raw"),
    ("errorfile", "backend b\n errorfile @ /503.http\n",
     "200 400 503 429"),
    ("forwardfor", "listen web\n option forwardfor @ x\n",
     "except header if-none"),
    ("monitor", "listen web\n monitor @ if TRUE\n",
     "fail"),
    ("redirect", "listen web\n mode http\n redirect @ /x\n",
     "location prefix scheme"),
    ("redirect option", "listen web\n mode http\n http-request redirect location / @\n",
     "drop-query keep-query append-slash ignore-empty set-cookie clear-cookie"),
    ("return", "listen web\n mode http\n http-request return @ x\n",
     "status content-type default-errorfiles errorfile file string lf-string lf-file hdr"),
    ("header method", "listen web\n mode http\n http-request del-header x -m @\n",
     "str beg end sub reg"),
    ("condition", "listen web\n mode http\n http-request deny @ TRUE\n",
     "if unless"),
    ("condition of an action", "listen web\n mode http\n http-request set-header a b @ TRUE\n",
     "if unless"),
    ("acl", "listen web\n mode http\n acl is_api path /a\n acl is_static path /b\n acl blocked src 10.0.0.1\n http-request deny if @\n",
     "is_api is_static blocked METH_POST LOCALHOST HTTP_1.1 TRUE"),
    ("backend", "backend app\nbackend images\nbackend api_servers\nbackend be_web-1\nfrontend web\n default_backend @\n",
     "app images api_servers be_web-1"),
    ("switched backend", "backend app\nbackend images\nbackend api_servers\nfrontend web\n use_backend @ if TRUE\n",
     "app images api_servers"),
    ("defaults", "defaults base\ndefaults http-base\nbackend a from @\n",
     "base http-base"),
    ("backend of a fetch", "backend app\nbackend images\nlisten web\n mode http\n http-request set-header a %[nbsrv(@)]\n",
     "app images"),
    ("server of a fetch", "backend app\n server alpha :80\n server beta-2 :81\nlisten web\n mode http\n http-request set-header a %[srv_conn(app/@)]\n",
     "alpha beta-2"),
    ("variable's scope", "listen web\n mode http\n http-request set-var(@.a) int(1)\n",
     "proc sess txn req res check"),
    ("read variable's scope", "listen web\n mode http\n http-request set-header a %[var(@.a)]\n",
     "proc sess txn req res check"),
    ("variable's condition", "listen web\n mode http\n http-request set-var(txn.a,@) int(1)\n",
     "ifexists ifnotexists ifempty ifnotempty ifset ifnotset ifgt iflt"),
    ("table argument", "backend b\n stick-table type ip size 1k @ 10s\n",
     "expire store peers write-to recv-only nopurge"),
    ("table type", "backend b\n stick-table type @ size 1k\n",
     "ip ipv6 integer string binary"),
    ("table data", "backend b\n stick-table type ip size 1k store @\n",
     "conn_cnt conn_cur conn_rate http_req_cnt http_req_rate http_err_rate bytes_in_cnt bytes_out_rate gpc0 gpc1_rate gpt0 server_id sess_rate"),
    ("directive", "global\n.@\n",
     "notice warning alert diag"),
    ("predicate", "global\n.if @(A)\n.endif\n",
     "defined feature enabled version_atleast version_before"),
    ("environment", "global\n presetenv SITE_NAME a\n presetenv PORT 5\n setenv X \"${@}\"\n",
     "SITE_NAME PORT HAPROXY_BRANCH"),
];

/// xorshift64*: the same typos each time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit
    }

    fn typo(&mut self, word: &str) -> String {
        const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
        let mut letters: Vec<char> = word.chars().collect();
        let letter = char::from(LETTERS[self.below(LETTERS.len())]);
        let at = self.below(letters.len());
        match self.below(4) {
            0 => letters.insert(self.below(word.len() + 1), letter),
            1 => {
                letters.remove(at);
            }
            2 => letters[at] = letter,
            _ if letters.len() > 1 => {
                let at = self.below(letters.len() - 1);
                letters.swap(at, at + 1);
            }
            _ => letters.push(letter),
        }
        letters.into_iter().collect()
    }
}

/// The first word that is suggested, and whether anything is said at all.
fn suggested(text: &str) -> (Option<String>, bool) {
    let found = diagnose(text);
    let said = found.iter().any(|d| d.severity == Severity::Error);
    let help = found
        .iter()
        .filter_map(|d| d.help.as_deref()?.split_once("did you mean '"))
        .next();
    let word = help.and_then(|(_, rest)| rest.split_once('\''));
    (word.map(|(word, _)| word.to_owned()), said)
}

#[test]
fn the_right_word_is_suggested_first() {
    let classes = classes();
    let mut random = Random(0x5eed);
    let (mut made, mut understood, mut accepted) = (0, 0, 0);
    let mut missed = Vec::new();
    let mut by_class = vec![(0, 0); classes.len()];
    while made < TYPOS {
        let index = made % classes.len();
        let class = &classes[index];
        let word = &class.words[random.below(class.words.len())];
        let typo = random.typo(word);
        // What is a word again is no typo.
        if typo.is_empty() || class.words.contains(&typo) || typo == *word {
            continue;
        }
        let (found, said) = suggested(&class.text.replace('@', &typo));
        if !said && found.is_none() {
            accepted += 1;
            continue;
        }
        made += 1;
        let found_word = found.as_deref().map(|found| {
            let found = found.trim_start_matches('.');
            // Variables are suggested with their scope, servers with their backend.
            let found = found.strip_suffix(".a").unwrap_or(found);
            found.strip_prefix("app/").unwrap_or(found)
        });
        let right = found_word == Some(word);
        understood += usize::from(right);
        by_class[index].0 += 1;
        by_class[index].1 += usize::from(right);
        if !right {
            missed.push(format!("{}: {word} as {typo} gets {found:?}", class.name));
        }
    }
    for (class, (made, right)) in classes.iter().zip(by_class) {
        println!("{:30} {right} of {made}", class.name);
    }
    println!("{understood} of {made} typos understood");
    // Such as '400z', which is read as the number.
    assert!(accepted < TYPOS / 100, "{accepted} typos are accepted");
    assert!(
        understood * 100 >= made * UNDERSTOOD,
        "{understood} of {made}:\n{}",
        missed.join("\n")
    );
}
