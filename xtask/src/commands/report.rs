//! `report`: from report.json to report.md.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;

use crate::cache::write_atomic;
use crate::cli;
use crate::report::{render, Report};
use crate::session::Session;

pub fn run(session: &Session, args: cli::Report) -> Result<ExitCode> {
    let report = Report::read(&args.report)?;
    if session.json {
        session.print_json(&report)?;
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
