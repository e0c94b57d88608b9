//! The lines of a proxy that refer to its ACLs: conditions, rules, formats.

use super::Work;
use super::config::{Limits, Mode, PersistRule};
use super::findings::NEEDS_HTTP;
use crate::observe::Location;
use crate::protect::{BreakerSpec, ProxyProtections};
use crate::syntax::{Diagnostic, Diagnostics, Word};
use crate::vocab::action::{self, ErrorAnswers, Refusal, Rule, RuleSet};
use crate::vocab::bandwidth;
use crate::vocab::capture::{self, Captures};
use crate::vocab::codes::ALREADY_SPECIFIED;
use crate::vocab::condition::{self, AclSet, Condition};
use crate::vocab::expression::{self, Expression};
use crate::vocab::format::{self, Format, FormatUse};
use crate::vocab::forwarded_option::ForwardedOption;
use crate::vocab::line::span_of;
use crate::vocab::outer::Site;
use crate::vocab::rule_codes::{BAD_ACTION_ARGUMENT, BAD_CONDITION, DUPLICATE_BREAKER};
use crate::vocab::scope::{Phase, Scope};
use crate::vocab::section::log_profile::ProfileDraft;
use crate::vocab::section::proxy::{
    LimitsDraft, LogFormat, ProxyDraft, ProxyKind, Rule as Line, RuleKind,
};
use crate::vocab::stick::{self, StickRule};
use std::path::Path;
use std::sync::Arc;

/// The rules of one proxy, those of its `defaults` first.
#[derive(Debug, Default)]
pub(super) struct Rules<'d> {
    pub(super) connection: Vec<Rule>,
    pub(super) session: Vec<Rule>,
    pub(super) content: Vec<Rule>,
    pub(super) response_content: Vec<Rule>,
    pub(super) request: Vec<Rule>,
    pub(super) breakers: Vec<Rule>,
    /// What each server gets a breaker from.
    pub(super) server_breakers: Vec<BreakerSpec>,
    /// What these use of limits and breakers.
    pub(super) protections: ProxyProtections,
    pub(super) response: Vec<Rule>,
    pub(super) after_response: Vec<Rule>,
    pub(super) switching: Vec<Switching<'d>>,
    pub(super) server: Vec<Switching<'d>>,
    pub(super) monitor_fail: Vec<Condition>,
    pub(super) force_switch: Vec<Condition>,
    pub(super) stick: Vec<StickRule>,
    pub(super) captures: Captures,
    pub(super) error_answers: ErrorAnswers,
    pub(super) persist: Vec<PersistRule>,
    pub(super) stats_admin: Vec<Condition>,
    pub(super) stats_request: Vec<Rule>,
    /// Whether streams may go on as HTTP (`switch-mode`).
    pub(super) switches: bool,
}

/// A `use_backend` or `use-server` line, its name not resolved yet.
#[derive(Debug)]
pub(super) struct Switching<'d> {
    /// The name, or a format that makes it.
    pub(super) target: &'d Word,
    /// Whether the name is a format, and the format if it can be used.
    pub(super) is_format: bool,
    pub(super) format: Option<Format>,
    pub(super) condition: Option<Condition>,
    /// Whether format and condition could be read. The name is checked all the same.
    pub(super) sound: bool,
}

/// Reads lines of one section with that section's ACLs.
struct SectionReader<'a, 'o> {
    acls: AclSet,
    /// The proxy that runs the lines; empty while a `defaults` is checked.
    proxy: &'a str,
    kind: ProxyKind,
    mode: Mode,
    diags: &'a mut Diagnostics,
    work: Work<'o>,
}

/// Reads the rules of a proxy and, before them, those it inherits. What is wrong with inherited
/// ones was reported where they were written.
pub(super) fn read<'d>(
    draft: &ProxyDraft<'d>,
    inherited: Option<&ProxyDraft<'d>>,
    diags: &mut Diagnostics,
    work: Work<'_>,
) -> Rules<'d> {
    let mut rules = Rules::default();
    let mode = draft.settings.mode;
    *work.outer.captures() = Captures {
        is_front: draft.kind.has_front(),
        ..Captures::default()
    };
    if let Some(defaults) = inherited {
        let unheard = &mut Diagnostics::default();
        let is_kept = |line: &Line<'d>| !is_overruled(line, &draft.rules);
        let inherited: Vec<_> = defaults.rules.iter().copied().filter(is_kept).collect();
        section(&inherited, draft, unheard, work, &mut rules);
    }
    section(&draft.rules, draft, diags, work, &mut rules);
    rules.captures = std::mem::take(&mut *work.outer.captures());
    rules.protections = work.outer.protections().take_used();
    rules.switches = inherited.is_some_and(switches) || switches(draft);
    if mode == Mode::Tcp && !rules.switches {
        drop_http_rules(draft, &mut rules, diags);
    }
    rules
}

