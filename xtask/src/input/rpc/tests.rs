use serde_json::{json, Value};

use super::*;
use crate::input::samples;

/// A number, or bytes, as they stand in RLP.
fn s(bytes: &[u8]) -> Vec<u8> {
    encode_string(bytes)
}

fn l(items: &[Vec<u8>]) -> Vec<u8> {
    encode_list(items)
}

const TO: [u8; 20] = [0x70; 20];
const SLOT: [u8; 32] = [0x51; 32];

/// One transaction of each type as it lies in the trie, put together by hand
/// in the order of its EIP, and as a node gives it.
fn transactions() -> Vec<(Vec<u8>, Value)> {
    let to = prefixed(&TO);
    let (access, access_json) = (
        l(&[l(&[s(&TO), l(&[s(&SLOT), s(&SLOT)])])]),
        json!([{"address": to, "storageKeys": [prefixed(&SLOT), prefixed(&SLOT)]}]),
    );
    let signature = [s(&[]), s(&[2]), s(&[3; 32])];
    let common = json!({
        "chainId": "0x88bb0", "nonce": "0x1", "gas": "0x5208", "to": to, "value": "0x0",
        "input": "0xabcd", "accessList": [], "yParity": "0x0", "v": "0x0", "r": "0x2",
        "s": prefixed(&[3; 32]), "from": to, "blockNumber": "0x7", "transactionIndex": "0x0",
    });
    let with = |kind: u8, more: Value| {
        let mut object = common.clone();
        let fields = object.as_object_mut().unwrap();
        fields.insert("type".into(), format!("{kind:#x}").into());
        fields.extend(more.as_object().unwrap().clone());
        object
    };
    let typed = |kind: u8, fields: &[Vec<u8>], more: Value| {
        let fields = [fields, &signature[..]].concat();
        ([vec![kind], l(&fields)].concat(), with(kind, more))
    };
    let (chain, nonce, gas, value) = (s(&[8, 0x8b, 0xb0]), s(&[1]), s(&[0x52, 8]), s(&[]));
    let [to, input, tip, fee, none] = [s(&TO), s(&[0xab, 0xcd]), s(&[5]), s(&[6]), l(&[])];
    let fees = json!({"maxPriorityFeePerGas": "0x5", "maxFeePerGas": "0x6", "gasPrice": "0x9"});
    let with_fees = |more: Value| {
        let mut fees = fees.clone();
        fees.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        fees
    };
    let head = |price: &[Vec<u8>]| [&[chain.clone(), nonce.clone()], price].concat();
    let body = |to: &Vec<u8>, access: &Vec<u8>| {
        [&gas, to, &value, &input, access].map(Vec::clone).to_vec()
    };
    let dynamic = head(&[tip, fee.clone()]);
    let legacy = [&nonce, &fee, &gas, &s(&[]), &value, &input, &s(&[0x1b])].map(Vec::clone);
    let legacy_json = json!({"gasPrice": "0x6", "v": "0x1b", "to": null});
    let authorization = l(&[s(&[]), to.clone(), s(&[9]), s(&[1]), s(&[2]), s(&[3])]);
    let authorization_json = json!([{"chainId": "0x0", "address": prefixed(&TO), "nonce": "0x9",
        "yParity": "0x1", "r": "0x2", "s": "0x3"}]);
    vec![
        (l(&[&legacy[..], &signature[1..]].concat()), with(0, legacy_json)),
        typed(
            1,
            &[head(std::slice::from_ref(&fee)), body(&to, &access)].concat(),
            json!({"gasPrice": "0x6", "accessList": access_json}),
        ),
        typed(2, &[dynamic.clone(), body(&s(&[]), &none)].concat(), with_fees(json!({"to": null}))),
        typed(
            3,
            &[dynamic.clone(), body(&to, &none), vec![s(&[7]), l(&[s(&SLOT)])]].concat(),
            with_fees(json!({"maxFeePerBlobGas": "0x7", "blobVersionedHashes": [prefixed(&SLOT)]})),
        ),
        typed(
            4,
            &[dynamic.clone(), body(&to, &none), vec![l(&[authorization])]].concat(),
            with_fees(json!({"authorizationList": authorization_json})),
        ),
    ]
}

