//! The instructions by which a guest announces a phase. No machine does
//! anything for them, so a guest with markers runs everywhere.

/// A guest architecture whose marker instruction is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Riscv64,
    X86_64,
}

/// What a marker says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marker {
    /// Code 1.
    RunBegins,
    /// Code 2.
    ExitBegins,
}

impl Target {
    /// By QEMU's name of the target.
    pub fn by_name(name: &str) -> Option<Target> {
        match name {
            "riscv64" => Some(Target::Riscv64),
            "x86_64" => Some(Target::X86_64),
            _ => None,
        }
    }

    /// The marker that this instruction is, given its bytes in memory order.
    ///
    /// RISC-V: `slti x0, x0, 0x570 + code`, of the HINT space that the
    /// unprivileged ISA manual ("HINT Instructions", RV64I) leaves to custom use.
    /// x86-64: the 7-byte form of NOP (`nopl disp32(%rax)`, Intel's manual,
    /// "Recommended Multi-Byte Sequence of NOP Instruction") with displacement
    /// `0x57415300 + code`.
    pub fn marker(self, bytes: &[u8]) -> Option<Marker> {
        let code = match self {
            Target::Riscv64 => {
                let word = u32::from_le_bytes(bytes.try_into().ok()?);
                let slti_x0_x0 = word & 0x000f_ffff == 0x0000_2013;
                slti_x0_x0.then(|| (word >> 20).wrapping_sub(0x570))?
            }
            Target::X86_64 => {
                let displacement = bytes.strip_prefix(&[0x0f, 0x1f, 0x80])?;
                u32::from_le_bytes(displacement.try_into().ok()?).wrapping_sub(0x5741_5300)
            }
        };
        match code {
            1 => Some(Marker::RunBegins),
            2 => Some(Marker::ExitBegins),
            _ => None,
        }
    }

    /// Whether its instructions are told apart by [`crate::decode`].
    pub fn decodes(self) -> bool {
        self == Target::Riscv64
    }

    /// Whether QEMU may list an instruction at `address` as the last of a block
    /// and then leave it to the next block.
    ///
    /// An x86 instruction's length is known only after decoding it; one that
    /// turns out to continue on the next page is taken back, but stays in the
    /// plugin's list. (RISC-V's length is in its first half-word: QEMU looks
    /// before it starts.)
    pub fn may_take_back(self, address: u64) -> bool {
        const PAGE: u64 = 4096;
        const LONGEST: u64 = 15;
        self == Target::X86_64 && address % PAGE > PAGE - LONGEST
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Marker::{ExitBegins, RunBegins};
    use Target::{Riscv64, X86_64};

    #[test]
    fn recognises_the_two_markers_and_nothing_near_them() {
        let rows: [(Target, &[u8], Option<Marker>); 14] = [
            (Riscv64, &0x5710_2013u32.to_le_bytes(), Some(RunBegins)),
            (Riscv64, &0x5720_2013u32.to_le_bytes(), Some(ExitBegins)),
            (Riscv64, &0x5700_2013u32.to_le_bytes(), None),
            (Riscv64, &0x5730_2013u32.to_le_bytes(), None),
            // rd = x1: not a HINT.
            (Riscv64, &0x5710_2093u32.to_le_bytes(), None),
            // rs1 = x1: another HINT.
            (Riscv64, &0x5710_a013u32.to_le_bytes(), None),
            // sltiu.
            (Riscv64, &0x5710_3013u32.to_le_bytes(), None),
            (Riscv64, &[0x01, 0x00], None),
            (X86_64, &[0x0f, 0x1f, 0x80, 1, 0x53, 0x41, 0x57], Some(RunBegins)),
            (X86_64, &[0x0f, 0x1f, 0x80, 2, 0x53, 0x41, 0x57], Some(ExitBegins)),
            (X86_64, &[0x0f, 0x1f, 0x80, 3, 0x53, 0x41, 0x57], None),
            (X86_64, &[0x0f, 0x1f, 0x80, 0, 0, 0, 0], None),
            (X86_64, &[0x0f, 0x1f, 0x80, 1, 0x53, 0x41], None),
            (X86_64, &[0x90], None),
        ];
        for (target, bytes, expected) in rows {
            assert_eq!(target.marker(bytes), expected, "{target:?} {bytes:02x?}");
        }
    }

    #[test]
    fn only_the_end_of_an_x86_page_is_in_doubt() {
        let rows = [
            (X86_64, 0x1000, false),
            (X86_64, 0x1ff1, false),
            (X86_64, 0x1ff2, true),
            (X86_64, 0x1fff, true),
            (Riscv64, 0x1ffe, false),
        ];
        for (target, address, expected) in rows {
            assert_eq!(target.may_take_back(address), expected, "{target:?} {address:#x}");
        }
    }
}
