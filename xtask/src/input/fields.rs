//! The fields of headers and withdrawals, in their order in RLP, with the names
//! that nodes give them in JSON (the execution API's `Block` and `Withdrawal`).

/// What a field has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// A byte string of this length.
    Fixed(usize),
    /// An integer of at most so many bytes.
    Integer(usize),
    /// Any byte string.
    Bytes,
}

use Field::{Bytes, Fixed, Integer};

/// The fields of a header: name, name in JSON, kind. Those from
/// [`OLDEST_HEADER`] on came with later forks, one after the other.
pub const HEADER: [(&str, &str, Field); 23] = [
    ("parent hash", "parentHash", Fixed(32)),
    ("uncles hash", "sha3Uncles", Fixed(32)),
    ("beneficiary", "miner", Fixed(20)),
    ("state root", "stateRoot", Fixed(32)),
    ("transactions root", "transactionsRoot", Fixed(32)),
    ("receipts root", "receiptsRoot", Fixed(32)),
    ("logs bloom", "logsBloom", Fixed(256)),
    ("difficulty", "difficulty", Integer(32)),
    ("number", "number", Integer(8)),
    ("gas limit", "gasLimit", Integer(8)),
    ("gas used", "gasUsed", Integer(8)),
    ("timestamp", "timestamp", Integer(8)),
    ("extra data", "extraData", Bytes),
    ("mix hash", "mixHash", Fixed(32)),
    ("nonce", "nonce", Fixed(8)),
    ("base fee", "baseFeePerGas", Integer(32)),
    ("withdrawals root", "withdrawalsRoot", Fixed(32)),
    ("blob gas used", "blobGasUsed", Integer(8)),
    ("excess blob gas", "excessBlobGas", Integer(8)),
    ("parent beacon root", "parentBeaconBlockRoot", Fixed(32)),
    ("requests hash", "requestsHash", Fixed(32)),
    ("block access list hash", "blockAccessListHash", Fixed(32)),
    ("slot number", "slotNumber", Integer(8)),
];
/// How many fields every header has.
pub const OLDEST_HEADER: usize = 15;

pub const PARENT_HASH: usize = 0;
pub const UNCLES_HASH: usize = 1;
pub const STATE_ROOT: usize = 3;
pub const TRANSACTIONS_ROOT: usize = 4;
pub const RECEIPTS_ROOT: usize = 5;
pub const DIFFICULTY: usize = 7;
pub const NUMBER: usize = 8;
pub const GAS_LIMIT: usize = 9;
pub const GAS_USED: usize = 10;
pub const TIMESTAMP: usize = 11;
pub const WITHDRAWALS_ROOT: usize = 16;

/// The fields of a withdrawal (EIP-4895).
pub const WITHDRAWAL: [(&str, &str, Field); 4] = [
    ("index", "index", Integer(8)),
    ("validator", "validatorIndex", Integer(8)),
    ("address", "address", Fixed(20)),
    ("amount", "amount", Integer(8)),
];
