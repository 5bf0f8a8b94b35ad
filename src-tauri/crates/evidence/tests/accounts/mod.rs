//! What a first pass owes for every file, whatever is in it. The fuzz targets hold each file against this, and so do
//! the tests that read again what they found.

use evidence::{Archive, ArchiveKind, Container, Intake, Intaken, Place, Sha256};
use std::collections::HashSet;
use std::fs;
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;

/// Of content that inflates without end, so much is compared. Unit: bytes.
const COMPARED: usize = 1 << 20;
const MEMBERS: usize = 16;

/// Reads a file of these bytes as what stands around its content. `scratch` is where the file lies meanwhile.
pub(crate) fn hold_container(bytes: &[u8], scratch: &Path) {
    written(bytes, scratch);
    let open = || Intake::open(scratch).expect("a file can be opened");
    let (content, taken) = read(open(), 1 + bytes.len() % 4093);
    assert_eq!(taken.sha256, Sha256::of(bytes));
    assert_eq!(taken.size, bytes.len() as u64);
    same(&(content.clone(), taken.clone()), &read(open(), 65_536));
    if taken.container == Container::PLAIN {
        assert_eq!(content, bytes[..bytes.len().min(COMPARED)]);
        assert!(taken.anomalies.is_empty());
    }
    for anomaly in &taken.anomalies {
        let (layer, _) = anomaly.kind.split_once('.').expect("a kind has a reader and a name");
        assert!(taken.container.name().contains(layer) || layer == "container", "{anomaly}");
        let outermost = !taken.container.name().contains('+');
        assert!(!outermost || anomaly.offset <= taken.size, "{anomaly}");
    }
    let rereading = taken.rereading.clone().expect("it was asked for");
    assert!(rereading.blocks().length >= content.len() as u64);
    let mut reader = rereading.open(scratch).expect("the file is still there");
    // Backward, as nobody reads a stream.
    for at in [content.len().saturating_sub(9), content.len() / 2, 0] {
        let length = content.len().saturating_sub(at).min(9);
        let again = reader.read(at as u64, length).expect("what was read once");
        assert_eq!(again, content[at..at + length], "from {at} on");
    }
}

/// Reads a file of these bytes as an archive, if it is one, and whether it is.
pub(crate) fn hold_archive(bytes: &[u8], scratch: &Path) -> bool {
    written(bytes, scratch);
    let intake = Intake::open(scratch).expect("a file can be opened");
    let Some(kind) = ArchiveKind::sniff(intake.head()) else { return false };
    let (_, taken) = read(intake, 65_536);
    let rereading = taken.rereading.clone().expect("it was asked for");
    let archive = Archive::open(scratch, kind, &rereading);
    let archive = archive.expect("damage is no error");
    let names: HashSet<_> = archive.members().iter().map(|member| &member.name).collect();
    assert_eq!(names.len(), archive.members().len(), "each member has a name of its own");
    for member in archive.members().iter().take(MEMBERS) {
        let open = || archive.intake(member, &Arc::default());
        let place = Place::from(scratch).inside(&member.name);
        if member.problem.is_some() {
            assert!(open().is_err_and(|error| error.kind() == ErrorKind::Unsupported));
            continue;
        }
        let once = read(open().expect("it has no problem"), 1 + bytes.len() % 97);
        same(&once, &read(open().expect("it has no problem"), 65_536));
        let alone = Intake::at(&place, &Arc::default()).expect("it is found by its name");
        same(&once, &read(alone, 65_536));
        let whole = once.1.anomalies.is_empty();
        assert!(!whole || once.1.size == member.size, "{} is not as promised", member.name);
    }
    true
}

fn written(bytes: &[u8], scratch: &Path) {
    // Some file systems write a file that is truncated to the disk at once.
    let _ = fs::remove_file(scratch);
    fs::write(scratch, bytes).expect("a file can be written");
}

/// The content, or the first of it, read in pieces of this size, and what the first pass says.
fn read(mut intake: Intake, size: usize) -> (Vec<u8>, Intaken) {
    intake.keep_rereading(None).expect("there is memory");
    let head = intake.head().to_vec();
    let (mut content, mut piece) = (Vec::new(), vec![0; size]);
    let ended = loop {
        match intake.read(&mut piece) {
            Ok(0) => break Some(Ok(())),
            Ok(count) => content.extend_from_slice(&piece[..count]),
            Err(error) => break Some(Err(error)),
        }
        if content.len() >= COMPARED {
            content.truncate(COMPARED);
            break None;
        }
    };
    let broken = intake.is_broken();
    match &ended {
        Some(Ok(())) => assert!(!broken, "an end where the content did not end"),
        Some(Err(error)) => assert!(broken && error.kind() == ErrorKind::InvalidData, "{error}"),
        None => {}
    }
    assert!(content.starts_with(&head) || head.starts_with(&content));
    let taken = intake.finish().expect("a file can be read to its end");
    assert!(!broken || !taken.anomalies.is_empty(), "broken, and nothing told");
    (content, taken)
}

fn same(one: &(Vec<u8>, Intaken), other: &(Vec<u8>, Intaken)) {
    assert_eq!(one.0, other.0);
    assert_eq!(one.1.sha256, other.1.sha256);
    assert_eq!(one.1.anomalies, other.1.anomalies);
    let blocks = |taken: &Intaken| taken.rereading.as_ref().map(|known| known.blocks().clone());
    assert_eq!(blocks(&one.1), blocks(&other.1));
}
