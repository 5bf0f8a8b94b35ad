//! Gzip (RFC 1952) for message bodies: one block of fixed Huffman codes, literals only (RFC 1951 §3.2.6).
//!
//! A compressor's choices may change with its version and the processor; these bytes are part of the
//! scene and must not. The clear text is not readable in the result, which is the point of using it.

/// `plain` as a gzip member without name and time.
pub(crate) fn member(plain: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF];
    let mut bits = Bits { out: &mut out, held: 0, count: 0 };
    // Last block, type 01.
    bits.push(0b011, 3);
    for &byte in plain {
        let byte = u32::from(byte);
        if byte < 144 {
            bits.push_code(0x30 + byte, 8)
        } else {
            bits.push_code(0x190 + byte - 144, 9)
        }
    }
    bits.push_code(0, 7);
    bits.push(0, 7);
    let mut crc = flate2::Crc::new();
    crc.update(plain);
    out.extend_from_slice(&crc.sum().to_le_bytes());
    out.extend_from_slice(&(plain.len() as u32).to_le_bytes());
    out
}

struct Bits<'a> {
    out: &'a mut Vec<u8>,
    held: u32,
    count: u32,
}

impl Bits<'_> {
    /// Append `length` bits, the lowest first; whole bytes only leave.
    fn push(&mut self, value: u32, length: u32) {
        self.held |= value << self.count;
        self.count += length;
        while self.count >= 8 {
            self.out.push(self.held as u8);
            self.held >>= 8;
            self.count -= 8;
        }
    }

    /// Huffman codes stand with their highest bit first.
    fn push_code(&mut self, code: u32, length: u32) {
        self.push(code.reverse_bits() >> (32 - length), length);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    #[test]
    fn every_byte_value_comes_back_from_a_member() {
        let plain: Vec<u8> = (0..=255).collect();
        let mut back = Vec::new();
        let member = super::member(&plain);
        flate2::read::GzDecoder::new(&member[..]).read_to_end(&mut back).unwrap();
        assert_eq!(back, plain);
    }
}
