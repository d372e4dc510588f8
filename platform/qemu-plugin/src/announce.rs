//! The instructions by which a runtime says where something of the guest's lies.
//!
//! Each is a load into nowhere of one byte, whose displacement says what it is
//! and whose address says where: no compiler emits it, it needs neither kernel
//! nor host, and it does nothing on a machine that does not look. The address is
//! all that a plugin of QEMU 7.2 can learn from a running instruction.

use crate::marker::Target;
use crate::stack::Stack;
use std::sync::{Mutex, PoisonError};

/// What the byte at the announced address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Announced {
    /// Code 3: the first byte of the linear memory.
    MemoryFirst,
    /// Code 4: its last byte as it is now.
    MemoryLast,
    /// Code 5: the lowest byte of the stack that the guest runs on.
    StackLowest,
    /// Code 6: its highest byte.
    StackHighest,
}

impl Announced {
    pub fn by_code(code: usize) -> Option<Announced> {
        match code {
            3 => Some(Announced::MemoryFirst),
            4 => Some(Announced::MemoryLast),
            5 => Some(Announced::StackLowest),
            6 => Some(Announced::StackHighest),
            _ => None,
        }
    }

    pub fn code(self) -> usize {
        match self {
            Announced::MemoryFirst => 3,
            Announced::MemoryLast => 4,
            Announced::StackLowest => 5,
            Announced::StackHighest => 6,
        }
    }
}

impl Target {
    /// What this instruction announces, given its bytes in memory order.
    ///
    /// RISC-V: `lbu x0, 0x570 + code(reg)`. x86-64:
    /// `cmpb $0, 0x57415300 + code(%rax)`.
    pub fn announced(self, bytes: &[u8]) -> Option<Announced> {
        let code = match self {
            Target::Riscv64 => {
                let word = u32::from_le_bytes(bytes.try_into().ok()?);
                let lbu_x0 = word & 0x7fff == 0x4003;
                lbu_x0.then(|| (word >> 20).wrapping_sub(0x570))?
            }
            Target::X86_64 => {
                let displacement = bytes.strip_prefix(&[0x80, 0xb8])?.strip_suffix(&[0])?;
                u32::from_le_bytes(displacement.try_into().ok()?).wrapping_sub(0x5741_5300)
            }
        };
        Announced::by_code(code as usize)
    }
}

/// What was announced so far.
pub struct Announcements(Mutex<Heard>);

struct Heard {
    stack_lowest: Option<u64>,
    memory_first: Option<u64>,
    memory_bytes: Option<u64>,
}

impl Announcements {
    #[allow(clippy::new_without_default)] // Default is not const
    pub const fn new() -> Self {
        let nothing = Heard { stack_lowest: None, memory_first: None, memory_bytes: None };
        Announcements(Mutex::new(nothing))
    }

    /// The byte at `address` is announced. A stack that is announced whole takes
    /// the place of the process's own.
    pub fn hear(&self, what: Announced, address: u64, stack: &Stack) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let since = |first: u64| address.saturating_sub(first).saturating_add(1);
        match what {
            Announced::MemoryFirst => heard.memory_first = Some(address),
            Announced::MemoryLast => {
                heard.memory_bytes = heard.memory_bytes.max(heard.memory_first.map(since));
            }
            Announced::StackLowest => heard.stack_lowest = Some(address),
            Announced::StackHighest => {
                if let Some(lowest) = heard.stack_lowest {
                    stack.set(address.saturating_add(1), since(lowest));
                }
            }
        }
    }

    /// Bytes of the linear memory at its largest; None when none was announced.
    pub fn linear_memory(&self) -> Option<u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).memory_bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Access;
    use Announced::{MemoryFirst, MemoryLast, StackHighest, StackLowest};
    use Target::{Riscv64, X86_64};

    #[test]
    fn recognises_the_four_and_nothing_near_them() {
        let rows: [(Target, &[u8], Option<Announced>); 13] = [
            (Riscv64, &0x5735_4003u32.to_le_bytes(), Some(MemoryFirst)),
            (Riscv64, &0x5745_4003u32.to_le_bytes(), Some(MemoryLast)),
            (Riscv64, &0x5751_4003u32.to_le_bytes(), Some(StackLowest)),
            (Riscv64, &0x576f_c003u32.to_le_bytes(), Some(StackHighest)),
            (Riscv64, &0x5725_4003u32.to_le_bytes(), None),
            (Riscv64, &0x5775_4003u32.to_le_bytes(), None),
            // rd = x1: a load that somebody wants.
            (Riscv64, &0x5735_4083u32.to_le_bytes(), None),
            // lb, not lbu.
            (Riscv64, &0x5735_0003u32.to_le_bytes(), None),
            (Riscv64, &[0x01, 0x00], None),
            (X86_64, &[0x80, 0xb8, 4, 0x53, 0x41, 0x57, 0], Some(MemoryLast)),
            (X86_64, &[0x80, 0xb8, 7, 0x53, 0x41, 0x57, 0], None),
            (X86_64, &[0x80, 0xb8, 4, 0x53, 0x41, 0x57, 1], None),
            (X86_64, &[0x80, 0xb9, 4, 0x53, 0x41, 0x57, 0], None),
        ];
        for (target, bytes, expected) in rows {
            assert_eq!(target.announced(bytes), expected, "{target:?} {bytes:02x?}");
            let again = expected.map(Announced::code).and_then(Announced::by_code);
            assert_eq!(again, expected, "through QEMU as a number");
        }
    }

    #[test]
    fn an_announced_stack_takes_the_place_of_the_processs_own() {
        let (stack, heard) = (Stack::new(), Announcements::new());
        stack.limit(0x800);
        stack.pointed(0x1000, Access { bytes: 8, store: false, from_sp: Some(0) });
        stack.used(0x900);
        heard.hear(StackHighest, 0x2fff, &stack);
        assert_eq!(stack.peak(), Some(0x700), "half an announcement says nothing");
        heard.hear(StackLowest, 0x2000, &stack);
        heard.hear(StackHighest, 0x2fff, &stack);
        stack.used(0x2ff0);
        stack.used(0x900);
        assert_eq!(stack.peak(), Some(0x10));
    }

    #[test]
    fn the_largest_memory_is_the_peak() {
        let (stack, heard) = (Stack::new(), Announcements::new());
        for (what, address, expected) in [
            (MemoryLast, 0x13_ffff, None),
            (MemoryFirst, 0x10_0000, None),
            (MemoryLast, 0x12_ffff, Some(0x3_0000)),
            (MemoryLast, 0x13_ffff, Some(0x4_0000)),
            (MemoryLast, 0x11_ffff, Some(0x4_0000)),
        ] {
            heard.hear(what, address, &stack);
            assert_eq!(heard.linear_memory(), expected, "{what:?} {address:#x}");
        }
        assert_eq!(stack.peak(), None);
    }
}
