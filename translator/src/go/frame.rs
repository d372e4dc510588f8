//! Go's stack pointer in a function's fast version.
//!
//! Local 1 holds Go's stack pointer, as global 0 does (cmd/internal/obj/wasm,
//! `updateLocalSP`). Both are followed here as distances from the stack pointer
//! at entry, so that neither is a variable of C: a slot of the frame is
//! `sp + constant`. A function for which that fails at any place has no fast
//! version.

use super::flow::Event;
use super::slots::Slots;
use super::Trial;
use crate::function::expression::{Effects, Id, Node};
use crate::function::stack::Entry;
use crate::function::Body;
use crate::types::Type;
use std::collections::{HashMap, HashSet};
use wasmparser::Operator;

/// Go's locals: the resume point, and the copy of the stack pointer.
const RESUME_POINT: u32 = 0;
const STACK_POINTER: u32 = 1;

/// Locals that a fast version follows and has no variables for.
pub const FOLLOWED: [u32; 2] = [RESUME_POINT, STACK_POINTER];

/// The translation of a fast version, under way.
#[derive(Default)]
pub struct Fast {
    /// The function's place in the table, which is the upper part of each
    /// return address into it.
    pub place: Option<u64>,
    /// Distances from the stack pointer at entry, in bytes. The local is a
    /// number like any other, 0, until the stack pointer is put there.
    local: Option<i64>,
    pub global: i64,
    /// By label, at its place: local and global.
    at: HashMap<u32, (Option<i64>, i64)>,
    /// In the function's body, past its prologue.
    body: Option<i64>,
    /// Behind a call that never returns: where it would be resumed.
    pub behind: Option<i64>,
    /// Labels of resume points, but for the entry's.
    resume_labels: HashSet<u32>,
    entered: bool,
    /// Local 0 is no longer what the function was called with.
    resume_point_set: bool,
    /// What an indirect call is about to call, as a value of Go.
    pub code: Option<Entry>,
    /// The result of the last call of a function of Go, while it is the last
    /// thing that happened to the stack pointer.
    pub called: Option<u32>,
    pub result: CallResult,
    /// What it was a call of, if of a function that is known.
    pub callee: Option<u32>,
    /// Calls that trap when they unwind.
    pub trapping: Vec<u32>,
    /// It calls values of Go.
    pub indirect: bool,
    /// Some call leaves by way of the outermost block.
    pub unwinds: bool,
    pub slots: Slots,
    /// The lowest and the highest place of the frame that it names, but for
    /// its callees'.
    pub extent: (i64, i64),
    /// Operators since that block's end, and one.
    left: u32,
    pub events: Vec<Event>,
    /// Why there is no fast version.
    pub failure: Option<String>,
    /// What failed leaves `events` as they are: they do not depend on where
    /// the stack pointer is.
    pub flow_unknown: bool,
}

/// What a call gave has to be looked at before anything else happens: if it is
/// 1, the stack pointer is not what the caller's own control flow says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CallResult {
    #[default]
    LookedAt,
    Pending,
    /// In an `if` on it, which has to be a trap.
    Trap,
}

impl Fast {
    pub fn new(place: Option<u64>) -> Fast {
        Fast { place, ..Fast::default() }
    }

    pub fn fail(&mut self, reason: &str) {
        self.fail_frame(reason);
        self.flow_unknown = true;
    }

    /// A failure about the stack pointer alone.
    pub fn fail_frame(&mut self, reason: &str) {
        if self.failure.is_none() {
            self.failure = Some(reason.to_string());
        }
    }

    fn settled(&mut self) -> (Option<i64>, i64) {
        if self.local.is_some_and(|local| local != self.global) {
            self.fail_frame("local and global stack pointer differ");
        }
        (self.local, self.global)
    }

    pub fn name(&mut self, delta: i64, size: i64) {
        self.extent = (self.extent.0.min(delta), self.extent.1.max(delta + size));
    }

    pub fn trial(self, escapes: bool) -> Trial {
        Trial {
            foreign: false,
            failure: self.failure,
            flow_unknown: self.flow_unknown,
            events: self.events,
            trapping: self.trapping,
            slots: self.slots,
            placed: self.place.is_some(),
            escapes,
            indirect: self.indirect,
        }
    }

    fn record(&mut self, label: u32, at: (Option<i64>, i64)) {
        if self.resume_labels.contains(&label) && self.body.is_none() {
            self.body = Some(at.1);
        }
        if *self.at.entry(label).or_insert(at) != at {
            self.fail_frame("a block is entered with several stack pointers");
        }
    }
}

