//! From how often each instruction of a program ran to a profile that LLVM
//! compiles the same source by (`-fprofile-sample-use`).
//!
//! The program was compiled with `-gline-tables-only -fdebug-info-for-profiling`,
//! by which each instruction has a line, a discriminator for the blocks within
//! that line, and a chain of calls that were inlined. Lines count from the line
//! of their function, so that a profile fits wherever a function moves to.

mod code;
mod discriminator;
mod samples;

use anyhow::{ensure, Context, Result};
use serde::Deserialize;

use code::Code;
use samples::Samples;

/// Bytes of every instruction: RV64IM has no others.
pub const INSTRUCTION: u64 = 4;

/// What the counter wrote (platform/qemu-plugin), of which only the blocks matter.
#[derive(Debug, Deserialize)]
pub struct Counts {
    pub profile: Vec<Block>,
}

/// Instructions that ran one after the other.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Block {
    /// Address of the first.
    pub pc: u64,
    /// Instructions.
    pub length: u64,
    pub bytes: u64,
    /// How often all of them ran.
    pub executions: u64,
}

/// The profile of the ELF in the text format of LLVM's sample profiles (the manual
/// of clang, "Sample Profile Text Format"). The same counts give the same text.
///
/// # Errors
/// An ELF without debug information, or blocks of another machine's program.
pub fn sample_profile(elf: &[u8], blocks: &[Block]) -> Result<String> {
    let code = Code::read(elf).context("cannot read its debug information")?;
    let mut executions = vec![0; code.instructions()];
    for block in blocks {
        ensure!(
            block.bytes == block.length * INSTRUCTION,
            "the counter saw {} bytes for {} instructions at {:#x}, which is not RV64IM",
            block.bytes,
            block.length,
            block.pc
        );
        for n in 0..block.length {
            if let Some(at) = code.index(block.pc + n * INSTRUCTION) {
                executions[at] += block.executions;
            }
        }
    }
    Ok(Samples::of(&code, &executions).text())
}
