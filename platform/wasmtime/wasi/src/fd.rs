//! File descriptors: the three standard streams and nothing else. They behave
//! like pipes whatever is behind them, so that a guest's buffering does not
//! depend on where its output goes.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::FromRawFd;

use crate::memory::element;
use crate::{Errno, Memory, Outcome, Wasi};

const READ: u64 = 1 << 1;
const WRITE: u64 = 1 << 6;
const FILESTAT_GET: u64 = 1 << 21;
const POLL: u64 = 1 << 27;

/// `filetype::unknown`, which is what preview 1 has for a pipe.
const FILETYPE_UNKNOWN: u8 = 0;
const FDSTAT_BYTES: usize = 24;
const FILESTAT_BYTES: usize = 64;
const IOVEC_BYTES: u32 = 8;

/// One open descriptor and what may be done with it.
#[derive(Debug)]
pub struct Stream {
    pub file: File,
    pub rights: u64,
}

/// Descriptors 0, 1 and 2, open or closed.
#[derive(Debug)]
pub struct Streams([Option<Stream>; 3]);

impl Streams {
    /// The streams of this process; whoever calls it hands them over.
    pub fn of_process() -> Self {
        // SAFETY: the descriptors belong to the process and nothing else here
        // owns them; closing one is the guest's right.
        let file = |fd| unsafe { File::from_raw_fd(fd) };
        Streams::new(file(0), file(1), file(2))
    }

    pub fn new(input: File, output: File, error: File) -> Self {
        let stream = |file, right| Some(Stream { file, rights: right | FILESTAT_GET | POLL });
        Streams([stream(input, READ), stream(output, WRITE), stream(error, WRITE)])
    }

    /// The open descriptor `fd`, or `EBADF`.
    pub fn get(&self, fd: u32) -> Result<&Stream, Errno> {
        self.0.get(fd as usize).and_then(Option::as_ref).ok_or(Errno::Badf)
    }

    fn with_right(&self, fd: u32, right: u64) -> Result<&File, Errno> {
        let stream = self.get(fd)?;
        if stream.rights & right == 0 {
            return Err(Errno::Badf);
        }
        Ok(&stream.file)
    }

    fn take(&mut self, fd: u32) -> Result<Stream, Errno> {
        self.0.get_mut(fd as usize).and_then(Option::take).ok_or(Errno::Badf)
    }

    /// `EBADF` for a descriptor that is not open, else the errno of an operation
    /// that a pipe does not have.
    pub fn refuse(&self, fd: u32, errno: Errno) -> Outcome {
        self.get(fd).and(Err(errno))
    }
}

/// The address and length of element `index` of the vector at `vectors`.
fn vector(memory: &Memory, vectors: u32, index: u32) -> Result<(u32, u32), Errno> {
    let place = element(vectors, index, IOVEC_BYTES)?;
    Ok((memory.u32(place)?, memory.u32(element(place, 1, 4)?)?))
}

/// Transfer.
impl Wasi {
    /// Fills the first part that is not empty: a read may be short, and asking
    /// for more could block though there is something to return.
    pub fn fd_read(
        &mut self,
        memory: &mut Memory,
        fd: u32,
        vectors: u32,
        count: u32,
        result: u32,
    ) -> Outcome {
        let mut file = self.streams.with_right(fd, READ)?;
        let mut read = 0;
        for index in 0..count {
            let (address, length) = vector(memory, vectors, index)?;
            if length > 0 {
                read = file.read(memory.bytes_mut(address, length)?)?;
                break;
            }
        }
        // No more than `length`, which has 32 bits.
        memory.write_u32(result, read as u32)
    }

    /// Writes every part completely, at once: nothing is left for an exit to lose.
    pub fn fd_write(
        &mut self,
        memory: &mut Memory,
        fd: u32,
        vectors: u32,
        count: u32,
        result: u32,
    ) -> Outcome {
        let mut file = self.streams.with_right(fd, WRITE)?;
        let mut written = 0_u32;
        for index in 0..count {
            let (address, length) = vector(memory, vectors, index)?;
            let bytes = memory.bytes(address, length)?;
            written = written.checked_add(length).ok_or(Errno::Inval)?;
            file.write_all(bytes)?;
        }
        memory.write_u32(result, written)
    }
}

/// Attributes.
impl Wasi {
    pub fn fd_fdstat_get(&mut self, memory: &mut Memory, fd: u32, result: u32) -> Outcome {
        let mut stat = [0; FDSTAT_BYTES];
        stat[0] = FILETYPE_UNKNOWN;
        stat[8..16].copy_from_slice(&self.streams.get(fd)?.rights.to_le_bytes());
        memory.write(result, &stat)
    }

