//! Which functions a guest's instructions went to: the counter's blocks, by the
//! symbols of the ELF that ran.
//!
//! A module that wasmtime compiled lies in a section of the ELF, an ELF of its
//! own that runs where it lies; its symbols are `wasm[0]::function[N]::NAME`,
//! the name being that of the wasm's name section, cut to 96 bytes.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use anyhow::Result;
use object::elf::PF_X;
use object::{File, Object, ObjectSection, ObjectSegment, ObjectSymbol, SegmentFlags, SymbolKind};
use serde::{Deserialize, Serialize};

use crate::error;

/// The section that holds a precompiled module (platform/wasmtime/embed.S).
const MODULE_SECTION: &str = ".wasrisc.module";

/// What is in no function that has a symbol.
const UNKNOWN: &str = "[unknown]";

/// A stretch of code that the emulator translated as one, as the counter
/// writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Block {
    /// Address of its first instruction.
    pub pc: u64,
    /// Its instructions.
    pub length: u64,
    /// How often it ran.
    pub executions: u64,
}

/// Instructions by function, the most first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Profile {
    /// Instructions of all rows together: the counter's total. (More only by
    /// what other threads did after the total was read.)
    pub total: u64,
    /// No function occurs twice; `[unknown]` holds what is in none.
    pub functions: Vec<Row>,
}

/// One function.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Name as in the source, where the symbol tells it.
    pub function: String,
    /// Instructions in the function itself, not in those that it calls.
    pub instructions: u64,
    /// Of the total.
    pub percent: f64,
    /// Of this row and all above it.
    pub cumulative: f64,
}

/// Attributes `blocks` to the functions of the ELF at `elf`. `start_code` is
/// where its first executable segment was loaded, `total` what the counter
/// counted.
pub fn profile(elf: &Path, blocks: &[Block], start_code: u64, total: u64) -> Result<Profile> {
    let named = |e: &dyn std::fmt::Display| error::input(format!("{}: {e}", elf.display()));
    let bytes = std::fs::read(elf).map_err(|e| named(&e))?;
    let symbols = Symbols::read(&bytes).map_err(|e| named(&e))?;
    Ok(attribute(&symbols, blocks, start_code, total))
}

fn attribute(symbols: &Symbols, blocks: &[Block], start_code: u64, total: u64) -> Profile {
    // What the loader added to the addresses in the file.
    let bias = start_code.wrapping_sub(symbols.start_code);
    let mut functions: BTreeMap<&str, u64> = BTreeMap::new();
    let mut known = 0;
    for block in blocks {
        let instructions = block.length.saturating_mul(block.executions);
        if let Some(name) = symbols.function_at(block.pc.wrapping_sub(bias)) {
            *functions.entry(name).or_default() += instructions;
            known += instructions;
        }
    }
    let counted: u64 = blocks.iter().map(|b| b.length.saturating_mul(b.executions)).sum();
    let total = total.max(counted);
    if known < total {
        *functions.entry(UNKNOWN).or_default() += total - known;
    }
    let mut functions: Vec<(&str, u64)> = functions.into_iter().collect();
    functions.sort_by_key(|(name, instructions)| (std::cmp::Reverse(*instructions), *name));
    let percent = |n: u64| 100.0 * n as f64 / total.max(1) as f64;
    let mut sum = 0;
    let row = |(function, instructions): (&str, u64)| {
        sum += instructions;
        Row {
            function: function.to_string(),
            instructions,
            percent: percent(instructions),
            cumulative: percent(sum),
        }
    };
    Profile { total, functions: functions.into_iter().map(row).collect() }
}

impl Profile {
    /// The first `most` functions as a table, and the rest as one line.
    pub fn table(&self, most: usize) -> String {
        let mut text = format!("{:>16} {:>7} {:>7}  function\n", "instructions", "%", "sum %");
        let (shown, rest) = self.functions.split_at(most.min(self.functions.len()));
        let mut line = |instructions: u64, percent: f64, cumulative: f64, function: &str| {
            // Writing to a String cannot fail.
            let _ =
                writeln!(text, "{instructions:>16} {percent:>7.2} {cumulative:>7.2}  {function}");
        };
        for row in shown {
            line(row.instructions, row.percent, row.cumulative, &row.function);
        }
        if !rest.is_empty() {
            let instructions = rest.iter().map(|row| row.instructions).sum();
            let percent = rest.iter().map(|row| row.percent).sum();
            line(instructions, percent, 100.0, &format!("[{} more functions]", rest.len()));
        }
        line(self.total, 100.0, 100.0, "[total]");
        text
    }
}

