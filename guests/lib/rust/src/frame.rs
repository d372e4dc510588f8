//! The framing of a guest's input, the same bytes for every pipeline.
//!
//! All integers are little-endian: the magic `WRSC`, a u32 version (1), a u32
//! number of runs (at least 1), a u32 zero, a u64 payload length, the payload,
//! and the end of the input.

/// Bytes before the payload.
pub const HEADER_BYTES: usize = 24;

const MAGIC: &[u8; 4] = b"WRSC";
const VERSION: u32 = 1;

/// A decoded input.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// How often the guest performs its work, at least once.
    pub runs: u32,
    pub payload: &'a [u8],
}

/// The number that a payload of four bytes is; the error is a reason of one line.
pub fn u32_payload(payload: &[u8]) -> Result<u32, String> {
    let bytes = payload.try_into();
    let bytes = bytes
        .map_err(|_| format!("bad payload: {} bytes, expected a u32 of 4 bytes", payload.len()))?;
    Ok(u32::from_le_bytes(bytes))
}

/// Decodes `input`; the error is a reason of one line.
pub fn parse(input: &[u8]) -> Result<Frame<'_>, String> {
    let Some((header, payload)) = input.split_first_chunk::<HEADER_BYTES>() else {
        return Err(format!(
            "bad input: {} bytes, the header alone has {HEADER_BYTES}",
            input.len()
        ));
    };
    if &header[..4] != MAGIC {
        return Err("bad input: it does not start with WRSC".into());
    }
    let version = u32_at(header, 4);
    if version != VERSION {
        return Err(format!("bad input: version {version}, known is {VERSION}"));
    }
    let runs = u32_at(header, 8);
    if runs == 0 {
        return Err("bad input: zero runs".into());
    }
    if u32_at(header, 12) != 0 {
        return Err("bad input: the reserved bytes 12..16 are not zero".into());
    }
    let announced = u64::from(u32_at(header, 16)) | u64::from(u32_at(header, 20)) << 32;
    if announced != payload.len() as u64 {
        return Err(format!(
            "bad input: a payload of {announced} bytes is announced, {} follow",
            payload.len()
        ));
    }
    Ok(Frame { runs, payload })
}

fn u32_at(header: &[u8; HEADER_BYTES], offset: usize) -> u32 {
    let mut bytes = [0; 4];
    bytes.copy_from_slice(&header[offset..offset + 4]);
    u32::from_le_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A valid input of two runs over `abc`, with `patch` written at `offset`.
    fn patched(offset: usize, patch: &[u8]) -> Vec<u8> {
        let mut bytes = b"WRSC\x01\0\0\0\x02\0\0\0\0\0\0\0\x03\0\0\0\0\0\0\0abc".to_vec();
        bytes.splice(offset..(offset + patch.len()).min(bytes.len()), patch.iter().copied());
        bytes
    }

    #[test]
    fn a_valid_input_decodes() {
        let input = patched(0, b"");
        assert_eq!(parse(&input), Ok(Frame { runs: 2, payload: b"abc" }));
    }

    #[test]
    fn a_payload_of_four_bytes_is_a_number() {
        assert_eq!(u32_payload(&[1, 2, 0, 0]), Ok(0x201));
        let refused = u32_payload(b"abc").unwrap_err();
        assert_eq!(refused, "bad payload: 3 bytes, expected a u32 of 4 bytes");
    }

    #[test]
    fn bad_inputs_name_their_reason() {
        let cases: &[(Vec<u8>, &str)] = &[
            (b"WRSC\x01".to_vec(), "5 bytes, the header alone has 24"),
            (patched(0, b"wrsc"), "does not start with WRSC"),
            (patched(4, &[2]), "version 2, known is 1"),
            (patched(8, &[0]), "zero runs"),
            (patched(12, &[1]), "12..16 are not zero"),
            (patched(16, &[4]), "4 bytes is announced, 3 follow"),
            (patched(23, &[1]), "72057594037927939 bytes is announced, 3 follow"),
            (patched(27, b"d"), "3 bytes is announced, 4 follow"),
        ];
        for (input, reason) in cases {
            let error = parse(input).unwrap_err();
            assert!(error.contains(reason), "{error:?} lacks {reason:?}");
        }
    }
}
