//! The fields of the filter language, and where the database keeps them.

use crate::labels::Label;

/// What the values of a field are, and how they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A number: `443`, `0x12`.
    Int,
    /// A number of bytes: `1500`, `10kB`, `3MB`, `1GB` (powers of 1000), `4KiB`, `16MiB`, `2GiB` (of 1024).
    Bytes,
    /// An IP protocol: `6` or `tcp`.
    Protocol,
    /// An address or, for `==`, `!=` and `in`, a network: `10.0.0.1`, `2001:db8::/32`.
    Address,
    /// A point in time, UTC unless it says otherwise: `2026-03-03`, `2026-03-03 12:00`,
    /// `2026-03-03T12:00:00.5+01:00`, or the seconds since 1970 that stand in the log. Bound in µs.
    Time,
    /// A stretch of time: `250ms`, `5s`, `3m`, `2h`, `1d`. Bound in µs.
    Duration,
    /// A port: `443`, or a service that has one: `https`.
    Port,
    /// The number of an autonomous system: `64500` or `AS64500`.
    AsNumber,
    /// What kind of network an address is of: `private`, see [`enrich::Scope`].
    Scope,
    /// A code in capital letters, which may be written in small ones: `US`, `S3`.
    Code,
    /// Text.
    Text,
}

impl Kind {
    /// Whether one value is before another.
    pub(super) fn has_order(self) -> bool {
        !matches!(self, Self::Address | Self::Scope | Self::Code | Self::Text)
    }
}

