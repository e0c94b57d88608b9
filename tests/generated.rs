//! The files made from the vocabulary are those committed.
//!
//! `UPDATE=1 cargo test --test generated` writes them.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs;
use std::path::Path;
use tidegate::vocab::reference::generated;

#[test]
fn files_are_up_to_date() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let update = std::env::var_os("UPDATE").is_some();
    let mut stale = Vec::new();
    for (path, content) in generated::files() {
        let full = root.join(&path);
        if fs::read_to_string(&full).is_ok_and(|committed| committed == content) {
            continue;
        }
        if update {
            fs::create_dir_all(full.parent().unwrap()).unwrap();
            fs::write(&full, content).unwrap();
        } else {
            stale.push(path);
        }
    }
    assert!(
        stale.is_empty(),
        "out of date: {stale:?}; run UPDATE=1 cargo test --test generated"
    );
}

#[test]
fn no_page_is_left_over() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let names: Vec<String> = generated::files()
        .into_iter()
        .map(|(path, _)| path)
        .collect();
    for entry in fs::read_dir(root.join("docs/manual")).unwrap() {
        let name = entry.unwrap().file_name();
        let path = format!("docs/manual/{}", name.to_string_lossy());
        assert!(names.contains(&path), "nothing generates {path}: remove it");
    }
}
