//! What kind of instruction an RV64GC encoding is, and what it accesses.
//!
//! After the unprivileged ISA manual, chapter "RV32/64G Instruction Set
//! Listings" and, for the compressed ones, "RVC Instruction Set Listings".

/// The kinds that are told apart. Each instruction is of exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Loads, those of floating-point registers included.
    Load,
    /// Stores, those of floating-point registers included.
    Store,
    /// The A extension: load-reserved, store-conditional, read-modify-write.
    Atomic,
    /// `mul…` of the M extension.
    Multiplication,
    /// `div…` and `rem…` of the M extension.
    Division,
    /// Conditional branches, taken or not.
    Branch,
    /// `jal`, `jalr` and what is short for them: jumps, calls, returns.
    Jump,
    /// Arithmetic, moves, comparisons and conversions of the F and D extensions.
    Floating,
    /// All else: integer arithmetic, `lui`, `auipc`, fences, CSRs, `ecall`.
    Other,
}

/// How many classes there are.
pub const CLASSES: usize = 9;

impl Class {
    /// In the order of their numbers.
    pub const ALL: [Class; CLASSES] = [
        Class::Load,
        Class::Store,
        Class::Atomic,
        Class::Multiplication,
        Class::Division,
        Class::Branch,
        Class::Jump,
        Class::Floating,
        Class::Other,
    ];

    /// The key in the output.
    pub fn name(self) -> &'static str {
        match self {
            Class::Load => "loads",
            Class::Store => "stores",
            Class::Atomic => "atomics",
            Class::Multiplication => "multiplications",
            Class::Division => "divisions",
            Class::Branch => "branches",
            Class::Jump => "jumps",
            Class::Floating => "floating",
            Class::Other => "other",
        }
    }
}

/// What a load or store accesses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    /// 1, 2, 4 or 8.
    pub bytes: u8,
    pub store: bool,
    /// The distance from the stack pointer, where that is the base register.
    pub from_sp: Option<i16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decoded {
    pub class: Class,
    /// Of loads and stores. Atomics have none: a machine refuses a misaligned
    /// one, so there is nothing to count.
    pub access: Option<Access>,
}

/// The register `sp` of the calling convention.
const SP: u32 = 2;

/// Decodes an instruction, given its bytes in memory order. Encodings outside
/// RV64GC, such as those of later extensions, are [`Class::Other`].
pub fn decode(bytes: &[u8]) -> Decoded {
    match *bytes {
        [a, b] => compressed(u32::from(u16::from_le_bytes([a, b]))),
        [a, b, c, d] => full(u32::from_le_bytes([a, b, c, d])),
        _ => plain(Class::Other),
    }
}

fn plain(class: Class) -> Decoded {
    Decoded { class, access: None }
}

fn load(bytes: u8, from_sp: Option<i16>) -> Decoded {
    Decoded { class: Class::Load, access: Some(Access { bytes, store: false, from_sp }) }
}

fn store(bytes: u8, from_sp: Option<i16>) -> Decoded {
    Decoded { class: Class::Store, access: Some(Access { bytes, store: true, from_sp }) }
}

fn full(word: u32) -> Decoded {
    let funct3 = word >> 12 & 7;
    let on_stack = word >> 15 & 31 == SP;
    let of_load = on_stack.then_some((word as i32 >> 20) as i16);
    let of_store = on_stack.then_some(((word as i32 >> 25) << 5) as i16 | (word >> 7 & 31) as i16);
    match (word & 0x7f, funct3) {
        (0x03, 0..=6) => load(1 << (funct3 & 3), of_load),
        (0x07, 2 | 3) => load(1 << funct3, of_load),
        (0x23, 0..=3) => store(1 << funct3, of_store),
        (0x27, 2 | 3) => store(1 << funct3, of_store),
        (0x2f, _) => plain(Class::Atomic),
        (0x33 | 0x3b, _) if word >> 25 == 1 => plain(match funct3 {
            0..=3 => Class::Multiplication,
            _ => Class::Division,
        }),
        (0x43 | 0x47 | 0x4b | 0x4f | 0x53, _) => plain(Class::Floating),
        (0x63, _) => plain(Class::Branch),
        (0x67 | 0x6f, _) => plain(Class::Jump),
        _ => plain(Class::Other),
    }
}

