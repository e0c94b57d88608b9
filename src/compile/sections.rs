//! Statements to drafts: sections in order, `defaults` applied as proxies open.

mod logs;

use super::CompileOptions;
use super::findings::{
    AMBIGUOUS_DEFAULTS, DUPLICATE_PROXY, RULES_NOT_INHERITABLE, UNKNOWN_DEFAULTS,
};
use crate::settings::ErrorPages;
use crate::syntax::{Code, Diagnostic, Diagnostics, Document, Section, SectionKind, Span, Word};
use crate::vocab::args::bad_name_character;
use crate::vocab::codes::{
    BAD_NAME, BAD_SECTION_LINE, DUPLICATE_NAME, DUPLICATE_PEER, MISSING_ARGUMENT,
    NOT_SUPPORTED_YET, UNEXPECTED_ARGUMENT,
};
use crate::vocab::line::{Line, Sense, span_of};
use crate::vocab::outer::Outer;
use crate::vocab::section::cache::CacheDraft;
use crate::vocab::section::global::GlobalDraft;
use crate::vocab::section::healthcheck::HealthcheckDraft;
use crate::vocab::section::log_forward::ForwardDraft;
use crate::vocab::section::log_profile::ProfileDraft;
use crate::vocab::section::peers::PeersDraft;
use crate::vocab::section::proxy::errorfile;
use crate::vocab::section::proxy::{ProxyDraft, ProxyKind, Settings};
use crate::vocab::section::report_unknown;
use crate::vocab::section::ring::RingDraft;
use crate::vocab::section::userlist::UserListDraft;
use crate::vocab::suggest::closest;
use std::collections::{HashMap, HashSet};

/// Everything that was written, `defaults` applied.
#[derive(Default)]
pub(super) struct Drafts<'d> {
    /// The `global` sections, together.
    pub(super) global: GlobalDraft,
    /// The proxies in order.
    pub(super) proxies: Vec<Inheriting<'d>>,
    /// The `defaults` sections in order.
    pub(super) defaults: Vec<Defaults<'d>>,
    /// The `peers` sections, each name once.
    pub(super) peers: Vec<PeersDraft<'d>>,
    /// The `log-profile` sections.
    pub(super) log_profiles: Vec<ProfileDraft<'d>>,
    /// The `ring` sections.
    pub(super) rings: Vec<RingDraft>,
    /// The `log-forward` sections.
    pub(super) log_forwards: Vec<ForwardDraft>,
    /// The `healthcheck` sections.
    pub(super) healthchecks: Vec<HealthcheckDraft<'d>>,
    /// Names of sections whose kind is mistyped or not supported.
    pub(super) unread: HashSet<&'d [u8]>,
}

/// A proxy and the `defaults` it inherits from.
pub(super) struct Inheriting<'d> {
    /// What it says itself, on top of what it inherits.
    pub(super) draft: ProxyDraft<'d>,
    /// Index of its `defaults`, whose rules run before its own.
    pub(super) defaults: Option<usize>,
}

/// A `defaults` section and how it is used.
pub(super) struct Defaults<'d> {
    /// What it says.
    pub(super) draft: ProxyDraft<'d>,
    explicit: bool,
    implicit: bool,
    /// The kind of the first proxy that inherits its rules.
    user: Option<ProxyKind>,
    /// An earlier section of the same name that this one hides.
    hides: Option<Span>,
}

struct Reader<'d, 'o> {
    drafts: Drafts<'d>,
    /// Proxies by name.
    names: HashMap<String, usize>,
    /// Named `defaults` by name: the last of each.
    named: HashMap<String, usize>,
    /// The `defaults` of proxies without `from`.
    last: Option<usize>,
    diags: &'o mut Diagnostics,
    options: &'o CompileOptions<'o>,
    outer: &'o Outer,
}

/// Reads every section.
pub(super) fn read<'d>(
    document: &'d Document,
    diags: &mut Diagnostics,
    options: &CompileOptions<'_>,
    outer: &Outer,
) -> Drafts<'d> {
    let mut reader = Reader {
        drafts: Drafts::default(),
        names: HashMap::new(),
        named: HashMap::new(),
        last: None,
        diags,
        options,
        outer,
    };
    for section in &document.sections {
        reader.section(section);
    }
    reader.drafts
}

