//! A module decoded, section by section, after it was validated.

use crate::constant::Constant;
use crate::error::{Error, Kind, Result};
use crate::go::recognise;
use crate::names;
use crate::types::{Signature, Type};
use std::collections::HashMap;
use std::ops::Range;
use wasmparser::{
    DataKind, ElementItems, ElementKind, ExternalKind, FunctionBody, KnownCustom, Parser, Payload,
    TypeRef,
};

#[derive(Default)]
pub struct Module<'a> {
    pub types: Vec<Signature>,
    pub imports: Vec<Import<'a>>,
    pub functions: Vec<Function<'a>>,
    pub tables: Vec<Table>,
    pub memories: Vec<Memory>,
    pub globals: Vec<Global>,
    pub exports: Vec<Export<'a>>,
    pub start: Option<u32>,
    pub elements: Vec<Element>,
    pub data: Vec<Data<'a>>,
    /// The code section's contents: two builds of one source have the same.
    pub code: Option<Range<usize>>,
    /// By the producers section, if Go's compiler made the module.
    pub go_version: Option<String>,
}

pub struct Import<'a> {
    pub module: &'a str,
    pub name: &'a str,
    /// Kind and index in its index space.
    pub what: Item,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Item {
    Function(u32),
    Table(u32),
    Memory(u32),
    Global(u32),
}

pub struct Export<'a> {
    pub name: &'a str,
    pub what: Item,
}

pub struct Function<'a> {
    pub ty: u32,
    /// None for an imported one.
    pub body: Option<FunctionBody<'a>>,
    /// By the name section.
    pub name: Option<String>,
}

pub struct Table {
    pub imported: bool,
    pub ty: Type,
    pub min: u64,
    pub max: Option<u64>,
}

pub struct Memory {
    pub imported: bool,
    /// Pages of 64 KiB.
    pub min: u64,
    pub max: Option<u64>,
}

pub struct Global {
    pub ty: Type,
    pub mutable: bool,
    /// None for an imported one.
    pub init: Option<Constant>,
}

pub enum Mode {
    Active {
        index: u32,
        offset: Constant,
    },
    Passive,
    /// Only forward-declares references; empty when the module runs.
    Declared,
}

pub struct Element {
    pub mode: Mode,
    pub items: Vec<Constant>,
}

pub struct Data<'a> {
    pub mode: Mode,
    pub bytes: &'a [u8],
}

