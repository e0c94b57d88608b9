//! Our own subcommands: `demo`, `check`, `explain-code`, `fmt`, `keywords`, `run`, `version`, `help`.

use super::args::VersionForm;
use super::console;
use super::demo::{self, DemoOptions};
use super::files;
use super::fmt;
use super::keywords;
use super::load::{LoadOptions, Loaded};
use super::plan;
use super::report::{self, Format};
use super::version;
use crate::diagnostics::policy::Policy;
use crate::diagnostics::{self, Page};
use crate::syntax::{Severity, closest};
use crate::version::TIDEGATE;
use crate::vocab::args::{TimeUnit, duration};
use clap::builder::PossibleValuesParser;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Whether the first argument is a subcommand, perhaps mistyped, rather than a flag of HAProxy's:
/// all of those start with a dash.
pub(super) fn is_command(first: &OsStr) -> bool {
    !first.as_encoded_bytes().starts_with(b"-")
}

/// Does what a subcommand says; `args` are the arguments after the program's name.
pub(super) fn dispatch(args: &[OsString]) -> ExitCode {
    let matches = match read(args) {
        Ok(matches) => matches,
        Err(error) if error.kind() == ErrorKind::DisplayVersion => {
            console::print(&version::text(VersionForm::Banner));
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::from(error.use_stderr()));
        }
    };
    match matches.subcommand() {
        Some(("check", matches)) => check(matches),
        Some(("demo", matches)) => demo::run(DemoOptions {
            port: matches.get_one("port").copied().unwrap_or(8080),
            lasts: matches.get_one("for").copied(),
            print_config: matches.get_flag("print-config"),
        }),
        Some(("fmt", matches)) => fmt::run(matches),
        Some(("explain-code", matches)) => explain_code(matches),
        Some(("keywords", matches)) => keywords::run(matches),
        Some(("version", _)) => {
            console::print(&version::text(VersionForm::Banner));
            ExitCode::SUCCESS
        }
        _ => super::haproxy_flags(args.get(1..).unwrap_or_default()),
    }
}

/// Reads the arguments after the program's name; an error says what may have been meant.
fn read(args: &[OsString]) -> Result<ArgMatches, clap::Error> {
    let program = OsString::from("tidegate");
    let mut command = command();
    let matches = command.try_get_matches_from_mut(std::iter::once(&program).chain(args));
    matches.map_err(|mut error| {
        let first = args
            .first()
            .map_or("".into(), |first| first.to_string_lossy());
        if let Some(tip) = tip(&error, &command, &first) {
            let tips = ContextValue::StyledStrs(vec![tip.into()]);
            error.insert(ContextKind::Suggested, tips);
        }
        error
    })
}

/// What may have been meant instead of a subcommand, or an argument of one.
fn tip(error: &clap::Error, command: &Command, first: &str) -> Option<String> {
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let names = command.get_subcommands().map(Command::get_name);
            let help = "'tidegate help' lists the commands";
            Some(match closest(first, names) {
                Some(near) => format!("did you mean '{near}'?"),
                None if Path::new(first).exists() || first.ends_with(".cfg") => format!(
                    "'tidegate check {first}' checks a file, 'tidegate -f {first}' serves it"
                ),
                None => help.to_owned(),
            })
        }
        ErrorKind::UnknownArgument => {
            let Some(ContextValue::String(given)) = error.get(ContextKind::InvalidArg) else {
                return None;
            };
            let own = command.find_subcommand(first)?.get_arguments();
            let flags: Vec<String> = own
                .filter_map(|arg| Some(format!("--{}", arg.get_long()?)))
                .collect();
            let near = closest(given, flags.iter().map(String::as_str))?;
            Some(format!("did you mean '{near}'?"))
        }
        _ => None,
    }
}

/// A time as configurations write it.
fn demo_time(text: &str) -> Result<u64, String> {
    let time = duration(text, TimeUnit::Millis)
        .ok()
        .filter(|time| *time > 0);
    time.ok_or_else(|| "write a number and a unit, such as 60s".to_owned())
}

