//! `compare`: which functions make two cells differ.

use std::process::ExitCode;

use anyhow::Result;
use serde::Serialize;

use super::run::{check_symbols, kind};
use crate::artifacts::{self, Target};
use crate::cli::Compare;
use crate::error::{self, Error};
use crate::graph::plan::Plan;
use crate::guest::select;
use crate::input::{Input, Loaded};
use crate::measure::cell::{self, Case, Measured, Measurer};
use crate::measure::comparison::Comparison;
use crate::measure::counter::{self, Mode};
use crate::measure::profile;
use crate::platform::PLATFORMS;
use crate::report::{format, Cell};
use crate::session::Session;
use crate::table::print_json;

/// What `--json` prints.
#[derive(Serialize)]
struct Printed<'a> {
    /// The cells as `run --profile --json` would print them, without profiles.
    a: &'a Cell,
    b: &'a Cell,
    /// Whether both were counted in one mode: otherwise the numbers are of two
    /// kinds.
    same_mode: bool,
    comparison: &'a Comparison,
}

pub fn run(session: &Session, args: Compare) -> Result<ExitCode> {
    let words = Word::two(&args.first, &args.second)?;
    let mut plan = Plan::default();
    let mut targets = Vec::new();
    for word in &words {
        targets.push(word.target(session, &mut plan)?);
    }
    check_symbols(args.symbols.as_deref(), &targets)?;
    let mut inputs = Vec::new();
    for target in &targets {
        let input = cell::chosen_input(session, &target.chosen.guest, args.input.as_deref())?;
        let loaded = input.load()?;
        inputs.push((input, loaded));
    }
    same_input(&inputs)?;
    let plugin = counter::plan(&mut plan)?;
    let emulators = artifacts::emulators(&targets);
    let built = session.make(&plan, &emulators, false).all()?;
    session.toolchain().ensure(&emulators)?;
    let plugin = built.file(&plugin)?.0;
    let measurer = Measurer { session, plugin, mode: Mode::Profile };
    let (mut cells, mut programs) = (Vec::new(), Vec::new());
    for (target, (input, loaded)) in targets.iter().zip(&inputs) {
        let files = target.files(session, &plan, &built)?;
        let case = Case { target, plan: &plan, files: &files, input, loaded, runs: args.runs };
        let module = profile::Module::read(&files, args.symbols.as_deref())?;
        let Measured { cell, count, limit } = measurer.measure(&case)?;
        let Some(count) = count else {
            let reason = cell.reason.as_deref().unwrap_or("it has no number");
            return Err(Error::new(kind(limit), format!("{}: {reason}", cell.label())).into());
        };
        programs.push(profile::attribution(&files, &module, &count)?);
        cells.push(cell);
    }
    let (a, b) = (&cells[0], &cells[1]);
    let same_mode = a.provenance.mode == b.provenance.mode;
    let comparison = Comparison::between(&programs[0], &programs[1], same_mode);
    let printed = Printed { a, b, same_mode, comparison: &comparison };
    if session.json {
        print_json(&printed)?;
    } else {
        print!("{}\n{}", heading(&printed), comparison.table(args.top));
    }
    Ok(ExitCode::SUCCESS)
}

fn same_input(inputs: &[(Input, Loaded)]) -> Result<()> {
    let [(first, a), (second, b)] = inputs else { return Ok(()) };
    if a.sha256 == b.sha256 {
        return Ok(());
    }
    let message = format!("the two cells have other inputs: {} and {}", first.name, second.name);
    let hint = "--input names one for both; `cargo xtask list inputs` has the names";
    Err(error::usage(message).hint(hint).into())
}

fn heading(printed: &Printed) -> String {
    let total = |cell: &Cell| cell.instructions.total.map_or("-".into(), format::thousands);
    let side = |letter, cell: &Cell| format!("{letter}  {}: {}\n", cell.label(), total(cell));
    let mut text = side('A', printed.a) + &side('B', printed.b);
    for (letter, cell) in [('A', printed.a), ('B', printed.b)] {
        if let Some(threads) = cell.vcpus.filter(|threads| *threads > 1) {
            text += &format!(
                "   {letter} ran {threads} threads and was counted once: its counts vary, in tiny \
                 programs by a fifth (`bench` has the spread)\n"
            );
        }
    }
    if !printed.same_mode {
        let mode = |cell: &Cell| cell.provenance.mode.clone().unwrap_or("unknown".into());
        text += &format!(
            "   A and B were counted in different modes ({}; {}): no B/A\n",
            mode(printed.a),
            mode(printed.b)
        );
    }
    text
}

/// A cell of the command line, completed by the other.
#[derive(Debug, PartialEq)]
struct Word {
    guest: String,
    pipeline: String,
    platform: String,
}

/// A word's parts as they stand there.
type Parts<'a> = (&'a str, &'a str, Option<&'a str>);

impl Word {
    fn two(first: &str, second: &str) -> Result<[Word; 2]> {
        let (a, b) = (parts(first)?, parts(second)?);
        Ok([Word::complete(first, a, b)?, Word::complete(second, b, a)?])
    }

