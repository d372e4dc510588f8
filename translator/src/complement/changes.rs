//! What a search may change of how the values of a region are held.

use super::region::{Consumption, Operand, Origin, Region, ValueId, Want};
use super::search::Random;

/// Of so many values that a loop carries, two are turned at once.
const CARRIES: usize = 64;

/// A change of more values is only tried as the first of a round.
const NEAR: usize = 24;

/// What can be changed at once.
#[derive(Debug, Default)]
pub struct Change {
    /// Joins, or what a loop carries, held otherwise.
    pub turns: Vec<ValueId>,
    pub exchanges: Vec<(ValueId, usize)>,
    /// All values that are held otherwise then.
    pub turned: Vec<ValueId>,
    /// And those that are taken otherwise.
    pub touched: Vec<ValueId>,
}

/// What can be changed in a region.
pub struct Changes {
    /// Of one value or use of it, alone or stopped where what it turns is taken as what
    /// it means. A round may begin with the first `turns` of them.
    pub single: Vec<Change>,
    pub turns: usize,
    /// Of two values at once.
    more: Vec<Change>,
    /// By value, the single ones that touch it.
    pub beside: Vec<Vec<usize>>,
}

impl Changes {
    pub fn of(region: &Region<'_, '_>) -> Changes {
        let (followers, meant) = (followers(region), meant(region));
        let nothing = vec![false; region.values.len()];
        let change = |turns, exchanges| Change::of(region, &followers, &nothing, turns, exchanges);
        let near = |turns, exchanges| Change::of(region, &followers, &meant, turns, exchanges);
        let mut turning: Vec<ValueId> = region.carried.iter().map(|(_, value)| *value).collect();
        let carried = turning.len().min(CARRIES);
        let mut xors = Vec::new();
        for (value, node) in region.values.iter().enumerate() {
            match node.origin {
                Origin::Join(_) => turning.push(value),
                Origin::Xor(_) => xors.push(value),
                _ => {}
            }
        }
        let mut single: Vec<Change> =
            turning.iter().map(|&value| change(vec![value], Vec::new())).collect();
        // What a loop carries is stopped nowhere.
        if carried == 0 {
            let turned = turning.iter().map(|&value| near(vec![value], Vec::new()));
            let exchanged = xors.iter().map(|&value| near(Vec::new(), vec![(value, 0)]));
            single.extend(exchanged.chain(turned).filter(Change::is_stopped));
        }
        let turns = single.len();
        // The other operand's exchange is the same for the result.
        single.extend(xors.iter().map(|&value| change(Vec::new(), vec![(value, 0)])));
        let mut more = Vec::new();
        for second in 0..carried {
            for first in 0..second {
                let both = change(vec![turning[first], turning[second]], Vec::new());
                let alone = single[first].turned.len().max(single[second].turned.len());
                if both.turned.len() < alone {
                    more.push(both);
                }
            }
        }
        let mut beside = vec![Vec::new(); region.values.len()];
        for (number, change) in single.iter().enumerate() {
            if change.turned.len() <= NEAR {
                change.touched.iter().for_each(|value| beside[*value].push(number));
            }
        }
        Changes { single, turns, more, beside }
    }

    /// What a round may begin with.
    pub fn kick(&self, random: &mut Random) -> &Change {
        let number = (random.next() % (self.turns + self.more.len()) as u64) as usize;
        match number.checked_sub(self.turns) {
            None => &self.single[number],
            Some(number) => &self.more[number],
        }
    }
}

/// Values that somebody takes as what they mean.
fn meant(region: &Region<'_, '_>) -> Vec<bool> {
    let mut meant = vec![false; region.values.len()];
    for Consumption { operand, want, .. } in &region.consumptions {
        meant[operand.value] |= *want == Want::Meaning;
    }
    meant
}

/// What is held as each value is, and whether it is its complement by meaning.
pub fn followers(region: &Region<'_, '_>) -> Vec<Vec<Operand>> {
    let mut followers = vec![Vec::new(); region.values.len()];
    for Consumption { operand, want, .. } in &region.consumptions {
        if let Want::As(value) = want {
            followers[*value].push(*operand);
        }
    }
    followers
}

impl Change {
    /// It goes less far than it would.
    fn is_stopped(&self) -> bool {
        self.turns.len() + self.exchanges.len() > 1
    }

    /// Where what it turns is an xor of `stops`, an operand is exchanged instead.
    fn of(
        region: &Region<'_, '_>,
        followers: &[Vec<Operand>],
        stops: &[bool],
        turns: Vec<ValueId>,
        mut exchanges: Vec<(ValueId, usize)>,
    ) -> Change {
        let mut is = vec![false; region.values.len()];
        for &value in turns.iter().chain(exchanges.iter().map(|(value, _)| value)) {
            is[value] ^= true;
        }
        let first = turns.iter().chain(exchanges.iter().map(|(value, _)| value)).min();
        for value in first.copied().unwrap_or(0)..region.values.len() {
            is[value] ^= match region.values[value].origin {
                Origin::Xor([a, b]) if is[a.value] ^ is[b.value] && stops[value] => {
                    exchanges.push((value, 0));
                    false
                }
                Origin::Xor([a, b]) => is[a.value] ^ is[b.value],
                Origin::Carried(a) => is[a.value],
                Origin::Leaf | Origin::Join(_) => false,
            };
        }
        let turned: Vec<ValueId> = (0..is.len()).filter(|&value| is[value]).collect();
        let mut touched = turned.clone();
        touched.extend(turns.iter().flat_map(|&value| &followers[value]).map(|o| o.value));
        for &(xor, side) in &exchanges {
            if let Origin::Xor(operands) = region.values[xor].origin {
                touched.push(operands[side].value);
            }
        }
        touched.sort_unstable();
        touched.dedup();
        Change { turns, exchanges, turned, touched }
    }
}
