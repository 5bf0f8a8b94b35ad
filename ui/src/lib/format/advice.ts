import type { ErrorCode } from '../bindings';

const ADVICE: Partial<Record<ErrorCode, string>> = {
  case_locked: 'Close it there, or wait until that program has ended; then open it again.',
  integrity_mismatch:
    'Do not go on with these bytes. “Verify” in the Evidence view lists everything that is not what it was.',
  evidence_missing:
    'Put the file back, or add it again from where it lies now: the case then reads it there.',
  no_space:
    'Free some space or choose another folder, then do it again. Nothing that was there is lost.',
  cache_unusable:
    'The database is only a cache: “Rebuild” makes it anew from the evidence and the journal.',
  unreadable: 'Check that the path exists and that you may read and write it.',
  busy: 'Wait until the running job has ended, or cancel it.',
};

/** What a person can do about an error, where there is something. */
export function advice(code: ErrorCode): string | null {
  return ADVICE[code] ?? null;
}
