//! What a translation can be asked for. Everything that changes the C is here,
//! and [`Options`] prints itself into every file it changes.

use crate::error::{Error, Result};
use std::collections::BTreeMap;
use std::fmt;

/// Of a memory, in bytes.
pub(crate) const PAGE: u64 = 1 << 16;

/// The limit that sign-extended addresses put on a memory: 2 GiB.
const SIGN_EXTENDED_PAGES: u64 = 1 << 15;
/// What 32-bit addresses reach: 4 GiB.
const ALL_PAGES: u64 = 1 << 16;
/// A distance from a place in a memory of 2 GiB that does not wrap.
const MOST_GUARD_BYTES: u64 = 1 << 30;

/// Where memory 0 lies. Further memories always lie where the platform puts
/// them ([`MemoryBase::Register`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum MemoryBase {
    /// Wasm address = machine address: costs nothing, needs a machine whose low
    /// memory is RAM.
    Identity,
    /// At an address known when translating, in bytes.
    Address(u64),
    /// At the symbol `PREFIXmemory_base`, which the linker places.
    Symbol,
    /// Where the platform put it when it started. A function that accesses
    /// memory loads the base once, so that the compiler has it in a register.
    /// The one policy under which several modules share an ELF.
    #[default]
    Register,
}

/// What finds an access outside of memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Bounds {
    /// Nothing: the module is trusted. README, "The trust model".
    None,
    /// A comparison before each access that is not inside for certain.
    #[default]
    Explicit,
    /// The platform: pages around memory that fault. No access is left out for
    /// that, but a compiler may move it, and what else the module had done by then
    /// is not exactly what the specification says.
    Guard,
}

/// How scalars at addresses that are not multiples of their size are accessed.
/// The alignment hints of modules are never believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Unaligned {
    /// Like all others: the machine can, and the compiler has to be told so
    /// (README, "The C contract").
    #[default]
    Machine,
    /// The address is looked at, and the access made byte by byte if it has to.
    Checked,
}

/// How a 32-bit address becomes 64 bits wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Extension {
    /// By its sign, which is free on RV64: memories end at 2 GiB, as
    /// `memory.grow` enforces.
    #[default]
    Sign,
    /// By zeros, two more instructions on RV64IM: memories up to 4 GiB.
    Zero,
}

/// What functions are called in C, and so in the ELF's symbol table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Names {
    /// By index: `PREFIX_f12`.
    Index,
    /// By the name section where it has a name, else by index. Two functions
    /// of one name are told apart by a number.
    #[default]
    Section,
}

/// Whose C it is: [`Compiler::contract`] has what it asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Compiler {
    /// No `musttail`: tail calls by trampoline.
    #[default]
    Gcc,
    /// `musttail` where a function's tail calls all go to its own type.
    Clang,
}

/// Everything that a translation depends on beside its module.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Options {
    /// Begins every symbol and file name; a C identifier.
    pub prefix: String,
    pub memory_base: MemoryBase,
    /// The machine register in which the platform keeps [`MemoryBase::Address`],
    /// as assemblers call it: one that compilers leave alone (`tp`). An address is then
    /// one addition, and no function makes the number.
    pub base_register: Option<String>,
    pub bounds: Bounds,
    /// For [`Bounds::Explicit`]: how many bytes behind memory 0's end, wherever
    /// that is, the platform lets fault, up to 1 GiB. Accesses that reach no further
    /// are looked at by their first byte, and what is found by a fault may come a
    /// little earlier or later than its place, as with [`Bounds::Guard`]. Memories
    /// end so many bytes below 2 GiB; modules that share one must agree on it.
    pub guard_bytes: u64,
    /// For [`Bounds::Explicit`]: a machine register for memory 0's size, which
    /// compilers leave alone (`gp`). The module alone may grow the memory then.
    pub size_register: Option<String>,
    pub unaligned: Unaligned,
    pub extension: Extension,
    /// What `memory.grow` may not pass, in pages of 64 KiB, beside what the
    /// module and [`Extension`] say.
    pub max_pages: Option<u64>,
    /// How many C files functions go to, from 1 on; some stay empty.
    pub files: usize,
    pub names: Names,
    pub compiler: Compiler,
    /// Functions that call others compare their frame with
    /// `wasrisc_stack_limit`. Needed where no guard page ends the stack.
    pub stack_checks: bool,
    /// Modules of Go's compiler by what is known of it (docs/go.md).
    pub go: bool,
    /// The machine register that holds `g` in modules of Go, as the C compiler
    /// calls it. All translated C must be compiled with it reserved
    /// (`-ffixed-…`).
    pub go_register: Option<String>,
    /// What is assumed of modules of Go is looked at when they run.
    pub go_check: bool,
    /// A test: of as many looks at a stack's limit by fast versions of Go's
    /// functions one moves the stack, as `mayMoreStackMove` of Go's runtime does.
    pub go_moves: Option<u32>,
    /// Symbols of imports by (module, name), where
    /// `wasrisc_import_MODULE_NAME` does not serve.
    pub imports: BTreeMap<(String, String), String>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            prefix: "w".to_string(),
            memory_base: MemoryBase::default(),
            base_register: None,
            bounds: Bounds::default(),
            guard_bytes: 0,
            size_register: None,
            unaligned: Unaligned::default(),
            extension: Extension::default(),
            max_pages: None,
            files: 1,
            names: Names::default(),
            compiler: Compiler::default(),
            stack_checks: true,
            go: true,
            go_register: None,
            go_check: false,
            go_moves: None,
            imports: BTreeMap::new(),
        }
    }
}

