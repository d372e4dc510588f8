//! Which encodings are RV64IM: the unprivileged ISA manual, chapter "RV32/64G
//! Instruction Set Listings", RV32I to RV64M.
//!
//! `ecall` and `ebreak` are RV64I and left out: what they do is the platform's
//! affair, so each of them is an exception with a reason. Fences are the base's;
//! reserved fields of theirs are refused although a machine may ignore them.

const LOAD: u32 = 0x03;
const MISC_MEM: u32 = 0x0f;
const OP_IMM: u32 = 0x13;
const AUIPC: u32 = 0x17;
const OP_IMM_32: u32 = 0x1b;
const STORE: u32 = 0x23;
const OP: u32 = 0x33;
const LUI: u32 = 0x37;
const OP_32: u32 = 0x3b;
const BRANCH: u32 = 0x63;
const JALR: u32 = 0x67;
const JAL: u32 = 0x6f;

/// Of the immediate of a jump or branch, what says 2: without compressed
/// instructions no instruction begins there.
const HALF_OF_JAL: u32 = 1 << 21;
const HALF_OF_BRANCH: u32 = 1 << 8;

/// `fence` with any sets, but no registers and no mode; `fence.tso`.
const FENCE_FIXED: u32 = 0xf00f_ffff;
const FENCE: u32 = 0x0000_000f;
const FENCE_TSO: u32 = 0x8330_000f;

/// Whether the word is an instruction of RV64IM. HINTs are.
pub fn is_rv64im(word: u32) -> bool {
    let (funct3, funct7) = (word >> 12 & 7, word >> 25);
    match word & 0x7f {
        LUI | AUIPC => true,
        JAL => word & HALF_OF_JAL == 0,
        JALR => funct3 == 0,
        BRANCH => !matches!(funct3, 2 | 3) && word & HALF_OF_BRANCH == 0,
        LOAD => funct3 <= 6,
        STORE => funct3 <= 3,
        // Shifts by up to 63 take a bit of funct7.
        OP_IMM => match funct3 {
            1 => funct7 >> 1 == 0,
            5 => matches!(funct7 >> 1, 0 | 0x10),
            _ => true,
        },
        OP_IMM_32 => match funct3 {
            0 => true,
            1 => funct7 == 0,
            5 => matches!(funct7, 0 | 0x20),
            _ => false,
        },
        OP => match funct7 {
            0 | 1 => true,
            0x20 => matches!(funct3, 0 | 5),
            _ => false,
        },
        OP_32 => match funct7 {
            0 => matches!(funct3, 0 | 1 | 5),
            1 => matches!(funct3, 0 | 4..=7),
            0x20 => matches!(funct3, 0 | 5),
            _ => false,
        },
        MISC_MEM => word & FENCE_FIXED == FENCE || word == FENCE_TSO,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mask and value of each instruction, as lists of opcodes give them.
    const LISTED: &[(u32, &[u32])] = &[
        (0x7f, &[0x37, 0x17]),
        (0x7f | HALF_OF_JAL, &[0x6f]),
        (0x707f | HALF_OF_BRANCH, &[0x63, 0x1063, 0x4063, 0x5063, 0x6063, 0x7063]),
        (0x707f, &[0x67]),
        (0x707f, &[0x3, 0x1003, 0x2003, 0x3003, 0x4003, 0x5003, 0x6003]),
        (0x707f, &[0x23, 0x1023, 0x2023, 0x3023]),
        (0x707f, &[0x13, 0x2013, 0x3013, 0x4013, 0x6013, 0x7013, 0x1b]),
        (0xfc00_707f, &[0x1013, 0x5013, 0x4000_5013]),
        (0xfe00_707f, &[0x101b, 0x501b, 0x4000_501b]),
        (0xfe00_707f, &[0x33, 0x1033, 0x2033, 0x3033, 0x4033, 0x5033, 0x6033, 0x7033]),
        (0xfe00_707f, &[0x4000_0033, 0x4000_5033]),
        (0xfe00_707f, &[0x3b, 0x103b, 0x503b, 0x4000_003b, 0x4000_503b]),
        (0xfe00_707f, &[0x0200_0033, 0x0200_1033, 0x0200_2033, 0x0200_3033]),
        (0xfe00_707f, &[0x0200_4033, 0x0200_5033, 0x0200_6033, 0x0200_7033]),
        (0xfe00_707f, &[0x0200_003b, 0x0200_403b, 0x0200_503b, 0x0200_603b, 0x0200_703b]),
        (0xf00f_ffff, &[0x0000_000f]),
        (0xffff_ffff, &[0x8330_000f]),
    ];

    fn listed(word: u32) -> bool {
        LISTED.iter().any(|(mask, values)| values.contains(&(word & mask)))
    }

    /// All of opcode, funct3 and funct7, with the bits between them in patterns
    /// that set and clear each.
    #[test]
    fn exactly_what_is_listed_is_accepted() {
        for fields in 0u32..1 << 17 {
            let word = fields & 0x7f | (fields >> 7 & 7) << 12 | (fields >> 10) << 25;
            for registers in [0, !0, 0x5555_5555, 0xaaaa_aaaa, 0x0010_0080, 0x0020_0100] {
                let word = word | registers & 0x01ff_8f80;
                assert_eq!(is_rv64im(word), listed(word), "{word:#010x}");
            }
        }
    }

    #[test]
    fn fences_are_those_of_the_base() {
        for (word, accepted) in [
            (0x0ff0_000f, true),  // fence
            (0x8330_000f, true),  // fence.tso
            (0x8ff0_000f, false), // a mode with other sets
            (0x1ff0_000f, false), // an unknown mode
            (0x0ff0_008f, false), // a register
            (0x0000_100f, false), // fence.i
        ] {
            assert_eq!(is_rv64im(word), accepted, "{word:#010x}");
            assert_eq!(listed(word), accepted, "{word:#010x}");
        }
    }
}
