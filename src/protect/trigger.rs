//! Trigger expressions: when a circuit breaker opens.
//!
//! `LatencyAtQuantileMS(50.0) > 100 || NetworkErrorRatio() > 0.3`: Traefik's language with its
//! strictness about types, and messages that say what to write (SEMANTICS 4.2, 8.5, 8.10). A
//! trigger is read once and evaluated many times, without a name or an allocation. What must
//! hold: whatever the text, reading ends with a [`Trigger`] or a [`Fault`] at a column; nesting is
//! bounded. Deliberately absent: where metrics come from, which [`Metrics`] stands for.

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::{IResult, Parser};

/// Parentheses inside parentheses.
const DEEPEST: usize = 64;

/// The metrics by name.
pub const METRIC_NAMES: [&str; 4] = [
    "LatencyAtQuantileMS",
    "NetworkErrorRatio",
    "RequestThreshold",
    "ResponseCodeRatio",
];

/// The same, for messages.
const METRICS: &str =
    "'LatencyAtQuantileMS', 'NetworkErrorRatio', 'RequestThreshold' or 'ResponseCodeRatio'";

/// What a breaker measures.
pub trait Metrics {
    /// The latency in milliseconds, cut to an integer, that this share of requests (0 to 100)
    /// does not exceed; 0 without requests.
    fn latency_at_quantile_ms(&self, quantile: f64) -> u64;
    /// Network errors to all requests, 0 to 1.
    fn network_error_ratio(&self) -> f64;
    /// Responses with a status in `of.0..of.1` to those in `to.0..to.1`; 0 without the latter.
    fn response_code_ratio(&self, of: (u32, u32), to: (u32, u32)) -> f64;
    /// Requests in the window.
    fn requests(&self) -> u64;
}

/// An expression that can be evaluated.
#[derive(Clone, Debug, PartialEq)]
pub struct Trigger(Node);

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Any(Vec<Node>),
    All(Vec<Node>),
    Ratio(Ratio, Relation, f64),
    Count(Count, Relation, u64),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Ratio {
    NetworkErrors,
    Codes { of: (u32, u32), to: (u32, u32) },
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Count {
    Latency(f64),
    Requests,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
}

/// Why a text is no trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where, counted in bytes from 0.
    pub at: usize,
    /// What is wrong.
    pub why: String,
}

impl Trigger {
    /// Reads an expression.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let mut reader = Reader {
            text,
            rest: text,
            depth: 0,
        };
        reader.blanks();
        if reader.rest.is_empty() {
            return Err(reader.fault("expression is empty"));
        }
        let node = reader.any()?;
        if reader.rest.is_empty() {
            return Ok(Self(node));
        }
        Err(reader.unexpected(" after the end of the expression"))
    }

    /// Whether it holds now. Alternatives and terms after the deciding one are not looked at.
    pub fn holds(&self, metrics: &impl Metrics) -> bool {
        self.0.holds(metrics)
    }

    /// What made it hold: the first alternative that does, with the values of its metrics.
    pub fn because(&self, metrics: &impl Metrics) -> String {
        let mut terms = Vec::new();
        self.0.because(metrics, &mut terms);
        terms.join(", ")
    }
}

impl Node {
    fn holds(&self, metrics: &impl Metrics) -> bool {
        match self {
            Self::Any(nodes) => nodes.iter().any(|node| node.holds(metrics)),
            Self::All(nodes) => nodes.iter().all(|node| node.holds(metrics)),
            Self::Ratio(ratio, relation, bound) => {
                let value = match *ratio {
                    Ratio::NetworkErrors => metrics.network_error_ratio(),
                    Ratio::Codes { of, to } => metrics.response_code_ratio(of, to),
                };
                relation.holds(&value, bound)
            }
            Self::Count(count, relation, bound) => {
                let value = match *count {
                    Count::Latency(quantile) => metrics.latency_at_quantile_ms(quantile),
                    Count::Requests => metrics.requests(),
                };
                relation.holds(&value, bound)
            }
        }
    }
}

