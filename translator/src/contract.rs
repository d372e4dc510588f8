//! The C contract: what a translation asks of whoever compiles it.

use crate::options::Compiler;

/// Of every compiler.
const SHARED: &[&str] = &[
    "-std=gnu11",
    "-fwrapv",
    "-fno-strict-aliasing",
    "-fno-delete-null-pointer-checks",
    "-ffp-contract=off",
];

impl Compiler {
    /// The flags that all C of a program is compiled with, translated or of the
    /// runtime: README.md, "The C contract", says why each. What only says for which
    /// machine, or keeps the compiler quiet, is not among them.
    pub fn contract(self) -> Vec<&'static str> {
        let own: &[&str] = match self {
            Compiler::Gcc => &["-fsignaling-nans", "-fno-dse"],
            Compiler::Clang => &["-ffp-exception-behavior=maytrap"],
        };
        [SHARED, own].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// The flags in the first column of README.md's table, where `GCC: ` and
    /// `clang: ` say whose they are.
    fn documented(compiler: Compiler) -> BTreeSet<&'static str> {
        let (_, section) = include_str!("../README.md").split_once("## The C contract").unwrap();
        let rows = section.lines().skip_while(|line| !line.starts_with('|')).skip(2);
        let cells = rows.map_while(|line| line.strip_prefix("| ")?.split(" | ").next());
        let other = match compiler {
            Compiler::Gcc => "clang: ",
            Compiler::Clang => "GCC: ",
        };
        let parts = cells.flat_map(|cell| cell.split("; "));
        let flags = parts.filter(|part| !part.starts_with(other)).flat_map(|part| part.split('`'));
        flags.filter(|word| word.starts_with('-')).collect()
    }

    #[test]
    fn readme_has_the_contract_and_says_why() {
        for compiler in [Compiler::Gcc, Compiler::Clang] {
            let mut documented = documented(compiler);
            documented.retain(|flag| !flag.starts_with("-m") && *flag != "-w");
            assert_eq!(documented, compiler.contract().into_iter().collect(), "{compiler:?}");
        }
    }
}
