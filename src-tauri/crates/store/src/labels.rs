//! What is known of an address besides its bits, as columns: the table `address_labels`.
//!
//! It holds each address of the records once, is made when it is first asked for, and is thrown away when records or the
//! files of reference change. A question then tests or groups the few addresses and never looks a record up.

use crate::filter::FilterError;
use crate::{Store, StoreError};
use arrow::array::{
    Array, ArrayRef, BooleanBuilder, ListBuilder, RecordBatch, StringBuilder, StructArray,
    UInt32Builder, UInt64Array,
};
use arrow::datatypes::{DataType, Field, Fields};
use duckdb::vscalar::{ArrowFunctionSignature, VArrowScalar};
use duckdb::{Connection, params};
use enrich::Reference;
use evidence::Address;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// Something that is known of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Label {
    /// What kind of network it is of.
    Scope,
    /// The most telling of the services of AWS that have it.
    AwsService,
    /// The region of AWS that has it.
    AwsRegion,
    /// ISO 3166-1, two letters.
    Country,
    /// In English.
    City,
    /// The number of the autonomous system that announces it.
    Asn,
    /// Its organisation.
    AsOrg,
}

impl Label {
    /// All, in the order of the columns.
    pub const ALL: [Self; 7] = [
        Self::Scope,
        Self::AwsService,
        Self::AwsRegion,
        Self::Country,
        Self::City,
        Self::Asn,
        Self::AsOrg,
    ];

    /// Its column, and its name in filters; behind `src_` or `dst_` that of one side.
    pub fn name(self) -> &'static str {
        match self {
            Self::Scope => "scope",
            Self::AwsService => "aws_service",
            Self::AwsRegion => "aws_region",
            Self::Country => "country",
            Self::City => "city",
            Self::Asn => "asn",
            Self::AsOrg => "as_org",
        }
    }

    /// What tells it.
    fn source(self) -> &'static str {
        match self {
            Self::Scope => "nothing",
            Self::AwsService | Self::AwsRegion => "AWS's ip-ranges.json",
            Self::Country => {
                "a MaxMind database of countries or cities, such as GeoLite2-Country.mmdb"
            }
            Self::City => "a MaxMind database of cities, such as GeoLite2-City.mmdb",
            Self::Asn | Self::AsOrg => {
                "a MaxMind database of autonomous systems, such as GeoLite2-ASN.mmdb"
            }
        }
    }
}

/// Gives the files of reference that are in use. Naming them must cost nothing: it is asked with every question.
pub trait Labeller: Send + Sync {
    /// Whether one of the files tells this.
    fn tells(&self, label: Label) -> bool;
    /// Names the files that are in use, so that others are known to be others.
    fn fingerprint(&self) -> String;
    /// What they say.
    ///
    /// # Errors
    /// If one of them cannot be read, or is not what it was.
    fn reference(&self) -> Result<Arc<Reference>, Box<dyn Error + Send + Sync>>;
}

/// What all connections of a database share.
#[derive(Clone, Default)]
pub(crate) struct Labelling(Arc<Shared>);

#[derive(Default)]
struct Shared {
    labeller: RwLock<Option<Arc<dyn Labeller>>>,
    /// What `labels_of` looks in, while the table is made.
    reference: RwLock<Arc<Reference>>,
    /// Held by who makes the table.
    making: Mutex<()>,
}

impl Labelling {
    /// Makes `labels_of` known to a database.
    pub(crate) fn of(connection: &Connection) -> Result<Self, StoreError> {
        let labelling = Self::default();
        connection.register_scalar_function_with_state::<LabelsOf>("labels_of", &labelling)?;
        Ok(labelling)
    }

    fn labeller(&self) -> Option<Arc<dyn Labeller>> {
        self.0.labeller.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn tells(&self, label: Label) -> bool {
        label == Label::Scope || self.labeller().is_some_and(|labeller| labeller.tells(label))
    }

    fn look_in(&self, reference: Arc<Reference>) {
        *self.0.reference.write().unwrap_or_else(PoisonError::into_inner) = reference;
    }
}

impl Store {
    /// Says who gives the files of reference, for all connections.
    pub fn set_labeller(&self, labeller: Arc<dyn Labeller>) {
        let mut place = self.labelling.0.labeller.write().unwrap_or_else(PoisonError::into_inner);
        *place = Some(labeller);
    }

    /// Makes sure that these labels can be asked for. Those that a filter names stand at these columns of it.
    pub(crate) fn need_labels(&self, labels: &[(Label, Option<usize>)]) -> Result<(), StoreError> {
        for (label, column) in labels {
            if self.labelling.tells(*label) {
                continue;
            }
            let message = format!("nothing in the case tells {}", label.name());
            return Err(match column {
                Some(column) => {
                    let expected = format!("that {} was added", label.source());
                    StoreError::Filter(FilterError { column: *column, message, expected })
                }
                None => StoreError::Untold { label: label.name(), source_file: label.source() },
            });
        }
        if labels.is_empty() { Ok(()) } else { self.make_labels() }
    }

    /// How many addresses have an entry in a database that could not be read, if the table is made.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn unreadable_labels(&self) -> Result<u64, StoreError> {
        let sql = "SELECT coalesce(max(unreadable), 0) FROM labelled";
        Ok(self.connection.query_row(sql, [], |row| row.get(0))?)
    }

