//! Where each number comes from: its cell with the command, the input's hash,
//! and the tools, flags, arguments and environment that cells have in common.

use std::collections::BTreeMap;

use super::columns::{cell_table, cell_texts};
use super::format::{cell_text, code, missing, Table};
use super::model::{Cell, Provenance, Report};

/// Hex digits that tell two hashes of a report apart; the whole hash stands in
/// another table.
const SHORT_HASH: usize = 12;

/// What cells that were built and measured in the same way share.
type Configuration<'a> = (
    &'a Option<String>,
    &'a Option<String>,
    &'a BTreeMap<String, String>,
    &'a [String],
    &'a [String],
    &'a BTreeMap<String, String>,
);

fn configuration(provenance: &Provenance) -> Configuration<'_> {
    let Provenance { emulator, mode, tools, flags, arguments, environment, .. } = provenance;
    (emulator, mode, tools, flags, arguments, environment)
}

/// The distinct configurations in the order of their first cell.
fn distinct(report: &Report) -> Vec<Configuration<'_>> {
    let mut distinct = Vec::new();
    for cell in &report.cells {
        let ours = configuration(&cell.provenance);
        if !distinct.contains(&ours) {
            distinct.push(ours);
        }
    }
    distinct
}

/// Each cell with what identifies its program and input, and its command.
pub fn cells(report: &Report) -> String {
    let configurations = distinct(report);
    let mut table =
        cell_table(&[">runs", "status", "ELF sha256", "input sha256", ">configuration", "command"]);
    for (i, cell) in report.cells.iter().enumerate() {
        let ours = configuration(&cell.provenance);
        let number = configurations.iter().position(|c| *c == ours).map_or(0, |n| n + 1);
        let mut row = cell_texts(i + 1, cell);
        row.extend([
            cell.runs.to_string(),
            cell.status.to_string(),
            short_hash(cell.elf.as_ref().map(|elf| &elf.sha256), cell),
            short_hash(cell.provenance.input_sha256.as_ref(), cell),
            number.to_string(),
            code(&cell.provenance.command),
        ]);
        table.row(&row);
    }
    format!(
        "Hashes are cut to {SHORT_HASH} digits here and whole in [Artifacts](#artifacts) and \
         [Inputs](#inputs); *configuration*\nis the number of a paragraph in \
         [Configurations](#configurations).\n\n{}",
        table.or("No cell was measured.")
    )
}

fn short_hash(hash: Option<&String>, cell: &Cell) -> String {
    match hash {
        Some(hash) => code(hash.get(..SHORT_HASH).unwrap_or(hash)),
        None => missing(&cell.status.to_string()),
    }
}

/// Each input with its hash and that of the output it must give.
pub fn inputs(report: &Report) -> String {
    let mut table = Table::new(&["guest", "input", "payload sha256", "expected output sha256"]);
    let mut rows: Vec<[String; 4]> = Vec::new();
    for cell in &report.cells {
        let Provenance { input_sha256, expected_sha256, .. } = &cell.provenance;
        let Some(input) = input_sha256 else { continue };
        let expected = expected_sha256.as_ref().map_or(missing("any output accepted"), |h| code(h));
        rows.push([cell_text(&cell.guest), cell_text(&cell.input), code(input), expected]);
    }
    rows.sort();
    rows.dedup();
    for row in rows {
        table.row(&row);
    }
    table.or("No input was read.")
}

/// Tools, flags, arguments and environment, once for all cells that share them.
pub fn configurations(report: &Report) -> String {
    let mut text = String::new();
    for (i, configuration) in distinct(report).iter().enumerate() {
        let (emulator, mode, tools, flags, arguments, environment) = configuration;
        if i > 0 {
            text.push('\n');
        }
        let or_missing =
            |text: &Option<String>| text.as_deref().map_or(missing("did not run"), cell_text);
        let pairs = |map: &BTreeMap<String, String>, between: &str| {
            let each = map.iter().map(|(name, value)| code(&format!("{name}{between}{value}")));
            list(each.collect())
        };
        text.push_str(&format!("### Configuration {}\n\n", i + 1));
        text.push_str(&format!("- emulator: {}\n", or_missing(emulator)));
        text.push_str(&format!("- counted: {}\n", or_missing(mode)));
        text.push_str(&format!("- tools: {}\n", pairs(tools, " ")));
        text.push_str(&format!("- flags: {}\n", list(flags.iter().map(|f| code(f)).collect())));
        let arguments = arguments.iter().map(|a| code(a)).collect();
        text.push_str(&format!("- arguments of the guest: {}\n", list(arguments)));
        text.push_str(&format!("- environment of the guest: {}\n", pairs(environment, "=")));
    }
    if text.is_empty() {
        text.push_str("None.\n");
    }
    text
}

fn list(items: Vec<String>) -> String {
    if items.is_empty() {
        return "none".into();
    }
    items.join(", ")
}
