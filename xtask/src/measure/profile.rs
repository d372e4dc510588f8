//! Which functions a guest's instructions went to: the counter's blocks, by the
//! symbols of the ELF that ran.
//!
//! A module that wasmtime compiled lies in a section of the ELF, an ELF of its
//! own that runs where it lies; its symbols are `wasm[0]::function[N]::NAME`,
//! the name being that of the wasm's name section, cut to 96 bytes. The whole
//! name is taken from the module it was made from. All else in such an ELF is
//! the pipeline's runtime and not the guest's.
//!
//! What our own translator makes is C, whose symbols it lists with the indices
//! of the functions ([`Translated`]).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use anyhow::Result;
use object::elf::PF_X;
use object::{File, Object, ObjectSection, ObjectSegment, ObjectSymbol, SegmentFlags, SymbolKind};
use serde::{Deserialize, Serialize};

use super::counter::Count;
use super::function_names::FunctionNames;
use crate::artifacts::Files;
use crate::error;

/// The section that holds a precompiled module (platform/wasmtime/embed.S).
const MODULE_SECTION: &str = ".wasrisc.module";

/// What is in no function that has a symbol.
pub const UNKNOWN: &str = "[unknown]";

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

/// Whose code a function is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The guest's: its own, its libraries', its language's runtime.
    Guest,
    /// What the pipeline adds to run a module: its runtime with all it needs.
    Pipeline,
}

/// Instructions by function, for further calculation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Attribution {
    /// As [`Profile::total`].
    pub total: u64,
    /// What is in no function that has a symbol.
    pub unknown: u64,
    /// The rest of the total.
    pub functions: BTreeMap<(Origin, String), u64>,
    /// Every function of the guest in the program, those that never ran too.
    pub names: BTreeSet<String>,
}

/// What is known of the module that a program was made from; nothing of a direct
/// one.
#[derive(Debug, Default)]
pub struct Module {
    names: FunctionNames,
    /// If it was made by way of C.
    translated: Option<Translated>,
}

impl Module {
    /// Its functions' names are those of `unstripped`, if there is another build
    /// of it.
    pub fn read(files: &Files, unstripped: Option<&Path>) -> Result<Module> {
        let names = match (files.wasm_path.as_deref(), unstripped) {
            (None, _) => FunctionNames::default(),
            (Some(module), None) => FunctionNames::read(module)?,
            (Some(module), Some(other)) => FunctionNames::of_another_build(module, other)?,
        };
        let translated = files.symbols_path.as_deref().map(Translated::read).transpose()?;
        Ok(Module { names, translated })
    }
}

/// Attributes what was counted to the functions of the program that ran.
pub fn attribution(files: &Files, module: &Module, count: &Count) -> Result<Attribution> {
    attribute(&files.elf_path, module, &count.profile, count.start_code, count.total)
}

/// Attributes `blocks` to the functions of the ELF at `elf`. `start_code` is where
/// its first executable segment was loaded, `total` what the counter counted.
pub fn attribute(
    elf: &Path,
    module: &Module,
    blocks: &[Block],
    start_code: u64,
    total: u64,
) -> Result<Attribution> {
    let named = |e: &dyn std::fmt::Display| error::input(format!("{}: {e}", elf.display()));
    let bytes = std::fs::read(elf).map_err(|e| named(&e))?;
    let symbols = Symbols::read(&bytes, module).map_err(|e| named(&e))?;
    Ok(symbols.attribute(blocks, start_code, total))
}

impl Attribution {
    /// The functions in order.
    pub fn profile(&self) -> Profile {
        let mut functions: BTreeMap<&str, u64> = BTreeMap::new();
        for ((_, name), instructions) in &self.functions {
            *functions.entry(name).or_default() += instructions;
        }
        if self.unknown > 0 {
            *functions.entry(UNKNOWN).or_default() += self.unknown;
        }
        let mut functions: Vec<(&str, u64)> = functions.into_iter().collect();
        functions.sort_by_key(|(name, instructions)| (std::cmp::Reverse(*instructions), *name));
        let percent = |n: u64| 100.0 * n as f64 / self.total.max(1) as f64;
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
        Profile { total: self.total, functions: functions.into_iter().map(row).collect() }
    }
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
    origin: Origin,
}

