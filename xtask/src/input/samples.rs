//! Small blocks and witnesses for tests, made by hand, and where real ones lie.

use std::path::PathBuf;

pub use super::rlp::{encode_list as list, encode_string as string};
use super::roots::{keccak256, list_root};

/// The chain of the blocks that have none of their own.
pub const CHAIN_ID: u64 = 1;

/// The fields of a header with a number below 128; hashes are of one byte each,
/// so that it belongs to no block.
pub fn header_fields(number: u8) -> Vec<Vec<u8>> {
    let hash = |byte: u8| string(&[byte; 32]);
    vec![
        hash(1),
        hash(2),
        string(&[3; 20]),
        hash(4),
        hash(5),
        hash(6),
        string(&[0; 256]),
        string(&[]),
        string(&[number]),
        string(&[0x30, 0]),
        string(&[0x52, 0x08]),
        string(&[0x60]),
        string(b"extra"),
        hash(7),
        string(&[0; 8]),
        string(&[9]),
        hash(8),
    ]
}

/// A legacy transaction for any chain, and one of each type for this one.
pub fn transactions(chain_id: u64) -> Vec<Vec<u8>> {
    let typed = |kind: u8, fields: usize, lists: &[usize]| {
        let field = |i| if lists.contains(&i) { list(&[]) } else { string(&[1]) };
        let fields = (1..fields).map(field);
        let body =
            list(&[alloy_rlp::encode(chain_id)].into_iter().chain(fields).collect::<Vec<_>>());
        string(&[vec![kind], body].concat())
    };
    vec![
        list(&vec![string(&[1]); 9]),
        typed(1, 11, &[7]),
        typed(2, 12, &[8]),
        typed(3, 14, &[8, 10]),
        typed(4, 13, &[8, 9]),
    ]
}

/// The header of a block whose parent has the header of `header_fields`.
pub fn block_header(number: u8) -> Vec<Vec<u8>> {
    header_with(number, &transactions(CHAIN_ID))
}

fn header_with(number: u8, transactions: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut fields = header_fields(number);
    fields[0] = string(&keccak256(&list(&header_fields(number - 1))));
    // A typed transaction lies in the trie without the header of its string.
    let bare = |tx: &Vec<u8>| if tx[0] >= 0xc0 { 0 } else { 1 };
    let bare: Vec<&[u8]> = transactions.iter().map(|tx| &tx[bare(tx)..]).collect();
    fields[1] = string(&keccak256(&list(&[])));
    fields[4] = string(&list_root(&bare));
    fields[16] = string(&list_root(&[&withdrawal()]));
    fields
}

fn withdrawal() -> Vec<u8> {
    list(&[string(&[1]), string(&[2]), string(&[3; 20]), string(&[4])])
}

/// The parts of a block: header, transactions, uncles, withdrawals.
pub fn block_parts(number: u8) -> Vec<Vec<u8>> {
    parts_with(number, &transactions(CHAIN_ID))
}

fn parts_with(number: u8, transactions: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let header = list(&header_with(number, transactions));
    vec![header, list(transactions), list(&[]), list(&[withdrawal()])]
}

/// A block.
pub fn block(number: u8) -> Vec<u8> {
    block_on(CHAIN_ID, number)
}

/// A block of the chain with this id.
pub fn block_on(chain_id: u64, number: u8) -> Vec<u8> {
    list(&parts_with(number, &transactions(chain_id)))
}

/// The parts of a witness that has one header: headers, codes, state, keys.
pub fn witness_parts(header: u8) -> Vec<Vec<u8>> {
    vec![
        list(&[list(&header_fields(header))]),
        list(&[string(&[0x60; 3])]),
        list(&[string(&[0xc0; 40]), string(&[0xc1; 70])]),
        list(&[]),
    ]
}

/// A witness with one header.
pub fn witness(header: u8) -> Vec<u8> {
    list(&witness_parts(header))
}

/// Real blocks with their witnesses: those beside the project and those of the
/// guest. What is not there is said on stderr.
pub fn real() -> Vec<(String, Vec<u8>, Vec<u8>)> {
    let project = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = Vec::new();
    for folder in ["../shared/inputs", "guests/stateless/inputs"] {
        let Ok(entries) = std::fs::read_dir(project.join(folder)) else {
            eprintln!("{folder} is not there: its blocks are not tried");
            continue;
        };
        for entry in entries {
            let path = entry.expect("a readable folder").path();
            let name = path.file_name().expect("a file").to_string_lossy().into_owned();
            let Some(stem) = name.strip_suffix("-block.rlp") else { continue };
            let witness = path.with_file_name(format!("{stem}-witness.rlp"));
            let read = |path| std::fs::read(path).expect("a readable file");
            found.push((stem.to_string(), read(path.clone()), read(witness)));
        }
    }
    found
}
