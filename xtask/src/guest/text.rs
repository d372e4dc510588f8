//! A module of the user's own in WebAssembly's text format.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use wast::parser::{self, ParseBuffer};
use wast::Wat;

use super::kept;
use crate::error::{self, Error};

/// The module of the file that the user calls `word`, in the binary format: a
/// file kept below `dir`.
///
/// # Errors
/// A file that cannot be read or is no module in the text format, with line
/// and column.
pub fn binary(word: &str, dir: &Path) -> Result<PathBuf> {
    let text = crate::text::read(Path::new(word), word)?;
    let bytes = assemble(word, &text)?;
    let name = Path::new(word).with_extension("wasm");
    kept::file(dir, Path::new(name.file_name().context("a file has a name")?), &bytes)
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

    #[test]
    fn bytes_that_are_no_text_have_a_line() {
        let dir = tempfile::tempdir().unwrap();
        let word = dir.path().join("mine.wat");
        std::fs::write(&word, b"(module\n\xff)").unwrap();
        let error = binary(word.to_str().unwrap(), dir.path()).unwrap_err().to_string();
        assert!(error.ends_with("mine.wat:2: not UTF-8"), "{error}");
    }
}
