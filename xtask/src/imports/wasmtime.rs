//! The interface in wasmtime's runtime: each function that C implements, on
//! checked parts of the guest's memory.

use super::rust::scalar_type;
use super::{Function, Generated, Interface, Kind, Module, Parameter, Pointer, Scalar, MARK};

pub fn imports(interface: &Interface) -> Generated {
    let provided = || {
        let modules = interface.modules.iter();
        modules.flat_map(|m| m.functions.iter().filter(|f| f.in_c()).map(move |f| (m, f)))
    };
    let mut text = format!(
        "// {MARK}\n\n//! Functions of `platform/imports`, which the link adds.\n\n\
         use wasmtime::{{Caller, Func, Result, Store}};\n\n\
         use crate::imports::{{at, memory}};\nuse crate::Host;\n\nextern \"C\" {{\n"
    );
    for (module, function) in provided() {
        let parameters: Vec<_> = function.parameters.iter().map(native_parameter).collect();
        let result = function.result.as_deref().map(|r| format!(" -> {}", result_type(r)));
        text += &format!(
            "    fn {}({}){};\n",
            module.symbol(function),
            parameters.join(", "),
            result.unwrap_or_default()
        );
    }
    text += "}\n\n/// The function of these names, if C implements it.\n\
             pub fn find(store: &mut Store<Host>, module: &str, name: &str) -> Option<Func> {\n    \
             Some(match (module, name) {\n";
    for (module, function) in provided() {
        text += &arm(interface, module, function);
    }
    text += "        _ => return None,\n    })\n}\n";
    Generated { path: "platform/wasmtime/run/src/provided.rs", text }
}

fn native_parameter(parameter: &Parameter) -> String {
    let name = &parameter.name;
    match &parameter.kind {
        Kind::Scalar(scalar) => format!("{name}: {}", scalar_type(*scalar)),
        Kind::Pointer(pointer) if pointer.writes => format!("{name}: *mut u8"),
        Kind::Pointer(_) => format!("{name}: *const u8"),
    }
}

fn result_type(name: &str) -> &'static str {
    Scalar::named(name).map_or("i32", scalar_type)
}

fn arm(interface: &Interface, module: &Module, function: &Function) -> String {
    let with_memory = function.pointers().next().is_some();
    let mut parameters = Vec::new();
    if with_memory {
        parameters.push("mut caller: Caller<'_, Host>".to_string());
    }
    for parameter in &function.parameters {
        let ty = match &parameter.kind {
            Kind::Scalar(Scalar::Bool | Scalar::U8 | Scalar::Size) | Kind::Pointer(_) => "u32",
            Kind::Scalar(scalar) => scalar_type(*scalar),
        };
        parameters.push(format!("{}: {ty}", parameter.name));
    }
    let argument = |p: &Parameter| match p.kind {
        Kind::Scalar(Scalar::Size) => format!("{} as usize", p.name),
        Kind::Scalar(Scalar::U8) => format!("{} as u8", p.name),
        Kind::Scalar(Scalar::Bool) => format!("{} != 0", p.name),
        _ => p.name.clone(),
    };
    let arguments: Vec<_> = function.parameters.iter().map(argument).collect();
    let call = format!("unsafe {{ {}({}) }}", module.symbol(function), arguments.join(", "));
    let head = format!("        (\"{}\", \"{}\") => Func::wrap(", module.name, function.name);
    let parameters = parameters.join(", ");
    if !with_memory {
        return format!(
            "{head}store, |{parameters}| {{\n            \
             // SAFETY: numbers alone.\n            {call}\n        }}),\n"
        );
    }
    let result = function.result.as_deref().map_or("()", result_type);
    let mut text = format!(
        "{head}\n            store,\n            |{parameters}| -> Result<{result}> {{\n                \
         let memory = memory(&mut caller)?;\n"
    );
    for (name, pointer) in function.pointers() {
        let bytes = length(interface, pointer);
        let alignment = interface.alignment(&pointer.element);
        text += &format!(
            "                let {name} = at(memory, &caller, {name}, {bytes}, {alignment})?;\n"
        );
    }
    let call = match function.result {
        Some(_) => format!("Ok({call})"),
        None => format!("{call};\n                Ok(())"),
    };
    text + &format!(
        "                // SAFETY: each pointer is to as many bytes as the function is told.\n                \
         {call}\n            }},\n        ),\n"
    )
}

/// Of what a pointer is to, as an expression of u64.
fn length(interface: &Interface, pointer: &Pointer) -> String {
    let size = interface.bytes(&pointer.element).expect("checked");
    match &pointer.count {
        None => size.to_string(),
        Some(count) if size == 1 => format!("u64::from({count})"),
        Some(count) => format!("{size} * u64::from({count})"),
    }
}
