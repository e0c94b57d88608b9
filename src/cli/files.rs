//! From `-f` arguments to texts.

use super::codes;
use super::console::cause;
use super::load::Loaded;
use crate::syntax::Diagnostic;
use std::fs;
use std::io::{self, ErrorKind, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Largest file read, in bytes: above what the parser takes, so that its error names the place.
pub(super) const LARGEST: u64 = 128 << 20;

/// Reads every file, and every `*.cfg` of every directory in lexical order. What can't be read is
/// reported and skipped, so that the other files' errors are reported too.
pub(super) fn read_all(paths: &[PathBuf], loaded: &mut Loaded) {
    if paths.is_empty() {
        loaded.diags.push(
            Diagnostic::error(codes::NO_FILE, "no configuration file given")
                .help("name one with '-f <file>'; 'tidegate demo' needs none"),
        );
    }
    for path in paths {
        if let Err(error) = read_path(path, loaded) {
            let what = "cannot open configuration file/directory";
            loaded.diags.push(unreadable(what, path, &error));
        }
    }
    if loaded.is_empty() && !loaded.diags.has_errors() {
        let found_none = Diagnostic::error(codes::NO_FILE, "no configuration file found");
        loaded.diags.push(found_none);
    }
}

/// The files a path stands for: itself, or the `*.cfg` files of a directory.
pub(super) fn of(path: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::metadata(path)?.is_dir() {
        true => configuration_files(path),
        false => Ok(vec![path.to_owned()]),
    }
}

fn read_path(path: &Path, loaded: &mut Loaded) -> io::Result<()> {
    if !fs::metadata(path)?.is_dir() {
        return read_file(path, loaded);
    }
    let files = configuration_files(path)?;
    if files.is_empty() {
        let message = format!("directory '{}' has no *.cfg file", path.display());
        loaded.diags.push(
            Diagnostic::warning(codes::EMPTY_DIRECTORY, message)
                .help("only regular files whose name ends in '.cfg' and starts with no dot count"),
        );
    }
    for file in files {
        if let Err(error) = read_file(&file, loaded) {
            let what = "cannot open configuration file";
            loaded.diags.push(unreadable(what, &file, &error));
        }
    }
    Ok(())
}

/// The regular `*.cfg` files of a directory, hidden ones left out, in lexical order of bytes.
fn configuration_files(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.as_bytes();
        let counts = name.ends_with(b".cfg") && !name.starts_with(b".");
        if counts && fs::metadata(entry.path()).is_ok_and(|m| m.is_file()) {
            files.push(entry.path());
        }
    }
    files.sort_by(|a, b| a.as_os_str().as_bytes().cmp(b.as_os_str().as_bytes()));
    Ok(files)
}

fn read_file(path: &Path, loaded: &mut Loaded) -> io::Result<()> {
    loaded.add(path.display().to_string(), read(path)?);
    Ok(())
}

/// The bytes of a file, which may be a pipe; `/dev/zero` ends at the limit too.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    bounded(fs::File::open(path)?, LARGEST)
}

/// All that comes from `from`, an error if it is more than `limit` bytes.
pub(super) fn bounded(from: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > limit {
        true => Err(ErrorKind::FileTooLarge.into()),
        false => Ok(bytes),
    }
}

fn unreadable(what: &str, path: &Path, error: &io::Error) -> Diagnostic {
    let message = format!("{what} {} : {}", path.display(), cause(error));
    let diagnostic = Diagnostic::error(codes::UNREADABLE_FILE, message);
    match error.kind() {
        ErrorKind::NotFound => diagnostic.help("check the path given with '-f'"),
        ErrorKind::PermissionDenied => {
            diagnostic.help("make it readable for the user that starts tidegate")
        }
        _ => diagnostic,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes files (`name` ending in `/` is a directory), reads `paths` below the same place, and
    /// returns the names read and the codes reported.
    fn read(files: &[&str], paths: &[&str]) -> (Vec<String>, Vec<&'static str>) {
        let root = tempfile::tempdir().unwrap();
        for file in files {
            let path = root.path().join(file);
            if file.ends_with('/') {
                fs::create_dir_all(path).unwrap();
            } else {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, "global\n").unwrap();
            }
        }
        let paths: Vec<_> = paths.iter().map(|p| root.path().join(p)).collect();
        let mut loaded = Loaded::default();
        read_all(&paths, &mut loaded);
        let below = |name: &str| {
            let path = Path::new(name).strip_prefix(root.path()).unwrap();
            path.display().to_string()
        };
        let names = loaded.names().map(below).collect();
        (names, loaded.diags.iter().map(|d| d.code.0).collect())
    }

    #[track_caller]
    fn check(files: &[&str], paths: &[&str], names: &[&str], codes: &[&str]) {
        let (seen_names, seen_codes) = read(files, paths);
        assert_eq!(seen_names, names);
        assert_eq!(seen_codes, codes);
    }

    #[test]
    fn directories_are_read_in_lexical_order() {
        let files = ["d/10.cfg", "d/2.cfg", "d/a.txt", "d/.h.cfg", "d/x.cfg/"];
        check(&files, &["d"], &["d/10.cfg", "d/2.cfg"], &[]);
        check(&["a", "d/b.cfg"], &["d", "a"], &["d/b.cfg", "a"], &[]);
    }

    #[test]
    fn what_cannot_be_read_is_reported_and_skipped() {
        check(&["a"], &["missing", "a"], &["a"], &["TG0902"]);
        check(&["d/", "a"], &["d", "a"], &["a"], &["TG0903"]);
        check(&["d/"], &["d"], &[], &["TG0903", "TG0901"]);
        check(&[], &[], &[], &["TG0901"]);
    }

    #[test]
    fn what_does_not_end_is_read_up_to_the_limit() {
        assert_eq!(bounded(&b"abc"[..], 3).unwrap(), b"abc");
        let error = bounded(io::repeat(0), 1000).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::FileTooLarge);
    }
}
