//! States of servers as `show servers state` prints them, read back (management guide, 9.3; version 1).
//!
//! Nothing of a file is believed without a look: what is wrong with a line is told, and then nothing
//! of it is taken over. Deliberately absent: files, and what becomes of the servers.

use super::status::CheckStatus;
use crate::backend::{Admin, Operation};
use std::fmt::Write;
use std::net::IpAddr;
use std::str::FromStr;

/// Fields of a line: so many there must be, and may be.
const FIELDS: std::ops::RangeInclusive<usize> = 20..=25;
/// Greatest weight.
const MOST_WEIGHT: u32 = 256;
/// Flags of checks: in progress, configured, enabled, paused, of an agent.
const CHECK_FLAGS: u8 = 0x1f;
/// HAProxy's flag of a server whose name was changed by a command.
const MOVED_NAME: u32 = 0x40;
const CONFIGURED: u8 = 2;
const ENABLED: u8 = 4;

/// Why a file as a whole says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadFile {
    /// It is empty.
    Empty,
    /// Its first line is not a version that is known.
    Version,
    /// This line, counted from 1 after the version, is not one of a server.
    Line(usize),
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedLine {
    /// The backend's numeric id.
    pub backend_id: String,
    /// The backend's name.
    pub backend: String,
    /// Whether that id was written in the configuration.
    pub forced_id: bool,
    /// The server's name.
    pub server: String,
    /// Its state, or what is wrong with the line.
    pub state: Result<Saved, String>,
}

/// The state of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// Where it was.
    pub ip: Option<IpAddr>,
    /// Its port; 0 if it has none of its own.
    pub port: u16,
    /// Operational state.
    pub operation: Operation,
    /// Administrative state, without what is inherited or a matter of resolution.
    pub admin: Admin,
    /// Weight as it was set last.
    pub weight: u32,
    /// Weight as it was configured.
    pub initial_weight: u32,
    /// Seconds since the operational state changed.
    pub unchanged_s: u64,
    /// How the last check ended.
    pub status: CheckStatus,
    /// The counter of the checks.
    pub level: u32,
    /// `disable health`.
    pub check_disabled: bool,
    /// `disable agent`.
    pub agent_disabled: bool,
    /// Where its checks went, or what is wrong with that.
    pub check_target: Result<SavedTarget, String>,
    /// Where its agent was asked, or what is wrong with that.
    pub agent_target: Result<SavedTarget, String>,
}

/// Where a check goes, as far as not to the server itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SavedTarget {
    /// The address.
    pub ip: Option<IpAddr>,
    /// The port.
    pub port: Option<u16>,
}

impl SavedTarget {
    fn read(addr: Option<&&str>, port: Option<&&str>) -> Result<Self, String> {
        let (addr, port) = (
            addr.filter(|text| **text != "-"),
            port.filter(|text| **text != "0"),
        );
        let ip = addr.map(|text| text.parse().map_err(|_| format!("invalid addr '{text}'")));
        let port = port.map(|text| {
            let number: i64 = text
                .parse()
                .map_err(|_| "provided port is not an integer")?;
            u16::try_from(number).map_err(|_| "provided port is invalid")
        });
        Ok(Self {
            ip: ip.transpose()?,
            port: port.transpose()?,
        })
    }

    /// Whether it is the server itself.
    pub fn is_default(self) -> bool {
        self == Self::default()
    }
}

/// Reads a file.
///
/// # Errors
/// When it says nothing as a whole.
pub fn read_saved(text: &str) -> Result<Vec<SavedLine>, BadFile> {
    let mut lines = text.split_inclusive('\n');
    let version = lines.next().ok_or(BadFile::Empty)?;
    if version.trim_start() != "1\n" {
        return Err(BadFile::Version);
    }
    let mut found = Vec::new();
    for (number, line) in (1..).zip(lines) {
        let whole = line.strip_suffix('\n').ok_or(BadFile::Line(number))?;
        let fields: Vec<&str> = whole.split([' ', '\t']).filter(|f| !f.is_empty()).collect();
        match fields.first() {
            None => continue,
            Some(first) if first.starts_with('#') => continue,
            Some(_) if !FIELDS.contains(&fields.len()) => return Err(BadFile::Line(number)),
            Some(_) => found.extend(line_of(&fields)),
        }
    }
    Ok(found)
}

