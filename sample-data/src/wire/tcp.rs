//! TCP (RFC 9293).

pub(crate) const FIN: u8 = 1;
pub(crate) const SYN: u8 = 2;
pub(crate) const RST: u8 = 4;
pub(crate) const PSH: u8 = 8;
pub(crate) const ACK: u8 = 16;

/// Options of a SYN over IPv4: MSS 1460, SACK permitted, window scale 7.
pub(crate) const SYN_OPTIONS_V4: &[u8] = &[2, 4, 0x05, 0xB4, 1, 1, 4, 2, 1, 3, 3, 7];
/// The same over IPv6: MSS 1440.
pub(crate) const SYN_OPTIONS_V6: &[u8] = &[2, 4, 0x05, 0xA0, 1, 1, 4, 2, 1, 3, 3, 7];
/// Options of a SYN as scanners send it: the MSS alone.
pub(crate) const SYN_OPTIONS_BARE: &[u8] = &[2, 4, 0x05, 0xB4];

/// Window of a SYN, unscaled, and of all other segments, scaled by 2^7 to about the same.
pub(crate) const SYN_WINDOW: u16 = 64240;
pub(crate) const WINDOW: u16 = 502;

/// A segment's header but for ports and checksum.
pub(crate) struct Header {
    pub(crate) seq: u32,
    pub(crate) ack: u32,
    pub(crate) flags: u8,
    pub(crate) window: u16,
    pub(crate) options: &'static [u8],
}

impl Header {
    /// Length of the header with its options, in bytes.
    pub(crate) fn length(&self) -> usize {
        20 + self.options.len()
    }

    pub(crate) fn logged_flags(&self) -> u8 {
        let syn_ack = if self.flags & (SYN | ACK) == SYN | ACK { ACK } else { 0 };
        self.flags & (FIN | SYN | RST) | syn_ack
    }

    /// Append the header with a zero checksum.
    pub(crate) fn write(&self, out: &mut Vec<u8>, src_port: u16, dst_port: u16) {
        out.extend_from_slice(&src_port.to_be_bytes());
        out.extend_from_slice(&dst_port.to_be_bytes());
        out.extend_from_slice(&self.seq.to_be_bytes());
        out.extend_from_slice(&self.ack.to_be_bytes());
        out.extend_from_slice(&[(self.length() as u8 / 4) << 4, self.flags]);
        out.extend_from_slice(&self.window.to_be_bytes());
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(self.options);
    }
}
