//! From a guest's source to a count and a verdict, through each pipeline.
//!
//! Uses the user's own cache, so that what `bench` built is not built again.

#[path = "support/copy.rs"]
mod copy;
mod support;

use std::path::Path;
use std::process::Output;

use serde_json::Value;
use support::{project, xtask};

fn output(args: &[&str]) -> Output {
    xtask().args(args).output().unwrap()
}

/// The cell that `run … --json` prints.
fn cell(args: &[&str]) -> Value {
    let output = output(&[&["run", "--json"], args].concat());
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {stderr}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{args:?}: {e}: {stderr}"))
}

fn count(cell: &Value, name: &str) -> u64 {
    cell["instructions"][name].as_u64().unwrap_or_else(|| panic!("no {name} in {cell}"))
}

/// Runs a guest and checks what every good cell has.
fn check(guest: &str, pipeline: &str, more: &[&str]) -> Value {
    let cell = cell(&[&[guest, "--pipeline", pipeline], more].concat());
    assert_eq!(cell["status"], "ok", "{cell}");
    assert_eq!(cell["guest"], guest.split(':').next().unwrap());
    assert_eq!(cell["pipeline"], pipeline);
    let runs: u64 = cell["instructions"]["per_run"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n.as_u64().unwrap())
        .sum();
    assert_eq!(count(&cell, "startup") + runs + count(&cell, "exit"), count(&cell, "total"));
    assert_eq!(cell["elf"]["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(cell["wasm"].is_null(), pipeline == "direct");
    let elf = project().join(cell["elf"]["path"].as_str().unwrap());
    assert_eq!(std::fs::metadata(elf).unwrap().len(), cell["elf"]["bytes"].as_u64().unwrap());
    cell
}

#[test]
fn hello_world_runs_in_each_language_on_each_platform() {
    for (guest, platform) in
        [("hello_world-go", "linux"), ("hello_world-go", "amd64"), ("hello_world-rust", "linux")]
    {
        for pipeline in ["direct", "wasmtime"] {
            check(guest, pipeline, &["--platform", platform]);
        }
    }
    check("hello_world-rust", "wasmtime", &["--platform", "amd64"]);
}

#[test]
#[ignore = "compiles Rust's standard library for one more machine: `cargo xtask test --long`"]
fn hello_world_of_rust_runs_directly_on_amd64() {
    check("hello_world-rust", "direct", &["--platform", "amd64"]);
}

/// Each compares what the imports give with the language's own results, and both
/// print the same.
#[test]
fn imports_work_on_every_pipeline() {
    for guest in ["with_import-go", "with_import-rust"] {
        for pipeline in ["direct", "wasmtime", "wasrisc-o0"] {
            check(guest, pipeline, &[]);
        }
    }
    // By another compiler with checks, by Go's conventions, to other machines.
    check("with_import-rust", "wasrisc-gcc-o3-checked", &["--platform", "amd64"]);
    check("with_import-rust", "wasrisc-o1", &["--platform", "virt"]);
    check("with_import-go", "wasrisc-o1", &["--platform", "flat"]);
}

#[test]
fn a_heap_of_go_lives_in_a_small_linear_memory_or_fails_in_it() {
    let (guest, pipeline) = ("memory_limit-go", "wasrisc-o0");
    check(guest, pipeline, &[]);
    // A limit of 0 MiB is none: the collector never runs, and Go's runtime gives up
    // with its own code when the memory does not grow.
    let unlimited = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-memory-limit");
    std::fs::write(&unlimited, [0; 4]).unwrap();
    let output = output(&["run", guest, "-p", pipeline, "-i", unlimited.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("failed: exit code 2"), "{said}");
}

/// They print what they were given, and so do all of their parts in Go's runtime,
/// which is compared with the manifest's.
#[test]
fn arguments_and_environment_reach_guests() {
    for guest in ["endings-rust", "endings-go"] {
        for pipeline in ["direct", "wasmtime", "wasrisc-o1"] {
            check(guest, pipeline, &[]);
        }
    }
    for (guest, platform) in [("endings-rust", "virt"), ("endings-go", "flat")] {
        check(guest, "wasrisc-o1", &["--platform", platform]);
    }
}

/// Instructions in what copies a goroutine's stack.
fn copying_stacks(cell: &Value) -> u64 {
    let functions = cell["profile"]["functions"].as_array().unwrap();
    let copies = functions.iter().filter(|f| f["function"] == "runtime.copystack");
    copies.map(|f| f["instructions"].as_u64().unwrap()).sum()
}

/// By the conventions alone, and with what they assume looked at while stacks are
/// moved that need not grow.
#[test]
fn what_go_must_survive_it_survives_with_the_collector_always_on() {
    let run = |pipeline| check("endings-go:gc-always", pipeline, &["--profile"]);
    let (known, moved) = (copying_stacks(&run("wasrisc-o1")), run("wasrisc-o1-go-move"));
    let moved = copying_stacks(&moved);
    assert!(known > 0 && moved > 3 * known, "{moved} instructions copy stacks, {known} without");
}

#[test]
fn a_guest_reads_and_writes_files_of_its_own() {
    for platform in ["linux", "amd64", "virt", "flat"] {
        check("files-rust", "wasrisc-o0", &["--platform", platform]);
    }
    for pipeline in ["direct", "wasmtime"] {
        let refused = output(&["run", "files-rust", "--pipeline", pipeline]);
        let stderr = String::from_utf8_lossy(&refused.stderr);
        let reason = format!("pipeline {pipeline} cannot give a guest files of its own");
        assert!(!refused.status.success() && stderr.contains(&reason), "{stderr}");
    }
}

#[test]
fn a_translated_guest_counts_the_same_each_time_and_in_exact_mode() {
    let total = |more: &[&str]| count(&check("hello_world-go", "wasmtime", more), "total");
    let first = total(&[]);
    assert_eq!(total(&[]), first);
    assert_eq!(total(&["--exact"]), first);
}

/// A hundred processes, two at a time: the same instructions in each phase.
#[test]
fn a_translated_guest_counts_the_same_in_a_hundred_runs() {
    let instructions = || check("hello_world-rust", "wasmtime", &[])["instructions"].clone();
    let first = instructions();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| (0..50).for_each(|_| assert_eq!(instructions(), first)));
        }
    });
}

