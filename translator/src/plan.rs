//! What is decided of a module before its functions are written: symbols, the
//! forms of tables and functions, the identity of types. Function bodies are
//! then independent of each other.

use crate::constant::Constant;
use crate::error::{Error, Result};
use crate::function::Version;
use crate::go::intrinsics::Intrinsic;
use crate::go::{self, Go, StackBase};
use crate::link;
use crate::module::{Item, Memory, Mode, Module};
use crate::names::{self, Unique};
use crate::options::{Compiler, MemoryBase, Names, Options};
use crate::scan::{self, Scan, TailCall};
use crate::types::{Signature, Type};
use std::collections::{BTreeMap, HashMap};

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

/// How one function is written: chosen here, before any body is written, because
/// callers must know it. (A function of Go is written in two versions besides:
/// [`crate::function::Version`].)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One C function with the wasm function's own type.
    Plain,
    /// The same, its tail calls by the compiler's `musttail`.
    MustTail,
    /// A step and an entry that runs steps (runtime/wasrisc_tail.h).
    Trampoline,
}

pub struct FunctionPlan {
    /// Unique in the module.
    pub name: String,
    pub form: Form,
    pub leaf: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableForm {
    /// Nothing can change it: an array of functions and types in read-only data.
    Constant,
    Dynamic,
}

/// What `wasrisc_function.type` holds.
pub enum TypeIdentity {
    /// Numbers from 1 on, for functions no other module can see.
    Alone(HashMap<Signature, u32>),
    /// Addresses of weak symbols, which the linker makes one per signature.
    Shared,
}

impl<'a> Plan<'a> {
    /// # Errors
    ///
    /// [`crate::Kind::Options`] if a memory is larger than they allow.
    pub fn make(module: &'a Module<'a>, options: &'a Options) -> Result<Plan<'a>> {
        check_memories(module, options)?;
        let scan = scan::scan(module)?;
        let forms = forms(module, options, &scan);
        let tables =
            (0..module.tables.len() as u32).map(|t| table_form(module, &scan, &forms, t)).collect();
        let functions = function_names(module, options)
            .into_iter()
            .zip(forms)
            .zip(&scan.functions)
            .map(|((name, form), scan)| FunctionPlan { name, form, leaf: scan.leaf })
            .collect();
        let types = type_identity(module);
        let imports = import_symbols(module, options)?;
        let exports = export_symbols(module, options);
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

    fn symbol(&self, what: Item, kind: &str, index: u32) -> String {
        match self.imports.get(&what) {
            Some(symbol) => symbol.clone(),
            None => format!("{}{kind}{index}", self.options.prefix),
        }
    }

    pub fn function(&self, index: u32) -> String {
        match self.imports.get(&Item::Function(index)) {
            Some(symbol) => symbol.clone(),
            None => format!("{}_{}", self.options.prefix, self.functions[index as usize].name),
        }
    }

    pub fn step(&self, index: u32) -> String {
        format!("{}step_{}", self.options.prefix, self.functions[index as usize].name)
    }

    /// The `wasrisc_function` that references to the function point to.
    pub fn reference(&self, index: u32) -> String {
        format!("{}ref_{}", self.options.prefix, self.functions[index as usize].name)
    }

    /// The fast version of a function of Go: entered at its start, with Go's
    /// stack pointer. Functions without one have a C function of this name
    /// that calls them.
    pub fn fast(&self, index: u32) -> String {
        format!("{}fast_{}", self.options.prefix, self.functions[index as usize].name)
    }

    pub fn resumable(&self, index: u32) -> String {
        format!("{}resume_{}", self.options.prefix, self.functions[index as usize].name)
    }

    /// The C functions that values of Go call, by index.
    pub fn fast_table(&self) -> String {
        format!("{}fasttable", self.options.prefix)
    }

    fn go_function(&self, index: u32) -> Option<&go::Function> {
        self.go.as_ref().ok().map(|go| &go.functions[index as usize])
    }

    /// The register of a global that is kept in one.
    pub fn register(&self, global: u32) -> Option<&str> {
        let register = self.options.go_register.as_deref()?;
        (self.go.is_ok() && global == go::G).then_some(register)
    }

    pub fn intrinsic(&self, index: u32) -> Option<Intrinsic> {
        self.go_function(index)?.intrinsic
    }

    pub fn has_fast(&self, index: u32) -> bool {
        self.go_function(index).is_some_and(|function| function.failure.is_none())
    }

    pub fn is_resumable(&self, index: u32) -> bool {
        self.has_fast(index) && self.go_function(index).is_some_and(|function| function.resumes)
    }

    pub fn never_returns(&self, index: u32) -> bool {
        self.go_function(index).is_some_and(|function| function.never_returns)
    }

    pub fn frame_escapes(&self, index: u32) -> bool {
        self.go_function(index).is_none_or(|function| function.escapes)
    }

    /// Of a function's version, by distance from the stack pointer: bytes.
    pub fn own_slots(&self, index: u32, version: Version) -> BTreeMap<i64, u64> {
        let fast = self.go_function(index).filter(|_| version.is_fast());
        fast.map_or_else(BTreeMap::new, |function| function.own_slots.clone())
    }

    pub fn uses_stack_pointer(&self, index: u32) -> bool {
        self.go.as_ref().is_ok_and(|go| go.uses_stack_pointer(index))
    }

    /// Go's stack pointer in this module's memory.
    pub fn stack_base(&self) -> StackBase {
        StackBase::of(self.options)
    }

    pub fn memory(&self, index: u32) -> String {
        self.symbol(Item::Memory(index), "memory", index)
    }

    pub fn table(&self, index: u32) -> String {
        self.symbol(Item::Table(index), "table", index)
    }

    pub fn global(&self, index: u32) -> String {
        self.symbol(Item::Global(index), "global", index)
    }

    pub fn item(&self, what: Item) -> String {
        match what {
            Item::Function(index) => self.function(index),
            Item::Table(index) => self.table(index),
            Item::Memory(index) => self.memory(index),
            Item::Global(index) => self.global(index),
        }
    }

    /// Passive data: a pointer to it and a length, both 0 once dropped.
    pub fn data(&self, index: u32) -> String {
        format!("{}data{index}", self.options.prefix)
    }

    pub fn element(&self, index: u32) -> String {
        format!("{}element{index}", self.options.prefix)
    }

    pub fn is_passive(&self, data: u32) -> bool {
        matches!(self.module.data[data as usize].mode, Mode::Passive)
    }

    pub fn is_passive_element(&self, element: u32) -> bool {
        matches!(self.module.elements[element as usize].mode, Mode::Passive)
    }

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

    /// What equal signatures have in common, as an expression of C.
    pub fn type_identity(&self, signature: &Signature) -> String {
        match &self.types {
            TypeIdentity::Alone(numbers) => {
                numbers.get(signature).copied().unwrap_or(0).to_string()
            }
            TypeIdentity::Shared => format!("(uintptr_t)&wasrisc_type_{}", signature.code()),
        }
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

fn function_names(module: &Module<'_>, options: &Options) -> Vec<String> {
    let mut unique = Unique::default();
    let mut name = |(index, function): (usize, &crate::module::Function<'_>)| {
        let named =
            function.name.as_deref().filter(|n| !n.is_empty() && options.names == Names::Section);
        unique.take(named.map_or_else(|| format!("f{index}"), names::readable))
    };
    module.functions.iter().enumerate().map(&mut name).collect()
}

/// # Errors
///
/// If C would take two imports for one, or one import has two types: a C
/// symbol has one meaning.
fn import_symbols(module: &Module<'_>, options: &Options) -> Result<BTreeMap<Item, String>> {
    let mut symbols = BTreeMap::new();
    let mut meanings = HashMap::new();
    for import in &module.imports {
        let symbol =
            match options.imports.get(&(import.module.to_string(), import.name.to_string())) {
                Some(symbol) => symbol.clone(),
                None => {
                    format!(
                        "wasrisc_import_{}_{}",
                        names::escaped(import.module),
                        names::escaped(import.name)
                    )
                }
            };
        let meaning = (import.module, import.name, link::kind(module, import.what));
        let first = meanings.entry(symbol.clone()).or_insert_with(|| meaning.clone());
        if *first != meaning && !options.imports.values().any(|s| *s == symbol) {
            return Err(Error::options(format!(
                "the imports {:?} {:?} and {:?} {:?} would both be {symbol} in C, and differ",
                first.0, first.1, import.module, import.name
            )));
        }
        symbols.insert(import.what, symbol);
    }
    Ok(symbols)
}

fn export_symbols(module: &Module<'_>, options: &Options) -> Vec<String> {
    let mut unique = Unique::default();
    let symbol = |name: &str| format!("{}export_{}", options.prefix, names::escaped(name));
    module.exports.iter().map(|export| unique.take(symbol(export.name))).collect()
}

/// `musttail` is kept to functions whose chains of tail calls never leave it:
/// where one ends in a trampoline's entry, each round would cost a frame.
fn forms(module: &Module<'_>, options: &Options, scan: &Scan) -> Vec<Form> {
    let mut forms: Vec<Form> = (0..module.functions.len() as u32)
        .map(|index| match scan.functions[index as usize].tail_calls.as_slice() {
            [] => Form::Plain,
            calls if musttail_serves(module, options, index, calls) => Form::MustTail,
            _ => Form::Trampoline,
        })
        .collect();
    loop {
        let spoilt: Vec<usize> = (0..forms.len())
            .filter(|&f| forms[f] == Form::MustTail)
            .filter(|&f| {
                scan.functions[f].tail_calls.iter().any(|&c| reaches_trampoline(module, &forms, c))
            })
            .collect();
        if spoilt.is_empty() {
            return forms;
        }
        for function in spoilt {
            forms[function] = Form::Trampoline;
        }
    }
}

/// clang demands the caller's own type, and its backends can do it while all
/// arguments and the result are in registers: eight of them on RISC-V.
fn musttail_serves(
    module: &Module<'_>,
    options: &Options,
    function: u32,
    calls: &[TailCall],
) -> bool {
    let own = module.signature(function);
    let same = |call: &TailCall| match *call {
        TailCall::Function(callee) => module.signature(callee) == own,
        TailCall::Type(ty) => &module.types[ty as usize] == own,
    };
    options.compiler == Compiler::Clang
        && own.params.len() <= 8
        && own.results.len() <= 1
        && calls.iter().all(same)
}

fn reaches_trampoline(module: &Module<'_>, forms: &[Form], call: TailCall) -> bool {
    match call {
        TailCall::Function(callee) => forms[callee as usize] == Form::Trampoline,
        TailCall::Type(ty) => {
            let ty = &module.types[ty as usize];
            let of_type = |f: &usize| module.signature(*f as u32) == ty;
            (0..forms.len()).filter(of_type).any(|f| forms[f] == Form::Trampoline)
        }
    }
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

/// Constant if it is the module's own, no instruction changes it or takes
/// references from it, and each of its segments is known to fit. It has no
/// room for the steps of trampolines.
fn table_form(module: &Module<'_>, scan: &Scan, forms: &[Form], index: u32) -> TableForm {
    let table = &module.tables[index as usize];
    let local = !table.imported
        && table.ty == Type::Func
        && !module.exported(Item::Table(index))
        && !scan.written_tables.contains(&index)
        && !scan.read_tables.contains(&index)
        && !forms.contains(&Form::Trampoline);
    let fits = |element: &crate::module::Element| match &element.mode {
        Mode::Active { index: table_index, offset } if *table_index == index => {
            let plain = |item: &Constant| matches!(item, Constant::Function(_) | Constant::Null(_));
            matches!(offset, Constant::I32(start)
                if u64::from(*start) + element.items.len() as u64 <= table.min)
                && element.items.iter().all(plain)
        }
        _ => true,
    };
    if local && module.elements.iter().all(fits) {
        TableForm::Constant
    } else {
        TableForm::Dynamic
    }
}

/// Shared if a reference made here can be called elsewhere, or the reverse:
/// through a table, a global, or a function that takes or gives references.
fn type_identity(module: &Module<'_>) -> TypeIdentity {
    let leaks = |what: Item| match what {
        Item::Table(index) => module.tables[index as usize].ty == Type::Func,
        Item::Global(index) => module.globals[index as usize].ty == Type::Func,
        Item::Function(index) => module.signature(index).mentions_function_references(),
        Item::Memory(_) => false,
    };
    if module.imports.iter().any(|i| leaks(i.what)) || module.exports.iter().any(|e| leaks(e.what))
    {
        return TypeIdentity::Shared;
    }
    let mut numbers = HashMap::new();
    for signature in &module.types {
        let next = numbers.len() as u32 + 1;
        numbers.entry(signature.clone()).or_insert(next);
    }
    TypeIdentity::Alone(numbers)
}