impl<'a> Module<'a> {
    /// # Errors
    ///
    /// Of a validated module none is expected.
    pub fn decode(bytes: &'a [u8]) -> Result<Module<'a>> {
        let mut module = Module::default();
        let mut names = HashMap::new();
        let mut bodies = Vec::new();
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::CodeSectionStart { range, .. } => module.code = Some(range),
                Payload::CodeSectionEntry(body) => bodies.push(body),
                Payload::CustomSection(section) => match section.as_known() {
                    KnownCustom::Name(reader) => names = names::functions(reader),
                    KnownCustom::Producers(reader) => {
                        module.go_version = recognise::version(reader);
                    }
                    _ => {}
                },
                other => module.section(other)?,
            }
        }
        let defined = module.functions.iter_mut().filter(|f| f.name.is_none());
        let defined = defined
            .skip(module.imports.iter().filter(|i| matches!(i.what, Item::Function(_))).count());
        for (function, body) in defined.zip(bodies) {
            function.body = Some(body);
        }
        for (index, function) in module.functions.iter_mut().enumerate() {
            function.name = names.remove(&(index as u32));
        }
        Ok(module)
    }

    fn section(&mut self, payload: Payload<'a>) -> Result<()> {
        match payload {
            Payload::TypeSection(section) => {
                for ty in section.into_iter_err_on_gc_types() {
                    self.types.push(Signature::of(&ty?));
                }
            }
            Payload::ImportSection(section) => {
                for import in section {
                    self.import(import?)?;
                }
            }
            Payload::FunctionSection(section) => {
                for ty in section {
                    self.functions.push(Function { ty: ty?, body: None, name: None });
                }
            }
            Payload::TableSection(section) => {
                for table in section {
                    self.tables.push(Table::of(table?.ty, false));
                }
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    self.memories.push(Memory::of(memory?, false));
                }
            }
            Payload::GlobalSection(section) => {
                for global in section {
                    self.globals.push(self.global(global?)?);
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    let what = Item::of(export.kind, export.index)?;
                    self.exports.push(Export { name: export.name, what });
                }
            }
            Payload::StartSection { func, .. } => self.start = Some(func),
            Payload::ElementSection(section) => {
                for element in section {
                    self.elements.push(self.element(element?)?);
                }
            }
            Payload::DataSection(section) => {
                for data in section {
                    self.data.push(self.data(data?)?);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn import(&mut self, import: wasmparser::Import<'a>) -> Result<()> {
        let what = match import.ty {
            TypeRef::Func(ty) => {
                self.functions.push(Function { ty, body: None, name: None });
                Item::Function(self.functions.len() as u32 - 1)
            }
            TypeRef::Table(ty) => {
                self.tables.push(Table::of(ty, true));
                Item::Table(self.tables.len() as u32 - 1)
            }
            TypeRef::Memory(ty) => {
                self.memories.push(Memory::of(ty, true));
                Item::Memory(self.memories.len() as u32 - 1)
            }
            TypeRef::Global(ty) => {
                self.globals.push(Global {
                    ty: Type::of(ty.content_type),
                    mutable: ty.mutable,
                    init: None,
                });
                Item::Global(self.globals.len() as u32 - 1)
            }
            _ => return Err(unexpected("import")),
        };
        self.imports.push(Import { module: import.module, name: import.name, what });
        Ok(())
    }

    fn global(&self, global: wasmparser::Global<'a>) -> Result<Global> {
        let init = Constant::evaluate(&global.init_expr, self)?;
        let ty = Type::of(global.ty.content_type);
        Ok(Global { ty, mutable: global.ty.mutable, init: Some(init) })
    }

    fn data(&self, data: wasmparser::Data<'a>) -> Result<Data<'a>> {
        let mode = match data.kind {
            DataKind::Passive => Mode::Passive,
            DataKind::Active { memory_index, offset_expr } => Mode::Active {
                index: memory_index,
                offset: Constant::evaluate(&offset_expr, self)?,
            },
        };
        Ok(Data { mode, bytes: data.data })
    }

    fn element(&self, element: wasmparser::Element<'a>) -> Result<Element> {
        let mode = match element.kind {
            ElementKind::Passive => Mode::Passive,
            ElementKind::Declared => Mode::Declared,
            ElementKind::Active { table_index, offset_expr } => Mode::Active {
                index: table_index.unwrap_or(0),
                offset: Constant::evaluate(&offset_expr, self)?,
            },
        };
        let mut items = Vec::new();
        match element.items {
            ElementItems::Functions(functions) => {
                for function in functions {
                    items.push(Constant::Function(function?));
                }
            }
            ElementItems::Expressions(_, expressions) => {
                for expression in expressions {
                    items.push(Constant::evaluate(&expression?, self)?);
                }
            }
        }
        Ok(Element { mode, items })
    }

    pub fn signature(&self, function: u32) -> &Signature {
        &self.types[self.functions[function as usize].ty as usize]
    }

    /// The global's value where it is one value for ever, known now.
    pub fn constant_global(&self, global: u32) -> Option<&Constant> {
        let global = &self.globals[global as usize];
        global.init.as_ref().filter(|init| !global.mutable && init.is_static())
    }

    pub fn exported(&self, what: Item) -> bool {
        self.exports.iter().any(|export| export.what == what)
    }
}

impl Item {
    fn of(kind: ExternalKind, index: u32) -> Result<Item> {
        match kind {
            ExternalKind::Func => Ok(Item::Function(index)),
            ExternalKind::Table => Ok(Item::Table(index)),
            ExternalKind::Memory => Ok(Item::Memory(index)),
            ExternalKind::Global => Ok(Item::Global(index)),
            _ => Err(unexpected("export")),
        }
    }
}

impl Table {
    fn of(ty: wasmparser::TableType, imported: bool) -> Table {
        Table {
            imported,
            ty: Type::of_reference(ty.element_type),
            min: ty.initial,
            max: ty.maximum,
        }
    }
}

impl Memory {
    fn of(ty: wasmparser::MemoryType, imported: bool) -> Memory {
        Memory { imported, min: ty.initial, max: ty.maximum }
    }
}

/// For what validation with our features cannot let through.
pub fn unexpected(what: &str) -> Error {
    Error {
        kind: Kind::Refused,
        message: format!("an {what} of a kind that is not supported"),
        offset: None,
    }
}
