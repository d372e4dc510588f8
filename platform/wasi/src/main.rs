//! `wasrisc-pack-files`: the library on files.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Parser;

/// Packs a directory into FILE, and writes FILE.s, which brings it into an ELF
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// What becomes the guest's root
    folder: PathBuf,
    /// The image
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let output = &arguments.output;
    let name = output.file_name().context("FILE must be the name of a file")?.to_string_lossy();
    let assembly = output.with_file_name(format!("{name}.s"));
    std::fs::write(output, wasrisc_wasi::image(&arguments.folder)?)
        .with_context(|| format!("cannot write {}", output.display()))?;
    std::fs::write(&assembly, wasrisc_wasi::assembly(&name))
        .with_context(|| format!("cannot write {}", assembly.display()))
}