impl Body<'_, '_> {
    pub fn note_goto(&mut self, label: u32) {
        let Some(fast) = &mut self.fast else { return };
        let at = fast.settled();
        fast.record(label, at);
        fast.events.push(Event::Goto(label));
    }

    /// Control falls into it if `reachable`.
    pub fn note_label(&mut self, label: u32) {
        let Some(fast) = &mut self.fast else { return };
        if self.reachable {
            let at = fast.settled();
            fast.record(label, at);
        } else {
            // Where nothing jumped yet, something still may: it is compared then.
            let assumed = fast.behind.or(fast.body).unwrap_or(0);
            let at = fast.at.get(&label).copied().unwrap_or((Some(assumed), assumed));
            fast.record(label, at);
            (fast.local, fast.global) = at;
        }
        fast.behind = None;
        fast.code = None;
        fast.called = None;
        fast.events.push(Event::Label(label));
    }

    /// Unwinding leaves the outermost block, and `i32.const 1; end` must follow
    /// it: the fast version returns 1 there and then.
    pub fn check_exit(&mut self, operator: &Operator<'_>) {
        let depth = self.frames.len();
        let Some(fast) = &mut self.fast else { return };
        let expected = match fast.left {
            0 => true,
            1 => matches!(operator, Operator::I32Const { value: 1 }),
            2 => matches!(operator, Operator::End),
            _ => false,
        };
        if fast.left > 0 {
            fast.left += 1;
        } else if fast.unwinds && depth == 1 && self.skipped == 0 {
            fast.left = 1;
        }
        if !expected {
            fast.fail("something else than unwinding follows the outermost block");
        }
    }

    pub fn note_stop(&mut self) {
        if let Some(fast) = &mut self.fast {
            fast.events.push(Event::Stop);
        }
    }

    /// A call's result leads out, ends in a trap or is returned, and nothing but
    /// the stack pointer's copy comes between.
    pub fn check_result(&mut self, operator: &Operator<'_>) {
        let ends = self.frames.len() == 1;
        let Some(fast) = &mut self.fast else { return };
        let (looked_at, next) = match (fast.result, operator) {
            (CallResult::LookedAt, _) => return,
            (CallResult::Pending, Operator::GlobalGet { global_index: 0 })
            | (CallResult::Pending, Operator::LocalSet { local_index: STACK_POINTER }) => {
                (true, CallResult::Pending)
            }
            // These look themselves at what they are given.
            (CallResult::Pending, Operator::BrIf { .. } | Operator::Return) => {
                (true, CallResult::LookedAt)
            }
            (CallResult::Pending, Operator::End) => (ends, CallResult::LookedAt),
            (CallResult::Pending, Operator::If { .. }) => {
                fast.trapping.extend(fast.callee);
                (fast.callee.is_some(), CallResult::Trap)
            }
            (CallResult::Trap, Operator::Unreachable) => (true, CallResult::LookedAt),
            _ => (false, CallResult::LookedAt),
        };
        fast.result = next;
        let looked_at = looked_at
            && match operator {
                Operator::BrIf { .. } | Operator::If { .. } | Operator::Return | Operator::End => {
                    self.stack.last().is_some_and(|&top| self.is_called(top))
                }
                _ => true,
            };
        if !looked_at {
            self.fail("a call's result is not looked at");
        }
    }

    /// The `br_table` at a fast version's start: nothing but the entry. What
    /// jumps back to it is in one loop, and known to.
    pub fn enter(&mut self, index: Entry, frames: &[usize]) {
        self.note_dispatch(index, frames);
        let loops = self.frames.iter().filter(|frame| frame.is_loop());
        if loops.clone().any(|frame| frame.dispatch.is_none()) || loops.count() > 1 {
            self.fail("a dispatch on the resume point inside of a loop");
        }
        if self.fast.as_ref().is_some_and(|fast| fast.resume_point_set) {
            self.fail("a resume point set before the dispatch");
        }
        let labels: HashSet<u32> = frames.iter().map(|&frame| self.frames[frame].label()).collect();
        let entry = self.frames[frames[0]].label();
        if let Some(fast) = &mut self.fast {
            if fast.entered {
                fast.fail("two dispatches on the resume point");
            }
            fast.entered = true;
            fast.resume_labels = labels;
            fast.resume_labels.remove(&entry);
        }
        for &frame in frames {
            self.frames[frame].targeted = true;
        }
        self.jump(frames[0], Vec::new());
        self.reachable = false;
    }

    pub fn is_resume_point(&self, entry: Entry) -> bool {
        self.fast.is_some() && matches!(self.tree.get(entry.node), Node::Local(RESUME_POINT))
    }

