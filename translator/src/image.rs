//! The module's data as one file of bytes and a list of where they go.

use crate::constant::Constant;
use crate::module::{Mode, Module};
use std::collections::BTreeMap;

/// Zero runs of at least this many bytes are left out: a span costs 24 bytes
/// and a turn of a loop.
const ZERO_RUN: usize = 64;
const CHUNK: u64 = 4096;

/// Bytes `[offset, offset + length)` of [`Image::bytes`] belong at
/// `destination` of the memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub destination: u64,
    pub offset: u64,
    pub length: u64,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Image {
    pub bytes: Vec<u8>,
    /// By memory: what is copied before anything else, in ascending order.
    pub spans: BTreeMap<u32, Vec<Span>>,
    /// By data segment, where the image has it as it is: passive ones, and
    /// active ones from the first on that cannot be placed beforehand.
    pub segments: BTreeMap<u32, Span>,
}

impl Image {
    /// Lays out all segments. The order of active ones matters where they
    /// overlap and where one of them traps, so those that are known to fit are
    /// merged only up to the first one that is not.
    pub fn of(module: &Module<'_>) -> Image {
        let mut image = Image::default();
        let mut memories: BTreeMap<u32, Sparse> = BTreeMap::new();
        let mut merging = true;
        for (index, data) in module.data.iter().enumerate() {
            let mut destination = 0;
            if let Mode::Active { index: memory, offset } = &data.mode {
                let declared = &module.memories[*memory as usize];
                match offset {
                    Constant::I32(start)
                        if merging
                            && !declared.imported
                            && u64::from(*start) + data.bytes.len() as u64
                                <= declared.min << 16 =>
                    {
                        memories.entry(*memory).or_default().write(u64::from(*start), data.bytes);
                        continue;
                    }
                    Constant::I32(start) => destination = u64::from(*start),
                    _ => {}
                }
                merging = false;
            }
            let offset = image.bytes.len() as u64;
            image.bytes.extend_from_slice(data.bytes);
            let length = data.bytes.len() as u64;
            image.segments.insert(index as u32, Span { destination, offset, length });
        }
        for (memory, sparse) in memories {
            let spans = sparse.spans(&mut image.bytes);
            if !spans.is_empty() {
                image.spans.insert(memory, spans);
            }
        }
        image
    }
}

/// Bytes at any addresses, in chunks, so that two far from each other cost
/// little.
#[derive(Default)]
struct Sparse {
    chunks: BTreeMap<u64, Vec<u8>>,
}

impl Sparse {
    fn write(&mut self, mut address: u64, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let within = (address % CHUNK) as usize;
            let count = bytes.len().min(CHUNK as usize - within);
            let chunk =
                self.chunks.entry(address / CHUNK).or_insert_with(|| vec![0; CHUNK as usize]);
            chunk[within..within + count].copy_from_slice(&bytes[..count]);
            bytes = &bytes[count..];
            address += count as u64;
        }
    }

    /// Appends what is not zero to `image`.
    fn spans(self, image: &mut Vec<u8>) -> Vec<Span> {
        let mut spans: Vec<Span> = Vec::new();
        for (number, chunk) in self.chunks {
            let mut position = 0;
            while let Some(start) =
                chunk[position..].iter().position(|&b| b != 0).map(|p| p + position)
            {
                let end = end_of_run(&chunk, start);
                let destination = number * CHUNK + start as u64;
                append(&mut spans, image, destination, &chunk[start..end]);
                position = end;
            }
        }
        spans
    }
}

/// Where the run that begins at `start` is followed by many zeros, or the
/// chunk's last byte that is not zero.
fn end_of_run(chunk: &[u8], start: usize) -> usize {
    let mut end = start;
    for (position, &byte) in chunk.iter().enumerate().skip(start) {
        if position >= end + ZERO_RUN {
            break;
        }
        if byte != 0 {
            end = position + 1;
        }
    }
    end
}

/// As a new span, or as the end of the last one if the gap is small.
fn append(spans: &mut Vec<Span>, image: &mut Vec<u8>, destination: u64, bytes: &[u8]) {
    if let Some(last) = spans.last_mut() {
        let gap = destination - (last.destination + last.length);
        if gap < ZERO_RUN as u64 {
            image.resize(image.len() + gap as usize, 0);
            image.extend_from_slice(bytes);
            last.length += gap + bytes.len() as u64;
            return;
        }
    }
    spans.push(Span { destination, offset: image.len() as u64, length: bytes.len() as u64 });
    image.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(writes: &[(u64, &[u8])], expected: &[(u64, usize)]) {
        let mut sparse = Sparse::default();
        for (address, bytes) in writes {
            sparse.write(*address, bytes);
        }
        let mut image = vec![0xaa; 3];
        let spans = sparse.spans(&mut image);
        let found: Vec<(u64, usize)> =
            spans.iter().map(|s| (s.destination, s.length as usize)).collect();
        assert_eq!(found, expected);
        // Placing the spans must give what was written.
        for (address, bytes) in writes {
            for (i, &byte) in bytes.iter().enumerate() {
                let at = address + i as u64;
                let span =
                    spans.iter().find(|s| s.destination <= at && at < s.destination + s.length);
                let placed = span.map_or(0, |s| image[(s.offset + at - s.destination) as usize]);
                assert_eq!(placed, byte, "byte at {at}");
            }
        }
    }

    #[test]
    fn zero_runs_are_left_out() {
        check(&[], &[]);
        check(&[(8, &[0; 100])], &[]);
        check(&[(8, &[1, 2, 3])], &[(8, 3)]);
        check(&[(8, &[1]), (8 + 64, &[2])], &[(8, 65)]);
        check(&[(8, &[1]), (8 + 65, &[2])], &[(8, 1), (73, 1)]);
    }

    #[test]
    fn chunks_do_not_split_runs() {
        check(&[(4094, &[1, 2, 3, 4])], &[(4094, 4)]);
        check(&[(4000, &[7; 5000])], &[(4000, 5000)]);
        check(&[(0, &[1]), (1 << 31, &[2])], &[(0, 1), (1 << 31, 1)]);
    }
}
