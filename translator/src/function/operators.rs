//! The operator match: every accepted operator, once.

use super::expression::{Effects, Node, READS_GLOBALS, TRAPS_CONVERSION, TRAPS_DIVISION};
use super::stack::Entry;
use super::Body;
use crate::constant::Constant;
use crate::types::Type::{self, Extern, Func, F32, F64, I32, I64};
use wasmparser::Operator as O;

impl Body<'_, '_> {
    /// Translates an operator that can be reached.
    #[allow(clippy::too_many_lines)] // a table
    pub fn operator(&mut self, operator: &O<'_>) {
        match operator {
            O::Unreachable => self.unreachable(),
            O::Nop => {}
            O::Block { blockty } => self.block(*blockty),
            O::Loop { blockty } => self.begin_loop(*blockty),
            O::If { blockty } => self.begin_if(*blockty),
            O::Else => self.begin_else(),
            O::End => self.end(),
            O::Br { relative_depth } => self.br(*relative_depth),
            O::BrIf { relative_depth } => self.br_if(*relative_depth),
            O::BrTable { targets } => self.br_table(targets),
            O::Return => self.return_(),
            O::Call { function_index } => self.call(*function_index),
            O::CallIndirect { type_index, table_index } => {
                self.call_indirect(*type_index, *table_index)
            }
            O::ReturnCall { function_index } => self.return_call(*function_index),
            O::ReturnCallIndirect { type_index, table_index } => {
                self.return_call_indirect(*type_index, *table_index)
            }

            O::Drop => self.drop_value(),
            O::Select | O::TypedSelect { .. } => self.select(),
            O::LocalGet { local_index } => self.local_get(*local_index),
            O::LocalSet { local_index } => self.local_set(*local_index),
            O::LocalTee { local_index } => self.local_tee(*local_index),
            O::GlobalGet { global_index } => self.global_get(*global_index),
            O::GlobalSet { global_index } => self.global_set(*global_index),

            O::I32Load { memarg } => self.load(memarg, "u32", 4, I32),
            O::I64Load { memarg } => self.load(memarg, "u64", 8, I64),
            O::F32Load { memarg } => self.load(memarg, "f32", 4, F32),
            O::F64Load { memarg } => self.load(memarg, "f64", 8, F64),
            O::I32Load8S { memarg } => self.load(memarg, "s8", 1, I32),
            O::I32Load8U { memarg } => self.load(memarg, "u8", 1, I32),
            O::I32Load16S { memarg } => self.load(memarg, "s16", 2, I32),
            O::I32Load16U { memarg } => self.load(memarg, "u16", 2, I32),
            O::I64Load8S { memarg } => self.load(memarg, "s8", 1, I64),
            O::I64Load8U { memarg } => self.load(memarg, "u8", 1, I64),
            O::I64Load16S { memarg } => self.load(memarg, "s16", 2, I64),
            O::I64Load16U { memarg } => self.load(memarg, "u16", 2, I64),
            O::I64Load32S { memarg } => self.load(memarg, "s32", 4, I64),
            O::I64Load32U { memarg } => self.load(memarg, "u32", 4, I64),
            O::I32Store { memarg } => self.store(memarg, "u32", 4),
            O::I64Store { memarg } => self.store(memarg, "u64", 8),
            O::F32Store { memarg } => self.store(memarg, "f32", 4),
            O::F64Store { memarg } => self.store(memarg, "f64", 8),
            O::I32Store8 { memarg } => self.store(memarg, "u8", 1),
            O::I32Store16 { memarg } => self.store(memarg, "u16", 2),
            O::I64Store8 { memarg } => self.store(memarg, "u8", 1),
            O::I64Store16 { memarg } => self.store(memarg, "u16", 2),
            O::I64Store32 { memarg } => self.store(memarg, "u32", 4),
            O::MemorySize { mem } => self.memory_size(*mem),
            O::MemoryGrow { mem } => self.memory_grow(*mem),
            O::MemoryCopy { dst_mem, src_mem } => self.memory_copy(*dst_mem, *src_mem),
            O::MemoryFill { mem } => self.memory_fill(*mem),
            O::MemoryInit { data_index, mem } => self.memory_init(*mem, *data_index),
            O::DataDrop { data_index } => self.data_drop(*data_index),

            O::TableGet { table } => self.table_get(*table),
            O::TableSet { table } => self.table_set(*table),
            O::TableSize { table } => self.table_size(*table),
            O::TableGrow { table } => self.table_grow(*table),
            O::TableFill { table } => self.table_fill(*table),
            O::TableCopy { dst_table, src_table } => self.table_copy(*dst_table, *src_table),
            O::TableInit { elem_index, table } => self.table_init(*table, *elem_index),
            O::ElemDrop { elem_index } => self.element_drop(*elem_index),
            O::RefNull { hty } if *hty == wasmparser::HeapType::FUNC => {
                self.push_fixed(Node::Null, Func)
            }
            O::RefNull { .. } => self.push_fixed(Node::Null, Extern),
            O::RefIsNull => self.not(),
            O::RefFunc { function_index } => self.reference(*function_index),

            O::I32Const { value } => self.push_fixed(Node::I32(*value as u32), I32),
            O::I64Const { value } => self.push_fixed(Node::I64(*value as u64), I64),
            O::F32Const { value } => self.push_fixed(Node::F32(value.bits()), F32),
            O::F64Const { value } => self.push_fixed(Node::F64(value.bits()), F64),

            O::I32Eqz => self.not(),
            O::I32Eq => self.compare(" == ", ""),
            O::I32Ne => self.compare(" != ", ""),
            O::I32LtS => self.compare(" < ", "(s32)"),
            O::I32LtU => self.compare(" < ", ""),
            O::I32GtS => self.compare(" > ", "(s32)"),
            O::I32GtU => self.compare(" > ", ""),
            O::I32LeS => self.compare(" <= ", "(s32)"),
            O::I32LeU => self.compare(" <= ", ""),
            O::I32GeS => self.compare(" >= ", "(s32)"),
            O::I32GeU => self.compare(" >= ", ""),
            O::I32Clz => self.call1("i32_clz", I32),
            O::I32Ctz => self.call1("i32_ctz", I32),
            O::I32Popcnt => self.call1("i32_popcnt", I32),
            O::I32Add => self.infix(" + ", I32),
            O::I32Sub => self.infix(" - ", I32),
            O::I32Mul => self.infix(" * ", I32),
            O::I32And => self.infix(" & ", I32),
            O::I32Or => self.infix(" | ", I32),
            O::I32Xor => self.infix(" ^ ", I32),
            O::I32DivS => self.divide("i32_div_s", " / ", I32),
            O::I32DivU => self.divide("i32_div_u", " / ", I32),
            O::I32RemS => self.divide("i32_rem_s", " % ", I32),
            O::I32RemU => self.divide("i32_rem_u", " % ", I32),
            O::I32Shl => self.shift(" << ", "", "31", I32),
            O::I32ShrS => self.shift(" >> ", "(s32)", "31", I32),
            O::I32ShrU => self.shift(" >> ", "", "31", I32),
            O::I32Rotl => self.call2("i32_rotl", I32),
            O::I32Rotr => self.call2("i32_rotr", I32),

            O::I64Eqz => self.not(),
            O::I64Eq => self.compare(" == ", ""),
            O::I64Ne => self.compare(" != ", ""),
            O::I64LtS => self.compare(" < ", "(s64)"),
            O::I64LtU => self.compare(" < ", ""),
            O::I64GtS => self.compare(" > ", "(s64)"),
            O::I64GtU => self.compare(" > ", ""),
            O::I64LeS => self.compare(" <= ", "(s64)"),
            O::I64LeU => self.compare(" <= ", ""),
            O::I64GeS => self.compare(" >= ", "(s64)"),
            O::I64GeU => self.compare(" >= ", ""),
            O::I64Clz => self.call1("i64_clz", I64),
            O::I64Ctz => self.call1("i64_ctz", I64),
            O::I64Popcnt => self.call1("i64_popcnt", I64),
            O::I64Add => self.infix(" + ", I64),
            O::I64Sub => self.infix(" - ", I64),
            O::I64Mul => self.infix(" * ", I64),
            O::I64And => self.infix(" & ", I64),
            O::I64Or => self.infix(" | ", I64),
            O::I64Xor => self.infix(" ^ ", I64),
            O::I64DivS => self.divide("i64_div_s", " / ", I64),
            O::I64DivU => self.divide("i64_div_u", " / ", I64),
            O::I64RemS => self.divide("i64_rem_s", " % ", I64),
            O::I64RemU => self.divide("i64_rem_u", " % ", I64),
            O::I64Shl => self.shift(" << ", "", "63", I64),
            O::I64ShrS => self.shift(" >> ", "(s64)", "63", I64),
            O::I64ShrU => self.shift(" >> ", "", "63", I64),
            O::I64Rotl => self.call2("i64_rotl", I64),
            O::I64Rotr => self.call2("i64_rotr", I64),
            O::I32Extend8S => self.cast("(u32)(s32)(s8)", I32),
            O::I32Extend16S => self.cast("(u32)(s32)(s16)", I32),
            O::I64Extend8S => self.cast("(u64)(s64)(s8)", I64),
            O::I64Extend16S => self.cast("(u64)(s64)(s16)", I64),
            O::I64Extend32S => self.cast("(u64)(s64)(s32)", I64),
            O::I32WrapI64 => self.cast("(u32)", I32),
            O::I64ExtendI32S => self.cast("(u64)(s64)(s32)", I64),
            O::I64ExtendI32U => self.cast("(u64)", I64),
            O::I64Add128 => self.wide_sum("+"),
            O::I64Sub128 => self.wide_sum("-"),
            O::I64MulWideS => self.wide_product("(s128)(s64)"),
            O::I64MulWideU => self.wide_product("(u128)"),

            O::F32Eq => self.compare(" == ", ""),
            O::F32Ne => self.compare(" != ", ""),
            O::F32Lt => self.compare(" < ", ""),
            O::F32Gt => self.compare(" > ", ""),
            O::F32Le => self.compare(" <= ", ""),
            O::F32Ge => self.compare(" >= ", ""),
            O::F32Add => self.infix(" + ", F32),
            O::F32Sub => self.infix(" - ", F32),
            O::F32Mul => self.infix(" * ", F32),
            O::F32Div => self.infix(" / ", F32),
            O::F32Abs => self.call1("f32_abs", F32),
            O::F32Neg => self.call1("f32_neg", F32),
            O::F32Ceil => self.call1("f32_ceil", F32),
            O::F32Floor => self.call1("f32_floor", F32),
            O::F32Trunc => self.call1("f32_trunc", F32),
            O::F32Nearest => self.call1("f32_nearest", F32),
            O::F32Sqrt => self.call1("f32_sqrt", F32),
            O::F32Min => self.call2("f32_min", F32),
            O::F32Max => self.call2("f32_max", F32),
            O::F32Copysign => self.call2("f32_copysign", F32),

            O::F64Eq => self.compare(" == ", ""),
            O::F64Ne => self.compare(" != ", ""),
            O::F64Lt => self.compare(" < ", ""),
            O::F64Gt => self.compare(" > ", ""),
            O::F64Le => self.compare(" <= ", ""),
            O::F64Ge => self.compare(" >= ", ""),
            O::F64Add => self.infix(" + ", F64),
            O::F64Sub => self.infix(" - ", F64),
            O::F64Mul => self.infix(" * ", F64),
            O::F64Div => self.infix(" / ", F64),
            O::F64Abs => self.call1("f64_abs", F64),
            O::F64Neg => self.call1("f64_neg", F64),
            O::F64Ceil => self.call1("f64_ceil", F64),
            O::F64Floor => self.call1("f64_floor", F64),
            O::F64Trunc => self.call1("f64_trunc", F64),
            O::F64Nearest => self.call1("f64_nearest", F64),
            O::F64Sqrt => self.call1("f64_sqrt", F64),
            O::F64Min => self.call2("f64_min", F64),
            O::F64Max => self.call2("f64_max", F64),
            O::F64Copysign => self.call2("f64_copysign", F64),

            O::I32TruncF32S => self.truncate("i32_trunc_f32_s", I32),
            O::I32TruncSatF32S => self.call1("i32_trunc_sat_f32_s", I32),
            O::I32TruncF32U => self.truncate("i32_trunc_f32_u", I32),
            O::I32TruncSatF32U => self.call1("i32_trunc_sat_f32_u", I32),
            O::I32TruncF64S => self.truncate("i32_trunc_f64_s", I32),
            O::I32TruncSatF64S => self.call1("i32_trunc_sat_f64_s", I32),
            O::I32TruncF64U => self.truncate("i32_trunc_f64_u", I32),
            O::I32TruncSatF64U => self.call1("i32_trunc_sat_f64_u", I32),
            O::I64TruncF32S => self.truncate("i64_trunc_f32_s", I64),
            O::I64TruncSatF32S => self.call1("i64_trunc_sat_f32_s", I64),
            O::I64TruncF32U => self.truncate("i64_trunc_f32_u", I64),
            O::I64TruncSatF32U => self.call1("i64_trunc_sat_f32_u", I64),
            O::I64TruncF64S => self.truncate("i64_trunc_f64_s", I64),
            O::I64TruncSatF64S => self.call1("i64_trunc_sat_f64_s", I64),
            O::I64TruncF64U => self.truncate("i64_trunc_f64_u", I64),
            O::I64TruncSatF64U => self.call1("i64_trunc_sat_f64_u", I64),
            O::F32ConvertI32S => self.cast("(f32)(s32)", F32),
            O::F32ConvertI32U => self.cast("(f32)", F32),
            O::F32ConvertI64S => self.cast("(f32)(s64)", F32),
            O::F32ConvertI64U => self.cast("(f32)", F32),
            O::F64ConvertI32S => self.cast("(f64)(s32)", F64),
            O::F64ConvertI32U => self.cast("(f64)", F64),
            O::F64ConvertI64S => self.cast("(f64)(s64)", F64),
            O::F64ConvertI64U => self.cast("(f64)", F64),
            O::F32DemoteF64 => self.call1("f32_demote", F32),
            O::F64PromoteF32 => self.call1("f64_promote", F64),
            O::I32ReinterpretF32 => self.call1("bits_f32", I32),
            O::I64ReinterpretF64 => self.call1("bits_f64", I64),
            O::F32ReinterpretI32 => self.call1("f32_bits", F32),
            O::F64ReinterpretI64 => self.call1("f64_bits", F64),

            // TypedSelectMulti has no valid use, the rest is of refused features.
            other => unreachable!("validated without {other:?}"),
        }
    }

