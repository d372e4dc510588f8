//! The markers that tell the instruction counter where a phase begins.

/// A phase that a marker opens; start-up is what lies before the first marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// A run begins (code 1).
    Run,
    /// All runs are done, the exit begins (code 2).
    Exit,
}

/// Executes the marker of this machine.
#[inline(always)]
pub fn phase(phase: Phase) {
    match phase {
        Phase::Run => marker::<1>(),
        Phase::Exit => marker::<2>(),
    }
}

/// `slti x0, x0, 0x570 + code`: the unprivileged ISA manual leaves `slti` into
/// x0 to custom HINTs, so every machine executes it as a no-op. No `nomem`: the
/// compiler must not move memory accesses over the boundary of a phase.
#[cfg(target_arch = "riscv64")]
#[inline(always)]
fn marker<const CODE: i32>() {
    // SAFETY: the instruction changes no state.
    unsafe {
        core::arch::asm!("slti zero, zero, {imm}", imm = const 0x570 + CODE,
            options(nostack, preserves_flags));
    }
}

/// The 7-byte NOP with a displacement that spells `SAW` above the code; in bytes
/// because an assembler may choose a shorter form. No `nomem`, as above.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn marker<const CODE: i32>() {
    // SAFETY: the instruction changes no state and accesses no memory.
    unsafe {
        core::arch::asm!(".byte 0x0f, 0x1f, 0x80", ".long {imm}", imm = const 0x5741_5300 + CODE,
            options(nostack, preserves_flags));
    }
}

#[cfg(target_arch = "wasm32")]
fn marker<const CODE: i32>() {
    #[link(wasm_import_module = "wasrisc")]
    extern "C" {
        #[link_name = "phase"]
        fn import(code: i32);
    }
    // SAFETY: every pipeline provides the import; it only executes a marker.
    unsafe { import(CODE) }
}

#[cfg(not(any(target_arch = "riscv64", target_arch = "x86_64", target_arch = "wasm32")))]
compile_error!("no phase marker is defined for this architecture");
