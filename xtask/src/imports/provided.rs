//! All that translated modules may import, as the translator's `--provided`
//! reads it: the interface's functions that have an implementation, and those of
//! WASI preview 1, which the C of `platform/wasi` lists.

use super::{Function, Generated, Interface, Kind, Scalar, MARK};

/// Where the list is in the project.
pub const PATH: &str = "platform/imports/provided.txt";

/// Every function of WASI preview 1 but `proc_exit`, with its parameters' kinds,
/// and the C type of each kind.
const WASI: &str = include_str!("../../../platform/wasi/interface.h");

const WASI_MODULE: &str = "wasi_snapshot_preview1";

/// It alone has no result.
const WASI_EXIT: &str = "proc_exit";

pub fn list(interface: &Interface) -> Generated {
    let mut text = format!("# {MARK}\n# WASI's are from platform/wasi/interface.h.\n");
    for module in &interface.modules {
        for function in &module.functions {
            if interface.lack(&module.name, &function.name).is_none() {
                text += &format!("{} {} {}\n", module.name, function.name, signature(function));
            }
        }
    }
    text += &format!("{WASI_MODULE} {WASI_EXIT} (i32) -> ()\n");
    for (name, parameters) in wasi_functions(WASI) {
        text += &format!("{WASI_MODULE} {name} ({}) -> (i32)\n", parameters.join(", "));
    }
    Generated { path: PATH, text }
}

fn signature(function: &Function) -> String {
    let parameters: Vec<&str> = function
        .parameters
        .iter()
        .map(|parameter| match &parameter.kind {
            Kind::Scalar(scalar) => wasm(*scalar),
            Kind::Pointer(_) => wasm(Scalar::Size),
        })
        .collect();
    // An enumeration is an i32.
    let result = |name: &str| Scalar::named(name).map_or("i32", wasm);
    let result = function.result.as_deref().map(result).unwrap_or_default();
    format!("({}) -> ({result})", parameters.join(", "))
}

fn wasm(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::Bool | Scalar::U8 | Scalar::I32 | Scalar::U32 | Scalar::Size => "i32",
        Scalar::I64 | Scalar::U64 => "i64",
        Scalar::F32 => "f32",
        Scalar::F64 => "f64",
    }
}

/// Names and parameters of the list `WASI_FUNCTIONS`, by the table `WASI_KINDS`.
fn wasi_functions(header: &'static str) -> Vec<(&'static str, Vec<&'static str>)> {
    let entries = |list: &str, macro_name: &'static str| {
        let (_, rest) = header.split_once(&format!("#define {list}(")).unwrap_or_default();
        let body = rest.split("\n\n").next().unwrap_or_default();
        let (_, body) = body.split_once(')').unwrap_or_default();
        body.split(macro_name).skip(1).map(words).collect::<Vec<_>>()
    };
    let kinds = entries("WASI_KINDS", " K(");
    let wasm = |kind: &str| match kinds.iter().find(|words| words[0] == kind)?.get(1) {
        Some(&"u64") => Some("i64"),
        Some(_) => Some("i32"),
        None => None,
    };
    // After its name a function has pairs of kind and name.
    let functions = entries("WASI_FUNCTIONS", " F(").into_iter();
    let parameters =
        |words: &[&str]| words[1..].chunks(2).filter_map(|pair| wasm(pair[0])).collect();
    functions.map(|words| (words[0], parameters(&words))).collect()
}

fn words(text: &str) -> Vec<&str> {
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.split(|c| !letter(c)).filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_of_wasi_is_listed() {
        let functions = wasi_functions(WASI);
        assert_eq!(functions.len(), 45);
        let find = |name: &str| functions.iter().find(|f| f.0 == name).map(|f| f.1.join(" "));
        let check = |name: &str, expected: &str| assert_eq!(find(name).as_deref(), Some(expected));
        check("sched_yield", "");
        check("clock_time_get", "i32 i64 i32");
        check("fd_seek", "i32 i64 i32 i32");
        check("path_open", "i32 i32 i32 i32 i32 i64 i64 i32 i32");
        check("sock_recv", "i32 i32 i32 i32 i32 i32");
    }
}
