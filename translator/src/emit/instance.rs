//! The file that holds the module's state and starts it.

use super::{declarations, exported_functions, initialiser, preamble, spans, zero};
use crate::constant::{Constant, Step};
use crate::function::{Uses, SIZE_REGISTER};
use crate::go;
use crate::image::Image;
use crate::module::{Element, Mode};
use crate::options::MemoryBase;
use crate::plan::{Form, Plan, TableForm, TypeIdentity};
use std::collections::BTreeSet;
use std::fmt::Write;

/// `references`: functions that bodies take references to.
pub fn instance(plan: &Plan<'_>, image: &Image, references: &BTreeSet<u32>) -> String {
    let mut instance =
        Instance { plan, image, uses: Uses::default(), state: String::new(), start: String::new() };
    instance.uses.references.extend(references);
    instance.globals();
    instance.tables();
    instance.memories();
    instance.elements();
    instance.data();
    instance.start_function();
    if plan.go.is_ok() {
        let table = go::table(plan, &mut instance.uses);
        instance.state.push_str(&table);
        instance.state.push_str(&go::unwinding(plan));
    }
    instance.exports();
    let references = instance.references();
    let mut text = preamble(plan);
    text.push_str(&declarations(plan, &instance.uses));
    text.push_str(&references);
    text.push_str(&instance.state);
    let _ =
        write!(text, "\nvoid {}instantiate(void) {{\n{}}}\n", plan.options.prefix, instance.start);
    text
}

struct Instance<'p, 'a> {
    plan: &'p Plan<'a>,
    image: &'p Image,
    uses: Uses,
    /// Definitions.
    state: String,
    /// Statements of the instantiation, in the specification's order.
    start: String,
}

impl Instance<'_, '_> {
    fn globals(&mut self) {
        for (index, global) in self.plan.module.globals.iter().enumerate() {
            let Some(init) = &global.init else { continue };
            if self.plan.register(index as u32).is_some() {
                continue;
            }
            let (symbol, c) = (self.plan.global(index as u32), global.ty.c());
            // A float is made of its bits by a function, which C forbids here.
            let float = matches!(init, Constant::F32(_) | Constant::F64(_));
            let value = if init.is_static() && !float {
                initialiser(self.plan, init, &mut self.uses)
            } else {
                let value = self.evaluated(init);
                let _ = writeln!(self.start, "{symbol} = {value};");
                zero(global.ty).to_string()
            };
            let _ = writeln!(self.state, "{c} {symbol} = {value};");
        }
    }

    /// Statements that evaluate it, and an expression for the result.
    fn evaluated(&mut self, constant: &Constant) -> String {
        let Constant::Program(steps) = constant else {
            return initialiser(self.plan, constant, &mut self.uses);
        };
        let mut stack: Vec<String> = Vec::new();
        for step in steps {
            let value = match step {
                Step::Push(value) => initialiser(self.plan, value, &mut self.uses),
                Step::Infix(operator, ty) => {
                    let b = stack.pop().expect("validated");
                    let a = stack.pop().expect("validated");
                    let name = format!("e{}", self.start.len());
                    let _ = writeln!(self.start, "{} {name} = {a} {operator} {b};", ty.c());
                    name
                }
            };
            stack.push(value);
        }
        stack.pop().expect("validated")
    }

    fn tables(&mut self) {
        for (index, table) in self.plan.module.tables.iter().enumerate() {
            let symbol = self.plan.table(index as u32);
            let max = table.max.map_or("UINT64_MAX".to_string(), |max| format!("{max}ull"));
            if table.imported {
                self.uses.tables.insert(index as u32);
                let _ =
                    writeln!(self.start, "wasrisc_match_table(&{symbol}, {}, {max});", table.min);
            } else if self.plan.tables[index] == TableForm::Constant {
                self.constant_table(index as u32);
            } else {
                let size = table.min;
                let _ = writeln!(self.state, "static void *{symbol}_elements[{}];", size.max(1));
                let limit = table.max.unwrap_or(u64::from(u32::MAX)).min(u64::from(u32::MAX));
                let _ = writeln!(
                    self.state,
                    "wasrisc_table {symbol} = {{{symbol}_elements, {size}, {size}, {limit}ull, {max}}};"
                );
            }
        }
    }

