//! Accesses to linear memory, and the algebra of their addresses.
//!
//! An access has an index `a` (32 bits, from the stack), an offset `o` (32
//! bits, in the instruction) and a size `s` (1 to 8). Wasm wants the bytes
//! `[a + o, a + o + s)`, computed without wrapping, and a trap if they do not
//! end within the memory's `n` bytes. Write `r = o + s`, the *reach*;
//! `r < 2^32 + 8`.
//!
//! **Widening.** `x(a)` is `a` as 64 bits: by zeros, or by sign. With memories
//! up to 2 GiB (`n <= 2^31`, kept by `memory.grow`), an access inside has
//! `a < 2^31`, where both are the same. So `base + x(a) + o` is right for every
//! access inside, whichever is chosen.
//!
//! **Folding.** Where nothing is looked at and `a = x + c`, wrapping, with a
//! constant `c >= 0` as a signed number, `base + sign(x) + c + o` is right for
//! every access inside: if `a >= c`, then `x = a - c < 2^31` is its own
//! extension; if not, `x = a - c + 2^32` is at least `2^31`, and `sign(x)` is
//! `a - c`. So addresses from one `x` differ by constants, which loads and stores
//! add by themselves.
//!
//! **Guarding.** An access outside must fault. By zeros it lies in `[n, 2^33 + 8)`
//! from the base. By sign an index from `2^31` on lies in `[o - 2^31, o)`: below
//! the base if `o = 0`, but perhaps inside if not. So a guard region of 2 GiB
//! below and of 8 GiB in all from the base serves if accesses with an offset
//! are widened by zeros.
//!
//! **Checking.** The condition is `zero(a) + r <= n`.
//!
//! 1. `a` is a constant and `a + r <= min`, the memory's smallest size: true
//!    for ever, no check. If only `r <= min` is known:
//! 2. `n - r` does not underflow, as `n >= min >= r`, and the condition is
//!    `zero(a) <= n - r`. By sign: if `a < 2^31` nothing changes; if not,
//!    `sign(a)` as unsigned is at least `2^64 - 2^31`, greater than any
//!    `n - r`, and the true answer is "outside" as well, as `a >= 2^31 >= n`
//!    and `r > 0`. So `x(a) <= n - r`, unsigned, is exact for both. One
//!    comparison, and `n - r` is the same for all accesses of one reach.
//! 3. With `z` bytes behind the memory that fault, and `r <= z`, only the first
//!    byte is looked at: `x(a) < n`. If that holds, `a < n` and the access ends
//!    within `n + z`: it is inside, or faults. One number for all of them.
//! 4. Otherwise `zero(a) + r <= n`; the sum is below `2^34`. Here the index is
//!    widened by zeros also for the address.
//!
//! What has been looked at is not looked at again ([`super::bounds`]).
//!
//! An access that a fault may end counts as trapping, so that the translator keeps
//! it in order with calls and assignments, and a load is *kept*: to a compiler one
//! whose value nobody uses does nothing, and would be left out with its trap. A
//! store that is left out is one whose bytes others overwrite, which fault too.
//!
//! `n` is a local of the function (`n0` for memory 0), so that stores, which to
//! C may change anything, do not make it be loaded again; after a call or a
//! `memory.grow` it is read anew. For a memory that nothing grows it is a
//! number. A machine register (option size register) serves all functions, and only
//! `memory.grow` writes it.

use super::expression::{Effects, Id, Node, Tree, READS_MEMORY, TRAPS_MEMORY};
use super::Body;
use crate::options::{Bounds, Extension, MemoryBase, PAGE};
use crate::plan::Plan;
use crate::types::Type;
use std::fmt::Write;
use wasmparser::MemArg;

/// Memory 0's bytes where a machine register has them (runtime/wasrisc_memory.h).
pub const SIZE_REGISTER: &str = "wasrisc_memory_bytes";

