//! TG0806: entries die before the period of a rate is over, so that the rate never sees all of it.

use super::{Look, SHORT_EXPIRE};
use crate::syntax::{Diagnostic, Diagnostics};

pub(super) fn lint(look: &Look<'_>, diags: &mut Diagnostics) {
    for table in look.model.tables_in_order() {
        let Some(expire) = table.spec.expire else {
            continue;
        };
        let too_long = |period: u32| u64::from(period) > expire;
        if let Some(rate) = table.spec.store.iter().find(|s| too_long(s.period)) {
            let message = format!(
                "entries expire after {expire} ms, before the {} ms of '{}' are over",
                rate.period,
                rate.kind.name()
            );
            diags.push(
                Diagnostic::lint(SHORT_EXPIRE, message)
                    .at(super::table_place(table), "")
                    .help(
                        "make 'expire' at least as long as the longest period, better twice that",
                    ),
            );
        }
    }
}
