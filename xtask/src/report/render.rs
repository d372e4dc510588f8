//! `report.md`: a pure function of a report. Nothing of the machine but the
//! build times that it says are the machine's; no date, no path.

use super::difference::Difference;
use super::model::Report;
use super::tables::View;
use super::{changes, detail_tables, provenance, tables};

const DEFINITIONS: &str = "\
Written by `cargo xtask report` from `report.json`; what stands here can be
checked there, and every number below leads to a cell in [Cells](#cells) with
the command that gives it again.

What the numbers are:

- All counts are *dynamic instructions* that the emulated machine executed in
  the guest's process, all its threads together. On the platforms `linux` and
  `amd64` they are *user-mode* counts: instructions of the kernel, page faults
  and system calls are not in them. They are not times and not proving costs.
- *M* is a million instructions. Counts under a million are given to the last
  instruction.
- *Single* is everything from the first instruction of a process to its last
  when the guest does its work once (runs = 1): start-up, reading the input,
  the work, printing the result, exit.
- *Marginal* is the cost of one more run in the same process:
  (total(N) - total(1)) / (N - 1), where N is the number of runs.
- *Phases*: start-up ends where the guest announces its first run; each run
  ends where the next one, or the exit, is announced.
- A *ratio* is against the pipeline `direct`, the same source compiled for the
  platform without any wasm, on the same platform, with the same setting, over
  the same input bytes, the same number of times. No other ratio is formed.
- The output of each run is compared with the expected one; a run that prints
  anything else has failed, whatever its exit code, and has no number.
- *n/a* stands, with its reason, where there is no number. A missing number is
  never shown as zero, and never left out of the list.
";

/// Renders the whole report, with what changed if it is compared with an
/// earlier one. The order of the cells does not matter.
pub fn markdown(report: &Report, difference: Option<&Difference>) -> String {
    let report = &Report::new(report.cells.clone());
    let mut text = String::from("# Instructions of guests, directly and through wasm\n\n");
    text.push_str(DEFINITIONS);
    let mut sections = vec![("Headline", tables::headline(View { report, difference }))];
    sections.extend(difference.map(|d| ("Differences", changes::section(d))));
    sections.extend([
        ("Marginal by number of runs", tables::marginals(report)),
        ("Phases", tables::phases(report)),
        ("What the instructions are", detail_tables::details(report)),
        ("Repeats and threads", tables::spreads(report)),
        ("Failed and unavailable", tables::absent(report)),
        ("Artifacts", tables::artifacts(report)),
        ("Builds", tables::builds(report)),
        ("Cells", provenance::cells(report)),
        ("Inputs", provenance::inputs(report)),
        ("Configurations", provenance::configurations(report)),
    ]);
    for (title, body) in sections {
        text.push_str(&format!("\n## {title}\n\n{body}"));
    }
    text
}

/// The headline in one table: what a README shows.
pub fn overview(report: &Report, difference: Option<&Difference>) -> String {
    tables::overview(View { report: &Report::new(report.cells.clone()), difference })
}

/// The headline tables alone, one for each guest, setting and input.
pub fn headline(report: &Report, difference: Option<&Difference>) -> String {
    tables::headline(View { report: &Report::new(report.cells.clone()), difference })
}
