//! Tar: headers of 512 bytes, each followed by its file (POSIX.1-1988 ustar, POSIX.1-2001 pax, GNU).
//!
//! The crate `tar` reads the headers; the walk from one to the next is here, because it has to go on behind damage and
//! must not take an archive's word for how much memory a name needs.

use super::{Entry, Listing, MAX_MEMBERS};
use crate::Anomaly;
use crate::content::Content;
use std::io::{self, Read, Seek, SeekFrom};
use tar::{EntryType, Header, PaxExtensions};

/// Length of a header, and of what every file is filled up to. Unit: bytes.
const BLOCK: usize = 512;
/// The most that is read of a long name or of a pax header. Unit: bytes.
const MAX_EXTENSION: u64 = 1 << 20;

pub(super) fn is_tar(head: &[u8]) -> bool {
    let Some(block) = head.first_chunk::<BLOCK>() else { return false };
    let mark = matches!(block.get(257..263), Some(b"ustar\0" | b"ustar "));
    mark || (block.first() != Some(&0) && is_header(block))
}

/// Whether the checksum holds, over unsigned or (some old writers) signed bytes.
fn is_header(block: &[u8; BLOCK]) -> bool {
    let Ok(promised) = Header::from_byte_slice(block).cksum() else { return false };
    let spaces = (148..156).map(|_| &b' ');
    let summed = block.iter().take(148).chain(spaces).chain(block.iter().skip(156));
    let unsigned: u32 = summed.clone().map(|byte| u32::from(*byte)).sum();
    let signed: i32 = summed.map(|byte| i32::from(byte.cast_signed())).sum();
    promised == unsigned || i64::from(promised) == i64::from(signed)
}

pub(super) fn list(content: Content) -> io::Result<Listing> {
    let mut walk = Walk::new(content);
    while let Some(entry) = walk.next()? {
        if walk.listing.entries.len() == MAX_MEMBERS {
            let expected = format!("at most {MAX_MEMBERS} members");
            walk.listing.tell("archive.members", entry.header, &expected, "more");
            break;
        }
        walk.listing.entries.push(entry);
    }
    Ok(walk.listing)
}

/// From header to header, forward only.
pub(super) struct Walk {
    content: Content,
    at: u64,
    /// What the headers before a file's own say of it.
    said: Said,
    /// Blocks of zeros in a row: two end the archive.
    zeros: u8,
    ended: bool,
    /// Where the headers stopped making sense.
    lost: Option<u64>,
    listing: Listing,
}

#[derive(Default)]
struct Said {
    name: Option<Vec<u8>>,
    size: Option<u64>,
    sparse: bool,
}

impl Walk {
    pub(super) fn new(content: Content) -> Self {
        let (said, listing) = (Said::default(), Listing::default());
        Self { content, at: 0, said, zeros: 0, ended: false, lost: None, listing }
    }

    /// The next file, link or device.
    pub(super) fn next(&mut self) -> io::Result<Option<Entry>> {
        loop {
            let mut block = [0; BLOCK];
            let header = self.at;
            match self.read(&mut block)? {
                BLOCK => {}
                length => {
                    self.end(length);
                    return Ok(None);
                }
            }
            self.at = header.saturating_add(BLOCK as u64);
            if block == [0; BLOCK] {
                self.zeros = self.zeros.saturating_add(1);
                self.ended |= self.zeros >= 2 && self.lost.is_none();
                continue;
            }
            let size = Header::from_byte_slice(&block).entry_size();
            let (true, Ok(size)) = (is_header(&block), size) else {
                self.lost.get_or_insert(header);
                self.zeros = 0;
                continue;
            };
            self.found(header);
            if let Some(entry) = self.entry(header, &block, size)? {
                return Ok(Some(entry));
            }
        }
    }

    fn entry(&mut self, header: u64, block: &[u8; BLOCK], size: u64) -> io::Result<Option<Entry>> {
        let fields = Header::from_byte_slice(block);
        let kind = fields.entry_type();
        match kind {
            EntryType::GNULongName => {
                let mut name = self.extension(header, size)?;
                while name.pop_if(|last| *last == 0).is_some() {}
                self.said.name = Some(name);
            }
            EntryType::XHeader => {
                let records = self.extension(header, size)?;
                if !self.said.pax(&records) {
                    let found = crate::show_bytes(&records, 64);
                    self.listing.tell("tar.pax", header, "records of key and value", found);
                }
            }
            EntryType::GNULongLink | EntryType::XGlobalHeader => self.skip(size),
            _ => return self.file(header, fields, kind, size),
        }
        Ok(None)
    }

