//! What instructions are and which accesses are misaligned, without QEMU.

use crate::decode::{Access, Class, Decoded, CLASSES};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

/// Instructions that are counted together, by class.
pub struct Stretch {
    pub length: u32,
    classes: [u32; CLASSES],
    executions: AtomicU64,
}

impl Stretch {
    fn of(decoded: &[Decoded]) -> Stretch {
        let mut classes = [0; CLASSES];
        for one in decoded {
            classes[one.class as usize] += 1;
        }
        Stretch { length: decoded.len() as u32, classes, executions: AtomicU64::new(0) }
    }

    /// Counts one execution; from any thread.
    pub fn executed(&self) {
        self.executions.fetch_add(1, Relaxed);
    }
}

/// A load or store of the program.
pub struct Place {
    pub pc: u64,
    pub access: Access,
    misaligned: AtomicU64,
}

impl Place {
    /// Counts the access at `address` if it is not a multiple of its size; from
    /// any thread.
    #[inline(always)]
    pub fn accessed(&self, address: u64) {
        if address & u64::from(self.access.bytes - 1) != 0 {
            self.misaligned.fetch_add(1, Relaxed);
        }
    }
}

/// Misaligned accesses of one instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Misaligned {
    pub pc: u64,
    /// 2, 4 or 8.
    pub bytes: u8,
    pub store: bool,
    /// More than zero.
    pub accesses: u64,
}

/// All code translated so far. What is in it lives as long as the process, as
/// translated code holds its address.
#[derive(Default)]
pub struct Code {
    stretches: Mutex<Vec<&'static Stretch>>,
    places: Mutex<Vec<&'static Place>>,
}

impl Code {
    pub fn stretch(&self, decoded: &[Decoded]) -> &'static Stretch {
        keep(&self.stretches, Stretch::of(decoded))
    }

    pub fn place(&self, pc: u64, access: Access) -> &'static Place {
        keep(&self.places, Place { pc, access, misaligned: AtomicU64::new(0) })
    }

    /// Instructions executed of each class.
    pub fn mix(&self) -> [u64; CLASSES] {
        let mut mix = [0; CLASSES];
        for stretch in self.stretches.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let executions = stretch.executions.load(Relaxed);
            for class in Class::ALL {
                mix[class as usize] += executions * u64::from(stretch.classes[class as usize]);
            }
        }
        mix
    }

    /// By address; each instruction once, however often it was translated.
    pub fn misaligned(&self) -> Vec<Misaligned> {
        let mut by_place: BTreeMap<(u64, u8, bool), u64> = BTreeMap::new();
        for place in self.places.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let accesses = place.misaligned.load(Relaxed);
            let Access { bytes, store, .. } = place.access;
            if accesses > 0 {
                *by_place.entry((place.pc, bytes, store)).or_default() += accesses;
            }
        }
        let one = |((pc, bytes, store), accesses)| Misaligned { pc, bytes, store, accesses };
        by_place.into_iter().map(one).collect()
    }
}

fn keep<T>(list: &Mutex<Vec<&'static T>>, one: T) -> &'static T {
    let one = Box::leak(Box::new(one));
    list.lock().unwrap_or_else(PoisonError::into_inner).push(one);
    one
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::decode;

    const LOAD: Access = Access { bytes: 8, store: false, from_sp: Some(0) };

    #[test]
    fn the_mix_is_executions_by_class() {
        let code = Code::default();
        // mul, c.nop; then c.nop alone; then a stretch that never runs.
        let instructions = [decode(&0x025282b3u32.to_le_bytes()), decode(&[1, 0])];
        let stretch = code.stretch(&instructions);
        (0..3).for_each(|_| stretch.executed());
        code.stretch(&instructions[1..]).executed();
        code.stretch(&instructions);
        let mut expected = [0; CLASSES];
        expected[Class::Multiplication as usize] = 3;
        expected[Class::Other as usize] = 4;
        assert_eq!(code.mix(), expected);
        assert_eq!(stretch.length, 2);
    }

    #[test]
    fn only_addresses_off_their_size_are_misaligned() {
        for bytes in [1u8, 2, 4, 8] {
            let code = Code::default();
            let place = code.place(0x100, Access { bytes, ..LOAD });
            (0x1000..0x1008).for_each(|address| place.accessed(address));
            let accesses = 8 - 8 / u64::from(bytes);
            let expected = Misaligned { pc: 0x100, bytes, store: false, accesses };
            let expected: &[Misaligned] = if bytes == 1 { &[] } else { &[expected] };
            assert_eq!(code.misaligned(), expected, "{bytes} bytes");
        }
    }

    #[test]
    fn translations_of_one_instruction_are_one_place() {
        let code = Code::default();
        (0..5).for_each(|_| code.place(0x100, LOAD).accessed(1));
        code.place(0xf0, LOAD).accessed(1);
        let seen: Vec<_> = code.misaligned().iter().map(|m| (m.pc, m.accesses)).collect();
        assert_eq!(seen, [(0xf0, 1), (0x100, 5)]);
    }
}
