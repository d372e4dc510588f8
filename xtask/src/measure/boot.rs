//! What a machine without an operating system finds in its memory: arguments,
//! environment and input, in the format that platform/bare/README.md describes.

use std::collections::BTreeMap;

use crate::error::{self, Error};

/// Where the block lies, beyond what guests use.
pub const ADDRESS: &str = "0xc0000000";

/// From there to the guard below virt's linear memory, in bytes.
const ROOM: usize = (1 << 30) - (16 << 20);

const MAGIC: &[u8; 8] = b"wasrisc\x01";

/// What a program is called wherever it runs.
const NAME: &str = "guest";

/// The input starts at a multiple of so many bytes.
const ALIGNMENT: usize = 8;

/// The block with these arguments (after the program's name), this environment
/// and this input. No text may have a NUL. Refuses what does not fit.
pub fn block(
    arguments: &[String],
    environment: &BTreeMap<String, String>,
    input: &[u8],
) -> Result<Vec<u8>, Error> {
    let named = std::iter::once(NAME).chain(arguments.iter().map(String::as_str));
    let arguments: String = named.map(|argument| format!("{argument}\0")).collect();
    let environment: String =
        environment.iter().map(|(name, value)| format!("{name}={value}\0")).collect();
    let mut block = MAGIC.to_vec();
    for bytes in [arguments.len(), environment.len(), input.len()] {
        block.extend((bytes as u64).to_le_bytes());
    }
    block.extend(arguments.as_bytes());
    block.extend(environment.as_bytes());
    block.resize(block.len().next_multiple_of(ALIGNMENT), 0);
    fit(block.len(), input.len())?;
    block.extend(input);
    Ok(block)
}

/// Whether so many bytes of input have room behind those before them.
fn fit(before: usize, input: usize) -> Result<(), Error> {
    let room = ROOM.saturating_sub(before);
    if input <= room {
        return Ok(());
    }
    let message = format!("the input has {input} bytes, a bare machine has room for {room}");
    Err(error::input(message).hint("the platforms linux and amd64 read any input"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_input_comes_last_and_aligned() {
        let environment = BTreeMap::from([("GOGC".to_string(), "off".to_string())]);
        let arguments = ["-v".to_string(), String::new()];
        let block = block(&arguments, &environment, b"in").unwrap();
        let mut expected = b"wasrisc\x01".to_vec();
        expected.extend([10, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0]);
        expected.extend([2, 0, 0, 0, 0, 0, 0, 0]);
        expected.extend(b"guest\0-v\0\0GOGC=off\0\0\0\0\0\0in");
        assert_eq!(block, expected);
    }

    #[test]
    fn an_input_that_would_lie_in_linear_memory_is_refused() {
        assert!(fit(48, ROOM - 48).is_ok());
        let refused = fit(48, ROOM - 47).unwrap_err().message;
        assert!(refused.contains("1056964561 bytes"), "{refused}");
        assert!(refused.contains("room for 1056964560"), "{refused}");
    }
}
