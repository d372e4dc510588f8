//! Arguments and environment: lists of strings that a guest copies into its
//! memory.

use crate::memory::element;
use crate::{Errno, Memory, Outcome, Wasi};

/// Strings without a terminating zero.
#[derive(Debug, Default)]
pub struct Strings(pub Vec<Vec<u8>>);

impl Strings {
    fn sizes(&self, memory: &mut Memory, count: u32, size: u32) -> Outcome {
        let total: usize = self.0.iter().map(|string| string.len() + 1).sum();
        let fits = |n: usize| u32::try_from(n).map_err(|_| Errno::Overflow);
        memory.write_u32(count, fits(self.0.len())?)?;
        memory.write_u32(size, fits(total)?)
    }

    fn copy(&self, memory: &mut Memory, pointers: u32, buffer: u32) -> Outcome {
        let mut place = buffer;
        for (index, string) in self.0.iter().enumerate() {
            let index = u32::try_from(index).map_err(|_| Errno::Overflow)?;
            let length = u32::try_from(string.len()).map_err(|_| Errno::Overflow)?;
            memory.write_u32(element(pointers, index, 4)?, place)?;
            memory.write(place, string)?;
            memory.write(element(place, length, 1)?, &[0])?;
            place = element(place, length, 1)?.checked_add(1).ok_or(Errno::Fault)?;
        }
        Ok(())
    }
}

impl Wasi {
    pub fn args_sizes_get(&mut self, memory: &mut Memory, count: u32, size: u32) -> Outcome {
        self.arguments.sizes(memory, count, size)
    }

    pub fn args_get(&mut self, memory: &mut Memory, pointers: u32, buffer: u32) -> Outcome {
        self.arguments.copy(memory, pointers, buffer)
    }

    pub fn environ_sizes_get(&mut self, memory: &mut Memory, count: u32, size: u32) -> Outcome {
        self.environment.sizes(memory, count, size)
    }

    pub fn environ_get(&mut self, memory: &mut Memory, pointers: u32, buffer: u32) -> Outcome {
        self.environment.copy(memory, pointers, buffer)
    }
}
