//! What each instruction of an ELF comes from, by its debug information.

use std::collections::HashMap;

use anyhow::{ensure, Context, Result};
use gimli::{
    AttributeValue, DebuggingInformationEntry, Dwarf, EndianSlice, EntriesTreeNode, LittleEndian,
    Unit, UnitOffset,
};
use object::{Object, ObjectSection, SectionKind};

use crate::{discriminator, INSTRUCTION};

type Reader<'a> = EndianSlice<'a, LittleEndian>;
type Entry<'e, 'a> = DebuggingInformationEntry<'e, 'e, Reader<'a>>;

/// A function, or a call of one that was inlined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Its symbol.
    pub function: String,
    /// Its line in the source, from which its own lines count.
    pub line: u64,
    pub kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Has a place of its own, here.
    Function { entry: u64 },
    /// Stands in another scope (its index), in the place of a call; None where
    /// the compiler lost which.
    Inlined { parent: usize, call: Option<Location> },
}

/// A place in a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Location {
    /// Lines from the function's, modulo 2^16 as LLVM has it.
    pub offset: u64,
    pub discriminator: u64,
}

impl Location {
    /// None where the compiler knows no line.
    fn new(scope: &Scope, line: u64, packed: u64) -> Option<Location> {
        let offset = line.wrapping_sub(scope.line) & 0xffff;
        (line != 0).then(|| Location { offset, discriminator: discriminator::base(packed) })
    }
}

/// A line of the table of lines.
#[derive(Debug, Clone, Copy, Default)]
struct Line {
    /// 0: unknown.
    number: u64,
    packed: u64,
}

/// The executable part of an ELF, instruction by instruction.
#[derive(Debug, Default)]
pub struct Code {
    start: u64,
    pub scopes: Vec<Scope>,
    /// For each instruction the innermost scope and one, or 0.
    inside: Vec<u32>,
    lines: Vec<Line>,
}

impl Code {
    pub fn read(elf: &[u8]) -> Result<Code> {
        let file = object::File::parse(elf)?;
        let text: Vec<_> = file.sections().filter(|s| s.kind() == SectionKind::Text).collect();
        let start = text.iter().map(|s| s.address()).min().context("it has no code")?;
        let end = text.iter().map(|s| s.address() + s.size()).max().unwrap_or(start);
        let instructions = ((end - start) / INSTRUCTION) as usize;
        let mut code = Code {
            start,
            scopes: Vec::new(),
            inside: vec![0; instructions],
            lines: vec![Line::default(); instructions],
        };
        let section = |id: gimli::SectionId| -> Result<Reader> {
            let found = file.section_by_name(id.name());
            let data = found.map(|section| section.data()).transpose()?.unwrap_or_default();
            Ok(EndianSlice::new(data, LittleEndian))
        };
        let dwarf = Dwarf::load(section)?;
        let mut units = dwarf.units();
        while let Some(header) = units.next()? {
            let unit = dwarf.unit(header)?;
            code.add_lines(&unit)?;
            let origins = HashMap::new();
            UnitScopes { dwarf: &dwarf, unit: &unit, code: &mut code, origins }.add()?;
        }
        ensure!(!code.scopes.is_empty(), "it has none");
        Ok(code)
    }

    pub fn instructions(&self) -> usize {
        self.inside.len()
    }

    /// The number of the instruction at this address.
    pub fn index(&self, address: u64) -> Option<usize> {
        let at = usize::try_from(address.checked_sub(self.start)? / INSTRUCTION).ok()?;
        (at < self.inside.len()).then_some(at)
    }

    /// The innermost scope of an instruction, its place there, and of how many
    /// copies of itself it is one.
    pub fn origin(&self, instruction: usize) -> Option<(usize, Location, u64)> {
        let scope = self.inside[instruction].checked_sub(1)? as usize;
        let line = self.lines[instruction];
        let location = Location::new(&self.scopes[scope], line.number, line.packed)?;
        Some((scope, location, discriminator::copies(line.packed)))
    }

    fn add_lines(&mut self, unit: &Unit<Reader>) -> Result<()> {
        let Some(program) = unit.line_program.clone() else { return Ok(()) };
        let mut rows = program.rows();
        let mut before: Option<(u64, Line)> = None;
        while let Some((_, row)) = rows.next_row()? {
            if let Some((address, line)) = before {
                self.fill(address, row.address(), |code, at| code.lines[at] = line);
            }
            let number = row.line().map_or(0, |line| line.get());
            let line = Line { number, packed: row.discriminator() };
            before = (!row.end_sequence()).then(|| (row.address(), line));
        }
        Ok(())
    }

