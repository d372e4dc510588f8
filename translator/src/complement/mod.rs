//! Fewer complements.
//!
//! RV64IM has no and-not: `a & ~b` is two instructions. But `a & b` of complements
//! is the complement of an or, an exclusive or or a rotation of a complement is the
//! complement of one, so a value may be held as its complement from where it is
//! made to where it is used, and complements that meet vanish (Keccak's
//! implementers do so by hand: lane complementing, "Keccak implementation
//! overview", section 2.2). A compiler of C looks at two operators at a time; here
//! a whole region without control flow is looked at.

mod operator;
mod region;
mod search;
#[cfg(test)]
mod tests;

use crate::types::Type;
use operator::{Kind, Width};
use region::{regions, Region};
use std::ops::Range;
use wasmparser::Operator;

/// With fewer complements there is little to win.
const WORTH: usize = 6;
/// Longer regions, in operators, take too long; nothing that computes has one.
const LONGEST: usize = 20_000;

/// The same operators, or others that do the same with fewer complements. `locals`
/// are the function's.
pub fn fewer<'a>(operators: Vec<Operator<'a>>, locals: &[Type]) -> Vec<Operator<'a>> {
    let mut rewritten: Vec<Operator<'a>> = Vec::new();
    let mut done = 0;
    for range in regions(&operators) {
        if let Some(better) = better(&operators[range.clone()], locals) {
            rewritten.extend_from_slice(&operators[done..range.start]);
            rewritten.extend(better);
            done = range.end;
        }
    }
    if done == 0 {
        return operators;
    }
    rewritten.extend_from_slice(&operators[done..]);
    rewritten
}

/// A region with fewer complements, if that is worth it.
fn better<'a>(operators: &[Operator<'a>], locals: &[Type]) -> Option<Vec<Operator<'a>>> {
    if operators.len() > LONGEST || complements(operators).count() < WORTH {
        return None;
    }
    let width = |local: u32| match locals[local as usize] {
        Type::I32 => Some(Width::I32),
        Type::I64 => Some(Width::I64),
        _ => None,
    };
    let region = Region::of(operators, &width);
    let best = search::best(&region);
    let before = search::complements(&region, &search::unchanged(&region));
    (search::complements(&region, &best) < before).then(|| region.rewritten(&best))
}

/// Where one is made.
fn complements<'o>(operators: &'o [Operator<'_>]) -> impl Iterator<Item = Range<usize>> + 'o {
    operators.windows(2).enumerate().filter_map(|(at, pair)| {
        let constant = matches!(Kind::of(&pair[0]), Kind::Constant(_, -1));
        let xor = matches!(Kind::of(&pair[1]), Kind::Xor(_));
        (constant && xor).then_some(at..at + 2)
    })
}