    /// The operand of a node, and the effects of both.
    fn operand(&mut self) -> (Entry, Effects) {
        let a = self.pop();
        (a, a.effects.and(Effects::NODE))
    }

    /// The two operands of a node, and the effects of all.
    fn operands(&mut self) -> (Entry, Entry, Effects) {
        let (b, a) = (self.pop(), self.pop());
        (a, b, a.effects.and(b.effects).and(Effects::NODE))
    }

    fn infix(&mut self, operator: &'static str, ty: Type) {
        let (a, b, effects) = self.operands();
        if let Some(sum) = self.frame_sum(operator, a.node, b.node) {
            return self.push_fixed(sum, ty);
        }
        self.push(Node::Infix(operator, a.node, b.node), ty, effects);
    }

    fn compare(&mut self, operator: &'static str, cast: &'static str) {
        let (a, b, effects) = self.operands();
        let compared = self.frame_pointers(a.node, b.node, !cast.is_empty());
        let (a, b) = compared.unwrap_or((a.node, b.node));
        self.push(Node::Compare(operator, cast, a, b), I32, effects);
    }

    fn shift(&mut self, operator: &'static str, cast: &'static str, mask: &'static str, ty: Type) {
        let (a, b, effects) = self.operands();
        self.push(Node::Shift(operator, cast, mask, a.node, b.node), ty, effects);
    }