impl Symbols {
    fn read(bytes: &[u8], source: &Module) -> object::Result<Symbols> {
        let elf = File::parse(bytes)?;
        let executable =
            |flags| matches!(flags, SegmentFlags::Elf { p_flags } if p_flags & PF_X != 0);
        let code = elf.segments().filter(|segment| executable(segment.flags()));
        let start_code = code.map(|segment| segment.address()).min().unwrap_or(0);
        let module = elf.section_by_name(MODULE_SECTION);
        let origin = if module.is_some() { Origin::Pipeline } else { Origin::Guest };
        let named = |name: &str| match &source.translated {
            Some(translated) => translated.name(name, &source.names),
            None => (source_name(name), origin),
        };
        let mut functions: Vec<Function> =
            elf.symbols().filter_map(|symbol| function(&symbol, 0, named)).collect();
        if let Some(section) = module {
            functions.extend(module_functions(section.data()?, section.address(), &source.names)?);
        }
        Ok(Symbols { start_code, functions: in_order(functions) })
    }

    /// The function that holds `address`.
    fn function_at(&self, address: u64) -> Option<&Function> {
        let after = self.functions.partition_point(|function| function.start <= address);
        let function = &self.functions[after.checked_sub(1)?];
        (address < function.end).then_some(function)
    }

    fn attribute(&self, blocks: &[Block], start_code: u64, total: u64) -> Attribution {
        // What the loader added to the addresses in the file.
        // A whole machine has no program that lies somewhere.
        let bias = if start_code == 0 { 0 } else { start_code.wrapping_sub(self.start_code) };
        let (mut functions, mut known, mut counted) = (BTreeMap::new(), 0, 0);
        for block in blocks {
            let instructions = block.length.saturating_mul(block.executions);
            counted += instructions;
            if let Some(function) = self.function_at(block.pc.wrapping_sub(bias)) {
                let key = (function.origin, function.name.clone());
                *functions.entry(key).or_default() += instructions;
                known += instructions;
            }
        }
        let total = total.max(counted);
        let guests = self.functions.iter().filter(|function| function.origin == Origin::Guest);
        let names = guests.map(|function| function.name.clone()).collect();
        Attribution { total, unknown: total - known, functions, names }
    }
}

/// The functions of the module that lies at `address`. Its symbols are relative
/// to their sections, and these lie where the file has them.
fn module_functions(
    module: &[u8],
    address: u64,
    names: &FunctionNames,
) -> object::Result<Vec<Function>> {
    let elf = File::parse(module)?;
    let mut functions = Vec::new();
    for symbol in elf.symbols() {
        let Some(index) = symbol.section_index() else { continue };
        let section = elf.section_by_index(index)?;
        let Some((offset, _)) = section.file_range() else { continue };
        let moved = address.wrapping_add(offset).wrapping_sub(section.address());
        functions.extend(function(&symbol, moved, |name| module_name(name, names)));
    }
    Ok(functions)
}

fn function<'a>(
    symbol: &impl ObjectSymbol<'a>,
    moved: u64,
    named: impl Fn(&str) -> (String, Origin),
) -> Option<Function> {
    if symbol.kind() != SymbolKind::Text || !symbol.is_definition() {
        return None;
    }
    let name = symbol.name().ok().filter(|name| !name.is_empty())?;
    let (name, origin) = named(name);
    let start = symbol.address().wrapping_add(moved);
    Some(Function { start, end: start.saturating_add(symbol.size()), name, origin })
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

/// The name in the source: Rust's demangled without its hash. Go's are as they
/// are.
fn source_name(symbol: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(symbol))
}

