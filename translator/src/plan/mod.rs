//! What is decided of a module before its functions are written, and the
//! questions asked of it: symbols, the forms of tables and functions, the identity
//! of types. Function bodies are then independent of each other.

mod forms;
mod symbols;

pub use forms::{Form, TableForm, TypeIdentity};

use crate::error::{Error, Result};
use crate::function::int128::Int128;
use crate::function::Version;
use crate::go::intrinsics::Intrinsic;
use crate::go::shortcut::Shortcut;
use crate::go::{self, Go, StackBase};
use crate::module::{Item, Memory, Mode, Module};
use crate::options::{MemoryBase, Options};
use crate::scan::{self, Scan};
use std::collections::BTreeMap;

/// A module with what was decided of it.
pub struct Plan<'a> {
    pub module: &'a Module<'a>,
    pub options: &'a Options,
    pub functions: Vec<FunctionPlan>,
    pub tables: Vec<TableForm>,
    pub types: TypeIdentity,
    imports: BTreeMap<Item, String>,
    /// In the order of the module's.
    pub exports: Vec<String>,
    /// What is known of a module of Go, or why nothing is.
    pub go: std::result::Result<Go, String>,
    /// By memory: its size is what the module declares, for ever.
    fixed_sizes: Vec<bool>,
}

/// What is known of one function before its body is written.
pub struct FunctionPlan {
    /// Unique in the module.
    pub name: String,
    pub form: Form,
    /// It calls nothing.
    pub leaf: bool,
    /// It is a library's, and calls of it are done in place.
    pub int128: Option<Int128>,
}

impl<'a> Plan<'a> {
    /// Decides everything.
    ///
    /// # Errors
    ///
    /// [`crate::Kind::Options`] if a memory is larger than they allow, or two
    /// imports would be one symbol.
    pub fn make(module: &'a Module<'a>, options: &'a Options) -> Result<Plan<'a>> {
        check_memories(module, options)?;
        let scan = scan::scan(module)?;
        let forms = forms::of_functions(module, options, &scan);
        let tables = (0..module.tables.len() as u32)
            .map(|table| forms::of_table(module, &scan, &forms, table))
            .collect();
        let functions = symbols::functions(module, options)
            .into_iter()
            .zip(forms)
            .zip(&scan.functions)
            .zip(&module.functions)
            .map(|(((name, form), scan), function)| {
                let signature = &module.types[function.ty as usize];
                let int128 = function.body.as_ref().and_then(|b| Int128::of(b, signature));
                FunctionPlan { name, form, leaf: scan.leaf, int128 }
            })
            .collect();
        let types = forms::identity(module);
        let imports = symbols::imports(module, options)?;
        let exports = symbols::exports(module, options);
        let fixed_sizes = fixed_sizes(module, &scan);
        let go = Err(String::new());
        let mut plan =
            Plan { module, options, functions, tables, types, imports, exports, go, fixed_sizes };
        plan.go = match Go::check(&plan) {
            Ok(()) => Ok(Go::of(&plan)?),
            Err(reason) => Err(reason),
        };
        Ok(plan)
    }

    fn go_function(&self, index: u32) -> Option<&go::Function> {
        self.go.as_ref().ok().map(|go| &go.functions[index as usize])
    }

    /// The register of a global that is kept in one.
    pub fn register(&self, global: u32) -> Option<&str> {
        let register = self.options.go_register.as_deref()?;
        (self.go.is_ok() && global == go::G).then_some(register)
    }

    /// The C that does what the function's body does, where there is some.
    pub fn intrinsic(&self, index: u32) -> Option<Intrinsic> {
        self.go_function(index)?.intrinsic
    }

    /// What its fast version tries first.
    pub fn shortcut(&self, index: u32) -> Option<Shortcut> {
        self.go_function(index)?.shortcut
    }

    /// Whether the function is translated by Go's conventions.
    pub fn has_fast(&self, index: u32) -> bool {
        self.go_function(index).is_some_and(|function| function.failure.is_none())
    }

    /// Whether it has a second version, which begins at its resume points.
    pub fn is_resumable(&self, index: u32) -> bool {
        self.has_fast(index) && self.go_function(index).is_some_and(|function| function.resumes)
    }

    /// Whether no call of it returns normally.
    pub fn never_returns(&self, index: u32) -> bool {
        self.go_function(index).is_some_and(|function| function.never_returns)
    }

    /// Whether others than the function itself may reach its frame: always, where
    /// nothing is known.
    pub fn frame_escapes(&self, index: u32) -> bool {
        self.go_function(index).is_none_or(|function| function.escapes)
    }

    /// The places of its frame that are variables of C in this version: bytes by
    /// distance from the stack pointer.
    pub fn own_slots(&self, index: u32, version: Version) -> BTreeMap<i64, u64> {
        let fast = self.go_function(index).filter(|_| version.is_fast());
        fast.map_or_else(BTreeMap::new, |function| function.own_slots.clone())
    }

    /// Whether the function, or what it calls, needs the stack pointer in its global.
    pub fn uses_stack_pointer(&self, index: u32) -> bool {
        self.go.as_ref().is_ok_and(|go| go.uses_stack_pointer(index))
    }

    /// Go's stack pointer in this module's memory.
    pub fn stack_base(&self) -> StackBase {
        StackBase::of(self.options)
    }

    /// Whether the data waits for a `memory.init`.
    pub fn is_passive(&self, data: u32) -> bool {
        matches!(self.module.data[data as usize].mode, Mode::Passive)
    }

    /// Whether the element segment waits for a `table.init`.
    pub fn is_passive_element(&self, element: u32) -> bool {
        matches!(self.module.elements[element as usize].mode, Mode::Passive)
    }

    /// Where the memory lies: the options say it of the first.
    pub fn memory_base(&self, index: u32) -> MemoryBase {
        if index == 0 {
            self.options.memory_base
        } else {
            MemoryBase::Register
        }
    }

    /// Whether a machine register holds the memory's base.
    pub fn pinned(&self, index: u32) -> bool {
        index == 0 && self.options.base_register.is_some()
    }

    /// Whether a machine register holds the memory's size.
    pub fn sized(&self, index: u32) -> bool {
        index == 0 && self.options.size_register.is_some() && !self.module.memories[0].imported
    }

    /// How many bytes behind the memory fault.
    pub fn guard_bytes(&self, index: u32) -> u64 {
        match index {
            0 => self.options.guard_bytes,
            _ => 0,
        }
    }

    /// Whether the size of the memory is what the module declares, for ever.
    pub fn fixed_size(&self, memory: u32) -> bool {
        self.fixed_sizes[memory as usize]
    }
}

fn check_memories(module: &Module<'_>, options: &Options) -> Result<()> {
    for (index, memory) in module.memories.iter().enumerate() {
        let limit = options.page_limit();
        if memory.min > limit {
            return Err(Error::options(format!(
                "memory {index} begins with {} pages of 64 KiB, and the options allow {limit}",
                memory.min
            )));
        }
    }
    Ok(())
}

fn fixed_sizes(module: &Module<'_>, scan: &Scan) -> Vec<bool> {
    let fixed = |(index, memory): (usize, &Memory)| {
        let index = index as u32;
        !memory.imported
            && !scan.grown_memories.contains(&index)
            && !module.exported(Item::Memory(index))
    };
    module.memories.iter().enumerate().map(fixed).collect()
}