    fn file(
        &mut self,
        header: u64,
        fields: &Header,
        kind: EntryType,
        size: u64,
    ) -> io::Result<Option<Entry>> {
        let said = std::mem::take(&mut self.said);
        let size = said.size.unwrap_or(size);
        let name = said.name.unwrap_or_else(|| fields.path_bytes().into_owned());
        let mut extended =
            fields.as_gnu().is_some_and(|gnu| kind.is_gnu_sparse() && gnu.is_extended());
        while extended {
            let mut map = [0; BLOCK];
            let whole = self.read(&mut map)? == BLOCK;
            self.skip(BLOCK as u64);
            extended = whole && map.get(504) == Some(&1);
        }
        let problem = match kind {
            _ if said.sparse || kind.is_gnu_sparse() => Some(("tar.sparse", "a file with holes")),
            EntryType::Regular | EntryType::Continuous => None,
            EntryType::Link => Some(("tar.link", "a link to another member")),
            EntryType::Symlink => Some(("tar.link", "a symbolic link")),
            EntryType::Char | EntryType::Block | EntryType::Fifo => {
                Some(("tar.device", "a device"))
            }
            _ => Some(("tar.type", "a member of an unknown type")),
        };
        let start = self.at;
        self.skip(size);
        let folder = kind == EntryType::Directory
            || (problem.is_none() && size == 0 && name.last() == Some(&b'/'));
        let problem =
            problem.map(|(kind, found)| Anomaly::new(kind, header, BLOCK as u64, "a file", found));
        let entry =
            Entry { name, header, start, stored: size, size, coding: None, crc: None, problem };
        Ok((!folder).then_some(entry))
    }

    /// The bytes behind a header that speaks of the file that follows.
    fn extension(&mut self, header: u64, size: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.content.seek(SeekFrom::Start(self.at))?;
        self.content.by_ref().take(size.min(MAX_EXTENSION)).read_to_end(&mut bytes)?;
        if size > MAX_EXTENSION {
            let expected = format!("at most {MAX_EXTENSION} bytes about a member");
            self.listing.tell("tar.extension_length", header, &expected, size.to_string());
        }
        self.skip(size);
        Ok(bytes)
    }

    fn skip(&mut self, size: u64) {
        // A size beyond all bounds leads behind the end, where the cut is told.
        let filled = size.checked_next_multiple_of(BLOCK as u64).unwrap_or(u64::MAX);
        self.at = self.at.saturating_add(filled);
    }

    fn read(&mut self, block: &mut [u8; BLOCK]) -> io::Result<usize> {
        self.content.seek(SeekFrom::Start(self.at))?;
        let mut filled = 0_usize;
        while let Some(room) = block.get_mut(filled..).filter(|room| !room.is_empty()) {
            match self.content.read(room)? {
                0 => break,
                count => filled = filled.saturating_add(count),
            }
        }
        Ok(filled)
    }

    /// A header makes sense again.
    fn found(&mut self, header: u64) {
        self.regain(header);
        if std::mem::take(&mut self.ended) {
            let expected = "nothing behind the two blocks of zeros that end the archive";
            self.listing.tell("tar.after_end", header, expected, "more members");
        }
        self.zeros = 0;
    }

    fn regain(&mut self, at: u64) {
        if let Some(lost) = self.lost.take() {
            let length = at.saturating_sub(lost);
            let (expected, found) = ("a header whose checksum holds", format!("{length} bytes"));
            self.listing.anomalies.push(Anomaly::new("tar.header", lost, length, expected, found));
        }
    }

    fn end(&mut self, length: usize) {
        self.regain(self.at.saturating_add(length as u64));
        if !self.ended || length > 0 {
            let expected = "two blocks of zeros at the end";
            let found = format!("{length} bytes, and the end of the input");
            self.listing.tell("tar.cut", self.at, expected, found);
        }
    }
}

impl Said {
    /// Whether every record could be read.
    fn pax(&mut self, records: &[u8]) -> bool {
        let mut whole = true;
        for record in PaxExtensions::new(records) {
            let Ok(record) = record else { return false };
            match record.key_bytes() {
                b"path" | b"GNU.sparse.name" => self.name = Some(record.value_bytes().to_vec()),
                b"size" => {
                    self.size = record.value().ok().and_then(|size| size.parse().ok());
                    whole &= self.size.is_some();
                }
                key => self.sparse |= key.starts_with(b"GNU.sparse."),
            }
        }
        whole
    }
}
