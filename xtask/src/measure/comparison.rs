//! Where two programs that do the same differ: instructions of each function on
//! either side, the largest difference first.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde::Serialize;

use super::matching;
use super::profile::{Attribution, Origin, UNKNOWN};
use crate::report::format::thousands;

/// Two programs, function by function.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// All instructions of the first program: the counter's total.
    pub a: u64,
    /// Of the second.
    pub b: u64,
    /// b - a.
    pub difference: i64,
    /// b / a; null where the two were counted in different modes.
    pub ratio: Option<f64>,
    /// By the size of the difference; they add up to the totals.
    pub functions: Vec<Row>,
}

/// One function of the source, or what the pipeline adds for one purpose.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// As the first program calls it, if it has it, or else the second.
    pub function: String,
    /// Instructions in the function itself; null where the first program has no
    /// such function, or ran none of it.
    pub a: Option<u64>,
    /// The same of the second.
    pub b: Option<u64>,
    /// b - a, an absent one being none.
    pub difference: i64,
    /// b / a; null unless both are there and counted in one mode.
    pub ratio: Option<f64>,
    /// Per cent of the whole difference; null where the totals are equal.
    pub share: Option<f64>,
    /// Share of this row and all above it.
    pub cumulative: Option<f64>,
    /// Every symbol counted here.
    pub symbols: Symbols,
}

/// Instructions by symbol.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Symbols {
    pub a: BTreeMap<String, u64>,
    pub b: BTreeMap<String, u64>,
}

/// The symbols of each key.
fn by_key(program: &Attribution) -> BTreeMap<String, BTreeMap<String, u64>> {
    let mut keys: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for ((origin, name), instructions) in &program.functions {
        let symbols = keys.entry(matching::key(*origin, name)).or_default();
        symbols.insert(name.clone(), *instructions);
    }
    if program.unknown > 0 {
        keys.entry(UNKNOWN.into()).or_default().insert(UNKNOWN.into(), program.unknown);
    }
    keys
}

/// What each key is called in the program: of several names the shortest, since
/// the linker's own are longer.
fn names_by_key(program: &Attribution) -> BTreeMap<String, &String> {
    let mut names: Vec<&String> = program.names.iter().collect();
    names.sort_by_key(|name| (std::cmp::Reverse(name.len()), *name));
    names.into_iter().map(|name| (matching::key(Origin::Guest, name), name)).collect()
}

fn ratio(a: u64, b: u64) -> Option<f64> {
    (a > 0).then(|| b as f64 / a as f64)
}

fn difference(a: u64, b: u64) -> i64 {
    // Instructions of one execution are far fewer than 2^63.
    b as i64 - a as i64
}

impl Row {
    /// `known` is what the first program calls functions that it did not run.
    fn new(key: &str, symbols: Symbols, known: &BTreeMap<String, &String>) -> Row {
        let sum = |symbols: &BTreeMap<String, u64>| {
            (!symbols.is_empty()).then(|| symbols.values().sum::<u64>())
        };
        let (a, b) = (sum(&symbols.a), sum(&symbols.b));
        let largest = |symbols: &BTreeMap<String, u64>| {
            symbols.iter().max_by_key(|(_, n)| **n).map(|(name, _)| name.clone())
        };
        let never_ran = || known.get(key).map(|name| name.to_string());
        let named = largest(&symbols.a).or_else(never_ran).or_else(|| largest(&symbols.b));
        let function = if key.starts_with('[') { None } else { named };
        Row {
            function: function.unwrap_or_else(|| key.to_string()),
            a,
            b,
            difference: difference(a.unwrap_or(0), b.unwrap_or(0)),
            ratio: a.zip(b).and_then(|(a, b)| ratio(a, b)),
            share: None,
            cumulative: None,
            symbols,
        }
    }
}

