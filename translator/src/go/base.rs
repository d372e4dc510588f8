//! Go's stack pointer as a machine address, and as the number that the module has.

use crate::options::{MemoryBase, Options};

/// What lies between the two.
#[derive(Debug, Clone, Copy, Default)]
pub struct StackBase {
    memory: MemoryBase,
    /// A machine register holds it.
    pinned: bool,
}

impl StackBase {
    pub fn of(options: &Options) -> StackBase {
        StackBase { memory: options.memory_base, pinned: options.base_register.is_some() }
    }

    /// A machine address as a number of 64 bits.
    pub fn number(self, address: &str) -> String {
        match self.memory {
            _ if self.pinned => format!("wasrisc_place({address})"),
            MemoryBase::Identity => format!("(u64)({address})"),
            MemoryBase::Address(base) => format!("((u64)({address}) - {base:#x}ull)"),
            MemoryBase::Symbol | MemoryBase::Register => format!("(u64)({address} - m0)"),
        }
    }

    /// The reverse.
    pub fn address(self, number: &str) -> String {
        match self.memory {
            _ if self.pinned => format!("(u8 *)wasrisc_based({number})"),
            MemoryBase::Identity => format!("(u8 *)(u64){number}"),
            MemoryBase::Address(base) => format!("(u8 *)({base:#x}ull + {number})"),
            MemoryBase::Symbol | MemoryBase::Register => format!("m0 + {number}"),
        }
    }
}
