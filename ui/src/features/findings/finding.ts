/** What a finding must be before it can be made. */
import type { Severity } from '../../lib/bindings';

/** From the least to the worst. */
export const SEVERITIES: readonly Severity[] = ['info', 'low', 'medium', 'high', 'critical'];

/** An ATT&CK technique as it is written, in its usual form; nothing for no text, `false` for another text. */
export function technique(text: string): string | null | false {
  const id = text.trim().toUpperCase();
  if (id === '') return null;
  return /^T\d{4}(\.\d{3})?$/.test(id) ? id : false;
}
