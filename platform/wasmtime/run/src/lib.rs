//! Runs the module that `embed.S` puts into the same executable.
//!
//! Exit codes: the guest's own for `proc_exit` and a return from `_start`, 134
//! for a trap, 1 when the module cannot be started at all.

mod announce;
mod code;
mod imports;
mod phase;
mod provided;
mod stack;

use std::ffi::{c_char, c_int};
use std::os::unix::ffi::OsStringExt;
use std::process;

use wasmtime::{Engine, Error, Instance, Memory, Module, Store, Trap, WasmBacktrace};
use wasrisc_wasmtime_wasi::{Strings, Wasi};

/// As a shell reports SIGABRT: what a trap is in the direct builds.
const TRAPPED: i32 = 134;

/// What the guest sees as its own name: the path of the executable would put the
/// machine into the measured numbers.
const NAME: &[u8] = b"guest";

/// WASI's name for the linear memory.
const MEMORY: &str = "memory";

/// The state behind the guest's imports.
struct Host {
    wasi: Wasi,
    /// The memory that WASI works on, once an import has looked it up.
    memory: Option<Memory>,
}

/// The executable's entry; the C library calls it.
#[no_mangle]
extern "C" fn main(_count: c_int, _arguments: *const *const c_char) -> c_int {
    stack::leave_for_a_large_one(run)
}

extern "C" fn run() -> ! {
    let (engine, module) = load().unwrap_or_else(|error| fail(1, &error));
    let wasi = Wasi::new(arguments(), environment());
    // It owns the standard streams, so it has to live until the last message.
    let mut store = Store::new(&engine, Host { wasi, memory: None });
    let instance = instantiate(&mut store, &module).unwrap_or_else(|error| fail(1, &error));
    let entry = instance
        .get_typed_func::<(), ()>(&mut store, "_start")
        .unwrap_or_else(|error| fail(1, &error.context("the module is not a WASI command")));
    match entry.call(&mut store, ()) {
        Ok(()) => {
            if let Some(memory) = instance.get_memory(&mut store, MEMORY) {
                announce::memory(memory, &store);
            }
            // Without destructors: what they would release, the system releases.
            process::exit(0)
        }
        Err(error) => fail(TRAPPED, &error),
    }
}

fn load() -> Result<(Engine, Module), Error> {
    let mut config = wasrisc_wasmtime_settings::config();
    config.with_custom_code_memory(Some(code::in_place()));
    config.max_wasm_stack(stack::GUEST_BYTES);
    let engine = Engine::new(&config)?;
    // SAFETY: the bytes were made by the precompiler of this workspace.
    let module = unsafe { Module::deserialize_raw(&engine, code::embedded())? };
    Ok((engine, module))
}

fn instantiate(store: &mut Store<Host>, module: &Module) -> Result<Instance, Error> {
    let imports = imports::resolve(store, module)?;
    Instance::new(store, module, &imports)
}

fn arguments() -> Strings {
    let given = std::env::args_os().skip(1).map(OsStringExt::into_vec);
    Strings(std::iter::once(NAME.to_vec()).chain(given).collect())
}

fn environment() -> Strings {
    let joined = std::env::vars_os().map(|(name, value)| {
        let mut line = name.into_vec();
        line.push(b'=');
        line.extend(value.into_vec());
        line
    });
    Strings(joined.collect())
}

/// Ends the process with one line that says why, and for a trap where.
fn fail(code: i32, error: &Error) -> ! {
    let reason = match error.downcast_ref::<Trap>() {
        Some(trap) => trap.to_string(),
        None => format!("{:#}", error),
    };
    let place = error
        .downcast_ref::<WasmBacktrace>()
        .and_then(|trace| trace.frames().first())
        .and_then(|frame| frame.func_name())
        .map_or_else(String::new, |name| format!(" in {name}"));
    eprintln!("{}{place}", reason.replace('\n', ": "));
    process::exit(if error.is::<Trap>() { TRAPPED } else { code })
}
