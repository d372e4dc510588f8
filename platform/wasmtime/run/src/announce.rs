//! Tells the instruction counter where something of the guest's lies, by loads
//! into nowhere (the counter's `announce.rs` has the codes). Without a counter
//! they read a byte and do nothing.

use wasmtime::{AsContext, Memory};

/// The linear memory as it is: at the end it is at its largest, since it can
/// only grow.
pub fn memory(memory: Memory, store: impl AsContext) {
    let bytes = memory.data(&store);
    if let (Some(first), Some(last)) = (bytes.first(), bytes.last()) {
        byte::<3>(first);
        byte::<4>(last);
    }
}

/// The stack of `bytes` bytes from `lowest` on, which is about to be used.
pub fn stack(lowest: *const u8, bytes: usize) {
    byte::<5>(lowest);
    byte::<6>(lowest.wrapping_add(bytes - 1));
}

/// `lbu x0, 0x570 + code(…)` at the address, which must be readable.
#[cfg(target_arch = "riscv64")]
#[inline(always)]
fn byte<const CODE: i32>(address: *const u8) {
    // SAFETY: a load of a byte that may be read, and nothing is changed.
    unsafe {
        core::arch::asm!("lbu zero, {displacement}({base})",
            base = in(reg) address.wrapping_sub(0x570 + CODE as usize),
            displacement = const 0x570 + CODE,
            options(nostack, readonly, preserves_flags));
    }
}

/// `cmpb $0, 0x57415300 + code(%rax)` at the address, which must be readable; in
/// bytes because an assembler may choose another form.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn byte<const CODE: i32>(address: *const u8) {
    // SAFETY: a load of a byte that may be read, and only flags are changed.
    unsafe {
        core::arch::asm!(".byte 0x80, 0xb8", ".long {displacement}", ".byte 0",
            in("rax") address.wrapping_sub(0x5741_5300 + CODE as usize),
            displacement = const 0x5741_5300 + CODE,
            options(nostack, readonly));
    }
}