    fn constant_table(&mut self, index: u32) {
        let plan = self.plan;
        let size = plan.module.tables[index as usize].min.max(1);
        let _ = writeln!(self.state, "const wasrisc_entry {}[{size}] = {{", plan.table(index));
        for (place, function) in plan.functions_of_table(index) {
            self.uses.functions.insert(function);
            let (code, identity) = (plan.function(function), self.identity(function));
            let _ = writeln!(self.state, "[{place}] = {{(wasrisc_code){code}, {identity}}},");
        }
        self.state.push_str("};\n");
    }

    fn identity(&mut self, function: u32) -> String {
        self.uses.types.insert(self.plan.module.functions[function as usize].ty);
        self.plan.type_identity(self.plan.module.signature(function))
    }

    fn memories(&mut self) {
        let plan = self.plan;
        for (index, memory) in plan.module.memories.iter().enumerate() {
            let symbol = plan.memory(index as u32);
            let declared = memory.max.map_or("UINT64_MAX".to_string(), |max| format!("{max}ull"));
            if memory.imported {
                self.uses.memories.insert(index as u32);
                let _ = writeln!(
                    self.start,
                    "wasrisc_match_memory(&{symbol}, {}, {declared});",
                    memory.min
                );
                continue;
            }
            let base = match plan.memory_base(index as u32) {
                MemoryBase::Identity | MemoryBase::Register => "(u8 *)0".to_string(),
                MemoryBase::Address(address) => format!("(u8 *){address:#x}ull"),
                MemoryBase::Symbol => {
                    self.uses.memories.insert(index as u32);
                    format!("{}memory_base", plan.options.prefix)
                }
            };
            let limit = plan.options.page_limit();
            let max = memory.max.unwrap_or(limit).min(limit);
            let _ = writeln!(
                self.state,
                "wasrisc_memory {symbol} = {{{base}, {}ull, {max}ull, {declared}}};",
                memory.min << 16
            );
            let _ = writeln!(
                self.start,
                "if (!wasrisc_memory_provide(&{symbol})) wasrisc_trap(WASRISC_TRAP_NO_MEMORY);"
            );
            if plan.sized(index as u32) {
                let _ = writeln!(self.start, "{SIZE_REGISTER} = {symbol}.bytes;");
            }
        }
        for (memory, placed) in &self.image.spans {
            let name = format!("{}spans{memory}", plan.options.prefix);
            spans(&mut self.state, &name, placed);
        }
    }

    fn elements(&mut self) {
        for (index, element) in self.plan.module.elements.iter().enumerate() {
            let index = index as u32;
            match &element.mode {
                Mode::Declared => {}
                Mode::Passive => {
                    let items = self.items(index, element);
                    let symbol = self.plan.element(index);
                    let length = element.items.len();
                    let _ =
                        writeln!(self.state, "wasrisc_element {symbol} = {{{items}, {length}}};");
                }
                Mode::Active { index: table, .. }
                    if self.plan.tables[*table as usize] == TableForm::Constant => {}
                Mode::Active { index: table, offset } => {
                    let items = self.items(index, element);
                    self.uses.tables.insert(*table);
                    let (offset, length) = (self.evaluated(offset), element.items.len());
                    let table = self.plan.table(*table);
                    let _ = writeln!(
                        self.start,
                        "wasrisc_table_init(&{table}, {items}, {length}, {offset}, 0, {length});"
                    );
                }
            }
        }
    }