/// One place in memory.
#[derive(Clone, Copy)]
pub struct Access {
    pub index: Id,
    pub offset: u64,
    memory: u32,
    /// Offset and size.
    reach: u64,
    check: Check,
    may_trap: bool,
    /// It may fault: a load must not be left out.
    pub kept: bool,
    base: MemoryBase,
    /// Machine registers hold base and size.
    pinned: bool,
    sized: bool,
    extension: Extension,
    /// In a fast version of a function of Go an address is not cut to 32 bits:
    /// it has no more (docs/go.md).
    unwrapped: bool,
    /// That, and that it is not in a frame that is taken for nobody else's, is
    /// looked at.
    go_checked: bool,
    /// Of a bulk operator's place, for that look: how many bytes.
    length: Option<Id>,
}

/// The cases of the algebra.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Check {
    None,
    /// `x(a) < n`
    First,
    /// `x(a) <= n - r`
    Within,
    /// `zero(a) + r <= n`
    Reached,
}

impl Access {
    pub fn new(plan: &Plan<'_>, index: (Id, Option<u32>), memarg: &MemArg, size: u64) -> Access {
        let reach = memarg.offset.saturating_add(size);
        let smallest = plan.module.memories[memarg.memory as usize].min * PAGE;
        let inside = index.1.is_some_and(|constant| u64::from(constant) + reach <= smallest);
        let check = match plan.options.bounds {
            Bounds::None | Bounds::Guard => Check::None,
            Bounds::Explicit if inside => Check::None,
            Bounds::Explicit if reach <= plan.guard_bytes(memarg.memory) => Check::First,
            Bounds::Explicit if reach <= smallest => Check::Within,
            Bounds::Explicit => Check::Reached,
        };
        Access {
            index: index.0,
            offset: memarg.offset,
            memory: memarg.memory,
            reach,
            check,
            may_trap: plan.options.bounds != Bounds::None && !inside,
            kept: match plan.options.bounds {
                Bounds::Guard => !inside,
                _ => check == Check::First && reach > 1,
            },
            base: plan.memory_base(memarg.memory),
            pinned: plan.pinned(memarg.memory),
            sized: plan.sized(memarg.memory),
            extension: match plan.options.bounds {
                Bounds::Guard if memarg.offset != 0 => Extension::Zero,
                _ => plan.options.extension,
            },
            unwrapped: false,
            go_checked: false,
            length: None,
        }
    }

    /// A place of `length` bytes, not checked: for bulk operators.
    pub fn unchecked(plan: &Plan<'_>, index: Id, length: Id, go_checked: bool) -> Access {
        Access {
            index,
            offset: 0,
            memory: 0,
            reach: 0,
            check: Check::None,
            may_trap: false,
            kept: false,
            base: plan.memory_base(0),
            pinned: plan.pinned(0),
            sized: plan.sized(0),
            extension: plan.options.extension,
            unwrapped: true,
            go_checked,
            length: Some(length),
        }
    }

    /// Of an index that has 64 bits: a pointer of Go.
    pub fn wide_address(&self, tree: &Tree, out: &mut String) {
        self.based(out, |out| tree.value(self.index, out));
    }

    /// Writes a number of wasm as a machine's.
    fn based(&self, out: &mut String, number: impl FnOnce(&mut String)) {
        if self.pinned {
            out.push_str("wasrisc_based(");
            number(out);
            out.push(')');
            return;
        }
        match self.base {
            MemoryBase::Identity => {}
            MemoryBase::Address(base) => drop(write!(out, "{base:#x}ull + ")),
            MemoryBase::Symbol | MemoryBase::Register => drop(write!(out, "m{} + ", self.memory)),
        }
        number(out);
    }

    /// Writes the address: an integer or a pointer, by the base.
    pub fn address(&self, tree: &Tree, out: &mut String) {
        if let Node::Frame(delta) = tree.get(self.index) {
            out.push_str(&tree.frame_pointer(delta + self.offset as i64));
            return;
        }
        let looked_at = self.check != Check::None || self.go_checked;
        let constant = match tree.get(self.index) {
            Node::I32(constant) if self.pinned && !looked_at => Some(*constant),
            _ => None,
        };
        if let Some(place) = constant.and_then(|c| u64::from(c).checked_add(self.offset)) {
            // What a load or store can add by itself is left to it.
            let low = (place as i64) << 52 >> 52;
            let _ = write!(out, "wasrisc_based({}ll) + {low}", place as i64 - low);
            return;
        }
        self.based(out, |out| self.checked(tree, out));
        if self.offset != 0 {
            let _ = write!(out, " + {}", self.offset);
        }
    }

