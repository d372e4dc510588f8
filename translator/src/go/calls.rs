//! Calls and returns in a function's fast version.
//!
//! A function of Go has the wasm type `(i32) -> i32`: from a resume point to 0
//! (returned: the caller's stack pointer is 8 above, where the return address
//! was) or 1 (unwinding: whoever began it has set the stack pointer). Its fast
//! version takes the stack pointer instead, begins at its start, and gives
//! nothing: all that fast versions do while the stack is being unwound is to
//! return, so who begins it goes straight to the C function of another kind
//! that called the first of them (`wasrisc_go_catch`).

use super::flow::Event;
use super::frame::CallResult;
use super::{is_go_function, signature};
use crate::function::calls::EVERYTHING;
use crate::function::expression::Node;
use crate::function::stack::Entry;
use crate::function::Body;
use crate::types::Type;
use std::fmt::Write;

impl Body<'_, '_> {
    /// A call in a fast version.
    pub fn go_call(&mut self, function: u32) {
        let plan = self.plan;
        if !is_go_function(plan, function) {
            return self.foreign_call(function);
        }
        let resume_point = self.pop();
        if !matches!(self.tree.get(resume_point.node), Node::I32(0)) {
            self.fail("a call of a resume point");
        }
        self.settle_before_effect(EVERYTHING);
        // Inside an `if` no block ends, and so no resume point begins.
        let resumed = self.frames.last().is_none_or(|frame| !frame.is_if());
        self.event(if resumed { Event::Call(function) } else { Event::CallForGood(function) });
        let at = self.call_frame();
        self.uses.go_functions.insert(function);
        let call = format!("{}({at})", plan.fast(function));
        if plan.never_returns(function) {
            if resumed {
                self.write_slots_back();
            }
            let _ = writeln!(self.text, "return {call};");
            let fast = self.fast.as_mut().expect("in a fast version");
            fast.behind = resumed.then_some(fast.global + 8);
            self.reachable = false;
            return;
        }
        self.go_result(&call, Some(function));
    }

    /// True if it was one of Go's.
    pub fn go_call_indirect(&mut self, ty: u32, index: Entry) -> bool {
        if self.fast.is_none() {
            return false;
        }
        if self.plan.module.types[ty as usize] != signature() {
            self.fail("an indirect call of a type of its own");
            return false;
        }
        let resume_point = self.pop();
        let constant = matches!(self.tree.get(resume_point.node), Node::I32(0));
        let code = self.fast.as_mut().and_then(|fast| fast.code.take());
        let (true, true, Some(code)) = (constant, self.is_resume_point(index), code) else {
            self.fail("an indirect call that is not Go's");
            self.go_result("0u", None);
            return true;
        };
        self.settle_before_effect(EVERYTHING);
        let at = self.call_frame();
        self.uses.go_table = true;
        self.fast.as_mut().expect("in a fast version").indirect = true;
        if self.plan.options.go_check {
            let size = self.plan.module.tables[0].min;
            let _ = write!(self.text, "if (WASRISC_GO_BAD_CODE({}, ", self.plan.fast_table());
            self.tree.value(code.node, &mut self.text);
            let _ = writeln!(self.text, ", {size})) wasrisc_trap(WASRISC_TRAP_GO);");
        }
        let mut call = format!("WASRISC_GO_CODE({}, ", self.plan.fast_table());
        self.tree.value(code.node, &mut call);
        let _ = write!(call, ")({at})");
        self.go_result(&call, None);
        true
    }

    /// The stack pointer that a callee is given: the return address's place.
    fn call_frame(&mut self) -> String {
        let fast = self.fast.as_ref().expect("in a fast version");
        let delta = fast.global;
        self.tree.frame_pointer(delta)
    }

    fn go_result(&mut self, call: &str, callee: Option<u32>) {
        // Stands for what the call gave, which is looked at and never written.
        let temporary = self.new_temporary();
        let _ = writeln!(self.text, "{call};");
        self.check_stack_pointer(8);
        self.check_g();
        let fast = self.fast.as_mut().expect("in a fast version");
        // The callee has taken the return address off.
        fast.global += 8;
        fast.called = Some(temporary);
        fast.result = CallResult::Pending;
        fast.callee = callee;
        let entry = self.temporary(temporary, Type::I32);
        self.push_entry(entry);
    }

