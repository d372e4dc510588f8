//! Every guest through every pipeline, built again in another directory with
//! an empty cache, is the ELF that the user's own cache has.

mod support;

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
    let verify = ["verify", "--cached", "--times", "1"];
    let verdicts = json(&[&verify[..], &guests].concat());
    let mut same = 0;
    for verdict in verdicts.as_array().unwrap() {
        if verdict["verdict"] == "unavailable" {
            println!("{}: {}", verdict["guest"], verdict["reason"]);
            continue;
        }
        assert_eq!(verdict["different"], Value::Array(Vec::new()), "{verdict}");
        assert!(verdict["counts"]["min"].as_u64().unwrap() > 0, "it ran: {verdict}");
        same += 1;
    }
    // Each has a direct build and at least one other.
    assert!(same >= guests.len(), "{verdicts}");
}
