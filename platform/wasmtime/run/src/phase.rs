//! The markers that tell the instruction counter where a phase begins: code 1
//! opens a run, code 2 the exit. The guests' library has the same two for the
//! direct builds.

use wasmtime::{Error, Result};

/// Executes the marker of this machine.
pub fn phase(code: i32) -> Result<()> {
    match code {
        1 => marker::<1>(),
        2 => marker::<2>(),
        _ => {
            return Err(Error::msg(format!(
                "wasrisc.phase has no code {code}, only 1 (a run) and 2 (the exit)"
            )))
        }
    }
    Ok(())
}

/// `slti x0, x0, 0x570 + code`, a HINT that the ISA manual leaves to custom use.
#[cfg(target_arch = "riscv64")]
#[inline(always)]
fn marker<const CODE: i32>() {
    // SAFETY: the instruction changes no state.
    unsafe {
        core::arch::asm!("slti zero, zero, {imm}", imm = const 0x570 + CODE,
            options(nostack, preserves_flags));
    }
}

/// The 7-byte NOP with the displacement 0x57415300 + code; in bytes because an
/// assembler may choose a shorter form.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn marker<const CODE: i32>() {
    // SAFETY: the instruction changes no state and accesses no memory.
    unsafe {
        core::arch::asm!(".byte 0x0f, 0x1f, 0x80", ".long {imm}", imm = const 0x5741_5300 + CODE,
            options(nostack, preserves_flags));
    }
}
