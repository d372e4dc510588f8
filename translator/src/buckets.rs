//! Which file a function goes to.
//!
//! Functions stay in the module's order, since neighbours call each other and
//! compilers inline within a file. A file ends after a function whose name says
//! so (by its hash), once it has a fair size. So a function that appears,
//! disappears or grows moves the boundaries near it and no others.

use crate::module::Module;
use crate::plan::Plan;

/// The functions of each file, by index.
pub fn buckets(plan: &Plan<'_>, files: usize) -> Vec<Vec<u32>> {
    let sized = sizes(plan.module);
    let size = coarse(sized.iter().map(|(_, size)| size).sum::<usize>() / files);
    let average = sized.iter().map(|(_, size)| size).sum::<usize>() / sized.len().max(1);
    // Between half of the size and one and a half, about two ends are offered.
    let one_in = (coarse(size / 2) / coarse(average).max(1)).max(1) as u64;
    let mut buckets = vec![Vec::new()];
    let mut filled = 0;
    for (index, bytes) in sized {
        if let Some(bucket) = buckets.last_mut() {
            bucket.push(index);
        }
        filled += bytes;
        let offered = hash(&plan.functions[index as usize].name).is_multiple_of(one_in);
        if files > 1 && (filled >= size / 2 && offered || filled >= size * 3 / 2) {
            buckets.push(Vec::new());
            filled = 0;
        }
    }
    if buckets.last().is_some_and(Vec::is_empty) {
        buckets.pop();
    }
    buckets
}

fn sizes(module: &Module<'_>) -> Vec<(u32, usize)> {
    let indexed = module.functions.iter().enumerate();
    indexed.filter_map(|(i, f)| f.body.as_ref().map(|b| (i as u32, b.range().len()))).collect()
}

/// Only two leading bits, so that small changes of the module do not show.
fn coarse(size: usize) -> usize {
    let drop = (usize::BITS - size.leading_zeros()).saturating_sub(2);
    size >> drop << drop
}

/// FNV-1a: the same on every machine and in every version of Rust.
fn hash(name: &str) -> u64 {
    name.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}
