//! The columns that say which cell a row is about.

use super::format::{cell_text, Table};
use super::model::Cell;
use super::ratio::Series;

/// Headings of [`series_texts`].
const SERIES: [&str; 5] = ["guest", "setting", "input", "pipeline", "platform"];

/// A table of series, with these headings after theirs.
pub fn series_table(headings: &[&str]) -> Table {
    Table::new(&[&SERIES, headings].concat())
}

/// A table of cells, with these headings after theirs.
pub fn cell_table(headings: &[&str]) -> Table {
    Table::new(&[&[">cell"], &SERIES[..], headings].concat())
}

/// What a row of [`series_table`] begins with.
pub fn series_texts([guest, setting, input, platform, pipeline]: Series) -> Vec<String> {
    [guest, setting, input, pipeline, platform].map(cell_text).to_vec()
}

/// What a row of [`cell_table`] begins with; `id` is the cell's number.
pub fn cell_texts(id: usize, cell: &Cell) -> Vec<String> {
    [vec![id.to_string()], series_texts(cell.series())].concat()
}
