//! The chains whose rules the guests know, by the names that people use.

use anyhow::Result;

use crate::error;

/// Name and chain id.
const CHAINS: [(&str, u64); 3] = [("mainnet", 1), ("sepolia", 11_155_111), ("hoodi", 560_048)];

/// The chain id of the chain called `name`.
pub fn id(name: &str) -> Result<u64> {
    match CHAINS.iter().find(|(known, _)| *known == name) {
        Some((_, id)) => Ok(*id),
        None => {
            let known = CHAINS.map(|(known, _)| known).join(", ");
            Err(error::usage(format!("unknown chain `{name}`; known are {known}")).into())
        }
    }
}
