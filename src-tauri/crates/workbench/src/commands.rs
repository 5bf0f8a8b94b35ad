//! The table of all that a window can ask: a line is a name, what goes in, what comes out, and how it is answered.
//! The page's types are generated from it (see `bindings`).

use crate::desk::Asking;
use crate::export::ReportWish;
use crate::wire::request::{
    AddRequest, CompareRequest, ConfirmRequest, ConversationRequest, ConversationsRequest,
    DistinctRequest, ExportFlowsRequest, ExportPacketsRequest, FilterText, FindingRequest,
    GapsRequest, HistogramRequest, Id, JournalRequest, Limit, Name, NewCase, NoteRequest,
    OpenRequest, PacketsRequest, PinRequest, PlaceRequest, ProblemsRequest, RelinkRequest,
    ReportForm, ReportRequest, SaveViewRequest, SqlRequest, TagRequest, TopRequest,
    TransactionsRequest, ViewRequest, WithdrawRequest, id, ids,
};
use crate::wire::{
    CaptureFacts, CaseObject, ClockObject, ComparedObject, ConversationDetail, ConversationPage,
    Dialogue, DistinctAnswer, ExportedFlowsObject, ExportedObject, ExportedPacketsObject,
    ExportedReport, FilterFieldObject, GapRow, HistogramObject, JournalPage, Lanes, Marks,
    MessageObject, PacketDetail, PacketPage, Problems, RawLine, ReconciledObject, RecordDetail,
    SavedViewObject, SessionObject, Severity, SqlTable, Status, TopObject, TransactionPage, View,
};
use crate::{
    AddSummary, ErrorCode, Meter, NewFinding, PacketWish, ReadingWish, RelinkSummary, ReportFormat,
    Verification, WorkbenchError, look,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::path::{Path, PathBuf};
use store::{Cell, CompareQuery, DistinctQuery, GapKind, GapQuery, HistogramQuery, TopQuery};

macro_rules! table {
    ($answer:ident, $declare:ident, $context:ty; $($(#[doc = $doc:literal])* $name:ident: $request:ty => $response:ty = $how:expr;)*) => {
        /// Answers one line of the table.
        pub(crate) fn $answer(context: &$context, name: &str, request: Value) -> Result<Value, WorkbenchError> {
            match name {
                $(stringify!($name) => {
                    let how: fn(&$context, $request) -> Result<$response, WorkbenchError> = $how;
                    given(how(context, asked(request)?)?)
                })*
                _ => Err(WorkbenchError::new(ErrorCode::Internal, format!("there is no command {name:?}"))),
            }
        }

        #[cfg(test)]
        pub(crate) fn $declare(declared: &mut crate::bindings::Declared) {
            $(declared.line::<$request, $response>(stringify!($name), &[$($doc),*]);)*
        }
    };
}

table! { answer, declare_commands, Asking<'_>;
    /// The open case, or nothing.
    case: () => Option<CaseObject> = |asking, ()| Ok(asking.desk.opened());
    create_case: NewCase => CaseObject = |asking, new| asking.desk.create(&new);
    close_case: () => () = |asking, ()| asking.desk.close();
    status: () => Status = |asking, ()| asking.case()?.status();
    /// Stretches without records; a kind that there is not has none.
    gaps: GapsRequest => Vec<GapRow> = gaps;
    filter_fields: () => Vec<FilterFieldObject> = |_, ()| Ok(crate::fields::listed());
    /// Fails with `bad_query` and a column where the text is not a filter.
    check_filter: FilterText => () = |_, FilterText { filter }| {
        store::filter::parse(&filter, store::FLOW_FIELDS).map_err(store::StoreError::from)?;
        Ok(())
    };
    open_view: ViewRequest => View = |asking, ViewRequest { selection, order }| {
        asking.case()?.open_view(&selection.into(), order.map(Into::into).as_ref())
    };
    /// Where a record stands in a view.
    place_in_view: PlaceRequest => Option<usize> = |asking, PlaceRequest { view, record }| {
        asking.case()?.place_in_view(view, &id(&record)?)
    };
    timeline: HistogramRequest => HistogramObject = |asking, asked| {
        asking.case()?.histogram(&HistogramQuery {
            selection: asked.selection.into(),
            from: asked.from_us,
            width: asked.width_us,
            buckets: asked.buckets,
            by: asked.by,
        })
    };
    lanes: Limit => Lanes = |asking, Limit { limit }| asking.case()?.lanes(limit);
    top: TopRequest => Vec<TopObject> = |asking, TopRequest { selection, field, by, limit }| {
        asking.case()?.top(&TopQuery { selection: selection.into(), field, by: by.into(), limit })
    };
    distinct: DistinctRequest => DistinctAnswer = |asking, DistinctRequest { selection, field, limit }| {
        asking.case()?.distinct(&DistinctQuery { selection: selection.into(), field, limit })
    };
    compare: CompareRequest => Vec<ComparedObject> = |asking, asked| {
        asking.case()?.compare(&CompareQuery {
            filter: asked.filter,
            all_sources: asked.all_sources,
            field: asked.field,
            by: asked.by.into(),
            limit: asked.limit,
            baseline: asked.baseline.into(),
            window: asked.window.into(),
        })
    };
    /// Mirror sessions, and whose traffic they copy.
    sessions: () => Vec<SessionObject> = |asking, ()| asking.case()?.sessions();
    reconciliation: () => Vec<ReconciledObject> = |asking, ()| asking.case()?.reconciliation();
    clocks: () => Vec<ClockObject> = |asking, ()| asking.case()?.clocks();
    saved_views: () => Vec<SavedViewObject> = |asking, ()| Ok(asking.case()?.saved_views());
    save_view: SaveViewRequest => () = |asking, SaveViewRequest { name, selection, order }| {
        asking.case()?.save_view(&name, &selection.into(), order.map(Into::into).as_ref())
    };
    forget_view: Name => () = |asking, Name { name }| asking.case()?.forget_view(&name);
    record: Id => RecordDetail = |asking, Id { id: record }| asking.case()?.record_detail(&id(&record)?);
    raw_line: Id => RawLine = |asking, Id { id: record }| asking.case()?.raw_line(&id(&record)?);
    conversations: ConversationsRequest => ConversationPage = conversations;
    conversation: Id => ConversationDetail = |asking, Id { id: own }| {
        asking.case()?.conversation_detail(&id(&own)?)
    };
    packets: PacketsRequest => PacketPage = |asking, PacketsRequest { conversation, from, count }| {
        asking.case()?.packet_page(&id(&conversation)?, from, count)
    };
    packet: Id => PacketDetail = |asking, Id { id: packet }| asking.case()?.packet(&id(&packet)?);
    dialogue: ConversationRequest => Dialogue = |asking, ConversationRequest { conversation }| {
        asking.case()?.dialogue(&id(&conversation)?)
    };
    messages: ConversationRequest => Vec<MessageObject> = |asking, ConversationRequest { conversation }| {
        asking.case()?.messages(&id(&conversation)?)
    };
    transactions: TransactionsRequest => TransactionPage = transactions;
    marks: () => Marks = |asking, ()| Ok(asking.case()?.marks());
    tag: TagRequest => () = |asking, TagRequest { on, tag }| asking.case()?.tag(ids(&on)?, &tag);
    untag: TagRequest => () = |asking, TagRequest { on, tag }| asking.case()?.untag(ids(&on)?, &tag);
    /// Answers the id of the note.
    note: NoteRequest => String = |asking, NoteRequest { on, text }| asking.case()?.note(ids(&on)?, &text);
    /// Answers the id of the finding.
    finding: FindingRequest => String = |asking, asked| {
        asking.case()?.finding(NewFinding {
            title: asked.title,
            text: asked.text,
            severity: severity(asked.severity),
            references: ids(&asked.on)?,
            technique: asked.technique,
        })
    };
    withdraw: WithdrawRequest => () = |asking, WithdrawRequest { id, reason }| {
        asking.case()?.withdraw(&id, &reason)
    };
    /// The newest entries first.
    journal: JournalRequest => JournalPage = |asking, JournalRequest { from, count }| {
        Ok(asking.case()?.journal_page(from, count))
    };
    /// What captures say besides their packets.
    capture_facts: ProblemsRequest => CaptureFacts = |asking, ProblemsRequest { evidence, limit }| {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        asking.case()?.capture_facts(evidence.as_deref().map(id).transpose()?, limit)
    };
    problems: ProblemsRequest => Problems = |asking, ProblemsRequest { evidence, limit }| {
        asking.case()?.problems(evidence.as_deref().map(id).transpose()?, limit)
    };
    /// Titles of the report's parts, each with what it will hold in a few words.
    report_outline: () => Vec<(String, String)> = |asking, ()| asking.case()?.report_outline();
    sql: SqlRequest => SqlTable = sql;
}

/// A job and the meter that shows how far it is.
pub(crate) struct Working<'a> {
    pub(crate) asking: Asking<'a>,
    pub(crate) meter: &'a Meter,
}

table! { work, declare_jobs, Working<'_>;
    open_case: OpenRequest => CaseObject = |working, OpenRequest { path, rebuild }| {
        working.asking.desk.open(Path::new(&path), rebuild, working.meter)
    };
    add: AddRequest => AddSummary = |working, AddRequest { paths, format, fields }| {
        let paths: Vec<_> = paths.into_iter().map(PathBuf::from).collect();
        let wish = ReadingWish::in_words(format.as_deref(), fields.as_deref())?;
        working.asking.case()?.add(&paths, &wish, working.meter)
    };
    confirm_session: ConfirmRequest => () = |working, ConfirmRequest { session, interface_id }| {
        let case = working.asking.case()?;
        match interface_id {
            Some(interface) => case.confirm_session(&session, &interface, working.meter),
            None => case.release_session(&session, working.meter),
        }
    };
    pin_clock: PinRequest => () = |working, PinRequest { collector, seconds }| {
        let case = working.asking.case()?;
        match seconds {
            Some(seconds) => case.pin_clock(&collector, seconds, working.meter),
            None => case.release_clock(&collector, working.meter),
        }
    };
    relink: RelinkRequest => RelinkSummary = |working, RelinkRequest { paths }| {
        let paths: Vec<_> = paths.into_iter().map(PathBuf::from).collect();
        working.asking.case()?.relink(&paths, working.meter)
    };
    verify: () => Verification = |working, ()| {
        let case = working.asking.case()?;
        crate::verify(case.path(), None, working.meter)
    };
    export_report: ReportRequest => ExportedReport = export_report;
    export_packets: ExportPacketsRequest => ExportedPacketsObject = export_packets;
    export_flows: ExportFlowsRequest => ExportedFlowsObject = |working, ExportFlowsRequest { path, selection, order }| {
        let case = working.asking.case()?;
        let (path, order) = (Path::new(&path), order.map(Into::into));
        let exported = case.export_flows(path, &selection.into(), order.as_ref(), working.meter)?;
        Ok(exported.into())
    };
}

fn asked<T: DeserializeOwned>(request: Value) -> Result<T, WorkbenchError> {
    serde_json::from_value(request).map_err(|error| {
        WorkbenchError::caused(
            ErrorCode::Internal,
            "the window asked what nobody understands",
            error,
        )
    })
}

fn given(response: impl Serialize) -> Result<Value, WorkbenchError> {
    serde_json::to_value(response).map_err(|error| {
        WorkbenchError::caused(ErrorCode::Internal, "the answer cannot be written down", error)
    })
}

fn gaps(asking: &Asking<'_>, asked: GapsRequest) -> Result<Vec<GapRow>, WorkbenchError> {
    let kind = match asked.kind {
        None => None,
        Some(name) => match GapKind::ALL.into_iter().find(|kind| kind.name() == name) {
            None => return Ok(Vec::new()),
            kind => kind,
        },
    };
    asking.case()?.gaps(&GapQuery { interface_id: asked.interface_id, kind })
}

fn conversations(
    asking: &Asking<'_>,
    asked: ConversationsRequest,
) -> Result<ConversationPage, WorkbenchError> {
    let order = asked.order.map(Into::into);
    let search = asked.search.unwrap_or_default();
    let case = asking.case()?;
    let found =
        case.store()?.find_conversations(&search, order.as_ref(), asked.from, asked.count)?;
    let rows = found.rows.into_iter().map(look::conversation_object);
    Ok(ConversationPage { total: found.total, from: asked.from, rows: rows.collect() })
}

fn transactions(
    asking: &Asking<'_>,
    asked: TransactionsRequest,
) -> Result<TransactionPage, WorkbenchError> {
    let search = asked.search.unwrap_or_default();
    let case = asking.case()?;
    let found = case.store()?.find_transactions(
        asked.protocol.as_deref(),
        &search,
        asked.from,
        asked.count,
    )?;
    let rows = found.rows.into_iter().map(look::transaction_object).collect();
    Ok(TransactionPage { total: found.total, from: asked.from, rows })
}

fn sql(asking: &Asking<'_>, asked: SqlRequest) -> Result<SqlTable, WorkbenchError> {
    let result = asking.case()?.sql(&asked.statement, asked.limit)?;
    let rows = result.rows.into_iter().map(|row| row.into_iter().map(text).collect());
    Ok(SqlTable { columns: result.columns, rows: rows.collect(), cut: result.cut })
}

fn text(cell: Cell) -> Option<String> {
    Some(match cell {
        Cell::Null => return None,
        Cell::Bool(truth) => truth.to_string(),
        Cell::Int(number) => number.to_string(),
        Cell::Float(number) => number.to_string(),
        Cell::Text(text) => text,
        Cell::Time(time) => crate::moment::microseconds(time),
        Cell::List(items) => {
            let items =
                items.into_iter().map(|item| text(item).unwrap_or_else(|| "NULL".to_owned()));
            format!("[{}]", items.collect::<Vec<_>>().join(", "))
        }
    })
}

fn export_packets(
    working: &Working<'_>,
    asked: ExportPacketsRequest,
) -> Result<ExportedPacketsObject, WorkbenchError> {
    let ExportPacketsRequest { path, selection, conversation, outer } = asked;
    let wish = match conversation {
        Some(own) => PacketWish::Conversation(id(&own)?),
        None => PacketWish::Selection(selection.into()),
    };
    let case = working.asking.case()?;
    Ok(case.export_packets(Path::new(&path), &wish, outer, working.meter)?.into())
}

fn export_report(
    working: &Working<'_>,
    asked: ReportRequest,
) -> Result<ExportedReport, WorkbenchError> {
    let case = working.asking.case()?;
    working.meter.step("writing the report", 0, 0);
    let without = match &asked.sections {
        None => Vec::new(),
        Some(wanted) => {
            let parts = case.report_outline()?.into_iter().map(|(title, _)| title);
            parts.filter(|title| !wanted.contains(title)).collect()
        }
    };
    let formats = asked.formats.into_iter().map(|form| match form {
        ReportForm::Html => ReportFormat::Html,
        ReportForm::Pdf => ReportFormat::Pdf,
    });
    let wish = ReportWish { formats: formats.collect(), without, ..ReportWish::default() };
    let exported = case.export_report(Path::new(&asked.folder), &wish)?;
    let files = exported.files.into_iter().map(|file| ExportedObject {
        path: file.path,
        size: file.size,
        sha256: file.sha256.to_string(),
    });
    Ok(ExportedReport {
        folder: asked.folder,
        files: files.collect(),
        head_seq: exported.head.0,
        head_hash: exported.head.1.to_string(),
    })
}

fn severity(asked: Severity) -> case::Severity {
    match asked {
        Severity::Info => case::Severity::Info,
        Severity::Low => case::Severity::Low,
        Severity::Medium => case::Severity::Medium,
        Severity::High => case::Severity::High,
        Severity::Critical => case::Severity::Critical,
    }
}
