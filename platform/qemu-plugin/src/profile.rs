//! Executions of each block.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

/// A stretch of code that QEMU translated as one. Two translations of the same
/// stretch, at other times or in other circumstances, are the same block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    pub pc: u64,
    /// Instructions.
    pub length: u32,
    /// Their size in bytes.
    pub bytes: u64,
}

/// A block and how often it was entered, by all vCPUs together.
#[derive(Debug)]
pub struct Block {
    pub place: Place,
    executions: AtomicU64,
}

impl Block {
    /// Counts one execution; from any thread.
    pub fn executed(&self) {
        self.executions.fetch_add(1, Relaxed);
    }
}

/// All blocks translated so far.
#[derive(Default)]
pub struct Profile(Mutex<HashMap<Place, &'static Block>>);

impl Profile {
    /// The block at this place. It lives as long as the process, as translated
    /// code holds its address.
    pub fn block(&self, place: Place) -> &'static Block {
        let mut blocks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        blocks.entry(place).or_insert_with(|| {
            let executions = AtomicU64::new(0);
            Box::leak(Box::new(Block { place, executions }))
        })
    }

    /// Blocks that were executed, with their executions, in order of place.
    pub fn executions(&self) -> Vec<(Place, u64)> {
        let blocks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = blocks.values().map(|b| (b.place, b.executions.load(Relaxed)));
        let mut executed: Vec<_> = counts.filter(|&(_, executions)| executions > 0).collect();
        executed.sort_unstable();
        executed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn translations_of_one_place_are_one_block() {
        let place = |pc, length| Place { pc, length, bytes: 8 };
        let profile = Profile::default();
        profile.block(place(0x20, 2)).executed();
        profile.block(place(0x10, 2)).executed();
        profile.block(place(0x10, 3)).executed();
        profile.block(place(0x10, 2)).executed();
        profile.block(place(0x30, 2));
        assert_eq!(
            profile.executions(),
            [(place(0x10, 2), 2), (place(0x10, 3), 1), (place(0x20, 2), 1)]
        );
    }
}
