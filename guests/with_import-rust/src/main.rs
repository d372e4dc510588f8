//! Calls imports of every type with numbers that follow from the input, and
//! compares each result with the language's own.

use std::fmt::{Debug, Write};

use sha3::Digest;
use wasrisc_imports::{example, zkvm_accelerators as zkvm};

fn main() {
    wasrisc_guest::run(|payload| {
        let n = wasrisc_guest::u32_payload(payload)?;
        let mut output = scalars(n)?;
        output += &pointers(n)?;
        output += &hashes(n)?;
        Ok(output)
    })
}

fn same<T: PartialEq + Debug>(what: &str, got: T, want: T) -> Result<T, String> {
    if got == want {
        Ok(got)
    } else {
        Err(format!("{what}: the import gave {got:?}, not {want:?}"))
    }
}

fn scalars(n: u32) -> Result<String, String> {
    let word = n ^ 0x89ab_cdef;
    let (low, step) = (i32::MIN, n as i32);
    let (a, b) = (0xfedc_ba98_7654_3210 - u64::from(n), 0x0123_4567_89ab_cdef_u64);
    let product = ((u128::from(a) * u128::from(b)) >> 64) as u64;
    let negative = -(i64::from(n) << 33) - 1;
    let (single, double) = (n as f32 * 1.5, f64::from(n) + 0.25);
    // SAFETY: numbers alone.
    let (rotated, less, high, absolute, half, mean) = unsafe {
        (
            example::rotate(word, 37),
            example::subtract(low, step),
            example::multiply_high(a, b),
            example::absolute(negative),
            example::half(single),
            example::mean(double, -1e300),
        )
    };
    Ok(format!(
        "rotate {:08x} subtract {} multiply_high {:016x} absolute {} half {:08x} mean {:016x}\n",
        same("rotate", rotated, word.rotate_left(37))?,
        same("subtract", less, low.wrapping_sub(step))?,
        same("multiply_high", high, product)?,
        same("absolute", absolute, negative.wrapping_abs())?,
        same("half", half, single / 2.0)?.to_bits(),
        same("mean", mean, (double - 1e300) / 2.0)?.to_bits(),
    ))
}

/// The same bytes in every language.
fn message(n: u32) -> Vec<u8> {
    (0..n).map(|i| (i.wrapping_mul(i) >> 3) as u8 ^ i as u8).collect()
}

fn pointers(n: u32) -> Result<String, String> {
    const BEGIN: u64 = 0xcbf2_9ce4_8422_2325;
    let bytes = message(n);
    let fnv = |state: u64, byte: &u8| (state ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
    // SAFETY: the length is the slice's.
    let sum = unsafe { example::checksum(bytes.as_ptr(), bytes.len(), BEGIN) };
    let sum = same("checksum", sum, bytes.iter().fold(BEGIN, fnv))?;

    let before = [n, 1, 2, u32::MAX];
    let mut numbers = before;
    // SAFETY: the length is the array's.
    unsafe { example::add_to_each(numbers.as_mut_ptr(), numbers.len(), 0xffff_fff0) };
    let numbers = same("add_to_each", numbers, before.map(|b| b.wrapping_add(0xffff_fff0)))?;
    Ok(format!("checksum {sum:016x} add_to_each {numbers:?}\n"))
}

/// Of each prefix of the message, at an alignment of its own.
fn hashes(n: u32) -> Result<String, String> {
    let bytes = message(n + 7);
    let (mut keccak256, mut sha256) = ([0; 32], [0; 32]);
    for length in 0..=n as usize {
        let start = length % 8;
        let part = &bytes[start..(start + length).min(bytes.len())];
        keccak256 = same("keccak256", keccak(part)?, sha3::Keccak256::digest(part).into())?;
        sha256 = same("sha256", sha(part)?, sha2::Sha256::digest(part).into())?;
    }
    let mut text = String::new();
    for (name, hash) in [("keccak256", keccak256), ("sha256", sha256)] {
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        let _ = writeln!(text, "{name} {hex}");
    }
    Ok(text)
}

fn keccak(data: &[u8]) -> Result<[u8; 32], String> {
    let mut hash = zkvm::zkvm_keccak256_hash { data: [0; 32] };
    // SAFETY: the length is the slice's, and the hash is as the interface has it.
    let status = unsafe { zkvm::zkvm_keccak256(data.as_ptr(), data.len(), &mut hash) };
    same("the status of keccak256", status, zkvm::ZKVM_EOK).map(|_| hash.data)
}

fn sha(data: &[u8]) -> Result<[u8; 32], String> {
    let mut hash = zkvm::zkvm_sha256_hash { data: [0; 32] };
    // SAFETY: as above.
    let status = unsafe { zkvm::zkvm_sha256(data.as_ptr(), data.len(), &mut hash) };
    same("the status of sha256", status, zkvm::ZKVM_EOK).map(|_| hash.data)
}
