//! Flow records as files for other programs: CSV and Parquet, written here from Arrow, because the database itself is
//! locked and writes no file.

use crate::paged::PAGED;
use crate::records::StoredFields;
use crate::{Store, StoreError};
use arrow::csv::WriterBuilder;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use flowlog::{FieldKind, FieldSpec};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::io::Write;
use std::ops::ControlFlow;

/// Records of one page, which is held in columns.
const PAGE: usize = 1 << 17;

/// What kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// Comma-separated, a line of names first (RFC 4180). Times in RFC 3339, UTC; lists joined by spaces.
    Csv,
    /// Apache Parquet, Zstandard. Times in µs, UTC; numbers as numbers.
    Parquet,
}

impl Store {
    /// Writes the records with these numbers to `out`, in this order, and answers how many; `go_on` hears after each page
    /// how many it were so far, and may end it. Columns: `id`, AWS's names with underscores (those that any log of the case
    /// has), where the record stands, what the captures hold of it, tags.
    ///
    /// # Errors
    /// [`StoreError::Interrupted`] if it was ended, [`StoreError::Database`], [`StoreError::Export`].
    pub fn export_flows(
        &self,
        records: &[u32],
        format: ExportFormat,
        out: &mut (dyn Write + Send),
        mut go_on: impl FnMut(u64) -> ControlFlow<()>,
    ) -> Result<u64, StoreError> {
        let columns = columns(&self.stored_fields()?, format);
        let sql = format!("SELECT {columns} FROM {PAGED} ORDER BY place");
        let (mut writer, mut out, mut written) = (None, Some(out), 0);
        // The names stand there even where no record is selected.
        let pages = records.chunks(PAGE).chain(records.is_empty().then_some(records));
        for page in pages {
            self.turn_to(page)?;
            let mut statement = self.connection.prepare(&sql)?;
            let batches = statement.query_arrow([])?;
            if let Some(out) = out.take() {
                writer = Some(Writer::new(format, batches.get_schema(), out)?);
            }
            for batch in batches {
                written += batch.num_rows() as u64;
                if let Some(writer) = &mut writer {
                    writer.write(&batch)?;
                }
            }
            if go_on(written).is_break() {
                return Err(StoreError::Interrupted);
            }
        }
        writer.map_or(Ok(()), Writer::finish)?;
        Ok(written)
    }
}

enum Writer<'a> {
    Csv(Box<arrow::csv::Writer<&'a mut (dyn Write + Send)>>),
    Parquet(Box<ArrowWriter<&'a mut (dyn Write + Send)>>),
}

impl<'a> Writer<'a> {
    fn new(
        format: ExportFormat,
        schema: SchemaRef,
        out: &'a mut (dyn Write + Send),
    ) -> Result<Self, StoreError> {
        Ok(match format {
            ExportFormat::Csv => {
                let mut writer = WriterBuilder::new().with_header(true).build(out);
                // The names stand there even where no record is selected.
                writer.write(&RecordBatch::new_empty(schema))?;
                Self::Csv(Box::new(writer))
            }
            ExportFormat::Parquet => {
                let level = ZstdLevel::try_new(3).map_err(export)?;
                let properties =
                    WriterProperties::builder().set_compression(Compression::ZSTD(level)).build();
                Self::Parquet(Box::new(
                    ArrowWriter::try_new(out, schema, Some(properties)).map_err(export)?,
                ))
            }
        })
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<(), StoreError> {
        match self {
            Self::Csv(writer) => Ok(writer.write(batch)?),
            Self::Parquet(writer) => writer.write(batch).map_err(export),
        }
    }

    fn finish(self) -> Result<(), StoreError> {
        match self {
            Self::Csv(writer) => writer.into_inner().flush().map_err(export),
            Self::Parquet(writer) => writer.close().map(drop).map_err(export),
        }
    }
}

fn export(error: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Export(Box::new(error))
}

/// The columns of the file.
fn columns(stored: &StoredFields, format: ExportFormat) -> String {
    let mut columns = vec!["sha256 || ':' || line AS id".to_owned()];
    columns.extend(stored.specs().map(|spec| field(spec, format)));
    if stored.has_unknown() {
        columns.push("unknown_fields".to_owned());
    }
    columns.extend(["evidence", "sha256 AS evidence_sha256", "line", "verdict"].map(str::to_owned));
    columns.push(list("reasons", format));
    columns.extend(
        ["packets_seen", "bytes_seen", "packets_seen_min", "packets_seen_max"].map(str::to_owned),
    );
    columns.push(list("tags", format));
    columns.join(", ")
}

fn field(spec: &FieldSpec, format: ExportFormat) -> String {
    let column = spec.column;
    match (spec.kind, format) {
        (FieldKind::Address, _) => format!("addr({column}_hi, {column}_lo) AS {column}"),
        (FieldKind::Time, ExportFormat::Csv) => format!(
            "CASE WHEN epoch_us(\"{column}\") % 1000000 = 0 THEN strftime(\"{column}\", '%Y-%m-%dT%H:%M:%SZ')
             ELSE strftime(\"{column}\", '%Y-%m-%dT%H:%M:%S.%fZ') END AS \"{column}\""
        ),
        _ => format!("\"{column}\""),
    }
}

fn list(column: &str, format: ExportFormat) -> String {
    match format {
        ExportFormat::Csv => format!("array_to_string({column}, ' ') AS {column}"),
        ExportFormat::Parquet => column.to_owned(),
    }
}
