//! Which file a function goes to.
//!
//! Functions stay in the module's order, since neighbours call each other and
//! compilers inline within a file. A file ends after a function whose name says
//! so (by its hash), once it has a fair size. So a function that appears,
//! disappears or grows moves the boundaries near it and no others.
//!
//! There are always as many files as were asked for, so that a build can name
//! them before the module is there: the size is such that a few stay empty, and
//! should that not suffice, the last one takes the rest.

use crate::hash::fnv1a;
use crate::module::Module;
use crate::plan::Plan;

/// A file's size is a share of the code and a part of it, one in so many.
const SPARE: usize = 4;

/// The functions of each of `files` files, by index.
pub fn buckets(plan: &Plan<'_>, files: usize) -> Vec<Vec<u32>> {
    let sized = sizes(plan.module);
    let share = sized.iter().map(|(_, size)| size).sum::<usize>() / files;
    let size = coarse_above(share + share / SPARE);
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
        let offered = fnv1a(plan.functions[index as usize].name.as_bytes()).is_multiple_of(one_in);
        let full = filled >= size / 2 && offered || filled >= size * 3 / 2;
        if full && buckets.len() < files {
            buckets.push(Vec::new());
            filled = 0;
        }
    }
    buckets.resize(files, Vec::new());
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

/// The next such size from `size` on.
fn coarse_above(size: usize) -> usize {
    let below = coarse(size);
    match below == size {
        true => size,
        false => coarse(below + (1 << (usize::BITS - 2 - below.leading_zeros()))),
    }
}
