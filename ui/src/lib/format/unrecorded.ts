/** Why no flow record accounts for a conversation, by the code of the reason. */
const REASONS: Record<string, { short: string; sentence: string }> = {
  never_logged: {
    short: 'never logged',
    sentence:
      'Flow logs never record this traffic: Amazon DNS, instance metadata, time, licences, DHCP.',
  },
  interface_unknown: {
    short: 'interface not known',
    sentence: 'Nothing says which interface the packets were mirrored from: confirm the session.',
  },
  interface_not_logged: {
    short: 'interface not logged',
    sentence: 'The case has no flow log of this interface.',
  },
  outside_logs: {
    short: 'outside the logs',
    sentence: 'The flow logs of this interface begin later or end before.',
  },
  skipdata: {
    short: 'skipped by the log',
    sentence: 'The flow log says that it skipped records at this time.',
  },
  suspected_missing_file: {
    short: 'log file missing?',
    sentence:
      'A file of the flow log that should cover this time seems not to have been delivered.',
  },
  action_not_logged: {
    short: 'action not logged?',
    sentence: 'The flow log of this interface holds one action only: the other may not be logged.',
  },
};

const UNEXPLAINED = {
  short: 'unexplained',
  sentence: 'Nothing in the case explains why no flow record accounts for this.',
};

export function unrecorded(reason: string): { short: string; sentence: string } {
  return REASONS[reason] ?? UNEXPLAINED;
}