impl Comparison {
    /// Of two programs' instructions by function. Unless both were counted in
    /// the `same_mode`, there are no ratios: they would be of two kinds of numbers.
    pub fn between(a: &Attribution, b: &Attribution, same_mode: bool) -> Comparison {
        let (mut first, mut second) = (by_key(a), by_key(b));
        let generics = [matching::generics(&first, &second), matching::generics(&second, &first)];
        for (program, pairs) in [&mut first, &mut second].into_iter().zip(generics) {
            for (key, stands_for) in pairs {
                let symbols = program.remove(&key).unwrap_or_default();
                program.entry(stands_for).or_default().extend(symbols);
            }
        }
        let known = names_by_key(a);
        let keys: BTreeSet<String> = first.keys().chain(second.keys()).cloned().collect();
        let mut row = |key: &String| {
            let symbols = Symbols {
                a: first.remove(key).unwrap_or_default(),
                b: second.remove(key).unwrap_or_default(),
            };
            let row = Row::new(key, symbols, &known);
            Row { ratio: row.ratio.filter(|_| same_mode), ..row }
        };
        let mut functions: Vec<Row> = keys.iter().map(&mut row).collect();
        functions.sort_by(|x, y| {
            let size = |row: &Row| std::cmp::Reverse(row.difference.unsigned_abs());
            (size(x), &x.function).cmp(&(size(y), &y.function))
        });
        let whole = difference(a.total, b.total);
        let share = |n: i64| (whole != 0).then(|| 100.0 * n as f64 / whole as f64);
        let mut sum = 0;
        for row in &mut functions {
            sum += row.difference;
            (row.share, row.cumulative) = (share(row.difference), share(sum));
        }
        let (a, b) = (a.total, b.total);
        let ratio = ratio(a, b).filter(|_| same_mode);
        Comparison { a, b, difference: whole, ratio, functions }
    }

    /// The first `most` rows, the others as one line, and the totals.
    pub fn table(&self, most: usize) -> String {
        let mut text =
            line(["A", "B", "B-A", "B/A", "share %", "sum %"].map(String::from), "function");
        let (shown, rest) = self.functions.split_at(most.min(self.functions.len()));
        for row in shown {
            let numbers = [
                row.a.map_or("-".into(), thousands),
                row.b.map_or("-".into(), thousands),
                signed(row.difference),
                row.ratio.map_or(only(row).into(), |ratio| format!("{ratio:.2}")),
                percent(row.share),
                percent(row.cumulative),
            ];
            text += &line(numbers, &row.function);
        }
        let percent_of_whole = |n: i64| {
            percent((self.difference != 0).then(|| 100.0 * n as f64 / self.difference as f64))
        };
        let mut sums = |a: u64, b: u64, cumulative: i64, name: &str| {
            let by = difference(a, b);
            let ratio = ratio(a, b).filter(|_| self.ratio.is_some());
            let ratio = ratio.map_or("-".into(), |ratio| format!("{ratio:.2}"));
            let (share, sum) = (percent_of_whole(by), percent_of_whole(cumulative));
            text += &line([thousands(a), thousands(b), signed(by), ratio, share, sum], name);
        };
        if !rest.is_empty() {
            let (a, b) = (rest.iter().filter_map(|r| r.a), rest.iter().filter_map(|r| r.b));
            let name = format!("[{} more functions]", rest.len());
            sums(a.sum(), b.sum(), self.difference, &name);
        }
        sums(self.a, self.b, self.difference, "[total]");
        text
    }
}

fn only(row: &Row) -> &'static str {
    match (row.a, row.b) {
        (Some(_), None) => "only A",
        (None, Some(_)) => "only B",
        _ => "-",
    }
}

fn signed(n: i64) -> String {
    let sign = match n {
        0 => "",
        n if n < 0 => "-",
        _ => "+",
    };
    format!("{sign}{}", thousands(n.unsigned_abs()))
}

fn percent(percent: Option<f64>) -> String {
    percent.map_or("-".into(), |percent| format!("{percent:.2}"))
}

