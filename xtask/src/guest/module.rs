//! What a wasm module of the user's own says about itself.

use std::path::Path;

use anyhow::{Context, Result};
use wasmparser::{KnownCustom, Parser, Payload};

use crate::error;

/// The import by which a guest announces its phases (docs/input-format.md).
const PHASE: (&str, &str) = ("wasrisc", "phase");

/// Whether the module imports `wasrisc.phase`, and so knows the input's frame.
///
/// # Errors
///
/// It cannot be read, or is no module.
pub fn announces_phases(path: &Path) -> Result<bool> {
    look(path, imports_phase)
}

/// Whether its producers section names Go's compiler: it is built as a guest in Go is.
///
/// # Errors
///
/// It cannot be read, or is no module.
pub fn is_of_go(path: &Path) -> Result<bool> {
    look(path, made_by_go)
}

fn look(path: &Path, what: fn(&[u8]) -> wasmparser::Result<bool>) -> Result<bool> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    what(&bytes).map_err(|cause| {
        error::input(format!(
            "{} is no wasm module: at offset {}: {}",
            path.display(),
            cause.offset(),
            cause.message()
        ))
        .into()
    })
}

fn imports_phase(bytes: &[u8]) -> wasmparser::Result<bool> {
    for payload in Parser::new(0).parse_all(bytes) {
        if let Payload::ImportSection(imports) = payload? {
            for import in imports {
                let import = import?;
                if (import.module, import.name) == PHASE {
                    return Ok(true);
                }
            }
        }
    }
    Ok(false)
}

/// A section that cannot be read says nothing: custom sections may hold anything.
fn made_by_go(bytes: &[u8]) -> wasmparser::Result<bool> {
    let mut found = false;
    for payload in Parser::new(0).parse_all(bytes) {
        if let Payload::CustomSection(section) = payload? {
            if let KnownCustom::Producers(fields) = section.as_known() {
                let tools = fields.into_iter().flatten().filter(|f| f.name == "processed-by");
                let mut tools = tools.flat_map(|field| field.values.into_iter().flatten());
                found |= tools.any(|tool| tool.name == "Go cmd/compile");
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module that imports the function `phase` of this module.
    fn importing(module: &str) -> Vec<u8> {
        let mut import = vec![1, module.len() as u8];
        import.extend(module.bytes());
        import.extend([5]);
        import.extend(b"phase");
        import.extend([0, 0]);
        let mut bytes = b"\0asm\x01\0\0\0\x01\x05\x01\x60\x01\x7f\0\x02".to_vec();
        bytes.push(import.len() as u8);
        bytes.extend(import);
        bytes
    }

    #[test]
    fn the_import_tells() {
        assert!(imports_phase(&importing("wasrisc")).unwrap());
        assert!(!imports_phase(&importing("env")).unwrap());
    }

    /// An empty module with this producers section.
    fn produced(section: &str) -> Vec<u8> {
        let text = format!("(module {section})");
        let buffer = wast::parser::ParseBuffer::new(&text).unwrap();
        wast::parser::parse::<wast::Wat>(&buffer).unwrap().encode().unwrap()
    }

    #[test]
    fn the_producers_section_tells() {
        for (section, of_go) in [
            (
                r#"(@producers (language "Go" "1.26.6") (processed-by "Go cmd/compile" "go1.26.6"))"#,
                true,
            ),
            (r#"(@producers (language "Rust" "") (processed-by "rustc" "1.96.0"))"#, false),
            (r#"(@custom "producers" "\ff\ff")"#, false),
            ("", false),
        ] {
            assert_eq!(made_by_go(&produced(section)).unwrap(), of_go, "{section}");
        }
    }

    #[test]
    fn a_broken_module_is_refused_with_its_offset() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"\0asm\x01\0\0\0\x02\xff").unwrap();
        let message = announces_phases(file.path()).unwrap_err().to_string();
        assert!(message.contains("is no wasm module: at offset "), "{message}");
    }
}
