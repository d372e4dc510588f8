//! Formats a thousand lines into a buffer, anew in every run.

use std::fmt::Write;

const LINES: usize = 1000;

fn main() {
    wasrisc_guest::run(|_| {
        let mut text = String::new();
        for number in 0..LINES {
            writeln!(text, "line {number}").map_err(|error| error.to_string())?;
        }
        Ok(text)
    })
}
