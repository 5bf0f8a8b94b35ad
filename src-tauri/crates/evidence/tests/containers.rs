//! What stands around the content, read through the public face: whole, joined, cut, damaged, nested, hostile.

#![expect(clippy::unwrap_used, reason = "a test may")]

use evidence::{BLOCK_SIZE, Container, Intake, Sha256};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};

mod folder;
use folder::Folder;

type Compress = fn(&[u8]) -> Vec<u8>;

const CONTAINERS: [(&str, Compress); 5] =
    [("gzip", gzip), ("zstd", zstd), ("lz4", lz4), ("bzip2", bzip2), ("xz", xz)];

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn lz4(bytes: &[u8]) -> Vec<u8> {
    let frame = lz4_flex::frame::FrameInfo::new()
        .block_checksums(true)
        .content_checksum(true)
        .block_size(lz4_flex::frame::BlockSize::Max64KB);
    let mut encoder = lz4_flex::frame::FrameEncoder::with_frame_info(frame, Vec::new());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::XzOptions::with_preset(1);
    let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Words that compress, but not to nothing.
fn text(length: u32) -> Vec<u8> {
    (0..length)
        .flat_map(|i| format!("{} ", i.wrapping_mul(2_654_435_761) % 1_000_003).into_bytes())
        .collect()
}

impl Folder {
    /// Reads it all and checks what holds for every input.
    fn read(&self, bytes: &[u8]) -> Seen {
        let mut intake = Intake::open(&self.at(bytes)).unwrap();
        let mut content = Vec::new();
        let ended = intake.read_to_end(&mut content);
        let broken = intake.is_broken();
        match ended {
            Ok(_) => assert!(!broken),
            Err(error) => assert!(broken && error.kind() == ErrorKind::InvalidData, "{error}"),
        }
        let taken = intake.finish().unwrap();
        assert_eq!(taken.sha256, Sha256::of(bytes), "the hash is of the file");
        assert_eq!(taken.size, bytes.len() as u64);
        let told = taken.anomalies.iter().map(|anomaly| anomaly.kind).collect::<Vec<_>>();
        assert!(!broken || !told.is_empty(), "broken, and nothing told");
        Seen { content, container: taken.container.name(), told, broken }
    }
}

#[derive(Debug)]
struct Seen {
    content: Vec<u8>,
    container: String,
    told: Vec<&'static str>,
    broken: bool,
}

#[test]
fn members_that_follow_one_another_are_one_content() {
    let folder = Folder::new();
    for (name, compress) in CONTAINERS {
        let (one, two) = (text(40_000), text(10));
        for (bytes, content) in [
            (compress(&one), one.clone()),
            (compress(b""), Vec::new()),
            ([compress(&one), compress(b""), compress(&two)].concat(), [one, two].concat()),
        ] {
            let read = folder.read(&bytes);
            assert_eq!((read.container.as_str(), read.told.as_slice()), (name, &[][..]));
            assert!(read.content == content, "{name}");
        }
    }
}

#[test]
fn layers_are_taken_off_up_to_three() {
    let folder = Folder::new();
    let all =
        |layers: &[Compress]| layers.iter().fold(b"line\n".to_vec(), |bytes, layer| layer(&bytes));
    for (layers, container, content, told) in [
        (&[gzip as Compress, gzip][..], "gzip+gzip", &b"line\n"[..], &[][..]),
        (&[zstd, gzip], "gzip+zstd", b"line\n", &[]),
        (&[xz, bzip2, lz4], "lz4+bzip2+xz", b"line\n", &[]),
        (&[gzip, gzip, gzip, gzip], "gzip+gzip+gzip", &gzip(b"line\n"), &["container.depth"]),
    ] {
        let read = folder.read(&all(layers));
        assert_eq!((read.container.as_str(), read.told.as_slice()), (container, told));
        assert_eq!(read.content, content);
    }
}

#[test]
fn a_cut_gives_what_came_before_it_and_is_told_once() {
    let folder = Folder::new();
    let content = text(300);
    let twice: Compress = |bytes| gzip(&zstd(bytes));
    for (name, compress) in CONTAINERS.into_iter().chain([("gzip+zstd", twice)]) {
        let whole = compress(&content);
        for end in 16..whole.len() {
            let read = folder.read(&whole[..end]);
            // Cut before its mark, the inner layer is not known for one.
            assert!(content.starts_with(&read.content) || read.container != name, "{name} {end}");
            assert!(read.broken, "{name} {end}");
            assert_eq!(read.told.len(), 1, "{name} {end}: {:?}", read.told);
            assert!(read.told[0].ends_with(".cut"), "{name} {end}: {:?}", read.told);
        }
        // What was written before the cut can be had, where the format works in blocks.
        let long = compress(&text(400_000));
        let read = folder.read(&long[..long.len() / 2]);
        assert!(read.broken && !read.content.is_empty(), "{name}: {:?}", read.told);
    }
}

#[test]
fn no_damaged_byte_goes_unnoticed() {
    let folder = Folder::new();
    let content = b"the same words, the same words, the same words";
    for (name, compress) in CONTAINERS {
        let whole = compress(content);
        for at in 0..whole.len() {
            for flip in [0x01, 0x55, 0x80] {
                let mut damaged = whole.clone();
                damaged[at] ^= flip;
                let read = folder.read(&damaged);
                let unharmed = read.content == content;
                let noticed = !read.told.is_empty() || read.container == "plain";
                assert!(unharmed || noticed, "{name}: byte {at} gave {read:?}");
            }
        }
    }
}

#[test]
fn bytes_behind_the_last_member_are_told_and_the_content_is_whole() {
    let folder = Folder::new();
    for (name, compress) in CONTAINERS {
        let read = folder.read(&[compress(b"one"), b"something else".to_vec()].concat());
        assert_eq!(read.content, b"one");
        assert_eq!(read.told, [format!("{name}.trailing_bytes")]);
        assert!(!read.broken, "{name}");
    }
    let padded = folder.read(&[xz(b"one"), vec![0; 8], xz(b"two"), vec![0; 4]].concat());
    assert_eq!((padded.content.as_slice(), padded.told.len()), (&b"onetwo"[..], 0));
}

#[test]
fn frames_to_skip_are_skipped() {
    let folder = Folder::new();
    let skip = [&[0x53, 0x2a, 0x4d, 0x18, 9, 0, 0, 0][..], b"metadata."].concat();
    for (name, compress) in [("zstd", zstd as Compress), ("lz4", lz4)] {
        let bytes =
            [&skip[..], &compress(b"one "), &skip, &skip, &compress(b"two"), &skip].concat();
        let read = folder.read(&bytes);
        assert_eq!((read.container.as_str(), read.told.as_slice()), (name, &[][..]));
        assert_eq!(read.content, b"one two");
    }
}

#[test]
fn a_window_beyond_the_limit_is_refused() {
    // A frame that wants a window of 256 MiB, and one empty block.
    let frame = [0x28, 0xb5, 0x2f, 0xfd, 0, (28 - 10) << 3, 1, 0, 0];
    let read = Folder::new().read(&frame);
    assert_eq!((read.told, read.broken), (vec!["zstd.damaged"], true));
}

#[test]
fn a_bomb_is_stopped() {
    let folder = Folder::new();
    let nothing = vec![0; 16 << 20];
    let bombs = [
        ("gzip.ratio", gzip(&nothing).repeat(80)),
        ("zstd.ratio", zstd(&nothing).repeat(80)),
        // Neither layer is beyond the ratio, the two together are.
        ("gzip.ratio", gzip(&gzip(&text(1).repeat(8 << 20)).repeat(90))),
    ];
    for (kind, bomb) in bombs {
        let mut intake = Intake::open(&folder.at(&bomb)).unwrap();
        let inflated = std::io::copy(&mut intake, &mut std::io::sink());
        assert!(inflated.is_err() && intake.is_broken());
        let taken = intake.finish().unwrap();
        assert_eq!(taken.sha256, Sha256::of(&bomb), "a bomb is hashed all the same");
        assert_eq!(taken.anomalies[0].kind, kind);
    }
}

#[test]
fn any_range_of_any_container_is_checked_and_is_the_content() {
    let folder = Folder::new();
    let content = text(60_000);
    let end = content.len();
    let plain: Compress = <[u8]>::to_vec;
    let twice: Compress = |bytes| gzip(&gzip(bytes));
    for (name, compress) in CONTAINERS.into_iter().chain([("plain", plain), ("gzip+gzip", twice)]) {
        let path = folder.at(&compress(&content));
        let mut intake = Intake::open(&path).unwrap();
        intake.keep_rereading(None).unwrap();
        let taken = intake.finish().unwrap();
        assert_eq!(Container::named(name), Some(taken.container));
        let rereading = taken.rereading.unwrap();
        let mut reader = rereading.open(&path).unwrap();
        for (offset, length) in
            [(end - 10, 10), (0, 4), (BLOCK_SIZE - 6, 12), (70_000, 140_000), (7, 0)]
        {
            let read = reader.read(offset as u64, length).unwrap();
            assert!(read == content[offset..offset + length], "{name} {offset}");
        }
        assert!(reader.read(end as u64 - 1, 2).is_err());

        // The same as a stream that seeks, as readers of Parquet want it: the end first, then the start.
        let mut stream = reader.content();
        let mut read = Vec::new();
        stream.seek(SeekFrom::End(-8)).unwrap();
        stream.read_to_end(&mut read).unwrap();
        assert_eq!(read, content[end - 8..]);
        stream.seek(SeekFrom::Start(0)).unwrap();
        read.clear();
        stream.read_to_end(&mut read).unwrap();
        assert!(read == content, "{name}");

        // A changed byte is named instead of shown.
        let mut changed = content.clone();
        changed[BLOCK_SIZE + 5] ^= 1;
        let path = folder.at(&compress(&changed));
        let mut stream = rereading.open(&path).unwrap().content();
        read.clear();
        let error = stream.read_to_end(&mut read).unwrap_err();
        assert!(error.to_string().contains("was changed after it was added"), "{error}");
        assert_eq!(read.len(), BLOCK_SIZE, "{name}: up to the block that changed");
    }
}