    /// Makes the table, unless it is there and of these records and files.
    pub(crate) fn make_labels(&self) -> Result<(), StoreError> {
        let _making = self.labelling.0.making.lock().unwrap_or_else(PoisonError::into_inner);
        let labeller = self.labelling.labeller();
        let fingerprint = labeller.as_ref().map_or_else(String::new, |own| own.fingerprint());
        let records = self.record_count()?;
        let known = "SELECT count(*) > 0 FROM labelled WHERE fingerprint = ? AND records = ?";
        if self.connection.query_row(known, params![fingerprint, records], |row| row.get(0))? {
            return Ok(());
        }
        let reference = match labeller {
            Some(labeller) => labeller.reference().map_err(StoreError::Reference)?,
            None => Arc::default(),
        };
        self.labelling.look_in(reference);
        let made = self.fill_labels(&fingerprint, records);
        self.labelling.look_in(Arc::default());
        made
    }

    fn fill_labels(&self, fingerprint: &str, records: u64) -> Result<(), StoreError> {
        let stored = self.stored_fields()?;
        let addresses: Vec<String> = stored
            .specs()
            .filter(|spec| spec.kind == flowlog::FieldKind::Address)
            .map(|spec| {
                let column = spec.column;
                format!(
                    "SELECT DISTINCT {column}_hi AS hi, {column}_lo AS lo FROM flow_records WHERE {column}_lo IS NOT NULL"
                )
            })
            .collect();
        let addresses = addresses.join(" UNION ");
        self.atomically(|store| {
            store.connection.execute_batch(&format!(
                "DELETE FROM labelled;
                 CREATE OR REPLACE TABLE address_labels AS
                    SELECT hi, lo, unnest(labels_of(hi, lo)) FROM ({addresses})"
            ))?;
            store.connection.execute(
                "INSERT INTO labelled SELECT ?, ?, count(*) FILTER (unreadable) FROM address_labels",
                params![fingerprint, records],
            )?;
            Ok(())
        })
    }

    /// Forgets what is known of the addresses: there are others, or other files say it.
    pub(crate) fn forget_labels(&self) -> Result<(), StoreError> {
        Ok(self.connection.execute_batch("DELETE FROM labelled")?)
    }
}

/// SQL's `labels_of(hi, lo)`, which fills the table.
struct LabelsOf;

impl VArrowScalar for LabelsOf {
    type State = Labelling;

    fn invoke(labelling: &Labelling, input: RecordBatch) -> Result<Arc<dyn Array>, Box<dyn Error>> {
        let half = |at: usize| {
            let column = input.columns().get(at);
            column.and_then(|column| column.as_any().downcast_ref::<UInt64Array>())
        };
        let (Some(hi), Some(lo)) = (half(0), half(1)) else { return Err("two halves".into()) };
        let reference =
            Arc::clone(&labelling.0.reference.read().unwrap_or_else(PoisonError::into_inner));
        let mut columns = Columns::default();
        for (hi, lo) in hi.iter().zip(lo) {
            let address = Address::from_halves(hi.unwrap_or_default(), lo.unwrap_or_default());
            columns.add(&reference.labels(address));
        }
        Ok(Arc::new(columns.finish()?))
    }

    fn signatures() -> Vec<ArrowFunctionSignature> {
        let halves = vec![DataType::UInt64, DataType::UInt64];
        vec![ArrowFunctionSignature::exact(halves, DataType::Struct(fields()))]
    }
}

/// The columns of the table behind the halves of the address.
fn fields() -> Fields {
    let services = DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true)));
    let columns = [
        ("scope", DataType::Utf8),
        ("aws_service", DataType::Utf8),
        ("aws_services", services),
        ("aws_region", DataType::Utf8),
        ("country", DataType::Utf8),
        ("city", DataType::Utf8),
        ("asn", DataType::UInt32),
        ("as_org", DataType::Utf8),
        ("unreadable", DataType::Boolean),
    ];
    columns.into_iter().map(|(name, kind)| Field::new(name, kind, true)).collect()
}

#[derive(Default)]
struct Columns {
    scope: StringBuilder,
    aws_service: StringBuilder,
    aws_services: ListBuilder<StringBuilder>,
    aws_region: StringBuilder,
    country: StringBuilder,
    city: StringBuilder,
    asn: UInt32Builder,
    as_org: StringBuilder,
    unreadable: BooleanBuilder,
}

impl Columns {
    fn add(&mut self, labels: &enrich::Labels<'_>) {
        self.scope.append_value(labels.scope.name());
        self.aws_service.append_option(labels.aws.and_then(enrich::AwsNetwork::service));
        for service in labels.aws.into_iter().flat_map(|network| &network.services) {
            self.aws_services.values().append_value(service);
        }
        self.aws_services.append(labels.aws.is_some());
        self.aws_region.append_option(labels.aws.map(|network| &network.region));
        self.country.append_option(labels.spot.country);
        self.city.append_option(labels.spot.city);
        self.asn.append_option(labels.network.number);
        self.as_org.append_option(labels.network.organisation);
        self.unreadable.append_value(labels.unreadable);
    }

    fn finish(mut self) -> Result<StructArray, Box<dyn Error>> {
        let arrays: Vec<ArrayRef> = vec![
            Arc::new(self.scope.finish()),
            Arc::new(self.aws_service.finish()),
            Arc::new(self.aws_services.finish()),
            Arc::new(self.aws_region.finish()),
            Arc::new(self.country.finish()),
            Arc::new(self.city.finish()),
            Arc::new(self.asn.finish()),
            Arc::new(self.as_org.finish()),
            Arc::new(self.unreadable.finish()),
        ];
        Ok(StructArray::try_new(fields(), arrays, None)?)
    }
}