#[test]
fn runs_are_phases_of_one_process() {
    let cell = check("fibonacci-rust", "wasmtime", &["--runs", "3"]);
    assert_eq!(cell["instructions"]["per_run"].as_array().unwrap().len(), 3);
    let (total, single) = (count(&cell, "total"), count(&cell, "single"));
    assert_eq!(count(&cell, "marginal"), (total - single).div_ceil(2));
    assert!(count(&cell, "marginal") > 1_000_000, "a million additions: {cell}");
}

#[test]
fn stateless_verifies_the_generated_block() {
    for pipeline in ["direct", "wasmtime"] {
        check("stateless", pipeline, &["--input", "generated"]);
    }
}

/// The oldest and the newest rules; the Go tests try every fork.
#[test]
fn stateless_verifies_a_block_of_the_first_fork_and_of_the_last() {
    for fork in ["paris", "amsterdam"] {
        check("stateless", "direct", &["--input", &format!("generated-{fork}")]);
    }
}

#[test]
fn the_profile_names_functions_and_adds_up() {
    for (guest, pipeline, name) in [
        ("fibonacci-go", "direct", "main."),
        ("fibonacci-go", "wasmtime", "main."),
        ("fibonacci-rust", "wasmtime", "fibonacci"),
    ] {
        let cell = check(guest, pipeline, &["--profile"]);
        let functions = cell["profile"]["functions"].as_array().unwrap();
        let total: u64 = functions.iter().map(|f| f["instructions"].as_u64().unwrap()).sum();
        assert_eq!(total, cell["profile"]["total"].as_u64().unwrap());
        let hottest: Vec<&str> =
            functions.iter().take(3).map(|f| f["function"].as_str().unwrap()).collect();
        assert!(hottest.iter().any(|f| f.contains(name)), "{guest} {pipeline}: {hottest:?}");
    }
}

/// What is missing in the detail of a cell, by name with its reason.
fn missing(cell: &Value) -> Vec<(&str, &str)> {
    let missing = cell["detail"]["missing"].as_object().unwrap();
    missing.iter().map(|(name, why)| (name.as_str(), why.as_str().unwrap())).collect()
}

