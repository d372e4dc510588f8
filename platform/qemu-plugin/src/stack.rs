//! How deep the guest's stack was used.

use crate::decode::Access;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// No address is in a stack whose lowest byte is this.
const UNKNOWN: u64 = u64::MAX;

/// How deep a stack was used. From any thread: what others have on their own
/// stacks is outside it.
pub struct Stack {
    /// [`UNKNOWN`] until the stack is known; `UNKNOWN - 1` when it cannot be.
    lowest: AtomicU64,
    /// The address after its highest byte.
    top: AtomicU64,
    /// The lowest address in it that was used.
    deepest: AtomicU64,
    /// Bytes that the process's own stack may grow to.
    limit: AtomicU64,
}

impl Stack {
    #[allow(clippy::new_without_default)] // Default is not const
    pub const fn new() -> Self {
        Stack {
            lowest: AtomicU64::new(UNKNOWN),
            top: AtomicU64::new(0),
            deepest: AtomicU64::new(0),
            limit: AtomicU64::new(0),
        }
    }

    /// The process's own stack may grow to `bytes`.
    pub fn limit(&self, bytes: u64) {
        self.limit.store(bytes, Relaxed);
    }

    /// The stack is that of `bytes` bytes below `top`.
    pub fn set(&self, top: u64, bytes: u64) {
        self.lowest.store(UNKNOWN, Relaxed);
        self.top.store(top, Relaxed);
        self.deepest.store(top, Relaxed);
        self.lowest.store(top.saturating_sub(bytes), Relaxed);
    }

    /// An address was written, or the stack pointer stood there.
    #[inline(always)]
    pub fn used(&self, address: u64) {
        if address < self.deepest.load(Relaxed) && address >= self.lowest.load(Relaxed) {
            self.deepest.fetch_min(address, Relaxed);
        }
    }

    /// The stack pointer is about to be used for an access. The process's own
    /// stack is learned from the first such access, if it is that of the entry
    /// code to its number of arguments, which the stack pointer points at by
    /// the calling convention for processes.
    #[inline(always)]
    pub fn pointed(&self, pointer: u64, access: Access) {
        if self.lowest.load(Relaxed) == UNKNOWN {
            self.entered(pointer, access);
        }
        self.used(pointer);
    }

    #[cold]
    fn entered(&self, pointer: u64, access: Access) {
        match access {
            Access { store: false, from_sp: Some(0), .. } => {
                self.set(pointer, self.limit.load(Relaxed))
            }
            _ => self.lowest.store(UNKNOWN - 1, Relaxed),
        }
    }

    /// Bytes from the top to the deepest use; None when the stack is not known.
    pub fn peak(&self) -> Option<u64> {
        let known = self.lowest.load(Relaxed) < UNKNOWN - 1;
        known.then(|| self.top.load(Relaxed) - self.deepest.load(Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOAD: Access = Access { bytes: 8, store: false, from_sp: Some(0) };

    #[test]
    fn the_deepest_use_within_the_stack_is_its_peak() {
        let stack = Stack::new();
        stack.used(0x500);
        assert_eq!(stack.peak(), None);
        stack.set(0x1000, 0x800);
        assert_eq!(stack.peak(), Some(0));
        for (address, peak) in
            [(0x1000, 0), (0xff0, 0x10), (0xff8, 0x10), (0x800, 0x800), (0x7ff, 0x800)]
        {
            stack.used(address);
            assert_eq!(stack.peak(), Some(peak), "{address:#x}");
        }
    }

    #[test]
    fn a_process_enters_by_reading_its_number_of_arguments() {
        let rows = [
            (LOAD, Some(0)),
            (Access { from_sp: Some(8), ..LOAD }, None),
            (Access { store: true, ..LOAD }, None),
        ];
        for (first, expected) in rows {
            let stack = Stack::new();
            stack.limit(0x800);
            stack.pointed(0x1000, first);
            assert_eq!(stack.peak(), expected, "{first:?}");
            // It stays what it is.
            stack.pointed(0xf00, LOAD);
            assert_eq!(stack.peak(), expected.map(|_| 0x100), "{first:?}");
        }
    }
}
