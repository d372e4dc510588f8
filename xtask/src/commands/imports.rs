//! `imports`: what is generated from the interface file of custom imports.

use std::process::ExitCode;

use anyhow::Result;
use serde::Serialize;

use crate::cache::write_atomic;
use crate::error;
use crate::imports::{Interface, FILE};
use crate::session::Session;
use crate::table::print_json;

/// A generated file.
#[derive(Serialize)]
struct File {
    file: &'static str,
    /// Whether the file there was this already.
    same: bool,
}

pub fn run(session: &Session, check: bool) -> Result<ExitCode> {
    let interface = Interface::load(&session.root)?;
    let mut files = Vec::new();
    for generated in interface.generate() {
        let path = session.root.join(generated.path);
        let same = std::fs::read_to_string(&path).is_ok_and(|old| old == generated.text);
        if !same && !check {
            write_atomic(&path, generated.text.as_bytes())?;
            session.ui.status("Wrote", generated.path);
        }
        files.push(File { file: generated.path, same });
    }
    if session.json {
        print_json(&files)?;
    }
    let stale: Vec<&str> = files.iter().filter(|f| !f.same).map(|f| f.file).collect();
    if check && !stale.is_empty() {
        let message = format!("not as generated from {FILE}: {}", stale.join(", "));
        return Err(error::input(message).hint("cargo xtask imports writes the files").into());
    }
    let same = files.iter().filter(|f| f.same).count();
    session.ui.status("Generated", &format!("{} files, {same} of them unchanged", files.len()));
    Ok(ExitCode::SUCCESS)
}
