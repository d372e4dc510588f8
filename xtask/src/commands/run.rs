//! `run`: one guest through one pipeline, measured and judged.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use serde::Serialize;

use crate::artifacts::{self, Files, Target};
use crate::cli::Run;
use crate::error::{self, Kind};
use crate::graph::plan::Plan;
use crate::guest::select;
use crate::input::{Input, Loaded};
use crate::measure::cell::{self, Case, Measured, Measurer};
use crate::measure::counter::{self, Mode};
use crate::measure::debugger::Debugger;
use crate::measure::detail;
use crate::measure::execution::{Execution, Machine};
use crate::measure::profile::{self, Profile};
use crate::process::Limits;
use crate::report::model::fill_derived;
use crate::report::{format, Cell, Detail, Status};
use crate::session::Session;
use crate::table;

#[derive(Serialize)]
struct Printed<'a> {
    #[serde(flatten)]
    cell: &'a Cell,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<&'a Profile>,
}

pub fn run(session: &Session, args: Run) -> Result<ExitCode> {
    let mut plan = Plan::default();
    let pipelines = artifacts::pipelines(&session.root, std::slice::from_ref(&args.pipeline))?;
    let platform = artifacts::platform(&args.platform)?;
    if args.native && !platform.native {
        return Err(error::usage(format!("platform {} cannot run natively here", platform.name))
            .hint("--native goes with --platform amd64")
            .into());
    }
    let mut chosen = select::choose(&session.guests, &args.guest)?;
    select::give_files(&mut chosen, args.files.as_deref())?;
    select::give_words(&mut chosen, &args.arguments, &args.environment)?;
    select::train(&mut chosen, args.train.as_deref());
    if session.json && chosen.len() > 1 {
        let names: Vec<&str> = chosen.iter().map(|c| c.guest.name.as_str()).collect();
        let message = format!("--json prints one cell, and `{}` is several guests", args.guest);
        return Err(error::usage(message).hint(format!("name one of {}", names.join(", "))).into());
    }
    let platforms = [platform];
    let (root, trace) = (&session.root, args.trace_wasi);
    let targets = artifacts::variants(&mut plan, root, &chosen, &pipelines, &platforms, trace)?;
    if let Some(reason) = targets.iter().find_map(|t| t.artifacts.as_ref().err()) {
        return Err(error::usage(reason.clone()).into());
    }
    check_symbols(args.symbols.as_deref(), &targets)?;
    let mut inputs = Vec::new();
    for target in &targets {
        let input = cell::chosen_input(session, &target.chosen.guest, args.input.as_deref())?;
        let loaded = input.load()?;
        inputs.push((input, loaded));
    }
    let plugin = counter::plan(&mut plan)?;
    let built = session.make(&plan, &[platform.emulator.tool], false).all()?;
    session.toolchain().ensure(&[platform.emulator.tool])?;
    let mut worst = ExitCode::SUCCESS;
    for (target, (input, loaded)) in targets.iter().zip(&inputs) {
        let files = target.files(session, &plan, &built)?;
        let one = One { session, args: &args, plan: &plan, target, files: &files, input, loaded };
        let plugin = built.file(&plugin)?.0;
        let failed = match args.native || args.trace_wasi || args.gdb {
            true => one.shown(plugin)?,
            false => one.counted(plugin)?,
        };
        if let Some(kind) = failed {
            worst = ExitCode::from(kind as u8);
        }
    }
    Ok(worst)
}

/// What a failed execution is.
pub fn kind(limit: bool) -> Kind {
    if limit {
        Kind::Limit
    } else {
        Kind::Failed
    }
}

/// Refuses `--symbols` where nothing was made from a module.
pub fn check_symbols(symbols: Option<&Path>, targets: &[Target]) -> Result<()> {
    let module = |target: &Target| target.artifacts.as_ref().is_ok_and(|a| a.wasm.is_some());
    if symbols.is_none() || targets.iter().any(module) {
        return Ok(());
    }
    let message = "--symbols names functions of a module, and nothing here is made from one";
    Err(error::usage(message).hint("direct programs have their own symbols").into())
}

/// One target with its input.
struct One<'a> {
    session: &'a Session,
    args: &'a Run,
    plan: &'a Plan,
    target: &'a Target,
    files: &'a Files,
    input: &'a Input,
    loaded: &'a Loaded,
}

