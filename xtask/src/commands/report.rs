//! `report`: from report.json to report.md.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use serde::Serialize;

use crate::cache::write_atomic;
use crate::cli;
use crate::error::{self, Error, Kind};
use crate::report::difference::{Change, Difference, Verdict};
use crate::report::{changes, comment, render, Report};
use crate::session::Session;
use crate::table::print_json;

pub fn run(session: &Session, args: cli::Report) -> Result<ExitCode> {
    let report = Report::read(&args.report)?;
    let baseline = baseline(&args.against)?;
    let difference = baseline.map(|old| Difference::between(&old, &report));
    if session.json {
        print_json(&Printed { report: &report, difference: difference.as_ref() })?;
    }
    if args.readme {
        let path = session.root.join("README.md");
        let text = std::fs::read_to_string(&path).context("cannot read README.md")?;
        let table = render::overview(&report, None);
        write_atomic(&path, between_marks(&text, &table)?.as_bytes())?;
    }
    if let Some(path) = &args.comment {
        write_atomic(path, comment::markdown(&report, difference.as_ref()).as_bytes())?;
        session.ui.status("Wrote", &path.display().to_string());
    }
    let text = render::markdown(&report, difference.as_ref());
    if args.output != Path::new("-") {
        write_atomic(&args.output, text.as_bytes())?;
        session.ui.status("Wrote", &args.output.display().to_string());
    } else if !session.json {
        print!("{text}");
    }
    gate(session, &args.against, difference.as_ref())?;
    Ok(ExitCode::SUCCESS)
}

/// Reads the report to compare with. To be called before anything is measured
/// or written, which may take its place.
pub fn baseline(against: &cli::Against) -> Result<Option<Report>> {
    against.baseline.as_deref().map(Report::read).transpose()
}

/// As JSON: the report and, where there is one, the difference.
#[derive(Serialize)]
pub struct Printed<'a> {
    #[serde(flatten)]
    pub report: &'a Report,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<&'a Difference>,
}

/// Fails when a cell is worse by more than `--fail-above` allows, and says which
/// cells it knows nothing about.
pub fn gate(
    session: &Session,
    against: &cli::Against,
    difference: Option<&Difference>,
) -> Result<()> {
    let (Some(limit), Some(difference)) = (against.fail_above, difference) else { return Ok(()) };
    let unknown = difference.count(Verdict::Gone) + difference.count(Verdict::Incomparable);
    if unknown > 0 {
        let text = format!("{unknown} of the baseline's cells are gone or cannot be compared");
        session.ui.warn(&text);
    }
    let worse: Vec<&Change> = difference.cells.iter().filter(|c| c.exceeds(limit)).collect();
    for change in &worse {
        session.ui.warn(&format!("{}: {}", change.label(), changes::sentence(change)));
    }
    if worse.is_empty() {
        return Ok(());
    }
    let message = format!(
        "{} of {} cells are worse by more than {limit} %",
        worse.len(),
        difference.cells.len()
    );
    Err(Error::new(Kind::Failed, message).hint("the report's Differences have every cell").into())
}

/// Where README.md has the headline table.
const MARKS: (&str, &str) =
    ("<!-- headline: written by `cargo xtask report --readme` -->\n", "<!-- end of headline -->");

fn between_marks(text: &str, table: &str) -> Result<String> {
    let parts = text
        .split_once(MARKS.0)
        .and_then(|(before, rest)| Some((before, rest.split_once(MARKS.1)?.1)));
    let (before, after) = parts.ok_or_else(|| {
        error::input("README.md has no marks around its headline table").hint(format!(
            "put {} and {} where it belongs",
            MARKS.0.trim(),
            MARKS.1
        ))
    })?;
    Ok(format!("{before}{}\n{}\n\n{}{after}", MARKS.0, table.trim(), MARKS.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_takes_the_place_of_the_old_one() {
        let text = format!("a\n{}old\n{}\nb\n", MARKS.0, MARKS.1);
        let once = between_marks(&text, "|new|\n").unwrap();
        assert_eq!(once, format!("a\n{}\n|new|\n\n{}\nb\n", MARKS.0, MARKS.1));
        assert_eq!(between_marks(&once, "|new|\n").unwrap(), once);
    }

    #[test]
    fn a_readme_without_marks_is_left_alone() {
        let message = between_marks("a", "b").unwrap_err().to_string();
        assert_eq!(message, "README.md has no marks around its headline table");
    }
}
