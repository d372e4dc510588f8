//! The shape of a block and of its execution witness, as Ethereum writes them
//! in RLP: enough to refuse a wrong or damaged file where it goes wrong, before
//! a guest spends minutes on it. Whether the block is valid is the guest's to
//! say.
//!
//! Block: `[header, transactions, uncles, withdrawals?]`, go-ethereum's
//! `types.extblock`. Witness: `[headers, codes, state, keys]`, go-ethereum's
//! `stateless.ExtWitness`; the parent's header is among the first.

use alloy_rlp::{Encodable, Header};
use serde::Serialize;

use super::rlp::{whole, Item, Items, Malformed};
use crate::cache::hex;

/// What a header says of its block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BlockFacts {
    /// The block's number.
    pub number: u64,
    /// State root after the block, `0x` and 64 hex digits.
    pub state_root: String,
    /// Root of the receipts, `0x` and 64 hex digits.
    pub receipts_root: String,
    /// Gas that the block's transactions used.
    pub gas_used: u64,
    /// How many transactions it has.
    pub transactions: usize,
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

/// Checks the shape of a block.
pub fn check_block(data: &[u8]) -> Result<BlockFacts, Malformed> {
    let mut parts = whole(data, "a block")?.items("the block")?;
    let mut facts = check_header(parts.next("the block's header")?, "the block's header")?;
    let transactions = parts.next("the list of transactions")?;
    let mut items = transactions.items("the transactions")?;
    while !items.is_empty() {
        let what = format!("transaction {}", facts.transactions);
        check_transaction(items.next(&what)?, &what)?;
        facts.transactions += 1;
    }
    let mut uncles = parts.next("the list of uncles")?.items("the uncles")?;
    while !uncles.is_empty() {
        check_header(uncles.next("an uncle's header")?, "an uncle's header")?;
    }
    if !parts.is_empty() {
        check_withdrawals(parts.next("the list of withdrawals")?)?;
    }
    parts.end("the end of the block after the withdrawals")?;
    Ok(facts)
}

/// Checks the shape of the witness of a block with number `block`.
pub fn check_witness(data: &[u8], block: u64) -> Result<WitnessFacts, Malformed> {
    let mut parts = whole(data, "a witness")?.items("the witness")?;
    let headers = parts.next("the list of headers")?;
    let mut items = headers.items("the headers")?;
    let mut numbers = Vec::new();
    while !items.is_empty() {
        let what = format!("header {}", numbers.len());
        numbers.push(check_header(items.next(&what)?, &what)?.number);
    }
    let Some(parent) = block.checked_sub(1) else {
        return Err(Malformed::new(0, "the witness of a block with a parent", "that of block 0"));
    };
    if !numbers.contains(&parent) {
        let expected = format!("the header of block {parent}, the parent, among the headers");
        let list: Vec<String> = numbers.iter().map(u64::to_string).collect();
        let found = if list.is_empty() { "none".into() } else { list.join(", ") };
        return Err(Malformed::new(headers.offset, expected, found));
    }
    let codes = count_strings(&mut parts, "codes", "code")?;
    let nodes = count_strings(&mut parts, "state nodes", "state node")?;
    count_strings(&mut parts, "keys", "key")?;
    parts.end("the end of the witness after the keys")?;
    Ok(WitnessFacts { headers: numbers, codes, nodes })
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

/// What a field of a header or withdrawal has to be.
#[derive(Clone, Copy)]
enum Field {
    /// A byte string of this length.
    Fixed(usize),
    /// An integer of at most so many bytes.
    Integer(usize),
    /// Any byte string.
    Bytes,
}

/// The fields of a header; those from the sixteenth on came with later forks.
const HEADER: [(&str, Field); 21] = [
    ("parent hash", Field::Fixed(32)),
    ("uncles hash", Field::Fixed(32)),
    ("beneficiary", Field::Fixed(20)),
    ("state root", Field::Fixed(32)),
    ("transactions root", Field::Fixed(32)),
    ("receipts root", Field::Fixed(32)),
    ("logs bloom", Field::Fixed(256)),
    ("difficulty", Field::Integer(32)),
    ("number", Field::Integer(8)),
    ("gas limit", Field::Integer(8)),
    ("gas used", Field::Integer(8)),
    ("timestamp", Field::Integer(8)),
    ("extra data", Field::Bytes),
    ("mix hash", Field::Fixed(32)),
    ("nonce", Field::Fixed(8)),
    ("base fee", Field::Integer(32)),
    ("withdrawals root", Field::Fixed(32)),
    ("blob gas used", Field::Integer(8)),
    ("excess blob gas", Field::Integer(8)),
    ("parent beacon root", Field::Fixed(32)),
    ("requests hash", Field::Fixed(32)),
];
/// Fields of a header that every block has.
const OLDEST_HEADER: usize = 15;
const STATE_ROOT: usize = 3;
const RECEIPTS_ROOT: usize = 5;
const NUMBER: usize = 8;
const GAS_USED: usize = 10;

/// The fields of a withdrawal (EIP-4895).
const WITHDRAWAL: [(&str, Field); 4] = [
    ("index", Field::Integer(8)),
    ("validator", Field::Integer(8)),
    ("address", Field::Fixed(20)),
    ("amount", Field::Integer(8)),
];

/// How many fields a typed transaction has, and which are lists: EIP-2930,
/// 1559, 4844 (as in a block, without the blobs) and 7702.
const TYPED: [(u8, usize, &[usize]); 4] =
    [(1, 11, &[7]), (2, 12, &[8]), (3, 14, &[8, 10]), (4, 13, &[8, 9])];
const LEGACY_FIELDS: usize = 9;

fn check_field<'a>(item: Item<'a>, what: &str, field: Field) -> Result<(), Malformed> {
    match field {
        Field::Fixed(length) => item.fixed(what, length)?,
        Field::Integer(most) => item.integer(what, most)?,
        Field::Bytes => item.bytes(what)?,
    };
    Ok(())
}

