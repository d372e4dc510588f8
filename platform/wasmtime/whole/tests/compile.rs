//! The precompiler as a command: what it refuses, and why.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

mod support;

fn precompile(precompiler: &Path, arguments: &[&str]) -> Output {
    Command::new(precompiler).args(arguments).output().unwrap()
}

#[test]
fn wrong_command_lines_say_what_is_wrong() {
    let Some(precompiler) = support::built("WASRISC_WASMTIME_COMPILE") else { return };
    let riscv = "riscv64gc-unknown-linux-gnu";
    let cases: &[(&[&str], &str)] = &[
        (&["a.wasm", "-o", "b"], "--target is missing"),
        (&["--target", riscv, "-o", "b"], "INPUT.wasm is missing"),
        (&["--target", riscv, "a.wasm"], "-o is missing"),
        (&["--target", riscv, "a.wasm", "-o"], "-o needs a value"),
        (&["--target", riscv, "a.wasm", "c.wasm", "-o", "b"], "INPUT.wasm is given twice"),
        (&["--target", "s390x", "a.wasm", "-o", "b"], "unknown target s390x"),
        (&["--speed"], "unknown option --speed"),
    ];
    for (arguments, reason) in cases {
        let output = precompile(&precompiler, arguments);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains(reason), "{stderr:?} lacks {reason:?}");
    }
}

#[test]
fn a_bad_module_is_named_with_its_reason() {
    let Some(precompiler) = support::built("WASRISC_WASMTIME_COMPILE") else { return };
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let output_path = directory.join("bad.cwasm");
    let cases: &[(&[u8], &str)] =
        &[(b"hello", "bad magic number"), (b"\0asm\x01\0\0\0\x0a\x01", "offset")];
    for (bytes, reason) in cases {
        let input = directory.join("bad.wasm");
        fs::write(&input, bytes).unwrap();
        let (input, to) = (input.to_str().unwrap(), output_path.to_str().unwrap());
        let arguments = ["--target", "riscv64gc-unknown-linux-gnu", input, "-o", to];
        let output = precompile(&precompiler, &arguments);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert!(stderr.contains("bad.wasm") && stderr.contains(reason), "{stderr:?}");
        assert!(!output_path.exists());
    }
}

#[test]
fn imports_that_nobody_provides_are_named() {
    let Some(precompiler) = support::built("WASRISC_WASMTIME_COMPILE") else { return };
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("imports");
    fs::create_dir_all(&directory).unwrap();
    let at = |name: &str| directory.join(name).to_str().unwrap().to_string();
    fs::write(at("provided.txt"), "# a comment\nexample rotate (i32, i32) -> (i32)\n").unwrap();
    let compiled = |import: &str| {
        let text = format!(r#"(module (import {import}) (memory (export "memory") 1))"#);
        fs::write(at("a.wasm"), wat::parse_str(text).unwrap()).unwrap();
        let (list, input, to) = (at("provided.txt"), at("a.wasm"), at("a.cwasm"));
        let target = "riscv64gc-unknown-linux-gnu";
        let output =
            precompile(&precompiler, &["--target", target, "--provided", &list, &input, "-o", &to]);
        (output.status.success(), String::from_utf8(output.stderr).unwrap())
    };
    for known in [
        r#""wasi_snapshot_preview1" "sched_yield" (func (result i32))"#,
        r#""example" "rotate" (func (param i32 i32) (result i32))"#,
    ] {
        assert_eq!(compiled(known), (true, String::new()));
    }
    for (unknown, name) in [
        (r#""example" "rot" (func)"#, "example.rot,"),
        (r#""env" "rotate" (func)"#, "env.rotate,"),
        (r#""example" "rotate" (global i32)"#, "example.rotate,"),
    ] {
        let (success, said) = compiled(unknown);
        assert!(!success && said.contains(&format!("imports {name} which nothing")), "{said}");
    }
}
