//! Every guest through every pipeline, built again in another directory with
//! an empty cache, is the ELF that the user's own cache has. What every guest
//! shares (a pipeline's compiler and runtime) is built once here: building that
//! twice too takes too long for each change and is done weekly, and so are the
//! large guests, which are built as the small ones of their language are.

mod support;

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::Value;
use support::xtask;

/// Each takes minutes to compile, twice for each of two pipelines.
const LARGE: [&str; 2] = ["revm-rust", "stateless"];

/// How a guest is built here, where it can be: .NET has no direct build, and
/// only our own pipelines give a guest files.
fn pipelines(guest: &str) -> &'static [&'static str] {
    match guest {
        "hello_dotnet" => &["wasmtime"],
        "files-rust" => &["wasrisc-o0"],
        _ => &["direct", "wasmtime"],
    }
}

fn json(args: &[&str]) -> Value {
    let output = xtask().args(args).arg("--json").output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{args:?}: {e}: {stderr}"))
}

/// Every guest's name. A setting is of the run, not of the ELF.
fn guests() -> Vec<String> {
    let listed = json(&["list", "guests"]);
    let names = listed.as_array().unwrap().iter().map(|g| g["name"].as_str().unwrap());
    names.filter(|name| !name.contains(':')).map(str::to_string).collect()
}

/// Builds these guests in two directories, those of the same pipelines together: a
/// step that two need runs once.
fn are_the_same(guests: &[&str]) {
    let mut together: BTreeMap<_, Vec<&str>> = BTreeMap::new();
    for guest in guests {
        together.entry(pipelines(guest)).or_default().push(guest);
    }
    for (pipelines, guests) in together {
        are_the_same_by(&guests, pipelines);
    }
}

/// One that cannot be built here is named with the reason.
fn are_the_same_by(guests: &[&str], pipelines: &[&str]) {
    let ways = pipelines.join(",");
    let verify = ["verify", "--cached", "--reuse-tools", "--times", "1", "-p", &ways];
    let verdicts = json(&[&verify[..], guests].concat());
    for guest in guests {
        for pipeline in pipelines {
            let of_pair = |v: &&Value| v["guest"] == *guest && v["pipeline"] == *pipeline;
            let verdict = verdicts.as_array().unwrap().iter().find(of_pair);
            is_the_same(verdict.unwrap_or_else(|| panic!("{guest} {pipeline}: {verdicts}")));
        }
    }
}

fn is_the_same(verdict: &Value) {
    // No registry has a .NET SDK: only that guest may be unavailable here.
    if verdict["verdict"] == "unavailable" && verdict["guest"] == "hello_dotnet" {
        // Past the test harness, which keeps what a passing test prints.
        let _ = writeln!(std::io::stderr(), "skipped: hello_dotnet: {}", verdict["reason"]);
        return;
    }
    assert_eq!(verdict["different"], Value::Array(Vec::new()), "{verdict}");
    assert!(verdict["counts"]["min"].as_u64().is_some_and(|n| n > 0), "it ran: {verdict}");
}

#[test]
fn every_small_guest_is_the_same_from_two_directories() {
    let names = guests();
    let small = names.iter().map(String::as_str).filter(|name| !LARGE.contains(name));
    let small: Vec<&str> = small.collect();
    assert_eq!(small.len() + LARGE.len(), names.len(), "the large ones are guests");
    are_the_same(&small);
}

#[test]
#[ignore = "compiles four large programs twice: `cargo xtask test --long`"]
fn every_large_guest_is_the_same_from_two_directories() {
    are_the_same(&LARGE);
}

/// Our own compilation from another directory, and counts of a bare machine.
#[test]
fn a_bare_machine_gives_one_count() {
    let ways = ["hello_world-go", "-p", "wasrisc-o0", "-t", "flat"];
    let verify = ["verify", "--cached", "--reuse-tools", "--times", "20"];
    let verdicts = json(&[&verify[..], &ways].concat());
    let [verdict] = &verdicts.as_array().unwrap()[..] else { panic!("{verdicts}") };
    assert_eq!(verdict["verdict"], "same", "{verdict}");
    assert_eq!(verdict["counts"]["min"], verdict["counts"]["max"], "{verdict}");
}
