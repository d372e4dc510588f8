//! The names that a module gives its functions, in its custom section `name`.
//! A stripped module has none; another build of it may, and is the same program
//! if its code is, byte for byte.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

use crate::error::{self, Error};

/// By index of the function, imports first.
#[derive(Debug, Default)]
pub struct FunctionNames(BTreeMap<u32, String>);

impl FunctionNames {
    /// Reads the module at `path`; one without names is no error.
    pub fn read(path: &Path) -> Result<FunctionNames> {
        Ok(parsed(path, &bytes(path)?, FunctionNames::parse)?)
    }

    /// Takes the names of the module at `path` from another build of it.
    ///
    /// # Errors
    ///
    /// If the other one has other code, with the first function that differs, or
    /// no names.
    pub fn of_another_build(path: &Path, unstripped: &Path) -> Result<FunctionNames> {
        let (own, other) = (bytes(path)?, bytes(unstripped)?);
        let names = parsed(unstripped, &other, FunctionNames::parse)?;
        let code = [parsed(path, &own, Code::parse)?, parsed(unstripped, &other, Code::parse)?];
        if let Some(difference) = code[0].difference(&code[1], &names) {
            let message = format!(
                "{} is no other build of {}: {difference}",
                unstripped.display(),
                path.display()
            );
            let hint = "symbols are taken from a build of the same source with the same flags, \
                        less those that strip it";
            return Err(error::input(message).hint(hint).into());
        }
        if names.0.is_empty() {
            let message = format!("{} has no names either", unstripped.display());
            return Err(error::input(message).hint("build it without stripping").into());
        }
        Ok(names)
    }

    fn parse(bytes: &[u8]) -> wasmparser::Result<FunctionNames> {
        let mut names = FunctionNames::default();
        for payload in Parser::new(0).parse_all(bytes) {
            let Payload::CustomSection(section) = payload? else { continue };
            let KnownCustom::Name(subsections) = section.as_known() else { continue };
            for subsection in subsections {
                let Name::Function(functions) = subsection? else { continue };
                for function in functions {
                    let function = function?;
                    names.0.insert(function.index, function.name.to_string());
                }
            }
        }
        Ok(names)
    }

    /// The function's name.
    pub fn get(&self, index: u32) -> Option<&str> {
        self.0.get(&index).map(String::as_str).filter(|name| !name.is_empty())
    }

    /// The name of a function that begins with `cut`.
    pub fn of(&self, index: u32, cut: &str) -> Option<&str> {
        self.0.get(&index).map(String::as_str).filter(|name| name.starts_with(cut))
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path)
        .map_err(|cause| error::input(format!("cannot read {}: {cause}", path.display())))
}

fn parsed<'a, T>(
    path: &Path,
    bytes: &'a [u8],
    parse: impl Fn(&'a [u8]) -> wasmparser::Result<T>,
) -> Result<T, Error> {
    parse(bytes).map_err(|cause| error::input(format!("{}: {cause}", path.display())))
}

/// The bodies of a module's functions.
#[derive(Debug, Default)]
struct Code<'a> {
    /// How many functions are imported; their indices come first.
    imported: u32,
    bodies: Vec<&'a [u8]>,
}

impl<'a> Code<'a> {
    fn parse(bytes: &'a [u8]) -> wasmparser::Result<Code<'a>> {
        let mut code = Code::default();
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::ImportSection(imports) => {
                    for import in imports {
                        code.imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::CodeSectionEntry(body) => code.bodies.push(&bytes[body.range()]),
                _ => {}
            }
        }
        Ok(code)
    }

    /// Where the other code is another one first; its names are `names`.
    fn difference(&self, other: &Code, names: &FunctionNames) -> Option<String> {
        if self.imported != other.imported {
            let counts = format!("{} and {}", other.imported, self.imported);
            return Some(format!("they import {counts} functions"));
        }
        let different = self.bodies.iter().zip(&other.bodies).position(|(own, other)| own != other);
        if let Some(at) = different {
            let (own, other) = (self.bodies[at], other.bodies[at]);
            let offset = own.iter().zip(other).take_while(|(own, other)| own == other).count();
            let index = self.imported + at as u32;
            let name = names.get(index).map(|name| format!(" ({name})")).unwrap_or_default();
            return Some(format!(
                "function {index}{name} is the first that differs, from byte {offset:#x} of its body on"
            ));
        }
        (self.bodies.len() != other.bodies.len()).then(|| {
            format!("they have {} and {} functions", other.bodies.len(), self.bodies.len())
        })
    }
}

#[cfg(test)]
impl<const N: usize> From<[(u32, &str); N]> for FunctionNames {
    fn from(names: [(u32, &str); N]) -> Self {
        FunctionNames(names.map(|(index, name)| (index, name.to_string())).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module with a name section that says: function 7 is `long`.
    const NAMED: &[u8] = b"\0asm\x01\0\0\0\x00\x0f\x04name\x01\x08\x01\x07\x05long!";

    #[test]
    fn the_name_section_is_read() {
        let names = FunctionNames::parse(NAMED).expect("a module");
        assert_eq!(names.of(7, "long"), Some("long!"));
        assert_eq!(names.of(7, "other"), None);
        assert_eq!(names.of(0, ""), None);
    }

    #[test]
    fn a_module_without_names_has_none() {
        assert_eq!(FunctionNames::parse(b"\0asm\x01\0\0\0").expect("a module").of(0, ""), None);
    }

    const BASE: &str = "(module (import \"env\" \"f\" (func $imported))
        (func $first (result i32) i32.const 1) (func $second nop nop))";

    fn stripped(text: &str) -> String {
        ["$imported", "$first", "$second"].iter().fold(text.into(), |t, name| t.replace(name, ""))
    }

    /// The names of `other` for the stripped `BASE`, or why they are not its.
    fn check(other: &str, expected: Result<&str, &str>) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str, text: &str| {
            let path = folder.path().join(name);
            let buffer = wast::parser::ParseBuffer::new(text).expect("tokens");
            let mut module: wast::Wat = wast::parser::parse(&buffer).expect("a module");
            std::fs::write(&path, module.encode().expect("a module")).expect("written");
            path
        };
        let own = path("own.wasm", &stripped(BASE));
        assert!(FunctionNames::read(&own).expect("a module").0.is_empty());
        let named = FunctionNames::of_another_build(&own, &path("other.wasm", other));
        match expected {
            Ok(second) => assert_eq!(named.expect("the same code").get(2), Some(second)),
            Err(part) => {
                let message = named.expect_err(part).to_string();
                assert!(message.contains(part), "{message}");
            }
        }
    }

    #[test]
    fn names_are_taken_from_a_build_with_the_same_code_only() {
        check(BASE, Ok("second"));
        check(
            &BASE.replace("nop nop", "nop"),
            Err("function 2 (second) is the first that differs, from byte 0x2"),
        );
        check(
            &BASE.replace("i32.const 1", "i32.const 2"),
            Err("function 1 (first) is the first that differs, from byte 0x2"),
        );
        check(
            &BASE.replace("(func $imported)", "(global i32)"),
            Err("they import 0 and 1 functions"),
        );
        check(&BASE.replace("nop nop)", "nop nop) (func)"), Err("they have 3 and 2 functions"));
        check(&stripped(BASE), Err("has no names either"));
    }

    #[test]
    fn what_is_no_module_is_named() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "elf?").expect("written");
        let message = FunctionNames::read(file.path()).expect_err("no module").to_string();
        assert!(message.starts_with(&format!("{}: ", file.path().display())), "{message}");
    }
}
