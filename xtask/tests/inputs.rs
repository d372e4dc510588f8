//! Blocks that are generated, imported in every form that users have, and shown.
//!
//! The generator is built by the pinned Go, in the user's own cache.

#[path = "support/copy.rs"]
mod copy;
mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{json, Value};
use support::{project, xtask};

const FORKS: [&str; 8] =
    ["paris", "shanghai", "cancun", "prague", "osaka", "bpo1", "bpo2", "amsterdam"];

/// The name of a fork's input, and the chain whose rules it is under.
fn input_of(fork: &str) -> (String, &'static str) {
    match fork {
        "bpo2" => ("generated".into(), "hoodi"),
        _ => (format!("generated-{fork}"), "sepolia"),
    }
}

fn succeeds(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {stderr}");
    output
}

fn data(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("JSON on standard output")
}

/// `input import` into a store of its own.
fn import(store: &Path, name: &str, chain: &str, block: &Path, witness: &Path) -> Command {
    let mut command = xtask();
    command.env("WASRISC_DATA_DIR", store).args(["input", "import", name, "--chain", chain]);
    command.arg("--block").arg(block).arg("--witness").arg(witness).args(["--json", "--quiet"]);
    command
}

#[test]
fn the_committed_inputs_are_the_generated_ones() {
    let output = succeeds(xtask().args(["input", "generate", "--check", "--json"]));
    let files = data(&output);
    let files = files.as_array().unwrap();
    assert_eq!(files.len(), 2 * FORKS.len());
    assert!(files.iter().all(|file| file["same"] == true), "{files:?}");
}

