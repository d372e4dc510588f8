//! The walk through the sections of code, word by word: every byte is looked at,
//! whether it lies in a function or not, as an instruction and never as data.

use crate::decode::is_rv64im;
use crate::foreign::{self, Foreign};
use object::elf::{
    FileHeader64, SectionHeader64, SHF_EXECINSTR, SHT_NOBITS, SHT_SYMTAB, STT_FUNC, STT_NOTYPE,
    STT_OBJECT,
};
use object::read::elf::{FileHeader, SectionHeader, Sym};
use object::LittleEndian;

type Header = FileHeader64<LittleEndian>;
const LE: LittleEndian = LittleEndian;

/// A function by its symbol. Assembly may leave out sizes; such a function ends
/// where the next begins.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Function {
    pub start: u64,
    /// Past its last byte.
    pub end: u64,
    pub name: String,
}

/// An instruction that is not RV64IM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub address: u64,
    pub word: u32,
    /// None between functions.
    pub function: Option<String>,
    pub what: Foreign,
}

/// What the sections of code hold.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Code {
    pub functions: usize,
    pub instructions: u64,
    pub found: Vec<Found>,
    /// Sections that are no sequences of words.
    pub uneven: Vec<String>,
}

/// Walks the code of the ELF.
///
/// # Errors
///
/// Headers that lead out of the file.
pub fn walk(header: &Header, bytes: &[u8]) -> object::read::Result<Code> {
    let functions = functions(header, bytes)?;
    let mut code = Code { functions: functions.len(), ..Code::default() };
    for section in header.sections(LE, bytes)?.iter() {
        if !is_code(section) {
            continue;
        }
        let (address, data) = (section.sh_addr(LE), section.data(LE, bytes)?);
        if address % 4 != 0 || data.len() % 4 != 0 {
            code.uneven.push(format!("the code at {address:#x} is no sequence of words"));
        }
        code.section(address, data, &functions);
    }
    Ok(code)
}

/// Whether the section is in the file and can be executed.
pub fn is_code(section: &SectionHeader64<LittleEndian>) -> bool {
    section.sh_flags(LE) & u64::from(SHF_EXECINSTR) != 0 && section.sh_type(LE) != SHT_NOBITS
}

impl Code {
    fn section(&mut self, address: u64, data: &[u8], functions: &[Function]) {
        let mut next = functions.partition_point(|function| function.start <= address);
        for (i, word) in data.chunks_exact(4).enumerate() {
            let at = address.wrapping_add(4 * i as u64);
            while functions.get(next).is_some_and(|function| function.start <= at) {
                next += 1;
            }
            let word = u32::from_le_bytes([word[0], word[1], word[2], word[3]]);
            if is_rv64im(word) {
                self.instructions += 1;
                continue;
            }
            let function = next.checked_sub(1).map(|i| &functions[i]).filter(|f| at < f.end);
            // Padding: a machine traps on zeros.
            if word == 0 && function.is_none() {
                continue;
            }
            let function = function.map(|function| function.name.clone());
            self.found.push(Found { address: at, word, function, what: foreign::what(word) });
        }
    }
}

/// In order of their start, one for each. Of several names for one place it is
/// that of the longest, then the first in the alphabet.
fn functions(header: &Header, bytes: &[u8]) -> object::read::Result<Vec<Function>> {
    let sections = header.sections(LE, bytes)?;
    let symbols = sections.symbols(LE, bytes, SHT_SYMTAB)?;
    let mut functions = Vec::new();
    for symbol in symbols.iter() {
        let index = symbol.st_shndx(LE).into();
        let Ok(section) = sections.section(object::SectionIndex(index)) else { continue };
        let name = String::from_utf8_lossy(symbol.name(LE, symbols.strings())?).into_owned();
        let kind = matches!(symbol.st_type(), STT_FUNC | STT_NOTYPE | STT_OBJECT);
        // Labels of the assembler, and its marks of code and data.
        let mark = name.is_empty() || name.starts_with('$') || name.starts_with(".L");
        let start = symbol.st_value(LE);
        // A linker's symbols may lie past the section that they name.
        let inside = start.wrapping_sub(section.sh_addr(LE)) < section.sh_size(LE);
        if is_code(section) && kind && !mark && inside {
            let end = start.saturating_add(symbol.st_size(LE));
            functions.push(Function { start, end, name });
        }
    }
    functions.sort_by(|a, b| (a.start, b.end, &a.name).cmp(&(b.start, a.end, &b.name)));
    // Of several names for one place the first stays, and a label inside of a
    // function is none.
    functions.dedup_by(|next, kept| {
        next.start == kept.start || next.start == next.end && next.start < kept.end
    });
    for i in 0..functions.len() {
        let next = functions.get(i + 1).map_or(u64::MAX, |next| next.start);
        if functions[i].end == functions[i].start {
            functions[i].end = next;
        }
    }
    Ok(functions)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOP: u32 = 0x13;
    const ECALL: u32 = 0x73;

    #[test]
    fn every_word_is_looked_at_in_functions_and_between_them() {
        let function = |start, end, name: &str| Function { start, end, name: name.into() };
        let functions = [function(0x100, 0x108, "a"), function(0x110, 0x118, "b")];
        let check = |words: &[u32], found: &[(u64, Option<&str>)]| {
            let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
            let mut code = Code::default();
            code.section(0x100, &bytes, &functions);
            let got: Vec<_> =
                code.found.iter().map(|f| (f.address, f.function.as_deref())).collect();
            assert_eq!(got, found, "{words:x?}");
        };
        check(&[NOP; 6], &[]);
        check(&[NOP, NOP, 0, 0, NOP, NOP], &[]);
        check(&[NOP, 0, NOP, NOP, NOP, 0], &[(0x104, Some("a")), (0x114, Some("b"))]);
        check(&[ECALL, NOP, ECALL, NOP, NOP, NOP], &[(0x100, Some("a")), (0x108, None)]);
        check(&[NOP, NOP, 1, NOP, ECALL, NOP], &[(0x108, None), (0x110, Some("b"))]);
    }
}
