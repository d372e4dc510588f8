//! Random modules do what wasmtime did with them. Its record, `fuzz.txt`, is
//! renewed by `cargo run --release --manifest-path
//! translator/proof/wasmtime/Cargo.toml -- --state DIR --count 512 --record
//! translator/proof/tests/fuzz.txt`, which also says more than this test can.

use std::io::Write;
use wasrisc_proof::fuzz::transcript::of_lines;
use wasrisc_proof::fuzz::{of_module, run, Outcome, Toolchains, BATCH};
use wasrisc_proof::in_parallel;
use wasrisc_proof::toolchain::{HOST, HOST_CLANG, LINUX_CLANG, LINUX_GCC};

/// A line of the record: a seed, its module's digest, and the digest of so many
/// lines of the transcript.
struct Expected {
    seed: u64,
    module: u64,
    lines: usize,
    digest: u64,
}

fn record() -> Vec<Expected> {
    let line = |line: &str| {
        let [seed, module, lines, digest] = line.split(' ').collect::<Vec<_>>()[..] else {
            return None;
        };
        Some(Expected {
            seed: seed.parse().ok()?,
            module: u64::from_str_radix(module, 16).ok()?,
            lines: lines.parse().ok()?,
            digest: u64::from_str_radix(digest, 16).ok()?,
        })
    };
    let lines = include_str!("fuzz.txt").lines();
    lines.map(|text| line(text).unwrap_or_else(|| panic!("fuzz.txt: {text}"))).collect()
}

fn wrong(expected: &Expected, outcome: &Outcome) -> Option<String> {
    let seed = expected.seed;
    if of_module(&outcome.case.wasm) != expected.module {
        return Some(format!("seed {seed} is another module now: renew the record"));
    }
    let found = outcome.found.get(..expected.lines).map(of_lines);
    (found != Some(expected.digest))
        .then(|| format!("seed {seed} differs from wasmtime: {}", outcome.found.join("; ")))
}

#[test]
fn random_modules_do_what_wasmtime_did() {
    for machine in [HOST, HOST_CLANG, LINUX_CLANG, LINUX_GCC] {
        if let Some(tool) = machine.missing() {
            let required = std::env::var_os("WASRISC_REQUIRE_TOOLS").is_some();
            assert!(!required, "there is no {tool}");
            let _ = writeln!(std::io::stderr(), "skipped: there is no {tool}");
            return;
        }
    }
    let record = record();
    assert!(record.len() >= 500, "{} seeds", record.len());
    let batches: Vec<&[Expected]> =
        record.chunk_by(|a, b| a.seed / BATCH == b.seed / BATCH).collect();
    let toolchains = Toolchains::default();
    let wrongs = in_parallel(batches.len(), |number| {
        let batch = batches[number];
        let seeds: Vec<u64> = batch.iter().map(|expected| expected.seed).collect();
        match run(&toolchains, &seeds) {
            Err(why) => vec![why],
            Ok(outcomes) => {
                batch.iter().zip(&outcomes).filter_map(|(e, found)| wrong(e, found)).collect()
            }
        }
    });
    let wrongs: Vec<String> = wrongs.into_iter().flatten().collect();
    assert!(wrongs.is_empty(), "{}", wrongs.join("\n"));
}
