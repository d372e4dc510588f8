//! A block or a witness in a file of the user's: RLP, or JSON as nodes give it.
//! Which it is shows in the first byte: RLP lists begin with no character that
//! JSON begins with.

use std::fs;
use std::path::Path;

use anyhow::Result;
use serde_json::Value;

use super::block::{self, BlockFacts, WitnessFacts};
use super::chain::{self, Chain};
use super::json::Misfit;
use super::rlp::{whole, Malformed};
use super::rpc;
use crate::error::{self, Error};
use crate::text;

/// What many editors of one system put before a text.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The RLP of the block in a file, and what it says. With a chain the block has
/// to be one of it, as far as its transactions tell.
///
/// # Errors
/// The file cannot be read, or what is in it is no block of the chain; the
/// message names the file and the place in it.
pub fn block(path: &Path, chain: Option<&Chain>) -> Result<(Vec<u8>, BlockFacts)> {
    let document = Document::read(path, "a block")?;
    let rlp = match &document.json {
        Some((_, value)) => rpc::block(value).map_err(|e| document.misfit(e))?,
        None => document.bytes.clone(),
    };
    let facts = block::check_block(&rlp).map_err(|e| document.malformed(&e))?;
    if let Some(chain) = chain {
        document.check_chain(&facts, chain)?;
    }
    Ok((rlp, facts))
}

/// The RLP of the witness of a block in a file, and what it holds.
///
/// # Errors
/// As for a block, and where it is the witness of another one.
pub fn witness(path: &Path, of: &BlockFacts) -> Result<(Vec<u8>, WitnessFacts)> {
    let document = Document::read(path, "a witness")?;
    let rlp = match &document.json {
        Some((_, value)) => rpc::witness(value, of).map_err(|e| document.misfit(e))?,
        None => document.bytes.clone(),
    };
    let facts = block::check_witness(&rlp, of).map_err(|e| document.malformed(&e))?;
    Ok((rlp, facts))
}

/// What a file holds.
struct Document {
    /// Of the file, for messages.
    name: String,
    bytes: Vec<u8>,
    /// Its text and what that says, if it is JSON.
    json: Option<(String, Value)>,
}

impl Document {
    /// `what` the file should hold.
    fn read(path: &Path, what: &str) -> Result<Document, Error> {
        let name = path.display().to_string();
        let bytes = fs::read(path).map_err(|e| error::input(format!("{name}: {e}")))?;
        let is_list = bytes.first().is_some_and(|first| *first >= 0xc0);
        if is_list && !bytes.starts_with(BYTE_ORDER_MARK) {
            return Ok(Document { name, bytes, json: None });
        }
        if !is_json(&bytes) {
            return Err(neither(&name, &bytes, what));
        }
        let text = text::utf8(bytes, &name)?;
        let value = text::from_json(&text, &name)?;
        Ok(Document { name, bytes: Vec::new(), json: Some((text, value)) })
    }

    fn misfit(&self, misfit: Misfit) -> Error {
        let line = self.json.as_ref().map_or(1, |(text, _)| misfit.path.line(text));
        let error = error::input(format!("{}:{line}: {misfit}", self.name));
        match misfit.hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }

    fn malformed(&self, malformed: &Malformed) -> Error {
        let line = if self.json.is_some() { ":1: made into RLP" } else { "" };
        error::input(format!("{}{line}: {malformed}", self.name))
    }

    fn check_chain(&self, block: &BlockFacts, chain: &Chain) -> Result<(), Error> {
        let Some(signed) = block.foreign(chain.id) else { return Ok(()) };
        let expected = format!("a transaction for {} (chain id {})", chain.name, chain.id);
        let found = format!("one for chain id {}", signed.chain_id);
        let error = match &self.json {
            Some((_, value)) => {
                let path = rpc::transactions_path(value).item(signed.transaction);
                self.misfit(Misfit { path, expected, found, hint: None })
            }
            None => self.malformed(&Malformed::new(signed.offset, expected, found)),
        };
        Err(error.hint(chain::advice(signed.chain_id)))
    }
}

/// Whether the bytes begin as JSON does. A node without a block answers null.
fn is_json(bytes: &[u8]) -> bool {
    let text = bytes.trim_ascii();
    text == b"null" || text.first().is_some_and(|byte| b"{[\"".contains(byte))
}

/// What a file looks like before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looks {
    Block,
    Witness,
}

