//! Paths: there is no directory to start from, so every function refuses its
//! descriptor, as unknown or as not a directory.

// The numbers of arguments are preview 1's.
#![allow(clippy::too_many_arguments)]

use crate::{Errno, Memory, Outcome, Wasi};

impl Wasi {
    pub fn path_create_directory(
        &mut self,
        _memory: &mut Memory,
        fd: u32,
        _path: u32,
        _length: u32,
    ) -> Outcome {
        self.streams.refuse(fd, Errno::Notdir)
    }

    pub fn path_filestat_get(
        &mut self,
        _memory: &mut Memory,
        fd: u32,
        _flags: u32,
        _path: u32,
        _length: u32,
        _result: u32,
    ) -> Outcome {
        self.streams.refuse(fd, Errno::Notdir)
    }

    pub fn path_filestat_set_times(
        &mut self,
        _memory: &mut Memory,
        fd: u32,
        _flags: u32,
        _path: u32,
        _length: u32,
        _accessed: u64,
        _modified: u64,
        _times: u32,
    ) -> Outcome {
        self.streams.refuse(fd, Errno::Notdir)
    }

    pub fn path_link(
        &mut self,
        _memory: &mut Memory,
        fd: u32,
        _flags: u32,
        _path: u32,
        _length: u32,
        new_fd: u32,
        _new_path: u32,
        _new_length: u32,
    ) -> Outcome {
        self.streams.get(new_fd)?;
        self.streams.refuse(fd, Errno::Notdir)
    }

    pub fn path_open(
        &mut self,
        _memory: &mut Memory,
        fd: u32,
        _lookup: u32,
        _path: u32,
        _length: u32,
        _flags: u32,
        _base: u64,
        _inheriting: u64,
        _fd_flags: u32,
        _result: u32,
    ) -> Outcome {
        self.streams.refuse(fd, Errno::Notdir)
    }

    pub fn path_readlink(
        &mut self,
        _memory: &mut Memory,
        fd: u32,
        _path: u32,
        _length: u32,
        _buffer: u32,
        _buffer_length: u32,
        _result: u32,
    ) -> Outcome {
        self.streams.refuse(fd, Errno::Notdir)
    }

    pub fn path_remove_directory(
        &mut self,
        _memory: &mut Memory,
        fd: u32,
        _path: u32,
        _length: u32,
    ) -> Outcome {
        self.streams.refuse(fd, Errno::Notdir)
    }

    pub fn path_rename(
        &mut self,
        _memory: &mut Memory,
        fd: u32,
        _path: u32,
        _length: u32,
        new_fd: u32,
        _new_path: u32,
        _new_length: u32,
    ) -> Outcome {
        self.streams.get(new_fd)?;
        self.streams.refuse(fd, Errno::Notdir)
    }

    pub fn path_symlink(
        &mut self,
        _memory: &mut Memory,
        _old_path: u32,
        _old_length: u32,
        fd: u32,
        _path: u32,
        _length: u32,
    ) -> Outcome {
        self.streams.refuse(fd, Errno::Notdir)
    }

    pub fn path_unlink_file(
        &mut self,
        _memory: &mut Memory,
        fd: u32,
        _path: u32,
        _length: u32,
    ) -> Outcome {
        self.streams.refuse(fd, Errno::Notdir)
    }
}
