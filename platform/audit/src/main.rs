//! `wasrisc-audit`: the library on a file.

use anyhow::{bail, Context, Result};
use clap::Parser;
use std::path::PathBuf;
use wasrisc_audit::{Audit, Exceptions};

/// How many findings a message has.
const SHOWN: usize = 20;

/// Checks that an ELF holds RV64IM and nothing else, but for listed exceptions.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    elf: PathBuf,
    /// What the platform may hold beside, such as platform/linux/audit.toml
    #[arg(long, value_name = "FILE")]
    exceptions: Option<PathBuf>,
    /// A directory of this machine, of which no string in the file may be a path
    #[arg(long, value_name = "DIR")]
    no_path: Vec<PathBuf>,
    /// Where a copy goes if the ELF passes
    #[arg(long, short)]
    output: Option<PathBuf>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let exceptions = arguments.exceptions.as_deref().map(Exceptions::read).transpose()?;
    let audit =
        Audit { exceptions: exceptions.unwrap_or_default(), directories: arguments.no_path };
    let elf = arguments.elf;
    let bytes = std::fs::read(&elf).with_context(|| format!("cannot read {}", elf.display()))?;
    let outcome = audit.elf(&bytes).with_context(|| elf.display().to_string())?;
    if !outcome.findings.is_empty() {
        let mut text = outcome.findings[..outcome.findings.len().min(SHOWN)].join("\n  ");
        if let Some(more) = outcome.findings.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            text += &format!("\n  and {more} more");
        }
        bail!("{} does not pass the audit:\n  {text}", elf.display());
    }
    print!("{outcome}");
    if let Some(output) = arguments.output {
        std::fs::write(&output, &bytes)
            .with_context(|| format!("cannot write {}", output.display()))?;
    }
    Ok(())
}
