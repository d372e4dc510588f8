//! The tables of what instructions are and use. All take a report in order.

use super::columns::{cell_table, cell_texts};
use super::detail::{Detail, Misaligned, Mix};
use super::format::{self, cell_text, code, missing};
use super::model::{Cell, Report, Status};
use super::tables::NO_CELLS;

/// The section's tables, one below the other.
pub fn details(report: &Report) -> String {
    format!("{NOTE}\n{}\n{}\n{}", mixes(report), misaligned(report), memory(report))
}

const NOTE: &str = "\
Looked at in an execution of its own, at runs = 1. With several threads its total differs from
those above, as any two of them do.

- *Loads* and *stores* include those of floating-point registers; *atomics* are all of the A
  extension; *divisions* include remainders; *branches* are conditional, taken or not; *jumps*
  include calls and returns; *floating* is arithmetic, moves, comparisons and conversions of the
  F and D extensions; the rest is *other*.
- An access is *misaligned* when its address is not a multiple of its size. A machine without
  misaligned accesses traps there.
- *Linear memory* is the size of the module's memory at its largest. *Stack* is the native stack
  of the main thread, from its top to the deepest use; the stacks that compilers to wasm keep in
  the linear memory are not in it.
";

/// Cells of which a detail is to be expected or there.
fn detailed(report: &Report) -> impl Iterator<Item = (usize, &Cell)> {
    let shown = |(_, cell): &(usize, &Cell)| {
        cell.status == Status::Ok && (cell.runs == 1 || cell.detail.total.is_some())
    };
    report.cells.iter().enumerate().filter(shown).map(|(i, cell)| (i + 1, cell))
}

/// A table of the cells, each with the texts that `columns` gives for it.
fn table(report: &Report, headings: &[&str], columns: impl Fn(&Detail) -> Vec<String>) -> String {
    let mut table = cell_table(headings);
    for (id, cell) in detailed(report) {
        let mut row = cell_texts(id, cell);
        row.extend(columns(&cell.detail));
        table.row(&row);
    }
    table.or(NO_CELLS)
}

fn mixes(report: &Report) -> String {
    let classes = Mix::default().classes().map(|(name, _)| format!(">{name}, M (%)"));
    let mut headings = vec![">total, M"];
    headings.extend(classes.iter().map(String::as_str));
    table(report, &headings, |detail| {
        let (Some(mix), Some(total)) = (detail.mix, detail.total) else {
            return all_missing(detail.reason("mix"), headings.len());
        };
        let shares = mix.classes().map(|(_, n)| share(n, total));
        [&[format::millions_of(total)], &shares[..]].concat()
    })
}

/// A reason may hold whatever a guest said.
fn why(reason: &str) -> String {
    missing(&cell_text(reason))
}

/// A row without numbers says why once.
fn all_missing(reason: &str, columns: usize) -> Vec<String> {
    let mut texts = vec!["n/a".to_string(); columns];
    texts[0] = why(reason);
    texts
}

/// Millions, and the percentage of the total.
fn share(part: u64, total: u64) -> String {
    let percent = 100.0 * part as f64 / total.max(1) as f64;
    match part {
        0 => "0".into(),
        _ if percent < 0.05 => format!("{} (<0.1)", format::millions_of(part)),
        _ => format!("{} ({percent:.1})", format::millions_of(part)),
    }
}

fn misaligned(report: &Report) -> String {
    let kinds = Misaligned::default().kinds().map(|(name, _)| format!(">misaligned {name}"));
    let mut headings: Vec<&str> = kinds.iter().map(String::as_str).collect();
    headings.extend(["hottest function", ">its accesses"]);
    table(report, &headings, |detail| {
        let Some(misaligned) = &detail.misaligned else {
            return all_missing(detail.reason("misaligned"), headings.len());
        };
        let mut texts: Vec<String> =
            misaligned.kinds().iter().map(|(_, n)| format::thousands(*n)).collect();
        texts.extend(match &misaligned.hottest {
            Some(hottest) => [code(&hottest.function), format::thousands(hottest.accesses)],
            None => ["none".into(), "0".into()],
        });
        texts
    })
}

fn memory(report: &Report) -> String {
    table(report, &[">peak linear memory, MiB", ">peak stack, bytes"], |detail| {
        let or_why =
            |name: &str, text: Option<String>| text.unwrap_or_else(|| why(detail.reason(name)));
        vec![
            or_why(
                "peak_linear_memory_bytes",
                detail.peak_linear_memory_bytes.map(format::mebibytes),
            ),
            or_why("peak_stack_bytes", detail.peak_stack_bytes.map(format::thousands)),
        ]
    })
}