/// The name of a function of the module, and whether it was one before it was
/// compiled: trampolines are the pipeline's.
fn module_name(symbol: &str, names: &FunctionNames) -> (String, Origin) {
    let own = symbol.strip_prefix("wasm[0]::function[").and_then(|rest| rest.split_once(']'));
    let Some((index, cut)) = own else { return (source_name(symbol), Origin::Pipeline) };
    let cut = cut.strip_prefix("::").unwrap_or(cut);
    let whole = index.parse().ok().and_then(|index| names.of(index, cut));
    let name = match whole.unwrap_or(cut) {
        "" => symbol.to_string(),
        name => source_name(name),
    };
    (name, Origin::Guest)
}

/// The functions of a module that became C, by their symbols.
#[derive(Debug, Default)]
struct Translated(BTreeMap<String, u32>);

impl Translated {
    /// Reads what `wasrisc-translate --symbols` wrote: symbol, index and name,
    /// separated by tabs.
    fn read(path: &Path) -> Result<Translated> {
        let text = crate::text::read(path, &path.display().to_string())?;
        let mut symbols = BTreeMap::new();
        for (number, line) in text.lines().enumerate() {
            let mut fields = line.split('\t');
            let row = fields.next().zip(fields.next().and_then(|index| index.parse().ok()));
            let Some((symbol, index)) = row else {
                let place = format!("{}:{}", path.display(), number + 1);
                return Err(error::input(format!("{place}: no symbol with an index")).into());
            };
            symbols.insert(symbol.to_string(), index);
        }
        Ok(Translated(symbols))
    }

