//! Assembly of Go's runtime that has better C (runtime/wasrisc_go.c).
//!
//! These functions name no other symbol, so their bodies are the same bytes in
//! every module, and are known by them: neither names nor a version are
//! believed.

use crate::function::Body;
use crate::hash::known;
use crate::types::{Signature, Type};
use std::fmt::Write;
use wasmparser::FunctionBody;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intrinsic {
    /// `memeqbody(a, b, length) -> 0/1` (internal/bytealg/equal_wasm.s).
    Equal,
    /// `memcmp(a, b, length) -> its sign` (internal/bytealg/compare_wasm.s).
    Compare,
    /// `memchr(s, byte, length) -> address or 0` (internal/bytealg/indexbyte_wasm.s).
    Find,
}

impl Intrinsic {
    /// What a function of this type with this body is, if it is one of these.
    pub fn of(body: &FunctionBody<'_>, signature: &Signature) -> Option<Intrinsic> {
        known(&BODIES, body.as_bytes()).filter(|found| found.fits(signature))
    }

    /// The same bytes may be valid in a function of another type.
    fn fits(self, signature: &Signature) -> bool {
        let ty = match self {
            Intrinsic::Equal => Type::I64,
            Intrinsic::Compare | Intrinsic::Find => Type::I32,
        };
        signature.params == [ty; 3] && signature.results == [ty]
    }
}

const BODIES: [(u64, usize, Intrinsic); 3] = [
    (0x9431_94ce_7e6d_d6b8, 69, Intrinsic::Equal),
    (0x7051_d809_41c9_715d, 77, Intrinsic::Compare),
    (0xc200_04fa_5a4c_fcfa, 254, Intrinsic::Find),
];

impl Body<'_, '_> {
    pub fn intrinsic_call(&mut self, intrinsic: Intrinsic) {
        self.uses.memories.insert(0);
        self.accessed.insert(0);
        let (c, b, a) = (self.pop(), self.pop(), self.pop());
        self.note_bulk(&[a.node, b.node]);
        let bytes = if self.go_checks() { self.settle(c).node } else { c.node };
        let length = self.tree.text(bytes);
        let first = self.bulk_place(a.node, a.ty, bytes);
        match intrinsic {
            Intrinsic::Equal => {
                let second = self.bulk_place(b.node, b.ty, bytes);
                self.define(Type::I64, &format!("wasrisc_go_equal({first}, {second}, {length})"));
            }
            Intrinsic::Compare => {
                let second = self.bulk_place(b.node, b.ty, bytes);
                self.define(Type::I32, &format!("wasrisc_go_compare({first}, {second}, {length})"));
            }
            Intrinsic::Find => {
                let byte = self.tree.text(b.node);
                let found = self.new_temporary();
                let _ = writeln!(
                    self.text,
                    "const u8 *t{found} = wasrisc_go_find({first}, {byte}, {length});"
                );
                let number = self.plan.stack_base().number(&format!("t{found}"));
                self.define(Type::I32, &format!("t{found} ? (u32){number} : 0u"));
            }
        }
    }
}
