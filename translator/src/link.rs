//! What a module needs and offers, and whether the one fits the other.

use crate::module::{Item, Module};
use crate::plan::Plan;
use crate::types::{Signature, Type};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Function(Signature),
    Table { ty: Type },
    Memory,
    Global { ty: Type, mutable: bool },
}

impl Kind {
    /// What it is called in messages.
    pub fn name(&self) -> &'static str {
        match self {
            Kind::Function(_) => "function",
            Kind::Table { .. } => "table",
            Kind::Memory => "memory",
            Kind::Global { .. } => "global",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    pub module: String,
    pub name: String,
    pub kind: Kind,
    /// What the translated C calls it.
    pub symbol: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    pub name: String,
    pub kind: Kind,
    /// What the translated C calls it.
    pub symbol: String,
}

impl Import {
    /// The part of the specification's import matching that is known before a
    /// module runs. Sizes of memories and tables are compared when the
    /// importing module starts, since they grow.
    pub fn accepts(&self, offered: &Kind) -> bool {
        &self.kind == offered
    }
}

pub(crate) fn imports(plan: &Plan<'_>) -> Vec<Import> {
    let imports = plan.module.imports.iter();
    imports
        .map(|import| Import {
            module: import.module.to_string(),
            name: import.name.to_string(),
            kind: kind(plan.module, import.what),
            symbol: plan.item(import.what),
        })
        .collect()
}

pub(crate) fn exports(plan: &Plan<'_>) -> Vec<Export> {
    let exports = plan.module.exports.iter();
    exports
        .map(|export| Export {
            name: export.name.to_string(),
            kind: kind(plan.module, export.what),
            symbol: plan.item(export.what),
        })
        .collect()
}

pub(crate) fn kind(module: &Module<'_>, what: Item) -> Kind {
    match what {
        Item::Function(index) => Kind::Function(module.signature(index).clone()),
        Item::Table(index) => Kind::Table { ty: module.tables[index as usize].ty },
        Item::Memory(_) => Kind::Memory,
        Item::Global(index) => {
            let global = &module.globals[index as usize];
            Kind::Global { ty: global.ty, mutable: global.mutable }
        }
    }
}
