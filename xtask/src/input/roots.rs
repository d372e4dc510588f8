//! Hashes by which blocks commit to things: Keccak-256, and the root of the trie
//! in which a list lies (appendix D of the yellow paper). A list's trie is made
//! at once and thrown away, so that a crate with a trie that can change, and the
//! fifty that it stands on, would be a lot for it.

use sha3::{Digest, Keccak256};

use super::rlp::{encode_list, encode_string};
use crate::cache::hex;

/// A Keccak-256 hash.
pub type Hash = [u8; 32];

/// Keccak-256, as Ethereum uses it.
pub fn keccak256(bytes: &[u8]) -> Hash {
    Keccak256::digest(bytes).into()
}

/// `0x` and hex digits.
pub fn prefixed(bytes: &[u8]) -> String {
    format!("0x{}", hex(bytes))
}

/// The root of the trie that has each item under the RLP of its index.
pub fn list_root(items: &[&[u8]]) -> Hash {
    let key = |index: usize| {
        let start = index.to_be_bytes().iter().position(|b| *b != 0).unwrap_or(8);
        let encoded = encode_string(&index.to_be_bytes()[start..]);
        encoded.iter().flat_map(|byte| [byte >> 4, byte & 15]).collect::<Vec<u8>>()
    };
    let mut entries: Vec<(Vec<u8>, &[u8])> =
        items.iter().enumerate().map(|(index, item)| (key(index), *item)).collect();
    entries.sort();
    keccak256(&if entries.is_empty() { encode_string(&[]) } else { node(&entries, 0) })
}

/// The RLP of the node above these entries, whose keys are the same up to
/// `depth` nibbles. No key is the beginning of another one: each is the RLP of
/// an integer.
fn node(entries: &[(Vec<u8>, &[u8])], depth: usize) -> Vec<u8> {
    let (first, last) = (&entries[0], &entries[entries.len() - 1]);
    if entries.len() == 1 {
        return encode_list(&[compact(&first.0[depth..], true), encode_string(first.1)]);
    }
    let shared = first.0[depth..].iter().zip(&last.0[depth..]).take_while(|(a, b)| a == b).count();
    if shared > 0 {
        let below = node(entries, depth + shared);
        return encode_list(&[compact(&first.0[depth..depth + shared], false), reference(below)]);
    }
    let mut children = vec![encode_string(&[]); 17];
    for entries in entries.chunk_by(|a, b| a.0[depth] == b.0[depth]) {
        children[usize::from(entries[0].0[depth])] = reference(node(entries, depth + 1));
    }
    encode_list(&children)
}

/// How a node above names this one: itself if it is short, else its hash.
fn reference(node: Vec<u8>) -> Vec<u8> {
    if node.len() < 32 {
        return node;
    }
    encode_string(&keccak256(&node))
}

/// Nibbles with a flag for leaves, as a byte string (appendix C).
fn compact(nibbles: &[u8], leaf: bool) -> Vec<u8> {
    let odd = nibbles.len() % 2;
    let flag = if leaf { 0x20 } else { 0 } + if odd == 1 { 0x10 + nibbles[0] } else { 0 };
    let rest = nibbles[odd..].chunks(2).map(|pair| pair[0] << 4 | pair[1]);
    encode_string(&[flag].into_iter().chain(rest).collect::<Vec<u8>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_known_ones() {
        // Of no transactions (go-ethereum's types.EmptyTxsHash).
        let empty = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421";
        assert_eq!(prefixed(&list_root(&[])), empty);
        // Of items that are their index as four bytes and so many bytes more, by
        // go-ethereum's types.DeriveSha: how many, how many more.
        let known: &[(u32, usize, &str)] = &[
            (1, 0, "0xb528bb0cdf12d42540bbd338ca4f3d5eb38b56c934495c2d3822e937191294e6"),
            (1, 100, "0x1cfdeacee02cd988d56a9adcd7d6f4308b30bbbf56505a1b16d07401cd5df50c"),
            (17, 0, "0x1ac199ebbc2e1117d50ac6ef652997357bd9067392f1616fcc30f1f2d304b90d"),
            (17, 100, "0x3de9625f8c9e7a30819bf1977826555cd34bbd98476c4ee4dbeece7d561cb505"),
            (129, 0, "0x45515c63c47f51fbd0ebae0fe4e749b8940ccfcdccbcdacb524ae8142e714dcf"),
            (129, 100, "0x19eaf2a02b4d5e2dd757f006ee34e0022887c82780439ade85585dde15d305b9"),
            (300, 0, "0x040fd6de1c64a8a4653df08ffdb7053f76fcd7e9c544aa71f2fc77b9b04c4458"),
            (300, 100, "0xf1e210919595377567253138abc61493a4805644901a7e5a78a78786caf7ddc0"),
        ];
        for (count, more, root) in known {
            let item = |i: u32| [&i.to_be_bytes()[..], &vec![7; *more]].concat();
            let items: Vec<Vec<u8>> = (0..*count).map(item).collect();
            let items: Vec<&[u8]> = items.iter().map(Vec::as_slice).collect();
            assert_eq!(prefixed(&list_root(&items)), *root, "{count} items, {more} bytes more");
        }
    }
}
