//! Reading any part of compressed evidence again: as fast as from close by, and never anything but what was seen first.

#![expect(clippy::unwrap_used, reason = "a test may")]

use evidence::{BLOCK_SIZE, Intake, RangeError, Rereading};
use std::fs::{self, File};
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};

mod folder;
use folder::Folder;

/// 12 MiB of which each part is another kind: words, noise, the same over and over.
fn content() -> Vec<u8> {
    let mut random = 7_u64;
    let mut content = Vec::new();
    for part in 0..12_u32 {
        let end = content.len() + (1 << 20);
        while content.len() < end {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            match part % 4 {
                0 => content.extend_from_slice(&random.to_be_bytes()),
                1 => content.extend_from_slice(&[part as u8; 9]),
                _ => content.extend_from_slice(format!("{} ", random >> 52).as_bytes()),
            }
        }
        content.truncate(end);
    }
    content
}

fn gzip(content: &[u8]) -> Vec<u8> {
    gzip_of(flate2::Compression::default(), content)
}

fn gzip_of(level: flate2::Compression, content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn zstd(content: &[u8]) -> Vec<u8> {
    zstd::encode_all(content, 1).unwrap()
}

fn lz4(content: &[u8]) -> Vec<u8> {
    let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

type Compress = fn(&[u8]) -> Vec<u8>;

/// Every way in which captures come: one member, several, members that are small, formats without points, two at once.
const SHAPES: [(&str, Compress); 10] = [
    ("plain", <[u8]>::to_vec),
    ("gzip", gzip),
    ("gzip, members of 5 MB", |content| content.chunks(5_000_000).flat_map(gzip).collect()),
    ("gzip, members of 60 kB", |content| content.chunks(60_000).flat_map(gzip).collect()),
    ("gzip, stored", |content| gzip_of(flate2::Compression::none(), content)),
    ("gzip, one long block", |content| gzip_of(flate2::Compression::fast(), content)),
    ("zstd", zstd),
    ("zstd, frames of 2 MB", |content| content.chunks(2_000_000).flat_map(zstd).collect()),
    ("lz4", lz4),
    ("gzip in zstd", |content| zstd(&gzip(content))),
];

fn first_pass(path: &Path) -> Rereading {
    let mut intake = Intake::open(path).unwrap();
    intake.keep_rereading(path.parent()).unwrap();
    intake.finish().unwrap().rereading.unwrap()
}

fn stored(rereading: &Rereading, path: &Path) {
    let mut file = File::create(path).unwrap();
    file.write_all(b"something before").unwrap();
    rereading.write(&mut file).unwrap();
    file.write_all(b"something behind").unwrap();
}

fn read_stored(path: &Path) -> std::io::Result<Rereading> {
    let mut file = File::open(path).unwrap();
    file.seek(std::io::SeekFrom::Start(16)).unwrap();
    Rereading::read(file)
}

/// Places all over the content, so that each is before and behind others.
fn places(length: usize) -> impl Iterator<Item = usize> {
    (0..60_u64).map(move |at| (at * 7_919_777 % (length as u64 - 200_000)) as usize)
}

#[test]
fn any_place_of_any_shape_is_the_content_also_by_what_was_stored() {
    let folder = Folder::new();
    let content = content();
    for (name, shape) in SHAPES {
        let path = folder.at(&shape(&content));
        let fresh = first_pass(&path);
        let beside: PathBuf = path.with_extension("rereading");
        stored(&fresh, &beside);
        let read_back = read_stored(&beside).unwrap();
        assert_eq!(read_back.container(), fresh.container());
        assert_eq!(read_back.blocks(), fresh.blocks());
        for rereading in [fresh, read_back] {
            let mut reader = rereading.open(&path).unwrap();
            for at in places(content.len()) {
                let length = 1 + at % 150_000;
                assert!(
                    reader.read(at as u64, length).unwrap() == content[at..at + length],
                    "{name}"
                );
            }
            let end = content.len() as u64;
            assert_eq!(reader.read(end - 3, 3).unwrap(), content[content.len() - 3..]);
            assert!(matches!(reader.read(end - 3, 4), Err(RangeError::PastEnd { .. })));
        }
    }
}

#[test]
fn what_is_stored_is_small_where_there_are_points() {
    let folder = Folder::new();
    let content = content();
    for (name, shape) in SHAPES {
        let bytes = shape(&content);
        let path = folder.at(&bytes);
        let mut out = Vec::new();
        first_pass(&path).write(&mut out).unwrap();
        // Hashes are 1 in 2,000; windows of 32 KiB in a MiB, compressed, at most 1 in 32.
        let limit = match name {
            "plain" | "zstd, frames of 2 MB" => content.len() / 500,
            "gzip, one long block" => bytes.len(),
            name if name.starts_with("gzip, ") || name == "gzip" => content.len() / 32,
            _ => bytes.len() * 5 / 4,
        };
        assert!(out.len() < limit, "{name}: {} bytes for {}", out.len(), bytes.len());
    }
}

#[test]
fn a_changed_byte_of_the_file_is_named_wherever_it_is_read() {
    let folder = Folder::new();
    let content = content();
    for (name, shape) in SHAPES {
        let whole = shape(&content);
        let path = folder.at(&whole);
        let rereading = first_pass(&path);
        let mut changed = whole.clone();
        let middle = whole.len() / 2;
        changed[middle] ^= 4;
        fs::write(&path, &changed).unwrap();
        let mut reader = rereading.open(&path).unwrap();
        let (mut told, mut same) = (0, 0);
        let blocks = content.len() / BLOCK_SIZE;
        for number in (0..blocks).rev() {
            let at = number * BLOCK_SIZE;
            match reader.read(at as u64, 100) {
                Ok(read) => {
                    assert_eq!(read, content[at..at + 100], "{name}");
                    same += 1;
                }
                Err(RangeError::Changed { .. }) => told += 1,
                Err(other) => panic!("{name}: {other}"),
            }
        }
        assert!(told > 0 && same > blocks / 3, "{name}: {told} told, {same} as they were");
        // A file that is gone is no file.
        fs::remove_file(&path).unwrap();
        assert!(matches!(rereading.open(&path).err(), Some(RangeError::Read { .. })), "{name}");
    }
}

#[test]
fn a_damaged_store_is_found_out_and_never_blamed_on_the_evidence() {
    let folder = Folder::new();
    let content = content();
    for (name, shape) in [SHAPES[1], SHAPES[6]] {
        let path = folder.at(&shape(&content));
        let beside = path.with_extension("rereading");
        stored(&first_pass(&path), &beside);
        let good = fs::read(&beside).unwrap();
        for at in (16..good.len() - 16).step_by(good.len() / 97) {
            let mut bad = good.clone();
            bad[at] ^= 1;
            fs::write(&beside, &bad).unwrap();
            let Ok(rereading) = read_stored(&beside) else { continue };
            let mut reader = rereading.open(&path).unwrap();
            for place in [11 << 20, 8 << 20, 5 << 20] {
                assert_eq!(
                    reader.read(place as u64, 9).unwrap(),
                    content[place..place + 9],
                    "{name}"
                );
            }
        }
        for end in [16, 20, 200, good.len() / 1000] {
            fs::write(&beside, &good[..end]).unwrap();
            assert!(read_stored(&beside).is_err());
        }
    }
}

#[test]
fn what_was_cut_or_damaged_can_be_read_again_as_far_as_it_was_read() {
    let folder = Folder::new();
    let content = content();
    for (name, shape) in &SHAPES[1..] {
        let whole = shape(&content);
        for (cut, kind) in [(whole.len() * 2 / 3, "cut"), (whole.len(), "damaged")] {
            let mut bytes = whole[..cut].to_vec();
            if kind == "damaged" {
                bytes[whole.len() * 2 / 3..][..64].fill(0xff);
            }
            let path = folder.at(&bytes);
            let rereading = first_pass(&path);
            let length = rereading.blocks().length as usize;
            assert!(length >= content.len() / 3, "{name}, {kind}: {length}");
            let mut reader = rereading.open(&path).unwrap();
            for at in [length - 10, length / 2, 0, length - 70_000] {
                let read = reader.read(at as u64, 10).unwrap();
                // Bytes between the damage and where a checksum finds it are given: they were told to be damaged.
                assert!(at > content.len() * 6 / 10 || read == content[at..at + 10], "{name}");
            }
        }
    }
}
