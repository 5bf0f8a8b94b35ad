//! Archives, read through the public face: what is in them, what is wrong with them, and that nothing unchecked comes
//! out of them.

#![expect(clippy::unwrap_used, reason = "a test may")]

use evidence::{Archive, ArchiveKind, Intake, Intaken, Place, Rereading, Sha256, Watch};
use std::io::{Cursor, ErrorKind, Read, Write};
use std::sync::Arc;

mod folder;
mod written;
use folder::Folder;
use written::{Zipped, gzip, tar, tar_entry, zip};

/// The first pass over a place.
fn first_pass(mut intake: Intake) -> (Option<ArchiveKind>, Rereading, Intaken) {
    let kind = ArchiveKind::sniff(intake.head());
    intake.keep_rereading(None).unwrap();
    let mut taken = intake.finish().unwrap();
    (kind, taken.rereading.take().unwrap(), taken)
}

fn open(place: &Place) -> Archive {
    let (kind, rereading, _) = first_pass(Intake::at(place, &Arc::default()).unwrap());
    Archive::open(place, kind.unwrap(), &rereading).unwrap()
}

/// One line for each member: its name, and its content, its problem, or its damage.
fn members(archive: &Archive) -> Vec<(String, Result<Vec<u8>, String>)> {
    let read = |member| {
        let mut intake: Intake = archive.intake(member, &Arc::default()).map_err(|error| {
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            member.problem.as_ref().unwrap().kind.to_owned()
        })?;
        let mut content = Vec::new();
        let ended = intake.read_to_end(&mut content);
        assert_eq!(ended.is_err(), intake.is_broken());
        let told: Vec<_> = intake.finish().unwrap().anomalies.iter().map(|one| one.kind).collect();
        let shown = String::from_utf8_lossy(&content).into_owned();
        if told.is_empty() { Ok(content) } else { Err(format!("{shown} {}", told.join(" "))) }
    };
    archive.members().iter().map(|member| (member.name.clone(), read(member))).collect()
}

fn told(archive: &Archive) -> Vec<&'static str> {
    archive.anomalies().iter().map(|anomaly| anomaly.kind).collect()
}

