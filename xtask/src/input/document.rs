//! A block or a witness in a file of the user's: RLP, or JSON as nodes give it.
//! Which it is shows in the first byte: RLP lists begin with no character that
//! JSON begins with.

use std::fs;
use std::path::Path;

use anyhow::Result;
use serde_json::Value;

use super::block::{self, BlockFacts, WitnessFacts};
use super::json::Misfit;
use super::rlp::Malformed;
use super::rpc;
use crate::error::{self, Error};

/// The RLP of the block in a file, and what it says.
///
/// # Errors
/// The file cannot be read, or what is in it is no block; the message names the
/// file and the place in it.
pub fn block(path: &Path) -> Result<(Vec<u8>, BlockFacts)> {
    let bytes = read(path)?;
    let rlp = match json(path, &bytes)? {
        Some(value) => rpc::block(&value).map_err(|e| misfit(path, e))?,
        None => bytes,
    };
    let facts = block::check_block(&rlp).map_err(|e| malformed(path, e))?;
    Ok((rlp, facts))
}

/// The RLP of the witness of a block in a file, and what it holds.
///
/// # Errors
/// As for a block, and where it is the witness of another one.
pub fn witness(path: &Path, of: &BlockFacts) -> Result<(Vec<u8>, WitnessFacts)> {
    let bytes = read(path)?;
    let rlp = match json(path, &bytes)? {
        Some(value) => rpc::witness(&value, of).map_err(|e| misfit(path, e))?,
        None => bytes,
    };
    let facts = block::check_witness(&rlp, of).map_err(|e| malformed(path, e))?;
    Ok((rlp, facts))
}

/// Whether the bytes begin as JSON does.
pub fn is_json(bytes: &[u8]) -> bool {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    first.is_some_and(|byte| b"{[\"".contains(byte))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|e| error::input(format!("{}: {e}", path.display())).into())
}

/// The value that the bytes write down, if they are JSON at all.
fn json(path: &Path, bytes: &[u8]) -> Result<Option<Value>> {
    if !is_json(bytes) {
        return Ok(None);
    }
    let value = serde_json::from_slice(bytes);
    Ok(Some(value.map_err(|e| error::input(format!("{}: {e}", path.display())))?))
}

fn misfit(path: &Path, misfit: Misfit) -> Error {
    let error = error::input(format!("{}: {misfit}", path.display()));
    match misfit.hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

fn malformed(path: &Path, malformed: Malformed) -> Error {
    error::input(format!("{}: {malformed}", path.display()))
}
