//! C identifiers for functions, imports and exports.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;
use wasmparser::{Name, NameSectionReader};

/// Rust's mangled names with their generics reach kilobytes; the symbol table
/// needs what tells functions apart.
const LONGEST: usize = 120;

/// The functions' names in a name section, as far as it can be read: it is a
/// custom section, and a broken one is not an error.
pub fn functions(section: NameSectionReader<'_>) -> HashMap<u32, String> {
    let mut names = HashMap::new();
    for subsection in section {
        let Ok(Name::Function(map)) = subsection else { continue };
        for naming in map.into_iter().flatten() {
            names.insert(naming.index, naming.name.to_string());
        }
    }
    names
}

/// `name` with everything C does not allow as `_`. Not injective.
pub fn readable(name: &str) -> String {
    let clean = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    name.chars().take(LONGEST).map(clean).collect()
}

/// `name` with everything C does not allow as `_xHH` (hexadecimal), so that a
/// platform knows what a symbol is called without asking.
pub fn escaped(name: &str) -> String {
    let mut text = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'_' {
            text.push(byte as char);
        } else {
            let _ = write!(text, "_x{byte:02x}");
        }
    }
    text
}

/// Makes symbols unique by a number at their end.
#[derive(Default)]
pub struct Unique {
    taken: HashSet<String>,
    next: HashMap<String, u32>,
}

impl Unique {
    pub fn take(&mut self, symbol: String) -> String {
        if self.taken.insert(symbol.clone()) {
            return symbol;
        }
        let number = self.next.entry(symbol.clone()).or_insert(1);
        loop {
            *number += 1;
            let numbered = format!("{symbol}_{number}");
            if self.taken.insert(numbered.clone()) {
                return numbered;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_identifiers() {
        for (name, readable_form, escaped_form) in [
            ("runtime.mallocgc", "runtime_mallocgc", "runtime_x2emallocgc"),
            ("(*Stack).pop", "__Stack__pop", "_x28_x2aStack_x29_x2epop"),
            ("fd_write", "fd_write", "fd_write"),
            ("é", "_", "_xc3_xa9"),
            ("", "", ""),
        ] {
            assert_eq!(readable(name), readable_form);
            assert_eq!(escaped(name), escaped_form);
        }
    }

    #[test]
    fn numbered_symbols_meet_no_other() {
        let mut unique = Unique::default();
        let taken: Vec<String> =
            ["f", "f_2", "f", "f"].into_iter().map(|s| unique.take(s.to_string())).collect();
        assert_eq!(taken, ["f", "f_2", "f_3", "f_4"]);
    }
}
