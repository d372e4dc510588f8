//! The C of a batch, and what its processes wrote.

use super::generate::{Call, Case};
use super::settings::Settings;
use super::transcript::Transcript;
use super::GLOBAL;
use crate::thunk::{call, to_slot};
use crate::toolchain::Toolchain;
use std::fmt::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use wasrisc_translator::link::{Export, Import, Kind};
use wasrisc_translator::{File, Signature, Type};

/// Compiles and runs the modules; one transcript for each.
pub fn run(
    toolchain: &Toolchain,
    settings: &Settings,
    cases: &[Case],
) -> Result<Vec<Transcript>, String> {
    static PROGRAMS: AtomicUsize = AtomicUsize::new(0);
    let name = format!("batch{}", PROGRAMS.fetch_add(1, Ordering::Relaxed));
    let object = toolchain.object(&name, &files(cases), settings.level)?;
    let program = toolchain.link(&format!("{name}.elf"), std::slice::from_ref(&object))?;
    let mut transcripts: Vec<Transcript> = vec![Vec::new(); cases.len()];
    let mut next = 0;
    while next < cases.len() {
        let output = toolchain.execute(&program, next)?;
        let ended = read(&String::from_utf8_lossy(&output.stdout), &mut transcripts);
        let after = ended.map_or(next, |last| (last + 1).max(next));
        // A module that ends the process is left behind, and the others go on.
        if after == next || !output.status.success() {
            let errors = String::from_utf8_lossy(&output.stderr);
            let why = format!("the process ended: {} {errors}", output.status);
            transcripts[after.min(cases.len() - 1)].push(why);
            next = after + 1;
        } else {
            next = after;
        }
    }
    toolchain.forget(&name);
    let _ = std::fs::remove_file(program);
    Ok(transcripts)
}

/// Adds lines to the transcripts they belong to; gives the last module that
/// came to its end.
fn read(text: &str, transcripts: &mut [Transcript]) -> Option<usize> {
    let (mut current, mut ended) = (None, None);
    for line in text.lines() {
        if let Some(number) = line.strip_prefix("module ") {
            current = number.parse::<usize>().ok().filter(|n| *n < transcripts.len());
        } else if line == "end" {
            ended = current;
        } else if let Some(current) = current {
            transcripts[current].push(line.to_string());
        }
    }
    ended
}

/// All modules in one `main.c`: one compilation is much quicker than many.
fn files(cases: &[Case]) -> Vec<File> {
    let mut text = String::from("#include \"harness.h\"\n");
    let mut table = String::new();
    let mut files = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        for file in &case.translation.files {
            let _ = match file.name.rsplit('.').next() {
                Some("c") => writeln!(text, "#include \"{}\"", file.name),
                Some("s") => writeln!(text, "{}", crate::include_assembly(&file.name)),
                _ => Ok(()),
            };
            files.push(File { name: file.name.clone(), contents: file.contents.clone() });
        }
        for (index, import) in case.translation.imports.iter().enumerate() {
            text += &host_item(index, import);
        }
        text += &module(number, case);
        let _ = write!(table, "&module{number}, ");
    }
    let _ = writeln!(
        text,
        "const struct module *const modules[] = {{{table}}};\nconst u32 module_count = {};",
        cases.len()
    );
    files.push(File { name: "main.c".to_string(), contents: text.into_bytes() });
    files
}

/// A host function or global; the engine's are the same.
fn host_item(index: usize, import: &Import) -> String {
    match &import.kind {
        Kind::Function(signature) => host_function(index, &import.symbol, signature),
        Kind::Global { ty, .. } => {
            let value = match ty {
                Type::Func | Type::Extern => "0".to_string(),
                _ => GLOBAL.to_string(),
            };
            format!("{} {} = {value};\n", ty.c(), import.symbol)
        }
        kind => unreachable!("{kind:?} is never bound"),
    }
}