fn compressed(half: u32) -> Decoded {
    match (half & 3, half >> 13) {
        (0, 1 | 3) => load(8, None),
        (0, 2) => load(4, None),
        (0, 5 | 7) => store(8, None),
        (0, 6) => store(4, None),
        (1, 5) => plain(Class::Jump),
        (1, 6 | 7) => plain(Class::Branch),
        (2, 1 | 3) => load(8, Some(bits(half, &[(12, 5), (5, 3), (6, 4), (2, 6), (3, 7), (4, 8)]))),
        (2, 2) => load(4, Some(bits(half, &[(12, 5), (4, 2), (5, 3), (6, 4), (2, 6), (3, 7)]))),
        // c.jr and c.jalr name a register and no second one.
        (2, 4) if half >> 2 & 31 == 0 && half >> 7 & 31 != 0 => plain(Class::Jump),
        (2, 5 | 7) => {
            store(8, Some(bits(half, &[(10, 3), (11, 4), (12, 5), (7, 6), (8, 7), (9, 8)])))
        }
        (2, 6) => store(4, Some(bits(half, &[(9, 2), (10, 3), (11, 4), (12, 5), (7, 6), (8, 7)]))),
        _ => plain(Class::Other),
    }
}

/// Puts bits of an encoding to their places in the offset.
fn bits(half: u32, places: &[(u32, u32)]) -> i16 {
    let offset: u32 = places.iter().map(|(from, to)| (half >> from & 1) << to).sum();
    offset as i16
}

#[cfg(test)]
mod tests {
    use super::*;
    use Class::*;

    /// Encodings as GNU as 2.40 gives them.
    #[test]
    fn classes_of_full_instructions() {
        let rows: [(u32, Class, &str); 35] = [
            (0x00053283, Load, "ld t0, 0(a0)"),
            (0x00056283, Load, "lwu t0, 0(a0)"),
            (0x00052007, Load, "flw ft0, 0(a0)"),
            (0x00053007, Load, "fld ft0, 0(a0)"),
            (0x00550023, Store, "sb t0, 0(a0)"),
            (0x00553023, Store, "sd t0, 0(a0)"),
            (0x00052027, Store, "fsw ft0, 0(a0)"),
            (0x00053027, Store, "fsd ft0, 0(a0)"),
            (0x100522af, Atomic, "lr.w t0, (a0)"),
            (0x185532af, Atomic, "sc.d t0, t0, (a0)"),
            (0x0055302f, Atomic, "amoadd.d x0, t0, (a0)"),
            (0x025282b3, Multiplication, "mul t0, t0, t0"),
            (0x0252b2b3, Multiplication, "mulhu t0, t0, t0"),
            (0x0252a2b3, Multiplication, "mulhsu t0, t0, t0"),
            (0x025282bb, Multiplication, "mulw t0, t0, t0"),
            (0x0252c2b3, Division, "div t0, t0, t0"),
            (0x0252f2b3, Division, "remu t0, t0, t0"),
            (0x0252d2bb, Division, "divuw t0, t0, t0"),
            (0x0252e2bb, Division, "remw t0, t0, t0"),
            (0x00528063, Branch, "beq t0, t0, ."),
            (0x0052f063, Branch, "bgeu t0, t0, ."),
            (0x0000006f, Jump, "jal x0, ."),
            (0x000300e7, Jump, "jalr ra, 0(t1)"),
            (0x02007053, Floating, "fadd.d ft0, ft0, ft0"),
            (0xd2257053, Floating, "fcvt.d.l ft0, a0"),
            (0xe2000553, Floating, "fmv.x.d a0, ft0"),
            (0x02007043, Floating, "fmadd.d ft0, ft0, ft0, ft0"),
            (0x0200704f, Floating, "fnmadd.d ft0, ft0, ft0, ft0"),
            (0x005282b3, Other, "add t0, t0, t0"),
            (0x405282bb, Other, "subw t0, t0, t0"),
            (0x000012b7, Other, "lui t0, 1"),
            (0x00000297, Other, "auipc t0, 0"),
            (0x00000073, Other, "ecall"),
            (0x0ff0000f, Other, "fence"),
            (0x003022f3, Other, "frcsr t0"),
        ];
        for (word, class, text) in rows {
            assert_eq!(decode(&word.to_le_bytes()).class, class, "{text}");
        }
    }

