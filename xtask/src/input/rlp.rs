//! RLP items that know where they lie, so that what does not decode can be
//! refused with its byte offset. Headers are decoded by alloy-rlp, which
//! accepts the canonical form only; RLP is in appendix B of the yellow paper.

use std::fmt;

use alloy_rlp::{Encodable, Error, Header};

/// Lists within lists that any block has, with room to spare; deeper ones are
/// refused before they can exhaust the stack.
const DEEPEST: usize = 8;

/// What stands where, and what was expected there instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// From the start of the file.
    pub offset: usize,
    /// What should have been there.
    pub expected: String,
    /// What is.
    pub found: String,
}

impl Malformed {
    /// `expected` at `offset`, where `found` is.
    pub fn new(offset: usize, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Malformed { offset, expected: expected.into(), found: found.into() }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Malformed { offset, expected, found } = self;
        write!(f, "offset {offset}: expected {expected}, found {found}")
    }
}

impl std::error::Error for Malformed {}

/// One item: a byte string or a list.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    /// Of its header, from the start of the file.
    pub offset: usize,
    /// Whether it is a list.
    pub list: bool,
    /// Its content.
    pub payload: &'a [u8],
    /// All of it, its header too.
    pub raw: &'a [u8],
    payload_offset: usize,
}

/// The items of a list, read one after the other.
#[derive(Debug, Clone)]
pub struct Items<'a> {
    rest: &'a [u8],
    offset: usize,
}

/// A byte string.
pub fn encode_string(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.length());
    bytes.encode(&mut out);
    out
}

/// A list of encoded items.
pub fn encode_list(items: &[Vec<u8>]) -> Vec<u8> {
    let payload_length = items.iter().map(Vec::len).sum();
    let header = Header { list: true, payload_length };
    let mut out = Vec::with_capacity(header.length() + payload_length);
    header.encode(&mut out);
    items.iter().for_each(|item| out.extend_from_slice(item));
    out
}

/// The one item that `data` consists of; `what` names it in messages.
pub fn whole<'a>(data: &'a [u8], what: &str) -> Result<Item<'a>, Malformed> {
    let mut items = Items { rest: data, offset: 0 };
    let item = items.next(what)?;
    items.end("the end of the file")?;
    Ok(item)
}

impl<'a> Items<'a> {
    /// Items that begin at `offset` of the file.
    pub fn at(rest: &'a [u8], offset: usize) -> Self {
        Items { rest, offset }
    }

    /// Whether all were read.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next item, which must be there.
    pub fn next(&mut self, what: &str) -> Result<Item<'a>, Malformed> {
        let offset = self.offset;
        let mut payload = self.rest;
        let header = Header::decode(&mut payload)
            .map_err(|e| Malformed::new(offset, what, self.problem(&e)))?;
        let header_bytes = self.rest.len() - payload.len();
        // Header::decode has checked that the payload is all there.
        let (payload, rest) = payload.split_at(header.payload_length);
        let raw = &self.rest[..header_bytes + payload.len()];
        let payload_offset = offset + header_bytes;
        self.offset = payload_offset + payload.len();
        self.rest = rest;
        Ok(Item { offset, list: header.list, payload, raw, payload_offset })
    }

    /// Refuses further items.
    pub fn end(&self, what: &str) -> Result<(), Malformed> {
        if self.rest.is_empty() {
            return Ok(());
        }
        let found = format!("{} more bytes", self.rest.len());
        Err(Malformed::new(self.offset, what, found))
    }

    fn problem(&self, error: &Error) -> String {
        let left = self.rest.len();
        match error {
            Error::InputTooShort if left == 0 => "nothing more".into(),
            Error::InputTooShort => format!("an item that is longer than the {left} bytes left"),
            Error::NonCanonicalSingleByte => "a single byte below 0x80 with a header".into(),
            Error::NonCanonicalSize => "a long header of a short item".into(),
            Error::LeadingZero => "a length with leading zeros".into(),
            other => other.to_string(),
        }
    }
}

impl<'a> Item<'a> {
    fn describe(&self) -> String {
        let kind = if self.list { "a list" } else { "a byte string" };
        format!("{kind} of {} bytes", self.payload.len())
    }

    fn refuse<T>(&self, what: &str, expected: &str) -> Result<T, Malformed> {
        Err(Malformed::new(self.offset, format!("{what}: {expected}"), self.describe()))
    }

    /// Its items, if it is a list.
    pub fn items(&self, what: &str) -> Result<Items<'a>, Malformed> {
        if !self.list {
            return self.refuse(what, "a list");
        }
        Ok(Items::at(self.payload, self.payload_offset))
    }

    /// Its content, if it is a byte string.
    pub fn bytes(&self, what: &str) -> Result<&'a [u8], Malformed> {
        if self.list {
            return self.refuse(what, "a byte string");
        }
        Ok(self.payload)
    }

    /// Its content, if it is a byte string of this length.
    pub fn fixed(&self, what: &str, length: usize) -> Result<&'a [u8], Malformed> {
        if self.list || self.payload.len() != length {
            return self.refuse(what, &format!("a byte string of {length} bytes"));
        }
        Ok(self.payload)
    }

    /// Its content, if it is an integer of at most `most` bytes, big-endian
    /// without leading zeros.
    pub fn integer(&self, what: &str, most: usize) -> Result<&'a [u8], Malformed> {
        if self.list || self.payload.len() > most {
            return self.refuse(what, &format!("an integer of at most {most} bytes"));
        }
        if self.payload.first() == Some(&0) {
            let expected = format!("{what}: an integer");
            return Err(Malformed::new(self.offset, expected, "an integer with leading zeros"));
        }
        Ok(self.payload)
    }

    /// Its value, if it is an integer of at most 8 bytes.
    pub fn u64(&self, what: &str) -> Result<u64, Malformed> {
        let bytes = self.integer(what, 8)?;
        Ok(bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    /// Where its content begins, from the start of the file.
    pub fn payload_offset(&self) -> usize {
        self.payload_offset
    }

    /// Refuses it if anything within it, at any depth, does not decode.
    pub fn well_formed(&self, what: &str) -> Result<(), Malformed> {
        self.well_formed_to(what, DEEPEST)
    }

    fn well_formed_to(&self, what: &str, depth: usize) -> Result<(), Malformed> {
        if !self.list {
            return Ok(());
        }
        if depth == 0 {
            return self.refuse(what, &format!("at most {DEEPEST} lists within each other"));
        }
        let mut items = self.items(what)?;
        while !items.is_empty() {
            items.next(what)?.well_formed_to(what, depth - 1)?;
        }
        Ok(())
    }
}