    /// Writes the index, widened, and what looks at it.
    pub fn checked(&self, tree: &Tree, out: &mut String) {
        match self.check {
            Check::None if self.go_checked => {
                out.push_str("wasrisc_go_address(");
                self.widened(self.extension, tree, out);
                let _ = write!(out, ", {}, ", self.offset);
                match self.length {
                    Some(length) => tree.value(length, out),
                    None => drop(write!(out, "{}", self.reach - self.offset)),
                }
                out.push_str(", frame_low, frame_high)");
            }
            Check::None => self.widened(self.extension, tree, out),
            Check::First => {
                out.push_str("wasrisc_inside(");
                self.widened(self.extension, tree, out);
                let _ = write!(out, ", {})", self.bytes());
            }
            Check::Within => {
                out.push_str("wasrisc_bounded(");
                self.widened(self.extension, tree, out);
                let _ = write!(out, ", {} - {})", self.bytes(), self.reach);
            }
            Check::Reached => {
                out.push_str("wasrisc_reached(");
                self.widened(Extension::Zero, tree, out);
                let _ = write!(out, ", {}, {})", self.reach, self.bytes());
            }
        }
    }

    /// How many bytes from the index on are inside once its check has passed.
    pub fn proves(&self) -> u64 {
        match self.check {
            Check::None => 0,
            Check::First => 1,
            Check::Within | Check::Reached => self.reach,
        }
    }

    /// The memory's bytes now.
    fn bytes(&self) -> String {
        match self.sized {
            true => SIZE_REGISTER.to_string(),
            false => format!("n{}", self.memory),
        }
    }

    fn widened(&self, extension: Extension, tree: &Tree, out: &mut String) {
        match (tree.get(self.index), extension) {
            (Node::Cast("(u32)", address), _) if self.unwrapped => tree.value(*address, out),
            (Node::I32(constant), Extension::Zero) => drop(write!(out, "{constant}ull")),
            (Node::I32(constant), Extension::Sign) => drop(write!(out, "{}ll", *constant as i32)),
            (_, Extension::Zero) => {
                out.push_str("(u64)");
                tree.value(self.index, out);
            }
            (_, Extension::Sign) => {
                out.push_str("(s64)(s32)");
                tree.value(self.index, out);
            }
        }
    }
}

/// Declares the local that holds a memory's base, if the policy has one.
pub fn memory_base(plan: &Plan<'_>, memory: u32) -> String {
    match plan.memory_base(memory) {
        MemoryBase::Symbol => {
            format!("u8 *const m{memory} = {}memory_base;\n", plan.options.prefix)
        }
        MemoryBase::Register => format!("u8 *const m{memory} = {}.base;\n", plan.memory(memory)),
        MemoryBase::Identity | MemoryBase::Address(_) => String::new(),
    }
}

impl Body<'_, '_> {
    /// A load of `in_memory` (a type of runtime/wasrisc_memory.h without its
    /// prefix), widened to `ty`.
    pub fn load(&mut self, memarg: &MemArg, in_memory: &'static str, size: u64, ty: Type) {
        let index = self.pop();
        if self.load_slot(index.node, memarg, in_memory, ty) {
            return;
        }
        let access = self.access(index.node, memarg, size);
        let effects = index.effects.and(Effects {
            reads: READS_MEMORY,
            traps: if access.may_trap { TRAPS_MEMORY } else { 0 },
            size: 1,
            locals: 0,
        });
        let cast = match (in_memory, ty) {
            ("u32", Type::I32) | ("u64", Type::I64) | (_, Type::F32 | Type::F64) => "",
            (_, Type::I32) => "(u32)",
            _ => "(u64)",
        };
        self.push(Node::Load(cast, in_memory, access), ty, effects);
    }

