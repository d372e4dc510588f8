//! The tables of counts, sizes and times. All take a report in order.

use std::collections::{BTreeMap, BTreeSet};

use super::changes;
use super::columns::{cell_table, cell_texts, series_table, series_texts};
use super::difference::{Change, Difference};
use super::format::{self, cell_text, code, missing, Table};
use super::model::{Artifact, Build, Cell, Report, Status, DIRECT};
use super::ratio::{ratio, value, Number, Series};

pub const NO_CELLS: &str = "No cell was measured.";

/// What one headline table is about: guest, setting, input.
type Group<'a> = [&'a str; 3];

/// The series of each group, in the order of rows: RISC-V before the machine
/// used to debug it, and `direct` before what is compared with it.
fn groups(report: &Report) -> BTreeMap<Group<'_>, Vec<Series<'_>>> {
    let mut groups: BTreeMap<Group, BTreeSet<Series>> = BTreeMap::new();
    for cell in &report.cells {
        let [guest, setting, input, ..] = cell.series();
        groups.entry([guest, setting, input]).or_default().insert(cell.series());
    }
    groups.into_iter().map(|(group, series)| (group, in_order(series))).collect()
}

fn in_order(series: BTreeSet<Series<'_>>) -> Vec<Series<'_>> {
    let mut rows: Vec<Series> = series.into_iter().collect();
    rows.sort_by_key(|s| row_order(s[3], s[4]));
    rows
}

fn row_order<'a>(platform: &'a str, pipeline: &'a str) -> (bool, &'a str, bool, &'a str) {
    (platform != "linux", platform, pipeline != DIRECT, pipeline)
}

fn group_title([guest, setting, input]: Group) -> String {
    format!("### {}, setting {}, input {}\n\n", code(guest), code(setting), code(input))
}

/// Numbers of runs above one that occur in a group.
fn run_counts(report: &Report, group: Group) -> BTreeSet<u32> {
    let of_group = |c: &&Cell| c.series()[..3] == group && c.runs > 1;
    report.cells.iter().filter(of_group).map(|c| c.runs).collect()
}

fn count_text(report: &Report, series: Series, number: Number) -> String {
    match value(report, series, number) {
        Ok((_, n)) => format::millions(n),
        Err(reason) => missing(&reason),
    }
}

fn ratio_text(report: &Report, series: Series, number: Number) -> String {
    match ratio(report, series, number) {
        Ok(ratio) => format::ratio(ratio),
        Err(reason) => missing(&reason),
    }
}

/// A report, and what changed since an earlier one if there is one.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub report: &'a Report,
    pub difference: Option<&'a Difference>,
}

impl View<'_> {
    /// Headings of the columns of one number.
    fn headings(&self, number: &str) -> Vec<String> {
        let mut headings = vec![format!(">{number}, M")];
        if self.difference.is_some() {
            headings.extend([">was, M".into(), ">change, M (%)".into()]);
        }
        headings.push(">ratio".into());
        headings
    }

    /// The texts below [`View::headings`].
    fn texts(&self, series: Series, number: Option<Number>) -> Vec<String> {
        let Some(number) = number else {
            return vec![missing("one run only"); self.headings("").len()];
        };
        let mut texts = vec![count_text(self.report, series, number)];
        if let Some(difference) = self.difference {
            let change = difference.of(series, number.runs());
            let text = |of: fn(&Change) -> String| change.map_or(missing("not measured"), of);
            texts.extend([text(changes::was), text(changes::summary_of)]);
        }
        texts.push(ratio_text(self.report, series, number));
        texts
    }
}

/// Single and marginal of each pipeline, a table for each group.
pub fn headline(view: View) -> String {
    let mut text = String::new();
    for (group, rows) in groups(view.report) {
        let most = run_counts(view.report, group).last().copied();
        let marginal = most.map_or("marginal".into(), |n| format!("marginal (N = {n})"));
        let mut headings = vec!["pipeline".into(), "platform".into()];
        headings.extend(view.headings("single"));
        headings.extend(view.headings(&marginal));
        headings.push(">cells".into());
        let mut table = Table::new(&headings);
        for series in rows {
            let [_, _, _, platform, pipeline] = series.map(cell_text);
            let mut row = vec![pipeline, platform];
            row.extend(numbers(view, series, most));
            row.push(cell_ids(view.report, series, most));
            table.row(&row);
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&group_title(group));
        text.push_str(&table.or(NO_CELLS));
    }
    if text.is_empty() {
        text = format!("{NO_CELLS}\n");
    }
    text
}

