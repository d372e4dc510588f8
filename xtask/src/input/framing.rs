//! The frame around a payload, the same bytes for every pipeline; documented
//! for authors of guests in `docs/input-format.md`.

use std::fmt;

/// The first four bytes.
pub const MAGIC: [u8; 4] = *b"WRSC";
/// The version of the frame.
pub const VERSION: u32 = 1;
/// Where the payload begins.
pub const HEADER_BYTES: usize = 24;

/// Why bytes are not a framed input, and at which offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadFrame {
    /// Of the field that is wrong, or where the input ends too early.
    pub offset: usize,
    /// What is wrong there.
    pub problem: String,
}

impl fmt::Display for BadFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "offset {}: {}", self.offset, self.problem)
    }
}

impl std::error::Error for BadFrame {}

/// Frames `payload` for `runs` runs; `runs` must be at least 1.
pub fn encode(runs: u32, payload: &[u8]) -> Vec<u8> {
    assert!(runs >= 1, "a guest performs its work at least once");
    let mut framed = Vec::with_capacity(HEADER_BYTES + payload.len());
    framed.extend_from_slice(&MAGIC);
    framed.extend_from_slice(&VERSION.to_le_bytes());
    framed.extend_from_slice(&runs.to_le_bytes());
    framed.extend_from_slice(&0u32.to_le_bytes());
    framed.extend_from_slice(&(payload.len() as u64).to_le_bytes());
    framed.extend_from_slice(payload);
    framed
}

/// The number of runs and the payload of a framed input.
pub fn decode(framed: &[u8]) -> Result<(u32, &[u8]), BadFrame> {
    let bad = |offset, problem: String| Err(BadFrame { offset, problem });
    let Some((header, payload)) = framed.split_at_checked(HEADER_BYTES) else {
        return bad(framed.len(), format!("the input ends within its {HEADER_BYTES}-byte header"));
    };
    if header[..4] != MAGIC {
        return bad(0, "the magic is not \"WRSC\"".into());
    }
    let version = u32_at(header, 4);
    if version != VERSION {
        return bad(4, format!("version {version}, expected {VERSION}"));
    }
    let runs = u32_at(header, 8);
    if runs == 0 {
        return bad(8, "runs is 0, expected at least 1".into());
    }
    let reserved = u32_at(header, 12);
    if reserved != 0 {
        return bad(12, format!("the reserved word is {reserved:#x}, expected 0"));
    }
    let length = u64::from(u32_at(header, 16)) | u64::from(u32_at(header, 20)) << 32;
    let there = payload.len() as u64;
    if there < length {
        return bad(framed.len(), format!("the input ends {} bytes early", length - there));
    }
    if there > length {
        let end = framed.len() - (there - length) as usize;
        return bad(end, format!("{} bytes after the payload", there - length));
    }
    Ok((runs, payload))
}

fn u32_at(bytes: &[u8], offset: usize) -> u32 {
    u32::from_le_bytes([0, 1, 2, 3].map(|i| bytes[offset + i]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_decodes() {
        for (runs, payload) in [(1, &b""[..]), (10, b"x"), (u32::MAX, &[0; 5000])] {
            let framed = encode(runs, payload);
            assert_eq!(decode(&framed), Ok((runs, payload)));
        }
    }

    #[test]
    fn the_bytes_are_those_of_the_document() {
        let framed = encode(2, b"abc");
        let expected = b"WRSC\x01\0\0\0\x02\0\0\0\0\0\0\0\x03\0\0\0\0\0\0\0abc";
        assert_eq!(framed, expected);
    }

    #[test]
    fn bad_frames() {
        // A change of the frame of two runs over "abc", and the message.
        type Change = fn(&mut Vec<u8>);
        let cases: &[(Change, &str)] = &[
            (|f| f.clear(), "offset 0: the input ends within its 24-byte header"),
            (|f| f.truncate(23), "offset 23: the input ends within its 24-byte header"),
            (|f| f[3] = b'c', "offset 0: the magic is not \"WRSC\""),
            (|f| f[4] = 2, "offset 4: version 2, expected 1"),
            (|f| f[8] = 0, "offset 8: runs is 0, expected at least 1"),
            (|f| f[15] = 1, "offset 12: the reserved word is 0x1000000, expected 0"),
            (|f| f.truncate(26), "offset 26: the input ends 1 bytes early"),
            (|f| f[23] = 0x80, "offset 27: the input ends 9223372036854775808 bytes early"),
            (|f| f.push(0), "offset 27: 1 bytes after the payload"),
            (|f| f[16] = 0, "offset 24: 3 bytes after the payload"),
        ];
        for (change, message) in cases {
            let mut framed = encode(2, b"abc");
            change(&mut framed);
            let error = decode(&framed).expect_err(message);
            assert_eq!(error.to_string(), *message);
        }
    }
}