#[test]
fn the_detail_adds_up_and_says_what_is_missing() {
    let no_wasm = ("peak_linear_memory_bytes", "no wasm in it");
    let on_heap = ("peak_stack_bytes", "the stacks of goroutines are on the heap");
    for (guest, pipeline, expected) in [
        ("hello_world-go", "direct", vec![no_wasm, on_heap]),
        ("hello_world-rust", "direct", vec![no_wasm]),
        ("hello_world-go", "wasmtime", vec![]),
        ("hello_world-rust", "wasmtime", vec![]),
    ] {
        let cell = check(guest, pipeline, &["--detail"]);
        assert_eq!(missing(&cell), expected, "{guest} {pipeline}");
        let detail = &cell["detail"];
        let mix = detail["mix"].as_object().unwrap();
        let sum: u64 = mix.values().map(|n| n.as_u64().unwrap()).sum();
        assert_eq!(detail["total"], sum, "{cell}");
        if cell["vcpus"] == 1 {
            assert_eq!(detail["total"], cell["instructions"]["total"], "{cell}");
        }
        if let Some(bytes) = detail["peak_linear_memory_bytes"].as_u64() {
            assert!(bytes > 0 && bytes % 65536 == 0, "whole pages: {bytes}");
        }
        if let Some(bytes) = detail["peak_stack_bytes"].as_u64() {
            assert!((1 << 10..1 << 20).contains(&bytes), "no large frames: {bytes}");
        }
    }
}

#[test]
fn a_detail_that_was_not_asked_for_or_cannot_be_had_has_its_reason() {
    let unasked = check("hello_world-rust", "direct", &[]);
    assert_eq!(missing(&unasked)[0], ("misaligned", "run without --detail"));
    let amd64 = check("hello_world-rust", "wasmtime", &["--platform", "amd64", "--detail"]);
    let names: Vec<&str> = missing(&amd64).iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["misaligned", "mix", "peak_stack_bytes"]);
    let linux = check("hello_world-rust", "wasmtime", &["--detail"]);
    let memory = |cell: &Value| cell["detail"]["peak_linear_memory_bytes"].clone();
    assert_eq!(memory(&amd64), memory(&linux), "one module, one memory");
}

/// A module whose memory grows by 3 pages.
#[test]
fn the_peak_of_a_memory_that_grows() {
    let dir = tempfile::tempdir().unwrap();
    let module = dir.path().join("grows.wat");
    std::fs::write(&module, GROWS).unwrap();
    let cell = cell(&[module.to_str().unwrap(), "--pipeline", "wasmtime", "--detail"]);
    assert_eq!(cell["detail"]["peak_linear_memory_bytes"], 5 * 65536, "{cell}");
}

const GROWS: &str = r#"(module (memory (export "memory") 2)
    (func (export "_start") (drop (memory.grow (i32.const 3)))))"#;

/// Bytes that are no block: one line of reason, a failed cell, no stack trace.
#[test]
fn stateless_refuses_what_is_no_block() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("broken.payload");
    std::fs::write(&file, b"\xc3\x01\x02").unwrap();
    for pipeline in ["direct", "wasmtime"] {
        let args = [
            "run",
            "--json",
            "stateless",
            "--pipeline",
            pipeline,
            "--input",
            file.to_str().unwrap(),
        ];
        let output = output(&args);
        assert_eq!(output.status.code(), Some(1));
        let cell: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(cell["status"], "failed");
        assert!(cell["instructions"]["total"].is_null(), "missing is never zero: {cell}");
        let reason = cell["reason"].as_str().unwrap();
        assert!(reason.starts_with("exit code 1: "), "{reason}");
        assert!(!reason.contains("goroutine"), "{reason}");
    }
}

