//! Renderings are files (`golden/NAME.json` and `.md`; `WASRISC_BLESS=1`
//! rewrites the latter), malformed reports a table.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::{json, Value};

use super::comment;
use super::detail::{Detail, Hottest, Misaligned, Mix};
use super::difference::{Difference, Verdict};
use super::model::{fill_derived, Artifact, Build, Cell, Report, Spread, Status, VERSION};
use super::{format, render};

const DOC: &str = include_str!("../../../docs/report-json.md");

fn golden_files(extension: &str) -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/report/golden");
    let entries = std::fs::read_dir(folder).expect("the golden files are part of the source");
    let mut files: Vec<PathBuf> = entries.map(|e| e.expect("readable").path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == extension));
    files.sort();
    assert!(!files.is_empty(), "no golden {extension} file");
    files
}

fn full_cell() -> Cell {
    let artifact = |digit: &str| Artifact { path: "/x".into(), sha256: digit.repeat(64), bytes: 3 };
    let mut cell = Cell::new("g", "default", "direct", "linux", "i");
    cell.instructions.total = Some(60);
    cell.instructions.single = Some(60);
    cell.instructions.startup = Some(10);
    cell.instructions.per_run = vec![45];
    cell.instructions.exit = Some(5);
    cell.instructions.spread = Some(Spread { repeats: 3, min: 59, max: 61 });
    cell.detail = full_detail();
    cell.vcpus = Some(2);
    cell.elf = Some(artifact("a"));
    cell.wasm = Some(artifact("b"));
    cell.build =
        Some(Build { seconds: Some(1.5), peak_bytes: Some(9), steps_run: 2, steps_cached: 1 });
    cell.provenance.input_sha256 = Some("c".repeat(64));
    cell
}

fn full_detail() -> Detail {
    let hottest = Some(Hottest { function: "f".into(), accesses: 2 });
    Detail {
        total: Some(59),
        mix: Some(Mix { loads: 20, other: 39, ..Mix::default() }),
        misaligned: Some(Misaligned { load4: 3, hottest, ..Misaligned::default() }),
        peak_linear_memory_bytes: Some(65536),
        peak_stack_bytes: Some(96),
        missing: Default::default(),
    }
}

/// Compares with the golden file `expected`, or renews it.
fn check_golden(expected: &std::path::Path, rendered: &str) {
    if std::env::var_os("WASRISC_BLESS").is_some() {
        std::fs::write(expected, rendered).expect("golden files can be written");
    }
    let text = std::fs::read_to_string(expected).unwrap_or_default();
    let name = expected.file_name().expect("a file").to_string_lossy();
    assert!(text == rendered, "{name} differs; WASRISC_BLESS=1 rewrites it:\n{rendered}");
}

#[test]
fn golden_rendering() {
    for json in golden_files("json") {
        let report = Report::read(&json).expect("a golden report is valid");
        check_golden(&json.with_extension("md"), &render::markdown(&report, None));
    }
}

/// `mixed.json` as it might have been before: one cell of each verdict at least.
fn earlier() -> Report {
    let mut cells = golden_report("mixed.json").cells;
    let later = |cell: &Cell| cell.runs > 1 && cell.pipeline == "wasmtime";
    for cell in cells.iter_mut() {
        // Cheaper by a 50th, dearer by a 10th, or by less than noise.
        let of = |n: u64| match (cell.pipeline.as_str(), cell.setting.as_str()) {
            ("wasmtime", _) => n - n / 50,
            (_, "default") => n + n / 10,
            _ => n + n / 2000,
        };
        cell.instructions.total = cell.instructions.total.map(of);
        cell.instructions.startup = None;
        cell.instructions.per_run.clear();
        cell.instructions.exit = None;
        if let Some(spread) = &mut cell.instructions.spread {
            (spread.min, spread.max) = (of(spread.min), of(spread.max));
        }
        if let Some(elf) = cell.elf.as_mut().filter(|_| cell.platform == "linux") {
            elf.sha256 = "0".repeat(64);
        }
        if cell.input == "own.bin" && cell.platform == "amd64" {
            cell.provenance.mode = Some("another mode".into());
        }
    }
    cells.retain(|cell| !(later(cell) && cell.runs == 4));
    let mut gone = cells[0].clone();
    gone.guest = "was_here".into();
    cells.push(gone);
    let failed = cells.iter_mut().filter(|c| c.status == Status::Failed);
    for (cell, total) in failed.zip([400_000, 2_500_000_000]) {
        (cell.status, cell.reason) = (Status::Ok, None);
        cell.instructions.total = Some(total);
        cell.vcpus = Some(1);
    }
    fill_derived(&mut cells);
    Report::new(cells)
}