/// Where the database keeps the values of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A column.
    Column(&'static str),
    /// The column `<name>_number`, which holds the number of a text.
    Numbered(&'static str),
    /// The two columns `<name>_hi` and `<name>_lo` of an address.
    Address(&'static str),
    /// Any of these.
    Either(&'static [Target]),
    /// An SQL expression.
    Expression(&'static str),
    /// A column that holds a list of texts.
    ListContains(&'static str),
    /// Something that is known of the address in the two columns `<name>_hi` and `<name>_lo`.
    Label(&'static str, Label),
}

/// A field of the filter language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilterField {
    /// Its name, with underscores.
    pub name: &'static str,
    /// What its values are.
    pub kind: Kind,
    /// Where they are.
    pub target: Target,
}

const SRC: &str = "srcaddr";
const DST: &str = "dstaddr";

/// A label of either side.
macro_rules! both {
    ($label:ident) => {
        [Target::Label(SRC, Label::$label), Target::Label(DST, Label::$label)]
    };
}

/// The fields of flow records: AWS's, then ours.
pub static FLOW_FIELDS: &[FilterField] = &[
    column("version", Kind::Int),
    text("account_id"),
    text("interface_id"),
    address("srcaddr"),
    address("dstaddr"),
    column("srcport", Kind::Port),
    column("dstport", Kind::Port),
    column("protocol", Kind::Protocol),
    column("packets", Kind::Int),
    column("bytes", Kind::Bytes),
    column("start", Kind::Time),
    column("end", Kind::Time),
    text("action"),
    text("log_status"),
    text("vpc_id"),
    text("subnet_id"),
    text("instance_id"),
    column("tcp_flags", Kind::Int),
    text("type"),
    address("pkt_srcaddr"),
    address("pkt_dstaddr"),
    text("region"),
    text("az_id"),
    text("sublocation_type"),
    text("sublocation_id"),
    text("pkt_src_aws_service"),
    text("pkt_dst_aws_service"),
    text("flow_direction"),
    column("traffic_path", Kind::Int),
    text("ecs_cluster_arn"),
    text("ecs_cluster_name"),
    text("ecs_container_instance_arn"),
    text("ecs_container_instance_id"),
    text("ecs_container_id"),
    text("ecs_second_container_id"),
    text("ecs_service_name"),
    text("ecs_task_definition_arn"),
    text("ecs_task_arn"),
    text("ecs_task_id"),
    text("reject_reason"),
    text("resource_id"),
    column("encryption_status", Kind::Int),
    text("resource_type"),
    text("tgw_id"),
    text("tgw_attachment_id"),
    text("tgw_src_vpc_account_id"),
    text("tgw_dst_vpc_account_id"),
    text("tgw_src_vpc_id"),
    text("tgw_dst_vpc_id"),
    text("tgw_src_subnet_id"),
    text("tgw_dst_subnet_id"),
    text("tgw_src_eni"),
    text("tgw_dst_eni"),
    text("tgw_src_az_id"),
    text("tgw_dst_az_id"),
    text("tgw_pair_attachment_id"),
    column("packets_lost_no_route", Kind::Int),
    column("packets_lost_blackhole", Kind::Int),
    column("packets_lost_mtu_exceeded", Kind::Int),
    column("packets_lost_ttl_expired", Kind::Int),
    // Either side of the record.
    FilterField {
        name: "addr",
        kind: Kind::Address,
        target: Target::Either(&[Target::Address("srcaddr"), Target::Address("dstaddr")]),
    },
    FilterField {
        name: "port",
        kind: Kind::Port,
        target: Target::Either(&[Target::Column("srcport"), Target::Column("dstport")]),
    },
    // What is known of an address: of either side, of the source, of the destination.
    either("scope", Kind::Scope, &both!(Scope)),
    label("src_scope", Kind::Scope, SRC, Label::Scope),
    label("dst_scope", Kind::Scope, DST, Label::Scope),
    either("aws_service", Kind::Code, &both!(AwsService)),
    label("src_aws_service", Kind::Code, SRC, Label::AwsService),
    label("dst_aws_service", Kind::Code, DST, Label::AwsService),
    either("aws_region", Kind::Text, &both!(AwsRegion)),
    label("src_aws_region", Kind::Text, SRC, Label::AwsRegion),
    label("dst_aws_region", Kind::Text, DST, Label::AwsRegion),
    either("country", Kind::Code, &both!(Country)),
    label("src_country", Kind::Code, SRC, Label::Country),
    label("dst_country", Kind::Code, DST, Label::Country),
    either("city", Kind::Text, &both!(City)),
    label("src_city", Kind::Text, SRC, Label::City),
    label("dst_city", Kind::Text, DST, Label::City),
    either("asn", Kind::AsNumber, &both!(Asn)),
    label("src_asn", Kind::AsNumber, SRC, Label::Asn),
    label("dst_asn", Kind::AsNumber, DST, Label::Asn),
    either("as_org", Kind::Text, &both!(AsOrg)),
    label("src_as_org", Kind::Text, SRC, Label::AsOrg),
    label("dst_as_org", Kind::Text, DST, Label::AsOrg),
    // The window of the record, which is not how long the flow took.
    FilterField {
        name: "duration",
        kind: Kind::Duration,
        target: Target::Expression("epoch_us(\"end\") - epoch_us(\"start\")"),
    },
    // What the captures hold of the record.
    column("verdict", Kind::Text),
    FilterField { name: "coverage", kind: Kind::Text, target: Target::Column("verdict") },
    FilterField { name: "reason", kind: Kind::Text, target: Target::ListContains("reasons") },
    column("packets_seen", Kind::Int),
    column("packets_seen_min", Kind::Int),
    column("packets_seen_max", Kind::Int),
    column("bytes_seen", Kind::Bytes),
    // Where it stands, and what the examiner says of it.
    column("evidence", Kind::Text),
    column("line", Kind::Int),
    // Which export of which flow log it is from, and the one that counts in its place.
    column("source", Kind::Text),
    text("overlapping"),
    FilterField { name: "tag", kind: Kind::Text, target: Target::ListContains("tags") },
];

const fn column(name: &'static str, kind: Kind) -> FilterField {
    FilterField { name, kind, target: Target::Column(name) }
}

const fn text(name: &'static str) -> FilterField {
    FilterField { name, kind: Kind::Text, target: Target::Numbered(name) }
}

const fn label(name: &'static str, kind: Kind, address: &'static str, label: Label) -> FilterField {
    FilterField { name, kind, target: Target::Label(address, label) }
}

const fn either(name: &'static str, kind: Kind, sides: &'static [Target]) -> FilterField {
    FilterField { name, kind, target: Target::Either(sides) }
}

const fn address(name: &'static str) -> FilterField {
    FilterField { name, kind: Kind::Address, target: Target::Address(name) }
}