    fn complete(word: &str, own: Parts, other: Parts) -> Result<Word> {
        let guest = guest_word(own.0, other.0)
            .ok_or_else(|| no_cell(word, "neither cell names a guest"))?;
        let platform = own.2.or(other.2).unwrap_or(PLATFORMS[0].name);
        Ok(Word { guest, pipeline: own.1.into(), platform: platform.into() })
    }

    fn target(&self, session: &Session, plan: &mut Plan) -> Result<Target> {
        let chosen = select::choose(&session.guests, &self.guest)?;
        if chosen.len() > 1 {
            let names: Vec<&str> = chosen.iter().map(|c| c.guest.name.as_str()).collect();
            let message = format!("`{}` is several guests", self.guest);
            let hint = format!("name one of {}", names.join(", "));
            return Err(error::usage(message).hint(hint).into());
        }
        let pipelines = artifacts::pipelines(&session.root, std::slice::from_ref(&self.pipeline))?;
        let platform = artifacts::platform(&self.platform)?;
        let mut targets =
            artifacts::targets(plan, &session.root, &chosen, &pipelines, &[platform])?;
        let target = targets.remove(0);
        match &target.artifacts {
            Ok(_) => Ok(target),
            Err(reason) => Err(error::usage(reason.clone()).into()),
        }
    }
}

/// GUEST[:SETTING] of a cell, if either names a guest.
fn guest_word(own: &str, other: &str) -> Option<String> {
    let named = |word: &str| !word.is_empty() && !word.starts_with(':');
    match own.strip_prefix(':') {
        Some(setting) if named(other) => {
            let guest = other.split(':').next().unwrap_or(other);
            Some(format!("{guest}:{setting}"))
        }
        _ if named(own) => Some(own.to_string()),
        None if named(other) => Some(other.to_string()),
        _ => None,
    }
}

fn parts(word: &str) -> Result<Parts<'_>> {
    // A module's path may have an `@` of its own.
    let Some((guest, way)) = word.rsplit_once('@') else {
        return Err(no_cell(word, "there is no `@PIPELINE`").into());
    };
    let (pipeline, platform) = match way.split_once('/') {
        Some((pipeline, platform)) => (pipeline, Some(platform)),
        None => (way, None),
    };
    Ok((guest, pipeline, platform))
}

fn no_cell(word: &str, why: &str) -> Error {
    error::usage(format!("`{word}` is no cell: {why}"))
        .hint("a cell is GUEST[:SETTING]@PIPELINE[/PLATFORM], such as stateless@direct")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::profile::Attribution;

    #[test]
    fn one_cell_completes_the_other() {
        let cases = [
            ("g@p", "g@q", "g p linux", "g q linux"),
            ("g@p", "@q", "g p linux", "g q linux"),
            ("@p", "g:s@q", "g:s p linux", "g:s q linux"),
            ("g:s@p", ":t@q", "g:s p linux", "g:t q linux"),
            ("g@p", ":t@p", "g p linux", "g:t p linux"),
            ("g@p/amd64", "h@q", "g p amd64", "h q amd64"),
            ("g@p/amd64", "@p/linux", "g p amd64", "g p linux"),
            ("a@b/m.wasm@p", "@q", "a@b/m.wasm p linux", "a@b/m.wasm q linux"),
        ];
        for (first, second, a, b) in cases {
            let words = Word::two(first, second).expect(first);
            let text = |w: &Word| format!("{} {} {}", w.guest, w.pipeline, w.platform);
            assert_eq!([text(&words[0]), text(&words[1])], [a, b], "{first} {second}");
        }
    }

    #[test]
    fn the_heading_says_whose_counts_vary() {
        let cell = |vcpus| {
            let mut cell = Cell::new("g", "default", "direct", "linux", "i");
            (cell.vcpus, cell.instructions.total) = (Some(vcpus), Some(1000));
            cell
        };
        let program = Attribution::default();
        let comparison = Comparison::between(&program, &program, true);
        let text = |a, b| {
            let (a, b) = (&cell(a), &cell(b));
            heading(&Printed { a, b, same_mode: true, comparison: &comparison })
        };
        assert_eq!(text(1, 1).lines().count(), 2);
        assert!(text(4, 1).lines().nth(2).is_some_and(|l| l.contains("A ran 4 threads")));
        assert!(text(1, 2).lines().nth(2).is_some_and(|l| l.contains("B ran 2 threads")));
        assert_eq!(text(4, 2).lines().count(), 4);
    }

    #[test]
    fn what_is_no_cell_is_refused() {
        let cases = [
            ("stateless", "g@q", "`stateless` is no cell: there is no `@PIPELINE`"),
            ("@p", "@q", "`@p` is no cell: neither cell names a guest"),
            ("@p", ":s@q", "`@p` is no cell: neither cell names a guest"),
            (":s@p", "@q", "`:s@p` is no cell: neither cell names a guest"),
        ];
        for (first, second, message) in cases {
            let error = Word::two(first, second).expect_err(first).to_string();
            assert_eq!(error, message, "{first} {second}");
        }
    }
}
