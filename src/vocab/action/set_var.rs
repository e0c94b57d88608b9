//! `set-var(…) <expr>`, `set-var-fmt(…) <fmt>` and `unset-var(…)`.
//!
//! [`Assignment`] is the same in every rule set and in `global`: it needs nothing but a view of the
//! stream. Whatever fails leaves the variable as it is, and the rules go on.

use super::{ALL_SETS, HttpAction, Keyword, Line};
use crate::syntax::{Diagnostic, Word};
use crate::vocab::arguments::part_of;
use crate::vocab::context::{ActionContext, Context, Verdict};
use crate::vocab::expression::{self, Expression};
use crate::vocab::format::{Format, FormatUse};
use crate::vocab::rule_codes;
use crate::vocab::sample::Sample;
use crate::vocab::scope::Scope;
use crate::vocab::variable::{Access, BadName, Conditions, Var};

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
    let mut parts = inside.split(|&byte| byte == b',');
    let variable = parts.next().unwrap_or_default();
    let mut at = open + 1;
    let span = part_of(name, at, at + variable.len());
    let var = match scope.site.outer.variable(variable, span, access) {
        Ok(var) => var,
        Err(bad) => return refuse(bad, span, scope),
    };
    at += variable.len() + 1;
    let mut when = Conditions::default();
    for part in parts {
        let span = part_of(name, at, at + part.len());
        at += part.len() + 1;
        let added = match access {
            Access::Unset => Err(BadName {
                message: "unset-var does not expect parameters after the variable name. Only \"set-var\" and \"set-var-fmt\" manage conditions".to_owned(),
                help: None,
            }),
            _ => when.add(part),
        };
        if let Err(bad) = added {
            return refuse(bad, span, scope);
        }
    }
    let (value, taken) = match action {
        b"unset-var" => (Value::Nothing, 0),
        b"set-var" => {
            let (expression, taken) = expression::parse_words(name, words, scope)?;
            (Value::Expression(expression), taken)
        }
        _ => match words.first() {
            Some(word) => (
                Value::Format(Format::parse(word, scope, FormatUse::Text)?),
                1,
            ),
            None => {
                let message = "missing format string";
                let found = Diagnostic::error(rule_codes::BAD_ACTION_ARGUMENT, message);
                scope.diags.push(found.at(name.span, ""));
                return None;
            }
        },
    };
    Some((Assignment { var, when, value }, taken))
}

fn refuse<T>(bad: BadName, span: crate::syntax::Span, scope: &mut Scope<'_>) -> Option<T> {
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
