//! Every command and flag, in one place.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, ColorChoice, Parser, Subcommand, ValueEnum};

use crate::commands::cache::{duration, size};

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, about, long_about = None)]
#[command(after_help = "Exit codes: 0 success, 1 a guest failed, or what was compared or \
                        checked differs, 2 usage, 3 a bad file or cache directory, 4 a tool missing or not as locked, 5 a failed build step, 6 a limit, 130 interrupted")]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Understood by every command.
#[derive(Args, Clone)]
pub struct Global {
    /// Print data as JSON on stdout
    #[arg(long, global = true)]
    pub json: bool,
    /// Say only what went wrong
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Say more
    #[arg(long, short, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// How many steps may run at once [default: one per processor]
    #[arg(long, short, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// Say why each step that runs is not in the cache
    #[arg(long, global = true)]
    pub explain: bool,
    /// Refuse a tool that is not as locked, with all it depends on
    #[arg(long, global = true)]
    pub locked: bool,
    /// Colours: auto follows the terminal, NO_COLOR and CLICOLOR
    #[arg(long, global = true, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    pub color: ColorChoice,
    /// Print each command that runs
    #[arg(long, global = true)]
    pub print_commands: bool,
}

#[derive(Subcommand)]
pub enum Command {
    /// Build guests and print artifact, size and sha256
    Build(Build),
    /// Build one guest, run it under the counter and check its output
    Run(Run),
    /// Build twice in two directories with two caches, run again and again,
    /// and say what differs
    Verify(Verify),
    /// Measure, then write report.md and report.json
    Bench(Bench),
    /// Render report.md from report.json without running anything
    Report(Report),
    /// Show which functions make two cells differ, the largest difference first
    Compare(Compare),
    /// Format, lint and test everything
    Test {
        /// Also what compiles for hours: more programs, Go's own tests, the
        /// official suite by clang, random modules against wasmtime, large
        /// guests a second time, lints of what needs revm or Cranelift
        #[arg(long)]
        long: bool,
    },
    /// Show what there is, and what is unavailable and why
    List(List),
    /// Show what is missing and the command that gets it
    Doctor,
    /// The tools of toolchains.lock
    #[command(subcommand)]
    Toolchain(Toolchain),
    /// Generate what C, Go and Rust see of platform/imports/imports.toml
    Imports {
        /// Write nothing; fail if a file differs from the generated one
        #[arg(long)]
        check: bool,
    },
    /// The inputs that guests run on
    #[command(subcommand)]
    Input(Input),
    /// Print a completion script for a shell
    Completions { shell: clap_complete::Shell },
    /// The directory that everything built is kept in
    #[command(subcommand)]
    Cache(Cache),
}

#[derive(Args)]
pub struct Build {
    /// A guest, a family, either with :SETTING, or a path to a .wasm or .wat
    #[arg(required = true, value_name = "GUEST")]
    pub guests: Vec<String>,
    #[command(flatten)]
    pub ways: Ways,
    /// Print the plan as `X -> Y` lines and run nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Copy wasm, objects and ELF to a folder per target in this directory
    #[arg(long, value_name = "DIR")]
    pub emit: Option<PathBuf>,
    /// What a module of your own finds as its root: a folder, or `empty`
    #[arg(long, value_name = "DIR|empty")]
    pub files: Option<String>,
    /// What `wasrisc-pgo` makes its profile on [default: the manifest's training_input]
    #[arg(long, value_name = "NAME|FILE")]
    pub train: Option<String>,
}

/// Through which pipelines, to which platform.
#[derive(Args)]
pub struct Ways {
    /// Names, or `all` [default: those of guests/headline.toml]
    #[arg(long, short, value_name = "P", value_delimiter = ',')]
    pub pipeline: Vec<String>,
    #[arg(long, short = 't', value_name = "T", default_value = "linux")]
    pub platform: String,
}

