/** What evidence is, in words. */

/** Formats of flow logs by their names on the wire. */
export const FORMATS: Readonly<Record<string, string>> = {
  flow_log_text: 'flow log',
  flow_log_csv: 'flow log, CSV',
  flow_log_json: 'flow log, JSON',
  flow_log_parquet: 'flow log, Parquet',
  cloudwatch_events: 'CloudWatch events',
  cloudwatch_subscription: 'CloudWatch subscription',
  cloudwatch_insights_json: 'CloudWatch Insights',
  firehose_messages: 'Firehose messages',
  ocsf_json: 'Security Lake (OCSF)',
  gcp_flow: 'Google Cloud flow log',
  azure_nsg: 'Azure NSG flow log',
  azure_vnet: 'Azure VNet flow log',
  zeek_conn: 'Zeek conn.log',
  zeek_conn_json: 'Zeek conn.log, JSON',
  suricata_eve: 'Suricata EVE log',
};

const OTHERS: Record<string, string> = {
  flow_log_utf16: 'flow log in UTF-16',
  pcap: 'capture, pcap',
  pcapng: 'capture, pcapng',
  zip: 'zip archive',
  tar: 'tar archive',
  sidecar: 'AWS inventory',
  aws_ip_ranges: 'AWS address ranges',
  mmdb_city: 'MaxMind cities',
  mmdb_country: 'MaxMind countries',
  mmdb_asn: 'MaxMind AS numbers',
  mmdb_enterprise: 'MaxMind cities and AS numbers',
  mmdb: 'MaxMind database, not used',
  tls_key_log: 'TLS key log',
  document: 'document',
  export_mark: 'mark of an export',
  empty: 'empty file',
  unrecognised: 'not recognised',
};

/** What a piece of evidence was recognised as. */
export function kindName(kind: string): string {
  return FORMATS[kind] ?? OTHERS[kind] ?? kind.replaceAll(/[_.]/g, ' ');
}
