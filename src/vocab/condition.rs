//! Conditions: `if`/`unless` with named ACLs, anonymous `{ }` blocks, `!` and `||`.
//!
//! An ACL is a list of tests, of which one must succeed; a test is an expression, a matching
//! method and its patterns. A condition is a disjunction of conjunctions of perhaps negated ACLs.
//! What cannot be fetched does not match, so that its negation does. Conditions share the tables
//! of named ACLs; predefined ones (`METH_GET`…) are built where they are used. Files of patterns
//! are read when the configuration is, never later.

use super::acl_test::{self, Test};
use super::arguments::Fault;
use super::context::Context;
use super::expression::did_you_mean;
use super::outer::Site;
use super::scope::{Phase, Scope};
use super::{rule_codes, suggest};
use crate::settings::Mode;
use crate::syntax::{Diagnostic, Diagnostics, Span, Word};
use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;

/// A compiled condition. Evaluation allocates nothing and compares no names.
#[derive(Clone, Debug)]
pub struct Condition {
    /// `unless` rather than `if`.
    unless: bool,
    alternatives: Arc<[Vec<Term>]>,
}

#[derive(Clone, Debug)]
struct Term {
    negated: bool,
    acl: Acl,
}

/// The tests of one ACL.
pub(super) type Acl = Arc<[Arc<Test>]>;

impl Condition {
    /// Whether it holds for this stream, or `None` while content that is still to come may
    /// change that. Says the same as [`Condition::holds`] once the content is settled.
    pub fn decide(&self, cx: &Context<'_>) -> Option<bool> {
        let mut decided = true;
        for terms in self.alternatives.iter() {
            match all_hold(terms, cx) {
                Some(true) => return Some(!self.unless),
                Some(false) => {}
                None => decided = false,
            }
        }
        decided.then_some(self.unless)
    }

    /// Whether it holds for this stream now.
    pub fn holds(&self, cx: &Context<'_>) -> bool {
        let holds = |term: &Term| term.acl.iter().any(|test| test.holds(cx)) != term.negated;
        self.alternatives
            .iter()
            .any(|terms| terms.iter().all(holds))
            != self.unless
    }
}

/// Whether all terms hold; the first that does not, or may come to, decides.
fn all_hold(terms: &[Term], cx: &Context<'_>) -> Option<bool> {
    for term in terms {
        if !term.decide(cx)? {
            return Some(false);
        }
    }
    Some(true)
}

impl Term {
    fn decide(&self, cx: &Context<'_>) -> Option<bool> {
        let mut decided = true;
        for test in self.acl.iter() {
            match test.decide(cx) {
                Some(true) => return Some(!self.negated),
                Some(false) => {}
                None => decided = false,
            }
        }
        decided.then_some(self.negated)
    }
}

/// The named ACLs of one section. Define all of them before its other lines are parsed: as in
/// HAProxy, lines of one name add up wherever they stand, but a name must come before its use.
#[derive(Debug, Default)]
pub struct AclSet {
    by_name: HashMap<Box<[u8]>, Named>,
}

#[derive(Debug)]
struct Named {
    tests: Vec<Arc<Test>>,
    /// All of them, shared by the uses; made at the first one.
    all: OnceCell<Acl>,
    /// Where its first line is.
    defined: Span,
}

impl AclSet {
    /// Adds one `acl` line; `words` are those after `acl`. The same name again means OR.
    pub fn define(&mut self, words: &[Word], _mode: Mode, site: Site<'_>, diags: &mut Diagnostics) {
        let Some((name, test)) = words.split_first() else {
            return;
        };
        if let Some(message) = bad_name(&name.bytes) {
            diags.push(Diagnostic::error(rule_codes::BAD_ACL_NAME, message).at(name.span, ""));
            self.add(name, None);
            return;
        }
        if test.is_empty() {
            let message = format!("missing criterion for ACL '{}'", name.text());
            let help = "write what to test, such as 'path_beg /api' or 'src 10.0.0.0/8'";
            diags.push(
                Diagnostic::error(rule_codes::BAD_CONDITION, message)
                    .at(name.span, "")
                    .help(help),
            );
            self.add(name, None);
            return;
        }
        let site = Site { acls: self, ..site };
        let test = acl_test::parse(test, site, diags);
        self.add(name, test);
    }

