//! Structured control, flattened to labels and gotos: compilers rebuild the
//! graph anyway, and nested braces have a limit that nested blocks have not.

use super::dispatch::Dispatch;
use super::expression::{Effects, Node};
use super::stack::Entry;
use super::Body;
use crate::module::Module;
use crate::plan::Form;
use crate::types::{Signature, Type};
use std::collections::BTreeMap;
use std::fmt::Write;
use wasmparser::{BlockType, BrTable};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Function,
    Block,
    Loop,
    If,
    Else,
}

pub struct Frame {
    kind: Kind,
    /// Of the stack, below the parameters.
    height: usize,
    params: Vec<Type>,
    results: Vec<Type>,
    /// Temporaries that branches and the end assign: results, or parameters of
    /// a loop.
    variables: Vec<u32>,
    label: u32,
    /// Something goes to the label.
    pub targeted: bool,
    /// An `if` only: what both arms begin with, and the label of the other.
    arm_params: Vec<Entry>,
    else_label: u32,
    /// A loop only: the length of the text at its label.
    head: usize,
    pub dispatch: Option<Dispatch>,
}

impl Frame {
    /// The whole body's.
    pub fn function(signature: &Signature) -> Frame {
        Frame::new(Kind::Function, Vec::new(), signature.results.clone())
    }

    /// At the stack's bottom, with nothing to branch to.
    fn new(kind: Kind, params: Vec<Type>, results: Vec<Type>) -> Frame {
        Frame {
            kind,
            height: 0,
            params,
            results,
            variables: Vec::new(),
            label: 0,
            targeted: false,
            arm_params: Vec::new(),
            else_label: 0,
            head: 0,
            dispatch: None,
        }
    }

    pub fn is_block(&self) -> bool {
        self.kind == Kind::Block
    }

    pub fn is_loop(&self) -> bool {
        self.kind == Kind::Loop
    }

    pub fn is_if(&self) -> bool {
        matches!(self.kind, Kind::If | Kind::Else)
    }

    /// A loop without parameters, nothing written or pushed since its label.
    pub fn is_loop_begun_at(&self, text: usize, stack: usize) -> bool {
        self.kind == Kind::Loop
            && self.params.is_empty()
            && self.head == text
            && self.height == stack
    }

    pub fn label(&self) -> u32 {
        self.label
    }
}

fn block_types(module: &Module<'_>, ty: BlockType) -> (Vec<Type>, Vec<Type>) {
    match ty {
        BlockType::Empty => (Vec::new(), Vec::new()),
        BlockType::Type(result) => (Vec::new(), vec![Type::of(result)]),
        BlockType::FuncType(index) => {
            let signature = &module.types[index as usize];
            (signature.params.clone(), signature.results.clone())
        }
    }
}

impl Body<'_, '_> {
    fn new_label(&mut self) -> u32 {
        self.labels += 1;
        self.labels
    }

    fn begin(&mut self, kind: Kind, ty: BlockType) {
        let (params, results) = block_types(self.plan.module, ty);
        let height = self.stack.len() - params.len();
        let assigned = if kind == Kind::Loop { params.clone() } else { results.clone() };
        let label = self.new_label();
        let variables = assigned.iter().map(|_| self.new_temporary()).collect();
        self.frames.push(Frame { height, variables, label, ..Frame::new(kind, params, results) });
    }

    pub fn block(&mut self, ty: BlockType) {
        self.settle_all();
        self.begin(Kind::Block, ty);
    }

    pub fn begin_loop(&mut self, ty: BlockType) {
        self.settle_all();
        self.begin(Kind::Loop, ty);
        let frame = self.frames.last().expect("just begun");
        let (label, types, variables) =
            (frame.label, frame.params.clone(), frame.variables.clone());
        self.declare(&variables, &types);
        let params = self.pop_many(types.len());
        self.assign(&variables, params);
        self.facts.forget();
        self.place(label);
        self.frames.last_mut().expect("just begun").head = self.text.len();
        self.push_variables(&variables, &types);
    }

    pub fn begin_if(&mut self, ty: BlockType) {
        let condition = self.pop();
        self.settle_all();
        self.begin(Kind::If, ty);
        let else_label = self.new_label();
        self.text.push_str("if (!");
        self.tree.condition(condition.node, &mut self.text);
        self.text.push_str(") ");
        self.goto(else_label);
        let frame = self.frames.last_mut().expect("just begun");
        frame.else_label = else_label;
        frame.arm_params = self.stack[frame.height..].to_vec();
    }