#[derive(Args)]
pub struct Run {
    /// A guest, a family, either with :SETTING, or a path to a .wasm or .wat
    pub guest: String,
    #[arg(long, short, value_name = "P")]
    pub pipeline: String,
    #[arg(long, short = 't', value_name = "T", default_value = "linux")]
    pub platform: String,
    /// An input's name (see `list inputs`) or a file with a payload
    #[arg(long, short, value_name = "NAME|FILE")]
    pub input: Option<String>,
    /// How often the guest performs its work in one process
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub runs: u32,
    /// What a module of your own finds as its root: a folder, or `empty`
    #[arg(long, value_name = "DIR|empty")]
    pub files: Option<String>,
    /// A variable in the environment of a module of your own
    #[arg(long = "env", value_name = "NAME=VALUE", value_parser = variable)]
    pub environment: Vec<(String, String)>,
    /// What `wasrisc-pgo` makes its profile on [default: the manifest's training_input]
    #[arg(long, value_name = "NAME|FILE")]
    pub train: Option<String>,
    /// Show the hottest functions by source name
    #[arg(long)]
    pub profile: bool,
    /// Another build of the module, with the same code and not stripped: its
    /// names are the profile's
    #[arg(long, value_name = "WASM", requires = "profile")]
    pub symbols: Option<PathBuf>,
    /// Count instruction by instruction: the same numbers, slower
    #[arg(long)]
    pub exact: bool,
    /// Also show what the instructions are, misaligned accesses, peak memory and stack
    #[arg(long)]
    pub detail: bool,
    /// Run on this machine without counting, for debugging
    #[arg(long, conflicts_with_all = ["profile", "exact", "detail"])]
    pub native: bool,
    /// Tell each call of WASI on standard error, without counting (our own pipelines)
    #[arg(long, conflicts_with_all = ["profile", "exact", "detail", "native"])]
    pub trace_wasi: bool,
    /// Wait for gdb before the first instruction, without counting; on a terminal gdb is started
    #[arg(long, conflicts_with_all = ["profile", "exact", "detail", "native"])]
    pub gdb: bool,
    /// What a module of your own has for arguments behind its name
    #[arg(last = true, value_name = "ARGUMENT")]
    pub arguments: Vec<String>,
}

/// What `--env` is told.
fn variable(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_string(), value.to_string())),
        _ => Err("expected NAME=VALUE"),
    }
}

#[derive(Args)]
pub struct Verify {
    /// A guest, a family, or a path to a .wasm
    #[arg(required = true, value_name = "GUEST")]
    pub guests: Vec<String>,
    #[command(flatten)]
    pub ways: Ways,
    /// An input's name or a file [default: each guest's default input]
    #[arg(long, short, value_name = "NAME|FILE")]
    pub input: Option<String>,
    /// How often each ELF is executed and counted
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    pub times: u32,
    /// Take what the cache has, or makes now, as the first of the two builds
    #[arg(long)]
    pub cached: bool,
    /// Take our own tools (a pipeline's compiler and runtime) from the cache
    /// instead of building them in each place: quicker, and says less
    #[arg(long)]
    pub reuse_tools: bool,
}

#[derive(Args)]
pub struct Bench {
    /// [default: the headline set, guests/headline.toml]
    #[arg(value_name = "GUEST")]
    pub guests: Vec<String>,
    /// Names, or `all` [default: those of guests/headline.toml]
    #[arg(long, short, value_name = "P", value_delimiter = ',')]
    pub pipeline: Vec<String>,
    /// [default: linux]
    #[arg(long, short = 't', value_name = "T")]
    pub platform: Option<String>,
    /// Names or files [default: every input of each guest]
    #[arg(long, short, value_name = "NAME|FILE", value_delimiter = ',')]
    pub input: Vec<String>,
    /// [default: 1,10]
    #[arg(long, value_name = "N", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..))]
    pub runs: Vec<u32>,
    /// Every guest with every setting on every pipeline and platform
    #[arg(long, conflicts_with_all = ["guests", "pipeline", "platform"])]
    pub all: bool,
    /// Where report.json and report.md go
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub output: PathBuf,
    #[command(flatten)]
    pub against: Against,
}

#[derive(Args)]
pub struct Report {
    /// What `bench` wrote
    #[arg(value_name = "REPORT.JSON", default_value = "report.json")]
    pub report: PathBuf,
    /// Where the rendered report goes; `-` is stdout
    #[arg(long, short, value_name = "FILE", default_value = "report.md")]
    pub output: PathBuf,
    /// Also put the headline table between the marks in README.md
    #[arg(long)]
    pub readme: bool,
    /// Also write the comment for a pull request
    #[arg(long, value_name = "FILE")]
    pub comment: Option<PathBuf>,
    #[command(flatten)]
    pub against: Against,
}

/// An earlier report to compare with.
#[derive(Args)]
pub struct Against {
    /// An earlier report.json: show what changed since, and what of it is noise
    #[arg(long, value_name = "OLD.JSON")]
    pub baseline: Option<PathBuf>,
    /// Exit with 1 when a cell is worse by more than this, noise taken off
    #[arg(long, value_name = "PERCENT", requires = "baseline", value_parser = percentage)]
    pub fail_above: Option<f64>,
}

