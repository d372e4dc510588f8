//! What a platform may hold beside RV64IM, as a list with reasons:
//! `audit.toml` beside the code that needs it.

use anyhow::{bail, Context, Result};
use serde::Deserialize;
use std::path::Path;

/// Instructions that are allowed in one function.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// Of the function that holds them.
    pub symbol: String,
    /// As messages name them: `ecall`, `csrrw mtvec`.
    pub instructions: Vec<String>,
    pub reason: String,
}

/// The list of one platform.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exceptions {
    #[serde(default)]
    exception: Vec<Exception>,
}

impl Exceptions {
    /// # Errors
    ///
    /// A file that cannot be read, is not of this form, or says nothing in one
    /// of its fields.
    pub fn read(path: &Path) -> Result<Exceptions> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read {path:?}"))?;
        Exceptions::parse(&text).with_context(|| path.display().to_string())
    }

    fn parse(text: &str) -> Result<Exceptions> {
        let exceptions: Exceptions = toml::from_str(text)?;
        for row in &exceptions.exception {
            if row.symbol.is_empty() || row.instructions.is_empty() || row.reason.is_empty() {
                bail!("an exception names a symbol, instructions and a reason: {row:?}");
            }
        }
        Ok(exceptions)
    }

    /// The exception under which `symbol` may hold `instruction`. Compilers name
    /// the parts and copies of a function after it: `f.cold`, `f.constprop.0`.
    pub fn allowing(&self, symbol: &str, instruction: &str) -> Option<&Exception> {
        let whole = symbol.split('.').next().unwrap_or(symbol);
        self.exception
            .iter()
            .find(|row| row.symbol == whole && row.instructions.iter().any(|i| i == instruction))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"[[exception]]
symbol = "system_call"
instructions = ["ecall"]
reason = "the way to the kernel"
"#;

    #[test]
    fn an_exception_is_for_its_symbol_and_its_instructions() {
        let list = Exceptions::parse(GOOD).expect("a good list");
        for (symbol, instruction, allowed) in [
            ("system_call", "ecall", true),
            ("system_call", "ebreak", false),
            ("other", "ecall", false),
            ("system_call.constprop.0", "ecall", true),
            ("system_calls", "ecall", false),
        ] {
            assert_eq!(
                list.allowing(symbol, instruction).is_some(),
                allowed,
                "{symbol} {instruction}"
            );
        }
        assert!(Exceptions::parse("").expect("none").allowing("system_call", "ecall").is_none());
    }

    #[test]
    fn a_list_without_reasons_is_none() {
        for (from, to) in [
            ("\"the way to the kernel\"", "\"\""),
            ("reason", "because"),
            ("[\"ecall\"]", "[]"),
            ("\"system_call\"", "\"\""),
        ] {
            assert!(Exceptions::parse(&GOOD.replace(from, to)).is_err(), "{to}");
        }
    }
}
