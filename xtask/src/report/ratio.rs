//! Ratios against the direct build, or the reason why there is none. A ratio
//! is formed only between two cells that ran well on the same platform, in the
//! same mode, over the same input bytes, the same number of times.

use super::model::{Cell, Report, Status, DIRECT};

/// Which number of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    /// The total at runs = 1.
    Single,
    /// The marginal cost at this number of runs.
    Marginal(u32),
}

/// A series of cells: all of one guest, setting, input, platform and pipeline.
pub type Series<'a> = [&'a str; 5];

impl Number {
    /// Of the cell that has it.
    pub fn runs(self) -> u32 {
        match self {
            Number::Single => 1,
            Number::Marginal(runs) => runs,
        }
    }

    /// The number of `cell`, which must be of [`Number::runs`].
    fn of(self, cell: &Cell) -> Option<i64> {
        match self {
            Number::Single => cell.counted().and_then(|n| i64::try_from(n).ok()),
            Number::Marginal(_) => cell.instructions.marginal,
        }
    }
}

/// The cell of `series` that has `number`, and its value, or why there is none.
pub fn value<'a>(
    report: &'a Report,
    series: Series,
    number: Number,
) -> Result<(&'a Cell, i64), String> {
    let runs = number.runs();
    let wanted = |c: &Cell| c.order() == (series, runs);
    // What failed once is not tried with more runs; the reason is the same.
    let not_ok = |c: &Cell| c.series() == series && c.status != Status::Ok;
    let cells = &report.cells;
    let id = cells.iter().position(wanted).or_else(|| cells.iter().position(not_ok));
    let Some(id) = id else {
        return Err(format!("not measured at runs = {runs}"));
    };
    let cell = &cells[id];
    if cell.status != Status::Ok {
        return Err(format!("{}, cell {}", cell.status, id + 1));
    }
    match number.of(cell) {
        Some(n) => Ok((cell, n)),
        None => Err("no single run to subtract".into()),
    }
}

/// The number of `series` over that of the direct build.
pub fn ratio(report: &Report, series: Series, number: Number) -> Result<f64, String> {
    let [guest, setting, input, platform, _] = series;
    let (ours, numerator) = value(report, series, number)?;
    let direct = [guest, setting, input, platform, DIRECT];
    let (base, denominator) =
        value(report, direct, number).map_err(|reason| format!("{DIRECT}: {reason}"))?;
    if ours.provenance.mode != base.provenance.mode {
        return Err(format!("counted in another mode than {DIRECT}"));
    }
    if ours.provenance.input_sha256 != base.provenance.input_sha256 {
        return Err(format!("another input than {DIRECT}"));
    }
    if numerator <= 0 || denominator <= 0 {
        return Err("within the spread".into());
    }
    Ok(numerator as f64 / denominator as f64)
}
