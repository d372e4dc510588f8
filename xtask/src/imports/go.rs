//! The interface as Go guests see it: `//go:wasmimport` stubs, with types that
//! have the same layout outside of wasm.

use super::{Function, Generated, Interface, Kind, Module, Parameter, Scalar, Shape, Type, MARK};

/// The stubs, for wasm alone: a direct build has no C, so `native.go` beside
/// them has these functions in Go.
pub fn stubs(interface: &Interface) -> Generated {
    let mut text = format!("// {MARK}\n\npackage imports\n");
    for module in &interface.modules {
        for function in module.functions.iter().filter(|f| f.has_stub()) {
            text += &stub(module, function);
        }
    }
    Generated { path: "guests/lib/go-imports/stubs_wasm.go", text }
}

/// The types, for both.
pub fn types(interface: &Interface) -> Generated {
    let mut text = format!(
        "// {MARK}\n\npackage imports\n\nimport \"structs\"\n\n\
         // words makes what holds it as aligned as the machine's words.\ntype words [0]uint64\n"
    );
    for ty in interface.modules.iter().flat_map(|m| &m.types) {
        text += &definition(ty);
    }
    Generated { path: "guests/lib/go-imports/types.go", text }
}

fn definition(ty: &Type) -> String {
    let name = exported(&ty.name);
    match &ty.shape {
        Shape::Bytes(bytes) => format!(
            "\ntype {name} struct {{\n\t_    structs.HostLayout\n\t_    words\n\tData [{bytes}]byte\n}}\n"
        ),
        Shape::Alias(other) => format!("\ntype {name} = {}\n", exported(other)),
        Shape::Fields(fields) => {
            let names: Vec<_> = fields.iter().map(|(n, _)| exported(n)).collect();
            let width = names.iter().map(String::len).max().unwrap_or(1);
            let mut text = format!("\ntype {name} struct {{\n\t{:width$} structs.HostLayout\n", "_");
            for (field, (_, ty)) in names.iter().zip(fields) {
                text += &format!("\t{field:width$} {}\n", exported(ty));
            }
            text + "}\n"
        }
        Shape::Values(values) => {
            let names: Vec<_> = values.iter().map(|(n, value)| (n, value)).collect();
            let width = names.iter().map(|(n, _)| n.len()).max().unwrap_or_default();
            let mut text = format!("\ntype {name} = int32\n\nconst (\n");
            for (value_name, value) in names {
                text += &format!("\t{value_name:width$} {name} = {value}\n");
            }
            text + ")\n"
        }
    }
}

fn stub(module: &Module, function: &Function) -> String {
    let name = exported(&module.symbol(function));
    let parameters: Vec<_> = function.parameters.iter().map(parameter).collect();
    let result = function.result.as_deref().map(|r| format!(" {}", named(r)));
    format!(
        "\n// {name}: {}.\n//\n//go:wasmimport {} {}\n//go:noescape\nfunc {name}({}){}\n",
        function.about,
        module.name,
        function.name,
        parameters.join(", "),
        result.unwrap_or_default()
    )
}

fn parameter(parameter: &Parameter) -> String {
    let name = unexported(&parameter.name);
    match &parameter.kind {
        Kind::Scalar(scalar) => format!("{name} {}", scalar_type(*scalar)),
        Kind::Pointer(pointer) => match pointer.element.as_str() {
            "u8" => format!("{name} *byte"),
            element => format!("{name} *{}", named(element)),
        },
    }
}

fn named(name: &str) -> String {
    Scalar::named(name).map_or_else(|| exported(name), |scalar| scalar_type(scalar).to_string())
}

/// Of a value: Go's wasm imports know none of 8 bits.
fn scalar_type(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::Bool => "bool",
        Scalar::I32 => "int32",
        Scalar::U8 | Scalar::U32 => "uint32",
        Scalar::I64 => "int64",
        Scalar::U64 => "uint64",
        Scalar::F32 => "float32",
        Scalar::F64 => "float64",
        Scalar::Size => "uintptr",
    }
}

/// `zkvm_bytes_32` as `ZkvmBytes32`.
fn exported(name: &str) -> String {
    name.split('_').map(capitalised).collect()
}

/// `base_len` as `baseLen`.
fn unexported(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default();
    first.to_string() + &words.map(capitalised).collect::<String>()
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}
