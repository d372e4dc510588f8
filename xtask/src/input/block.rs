//! The shape of a block and of its execution witness, as Ethereum writes them
//! in RLP, and whether they belong together: enough to refuse a wrong or damaged
//! file where it goes wrong, before a guest spends minutes on it. Whether the
//! block is valid is the guest's to say.
//!
//! Block: `[header, transactions, uncles, withdrawals?]`, go-ethereum's
//! `types.extblock`. Witness: `[headers, codes, state, keys]`, go-ethereum's
//! `stateless.ExtWitness`; its newest header is the parent's.

use std::collections::BTreeMap;

use alloy_rlp::{Encodable, Header};
use serde::Serialize;

use super::fields::{self, Field, HEADER, OLDEST_HEADER, WITHDRAWAL};
use super::rlp::{whole, Item, Items, Malformed};
use super::roots::{keccak256, list_root, prefixed, Hash};

/// What a block says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BlockFacts {
    /// The block's number.
    pub number: u64,
    /// Of its header, `0x` and 64 hex digits; so are the other hashes.
    pub hash: String,
    pub parent_hash: String,
    /// State root after the block.
    pub state_root: String,
    /// Root of the receipts.
    pub receipts_root: String,
    /// Seconds since 1970.
    pub timestamp: u64,
    /// Whether it was made by proof of work, before the merge.
    pub mined: bool,
    pub gas_limit: u64,
    /// Gas that the block's transactions used.
    pub gas_used: u64,
    /// How many transactions it has.
    pub transactions: usize,
    /// How many of each type; those that it has none of are not there.
    pub transaction_types: BTreeMap<&'static str, usize>,
    /// How many withdrawals; none before Shanghai.
    pub withdrawals: Option<usize>,
    /// The chains that its transactions are for, each with the first of them;
    /// one, unless the block is of no chain. Those before EIP-155 name none.
    #[serde(skip)]
    pub signed_for: Vec<SignedFor>,
}

/// A transaction and the chain that it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedFor {
    pub chain_id: u64,
    /// Its index in the block.
    pub transaction: usize,
    /// Of the transaction, from the start of the block.
    pub offset: usize,
}

impl BlockFacts {
    /// A transaction for another chain than this one.
    pub fn foreign(&self, chain_id: u64) -> Option<&SignedFor> {
        self.signed_for.iter().find(|signed| signed.chain_id != chain_id)
    }
}

/// How much a witness holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WitnessFacts {
    /// Numbers of the headers, in order.
    pub headers: Vec<u64>,
    /// Contract codes.
    pub codes: usize,
    /// Nodes of the state tries.
    pub nodes: usize,
}

/// Checks the shape of a block, and that its lists are those that its header
/// has the roots of.
pub fn check_block(data: &[u8]) -> Result<BlockFacts, Malformed> {
    let mut parts = whole(data, "a block")?.items("the block")?;
    let header = Fields::read(parts.next("the block's header")?, "the block's header")?;
    let mut in_trie = Vec::new();
    let mut types = BTreeMap::new();
    let mut signed_for = Vec::new();
    let mut items = parts.next("the list of transactions")?.items("the transactions")?;
    while !items.is_empty() {
        let what = format!("transaction {}", in_trie.len());
        let transaction = items.next(&what)?;
        let (name, chain_id) = check_transaction(transaction, &what)?;
        *types.entry(name).or_default() += 1;
        let (index, offset) = (in_trie.len(), transaction.offset);
        let new = chain_id.filter(|id| signed_for.iter().all(|s: &SignedFor| s.chain_id != *id));
        signed_for.extend(new.map(|chain_id| SignedFor { chain_id, transaction: index, offset }));
        in_trie.push(if transaction.list { transaction.raw } else { transaction.payload });
    }
    let all_uncles = parts.next("the list of uncles")?;
    let mut uncles = all_uncles.items("the uncles")?;
    while !uncles.is_empty() {
        Fields::read(uncles.next("an uncle's header")?, "an uncle's header")?;
    }
    let mut withdrawals = None;
    if header.items.len() > fields::WITHDRAWALS_ROOT {
        let all = check_withdrawals(parts.next("the list of withdrawals")?)?;
        header.expect(fields::WITHDRAWALS_ROOT, list_root(&all), "that of its withdrawals")?;
        withdrawals = Some(all.len());
    }
    parts.end("the end of the block")?;
    header.expect(fields::TRANSACTIONS_ROOT, list_root(&in_trie), "that of its transactions")?;
    header.expect(fields::UNCLES_HASH, keccak256(all_uncles.raw), "that of its uncles")?;
    Ok(BlockFacts {
        transactions: in_trie.len(),
        transaction_types: types,
        withdrawals,
        signed_for,
        ..header.facts()?
    })
}

