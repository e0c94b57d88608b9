//! Who plays the scripts: Tidegate always, HAProxy when there is one; and the final count.

use crate::CASES;
use crate::case::Case;
use crate::support::process;
use crate::support::script::play;
use crate::support::tidegate;
use crate::support::topology::Topology;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// The HAProxy to compare with: `TIDEGATE_HAPROXY`, or the one on `PATH`.
static HAPROXY: LazyLock<Option<HaProxy>> = LazyLock::new(HaProxy::find);

static DONE: AtomicUsize = AtomicUsize::new(0);
static COMPARED: AtomicUsize = AtomicUsize::new(0);
static EQUAL: AtomicUsize = AtomicUsize::new(0);
static DIFFERENT: AtomicUsize = AtomicUsize::new(0);

struct HaProxy {
    binary: PathBuf,
    version: (u32, u32),
}

impl HaProxy {
    fn find() -> Option<Self> {
        let binary = crate::support::haproxy()?;
        let shown = process::run(&binary, &["-v"], Path::new("."));
        let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
        let number = regex::Regex::new(r"version (\d+)\.(\d+)").expect("a valid pattern");
        let found = number
            .captures(&shown)
            .unwrap_or_else(|| panic!("no version in {shown}"));
        let part = |at: usize| found[at].parse().expect("a number");
        Some(Self {
            version: (part(1), part(2)),
            binary,
        })
    }
}

/// Plays a case with HAProxy when its version is covered, and with Tidegate.
pub(crate) fn compare(case: Case) {
    let finished = Finished;
    if let Some(haproxy) = HAPROXY.as_ref().filter(|found| found.version >= case.since) {
        let theirs = case.difference.map_or(case.script, |(_, theirs)| theirs);
        run("haproxy", &haproxy.binary, case, theirs);
        COMPARED.fetch_add(1, SeqCst);
        let counter = if case.difference.is_some() {
            &DIFFERENT
        } else {
            &EQUAL
        };
        counter.fetch_add(1, SeqCst);
    }
    run("tidegate", &tidegate(), case, case.script);
    drop(finished);
}

fn run(name: &str, binary: &Path, case: Case, script: &str) {
    let text = case.text();
    let mut topology = Topology::start(binary, &text);
    if let Err(why) = play(&mut topology, script) {
        panic!("{name} does not play the script\n{why}\nscript:{script}\nconfiguration:\n{text}");
    }
}

/// Counts a case, passed or failed; the last one prints the summary.
struct Finished;

impl Drop for Finished {
    fn drop(&mut self) {
        if DONE.fetch_add(1, SeqCst) + 1 == CASES {
            let peer = HAPROXY.as_ref().map_or("nothing".to_owned(), |found| {
                format!("haproxy {}.{}", found.version.0, found.version.1)
            });
            // Written past the test runner's capture, so that it shows without `--nocapture`.
            let _ = writeln!(
                std::io::stdout(),
                "\nparity: {CASES} cases, {} compared with {peer}, {} equal, {} documented differences",
                COMPARED.load(SeqCst),
                EQUAL.load(SeqCst),
                DIFFERENT.load(SeqCst),
            );
        }
    }
}
