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
            let at = Nothing::Before(word);
            warn_of_nothing(at, negated.take(), alternatives.last(), scope);
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
            [b'{', _, ..] => {
                after = glued(word, after, scope);
                None
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
    // A name that is unknown was reported already; its place is not empty.
    if complete {
        let at = match words {
            [_, .., or] => Nothing::After(or),
            _ => Nothing::Of(sense),
        };
        warn_of_nothing(at, negated, alternatives.last(), scope);
    }
    alternatives.retain(|terms| !terms.is_empty());
    complete.then(|| Condition {
        unless: *sense == "unless",
        alternatives: alternatives.into(),
    })
}

/// Where an alternative has no test.
enum Nothing<'w> {
    /// Before this `or`.
    Before(&'w Word),
    /// After this `or`, the last word.
    After(&'w Word),
    /// `if` or `unless` is all there is.
    Of(&'w Word),
}

/// Warns of nothing, or a lone `!`, before `or` or the end. HAProxy skips it silently.
fn warn_of_nothing(
    at: Nothing<'_>,
    negated: Option<(&Word, bool)>,
    terms: Option<&Vec<Term>>,
    scope: &mut Scope<'_>,
) {
    if negated.is_none() && terms.is_none_or(|terms| !terms.is_empty()) {
        return;
    }
    let skipped = "an alternative without a test is skipped";
    let (place, message, label) = match (negated, at) {
        (Some((bang, _)), _) => {
            let message = format!("missing ACL name after '{}'", bang.text());
            (bang.span, message, "negates nothing, and is skipped")
        }
        (None, Nothing::Before(or)) => {
            let message = format!("missing ACL name before '{}'", or.text());
            (or.span, message, skipped)
        }
        (None, Nothing::After(or)) => {
            let message = format!("missing ACL name after '{}'", or.text());
            (or.span, message, skipped)
        }
        (None, Nothing::Of(sense)) => {
            let message = format!("missing ACL name after '{}'", sense.text());
            let label = match *sense == "unless" {
                true => "without a test this always holds",
                false => "without a test this never holds",
            };
            (sense.span, message, label)
        }
    };
    let help = "write the name of an ACL, or a test between braces: { path_beg /api }";
    scope.diags.push(
        Diagnostic::warning(rule_codes::BAD_CONDITION, message)
            .at(place, label)
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

/// Reports a brace without a blank after it; what follows the test it was meant to begin.
fn glued<'w>(word: &Word, words: &'w [Word], scope: &mut Scope<'_>) -> &'w [Word] {
    scope.diags.push(
        Diagnostic::error(
            rule_codes::UNKNOWN_ACL,
            format!("no such ACL : '{}'", word.text()),
        )
        .at(word.span, "")
        .help(BLANKS),
    );
    let end = words.iter().position(|word| word.bytes.ends_with(b"}"));
    match end {
        Some(end) if !word.bytes.ends_with(b"}") => words.get(end + 1..).unwrap_or_default(),
        _ => words,
    }
}

const BLANKS: &str = "braces are words of their own: { path_beg /api }";
const NO_OPENING: &str = "nothing is open here: leave it out, or write '{' before the test";
const NO_NOT: &str = "write '!' before the name: if !a";
const NO_PARENTHESES: &str = "there are no parentheses: names beside each other bind closer than 'or', and several 'acl' lines of one name are alternatives";
const ONE_IF: &str = "a line has one condition: leave this 'if' out where both must hold, write 'or' where one is enough";
const ONE_UNLESS: &str =
    "a line has one condition: write '!' before what must not hold, as in 'if a !b'";
const NO_AND: &str = "leave it out: names beside each other must all hold";

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
    let help = match (name, suggest::closest(&shown, known)) {
        (b"if", _) => ONE_IF.to_owned(),
        (b"unless", _) => ONE_UNLESS.to_owned(),
        (b"and" | b"&&", _) => NO_AND.to_owned(),
        (b"not", _) => NO_NOT.to_owned(),
        (b"}", _) => NO_OPENING.to_owned(),
        ([.., b'}'], _) => BLANKS.to_owned(),
        ([b'(', ..] | [.., b')'], _) => NO_PARENTHESES.to_owned(),
        (_, Some(near)) => did_you_mean(near),
        (_, None) => format!("define it first: acl {shown} path_beg /api"),
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
mod tests;
