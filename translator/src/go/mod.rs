//! Modules of Go's compiler: their conventions are known, and make better C
//! than WebAssembly's alone. docs/go.md says what is assumed and why it holds.
//!
//! A function of Go gets two C functions: a *fast* one, entered at its start
//! only, and a *resumable* one, the plain translation, which the scheduler
//! enters after a stack was unwound. What a function must be like is checked
//! for each; those that are not so are translated plainly.

mod base;
mod calls;
mod copies;
mod emit;
pub mod flow;
pub mod frame;
pub mod intrinsics;
mod limit;
mod memory;
pub mod recognise;
mod report;
pub mod shortcut;
mod slots;

pub use base::StackBase;
pub use copies::copies;
pub use emit::{declarations, entry, place, table, unwinding};
pub use report::report;

use crate::error::Result;
use crate::function;
use crate::module;
use crate::options::{Bounds, Extension, Unaligned};
use crate::plan::{Plan, TableForm};
use crate::threads::side_by_side;
use crate::types::{Signature, Type};
use flow::Event;
use intrinsics::Intrinsic;
use shortcut::Shortcut;
use slots::Slots;
use std::collections::BTreeMap;
use wasmparser::Operator;

/// Functions that keep the stack pointer over a normal return, although they
/// set it from memory between: the goroutine's stack, back from the system's
/// (runtime/asm_wasm.s).
const KEEP_STACK_POINTER: [&str; 1] = ["runtime.systemstack"];

/// The global that holds the current goroutine.
pub const G: u32 = 2;

/// What is known of a module of Go.
#[derive(Default)]
pub struct Go {
    pub functions: Vec<Function>,
}

/// Of one function.
#[derive(Default)]
pub struct Function {
    /// None: it has a fast version.
    pub failure: Option<String>,
    pub never_returns: bool,
    pub intrinsic: Option<Intrinsic>,
    /// What the fast version does first.
    pub shortcut: Option<Shortcut>,
    /// It, or something it calls, reads or writes the stack pointer's global.
    uses_stack_pointer: bool,
    /// An address within its frame becomes a value.
    pub escapes: bool,
    /// Places of its frame that are variables of C.
    pub own_slots: BTreeMap<i64, u64>,
    /// Something may be resumed after a call in it.
    pub resumes: bool,
}

/// What a trial translation of a body finds.
#[derive(Default)]
pub struct Trial {
    /// It has a type of its own, or no body.
    pub foreign: bool,
    pub failure: Option<String>,
    /// Not all of `events` need be what the function does.
    pub flow_unknown: bool,
    pub events: Vec<Event>,
    /// What it calls and traps behind if that unwinds.
    pub trapping: Vec<u32>,
    pub slots: Slots,
    /// It is known where the table has it.
    pub placed: bool,
    pub escapes: bool,
    /// It makes indirect calls of Go's.
    pub indirect: bool,
}

impl Trial {
    fn foreign() -> Trial {
        let failure = Some("it has a type of its own".to_string());
        Trial { foreign: true, failure, ..Trial::default() }
    }
}

impl Go {
    /// # Errors
    ///
    /// Why the module is translated without what is known of Go.
    pub fn check(plan: &Plan<'_>) -> std::result::Result<(), String> {
        if !plan.options.go {
            return Err("the options say so".to_string());
        }
        if plan.options.bounds != Bounds::None {
            return Err("accesses are checked".to_string());
        }
        if plan.options.extension != Extension::Sign {
            return Err("addresses are extended by zeros".to_string());
        }
        if plan.tables.as_slice() != [TableForm::Constant] {
            return Err("there is not one table, or something can change it".to_string());
        }
        recognise::check(plan.module)
    }

