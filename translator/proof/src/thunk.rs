//! C that calls an exported function with values from an array of `u64`.

use std::fmt::Write;
use wasrisc_translator::{Signature, Type};

/// A value of this type as 64 bits.
pub fn to_slot(ty: Type, value: &str) -> String {
    match ty {
        Type::I32 | Type::I64 => value.to_string(),
        Type::F32 => format!("bits_f32({value})"),
        Type::F64 => format!("bits_f64({value})"),
        Type::Func | Type::Extern => format!("(u64){value}"),
    }
}

/// Statements that take arguments from `slots` and leave results there.
pub fn call(symbol: &str, signature: &Signature) -> String {
    let from_slot = |(i, ty): (usize, &Type)| match ty {
        Type::I32 => format!("(u32)slots[{i}]"),
        Type::I64 => format!("slots[{i}]"),
        Type::F32 => format!("f32_bits((u32)slots[{i}])"),
        Type::F64 => format!("f64_bits(slots[{i}])"),
        Type::Func => format!("(funcref)slots[{i}]"),
        Type::Extern => format!("(externref)slots[{i}]"),
    };
    let arguments: Vec<String> = signature.params.iter().enumerate().map(from_slot).collect();
    let call = format!("{symbol}({})", arguments.join(", "));
    match signature.results.as_slice() {
        [] => format!("{call};"),
        [one] => format!("slots[0] = {};", to_slot(*one, &call)),
        many => {
            let mut text = format!("{} r = {call};", signature.return_type());
            for (i, ty) in many.iter().enumerate() {
                let _ = write!(text, " slots[{i}] = {};", to_slot(*ty, &format!("r.r{i}")));
            }
            text
        }
    }
}
