//! A file of functions.

use super::{declarations, preamble};
use crate::function::{FunctionText, Uses};
use crate::plan::Plan;

/// Declares what these functions mention and nothing else, so that a change
/// elsewhere leaves the file as it is.
pub fn unit(plan: &Plan<'_>, functions: &[FunctionText]) -> String {
    let mut uses = Uses::default();
    for function in functions {
        uses.merge(&function.uses);
    }
    let mut text = preamble(plan);
    text.push_str(&declarations(plan, &uses));
    text.reserve(functions.iter().map(|f| f.text.len()).sum());
    for function in functions {
        text.push_str(&function.text);
    }
    text
}