#[test]
fn golden_rendering_against_a_baseline() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/report/golden");
    let report = golden_report("mixed.json");
    let difference = Difference::between(&earlier(), &report);
    for verdict in Verdict::ALL {
        assert!(difference.count(verdict) > 0, "no cell is {verdict:?}");
    }
    let markdown = render::markdown(&report, Some(&difference));
    check_golden(&folder.join("against-a-baseline.md"), &markdown);
    let commented = comment::markdown(&report, Some(&difference));
    check_golden(&folder.join("comment.md"), &commented);
    let alone = comment::markdown(&report, None);
    check_golden(&folder.join("comment-without-baseline.md"), &alone);
    for text in [commented, alone] {
        assert_eq!(text.lines().next(), Some("<!-- wasrisc report -->"));
    }
}

fn golden_report(name: &str) -> Report {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/report/golden");
    Report::read(&folder.join(name)).expect("a golden report is valid")
}

#[test]
fn the_overview_has_a_row_for_each_series() {
    let report = golden_report("mixed.json");
    let series: std::collections::BTreeSet<_> = report.cells.iter().map(Cell::series).collect();
    let rows = super::render::overview(&report, None).lines().count() - 2;
    assert_eq!(rows, series.len());
}

#[test]
fn the_order_of_cells_does_not_matter() {
    for json in golden_files("json") {
        let mut report = Report::read(&json).expect("a golden report is valid");
        let expected = render::markdown(&report, None);
        for _ in 0..report.cells.len() {
            report.cells.rotate_left(1);
            assert_eq!(render::markdown(&report, None), expected);
        }
        report.cells.reverse();
        assert_eq!(render::markdown(&report, None), expected);
        assert_eq!(Report::new(report.cells.clone()).to_json(), {
            let text = std::fs::read_to_string(&json).expect("readable");
            Report::parse(&text, "golden").expect("valid").to_json()
        });
    }
}

#[test]
fn no_path_and_no_empty_table_cell_is_rendered() {
    for json in golden_files("json") {
        let report = Report::read(&json).expect("a golden report is valid");
        let text = render::markdown(&report, None);
        for cell in &report.cells {
            for artifact in cell.elf.iter().chain(&cell.wasm) {
                assert!(!text.contains(&artifact.path), "{} is rendered", artifact.path);
            }
        }
        for line in text.lines().filter(|line| line.starts_with('|')) {
            assert!(!line.contains("|  |"), "an empty cell: {line}");
        }
    }
}

/// Breaks a valid report in one way.
type Break = fn(&mut Value);