    #[test]
    fn classes_of_compressed_instructions() {
        let rows: [(u16, Class, &str); 22] = [
            (0x2108, Load, "c.fld fa0, 0(a0)"),
            (0x4108, Load, "c.lw a0, 0(a0)"),
            (0x6108, Load, "c.ld a0, 0(a0)"),
            (0xa108, Store, "c.fsd fa0, 0(a0)"),
            (0xc108, Store, "c.sw a0, 0(a0)"),
            (0xe108, Store, "c.sd a0, 0(a0)"),
            (0x2502, Load, "c.fldsp fa0, 0(sp)"),
            (0x4502, Load, "c.lwsp a0, 0(sp)"),
            (0x6502, Load, "c.ldsp a0, 0(sp)"),
            (0xa02a, Store, "c.fsdsp fa0, 0(sp)"),
            (0xc02a, Store, "c.swsp a0, 0(sp)"),
            (0xe02a, Store, "c.sdsp a0, 0(sp)"),
            (0xa001, Jump, "c.j ."),
            (0x8082, Jump, "c.jr ra"),
            (0x9502, Jump, "c.jalr a0"),
            (0xc101, Branch, "c.beqz a0, ."),
            (0xe101, Branch, "c.bnez a0, ."),
            (0x852e, Other, "c.mv a0, a1"),
            (0x952e, Other, "c.add a0, a1"),
            (0x9002, Other, "c.ebreak"),
            (0x0001, Other, "c.nop"),
            (0x7139, Other, "c.addi16sp sp, -64"),
        ];
        for (half, class, text) in rows {
            assert_eq!(decode(&half.to_le_bytes()).class, class, "{text}");
        }
    }

    #[test]
    fn accesses_and_their_distance_from_the_stack_pointer() {
        let full = |word: u32| decode(&word.to_le_bytes()).access;
        let half = |half: u16| decode(&half.to_le_bytes()).access;
        let access = |bytes, store, from_sp| Some(Access { bytes, store, from_sp });
        let rows = [
            (full(0x00054283), access(1, false, None), "lbu t0, 0(a0)"),
            (full(0x00055283), access(2, false, None), "lhu t0, 0(a0)"),
            (full(0xff811283), access(2, false, Some(-8)), "lh t0, -8(sp)"),
            (full(0x7ff16283), access(4, false, Some(2047)), "lwu t0, 2047(sp)"),
            (full(0x80513023), access(8, true, Some(-2048)), "sd t0, -2048(sp)"),
            (full(0x7e510fa3), access(1, true, Some(2047)), "sb t0, 2047(sp)"),
            (full(0xfe112fa3), access(4, true, Some(-1)), "sw ra, -1(sp)"),
            (full(0x00813027), access(8, true, Some(0)), "fsd fs0, 0(sp)"),
            (half(0x6108), access(8, false, None), "c.ld a0, 0(a0)"),
            (half(0x757e), access(8, false, Some(504)), "c.ldsp a0, 504(sp)"),
            (half(0x7522), access(8, false, Some(40)), "c.ldsp a0, 40(sp)"),
            (half(0x557e), access(4, false, Some(252)), "c.lwsp a0, 252(sp)"),
            (half(0x4512), access(4, false, Some(4)), "c.lwsp a0, 4(sp)"),
            (half(0xffaa), access(8, true, Some(504)), "c.sdsp a0, 504(sp)"),
            (half(0xf42a), access(8, true, Some(40)), "c.sdsp a0, 40(sp)"),
            (half(0xdfaa), access(4, true, Some(252)), "c.swsp a0, 252(sp)"),
            (half(0xc22a), access(4, true, Some(4)), "c.swsp a0, 4(sp)"),
            (full(0x0055302f), None, "amoadd.d x0, t0, (a0)"),
            (full(0x005282b3), None, "add t0, t0, t0"),
        ];
        for (seen, expected, text) in rows {
            assert_eq!(seen, expected, "{text}");
        }
    }

    #[test]
    fn classes_are_numbered_in_order() {
        for (number, class) in Class::ALL.into_iter().enumerate() {
            assert_eq!(class as usize, number, "{}", class.name());
        }
    }
}
