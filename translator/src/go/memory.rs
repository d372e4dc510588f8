//! Bulk operators in a function's fast version, by what a platform supplies
//! and compilers write out where the length is constant; and return addresses.
//! Like other
//! accesses of such a function they are not checked.

use crate::function::expression::{Id, Node, READS_MEMORY, READS_TABLES};
use crate::function::memory::Access;
use crate::function::stack::Entry;
use crate::function::Body;
use crate::types::Type;
use std::fmt::Write;

impl Body<'_, '_> {
    pub fn go_copy(&mut self) {
        let (length, from, to) = (self.pop(), self.pop(), self.pop());
        self.settle_before_effect(READS_MEMORY | READS_TABLES);
        self.note_bulk(&[to.node, from.node]);
        let length = self.bulk_length(length);
        let [to, from] = [to, from].map(|place| self.bulk_place(place.node, place.ty, length));
        let length = self.tree.text(length);
        self.statement(&format!("wasrisc_go_move({to}, {from}, {length});"));
    }

    pub fn go_fill(&mut self) {
        let (length, value, to) = (self.pop(), self.pop(), self.pop());
        self.settle_before_effect(READS_MEMORY | READS_TABLES);
        self.note_bulk(&[to.node]);
        let length = self.bulk_length(length);
        let to = self.bulk_place(to.node, to.ty, length);
        let (byte, length) = (self.tree.text(value.node), self.tree.text(length));
        self.statement(&format!("__builtin_memset({to}, {byte}, {length});"));
    }

    /// The machine address of so many bytes; `ty` is the index's.
    pub fn bulk_place(&self, index: Id, ty: Type, length: Id) -> String {
        let access = Access::unchecked(self.plan, index, length, self.go_checks());
        let mut text = "(u8 *)(".to_string();
        match ty {
            Type::I64 => access.wide_address(&self.tree, &mut text),
            _ => access.address(&self.tree, &mut text),
        }
        text.push(')');
        text
    }

    /// A uintptr in `memmove` and `memclrNoHeapPointers`, which call nothing.
    /// Elsewhere it may be half of what was loaded: `reflectcall` takes its
    /// size from eight bytes that hold another number too. What looks at places
    /// writes it several times, so it is evaluated once before.
    pub fn bulk_length(&mut self, length: Entry) -> Id {
        let length = match self.tree.get(length.node) {
            Node::Cast("(u32)", whole) if self.leaf => {
                Entry { node: *whole, ty: Type::I64, ..length }
            }
            _ => length,
        };
        if self.go_checks() {
            return self.settle(length).node;
        }
        length.node
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
