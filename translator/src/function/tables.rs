//! Tables and references.

use super::expression::{Effects, Node, READS_TABLES, TRAPS_TABLE};
use super::Body;
use crate::types::Type;

impl Body<'_, '_> {
    fn table_symbol(&mut self, table: u32) -> String {
        self.uses.tables.insert(table);
        self.plan.table(table)
    }

    pub fn reference(&mut self, function: u32) {
        self.uses.references.insert(function);
        let text = format!("(&{})", self.plan.reference(function));
        self.push_fixed(Node::Text(text), Type::Func);
    }

    pub fn table_get(&mut self, table: u32) {
        let symbol = self.table_symbol(table);
        let ty = self.plan.module.tables[table as usize].ty;
        let index = self.pop();
        let own = Effects { reads: READS_TABLES, traps: TRAPS_TABLE, size: 1, locals: 0 };
        self.push(Node::Element(ty, symbol, index.node), ty, index.effects.and(own));
    }

    pub fn table_set(&mut self, table: u32) {
        let symbol = self.table_symbol(table);
        let value = self.pop();
        let index = self.pop();
        self.settle_before_effect(READS_TABLES);
        let mut text = format!("wasrisc_table_set(&{symbol}, ");
        self.tree.value(index.node, &mut text);
        text.push_str(", ");
        self.tree.value(value.node, &mut text);
        text.push_str(");");
        self.statement(&text);
    }

    pub fn table_size(&mut self, table: u32) {
        let symbol = self.table_symbol(table);
        let effects = Effects { reads: READS_TABLES, ..Effects::NODE };
        self.push(Node::Text(format!("{symbol}.size")), Type::I32, effects);
    }

    pub fn table_grow(&mut self, table: u32) {
        let symbol = self.table_symbol(table);
        let count = self.pop();
        let value = self.pop();
        self.settle_before_effect(READS_TABLES);
        let mut text = format!("wasrisc_table_grow(&{symbol}, ");
        self.tree.value(value.node, &mut text);
        text.push_str(", ");
        self.tree.value(count.node, &mut text);
        text.push(')');
        self.define(Type::I32, &text);
    }

    pub fn table_fill(&mut self, table: u32) {
        let symbol = self.table_symbol(table);
        self.bulk("wasrisc_table_fill", &format!("&{symbol}"));
    }

    pub fn table_copy(&mut self, to: u32, from: u32) {
        let places = format!("&{}, &{}", self.table_symbol(to), self.table_symbol(from));
        self.bulk("wasrisc_table_copy", &places);
    }

    pub fn table_init(&mut self, table: u32, element: u32) {
        let symbol = self.table_symbol(table);
        let segment = if self.plan.is_passive_element(element) {
            self.uses.elements.insert(element);
            format!("{0}.start, {0}.length", self.plan.element(element))
        } else {
            // Active and declared segments are dropped when the module starts.
            "NULL, 0".to_string()
        };
        self.bulk("wasrisc_table_init", &format!("&{symbol}, {segment}"));
    }

    pub fn element_drop(&mut self, element: u32) {
        if self.plan.is_passive_element(element) {
            self.settle_before_effect(READS_TABLES);
            self.uses.elements.insert(element);
            let text = format!("{}.length = 0;", self.plan.element(element));
            self.statement(&text);
        }
    }
}
