//! What is known to lie inside memory 0, so that it is not looked at again.
//!
//! A *fact* is a local `l` and a distance `d` with `zero(l) + d <= n + z`: `n` are
//! the memory's bytes, `z` the bytes behind it that fault
//! ([`crate::Options::guard_bytes`]). Memories never shrink, so a fact holds until `l` is
//! assigned; calls change nothing. An access through `l + c` of reach `r` with
//! `c + r <= d` needs no check: the sum is below `2^32` and does not wrap, so
//! the access is inside, or faults.
//!
//! A check of `l` itself is a statement, before anything that comes after it.
//! After it `zero(l) + r <= n`, and if that was only asked of the first byte,
//! `zero(l) + 1 <= n`.
//!
//! Control merges at labels, all of which [`super::control`] places. What is
//! known there is what is known at every jump to it and where control falls in.
//! Of the jumps back to a loop nothing is known yet, so there it is nothing. A
//! jump through a dispatcher ([`super::dispatch`]) goes to a label that the
//! `switch` at the loop's head goes to as well, where nothing is known.

use super::expression::{Effects, Id, Node, Tree, TRAPS_MEMORY};
use super::memory::Access;
use super::Body;
use crate::options::Bounds;
use crate::types::Type;
use std::collections::BTreeMap;
use wasmparser::MemArg;

/// Distances by local.
type Known = BTreeMap<u32, u64>;

#[derive(Default)]
pub struct Facts {
    here: Known,
    at: BTreeMap<u32, Known>,
}

impl Facts {
    fn distance(&self, local: u32) -> u64 {
        self.here.get(&local).copied().unwrap_or(0)
    }

    fn learn(&mut self, local: u32, distance: u64) {
        let known = self.here.entry(local).or_default();
        *known = distance.max(*known);
    }

    /// Where jumps will come from that nobody has seen.
    pub fn forget(&mut self) {
        self.here.clear();
    }

    pub fn jump(&mut self, label: u32) {
        match self.at.get_mut(&label) {
            Some(known) => meet(known, &self.here),
            None => drop(self.at.insert(label, self.here.clone())),
        }
    }

    pub fn arrive(&mut self, label: u32, falls_in: bool) {
        match self.at.get(&label) {
            Some(known) if falls_in => meet(&mut self.here, known),
            Some(known) => self.here.clone_from(known),
            None if falls_in => {}
            None => self.here.clear(),
        }
    }
}

/// Leaves what both know.
fn meet(known: &mut Known, other: &Known) {
    known.retain(|local, distance| match other.get(local) {
        Some(also) => {
            *distance = (*also).min(*distance);
            true
        }
        None => false,
    });
}

/// The local, cut to 32 bits, and the constant that an index is the sum of.
fn local_and_constant(tree: &Tree, index: Id) -> Option<(u32, u64)> {
    let low_half = |id: Id| match tree.get(id) {
        Node::Cast("(u32)" | "(u64)", whole) => *whole,
        _ => id,
    };
    let sum = low_half(index);
    let (local, added) = match tree.get(sum) {
        Node::Infix(" + ", local, added) => (low_half(*local), Some(*added)),
        _ => (sum, None),
    };
    let Node::Local(local) = *tree.get(local) else { return None };
    match added.map(|added| tree.get(added)) {
        None => Some((local, 0)),
        Some(Node::I32(added)) => Some((local, u64::from(*added))),
        // Only the low half of it is added to the low half.
        Some(Node::I64(added)) if added >> 32 == 0 => Some((local, *added)),
        Some(_) => None,
    }
}

impl Body<'_, '_> {
    /// The index and offset of an access that needs no check, perhaps because
    /// one has just been written.
    pub fn looked_at(&mut self, index: Id, memarg: &MemArg, size: u64) -> Option<(Id, u64)> {
        if self.plan.options.bounds != Bounds::Explicit || memarg.memory != 0 {
            return None;
        }
        let (local, added) = local_and_constant(&self.tree, index)?;
        let reach = memarg.offset.saturating_add(size);
        if added + reach > self.facts.distance(local) {
            if added != 0 {
                return None;
            }
            self.look(local, index, memarg, size);
        }
        let node = self.tree.add(Node::Local(local));
        let whole = self.locals[local as usize] == Type::I64;
        let node = if whole { self.tree.add(Node::Cast("(u32)", node)) } else { node };
        Some((node, memarg.offset + added))
    }

    fn look(&mut self, local: u32, index: Id, memarg: &MemArg, size: u64) {
        let check = Effects { traps: TRAPS_MEMORY, ..Effects::default() };
        self.settle_unless_commutes(check);
        let access = Access::new(self.plan, (index, None), memarg, size);
        let mut text = String::new();
        access.checked(&self.tree, &mut text);
        text.push(';');
        self.statement(&text);
        self.measure(&access);
        self.facts.learn(local, access.proves() + self.plan.options.guard_bytes);
    }

    /// What is known of a local that is assigned.
    pub fn note_bounds(&mut self, local: u32, value: Id) {
        if self.plan.options.bounds != Bounds::Explicit {
            return;
        }
        let from = local_and_constant(&self.tree, value);
        let distance =
            from.map_or(0, |(other, added)| self.facts.distance(other).saturating_sub(added));
        self.facts.here.remove(&local);
        if distance != 0 {
            self.facts.learn(local, distance);
        }
    }
}
