//! Small functions of Go, once more in each file whose functions call them: for
//! inlining, whatever file they are in.

use super::is_go_function;
use crate::error::Result;
use crate::function::{self, FunctionText, Version};
use crate::plan::Plan;
use std::collections::BTreeSet;

/// Bytes of WebAssembly up to which a function is small.
const SMALL: usize = 300;

/// Copies may call copies, so many times.
const DEPTH: usize = 3;

/// What the functions of `bucket` call that is small and elsewhere.
///
/// # Errors
///
/// Of a validated module none is expected.
pub fn copies(
    plan: &Plan<'_>,
    bucket: &[u32],
    functions: &[FunctionText],
) -> Result<Vec<FunctionText>> {
    let mut here: BTreeSet<u32> = bucket.iter().copied().collect();
    let mut called: BTreeSet<u32> =
        functions.iter().flat_map(|f| f.uses.go_functions.iter().copied()).collect();
    let mut copies = Vec::new();
    for _ in 0..DEPTH {
        let mut next = BTreeSet::new();
        for index in called {
            let Some(body) = &plan.module.functions[index as usize].body else { continue };
            let small = is_go_function(plan, index)
                && plan.has_fast(index)
                && !plan.never_returns(index)
                && body.range().len() <= SMALL;
            if small && here.insert(index) {
                let copy = function::translate(plan, index, body, Version::Copy)?;
                next.extend(&copy.uses.go_functions);
                copies.push(copy);
            }
        }
        called = next;
    }
    Ok(copies)
}