/// Checks the shape of the witness of this block, and that its newest header is
/// that of the block's parent.
pub fn check_witness(data: &[u8], block: &BlockFacts) -> Result<WitnessFacts, Malformed> {
    let mut parts = whole(data, "a witness")?.items("the witness")?;
    let headers = parts.next("the list of headers")?;
    let mut items = headers.items("the headers")?;
    let mut known = Vec::new();
    while !items.is_empty() {
        let what = format!("header {}", known.len());
        known.push(Fields::read(items.next(&what)?, &what)?.facts()?);
    }
    check_parent(&known, block)
        .map_err(|(expected, found)| Malformed::new(headers.offset, expected, found))?;
    let codes = count_strings(&mut parts, "codes", "code")?;
    let nodes = count_strings(&mut parts, "state nodes", "state node")?;
    count_strings(&mut parts, "keys", "key")?;
    parts.end("the end of the witness after the keys")?;
    let headers = known.iter().map(|header| header.number).collect();
    Ok(WitnessFacts { headers, codes, nodes })
}

/// Checks that the newest of these headers is the parent of the block; else
/// says what was expected and what is there.
pub fn check_parent(headers: &[BlockFacts], block: &BlockFacts) -> Result<(), (String, String)> {
    let Some(parent) = block.number.checked_sub(1) else {
        return Err(("the witness of a block with a parent".into(), "that of block 0".into()));
    };
    let what = format!("the header of block {parent}, the parent,");
    let Some(newest) = headers.iter().max_by_key(|header| header.number) else {
        return Err((format!("{what} among the headers"), "none".into()));
    };
    if newest.number > parent {
        let found = format!("that of block {}", newest.number);
        return Err((format!("{what} as the newest"), found));
    }
    if newest.number < parent {
        let numbers: Vec<String> = headers.iter().map(|header| header.number.to_string()).collect();
        return Err((format!("{what} among the headers"), numbers.join(", ")));
    }
    if newest.hash != block.parent_hash {
        let found = format!("one with hash {}", newest.hash);
        return Err((format!("{what} with hash {}", block.parent_hash), found));
    }
    Ok(())
}

/// What a header's RLP says of its block, without a body.
pub fn check_header(data: &[u8]) -> Result<BlockFacts, Malformed> {
    Fields::read(whole(data, "a header")?, "the header")?.facts()
}

/// What a guest that verifies blocks prints of a valid one: only what stands
/// in the block itself.
pub fn verdict(chain: &str, number: u64, state_root: &str, receipts_root: &str) -> String {
    format!(
        "stateless: {chain} block {number} valid: state root {state_root} receipts root \
         {receipts_root}\n"
    )
}

/// The payload of a guest that verifies blocks: `[chain_id, block, witness]`,
/// the latter two as they are in their files.
pub fn payload(chain_id: u64, block: &[u8], witness: &[u8]) -> Vec<u8> {
    let payload_length = chain_id.length() + block.len() + witness.len();
    let header = Header { list: true, payload_length };
    let mut out = Vec::with_capacity(header.length() + payload_length);
    header.encode(&mut out);
    chain_id.encode(&mut out);
    out.extend_from_slice(block);
    out.extend_from_slice(witness);
    out
}

/// How many fields a typed transaction has, and which are lists: EIP-2930,
/// 1559, 4844 (as in a block, without the blobs) and 7702.
const TYPED: [(u8, &str, usize, &[usize]); 4] = [
    (1, "access list", 11, &[7]),
    (2, "dynamic fee", 12, &[8]),
    (3, "blob", 14, &[8, 10]),
    (4, "set code", 13, &[8, 9]),
];
const LEGACY: &str = "legacy";
const LEGACY_FIELDS: usize = 9;
/// Which of them is `v`: from [`PROTECTED`] on it is that, twice the chain id and
/// the signature's parity (EIP-155), below it the transaction is for any chain.
const LEGACY_V: usize = 6;
const PROTECTED: u64 = 35;

fn check_field<'a>(item: Item<'a>, what: &str, field: Field) -> Result<(), Malformed> {
    match field {
        Field::Fixed(length) => item.fixed(what, length)?,
        Field::Integer(most) => item.integer(what, most)?,
        Field::Bytes => item.bytes(what)?,
    };
    Ok(())
}

/// A header whose fields have the right shape.
struct Fields<'a> {
    what: &'a str,
    raw: &'a [u8],
    items: Vec<Item<'a>>,
}