    fn not(&mut self) {
        let (a, effects) = self.operand();
        self.push(Node::Not(a.node), I32, effects);
    }

    fn cast(&mut self, cast: &'static str, ty: Type) {
        let (a, effects) = self.operand();
        if let Some(frame) = self.frame_cast(cast, a.node) {
            return self.push_fixed(frame, ty);
        }
        self.push(Node::Cast(cast, a.node), ty, effects);
    }

    fn call1(&mut self, function: &'static str, ty: Type) {
        let (a, effects) = self.operand();
        self.push(Node::Call1(function, a.node), ty, effects);
    }

    fn call2(&mut self, function: &'static str, ty: Type) {
        let (a, b, effects) = self.operands();
        self.push(Node::Call2(function, a.node, b.node), ty, effects);
    }

    fn truncate(&mut self, function: &'static str, ty: Type) {
        let (a, effects) = self.operand();
        let own = Effects { traps: effects.traps | TRAPS_CONVERSION, ..effects };
        self.push(Node::Call1(function, a.node), ty, own);
    }

    /// By a constant that is neither 0 nor -1 nothing can trap, and unsigned
    /// division is C's own.
    fn divide(&mut self, function: &'static str, operator: &'static str, ty: Type) {
        let (a, b, effects) = self.operands();
        let harmless = match self.tree.get(b.node) {
            Node::I32(value) => *value != 0 && *value != u32::MAX,
            Node::I64(value) => *value != 0 && *value != u64::MAX,
            _ => false,
        };
        let traps = if harmless { 0 } else { TRAPS_DIVISION };
        let effects = Effects { traps: effects.traps | traps, ..effects };
        let node = if harmless && function.ends_with("_u") {
            Node::Infix(operator, a.node, b.node)
        } else {
            Node::Call2(function, a.node, b.node)
        };
        self.push(node, ty, effects);
    }

