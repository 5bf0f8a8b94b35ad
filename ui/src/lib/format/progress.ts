/** How far long work is, in words. */
import type { Progress } from '../bindings';
import { bytes, count, counted } from './numbers';
import { duration } from './time';

/** `3 of 41 files`, `1.2 GB of 3.4 GB`, `210 MB/s`, `12 s left`, `80,000 records`: what is known of it. */
export function progressWords(
  progress: Progress,
  rate: number | null,
  remaining: number | null,
): string[] {
  const { done, total, unit, bytes_done, bytes_total, flow_records, packets } = progress;
  const words: string[] = [];
  if (total > 0) words.push(`${count(done)} of ${counted(total, unit)}`);
  if (bytes_total > 0) words.push(`${bytes(bytes_done)} of ${bytes(bytes_total)}`);
  else if (bytes_done > 0) words.push(bytes(bytes_done));
  if (rate !== null) words.push(`${bytes(rate)}/s`);
  if (remaining !== null) words.push(remaining < 1 ? 'nearly done' : `${duration(remaining)} left`);
  if (flow_records > 0) words.push(counted(flow_records, 'record'));
  if (packets > 0) words.push(counted(packets, 'packet'));
  return words;
}