impl One<'_> {
    fn case(&self, runs: u32) -> Case<'_> {
        let One { target, plan, files, input, loaded, .. } = *self;
        Case { target, plan, files, input, loaded, runs }
    }

    /// Runs for a person: the guest's output is passed on, nothing is counted.
    fn shown(&self, plugin: PathBuf) -> Result<Option<Kind>> {
        let case = self.case(self.args.runs);
        let measurer = Measurer { session: self.session, plugin, mode: Mode::Block };
        let debugger = match self.args.gdb {
            true => Some(Debugger::start(self.session, self.target, self.files)?),
            false => None,
        };
        let machine = match (&debugger, self.args.native) {
            (Some(debugger), _) => measurer.debugged(self.target, debugger.port)?,
            (None, true) => Machine::Native,
            (None, false) => measurer.machine(self.target, Mode::Block)?,
        };
        let limits = case.limits();
        let observed = Execution {
            elf: &self.files.elf_path,
            machine: &machine,
            arguments: &self.target.chosen.setting.arguments,
            environment: &self.target.chosen.setting.environment,
            stdin: &case.stdin()?,
            // A person takes time.
            limits: if self.args.gdb { Limits { time: None, ..limits } } else { limits },
        }
        .run()?;
        print!("{}", String::from_utf8_lossy(&observed.stdout));
        eprint!("{}", String::from_utf8_lossy(&observed.stderr));
        let failure = observed.failure(self.loaded.expected.as_deref());
        Ok(failure.map(|reason| {
            self.session.ui.warn(&reason);
            kind(observed.finished.exceeded.is_some())
        }))
    }

    fn counted(&self, plugin: PathBuf) -> Result<Option<Kind>> {
        let mode = match (self.args.profile, self.args.exact) {
            (true, _) => Mode::Profile,
            (false, true) => Mode::Exact,
            (false, false) => Mode::Block,
        };
        // Before anything runs, since its files may be wrong ones.
        let read = || profile::Module::read(self.files, self.args.symbols.as_deref());
        let module = self.args.profile.then(read).transpose()?;
        let measurer = Measurer { session: self.session, plugin, mode };
        let Measured { cell, count, limit } = measurer.measure(&self.case(self.args.runs))?;
        let mut cells = vec![cell];
        // The marginal cost is a difference to a single run.
        if self.args.runs > 1 && cells[0].status == Status::Ok {
            cells.push(measurer.measure(&self.case(1))?.cell);
        }
        fill_derived(&mut cells);
        if cells[0].status == Status::Ok {
            cells[0].detail = match self.args.detail {
                true => measurer.detail(&self.case(self.args.runs), &cells[0])?,
                false => Detail::absent("run without --detail"),
            };
        }
        let profile = match module.zip(count) {
            Some((module, count)) => {
                Some(profile::attribution(self.files, &module, &count)?.profile())
            }
            None => None,
        };
        self.print(&cells[0], profile.as_ref())?;
        Ok((cells[0].status != Status::Ok).then(|| kind(limit)))
    }

    fn print(&self, cell: &Cell, profile: Option<&Profile>) -> Result<()> {
        if self.session.json {
            return table::print_json(&Printed { cell, profile });
        }
        let numbers = &cell.instructions;
        let count = |n: Option<u64>| n.map_or("not measured".to_string(), format::thousands);
        let mut rows = vec![
            ["cell".to_string(), cell.label()],
            [
                "status".to_string(),
                cell.reason.clone().map_or("ok".into(), |r| format!("{}: {r}", cell.status)),
            ],
            ["total".to_string(), count(numbers.total)],
            ["start-up".to_string(), count(numbers.startup)],
            ["single".to_string(), count(numbers.single)],
        ];
        if let Some(marginal) = numbers.marginal {
            rows.push(["marginal".to_string(), format!("{marginal}")]);
        }
        if let Some(spread) = numbers.spread {
            let (least, most) = (format::thousands(spread.min), format::thousands(spread.max));
            rows.push([
                "spread".to_string(),
                format!("{least} to {most} in {} repeats", spread.repeats),
            ]);
        }
        let rows: Vec<Vec<String>> = rows.iter().map(|r| r.to_vec()).collect();
        print!("{}", table::render(&["", "instructions"], &rows));
        if self.args.detail && cell.status == Status::Ok {
            print!("\n{}", detail::table(&cell.detail));
        }
        if let Some(profile) = profile {
            print!("\n{}", profile.table(30));
        }
        Ok(())
    }
}
