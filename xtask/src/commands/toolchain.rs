//! `toolchain`: the tools of the lock.

use std::process::ExitCode;

use anyhow::Result;

use crate::cache::Cache;
use crate::cli;
use crate::session::{project_root, Session};
use crate::table;
use crate::toolchain::{self, CheckRow, State};
use crate::ui::Ui;

pub fn run(session: &Session, args: cli::Toolchain) -> Result<ExitCode> {
    match args {
        cli::Toolchain::Sync { tools } => sync(session, &tools),
        cli::Toolchain::Check => check(session),
        // Needs no session: `main` has called it.
        cli::Toolchain::Update { .. } => Ok(ExitCode::SUCCESS),
    }
}

fn sync(session: &Session, tools: &[String]) -> Result<ExitCode> {
    let toolchain = session.toolchain();
    let named: Vec<&str> = tools.iter().map(String::as_str).collect();
    let wanted = if named.is_empty() { toolchain.installable() } else { named };
    toolchain.ensure(&wanted)?;
    session.ui.status("Ready", &wanted.join(", "));
    Ok(ExitCode::SUCCESS)
}

fn check(session: &Session) -> Result<ExitCode> {
    let rows = session.toolchain().check();
    // A tool that only the user can install may be absent: what needs it is a
    // row with its reason.
    let optional = |r: &CheckRow| r.provider == "external" && r.state == State::Missing;
    let fine = rows.iter().all(|r| matches!(r.state, State::Ok | State::Own) || optional(r));
    if session.json {
        session.print_json(&rows)?;
    } else {
        let cells: Vec<Vec<String>> = rows
            .into_iter()
            .map(|r| {
                let found = r.found.unwrap_or_else(|| "none".to_string());
                vec![r.tool, r.provider.to_string(), r.state.to_string(), r.wanted, found, r.note]
            })
            .collect();
        print!(
            "{}",
            table::render(&["tool", "provider", "state", "locked", "found", "note"], &cells)
        );
    }
    Ok(if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Needs no session, since a session needs a whole lock and this makes one.
pub fn update(global: &cli::Global, tools: &[String]) -> Result<ExitCode> {
    let ui = Ui::new(global.quiet, global.verbose);
    let names: Vec<&str> = tools.iter().map(String::as_str).collect();
    toolchain::update(&project_root()?, Cache::open()?.root(), &ui, &names)?;
    Ok(ExitCode::SUCCESS)
}