impl Node {
    fn because(&self, metrics: &impl Metrics, terms: &mut Vec<String>) {
        match self {
            Self::Any(nodes) => {
                if let Some(node) = nodes.iter().find(|node| node.holds(metrics)) {
                    node.because(metrics, terms);
                }
            }
            Self::All(nodes) => nodes.iter().for_each(|node| node.because(metrics, terms)),
            Self::Ratio(Ratio::NetworkErrors, ..) => {
                let value = metrics.network_error_ratio();
                terms.push(format!("NetworkErrorRatio()={value:.2}"));
            }
            Self::Ratio(Ratio::Codes { of, to }, ..) => {
                let value = metrics.response_code_ratio(*of, *to);
                let (from, until, all, end) = (of.0, of.1, to.0, to.1);
                terms.push(format!(
                    "ResponseCodeRatio({from}, {until}, {all}, {end})={value:.2}"
                ));
            }
            Self::Count(Count::Latency(quantile), ..) => {
                let value = metrics.latency_at_quantile_ms(*quantile);
                terms.push(format!("LatencyAtQuantileMS({quantile:?})={value}"));
            }
            Self::Count(Count::Requests, ..) => {
                terms.push(format!("RequestThreshold()={}", metrics.requests()));
            }
        }
    }
}

impl Relation {
    fn holds<T: PartialOrd>(self, value: &T, bound: &T) -> bool {
        match self {
            Self::Greater => value > bound,
            Self::GreaterOrEqual => value >= bound,
            Self::Less => value < bound,
            Self::LessOrEqual => value <= bound,
            Self::Equal => value == bound,
            Self::NotEqual => value != bound,
        }
    }
}

/// A number as it was written.
#[derive(Clone, Copy)]
struct Number<'t> {
    text: &'t str,
    /// The rest of the expression from this number on, for its place.
    from: &'t str,
}

impl Number<'_> {
    fn int<T: std::str::FromStr>(self) -> Option<T> {
        self.text.parse().ok()
    }

    /// Its value if it is written as a floating point number.
    fn float(self) -> Option<f64> {
        self.text
            .contains(['.', 'e', 'E'])
            .then(|| self.text.parse().ok())?
    }
}

struct Reader<'t> {
    text: &'t str,
    rest: &'t str,
    depth: usize,
}

impl<'t> Reader<'t> {
    /// `and { "||" and }`.
    fn any(&mut self) -> Result<Node, Fault> {
        let mut nodes = vec![self.all()?];
        while self.takes("||") {
            nodes.push(self.all()?);
        }
        Ok(single(nodes, Node::Any))
    }

    /// `term { "&&" term }`.
    fn all(&mut self) -> Result<Node, Fault> {
        let mut nodes = vec![self.term()?];
        while self.takes("&&") {
            nodes.push(self.term()?);
        }
        self.end_of_term()?;
        Ok(single(nodes, Node::All))
    }

    /// What may follow a term: an operator, a closing parenthesis, the end.
    fn end_of_term(&self) -> Result<(), Fault> {
        let word = self.word();
        let (found, meant) = match self.rest.chars().next() {
            Some('&') => ("&", "&&"),
            Some('|') if !self.rest.starts_with("||") => ("|", "||"),
            _ if word.eq_ignore_ascii_case("and") => (word, "&&"),
            _ if word.eq_ignore_ascii_case("or") => (word, "||"),
            _ => return Ok(()),
        };
        Err(self.fault(format!("unexpected '{found}', did you mean '{meant}' ?")))
    }

    fn term(&mut self) -> Result<Node, Fault> {
        self.blanks();
        if self.takes("(") {
            self.depth += 1;
            if self.depth > DEEPEST {
                return Err(self.fault("parentheses are nested too deeply"));
            }
            let node = self.any()?;
            self.depth -= 1;
            return match self.takes(")") {
                true => Ok(node),
                false => Err(self.fault("expected ')'")),
            };
        }
        if self.rest.starts_with('!') {
            return Err(self.fault("operator '!' is not supported"));
        }
        if let Some(number) = self.number() {
            let relation = self.relation_text().unwrap_or(">");
            return Err(fault_at(
                self.text,
                number.from,
                format!("the metric must be on the left side of '{relation}'"),
            ));
        }
        self.comparison()
    }

