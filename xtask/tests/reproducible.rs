//! Every guest through every pipeline, built again in another directory with
//! an empty cache, is the ELF that the user's own cache has. What every guest
//! shares (a pipeline's compiler and runtime) is built once here: building that
//! twice too takes too long for each change and is done weekly.

mod support;

use std::collections::BTreeSet;
use std::io::Write;

use serde_json::Value;
use support::xtask;

fn json(args: &[&str]) -> Value {
    let output = xtask().args(args).arg("--json").output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{args:?}: {e}: {stderr}"))
}

#[test]
fn every_guest_is_the_same_from_two_directories() {
    let listed = json(&["list", "guests"]);
    let names: Vec<&str> =
        listed.as_array().unwrap().iter().map(|g| g["name"].as_str().unwrap()).collect();
    // A setting is of the run, not of the ELF.
    let guests: Vec<&str> = names.into_iter().filter(|name| !name.contains(':')).collect();
    let verify = ["verify", "--cached", "--reuse-tools", "--times", "1", "-p"];
    // .NET has no direct build, only our own pipelines give a guest files, and what is
    // named must be possible.
    let (files, guests): (Vec<&str>, Vec<&str>) =
        guests.into_iter().partition(|guest| *guest == "files-rust");
    let (dotnet, rest): (Vec<&str>, Vec<&str>) =
        guests.iter().copied().partition(|guest| *guest == "hello_dotnet");
    let mut verdicts = json(&[&verify[..], &["direct,wasmtime"], &rest].concat());
    let more = json(&[&verify[..], &["wasmtime"], &dotnet].concat());
    verdicts.as_array_mut().unwrap().extend(more.as_array().unwrap().clone());
    let more = json(&[&verify[..], &["wasrisc-o0"], &files].concat());
    verdicts.as_array_mut().unwrap().extend(more.as_array().unwrap().clone());
    let mut same = BTreeSet::new();
    for verdict in verdicts.as_array().unwrap() {
        let text = |key: &str| verdict[key].as_str().unwrap().to_string();
        let (guest, pipeline) = (text("guest"), text("pipeline"));
        if verdict["verdict"] == "unavailable" {
            // Past the test harness, which keeps what a passing test prints.
            let (reason, mut stderr) = (&verdict["reason"], std::io::stderr());
            let _ = writeln!(stderr, "skipped: {guest} {pipeline}: {reason}");
            continue;
        }
        assert_eq!(verdict["different"], Value::Array(Vec::new()), "{verdict}");
        assert!(verdict["counts"]["min"].as_u64().is_some_and(|n| n > 0), "it ran: {verdict}");
        same.insert((guest, pipeline));
    }
    for guest in files {
        let pair = (guest.to_string(), "wasrisc-o0".to_string());
        assert!(same.contains(&pair), "{pair:?} in {verdicts}");
    }
    // No registry has a .NET SDK: only that guest may be unavailable here.
    for guest in rest {
        for pipeline in ["direct", "wasmtime"] {
            let pair = (guest.to_string(), pipeline.to_string());
            assert!(same.contains(&pair), "{pair:?} in {verdicts}");
        }
    }
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
