//! `cargo xtask cache`, on a cache of the test's own.

mod support;

use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::{Duration, SystemTime};

use serde_json::{json, Value};
use support::xtask;

/// sha256 of `hello`.
const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

/// Says that a directory is ours.
const LAYOUT: &str = "wasrisc cache, layout 2\n";

fn cache(dir: &Path, args: &[&str]) -> Output {
    let mut command = xtask();
    command.env("WASRISC_CACHE_DIR", dir).env("WASRISC_DATA_DIR", dir.join("data"));
    command.arg("cache").args(args).output().unwrap()
}

fn json(output: &Output) -> Value {
    let stderr = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {stderr}"))
}

/// Puts an entry with one file into a cache, last used so many days ago; its
/// directory.
fn plant(dir: &Path, digit: char, text: &str, days: u64) -> PathBuf {
    let key = digit.to_string().repeat(64);
    let place = dir.join("v2/steps").join(&key[..2]).join(&key);
    std::fs::create_dir_all(&place).unwrap();
    std::fs::write(dir.join("v2/layout"), LAYOUT).unwrap();
    std::fs::write(place.join("out"), text).unwrap();
    let entry = json!({
        "key": key, "step": "s", "seconds": 1.0, "peak_bytes": 1,
        "outputs": { "o": { "file": "out", "sha256": HELLO, "bytes": 5 } },
    });
    let path = place.join("entry.json");
    std::fs::write(&path, entry.to_string()).unwrap();
    let used = SystemTime::now() - Duration::from_secs(days * 24 * 60 * 60);
    std::fs::File::open(path).unwrap().set_modified(used).unwrap();
    place
}

#[test]
fn stats_say_what_lies_where() {
    let dir = tempfile::tempdir().unwrap();
    plant(dir.path(), 'a', "hello", 3);
    plant(dir.path(), 'b', "hello", 5);
    let stats = json(&cache(dir.path(), &["stats", "--json"]));
    let rooms: Vec<&str> =
        stats["rooms"].as_array().unwrap().iter().map(|r| r["room"].as_str().unwrap()).collect();
    assert_eq!(rooms, ["steps", "sources", "last", "scratch", "tools", "logs", "tmp", "versions"]);
    let steps = &stats["rooms"][0];
    assert_eq!((&steps["items"], &stats["items"]), (&json!(2), &json!(2)));
    let days = (steps["newest"].as_u64().unwrap() - steps["oldest"].as_u64().unwrap()) / 86_400;
    assert!((1..=2).contains(&days) && steps["bytes"].as_u64() > Some(10), "{stats}");
    let table = String::from_utf8(cache(dir.path(), &["stats"]).stdout).unwrap();
    assert!(table.contains("\nsteps ") && table.contains("5 d ago"), "{table}");
}

#[test]
fn verify_finds_what_is_damaged_and_drops_it() {
    let dir = tempfile::tempdir().unwrap();
    let (good, bad) = (plant(dir.path(), 'a', "hello", 0), plant(dir.path(), 'b', "hellO", 0));
    std::fs::create_dir_all(dir.path().join("v2/sources")).unwrap();
    std::fs::write(dir.path().join("v2/sources/x.json"), "[{").unwrap();
    let output = cache(dir.path(), &["verify", "--json"]);
    let found = json(&output);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!((&found["entries"], &found["bytes"]), (&json!(1), &json!(5)));
    assert_eq!(found["damaged"][0]["old"], HELLO);
    assert_eq!(found["damaged"].as_array().unwrap().len(), 2, "{found}");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let warning = format!("damaged in the cache, dropped: {}/out: 2cf24dba5fb0 → ", bad.display());
    assert!(said.contains(&warning), "{said}");
    assert!(good.exists() && !bad.exists());
    assert_eq!(cache(dir.path(), &["verify"]).status.code(), Some(0));
}

#[test]
fn gc_takes_what_is_old_and_clear_takes_all_but_the_users_data() {
    let dir = tempfile::tempdir().unwrap();
    let (old, young) = (plant(dir.path(), 'a', "hello", 40), plant(dir.path(), 'b', "hello", 9));
    let data = dir.path().join("data/inputs/mine");
    std::fs::create_dir_all(&data).unwrap();
    let check = |args: &[&str], items: u64, left: [bool; 2]| {
        let output = cache(dir.path(), &[args, &["--json"]].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(json(&output)["items"], items, "{args:?}");
        assert_eq!([old.exists(), young.exists()], left, "{args:?}");
    };
    check(&["gc", "--dry-run"], 1, [true, true]);
    check(&["gc"], 1, [false, true]);
    check(&["gc", "--older-than", "10d", "--max-size", "1GiB"], 0, [false, true]);
    check(&["clear", "--dry-run"], 1, [false, true]);
    check(&["clear"], 1, [false, false]);
    assert!(data.exists() && dir.path().join("v2/CACHEDIR.TAG").exists());
    assert_eq!(cache(dir.path(), &["gc", "--older-than", "10"]).status.code(), Some(2));
}

/// A cache that cannot be used ends any command with what and what to do.
#[test]
fn what_is_not_our_cache_is_a_clear_error() {
    let check = |file: &str, text: &str, parts: [&str; 2]| {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        let output =
            xtask().env("WASRISC_CACHE_DIR", dir.path()).args(["list", "guests"]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(3), "{said}");
        for part in [dir.path().to_str().unwrap(), "hint: "].iter().chain(&parts) {
            assert!(said.contains(part), "no `{part}` in {said}");
        }
        assert_eq!(std::fs::read_to_string(path).unwrap(), text, "nothing is lost");
    };
    check("v2", "mine", ["/v2", "a file lies where the cache needs a directory"]);
    check("v2/thesis", "mine", ["/v2 is no cache of wasrisc", "`thesis`"]);
    check("v2/layout", "another\n", ["cache of another wasrisc", "says `another`"]);
}
