//! Calls: direct, indirect, and in tail position.

use super::expression::{Effects, Node, READS_GLOBALS, READS_MEMORY, READS_TABLES};
use super::stack::Entry;
use super::Body;
use crate::plan::{Form, TableForm};
use crate::types::Signature;
use std::fmt::Write;

/// What a call can change.
pub const EVERYTHING: u8 = READS_MEMORY | READS_GLOBALS | READS_TABLES;

impl<'p> Body<'p, '_> {
    pub fn call(&mut self, function: u32) {
        if let Some(intrinsic) = self.plan.intrinsic(function) {
            return self.intrinsic_call(intrinsic);
        }
        if self.fast.is_some() {
            return self.go_call(function);
        }
        let signature = self.plan.module.signature(function);
        if let Some(known) = self.plan.functions[function as usize].int128 {
            return self.int128_call(known, signature);
        }
        let arguments = self.arguments(signature);
        self.uses.functions.insert(function);
        let call = self.call_text(&self.plan.function(function), &arguments);
        self.call_results(signature, &call);
    }

    pub fn call_indirect(&mut self, ty: u32, table: u32) {
        let signature = &self.plan.module.types[ty as usize];
        let index = self.pop();
        if self.go_call_indirect(ty, index) {
            return;
        }
        let arguments = self.settled_arguments(signature);
        let callee = self.callee(ty, table, index);
        let code = match self.plan.tables[table as usize] {
            TableForm::Constant => callee,
            TableForm::Dynamic => format!("{callee}->code"),
        };
        let call = self.call_text(&format!("(({}){code})", signature.pointer()), &arguments);
        self.call_results(signature, &call);
    }

    pub fn arguments(&mut self, signature: &Signature) -> Vec<Entry> {
        let arguments = self.pop_many(signature.params.len());
        self.settle_before_effect(EVERYTHING);
        arguments
    }

    /// The check of the callee traps, and C might do it before the arguments.
    fn settled_arguments(&mut self, signature: &Signature) -> Vec<Entry> {
        let arguments = self.arguments(signature);
        let settled =
            |a: Entry, body: &mut Self| if a.effects.traps != 0 { body.settle(a) } else { a };
        arguments.into_iter().map(|a| settled(a, self)).collect()
    }

    pub fn call_text(&self, callee: &str, arguments: &[Entry]) -> String {
        let mut text = format!("{callee}(");
        for (i, argument) in arguments.iter().enumerate() {
            if i > 0 {
                text.push_str(", ");
            }
            self.tree.value(argument.node, &mut text);
        }
        text.push(')');
        text
    }

    /// For a constant table the code itself, else the `funcref`.
    fn callee(&mut self, ty: u32, table: u32, index: Entry) -> String {
        self.uses.types.insert(ty);
        self.uses.tables.insert(table);
        let mut text = match self.plan.tables[table as usize] {
            TableForm::Constant => {
                let size = self.plan.module.tables[table as usize].min;
                format!("wasrisc_constant_callee({}, {size}u, ", self.plan.table(table))
            }
            TableForm::Dynamic => format!("wasrisc_callee(&{}, ", self.plan.table(table)),
        };
        self.tree.value(index.node, &mut text);
        let identity = self.plan.type_identity(&self.plan.module.types[ty as usize]);
        let _ = write!(text, ", {identity})");
        text
    }

    pub fn call_results(&mut self, signature: &Signature, call: &str) {
        let results = self.define_results(signature, call);
        self.measure_again();
        for result in results {
            self.push_entry(result);
        }
    }

    /// Writes the call as a statement.
    fn define_results(&mut self, signature: &Signature, call: &str) -> Vec<Entry> {
        if signature.results.is_empty() {
            let _ = writeln!(self.text, "{call};");
            return Vec::new();
        }
        let temporary = self.new_temporary();
        let _ = writeln!(self.text, "{} t{temporary} = {call};", signature.return_type());
        if let [only] = signature.results.as_slice() {
            return vec![self.temporary(temporary, *only)];
        }
        self.uses.results.insert(signature.results.clone());
        let mut results = Vec::new();
        for (i, &ty) in signature.results.iter().enumerate() {
            let node = self.tree.add(Node::Text(format!("t{temporary}.r{i}")));
            results.push(Entry { node, ty, effects: Effects::NODE });
        }
        results
    }

    pub fn return_call(&mut self, function: u32) {
        let signature = self.plan.module.signature(function);
        let arguments = self.arguments(signature);
        self.uses.functions.insert(function);
        let symbol = self.plan.function(function);
        if self.form == Form::Trampoline
            && self.plan.functions[function as usize].form == Form::Trampoline
        {
            self.uses.steps.insert(function);
            let step = self.plan.step(function);
            self.leave_to(&step, &arguments);
        } else {
            let call = self.call_text(&symbol, &arguments);
            self.finish_by(signature, &call);
        }
        self.reachable = false;
    }

    pub fn return_call_indirect(&mut self, ty: u32, table: u32) {
        let signature = &self.plan.module.types[ty as usize];
        let index = self.pop();
        let arguments = self.settled_arguments(signature);
        let callee = self.callee(ty, table, index);
        let pointer = signature.pointer();
        if self.form == Form::Trampoline {
            let temporary = self.new_temporary();
            let _ = writeln!(self.text, "funcref t{temporary} = {callee};");
            let _ = writeln!(self.text, "if (t{temporary}->step) {{");
            self.leave_to(&format!("t{temporary}->step"), &arguments);
            self.text.push_str("}\n");
            let call = self.call_text(&format!("(({pointer})t{temporary}->code)"), &arguments);
            self.finish_by(signature, &call);
        } else {
            let code = match self.plan.tables[table as usize] {
                TableForm::Constant => callee,
                TableForm::Dynamic => format!("{callee}->code"),
            };
            let call = self.call_text(&format!("(({pointer}){code})"), &arguments);
            self.finish_by(signature, &call);
        }
        self.reachable = false;
    }

    /// Arguments into the slots; the entry of this function goes on with `step`.
    fn leave_to(&mut self, step: &str, arguments: &[Entry]) {
        for (i, argument) in arguments.iter().enumerate() {
            let value = argument.ty.to_slot(&self.tree.text(argument.node));
            let _ = writeln!(self.text, "wasrisc_tail_slots[{i}] = {value};");
        }
        let _ = writeln!(self.text, "wasrisc_tail_next = {step};\nreturn;");
    }

    /// By `musttail`; or by a call like any other, whose callee makes no tail
    /// calls, so that it costs one frame and not one per round.
    fn finish_by(&mut self, signature: &Signature, call: &str) {
        if self.form == Form::MustTail {
            let _ = writeln!(self.text, "WASRISC_MUSTTAIL return {call};");
            return;
        }
        let results = self.define_results(signature, call);
        self.return_values(&results);
    }

    /// The entry of a trampolined function: its name and type for all callers.
    pub fn entry(&self, function: u32, text: &mut String) {
        let _ = writeln!(text, "{} {{", self.signature.prototype(&self.plan.function(function)));
        for (i, ty) in self.signature.params.iter().enumerate() {
            let _ = writeln!(text, "wasrisc_tail_slots[{i}] = {};", ty.to_slot(&format!("l{i}")));
        }
        let _ = writeln!(text, "wasrisc_tail_run({});", self.plan.step(function));
        let results: Vec<String> =
            self.signature.results.iter().enumerate().map(|(i, ty)| ty.from_slot(i)).collect();
        match results.as_slice() {
            [] => {}
            [one] => drop(writeln!(text, "return {one};")),
            many => drop(writeln!(
                text,
                "return ({}){{{}}};",
                self.signature.return_type(),
                many.join(", ")
            )),
        }
        text.push_str("}\n");
    }
}
