//! What a cell's instructions are and what they use, field by field: the part
//! of [`Cell`](super::Cell) that is measured by an execution of its own, since
//! looking so closely is slow.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::model::required;

/// One execution in detail.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Detail {
    /// Instructions of the execution that was looked at in detail; the cell's
    /// own total is another execution's, which with several threads differs.
    #[serde(deserialize_with = "required")]
    pub total: Option<u64>,
    /// What the instructions were.
    #[serde(deserialize_with = "required")]
    pub mix: Option<Mix>,
    /// Accesses to memory that were not aligned to their size.
    #[serde(deserialize_with = "required")]
    pub misaligned: Option<Misaligned>,
    /// Size of the linear memory at its largest.
    #[serde(deserialize_with = "required")]
    pub peak_linear_memory_bytes: Option<u64>,
    /// The native stack, from its top to its deepest use.
    #[serde(deserialize_with = "required")]
    pub peak_stack_bytes: Option<u64>,
    /// Why one of the four above is null, by its name; empty where the cell has
    /// no number at all.
    pub missing: BTreeMap<String, String>,
}

/// Instructions by class; they add up to the total.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mix {
    pub loads: u64,
    pub stores: u64,
    pub atomics: u64,
    pub multiplications: u64,
    pub divisions: u64,
    /// Conditional ones, taken or not.
    pub branches: u64,
    /// Jumps, calls and returns.
    pub jumps: u64,
    /// Floating-point arithmetic, moves, comparisons and conversions.
    pub floating: u64,
    pub other: u64,
}

/// Misaligned accesses by what they do and their size in bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Misaligned {
    pub load2: u64,
    pub load4: u64,
    pub load8: u64,
    pub store2: u64,
    pub store4: u64,
    pub store8: u64,
    /// The function with the most of them; null when there are none.
    #[serde(deserialize_with = "required")]
    pub hottest: Option<Hottest>,
}

/// A function and its misaligned accesses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hottest {
    /// Name as in the source, where the symbol tells it.
    pub function: String,
    pub accesses: u64,
}

impl Mix {
    /// Each class by its name in prose.
    pub fn classes(&self) -> [(&'static str, u64); 9] {
        [
            ("loads", self.loads),
            ("stores", self.stores),
            ("atomics", self.atomics),
            ("multiplications", self.multiplications),
            ("divisions", self.divisions),
            ("branches", self.branches),
            ("jumps", self.jumps),
            ("floating", self.floating),
            ("other", self.other),
        ]
    }

    fn sum(&self) -> Option<u64> {
        self.classes().into_iter().try_fold(0u64, |sum, (_, n)| sum.checked_add(n))
    }
}

impl Misaligned {
    /// Each kind by its name in prose.
    pub fn kinds(&self) -> [(&'static str, u64); 6] {
        [
            ("loads of 2 bytes", self.load2),
            ("loads of 4", self.load4),
            ("loads of 8", self.load8),
            ("stores of 2 bytes", self.store2),
            ("stores of 4", self.store4),
            ("stores of 8", self.store8),
        ]
    }

    /// All of them.
    pub fn sum(&self) -> u64 {
        self.kinds().iter().fold(0, |sum, (_, n)| sum.saturating_add(*n))
    }
}

impl Detail {
    /// No detail, for one reason.
    pub fn absent(reason: &str) -> Detail {
        let names = Detail::default().present().map(|(name, _)| name.to_string());
        let missing = names.into_iter().map(|name| (name, reason.to_string())).collect();
        Detail { missing, ..Detail::default() }
    }

    /// Why `name` is null.
    pub fn reason(&self, name: &str) -> &str {
        self.missing.get(name).map_or("not measured", String::as_str)
    }

    /// What may be missing, and whether it is there.
    fn present(&self) -> [(&'static str, bool); 4] {
        [
            ("mix", self.mix.is_some()),
            ("misaligned", self.misaligned.is_some()),
            ("peak_linear_memory_bytes", self.peak_linear_memory_bytes.is_some()),
            ("peak_stack_bytes", self.peak_stack_bytes.is_some()),
        ]
    }

    /// Refuses a detail that contradicts itself; `ok` is whether its cell has
    /// numbers.
    pub(super) fn check(&self, ok: bool) -> Result<(), String> {
        if !ok {
            let nothing = *self == Detail::default();
            return nothing.then_some(()).ok_or("detail of a cell that is not ok".into());
        }
        for (name, present) in self.present() {
            if present && self.total.is_none() {
                return Err(format!("detail.{name} without detail.total"));
            }
            if present == self.missing.contains_key(name) {
                let problem = if present { "is there with" } else { "is null without" };
                return Err(format!("detail.{name} {problem} a reason in detail.missing"));
            }
        }
        let known = self.present().map(|(name, _)| name);
        if let Some(name) = self.missing.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(format!("detail.missing names `{name}`"));
        }
        if self.mix.is_some_and(|mix| mix.sum() != self.total) {
            return Err("detail.mix does not add up to detail.total".into());
        }
        let Some(misaligned) = &self.misaligned else { return Ok(()) };
        let hottest = misaligned.hottest.as_ref().map_or(0, |hottest| hottest.accesses);
        if hottest > misaligned.sum() || (hottest == 0) != (misaligned.sum() == 0) {
            return Err("detail.misaligned.hottest is not one of the accesses".into());
        }
        Ok(())
    }
}
