//! The n-th Fibonacci number modulo 2^64, by n additions.

use std::hint::black_box;

fn main() {
    wasrisc_guest::run(|payload| {
        let n = wasrisc_guest::u32_payload(payload)?;
        Ok(format!("fib({n}) = {}\n", fibonacci(black_box(n))))
    })
}

fn fibonacci(n: u32) -> u64 {
    let (mut current, mut next) = (0_u64, 1_u64);
    for _ in 0..n {
        (current, next) = (next, current.wrapping_add(next));
    }
    current
}