fn line([a, b, by, ratio, share, sum]: [String; 6], function: &str) -> String {
    let mut line = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(line, "{a:>14} {b:>14} {by:>15} {ratio:>7} {share:>8} {sum:>7}  {function}");
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(unknown: u64, functions: &[(Origin, &str, u64)]) -> Attribution {
        let functions: BTreeMap<_, _> =
            functions.iter().map(|(origin, name, n)| ((*origin, name.to_string()), *n)).collect();
        let total = unknown + functions.values().sum::<u64>();
        let names = functions.keys().map(|(_, name)| name.clone()).collect();
        Attribution { total, unknown, functions, names }
    }

    fn two() -> Comparison {
        use Origin::{Guest, Pipeline};
        let direct = program(
            5,
            &[
                (Guest, "core/vm.(*EVM).Call", 100),
                (Guest, "core/vm.(*EVM).Call-tramp0", 10),
                (Guest, "runtime.netpoll", 40),
                (Guest, "memmove", 7),
            ],
        );
        let wasm = program(
            0,
            &[
                (Guest, "core_vm.__EVM_.Call", 330),
                (Guest, "runtime.resume", 20),
                (Pipeline, "memmove", 60),
                (Pipeline, "wasmtime_builtin_memory_copy", 30),
            ],
        );
        Comparison::between(&direct, &wasm, true)
    }

    /// A program of which only some functions ran.
    fn linked(program: Attribution, names: &[&str]) -> Attribution {
        let names = names.iter().map(|name| name.to_string()).chain(program.names);
        Attribution { names: names.collect(), ..program }
    }

    #[test]
    fn functions_are_matched_and_the_largest_difference_is_first() {
        let rows: Vec<_> = two().functions.into_iter().map(|r| (r.function, r.a, r.b)).collect();
        let expected = [
            ("core/vm.(*EVM).Call", Some(110), Some(330)),
            ("[runtime: memory.copy, with libc's copying]", None, Some(90)),
            ("runtime.netpoll", Some(40), None),
            ("runtime.resume", None, Some(20)),
            ("memmove", Some(7), None),
            ("[unknown]", Some(5), None),
        ];
        assert_eq!(rows, expected.map(|(name, a, b)| (name.to_string(), a, b)));
    }

    #[test]
    fn rows_add_up_to_the_totals() {
        let comparison = two();
        let sum = |of: fn(&Row) -> Option<u64>| -> u64 {
            comparison.functions.iter().filter_map(of).sum()
        };
        assert_eq!((sum(|r| r.a), sum(|r| r.b)), (162, 440));
        assert_eq!((comparison.a, comparison.b, comparison.difference), (162, 440, 278));
        let last = comparison.functions.last().expect("rows");
        assert_eq!(last.cumulative, Some(100.0));
        for row in &comparison.functions {
            let symbols = |of: &BTreeMap<String, u64>| of.values().sum::<u64>();
            assert_eq!(symbols(&row.symbols.a), row.a.unwrap_or(0));
            assert_eq!(symbols(&row.symbols.b), row.b.unwrap_or(0));
        }
    }

    #[test]
    fn the_table_ends_with_the_totals() {
        let expected = "             A              B             B-A     B/A  share %   sum %  function
           110            330            +220    3.00    79.14   79.14  core/vm.(*EVM).Call
             -             90             +90  only B    32.37  111.51  [runtime: memory.copy, with libc's copying]
            40              -             -40  only A   -14.39   97.12  runtime.netpoll
            12             20              +8    1.67     2.88  100.00  [3 more functions]
           162            440            +278    2.72   100.00  100.00  [total]
";
        assert_eq!(two().table(3), expected);
    }

    #[test]
    fn what_only_the_second_ran_has_its_name_in_the_source() {
        let names = [
            "internal/sync.(*Mutex).Unlock",
            "internal/sync.(*Mutex).Unlock-tramp0",
            "runtime.wake.abi0",
        ];
        let direct = linked(program(0, &[(Origin::Guest, "main.main", 3)]), &names);
        let second = [
            (Origin::Guest, "internal_sync.__Mutex_.Unlock", 9),
            (Origin::Guest, "os.__File_.Read", 8),
            (Origin::Guest, "main.main", 3),
        ];
        let comparison = Comparison::between(&direct, &program(0, &second), true);
        let rows: Vec<_> =
            comparison.functions.iter().map(|r| (r.function.as_str(), r.a)).collect();
        let expected = [
            ("internal/sync.(*Mutex).Unlock", None),
            ("os.__File_.Read", None),
            ("main.main", Some(3)),
        ];
        assert_eq!(rows, expected);
    }

    #[test]
    fn go_that_stands_in_for_assembly_is_the_same_function() {
        let of = |name| program(0, &[(Origin::Guest, name, 5)]);
        let (direct, wasm) = (of("crypto/sha256.block.abi0"), of("crypto_sha256.blockGeneric"));
        for (a, b) in [(&direct, &wasm), (&wasm, &direct)] {
            let rows = Comparison::between(a, b, true).functions;
            assert_eq!(rows.len(), 1, "{rows:?}");
            assert_eq!((rows[0].a, rows[0].b), (Some(5), Some(5)));
        }
    }

    #[test]
    fn there_is_no_ratio_across_modes() {
        let program = program(1, &[(Origin::Guest, "main.main", 3), (Origin::Guest, "f", 1)]);
        let comparison = Comparison::between(&program, &program, false);
        assert!(
            comparison.ratio.is_none() && comparison.functions.iter().all(|r| r.ratio.is_none())
        );
        for line in comparison.table(1).lines().skip(1) {
            assert_eq!(line.split_whitespace().nth(3), Some("-"), "{line}");
        }
    }

    #[test]
    fn a_program_against_itself_differs_nowhere() {
        let program = program(1, &[(Origin::Guest, "main.main", 3)]);
        let comparison = Comparison::between(&program, &program, true);
        assert!(comparison.functions.iter().all(|r| r.difference == 0 && r.share.is_none()));
        assert_eq!((comparison.difference, comparison.ratio), (0, Some(1.0)));
    }
}
