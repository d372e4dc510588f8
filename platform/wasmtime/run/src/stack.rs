//! The stack that the guest runs on.
//!
//! The limit of the process's own stack differs between machines and emulators,
//! and a guest that nests 1,024 EVM calls needs more than the usual 8 MiB. So
//! the whole program runs on a large stack of its own, of which only the touched
//! pages cost memory.

use std::{process, ptr};

use crate::announce;

/// Most of the stack is the guest's, who traps with "call stack exhausted"
/// beyond it.
pub const GUEST_BYTES: usize = STACK_BYTES - HOST_BYTES;

const STACK_BYTES: usize = 256 << 20;

/// What the runtime's own functions below and above the guest may use.
const HOST_BYTES: usize = 1 << 20;

/// Calls `program` on the large stack.
pub fn leave_for_a_large_one(program: extern "C" fn() -> !) -> ! {
    // SAFETY: a new mapping, private to this function.
    let stack = unsafe {
        libc::mmap(
            ptr::null_mut(),
            STACK_BYTES,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_STACK,
            -1,
            0,
        )
    };
    if stack == libc::MAP_FAILED {
        eprintln!("no stack of {STACK_BYTES} bytes: {}", std::io::Error::last_os_error());
        process::exit(1);
    }
    announce::stack(stack.cast(), STACK_BYTES);
    // SAFETY: the end of the mapping is aligned to a page, so to 16 bytes, and
    // the old stack is never returned to.
    unsafe { switch(stack.cast::<u8>().add(STACK_BYTES), program) }
}

/// The frame pointer and the return address become zero: here backtraces end.
#[cfg(target_arch = "riscv64")]
unsafe fn switch(top: *mut u8, program: extern "C" fn() -> !) -> ! {
    core::arch::asm!(
        "mv sp, {top}", "li s0, 0", "li ra, 0", "jr {program}",
        top = in(reg) top, program = in(reg) program, options(noreturn)
    )
}

/// The frame pointer and the return address become zero: here backtraces end.
#[cfg(target_arch = "x86_64")]
unsafe fn switch(top: *mut u8, program: extern "C" fn() -> !) -> ! {
    core::arch::asm!(
        "mov rsp, {top}", "xor ebp, ebp", "push 0", "jmp {program}",
        top = in(reg) top, program = in(reg) program, options(noreturn)
    )
}
