//! A copy of the project, where files may be changed.

use std::path::Path;

use super::support::project;

/// The project's files.
pub fn copy_project(to: &Path) {
    let from = project();
    let all = walkdir::WalkDir::new(&from).min_depth(1).into_iter();
    // What a build by hand left is large and no part of the project.
    for entry in all.filter_entry(|e| e.file_name() != "target" && e.file_name() != ".git") {
        let entry = entry.unwrap();
        let path = to.join(entry.path().strip_prefix(&from).unwrap());
        if entry.file_type().is_file() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::copy(entry.path(), path).unwrap();
        }
    }
}