    /// Defines the segment's items and says what they are called.
    fn items(&mut self, index: u32, element: &Element) -> String {
        let name = format!("{}_items", self.plan.element(index));
        let mut late = Vec::new();
        let mut texts = Vec::new();
        for (i, item) in element.items.iter().enumerate() {
            if item.is_static() {
                texts.push(initialiser(self.plan, item, &mut self.uses));
            } else {
                texts.push("NULL".to_string());
                late.push((i, self.evaluated(item)));
            }
        }
        let (storage, room) =
            (if late.is_empty() { "const " } else { "" }, element.items.len().max(1));
        if texts.is_empty() {
            texts.push("NULL".to_string());
        }
        let _ = writeln!(
            self.state,
            "static const void *{storage}{name}[{room}] = {{{}}};",
            texts.join(",\n")
        );
        for (i, value) in late {
            let _ = writeln!(self.start, "{name}[{i}] = {value};");
        }
        name
    }

    fn data(&mut self) {
        let plan = self.plan;
        let prefix = &plan.options.prefix;
        if !self.image.bytes.is_empty() {
            let _ = writeln!(self.state, "extern const u8 {prefix}image[];");
        } else {
            let _ = writeln!(self.state, "#define {prefix}image ((const u8 *)0)");
        }
        for (memory, placed) in &self.image.spans {
            let _ = writeln!(
                self.start,
                "wasrisc_place_image(&{}, {prefix}image, {prefix}spans{memory}, {});",
                plan.memory(*memory),
                placed.len()
            );
        }
        for (&index, span) in &self.image.segments {
            match &plan.module.data[index as usize].mode {
                Mode::Active { index: memory, offset } => {
                    self.uses.memories.insert(*memory);
                    let offset = self.evaluated(offset);
                    let _ = writeln!(
                        self.start,
                        "wasrisc_memory_init(&{}, {prefix}image + {}, {length}, {offset}, 0, {length});",
                        plan.memory(*memory),
                        span.offset,
                        length = span.length
                    );
                }
                Mode::Passive | Mode::Declared => {
                    // Not in the initialiser: an address plus a number is
                    // relocated, and without an image there is no address.
                    let symbol = plan.data(index);
                    let _ = writeln!(self.state, "wasrisc_data {symbol};");
                    let _ = writeln!(
                        self.start,
                        "{symbol}.start = {prefix}image + {}; {symbol}.length = {};",
                        span.offset, span.length
                    );
                }
            }
        }
    }

    fn start_function(&mut self) {
        if let Some(function) = self.plan.module.start {
            self.uses.functions.insert(function);
            let _ = writeln!(self.start, "{}();", self.plan.function(function));
        }
    }

    fn exports(&mut self) {
        let plan = self.plan;
        for (symbol, function) in exported_functions(plan) {
            self.uses.functions.insert(function);
            let signature = plan.module.signature(function);
            let arguments: Vec<String> =
                (0..signature.params.len()).map(|i| format!("l{i}")).collect();
            let returned = if signature.results.is_empty() { "" } else { "return " };
            let _ = writeln!(
                self.state,
                "{} {{ {returned}{}({}); }}",
                signature.prototype(symbol),
                plan.function(function),
                arguments.join(", ")
            );
        }
    }

    /// The records that references point to, and the identities of types.
    fn references(&mut self) -> String {
        let mut text = String::new();
        for function in self.uses.references.clone() {
            self.uses.functions.insert(function);
            let step = if self.plan.functions[function as usize].form == Form::Trampoline {
                self.uses.steps.insert(function);
                self.plan.step(function)
            } else {
                "0".to_string()
            };
            let identity = self.identity(function);
            let _ = writeln!(
                text,
                "const wasrisc_function {} = {{(wasrisc_code){}, {identity}, {step}}};",
                self.plan.reference(function),
                self.plan.function(function)
            );
        }
        let mut types = String::new();
        if let TypeIdentity::Shared = self.plan.types {
            let codes: BTreeSet<String> = self.plan.module.types.iter().map(|t| t.code()).collect();
            for code in codes {
                let _ = writeln!(
                    types,
                    "#ifndef WASRISC_TYPE_{code}\n#define WASRISC_TYPE_{code}\n\
                     __attribute__((weak)) const char wasrisc_type_{code};\n#endif"
                );
            }
        }
        types + &text
    }
}
