//! `report`: from report.json to report.md.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::cache::write_atomic;
use crate::cli;
use crate::error;
use crate::report::{render, Report};
use crate::session::Session;

pub fn run(session: &Session, args: cli::Report) -> Result<ExitCode> {
    let report = Report::read(&args.report)?;
    if session.json {
        session.print_json(&report)?;
    }
    if args.readme {
        let path = session.root.join("README.md");
        let text = std::fs::read_to_string(&path).context("cannot read README.md")?;
        write_atomic(&path, between_marks(&text, &render::overview(&report))?.as_bytes())?;
    }
    let text = render::markdown(&report);
    if args.output == Path::new("-") {
        if !session.json {
            print!("{text}");
        }
        return Ok(ExitCode::SUCCESS);
    }
    write_atomic(&args.output, text.as_bytes())?;
    session.ui.status("Wrote", &args.output.display().to_string());
    Ok(ExitCode::SUCCESS)
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
