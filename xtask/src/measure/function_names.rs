//! The names that a module gives its functions, in its custom section `name`.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use wasmparser::{KnownCustom, Name, Parser, Payload};

use crate::error;

/// By index of the function, imports first.
#[derive(Debug, Default)]
pub struct FunctionNames(BTreeMap<u32, String>);

impl FunctionNames {
    /// Reads the module at `path`; one without names is no error.
    pub fn read(path: &Path) -> Result<FunctionNames> {
        let bytes = std::fs::read(path)
            .map_err(|cause| error::input(format!("cannot read {}: {cause}", path.display())))?;
        let parsed = FunctionNames::parse(&bytes);
        Ok(parsed.map_err(|cause| error::input(format!("{}: {cause}", path.display())))?)
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

    /// The name of a function that begins with `cut`.
    pub fn of(&self, index: u32, cut: &str) -> Option<&str> {
        self.0.get(&index).map(String::as_str).filter(|name| name.starts_with(cut))
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

    #[test]
    fn what_is_no_module_is_named() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "elf?").expect("written");
        let message = FunctionNames::read(file.path()).expect_err("no module").to_string();
        assert!(message.starts_with(&format!("{}: ", file.path().display())), "{message}");
    }
}
