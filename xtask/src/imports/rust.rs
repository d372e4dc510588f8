//! The interface as Rust guests see it: one `extern` block for each module.

use super::{Function, Generated, Interface, Kind, Module, Parameter, Scalar, Shape, Type, MARK};

/// rustfmt's width of a line.
const LINE: usize = 100;

pub fn stubs(interface: &Interface) -> Generated {
    let mut text = format!(
        "// {MARK}\n\n\
         //! The functions that guests may import. On wasm they are imports, in a direct\n\
         //! build the C library of `platform/imports`.\n\n\
         #![no_std]\n#![allow(non_camel_case_types)]\n"
    );
    for module in &interface.modules {
        let functions: Vec<_> = module.functions.iter().filter(|f| f.has_stub()).collect();
        if functions.is_empty() {
            continue;
        }
        text += &format!("\npub mod {} {{\n", module.name);
        for ty in &module.types {
            text += &definition(ty);
        }
        text += &format!(
            "    #[cfg_attr(target_arch = \"wasm32\", link(wasm_import_module = \"{}\"))]\n    extern \"C\" {{\n",
            module.name
        );
        for function in functions {
            text += &import(module, function);
        }
        text += "    }\n}\n";
    }
    Generated { path: "guests/lib/rust-imports/src/lib.rs", text }
}

fn definition(ty: &Type) -> String {
    let name = &ty.name;
    let structure = |representation: &str, fields: &str| {
        format!(
            "    #[derive(Debug, Clone, Copy, PartialEq, Eq)]\n    #[repr({representation})]\n    \
             pub struct {name} {{\n{fields}    }}\n\n"
        )
    };
    match &ty.shape {
        Shape::Bytes(bytes) => {
            structure("C, align(8)", &format!("        pub data: [u8; {bytes}],\n"))
        }
        Shape::Alias(other) => format!("    pub type {name} = {other};\n\n"),
        Shape::Fields(fields) => {
            let fields: String =
                fields.iter().map(|(n, ty)| format!("        pub {n}: {ty},\n")).collect();
            structure("C", &fields)
        }
        Shape::Values(values) => {
            let constant =
                |(n, value): &(String, i32)| format!("    pub const {n}: {name} = {value};\n");
            let constants: String = values.iter().map(constant).collect();
            format!("    pub type {name} = i32;\n{constants}\n")
        }
    }
}

fn import(module: &Module, function: &Function) -> String {
    let parameters: Vec<_> = function.parameters.iter().map(parameter).collect();
    let result = function.result.as_deref().map(|r| format!(" -> {}", named(r)));
    let symbol = module.symbol(function);
    let mut text = format!("        /// {}.\n", function.about);
    if symbol != function.name {
        text += &format!(
            "        #[cfg_attr(not(target_arch = \"wasm32\"), link_name = \"{symbol}\")]\n"
        );
    }
    text + &declaration(function, &parameters, &result.unwrap_or_default())
}

/// On one line, or on one for each parameter, as rustfmt has it.
fn declaration(function: &Function, parameters: &[String], result: &str) -> String {
    let line = format!("        pub fn {}({}){result};\n", function.name, parameters.join(", "));
    if line.trim_end().len() <= LINE {
        return line;
    }
    let parameters: String = parameters.iter().map(|p| format!("            {p},\n")).collect();
    format!("        pub fn {}(\n{parameters}        ){result};\n", function.name)
}

fn parameter(parameter: &Parameter) -> String {
    let name = &parameter.name;
    match &parameter.kind {
        Kind::Scalar(scalar) => format!("{name}: {}", scalar_type(*scalar)),
        Kind::Pointer(pointer) => {
            let kind = if pointer.writes { "mut" } else { "const" };
            format!("{name}: *{kind} {}", named(&pointer.element))
        }
    }
}

fn named(name: &str) -> &str {
    match Scalar::named(name) {
        Some(scalar) => scalar_type(scalar),
        None => name,
    }
}

pub fn scalar_type(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::Bool => "bool",
        Scalar::U8 => "u8",
        Scalar::I32 => "i32",
        Scalar::U32 => "u32",
        Scalar::I64 => "i64",
        Scalar::U64 => "u64",
        Scalar::F32 => "f32",
        Scalar::F64 => "f64",
        Scalar::Size => "usize",
    }
}
