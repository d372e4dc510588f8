//! What a machine without an operating system finds in its memory: arguments,
//! environment and input, in the format that platform/virt/README.md describes.

use std::collections::BTreeMap;

/// Where the block lies, beyond what guests use.
pub const ADDRESS: &str = "0xc0000000";

const MAGIC: &[u8; 8] = b"wasrisc\x01";

/// What a program is called wherever it runs.
const NAME: &str = "guest";

/// The input starts at a multiple of so many bytes.
const ALIGNMENT: usize = 8;

/// The block with this environment and input.
pub fn block(environment: &BTreeMap<String, String>, input: &[u8]) -> Vec<u8> {
    let arguments = format!("{NAME}\0");
    let environment: String =
        environment.iter().map(|(name, value)| format!("{name}={value}\0")).collect();
    let mut block = MAGIC.to_vec();
    for bytes in [arguments.len(), environment.len(), input.len()] {
        block.extend((bytes as u64).to_le_bytes());
    }
    block.extend(arguments.as_bytes());
    block.extend(environment.as_bytes());
    block.resize(block.len().next_multiple_of(ALIGNMENT), 0);
    block.extend(input);
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_input_comes_last_and_aligned() {
        let environment = BTreeMap::from([("GOGC".to_string(), "off".to_string())]);
        let block = block(&environment, b"in");
        let mut expected = b"wasrisc\x01".to_vec();
        expected.extend([6, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0]);
        expected.extend([2, 0, 0, 0, 0, 0, 0, 0]);
        expected.extend(b"guest\0GOGC=off\0\0in");
        assert_eq!(block, expected);
    }
}
