/** The fields that stand beside the grid with their most frequent values. */

export interface Facet {
  field: string;
  title: string;
}

export const FACETS: readonly Facet[] = [
  { field: 'srcaddr', title: 'srcaddr' },
  { field: 'dstaddr', title: 'dstaddr' },
  { field: 'dstport', title: 'dstport' },
  { field: 'protocol', title: 'protocol' },
  { field: 'action', title: 'action' },
  { field: 'verdict', title: 'captured' },
  { field: 'interface_id', title: 'interface_id' },
];
