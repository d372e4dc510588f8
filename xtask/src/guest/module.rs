//! What a wasm module of the user's own says about itself.

use std::path::Path;

use anyhow::{Context, Result};
use wasmparser::{Parser, Payload};

use crate::error;

/// The import by which a guest announces its phases (docs/input-format.md).
const PHASE: (&str, &str) = ("wasrisc", "phase");

/// Whether the module imports `wasrisc.phase`, and so knows the input's frame.
pub fn announces_phases(path: &Path) -> Result<bool> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    imports_phase(&bytes).map_err(|cause| {
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

    #[test]
    fn a_broken_module_is_refused_with_its_offset() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"\0asm\x01\0\0\0\x02\xff").unwrap();
        let message = announces_phases(file.path()).unwrap_err().to_string();
        assert!(message.contains("is no wasm module: at offset "), "{message}");
    }
}
