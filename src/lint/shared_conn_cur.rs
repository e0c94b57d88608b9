//! TG0823: `conn_cur` of peers is not learned, so that a limit on it counts this process only.

use super::{Look, SHARED_CONN_CUR};
use crate::syntax::{Diagnostic, Diagnostics};
use crate::table::DataType;

pub(super) fn lint(look: &Look<'_>, diags: &mut Diagnostics) {
    for table in look.model.tables_in_order() {
        let stores = |kind| table.spec.store.iter().any(|stored| stored.kind == kind);
        let learns = table.line.words.iter().any(|word| *word == "recv-only");
        if table.shared && stores(DataType::ConnCur) && !learns {
            diags.push(
                Diagnostic::lint(
                    SHARED_CONN_CUR,
                    "'conn_cur' is sent to peers and never learned from them",
                )
                .at(super::table_place(table), "")
                .help("it counts the connections of this process; do not take it for those of all"),
            );
        }
    }
}
