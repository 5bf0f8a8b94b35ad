//! Public samples of flow logs, each read, or refused with a stated reason.

use evidence::Anomaly;
use flowlog::{FlowSink, Format, Layout, Record, Rejected, describe_parquet, read_text, sniff};
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

const HEADER: Option<Format> = Some(Format::Text { header: true });
const RECORDS: Option<Format> = Some(Format::Text { header: false });
const REFUSED: Option<Format> = None;

const AWS: &str = "awsdocs-amazon-vpc-user-guide/extracted";
const ELASTIC: &str = "elastic-integrations/packages/aws/data_stream/vpcflow/_dev/test/pipeline";
const READER: &str = "obsrvbl-oss-flowlogs-reader/extracted";
const OTEL: &str = "opentelemetry-collector-contrib/extension/encoding/awslogsencodingextension/internal/unmarshaler/vpc-flow-log/testdata";
const OCSF: &str = "ocsf-examples";

const UNTERMINATED: &str = "flowlog.unterminated";
const NO_LAYOUT: &[&str] = &["flowlog.no_layout", "no_layout"];
const NO_LAYOUT_UNTERMINATED: &[&str] = &["flowlog.no_layout", UNTERMINATED, "no_layout"];

/// Folder, file, what [`sniff`] says, records, and the kinds of what is told besides.
type Sample = (&'static str, &'static str, Option<Format>, u64, &'static [&'static str]);

const SAMPLES: &[Sample] = &[
    (AWS, "v2_default.log", HEADER, 7, &[]),
    (AWS, "v3_tcp_flags.log", HEADER, 8, &[]),
    (AWS, "v3_transit_gateway.log", HEADER, 4, &[]),
    (AWS, "v5_traffic_path.log", HEADER, 2, &[]),
    (ELASTIC, "test-extra-samples.log", RECORDS, 7, &[UNTERMINATED]),
    (ELASTIC, "test-tgw-samples.log", RECORDS, 10, &[]),
    (ELASTIC, "test-v8-samples.log", RECORDS, 1, &[]),
    // Its start has lost a digit: the values do not fit the format.
    (ELASTIC, "test-v5-all-fields.log", REFUSED, 0, NO_LAYOUT_UNTERMINATED),
    // JSON around a record, as Firehose delivers it.
    (ELASTIC, "test-with-message-field.log", REFUSED, 0, NO_LAYOUT),
    (READER, "V2_RECORDS.log", RECORDS, 5, &[]),
    (READER, "V3_FILE.log", HEADER, 2, &[]),
    (READER, "V4_FILE.log", HEADER, 2, &[]),
    (READER, "V5_FILE.log", HEADER, 2, &["columns"]),
    (READER, "V6_FILE.log", HEADER, 1, &[]),
    (OTEL, "valid_tgw_flow_log.log", HEADER, 1, &[UNTERMINATED]),
    (OTEL, "valid_vpc_flow_log_multi.log", HEADER, 2, &[UNTERMINATED]),
    (OTEL, "valid_vpc_flow_cw_custom.json", REFUSED, 0, NO_LAYOUT_UNTERMINATED),
    // Columns parted by commas.
    (
        OCSF,
        "mappings/markdown/AWS/v1.5.0/VPC Flowlogs/samples/vpcflowlog.raw",
        REFUSED,
        0,
        NO_LAYOUT_UNTERMINATED,
    ),
    (OCSF, "raw_sample_log_dataset/Zeek/conn.log", REFUSED, 0, NO_LAYOUT),
];

#[test]
fn each_sample_is_read_or_refused_with_a_reason() {
    let Some(samples) = samples() else { return };
    for (folder, name, format, records, kinds) in SAMPLES {
        let bytes = std::fs::read(samples.join(folder).join(name)).unwrap();
        let mut told = Told::default();
        let summary = read_text(&mut bytes.as_slice(), &mut told).unwrap();
        let told: Vec<_> = told.0.into_iter().collect();
        assert_eq!(sniff(&bytes), *format, "{name}");
        assert_eq!((summary.records, told.as_slice()), (*records, *kinds), "{name}");
    }
}

#[test]
fn the_parquet_sample_is_named() {
    let Some(samples) = samples() else { return };
    let path = samples.join("obsrvbl-oss-flowlogs-reader/tests/data/flows.parquet");
    let mut file = std::fs::File::open(path).unwrap();
    let description = describe_parquet(&mut file).unwrap().unwrap();
    assert_eq!((description.rows, description.layout.columns.len()), (3, 14));
}

/// The kinds of anomalies and the codes of causes that were told.
#[derive(Default)]
struct Told(BTreeSet<&'static str>);

impl FlowSink for Told {
    fn layout(&mut self, _: &Layout) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn record(&mut self, _: &Record<'_>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn rejected(&mut self, rejected: &Rejected<'_>) -> ControlFlow<()> {
        self.0.insert(rejected.cause.code());
        ControlFlow::Continue(())
    }

    fn anomaly(&mut self, anomaly: Anomaly) -> ControlFlow<()> {
        self.0.insert(anomaly.kind);
        ControlFlow::Continue(())
    }
}

/// The folder of samples beside the project; without it there is nothing to test.
fn samples() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3)?;
    let folder = root.parent()?.join("shared/data/flowlogs");
    if !folder.is_dir() {
        use std::io::Write;
        let skipped = format!("skipped: there are no samples in {}", folder.display());
        let _ = writeln!(std::io::stderr(), "{skipped}");
        return None;
    }
    Some(folder)
}
