//! `bench`: measures many cells, then writes report.json and report.md.

use std::process::ExitCode;

use anyhow::Result;

use super::report::{baseline, gate, Printed};
use crate::artifacts::{self, Target};
use crate::cache::write_atomic;
use crate::cli::Bench;
use crate::graph::plan::Plan;
use crate::graph::schedule::Outcome;
use crate::graph::step::Made;
use crate::guest::manifest::Guest;
use crate::guest::select::{self, Chosen};
use crate::headline::Headline;
use crate::input::Input;
use crate::measure::cell::{self, Case, Measurer};
use crate::measure::counter::{self, Mode};
use crate::measure::side_by_side::side_by_side;
use crate::pipeline::{Pipeline, PIPELINES};
use crate::platform::{Platform, PLATFORMS};
use crate::process;
use crate::report::difference::Difference;
use crate::report::model::fill_derived;
use crate::report::{render, Cell, Detail, Report, Status};
use crate::session::Session;
use crate::table::print_json;

/// What is to be measured.
struct Selection {
    chosen: Vec<Chosen>,
    pipelines: Vec<&'static Pipeline>,
    platforms: Vec<&'static Platform>,
    inputs: Vec<String>,
    /// Whether of the inputs only those of the headline are meant.
    headline: bool,
    runs: Vec<u32>,
}

impl Selection {
    fn inputs(&self, session: &Session, guest: &Guest) -> Result<Vec<Input>> {
        let mut inputs = cell::inputs(session, guest, &self.inputs)?;
        inputs.retain(|input| !self.headline || input.headline);
        Ok(inputs)
    }
}

pub fn run(session: &Session, args: Bench) -> Result<ExitCode> {
    let selection = select(session, &args)?;
    // A name that is no input is found before anything is built.
    for chosen in &selection.chosen {
        selection.inputs(session, &chosen.guest)?;
    }
    let baseline = baseline(&args.against)?;
    let mut plan = Plan::default();
    let targets = artifacts::targets(
        &mut plan,
        &session.root,
        &selection.chosen,
        &selection.pipelines,
        &selection.platforms,
    )?;
    let plugin = counter::plan(&mut plan)?;
    let emulators = artifacts::emulators(&targets);
    let mut outcome = session.make(&plan, &emulators, true);
    process::check_interrupted()?;
    // Without the counter there is no number at all.
    if let Some(error) = outcome.take_failure(&plugin.step) {
        return Err(error);
    }
    session.toolchain().ensure(&emulators)?;
    let bench =
        Run { session, plan: &plan, outcome: &outcome, plugin: &plugin, selection: &selection };
    let mut cells = bench.all(&targets)?;
    fill_derived(&mut cells);
    let report = Report::new(cells);
    let difference = baseline.map(|old| Difference::between(&old, &report));
    let code = write(session, &args, &report, difference.as_ref())?;
    gate(session, &args.against, difference.as_ref())?;
    Ok(code)
}

fn select(session: &Session, args: &Bench) -> Result<Selection> {
    let headline = Headline::load(&session.root)?;
    let mut runs = if args.runs.is_empty() { headline.runs } else { args.runs.clone() };
    runs.sort_unstable();
    runs.dedup();
    let inputs = args.input.clone();
    if args.all {
        let chosen = select::every_setting(&session.guests);
        let platforms = PLATFORMS.iter().collect();
        return Ok(Selection {
            chosen,
            pipelines: PIPELINES.iter().collect(),
            platforms,
            inputs,
            headline: false,
            runs,
        });
    }
    let words = if args.guests.is_empty() { &headline.guests } else { &args.guests };
    let chosen = select::choose_all(&session.guests, words)?;
    let platform = artifacts::platform(args.platform.as_deref().unwrap_or(&headline.platform))?;
    Ok(Selection {
        chosen,
        pipelines: artifacts::pipelines(&session.root, &args.pipeline)?,
        platforms: vec![platform],
        headline: args.guests.is_empty() && inputs.is_empty(),
        inputs,
        runs,
    })
}

