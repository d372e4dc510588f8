//! `compare`: two cells, function by function.
//!
//! Uses the user's own cache, as the end-to-end tests do.

mod support;

use std::path::Path;
use std::process::Output;

use serde_json::Value;
use support::xtask;

fn output(args: &[&str]) -> Output {
    xtask().args(args).output().unwrap()
}

fn json(args: &[&str]) -> Value {
    let output = output(args);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {stderr}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{args:?}: {e}: {stderr}"))
}

/// The first row whose function's name begins so.
fn row<'a>(comparison: &'a Value, name: &str) -> &'a Value {
    let functions = comparison["functions"].as_array().unwrap();
    let named = |row: &&Value| row["function"].as_str().unwrap().starts_with(name);
    functions.iter().find(named).unwrap_or_else(|| panic!("no {name}"))
}

#[test]
fn functions_of_both_cells_are_matched_and_add_up_to_what_run_counts() {
    for (guest, work) in
        [("fibonacci-go", "main.main.func1"), ("fibonacci-rust", "wasrisc_guest::run")]
    {
        let cells = [format!("{guest}@direct"), "@wasmtime".into()];
        let printed = json(&["compare", "--json", &cells[0], &cells[1]]);
        let comparison = &printed["comparison"];
        for side in ["a", "b"] {
            let functions = comparison["functions"].as_array().unwrap();
            let sum: u64 = functions.iter().filter_map(|row| row[side].as_u64()).sum();
            assert_eq!(sum, comparison[side].as_u64().unwrap(), "{guest} {side}");
            // Threads may go on after the total was read.
            let total = printed[side]["instructions"]["total"].as_u64().unwrap();
            assert!((total..total + total / 100).contains(&sum), "{guest} {side}: {sum}, {total}");
        }
        // Through wasm there is one thread: every count is the same.
        let ran = json(&["run", "--json", guest, "-p", "wasmtime"]);
        assert_eq!(comparison["b"], ran["instructions"]["total"], "{guest}");
        assert_eq!(printed["same_mode"], true);
        let row = row(comparison, work);
        assert!(
            row["a"].as_u64() > Some(1_000_000) && row["b"].as_u64() > Some(1_000_000),
            "{row}"
        );
    }
}

#[test]
fn a_pipelines_runtime_is_no_function_of_the_guest() {
    for pipeline in ["@wasmtime", "@wasrisc-o0"] {
        let printed = json(&["compare", "--json", "hello_world-go@direct", pipeline]);
        let comparison = &printed["comparison"];
        let runtime = row(comparison, "[runtime: loading the module");
        assert!(runtime["a"].is_null() && runtime["b"].is_u64(), "{pipeline}");
        let malloc = row(comparison, "runtime.mallocgc");
        assert!(malloc["a"].is_u64() && malloc["b"].is_u64(), "{pipeline}");
    }
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let cases: [(&[&str], &str); 4] = [
        (&["hello_world-go@direct", "fibonacci-go@direct"], "other inputs: default and default"),
        (&["hello_world@direct", "@wasmtime"], "`hello_world` is several guests"),
        (&["hello_world-go", "@wasmtime"], "`hello_world-go` is no cell"),
        (&["hello_world-go@nothing", "@wasmtime"], "there is no pipeline `nothing`"),
    ];
    for (cells, message) in cases {
        let output = output(&[&["compare"], cells].concat());
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{cells:?}: {stderr}");
        assert!(stderr.contains(message) && stderr.contains("hint: "), "{cells:?}: {stderr}");
    }
}

#[test]
fn a_comparison_across_modes_says_so() {
    let args =
        ["compare", "hello_world-go@direct/linux", "hello_world-go@direct/amd64", "--top", "1"];
    let output = output(&args);
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(stdout.contains("counted in different modes"), "{stdout}");
    assert!(stdout.trim_end().ends_with("[total]"), "{stdout}");
}

/// A loop of a function that the module calls, with names or without.
const LOOP: &str = r#"(module (memory (export "memory") 1)
    (func $busy (param $i i32) (loop $again
        (br_if $again (local.tee $i (i32.sub (local.get $i) (i32.const COUNT))))))
    (func $start (export "_start") (call $busy (i32.const 100000))))"#;

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
}

/// Where names come from in a profile of a stripped module.
#[test]
fn a_stripped_module_gets_its_names_from_another_build() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_string();
    let (stripped, named, other) = (path("mine.wat"), path("named.wasm"), path("other.wasm"));
    let text = LOOP.replace("COUNT", "1");
    write(
        Path::new(&stripped),
        &text.replace("$busy (param $i", "(param $i").replace("$busy", "0").replace("$start", ""),
    );
    let assemble = |path: &str, text: &str| {
        let buffer = wast::parser::ParseBuffer::new(text).unwrap();
        std::fs::write(path, wast::parser::parse::<wast::Wat>(&buffer).unwrap().encode().unwrap())
            .unwrap();
    };
    assemble(&named, &text);
    assemble(&other, &LOOP.replace("COUNT", "2"));
    for pipeline in ["wasmtime", "wasrisc-o0"] {
        let run = ["run", "--json", &stripped, "-p", pipeline, "--profile"];
        let hottest = |more: &[&str]| {
            json(&[&run[..], more].concat())["profile"]["functions"][0]["function"].clone()
        };
        assert_eq!(hottest(&[]), "wasm[0]::function[0]", "{pipeline}");
        assert_eq!(hottest(&["--symbols", &named]), "busy", "{pipeline}");
        let refused = output(&[&run[..], &["--symbols", &other]].concat());
        let stderr = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(3), "{stderr}");
        assert!(stderr.contains("function 0 (busy) is the first that differs"), "{stderr}");
    }
    let direct = ["run", "hello_world-rust", "-p", "direct", "--profile", "--symbols", &named];
    assert_eq!(output(&direct).status.code(), Some(2));
}