/// A header's fields and its object; `length` fields are there.
fn header_sample(number: u8, parent: &[u8], length: usize) -> (Vec<Vec<u8>>, Value) {
    let mut fields = samples::header_fields(number);
    fields[0] = s(parent);
    fields[2] = s(&TO);
    let hash = s(&SLOT);
    fields.extend([s(&[1]), s(&[]), hash.clone(), hash.clone(), hash, s(&[7])]);
    fields.truncate(length);
    let mut object = serde_json::Map::new();
    for (field, (_, name, kind)) in fields.iter().zip(HEADER) {
        let payload = super::super::rlp::whole(field, name).unwrap().payload;
        let mut text = prefixed(payload);
        if matches!(kind, Field::Integer(_)) {
            let digits = text[2..].trim_start_matches('0');
            text = format!("0x{}", if digits.is_empty() { "0" } else { digits });
        }
        object.insert(name.into(), text.into());
    }
    object.insert("hash".into(), prefixed(&keccak256(&l(&fields))).into());
    (fields, object.into())
}

/// The fields of a block's header.
fn header_of(block: &Value) -> Vec<Vec<u8>> {
    let there = HEADER.into_iter().filter(|(_, name, _)| block.get(name).is_some());
    there.map(|(_, name, kind)| encode(&At::root(&block[name]), kind).unwrap()).collect()
}

/// A block with a header of so many fields, in RLP and JSON.
pub fn block_sample(length: usize) -> (Vec<u8>, Value) {
    let (parent, _) = header_sample(6, &[9; 32], length);
    let (mut fields, mut object) = header_sample(7, &keccak256(&l(&parent)), length);
    let transactions = transactions();
    let in_trie: Vec<&[u8]> = transactions.iter().map(|(rlp, _)| rlp.as_slice()).collect();
    let withdrawal = l(&[s(&[1]), s(&[2]), s(&TO), s(&[4])]);
    let mut set = |field: usize, hash: Hash| {
        fields[field] = s(&hash);
        object[HEADER[field].1] = prefixed(&hash).into();
    };
    set(fields::UNCLES_HASH, keccak256(&l(&[])));
    set(fields::TRANSACTIONS_ROOT, list_root(&in_trie));
    if length > fields::WITHDRAWALS_ROOT {
        set(fields::WITHDRAWALS_ROOT, list_root(&[&withdrawal]));
        object["withdrawals"] = json!([{"index": "0x1", "validatorIndex": "0x2",
            "address": prefixed(&TO), "amount": "0x4"}]);
    }
    object["hash"] = prefixed(&keccak256(&l(&fields))).into();
    object["uncles"] = json!([]);
    object["size"] = "0x1234".into();
    let hashed = |(rlp, mut object): (Vec<u8>, Value)| {
        object["hash"] = prefixed(&keccak256(&rlp)).into();
        object
    };
    let in_block = |(i, rlp): (usize, &&[u8])| if i == 0 { rlp.to_vec() } else { s(rlp) };
    let list: Vec<Vec<u8>> = in_trie.iter().enumerate().map(in_block).collect();
    let mut parts = vec![l(&fields), l(&list), l(&[])];
    if length > fields::WITHDRAWALS_ROOT {
        parts.push(l(&[withdrawal]));
    }
    object["transactions"] = transactions.into_iter().map(hashed).collect();
    (l(&parts), object)
}

/// The witness of the sample block, in RLP, and its parts in JSON with headers
/// as objects.
pub fn witness_sample(length: usize) -> (Vec<u8>, Value) {
    let (header, object) = header_sample(6, &[9; 32], length);
    let nodes = [s(&[0xc0; 40]), s(&[0xc1; 70])];
    let rlp = l(&[l(&[l(&header)]), l(&[s(&[0x60; 3])]), l(&nodes), l(&[])]);
    let json = json!({
        "headers": [object], "codes": [prefixed(&[0x60; 3])],
        "state": [prefixed(&[0xc0; 40]), prefixed(&[0xc1; 70])], "keys": null,
    });
    (rlp, json)
}

#[test]
fn blocks_of_every_fork_become_their_rlp() {
    // As many fields as a header has in Paris, Shanghai, Cancun, Prague, Amsterdam.
    for length in [16, 17, 20, 21, 23] {
        let (rlp, json) = block_sample(length);
        assert_eq!(block(&json).map_err(|e| e.to_string()), Ok(rlp.clone()), "{length} fields");
        let reply = json!({"jsonrpc": "2.0", "id": 1, "result": json});
        assert_eq!(block(&reply), Ok(rlp.clone()));
        let facts = super::block::check_block(&rlp).expect("a block");
        let (rlp, json) = witness_sample(length);
        assert_eq!(witness(&json, &facts), Ok(rlp), "{length} fields");
    }
}

