//! Modules through the whole path on this machine: precompiled, linked with the
//! x86-64 runtime, run.

mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// What the runtime calls for custom imports.
const IMPORTS: [&str; 3] = ["example.c", "keccak256.c", "sha256.c"];

/// Makes objects of [`IMPORTS`].
fn compile_imports(directory: &Path) {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../imports");
    let compiled = Command::new("gcc")
        .current_dir(directory)
        .args(["-O2", "-ffunction-sections", "-c"])
        .args(IMPORTS.map(|file| sources.join(file)))
        .status();
    assert!(compiled.unwrap().success());
}

/// A module of this text, linked in `directory` and run with an empty input.
fn run(precompiler: &Path, runtime: &Path, directory: &Path, text: &str) -> Output {
    let wasm = directory.join("module.wasm");
    fs::write(&wasm, wat::parse_str(text).unwrap()).unwrap();
    let precompiled = Command::new(precompiler)
        .args(["--target", "x86_64-unknown-linux-gnu"])
        .arg(&wasm)
        .arg("-o")
        .arg(directory.join("module.cwasm"))
        .status();
    assert!(precompiled.unwrap().success(), "{text}");
    let linked = Command::new("gcc")
        .current_dir(directory)
        .args(["-static", "-no-pie", "-Wl,--gc-sections,--no-warnings"])
        .args(["-Wa,-I.", "-o", "module"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../embed.S"))
        .arg(runtime)
        .args(IMPORTS.map(|file| directory.join(file).with_extension("o")))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&linked.stderr);
    assert!(linked.status.success(), "{text}: {said}");
    Command::new(directory.join("module")).env_clear().stdin(Stdio::null()).output().unwrap()
}

const PHASE: &str = r#"(import "wasrisc" "phase" (func $phase (param i32)))"#;
const EXIT: &str = r#"(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) (memory (export "memory") 1)"#;

/// What a module does to the process: its text, the exit code, a part of the
/// line on standard error.
fn cases() -> Vec<(String, i32, &'static str)> {
    let start = |head: &str, body: &str| {
        format!(r#"(module {head} (func $main (export "_start") {body}))"#)
    };
    let hash = |body: &str| {
        let import = r#"(import "zkvm_accelerators" "zkvm_keccak256" (func $hash (param i32 i32 i32) (result i32)))"#;
        start(&format!("{import} {EXIT}"), body)
    };
    vec![
        (start("", ""), 0, ""),
        (start(PHASE, "(call $phase (i32.const 1)) (call $phase (i32.const 2))"), 0, ""),
        (start(PHASE, "(call $phase (i32.const 3))"), 134, "wasrisc.phase has no code 3"),
        (start(EXIT, "(call $exit (i32.const 7)) unreachable"), 7, ""),
        (start(EXIT, "(call $exit (i32.const 256))"), 255, ""),
        (start("", "unreachable"), 134, "`unreachable` instruction executed in main"),
        (start("", "(call $main)"), 134, "call stack exhausted in main"),
        (
            start("(memory 1)", "(drop (i32.load offset=65533 (i32.const 0)))"),
            134,
            "out of bounds memory access in main",
        ),
        (
            start("(memory 1 65536)", "(drop (i32.load (i32.const -8)))"),
            134,
            "out of bounds memory access in main",
        ),
        (
            start("", "(drop (i32.div_u (i32.const 1) (i32.const 0)))"),
            134,
            "integer divide by zero in main",
        ),
        (
            hash("(call $exit (call $hash (i32.const 8) (i32.const 0) (i32.const 64)))"),
            0,
            "",
        ),
        (
            hash("(call $hash (i32.const 8) (i32.const 0) (i32.const 64)) drop (call $exit (i32.load8_u (i32.const 64)))"),
            0xc5,
            "",
        ),
        (
            hash("(drop (call $hash (i32.const 8) (i32.const 65529) (i32.const 64)))"),
            134,
            "out of bounds memory access",
        ),
        (
            hash("(drop (call $hash (i32.const 8) (i32.const 0) (i32.const 65512)))"),
            134,
            "out of bounds memory access",
        ),
        (
            hash("(drop (call $hash (i32.const 8) (i32.const 0) (i32.const 0)))"),
            134,
            "out of bounds memory access",
        ),
        (
            start(r#"(import "env" "now" (func))"#, ""),
            1,
            "imports env.now, which nothing here provides",
        ),
        (
            start(r#"(import "wasi_snapshot_preview1" "fd_open" (func))"#, ""),
            1,
            "imports wasi_snapshot_preview1.fd_open",
        ),
        (
            start(r#"(import "wasi_snapshot_preview1" "fd_close" (func (param i64)))"#, ""),
            1,
            "incompatible import type for `wasi_snapshot_preview1::fd_close`",
        ),
        (
            start(
                r#"(import "wasi_snapshot_preview1" "fd_close" (func $f (param i32) (result i32)))"#,
                "(drop (call $f (i32.const 9)))",
            ),
            134,
            "works on memory, but the module exports none",
        ),
        ("(module)".into(), 1, "not a WASI command"),
    ]
}

#[test]
fn a_module_ends_as_the_contract_says() {
    let Some(precompiler) = support::built("WASRISC_WASMTIME_COMPILE") else { return };
    let Some(runtime) = support::built("WASRISC_WASMTIME_RUNTIME") else { return };
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR"));
    compile_imports(directory);
    for (text, code, reason) in cases() {
        let output = run(&precompiler, &runtime, directory, &text);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{text}: {stderr}");
        assert!(stderr.contains(reason), "{text}: {stderr:?} lacks {reason:?}");
        assert!(stderr.lines().count() <= 1, "{text}: {stderr:?} is more than a line");
    }
}