/// The facts of a header, without transactions.
fn check_header(header: Item, what: &str) -> Result<BlockFacts, Malformed> {
    let mut items = header.items(what)?;
    let mut fields = Vec::with_capacity(HEADER.len());
    for (name, field) in HEADER {
        if items.is_empty() && fields.len() >= OLDEST_HEADER {
            break;
        }
        let what = format!("{what}: {name}");
        let item = items.next(&what)?;
        check_field(item, &what, field)?;
        fields.push(item);
    }
    items.end(&format!("{what}: its end after {} fields", HEADER.len()))?;
    Ok(BlockFacts {
        number: fields[NUMBER].u64("the block number")?,
        state_root: format!("0x{}", hex(fields[STATE_ROOT].payload)),
        receipts_root: format!("0x{}", hex(fields[RECEIPTS_ROOT].payload)),
        gas_used: fields[GAS_USED].u64("the gas used")?,
        transactions: 0,
    })
}

fn check_transaction(transaction: Item, what: &str) -> Result<(), Malformed> {
    if transaction.list {
        return check_fields(transaction, what, LEGACY_FIELDS, &[]);
    }
    let kind = transaction.payload.first().copied();
    let Some((_, fields, lists)) = TYPED.into_iter().find(|t| Some(t.0) == kind) else {
        let found = kind.map_or("nothing".into(), |kind| format!("{kind:#04x}"));
        let expected = format!("{what}: a transaction type from 0x01 to 0x04");
        return Err(Malformed::new(transaction.payload_offset(), expected, found));
    };
    let mut items = Items::at(&transaction.payload[1..], transaction.payload_offset() + 1);
    let body = items.next(what)?;
    items.end(&format!("{what}: its end after the list of its fields"))?;
    check_fields(body, what, fields, lists)
}

/// A list of `count` fields, byte strings but for those that are `lists`.
fn check_fields(list: Item, what: &str, count: usize, lists: &[usize]) -> Result<(), Malformed> {
    let mut items = list.items(what)?;
    for i in 0..count {
        let what = format!("{what}, field {i}");
        let item = items.next(&what)?;
        if lists.contains(&i) {
            item.items(&what)?;
            item.well_formed(&what)?;
        } else {
            item.bytes(&what)?;
        }
    }
    items.end(&format!("{what}: its end after {count} fields"))
}

