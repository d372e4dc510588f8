//! What is accepted, and how the rest is refused: by feature, function and
//! byte, before anything is translated.

use crate::error::{Error, Kind, Result};
use wasmparser::{BinaryReaderError, Parser, Payload, Validator, WasmFeatures};

/// WebAssembly 2.0 without SIMD; of 3.0 extended constants, multiple memories
/// and tail calls; wide arithmetic.
fn accepted() -> WasmFeatures {
    WasmFeatures::MUTABLE_GLOBAL
        | WasmFeatures::SATURATING_FLOAT_TO_INT
        | WasmFeatures::SIGN_EXTENSION
        | WasmFeatures::REFERENCE_TYPES
        | WasmFeatures::MULTI_VALUE
        | WasmFeatures::BULK_MEMORY
        | WasmFeatures::FLOATS
        // The decoder's switch for references at all, externref among them.
        | WasmFeatures::GC_TYPES
        | WasmFeatures::EXTENDED_CONST
        | WasmFeatures::MULTI_MEMORY
        | WasmFeatures::TAIL_CALL
        | WasmFeatures::WIDE_ARITHMETIC
}

/// What is refused by name. A feature that needs another comes after it.
fn refused() -> [(&'static str, WasmFeatures); 11] {
    let references = WasmFeatures::FUNCTION_REFERENCES;
    [
        ("SIMD", WasmFeatures::SIMD),
        ("relaxed SIMD", WasmFeatures::SIMD | WasmFeatures::RELAXED_SIMD),
        ("threads", WasmFeatures::THREADS),
        ("exceptions", WasmFeatures::EXCEPTIONS),
        ("legacy exceptions", WasmFeatures::EXCEPTIONS | WasmFeatures::LEGACY_EXCEPTIONS),
        ("memory64", WasmFeatures::MEMORY64),
        ("typed function references", references),
        ("GC", references | WasmFeatures::GC),
        ("custom page sizes", WasmFeatures::CUSTOM_PAGE_SIZES),
        ("memory control", WasmFeatures::MEMORY_CONTROL),
        ("stack switching", references | WasmFeatures::EXCEPTIONS | WasmFeatures::STACK_SWITCHING),
    ]
}

/// Validates the whole module.
///
/// # Errors
///
/// [`Kind::Invalid`] where the specification says so; [`Kind::Refused`] where
/// a feature that is not accepted would have taken validation further.
pub fn validate(bytes: &[u8]) -> Result<()> {
    let Err(error) = check(bytes, accepted()) else { return Ok(()) };
    if !Parser::is_core_wasm(bytes) && Parser::is_component(bytes) {
        return Err(Error {
            kind: Kind::Refused,
            message: "this is a component, not a core module".to_string(),
            offset: Some(0),
        });
    }
    for (feature, needs) in refused() {
        let further = match check(bytes, accepted() | needs) {
            Ok(()) => true,
            Err(later) => later.offset() > error.offset(),
        };
        if further {
            return Err(refusal(bytes, feature, error.offset()));
        }
    }
    Err(error.into())
}

fn check(bytes: &[u8], features: WasmFeatures) -> std::result::Result<(), BinaryReaderError> {
    Validator::new_with_features(features).validate_all(bytes).map(|_| ())
}

fn refusal(bytes: &[u8], feature: &str, offset: usize) -> Error {
    let place = match function_at(bytes, offset) {
        Some((index, Some(name))) => format!("function {index} ({name})"),
        Some((index, None)) => format!("function {index}"),
        None => "the module".to_string(),
    };
    Error {
        kind: Kind::Refused,
        message: format!("{place} uses {feature}, which is not supported"),
        offset: Some(offset as u64),
    }
}

/// The function whose body has the byte at `offset`, and its name. The module
/// may be broken anywhere: what cannot be read is left out.
fn function_at(bytes: &[u8], offset: usize) -> Option<(u32, Option<String>)> {
    let mut index = 0;
    let mut found = None;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload {
            Ok(Payload::ImportSection(imports)) => {
                let functions = imports.into_iter().flatten();
                index += functions.filter(|i| matches!(i.ty, wasmparser::TypeRef::Func(_))).count()
                    as u32;
            }
            Ok(Payload::CodeSectionEntry(body)) => {
                if body.range().contains(&offset) {
                    found = Some(index);
                }
                index += 1;
            }
            Ok(Payload::CustomSection(section)) => {
                if let (Some(function), wasmparser::KnownCustom::Name(names)) =
                    (found, section.as_known())
                {
                    let name = crate::names::functions(names).remove(&function);
                    return Some((function, name));
                }
            }
            Ok(_) => {}
            Err(_) => break,
        }
    }
    found.map(|function| (function, None))
}
