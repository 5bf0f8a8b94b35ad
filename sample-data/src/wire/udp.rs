//! UDP (RFC 768).

/// Length of the header, in bytes.
pub(crate) const HEADER: usize = 8;

/// Append the header of a datagram of `length` bytes, header included, with a zero checksum.
pub(crate) fn write(out: &mut Vec<u8>, src_port: u16, dst_port: u16, length: usize) {
    out.extend_from_slice(&src_port.to_be_bytes());
    out.extend_from_slice(&dst_port.to_be_bytes());
    out.extend_from_slice(&(length as u16).to_be_bytes());
    out.extend_from_slice(&[0, 0]);
}