/// The functions of an ELF and of the module in it, at the addresses that the
/// file says.
#[derive(Debug)]
struct Symbols {
    /// Address of the first executable segment.
    start_code: u64,
    /// In order of their start.
    functions: Vec<Function>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Function {
    start: u64,
    /// Past its last byte; at least `start`.
    end: u64,
    name: String,
}

impl Symbols {
    fn read(bytes: &[u8]) -> object::Result<Symbols> {
        let elf = File::parse(bytes)?;
        let executable =
            |flags| matches!(flags, SegmentFlags::Elf { p_flags } if p_flags & PF_X != 0);
        let code = elf.segments().filter(|segment| executable(segment.flags()));
        let start_code = code.map(|segment| segment.address()).min().unwrap_or(0);
        let mut functions: Vec<Function> =
            elf.symbols().filter_map(|symbol| function(&symbol, 0)).collect();
        if let Some(section) = elf.section_by_name(MODULE_SECTION) {
            functions.extend(module_functions(section.data()?, section.address())?);
        }
        Ok(Symbols { start_code, functions: in_order(functions) })
    }

    /// Name of the function that holds `address`.
    fn function_at(&self, address: u64) -> Option<&str> {
        let after = self.functions.partition_point(|function| function.start <= address);
        let function = &self.functions[after.checked_sub(1)?];
        (address < function.end).then_some(function.name.as_str())
    }
}

/// The functions of the module that lies at `address`. Its symbols are relative
/// to their sections, and these lie where the file has them.
fn module_functions(module: &[u8], address: u64) -> object::Result<Vec<Function>> {
    let elf = File::parse(module)?;
    let mut functions = Vec::new();
    for symbol in elf.symbols() {
        let Some(index) = symbol.section_index() else { continue };
        let section = elf.section_by_index(index)?;
        let Some((offset, _)) = section.file_range() else { continue };
        let moved = address.wrapping_add(offset).wrapping_sub(section.address());
        functions.extend(function(&symbol, moved));
    }
    Ok(functions)
}

fn function<'a>(symbol: &impl ObjectSymbol<'a>, moved: u64) -> Option<Function> {
    if symbol.kind() != SymbolKind::Text || !symbol.is_definition() {
        return None;
    }
    let name = symbol.name().ok().filter(|name| !name.is_empty())?;
    let start = symbol.address().wrapping_add(moved);
    Some(Function { start, end: start.saturating_add(symbol.size()), name: source_name(name) })
}

/// One function for each start. Of several names for one place it is that of
/// the longest, then the first in the alphabet, so that it is always the same.
fn in_order(mut functions: Vec<Function>) -> Vec<Function> {
    functions.sort_by(|a, b| (a.start, b.end, &a.name).cmp(&(b.start, a.end, &b.name)));
    functions.dedup_by_key(|function| function.start);
    // Assembly may leave out sizes; such a function ends where the next begins.
    for i in 1..functions.len() {
        let next = functions[i].start;
        let function = &mut functions[i - 1];
        if function.end == function.start {
            function.end = next;
        }
    }
    functions
}

