//! What a guest may import: WASI preview 1, the phase marker, and the functions
//! of `platform/imports`.
//!
//! Only what the module names is made: a table of everything would be a third
//! of the instructions of a small guest's start-up.

use std::process;

use wasmtime::{Caller, Error, Extern, Func, Module, Result, Store, Trap};
use wasrisc_wasmtime_wasi::{Memory, Outcome, Wasi};

use crate::{announce, phase, provided, Host, MEMORY};

const PREVIEW1: &str = "wasi_snapshot_preview1";
const OURS: &str = "wasrisc";

/// The module's imports in its order; an unknown one is an error that names it.
pub fn resolve(store: &mut Store<Host>, module: &Module) -> Result<Vec<Extern>> {
    module
        .imports()
        .map(|import| {
            let function = match (import.module(), import.name()) {
                (PREVIEW1, "proc_exit") => Some(Func::wrap(&mut *store, proc_exit)),
                (PREVIEW1, name) => preview1(store, name),
                (OURS, "phase") => Some(Func::wrap(&mut *store, phase::phase)),
                (module, name) => provided::find(&mut *store, module, name),
            };
            match function {
                Some(function) if import.ty().func().is_some() => Ok(function.into()),
                _ => Err(Error::msg(format!(
                    "the module imports {}.{}, which nothing here provides",
                    import.module(),
                    import.name()
                ))),
            }
        })
        .collect()
}

/// Ends the process at once. Exit codes have eight bits; a larger one must not
/// become a success.
fn proc_exit(mut caller: Caller<'_, Host>, code: u32) {
    let memory = caller.data().memory.or_else(|| look_up(&mut caller).ok());
    if let Some(memory) = memory {
        announce::memory(memory, &caller);
    }
    process::exit(code.min(255) as i32)
}

/// Runs a function of WASI on the guest's memory; the result is its errno.
fn call(
    caller: &mut Caller<'_, Host>,
    function: impl FnOnce(&mut Wasi, &mut Memory) -> Outcome,
) -> Result<u32> {
    let memory = memory(caller)?;
    let (bytes, host) = memory.data_and_store_mut(caller);
    Ok(match function(&mut host.wasi, &mut Memory(bytes)) {
        Ok(()) => 0,
        Err(errno) => errno as u32,
    })
}

/// The guest's memory.
pub fn memory(caller: &mut Caller<'_, Host>) -> Result<wasmtime::Memory> {
    match caller.data().memory {
        Some(memory) => Ok(memory),
        None => look_up(caller),
    }
}

/// Where the `bytes` bytes at the guest's `address` lie; a trap if not all of them
/// are in its memory, or not aligned. The zkVM standards want a null pointer to end
/// the guest.
pub fn at(
    memory: wasmtime::Memory,
    caller: &Caller<'_, Host>,
    address: u32,
    bytes: u64,
    alignment: u32,
) -> Result<*mut u8> {
    let end = u64::from(address) + bytes;
    let outside = (address == 0 && bytes != 0) || end > memory.data_size(caller) as u64;
    if outside || !address.is_multiple_of(alignment) {
        return Err(Trap::MemoryOutOfBounds.into());
    }
    Ok(memory.data_ptr(caller).wrapping_add(address as usize))
}

#[cold]
fn look_up(caller: &mut Caller<'_, Host>) -> Result<wasmtime::Memory> {
    let Some(Extern::Memory(memory)) = caller.get_export(MEMORY) else {
        return Err(Error::msg("an import works on memory, but the module exports none"));
    };
    caller.data_mut().memory = Some(memory);
    Ok(memory)
}

/// One line for each function: its name and the types of its arguments.
macro_rules! preview1 {
    ($($name:ident($($argument:ident: $type:ty),*);)*) => {
        fn preview1(store: &mut Store<Host>, name: &str) -> Option<Func> {
            match name {
                $(stringify!($name) => Some(Func::wrap(
                    store,
                    |mut caller: Caller<'_, Host>, $($argument: $type),*| {
                        call(&mut caller, |wasi, memory| wasi.$name(memory, $($argument),*))
                    },
                )),)*
                _ => None,
            }
        }
    };
}

preview1! {
    args_get(a: u32, b: u32);
    args_sizes_get(a: u32, b: u32);
    environ_get(a: u32, b: u32);
    environ_sizes_get(a: u32, b: u32);
    clock_res_get(a: u32, b: u32);
    clock_time_get(a: u32, b: u64, c: u32);
    fd_advise(a: u32, b: u64, c: u64, d: u32);
    fd_allocate(a: u32, b: u64, c: u64);
    fd_close(a: u32);
    fd_datasync(a: u32);
    fd_fdstat_get(a: u32, b: u32);
    fd_fdstat_set_flags(a: u32, b: u32);
    fd_fdstat_set_rights(a: u32, b: u64, c: u64);
    fd_filestat_get(a: u32, b: u32);
    fd_filestat_set_size(a: u32, b: u64);
    fd_filestat_set_times(a: u32, b: u64, c: u64, d: u32);
    fd_pread(a: u32, b: u32, c: u32, d: u64, e: u32);
    fd_prestat_get(a: u32, b: u32);
    fd_prestat_dir_name(a: u32, b: u32, c: u32);
    fd_pwrite(a: u32, b: u32, c: u32, d: u64, e: u32);
    fd_read(a: u32, b: u32, c: u32, d: u32);
    fd_readdir(a: u32, b: u32, c: u32, d: u64, e: u32);
    fd_renumber(a: u32, b: u32);
    fd_seek(a: u32, b: u64, c: u32, d: u32);
    fd_sync(a: u32);
    fd_tell(a: u32, b: u32);
    fd_write(a: u32, b: u32, c: u32, d: u32);
    path_create_directory(a: u32, b: u32, c: u32);
    path_filestat_get(a: u32, b: u32, c: u32, d: u32, e: u32);
    path_filestat_set_times(a: u32, b: u32, c: u32, d: u32, e: u64, f: u64, g: u32);
    path_link(a: u32, b: u32, c: u32, d: u32, e: u32, f: u32, g: u32);
    path_open(a: u32, b: u32, c: u32, d: u32, e: u32, f: u64, g: u64, h: u32, i: u32);
    path_readlink(a: u32, b: u32, c: u32, d: u32, e: u32, f: u32);
    path_remove_directory(a: u32, b: u32, c: u32);
    path_rename(a: u32, b: u32, c: u32, d: u32, e: u32, f: u32);
    path_symlink(a: u32, b: u32, c: u32, d: u32, e: u32);
    path_unlink_file(a: u32, b: u32, c: u32);
    poll_oneoff(a: u32, b: u32, c: u32, d: u32);
    proc_raise(a: u32);
    random_get(a: u32, b: u32);
    sched_yield();
    sock_accept(a: u32, b: u32, c: u32);
    sock_recv(a: u32, b: u32, c: u32, d: u32, e: u32, f: u32);
    sock_send(a: u32, b: u32, c: u32, d: u32, e: u32);
    sock_shutdown(a: u32, b: u32);
}
