//! The header for whoever starts the module: a platform, a test.

use super::{declarations, exported_functions};
use crate::function::Uses;
use crate::module::Item;
use crate::plan::{Plan, TableForm};
use std::fmt::Write;

pub fn header(plan: &Plan<'_>) -> String {
    let prefix = &plan.options.prefix;
    let guard = format!("WASRISC_MODULE_{prefix}_H");
    let mut text = format!("#ifndef {guard}\n#define {guard}\n#include \"wasrisc.h\"\n\n");
    text.push_str(
        "/* Provides memories and tables, places data, runs the start function. Once. */\n",
    );
    let _ = writeln!(text, "void {prefix}instantiate(void);\n");
    let mut uses = Uses::default();
    for export in &plan.module.exports {
        match export.what {
            Item::Memory(memory) => drop(uses.memories.insert(memory)),
            Item::Global(global) => drop(uses.globals.insert(global)),
            Item::Table(table) if plan.tables[table as usize] == TableForm::Dynamic => {
                uses.tables.insert(table);
            }
            Item::Table(_) => {}
            Item::Function(function) => {
                let results = &plan.module.signature(function).results;
                if results.len() > 1 {
                    uses.results.insert(results.clone());
                }
            }
        }
    }
    text.push_str(&declarations(plan, &uses));
    for (symbol, function) in exported_functions(plan) {
        let prototype = plan.module.signature(function).prototype(symbol);
        let _ = writeln!(text, "{prototype};");
    }
    for (export, symbol) in plan.module.exports.iter().zip(&plan.exports) {
        if !matches!(export.what, Item::Function(_)) {
            let _ = writeln!(text, "#define {symbol} {}", plan.item(export.what));
        }
    }
    text.push_str("\n#endif\n");
    text
}