/// Whether this could be meant as a block or a witness: in JSON by the names in
/// it, in RLP by the lists that it begins with.
pub fn looks_like(bytes: &[u8]) -> Option<Looks> {
    if is_json(bytes) {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        let object = value.get("result").unwrap_or(&value);
        let has = |name| object.get(name).is_some();
        let witness = (has("headers") && has("state")).then_some(Looks::Witness);
        return has("parentHash").then_some(Looks::Block).or(witness);
    }
    let mut items = whole(bytes, "").ok()?.items("").ok()?;
    let first = items.next("").ok()?;
    let list = first.items("").ok()?.next("").ok()?.list;
    match (items.next("").ok()?.list, list) {
        (true, false) => Some(Looks::Block),
        (true, true) => Some(Looks::Witness),
        _ => None,
    }
}

/// Refuses a file that is neither RLP nor JSON, with what may have happened to
/// it.
fn neither(name: &str, bytes: &[u8], what: &str) -> Error {
    let is_text = std::str::from_utf8(bytes).is_ok();
    let place = if is_text { "1" } else { " offset 0" };
    let message = format!("{name}:{place}: expected {what}, found neither an RLP list nor JSON");
    let digits = bytes.trim_ascii();
    let digits = digits.strip_prefix(b"0x").unwrap_or(digits);
    error::input(message).hint(if bytes.starts_with(BYTE_ORDER_MARK) {
        "it begins with a byte order mark: save it as UTF-8 without one"
    } else if !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit) {
        "it has hexadecimal digits where the bytes themselves belong: without 0x, `xxd -r -p` \
         turns them into these"
    } else {
        "docs/input-format.md says what blocks and witnesses look like and how to get them from a \
         node"
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::json::At;
    use crate::input::samples;

    fn refused(content: &[u8], chain: &str) -> (String, Option<String>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b");
        fs::write(&path, content).unwrap();
        let chain = chain::named(chain).unwrap();
        let error = block(&path, Some(chain)).expect_err("no block of the chain");
        let message = error.to_string();
        let (_, place) = message.split_once("/b:").expect("the file's name");
        (place.to_string(), error::ours(&error).unwrap().hint.clone())
    }

    #[test]
    fn what_is_neither_rlp_nor_json_is_said_so() {
        let neither = ": expected a block, found neither an RLP list nor JSON";
        let marked = [BYTE_ORDER_MARK, b"{}"].concat();
        for (content, place, hint) in [
            (&b"a note"[..], "1", "docs/input-format.md"),
            (b"", "1", "docs/input-format.md"),
            (b"\x80\xff", " offset 0", "docs/input-format.md"),
            (b"0xf90101\n", "1", "it has hexadecimal digits"),
            (b"f90101", "1", "it has hexadecimal digits"),
            (&marked, "1", "it begins with a byte order mark"),
        ] {
            let (message, said) = refused(content, "mainnet");
            assert_eq!(message, format!("{place}{neither}"));
            assert!(said.as_ref().is_some_and(|said| said.starts_with(hint)), "{said:?}");
        }
    }

    #[test]
    fn what_is_wrong_in_json_has_its_line() {
        for (content, message) in [
            (&b"null\n"[..], "1: $: expected a block, found null: the node does not have it"),
            (b"\"0x\"", "1: $: expected an object, found \"0x\""),
            (b"{\n\"a\": 1,\n}", "3:1: trailing comma"),
            (b"{\n\"a\xff\": 1}", "2: not UTF-8"),
            (
                b"{\n\"parentHash\":\n7}",
                "3: $.parentHash: expected 32 bytes: 0x and 64 digits, found 7",
            ),
        ] {
            assert_eq!(refused(content, "mainnet").0, message);
        }
    }

    #[test]
    fn a_block_of_another_chain_is_refused() {
        let expected = "expected a transaction for hoodi (chain id 560048), found one for chain id";
        let hint = |hint: &str| Some(hint.to_string());
        for (chain_id, advice) in [
            (11_155_111, "its chain is sepolia"),
            (5, "guests know the chains mainnet, sepolia, hoodi only"),
        ] {
            let (message, said) = refused(&samples::block_on(chain_id, 7), "hoodi");
            // The first transaction is for any chain.
            assert_eq!(message, format!(" offset 554: {expected} {chain_id}"));
            assert_eq!(said, hint(advice));
        }
        let (_, block) = rpc::tests::block_sample(21);
        let reply = serde_json::json!({ "result": block });
        let text = serde_json::to_string_pretty(&reply).unwrap();
        let first = At::root(&reply).path.field("result").field("transactions").item(1);
        let (message, said) = refused(text.as_bytes(), "mainnet");
        let expected = format!(
            "{}: {first}: expected a transaction for mainnet (chain id 1), found one for chain id \
             560048",
            first.line(&text)
        );
        assert_eq!((message, said), (expected, hint("its chain is hoodi")));
    }
}
