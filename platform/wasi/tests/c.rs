//! The C of this folder on the host, with the address and undefined-behaviour
//! sanitizers: each `tests/c/NAME.c` with a `main` is a program of checks.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use wasrisc_translator::Compiler;

/// Beside the translator's contract.
const FLAGS: &[&str] = &[
    "-g",
    "-O1",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-fsanitize=address,undefined",
    "-fno-sanitize-recover=all",
];

fn sources(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder of sources");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == extension));
    paths.sort();
    assert!(!paths.is_empty(), "no .{extension} in {}", folder.display());
    paths
}

fn gcc(flags: &[&str], directory: &Path) -> Command {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut gcc = Command::new("gcc");
    gcc.args(Compiler::Gcc.contract()).args(FLAGS).args(flags).arg("-I").arg(folder);
    gcc.arg("-I").arg(folder.join("../include"));
    gcc.arg("-I").arg(folder.join("../../translator/runtime"));
    gcc.current_dir(directory);
    gcc
}

fn succeeds(mut command: Command) {
    let output = command.output().expect("gcc starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// WASI itself, compiled.
fn compile(name: &str, flags: &[&str]) -> PathBuf {
    let built = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    // What an earlier run left may be of files that are no more.
    let _ = std::fs::remove_dir_all(&built);
    std::fs::create_dir_all(&built).expect("a folder for objects");
    let mut command = gcc(flags, &built);
    command.arg("-c").args(sources(Path::new(env!("CARGO_MANIFEST_DIR")), "c"));
    succeeds(command);
    built
}

/// Links a program of WASI and these files of `tests/c`, runs it, and returns what
/// it printed.
fn run(name: &str, files: &[&str], flags: &[&str], wasi: &Path) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c");
    let built = tempfile::tempdir().expect("a temporary folder");
    let program = built.path().join(name);
    let mut command = gcc(flags, built.path());
    command.arg("-o").arg(&program).args(sources(wasi, "o"));
    command.args(files.iter().map(|file| folder.join(file)));
    succeeds(command);
    let output = Command::new(&program).output().expect("the test starts");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        printed.contains(" checks, 0 failed"),
        "{name}: {}\n{printed}{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    printed
}

fn wasi() -> &'static Path {
    static COMPILED: OnceLock<PathBuf> = OnceLock::new();
    COMPILED.get_or_init(|| compile("wasi", &[]))
}

/// A test with the image of `tests/c/image.S` as its file system.
fn check(name: &str) {
    run(name, &["machine.c", "image.S", &format!("{name}.c")], &[], wasi());
}

#[test]
fn streams() {
    let printed = run("streams", &["machine.c", "streams.c"], &[], wasi());
    assert!(printed.starts_with("exit 255\n"), "{printed}");
}

#[test]
fn files() {
    check("files");
}

#[test]
fn hostile() {
    check("hostile");
}

#[test]
fn heap() {
    check("heap");
}

#[test]
fn model() {
    check("model");
}

#[test]
fn model_with_little_memory() {
    let files = ["machine.c", "image.S", "model.c"];
    run("model", &files, &["-DHEAP_BYTES=100000"], wasi());
}

#[test]
fn trace() {
    let flags = ["-DWASRISC_TRACE_WASI"];
    run("trace", &["machine.c", "image.S", "trace.c"], &flags, &compile("wasi-trace", &flags));
}