/// What is broken, how, and what the message says.
const MALFORMED: &[(&str, Break, &str)] = &[
    ("another version", |v| v["version"] = json!(99), ": version 99, where"),
    ("version nought", |v| v["version"] = json!(0), ": version 0, where"),
    ("an older version", |v| v["version"] = json!(1), ": version 1 with `detail`"),
    ("another format", |v| *v = json!({ "version": 4, "cells": {} }), "r.json:3: version 4, where"),
    ("no arguments", |v| drop_key(&mut first(v)["provenance"], "arguments"), "field `arguments`"),
    ("no version", |v| drop_key(v, "version"), "missing field `version`"),
    ("unknown key", |v| v["when"] = json!(1), "r.json:87:8: unknown field `when`"),
    ("unknown cell key", |v| first(v)["speed"] = json!(1), "unknown field `speed`"),
    ("missing key", |v| drop_key(first(v), "reason"), "missing field `reason`"),
    ("missing number", |v| drop_key(&mut first(v)["instructions"], "single"), "`single`"),
    ("unknown status", |v| first(v)["status"] = json!("good"), "unknown variant `good`"),
    ("negative total", |v| total(v, json!(-1)), "invalid value: integer `-1`"),
    (
        "ok, no total",
        |v| total(v, json!(null)),
        "cells[0] (g (default) direct/linux i runs 1): status is ok but inst",
    ),
    ("ok, no ELF", |v| first(v)["elf"] = json!(null), "status is ok but elf"),
    ("ok, a reason", |v| first(v)["reason"] = json!("x"), "status is ok but there is"),
    ("failed", |v| first(v)["status"] = json!("failed"), "failed without a reason"),
    ("wrong sum", |v| total(v, json!(61)), "single is not the total"),
    ("wrong phases", |v| first(v)["instructions"]["exit"] = json!(6), "do not add up"),
    ("wrong marginal", |v| first(v)["instructions"]["marginal"] = json!(6), "marginal is"),
    ("short hash", |v| first(v)["elf"]["sha256"] = json!("ab"), "elf.sha256 is not 64"),
    ("no runs", |v| first(v)["runs"] = json!(0), "runs is 0"),
    ("no detail", |v| drop_key(first(v), "detail"), "missing field `detail`"),
    ("no stack", |v| drop_key(&mut first(v)["detail"], "peak_stack_bytes"), "`peak_stack_bytes`"),
    ("no class", |v| drop_key(&mut first(v)["detail"]["mix"], "jumps"), "`jumps`"),
    ("wrong mix", |v| first(v)["detail"]["mix"]["jumps"] = json!(1), "does not add up to detail"),
    ("a null", |v| first(v)["detail"]["mix"] = json!(null), "detail.mix is null without a reason"),
    (
        "a reason too many",
        |v| first(v)["detail"]["missing"]["mix"] = json!("x"),
        "detail.mix is there with a reason",
    ),
    ("a reason for what", |v| first(v)["detail"]["missing"]["x"] = json!("x"), "names `x`"),
    ("detail of what", |v| first(v)["detail"]["total"] = json!(null), "without detail.total"),
    (
        "hotter than all",
        |v| first(v)["detail"]["misaligned"]["hottest"]["accesses"] = json!(4),
        "hottest is not one of",
    ),
    ("none is hottest", |v| first(v)["detail"]["misaligned"]["hottest"] = json!(null), "hottest"),
    ("spread", |v| first(v)["instructions"]["spread"]["min"] = json!(61), "spread does"),
    ("twice", twice, "the same cell as cells[0]"),
];

#[test]
fn malformed_reports() {
    for (name, break_it, message) in MALFORMED {
        let report = Report::new(vec![full_cell()]);
        let mut value = serde_json::to_value(&report).expect("a report is JSON");
        Report::parse(&value.to_string(), "r.json").expect("the report is valid before");
        break_it(&mut value);
        let text = serde_json::to_string_pretty(&value).expect("a value is JSON");
        let error = Report::parse(&text, "r.json").expect_err(name).to_string();
        assert!(error.contains(message), "{name}: {error}");
        assert!(error.starts_with("r.json:"), "{name}: {error}");
    }
}

fn twice(report: &mut Value) {
    let cell = first(report).clone();
    report["cells"].as_array_mut().expect("a list").push(cell);
}

fn first(report: &mut Value) -> &mut Value {
    &mut report["cells"][0]
}

fn total(report: &mut Value, total: Value) {
    first(report)["instructions"]["total"] = total;
}

fn drop_key(object: &mut Value, key: &str) {
    object.as_object_mut().expect("an object").remove(key).expect("the key is there");
}

/// What a report of version 1 did not have is null, with that as its reason,
/// and it is of this version when it is written again.
#[test]
fn an_older_report_is_read() {
    let report = golden_report("version-1.json");
    assert_eq!(report.version, VERSION);
    let text = report.to_json();
    assert_eq!(Report::parse(&text, "again").expect("valid"), report);
    for cell in report.cells {
        let expected = match cell.status {
            Status::Ok => Detail::absent("of a report of version 1"),
            _ => Detail::default(),
        };
        assert_eq!(cell.detail, expected, "{}", cell.label());
    }
}

