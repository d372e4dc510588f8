//! What every Rust guest shares.
//!
//! A guest's `main` is one call of [`run`]: it reads the framed input from
//! standard input, performs the work as often as the frame asks, announces each
//! phase to the instruction counter and prints the output once, at the end.

mod frame;
mod phase;

use std::hint::black_box;
use std::io::{self, Read, Write};
use std::process;

pub use frame::{parse, u32_payload, Frame, HEADER_BYTES};
pub use phase::{phase, Phase};

/// Performs `work` on the payload of the framed input, once for every run that
/// the frame asks for, and prints what the last run returned.
///
/// An error, a panic or bad input becomes one line on standard error and exit
/// code 1.
pub fn run(work: impl Fn(&[u8]) -> Result<String, String>) -> ! {
    std::panic::set_hook(Box::new(|panic| fail(&panic.to_string())));
    let code = match perform(work) {
        Ok(()) => 0,
        Err(reason) => fail(&reason),
    };
    process::exit(code)
}

fn perform(work: impl Fn(&[u8]) -> Result<String, String>) -> Result<(), String> {
    let mut input = Vec::new();
    io::stdin()
        .lock()
        .read_to_end(&mut input)
        .map_err(|error| format!("standard input: {error}"))?;
    let frame = parse(&input)?;
    let mut output = String::new();
    for _ in 0..frame.runs {
        phase(Phase::Run);
        // Opaque on both sides: no run may be optimised into its predecessor.
        output = black_box(work(black_box(frame.payload))?);
    }
    phase(Phase::Exit);
    io::stdout()
        .write_all(output.as_bytes())
        .and_then(|()| io::stdout().flush())
        .map_err(|error| format!("standard output: {error}"))
}

fn fail(reason: &str) -> ! {
    let mut line = reason.replace('\n', ": ");
    line.push('\n');
    // Nobody is left to tell when standard error fails too.
    let _ = io::stderr().write_all(line.as_bytes());
    process::exit(1)
}
