//! Arguments of words of `global` that have no effect here and that HAProxy refuses when they are
//! wrong: a configuration must not be valid for us alone.

use crate::vocab::args::TimeUnit;
use crate::vocab::codes::{BAD_CHOICE, BAD_NUMBER};
use crate::vocab::line::Line;

/// Milliseconds that `tune.idletimer` may say.
const LONGEST_IDLE: u64 = 65_535;

/// Whether the arguments are right; reports them otherwise.
pub(super) fn check(line: &mut Line<'_, '_>) -> bool {
    let name = line.name().into_owned();
    match &*name {
        "ca-base" | "crt-base" | "issuers-chain-path" | "key-base" => {
            line.expect(1, "a directory path as an argument").is_some()
        }
        "set-dumpable" => match line.text(1).as_deref() {
            None | Some("on" | "off") => true,
            Some(other) => {
                let message = format!(
                    "'set-dumpable' only supports 'on' and 'off' as an argument, found '{other}'."
                );
                line.error(BAD_CHOICE, 1, message);
                false
            }
        },
        "tune.idletimer" => idle_timer(line),
        "ulimit-n" => line.expect(1, "an integer argument").is_some(),
        _ => true,
    }
}

fn idle_timer(line: &mut Line<'_, '_>) -> bool {
    let wanted = "a timer value between 0 and 65535 ms";
    if line.expect(1, wanted).is_none() {
        return false;
    }
    match line.duration(1, "tune.idletimer", TimeUnit::Millis) {
        Some(0..=LONGEST_IDLE) => true,
        Some(_) => {
            line.error(BAD_NUMBER, 1, format!("'tune.idletimer' expects {wanted}"));
            false
        }
        None => false,
    }
}