#[test]
fn a_report_of_version_2_has_no_arguments() {
    let mut value = serde_json::to_value(Report::new(vec![full_cell()])).expect("JSON");
    value["version"] = json!(2);
    drop_key(&mut first(&mut value)["provenance"], "arguments");
    let read = Report::parse(&value.to_string(), "r.json").expect("it is valid");
    assert_eq!(read, Report::new(vec![full_cell()]));
    first(&mut value)["provenance"]["arguments"] = json!(["a"]);
    let error = Report::parse(&value.to_string(), "r.json").expect_err("it has some").to_string();
    assert_eq!(error, "r.json:1: version 2 with `arguments`");
}

#[test]
fn a_cell_that_failed_has_no_detail() {
    let failed = full_cell().without_numbers(Status::Failed, "why");
    let text = Report::new(vec![failed.clone()]).to_json();
    Report::parse(&text, "r.json").expect("it has none");
    let kept = Cell { detail: full_detail(), ..failed };
    let text = Report::new(vec![kept]).to_json();
    let error = Report::parse(&text, "r.json").expect_err("it has one").to_string();
    assert!(error.ends_with("detail of a cell that is not ok"), "{error}");
}

#[test]
fn text_that_is_no_json_is_refused_with_its_place() {
    let error = Report::parse("{\n  \"version\": 2,\n", "r.json").expect_err("truncated");
    assert_eq!(error.to_string(), "r.json:3:0: EOF while parsing a value");
}

#[test]
fn missing_is_not_zero() {
    let mut ok = full_cell();
    ok.instructions = Default::default();
    ok.instructions.total = Some(2_000_000);
    ok.detail = Detail::absent("not measured");
    ok.build = None;
    ok.vcpus = None;
    let mut ten = ok.clone();
    ten.runs = 10;
    let mut cells =
        vec![ok.clone(), ten.without_numbers(Status::Failed, "it printed `x`\ninstead of | y")];
    ok.pipeline = "w".into();
    cells.push(ok.without_numbers(Status::Unavailable, "no compiler"));
    fill_derived(&mut cells);
    assert_eq!(cells[1].instructions.single, None);
    assert_eq!(cells[1].instructions.marginal, None);
    let text = render::markdown(&Report::new(cells), None);
    for line in [
        "| direct | linux | 2.0 | 1.00 | n/a (failed, cell 2) | n/a (failed, cell 2) | 1, 2 |",
        "| w | linux | n/a (unavailable, cell 3) | n/a (unavailable, cell 3) \
         | n/a (unavailable, cell 3) | n/a (unavailable, cell 3) | 3 |",
        "| g | default | i | direct | linux | 10 | failed | it printed `x` instead of \\| y |",
        "| 1 | g | default | i | direct | linux | 1 | n/a (not measured) | n/a (no run announced) \
         | n/a (no later run) | n/a (no exit announced) | 2.0 |",
        "| 1 | g | default | i | direct | linux | n/a (not measured) | n/a (not measured) |",
    ] {
        assert!(text.contains(line), "{line}\nis not in\n{text}");
    }
    assert!(!text.contains("| 0 |") && !text.contains("| 0.0 |"), "a zero in\n{text}");
}

/// Changes a cell in one way.
type Change = fn(&mut Cell);

#[test]
fn ratios_want_the_same_mode_and_input() {
    let cases: [(&str, Change); 3] = [
        ("| 2.0 | 1.00 |", |_| ()),
        ("n/a (counted in another mode than direct)", |c| c.provenance.mode = Some("m".into())),
        ("n/a (another input than direct)", |c| c.provenance.input_sha256 = None),
    ];
    for (expected, change) in cases {
        let mut direct = full_cell();
        direct.instructions.total = Some(2_000_000);
        let mut other = direct.clone();
        other.pipeline = "w".into();
        change(&mut other);
        let text = render::headline(&Report::new(vec![direct, other]), None);
        let row = text.lines().find(|l| l.starts_with("| w ")).expect("a row for w");
        assert!(row.contains(expected), "{row}");
    }
}

