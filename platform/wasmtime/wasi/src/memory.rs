//! Checked access to the guest's linear memory.

use crate::Errno;

/// A linear memory; an access outside it is `EFAULT`.
pub struct Memory<'a>(pub &'a mut [u8]);

impl Memory<'_> {
    pub fn bytes(&self, address: u32, length: u32) -> Result<&[u8], Errno> {
        let start = address as usize;
        self.0.get(start..start + length as usize).ok_or(Errno::Fault)
    }

    pub fn bytes_mut(&mut self, address: u32, length: u32) -> Result<&mut [u8], Errno> {
        let start = address as usize;
        self.0.get_mut(start..start + length as usize).ok_or(Errno::Fault)
    }

    pub fn u8(&self, address: u32) -> Result<u8, Errno> {
        Ok(self.bytes(address, 1)?[0])
    }

    pub fn u16(&self, address: u32) -> Result<u16, Errno> {
        Ok(u16::from_le_bytes(self.array(address)?))
    }

    pub fn u32(&self, address: u32) -> Result<u32, Errno> {
        Ok(u32::from_le_bytes(self.array(address)?))
    }

    pub fn u64(&self, address: u32) -> Result<u64, Errno> {
        Ok(u64::from_le_bytes(self.array(address)?))
    }

    fn array<const N: usize>(&self, address: u32) -> Result<[u8; N], Errno> {
        let start = address as usize;
        let rest = self.0.get(start..).ok_or(Errno::Fault)?;
        rest.first_chunk().copied().ok_or(Errno::Fault)
    }

    pub fn write(&mut self, address: u32, bytes: &[u8]) -> Result<(), Errno> {
        let start = address as usize;
        let place = self.0.get_mut(start..start + bytes.len()).ok_or(Errno::Fault)?;
        place.copy_from_slice(bytes);
        Ok(())
    }

    pub fn write_u32(&mut self, address: u32, value: u32) -> Result<(), Errno> {
        self.write(address, &value.to_le_bytes())
    }

    pub fn write_u64(&mut self, address: u32, value: u64) -> Result<(), Errno> {
        self.write(address, &value.to_le_bytes())
    }
}

/// The address `index` elements of `size` bytes after `base`; addresses have 32
/// bits, so what does not fit lies outside every memory.
pub fn element(base: u32, index: u32, size: u32) -> Result<u32, Errno> {
    index.checked_mul(size).and_then(|offset| base.checked_add(offset)).ok_or(Errno::Fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accesses_end_where_the_memory_ends() {
        let mut bytes = [7; 16];
        let mut memory = Memory(&mut bytes);
        assert_eq!(memory.u32(12), Ok(0x0707_0707));
        assert_eq!(memory.u32(13), Err(Errno::Fault));
        assert_eq!(memory.u64(u32::MAX), Err(Errno::Fault));
        assert_eq!(memory.bytes(16, 0), Ok(&[][..]));
        assert_eq!(memory.bytes(17, 0), Err(Errno::Fault));
        assert_eq!(memory.bytes_mut(0, u32::MAX), Err(Errno::Fault));
        assert_eq!(memory.write_u64(9, 0), Err(Errno::Fault));
        assert_eq!(element(u32::MAX, 1, 1), Err(Errno::Fault));
    }
}
