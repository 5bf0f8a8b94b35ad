//! Evidence opened again, be it a file or a member of an archive.

use evidence::{Archive, ArchiveKind, Intake, Place, Watch};
use std::io;
use std::sync::Arc;

/// Opens places again and again. Members of one archive come one after the other: it is opened once for all of them.
#[derive(Default)]
pub(crate) struct Reopened {
    archive: Option<Archive>,
}

impl Reopened {
    /// What lies at a place now.
    pub(crate) fn open(&mut self, place: &Place, watch: &Arc<Watch>) -> io::Result<Intake> {
        let Some((name, outer)) = place.members.split_last() else {
            return Intake::at(place, watch);
        };
        let outer = Place { path: place.path.clone(), members: outer.to_vec() };
        let archive = match self.archive.take() {
            Some(archive) if *archive.place() == outer => archive,
            _ => archive_at(&outer, watch)?,
        };
        let archive = self.archive.insert(archive);
        match archive.members().iter().find(|member| member.name == *name) {
            Some(member) => archive.intake(member, watch),
            None => Err(io::Error::new(io::ErrorKind::NotFound, "the archive has no such member")),
        }
    }
}

fn archive_at(place: &Place, watch: &Arc<Watch>) -> io::Result<Archive> {
    let mut intake = Intake::at(place, watch)?;
    let Some(kind) = ArchiveKind::sniff(intake.head()) else {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is no archive any more"));
    };
    intake.keep_rereading(None)?;
    let taken = intake.finish()?;
    Archive::open(place, kind, &taken.rereading.unwrap_or_default())
}
