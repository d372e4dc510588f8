//! `input`: what guests run on.

use std::process::ExitCode;

use anyhow::Result;

use crate::cli;
use crate::error;
use crate::input;
use crate::session::{imported_inputs, Session};
use crate::table::print_json;

mod generate;
mod show;

pub fn run(session: &Session, args: cli::Input) -> Result<ExitCode> {
    let (name, chain, block, witness, replace) = match args {
        cli::Input::Generate(args) => return generate::run(session, &args),
        cli::Input::Show { input } => return show::run(session, &input),
        cli::Input::Import { name, chain, block, witness, replace } => {
            (name, chain, block, witness, replace)
        }
    };
    refuse_taken(session, &name)?;
    let store = imported_inputs()?;
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
        print_json(&imported)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A guest's own input or a shared one of this name would hide the new one.
fn refuse_taken(session: &Session, name: &str) -> Result<()> {
    for guest in &session.guests {
        let inputs = session.catalog(guest)?.inputs;
        if let Some(input) = inputs.iter().find(|i| i.name == name && !i.is_imported()) {
            let message = format!("guest {} has an input `{name}` ({})", guest.name, input.source);
            return Err(error::usage(message).hint("choose another name").into());
        }
    }
    Ok(())
}
