//! The ELF as the emulator gets it: a file in memory, which lies nowhere.
//!
//! Where a program lies is on its stack and in `/proc/self/exe` and
//! `/proc/self/maps`. C's and Rust's start-up read these, so that a program's
//! count would depend on the length of a path: by 3,000 of 29,000 instructions.
//! A link does not help, since QEMU says where it leads. A file in memory is
//! `/memfd:guest.elf (deleted)` in the maps on every machine, and nobody's
//! `/proc/self/exe`.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd};
use std::path::Path;

/// Descriptors from here on are the program's, since those that the guest opens
/// have the lowest numbers that are free.
const FIRST_DESCRIPTOR: libc::c_int = 100;

/// The digits of a descriptor's number, at most.
const DIGITS: usize = 10;

/// A copy of an ELF for one child.
pub struct Program(File);

impl Program {
    /// Copies the file at `elf`.
    pub fn copy(elf: &Path) -> io::Result<Program> {
        let new = |descriptor: libc::c_int| match descriptor {
            -1 => Err(io::Error::last_os_error()),
            // SAFETY: it was made just now, for us.
            descriptor => Ok(unsafe { File::from_raw_fd(descriptor) }),
        };
        // SAFETY: the name is a C string; neither call has other preconditions.
        let low = new(unsafe { libc::memfd_create(c"guest.elf".as_ptr(), libc::MFD_CLOEXEC) })?;
        let high = unsafe { libc::fcntl(low.as_raw_fd(), libc::F_DUPFD_CLOEXEC, FIRST_DESCRIPTOR) };
        let mut program = new(high)?;
        io::copy(&mut File::open(elf)?, &mut program)?;
        Ok(Program(program))
    }

    /// What the child opens, whatever the number as long as any other; the child
    /// has to inherit [`Program::descriptor`].
    pub fn path(&self) -> OsString {
        path(self.0.as_raw_fd()).into()
    }

    pub fn descriptor(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Several slashes are as good as one.
fn path(descriptor: i32) -> String {
    format!("/proc/self/fd/{descriptor:/>DIGITS$}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn paths_are_as_long_as_each_other() {
        assert_eq!(path(100), "/proc/self/fd////////100");
        assert_eq!(path(i32::MAX).len(), path(100).len());
    }

    #[test]
    fn a_program_is_what_was_copied_and_lies_nowhere() {
        let mut elf = tempfile::NamedTempFile::new().expect("a file");
        elf.write_all(b"some bytes").expect("written");
        let program = Program::copy(elf.path()).expect("a copy");
        assert!(program.0.as_raw_fd() >= FIRST_DESCRIPTOR);
        assert_eq!(std::fs::read(program.path()).expect("readable"), b"some bytes");
        let leads_to = std::fs::read_link(program.path()).expect("a link");
        assert_eq!(leads_to, Path::new("/memfd:guest.elf (deleted)"));
    }
}
