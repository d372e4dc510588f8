//! Clocks that count calls, not time.

use crate::{Errno, Memory, Outcome, Wasi};

/// Nanoseconds by which every question moves the clocks, also their resolution.
const STEP: u64 = 1_000;

/// The first answer of the real-time clock, in nanoseconds since 1970:
/// 2024-01-01. The other clocks start at one second: Go refuses a zero.
const REALTIME_START: u64 = 1_704_067_200_000_000_000;
const MONOTONIC_START: u64 = 1_000_000_000;

/// The numbers of the specification; the two CPU-time clocks (2 and 3) follow
/// the monotonic one.
const REALTIME: u32 = 0;
const LAST_CLOCK: u32 = 3;

/// Nanoseconds since the start, shared by all clocks.
#[derive(Debug, Default)]
pub struct Clock {
    elapsed: u64,
}

impl Clock {
    /// What clock `id` shows, without moving it.
    pub fn now(&self, id: u32) -> Result<u64, Errno> {
        Ok(start(id)?.saturating_add(self.elapsed))
    }

    /// Moves all clocks so that `id` shows at least `deadline`.
    pub fn advance_to(&mut self, id: u32, deadline: u64) -> Outcome {
        self.elapsed = self.elapsed.max(deadline.saturating_sub(start(id)?));
        Ok(())
    }
}

fn start(id: u32) -> Result<u64, Errno> {
    match id {
        REALTIME => Ok(REALTIME_START),
        1..=LAST_CLOCK => Ok(MONOTONIC_START),
        _ => Err(Errno::Inval),
    }
}

impl Wasi {
    pub fn clock_res_get(&mut self, memory: &mut Memory, id: u32, result: u32) -> Outcome {
        start(id)?;
        memory.write_u64(result, STEP)
    }

    pub fn clock_time_get(
        &mut self,
        memory: &mut Memory,
        id: u32,
        _precision: u64,
        result: u32,
    ) -> Outcome {
        let now = self.clock.now(id)?;
        self.clock.elapsed = self.clock.elapsed.saturating_add(STEP);
        memory.write_u64(result, now)
    }
}
