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
use crate::inflate::{RATIO_CAP, RATIO_FLOOR};
use crate::{Anomaly, Cursor};
use directory::Directory;
use local::Local;
use std::io;
use std::ops::Range;

const LOCAL: [u8; 4] = *b"PK\x03\x04";
const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const END: [u8; 4] = *b"PK\x05\x06";
/// How long the description behind a member can be (APPNOTE 4.3.9). Unit: bytes.
const DESCRIPTIONS: [u64; 4] = [12, 16, 20, 24];

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
    let Some(directory) = directory::read(&content, length, &mut listing)? else {
        let end = walk(&content, 0..length, length, &mut listing)?;
        let found = format!("none, and members by their own headers up to byte {end}");
        listing.tell("zip.directory", end, "a directory of the members at the end", found);
        return Ok(listing);
    };
    let Directory { listed, within, whole } = directory;
    let mut claimed = Vec::with_capacity(listed.len());
    for listed in listed {
        let mut entry = listed.entry;
        let end = match local::read(&content, entry.header, within.end)? {
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
    if whole {
        unclaimed(&content, length, &claimed, within, &mut listing)?;
    }
    Ok(listing)
}

/// Looks at what lies between the members that the directory lists: others, or bytes that belong to nobody.
fn unclaimed(
    content: &Content,
    length: u64,
    claimed: &[(u64, u64, bool)],
    within: Range<u64>,
    listing: &mut Listing,
) -> io::Result<()> {
    let (mut at, mut described) = (within.start, false);
    let last = (within.end, within.end, false);
    for (header, end, next_described) in claimed.iter().copied().chain([last]) {
        if header < at {
            let found = format!("another one at {header}");
            listing.tell("zip.overlap", at, "each member in bytes of its own", found);
        } else {
            gap(content, length, at..header, described, listing)?;
        }
        (at, described) = (at.max(end), next_described);
    }
    Ok(())
}

/// What lies behind one member and before the next.
fn gap(
    content: &Content,
    length: u64,
    gap: Range<u64>,
    described: bool,
    listing: &mut Listing,
) -> io::Result<()> {
    let left = gap.end.saturating_sub(gap.start);
    if left == 0 || (described && DESCRIPTIONS.contains(&left)) {
        return Ok(());
    }
    let before = listing.entries.len();
    // A member may start at once, or behind the description of the one before.
    let behind = DESCRIPTIONS.iter().filter(|_| described);
    let mut end = gap.start;
    for skipped in std::iter::once(&0).chain(behind) {
        let start = gap.start.saturating_add(*skipped);
        let walked = walk(content, start..gap.end, length, listing)?;
        if walked > start {
            end = walked;
            break;
        }
    }
    let more = listing.entries.len().saturating_sub(before);
    if more > 0 {
        let found = format!("{more} more");
        listing.tell("zip.unlisted", gap.start, "every member in the directory", found);
    }
    let left = gap.end.saturating_sub(end);
    if left > 0 && !(more > 0 && DESCRIPTIONS.contains(&left)) {
        let (expected, found) = ("bytes that belong to a member", format!("{left} others"));
        listing.anomalies.push(Anomaly::new("zip.unclaimed_bytes", end, left, expected, found));
    }
    Ok(())
}

/// Follows members by their own headers, and says where that ends.
fn walk(
    content: &Content,
    within: Range<u64>,
    length: u64,
    listing: &mut Listing,
) -> io::Result<u64> {
    let allowed = length.saturating_mul(RATIO_CAP).max(RATIO_FLOOR);
    let (mut at, mut measured) = (within.start, 0_u64);
    while at < within.end && listing.entries.len() < MAX_MEMBERS && measured <= allowed {
        let Some(Local { name, mut fields, start }) = local::read(content, at, within.end)? else {
            break;
        };
        let mut next = start.saturating_add(fields.stored);
        let mut unknown = None;
        if fields.flags & Fields::DESCRIPTOR != 0 && fields.stored == 0 {
            if let Some(end) = local::measure(content, at, start..within.end, &mut fields)? {
                next = end;
                measured = measured.saturating_add(fields.size);
            } else {
                let expected = "a length before the member's bytes";
                let found = "none, and no other way to find their end";
                unknown = Some(Anomaly::new("zip.length", at, 0, expected, found));
                next = within.end;
            }
        }
        let folder = name.last() == Some(&b'/') && fields.size == 0;
        let mut entry = fields.entry(name, at, start);
        entry.problem = entry.problem.or(unknown);
        if !folder {
            listing.entries.push(entry);
        }
        at = next.min(within.end);
    }
    Ok(at)
}
