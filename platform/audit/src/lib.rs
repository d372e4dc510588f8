//! Whether an ELF is one that a zkVM for RV64IM can run: every word of its code
//! is an instruction of RV64IM, but for exceptions that the platform lists with
//! reasons; it is static, its pages of code cannot be written, and it says
//! nothing about the machine that built it.
//!
//! Misaligned accesses (Zicclsm) look like any others, so nothing is to be
//! checked about them.

mod code;
mod decode;
mod exceptions;
mod file;
mod foreign;

pub use exceptions::{Exception, Exceptions};

use anyhow::{Context, Result};
use code::Found;
use foreign::Foreign;
use object::elf::FileHeader64;
use object::read::elf::FileHeader;
use object::LittleEndian;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;

/// How an ELF is looked at.
#[derive(Debug, Default)]
pub struct Audit {
    pub exceptions: Exceptions,
    /// Directories of the machine that built it, which no string may name.
    pub directories: Vec<PathBuf>,
}

/// What an audit has found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    pub functions: usize,
    pub instructions: u64,
    /// Exceptions that were needed: instructions by symbol and reason.
    pub excepted: BTreeMap<(String, String), BTreeSet<String>>,
    /// What is wrong. Empty if the ELF passed.
    pub findings: Vec<String>,
}

impl Audit {
    /// Looks at an ELF.
    ///
    /// # Errors
    ///
    /// If `bytes` are no ELF of 64 bits, or a damaged one.
    pub fn elf(&self, bytes: &[u8]) -> Result<Outcome> {
        let header = FileHeader64::<LittleEndian>::parse(bytes)?;
        header.endian().context("it is not little-endian")?;
        let code = code::walk(header, bytes).context("a damaged ELF")?;
        let mut outcome = Outcome {
            functions: code.functions,
            instructions: code.instructions,
            findings: file::findings(header, bytes).context("a damaged ELF")?,
            ..Outcome::default()
        };
        outcome.findings.extend(file::paths(bytes, &self.directories));
        if code.functions == 0 {
            outcome.findings.push("no symbol names a function".to_string());
        }
        outcome.findings.extend(code.uneven);
        let found = code.found.into_iter().filter(|found| !self.excepts(found, &mut outcome));
        let messages = messages(found.collect());
        outcome.findings.extend(messages);
        Ok(outcome)
    }

    /// Whether the instruction is on the list of exceptions; notes that it is.
    fn excepts(&self, found: &Found, outcome: &mut Outcome) -> bool {
        let (Foreign::Named(instruction), Some(symbol)) = (&found.what, &found.function) else {
            return false;
        };
        let Some(row) = self.exceptions.allowing(symbol, instruction) else { return false };
        outcome.instructions += 1;
        let row = (row.symbol.clone(), row.reason.clone());
        outcome.excepted.entry(row).or_default().insert(instruction.clone());
        true
    }
}

/// One for each function: the first that is wrong in it, and how many more.
fn messages(found: Vec<Found>) -> Vec<String> {
    let in_one_function = found.chunk_by(|a, b| a.function == b.function);
    in_one_function
        .map(|found| {
            let Found { address, word, function, what } = &found[0];
            let name = function.as_deref().unwrap_or("[between functions]");
            let more = match found.len() - 1 {
                0 => String::new(),
                more => format!(", and {more} more there"),
            };
            format!("{name} at {address:#x}: {word:#010x} is {what}{more}")
        })
        .collect()
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} instructions in {} functions", self.instructions, self.functions)?;
        for ((symbol, reason), instructions) in &self.excepted {
            let instructions: Vec<&str> = instructions.iter().map(String::as_str).collect();
            writeln!(f, "except {} in {symbol}: {reason}", instructions.join(", "))?;
        }
        Ok(())
    }
}
