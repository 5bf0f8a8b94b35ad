//! A small file of each format, written for this test: its records, and that no cut and no changed byte of it is
//! passed over in silence.

mod common;
mod specimen;

use common::Everything;
use flowlog::{Format, ReadOptions, sniff};
use specimen::SPECIMENS;
use std::collections::BTreeSet;

/// The fields that are shown of each record.
const SHOWN: &str = "srcaddr dstaddr srcport dstport protocol packets bytes start end action interface-id flow-direction tcp-flags log-status …";

#[test]
fn each_format_is_recognised_and_its_records_are_awss_fields() {
    for (name, file, expected) in SPECIMENS {
        assert_eq!(sniff(file.as_bytes()).map(Format::name), Some(*name), "{file}");
        let mut all = Everything::default();
        let format = Format::named(name).unwrap();
        let summary = format.read(&mut file.as_bytes(), &ReadOptions::default(), &mut all).unwrap();
        let shown: Vec<_> = all
            .records
            .iter()
            .map(|record| {
                let values = SHOWN.split(' ').map(|name| record.get(name).map_or("-", |it| it));
                values.collect::<Vec<_>>().join(" ")
            })
            .collect();
        assert_eq!(shown, *expected, "{name} {:?}", all.told());
        assert_eq!(summary.rejected, 0, "{name} {:?}", all.told());
    }
}

#[test]
fn every_format_has_a_specimen_and_a_name_of_its_own() {
    let names: BTreeSet<_> = Format::all().map(Format::name).collect();
    assert_eq!(names.len(), Format::all().count());
    let elsewhere = ["flow_log_parquet", "flow_log_utf16"];
    let missing =
        names.into_iter().filter(|name| !SPECIMENS.iter().any(|specimen| specimen.0 == *name));
    assert_eq!(missing.collect::<Vec<_>>(), elsewhere);
    assert_eq!(Format::named("netflow"), None);
    assert!(Format::all().filter(|format| format.is_sampled()).all(|it| it.name() == "gcp_flow"));
}

/// Whatever becomes of it, something is said of these bytes.
fn hostile(format: Format, bytes: &[u8]) {
    sniff(bytes);
    let mut all = Everything::default();
    let summary = format.read(&mut &*bytes, &ReadOptions::default(), &mut all).unwrap();
    let said = summary.records + summary.rejected + summary.passed_over;
    assert!(said > 0 || !all.anomalies.is_empty(), "{format:?} {}", bytes.escape_ascii());
    assert_eq!(summary.records, all.records.len() as u64);
    assert_eq!(summary.rejected, all.causes.values().sum::<u64>());
    let lines: BTreeSet<_> = all.lines.iter().collect();
    assert_eq!(lines.len(), all.lines.len(), "{format:?} {}", bytes.escape_ascii());
    for anomaly in &all.anomalies {
        assert!(anomaly.offset + anomaly.length <= bytes.len() as u64, "{anomaly}");
    }
}

#[test]
fn no_cut_and_no_changed_byte_is_passed_over_in_silence() {
    for (name, file, _) in SPECIMENS {
        let format = Format::named(name).unwrap();
        for end in 0..=file.len() {
            hostile(format, &file.as_bytes()[..end]);
        }
        for at in 0..file.len() {
            for flip in [0x01, 0x02, 0x20, 0x80, file.as_bytes()[at]] {
                let mut changed = file.as_bytes().to_vec();
                changed[at] ^= flip;
                hostile(format, &changed);
            }
        }
    }
}

#[test]
fn each_format_reads_the_file_of_any_other_to_its_end() {
    for (_, file, _) in SPECIMENS {
        for format in Format::all() {
            hostile(format, file.as_bytes());
        }
    }
}

#[test]
fn utf16_is_recognised_and_refused() {
    for (_, file, _) in SPECIMENS.iter().filter(|specimen| specimen.0.starts_with("flow_log")) {
        let units = file.encode_utf16().flat_map(u16::to_le_bytes);
        let bytes: Vec<u8> = [0xff, 0xfe].into_iter().chain(units).collect();
        let format = sniff(&bytes).unwrap();
        let mut all = Everything::default();
        let summary = format.read(&mut &bytes[..], &ReadOptions::default(), &mut all).unwrap();
        assert_eq!((format.name(), all.told()), ("flow_log_utf16", vec!["flowlog.utf16"]));
        assert!(summary.refused.unwrap().to_string().contains("UTF-8"));
    }
}

#[test]
fn ten_thousand_rows_of_insights_may_not_be_all() {
    for (rows, expected) in [(9_999, false), (10_000, true), (10_001, false)] {
        let row = "2014-12-14 04:06:50.000,2 123456789010 eni-1 - - - - - - - 1418530010 1418530070 - NODATA\n";
        let file = format!("@timestamp,@message\n{}", row.repeat(rows));
        let mut all = Everything::default();
        let format = sniff(&file.as_bytes()[..65536]).unwrap();
        format.read(&mut file.as_bytes(), &ReadOptions::default(), &mut all).unwrap();
        assert_eq!(all.records.len(), rows);
        assert_eq!(all.told().contains(&"flowlog.maybe_truncated"), expected);
    }
}
