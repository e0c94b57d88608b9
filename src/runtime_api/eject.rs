//! `set server … eject` and `uneject`: what outlier detection does, by hand.

use super::answer::Answer;
use super::command::Call;
use super::servers::Named;
use crate::vocab::args::{TimeUnit, duration};

/// Takes a server out of the rotation for the time that the word at `index` says.
pub(super) fn eject(call: &Call<'_>, named: &Named<'_>, index: usize) -> Answer {
    let Some(outlier) = named.pool.outlier() else {
        return Answer::error(NO_DETECTION);
    };
    match duration(&call.text(index), TimeUnit::Millis) {
        Ok(time @ 1..) => {
            outlier.eject(
                named.place.server,
                time,
                call.control.clock().now(),
                named.pool,
            );
            Answer::Done
        }
        _ => Answer::error("'set server <srv> eject' expects a time such as '30s'."),
    }
}

/// Puts it back.
pub(super) fn uneject(named: &Named<'_>) -> Answer {
    match named.pool.outlier() {
        Some(outlier) => {
            outlier.uneject(named.place.server, named.pool);
            Answer::Done
        }
        None => Answer::error(NO_DETECTION),
    }
}

const NO_DETECTION: &str = "The server's backend has no 'outlier-detection'.";
