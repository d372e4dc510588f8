//! The count of a program with one thread is the program's: neither where it
//! lies nor the shell that it is started from changes it.
//!
//! Uses the user's own cache, as the end-to-end tests do.

mod support;

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use support::{project, xtask};

/// The cell of `hello_world-rust` by such an `xtask`.
fn cell(mut command: Command, pipeline: &str) -> Value {
    command.args(["run", "--json", "hello_world-rust", "-p", pipeline]);
    let output = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {stderr}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{command:?}: {e}: {stderr}"))
}

/// A directory below `room` with a name of so many characters.
fn directory(room: &Path, length: usize) -> PathBuf {
    let path = room.join("d".repeat(length));
    std::fs::create_dir(&path).unwrap();
    path
}

/// Makes `to` the cache that `from` is, with this file of it as its own.
fn same_cache(from: &Path, to: &Path, own: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, copy) = (entry.path(), to.join(entry.file_name()));
        // Locks are held in place, a memo is written anew.
        match entry.file_name().to_str() {
            Some("locks" | "tmp" | "scratch") => {}
            _ if path == own || path.is_file() => drop(std::fs::copy(&path, copy).unwrap()),
            _ if own.starts_with(&path) => same_cache(&path, &copy, own),
            _ => symlink(path, copy).unwrap(),
        }
    }
}

/// `xtask` started by a shell with another limit of stacks.
fn with_stack(kib: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    let script = format!("ulimit -S -s {kib} && exec \"$0\" \"$@\"");
    command.current_dir(project()).args(["-c", &script, env!("CARGO_BIN_EXE_xtask")]);
    command
}

#[test]
fn one_elf_has_one_count() {
    let room = tempfile::tempdir().unwrap();
    for pipeline in ["direct", "wasmtime"] {
        let expected = cell(xtask(), pipeline);
        let link = project().join(expected["elf"]["path"].as_str().unwrap());
        let elf = link.canonicalize().unwrap();
        // CACHE/v1/steps/KE/KEY/FILE
        let cache = elf.ancestors().nth(5).unwrap();
        let check = |what: &str, command: Command| {
            let found = cell(command, pipeline);
            assert_eq!(found["elf"]["sha256"], expected["elf"]["sha256"], "{what}");
            assert_eq!(found["instructions"], expected["instructions"], "{pipeline}: {what}");
        };
        for length in [1, 60, 200] {
            let beside = directory(room.path(), length);
            let mut command = xtask();
            same_cache(cache, &beside.join("cache"), &elf);
            command.env("WASRISC_CACHE_DIR", beside.join("cache"));
            check(&format!("a cache {length} characters further down"), command);
            let mut command = xtask();
            command.env("TMPDIR", &beside);
            check(&format!("a TMPDIR {length} characters further down"), command);
            std::fs::remove_dir_all(beside).unwrap();
        }
        for kib in ["4096", "$(ulimit -H -s)"] {
            check(&format!("a stack of {kib}"), with_stack(kib));
        }
    }
}
