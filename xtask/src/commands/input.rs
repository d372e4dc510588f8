//! `input`: what guests run on.

use std::process::ExitCode;

use anyhow::Result;

use crate::cli;
use crate::input;
use crate::measure::cell;
use crate::session::Session;

pub fn run(session: &Session, args: cli::Input) -> Result<ExitCode> {
    let cli::Input::Import { name, chain, block, witness, replace } = args;
    let store = cell::imported();
    let request = input::Request {
        name: &name,
        chain: &chain,
        block: &block,
        witness: &witness,
        store: &store,
        replace,
    };
    let imported = input::import(&request)?;
    session.ui.status("Imported", &format!("{chain} block {} as {name}", imported.block.number));
    if session.json {
        session.print_json(&imported)?;
    }
    Ok(ExitCode::SUCCESS)
}
