//! Counting and phases, without QEMU.

use crate::marker::Marker;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// vCPUs with a counter of their own. QEMU gives a new thread an index just
/// above those of the living ones, so more need as many threads at once.
const OWN: usize = 1024;

/// Two cache lines: some processors fetch lines in pairs.
#[repr(align(128))]
struct Line(AtomicU64);

/// Instructions executed, by vCPU.
pub struct Counters {
    own: [Line; OWN],
    /// Of all vCPUs beyond [`OWN`]: shared, hence slower, but no less exact.
    shared: AtomicU64,
}

impl Counters {
    #[allow(clippy::new_without_default)] // Default is not const
    pub const fn new() -> Self {
        Counters { own: [const { Line(AtomicU64::new(0)) }; OWN], shared: AtomicU64::new(0) }
    }

    /// Adds to the counter of a vCPU; only the vCPU's own thread may do so.
    ///
    /// A load and a store suffice since each counter has one writer at a time:
    /// an index passes on to another thread only after its thread has ended.
    #[inline(always)]
    pub fn add(&self, vcpu: u32, instructions: u64) {
        match self.own.get(vcpu as usize) {
            Some(Line(own)) => own.store(own.load(Relaxed).wrapping_add(instructions), Relaxed),
            None => self.add_shared(instructions),
        }
    }

    #[cold]
    fn add_shared(&self, instructions: u64) {
        self.shared.fetch_add(instructions, Relaxed);
    }

    /// All instructions counted so far.
    pub fn sum(&self) -> u64 {
        let own = self.own.iter().map(|Line(counter)| counter.load(Relaxed));
        own.sum::<u64>() + self.shared.load(Relaxed)
    }
}

/// A marker at a place in a block, as the number that QEMU hands back when the
/// instruction is about to execute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarkerAt {
    pub marker: Marker,
    /// Instructions from the marker on that were counted at the block's entry.
    pub ahead: u32,
}

impl MarkerAt {
    pub fn to_bits(self) -> usize {
        (self.ahead as usize) << 1 | usize::from(self.marker == Marker::ExitBegins)
    }

    pub fn from_bits(bits: usize) -> Self {
        let marker = match bits & 1 {
            0 => Marker::RunBegins,
            _ => Marker::ExitBegins,
        };
        MarkerAt { marker, ahead: (bits >> 1) as u32 }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Startup,
    Run,
    Exit,
}

impl Phase {
    pub fn name(self) -> &'static str {
        match self {
            Phase::Startup => "startup",
            Phase::Run => "run",
            Phase::Exit => "exit",
        }
    }
}

/// The phases that have begun, each with the instructions executed before it.
pub struct Phases(Vec<(Phase, u64)>);

impl Phases {
    #[allow(clippy::new_without_default)] // a default would hide that start-up has begun
    pub fn new() -> Self {
        Phases(vec![(Phase::Startup, 0)])
    }

    /// A marker is about to execute after `executed` other instructions.
    ///
    /// Exit lasts to the end: markers after it change nothing.
    pub fn begin(&mut self, marker: Marker, executed: u64) {
        let (phase, begun) = self.last();
        if phase == Phase::Exit {
            return;
        }
        let next = match marker {
            Marker::RunBegins => Phase::Run,
            Marker::ExitBegins => Phase::Exit,
        };
        // Two threads that mark at the same time may each see the other's block
        // counted whole; the order of the markers stays.
        self.0.push((next, executed.max(begun)));
    }

    /// Instructions of each phase, given those of all.
    pub fn lengths(&self, total: u64) -> Vec<(Phase, u64)> {
        let ends = self.0[1..].iter().map(|&(_, begun)| begun).chain([total]);
        let phases = self.0.iter().zip(ends);
        phases.map(|(&(phase, begun), end)| (phase, end - begun)).collect()
    }

    fn last(&self) -> (Phase, u64) {
        self.0[self.0.len() - 1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Marker::{ExitBegins, RunBegins};
    use Phase::{Exit, Run, Startup};

    #[test]
    fn every_vcpu_counts() {
        static COUNTERS: Counters = Counters::new();
        let vcpus = [0, 1, OWN as u32 - 1, OWN as u32, OWN as u32 + 1, u32::MAX];
        std::thread::scope(|scope| {
            for vcpu in vcpus {
                scope.spawn(move || (0..10_000).for_each(|_| COUNTERS.add(vcpu, 3)));
            }
        });
        assert_eq!(COUNTERS.sum(), 3 * 10_000 * vcpus.len() as u64);
    }

    #[test]
    fn counters_do_not_share_lines() {
        assert_eq!(size_of::<Line>(), 128);
    }

    #[test]
    fn a_marker_survives_the_trip_through_qemu() {
        for marker in [RunBegins, ExitBegins] {
            for ahead in [0, 1, 512, u32::MAX] {
                let at = MarkerAt { marker, ahead };
                assert_eq!(MarkerAt::from_bits(at.to_bits()), at);
            }
        }
    }

    #[test]
    fn phases_partition_the_total() {
        type Row<'a> = (&'a [(Marker, u64)], &'a [(Phase, u64)]);
        let rows: [Row; 6] = [
            (&[], &[(Startup, 100)]),
            (&[(RunBegins, 10)], &[(Startup, 10), (Run, 90)]),
            (&[(ExitBegins, 10)], &[(Startup, 10), (Exit, 90)]),
            (
                &[(RunBegins, 10), (RunBegins, 30), (ExitBegins, 99)],
                &[(Startup, 10), (Run, 20), (Run, 69), (Exit, 1)],
            ),
            // Markers after the exit has begun belong to it.
            (
                &[(RunBegins, 0), (ExitBegins, 50), (RunBegins, 60), (ExitBegins, 70)],
                &[(Startup, 0), (Run, 50), (Exit, 50)],
            ),
            // Another thread's snapshot was ahead.
            (&[(RunBegins, 40), (RunBegins, 38)], &[(Startup, 40), (Run, 0), (Run, 60)]),
        ];
        for (markers, expected) in rows {
            let mut phases = Phases::new();
            for &(marker, executed) in markers {
                phases.begin(marker, executed);
            }
            assert_eq!(phases.lengths(100), expected, "{markers:?}");
        }
    }
}
