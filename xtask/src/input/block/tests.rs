use super::*;
use crate::input::samples::{self, list, string};
use crate::random::Random;

#[test]
fn facts_of_the_samples() {
    let facts = check_block(&samples::block(7)).expect("a block");
    let root = |digit: &str| format!("0x{}", format!("0{digit}").repeat(32));
    let types = ["legacy", "access list", "dynamic fee", "blob", "set code"];
    let expected = BlockFacts {
        number: 7,
        hash: prefixed(&keccak256(&list(&samples::block_header(7)))),
        parent_hash: prefixed(&keccak256(&list(&samples::header_fields(6)))),
        state_root: root("4"),
        receipts_root: root("6"),
        timestamp: 0x60,
        mined: false,
        gas_limit: 0x3000,
        gas_used: 0x5208,
        transactions: 5,
        transaction_types: types.map(|name| (name, 1)).into(),
        withdrawals: Some(1),
        signed_for: vec![SignedFor { chain_id: 1, transaction: 1, offset: 554 }],
    };
    assert_eq!(facts, expected);
    let facts = check_witness(&samples::witness(6), &facts).expect("a witness");
    assert_eq!(facts, WitnessFacts { headers: vec![6], codes: 1, nodes: 2 });
}

#[test]
fn facts_of_real_blocks() {
    for (name, block, witness) in samples::real() {
        let facts = check_block(&block).unwrap_or_else(|e| panic!("{name}: {e}"));
        let held = check_witness(&witness, &facts).unwrap_or_else(|e| panic!("{name}: {e}"));
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
    let mut fields = samples::block_header(7);
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
    let mut fields = samples::block_header(7);
    let hash = string(&[8; 32]);
    let later = [string(&[1]), string(&[]), hash.clone(), hash.clone(), hash, string(&[7])];
    fields.extend(later);
    fields.push(string(&[1]));
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
        (with_header_length(24), "offset 644: expected the block's header: its end after 23 fields, found 1 more bytes"),
        (with_header_length(16), "offset 584: expected the end of the block, found 26 more bytes"),
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
fn lists_that_are_not_the_headers() {
    let root = "found 0x05050505";
    let cases = [
        (
            with_field(4, string(&[5; 32])),
            "offset 126: expected the block's header: transactions root: 0xd7",
            root,
        ),
        (
            with_field(16, string(&[5; 32])),
            "offset 509: expected the block's header: withdrawals root: 0x",
            root,
        ),
        (
            with_field(1, string(&[5; 32])),
            "offset 39: expected the block's header: uncles hash: 0x1dcc4de8dec75d7a",
            root,
        ),
        (
            with_part(2, list(&[list(&samples::header_fields(6))])),
            "offset 39: expected the block's header: uncles hash: 0x",
            ", that of its uncles, found 0x1dcc4de8dec75d7a",
        ),
        (
            with_transaction(samples::transactions(1).remove(1)),
            "offset 126: expected the block's header: transactions root: 0x",
            ", that of its transactions, found 0x",
        ),
        (
            with_part(3, list(&[])),
            "offset 509: expected the block's header: withdrawals root: 0x56e81f171b",
            ", that of its withdrawals, found 0x",
        ),
    ];
    for (block, start, part) in cases {
        let error = check_block(&block).expect_err(start).to_string();
        assert!(error.starts_with(start) && error.contains(part), "{error}");
    }
}

#[test]
fn a_transaction_says_which_chain_it_is_for() {
    let legacy = |v: &[u8]| {
        let mut fields = vec![string(&[1]); 9];
        fields[6] = string(v);
        list(&fields)
    };
    let typed = samples::transactions(5).remove(2);
    for (transaction, chain_id) in [
        (legacy(&[27]), None),
        (legacy(&[28]), None),
        (legacy(&[37]), Some(1)),
        (legacy(&[38]), Some(1)),
        (legacy(&[0x01, 0x54, 0x6d, 0x72]), Some(11_155_111)),
        (typed, Some(5)),
    ] {
        let item = whole(&transaction, "it").expect("an item");
        assert_eq!(check_transaction(item, "it").expect("a transaction").1, chain_id);
    }
    let item = legacy(&[1; 9]);
    let error = check_transaction(whole(&item, "it").unwrap(), "it").expect_err("too large");
    assert!(error.to_string().contains("it, field 6: an integer of at most 8 bytes"), "{error}");
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
    let hash = |header: &[u8]| prefixed(&keccak256(header));
    let other_parent = format!(
        "offset 3: expected the header of block 6, the parent, with hash {}, found one with hash {}",
        hash(&header),
        hash(&list(&samples::block_header(6)))
    );
    let cases = [
        (list(&[]), "offset 1: expected the list of headers, found nothing more"),
        (list(&samples::witness_parts(6)[..3]), "offset 665: expected the list of keys, found nothing more"),
        (list(&five), "offset 666: expected the end of the witness after the keys, found 1 more bytes"),
        (with_part(0, list(&[])), "offset 2: expected the header of block 6, the parent, among the headers, found none"),
        (with_part(0, list(&[string(&header)])), "offset 6: expected header 0: a list, found a byte string of 539 bytes"),
        (samples::witness(5), "offset 3: expected the header of block 6, the parent, among the headers, found 5"),
        (with_part(0, list(&[list(&samples::header_fields(6)), list(&samples::header_fields(8))])), "offset 3: expected the header of block 6, the parent, as the newest, found that of block 8"),
        (with_part(0, list(&[list(&samples::block_header(6))])), &other_parent),
        (with_part(1, list(&[list(&[])])), "offset 546: expected code 0: a byte string, found a list of 0 bytes"),
        (with_part(2, string(&[1; 9])), "offset 550: expected the state nodes: a list, found a byte string of 9 bytes"),
        (with_part(2, list(&[string(&[2; 40]), list(&[])])), "offset 592: expected state node 1: a byte string, found a list of 0 bytes"),
        (with_part(3, list(&[vec![0x81, 0x05]])), "offset 666: expected key 0, found a single byte below 0x80 with a header"),
    ];
    let block = check_block(&samples::block(7)).expect("a block");
    check(&cases, |data| check_witness(data, &block).err());
}

fn check(cases: &[(Vec<u8>, &str)], of: impl Fn(&[u8]) -> Option<Malformed>) {
    let said = |data| of(data).map_or("accepted".into(), |e| e.to_string());
    let said: Vec<String> = cases.iter().map(|(data, _)| said(data)).collect();
    let expected: Vec<&str> = cases.iter().map(|(_, message)| *message).collect();
    assert_eq!(said, expected, "{}", said.join("\n"));
}

#[test]
fn no_mutation_panics() {
    let mut files = vec![("sample".to_string(), samples::block(7), samples::witness(6))];
    files.extend(samples::real());
    // The same mutations in each run.
    let mut random = Random::new(0x5743_5352);
    for (name, block, witness) in files {
        let facts = check_block(&block).expect("a block");
        let mut refused = 0;
        for i in 0..200 {
            let mut data = if i % 2 == 0 { block.clone() } else { witness.clone() };
            let at = random.below(data.len() as u64) as usize;
            match random.below(3) {
                0 => data[at] ^= 1 << random.below(8),
                1 => data.truncate(at),
                _ => drop(data.splice(at..at, [random.below(256) as u8])),
            }
            let error = if i % 2 == 0 {
                check_block(&data).err()
            } else {
                check_witness(&data, &facts).err()
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
    let facts = check_block(&block).expect("a block");
    for length in 0..block.len() {
        assert!(check_block(&block[..length]).is_err(), "{length} bytes");
    }
    for length in 0..witness.len() {
        assert!(check_witness(&witness[..length], &facts).is_err(), "{length} bytes");
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
    let Some((_, block, _)) = samples::real().into_iter().find(|r| r.0 == "hoodi-0x1192c3") else {
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
