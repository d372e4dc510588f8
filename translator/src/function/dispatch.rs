//! Jumps through a dispatcher, made direct.
//!
//! A loop that begins with `br_table` on a local is how compilers write a
//! function that can be entered in the middle (Go's resume points), and state
//! machines: `local = 7; br loop` is then a jump to the seventh target. A
//! compiler of C could find that out, and mostly does not when there are
//! hundreds of them.
//!
//! It is exact: between the loop's label and the `switch` stands nothing, the
//! targets are blocks that begin there and take no values, so the operand
//! stack is the same at the jump's old target and at its new one. The
//! assignment stays, since code after the target may read the local.

use super::expression::Node;
use super::stack::Entry;
use super::Body;

/// Of a loop that begins with a dispatch on a local.
pub struct Dispatch {
    local: u32,
    /// Labels by value, the last one for all others.
    labels: Vec<u32>,
}

/// That a local has just been assigned a constant.
#[derive(Clone, Copy)]
pub struct Assigned {
    local: u32,
    value: u32,
    /// The length of the text then: still so if nothing came after.
    at: usize,
}

impl Body<'_, '_> {
    pub fn note_assignment(&mut self, local: u32, value: Entry) {
        self.assigned = match self.tree.get(value.node) {
            Node::I32(value) => Some(Assigned { local, value: *value, at: self.text.len() }),
            _ => None,
        };
    }

    /// Called for a `br_table` without values before it is written, with the
    /// frames of its targets, the default last.
    pub fn note_dispatch(&mut self, index: Entry, targets: &[usize]) {
        let Node::Local(local) = *self.tree.get(index.node) else { return };
        let Some(head) = self.frames.iter().rposition(|f| !f.is_block()) else { return };
        let begins_here = self.frames[head].is_loop_begun_at(self.text.len(), self.stack.len());
        if begins_here && targets.iter().all(|&target| target > head) {
            let labels = targets.iter().map(|&target| self.frames[target].label()).collect();
            self.frames[head].dispatch = Some(Dispatch { local, labels });
        }
    }

    /// Where a branch to this frame ends up if it is a dispatcher and knows.
    pub fn dispatched(&self, frame: usize) -> Option<u32> {
        let dispatch = self.frames[frame].dispatch.as_ref()?;
        let assigned =
            self.assigned.filter(|a| a.local == dispatch.local && a.at == self.text.len())?;
        let default = dispatch.labels.len() - 1;
        Some(dispatch.labels[(assigned.value as usize).min(default)])
    }
}
