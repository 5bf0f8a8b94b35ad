//! One file for each format: how it is recognised, and how its records become AWS's fields.

mod azure;
pub(crate) mod azure_nsg;
pub(crate) mod azure_vnet;
pub(crate) mod cloudwatch_events;
pub(crate) mod cloudwatch_insights;
pub(crate) mod cloudwatch_subscription;
pub(crate) mod firehose_messages;
pub(crate) mod flow_log_csv;
pub(crate) mod flow_log_json;
pub(crate) mod gcp_flow;
pub(crate) mod ocsf_json;
pub(crate) mod parquet_file;
pub(crate) mod suricata_eve;
pub(crate) mod text;
pub(crate) mod utf16_text;
pub(crate) mod zeek_conn;
pub(crate) mod zeek_conn_json;
