//! One test of an ACL: an expression, a matching method, and the patterns it compares with.

use super::codes::UNKNOWN_GROUP;
use super::context::Context;
use super::expression::{self, AclHead, Expression, did_you_mean};
use super::matcher::{self, Matcher, Method};
use super::outer::Site;
use super::pattern::{BadPattern, Columns, PatternRef, Spec, Values, View};
use super::sample::{ROOM, Type};
use super::{rule_codes, suggest};
use crate::syntax::{Code, Diagnostic, Diagnostics, Span, Word};
use std::sync::Arc;

/// A test ready to run.
#[derive(Debug)]
pub(super) struct Test {
    pub(super) expression: Expression,
    /// What values are cast to before they are compared.
    takes: Option<Type>,
    matcher: Matcher,
}

impl Test {
    /// Whether a value matches, or `None` while content that is still to come may change that.
    pub(super) fn decide(&self, cx: &Context<'_>) -> Option<bool> {
        let test = || self.holds(cx);
        match cx.content {
            Some(content) => content.decide(self.expression.reads_request(), test),
            None => Some(test()),
        }
    }

    /// Whether a value of the expression matches.
    pub(super) fn holds(&self, cx: &Context<'_>) -> bool {
        self.expression.any(cx, &mut |value| match self.takes {
            Some(takes) => {
                let mut room = ROOM;
                value
                    .cast(takes, &mut room)
                    .is_some_and(|value| self.matcher.matches(value))
            }
            None => self.matcher.matches(value),
        })
    }
}

/// Parses one test: expression, flags, patterns.
pub(super) fn parse(words: &[Word], site: Site<'_>, diags: &mut Diagnostics) -> Option<Test> {
    let head = match expression::parse_acl(words, site) {
        Ok(head) => head?,
        Err(fault) => {
            let text = words.first().map(Word::text).unwrap_or_default();
            let message = format!("{} in ACL expression '{text}'", fault.message);
            let mut diagnostic = Diagnostic::error(fault.code, message).at(fault.span, "");
            diagnostic.help = fault.help;
            diags.push(diagnostic);
            return None;
        }
    };
    let mut reader = TestReader::new(&head, site, diags);
    reader.warn_of_blank(words);
    let mut rest = words.get(head.words..).unwrap_or_default();
    while let Some((flag, after)) = rest.split_first() {
        if !flag.bytes.starts_with(b"-") {
            break;
        }
        rest = after;
        if *flag == "--" {
            break;
        }
        let took = reader.flag(flag, after.first())?;
        rest = rest.get(took..).unwrap_or_default();
    }
    let patterns = reader.patterns(rest)?;
    let method = reader.method()?;
    let is_empty = patterns.is_empty() && reader.views.is_empty();
    if is_empty && !method.needs_no_patterns() && words.len() == head.words {
        reader.warn_empty(words);
    }
    reader.warn_of_another_method(words, method);
    let places = patterns.clone();
    reader.words(method, patterns)?;
    reader.check_groups(&places)?;
    let lists = std::mem::take(&mut reader.views);
    Some(Test {
        takes: method
            .takes()
            .filter(|&takes| takes != head.expression.gives() || !head.expression.is_plain()),
        expression: head.expression,
        matcher: Matcher::new(method, lists),
    })
}

struct TestReader<'t> {
    head: &'t AclHead,
    site: Site<'t>,
    diags: &'t mut Diagnostics,
    forced: Option<Method>,
    ignore_case: bool,
    no_names: bool,
    columns: Columns,
    id: Option<&'t Word>,
    views: Vec<View>,
}

/// A pattern among the words of an ACL, and where it is.
type Written = (Box<[u8]>, Span);

impl<'t> TestReader<'t> {
    fn new(head: &'t AclHead, site: Site<'t>, diags: &'t mut Diagnostics) -> Self {
        Self {
            head,
            site,
            diags,
            forced: None,
            ignore_case: false,
            no_names: false,
            columns: Columns::One,
            id: None,
            views: Vec::new(),
        }
    }

    fn error(&mut self, code: Code, span: Span, message: String, help: &str) {
        let mut diagnostic = Diagnostic::error(code, message).at(span, "");
        if !help.is_empty() {
            diagnostic = diagnostic.help(help);
        }
        self.diags.push(diagnostic);
    }

