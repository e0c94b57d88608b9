//! `set-var(…) <expr>`, `set-var-fmt(…) <fmt>` and `unset-var(…)`.
//!
//! [`Assignment`] is the same in every rule set and in `global`: it needs nothing but a view of the
//! stream. Whatever fails leaves the variable as it is, and the rules go on.

use super::{ALL_SETS, HttpAction, Keyword, Line};
use crate::syntax::{Diagnostic, Span, Word};
use crate::vocab::arguments::part_of;
use crate::vocab::context::{ActionContext, Context, Verdict};
use crate::vocab::expression::{self, Expression};
use crate::vocab::format::{Format, FormatUse};
use crate::vocab::rule_codes;
use crate::vocab::sample::Sample;
use crate::vocab::scope::Scope;
use crate::vocab::variable::{Access, BadName, Conditions, Var, VarScope};

pub(super) const SET_VAR: Keyword = Keyword {
    name: "set-var",
    sets: ALL_SETS,
    usage: "set-var(<var-name>[,<cond>...]) <expr> [ { if | unless } <condition> ]",
    doc: "Puts the value of <expr> into a variable; it keeps its type.",
    build,
};

pub(super) const SET_VAR_FMT: Keyword = Keyword {
    name: "set-var-fmt",
    sets: ALL_SETS,
    usage: "set-var-fmt(<var-name>[,<cond>...]) <fmt> [ { if | unless } <condition> ]",
    doc: "Puts the text that <fmt> makes into a variable.",
    build,
};

pub(super) const UNSET_VAR: Keyword = Keyword {
    name: "unset-var",
    sets: ALL_SETS,
    usage: "unset-var(<var-name>) [ { if | unless } <condition> ]",
    doc: "Takes the value of a variable away.",
    build,
};

/// What one line does with a variable.
#[derive(Debug)]
pub struct Assignment {
    var: Var,
    when: Conditions,
    value: Value,
}

#[derive(Debug)]
enum Value {
    Expression(Expression),
    Format(Format),
    /// `unset-var`.
    Nothing,
}

impl Assignment {
    /// The variable.
    pub fn var(&self) -> Var {
        self.var
    }

    /// Does it, if the conditions hold and there is a value.
    pub fn run(&self, cx: &Context<'_>) {
        match &self.value {
            Value::Expression(expression) => {
                expression.one(cx, &mut |value| {
                    cx.vars.set(self.var, value, self.when);
                });
            }
            Value::Format(format) => {
                let mut text = cx.scratch.take_text();
                format.render(cx, &mut text);
                cx.vars.set(self.var, Sample::Str(&text), self.when);
                cx.scratch.give_text(text);
            }
            Value::Nothing => {
                cx.vars.unset(self.var);
            }
        }
    }
}

/// Whether a word is one of these actions, with its argument.
pub fn is_assignment(word: &Word) -> bool {
    let name = word.bytes.split(|&byte| byte == b'(').next();
    matches!(name, Some(b"set-var" | b"set-var-fmt" | b"unset-var"))
}

/// Reads an assignment that runs at the scope's phase: `name` is the action with its parentheses,
/// `words` what follows. Returns it and how many of those it took; `None` after an error.
pub fn parse(name: &Word, words: &[Word], scope: &mut Scope<'_>) -> Option<(Assignment, usize)> {
    let open = name.bytes.iter().position(|&byte| byte == b'(');
    let end = name.bytes.len().saturating_sub(1);
    let inside = open.filter(|_| name.bytes.last() == Some(&b')'));
    let Some((open, inside)) = inside.and_then(|at| Some((at, name.bytes.get(at + 1..end)?)))
    else {
        let message = format!(
            "invalid or incomplete action '{}'. Expects 'set-var(<var-name>)', 'set-var-fmt(<var-name>)' or 'unset-var(<var-name>)'",
            name.text()
        );
        let found = Diagnostic::error(rule_codes::BAD_ACTION_ARGUMENT, message);
        scope.diags.push(
            found
                .at(name.span, "")
                .help("write the variable between parentheses, as in 'set-var(txn.name)'"),
        );
        return None;
    };
    let action = name.bytes.get(..open).unwrap_or_default();
    let access = match action {
        b"unset-var" => Access::Unset,
        _ => Access::Set,
    };
    let (var, when) = target(name, open + 1, inside, access, scope)?;
    let (value, taken) = match action {
        b"unset-var" => (Value::Nothing, 0),
        _ => value(action == b"set-var", name, words, scope)?,
    };
    Some((Assignment { var, when, value }, taken))
}

