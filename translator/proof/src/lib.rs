//! What proves the translator: its C compiled and run, on the host and as
//! RV64IM code, for the official suite (`tests/spec`) and for random modules
//! (`tests/fuzz.rs`, and `wasmtime/` to compare them with wasmtime).

pub mod fuzz;
pub mod thunk;
pub mod toolchain;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Mutex;

/// `work` on every number below `count`, on all processors; results in order.
pub fn in_parallel<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    let worker = || loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= count {
            return;
        }
        let result = work(number);
        results.lock().expect("no test thread panics").push((number, result));
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(worker);
        }
    });
    let mut results = results.into_inner().expect("no test thread panics");
    results.sort_by_key(|(number, _)| *number);
    results.into_iter().map(|(_, result)| result).collect()
}

/// A line of C that includes an assembly file and stays in its own section.
pub fn include_assembly(name: &str) -> String {
    format!("__asm__(\".pushsection .rodata\\n.include \\\"{name}\\\"\\n.popsection\");")
}