fn command() -> Command {
    Command::new("tidegate")
        .about("A reverse proxy and load balancer configured in HAProxy's language.")
        .after_help("HAProxy's own flags work too: 'tidegate -f haproxy.cfg', 'tidegate -h'.")
        .subcommand_required(true)
        // `-V` is HAProxy's, and means something else.
        .disable_version_flag(true)
        .version(TIDEGATE)
        .propagate_version(true)
        .arg(
            Arg::new("version")
                .long("version")
                .help("Show the version")
                .global(true)
                .action(ArgAction::Version),
        )
        .subcommand(demo_command())
        .subcommand(check_command())
        .subcommand(
            Command::new("explain-code")
                .about("Say what a code means, with an example; without one, list the codes")
                .arg(Arg::new("code").value_name("CODE").value_parser(code)),
        )
        .subcommand(
            Command::new("run")
                .about("Serve a configuration; takes HAProxy's flags")
                .disable_help_flag(true)
                .arg(
                    Arg::new("flags")
                        .value_name("FLAGS")
                        .num_args(0..)
                        .allow_hyphen_values(true)
                        .trailing_var_arg(true)
                        .value_parser(value_parser!(OsString)),
                ),
        )
        .subcommand(fmt::command())
        .subcommand(keywords::command())
        .subcommand(Command::new("version").about("Show the version"))
}

fn demo_command() -> Command {
    Command::new("demo")
        .about("Serve an example with its own origins and load, and watch its protections")
        .arg(
            Arg::new("for")
                .long("for")
                .value_name("TIME")
                .help("Stop after a while, such as 60s, with a summary")
                .value_parser(demo_time),
        )
        .arg(
            Arg::new("print-config")
                .long("print-config")
                .help("Print the configuration it serves")
                .action(ArgAction::SetTrue),
        )
        .arg(
            Arg::new("port")
                .long("port")
                .value_name("N")
                .help("Port to listen on; 0 takes any free one")
                .default_value("8080")
                .value_parser(value_parser!(u16)),
        )
}

fn check_command() -> Command {
    Command::new("check")
        .about("Report everything that is wrong with a configuration")
        .arg(
            Arg::new("files")
                .short('f')
                .value_name("FILE")
                .help("A file, or a directory of *.cfg files; repeatable")
                .required_unless_present_any(["plan", "more"])
                .action(ArgAction::Append)
                .value_parser(value_parser!(PathBuf)),
        )
        .arg(
            Arg::new("more")
                .value_name("FILE")
                .help("The same without '-f', after those with it")
                .num_args(0..)
                .value_parser(value_parser!(PathBuf)),
        )
        .arg(
            Arg::new("plan")
                .long("plan")
                .value_names(["OLD", "NEW"])
                .num_args(2)
                .conflicts_with_all(["files", "more"])
                .help("Say what a reload from one configuration to another changes")
                .value_parser(value_parser!(PathBuf)),
        )
        .arg(
            Arg::new("allow-unsupported")
                .long("allow-unsupported")
                .help("Words that are not supported yet are warnings")
                .action(ArgAction::SetTrue),
        )
        .arg(
            Arg::new("format")
                .long("format")
                .help("With the lines at fault, one line per finding, or for programs")
                .default_value("human")
                .value_parser(PossibleValuesParser::new([
                    "human", "short", "json", "sarif",
                ])),
        )
        .arg(
            Arg::new("offline")
                .long("offline")
                .help("Look no host name up; each is taken to have an address")
                .action(ArgAction::SetTrue),
        )
        .arg(
            Arg::new("deny-warnings")
                .long("deny-warnings")
                .help("Warnings and lints are errors; -dW does the same")
                .action(ArgAction::SetTrue),
        )
        .arg(
            Arg::new("diagnose")
                .short('d')
                .hide(true)
                .action(ArgAction::Append)
                .value_parser(PossibleValuesParser::new(["W"])),
        )
        .arg(codes_arg("allow", "Do not show this warning; repeatable"))
        .arg(codes_arg("deny", "This warning is an error; repeatable"))
        .arg(
            Arg::new("verbose")
                .short('v')
                .help("Show notes too, such as words without effect here")
                .action(ArgAction::Count),
        )
        .arg(
            Arg::new("quiet")
                .short('q')
                .help("Print nothing; the exit status is 0 if there is no error, else 1")
                .action(ArgAction::SetTrue),
        )
        .arg(
            Arg::new("peer")
                .short('L')
                .value_name("NAME")
                .help("This peer's name in 'peers' sections; the machine's unless given"),
        )
        .arg(of_haproxy("as-haproxy-c", 'c'))
        .arg(of_haproxy("as-haproxy-V", 'V'))
}

