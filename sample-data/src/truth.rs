//! What really happened, for tests to hold the tool against.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use serde::Serialize;
use serde_json::{Value, json};

use crate::clock::{self, Nanos};
use crate::flowlog::{FLOW_LOGS, Row, Written};
use crate::mirror::{SESSIONS, WINDOWS};
use crate::net::INTERFACES;
use crate::packet::Phase;

/// A message body whose message some capture holds without a gap.
#[derive(Serialize)]
pub(crate) struct Body {
    pub(crate) at: String,
    pub(crate) host: String,
    pub(crate) uri: String,
    /// `request` or `response`.
    pub(crate) role: &'static str,
    /// `tcp`, or `tls` where the key log opens it.
    pub(crate) transport: &'static str,
    /// Of the body without chunks, with its content coding.
    pub(crate) sha256: String,
    pub(crate) length: usize,
    /// Of the body without content coding, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) decoded_sha256: Option<String>,
    /// Interfaces whose mirror session has all of it.
    pub(crate) captured_at: Vec<&'static str>,
    /// At one of them, no packet of the whole conversation is missing.
    pub(crate) conversation_complete: bool,
}

/// Records of one phase.
#[derive(Clone, Copy, Default)]
struct PhaseTotals {
    from: Nanos,
    to: Nanos,
    records: u64,
    rejected_records: u64,
    packets: u64,
    bytes: u64,
    captured_packets: u64,
}

/// Everything that is counted while the day passes.
pub(crate) struct Ledger {
    /// One line per flow-log line; absent in scaled runs.
    lines: Option<GzEncoder<BufWriter<File>>>,
    phases: [PhaseTotals; Phase::ALL.len()],
    classes: BTreeMap<&'static str, u64>,
    records: u64,
    packets: u64,
    bytes: u64,
    /// What each phase says of itself.
    pub(crate) details: BTreeMap<&'static str, Value>,
    pub(crate) bodies: Vec<Body>,
    pub(crate) dns_queries: u64,
    pub(crate) skipped_records: u64,
    pub(crate) flow_log_files: u64,
    pub(crate) captured_frames: [u64; WINDOWS.len()],
}

impl Ledger {
    /// With `per_record`, `records.csv.gz` is written below `truth`.
    pub(crate) fn create(truth: &Path, per_record: bool) -> io::Result<Self> {
        fs::create_dir_all(truth)?;
        let lines = if per_record {
            let file = BufWriter::new(File::create(truth.join("records.csv.gz"))?);
            let mut lines = GzBuilder::new().write(file, Compression::best());
            lines.write_all(b"file,line,packets,bytes,mirror_packets,mirror_bytes,class\n")?;
            Some(lines)
        } else {
            None
        };
        Ok(Self {
            lines,
            phases: Default::default(),
            classes: BTreeMap::new(),
            records: 0,
            packets: 0,
            bytes: 0,
            details: BTreeMap::new(),
            bodies: Vec::new(),
            dns_queries: 0,
            skipped_records: 0,
            flow_log_files: 0,
            captured_frames: [0; WINDOWS.len()],
        })
    }

    /// Count a line of a flow log.
    pub(crate) fn note(&mut self, written: &Written<'_>) -> io::Result<()> {
        let (counts, class) = match written.row {
            Row::NoData => ([0; 4], "nodata"),
            Row::SkipData => ([0; 4], "skipdata"),
            Row::Record(r) => {
                let phase = &mut self.phases[r.phase as usize];
                if phase.records == 0 {
                    phase.from = r.first;
                }
                phase.from = phase.from.min(r.first);
                phase.to = phase.to.max(r.last);
                phase.records += 1;
                phase.rejected_records += u64::from(r.is_rejected());
                phase.packets += r.packets;
                phase.bytes += r.bytes;
                phase.captured_packets += r.captured_packets;
                self.records += 1;
                self.packets += r.packets;
                self.bytes += r.bytes;
                ([r.packets, r.bytes, r.captured_packets, r.captured_bytes], r.class())
            }
        };
        *self.classes.entry(class).or_default() += 1;
        if let Some(lines) = &mut self.lines {
            let [packets, bytes, seen, seen_bytes] = counts;
            let Written { file, line, .. } = written;
            writeln!(lines, "{file},{line},{packets},{bytes},{seen},{seen_bytes},{class}")?;
        }
        Ok(())
    }

    /// Flow records written, without NODATA and SKIPDATA rows.
    pub(crate) fn flow_records(&self) -> u64 {
        self.records
    }

    /// Write `truth.json` below `truth` and close the list of records.
    pub(crate) fn finish(self, truth: &Path, seed: u64) -> io::Result<()> {
        let full = self.lines.is_some();
        let mut out = json!({
            "seed": seed,
            "day": { "from": clock::rfc3339(clock::MIDNIGHT), "to": clock::rfc3339(clock::at(24, 0, 0)) },
            "totals": {
                "flow_records": self.records,
                "flow_record_packets": self.packets,
                "flow_record_bytes": self.bytes,
                "skipped_records": self.skipped_records,
                "flow_log_files": self.flow_log_files,
                "captured_frames": self.captured_frames.iter().sum::<u64>(),
                "records_by_class": self.classes,
                "interfaces": INTERFACES.len(),
                "flow_logs": FLOW_LOGS.len(),
                "mirror_sessions": SESSIONS.len(),
                "dns_queries": self.dns_queries,
            },
            "interfaces": INTERFACES.iter().map(|i| json!({
                "name": i.name, "id": i.id, "ipv4": i.ipv4, "ipv6": i.ipv6,
            })).collect::<Vec<_>>(),
            "mirror_sessions": SESSIONS.iter().map(|s| json!({
                "interface": INTERFACES[s.interface].id, "vni": s.vni, "packet_length": s.packet_length,
            })).collect::<Vec<_>>(),
            "captures": WINDOWS.iter().zip(self.captured_frames).map(|(w, frames)| json!({
                "file": w.file, "from": clock::rfc3339(w.from), "to": clock::rfc3339(w.to), "frames": frames,
            })).collect::<Vec<_>>(),
        });
        if full {
            out["phases"] = Phase::ALL.iter().map(|&p| self.phase(p)).collect();
        }
        // Another crate of the same build may have switched serde_json to keep the order of insertion.
        out.sort_all_objects();
        let mut text = serde_json::to_string_pretty(&out)?;
        if full {
            // One body per line: hundreds of them are read by machines, and by people only with grep.
            text.truncate(text.len() - "\n}".len());
            text += ",\n  \"http_bodies\": [\n";
            let bodies: Vec<String> =
                self.bodies.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
            text += &bodies.join(",\n");
            text += "\n  ]\n}";
        }
        fs::write(truth.join("truth.json"), text + "\n")?;
        if let Some(lines) = self.lines {
            lines.finish()?.flush()?;
        }
        Ok(())
    }

    fn phase(&self, phase: Phase) -> Value {
        let totals = self.phases[phase as usize];
        let mut out = json!({
            "phase": phase.name(),
            "from": clock::rfc3339(totals.from),
            "to": clock::rfc3339(totals.to),
            "records": totals.records,
            "rejected_records": totals.rejected_records,
            "record_packets": totals.packets,
            "record_bytes": totals.bytes,
            "captured_packets": totals.captured_packets,
        });
        if let (Some(out), Some(Value::Object(details))) =
            (out.as_object_mut(), self.details.get(phase.name()))
        {
            out.extend(details.clone());
        }
        out
    }
}