    /// A name whose test cannot be read is known all the same: it was reported already.
    fn add(&mut self, name: &Word, test: Option<Test>) {
        let entry = self
            .by_name
            .entry(name.bytes.clone())
            .or_insert_with(|| Named {
                tests: Vec::new(),
                all: OnceCell::new(),
                defined: name.span,
            });
        entry.tests.extend(test.map(Arc::new));
        entry.all.take();
    }
}

impl Named {
    fn acl(&self) -> Acl {
        let all = self
            .all
            .get_or_init(|| self.tests.iter().cloned().collect());
        Arc::clone(all)
    }
}

impl AclSet {
    /// The ACL that an expression at `used` names.
    pub(super) fn find(&self, name: &str, used: Span, site: Site<'_>) -> Result<Acl, Fault> {
        let is_before = |defined: Span| used.file != defined.file || used.start >= defined.start;
        if let Some(found) = self.by_name.get(name.as_bytes())
            && is_before(found.defined)
        {
            return Ok(found.acl());
        }
        if let Some((_, definition)) = PREDEFINED.iter().find(|(known, _)| *known == name) {
            let words = predefined(definition, used);
            let mut diags = Diagnostics::default();
            if let Some(test) = acl_test::parse(&words, site, &mut diags) {
                return Ok(Arc::new([Arc::new(test)]));
            }
        }
        let names = self.by_name.keys();
        let names = names.filter_map(|name| std::str::from_utf8(name).ok());
        let known = names.chain(PREDEFINED.iter().map(|(known, _)| *known));
        let help = suggest::closest(name, known).map(did_you_mean);
        let message = format!("ACL '{name}' not found");
        Err(Fault::new(rule_codes::UNKNOWN_ACL, used, message).help(help))
    }
}

/// The words of a predefined ACL, as if they stood at `span`.
fn predefined(definition: &[&str], span: Span) -> Vec<Word> {
    let word = |text: &&str| Word {
        bytes: text.as_bytes().into(),
        span,
    };
    definition.iter().map(word).collect()
}

fn bad_name(name: &[u8]) -> Option<String> {
    let shown = String::from_utf8_lossy(name);
    if name.eq_ignore_ascii_case(b"or") {
        return Some(format!(
            "acl name '{shown}' will never match, 'or' is used to express a logical OR"
        ));
    }
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
    let bad = name.iter().find(|byte| !allowed(byte))?;
    let bad = char::from(*bad);
    Some(format!(
        "character '{bad}' is not permitted in acl name '{shown}'"
    ))
}

/// The ACLs every section has: name, and the words that define it.
pub(super) const PREDEFINED: &[(&str, &[&str])] = &[
    ("FALSE", &["always_false"]),
    ("HTTP", &["req.proto_http"]),
    ("HTTP_1.0", &["req.ver", "1.0"]),
    ("HTTP_1.1", &["req.ver", "1.1"]),
    ("HTTP_2.0", &["req.ver", "2.0"]),
    ("HTTP_3.0", &["req.ver", "3.0"]),
    ("HTTP_CONTENT", &["req.hdr_val(content-length)", "gt", "0"]),
    ("HTTP_URL_ABS", &["url_reg", "^[^/:]*://"]),
    ("HTTP_URL_SLASH", &["url_beg", "/"]),
    ("HTTP_URL_STAR", &["url", "*"]),
    ("LOCALHOST", &["src", "127.0.0.1/8", "::1"]),
    ("METH_CONNECT", &["method", "CONNECT"]),
    ("METH_DELETE", &["method", "DELETE"]),
    ("METH_GET", &["method", "GET", "HEAD"]),
    ("METH_HEAD", &["method", "HEAD"]),
    ("METH_OPTIONS", &["method", "OPTIONS"]),
    ("METH_POST", &["method", "POST"]),
    ("METH_PUT", &["method", "PUT"]),
    ("METH_TRACE", &["method", "TRACE"]),
    ("RDP_COOKIE", &["req.rdp_cookie_cnt", "gt", "0"]),
    ("REQ_CONTENT", &["req.len", "gt", "0"]),
    ("TRUE", &["always_true"]),
    ("WAIT_END", &["wait_end"]),
];

/// Whether every section has an ACL of that name.
pub fn is_predefined(name: &[u8]) -> bool {
    PREDEFINED.iter().any(|(known, _)| known.as_bytes() == name)
}