/// A flag of `haproxy -c -V` that says what `check` does anyway.
fn of_haproxy(name: &'static str, flag: char) -> Arg {
    Arg::new(name)
        .short(flag)
        .hide(true)
        .action(ArgAction::SetTrue)
}

/// Below the verdict when there are errors; see `lint::run`.
const LINTS_WAIT: &str = "What is unused or never set is looked for once there are no errors\n";

fn codes_arg(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .value_name("CODE")
        .help(help)
        .action(ArgAction::Append)
        .value_parser(code)
}

/// A code that exists.
fn code(text: &str) -> Result<&'static Page, String> {
    diagnostics::find(text).ok_or_else(|| match diagnostics::nearest(text) {
        Some(near) => format!("no such code; did you mean '{near}'?"),
        None => "no such code; 'tidegate explain-code' lists them".to_owned(),
    })
}

fn explain_code(matches: &ArgMatches) -> ExitCode {
    match matches.get_one::<&Page>("code") {
        Some(page) => console::print(&diagnostics::explain(page)),
        None => console::print(&diagnostics::list()),
    }
    ExitCode::SUCCESS
}

fn policy(matches: &ArgMatches) -> Policy {
    let codes = |name| {
        let pages = matches.get_many::<&Page>(name).into_iter().flatten();
        pages.map(|page| page.code).collect()
    };
    Policy {
        allow: codes("allow"),
        deny: codes("deny"),
        deny_warnings: matches.get_flag("deny-warnings") || matches.contains_id("diagnose"),
        linted: false,
    }
}

/// `check --plan`: both must be valid.
fn plan(paths: &[PathBuf], options: &LoadOptions) -> ExitCode {
    let mut configs = Vec::new();
    for path in paths {
        let mut loaded = Loaded::default();
        files::read_all(std::slice::from_ref(path), &mut loaded);
        loaded.build(options);
        let color = console::colored(&io::stdout());
        console::print(&report::text(
            &loaded,
            Severity::Error,
            Format::Human,
            color,
        ));
        let has_errors = loaded.diags.has_errors();
        configs.extend(loaded.config.filter(|_| !has_errors));
    }
    let [old, new] = configs.as_slice() else {
        return ExitCode::FAILURE;
    };
    let changes = plan::text(old, new);
    console::print(match changes.as_str() {
        "" => "Nothing that outlives a configuration changes\n",
        changes => changes,
    });
    ExitCode::SUCCESS
}

