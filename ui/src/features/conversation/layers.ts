/** The layers of a packet as a tree, and the way from a byte to the field that it belongs to. */
import type { FieldObject, LayerObject } from '../../lib/bindings';

export type Bytes = readonly [from: number, to: number];

export interface LayerNode {
  /** The same in every packet that has the like, so that what is open stays open. */
  key: string;
  kind: 'tunnel' | 'layer' | 'field' | 'anomaly';
  name: string;
  value: string;
  bytes: Bytes;
  children: LayerNode[];
  /** Anomalies that its closed children hide. */
  hidden: number;
}

export interface LayerRow extends LayerNode {
  /** 1 for a layer. */
  level: number;
  open: boolean;
  parent: string | null;
}

/** What is open before anybody opened or closed anything. */
export const OPEN_AT_FIRST: readonly string[] = ['tcp', 'udp', 'icmp', 'icmpv6', 'data'];

const LINKS = ['eth', 'sll', 'vlan'];
const NETWORKS = ['ip', 'ipv6', 'arp'];

/** Where the packet itself begins: the layers before are the tunnel that brought it here. */
export function innermost(layers: readonly LayerObject[]): number {
  let start = layers.map((layer) => NETWORKS.includes(layer.protocol)).lastIndexOf(true);
  while (start > 0 && LINKS.includes(layers[start - 1]?.protocol ?? '')) start -= 1;
  return Math.max(0, start);
}

export function layerTree(layers: readonly LayerObject[]): LayerNode[] {
  const start = innermost(layers);
  const outer = layers.slice(0, start);
  const inner = named(layers.slice(start), '');
  return outer.length > 0 ? [tunnel(outer), ...inner] : inner;
}

function tunnel(outer: readonly LayerObject[]): LayerNode {
  const addresses = outer
    .filter((layer) => NETWORKS.includes(layer.protocol))
    .map((layer) => /\S+ → \S+/.exec(layer.title)?.[0])
    .find((found) => found !== undefined);
  const title = outer.at(-1)?.title ?? '';
  return {
    key: 'tunnel',
    kind: 'tunnel',
    name: [title.replace(', ', ' · '), addresses && `outer ${addresses}`]
      .filter(Boolean)
      .join(' · '),
    value: '',
    bytes: [outer[0]?.range[0] ?? 0, outer.at(-1)?.range[1] ?? 0],
    children: named(outer, 'tunnel/'),
    hidden: outer.reduce((sum, layer) => sum + layer.anomalies.length, 0),
  };
}

function named(layers: readonly LayerObject[], before: string): LayerNode[] {
  const key = counter(before);
  return layers.flatMap((layer) => {
    const own = key(layer.protocol);
    const node: LayerNode = {
      key: own,
      kind: 'layer',
      name: layer.title,
      value: '',
      bytes: layer.range,
      children: fields(layer.fields, `${own}/`, layer.protocol),
      hidden: 0,
    };
    return [node, ...layer.anomalies.map((text, index) => anomaly(text, `${own}!${index}`, layer))];
  });
}

function fields(list: readonly FieldObject[], before: string, protocol: string): LayerNode[] {
  const key = counter(before);
  return list.map((field) => {
    const own = key(field.name);
    return {
      key: own,
      kind: 'field',
      name: field.name.startsWith(`${protocol}.`)
        ? field.name.slice(protocol.length + 1)
        : field.name,
      value: field.value,
      bytes: field.range,
      children: fields(field.fields ?? [], `${own}/`, protocol),
      hidden: 0,
    };
  });
}

/** `tcp.checksum at byte 98: expected …, found …`: its byte is where it marks the packet. */
function anomaly(text: string, key: string, layer: LayerObject): LayerNode {
  const at = Number(/ at byte (\d+): /.exec(text)?.[1] ?? Number.NaN);
  const bytes: Bytes = Number.isNaN(at) ? layer.range : [at, at + 1];
  return { key, kind: 'anomaly', name: 'anomaly', value: text, bytes, children: [], hidden: 0 };
}

/** Keys for things of which there may be several of one name. */
function counter(before: string): (name: string) => string {
  const seen = new Map<string, number>();
  return (name) => {
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? before + name : `${before}${name}#${times}`;
  };
}

/** The rows that are to be seen. */
export function layerRows(nodes: readonly LayerNode[], open: ReadonlySet<string>): LayerRow[] {
  const rows: LayerRow[] = [];
  const walk = (list: readonly LayerNode[], level: number, parent: string | null): void => {
    for (const node of list) {
      const isOpen = node.children.length > 0 && open.has(node.key);
      rows.push({ ...node, level, open: isOpen, parent });
      if (isOpen) walk(node.children, level + 1, node.key);
    }
  };
  walk(nodes, 1, null);
  return rows;
}

/**
 * The keys from the layer down to the innermost field that holds a byte; empty if nothing does. Bits share the
 * bytes of the field that holds them: then that field is meant.
 */
export function pathTo(nodes: readonly LayerNode[], byte: number, within = Infinity): string[] {
  const node = nodes.find(
    ({ kind, bytes: [from, to] }) =>
      kind !== 'anomaly' && from <= byte && byte < to && to - from < within,
  );
  if (!node) return [];
  // A layer of one field is as long as that field.
  const length = node.kind === 'field' ? node.bytes[1] - node.bytes[0] : Infinity;
  return [node.key, ...pathTo(node.children, byte, length)];
}

/** `64–83`, both ends included. */
export function bytesLabel([from, to]: Bytes): string {
  return to - from > 1 ? `${from}–${to - 1}` : String(from);
}