    /// `metric relation number`.
    fn comparison(&mut self) -> Result<Node, Fault> {
        let start = self.rest;
        let name = self.word();
        if name.is_empty() {
            return Err(match self.rest.is_empty() {
                true => self.fault("a condition is expected"),
                false => self.unexpected(""),
            });
        }
        if !METRIC_NAMES.contains(&name) {
            return Err(self.fault(format!("unknown metric '{name}', expects {METRICS}")));
        }
        self.rest = self.rest.get(name.len()..).unwrap_or_default();
        let args = self.arguments(name)?;
        let written = start
            .get(..start.len() - self.rest.len())
            .unwrap_or(name)
            .trim_end();
        let Some(relation) = self.relation() else {
            if self.rest.starts_with('=') {
                return Err(self.fault("unexpected '=', did you mean '==' ?"));
            }
            let why = format!("'{written}' is not a condition, a comparison is expected");
            return Err(fault_at(self.text, start, why));
        };
        self.blanks();
        let from = self.rest;
        let bound = self.number().unwrap_or(Number {
            text: self.operand(),
            from,
        });
        match name {
            "LatencyAtQuantileMS" => {
                let quantile = self.quantile(&args, start)?;
                let bound = self.whole(bound, name, "an integer number of milliseconds")?;
                Ok(Node::Count(Count::Latency(quantile), relation, bound))
            }
            "RequestThreshold" => {
                self.arity(&args, 0, name, start)?;
                let bound = self.whole(bound, name, "an integer number of requests")?;
                Ok(Node::Count(Count::Requests, relation, bound))
            }
            "NetworkErrorRatio" => {
                self.arity(&args, 0, name, start)?;
                Ok(Node::Ratio(
                    Ratio::NetworkErrors,
                    relation,
                    self.share(bound, name)?,
                ))
            }
            _ => {
                let codes = self.codes(&args, start)?;
                Ok(Node::Ratio(codes, relation, self.share(bound, name)?))
            }
        }
    }

