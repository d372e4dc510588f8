//! The errnos of preview 1 that this implementation returns.

use std::io;

/// An error with the number that the specification gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum Errno {
    Again = 6,
    Badf = 8,
    Fault = 21,
    Intr = 27,
    Inval = 28,
    Io = 29,
    Nosys = 52,
    Notdir = 54,
    Notsock = 57,
    Notsup = 58,
    Overflow = 61,
    Pipe = 64,
    Spipe = 70,
}

impl From<io::Error> for Errno {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::WouldBlock => Errno::Again,
            io::ErrorKind::Interrupted => Errno::Intr,
            io::ErrorKind::BrokenPipe => Errno::Pipe,
            _ => Errno::Io,
        }
    }
}