    /// Imports and the runtime's helpers with types of their own. Some of them
    /// call functions of Go, and leave the stack pointer as it was.
    fn foreign_call(&mut self, function: u32) {
        let signature = self.plan.module.signature(function);
        let arguments = self.arguments(signature);
        if self.plan.uses_stack_pointer(function) {
            let at = self.fast.as_ref().expect("in a fast version").global;
            self.set_stack_pointer(at);
        }
        self.uses.functions.insert(function);
        let call = self.call_text(&self.plan.function(function), &arguments);
        self.call_results(signature, &call);
        if self.plan.uses_stack_pointer(function) {
            self.check_stack_pointer(0);
        }
        self.check_g();
    }

    /// After a call: the stack pointer is `above` what it was.
    fn check_stack_pointer(&mut self, above: i64) {
        if !self.plan.options.go_check {
            return;
        }
        let delta = self.fast.as_ref().expect("in a fast version").global + above;
        let (pointer, number) = (self.plan.global(0), self.tree.frame_number(delta));
        self.uses.globals.insert(0);
        let _ = writeln!(self.text, "if ({pointer} != {number}) wasrisc_trap(WASRISC_TRAP_GO);");
    }

    /// After a call, an import's too: its register has what it had.
    fn check_g(&mut self) {
        if !self.plan.options.go_check {
            return;
        }
        let g = self.plan.global(super::G);
        self.uses.globals.insert(super::G);
        let _ = writeln!(self.text, "if ({g} != own_g) wasrisc_trap(WASRISC_TRAP_GO);");
    }

    fn set_stack_pointer(&mut self, delta: i64) {
        let number = self.tree.frame_number(delta);
        self.uses.globals.insert(0);
        let _ = writeln!(self.text, "{} = (u32){number};", self.plan.global(0));
    }

    pub fn check_set(&mut self, global: u32) {
        if self.fast.is_some() && self.plan.options.go_check && global == super::G {
            let _ = writeln!(self.text, "own_g = {};", self.plan.global(global));
        }
    }

    /// Whether accesses are compared with the frame: what has none has nothing to
    /// compare with.
    pub fn go_checks(&self) -> bool {
        self.fast.is_some() && self.plan.options.go_check
    }

    /// What the checks of a fast version compare with, at its start.
    pub fn check_locals(&mut self, index: u32) -> String {
        let own = !self.plan.frame_escapes(index);
        let Some(fast) = self.fast.as_ref().filter(|_| self.plan.options.go_check) else {
            return String::new();
        };
        let (low, high) = if own { fast.extent } else { (0, 0) };
        self.uses.globals.insert(super::G);
        format!(
            "const u64 frame_low = {}, frame_high = {};\nu64 own_g = {};\n",
            self.tree.frame_number(low),
            self.tree.frame_number(high),
            self.plan.global(super::G)
        )
    }

    fn event(&mut self, event: Event) {
        if let Some(fast) = &mut self.fast {
            fast.events.push(event);
        }
    }

    pub fn is_called(&self, entry: Entry) -> bool {
        let called = self.fast.as_ref().and_then(|fast| fast.called);
        matches!(self.tree.get(entry.node), Node::Temporary(t) if Some(*t) == called)
    }

    /// `br_if` on a call's result to the outermost block: unwinding. True if it
    /// was that.
    pub fn go_unwind(&mut self, condition: Entry, depth: u32) -> bool {
        if self.fast.is_none() || !self.is_called(condition) {
            return false;
        }
        let frame = self.frames.len() - 1 - depth as usize;
        if frame != 1 || !self.frames[frame].is_block() {
            self.fail("a call's result leads elsewhere than out");
            return false;
        }
        self.settle_traps();
        self.fast.as_mut().expect("checked").unwinds = true;
        true
    }

    /// Writes a fast version's return.
    pub fn go_return(&mut self, value: Entry) {
        let called = self.is_called(value);
        let delta = self.fast.as_ref().expect("in a fast version").global;
        match self.tree.get(value.node) {
            Node::I32(0) => {
                if delta != 8 {
                    self.fail_frame("returns with the stack pointer elsewhere");
                }
                self.event(Event::Return);
                if self.plan.options.go_check {
                    self.set_stack_pointer(8);
                }
            }
            // Begins to unwind, as runtime.exit does: sets the stack pointer.
            Node::I32(1) => {
                self.set_stack_pointer(delta);
                self.text.push_str("wasrisc_go_unwind();\n");
            }
            _ if called => {
                if delta != 8 {
                    self.fail_frame("a tail call with the stack pointer elsewhere");
                }
                self.event(Event::Return);
            }
            _ => {
                self.fail("returns a value that is neither 0 nor 1 nor a callee's");
                self.event(Event::Return);
            }
        }
        self.text.push_str("return;\n");
    }
}
