//! Is this a module of Go's compiler, of a version whose conventions are known?

use crate::module::Module;
use crate::types::Type::{self, I32, I64};
use wasmparser::ProducersSectionReader;

/// Minor versions of Go 1 that docs/go.md was written and tested for.
const TESTED: std::ops::RangeInclusive<u32> = 26..=26;

/// SP, CTXT, g, RET0 to RET3, PAUSE (cmd/link/internal/wasm/asm.go,
/// `writeGlobalSec`).
const GLOBALS: [Type; 8] = [I32, I64, I64, I64, I64, I64, I64, I32];

/// The first place of the table that has a function (cmd/link/internal/wasm/asm.go,
/// `funcValueOffset`).
const FUNCTION_VALUES: u64 = 0x1000;

/// The version of Go in a producers section.
pub fn version(section: ProducersSectionReader<'_>) -> Option<String> {
    for field in section.into_iter().flatten() {
        if field.name == "processed-by" {
            for value in field.values.into_iter().flatten() {
                if value.name == "Go cmd/compile" {
                    return Some(value.version.to_string());
                }
            }
        }
    }
    None
}

/// Why the module is not translated as Go, if it is not.
pub fn check(module: &Module<'_>) -> Result<(), String> {
    let Some(version) = &module.go_version else {
        return Err("the producers section does not name Go's compiler".to_string());
    };
    let minor = version.strip_prefix("go1.").and_then(|rest| rest.split('.').next());
    if !minor.and_then(|minor| minor.parse().ok()).is_some_and(|minor| TESTED.contains(&minor)) {
        return Err(format!("{version} is not a version that was tested"));
    }
    let types: Vec<Type> = module.globals.iter().map(|global| global.ty).collect();
    let own = module.globals.iter().all(|global| global.mutable && global.init.is_some());
    if types != GLOBALS || !own {
        return Err("the globals are not those of Go's linker".to_string());
    }
    let exported = (0..8).any(|i| module.exported(crate::module::Item::Global(i)));
    if exported || module.memories.len() != 1 || module.memories[0].imported {
        return Err("memory and globals are not the module's own".to_string());
    }
    let places = FUNCTION_VALUES + module.functions.len() as u64;
    if module.tables.iter().any(|table| table.min > places) {
        return Err("the table is not that of Go's linker".to_string());
    }
    Ok(())
}
