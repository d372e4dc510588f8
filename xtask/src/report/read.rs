//! Reading a report: strict, because its numbers are quoted elsewhere. An
//! unknown or missing key, an inconsistent cell or another version is refused
//! with the place.

use std::path::Path;

use anyhow::Result;
use serde::de::IgnoredAny;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::model::{marginal, of_version_1, Artifact, Cell, Report, Status, VERSION};
use crate::cache::write_atomic;
use crate::error;
use crate::text::{self, from_json};

/// Only what all versions of the format have in common.
#[derive(Deserialize)]
struct Head {
    version: u32,
}

/// Where in the text the version lies.
#[derive(Deserialize)]
struct PlaceOfVersion<'a> {
    #[serde(borrow)]
    version: &'a RawValue,
}

/// Where in the text the cells lie.
#[derive(Deserialize)]
struct PlacesOfCells<'a> {
    #[serde(borrow)]
    cells: Vec<&'a RawValue>,
}

/// `NAME:LINE` of a part of `text`.
fn place(name: &str, text: &str, part: Option<&RawValue>) -> String {
    format!("{name}:{}", part.map_or(1, |part| text::line_of(text, part.get())))
}

/// Of a report whose cells have the keys `C` at least.
#[derive(Deserialize)]
struct Added<C> {
    #[serde(rename = "cells")]
    _cells: Vec<C>,
}

/// The key that version 2 added to a cell.
#[derive(Deserialize)]
struct CellOf2 {
    #[serde(rename = "detail")]
    _detail: IgnoredAny,
}

/// The keys that version 3 must have and version 1 had not.
#[derive(Deserialize)]
struct CellOf3 {
    #[serde(rename = "detail")]
    _detail: IgnoredAny,
    #[serde(rename = "provenance")]
    _provenance: ProvenanceOf3,
}

#[derive(Deserialize)]
struct ProvenanceOf3 {
    #[serde(rename = "arguments")]
    _arguments: IgnoredAny,
}

impl Report {
    /// Reads and checks the file `path`.
    pub fn read(path: &Path) -> Result<Report> {
        let name = path.display().to_string();
        let text = text::read(path, &name)
            .map_err(|e| e.hint("`cargo xtask bench` measures and writes it"))?;
        Report::parse(&text, &name)
    }

    /// Reads and checks `text`; `name` stands for the file in messages.
    pub fn parse(text: &str, name: &str) -> Result<Report> {
        // A newer format has keys that are unknown here: its version is the
        // better message.
        let head: Head = from_json(text, name)?;
        if !(1..=VERSION).contains(&head.version) {
            let found = head.version;
            let PlaceOfVersion { version } = from_json(text, name)?;
            let place = place(name, text, Some(version));
            let message =
                format!("{place}: version {found}, where this program reads 1 to {VERSION}");
            return Err(error::input(message)
                .hint("measure again with `cargo xtask bench`")
                .into());
        }
        let mut report: Report = from_json(text, name)?;
        let at = |cell| {
            let places = from_json::<PlacesOfCells>(text, name).ok();
            place(name, text, places.and_then(|p| p.cells.get::<usize>(cell).copied()))
        };
        match head.version {
            1 => report.upgrade(at)?,
            2 => from_json::<Added<CellOf2>>(text, name).map(drop)?,
            _ => from_json::<Added<CellOf3>>(text, name).map(drop)?,
        }
        let given = |cell: &Cell| !cell.provenance.arguments.is_empty();
        if let Some(i) = report.cells.iter().position(given).filter(|_| head.version < 3) {
            let message = format!("{}: version {} with `arguments`", at(i), head.version);
            return Err(error::input(message).into());
        }
        report.check(at)?;
        Ok(Report::new(report.cells))
    }

    /// Has a report of version 1 say that its cells have no detail; `at` says
    /// where a cell lies.
    fn upgrade(&mut self, at: impl Fn(usize) -> String) -> Result<()> {
        for (i, cell) in self.cells.iter_mut().enumerate() {
            if cell.detail != of_version_1() {
                return Err(error::input(format!("{}: version 1 with `detail`", at(i))).into());
            }
            if cell.status != Status::Ok {
                cell.detail = Default::default();
            }
        }
        Ok(())
    }

    /// Writes the file beside its place, then renames it there.
    pub fn write(&self, path: &Path) -> Result<()> {
        self.check(|_| path.display().to_string())?;
        write_atomic(path, self.to_json().as_bytes())
    }