/// Reads a `set-var` or `set-var-fmt` line of `global`.
pub fn parse_global(words: &[Word], scope: &mut Scope<'_>) -> Option<Assignment> {
    let [keyword, name, rest @ ..] = words else {
        return None;
    };
    let (var, when) = target(name, 0, &name.bytes, Access::Set, scope)?;
    if var.scope != VarScope::Process {
        let message = format!(
            "'{}': cannot set variable '{}', only scope 'proc' is permitted in the global section.",
            keyword.text(),
            name.text()
        );
        let help = "nothing but the process exists while the configuration is read".to_owned();
        let bad = BadName {
            message,
            help: Some(help),
        };
        return refuse(bad, name.span, scope);
    }
    let (value, taken) = value(*keyword == "set-var", keyword, rest, scope)?;
    if let Some(extra) = rest.get(taken) {
        let message = format!(
            "'{}' cannot handle unexpected argument '{}'",
            keyword.text(),
            extra.text()
        );
        // HAProxy ignores what follows an expression.
        let found = Diagnostic::warning(rule_codes::BAD_ACTION_ARGUMENT, message);
        scope.diags.push(found.at(extra.span, ""));
    }
    Some(Assignment { var, when, value })
}

/// Reads `<var-name>[,<cond>…]`, which stands in `word` from `at` on.
fn target(
    word: &Word,
    mut at: usize,
    text: &[u8],
    access: Access,
    scope: &mut Scope<'_>,
) -> Option<(Var, Conditions)> {
    let mut parts = text.split(|&byte| byte == b',');
    let variable = parts.next().unwrap_or_default();
    let span = part_of(word, at, at + variable.len());
    let var = match scope.site.outer.variable(variable, span, access) {
        Ok(var) => var,
        Err(bad) => return refuse(bad, span, scope),
    };
    at += variable.len() + 1;
    let mut when = Conditions::default();
    for part in parts {
        let span = part_of(word, at, at + part.len());
        at += part.len() + 1;
        let added = match access {
            Access::Unset => Err(BadName {
                message: "unset-var does not expect parameters after the variable name. Only \"set-var\" and \"set-var-fmt\" manage conditions".to_owned(),
                help: None,
            }),
            Access::Read | Access::Set => when.add(part),
        };
        if let Err(bad) = added {
            return refuse(bad, span, scope);
        }
    }
    Some((var, when))
}

/// Reads the value behind `action`, an expression or a format, and how many words it took.
fn value(
    is_expression: bool,
    action: &Word,
    words: &[Word],
    scope: &mut Scope<'_>,
) -> Option<(Value, usize)> {
    if is_expression {
        let (expression, taken) = expression::parse_words(action, words, scope)?;
        return Some((Value::Expression(expression), taken));
    }
    let Some(word) = words.first() else {
        let found = Diagnostic::error(rule_codes::BAD_ACTION_ARGUMENT, "missing format string");
        scope.diags.push(found.at(action.span, ""));
        return None;
    };
    let format = Format::parse(word, scope, FormatUse::Text)?;
    Some((Value::Format(format), 1))
}

fn refuse<T>(bad: BadName, span: Span, scope: &mut Scope<'_>) -> Option<T> {
    let mut found = Diagnostic::error(rule_codes::BAD_VARIABLE, bad.message).at(span, "");
    found.help = bad.help;
    scope.diags.push(found);
    None
}

fn build(line: &mut Line<'_, '_, '_>) -> Option<Box<dyn HttpAction>> {
    let (assignment, taken) = parse(line.word, line.rest, line.scope)?;
    line.rest = line.rest.get(taken..).unwrap_or_default();
    Some(Box::new(assignment))
}

impl HttpAction for Assignment {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        Self::run(self, &cx.view());
        Verdict::Continue
    }
}
