//! What follows from the evidence: which records count, where there are none, conversations, transactions, the verdict on every record.

use crate::captures::Captures;
use crate::meter::Unit;
use crate::payload::Payload;
use crate::{ErrorCode, Meter, Workbench, WorkbenchError, duplicates, sources};
use case::{Act, EvidenceItem, Reference};
use dissect::{Decoded, Detail, HttpExchange, NamedExchange, Transaction};
use evidence::{Anomaly, RecordRef, Sha256};
use std::collections::{BTreeSet, HashMap};
use std::sync::PoisonError;
use store::coverage::Unrecorded;
use store::{ConversationRow, EvidenceCounts, FieldRow, Store, StoreError, TransactionRow};

impl Workbench {
    /// Computes all of it anew from what is loaded, and says which evidence could not be read for it.
    ///
    /// Whoever asks meanwhile sees the old tables with the old captures, then the new with the new.
    pub(crate) fn derive(&self, meter: &Meter) -> Result<Vec<String>, WorkbenchError> {
        let store = self.store()?;
        store.begin_derived()?;
        meter.step("comparing the sources", 0, 0);
        let counts = store.evidence_counts()?;
        let records = |sha256: &Sha256| counts.get(sha256).map_or(0, |counts| counts.flow_records);
        store.set_sources(&sources::parts(&self.state().evidence, records))?;
        // Clocks and verdicts rest on the records that count.
        store.set_presence(&store.presence()?)?;
        meter.step("reading the packet indexes", 0, 0);
        let mut captures = Captures::load(self)?;
        captures.read_all(true);
        let mut decoded = decode_all(&mut captures, meter)?;
        captures.read_all(false);
        meter.step("matching packets to records", 0, 0);
        let mut shown = self.captures();
        store.atomically(|store| {
            store.compute_coverage(&captures.mirror, &captures.offsets)?;
            account_for(store, &captures, &mut decoded.conversations)?;
            store.set_conversations(&decoded.conversations)?;
            store.set_transactions(&decoded.transactions)?;
            store.set_payload_anomalies(&decoded.anomalies)
        })?;
        *shown = Some(captures);
        drop(shown);
        self.case.views.forget_orders();
        self.forget_spoken();
        self.project_tags()?;
        let mut problems: Vec<String> = decoded.problems.into_iter().collect();
        problems.extend(missing(&self.state().evidence, &counts));
        store.end_derived(&problems)?;
        Ok(problems)
    }

    /// Records that somebody said whose a session is or what a clock shows, and holds packets and records against each
    /// other anew. Should that be broken off, the tables are derived anew when the case is opened.
    pub(crate) fn rematch(&self, act: Act, meter: &Meter) -> Result<(), WorkbenchError> {
        let store = self.store()?;
        let problems = store.derived_problems()?;
        store.begin_derived()?;
        self.record(act)?;
        meter.step("reading the packet indexes", 0, 0);
        let captures = Captures::load(self)?;
        let mut rows = store.conversations()?;
        for row in &mut rows {
            if let Some(conversation) = captures.conversation(row.number)? {
                row.interface_id = captures.interface(&conversation).map(str::to_owned);
            }
        }
        meter.step("matching packets to records", 0, 0);
        let mut shown = self.captures();
        store.atomically(|store| {
            store.compute_coverage(&captures.mirror, &captures.offsets)?;
            account_for(store, &captures, &mut rows)?;
            store.set_conversations(&rows)
        })?;
        *shown = Some(captures);
        drop(shown);
        self.case.views.forget_orders();
        Ok(store.end_derived(&problems)?)
    }

    /// Brings the journal's tags of records into the database, where filters see them.
    pub(crate) fn project_tags(&self) -> Result<(), WorkbenchError> {
        let _alone = self.case.projecting.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tags: Vec<(RecordRef, String)> = Vec::new();
        for (reference, names) in self.state().tags {
            if let Reference::Record(record) = reference {
                tags.extend(names.into_iter().map(|name| (record, name)));
            }
        }
        Ok(self.store()?.set_tags(&tags)?)
    }
}

/// Says of each conversation how many records account for it, or why none does.
fn account_for(
    store: &Store,
    captures: &Captures,
    rows: &mut [ConversationRow],
) -> Result<(), StoreError> {
    let (records, extents) = (store.records_by_conversation()?, store.log_extents()?);
    for row in rows {
        row.records = records.get(&row.number).copied().unwrap_or_default();
        let by_logs = |time| captures.logged_at(row.interface_id.as_deref(), time);
        let unrecorded = Unrecorded {
            interface: row.interface_id.as_deref(),
            protocol: row.protocol,
            ends: [row.client, row.server],
            span: (by_logs(row.first), by_logs(row.last)),
        };
        let reason = (row.records == 0).then(|| extents.reason(&unrecorded));
        row.unrecorded_reason = reason.map(str::to_owned);
    }
    Ok(())
}

/// Evidence of the journal that the database does not have, because a rebuild did not find it.
fn missing(items: &[EvidenceItem], held: &HashMap<Sha256, EvidenceCounts>) -> Vec<String> {
    let missing = items.iter().filter(|item| !held.contains_key(&item.sha256));
    let told = |item: &EvidenceItem| {
        format!("{} is not in the tables: rebuild reads it from where it was added", item.name)
    };
    missing.map(told).collect()
}

#[derive(Default)]
struct DecodedCase {
    conversations: Vec<ConversationRow>,
    transactions: Vec<TransactionRow>,
    /// By number of the conversation.
    anomalies: Vec<(i32, Anomaly)>,
    /// Evidence that is gone or was changed, a sentence each.
    problems: BTreeSet<String>,
}