struct Run<'a> {
    session: &'a Session,
    plan: &'a Plan,
    outcome: &'a Outcome,
    plugin: &'a Made,
    selection: &'a Selection,
}

impl Run<'_> {
    /// Every cell. What else the machine does changes only the counts of programs
    /// with several threads, by about what is taken for noise
    /// ([`crate::report::difference`]), so as many are measured side by side as
    /// there are jobs.
    fn all(&self, targets: &[Target]) -> Result<Vec<Cell>> {
        let mut series = Vec::new();
        for target in targets {
            let guest = &target.chosen.guest;
            for input in self.selection.inputs(self.session, guest)? {
                series.push((target, input));
            }
        }
        let progress = self.session.ui.progress("Measuring", series.len());
        let cells = side_by_side(self.session.executor.jobs, series.into_iter(), |one| {
            let (target, input) = one;
            let measured = self.input(target, &input)?;
            progress.advance();
            Ok(measured)
        })?;
        Ok(cells.into_iter().flatten().collect())
    }

    /// A cell for each number of runs.
    fn input(&self, target: &Target, input: &Input) -> Result<Vec<Cell>> {
        let runs = &self.selection.runs;
        let blanks =
            runs.iter().map(|&n| cell::blank(self.session, target, self.plan, &input.name, n));
        let blanks: Vec<Cell> = blanks.collect();
        let failure = self.outcome.failure(&target.steps(self.plan));
        if target.artifacts.is_err() || failure.is_some() {
            return Ok(blanks.into_iter().map(|c| cell::absent(c, target, failure)).collect());
        }
        let loaded = match input.load() {
            Ok(loaded) => loaded,
            Err(error) => {
                let reason = error.to_string();
                return Ok(blanks
                    .into_iter()
                    .map(|c| c.without_numbers(Status::Unavailable, &reason))
                    .collect());
            }
        };
        let files = target.files(self.session, self.plan, &self.outcome.built)?;
        let plugin = self.outcome.built.file(self.plugin)?.0;
        let measurer = Measurer { session: self.session, plugin, mode: Mode::Block };
        let mut cells = Vec::new();
        for &runs in runs {
            let case =
                Case { target, plan: self.plan, files: &files, input, loaded: &loaded, runs };
            let mut cell = measurer.measure(&case)?.cell;
            if cell.status == Status::Ok {
                cell.detail = match runs {
                    1 => measurer.detail(&case, &cell)?,
                    _ => Detail::absent("looked at in detail at runs = 1 only"),
                };
            }
            cells.push(cell);
        }
        Ok(cells)
    }
}

fn write(
    session: &Session,
    args: &Bench,
    report: &Report,
    difference: Option<&Difference>,
) -> Result<ExitCode> {
    std::fs::create_dir_all(&args.output)?;
    let (json, markdown) = (args.output.join("report.json"), args.output.join("report.md"));
    report.write(&json)?;
    write_atomic(&markdown, render::markdown(report, difference).as_bytes())?;
    session.ui.status("Wrote", &format!("{} and {}", markdown.display(), json.display()));
    if session.json {
        print_json(&Printed { report, difference })?;
    } else {
        print!("{}", render::headline(report, difference));
    }
    let failed = report.cells.iter().filter(|c| c.status == Status::Failed).count();
    if failed == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    session.ui.warn(&format!("{failed} cells failed; their reasons are in {}", markdown.display()));
    Ok(ExitCode::FAILURE)
}

#[cfg(test)]
mod tests {
    use crate::guest::manifest::Guest;

    /// One generated block is enough for the headline; the other forks' are
    /// measured where they or their guest are named, and by `--all`.
    #[test]
    fn one_input_of_stateless_is_in_the_headline() {
        let project = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let guest = Guest::load(&project.join("guests/stateless")).unwrap();
        let (inside, outside): (Vec<_>, Vec<_>) = guest.inputs.iter().partition(|i| i.headline);
        let names: Vec<&str> = inside.iter().map(|input| input.name.as_str()).collect();
        assert_eq!(names, ["generated"]);
        assert_eq!(outside.len() + 1, crate::input::chain::FORKS.len());
    }
}
