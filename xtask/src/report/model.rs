//! What `report.json` holds, field by field; `docs/report-json.md` says the
//! same in prose and a test keeps the two together.
//!
//! Every key is written always and must be there when read: a value that was
//! not measured is `null`, so that it can be taken neither for zero nor for a
//! key that the writer forgot.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use super::detail::Detail;

/// The version of the format that this program writes; it reads older ones too.
pub const VERSION: u32 = 3;

/// The pipeline that the others are compared with.
pub const DIRECT: &str = "direct";

/// A whole `report.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// [`VERSION`].
    pub version: u32,
    /// Sorted by [`Cell::order`].
    pub cells: Vec<Cell>,
}

/// One guest with one setting, through one pipeline, on one platform, over one
/// input, performed `runs` times in one process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// The guest's name, or the stem of the user's own `.wasm`.
    pub guest: String,
    /// `default` or the name of a setting of the guest, such as `gc-on`.
    pub setting: String,
    /// The pipeline's name.
    pub pipeline: String,
    /// The platform's name.
    pub platform: String,
    /// The input's name.
    pub input: String,
    /// How many times the guest performed its work; at least 1.
    pub runs: u32,
    /// Whether there is a number, and if not, what kind of absence it is.
    pub status: Status,
    /// Why there is no number; null when status is ok.
    #[serde(deserialize_with = "required")]
    pub reason: Option<String>,
    /// Dynamic instructions.
    pub instructions: Instructions,
    /// What the instructions are and use. Version 1 had none; that a file of
    /// this version has it is checked where it is read.
    #[serde(default = "of_version_1")]
    pub detail: Detail,
    /// Threads (virtual CPUs) that the counter saw.
    #[serde(deserialize_with = "required")]
    pub vcpus: Option<u32>,
    /// The program that ran.
    #[serde(deserialize_with = "required")]
    pub elf: Option<Artifact>,
    /// The module it was made from; null for `direct`.
    #[serde(deserialize_with = "required")]
    pub wasm: Option<Artifact>,
    /// What building it took on this machine.
    #[serde(deserialize_with = "required")]
    pub build: Option<Build>,
    /// Where the numbers come from.
    pub provenance: Provenance,
}

/// The state of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Built, ran, and its output is the expected one.
    Ok,
    /// It did not build, did not end well, or its output differs.
    Failed,
    /// It cannot be tried on this machine.
    Unavailable,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Status::Ok => "ok",
            Status::Failed => "failed",
            Status::Unavailable => "unavailable",
        })
    }
}

/// Dynamic instructions of a cell. When runs were repeated, all but `spread`,
/// `single` and `marginal` are of the same repeat.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instructions {
    /// All instructions of the process, from its first to its last.
    #[serde(deserialize_with = "required")]
    pub total: Option<u64>,
    /// Before the first run begins.
    #[serde(deserialize_with = "required")]
    pub startup: Option<u64>,
    /// `total` of the cell that differs only in having runs = 1.
    #[serde(deserialize_with = "required")]
    pub single: Option<u64>,
    /// (total(N) - total(1)) / (N - 1), to the nearest instruction; null for
    /// runs = 1. Negative when a run costs less than the spread of totals.
    #[serde(deserialize_with = "required")]
    pub marginal: Option<i64>,
    /// After the last run.
    #[serde(deserialize_with = "required")]
    pub exit: Option<u64>,
    /// Each run, in order; empty for a guest that announces none.
    pub per_run: Vec<u64>,
    /// Of the totals, when the measurement was repeated.
    #[serde(deserialize_with = "required")]
    pub spread: Option<Spread>,
}

/// How far the totals of a repeated measurement lie apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spread {
    /// How often it was measured; at least 2.
    pub repeats: u32,
    /// The smallest total.
    pub min: u64,
    /// The largest total.
    pub max: u64,
}

/// A file that a build made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Artifact {
    /// Where it lies on this machine; never rendered.
    pub path: String,
    /// Of its content, 64 lower-case hex digits.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
}

/// What the steps of a cell took; the machine's, not the program's.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Build {
    /// Wall-clock time.
    #[serde(deserialize_with = "required")]
    pub seconds: Option<f64>,
    /// Memory of the largest process.
    #[serde(deserialize_with = "required")]
    pub peak_bytes: Option<u64>,
    /// Steps that were run for this cell.
    pub steps_run: u32,
    /// Steps whose output was in the cache.
    pub steps_cached: u32,
}

