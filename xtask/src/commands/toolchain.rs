//! `toolchain`: the tools of the lock.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::Result;

use crate::cache::{Cache, SESSION};
use crate::cli;
use crate::error::Kind;
use crate::session::{project_root, Session};
use crate::table;
use crate::toolchain::{self, Change, CheckRow, Drift, State};
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
    toolchain.sync(&wanted)?;
    toolchain.warn_of_drift(&wanted);
    session.ui.status("Ready", &wanted.join(", "));
    if session.json {
        let rows = toolchain.check().into_iter();
        table::print_json(&rows.filter(|r| wanted.contains(&&*r.tool)).collect::<Vec<_>>())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn check(session: &Session) -> Result<ExitCode> {
    let rows = session.toolchain().check_contents();
    if session.json {
        table::print_json(&rows)?;
    } else {
        print_check(&rows);
    }
    // A tool that only the user can install may be absent: what needs it is a
    // row with its reason.
    let optional = |row: &CheckRow| row.provider == "external" && row.state == State::Missing;
    let as_locked = rows.iter().all(|row| row.state == State::Ok || optional(row));
    Ok(if as_locked { ExitCode::SUCCESS } else { ExitCode::from(Kind::Tool as u8) })
}

fn print_check(rows: &[CheckRow]) {
    let tools = rows.iter().map(|row| {
        let CheckRow { tool, provider, state, wanted, found, note, .. } = row;
        let found = found.as_deref().unwrap_or("none").to_string();
        let [provider, state] = [provider.to_string(), state.to_string()];
        vec![tool.clone(), provider, state, wanted.clone(), found, note.clone()]
    });
    let headings = ["tool", "provider", "state", "locked", "found", "note"];
    print!("{}", table::render(&headings, &tools.collect::<Vec<_>>()));
    // Tools share packages: each that differs once, with who has it.
    let mut drift: BTreeMap<&Drift, Vec<&str>> = BTreeMap::new();
    for row in rows {
        row.drift.iter().for_each(|d| drift.entry(d).or_default().push(&row.tool));
    }
    if drift.is_empty() {
        return;
    }
    let packages = drift.into_iter().map(|(d, tools)| {
        vec![d.package.clone(), format!("{} -> {}", d.locked, d.found), tools.join(", ")]
    });
    println!();
    let headings = ["not as locked", "locked -> found", "tools"];
    print!("{}", table::render(&headings, &packages.collect::<Vec<_>>()));
}

/// Needs no session, since a session needs a whole lock and this makes one.
pub fn update(global: &cli::Global, tools: &[String]) -> Result<ExitCode> {
    let ui = Ui::new(global.quiet, global.verbose);
    let names: Vec<&str> = tools.iter().map(String::as_str).collect();
    let cache = Cache::open()?;
    cache.hold(SESSION)?;
    let changes = toolchain::update(&project_root()?, &cache, &ui, &names)?;
    if global.json {
        table::print_json(&changes)?;
        return Ok(ExitCode::SUCCESS);
    }
    if changes.is_empty() {
        ui.status("Unchanged", "everything is still as locked");
        return Ok(ExitCode::SUCCESS);
    }
    let rows = changes.into_iter().map(|Change { tool, package, old, new }| {
        let same = old == new;
        let [old, new] = [old, new].map(|side| side.unwrap_or_else(|| "nothing".to_string()));
        let change = if same { format!("{old}: other content") } else { format!("{old} -> {new}") };
        vec![tool, package, change]
    });
    let headings = ["tool", "package", "old -> new"];
    print!("{}", table::render(&headings, &rows.collect::<Vec<_>>()));
    Ok(ExitCode::SUCCESS)
}