/// Whether a rule may make HTTP of TCP streams.
pub(super) fn switches(draft: &ProxyDraft<'_>) -> bool {
    let is_switch = |line: &Line<'_>| {
        line.kind == RuleKind::TcpRequestContent
            && line.words.get(2).is_some_and(|word| *word == "switch-mode")
    };
    draft.kind.has_front() && draft.rules.iter().any(is_switch)
}

/// Reports what is wrong with the rules of a `defaults` section.
pub(super) fn check(draft: &ProxyDraft<'_>, diags: &mut Diagnostics, work: Work<'_>) {
    section(&draft.rules, draft, diags, work, &mut Rules::default());
    circuit_limits(draft, diags, work);
}

/// The log format a proxy asked for. `None` is the plain line.
pub(super) fn log_format(
    draft: &ProxyDraft<'_>,
    diags: &mut Diagnostics,
    work: Work<'_>,
) -> Option<Format> {
    let of_http = matches!(
        draft.settings.log_format,
        LogFormat::Http | LogFormat::HttpClf | LogFormat::Https
    );
    if of_http && draft.settings.mode == Mode::Tcp {
        return Some(match draft.settings.log_format {
            LogFormat::HttpClf => format::tcplog_clf(),
            _ => format::tcplog(),
        });
    }
    match draft.settings.log_format {
        LogFormat::Unset => None,
        LogFormat::Http => Some(format::httplog()),
        LogFormat::HttpClf => Some(format::httplog_clf()),
        LogFormat::Https => Some(format::httpslog()),
        LogFormat::Tcp => Some(format::tcplog()),
        LogFormat::TcpClf => Some(format::tcplog_clf()),
        LogFormat::Custom(word) => format(draft, Some(word), FormatUse::Log, diags, work),
    }
}

/// A format that prints lines or ids of a whole proxy.
pub(super) fn format(
    draft: &ProxyDraft<'_>,
    word: Option<&Word>,
    purpose: FormatUse,
    diags: &mut Diagnostics,
    work: Work<'_>,
) -> Option<Format> {
    let mut reader = SectionReader {
        acls: AclSet::default(),
        proxy: &draft.name,
        kind: draft.kind,
        mode: draft.settings.mode,
        diags,
        work,
    };
    reader.scoped(Phase::Request, |scope| Format::parse(word?, scope, purpose))
}

