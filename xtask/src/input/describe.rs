//! What is in an input: chain, fork, block, witness, sizes.

use std::fs;
use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use super::block::{self, BlockFacts, WitnessFacts};
use super::document::Looks;
use super::rlp::{whole, Item, Malformed};
use super::{chain, document, framing};
use crate::cache::sha256;
use crate::error;

/// What is known of an input. What it has not is none.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Description {
    /// Name of the chain.
    pub chain: Option<&'static str>,
    /// Its id, also where it has no name here.
    #[serde(skip)]
    pub chain_id: Option<u64>,
    /// The fork that the block is under, as go-ethereum knows the chain.
    pub fork: Option<&'static str>,
    pub block: Option<BlockFacts>,
    pub witness: Option<WitnessFacts>,
    pub bytes: Bytes,
    /// Of the payload, lower-case hex.
    pub sha256: Option<String>,
}

/// Sizes in bytes, of the RLP of block and witness.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Bytes {
    pub block: Option<usize>,
    pub witness: Option<usize>,
    pub payload: Option<usize>,
}

/// Describes a payload. One that is no list `[chain_id, block, witness]` has
/// nothing but a size.
///
/// # Errors
/// It is such a list, and block or witness do not decode or belong together, or
/// the block is of another chain.
pub fn payload(payload: &[u8]) -> Result<Description, Malformed> {
    let mut description = Description {
        bytes: Bytes { payload: Some(payload.len()), ..Bytes::default() },
        sha256: Some(sha256(payload)),
        ..Description::default()
    };
    let Some((chain_id, block, witness)) = parts(payload) else { return Ok(description) };
    let within = |part: Item, e: Malformed| Malformed { offset: part.offset + e.offset, ..e };
    let facts = block::check_block(block.raw).map_err(|e| within(block, e))?;
    let held = block::check_witness(witness.raw, &facts).map_err(|e| within(witness, e))?;
    if let Some(signed) = facts.foreign(chain_id) {
        let expected = format!("transaction {} for chain id {chain_id}", signed.transaction);
        let found = format!("one for chain id {}", signed.chain_id);
        return Err(within(block, Malformed::new(signed.offset, expected, found)));
    }
    description.on(chain_id, facts);
    description.witness = Some(held);
    description.bytes.block = Some(block.raw.len());
    description.bytes.witness = Some(witness.raw.len());
    Ok(description)
}

impl Description {
    /// Adds a block of the chain with this id.
    fn on(&mut self, chain_id: u64, block: BlockFacts) {
        let chain = chain::of_id(chain_id).filter(|_| !block.mined);
        self.chain_id = Some(chain_id);
        self.chain = chain.map(|chain| chain.name);
        self.fork = chain.map(|chain| chain.fork(block.timestamp));
        self.block = Some(block);
    }
}

/// Chain id, block and witness, if that is what it looks like.
fn parts(payload: &[u8]) -> Option<(u64, Item<'_>, Item<'_>)> {
    let mut items = whole(payload, "a payload").ok()?.items("the payload").ok()?;
    let chain_id = items.next("the chain id").ok()?.u64("the chain id").ok()?;
    let (block, witness) = (items.next("the block").ok()?, items.next("the witness").ok()?);
    (items.is_empty() && block.list && witness.list).then_some((chain_id, block, witness))
}

