//! Is this a module of Go's compiler, of a version whose conventions are known?

use crate::module::{Export, Item, Module};
use crate::types::Type::{self, I32, I64};
use wasmparser::ProducersSectionReader;

/// Minor versions of Go 1 that docs/go.md was written and tested for.
const TESTED: std::ops::RangeInclusive<u32> = 26..=27;

/// SP, CTXT, g, RET0 to RET3, PAUSE (cmd/link/internal/wasm/asm.go,
/// `writeGlobalSec`).
const GLOBALS: [Type; 8] = [I32, I64, I64, I64, I64, I64, I64, I32];

/// The first place of the table that has a function (cmd/link/internal/wasm/asm.go,
/// `funcValueOffset`).
const FUNCTION_VALUES: u64 = 0x1000;

/// The version of Go in a producers section, and after commas what else the
/// module went through.
pub fn version(section: ProducersSectionReader<'_>) -> Option<String> {
    let tools = section.into_iter().flatten().filter(|field| field.name == "processed-by");
    let mut tools: Vec<_> = tools.flat_map(|field| field.values.into_iter().flatten()).collect();
    let go = tools.iter().position(|tool| tool.name == "Go cmd/compile")?;
    let mut version = tools.remove(go).version.to_string();
    for tool in tools {
        version.push_str(", ");
        version.push_str(tool.name);
    }
    Some(version)
}

/// An import that calls an export runs Go on the stack of the function that called
/// the import, and may move it while fast versions hold its address. WASI's do not.
fn may_be_called_back(module: &Module<'_>) -> bool {
    let entry = |name: &str| matches!(name, "_start" | "_initialize");
    let functions = |export: &&Export| matches!(export.what, Item::Function(_));
    let imports = module.imports.iter().filter(|import| import.module != "wasi_snapshot_preview1");
    imports.count() > 0 && module.exports.iter().filter(functions).any(|e| !entry(e.name))
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
    // `X:` names experiments, other runtimes; a tool behind the compiler may have
    // moved what is known of frames.
    if version.contains([' ', ',']) {
        return Err(format!("{version} is more than Go's compiler as it is released"));
    }
    if may_be_called_back(module) {
        return Err("it exports functions that its imports could call".to_string());
    }
    let types: Vec<Type> = module.globals.iter().map(|global| global.ty).collect();
    let own = module.globals.iter().all(|global| global.mutable && global.init.is_some());
    if types != GLOBALS || !own {
        return Err("the globals are not those of Go's linker".to_string());
    }
    let exported = (0..8).any(|i| module.exported(Item::Global(i)));
    if exported || module.memories.len() != 1 || module.memories[0].imported {
        return Err("memory and globals are not the module's own".to_string());
    }
    let places = FUNCTION_VALUES + module.functions.len() as u64;
    if module.tables.iter().any(|table| table.min > places) {
        return Err("the table is not that of Go's linker".to_string());
    }
    Ok(())
}