    /// A function without a name is called as wasmtime calls it. Compilers name
    /// the parts and copies of a function after it: `f.cold`, `f.constprop.0`.
    fn name(&self, symbol: &str, names: &FunctionNames) -> (String, Origin) {
        let whole = symbol.split('.').next().unwrap_or(symbol);
        match self.0.get(whole) {
            Some(&index) => match names.get(index) {
                Some(name) => (source_name(name), Origin::Guest),
                None => (format!("wasm[0]::function[{index}]"), Origin::Guest),
            },
            None => (source_name(symbol), Origin::Pipeline),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    fn block(pc: u64, length: u64, executions: u64) -> Block {
        Block { pc, length, executions }
    }

    fn symbols() -> Symbols {
        let origin = Origin::Guest;
        let function = |start, end, name: &str| Function { start, end, name: name.into(), origin };
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
            let symbols = symbols();
            let found = symbols.function_at(pc).map(|function| function.name.as_str());
            assert_eq!(found, name, "{pc:#x}");
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
            let profile = symbols().attribute(&moved, 0x80 + bias, 64 + rest).profile();
            assert_eq!(profile.total, 64 + rest);
            assert_eq!(rows(&profile), [("c", 50), (UNKNOWN, 7 + rest), ("a", 7)]);
            let sum: u64 = profile.functions.iter().map(|row| row.instructions).sum();
            assert_eq!(sum, profile.total);
            assert_eq!(profile.functions[2].cumulative, 100.0);
        }
    }

    #[test]
    fn nothing_is_unknown_when_all_is_known() {
        let profile = symbols().attribute(&[block(0x140, 5, 2)], 0x80, 10).profile();
        assert_eq!(rows(&profile), [("c", 10)]);
        assert_eq!(symbols().attribute(&[], 0x80, 0).profile().functions, []);
    }

    #[test]
    fn the_table_adds_up_too() {
        let blocks = [block(0x140, 6, 1), block(0x100, 3, 1), block(0x130, 1, 1)];
        let expected = "    instructions       %   sum %  function
               6   60.00   60.00  c
               4   40.00  100.00  [2 more functions]
              10  100.00  100.00  [total]
";
        assert_eq!(symbols().attribute(&blocks, 0x80, 10).profile().table(1), expected);
    }

    #[test]
    fn names_as_in_the_source() {
        let cases = [
            ("memcpy", "memcpy"),
            ("runtime.mallocgc", "runtime.mallocgc"),
            ("core/vm.(*EVM).Call", "core/vm.(*EVM).Call"),
            ("_ZN4core3fmt5write17h0123456789abcdefE", "core::fmt::write"),
            ("_RNvCs1234_7mycrate3foo", "mycrate::foo"),
        ];
        for (symbol, name) in cases {
            assert_eq!(source_name(symbol), name);
        }
    }

    #[test]
    fn names_of_a_module_are_those_of_its_name_section() {
        let names = FunctionNames::from([(1, "runtime.mallocgc"), (2, "other"), (3, "")]);
        let (guest, pipeline) = (Origin::Guest, Origin::Pipeline);
        let cases = [
            ("wasm[0]::function[1]::runtime.mallocgc", "runtime.mallocgc", guest),
            // Cut by the compiler.
            ("wasm[0]::function[1]::runtime.mal", "runtime.mallocgc", guest),
            // Not the module's.
            ("wasm[0]::function[2]::runtime.mal", "runtime.mal", guest),
            ("wasm[0]::function[9]::runtime.mal", "runtime.mal", guest),
            ("wasm[0]::function[9]::_ZN3foo3bar17h0123456789abcdefE", "foo::bar", guest),
            ("wasm[0]::function[9]", "wasm[0]::function[9]", guest),
            ("wasm[0]::function[3]", "wasm[0]::function[3]", guest),
            ("wasmtime_builtin_memory_copy", "wasmtime_builtin_memory_copy", pipeline),
            (
                "signatures[4]::wasm_to_array_trampoline",
                "signatures[4]::wasm_to_array_trampoline",
                pipeline,
            ),
        ];
        for (symbol, name, origin) in cases {
            assert_eq!(module_name(symbol, &names), (name.to_string(), origin));
        }
    }

    #[test]
    fn names_of_translated_functions_are_those_of_the_module() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let text = "w_runtime_mallocgc\t1\truntime.mallocgc\nw_f2\t2\t\nwstep_f2\t2\t\n\
                    w__ZN3foo\t3\t_ZN3foo\n";
        std::fs::write(file.path(), text).expect("written");
        let translated = Translated::read(file.path()).expect("a list");
        let foo = "_ZN3foo3bar17h0123456789abcdefE";
        let names = FunctionNames::from([(1, "runtime.mallocgc"), (3, foo)]);
        let (guest, pipeline) = (Origin::Guest, Origin::Pipeline);
        for (symbol, name, origin) in [
            ("w_runtime_mallocgc", "runtime.mallocgc", guest),
            ("w_runtime_mallocgc.cold", "runtime.mallocgc", guest),
            ("w_f2", "wasm[0]::function[2]", guest),
            ("wstep_f2", "wasm[0]::function[2]", guest),
            ("w__ZN3foo", "foo::bar", guest),
            ("w_runtime_mallocgc_2", "w_runtime_mallocgc_2", pipeline),
            ("memmove", "memmove", pipeline),
            ("__adddf3", "__adddf3", pipeline),
        ] {
            assert_eq!(translated.name(symbol, &names), (name.to_string(), origin), "{symbol}");
        }
        std::fs::write(file.path(), "w_f2\t2\t\nw_f3\n").expect("written");
        let error = Translated::read(file.path()).expect_err("no index").to_string();
        assert!(error.ends_with(":2: no symbol with an index"), "{error}");
    }

    #[test]
    fn a_file_that_is_no_elf_is_named() {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        let error =
            attribute(file.path(), &Module::default(), &[], 0, 0).expect_err("empty").to_string();
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
        let start_code = Symbols::read(&bytes, &Module::default()).expect("an ELF").start_code;
        assert!(start_code > 0);
        let blocks = [
            block(work, 4, 2),
            block(work + 28, 1, 1),
            block(work + 32, 1, 3),
            block(address("_start"), 2, 1),
        ];
        let attribution =
            attribute(&outer, &Module::default(), &blocks, start_code, 20).expect("attributed");
        assert_eq!(rows(&attribution.profile()), [(UNKNOWN, 9), ("main.work", 9), ("_start", 2)]);
        let origins: Vec<_> =
            attribution.functions.keys().map(|(origin, name)| (*origin, name.as_str())).collect();
        assert_eq!(origins, [(Origin::Guest, "main.work"), (Origin::Pipeline, "_start")]);
        assert_eq!(attribution.names, ["main.work".to_string()].into());
    }
}