    /// Reads one flag; how many further words it took.
    fn flag(&mut self, flag: &Word, value: Option<&'t Word>) -> Option<usize> {
        match &*flag.bytes {
            b"-i" => self.ignore_case = true,
            b"-n" => self.no_names = true,
            b"-M" => self.columns = Columns::Two,
            b"-m" => {
                let name = self.value(flag, value)?;
                self.force_method(name)?;
                return Some(1);
            }
            b"-f" => {
                let name = self.value(flag, value)?;
                self.file(name)?;
                return Some(1);
            }
            b"-u" => {
                let value = self.value(flag, value)?;
                self.id = Some(value);
                return Some(1);
            }
            _ => {
                let text = flag.text();
                let message = format!(
                    "'{text}' is not a valid ACL option. Please use '--' before any pattern beginning with a '-'"
                );
                let help = "the options are -i, -f, -m, -n, -u, -M and --";
                self.error(rule_codes::BAD_ACL_FLAG, flag.span, message, help);
                return None;
            }
        }
        Some(0)
    }

    fn force_method(&mut self, word: &Word) -> Option<()> {
        let text = word.text();
        let code = rule_codes::BAD_MATCHER;
        if !self.views.is_empty() {
            let message =
                "'-m' must only be specified before patterns and files in parsing ACL expression";
            self.error(code, word.span, message.to_owned(), "write -m before -f");
            return None;
        }
        if self.forced.is_some() {
            let message = "only one explicit matching method can be defined with '-m' parameter";
            self.error(
                code,
                word.span,
                message.to_owned(),
                "keep the one that is meant",
            );
            return None;
        }
        let Some(method) = Method::find(&word.bytes) else {
            let message = format!("unknown matching method '{text}' when parsing ACL expression");
            let names = matcher::ALL.iter().map(|keyword| keyword.name);
            let help = suggest::closest(&text, names).map(did_you_mean);
            let help = help.unwrap_or_else(|| {
                "the methods are found, bool, int, ip, bin, len, str, beg, sub, dir, dom, end, reg".to_owned()
            });
            self.error(code, word.span, message, &help);
            return None;
        };
        let expression = &self.head.expression;
        if !method.fits(expression.gives()) {
            let message = format!(
                "matching method '{text}' cannot be used with fetch keyword '{}'",
                expression.name()
            );
            let help = format!("its values are of type {}", expression.gives().name());
            self.error(code, word.span, message, &help);
            return None;
        }
        self.forced = Some(method);
        Some(())
    }

    /// The method in force: `-m`, the ACL word's own, or what fits the type.
    fn method(&mut self) -> Option<Method> {
        let expression = &self.head.expression;
        let found = self
            .forced
            .or(self.head.method)
            .or(expression.has_dotted_patterns().then_some(Method::Version))
            .or_else(|| Method::of_type(expression.gives()));
        if found.is_none() {
            let message = format!(
                "matching method must be specified first (using '-m') when using a sample fetch of this type ('{}')",
                expression.name()
            );
            let (code, span) = (rule_codes::BAD_MATCHER, expression.span());
            self.error(
                code,
                span,
                message,
                "write -m str to compare it as text, -m int as a number, -m bin as bytes, or -m found",
            );
        }
        found
    }