fn line_of(fields: &[&str]) -> Option<SavedLine> {
    let [backend_id, backend, _, server, state @ ..] = fields else {
        return None;
    };
    Some(SavedLine {
        backend_id: (*backend_id).to_owned(),
        backend: (*backend).to_owned(),
        forced_id: state.get(11) == Some(&"1"),
        server: (*server).to_owned(),
        state: Fields::of(state).saved(),
    })
}

/// The fields of a line after names, and what is wrong with them so far.
struct Fields<'a> {
    fields: &'a [&'a str],
    wrong: String,
}

impl<'a> Fields<'a> {
    fn of(fields: &'a [&'a str]) -> Self {
        Self {
            fields,
            wrong: String::new(),
        }
    }

    /// A number that `accept` makes something of.
    fn number<N: FromStr, T>(
        &mut self,
        at: usize,
        name: &str,
        accept: impl FnOnce(N) -> Option<T>,
    ) -> Option<T> {
        let text = self.fields.get(at).copied().unwrap_or_default();
        let found = text.parse().ok().and_then(accept);
        if found.is_none() {
            let _ = write!(self.wrong, ", invalid {name} value '{text}'");
        }
        found
    }

    fn saved(mut self) -> Result<Saved, String> {
        let weight = |weight: u32| (weight <= MOST_WEIGHT).then_some(weight);
        let flags = |flags: u8| {
            let disabled = flags & (CONFIGURED | ENABLED) == CONFIGURED;
            (flags & !CHECK_FLAGS == 0).then_some(disabled)
        };
        let bit = |bit: u8| (bit <= 1).then_some(());
        let operation = self.number(1, "srv_op_state", operation);
        let admin = self.number(2, "srv_admin_state", admin);
        let current = self.number(3, "srv_uweight", weight);
        let initial = self.number(4, "srv_iweight", weight);
        let unchanged_s = self.number(5, "srv_last_time_change", Some);
        let status = self.number(6, "srv_check_status", CheckStatus::numbered);
        self.number(7, "srv_check_result", |result: u8| {
            (result <= 4).then_some(())
        });
        let level = self.number(8, "srv_check_health", Some);
        let check_disabled = self.number(9, "srv_check_state", flags);
        let agent_disabled = self.number(10, "srv_agent_state", flags);
        self.number(11, "bk_f_forced_id", bit);
        self.number(12, "srv_f_forced_id", bit);
        let port = self.number(14, "srv_port", Some);
        let ip = self.fields.first().and_then(|text| text.parse().ok());
        let target = |addr, port| SavedTarget::read(self.fields.get(addr), self.fields.get(port));
        let (check_target, agent_target) = (target(18, 17), target(19, 20));
        let wrong = std::mem::take(&mut self.wrong);
        let saved = || {
            Some(Saved {
                ip,
                port: port?,
                operation: operation?,
                admin: admin?,
                weight: current?,
                initial_weight: initial?,
                unchanged_s: unchanged_s?,
                status: status?,
                level: level?,
                check_disabled: check_disabled?,
                agent_disabled: agent_disabled?,
                check_target,
                agent_target,
            })
        };
        saved().filter(|_| wrong.is_empty()).ok_or(wrong)
    }
}

fn operation(number: u8) -> Option<Operation> {
    Some(match number {
        0 => Operation::Stopped,
        1 => Operation::Starting,
        2 => Operation::Running,
        3 => Operation::Stopping,
        _ => return None,
    })
}

