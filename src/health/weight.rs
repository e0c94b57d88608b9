//! Weights as commands and agents write them.

/// The weight that a text of a command or an agent asks for: a number, or a percentage of the initial weight.
///
/// # Errors
/// In HAProxy's words.
pub fn weight_of(text: &str, initial: u32) -> Result<u32, &'static str> {
    if text.is_empty() {
        return Err("Require <weight> or <weight%>.\n");
    }
    let (number, rest) = leading_number(text);
    let number = number.ok_or("Empty weight string empty or preceded by garbage\n")?;
    match rest {
        "%" if number < 0 => Err("Relative weight must be positive.\n"),
        "%" => {
            let weight = i64::from(initial) * number.min(25_600) / 100;
            Ok(u32::try_from(weight.min(256)).unwrap_or(256))
        }
        _ if !(0..=256).contains(&number) => {
            Err("Absolute weight can only be between 0 and 256 inclusive.\n")
        }
        "" => Ok(u32::try_from(number).unwrap_or(0)),
        _ => Err("Trailing garbage in weight string\n"),
    }
}

/// The number at the start of a text, if there is one, and what follows it.
pub fn leading_number(text: &str) -> (Option<i64>, &str) {
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
        let check = |text: &str, expected| assert_eq!(weight_of(text, 10), expected, "{text}");
        check("0", Ok(0));
        check("256", Ok(256));
        check("+5", Ok(5));
        check("50%", Ok(5));
        check("0%", Ok(0));
        check("99999999999999999999%", Ok(256));
        check("", Err("Require <weight> or <weight%>.\n"));
        check(
            "x",
            Err("Empty weight string empty or preceded by garbage\n"),
        );
        check("-1%", Err("Relative weight must be positive.\n"));
        let out_of_range = Err("Absolute weight can only be between 0 and 256 inclusive.\n");
        check("257", out_of_range);
        check("-1", out_of_range);
        check("99999999999999999999", out_of_range);
        check("5x", Err("Trailing garbage in weight string\n"));
    }
}
