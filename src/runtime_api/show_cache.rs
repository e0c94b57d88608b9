//! `show cache`: what caches keep, in HAProxy's form.
//!
//! What HAProxy shows as addresses are numbers here, in the order of the sections and of the entries.

use super::answer::Answer;
use super::command::{Call, Command};
use crate::cache::{Cache, Entry, Varying};
use crate::settings::AccessLevel;
use std::io::Write;
use std::sync::Arc;
use twox_hash::XxHash64;

/// Bytes of what HAProxy counts as a block.
const BLOCK: usize = 1024;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "show cache",
    "",
    "shows the responses in caches",
    AccessLevel::Admin,
    run,
)];

fn run(call: &mut Call<'_>) -> Answer {
    let clock = call.control.clock();
    let now_s = i64::try_from(clock.wall_us(clock.now_us()) / 1_000_000).unwrap_or(i64::MAX);
    let caches: Vec<Arc<Cache>> = call.control.caches().to_vec();
    Answer::each(
        (1..).zip(caches),
        move |(number, cache): (u32, Arc<Cache>), out| {
            write_cache(number, &cache, now_s, out);
        },
    )
}

fn write_cache(number: u32, cache: &Cache, now_s: i64, out: &mut Vec<u8>) {
    let (name, blocks) = (&cache.spec().name, cache.room() / BLOCK);
    // Writing to memory cannot fail.
    let _ = writeln!(
        out,
        "{number:#x}: {name} (shctx:{number:#x}, available blocks:{blocks})"
    );
    for (nth, entry) in (1_u32..).zip(cache.entries(now_s)) {
        let (size, hash) = (entry.size(), XxHash64::oneshot(0, &entry.key) as u32);
        let _ = write!(out, "{nth:#x} hash:{hash} vary:0x");
        write_varying(&entry, out);
        let _ = writeln!(
            out,
            " size:{size} ({} blocks), refcount:{}, expire:{}",
            size.div_ceil(BLOCK),
            // The cache's own, and the one that is being looked at.
            Arc::strong_count(&entry).saturating_sub(2),
            entry.fresh_until_s.saturating_sub(now_s)
        );
    }
}

/// What the response varies on, in the 20 bytes of HAProxy's secondary key.
fn write_varying(entry: &Entry, out: &mut Vec<u8>) {
    let Varying {
        codings,
        referer,
        origin,
    } = entry.varying;
    let _ = write!(
        out,
        "{:08x}{:016x}{:016x}",
        codings.unwrap_or(0),
        referer.unwrap_or(0),
        origin.unwrap_or(0)
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::CacheSpec;

    #[test]
    fn what_is_fresh_has_a_line() {
        let cache = Cache::new(CacheSpec {
            name: "c".into(),
            total: 100 * BLOCK,
            most: BLOCK,
            max_age_s: 60,
            varies: true,
            most_varying: 2,
        });
        let shown = |now_s| {
            let mut out = Vec::new();
            write_cache(1, &cache, now_s, &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(shown(0), "0x1: c (shctx:0x1, available blocks:100)\n");
        let entry = Entry {
            body: vec![0; 500],
            fresh_until_s: 10,
            ..Entry::new(b"a/".as_slice().into())
        };
        let size = entry.size();
        assert!(cache.store(entry, 0));
        let text = shown(3);
        let line = text.lines().nth(1).unwrap();
        assert!(line.starts_with("0x1 hash:"), "{line}");
        let rest = format!(
            " vary:0x{} size:{size} (1 blocks), refcount:0, expire:7",
            "0".repeat(40)
        );
        assert!(line.ends_with(&rest), "{line}");
        assert_eq!(shown(10).lines().count(), 1);
    }
}
