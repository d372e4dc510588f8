//! Function bodies: the driver. It reads operators one by one, skips what
//! cannot be reached, and hands the rest to the operator match.

mod bounds;
mod bulk;
pub mod calls;
mod control;
mod dispatch;
pub mod expression;
pub mod int128;
pub mod memory;
mod operators;
pub mod stack;
mod tables;

use crate::complement;
use crate::error::Result;
use crate::go::frame::Fast;
use crate::go::{self, StackBase, Trial};
use crate::plan::{Form, Plan};
use crate::types::{Signature, Type};
use control::Frame;
use expression::Tree;
pub use memory::{memory_base, SIZE_REGISTER};
use stack::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::ops::Range;
use wasmparser::{FunctionBody, Operator};

/// What a piece of C mentions and its file has to declare.
#[derive(Default)]
pub struct Uses {
    pub functions: BTreeSet<u32>,
    /// Fast versions of functions of Go.
    pub go_functions: BTreeSet<u32>,
    pub resumable: BTreeSet<u32>,
    /// The table of what values of Go call.
    pub go_table: bool,
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
        self.go_functions.extend(&other.go_functions);
        self.resumable.extend(&other.resumable);
        self.go_table |= other.go_table;
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
    /// Why it is no fast version after all.
    pub failure: Option<String>,
}

/// Which of a function's C functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// The only one.
    Plain,
    /// Of a function of Go: for calls (go/mod.rs).
    Fast,
    /// That once more, in a file whose functions call it.
    Copy,
    /// Of a function of Go with a fast version: for all other entries.
    Resumable,
}

impl Version {
    pub fn is_fast(self) -> bool {
        matches!(self, Version::Fast | Version::Copy)
    }
}

/// The translation of one body, under way.
pub(crate) struct Body<'p, 'a> {
    pub plan: &'p Plan<'a>,
    pub signature: &'p Signature,
    pub form: Form,
    /// It calls nothing.
    pub leaf: bool,
    pub tree: Tree,
    pub stack: Vec<Entry>,
    /// Entries below this one are fixed: nothing that happens concerns them.
    pub fixed: usize,
    pub frames: Vec<Frame>,
    /// Blocks opened in code that cannot be reached.
    pub skipped: u32,
    pub reachable: bool,
    pub assigned: Option<dispatch::Assigned>,
    pub locals: Vec<Type>,
    /// Which of them an instruction names that can be reached.
    pub used_locals: Vec<bool>,
    /// What is declared at the function's start beside locals.
    pub declared: Vec<(u32, Type)>,
    pub temporaries: u32,
    pub labels: u32,
    pub text: String,
    pub accessed: BTreeSet<u32>,
    /// Memories whose size an access looks at.
    pub measured: BTreeSet<u32>,
    /// Lines of `text` that read the size of a memory again.
    pub measured_again: Vec<(Range<usize>, u32)>,
    pub facts: bounds::Facts,
    pub uses: Uses,
    version: Version,
    pub fast: Option<Fast>,
    /// Places of a fast version's frame that are variables, and their bytes.
    pub own_slots: BTreeMap<i64, u64>,
}

/// Translates the function `index`, which has a body.
///
/// # Errors
///
/// Of a validated module none is expected.
pub fn translate(
    plan: &Plan<'_>,
    index: u32,
    code: &FunctionBody<'_>,
    version: Version,
) -> Result<FunctionText> {
    let mut body = Body::new(plan, index, version);
    match version {
        // It runs hardly ever.
        Version::Resumable => body.run(code)?,
        _ => body.run_fewer(code)?,
    }
    if body.fast.as_ref().is_some_and(|fast| fast.failure.is_some()) {
        // What was tried was another text of it, and was found good.
        body = Body::new(plan, index, version);
        body.run(code)?;
    }
    Ok(body.finish(index))
}

/// Translates it as the fast version of a function of Go, to see whether it
/// can have one.
///
/// # Errors
///
/// Of a validated module none is expected.
pub fn trial(plan: &Plan<'_>, index: u32, code: &FunctionBody<'_>) -> Result<Trial> {
    let mut body = Body::new(plan, index, Version::Fast);
    body.run(code)?;
    Ok(body.tried())
}

