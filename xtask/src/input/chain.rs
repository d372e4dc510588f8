//! The chains whose rules the guests know, and when which fork began on them.

use anyhow::Result;

use crate::error;

/// The forks from the merge on, in order.
pub const FORKS: [&str; 8] =
    ["paris", "shanghai", "cancun", "prague", "osaka", "bpo1", "bpo2", "amsterdam"];

/// A public chain.
pub struct Chain {
    /// As people call it.
    pub name: &'static str,
    pub id: u64,
    /// The first timestamp of each fork after the merge, seconds since 1970;
    /// none where it is not known yet.
    times: [Option<u64>; FORKS.len() - 1],
}

/// Times as in go-ethereum's `params/chainspecs`, version 1.17.10.
const CHAINS: [Chain; 3] = [
    Chain {
        name: "mainnet",
        id: 1,
        times: [
            Some(1_681_338_455),
            Some(1_710_338_135),
            Some(1_746_612_311),
            Some(1_764_798_551),
            Some(1_765_290_071),
            Some(1_767_747_671),
            None,
        ],
    },
    Chain {
        name: "sepolia",
        id: 11_155_111,
        times: [
            Some(1_677_557_088),
            Some(1_706_655_072),
            Some(1_741_159_776),
            Some(1_760_427_360),
            Some(1_761_017_184),
            Some(1_761_607_008),
            Some(1_791_294_816),
        ],
    },
    Chain {
        name: "hoodi",
        id: 560_048,
        times: [
            Some(0),
            Some(0),
            Some(1_742_999_832),
            Some(1_761_677_592),
            Some(1_762_365_720),
            Some(1_762_955_544),
            None,
        ],
    },
];

impl Chain {
    /// The fork that a block of this time is under, from proof of stake on.
    pub fn fork(&self, timestamp: u64) -> &'static str {
        let begun = |time: &Option<u64>| time.is_some_and(|time| time <= timestamp);
        let last = self.times.iter().rposition(begun);
        FORKS[last.map_or(0, |n| n + 1)]
    }
}

/// What to do about a block of the chain with this id where another was given.
pub fn advice(id: u64) -> String {
    match of_id(id) {
        Some(chain) => format!("its chain is {}", chain.name),
        None => {
            format!("guests know the chains {} only", CHAINS.map(|chain| chain.name).join(", "))
        }
    }
}

/// The chain with this id.
pub fn of_id(id: u64) -> Option<&'static Chain> {
    CHAINS.iter().find(|chain| chain.id == id)
}

/// The chain id of the chain called `name`.
pub fn id(name: &str) -> Result<u64> {
    Ok(named(name)?.id)
}

/// The chain called `name`.
pub fn named(name: &str) -> Result<&'static Chain> {
    match CHAINS.iter().find(|chain| chain.name == name) {
        Some(chain) => Ok(chain),
        None => {
            let known = CHAINS.map(|chain| chain.name).join(", ");
            Err(error::usage(format!("unknown chain `{name}`; known are {known}")).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forks_by_time() {
        for (chain, time, fork) in [
            (1, 1_681_338_454, "paris"),
            (1, 1_681_338_455, "shanghai"),
            (1, 1_764_798_550, "prague"),
            (1, u64::MAX, "bpo2"),
            (11_155_111, 0, "paris"),
            (11_155_111, 1_761_017_184, "bpo1"),
            (11_155_111, 1_791_294_816, "amsterdam"),
            (560_048, 0, "cancun"),
        ] {
            assert_eq!(of_id(chain).expect("known").fork(time), fork, "{chain} at {time}");
        }
        assert!(of_id(5).is_none());
    }

    #[test]
    fn times_are_in_order() {
        for chain in CHAINS {
            let times: Vec<u64> = chain.times.into_iter().flatten().collect();
            assert!(times.is_sorted(), "{}", chain.name);
        }
    }
}