fn percentage(text: &str) -> Result<f64, String> {
    match text.trim_end_matches('%').parse() {
        Ok(percent) if f64::is_finite(percent) && percent >= 0.0 => Ok(percent),
        _ => Err("not a percentage from 0 on".into()),
    }
}

#[derive(Args)]
#[command(
    after_help = "A CELL is GUEST[:SETTING]@PIPELINE[/PLATFORM]. What one leaves out is as in the \
                        other: the guest, the platform (in both: linux), or with :SETTING@PIPELINE \
                        the guest alone.\n\n\
                        Example: cargo xtask compare stateless@direct @wasmtime --input mainnet-24628607"
)]
pub struct Compare {
    /// The cell to compare with, such as stateless@direct
    #[arg(value_name = "CELL")]
    pub first: String,
    /// The cell whose cost is to be explained, such as stateless@wasmtime
    #[arg(value_name = "CELL")]
    pub second: String,
    /// An input's name (see `list inputs`) or a file with a payload
    #[arg(long, short, value_name = "NAME|FILE")]
    pub input: Option<String>,
    /// How often the guest performs its work in one process
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub runs: u32,
    /// As of `run`, for the cells that were made from wasm
    #[arg(long, value_name = "WASM")]
    pub symbols: Option<PathBuf>,
    /// How many functions to show (--json has them all)
    #[arg(long, value_name = "N", default_value_t = 30)]
    pub top: usize,
}

#[derive(Args)]
pub struct List {
    pub what: Listed,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Listed {
    Guests,
    Pipelines,
    Platforms,
    Inputs,
    Imports,
}

#[derive(Subcommand)]
pub enum Toolchain {
    /// Install what is missing, with --locked also what is not as locked
    Sync {
        /// [default: every tool]
        #[arg(value_name = "TOOL")]
        tools: Vec<String>,
    },
    /// Compare what is installed with the lock; exit code 4 where it differs
    Check,
    /// Resolve the lock's head again, write its body, print what changed
    Update {
        /// [default: every tool]
        #[arg(value_name = "TOOL")]
        tools: Vec<String>,
    },
}

#[derive(Args)]
pub struct Generate {
    /// [default: every fork from the merge on]
    #[arg(long, value_name = "F", value_delimiter = ',', value_parser = clap::builder::PossibleValuesParser::new(crate::input::chain::FORKS))]
    pub fork: Vec<String>,
    /// Write nothing; fail if a file differs from the generated one
    #[arg(long)]
    pub check: bool,
    /// Where the files go [default: the guest's own folder]
    #[arg(long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Also write the JSON that a node would give
    #[arg(long, requires = "output")]
    pub rpc: bool,
}

#[derive(Subcommand)]
pub enum Input {
    /// Frame a real block and its witness
    Import {
        name: String,
        /// mainnet, sepolia or hoodi
        #[arg(long, value_name = "C")]
        chain: String,
        /// RLP, or JSON from eth_getBlockByNumber with full transactions
        #[arg(long, value_name = "B")]
        block: PathBuf,
        /// RLP, or JSON from debug_executionWitness
        #[arg(long, value_name = "W")]
        witness: PathBuf,
        /// Take the place of an input of the same name
        #[arg(long)]
        replace: bool,
    },
    /// Make the blocks that come with the project, by go-ethereum
    Generate(Generate),
    /// Show what is in an input
    Show {
        /// An input's name (see `list inputs`), or a file with a payload or a block
        #[arg(value_name = "NAME|FILE")]
        input: String,
    },
}

#[derive(Subcommand)]
pub enum Cache {
    /// Show what lies in it
    Stats,
    /// Hash everything in it again and drop what is damaged
    Verify,
    /// Remove what was not used for long, then the least recently used
    Gc {
        /// Since the last use, which is noted once an hour, such as 12h
        #[arg(long, value_name = "TIME", default_value = "30d", value_parser = duration)]
        older_than: Duration,
        /// Of what is left, such as 500MiB
        #[arg(long, value_name = "SIZE", default_value = "5GiB", value_parser = size)]
        max_size: u64,
        /// Only say what would be removed
        #[arg(long)]
        dry_run: bool,
    },
    /// Remove everything that no other process is using
    Clear {
        /// Also what other versions of wasrisc left; see that none of them runs
        #[arg(long)]
        all_versions: bool,
        /// Only say what would be removed
        #[arg(long)]
        dry_run: bool,
    },
}
