//! The operand stack of trees, and the discipline that keeps wasm's order of
//! evaluation although trees are evaluated late.
//!
//! A tree on the stack has not been evaluated yet. Before a statement changes
//! what it reads, and before anything from which its trap must be told apart,
//! it is *settled*: assigned to a temporary. Statements come out in wasm's
//! order; inside an expression C chooses the order, so only what commutes is
//! left together in one:
//!
//! - trees have no side effects but traps: calls, stores, assignments, and
//!   growing are statements;
//! - two trees on the stack both of which may trap are left together only if
//!   their traps are the same code ([`Effects::commutes_with`]), else the
//!   earlier is settled when the later is pushed;
//! - before a side effect that outlives a trap (memories, tables, globals,
//!   calls) and before control may leave, all trees that may trap are settled;
//! - before a local is assigned, the trees that read it are settled;
//! - at the start of a block all trees are settled: what is assigned inside
//!   might be assigned on some ways only.

use super::expression::{Effects, Id, Node};
use super::Body;
use crate::types::Type;
use std::fmt::Write;

/// Larger trees are settled: compilers bound the nesting of parentheses (256
/// in clang), and rendering is recursive.
const LARGEST: u16 = 60;

#[derive(Clone, Copy)]
pub struct Entry {
    pub node: Id,
    pub ty: Type,
    pub effects: Effects,
}

impl Body<'_, '_> {
    pub fn pop(&mut self) -> Entry {
        let entry = self.stack.pop().expect("validated");
        self.fixed = self.fixed.min(self.stack.len());
        entry
    }

    /// Several, the first pushed first.
    pub fn pop_many(&mut self, count: usize) -> Vec<Entry> {
        let entries = self.stack.split_off(self.stack.len() - count);
        self.fixed = self.fixed.min(self.stack.len());
        entries
    }

    pub fn push_entry(&mut self, entry: Entry) {
        self.stack.push(entry);
    }

    pub fn push(&mut self, node: Node, ty: Type, effects: Effects) {
        if effects.traps != 0 {
            self.settle_unless_commutes(effects);
        }
        let node = self.tree.add(node);
        let entry = Entry { node, ty, effects };
        let entry = if effects.size > LARGEST { self.settle(entry) } else { entry };
        self.stack.push(entry);
    }

    pub fn push_fixed(&mut self, node: Node, ty: Type) {
        let node = self.tree.add(node);
        self.stack.push(Entry { node, ty, effects: Effects::NODE });
    }

    pub fn new_temporary(&mut self) -> u32 {
        self.temporaries += 1;
        self.temporaries - 1
    }

    pub fn temporary(&mut self, index: u32, ty: Type) -> Entry {
        let node = self.tree.add(Node::Temporary(index));
        Entry { node, ty, effects: Effects::NODE }
    }

    /// Evaluates the tree here and now.
    pub fn settle(&mut self, entry: Entry) -> Entry {
        if entry.effects.is_fixed() && entry.effects.size <= 1 {
            return entry;
        }
        let temporary = self.new_temporary();
        let _ = write!(self.text, "{} t{temporary} = ", entry.ty.c());
        self.tree.value(entry.node, &mut self.text);
        self.text.push_str(";\n");
        self.temporary(temporary, entry.ty)
    }

    /// Settles the entries of the stack for whose effects this holds.
    fn settle_where(&mut self, concerned: impl Fn(Effects) -> bool) {
        for i in self.fixed..self.stack.len() {
            if concerned(self.stack[i].effects) {
                self.stack[i] = self.settle(self.stack[i]);
            }
        }
        while self.fixed < self.stack.len() && self.stack[self.fixed].effects.is_fixed() {
            self.fixed += 1;
        }
    }

    /// Before something that changes what is named (see `READS_…`) and would
    /// be seen after a trap.
    pub fn settle_before_effect(&mut self, changes: u8) {
        self.settle_where(|e| e.reads & changes != 0 || e.traps != 0);
    }

    /// Before a statement that may trap.
    pub fn settle_unless_commutes(&mut self, effects: Effects) {
        self.settle_where(|earlier| !earlier.commutes_with(effects));
    }

    /// Before control may leave.
    pub fn settle_traps(&mut self) {
        self.settle_where(|e| e.traps != 0);
    }

    pub fn settle_all(&mut self) {
        self.settle_where(|e| !e.is_fixed());
    }

    fn settle_readers(&mut self, local: u32) {
        let bit = local_bit(local);
        for i in self.fixed..self.stack.len() {
            let entry = self.stack[i];
            if entry.effects.locals & bit != 0 && self.tree.reads_local(entry.node, local) {
                self.stack[i] = self.settle(entry);
            }
        }
    }

    /// `{type} t7 = {text};`, and t7 on the stack.
    pub fn define(&mut self, ty: Type, text: &str) {
        let temporary = self.new_temporary();
        let _ = writeln!(self.text, "{} t{temporary} = {text};", ty.c());
        let entry = self.temporary(temporary, ty);
        self.push_entry(entry);
    }

    pub fn drop_value(&mut self) {
        let entry = self.pop();
        if entry.effects.traps == 0 {
            return;
        }
        self.settle_traps();
        self.settle(entry);
    }

    pub fn local_get(&mut self, local: u32) {
        if self.frame_local_get(local) {
            return;
        }
        self.used_locals[local as usize] = true;
        let effects = Effects { locals: local_bit(local), ..Effects::NODE };
        self.push(Node::Local(local), self.locals[local as usize], effects);
    }

    pub fn local_set(&mut self, local: u32) {
        let value = self.pop();
        if self.frame_local_set(local, value) {
            return;
        }
        self.used_locals[local as usize] = true;
        self.settle_readers(local);
        let _ = write!(self.text, "l{local} = ");
        self.tree.value(value.node, &mut self.text);
        self.text.push_str(";\n");
        self.note_assignment(local, value);
        self.note_bounds(local, value.node);
    }

    pub fn local_tee(&mut self, local: u32) {
        self.local_set(local);
        self.local_get(local);
    }
}

fn local_bit(local: u32) -> u64 {
    1 << (local % 64)
}
