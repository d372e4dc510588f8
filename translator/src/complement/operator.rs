//! What an operator is to complements.

use wasmparser::{
    BlockType, ContType, FrameKind, FuncType, MemArg, ModuleArity, Operator, RefType, SubType,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Width {
    I32,
    I64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Get(u32),
    Set(u32),
    Tee(u32),
    /// Sign-extended to 64 bits.
    Constant(Width, i64),
    Xor(Width),
    And(Width),
    Or(Width),
    Select,
    /// Of a complement it is the complement: the first operand decides, and the
    /// second, if there is one, is a number.
    Carries {
        from: Width,
        to: Width,
        operands: u32,
    },
    /// Where it is known what the same place held before.
    Load(Width, MemArg),
    Store(Width, MemArg),
    Global(u32),
    SetGlobal(u32),
    /// Takes numbers, gives numbers.
    Other {
        takes: u32,
        gives: u32,
    },
    /// Control goes elsewhere, or comes from there.
    Boundary,
}

impl Kind {
    pub fn of(operator: &Operator<'_>) -> Kind {
        use Operator as O;
        use Width::{I32, I64};
        match *operator {
            O::LocalGet { local_index } => Kind::Get(local_index),
            O::LocalSet { local_index } => Kind::Set(local_index),
            O::LocalTee { local_index } => Kind::Tee(local_index),
            O::I32Const { value } => Kind::Constant(I32, value.into()),
            O::I64Const { value } => Kind::Constant(I64, value),
            O::I32Xor => Kind::Xor(I32),
            O::I64Xor => Kind::Xor(I64),
            O::I32And => Kind::And(I32),
            O::I64And => Kind::And(I64),
            O::I32Or => Kind::Or(I32),
            O::I64Or => Kind::Or(I64),
            O::Select => Kind::Select,
            O::I32Rotl | O::I32Rotr => Kind::Carries { from: I32, to: I32, operands: 2 },
            O::I64Rotl | O::I64Rotr => Kind::Carries { from: I64, to: I64, operands: 2 },
            O::I32WrapI64 => Kind::Carries { from: I64, to: I32, operands: 1 },
            O::I64ExtendI32S => Kind::Carries { from: I32, to: I64, operands: 1 },
            O::I32Load { memarg } => Kind::Load(I32, memarg),
            O::I64Load { memarg } => Kind::Load(I64, memarg),
            O::I32Store { memarg } => Kind::Store(I32, memarg),
            O::I64Store { memarg } => Kind::Store(I64, memarg),
            O::GlobalGet { global_index } => Kind::Global(global_index),
            O::GlobalSet { global_index } => Kind::SetGlobal(global_index),
            O::Block { .. } | O::Loop { .. } | O::If { .. } | O::Else | O::End => Kind::Boundary,
            O::Br { .. } | O::BrIf { .. } | O::BrTable { .. } => Kind::Boundary,
            O::Return | O::Unreachable => Kind::Boundary,
            _ => match operator.operator_arity(&Nothing) {
                Some((takes, gives)) => Kind::Other { takes, gives },
                None => Kind::Boundary,
            },
        }
    }

    /// What is computed of complements in its place, of and and or.
    pub fn dual(operator: &Operator<'_>) -> Option<Operator<'static>> {
        match operator {
            Operator::I32And => Some(Operator::I32Or),
            Operator::I64And => Some(Operator::I64Or),
            Operator::I32Or => Some(Operator::I32And),
            Operator::I64Or => Some(Operator::I64And),
            _ => None,
        }
    }
}

impl Width {
    /// The complement of what is on the stack.
    pub fn complement(self) -> [Operator<'static>; 2] {
        match self {
            Width::I32 => [Operator::I32Const { value: -1 }, Operator::I32Xor],
            Width::I64 => [Operator::I64Const { value: -1 }, Operator::I64Xor],
        }
    }
}

/// A module of which nothing is known: what takes or gives as a type or a block
/// says, calls among them, has no arity then.
struct Nothing;

impl ModuleArity for Nothing {
    fn sub_type_at(&self, _: u32) -> Option<&SubType> {
        None
    }
    fn tag_type_arity(&self, _: u32) -> Option<(u32, u32)> {
        None
    }
    fn type_index_of_function(&self, _: u32) -> Option<u32> {
        None
    }
    fn func_type_of_cont_type(&self, _: &ContType) -> Option<&FuncType> {
        None
    }
    fn sub_type_of_ref_type(&self, _: &RefType) -> Option<&SubType> {
        None
    }
    fn control_stack_height(&self) -> u32 {
        0
    }
    fn label_block(&self, _: u32) -> Option<(BlockType, FrameKind)> {
        None
    }
}