/// Describes a file: a payload, framed or not, or a block alone in RLP or JSON.
///
/// # Errors
/// It cannot be read, or does not hold what it looks like.
pub fn file(path: &Path) -> Result<Description> {
    let named = |e: String| error::input(format!("{}: {e}", path.display()));
    let content = fs::read(path).map_err(|e| named(e.to_string()))?;
    match document::looks_like(&content) {
        Some(Looks::Block) => {}
        Some(Looks::Witness) => {
            return Err(named("expected a block or a payload, found a witness alone".into())
                .hint("`cargo xtask input import` takes it together with its block")
                .into());
        }
        None => {
            let unframed = framing::decode(&content).map_or(&content[..], |(_, payload)| payload);
            return Ok(payload(unframed).map_err(|e| named(e.to_string()))?);
        }
    }
    let (rlp, block) = document::block(path, None)?;
    let bytes = Bytes { block: Some(rlp.len()), ..Bytes::default() };
    let mut description = Description { bytes, ..Description::default() };
    match block.signed_for[..] {
        [ref signed] => description.on(signed.chain_id, block),
        _ => description.block = Some(block),
    }
    Ok(description)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::samples::{self, list, string};

    #[test]
    fn a_payload_has_chain_fork_block_and_witness() {
        let (block, witness) = (samples::block_on(560_048, 7), samples::witness(6));
        let described = payload(&block::payload(560_048, &block, &witness)).expect("a payload");
        assert_eq!((described.chain, described.fork), (Some("hoodi"), Some("cancun")));
        assert_eq!(described.block.expect("a block").number, 7);
        assert_eq!(described.witness.expect("a witness").nodes, 2);
        let bytes = described.bytes;
        assert_eq!((bytes.block, bytes.witness), (Some(block.len()), Some(witness.len())));
        let error = payload(&block::payload(5, &block, &witness)).expect_err("another chain");
        assert_eq!(
            error.to_string(),
            "offset 558: expected transaction 1 for chain id 5, found one for chain id 560048"
        );
        // A chain of nobody has no fork, and what stands in the block still shows.
        let block = samples::block_on(5, 7);
        let described = payload(&block::payload(5, &block, &witness)).expect("a payload");
        assert_eq!((described.chain, described.fork), (None, None));
        assert!(described.block.is_some());
    }

    #[test]
    fn other_bytes_have_a_size() {
        for bytes in [&b""[..], b"text", &[0xc0], &list(&[string(&[1]), string(&[2])])] {
            let described = payload(bytes).expect("bytes");
            assert_eq!(described.bytes.payload, Some(bytes.len()));
            assert_eq!(described.block, None);
        }
    }

    #[test]
    fn a_damaged_payload_is_refused_where_it_lies_in_it() {
        let mut damaged = block::payload(1, &samples::block(7), &samples::witness(6));
        let at = damaged.windows(2).position(|two| two == [0xa8, 0xc0]).expect("its first node");
        damaged[at] = 0xe8; // a list as long
        let error = payload(&damaged).expect_err("damaged");
        assert_eq!(error.offset, at, "{error}");
    }

    #[test]
    fn files_of_each_kind() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        let whole = block::payload(1, &samples::block(7), &samples::witness(6));
        for (content, chain, framed) in [
            (whole.clone(), Some("mainnet"), Some(whole.len())),
            (framing::encode(3, &whole), Some("mainnet"), Some(whole.len())),
            (samples::block(7), Some("mainnet"), None),
            (b"text".to_vec(), None, Some(4)),
            // What only begins as JSON or RLP does is bytes.
            (b"{\"hash\": 1}".to_vec(), None, Some(11)),
            (b"[1, 2".to_vec(), None, Some(5)),
            (b"\"text".to_vec(), None, Some(5)),
            (list(&[list(&[list(&[])])]), None, Some(3)),
        ] {
            fs::write(&path, content).expect("written");
            let described = file(&path).expect("described");
            assert_eq!((described.chain, described.bytes.payload), (chain, framed));
            assert_eq!(described.block.is_some(), chain.is_some());
        }
        let witness = b"{\"result\": {\"headers\": [], \"state\": []}}".to_vec();
        for (content, end) in [
            (b"{\"parentHash\": 1}".to_vec(), "file:1: $.parentHash: expected 32 bytes: 0x and 64 digits, found 1"),
            (list(&[list(&[string(&[1])]), list(&[])]), "file: offset 2: expected the block's header: parent hash: a byte string of 32 bytes, found a byte string of 1 bytes"),
            (samples::witness(6), "file: expected a block or a payload, found a witness alone"),
            (witness, "file: expected a block or a payload, found a witness alone"),
        ] {
            fs::write(&path, content).expect("written");
            let error = file(&path).expect_err(end).to_string();
            assert!(error.ends_with(end), "{error}");
        }
    }
}