/// Single, and marginal at the most runs.
fn numbers(view: View, series: Series, most: Option<u32>) -> Vec<String> {
    let mut texts = view.texts(series, Some(Number::Single));
    texts.extend(view.texts(series, most.map(Number::Marginal)));
    texts
}

fn cell_ids(report: &Report, series: Series, most: Option<u32>) -> String {
    let shown =
        |cell: &Cell| cell.series() == series && (cell.runs == 1 || Some(cell.runs) == most);
    let ids = report.cells.iter().enumerate().filter(|(_, cell)| shown(cell));
    let ids: Vec<String> = ids.map(|(i, _)| (i + 1).to_string()).collect();
    ids.join(", ")
}

/// The headline in one table, without cells: what a README shows.
pub fn overview(view: View) -> String {
    let mut headings: Vec<String> = ["guest", "input", "pipeline"].map(String::from).into();
    headings.extend(view.headings("single"));
    headings.extend(view.headings("marginal"));
    let mut table = Table::new(&headings);
    for (group, rows) in groups(view.report) {
        let most = run_counts(view.report, group).last().copied();
        for series in rows {
            let [guest, setting, input, platform, pipeline] = series.map(cell_text);
            let guest = if setting == "default" { guest } else { format!("{guest}:{setting}") };
            let way = if platform == "linux" { pipeline } else { format!("{pipeline}/{platform}") };
            let mut row = vec![guest, input, way];
            row.extend(numbers(view, series, most));
            table.row(&row);
        }
    }
    table.or(NO_CELLS)
}

/// The marginal cost at every number of runs that was measured, with its ratio.
pub fn marginals(report: &Report) -> String {
    let mut table = series_table(&[">N", ">marginal, M", ">ratio", ">cell"]);
    for (group, rows) in groups(report) {
        for series in rows {
            for runs in run_counts(report, group) {
                let number = Number::Marginal(runs);
                let id = report.cells.iter().position(|c| c.order() == (series, runs));
                let mut row = series_texts(series);
                row.extend([
                    runs.to_string(),
                    count_text(report, series, number),
                    ratio_text(report, series, number),
                    id.map_or(missing("not measured"), |i| (i + 1).to_string()),
                ]);
                table.row(&row);
            }
        }
    }
    table.or("Everything was measured at runs = 1 only.")
}

/// Cells that are ok, with their number.
fn counted(report: &Report) -> impl Iterator<Item = (usize, &Cell)> {
    let ok = |(_, cell): &(usize, &Cell)| cell.status == Status::Ok;
    report.cells.iter().enumerate().filter(ok).map(|(i, cell)| (i + 1, cell))
}

/// Where each cell's instructions went.
pub fn phases(report: &Report) -> String {
    let mut table = cell_table(&[
        ">runs",
        ">start-up, M",
        ">first run, M",
        ">mean of the later runs, M",
        ">exit, M",
        ">total, M",
    ]);
    for (id, cell) in counted(report) {
        let numbers = &cell.instructions;
        let known = |n: Option<u64>, why: &str| n.map_or(missing(why), format::millions_of);
        let (first, later) = match numbers.per_run.split_first() {
            Some((first, later)) => (Some(*first), later),
            None => (None, &[][..]),
        };
        let later_count = later.len() as u128;
        let sum: u128 = later.iter().map(|n| u128::from(*n)).sum();
        let mean = (sum + later_count / 2).checked_div(later_count);
        let mut row = cell_texts(id, cell);
        row.extend([
            cell.runs.to_string(),
            known(numbers.startup, "not measured"),
            known(first, "no run announced"),
            known(mean.and_then(|n| u64::try_from(n).ok()), "no later run"),
            known(numbers.exit, "no exit announced"),
            known(numbers.total, "not measured"),
        ]);
        table.row(&row);
    }
    table.or(NO_CELLS)
}

