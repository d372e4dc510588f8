//! `doctor`: what is missing or not as locked, and the command that mends it.

use std::process::ExitCode;

use anyhow::Result;
use serde::Serialize;

use crate::session::Session;
use crate::table;
use crate::toolchain::{CheckRow, Missing, State, Toolchain};

#[derive(Serialize)]
struct Row {
    tool: String,
    state: String,
    get: Option<String>,
}

pub fn run(session: &Session) -> Result<ExitCode> {
    let toolchain = session.toolchain();
    let names: Vec<&str> = toolchain.names().collect();
    let missing = toolchain.missing(&names);
    let rows: Vec<Row> =
        toolchain.check().into_iter().map(|row| told(toolchain, row, &missing)).collect();
    if session.json {
        table::print_json(&rows)?;
    } else {
        let cells: Vec<Vec<String>> =
            rows.into_iter().map(|r| vec![r.tool, r.state, r.get.unwrap_or_default()]).collect();
        print!("{}", table::render(&["tool", "state", "to get it"], &cells));
    }
    let ours = toolchain.installable();
    if missing.iter().any(|m| ours.contains(&m.tool.as_str())) {
        let note = "`cargo xtask toolchain sync` gets what the lock has; `build` and `bench` get \
                    what they need";
        session.ui.status("Note", note);
    }
    Ok(ExitCode::SUCCESS)
}

fn told(toolchain: &Toolchain, row: CheckRow, missing: &[Missing]) -> Row {
    let CheckRow { tool, state, note, .. } = row;
    let (state, get) = match state {
        State::Ok => ("ok".to_string(), None),
        State::Own => (note, None),
        State::Drift => (format!("not as locked: {note}"), Some(toolchain.remedy(&tool))),
        State::Missing | State::Mismatch | State::Damaged => {
            match missing.iter().find(|m| m.tool == tool) {
                Some(missing) => (missing.reason.clone(), Some(missing.how.clone())),
                None => (note, None),
            }
        }
    };
    Row { tool, state, get }
}
