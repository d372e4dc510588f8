//! `report` on two small reports: what it writes, and how it exits. Needs no
//! toolchain.

mod support;

use std::path::PathBuf;
use std::process::Output;

use serde_json::{json, Value};
use support::{project, xtask};
use tempfile::TempDir;

/// Two reports in a directory of their own, and the cache that goes with it.
struct Reports {
    dir: TempDir,
}

/// Changes a report in one way.
type Change = fn(&mut Value);

impl Reports {
    /// `old.json` is the golden report `mixed`, `new.json` what `change` makes
    /// of it.
    fn new(change: Change) -> Reports {
        let golden = project().join("xtask/src/report/golden/mixed.json");
        let text = std::fs::read_to_string(golden).unwrap();
        let mut report: Value = serde_json::from_str(&text).unwrap();
        let reports = Reports { dir: tempfile::tempdir().unwrap() };
        std::fs::write(reports.path("old.json"), text).unwrap();
        change(&mut report);
        std::fs::write(reports.path("new.json"), report.to_string()).unwrap();
        reports
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn report(&self, args: &[&str]) -> Output {
        let mut command = xtask();
        command.env("WASRISC_CACHE_DIR", self.path("cache"));
        command.arg("report").arg(self.path("new.json")).args(["--output", "-"]);
        command.arg("--baseline").arg(self.path("old.json")).args(args);
        command.output().unwrap()
    }
}

const CELL: &str = "hello_world-rust (default) wasmtime/linux own.bin runs 1";

/// The cell of that label: one thread, measured once, no other runs.
fn chosen(cell: &Value) -> bool {
    cell["guest"] == "hello_world-rust"
        && cell["pipeline"] == "wasmtime"
        && cell["platform"] == "linux"
}

fn translated(report: &mut Value) -> &mut Value {
    let cells = report["cells"].as_array_mut().unwrap();
    cells.iter_mut().find(|c| chosen(c)).unwrap()
}

fn without(report: &mut Value) {
    report["cells"].as_array_mut().unwrap().retain(|c| !chosen(c));
}

/// Three per cent more, from another ELF.
fn dearer(report: &mut Value) {
    let cell = translated(report);
    cell["elf"]["sha256"] = json!("1".repeat(64));
    let numbers = cell["instructions"].as_object_mut().unwrap();
    let total = numbers["total"].as_u64().unwrap() * 103 / 100;
    numbers["total"] = json!(total);
    numbers["single"] = json!(total);
    numbers["startup"] = json!(total);
}

fn failing(report: &mut Value) {
    let cell = translated(report);
    cell["status"] = json!("failed");
    cell["reason"] = json!("exit code 1: no");
    for name in ["total", "startup", "single"] {
        cell["instructions"][name] = Value::Null;
    }
    // A cell that is not ok has no detail, nor reasons for what is missing of it.
    for (name, value) in cell["detail"].as_object_mut().unwrap() {
        *value = if name == "missing" { json!({}) } else { Value::Null };
    }
}

#[test]
fn the_exit_code_says_whether_a_cell_is_worse_than_allowed() {
    // What changed, the limit, the exit code, what stderr says.
    let cases: [(Change, &str, i32, &[&str]); 7] = [
        (|_| (), "0", 0, &[]),
        (dearer, "3.1", 0, &[]),
        (
            dearer,
            "2.9",
            1,
            &[CELL, "▲ worse", "1 of 17 cells are worse by more than 2.9 %", "hint: "],
        ),
        (dearer, "2.9%", 1, &[CELL]),
        (failing, "99", 1, &[CELL, "failed: exit code 1: no"]),
        (without, "0", 0, &["1 of the baseline's"]),
        (dearer, "-1", 2, &["not a percentage"]),
    ];
    for (change, limit, code, expected) in cases {
        let reports = Reports::new(change);
        let output = reports.report(&[&format!("--fail-above={limit}")]);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{limit}: {stderr}");
        assert_eq!(stderr.contains(CELL), expected.contains(&CELL), "{limit}: {stderr}");
        for text in expected {
            assert!(stderr.contains(text), "{limit}: no `{text}` in {stderr}");
        }
    }
}

#[test]
fn without_a_limit_worse_is_no_failure() {
    let output = Reports::new(dearer).report(&[]);
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success());
    assert!(stdout.contains("(+3.00 %) ▲ worse"), "{stdout}");
}

#[test]
fn json_has_the_difference_and_the_report() {
    let output = Reports::new(dearer).report(&["--json"]);
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    let of = |value: &Value, verdict: &str| {
        let changes = value["difference"]["cells"].as_array().unwrap();
        changes.iter().filter(|c| c["verdict"] == verdict).count()
    };
    let cells = printed["cells"].as_array().unwrap().len();
    assert_eq!((of(&printed, "worse"), of(&printed, "same")), (1, cells - 1), "{printed}");
}

#[test]
fn the_comment_is_written_even_when_the_gate_closes() {
    let reports = Reports::new(dearer);
    let comment = reports.path("comment.md");
    let output = reports.report(&["--fail-above", "1", "--comment", comment.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let text = std::fs::read_to_string(comment).unwrap();
    assert!(text.starts_with("<!-- wasrisc report -->\n"), "{text}");
    assert!(text.contains("1 worse"), "{text}");
}

#[test]
fn a_limit_wants_a_baseline_and_a_baseline_a_report() {
    let output = xtask().args(["report", "--fail-above", "1"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let reports = Reports::new(|_| ());
    std::fs::write(reports.path("old.json"), "{}").unwrap();
    let output = reports.report(&[]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{stderr}");
    assert!(stderr.contains("old.json:"), "{stderr}");
}
