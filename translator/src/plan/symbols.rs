//! The names that a module's parts have in C.

use super::Plan;
use crate::error::{Error, Result};
use crate::link;
use crate::module::{Function, Item, Module};
use crate::names::{self, Unique};
use crate::options::{Names, Options};
use std::collections::{BTreeMap, HashMap};

impl Plan<'_> {
    fn symbol(&self, what: Item, kind: &str, index: u32) -> String {
        match self.imports.get(&what) {
            Some(symbol) => symbol.clone(),
            None => format!("{}{kind}{index}", self.options.prefix),
        }
    }

    fn of_function(&self, kind: &str, index: u32) -> String {
        format!("{}{kind}_{}", self.options.prefix, self.functions[index as usize].name)
    }

    /// The C function of the wasm function's own type, an import's too.
    pub fn function(&self, index: u32) -> String {
        match self.imports.get(&Item::Function(index)) {
            Some(symbol) => symbol.clone(),
            None => self.of_function("", index),
        }
    }

    /// What a trampoline runs of the function.
    pub fn step(&self, index: u32) -> String {
        self.of_function("step", index)
    }

    /// The `wasrisc_function` that references to the function point to.
    pub fn reference(&self, index: u32) -> String {
        self.of_function("ref", index)
    }

    /// The fast version of a function of Go: entered at its start, with Go's
    /// stack pointer. Functions without one have a C function of this name
    /// that calls them.
    pub fn fast(&self, index: u32) -> String {
        self.of_function("fast", index)
    }

    /// The version of a function of Go that begins at its resume points.
    pub fn resumable(&self, index: u32) -> String {
        self.of_function("resume", index)
    }

    /// The C functions that values of Go call, by index.
    pub fn fast_table(&self) -> String {
        format!("{}fasttable", self.options.prefix)
    }

    /// The `wasrisc_memory`, its own or an import.
    pub fn memory(&self, index: u32) -> String {
        self.symbol(Item::Memory(index), "memory", index)
    }

    /// The table, its own or an import, in its [`super::TableForm`].
    pub fn table(&self, index: u32) -> String {
        self.symbol(Item::Table(index), "table", index)
    }

    /// The variable, its own or an import.
    pub fn global(&self, index: u32) -> String {
        self.symbol(Item::Global(index), "global", index)
    }

    /// Any of the four that modules import and export.
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

    /// Passive elements, likewise.
    pub fn element(&self, index: u32) -> String {
        format!("{}element{index}", self.options.prefix)
    }
}

/// A name for each function of the module, unique in it.
pub(super) fn functions(module: &Module<'_>, options: &Options) -> Vec<String> {
    let mut unique = Unique::default();
    let mut name = |(index, function): (usize, &Function<'_>)| {
        let named =
            function.name.as_deref().filter(|n| !n.is_empty() && options.names == Names::Section);
        unique.take(named.map_or_else(|| format!("f{index}"), names::readable))
    };
    module.functions.iter().enumerate().map(&mut name).collect()
}

/// The symbol of each import.
///
/// # Errors
///
/// If C would take two imports for one, or one import has two types: a C
/// symbol has one meaning.
pub(super) fn imports(module: &Module<'_>, options: &Options) -> Result<BTreeMap<Item, String>> {
    let mut symbols = BTreeMap::new();
    let mut meanings = HashMap::new();
    for import in &module.imports {
        let symbol =
            match options.imports.get(&(import.module.to_string(), import.name.to_string())) {
                Some(symbol) => symbol.clone(),
                None => format!(
                    "wasrisc_import_{}_{}",
                    names::escaped(import.module),
                    names::escaped(import.name)
                ),
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

/// A symbol for each export, unique in the module.
pub(super) fn exports(module: &Module<'_>, options: &Options) -> Vec<String> {
    let mut unique = Unique::default();
    let symbol = |name: &str| format!("{}export_{}", options.prefix, names::escaped(name));
    module.exports.iter().map(|export| unique.take(symbol(export.name))).collect()
}