    fn value<'w>(&mut self, flag: &Word, value: Option<&'w Word>) -> Option<&'w Word> {
        if value.is_none() {
            let message = format!("missing argument for '{}'", flag.text());
            self.error(rule_codes::BAD_ACL_FLAG, flag.span, message, "");
        }
        value
    }

    fn spec(&self, method: Method) -> Spec {
        Spec {
            method,
            ignore_case: self.ignore_case,
            full_addresses: self.no_names,
            values: Values::Text,
        }
    }

    fn file(&mut self, word: &Word) -> Option<()> {
        let method = self.method()?;
        let name = word.text();
        let store = &self.site.outer.patterns;
        let list = match store.open(&name, "acl", self.columns, word.span, self.site.files) {
            Ok(list) => list,
            Err(bad) => return self.bad(rule_codes::BAD_PATTERN_FILE, word.span, bad),
        };
        match list.view(self.spec(method)) {
            Ok(view) => self.views.push(view),
            Err((_, bad)) => return self.bad(bad_code(method), word.span, bad),
        }
        Some(())
    }

    /// Reads the words after the flags. As in HAProxy, an empty one is the end.
    fn patterns(&mut self, words: &[Word]) -> Option<Vec<Written>> {
        if words.is_empty() {
            return Some(Vec::new());
        }
        let method = self.method()?;
        let operators = method.takes_operators();
        let mut operator = None;
        let mut patterns = Vec::new();
        for word in words.iter().take_while(|word| !word.bytes.is_empty()) {
            let mut text = word.bytes.clone();
            if method == Method::Ip && !self.no_names {
                text = self.address(text);
            }
            if operators {
                if let Some(found) = Operator::find(&text) {
                    operator = Some(found);
                    continue;
                }
                if let Some((_, meant)) = SYMBOLS.iter().find(|(symbol, _)| *word == *symbol) {
                    let message = format!("'{}' is not a number", word.text());
                    self.error(
                        rule_codes::BAD_PATTERN,
                        word.span,
                        message,
                        &did_you_mean(meant),
                    );
                    return None;
                }
                let is_range = text.contains(&b':') || text.contains(&b'-');
                if let Some(operator) = operator.filter(|_| !is_range) {
                    let Some(range) = operator.range(&word.text(), method) else {
                        let text = word.text();
                        let message =
                            format!("'{text}' is neither a number nor a supported operator");
                        let help = "write a number without a unit; the operators are eq, ge, gt, le and lt";
                        self.error(rule_codes::BAD_PATTERN, word.span, message, help);
                        return None;
                    };
                    text = range.into_bytes().into();
                }
            }
            patterns.push((text, word.span));
        }
        Some(patterns)
    }

    /// A network whose address is a host name gets its IPv4 address, as it is now. Anything else,
    /// and a name that has none, stays.
    fn address(&self, text: Box<[u8]>) -> Box<[u8]> {
        let shown = String::from_utf8_lossy(&text);
        let (name, mask) = shown.split_at(shown.find('/').unwrap_or(shown.len()));
        let is_name = name.contains(|c: char| c.is_ascii_alphabetic()) && !name.contains(':');
        let addrs = match is_name {
            true => (self.site.resolve)(name).unwrap_or_default(),
            false => Vec::new(),
        };
        match addrs.iter().find(|addr| addr.is_ipv4()) {
            Some(addr) => format!("{addr}{mask}").into_bytes().into(),
            None => text,
        }
    }

    /// Makes a list of the patterns that were written as words. There is one even without any:
    /// it can be added to at run time.
    fn words(&mut self, method: Method, patterns: Vec<Written>) -> Option<()> {
        let place = self.head.expression.span();
        let texts = patterns.iter().map(|(text, _)| text.clone()).collect();
        let made = self.site.outer.patterns.of_words(place, texts, self.id);
        let list: Arc<PatternRef> = match made {
            Ok(list) => list,
            Err(message) => {
                let span = self.id.map_or(place, |word| word.span);
                self.error(rule_codes::BAD_ACL_FLAG, span, message.to_owned(), "");
                return None;
            }
        };
        match list.view(self.spec(method)) {
            Ok(view) => self.views.push(view),
            Err((index, bad)) => {
                let span = patterns.get(index).map_or(place, |(_, span)| *span);
                return self.bad(bad_code(method), span, bad);
            }
        }
        Some(())
    }

    /// Groups that a condition names must be those of the userlist.
    fn check_groups(&mut self, written: &[Written]) -> Option<()> {
        let expression = &self.head.expression;
        let Some(list) = expression.groups_of() else {
            return Some(());
        };
        let name = expression.name();
        let (mut count, mut unknown) = (0, None);
        let is_own = self.forced.is_none() && expression.is_plain();
        for view in self.views.iter().filter(|_| is_own) {
            let mut entries = view.list().entries();
            while let Some(entry) = entries.next_entry() {
                count += 1;
                if unknown.is_none() && !list.groups.contains(entry.key) {
                    unknown = Some(Box::<[u8]>::from(entry.key));
                }
            }
        }
        let (message, span) = match unknown {
            Some(group) => {
                let place = written.iter().find(|(text, _)| *text == group);
                let message = format!("{name}(): invalid group '{}'.", group.escape_ascii());
                (message, place.map_or(expression.span(), |(_, span)| *span))
            }
            None if count == 0 => (format!("{name}(): no groups specified."), expression.span()),
            None => return Some(()),
        };
        let help = "write names of groups that the userlist defines after it";
        self.error(UNKNOWN_GROUP, span, message, help);
        None
    }

    fn bad(&mut self, code: Code, span: Span, bad: BadPattern) -> Option<()> {
        self.error(code, span, bad.message, &bad.help.unwrap_or_default());
        None
    }

    /// Warns of a pattern that looks like the arguments of the fetch before it.
    fn warn_of_blank(&mut self, words: &[Word]) {
        let [fetch, pattern, ..] = words else { return };
        if fetch.bytes.contains(&b'(') || !pattern.bytes.starts_with(b"(") {
            return;
        }
        let (fetch, text) = (fetch.text(), pattern.text());
        let message = format!("matching '{fetch}' for pattern '{text}' is likely a mistake");
        self.diags.push(
            Diagnostic::warning(rule_codes::BAD_PATTERN, message)
                .at(pattern.span, "")
                .help("remove the blank before '(', or write '--' before it if it is a pattern"),
        );
    }

    fn warn_of_another_method(&mut self, words: &[Word], method: Method) {
        let implied = self.head.method.filter(|implied| *implied != method);
        if implied.is_none_or(|implied| implied == Method::Str) {
            return;
        }
        let text = words.first().map(Word::text).unwrap_or_default();
        let message = format!(
            "original matching method '{text}' was overwritten and will not be applied as expected."
        );
        let help = format!("write -m {} or the ACL word, not both", method.name());
        let finding = Diagnostic::warning(rule_codes::BAD_MATCHER, message);
        self.diags
            .push(finding.at(self.head.expression.span(), "").help(help));
    }

    fn warn_empty(&mut self, words: &[Word]) {
        let text = words.first().map(Word::text).unwrap_or_default();
        let message = format!(
            "acl keyword '{text}': no pattern to match against were provided, so this ACL will never match"
        );
        let help = "write patterns, or '-m found' to match only for existence, or '-m bool' to match an integer as a bool, or '--' if this is intended";
        let span = self.head.expression.span();
        self.diags.push(
            Diagnostic::warning(rule_codes::NO_PATTERNS, message)
                .at(span, "")
                .help(help),
        );
    }
}

