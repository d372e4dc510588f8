//! What a cell's instructions are and use: one execution more, in detail.

use std::time::Duration;

use anyhow::Result;

use super::cell::{Case, Measurer};
use super::counter::{Count, Mode, Observed, Place};
use super::profile::{self, Block};
use crate::guest::manifest::Language;
use crate::process::Limits;
use crate::report::detail::{Detail, Hottest, Misaligned};
use crate::report::format;
use crate::report::model::Cell;
use crate::table;

/// How much longer an execution may take that is looked at in detail: twice as
/// long was measured.
const SLOWER: u32 = 4;

const NOT_DECODED: &str = "only RISC-V instructions are decoded";

impl Measurer<'_> {
    /// Executes the case of a cell that went well once more. A failure is the
    /// detail's only, not the cell's.
    pub fn detail(&self, case: &Case, cell: &Cell) -> Result<Detail> {
        let _task = self.session.ui.task("Looking into", &cell.label());
        let limits = case.limits();
        let limits = Limits { time: limits.time.map(longer), ..limits };
        match self.execute(case, Mode::Detail, limits)?.count {
            Ok(count) => describe(case, count),
            Err(reason) => Ok(Detail::absent(&reason)),
        }
    }
}

fn longer(time: Duration) -> Duration {
    time.saturating_mul(SLOWER)
}

fn describe(case: &Case, count: Count) -> Result<Detail> {
    let (total, start_code) = (count.total, count.start_code);
    let Some(observed) = count.detail else {
        return Ok(Detail::absent("the counter wrote no detail"));
    };
    let guest = &case.target.chosen.guest;
    let direct = case.target.pipeline.is_direct();
    let on_heap = direct && guest.language == Language::Go;
    let reasons = [
        ("mix", observed.mix.is_none(), NOT_DECODED),
        ("misaligned", observed.misaligned.is_none(), NOT_DECODED),
        ("peak_linear_memory_bytes", observed.linear_memory.is_none(), no_memory(direct)),
        ("peak_stack_bytes", on_heap, "the stacks of goroutines are on the heap"),
        ("peak_stack_bytes", !on_heap && observed.stack.is_none(), no_stack(&observed)),
    ];
    let missing = reasons.into_iter().filter(|(_, missing, _)| *missing);
    let missing = missing.map(|(name, _, reason)| (name.to_string(), reason.to_string())).collect();
    let misaligned = match &observed.misaligned {
        Some(places) => {
            let functions = accesses_by_function(case, places, start_code)?;
            Some(misaligned(places, functions.first()))
        }
        None => None,
    };
    Ok(Detail {
        total: Some(total),
        mix: observed.mix,
        misaligned,
        peak_linear_memory_bytes: observed.linear_memory,
        peak_stack_bytes: observed.stack.filter(|_| !on_heap),
        missing,
    })
}

fn no_memory(direct: bool) -> &'static str {
    match direct {
        true => "no wasm in it",
        false => "the runtime announced none",
    }
}

fn no_stack(observed: &Observed) -> &'static str {
    match observed.mix {
        None => NOT_DECODED,
        Some(_) => "where the stack begins is not known",
    }
}

/// The functions with misaligned accesses, the most first.
fn accesses_by_function(case: &Case, places: &[Place], start_code: u64) -> Result<Vec<Hottest>> {
    let block = |place: &Place| Block { pc: place.pc, length: 1, executions: place.accesses };
    let blocks: Vec<Block> = places.iter().map(block).collect();
    let module = profile::Module::read(case.files, None)?;
    let elf = &case.files.elf_path;
    let profile = profile::attribute(elf, &module, &blocks, start_code, 0)?.profile();
    let hottest =
        |row: profile::Row| Hottest { function: row.function, accesses: row.instructions };
    Ok(profile.functions.into_iter().map(hottest).collect())
}

