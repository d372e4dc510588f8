//! Bulk operators in a function's fast version, by what a platform supplies
//! and compilers write out where the length is constant; and return addresses.
//! Like other
//! accesses of such a function they are not checked.

use crate::function::expression::{Id, Node, READS_MEMORY, READS_TABLES};
use crate::function::memory::Access;
use crate::function::stack::Entry;
use crate::function::Body;
use std::fmt::Write;

impl Body<'_, '_> {
    pub fn go_copy(&mut self) {
        let (length, from, to) = (self.pop(), self.pop(), self.pop());
        self.settle_before_effect(READS_MEMORY | READS_TABLES);
        self.note_bulk(&[to.node, from.node]);
        let (to, from) = (self.bulk_place(to.node), self.bulk_place(from.node));
        let length = self.bulk_length(length);
        self.statement(&format!("wasrisc_go_move({to}, {from}, {length});"));
    }

    pub fn go_fill(&mut self) {
        let (length, value, to) = (self.pop(), self.pop(), self.pop());
        self.settle_before_effect(READS_MEMORY | READS_TABLES);
        self.note_bulk(&[to.node]);
        let to = self.bulk_place(to.node);
        let length = self.bulk_length(length);
        let mut byte = String::new();
        self.tree.value(value.node, &mut byte);
        self.statement(&format!("__builtin_memset({to}, {byte}, {length});"));
    }

    fn bulk_place(&self, index: Id) -> String {
        let mut text = "(u8 *)(".to_string();
        Access::unchecked(self.plan, index, self.go_checks()).address(&self.tree, &mut text);
        text.push(')');
        text
    }

    /// A uintptr in `memmove` and `memclrNoHeapPointers`, which call nothing.
    /// Elsewhere it may be half of what was loaded: `reflectcall` takes its
    /// size from eight bytes that hold another number too.
    fn bulk_length(&self, length: Entry) -> String {
        let mut text = String::new();
        match self.tree.get(length.node) {
            Node::Cast("(u32)", whole) if self.leaf => self.tree.value(*whole, &mut text),
            _ => self.tree.value(length.node, &mut text),
        }
        text
    }

    /// A return address, written without letting the compiler keep the number
    /// in a register from one call to the next: that register would be saved
    /// and restored. True if it was one.
    pub fn stores_return_address(&mut self, index: Id, value: Id, offset: u64) -> bool {
        let Some(fast) = &self.fast else { return false };
        let (Node::Frame(delta), Node::I64(number), 0) =
            (self.tree.get(index), self.tree.get(value), offset)
        else {
            return false;
        };
        let (delta, number) = (*delta, *number);
        if delta != fast.global || fast.place != Some(number >> 16) {
            return false;
        }
        let place = self.tree.frame_pointer(delta);
        self.settle_before_effect(READS_MEMORY);
        let _ = writeln!(self.text, "WASRISC_GO_STORE({place}, {number}ull);");
        true
    }
}
