//! Types as C has them.

use std::fmt::Write;
use wasmparser::{FuncType, RefType, ValType};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Type {
    I32,
    I64,
    F32,
    F64,
    Func,
    Extern,
}

impl Type {
    /// Of a validated module, so every type is one of ours.
    pub fn of(ty: ValType) -> Type {
        match ty {
            ValType::I32 => Type::I32,
            ValType::I64 => Type::I64,
            ValType::F32 => Type::F32,
            ValType::F64 => Type::F64,
            ValType::Ref(reference) => Type::of_reference(reference),
            ValType::V128 => unreachable!("validated without SIMD"),
        }
    }

    pub fn of_reference(ty: RefType) -> Type {
        if ty.is_func_ref() {
            Type::Func
        } else {
            Type::Extern
        }
    }

    pub const NUMBERS: [Type; 4] = [Type::I32, Type::I64, Type::F32, Type::F64];

    /// Its name in WebAssembly.
    pub fn name(self) -> &'static str {
        match self {
            Type::I32 => "i32",
            Type::I64 => "i64",
            Type::F32 => "f32",
            Type::F64 => "f64",
            Type::Func => "funcref",
            Type::Extern => "externref",
        }
    }

    /// Its name in runtime/wasrisc.h.
    pub fn c(self) -> &'static str {
        match self {
            Type::I32 => "u32",
            Type::I64 => "u64",
            Type::F32 => "f32",
            Type::F64 => "f64",
            Type::Func => "funcref",
            Type::Extern => "externref",
        }
    }

    fn letter(self) -> char {
        match self {
            Type::I32 => 'i',
            Type::I64 => 'l',
            Type::F32 => 'f',
            Type::F64 => 'd',
            Type::Func => 'p',
            Type::Extern => 'x',
        }
    }

    /// `value` as the 64 bits of a tail call's slot.
    pub fn to_slot(self, value: &str) -> String {
        match self {
            Type::I32 | Type::I64 => value.to_string(),
            Type::F32 => format!("bits_f32({value})"),
            Type::F64 => format!("bits_f64({value})"),
            Type::Func | Type::Extern => format!("(u64){value}"),
        }
    }

    pub fn from_slot(self, slot: usize) -> String {
        let slot = format!("wasrisc_tail_slots[{slot}]");
        match self {
            Type::I32 => format!("(u32){slot}"),
            Type::I64 => slot,
            Type::F32 => format!("f32_bits((u32){slot})"),
            Type::F64 => format!("f64_bits({slot})"),
            Type::Func => format!("(funcref){slot}"),
            Type::Extern => format!("(externref){slot}"),
        }
    }
}

/// A function's type.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Signature {
    pub params: Vec<Type>,
    pub results: Vec<Type>,
}

impl Signature {
    pub fn of(ty: &FuncType) -> Signature {
        Signature {
            params: ty.params().iter().map(|&t| Type::of(t)).collect(),
            results: ty.results().iter().map(|&t| Type::of(t)).collect(),
        }
    }

    /// `il_d` for `(i32, i64) -> f64`: equal exactly for equal signatures.
    pub fn code(&self) -> String {
        format!("{}_{}", letters(&self.params), letters(&self.results))
    }

    /// What a C function of this type returns.
    pub fn return_type(&self) -> String {
        match self.results.as_slice() {
            [] => "void".to_string(),
            [one] => one.c().to_string(),
            many => format!("wasrisc_results_{}", letters(many)),
        }
    }

    /// `u32 name(u32 l0, u64 l1)`.
    pub fn prototype(&self, name: &str) -> String {
        let params = self.params.iter().enumerate().map(|(i, t)| format!("{} l{i}", t.c()));
        format!("{} {name}({})", self.return_type(), list(params))
    }

    /// `u32 (*)(u32, u64)`.
    pub fn pointer(&self) -> String {
        let params = self.params.iter().map(|t| t.c().to_string());
        format!("{} (*)({})", self.return_type(), list(params))
    }

    pub fn mentions_function_references(&self) -> bool {
        self.params.iter().chain(&self.results).any(|&t| t == Type::Func)
    }
}

fn list(params: impl Iterator<Item = String>) -> String {
    let params: Vec<String> = params.collect();
    if params.is_empty() {
        "void".to_string()
    } else {
        params.join(", ")
    }
}

fn letters(types: &[Type]) -> String {
    types.iter().map(|t| t.letter()).collect()
}

/// The struct that several results are returned in. Every file that needs it
/// defines it, and files may include each other.
pub fn results_struct(results: &[Type]) -> String {
    let letters = letters(results);
    let mut text = format!(
        "#ifndef WASRISC_RESULTS_{letters}\n#define WASRISC_RESULTS_{letters}\ntypedef struct {{"
    );
    for (i, ty) in results.iter().enumerate() {
        let _ = write!(text, " {} r{i};", ty.c());
    }
    let _ = write!(text, " }} wasrisc_results_{letters};\n#endif\n");
    text
}
