//! `outlier-detection`: servers that answer worse than they should leave for a while (SEMANTICS 8.8).

use super::{Build, ProxyDraft, word};
use crate::protect::outlier::{FailurePercent, OutlierSpec, SuccessRate};
use crate::vocab::codes::IGNORED_HERE;
use crate::vocab::keyword::{Keyword, Sections};
use crate::vocab::line::{Line, Sense};
use crate::vocab::pairs::Pairs;

/// The word.
pub(super) const WORD: &[Keyword<Build>] = &[word(
    "outlier-detection",
    "[consecutive-5xx <n>] [consecutive-gateway-failure <n>] [consecutive-local-failure <n>] \
     [split-local] [interval <time>] [base-ejection-time <time>] [max-ejection-time <time>] \
     [ejection-jitter <time>] [max-ejection-percent <percent>%] [success-rate-stdev <number>] \
     [success-rate-min-hosts <n>] [success-rate-volume <n>] [failure-percent <percent>%] \
     [failure-min-hosts <n>] [failure-volume <n>] [no-uneject-on-check] [log-only]",
    Sections::BACK,
    "Takes servers out of the rotation that fail so many times in a row, or too often in an \
     `interval` (10s): below the mean of all by `success-rate-stdev` standard deviations, or \
     `failure-percent` and more. A detector is active when one of its words is there; without \
     any, `consecutive-5xx 5`. Failed connections count as 503 unless `split-local` is there. An \
     ejection takes `base-ejection-time` (30s), twice, three times as long when it repeats, up to \
     `max-ejection-time` (300s), and ends with an interval, or with a successful check unless \
     `no-uneject-on-check`. At most `max-ejection-percent` (10%) of the servers are out, but one \
     always may be, and never the last. `log-only` ejects nobody. `no outlier-detection` cancels \
     an inherited line.",
    read,
)];

const NAMES: [&str; 17] = [
    "consecutive-5xx",
    "consecutive-gateway-failure",
    "consecutive-local-failure",
    "split-local",
    "interval",
    "base-ejection-time",
    "max-ejection-time",
    "ejection-jitter",
    "max-ejection-percent",
    "success-rate-stdev",
    "success-rate-min-hosts",
    "success-rate-volume",
    "failure-percent",
    "failure-min-hosts",
    "failure-volume",
    "no-uneject-on-check",
    "log-only",
];

fn read(line: &mut Line<'_, '_>, draft: &mut ProxyDraft<'_>) {
    if line.sense != Sense::Set {
        draft.settings.outlier = None;
        return;
    }
    let mut words = Words::default();
    let mut pairs = Pairs::new(line, 1);
    while let Some(name) = pairs.name() {
        words.take(&name, &mut pairs);
    }
    if !pairs.is_sound() {
        return;
    }
    if words.local.is_some() && words.split.is_none() {
        let message = "'consecutive-local-failure' never applies without 'split-local': failed \
                       connections count as 503";
        line.warning(IGNORED_HERE, 0, message);
    }
    draft.settings.outlier = Some(words.spec());
}

/// What stood on a line.
#[derive(Default)]
struct Words {
    five: Option<u32>,
    gateway: Option<u32>,
    local: Option<u32>,
    split: Option<()>,
    interval: Option<u64>,
    base: Option<u64>,
    max: Option<u64>,
    jitter: Option<u64>,
    percent: Option<u32>,
    stdev: Option<f64>,
    rate_hosts: Option<u32>,
    rate_volume: Option<u32>,
    failure: Option<u32>,
    failure_hosts: Option<u32>,
    failure_volume: Option<u32>,
    no_uneject: Option<()>,
    log_only: Option<()>,
}

impl Words {
    fn take(&mut self, name: &str, pairs: &mut Pairs<'_, '_, '_>) {
        let slot = match name {
            "consecutive-5xx" => &mut self.five,
            "consecutive-gateway-failure" => &mut self.gateway,
            "consecutive-local-failure" => &mut self.local,
            "success-rate-min-hosts" => &mut self.rate_hosts,
            "success-rate-volume" => &mut self.rate_volume,
            "failure-min-hosts" => &mut self.failure_hosts,
            "failure-volume" => &mut self.failure_volume,
            _ => return self.take_time(name, pairs),
        };
        let value = pairs.number(1);
        pairs.put(slot, value);
    }

    fn take_time(&mut self, name: &str, pairs: &mut Pairs<'_, '_, '_>) {
        let slot = match name {
            "interval" => &mut self.interval,
            "base-ejection-time" => &mut self.base,
            "max-ejection-time" => &mut self.max,
            "ejection-jitter" => {
                let value = pairs.time_or_none();
                return pairs.put(&mut self.jitter, value);
            }
            _ => return self.take_other(name, pairs),
        };
        let value = pairs.time();
        pairs.put(slot, value);
    }

    fn take_other(&mut self, name: &str, pairs: &mut Pairs<'_, '_, '_>) {
        match name {
            "max-ejection-percent" => {
                let value = pairs.percent();
                pairs.put(&mut self.percent, value);
            }
            "failure-percent" => {
                let value = pairs.percent();
                pairs.put(&mut self.failure, value);
            }
            "success-rate-stdev" => {
                let value = pairs.real();
                pairs.put(&mut self.stdev, value);
            }
            "split-local" => pairs.put(&mut self.split, Some(())),
            "no-uneject-on-check" => pairs.put(&mut self.no_uneject, Some(())),
            "log-only" => pairs.put(&mut self.log_only, Some(())),
            _ => pairs.unknown(&NAMES, false),
        }
    }

    fn spec(&self) -> OutlierSpec {
        let default = OutlierSpec::default();
        let rate = self.stdev.is_some() || self.rate_hosts.is_some() || self.rate_volume.is_some();
        let failure =
            self.failure.is_some() || self.failure_hosts.is_some() || self.failure_volume.is_some();
        let of_rate = SuccessRate::default();
        let of_failure = FailurePercent::default();
        let any_run = self.five.or(self.gateway).or(self.local).is_some();
        let none = !any_run && !rate && !failure;
        let base_ejection = self.base.unwrap_or(default.base_ejection);
        OutlierSpec {
            consecutive_5xx: if none { Some(5) } else { self.five },
            consecutive_gateway: self.gateway,
            consecutive_local: self.local,
            split_local: self.split.is_some(),
            interval: self.interval.unwrap_or(default.interval),
            base_ejection,
            max_ejection: self.max.unwrap_or(default.max_ejection).max(base_ejection),
            jitter: self.jitter.unwrap_or(default.jitter),
            max_percent: self.percent.unwrap_or(default.max_percent),
            success_rate: rate.then(|| SuccessRate {
                stdev: self.stdev.unwrap_or(of_rate.stdev),
                min_hosts: self.rate_hosts.unwrap_or(of_rate.min_hosts),
                volume: self.rate_volume.unwrap_or(of_rate.volume),
            }),
            failure: failure.then(|| FailurePercent {
                percent: self.failure.unwrap_or(of_failure.percent),
                min_hosts: self.failure_hosts.unwrap_or(of_failure.min_hosts),
                volume: self.failure_volume.unwrap_or(of_failure.volume),
            }),
            uneject_on_check: self.no_uneject.is_none(),
            log_only: self.log_only.is_some(),
        }
    }
}
