//! What the fuzzers began with and what they found, read again: `tests/fuzz/corpus`, a folder for each target.

mod accounts;
mod written;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use written::{Zipped, gzip, noise, tar, tar_entry, zip};

fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/fuzz/corpus").join(target)
}

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let files = fs::read_dir(folder(target)).into_iter().flatten();
    let files: Vec<_> = files.map(|file| fs::read(file.unwrap().path()).unwrap()).collect();
    assert!(!files.is_empty(), "the corpus of {target} is empty");
    files
}

#[test]
fn the_corpus_of_containers_is_accounted_for() {
    let folder = tempfile::tempdir().unwrap();
    for bytes in corpus("container") {
        accounts::hold_container(&bytes, &folder.path().join("evidence"));
    }
}

#[test]
fn the_corpus_of_archives_is_accounted_for() {
    let folder = tempfile::tempdir().unwrap();
    for target in ["zip", "tar"] {
        let held = |bytes: &Vec<u8>| accounts::hold_archive(bytes, &folder.path().join("evidence"));
        assert!(corpus(target).iter().filter(|bytes| held(bytes)).count() > 0, "{target}");
    }
}

/// Writes what each target begins with, if it is asked to: scripts/fuzz.sh seeds.
#[test]
fn the_seeds_of_the_corpus_can_be_written_anew() {
    let seeds = seeds();
    if std::env::var_os("TIDEMARK_SEEDS").is_none() {
        return;
    }
    for (number, (target, file)) in seeds.iter().enumerate() {
        fs::create_dir_all(folder(target)).unwrap();
        fs::write(folder(target).join(format!("seed-{number}")), file).unwrap();
    }
}

fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let text =
        b"2 123456789010 eni-1 10.0.0.1 10.0.0.2 22 22 6 1 40 1418530010 1418530070 ACCEPT OK\n";
    let zstd = zstd::encode_all(&text[..], 3).unwrap();
    let mut lz4 = lz4_flex::frame::FrameEncoder::new(Vec::new());
    lz4.write_all(text).unwrap();
    let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    bzip2.write_all(text).unwrap();
    let options = lzma_rust2::XzOptions::with_preset(1);
    let mut xz = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    xz.write_all(text).unwrap();
    let stored = Zipped::stored("a/stored.log", text);
    let deflated = Zipped::deflated("deflated.log", text);
    let wrapped = Zipped::with("wrapped.log", 93, text, &zstd);
    let mut long = tar_entry("././@LongLink", b'L', b"a/name/that/is/long\0");
    long.extend(tar_entry("pax", b'x', b"15 path=x.log.gz\n"));
    long.extend(tar(&[("x", text)]));
    vec![
        ("container", noise(64)),
        ("container", text.to_vec()),
        ("container", gzip(text)),
        ("container", [gzip(text), gzip(b""), gzip(text)].concat()),
        ("container", gzip(&gzip(text))),
        ("container", [&[0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9], &zstd[..]].concat()),
        ("container", lz4.finish().unwrap()),
        ("container", bzip2.finish().unwrap()),
        ("container", xz.finish().unwrap()),
        ("zip", zip(&[stored.clone(), deflated.clone(), wrapped])),
        ("zip", [&b"#!self-extracting"[..], &zip(&[stored.clone(), stored])].concat()),
        ("zip", gzip(&zip(&[deflated]))),
        ("tar", tar(&[("a/x.log", text), ("x.log.gz", &gzip(text))])),
        ("tar", long),
        ("tar", gzip(&tar(&[("x.log", text)]))),
    ]
}
