//! `doctor`: what is missing, and the command that gets it.

use std::process::ExitCode;

use anyhow::Result;
use serde::Serialize;

use crate::session::Session;
use crate::table;

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
    let rows: Vec<Row> = names
        .iter()
        .map(|name| match missing.iter().find(|m| m.tool == *name) {
            Some(m) => {
                Row { tool: name.to_string(), state: m.reason.clone(), get: Some(m.how.clone()) }
            }
            None => Row { tool: name.to_string(), state: "ok".to_string(), get: None },
        })
        .collect();
    if session.json {
        session.print_json(&rows)?;
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
