//! Transactions in JSON, to the RLP that they were made from.

use super::expect_hash;
use crate::input::fields::Field::{self, Bytes, Fixed, Integer};
use crate::input::json::{At, Misfit};
use crate::input::rlp::{encode_list, encode_string};
use crate::input::roots::keccak256;

/// What a field of a transaction is.
#[derive(Clone, Copy)]
enum Kind {
    Plain(Field),
    /// An address, or nothing where a contract is created.
    Recipient,
    /// Zero or one; older nodes call it `v`.
    Parity,
    /// EIP-2930.
    AccessList,
    /// Hashes of blobs, EIP-4844.
    Hashes,
    /// EIP-7702.
    Authorizations,
}

use Kind::{AccessList, Authorizations, Hashes, Parity, Plain, Recipient};

type Fields = &'static [(&'static str, Kind)];

const NONCE: (&str, Kind) = ("nonce", Plain(Integer(8)));
const GAS: (&str, Kind) = ("gas", Plain(Integer(8)));
const GAS_PRICE: (&str, Kind) = ("gasPrice", Plain(Integer(32)));
const TIP: (&str, Kind) = ("maxPriorityFeePerGas", Plain(Integer(32)));
const FEE: (&str, Kind) = ("maxFeePerGas", Plain(Integer(32)));
const TO: (&str, Kind) = ("to", Plain(Fixed(20)));
const TO_OR_CREATE: (&str, Kind) = ("to", Recipient);
const VALUE: (&str, Kind) = ("value", Plain(Integer(32)));
const INPUT: (&str, Kind) = ("input", Plain(Bytes));
const CHAIN: (&str, Kind) = ("chainId", Plain(Integer(8)));
const ACCESS: (&str, Kind) = ("accessList", AccessList);
const PARITY: (&str, Kind) = ("yParity", Parity);
const V: (&str, Kind) = ("v", Plain(Integer(8)));
const R: (&str, Kind) = ("r", Plain(Integer(32)));
const S: (&str, Kind) = ("s", Plain(Integer(32)));
const BLOB_FEE: (&str, Kind) = ("maxFeePerBlobGas", Plain(Integer(32)));
const BLOBS: (&str, Kind) = ("blobVersionedHashes", Hashes);
const DELEGATIONS: (&str, Kind) = ("authorizationList", Authorizations);

/// The fields of each type in their order in RLP: legacy (EIP-155), EIP-2930,
/// 1559, 4844 (as in a block, without the blobs) and 7702.
const TYPES: [Fields; 5] = [
    &[NONCE, GAS_PRICE, GAS, TO_OR_CREATE, VALUE, INPUT, V, R, S],
    &[CHAIN, NONCE, GAS_PRICE, GAS, TO_OR_CREATE, VALUE, INPUT, ACCESS, PARITY, R, S],
    &[CHAIN, NONCE, TIP, FEE, GAS, TO_OR_CREATE, VALUE, INPUT, ACCESS, PARITY, R, S],
    &[CHAIN, NONCE, TIP, FEE, GAS, TO, VALUE, INPUT, ACCESS, BLOB_FEE, BLOBS, PARITY, R, S],
    &[CHAIN, NONCE, TIP, FEE, GAS, TO, VALUE, INPUT, ACCESS, DELEGATIONS, PARITY, R, S],
];

/// The fields of a delegation. One for another chain is valid and does nothing.
const AUTHORIZATION: Fields =
    &[("chainId", Plain(Integer(32))), ("address", Plain(Fixed(20))), NONCE, PARITY, R, S];

/// A transaction as it lies in the trie of a block: the list of its fields,
/// with the byte of its type before it where it has one.
pub fn encode(transaction: &At) -> Result<Vec<u8>, Misfit> {
    let kind = match transaction.optional("type")? {
        Some(field) => match field.number(1)?[..] {
            [] => 0,
            [kind] if usize::from(kind) < TYPES.len() => kind,
            _ => return field.refuse("a type of transaction from 0x0 to 0x4"),
        },
        None => 0,
    };
    let list = fields(transaction, TYPES[usize::from(kind)])?;
    let encoded = if kind == 0 { list } else { [vec![kind], list].concat() };
    if let Some(hash) = transaction.optional("hash")? {
        expect_hash(&hash, keccak256(&encoded), "the hash of the transaction's other fields")?;
    }
    Ok(encoded)
}

fn fields(object: &At, fields: Fields) -> Result<Vec<u8>, Misfit> {
    let one = |(name, kind): &(&str, Kind)| field(object, name, *kind);
    Ok(encode_list(&fields.iter().map(one).collect::<Result<Vec<_>, _>>()?))
}

/// The field with a signature's parity. Nodes give it under both names, and
/// older ones as `v` alone.
fn parity<'a>(object: &At<'a>, name: &str) -> Result<At<'a>, Misfit> {
    let Some(v) = object.optional("v")? else { return object.field(name, "a number") };
    let Some(parity) = object.optional(name)? else { return Ok(v) };
    if v.number(1)? != parity.number(1)? {
        return v.refuse(format!("what {name} is"));
    }
    Ok(parity)
}

/// The RLP of a field of an object.
fn field(object: &At, name: &str, kind: Kind) -> Result<Vec<u8>, Misfit> {
    let what = match kind {
        Plain(Fixed(_)) | Recipient => "an address",
        Plain(Integer(_)) | Parity => "a number",
        Plain(Bytes) => "bytes",
        AccessList | Hashes | Authorizations => "a list",
    };
    let field = match kind {
        Recipient => match object.optional(name)? {
            Some(address) => address,
            None => return Ok(encode_string(&[])),
        },
        Parity => parity(object, name)?,
        _ => object.field(name, what)?,
    };
    match kind {
        Plain(kind) => super::encode(&field, kind),
        Recipient => super::encode(&field, Fixed(20)),
        Parity => match field.number(1)?[..] {
            [] | [1] => super::encode(&field, Integer(1)),
            _ => field.refuse("0x0 or 0x1"),
        },
        AccessList => list(&field, access),
        Hashes => list(&field, |hash| super::encode(hash, Fixed(32))),
        Authorizations => list(&field, |object| fields(object, AUTHORIZATION)),
    }
}

fn list(field: &At, encode: impl Fn(&At) -> Result<Vec<u8>, Misfit>) -> Result<Vec<u8>, Misfit> {
    Ok(encode_list(&field.items()?.iter().map(encode).collect::<Result<Vec<_>, _>>()?))
}

/// An address and slots of its storage.
fn access(object: &At) -> Result<Vec<u8>, Misfit> {
    let address = super::encode(&object.field("address", "an address")?, Fixed(20))?;
    let slots = object.field("storageKeys", "a list")?;
    Ok(encode_list(&[address, list(&slots, |slot| super::encode(slot, Fixed(32)))?]))
}