    /// C evaluates one of the operands only; wasm both.
    fn select(&mut self) {
        let (condition, b, a) = (self.pop(), self.pop(), self.pop());
        let a = if a.effects.traps != 0 { self.settle(a) } else { a };
        let b = if b.effects.traps != 0 { self.settle(b) } else { b };
        let effects = a.effects.and(b.effects).and(condition.effects);
        let node = Node::Select(condition.node, a.node, b.node);
        self.push(node, a.ty, effects.and(Effects::NODE));
    }

    fn global_get(&mut self, global: u32) {
        if self.frame_global_get(global) {
            return;
        }
        let ty = self.plan.module.globals[global as usize].ty;
        match self.plan.module.constant_global(global) {
            Some(Constant::I32(value)) => self.push_fixed(Node::I32(*value), ty),
            Some(Constant::I64(value)) => self.push_fixed(Node::I64(*value), ty),
            Some(Constant::F32(bits)) => self.push_fixed(Node::F32(*bits), ty),
            Some(Constant::F64(bits)) => self.push_fixed(Node::F64(*bits), ty),
            Some(Constant::Function(function)) => self.reference(*function),
            _ => {
                self.uses.globals.insert(global);
                let reads = if self.plan.module.globals[global as usize].mutable {
                    READS_GLOBALS
                } else {
                    0
                };
                let effects = Effects { reads, ..Effects::NODE };
                self.push(Node::Text(self.plan.global(global)), ty, effects);
            }
        }
    }

    fn global_set(&mut self, global: u32) {
        if self.frame_global_set(global) {
            return;
        }
        self.uses.globals.insert(global);
        let value = self.pop();
        self.settle_before_effect(READS_GLOBALS);
        let mut text = format!("{} = ", self.plan.global(global));
        self.tree.value(value.node, &mut text);
        text.push(';');
        self.statement(&text);
        self.check_set(global);
    }

    fn wide_sum(&mut self, operator: &str) {
        let halves: Vec<String> =
            self.pop_many(4).iter().map(|half| self.tree.text(half.node)).collect();
        let [a, b, c, d] = halves.try_into().expect("four were popped");
        self.wide(&format!("wasrisc_wide({a}, {b}) {operator} wasrisc_wide({c}, {d})"));
    }

    fn wide_product(&mut self, widening: &str) {
        let (b, a) = (self.pop(), self.pop());
        let (a, b) = (self.tree.text(a.node), self.tree.text(b.node));
        self.wide(&format!("(u128)({widening}{a} * {widening}{b})"));
    }

    /// Low and high half of a 128-bit value, pushed in that order.
    fn wide(&mut self, value: &str) {
        self.wide_value(value).into_iter().for_each(|half| self.push_entry(half));
    }
}