#[test]
fn a_module_of_the_users_own_is_a_guest() {
    let built = output(&["build", "hello_world-rust", "--pipeline", "wasmtime"]);
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let dir = tempfile::tempdir().unwrap();
    let module = dir.path().join("mine.wasm");
    std::fs::copy(project().join("target/wasrisc/wasm/hello_world-rust.wasm"), &module).unwrap();
    let cell = cell(&[module.to_str().unwrap(), "--pipeline", "wasmtime"]);
    assert_eq!((cell["guest"].as_str(), cell["status"].as_str()), (Some("mine"), Some("ok")));
    let direct = output(&["run", module.to_str().unwrap(), "--pipeline", "direct"]);
    assert_eq!(direct.status.code(), Some(2));
}

#[test]
fn a_second_build_runs_nothing() {
    let args = ["build", "hello_world", "-p", "direct,wasmtime", "--json"];
    assert!(output(&args).status.success());
    let again: Value = serde_json::from_slice(&output(&args).stdout).unwrap();
    assert_eq!(again["build"]["steps_run"], 0, "{again}");
    assert_eq!(again["artifacts"].as_array().unwrap().len(), 4, "{again}");
}

/// A tool that cannot be had is a row with its reason; the other rows are there.
/// Words that overlap are one cell.
#[test]
fn a_missing_tool_is_an_unavailable_row() {
    let dir = tempfile::tempdir().unwrap();
    let mut bench = xtask();
    bench.env("WASRISC_TOOL_LLD", "/nonexistent").arg("bench").args(["hello_world-rust"; 2]);
    bench
        .args(["-p", "direct,wasmtime,direct", "--runs", "1,1", "--json", "--output"])
        .arg(dir.path());
    let output = bench.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let cells = report["cells"].as_array().unwrap();
    let status =
        |n: usize| (cells[n]["pipeline"].as_str().unwrap(), cells[n]["status"].as_str().unwrap());
    assert_eq!(cells.len(), 2, "{report}");
    assert_eq!(status(0), ("direct", "ok"), "{report}");
    assert_eq!(status(1), ("wasmtime", "unavailable"), "{report}");
    assert!(cells[1]["reason"].as_str().unwrap().contains("WASRISC_TOOL_LLD"), "{report}");
    let written = std::fs::read_to_string(dir.path().join("report.md")).unwrap();
    assert!(written.contains("WASRISC_TOOL_LLD"), "the reason is in report.md");
}

/// Touching one Go file runs that guest's steps only, and says which file.
#[test]
fn a_changed_file_is_named_and_only_its_guest_is_built() {
    let copy = tempfile::tempdir().unwrap();
    copy::copy_project(copy.path());
    let build = |args: &[&str]| {
        let mut command = xtask();
        command
            .current_dir(copy.path())
            .args(["build", "empty-go", "println-go", "-p", "direct", "--json"])
            .args(args);
        let output = command.output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{stderr}");
        (serde_json::from_slice::<Value>(&output.stdout).unwrap(), stderr)
    };
    build(&[]);
    let main = copy.path().join("guests/empty-go/main.go");
    let text = std::fs::read_to_string(&main).unwrap();
    std::fs::write(&main, format!("{text}\n// {}\n", std::process::id())).unwrap();
    let (built, stderr) = build(&["--explain"]);
    assert_eq!(built["build"]["steps_run"], 1, "{built}");
    assert!(stderr.contains("source guests/empty-go/main.go: "), "{stderr}");
}

/// What our own pipelines can know of a module before they compile it.
#[test]
fn a_module_that_cannot_be_linked_is_refused_by_its_own_names() {
    let check = |module: &str, reason: &str| {
        let module = project().join(format!("docs/known-failures/{module}.wat"));
        let built = output(&["build", module.to_str().unwrap(), "-p", "wasrisc-o0"]);
        let stderr = String::from_utf8_lossy(&built.stderr);
        assert_eq!(built.status.code(), Some(5), "{stderr}");
        assert!(stderr.contains(reason), "{stderr}");
        assert!(!stderr.contains("wasrisc-compile"), "nothing was compiled: {stderr}");
    };
    check("unknown-import", "imports the function `now` of module `env`, which nobody provides");
    check(
        "wrong-signature",
        "imports `fd_write` of module `wasi_snapshot_preview1` as (i32, i32) -> (i32), \
         which is (i32, i32, i32, i32) -> (i32)",
    );
    check("no-start", "exports no function `_start`");
    check("imported-memory", "imports the memory `memory` of module `env`");
}
