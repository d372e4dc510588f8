//! What changed since an earlier report, and whether it is more than noise.
//!
//! Each cell has one number that is compared: its single cost at runs = 1, its
//! marginal cost above. With d = new - old, a change is *noise* when
//!
//! - both ELFs have one SHA-256 and several threads ran: the program is the same,
//!   whatever its counts;
//! - or |d| <= u(old) + u(new), where the uncertainty u is, of a total T,
//!   0 for a program with one thread, whose counts do not vary, and
//!   (largest repeat - smallest repeat) + T / [`SHARE`] + [`FLOOR`] for one with
//!   several; and of a marginal cost (u(T(N)) + u(T(1))) / (N - 1), rounded up.
//!
//! The whole distance between the repeats is taken on either side, since a few
//! of them show only a part of how far totals vary; the rest is for repeats that
//! lie close together because the machine did the same other things during all
//! of them. Totals and not marginals vary independently, hence the sum.
//!
//! Nothing is computed from two numbers that are of another mode, emulator, other
//! input bytes or another environment: such a pair is listed with the reason.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::model::{Cell, Report, Status};
use super::ratio::Series;

/// One part in so many of a total is taken for noise where several threads ran:
/// what large programs vary by. Of 14 benches of `stateless` directly, one ELF,
/// no two totals lay further apart than the noise made of it and the repeats.
const SHARE: u64 = 1000;

/// So many instructions of a total are, too: what threads spend on looking for
/// work does not depend on how much there is, but on what else the machine does.
/// One ELF of `hello_world-go` directly took 443 k on an idle machine and 474 to
/// 539 k in 41 benches on a busy one; of those pairs of benches 15 lay further
/// apart than noise without this. Both sides of a difference have it, so it is
/// twice what the two furthest needed.
const FLOOR: u64 = 100_000;

/// What changed, as `report --json` prints it under `difference`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// Every cell of either report, sorted by [`Cell::order`].
    pub cells: Vec<Change>,
}

/// One cell in both reports, or in one of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// As in [`Cell`], like the next five.
    pub guest: String,
    pub setting: String,
    pub pipeline: String,
    pub platform: String,
    pub input: String,
    pub runs: u32,
    /// Which of the cell's numbers is compared.
    pub number: Compared,
    pub verdict: Verdict,
    /// Why, where the numbers alone do not say it.
    pub reason: Option<String>,
    /// Instructions in the earlier report.
    pub old: Option<i64>,
    /// Instructions in this one.
    pub new: Option<i64>,
    /// new - old; null where the two cannot be compared.
    pub change: Option<i64>,
    /// Of old; null where old is not above zero too.
    pub percent: Option<f64>,
    /// How large a change may be and still be noise, in instructions.
    pub noise: Option<u64>,
}

/// A number of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Compared {
    /// The total at runs = 1.
    Single,
    /// The marginal cost at more runs.
    Marginal,
}

/// What became of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// More instructions than noise explains, or no longer ok.
    Worse,
    /// Fewer instructions than noise explains, or ok at last.
    Better,
    /// A change that says nothing.
    Noise,
    /// The same number, or still without one.
    Same,
    /// Not in the earlier report.
    New,
    /// Not in this report.
    Gone,
    /// Both are there, and no difference may be formed.
    Incomparable,
}

impl Verdict {
    /// All of them, in the order of interest.
    pub const ALL: [Verdict; 7] = [
        Verdict::Worse,
        Verdict::Better,
        Verdict::Noise,
        Verdict::Same,
        Verdict::New,
        Verdict::Gone,
        Verdict::Incomparable,
    ];
}

impl Change {
    /// As [`Cell::series`].
    pub fn series(&self) -> [&str; 5] {
        [&self.guest, &self.setting, &self.input, &self.platform, &self.pipeline]
    }

    /// As [`Cell::label`].
    pub fn label(&self) -> String {
        let Change { guest, setting, pipeline, platform, input, runs, .. } = self;
        format!("{guest} ({setting}) {pipeline}/{platform} {input} runs {runs}")
    }

    /// Whether the cell is worse by more than `percent` of its old number, even
    /// when all that may be noise is taken off. What is worse without a percentage,
    /// such as a cell that failed, is worse than any.
    pub fn exceeds(&self, percent: f64) -> bool {
        let (Some(change), Some(noise), Some(old)) = (self.change, self.noise, self.old) else {
            return self.verdict == Verdict::Worse;
        };
        let certain = change as f64 - noise as f64;
        self.verdict == Verdict::Worse && (old <= 0 || certain > old as f64 * percent / 100.0)
    }
}

