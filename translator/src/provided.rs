//! Whether a platform provides what a module imports, and the module what a
//! platform starts. Found before a compiler is asked, and with the module's own
//! names.

use crate::link::Kind;
use crate::types::{Signature, Type};
use crate::Translation;
use std::collections::BTreeMap;

/// What a command exports for its start.
const START: &str = "_start";

/// Functions of a platform, by module and name.
pub struct Provided(BTreeMap<(String, String), Signature>);

impl Provided {
    /// Reads lines such as `env add (i32, i64) -> (i32)`; `#` begins a comment.
    ///
    /// # Errors
    ///
    /// The first line that is none.
    pub fn parse(text: &str) -> Result<Provided, String> {
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let functions = lines.map(|line| function(line).ok_or(format!("no function: `{line}`")));
        Ok(Provided(functions.collect::<Result<_, _>>()?))
    }

    /// # Errors
    ///
    /// The first import that is not provided as it is declared; else that there
    /// is no start.
    pub fn check(&self, module: &Translation) -> Result<(), String> {
        for import in &module.imports {
            let what = format!("`{}` of module `{}`", import.name, import.module);
            let Kind::Function(wanted) = &import.kind else {
                let kind = import.kind.name();
                return Err(format!("imports the {kind} {what}: only functions can be imported"));
            };
            match self.0.get(&(import.module.clone(), import.name.clone())) {
                None => return Err(format!("imports the function {what}, which nobody provides")),
                Some(known) if known != wanted => {
                    let (wanted, known) = (shown(wanted), shown(known));
                    return Err(format!("imports {what} as {wanted}, which is {known}"));
                }
                Some(_) => {}
            }
        }
        let start = Kind::Function(Signature { params: Vec::new(), results: Vec::new() });
        if module.exports.iter().any(|export| export.name == START && export.kind == start) {
            return Ok(());
        }
        Err(format!(
            "exports no function `{START}` without parameters and results: it cannot be run"
        ))
    }
}

fn function(line: &str) -> Option<((String, String), Signature)> {
    let (names, signature) = line.split_once(" (")?;
    let (module, name) = names.split_once(' ')?;
    let (params, results) = signature.strip_suffix(')')?.split_once(") -> (")?;
    let signature = Signature { params: types(params)?, results: types(results)? };
    Some(((module.to_string(), name.to_string()), signature))
}

fn types(text: &str) -> Option<Vec<Type>> {
    let names = text.split(", ").filter(|name| !name.is_empty());
    names.map(|name| Type::NUMBERS.into_iter().find(|ty| ty.name() == name)).collect()
}

fn shown(signature: &Signature) -> String {
    let list = |types: &[Type]| types.iter().map(|ty| ty.name()).collect::<Vec<_>>().join(", ");
    format!("({}) -> ({})", list(&signature.params), list(&signature.results))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{translate, Options};

    const PROVIDED: &str = "# a comment\nenv add (i32, i64) -> (i32)\nenv stop () -> ()\n";

    fn check(module: &str, expected: Result<(), &str>) {
        let module = wat::parse_str(module).expect("the test's own text");
        let translation = translate(&module, &Options::default()).expect("valid");
        let provided = Provided::parse(PROVIDED).expect("the test's own list");
        assert_eq!(provided.check(&translation), expected.map_err(str::to_string));
    }

    #[test]
    fn what_is_missing_is_named() {
        let start = r#"(func (export "_start"))"#;
        let with = |import: &str| format!("(module (import {import}) {start})");
        check(&with(r#""env" "add" (func (param i32 i64) (result i32))"#), Ok(()));
        check(
            &with(r#""env" "sub" (func)"#),
            Err("imports the function `sub` of module `env`, which nobody provides"),
        );
        check(
            &with(r#""env" "stop" (func (param i32))"#),
            Err("imports `stop` of module `env` as (i32) -> (), which is () -> ()"),
        );
        check(
            &with(r#""env" "memory" (memory 1)"#),
            Err("imports the memory `memory` of module `env`: only functions can be imported"),
        );
        let none =
            Err("exports no function `_start` without parameters and results: it cannot be run");
        check("(module)", none);
        check(r#"(module (func (export "_start") (param i32)))"#, none);
    }

    #[test]
    fn a_line_that_is_no_function_is_named() {
        for line in ["env", "env add", "env add (i33) -> ()", "env add (i32)"] {
            assert_eq!(Provided::parse(line).err(), Some(format!("no function: `{line}`")));
        }
    }
}
