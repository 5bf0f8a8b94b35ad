//! What the fuzzers began with and what they found, read again: `tests/fuzz/corpus`, a folder for each format.

mod accounts;
mod specimen;

use arrow::array::{ArrayRef, Int32Array, Int64Array, StringArray, StructArray};
use arrow::record_batch::RecordBatch;
use flowlog::Format;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/fuzz/corpus")
}

#[test]
fn every_specimen_is_accounted_for_whatever_it_is_read_as() {
    for (_, file, _) in specimen::SPECIMENS {
        for format in Format::all() {
            accounts::hold(format, file.as_bytes());
        }
    }
}

#[test]
fn the_corpus_of_every_format_is_accounted_for() {
    for format in Format::all() {
        let folder = corpus().join(format.name());
        let files: Vec<_> = fs::read_dir(&folder).into_iter().flatten().collect();
        assert!(!files.is_empty(), "{} is empty", folder.display());
        for file in files {
            accounts::hold(format, &fs::read(file.unwrap().path()).unwrap());
        }
    }
}

/// Writes what each target begins with, if it is asked to: scripts/fuzz.sh seeds.
#[test]
fn the_seeds_of_the_corpus_can_be_written_anew() {
    let seeds = seeds();
    for format in Format::all() {
        assert!(seeds.iter().any(|(name, _)| *name == format.name()), "{format:?} has no seed");
    }
    if std::env::var_os("TIDEMARK_SEEDS").is_none() {
        return;
    }
    for (number, (name, file)) in seeds.iter().enumerate() {
        let folder = corpus().join(name);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("seed-{number}")), file).unwrap();
    }
}

fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let texts = specimen::SPECIMENS.iter();
    let mut seeds: Vec<_> =
        texts.map(|(name, file, _)| (*name, file.as_bytes().to_vec())).collect();
    let text = "version srcaddr dstaddr\n2 10.0.0.1 10.0.0.2\n";
    for mark in [&[0xff, 0xfe][..], &[]] {
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        seeds.push(("flow_log_utf16", mark.iter().copied().chain(units).collect()));
    }
    let compressions =
        [Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::GZIP(Default::default())];
    for (at, compression) in compressions.into_iter().enumerate() {
        for columns in [flat(), ocsf()] {
            let version =
                if at == 0 { WriterVersion::PARQUET_1_0 } else { WriterVersion::PARQUET_2_0 };
            let properties = WriterProperties::builder()
                .set_compression(compression)
                .set_writer_version(version)
                .set_dictionary_enabled(at != 1)
                .set_statistics_enabled(EnabledStatistics::None)
                .set_max_row_group_row_count(Some(2));
            seeds.push(("flow_log_parquet", written(columns, properties.build())));
        }
    }
    seeds
}

type Columns = Vec<(&'static str, ArrayRef)>;

fn flat() -> Columns {
    let times = [1_418_530_010, 1_418_530_070, 1_418_530_130];
    vec![
        ("version", Arc::new(Int32Array::from(vec![2, 2, 3]))),
        ("srcaddr", Arc::new(StringArray::from(vec![Some("10.0.0.1"), None, Some("-")]))),
        ("dstport", Arc::new(StringArray::from(vec!["22", "443", "none"]))),
        ("start", Arc::new(Int64Array::from(times.to_vec()))),
        ("mood", Arc::new(StringArray::from(vec!["calm", "", "grim"]))),
    ]
}

fn ocsf() -> Columns {
    let ends = |ip: &str| -> ArrayRef {
        let ip: ArrayRef = Arc::new(StringArray::from(vec![Some(ip), None, Some(ip)]));
        let port: ArrayRef = Arc::new(Int32Array::from(vec![Some(22), Some(443), None]));
        Arc::new(StructArray::try_from(vec![("ip", ip), ("port", port)]).unwrap())
    };
    vec![
        ("class_uid", Arc::new(Int32Array::from(vec![4001, 4001, 4003]))),
        ("time", Arc::new(Int64Array::from(vec![1_418_530_010_000; 3]))),
        ("src_endpoint", ends("10.0.0.1")),
        ("dst_endpoint", ends("10.0.0.2")),
    ]
}

fn written(columns: Columns, properties: WriterProperties) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, array)| (name, array, true)),
    );
    let batch = batch.unwrap();
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    file
}
