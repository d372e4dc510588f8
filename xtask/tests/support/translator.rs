//! What the translator is told by our own pipelines on linux, for tests that look at
//! what it says of a module.

use wasrisc_translator::{Bounds, Compiler, MemoryBase, Options};

pub fn options() -> Options {
    Options {
        bounds: Bounds::None,
        memory_base: MemoryBase::Identity,
        compiler: Compiler::Clang,
        ..Options::default()
    }
}
