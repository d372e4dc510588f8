//! What was made of each function of Go, for `--explain-go`.

use crate::plan::Plan;
use std::fmt::Write;

/// One line per function, in the module's order.
pub fn report(plan: &Plan<'_>) -> String {
    let go = match &plan.go {
        Ok(go) => go,
        Err(reason) => return format!("not translated as Go: {reason}\n"),
    };
    let mut text = String::new();
    for (index, function) in go.functions.iter().enumerate() {
        if plan.module.functions[index].body.is_none() {
            continue;
        }
        let _ = write!(text, "{}: ", plan.functions[index].name);
        if let Some(reason) = &function.failure {
            text.push_str("plain: ");
            text.push_str(reason);
            if function.intrinsic.is_some() {
                text.push_str(", C in its place");
            }
        } else {
            text.push_str("fast");
            text.push_str(if function.resumes { ", resumable" } else { ", never resumed" });
            text.push_str(if function.escapes { ", frame escapes" } else { ", own frame" });
            if function.shortcut.is_some() {
                text.push_str(", C for the common case");
            }
            if !function.own_slots.is_empty() {
                let _ = write!(text, ", slots as variables: {}", function.own_slots.len());
            }
        }
        if function.never_returns {
            text.push_str(", never returns");
        }
        text.push('\n');
    }
    text
}