    /// Also where the end of the first arm cannot be reached.
    pub fn begin_else(&mut self) {
        let mut frame = self.frames.pop().expect("validated");
        if self.reachable {
            self.fall_into(&frame);
            self.goto(frame.label);
            frame.targeted = true;
            self.reachable = false;
        }
        self.place(frame.else_label);
        self.cut(frame.height);
        self.stack.extend(frame.arm_params.iter().copied());
        self.reachable = true;
        frame.kind = Kind::Else;
        self.frames.push(frame);
    }

    pub fn end(&mut self) {
        let mut frame = self.frames.pop().expect("validated");
        match frame.kind {
            Kind::Function => {
                if self.reachable {
                    let results = self.pop_many(frame.results.len());
                    self.return_values(&results);
                }
                self.reachable = false;
                return;
            }
            // Nothing comes from elsewhere: the results stay trees.
            Kind::Loop => return self.leave_open(&frame),
            Kind::Block if !frame.targeted => return self.leave_open(&frame),
            Kind::Block | Kind::Else => {
                if self.reachable {
                    self.fall_into(&frame);
                }
            }
            Kind::If => self.end_without_else(&mut frame),
        }
        self.declare(&frame.variables, &frame.results);
        self.cut(frame.height);
        if frame.targeted {
            self.place(frame.label);
        }
        self.reachable |= frame.targeted;
        if self.reachable {
            self.push_variables(&frame.variables, &frame.results);
        }
    }

    fn leave_open(&mut self, frame: &Frame) {
        if !self.reachable {
            self.cut(frame.height);
        }
    }

    /// The missing arm hands its parameters on.
    fn end_without_else(&mut self, frame: &mut Frame) {
        if self.reachable {
            self.fall_into(frame);
            if !frame.variables.is_empty() {
                // Past the assignments of the missing arm.
                self.goto(frame.label);
                frame.targeted = true;
                self.reachable = false;
            }
        }
        self.place(frame.else_label);
        self.assign(&frame.variables, frame.arm_params.clone());
        self.reachable = true;
    }

    /// Assigns a block's results at its end.
    fn fall_into(&mut self, frame: &Frame) {
        let values = self.pop_many(frame.results.len());
        self.assign(&frame.variables, values);
    }

    fn cut(&mut self, height: usize) {
        self.stack.truncate(height);
        self.fixed = self.fixed.min(height);
    }

    /// At the function's start, where every branch has passed.
    fn declare(&mut self, variables: &[u32], types: &[Type]) {
        self.declared.extend(variables.iter().copied().zip(types.iter().copied()));
    }

    fn push_variables(&mut self, variables: &[u32], types: &[Type]) {
        for (&variable, &ty) in variables.iter().zip(types) {
            self.push_fixed(Node::Temporary(variable), ty);
        }
    }

    /// All at once: a value may read what another one assigns.
    fn assign(&mut self, variables: &[u32], mut values: Vec<Entry>) {
        if values.len() > 1 {
            // Also those that are only a variable.
            let copied: Vec<Entry> = values.iter().map(|&value| self.copy(value)).collect();
            values = copied;
        }
        for (variable, value) in variables.iter().zip(values) {
            let _ = write!(self.text, "t{variable} = ");
            self.tree.value(value.node, &mut self.text);
            self.text.push_str(";\n");
        }
    }

    fn copy(&mut self, entry: Entry) -> Entry {
        match self.tree.get(entry.node) {
            Node::Temporary(_) => {
                let effects = Effects { size: 2, ..entry.effects };
                self.settle(Entry { effects, ..entry })
            }
            _ => self.settle(entry),
        }
    }

    fn target(&mut self, depth: u32) -> (usize, usize) {
        let index = self.frames.len() - 1 - depth as usize;
        let frame = &mut self.frames[index];
        frame.targeted = true;
        let arity = if frame.kind == Kind::Loop { frame.params.len() } else { frame.results.len() };
        (index, arity)
    }

    /// Writes a branch with these values, as one or more statements.
    pub fn jump(&mut self, frame: usize, values: Vec<Entry>) {
        if self.frames[frame].kind == Kind::Function {
            self.return_values(&values);
            return;
        }
        let dispatched = self.dispatched(frame);
        if dispatched.is_none() && self.frames[frame].dispatch.is_some() {
            self.fail("a jump to a resume point that is not known");
        }
        let label = dispatched.unwrap_or(self.frames[frame].label);
        let variables = self.frames[frame].variables.clone();
        self.assign(&variables, values);
        self.goto(label);
    }

