//! Counters by the identifiers of the configuration (`guid`), for files of statistics.

use super::control::Control;
use super::env::Tell;
use super::shared::Shared;
use crate::compile::config::Config;
use crate::observe::log::level;
use crate::observe::stats::Counters;
use crate::observe::stats::stats_file::{self, Side};

/// Reads the file of a configuration that names one; says why if it can't be read.
pub(super) fn load(config: &Config, tell: &Tell) -> Option<Vec<u8>> {
    let path = config.global.stats_file.as_ref()?;
    match std::fs::read(path) {
        Ok(text) => Some(text),
        Err(_) => {
            let path = path.display();
            let message = format!("config: Can't load stats-file '{path}': cannot open file.");
            tell(level::WARNING, &message);
            None
        }
    }
}

impl Control {
    /// What was counted, in the form of such a file.
    pub fn stats_file(&self) -> Vec<u8> {
        let mut text = Vec::new();
        for side in [Side::Front, Side::Back] {
            stats_file::write_heading(side, &mut text);
            self.shared().each_counted(|own, guid, counters| {
                if own == side {
                    stats_file::write_line(side, guid, counters, &mut text);
                }
            });
            text.push(b'\n');
        }
        text
    }
}

impl Shared {
    /// Lets counters go on where a file says.
    pub(super) fn preload(&self, text: &[u8]) {
        stats_file::read(text, |side, guid, count, value| {
            self.each_counted(|own, known, counters| {
                if (own, known) == (side, guid) {
                    counters.preload(count, value);
                }
            });
        });
    }

    /// Visits everything that is counted and has an identifier.
    fn each_counted(&self, mut visit: impl FnMut(Side, &str, &Counters)) {
        let config = &self.config;
        for (at, frontend) in config.frontends.iter().enumerate() {
            if let (Some(guid), Some(own)) = (&frontend.guid, self.counters.frontend(at)) {
                visit(Side::Front, guid, own);
            }
            for (line, bind) in frontend.binds.iter().enumerate() {
                if let (Some(guid), Some(own)) = (&bind.guid, self.counters.listener(at, line)) {
                    visit(Side::Front, guid, own);
                }
            }
        }
        for (at, backend) in config.backends.present() {
            for (place, server) in backend.servers.present() {
                if let (Some(guid), Some(own)) = (&server.guid, self.counters.server(at, place)) {
                    visit(Side::Back, guid, own);
                }
            }
            if let (Some(guid), Some(own)) = (&backend.guid, self.counters.backend(at)) {
                visit(Side::Back, guid, own);
            }
        }
    }
}
