//! How a function's fast version looks at the stack's limit (cmd/internal/obj/wasm,
//! `preprocess`), and what has it find too little room: a test moves stacks so.

use crate::function::expression::{Id, Node};
use crate::function::memory::Access;
use crate::function::Body;
use crate::options::{MemoryBase, Unaligned};
use std::fmt::Write;

/// Of `stackguard0` in `g`, in bytes (runtime/runtime2.go).
const STACK_GUARD: u64 = 16;

/// What stands there in a stack that has to move, below 0 (runtime/stack.go,
/// `stackForceMove`).
const FORCE_MOVE: u32 = 275;

impl Body<'_, '_> {
    /// A comparison of the stack pointer is one of pointers: as a number it would
    /// be an address that is known elsewhere, to a compiler, and all that happens
    /// elsewhere might change the frame.
    pub fn frame_pointers(&mut self, a: Id, b: Id, signed: bool) -> Option<(Id, Id)> {
        self.fast.as_ref()?;
        let is_frame = |id: Id| matches!(self.tree.get(id), Node::Frame(_));
        if !is_frame(a) && !is_frame(b) {
            return None;
        }
        if signed {
            self.fail_frame("a signed comparison of the stack pointer");
        }
        self.move_stack(b);
        let (a, b) = (self.compared(a), self.compared(b));
        Some((self.tree.add(Node::Text(a)), self.tree.add(Node::Text(b))))
    }

    fn compared(&self, id: Id) -> String {
        if let Node::Frame(delta) = self.tree.get(id) {
            return format!("({})", self.tree.frame_pointer(*delta));
        }
        self.stack_guard(id).unwrap_or_else(|| {
            let mut number = "(u64)".to_string();
            self.tree.value(id, &mut number);
            format!("({})", self.plan.stack_base().address(&number))
        })
    }

    /// `g.stackguard0`, if that is what is loaded, by one instruction where `g`
    /// is in a register.
    fn stack_guard(&self, id: Id) -> Option<String> {
        if self.plan.options.unaligned == Unaligned::Checked || !self.is_stack_guard(id) {
            return None;
        }
        let register = self.plan.register(super::G)?;
        let g = self.plan.global(super::G);
        (self.plan.options.memory_base == MemoryBase::Identity)
            .then(|| format!("WASRISC_GO_GUARD(\"{register}\", {STACK_GUARD}, {g})"))
    }

    fn is_stack_guard(&self, id: Id) -> bool {
        let Node::Load("", "u32", Access { index, offset: STACK_GUARD, .. }) = self.tree.get(id)
        else {
            return false;
        };
        let Node::Cast("(u32)", g) = self.tree.get(*index) else { return false };
        matches!(self.tree.get(*g), Node::Text(text) if *text == self.plan.global(super::G))
    }

    /// Before the limit is compared, alone or with the size of a large frame added. The
    /// sum is of 32 bits, in Go's own prologue too: what stands for the limit of a stack
    /// that has to move would pass for a low one where more is added.
    fn move_stack(&mut self, limit: Id) {
        let Some(one_in) = self.plan.options.go_moves else { return };
        let loaded = match self.tree.get(limit) {
            Node::Infix(" + ", guard, by) => match self.tree.get(*by) {
                Node::I32(0..FORCE_MOVE) => *guard,
                _ => return,
            },
            _ => limit,
        };
        if self.is_stack_guard(loaded) {
            let memory = self.plan.stack_base().address("0ull");
            let g = self.plan.global(super::G);
            let _ = writeln!(self.text, "wasrisc_go_move_stack({memory}, {g}, {one_in}u);");
        }
    }
}