/// How many threads ran, and how far repeated measurements lie apart.
pub fn spreads(report: &Report) -> String {
    let mut table = cell_table(&[
        ">runs",
        ">threads",
        ">repeats",
        ">smallest total, M",
        ">largest total, M",
        ">apart, %",
    ]);
    for (id, cell) in counted(report) {
        let threads = cell.vcpus.map_or(missing("not recorded"), |n| n.to_string());
        let spread = match cell.instructions.spread {
            Some(s) => [
                s.repeats.to_string(),
                format::millions_of(s.min),
                format::millions_of(s.max),
                apart(s.min, s.max),
            ],
            None => {
                let not_repeated = missing("measured once");
                ["1".into(), not_repeated.clone(), not_repeated.clone(), not_repeated]
            }
        };
        let mut row = cell_texts(id, cell);
        row.extend([cell.runs.to_string(), threads]);
        row.extend(spread);
        table.row(&row);
    }
    let note = "Threads make user-mode counts vary: locks are retried and idle threads look \
                for work. A program\nwith several threads is measured repeatedly, and its total \
                above is that of one of the repeats.\n\n";
    format!("{note}{}", table.or(NO_CELLS))
}

fn apart(min: u64, max: u64) -> String {
    if min == max {
        return "0".into();
    }
    let percent = 100.0 * (max as f64 / min.max(1) as f64 - 1.0);
    if percent < 0.0005 {
        return "<0.001".into();
    }
    format!("{percent:.3}")
}

/// Every cell without a number, and why.
pub fn absent(report: &Report) -> String {
    let mut table = cell_table(&[">runs", "status", "reason"]);
    for (i, cell) in report.cells.iter().enumerate() {
        let Some(reason) = &cell.reason else { continue };
        let mut row = cell_texts(i + 1, cell);
        row.extend([cell.runs.to_string(), cell.status.to_string(), cell_text(reason)]);
        table.row(&row);
    }
    table.or("None.")
}

/// Size and hash of what the builds made, each file once.
pub fn artifacts(report: &Report) -> String {
    let mut files: BTreeMap<[&str; 6], &Artifact> = BTreeMap::new();
    for cell in &report.cells {
        let [guest, setting, _, platform, pipeline] = cell.series();
        for (kind, artifact) in [("ELF", &cell.elf), ("wasm", &cell.wasm)] {
            if let Some(artifact) = artifact {
                let key = [guest, setting, pipeline, platform, kind, &artifact.sha256];
                files.insert(key, artifact);
            }
        }
    }
    let mut table =
        Table::new(&["guest", "setting", "pipeline", "platform", "file", ">bytes", "sha256"]);
    for (key, artifact) in files {
        let mut row: Vec<String> = key[..5].iter().map(|text| cell_text(text)).collect();
        row.extend([format::thousands(artifact.bytes), code(&artifact.sha256)]);
        table.row(&row);
    }
    table.or("Nothing was built.")
}

/// What the builds took, each once: of the cells that share one, that which
/// ran the most steps tells.
pub fn builds(report: &Report) -> String {
    let mut built: BTreeMap<[&str; 4], &Build> = BTreeMap::new();
    for cell in &report.cells {
        let [guest, setting, _, platform, pipeline] = cell.series();
        if let Some(build) = &cell.build {
            let known = built.entry([guest, setting, pipeline, platform]).or_insert(build);
            if build.steps_run > known.steps_run {
                *known = build;
            }
        }
    }
    let mut table = Table::new(&[
        "guest",
        "setting",
        "pipeline",
        "platform",
        ">seconds",
        ">peak memory, MiB",
        ">steps run",
        ">steps cached",
    ]);
    for (key, build) in built {
        let mut row: Vec<String> = key.iter().map(|text| cell_text(text)).collect();
        row.extend([
            build.seconds.map_or(missing("not recorded"), |s| format!("{s:.1}")),
            build.peak_bytes.map_or(missing("not recorded"), format::mebibytes),
            build.steps_run.to_string(),
            build.steps_cached.to_string(),
        ]);
        table.row(&row);
    }
    let note = "Times and memory are those of the machine that built, and of what it had cached; \
                they differ\nelsewhere. Peak memory is that of the largest process.\n\n";
    format!("{note}{}", table.or("Nothing was built."))
}
