//! Fewer complements.
//!
//! RV64IM has no and-not: `a & ~b` is two instructions. But `a & b` of complements
//! is the complement of an or, an exclusive or or a rotation of a complement is the
//! complement of one, so a value may be held as its complement from where it is
//! made to where it is used, and complements that meet vanish (Keccak's
//! implementers do so by hand: lane complementing, "Keccak implementation
//! overview", section 2.2). A compiler of C looks at two operators at a time; here
//! a whole region without control flow is looked at.

mod changes;
mod live;
mod operator;
mod region;
mod search;
#[cfg(test)]
mod tests;

use crate::types::Type;
use live::Live;
use operator::{Kind, Width};
use region::{regions, Region};
use std::ops::Range;
use wasmparser::Operator;

/// With fewer complements there is little to win.
const WORTH: usize = 6;
/// Longer regions, in operators, take too long; nothing that computes has one.
const LONGEST: usize = 8_000;

/// The same operators, or others that do the same with fewer complements. `locals`
/// are the function's; what is in those of `plain` between turns of a loop stays itself.
pub fn fewer<'a>(
    operators: Vec<Operator<'a>>,
    locals: &[Type],
    plain: &[u32],
) -> Vec<Operator<'a>> {
    let worth = |range: &Range<usize>| {
        range.len() <= LONGEST && complements(&operators[range.clone()]).nth(WORTH - 1).is_some()
    };
    let width = |local: u32| match locals[local as usize] {
        Type::I32 if !plain.contains(&local) => Some(Width::I32),
        Type::I64 if !plain.contains(&local) => Some(Width::I64),
        _ => None,
    };
    let ranges: Vec<Range<usize>> = regions(&operators).into_iter().filter(worth).collect();
    if ranges.is_empty() {
        return operators;
    }
    let ends: Vec<usize> = ranges.iter().map(|range| range.end).collect();
    let everything = || vec![vec![true; locals.len()]; ends.len()];
    let live = live::at(&operators, locals.len(), &ends).unwrap_or_else(everything);
    let mut rewritten: Vec<Operator<'a>> = Vec::new();
    let mut done = 0;
    for (range, live) in ranges.into_iter().zip(live) {
        let turns = is_loop(&operators, &range);
        if let Some(better) = better(&operators[range.clone()], turns, &width, &live) {
            // What a loop carries is turned before it and behind its branch.
            let (before, behind) = match turns {
                true => (range.start - 1, range.end + 1),
                false => (range.start, range.end),
            };
            rewritten.extend_from_slice(&operators[done..before]);
            rewritten.extend_from_slice(&better.turned);
            rewritten.extend_from_slice(&operators[before..range.start]);
            rewritten.extend(better.operators);
            rewritten.extend_from_slice(&operators[range.end..behind]);
            rewritten.extend(better.turned);
            done = behind;
        }
    }
    rewritten.extend_from_slice(&operators[done..]);
    rewritten
}

/// Whether a region is all of a loop's body up to its only branch, behind which
/// nothing goes back.
fn is_loop(operators: &[Operator<'_>], range: &Range<usize>) -> bool {
    let starts = range.start > 0 && matches!(operators[range.start - 1], Operator::Loop { .. });
    let branches = matches!(operators.get(range.end), Some(Operator::BrIf { relative_depth: 0 }));
    let mut behind = operators.iter().skip(range.end + 1);
    let next = behind.find(|operator| Kind::of(operator) == Kind::Boundary);
    starts && branches && matches!(next, Some(Operator::End))
}

struct Better<'a> {
    operators: Vec<Operator<'a>>,
    /// Of a loop, what turns that which it carries as complements.
    turned: Vec<Operator<'a>>,
}

/// A region with fewer complements, if there is one.
fn better<'a>(
    operators: &[Operator<'a>],
    turns: bool,
    width: &dyn Fn(u32) -> Option<Width>,
    live: &Live,
) -> Option<Better<'a>> {
    let region = Region::of(operators, turns, width, &|local| live[local as usize]);
    let best = search::best(&region);
    let before = search::cost(&region, &search::unchanged(&region));
    (search::cost(&region, &best) < before)
        .then(|| Better { operators: region.rewritten(&best), turned: region.turned(&best) })
}

/// Where one is made.
fn complements<'o>(operators: &'o [Operator<'_>]) -> impl Iterator<Item = Range<usize>> + 'o {
    operators.windows(2).enumerate().filter_map(|(at, pair)| {
        let constant = matches!(Kind::of(&pair[0]), Kind::Constant(_, -1));
        let xor = matches!(Kind::of(&pair[1]), Kind::Xor(_));
        (constant && xor).then_some(at..at + 2)
    })
}
