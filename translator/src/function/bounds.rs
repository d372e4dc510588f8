//! What is known to lie inside memory 0, so that it is not looked at again.
//!
//! Write `n` for the memory's bytes and `z` for the bytes behind it that fault
//! ([`crate::Options::guard_bytes`]). A *fact* of a local `l` are two distances:
//! `d >= 1` with `zero(l) + d <= n + z`, and `e` with `zero(l) + e <= n`, which says
//! nothing if `e = 0`. Memories never shrink, so a fact holds until `l` is assigned;
//! calls change nothing.
//!
//! An access through `l + c` of reach `r` with `c + r <= d` needs no check. As
//! `n + z <= 2^31` ([`crate::Options::page_limit`]), `zero(l) + c + r <= 2^31`: the
//! sum does not wrap, is its own extension by sign, and the access begins in memory
//! or the bytes behind it and ends within them. So it is inside, or faults. (Under
//! extension by zeros `z = 0` and `n <= 2^32`, with the same end.) With
//! `c + r <= e` it is inside; else it may trap, and its load is kept.
//!
//! Where facts come from:
//!
//! - A check of `l` itself is a statement, before anything that comes after it.
//!   After it `zero(l) + k <= n`: `k` is the access's reach, or 1 if only its first
//!   byte was looked at. So `e = k` and `d = k + z`.
//! - An access that may trap is done on every way to what comes after it, which it
//!   either faults before, or `e = c + r`. That compilers may move it changes
//!   nothing: `e` decides only which of several accesses finds the fault, never
//!   where an access may go.
//! - After `m = l + c` with `c < d`, the distances of `m` are `d - c` and `e - c`
//!   (0 if `c > e`), as the sum does not wrap.
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

/// The distances of a fact.
#[derive(Clone, Copy, Default)]
struct Fact {
    /// `d`: up to here an access is inside or faults.
    faults: u64,
    /// `e`: up to here it is inside.
    inside: u64,
}

/// By local.
type Known = BTreeMap<u32, Fact>;

#[derive(Default)]
pub struct Facts {
    here: Known,
    at: BTreeMap<u32, Known>,
}

impl Facts {
    fn of(&self, local: u32) -> Fact {
        self.here.get(&local).copied().unwrap_or_default()
    }

    fn learn(&mut self, local: u32, fact: Fact) {
        let known = self.here.entry(local).or_default();
        known.faults = known.faults.max(fact.faults);
        known.inside = known.inside.max(fact.inside);
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
    known.retain(|local, fact| match other.get(local) {
        Some(also) => {
            fact.faults = fact.faults.min(also.faults);
            fact.inside = fact.inside.min(also.inside);
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
    /// one has just been written, and whether it may trap all the same.
    pub fn looked_at(&mut self, index: Id, memarg: &MemArg, size: u64) -> Option<(Id, u64, bool)> {
        if self.plan.options.bounds != Bounds::Explicit || memarg.memory != 0 {
            return None;
        }
        let (local, added) = local_and_constant(&self.tree, index)?;
        let end = memarg.offset.saturating_add(size).saturating_add(added);
        if end > self.facts.of(local).faults {
            if added != 0 {
                return None;
            }
            self.look(local, index, memarg, size);
        }
        let may_trap = end > self.facts.of(local).inside;
        self.facts.learn(local, Fact { faults: end, inside: end });
        let node = self.tree.add(Node::Local(local));
        let whole = self.locals[local as usize] == Type::I64;
        let node = if whole { self.tree.add(Node::Cast("(u32)", node)) } else { node };
        Some((node, memarg.offset + added, may_trap))
    }

    fn look(&mut self, local: u32, index: Id, memarg: &MemArg, size: u64) {
        let check = Effects { traps: TRAPS_MEMORY, ..Effects::NODE };
        self.settle_unless_commutes(check);
        let access = Access::new(self.plan, (index, None), memarg, size);
        let mut text = String::new();
        access.checked(&self.tree, &mut text);
        text.push(';');
        self.statement(&text);
        self.measure(&access);
        let inside = access.proves();
        self.facts.learn(local, Fact { faults: inside + self.plan.options.guard_bytes, inside });
    }

    /// What is known of a local that is assigned.
    pub fn note_bounds(&mut self, local: u32, value: Id) {
        if self.plan.options.bounds != Bounds::Explicit {
            return;
        }
        let from = local_and_constant(&self.tree, value);
        let fact = from.map_or(Fact::default(), |(other, added)| {
            let Fact { faults, inside } = self.facts.of(other);
            Fact { faults: faults.saturating_sub(added), inside: inside.saturating_sub(added) }
        });
        self.facts.here.remove(&local);
        if fact.faults != 0 {
            self.facts.learn(local, fact);
        }
    }
}