type Seen<'a> = &'a [(&'a str, Result<&'a [u8], &'a str>)];

fn expect(archive: &Archive, seen: Seen<'_>, anomalies: &[&str]) {
    let found = members(archive);
    let found: Vec<_> = found
        .iter()
        .map(|(name, read)| (name.as_str(), read.as_deref().map_err(String::as_str)))
        .collect();
    assert_eq!(found, seen, "{:?}", archive.anomalies());
    assert_eq!(told(archive), anomalies, "{:?}", archive.anomalies());
}

#[test]
fn every_compression_of_a_zip_is_read() {
    let bytes = zip(&[
        Zipped::stored("stored", b"one"),
        Zipped::deflated("deflated", b"two"),
        Zipped::with("zstd", 93, b"three", &zstd::encode_all(&b"three"[..], 1).unwrap()),
        Zipped::with("unknown", 14, b"four", b"lzma"),
        Zipped { flags: 1, ..Zipped::stored("encrypted", b"five") },
        Zipped::stored("folder/", b""),
    ]);
    expect_open(
        &bytes,
        &[
            ("deflated", Ok(b"two")),
            ("encrypted", Err("zip.encrypted")),
            ("stored", Ok(b"one")),
            ("unknown", Err("zip.method")),
            ("zstd", Ok(b"three")),
        ],
        &[],
    );
}

fn expect_open(bytes: &[u8], seen: Seen<'_>, anomalies: &[&str]) {
    let folder = Folder::new();
    expect(&open(&Place::from(folder.at(bytes))), seen, anomalies);
}

#[test]
fn what_another_writer_writes_is_read() {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    writer.add_directory("logs", options).unwrap();
    writer.start_file("logs/wide", options.large_file(true)).unwrap();
    writer.write_all(b"with sizes of 64 bits").unwrap();
    writer.start_file("logs/empty", options).unwrap();
    let wide = writer.finish().unwrap().into_inner();
    let mut streamed = zip::ZipWriter::new_stream(Vec::new());
    streamed.start_file("unknown length", options).unwrap();
    streamed.write_all(b"described behind itself").unwrap();
    streamed.start_file("another", options).unwrap();
    let streamed = streamed.finish().unwrap().into_inner();

    let wide_seen: Seen<'_> =
        &[("logs/empty", Ok(b"")), ("logs/wide", Ok(b"with sizes of 64 bits"))];
    let streamed_seen: Seen<'_> =
        &[("another", Ok(b"")), ("unknown length", Ok(b"described behind itself"))];
    for (bytes, seen) in [(wide, wide_seen), (streamed, streamed_seen)] {
        expect_open(&bytes, seen, &[]);
        // Without the directory the members' own headers say the same.
        let directory = bytes.windows(4).position(|mark| mark == b"PK\x01\x02").unwrap();
        expect_open(&bytes[..directory], seen, &["zip.directory"]);
    }
}

#[test]
fn more_members_than_sixteen_bits_count_are_listed() {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for number in 0..70_000 {
        let options = zip::write::SimpleFileOptions::default();
        writer.start_file(format!("{number:05}"), options).unwrap();
    }
    let folder = Folder::new();
    let archive = open(&Place::from(folder.at(&writer.finish().unwrap().into_inner())));
    assert_eq!((archive.members().len(), archive.anomalies().len()), (70_000, 0));
    assert_eq!(archive.members()[69_999].name, "69999");
}

#[test]
fn a_member_is_the_file_that_it_would_be_outside() {
    let inside = gzip(b"line\n");
    for archive in [zip(&[Zipped::deflated("a.log.gz", &inside)]), tar(&[("a.log.gz", &inside)])] {
        for archive in [archive.clone(), gzip(&archive)] {
            let folder = Folder::new();
            let place = Place::from(folder.at(&archive));
            let archive = open(&place);
            let watch = Arc::new(Watch::default());
            let intake = archive.intake(&archive.members()[0], &watch).unwrap();
            assert_eq!(intake.head(), b"line\n");
            let (_, rereading, taken) = first_pass(intake);
            assert_eq!(taken.sha256, Sha256::of(&inside));
            assert_eq!(
                (taken.container.name().as_str(), taken.size),
                ("gzip", inside.len() as u64)
            );

            // And can be found there again.
            let member = place.inside("a.log.gz");
            let again = Intake::at(&member, &watch).unwrap().finish().unwrap();
            assert_eq!(again.sha256, taken.sha256);
            let mut reader = rereading.open(&member).unwrap();
            assert_eq!(reader.read(1, 3).unwrap(), b"ine");
            let missing = Intake::at(&place.inside("b.log.gz"), &watch).err().unwrap();
            assert_eq!(missing.kind(), ErrorKind::NotFound);
        }
    }
}

#[test]
fn archives_lie_in_archives_up_to_three() {
    let log = gzip(b"line\n");
    let innermost = zip(&[Zipped::stored("x.log.gz", &log)]);
    let inner = gzip(&tar(&[("deep.zip", &innermost)]));
    let outer = zip(&[Zipped::deflated("inner.tgz", &inner)]);
    let folder = Folder::new();
    let file = Place::from(folder.at(&outer));

    let mut place = file.clone();
    for name in ["inner.tgz", "deep.zip", "x.log.gz"] {
        let archive = open(&place);
        assert_eq!(
            archive.members().iter().map(|one| one.name.as_str()).collect::<Vec<_>>(),
            [name]
        );
        place = place.inside(name);
    }
    assert_eq!(place.member().as_deref(), Some("inner.tgz!deep.zip!x.log.gz"));
    let taken = Intake::at(&place, &Arc::default()).unwrap().finish().unwrap();
    assert_eq!(taken.sha256, Sha256::of(&log));

    let fourth = zip(&[Zipped::stored("outermost.zip", &outer)]);
    let place = Place::within(folder.at(&fourth), Some("outermost.zip!inner.tgz!deep.zip"));
    let archive = open(&place);
    expect(&archive, &[], &["archive.depth"]);
}

#[test]
fn names_are_text_and_both_of_two_are_kept() {
    let hostile = [
        Zipped::stored("../../etc/passwd", b"1"),
        Zipped::stored("/etc/passwd", b"2"),
        Zipped::stored("a.log", b"3"),
        Zipped::stored("a.log", b"4"),
        Zipped::stored("tw!o\\\x1b", b"5"),
    ];
    let tarred: Vec<_> = hostile.iter().map(|one| (one.name.as_str(), &one.stored[..])).collect();
    for bytes in [zip(&hostile), tar(&tarred)] {
        let folder = Folder::new();
        let place = Place::from(folder.at(&bytes));
        let archive = open(&place);
        expect(
            &archive,
            &[
                ("../../etc/passwd", Ok(b"1")),
                ("/etc/passwd", Ok(b"2")),
                ("a.log", Ok(b"3")),
                (r"a.log\#2", Ok(b"4")),
                (r"tw\!o\\\x1b", Ok(b"5")),
            ],
            &[],
        );
        for member in archive.members() {
            let place = Place::within(&place.path, place.inside(&member.name).member().as_deref());
            let mut intake = Intake::at(&place, &Arc::default()).unwrap();
            let mut content = String::new();
            intake.read_to_string(&mut content).unwrap();
            assert_eq!(content.len(), 1, "{place}");
        }
    }
}

#[test]
fn every_kind_of_tar_member_is_read_or_told() {
    let long = format!("{}/end", "long/".repeat(60));
    let bytes = [
        tar_entry("ustar", b'0', b"one"),
        tar_entry("././@LongLink", b'L', format!("{long}\0").as_bytes()),
        tar_entry("cut", b'0', b"two"),
        tar_entry("pax", b'x', b"15 path=by pax\n10 size=5\n"),
        tar_entry("cut", b'0', b"three"),
        tar_entry("holes", b'x', b"22 GNU.sparse.major=1\n"),
        tar_entry("sparse", b'0', b"four"),
        tar_entry("badly", b'x', b"no pax at all\n"),
        tar_entry("old", b'\0', b"five"),
        tar_entry("folder", b'5', b""),
        tar_entry("link", b'2', b""),
        tar_entry("same", b'1', b""),
        tar_entry("pipe", b'6', b""),
        tar_entry("global", b'g', b"14 comment=ab\n"),
        tar_entry("odd", b'Z', b""),
        vec![0; 1024],
    ]
    .concat();
    expect_open(
        &bytes,
        &[
            ("by pax", Ok(b"three")),
            ("link", Err("tar.link")),
            (&long, Ok(b"two")),
            ("odd", Err("tar.type")),
            ("old", Ok(b"five")),
            ("pipe", Err("tar.device")),
            ("same", Err("tar.link")),
            ("sparse", Err("tar.sparse")),
            ("ustar", Ok(b"one")),
        ],
        &["tar.pax"],
    );
}

#[test]
fn members_before_a_cut_are_given_and_the_rest_is_told() {
    let whole = tar(&[("a", &[b'a'; 600]), ("b", b"bbb"), ("c", b"ccc")]);
    let last = Err("cc tar.cut");
    let a = [b'a'; 600];
    let header = 512 + 1024 + 1024;
    for (bytes, seen, anomalies) in [
        (
            &whole[..header + 512 + 2],
            &[("a", Ok(&a[..])), ("b", Ok(b"bbb")), ("c", last)][..],
            "tar.cut",
        ),
        (&whole[..header + 100], &[("a", Ok(&a[..])), ("b", Ok(b"bbb"))], "tar.cut"),
        (&whole[..header], &[("a", Ok(&a[..])), ("b", Ok(b"bbb"))], "tar.cut"),
    ] {
        expect_open(bytes, seen, &[anomalies]);
    }
    let whole = zip(&[Zipped::stored("a", b"aaa"), Zipped::stored("b", b"bbb")]);
    let b = whole.windows(4).position(|named| named == b"bbbb").unwrap() + 1;
    expect_open(
        &whole[..b + 2],
        &[("a", Ok(b"aaa")), ("b", Err("bb zip.cut"))],
        &["zip.directory"],
    );
    let gzipped = gzip(&tar(&[("a", &a), ("b", &written::noise(100_000))]));
    let folder = Folder::new();
    let archive = open(&Place::from(folder.at(&gzipped[..gzipped.len() / 2])));
    let found = members(&archive);
    assert_eq!(found[0], ("a".to_owned(), Ok(a.to_vec())));
    assert!(found[1].1.as_ref().unwrap_err().ends_with("tar.cut"));
}

#[test]
fn what_an_archive_says_is_held_against_what_is_there() {
    let two = [Zipped::stored("a", b"aaa"), Zipped::deflated("b", b"bbb")];
    let (a, b) = (("a", Ok(&b"aaa"[..])), ("b", Ok(&b"bbb"[..])));
    let whole = zip(&two);
    // The checksum, the size.
    expect_open(
        &zip(&[Zipped { crc: 7, ..Zipped::stored("a", b"aaa") }]),
        &[("a", Err("aaa zip.checksum"))],
        &[],
    );
    expect_open(
        &zip(&[Zipped { size: 2, ..Zipped::deflated("b", b"bbb") }]),
        &[("b", Err("bb zip.size"))],
        &[],
    );
    expect_open(
        &zip(&[Zipped { size: 9, ..Zipped::deflated("b", b"bbb") }]),
        &[("b", Err("bbb zip.cut"))],
        &[],
    );
    // Something before, behind, between.
    expect_open(&[b"PK\x03\x04 a stub ", &whole[..]].concat(), &[a, b], &["zip.bytes_before"]);
    expect_open(&[&whole[..], b"more"].concat(), &[a, b], &["zip.trailing_bytes"]);
    // A member that the directory does not list, one whose own header has another name.
    expect_open(&written::zip_listing(&two, &[1]), &[a, b], &["zip.unlisted"]);
    let mut renamed = whole.clone();
    renamed[30] = b'z';
    expect_open(&renamed, &[a, b], &["zip.names_differ"]);
    // Two members out of the same bytes.
    expect_open(
        &written::zip_listing(&two, &[0, 1, 1]),
        &[a, b, (r"b\#2", Ok(b"bbb"))],
        &["zip.overlap"],
    );
}

#[test]
fn a_damaged_tar_goes_on_behind_the_damage() {
    let mut bytes = tar(&[("a", b"aaa"), ("b", b"bbb"), ("c", b"ccc")]);
    bytes[1024 + 3] ^= 1;
    expect_open(&bytes, &[("a", Ok(b"aaa")), ("c", Ok(b"ccc"))], &["tar.header"]);
    let twice = [tar(&[("a", b"aaa")]), tar(&[("b", b"bbb")])].concat();
    expect_open(&twice, &[("a", Ok(b"aaa")), ("b", Ok(b"bbb"))], &["tar.after_end"]);
}

#[test]
fn a_bomb_is_refused_by_what_it_promises() {
    let nothing = vec![0; 64 << 20];
    let part = Zipped::deflated("bomb", &nothing);
    let many = vec![part; 17];
    let folder = Folder::new();
    let archive = open(&Place::from(folder.at(&written::zip_listing(&many[..1], &[0; 17]))));
    let refused = archive.members().iter().filter_map(|member| member.problem.as_ref());
    assert_eq!(refused.map(|problem| problem.kind).collect::<Vec<_>>(), ["archive.ratio"]);
    assert!(told(&archive).contains(&"zip.overlap"));
}

#[test]
fn a_changed_byte_is_named_instead_of_shown() {
    let log = written::noise(200_000);
    let archives = [
        zip(&[Zipped::stored("a", b"first"), Zipped::stored("b", &log)]),
        tar(&[("a", b"first"), ("b", &log)]),
    ];
    for whole in archives {
        for pack in [<[u8]>::to_vec, gzip] {
            let folder = Folder::new();
            let place = Place::from(folder.at(&pack(&whole)));
            let (kind, outer, _) = first_pass(Intake::at(&place, &Arc::default()).unwrap());
            let intake = || {
                let archive = Archive::open(&place, kind.unwrap(), &outer)?;
                archive.intake(&archive.members()[1], &Arc::default())
            };
            let (_, rereading, _) = first_pass(intake().unwrap());

            let mut changed = whole.clone();
            let at = changed.windows(9).position(|bytes| bytes == &log[150_000..150_009]).unwrap();
            changed[at] ^= 1;
            folder.at(&pack(&changed));

            // Through the archive: its own blocks know.
            let again =
                intake().and_then(|mut member| std::io::copy(&mut member, &mut std::io::sink()));
            let error = again.unwrap_err();
            assert!(error.to_string().contains("evidence was changed"), "{error}");
            assert_ne!(error.kind(), ErrorKind::InvalidData, "which is no damage");
            // Through the member: its blocks know, up to the one that changed.
            let mut reader = rereading.open(place.inside("b")).unwrap();
            assert_eq!(reader.read(10, 9).unwrap(), log[10..19]);
            let error = reader.read(149_999, 9).unwrap_err();
            assert!(error.to_string().contains("evidence!b was changed"), "{error}");
        }
    }
}

#[test]
fn no_truncation_and_no_flipped_byte_panics_or_is_silent() {
    let files: [(&str, &[u8]); 3] = [("a", b"aaa"), ("bb", b""), ("c", b"cccc")];
    let zipped: Vec<_> = files.iter().map(|(name, bytes)| Zipped::deflated(name, bytes)).collect();
    let folder = Folder::new();
    for whole in [zip(&zipped), tar(&files)] {
        let truth = members(&open(&Place::from(folder.at(&whole))));
        let cut = (0..whole.len()).map(|end| whole[..end].to_vec());
        let flipped = (0..whole.len()).flat_map(|at| {
            [0x01, 0x80, 0xff].map(|flip| {
                let mut bytes = whole.clone();
                bytes[at] ^= flip;
                bytes
            })
        });
        for bytes in cut.chain(flipped) {
            let place = Place::from(folder.at(&bytes));
            let (kind, rereading, _) = first_pass(Intake::at(&place, &Arc::default()).unwrap());
            // A file that is no archive any more is somebody else's to refuse.
            let Some(kind) = kind else { continue };
            let archive = Archive::open(&place, kind, &rereading).unwrap();
            let found = members(&archive);
            // What is not there any more, somebody said.
            let silent = told(&archive).is_empty() && found.iter().all(|(_, read)| read.is_ok());
            // But a tar has no checksum over its members' bytes.
            let contents = |all: &[(String, Result<Vec<u8>, String>)]| {
                let plain = |read: &Result<Vec<u8>, String>| match kind {
                    ArchiveKind::Zip => read.clone().ok(),
                    ArchiveKind::Tar => read.as_ref().ok().map(|bytes| vec![0; bytes.len()]),
                };
                all.iter().map(|(_, read)| plain(read)).collect::<Vec<_>>()
            };
            assert!(!silent || contents(&found) == contents(&truth), "{kind:?} {found:?}");
        }
    }
}