impl Difference {
    /// What changed from `old` to `new`.
    pub fn between(old: &Report, new: &Report) -> Difference {
        let cells = old.cells.iter().chain(&new.cells).map(Cell::order);
        let orders: BTreeSet<_> = cells.collect();
        let change = |(series, runs)| {
            let (before, after) = (Side::of(old, series, runs), Side::of(new, series, runs));
            change(before.as_ref(), after.as_ref(), series, runs)
        };
        Difference { cells: orders.into_iter().map(change).collect() }
    }

    /// The change of one cell, if it is in either report.
    pub fn of(&self, series: Series, runs: u32) -> Option<&Change> {
        self.cells.iter().find(|c| c.series() == series && c.runs == runs)
    }

    /// How many cells of each verdict there are.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.cells.iter().filter(|c| c.verdict == verdict).count()
    }
}

/// A cell in one of the reports, with what its marginal cost was made of.
struct Side<'a> {
    cell: &'a Cell,
    single: Option<&'a Cell>,
}

impl<'a> Side<'a> {
    /// What failed once is not tried with more runs: for a cell that is not
    /// there stands one of its series that is not ok.
    fn of(report: &'a Report, series: Series, runs: u32) -> Option<Side<'a>> {
        let find = |wanted: &dyn Fn(&Cell) -> bool| report.cells.iter().find(|c| wanted(c));
        let cell = find(&|c| c.order() == (series, runs))
            .or_else(|| find(&|c| c.series() == series && c.status != Status::Ok))?;
        Some(Side { cell, single: find(&|c| c.order() == (series, 1)) })
    }

    fn number(&self) -> Option<i64> {
        let numbers = &self.cell.instructions;
        match self.cell.runs {
            _ if self.cell.status != Status::Ok => None,
            1 => numbers.total.and_then(|n| i64::try_from(n).ok()),
            _ => numbers.marginal,
        }
    }

    /// How far the number may be off, or why that is not known.
    fn uncertainty(&self) -> Result<u64, String> {
        let own = uncertainty_of_total(self.cell)?;
        let Some(more) = u64::from(self.cell.runs).checked_sub(1).filter(|n| *n > 0) else {
            return Ok(own);
        };
        let single = self.single.map_or(Ok(0), uncertainty_of_total)?;
        Ok(own.saturating_add(single).div_ceil(more))
    }
}

fn uncertainty_of_total(cell: &Cell) -> Result<u64, String> {
    if cell.vcpus == Some(1) {
        return Ok(0);
    }
    let Some(spread) = cell.instructions.spread else {
        return Err("it had several threads and was measured once".into());
    };
    Ok((spread.max - spread.min).saturating_add(spread.max / SHARE).saturating_add(FLOOR))
}

fn change(old: Option<&Side>, new: Option<&Side>, series: Series, runs: u32) -> Change {
    let [guest, setting, input, platform, pipeline] = series.map(str::to_string);
    let mut change = Change {
        guest,
        setting,
        pipeline,
        platform,
        input,
        runs,
        number: if runs == 1 { Compared::Single } else { Compared::Marginal },
        verdict: Verdict::Same,
        reason: None,
        old: old.and_then(Side::number),
        new: new.and_then(Side::number),
        change: None,
        percent: None,
        noise: None,
    };
    let (verdict, reason) = match (old, new) {
        (Some(old), Some(new)) => change.judge(old, new),
        (None, _) => (Verdict::New, new.and_then(|n| n.cell.reason.clone())),
        (_, None) => (Verdict::Gone, None),
    };
    (change.verdict, change.reason) = (verdict, reason);
    change
}

impl Change {
    fn judge(&mut self, old: &Side, new: &Side) -> (Verdict, Option<String>) {
        let reason = |side: &Side| side.cell.reason.clone().unwrap_or_default();
        let (before, after) = (old.cell.status, new.cell.status);
        let (verdict, text) = match (before, after) {
            (Status::Ok, Status::Ok) => return self.compare(old, new),
            (Status::Ok, Status::Failed) => (Verdict::Worse, format!("failed: {}", reason(new))),
            (Status::Ok, _) => (Verdict::Gone, format!("{after}: {}", reason(new))),
            (Status::Failed, Status::Ok) => {
                (Verdict::Better, format!("had failed: {}", reason(old)))
            }
            (_, Status::Ok) => (Verdict::New, format!("was {before}: {}", reason(old))),
            _ if before == after => (Verdict::Same, format!("still {after}: {}", reason(new))),
            _ => (Verdict::Same, format!("was {before}, is {after}: {}", reason(new))),
        };
        (verdict, Some(text))
    }