fn check(matches: &ArgMatches) -> ExitCode {
    let files = |name| matches.get_many(name).into_iter().flatten().cloned();
    let paths: Vec<PathBuf> = files("files").chain(files("more")).collect();
    let options = LoadOptions {
        allow_unsupported: matches.get_flag("allow-unsupported"),
        offline: matches.get_flag("offline"),
        lint: true,
        policy: policy(matches),
        peer: matches.get_one("peer").cloned(),
        ..LoadOptions::default()
    };
    if let Some(paths) = matches.get_many("plan") {
        let paths: Vec<PathBuf> = paths.cloned().collect();
        return plan(&paths, &options);
    }
    let mut loaded = Loaded::default();
    files::read_all(&paths, &mut loaded);
    loaded.build(&options);
    let format = match matches.get_one::<String>("format").map(String::as_str) {
        Some("short") => Format::Short,
        Some("json") => Format::Json,
        Some("sarif") => Format::Sarif,
        _ => Format::Human,
    };
    let errors = loaded.count(Severity::Error);
    let code = ExitCode::from(u8::from(errors > 0));
    if matches.get_flag("quiet") {
        return code;
    }
    let least = if matches.get_count("verbose") > 0 {
        Severity::Note
    } else {
        Severity::Lint
    };
    let color = console::colored(&io::stdout());
    console::print(&report::text(&loaded, least, format, color));
    let warnings = loaded.count(Severity::Warning) + loaded.count(Severity::Lint);
    if format == Format::Human {
        let verdict = if errors == 0 { "valid" } else { "not valid" };
        console::print(&format!(
            "Configuration file is {verdict}: {errors} error(s), {warnings} warning(s)\n"
        ));
        if loaded.config.is_none() {
            console::print(LINTS_WAIT);
        }
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn accepted(line: &str, expected: bool) {
        let seen = command().try_get_matches_from(line.split_whitespace());
        assert_eq!(seen.is_ok(), expected, "{line}: {seen:?}");
    }

    #[test]
    fn the_description_of_the_commands_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn command_lines() {
        accepted(
            "tidegate check -f a -f b --allow-unsupported --format short -v",
            true,
        );
        accepted("tidegate check", false);
        accepted("tidegate check a", true);
        accepted("tidegate check -q -f a b c -L here", true);
        accepted("tidegate check -c -V -vv -f a", true);
        accepted("tidegate check --plan a b c", false);
        accepted("tidegate check --plan a b", true);
        accepted("tidegate check --plan a", false);
        accepted("tidegate check --plan a b -f c", false);
        accepted("tidegate check -f a --format xml", false);
        accepted("tidegate check -f a --offline -dW --deny tg0201", true);
        accepted("tidegate check -f a --allow TG0220 --allow TG0218", true);
        accepted("tidegate check -f a --allow TG9999", false);
        accepted("tidegate check -f a -dX", false);
        accepted("tidegate explain-code", true);
        accepted("tidegate explain-code TG0101", true);
        accepted("tidegate explain-code TG0101 TG0102", false);
        accepted("tidegate demo --port 0", true);
        accepted("tidegate demo --port 70000", false);
        accepted("tidegate run -f a -db -dM -sf 1 2 -- b", true);
        accepted("tidegate fmt", true);
        accepted("tidegate fmt --check a b", true);
        accepted(
            "tidegate keywords --status not-yet --class fetch --format json",
            true,
        );
        accepted("tidegate keywords --class nonsense", false);
        accepted("tidegate version", true);
        accepted("tidegate", false);
    }

    #[test]
    fn mistakes_are_met_with_what_was_meant() {
        let check = |line: &str, expected: &str| {
            let args: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
            let shown = read(&args).expect_err(line).to_string();
            assert!(shown.contains(expected), "{line}: {shown}");
        };
        check("chek", "tip: did you mean 'check'?");
        check("web.cfg", "tip: 'tidegate check web.cfg' checks a file");
        check("frobnicate", "tip: 'tidegate help' lists the commands");
        check("check --offlin -f a", "tip: did you mean '--offline'?");
        check("check", "-f <FILE>");
    }

    #[test]
    fn subcommands_are_told_from_flags() {
        for name in [
            "demo",
            "check",
            "explain-code",
            "fmt",
            "keywords",
            "run",
            "version",
            "help",
            "chekc",
        ] {
            assert!(is_command(OsStr::new(name)), "{name}");
        }
        for word in ["-f", "-vv", "--"] {
            assert!(!is_command(OsStr::new(word)), "{word}");
        }
    }
}
