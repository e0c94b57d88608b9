//! A parity case and the configuration it stands for.

use crate::support::script::MONITOR;
use std::fmt::Write;

/// One configuration with the script both proxies must play.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    pub(crate) mode: &'static str,
    pub(crate) config: &'static str,
    pub(crate) script: &'static str,
    /// Why we depart from HAProxy, and what it does instead.
    pub(crate) difference: Option<(&'static str, &'static str)>,
    /// First HAProxy version (major, minor) that behaves so.
    pub(crate) since: (u32, u32),
}

/// A case in HTTP mode. `config` is a list of lines, see [`Case::text`].
pub(crate) const fn http(config: &'static str, script: &'static str) -> Case {
    Case {
        mode: "http",
        config,
        script,
        difference: None,
        since: (0, 0),
    }
}

/// A case in TCP mode.
pub(crate) const fn tcp(config: &'static str, script: &'static str) -> Case {
    Case {
        mode: "tcp",
        ..http(config, script)
    }
}

impl Case {
    /// HAProxy plays `theirs` instead, and `reason` is why we don't follow.
    pub(crate) const fn differs(self, reason: &'static str, theirs: &'static str) -> Self {
        Self {
            difference: Some((reason, theirs)),
            ..self
        }
    }

    /// HAProxy behaves so since version `major.minor`; older ones are not asked.
    pub(crate) const fn since(self, major: u32, minor: u32) -> Self {
        Self {
            since: (major, minor),
            ..self
        }
    }

    /// The configuration file. Lines end at a line break or `; `. They go to the section named in
    /// front (`global:`, `frontend:`, `backend:`), `server:` adds to the server's line,
    /// and without a name they belong to `defaults`. From a `frontend`, `listen` or `defaults` line on,
    /// the text stands as it is and replaces the standard proxies.
    pub(crate) fn text(&self) -> String {
        let mut parts = Parts::default();
        for line in self
            .config
            .split('\n')
            .flat_map(|line| line.split("; "))
            .map(str::trim)
        {
            parts.add(line);
        }
        parts.print(self.mode)
    }
}

#[derive(Default)]
struct Parts {
    global: Vec<&'static str>,
    defaults: Vec<&'static str>,
    frontend: Vec<&'static str>,
    backend: Vec<&'static str>,
    server: Vec<&'static str>,
    proxies: Vec<&'static str>,
}

impl Parts {
    fn add(&mut self, line: &'static str) {
        let own = ["frontend ", "listen ", "defaults"]
            .iter()
            .any(|word| line.starts_with(word));
        if own || !self.proxies.is_empty() {
            return self.proxies.push(line);
        }
        let (section, rest) = match line.split_once(": ") {
            Some(("global", rest)) => (&mut self.global, rest),
            Some(("frontend", rest)) => (&mut self.frontend, rest),
            Some(("backend", rest)) => (&mut self.backend, rest),
            Some(("server", rest)) => (&mut self.server, rest),
            _ => (&mut self.defaults, line),
        };
        section.push(rest);
    }

    fn print(&self, mode: &str) -> String {
        let mut text = String::new();
        section(
            &mut text,
            "global",
            &["nbthread 1", "log \"${log}\" len 8192 local0"],
            &self.global,
        );
        let own = format!("mode {mode}");
        let log = format!("option {mode}log");
        let common = [
            "log global",
            own.as_str(),
            log.as_str(),
            "timeout connect 6s",
            "timeout client 6s",
            "timeout server 6s",
        ];
        section(&mut text, "defaults", &common, &self.defaults);
        if !self.proxies.is_empty() {
            section(&mut text, "", &[], &self.proxies);
            return text;
        }
        let monitor = format!("monitor-uri {MONITOR}");
        let bind = ["bind \"fd@${fe}\"", "default_backend be", monitor.as_str()];
        let shown = if mode == "http" {
            &bind[..]
        } else {
            &bind[..2]
        };
        section(&mut text, "frontend fe", shown, &self.frontend);
        section(&mut text, "backend be", &[], &self.backend);
        if !self.backend.iter().any(|line| line.starts_with("server ")) {
            let _ = writeln!(text, "    server s ${{s}} {}", self.server.join(" "));
        }
        text
    }
}

fn section(text: &mut String, name: &str, common: &[&str], own: &[&str]) {
    let _ = writeln!(text, "{name}");
    for line in common.iter().chain(own) {
        let _ = writeln!(text, "    {line}");
    }
}