    fn fill(&mut self, start: u64, end: u64, set: impl Fn(&mut Code, usize)) {
        for address in (start..end).step_by(INSTRUCTION as usize) {
            // What the linker left out lies nowhere.
            if let Some(at) = self.index(address) {
                set(self, at);
            }
        }
    }
}

/// One unit's functions on the way into [`Code`].
struct UnitScopes<'a, 'd> {
    dwarf: &'a Dwarf<Reader<'d>>,
    unit: &'a Unit<Reader<'d>>,
    code: &'a mut Code,
    /// Names and lines of functions that others refer to.
    origins: HashMap<UnitOffset, (String, u64)>,
}

impl<'d> UnitScopes<'_, 'd> {
    fn add(&mut self) -> Result<()> {
        let mut tree = self.unit.entries_tree(None)?;
        self.node(tree.root()?, None)
    }

    /// Outer scopes come before inner ones, which lie in them.
    fn node(&mut self, node: EntriesTreeNode<Reader<'d>>, parent: Option<usize>) -> Result<()> {
        let scope = match node.entry().tag() {
            gimli::DW_TAG_subprogram => self.function(node.entry())?,
            gimli::DW_TAG_inlined_subroutine => {
                parent.map(|parent| self.inlined(node.entry(), parent)).transpose()?
            }
            _ => parent,
        };
        let mut children = node.children();
        while let Some(child) = children.next()? {
            self.node(child, scope)?;
        }
        Ok(())
    }

    /// None where it has no code of its own.
    fn function(&mut self, entry: &Entry<'_, 'd>) -> Result<Option<usize>> {
        let Some(low) = entry.attr_value(gimli::DW_AT_low_pc)? else { return Ok(None) };
        let low = self.dwarf.attr_address(self.unit, low)?;
        let address = low.context("a function without address")?;
        let (function, line) = self.named(entry.offset())?;
        let scope = Scope { function, line, kind: Kind::Function { entry: address } };
        self.scope(entry, scope).map(Some)
    }

    fn inlined(&mut self, entry: &Entry<'_, 'd>, parent: usize) -> Result<usize> {
        let number = |name| -> Result<u64> {
            Ok(entry.attr(name)?.and_then(|attribute| attribute.udata_value()).unwrap_or(0))
        };
        let (line, packed) =
            (number(gimli::DW_AT_call_line)?, number(gimli::DW_AT_GNU_discriminator)?);
        let call = Location::new(&self.code.scopes[parent], line, packed);
        let (function, line) = self.named(entry.offset())?;
        let scope = Scope { function, line, kind: Kind::Inlined { parent, call } };
        self.scope(entry, scope)
    }

    fn scope(&mut self, entry: &Entry<'_, 'd>, scope: Scope) -> Result<usize> {
        self.code.scopes.push(scope);
        let number = u32::try_from(self.code.scopes.len()).context("it has too many functions")?;
        let mut ranges = self.dwarf.die_ranges(self.unit, entry)?;
        while let Some(range) = ranges.next()? {
            self.code.fill(range.begin, range.end, |code, at| code.inside[at] = number);
        }
        Ok(number as usize - 1)
    }

    /// Symbol and line of the function that an entry is, or is a copy of.
    fn named(&mut self, offset: UnitOffset) -> Result<(String, u64)> {
        if let Some(known) = self.origins.get(&offset) {
            return Ok(known.clone());
        }
        let entry = self.unit.entry(offset)?;
        let known = match entry.attr_value(gimli::DW_AT_abstract_origin)? {
            Some(AttributeValue::UnitRef(origin)) => self.named(origin)?,
            _ => {
                let name = match entry.attr_value(gimli::DW_AT_linkage_name)? {
                    Some(name) => name,
                    None => {
                        entry.attr_value(gimli::DW_AT_name)?.context("a function without name")?
                    }
                };
                let name = self.dwarf.attr_string(self.unit, name)?;
                let line = entry.attr(gimli::DW_AT_decl_line)?;
                let line = line.and_then(|line| line.udata_value()).unwrap_or(0);
                (name.to_string()?.to_string(), line)
            }
        };
        self.origins.insert(offset, known.clone());
        Ok(known)
    }
}
