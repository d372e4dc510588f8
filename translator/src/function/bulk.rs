//! Operators on memories as a whole: size, growth, many bytes at once, passive data.

use super::expression::{Effects, Node, READS_MEMORY, READS_TABLES};
use super::memory::SIZE_REGISTER;
use super::Body;
use crate::types::Type;

impl Body<'_, '_> {
    pub fn memory_size(&mut self, memory: u32) {
        self.uses.memories.insert(memory);
        let text = format!("(u32)({}.bytes / WASRISC_PAGE)", self.plan.memory(memory));
        let effects = Effects { reads: READS_MEMORY, ..Effects::NODE };
        self.push(Node::Text(text), Type::I32, effects);
    }

    pub fn memory_grow(&mut self, memory: u32) {
        self.uses.memories.insert(memory);
        let pages = self.pop();
        self.settle_before_effect(READS_MEMORY);
        let mut text = format!("wasrisc_memory_grow(&{}, ", self.plan.memory(memory));
        self.tree.value(pages.node, &mut text);
        text.push(')');
        self.define(Type::I32, &text);
        if self.plan.sized(memory) {
            let text = format!("{SIZE_REGISTER} = {}.bytes;", self.plan.memory(memory));
            self.statement(&text);
        }
        self.measure_again();
    }

    pub fn memory_copy(&mut self, to: u32, from: u32) {
        if self.fast.is_some() {
            return self.go_copy();
        }
        self.uses.memories.extend([to, from]);
        let places = format!("&{}, &{}", self.plan.memory(to), self.plan.memory(from));
        self.bulk("wasrisc_memory_copy", &places);
    }

    pub fn memory_fill(&mut self, memory: u32) {
        if self.fast.is_some() {
            return self.go_fill();
        }
        self.uses.memories.insert(memory);
        let place = format!("&{}", self.plan.memory(memory));
        self.bulk("wasrisc_memory_fill", &place);
    }

    pub fn memory_init(&mut self, memory: u32, data: u32) {
        self.uses.memories.insert(memory);
        let segment = if self.plan.is_passive(data) {
            self.uses.data.insert(data);
            format!("{0}.start, {0}.length", self.plan.data(data))
        } else {
            // An active segment is dropped when the module has started.
            "NULL, 0".to_string()
        };
        let places = format!("&{}, {segment}", self.plan.memory(memory));
        self.bulk("wasrisc_memory_init", &places);
    }

    pub fn data_drop(&mut self, data: u32) {
        if self.plan.is_passive(data) {
            self.settle_before_effect(READS_MEMORY);
            self.uses.data.insert(data);
            let text = format!("{}.length = 0;", self.plan.data(data));
            self.statement(&text);
        }
    }

    /// A call with three operands that reads and writes memories or tables.
    pub fn bulk(&mut self, function: &str, places: &str) {
        let (c, b, a) = (self.pop(), self.pop(), self.pop());
        self.settle_before_effect(READS_MEMORY | READS_TABLES);
        let mut text = format!("{function}({places}");
        for operand in [a, b, c] {
            text.push_str(", ");
            self.tree.value(operand.node, &mut text);
        }
        text.push_str(");");
        self.statement(&text);
    }
}
