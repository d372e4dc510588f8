//! What the precompiler and the runtime must agree on: wasmtime refuses a module
//! whose settings differ from those of the engine that loads it.

use wasmtime::Config;

/// The engine's configuration, the target and the host's code memory left open.
///
/// Memory stays as wasmtime has it on 64-bit machines (4 GiB reserved, guard
/// pages, no explicit bounds checks, copy-on-write initial image): wasmtime at
/// its best.
pub fn config() -> Config {
    let mut config = Config::new();
    // Traps are found by frame pointers; registering unwind tables at start-up
    // would only cost instructions.
    config.native_unwind_info(false);
    // From machine code to wasm offsets: a third of the file, and only
    // backtraces with line numbers would read it.
    config.generate_address_map(false);
    // Rust guests are built with it (xtask/src/guest/rust.rs).
    config.wasm_wide_arithmetic(true);
    config
}