    fn goto(&mut self, label: u32) {
        let _ = writeln!(self.text, "goto L{label};");
        self.note_goto(label);
        self.facts.jump(label);
    }

    /// To be called while `reachable` says whether control falls in.
    fn place(&mut self, label: u32) {
        let _ = writeln!(self.text, "L{label}:;");
        self.note_label(label);
        self.facts.arrive(label, self.reachable);
    }

    pub fn br(&mut self, depth: u32) {
        let (frame, arity) = self.target(depth);
        let values = self.pop_many(arity);
        self.settle_traps();
        self.jump(frame, values);
        self.reachable = false;
    }

    pub fn br_if(&mut self, depth: u32) {
        let condition = self.pop();
        if self.go_unwind(condition, depth) {
            return;
        }
        let (frame, arity) = self.target(depth);
        self.settle_traps();
        // They are used on both ways.
        let values = self.pop_many(arity);
        let values: Vec<Entry> = values.into_iter().map(|value| self.settle(value)).collect();
        self.text.push_str("if (");
        self.tree.condition(condition.node, &mut self.text);
        self.text.push_str(") {");
        self.jump(frame, values.clone());
        self.text.push_str("}\n");
        self.stack.extend(values);
    }

    pub fn br_table(&mut self, targets: &BrTable<'_>) {
        let index = self.pop();
        let (_, arity) = self.target(targets.default());
        self.settle_traps();
        let values = self.pop_many(arity);
        let values: Vec<Entry> = values.into_iter().map(|value| self.settle(value)).collect();
        if arity == 0 {
            let depths = targets.targets().chain([Ok(targets.default())]);
            let frames =
                depths.map(|depth| self.frames.len() - 1 - depth.expect("validated") as usize);
            let frames: Vec<usize> = frames.collect();
            if self.is_resume_point(index) {
                return self.enter(index, &frames);
            }
            self.note_dispatch(index, &frames);
        }
        self.text.push_str("switch (");
        self.tree.value(index.node, &mut self.text);
        self.text.push_str(") {\n");
        let mut cases: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (case, depth) in targets.targets().enumerate() {
            cases.entry(depth.expect("validated")).or_default().push(case);
        }
        cases.remove(&targets.default());
        for (depth, cases) in cases {
            for case in cases {
                let _ = write!(self.text, "case {case}: ");
            }
            self.case(depth, values.clone());
        }
        self.text.push_str("default: ");
        self.case(targets.default(), values);
        self.text.push_str("}\n");
        self.reachable = false;
    }

    /// What follows a label of a `switch` must be one statement, and several
    /// values are declared first.
    fn case(&mut self, depth: u32, values: Vec<Entry>) {
        let (frame, _) = self.target(depth);
        let several = values.len() > 1;
        if several {
            self.text.push_str("{\n");
        }
        self.jump(frame, values);
        if several {
            self.text.push_str("}\n");
        }
    }

    pub fn return_(&mut self) {
        let values = self.pop_many(self.signature.results.len());
        self.settle_traps();
        self.return_values(&values);
        self.reachable = false;
    }

    /// Writes the function's end with these results.
    pub fn return_values(&mut self, values: &[Entry]) {
        let texts: Vec<String> = values.iter().map(|value| self.tree.text(value.node)).collect();
        if self.fast.is_some() {
            self.go_return(values[0]);
            return;
        }
        if self.form == Form::Trampoline {
            self.return_slots(values, &texts);
            return;
        }
        match texts.as_slice() {
            [] => self.text.push_str("return;\n"),
            [one] => drop(writeln!(self.text, "return {one};")),
            many => {
                let ty = self.signature.return_type();
                let _ = writeln!(self.text, "return ({ty}){{{}}};", many.join(", "));
            }
        }
    }

    /// A trampolined function leaves its results where its entry looks.
    fn return_slots(&mut self, values: &[Entry], texts: &[String]) {
        for (i, (value, text)) in values.iter().zip(texts).enumerate() {
            let _ = write!(self.text, "wasrisc_tail_slots[{i}] = {}; ", value.ty.to_slot(text));
        }
        self.text.push_str("return;\n");
    }

    pub fn unreachable(&mut self) {
        self.settle_traps();
        self.statement("wasrisc_trap(WASRISC_TRAP_UNREACHABLE);");
        self.reachable = false;
    }
}