fn check_withdrawals(list: Item) -> Result<(), Malformed> {
    let mut items = list.items("the withdrawals")?;
    for i in 0.. {
        if items.is_empty() {
            break;
        }
        let what = format!("withdrawal {i}");
        let mut fields = items.next(&what)?.items(&what)?;
        for (name, field) in WITHDRAWAL {
            let what = format!("{what}: {name}");
            check_field(fields.next(&what)?, &what, field)?;
        }
        fields.end(&format!("{what}: its end after {} fields", WITHDRAWAL.len()))?;
    }
    Ok(())
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
mod tests {
    use super::*;
    use crate::input::samples::{self, list, string};

    #[test]
    fn facts_of_the_samples() {
        let facts = check_block(&samples::block(7)).expect("a block");
        let root = |digit: &str| format!("0x{}", format!("0{digit}").repeat(32));
        let expected = BlockFacts {
            number: 7,
            state_root: root("4"),
            receipts_root: root("6"),
            gas_used: 0x5208,
            transactions: 5,
        };
        assert_eq!(facts, expected);
        let facts = check_witness(&samples::witness(6), 7).expect("a witness");
        assert_eq!(facts, WitnessFacts { headers: vec![6], codes: 1, nodes: 2 });
    }

    #[test]
    fn facts_of_real_blocks() {
        for (name, block, witness) in samples::real() {
            let facts = check_block(&block).unwrap_or_else(|e| panic!("{name}: {e}"));
            let held =
                check_witness(&witness, facts.number).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert!(held.headers.contains(&(facts.number - 1)), "{name}");
            match name.as_str() {
                "hoodi-0x1192c3" => assert_eq!((facts.number, facts.transactions), (0x1192c3, 1)),
                "mainnet-24628607" => {
                    assert_eq!((facts.number, facts.transactions), (24_628_607, 66));
                    assert_eq!((held.codes, held.nodes), (120, 3854));
                }
                _ => {}
            }
        }
    }

    #[test]
    fn the_payload_is_a_list_of_three() {
        let payload = payload(560_048, &samples::block(7), &samples::witness(6));
        let mut items = whole(&payload, "a payload").unwrap().items("the payload").unwrap();
        assert_eq!(items.next("the chain id").unwrap().u64("the chain id").unwrap(), 560_048);
        assert!(items.next("the block").unwrap().list);
        assert!(items.next("the witness").unwrap().list);
        assert!(items.is_empty());
    }

    /// A block whose header's field `index` is `field`.
    fn with_field(index: usize, field: Vec<u8>) -> Vec<u8> {
        let mut fields = samples::header_fields(7);
        fields[index] = field;
        with_part(0, list(&fields))
    }

    fn with_part(index: usize, part: Vec<u8>) -> Vec<u8> {
        let mut parts = samples::block_parts(7);
        parts[index] = part;
        list(&parts)
    }

    fn with_transaction(transaction: Vec<u8>) -> Vec<u8> {
        with_part(1, list(&[transaction]))
    }

    fn with_header_length(length: usize) -> Vec<u8> {
        let mut fields = samples::header_fields(7);
        let later = [string(&[1]), string(&[]), string(&[8; 32]), string(&[9; 32]), string(&[1])];
        fields.extend(later);
        fields.truncate(length);
        with_part(0, list(&fields))
    }

    fn changed(mut bytes: Vec<u8>, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        change(&mut bytes);
        bytes
    }

    #[test]
    fn malformed_blocks_and_headers() {
        let block = samples::block(7);
        let cases = [
            (Vec::new(), "offset 0: expected a block, found nothing more"),
            (string(b"no"), "offset 0: expected the block: a list, found a byte string of 2 bytes"),
            (block[..block.len() - 1].to_vec(), "offset 0: expected a block, found an item that is longer than the 642 bytes left"),
            (changed(block.clone(), |b| b.push(0)), "offset 643: expected the end of the file, found 1 more bytes"),
            (changed(block.clone(), |b| b[1] = 0), "offset 0: expected a block, found a length with leading zeros"),
            (list(&[]), "offset 1: expected the block's header, found nothing more"),
            (with_part(0, list(&[])), "offset 3: expected the block's header: parent hash, found nothing more"),
            (with_field(0, string(&[1; 31])), "offset 6: expected the block's header: parent hash: a byte string of 32 bytes, found a byte string of 31 bytes"),
            (with_field(2, list(&[])), "offset 72: expected the block's header: beneficiary: a byte string of 20 bytes, found a list of 0 bytes"),
            (with_field(6, string(&[0; 255])), "offset 192: expected the block's header: logs bloom: a byte string of 256 bytes, found a byte string of 255 bytes"),
            (with_field(8, vec![0]), "offset 452: expected the block's header: number: an integer, found an integer with leading zeros"),
            (with_field(8, string(&[1; 9])), "offset 452: expected the block's header: number: an integer of at most 8 bytes, found a byte string of 9 bytes"),
            (with_field(12, list(&[])), "offset 460: expected the block's header: extra data: a byte string, found a list of 0 bytes"),
            (with_header_length(14), "offset 499: expected the block's header: nonce, found nothing more"),
            (with_header_length(22), "offset 610: expected the block's header: its end after 21 fields, found 1 more bytes"),
        ];
        check(&cases, |data| check_block(data).err());
    }

    #[test]
    fn malformed_bodies() {
        let deep = (0..9).fold(list(&[]), |inner, _| list(&[inner]));
        let mut access = vec![string(&[1]); 11];
        access[7] = deep;
        let deep = string(&[vec![1], list(&access)].concat());
        let short = string(&[vec![2], list(&[string(&[1])])].concat());
        let cases = [
            (with_part(1, string(b"abc")), "offset 542: expected the transactions: a list, found a byte string of 3 bytes"),
            (with_transaction(string(&[5, 0xc0])), "offset 544: expected transaction 0: a transaction type from 0x01 to 0x04, found 0x05"),
            (with_transaction(string(&[])), "offset 544: expected transaction 0: a transaction type from 0x01 to 0x04, found nothing"),
            (with_transaction(string(&[1])), "offset 544: expected transaction 0, found nothing more"),
            (with_transaction(string(&[1, 0xc0, 0])), "offset 546: expected transaction 0: its end after the list of its fields, found 1 more bytes"),
            (with_transaction(short), "offset 547: expected transaction 0, field 1, found nothing more"),
            (with_transaction(list(&[])), "offset 544: expected transaction 0, field 0, found nothing more"),
            (with_transaction(list(&vec![string(&[1]); 10])), "offset 553: expected transaction 0: its end after 9 fields, found 1 more bytes"),
            (with_transaction(deep), "offset 561: expected transaction 0, field 7: at most 8 lists within each other, found a list of 1 bytes"),
            (with_part(2, list(&[list(&[])])), "offset 618: expected an uncle's header: parent hash, found nothing more"),
            (with_part(3, list(&[list(&[string(&[1])])])), "offset 620: expected withdrawal 0: validator, found nothing more"),
        ];
        check(&cases, |data| check_block(data).err());
    }

    #[test]
    fn malformed_witnesses() {
        let with_part = |index: usize, part: Vec<u8>| {
            let mut parts = samples::witness_parts(6);
            parts[index] = part;
            list(&parts)
        };
        let mut five = samples::witness_parts(6);
        five.push(list(&[]));
        let header = list(&samples::header_fields(6));
        let cases = [
            (list(&[]), "offset 1: expected the list of headers, found nothing more"),
            (list(&samples::witness_parts(6)[..3]), "offset 665: expected the list of keys, found nothing more"),
            (list(&five), "offset 666: expected the end of the witness after the keys, found 1 more bytes"),
            (with_part(0, list(&[])), "offset 2: expected the header of block 6, the parent, among the headers, found none"),
            (with_part(0, list(&[string(&header)])), "offset 6: expected header 0: a list, found a byte string of 539 bytes"),
            (samples::witness(5), "offset 3: expected the header of block 6, the parent, among the headers, found 5"),
            (with_part(1, list(&[list(&[])])), "offset 546: expected code 0: a byte string, found a list of 0 bytes"),
            (with_part(2, string(&[1; 9])), "offset 550: expected the state nodes: a list, found a byte string of 9 bytes"),
            (with_part(2, list(&[string(&[2; 40]), list(&[])])), "offset 592: expected state node 1: a byte string, found a list of 0 bytes"),
            (with_part(3, list(&[vec![0x81, 0x05]])), "offset 666: expected key 0, found a single byte below 0x80 with a header"),
        ];
        check(&cases, |data| check_witness(data, 7).err());
    }

    fn check(cases: &[(Vec<u8>, &str)], of: impl Fn(&[u8]) -> Option<Malformed>) {
        let said = |data| of(data).map_or("accepted".into(), |e| e.to_string());
        let said: Vec<String> = cases.iter().map(|(data, _)| said(data)).collect();
        let expected: Vec<&str> = cases.iter().map(|(_, message)| *message).collect();
        assert_eq!(said, expected, "{}", said.join("\n"));
    }

    /// Marsaglia's xorshift: the same mutations on every machine.
    struct Random(u64);

    impl Random {
        fn below(&mut self, end: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            (self.0 % end as u64) as usize
        }
    }

    #[test]
    fn no_mutation_panics() {
        let mut files = vec![("sample".to_string(), samples::block(7), samples::witness(6))];
        files.extend(samples::real());
        let mut random = Random(0x5743_5352);
        for (name, block, witness) in files {
            let mut refused = 0;
            for i in 0..200 {
                let mut data = if i % 2 == 0 { block.clone() } else { witness.clone() };
                let at = random.below(data.len());
                match random.below(3) {
                    0 => data[at] ^= 1 << random.below(8),
                    1 => data.truncate(at),
                    _ => drop(data.splice(at..at, [random.below(256) as u8])),
                }
                let error = if i % 2 == 0 {
                    check_block(&data).err()
                } else {
                    check_witness(&data, 7).err()
                };
                if let Some(error) = error {
                    assert!(error.offset <= data.len(), "{name}: {error}");
                    refused += 1;
                }
            }
            assert!(refused >= 120, "{name}: only {refused} of 200 mutations were refused");
        }
    }

    #[test]
    fn every_truncation_of_a_block_is_refused() {
        let (block, witness) = (samples::block(7), samples::witness(6));
        for length in 0..block.len() {
            assert!(check_block(&block[..length]).is_err(), "{length} bytes");
        }
        for length in 0..witness.len() {
            assert!(check_witness(&witness[..length], 7).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn mutations_of_real_files() {
        // In the block of hoodi 0x1192c3: offset and new byte of what is
        // changed, and where and why it is refused.
        let cases = [
            (0, 0x80, "offset 1: expected the end of the file, found 1367 more bytes"),
            (2, 0x54, "offset 1367: expected the end of the file, found 1 more bytes"),
            (2, 0x56, "offset 0: expected a block, found an item that is longer than the 1368"),
            (6, 0x9f, "offset 6: expected the block's header: parent hash: a byte string of 32"),
            (452, 0xc3, "offset 452: expected the block's header: number: an integer of at most 8"),
            (650, 0x07, "offset 650: expected transaction 0: a transaction type"),
            (804, 0x80, "offset 804: expected the uncles: a list, found a byte string of 0 bytes"),
            (808, 0x80, "offset 808: expected withdrawal 0: a list, found a byte string of 0"),
        ];
        let Some((_, block, _)) = samples::real().into_iter().find(|r| r.0 == "hoodi-0x1192c3")
        else {
            eprintln!("../shared/inputs is not there: its blocks are not tried");
            return;
        };
        for (offset, byte, message) in cases {
            let mut data = block.clone();
            data[offset] = byte;
            let error = check_block(&data).expect_err(message).to_string();
            assert!(error.starts_with(message), "{message}\n{error}");
        }
    }
}