impl Options {
    /// The most pages any memory may have under these options.
    pub fn page_limit(&self) -> u64 {
        let reach = match self.extension {
            Extension::Sign if self.bounds == Bounds::Explicit => {
                SIGN_EXTENDED_PAGES.saturating_sub(self.guard_bytes.div_ceil(PAGE))
            }
            Extension::Sign => SIGN_EXTENDED_PAGES,
            Extension::Zero => ALL_PAGES,
        };
        self.max_pages.unwrap_or(reach).min(reach)
    }

    pub(crate) fn check(&self) -> Result<()> {
        let mut characters = self.prefix.chars();
        let first = characters.next().is_some_and(|c| c.is_ascii_alphabetic());
        if !first || !characters.all(|c| c.is_ascii_alphanumeric()) {
            return Err(Error::options(format!(
                "the prefix {:?} is not letters and digits that begin with a letter",
                self.prefix
            )));
        }
        if self.prefix == "wasrisc" {
            return Err(Error::options("the prefix \"wasrisc\" is the runtime's"));
        }
        for symbol in self.imports.values() {
            let identifier = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if symbol.is_empty() || !symbol.chars().all(identifier) {
                return Err(Error::options(format!("{symbol:?} for an import is no C identifier")));
            }
        }
        let registers = [&self.go_register, &self.base_register, &self.size_register];
        for register in registers.into_iter().flatten() {
            if register.is_empty() || !register.chars().all(|c| c.is_ascii_alphanumeric()) {
                return Err(Error::options(format!("{register:?} is no register")));
            }
        }
        if self.base_register.is_some() && !matches!(self.memory_base, MemoryBase::Address(_)) {
            return Err(Error::options("a base register holds a base at an address"));
        }
        if self.guard_bytes > MOST_GUARD_BYTES {
            return Err(Error::options("guard bytes are at most 1 GiB"));
        }
        if self.guard_bytes != 0 && self.extension != Extension::Sign {
            return Err(Error::options("guard bytes need addresses extended by their sign"));
        }
        if self.go_moves == Some(0) {
            return Err(Error::options("stacks of Go move at one look in 1 or more"));
        }
        if self.files == 0 {
            return Err(Error::options("functions need at least one file"));
        }
        Ok(())
    }
}

impl fmt::Display for Options {
    /// One option per line, none left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "prefix: {}", self.prefix)?;
        match self.memory_base {
            MemoryBase::Address(address) => writeln!(f, "memory base: {address:#x}")?,
            base => writeln!(f, "memory base: {base:?}")?,
        }
        if let Some(register) = &self.base_register {
            writeln!(f, "base register: {register}")?;
        }
        writeln!(f, "bounds: {:?}", self.bounds)?;
        writeln!(f, "guard bytes: {}", self.guard_bytes)?;
        if let Some(register) = &self.size_register {
            writeln!(f, "size register: {register}")?;
        }
        writeln!(f, "unaligned: {:?}", self.unaligned)?;
        writeln!(f, "extension: {:?}", self.extension)?;
        writeln!(f, "most pages: {}", self.page_limit())?;
        writeln!(f, "files: {}", self.files)?;
        writeln!(f, "names: {:?}", self.names)?;
        writeln!(f, "compiler: {:?}", self.compiler)?;
        writeln!(f, "stack checks: {}", self.stack_checks)?;
        writeln!(f, "go: {}", self.go)?;
        if let Some(register) = &self.go_register {
            writeln!(f, "go register: {register}")?;
        }
        writeln!(f, "go check: {}", self.go_check)?;
        if let Some(looks) = self.go_moves {
            writeln!(f, "go moves: one in {looks}")?;
        }
        for ((module, name), symbol) in &self.imports {
            writeln!(f, "import {module:?} {name:?}: {symbol}")?;
        }
        Ok(())
    }
}
