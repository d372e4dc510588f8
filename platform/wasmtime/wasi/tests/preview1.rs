//! The functions as a guest sees them: arguments in, errno and memory out.

use std::fs::File;
use std::io::{pipe, Read, Write};
use std::os::fd::OwnedFd;

use wasrisc_wasmtime_wasi::{Clock, Errno, Memory, Outcome, Random, Streams, Strings, Wasi};

/// A WASI with the given input and the reading end of its output.
fn guest(input: &[u8]) -> (Wasi, File) {
    let file = |end: OwnedFd| File::from(end);
    let (input_read, mut input_write) = pipe().unwrap();
    input_write.write_all(input).unwrap();
    let (output_read, output_write) = pipe().unwrap();
    let (_, error_write) = pipe().unwrap();
    let streams =
        Streams::new(file(input_read.into()), file(output_write.into()), file(error_write.into()));
    let strings = |list: &[&str]| Strings(list.iter().map(|s| s.as_bytes().to_vec()).collect());
    let wasi = Wasi {
        arguments: strings(&["guest", "-v"]),
        environment: strings(&["GOGC=off"]),
        streams,
        clock: Clock::default(),
        random: Random::default(),
    };
    (wasi, file(output_read.into()))
}

/// Stores u32 values one after the other.
fn store(memory: &mut Memory, address: u32, values: &[u32]) {
    for (index, value) in values.iter().enumerate() {
        memory.write_u32(address + 4 * index as u32, *value).unwrap();
    }
}

#[test]
fn strings_are_copied_with_their_pointers() {
    let (mut wasi, _) = guest(b"");
    let mut bytes = [0xff; 64];
    let memory = &mut Memory(&mut bytes);
    wasi.args_sizes_get(memory, 0, 4).unwrap();
    assert_eq!((memory.u32(0), memory.u32(4)), (Ok(2), Ok(9)));
    wasi.args_get(memory, 8, 16).unwrap();
    assert_eq!((memory.u32(8), memory.u32(12)), (Ok(16), Ok(22)));
    assert_eq!(memory.bytes(16, 10), Ok(&b"guest\0-v\0\xff"[..]));
    wasi.environ_sizes_get(memory, 0, 4).unwrap();
    assert_eq!((memory.u32(0), memory.u32(4)), (Ok(1), Ok(9)));
    wasi.environ_get(memory, 8, 16).unwrap();
    assert_eq!(memory.bytes(16, 9), Ok(&b"GOGC=off\0"[..]));
    assert_eq!(wasi.args_get(memory, 8, 56), Err(Errno::Fault));
}

#[test]
fn a_write_gathers_all_parts() {
    let (mut wasi, mut output) = guest(b"");
    let mut bytes = *b"one, two........................................................";
    let memory = &mut Memory(&mut bytes);
    store(memory, 16, &[0, 5, 5, 0, 5, 3]);
    wasi.fd_write(memory, 1, 16, 3, 48).unwrap();
    assert_eq!(memory.u32(48), Ok(8));
    let mut written = [0; 8];
    output.read_exact(&mut written).unwrap();
    assert_eq!(&written, b"one, two");
}

#[test]
fn a_read_fills_one_part_and_ends_with_zero() {
    let (mut wasi, _) = guest(b"abcdef");
    let mut bytes = [0; 64];
    let memory = &mut Memory(&mut bytes);
    store(memory, 0, &[32, 0, 40, 4]);
    for (read, expected) in [(4, &b"abcd"[..]), (2, b"efcd"), (0, b"efcd")] {
        wasi.fd_read(memory, 0, 0, 2, 16).unwrap();
        assert_eq!(memory.u32(16), Ok(read));
        assert_eq!(memory.bytes(40, 4), Ok(expected));
    }
}

#[test]
fn streams_look_like_pipes_and_can_be_closed() {
    let (mut wasi, _) = guest(b"");
    let mut bytes = [0xff; 64];
    let memory = &mut Memory(&mut bytes);
    wasi.fd_fdstat_get(memory, 1, 0).unwrap();
    assert_eq!((memory.u16(0), memory.u16(2)), (Ok(0), Ok(0)));
    assert_eq!(memory.u64(8), Ok(1 << 6 | 1 << 21 | 1 << 27));
    wasi.fd_filestat_get(memory, 1, 0).unwrap();
    assert_eq!((memory.u8(16), memory.u64(24), memory.u64(32)), (Ok(0), Ok(1), Ok(0)));
    wasi.fd_renumber(memory, 2, 1).unwrap();
    assert_eq!(wasi.fd_close(memory, 2), Err(Errno::Badf));
    assert_eq!(wasi.fd_close(memory, 1), Ok(()));
    assert_eq!(wasi.fd_close(memory, 1), Err(Errno::Badf));
}

#[test]
fn clocks_count_questions() {
    let (mut wasi, _) = guest(b"");
    let mut bytes = [0; 32];
    let memory = &mut Memory(&mut bytes);
    let mut ask = |clock| {
        wasi.clock_time_get(memory, clock, 0, 0).unwrap();
        memory.u64(0).unwrap()
    };
    assert_eq!(ask(1), 1_000_000_000);
    assert_eq!(ask(1), 1_000_001_000);
    assert_eq!(ask(0), 1_704_067_200_000_002_000);
    wasi.clock_res_get(memory, 1, 0).unwrap();
    assert_eq!(memory.u64(0), Ok(1_000));
}

/// Writes a subscription to clock 1 of 48 bytes at `at`.
fn subscribe_clock(memory: &mut Memory, at: u32, user_data: u64, timeout: u64, flags: u32) {
    memory.write_u64(at, user_data).unwrap();
    store(memory, at + 8, &[0, 0, 1, 0]);
    memory.write_u64(at + 24, timeout).unwrap();
    memory.write_u64(at + 32, 0).unwrap();
    memory.write_u64(at + 40, u64::from(flags)).unwrap();
}

