//! What LLVM packs into a discriminator of DWARF (`llvm/Support/Discriminator.h`):
//! three numbers, the first of which tells blocks of one line apart, the second how
//! many copies of an instruction an unrolled or vectorised loop stands for. Each
//! number is a bit that is 1 for zero, or else 0, five bits, a bit that says
//! whether seven more follow, and these.

/// The number that tells blocks of one line apart.
pub fn base(discriminator: u64) -> u64 {
    first(discriminator)
}

/// How often an instruction would have to run to do what the source says once.
pub fn copies(discriminator: u64) -> u64 {
    first(rest(discriminator)).max(1)
}

fn first(packed: u64) -> u64 {
    if packed & 1 == 1 {
        return 0;
    }
    let low = packed >> 1 & 0x1f;
    match has_more(packed) {
        true => packed >> 2 & 0xfe0 | low,
        false => low,
    }
}

fn rest(packed: u64) -> u64 {
    match (packed & 1, has_more(packed)) {
        (1, _) => packed >> 1,
        (_, true) => packed >> 14,
        (_, false) => packed >> 7,
    }
}

fn has_more(packed: u64) -> bool {
    packed & 0x40 != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As LLVM packs it.
    fn packed(numbers: [u64; 2]) -> u64 {
        let mut shift = 0;
        numbers.iter().fold(0, |packed, &number| {
            let (bits, value) = match number {
                0 => (1, 1),
                1..0x20 => (7, number << 1),
                _ => (14, (number & 0xfe0) << 2 | 0x40 | (number & 0x1f) << 1),
            };
            shift += bits;
            packed | value << (shift - bits)
        })
    }

    #[test]
    fn numbers_come_out_as_they_were_packed() {
        for number in [0, 1, 2, 31, 32, 33, 1000, 4095] {
            for copies in [0, 1, 4, 31, 32, 100] {
                let discriminator = packed([number, copies]);
                assert_eq!(base(discriminator), number, "{number}, {copies}");
                assert_eq!(super::copies(discriminator), copies.max(1), "{number}, {copies}");
            }
        }
        // What clang 22 wrote for the second block of a line.
        assert_eq!((base(2), super::copies(2)), (1, 1));
        assert_eq!((base(0), super::copies(0)), (0, 1));
    }
}