#[test]
fn what_nodes_do_differently_is_the_same_block() {
    type Change = fn(&mut Value);
    let changes: &[Change] = &[
        |b| drop(b["transactions"][0].as_object_mut().unwrap().remove("type")),
        |b| drop(b["transactions"][2].as_object_mut().unwrap().remove("yParity")),
        |b| drop(b["transactions"][2].as_object_mut().unwrap().remove("v")),
        |b| drop(b["transactions"][0].as_object_mut().unwrap().remove("to")),
        |b| drop(b["transactions"][1].as_object_mut().unwrap().remove("hash")),
        |b| b["transactions"][0]["r"] = "0x0000000000000002".into(),
        |b| b["totalDifficulty"] = "0xc70d815d562d3cfa955".into(),
        |b| b["slotNumber"] = Value::Null,
    ];
    for (i, change) in changes.iter().enumerate() {
        let (rlp, mut json) = block_sample(21);
        change(&mut json);
        assert_eq!(block(&json), Ok(rlp), "change {i}");
    }
}

#[test]
fn every_form_of_a_witness_is_the_same_witness() {
    let facts = super::block::check_block(&block_sample(21).0).expect("a block");
    let (rlp, object) = witness_sample(21);
    let map = |list: &Value| {
        let entry = |bytes: &Value| {
            let at = At::root(bytes);
            (prefixed(&keccak256(&at.bytes().unwrap())), bytes.clone())
        };
        list.as_array().unwrap().iter().map(entry).collect::<serde_json::Map<_, _>>()
    };
    let mut as_rlp = object.clone();
    as_rlp["headers"] = json!([prefixed(&l(&header_sample(6, &[9; 32], 21).0))]);
    let mut maps = as_rlp.clone();
    maps["state"] = map(&object["state"]).into();
    maps["codes"] = map(&object["codes"]).into();
    maps["keys"] = json!({});
    for form in [object, as_rlp, maps] {
        assert_eq!(witness(&form, &facts), Ok(rlp.clone()), "{form}");
        assert_eq!(witness(&json!({"result": form}), &facts), Ok(rlp.clone()));
    }
}

/// Puts `value` at a JSON pointer and compares how the refusal begins.
fn check(
    sample: &Value,
    cases: &[(&str, Value, &str)],
    convert: impl Fn(&Value) -> Result<Vec<u8>, Misfit>,
) {
    for (pointer, value, message) in cases {
        let mut changed = sample.clone();
        match changed.pointer_mut(pointer) {
            Some(place) => *place = value.clone(),
            None => changed[&pointer[1..]] = value.clone(),
        }
        let error = convert(&changed).expect_err(message).to_string();
        assert!(error.starts_with(message), "{pointer}\n{message}\n{error}");
    }
}

#[test]
fn broken_blocks_are_refused_with_the_place() {
    let (_, sample) = block_sample(21);
    let hash = sample["transactions"][0]["hash"].clone();
    let other = prefixed(&SLOT);
    let cases = [
        ("", json!([1]), "$: expected an object, found a list of 1"),
        ("", json!({"result": null}), "$.result: expected a block, found null: the node does not have it"),
        ("", json!({"error": {"message": "not so fast"}}), "$.error: expected a block, found the node's error \"not so fast\""),
        ("", json!({"result": {}}), "$.result.parentHash: expected parent hash, found nothing"),
        ("/hash", other.clone().into(), "$.hash: expected 0x"),
        ("/hash", Value::Null, "$.hash: expected the hash of the header, found nothing"),
        ("/gasUsed", "0x5209".into(), "$.hash: expected 0x"),
        ("/gasUsed", 21000.into(), "$.gasUsed: expected a number of at most 8 bytes, such as 0x1b, found 21000"),
        ("/miner", "0x70".into(), "$.miner: expected 20 bytes, found 1"),
        ("/stateRoot", Value::Null, "$.stateRoot: expected state root, found nothing"),
        ("/blobGasUsed", Value::Null, "$.excessBlobGas: expected no excess blob gas without blobGasUsed, found it"),
        ("/transactions", json!("0x"), "$.transactions: expected a list, found \"0x\""),
        ("/transactions/1", hash, "$.transactions[1]: expected a transaction, found its hash alone"),
        ("/transactions/3", sample["transactions"][2].clone(), "$.transactionsRoot: expected 0x"),
        ("/transactions/3/type", "0x7f".into(), "$.transactions[3].type: expected a type of transaction from 0x0 to 0x4, found \"0x7f\""),
        ("/transactions/0/v", "27".into(), "$.transactions[0].v: expected a number of at most 8 bytes, such as 0x1b, found \"27\""),
        ("/transactions/3/to", Value::Null, "$.transactions[3].to: expected an address, found nothing"),
        ("/transactions/3/v", "0x1".into(), "$.transactions[3].v: expected what yParity is, found \"0x1\""),
        ("/transactions/3/yParity", "0x2".into(), "$.transactions[3].v: expected what yParity is, found \"0x0\""),
        ("/transactions/4/authorizationList/0/yParity", "0x2".into(), "$.transactions[4].authorizationList[0].yParity: expected 0x0 or 0x1, found \"0x2\""),
        ("/transactions/2/input", "0xabc".into(), "$.transactions[2].input: expected bytes: 0x and an even number"),
        ("/transactions/2/nonce", "0x2".into(), "$.transactions[2].hash: expected 0x"),
        ("/transactions/1/accessList/0/storageKeys/1", "0x1".into(), "$.transactions[1].accessList[0].storageKeys[1]: expected 32 bytes"),
        ("/transactions/4/authorizationList/0/nonce", Value::Null, "$.transactions[4].authorizationList[0].nonce: expected a number, found nothing"),
        ("/uncles", json!([other]), "$.uncles: expected no uncles, as in blocks after the merge, found a list of 1"),
        ("/withdrawals", Value::Null, "$.withdrawals: expected a list of withdrawals, found nothing"),
        ("/withdrawals", json!([]), "$.withdrawalsRoot: expected 0x56e81f17"),
        ("/withdrawals/0/amount", "0x5".into(), "$.withdrawalsRoot: expected 0x"),
        ("/withdrawals/0/address", json!({}), "$.withdrawals[0].address: expected 20 bytes: 0x and 40 digits, found an object"),
    ];
    check(&sample, &cases, block);
    for uncles in [json!([]), Value::Null] {
        let mut changed = sample.clone();
        changed["uncles"] = uncles;
        // As the header of a block with uncles says.
        changed["sha3Uncles"] = other.clone().into();
        let mut header = header_of(&changed);
        header[fields::UNCLES_HASH] = s(&SLOT);
        changed["hash"] = prefixed(&keccak256(&l(&header))).into();
        let error = block(&changed).expect_err("uncles that are not there");
        let message =
            "$.sha3Uncles: expected 0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a1\
                       42fd40d49347, that of no uncles, found 0x5151";
        assert!(error.to_string().starts_with(message), "{error}");
        assert_eq!(error.hint, Some(UNCLES));
    }
    let mut hashes = sample.clone();
    hashes["transactions"] = json!([prefixed(&SLOT)]);
    assert_eq!(block(&hashes).expect_err("hashes").hint, Some(FULL));
}

