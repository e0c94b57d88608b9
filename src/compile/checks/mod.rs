//! How the servers of a backend are checked: `option httpchk` and its like, `http-check` and
//! `tcp-check` rules, as steps that [`crate::health`] follows.
//!
//! A proxy's own rules replace those of its `defaults`, which were checked where they stand.

mod expect;
mod external;
mod memory;
mod request;
mod rule;
mod server;
mod track;

pub(super) use external::program;
pub use memory::CheckMemory;
pub use server::agent_script;
pub(super) use server::{Ways, server};
pub(super) use track::tracks;

use super::{Work, rules};
use crate::health::script::{Language, Script, Step};
use crate::health::{self, MysqlVersion};
use crate::syntax::{Code, Diagnostic, Diagnostics, Word};
use crate::vocab::format::FormatUse;
use crate::vocab::section::healthcheck::CHECK_TYPES_DIFFER;
use crate::vocab::section::proxy::{CheckOption, ProxyDraft, ProxyKind};
use request::{hello, http_script, user};
use rule::Reader;
use std::sync::Arc;

/// A rule of `http-check` or `tcp-check` is wrong.
pub const BAD_CHECK_RULE: Code = Code("TG0570");

/// `track` names no server that can be followed.
pub const BAD_TRACK: Code = Code("TG0770");
/// A server names no `healthcheck` section.
pub const UNKNOWN_HEALTHCHECK: Code = Code("TG0371");
/// Checks by a program lack something they need.
pub const BAD_EXTERNAL_CHECK: Code = Code("TG0373");
/// `server-state-file` is asked for and not set.
pub const NO_STATE_FILE: Code = Code("TG0374");
/// A check has no port to connect to.
pub const NO_CHECK_PORT: Code = Code("TG0370");

/// The checks of a proxy's servers. Inherited rules are reported where they were written.
pub(super) fn script(draft: &ProxyDraft<'_>, diags: &mut Diagnostics, work: Work<'_>) -> Script {
    let unheard = &mut Diagnostics::default();
    let checks = &draft.settings.checks;
    // That of a frontend is reported there.
    let format_diags = match draft.kind {
        ProxyKind::Backend => &mut *diags,
        _ => &mut Diagnostics::default(),
    };
    let purpose = FormatUse::HttpId;
    let unique_id = rules::format(draft, draft.settings.unique_id, purpose, format_diags, work);
    let unique_id = unique_id.map(Arc::new);
    let mut steps = |lines: &[&[Word]], inherited: bool, language| {
        let diags = if inherited {
            &mut *unheard
        } else {
            &mut *diags
        };
        let mut made = Made::default();
        for (number, words) in (1..).zip(lines) {
            let mut reader = Reader {
                number,
                words,
                at: 2,
                draft,
                diags,
                work,
                language,
                unique_id: unique_id.as_ref(),
            };
            reader.rule(&mut made);
        }
        made
    };
    let http = steps(&checks.http, checks.http_inherited, Language::Http);
    let tcp = steps(&checks.tcp, checks.tcp_inherited, Language::Tcp);
    match checks.option {
        CheckOption::Connection => Script::default(),
        CheckOption::Tcp => Script {
            language: Language::Tcp,
            steps: tcp.steps,
            ..Script::default()
        },
        CheckOption::Http => http_script(http, checks.request, work),
        CheckOption::Redis => health::redis(),
        CheckOption::Ldap => health::ldap(),
        CheckOption::SslHello => health::ssl_hello(),
        CheckOption::Spop => health::spop(),
        CheckOption::External => Script {
            language: Language::Program,
            ..Script::default()
        },
        CheckOption::Smtp => health::smtp(&hello(checks.request)),
        CheckOption::Pgsql => health::pgsql(user(checks.request).unwrap_or_default()),
        CheckOption::Mysql => {
            let version = match checks.request.and_then(|words| words.get(4)) {
                Some(word) if *word == *"pre-41" => MysqlVersion::Before41,
                Some(word) if *word == *"post-80" => MysqlVersion::Since80,
                _ => MysqlVersion::Since41,
            };
            health::mysql(user(checks.request).map(|user| (user, version)))
        }
    }
}

/// Warns of a backend's own rules that its checks do not use.
pub(super) fn report_unused(draft: &ProxyDraft<'_>, diags: &mut Diagnostics) {
    let checks = &draft.settings.checks;
    let http = matches!(checks.option, CheckOption::Http) || checks.http_inherited;
    let tcp = matches!(checks.option, CheckOption::Tcp) || checks.tcp_inherited;
    for (is_used, rules, option, lines) in [
        (http, "http-check", "httpchk", &checks.http),
        (tcp, "tcp-check", "tcp-check", &checks.tcp),
    ] {
        let Some(word) = lines.first().and_then(|line| line.first()) else {
            continue;
        };
        if !is_used {
            let (noun, name) = (draft.kind.noun(), &draft.name);
            let message = format!(
                "{noun} '{name}' uses {rules} rules without 'option {option}', so the rules are ignored."
            );
            let found = Diagnostic::warning(CHECK_TYPES_DIFFER, message).at(word.span, "");
            diags.push(found.help(format!("write 'option {option}' in this section")));
        }
    }
}

/// What the rules of one kind come to.
#[derive(Default)]
struct Made {
    steps: Vec<Step>,
    disable_on_404: bool,
    send_state: bool,
    comment: Option<Arc<str>>,
}
