//! Sockets: no descriptor is one.

use crate::{Errno, Memory, Outcome, Wasi};

impl Wasi {
    pub fn sock_accept(
        &mut self,
        _memory: &mut Memory,
        fd: u32,
        _flags: u32,
        _result: u32,
    ) -> Outcome {
        self.streams.refuse(fd, Errno::Notsock)
    }

    #[allow(clippy::too_many_arguments)]
    pub fn sock_recv(
        &mut self,
        _memory: &mut Memory,
        fd: u32,
        _vectors: u32,
        _count: u32,
        _flags: u32,
        _result: u32,
        _result_flags: u32,
    ) -> Outcome {
        self.streams.refuse(fd, Errno::Notsock)
    }

    pub fn sock_send(
        &mut self,
        _memory: &mut Memory,
        fd: u32,
        _vectors: u32,
        _count: u32,
        _flags: u32,
        _result: u32,
    ) -> Outcome {
        self.streams.refuse(fd, Errno::Notsock)
    }

    pub fn sock_shutdown(&mut self, _memory: &mut Memory, fd: u32, _how: u32) -> Outcome {
        self.streams.refuse(fd, Errno::Notsock)
    }
}