    fn compare(&mut self, old: &Side, new: &Side) -> (Verdict, Option<String>) {
        if let Some(reason) = incomparable(old.cell, new.cell) {
            return (Verdict::Incomparable, Some(reason));
        }
        let (Some(before), Some(after)) = (self.old, self.new) else {
            return (Verdict::Incomparable, Some("no single run to subtract".into()));
        };
        let noise = match (old.uncertainty(), new.uncertainty()) {
            (Ok(old), Ok(new)) => old.saturating_add(new),
            (Err(reason), _) | (_, Err(reason)) => {
                return (Verdict::Incomparable, Some(reason));
            }
        };
        let change = after.saturating_sub(before);
        self.change = Some(change);
        self.percent = (before > 0).then(|| 100.0 * change as f64 / before as f64);
        self.noise = Some(noise);
        let one_elf = same_elf(old.cell, new.cell);
        let one_thread = [old, new].iter().all(|side| side.cell.vcpus == Some(1));
        let verdict = match change {
            0 => return (Verdict::Same, None),
            _ if one_elf && !one_thread => Verdict::Noise,
            _ if change.unsigned_abs() <= noise => Verdict::Noise,
            1.. => Verdict::Worse,
            _ => Verdict::Better,
        };
        let reason = match verdict {
            _ if !one_elf => None,
            Verdict::Noise => Some("the ELF is the same"),
            _ => Some("the ELF is the same, so it is run or counted in another way"),
        };
        (verdict, reason.map(str::to_string))
    }
}

fn same_elf(old: &Cell, new: &Cell) -> bool {
    let sha256 = |cell: &Cell| cell.elf.as_ref().map(|elf| elf.sha256.clone());
    sha256(old).is_some() && sha256(old) == sha256(new)
}

/// Why no difference may be formed between two cells that are ok.
fn incomparable(old: &Cell, new: &Cell) -> Option<String> {
    let (before, after) = (&old.provenance, &new.provenance);
    let known = |text: &Option<String>| text.clone().unwrap_or_else(|| "unknown".to_string());
    if before.input_sha256 != after.input_sha256 {
        return Some("the input has other bytes".into());
    }
    if before.mode != after.mode {
        let (before, after) = (known(&before.mode), known(&after.mode));
        return Some(format!("counted in another mode: {before}, now {after}"));
    }
    if before.emulator != after.emulator {
        let (before, after) = (known(&before.emulator), known(&after.emulator));
        return Some(format!("run by another emulator: {before}, now {after}"));
    }
    if before.arguments != after.arguments {
        let (before, after) = (&before.arguments, &after.arguments);
        return Some(format!("other arguments: {before:?}, now {after:?}"));
    }
    if before.environment != after.environment {
        let text = |map: &BTreeMap<String, String>| {
            let pairs: Vec<String> = map.iter().map(|(n, v)| format!("{n}={v}")).collect();
            if pairs.is_empty() {
                "none".into()
            } else {
                pairs.join(" ")
            }
        };
        let (before, after) = (text(&before.environment), text(&after.environment));
        return Some(format!("another environment: {before}, now {after}"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::model::{fill_derived, Artifact, Spread};
    use super::*;

    const M: u64 = 1_000_000;

    /// A cell with one thread and this total; the ELF is another for another
    /// total.
    fn cell(runs: u32, total: u64) -> Cell {
        let mut cell = Cell::new("g", "default", "direct", "linux", "i");
        cell.runs = runs;
        cell.vcpus = Some(1);
        cell.instructions.total = Some(total);
        let sha256 = format!("{total:064x}");
        cell.elf = Some(Artifact { path: "/x".into(), sha256, bytes: 1 });
        cell.provenance.mode = Some("m".into());
        cell
    }

    /// With several threads, and repeats this far apart.
    fn threads(runs: u32, total: u64, apart: u64) -> Cell {
        let mut cell = cell(runs, total);
        cell.vcpus = Some(4);
        let (min, max) = (total - apart / 2, total + apart.div_ceil(2));
        cell.instructions.spread = Some(Spread { repeats: 3, min, max });
        cell
    }

    fn with(mut cell: Cell, change: impl FnOnce(&mut Cell)) -> Cell {
        change(&mut cell);
        cell
    }

    fn between(mut old: Vec<Cell>, mut new: Vec<Cell>) -> Vec<Change> {
        fill_derived(&mut old);
        fill_derived(&mut new);
        Difference::between(&Report::new(old), &Report::new(new)).cells
    }

    /// The only change.
    fn one(old: Cell, new: Cell) -> Change {
        let mut changes = between(vec![old], vec![new]);
        assert_eq!(changes.len(), 1);
        changes.remove(0)
    }

    #[test]
    fn what_is_noise() {
        use Verdict::*;
        let cases = [
            (cell(1, 1000), cell(1, 1000), Same, 0),
            (cell(1, 1000), cell(1, 1001), Worse, 0),
            (cell(1, 1000), cell(1, 999), Better, 0),
            // Repeats 10 apart on both sides, a 1000th of each largest total, and
            // the floor.
            (threads(1, M, 10), threads(1, M + 202_220, 10), Noise, 202_222),
            (threads(1, M, 10), threads(1, M + 202_223, 10), Worse, 202_222),
            (threads(1, M + 202_222, 10), threads(1, M, 10), Noise, 202_222),
            (threads(1, M + 202_223, 10), threads(1, M, 10), Better, 202_222),
            // Only one side varies.
            (cell(1, M), threads(1, M + 101_112, 10), Worse, 101_111),
            (threads(1, M, 10), cell(1, M + 101_010), Noise, 101_010),
        ];
        for (old, new, verdict, noise) in cases {
            let change = one(old, new);
            assert_eq!((change.verdict, change.noise), (verdict, Some(noise)), "{change:?}");
        }
    }

    #[test]
    fn one_elf_varies_only_with_threads() {
        use Verdict::*;
        let one_elf =
            |cell| with(cell, |c| c.elf.as_mut().expect("an ELF").sha256 = "a".repeat(64));
        let other = "the ELF is the same, so it is run or counted in another way";
        let cases = [
            (cell(1, 1000), cell(1, 5000), Worse, Some(other)),
            (cell(1, 5000), cell(1, 1000), Better, Some(other)),
            (cell(1, 1000), cell(1, 1000), Same, None),
            (threads(1, M, 10), threads(1, 5 * M, 10), Noise, Some("the ELF is the same")),
            (cell(1, M), threads(1, 5 * M, 10), Noise, Some("the ELF is the same")),
        ];
        for (old, new, verdict, reason) in cases {
            let change = one(one_elf(old), one_elf(new));
            assert_eq!((change.verdict, change.reason.as_deref()), (verdict, reason));
        }
    }

    /// `hello_world-go` directly: idle, and the least and the most of 41 benches
    /// on a busy machine.
    #[test]
    fn a_busy_machine_is_noise() {
        let (idle, busy) =
            (threads(1, 442_950, 21_721), [474_000, 539_000].map(|n| threads(1, n, 9)));
        let pairs = [(&idle, &busy[0]), (&idle, &busy[1]), (&busy[0], &busy[1]), (&busy[1], &idle)];
        for (old, new) in pairs {
            assert_eq!(one(old.clone(), new.clone()).verdict, Verdict::Noise);
        }
    }

    #[test]
    fn a_change_is_of_the_old_number() {
        let change = one(cell(1, 200), cell(1, 150));
        assert_eq!((change.old, change.new), (Some(200), Some(150)));
        assert_eq!((change.change, change.percent), (Some(-50), Some(-25.0)));
    }

    #[test]
    fn marginal_costs_share_the_noise_of_their_totals() {
        let old = vec![threads(1, 10_000, 10), threads(5, 50_000, 20)];
        let new = vec![threads(1, 10_001, 10), threads(5, 50_101, 20)];
        let changes = between(old, new);
        let numbers: Vec<_> = changes.iter().map(|c| (c.number, c.change)).collect();
        // (50101 - 10001) / 4 - (50000 - 10000) / 4
        assert_eq!(numbers, [(Compared::Single, Some(1)), (Compared::Marginal, Some(25))]);
        // (20 + 50 + 10 + 10 + 2 * FLOOR) / 4, rounded up, on both sides
        assert_eq!(changes[1].noise, Some(100_046));
        assert_eq!(changes[1].verdict, Verdict::Noise);
    }

    #[test]
    fn no_difference_without_two_numbers_of_one_kind() {
        use Verdict::*;
        let failed = || cell(1, 1).without_numbers(Status::Failed, "why");
        let unavailable = || cell(1, 1).without_numbers(Status::Unavailable, "no tool");
        let cases = [
            (
                cell(1, 5),
                with(cell(1, 9), |c| c.provenance.mode = None),
                Incomparable,
                "counted in another mode: m, now unknown",
            ),
            (
                with(cell(1, 5), |c| c.provenance.emulator = Some("qemu 7".into())),
                with(cell(1, 9), |c| c.provenance.emulator = Some("qemu 8".into())),
                Incomparable,
                "run by another emulator: qemu 7, now qemu 8",
            ),
            (
                cell(1, 5),
                with(cell(1, 9), |c| c.provenance.input_sha256 = Some("b".repeat(64))),
                Incomparable,
                "the input has other bytes",
            ),
            (
                with(cell(1, 5), |c| drop(c.provenance.environment.insert("A".into(), "1".into()))),
                cell(1, 9),
                Incomparable,
                "another environment: A=1, now none",
            ),
            (
                cell(1, 5),
                with(cell(1, 9), |c| c.provenance.arguments.push("a".into())),
                Incomparable,
                "other arguments: [], now [\"a\"]",
            ),
            (
                cell(1, 5),
                with(cell(1, 9), |c| c.vcpus = Some(2)),
                Incomparable,
                "it had several threads and was measured once",
            ),
            (cell(2, 5), cell(2, 9), Incomparable, "no single run to subtract"),
            (cell(1, 5), failed(), Worse, "failed: why"),
            (failed(), cell(1, 5), Better, "had failed: why"),
            (cell(1, 5), unavailable(), Gone, "unavailable: no tool"),
            (unavailable(), cell(1, 5), New, "was unavailable: no tool"),
            (failed(), failed(), Same, "still failed: why"),
            (unavailable(), failed(), Same, "was unavailable, is failed: why"),
        ];
        for (old, new, verdict, reason) in cases {
            let change = one(old, new);
            assert_eq!((change.verdict, change.reason.as_deref()), (verdict, Some(reason)));
            assert_eq!((change.change, change.percent, change.noise), (None, None, None));
        }
    }

    #[test]
    fn cells_of_one_side_are_listed() {
        let other = |total| with(cell(1, total), |c| c.guest = "h".into());
        let changes = between(vec![cell(1, 5)], vec![other(7)]);
        let seen: Vec<_> =
            changes.iter().map(|c| (c.guest.as_str(), c.verdict, c.old, c.new)).collect();
        let expected = [("g", Verdict::Gone, Some(5), None), ("h", Verdict::New, None, Some(7))];
        assert_eq!(seen, expected);
    }

    #[test]
    fn what_failed_once_stands_for_its_other_runs() {
        let old = vec![cell(1, 5), cell(10, 50)];
        let failed = cell(1, 1).without_numbers(Status::Failed, "why");
        for change in between(old, vec![failed]) {
            assert_eq!(change.verdict, Verdict::Worse, "{change:?}");
        }
    }

    #[test]
    fn what_exceeds_a_limit() {
        let failed = || cell(1, 1).without_numbers(Status::Failed, "why");
        let cases = [
            (cell(1, 1000), cell(1, 1020), 2.0, false),
            (cell(1, 1000), cell(1, 1021), 2.0, true),
            (cell(1, 1000), cell(1, 1001), 0.0, true),
            (cell(1, 1000), cell(1, 900), 0.0, false),
            // 220,240 of it may be noise.
            (threads(1, 10 * M, 10), threads(1, 10 * M + 420_000, 10), 2.0, false),
            (threads(1, 10 * M, 10), threads(1, 10 * M + 421_000, 10), 2.0, true),
            (threads(1, 10 * M, 10), threads(1, 10 * M + 220_000, 10), 0.0, false),
            (cell(1, 1000), failed(), 1e9, true),
            (failed(), failed(), 0.0, false),
            (failed(), cell(1, 1000), 0.0, false),
        ];
        for (old, new, percent, exceeds) in cases {
            let change = one(old, new);
            assert_eq!(change.exceeds(percent), exceeds, "{percent} %: {change:?}");
        }
    }

    #[test]
    fn a_cost_that_was_not_above_zero_has_no_percentage() {
        let old = vec![cell(1, 100), cell(2, 90)];
        let change = between(old, vec![cell(1, 100), cell(2, 130)]).remove(1);
        assert_eq!((change.old, change.change, change.percent), (Some(-10), Some(40), None));
        assert!(change.exceeds(1e9), "{change:?}");
    }
}