impl<'p, 'a> Body<'p, 'a> {
    fn new(plan: &'p Plan<'a>, index: u32, version: Version) -> Body<'p, 'a> {
        let signature = plan.module.signature(index);
        let mut tree = Tree::default();
        tree.stack_base = StackBase::of(plan.options);
        let place = go::place(plan, index);
        let fast = version.is_fast().then(|| Fast::new(place));
        // A fast version's addresses become numbers by the base.
        let accessed = if fast.is_some() { BTreeSet::from([0]) } else { BTreeSet::new() };
        Body {
            plan,
            signature,
            form: plan.functions[index as usize].form,
            leaf: plan.functions[index as usize].leaf,
            tree,
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
            accessed,
            measured: BTreeSet::new(),
            measured_again: Vec::new(),
            facts: bounds::Facts::default(),
            uses: Uses::default(),
            version,
            fast,
            own_slots: plan.own_slots(index, version),
        }
    }

    fn run(&mut self, code: &FunctionBody<'_>) -> Result<()> {
        self.read_locals(code)?;
        for operator in code.get_operators_reader()? {
            self.next(&operator?);
        }
        Ok(())
    }

    /// The same with fewer operators, for what is run.
    fn run_fewer(&mut self, code: &FunctionBody<'_>) -> Result<()> {
        self.read_locals(code)?;
        let operators = code.get_operators_reader()?.into_iter();
        let operators = operators.collect::<std::result::Result<_, _>>()?;
        let followed = if self.fast.is_some() { &go::frame::FOLLOWED[..] } else { &[] };
        for operator in &complement::fewer(operators, &self.locals, followed) {
            self.next(operator);
        }
        Ok(())
    }

    fn next(&mut self, operator: &Operator<'_>) {
        self.step(operator);
        self.check_exit(operator);
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
            self.check_result(operator);
            self.operator(operator);
            if !self.reachable {
                self.note_stop();
            }
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
        let first = matches!(self.version, Version::Plain | Version::Fast);
        if plan.go.is_ok() && go::is_go_function(plan, index) && first {
            text.push_str(&go::entry(plan, index, &mut self.uses));
        }
        if self.version.is_fast() {
            let frame = if plan.frame_escapes(index) { "FRAME" } else { "OWN_FRAME" };
            if self.version == Version::Copy {
                text.push_str("WASRISC_GO_COPY ");
            }
            let _ = writeln!(text, "void {}(WASRISC_GO_{frame}) {{", plan.fast(index));
        } else if self.version == Version::Resumable {
            let _ = writeln!(text, "{} {{", self.signature.prototype(&plan.resumable(index)));
        } else if self.form == Form::Trampoline {
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
        text.push_str(&self.check_locals(index));
        text.push_str(&self.declarations());
        text.push_str(&self.slot_declarations());
        if let Some(shortcut) = plan.shortcut(index).filter(|_| self.version.is_fast()) {
            text.push_str(&shortcut.text(&plan.stack_base().address("0ull")));
        }
        text.push_str(&self.measured_text());
        text.push_str("}\n\n");
        self.uses.functions.insert(index);
        if self.signature.results.len() > 1 {
            self.uses.results.insert(self.signature.results.clone());
        }
        let failure = self.failed(index);
        FunctionText { text, uses: self.uses, failure }
    }

    /// Of a fast version that is not what its trial said.
    fn failed(&mut self, index: u32) -> Option<String> {
        let mut fast = self.fast.take()?;
        if self.tree.has_read_first_local() {
            fast.fail("the resume point is read as a number");
        }
        if self.tree.has_escaped_frame() && !self.plan.frame_escapes(index) {
            fast.fail("its frame escapes");
        }
        let name = &self.plan.functions[index as usize].name;
        fast.failure.map(|reason| format!("{name}: {reason}"))
    }

    fn tried(self) -> Trial {
        let escapes = self.tree.has_escaped_frame();
        let first_local = self.tree.has_read_first_local();
        let mut fast = self.fast.expect("a fast version");
        if first_local {
            fast.fail("the resume point is read as a number");
        }
        if self.form != Form::Plain {
            fast.fail("it makes tail calls");
        }
        fast.trial(escapes)
    }

    pub fn statement(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }
}
