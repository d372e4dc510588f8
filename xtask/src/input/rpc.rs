//! Blocks and witnesses as nodes give them in JSON: a block as
//! `eth_getBlockByNumber` answers with full transactions, a witness as
//! `debug_executionWitness` does, alone or in the whole reply. They become the
//! RLP that they were made from; every hash in them is computed again.

use serde_json::Value;

use super::block::{self, BlockFacts};
use super::fields::{self, Field, HEADER, OLDEST_HEADER, WITHDRAWAL};
use super::json::{At, Misfit, Path};
use super::rlp::{encode_list, encode_string};
use super::roots::{keccak256, list_root, prefixed, Hash};

mod transaction;

/// An empty list.
const NO_UNCLES: [u8; 1] = [0xc0];

const NOTHING: &str = "null: the node does not have it";
const UNCLES: &str = "a block with uncles can be imported as RLP (debug_getRawBlock)";
const FULL: &str = "ask for full transactions: eth_getBlockByNumber with `true` after the number";

/// The RLP of a block.
pub fn block(document: &Value) -> Result<Vec<u8>, Misfit> {
    let block = result(document, "a block")?;
    let header = header(&block)?;
    let mut transactions = Vec::new();
    for item in block.field("transactions", "a list of transactions")?.items()? {
        if item.value.is_string() {
            let refused = item.refuse_found("a transaction", "its hash alone");
            return refused.map_err(|misfit| Misfit { hint: Some(FULL), ..misfit });
        }
        transactions.push(transaction::encode(&item)?);
    }
    expect_root(&block, fields::TRANSACTIONS_ROOT, &transactions)?;
    expect_no_uncles(&block)?;
    // A typed transaction is a byte string of the block, a legacy one a list.
    let in_block = |tx: Vec<u8>| if tx[0] >= 0xc0 { tx } else { encode_string(&tx) };
    let transactions: Vec<Vec<u8>> = transactions.into_iter().map(in_block).collect();
    let mut parts = vec![header, encode_list(&transactions), NO_UNCLES.to_vec()];
    if block.optional(HEADER[fields::WITHDRAWALS_ROOT].1)?.is_some() {
        let list = block.field("withdrawals", "a list of withdrawals")?;
        let all = list.items()?.iter().map(withdrawal).collect::<Result<Vec<_>, _>>()?;
        expect_root(&block, fields::WITHDRAWALS_ROOT, &all)?;
        parts.push(encode_list(&all));
    }
    Ok(encode_list(&parts))
}

/// Where the transactions of a block stand.
pub fn transactions_path(document: &Value) -> Path {
    let place = result(document, "a block").map_or_else(|misfit| misfit.path, |block| block.path);
    place.field("transactions")
}

/// Nodes give the hashes of uncles only.
fn expect_no_uncles(block: &At) -> Result<(), Misfit> {
    let with_hint = |misfit| Misfit { hint: Some(UNCLES), ..misfit };
    if let Some(uncles) = block.optional("uncles")? {
        if !uncles.items()?.is_empty() {
            return uncles.refuse("no uncles, as in blocks after the merge").map_err(with_hint);
        }
    }
    let hash = block.field(HEADER[fields::UNCLES_HASH].1, "a hash")?;
    expect_hash(&hash, keccak256(&NO_UNCLES), "that of no uncles").map_err(with_hint)
}

/// The RLP of the witness of a block.
pub fn witness(document: &Value, of: &BlockFacts) -> Result<Vec<u8>, Misfit> {
    let witness = result(document, "a witness")?;
    let headers = witness.field("headers", "a list of headers")?;
    let mut encoded = Vec::new();
    let mut known = Vec::new();
    for item in headers.items()? {
        let rlp = if item.value.is_string() { item.bytes()? } else { header(&item)? };
        match block::check_header(&rlp) {
            Ok(facts) => known.push(facts),
            Err(e) => {
                let expected = format!("{} at offset {} of the RLP", e.expected, e.offset);
                return item.refuse_found(expected, e.found);
            }
        }
        encoded.push(rlp);
    }
    if let Err((expected, found)) = block::check_parent(&known, of) {
        return headers.refuse_found(expected, found);
    }
    let state = byte_strings(&witness.field("state", "a list of trie nodes")?)?;
    let optional = |name| match witness.optional(name)? {
        Some(list) => byte_strings(&list),
        None => Ok(Vec::new()),
    };
    let lists = [optional("codes")?, state, optional("keys")?];
    let mut parts = vec![encode_list(&encoded)];
    parts.extend(lists.iter().map(|list| encode_list(list)));
    Ok(encode_list(&parts))
}

