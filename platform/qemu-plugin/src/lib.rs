//! wasrisc-counter: the instructions that a guest executes under QEMU, by phase
//! and by block. A plugin for QEMU's TCG, user mode or whole machine, for
//! riscv64 and x86_64 guests.
//!
//! ```text
//! qemu-riscv64 -plugin libwasrisc_counter.so,out=FILE[,mode=block|exact|detail][,profile=on|off] ELF
//! ```
//!
//! It is written against version 1 of the plugin interface, which QEMU 7.2 has;
//! a QEMU that no longer offers version 1 refuses it by name.
//!
//! # Arguments
//!
//! - `out=FILE` (required): where the counts go. A comma in the name is written
//!   twice (QEMU's rule). An older FILE is removed before the guest starts.
//! - `mode=block` (default) counts a translated block when it is entered: 1.2 to
//!   1.3 times QEMU's own time. `mode=exact` counts each instruction: 2.5 times.
//!   `mode=detail` counts as block mode does and adds what the instructions are
//!   and access: about twice; not with a profile.
//! - `profile=on` adds the executions of each block: about twice.
//!
//! An unknown, repeated or missing argument, or a FILE that cannot be written,
//! gives one line on stderr and QEMU does not start the guest.
//!
//! # Output
//!
//! One JSON object (line breaks added here), written beside FILE and renamed
//! when the guest exits:
//!
//! ```text
//! {"version":1,"mode":"exact","total":12,"vcpus":1,"start_code":65536,
//!  "phases":[{"phase":"startup","instructions":4},
//!            {"phase":"run","instructions":5},{"phase":"exit","instructions":3}],
//!  "profile":[{"pc":65540,"length":3,"executions":4,"bytes":10}]}
//! ```
//!
//! - `total`: instructions executed by all vCPUs; the phases sum to it.
//! - `vcpus`: how many ever existed; in user mode one per guest thread.
//! - `start_code`: the address of the executable's code, from which addresses
//!   relate to its symbols (0 for a whole machine).
//! - `profile` (only with `profile=on`): blocks executed at least once: address,
//!   instructions, executions, size in bytes; by address. Blocks may overlap.
//!   In block mode length times executions sums to `total`.
//! - `detail` (only with `mode=detail`; null for what could not be observed):
//!   `{"mix":{…},"misaligned":[{"pc":65540,"bytes":8,"store":false,"accesses":2}],`
//!   `"linear_memory":131072,"stack":4096}`. The `mix` has the instructions of each
//!   [`decode::Class`] and sums to `total`; `misaligned` the loads and stores that
//!   were ever off their alignment; `linear_memory` and `stack` are bytes, at the
//!   largest and down to the deepest use. x86-64 is not decoded: there all but
//!   `linear_memory` is null.
//!
//! # Announcements
//!
//! Detail mode learns what only a runtime knows from loads into nowhere
//! ([`marker::Target::announced`]), whose displacement is a code and whose address
//! is what is announced: code 3, the linear memory's first byte; 4, its last,
//! as often as it grows or at the end; 5, the lowest byte of the stack that the
//! program moves to; 6, its highest. Without 5 and 6 the stack is the process's
//! own, if the program's first access by way of the stack pointer is that of
//! entry code to its number of arguments, `ld …, 0(sp)`. How deep it was used
//! takes in what was written and where the stack pointer stood at an access, not
//! what the kernel wrote.
//!
//! # Phases
//!
//! A guest announces a phase by a marker, an instruction that does nothing
//! ([`marker::Target::marker`]): code 1, a run begins; code 2, the exit begins.
//! All before the first marker is `startup`, each code 1 begins a `run`, code 2
//! begins the `exit`, which lasts to the end whatever follows. Without markers
//! there is only `startup`; without code 2 no `exit`. The marker is the first
//! instruction of the phase that it announces.
//!
//! A boundary is exact also in block mode: what the block's entry has counted
//! from the marker on is moved to the new phase. With several threads, a
//! boundary is where the marking thread stands; of each other thread, up to the
//! rest of its current block may be counted to the earlier phase.
//!
//! # Exactness
//!
//! Each vCPU has a counter that only its own thread writes, so no update is
//! lost. What "an instruction" is follows QEMU:
//!
//! - A block left half-way counts whole in block mode. That takes a fault (such
//!   as a load from an unmapped address) or, on x86_64, a write of the block to
//!   itself; system calls and branches end blocks, signals from outside and
//!   the guest's end come between them. Exact mode counts up to and including
//!   the instruction that faulted.
//! - An instruction that is tried again after a fault is counted again.
//! - Each iteration of an x86_64 `rep` instruction counts, with one more for
//!   the final test where QEMU makes one.
//! - How often threads that wait for each other try again is up to the host's
//!   scheduler: counts of threaded programs vary, the counting does not.
//!
//! # Ends
//!
//! - At `exit_group`, QEMU stops the other threads before the counts are read;
//!   what they would execute in the remaining instants is not counted.
//! - A guest killed by a signal, its own `abort` included, or replaced by
//!   `execve` leaves no FILE, since QEMU then calls no plugin. No FILE means
//!   that there are no counts, never that they are zero.
//! - A process that the guest forks is not counted and does not touch FILE.

pub mod announce;
pub mod args;
pub mod counter;
pub mod decode;
pub mod detail;
pub mod marker;
pub mod output;
pub mod profile;
pub mod stack;

// QEMU's functions exist only inside QEMU: a test executable of this crate
// could not be linked with them. `tests/` runs the library inside QEMU.
#[cfg(not(test))]
mod api;
#[cfg(not(test))]
mod observe;
#[cfg(not(test))]
mod plugin;