impl<'d> Reader<'d, '_> {
    fn section(&mut self, section: &'d Section) {
        match section.kind {
            SectionKind::Unknown => self.unread(section),
            SectionKind::Global => self.global(section),
            SectionKind::Defaults => self.defaults(section),
            SectionKind::Frontend => self.proxy(section, ProxyKind::Frontend),
            SectionKind::Backend => self.proxy(section, ProxyKind::Backend),
            SectionKind::Listen => self.proxy(section, ProxyKind::Listen),
            SectionKind::Peers => self.peers(section),
            SectionKind::Userlist => self.userlist(section),
            SectionKind::HttpErrors => self.http_errors(section),
            SectionKind::LogProfile => self.log_profile(section),
            SectionKind::Cache => self.cache(section),
            SectionKind::Ring => self.ring(section),
            SectionKind::LogForward => self.log_forward(section),
            SectionKind::Healthcheck => self.healthcheck(section),
            _ => {
                let name = text(&section.words, 0);
                let message = format!("the '{name}' section is not supported yet");
                self.error(
                    NOT_SUPPORTED_YET,
                    section.words.get(..1).unwrap_or(&[]),
                    message,
                );
            }
        }
        self.drafts.global.after_proxies |= section.kind != SectionKind::Global;
    }

    fn peers(&mut self, section: &'d Section) {
        let Some(name) = section.words.get(1) else {
            return self.error(
                MISSING_ARGUMENT,
                &section.words,
                "missing name for peers section.",
            );
        };
        let opening = span_of(&section.words);
        let mut draft = PeersDraft::new(name, opening, self.local_peer());
        for statement in &section.statements {
            draft.read(&mut line(&statement.words, self.diags, self.options));
        }
        draft.finish(&mut |found| self.diags.push(found));
        let known = self.drafts.peers.iter();
        if let Some(earlier) = known.into_iter().find(|known| known.name == draft.name) {
            let message = format!(
                "peers section '{}' has the same name as another peers section",
                draft.name
            );
            let found = Diagnostic::error(DUPLICATE_PEER, message).at(name.span, "");
            return self.diags.push(found.at(earlier.opening, "declared here"));
        }
        self.drafts.peers.push(draft);
    }

    /// The name of this process among peers: of `-L`, which only the environment shows, else of
    /// `localpeer`, else the machine's.
    fn local_peer(&self) -> String {
        let machine = self.options.host.name();
        let environment = self.options.host.environment();
        let shown = environment.get("HAPROXY_LOCALPEER");
        let shown = shown.map(|name| String::from_utf8_lossy(name).into_owned());
        let given = shown.filter(|name| *name != machine);
        let written = || self.drafts.global.config.local_peer.clone();
        given.or_else(written).unwrap_or(machine)
    }

    fn unread(&mut self, section: &'d Section) {
        let name = section.words.get(1).map(|word| &*word.bytes);
        self.drafts.unread.extend(name);
    }

    fn global(&mut self, section: &'d Section) {
        if let Some(extra) = section.words.get(1) {
            let message = format!(
                "'global' cannot handle unexpected argument '{}'",
                extra.text()
            );
            self.error(UNEXPECTED_ARGUMENT, std::slice::from_ref(extra), message);
        }
        for statement in &section.statements {
            let mut line = line(&statement.words, self.diags, self.options);
            self.drafts.global.read(&mut line);
        }
    }

    fn http_errors(&mut self, section: &'d Section) {
        let name = text(&section.words, 1);
        if name.is_empty() {
            let message = "'http-errors' expects <name> as argument.";
            return self.error(MISSING_ARGUMENT, &section.words, message);
        }
        let mut pages = ErrorPages::new();
        for statement in &section.statements {
            let mut line = line(&statement.words, self.diags, self.options);
            match &*line.name() {
                "errorfile" => pages.extend(errorfile::read(&mut line)),
                _ => report_unknown(&mut line, "http-errors", Some("errorfile")),
            }
        }
        self.outer.add_error_set(name.as_bytes(), pages);
    }

    fn cache(&mut self, section: &'d Section) {
        let words = &section.words;
        let name = text(words, 1);
        if name.is_empty() {
            return self.error(MISSING_ARGUMENT, words, "'cache' expects a <name> argument");
        }
        let mut draft = CacheDraft::new(name.clone(), span_of(words));
        for statement in &section.statements {
            draft.read(&mut line(&statement.words, self.diags, self.options));
        }
        let spec = draft.finish(&mut |found| self.diags.push(found));
        if spec.is_some_and(|spec| !self.outer.add_cache(spec)) {
            let message = format!("Duplicate cache name '{name}'.");
            self.error(DUPLICATE_NAME, words.get(1..2).unwrap_or(&[]), message);
        }
    }

    fn healthcheck(&mut self, section: &'d Section) {
        let words = &section.words;
        let Some(name) = self.named(words, "healthcheck") else {
            return;
        };
        let mut earlier = self.drafts.healthchecks.iter();
        if let Some(earlier) = earlier
            .find(|known| known.name == name)
            .map(|known| known.opening)
        {
            let message = format!(
                "healthcheck section '{name}' already defined at {}.",
                self.options.location(earlier)
            );
            return self.clash(DUPLICATE_NAME, words, message, earlier);
        }
        let mut draft = HealthcheckDraft::new(name, span_of(words));
        for statement in &section.statements {
            draft.read(&mut line(&statement.words, self.diags, self.options));
        }
        draft.finish(&mut |found| self.diags.push(found));
        self.drafts.healthchecks.push(draft);
    }

    /// The name that opens a section of this kind; reports one that can't be.
    fn named(&mut self, words: &[Word], what: &str) -> Option<String> {
        let name = text(words, 1);
        match bad_name_character(&name) {
            None => return Some(name),
            Some(None) => {
                let message = format!("missing name for {what} section.");
                self.error(MISSING_ARGUMENT, words, message);
            }
            Some(Some(c)) => {
                let message =
                    format!("character '{c}' is not permitted in '{what}' name '{name}'.");
                self.error(BAD_NAME, words.get(1..2).unwrap_or(&[]), message);
            }
        }
        None
    }

    fn userlist(&mut self, section: &'d Section) {
        let words = &section.words;
        let name = text(words, 1);
        match bad_name_character(&name) {
            None => {}
            Some(None) => {
                let message = "'userlist' expects <name> as arguments.";
                return self.error(MISSING_ARGUMENT, words, message);
            }
            Some(Some(c)) => {
                let message =
                    format!("character '{c}' is not permitted in 'userlist' name '{name}'.");
                return self.error(BAD_NAME, words.get(1..2).unwrap_or(&[]), message);
            }
        }
        if let Some(extra) = words.get(2) {
            let message = format!(
                "'userlist' cannot handle unexpected argument '{}'",
                extra.text()
            );
            self.error(UNEXPECTED_ARGUMENT, std::slice::from_ref(extra), message);
        }
        let mut draft = UserListDraft::new(&name);
        for statement in &section.statements {
            draft.read(&mut line(&statement.words, self.diags, self.options));
        }
        let list = draft.finish(&mut |found| self.diags.push(found));
        if !self.outer.add_userlist(name.as_bytes(), list) {
            let message = format!("ignoring duplicated userlist '{name}'.");
            self.diags
                .push(Diagnostic::warning(DUPLICATE_NAME, message).at(span_of(words), ""));
        }
    }

    fn defaults(&mut self, section: &'d Section) {
        let words = &section.words;
        // `defaults from x` has no name.
        let nameless = text(words, 1) == "from" && words.len() == 3;
        let name = match nameless {
            true => String::new(),
            false => text(words, 1),
        };
        let from = self.from(words, if nameless { 1 } else { 2 }, "defaults", &name);
        let hidden = (!name.is_empty())
            .then(|| self.named.get(&name).copied())
            .flatten();
        let hides = hidden
            .and_then(|at| self.drafts.defaults.get(at))
            .map(|hidden| (hidden.draft.opening, hidden.explicit));
        if let Some((earlier, true)) = hides {
            let message = format!(
                "defaults '{name}' has the same name as another defaults section which was explicitly referenced hence cannot be replaced. Please remove or rename one of the offending defaults sections"
            );
            self.clash(DUPLICATE_PROXY, words, message, earlier);
        }
        if let Some(&at) = self.names.get(&name) {
            self.same_name(words, ProxyKind::Defaults, &name, at);
        }
        self.inherit_rules(from, ProxyKind::Defaults, words);
        let settings = self.settings(from);
        let mut draft =
            ProxyDraft::new(ProxyKind::Defaults, name.clone(), span_of(words), settings);
        self.statements(section, &mut draft);
        draft.add_dispatch();
        let index = self.drafts.defaults.len();
        self.drafts.defaults.push(Defaults {
            draft,
            explicit: false,
            implicit: false,
            user: None,
            hides: hides.map(|(place, _)| place),
        });
        if !name.is_empty() {
            self.named.insert(name, index);
        }
        self.last = Some(index);
    }

    fn proxy(&mut self, section: &'d Section, kind: ProxyKind) {
        let words = &section.words;
        let name = text(words, 1);
        match bad_name_character(&name) {
            None => {}
            Some(None) => {
                let message = format!("'{}' expects an <id> argument", kind.keyword());
                self.error(MISSING_ARGUMENT, words, message);
            }
            Some(Some(c)) => {
                let message = format!(
                    "character '{c}' is not permitted in '{}' name '{name}'",
                    kind.keyword()
                );
                self.error(BAD_NAME, words.get(1..2).unwrap_or(&[]), message);
            }
        }
        if let Some(&at) = self.names.get(&name) {
            self.same_name(words, kind, &name, at);
        } else if let Some(&at) = self.named.get(&name)
            && let Some(defaults) = self.drafts.defaults.get(at)
        {
            let message = format!(
                "{} '{name}' has the same name as a defaults section. This is no longer supported as of 3.3. Please rename one or the other",
                kind.noun()
            );
            let earlier = defaults.draft.opening;
            self.clash(DUPLICATE_PROXY, words, message, earlier);
        }
        let forward = self.drafts.log_forwards.iter().find(|f| f.name == name);
        if let Some(earlier) = forward.map(|forward| forward.opening) {
            let message = format!(
                "{} '{name}' has the same name as log forward section '{name}'",
                kind.noun()
            );
            self.clash(DUPLICATE_PROXY, words, message, earlier);
        }
        self.check_opening(words, kind);
        let defaults = match text(words, 2) == "from" {
            true => self.from(words, 2, kind.noun(), &name),
            false => self.implicit(words),
        };
        self.inherit_rules(defaults, kind, words);
        let settings = self.settings(defaults);
        let mut draft = ProxyDraft::new(kind, name.clone(), span_of(words), settings);
        self.statements(section, &mut draft);
        draft.add_dispatch();
        self.names.entry(name).or_insert(self.drafts.proxies.len());
        self.drafts.proxies.push(Inheriting { draft, defaults });
    }

    fn check_opening(&mut self, words: &[Word], kind: ProxyKind) {
        let has_from = text(words, 2) == "from" && words.len() > 3;
        let Some(extra) = words.get(if has_from { 4 } else { 2 }) else {
            return;
        };
        let message = match kind.has_front() {
            true => "please use the 'bind' keyword for listening addresses".to_owned(),
            false => format!(
                "'{}' cannot handle unexpected argument '{}'",
                kind.keyword(),
                extra.text()
            ),
        };
        // HAProxy ignores extra words right after a backend's name.
        let found = match kind.has_front() || has_from {
            true => Diagnostic::error(BAD_SECTION_LINE, message),
            false => Diagnostic::warning(BAD_SECTION_LINE, message),
        };
        let found = found.at(extra.span, "");
        self.diags.push(match has_from {
            true => found,
            false => found.near(&extra.text(), ["from"]),
        });
    }

    /// The `defaults` that `from` names, at `at`; `None` without `from` or after an error.
    fn from(&mut self, words: &[Word], at: usize, kind: &str, name: &str) -> Option<usize> {
        if text(words, at) != "from" {
            return None;
        }
        let wanted = text(words, at + 1);
        let place = words.get(at + 1..at + 2).unwrap_or(words);
        let Some(&index) = self.named.get(&wanted) else {
            if !self.drafts.unread.contains(wanted.as_bytes()) {
                let message = format!("defaults section '{wanted}' not found for {kind} '{name}'");
                let found = Diagnostic::error(UNKNOWN_DEFAULTS, message).at(span_of(place), "");
                let names = self.named.keys().map(String::as_str);
                self.diags.push(found.near(&wanted, names));
            }
            // What follows is judged by what was probably meant.
            let near = closest(&wanted, self.named.keys().map(String::as_str));
            return near
                .and_then(|near| self.named.get(near).copied())
                .or(self.last);
        };
        let found = self.drafts.defaults.get_mut(index)?;
        found.explicit = true;
        if let Some(hidden) = found.hides {
            let message = format!(
                "ambiguous defaults section name '{wanted}' referenced by {kind} '{name}': it exists several times"
            );
            self.clash(AMBIGUOUS_DEFAULTS, place, message, hidden);
        }
        self.warn_of_mixed_use(index, place);
        Some(index)
    }

    /// The last `defaults`, for a proxy without `from`.
    fn implicit(&mut self, words: &[Word]) -> Option<usize> {
        let index = self.last?;
        self.drafts.defaults.get_mut(index)?.implicit = true;
        self.warn_of_mixed_use(index, words);
        Some(index)
    }

    fn warn_of_mixed_use(&mut self, index: usize, words: &[Word]) {
        let Some(defaults) = self.drafts.defaults.get(index) else {
            return;
        };
        if defaults.explicit && defaults.implicit {
            let message = format!(
                "defaults section '{}' is explicitly referenced by another proxy and implicitly used here. To avoid any ambiguity don't mix both usage. Add a last defaults section not explicitly used or always use explicit references",
                defaults.draft.name
            );
            self.diags.push(
                Diagnostic::warning(AMBIGUOUS_DEFAULTS, message)
                    .at(span_of(words), "")
                    .at(defaults.draft.opening, "declared here"),
            );
        }
    }

    /// Refuses to inherit rules where they could not run in one defined order.
    fn inherit_rules(&mut self, defaults: Option<usize>, kind: ProxyKind, words: &[Word]) {
        let defaults = defaults.and_then(|at| self.drafts.defaults.get_mut(at));
        let Some(defaults) = defaults.filter(|defaults| defaults.draft.has_rules()) else {
            return;
        };
        let message = match (kind, *defaults.user.get_or_insert(kind)) {
            (ProxyKind::Defaults, _) => {
                "a defaults section cannot inherit from a defaults section defining TCP/HTTP rules"
            }
            (ProxyKind::Listen, _) => {
                "a listen section cannot inherit from a defaults section defining TCP/HTTP rules"
            }
            (one, other) if one != other => {
                "frontends and backends cannot inherit from the same defaults section if it defines TCP/HTTP rules"
            }
            _ => return,
        };
        let earlier = defaults.draft.opening;
        self.clash(RULES_NOT_INHERITABLE, words, message.into(), earlier);
    }

    fn settings(&self, defaults: Option<usize>) -> Settings<'d> {
        defaults
            .and_then(|at| self.drafts.defaults.get(at))
            .map(|defaults| defaults.draft.settings.clone())
            .unwrap_or_default()
    }

    fn statements(&mut self, section: &'d Section, draft: &mut ProxyDraft<'d>) {
        for statement in &section.statements {
            let mut line = line(&statement.words, self.diags, self.options);
            draft.read(&mut line);
        }
    }

    fn same_name(&mut self, words: &[Word], kind: ProxyKind, name: &str, at: usize) {
        let Some(other) = self.drafts.proxies.get(at) else {
            return;
        };
        let noun = other.draft.kind.noun();
        let same_side = kind.has_front() && other.draft.kind.has_front()
            || kind.has_back() && other.draft.kind.has_back();
        let mut message = format!(
            "{} '{name}' has the same name as {noun} '{name}' declared at {}",
            kind.noun(),
            self.options.location(other.draft.opening)
        );
        if !same_side {
            message.push_str(
                ". This is no longer supported as of 3.3. Please rename one or the other",
            );
        }
        let earlier = other.draft.opening;
        self.clash(DUPLICATE_PROXY, words, message, earlier);
    }

    fn error(&mut self, code: Code, words: &[Word], message: impl Into<String>) {
        self.diags
            .push(Diagnostic::error(code, message).at(span_of(words), ""));
    }

    fn clash(&mut self, code: Code, words: &[Word], message: String, earlier: Span) {
        self.diags.push(
            Diagnostic::error(code, message)
                .at(span_of(words), "")
                .at(earlier, "declared here"),
        );
    }
}

fn text(words: &[Word], at: usize) -> String {
    words
        .get(at)
        .map(|word| word.text().into_owned())
        .unwrap_or_default()
}

/// A statement without the `no` or `default` before it.
fn line<'l, 'd>(
    words: &'d [Word],
    diags: &'l mut Diagnostics,
    options: &'l CompileOptions<'_>,
) -> Line<'l, 'd> {
    let (sense, words) = match words {
        [first, rest @ ..] if !rest.is_empty() && *first == "no" => (Sense::No, rest),
        [first, rest @ ..] if !rest.is_empty() && *first == "default" => (Sense::Default, rest),
        all => (Sense::Set, all),
    };
    Line {
        words,
        sense,
        diags,
        host: options.host,
    }
}