/// What was asked for, alone or in the reply that a node sent.
fn result<'a>(document: &'a Value, what: &str) -> Result<At<'a>, Misfit> {
    let root = At::root(document);
    if root.value.is_null() {
        return root.refuse_found(what, NOTHING);
    }
    if let Some(error) = root.optional("error")? {
        let message = error.value.get("message").unwrap_or(error.value);
        return error.refuse_found(what, format!("the node's error {message}"));
    }
    let Some(result) = document.get("result") else { return Ok(root) };
    let result = At { value: result, path: root.path.field("result") };
    if result.value.is_null() {
        return result.refuse_found(what, NOTHING);
    }
    Ok(result)
}

/// The RLP of a header, from the object of a header or a block. Its hash, which
/// a node always gives, proves that every field was read.
fn header(object: &At) -> Result<Vec<u8>, Misfit> {
    let mut encoded = Vec::new();
    let mut missing = None;
    for (i, (what, name, kind)) in HEADER.into_iter().enumerate() {
        match object.optional(name)? {
            Some(later) if missing.is_some() => {
                let missing = missing.unwrap_or_default();
                return later.refuse_found(format!("no {what} without {missing}"), "it");
            }
            Some(field) => encoded.push(encode(&field, kind)?),
            None if i >= OLDEST_HEADER => missing = missing.or(Some(name)),
            None => drop(object.field(name, what)?),
        }
    }
    let rlp = encode_list(&encoded);
    let hash = object.field("hash", "the hash of the header")?;
    expect_hash(&hash, keccak256(&rlp), "the hash of the header's other fields")?;
    Ok(rlp)
}

fn withdrawal(object: &At) -> Result<Vec<u8>, Misfit> {
    let field = |(what, name, kind)| encode(&object.field(name, what)?, kind);
    Ok(encode_list(&WITHDRAWAL.into_iter().map(field).collect::<Result<Vec<_>, _>>()?))
}

/// The RLP of a field.
pub fn encode(field: &At, kind: Field) -> Result<Vec<u8>, Misfit> {
    Ok(encode_string(&match kind {
        Field::Fixed(length) => field.fixed(length)?,
        Field::Integer(most) => field.number(most)?,
        Field::Bytes => field.bytes()?,
    }))
}

/// Refuses a hash that is not the one computed; `of` says what it is.
pub fn expect_hash(field: &At, computed: Hash, of: &str) -> Result<(), Misfit> {
    let found = field.fixed(computed.len())?;
    if found == computed {
        return Ok(());
    }
    field.refuse_found(format!("{}, {of}", prefixed(&computed)), prefixed(&found))
}

fn expect_root(block: &At, field: usize, items: &[Vec<u8>]) -> Result<(), Misfit> {
    let (_, name, _) = HEADER[field];
    let items: Vec<&[u8]> = items.iter().map(Vec::as_slice).collect();
    let of = format!("the root of the {} items in the block's list", items.len());
    expect_hash(&block.field(name, "a hash")?, list_root(&items), &of)
}

/// The encoded byte strings of a list, or of a map from their hashes, which has
/// no order of its own: they are then in that of their bytes, as go-ethereum
/// has them.
fn byte_strings(list: &At) -> Result<Vec<Vec<u8>>, Misfit> {
    let Value::Object(map) = list.value else {
        return list.items()?.iter().map(|item| Ok(encode_string(&item.bytes()?))).collect();
    };
    let mut all = Vec::new();
    for (hash, value) in map {
        let value = At { value, path: list.path.field(hash) };
        let bytes = value.bytes()?;
        let computed = prefixed(&keccak256(&bytes));
        if !hash.eq_ignore_ascii_case(&computed) {
            return value
                .refuse_found("bytes with this hash", format!("some with hash {computed}"));
        }
        all.push(bytes);
    }
    all.sort();
    Ok(all.iter().map(|bytes| encode_string(bytes)).collect())
}

#[cfg(test)]
pub mod tests;