#[test]
fn derived_numbers() {
    // total at runs = 1, total, runs, marginal
    let cases = [
        (100, 1000, 10, Some(100)),
        (100, 104, 4, Some(1)),
        (100, 105, 4, Some(2)),
        (100, 95, 4, Some(-2)),
        (100, 96, 5, Some(-1)),
        (100, 100, 1, None),
    ];
    for (single, total, runs, expected) in cases {
        let cell = |total, runs| {
            let mut cell = full_cell();
            cell.instructions = Default::default();
            cell.instructions.total = Some(total);
            cell.runs = runs;
            cell
        };
        let mut cells = vec![cell(total, runs), cell(single, 1)];
        fill_derived(&mut cells);
        assert_eq!(cells[0].instructions.single, Some(single), "{total} / {runs}");
        assert_eq!(cells[0].instructions.marginal, expected, "{total} / {runs}");
        assert_eq!(cells[1].instructions.marginal, None);
    }
}

#[test]
fn a_series_without_a_single_run_has_no_marginal() {
    let mut cell = full_cell();
    cell.runs = 10;
    cell.instructions.single = None;
    let mut other = full_cell();
    other.setting = "gc-on".into();
    let mut cells = vec![cell, other];
    fill_derived(&mut cells);
    assert_eq!(cells[0].instructions.single, None);
    assert_eq!(cells[0].instructions.marginal, None);
    assert_eq!(cells[1].instructions.single, Some(60));
}

#[test]
fn numbers_as_text() {
    let cases = [
        (0, "0"),
        (1, "0.000001"),
        (999_999, "0.999999"),
        (1_000_000, "1.0"),
        (1_049_999, "1.0"),
        (1_050_000, "1.1"),
        (999_950_000, "1,000.0"),
        (2_417_123_456, "2,417.1"),
        (-1_250_000, "-1.3"),
        (-12, "-0.000012"),
    ];
    for (n, text) in cases {
        assert_eq!(format::millions(n), text);
    }
    assert_eq!(format::ratio(3.338), "3.34");
    assert_eq!(format::ratio(0.001), "<0.01");
    assert_eq!(format::thousands(1_234_567), "1,234,567");
    assert_eq!(format::mebibytes(1), "<0.1");
    assert_eq!(format::mebibytes(1536 << 20), "1,536.0");
    assert_eq!(format::code("a"), "`a`");
    assert_eq!(format::code("a `b` | c"), "`` a `b` \\| c ``");
    assert_eq!(format::code("`` @a"), "``` `` @a ```");
    assert_eq!(format::code("` ``` ``"), "```` ` ``` `` ````");
    assert_eq!(format::code(r"a\|b \\| \\\|"), r"`a\\\|b \\\| \\\\\|`");
    assert_eq!(format::cell_text("a\n<b> |"), "a &lt;b> \\|");
}

/// Dotted names of all keys below `value`; keys of free maps are not names.
fn keys(value: &Value, prefix: &str, found: &mut BTreeSet<String>) {
    let Value::Object(object) = value else { return };
    for (key, value) in object {
        let name = format!("{prefix}{key}");
        if !["provenance.tools", "provenance.environment", "detail.missing"]
            .contains(&name.as_str())
        {
            keys(value, &format!("{name}."), found);
        }
        found.insert(name);
    }
}

#[test]
fn the_document_has_every_key_and_no_other() {
    let report = Report { version: VERSION, cells: vec![] };
    let mut expected = BTreeSet::new();
    keys(&serde_json::to_value(&report).expect("JSON"), "", &mut expected);
    keys(&serde_json::to_value(full_cell()).expect("JSON"), "", &mut expected);
    let difference = Difference::between(&earlier(), &golden_report("mixed.json"));
    let change = serde_json::to_value(&difference.cells[0]).expect("JSON");
    keys(&change, "difference.cells[].", &mut expected);
    expected.extend(["difference".to_string(), "difference.cells".into()]);
    let rows = DOC.lines().filter_map(|line| line.strip_prefix("| `"));
    let documented: BTreeSet<String> =
        rows.filter_map(|row| Some(row.split_once('`')?.0.to_string())).collect();
    assert_eq!(documented, expected);
}