    /// Refuses cells that contradict themselves or each other; `place` says
    /// where the one of this index is.
    fn check(&self, place: impl Fn(usize) -> String) -> Result<()> {
        let refuse = |i: usize, label: String, problem: String| {
            let message = format!("{}: cells[{i}] ({label}): {problem}", place(i));
            Err(error::input(message).into())
        };
        for (i, cell) in self.cells.iter().enumerate() {
            if let Err(problem) = check_cell(cell) {
                return refuse(i, cell.label(), problem);
            }
            if let Some(first) = self.cells[..i].iter().position(|c| c.order() == cell.order()) {
                return refuse(i, cell.label(), format!("the same cell as cells[{first}]"));
            }
        }
        Ok(())
    }
}

fn check_cell(cell: &Cell) -> Result<(), String> {
    if cell.runs == 0 {
        return Err("runs is 0".into());
    }
    check_status(cell)?;
    check_derived(cell)?;
    check_phases(cell)?;
    cell.detail.check(cell.status == Status::Ok)?;
    if let Some(spread) = cell.instructions.spread {
        let total = cell.instructions.total.unwrap_or(spread.min);
        if spread.repeats < 2 || !(spread.min..=spread.max).contains(&total) {
            return Err("spread does not hold at least two repeats around the total".into());
        }
    }
    let seconds = cell.build.and_then(|b| b.seconds);
    if seconds.is_some_and(|s| !s.is_finite() || s < 0.0) {
        return Err("build.seconds is not a time".into());
    }
    check_hashes(cell)
}

fn check_status(cell: &Cell) -> Result<(), String> {
    let status = cell.status;
    let reason = cell.reason.as_deref().map(str::trim);
    match (status, reason) {
        (Status::Ok, Some(_)) => return Err("status is ok but there is a reason".into()),
        (Status::Ok, None) => {}
        (_, None | Some("")) => return Err(format!("status is {status} without a reason")),
        _ => {}
    }
    if status == Status::Ok && cell.instructions.total.is_none() {
        return Err("status is ok but instructions.total is null".into());
    }
    if status == Status::Ok && cell.elf.is_none() {
        return Err("status is ok but elf is null".into());
    }
    Ok(())
}

fn check_derived(cell: &Cell) -> Result<(), String> {
    let numbers = &cell.instructions;
    if cell.status != Status::Ok && (numbers.single.is_some() || numbers.marginal.is_some()) {
        return Err(format!("status is {} but single or marginal is there", cell.status));
    }
    if cell.runs == 1 && numbers.single.is_some() && numbers.single != numbers.total {
        return Err("single is not the total at runs = 1".into());
    }
    let expected = match (numbers.total, numbers.single) {
        (Some(total), Some(single)) => marginal(total, single, cell.runs),
        _ => None,
    };
    if numbers.marginal.is_some() && numbers.marginal != expected {
        return Err("marginal is not (total - single) / (runs - 1)".into());
    }
    Ok(())
}

fn check_phases(cell: &Cell) -> Result<(), String> {
    let numbers = &cell.instructions;
    let Some(startup) = numbers.startup else {
        if numbers.per_run.is_empty() && numbers.exit.is_none() {
            return Ok(());
        }
        return Err("per_run or exit without startup".into());
    };
    let phases = numbers.per_run.iter().chain(&numbers.exit);
    let sum = phases.copied().try_fold(startup, u64::checked_add);
    if numbers.total.is_some() && numbers.total != sum {
        return Err("startup, per_run and exit do not add up to total".into());
    }
    Ok(())
}

fn check_hashes(cell: &Cell) -> Result<(), String> {
    let of = |artifact: &Option<Artifact>| artifact.as_ref().map(|a| a.sha256.clone());
    let hashes = [
        ("elf.sha256", of(&cell.elf)),
        ("wasm.sha256", of(&cell.wasm)),
        ("provenance.input_sha256", cell.provenance.input_sha256.clone()),
        ("provenance.expected_sha256", cell.provenance.expected_sha256.clone()),
    ];
    for (name, hash) in hashes {
        let hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        if hash.is_some_and(|h| h.len() != 64 || !h.chars().all(hex)) {
            return Err(format!("{name} is not 64 lower-case hex digits"));
        }
    }
    Ok(())
}
