//! Options, compiler and machine of a batch, by its number.

use super::random::Random;
use crate::toolchain::{
    self, Machine, Place, BASE, GUARD_BYTES, HOST, HOST_CLANG, LINUX_CLANG, LINUX_GCC,
};
use wasrisc_translator::{Bounds, Extension, MemoryBase, Names, Options, Unaligned};

/// What the modules of one batch have in common.
#[derive(Clone)]
pub struct Settings {
    pub machine: Machine,
    pub level: &'static str,
    options: Options,
}

impl Settings {
    pub fn of(batch: u64) -> Settings {
        let mut random = Random::new(batch ^ 0xba7c4);
        // RISC-V is what counts, and the host what is quick.
        let machine = random.of(&[HOST, HOST, HOST_CLANG, LINUX_CLANG, LINUX_GCC]);
        let level = random.of(&["-O0", "-O1", "-O1", "-O1", "-O2", "-O3"]);
        let bounds = random.of(&[
            Bounds::Explicit,
            Bounds::Explicit,
            Bounds::Explicit,
            Bounds::None,
            Bounds::Guard,
        ]);
        let memory_base = random.of(&[
            MemoryBase::Register,
            MemoryBase::Register,
            MemoryBase::Register,
            MemoryBase::Address(BASE),
            MemoryBase::Identity,
        ]);
        let on_host = machine.place == Place::Host;
        let options = Options {
            compiler: machine.translated_for(),
            // Only the host has guard regions here, and only where nobody else
            // says where memory lies. Its page 0 is root's alone.
            bounds: match bounds {
                Bounds::Guard if !on_host => Bounds::None,
                bounds => bounds,
            },
            memory_base: match memory_base {
                _ if bounds == Bounds::Guard => MemoryBase::Register,
                MemoryBase::Identity if on_host => MemoryBase::Register,
                base => base,
            },
            unaligned: random.of(&[Unaligned::Machine, Unaligned::Machine, Unaligned::Checked]),
            extension: random.of(&[Extension::Sign, Extension::Zero]),
            files: 1 + random.below(3) as usize,
            names: random.of(&[Names::Section, Names::Index]),
            stack_checks: random.below(2) == 0,
            ..Options::default()
        };
        let options = with_guard_and_registers(options, batch, on_host);
        Settings { machine, level, options }
    }

    /// Of the module with this number in its program.
    pub fn options(&self, number: usize) -> Options {
        Options { prefix: format!("m{number}"), ..self.options.clone() }
    }

    /// Whether anything finds an access outside of memory.
    pub fn traps(&self) -> bool {
        self.options.bounds != Bounds::None
    }

    /// Whether a module that traps there has done exactly what the
    /// specification says before.
    pub fn exact(&self) -> bool {
        self.options.bounds == Bounds::Explicit && self.options.guard_bytes == 0
    }

    pub(super) fn flags(&self) -> Vec<String> {
        toolchain::flags(&self.options)
    }
}

/// What the pipelines with checks add, and the base's register. By numbers of their
/// own, so that the modules of a batch do not depend on it.
fn with_guard_and_registers(options: Options, batch: u64, on_host: bool) -> Options {
    let mut random = Random::new(batch ^ 0x9ead5);
    let mut chosen = |possible: bool| random.below(2) == 0 && possible;
    let explicit = options.bounds == Bounds::Explicit;
    let guarded = chosen(explicit && options.extension == Extension::Sign);
    let sized = chosen(explicit && !on_host);
    let based = chosen(matches!(options.memory_base, MemoryBase::Address(_)) && !on_host);
    Options {
        guard_bytes: if guarded { GUARD_BYTES } else { 0 },
        size_register: sized.then(|| "gp".to_string()),
        base_register: based.then(|| "tp".to_string()),
        ..options
    }
}

impl std::fmt::Display for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} {} for {:?}\n{}",
            self.machine.compiler, self.level, self.machine.place, self.options
        )
    }
}