    pub fn store(&mut self, memarg: &MemArg, in_memory: &'static str, size: u64) {
        let value = self.pop();
        let index = self.pop();
        if self.stores_return_address(index.node, value.node, memarg.offset)
            || self.store_slot(index.node, value.node, memarg, in_memory)
        {
            return;
        }
        // C leaves open whether the address or the value is evaluated first, and
        // the check is part of the address, or comes before it.
        let traps = if self.plan.options.bounds == Bounds::None { 0 } else { TRAPS_MEMORY };
        let checked = Effects { traps, ..Effects::NODE };
        let value = if value.effects.commutes_with(checked) { value } else { self.settle(value) };
        let access = self.access(index.node, memarg, size);
        self.settle_before_effect(READS_MEMORY);
        let mut text = format!("STORE({in_memory}, ");
        access.address(&self.tree, &mut text);
        text.push_str(", ");
        self.tree.value(value.node, &mut text);
        text.push_str(");");
        self.statement(&text);
    }

    fn access(&mut self, index: Id, memarg: &MemArg, size: u64) -> Access {
        let constant = match self.tree.get(index) {
            Node::I32(value) => Some(*value),
            _ => None,
        };
        self.uses.memories.insert(memarg.memory);
        if let (Some(fast), Node::Frame(delta)) = (&mut self.fast, self.tree.get(index)) {
            fast.name(delta + memarg.offset as i64, size as i64);
        }
        let mut access = Access::new(self.plan, (index, constant), memarg, size);
        if self.plan.options.bounds == Bounds::None && !self.plan.options.go_check {
            (access.index, access.offset) = self.folded(index, memarg.offset);
        } else if let Some((index, offset, may_trap)) = self.looked_at(index, memarg, size) {
            access =
                Access { index, offset, check: Check::None, may_trap, kept: may_trap, ..access };
        }
        access.unwrapped = self.fast.is_some();
        access.go_checked = self.go_checks();
        self.accessed.insert(memarg.memory);
        self.measure(&access);
        access
    }

    pub fn measure(&mut self, access: &Access) {
        if access.check != Check::None && !access.sized {
            self.measured.insert(access.memory);
        }
    }

    /// An index and an offset of the same sum, the index without what is added
    /// to it.
    fn folded(&mut self, index: Id, offset: u64) -> (Id, u64) {
        if self.plan.options.extension != Extension::Sign {
            return (index, offset);
        }
        let (sum, cut) = match *self.tree.get(index) {
            Node::Cast("(u32)", sum) => (sum, true),
            _ => (index, false),
        };
        let Node::Infix(" + ", x, c) = *self.tree.get(sum) else { return (index, offset) };
        let added = match *self.tree.get(c) {
            Node::I32(added) => u64::from(added),
            Node::I64(added) => added,
            _ => return (index, offset),
        };
        if added >> 31 != 0 {
            return (index, offset);
        }
        let x = if cut { self.tree.add(Node::Cast("(u32)", x)) } else { x };
        (x, offset + added)
    }

    /// Declares what addresses are made of, at the function's start.
    pub fn memory_locals(&self) -> String {
        let mut text = String::new();
        for &memory in &self.accessed {
            text.push_str(&memory_base(self.plan, memory));
        }
        for &memory in &self.measured {
            let smallest = self.plan.module.memories[memory as usize].min * PAGE;
            let _ = if self.plan.fixed_size(memory) {
                writeln!(text, "const u64 n{memory} = {smallest};")
            } else {
                writeln!(text, "u64 n{memory} = {}.bytes;", self.plan.memory(memory))
            };
        }
        text
    }

    /// After something that may have grown a memory.
    pub fn measure_again(&mut self) {
        if self.plan.options.bounds != Bounds::Explicit {
            return;
        }
        for memory in 0..self.plan.module.memories.len() as u32 {
            if !self.plan.fixed_size(memory) && !self.plan.sized(memory) {
                let begin = self.text.len();
                let text = format!("n{memory} = {}.bytes;", self.plan.memory(memory));
                self.statement(&text);
                self.measured_again.push((begin..self.text.len(), memory));
            }
        }
    }

    /// The body's text, in which sizes that nothing looks at are not read.
    pub fn measured_text(&self) -> String {
        let mut text = String::with_capacity(self.text.len());
        let mut from = 0;
        for (line, memory) in &self.measured_again {
            if !self.measured.contains(memory) {
                text.push_str(&self.text[from..line.start]);
                from = line.end;
            }
        }
        text.push_str(&self.text[from..]);
        text
    }
}