/// Flags of administration, of which inherited ones come anew.
fn admin(bits: u32) -> Option<Admin> {
    const PASSING: Admin = Admin(
        Admin::INHERITED_DRAIN.0 | Admin::INHERITED_MAINT.0 | Admin::UNRESOLVED.0 | MOVED_NAME,
    );
    let admin = Admin(bits) & !PASSING;
    let known = [
        Admin::READY,
        Admin::FORCED_MAINT,
        Admin::CONFIGURED_MAINT,
        Admin::CONFIGURED_MAINT | Admin::FORCED_MAINT,
        Admin::CONFIGURED_MAINT | Admin::FORCED_DRAIN,
        Admin::FORCED_DRAIN,
    ];
    known.contains(&admin).then_some(admin)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "4 be 1 s 10.0.0.1 2 0 5 10 33 15 3 4 6 0 0 0 - 80 - 0 0 - - 0";

    fn file(lines: &str) -> String {
        format!("1\n# be_id be_name srv_id srv_name\n{lines}\n")
    }

    #[test]
    fn lines_are_read() {
        let lines = read_saved(&file(GOOD)).unwrap();
        let expected = SavedLine {
            backend_id: "4".into(),
            backend: "be".into(),
            forced_id: false,
            server: "s".into(),
            state: Ok(Saved {
                ip: Some([10, 0, 0, 1].into()),
                port: 80,
                operation: Operation::Running,
                admin: Admin::READY,
                weight: 5,
                initial_weight: 10,
                unchanged_s: 33,
                status: CheckStatus::L7Ok,
                level: 4,
                check_disabled: false,
                agent_disabled: false,
                check_target: Ok(SavedTarget::default()),
                agent_target: Ok(SavedTarget::default()),
            }),
        };
        assert_eq!(lines, [expected]);
    }

    #[test]
    fn targets_of_checks_are_read() {
        let check =
            |fields: &str, check: Result<(&str, u16), &str>, agent: Result<(&str, u16), &str>| {
                let target = |expected: Result<(&str, u16), &str>| {
                    let (ip, port) = expected.map_err(str::to_owned)?;
                    let (ip, port) = (ip.parse().ok(), Some(port).filter(|port| *port > 0));
                    Ok(SavedTarget { ip, port })
                };
                let line = GOOD.replace("0 - - 0", fields);
                let state = read_saved(&file(&line)).unwrap().remove(0).state.unwrap();
                assert_eq!(state.check_target, target(check), "{fields}");
                assert_eq!(state.agent_target, target(agent), "{fields}");
            };
        check("81 10.0.0.2 - 0", Ok(("10.0.0.2", 81)), Ok(("", 0)));
        check("0 - ::1 82", Ok(("", 0)), Ok(("::1", 82)));
        check("81", Ok(("", 81)), Ok(("", 0)));
        check(
            "x - y 0",
            Err("provided port is not an integer"),
            Err("invalid addr 'y'"),
        );
        check(
            "65536 - - -1",
            Err("provided port is invalid"),
            Err("provided port is invalid"),
        );
    }

    #[test]
    fn wrong_files_are_told_apart() {
        let check = |text: &str, expected| assert_eq!(read_saved(text), Err(expected), "{text:?}");
        check("", BadFile::Empty);
        check("\n", BadFile::Version);
        check("2\n", BadFile::Version);
        check("1", BadFile::Version);
        check("1 \n", BadFile::Version);
        check("1\n# x\n4 be 1\n", BadFile::Line(2));
        check(&format!("1\n{GOOD}"), BadFile::Line(1));
        check(&file(&format!("{GOOD} more")), BadFile::Line(2));
        assert_eq!(read_saved("1\n\n  \n# x\n"), Ok(Vec::new()));
    }

    #[test]
    fn wrong_fields_are_named() {
        let check = |at: usize, text: &str, expected: &str| {
            let mut fields: Vec<&str> = GOOD.split(' ').collect();
            fields[at] = text;
            let lines = read_saved(&file(&fields.join(" "))).unwrap();
            let found = lines[0].state.as_ref().err().map_or("", |wrong| wrong);
            assert_eq!(found, expected);
        };
        check(5, "4", ", invalid srv_op_state value '4'");
        check(6, "8", "");
        check(6, "33", "");
        check(6, "9", ", invalid srv_admin_state value '9'");
        check(7, "257", ", invalid srv_uweight value '257'");
        check(8, "-1", ", invalid srv_iweight value '-1'");
        check(9, "x", ", invalid srv_last_time_change value 'x'");
        check(10, "99", ", invalid srv_check_status value '99'");
        check(11, "5", ", invalid srv_check_result value '5'");
        check(12, "x", ", invalid srv_check_health value 'x'");
        check(13, "64", ", invalid srv_check_state value '64'");
        check(14, "99999", ", invalid srv_agent_state value '99999'");
        check(15, "2", ", invalid bk_f_forced_id value '2'");
        check(18, "65536", ", invalid srv_port value '65536'");
    }
}
