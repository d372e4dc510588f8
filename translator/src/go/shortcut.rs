//! Functions that Go compiles from Go for WebAssembly and has assembly of elsewhere: the
//! fast version first tries C for the common case (runtime/wasrisc_go.h).
//!
//! They are known by their bodies, like assembly ([`super::intrinsics`]), without what
//! the linker writes into them: their own place in return addresses, and which functions
//! they call, of which only the order is compared. In a module of Go's compiler those are
//! `morestack`, what panics, and `internal/runtime/math.MulUintptr`, in which no product
//! of the common case overflows.

use super::place;
use crate::error::Result;
use crate::hash::known;
use crate::plan::Plan;
use std::ops::RangeInclusive;
use wasmparser::{FunctionBody, Operator};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shortcut {
    /// `xorBytes(dst, x, y *byte, n int)`
    /// (crypto/internal/fips140/subtle/xor_generic.go).
    Xor,
}

/// Bytes of them as the linker left them: no other body is looked at.
const LENGTHS: RangeInclusive<usize> = 2200..=2400;

/// By what [`without_links`] makes of them.
const BODIES: [(u64, usize, Shortcut); 1] = [(0x79cd_abb0_9df1_8033, 2249, Shortcut::Xor)];

impl Shortcut {
    /// Of a function of Go with this body, if it is one of these.
    ///
    /// # Errors
    ///
    /// Of a validated module none is expected.
    pub fn of(plan: &Plan<'_>, index: u32, body: &FunctionBody<'_>) -> Result<Option<Shortcut>> {
        // Their C looks at no address as checks do.
        if plan.options.go_check || !LENGTHS.contains(&body.as_bytes().len()) {
            return Ok(None);
        }
        Ok(known(&BODIES, &without_links(body, place(plan, index))?))
    }

    /// What returns from a fast version whose frame is `sp`, if all is done. `memory`
    /// is where the module's begins.
    pub fn text(self, memory: &str) -> String {
        match self {
            Shortcut::Xor => format!("if (wasrisc_go_xor({memory}, sp + 8)) return;\n"),
        }
    }
}

/// What stands for an operator that the linker wrote into; none begins so.
const LINKED: u8 = 0xff;

/// A body whose calls name functions by the order in which they are called first, and
/// whose return addresses, if it is at `place` of the table, have no place.
fn without_links(body: &FunctionBody<'_>, place: Option<u64>) -> Result<Vec<u8>> {
    let (bytes, start) = (body.as_bytes(), body.range().start);
    let mut operators = body.get_operators_reader()?;
    let mut callees = Vec::new();
    let mut text = bytes[..operators.original_position() - start].to_vec();
    while !operators.eof() {
        let at = operators.original_position() - start;
        let link = match operators.read()? {
            Operator::Call { function_index } => {
                let before = callees.iter().position(|callee| *callee == function_index);
                let order = before.unwrap_or_else(|| {
                    callees.push(function_index);
                    callees.len() - 1
                });
                order as u16
            }
            Operator::I64Const { value } if Some(value as u64 >> 16) == place => value as u16,
            _ => {
                text.extend(&bytes[at..operators.original_position() - start]);
                continue;
            }
        };
        text.extend([LINKED, bytes[at]]);
        text.extend(link.to_le_bytes());
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::without_links;
    use wasmparser::Payload;

    /// What is compared of the last of 300 functions.
    fn compared(body: &str, place: u64) -> Vec<u8> {
        let others = "(func)".repeat(299);
        let module = format!("(module {others} (func (local i64) {body}))");
        let bytes = wat::parse_str(&module).unwrap_or_else(|error| panic!("{error}: {body}"));
        let payloads = wasmparser::Parser::new(0).parse_all(&bytes).map(Result::unwrap);
        let bodies = payloads.filter_map(|payload| match payload {
            Payload::CodeSectionEntry(body) => Some(body),
            _ => None,
        });
        without_links(&bodies.last().unwrap(), Some(place)).unwrap()
    }

    #[test]
    fn what_is_linked_makes_no_difference_and_all_else_does() {
        let body = |resume: u64, callees: [u32; 3]| {
            let calls = callees.map(|callee| format!("(call {callee})")).concat();
            format!("(local.set 0 (i64.const {resume})) {calls}")
        };
        let one = compared(&body(0x1234_0003, [0, 1, 0]), 0x1234);
        // A place and a callee that take more bytes.
        assert_eq!(one, compared(&body(0x12_3456_0003, [200, 0, 200]), 0x12_3456));
        // Another resume point, a number that is no return address, calls of others.
        assert_ne!(one, compared(&body(0x1234_0004, [0, 1, 0]), 0x1234));
        assert_ne!(one, compared(&body(0x1234_0003, [0, 1, 0]), 0x1235));
        assert_ne!(one, compared(&body(0x1234_0003, [0, 1, 1]), 0x1234));
        // A number and an operator that look like a return address.
        assert_ne!(
            compared("i64.const 0x12340003 drop", 0x1234),
            compared("i64.const 3 nop drop", 0x1234)
        );
    }
}