fn host_function(index: usize, symbol: &str, signature: &Signature) -> String {
    let mut text = format!("{} {{ host_called({index});", signature.prototype(symbol));
    for (i, ty) in signature.params.iter().enumerate() {
        let value = match ty {
            Type::Func | Type::Extern => format!("l{i} != 0"),
            _ => to_slot(*ty, &format!("l{i}")),
        };
        let _ = write!(text, " host_called({value});");
    }
    let result = |ty: Type| match ty {
        Type::I32 => "(u32)host_result()",
        Type::I64 => "host_result()",
        Type::F32 => "(f32)(u16)host_result()",
        Type::F64 => "(f64)(u16)host_result()",
        Type::Func | Type::Extern => "0",
    };
    let _ = match signature.results.as_slice() {
        [] => Ok(()),
        [one] => write!(text, " return {};", result(*one)),
        many => {
            let _ = write!(text, " {} r;", signature.return_type());
            for (i, ty) in many.iter().enumerate() {
                let _ = write!(text, " r.r{i} = {};", result(*ty));
            }
            write!(text, " return r;")
        }
    };
    text + " }\n"
}

fn module(number: usize, case: &Case) -> String {
    let exports = &case.translation.exports;
    let mut text = String::new();
    let start = format!("m{number}instantiate();");
    let _ = writeln!(text, "static void m{number}start(u64 *slots) {{ {start} }}");
    let mut table = String::new();
    for (i, call) in case.calls.iter().enumerate() {
        text += &thunk(number, i, call, exports);
        table += &entry(number, i, call);
    }
    let globals: Vec<(Type, &str)> = exports.iter().filter_map(global).collect();
    let _ = write!(text, "static void m{number}globals(u64 *slots) {{");
    for (i, (ty, symbol)) in globals.iter().enumerate() {
        let _ = write!(text, " slots[{i}] = {};", to_slot(*ty, symbol));
    }
    let types: String = globals.iter().map(|(ty, _)| letter(*ty)).collect();
    let named = |wanted: fn(&Kind) -> bool| {
        let all: Vec<String> = exports
            .iter()
            .filter(|export| wanted(&export.kind))
            .map(|export| format!("&{}", export.symbol))
            .collect();
        (all.join(", "), all.len())
    };
    let (memories, memory_count) = named(|kind| *kind == Kind::Memory);
    let (tables, table_count) = named(|kind| matches!(kind, Kind::Table { .. }));
    let _ = writeln!(
        text,
        " }}\nstatic const struct call m{number}calls[] = {{{table}{{0}}}};\n\
         static wasrisc_memory *const m{number}memories[] = {{{memories}}};\n\
         static wasrisc_table *const m{number}tables[] = {{{tables}}};\n\
         static const struct module module{number} = {{m{number}start, m{number}calls, {}, \
         m{number}globals, \"{types}\", m{number}memories, {memory_count}, m{number}tables, \
         {table_count}}};",
        case.calls.len()
    );
    text
}

fn global(export: &Export) -> Option<(Type, &str)> {
    match export.kind {
        Kind::Global { ty, .. } => Some((ty, &export.symbol)),
        _ => None,
    }
}

fn thunk(number: usize, i: usize, item: &Call, exports: &[Export]) -> String {
    let body = call(&exports[item.export].symbol, &item.signature);
    format!("static void m{number}call{i}(u64 *slots) {{ {body} }}\n")
}

fn entry(number: usize, i: usize, call: &Call) -> String {
    let results: String = call.signature.results.iter().map(|ty| letter(*ty)).collect();
    let arguments: Vec<String> =
        call.arguments.iter().map(|bits| format!("{bits:#x}ull")).collect();
    let array = match arguments.as_slice() {
        [] => "0".to_string(),
        items => format!("(const u64[]){{{}}}", items.join(", ")),
    };
    format!("{{m{number}call{i}, {array}, {}, \"{results}\"}}, ", arguments.len())
}

fn letter(ty: Type) -> char {
    match ty {
        Type::Func | Type::Extern => 'r',
        _ => 'b',
    }
}