fn decode_all(captures: &mut Captures, meter: &Meter) -> Result<DecodedCase, WorkbenchError> {
    let mut all = DecodedCase::default();
    let copies = duplicates::find(captures)?;
    let mut applications: HashMap<i32, String> = HashMap::new();
    let total = captures.conversations.len() as u64;
    for (number, done) in (0_i32..).zip(0..total) {
        let Some(conversation) = captures.conversation(number)? else { continue };
        if number % 256 == 0 {
            meter.step_of(Unit::Conversation, "decoding conversations", done, total);
        }
        // What a copy says is told of the other.
        let primary = match copies.get(&number) {
            Some(primary) => captures.conversation(*primary)?,
            None => None,
        };
        let payload = match primary {
            Some(_) => None,
            None => Some(Payload::read(captures, &conversation)),
        };
        let decoded = match payload {
            None => Decoded::default(),
            Some(Ok(payload)) => {
                let (decoded, anomalies) = payload.decode(&conversation);
                all.anomalies.extend(anomalies.into_iter().map(|anomaly| (number, anomaly)));
                decoded
            }
            Some(Err(error)) if error.code == ErrorCode::Internal => return Err(error),
            Some(Err(error)) => {
                all.problems.insert(error.to_string());
                Decoded::default()
            }
        };
        let said = decoded.transactions.iter().flat_map(|transaction| &transaction.anomalies);
        let anomalies = decoded.anomalies.iter().chain(said).cloned();
        all.anomalies.extend(anomalies.map(|anomaly| (number, anomaly)));
        let id = conversation.id.to_string();
        for (place, transaction) in (1..).zip(&decoded.transactions) {
            all.transactions.push(row(&id, number, place, transaction));
        }
        let row = ConversationRow {
            number,
            id,
            protocol: conversation.protocol,
            client: conversation.client.into(),
            server: conversation.server.into(),
            source: conversation.source,
            vni: conversation.vni,
            session_key: conversation.key.map(|key| key.to_string()),
            tunnelled: conversation.tunnelled,
            interface_id: captures.interface(&conversation).map(str::to_owned),
            duplicate_of: primary.map(|primary| primary.id.to_string()),
            records: 0,
            unrecorded_reason: None,
            first: conversation.first.unwrap_or_default(),
            last: conversation.last.unwrap_or_default(),
            packets_client: conversation.packets_client,
            packets_server: conversation.packets_server,
            bytes_client: conversation.bytes_client,
            bytes_server: conversation.bytes_server,
            application: decoded.application.map(str::to_owned),
            community_id: captures.community_id(&conversation)?,
        };
        if let Some(application) = &row.application {
            applications.insert(number, application.clone());
        }
        all.conversations.push(row);
    }
    for row in &mut all.conversations {
        if let Some(primary) = copies.get(&row.number) {
            row.application = applications.get(primary).cloned();
        }
    }
    Ok(all)
}

fn row(
    conversation_id: &str,
    conversation: i32,
    place: usize,
    transaction: &Transaction,
) -> TransactionRow {
    let base = TransactionRow {
        id: format!("{conversation_id}/{place}"),
        conversation,
        time: transaction.time,
        ..TransactionRow::default()
    };
    match &transaction.detail {
        Detail::Http(http) => {
            TransactionRow { protocol: "http".to_owned(), ..http_row(http, base) }
        }
        Detail::Dns(dns) => TransactionRow {
            protocol: "dns".to_owned(),
            complete: dns.query_time.is_some() && dns.answer_time.is_some(),
            qname: Some(dns.qname.clone()),
            qtype: Some(dns.qtype.clone()),
            rcode: dns.rcode.clone(),
            answers: dns.rcode.is_some().then(|| {
                dns.answers
                    .iter()
                    .map(|record| format!("{} {}", record.type_, record.value))
                    .collect()
            }),
            ..base
        },
        Detail::Named(named) => TransactionRow {
            protocol: named.protocol.to_owned(),
            complete: named.complete,
            asked: Some(named.asked.clone()),
            answered: Some(named.answered.clone()),
            fields: fields(named),
            ..base
        },
    }
}

/// Values of one name that follow each other are one field.
pub(crate) fn fields(named: &NamedExchange) -> Vec<FieldRow> {
    let runs = named.fields.chunk_by(|a, b| (a.name, a.from_client) == (b.name, b.from_client));
    runs.filter_map(|run| {
        let first = run.first()?;
        let values: Vec<&str> = run.iter().map(|field| field.value.as_str()).collect();
        let (name, from_client) = (first.name.to_owned(), first.from_client);
        Some(FieldRow { name, value: values.join(", "), from_client })
    })
    .collect()
}

fn http_row(http: &HttpExchange, base: TransactionRow) -> TransactionRow {
    let request_body = http.request.as_ref().and_then(|request| request.body.as_ref());
    let response_body = http.response.as_ref().and_then(|response| response.body.as_ref());
    let whole = |body: Option<&dissect::Body>| body.is_none_or(|body| body.complete);
    TransactionRow {
        method: http.request.as_ref().map(|request| request.method.clone()),
        host: http.request.as_ref().and_then(|request| request.host.clone()),
        uri: http.request.as_ref().map(|request| request.target.clone()),
        status: http.response.as_ref().map(|response| response.status),
        request_body_sha256: request_body.map(|body| body.sha256.to_string()),
        response_body_sha256: response_body.map(|body| body.sha256.to_string()),
        request_body_size: request_body.map(|body| body.decoded.len() as u64),
        response_body_size: response_body.map(|body| body.decoded.len() as u64),
        complete: http.request.is_some()
            && http.response.is_some()
            && whole(request_body)
            && whole(response_body),
        ..base
    }
}
