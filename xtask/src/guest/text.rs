//! A module of the user's own in WebAssembly's text format.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use wast::parser::{self, ParseBuffer};
use wast::Wat;

use crate::cache::{sha256, write_atomic};
use crate::error::{self, Error};

/// The module of the file that the user calls `word`, in the binary format: a
/// file below `dir`, named by its content.
///
/// # Errors
/// A file that cannot be read or is no module in the text format, with line
/// and column.
pub fn binary(word: &str, dir: &Path) -> Result<PathBuf> {
    let text = std::fs::read_to_string(word)
        .map_err(|cause| error::input(format!("cannot read {word}: {cause}")))?;
    let bytes = assemble(word, &text)?;
    let name = Path::new(word).with_extension("wasm");
    let dir = dir.join(&sha256(&bytes)[..16]);
    let path = dir.join(name.file_name().context("a file has a name")?);
    if !path.is_file() {
        std::fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
        write_atomic(&path, &bytes)?;
    }
    Ok(path)
}

fn assemble(word: &str, text: &str) -> Result<Vec<u8>, Error> {
    let wrong = |cause: wast::Error| {
        let (line, column) = cause.span().linecol_in(text);
        error::input(format!("{word}:{}:{}: {}", line + 1, column + 1, cause.message()))
    };
    let buffer = ParseBuffer::new(text).map_err(wrong)?;
    let mut wat: Wat = parser::parse(&buffer).map_err(wrong)?;
    wat.encode().map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_becomes_a_binary_that_is_named_by_its_content() {
        let dir = tempfile::tempdir().unwrap();
        let word = dir.path().join("mine.wat");
        std::fs::write(&word, "(module (func (export \"_start\")))").unwrap();
        let path = binary(word.to_str().unwrap(), dir.path()).unwrap();
        assert!(std::fs::read(&path).unwrap().starts_with(b"\0asm\x01\0\0\0"));
        assert_eq!(path.file_name().unwrap(), "mine.wasm");
        assert_eq!(binary(word.to_str().unwrap(), dir.path()).unwrap(), path);
        std::fs::write(&word, "(module (func (export \"_start\") nop))").unwrap();
        assert_ne!(binary(word.to_str().unwrap(), dir.path()).unwrap(), path);
    }

    #[test]
    fn a_wrong_text_is_refused_with_line_and_column() {
        let check = |text: &str, message: &str| {
            let got = assemble("mine.wat", text).unwrap_err().message;
            assert!(got.starts_with(message), "{got}");
        };
        check("(module\n  (fun))", "mine.wat:2:4: expected valid module field");
        check("(module (func call $f))", "mine.wat:1:20: unknown func");
        check("(module \"", "mine.wat:1:10: unexpected end-of-file");
        check("", "mine.wat:1:1: ");
    }
}