/// Where a number comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// Of the payload, without the frame that holds the number of runs.
    #[serde(deserialize_with = "required")]
    pub input_sha256: Option<String>,
    /// Of the output that was required; null when any output was accepted.
    #[serde(deserialize_with = "required")]
    pub expected_sha256: Option<String>,
    /// The emulator and its version, such as `qemu-riscv64 7.2.22`.
    #[serde(deserialize_with = "required")]
    pub emulator: Option<String>,
    /// What is counted, such as `linux user`.
    #[serde(deserialize_with = "required")]
    pub mode: Option<String>,
    /// Name of each tool that took part, and its version.
    pub tools: BTreeMap<String, String>,
    /// Flags of the compilers, in order.
    pub flags: Vec<String>,
    /// What the program was called with, after its name. That a file of this
    /// version has it is checked where it is read.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// Environment of the process that was measured.
    pub environment: BTreeMap<String, String>,
    /// What to type to get this cell again.
    pub command: String,
}

/// What a cell of a report has that is older than details.
pub(super) fn of_version_1() -> Detail {
    Detail::absent("of a report of version 1")
}

/// An `Option` whose key must be there: serde takes a missing one for null.
pub(super) fn required<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer)
}

impl Cell {
    /// A cell without any number, for the caller to fill in.
    pub fn new(guest: &str, setting: &str, pipeline: &str, platform: &str, input: &str) -> Self {
        Cell {
            guest: guest.to_string(),
            setting: setting.to_string(),
            pipeline: pipeline.to_string(),
            platform: platform.to_string(),
            input: input.to_string(),
            runs: 1,
            status: Status::Ok,
            reason: None,
            instructions: Instructions::default(),
            detail: Detail::absent("not measured"),
            vcpus: None,
            elf: None,
            wasm: None,
            build: None,
            provenance: Provenance::default(),
        }
    }

    /// The same cell with a reason in place of its numbers.
    pub fn without_numbers(mut self, status: Status, reason: impl Into<String>) -> Self {
        self.status = status;
        self.reason = Some(reason.into());
        self.instructions = Instructions::default();
        self.detail = Detail::default();
        self
    }

    /// What the cells of one measurement at several numbers of runs share:
    /// guest, setting, input, platform, pipeline.
    pub fn series(&self) -> [&str; 5] {
        [&self.guest, &self.setting, &self.input, &self.platform, &self.pipeline]
    }

    /// The order of cells in a report; unique within one.
    pub fn order(&self) -> ([&str; 5], u32) {
        (self.series(), self.runs)
    }

    /// `stateless (default) direct/linux mainnet-24628607 runs 10`.
    pub fn label(&self) -> String {
        let Cell { guest, setting, pipeline, platform, input, runs, .. } = self;
        format!("{guest} ({setting}) {pipeline}/{platform} {input} runs {runs}")
    }

    /// The total, if the cell is ok: no other cell has a number to compare.
    pub fn counted(&self) -> Option<u64> {
        self.instructions.total.filter(|_| self.status == Status::Ok)
    }
}

impl Report {
    /// Puts the cells in order; two benches in any order give the same report.
    pub fn new(mut cells: Vec<Cell>) -> Self {
        cells.sort_by(|a, b| a.order().cmp(&b.order()));
        Report { version: VERSION, cells }
    }

    /// The text of `report.json`.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self)
            .expect("a report has only string keys and finite numbers");
        text.push('\n');
        text
    }
}

/// Fills `single` and `marginal` of every cell from the totals of its series
/// ([`Cell::series`]). Cells that are not ok, or whose series has no ok cell
/// at runs = 1, get null.
pub fn fill_derived(cells: &mut [Cell]) {
    let singles: BTreeMap<Vec<String>, u64> = cells
        .iter()
        .filter(|cell| cell.runs == 1)
        .filter_map(|cell| Some((owned_series(cell), cell.counted()?)))
        .collect();
    for cell in cells {
        let single = cell.counted().and(singles.get(&owned_series(cell)).copied());
        cell.instructions.single = single;
        cell.instructions.marginal = match (cell.counted(), single) {
            (Some(total), Some(single)) => marginal(total, single, cell.runs),
            _ => None,
        };
    }
}

fn owned_series(cell: &Cell) -> Vec<String> {
    cell.series().map(str::to_string).to_vec()
}

/// (total - single) / (runs - 1) to the nearest, halves away from zero.
pub(super) fn marginal(total: u64, single: u64, runs: u32) -> Option<i64> {
    let more = i128::from(runs) - 1;
    if more < 1 {
        return None;
    }
    let difference = i128::from(total) - i128::from(single);
    let half = more / 2 * difference.signum();
    i64::try_from((difference + half) / more).ok()
}
