//! Archives: files that hold files.
//!
//! An archive is first read whole by an [`Intake`] that hashes its blocks; its members are then read through those
//! hashes, so that what is read is what was hashed. Each member is evidence of its own: its SHA-256 is of its bytes as
//! a file outside of the archive would have them, its containers are its own.

mod member;
mod name;
mod tar;
mod zip;

pub(crate) use member::MemberBytes;

use crate::container::Layer;
use crate::content::Content;
use crate::inflate::{RATIO_CAP, RATIO_FLOOR};
use crate::layers::Layers;
use crate::source::Source;
use crate::{Anomalies, Anomaly, Intake, Place, RangeReader, Rereading, Watch};
use name::Names;
use std::io;
use std::sync::Arc;

/// How deep archives may lie in archives, the outermost counted.
pub const MAX_ARCHIVE_DEPTH: usize = 3;
/// How many members of one archive are listed.
pub const MAX_MEMBERS: usize = 1 << 18;
/// Enough to recognise any archive. Unit: bytes.
const MARK: usize = 512;

/// A format of archives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArchiveKind {
    /// PKWARE's APPNOTE 6.3.10: stored, deflate, bzip2, zstd and xz members, zip64.
    Zip,
    /// POSIX ustar and pax, GNU, and the old one without a mark.
    Tar,
}

impl ArchiveKind {
    /// Recognises an archive by the first bytes of some content ([`Intake::head`]).
    pub fn sniff(head: &[u8]) -> Option<Self> {
        if zip::is_zip(head) { Some(Self::Zip) } else { tar::is_tar(head).then_some(Self::Tar) }
    }

    /// Stable name, stored in cases.
    pub fn name(self) -> &'static str {
        match self {
            Self::Zip => "zip",
            Self::Tar => "tar",
        }
    }
}

/// A file in an archive.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its name in the archive, made safe to show and unique: see [`Archive`]. Never a path to write to.
    pub name: String,
    /// How many bytes the archive promises. Unit: bytes.
    pub size: u64,
    /// Why it cannot be read, if it cannot: encrypted, a link, an unknown compression, beyond a limit.
    pub problem: Option<Anomaly>,
    entry: Entry,
}

/// A member as its format describes it. Offsets are in the archive's (inflated) bytes.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    name: Vec<u8>,
    /// Where its header starts.
    header: u64,
    /// Where its bytes start.
    start: u64,
    /// How many there are, as they lie there.
    stored: u64,
    /// How many they inflate to.
    size: u64,
    coding: Option<Layer>,
    crc: Option<u32>,
    problem: Option<Anomaly>,
}

/// What a format finds in an archive.
#[derive(Default)]
pub(crate) struct Listing {
    entries: Vec<Entry>,
    anomalies: Anomalies,
}

impl Listing {
    fn tell(&mut self, kind: &'static str, offset: u64, expected: &str, found: impl Into<String>) {
        self.anomalies.push(Anomaly::new(kind, offset, 0, expected, found));
    }
}

/// An archive whose first pass is done, and what is in it.
///
/// Names are kept as they are in the archive, with these escapes: `\\` for `\`, `\!` for `!` (see [`Place::member`]),
/// `\xNN` for each byte that is no UTF-8, controls, or turns the direction of text. A name beyond 4096 bytes is cut
/// and ends in `\…`. Where members share a name, all but the first in the archive end in `\#2`, `\#3` …; no name can
/// look like that by itself. Folders are not listed.
pub struct Archive {
    place: Place,
    kind: ArchiveKind,
    content: Content,
    members: Vec<Member>,
    anomalies: Vec<Anomaly>,
}