/// Parses `if …` or `unless …`, the first of `words`. `None` after an error, which is reported.
pub fn parse(words: &[Word], scope: &mut Scope<'_>) -> Option<Condition> {
    let (sense, mut rest) = words.split_first()?;
    let mut alternatives = vec![Vec::new()];
    let mut complete = true;
    let mut negated = None;
    while let Some((word, mut after)) = rest.split_first() {
        if *word == "or" || *word == "||" {
            warn_of_nothing(word, negated.take(), alternatives.last(), scope);
            alternatives.push(Vec::new());
            rest = after;
            continue;
        }
        let bangs = word.bytes.iter().take_while(|&&byte| byte == b'!').count();
        let name = word.bytes.get(bangs..).unwrap_or_default();
        if bangs > 0 {
            let odd = bangs % 2 == 1;
            negated = Some((word, negated.is_some_and(|(_, before)| before) != odd));
        }
        let acl = match name {
            b"" => {
                rest = after;
                continue;
            }
            b"{" => {
                let (block, left) = block(word, after, scope)?;
                after = left;
                anonymous(word, block, scope)
            }
            _ => named(word, name, scope),
        };
        let negated = negated.take().is_some_and(|(_, negated)| negated);
        match (acl, alternatives.last_mut()) {
            (Some(acl), Some(terms)) => terms.push(Term { negated, acl }),
            _ => complete = false,
        }
        rest = after;
    }
    let last = words.last().unwrap_or(sense);
    // A name that is unknown was reported already; its place is not empty.
    if complete {
        warn_of_nothing(last, negated, alternatives.last(), scope);
    }
    alternatives.retain(|terms| !terms.is_empty());
    complete.then(|| Condition {
        unless: *sense == "unless",
        alternatives: alternatives.into(),
    })
}

/// Warns of nothing, or a lone `!`, before `or` or the end. HAProxy skips it silently.
fn warn_of_nothing(
    word: &Word,
    negated: Option<(&Word, bool)>,
    terms: Option<&Vec<Term>>,
    scope: &mut Scope<'_>,
) {
    let (place, message) = match (negated, terms) {
        (Some((bang, _)), _) => (bang.span, "missing ACL name after '!'"),
        (None, Some(terms)) if terms.is_empty() => (word.span, "missing ACL name in condition"),
        _ => return,
    };
    let help = "write the name of an ACL, or a test between braces: { path_beg /api }";
    scope.diags.push(
        Diagnostic::warning(rule_codes::BAD_CONDITION, message)
            .at(place, "nothing here is ignored")
            .help(help),
    );
}

/// The words up to the closing brace, and those after it.
fn block<'w>(
    open: &Word,
    words: &'w [Word],
    scope: &mut Scope<'_>,
) -> Option<(&'w [Word], &'w [Word])> {
    let end = words.iter().position(|word| *word == "}");
    let found = end.and_then(|end| Some((words.get(..end)?, words.get(end + 1..)?)));
    if found.is_none() {
        scope.diags.push(
            Diagnostic::error(
                rule_codes::BAD_CONDITION,
                "missing closing '}' in condition",
            )
            .at(open.span, "opened here")
            .help("the closing brace must be a word of its own, with blanks around it"),
        );
    }
    found
}

fn anonymous(open: &Word, words: &[Word], scope: &mut Scope<'_>) -> Option<Acl> {
    if words.is_empty() {
        let message = "missing fetch method in ACL expression";
        scope
            .diags
            .push(Diagnostic::error(rule_codes::BAD_CONDITION, message).at(open.span, ""));
        return None;
    }
    let test = acl_test::parse(words, scope.site, scope.diags)?;
    usable(
        open.span,
        "anonymous acl",
        Arc::new([Arc::new(test)]),
        scope,
    )
}

fn named(word: &Word, name: &[u8], scope: &mut Scope<'_>) -> Option<Acl> {
    let acls = scope.acls;
    let shown = String::from_utf8_lossy(name);
    if let Some(found) = acls.by_name.get(name) {
        let (used, defined) = (word.span, found.defined);
        if used.file == defined.file && used.start < defined.start {
            scope.diags.push(
                Diagnostic::error(rule_codes::UNKNOWN_ACL, format!("no such ACL : '{shown}'"))
                    .at(used, "used here")
                    .at(defined, "defined only here")
                    .help("move the 'acl' line above its first use"),
            );
            return None;
        }
        let tests = found.acl();
        return usable(word.span, &format!("acl '{shown}'"), tests, scope);
    }
    if let Some((_, definition)) = PREDEFINED
        .iter()
        .find(|(known, _)| known.as_bytes() == name)
    {
        let words = predefined(definition, word.span);
        let test = acl_test::parse(&words, scope.site, scope.diags)?;
        return usable(
            word.span,
            &format!("acl '{shown}'"),
            Arc::new([Arc::new(test)]),
            scope,
        );
    }
    let names = acls
        .by_name
        .keys()
        .filter_map(|name| std::str::from_utf8(name).ok());
    let known = names.chain(PREDEFINED.iter().map(|(known, _)| *known));
    let help = match suggest::closest(&shown, known) {
        Some(near) => did_you_mean(near),
        None => format!("define it first: acl {shown} path_beg /api"),
    };
    scope.diags.push(
        Diagnostic::error(rule_codes::UNKNOWN_ACL, format!("no such ACL : '{shown}'"))
            .at(word.span, "")
            .help(help),
    );
    None
}