/// Reads something of a proxy that has no ACLs to refer to.
pub(super) fn in_proxy<T>(
    draft: &ProxyDraft<'_>,
    phase: Phase,
    diags: &mut Diagnostics,
    work: Work<'_>,
    read: impl FnOnce(&mut Scope<'_>) -> Option<T>,
) -> Option<T> {
    let mut reader = SectionReader {
        acls: AclSet::default(),
        kind: draft.kind,
        proxy: &draft.name,
        mode: draft.settings.mode,
        diags,
        work,
    };
    reader.scoped(phase, read)
}

/// Makes the `log-profile` sections known.
pub(super) fn log_profiles(drafts: &[ProfileDraft<'_>], diags: &mut Diagnostics, work: Work<'_>) {
    for draft in drafts {
        let mut reader = SectionReader {
            kind: ProxyKind::Frontend,
            acls: AclSet::default(),
            proxy: &draft.name,
            mode: Mode::Http,
            diags,
            work,
        };
        let profile = reader.scoped(Phase::Log, |scope| draft.finish(scope));
        work.outer.add_log_profile(draft.name.as_bytes(), profile);
    }
}

/// The expression of `balance hash`.
pub(super) fn hash_sample(
    draft: &ProxyDraft<'_>,
    diags: &mut Diagnostics,
    work: Work<'_>,
) -> Option<Expression> {
    let (before, words) = draft.settings.hash_sample.as_ref()?;
    let mut reader = SectionReader {
        acls: AclSet::default(),
        proxy: &draft.name,
        kind: draft.kind,
        mode: draft.settings.mode,
        diags,
        work,
    };
    let read =
        |scope: &mut Scope<'_>| expression::parse_words(before, std::slice::from_ref(words), scope);
    reader
        .scoped(Phase::Request, read)
        .map(|(expression, _)| expression)
}

/// The limits of a backend, by priority. A line takes the place of an inherited one; what is wrong
/// with that was reported where it was written.
pub(super) fn circuit_limits(
    draft: &ProxyDraft<'_>,
    diags: &mut Diagnostics,
    work: Work<'_>,
) -> [Option<Limits>; 2] {
    let mut found: [Option<(Limits, &LimitsDraft<'_>)>; 2] = [None, None];
    for line in &draft.settings.circuit_limits {
        let is_own = line.section == draft.opening;
        let earlier = found.get_mut(line.priority as usize);
        let Some(slot) = earlier else { continue };
        if let Some((_, earlier)) = slot
            && is_own
            && earlier.section == line.section
        {
            let message = format!(
                "'circuit-limits' already set for priority '{}' at {}",
                line.priority.name(),
                work.options.location(earlier.keyword.span)
            );
            diags.push(
                Diagnostic::error(ALREADY_SPECIFIED, message)
                    .at(line.keyword.span, "")
                    .at(earlier.keyword.span, "set here"),
            );
            continue;
        }
        let unheard = &mut Diagnostics::default();
        let mut reader = SectionReader {
            acls: AclSet::default(),
            proxy: &draft.name,
            kind: draft.kind,
            mode: Mode::Http,
            diags: if is_own { &mut *diags } else { unheard },
            work,
        };
        let refusal = reader.scoped(Phase::Request, |scope| {
            Refusal::parse(line.keyword, &line.response, 503, scope)
        });
        let spec = line.spec;
        *slot = refusal.map(|refusal| (Limits { spec, refusal }, line));
    }
    found.map(|limits| {
        let (limits, _) = limits?;
        (draft.settings.mode == Mode::Http).then_some(limits)
    })
}

/// What `option forwarded` tells.
pub(super) fn forwarded(
    draft: &ProxyDraft<'_>,
    diags: &mut Diagnostics,
    work: Work<'_>,
) -> Option<ForwardedOption<Expression>> {
    let mut reader = SectionReader {
        acls: AclSet::default(),
        proxy: &draft.name,
        kind: draft.kind,
        mode: draft.settings.mode,
        diags,
        work,
    };
    let option = draft.settings.forwarded?;
    Some(reader.scoped(Phase::Request, |scope| option.compile(scope)))
}

/// Whether an inherited breaker is defined anew or cancelled by the section's own lines.
fn is_overruled(line: &Line<'_>, own: &[Line<'_>]) -> bool {
    let name = |line: &Line<'_>| line.words.get(1).map(|word| word.bytes.clone());
    let is_breaker = |kind| matches!(kind, RuleKind::CircuitBreaker | RuleKind::NoCircuitBreaker);
    is_breaker(line.kind)
        && own
            .iter()
            .any(|own| is_breaker(own.kind) && name(own) == name(line))
}

fn section<'d>(
    lines: &[Line<'d>],
    draft: &ProxyDraft<'_>,
    diags: &mut Diagnostics,
    work: Work<'_>,
    rules: &mut Rules<'d>,
) {
    if lines.is_empty() {
        return;
    }
    let filters = draft.rules.iter();
    let filters: Vec<_> = filters
        .filter(|line| line.kind == RuleKind::Bandwidth)
        .collect();
    let mut reader = SectionReader {
        acls: AclSet::default(),
        proxy: match draft.kind {
            ProxyKind::Defaults => "",
            _ => &draft.name,
        },
        kind: draft.kind,
        mode: draft.settings.mode,
        diags,
        work,
    };
    reader.define_acls(lines);
    reader.define_filters(&filters);
    reader.check_breakers(lines);
    let mut redirects = Vec::new();
    for line in lines {
        reader.line(*line, rules, &mut redirects);
    }
    // `redirect` lines run after all `http-request` rules, wherever they stand.
    rules.request.append(&mut redirects);
}

impl SectionReader<'_, '_> {
    fn define_acls(&mut self, lines: &[Line<'_>]) {
        let work = self.work;
        for line in lines.iter().filter(|line| line.kind == RuleKind::Acl) {
            self.acls.define(
                line.words.get(1..).unwrap_or_default(),
                self.mode,
                Site {
                    files: &|name| work.options.host.read(Path::new(name)),
                    resolve: &|name| work.options.host.resolve(name),
                    outer: work.outer,
                    proxy: self.proxy,
                    acls: &AclSet::default(),
                },
                self.diags,
            );
        }
    }

    /// Reads bandwidth limits, which rules above them may name too.
    fn define_filters(&mut self, lines: &[&Line<'_>]) {
        let outer = self.work.outer;
        outer.bandwidth().clear();
        for line in lines {
            let Some([_, kind, words @ ..]) = Some(line.words) else {
                continue;
            };
            // Which rule will ask for the key, and when, is not known yet.
            let phase = match self.mode {
                Mode::Http => Phase::Request,
                Mode::Tcp => Phase::Content,
            };
            let filter = self.scoped(phase, |scope| bandwidth::parse(kind, words, scope));
            outer.bandwidth().extend(filter.map(Arc::new));
        }
    }

    /// Reports breakers of one name.
    fn check_breakers(&mut self, lines: &[Line<'_>]) {
        let mut known: Vec<&Word> = Vec::new();
        let breakers = lines.iter().filter(|l| l.kind == RuleKind::CircuitBreaker);
        for name in breakers.filter_map(|line| line.words.get(1)) {
            match known.iter().find(|earlier| earlier.bytes == name.bytes) {
                Some(earlier) => {
                    let place = self.work.options.location(earlier.span);
                    let message = format!(
                        "circuit-breaker '{}' already declared in {} '{}' at {place}",
                        name.text(),
                        self.kind.noun(),
                        self.proxy
                    );
                    let found = Diagnostic::error(DUPLICATE_BREAKER, message);
                    let found = found.at(name.span, "").at(earlier.span, "declared here");
                    self.diags.push(found);
                }
                None => known.push(name),
            }
        }
    }

    fn line<'d>(&mut self, line: Line<'d>, rules: &mut Rules<'d>, redirects: &mut Vec<Rule>) {
        let rest = line.words.get(1..).unwrap_or_default();
        let after = line.words.get(2..).unwrap_or_default();
        let request = Phase::Request;
        match line.kind {
            RuleKind::Acl | RuleKind::Bandwidth | RuleKind::NoCircuitBreaker => {}
            RuleKind::Capture => {
                capture::read_capture(rest, &mut self.work.outer.captures(), self.diags);
            }
            RuleKind::Declare => {
                capture::read_declare(rest, &mut self.work.outer.captures(), self.diags);
            }
            RuleKind::HttpError => {
                let answer = self.scoped(request, |s| action::parse_http_error(rest, s));
                rules.error_answers.extend(answer);
            }
            RuleKind::HttpRequest => {
                let position = rules.request.len() + 1;
                self.work.outer.protections().at_rule(position);
                rules.request.extend(self.request_rule(rest));
            }
            RuleKind::StatsRequest => rules.stats_request.extend(self.request_rule(after)),
            RuleKind::HttpResponse => {
                let rule = self.scoped(Phase::Response, |s| action::parse_http_response(rest, s));
                rules.response.extend(self.located(rule));
            }
            RuleKind::HttpAfterResponse => {
                let rule = self.scoped(Phase::Response, |s| {
                    action::parse_http_after_response(rest, s)
                });
                rules.after_response.extend(self.located(rule));
            }
            RuleKind::Redirect => {
                let rule = self.scoped(request, |s| action::parse_redirect(rest, s));
                redirects.extend(self.located(rule));
            }
            RuleKind::MonitorFail => rules.monitor_fail.extend(self.condition(after)),
            RuleKind::StatsAdmin => rules.stats_admin.extend(self.condition(after)),
            RuleKind::ForceBackendSwitch => rules.force_switch.extend(self.condition(rest)),
            RuleKind::ForcePersist | RuleKind::IgnorePersist => {
                let force = line.kind == RuleKind::ForcePersist;
                let condition = self.condition(rest);
                let rule = condition.map(|condition| PersistRule { force, condition });
                rules.persist.extend(rule);
            }
            RuleKind::TcpRequestConnection => {
                let rule = self.tcp_rule(rest, RuleSet::Connection);
                rules.connection.extend(rule);
            }
            RuleKind::TcpRequestSession => {
                rules.session.extend(self.tcp_rule(rest, RuleSet::Session));
            }
            RuleKind::TcpRequestContent => {
                rules.content.extend(self.tcp_rule(rest, RuleSet::Content));
            }
            RuleKind::TcpResponseContent => {
                let rule = self.tcp_rule(rest, RuleSet::ResponseContent);
                rules.response_content.extend(rule);
            }
            RuleKind::UseBackend => rules.switching.extend(self.switch(rest)),
            RuleKind::UseServer => rules.server.extend(self.switch(rest)),
            RuleKind::CircuitBreaker if action::is_of_servers(rest) => {
                let spec = line.words.first().and_then(|keyword| {
                    self.scoped(request, |s| action::parse_server_breaker(keyword, rest, s))
                });
                if !self.kind.has_back() && self.kind != ProxyKind::Defaults {
                    let message = "'scope server' needs a section with servers";
                    let found =
                        Diagnostic::error(BAD_ACTION_ARGUMENT, message).at(span_of(rest), "");
                    let help = "write the line in the backend, or leave 'scope server' out";
                    self.diags.push(found.help(help));
                }
                rules.server_breakers.extend(spec);
            }
            RuleKind::CircuitBreaker => {
                let rule = line.words.first().and_then(|keyword| {
                    self.scoped(request, |s| action::parse_circuit_breaker(keyword, rest, s))
                });
                rules.breakers.extend(self.located(rule));
            }
            RuleKind::Stick => {
                let rule = line
                    .words
                    .first()
                    .and_then(|keyword| self.scoped(request, |s| stick::parse(keyword, rest, s)));
                rules.stick.extend(rule);
            }
        }
    }

    fn request_rule(&mut self, words: &[Word]) -> Option<Rule> {
        let rule = self.scoped(Phase::Request, |s| action::parse_http_request(words, s));
        self.located(rule)
    }

    fn condition(&mut self, words: &[Word]) -> Option<Condition> {
        self.scoped(Phase::Request, |s| condition::parse(words, s))
    }

    /// A rule whose keyword is two words.
    fn tcp_rule(&mut self, words: &[Word], set: RuleSet) -> Option<Rule> {
        let words = words.get(1..).unwrap_or_default();
        let rule = self.scoped(Phase::Connection, |scope| {
            action::parse_rule(words, set, scope)
        });
        self.located(rule)
    }

    /// A rule that knows the line it stands on.
    fn located(&self, mut rule: Option<Rule>) -> Option<Rule> {
        if let Some(rule) = &mut rule {
            let sources = self.work.options.sources;
            rule.location = Some(Location {
                file: sources.name(rule.span.file).into(),
                line: sources.position(rule.span).line,
            });
        }
        rule
    }

    fn switch<'d>(&mut self, words: &'d [Word]) -> Option<Switching<'d>> {
        let (target, words) = words.split_first()?;
        let request = Phase::Request;
        let condition = words.first().map(|sense| {
            if *sense == "if" || *sense == "unless" {
                return self.scoped(request, |scope| condition::parse(words, scope));
            }
            let message = format!(
                "unexpected keyword '{}' after switching rule, only 'if' and 'unless' are allowed",
                sense.text()
            );
            self.diags.push(
                Diagnostic::error(BAD_CONDITION, message)
                    .at(sense.span, "")
                    .help("write 'if' before a condition"),
            );
            None
        });
        let format = target.bytes.contains(&b'%').then(|| {
            self.scoped(request, |scope| {
                Format::parse(target, scope, FormatUse::Text)
            })
        });
        Some(Switching {
            target,
            sound: !matches!(condition, Some(None)) && !matches!(format, Some(None)),
            is_format: format.is_some(),
            format: format.flatten(),
            condition: condition.flatten(),
        })
    }

    fn scoped<T>(&mut self, phase: Phase, parse: impl FnOnce(&mut Scope<'_>) -> T) -> T {
        let work = self.work;
        parse(&mut Scope {
            acls: &self.acls,
            mode: self.mode,
            phase,
            diags: self.diags,
            site: Site {
                files: &|name| work.options.host.read(Path::new(name)),
                resolve: &|name| work.options.host.resolve(name),
                outer: work.outer,
                proxy: self.proxy,
                acls: &self.acls,
            },
        })
    }
}

/// Rules on HTTP messages do nothing in TCP mode; HAProxy warns once per kind.
fn drop_http_rules(draft: &ProxyDraft<'_>, rules: &mut Rules<'_>, diags: &mut Diagnostics) {
    rules.request.clear();
    rules.breakers.clear();
    rules.protections = ProxyProtections::default();
    rules.server_breakers.clear();
    rules.response.clear();
    rules.after_response.clear();
    let kinds = [
        (RuleKind::HttpRequest, "'http-request' rules"),
        (RuleKind::HttpResponse, "'http-response' rules"),
        (RuleKind::HttpAfterResponse, "'http-after-response' rules"),
        (RuleKind::Redirect, "'redirect' rules"),
        (RuleKind::CircuitBreaker, "'circuit-breaker'"),
    ];
    for (kind, what) in kinds {
        if let Some(line) = draft.rules.iter().find(|line| line.kind == kind) {
            let require = match kind {
                RuleKind::CircuitBreaker => "it requires",
                _ => "they require",
            };
            let message = format!(
                "{what} ignored for {} '{}' as {require} HTTP mode",
                draft.kind.noun(),
                draft.name
            );
            diags.push(Diagnostic::warning(NEEDS_HTTP, message).at(span_of(line.words), ""));
        }
    }
}