impl Archive {
    /// Lists the archive at `place`, by what its first pass left for reading it again.
    ///
    /// # Errors
    /// Whatever reading it answers; a [`crate::RangeError`] inside says that it changed since its first pass. Damage is
    /// no error: see [`Archive::anomalies`].
    pub fn open(
        place: impl Into<Place>,
        kind: ArchiveKind,
        rereading: &Rereading,
    ) -> io::Result<Self> {
        let place = place.into();
        let content = rereading.open(place.clone())?.content();
        if place.members.len() >= MAX_ARCHIVE_DEPTH {
            let expected = format!("at most {MAX_ARCHIVE_DEPTH} archives in one another");
            let deep = Anomaly::new("archive.depth", 0, 0, expected, "one more");
            let (members, anomalies) = (Vec::new(), vec![deep]);
            return Ok(Self { place, kind, content, members, anomalies });
        }
        let listing = match kind {
            ArchiveKind::Zip => zip::list(content.clone())?,
            ArchiveKind::Tar => tar::list(content.clone())?,
        };
        let outside = std::fs::metadata(&place.path)?.len();
        let (members, anomalies) = named(listing, outside);
        Ok(Self { place, kind, content, members, anomalies })
    }

    /// Where the archive lies.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Its format.
    pub fn kind(&self) -> ArchiveKind {
        self.kind
    }

    /// Every file in it, by name.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// What was wrong with the archive itself; offsets are in its inflated bytes.
    pub fn anomalies(&self) -> &[Anomaly] {
        &self.anomalies
    }

    /// The first pass over a member.
    ///
    /// # Errors
    /// Whatever reading answers; `Unsupported` if the member has a problem.
    pub fn intake(&self, member: &Member, watch: &Arc<Watch>) -> io::Result<Intake> {
        Intake::of(source(self.content.clone(), self.kind, member)?, watch)
    }

    /// The bytes of the member of that name, read without checking what lies around them.
    pub(crate) fn find(place: &Place, name: &str) -> io::Result<Source> {
        if place.members.len() >= MAX_ARCHIVE_DEPTH {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "archives too deep in archives",
            ));
        }
        let (mut layers, container, _) = Layers::peel(Source::open(place)?)?;
        let kind = ArchiveKind::sniff(layers.look(MARK)?);
        drop(layers);
        let content = RangeReader::unchecked(place.clone(), container)?.content();
        let found = match kind {
            None => None,
            // No further than the member: what is compressed is inflated only once.
            Some(ArchiveKind::Tar) => {
                let mut names = Names::default();
                let mut walk = tar::Walk::new(content.clone());
                loop {
                    let Some(entry) = walk.next()? else { break None };
                    if names.unique(&entry.name) == name {
                        break Some(member(name.to_owned(), entry));
                    }
                }
            }
            Some(ArchiveKind::Zip) => {
                let outside = std::fs::metadata(&place.path)?.len();
                let (members, _) = named(zip::list(content.clone())?, outside);
                members.into_iter().find(|member| member.name == name)
            }
        };
        match (kind, found) {
            (Some(kind), Some(found)) => source(content, kind, &found),
            _ => Err(io::Error::new(io::ErrorKind::NotFound, "no such member in the archive")),
        }
    }
}

fn member(name: String, entry: Entry) -> Member {
    Member { name, size: entry.size, problem: entry.problem.clone(), entry }
}

fn source(content: Content, kind: ArchiveKind, member: &Member) -> io::Result<Source> {
    if let Some(problem) = &member.problem {
        return Err(io::Error::new(io::ErrorKind::Unsupported, problem.to_string()));
    }
    Ok(Source::Member(Box::new(MemberBytes::new(content, kind, &member.entry)?)))
}

/// Names and sorts what was found, and holds it against what the file on disk can honestly have in it.
fn named(listing: Listing, outside: u64) -> (Vec<Member>, Vec<Anomaly>) {
    let Listing { entries, mut anomalies } = listing;
    let allowed = outside.saturating_mul(RATIO_CAP).max(RATIO_FLOOR);
    let (mut names, mut inflated) = (Names::default(), 0_u64);
    let mut members: Vec<_> = entries
        .into_iter()
        .map(|entry| {
            let mut member = member(names.unique(&entry.name), entry);
            if member.problem.is_none() {
                inflated = inflated.saturating_add(member.size);
            }
            if inflated > allowed && member.problem.is_none() {
                let expected = format!("at most {allowed} bytes out of {outside}");
                let found = format!("{inflated} with this member");
                let header = member.entry.header;
                member.problem = Some(Anomaly::new("archive.ratio", header, 0, expected, found));
            }
            member
        })
        .collect();
    anomalies.extend(names.cut());
    members.sort_by(|a, b| a.name.cmp(&b.name));
    (members, anomalies.finish())
}
