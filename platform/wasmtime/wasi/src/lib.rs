//! WASI preview 1 over a linear memory, in the part that a guest of a benchmark
//! needs: arguments, environment, the three standard streams, clocks, random
//! bytes. Nothing of it depends on the machine or the moment: clocks count calls
//! and random bytes come from a fixed seed, so that two runs execute the same
//! instructions.
//!
//! Every other function of preview 1 exists and returns the errno that the
//! specification asks for, so that any module of that interface links. Methods
//! bear the names of the specification; the source of names, layouts and errnos
//! is `wasi_snapshot_preview1.witx`.

mod clock;
mod env;
mod errno;
mod fd;
mod memory;
mod path;
mod poll;
mod random;
mod sock;

pub use clock::Clock;
pub use env::Strings;
pub use errno::Errno;
pub use fd::Streams;
pub use memory::Memory;
pub use random::Random;

/// The state behind the functions; one for each process.
pub struct Wasi {
    pub arguments: Strings,
    pub environment: Strings,
    pub streams: Streams,
    pub clock: Clock,
    pub random: Random,
}

/// What every function returns; the caller turns it into the errno's number.
pub type Outcome = Result<(), Errno>;

impl Wasi {
    /// The process's own streams with these arguments and this environment.
    pub fn new(arguments: Strings, environment: Strings) -> Self {
        Wasi {
            arguments,
            environment,
            streams: Streams::of_process(),
            clock: Clock::default(),
            random: Random::default(),
        }
    }

    /// There is one thread, so yielding is done.
    pub fn sched_yield(&mut self, _memory: &mut Memory) -> Outcome {
        Ok(())
    }

    /// The host has no signals for a guest.
    pub fn proc_raise(&mut self, _memory: &mut Memory, _signal: u32) -> Outcome {
        Err(Errno::Nosys)
    }
}
