//! Questions about the whole case: status, flows, timeline, top, SQL.

use crate::moment;
use crate::recognise::Kind;
use crate::wire::{
    EvidenceObject, GapRow, LocationObject, OverlapObject, ReferenceObject, SourceObject, Status,
    StitchedObject, TimelineObject, TopObject,
};
use crate::{Workbench, WorkbenchError, clocks, sessions};
use case::{EvidenceItem, Location};
use evidence::Sha256;
use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;
use store::{
    FlowQuery, FlowRow, Gap, GapQuery, Overlap, Selection, SourceRow, SqlResult, StitchSummary,
    TimelineQuery, TopQuery,
};

/// So few records are asked for as they are wanted, without an order of all records.
const FEW: u64 = 10_000;

impl Workbench {
    /// Counts and facts of the whole case.
    ///
    /// # Errors
    /// If the case's database or an index cannot be read.
    pub fn status(&self) -> Result<Status, WorkbenchError> {
        let state = self.state();
        let head = self.head();
        let store = self.store()?;
        let counts = store.evidence_counts()?;
        let totals = store.totals()?;
        let transactions = store.transaction_count()?;
        let mut problems = store.derived_problems()?;
        problems.extend(self.case.references.problems());
        if let count @ 1.. = store.unreadable_labels()? {
            problems.push(format!(
                "{count} addresses have an entry in a MaxMind database that cannot be read"
            ));
        }
        let in_use = self.case.references.in_use();
        let references = state
            .evidence
            .iter()
            .filter(|item| matches!(Kind::named(&item.kind), Some(Kind::Reference(_))));
        let references = references
            .map(|item| ReferenceObject {
                path: item.name.clone(),
                sha256: item.sha256.to_string(),
                kind: item.kind.clone(),
                in_use: in_use.contains(&item.sha256),
            })
            .collect();
        let payload_anomalies = store.payload_anomaly_count()?;
        let verdicts = store.verdict_counts()?;
        let gaps = gap_rows(store.gaps(&GapQuery::default())?);
        let sources = store.sources()?;
        let overlaps = store.overlaps()?;
        drop(store);
        let info = self.info().clone();
        self.with_captures(|captures| {
            let packets: BTreeMap<_, _> = captures
                .list
                .iter()
                .map(|capture| (capture.sha256, capture.index.packet_count()))
                .collect();
            let evidence = state.evidence.iter().map(|item| {
                let counts = counts.get(&item.sha256).copied().unwrap_or_default();
                EvidenceObject {
                    path: item.name.clone(),
                    sha256: item.sha256.to_string(),
                    size: item.size,
                    kind: item.kind.clone(),
                    flow_records: counts.flow_records,
                    packets: packets.get(&item.sha256).copied().unwrap_or_default(),
                    rejected_lines: counts.rejected_lines,
                    anomalies: counts.anomalies,
                    locations: item.locations.iter().map(location).collect(),
                    presence: crate::relink::presence(item),
                }
            });
            Ok(Status {
                title: info.title,
                number: info.number,
                examiner: info.examiner,
                flow_records: totals.flow_records,
                packets: packets.values().sum(),
                conversations: captures.conversations.len() as u64,
                transactions,
                rejected_lines: totals.rejected_lines,
                anomalies: totals.anomalies,
                first: totals.first.map(moment::microseconds),
                last: totals.last.map(moment::microseconds),
                evidence: evidence.collect(),
                mirror_sessions: sessions::objects(captures),
                clock_offsets: clocks::objects(captures),
                gaps,
                sources: sources.into_iter().map(source_object).collect(),
                overlaps: overlaps.into_iter().map(overlap_object).collect(),
                overlapping_records: totals.overlapping,
                verdicts,
                references,
                problems,
                payload_anomalies,
                unread_packets: captures
                    .list
                    .iter()
                    .flat_map(|capture| capture.index.unread())
                    .map(|unread| unread.packets)
                    .sum(),
                journal_seq: head.map_or(0, |head| head.seq),
                journal_head: head.map(|head| head.hash.to_string()).unwrap_or_default(),
            })
        })
    }

    /// Stretches without records, by interface and time.
    ///
    /// # Errors
    /// If the case's database cannot be read.
    pub fn gaps(&self, query: &GapQuery) -> Result<Vec<GapRow>, WorkbenchError> {
        Ok(gap_rows(self.store()?.gaps(query)?))
    }

