//! 128-bit arithmetic that compilers leave to their libraries: without the
//! wide-arithmetic proposal a product of two i64 is a call, and a shift of 128 bits
//! is one with it too.
//!
//! These functions call nothing and name no symbol, so their bodies are the same
//! bytes in every module of a compiler, and are known by them: neither names nor
//! producers are believed. (A hash is looked at, not the bytes: who chooses the module
//! is believed, translator/README.md.) A direct call, but not one in tail position, does in place what the body does: for
//! compilers of C it is arithmetic of `__int128`, and what it stores is known to
//! what follows. The function itself stays, for those who call it otherwise.

use super::expression::{Effects, Node};
use super::stack::Entry;
use super::Body;
use crate::hash::known;
use crate::types::{Signature, Type};
use wasmparser::{FunctionBody, MemArg};

/// What is computed of arguments, and stored where the first of them says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Function {
    /// `__multi3(place, a, a >> 64, b, b >> 64)`
    Product,
    /// `__ashlti3(place, a, a >> 64, bits)`
    ShiftLeft,
    /// `__lshrti3`, likewise.
    ShiftRight,
    /// `__ashrti3`, likewise.
    ShiftRightSigned,
}

/// A function of a library: what it does, and in which order it stores, which is
/// seen if one of the two stores traps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Int128 {
    function: Function,
    high_first: bool,
}

const fn low_first(function: Function) -> Int128 {
    Int128 { function, high_first: false }
}

/// The bodies are in translator/tests/int128.wat.
const BODIES: [(u64, usize, Int128); 13] = [
    // rustc 1.96's compiler_builtins, at opt-level 2, 3, s and z.
    (0x6b19_39f7_a96f_c928, 110, low_first(Function::Product)),
    (0x5efe_594f_5d78_92ff, 78, low_first(Function::ShiftLeft)),
    (0x2e55_9f31_f167_a4bf, 78, low_first(Function::ShiftRight)),
    (0x20ec_3f20_15a2_d076, 89, low_first(Function::ShiftRightSigned)),
    // rustc 1.63's, as Debian 12 has it.
    (0x0063_6a01_7565_2e9c, 110, low_first(Function::Product)),
    (0x2dd2_7231_eccf_cbc2, 87, low_first(Function::ShiftLeft)),
    (0xc347_6955_8bee_34c8, 87, low_first(Function::ShiftRight)),
    (0xf4da_fea8_41a0_a643, 90, low_first(Function::ShiftRightSigned)),
    // clang's compiler-rt, 14 to 22, and `__multi3` of 14 alone.
    (0xbe73_6b62_5c49_0a2a, 117, Int128 { high_first: true, ..low_first(Function::Product) }),
    (0x81ca_977a_676c_0956, 83, low_first(Function::ShiftLeft)),
    (0x6cab_4328_ab14_d8b0, 83, low_first(Function::ShiftRight)),
    (0xc6a5_15a1_1db5_dc1e, 94, low_first(Function::ShiftRightSigned)),
    (0xcdcd_e3c4_4660_8312, 117, Int128 { high_first: true, ..low_first(Function::Product) }),
];

/// Nodes of a local and a constant added up.
const SUM: u16 = 3;

impl Int128 {
    /// What a function of this type with this body is, if it is one of these.
    pub fn of(body: &FunctionBody<'_>, signature: &Signature) -> Option<Int128> {
        known(&BODIES, body.as_bytes()).filter(|found| found.function.fits(signature))
    }
}

impl Function {
    /// The same bytes may be valid in a function of another type.
    fn fits(self, signature: &Signature) -> bool {
        use Type::{I32, I64};
        let parameters: &[Type] = match self {
            Function::Product => &[I32, I64, I64, I64, I64],
            _ => &[I32, I64, I64, I32],
        };
        signature.params == parameters && signature.results.is_empty()
    }

    /// In runtime/wasrisc_integer.h.
    fn name(self) -> &'static str {
        match self {
            Function::Product => "wasrisc_multi3",
            Function::ShiftLeft => "wasrisc_ashlti3",
            Function::ShiftRight => "wasrisc_lshrti3",
            Function::ShiftRightSigned => "wasrisc_ashrti3",
        }
    }
}

impl Body<'_, '_> {
    /// A call of it, in place.
    pub fn int128_call(&mut self, called: Int128, signature: &Signature) {
        let arguments = self.arguments(signature);
        let place = self.place_of_two(arguments[0]);
        let value = self.call_text(called.function.name(), &arguments[1..]);
        let [low, high] = self.wide_value(&value);
        let halves = [(low, 0), (high, 8)];
        let order = if called.high_first { [1, 0] } else { [0, 1] };
        for (half, offset) in order.map(|half| halves[half]) {
            self.push_entry(place);
            self.push_entry(half);
            let memarg = MemArg { align: 3, max_align: 3, offset, memory: 0 };
            self.store(&memarg, "u64", 8);
        }
    }

    /// A place that is stored to twice. As a sum it is one that later loads are seen
    /// to have in common with it; no local is assigned between the two.
    fn place_of_two(&mut self, place: Entry) -> Entry {
        let Effects { reads, traps, size, .. } = place.effects;
        match reads == 0 && traps == 0 && size <= SUM {
            true => place,
            false => self.settle(place),
        }
    }

    /// Low and high half of what an expression of 128 bits gives.
    pub fn wide_value(&mut self, value: &str) -> [Entry; 2] {
        let whole = self.new_temporary();
        self.statement(&format!("u128 t{whole} = {value};"));
        [format!("(u64)t{whole}"), format!("(u64)(t{whole} >> 64)")].map(|half| Entry {
            node: self.tree.add(Node::Text(half)),
            ty: Type::I64,
            effects: Effects::NODE,
        })
    }
}