impl<'a> Fields<'a> {
    fn read(header: Item<'a>, what: &'a str) -> Result<Fields<'a>, Malformed> {
        let mut rest = header.items(what)?;
        let mut items = Vec::with_capacity(HEADER.len());
        for (name, _, field) in HEADER {
            if rest.is_empty() && items.len() >= OLDEST_HEADER {
                break;
            }
            let what = format!("{what}: {name}");
            let item = rest.next(&what)?;
            check_field(item, &what, field)?;
            items.push(item);
        }
        rest.end(&format!("{what}: its end after {} fields", HEADER.len()))?;
        Ok(Fields { what, raw: header.raw, items })
    }

    fn u64(&self, field: usize) -> Result<u64, Malformed> {
        self.items[field].u64(HEADER[field].0)
    }

    /// Checks that a field is this hash; `of` says whose it is.
    fn expect(&self, field: usize, hash: Hash, of: &str) -> Result<(), Malformed> {
        let item = self.items[field];
        if item.payload == hash {
            return Ok(());
        }
        let expected = format!("{}: {}: {}, {of}", self.what, HEADER[field].0, prefixed(&hash));
        Err(Malformed::new(item.offset, expected, prefixed(item.payload)))
    }

    /// What it says of its block, without the block's lists.
    fn facts(&self) -> Result<BlockFacts, Malformed> {
        let hash = |field: usize| prefixed(self.items[field].payload);
        Ok(BlockFacts {
            number: self.u64(fields::NUMBER)?,
            hash: prefixed(&keccak256(self.raw)),
            parent_hash: hash(fields::PARENT_HASH),
            state_root: hash(fields::STATE_ROOT),
            receipts_root: hash(fields::RECEIPTS_ROOT),
            timestamp: self.u64(fields::TIMESTAMP)?,
            mined: !self.items[fields::DIFFICULTY].payload.is_empty(),
            gas_limit: self.u64(fields::GAS_LIMIT)?,
            gas_used: self.u64(fields::GAS_USED)?,
            transactions: 0,
            transaction_types: BTreeMap::new(),
            withdrawals: None,
            signed_for: Vec::new(),
        })
    }
}

/// Checks a transaction's shape; returns the name of its type, and the id of the
/// chain that it is for if it says so.
fn check_transaction(
    transaction: Item,
    what: &str,
) -> Result<(&'static str, Option<u64>), Malformed> {
    if transaction.list {
        let v = check_fields(transaction, what, LEGACY_FIELDS, &[])?[LEGACY_V];
        let v = v.u64(&format!("{what}, field {LEGACY_V}"))?;
        return Ok((LEGACY, v.checked_sub(PROTECTED).map(|above| above / 2)));
    }
    let kind = transaction.payload.first().copied();
    let Some((_, name, fields, lists)) = TYPED.into_iter().find(|t| Some(t.0) == kind) else {
        let found = kind.map_or("nothing".into(), |kind| format!("{kind:#04x}"));
        let expected = format!("{what}: a transaction type from 0x01 to 0x04");
        return Err(Malformed::new(transaction.payload_offset(), expected, found));
    };
    let mut items = Items::at(&transaction.payload[1..], transaction.payload_offset() + 1);
    let body = items.next(what)?;
    items.end(&format!("{what}: its end after the list of its fields"))?;
    let chain_id = check_fields(body, what, fields, lists)?[0];
    Ok((name, Some(chain_id.u64(&format!("{what}, field 0"))?)))
}

/// A list of `count` fields, byte strings but for those that are `lists`.
fn check_fields<'a>(
    list: Item<'a>,
    what: &str,
    count: usize,
    lists: &[usize],
) -> Result<Vec<Item<'a>>, Malformed> {
    let mut items = list.items(what)?;
    let mut all = Vec::with_capacity(count);
    for i in 0..count {
        let what = format!("{what}, field {i}");
        let item = items.next(&what)?;
        if lists.contains(&i) {
            item.items(&what)?;
            item.well_formed(&what)?;
        } else {
            item.bytes(&what)?;
        }
        all.push(item);
    }
    items.end(&format!("{what}: its end after {count} fields"))?;
    Ok(all)
}

/// The withdrawals, each as it lies in the trie.
fn check_withdrawals(list: Item<'_>) -> Result<Vec<&[u8]>, Malformed> {
    let mut items = list.items("the withdrawals")?;
    let mut all = Vec::new();
    while !items.is_empty() {
        let what = format!("withdrawal {}", all.len());
        let withdrawal = items.next(&what)?;
        let mut fields = withdrawal.items(&what)?;
        for (name, _, field) in WITHDRAWAL {
            let what = format!("{what}: {name}");
            check_field(fields.next(&what)?, &what, field)?;
        }
        fields.end(&format!("{what}: its end after {} fields", WITHDRAWAL.len()))?;
        all.push(withdrawal.raw);
    }
    Ok(all)
}

/// Checks that the next part is a list of byte strings and counts them.
fn count_strings(parts: &mut Items, all: &str, one: &str) -> Result<usize, Malformed> {
    let mut items = parts.next(&format!("the list of {all}"))?.items(&format!("the {all}"))?;
    let mut count = 0;
    while !items.is_empty() {
        let what = format!("{one} {count}");
        items.next(&what)?.bytes(&what)?;
        count += 1;
    }
    Ok(count)
}

#[cfg(test)]
mod tests;
