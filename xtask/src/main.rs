//! `cargo xtask`: builds guests through every pipeline, counts their
//! instructions, writes the report. ARCHITECTURE.md has the map.

use std::process::ExitCode;

use clap::Parser;

mod artifacts;
mod cache;
mod cargo_config;
mod cargo_step;
mod cli;
mod commands;
mod directories;
#[cfg(test)]
mod documented;
mod error;
mod graph;
mod guest;
mod headline;
mod imports;
mod input;
mod measure;
#[cfg(test)]
mod mutated;
mod pipeline;
mod platform;
mod process;
#[cfg(test)]
#[path = "../../translator/proof/src/fuzz/random.rs"]
mod random;
mod report;
mod reproduce;
mod session;
mod table;
mod text;
mod toolchain;
mod ui;

use cli::{Cli, Command};
use session::Session;

fn main() -> ExitCode {
    end_quietly_when_nobody_reads();
    let cli = Cli::parse();
    ui::choose_color(cli.global.color);
    match dispatch(cli) {
        Ok(code) => code,
        // A tool that Ctrl-C ended failed for no reason of its own.
        Err(error) => {
            ExitCode::from(error::print(&process::check_interrupted().err().unwrap_or(error)))
        }
    }
}

/// `cargo xtask list guests | head -1` is no bug of ours: as other tools do, and
/// unlike Rust's default, which makes a panic of it.
fn end_quietly_when_nobody_reads() {
    // SAFETY: before any thread, and the default action needs no handler.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
}

fn dispatch(cli: Cli) -> anyhow::Result<ExitCode> {
    process::install_interrupt_handler()?;
    match cli.command {
        // These must work where a lock or a manifest is broken.
        Command::Completions { shell } => commands::completions::run(shell),
        Command::Cache(verb) => commands::cache::run(&cli.global, verb),
        Command::Toolchain(cli::Toolchain::Update { tools }) => {
            commands::toolchain::update(&cli.global, &tools)
        }
        command => in_session(Session::open(cli.global)?, command),
    }
}

fn in_session(session: Session, command: Command) -> anyhow::Result<ExitCode> {
    let result = match command {
        Command::Build(args) => commands::build::run(&session, args),
        Command::Run(args) => commands::run::run(&session, args),
        Command::Verify(args) => commands::verify::run(&session, args),
        Command::Bench(args) => commands::bench::run(&session, args),
        Command::Report(args) => commands::report::run(&session, args),
        Command::Compare(args) => commands::compare::run(&session, args),
        Command::Test { long } => commands::test::run(&session, long),
        Command::List(args) => commands::list::run(&session, args),
        Command::Doctor => commands::doctor::run(&session),
        Command::Toolchain(args) => commands::toolchain::run(&session, args),
        Command::Imports { check } => commands::imports::run(&session, check),
        Command::Input(args) => commands::input::run(&session, args),
        Command::Completions { .. } | Command::Cache(_) => unreachable!("needs no session"),
    };
    session.close();
    result
}
