//! `input show`: what is in an input.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use serde::Serialize;

use crate::error;
use crate::input::describe::{self, Description};
use crate::report::format::thousands;
use crate::session::Session;
use crate::table;

/// An input and what is in it.
#[derive(Serialize)]
struct Shown {
    name: String,
    /// The guest that has it; none for a file.
    guest: Option<String>,
    /// Where it comes from, for people.
    source: String,
    #[serde(flatten)]
    description: Description,
}

pub fn run(session: &Session, wanted: &str) -> Result<ExitCode> {
    let mut shown = named(session, wanted)?;
    let path = Path::new(wanted);
    if shown.is_empty() && path.is_file() {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let (source, description) = ("a file of your own".into(), describe::file(path)?);
        shown.push(Shown { name, guest: None, source, description });
    }
    if shown.is_empty() {
        let message = format!("no input and no file is called `{wanted}`");
        return Err(error::usage(message).hint("cargo xtask list inputs shows all").into());
    }
    if session.json {
        table::print_json(&shown)?;
        return Ok(ExitCode::SUCCESS);
    }
    for (i, one) in shown.iter().enumerate() {
        print!(
            "{}{}",
            if i > 0 { "\n" } else { "" },
            table::render(&["input", &one.name], &one.rows())
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// The inputs of this name, of whichever guests have one.
fn named(session: &Session, wanted: &str) -> Result<Vec<Shown>> {
    let mut shown: Vec<Shown> = Vec::new();
    for guest in &session.guests {
        let inputs = session.catalog(guest)?.inputs;
        let Some(input) = inputs.into_iter().find(|input| input.name == wanted) else { continue };
        let payload = input.load()?.payload;
        let description = describe::payload(&payload)
            .map_err(|e| error::input(format!("input `{wanted}` of {}: {e}", guest.name)))?;
        let (name, guest, source) = (input.name, Some(guest.name.clone()), input.source);
        shown.push(Shown { name, guest, source, description });
    }
    Ok(shown)
}

impl Shown {
    /// Name and value of what is known.
    fn rows(&self) -> Vec<Vec<String>> {
        let Description { chain, fork, block, witness, bytes, sha256, .. } = &self.description;
        let mut rows = Vec::new();
        let mut row = |name: &str, value: Option<String>| {
            rows.extend(value.map(|value| vec![name.to_string(), value]));
        };
        row("guest", self.guest.clone());
        row("source", Some(self.source.clone()));
        row("chain", chain.map(str::to_string));
        row("fork", fork.map(str::to_string));
        if let Some(block) = block {
            row("number", Some(block.number.to_string()));
            row("hash", Some(block.hash.clone()));
            row("gas used", Some(thousands(block.gas_used)));
            row("gas limit", Some(thousands(block.gas_limit)));
            let types = block.transaction_types.iter().map(|(name, n)| format!("{n} {name}"));
            let types = types.collect::<Vec<_>>().join(", ");
            let of = if types.is_empty() { String::new() } else { format!(" ({types})") };
            row("transactions", Some(format!("{}{of}", block.transactions)));
            row("withdrawals", block.withdrawals.map(|n| n.to_string()));
        }
        if let Some(witness) = witness {
            row("trie nodes", Some(thousands(witness.nodes as u64)));
            row("codes", Some(thousands(witness.codes as u64)));
            row("headers", Some(witness.headers.len().to_string()));
        }
        let size = |bytes: Option<usize>| bytes.map(|n| format!("{} bytes", thousands(n as u64)));
        row("block", size(bytes.block));
        row("witness", size(bytes.witness));
        row("payload", size(bytes.payload));
        row("sha256", sha256.clone());
        rows
    }
}
