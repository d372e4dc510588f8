//! Constant expressions, extended ones included: evaluated now where that is
//! possible, else kept for the module's start.

use crate::error::Result;
use crate::module::{unexpected, Module};
use crate::types::Type;
use wasmparser::{ConstExpr, Operator};

#[derive(Debug, Clone, PartialEq)]
pub enum Constant {
    I32(u32),
    I64(u64),
    /// By their bits.
    F32(u32),
    F64(u64),
    Null(Type),
    Function(u32),
    /// Of a global whose value only the start knows.
    Global(u32),
    /// An expression with such a global in it, in postfix order: modules can
    /// nest it as deep as they are long, so it must not become a tree.
    Program(Vec<Step>),
}

#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    Push(Constant),
    /// An operator of C; the type is that of operands and result.
    Infix(&'static str, Type),
}

impl Constant {
    /// # Errors
    ///
    /// Of a validated module none is expected.
    pub fn evaluate(expression: &ConstExpr<'_>, module: &Module<'_>) -> Result<Constant> {
        let mut steps = Vec::new();
        for operator in expression.get_operators_reader() {
            steps.push(match operator? {
                Operator::I32Const { value } => Step::Push(Constant::I32(value as u32)),
                Operator::I64Const { value } => Step::Push(Constant::I64(value as u64)),
                Operator::F32Const { value } => Step::Push(Constant::F32(value.bits())),
                Operator::F64Const { value } => Step::Push(Constant::F64(value.bits())),
                Operator::RefFunc { function_index } => {
                    Step::Push(Constant::Function(function_index))
                }
                Operator::RefNull { hty } if hty == wasmparser::HeapType::FUNC => {
                    Step::Push(Constant::Null(Type::Func))
                }
                Operator::RefNull { .. } => Step::Push(Constant::Null(Type::Extern)),
                Operator::GlobalGet { global_index } => {
                    Step::Push(match module.constant_global(global_index) {
                        Some(value) => value.clone(),
                        None => Constant::Global(global_index),
                    })
                }
                Operator::I32Add => Step::Infix("+", Type::I32),
                Operator::I32Sub => Step::Infix("-", Type::I32),
                Operator::I32Mul => Step::Infix("*", Type::I32),
                Operator::I64Add => Step::Infix("+", Type::I64),
                Operator::I64Sub => Step::Infix("-", Type::I64),
                Operator::I64Mul => Step::Infix("*", Type::I64),
                Operator::End => break,
                _ => return Err(unexpected("operator in a constant expression")),
            });
        }
        Constant::reduce(steps)
    }

    fn reduce(mut steps: Vec<Step>) -> Result<Constant> {
        if let [Step::Push(_)] = steps.as_slice() {
            if let Some(Step::Push(only)) = steps.pop() {
                return Ok(only);
            }
        }
        let mut values: Vec<Constant> = Vec::new();
        for step in &steps {
            match step {
                Step::Push(value) if value.is_static() => values.push(value.clone()),
                Step::Push(_) => return Ok(Constant::Program(steps)),
                Step::Infix(operator, _) => {
                    let (Some(b), Some(a)) = (values.pop(), values.pop()) else {
                        return Err(unexpected("operator without operands"));
                    };
                    values.push(fold(operator, a, b));
                }
            }
        }
        values.pop().ok_or_else(|| unexpected("empty constant expression"))
    }

    /// Whether a C compiler can take it as an initialiser.
    pub fn is_static(&self) -> bool {
        !matches!(self, Constant::Global(_) | Constant::Program(_))
    }
}

fn fold(operator: &str, a: Constant, b: Constant) -> Constant {
    match (a, b) {
        (Constant::I32(x), Constant::I32(y)) => Constant::I32(match operator {
            "+" => x.wrapping_add(y),
            "-" => x.wrapping_sub(y),
            _ => x.wrapping_mul(y),
        }),
        (Constant::I64(x), Constant::I64(y)) => Constant::I64(match operator {
            "+" => x.wrapping_add(y),
            "-" => x.wrapping_sub(y),
            _ => x.wrapping_mul(y),
        }),
        (a, _) => a,
    }
}