    /// The numbers between a metric's parentheses.
    fn arguments(&mut self, name: &str) -> Result<Vec<Number<'t>>, Fault> {
        self.blanks();
        if !self.takes("(") {
            return Err(self.fault(format!("expected '(' after '{name}'")));
        }
        let mut args = Vec::new();
        self.blanks();
        while !self.rest.starts_with(')') {
            match self.number() {
                Some(number) => args.push(number),
                None if self.rest.is_empty() => return Err(self.fault("expected ')'")),
                None => {
                    let found = self.operand();
                    return Err(self.fault(format!("{name}() expects numbers but got '{found}'")));
                }
            }
            self.blanks();
            if !self.takes(",") {
                break;
            }
            self.blanks();
        }
        match self.takes(")") {
            true => Ok(args),
            false => Err(self.fault("expected ')'")),
        }
    }

    fn arity(
        &self,
        args: &[Number<'_>],
        wanted: usize,
        name: &str,
        start: &str,
    ) -> Result<(), Fault> {
        if args.len() == wanted {
            return Ok(());
        }
        let plural = if wanted == 1 { "argument" } else { "arguments" };
        let why = format!("{name}() expects {wanted} {plural} but got {}", args.len());
        Err(fault_at(self.text, start, why))
    }

    fn quantile(&self, args: &[Number<'_>], start: &str) -> Result<f64, Fault> {
        let &[arg] = args else {
            self.arity(args, 1, "LatencyAtQuantileMS", start)?;
            return Ok(0.0);
        };
        let Some(quantile) = arg.float() else {
            let why = format!(
                "LatencyAtQuantileMS() expects a floating point quantile such as '50.0' but got '{}'",
                arg.text
            );
            return Err(fault_at(self.text, arg.from, why));
        };
        if !(0.0..=100.0).contains(&quantile) {
            let why = format!(
                "quantile must be between 0.0 and 100.0 but got '{}'",
                arg.text
            );
            return Err(fault_at(self.text, arg.from, why));
        }
        Ok(quantile)
    }

    fn codes(&self, args: &[Number<'_>], start: &str) -> Result<Ratio, Fault> {
        self.arity(args, 4, "ResponseCodeRatio", start)?;
        let mut codes = [0; 4];
        for (code, arg) in codes.iter_mut().zip(args) {
            *code = arg.int().ok_or_else(|| {
                let why = format!(
                    "ResponseCodeRatio() expects integer status codes but got '{}'",
                    arg.text
                );
                fault_at(self.text, arg.from, why)
            })?;
        }
        let [from, until, total_from, total_until] = codes;
        Ok(Ratio::Codes {
            of: (from, until),
            to: (total_from, total_until),
        })
    }

    /// The bound of a count.
    fn whole(&self, bound: Number<'_>, name: &str, what: &str) -> Result<u64, Fault> {
        bound.int().ok_or_else(|| {
            let why = format!(
                "{name}() must be compared with {what} but got '{}'",
                bound.text
            );
            fault_at(self.text, bound.from, why)
        })
    }

    /// The bound of a ratio.
    fn share(&self, bound: Number<'_>, name: &str) -> Result<f64, Fault> {
        bound.float().ok_or_else(|| {
            let why = format!(
                "{name}() must be compared with a floating point number such as '1.0' but got '{}'",
                bound.text
            );
            fault_at(self.text, bound.from, why)
        })
    }

    fn relation(&mut self) -> Option<Relation> {
        let text = self.relation_text()?;
        self.rest = self.rest.get(text.len()..).unwrap_or_default();
        Some(match text {
            ">=" => Relation::GreaterOrEqual,
            "<=" => Relation::LessOrEqual,
            "==" => Relation::Equal,
            "!=" => Relation::NotEqual,
            ">" => Relation::Greater,
            _ => Relation::Less,
        })
    }

    fn relation_text(&mut self) -> Option<&'t str> {
        self.blanks();
        let found: IResult<&str, &str> = alt((
            tag(">="),
            tag("<="),
            tag("=="),
            tag("!="),
            tag(">"),
            tag("<"),
        ))
        .parse(self.rest);
        found.ok().map(|(_, text)| text)
    }

    /// A decimal number: `100`, `0.5`, `.5`, `5.`, `5e1`.
    fn number(&mut self) -> Option<Number<'t>> {
        let whole = digits(self.rest);
        let after = self.rest.get(whole..).unwrap_or_default();
        let fraction = after.strip_prefix('.').map(digits);
        if whole + fraction.unwrap_or(0) == 0 {
            return None;
        }
        let mantissa = whole + fraction.map_or(0, |digits| digits + 1);
        let end = mantissa + exponent(self.rest.get(mantissa..).unwrap_or_default());
        let (text, rest) = self.rest.split_at_checked(end)?;
        let from = std::mem::replace(&mut self.rest, rest);
        Some(Number { text, from })
    }

    /// The name here; empty if there is none.
    fn word(&self) -> &'t str {
        let found: IResult<&str, &str> =
            take_while1(|c: char| c.is_ascii_alphanumeric() || c == '_').parse(self.rest);
        found.map_or("", |(_, word)| word)
    }

    /// What stands where a number should: up to a blank or a parenthesis.
    fn operand(&self) -> &'t str {
        let end = self
            .rest
            .find(|c: char| c.is_ascii_whitespace() || "()&|,".contains(c));
        self.rest
            .get(..end.unwrap_or(self.rest.len()))
            .unwrap_or_default()
    }

    fn takes(&mut self, token: &str) -> bool {
        self.blanks();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                self.blanks();
                true
            }
            None => false,
        }
    }

    fn blanks(&mut self) {
        let skipped: IResult<&str, &str> =
            take_while(|c: char| matches!(c, ' ' | '\t' | '\r' | '\n')).parse(self.rest);
        if let Ok((rest, _)) = skipped {
            self.rest = rest;
        }
    }

    fn unexpected(&self, whence: &str) -> Fault {
        let word = match self.word() {
            "" => self
                .rest
                .chars()
                .next()
                .map(String::from)
                .unwrap_or_default(),
            word => word.to_owned(),
        };
        self.fault(format!("unexpected '{word}'{whence}"))
    }

    fn fault(&self, why: impl Into<String>) -> Fault {
        fault_at(self.text, self.rest, why)
    }
}

/// A fault where `rest`, an end of `text`, begins.
fn fault_at(text: &str, rest: &str, why: impl Into<String>) -> Fault {
    Fault {
        at: text.len() - rest.len(),
        why: why.into(),
    }
}

/// How many digits a text begins with.
fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// The length of an exponent at the start of a text; 0 without one.
fn exponent(text: &str) -> usize {
    let Some(after) = text.strip_prefix(['e', 'E']) else {
        return 0;
    };
    let unsigned = after.strip_prefix(['+', '-']).unwrap_or(after);
    match digits(unsigned) {
        0 => 0,
        count => text.len() - unsigned.len() + count,
    }
}

fn single(mut nodes: Vec<Node>, several: fn(Vec<Node>) -> Node) -> Node {
    match (nodes.len(), nodes.pop()) {
        (1, Some(node)) => node,
        (_, last) => {
            nodes.extend(last);
            several(nodes)
        }
    }
}

#[cfg(test)]
mod tests;
