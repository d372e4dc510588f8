//! Ends as its first argument says, on every machine and in every pipeline;
//! otherwise it prints its arguments.

use std::env;
use std::hint::black_box;
use std::mem::MaybeUninit;
use std::process::ExitCode;

extern "C" {
    /// C's own, of whichever libc the program is linked with.
    fn abort() -> !;
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let ending = arguments.first().map_or("", String::as_str);
    let number: u64 = arguments.get(1).and_then(|text| text.parse().ok()).unwrap_or(0);
    let zero = black_box(0);
    match ending {
        "return" => println!("returned"),
        "fail" => return ExitCode::FAILURE,
        "exit" => std::process::exit(number as i32),
        "panic" => panic!("on purpose"),
        "index" => println!("{}", arguments[black_box(10)]),
        "divide" => println!("{}", number / zero),
        "unwrap" => println!("{}", "x".parse::<u8>().unwrap()),
        // SAFETY: it does not return.
        "c-abort" => unsafe { abort() },
        "abort" => std::process::abort(),
        "memory" => drop(black_box(Vec::<u8>::with_capacity(isize::MAX as usize))),
        "recurse" => println!("{}", recurse(black_box(1))),
        "recurse-arrays" => println!("{}", recurse_arrays(number)),
        _ => wasrisc_guest::run(|_| {
            let environment = env::var("GUEST").unwrap_or_default();
            Ok(format!("arguments {arguments:?}, environment {environment:?}\n"))
        }),
    }
    ExitCode::SUCCESS
}

/// All but without end, in the machine's own stack.
#[inline(never)]
fn recurse(depth: u64) -> u64 {
    match depth {
        0 => 1,
        _ => recurse(depth.wrapping_add(1)).wrapping_mul(depth) ^ depth,
    }
}

/// Needs a KiB each time of the stack that a module has in its memory, and
/// writes 8 bytes of it.
#[inline(never)]
fn recurse_arrays(depth: u64) -> u64 {
    let mut array = MaybeUninit::<[u64; 128]>::uninit();
    let slot = array.as_mut_ptr().cast::<u64>().wrapping_add(depth as usize % 128);
    // SAFETY: the slot is in the array.
    unsafe { slot.write_volatile(depth) };
    let below = if depth > 0 { recurse_arrays(depth - 1) } else { 0 };
    // SAFETY: as above, and it was written.
    below + unsafe { slot.read_volatile() }
}