fn misaligned(places: &[Place], hottest: Option<&Hottest>) -> Misaligned {
    let of = |store: bool, bytes: u8| {
        let kind = places.iter().filter(|p| p.store == store && p.bytes == bytes);
        kind.map(|p| p.accesses).sum()
    };
    Misaligned {
        load2: of(false, 2),
        load4: of(false, 4),
        load8: of(false, 8),
        store2: of(true, 2),
        store4: of(true, 4),
        store8: of(true, 8),
        hottest: hottest.cloned(),
    }
}

/// The detail for a terminal: a line for each number, `n/a` with its reason
/// where there is none.
pub fn table(detail: &Detail) -> String {
    let missing = |name: &str| format::missing(detail.reason(name));
    let line = |name: &str, text: String, more: String| vec![name.to_string(), text, more];
    let mut rows = Vec::new();
    match (&detail.mix, detail.total) {
        (Some(mix), Some(total)) => rows.extend(mix.classes().map(|(name, n)| {
            let percent = format!("{:.2} %", 100.0 * n as f64 / total.max(1) as f64);
            line(name, format::thousands(n), percent)
        })),
        _ => rows.push(line("mix", missing("mix"), String::new())),
    }
    rows.extend(detail.total.map(|n| line("total", format::thousands(n), String::new())));
    match &detail.misaligned {
        Some(misaligned) => {
            rows.extend(misaligned.kinds().map(|(name, n)| {
                line(&format!("misaligned {name}"), format::thousands(n), String::new())
            }));
            rows.extend(misaligned.hottest.as_ref().map(|hottest| {
                let accesses = format::thousands(hottest.accesses);
                line("most misaligned in", accesses, hottest.function.clone())
            }));
        }
        None => rows.push(line("misaligned", missing("misaligned"), String::new())),
    }
    for (name, key, bytes) in [
        ("peak linear memory", "peak_linear_memory_bytes", detail.peak_linear_memory_bytes),
        ("peak stack", "peak_stack_bytes", detail.peak_stack_bytes),
    ] {
        let text =
            bytes.map_or_else(|| missing(key), |n| format!("{} bytes", format::thousands(n)));
        rows.push(line(name, text, String::new()));
    }
    table::render(&["", "in detail", ""], &rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::detail::Mix;

    #[test]
    fn the_table_has_every_number_or_why_it_is_missing() {
        let mut detail = Detail::absent("why not");
        assert_eq!(table(&detail).matches("n/a (why not)").count(), 4);
        detail = Detail {
            total: Some(8_000),
            mix: Some(Mix { loads: 6_000, other: 2_000, ..Mix::default() }),
            misaligned: Some(Misaligned {
                store8: 7,
                hottest: Some(Hottest { function: "main.copy".into(), accesses: 5 }),
                ..Misaligned::default()
            }),
            peak_linear_memory_bytes: Some(65_536),
            ..detail
        };
        let text = table(&detail);
        for line in [
            "loads                         6,000          75.00 %",
            "total                         8,000",
            "misaligned stores of 8        7",
            "most misaligned in            5              main.copy",
            "peak linear memory            65,536 bytes",
            "peak stack                    n/a (why not)",
        ] {
            assert!(text.lines().any(|l| l == line), "{line}\nis not in\n{text}");
        }
    }

    #[test]
    fn the_longest_time_cannot_be_longer() {
        assert_eq!(longer(Duration::from_secs(2)), Duration::from_secs(8));
        assert_eq!(longer(Duration::MAX), Duration::MAX);
    }

    #[test]
    fn misaligned_accesses_by_kind() {
        let place = |bytes, store, accesses| Place { pc: 0, bytes, store, accesses };
        let places = [
            place(2, false, 1),
            place(4, false, 2),
            place(8, false, 4),
            place(8, false, 8),
            place(2, true, 16),
            place(4, true, 32),
            place(8, true, 64),
        ];
        let counted = misaligned(&places, None);
        assert_eq!(counted.kinds().map(|(_, n)| n), [1, 2, 12, 16, 32, 64]);
        assert_eq!(counted.sum(), 127);
        assert_eq!(misaligned(&[], None), Misaligned::default());
    }
}