    /// The flow records that a query selects.
    ///
    /// # Errors
    /// [`crate::ErrorCode::BadQuery`] if the filter or the order is none.
    pub fn flows(&self, query: &FlowQuery) -> Result<Vec<FlowRow>, WorkbenchError> {
        Ok(self.store()?.flows(query)?)
    }

    /// The same, given one by one until told to stop: whatever the count, few of them are in memory at once.
    ///
    /// # Errors
    /// [`crate::ErrorCode::BadQuery`] if the filter or the order is none.
    pub fn each_flow(
        &self,
        query: &FlowQuery,
        mut take: impl FnMut(FlowRow) -> ControlFlow<()>,
    ) -> Result<(), WorkbenchError> {
        if query.limit.is_some_and(|limit| limit <= FEW) {
            let _ = self.flows(query)?.into_iter().try_for_each(take);
            return Ok(());
        }
        let (records, _) = self.ordered(&query.selection, query.order.as_ref())?;
        let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let rest = records.get(count(query.offset)..).unwrap_or_default();
        let wanted = rest.get(..query.limit.map_or(rest.len(), count)).unwrap_or(rest);
        Ok(self.store()?.each_flow(wanted, &mut take)?)
    }

    /// The way into its archive of each piece of evidence that was added from one.
    pub fn members(&self) -> HashMap<Sha256, String> {
        let way = |item: EvidenceItem| Some((item.sha256, item.locations.first()?.member.clone()?));
        self.state().evidence.into_iter().filter_map(way).collect()
    }

    /// Stitches the selected records into flows and gives each one as it ends, until told to stop.
    ///
    /// # Errors
    /// [`crate::ErrorCode::BadQuery`] if the filter is none.
    pub fn stitched(
        &self,
        selection: &Selection,
        mut take: impl FnMut(StitchedObject) -> ControlFlow<()>,
    ) -> Result<StitchSummary, WorkbenchError> {
        Ok(self.store()?.stitched(selection, |flow| take(flow.into()))?)
    }

    /// Records over time.
    ///
    /// # Errors
    /// [`crate::ErrorCode::BadQuery`] if the filter or the field is none.
    pub fn timeline(&self, query: &TimelineQuery) -> Result<Vec<TimelineObject>, WorkbenchError> {
        let rows = self.store()?.timeline(query)?.into_iter().map(|row| TimelineObject {
            from: moment::microseconds(row.from),
            to: moment::microseconds(row.to),
            by: row.by,
            records: row.records,
            packets: row.packets,
            bytes: row.bytes,
        });
        Ok(rows.collect())
    }

    /// The largest values of a field.
    ///
    /// # Errors
    /// [`crate::ErrorCode::BadQuery`] if the filter or the field is none.
    pub fn top(&self, query: &TopQuery) -> Result<Vec<TopObject>, WorkbenchError> {
        let rows = self.store()?.top(query)?;
        let known = self.known();
        let rows = rows.into_iter().map(|row| TopObject {
            known_as: known.value(&query.field, row.value.as_deref()),
            value: row.value,
            records: row.records,
            packets: row.packets,
            bytes: row.bytes,
        });
        Ok(rows.collect())
    }

    /// Runs one SELECT.
    ///
    /// # Errors
    /// [`crate::ErrorCode::BadQuery`] if it is anything else.
    pub fn sql(&self, text: &str, limit: usize) -> Result<SqlResult, WorkbenchError> {
        Ok(self.store()?.sql(text, limit)?)
    }
}

fn location(at: &Location) -> LocationObject {
    LocationObject { path: at.path.clone(), member: at.member.clone() }
}

fn gap_rows(gaps: Vec<Gap>) -> Vec<GapRow> {
    let row = |gap: Gap| GapRow {
        interface_id: gap.interface_id,
        kind: gap.kind.name().to_owned(),
        from: moment::microseconds(gap.from),
        to: moment::microseconds(gap.to),
        source: gap.source,
        note: gap.note,
    };
    gaps.into_iter().map(row).collect()
}

fn source_object(source: SourceRow) -> SourceObject {
    SourceObject {
        source: source.source,
        evidence: source.evidence,
        fields: source.fields,
        flow_records: source.records,
        overlapping_records: source.overlapping,
        first: source.first.map(moment::microseconds),
        last: source.last.map(moment::microseconds),
    }
}

fn overlap_object(overlap: Overlap) -> OverlapObject {
    OverlapObject {
        interface_id: overlap.interface_id,
        source: overlap.source,
        counted: overlap.counted,
        from: moment::microseconds(overlap.from),
        to: moment::microseconds(overlap.to),
        records: overlap.records,
    }
}