    /// No flag is supported; setting none changes nothing.
    pub fn fd_fdstat_set_flags(&mut self, _memory: &mut Memory, fd: u32, flags: u32) -> Outcome {
        self.streams.get(fd)?;
        if flags == 0 {
            Ok(())
        } else {
            Err(Errno::Notsup)
        }
    }

    pub fn fd_fdstat_set_rights(
        &mut self,
        _memory: &mut Memory,
        fd: u32,
        _base: u64,
        _inheriting: u64,
    ) -> Outcome {
        self.streams.refuse(fd, Errno::Notsup)
    }

    pub fn fd_filestat_get(&mut self, memory: &mut Memory, fd: u32, result: u32) -> Outcome {
        self.streams.get(fd)?;
        let mut stat = [0; FILESTAT_BYTES];
        stat[16] = FILETYPE_UNKNOWN;
        stat[24] = 1; // one link
        memory.write(result, &stat)
    }

    pub fn fd_filestat_set_size(&mut self, _memory: &mut Memory, fd: u32, _size: u64) -> Outcome {
        self.streams.refuse(fd, Errno::Inval)
    }

    pub fn fd_filestat_set_times(
        &mut self,
        _memory: &mut Memory,
        fd: u32,
        _accessed: u64,
        _modified: u64,
        _flags: u32,
    ) -> Outcome {
        self.streams.refuse(fd, Errno::Notsup)
    }
}

/// The table of descriptors; nothing is opened before the start.
impl Wasi {
    pub fn fd_close(&mut self, _memory: &mut Memory, fd: u32) -> Outcome {
        self.streams.take(fd).map(drop)
    }

    pub fn fd_renumber(&mut self, _memory: &mut Memory, from: u32, to: u32) -> Outcome {
        self.streams.get(to)?;
        self.streams.get(from)?;
        if from != to {
            let stream = self.streams.take(from)?;
            self.streams.0[to as usize] = Some(stream);
        }
        Ok(())
    }

    pub fn fd_prestat_get(&mut self, _memory: &mut Memory, _fd: u32, _result: u32) -> Outcome {
        Err(Errno::Badf)
    }

    pub fn fd_prestat_dir_name(
        &mut self,
        _memory: &mut Memory,
        _fd: u32,
        _path: u32,
        _length: u32,
    ) -> Outcome {
        Err(Errno::Badf)
    }
}

/// What needs a position, a size or a directory.
impl Wasi {
    pub fn fd_advise(
        &mut self,
        _memory: &mut Memory,
        fd: u32,
        _offset: u64,
        _length: u64,
        _advice: u32,
    ) -> Outcome {
        self.streams.refuse(fd, Errno::Spipe)
    }

    pub fn fd_allocate(
        &mut self,
        _memory: &mut Memory,
        fd: u32,
        _offset: u64,
        _length: u64,
    ) -> Outcome {
        self.streams.refuse(fd, Errno::Spipe)
    }

    pub fn fd_datasync(&mut self, _memory: &mut Memory, fd: u32) -> Outcome {
        self.streams.refuse(fd, Errno::Inval)
    }

    pub fn fd_sync(&mut self, _memory: &mut Memory, fd: u32) -> Outcome {
        self.streams.refuse(fd, Errno::Inval)
    }

    pub fn fd_pread(
        &mut self,
        _memory: &mut Memory,
        fd: u32,
        _vectors: u32,
        _count: u32,
        _offset: u64,
        _result: u32,
    ) -> Outcome {
        self.streams.refuse(fd, Errno::Spipe)
    }

    pub fn fd_pwrite(
        &mut self,
        _memory: &mut Memory,
        fd: u32,
        _vectors: u32,
        _count: u32,
        _offset: u64,
        _result: u32,
    ) -> Outcome {
        self.streams.refuse(fd, Errno::Spipe)
    }

    pub fn fd_readdir(
        &mut self,
        _memory: &mut Memory,
        fd: u32,
        _buffer: u32,
        _length: u32,
        _cookie: u64,
        _result: u32,
    ) -> Outcome {
        self.streams.refuse(fd, Errno::Notdir)
    }

    pub fn fd_seek(
        &mut self,
        _memory: &mut Memory,
        fd: u32,
        _offset: u64,
        _whence: u32,
        _result: u32,
    ) -> Outcome {
        self.streams.refuse(fd, Errno::Spipe)
    }

    pub fn fd_tell(&mut self, _memory: &mut Memory, fd: u32, _result: u32) -> Outcome {
        self.streams.refuse(fd, Errno::Spipe)
    }
}
