//! Places in the frame of a function that no other function looks at while it
//! runs: none that it calls returns (docs/go.md). They are variables of C, since a
//! compiler would have to write to memory whatever may be read after the return,
//! and are written to memory where a call that never returns may look at them.

use crate::function::expression::{Effects, Id, Node, READS_MEMORY};
use crate::function::Body;
use crate::types::Type;
use std::collections::BTreeMap;
use std::fmt::Write;
use wasmparser::MemArg;

/// The accesses by distance from the stack pointer at entry.
#[derive(Default)]
pub struct Slots {
    accesses: BTreeMap<i64, Slot>,
    /// Some access is not known.
    bulk: bool,
}

#[derive(Default)]
struct Slot {
    size: u64,
    loaded: bool,
    stored: bool,
    /// Accessed as a float, or in several sizes.
    mixed: bool,
}

impl Slots {
    fn note(&mut self, at: i64, in_memory: &str, size: u64, stored: bool) {
        let slot = self.accesses.entry(at).or_default();
        slot.mixed |= in_memory.starts_with('f') || slot.size != 0 && slot.size != size;
        slot.size = slot.size.max(size);
        slot.loaded |= !stored;
        slot.stored |= stored;
    }

    /// Those below the stack pointer that overlap no other. What is only stored
    /// may be what a function that never returns is given.
    pub fn own(&self) -> BTreeMap<i64, u64> {
        let mut own = BTreeMap::new();
        let mut end = i64::MIN;
        let mut slots = self.accesses.iter().peekable();
        while let Some((&at, slot)) = slots.next() {
            let alone = end <= at
                && slots.peek().is_none_or(|(&next, _)| at + slot.size as i64 <= next)
                && at + slot.size as i64 <= 0;
            if alone && !self.bulk && !slot.mixed && slot.loaded && slot.stored {
                own.insert(at, slot.size);
            }
            end = end.max(at + slot.size as i64);
        }
        own
    }
}

impl Body<'_, '_> {
    /// The variable of a place, if it has one.
    fn slot(&mut self, index: Id, memarg: &MemArg, in_memory: &str, store: bool) -> Option<String> {
        let fast = self.fast.as_mut()?;
        let Node::Frame(delta) = self.tree.get(index) else { return None };
        let at = delta + memarg.offset as i64;
        fast.slots.note(at, in_memory, bytes(in_memory), store);
        self.own_slots.contains_key(&at).then(|| variable(at))
    }

    /// True if that was all.
    pub fn load_slot(
        &mut self,
        index: Id,
        memarg: &MemArg,
        in_memory: &'static str,
        ty: Type,
    ) -> bool {
        let Some(slot) = self.slot(index, memarg, in_memory, false) else { return false };
        let effects = Effects { reads: READS_MEMORY, ..Effects::NODE };
        self.push(Node::Text(format!("(({})({in_memory}){slot})", ty.c())), ty, effects);
        true
    }

    pub fn store_slot(
        &mut self,
        index: Id,
        value: Id,
        memarg: &MemArg,
        in_memory: &'static str,
    ) -> bool {
        let Some(slot) = self.slot(index, memarg, in_memory, true) else { return false };
        self.settle_before_effect(READS_MEMORY);
        let _ = write!(self.text, "{slot} = ");
        self.tree.value(value, &mut self.text);
        self.text.push_str(";\n");
        true
    }

    /// Bulk operators on places of the frame.
    pub fn note_bulk(&mut self, places: &[Id]) {
        let Some(fast) = &mut self.fast else { return };
        fast.slots.bulk |= places
            .iter()
            .any(|&place| matches!(self.tree.get(place), Node::Frame(_) | Node::FrameWide(_)));
    }

    /// Before a call behind which something may read the frame: what the callee
    /// resumes it with, its arguments, pointers that the collector looks for while
    /// deferred functions run.
    pub fn write_slots_back(&mut self) {
        for (at, size) in &self.own_slots {
            let (place, bits) = (self.tree.frame_pointer(*at), size * 8);
            let _ = writeln!(self.text, "STORE(u{bits}, {place}, {});", variable(*at));
        }
    }

    pub fn slot_declarations(&self) -> String {
        let mut text = String::new();
        for (at, size) in &self.own_slots {
            let _ = writeln!(text, "u{} {} = 0;", size * 8, variable(*at));
        }
        text
    }
}

/// What it is called in C, where `f32`, `f64`, `s32` and `s64` are types.
fn variable(at: i64) -> String {
    format!("slot{}", at.unsigned_abs())
}

/// Of an access, by its type.
fn bytes(in_memory: &str) -> u64 {
    in_memory[1..].parse::<u64>().map_or(8, |bits| bits / 8)
}