/// In a copy of the project, where files may be spoilt.
#[test]
fn what_differs_from_the_generated_is_named_and_written_again() {
    let copy = tempfile::tempdir().unwrap();
    copy::copy_project(copy.path());
    let generate = |more: &[&str]| {
        let mut command = xtask();
        command.current_dir(copy.path()).args(["input", "generate", "--fork", "paris,bpo2"]);
        command.args(more).output().unwrap()
    };
    let guest = copy.path().join("guests/stateless");
    let spoilt = guest.join("inputs/generated-paris-witness.rlp");
    let good = std::fs::read(&spoilt).unwrap();
    std::fs::write(&spoilt, &good[1..]).unwrap();
    let manifest = std::fs::read_to_string(guest.join("guest.toml")).unwrap();
    let other = manifest.replace("hoodi block 5 valid", "hoodi block 6 valid");
    std::fs::write(guest.join("guest.toml"), other).unwrap();
    let output = generate(&["--check"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{stderr}");
    assert!(
        stderr.contains("inputs/generated-paris-witness.rlp, input `generated` of"),
        "{stderr}"
    );
    assert_ne!(std::fs::read(&spoilt).unwrap(), good, "--check writes nothing");
    assert!(generate(&[]).status.success());
    assert_eq!(std::fs::read(&spoilt).unwrap(), good);
}

/// RLP, and JSON with the headers, the lists and the maps that nodes give:
/// the same payload, which shows as its fork.
#[test]
fn every_form_of_every_fork_is_the_same_payload() {
    let dir = tempfile::tempdir().unwrap();
    let files = dir.path().join("files");
    succeeds(xtask().args(["input", "generate", "--rpc", "--quiet", "--output"]).arg(&files));
    for fork in FORKS {
        let (name, chain) = input_of(fork);
        let file = |end: &str| files.join(format!("{name}-{end}"));
        let other = file("other.json");
        std::fs::write(&other, as_other_nodes(&file("witness.json"), &file("witness.rlp")))
            .unwrap();
        let store = dir.path().join("store");
        let import = |form: &str, block: &str, witness: &Path| {
            let name = format!("{fork}-{form}");
            data(&succeeds(&mut import(&store, &name, chain, &file(block), witness)))
        };
        let rlp = import("rlp", "block.rlp", &file("witness.rlp"));
        for made in [
            import("json", "block.json", &file("witness.json")),
            import("other", "block.json", &other),
        ] {
            assert_eq!(
                (&made["sha256"], &made["block"]),
                (&rlp["sha256"], &rlp["block"]),
                "{fork}"
            );
        }
        let show = ["input", "show", "--json", &format!("{fork}-json")].map(str::to_string);
        let shown = data(&succeeds(xtask().env("WASRISC_DATA_DIR", &store).args(show)));
        assert_eq!((&shown[0]["fork"], &shown[0]["chain"]), (&json!(fork), &json!(chain)));
        assert_eq!(shown[0]["sha256"], rlp["sha256"]);
        assert_eq!(shown[0]["bytes"]["block"], std::fs::metadata(file("block.rlp")).unwrap().len());
    }
}

/// A witness with headers in RLP and maps from hashes where go-ethereum has
/// objects and lists.
fn as_other_nodes(json: &Path, rlp: &Path) -> String {
    let mut witness: Value = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
    let witness = &mut witness["result"];
    let rlp = std::fs::read(rlp).unwrap();
    let mut rest = &rlp[..];
    alloy_rlp::Header::decode(&mut rest).unwrap();
    let mut headers = alloy_rlp::Header::decode_bytes(&mut rest, true).unwrap();
    let mut list = Vec::new();
    while !headers.is_empty() {
        let whole = headers;
        alloy_rlp::Header::decode_bytes(&mut headers, true).unwrap();
        list.push(prefixed(&whole[..whole.len() - headers.len()]));
    }
    witness["headers"] = list.into();
    for name in ["state", "codes"] {
        let entry = |bytes: &Value| {
            let digits = &bytes.as_str().unwrap()[2..];
            let byte = |i| u8::from_str_radix(&digits[i..i + 2], 16).unwrap();
            let raw: Vec<u8> = (0..digits.len()).step_by(2).map(byte).collect();
            (prefixed(&<sha3::Keccak256 as sha3::Digest>::digest(raw)), bytes.clone())
        };
        let map: serde_json::Map<_, _> =
            witness[name].as_array().unwrap().iter().map(entry).collect();
        witness[name] = map.into();
    }
    witness.as_object_mut().unwrap().remove("keys");
    witness.to_string()
}

fn prefixed(bytes: &[u8]) -> String {
    bytes.iter().fold("0x".into(), |text, byte| format!("{text}{byte:02x}"))
}

/// What is refused, and how the message goes on after the file's name.
#[test]
fn a_refusal_names_file_and_place() {
    let dir = tempfile::tempdir().unwrap();
    let files = dir.path().join("files");
    let generate =
        ["input", "generate", "--fork", "paris,shanghai", "--rpc", "--quiet", "--output"];
    succeeds(xtask().args(generate).arg(&files));
    let file = |name: &str| files.join(format!("generated-{name}"));
    let text = std::fs::read_to_string(file("paris-block.json")).unwrap();
    let block: Value = serde_json::from_str(&text).unwrap();
    let changed = |name: &str, change: &dyn Fn(&mut Value)| {
        let (mut block, path) = (block.clone(), dir.path().join(name));
        change(&mut block["result"]);
        std::fs::write(&path, block.to_string()).unwrap();
        path
    };
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let (paris, witness) = (file("paris-block.json"), file("paris-witness.json"));
    let hashes = |b: &mut Value| {
        for tx in b["transactions"].as_array_mut().unwrap() {
            *tx = tx["hash"].clone();
        }
    };
    let cases: Vec<(PathBuf, PathBuf, &str)> = vec![
        (changed("v", &|b| b["transactions"][3]["v"] = "x".into()), witness.clone(),
            "v:1: $.result.transactions[3].v: expected a number"),
        (changed("hashes", &hashes), witness.clone(),
            "hashes:1: $.result.transactions[0]: expected a transaction, found its hash alone\n  hint: ask for full transactions"),
        (write("cut", &text[..1000]), witness.clone(), "cut:1:1000: EOF while parsing a string"),
        (write("note", "a note"), witness.clone(), "note:1: expected a block, found neither an RLP list nor JSON\n  hint: "),
        (paris.clone(), file("shanghai-witness.json"),
            "generated-shanghai-witness.json:1: $.result.headers: expected the header of block 4, the parent, with hash 0x"),
        (paris.clone(), file("shanghai-witness.rlp"),
            "generated-shanghai-witness.rlp: offset 3: expected the header of block 4, the parent, with hash 0x"),
        (paris.clone(), paris, "generated-paris-block.json:1: $.result.headers: expected a list of headers, found nothing"),
        (witness.clone(), witness, "generated-paris-witness.json:1: $.result.parentHash: expected parent hash, found nothing"),
    ];
    let store = dir.path().join("store");
    for (block, witness, message) in cases {
        let output = import(&store, "x", "sepolia", &block, &witness).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{stderr}");
        assert!(stderr.contains(message), "{message}\n{stderr}");
        assert!(!store.exists(), "nothing is stored");
    }
}

/// What an import that was killed `after` its start left of the name in a
/// store, and whether it was done before.
fn killed_import(store: &Path, replace: bool, after: Duration) -> (Option<Value>, bool) {
    let mut command = import_generated(store, "generated", "hoodi");
    command.stdout(Stdio::null()).stderr(Stdio::null());
    if replace {
        command.arg("--replace");
    }
    let mut child = command.spawn().unwrap();
    std::thread::sleep(after);
    // It may have ended already; that is a moment like any other.
    let _ = child.kill();
    let done = child.wait().unwrap().success();
    let show = ["input", "show", "x", "--json"];
    let shown = xtask().env("WASRISC_DATA_DIR", store).args(show).output().unwrap();
    if shown.status.success() {
        return (Some(data(&shown)[0]["sha256"].clone()), done);
    }
    let stderr = String::from_utf8_lossy(&shown.stderr);
    assert!(stderr.contains("no input and no file is called `x`"), "{stderr}");
    (None, done)
}

fn import_generated(store: &Path, name: &str, chain: &str) -> Command {
    let file = |end| project().join(format!("guests/stateless/inputs/{name}-{end}.rlp"));
    import(store, "x", chain, &file("block"), &file("witness"))
}

/// Wherever an import is killed, its name stands for what it stood for before or
/// for all of the new one: nothing or it, the old one or it.
#[test]
fn a_killed_import_leaves_no_half_of_an_input() {
    let dir = tempfile::tempdir().unwrap();
    let begun = Instant::now();
    let new = data(&succeeds(&mut import_generated(&dir.path().join("a"), "generated", "hoodi")));
    let whole = begun.elapsed();
    let other = |store: &Path| import_generated(store, "generated-osaka", "sepolia");
    let old = data(&succeeds(&mut other(&dir.path().join("b"))))["sha256"].clone();
    for before in [None, Some(old)] {
        // From before its first step until one is done, in twenty or more moments.
        let (mut unchanged, mut imported) = (0, 0);
        for i in 0..200 {
            let store = tempfile::tempdir().unwrap();
            if before.is_some() {
                succeeds(&mut other(store.path()));
            }
            let (left, done) = killed_import(store.path(), before.is_some(), whole * i / 20);
            if left == before {
                assert!(!done, "an import that succeeds is there");
                unchanged += 1;
            } else {
                assert_eq!(left.as_ref(), Some(&new["sha256"]), "killed at moment {i}");
                imported += 1;
            }
            if done && i >= 20 {
                break;
            }
        }
        assert!(unchanged > 0 && imported > 0, "{unchanged} before, {imported} after");
    }
}