#[test]
fn broken_witnesses_are_refused_with_the_place() {
    let facts = super::block::check_block(&block_sample(21).0).expect("a block");
    let (_, sample) = witness_sample(21);
    let other = header_sample(6, &[8; 32], 21).1;
    let cases = [
        ("/headers", json!([]), "$.headers: expected the header of block 6, the parent, among the headers, found none"),
        ("/headers", Value::Null, "$.headers: expected a list of headers, found nothing"),
        ("/headers/0", other, "$.headers: expected the header of block 6, the parent, with hash 0x"),
        ("/headers/0/timestamp", "0x61".into(), "$.headers[0].hash: expected 0x"),
        ("/headers/0", "0xc0".into(), "$.headers[0]: expected the header: parent hash at offset 1 of the RLP, found nothing more"),
        ("/headers/0", "0xc".into(), "$.headers[0]: expected bytes: "),
        ("/state", Value::Null, "$.state: expected a list of trie nodes, found nothing"),
        ("/state/1", 7.into(), "$.state[1]: expected bytes: 0x and an even number of hexadecimal digits, found 7"),
        ("/codes", json!({"0x00": "0x6060"}), "$.codes[\"0x00\"]: expected bytes with this hash, found some with hash 0x"),
        ("/keys", "0x".into(), "$.keys: expected a list, found \"0x\""),
    ];
    check(&sample, &cases, |json| witness(json, &facts));
}

/// Whatever is taken away or put elsewhere: an error or the same block, and
/// never a panic.
#[test]
fn no_mutation_of_a_block_panics_or_gives_another_block() {
    fn pointers(value: &Value, here: String, all: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                map.iter().for_each(|(name, v)| pointers(v, format!("{here}/{name}"), all));
            }
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(i, v)| pointers(v, format!("{here}/{i}"), all));
            }
            _ => {}
        }
        all.push(here);
    }
    let (rlp, sample) = block_sample(21);
    let mut places = Vec::new();
    pointers(&sample, String::new(), &mut places);
    let others = [json!(null), json!(true), json!("0x"), json!("0x1"), json!([]), json!({})];
    let mut refused = 0;
    for place in &places {
        for other in &others {
            let mut changed = sample.clone();
            *changed.pointer_mut(place).expect("a place") = other.clone();
            match block(&changed) {
                Ok(made) => assert_eq!(made, rlp, "{place} {other}"),
                Err(error) => {
                    assert!(error.to_string().starts_with('$'), "{error}");
                    refused += 1;
                }
            }
        }
    }
    assert!(refused > 3 * places.len(), "{refused} of {} places", places.len());
}