    /// # Errors
    ///
    /// Of a validated module none is expected.
    pub fn of(plan: &Plan<'_>) -> Result<Go> {
        let trial = |index: usize, found: &module::Function<'_>| match &found.body {
            Some(code) if is_go_function(plan, index as u32) => {
                function::trial(plan, index as u32, code)
            }
            _ => Ok(Trial::foreign()),
        };
        let trials = side_by_side(&plan.module.functions, trial);
        let trials = trials.into_iter().collect::<Result<Vec<Trial>>>()?;
        let flows: Vec<Vec<Event>> = trials.iter().map(|trial| trial.events.clone()).collect();
        let unknown: Vec<bool> =
            trials.iter().map(|trial| trial.foreign || trial.flow_unknown).collect();
        let returns = flow::returning(&flows, &unknown);
        // A call that unwinds is resumed behind, if its callee ever gets to its
        // end: those that move the stack pointer may (`mcall`, `systemstack`).
        let moved: Vec<bool> = trials.iter().map(|trial| trial.failure.is_some()).collect();
        let completes = flow::returning(&flows, &moved);
        let mut go = Go::default();
        for (trial, returns) in trials.iter().zip(returns) {
            let comes_back =
                |event: &Event| matches!(event, Event::Call(f) if completes[*f as usize]);
            go.functions.push(Function {
                failure: trial.failure.clone(),
                never_returns: !returns,
                intrinsic: None,
                shortcut: None,
                uses_stack_pointer: false,
                escapes: trial.escapes,
                own_slots: BTreeMap::new(),
                resumes: trial.indirect || trial.events.iter().any(comes_back),
            });
        }
        go.recognise(plan)?;
        go.refuse_trapping(plan, &trials);
        go.demote(plan, &trials);
        let alone = go.find_stack_pointer_users(plan)?;
        for ((function, trial), alone) in go.functions.iter_mut().zip(&trials).zip(alone) {
            if alone && !function.escapes && !function.resumes && trial.placed {
                function.own_slots = trial.slots.own();
            }
        }
        Ok(go)
    }

    /// Bodies for which there is C that does the same in fewer instructions.
    fn recognise(&mut self, plan: &Plan<'_>) -> Result<()> {
        // The C in place of assembly accesses words at any address.
        let machine = plan.options.unaligned == Unaligned::Machine;
        for (index, found) in plan.module.functions.iter().enumerate() {
            let Some(body) = &found.body else { continue };
            let known = &mut self.functions[index];
            if machine {
                known.intrinsic = Intrinsic::of(body, plan.module.signature(index as u32));
            }
            if known.failure.is_none() {
                known.shortcut = Shortcut::of(plan, index as u32, body)?;
            }
        }
        Ok(())
    }

    /// Who unwinds leaves fast versions without asking them. Go's prologue looks
    /// only whether `morestack` returned, which it never does.
    fn refuse_trapping(&mut self, plan: &Plan<'_>, trials: &[Trial]) {
        for (index, trial) in trials.iter().enumerate() {
            let returns = |f: &&u32| !self.functions[**f as usize].never_returns;
            if let Some(callee) = trial.trapping.iter().find(returns) {
                let name = &plan.functions[*callee as usize].name;
                let reason = format!("traps if {name} unwinds");
                self.functions[index].failure.get_or_insert(reason);
            }
        }
    }

    /// Callers of functions that might move the stack pointer have no fast
    /// version either.
    fn demote(&mut self, plan: &Plan<'_>, trials: &[Trial]) {
        loop {
            let mut changed = false;
            for (index, trial) in trials.iter().enumerate() {
                if self.functions[index].failure.is_some() {
                    continue;
                }
                let bad = trial.events.iter().find_map(|event| match event {
                    Event::Call(callee) | Event::CallForGood(callee)
                        if !self.keeps_stack_pointer(plan, *callee) =>
                    {
                        Some(*callee)
                    }
                    _ => None,
                });
                if let Some(callee) = bad {
                    let name = &plan.functions[callee as usize].name;
                    let reason = format!("calls {name}, which may move the stack pointer");
                    self.functions[index].failure = Some(reason);
                    changed = true;
                }
            }
            if !changed {
                return;
            }
        }
    }

    fn keeps_stack_pointer(&self, plan: &Plan<'_>, function: u32) -> bool {
        let known = &self.functions[function as usize];
        let name = plan.module.functions[function as usize].name.as_deref();
        known.failure.is_none()
            || known.never_returns
            || name.is_some_and(|name| KEEP_STACK_POINTER.contains(&name))
    }

    /// Uses of the stack pointer are only asked of functions with types of their
    /// own. Gives the functions that nothing returns to, and so nothing looks at
    /// the frame of while they run.
    fn find_stack_pointer_users(&mut self, plan: &Plan<'_>) -> Result<Vec<bool>> {
        let mut calls = Vec::new();
        let mut indirect = Vec::new();
        for (index, function) in plan.module.functions.iter().enumerate() {
            let mut callees = Vec::new();
            indirect.push(function.body.is_none());
            if let Some(body) = &function.body {
                for operator in body.get_operators_reader()? {
                    match operator? {
                        Operator::CallIndirect { .. } | Operator::ReturnCallIndirect { .. } => {
                            self.functions[index].uses_stack_pointer = true;
                            indirect[index] = true;
                        }
                        Operator::GlobalGet { global_index: 0 }
                        | Operator::GlobalSet { global_index: 0 } => {
                            self.functions[index].uses_stack_pointer = true;
                        }
                        Operator::Call { function_index }
                        | Operator::ReturnCall { function_index } => callees.push(function_index),
                        _ => {}
                    }
                }
            }
            calls.push(callees);
        }
        loop {
            let mut changed = false;
            for (index, callees) in calls.iter().enumerate() {
                let uses = |f: &u32| self.functions[*f as usize].uses_stack_pointer;
                if !self.functions[index].uses_stack_pointer && callees.iter().any(uses) {
                    self.functions[index].uses_stack_pointer = true;
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        let looks = |f: &u32| {
            let (callee, foreign) = (&self.functions[*f as usize], !is_go_function(plan, *f));
            if foreign {
                callee.uses_stack_pointer
            } else {
                !callee.never_returns
            }
        };
        let alone = |(calls, indirect): (&Vec<u32>, &bool)| !indirect && !calls.iter().any(looks);
        Ok(calls.iter().zip(&indirect).map(alone).collect())
    }

    pub fn uses_stack_pointer(&self, function: u32) -> bool {
        self.functions[function as usize].uses_stack_pointer
    }
}

/// From a resume point to whether the stack is being unwound.
pub fn signature() -> Signature {
    Signature { params: vec![Type::I32], results: vec![Type::I32] }
}

/// Not an import of the same type.
pub fn is_go_function(plan: &Plan<'_>, function: u32) -> bool {
    plan.module.functions[function as usize].body.is_some()
        && *plan.module.signature(function) == signature()
}