#[test]
fn a_poll_jumps_to_the_nearest_deadline() {
    let (mut wasi, _) = guest(b"");
    let mut bytes = [0; 256];
    let memory = &mut Memory(&mut bytes);
    subscribe_clock(memory, 0, 7, 5_000_000, 0);
    subscribe_clock(memory, 48, 8, 1_002_000_000, 1);
    wasi.poll_oneoff(memory, 0, 96, 2, 200).unwrap();
    assert_eq!((memory.u32(200), memory.u64(96), memory.u16(104)), (Ok(1), Ok(8), Ok(0)));
    wasi.clock_time_get(memory, 1, 0, 200).unwrap();
    assert_eq!(memory.u64(200), Ok(1_002_000_000));
}

#[test]
fn a_poll_with_a_ready_stream_does_not_wait() {
    let (mut wasi, _) = guest(b"");
    let mut bytes = [0; 256];
    let memory = &mut Memory(&mut bytes);
    subscribe_clock(memory, 0, 7, 5_000_000, 0);
    memory.write_u64(48, 8).unwrap();
    store(memory, 56, &[2, 0, 1]);
    wasi.poll_oneoff(memory, 0, 96, 2, 200).unwrap();
    assert_eq!((memory.u32(200), memory.u64(96), memory.u8(106)), (Ok(1), Ok(8), Ok(2)));
    store(memory, 56, &[1, 0, 9]);
    wasi.poll_oneoff(memory, 48, 96, 1, 200).unwrap();
    assert_eq!((memory.u32(200), memory.u16(104)), (Ok(1), Ok(Errno::Badf as u16)));
}

/// The first random bytes, as platform/wasi/tests/c/streams.c has them too: a
/// guest hashes the same in both.
const RANDOM: [u8; 32] = [
    0xda, 0x99, 0xec, 0x73, 0xdf, 0x2a, 0x84, 0x52, 0xa5, 0x28, 0x56, 0x70, 0x84, 0xfd, 0x70, 0xe4,
    0xcd, 0x86, 0xfb, 0xe7, 0x47, 0x4c, 0x64, 0xc0, 0x76, 0xf1, 0xfd, 0xc5, 0x73, 0xd0, 0xa2, 0x23,
];

#[test]
fn random_bytes_are_the_same_in_every_process() {
    let (mut wasi, _) = guest(b"");
    let mut bytes = [0; 21];
    wasi.random_get(&mut Memory(&mut bytes), 1, 19).unwrap();
    assert_eq!((bytes[0], &bytes[1..20], bytes[20]), (0, &RANDOM[..19], 0));
    // A number of which bytes were taken is gone.
    wasi.random_get(&mut Memory(&mut bytes), 0, 8).unwrap();
    assert_eq!(bytes[..8], RANDOM[24..]);
}

type Call = fn(&mut Wasi, &mut Memory) -> Outcome;

/// Calls with a memory of 64 bytes, and the errno of each.
const REFUSALS: &[(&str, Call, Errno)] = &[
    ("unknown clock", |w, m| w.clock_time_get(m, 4, 0, 0), Errno::Inval),
    ("result outside", |w, m| w.clock_time_get(m, 1, 0, 60), Errno::Fault),
    ("no directory", |w, m| w.fd_prestat_get(m, 3, 0), Errno::Badf),
    ("its name", |w, m| w.fd_prestat_dir_name(m, 3, 0, 8), Errno::Badf),
    ("write to input", |w, m| w.fd_write(m, 0, 0, 0, 0), Errno::Badf),
    ("read from output", |w, m| w.fd_read(m, 1, 0, 0, 0), Errno::Badf),
    ("vector outside", |w, m| w.fd_write(m, 1, 60, 1, 0), Errno::Fault),
    ("seek on unknown", |w, m| w.fd_seek(m, 9, 0, 0, 0), Errno::Badf),
    ("seek on a pipe", |w, m| w.fd_seek(m, 1, 0, 0, 0), Errno::Spipe),
    ("positioned read", |w, m| w.fd_pread(m, 0, 0, 0, 0, 0), Errno::Spipe),
    ("flags", |w, m| w.fd_fdstat_set_flags(m, 1, 4), Errno::Notsup),
    ("list a pipe", |w, m| w.fd_readdir(m, 1, 0, 0, 0, 0), Errno::Notdir),
    ("open at unknown", |w, m| w.path_open(m, 3, 0, 0, 0, 0, 0, 0, 0, 0), Errno::Badf),
    ("open at a pipe", |w, m| w.path_open(m, 1, 0, 0, 0, 0, 0, 0, 0, 0), Errno::Notdir),
    ("rename to unknown", |w, m| w.path_rename(m, 1, 0, 0, 3, 0, 0), Errno::Badf),
    ("accept on unknown", |w, m| w.sock_accept(m, 3, 0, 0), Errno::Badf),
    ("send to a pipe", |w, m| w.sock_send(m, 1, 0, 0, 0, 0), Errno::Notsock),
    ("signal", |w, m| w.proc_raise(m, 1), Errno::Nosys),
    ("poll nothing", |w, m| w.poll_oneoff(m, 0, 0, 0, 0), Errno::Inval),
    ("random outside", |w, m| w.random_get(m, 60, 8), Errno::Fault),
];

#[test]
fn what_does_not_exist_says_so() {
    for (name, call, errno) in REFUSALS {
        let (mut wasi, _) = guest(b"");
        let mut bytes = [0; 64];
        assert_eq!(call(&mut wasi, &mut Memory(&mut bytes)), Err(*errno), "{name}");
    }
}
