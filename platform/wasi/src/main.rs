//! `wasrisc-pack-files`: the library on files.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Parser;
use wasrisc_wasi::Node;

/// Packs files into FILE, and writes FILE.s, which brings it into an ELF
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// What becomes the guest's root; without it the root has the named files only
    #[arg(conflicts_with = "file")]
    folder: Option<PathBuf>,
    /// A file, and its path below the root
    #[arg(long, num_args = 2, value_names = ["NAME", "PATH"])]
    file: Vec<PathBuf>,
    /// The image
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let output = &arguments.output;
    let name = output.file_name().context("FILE must be the name of a file")?.to_string_lossy();
    let assembly = output.with_file_name(format!("{name}.s"));
    let named: Vec<_> = arguments.file.chunks(2).map(|f| (f[0].clone(), f[1].clone())).collect();
    let root = match &arguments.folder {
        Some(folder) => Node::of_folder(folder)?,
        None => Node::of_files(&named)?,
    };
    std::fs::write(output, wasrisc_wasi::image(&root)?)
        .with_context(|| format!("cannot write {}", output.display()))?;
    std::fs::write(&assembly, wasrisc_wasi::assembly(&name))
        .with_context(|| format!("cannot write {}", assembly.display()))
}
