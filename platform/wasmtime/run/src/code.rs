//! The module where it lies in the executable.

use std::ptr::NonNull;
use std::slice;
use std::sync::Arc;

use wasmtime::{CustomCodeMemory, Result};

extern "C" {
    static wasrisc_module_start: u8;
    static wasrisc_module_end: u8;
}

/// The precompiled module, page-aligned, never moved and never written.
pub fn embedded() -> NonNull<[u8]> {
    // SAFETY: `embed.S` defines both symbols around one file.
    let bytes = unsafe {
        let start = &raw const wasrisc_module_start;
        let end = &raw const wasrisc_module_end;
        slice::from_raw_parts(start, end.offset_from_unsigned(start))
    };
    NonNull::from(bytes)
}

/// Tells wasmtime that nothing has to be done before the code may run.
pub fn in_place() -> Arc<dyn CustomCodeMemory> {
    Arc::new(InPlace)
}

/// Code that the program loader has mapped executable.
struct InPlace;

impl CustomCodeMemory for InPlace {
    fn required_alignment(&self) -> usize {
        4096
    }

    fn publish_executable(&self, _start: *const u8, _length: usize) -> Result<()> {
        Ok(())
    }

    fn unpublish_executable(&self, _start: *const u8, _length: usize) -> Result<()> {
        Ok(())
    }
}
