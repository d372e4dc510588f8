//! `poll_oneoff`: the streams are always ready, and time passes by being asked
//! for: with nothing ready the clocks jump to the earliest deadline.

use crate::memory::element;
use crate::{Errno, Memory, Outcome, Wasi};

const SUBSCRIPTION_BYTES: u32 = 48;
const EVENT_BYTES: usize = 32;

/// `eventtype`.
const CLOCK: u8 = 0;
const FD_READ: u8 = 1;
const FD_WRITE: u8 = 2;

/// `subclockflags::subscription_clock_abstime`.
const ABSOLUTE: u16 = 1;

struct Subscription {
    user_data: u64,
    kind: u8,
    wait: Wait,
}

#[derive(Clone, Copy)]
enum Wait {
    /// Until this clock shows at least this time.
    Until { clock: u32, deadline: u64 },
    /// For nothing: the event is there, perhaps with an error.
    Ready(Result<(), Errno>),
}

impl Wasi {
    pub fn poll_oneoff(
        &mut self,
        memory: &mut Memory,
        subscriptions: u32,
        events: u32,
        count: u32,
        result: u32,
    ) -> Outcome {
        if count == 0 {
            return Err(Errno::Inval);
        }
        let waits = (0..count)
            .map(|index| {
                self.subscription(memory, element(subscriptions, index, SUBSCRIPTION_BYTES)?)
            })
            .collect::<Result<Vec<_>, _>>()?;
        self.pass_time(&waits)?;
        let mut happened = 0;
        for subscription in &waits {
            let outcome = match subscription.wait {
                Wait::Until { clock, deadline } if self.clock.now(clock)? < deadline => continue,
                Wait::Until { .. } => Ok(()),
                Wait::Ready(outcome) => outcome,
            };
            let event = event(subscription, outcome);
            memory.write(element(events, happened, EVENT_BYTES as u32)?, &event)?;
            happened += 1;
        }
        memory.write_u32(result, happened)
    }

    fn subscription(&self, memory: &Memory, at: u32) -> Result<Subscription, Errno> {
        let field = |offset| element(at, offset, 1);
        let kind = memory.u8(field(8)?)?;
        let wait = match kind {
            CLOCK => {
                let clock = memory.u32(field(16)?)?;
                let timeout = memory.u64(field(24)?)?;
                let absolute = memory.u16(field(40)?)? & ABSOLUTE != 0;
                match self.clock.now(clock) {
                    Ok(_) if absolute => Wait::Until { clock, deadline: timeout },
                    Ok(now) => Wait::Until { clock, deadline: now.saturating_add(timeout) },
                    Err(errno) => Wait::Ready(Err(errno)),
                }
            }
            FD_READ | FD_WRITE => Wait::Ready(self.streams.get(memory.u32(field(16)?)?).map(drop)),
            _ => return Err(Errno::Inval),
        };
        Ok(Subscription { user_data: memory.u64(at)?, kind, wait })
    }

    /// Jumps to the deadline that is nearest, unless something is ready now.
    fn pass_time(&mut self, waits: &[Subscription]) -> Outcome {
        let mut nearest: Option<(u64, u32, u64)> = None;
        for subscription in waits {
            let Wait::Until { clock, deadline } = subscription.wait else {
                return Ok(());
            };
            let away = deadline.saturating_sub(self.clock.now(clock)?);
            if nearest.is_none_or(|(least, ..)| away < least) {
                nearest = Some((away, clock, deadline));
            }
        }
        match nearest {
            Some((_, clock, deadline)) => self.clock.advance_to(clock, deadline),
            None => Ok(()),
        }
    }
}

/// The event's bytes; a ready stream has at least one byte of room or of input,
/// or the end of it.
fn event(subscription: &Subscription, outcome: Result<(), Errno>) -> [u8; EVENT_BYTES] {
    let mut event = [0; EVENT_BYTES];
    event[0..8].copy_from_slice(&subscription.user_data.to_le_bytes());
    let errno = outcome.map_or_else(|errno| errno as u16, |()| 0);
    event[8..10].copy_from_slice(&errno.to_le_bytes());
    event[10] = subscription.kind;
    if subscription.kind != CLOCK && errno == 0 {
        event[16] = 1;
    }
    event
}
