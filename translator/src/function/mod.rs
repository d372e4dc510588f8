//! Function bodies: the driver. It reads operators one by one, skips what
//! cannot be reached, and hands the rest to the operator match.

mod calls;
mod control;
mod dispatch;
mod expression;
mod memory;
mod operators;
mod stack;
mod tables;

use crate::error::Result;
use crate::plan::{Form, Plan};
use crate::types::{Signature, Type};
use control::Frame;
use expression::Tree;
use stack::Entry;
use std::collections::BTreeSet;
use std::fmt::Write;
use wasmparser::{FunctionBody, Operator};

/// What a piece of C mentions and its file has to declare.
#[derive(Default)]
pub struct Uses {
    pub functions: BTreeSet<u32>,
    pub steps: BTreeSet<u32>,
    pub references: BTreeSet<u32>,
    pub globals: BTreeSet<u32>,
    pub memories: BTreeSet<u32>,
    pub tables: BTreeSet<u32>,
    pub data: BTreeSet<u32>,
    pub elements: BTreeSet<u32>,
    /// Signatures whose identity is compared, by type index.
    pub types: BTreeSet<u32>,
    /// Several results at once.
    pub results: BTreeSet<Vec<Type>>,
}

impl Uses {
    pub fn merge(&mut self, other: &Uses) {
        self.functions.extend(&other.functions);
        self.steps.extend(&other.steps);
        self.references.extend(&other.references);
        self.globals.extend(&other.globals);
        self.memories.extend(&other.memories);
        self.tables.extend(&other.tables);
        self.data.extend(&other.data);
        self.elements.extend(&other.elements);
        self.types.extend(&other.types);
        self.results.extend(other.results.iter().cloned());
    }
}

/// A function's C, all of it.
pub struct FunctionText {
    pub text: String,
    pub uses: Uses,
}

/// The translation of one body, under way.
pub(crate) struct Body<'p, 'a> {
    plan: &'p Plan<'a>,
    signature: &'p Signature,
    form: Form,
    tree: Tree,
    stack: Vec<Entry>,
    /// Entries below this one are fixed: nothing that happens concerns them.
    fixed: usize,
    frames: Vec<Frame>,
    /// Blocks opened in code that cannot be reached.
    skipped: u32,
    reachable: bool,
    assigned: Option<dispatch::Assigned>,
    locals: Vec<Type>,
    /// Which of them an instruction names that can be reached.
    used_locals: Vec<bool>,
    /// What is declared at the function's start beside locals.
    declared: Vec<(u32, Type)>,
    temporaries: u32,
    labels: u32,
    text: String,
    accessed: BTreeSet<u32>,
    measured: BTreeSet<u32>,
    uses: Uses,
}

/// Translates the function `index`, which has a body.
///
/// # Errors
///
/// Of a validated module none is expected.
pub fn translate(plan: &Plan<'_>, index: u32, code: &FunctionBody<'_>) -> Result<FunctionText> {
    let signature = plan.module.signature(index);
    let mut body = Body::new(plan, index, signature);
    body.read_locals(code)?;
    let mut operators = code.get_operators_reader()?;
    while !operators.eof() {
        let operator = operators.read()?;
        body.step(&operator);
    }
    Ok(body.finish(index))
}

impl<'p, 'a> Body<'p, 'a> {
    fn new(plan: &'p Plan<'a>, index: u32, signature: &'p Signature) -> Body<'p, 'a> {
        Body {
            plan,
            signature,
            form: plan.functions[index as usize].form,
            tree: Tree::default(),
            stack: Vec::new(),
            fixed: 0,
            frames: vec![Frame::function(signature)],
            skipped: 0,
            reachable: true,
            assigned: None,
            locals: signature.params.clone(),
            used_locals: vec![true; signature.params.len()],
            declared: Vec::new(),
            temporaries: 0,
            labels: 0,
            text: String::new(),
            accessed: BTreeSet::new(),
            measured: BTreeSet::new(),
            uses: Uses::default(),
        }
    }

    fn read_locals(&mut self, code: &FunctionBody<'_>) -> Result<()> {
        for group in code.get_locals_reader()? {
            let (count, ty) = group?;
            self.locals.extend(std::iter::repeat_n(Type::of(ty), count as usize));
        }
        self.used_locals.resize(self.locals.len(), false);
        Ok(())
    }

    /// Modules may declare many thousands of locals and use none.
    fn declarations(&self) -> String {
        let mut text = String::new();
        let locals = self.locals.iter().zip(&self.used_locals).enumerate();
        for (local, (ty, used)) in locals.skip(self.signature.params.len()) {
            if !used {
                continue;
            }
            let zero = if matches!(ty, Type::Func | Type::Extern) { "NULL" } else { "0" };
            let _ = writeln!(text, "{} l{local} = {zero};", ty.c());
        }
        for (variable, ty) in &self.declared {
            let _ = writeln!(text, "{} t{variable};", ty.c());
        }
        text
    }

    fn step(&mut self, operator: &Operator<'_>) {
        if self.reachable {
            self.operator(operator);
            return;
        }
        match operator {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => {
                self.skipped += 1
            }
            Operator::End if self.skipped > 0 => self.skipped -= 1,
            Operator::Else if self.skipped == 0 => self.begin_else(),
            Operator::End => self.end(),
            _ => {}
        }
    }

    fn finish(mut self, index: u32) -> FunctionText {
        let plan = self.plan;
        let mut text = String::new();
        if self.form == Form::Trampoline {
            self.uses.steps.insert(index);
            self.entry(index, &mut text);
            let _ = writeln!(text, "void {}(void) {{", plan.step(index));
            for (i, ty) in self.signature.params.iter().enumerate() {
                let _ = writeln!(text, "{} l{i} = {};", ty.c(), ty.from_slot(i));
            }
        } else {
            let _ = writeln!(text, "{} {{", self.signature.prototype(&plan.function(index)));
        }
        if plan.options.stack_checks && !plan.functions[index as usize].leaf {
            text.push_str("WASRISC_CHECK_STACK();\n");
        }
        text.push_str(&self.memory_locals());
        text.push_str(&self.declarations());
        text.push_str(&self.text);
        text.push_str("}\n\n");
        self.uses.functions.insert(index);
        if self.signature.results.len() > 1 {
            self.uses.results.insert(self.signature.results.clone());
        }
        FunctionText { text, uses: self.uses }
    }

    fn statement(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }
}
