//! Differences as text: what a table's column says, and the section that has
//! all of them.

use super::columns::{series_table, series_texts};
use super::difference::{Change, Compared, Difference, Verdict};
use super::format::{self, code, missing};

const DEFINITIONS: &str = "\
A change is *noise* when it is no larger than what both numbers are uncertain
by, or when the ELF is the same and several threads ran. A program with one
thread gives the same count each time; with several threads it is measured
repeatedly, and a total is taken for uncertain by the whole distance between its
repeats, 0.1 % of it, and 0.1 M. A marginal cost is uncertain by what its two
totals are, over the number of further runs. No difference is formed between
cells counted in another mode, by another emulator, over other input bytes or in
another environment.
";

/// What became of a cell, in words.
fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Worse => "worse",
        Verdict::Better => "better",
        Verdict::Noise => "noise",
        Verdict::Same => "same",
        Verdict::New => "new",
        Verdict::Gone => "gone",
        Verdict::Incomparable => "not comparable",
    }
}

/// The word with a sign to be found at a glance.
fn marker(verdict: Verdict) -> String {
    let sign = match verdict {
        Verdict::Worse => "▲ ",
        Verdict::Better => "▼ ",
        Verdict::Noise => "≈ ",
        Verdict::Same => "= ",
        Verdict::New | Verdict::Gone | Verdict::Incomparable => "",
    };
    format!("{sign}{}", word(verdict))
}

/// The earlier number in millions.
pub fn was(change: &Change) -> String {
    change.old.map_or_else(|| missing("no number before"), format::millions)
}

/// `+8.9 (+1.23 %) ▲ worse`, or the word alone where there are no two numbers.
pub fn summary_of(change: &Change) -> String {
    let marker = marker(change.verdict);
    match (change.change, change.percent) {
        (Some(0), _) | (None, _) => marker,
        (Some(by), None) => format!("{} {marker}", format::signed_millions(by)),
        (Some(by), Some(percent)) => {
            format!("{} ({}) {marker}", format::signed_millions(by), format::percent(percent))
        }
    }
}

/// [`summary_of`] with the reason.
pub fn sentence(change: &Change) -> String {
    match &change.reason {
        Some(reason) => format!("{}: {reason}", summary_of(change)),
        None => summary_of(change),
    }
}

/// How many cells of each verdict there are, in one line.
pub fn counts(difference: &Difference) -> String {
    let count = |verdict| match difference.count(verdict) {
        0 => None,
        n => Some(format!("{n} {}", word(verdict))),
    };
    let counts: Vec<String> = Verdict::ALL.into_iter().filter_map(count).collect();
    if counts.is_empty() {
        return "Neither this report nor the baseline has a cell.".into();
    }
    format!("Cells against the baseline: {}.", counts.join(", "))
}

/// Every cell of either report.
pub fn table(difference: &Difference) -> String {
    let mut table = series_table(&[
        ">runs",
        "number",
        ">old, M",
        ">new, M",
        ">change, M",
        ">change, %",
        ">noise, M",
        "verdict",
        "reason",
    ]);
    for change in &difference.cells {
        let number_name = match change.number {
            Compared::Single => "single",
            Compared::Marginal => "marginal",
        };
        // Where there are two numbers and no difference, they must not be compared.
        let none = match (change.old, change.new) {
            (Some(_), Some(_)) => missing("not comparable"),
            _ => missing("not two numbers"),
        };
        let mut row = series_texts(change.series());
        row.extend([
            change.runs.to_string(),
            number_name.into(),
            was(change),
            change.new.map_or_else(|| missing("no number now"), format::millions),
            change.change.map_or(none.clone(), format::signed_millions),
            change.percent.map_or(none.clone(), format::percent),
            change.noise.map_or(none, format::millions_of),
            marker(change.verdict),
            reason(change),
        ]);
        table.row(&row);
    }
    table.or("None.")
}

/// As code, since it may hold what a guest said.
fn reason(change: &Change) -> String {
    match (&change.reason, change.verdict) {
        (Some(reason), _) => code(reason),
        (None, Verdict::New) => "not in the baseline".into(),
        (None, Verdict::Gone) => "in the baseline only".into(),
        (None, _) => "the numbers".into(),
    }
}

/// The section of report.md.
pub fn section(difference: &Difference) -> String {
    format!("{}\n\n{DEFINITIONS}\n{}", counts(difference), table(difference))
}