fn bad_code(method: Method) -> Code {
    match method {
        Method::Reg => rule_codes::BAD_REGEX,
        _ => rule_codes::BAD_PATTERN,
    }
}

/// What other languages write, and the operators it stands for.
const SYMBOLS: [(&str, &str); 6] = [
    ("=", "eq"),
    ("==", "eq"),
    (">", "gt"),
    (">=", "ge"),
    ("<", "lt"),
    ("<=", "le"),
];

/// An operator before integers.
#[derive(Clone, Copy, Debug)]
enum Operator {
    Eq,
    Ge,
    Gt,
    Le,
    Lt,
}

impl Operator {
    fn find(text: &[u8]) -> Option<Self> {
        match text {
            b"eq" => Some(Self::Eq),
            b"ge" => Some(Self::Ge),
            b"gt" => Some(Self::Gt),
            b"le" => Some(Self::Le),
            b"lt" => Some(Self::Lt),
            _ => None,
        }
    }

    /// The range it stands for; `None` if that is no number.
    fn range(self, text: &str, method: Method) -> Option<String> {
        if let Self::Eq = self {
            return Some(text.to_owned());
        }
        let value: i64 = match method {
            Method::Version => matcher::version_number(text)?,
            _ => text.parse().ok()?,
        };
        let shown = |value: i64| match method {
            Method::Version => format!("{}.{}", value >> 16, value & 0xffff),
            _ => value.to_string(),
        };
        Some(match self {
            Self::Eq => shown(value),
            Self::Ge => format!("{}:", shown(value)),
            Self::Gt => format!("{}:", shown(value.saturating_add(1))),
            Self::Le => format!(":{}", shown(value)),
            Self::Lt => format!(":{}", shown(value.saturating_sub(1))),
        })
    }
}
