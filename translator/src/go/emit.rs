//! The C around fast versions: prototypes, entries by resume point, the table
//! of what function values call.

use super::is_go_function;
use crate::constant::Constant;
use crate::function::{self, Uses};
use crate::module::Mode;
use crate::plan::Plan;
use std::fmt::Write;

/// What declares the fast versions in `uses`.
pub fn declarations(plan: &Plan<'_>, uses: &Uses) -> String {
    let mut text = String::new();
    for &function in &uses.go_functions {
        let cold = if plan.never_returns(function) { "WASRISC_GO_COLD " } else { "" };
        let _ = writeln!(text, "{cold}void {}(WASRISC_GO_FRAME);", plan.fast(function));
    }
    for &function in &uses.resumable {
        let _ = writeln!(text, "WASRISC_GO_COLD u32 {}(u32 l0);", plan.resumable(function));
    }
    if uses.go_table {
        let _ = writeln!(text, "extern const wasrisc_go_code {}[];", plan.fast_table());
    }
    text
}

/// Of a function with a fast version: its wasm type's C function. Of one
/// without: what fast versions call.
pub fn entry(plan: &Plan<'_>, function: u32, uses: &mut Uses) -> String {
    let (symbol, fast) = (plan.function(function), plan.fast(function));
    uses.go_functions.insert(function);
    uses.functions.insert(function);
    uses.globals.insert(0);
    let pointer = plan.global(0);
    let from = plan.stack_base().number("sp");
    uses.memories.insert(0);
    let base = function::memory_base(plan, 0);
    if !plan.has_fast(function) {
        // Its caller's stack may have been moved meanwhile: then it is resumed
        // where it is now, behind the call.
        let after = plan.stack_base().number("sp + 8");
        return format!(
            "void {fast}(WASRISC_GO_FRAME) {{\n{base}{pointer} = (u32){from};\n\
             if ({symbol}(0u) || {pointer} != (u32){after}) wasrisc_go_unwind();\n}}\n\n"
        );
    }
    let mut text = format!("u32 {symbol}(u32 l0) {{\n");
    if plan.is_resumable(function) {
        uses.resumable.insert(function);
        let _ = writeln!(text, "if (l0) return {}(l0);", plan.resumable(function));
    } else {
        text.push_str("if (l0) wasrisc_trap(WASRISC_TRAP_UNREACHABLE);\n");
    }
    text.push_str(&base);
    let _ = writeln!(text, "u8 *sp = {};", plan.stack_base().address(&pointer));
    let _ = writeln!(text, "u32 t0 = wasrisc_go_catch(sp, {fast});\nsp += 8;");
    let _ = writeln!(text, "if (!t0) {pointer} = (u32){from};\nreturn t0;\n}}\n");
    text
}

/// What function values call, by the index of WebAssembly's table.
pub fn table(plan: &Plan<'_>, uses: &mut Uses) -> String {
    let size = plan.module.tables[0].min.max(1);
    let mut text = format!("const wasrisc_go_code {}[{size}] = {{\n", plan.fast_table());
    for (place, function) in plan.functions_of_table(0) {
        if is_go_function(plan, function) {
            uses.go_functions.insert(function);
            let _ = writeln!(text, "[{place}] = {},", plan.fast(function));
        }
    }
    text.push_str("};\n");
    text
}

/// Where the table has a function, if it has all of them in their order.
pub fn place(plan: &Plan<'_>, function: u32) -> Option<u64> {
    plan.module.elements.iter().find_map(|element| {
        let Mode::Active { offset: Constant::I32(start), .. } = &element.mode else { return None };
        let Some(Constant::Function(first)) = element.items.first() else { return None };
        let at = function.checked_sub(*first)?;
        let found = element.items.get(at as usize);
        let here = matches!(found, Some(Constant::Function(found)) if *found == function);
        here.then(|| u64::from(*start) + u64::from(at))
    })
}

/// What catches and unwinds, which leaves the register of `g` as it is.
pub fn unwinding(plan: &Plan<'_>) -> String {
    match plan.register(super::G) {
        Some(register) => format!("WASRISC_GO_UNWINDING_BUT(\"{register}\")\n"),
        None => "WASRISC_GO_UNWINDING\n".to_string(),
    }
}
