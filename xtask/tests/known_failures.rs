//! What pipelines cannot do: every entry of docs/known-failures/known.toml is
//! built and run, and docs/known-failures.md says what its row says.
//!
//! After a change that is meant: `WASRISC_BLESS=1 cargo test -p xtask --test
//! known_failures`.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;
use support::{project, xtask};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    failure: Vec<Failure>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Failure {
    /// Of the module `NAME.wat`.
    name: String,
    title: String,
    pipeline: String,
    platforms: Vec<String>,
    why: String,
    /// A guest of the project, where it takes the place of a module.
    guest: Option<String>,
    #[serde(default)]
    upstream: Vec<String>,
}

/// Status and reason of a row, by platform.
type Rows = BTreeMap<String, (String, String)>;

fn folder() -> PathBuf {
    project().join("docs/known-failures")
}

fn known() -> Vec<Failure> {
    let text = std::fs::read_to_string(folder().join("known.toml")).unwrap();
    toml::from_str::<Known>(&text).unwrap().failure
}

impl Failure {
    fn module(&self) -> PathBuf {
        folder().join(format!("{}.wat", self.name))
    }

    /// What the command line calls it, and what its rows call it.
    fn word(&self) -> (String, &str) {
        match &self.guest {
            Some(guest) => (guest.clone(), guest),
            None => (self.module().to_str().unwrap().to_string(), &self.name),
        }
    }
}

/// The rows of one report: every failure of a pipeline on a platform.
fn measure(failures: &[&Failure], pipeline: &str, platform: &str) -> BTreeMap<String, Value> {
    let output = tempfile::tempdir().unwrap();
    let nothing = tempfile::tempdir().unwrap();
    let mut bench = xtask();
    // Tools of the user's own change what is unavailable.
    bench.env("PATH", nothing.path());
    for tool in ["DOTNET", "WASI_SDK"] {
        bench.env_remove(format!("WASRISC_TOOL_{tool}"));
    }
    bench.args(["bench", "--json", "--runs", "1", "-p", pipeline, "-t", platform, "--output"]);
    bench.arg(output.path()).args(failures.iter().map(|failure| failure.word().0));
    let done = bench.output().unwrap();
    let report: Value = serde_json::from_slice(&done.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&done.stderr)));
    let cells = report["cells"].as_array().unwrap();
    cells.iter().map(|c| (c["guest"].as_str().unwrap().to_string(), c.clone())).collect()
}

/// The rows of every failure, by name.
fn measure_all(known: &[Failure]) -> BTreeMap<&str, Rows> {
    let series: BTreeSet<(&str, &str)> = known
        .iter()
        .flat_map(|f| f.platforms.iter().map(|p| (f.pipeline.as_str(), p.as_str())))
        .collect();
    let mut all: BTreeMap<&str, Rows> = BTreeMap::new();
    for (pipeline, platform) in series {
        let wanted =
            |f: &&Failure| f.pipeline == pipeline && f.platforms.iter().any(|p| p == platform);
        let failures: Vec<&Failure> = known.iter().filter(wanted).collect();
        let cells = measure(&failures, pipeline, platform);
        for failure in failures {
            let cell =
                cells.get(failure.word().1).unwrap_or_else(|| panic!("no row of {}", failure.name));
            let text = |field: &str| cell[field].as_str().unwrap_or_default().to_string();
            let row = (text("status"), text("reason"));
            all.entry(&failure.name).or_default().insert(platform.to_string(), row);
        }
    }
    all
}

/// The row's reason, which must be the same on every platform but for its name.
fn reason<'a>(failure: &Failure, rows: &'a Rows) -> (&'a str, &'a str) {
    let neutral = |platform: &str, reason: &str| reason.replace(&format!("-{platform}`"), "`");
    let first = &failure.platforms[0];
    for (platform, (status, reason)) in rows {
        assert_ne!(status, "ok", "{} works now on {platform}: take it out", failure.name);
        assert_eq!(status, &rows[first].0, "{} on {platform}", failure.name);
        assert_eq!(neutral(platform, reason), neutral(first, &rows[first].1), "{}", failure.name);
    }
    (&rows[first].0, &rows[first].1)
}

fn section(failure: &Failure, rows: &Rows) -> String {
    let (status, reason) = reason(failure, rows);
    let platforms: Vec<String> = failure.platforms.iter().map(|p| format!("`{p}`")).collect();
    let mut text = format!(
        "### {}\n\nPipeline `{}`, platform {}: {status}.\n\n> {reason}\n\n{}\n",
        failure.title,
        failure.pipeline,
        platforms.join(" and "),
        failure.why
    );
    if !failure.upstream.is_empty() {
        text += &format!("Upstream: {}.\n", failure.upstream.join(", "));
    }
    match &failure.guest {
        Some(guest) => text += &format!("The guest: [`{guest}`](../guests/{guest}).\n"),
        None => {
            let module = std::fs::read_to_string(failure.module()).unwrap();
            let name = &failure.name;
            text +=
                &format!("\n[`{name}.wat`](known-failures/{name}.wat):\n\n```wat\n{module}```\n");
        }
    }
    text
}

fn page(known: &[Failure]) -> String {
    let measured = measure_all(known);
    let mut text = String::from(
        "# Known failures\n\n\
         What a pipeline cannot do, with the reason as the row of a report has it and the\n\
         smallest module that shows it. To see one yourself:\n\n\
         ```sh\n\
         cargo xtask bench docs/known-failures/simd.wat --pipeline wasmtime\n\
         ```\n\n\
         This page is made from `known-failures/known.toml` and from runs of every module\n\
         by `cargo test -p xtask --test known_failures`, which fails when one of them says\n\
         something else or works; with `WASRISC_BLESS=1` it writes the page anew.\n",
    );
    for (status, heading) in [("failed", "Fails"), ("unavailable", "Unavailable by design")] {
        text += &format!("\n## {heading}\n");
        for failure in known {
            let rows = &measured[failure.name.as_str()];
            if reason(failure, rows).0 == status {
                text += &format!("\n{}", section(failure, rows));
            }
        }
    }
    text
}

#[test]
fn every_known_failure_is_one_and_its_reason_is_on_the_page() {
    let page = page(&known());
    let path = project().join("docs/known-failures.md");
    if std::env::var_os("WASRISC_BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    assert_eq!(page, std::fs::read_to_string(&path).unwrap_or_default());
}

#[test]
fn every_module_is_in_the_table_once() {
    let known = known();
    let modules = known.iter().filter(|f| f.guest.is_none()).map(|f| f.name.clone());
    let mut listed: Vec<String> = modules.collect();
    listed.sort();
    let files = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let wats = files.filter(|path| path.extension().is_some_and(|e| e == "wat"));
    let mut there: Vec<String> =
        wats.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    there.sort();
    assert_eq!(listed, there);
}