    /// True if that was all.
    pub fn frame_local_get(&mut self, local: u32) -> bool {
        let Some(fast) = &mut self.fast else { return false };
        if local != STACK_POINTER {
            return false;
        }
        if fast.local.is_none() || self.locals[local as usize] != Type::I32 {
            fast.fail_frame("local 1 is not the stack pointer");
            return false;
        }
        let delta = fast.local.unwrap_or(0);
        self.push_fixed(Node::Frame(delta), Type::I32);
        true
    }

    pub fn frame_local_set(&mut self, local: u32, value: Entry) -> bool {
        if self.fast.is_some() && local == RESUME_POINT {
            self.check_resume_point();
        }
        let Some(fast) = &mut self.fast else { return false };
        match (local, self.tree.get(value.node)) {
            (STACK_POINTER, Node::Frame(delta)) => {
                fast.local = Some(*delta);
                true
            }
            (STACK_POINTER, _) => {
                fast.local.get_or_insert(0);
                fast.fail_frame("the stack pointer comes from elsewhere");
                true
            }
            (RESUME_POINT, Node::I32(_)) => {
                fast.code = None;
                self.note_assignment(local, value);
                true
            }
            (RESUME_POINT, Node::Cast("(u32)", shifted)) => {
                let shifted = *shifted;
                let code = match self.tree.get(shifted) {
                    Node::Shift(" >> ", "", "63", code, by)
                        if matches!(self.tree.get(*by), Node::I64(16)) =>
                    {
                        Some(*code)
                    }
                    _ => None,
                };
                match code {
                    Some(node) => {
                        let entry = Entry { node, ty: Type::I64, ..value };
                        let settled = self.settle_wide(entry);
                        self.fast.as_mut().expect("checked").code = Some(settled);
                    }
                    None => self.fail("an indirect call of something else than a function value"),
                }
                true
            }
            (RESUME_POINT, _) => {
                fast.fail("a resume point that is not constant");
                true
            }
            _ => false,
        }
    }

    /// Before it is assigned: what was read of it is used.
    fn check_resume_point(&mut self) {
        let reads = |entry: &Entry| self.tree.reads_local(entry.node, RESUME_POINT);
        if self.stack.iter().any(reads) {
            self.fail("a resume point that is still used");
        }
        self.fast.as_mut().expect("in a fast version").resume_point_set = true;
    }

    fn settle_wide(&mut self, entry: Entry) -> Entry {
        let effects = Effects { size: entry.effects.size.max(2), ..entry.effects };
        self.settle(Entry { effects, ..entry })
    }

    pub fn fail(&mut self, reason: &str) {
        if let Some(fast) = &mut self.fast {
            fast.fail(reason);
        }
    }

    pub fn fail_frame(&mut self, reason: &str) {
        if let Some(fast) = &mut self.fast {
            fast.fail_frame(reason);
        }
    }

    pub fn frame_global_get(&mut self, global: u32) -> bool {
        let Some(fast) = &self.fast else { return false };
        if global != 0 {
            return false;
        }
        let delta = fast.global;
        self.push_fixed(Node::Frame(delta), Type::I32);
        true
    }

    pub fn frame_global_set(&mut self, global: u32) -> bool {
        let Some(fast) = &mut self.fast else { return false };
        if global != 0 {
            return false;
        }
        let value = self.stack.pop().expect("validated");
        self.fixed = self.fixed.min(self.stack.len());
        match self.tree.get(value.node) {
            Node::Frame(delta) => fast.global = *delta,
            _ => fast.fail_frame("the stack pointer comes from elsewhere"),
        }
        true
    }

    /// Sums of the stack pointer and constants.
    pub fn frame_sum(&self, operator: &str, a: Id, b: Id) -> Option<Node> {
        self.fast.as_ref()?;
        Some(match (self.tree.get(a), operator, self.tree.get(b)) {
            (Node::Frame(delta), " + ", Node::I32(by)) => {
                Node::Frame(delta + i64::from(*by as i32))
            }
            (Node::Frame(delta), " - ", Node::I32(by)) => {
                Node::Frame(delta - i64::from(*by as i32))
            }
            (Node::FrameWide(delta), " + ", Node::I64(by)) => {
                Node::FrameWide(delta.wrapping_add(*by as i64))
            }
            _ => return None,
        })
    }

    pub fn frame_cast(&self, cast: &str, a: Id) -> Option<Node> {
        self.fast.as_ref()?;
        Some(match (cast, self.tree.get(a)) {
            ("(u64)", Node::Frame(delta)) => Node::FrameWide(*delta),
            ("(u32)", Node::FrameWide(delta)) => Node::Frame(*delta),
            _ => return None,
        })
    }
}
