//! Where two files that should be the same are not: the first section of an
//! ELF or a module that differs, and the function in it.

use std::path::Path;

use anyhow::{Context, Result};
use object::{File, Object, ObjectSection, ObjectSymbol};
use serde::Serialize;

use crate::artifacts::Target;
use crate::graph::schedule::Built;

use super::Build;

/// An output that is not the same in two builds.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    pub step: String,
    pub file: String,
    /// Of the first and of the second build.
    pub sha256: [String; 2],
    pub bytes: [u64; 2],
    /// The first place in which they differ.
    pub first: String,
}

/// The outputs that differ, in the order of the steps: what comes first is
/// where to look, since the later ones stand on it.
///
/// # Errors
/// A step of the target has no output in one of the builds; a file that cannot
/// be read.
pub fn between(target: &Target, first: &Build, second: &Build) -> Result<Vec<Difference>> {
    let mut all = Vec::new();
    for step in target.steps(&first.plan) {
        let missing = || format!("step `{step}` was built in one place only");
        let mut others = outputs(&second.outcome.built, step).into_iter();
        for (path, sha256, bytes) in outputs(&first.outcome.built, step) {
            let (other, other_sha256, other_bytes) = others.next().with_context(missing)?;
            if sha256 == other_sha256 {
                continue;
            }
            all.push(Difference {
                step: step.to_string(),
                file: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                sha256: [sha256, other_sha256],
                bytes: [bytes, other_bytes],
                first: first_place(&path, &other)?,
            });
        }
    }
    Ok(all)
}

fn outputs(built: &Built, step: &str) -> Vec<(std::path::PathBuf, String, u64)> {
    built.outputs(step).map(|(path, stored)| (path, stored.sha256.clone(), stored.bytes)).collect()
}

fn first_place(first: &Path, second: &Path) -> Result<String> {
    let read = |path: &Path| {
        std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
    };
    Ok(describe(&read(first)?, &read(second)?))
}

/// `section .text, byte 0x10 of it, in main.run: 3 bytes differ`, or the
/// offset in the file where there are no sections to tell apart.
fn describe(first: &[u8], second: &[u8]) -> String {
    if let (Ok(a), Ok(b)) = (File::parse(first), File::parse(second)) {
        for section in a.sections() {
            let Ok(name) = section.name() else { continue };
            let Some(other) = b.section_by_name(name) else {
                return format!("section {name} is in the first only");
            };
            let (Ok(left), Ok(right)) = (section.data(), other.data()) else { continue };
            if let Some(at) = first_difference(left, right) {
                let place = function_at(&a, section.address() + at as u64)
                    .map_or(String::new(), |name| format!(", in {name}"));
                return format!(
                    "section {name}, byte {at:#x} of it{place}: {}",
                    extent(left, right)
                );
            }
        }
    }
    match first_difference(first, second) {
        Some(at) => format!("byte {at:#x} of the file: {}", extent(first, second)),
        None => "no byte".to_string(),
    }
}

/// The first byte that differs, or the end of the shorter one.
fn first_difference(a: &[u8], b: &[u8]) -> Option<usize> {
    let differs = a.iter().zip(b).position(|(x, y)| x != y);
    differs.or_else(|| (a.len() != b.len()).then(|| a.len().min(b.len())))
}

fn extent(a: &[u8], b: &[u8]) -> String {
    if a.len() != b.len() {
        return format!("{} bytes against {}", a.len(), b.len());
    }
    format!("{} bytes differ", a.iter().zip(b).filter(|(x, y)| x != y).count())
}

fn function_at(file: &File, address: u64) -> Option<String> {
    let holds = |s: &object::Symbol| {
        s.is_definition() && s.address() <= address && address < s.address() + s.size()
    };
    let symbol = file.symbols().find(holds)?;
    symbol.name().ok().map(|name| format!("{:#}", rustc_demangle::demangle(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &[u8], b: &[u8], expected: &str) {
        assert_eq!(describe(a, b), expected);
    }

    #[test]
    fn the_first_place_is_named() {
        check(b"same", b"same", "no byte");
        check(b"abcd", b"abXY", "byte 0x2 of the file: 2 bytes differ");
        check(b"abc", b"abcd", "byte 0x3 of the file: 3 bytes against 4");
    }

    /// This test's own program: an ELF with sections and symbols.
    #[test]
    fn a_section_and_its_function_are_named() {
        let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let elf = File::parse(&*program).unwrap();
        let symbol = elf
            .symbols()
            .find(|s| s.name().is_ok_and(|n| n.contains("first_difference")) && s.size() > 4)
            .expect("a test has its symbols");
        let text = elf.section_by_name(".text").unwrap();
        let at = symbol.address() - text.address();
        let offset = text.file_range().unwrap().0 + at;
        let mut changed = program.clone();
        changed[offset as usize] ^= 1;
        let said = describe(&program, &changed);
        assert!(said.starts_with(&format!("section .text, byte {at:#x} of it, in ")), "{said}");
        assert!(said.contains("first_difference") && said.ends_with(": 1 bytes differ"), "{said}");
    }
}
