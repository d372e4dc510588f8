//! A copy of the project, where files may be changed.

use std::path::Path;

use super::support::project;

/// What a build of Go guests needs of the project.
pub fn copy_project(to: &Path) {
    for path in ["toolchains.lock", "guests", "platform/wasmtime/Cargo.lock"] {
        let target = to.join(path);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        let status = std::process::Command::new("cp")
            .arg("-r")
            .arg(project().join(path))
            .arg(&target)
            .status()
            .unwrap();
        assert!(status.success());
    }
}
