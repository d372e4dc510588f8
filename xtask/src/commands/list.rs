//! `list`: what there is, and what is unavailable and why.

use std::process::ExitCode;

use anyhow::Result;
use serde::Serialize;

use crate::cli::{List, Listed};
use crate::graph::plan::Plan;
use crate::guest::manifest::Guest;
use crate::imports::Interface;
use crate::pipeline::{self, PIPELINES};
use crate::platform::PLATFORMS;
use crate::session::Session;
use crate::table;

/// One row of any list: what it is called, what it is, why it cannot be used.
#[derive(Serialize)]
struct Row {
    name: String,
    about: String,
    unavailable: Option<String>,
}

pub fn run(session: &Session, args: List) -> Result<ExitCode> {
    let rows = match args.what {
        Listed::Guests => guests(session),
        Listed::Pipelines => pipelines(session)?,
        Listed::Platforms => platforms(session),
        Listed::Inputs => inputs(session)?,
        Listed::Imports => imports(session)?,
    };
    if session.json {
        table::print_json(&rows)?;
        return Ok(ExitCode::SUCCESS);
    }
    let cells: Vec<Vec<String>> = rows
        .into_iter()
        .map(|r| vec![r.name, r.unavailable.map_or("yes".into(), |u| format!("no: {u}")), r.about])
        .collect();
    print!("{}", table::render(&["name", "available", "about"], &cells));
    Ok(ExitCode::SUCCESS)
}

fn guests(session: &Session) -> Vec<Row> {
    let rows = session.guests.iter().flat_map(|guest| {
        guest.settings.iter().enumerate().map(move |(n, setting)| Row {
            name: if n == 0 {
                guest.name.clone()
            } else {
                format!("{}:{}", guest.name, setting.name)
            },
            about: format!("{}: {}", guest.language.name(), guest.description),
            unavailable: unavailable(session, &guest_tools(guest)),
        })
    });
    rows.collect()
}

fn guest_tools(guest: &Guest) -> Vec<String> {
    let mut plan = Plan::default();
    // A guest that cannot be planned is refused where it is built.
    drop(crate::guest::wasm(&mut plan, guest));
    plan.tools().into_iter().map(str::to_string).collect()
}

fn pipelines(session: &Session) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for pipeline in PIPELINES {
        // It is there if it is there for one guest on one platform.
        let mut reasons = Vec::new();
        for guest in &session.guests {
            for platform in pipeline.platforms() {
                let mut plan = Plan::default();
                pipeline::add(&mut plan, &session.root, guest, pipeline, platform, false)?.ok();
                let tools: Vec<String> = plan.tools().into_iter().map(str::to_string).collect();
                reasons.push(unavailable(session, &tools));
            }
        }
        let platforms: Vec<&str> = pipeline.platforms().map(|p| p.name).collect();
        rows.push(Row {
            name: pipeline.name.to_string(),
            about: format!("{} ({})", pipeline.about, platforms.join(", ")),
            unavailable: reasons.into_iter().reduce(Option::and).flatten(),
        });
    }
    Ok(rows)
}

fn platforms(session: &Session) -> Vec<Row> {
    PLATFORMS
        .iter()
        .map(|p| Row {
            name: p.name.to_string(),
            about: p.about.to_string(),
            unavailable: unavailable(session, &[p.emulator.tool.to_string()]),
        })
        .collect()
}

fn inputs(session: &Session) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for guest in &session.guests {
        for input in session.catalog(guest)?.inputs {
            rows.push(Row {
                name: format!("{} {}", guest.name, input.name),
                about: input.source,
                unavailable: input.problem,
            });
        }
    }
    Ok(rows)
}

/// The functions that a guest may import besides WASI.
fn imports(session: &Session) -> Result<Vec<Row>> {
    let interface = Interface::load(&session.root)?;
    let rows = interface.modules.iter().flat_map(|module| {
        module.functions.iter().map(|function| Row {
            name: format!("{} {}", module.name, function.name),
            about: function.about.clone(),
            unavailable: interface.lack(&module.name, &function.name),
        })
    });
    Ok(rows.collect())
}

/// Tools that are missing and cannot be installed by us; `build` installs the
/// others on demand.
fn unavailable(session: &Session, tools: &[String]) -> Option<String> {
    let names: Vec<&str> = tools.iter().map(String::as_str).collect();
    let on_demand = session.toolchain().installable();
    let missing = session.toolchain().missing(&names);
    let reasons: Vec<String> = missing
        .iter()
        .filter(|m| !on_demand.contains(&m.tool.as_str()))
        .map(|m| format!("{}: {}", m.tool, m.reason))
        .collect();
    (!reasons.is_empty()).then(|| reasons.join("; "))
}
