//! The interface in C: what implementations declare, and the functions that
//! translated modules call.

use super::{Function, Generated, Interface, Kind, Module, Parameter, Scalar, Shape, Type, MARK};

/// Types and prototypes, by the machine's own pointers.
pub fn header(interface: &Interface) -> Generated {
    let mut text = format!(
        "/* {MARK}\n *\n * The functions that guests may import, as they are implemented: \
         on pointers of\n * the machine. */\n#ifndef WASRISC_IMPORTS_H\n#define WASRISC_IMPORTS_H\n\n\
         #include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n"
    );
    for module in &interface.modules {
        text += &format!("\n/* ---- {} ---- */\n", module.name);
        for ty in &module.types {
            text += &definition(ty);
        }
        for function in &module.functions {
            text += &format!("\n/* {}. */\n{};\n", function.about, prototype(module, function));
        }
    }
    text += "\n#endif\n";
    Generated { path: "platform/imports/wasrisc_imports.h", text }
}

fn definition(ty: &Type) -> String {
    let name = &ty.name;
    match &ty.shape {
        Shape::Bytes(bytes) => {
            format!("typedef struct {{ _Alignas(8) uint8_t data[{bytes}]; }} {name};\n")
        }
        Shape::Alias(other) => format!("typedef {other} {name};\n"),
        Shape::Fields(fields) => {
            let fields: String = fields.iter().map(|(n, ty)| format!(" {ty} {n};")).collect();
            format!("typedef struct {{{fields} }} {name};\n")
        }
        Shape::Values(values) => {
            let values: Vec<_> = values.iter().map(|(n, value)| format!("{n} = {value}")).collect();
            format!("typedef enum {{ {} }} {name};\n", values.join(", "))
        }
    }
}

fn prototype(module: &Module, function: &Function) -> String {
    let parameters: Vec<_> = function.parameters.iter().map(native_parameter).collect();
    let result = function.result.as_deref().map_or("void", native);
    format!("{result} {}({})", module.symbol(function), listed(&parameters))
}

fn listed(parameters: &[String]) -> String {
    if parameters.is_empty() {
        "void".to_string()
    } else {
        parameters.join(", ")
    }
}

fn native_parameter(parameter: &Parameter) -> String {
    let name = &parameter.name;
    match &parameter.kind {
        Kind::Scalar(scalar) => format!("{} {name}", native_scalar(*scalar)),
        Kind::Pointer(pointer) => {
            let constant = if pointer.writes { "" } else { "const " };
            format!("{constant}{} *{name}", native(&pointer.element))
        }
    }
}

/// A type's name in C.
fn native(name: &str) -> &str {
    match Scalar::named(name) {
        Some(scalar) => native_scalar(scalar),
        None => name,
    }
}

fn native_scalar(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::Bool => "bool",
        Scalar::U8 => "uint8_t",
        Scalar::I32 => "int32_t",
        Scalar::U32 => "uint32_t",
        Scalar::I64 => "int64_t",
        Scalar::U64 => "uint64_t",
        Scalar::F32 => "float",
        Scalar::F64 => "double",
        Scalar::Size => "size_t",
    }
}

/// A type's name in translated modules (translator/runtime/wasrisc.h).
fn in_wasm(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::Bool | Scalar::U8 | Scalar::I32 | Scalar::U32 | Scalar::Size => "u32",
        Scalar::I64 | Scalar::U64 => "u64",
        Scalar::F32 => "f32",
        Scalar::F64 => "f64",
    }
}

/// What a translated module calls: addresses become pointers, and what leaves
/// linear memory traps, whatever the module's own accesses do.
pub fn imports(interface: &Interface) -> Generated {
    let mut text = format!(
        "/* {MARK}\n *\n * The imports of a translated module: addresses of its linear memory \
         become\n * pointers, and what leaves linear memory traps. */\n\
         #include \"wasrisc.h\"\n#include \"wasrisc_imports.h\"\n\n\
         extern wasrisc_memory wmemory0;\n\n{AT}"
    );
    for module in &interface.modules {
        for function in module.functions.iter().filter(|f| f.in_c()) {
            text += &import(interface, module, function);
        }
    }
    Generated { path: "platform/imports/imports.c", text }
}

const AT: &str = "\
/* The `bytes` bytes at `address`, all in linear memory and aligned as C expects of
 * their type. The standards want a null pointer to end the guest; nothing may lie
 * there, so no bytes may be at it. */
static void *at(u32 address, u64 bytes, u32 alignment)
{
    if ((address == 0 && bytes != 0) || address + bytes > wmemory0.bytes || address % alignment != 0)
        wasrisc_trap(WASRISC_TRAP_MEMORY_BOUNDS);
    return wmemory0.base + address;
}
";

fn import(interface: &Interface, module: &Module, function: &Function) -> String {
    let parameter = |p: &Parameter| match &p.kind {
        Kind::Scalar(scalar) => format!("{} {}", in_wasm(*scalar), p.name),
        Kind::Pointer(_) => format!("u32 {}", p.name),
    };
    let argument = |p: &Parameter| match &p.kind {
        Kind::Scalar(Scalar::Bool | Scalar::U8) => format!("({}){}", "u8", p.name),
        Kind::Scalar(_) => p.name.clone(),
        Kind::Pointer(pointer) => {
            let size = interface.bytes(&pointer.element).expect("checked");
            let bytes = match &pointer.count {
                None => size.to_string(),
                Some(count) if size == 1 => count.clone(),
                Some(count) => format!("{size} * (u64){count}"),
            };
            let alignment = interface.alignment(&pointer.element);
            format!("at({}, {bytes}, {alignment})", p.name)
        }
    };
    let result = function.result.as_deref().map(|r| Scalar::named(r).map_or("u32", in_wasm));
    let parameters: Vec<_> = function.parameters.iter().map(parameter).collect();
    let arguments: Vec<_> = function.parameters.iter().map(argument).collect();
    let call = format!("{}({})", module.symbol(function), arguments.join(", "));
    let call = result.map_or(call.clone(), |ty| format!("return ({ty}){call}"));
    format!(
        "\n{} wasrisc_import_{}_{}({})\n{{\n    {call};\n}}\n",
        result.unwrap_or("void"),
        module.name,
        function.name,
        listed(&parameters)
    )
}
