//! `get weight`, `set weight`: a server's share.

use super::answer::Answer;
use super::command::{Call, Command};
use super::servers::{self, Named};
use crate::settings::AccessLevel;

pub(super) const COMMANDS: &[Command] = &[
    Command::new(
        "get weight",
        "<backend>/<server>",
        "shows a server's weight",
        AccessLevel::User,
        get,
    ),
    Command::new(
        "set weight",
        "<backend>/<server> <weight>[%]",
        "sets a server's weight",
        AccessLevel::Admin,
        |call| match servers::server(call, 2) {
            Ok(named) => set(&named, &call.text(3)),
            Err(answer) => answer,
        },
    ),
];

fn get(call: &mut Call<'_>) -> Answer {
    match servers::any_server(call, 2) {
        Ok(named) => {
            let (user, initial) = (named.state.user_weight(), named.state.initial_weight());
            Answer::text(format!("{user} (initial {initial})\n"))
        }
        Err(answer) => answer,
    }
}

/// Sets a weight: a number, or a percentage of the one in the configuration.
pub(super) fn set(named: &Named<'_>, text: &str) -> Answer {
    match weight(text, named.state.initial_weight()) {
        Ok(weight) => {
            let initial = named.state.initial_weight();
            if weight != 0 && weight != initial && !named.pool.is_dynamic() {
                return Answer::error(
                    "Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.",
                );
            }
            named.pool.set_weight(named.place.server, weight);
            Answer::Done
        }
        Err(why) => Answer::error(why),
    }
}

fn weight(text: &str, initial: u32) -> Result<u32, &'static str> {
    if text.is_empty() {
        return Err("Require <weight> or <weight%>.");
    }
    let (number, rest) = leading_number(text);
    let number = number.ok_or("Empty weight string empty or preceded by garbage")?;
    match rest {
        "%" if number < 0 => Err("Relative weight must be positive."),
        "%" => {
            let weight = i64::from(initial) * number.min(25_600) / 100;
            Ok(u32::try_from(weight.min(256)).unwrap_or(256))
        }
        _ if !(0..=256).contains(&number) => {
            Err("Absolute weight can only be between 0 and 256 inclusive.")
        }
        "" => Ok(u32::try_from(number).unwrap_or(0)),
        _ => Err("Trailing garbage in weight string"),
    }
}

/// The number at the start of a text, if there is one, and what follows it.
pub(super) fn leading_number(text: &str) -> (Option<i64>, &str) {
    let sign = usize::from(text.starts_with(['-', '+']));
    let digits = text
        .bytes()
        .skip(sign)
        .take_while(u8::is_ascii_digit)
        .count();
    if digits == 0 {
        return (None, text);
    }
    let (number, rest) = text.split_at(sign + digits);
    let farthest = if number.starts_with('-') {
        i64::MIN
    } else {
        i64::MAX
    };
    (Some(number.parse().unwrap_or(farthest)), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights() {
        let check = |text: &str, expected| assert_eq!(weight(text, 10), expected, "{text}");
        check("0", Ok(0));
        check("256", Ok(256));
        check("+5", Ok(5));
        check("50%", Ok(5));
        check("0%", Ok(0));
        check("99999999999999999999%", Ok(256));
        check("", Err("Require <weight> or <weight%>."));
        check("x", Err("Empty weight string empty or preceded by garbage"));
        check("-1%", Err("Relative weight must be positive."));
        let out_of_range = Err("Absolute weight can only be between 0 and 256 inclusive.");
        check("257", out_of_range);
        check("-1", out_of_range);
        check("99999999999999999999", out_of_range);
        check("5x", Err("Trailing garbage in weight string"));
    }
}
