//! What an encoding is that is not RV64IM, in words for messages and for the
//! lists of exceptions. Extensions are told by the opcodes and functions that
//! the manuals give them.

use std::fmt;

/// An instruction that needs a reason to be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Foreign {
    /// `ecall`, `mret`, `csrrw mtvec`: named, so that an exception can be made.
    Named(String),
    /// An encoding of an extension.
    Of(&'static str),
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Foreign::Named(name) => write!(f, "`{name}`"),
            Foreign::Of(extension) => write!(f, "{extension}"),
        }
    }
}

/// Whole words of the opcode SYSTEM and its neighbours.
const WORDS: &[(u32, &str)] = &[
    (0x0000_0073, "ecall"),
    (0x0010_0073, "ebreak"),
    (0x1020_0073, "sret"),
    (0x1050_0073, "wfi"),
    (0x3020_0073, "mret"),
    // What LLVM writes for a trap: a write to a register that cannot be written.
    (0xc000_1073, "unimp"),
    (0x0000_100f, "fence.i"),
];

/// Of the privileged manual, those that a start-up has to do with.
const CSRS: &[(u32, &str)] = &[
    (0x001, "fflags"),
    (0x002, "frm"),
    (0x003, "fcsr"),
    (0x180, "satp"),
    (0x300, "mstatus"),
    (0x301, "misa"),
    (0x302, "medeleg"),
    (0x303, "mideleg"),
    (0x304, "mie"),
    (0x305, "mtvec"),
    (0x306, "mcounteren"),
    (0x340, "mscratch"),
    (0x341, "mepc"),
    (0x342, "mcause"),
    (0x343, "mtval"),
    (0x344, "mip"),
    (0xc00, "cycle"),
    (0xc01, "time"),
    (0xc02, "instret"),
    (0xf14, "mhartid"),
];

/// What `word`, which is not RV64IM, is.
pub fn what(word: u32) -> Foreign {
    if let Some((_, name)) = WORDS.iter().find(|(known, _)| *known == word) {
        return Foreign::Named(name.to_string());
    }
    let funct3 = word >> 12 & 7;
    Foreign::Of(match word & 0x7f {
        _ if word == 0 => "all zeros, which is no instruction",
        _ if word & 3 != 3 => "a compressed instruction (C)",
        0x07 | 0x27 if matches!(funct3, 1..=4) => "a floating-point access (F, D)",
        0x07 | 0x27 => "a vector access (V)",
        0x43 | 0x47 | 0x4b | 0x4f | 0x53 => "a floating-point instruction (F, D)",
        0x2f => "an atomic instruction (A)",
        0x57 => "a vector instruction (V)",
        0x77 => "a vector instruction (Zvk)",
        0x73 => return system(word, funct3),
        0x0f if funct3 == 2 => "a cache-block instruction (Zicbom, Zicboz)",
        0x13 | 0x1b | 0x33 | 0x3b => arithmetic(word),
        0x63 | 0x6f if is_half(word) => "a jump between two instructions",
        0x0b | 0x2b | 0x5b | 0x7b => "a custom instruction",
        opcode if opcode & 0x1c == 0x1c => "an instruction longer than 32 bits",
        _ => "a reserved encoding",
    })
}

/// Whether the encoding would be RV64IM if its target were whole.
fn is_half(word: u32) -> bool {
    crate::decode::is_rv64im(word & !(1 << if word & 0x7f == 0x6f { 21 } else { 8 }))
}

fn system(word: u32, funct3: u32) -> Foreign {
    let operation = match funct3 {
        1 => "csrrw",
        2 => "csrrs",
        3 => "csrrc",
        5 => "csrrwi",
        6 => "csrrsi",
        7 => "csrrci",
        _ => return Foreign::Of("a privileged instruction"),
    };
    Foreign::Named(format!("{operation} {}", csr(word >> 20)))
}

fn csr(number: u32) -> String {
    let known = CSRS.iter().find(|(known, _)| *known == number);
    match (known, number) {
        (Some((_, name)), _) => name.to_string(),
        (None, 0x3a0..=0x3af) => format!("pmpcfg{}", number - 0x3a0),
        (None, 0x3b0..=0x3ef) => format!("pmpaddr{}", number - 0x3b0),
        (None, _) => format!("{number:#x}"),
    }
}

/// By the upper bits of the functions that bit manipulation, conditional zero
/// and cryptography have in OP, OP-IMM and their forms for words.
fn arithmetic(word: u32) -> &'static str {
    let (funct3, funct7, register) = (word >> 12 & 7, word >> 25, word & 0x20 != 0);
    match funct7 >> 1 << 1 {
        0x06 if register && matches!(funct3, 5 | 7) => "a conditional zero (Zicond)",
        0x04 | 0x08 | 0x10 | 0x14 | 0x20 | 0x24 | 0x30 | 0x34 => "bit manipulation (Zb*, Zk*)",
        _ => "a reserved encoding",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_are_named() {
        for (word, name) in [
            (0x0000_0073, "`ecall`"),
            (0x0010_0073, "`ebreak`"),
            (0x3020_0073, "`mret`"),
            (0x1050_0073, "`wfi`"),
            (0xc000_1073, "`unimp`"),
            (0x0000_100f, "`fence.i`"),
            (0x3055_1073, "`csrrw mtvec`"),
            (0xf140_2573, "`csrrs mhartid`"),
            (0x3a20_1073, "`csrrw pmpcfg2`"),
            (0x3b12_9073, "`csrrw pmpaddr1`"),
            (0x3ef2_9073, "`csrrw pmpaddr63`"),
            (0x7c05_1073, "`csrrw 0x7c0`"),
            (0x1200_0073, "a privileged instruction"),
            (0x0000_0000, "all zeros, which is no instruction"),
            (0x0001_0001, "a compressed instruction (C)"),
            (0x00b5_2007, "a floating-point access (F, D)"),
            (0x02a5_7053, "a floating-point instruction (F, D)"),
            (0x0205_0007, "a vector access (V)"),
            (0x00b5_2c57, "a vector instruction (V)"),
            (0x00b5_252f, "an atomic instruction (A)"),
            (0x20b5_2533, "bit manipulation (Zb*, Zk*)"),
            (0x0ab5_4533, "bit manipulation (Zb*, Zk*)"),
            (0x6005_1513, "bit manipulation (Zb*, Zk*)"),
            (0x0ab5_1533, "bit manipulation (Zb*, Zk*)"),
            (0x40b5_7533, "bit manipulation (Zb*, Zk*)"),
            (0x0805_053b, "bit manipulation (Zb*, Zk*)"),
            (0x0eb5_5533, "a conditional zero (Zicond)"),
            (0x0005_200f, "a cache-block instruction (Zicbom, Zicboz)"),
            (0x0020_006f, "a jump between two instructions"),
            (0x00b5_0163, "a jump between two instructions"),
            (0x0000_000b, "a custom instruction"),
            (0x0000_001f, "an instruction longer than 32 bits"),
            (0x0000_7003, "a reserved encoding"),
            (0x0000_2063, "a reserved encoding"),
        ] {
            assert!(!crate::decode::is_rv64im(word), "{word:#010x}");
            assert_eq!(what(word).to_string(), name, "{word:#010x}");
        }
    }
}
