//! How functions and tables are written, and when two functions are of one type.

use super::Plan;
use crate::constant::Constant;
use crate::module::{Element, Item, Mode, Module};
use crate::options::{Compiler, Options};
use crate::scan::{Scan, TailCall};
use crate::types::{Signature, Type};
use std::collections::{BTreeMap, HashMap};

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

/// How one table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableForm {
    /// Nothing can change it: an array of functions and types in read-only data.
    Constant,
    /// A `wasrisc_table`.
    Dynamic,
}

/// What `wasrisc_function.type` holds.
pub enum TypeIdentity {
    /// Numbers from 1 on, for functions no other module can see.
    Alone(HashMap<Signature, u32>),
    /// Addresses of weak symbols, which the linker makes one per signature.
    Shared,
}

impl Plan<'_> {
    /// What lies at which place of a table that nothing can change.
    pub fn functions_of_table(&self, table: u32) -> BTreeMap<u64, u32> {
        let mut functions = BTreeMap::new();
        for element in &self.module.elements {
            let Mode::Active { index, offset: Constant::I32(start) } = &element.mode else {
                continue;
            };
            if *index != table {
                continue;
            }
            for (place, item) in (u64::from(*start)..).zip(&element.items) {
                match item {
                    Constant::Function(function) => functions.insert(place, *function),
                    _ => functions.remove(&place),
                };
            }
        }
        functions
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

/// The form of each function.
///
/// `musttail` is kept to functions whose chains of tail calls never leave it:
/// where one ends in a trampoline's entry, each round would cost a frame.
pub(super) fn of_functions(module: &Module<'_>, options: &Options, scan: &Scan) -> Vec<Form> {
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

/// Constant if it is the module's own, no instruction changes it or takes
/// references from it, and each of its segments is known to fit. It has no
/// room for the steps of trampolines.
pub(super) fn of_table(module: &Module<'_>, scan: &Scan, forms: &[Form], index: u32) -> TableForm {
    let table = &module.tables[index as usize];
    let local = !table.imported
        && table.ty == Type::Func
        && !module.exported(Item::Table(index))
        && !scan.written_tables.contains(&index)
        && !scan.read_tables.contains(&index)
        && !forms.contains(&Form::Trampoline);
    let fits = |element: &Element| match &element.mode {
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
pub(super) fn identity(module: &Module<'_>) -> TypeIdentity {
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
