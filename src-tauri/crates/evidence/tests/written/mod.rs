//! Archives written byte by byte, so that they can be wrong in every way.

use std::io::Write;

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Bytes that do not compress.
pub(crate) fn noise(length: u32) -> Vec<u8> {
    let mut state = 7_u32;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[0]
    };
    (0..length).map(|_| next()).collect()
}

/// A member of a zip.
#[derive(Clone)]
pub(crate) struct Zipped {
    pub(crate) name: String,
    pub(crate) stored: Vec<u8>,
    pub(crate) size: u32,
    pub(crate) crc: u32,
    pub(crate) flags: u16,
    pub(crate) method: u16,
}

impl Zipped {
    pub(crate) fn stored(name: &str, bytes: &[u8]) -> Self {
        Self::with(name, 0, bytes, bytes)
    }

    pub(crate) fn deflated(name: &str, bytes: &[u8]) -> Self {
        let level = flate2::Compression::default();
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), level);
        encoder.write_all(bytes).unwrap();
        Self::with(name, 8, bytes, &encoder.finish().unwrap())
    }

    pub(crate) fn with(name: &str, method: u16, bytes: &[u8], stored: &[u8]) -> Self {
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        let (name, stored, size) = (name.to_owned(), stored.to_vec(), bytes.len() as u32);
        Self { name, stored, size, crc: crc.sum(), flags: 0, method }
    }

    /// What both headers say, from the flags to the length of the extra field.
    fn fields(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend(self.flags.to_le_bytes());
        bytes.extend(self.method.to_le_bytes());
        bytes.extend([0; 4]);
        bytes.extend(self.crc.to_le_bytes());
        bytes.extend((self.stored.len() as u32).to_le_bytes());
        bytes.extend(self.size.to_le_bytes());
        bytes.extend((self.name.len() as u16).to_le_bytes());
        bytes.extend([0; 2]);
        bytes
    }
}

pub(crate) fn zip(members: &[Zipped]) -> Vec<u8> {
    zip_listing(members, &(0..members.len()).collect::<Vec<_>>())
}

/// A zip whose directory lists only these of its members, as often as they are given.
pub(crate) fn zip_listing(members: &[Zipped], listed: &[usize]) -> Vec<u8> {
    let (mut bytes, mut offsets) = (Vec::new(), Vec::new());
    for member in members {
        offsets.push(bytes.len() as u32);
        bytes.extend(b"PK\x03\x04\x14\0");
        bytes.extend(member.fields());
        bytes.extend(member.name.as_bytes());
        bytes.extend(&member.stored);
    }
    let start = bytes.len();
    for index in listed {
        let member = &members[*index];
        bytes.extend(b"PK\x01\x02\x14\x03\x14\0");
        bytes.extend(member.fields());
        bytes.extend([0; 10]);
        bytes.extend(offsets[*index].to_le_bytes());
        bytes.extend(member.name.as_bytes());
    }
    let length = bytes.len() - start;
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend((listed.len() as u16).to_le_bytes());
    bytes.extend((listed.len() as u16).to_le_bytes());
    bytes.extend((length as u32).to_le_bytes());
    bytes.extend((start as u32).to_le_bytes());
    bytes.extend([0; 2]);
    bytes
}

/// A header and what follows it, filled up to whole blocks.
pub(crate) fn tar_entry(name: &str, kind: u8, content: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(tar::EntryType::new(kind));
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    header.set_cksum();
    let mut bytes = header.as_bytes().to_vec();
    bytes.extend(content);
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

pub(crate) fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes: Vec<_> =
        members.iter().flat_map(|(name, content)| tar_entry(name, b'0', content)).collect();
    bytes.resize(bytes.len() + 1024, 0);
    bytes
}
