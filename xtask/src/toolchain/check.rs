//! `toolchain check`: the lock against the machine and against the project's
//! own lockfiles, a row per tool.

use std::fmt;
use std::path::Path;

use serde::Serialize;

use super::lock::{Source, Tool};
use super::{drift, record, Drift, Identity, Toolchain};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckRow {
    pub tool: String,
    pub provider: &'static str,
    /// The locked version.
    pub wanted: String,
    /// The version that is here; nothing where the tool is missing.
    pub found: Option<String>,
    pub state: State,
    pub note: String,
    /// What is here in another version than locked.
    pub drift: Vec<Drift>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Ok,
    Missing,
    /// Installed, in part in other versions than locked.
    Drift,
    /// The lock contradicts the project or itself.
    Mismatch,
    /// Installed, and changed since.
    Damaged,
    /// A tool of the user's own in the place of a locked one.
    Own,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            State::Ok => "ok",
            State::Missing => "missing",
            State::Drift => "drift",
            State::Mismatch => "mismatch",
            State::Damaged => "damaged",
            State::Own => "own",
        })
    }
}

pub fn check(toolchain: &Toolchain) -> Vec<CheckRow> {
    let tools = toolchain.tools.iter();
    tools
        .map(|(name, (wanted, source))| {
            let (identity, state, note) = state(toolchain, name, wanted, source);
            CheckRow {
                tool: name.clone(),
                provider: wanted.wanted.provider(),
                wanted: version(wanted, source),
                found: identity.as_ref().map(|i| i.version.clone()),
                state,
                note,
                drift: identity.map(|i| i.drift).unwrap_or_default(),
            }
        })
        .collect()
}

/// As `check`, looking into what was installed too.
pub fn contents(toolchain: &Toolchain) -> Vec<CheckRow> {
    let mut rows = check(toolchain);
    for row in rows.iter_mut().filter(|row| matches!(row.state, State::Ok | State::Drift)) {
        let Some(tree) = toolchain.installed(&row.tool) else { continue };
        let damage = match record::damage(&tree) {
            Ok(None) => continue,
            Ok(Some(damage)) => damage.to_string(),
            Err(error) => format!("{error:#}"),
        };
        row.state = State::Damaged;
        row.note = format!("{damage}; `cargo xtask cache verify` drops it");
    }
    rows
}

fn version(wanted: &Tool, source: &Source) -> String {
    match source {
        Source::Apt(apt) => apt.version().to_string(),
        Source::Cargo(krate) => krate.version.clone(),
        Source::Pip(wheel) => wheel.version.clone(),
        Source::Go(module) => module.version.clone(),
        Source::External => match &wanted.wanted {
            super::lock::Wanted::External { version: Some(version) } => version.clone(),
            _ => "any".to_string(),
        },
    }
}

fn state(
    toolchain: &Toolchain,
    name: &str,
    wanted: &Tool,
    source: &Source,
) -> (Option<Identity>, State, String) {
    let compared = match source {
        Source::Cargo(krate) => krate.compare(&toolchain.project),
        Source::Go(module) => module.compare(&toolchain.project),
        _ => Ok(()),
    };
    if let Err(error) = compared {
        return (None, State::Mismatch, error.to_string());
    }
    if let Some(missing) = super::sync::one(toolchain, name) {
        return (None, State::Missing, format!("{}: {}", missing.reason, missing.how));
    }
    let identity = match toolchain.found(name) {
        Ok(identity) => identity,
        Err(error) => return (None, State::Mismatch, error.to_string()),
    };
    let (state, note) = judge(toolchain, name, wanted, source, &identity);
    (Some(identity), state, note)
}

fn judge(
    toolchain: &Toolchain,
    name: &str,
    wanted: &Tool,
    source: &Source,
    identity: &Identity,
) -> (State, String) {
    let difference = drift::describe(identity).unwrap_or_default();
    if identity.overridden && identity.drift.is_empty() {
        let external = matches!(source, Source::External);
        return (if external { State::Ok } else { State::Own }, difference);
    }
    if let Some(absent) = absent_program(toolchain, name, wanted) {
        return (State::Mismatch, format!("installed, but {absent} is not there"));
    }
    match (identity.drift.len(), source) {
        (0, _) => (State::Ok, String::new()),
        (some, Source::Apt(apt)) => {
            (State::Drift, format!("{some} of {} packages", apt.closure.len()))
        }
        _ => (State::Drift, difference),
    }
}

fn absent_program(toolchain: &Toolchain, name: &str, wanted: &Tool) -> Option<String> {
    let programs = wanted.programs.keys();
    let mut paths = programs.filter_map(|program| toolchain.program(name, program).ok());
    let absent = paths.find(|path| !Path::new(path).is_file())?;
    Some(absent.display().to_string())
}
