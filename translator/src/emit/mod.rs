//! C files around the function bodies.

mod header;
mod instance;
mod unit;

pub use header::header;
pub use instance::instance;
pub use unit::unit;

use crate::constant::Constant;
use crate::function::Uses;
use crate::go;
use crate::image::Span;
use crate::module::Item;
use crate::options::{MemoryBase, Unaligned};
use crate::plan::{Plan, TableForm, TypeIdentity};
use crate::types::{results_struct, Type};
use std::fmt::Write;

/// How every file begins.
pub fn preamble(plan: &Plan<'_>) -> String {
    let mut text = String::from("/* Translated from WebAssembly by wasrisc-translate. Options:\n");
    for line in plan.options.to_string().lines() {
        // An import's name may hold anything, the end of a comment too.
        let _ = writeln!(text, " *   {}", line.replace("*/", "* /"));
    }
    text.push_str(" */\n");
    if plan.options.unaligned == Unaligned::Checked {
        text.push_str("#define WASRISC_UNALIGNED_CHECKED 1\n");
    }
    if let Some(register) = &plan.options.base_register {
        let _ = writeln!(text, "#define WASRISC_BASE_REGISTER \"{register}\"");
    }
    if let Some(register) = &plan.options.size_register {
        let _ = writeln!(text, "#define WASRISC_SIZE_REGISTER \"{register}\"");
    }
    text.push_str("#include \"wasrisc.h\"\n\n");
    text
}

/// What declares everything in `uses`.
pub fn declarations(plan: &Plan<'_>, uses: &Uses) -> String {
    let mut text = result_structs(plan, uses);
    text.push_str(&variables(plan, uses));
    if let TypeIdentity::Shared = plan.types {
        for &ty in &uses.types {
            let code = plan.module.types[ty as usize].code();
            let _ = writeln!(text, "extern const char wasrisc_type_{code};");
        }
    }
    for &function in &uses.functions {
        let signature = plan.module.signature(function);
        let _ = writeln!(text, "{};", signature.prototype(&plan.function(function)));
    }
    text.push_str(&go::declarations(plan, uses));
    for &function in &uses.steps {
        let _ = writeln!(text, "void {}(void);", plan.step(function));
    }
    for &function in &uses.references {
        let _ = writeln!(text, "extern const wasrisc_function {};", plan.reference(function));
    }
    text.push('\n');
    text
}

/// Of functions that give several values, called or written.
fn result_structs(plan: &Plan<'_>, uses: &Uses) -> String {
    let mut results = uses.results.clone();
    let used = uses.functions.iter().map(|&function| &plan.module.signature(function).results);
    results.extend(used.filter(|results| results.len() > 1).cloned());
    results.iter().map(|results| results_struct(results)).collect()
}

/// Memories, tables, globals and passive segments.
fn variables(plan: &Plan<'_>, uses: &Uses) -> String {
    let mut text = String::new();
    for &memory in &uses.memories {
        let _ = writeln!(text, "extern wasrisc_memory {};", plan.memory(memory));
        if plan.memory_base(memory) == MemoryBase::Symbol {
            let _ = writeln!(text, "extern u8 {}memory_base[];", plan.options.prefix);
        }
    }
    for &table in &uses.tables {
        let _ = match plan.tables[table as usize] {
            TableForm::Constant => {
                writeln!(text, "extern const wasrisc_entry {}[];", plan.table(table))
            }
            TableForm::Dynamic => writeln!(text, "extern wasrisc_table {};", plan.table(table)),
        };
    }
    for &global in &uses.globals {
        let (ty, symbol) = (plan.module.globals[global as usize].ty, plan.global(global));
        let _ = match plan.register(global) {
            Some(register) => {
                writeln!(text, "register {} {symbol} __asm__(\"{register}\");", ty.c())
            }
            None => writeln!(text, "extern {} {symbol};", ty.c()),
        };
    }
    for &data in &uses.data {
        let _ = writeln!(text, "extern wasrisc_data {};", plan.data(data));
    }
    for &element in &uses.elements {
        let _ = writeln!(text, "extern wasrisc_element {};", plan.element(element));
    }
    text
}

/// A constant known now, as an initialiser of C; notes what it needs.
fn initialiser(plan: &Plan<'_>, constant: &Constant, uses: &mut Uses) -> String {
    match constant {
        Constant::I32(value) => format!("{value}u"),
        Constant::I64(value) => format!("{value}ull"),
        Constant::F32(bits) => format!("f32_bits({bits:#x}u)"),
        Constant::F64(bits) => format!("f64_bits({bits:#x}ull)"),
        Constant::Null(_) => "NULL".to_string(),
        Constant::Function(function) => {
            uses.references.insert(*function);
            format!("&{}", plan.reference(*function))
        }
        Constant::Global(global) => {
            uses.globals.insert(*global);
            plan.global(*global)
        }
        Constant::Program(_) => unreachable!("a program is evaluated by statements"),
    }
}

/// Assembly that brings the image into the ELF.
pub fn image_assembly(plan: &Plan<'_>, bin: &str) -> String {
    let symbol = format!("{}image", plan.options.prefix);
    format!(
        "\t.section .rodata.{symbol},\"a\"\n\t.balign 16\n\t.globl {symbol}\n{symbol}:\n\
         \t.incbin \"{bin}\"\n\t.section .note.GNU-stack,\"\",@progbits\n"
    )
}

fn spans(text: &mut String, name: &str, spans: &[Span]) {
    let _ = writeln!(text, "static const wasrisc_span {name}[] = {{");
    for span in spans {
        let _ = writeln!(text, "{{{}, {}, {}}},", span.destination, span.offset, span.length);
    }
    text.push_str("};\n");
}

/// Exported functions with their symbols for platforms.
fn exported_functions<'p>(plan: &'p Plan<'_>) -> impl Iterator<Item = (&'p str, u32)> + 'p {
    let exports = plan.module.exports.iter().zip(&plan.exports);
    exports.filter_map(|(export, symbol)| match export.what {
        Item::Function(function) => Some((symbol.as_str(), function)),
        _ => None,
    })
}

fn zero(ty: Type) -> &'static str {
    match ty {
        Type::Func | Type::Extern => "NULL",
        _ => "0",
    }
}
