//! Public samples of flow logs, each read, or refused with a stated reason; and one network's records, which are the
//! same whichever way they were exported.

mod common;

use common::{Everything, files, samples};
use evidence::Intake;
use flowlog::{Layout, ReadOptions, Summary, describe_parquet, sniff};
use std::collections::BTreeMap;
use std::path::Path;

const AWS: &str = "awsdocs-amazon-vpc-user-guide";
const BEATS: &str = "elastic-beats/x-pack/libbeat/reader/parquet/testdata";
const ELASTIC: &str = "elastic-integrations/packages/aws/data_stream/vpcflow/_dev/test/pipeline";
const READER: &str = "obsrvbl-oss-flowlogs-reader";
const OTEL: &str = "opentelemetry-collector-contrib/extension/encoding/awslogsencodingextension/internal/unmarshaler/vpc-flow-log/testdata";
const OCSF: &str = "ocsf-examples";

const TEXT: &str = "flow_log_text";
const CSV: &str = "flow_log_csv";
const OCSF_JSON: &str = "ocsf_json";
const UNTERMINATED: &str = "flowlog.unterminated";
const NO_LAYOUT: &str = "flowlog.no_layout";

/// Folder, file, the format's name, records, rejected, and the kinds of anomalies and causes.
type Sample = (&'static str, &'static str, &'static str, u64, u64, &'static [&'static str]);

const NO_FLOW_LOG: &str = "";

const SAMPLES: &[Sample] = &[
    (AWS, "LICENSE-SUMMARY", NO_FLOW_LOG, 0, 0, &[]),
    (AWS, "extracted/v2_default.log", TEXT, 7, 0, &[]),
    (AWS, "extracted/v3_tcp_flags.log", TEXT, 8, 0, &[]),
    (AWS, "extracted/v3_transit_gateway.log", TEXT, 4, 0, &[]),
    (AWS, "extracted/v5_traffic_path.log", TEXT, 2, 0, &[]),
    (BEATS, "vpc_flow.excerpt.ndjson", OCSF_JSON, 8, 0, &[]),
    (ELASTIC, "test-extra-samples.log", TEXT, 7, 0, &[UNTERMINATED]),
    (ELASTIC, "test-tgw-samples.log", TEXT, 10, 0, &[]),
    (ELASTIC, "test-v8-samples.log", TEXT, 1, 0, &[]),
    // Its start has lost a digit: the values fit no format.
    (ELASTIC, "test-v5-all-fields.log", TEXT, 0, 0, &[NO_LAYOUT]),
    (ELASTIC, "test-with-message-field.log", "firehose_messages", 1, 0, &[]),
    (READER, "LICENSE", NO_FLOW_LOG, 0, 0, &[]),
    (READER, "extracted/V2_RECORDS.log", TEXT, 5, 0, &[]),
    (READER, "extracted/V3_FILE.log", TEXT, 2, 0, &[]),
    (READER, "extracted/V3_FILE.log.gz", TEXT, 2, 0, &[]),
    (READER, "extracted/V4_FILE.log", TEXT, 2, 0, &[]),
    (READER, "extracted/V4_FILE.log.gz", TEXT, 2, 0, &[]),
    (READER, "extracted/V5_FILE.log", TEXT, 2, 1, &["columns"]),
    (READER, "extracted/V5_FILE.log.gz", TEXT, 2, 1, &["columns"]),
    (READER, "extracted/V6_FILE.log", TEXT, 1, 0, &[]),
    (READER, "extracted/V6_FILE.log.gz", TEXT, 1, 0, &[]),
    // Read from a file that can be sought in.
    (READER, "tests/data/flows.parquet", "flow_log_parquet", 0, 0, &["flowlog.needs_seeking"]),
    (OTEL, "valid_tgw_flow_log.log", TEXT, 1, 0, &[UNTERMINATED]),
    (OTEL, "valid_vpc_flow_log_multi.log", TEXT, 2, 0, &[UNTERMINATED]),
    // Four fields of one's own: nobody can know which.
    (OTEL, "valid_vpc_flow_cw_custom.json", "cloudwatch_subscription", 0, 0, &[NO_LAYOUT]),
    (OCSF, "encodings/ilf/example_logs/1_1_0_vpcflow.ocsf", OCSF_JSON, 1, 0, &[]),
    (
        OCSF,
        "mappings/dataprepper/AWS/v1.1.0/VPC Flow/samples/vpcflowlog.ocsf",
        OCSF_JSON,
        1,
        0,
        &[],
    ),
    (
        OCSF,
        "mappings/dataprepper/AWS/v1.1.0/VPC Flow/samples/vpcflowlog.raw",
        "flow_log_json",
        1,
        0,
        &[],
    ),
    (
        OCSF,
        "mappings/markdown/AWS/v1.0.0-rc.2/VPC Flowlogs/samples/vpcflowlog.ocsf",
        OCSF_JSON,
        1,
        0,
        &[],
    ),
    (
        OCSF,
        "mappings/markdown/AWS/v1.0.0-rc.2/VPC Flowlogs/samples/vpcflowlog.raw",
        CSV,
        1,
        0,
        &[UNTERMINATED],
    ),
    (
        OCSF,
        "mappings/markdown/AWS/v1.1.0/VPC Flowlogs/samples/vpcflowlog.ocsf",
        OCSF_JSON,
        1,
        0,
        &[],
    ),
    (
        OCSF,
        "mappings/markdown/AWS/v1.1.0/VPC Flowlogs/samples/vpcflowlog.raw",
        CSV,
        1,
        0,
        &[UNTERMINATED],
    ),
    (
        OCSF,
        "mappings/markdown/AWS/v1.5.0/VPC Flowlogs/samples/vpcflowlog.ocsf",
        OCSF_JSON,
        1,
        0,
        &[],
    ),
    (
        OCSF,
        "mappings/markdown/AWS/v1.5.0/VPC Flowlogs/samples/vpcflowlog.raw",
        CSV,
        1,
        0,
        &[UNTERMINATED],
    ),
    // 1,250 connections, of which 984 were answered.
    (OCSF, "raw_sample_log_dataset/Zeek/conn.log", "zeek_conn_json", 2234, 0, &[]),
];

fn read(
    path: &Path,
    options: &ReadOptions,
    all: &mut Everything,
) -> Option<(&'static str, Summary)> {
    let mut file = Intake::open(path).unwrap();
    let format = sniff(file.head())?;
    Some((format.name(), format.read(&mut file, options, all).unwrap()))
}

#[test]
fn each_sample_is_read_or_refused_with_a_reason() {
    let Some(folder) = samples("flowlogs") else { return };
    let mut table: BTreeMap<_, _> =
        SAMPLES.iter().map(|sample| (Path::new(sample.0).join(sample.1), sample)).collect();
    for file in files(&folder) {
        let (_, _, format, records, rejected, told) =
            table.remove(&file).unwrap_or_else(|| panic!("{} is not in the table", file.display()));
        let mut all = Everything::default();
        let read = read(&folder.join(&file), &ReadOptions::default(), &mut all);
        let (name, summary) = read.unwrap_or_default();
        assert_eq!(
            (name, summary.records, summary.rejected, all.told().as_slice()),
            (*format, *records, *rejected, *told),
            "{} {:?}",
            file.display(),
            all.anomalies
        );
        let nothing = !name.is_empty() && *records == 0;
        assert_eq!(summary.refused.is_some(), nothing, "{}", file.display());
        all.lines.sort_unstable();
        all.lines.dedup();
        assert_eq!(all.lines.len() as u64, records + rejected, "{}", file.display());
    }
    assert!(table.is_empty(), "not in the folder: {table:?}");
}

#[test]
fn a_refused_sample_is_read_once_its_fields_are_stated() {
    let Some(folder) = samples("flowlogs") else { return };
    let layout = Layout::parse("version interface-id srcaddr dstaddr").unwrap();
    let path = folder.join(OTEL).join("valid_vpc_flow_cw_custom.json");
    for options in [
        ReadOptions { layout: Some(layout.clone()), candidates: Vec::new() },
        ReadOptions { layout: None, candidates: vec![layout] },
    ] {
        let mut all = Everything::default();
        let (_, summary) = read(&path, &options, &mut all).unwrap();
        assert_eq!((summary.records, summary.refused), (2, None));
        assert_eq!(all.records[0]["dstaddr"], "172.31.16.21");
        assert!(all.records[0]["…"].contains("\"logGroup\":\"/aws/vpc/flowlogs\""));
    }
}

#[test]
fn the_parquet_sample_is_named() {
    let Some(samples) = samples("flowlogs") else { return };
    let path = samples.join(READER).join("tests/data/flows.parquet");
    let mut file = std::fs::File::open(path).unwrap();
    let description = describe_parquet(&mut file).unwrap().unwrap();
    assert_eq!((description.rows, description.layout.columns.len()), (3, 14));
}

/// The records below a folder by the fields that are asked for, sorted.
fn records(folder: &Path, options: &ReadOptions, fields: &str) -> Vec<String> {
    let mut rows = Vec::new();
    for file in files(folder) {
        let mut all = Everything::default();
        let Some((_, summary)) = read(&folder.join(&file), options, &mut all) else { continue };
        assert_eq!((summary.refused, summary.rejected), (None, 0), "{}", file.display());
        rows.extend(all.records.iter().map(|record| {
            let values = fields.split(' ').map(|field| record.get(field).map_or("-", |it| it));
            values.collect::<Vec<_>>().join(" ")
        }));
    }
    rows.sort();
    rows
}

#[test]
fn one_network_gives_the_same_records_from_text_export_athena_and_events() {
    let Some(folder) = samples("lab-a/evidence/data") else { return };
    const V2: &str = "interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status";
    const V5: &str = "vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr region az-id sublocation-type sublocation-id pkt-src-aws-service pkt-dst-aws-service flow-direction traffic-path";
    // Of an interface without traffic the events name the owner, the other logs `unknown`.
    let all = format!("account-id {V2} {V5}");
    let sidecar = std::fs::read(folder.join("sidecars/describe-flow-logs.json")).unwrap();
    let sidecar: serde_json::Value = serde_json::from_slice(&sidecar).unwrap();
    let formats = sidecar["FlowLogs"].as_array().unwrap().iter();
    let candidates = formats.map(|log| Layout::parse(log["LogFormat"].as_str().unwrap()).unwrap());
    let (none, inventory) =
        (ReadOptions::default(), ReadOptions { layout: None, candidates: candidates.collect() });

    let text = records(&folder.join("flowlogs-s3"), &none, &all);
    assert_eq!(text.len(), 13_325);
    let exported = records(&folder.join("flowlogs-cwl-export"), &inventory, &all);
    assert_eq!(exported, text, "CloudWatch export");
    assert_eq!(records(&folder.join("flowlogs-athena"), &none, &all), text, "Athena");
    let text = records(&folder.join("flowlogs-s3"), &none, V2);
    assert_eq!(records(&folder.join("flowlogs-cwl-json"), &none, V2), text, "events");
}
