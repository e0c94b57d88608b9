//! `tidegate fmt`: canonical layout of files, or of what comes in.

use super::console::{Console, cause, print};
use super::files;
use crate::syntax;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The subcommand.
pub(super) fn command() -> Command {
    Command::new("fmt")
        .about("Write configurations in canonical layout; their meaning stays")
        .arg(
            Arg::new("check")
                .long("check")
                .help("Write nothing; list the files that are laid out otherwise, and exit with 1")
                .action(ArgAction::SetTrue),
        )
        .arg(
            Arg::new("all")
                .long("all")
                .help("Rewrite every *.cfg file of the directories named, and list those changed")
                .conflicts_with("check")
                .action(ArgAction::SetTrue),
        )
        .arg(
            Arg::new("files")
                .value_name("FILES")
                .help("Files; with --check or --all also directories; without any, stdin goes to stdout")
                .num_args(0..)
                .value_parser(value_parser!(PathBuf)),
        )
}

/// Formats what was asked for.
pub(super) fn run(matches: &ArgMatches) -> ExitCode {
    let (check, all) = (matches.get_flag("check"), matches.get_flag("all"));
    let paths: Vec<PathBuf> = matches
        .get_many("files")
        .map(|files| files.cloned().collect())
        .unwrap_or_default();
    let mut good = true;
    if paths.is_empty() {
        good = stdin(check).unwrap_or_else(|error| failed("stdin", &error));
    }
    for path in &paths {
        if path.is_dir() && !check && !all {
            good = refused(path);
            continue;
        }
        for file in files::of(path).unwrap_or_else(|error| {
            good &= failed(&path.display().to_string(), &error);
            Vec::new()
        }) {
            let done = one(&file, check, all);
            good &= done.unwrap_or_else(|error| failed(&file.display().to_string(), &error));
        }
    }
    ExitCode::from(u8::from(!good))
}

/// A directory may hold more than was thought of.
fn refused(directory: &Path) -> bool {
    Console { quiet: false }.alert(&format!(
        "{} is a directory: name its files, or say --check to list those laid out otherwise, or --all to rewrite every *.cfg in it",
        directory.display()
    ));
    false
}

fn failed(what: &str, error: &io::Error) -> bool {
    Console { quiet: false }.alert(&format!("{what}: {}", cause(error)));
    false
}

/// Whether `check` found nothing to complain about.
fn stdin(check: bool) -> io::Result<bool> {
    let text = files::bounded(io::stdin().lock(), files::LARGEST)?;
    let formatted = syntax::fmt(&text);
    if check {
        return Ok(report(formatted == text, "<stdin>"));
    }
    let mut stdout = io::stdout().lock();
    stdout.write_all(&formatted)?;
    stdout.flush()?;
    Ok(true)
}

fn one(path: &Path, check: bool, list: bool) -> io::Result<bool> {
    let text = files::read(path)?;
    let formatted = syntax::fmt(&text);
    let (same, name) = (formatted == text, path.display().to_string());
    if check {
        return Ok(report(same, &name));
    }
    if !same {
        replace(&fs::canonicalize(path)?, &formatted)?;
    }
    report(same || !list, &name);
    Ok(true)
}

/// Puts another text in a file's place at once: whoever reads it, or is interrupted, has the one or
/// the other.
fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".fmt");
    let beside = path.with_file_name(name);
    let written = || {
        let mut file = File::create(&beside)?;
        file.set_permissions(fs::metadata(path)?.permissions())?;
        file.write_all(text)?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    written().inspect_err(|_| {
        // It may never have been made.
        let _ = fs::remove_file(&beside);
    })
}

fn report(same: bool, name: &str) -> bool {
    if !same {
        print(&format!("{name}\n"));
    }
    same
}
