//! Zip: a directory at the end, and a header before each member that says the same again (APPNOTE 6.3.10).
//!
//! The two are held against each other, and what only one of them knows is told. Where the directory is lost, the
//! members' own headers are followed. It is read here and not by the crate `zip`, because that keeps one member of each
//! name and takes an archive's word for how much memory its end record needs; inflating is the layers' as elsewhere.

mod directory;
mod local;

use super::{Entry, Listing, MAX_MEMBERS};
use crate::container::Layer;
use crate::content::Content;
use crate::{Anomaly, Cursor};
use local::Local;
use std::io;

const LOCAL: [u8; 4] = *b"PK\x03\x04";
const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const END: [u8; 4] = *b"PK\x05\x06";

pub(super) fn is_zip(head: &[u8]) -> bool {
    head.starts_with(&LOCAL) || head.starts_with(&END)
}

/// What both headers of a member say of it.
struct Fields {
    flags: u16,
    method: u16,
    crc: u32,
    stored: u64,
    size: u64,
}

impl Fields {
    /// Sizes and checksum stand behind the member's bytes.
    const DESCRIPTOR: u16 = 1 << 3;
    /// Encrypted, strongly encrypted, header masked.
    const ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;

    /// How the bytes are compressed, or why they cannot be read.
    fn coding(&self, header: u64) -> Result<Option<Layer>, Anomaly> {
        if self.flags & Self::ENCRYPTED != 0 {
            let found = "an encrypted one";
            return Err(Anomaly::new("zip.encrypted", header, 0, "a member open to read", found));
        }
        match self.method {
            0 => Ok(None),
            8 => Ok(Some(Layer::Deflate)),
            12 => Ok(Some(Layer::Bzip2)),
            93 => Ok(Some(Layer::Zstd)),
            95 => Ok(Some(Layer::Xz)),
            other => {
                let expected = "stored, deflate, bzip2, zstd or xz";
                let found = format!("compression method {other}");
                Err(Anomaly::new("zip.method", header, 0, expected, found))
            }
        }
    }

    /// The entry that starts at `header` and whose bytes start at `start`.
    fn entry(self, name: Vec<u8>, header: u64, start: u64) -> Entry {
        let (coding, problem) = match self.coding(header) {
            Ok(coding) => (coding, None),
            Err(problem) => (None, Some(problem)),
        };
        let (stored, size, crc) = (self.stored, self.size, Some(self.crc));
        Entry { name, header, start, stored, size, coding, crc, problem }
    }

    /// Takes the sizes that do not fit in 32 bits from the extra field 1 (APPNOTE 4.5.3); what else stands there.
    fn widen<'a>(&mut self, extra: &'a [u8]) -> Option<Cursor<'a>> {
        let mut fields = Cursor::new(extra);
        while let (Some(id), Some(length)) = (fields.le16(), fields.le16()) {
            let mut wide = Cursor::new(fields.take(usize::from(length))?);
            if id == 1 {
                for size in [&mut self.size, &mut self.stored] {
                    if *size == u64::from(u32::MAX) {
                        *size = wide.le64()?;
                    }
                }
                return Some(wide);
            }
        }
        None
    }
}

pub(super) fn list(content: Content) -> io::Result<Listing> {
    let length = content.length()?;
    let mut listing = Listing::default();
    let Some((listed, from, until)) = directory::read(&content, length, &mut listing)? else {
        let end = walk(&content, 0, length, &mut listing, length)?;
        let found = format!("none, and members by their own headers up to byte {end}");
        listing.tell("zip.directory", end, "a directory of the members at the end", found);
        return Ok(listing);
    };
    let mut claimed = Vec::with_capacity(listed.len());
    for listed in listed {
        let mut entry = listed.entry;
        let end = match local::read(&content, entry.header, until)? {
            Some(own) => {
                if own.name != entry.name {
                    let found = crate::show_bytes(&own.name, 64);
                    let expected = crate::show_bytes(&entry.name, 64);
                    listing.tell("zip.names_differ", entry.header, &expected, found);
                }
                entry.start = own.start;
                let described = own.fields.flags & Fields::DESCRIPTOR != 0;
                Some((own.start.saturating_add(entry.stored), described))
            }
            None => {
                let found = "none where the directory says";
                let expected = "the header of a member";
                let lost = Anomaly::new("zip.header", entry.header, 0, expected, found);
                entry.problem.get_or_insert(lost);
                None
            }
        };
        claimed.extend(end.map(|(end, described)| (entry.header, end, described)));
        if !listed.folder {
            listing.entries.push(entry);
        }
    }
    claimed.sort_unstable();
    unclaimed(&content, &claimed, from..until, &mut listing)?;
    Ok(listing)
}

/// Looks at what lies between the members that the directory lists: others, or bytes that belong to nobody.
fn unclaimed(
    content: &Content,
    claimed: &[(u64, u64, bool)],
    within: std::ops::Range<u64>,
    listing: &mut Listing,
) -> io::Result<()> {
    let (mut at, mut described) = (within.start, false);
    for (header, end, next_described) in
        claimed.iter().copied().chain([(within.end, within.end, false)])
    {
        if header < at {
            let found = format!("another one at {header}");
            listing.tell("zip.overlap", at, "each member in bytes of its own", found);
        } else {
            gap(content, at, header, described, listing)?;
        }
        (at, described) = (at.max(end), next_described);
    }
    Ok(())
}

fn gap(
    content: &Content,
    from: u64,
    until: u64,
    described: bool,
    listing: &mut Listing,
) -> io::Result<()> {
    let length = until.saturating_sub(from);
    if length == 0 || (described && [12, 16, 20, 24].contains(&length)) {
        return Ok(());
    }
    let before = listing.entries.len();
    let mut end = from;
    // A member may start at once, or behind the description of the one before.
    for skipped in [0, 12, 16, 20, 24] {
        let start = from.saturating_add(skipped);
        if end == from && start < until && (skipped == 0 || described) {
            let walked = walk(content, start, until, listing, until)?;
            end = if walked > start { walked } else { end };
        }
    }
    if listing.entries.len() > before {
        let found = format!("{} more", listing.entries.len().saturating_sub(before));
        listing.tell("zip.unlisted", from, "every member in the directory", found);
    }
    if end < until {
        let left = until.saturating_sub(end);
        let (expected, found) = ("bytes that belong to a member", format!("{left} others"));
        listing.anomalies.push(Anomaly::new("zip.unclaimed_bytes", end, left, expected, found));
    }
    Ok(())
}

/// Follows members by their own headers from `at`, and says where that ends.
fn walk(
    content: &Content,
    mut at: u64,
    until: u64,
    listing: &mut Listing,
    limit: u64,
) -> io::Result<u64> {
    while at < until && listing.entries.len() < MAX_MEMBERS {
        let Some(Local { name, mut fields, start }) = local::read(content, at, limit)? else {
            break;
        };
        let folder = name.last() == Some(&b'/');
        let mut next = start.saturating_add(fields.stored);
        let mut unknown = None;
        if fields.flags & Fields::DESCRIPTOR != 0 && fields.stored == 0 {
            match local::measure(content, at, start, until, &mut fields)? {
                Some(end) => next = end,
                None => {
                    let expected = "a length before the member's bytes";
                    let found = "none, and no other way to find their end";
                    unknown = Some(Anomaly::new("zip.length", at, 0, expected, found));
                    next = until;
                }
            }
        }
        let mut entry = fields.entry(name, at, start);
        entry.problem = entry.problem.or(unknown);
        if !folder || entry.size > 0 {
            listing.entries.push(entry);
        }
        at = next.min(until);
    }
    Ok(at)
}
