//! What can be seen of a module, as lines:
//!
//! ```text
//! start                  the module started
//! call 0x1 null          an export returned a number and a null reference
//! call trap 2            or trapped, by the codes of runtime/wasrisc.h
//! globals 0x29a          values of the exported globals
//! memory 3 0x51ab…       pages and a digest of each exported memory
//! table 10 0x93f0…       size of each exported table, digest of where it is null
//! host 0x0               digest of what host functions were called with
//! ```

/// Lines, in order.
pub type Transcript = Vec<String>;

/// The codes of traps after which no two engines need agree.
const STACK_EXHAUSTED: u64 = 10;
const MEMORY_BOUNDS: u64 = 2;

/// Part of a digest; the same as in harness.c.
pub fn digest(state: u64, value: u64) -> u64 {
    let state = (state ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    state ^ state >> 32
}

/// One number for all lines.
pub fn of_lines(lines: &[String]) -> u64 {
    let bytes = lines.iter().flat_map(|line| line.bytes().chain([b'\n']));
    bytes.fold(0, |state, byte| digest(state, u64::from(byte)))
}

fn trap(line: &str) -> Option<u64> {
    line.split_once(" trap ").and_then(|(_, code)| code.parse().ok())
}

/// The lines that the specification decides, of which `expected` is the
/// specification's: those before a stack is exhausted, and, where accesses that
/// trap may be moved (not `exact`), before one does.
pub fn decided<'a>(
    expected: &'a [String],
    found: &'a [String],
    exact: bool,
) -> (&'a [String], &'a [String]) {
    let open = |line: &String| match trap(line) {
        Some(STACK_EXHAUSTED) => true,
        Some(MEMORY_BOUNDS) => !exact,
        _ => false,
    };
    let end = |lines: &[String]| lines.iter().position(open).unwrap_or(usize::MAX);
    let exhausted = |line: &String| trap(line) == Some(STACK_EXHAUSTED);
    let found_end = found.iter().position(exhausted).unwrap_or(usize::MAX);
    let end = end(expected).min(found_end);
    (&expected[..end.min(expected.len())], &found[..end.min(found.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expected: &[&str], found: &[&str], exact: bool, same: bool) {
        let lines = |lines: &[&str]| lines.iter().map(|s| s.to_string()).collect::<Vec<_>>();
        let (expected, found) = (lines(expected), lines(found));
        let (a, b) = decided(&expected, &found, exact);
        assert_eq!(a == b, same, "{expected:?} {found:?}");
    }

    #[test]
    fn what_is_open_is_not_compared() {
        check(&["start", "call 0x1"], &["start", "call 0x1"], true, true);
        check(&["start", "call 0x1"], &["start", "call 0x2"], false, false);
        check(&["start", "call 0x1"], &["start"], false, false);
        check(&["call trap 2", "host 0x1"], &["call trap 2", "host 0x2"], true, false);
        check(&["call trap 2", "host 0x1"], &["call trap 2", "host 0x2"], false, true);
        check(&["call 0x5", "call trap 2"], &["call 0x6", "call trap 2"], false, false);
        // A trap that only the translated module has is a difference.
        check(&["call 0x5", "host 0x1"], &["call trap 2", "host 0x1"], false, false);
        check(&["call trap 10", "host 0x1"], &["call 0x5", "host 0x2"], true, true);
        check(&["call 0x5", "host 0x1"], &["call trap 10", "host 0x2"], true, true);
    }
}
