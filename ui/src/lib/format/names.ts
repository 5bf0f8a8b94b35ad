/** What numbers are called. */

const PROTOCOLS: Record<number, string> = {
  1: 'icmp',
  2: 'igmp',
  4: 'ipip',
  6: 'tcp',
  17: 'udp',
  41: 'ipv6',
  47: 'gre',
  50: 'esp',
  51: 'ah',
  58: 'icmpv6',
  89: 'ospf',
  132: 'sctp',
};

/** IANA name of an IP protocol, or its number. */
export function protocol(number: number): string {
  return PROTOCOLS[number] ?? String(number);
}

/** Where the flags that a record gathers say who opened: SYN alone, or SYN and ACK (AWS, `tcp-flags`). */
export function tcpFlags(bits: number): string {
  const names: [number, string][] = [
    [2, 'SYN'],
    [16, 'ACK'],
    [1, 'FIN'],
    [4, 'RST'],
  ];
  const set = names.filter(([bit]) => (bits & bit) !== 0).map(([, name]) => name);
  return set.length > 0 ? set.join(' ') : 'none';
}

/** A hash, or an identifier that begins with one, short enough for a line. */
export function shortHash(text: string): string {
  return text.replace(/[0-9a-f]{64}/g, (hash) => `${hash.slice(0, 8)}…`);
}

/** The last part of a path. */
export function fileName(path: string): string {
  return path.split('/').at(-1) ?? path;
}

/** An address and a port, IPv6 in brackets. */
export function endpoint(address: string, port: number | null): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return port === null ? address : `${host}:${port}`;
}

/** A file in a folder, of a name that was not there a second ago. */
export function stamped(folder: string, name: string, ending: string, now: Date): string {
  const stamp = now.toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '');
  return `${folder.replace(/\/+$/, '')}/${name}-${stamp}.${ending}`;
}
