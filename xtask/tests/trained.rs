//! `wasrisc-pgo`: a module compiled by a profile of its own run.

mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;
use support::{project, xtask};
use tempfile::TempDir;

/// What is too large to be inlined, unless it is known to be hot.
const STEPS: usize = 60;

/// What stands for the project's path in all that is built: a project that lies
/// there has no other.
const ROOT: &str = "/wasrisc";

/// How often `$step` is called, from two places.
const ROUNDS: usize = 1000;

/// A module of `$step`, what calls it, and behind these more code than a file has,
/// since functions go to files in their order.
fn module() -> String {
    let body = "(local.set $x (i32.xor (i32.add (local.get $x) (i32.const 7))
        (i32.rotl (local.get $x) (local.get $by))))\n"
        .repeat(STEPS);
    let function = |name: &str| {
        format!("(func {name} (param $x i32) (param $by i32) (result i32) {body} (local.get $x))\n")
    };
    let call = |by| format!("(local.set $x (call $step (local.get $x) (i32.const {by})))\n");
    let (first, second, unused) = (call(3), call(5), function("").repeat(64));
    let step = function("$step");
    format!(
        "(module (memory (export \"memory\") 1) {step}
        (func (export \"_start\") (local $x i32) (local $n i32)
            (loop $again {first} {second}
                (local.set $n (i32.add (local.get $n) (i32.const 1)))
                (br_if $again (i32.lt_u (local.get $n) (i32.const {ROUNDS}))))
            (i32.store (i32.const 0) (local.get $x)))
        {unused})"
    )
}

/// A module of this text, and an empty input for it, in a folder of their own.
fn written(name: &str, text: &str) -> (TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let (module, input) = (folder.path().join(name), folder.path().join("input"));
    std::fs::write(&module, text).unwrap();
    std::fs::write(&input, "").unwrap();
    (folder, module, input)
}

fn run(module: &Path, pipeline: &str, more: &[&str]) -> Output {
    let module = module.to_str().unwrap();
    let arguments = [&["run", module, "--json", "-p", pipeline], more].concat();
    xtask().args(arguments).output().unwrap()
}

fn total(module: &Path, pipeline: &str, more: &[&str]) -> u64 {
    let output = run(module, pipeline, more);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let cell: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(cell["status"], "ok", "{cell}");
    let command = cell["provenance"]["command"].as_str().unwrap();
    assert_eq!(command.contains(" --train input "), !more.is_empty(), "{command}");
    cell["instructions"]["total"].as_u64().unwrap()
}

#[test]
fn what_a_profile_shows_to_be_hot_is_inlined() {
    let (_folder, module, input) = written("trained.wat", &module());
    let train = ["--train", input.to_str().unwrap()];
    let (plain, trained) =
        (total(&module, "wasrisc-o3", &[]), total(&module, "wasrisc-pgo", &train));
    // Two calls in each round, a jump and a return each.
    let fewer = 4 * ROUNDS as u64;
    assert!(trained + fewer <= plain, "{trained} instructions, {plain} without a profile");
}

/// Debug information is full of paths.
#[test]
fn no_path_is_in_what_is_built_for_a_profile() {
    let (folder, module, input) = written("nowhere.wat", &module());
    let mut build = xtask();
    build.arg("build").arg(&module).args(["-p", "wasrisc-pgo", "--train"]).arg(&input);
    let output = build.arg("--emit").arg(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let built = folder.path().join("nowhere-wasrisc-pgo-linux");
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(&built).unwrap() {
        let path = entry.unwrap().path();
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        // Of the project, of the module, of the cache.
        let (project, folder) = (project().display().to_string(), folder.path().to_string_lossy());
        for place in [&*project, &*folder, "/steps/"].into_iter().filter(|place| *place != ROOT) {
            assert!(!text.contains(place), "{place} in {}", path.display());
        }
        names.insert(path.file_name().unwrap().to_string_lossy().into_owned());
    }
    for name in ["nowhere.profile", "wasrisc-compile-clang-identity-O3-training-000.o"] {
        assert!(names.contains(name), "{name} in {names:?}");
    }
    let profile = std::fs::read_to_string(built.join("nowhere.profile")).unwrap();
    let head = profile.lines().next().unwrap();
    assert!(head.starts_with("w_step:") && head.ends_with(&format!(":{}", 2 * ROUNDS)), "{head}");
}

#[test]
fn an_input_to_be_trained_on_must_be_there() {
    let (_folder, module, _) = written("untrained.wat", "(module (func (export \"_start\")))");
    let refused = |more: &[&str], message: &str| {
        let output = run(&module, "wasrisc-pgo", more);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(message), "{said}");
    };
    refused(&[], "untrained has no input to be trained on: name one by --train");
    refused(&["--train", "nothing"], "no input and no file is called `nothing`");
}

#[test]
fn a_run_that_fails_gives_no_profile() {
    let text = "(module (func (export \"_start\") unreachable))";
    let (_folder, module, input) = written("fails.wat", text);
    let output = run(&module, "wasrisc-pgo", &["--train", input.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(5), "{said}");
    let reason = "Error: the program did not succeed on input: exit status: 134";
    assert!(said.contains("wasrisc-profile") && said.contains(reason), "{said}");
}
