//! Functions that Go compiles from Go for WebAssembly and has assembly of elsewhere: the
//! fast version first tries C for the common case (runtime/wasrisc_go.h).
//!
//! They are known by their bodies, like assembly ([`super::intrinsics`]), without what
//! the linker writes into them: which functions they call, which only happens where the
//! C does nothing, and their own place in return addresses.

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
const LENGTHS: RangeInclusive<usize> = 2165..=2400;

/// By what [`without_links`] makes of them.
const BODIES: [(u64, usize, Shortcut); 1] = [(0x9996_033c_75b2_f788, 2165, Shortcut::Xor)];

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
        let Shortcut::Xor = self;
        format!("if (wasrisc_go_xor({memory}, sp + 8)) return;\n")
    }
}

/// A body whose calls name no function, and whose return addresses, if it is at `place`
/// of the table, no place.
fn without_links(body: &FunctionBody<'_>, place: Option<u64>) -> Result<Vec<u8>> {
    let (bytes, start) = (body.as_bytes(), body.range().start);
    let mut operators = body.get_operators_reader()?;
    let mut text = bytes[..operators.original_position() - start].to_vec();
    while !operators.eof() {
        let at = operators.original_position() - start;
        match operators.read()? {
            Operator::Call { .. } => text.push(bytes[at]),
            Operator::I64Const { value } if Some(value as u64 >> 16) == place => {
                text.push(bytes[at]);
                text.extend((value as u16).to_le_bytes());
            }
            _ => text.extend(&bytes[at..operators.original_position() - start]),
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::without_links;
    use wasmparser::Payload;

    /// What is compared of the last of three functions.
    fn compared(body: &str, place: u64) -> Vec<u8> {
        let module = format!("(module (func) (func) (func (local i64) {body}))");
        let bytes = wat::parse_str(&module).unwrap_or_else(|error| panic!("{error}: {module}"));
        let payloads = wasmparser::Parser::new(0).parse_all(&bytes).map(Result::unwrap);
        let bodies = payloads.filter_map(|payload| match payload {
            Payload::CodeSectionEntry(body) => Some(body),
            _ => None,
        });
        without_links(&bodies.last().unwrap(), Some(place)).unwrap()
    }

    #[test]
    fn what_is_linked_makes_no_difference_and_all_else_does() {
        let body = |resume: u64, callee: u32| {
            format!("(local.set 0 (i64.const {resume})) (call {callee})")
        };
        let one = compared(&body(0x1234_0003, 0), 0x1234);
        // A place that takes more bytes, and another callee.
        assert_eq!(one, compared(&body(0x12_3456_0003, 1), 0x12_3456));
        // Another resume point, a number that is no return address, a call less.
        assert_ne!(one, compared(&body(0x1234_0004, 0), 0x1234));
        assert_ne!(one, compared(&body(0x1234_0003, 0), 0x1235));
        assert_ne!(one, compared("(local.set 0 (i64.const 305397763))", 0x1234));
    }
}