/// The tests that can be answered when the line runs. HAProxy warns when there are none, and
/// such an ACL never matches.
fn usable(span: Span, what: &str, acl: Acl, scope: &mut Scope<'_>) -> Option<Acl> {
    let phase = scope.phase;
    let is_usable = |test: &&Arc<Test>| test.expression.available(phase);
    if acl.iter().all(|test| is_usable(&test)) {
        return Some(acl);
    }
    let kept: Acl = acl.iter().filter(is_usable).cloned().collect();
    if let (true, Some(first)) = (kept.is_empty(), acl.first()) {
        let message = format!(
            "{what} will never match because it uses keyword '{}' which needs {}, not available here",
            first.expression.name(),
            first.expression.source_name(),
        );
        scope.diags.push(
            Diagnostic::warning(rule_codes::NOT_AVAILABLE_HERE, message).at(span, when(phase)),
        );
    }
    Some(kept)
}

fn when(phase: Phase) -> &'static str {
    match phase {
        Phase::Config => "runs when the configuration is read",
        Phase::Connection => "runs when the connection is accepted",
        Phase::Session => "runs when the handshakes are done",
        Phase::Content => "runs on the first bytes of the request",
        Phase::Request => "runs on the request",
        Phase::ResponseContent => "runs on the first bytes of the response",
        Phase::Response => "runs on the response",
        Phase::Log => "runs at the end",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocab::content::Content;
    use crate::vocab::stage::{SITE, Stage, scoped, words};

    /// ACL lines, a condition, and what the parser says about them.
    fn compile(acls: &[&str], condition: &str, phase: Phase) -> (Option<Condition>, Vec<String>) {
        let mut diags = Diagnostics::default();
        let mut set = AclSet::default();
        for line in acls {
            set.define(&words(line), Mode::Http, SITE.site(), &mut diags);
        }
        let (parsed, messages) = scoped(&set, phase, |scope| parse(&words(condition), scope));
        let defined = diags.iter().map(|d| format!("{} {}", d.code.0, d.message));
        (parsed, defined.chain(messages).collect())
    }

    /// What a content rule makes of a condition when these bytes are there.
    #[track_caller]
    fn decided(condition: &str, bytes: &str, settled: bool, expected: Option<bool>) {
        let mut stage = Stage::new(&format!("raw:{bytes}"));
        stage.content = Some(Content::raw(
            bytes.to_owned().leak().as_bytes(),
            100,
            settled,
        ));
        let (parsed, messages) = compile(&[], condition, stage.phase());
        let parsed = parsed.unwrap_or_else(|| panic!("{condition}: {messages:?}"));
        assert_eq!(
            parsed.decide(&stage.context()),
            expected,
            "{condition} on {bytes}"
        );
    }

    #[test]
    fn what_may_change_is_not_decided() {
        const ABC: &str = "{ req.payload(0,3) -m str abc }";
        let check = |condition: &str, bytes, expected| {
            let text = condition.replace("ABC", ABC);
            decided(&text, bytes, false, expected);
        };
        check("if ABC", "ab", None);
        check("if ABC", "abc", Some(true));
        check("if ABC", "abd", Some(false));
        check("unless ABC", "ab", None);
        check("unless ABC", "abc", Some(false));
        check("if !ABC", "ab", None);
        check("if !ABC", "abd", Some(true));
        check("if ABC or TRUE", "ab", Some(true));
        check("if FALSE ABC", "ab", Some(false));
        check("if ABC FALSE", "ab", None);
        check("if ABC or FALSE", "ab", None);
        check("if { req.len ge 3 }", "ab", None);
        check("if { req.len ge 2 }", "ab", Some(true));
        check("if WAIT_END", "ab", None);
        check("if REQ_CONTENT", "", None);
        check("if { req.payload(90,20) -m found }", "ab", Some(false));
        check("if { src 192.0.2.1 }", "", Some(true));
    }

    #[test]
    fn in_the_end_everything_is_decided() {
        let check =
            |condition: &str, bytes, expected| decided(condition, bytes, true, Some(expected));
        check("if { req.payload(0,3) -m str abc }", "ab", false);
        check("unless { req.payload(0,3) -m str abc }", "ab", true);
        check("if WAIT_END", "", true);
        check("if { req.len lt 3 } WAIT_END", "ab", true);
    }

    #[track_caller]
    fn check(acls: &[&str], condition: &str, head: &str, expected: bool) {
        let stage = Stage::new(head);
        let (parsed, messages) = compile(acls, condition, stage.phase());
        let parsed = parsed.unwrap_or_else(|| panic!("{condition}: {messages:?}"));
        assert_eq!(
            parsed.holds(&stage.context()),
            expected,
            "{condition} on {head}"
        );
    }

    const GET: &str = "GET /api/x.png?q=1 HTTP/1.1\nHost: www.example.com\nX-A: 1, two";

    #[test]
    fn logic() {
        let acls = [
            "a path_beg /api",
            "b path_end .gif",
            "b path_end .png",
            "c path /none",
        ];
        let check = |condition, expected| check(&acls, condition, GET, expected);
        check("if a", true);
        check("unless a", false);
        check("if a b", true);
        check("if a c", false);
        check("if a !c", true);
        check("if ! c", true);
        check("if !!a", true);
        check("if c or a", true);
        check("if c || !b", false);
        check("if c a || a b", true);
        check("if TRUE", true);
        check("if !FALSE METH_GET HTTP_1.1", true);
        check("if HTTP_URL_SLASH !HTTP_URL_ABS !HTTP_URL_STAR", true);
        check("if LOCALHOST", false);
        check("if HTTP_CONTENT", false);
    }

    #[test]
    fn anonymous_tests() {
        let check = |condition, expected| check(&[], condition, GET, expected);
        check("if { path_beg /api }", true);
        check("if !{ path_beg /img } { src 192.0.2.0/24 }", true);
        check("if ! { path_beg /img }", true);
        check("if { path_beg -i /API }", true);
        check("if { path -m beg /api }", true);
        check("if { path_dir api }", true);
        check("if { path_sub x.p }", true);
        check("if { path_reg ^/api/[a-z]+\\.png$ }", true);
        check("if { path_len 10 }", true);
        check("if { path_len ge 10 lt 5 }", true);
        check("if { path,lower,length gt 10 }", false);
        check("if { hdr(x-a) two }", true);
        check("if { hdr(x-a) 1 }", true);
        check("if { hdr(x-a,1) two }", false);
        check("if { hdr_cnt(x-a) 2 }", true);
        check("if { hdr_val(x-a) eq 1 }", true);
        // What it gives is declared as bytes, and is a number.
        let number = "if { bin(082a),protobuf(1,int32) -m bin 000000000000002a }";
        check(number, true);
        check("if { hdr(x-b) -m found }", false);
        check("if { hdr_beg(host) -i WWW. }", true);
        check("if { hdr_dom(host) example }", true);
        check("if { req.hdr(host) -m end .com .org }", true);
        check("if { req.hdr(host) lower www.example.com }", true);
        check("if { method GET POST }", true);
        check("if { dst_port 8080 }", true);
        check("if { dst_port 1:1024 }", false);
        check("if { dst_port gt 8000 }", true);
        check("if { urlp(q) 1 }", true);
        check("if { path -f paths.lst }", false);
        check("if { str(/two) -f paths.lst }", true);
        check("if { int(7) -m bool }", true);
        check("if { str(ab) -m bin 6162 }", true);
        check("if { path -- -i }", false);
    }

    #[test]
    fn what_is_gone_never_matches() {
        check(&[], "if { status 404 }", "HTTP/1.1 404 Not Found", true);
        let (parsed, messages) = compile(&[], "if !{ path / }", Phase::Response);
        let stage = Stage::new("HTTP/1.1 200 OK");
        assert!(parsed.is_some_and(|condition| condition.holds(&stage.context())));
        assert!(
            messages
                .iter()
                .all(|message| message.starts_with("TG0406 anonymous acl"))
        );
        assert_eq!(messages.len(), 1);
    }

    #[track_caller]
    fn refused(acls: &[&str], condition: &str, expected: &str) {
        let (parsed, messages) = compile(acls, condition, Phase::Request);
        assert!(
            messages.iter().any(|message| message == expected),
            "{messages:?}"
        );
        assert!(
            parsed.is_none()
                || expected.contains("never match")
                || expected.contains("missing ACL name")
                || expected.contains("TG0421")
        );
    }

    #[test]
    fn lists_say_which_line_is_wrong() {
        let refused = |condition, expected| refused(&[], condition, expected);
        refused(
            "if { src -f bad.lst }",
            "TG0424 pattern file 'bad.lst' line 3: 'nowhere' is not a valid IPv4 or IPv6 address (and 1 more line)",
        );
        refused(
            "if { path_reg -M -f bad_regs.map }",
            "TG0428 map file 'bad_regs.map' line 2: regex '(b' is invalid: unclosed group",
        );
        refused(
            "if { path -f junk.lst }",
            "TG0425 pattern file 'junk.lst' line 2: the line has a NUL byte: this is no text file",
        );
        refused(
            "if { path -f texts.map } { path,map(texts.map) -m found }",
            "TG0425 converter 'map_str': The file \"texts.map\" is already used as one column file and cannot be used by as two column file. in ACL expression 'path,map(texts.map)'",
        );
        refused(
            "if { path,map(texts.map) -m found } { path -f texts.map }",
            "TG0425 The file \"texts.map\" is already used as two column file and cannot be used by as one column file.",
        );
        refused(
            "if { path -u 7 /a } { path -u 7 /b }",
            "TG0422 the id is already used",
        );
        refused(
            "if { path -u x /a }",
            "TG0422 the argument of -u must be an integer",
        );
        refused(
            "if { path_len gt x }",
            "TG0424 'x' is neither a number nor a supported operator",
        );
        refused(
            "if { path -f virt@a -m beg /a }",
            "TG0423 '-m' must only be specified before patterns and files in parsing ACL expression",
        );
    }

    #[test]
    fn lists_need_no_file() {
        let check = |condition, expected| check(&[], condition, GET, expected);
        check("if { path -f virt@a -f opt@none -u 7 /api/x.png }", true);
        check("if { path -f file@paths.lst }", false);
        check("if { str(one) -M -f texts.map -f texts.map }", true);
        check("if { method -i get }", false);
        check("if { method -m str -i get }", true);
        check("if { src -n 192.0.2.0/24 }", true);
    }

    #[test]
    fn faults() {
        refused(&[], "if", "TG0427 missing ACL name in condition");
        refused(&[], "if a", "TG0420 no such ACL : 'a'");
        refused(
            &["a path /"],
            "if a or",
            "TG0427 missing ACL name in condition",
        );
        refused(&["a path /"], "if a !", "TG0427 missing ACL name after '!'");
        refused(
            &[],
            "if { path /",
            "TG0427 missing closing '}' in condition",
        );
        refused(
            &[],
            "if { }",
            "TG0427 missing fetch method in ACL expression",
        );
        refused(
            &["a$ path /"],
            "if a$",
            "TG0421 character '$' is not permitted in acl name 'a$'",
        );
        refused(
            &[],
            "if { pth / }",
            "TG0401 unknown fetch method 'pth' in ACL expression 'pth'",
        );
        refused(
            &[],
            "if { path -q / }",
            "TG0422 '-q' is not a valid ACL option. Please use '--' before any pattern beginning with a '-'",
        );
        refused(
            &[],
            "if { path -m bgn / }",
            "TG0423 unknown matching method 'bgn' when parsing ACL expression",
        );
        refused(
            &[],
            "if { method -m bool }",
            "TG0423 matching method 'bool' cannot be used with fetch keyword 'method'",
        );
        refused(
            &[],
            "if { src 10.0.0.0/33 }",
            "TG0424 '10.0.0.0/33' is not a valid IPv4 or IPv6 address",
        );
        refused(&[], "if { dst_port http }", "TG0424 'http' is not a number");
        refused(
            &[],
            "if { path_reg (?=a) }",
            "TG0428 regex '(?=a)' is invalid: regular expressions cannot use look-around",
        );
        refused(
            &[],
            "if { path -f nowhere }",
            "TG0425 failed to open pattern file <nowhere>: entity not found",
        );
        refused(
            &[],
            "if { path }",
            "TG0426 acl keyword 'path': no pattern to match against were provided, so this ACL will never match",
        );
    }
}
