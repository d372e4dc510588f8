//! Random bytes that are the same in every run: SplitMix64 (Steele, Lea, Flood:
//! "Fast splittable pseudorandom number generators", 2014) from a fixed seed.

use crate::{Memory, Outcome, Wasi};

/// The generator's state, which is its seed before the first step.
#[derive(Debug)]
pub struct Random(u64);

impl Default for Random {
    fn default() -> Self {
        Random(0x7761_7372_6973_6300)
    }
}

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

impl Wasi {
    pub fn random_get(&mut self, memory: &mut Memory, buffer: u32, length: u32) -> Outcome {
        for chunk in memory.bytes_mut(buffer, length)?.chunks_mut(8) {
            chunk.copy_from_slice(&self.random.next().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}
