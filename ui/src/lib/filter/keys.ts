/** What values are counted by: fields, and pairs of fields as the host takes them. */

export interface Key {
  /** Its fields with commas between them. */
  name: string;
  title: string;
}

const one = (name: string): Key => ({ name, title: name });
const two = (first: string, second: string): Key => ({
  name: `${first},${second}`,
  title: `${first} → ${second}`,
});

export const PAIRS: readonly Key[] = [
  two('srcaddr', 'dstaddr'),
  two('srcaddr', 'dstport'),
  two('dstaddr', 'dstport'),
];

/** What the addresses of the source and the destination are known as. */
export const LABELS: readonly Key[] = ['src', 'dst'].flatMap((side) =>
  ['scope', 'aws_service', 'aws_region', 'country', 'city', 'asn', 'as_org'].map((label) =>
    one(`${side}_${label}`),
  ),
);

export const SINGLES: readonly Key[] = [
  ...['srcaddr', 'dstaddr', 'srcport', 'dstport', 'protocol', 'action'].map(one),
  { name: 'verdict', title: 'captured' },
  ...['interface_id', 'instance_id', 'vpc_id', 'subnet_id', 'account_id', 'region'].map(one),
  ...['flow_direction', 'traffic_path', 'log_status', 'reject_reason', 'tcp_flags'].map(one),
  ...['pkt_srcaddr', 'pkt_dstaddr', 'evidence'].map(one),
];
