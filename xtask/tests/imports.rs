//! The accelerators in C on the host, with sanitizers: known answers, and every
//! length around the blocks against other implementations.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sha2::Digest;

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The driver of `platform/imports/tests`, with what it tests.
fn driver() -> PathBuf {
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("imports-hash");
    let folder = project().join("platform/imports");
    let compiled = Command::new("gcc")
        .args(["-std=gnu11", "-O1", "-g", "-Wall", "-Wextra", "-Werror"])
        .args(["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-o"])
        .arg(&program)
        .args(["tests/hash.c", "keccak256.c", "sha256.c"].map(|file| folder.join(file)))
        .status();
    assert!(compiled.unwrap().success());
    program
}

/// The lines that the driver prints.
fn run(driver: &Path, words: [&str; 2], input: &[u8]) -> Vec<String> {
    let mut child = Command::new(driver)
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", output.status);
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_string).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256: FIPS 180-2, appendix B, and NIST's example files. Keccak-256: the
/// empty hash and the empty trie of Ethereum's yellow paper, the topic of ERC-20's
/// Transfer.
const KNOWN: [(&str, &str, &str); 8] = [
    ("sha256", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("sha256", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
        "sha256",
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    ),
    (
        "sha256",
        "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqr\
         lmnopqrsmnopqrstnopqrstu",
        "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1",
    ),
    ("keccak256", "", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
    ("keccak256", "abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
    (
        "keccak256",
        "Transfer(address,address,uint256)",
        "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef",
    ),
    (
        "keccak256",
        "The quick brown fox jumps over the lazy dog",
        "4d741b6f1eb29cb2a9b9911c82f56fa8d73b04959d3d9d222895df6c0b28aa15",
    ),
];

#[test]
fn the_hashes_are_right() {
    let driver = driver();
    for (name, message, want) in KNOWN {
        assert_eq!(run(&driver, [name, "whole"], message.as_bytes()), [want], "{message}");
    }
    let million = vec![b'a'; 1_000_000];
    let want = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
    assert_eq!(run(&driver, ["sha256", "whole"], &million), [want]);

    let bytes: Vec<u8> = (0..700_u32).map(|n| ((n * n) >> 3) as u8 ^ n as u8).collect();
    let sha256 = run(&driver, ["sha256", "prefixes"], &bytes);
    let keccak256 = run(&driver, ["keccak256", "prefixes"], &bytes);
    assert_eq!((sha256.len(), keccak256.len()), (701, 701));
    for n in 0..=bytes.len() {
        assert_eq!(sha256[n], hex(&sha2::Sha256::digest(&bytes[..n])), "{n} bytes");
        assert_eq!(keccak256[n], hex(&sha3::Keccak256::digest(&bytes[..n])), "{n} bytes");
    }
}