/// The name in the source: Rust's demangled without its hash, wasmtime's without
/// what precedes the module's own name. Go's are as they are.
fn source_name(symbol: &str) -> String {
    let name = match symbol.strip_prefix("wasm[0]::function[") {
        Some(rest) => match rest.split_once(']') {
            Some((_, own)) if own.starts_with("::") => &own[2..],
            _ => symbol,
        },
        None => symbol,
    };
    format!("{:#}", rustc_demangle::demangle(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    fn block(pc: u64, length: u64, executions: u64) -> Block {
        Block { pc, length, executions }
    }

    fn symbols() -> Symbols {
        let function = |start, end, name: &str| Function { start, end, name: name.into() };
        let functions = vec![
            function(0x100, 0x120, "b"),
            function(0x100, 0x120, "a"),
            function(0x100, 0x104, "short"),
            function(0x130, 0x130, "unsized"),
            function(0x140, 0x150, "c"),
        ];
        Symbols { start_code: 0x80, functions: in_order(functions) }
    }

    fn rows(profile: &Profile) -> Vec<(&str, u64)> {
        profile.functions.iter().map(|row| (row.function.as_str(), row.instructions)).collect()
    }

    #[test]
    fn a_pc_belongs_to_one_function_or_none() {
        let cases = [
            (0xff, None),
            (0x100, Some("a")),
            (0x11f, Some("a")),
            (0x120, None),
            (0x130, Some("unsized")),
            (0x13f, Some("unsized")),
            (0x140, Some("c")),
            (0x150, None),
            (u64::MAX, None),
        ];
        for (pc, name) in cases {
            assert_eq!(symbols().function_at(pc), name, "{pc:#x}");
        }
    }

    #[test]
    fn instructions_add_up_to_the_total() {
        let blocks =
            [block(0x140, 5, 10), block(0x100, 2, 3), block(0x104, 1, 1), block(0x9000, 7, 1)];
        // The same with the program loaded higher, and with a rest that is in no
        // block.
        for (bias, rest) in [(0, 0), (0x4000_0000, 0), (0, 36)] {
            let moved = blocks.map(|b| Block { pc: b.pc + bias, ..b });
            let profile = attribute(&symbols(), &moved, 0x80 + bias, 64 + rest);
            assert_eq!(profile.total, 64 + rest);
            assert_eq!(rows(&profile), [("c", 50), (UNKNOWN, 7 + rest), ("a", 7)]);
            let sum: u64 = profile.functions.iter().map(|row| row.instructions).sum();
            assert_eq!(sum, profile.total);
            assert_eq!(profile.functions[2].cumulative, 100.0);
        }
    }

    #[test]
    fn nothing_is_unknown_when_all_is_known() {
        let profile = attribute(&symbols(), &[block(0x140, 5, 2)], 0x80, 10);
        assert_eq!(rows(&profile), [("c", 10)]);
        assert_eq!(attribute(&symbols(), &[], 0x80, 0).functions, []);
    }

    #[test]
    fn the_table_adds_up_too() {
        let blocks = [block(0x140, 6, 1), block(0x100, 3, 1), block(0x130, 1, 1)];
        let expected = "    instructions       %   sum %  function
               6   60.00   60.00  c
               4   40.00  100.00  [2 more functions]
              10  100.00  100.00  [total]
";
        assert_eq!(attribute(&symbols(), &blocks, 0x80, 10).table(1), expected);
    }

    #[test]
    fn names_as_in_the_source() {
        let cases = [
            ("memcpy", "memcpy"),
            ("runtime.mallocgc", "runtime.mallocgc"),
            ("core/vm.(*EVM).Call", "core/vm.(*EVM).Call"),
            ("_ZN4core3fmt5write17h0123456789abcdefE", "core::fmt::write"),
            ("_RNvCs1234_7mycrate3foo", "mycrate::foo"),
            ("wasm[0]::function[12]::runtime.mallocgc", "runtime.mallocgc"),
            ("wasm[0]::function[12]::_ZN3foo3bar17h0123456789abcdefE", "foo::bar"),
            ("wasm[0]::function[12]", "wasm[0]::function[12]"),
            ("wasm[0]::array_to_wasm_trampoline[3]", "wasm[0]::array_to_wasm_trampoline[3]"),
        ];
        for (symbol, name) in cases {
            assert_eq!(source_name(symbol), name);
        }
    }

    #[test]
    fn a_file_that_is_no_elf_is_named() {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        let error = profile(file.path(), &[], 0, 0).expect_err("empty").to_string();
        assert!(error.starts_with(&file.path().display().to_string()), "{error}");
    }

    const INNER: &str = ".text
.zero 16
.globl \"wasm[0]::function[1]::main.work\"
.type \"wasm[0]::function[1]::main.work\", %function
\"wasm[0]::function[1]::main.work\": .zero 32
.size \"wasm[0]::function[1]::main.work\", 32
";

    const OUTER: &str = ".section .wasrisc.module, \"ax\", %progbits
.balign 4096
.globl module_start
.type module_start, %object
module_start: .incbin \"inner.o\"
.text
.globl _start
.type _start, %function
_start: .zero 24
.size _start, 24
";

    /// An ELF with an ELF inside, as the wasmtime pipeline makes them.
    fn nested(folder: &Path) -> std::io::Result<()> {
        std::fs::write(folder.join("inner.s"), INNER)?;
        std::fs::write(folder.join("outer.s"), OUTER)?;
        let run = |arguments: &[&str]| {
            let status = Command::new("gcc").current_dir(folder).args(arguments).status()?;
            assert!(status.success(), "gcc {arguments:?} fails");
            Ok::<(), std::io::Error>(())
        };
        run(&["-c", "inner.s", "-o", "inner.o"])?;
        run(&["-nostdlib", "-static", "-no-pie", "outer.s", "-o", "outer"])
    }

    #[test]
    fn functions_of_an_embedded_module_are_found() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        if let Err(e) = nested(folder.path()) {
            assert_eq!(e.kind(), std::io::ErrorKind::NotFound, "{e}");
            eprintln!("gcc is not there: no ELF is made to look into");
            return;
        }
        let outer = folder.path().join("outer");
        let bytes = std::fs::read(&outer).expect("the ELF was made");
        let elf = File::parse(&*bytes).expect("an ELF");
        let address = |name| elf.symbol_by_name(name).expect(name).address();
        // Where the assembler put its code in the file: not at its start.
        let inner = std::fs::read(folder.path().join("inner.o")).expect("the module was made");
        let text = File::parse(&*inner)
            .expect("an ELF")
            .section_by_name(".text")
            .map(|s| s.file_range().expect("in the file").0);
        let work = address("module_start") + text.expect("code") + 16;
        let start_code = Symbols::read(&bytes).expect("an ELF").start_code;
        assert!(start_code > 0);
        let blocks = [
            block(work, 4, 2),
            block(work + 28, 1, 1),
            block(work + 32, 1, 3),
            block(address("_start"), 2, 1),
        ];
        let profile = profile(&outer, &blocks, start_code, 20).expect("attributed");
        assert_eq!(rows(&profile), [(UNKNOWN, 9), ("main.work", 9), ("_start", 2)]);
    }
}
