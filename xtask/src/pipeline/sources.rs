//! C of the project as inputs of steps: what is linked with guests.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::graph::step::Step;

/// What it is compiled at: a guest compiled at -O0 is for quick builds, not for a
/// slow runtime.
pub const LEVEL: &str = "-O2";

/// Lets a step include the headers of folders, which are inputs of it.
pub fn headers(root: &Path, folders: &[&str], mut step: Step) -> Result<Step> {
    for folder in folders {
        for header in files(root, folder, &["h"])? {
            step = step.file(&header.to_string_lossy(), &header);
        }
        step = step.args([format!("-I{{root}}/{folder}")]);
    }
    Ok(step)
}

/// The files of a folder of the project with one of these extensions, sorted,
/// relative to the project. What is in folders below is something else: tests.
pub fn files(root: &Path, folder: &str, extensions: &[&str]) -> Result<Vec<PathBuf>> {
    let directory = root.join(folder);
    let failed = || format!("cannot read {folder}");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).with_context(failed)? {
        let name = PathBuf::from(entry.with_context(failed)?.file_name());
        let extension = name.extension().unwrap_or_default().to_string_lossy();
        if extensions.contains(&&*extension) {
            files.push(Path::new(folder).join(name));
        }
    }
    files.sort();
    Ok(files)
}
